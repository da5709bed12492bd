//! What X's answers mean: the table of platforms/x.md §4.3 as pure functions. Nothing here knows which post was meant;
//! `create` adds that.

use http::HeaderMap;
use serde_json::Value;

use super::wire::{Created, Data, is_id};
use crate::domain::commit::{CallFault, RefusedClass};
use crate::domain::refusal::Sentence;
use crate::http_out::{Answer, OutFault};
use crate::say;

/// How much of a body is kept as evidence (§4.3).
const EVIDENCE_BYTES: usize = 2048;
/// How much of X's own words is shown in a sentence.
const DETAIL_CHARS: usize = 200;
/// Waited when a reset is named but the answer carries no date to measure it by: a fraction of X's 15-minute window.
const UNMEASURED_MS: i64 = 60_000;
/// The longest wait X documents is its 24-hour limit (§4.2); an hour more for clocks that differ.
const WAIT_MS_MAX: i64 = 25 * 60 * 60 * 1000;
/// Credits and caps come back by hand or by the month (§3.4): look every quarter of an hour.
const STOPPED_MS: i64 = 15 * 60 * 1000;

/// What an answer to `POST /2/tweets` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Published, with X's id.
    Accepted {
        /// The id.
        remote_id: String,
    },
    /// Not published, and documented so.
    Refused {
        /// What kind of refusal.
        class: RefusedClass,
        /// Status and the first 2 kB.
        evidence: String,
    },
    /// May or may not be published.
    Unknown {
        /// Status and the first 2 kB.
        evidence: String,
    },
}

/// Judges an answer to `POST /2/tweets` (§4.3, RELIABILITY §1).
#[must_use]
pub fn classify(status: u16, headers: &HeaderMap, body: &[u8]) -> Verdict {
    let evidence = evidence(status, body);
    if (200..300).contains(&status) {
        let created: Option<Data<Created>> = serde_json::from_slice(body).ok();
        return match created {
            Some(Data { data: Created { id } }) if is_id(&id) => Verdict::Accepted { remote_id: id },
            Some(_) | None => Verdict::Unknown { evidence },
        };
    }
    match refusal(status, headers, body) {
        Some(class) => Verdict::Refused { class, evidence },
        None => Verdict::Unknown { evidence },
    }
}

/// What a status other than 2xx documents, `None` where nothing is documented.
fn refusal(status: u16, headers: &HeaderMap, body: &[u8]) -> Option<RefusedClass> {
    let problem = Problem::read(body);
    let is = |text: &str| problem.as_ref().is_some_and(|problem| problem.says(text));
    let stopped = |what: Sentence| Some(RefusedClass::AppStopped(what));
    match status {
        401 => Some(RefusedClass::Unauthorized),
        402 => stopped(say!("x-credits-used-up")),
        403 | 429 if is("usage-capped") || is("usage cap") => stopped(say!("x-usage-capped")),
        429 => Some(RefusedClass::Later { after_ms: wait_ms(headers) }),
        400 if is("media ids are invalid") => Some(RefusedClass::PrepareAgain),
        403 => problem.map(|problem| forbidden(&problem)),
        404 => problem.map(|_| RefusedClass::Permanent(say!("x-target-gone"))),
        // Timeouts and conflicts on the way say nothing about what happened behind them.
        408 | 409 | 425 | 499 => None,
        400..=498 => problem.map(|problem| RefusedClass::Permanent(invalid(&problem))),
        _ => None,
    }
}

