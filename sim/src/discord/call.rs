//! One call of the REST API as the routes see it, and what they answer.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::Value;

use super::body::Body;
use super::refusal::Refusal;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// Nobody who said so.
    Nobody,
    /// The app's bot.
    Bot,
    /// The app for a person, with these scopes.
    Person { user: String, scopes: Vec<String> },
}

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) params: BTreeMap<String, String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) body: Body,
    pub(super) caller: Caller,
    pub(super) authorization: Option<String>,
    pub(super) now_ms: i64,
}

impl Call {
    /// A part of the path.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A yes in the query.
    pub(super) fn says(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|word| matches!(word.as_str(), "true" | "1" | "True"))
    }

    pub(super) fn json(&self) -> &Value {
        &self.body.json
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Option<Value>,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body) }
    }

    pub(super) fn created(body: Value) -> Self {
        Self { status: StatusCode::CREATED, body: Some(body) }
    }

    pub(super) fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None }
    }
}

/// What a route answers.
pub(super) type Answered = Result<Reply, Refusal>;
