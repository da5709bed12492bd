//! What Threads' answers mean: the table of platforms/threads.md §4 as pure functions. Nothing here knows which post was meant;
//! `publish` adds that.

use super::gone;
use crate::domain::commit::RefusedClass;
use crate::domain::refusal::Sentence;
use crate::http_out::Answer;
use crate::platforms::meta::{Problem, Tongue, problem, wait_ms};
use crate::say;

/// How much of Threads' own words is shown in a sentence.
const DETAIL_CHARS: usize = 200;
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

/// What Threads means by its answers.
pub(super) const TONGUE: Tongue = Tongue { refusal, gone };

/// What a status other than 2xx documents, `None` where nothing is documented.
fn refusal(answer: &Answer) -> Option<RefusedClass> {
    let status = answer.status;
    let later = || Some(RefusedClass::Later { after_ms: wait_ms(&answer.headers) });
    if status == 429 {
        return later();
    }
    let Some(problem) = problem(&answer.body) else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::meta::{Verdict, verdict};
    use RefusedClass::{AppStopped, Blocked, Duplicate, Later, Permanent, PrepareAgain, Spent, Unauthorized};
    use http::HeaderMap;

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
            let answer = Answer { status, headers: HeaderMap::new(), body: body.clone().into() };
            assert_eq!(short(verdict(&answer, &TONGUE)), expected, "{status} {body}");
        }
    }
}
