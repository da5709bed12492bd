//! What a simulated Google can be told: the registered app, its people with what they own, its switches.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::DAY_MS;

/// Everything that can be set at start.
#[derive(Clone, Debug)]
pub struct GoogleOptions {
    /// Where to listen; a free loopback port when absent.
    pub bind: Option<SocketAddr>,
    /// Durable ledger with grants and videos; in memory only when absent.
    pub ledger_file: Option<PathBuf>,
    /// The OAuth client of the operator's project.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Registered callback addresses, matched exactly.
    pub redirect_uris: Vec<String>,
    /// Also accept any `http` callback on the local machine.
    pub allow_any_loopback_redirect: bool,
    /// Consent is given without a page.
    pub auto_consent: bool,
    /// Who has a Google account; the first signs in when nobody is named.
    pub users: Vec<GoogleUser>,
    /// What the generated data of Analytics, Search Console and YouTube Analytics grow from.
    pub seed: u64,
    /// What can be moved while it runs.
    pub tuning: GoogleTuning,
}

impl Default for GoogleOptions {
    fn default() -> Self {
        Self {
            bind: None,
            ledger_file: None,
            client_id: "1000000000001-sim.apps.googleusercontent.com".into(),
            client_secret: "GOCSPX-sim-google-secret".into(),
            redirect_uris: Vec::new(),
            allow_any_loopback_redirect: false,
            auto_consent: false,
            users: vec![GoogleUser::ana(), GoogleUser::ben()],
            seed: 20_261_127,
            tuning: GoogleTuning::default(),
        }
    }
}

/// What `POST /__sim/options` moves; the fields left out go back to what they are at start.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoogleTuning {
    /// The callback comes with this error instead of a code: `access_denied`, `admin_policy_enforced` …
    pub consent_error: Option<String>,
    /// Scopes that the person unticks, where Google lets them (§1.6); written in full.
    pub unticked: Vec<String>,
    /// Never give a refresh token.
    pub no_refresh_token: bool,
    /// The consent screen is in testing: refresh tokens die after a week (§1.5).
    pub is_testing: bool,
    /// What the token endpoint answers instead of tokens: `invalid_grant`, `invalid_client`, `invalid_rapt`, `server_error`.
    pub token_error: Option<String>,
    /// A refresh brings a new refresh token, and the old one dies.
    pub rotates: bool,
    /// Seconds that an access token lives.
    pub access_life_s: i64,
    /// What is wrong with id_tokens: `aud`, `nonce`, `exp`, `iss`, `signature`, `alg`.
    pub id_token_fault: Option<String>,
    /// The second key signs, and the first is gone from the published set.
    pub keys_rotated: bool,
    /// Host names of services that the operator did not enable: `analyticsdata.googleapis.com` …
    pub disabled_services: Vec<String>,
    /// Analytics 4.
    pub ga4: Ga4Tuning,
    /// Search Console.
    pub gsc: GscTuning,
    /// YouTube and its analytics.
    pub youtube: YoutubeTuning,
}

impl Default for GoogleTuning {
    fn default() -> Self {
        Self {
            consent_error: None,
            unticked: Vec::new(),
            no_refresh_token: false,
            is_testing: false,
            token_error: None,
            rotates: false,
            access_life_s: 3_599,
            id_token_fault: None,
            keys_rotated: false,
            disabled_services: Vec::new(),
            ga4: Ga4Tuning::default(),
            gsc: GscTuning::default(),
            youtube: YoutubeTuning::default(),
        }
    }
}

/// Switches of Analytics 4 (§6.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ga4Tuning {
    /// Tokens per property and day.
    pub tokens_per_day: i64,
    /// Tokens per property and hour.
    pub tokens_per_hour: i64,
    /// Tokens per project, property and hour.
    pub tokens_per_project_hour: i64,
    /// Thresholdable requests per property and hour.
    pub thresholded_per_hour: i64,
    /// Server errors per project, property and hour.
    pub server_errors_per_hour: i64,
    /// So many reports are answered with 500 from now on; each burns the quota of server errors.
    pub server_errors: u32,
    /// All slots for concurrent requests are taken.
    pub is_crowded: bool,
    /// Every report is thresholded, not only those with demographics.
    pub is_thresholded: bool,
    /// Groups with fewer users than this are withheld from thresholded reports.
    pub threshold_users: usize,
    /// Read this percentage of the sessions only, and scale up.
    pub sampled_percent: Option<u64>,
    /// More rows than this are folded into `(other)`.
    pub rows_before_other: Option<usize>,
    /// Reports are empty.
    pub is_empty: bool,
    /// Visits are in reports only this much later.
    pub lag_ms: i64,
    /// Whether the shop's revenue is kept from the caller.
    pub revenue_blocked: bool,
    /// Every property has moved to this time zone: what happened before stays where it was counted.
    pub moved_to: Option<String>,
    /// The Admin API tells no time zone.
    pub hides_zone: bool,
    /// An empty report says this in `emptyReason`.
    pub empty_reason: Option<String>,
}

impl Default for Ga4Tuning {
    fn default() -> Self {
        Self {
            tokens_per_day: 200_000,
            tokens_per_hour: 40_000,
            tokens_per_project_hour: 14_000,
            thresholded_per_hour: 120,
            server_errors_per_hour: 10,
            server_errors: 0,
            is_crowded: false,
            is_thresholded: false,
            threshold_users: 12,
            sampled_percent: None,
            rows_before_other: None,
            is_empty: false,
            lag_ms: 0,
            revenue_blocked: false,
            moved_to: None,
            hides_zone: false,
            empty_reason: None,
        }
    }
}

