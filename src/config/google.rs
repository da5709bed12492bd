//! The section `google`, but for what only publishing on YouTube needs (its folder reads that), and for how long its figures are kept. What the keys are is in `keys.rs`.

use secrecy::SecretString;
use url::Url;

use super::read::url_or;
use crate::domain::setting::{Faults, Values};

/// The OAuth client at Google, and where Google is.
#[derive(Debug, Clone)]
pub struct GoogleSection {
    /// `google.client_id`.
    pub client_id: String,
    /// `google.client_secret`.
    pub client_secret: SecretString,
    /// `google.auth_url`.
    pub auth_url: Url,
    /// `google.token_url`.
    pub token_url: Url,
    /// `google.revoke_url`.
    pub revoke_url: Url,
    /// `google.issuer`.
    pub issuer: Url,
    /// `google.analytics_data_url`.
    pub analytics_data_url: Url,
    /// `google.analytics_admin_url`.
    pub analytics_admin_url: Url,
    /// `google.search_console_url`.
    pub search_console_url: Url,
    /// `google.youtube_url`.
    pub youtube_url: Url,
    /// `google.youtube_analytics_url`.
    pub youtube_analytics_url: Url,
}

/// What Google's terms let us keep of Analytics and Search Console: the setting may only shorten it.
const ANALYTICS_DAYS_MAX: i64 = 90;
/// What YouTube's terms let us keep of its data without asking again (platforms/google.md §4.5).
const YOUTUBE_DAYS_MAX: i64 = 30;

pub(super) fn section(values: &Values, faults: &mut Faults) -> Option<GoogleSection> {
    if !values.keys().any(|key| key.starts_with("google.")) {
        return None;
    }
    let (client_id, client_secret) = (values.get("google.client_id"), values.get("google.client_secret"));
    for (found, key) in [(client_id, "google.client_id"), (client_secret, "google.client_secret")] {
        if found.is_none() {
            faults.push(format!(
                "{key} is missing: with any other google.* key set, google.client_id and google.client_secret must be those of your OAuth client"
            ));
        }
    }
    let url = |key: &'static str, default: &str| url_or(values, key, default);
    Some(GoogleSection {
        auth_url: url("google.auth_url", "https://accounts.google.com/o/oauth2/v2/auth")?,
        token_url: url("google.token_url", "https://oauth2.googleapis.com/token")?,
        revoke_url: url("google.revoke_url", "https://oauth2.googleapis.com/revoke")?,
        issuer: url("google.issuer", "https://accounts.google.com")?,
        analytics_data_url: url("google.analytics_data_url", "https://analyticsdata.googleapis.com")?,
        analytics_admin_url: url("google.analytics_admin_url", "https://analyticsadmin.googleapis.com")?,
        search_console_url: url("google.search_console_url", "https://searchconsole.googleapis.com")?,
        youtube_url: url("google.youtube_url", "https://youtube.googleapis.com")?,
        youtube_analytics_url: url("google.youtube_analytics_url", "https://youtubeanalytics.googleapis.com")?,
        client_id: client_id?.clone(),
        client_secret: client_secret.cloned().map(SecretString::from)?,
    })
}

pub(super) fn analytics_days(values: &Values, faults: &mut Faults) -> i64 {
    days(values, faults, ("retention.analytics_days", ANALYTICS_DAYS_MAX))
}

pub(super) fn youtube_days(values: &Values, faults: &mut Faults) -> i64 {
    days(values, faults, ("retention.youtube_days", YOUTUBE_DAYS_MAX))
}

fn days(values: &Values, faults: &mut Faults, (key, most): (&str, i64)) -> i64 {
    let days = values.get(key).and_then(|days| days.parse().ok()).unwrap_or(most);
    if !(1..=most).contains(&days) {
        faults.push(format!("{key} must be 1 to {most}: longer is not allowed by Google's terms"));
    }
    days.clamp(1, most)
}
