//! `/pull/…`: a medium, for a network that fetches what it is to show (platforms/threads.md §3.1). The address is signed and ends after an hour;
//! nobody signs in here, and nothing tells a wrong address from one that has ended.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
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
