//! What TikTok's answers mean: the tables of platforms/tiktok.md §4.2, §4.6 and §5 as pure functions. The code in the envelope counts, for some
//! refusals come with HTTP 200 (§2). Nothing here knows which post was meant; `publish` and `reading` add that.

use super::wire::{Ended, Problem, Status};
use crate::domain::commit::{CallFault, RefusedClass};
use crate::http_out::Answer;
use crate::platforms::answers::{Waiting, evidence};
use crate::say;

/// How much of TikTok's own words is shown in a sentence.
const DETAIL_CHARS: usize = 200;
/// §5: a refusal for too many calls never says how long; they are counted by the minute.
const RATE_MS: i64 = 60_000;
/// §5: caps by the day pass after hours.
const DAY_CAP_MS: i64 = 2 * 3_600_000;

/// How the call ended, as its envelope says; `None` where there is none.
pub(super) fn problem(body: &[u8]) -> Option<Problem> {
    let Ended { error } = serde_json::from_slice(body).ok()?;
    (!error.code.is_empty()).then_some(error)
}

/// Whether a call did what it was made for: `ok` is the only sign (§2).
pub(super) fn is_ok(answer: &Answer) -> bool {
    (200..300).contains(&answer.status) && problem(&answer.body).is_some_and(|problem| problem.code == "ok")
}

/// What a refusal documents, `None` where nothing is documented (§5, table).
pub(super) fn refusal(answer: &Answer) -> Option<RefusedClass> {
    let problem = match problem(&answer.body) {
        Some(problem) if problem.code == "ok" => return None,
        Some(problem) => problem,
        None if answer.status == 429 => return Some(RefusedClass::Later { after_ms: Some(RATE_MS) }),
        None if answer.status == 401 => return Some(RefusedClass::Unauthorized),
        None => return None,
    };
    Some(match problem.code.as_str() {
        "rate_limit_exceeded" => RefusedClass::Later { after_ms: Some(RATE_MS) },
        "access_token_invalid" => RefusedClass::Unauthorized,
        "scope_not_authorized" | "scope_permission_missed" => RefusedClass::Blocked(say!("tiktok-permission-missing")),
        "spam_risk_too_many_posts" | "spam_risk_too_many_pending_share" | "reached_active_user_cap" => {
            RefusedClass::Later { after_ms: Some(DAY_CAP_MS) }
        }
        "spam_risk_user_banned_from_posting" => RefusedClass::Blocked(say!("tiktok-banned")),
        "spam_risk" | "spam_risk_text" => RefusedClass::Permanent(say!("tiktok-spam")),
        "url_ownership_unverified" => RefusedClass::Permanent(say!("tiktok-url-unverified")),
        "unaudited_client_can_only_post_to_private_accounts" => RefusedClass::Permanent(say!("tiktok-unaudited")),
        "app_version_check_failed" => RefusedClass::Permanent(say!("tiktok-app-old")),
        "internal_error" => return None,
        // What happened behind a failure of theirs is not known, whatever it calls itself.
        _ if answer.status >= 500 || matches!(answer.status, 408 | 425 | 499) => return None,
        _ => RefusedClass::Permanent(say!("tiktok-refused", detail = detail(&problem))),
    })
}

fn detail(problem: &Problem) -> String {
    let words = if problem.message.is_empty() { &problem.code } else { &problem.message };
    words.chars().take(DETAIL_CHARS).collect()
}

/// What a failed call that may be repeated means: plain retry for everything that is no refusal.
pub(super) fn call_fault(answer: &Answer, waiting: Waiting) -> CallFault {
    let why = evidence(answer.status, &answer.body);
    match refusal(answer) {
        Some(RefusedClass::Later { after_ms }) => CallFault::Later { after_ms, why },
        Some(RefusedClass::Unauthorized) => CallFault::Unauthorized { why },
        Some(RefusedClass::Blocked(what)) => match waiting {
            Waiting::Queue => CallFault::Blocked(what),
            Waiting::Person => CallFault::Refused(what),
        },
        Some(RefusedClass::Permanent(what)) => CallFault::Refused(what),
        Some(
            RefusedClass::AppStopped(_) | RefusedClass::PrepareAgain | RefusedClass::Spent | RefusedClass::Duplicate,
        )
        | None => CallFault::Later { after_ms: None, why },
    }
}

