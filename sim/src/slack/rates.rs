//! Rate tiers, counted on the simulated clock (dossier §13).

use std::collections::{BTreeMap, VecDeque};

const WINDOW_MS: i64 = 60_000;
/// Messages that one channel takes at once before one a second is enforced.
const BURST: f64 = 4.0;

/// How often a method may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tier {
    /// So many calls a minute for each workspace.
    PerMinute(usize),
    /// One message a second for each channel.
    Posting,
}

pub(super) const TIER_1: Tier = Tier::PerMinute(1);
pub(super) const TIER_2: Tier = Tier::PerMinute(20);
pub(super) const TIER_3: Tier = Tier::PerMinute(50);
pub(super) const TIER_4: Tier = Tier::PerMinute(100);
/// "Special" in Slack's words, several hundred.
pub(super) const SPECIAL: Tier = Tier::PerMinute(600);

/// What was called lately.
#[derive(Debug, Default)]
pub(super) struct Windows {
    calls: BTreeMap<(String, String), VecDeque<i64>>,
    buckets: BTreeMap<String, (f64, i64)>,
}

impl Windows {
    /// Counts a call; the seconds to wait when it comes too early.
    pub(super) fn take(&mut self, tier: Tier, key: (&str, &str), channel: &str, now_ms: i64) -> Result<(), i64> {
        match tier {
            Tier::PerMinute(limit) => {
                let calls = self.calls.entry((key.0.to_owned(), key.1.to_owned())).or_default();
                while calls.front().is_some_and(|at| now_ms - at >= WINDOW_MS) {
                    calls.pop_front();
                }
                if calls.len() >= limit {
                    let opens_ms = calls.front().map_or(0, |at| at + WINDOW_MS - now_ms);
                    return Err((opens_ms + 999) / 1_000);
                }
                calls.push_back(now_ms);
                Ok(())
            }
            Tier::Posting => {
                let (tokens, at) = self.buckets.entry(channel.to_owned()).or_insert((BURST, now_ms));
                let passed = i32::try_from((now_ms - *at).max(0)).unwrap_or(i32::MAX);
                *tokens = (*tokens + f64::from(passed) / 1_000.0).min(BURST);
                *at = now_ms;
                if *tokens < 1.0 {
                    return Err(1);
                }
                *tokens -= 1.0;
                Ok(())
            }
        }
    }
}
