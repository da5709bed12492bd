//! One call of a Google API in the name of an account: the token, one renewal when it is refused, and at most two more tries (platforms/google.md
//! §3). What the answer says is read by whoever asked.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, RETRY_AFTER};
use http::{HeaderMap, Method};
use serde_json::Value;
use url::Url;

use super::Google;
use super::tokens::NoAccess;
use crate::domain::google::{Feature, Login};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::http_out::{Answer, OutFault, bearer};
use crate::say;

/// Each 500 counts against a property, ten an hour (§6): more tries would lock it.
const TRIES_MAX: u32 = 3;
/// The first wait; each next one is twice as long, with chance in it.
const WAIT: Duration = Duration::from_millis(400);
/// Who must wait longer is told so instead.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// How much of Google's own words is kept.
const WHY_CHARS: usize = 300;

/// A call that only reads.
#[derive(Debug, Clone)]
pub struct ApiCall {
    /// GET or POST.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// JSON, for POST.
    pub body: Option<Value>,
    /// What permission it takes.
    pub feature: Feature,
    /// The largest answer that is read.
    pub bytes_max: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiFault {
    /// The person must connect the account again.
    #[error("the account must be connected again")]
    Reconnect,
    /// The permission is missing: it can be given without anything else being lost.
    #[error("the permission is missing")]
    NoPermission,
    /// The operator has not switched the API on.
    #[error("the API is not enabled: {0}")]
    NotEnabled(String),
    /// A quota is used up; true when it is one of the day.
    #[error("a quota is used up (of the day: {0}): {1}")]
    Quota(bool, String),
    /// The person may not see this property or site (any more), or it is gone.
    #[error("no access: {0}")]
    NoAccess(String),
    /// Google does not understand what was asked.
    #[error("not understood: {0}")]
    BadRequest(String),
    /// There is an answer, and it is larger than is read.
    #[error("the answer is too large")]
    TooLarge,
    /// No answer just now.
    #[error("not now: {0}")]
    Unavailable(String),
}

impl ApiFault {
    /// As a sentence about what was asked for.
    #[must_use]
    pub fn told(&self, feature: Feature, login: &Login) -> ToolError {
        let name = feature.shown();
        let sentence: Sentence = match self {
            Self::Reconnect => say!("google-reconnect", email = &login.email),
            Self::NoPermission => say!("google-permission-missing", feature = name, email = &login.email),
            Self::NotEnabled(_) => say!("google-api-off", feature = name),
            Self::Quota(true, _) => say!("google-quota-day", feature = name),
            Self::Quota(false, _) => say!("google-quota-hour", feature = name),
            Self::NoAccess(_) => say!("google-no-access", feature = name, email = &login.email),
            Self::BadRequest(why) => say!("google-not-understood", feature = name, why = why),
            Self::TooLarge => say!("google-answer-large", feature = name),
            Self::Unavailable(_) => say!("google-unavailable", feature = name),
        };
        sentence.into()
    }
}

impl Google {
    /// Makes a call and gives its answer, which is one of success.
    ///
    /// # Errors
    /// As [`ApiFault`] says.
    pub async fn call(&self, login: &Login, call: &ApiCall) -> Result<Answer, ApiFault> {
        if !login.has(call.feature) {
            return Err(ApiFault::NoPermission);
        }
        let (mut refused, mut wait) = (None, WAIT);
        let mut tried = 0;
        loop {
            let access = self.access(login, refused).await.map_err(no_access)?;
            let answer = self.send(call, bearer(&access.token)).await;
            tried += 1;
            let (fault, after) = match answer {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                // Once: a token may have been revoked before its time (§1.4).
                Ok(answer) if answer.status == 401 && refused.is_none() => {
                    refused = Some(access.generation);
                    continue;
                }
                Ok(answer) => (fault(&answer), retry_after(&answer.headers)),
                Err(out) if out.is_too_large() => (ApiFault::TooLarge, None),
                Err(OutFault::NotSent(why) | OutFault::Lost(why)) => (ApiFault::Unavailable(why), None),
            };
            let pause = after.unwrap_or_else(|| wait.mul_f64(0.5 + self.chance() / 2.0));
            let may_pass = is_passing(&fault) || (after.is_some() && matches!(fault, ApiFault::Quota(false, _)));
            if !may_pass || tried >= TRIES_MAX || pause > WAIT_MAX {
                let why = match &fault {
                    // Google's own words name properties and addresses.
                    ApiFault::NoAccess(_) => "no access".to_owned(),
                    ApiFault::BadRequest(_) => "not understood".to_owned(),
                    fault => fault.to_string(),
                };
                tracing::warn!(account.id = %login.id, api = call.feature.word(), tries = tried, error = %why, "a Google API gave no answer");
                return Err(fault);
            }
            tokio::time::sleep(pause).await;
            wait *= 2;
        }
    }