/// How far a post is (§4.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Not all of its file is there: it was not posted.
    Incomplete,
    /// TikTok works on it.
    Working,
    /// It lies in the account's inbox.
    Inbox,
    /// Posted, under this id where it is public and was looked at.
    Out(Option<String>),
    /// It was not posted, and never will be.
    Failed(RefusedClass),
}

/// Judges how far a post is, whose file has so many bytes; 0 where TikTok fetches it. `None` for a word that nobody knows.
pub(super) fn state(status: &Status, bytes: u64) -> Option<State> {
    Some(match status.status.as_str() {
        "PROCESSING_UPLOAD" if status.uploaded_bytes < bytes => State::Incomplete,
        "PROCESSING_UPLOAD" | "PROCESSING_DOWNLOAD" => State::Working,
        "SEND_TO_USER_INBOX" => State::Inbox,
        "PUBLISH_COMPLETE" => State::Out(status.post_ids.first().cloned()),
        "FAILED" => State::Failed(failure(&status.fail_reason)),
        _ => return None,
    })
}

/// §5: why a post that TikTok had failed; that it did proves that nothing is out (§6).
fn failure(reason: &str) -> RefusedClass {
    match reason {
        // Whether the account is still connected, the token of the next try shows: it may have been connected again since.
        "internal" | "video_pull_failed" | "photo_pull_failed" | "auth_removed" => RefusedClass::PrepareAgain,
        "publish_cancelled" => RefusedClass::Permanent(say!("tiktok-cancelled")),
        "spam_risk_too_many_posts" | "spam_risk_too_many_pending_share" | "reached_active_user_cap" => {
            RefusedClass::Later { after_ms: Some(DAY_CAP_MS) }
        }
        "spam_risk_user_banned_from_posting" => RefusedClass::Blocked(say!("tiktok-banned")),
        "spam_risk" | "spam_risk_text" => RefusedClass::Permanent(say!("tiktok-spam")),
        other => {
            let detail: String = other.chars().take(DETAIL_CHARS).collect();
            RefusedClass::Permanent(say!("tiktok-media-failed", detail = detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RefusedClass::{AppStopped, Blocked, Duplicate, Later, Permanent, PrepareAgain, Spent, Unauthorized};
    use http::HeaderMap;

    fn short(class: Option<&RefusedClass>) -> String {
        match class {
            None => "nothing".into(),
            Some(Later { after_ms }) => format!("later {}", after_ms.unwrap_or(0) / 1000),
            Some(PrepareAgain | Spent) => "prepare".into(),
            Some(AppStopped(what)) => format!("stopped {}", what.key),
            Some(Unauthorized) => "unauthorized".into(),
            Some(Blocked(what)) => format!("blocked {}", what.key),
            Some(Permanent(what)) => format!("permanent {}", what.key),
            Some(Duplicate) => "duplicate".into(),
        }
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    #[test]
    fn every_row_of_the_table_of_codes() {
        for (status, code, expected) in [
            (429, "rate_limit_exceeded", "later 60"),
            (401, "access_token_invalid", "unauthorized"),
            (401, "scope_not_authorized", "blocked tiktok-permission-missing"),
            (401, "scope_permission_missed", "blocked tiktok-permission-missing"),
            (400, "invalid_param", "permanent tiktok-refused"),
            (400, "invalid_params", "permanent tiktok-refused"),
            (403, "privacy_level_option_mismatch", "permanent tiktok-refused"),
            (403, "url_ownership_unverified", "permanent tiktok-url-unverified"),
            (403, "unaudited_client_can_only_post_to_private_accounts", "permanent tiktok-unaudited"),
            (400, "app_version_check_failed", "permanent tiktok-app-old"),
            (403, "spam_risk_too_many_posts", "later 7200"),
            (200, "spam_risk_too_many_posts", "later 7200"),
            (403, "spam_risk_too_many_pending_share", "later 7200"),
            (200, "reached_active_user_cap", "later 7200"),
            (200, "spam_risk_user_banned_from_posting", "blocked tiktok-banned"),
            (403, "spam_risk", "permanent tiktok-spam"),
            (403, "spam_risk_text", "permanent tiktok-spam"),
            (400, "invalid_publish_id", "permanent tiktok-refused"),
            (500, "internal_error", "nothing"),
            (200, "internal_error", "nothing"),
            (503, "something_new", "nothing"),
            (408, "something_new", "nothing"),
            (200, "ok", "nothing"),
        ] {
            let body = format!(r#"{{"data":{{}},"error":{{"code":"{code}","message":"words","logid":"2026"}}}}"#);
            assert_eq!(short(refusal(&answer(status, &body)).as_ref()), expected, "{status} {code}");
            assert_eq!(is_ok(&answer(status, &body)), code == "ok");
        }
        for (status, body, expected) in [
            (429, "<html>", "later 60"),
            (401, "", "unauthorized"),
            (403, "<html>", "nothing"),
            (502, "", "nothing"),
            (200, "{}", "nothing"),
            (400, "[1]", "nothing"),
        ] {
            assert_eq!(short(refusal(&answer(status, body)).as_ref()), expected, "{status} {body}");
            assert!(!is_ok(&answer(status, body)));
        }
    }

    #[test]
    fn how_far_a_post_is() {
        let status = |word: &str, uploaded_bytes, fail_reason: &str| Status {
            status: word.into(),
            fail_reason: fail_reason.into(),
            post_ids: Vec::new(),
            uploaded_bytes,
        };
        assert_eq!(state(&status("PROCESSING_UPLOAD", 9, ""), 10), Some(State::Incomplete));
        assert_eq!(state(&status("PROCESSING_UPLOAD", 10, ""), 10), Some(State::Working));
        assert_eq!(state(&status("PROCESSING_DOWNLOAD", 0, ""), 0), Some(State::Working));
        assert_eq!(state(&status("SEND_TO_USER_INBOX", 10, ""), 10), Some(State::Inbox));
        assert_eq!(state(&status("PUBLISH_COMPLETE", 10, ""), 10), Some(State::Out(None)));
        let public = Status { post_ids: vec!["751".into()], ..status("PUBLISH_COMPLETE", 0, "") };
        assert_eq!(state(&public, 0), Some(State::Out(Some("751".into()))));
        assert_eq!(state(&status("SOMETHING_NEW", 0, ""), 0), None);
        for (reason, expected) in [
            ("internal", "prepare"),
            ("video_pull_failed", "prepare"),
            ("photo_pull_failed", "prepare"),
            ("auth_removed", "prepare"),
            ("publish_cancelled", "permanent tiktok-cancelled"),
            ("file_format_check_failed", "permanent tiktok-media-failed"),
            ("duration_check_failed", "permanent tiktok-media-failed"),
            ("frame_rate_check_failed", "permanent tiktok-media-failed"),
            ("picture_size_check_failed", "permanent tiktok-media-failed"),
            ("spam_risk_text", "permanent tiktok-spam"),
            ("spam_risk_too_many_posts", "later 7200"),
            ("", "permanent tiktok-media-failed"),
        ] {
            let Some(State::Failed(class)) = state(&status("FAILED", 0, reason), 10) else { panic!("{reason}") };
            assert_eq!(short(Some(&class)), expected, "{reason}");
        }
    }
}
