//! `/mcp/probe`: tells whoever asks which of the headers that clients send arrived with their own request, in two pieces with a pause between them,
//! so that `socrazi doctor` sees what a proxy in front leaves out or holds back. It lies below `/mcp`, where the same rules of a proxy hold.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::app::oauth::{PROBE_END, PROBED};

/// Between the two pieces: longer than any network takes to bring them together by chance.
const PAUSE: Duration = Duration::from_millis(600);
/// Answers at once: anybody may ask.
static ANSWERING: Semaphore = Semaphore::const_new(16);

pub(super) async fn probe(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let Ok(place) = ANSWERING.try_acquire() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let came: Vec<&str> = PROBED.into_iter().filter(|name| headers.contains_key(*name)).collect();
    let host = headers.get(HOST);
    let is_own_host = host.is_none_or(|host| host.to_str().is_ok_and(|host| app.is_own_host(host)));
    let first = format!("data: {}\n\n", json!({ "came": came, "is_own_host": is_own_host }));
    let second = format!("data: {PROBE_END}\n\n");
    let pieces = futures::stream::unfold((Some(first), Some(second), place), |(first, second, place)| async move {
        if let Some(first) = first {
            return Some((Ok::<_, std::convert::Infallible>(first), (None, second, place)));
        }
        let second = second?;
        tokio::time::sleep(PAUSE).await;
        Some((Ok(second), (None, None, place)))
    });
    // As the answers of `/mcp` that come in pieces are headed.
    let heads = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (heads, Body::from_stream(pieces)).into_response()
}
