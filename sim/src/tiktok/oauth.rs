//! Tokens of the simulated TikTok (dossier §1.2 to §1.4, §1.6): the exchange, the refresh that spends what it takes, the revocation.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::TikTok;
use super::options::SimCreator;
use super::refusal::{Flat, Refusal};
use super::state::{Record, State, Token};
use crate::chance::secret;
use crate::form::Form;
use crate::{lock, sniff};

/// The dossier names no life of a code; it is short.
const CODE_LIFE_MS: i64 = 600_000;
/// Of November 2026; older pages say 24 hours and a year.
const ACCESS_LIFE_MS: i64 = 7_200_000;
const REFRESH_LIFE_MS: i64 = 15_552_000_000;

fn app(state: &State, headers: &HeaderMap, form: &Form) -> Result<(), Flat> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Flat("invalid_request", "Only `application/x-www-form-urlencoded` is supported as Content-Type."));
    }
    if form.one("client_key") != Some(&state.options.client_key) {
        return Err(Flat("invalid_client", "Client key or secret is incorrect."));
    }
    if form.one("client_secret") != Some(&state.options.client_secret) {
        return Err(Flat("invalid_client", "Client key or secret is incorrect."));
    }
    Ok(())
}

/// `POST /v2/oauth/token/`.
pub(super) async fn token(Shared(tiktok): Shared<Arc<TikTok>>, headers: HeaderMap, body: Bytes) -> Response {
    let (form, now_ms) = (Form::parse(&body), tiktok.clock.now_ms());
    let mut state = lock(&tiktok.state);
    let is_mild = state.options.tuning.refuses_with_200;
    let granted = app(&state, &headers, &form).and_then(|()| match form.one("grant_type") {
        Some("authorization_code") => exchange(&mut state, &form, now_ms),
        Some("refresh_token") => refresh(&mut state, &form, now_ms),
        Some(_) => Err(Flat("unsupported_grant_type", "The grant type is not supported.")),
        None => Err(Flat("invalid_request", "The request parameters are malformed.")),
    });
    match granted {
        Err(refused) => refused.answer(is_mild),
        Ok(token) => {
            Json(json!({"access_token": token.access, "expires_in": (token.access_expires_ms - now_ms) / 1_000,
            "open_id": token.open_id, "refresh_expires_in": (token.refresh_expires_ms - now_ms) / 1_000,
            "refresh_token": token.refresh, "scope": token.scopes.join(","), "token_type": "Bearer"}))
            .into_response()
        }
    }
}

fn exchange(state: &mut State, form: &Form, now_ms: i64) -> Result<Token, Flat> {
    let malformed = Flat("invalid_request", "The request parameters are malformed.");
    let code = state.codes.remove(form.one("code").ok_or_else(|| malformed.clone())?);
    let code = code.filter(|code| now_ms <= code.issued_ms + CODE_LIFE_MS);
    let code = code.ok_or(Flat("invalid_grant", "Authorization code is expired."))?;
    if form.one("redirect_uri").ok_or(malformed)? != code.redirect_uri {
        return Err(Flat("invalid_grant", "Redirect_uri is not matched with the uri when requesting code."));
    }
    if let Some(challenge) = &code.challenge {
        let is_proved = form.one("code_verifier").is_some_and(|word| sniff::sha256(word.as_bytes()) == *challenge);
        if !is_proved {
            return Err(Flat("invalid_request", "Code verifier or code challenge is invalid."));
        }
    }
    issue(state, &code.open_id, &code.scopes, now_ms)
}

/// Makes a pair durable and hands it out.
pub(super) fn issue(state: &mut State, open_id: &str, scopes: &[String], now_ms: i64) -> Result<Token, Flat> {
    let token = Token {
        access: secret("act."),
        access_expires_ms: now_ms + ACCESS_LIFE_MS,
        refresh: secret("rft."),
        refresh_expires_ms: now_ms + REFRESH_LIFE_MS,
        open_id: open_id.to_owned(),
        scopes: scopes.to_vec(),
        is_spent: false,
        is_revoked: false,
    };
    commit(state, Record::Granted(token.clone()))?;
    Ok(token)
}

fn commit(state: &mut State, record: Record) -> Result<(), Flat> {
    state.commit(record).map_err(|_| Flat("server_error", "Something went wrong."))
}

/// The one sent stops working at once, whether or not the answer arrives.
fn refresh(state: &mut State, form: &Form, now_ms: i64) -> Result<Token, Flat> {
    let value = form.one("refresh_token").ok_or(Flat("invalid_request", "The request parameters are malformed."))?;
    let is_good = |token: &&Token| {
        token.refresh == value && !token.is_spent && !token.is_revoked && now_ms < token.refresh_expires_ms
    };
    let held = state.tokens.iter().find(is_good).cloned();
    let held = held.ok_or(Flat("invalid_grant", "Refresh token is invalid or expired."))?;
    commit(state, Record::Spent { refresh: held.refresh })?;
    issue(state, &held.open_id, &held.scopes, now_ms)
}

/// `POST /v2/oauth/revoke/`.
pub(super) async fn revoke(Shared(tiktok): Shared<Arc<TikTok>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let now_ms = tiktok.clock.now_ms();
    let mut state = lock(&tiktok.state);
    let is_mild = state.options.tuning.refuses_with_200;
    let work = |state: &mut State| {
        app(state, &headers, &form)?;
        let value = form.one("token").ok_or(Flat("invalid_request", "The request parameters are malformed."))?;
        let is_alive = |token: &&Token| token.access == value && !token.is_revoked && now_ms < token.access_expires_ms;
        let token = state.tokens.iter().find(is_alive);
        let open_id = token.ok_or(Flat("invalid_grant", "Access token is invalid or expired."))?.open_id.clone();
        state.removals.push((open_id.clone(), now_ms, 5));
        commit(state, Record::Removed { open_id, at_ms: now_ms })
    };
    match work(&mut state) {
        Ok(()) => Json(json!({})).into_response(),
        Err(refused) => refused.answer(is_mild),
    }
}

/// Who calls, if they may do what one of the scopes allows.
pub(super) fn caller(
    state: &State,
    headers: &HeaderMap,
    now_ms: i64,
    scopes: &[&str],
) -> Result<(SimCreator, Token), Refusal> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    // Expired, revoked and made up look alike.
    let token = value.and_then(|value| state.tokens.iter().find(|token| token.access == value));
    let token =
        token.filter(|token| !token.is_revoked && now_ms < token.access_expires_ms).ok_or_else(Refusal::token)?;
    if !token.scopes.iter().any(|held| scopes.contains(&held.as_str())) {
        return Err(Refusal::scope(scopes.first().copied().unwrap_or_default()));
    }
    let creator = state.creator(&token.open_id).cloned().ok_or_else(Refusal::token)?;
    Ok((creator, token.clone()))
}
