//! The token side (dossier google §1.3–§1.7): exchanging codes, refreshing, revoking, and what a bearer stands for.
//! The page is `consent`, who somebody is `identity`.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::identity;
use super::options::GoogleOptions;
use super::problem::{self, Problem};
use super::state::{Code, Grant, Record, State};
use super::{Caller, Google};
use crate::chance::secret;
use crate::clock::DAY_MS;
use crate::form::Form;
use crate::lock;

/// Codes live about ten minutes (§1.3).
const CODE_LIFE_MS: i64 = 600_000;
/// Refresh tokens of an app in testing (§1.5).
const TESTING_LIFE_MS: i64 = 7 * DAY_MS;
/// A refresh token that nobody used for six months is dead (§1.5).
const UNUSED_LIFE_MS: i64 = 180 * DAY_MS;

type Refused = Box<Response>;

fn refuse(code: u16, error: &str, description: &str) -> Refused {
    Box::new(problem::oauth(code, error, description))
}

/// `POST /token`.
pub(super) async fn token(Shared(google): Shared<Arc<Google>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let now_ms = google.clock.now_ms();
    let mut state = lock(&google.state);
    let answer =
        planned(&state.options).and_then(|()| client(&state.options, &headers, &form)).and_then(|()| {
            match form.one("grant_type") {
                Some("authorization_code") => exchange(&mut state, &form, now_ms),
                Some("refresh_token") => refresh(&mut state, &form, now_ms),
                Some(other) => Err(refuse(400, "unsupported_grant_type", &format!("Invalid grant_type: {other}"))),
                None => Err(refuse(400, "invalid_request", "Required parameter is missing: grant_type")),
            }
        });
    answer.unwrap_or_else(|refused| *refused)
}

/// The switch for errors of the token endpoint.
fn planned(options: &GoogleOptions) -> Result<(), Refused> {
    match options.tuning.token_error.as_deref() {
        None => Ok(()),
        Some("invalid_rapt") => {
            let body = json!({"error": "invalid_grant", "error_description": "reauth related error (invalid_rapt)",
                "error_uri": "https://support.google.com/a/answer/9368756", "error_subtype": "invalid_rapt"});
            Err(Box::new((axum::http::StatusCode::BAD_REQUEST, Json(body)).into_response()))
        }
        Some("invalid_client") => Err(refuse(401, "invalid_client", "The OAuth client was not found.")),
        Some("server_error") => Err(Box::new(Problem::internal().into_response())),
        Some(other) => Err(refuse(400, other, "Token has been expired or revoked.")),
    }
}

/// Who is calling: id and secret in the form, or as Basic; the official Python flow sends both ids.
fn client(options: &GoogleOptions, headers: &HeaderMap, form: &Form) -> Result<(), Refused> {
    let basic = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|v| v.strip_prefix("Basic "));
    let basic = basic.and_then(|raw| STANDARD.decode(raw.trim()).ok()).and_then(|raw| String::from_utf8(raw).ok());
    let (id, key) = match basic.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, key)) => (decoded(id), decoded(key)),
        None => {
            let id = form
                .one("client_id")
                .ok_or_else(|| refuse(400, "invalid_request", "Could not determine client ID from request."))?;
            let missing = || refuse(400, "invalid_request", "client_secret is missing.");
            (id.to_owned(), form.one("client_secret").ok_or_else(missing)?.to_owned())
        }
    };
    if id != options.client_id {
        return Err(refuse(401, "invalid_client", "The OAuth client was not found."));
    }
    if key != options.client_secret {
        return Err(refuse(401, "invalid_client", "Unauthorized"));
    }
    Ok(())
}

