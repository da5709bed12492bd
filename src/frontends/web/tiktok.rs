//! `/tiktok/webhook`: where TikTok says what happened to its people and their posts (platforms/tiktok.md §7). Nobody signs in here: what counts is
//! the signature in the header, which `app` judges.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

use crate::app::App;

/// What TikTok tells has a few hundred bytes.
pub(super) const BODY_BYTES_MAX: usize = 16 * 1024;
/// Beside the body.
const SIGNATURE: &str = "tiktok-signature";

pub(super) async fn told(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(refused) => return refused.status().into_response(),
    };
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match app.tiktok_told(signature, &body).await {
        Ok(Some(())) => StatusCode::OK.into_response(),
        Ok(None) => StatusCode::BAD_REQUEST.into_response(),
        // TikTok tells it again.
        Err(error) => {
            tracing::error!(error = ?error, "what TikTok told could not be done");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