fn forbidden(problem: &Problem) -> RefusedClass {
    let is = |text: &str| problem.says(text);
    if is("duplicate content") || is("status is a duplicate") {
        RefusedClass::Duplicate
    } else if is("client-forbidden") || is("client-not-enrolled") {
        RefusedClass::AppStopped(say!("x-app-not-enrolled"))
    } else if is("oauth1-permissions") || is("app permissions") {
        RefusedClass::AppStopped(say!("x-app-permissions"))
    } else if is("user-suspended") || is("account is suspended") || is("account has been suspended") {
        RefusedClass::Blocked(say!("x-account-suspended"))
    } else if is("temporarily locked") || is("account is locked") || is("account has been locked") {
        RefusedClass::Blocked(say!("x-account-locked"))
    } else if is("unsupported-authentication") {
        RefusedClass::Blocked(say!("x-token-kind"))
    } else if is("cashtag") {
        RefusedClass::Permanent(say!("x-cashtags-refused"))
    } else if is("permitted to access this feature") {
        RefusedClass::Permanent(say!("x-feature-missing"))
    } else if is("not permitted to perform this action") {
        RefusedClass::Permanent(say!("x-not-permitted"))
    } else {
        RefusedClass::Permanent(say!("x-refused", detail = problem.detail()))
    }
}

fn invalid(problem: &Problem) -> Sentence {
    if problem.says("invalid url") { say!("x-url-invalid") } else { say!("x-refused", detail = problem.detail()) }
}

/// Who waits for a call that may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A queue, which can try again for hours: everything that may pass is "later".
    Queue,
    /// A person in front of a page, who needs a sentence now.
    Person,
}

/// What a failed read or upload means (§4.3: plain retry for everything but `POST /2/tweets`).
pub(super) fn call_fault(answer: &Answer, waiting: Waiting) -> CallFault {
    let why = evidence(answer.status, &answer.body);
    match refusal(answer.status, &answer.headers, &answer.body) {
        Some(RefusedClass::Later { after_ms }) => CallFault::Later { after_ms, why },
        Some(RefusedClass::Unauthorized) => CallFault::Unauthorized { why },
        Some(RefusedClass::AppStopped(what)) => match waiting {
            Waiting::Queue => CallFault::Later { after_ms: Some(STOPPED_MS), why },
            Waiting::Person => CallFault::Refused(what),
        },
        Some(RefusedClass::Blocked(what) | RefusedClass::Permanent(what)) => CallFault::Refused(what),
        Some(RefusedClass::PrepareAgain | RefusedClass::Spent | RefusedClass::Duplicate) | None => {
            CallFault::Later { after_ms: None, why }
        }
    }
}

/// Whether X does not know an upload any more, or has closed it (§3.2).
pub(super) fn is_upload_gone(answer: &Answer) -> bool {
    answer.status == 404
        || matches!(refusal(answer.status, &answer.headers, &answer.body), Some(RefusedClass::PrepareAgain))
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

/// How long to wait: the longest of `Retry-After`, the 15-minute reset, and the 24-hour resets that are used up (§4.2).
fn wait_ms(headers: &HeaderMap) -> Option<i64> {
    let now_s = text(headers, "date").and_then(http_date_s);
    let until = |at_s: i64| now_s.map_or(UNMEASURED_MS, |now_s| (at_s - now_s).saturating_mul(1000));
    let retry_after = text(headers, "retry-after").and_then(|value| match value.parse::<i64>() {
        Ok(seconds) => Some(seconds.saturating_mul(1000)),
        Err(_) => http_date_s(value).map(until),
    });
    let reset = number(headers, "x-rate-limit-reset").map(until);
    let day = ["x-app-limit-24hour", "x-user-limit-24hour"].map(|name| {
        let used_up = number(headers, &format!("{name}-remaining")) == Some(0);
        number(headers, &format!("{name}-reset")).filter(|_| used_up).map(until)
    });
    let longest = [retry_after, reset].into_iter().chain(day).flatten().max();
    longest.map(|ms| ms.clamp(0, WAIT_MS_MAX))
}

/// When the network says it answered, Unix milliseconds.
pub(super) fn answered_at(headers: &HeaderMap) -> Option<i64> {
    text(headers, "date").and_then(http_date_s).map(|seconds| seconds * 1000)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    text(headers, name)?.parse().ok()
}

fn http_date_s(value: &str) -> Option<i64> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    parser.parse_timestamp(value).ok().map(jiff::Timestamp::as_second)
}

