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
