//! Tokens of the simulated LinkedIn (dossier §1): the exchange, the refresh that partners alone have, introspection, and what kills a token.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::LinkedIn;
use super::options::SimMember;
use super::refusal::{Refusal, oauth};
use super::state::{Record, State, Token};
use crate::chance::secret;
use crate::form::Form;
use crate::lock;

const CODE_LIFE_MS: i64 = 30 * 60_000;
const ACCESS_LIFE_MS: i64 = 5_184_000_000;
const REFRESH_LIFE_MS: i64 = 31_536_000_000;
/// Real ones "may be 1,000+ characters" (§1.2).
const TOKEN_CHARS: usize = 1_200;

fn long(prefix: &str) -> String {
    let mut value = secret(prefix);
    while value.len() < TOKEN_CHARS {
        value.push_str(&secret(""));
    }
    value.truncate(TOKEN_CHARS);
    value
}

/// The app behind a form; credentials count in the body alone.
fn app(state: &State, headers: &HeaderMap, form: &Form) -> Result<(), Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(oauth(400, "invalid_request", "The request must be of type application/x-www-form-urlencoded"));
    }
    for name in ["client_id", "client_secret"] {
        needed(form, name)?;
    }
    let options = &state.options;
    if form.one("client_id") != Some(&options.client_id) || form.one("client_secret") != Some(&options.client_secret) {
        return Err(oauth(401, "invalid_client", "Client authentication failed"));
    }
    Ok(())
}

fn needed<'a>(form: &'a Form, name: &str) -> Result<&'a str, Refusal> {
    let missing = || oauth(400, "invalid_request", &format!("A required parameter \"{name}\" is missing"));
    form.one(name).ok_or_else(missing)
}

/// `POST /oauth/v2/accessToken`.
pub(super) async fn access_token(Shared(linkedin): Shared<Arc<LinkedIn>>, headers: HeaderMap, body: Bytes) -> Response {
    let (form, now_ms) = (Form::parse(&body), linkedin.clock.now_ms());
    let mut state = lock(&linkedin.state);
    let work = |state: &mut State| {
        app(state, &headers, &form)?;
        match needed(&form, "grant_type")? {
            "authorization_code" => exchange(state, &form, now_ms),
            "refresh_token" => refresh(state, &form, now_ms),
            "client_credentials" => {
                Err(oauth(401, "access_denied", "This application is not allowed to create application tokens"))
            }
            _ => Err(oauth(400, "unsupported_grant_type", "The grant type is not supported")),
        }
    };
    work(&mut state).unwrap_or_else(IntoResponse::into_response)
}

fn exchange(state: &mut State, form: &Form, now_ms: i64) -> Result<Response, Refusal> {
    let value = needed(form, "code")?;
    let redirect = needed(form, "redirect_uri")?;
    let code = state.codes.remove(value).ok_or_else(|| {
        oauth(400, "invalid_request", "Unable to retrieve access token: authorization code not found")
    })?;
    if code.redirect_uri != redirect || now_ms > code.issued_ms + CODE_LIFE_MS {
        let why = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists";
        return Err(oauth(400, "invalid_request", why));
    }
    let token = issue(state, &code.member, &code.scopes, now_ms)?;
    Ok(granted(state, &token, now_ms))
}

/// Makes a token durable. Another scope set than before kills what the member gave before (§1.6).
pub(super) fn issue(state: &mut State, member: &str, scopes: &[String], now_ms: i64) -> Result<Token, Refusal> {
    let is_same =
        |token: &Token| scopes.len() == token.scopes.len() && token.scopes.iter().all(|held| scopes.contains(held));
    let others = state.tokens.iter().filter(|token| token.member == member && !token.is_revoked && !is_same(token));
    let others: Vec<String> = others.map(|token| token.value.clone()).collect();
    for token in others {
        state.commit(Record::Revoked { token })?;
    }
    let token = Token {
        value: long("AQX"),
        member: member.to_owned(),
        scopes: scopes.to_vec(),
        issued_ms: now_ms,
        expires_ms: now_ms + ACCESS_LIFE_MS,
        is_revoked: false,
        refresh: state.options.is_partner.then(|| long("AQW")),
        refresh_expires_ms: now_ms + REFRESH_LIFE_MS,
    };
    state.commit(Record::Granted(token.clone()))?;
    Ok(token)
}

fn refresh(state: &mut State, form: &Form, now_ms: i64) -> Result<Response, Refusal> {
    let value = needed(form, "refresh_token")?;
    let known = |token: &&Token| {
        token.refresh.as_deref() == Some(value) && !token.is_revoked && now_ms < token.refresh_expires_ms
    };
    let held = state.tokens.iter().rev().find(known).cloned().ok_or_else(|| {
        oauth(400, "invalid_grant", "The provided authorization grant or refresh token is invalid, expired or revoked.")
    })?;
    let token = Token { value: long("AQX"), issued_ms: now_ms, expires_ms: now_ms + ACCESS_LIFE_MS, ..held };
    state.commit(Record::Granted(token.clone()))?;
    Ok(granted(state, &token, now_ms))
}

