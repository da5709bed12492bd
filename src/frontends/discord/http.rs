//! Discord over HTTP (dossier §4): the signature is checked strictly over the raw body before anything is read; Discord tries bad ones now
//! and then and switches the address off when one is taken.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{Ack, Discord};

/// Deliveries that are older, or from the future, are played back by somebody (RELIABILITY §3).
const AGE_MAX_S: i64 = 300;

pub(super) async fn interactions(State(discord): State<Arc<Discord>>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_signed(&discord, &headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(payload) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    if payload["type"] == 1 {
        return Json(json!({ "type": 1 })).into_response();
    }
    match discord.accept_interaction(payload).await {
        Ack::Again(body) => Json(body).into_response(),
        Ack::With { body, work } => {
            discord.begin(work);
            Json(body).into_response()
        }
        // Not stored: the person is told by Discord that it failed, and nothing was done.
        Ack::Failed => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn is_signed(discord: &Discord, headers: &HeaderMap, body: &Bytes) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some((timestamp, signature)) = header("x-signature-timestamp").zip(header("x-signature-ed25519")) else {
        return false;
    };
    let now = discord.hall.app.now_ms() / 1000;
    let is_fresh = timestamp.parse::<i64>().is_ok_and(|at| (now - at).abs() <= AGE_MAX_S);
    let Some(signature) = bytes(signature) else { return false };
    is_fresh && discord.hall.app.is_signed_by_discord(timestamp, body, &signature)
}

fn bytes(hex: &str) -> Option<[u8; 64]> {
    let mut bytes = [0; 64];
    if hex.len() != 128 || !hex.is_ascii() {
        return None;
    }
    for (no, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * no..2 * no + 2], 16).ok()?;
    }
    Some(bytes)
}
