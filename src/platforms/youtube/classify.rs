//! What YouTube's answers mean: the tables of platforms/google.md §3 and §4.4 as pure functions. Nothing here knows which video was meant;
//! `show` and `upload` add that.

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::tz::TimeZone;

use super::limits::QUOTA_ZONE;
use super::wire::{Envelope, Problem};
use crate::domain::commit::{CallFault, RefusedClass};
use crate::domain::refusal::Sentence;
use crate::http_out::Answer;
use crate::platforms::answers::{Waiting, answered_at, evidence};
use crate::say;

/// How much of YouTube's own words is shown in a sentence.
const DETAIL_CHARS: usize = 200;
/// §3: a refusal for too many calls rarely says how long; a minute is the first step, and each try waits longer than the one before.
const THROTTLED_MS: i64 = 60_000;
/// The longest wait that is believed.
const WAIT_MS_MAX: i64 = 3_600_000;
/// An operator who must do something is waited for this long at a time.
const STOPPED_MS: i64 = 15 * 60_000;
/// Within the grace window a new day is waited for; longer than this, the person is told instead.
const WORTH_WAITING_MS: i64 = 50 * 60_000;
const HOUR_MS: i64 = 3_600_000;

/// What a status other than 2xx documents, `None` where nothing is documented.
pub(super) fn refusal(answer: &Answer) -> Option<RefusedClass> {
    let problem = problem(&answer.body);
    if answer.status == 401 {
        let has_none = problem.has(&["youtubeSignupRequired"]);
        return Some(if has_none { RefusedClass::Blocked(no_channel()) } else { RefusedClass::Unauthorized });
    }
    if !(400..500).contains(&answer.status) {
        return None;
    }
    if problem.has(&["quotaExceeded", "dailyLimitExceeded"]) {
        let hours = (until_new_day(&answer.headers).unwrap_or(24 * HOUR_MS) + HOUR_MS - 1) / HOUR_MS;
        return Some(RefusedClass::AppStopped(say!("youtube-quota-day", hours = hours)));
    }
    let is_throttled = problem.has(&["rateLimitExceeded", "userRateLimitExceeded", "uploadRateLimitExceeded"]);
    if answer.status == 429 || is_throttled || problem.status == "RESOURCE_EXHAUSTED" {
        let wait = retry_after(&answer.headers).unwrap_or(THROTTLED_MS);
        return Some(RefusedClass::Later { after_ms: Some(wait.clamp(0, WAIT_MS_MAX)) });
    }
    if problem.has(&["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]) {
        return Some(RefusedClass::Blocked(say!("youtube-permission-missing")));
    }
    if problem.has(&["accessNotConfigured", "SERVICE_DISABLED"]) {
        return Some(RefusedClass::AppStopped(say!("youtube-api-off")));
    }
    if problem.has(&["authenticatedUserAccountSuspended", "authenticatedUserAccountClosed", "channelSuspended"]) {
        return Some(RefusedClass::Blocked(say!("youtube-channel-closed")));
    }
    if problem.has(&["uploadLimitExceeded"]) {
        return Some(RefusedClass::Permanent(say!("youtube-upload-limit")));
    }
    match answer.status {
        // Timeouts and the like on the way say nothing about what happened behind them.
        408 | 425 | 499 => None,
        // The video is not there (any more).
        404 if problem.has(&["videoNotFound"]) => Some(RefusedClass::PrepareAgain),
        _ if problem.is_said() => Some(RefusedClass::Permanent(say!("youtube-refused", detail = detail(&problem)))),
        _ => None,
    }
}

/// Whether an answer says that a video is not there (any more).
pub(super) fn says_gone(answer: &Answer) -> bool {
    answer.status == 404 && problem(&answer.body).has(&["videoNotFound"])
}

/// Whether an answer says no to this thing alone, for a reason that has no word of its own.
pub(super) fn is_forbidden(answer: &Answer) -> bool {
    answer.status == 403 && problem(&answer.body).has(&["forbidden"])
}

/// The sentence for a Google account without a channel.
pub(super) fn no_channel() -> Sentence {
    say!("youtube-no-channel")
}

/// What a failed read, upload or removal means: plain retry for everything that is no refusal.
pub(super) fn call_fault(answer: &Answer, waiting: Waiting) -> CallFault {
    let why = evidence(answer.status, &answer.body);
    match refusal(answer) {
        Some(RefusedClass::Later { after_ms }) => CallFault::Later { after_ms, why },
        Some(RefusedClass::Unauthorized) => CallFault::Unauthorized { why },
        Some(RefusedClass::AppStopped(what)) => match (waiting, until_new_day(&answer.headers)) {
            // What no wait within the grace window mends is told at once, with the hour at which it will work.
            (Waiting::Queue, Some(left)) if what.key == "youtube-quota-day" && left <= WORTH_WAITING_MS => {
                CallFault::Later { after_ms: Some(left), why }
            }
            (Waiting::Queue, _) if what.key != "youtube-quota-day" => {
                CallFault::Later { after_ms: Some(STOPPED_MS), why }
            }
            (Waiting::Queue | Waiting::Person, _) => CallFault::Refused(what),
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

/// How long it is until the quotas of a day are filled again (§4.1), by YouTube's own clock.
fn until_new_day(headers: &HeaderMap) -> Option<i64> {
    let now = jiff::Timestamp::from_millisecond(answered_at(headers)?).ok()?;
    let here = now.to_zoned_datetime(TimeZone::get(QUOTA_ZONE).ok()?);
    let midnight = here.tomorrow().ok()?.start_of_day().ok()?;
    Some(midnight.timestamp().as_millisecond() - now.as_millisecond())
}

fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let seconds: i64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(seconds.saturating_mul(1000))
}

fn problem(body: &[u8]) -> Problem {
    serde_json::from_slice::<Envelope>(body).map(|envelope| envelope.error).unwrap_or_default()
}

fn detail(problem: &Problem) -> String {
    let reason =
        problem.errors.iter().chain(&problem.details).map(|one| one.reason.as_str()).find(|one| !one.is_empty());
    let words = if problem.message.is_empty() { reason.unwrap_or(&problem.status) } else { &problem.message };
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(DETAIL_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use RefusedClass::{AppStopped, Blocked, Duplicate, Later, Permanent, PrepareAgain, Spent, Unauthorized};

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
        Answer { status, headers: headers.collect(), body: body.to_owned().into() }
    }

    fn reason(word: &str) -> String {
        format!(r#"{{"error":{{"code":403,"message":"words","errors":[{{"reason":"{word}"}}]}}}}"#)
    }

    fn short(answer: &Answer) -> String {
        match refusal(answer) {
            None => "unknown".into(),
            Some(class) => match class {
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
        let detail =
            r#"{"error":{"status":"PERMISSION_DENIED","details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}"#;
        let exhausted = r#"{"error":{"status":"RESOURCE_EXHAUSTED"}}"#;
        let rows: Vec<(u16, String, &str)> = vec![
            (401, reason("authError"), "unauthorized"),
            (401, "<html>".into(), "unauthorized"),
            (401, reason("youtubeSignupRequired"), "blocked youtube-no-channel"),
            (403, reason("quotaExceeded"), "stopped youtube-quota-day"),
            (429, reason("quotaExceeded"), "stopped youtube-quota-day"),
            (403, reason("dailyLimitExceeded"), "stopped youtube-quota-day"),
            (403, reason("rateLimitExceeded"), "later 60000"),
            (403, reason("userRateLimitExceeded"), "later 60000"),
            (429, reason("uploadRateLimitExceeded"), "later 60000"),
            (429, "<html>".into(), "later 60000"),
            (403, exhausted.into(), "later 60000"),
            (403, reason("insufficientPermissions"), "blocked youtube-permission-missing"),
            (403, detail.into(), "blocked youtube-permission-missing"),
            (403, reason("accessNotConfigured"), "stopped youtube-api-off"),
            (403, reason("SERVICE_DISABLED"), "stopped youtube-api-off"),
            (403, reason("authenticatedUserAccountSuspended"), "blocked youtube-channel-closed"),
            (400, reason("uploadLimitExceeded"), "permanent youtube-upload-limit"),
            (400, reason("invalidTitle"), "permanent youtube-refused"),
            (400, reason("invalidCategoryId"), "permanent youtube-refused"),
            (403, reason("forbidden"), "permanent youtube-refused"),
            (403, reason("forbiddenPrivacySetting"), "permanent youtube-refused"),
            (404, reason("videoNotFound"), "prepare"),
            (404, "<html>".into(), "unknown"),
            (400, "<html>".into(), "unknown"),
            (408, reason("x"), "unknown"),
            (302, String::new(), "unknown"),
            (308, String::new(), "unknown"),
            (500, reason("internalError"), "unknown"),
            (503, "<html>".into(), "unknown"),
        ];
        for (status, body, expected) in rows {
            assert_eq!(short(&answer(status, &[], &body)), expected, "{status} {body}");
        }
        assert_eq!(short(&answer(429, &[("retry-after", "7")], "")), "later 7000");
        assert_eq!(short(&answer(429, &[("retry-after", "999999999")], "")), "later 3600000");
    }

    #[test]
    fn a_quota_of_the_day_is_waited_for_only_shortly_before_midnight_in_california() {
        let fault = |date: &str| call_fault(&answer(403, &[("date", date)], &reason("quotaExceeded")), Waiting::Queue);
        // Summer there: midnight is at 07:00 UTC; winter: 08:00.
        for (date, minutes) in [("Thu, 02 Jul 2026 06:30:00 GMT", 30), ("Fri, 27 Nov 2026 07:15:00 GMT", 45)] {
            assert!(
                matches!(fault(date), CallFault::Later { after_ms: Some(ms), .. } if ms == minutes * 60_000),
                "{date}"
            );
        }
        let CallFault::Refused(what) = fault("Fri, 27 Nov 2026 18:00:00 GMT") else { panic!("not told") };
        assert_eq!(what, say!("youtube-quota-day", hours = 14));
        // The day the clocks go back there has 25 hours.
        let CallFault::Refused(what) = fault("Sun, 01 Nov 2026 07:30:00 GMT") else { panic!("not told") };
        assert_eq!(what, say!("youtube-quota-day", hours = 25));
        let undated = call_fault(&answer(403, &[], &reason("quotaExceeded")), Waiting::Queue);
        assert!(matches!(undated, CallFault::Refused(_)), "{undated:?}");
    }
}
