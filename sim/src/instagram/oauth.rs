//! Tokens of the simulated Instagram by both ways in (dossier §1, §1b): exchanges, the refresh, what a bearer stands for and may do.
//! The pages that ask a person are `consent`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Multipart, Request, State as Shared};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Instagram;
use super::options::SimProfile;
use super::refusal::{dead, missing};
use super::state::{Code, Login, Record, State, Token};
use crate::chance::secret;
use crate::clock::DAY_MS;
use crate::graph::{Call, GraphError};
use crate::lock;
use crate::sign::hmac_hex;

const CODE_LIFE_MS: i64 = 3_600_000;
const SHORT_LIFE_MS: i64 = 3_600_000;
const LONG_LIFE_MS: i64 = 60 * DAY_MS;

/// What a call needs, and the scope for it by each way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Basic,
    Publish,
    Insights,
    Comments,
    /// Named for Facebook Login; its twin is unverified (§3.3).
    Delete,
}

impl Need {
    fn scope(self, login: Login) -> &'static str {
        let (instagram, facebook) = match self {
            Self::Basic => ("instagram_business_basic", "instagram_basic"),
            Self::Publish => ("instagram_business_content_publish", "instagram_content_publish"),
            Self::Insights => ("instagram_business_manage_insights", "instagram_manage_insights"),
            Self::Comments => ("instagram_business_manage_comments", "instagram_manage_comments"),
            Self::Delete => ("instagram_business_manage_contents", "instagram_manage_contents"),
        };
        if login == Login::Instagram { instagram } else { facebook }
    }
}

/// Either side of the answer.
pub(super) fn respond(answer: Result<Response, GraphError>) -> Response {
    answer.unwrap_or_else(|error| error.of_instagram().into_response())
}

/// The refusal of the Instagram exchange, which has a shape of its own.
fn refused(message: &str) -> Response {
    let body = json!({"error_type": "OAuthException", "code": 400, "error_message": message});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// `POST /oauth/access_token`: form or multipart, never JSON (§1.2). With the Meta pair it is Facebook's.
pub(super) async fn exchange(Shared(instagram): Shared<Arc<Instagram>>, request: Request) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let call = if kind.starts_with("multipart/form-data") {
        multipart(request).await
    } else if kind.starts_with("application/json") {
        Call::default()
    } else {
        match Call::from_request(request, &()).await {
            Ok(call) => call,
            Err(refused) => return refused,
        }
    };
    let now_ms = instagram.clock.now_ms();
    let mut state = lock(&instagram.state);
    if call.one("client_id") == Some(&state.options.meta_id) {
        return respond(facebook_exchange(&mut state, &call, now_ms));
    }
    exchange_code(&mut state, &call, now_ms).unwrap_or_else(|message| refused(&message))
}

async fn multipart(request: Request) -> Call {
    let mut pairs = Vec::new();
    if let Ok(mut form) = Multipart::from_request(request, &()).await {
        while let Ok(Some(field)) = form.next_field().await {
            let name = field.name().unwrap_or_default().to_owned();
            pairs.push((name, field.text().await.unwrap_or_default()));
        }
    }
    Call::of_pairs(pairs)
}

fn exchange_code(state: &mut State, call: &Call, now_ms: i64) -> Result<Response, String> {
    let needed = |name: &str| call.one(name).ok_or_else(|| format!("Missing required field {name}"));
    for name in ["client_id", "client_secret", "grant_type", "redirect_uri", "code"] {
        needed(name)?;
    }
    if needed("client_id")? != state.options.client_id {
        return Err("Invalid platform app".into());
    }
    if needed("client_secret")? != state.options.client_secret {
        return Err("Error validating client secret.".into());
    }
    if needed("grant_type")? != "authorization_code" {
        return Err("Invalid grant_type".into());
    }
    // People forget to strip `#_`: the real service then does not know the code either.
    let code = take(state, needed("code")?, Login::Instagram, now_ms).ok_or("Invalid authorization code")?;
    if needed("redirect_uri")? != code.redirect_uri {
        return Err("Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request".into());
    }
    let failed = |_| "An unknown error occurred".to_owned();
    let token = issue(
        state,
        &Grant {
            login: Login::Instagram,
            holder: &code.holder,
            scopes: &code.scopes,
            declined: &code.declined,
            is_long: false,
        },
        now_ms,
    );
    let token = token.map_err(failed)?;
    let scoped = state.user(&token.holder).map(|user| user.scoped_id.clone()).unwrap_or_default();
    let body = if state.options.tuning.is_flat {
        json!({"access_token": token.value, "user_id": scoped.parse::<u64>().unwrap_or(0), "permissions": token.scopes})
    } else {
        json!({"data": [{"access_token": token.value, "user_id": scoped, "permissions": token.scopes.join(",")}]})
    };
    Ok(Json(body).into_response())
}

