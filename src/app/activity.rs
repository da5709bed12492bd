//! Whether anybody uses this server: a `serve` started by `socrazi mcp` ends when nobody does.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// When somebody last asked for something, and how many talk right now.
#[derive(Debug, Default)]
pub struct Activity {
    last_ms: AtomicI64,
    open: AtomicUsize,
}

impl Activity {
    /// Something happened.
    pub fn touch(&self, now_ms: i64) {
        self.last_ms.store(now_ms, Ordering::Relaxed);
    }

    /// Somebody begins to talk; the talk ends when the guard goes.
    #[must_use]
    pub fn talk(self: &Arc<Self>, now_ms: i64) -> Talk {
        self.touch(now_ms);
        self.open.fetch_add(1, Ordering::Relaxed);
        Talk(Arc::clone(self))
    }

    /// Nobody talks, and nobody has for so long. A talk under way counts as activity until it ends.
    #[must_use]
    pub fn is_idle(&self, now_ms: i64, for_ms: i64) -> bool {
        if self.open.load(Ordering::Relaxed) > 0 {
            self.touch(now_ms);
        }
        now_ms - self.last_ms.load(Ordering::Relaxed) > for_ms
    }
}

/// One talk under way.
#[derive(Debug)]
pub struct Talk(Arc<Activity>);

impl Drop for Talk {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_idle_only_some_time_after_the_last_talk_ended() {
        let activity = Arc::new(Activity::default());
        let talk = activity.talk(1_000);
        assert!(!activity.is_idle(50_000, 10_000), "somebody talks");
        drop(talk);
        assert!(!activity.is_idle(55_000, 10_000), "the talk has only just ended");
        assert!(activity.is_idle(60_001, 10_000));
        activity.touch(60_000);
        assert!(!activity.is_idle(61_000, 10_000), "a page was read");
    }
}
