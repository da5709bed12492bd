//! How Google words a refusal: the error envelope of its APIs, old and new (dossier google §3), and the flat one of
//! its token endpoint (§1.5). Which refusal is due is decided where the call is.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::faults::RateBody;

/// What the calls to an API answer with.
pub(super) type Answered = Result<Value, Problem>;

/// A refusal.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    code: StatusCode,
    status: &'static str,
    reason: Option<(&'static str, &'static str)>,
    message: String,
    details: Vec<Value>,
    challenge: Option<&'static str>,
}

impl Problem {
    fn of(code: StatusCode, status: &'static str, message: impl Into<String>) -> Self {
        Self { code, status, reason: None, message: message.into(), details: Vec::new(), challenge: None }
    }

    /// 400 of the newer APIs.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
    }

    /// 400 with a reason, as the older APIs have it.
    pub(super) fn bad(reason: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(message).reason(reason)
    }

    /// 403 without a reason.
    pub(super) fn denied(message: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message)
    }

    /// 404.
    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    /// 409, 410, 412 and others that are rare.
    pub(super) fn other(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self::of(StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST), status, message)
    }

    /// 429 of the newer APIs.
    pub(super) fn exhausted(message: impl Into<String>) -> Self {
        Self::of(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", message)
    }

    /// 500.
    pub(super) fn internal() -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "Internal error encountered.").reason("backendError")
    }

    /// 401: no token at all.
    pub(super) fn no_credentials() -> Self {
        let message = "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
        let mut problem = Self::of(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message).info("CREDENTIALS_MISSING");
        problem.reason = Some(("required", "global"));
        problem.challenge = Some(r#"Bearer realm="https://accounts.google.com/""#);
        problem
    }

    /// 401: a token that is unknown, expired or revoked.
    pub(super) fn bad_token() -> Self {
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
        let mut problem = Self::of(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message).info("ACCESS_TOKEN_INVALID");
        problem.reason = Some(("authError", "global"));
        problem.challenge = Some(r#"Bearer realm="https://accounts.google.com/", error="invalid_token""#);
        problem
    }

    /// 403: the token is good, its scopes do not suffice.
    pub(super) fn scope() -> Self {
        let message = "Request had insufficient authentication scopes.";
        let mut problem =
            Self::denied(message).reason("insufficientPermissions").info("ACCESS_TOKEN_SCOPE_INSUFFICIENT");
        problem.challenge = Some(r#"Bearer realm="https://accounts.google.com/", error="insufficient_scope""#);
        problem
    }

    /// 403: the operator did not switch the API on.
    pub(super) fn disabled(service: &str) -> Self {
        let message = format!(
            "{service} has not been used in project 1 before or it is disabled. Enable it, then retry. If you enabled this API recently, wait a few minutes."
        );
        let mut problem = Self::denied(message).info("SERVICE_DISABLED");
        problem.reason = Some(("accessNotConfigured", "usageLimits"));
        problem
    }

    /// The same with `errors[].reason`.
    pub(super) fn reason(mut self, reason: &'static str) -> Self {
        self.reason = Some((reason, "global"));
        self
    }

    /// The same with another `errors[].domain`.
    pub(super) fn domain(mut self, domain: &'static str) -> Self {
        self.reason = self.reason.map(|(reason, _)| (reason, domain));
        self
    }

    /// The same with `google.rpc.ErrorInfo`.
    pub(super) fn info(self, reason: &str) -> Self {
        self.detail(json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
            "domain": "googleapis.com", "metadata": {}}))
    }

    /// The same with a detail.
    pub(super) fn detail(mut self, detail: Value) -> Self {
        self.details.push(detail);
        self
    }

    /// 400: a member that the request's type does not have.
    pub(super) fn unknown_field(name: &str) -> Self {
        let message = format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
        let violations = json!([{"description": message}]);
        Self::invalid(message)
            .detail(json!({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut error = json!({"code": self.code.as_u16(), "message": self.message, "status": self.status});
        if let Some((reason, domain)) = self.reason {
            error["errors"] = json!([{"message": self.message, "domain": domain, "reason": reason}]);
        }
        if !self.details.is_empty() {
            error["details"] = self.details.into();
        }
        let mut answer = (self.code, Json(json!({"error": error}))).into_response();
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
        if let Some(challenge) = self.challenge {
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        answer
    }
}

/// A refusal of the token endpoint (§1.5).
pub(super) fn oauth(code: u16, error: &str, description: &str) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"error": error, "error_description": description});
    (code, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// How a fault of the kind `rate_limited` is worded: the newer 429, plain text, or the older 403.
pub(super) fn rate_limited(_now_ms: i64, retry_after_s: u64, body: RateBody) -> Response {
    let mut answer = match body {
        RateBody::Plain => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests").into_response(),
        RateBody::Problem => Problem::exhausted(
            "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'googleapis.com'.",
        )
        .reason("rateLimitExceeded")
        .detail(json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{retry_after_s}s")}))
        .into_response(),
        RateBody::Legacy => Problem::denied("User Rate Limit Exceeded")
            .reason("userRateLimitExceeded")
            .domain("usageLimits")
            .into_response(),
    };
    if let Ok(seconds) = HeaderValue::from_str(&retry_after_s.to_string()) {
        answer.headers_mut().insert("retry-after", seconds);
    }
    answer
}
