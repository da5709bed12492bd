//! What LinkedIn's answers mean: the table of platforms/linkedin.md §4 and §5 as pure functions. Nothing here knows which post was meant;
//! `create` adds that.

use http::HeaderMap;

use super::wire::{Problem, is_post};
use crate::domain::commit::{CallFault, RefusedClass};
use crate::domain::refusal::Sentence;
use crate::http_out::Answer;
use crate::platforms::answers::{Waiting, evidence};
use crate::say;

/// How much of LinkedIn's own words is shown in a sentence.
const DETAIL_CHARS: usize = 200;
/// §4: a refusal for too many calls never says how long; a minute is the first step, and each try waits longer than the one before.
const THROTTLED_MS: i64 = 60_000;
/// §4: a conflict is tried again after a pause.
const CONFLICT_MS: i64 = 30_000;
/// §3.3: media that are not ready yet are asked for again.
const UNREADY_MS: i64 = 10_000;
/// An operator who must change the version is waited for this long at a time.
const STOPPED_MS: i64 = 15 * 60 * 1000;
/// Where the id of what was made stands (§3.1); the second one is from memory.
const ID_HEADERS: [&str; 2] = ["x-restli-id", "x-linkedin-id"];

/// What an answer to `POST /rest/posts` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Published; LinkedIn may have forgotten to say under which URN.
    Accepted(Option<String>),
    /// Not published, and documented so.
    Refused(RefusedClass),
    /// May or may not be published.
    Unknown,
}

/// Judges an answer to `POST /rest/posts`.
pub(super) fn classify(status: u16, headers: &HeaderMap, body: &[u8]) -> Verdict {
    if (200..300).contains(&status) {
        let named = ID_HEADERS.iter().find_map(|name| headers.get(*name)?.to_str().ok().map(str::trim));
        let urn = named.filter(|urn| is_post(urn)).map(str::to_owned);
        // §3.1: made, and its id missing, is published all the same.
        return if urn.is_some() || status == 201 { Verdict::Accepted(urn) } else { Verdict::Unknown };
    }
    refusal(status, body).map_or(Verdict::Unknown, Verdict::Refused)
}

/// What a status other than 2xx documents, `None` where nothing is documented.
fn refusal(status: u16, body: &[u8]) -> Option<RefusedClass> {
    let problem = problem(body);
    match status {
        401 => return Some(RefusedClass::Unauthorized),
        426 => return Some(RefusedClass::AppStopped(say!("linkedin-version-dead"))),
        429 => return Some(RefusedClass::Later { after_ms: Some(THROTTLED_MS) }),
        _ => {}
    }
    let problem = problem?;
    let says = |text: &str| problem.message.to_lowercase().contains(text);
    // §4: other clients saw these pass by themselves, so what happened behind them is not known.
    if says("unable to obtain activity") || says("resource is forbidden") {
        return None;
    }
    match status {
        400 if problem.code == "VERSION_MISSING" => Some(RefusedClass::AppStopped(say!("linkedin-version-dead"))),
        400 | 422 if says("not ready") || says("waiting_upload") => {
            Some(RefusedClass::Later { after_ms: Some(UNREADY_MS) })
        }
        403 if problem.code == "ACCESS_DENIED" || says("not enough permissions") => {
            Some(RefusedClass::Blocked(say!("linkedin-permission-missing")))
        }
        404 => Some(RefusedClass::Permanent(gone())),
        409 => Some(RefusedClass::Later { after_ms: Some(CONFLICT_MS) }),
        422 if is_duplicate(&problem) => Some(RefusedClass::Duplicate),
        // Timeouts and the like on the way say nothing about what happened behind them.
        408 | 425 | 499 => None,
        400..=498 => Some(RefusedClass::Permanent(say!("linkedin-refused", detail = detail(&problem)))),
        _ => None,
    }
}

fn is_duplicate(problem: &Problem) -> bool {
    let errors = problem.error_details["inputErrors"].as_array().into_iter().flatten();
    let mut codes = errors.filter_map(|error| error["code"].as_str()).chain([problem.code.as_str()]);
    codes.any(|code| code == "DUPLICATE_POST") || problem.message.to_lowercase().contains("duplicate of urn:li:")
}

fn detail(problem: &Problem) -> String {
    let words = if problem.message.is_empty() { &problem.code } else { &problem.message };
    words.chars().take(DETAIL_CHARS).collect()
}

/// The sentence for a post that is not there (any more).
pub(super) fn gone() -> Sentence {
    say!("linkedin-target-gone")
}

/// Whether a read was refused because the app or the account lacks the permission (§1, §5): a self-serve app reads nothing but identity.
pub(super) fn is_closed(answer: &Answer) -> bool {
    answer.status == 403
}

/// What a failed read, upload or removal means: plain retry for everything that is no refusal.
pub(super) fn call_fault(answer: &Answer, waiting: Waiting) -> CallFault {
    let why = evidence(answer.status, &answer.body);
    match refusal(answer.status, &answer.body) {
        Some(RefusedClass::Later { after_ms }) => CallFault::Later { after_ms, why },
        Some(RefusedClass::Unauthorized) => CallFault::Unauthorized { why },
        Some(RefusedClass::AppStopped(what)) => match waiting {
            Waiting::Queue => CallFault::Later { after_ms: Some(STOPPED_MS), why },
            Waiting::Person => CallFault::Refused(what),
        },
        Some(RefusedClass::Blocked(what)) => match waiting {
            Waiting::Queue => CallFault::Blocked(what),
            Waiting::Person => CallFault::Refused(what),
        },
        Some(RefusedClass::Permanent(what)) => CallFault::Refused(what),
        Some(RefusedClass::PrepareAgain | RefusedClass::Spent | RefusedClass::Duplicate) | None => {
            CallFault::Later { after_ms: None, why }
        }
    }
}

