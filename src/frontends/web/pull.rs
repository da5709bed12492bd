//! `/pull/…`: a medium, for a network that fetches what it is to show (platforms/threads.md §3.1). The address is signed and ends after an hour;
//! nobody signs in here, and nothing tells a wrong address from one that has ended.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::stored;
use crate::app::App;
use crate::domain::ids::MediaId;

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path((id, until, signature)): Path<(String, String, String)>,
    asked: HeaderMap,
) -> Response {
    let (Ok(id), Ok(until)) = (id.parse::<MediaId>(), until.parse::<i64>()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match app.pull_media(&id, until, &signature).await {
        Ok(Some(medium)) => {
            let mut response = stored::answer(medium, &asked);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            response
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(error = ?error, "a medium could not be given to a network");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The same as a JPEG.
pub(super) async fn show_jpeg(
    State(app): State<Arc<App>>,
    Path((id, until, signature)): Path<(String, String, String)>,
) -> Response {
    let (Ok(id), Ok(until)) = (id.parse::<MediaId>(), until.parse::<i64>()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match app.pull_jpeg(&id, until, &signature).await {
        Ok(Some(bytes)) => given(bytes, HeaderValue::from_static("image/jpeg")),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(error = ?error, "a picture could not be given to a network");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// What is made for the asking is small and has no parts.
fn given(bytes: Vec<u8>, mime: HeaderValue) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, mime);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
