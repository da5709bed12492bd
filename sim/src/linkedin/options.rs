//! What a simulated LinkedIn can be told: the registered app and its products, its people and pages, its switches.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::DAY_MS;

/// Scopes of the two self-serve products "Sign In with LinkedIn using OpenID Connect" and "Share on LinkedIn" (dossier §1).
pub const SELF_SERVE: [&str; 4] = ["openid", "profile", "email", "w_member_social"];

/// Scopes of the gated Community Management API, and the closed one for reading own posts.
pub const GATED: [&str; 13] = [
    "r_member_social",
    "w_organization_social",
    "r_organization_social",
    "rw_organization_admin",
    "r_organization_admin",
    "r_member_postAnalytics",
    "r_member_profileAnalytics",
    "w_member_social_feed",
    "r_member_social_feed",
    "w_organization_social_feed",
    "r_organization_social_feed",
    "r_basicprofile",
    "r_1st_connections_size",
];

/// Everything that can be set at start.
#[derive(Clone, Debug)]
pub struct LinkedInOptions {
    /// Where to listen; a free loopback port when absent.
    pub bind: Option<SocketAddr>,
    /// Durable ledger with posts, uploads and tokens; in memory only when absent.
    pub ledger_file: Option<PathBuf>,
    /// The app's Client ID.
    pub client_id: String,
    /// The app's Client Secret.
    pub client_secret: String,
    /// Registered callback addresses, matched exactly.
    pub redirect_uris: Vec<String>,
    /// Also accept any `http` callback on the local machine.
    pub allow_any_loopback_redirect: bool,
    /// Consent is given without a page.
    pub auto_consent: bool,
    /// Scopes of the products that the app has; asking for another one fails the whole consent (§1).
    pub scopes: Vec<String>,
    /// Refresh tokens are handed out: approved partners alone have them (§1.3).
    pub is_partner: bool,
    /// Who has an account.
    pub members: Vec<SimMember>,
    /// Which pages there are.
    pub pages: Vec<SimPage>,
    /// Where webhooks go (§7).
    pub webhook: Option<Url>,
    /// What can be moved while it runs.
    pub tuning: Tuning,
}

impl Default for LinkedInOptions {
    fn default() -> Self {
        let (ana, ben) = (SimMember::new("782bbtaQ", "Ana", "Li"), SimMember::new("9kXw_Zs-1", "Ben", "Sato"));
        let page = SimPage {
            id: "5515715".into(),
            name: "Socrazi Demo".into(),
            vanity: "socrazi-demo".into(),
            admins: vec![ana.sub.clone()],
        };
        Self {
            bind: None,
            ledger_file: None,
            client_id: "86simclientid".into(),
            client_secret: "sim-linkedin-secret".into(),
            redirect_uris: Vec::new(),
            allow_any_loopback_redirect: false,
            auto_consent: false,
            scopes: SELF_SERVE.iter().map(|scope| (*scope).to_owned()).collect(),
            is_partner: false,
            members: vec![ana, ben],
            pages: vec![page],
            webhook: None,
            tuning: Tuning::default(),
        }
    }
}

impl LinkedInOptions {
    /// An app with every product, as approved partners have it.
    #[must_use]
    pub fn partner() -> Self {
        let scopes = SELF_SERVE.iter().chain(&GATED).map(|scope| (*scope).to_owned()).collect();
        Self { scopes, is_partner: true, ..Self::default() }
    }
}

/// What `POST /__sim/options` moves; the fields left out go back to what they are at start.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// Versions of the API that are live (§3); every other one answers 426.
    pub versions: Vec<String>,
    /// How long an image or a document is processed.
    pub image_ms: i64,
    /// How long a video is.
    pub video_ms: i64,
    /// How long an upload address lives; the dossier names no number.
    pub upload_life_ms: i64,
    /// Posts with media that is not ready are taken (§3.5: "may be accepted and shown later, or refused").
    pub takes_unready: bool,
    /// How long equal content is refused; 0 switches the check off, which is promised nowhere (§5).
    pub duplicate_ms: i64,
    /// `x-restli-id` is missing from answers (§3.1).
    pub drops_id: bool,
    /// Granted scopes come back with commas, as now, or with spaces (§1.2).
    pub scope_separator: char,
    /// What `uploadToken` of a video says.
    pub upload_token: String,
    /// Posts and comments of one member per UTC day (§4, unverified).
    pub member_writes_max: usize,
    /// Calls of the app per UTC day (§4, unverified).
    pub app_calls_max: usize,
    /// How long a new post is missing from the finder.
    pub list_lag_ms: i64,
}

impl Default for Tuning {
    fn default() -> Self {
        let versions = [
            "202512", "202601", "202602", "202603", "202604", "202605", "202606", "202607", "202608", "202609",
            "202610", "202611",
        ];
        Self {
            versions: versions.map(str::to_owned).to_vec(),
            image_ms: 2_000,
            video_ms: 20_000,
            upload_life_ms: DAY_MS,
            takes_unready: false,
            duplicate_ms: 48 * 3_600_000,
            drops_id: false,
            scope_separator: ',',
            upload_token: String::new(),
            member_writes_max: 150,
            app_calls_max: 100_000,
            list_lag_ms: 0,
        }
    }
}

/// A person on the simulated LinkedIn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimMember {
    /// The pairwise id: the end of `urn:li:person:…`.
    pub sub: String,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Mail address, shown to apps with the scope `email`.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether there is a picture: `picture` may be missing (§2).
    #[serde(default = "yes")]
    pub has_picture: bool,
}

fn yes() -> bool {
    true
}

impl SimMember {
    /// Somebody with a picture and a mail address.
    #[must_use]
    pub fn new(sub: &str, given: &str, family: &str) -> Self {
        let email = Some(format!("{}@members.example", given.to_lowercase()));
        let (given_name, family_name) = (given.to_owned(), family.to_owned());
        Self { sub: sub.to_owned(), given_name, family_name, email, has_picture: true }
    }

    /// `urn:li:person:…`.
    #[must_use]
    pub fn urn(&self) -> String {
        format!("urn:li:person:{}", self.sub)
    }

    /// The whole name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// A company page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimPage {
    /// Decimal id: the end of `urn:li:organization:…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub vanity: String,
    /// Which members administer it.
    pub admins: Vec<String>,
}

impl SimPage {
    /// `urn:li:organization:…`.
    #[must_use]
    pub fn urn(&self) -> String {
        format!("urn:li:organization:{}", self.id)
    }
}
