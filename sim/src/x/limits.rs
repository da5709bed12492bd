//! Rate windows: 15 minutes per user and endpoint, and the headers that every answer carries.

use axum::http::HeaderMap;
use axum::http::header::HeaderValue;

use super::options::RateLimits;
use crate::clock::DAY_MS;

const WINDOW_MS: i64 = 15 * 60_000;
/// `POST /2/tweets` per app and day.
const APP_DAY_MAX: u32 = 10_000;

/// What a call is counted as, and what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Endpoint {
    CreatePost,
    DeletePost,
    Lookup,
    Me,
    Timeline,
    OneShot,
    Initialize,
    Append,
    Finalize,
    MediaStatus,
    Metadata,
}

impl Endpoint {
    pub(crate) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::CreatePost | Self::DeletePost => &["tweet.read", "tweet.write", "users.read"],
            Self::Lookup | Self::Me | Self::Timeline => &["tweet.read", "users.read"],
            Self::OneShot | Self::Initialize | Self::Append | Self::Finalize | Self::MediaStatus | Self::Metadata => {
                &["media.write"]
            }
        }
    }

    fn limit(self, limits: &RateLimits) -> u32 {
        match self {
            Self::CreatePost => limits.create,
            Self::DeletePost => limits.delete,
            Self::Lookup => limits.lookup,
            Self::Me => limits.me,
            Self::Timeline => limits.timeline,
            Self::OneShot => limits.one_shot,
            Self::Initialize | Self::Append | Self::Finalize => limits.media,
            Self::MediaStatus => limits.media_status,
            Self::Metadata => limits.metadata,
        }
    }
}

/// A fixed window, opened by the first call in it.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    opened_ms: i64,
    used: u32,
}

impl Window {
    fn take(&mut self, now_ms: i64, span_ms: i64, limit: u32) -> Taken {
        if self.used == 0 || now_ms >= self.opened_ms + span_ms || now_ms < self.opened_ms {
            *self = Self { opened_ms: now_ms, used: 0 };
        }
        let allowed = self.used < limit;
        if allowed {
            self.used += 1;
        }
        // Rounded up: a client that waits for exactly this second must be let in.
        let reset_s = (self.opened_ms + span_ms + 999).div_euclid(1000);
        Taken { allowed, limit, remaining: limit - self.used.min(limit), reset_s }
    }
}

/// What is left after a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) allowed: bool,
    limit: u32,
    remaining: u32,
    reset_s: i64,
}

impl Taken {
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        headers.insert("x-rate-limit-limit", HeaderValue::from(self.limit));
        headers.insert("x-rate-limit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-rate-limit-reset", HeaderValue::from(self.reset_s));
    }

    pub(crate) fn write_app_day(&self, headers: &mut HeaderMap) {
        headers.insert("x-app-limit-24hour-limit", HeaderValue::from(self.limit));
        headers.insert("x-app-limit-24hour-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-app-limit-24hour-reset", HeaderValue::from(self.reset_s));
    }
}

/// All windows of one simulator.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    by_user: std::collections::HashMap<(String, Endpoint), Window>,
    app_day: Window,
}

impl Windows {
    /// Counts one call; the second value is the app's day, which only creating a post counts towards.
    pub(crate) fn take(
        &mut self,
        limits: &RateLimits,
        user_id: &str,
        endpoint: Endpoint,
        now_ms: i64,
    ) -> (Taken, Option<Taken>) {
        let window = self.by_user.entry((user_id.to_owned(), endpoint)).or_default();
        let taken = window.take(now_ms, WINDOW_MS, endpoint.limit(limits));
        let day =
            (endpoint == Endpoint::CreatePost && taken.allowed).then(|| self.app_day.take(now_ms, DAY_MS, APP_DAY_MAX));
        (taken, day)
    }
}
