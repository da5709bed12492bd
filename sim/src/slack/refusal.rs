//! Refusals of the Web API: HTTP 200 with `ok: false`, and whether a careful client would have met them (dossier §1, §7).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::faults::RateBody;

/// Refusals that a careful client meets too, because somebody else changed the world in between.
const NOBODYS_FAULT: [&str; 26] = [
    "account_inactive",
    "already_reacted",
    "bad_client_secret",
    "channel_not_found",
    "code_already_used",
    "expired_trigger_id",
    "hash_conflict",
    "invalid_auth",
    "invalid_code",
    "invalid_refresh_token",
    "is_archived",
    "message_not_found",
    "messages_tab_disabled",
    "missing_scope",
    "no_reaction",
    "not_authed",
    "not_in_channel",
    "rate_limited",
    "ratelimited",
    "stopped_by_user",
    "thread_not_found",
    "token_expired",
    "token_revoked",
    "user_not_found",
    "user_not_in_channel",
    "view_closed",
];

/// Why a call was refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) error: String,
    pub(super) more: Map<String, Value>,
    pub(super) is_excused: bool,
    pub(super) retry_after_s: Option<i64>,
}

impl Refusal {
    /// With Slack's word for it.
    pub(super) fn new(error: &str) -> Self {
        Self {
            error: error.to_owned(),
            more: Map::new(),
            is_excused: NOBODYS_FAULT.contains(&error),
            retry_after_s: None,
        }
    }

    /// With `response_metadata.messages`.
    pub(super) fn telling(error: &str, messages: &[String]) -> Self {
        Self::new(error).with("response_metadata", json!({ "messages": messages }))
    }

    /// `invalid_arguments` with one message.
    pub(super) fn arguments(message: &str) -> Self {
        Self::telling("invalid_arguments", &[format!("[ERROR] {message}")])
    }

    /// With one more field.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// Not the client's fault this time.
    pub(super) fn excused(mut self) -> Self {
        self.is_excused = true;
        self
    }

    /// 429 (dossier §13).
    pub(super) fn limited(retry_after_s: i64) -> Self {
        Self { retry_after_s: Some(retry_after_s), ..Self::new("ratelimited") }
    }

    /// One line for the list of violations.
    pub(super) fn line(&self, method: &str) -> String {
        match self.more.get("response_metadata").and_then(|meta| meta.get("messages")) {
            Some(messages) => format!("{method}: {} {messages}", self.error),
            None => format!("{method}: {}", self.error),
        }
    }

    /// The answer.
    pub(super) fn into_response(self) -> Response {
        let mut body = Map::from_iter([("ok".to_owned(), json!(false)), ("error".to_owned(), json!(self.error))]);
        body.extend(self.more);
        let mut answer = api_json(&Value::Object(body));
        if let Some(seconds) = self.retry_after_s {
            *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

/// JSON as Slack sends it: another content type makes some clients read nothing (dossier §18).
pub(super) fn api_json(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

/// A 429 that a test planned.
pub(super) fn planned_limit(_now_ms: i64, seconds: u64, body: RateBody) -> Response {
    match body {
        RateBody::Plain => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())], "Too many requests")
                .into_response()
        }
        RateBody::Problem | RateBody::Legacy => {
            Refusal::limited(i64::try_from(seconds).unwrap_or(i64::MAX)).into_response()
        }
    }
}
