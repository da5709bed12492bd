//! What answers of Meta's Graph say whatever the network: the envelope, evidence, waits, hours. The tables of codes are each network's own.

use http::HeaderMap;

use super::graph::Tongue;
use super::wire::{Envelope, Made, Problem, is_id};
use crate::domain::commit::{CallFault, RefusedClass};
use crate::http_out::{Answer, OutFault};

/// How much of a body is kept as evidence.
const EVIDENCE_BYTES: usize = 2048;
/// The longest wait that is believed: quotas roll over a day.
const WAIT_MS_MAX: i64 = 25 * 60 * 60 * 1000;
/// Where Meta says how much was used, and how long nothing more is taken.
const USAGE: [&str; 2] = ["x-app-usage", "x-business-use-case-usage"];

/// What an answer to the call that shows something means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::platforms) enum Verdict {
    /// Published, with the network's id.
    Accepted(String),
    /// Not published, and documented so.
    Refused(RefusedClass),
    /// May or may not be published.
    Unknown,
}

/// Judges an answer to the call that shows something.
pub(in crate::platforms) fn verdict(answer: &Answer, tongue: &Tongue) -> Verdict {
    if (200..300).contains(&answer.status) {
        return match serde_json::from_slice::<Made>(&answer.body) {
            Ok(Made { id }) if is_id(&id.0) => Verdict::Accepted(id.0),
            Ok(_) | Err(_) => Verdict::Unknown,
        };
    }
    (tongue.refusal)(answer).map_or(Verdict::Unknown, Verdict::Refused)
}

/// Who waits for a call that may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::platforms) enum Waiting {
    /// A queue, which can try again for hours: everything that may pass is "later".
    Queue,
    /// A person in front of a page, who needs a sentence now.
    Person,
}

/// What a failed read, container or removal means: plain retry for everything that is no refusal.
pub(super) fn call_fault(answer: &Answer, waiting: Waiting, tongue: &Tongue) -> CallFault {
    let why = evidence(answer.status, &answer.body);
    match (tongue.refusal)(answer) {
        Some(RefusedClass::Later { after_ms }) => CallFault::Later { after_ms, why },
        Some(RefusedClass::Unauthorized) => CallFault::Unauthorized { why },
        Some(RefusedClass::Blocked(what)) => CallFault::Blocked(what),
        Some(RefusedClass::Spent) => match waiting {
            Waiting::Queue => CallFault::Later { after_ms: None, why },
            Waiting::Person => CallFault::Refused((tongue.gone)()),
        },
        Some(RefusedClass::Permanent(what) | RefusedClass::AppStopped(what)) => CallFault::Refused(what),
        Some(RefusedClass::PrepareAgain | RefusedClass::Duplicate) | None => CallFault::Later { after_ms: None, why },
    }
}

/// A call without an answer.
pub(super) fn lost(fault: OutFault) -> CallFault {
    CallFault::Later { after_ms: None, why: fault.to_string() }
}

/// Status and the first 2 kB, for people.
pub(in crate::platforms) fn evidence(status: u16, body: &[u8]) -> String {
    let kept = &body[..body.len().min(EVIDENCE_BYTES)];
    format!("HTTP {status} {}", String::from_utf8_lossy(kept).trim())
}

/// The problem in an answer, if it is in Graph's envelope.
pub(in crate::platforms) fn problem(body: &[u8]) -> Option<Problem> {
    serde_json::from_slice::<Envelope>(body).ok().map(|envelope| envelope.error)
}

/// How long to wait: `Retry-After`, or the minutes until Meta takes calls again (instagram.md §4; on Threads' hosts unverified).
pub(in crate::platforms) fn wait_ms(headers: &HeaderMap) -> Option<i64> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let retry_after = text("retry-after").and_then(|value| value.parse::<i64>().ok()).map(|s| s.saturating_mul(1000));
    let usage = USAGE.into_iter().filter_map(|name| serde_json::from_str(text(name)?).ok()).filter_map(|u| minutes(&u));
    let minutes = usage.max().map(|minutes| minutes.saturating_mul(60_000));
    let longest = [retry_after, minutes].into_iter().flatten().max();
    longest.map(|ms| ms.clamp(0, WAIT_MS_MAX))
}

/// The longest wait in a usage header: flat, or one row for each kind of use of each account.
fn minutes(usage: &serde_json::Value) -> Option<i64> {
    match usage {
        serde_json::Value::Object(map) => {
            let own = map.get("estimated_time_to_regain_access").and_then(serde_json::Value::as_i64);
            own.into_iter().chain(map.values().filter_map(minutes)).max()
        }
        serde_json::Value::Array(rows) => rows.iter().filter_map(minutes).max(),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_where_they_are_named() {
        let headers = |pairs: &[(&'static str, &str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
        };
        assert_eq!(wait_ms(&headers(&[("retry-after", "30")])), Some(30_000));
        let usage = r#"{"call_count":100,"estimated_time_to_regain_access":2}"#;
        assert_eq!(wait_ms(&headers(&[("retry-after", "30"), ("x-app-usage", usage)])), Some(120_000));
        assert_eq!(wait_ms(&headers(&[("x-app-usage", "{")])), None);
        assert_eq!(wait_ms(&headers(&[("retry-after", "99999999999999")])), Some(WAIT_MS_MAX));
        let business = r#"{"178":[{"type":"instagram","call_count":28,"estimated_time_to_regain_access":0},
            {"type":"pages","estimated_time_to_regain_access":7}]}"#
            .replace('\n', "");
        assert_eq!(wait_ms(&headers(&[("x-business-use-case-usage", &business)])), Some(420_000));
        assert_eq!(wait_ms(&headers(&[("x-business-use-case-usage", "[]")])), None);
    }
}