/// A JSON error in any of X's shapes (§4.3 a, b, d), reduced to its words. `parameters` are left out: they repeat what
/// the author wrote, which must not decide anything.
#[derive(Debug)]
struct Problem {
    words: Vec<String>,
}

impl Problem {
    fn read(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let items = value["errors"].as_array().into_iter().flatten().filter_map(Value::as_object);
        let mut words: Vec<String> = items.flat_map(fields).collect();
        words.extend(fields(value.as_object()?));
        Some(Self { words })
    }

    fn says(&self, text: &str) -> bool {
        self.words.iter().any(|word| word.to_lowercase().contains(text))
    }

    /// X's most telling words.
    fn detail(&self) -> String {
        self.words.first().map_or_else(String::new, |word| word.chars().take(DETAIL_CHARS).collect())
    }
}

fn fields(object: &serde_json::Map<String, Value>) -> Vec<String> {
    let names = ["message", "detail", "error_description", "title", "error", "reason", "type"];
    names.iter().filter_map(|name| object.get(*name)?.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use RefusedClass::{AppStopped, Blocked, Duplicate, Later, Permanent, PrepareAgain, Unauthorized};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    /// The class in short, with the key of its sentence.
    fn short(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Accepted { remote_id } => format!("accepted {remote_id}"),
            Verdict::Unknown { .. } => "unknown".into(),
            Verdict::Refused { class, .. } => match class {
                Later { .. } => "later".into(),
                PrepareAgain | RefusedClass::Spent => "prepare".into(),
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
        let invalid = "https://api.x.com/2/problems/invalid-request";
        let shape_b = |message: &str| {
            format!(
                r#"{{"errors":[{{"message":"{message}","parameters":{{"text":["duplicate content $A"]}}}}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"{invalid}"}}"#
            )
        };
        let shape_a = |detail: &str, kind: &str| {
            format!(r#"{{"title":"Forbidden","detail":"{detail}","type":"{kind}","status":403}}"#)
        };
        let rows = [
            (201, r#"{"data":{"id":"1445880548472328192","text":"Hello"}}"#.into(), "accepted 1445880548472328192"),
            (200, r#"{"data":{"id":"7"},"errors":[{"title":"x"}]}"#.into(), "accepted 7"),
            (201, r#"{"data":{"id":"../7"}}"#.into(), "unknown"),
            (201, r#"{"data":{"id":7}}"#.into(), "unknown"),
            (201, r#"{"data":{"id""#.into(), "unknown"),
            (204, String::new(), "unknown"),
            (307, String::new(), "unknown"),
            (400, shape_b("The Tweet contains an invalid URL."), "permanent x-url-invalid"),
            (400, shape_b("maximum of 4 items"), "permanent x-refused"),
            (400, shape_b("Your media IDs are invalid."), "prepare"),
            (400, "<html>".into(), "unknown"),
            (401, r#"{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}"#.into(), "unauthorized"),
            (401, String::new(), "unauthorized"),
            (402, r#"{"title":"CreditsDepleted","detail":"Your enrolled account does not have any credits","type":"https://api.x.com/2/problems/credits"}"#.into(), "stopped x-credits-used-up"),
            (402, r#"{"title":"Payment Required","status":402,"detail":"credits depleted","type":"https://api.x.com/2/problems/credits-depleted"}"#.into(), "stopped x-credits-used-up"),
            (403, shape_a("You are not allowed to create a Tweet with duplicate content.", "about:blank"), "duplicate"),
            (403, shape_a("You are not permitted to perform this action.", "about:blank"), "permanent x-not-permitted"),
            (403, shape_a("Posts are limited to a maximum of one cashtag.", "about:blank"), "permanent x-cashtags-refused"),
            (403, shape_a("When authenticating requests", "https://api.twitter.com/2/problems/client-forbidden"), "stopped x-app-not-enrolled"),
            (403, r#"{"reason":"client-not-enrolled","title":"Client Forbidden"}"#.into(), "stopped x-app-not-enrolled"),
            (403, shape_a("x", "https://api.x.com/2/problems/oauth1-permissions"), "stopped x-app-permissions"),
            (403, shape_a("x", "https://api.x.com/2/problems/user-suspended"), "blocked x-account-suspended"),
            (403, r#"{"errors":[{"code":64,"message":"Your account is suspended and is not permitted to access this feature."}]}"#.into(), "blocked x-account-suspended"),
            (403, r#"{"errors":[{"code":326,"message":"To protect our users from spam, this account is temporarily locked."}]}"#.into(), "blocked x-account-locked"),
            (403, shape_a("You have been blocked from the author.", "about:blank"), "permanent x-refused"),
            (403, shape_a("x", "https://api.x.com/2/problems/unsupported-authentication"), "blocked x-token-kind"),
            (403, shape_a("Your account is not permitted to access this feature", "about:blank"), "permanent x-feature-missing"),
            (403, shape_a("x", "https://api.x.com/2/problems/usage-capped"), "stopped x-usage-capped"),
            (429, shape_a("x", "https://api.x.com/2/problems/usage-capped"), "stopped x-usage-capped"),
            (403, "<html>blocked by the edge</html>".into(), "unknown"),
            (404, shape_a("gone", "https://api.x.com/2/problems/resource-not-found"), "permanent x-target-gone"),
            (408, shape_a("x", "about:blank"), "unknown"),
            (415, shape_a("x", "about:blank"), "permanent x-refused"),
            (429, r#"{"title":"Too Many Requests","status":429}"#.into(), "later"),
            (429, r#"{"errors":[{"code":88,"message":"Rate limit exceeded"}]}"#.into(), "later"),
            (429, "Rate limit exceeded".into(), "later"),
            (500, shape_a("x", "about:blank"), "unknown"),
            (502, String::new(), "unknown"),
            (503, "<html>".into(), "unknown"),
            (504, String::new(), "unknown"),
        ];
        for (status, body, expected) in rows {
            assert_eq!(short(&classify(status, &HeaderMap::new(), body.as_bytes())), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_longest_wait_counts() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let now = 784_111_777;
        let at = |seconds: i64| (now + seconds).to_string();
        assert_eq!(wait_ms(&HeaderMap::new()), None);
        assert_eq!(wait_ms(&headers(&[("retry-after", "30")])), Some(30_000));
        assert_eq!(wait_ms(&headers(&[date, ("x-rate-limit-reset", &at(90)), ("retry-after", "30")])), Some(90_000));
        assert_eq!(wait_ms(&headers(&[("x-rate-limit-reset", &at(90))])), Some(UNMEASURED_MS));
        assert_eq!(wait_ms(&headers(&[date, ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")])), Some(60_000));
        let day = ("x-user-limit-24hour-reset", &*at(7200));
        let left = ("x-user-limit-24hour-remaining", "3");
        let used = ("x-user-limit-24hour-remaining", "0");
        assert_eq!(wait_ms(&headers(&[date, day, left, ("x-rate-limit-reset", &at(90))])), Some(90_000));
        assert_eq!(wait_ms(&headers(&[date, day, used, ("x-rate-limit-reset", &at(90))])), Some(7_200_000));
        assert_eq!(wait_ms(&headers(&[date, ("x-rate-limit-reset", "99999999999")])), Some(WAIT_MS_MAX));
        assert_eq!(wait_ms(&headers(&[date, ("x-rate-limit-reset", &at(-5))])), Some(0));
    }

    #[test]
    fn evidence_is_short() {
        assert_eq!(evidence(500, &[b'x'; 9000]).len(), "HTTP 500 ".len() + EVIDENCE_BYTES);
    }

    #[test]
    fn a_queue_waits_where_a_person_is_told() {
        let answer = Answer { status: 402, headers: HeaderMap::new(), body: bytes::Bytes::new() };
        assert!(matches!(call_fault(&answer, Waiting::Queue), CallFault::Later { after_ms: Some(STOPPED_MS), .. }));
        let told = CallFault::Refused(say!("x-credits-used-up"));
        assert_eq!(call_fault(&answer, Waiting::Person), told);
    }
}
