//! How fast Discord may be asked (dossier §10): what its own headers say of a bucket, one global limit for the bot, and nothing at all once
//! it refused the token. Nothing is known by heart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Buckets kept at hand; the ones that are over are forgotten beyond that.
const BUCKETS_MAX: usize = 10_000;
/// Requests of the bot in a second: below Discord's 50.
const GLOBAL_MAX: u32 = 45;

/// What an answer says of its bucket.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Told {
    /// The bucket's name.
    pub(super) bucket: Option<String>,
    /// What may still be asked.
    pub(super) remaining: Option<u32>,
    /// Until when.
    pub(super) reset_after: Option<Duration>,
}

struct Bucket {
    left: u32,
    until: Instant,
}

#[derive(Default)]
struct Known {
    /// A route's bucket.
    names: HashMap<String, String>,
    buckets: HashMap<String, Bucket>,
    global_until: Option<Instant>,
    second: Option<(Instant, u32)>,
}

/// All limits.
#[derive(Default)]
pub(super) struct Pace(Mutex<Known>);

impl Pace {
    /// How long to wait before the next request on a route; it counts as made. `major` is what the bucket is counted by.
    pub(super) fn take(&self, route: &str, major: &str, is_global: bool, now: Instant) -> Duration {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = Duration::ZERO;
        let key = known.key(route, major);
        if let Some(bucket) = known.buckets.get_mut(&key) {
            if now >= bucket.until {
                known.buckets.remove(&key);
            } else if bucket.left == 0 {
                wait = bucket.until - now;
            } else {
                bucket.left -= 1;
            }
        }
        if is_global {
            wait = wait.max(known.global(now));
        }
        wait
    }

    /// What an answer said.
    pub(super) fn hear(&self, route: &str, major: &str, told: &Told, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = &told.bucket {
            known.names.insert(route.to_owned(), bucket.clone());
        }
        if let (Some(left), Some(after)) = (told.remaining, told.reset_after) {
            known.note(route, major, left, now + after, now);
        }
    }

    /// Discord said to wait: everybody, or whoever asks this.
    pub(super) fn hold(&self, route: &str, major: &str, is_global: bool, wait: Duration, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_global {
            known.global_until = Some(now + wait);
        } else {
            known.note(route, major, 0, now + wait, now);
        }
    }
}

impl Known {
    fn key(&self, route: &str, major: &str) -> String {
        format!("{} {major}", self.names.get(route).map_or(route, String::as_str))
    }

    fn note(&mut self, route: &str, major: &str, left: u32, until: Instant, now: Instant) {
        if self.buckets.len() >= BUCKETS_MAX {
            self.buckets.retain(|_, bucket| bucket.until > now);
        }
        let key = self.key(route, major);
        // Answers come in any order: within a window the smaller number is the newer one.
        let same = self.buckets.get(&key).filter(|bucket| bucket.until + Duration::from_millis(250) > until);
        let left = same.map_or(left, |bucket| bucket.left.min(left));
        self.buckets.insert(key, Bucket { left, until });
    }

    fn global(&mut self, now: Instant) -> Duration {
        const SECOND: Duration = Duration::from_secs(1);
        let held = self.global_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let (begun, made) = match self.second {
            Some((begun, made)) if now.saturating_duration_since(begun) < SECOND => (begun, made),
            _ => (now, 0),
        };
        self.second = Some((begun, made + 1));
        let full = if made >= GLOBAL_MAX { (begun + SECOND).saturating_duration_since(now) } else { Duration::ZERO };
        held.max(full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(left: u32, after_ms: u64) -> Told {
        Told { bucket: Some("b".into()), remaining: Some(left), reset_after: Some(Duration::from_millis(after_ms)) }
    }

    #[test]
    fn an_empty_bucket_is_waited_for_and_another_channel_is_not() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert_eq!(pace.take("POST messages", "1", true, now), Duration::ZERO);
        pace.hear("POST messages", "1", &told(1, 900), now);
        assert_eq!(pace.take("POST messages", "1", true, now), Duration::ZERO, "one was left");
        assert_eq!(pace.take("POST messages", "1", true, now), Duration::from_millis(900));
        assert_eq!(pace.take("POST messages", "2", true, now), Duration::ZERO);
        assert_eq!(pace.take("POST messages", "1", true, now + Duration::from_secs(1)), Duration::ZERO);
    }

    #[test]
    fn routes_of_one_bucket_share_it() {
        let (pace, now) = (Pace::default(), Instant::now());
        pace.hear("POST messages", "1", &told(0, 500), now);
        pace.hear("PATCH messages", "1", &told(0, 500), now);
        assert_eq!(pace.take("PATCH messages", "1", true, now), Duration::from_millis(500));
    }

    #[test]
    fn the_global_limit_holds_everybody_but_interactions() {
        let (pace, now) = (Pace::default(), Instant::now());
        pace.hold("GET x", "", true, Duration::from_secs(3), now);
        assert_eq!(pace.take("GET y", "", true, now), Duration::from_secs(3));
        assert_eq!(pace.take("POST callback", "", false, now), Duration::ZERO);
        let later = now + Duration::from_secs(4);
        for _ in 0..GLOBAL_MAX {
            assert_eq!(pace.take("GET z", "", true, later), Duration::ZERO);
        }
        assert!(pace.take("GET z", "", true, later) > Duration::ZERO);
    }
}