/// RFC 6749 has clients form-encode both halves of Basic.
fn decoded(half: &str) -> String {
    url::form_urlencoded::parse(half.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

fn exchange(state: &mut State, form: &Form, now_ms: i64) -> Result<Response, Refused> {
    let required = |name: &str| {
        form.one(name).ok_or_else(|| refuse(400, "invalid_request", &format!("Missing required parameter: {name}")))
    };
    let (value, redirect_uri) = (required("code")?, required("redirect_uri")?);
    // Taken out whatever happens next: single use.
    let code = state.codes.remove(value).filter(|code| now_ms <= code.issued_ms + CODE_LIFE_MS);
    let code = code.ok_or_else(|| refuse(400, "invalid_grant", "Malformed auth code."))?;
    if code.redirect_uri != redirect_uri {
        // Dossier §8: `invalid_grant`; §1.5 also lists `redirect_uri_mismatch`.
        return Err(refuse(400, "invalid_grant", "Bad Request"));
    }
    if !verifier_fits(&code, form.one("code_verifier")) {
        return Err(refuse(400, "invalid_grant", "Invalid code verifier."));
    }
    let scopes: Vec<String> = code.scopes.iter().cloned().collect();
    let grant = issue(state, (&code.sub, code.channel.clone()), (&scopes, code.wants_refresh), now_ms)?;
    Ok(answer(state, &grant, (code.nonce.as_deref(), true), now_ms))
}

fn verifier_fits(code: &Code, verifier: Option<&str>) -> bool {
    match (&code.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == *challenge,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Makes tokens durable and hands them out.
pub(super) fn issue(
    state: &mut State,
    (sub, channel): (&str, Option<String>),
    (scopes, has_refresh): (&[String], bool),
    now_ms: i64,
) -> Result<Grant, Refused> {
    let tuning = &state.options.tuning;
    let is_limited = tuning.is_testing && scopes.iter().any(|scope| !super::scopes::is_sign_in(scope));
    let grant = Grant {
        sub: sub.to_owned(),
        channel,
        scopes: scopes.to_vec(),
        access: secret("ya29.sim-"),
        access_expires_ms: now_ms + tuning.access_life_s * 1_000,
        refresh: has_refresh.then(|| secret("1//0sim-")),
        refresh_expires_ms: (has_refresh && is_limited).then_some(now_ms + TESTING_LIFE_MS),
    };
    state.commit(Record::Granted(grant.clone())).map_err(|problem| Box::new(problem.into_response()))?;
    Ok(grant)
}

fn refresh(state: &mut State, form: &Form, now_ms: i64) -> Result<Response, Refused> {
    let missing = || refuse(400, "invalid_request", "Missing required parameter: refresh_token");
    let token = form.one("refresh_token").ok_or_else(missing)?;
    let held = state.grants.iter().find(|grant| grant.refresh.as_deref() == Some(token));
    let held = held.filter(|grant| grant.refresh_expires_ms.is_none_or(|at_ms| now_ms < at_ms));
    // Every use gives an access token, so that the last one's end tells when the last use was.
    let held = held.filter(|grant| now_ms < grant.access_expires_ms + UNUSED_LIFE_MS);
    let gone = || refuse(400, "invalid_grant", "Token has been expired or revoked.");
    let mut grant = held.cloned().ok_or_else(gone)?;
    grant.access = secret("ya29.sim-");
    grant.access_expires_ms = now_ms + state.options.tuning.access_life_s * 1_000;
    let internal = |problem: Problem| Box::new(problem.into_response());
    let is_new = state.options.tuning.rotates;
    if is_new {
        grant.refresh = Some(secret("1//0sim-"));
    }
    // The new one first: a crash between the two lines must not leave the person without any.
    state.commit(Record::Granted(grant.clone())).map_err(internal)?;
    if is_new {
        state.commit(Record::Spent { refresh: token.to_owned() }).map_err(internal)?;
    }
    Ok(answer(state, &grant, (None, is_new), now_ms))
}

/// `with_refresh`: a refresh says nothing of the refresh token that goes on living.
fn answer(state: &State, grant: &Grant, (nonce, with_refresh): (Option<&str>, bool), now_ms: i64) -> Response {
    let mut body = json!({
        "access_token": grant.access,
        "expires_in": (grant.access_expires_ms - now_ms) / 1_000,
        "scope": grant.scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Some(refresh) = grant.refresh.as_deref().filter(|_| with_refresh) {
        body["refresh_token"] = refresh.into();
    }
    if let Some(at_ms) = grant.refresh_expires_ms {
        body["refresh_token_expires_in"] = ((at_ms - now_ms) / 1_000).into();
    }
    if grant.scopes.iter().any(|scope| scope == "openid")
        && let Some(user) = state.user(&grant.sub)
        && let Some(token) = identity::id_token(&state.options, (user, grant), nonce, now_ms)
    {
        body["id_token"] = token.into();
    }
    let headers = [(CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate")];
    (headers, Json(body)).into_response()
}

/// `POST /revoke`: any live token of a person takes the whole grant with it (§1.7).
pub(super) async fn revoke(Shared(google): Shared<Arc<Google>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let (form, query) = (Form::parse(&body), Form::parse(query.unwrap_or_default().as_bytes()));
    let Some(token) = form.one("token").or(query.one("token")) else {
        return problem::oauth(400, "invalid_request", "Missing required parameter: token");
    };
    let now_ms = google.clock.now_ms();
    let mut state = lock(&google.state);
    let by_access = state.accesses.get(token).filter(|access| now_ms < access.expires_ms);
    let by_access = by_access.map(|access| access.sub.clone());
    let by_refresh = state.grants.iter().find(|grant| grant.refresh.as_deref() == Some(token));
    let Some(sub) = by_access.or_else(|| by_refresh.map(|grant| grant.sub.clone())) else {
        return problem::oauth(400, "invalid_token", "Token expired or revoked");
    };
    match state.commit(Record::Revoked { sub }) {
        Ok(()) => Json(json!({})).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Whom the bearer stands for.
pub(super) fn caller(state: &State, headers: &HeaderMap, now_ms: i64) -> Result<Caller, Problem> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
    let bearer = bearer.ok_or_else(Problem::no_credentials)?;
    let access = state.accesses.get(bearer.trim()).filter(|access| now_ms < access.expires_ms);
    let access = access.ok_or_else(Problem::bad_token)?;
    let user = state.user(&access.sub).cloned().ok_or_else(Problem::bad_token)?;
    Ok(Caller { user, channel: access.channel.clone(), scopes: access.scopes.clone(), now_ms })
}
