//! What networks' adapters make of any answer whatever stands in it: evidence for people, when it was given, an answer without the token it repeats,
//! a call that got none. What an answer means each network says itself.

use http::HeaderMap;
use http::header::DATE;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::commit::CallFault;
use crate::http_out::{Answer, OutFault};

/// How much of a body is kept as evidence.
const EVIDENCE_BYTES: usize = 2048;

/// Who waits for a call that may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A queue, which can try again for hours: everything that may pass is "later".
    Queue,
    /// A person in front of a page, who needs a sentence now.
    Person,
}

/// Status and the first 2 kB, for people.
pub(super) fn evidence(status: u16, body: &[u8]) -> String {
    let kept = &body[..body.len().min(EVIDENCE_BYTES)];
    format!("HTTP {status} {}", String::from_utf8_lossy(kept).trim())
}

/// What is said of a refused call may repeat the token: it may be shown or logged.
pub(super) fn without_token(mut answer: Answer, access: &SecretString) -> Answer {
    answer.body = String::from_utf8_lossy(&answer.body).replace(access.expose_secret(), "[token]").into();
    answer
}

/// A call without an answer.
pub(super) fn lost(fault: OutFault) -> CallFault {
    CallFault::Later { after_ms: None, why: fault.to_string() }
}

/// When the network says it answered, Unix milliseconds.
pub(super) fn answered_at(headers: &HeaderMap) -> Option<i64> {
    let value = headers.get(DATE)?.to_str().ok()?;
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    parser.parse_timestamp(value.trim()).ok().map(jiff::Timestamp::as_millisecond)
}
