//! How fast Slack may be asked (dossier §13): a bucket per method and team, one per channel for posting. Whoever comes too early waits;
//! a 429 moves everybody of that bucket back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Buckets kept at hand; full ones are forgotten beyond that.
const BUCKETS_MAX: usize = 10_000;

/// A kind of limit: so many at once, then one each so many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    burst: u32,
    every_ms: u64,
}

/// Slack's tiers, with a fifth of each left for what we do not see.
const fn tier(per_minute: u64) -> Rate {
    #[expect(clippy::cast_possible_truncation, reason = "per_minute is at most 100")]
    let burst = (per_minute / 3) as u32;
    Rate { burst, every_ms: 75_000 / per_minute }
}

/// The limit of a method.
pub(super) const fn of_method(method: &str) -> Rate {
    match method.as_bytes() {
        b"chat.startStream" => tier(20),
        b"chat.appendStream"
        | b"chat.postEphemeral"
        | b"users.info"
        | b"views.publish"
        | b"views.open"
        | b"views.update"
        | b"files.getUploadURLExternal"
        | b"files.completeUploadExternal" => tier(100),
        b"chat.postMessage" => tier(100),
        b"chat.stopStream" => tier(20),
        _ => tier(50),
    }
}

/// Posting into one channel: about one a second.
pub(super) const CHANNEL: Rate = Rate { burst: 4, every_ms: 1_050 };

struct Bucket {
    left: f64,
    seen: Instant,
    not_before: Instant,
}

/// All buckets.
#[derive(Default)]
pub(super) struct Pace(Mutex<HashMap<String, Bucket>>);

impl Pace {
    /// How long to wait before the next call of this kind; the call counts as made.
    pub(super) fn take(&self, key: &str, rate: Rate, now: Instant) -> Duration {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|_, bucket| now.duration_since(bucket.seen) < Duration::from_secs(120));
        }
        let full = f64::from(rate.burst);
        let bucket = buckets.entry(key.to_owned()).or_insert(Bucket { left: full, seen: now, not_before: now });
        let every = Duration::from_millis(rate.every_ms);
        bucket.left = full.min(bucket.left + now.duration_since(bucket.seen).as_secs_f64() / every.as_secs_f64()) - 1.0;
        bucket.seen = now;
        let short = if bucket.left < 0.0 { every.mul_f64(-bucket.left) } else { Duration::ZERO };
        short.max(bucket.not_before.saturating_duration_since(now))
    }

    /// Slack said to wait.
    pub(super) fn hold(&self, key: &str, rate: Rate, wait: Duration, now: Instant) {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket =
            buckets.entry(key.to_owned()).or_insert(Bucket { left: f64::from(rate.burst), seen: now, not_before: now });
        bucket.not_before = bucket.not_before.max(now + wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let pace = Pace::default();
        let now = Instant::now();
        for _ in 0..CHANNEL.burst {
            assert_eq!(pace.take("c", CHANNEL, now), Duration::ZERO);
        }
        assert_eq!(pace.take("c", CHANNEL, now), Duration::from_millis(1_050));
        assert_eq!(pace.take("c", CHANNEL, now), Duration::from_millis(2_100), "the one behind waits longer");
        assert_eq!(pace.take("other", CHANNEL, now), Duration::ZERO, "another channel does not wait");
        assert_eq!(pace.take("c", CHANNEL, now + Duration::from_secs(60)), Duration::ZERO);
    }

    #[test]
    fn a_refusal_holds_everybody_of_that_kind_back() {
        let pace = Pace::default();
        let now = Instant::now();
        pace.hold("m", of_method("chat.update"), Duration::from_secs(7), now);
        assert_eq!(pace.take("m", of_method("chat.update"), now), Duration::from_secs(7));
        assert_eq!(pace.take("m", of_method("chat.update"), now + Duration::from_secs(8)), Duration::ZERO);
    }
}
