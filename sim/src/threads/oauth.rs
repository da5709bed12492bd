//! Signing in to the simulated Threads (dossier §1): the page, the code, the short and the long token,
//! the refresh, and what a bearer stands for. There is no PKCE and no way to revoke.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use url::Url;

use super::Threads;
use super::options::{SimProfile, ThreadsOptions};
use super::state::{Code, Record, State, Token};
use crate::chance::secret;
use crate::clock::DAY_MS;
use crate::form::{callback, escaped, hidden};
use crate::graph::{Call, GraphError};
use crate::lock;

const CODE_LIFE_MS: i64 = 3_600_000;
const SHORT_LIFE_MS: i64 = 3_600_000;
const LONG_LIFE_MS: i64 = 60 * DAY_MS;
/// A long-lived token must be this old before it is refreshed.
const REFRESH_AGE_MS: i64 = DAY_MS;
const SCOPES: [&str; 10] = [
    "threads_basic",
    "threads_content_publish",
    "threads_manage_insights",
    "threads_read_replies",
    "threads_manage_replies",
    "threads_delete",
    "threads_keyword_search",
    "threads_manage_mentions",
    "threads_location_tagging",
    "threads_profile_discovery",
];

/// `GET|POST /oauth/authorize`.
pub(super) async fn authorize(Shared(threads): Shared<Arc<Threads>>, call: Call) -> Response {
    let now_ms = threads.clock.now_ms();
    let mut state = lock(&threads.state);
    let (mut target, code) = match check(&state.options, &call, now_ms) {
        Ok(checked) => checked,
        Err(error) => return error.into_response(),
    };
    let decision = call.one("decision").or(state.options.auto_consent.then_some("allow"));
    let state_back = call.one("state").unwrap_or_default().to_owned();
    match decision {
        None => return Html(page(&call, &code)).into_response(),
        Some("allow") => {
            let value = secret("AQsim");
            target.query_pairs_mut().append_pair("code", &value);
            state.codes.insert(value, code);
        }
        Some(_) => {
            let mut pairs = target.query_pairs_mut();
            pairs.append_pair("error", "access_denied").append_pair("error_reason", "user_denied");
            pairs.append_pair("error_description", "The user denied your request");
        }
    }
    if !state_back.is_empty() {
        target.query_pairs_mut().append_pair("state", &state_back);
    }
    // Meta puts this behind its redirects; clients strip it.
    target.set_fragment(Some("_"));
    (StatusCode::FOUND, [(LOCATION, target.to_string())]).into_response()
}

fn check(options: &ThreadsOptions, call: &Call, now_ms: i64) -> Result<(Url, Code), GraphError> {
    let client = call.needed("client_id")?;
    if client != options.client_id {
        let message = "No app ID was sent with the request, or it is not a Threads app ID.";
        return Err(GraphError::new(4_476_002, message));
    }
    if call.needed("response_type")? != "code" {
        return Err(GraphError::param("Invalid response_type"));
    }
    let redirect = call.needed("redirect_uri")?;
    let url = callback(redirect, &options.redirect_uris, options.allow_any_loopback_redirect);
    let url = url.ok_or_else(|| GraphError::new(191, "URL Blocked: this redirect URI is not in the app's settings"))?;
    let scopes: Vec<String> =
        call.needed("scope")?.split([',', ' ']).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(GraphError::param(&format!("Invalid Scopes: {unknown}")));
    }
    if !scopes.iter().any(|scope| scope == "threads_basic") {
        return Err(GraphError::param("threads_basic is required"));
    }
    let user = match call.one("user") {
        None => options.users.first(),
        Some(named) => options.users.iter().find(|user| user.id == named || user.username == named),
    };
    let user_id = user.ok_or_else(|| GraphError::param("Nobody here has that account"))?.id.clone();
    Ok((url, Code { redirect_uri: redirect.to_owned(), user_id, scopes, issued_ms: now_ms }))
}

fn page(call: &Call, code: &Code) -> String {
    let names = ["client_id", "redirect_uri", "scope", "response_type", "state", "user"];
    let hidden = hidden(names.iter().filter_map(|name| Some((name, call.one(name)?))));
    let scopes = escaped(&code.scopes.join(", "));
    format!(
        r#"<!doctype html><title>Simulated Threads</title><h1>Simulated Threads</h1><p>This is a simulation. The app asks for: {scopes}</p><form method="post" action="/oauth/authorize">{hidden}<button name="decision" value="allow">Allow</button> <button name="decision" value="cancel">Cancel</button></form>"#
    )
}

/// `POST /oauth/access_token`: a code for a short-lived token, or the app's own token.
pub(super) async fn exchange(Shared(threads): Shared<Arc<Threads>>, call: Call) -> Response {
    let now_ms = threads.clock.now_ms();
    respond(exchange_code(&mut lock(&threads.state), &call, now_ms))
}

fn exchange_code(state: &mut State, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let options = &state.options;
    if call.needed("client_id")? != options.client_id {
        return Err(GraphError::new(
            101,
            "Error validating application. Cannot get application info due to a system error.",
        ));
    }
    if call.needed("client_secret")? != options.client_secret {
        return Err(GraphError::new(1, "Error validating client secret."));
    }
    match call.needed("grant_type")? {
        "client_credentials" => {
            let token = format!("TH|{}|{}", options.client_id, "sim-app-token");
            Ok(Json(json!({"access_token": token, "token_type": "bearer"})).into_response())
        }
        "authorization_code" => {
            // People forget to strip `#_`: the real service then does not know the code either.
            let code = state.codes.remove(call.needed("code")?);
            let code = code.filter(|code| now_ms <= code.issued_ms + CODE_LIFE_MS);
            let used = "This authorization code has been used or is invalid.";
            let code = code.ok_or_else(|| GraphError::param(used).subcode(36_009))?;
            if call.needed("redirect_uri")? != code.redirect_uri {
                let message = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request";
                return Err(GraphError::param(message).subcode(36_008));
            }
            let token = issue(state, (&code.user_id, &code.scopes), now_ms, false)?;
            Ok(Json(json!({"access_token": token.value, "user_id": token.user_id})).into_response())
        }
        _ => Err(GraphError::param("Unsupported grant_type")),
    }
}

