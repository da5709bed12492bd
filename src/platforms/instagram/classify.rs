//! What Instagram's answers mean: the table of platforms/instagram.md §5 as pure functions. HTTP is nearly always 400, so code and subcode
//! decide. Nothing here knows which post was meant; `publish` adds that.

use super::gone;
use crate::domain::commit::RefusedClass;
use crate::domain::refusal::Sentence;
use crate::http_out::Answer;
use crate::platforms::meta::{Problem, Tongue, problem, wait_ms};
use crate::say;

/// How much of Instagram's own words is shown in a sentence.
const DETAIL_CHARS: usize = 200;
/// When a full day is asked about again: it rolls.
pub(super) const FULL_DAY_MS: i64 = 15 * 60_000;
/// "Object does not exist", in Graph's older wording: also said of what is there.
const NO_OBJECT: i64 = 33;
/// An action that looks like spam, Instagram says (§5).
const SPAM_LIKE: i64 = 2_207_051;
/// Instagram's own numbers, as subcodes and in the state of a container.
const NUMBERS: std::ops::Range<i64> = 2_207_000..2_208_000;

/// What Instagram means by its answers.
pub(super) const TONGUE: Tongue = Tongue { refusal, gone };

/// What a status other than 2xx documents, `None` where nothing is documented.
fn refusal(answer: &Answer) -> Option<RefusedClass> {
    let later = || Some(RefusedClass::Later { after_ms: wait_ms(&answer.headers) });
    if answer.status == 429 {
        return later();
    }
    let Some(problem) = problem(&answer.body) else {
        return (answer.status == 401).then_some(RefusedClass::Unauthorized);
    };
    // What happened behind them is not known.
    if answer.status >= 500 {
        return None;
    }
    if NUMBERS.contains(&problem.error_subcode) {
        return numbered(&problem);
    }
    match problem.code {
        1 | 2 => None,
        4 | 17 | 32 | 613 | 80_001 | 80_002 => later(),
        102 | 190 => Some(RefusedClass::Unauthorized),
        368 => Some(RefusedClass::Blocked(say!("instagram-blocked"))),
        506 => Some(RefusedClass::Duplicate),
        3 | 10 | 200..=299 => Some(RefusedClass::Blocked(say!("instagram-permission-missing"))),
        _ if problem.is_transient => None,
        // Never that it was not published.
        100 if problem.error_subcode == NO_OBJECT => None,
        100 => Some(RefusedClass::Permanent(refused(&problem))),
        // A code that no table has proves nothing: the container says what became of it.
        _ => None,
    }
}

/// The refusals that have one of Instagram's own numbers.
fn numbered(problem: &Problem) -> Option<RefusedClass> {
    match problem.error_subcode {
        // Seen live all the same; or a fault of the server's.
        SPAM_LIKE | 2_207_001 => None,
        2_207_042 => Some(RefusedClass::Later { after_ms: Some(FULL_DAY_MS) }),
        2_207_006 | 2_207_008 | 2_207_027 => Some(RefusedClass::Spent),
        2_207_003 | 2_207_020 | 2_207_032 | 2_207_053 | 2_207_082 => Some(RefusedClass::PrepareAgain),
        2_207_050 => Some(RefusedClass::Blocked(say!("instagram-user-restricted"))),
        2_207_052 => Some(RefusedClass::Permanent(unfetched())),
        number => for_good(number).map(RefusedClass::Permanent),
    }
}

/// What is wrong with the post itself, and will be wrong again. Also what the state of a container names.
pub(super) fn for_good(number: i64) -> Option<Sentence> {
    match number {
        2_207_004 | 2_207_005 | 2_207_009 | 2_207_023 | 2_207_026 | 2_207_077 => {
            Some(say!("instagram-media-failed", detail = number.to_string()))
        }
        2_207_010 => Some(say!("instagram-caption-refused")),
        2_207_028 => Some(say!("instagram-carousel-refused")),
        2_207_035..=2_207_040 => Some(say!("instagram-tags-refused")),
        2_207_057 | 2_207_081 => Some(say!("instagram-refused", detail = number.to_string())),
        _ => None,
    }
}

/// Whether what was said at a try, as it was kept, is that it looks like spam.
pub(super) fn is_spam_like(said: &str) -> bool {
    said.contains(&SPAM_LIKE.to_string())
}

/// The number in what a container says of itself: `Error: Media upload has failed with error code 2207026`.
pub(super) fn number_in(status: &str) -> Option<i64> {
    let numbers = status.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    numbers.into_iter().find(|number| NUMBERS.contains(number))
}

fn refused(problem: &Problem) -> Sentence {
    say!("instagram-refused", detail = problem.message.chars().take(DETAIL_CHARS).collect::<String>())
}

fn unfetched() -> Sentence {
    say!("instagram-media-unfetched")
}

/// Whether a sentence says that Instagram could not fetch a medium.
pub(super) fn is_unfetched(what: &Sentence) -> bool {
    *what == unfetched()
}

