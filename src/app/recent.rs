//! What was delivered a moment ago: chat services tell some things twice at once, and again when they are in doubt. Whatever is in here is
//! durable, so the database need not be asked whether it is.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Keys at most: some megabytes.
const KEYS_MAX: usize = 16_384;
/// For how long; rows live longer, so nothing is in here that is not there.
const KEPT: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Default)]
struct Keys {
    known: HashSet<Arc<str>>,
    oldest_first: VecDeque<(Instant, Arc<str>)>,
}

impl Keys {
    fn forget_old(&mut self, now: Instant) {
        while let Some((since, key)) = self.oldest_first.front()
            && (now.duration_since(*since) >= KEPT || self.oldest_first.len() > KEYS_MAX)
        {
            self.known.remove(key);
            self.oldest_first.pop_front();
        }
    }

    fn note(&mut self, key: &str, now: Instant) {
        let key: Arc<str> = key.into();
        if self.known.insert(Arc::clone(&key)) {
            self.oldest_first.push_back((now, key));
        }
        self.forget_old(now);
    }
}

/// The keys of what was stored lately by this process.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Keys>);

impl Recent {
    /// Whether it was stored a moment ago.
    pub(crate) fn has(&self, key: &str) -> bool {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.forget_old(Instant::now());
        keys.known.contains(key)
    }

    /// It is stored.
    pub(crate) fn note(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).note(key, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_for_a_while_and_never_too_many() {
        let (mut keys, begin) = (Keys::default(), Instant::now());
        keys.note("a", begin);
        keys.note("a", begin + KEPT / 2);
        keys.forget_old(begin + KEPT - Duration::from_secs(1));
        assert!(keys.known.contains("a"));
        keys.forget_old(begin + KEPT);
        assert!(
            keys.known.is_empty() && keys.oldest_first.is_empty(),
            "its row is older than it was when it came again"
        );
        (0..=KEYS_MAX).for_each(|no| keys.note(&no.to_string(), begin));
        assert!(!keys.known.contains("0") && keys.known.contains("1") && keys.known.len() == KEYS_MAX);
        let recent = Recent::default();
        recent.note("b");
        assert!(recent.has("b") && !recent.has("c"));
    }
}
