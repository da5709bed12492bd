//! `/upload/{secret}/files`: a file in pieces through an upload link, for programs and bad connections: the open protocol tus 1.0.0 with its extensions
//! creation, expiration and termination. Pages use none of it: they have no script. What becomes of pieces is `media`'s.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::gate::{is_own_form, stranger};
use super::page;
use crate::app::{App, Partial};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// The protocol's version, which both sides name.
const VERSION: &str = "1.0.0";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// The one type of a piece.
const PIECE: &str = "application/offset+octet-stream";

/// What this server can: asked before anything else, without a version.
pub(super) async fn options(State(app): State<Arc<App>>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    put(headers, HeaderName::from_static("tus-version"), VERSION);
    put(headers, HeaderName::from_static("tus-extension"), "creation,expiration,termination");
    put(headers, HeaderName::from_static("tus-max-size"), app.upload_bytes_max());
    named(response)
}

pub(super) async fn begin(State(app): State<Arc<App>>, Path(secret): Path<String>, headers: HeaderMap) -> Response {
    if let Some(wrong) = refuse(&app, &headers) {
        return wrong;
    }
    let Some(length) = number(&headers, &LENGTH) else { return said(&app, &headers, say!("upload-length").into()) };
    let alt = match alt(&headers) {
        Ok(alt) => alt,
        Err(what) => return said(&app, &headers, what.into()),
    };
    match app.begin_partial(&secret, length, alt).await {
        Ok(partial) => {
            let mut response = stands(&partial, StatusCode::CREATED);
            let place = app.public_url().join(&format!("upload/{secret}/files/{}", partial.name));
            put(response.headers_mut(), LOCATION, place.map(String::from).unwrap_or_default());
            response
        }
        Err(error) => said(&app, &headers, error),
    }
}

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Path((secret, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(wrong) = refuse(&app, &headers) {
        return wrong;
    }
    match app.ask_partial(&secret, &name).await {
        Ok(partial) => stands(&partial, StatusCode::OK),
        Err(error) => said(&app, &headers, error),
    }
}

pub(super) async fn grow(
    State(app): State<Arc<App>>,
    Path((secret, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let headers = head.headers;
    if let Some(wrong) = refuse(&app, &headers) {
        return wrong;
    }
    if headers.get(CONTENT_TYPE).is_none_or(|given| given != PIECE) {
        return named(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    let Some(offset) = number(&headers, &OFFSET) else { return said(&app, &headers, say!("upload-length").into()) };
    // Told before anything is read, where it is announced.
    let comes = number(&headers, &CONTENT_LENGTH).unwrap_or(0);
    match app.grow_partial(&secret, (&name, offset, comes), body.into_data_stream()).await {
        Ok(partial) => stands(&partial, StatusCode::NO_CONTENT),
        Err(error) => said(&app, &headers, error),
    }
}

pub(super) async fn end(
    State(app): State<Arc<App>>,
    Path((secret, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(wrong) = refuse(&app, &headers) {
        return wrong;
    }
    match app.drop_partial(&secret, &name).await {
        Ok(()) => named(StatusCode::NO_CONTENT.into_response()),
        Err(error) => said(&app, &headers, error),
    }
}

/// What is not looked at further: another version of the protocol, or a page of somebody else's.
fn refuse(app: &App, headers: &HeaderMap) -> Option<Response> {
    if !is_own_form(headers, app.public_url()) {
        return Some(named(StatusCode::FORBIDDEN.into_response()));
    }
    if headers.get(RESUMABLE).is_none_or(|version| version != VERSION) {
        let mut response = StatusCode::PRECONDITION_FAILED.into_response();
        put(response.headers_mut(), HeaderName::from_static("tus-version"), VERSION);
        return Some(named(response));
    }
    None
}

fn stands(partial: &Partial, status: StatusCode) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    put(headers, OFFSET, partial.offset);
    put(headers, LENGTH, partial.length);
    if let Ok(until) = jiff::Timestamp::from_millisecond(partial.until) {
        let until = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&until).unwrap_or_default();
        put(headers, UPLOAD_EXPIRES, &until);
    }
    named(response)
}

/// A refusal in words; programs go by the status.
fn said(app: &App, headers: &HeaderMap, error: ToolError) -> Response {
    let (status, what) = match error {
        ToolError::Refused(what) => (status(&what), what),
        ToolError::Failed(why) => {
            tracing::error!(error = %why, "a file in pieces failed");
            (StatusCode::INTERNAL_SERVER_ERROR, say!("common-failed"))
        }
    };
    let words = app.words().say(stranger(app, headers), &what);
    named((status, words).into_response())
}

fn status(what: &Sentence) -> StatusCode {
    match what.key.as_str() {
        "upload-offset" => StatusCode::CONFLICT,
        "upload-beyond" | "media-too-large" => StatusCode::PAYLOAD_TOO_LARGE,
        "upload-length" => StatusCode::BAD_REQUEST,
        "media-not-kept" => StatusCode::SERVICE_UNAVAILABLE,
        _ => page::status(what),
    }
}

/// Every answer names the protocol's version.
fn named(mut response: Response) -> Response {
    put(response.headers_mut(), RESUMABLE, VERSION);
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: impl ToString) {
    if let Ok(value) = HeaderValue::try_from(value.to_string()) {
        headers.insert(name, value);
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?;
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The one thing that is taken from what a program tells about its file: `alt`, in base 64.
fn alt(headers: &HeaderMap) -> Result<Option<String>, Sentence> {
    let Some(all) = headers.get(METADATA) else { return Ok(None) };
    let wrong = || say!("page-form-wrong");
    let pairs = all.to_str().map_err(|_| wrong())?.split(',');
    let Some(alt) = pairs.filter_map(|pair| pair.trim().strip_prefix("alt ")).next() else { return Ok(None) };
    let bytes = STANDARD.decode(alt.trim()).map_err(|_| wrong())?;
    String::from_utf8(bytes).map(Some).map_err(|_| wrong())
}