/// Switches of Search Console (§7).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GscTuning {
    /// Days until figures are final.
    pub final_after_days: i64,
    /// Days of which nothing is there at all, today among them.
    pub missing_days: i64,
    /// An answer never has more rows than this, however many are asked for.
    pub rows_at_once: Option<usize>,
    /// Inspections per site and day.
    pub inspections_per_day: u32,
    /// Inspections per site and minute.
    pub inspections_per_minute: u32,
    /// Queries per site and minute.
    pub queries_per_minute: u32,
    /// The load quota is exhausted: expensive queries get `quotaExceeded`.
    pub is_loaded: bool,
    /// Permission levels and enums are answered in the spelling of the discovery document (`SITE_OWNER`).
    pub upper_case: bool,
}

impl Default for GscTuning {
    fn default() -> Self {
        Self {
            final_after_days: 3,
            missing_days: 0,
            rows_at_once: None,
            inspections_per_day: 2_000,
            inspections_per_minute: 600,
            queries_per_minute: 1_200,
            is_loaded: false,
            upper_case: false,
        }
    }
}

/// Switches of YouTube (§4, §5).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct YoutubeTuning {
    /// Units per day for everything but search and insert.
    pub units_per_day: i64,
    /// `videos.insert` calls per day.
    pub inserts_per_day: i64,
    /// `search.list` calls per day.
    pub searches_per_day: i64,
    /// The project has no audit: uploads stay private, `publishAt` never takes effect.
    pub is_audit_locked: bool,
    /// How long an upload session lives.
    pub session_life_ms: i64,
    /// How long a video is processed.
    pub processing_ms: i64,
    /// Processing ends with this `failureReason`.
    pub failure_reason: Option<String>,
    /// Processing ends with this `rejectionReason`.
    pub rejection_reason: Option<String>,
    /// Of each chunk only so many bytes (rounded down to 256 KiB) are kept.
    pub kept_of_chunk: Option<u64>,
    /// The final chunk is stored, then the answer is this status, once.
    pub lost_answers: u32,
    /// Uploads per channel and day.
    pub uploads_per_channel_day: usize,
    /// The channel is not verified by phone: no thumbnails.
    pub is_unverified: bool,
    /// YouTube Analytics: the newest days that are missing.
    pub missing_days: i64,
    /// YouTube Analytics: demographics are withheld under so many views.
    pub demographics_views_min: u64,
}

impl Default for YoutubeTuning {
    fn default() -> Self {
        Self {
            units_per_day: 10_000,
            inserts_per_day: 100,
            searches_per_day: 100,
            is_audit_locked: false,
            session_life_ms: 7 * DAY_MS,
            processing_ms: 60_000,
            failure_reason: None,
            rejection_reason: None,
            kept_of_chunk: None,
            lost_answers: 0,
            uploads_per_channel_day: 100,
            is_unverified: false,
            missing_days: 3,
            demographics_views_min: 50,
        }
    }
}

/// Somebody with a Google account, and what they can reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoogleUser {
    /// The stable id.
    pub sub: String,
    /// Address.
    pub email: String,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Workspace domain.
    #[serde(default)]
    pub hd: Option<String>,
    /// YouTube channels; none is a legitimate account (§4.2). The first is chosen when none is named.
    #[serde(default)]
    pub channels: Vec<SimChannel>,
    /// Analytics accounts, by number (`100`).
    #[serde(default)]
    pub ga4_accounts: Vec<String>,
    /// Sites in Search Console.
    #[serde(default)]
    pub sites: Vec<SimSite>,
}

/// A YouTube channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimChannel {
    /// `UC…`; the uploads playlist is the same with `UU`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its handle, with `@`.
    pub handle: String,
    /// Videos it had before the simulation began.
    #[serde(default)]
    pub old_videos: usize,
}

/// A site and what its user may do there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimSite {
    /// `sc-domain:…` or an address with its trailing slash.
    pub url: String,
    /// `siteOwner`, `siteFullUser`, `siteRestrictedUser`, `siteUnverifiedUser`.
    pub permission: String,
}

impl GoogleUser {
    /// Owns something of everything: two channels, two Analytics accounts, sites of every permission.
    #[must_use]
    pub fn ana() -> Self {
        let channel = |id: &str, title: &str, handle: &str, old_videos| SimChannel {
            id: id.into(),
            title: title.into(),
            handle: handle.into(),
            old_videos,
        };
        let site = |url: &str, permission: &str| SimSite { url: url.into(), permission: permission.into() };
        Self {
            sub: "110248495921238986420".into(),
            email: "ana@example.test".into(),
            given_name: "Ana".into(),
            family_name: "Sim".into(),
            hd: None,
            channels: vec![
                channel("UCsimAnaChannel0000000001", "Ana makes things", "@anamakes", 60),
                channel("UCsimBrandChannel00000002", "Acme", "@acme-sim", 3),
            ],
            ga4_accounts: vec!["100".into(), "101".into(), "102".into()],
            sites: vec![
                site("sc-domain:acme.example", "siteOwner"),
                site("https://www.acme.example/", "siteFullUser"),
                site("https://shop.acme.example/", "siteRestrictedUser"),
                site("https://elsewhere.example/", "siteUnverifiedUser"),
            ],
        }
    }

    /// Has a Google account and nothing else.
    #[must_use]
    pub fn ben() -> Self {
        Self {
            sub: "110248495921238986421".into(),
            email: "ben@example.test".into(),
            given_name: "Ben".into(),
            family_name: "Sim".into(),
            hd: None,
            channels: Vec::new(),
            ga4_accounts: Vec::new(),
            sites: Vec::new(),
        }
    }

    /// Both names.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}
