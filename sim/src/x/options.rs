//! What a simulated X can be told: the registered app, its people, and the switches for behaviour that
//! the real service leaves unclear.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Everything that can be set at start.
#[derive(Clone, Debug)]
pub struct XOptions {
    /// Where to listen; a free loopback port when absent.
    pub bind: Option<SocketAddr>,
    /// Durable ledger; in memory only when absent. It also keeps the tokens, so that a restarted
    /// simulator still knows the accounts that were connected.
    pub ledger_file: Option<PathBuf>,
    /// The registered confidential app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// A second, public app, for clients without a secret.
    pub public_client_id: String,
    /// Registered callback addresses, matched exactly.
    pub redirect_uris: Vec<String>,
    /// Also accept any `http` callback on the local machine (the demo's port is not known beforehand).
    pub allow_any_loopback_redirect: bool,
    /// Who has an account.
    pub users: Vec<SimUser>,
    /// Which of the two field spellings answers use.
    pub spelling: Spelling,
    /// Whether an account may answer its own posts (chains); unclear for self-serve plans.
    pub self_replies_allowed: bool,
    /// How long a new post stays invisible in timelines.
    pub timeline_lag_ms: i64,
    /// How long identical text is refused.
    pub duplicate_window_ms: i64,
    /// How long videos and GIFs are processed.
    pub processing_ms: i64,
    /// Whether `entities` positions ignore HTML escaping (default: they count the text as answered).
    pub entity_offsets_unescaped: bool,
    /// Sizes of the rate windows.
    pub limits: RateLimits,
    /// Whether a page asks the person or consent is given at once.
    pub consent: Consent,
    /// The seed from which figures of posts grow; without one they stay at nothing.
    pub growth: Option<u64>,
}

impl Default for XOptions {
    fn default() -> Self {
        Self {
            bind: None,
            ledger_file: None,
            client_id: "sim-x-client".into(),
            client_secret: "sim-x-secret".into(),
            public_client_id: "sim-x-public".into(),
            redirect_uris: Vec::new(),
            allow_any_loopback_redirect: false,
            users: vec![
                SimUser::new("2244994945", "socrazi_demo", "Socrazi Demo"),
                SimUser::new("3344556677889900112", "socrazi_second", "Socrazi Second"),
            ],
            spelling: Spelling::Tweet,
            self_replies_allowed: false,
            timeline_lag_ms: 0,
            // Not published; people report hours, and a day is the careful reading.
            duplicate_window_ms: 24 * 3_600_000,
            processing_ms: 2_000,
            entity_offsets_unescaped: false,
            limits: RateLimits::default(),
            consent: Consent::Page,
            growth: None,
        }
    }
}

/// How the consent page behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Redirect at once, as if the person had pressed Allow.
    Auto,
    /// Show a page with Allow and Cancel.
    Page,
}

/// Which field names answers use: the prose documentation and every SDK say `tweet`, the OpenAPI
/// document says `post`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// `edit_history_tweet_ids`, `retweet_count` …
    Tweet,
    /// `edit_history_post_ids`, `repost_count` …
    Post,
}

/// An account on the simulated X.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimUser {
    /// Decimal id.
    pub id: String,
    /// Handle without `@`.
    pub username: String,
    /// Display name.
    pub name: String,
    /// `None`, `Basic`, `Premium` or `PremiumPlus`; the paid ones may write long posts.
    pub subscription_type: String,
}

impl SimUser {
    /// An account without a subscription.
    #[must_use]
    pub fn new(id: &str, username: &str, name: &str) -> Self {
        let (id, username, name) = (id.to_owned(), username.to_owned(), name.to_owned());
        Self { id, username, name, subscription_type: "None".into() }
    }

    /// Whether long posts work for this account.
    #[must_use]
    pub fn is_premium(&self) -> bool {
        self.subscription_type.starts_with("Premium")
    }
}

/// Calls per user and 15 minutes, by endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// `POST /2/tweets`.
    pub create: u32,
    /// `DELETE /2/tweets/{id}`.
    pub delete: u32,
    /// `GET /2/tweets`.
    pub lookup: u32,
    /// `GET /2/users/me`.
    pub me: u32,
    /// `GET /2/users/{id}/tweets`.
    pub timeline: u32,
    /// Each of initialize, append and finalize.
    pub media: u32,
    /// Upload status.
    pub media_status: u32,
    /// One-shot upload.
    pub one_shot: u32,
    /// Alt text.
    pub metadata: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            create: 100,
            delete: 50,
            lookup: 900,
            me: 75,
            timeline: 900,
            media: 1_875,
            media_status: 1_000,
            one_shot: 500,
            metadata: 500,
        }
    }
}

/// The switches that can be moved while it runs, as `POST /__sim/options` takes them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// See [`XOptions::spelling`].
    pub spelling: Option<Spelling>,
    /// See [`XOptions::self_replies_allowed`].
    pub self_replies_allowed: Option<bool>,
    /// See [`XOptions::timeline_lag_ms`].
    pub timeline_lag_ms: Option<i64>,
    /// See [`XOptions::duplicate_window_ms`].
    pub duplicate_window_ms: Option<i64>,
    /// See [`XOptions::processing_ms`].
    pub processing_ms: Option<i64>,
    /// See [`XOptions::entity_offsets_unescaped`].
    pub entity_offsets_unescaped: Option<bool>,
    /// Size of the window of `POST /2/tweets`.
    pub create_limit: Option<u32>,
    /// See [`XOptions::growth`].
    pub growth: Option<u64>,
}

impl XOptions {
    /// Moves the switches that are given.
    pub fn apply(&mut self, switches: &Switches) {
        let Switches { spelling, self_replies_allowed, timeline_lag_ms, duplicate_window_ms, .. } = switches;
        self.spelling = spelling.unwrap_or(self.spelling);
        self.self_replies_allowed = self_replies_allowed.unwrap_or(self.self_replies_allowed);
        self.timeline_lag_ms = timeline_lag_ms.unwrap_or(self.timeline_lag_ms);
        self.duplicate_window_ms = duplicate_window_ms.unwrap_or(self.duplicate_window_ms);
        self.processing_ms = switches.processing_ms.unwrap_or(self.processing_ms);
        self.entity_offsets_unescaped = switches.entity_offsets_unescaped.unwrap_or(self.entity_offsets_unescaped);
        self.growth = switches.growth.or(self.growth);
        self.limits.create = switches.create_limit.unwrap_or(self.limits.create);
    }
}
