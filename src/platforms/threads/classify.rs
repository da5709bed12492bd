//! What Threads' answers mean: the table of platforms/threads.md §4 as pure functions. Nothing here knows which post was meant;
//! `publish` adds that.

use http::HeaderMap;

use super::gone;
use super::wire::{Envelope, Made, Problem, is_id};
use crate::domain::commit::{CallFault, RefusedClass};
use crate::domain::refusal::Sentence;
use crate::http_out::{Answer, OutFault};
use crate::say;

/// How much of a body is kept as evidence.
const EVIDENCE_BYTES: usize = 2048;
/// How much of Threads' own words is shown in a sentence.
const DETAIL_CHARS: usize = 200;
/// The longest wait that is believed: the quotas of §4 roll over a day.
const WAIT_MS_MAX: i64 = 25 * 60 * 60 * 1000;
/// Something in the call is wrong, and will be wrong again (§4).
const PARAMETER: i64 = 100;
/// The container is not ready, lost, expired or used (§3.2, §4).
const NOT_THERE: i64 = 24;
/// Activity restricted: seen although the post was out (§4).
const RESTRICTED: i64 = 2_207_051;
/// The user is restricted and must act (§4).
const USER_RESTRICTED: i64 = 4_279_013;
/// "Object does not exist", in Graph's older wording.
const NO_OBJECT: i64 = 33;
/// Said of a media address that Threads could not fetch (§4).
const UNFETCHED: &str = "could not be fetched from this uri";

/// What an answer to `threads_publish` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Published, with Threads' id.
    Accepted(String),
    /// Not published, and documented so.
    Refused(RefusedClass),
    /// May or may not be published.
    Unknown,
}

/// Judges an answer to `threads_publish`.
pub(super) fn classify(status: u16, headers: &HeaderMap, body: &[u8]) -> Verdict {
    if (200..300).contains(&status) {
        return match serde_json::from_slice::<Made>(body) {
            Ok(Made { id }) if is_id(&id.0) => Verdict::Accepted(id.0),
            Ok(_) | Err(_) => Verdict::Unknown,
        };
    }
    refusal(status, headers, body).map_or(Verdict::Unknown, Verdict::Refused)
}

/// What a status other than 2xx documents, `None` where nothing is documented.
fn refusal(status: u16, headers: &HeaderMap, body: &[u8]) -> Option<RefusedClass> {
    let later = || Some(RefusedClass::Later { after_ms: wait_ms(headers) });
    if status == 429 {
        return later();
    }
    let Some(problem) = problem(body) else {
        return (status == 401).then_some(RefusedClass::Unauthorized);
    };
    // 5xx, and codes that only look like a refusal: what happened behind them is not known.
    if status >= 500 || problem.error_subcode == RESTRICTED || problem.code == RESTRICTED {
        return None;
    }
    if problem.code == USER_RESTRICTED || problem.error_subcode == USER_RESTRICTED {
        return Some(RefusedClass::Blocked(say!("threads-user-restricted")));
    }
    match problem.code {
        1 | 2 => None,
        4 | 17 | 32 | 613 => later(),
        NOT_THERE => Some(RefusedClass::Spent),
        190 => Some(RefusedClass::Unauthorized),
        368 => Some(RefusedClass::Blocked(say!("threads-blocked"))),
        10 | 200..=299 => Some(RefusedClass::Blocked(say!("threads-permission-missing"))),
        _ if problem.is_transient => None,
        PARAMETER if problem.error_subcode == NO_OBJECT => Some(RefusedClass::Permanent(gone())),
        PARAMETER => Some(RefusedClass::Permanent(named(&problem.message).unwrap_or_else(|| refused(&problem)))),
        // A code that no table has proves nothing: the container says what became of it.
        _ => named(&problem.message).map(RefusedClass::Permanent),
    }
}

