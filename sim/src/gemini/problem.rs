//! Refusals in the service's own words (dossier gemini.md §4).

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal: an HTTP status and the body's `error`.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: u16,
    error: Value,
    headers: BTreeMap<String, String>,
}

impl Problem {
    /// 400 `INVALID_ARGUMENT`.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::of(400, "INVALID_ARGUMENT", message.into())
    }

    /// Any other.
    pub(super) fn of(status: u16, word: &str, message: impl Into<String>) -> Self {
        let error = json!({ "code": status, "message": message.into(), "status": word });
        Self { status, error, headers: BTreeMap::new() }
    }

    /// With details, as `google.rpc` has them.
    pub(super) fn with(mut self, details: Value) -> Self {
        self.error["details"] = details;
        self
    }

    /// With a header.
    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    /// The `error` object, for the middle of a stream.
    pub(super) fn error(&self) -> &Value {
        &self.error
    }

    /// The answer. On the streaming route the body is an array of one.
    pub(super) fn answer(&self, is_stream: bool) -> Response {
        let body = json!({ "error": self.error });
        let body = if is_stream { json!([body]) } else { body };
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = (status, Json(body)).into_response();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }
}

/// 429 as it was seen; each detail may be absent on its own.
pub(super) fn exhausted(retry_s: Option<f64>, is_daily: bool, header_s: Option<u64>) -> Problem {
    let mut details = vec![json!({ "@type": "type.googleapis.com/google.rpc.Help", "links": [] })];
    let quota = if is_daily {
        "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
    } else {
        "GenerateRequestsPerMinutePerProjectPerModel"
    };
    details.push(json!({ "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests", "quotaId": quota, "quotaValue": "20",
    }] }));
    if let Some(seconds) = retry_s {
        details
            .push(json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s") }));
    }
    let message = "You exceeded your current quota, please check your plan and billing details.";
    let problem = Problem::of(429, "RESOURCE_EXHAUSTED", message).with(Value::Array(details));
    match header_s {
        Some(seconds) => problem.header("retry-after", seconds.to_string()),
        None => problem,
    }
}
