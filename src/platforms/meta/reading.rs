//! Looking back at what an account has out: since when, and what a moment is written as (platforms/threads.md §5, platforms/instagram.md §6).

use crate::domain::commit::{CallFault, Search};

/// The network's clock and ours may differ by this much.
const BEFORE_MS: i64 = 60_000;
/// Clocks that differ by more than this are no longer covered by the margin.
const CLOCKS_DIFFER_MS: i64 = 30_000;

/// How far a list is read.
#[derive(Clone, Copy)]
pub(in crate::platforms) enum Until<'a> {
    /// To what was made at this time, Unix seconds.
    Made(i64),
    /// To the post with this short code.
    Seen(&'a str),
}

/// The first instant at which what is looked for can have gone out, Unix milliseconds by the network's clock.
pub(in crate::platforms) fn since(search: &Search, answered_at: Option<i64>) -> i64 {
    let wrong = answered_at.map_or(0, |at| at - search.now);
    // Whether this machine's clock was wrong already when the post was sent is not known, so the earlier of both hours counts.
    let earlier = if wrong.abs() > CLOCKS_DIFFER_MS { wrong.min(0) } else { 0 };
    search.started_at + earlier - BEFORE_MS
}

/// A look that shows nothing either way.
pub(in crate::platforms) fn unsure(why: &str) -> CallFault {
    CallFault::Later { after_ms: None, why: why.to_owned() }
}

/// `2026-11-23T17:00:00+0000`.
pub(in crate::platforms) fn made_at(timestamp: &str) -> Option<i64> {
    timestamp.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
