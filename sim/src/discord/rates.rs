//! Rate limits: a counter for each bucket, one for the whole bot, and the headers that tell of them (dossier §10). Counted on the
//! simulated clock.

use std::collections::{BTreeMap, VecDeque};

use super::refusal::Scope;

/// Requests a second over all routes that are under the global limit.
const GLOBAL_MAX: usize = 50;
const GLOBAL_MS: i64 = 1_000;
/// Invalid requests in ten minutes before the address is banned.
const INVALID_MAX: usize = 10_000;
const INVALID_MS: i64 = 600_000;

/// How often a bucket may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    /// Routes of one name share a counter for each top-level resource.
    pub(super) name: &'static str,
    pub(super) limit: usize,
    pub(super) window_ms: i64,
    pub(super) is_global: bool,
}

impl Bucket {
    pub(super) const fn new(name: &'static str, limit: usize, window_ms: i64) -> Self {
        Self { name, limit, window_ms, is_global: true }
    }

    pub(super) const fn beside_global(self) -> Self {
        Self { is_global: false, ..self }
    }

    /// The hash that clients see.
    fn hash(self) -> String {
        let mixed = self
            .name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{mixed:016x}")
    }
}

/// What was asked lately.
#[derive(Debug, Default)]
pub(super) struct Windows {
    calls: BTreeMap<(&'static str, String), VecDeque<i64>>,
    global: VecDeque<i64>,
    invalid: VecDeque<i64>,
}

/// A limit that was hit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) scope: Scope,
    pub(super) retry_after_ms: u64,
}

fn forget(calls: &mut VecDeque<i64>, before_ms: i64) {
    while calls.front().is_some_and(|at| *at <= before_ms) {
        calls.pop_front();
    }
}

fn opens(calls: &VecDeque<i64>, window_ms: i64, now_ms: i64) -> u64 {
    let opens_ms = calls.front().map_or(0, |at| at + window_ms - now_ms);
    u64::try_from(opens_ms).unwrap_or(1).max(1)
}

impl Windows {
    /// Counts a call against its bucket and the global limit.
    pub(super) fn take(&mut self, bucket: Bucket, major: &str, now_ms: i64) -> Result<(), Hit> {
        if bucket.is_global {
            forget(&mut self.global, now_ms - GLOBAL_MS);
            if self.global.len() >= GLOBAL_MAX {
                return Err(Hit { scope: Scope::Global, retry_after_ms: opens(&self.global, GLOBAL_MS, now_ms) });
            }
        }
        let calls = self.calls.entry((bucket.name, major.to_owned())).or_default();
        forget(calls, now_ms - bucket.window_ms);
        if calls.len() >= bucket.limit {
            return Err(Hit { scope: Scope::User, retry_after_ms: opens(calls, bucket.window_ms, now_ms) });
        }
        calls.push_back(now_ms);
        if bucket.is_global {
            self.global.push_back(now_ms);
        }
        Ok(())
    }

    /// The five headers.
    pub(super) fn headers(&self, bucket: Bucket, major: &str, now_ms: i64) -> BTreeMap<String, String> {
        let calls = self.calls.get(&(bucket.name, major.to_owned()));
        let used = calls.map_or(0, |calls| calls.iter().filter(|at| **at > now_ms - bucket.window_ms).count());
        let after_ms = calls.filter(|_| used > 0).map_or(bucket.window_ms, |calls| {
            i64::try_from(opens(calls, bucket.window_ms, now_ms)).unwrap_or(bucket.window_ms)
        });
        let seconds = |ms: i64| format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000));
        [
            ("x-ratelimit-limit", bucket.limit.to_string()),
            ("x-ratelimit-remaining", bucket.limit.saturating_sub(used).to_string()),
            ("x-ratelimit-reset", seconds(now_ms + after_ms)),
            ("x-ratelimit-reset-after", seconds(after_ms)),
            ("x-ratelimit-bucket", bucket.hash()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// Counts an answer of 401, 403 or 429 that is the client's own doing.
    pub(super) fn invalid(&mut self, now_ms: i64) {
        forget(&mut self.invalid, now_ms - INVALID_MS);
        self.invalid.push_back(now_ms);
    }

    /// How many there were in the last ten minutes.
    pub(super) fn invalid_count(&self, now_ms: i64) -> usize {
        self.invalid.iter().filter(|at| **at > now_ms - INVALID_MS).count()
    }

    /// Whether the address is banned.
    pub(super) fn is_banned(&self, now_ms: i64) -> bool {
        self.invalid_count(now_ms) >= INVALID_MAX
    }
}
