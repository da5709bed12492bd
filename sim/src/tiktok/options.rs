//! What a simulated TikTok can be told: the registered app and its audit, its creators, its switches.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::pull::Detour;

/// Every scope there is (dossier §1.5).
pub const SCOPES: [&str; 6] =
    ["user.info.basic", "user.info.profile", "user.info.stats", "video.list", "video.upload", "video.publish"];

/// What kind of app is registered: it decides on PKCE (§1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// With a secret; a challenge is not looked at.
    Web,
    /// On a person's machine: redirects to it alone, and a challenge in lower-case hex.
    Desktop,
}

/// Everything that can be set at start.
#[derive(Clone, Debug)]
pub struct TikTokOptions {
    /// Where to listen; a free loopback port when absent.
    pub bind: Option<SocketAddr>,
    /// Durable ledger with posts and tokens; in memory only when absent.
    pub ledger_file: Option<PathBuf>,
    /// The app's client key.
    pub client_key: String,
    /// The app's client secret.
    pub client_secret: String,
    /// What kind it is.
    pub app: App,
    /// Scopes that were approved for it.
    pub scopes: Vec<String>,
    /// It passed the audit: without, it posts for private accounts and for their eyes alone (§5).
    pub is_audited: bool,
    /// Beginnings of addresses that the app proved to be its own (§4.5).
    pub verified_prefixes: Vec<String>,
    /// Where public addresses of media lead on this machine.
    pub detours: Vec<Detour>,
    /// Registered callback addresses, matched exactly.
    pub redirect_uris: Vec<String>,
    /// Also accept any `http` callback on the local machine; the real one takes https alone.
    pub allow_any_loopback_redirect: bool,
    /// Consent is given without a page.
    pub auto_consent: bool,
    /// Where webhooks go (§7).
    pub webhook: Option<Url>,
    /// Who has an account.
    pub creators: Vec<SimCreator>,
    /// What can be moved while it runs.
    pub tuning: Tuning,
}

impl Default for TikTokOptions {
    fn default() -> Self {
        Self {
            bind: None,
            ledger_file: None,
            client_key: "awsimclientkey".into(),
            client_secret: "sim-tiktok-secret".into(),
            app: App::Web,
            scopes: SCOPES.map(str::to_owned).to_vec(),
            is_audited: true,
            verified_prefixes: vec!["https://media.example/".into()],
            detours: Vec::new(),
            redirect_uris: Vec::new(),
            allow_any_loopback_redirect: false,
            auto_consent: false,
            webhook: None,
            creators: vec![
                SimCreator::new("723f24d7-e717-40f8-a2b6-cb8464cd23b4", "socrazi_demo", "Socrazi Demo"),
                SimCreator::new("9a1c55e0-0b1d-4a53-8a3c-111111111111", "socrazi_second", "Socrazi Second"),
            ],
            tuning: Tuning::default(),
        }
    }
}

/// What `POST /__sim/options` moves; the fields left out go back to what they are at start.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// How long a post is processed once its bytes are there.
    pub process_ms: i64,
    /// How long moderation takes after that, before a public post has an id.
    pub moderation_ms: i64,
    /// How long a file may take to come.
    pub fetch_ms: u64,
    /// Direct posts per creator and rolling day, shared by all apps (§5).
    pub posts_max: usize,
    /// Creators that post by the app within a day.
    pub creators_max: usize,
    /// Unfinished shares in the inbox per creator and rolling day (§4.4).
    pub pending_max: usize,
    /// The token endpoint refuses with HTTP 200, as it has been seen to (§1.2).
    pub refuses_with_200: bool,
    /// Photo posts appear in the list of videos (§6, unverified).
    pub lists_photos: bool,
    /// Calls per sliding minute are counted.
    pub counts_calls: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            process_ms: 10_000,
            moderation_ms: 60_000,
            fetch_ms: 20_000,
            posts_max: 15,
            creators_max: 1_000,
            pending_max: 5,
            refuses_with_200: false,
            lists_photos: false,
            counts_calls: true,
        }
    }
}

/// A creator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimCreator {
    /// The id within the app.
    pub open_id: String,
    /// Handle.
    pub username: String,
    /// Display name.
    pub display_name: String,
    /// Biography.
    #[serde(default)]
    pub bio: String,
    /// Followers.
    #[serde(default)]
    pub followers: u64,
    /// The account is private.
    #[serde(default)]
    pub is_private: bool,
    /// Comments are switched off for everything.
    #[serde(default)]
    pub comment_disabled: bool,
    /// Duets are.
    #[serde(default)]
    pub duet_disabled: bool,
    /// Stitches are.
    #[serde(default)]
    pub stitch_disabled: bool,
    /// The longest video, in seconds.
    #[serde(default = "ten_minutes")]
    pub seconds_max: u64,
    /// May not post.
    #[serde(default)]
    pub is_banned: bool,
    /// The phone's app is older than 31.8 (§4.4).
    #[serde(default)]
    pub has_old_app: bool,
}

fn ten_minutes() -> u64 {
    600
}

impl SimCreator {
    /// A public account that nobody follows.
    #[must_use]
    pub fn new(open_id: &str, username: &str, display_name: &str) -> Self {
        Self {
            open_id: open_id.to_owned(),
            username: username.to_owned(),
            display_name: display_name.to_owned(),
            bio: String::new(),
            followers: 0,
            is_private: false,
            comment_disabled: false,
            duet_disabled: false,
            stitch_disabled: false,
            seconds_max: ten_minutes(),
            is_banned: false,
            has_old_app: false,
        }
    }

    /// Who may be let to see a post (§4.0).
    pub(super) fn privacy_levels(&self) -> [&'static str; 3] {
        let widest = if self.is_private { "FOLLOWER_OF_CREATOR" } else { "PUBLIC_TO_EVERYONE" };
        [widest, "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
    }
}