fn granted(state: &State, token: &Token, now_ms: i64) -> Response {
    let separator = state.options.tuning.scope_separator.to_string();
    let mut body = json!({"access_token": token.value, "expires_in": (token.expires_ms - now_ms) / 1_000,
        "scope": token.scopes.join(&separator), "token_type": "Bearer"});
    if let Some(refresh) = &token.refresh {
        body["refresh_token"] = refresh.as_str().into();
        body["refresh_token_expires_in"] = ((token.refresh_expires_ms - now_ms) / 1_000).into();
    }
    if token.scopes.iter().any(|scope| scope == "openid")
        && let Some(member) = state.options.members.iter().find(|member| member.sub == token.member)
    {
        body["id_token"] = id_token(state, member, now_ms).into();
    }
    Json(body).into_response()
}

/// Of the form of the real one; who checks its signature finds none.
fn id_token(state: &State, member: &SimMember, now_ms: i64) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({"typ": "JWT", "alg": "RS256", "kid": "simulated"}));
    let body =
        part(&json!({"iss": "https://www.linkedin.com/oauth", "aud": state.options.client_id, "sub": member.sub,
        "name": member.name(), "iat": now_ms / 1_000, "exp": now_ms / 1_000 + 3_600}));
    format!("{head}.{body}.{}", secret(""))
}

/// `POST /oauth/v2/introspectToken`.
pub(super) async fn introspect(Shared(linkedin): Shared<Arc<LinkedIn>>, headers: HeaderMap, body: Bytes) -> Response {
    let (form, now_ms) = (Form::parse(&body), linkedin.clock.now_ms());
    let state = lock(&linkedin.state);
    let work = || {
        app(&state, &headers, &form)?;
        let value = needed(&form, "token")?;
        let known = state.tokens.iter().find(|token| token.value == value || token.refresh.as_deref() == Some(value));
        let Some(token) = known else { return Ok(Json(json!({"active": false})).into_response()) };
        let expires_ms = if token.value == value { token.expires_ms } else { token.refresh_expires_ms };
        let status = match token {
            _ if token.is_revoked => "revoked",
            _ if now_ms >= expires_ms => "expired",
            _ => "active",
        };
        let times = json!({"active": status == "active", "status": status, "scope": token.scopes.join(","),
            "client_id": state.options.client_id, "authorized_at": token.issued_ms / 1_000,
            "created_at": token.issued_ms / 1_000, "expires_at": expires_ms / 1_000, "auth_type": "3L"});
        Ok(Json(times).into_response())
    };
    work().unwrap_or_else(Refusal::into_response)
}

/// `POST /oauth/v2/revoke`.
pub(super) async fn revoke(Shared(linkedin): Shared<Arc<LinkedIn>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let mut state = lock(&linkedin.state);
    let work = |state: &mut State| {
        app(state, &headers, &form)?;
        let token = needed(&form, "token")?.to_owned();
        state.commit(Record::Revoked { token })?;
        Ok(Json(json!({})).into_response())
    };
    work(&mut state).unwrap_or_else(Refusal::into_response)
}

/// Whom a call to the API stands for.
pub(super) fn bearer(state: &State, headers: &HeaderMap, now_ms: i64) -> Result<(SimMember, Vec<String>), Refusal> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = value.strip_prefix("Bearer ").unwrap_or_default().trim();
    if value.is_empty() {
        return Err(Refusal::unauthorized("EMPTY_ACCESS_TOKEN", 65_604, "Empty oauth2 access token"));
    }
    let token = state.tokens.iter().find(|token| token.value == value);
    let token = token.ok_or_else(|| Refusal::unauthorized("INVALID_ACCESS_TOKEN", 65_600, "Invalid access token"))?;
    if token.is_revoked {
        let why = "The token used in the request has been revoked by the user";
        return Err(Refusal::unauthorized("REVOKED_ACCESS_TOKEN", 65_601, why));
    }
    if now_ms >= token.expires_ms {
        let why = "The token used in the request has expired";
        return Err(Refusal::unauthorized("EXPIRED_ACCESS_TOKEN", 65_602, why));
    }
    let member = state.options.members.iter().find(|member| member.sub == token.member).cloned();
    let member = member.ok_or_else(|| Refusal::unauthorized("INVALID_ACCESS_TOKEN", 65_600, "Invalid access token"))?;
    Ok((member, token.scopes.clone()))
}