/// Whether a failed read says that the object is not there. On reads of what is there that is a known fault (§5, §10), so it shows nothing.
pub(super) fn says_no_object(answer: &Answer) -> bool {
    problem(&answer.body).is_some_and(|problem| problem.code == 100 && problem.error_subcode == NO_OBJECT)
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
            Verdict::Refused(Later { after_ms }) => format!("later {}", after_ms.unwrap_or(0)),
            Verdict::Refused(PrepareAgain) => "prepare again".into(),
            Verdict::Refused(Spent) => "spent".into(),
            Verdict::Refused(AppStopped(what)) => format!("app {}", what.key),
            Verdict::Refused(Unauthorized) => "unauthorized".into(),
            Verdict::Refused(Blocked(what)) => format!("blocked {}", what.key),
            Verdict::Refused(Permanent(what)) => format!("permanent {}", what.key),
            Verdict::Refused(Duplicate) => "duplicate".into(),
        }
    }

    fn error(code: i64, subcode: i64) -> String {
        format!(
            r#"{{"error":{{"message":"words","type":"OAuthException","code":{code},"error_subcode":{subcode},"is_transient":false,"fbtrace_id":"A"}}}}"#
        )
    }

    /// Every row of the dossier's table.
    #[test]
    fn each_row_of_the_table() {
        let rows = [
            (1, 0, "unknown"),
            (2, 0, "unknown"),
            (4, 0, "later 0"),
            (17, 0, "later 0"),
            (32, 0, "later 0"),
            (613, 0, "later 0"),
            (80_001, 0, "later 0"),
            (80_002, 0, "later 0"),
            (4, 2_207_051, "unknown"),
            (9, 2_207_042, "later 900000"),
            (-1, 2_207_001, "unknown"),
            (-1, 2_207_032, "prepare again"),
            (-1, 2_207_053, "prepare again"),
            (-2, 2_207_003, "prepare again"),
            (-2, 2_207_020, "prepare again"),
            (9_004, 2_207_052, "permanent instagram-media-unfetched"),
            (9_007, 2_207_027, "spent"),
            (24, 2_207_006, "spent"),
            (24, 2_207_008, "spent"),
            (25, 2_207_050, "blocked instagram-user-restricted"),
            (352, 2_207_026, "permanent instagram-media-failed"),
            (36_000, 2_207_004, "permanent instagram-media-failed"),
            (36_001, 2_207_005, "permanent instagram-media-failed"),
            (36_003, 2_207_009, "permanent instagram-media-failed"),
            (1, 2_207_057, "permanent instagram-refused"),
            (100, 2_207_023, "permanent instagram-media-failed"),
            (100, 2_207_028, "permanent instagram-carousel-refused"),
            (36_004, 2_207_010, "permanent instagram-caption-refused"),
            (100, 2_207_035, "permanent instagram-tags-refused"),
            (100, 2_207_040, "permanent instagram-tags-refused"),
            (100, 2_207_081, "permanent instagram-refused"),
            (-1, 2_207_082, "prepare again"),
            (-1, 2_207_077, "permanent instagram-media-failed"),
            (10, 0, "blocked instagram-permission-missing"),
            (200, 0, "blocked instagram-permission-missing"),
            (299, 0, "blocked instagram-permission-missing"),
            (3, 0, "blocked instagram-permission-missing"),
            (100, 33, "unknown"),
            (100, 0, "permanent instagram-refused"),
            (102, 0, "unauthorized"),
            (190, 0, "unauthorized"),
            (190, 458, "unauthorized"),
            (190, 459, "unauthorized"),
            (190, 460, "unauthorized"),
            (190, 463, "unauthorized"),
            (190, 464, "unauthorized"),
            (190, 467, "unauthorized"),
            (190, 492, "unauthorized"),
            (368, 0, "blocked instagram-blocked"),
            (506, 0, "duplicate"),
            // In no table.
            (9_999, 0, "unknown"),
            (-1, 2_207_999, "unknown"),
        ];
        for (code, subcode, expected) in rows {
            let answer = Answer { status: 400, headers: HeaderMap::new(), body: error(code, subcode).into() };
            assert_eq!(short(verdict(&answer, &TONGUE)), expected, "{code} {subcode}");
        }
    }

    #[test]
    fn answers_that_are_no_row() {
        let transient = r#"{"error":{"message":"x","code":99,"is_transient":true}}"#;
        let rows = [
            (200, r#"{"id":"17920238422030506"}"#, "accepted 17920238422030506"),
            (200, r#"{"id":17920238422030506}"#, "accepted 17920238422030506"),
            (200, r#"{"id":"../1"}"#, "unknown"),
            (200, "{}", "unknown"),
            (204, "", "unknown"),
            (302, "", "unknown"),
            (400, "<html>", "unknown"),
            (400, transient, "unknown"),
            (401, "", "unauthorized"),
            (429, "", "later 0"),
            (500, r#"{"error":{"message":"x","code":100}}"#, "unknown"),
            (503, "", "unknown"),
        ];
        for (status, body, expected) in rows {
            let answer = Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() };
            assert_eq!(short(verdict(&answer, &TONGUE)), expected, "{status} {body}");
        }
        assert_eq!(number_in("Error: Media upload has failed with error code 2207026"), Some(2_207_026));
        assert_eq!(number_in("Error 17: 22070"), None);
        assert_eq!(number_in(""), None);
    }
}