/// A code, spent by being looked at.
fn take(state: &mut State, value: &str, login: Login, now_ms: i64) -> Option<Code> {
    state.codes.remove(value).filter(|code| code.login == login && now_ms <= code.issued_ms + CODE_LIFE_MS)
}

/// What a token is made for.
pub(super) struct Grant<'a> {
    pub(super) login: Login,
    pub(super) holder: &'a str,
    pub(super) scopes: &'a [String],
    pub(super) declined: &'a [String],
    pub(super) is_long: bool,
}

/// Makes a token durable and hands it out.
pub(super) fn issue(state: &mut State, grant: &Grant<'_>, now_ms: i64) -> Result<Token, GraphError> {
    let life_ms = if grant.is_long { LONG_LIFE_MS } else { SHORT_LIFE_MS };
    let token = Token {
        value: secret(if grant.login == Login::Instagram { "IGAA" } else { "EAAG" }),
        login: grant.login,
        holder: grant.holder.to_owned(),
        scopes: grant.scopes.to_vec(),
        declined: grant.declined.to_vec(),
        issued_ms: now_ms,
        expires_ms: (grant.login != Login::Page).then_some(now_ms + life_ms),
        is_long: grant.is_long,
        death: None,
    };
    state.commit(Record::Granted(token.clone()))?;
    Ok(token)
}

fn long_answer(token: &Token, now_ms: i64) -> Value {
    let left_s = (token.expires_ms.unwrap_or(now_ms) - now_ms) / 1_000;
    json!({"access_token": token.value, "token_type": "bearer", "expires_in": left_s})
}

fn long_of(state: &mut State, token: &Token, now_ms: i64) -> Result<Token, GraphError> {
    issue(
        state,
        &Grant {
            login: token.login,
            holder: &token.holder,
            scopes: &token.scopes,
            declined: &token.declined,
            is_long: true,
        },
        now_ms,
    )
}

/// `GET /access_token`: a short-lived token for a long-lived one (§1.3).
pub(super) async fn lengthen(Shared(instagram): Shared<Arc<Instagram>>, call: Call) -> Response {
    let now_ms = instagram.clock.now_ms();
    let work = |state: &mut State| {
        if call.needed("grant_type")? != "ig_exchange_token" {
            return Err(GraphError::param("Unsupported grant_type"));
        }
        if call.needed("client_secret")? != state.options.client_secret {
            return Err(GraphError::new(1, "Error validating client secret."));
        }
        let token = bearer(state, &call, now_ms)?;
        if token.login != Login::Instagram || token.is_long {
            return Err(GraphError::new(452, "Session key invalid. Only short-lived tokens can be exchanged."));
        }
        let long = long_of(state, &token, now_ms)?;
        Ok(Json(long_answer(&long, now_ms)).into_response())
    };
    respond(work(&mut lock(&instagram.state)))
}

/// `GET /refresh_access_token` (§1.4). The value changes; the old one lives on until it expires, which the dossier leaves open.
pub(super) async fn refresh(Shared(instagram): Shared<Arc<Instagram>>, call: Call) -> Response {
    let now_ms = instagram.clock.now_ms();
    let work = |state: &mut State| {
        if call.needed("grant_type")? != "ig_refresh_token" {
            return Err(GraphError::param("Unsupported grant_type"));
        }
        let token = bearer(state, &call, now_ms)?;
        let is_old = token.is_long && token.login == Login::Instagram && now_ms >= token.issued_ms + DAY_MS;
        if !is_old {
            let message = "Only long-lived tokens that are at least 24 hours old can be refreshed.";
            return Err(GraphError::new(10, message));
        }
        let fresh = long_of(state, &token, now_ms)?;
        let mut body = long_answer(&fresh, now_ms);
        body["permissions"] = fresh.scopes.join(",").into();
        Ok(Json(body).into_response())
    };
    respond(work(&mut lock(&instagram.state)))
}

/// `GET|POST /{v}/oauth/access_token` (§1b). Clients in wide use send the app's pair as HTTP Basic, as OAuth allows.
pub(super) async fn facebook(Shared(instagram): Shared<Arc<Instagram>>, headers: HeaderMap, call: Call) -> Response {
    let now_ms = instagram.clock.now_ms();
    let basic = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let basic = basic.and_then(|encoded| String::from_utf8(STANDARD.decode(encoded).ok()?).ok());
    let call = match basic.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, word)) => call.and("client_id", id).and("client_secret", word),
        None => call,
    };
    respond(facebook_exchange(&mut lock(&instagram.state), &call, now_ms))
}