/// The refusals that have a name of their own, whatever their code.
pub(super) fn named(message: &str) -> Option<Sentence> {
    let message = message.to_lowercase();
    if message.contains("threads_api__link_limit_exceeded") {
        Some(say!("threads-links-refused"))
    } else if message.contains("threads_api__feature_not_available") || message.contains("geo_gating") {
        Some(say!("threads-feature-missing"))
    } else if message.contains(UNFETCHED) {
        Some(say!("threads-media-unfetched"))
    } else {
        None
    }
}

fn refused(problem: &Problem) -> Sentence {
    say!("threads-refused", detail = problem.message.chars().take(DETAIL_CHARS).collect::<String>())
}

/// Whether a sentence says that Threads could not fetch a medium.
pub(super) fn is_unfetched(what: &Sentence) -> bool {
    what.key == "threads-media-unfetched"
}

/// Whether a sentence says that what was asked for is not there.
pub(super) fn is_gone(what: &Sentence) -> bool {
    *what == gone()
}

/// Whether a failed read of a container's status says that there is none on it: it is a published post by now (§5).
pub(super) fn is_published_already(answer: &Answer) -> bool {
    problem(&answer.body).is_some_and(|problem| {
        problem.code == PARAMETER && problem.message.to_lowercase().contains("nonexisting field (status)")
    })
}

/// Who waits for a call that may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A queue, which can try again for hours: everything that may pass is "later".
    Queue,
    /// A person in front of a page, who needs a sentence now.
    Person,
}

