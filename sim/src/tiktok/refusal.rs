//! How the simulated TikTok answers (dossier §1.2, §2, §5): the envelope around everything of the API, and the flat shape of its tokens.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::chance::secret;
use crate::faults::RateBody;

fn log_id() -> String {
    secret("2026112710").chars().filter(char::is_ascii_alphanumeric).take(32).collect()
}

/// A refusal of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: &str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        Self { status, code, message: message.to_owned() }
    }

    /// A parameter is wrong.
    pub(super) fn param(message: &str) -> Self {
        Self::new(400, "invalid_params", message)
    }

    pub(super) fn token() -> Self {
        let message = "The access token is invalid or not found in the request.";
        Self::new(401, "access_token_invalid", message)
    }

    pub(super) fn scope(scope: &str) -> Self {
        Self::new(401, "scope_not_authorized", &format!("The user did not authorize the scope required: {scope}"))
    }

    pub(super) fn rate() -> Self {
        Self::new(429, "rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.")
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "internal_error", "Something went wrong. Please try again later.")
    }

    /// The same with HTTP 200, which one call answers on purpose (§4.0).
    pub(super) fn mild(mut self) -> Self {
        self.status = StatusCode::OK;
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = json!({"code": self.code, "message": self.message, "log_id": log_id()});
        (self.status, Json(json!({"data": {}, "error": error}))).into_response()
    }
}

/// Data in its envelope.
pub(super) fn good(data: Value) -> Response {
    Json(json!({"data": data, "error": {"code": "ok", "message": "", "log_id": log_id()}})).into_response()
}

/// A refusal of the token endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flat(pub(super) &'static str, pub(super) &'static str);

impl Flat {
    pub(super) fn answer(&self, is_mild: bool) -> Response {
        let status = match self.0 {
            _ if is_mild => StatusCode::OK,
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({"error": self.0, "error_description": self.1, "log_id": log_id()});
        (status, Json(body)).into_response()
    }
}

/// A 429 as TikTok words it: without a word on when it ends.
pub(super) fn rate_limited(_now_ms: i64, _retry_after_s: u64, body: RateBody) -> Response {
    match body {
        RateBody::Problem | RateBody::Legacy => Refusal::rate().into_response(),
        RateBody::Plain => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests").into_response(),
    }
}
