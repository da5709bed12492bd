//! What programs call: `/oauth/token`, `/oauth/revoke` (RFC 7009) and `/oauth/register` (RFC 7591). Answers are JSON that nobody may keep;
//! a no carries the protocol's word and a sentence in English for whoever builds the program.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::super::form;
use crate::app::App;
use crate::app::oauth::{FaultWord, OauthFault};
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::say;

/// Where a proxy writes where a request came from.
const FORWARDED: &str = "x-forwarded-for";
/// When somebody who came too often may come again.
const SLOW_DOWN_S: &str = "3600";

/// What a program sent, and who it says it is.
type Sent = (Vec<(String, String)>, Option<(String, String)>);

pub(super) async fn token(State(app): State<Arc<App>>, request: Request) -> Response {
    let is_basic = request.headers().contains_key(AUTHORIZATION);
    let done = match sent(request).await {
        Ok((pairs, basic)) => app.oauth_token(&pairs, basic).await,
        Err(fault) => Err(fault),
    };
    match done {
        Ok(answer) => Json(answer).into_response(),
        Err(fault) => no(&app, &fault, is_basic),
    }
}

pub(super) async fn revoke(State(app): State<Arc<App>>, request: Request) -> Response {
    let is_basic = request.headers().contains_key(AUTHORIZATION);
    let done = match sent(request).await {
        Ok((pairs, basic)) => app.oauth_revoke(&pairs, basic).await,
        Err(fault) => Err(fault),
    };
    match done {
        Ok(()) => Json(json!({})).into_response(),
        Err(fault) => no(&app, &fault, is_basic),
    }
}

/// Where a request came from; not known where it came over no connection.
fn origin(app: &App, peer: Option<&ConnectInfo<SocketAddr>>, headers: &HeaderMap) -> Option<IpAddr> {
    let forwarded: Vec<&str> = headers.get_all(FORWARDED).iter().map(|value| value.to_str().unwrap_or("?")).collect();
    peer.map(|ConnectInfo(peer)| app.config().trusted_proxies.origin(peer.ip(), &forwarded.join(",")))
}

pub(super) async fn register(
    State(app): State<Arc<App>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    let done = match body {
        Ok(body) if is_json => {
            let origin = origin(&app, peer.as_deref(), &headers);
            app.oauth_register(&body, origin).await
        }
        Ok(_) => Err(fault(FaultWord::InvalidClientMetadata, say!("oauth-metadata-unreadable"))),
        Err(_) => Err(fault(FaultWord::InvalidClientMetadata, say!("common-too-large", max = "16 KiB"))),
    };
    match done {
        Ok(answer) => (StatusCode::CREATED, Json(answer)).into_response(),
        Err(fault) => no(&app, &fault, false),
    }
}

fn fault(word: FaultWord, what: Sentence) -> OauthFault {
    OauthFault { word, what }
}

async fn sent(request: Request) -> Result<Sent, OauthFault> {
    let unreadable = || fault(FaultWord::InvalidRequest, say!("oauth-form-unreadable"));
    let basic = match request.headers().get(AUTHORIZATION) {
        Some(value) => Some(value.to_str().ok().and_then(basic).ok_or_else(unreadable)?),
        None => None,
    };
    Ok((form::pairs(request).await.map_err(|_| unreadable())?, basic))
}

/// Id and secret of `Authorization: Basic`, each in the form's encoding (RFC 6749 §2.3.1).
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, coded) = value.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    Some((form::text_of(id.as_bytes())?, form::text_of(secret.as_bytes())?))
}

/// The answer to what cannot be given. An unknown program is 401: on anything else clients go on with what nobody knows (MCP.md §2).
fn no(app: &App, fault: &OauthFault, is_basic: bool) -> Response {
    let status = match fault.word {
        FaultWord::InvalidClient => StatusCode::UNAUTHORIZED,
        FaultWord::SlowDown => StatusCode::TOO_MANY_REQUESTS,
        FaultWord::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        FaultWord::AccessDenied
        | FaultWord::InvalidRequest
        | FaultWord::InvalidGrant
        | FaultWord::UnauthorizedClient
        | FaultWord::UnsupportedGrantType
        | FaultWord::UnsupportedResponseType
        | FaultWord::InvalidScope
        | FaultWord::InvalidTarget
        | FaultWord::InvalidRedirectUri
        | FaultWord::InvalidClientMetadata => StatusCode::BAD_REQUEST,
    };
    let description = app.words().say(Lang::En, &fault.what);
    let body = json!({ "error": fault.word.word(), "error_description": description });
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::UNAUTHORIZED && is_basic {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"oauth\""));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(SLOW_DOWN_S));
    }
    response
}
