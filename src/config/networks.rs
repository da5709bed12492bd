//! The sections of networks: the credentials of an app there, and the addresses of its API.

use std::collections::BTreeMap;

use secrecy::SecretString;
use url::Url;

use super::read::Faults;

/// X's app credentials and addresses.
#[derive(Debug)]
pub struct XSection {
    /// `x.client_id`.
    pub client_id: String,
    /// `x.client_secret`; without it the app is a public client.
    pub client_secret: Option<SecretString>,
    /// `x.auth_url`.
    pub auth_url: Url,
    /// `x.api_url`.
    pub api_url: Url,
}

/// The Threads app's credentials and addresses.
#[derive(Debug)]
pub struct ThreadsSection {
    /// `threads.client_id`.
    pub client_id: String,
    /// `threads.client_secret`.
    pub client_secret: SecretString,
    /// `threads.auth_url`.
    pub auth_url: Url,
    /// `threads.api_url`.
    pub api_url: Url,
}

/// The Instagram app's credentials and addresses.
#[derive(Debug)]
pub struct InstagramSection {
    /// `instagram.client_id`.
    pub client_id: String,
    /// `instagram.client_secret`.
    pub client_secret: SecretString,
    /// `instagram.auth_url`.
    pub auth_url: Url,
    /// `instagram.api_url`.
    pub api_url: Url,
    /// `instagram.graph_url`.
    pub graph_url: Url,
    /// `instagram.delete_scope`.
    pub delete_scope: Option<String>,
}

/// The LinkedIn app's credentials and addresses.
#[derive(Debug)]
pub struct LinkedInSection {
    /// `linkedin.client_id`.
    pub client_id: String,
    /// `linkedin.client_secret`.
    pub client_secret: SecretString,
    /// `linkedin.scopes`, with one space between.
    pub scopes: String,
    /// `linkedin.version`.
    pub version: String,
    /// `linkedin.auth_url`.
    pub auth_url: Url,
    /// `linkedin.api_url`.
    pub api_url: Url,
}

/// The TikTok app's credentials and addresses, and what TikTok has allowed it.
#[derive(Debug)]
pub struct TikTokSection {
    /// `tiktok.client_key`.
    pub client_key: String,
    /// `tiktok.client_secret`.
    pub client_secret: SecretString,
    /// `tiktok.scopes`, with one space between.
    pub scopes: String,
    /// `tiktok.audited` is `on`.
    pub is_audited: bool,
    /// `tiktok.url_verified` is `on`.
    pub is_url_verified: bool,
    /// `tiktok.video_source` is `url`.
    pub pulls_videos: bool,
    /// `tiktok.auth_url`.
    pub auth_url: Url,
    /// `tiktok.api_url`.
    pub api_url: Url,
}

pub(super) fn x_section(values: &BTreeMap<&'static str, String>, faults: &mut Faults) -> Option<XSection> {
    if !values.keys().any(|key| key.starts_with("x.")) {
        return None;
    }
    let auth_url = faults.url_or(values, "x.auth_url", "https://x.com/i/oauth2/authorize");
    let api_url = faults.url_or(values, "x.api_url", "https://api.x.com");
    let Some(client_id) = values.get("x.client_id") else {
        faults.push("x.client_id is missing: with any other x.* key set it must be the client id of your X app".into());
        return None;
    };
    Some(XSection {
        client_id: client_id.clone(),
        client_secret: values.get("x.client_secret").cloned().map(SecretString::from),
        auth_url: auth_url?,
        api_url: api_url?,
    })
}

pub(super) fn threads_section(values: &BTreeMap<&'static str, String>, faults: &mut Faults) -> Option<ThreadsSection> {
    if !values.keys().any(|key| key.starts_with("threads.")) {
        return None;
    }
    let auth_url = faults.url_or(values, "threads.auth_url", "https://threads.net/oauth/authorize");
    let api_url = faults.url_or(values, "threads.api_url", "https://graph.threads.net");
    let client_id = of_meta(values, faults, ("threads.client_id", "Threads App ID"));
    let client_secret = of_meta(values, faults, ("threads.client_secret", "Threads App Secret"));
    Some(ThreadsSection {
        client_id: client_id?,
        client_secret: SecretString::from(client_secret?),
        auth_url: auth_url?,
        api_url: api_url?,
    })
}

pub(super) fn instagram_section(
    values: &BTreeMap<&'static str, String>,
    faults: &mut Faults,
) -> Option<InstagramSection> {
    if !values.keys().any(|key| key.starts_with("instagram.")) {
        return None;
    }
    let auth_url = faults.url_or(values, "instagram.auth_url", "https://www.instagram.com/oauth/authorize");
    let api_url = faults.url_or(values, "instagram.api_url", "https://api.instagram.com");
    let graph_url = faults.url_or(values, "instagram.graph_url", "https://graph.instagram.com");
    let client_id = of_meta(values, faults, ("instagram.client_id", "Instagram App ID"));
    let client_secret = of_meta(values, faults, ("instagram.client_secret", "Instagram App Secret"));
    Some(InstagramSection {
        client_id: client_id?,
        client_secret: SecretString::from(client_secret?),
        auth_url: auth_url?,
        api_url: api_url?,
        graph_url: graph_url?,
        delete_scope: values.get("instagram.delete_scope").cloned(),
    })
}

