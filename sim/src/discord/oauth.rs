//! "Sign in with Discord": codes of one use, tokens, refreshing and revoking. The page is in `consent`.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::call::{Answered, Call, Caller, Reply};
use super::people::APP;
use super::refusal::Refusal;
use super::state::{State, iso, secret};

/// How long a code and a token live.
const CODE_MS: i64 = 60_000;
const TOKEN_S: i64 = 604_800;

/// A code.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) user: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) challenge: Option<String>,
    pub(super) issued_ms: i64,
    pub(super) is_used: bool,
}

/// What a person let the app do.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) refresh: String,
    pub(super) expires_ms: i64,
    pub(super) is_revoked: bool,
}

impl Grant {
    pub(super) fn is_good(&self, now_ms: i64) -> bool {
        !self.is_revoked && now_ms < self.expires_ms
    }
}

/// OAuth's own form of a refusal.
fn oauth_error(word: &str) -> Reply {
    let words = match word {
        "invalid_grant" => "Invalid \"code\" in request.",
        "invalid_client" => "Invalid client credentials.",
        _ => "Invalid request.",
    };
    let status = if word == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    Reply { status, body: Some(json!({ "error": word, "error_description": words })) }
}

/// The app's id and secret, from Basic credentials or from the form; the refusal when they are wrong.
pub(super) fn client(state: &State, call: &Call) -> Option<Reply> {
    if !call.body.is_form {
        // Discord takes this as a form alone.
        return Some(oauth_error("invalid_request"));
    }
    let basic = call.authorization.as_deref().and_then(|value| value.strip_prefix("Basic "));
    let decoded = basic.and_then(|coded| STANDARD.decode(coded).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let word = |name: &str| call.json()[name].as_str().unwrap_or_default().to_owned();
    let (id, given) = match decoded.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, given)) => (id.to_owned(), given.to_owned()),
        None => (word("client_id"), word("client_secret")),
    };
    let is_ours = id == APP && given == state.client_secret;
    (!is_ours).then(|| oauth_error("invalid_client"))
}

/// `POST /oauth2/token`.
pub(super) fn token(state: &mut State, call: &Call) -> Answered {
    let word = |name: &str| call.json()[name].as_str().unwrap_or_default().to_owned();
    let (user, scopes) = match word("grant_type").as_str() {
        "authorization_code" => {
            let given = word("code");
            let verifier = word("code_verifier");
            let Some(code) = state.codes.get_mut(&given) else { return Ok(oauth_error("invalid_grant")) };
            let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            let is_good = !code.is_used
                && call.now_ms - code.issued_ms <= CODE_MS
                && code.redirect_uri == word("redirect_uri")
                && code.challenge.as_ref().is_none_or(|challenge| *challenge == made);
            if !is_good {
                return Ok(oauth_error("invalid_grant"));
            }
            code.is_used = true;
            (code.user.clone(), code.scopes.clone())
        }
        "refresh_token" => {
            let given = word("refresh_token");
            let held = state.grants.values_mut().find(|grant| grant.refresh == given && !grant.is_revoked);
            let Some(held) = held else { return Ok(oauth_error("invalid_grant")) };
            held.is_revoked = true;
            (held.user.clone(), held.scopes.clone())
        }
        _ => return Ok(oauth_error("unsupported_grant_type")),
    };
    let (access, refresh) = (format!("{}{}", secret(), secret()), format!("{}{}", secret(), secret()));
    let answer = json!({ "access_token": access, "token_type": "Bearer", "expires_in": TOKEN_S, "refresh_token": refresh,
        "scope": scopes.join(" ") });
    let expires_ms = call.now_ms + TOKEN_S * 1_000;
    state.grants.insert(access, Grant { user, scopes, refresh, expires_ms, is_revoked: false });
    Ok(Reply::ok(answer))
}

/// `POST /oauth2/token/revoke`.
pub(super) fn revoke(state: &mut State, call: &Call) -> Answered {
    let given = call.json()["token"].as_str().unwrap_or_default();
    for (access, grant) in &mut state.grants {
        grant.is_revoked |= access == given || grant.refresh == given;
    }
    Ok(Reply::ok(json!({})))
}

/// `GET /oauth2/@me`.
pub(super) fn me(state: &mut State, call: &Call) -> Answered {
    let Caller::Person { user, scopes } = &call.caller else {
        return Err(Refusal::status(StatusCode::UNAUTHORIZED));
    };
    let token = call.authorization.as_deref().and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let expires_ms = state.grants.get(token).map_or(0, |grant| grant.expires_ms);
    let app = json!({ "id": APP, "name": "Socrazi", "icon": null, "description": "SIMULATION", "bot_public": true,
        "bot_require_code_grant": false, "verify_key": super::signing::PUBLIC_KEY, "type": null, "flags": 0 });
    let mut shown = json!({ "application": app, "scopes": scopes, "expires": iso(expires_ms) });
    if scopes.iter().any(|scope| scope == "identify") {
        shown["user"] = state.users.get(user).map_or(Value::Null, super::people::User::json);
    }
    Ok(Reply::ok(shown))
}
