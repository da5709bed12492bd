//! Refusals of the REST API: a status, Discord's code, its sentence, and the tree of what is wrong with a form (dossier §12). The limits
//! that a test plans are here too.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::faults::{FaultKind, RateBody};

/// Refusals that a careful client meets too, because somebody else changed the world in between, or took something away.
const NOBODYS_FAULT: [u32; 19] = [
    0, 10003, 10004, 10008, 10013, 10015, 10062, 10063, 20016, 20028, 30034, 30046, 40003, 50001, 50007, 50013, 50027,
    50083, 160_004,
];

/// Why a call was refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: u32,
    pub(super) message: String,
    pub(super) errors: Option<Value>,
    pub(super) is_excused: bool,
}

impl Refusal {
    /// With Discord's code for it.
    pub(super) fn new(code: u32) -> Self {
        let (status, message) = about(code);
        Self { status, code, message: message.to_owned(), errors: None, is_excused: NOBODYS_FAULT.contains(&code) }
    }

    /// A status alone: `401: Unauthorized` and the like.
    pub(super) fn status(status: StatusCode) -> Self {
        let message = format!("{}: {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
        Self { status, code: 0, message, errors: None, is_excused: status == StatusCode::UNAUTHORIZED }
    }

    /// The body.
    pub(super) fn json(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }

    /// One line for the list of violations.
    pub(super) fn line(&self, what: &str) -> String {
        match &self.errors {
            Some(errors) => format!("{what}: {} {errors}", self.code),
            None => format!("{what}: {} {}", self.code, self.message),
        }
    }
}

fn about(code: u32) -> (StatusCode, &'static str) {
    const MISSING: StatusCode = StatusCode::NOT_FOUND;
    const DENIED: StatusCode = StatusCode::FORBIDDEN;
    const BAD: StatusCode = StatusCode::BAD_REQUEST;
    match code {
        10003 => (MISSING, "Unknown Channel"),
        10004 => (MISSING, "Unknown Guild"),
        10002 => (MISSING, "Unknown Application"),
        10007 => (MISSING, "Unknown Member"),
        10008 => (MISSING, "Unknown Message"),
        10013 => (MISSING, "Unknown User"),
        10014 => (BAD, "Unknown Emoji"),
        10015 => (MISSING, "Unknown Webhook"),
        10062 => (MISSING, "Unknown interaction"),
        10063 => (MISSING, "Unknown application command"),
        20012 => (DENIED, "You are not authorized to perform this action on this application"),
        20016 => (BAD, "This action cannot be performed due to slowmode rate limit."),
        30034 => (BAD, "Max number of daily application command creates has been reached (200)"),
        30046 => (BAD, "Maximum number of edits to messages older than 1 hour reached. Try again later."),
        40003 => (StatusCode::TOO_MANY_REQUESTS, "You are opening direct messages too fast."),
        40005 => (StatusCode::PAYLOAD_TOO_LARGE, "Request entity too large"),
        40060 => (BAD, "Interaction has already been acknowledged."),
        40094 => (BAD, "This interaction has reached the maximum number of follow up messages"),
        40333 => (DENIED, "internal network error"),
        50001 => (DENIED, "Missing Access"),
        50003 => (DENIED, "Cannot execute action on a DM channel"),
        50005 => (DENIED, "Cannot edit a message authored by another user"),
        50006 => (BAD, "Cannot send an empty message"),
        50007 => (DENIED, "Cannot send messages to this user"),
        50013 => (DENIED, "Missing Permissions"),
        50024 => (BAD, "Cannot execute action on this channel type"),
        50027 => (StatusCode::UNAUTHORIZED, "Invalid Webhook Token"),
        50035 => (BAD, "Invalid Form Body"),
        50083 => (BAD, "Thread is archived"),
        50109 => (BAD, "The request body contains invalid JSON."),
        160_002 => (BAD, "Cannot reply without permission to read message history"),
        160_004 => (BAD, "A thread has already been created for this message"),
        _ => (BAD, "General error"),
    }
}

/// What is wrong with a form, collected field by field.
#[derive(Clone, Debug, Default)]
pub(super) struct Form(Map<String, Value>);

impl Form {
    /// Notes a fault at a path such as `embeds.0.title`.
    pub(super) fn fault(&mut self, path: &str, code: &str, message: impl Into<String>) {
        let mut at = &mut self.0;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let next = at.entry(part.to_owned()).or_insert_with(|| json!({}));
            let Value::Object(next) = next else { return };
            at = next;
        }
        let list = at.entry("_errors").or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!({ "code": code, "message": message.into() }));
        }
    }

    /// A field that must be there.
    pub(super) fn required(&mut self, path: &str) {
        self.fault(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    /// A text longer than it may be.
    pub(super) fn too_long(&mut self, path: &str, max: usize) {
        self.fault(path, "BASE_TYPE_MAX_LENGTH", format!("Must be {max} or fewer in length."));
    }

    /// A number of things outside of its bounds.
    pub(super) fn bad_length(&mut self, path: &str, min: usize, max: usize) {
        self.fault(path, "BASE_TYPE_BAD_LENGTH", format!("Must be between {min} and {max} in length."));
    }

    /// A word or number that is not one of these.
    pub(super) fn choice(&mut self, path: &str, allowed: &str) {
        self.fault(path, "BASE_TYPE_CHOICES", format!("Value must be one of {{{allowed}}}."));
    }

    /// A value of another type.
    pub(super) fn wrong_type(&mut self, path: &str, wanted: &str) {
        self.fault(path, "BASE_TYPE_BAD_TYPE", format!("Value must be {wanted}."));
    }

    /// Refuses when anything is wrong.
    pub(super) fn verdict(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut refusal = Refusal::new(50035);
        refusal.errors = Some(Value::Object(self.0));
        Err(refusal)
    }

    /// One fault at once.
    pub(super) fn one(path: &str, code: &str, message: &str) -> Refusal {
        let mut form = Self::default();
        form.fault(path, code, message);
        form.verdict().err().unwrap_or_else(|| Refusal::new(50035))
    }
}

/// Exactly `application/json`: discord.py reads nothing else (dossier §14).
pub(super) fn api_json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Who shares a limit that was hit (dossier §10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This bot, on this route.
    User,
    /// This bot, everywhere.
    Global,
    /// Everybody who writes to this resource.
    Shared,
}

impl Scope {
    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Global => "global",
            Self::Shared => "shared",
        }
    }

    /// Headers and body of a 429.
    pub(super) fn parts(self, retry_after_ms: u64) -> (BTreeMap<String, String>, Value) {
        let seconds = retry_after_ms.div_ceil(1_000).max(1);
        let exact = u32::try_from(retry_after_ms).map_or(f64::MAX, |ms| f64::from(ms) / 1_000.0);
        let mut headers = BTreeMap::from([
            ("retry-after".to_owned(), seconds.to_string()),
            ("x-ratelimit-scope".to_owned(), self.word().to_owned()),
        ]);
        if self == Self::Global {
            headers.insert("x-ratelimit-global".to_owned(), "true".to_owned());
        }
        let global = self == Self::Global;
        let what =
            if self == Self::Shared { "The resource is being rate limited." } else { "You are being rate limited." };
        (headers, json!({ "message": what, "retry_after": exact, "global": global, "code": 0 }))
    }
}

/// A fault that answers 429 with what Discord says then, exact to the millisecond.
#[must_use]
pub fn limited(scope: Scope, retry_after_ms: u64) -> FaultKind {
    let (headers, body) = scope.parts(retry_after_ms);
    FaultKind::Status { status: 429, body: body.to_string(), headers }
}

/// A 429 that a test planned in whole seconds: `problem` is the user's, `legacy` the shared one, `plain` what stands before Discord says.
pub(super) fn planned_limit(_now_ms: i64, seconds: u64, body: RateBody) -> Response {
    let scope = match body {
        RateBody::Plain => {
            return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())], "error code: 1015")
                .into_response();
        }
        RateBody::Problem => Scope::User,
        RateBody::Legacy => Scope::Shared,
    };
    let (headers, body) = scope.parts(seconds.saturating_mul(1_000));
    let mut answer = api_json(StatusCode::TOO_MANY_REQUESTS, &body);
    put(answer.headers_mut(), &headers);
    answer
}

/// Sets headers from plain words.
pub(super) fn put(headers: &mut HeaderMap, more: &BTreeMap<String, String>) {
    for (name, value) in more {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            headers.insert(name, value);
        }
    }
}
