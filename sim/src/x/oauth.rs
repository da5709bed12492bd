//! The token side of OAuth 2.0: exchanging codes, rotating refresh tokens, revoking, and checking the
//! bearer of an API call. The page on which a person consents is `consent`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::options::{SimUser, XOptions};
use super::problem::Problem;
use super::query::Query;
use super::state::{Record, State, secret};
use super::{APP_ONLY_TOKEN, X};
use crate::clock::DAY_MS;
use crate::lock;
use std::sync::Arc;

/// Codes live this long.
pub(crate) const CODE_LIFE_MS: i64 = 30_000;
/// Access tokens live this long.
const ACCESS_LIFE_S: i64 = 7_200;
/// Refresh tokens die after about half a year (the dossier calls this unverified).
const REFRESH_LIFE_MS: i64 = 180 * DAY_MS;

/// An authorization code that waits for its exchange.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) user_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) challenge: String,
    pub(crate) plain: bool,
    pub(crate) issued_ms: i64,
}

/// One pair of tokens. Pairs that descend from one consent share a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Which consent it descends from.
    pub family: String,
    /// Whose account.
    pub user_id: String,
    /// Which app.
    pub client_id: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The access token.
    pub access: String,
    /// When the access token dies.
    pub access_expires_ms: i64,
    /// The refresh token, until it is spent.
    pub refresh: Option<String>,
    /// When the refresh token dies.
    pub refresh_expires_ms: i64,
}

impl Grant {
    pub(crate) fn issue(family: String, user_id: &str, client_id: &str, scopes: &[String], now_ms: i64) -> Self {
        let offline = scopes.iter().any(|scope| scope == "offline.access");
        Self {
            family,
            user_id: user_id.to_owned(),
            client_id: client_id.to_owned(),
            scopes: scopes.to_vec(),
            access: secret("sim-x-at-"),
            access_expires_ms: now_ms + ACCESS_LIFE_S * 1000,
            refresh: offline.then(|| secret("sim-x-rt-")),
            refresh_expires_ms: now_ms + REFRESH_LIFE_MS,
        }
    }

    fn answer(&self) -> Response {
        let mut body = json!({
            "token_type": "bearer",
            "expires_in": ACCESS_LIFE_S,
            "access_token": self.access,
            "scope": self.scopes.join(" "),
        });
        if let Some(refresh) = &self.refresh {
            body["refresh_token"] = refresh.as_str().into();
        }
        Json(body).into_response()
    }
}

/// `POST /2/oauth2/token`.
pub(crate) async fn token(Shared(x): Shared<Arc<X>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Query::parse_form_or_json(&body);
    let now_ms = x.clock.now_ms();
    let mut state = lock(&x.state);
    let granted = client(&state.options, &headers, &form).and_then(|client_id| match form.one("grant_type") {
        Some("authorization_code") => exchange(&mut state, &client_id, &form, now_ms),
        Some("refresh_token") => refresh(&mut state, &client_id, &form, now_ms),
        Some(_) => Err(bad("unsupported_grant_type", "Value passed for the grant type was invalid.")),
        None => Err(bad("invalid_request", "Missing required parameter [grant_type].")),
    });
    match granted {
        Ok(grant) => grant.answer(),
        Err(problem) => problem.into_response(),
    }
}