/// One of the two that an app at Meta has for each of its products.
fn of_meta(
    values: &BTreeMap<&'static str, String>,
    faults: &mut Faults,
    (key, what): (&'static str, &str),
) -> Option<String> {
    let value = values.get(key).cloned();
    if value.is_none() {
        let section = key.split('.').next().unwrap_or(key);
        faults.push(format!(
            "{key} is missing: with any other {section}.* key set it must be the {what} of your Meta app"
        ));
    }
    value
}

/// What is asked for at LinkedIn where nothing else is set: what its two self-serve products allow (platforms/linkedin.md §1).
pub const LINKEDIN_SCOPES: &str = "openid profile w_member_social";
/// What is asked for at TikTok where nothing else is set: every scope that this server has a use for (platforms/tiktok.md §1.5).
pub const TIKTOK_SCOPES: &str =
    "user.info.basic user.info.profile user.info.stats video.list video.publish video.upload";

/// LinkedIn's addresses, what its two self-serve products allow (platforms/linkedin.md §1), and the version of its API that this server was made
/// with, which is answered until about 2027-09-15 (§3).
const LINKEDIN: [(&str, &str); 4] = [
    ("linkedin.auth_url", "https://www.linkedin.com/oauth/v2/authorization"),
    ("linkedin.api_url", "https://api.linkedin.com"),
    ("linkedin.scopes", LINKEDIN_SCOPES),
    ("linkedin.version", "202609"),
];

pub(super) fn linkedin_section(
    values: &BTreeMap<&'static str, String>,
    faults: &mut Faults,
) -> Option<LinkedInSection> {
    if !values.keys().any(|key| key.starts_with("linkedin.")) {
        return None;
    }
    let [auth_url, api_url, scopes, version] = LINKEDIN;
    let (auth_url, api_url) =
        (faults.url_or(values, auth_url.0, auth_url.1), faults.url_or(values, api_url.0, api_url.1));
    let text = |(key, default): (&str, &str)| values.get(key).map_or(default, String::as_str).to_owned();
    let scopes = spaced(&text(scopes));
    for needed in ["openid", "w_member_social"] {
        if !scopes.split(' ').any(|scope| scope == needed) {
            faults.push(format!("linkedin.scopes: {needed} must be among them, or nobody can be connected"));
        }
    }
    let version = text(version);
    if version.len() != 6 || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        faults.push("linkedin.version: must be a year and a month, like 202609".into());
    }
    let mut needed = |key: &'static str, what: &str| {
        let value = values.get(key).cloned();
        if value.is_none() {
            faults.push(format!(
                "{key} is missing: with any other linkedin.* key set it must be the {what} of your LinkedIn app"
            ));
        }
        value
    };
    let client_id = needed("linkedin.client_id", "Client ID");
    let client_secret = needed("linkedin.client_secret", "Primary Client Secret");
    Some(LinkedInSection {
        client_id: client_id?,
        client_secret: SecretString::from(client_secret?),
        scopes,
        version,
        auth_url: auth_url?,
        api_url: api_url?,
    })
}

/// TikTok's addresses, and every scope that this server has a use for (platforms/tiktok.md §1.5).
const TIKTOK: [(&str, &str); 3] = [
    ("tiktok.auth_url", "https://www.tiktok.com/v2/auth/authorize/"),
    ("tiktok.api_url", "https://open.tiktokapis.com"),
    ("tiktok.scopes", TIKTOK_SCOPES),
];

pub(super) fn tiktok_section(values: &BTreeMap<&'static str, String>, faults: &mut Faults) -> Option<TikTokSection> {
    if !values.keys().any(|key| key.starts_with("tiktok.")) {
        return None;
    }
    let [auth_url, api_url, (scopes, usual)] = TIKTOK;
    let (auth_url, api_url) =
        (faults.url_or(values, auth_url.0, auth_url.1), faults.url_or(values, api_url.0, api_url.1));
    let scopes = spaced(values.get(scopes).map_or(usual, String::as_str));
    for needed in ["user.info.basic", "video.publish"] {
        if !scopes.split(' ').any(|scope| scope == needed) {
            faults.push(format!("tiktok.scopes: {needed} must be among them, or nobody can be connected"));
        }
    }
    let is = |key: &str, word: &str| values.get(key).is_some_and(|value| value == word);
    let (is_url_verified, pulls_videos) = (is("tiktok.url_verified", "on"), is("tiktok.video_source", "url"));
    if pulls_videos && !is_url_verified {
        faults.push("tiktok.video_source: url means nothing without tiktok.url_verified = \"on\"".into());
    }
    let mut needed = |key: &'static str, what: &str| {
        let value = values.get(key).cloned();
        if value.is_none() {
            faults.push(format!(
                "{key} is missing: with any other tiktok.* key set it must be the {what} of your TikTok app"
            ));
        }
        value
    };
    let client_key = needed("tiktok.client_key", "Client key");
    let client_secret = needed("tiktok.client_secret", "Client secret");
    Some(TikTokSection {
        client_key: client_key?,
        client_secret: SecretString::from(client_secret?),
        scopes,
        is_audited: is("tiktok.audited", "on"),
        is_url_verified,
        pulls_videos,
        auth_url: auth_url?,
        api_url: api_url?,
    })
}

/// Scopes as they may be written, with commas or spaces between.
fn spaced(scopes: &str) -> String {
    scopes.split([' ', ',']).filter(|scope| !scope.is_empty()).collect::<Vec<_>>().join(" ")
}
