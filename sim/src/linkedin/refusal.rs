//! How the simulated LinkedIn says no (dossier §1, §4, §5): the REST shape, the OAuth shape, and its bare 429.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use crate::faults::RateBody;

/// A refusal of a call to the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &str, message: &str) -> Self {
        let body = json!({"status": status, "code": code, "message": message});
        Self { status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), body }
    }

    fn service_code(mut self, code: u32) -> Self {
        self.body["serviceErrorCode"] = code.into();
        self
    }

    /// A value that cannot be.
    pub(super) fn illegal(message: &str) -> Self {
        Self::new(400, "ILLEGAL_ARGUMENT", message)
    }

    /// A field that must be there.
    pub(super) fn missing(field: &str) -> Self {
        Self::new(400, "MISSING_FIELD", &format!("{field} :: field is required but not found and has no default value"))
    }

    /// A field with a value that it cannot have.
    pub(super) fn value(field: &str, why: &str) -> Self {
        Self::new(400, "INVALID_VALUE_FOR_FIELD", &format!("{field} :: {why}"))
    }

    /// A text that is too long.
    pub(super) fn long(field: &str, max: usize) -> Self {
        let message = format!("{field} :: text length exceeded the maximum allowed ({max} characters)");
        Self::new(400, "FIELD_LENGTH_TOO_LONG", &message)
    }

    /// 403: scope, product or role is missing; `what` is like `posts.CREATE`.
    pub(super) fn denied(what: &str, version: &str) -> Self {
        let message = format!("Not enough permissions to access: {what}.{version}01");
        Self::new(403, "ACCESS_DENIED", &message).service_code(100)
    }

    /// 403: the account does not own what it uses.
    pub(super) fn not_owner(field: &str) -> Self {
        let message = format!("{field} :: the member or page does not own this");
        Self::new(403, "ACCESS_DENIED", &message).service_code(100)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(404, "NOT_FOUND", &format!("Could not find entity {what}"))
    }

    pub(super) fn unauthorized(code: &str, service_code: u32, message: &str) -> Self {
        Self::new(401, code, message).service_code(service_code)
    }

    /// 422 that names the first post (§5).
    pub(super) fn duplicate(of: &str) -> Self {
        let mut refusal = Self::new(422, "", &format!("Content is a duplicate of {of}"));
        refusal.body = json!({"status": 422, "errorDetailType": "com.linkedin.common.error.BadRequest",
            "message": format!("Content is a duplicate of {of}"),
            "errorDetails": {"inputErrors": [
                {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]}});
        refusal
    }

    /// 422: media that processing refused.
    pub(super) fn unprocessable(message: &str) -> Self {
        Self::new(422, "UNPROCESSABLE_ENTITY", message)
    }

    /// 429 without any header that says when (§4).
    pub(super) fn throttled() -> Self {
        Self::new(429, "TOO_MANY_REQUESTS", "Resource level throttle limit for calls to this resource is reached.")
    }

    /// The simulator's own disk refuses.
    pub(super) fn internal() -> Self {
        Self::new(500, "INTERNAL_SERVER_ERROR", "Internal Server Error")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// A refusal of the OAuth endpoints.
pub(super) fn oauth(status: u16, error: &str, description: &str) -> Refusal {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Refusal { status, body: json!({"error": error, "error_description": description}) }
}

/// A 429 as LinkedIn words it, or as its edge does: in HTML.
pub(super) fn rate_limited(_now_ms: i64, _retry_after_s: u64, body: RateBody) -> Response {
    match body {
        RateBody::Problem | RateBody::Legacy => Refusal::throttled().into_response(),
        RateBody::Plain => {
            (StatusCode::TOO_MANY_REQUESTS, Html("<html><head><title>Error</title></head></html>")).into_response()
        }
    }
}