/// `POST /2/oauth2/revoke`.
pub(crate) async fn revoke(Shared(x): Shared<Arc<X>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Query::parse_form_or_json(&body);
    let mut state = lock(&x.state);
    let done = client(&state.options, &headers, &form).and_then(|client_id| {
        let token = form.one("token").ok_or_else(|| bad("invalid_request", "Missing required parameter [token]."))?;
        let holds = |grant: &&Grant| grant.access == token || grant.refresh.as_deref() == Some(token);
        let family = state.grants.iter().find(holds).filter(|g| g.client_id == client_id).map(|g| g.family.clone());
        match family {
            Some(family) => state.commit(Record::Revoked { family }),
            // RFC 7009: an unknown token is as good as revoked.
            None => Ok(()),
        }
    });
    match done {
        Ok(()) => Json(json!({"revoked": true})).into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn bad(error: &str, description: &str) -> Problem {
    Problem::oauth(StatusCode::BAD_REQUEST, error, description)
}

fn bad_value(of: &str) -> Problem {
    bad("invalid_request", &format!("Value passed for the {of} was invalid."))
}

/// Which client is calling: Basic for the confidential one, `client_id` in the body for the public one.
/// A confidential client that repeats its own id in the body is let through: tweepy does so, and lives.
fn client(options: &XOptions, headers: &HeaderMap, form: &Query) -> Result<String, Problem> {
    let missing =
        || Problem::oauth(StatusCode::UNAUTHORIZED, "unauthorized_client", "Missing valid authorization header");
    let in_body = form.one("client_id");
    let Some(header) = headers.get(AUTHORIZATION) else {
        return match in_body {
            Some(id) if id == options.public_client_id => Ok(id.to_owned()),
            Some(id) if id == options.client_id => Err(missing()),
            Some(_) => Err(bad_value("client id")),
            None => Err(missing()),
        };
    };
    let basic = header.to_str().ok().and_then(|value| value.strip_prefix("Basic ")).ok_or_else(missing)?;
    let pair = STANDARD.decode(basic.trim()).ok().and_then(|raw| String::from_utf8(raw).ok()).ok_or_else(missing)?;
    let (id, key) = pair.split_once(':').ok_or_else(missing)?;
    if decoded(id) != options.client_id || decoded(key) != options.client_secret {
        return Err(missing());
    }
    if in_body.is_some_and(|id| id != options.client_id) {
        return Err(bad_value("client id"));
    }
    Ok(options.client_id.clone())
}

/// RFC 6749 has clients form-encode both halves of Basic.
fn decoded(half: &str) -> String {
    let pairs = url::form_urlencoded::parse(half.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

fn exchange(state: &mut State, client_id: &str, form: &Query, now_ms: i64) -> Result<Grant, Problem> {
    let required = |name: &str| {
        form.one(name).ok_or_else(|| bad("invalid_request", &format!("Missing required parameter [{name}].")))
    };
    let (code, redirect_uri, verifier) = (required("code")?, required("redirect_uri")?, required("code_verifier")?);
    // Taken out whatever happens next: single use.
    let code = state.codes.remove(code).ok_or_else(|| bad_value("authorization code"))?;
    if now_ms > code.issued_ms + CODE_LIFE_MS || code.client_id != client_id {
        return Err(bad_value("authorization code"));
    }
    if code.redirect_uri != redirect_uri {
        return Err(bad(
            "invalid_request",
            "Value passed for the redirect uri did not match the uri of the authorization code.",
        ));
    }
    if !verifier_fits(&code, verifier) {
        return Err(bad("invalid_request", "Value passed for the code verifier did not match the code challenge."));
    }
    let grant = Grant::issue(secret("family-"), &code.user_id, client_id, &code.scopes, now_ms);
    state.commit(Record::Granted(grant.clone()))?;
    Ok(grant)
}

fn verifier_fits(code: &Code, verifier: &str) -> bool {
    if code.plain {
        return verifier == code.challenge;
    }
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == code.challenge
}

fn refresh(state: &mut State, client_id: &str, form: &Query, now_ms: i64) -> Result<Grant, Problem> {
    let token = form
        .one("refresh_token")
        .ok_or_else(|| bad("invalid_request", "Missing required parameter [refresh_token]."))?
        .to_owned();
    let held = state.grants.iter().find(|grant| grant.refresh.as_deref() == Some(token.as_str()));
    let held = held.filter(|grant| grant.client_id == client_id && now_ms < grant.refresh_expires_ms);
    let old = held.cloned().ok_or_else(|| bad_value("token"))?;
    let grant = Grant::issue(old.family, &old.user_id, client_id, &old.scopes, now_ms);
    // New pair first: a crash between the two lines must not leave the account without any.
    state.commit(Record::Granted(grant.clone()))?;
    state.commit(Record::RefreshSpent { refresh: token })?;
    Ok(grant)
}

/// Whom the bearer token stands for.
pub(crate) fn caller(state: &State, headers: &HeaderMap, now_ms: i64) -> Result<(SimUser, Vec<String>), Problem> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
    let bearer = bearer.ok_or_else(Problem::unauthorized)?;
    if bearer == APP_ONLY_TOKEN {
        return Err(Problem::wrong_token_kind());
    }
    let grant = state.grants.iter().find(|grant| grant.access == bearer && now_ms < grant.access_expires_ms);
    let grant = grant.ok_or_else(Problem::unauthorized)?;
    let user = state.user(&grant.user_id).ok_or_else(Problem::unauthorized)?;
    Ok((user.clone(), grant.scopes.clone()))
}
