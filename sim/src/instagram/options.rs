//! What a simulated Instagram can be told: both of the app's pairs, its people, its switches.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::pull::Detour;

/// Everything that can be set at start.
#[derive(Clone, Debug)]
pub struct InstagramOptions {
    /// Where to listen; a free loopback port when absent.
    pub bind: Option<SocketAddr>,
    /// Durable ledger with media, containers and tokens; in memory only when absent.
    pub ledger_file: Option<PathBuf>,
    /// The Instagram app id, for Instagram Login.
    pub client_id: String,
    /// The Instagram app secret.
    pub client_secret: String,
    /// The Meta app id, for Facebook Login: another pair (dossier §0).
    pub meta_id: String,
    /// The Meta app secret.
    pub meta_secret: String,
    /// Every call with a Facebook token needs `appsecret_proof` (§1b).
    pub needs_proof: bool,
    /// Registered callback addresses, matched exactly.
    pub redirect_uris: Vec<String>,
    /// Also accept any `http` callback on the local machine.
    pub allow_any_loopback_redirect: bool,
    /// Consent is given without a page.
    pub auto_consent: bool,
    /// Where the deauthorize callback goes (§8).
    pub deauthorize_callback: Option<Url>,
    /// Where the data deletion request goes (§8).
    pub deletion_callback: Option<Url>,
    /// Where webhooks go, and the word that proves them at their verification (§8).
    pub webhook: Option<(Url, String)>,
    /// Where public addresses of media lead on this machine.
    pub detours: Vec<Detour>,
    /// Who has an account.
    pub users: Vec<SimProfile>,
    /// What can be moved while it runs.
    pub tuning: Tuning,
}

impl Default for InstagramOptions {
    fn default() -> Self {
        Self {
            bind: None,
            ledger_file: None,
            client_id: "9000000000000001".into(),
            client_secret: "sim-instagram-secret".into(),
            meta_id: "5000000000000001".into(),
            meta_secret: "sim-meta-secret".into(),
            needs_proof: false,
            redirect_uris: Vec::new(),
            allow_any_loopback_redirect: false,
            auto_consent: false,
            deauthorize_callback: None,
            deletion_callback: None,
            webhook: None,
            detours: Vec::new(),
            users: vec![
                SimProfile::new("17841400000000011", "socrazi_demo", "Socrazi Demo"),
                SimProfile::new("17841400000000012", "socrazi_second", "Socrazi Second"),
            ],
            tuning: Tuning::default(),
        }
    }
}

/// What `POST /__sim/options` moves; the fields left out go back to what they are at start.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// How long an image or a carousel is in progress.
    pub image_ms: i64,
    /// How long a video is.
    pub video_ms: i64,
    /// How long a file may take to come.
    pub fetch_ms: u64,
    /// How long a new post is missing from the lists.
    pub list_lag_ms: i64,
    /// Publishes per rolling day: the guide says 100, the references 50 (§4).
    pub posts_max: usize,
    /// Containers per rolling day (§4).
    pub containers_max: usize,
    /// Calls per account and rolling day, 4800 times its impressions (§4).
    pub calls_max: usize,
    /// A code is exchanged for the flat shape instead of the list (§1.2).
    pub is_flat: bool,
    /// Trial reels are allowed.
    pub allows_trials: bool,
    /// The seed from which figures of media grow; without one they stay at nothing.
    pub growth: Option<u64>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            image_ms: 2_000,
            video_ms: 20_000,
            fetch_ms: 20_000,
            list_lag_ms: 0,
            posts_max: 50,
            containers_max: 400,
            calls_max: 48_000,
            is_flat: false,
            allows_trials: true,
            growth: None,
        }
    }
}

/// A professional account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimProfile {
    /// The id for all paths, larger than 53 bits.
    pub id: String,
    /// The id that is good within the app alone: what the code exchange and the callbacks say.
    pub scoped_id: String,
    /// Handle.
    pub username: String,
    /// Display name.
    pub name: String,
    /// `BUSINESS` or `MEDIA_CREATOR`.
    pub account_type: String,
    /// Biography.
    #[serde(default)]
    pub biography: String,
    /// Website.
    #[serde(default)]
    pub website: String,
    /// Followers.
    #[serde(default)]
    pub followers: u64,
    /// The Facebook person who runs the page that it is linked with.
    pub person_id: String,
    /// That page; without one Facebook Login does not find the account.
    #[serde(default)]
    pub page_id: Option<String>,
}

impl SimProfile {
    /// A business account that nobody follows, with a page of its own.
    #[must_use]
    pub fn new(id: &str, username: &str, name: &str) -> Self {
        let tail = id.get(id.len().saturating_sub(4)..).unwrap_or_default();
        Self {
            id: id.to_owned(),
            scoped_id: format!("2700000000000{tail}"),
            username: username.to_owned(),
            name: name.to_owned(),
            account_type: "BUSINESS".into(),
            biography: String::new(),
            website: String::new(),
            followers: 0,
            person_id: "10200000000000001".into(),
            page_id: Some(format!("1100000000000{tail}")),
        }
    }
}
