//! `/meta/…`: where Meta says that a person removed our app or wants their data deleted (platforms/instagram.md §8), and the page that tells them
//! how far that is. Nobody signs in here: what counts is the signature in the form, which `app` judges.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::gate::anybody;
use super::page::{Page, html};
use crate::app::{App, DeletionView};
use crate::domain::tool::ToolError;

/// A form with one field of a few hundred bytes.
pub(super) const FORM_BYTES_MAX: usize = 8 * 1024;

#[derive(Deserialize)]
pub(super) struct Told {
    signed_request: String,
}

#[derive(Template)]
#[template(path = "deletion.html")]
struct Deletion {
    page: Page,
    view: DeletionView,
}

pub(super) async fn deauthorize(State(app): State<Arc<App>>, told: Result<Form<Told>, FormRejection>) -> Response {
    let Ok(Form(told)) = told else { return StatusCode::BAD_REQUEST.into_response() };
    match app.meta_deauthorized(&told.signed_request).await {
        Ok(Some(())) => Json(json!({})).into_response(),
        Ok(None) => StatusCode::BAD_REQUEST.into_response(),
        Err(error) => failed(&error),
    }
}

pub(super) async fn delete(State(app): State<Arc<App>>, told: Result<Form<Told>, FormRejection>) -> Response {
    let Ok(Form(told)) = told else { return StatusCode::BAD_REQUEST.into_response() };
    match app.meta_deletion_asked(&told.signed_request).await {
        Ok(Some(receipt)) => {
            Json(json!({ "url": receipt.url.as_str(), "confirmation_code": receipt.code })).into_response()
        }
        Ok(None) => StatusCode::BAD_REQUEST.into_response(),
        Err(error) => failed(&error),
    }
}

pub(super) async fn show(State(app): State<Arc<App>>, Path(code): Path<String>, headers: HeaderMap) -> Response {
    match app.meta_deletion(&code).await {
        Ok(Some(view)) => html(&Deletion { page: anybody(&app, &headers).await, view }),
        Ok(None) => super::page::missing(State(app), headers).await.into_response(),
        Err(error) => failed(&error),
    }
}

/// Meta asks again.
fn failed(error: &ToolError) -> Response {
    tracing::error!(error = ?error, "what Meta told could not be done");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
