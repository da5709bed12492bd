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
const SECOND: Duration = Duration::from_secs(1);

/// What an answer says of its bucket.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Told {
    /// The bucket's name.
    pub(super) bucket: Option<String>,
    /// What may be asked in a window.
    pub(super) limit: Option<u32>,
    /// What may still be asked.
    pub(super) remaining: Option<u32>,
    /// Until when.
    pub(super) reset_after: Option<Duration>,
}

struct Bucket {
    limit: Option<u32>,
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
    /// How long to wait before asking here again; zero when the request may be made now: then it counts. `major` is what the bucket is
    /// counted by.
    pub(super) fn take(&self, route: &str, major: &str, is_global: bool, now: Instant) -> Duration {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = known.key(route, major);
        let of_all = if is_global { known.global_wait(now) } else { Duration::ZERO };
        let wait = known.buckets.get(&key).map_or(Duration::ZERO, |bucket| bucket.wait(now)).max(of_all);
        if wait.is_zero() {
            if let Some(bucket) = known.buckets.get_mut(&key) {
                bucket.count(now);
            }
            if is_global {
                known.count(now);
            }
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
            known.note((route, major), told.limit, left, now + after, now);
        }
    }

    /// Discord said to wait: everybody, or whoever asks this.
    pub(super) fn hold(&self, route: &str, major: &str, is_global: bool, wait: Duration, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_global {
            known.global_until = Some(now + wait);
        } else {
            known.note((route, major), None, 0, now + wait, now);
        }
    }
}

impl Known {
    fn key(&self, route: &str, major: &str) -> String {
        format!("{} {major}", self.names.get(route).map_or(route, String::as_str))
    }

    fn note(&mut self, (route, major): (&str, &str), limit: Option<u32>, left: u32, until: Instant, now: Instant) {
        if self.buckets.len() >= BUCKETS_MAX {
            self.buckets.retain(|_, bucket| bucket.until > now);
        }
        let key = self.key(route, major);
        let before = self.buckets.get(&key);
        let limit = limit.or_else(|| before.and_then(|bucket| bucket.limit));
        // Answers come in any order: within a window the smaller number is the newer one.
        let same = before.filter(|bucket| bucket.until + Duration::from_millis(250) > until);
        let left = same.map_or(left, |bucket| bucket.left.min(left));
        self.buckets.insert(key, Bucket { limit, left, until });
    }

    fn global_wait(&self, now: Instant) -> Duration {
        let held = self.global_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let full = match self.second {
            Some((begun, made)) if made >= GLOBAL_MAX => (begun + SECOND).saturating_duration_since(now),
            _ => Duration::ZERO,
        };
        held.max(full)
    }

    fn count(&mut self, now: Instant) {
        let (begun, made) = self.second.filter(|(begun, _)| now < *begun + SECOND).unwrap_or((now, 0));
        self.second = Some((begun, made + 1));
    }
}

impl Bucket {
    fn wait(&self, now: Instant) -> Duration {
        if self.left == 0 { self.until.saturating_duration_since(now) } else { Duration::ZERO }
    }

    /// Counts a request. Whoever waited for the window to end does not ask all at once then: the next one is as large.
    fn count(&mut self, now: Instant) {
        if now >= self.until {
            // How long it is, its first answer says.
            (self.left, self.until) = (self.limit.unwrap_or(1), now + SECOND);
        }
        self.left = self.left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(left: u32, after_ms: u64) -> Told {
        let reset_after = Some(Duration::from_millis(after_ms));
        Told { bucket: Some("b".into()), limit: Some(3), remaining: Some(left), reset_after }
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
    fn whoever_waited_for_a_window_does_not_ask_all_at_once_when_it_ends() {
        let (pace, now) = (Pace::default(), Instant::now());
        pace.hear("POST messages", "1", &told(0, 500), now);
        let later = now + Duration::from_millis(500);
        for _ in 0..3 {
            assert_eq!(pace.take("POST messages", "1", true, later), Duration::ZERO, "as many as a window has");
        }
        assert!(!pace.take("POST messages", "1", true, later).is_zero());
        // What waits is not counted: the global limit would fill up with those who ask again and again.
        for _ in 0..2 * GLOBAL_MAX {
            assert!(!pace.take("POST messages", "1", true, later).is_zero());
        }
        assert_eq!(pace.take("POST messages", "2", true, later), Duration::ZERO);
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
