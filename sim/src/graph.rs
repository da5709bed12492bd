//! What Meta's Graph-like APIs share: parameters from query and form, the error envelope, cursors' page
//! frame, and `signed_request`. What one network refuses or returns is that network's own folder.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::chance::secret;
use crate::faults::RateBody;
use crate::sign::hmac;

/// One call: query, form or JSON fields together, and the bearer if it came as a header.
#[derive(Clone, Debug, Default)]
pub struct Call {
    pairs: Vec<(String, String)>,
    bearer: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(query).into_owned().collect();
        let header = |headers: &HeaderMap, name: HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let is_json = header(request.headers(), CONTENT_TYPE).starts_with("application/json");
        let bearer = header(request.headers(), AUTHORIZATION).strip_prefix("Bearer ").map(str::to_owned);
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        if is_json && !body.is_empty() {
            let read: Value = serde_json::from_slice(&body)
                .map_err(|_| GraphError::param("The request body is not valid JSON").into_response())?;
            for (name, value) in read.as_object().into_iter().flatten() {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                pairs.push((name.clone(), text));
            }
        } else {
            pairs.extend(url::form_urlencoded::parse(&body).into_owned());
        }
        Ok(Self { pairs, bearer })
    }
}

impl Call {
    /// The first value of a parameter; an empty one counts as absent, as on Graph.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// Code 100 when it is not.
    pub fn needed(&self, name: &str) -> Result<&str, GraphError> {
        self.one(name).ok_or_else(|| GraphError::param(&format!("The parameter {name} is required.")))
    }

    /// The values of a parameter with commas; what stands in braces behind a field narrows it and is left out.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let (mut depth, mut flat) = (0_u32, String::new());
        for c in self.one(name).unwrap_or_default().chars() {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                other if depth == 0 => flat.push(other),
                _ => {}
            }
        }
        flat.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// `true`, `1` and their like.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.one(name), Some("true" | "True" | "1"))
    }

    /// A whole number.
    ///
    /// # Errors
    /// Code 100 when it is none.
    pub fn number(&self, name: &str) -> Result<Option<i64>, GraphError> {
        self.one(name)
            .map(|text| text.parse().map_err(|_| GraphError::param(&format!("Param {name} must be an integer"))))
            .transpose()
    }

    /// Parameters that came outside of query and body, a form in parts for example.
    #[must_use]
    pub fn of_pairs(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, bearer: None }
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The access token, from the parameter or the header.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.one("access_token").or(self.bearer.as_deref())
    }
}

/// A refusal in the Graph envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    status: StatusCode,
    kind: &'static str,
    code: i64,
    subcode: Option<i64>,
    message: String,
    user: Option<(&'static str, String)>,
}

impl GraphError {
    /// HTTP 400, which almost all of them are.
    #[must_use]
    pub fn new(code: i64, message: &str) -> Self {
        let (status, kind) = (StatusCode::BAD_REQUEST, "OAuthException");
        Self { status, kind, code, subcode: None, message: message.to_owned(), user: None }
    }

    /// Code 100: a parameter is wrong.
    #[must_use]
    pub fn param(message: &str) -> Self {
        Self { kind: "THApiException", ..Self::new(100, message) }
    }

    /// The same with a subcode.
    #[must_use]
    pub fn subcode(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// The same with what a person may be told: title and sentence.
    #[must_use]
    pub fn told(mut self, title: &'static str, sentence: &str) -> Self {
        self.user = Some((title, sentence.to_owned()));
        self
    }

    /// The same, where its type was the general one of a wrong parameter, with the type as Instagram names it.
    #[must_use]
    pub fn of_instagram(mut self) -> Self {
        if self.kind == "THApiException" {
            self.kind = "IGApiException";
        }
        self
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The body, for faults that script it.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut error = json!({"message": self.message, "type": self.kind, "code": self.code,
            "is_transient": matches!(self.code, 1 | 2 | 4 | 17 | 32 | 613), "fbtrace_id": secret("A")});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if let Some((title, sentence)) = &self.user {
            error["error_user_title"] = (*title).into();
            error["error_user_msg"] = sentence.as_str().into();
        }
        json!({"error": error})
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}

/// How Meta words "too much": code 4 of the app, 32 of the page in the older spelling, or plain 429.
pub fn rate_limited(_now_ms: i64, retry_after_s: u64, body: RateBody) -> Response {
    let mut answer = match body {
        RateBody::Plain => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests").into_response(),
        RateBody::Problem => GraphError::new(4, "Application request limit reached").into_response(),
        RateBody::Legacy => GraphError::new(32, "Page request limit reached").into_response(),
    };
    let minutes = retry_after_s.div_ceil(60);
    let usage = json!({"call_count": 100, "total_cputime": 10, "total_time": 10,
        "estimated_time_to_regain_access": minutes});
    if let Ok(usage) = HeaderValue::from_str(&usage.to_string()) {
        answer.headers_mut().insert("x-app-usage", usage);
    }
    answer
}

/// `signed_request` as the uninstall and deletion callbacks carry it (dossier instagram §8).
#[must_use]
pub fn signed_request(app_secret: &str, user_id: &str, issued_at: i64) -> String {
    // The dossier's vector is of this form, keys in this order.
    let payload = format!(r#"{{"algorithm":"HMAC-SHA256","issued_at":{issued_at},"user_id":"{user_id}"}}"#);
    let payload = URL_SAFE_NO_PAD.encode(payload);
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode(hmac(app_secret, payload.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_published_vector() {
        let wanted = "GearJCnHj-vaLz0LKcPIFYLbuT4TdJI486Aw_KtdlrA.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTQzMDQwMCwidXNlcl9pZCI6IjE3ODQxNDAwMDAwMDAwMDAxIn0";
        assert_eq!(signed_request("test_app_secret", "17841400000000001", 1_795_430_400), wanted);
    }
}