fn facebook_exchange(state: &mut State, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let refused = |message: &str| GraphError::new(100, message);
    if call.one("client_id") != Some(&state.options.meta_id) {
        return Err(GraphError::new(
            101,
            "Error validating application. Cannot get application info due to a system error.",
        ));
    }
    if call.one("client_secret") != Some(&state.options.meta_secret) {
        return Err(GraphError::new(1, "Error validating client secret."));
    }
    match call.one("grant_type") {
        Some("fb_exchange_token") => {
            let value = call.one("fb_exchange_token").ok_or_else(|| refused("Missing fb_exchange_token parameter"))?;
            let token = known(state, value, now_ms)?;
            if token.login != Login::Facebook {
                return Err(dead(None));
            }
            let long = long_of(state, &token, now_ms)?;
            Ok(Json(long_answer(&long, now_ms)).into_response())
        }
        Some("client_credentials") => {
            let token = format!("{}|{}", state.options.meta_id, state.options.meta_secret);
            Ok(Json(json!({"access_token": token, "token_type": "bearer"})).into_response())
        }
        None | Some("authorization_code") => {
            let value = call.one("code").ok_or_else(|| refused("Missing authorization code"))?.to_owned();
            let code = take(state, &value, Login::Facebook, now_ms);
            let code = code.ok_or_else(|| refused("This authorization code has been used.").subcode(36_009))?;
            if call.one("redirect_uri") != Some(&code.redirect_uri) {
                let message = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request";
                return Err(refused(message).subcode(36_008));
            }
            let grant = Grant {
                login: Login::Facebook,
                holder: &code.holder,
                scopes: &code.scopes,
                declined: &code.declined,
                is_long: false,
            };
            let token = issue(state, &grant, now_ms)?;
            Ok(Json(long_answer(&token, now_ms)).into_response())
        }
        Some(_) => Err(refused("Invalid grant_type")),
    }
}

fn known(state: &State, value: &str, now_ms: i64) -> Result<Token, GraphError> {
    let token = state.tokens.iter().find(|token| token.value == value).ok_or_else(|| dead(None))?;
    match token {
        Token { death: Some(subcode), .. } => Err(dead(Some(*subcode))),
        Token { expires_ms: Some(end), .. } if now_ms >= *end => Err(dead(Some(463))),
        _ => Ok(token.clone()),
    }
}

/// The token of a call, with the proof that Facebook may ask for beside it.
pub(super) fn bearer(state: &State, call: &Call, now_ms: i64) -> Result<Token, GraphError> {
    let none = || GraphError::new(104, "An access token is required to request this resource.");
    let value = call.token().ok_or_else(none)?;
    let token = known(state, value, now_ms)?;
    let proof = call.one("appsecret_proof");
    let is_asked = token.login != Login::Instagram && (state.options.needs_proof || proof.is_some());
    if is_asked && proof != Some(&hmac_hex(&state.options.meta_secret, value.as_bytes())) {
        let message = if proof.is_some() {
            "Invalid appsecret_proof provided in the API argument"
        } else {
            "API calls from the server require an appsecret_proof argument"
        };
        return Err(GraphError::new(100, message));
    }
    Ok(token)
}

/// The token, if it may do that.
pub(super) fn may(state: &State, call: &Call, now_ms: i64, need: Need) -> Result<Token, GraphError> {
    let token = bearer(state, call, now_ms)?;
    let scope = need.scope(token.login);
    if !token.scopes.iter().any(|held| held == scope) {
        let message = format!("(#10) Application does not have permission for this action: {scope} is missing");
        return Err(GraphError::new(10, &message));
    }
    Ok(token)
}

/// The accounts that a token reaches.
pub(super) fn reached(state: &State, token: &Token) -> Vec<SimProfile> {
    match token.login {
        Login::Instagram => state.user(&token.holder).cloned().into_iter().collect(),
        Login::Facebook => state.profiles_of(&token.holder),
        Login::Page => {
            state.options.users.iter().filter(|user| user.page_id.as_ref() == Some(&token.holder)).cloned().collect()
        }
    }
}

/// The account in the path, if the token reaches it. `me` is an account by Instagram Login alone.
pub(super) fn account(state: &State, token: &Token, id: &str) -> Result<SimProfile, GraphError> {
    let is_me = id == "me" && token.login == Login::Instagram;
    reached(state, token).into_iter().find(|user| user.id == id || is_me).ok_or_else(|| missing(id))
}

/// Whom a call stands for in the path, if it may do what it needs.
pub(super) fn caller(
    state: &State,
    (id, call): (&str, &Call),
    now_ms: i64,
    need: Need,
) -> Result<SimProfile, GraphError> {
    let token = may(state, call, now_ms, need)?;
    account(state, &token, id)
}
