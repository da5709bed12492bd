//! When chat services deliver much at once, answering that it arrived goes before working on it: they wait three seconds for that, and try
//! again, or give up on an installation, when it takes longer (slack.md §3, discord.md §4).

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// So many deliveries …
const MANY: usize = 8;
/// … within so short a time are a rush.
const SHORT: Duration = Duration::from_millis(50);
/// The pause before a piece of work that is begun in a rush.
const PAUSE: Duration = Duration::from_millis(20);

/// When the last few deliveries came.
#[derive(Debug, Default)]
struct Arrivals(VecDeque<Instant>);

impl Arrivals {
    fn note(&mut self, now: Instant) {
        if self.0.len() == MANY {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }

    fn are_many(&self, now: Instant) -> bool {
        self.0.len() == MANY && self.0.front().is_some_and(|first| now.duration_since(*first) < SHORT)
    }
}

/// How much is delivered.
#[derive(Debug, Default)]
pub(crate) struct Rush {
    arrivals: Mutex<Arrivals>,
    /// While there is a rush, one piece of work at a time.
    narrow: tokio::sync::Mutex<()>,
}

impl Rush {
    /// Something was delivered.
    pub(crate) fn note(&self) {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).note(Instant::now());
    }

    fn is_on(&self) -> bool {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).are_many(Instant::now())
    }

    /// Returns at once when there is no rush. Else one begins after the other, each after a pause; what is returned is held while the work
    /// goes on, and then it is alone.
    pub(crate) async fn wait(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        if !self.is_on() {
            return None;
        }
        let alone = self.narrow.lock().await;
        if !self.is_on() {
            return None;
        }
        tokio::time::sleep(PAUSE).await;
        Some(alone)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_rush_is_many_deliveries_in_a_short_time() {
        let (mut arrivals, begin) = (Arrivals::default(), Instant::now());
        (1..MANY).for_each(|_| arrivals.note(begin));
        assert!(!arrivals.are_many(begin), "one too few");
        arrivals.note(begin);
        assert!(arrivals.are_many(begin + SHORT / 2));
        assert!(!arrivals.are_many(begin + SHORT));
        // As many, each later than the other by more than a share of it.
        let slow = (0..20).map(|no| begin + SHORT * no / 4);
        slow.for_each(|at| {
            arrivals.note(at);
        });
        assert!(!arrivals.are_many(begin + SHORT * 19 / 4));
    }

    #[tokio::test]
    async fn while_it_lasts_each_works_alone_and_all_come_to_an_end() {
        let rush = Rush::default();
        assert!(rush.wait().await.is_none(), "nothing is delivered");
        let flood = async {
            loop {
                (0..MANY).for_each(|_| rush.note());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let (most, now) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = async {
            (0..MANY).for_each(|_| rush.note());
            let each = (0..5).map(|_| async {
                let alone = rush.wait().await;
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(PAUSE).await;
                now.fetch_sub(1, Ordering::SeqCst);
                drop(alone);
            });
            futures::future::join_all(each).await
        };
        let done = tokio::select! { () = flood => 0, all = work => all.len() };
        assert_eq!((done, most.into_inner()), (5, 1));
    }
}
