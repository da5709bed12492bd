//! What a simulated Threads can be told: the registered app, its people, its switches.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

/// Everything that can be set at start.
#[derive(Clone, Debug)]
pub struct ThreadsOptions {
    /// Where to listen; a free loopback port when absent.
    pub bind: Option<SocketAddr>,
    /// Durable ledger with posts, containers and tokens; in memory only when absent.
    pub ledger_file: Option<PathBuf>,
    /// The Threads App ID.
    pub client_id: String,
    /// The Threads App Secret.
    pub client_secret: String,
    /// The Facebook App ID of the same app, which is refused with 4476002 (§1).
    pub facebook_app_id: String,
    /// Registered callback addresses, matched exactly.
    pub redirect_uris: Vec<String>,
    /// Also accept any `http` callback on the local machine.
    pub allow_any_loopback_redirect: bool,
    /// Consent is given without a page.
    pub auto_consent: bool,
    /// Where the uninstall callback goes (§7).
    pub uninstall_callback: Option<Url>,
    /// Where the delete callback goes (§7).
    pub delete_callback: Option<Url>,
    /// Who has an account.
    pub users: Vec<SimProfile>,
    /// What can be moved while it runs.
    pub tuning: Tuning,
}

impl Default for ThreadsOptions {
    fn default() -> Self {
        Self {
            bind: None,
            ledger_file: None,
            client_id: "7000000000000001".into(),
            client_secret: "sim-threads-secret".into(),
            facebook_app_id: "5000000000000001".into(),
            redirect_uris: Vec::new(),
            allow_any_loopback_redirect: false,
            auto_consent: false,
            uninstall_callback: None,
            delete_callback: None,
            users: vec![
                SimProfile::new("17841400000000001", "socrazi_demo", "Socrazi Demo"),
                SimProfile::new("17841400000000002", "socrazi_second", "Socrazi Second"),
            ],
            tuning: Tuning::default(),
        }
    }
}

/// What `POST /__sim/options` moves; the fields left out go back to what they are at start.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// How long a text container is in progress.
    pub text_ms: i64,
    /// How long an image or a carousel is.
    pub image_ms: i64,
    /// How long a video is.
    pub video_ms: i64,
    /// How long a new post is missing from the lists.
    pub list_lag_ms: i64,
    /// Posts per rolling day.
    pub posts_max: usize,
    /// Replies per rolling day.
    pub replies_max: usize,
    /// Deletes per rolling day.
    pub deletes_max: usize,
    /// The seed from which figures of posts grow; without one they stay at nothing.
    pub growth: Option<u64>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            text_ms: 1_000,
            image_ms: 3_000,
            video_ms: 20_000,
            list_lag_ms: 0,
            posts_max: 250,
            replies_max: 1_000,
            deletes_max: 100,
            growth: None,
        }
    }
}

/// An account on the simulated Threads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimProfile {
    /// Decimal id, larger than 53 bits.
    pub id: String,
    /// Handle.
    pub username: String,
    /// Display name.
    pub name: String,
    /// Biography.
    #[serde(default)]
    pub biography: String,
    /// Followers, seen in insights alone (§2).
    #[serde(default)]
    pub followers: u64,
}

impl SimProfile {
    /// An account that nobody follows.
    #[must_use]
    pub fn new(id: &str, username: &str, name: &str) -> Self {
        let (id, username, name) = (id.to_owned(), username.to_owned(), name.to_owned());
        Self { id, username, name, biography: String::new(), followers: 0 }
    }
}