/// Makes a token durable and hands it out.
pub(super) fn issue(
    state: &mut State,
    (user_id, scopes): (&str, &[String]),
    now_ms: i64,
    is_long: bool,
) -> Result<Token, GraphError> {
    let life_ms = if is_long { LONG_LIFE_MS } else { SHORT_LIFE_MS };
    let token = Token {
        value: secret("THAA"),
        user_id: user_id.to_owned(),
        scopes: scopes.to_vec(),
        issued_ms: now_ms,
        expires_ms: now_ms + life_ms,
        is_long,
    };
    state.commit(Record::Granted(token.clone()))?;
    Ok(token)
}

fn long_answer(token: &Token, now_ms: i64) -> Response {
    let left_s = (token.expires_ms - now_ms) / 1000;
    Json(json!({"access_token": token.value, "token_type": "bearer", "expires_in": left_s})).into_response()
}

/// `GET /access_token`: a short-lived token for a long-lived one (§1.3).
pub(super) async fn lengthen(Shared(threads): Shared<Arc<Threads>>, call: Call) -> Response {
    let now_ms = threads.clock.now_ms();
    let mut state = lock(&threads.state);
    let work = |state: &mut State| {
        if call.needed("grant_type")? != "th_exchange_token" {
            return Err(GraphError::param("Unsupported grant_type"));
        }
        if call.needed("client_secret")? != state.options.client_secret {
            return Err(GraphError::new(1, "Error validating client secret."));
        }
        let token = bearer(state, &call, now_ms)?;
        if token.is_long {
            return Err(GraphError::new(452, "Session key invalid. Only short-lived tokens can be exchanged."));
        }
        let long = issue(state, (&token.user_id, &token.scopes), now_ms, true)?;
        Ok(long_answer(&long, now_ms))
    };
    respond(work(&mut state))
}

/// `GET /refresh_access_token` (§1.4). The value changes; the old one lives on until it expires, which the dossier leaves open.
pub(super) async fn refresh(Shared(threads): Shared<Arc<Threads>>, call: Call) -> Response {
    let now_ms = threads.clock.now_ms();
    let mut state = lock(&threads.state);
    let work = |state: &mut State| {
        if call.needed("grant_type")? != "th_refresh_token" {
            return Err(GraphError::param("Unsupported grant_type"));
        }
        let token = bearer(state, &call, now_ms)?;
        if !token.is_long || now_ms < token.issued_ms + REFRESH_AGE_MS {
            let message = "Only long-lived tokens that are at least 24 hours old can be refreshed.";
            return Err(GraphError::new(10, message));
        }
        let fresh = issue(state, (&token.user_id, &token.scopes), now_ms, true)?;
        Ok(long_answer(&fresh, now_ms))
    };
    respond(work(&mut state))
}

/// `GET /v1.0/debug_token` (§1.6).
pub(super) async fn debug(Shared(threads): Shared<Arc<Threads>>, call: Call) -> Response {
    let now_ms = threads.clock.now_ms();
    let state = lock(&threads.state);
    let work = || {
        bearer(&state, &call, now_ms)?;
        let input = call.needed("input_token")?;
        let known = state.tokens.iter().find(|token| token.value == input);
        let data = known.map_or_else(
            || json!({"is_valid": false}),
            |token| {
                json!({"app_id": state.options.client_id, "is_valid": now_ms < token.expires_ms, "type": "USER",
                    "expires_at": token.expires_ms / 1000, "issued_at": token.issued_ms / 1000,
                    "scopes": token.scopes, "user_id": token.user_id})
            },
        );
        Ok(Json(json!({"data": data})).into_response())
    };
    respond(work())
}

fn bearer(state: &State, call: &Call, now_ms: i64) -> Result<Token, GraphError> {
    let unauthorized = |message: &str, subcode: Option<i64>| {
        let error = GraphError::new(190, message).status(StatusCode::UNAUTHORIZED);
        subcode.map_or(error.clone(), |subcode| error.subcode(subcode))
    };
    let value =
        call.token().ok_or_else(|| unauthorized("An access token is required to request this resource.", None))?;
    let token = state.tokens.iter().find(|token| token.value == value);
    // A token of a person who removed the app is gone; a made-up one was never there. Both read alike.
    let gone = "Error validating access token: The user has not authorized application.";
    let token = token.ok_or_else(|| unauthorized(gone, Some(458)))?;
    if now_ms >= token.expires_ms {
        return Err(unauthorized("Error validating access token: Session has expired.", Some(463)));
    }
    Ok(token.clone())
}

/// Whom the call stands for, if it may do what `scope` names.
pub(super) fn caller(state: &State, call: &Call, now: (i64, &str)) -> Result<SimProfile, GraphError> {
    let (now_ms, scope) = now;
    let token = bearer(state, call, now_ms)?;
    if !token.scopes.iter().any(|held| held == scope) {
        let message = format!("(#10) Application does not have permission for this action: {scope} is missing");
        return Err(GraphError::new(10, &message));
    }
    state.user(&token.user_id).cloned().ok_or_else(|| GraphError::new(190, "The user does not exist"))
}

/// Either side of the answer.
pub(super) fn respond(answer: Result<Response, GraphError>) -> Response {
    answer.unwrap_or_else(IntoResponse::into_response)
}