/// What a failed read, container or removal means: plain retry for everything that is no refusal.
pub(super) fn call_fault(answer: &Answer, waiting: Waiting) -> CallFault {
    let why = evidence(answer.status, &answer.body);
    match refusal(answer.status, &answer.headers, &answer.body) {
        Some(RefusedClass::Later { after_ms }) => CallFault::Later { after_ms, why },
        Some(RefusedClass::Unauthorized) => CallFault::Unauthorized { why },
        Some(RefusedClass::Blocked(what)) => CallFault::Blocked(what),
        Some(RefusedClass::Spent) => match waiting {
            Waiting::Queue => CallFault::Later { after_ms: None, why },
            Waiting::Person => CallFault::Refused(gone()),
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
pub(super) fn evidence(status: u16, body: &[u8]) -> String {
    let kept = &body[..body.len().min(EVIDENCE_BYTES)];
    format!("HTTP {status} {}", String::from_utf8_lossy(kept).trim())
}

/// The problem in an answer, if it is in Graph's envelope.
pub(super) fn problem(body: &[u8]) -> Option<Problem> {
    serde_json::from_slice::<Envelope>(body).ok().map(|envelope| envelope.error)
}

/// How long to wait: `Retry-After`, or the minutes in `X-App-Usage` (their presence on Threads' hosts is unverified).
fn wait_ms(headers: &HeaderMap) -> Option<i64> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let retry_after = text("retry-after").and_then(|value| value.parse::<i64>().ok()).map(|s| s.saturating_mul(1000));
    let usage: Option<serde_json::Value> = text("x-app-usage").and_then(|value| serde_json::from_str(value).ok());
    let minutes = usage.and_then(|usage| usage["estimated_time_to_regain_access"].as_i64());
    let longest = [retry_after, minutes.map(|minutes| minutes.saturating_mul(60_000))].into_iter().flatten().max();
    longest.map(|ms| ms.clamp(0, WAIT_MS_MAX))
}

/// When the network says it answered, Unix milliseconds.
pub(super) fn answered_at(headers: &HeaderMap) -> Option<i64> {
    let value = headers.get("date")?.to_str().ok()?;
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    parser.parse_timestamp(value.trim()).ok().map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use RefusedClass::{AppStopped, Blocked, Duplicate, Later, Permanent, PrepareAgain, Spent, Unauthorized};

    fn short(verdict: Verdict) -> String {
        match verdict {
            Verdict::Accepted(id) => format!("accepted {id}"),
            Verdict::Unknown => "unknown".into(),
            Verdict::Refused(class) => match class {
                Later { after_ms } => format!("later {after_ms:?}"),
                PrepareAgain => "prepare".into(),
                Spent => "spent".into(),
                AppStopped(what) => format!("stopped {}", what.key),
                Unauthorized => "unauthorized".into(),
                Blocked(what) => format!("blocked {}", what.key),
                Permanent(what) => format!("permanent {}", what.key),
                Duplicate => "duplicate".into(),
            },
        }
    }

    #[test]
    fn every_row_of_the_table() {
        let error = |code: i64, subcode: i64, message: &str| {
            format!(
                r#"{{"error":{{"message":"{message}","type":"OAuthException","code":{code},"error_subcode":{subcode},"is_transient":false,"fbtrace_id":"A"}}}}"#
            )
        };
        let transient = r#"{"error":{"message":"x","code":99,"is_transient":true}}"#.to_owned();
        let rows = [
            (200, r#"{"id":"18000000000000001"}"#.to_owned(), "accepted 18000000000000001"),
            (200, r#"{"id":18000000000000001}"#.into(), "accepted 18000000000000001"),
            (200, r#"{"id":"../1"}"#.into(), "unknown"),
            (200, r#"{"id""#.into(), "unknown"),
            (204, String::new(), "unknown"),
            (302, String::new(), "unknown"),
            (400, error(1, 0, "An unknown error occurred"), "unknown"),
            (400, error(2, 0, "Service temporarily unavailable"), "unknown"),
            (400, transient, "unknown"),
            (500, error(100, 0, "x"), "unknown"),
            (503, "<html>".into(), "unknown"),
            (400, "<html>".into(), "unknown"),
            (403, "<html>".into(), "unknown"),
            (403, error(4, 2_207_051, "We restrict certain activity"), "unknown"),
            (400, error(2_207_051, 0, "We restrict certain activity"), "unknown"),
            (400, error(4, 0, "Application request limit reached"), "later None"),
            (400, error(17, 0, "User request limit reached"), "later None"),
            (400, error(32, 0, "Page request limit reached"), "later None"),
            (400, error(613, 0, "exceeded the rate limit"), "later None"),
            (429, "Too Many Requests".into(), "later None"),
            (400, error(24, 4_279_009, "The requested resource does not exist"), "spent"),
            (400, error(24, 0, "x"), "spent"),
            (400, error(100, 0, "Param text must be at most 500 characters long."), "permanent threads-refused"),
            (400, error(100, 33, "Unsupported get request"), "permanent threads-target-gone"),
            (400, error(100, 0, "THREADS_API__LINK_LIMIT_EXCEEDED"), "permanent threads-links-refused"),
            (400, error(100, 0, "The media could not be fetched from this URI"), "permanent threads-media-unfetched"),
            (400, error(100, 0, "THREADS_API__FEATURE_NOT_AVAILABLE"), "permanent threads-feature-missing"),
            (400, error(100, 0, "THREADS_API__GEO_GATING_INVALID_COUNTRY_CODES"), "permanent threads-feature-missing"),
            (400, error(10, 0, "permission"), "blocked threads-permission-missing"),
            (403, error(200, 0, "permission"), "blocked threads-permission-missing"),
            (403, error(299, 0, "permission"), "blocked threads-permission-missing"),
            (401, error(190, 463, "Error validating access token"), "unauthorized"),
            (400, error(190, 0, "Error validating access token"), "unauthorized"),
            (401, String::new(), "unauthorized"),
            (400, error(24, 4_279_013, "restricted"), "blocked threads-user-restricted"),
            (400, error(368, 0, "temporarily blocked"), "blocked threads-blocked"),
            (400, error(9_999, 0, "something new"), "unknown"),
            (400, error(-1, 2_207_001, "Server error"), "unknown"),
            (400, error(9_999, 0, "THREADS_API__FEATURE_NOT_AVAILABLE"), "permanent threads-feature-missing"),
        ];
        for (status, body, expected) in rows {
            assert_eq!(short(classify(status, &HeaderMap::new(), body.as_bytes())), expected, "{status} {body}");
        }
    }

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
    }
}
