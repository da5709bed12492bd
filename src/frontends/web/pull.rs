//! `/pull/…`: a medium, for a network that fetches what it is to show (platforms/threads.md §3.1). The address is signed and ends after an hour;
//! nobody signs in here, and nothing tells a wrong address from one that has ended.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::stored;
use crate::app::{App, INDEX_FIRST};
use crate::domain::ids::MediaId;
use crate::domain::picture::Making;
use crate::domain::shelf::MediaFile;
use crate::domain::tool::ToolError;

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path((id, until, signature)): Path<(String, String, String)>,
    asked: HeaderMap,
) -> Response {
    let (Ok(id), Ok(until)) = (id.parse::<MediaId>(), until.parse::<i64>()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    stored_answer(app.pull_media(&id, until, &signature).await, &asked)
}

fn stored_answer(found: Result<Option<MediaFile>, ToolError>, asked: &HeaderMap) -> Response {
    match found {
        Ok(Some(medium)) => {
            let mut response = stored::answer(medium, asked);
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

/// The same as a network takes it: a JPEG of a picture, or a video with its index first.
pub(super) async fn show_made(
    State(app): State<Arc<App>>,
    Path((id, until, signature, form)): Path<(String, String, String, String)>,
    asked: HeaderMap,
) -> Response {
    let (Ok(id), Ok(until)) = (id.parse::<MediaId>(), until.parse::<i64>()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if form == INDEX_FIRST {
        return stored_answer(app.pull_index_first(&id, (until, &signature)).await, &asked);
    }
    let Ok(making) = form.parse::<Making>() else { return StatusCode::NOT_FOUND.into_response() };
    match app.pull_jpeg(&id, (until, &signature), making).await {
        Ok(Some(bytes)) => given(bytes, HeaderValue::from_static("image/jpeg")),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(error = ?error, "a picture could not be given to a network");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// What is made for the asking is small and has no parts.
fn given(bytes: Bytes, mime: HeaderValue) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, mime);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
