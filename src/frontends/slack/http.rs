//! Slack over HTTP: the signature is checked over the raw body before anything is read, what is for us is durable before it is
//! acknowledged, and work begins after that.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use slack_morphism::signature_verifier::SlackEventSignatureVerifier as Verifier;

use super::inbound::Kind;
use super::{Ack, Slack};

pub(super) async fn events(State(slack): State<Arc<Slack>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(text) = signed(&slack, &headers, &body) else { return refused() };
    let Ok(payload) = serde_json::from_str::<Value>(text) else { return StatusCode::BAD_REQUEST.into_response() };
    if payload["type"] == "url_verification" {
        return payload["challenge"].as_str().unwrap_or_default().to_owned().into_response();
    }
    answer(slack.accept(Kind::Event, payload).await)
}

pub(super) async fn commands(State(slack): State<Arc<Slack>>, headers: HeaderMap, body: Bytes) -> Response {
    if signed(&slack, &headers, &body).is_none() {
        return refused();
    }
    let fields: Map<String, Value> = url::form_urlencoded::parse(&body)
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect();
    // Slack looks whether the address is alive.
    if fields.contains_key("ssl_check") {
        return StatusCode::OK.into_response();
    }
    answer(slack.accept(Kind::Command, fields.into()).await)
}

pub(super) async fn interactions(State(slack): State<Arc<Slack>>, headers: HeaderMap, body: Bytes) -> Response {
    if signed(&slack, &headers, &body).is_none() {
        return refused();
    }
    let payload =
        url::form_urlencoded::parse(&body).find(|(name, _)| name == "payload").map(|(_, value)| value.into_owned());
    let payload = payload.and_then(|payload| serde_json::from_str::<Value>(&payload).ok());
    let Some(payload) = payload else { return StatusCode::BAD_REQUEST.into_response() };
    answer(slack.accept(Kind::Interaction, payload).await)
}

/// The body, if Slack signed it within the last five minutes (dossier §2).
fn signed<'a>(slack: &Slack, headers: &HeaderMap, body: &'a Bytes) -> Option<&'a str> {
    let verifier = slack.verifier.as_ref()?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let text = std::str::from_utf8(body).ok()?;
    let (hash, at) = (header(Verifier::SLACK_SIGNED_HASH_HEADER)?, header(Verifier::SLACK_SIGNED_TIMESTAMP)?);
    verifier.verify(hash, text, at).ok().map(|()| text)
}

/// Slack only looks at the status; whoever else asks learns nothing.
fn refused() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    // Coming again would not help.
    response.headers_mut().insert("x-slack-no-retry", HeaderValue::from_static("1"));
    response
}

fn answer(ack: Ack) -> Response {
    match ack {
        Ack::Empty => StatusCode::OK.into_response(),
        Ack::With(value) => Json(value).into_response(),
        // Not stored, so it must come again.
        Ack::Failed => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
