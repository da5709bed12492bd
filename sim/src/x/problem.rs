//! X's error bodies, word for word where the dossier has them.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::faults::{FaultKind, RateBody};

/// An answer that says no.
#[derive(Clone, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// JSON body.
    pub body: Value,
}

/// Text of the 403 for identical recent text.
pub const DUPLICATE: &str = "You are not allowed to create a Tweet with duplicate content.";
/// Text of the 403 that covers too long, replies not allowed, a deleted parent and more.
pub const NOT_PERMITTED: &str = "You are not permitted to perform this action.";
/// Text of the 400 for unfinished, expired, foreign or unknown media.
pub const MEDIA_INVALID: &str = "Your media IDs are invalid.";
/// Text of the 403 for more than one cashtag.
pub const CASHTAGS: &str = "Your post contains more than the maximum of one cashtag.";
/// Text of the 403 for features outside the plan.
pub const FEATURE: &str = "Your account is not permitted to access this feature";

impl Problem {
    /// Shape (b): invalid request with an `errors` list.
    #[must_use]
    pub fn invalid(message: &str, field: &str, value: &str) -> Self {
        let parameters = if field.is_empty() { json!({}) } else { json!({field: [value]}) };
        let body = json!({
            "errors": [{"parameters": parameters, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": "https://api.x.com/2/problems/invalid-request",
        });
        Self { status: StatusCode::BAD_REQUEST, body }
    }

    /// Shape (b) with its own detail, for refusals that clients recognise by text.
    #[must_use]
    pub fn invalid_detail(detail: &str) -> Self {
        let mut problem = Self::invalid(detail, "", "");
        if let Some(slot) = problem.body.get_mut("detail") {
            *slot = detail.into();
        }
        problem
    }

    /// Shape (a), 403.
    #[must_use]
    pub fn forbidden(detail: &str) -> Self {
        Self::blank(StatusCode::FORBIDDEN, "Forbidden", detail)
    }

    /// 401 for missing, unknown, expired or revoked access tokens.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::blank(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized")
    }

    /// 403 for an app-only token on a user endpoint.
    #[must_use]
    pub fn wrong_token_kind() -> Self {
        let body = json!({
            "title": "Unsupported Authentication",
            "detail": "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
            "type": "https://api.x.com/2/problems/unsupported-authentication",
            "status": 403,
        });
        Self { status: StatusCode::FORBIDDEN, body }
    }

    /// The entry or answer for something that is not there.
    #[must_use]
    pub fn not_found(kind: &str, parameter: &str, id: &str) -> Self {
        let detail = format!("Could not find {kind} with {parameter}: [{id}].");
        let body = json!({
            "value": id, "detail": detail, "title": "Not Found Error", "resource_type": kind,
            "parameter": parameter, "resource_id": id,
            "type": "https://api.x.com/2/problems/resource-not-found",
        });
        Self { status: StatusCode::NOT_FOUND, body }
    }

    /// 503, when the simulator's own disk refuses.
    #[must_use]
    pub fn internal() -> Self {
        Self::blank(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable", "Service Unavailable")
    }

    /// An OAuth error: shape (d).
    #[must_use]
    pub fn oauth(status: StatusCode, error: &str, description: &str) -> Self {
        Self { status, body: json!({"error": error, "error_description": description}) }
    }

    fn blank(status: StatusCode, title: &str, detail: &str) -> Self {
        let body = json!({"title": title, "type": "about:blank", "status": status.as_u16(), "detail": detail});
        Self { status, body }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let problem = self.body.get("type").is_some();
        let mut answer = (self.status, self.body.to_string()).into_response();
        let kind = if problem { "application/problem+json" } else { "application/json; charset=utf-8" };
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        answer
    }
}

/// X's 429 in one of the bodies seen, with the headers that say when to come back.
#[must_use]
pub fn rate_limited(now_ms: i64, retry_after_s: u64, body: RateBody) -> Response {
    let reset_s = now_ms.div_euclid(1000).saturating_add_unsigned(retry_after_s);
    let mut answer = rate_body(body);
    for (name, value) in [("x-rate-limit-limit", 100), ("x-rate-limit-remaining", 0), ("x-rate-limit-reset", reset_s)] {
        answer.headers_mut().insert(name, HeaderValue::from(value));
    }
    answer
}

/// The 429 alone, without headers.
#[must_use]
pub fn rate_body(body: RateBody) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    match body {
        RateBody::Plain => (status, "Too Many Requests").into_response(),
        RateBody::Problem => Problem::blank(status, "Too Many Requests", "Too Many Requests").into_response(),
        RateBody::Legacy => {
            let body = json!({"errors": [{"code": 88, "message": "Rate limit exceeded"}]});
            Problem { status, body }.into_response()
        }
    }
}

/// The two bodies that 402 has been seen with, as ready faults.
#[must_use]
pub fn credits_used_up() -> [FaultKind; 2] {
    let bodies = [
        json!({"title": "CreditsDepleted", "detail": "Your enrolled account does not have any credits", "type": "https://api.x.com/2/problems/credits"}),
        json!({"title": "Payment Required", "status": 402, "detail": "credits depleted", "type": "https://api.x.com/2/problems/credits-depleted"}),
    ];
    bodies.map(|body| FaultKind::Status { status: 402, body: body.to_string(), headers: Default::default() })
}
