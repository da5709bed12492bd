//! The sections of services that are no network: absent as a whole when the service is not configured. Reading and checking them; what they
//! mean is their room's.

use secrecy::SecretString;
use url::Url;

use super::key_bytes;
use super::read::{parse, url, url_or};
use crate::domain::setting::{Faults, Values};

/// An outside authorization server whose tokens are taken.
#[derive(Debug, Clone)]
pub struct OidcSection {
    /// `oidc.issuer`, exactly as its tokens name it.
    pub issuer: String,
    /// `oidc.audience`: whom its tokens are for.
    pub audience: String,
}

/// The model of the conversational core.
#[derive(Debug)]
pub struct GeminiSection {
    /// `gemini.api_key`.
    pub api_key: SecretString,
    /// `gemini.base_url`.
    pub base_url: Url,
    /// `gemini.api_version`.
    pub api_version: String,
    /// `gemini.model`.
    pub model: String,
    /// `gemini.lite_model`.
    pub lite_model: String,
    /// `gemini.tier` is `paid`.
    pub is_paid: bool,
    /// `gemini.monthly_tokens_max`.
    pub monthly_tokens_max: i64,
}

/// The Slack app.
#[derive(Debug)]
pub struct SlackSection {
    /// `slack.signing_secret`; without it nothing is taken over HTTP.
    pub signing_secret: Option<SecretString>,
    /// `slack.app_token`; with it Socket Mode is used.
    pub app_token: Option<SecretString>,
    /// `slack.bot_token`: one fixed team.
    pub bot_token: Option<SecretString>,
    /// `slack.client_id` with `slack.client_secret`: installing, and signing in with Slack; beside `slack.bot_token` only the latter.
    pub client: Option<(String, SecretString)>,
    /// `slack.channel_messages` is `on`.
    pub reads_threads: bool,
    /// `slack.api_url`, without a slash at its end.
    pub api_url: Url,
}

/// The Discord application.
#[derive(Debug)]
pub struct DiscordSection {
    /// `discord.bot_token`.
    pub bot_token: SecretString,
    /// `discord.public_key`; without it nothing is taken over HTTP.
    pub public_key: Option<[u8; 32]>,
    /// `discord.application_id`; asked of Discord without it.
    pub application_id: Option<u64>,
    /// `discord.client_secret`: signing in with Discord.
    pub client_secret: Option<SecretString>,
    /// `discord.message_content` is `on`.
    pub reads_all: bool,
    /// `discord.api_url`, without a path.
    pub api_url: Url,
    /// `discord.gateway_url`; told by the API without it.
    pub gateway_url: Option<String>,
}

pub(super) fn gemini_section(values: &Values) -> Option<GeminiSection> {
    let text = |key: &'static str, default: &str| values.get(key).map_or(default, String::as_str).to_owned();
    let base_url = url_or(values, "gemini.base_url", "https://generativelanguage.googleapis.com/");
    Some(GeminiSection {
        api_key: values.get("gemini.api_key").cloned().map(SecretString::from)?,
        base_url: base_url?,
        api_version: text("gemini.api_version", "v1beta"),
        model: text("gemini.model", "gemini-3.8-flash"),
        lite_model: text("gemini.lite_model", "gemini-3.5-flash-lite"),
        is_paid: values.get("gemini.tier").is_some_and(|tier| tier == "paid"),
        monthly_tokens_max: parse(values, "gemini.monthly_tokens_max", "5000000"),
    })
}

pub(super) fn oidc_section(values: &Values, public_url: &Url, faults: &mut Faults) -> Option<OidcSection> {
    let Some(issuer) = values.get("oidc.issuer").cloned() else {
        if values.contains_key("oidc.audience") {
            faults.push("oidc.audience: means nothing without oidc.issuer".into());
        }
        return None;
    };
    url(values, "oidc.issuer")?;
    let own = format!("{}/mcp", public_url.as_str().trim_end_matches('/'));
    Some(OidcSection { issuer, audience: values.get("oidc.audience").cloned().unwrap_or(own) })
}

pub(super) fn slack_section(values: &Values, faults: &mut Faults) -> Option<SlackSection> {
    if !values.keys().any(|key| key.starts_with("slack.")) {
        return None;
    }
    let secret = |key: &'static str| values.get(key).cloned().map(SecretString::from);
    let (signing_secret, app_token, bot_token) =
        (secret("slack.signing_secret"), secret("slack.app_token"), secret("slack.bot_token"));
    let client = values.get("slack.client_id").cloned().zip(secret("slack.client_secret"));
    for (key, other) in [("slack.client_id", "slack.client_secret"), ("slack.client_secret", "slack.client_id")] {
        if values.contains_key(key) && !values.contains_key(other) {
            faults.push(format!("{other} is missing: {key} is set, and one is of no use without the other"));
        }
    }
    if signing_secret.is_none() && app_token.is_none() {
        faults.push("slack: set slack.signing_secret (Slack sends over HTTP) or slack.app_token (Socket Mode)".into());
    }
    if bot_token.is_none() && client.is_none() {
        faults.push(
            "slack: set slack.bot_token (one team) or both slack.client_id and slack.client_secret (any team)".into(),
        );
    }
    let api_url = url_or(values, "slack.api_url", "https://slack.com/api")?;
    let reads_threads = values.get("slack.channel_messages").is_some_and(|word| word == "on");
    Some(SlackSection { signing_secret, app_token, bot_token, client, reads_threads, api_url })
}

pub(super) fn discord_section(values: &Values, faults: &mut Faults) -> Option<DiscordSection> {
    if !values.keys().any(|key| key.starts_with("discord.")) {
        return None;
    }
    let secret = |key: &'static str| values.get(key).cloned().map(SecretString::from);
    let bot_token = secret("discord.bot_token");
    if bot_token.is_none() {
        faults.push("discord.bot_token: must be set; it is on the page Bot of Discord's developer portal".into());
    }
    let public_key = values.get("discord.public_key").map(|text| key_bytes(text));
    if public_key == Some(None) {
        faults.push("discord.public_key: must be 64 hexadecimal digits, as the portal shows it".into());
    }
    let application_id = values.get("discord.application_id").map(|id| id.parse::<u64>().ok().filter(|id| *id > 0));
    if application_id == Some(None) {
        faults.push("discord.application_id: must be a number, as the portal shows it".into());
    }
    let gateway_url = values.get("discord.gateway_url").cloned();
    if gateway_url.as_ref().is_some_and(|url| !url.starts_with("wss://") && !url.starts_with("ws://")) {
        faults.push("discord.gateway_url: must begin with wss:// (or ws:// for a simulator)".into());
    }
    let api_url = url_or(values, "discord.api_url", "https://discord.com")?;
    Some(DiscordSection {
        bot_token: bot_token?,
        public_key: public_key.flatten(),
        application_id: application_id.flatten(),
        client_secret: secret("discord.client_secret"),
        reads_all: values.get("discord.message_content").is_some_and(|word| word == "on"),
        api_url,
        gateway_url,
    })
}
