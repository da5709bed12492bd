//! What a refusal of the service means (dossier §4): status and reason count, wording does not.

use serde_json::Value;

use crate::llm::ModelFault;

/// An answer that is no success. `retry_after` is that header's value.
pub(super) fn answered(status: u16, body: &[u8], retry_after: Option<&str>, model: &str) -> ModelFault {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    // On the streaming route the body is an array of one.
    let error = body.get(0).unwrap_or(&body)["error"].clone();
    classify(status, &error, retry_after, model)
}

/// An error in the middle of a stream.
pub(super) fn in_stream(error: &Value) -> ModelFault {
    let status = error["code"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(500);
    classify(status, error, None, "")
}

fn classify(status: u16, error: &Value, retry_after: Option<&str>, model: &str) -> ModelFault {
    let details = error["details"].as_array().map(Vec::as_slice).unwrap_or_default();
    let reason = details.iter().find_map(|detail| detail["reason"].as_str());
    // Only the service's own short words: its prose may repeat what was sent.
    let word =
        format!("{status} {} {}", error["status"].as_str().unwrap_or("–"), reason.unwrap_or("")).trim().to_owned();
    match status {
        400 if reason == Some("API_KEY_INVALID") => ModelFault::Key(word),
        401 | 403 => ModelFault::Key(word),
        404 => ModelFault::Gone(model.to_owned()),
        429 => ModelFault::Limited { wait_s: wait(details, retry_after), is_daily: is_daily(details) },
        408 | 500 | 502 | 503 | 504 => ModelFault::Busy(word),
        _ => ModelFault::NotTaken(word),
    }
}

/// `RetryInfo` first (`"37.5s"`), then the header; rounded up.
fn wait(details: &[Value], retry_after: Option<&str>) -> Option<u64> {
    let info = details.iter().find_map(|detail| detail["retryDelay"].as_str());
    let seconds = info.and_then(|delay| delay.trim_end_matches('s').parse::<f64>().ok());
    let seconds = seconds.or_else(|| retry_after.and_then(|text| text.parse().ok()));
    seconds.filter(|seconds| (0.0..1e7).contains(seconds)).map(|seconds| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at just above")]
        let whole = seconds.ceil() as u64;
        whole
    })
}

fn is_daily(details: &[Value]) -> bool {
    let violations = details.iter().filter_map(|detail| detail["violations"].as_array()).flatten();
    violations.filter_map(|violation| violation["quotaId"].as_str()).any(|id| id.contains("PerDay"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: u16, error: &Value) -> ModelFault {
        answered(status, json!({ "error": error }).to_string().as_bytes(), None, "m")
    }

    #[test]
    fn statuses_and_reasons_are_told_apart() {
        let invalid = json!({ "status": "INVALID_ARGUMENT", "details": [{ "reason": "API_KEY_INVALID" }] });
        assert_eq!(of(400, &invalid), ModelFault::Key("400 INVALID_ARGUMENT API_KEY_INVALID".into()));
        assert_eq!(of(404, &json!({})), ModelFault::Gone("m".into()));
        assert!(matches!(of(400, &json!({ "status": "FAILED_PRECONDITION" })), ModelFault::NotTaken(_)));
        assert!(matches!(of(503, &json!({})), ModelFault::Busy(_)));
        let limited = json!({ "details": [
            { "violations": [{ "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }] },
            { "retryDelay": "37.5s" },
        ] });
        assert_eq!(of(429, &limited), ModelFault::Limited { wait_s: Some(38), is_daily: true });
        assert_eq!(
            answered(429, b"[{\"error\":{}}]", Some("5"), "m"),
            ModelFault::Limited { wait_s: Some(5), is_daily: false }
        );
        assert_eq!(answered(429, b"oops", None, "m"), ModelFault::Limited { wait_s: None, is_daily: false });
    }
}
