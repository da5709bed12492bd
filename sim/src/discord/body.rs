//! Bodies of requests: JSON, forms, and forms with files (`payload_json` and `files[n]`, dossier §8).

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A file of a form.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// `files[0]`.
    pub(super) field: String,
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) bytes: Bytes,
}

impl Part {
    /// The number in `files[n]`.
    pub(super) fn number(&self) -> Option<String> {
        self.field.strip_prefix("files[")?.strip_suffix(']').map(str::to_owned)
    }
}

/// What came.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub(super) json: Value,
    pub(super) parts: Vec<Part>,
    pub(super) is_form: bool,
}

/// Reads it.
pub(super) async fn read(request: Request) -> Result<Body, Refusal> {
    let broken = || Refusal::new(50109);
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    if kind.starts_with("multipart/form-data") {
        return form(Multipart::from_request(request, &()).await.map_err(|_| broken())?).await;
    }
    let bytes = Bytes::from_request(request, &()).await.map_err(|_| Refusal::new(40005))?;
    if bytes.is_empty() {
        return Ok(Body::default());
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        let fields: Map<String, Value> = url::form_urlencoded::parse(&bytes)
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect();
        return Ok(Body { json: Value::Object(fields), parts: Vec::new(), is_form: true });
    }
    let json = serde_json::from_slice(&bytes).map_err(|_| broken())?;
    Ok(Body { json, parts: Vec::new(), is_form: false })
}

async fn form(mut form: Multipart) -> Result<Body, Refusal> {
    let broken = |_| Refusal::new(50109);
    let mut body = Body::default();
    let mut fields = Map::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
        let bytes = field.bytes().await.map_err(broken)?;
        if name == "payload_json" {
            body.json = serde_json::from_slice(&bytes).map_err(|_| Refusal::new(50109))?;
        } else if let Some(file) = file {
            let mime = if mime == "application/octet-stream" { guessed(&file).to_owned() } else { mime };
            body.parts.push(Part { field: name, name: file, mime, bytes });
        } else {
            fields.insert(name, Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    if body.json.is_null() && !fields.is_empty() {
        body.json = Value::Object(fields);
    }
    Ok(body)
}

/// What a name says about its bytes.
pub(super) fn guessed(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "md" | "txt" => "text/plain; charset=utf-8",
        "csv" => "text/csv",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