/// The problem in an answer, if it is in LinkedIn's shape: an object with a code or a message.
fn problem(body: &[u8]) -> Option<Problem> {
    let problem: Problem = serde_json::from_slice(body).ok()?;
    (!problem.code.is_empty() || !problem.message.is_empty()).then_some(problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use RefusedClass::{AppStopped, Blocked, Duplicate, Later, Permanent, PrepareAgain, Spent, Unauthorized};

    fn short(verdict: Verdict) -> String {
        match verdict {
            Verdict::Accepted(urn) => format!("accepted {}", urn.as_deref().unwrap_or("?")),
            Verdict::Unknown => "unknown".into(),
            Verdict::Refused(class) => match class {
                Later { after_ms } => format!("later {}", after_ms.unwrap_or(0)),
                PrepareAgain | Spent => "prepare".into(),
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
        let error = |status: u16, code: &str, message: &str| {
            format!(r#"{{"status":{status},"serviceErrorCode":100,"code":"{code}","message":"{message}"}}"#)
        };
        let duplicate = |of: &str| {
            format!(
                r#"{{"status":422,"errorDetailType":"com.linkedin.common.error.BadRequest","message":"Content is a duplicate of {of}","errorDetails":{{"inputErrors":[{{"description":"Duplicate post is detected","input":{{}},"code":"DUPLICATE_POST"}}]}}}}"#
            )
        };
        let refused = "permanent linkedin-refused";
        let rows: Vec<(u16, String, &str)> = vec![
            (400, error(400, "ILLEGAL_ARGUMENT", "x"), refused),
            (400, error(400, "INVALID_VALUE_FOR_FIELD", "x"), refused),
            (400, error(400, "MISSING_FIELD", "x"), refused),
            (400, error(400, "FIELD_LENGTH_TOO_LONG", "x"), refused),
            (400, error(400, "INVALID_URN_ID", "x"), refused),
            (400, error(400, "INVALID_URN_TYPE", "x"), refused),
            (400, error(400, "VERSION_MISSING", "A version must be present"), "stopped linkedin-version-dead"),
            (
                426,
                error(426, "NONEXISTENT_VERSION", "Requested version 20250101 is not active"),
                "stopped linkedin-version-dead",
            ),
            (426, "<html>".into(), "stopped linkedin-version-dead"),
            (401, error(401, "REVOKED_ACCESS_TOKEN", "revoked"), "unauthorized"),
            (401, error(401, "EXPIRED_ACCESS_TOKEN", "expired"), "unauthorized"),
            (401, "<html>".into(), "unauthorized"),
            (
                403,
                error(403, "ACCESS_DENIED", "Not enough permissions to access: posts.CREATE.20260901"),
                "blocked linkedin-permission-missing",
            ),
            (403, error(403, "", "This resource is forbidden"), "unknown"),
            (403, "<html>blocked by the edge</html>".into(), "unknown"),
            (404, error(404, "NOT_FOUND", "x"), "permanent linkedin-target-gone"),
            (404, "<html>".into(), "unknown"),
            (409, error(409, "CONFLICT", "x"), "later 30000"),
            (422, duplicate("urn:li:share:7140000000000000000"), "duplicate"),
            (422, duplicate("urn:li:person:782bbtaQ"), "duplicate"),
            (422, error(422, "UNPROCESSABLE_ENTITY", "could not be processed"), refused),
            (400, error(400, "ILLEGAL_ARGUMENT", "the media asset urn:li:image:C4 is not ready"), "later 10000"),
            (429, error(429, "TOO_MANY_REQUESTS", "Resource level throttle limit"), "later 60000"),
            (429, "<html>".into(), "later 60000"),
            (400, error(400, "", "Unable to obtain activity"), "unknown"),
            (400, "<html>".into(), "unknown"),
            (400, "[1]".into(), "unknown"),
            (408, error(408, "TIMEOUT", "x"), "unknown"),
            (302, String::new(), "unknown"),
            (200, String::new(), "unknown"),
            (201, String::new(), "accepted ?"),
            (500, error(500, "INTERNAL_SERVER_ERROR", "x"), "unknown"),
            (502, String::new(), "unknown"),
            (503, "<html>".into(), "unknown"),
            (504, error(504, "GATEWAY_TIMEOUT", "x"), "unknown"),
        ];
        for (status, body, expected) in rows {
            assert_eq!(short(classify(status, &HeaderMap::new(), body.as_bytes())), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_id_is_read_where_it_stands() {
        let headers = |name: &'static str, value: &str| -> HeaderMap {
            [(http::HeaderName::from_static(name), value.parse().unwrap())].into_iter().collect()
        };
        let urn = "urn:li:ugcPost:7140000000000000000";
        for (status, name, value, expected) in [
            (201, "x-restli-id", urn, format!("accepted {urn}")),
            (200, "x-linkedin-id", urn, format!("accepted {urn}")),
            (201, "x-restli-id", "../7", "accepted ?".to_owned()),
            (200, "x-restli-id", "../7", "unknown".to_owned()),
        ] {
            assert_eq!(short(classify(status, &headers(name, value), b"")), expected, "{status} {name} {value}");
        }
    }
}