    async fn send(&self, call: &ApiCall, bearer: Option<http::HeaderValue>) -> Result<Answer, OutFault> {
        let bearer = bearer.ok_or_else(|| OutFault::NotSent("the token is no header".into()))?;
        let request = self.out.request(call.method.clone(), call.url.clone());
        let request = request.header(AUTHORIZATION, bearer).header(ACCEPT, "application/json");
        let request = match &call.body {
            Some(body) => request.json(body),
            None => request,
        };
        self.out.send_within(request, call.bytes_max).await
    }

    /// 0 to 1.
    fn chance(&self) -> f64 {
        let mut byte = [0; 1];
        self.entropy.fill(&mut byte);
        f64::from(byte[0]) / 255.0
    }
}

fn no_access(why: NoAccess) -> ApiFault {
    match why {
        NoAccess::Reconnect(_) => ApiFault::Reconnect,
        NoAccess::Later(why) => ApiFault::Unavailable(why),
    }
}

/// Whether asking again may help. A quota of an hour or a day is not over in seconds, and asking counts.
fn is_passing(fault: &ApiFault) -> bool {
    match fault {
        ApiFault::Unavailable(_) => true,
        ApiFault::Reconnect
        | ApiFault::NoPermission
        | ApiFault::NotEnabled(_)
        | ApiFault::Quota(..)
        | ApiFault::NoAccess(_)
        | ApiFault::TooLarge
        | ApiFault::BadRequest(_) => false,
    }
}

/// `Retry-After` in seconds; as a date it is left alone.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// What a refusal means (§3): older APIs carry `errors[].reason`, newer ones `status` and `details`; either may be missing.
fn fault(answer: &Answer) -> ApiFault {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let error = &body["error"];
    let mut reasons: Vec<&str> =
        error["errors"].as_array().into_iter().flatten().filter_map(|e| e["reason"].as_str()).collect();
    reasons.extend(error["details"].as_array().into_iter().flatten().filter_map(|d| d["reason"].as_str()));
    let status = error["status"].as_str().unwrap_or_default();
    let message = error["message"].as_str().unwrap_or_default();
    let why: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WHY_CHARS).collect();
    let has = |words: &[&str]| reasons.iter().any(|reason| words.contains(reason));
    match answer.status {
        401 => ApiFault::Reconnect,
        400 => ApiFault::BadRequest(why),
        429 | 403 if has(&["quotaExceeded", "dailyLimitExceeded"]) => ApiFault::Quota(true, why),
        429 => ApiFault::Quota(message.contains("day") || message.contains("daily"), why),
        403 if has(&["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]) => ApiFault::NoPermission,
        403 if has(&["accessNotConfigured", "SERVICE_DISABLED"]) => ApiFault::NotEnabled(why),
        403 if has(&["rateLimitExceeded", "userRateLimitExceeded"]) || status == "RESOURCE_EXHAUSTED" => {
            ApiFault::Quota(false, why)
        }
        403 | 404 => ApiFault::NoAccess(why),
        other => ApiFault::Unavailable(format!("HTTP {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> ApiFault {
        fault(&Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() })
    }

    #[test]
    fn refusals_are_told_apart_whatever_shape_they_have() {
        let reason = |reason: &str| format!(r#"{{"error":{{"errors":[{{"reason":"{reason}"}}]}}}}"#);
        let detail = |reason: &str| {
            format!(r#"{{"error":{{"status":"PERMISSION_DENIED","details":[{{"reason":"{reason}"}}]}}}}"#)
        };
        let day =
            r#"{"error":{"code":429,"message":"Exhausted property tokens per day.","status":"RESOURCE_EXHAUSTED"}}"#;
        let hour =
            r#"{"error":{"code":429,"message":"Exhausted property tokens per hour.","status":"RESOURCE_EXHAUSTED"}}"#;
        assert_eq!(of(403, &detail("ACCESS_TOKEN_SCOPE_INSUFFICIENT")), ApiFault::NoPermission);
        assert_eq!(of(403, &reason("insufficientPermissions")), ApiFault::NoPermission);
        assert!(matches!(of(403, &detail("SERVICE_DISABLED")), ApiFault::NotEnabled(_)));
        assert!(matches!(of(403, &reason("quotaExceeded")), ApiFault::Quota(true, _)));
        assert!(matches!(of(403, &reason("userRateLimitExceeded")), ApiFault::Quota(false, _)));
        assert!(matches!(of(429, day), ApiFault::Quota(true, _)) && matches!(of(429, hour), ApiFault::Quota(false, _)));
        assert!(matches!(of(403, r#"{"error":{"status":"PERMISSION_DENIED"}}"#), ApiFault::NoAccess(_)));
        assert!(matches!(of(403, &reason("forbidden")), ApiFault::NoAccess(_)));
        assert_eq!(of(401, ""), ApiFault::Reconnect);
        assert!(
            matches!(of(502, "<html>"), ApiFault::Unavailable(_)) && matches!(of(302, ""), ApiFault::Unavailable(_))
        );
        assert_eq!(
            of(400, r#"{"error":{"message":"Did you\nmean country?"}}"#),
            ApiFault::BadRequest("Did you mean country?".into())
        );
    }
}
