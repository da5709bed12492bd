//! Every configuration key by name, with its kind, default and meaning; those of a network are in its folder. README's table is made from this list.

use crate::domain::network::Network;
use crate::domain::setting::Kind::{
    Address, Days, Filter, Number, Origin, Secret, SecretKey, SecretPostgres, Text, Url, Word,
};
use crate::domain::setting::{Key, Kind};
use crate::platforms::kit;

const fn used(name: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Key {
    Key::used(name, kind, default, about)
}

const fn later(name: &'static str, kind: Kind) -> Key {
    Key::later(name, kind)
}

/// The keys that stand before those of the networks.
const FIRST: &[Key] = &[
    used("server.bind", Address, "127.0.0.1:8787", "address and port to listen on"),
    used(
        "server.public_url",
        Origin,
        "http://<server.bind>",
        "the address people and networks reach this server by; every link is made from it",
    ),
    later("server.tls_cert", Text),
    later("server.tls_key", Text),
    used(
        "server.trusted_proxies",
        Text,
        "",
        "addresses or networks (`10.0.0.0/8`) of your reverse proxies, separated by commas: only what they say of where a request came from is believed",
    ),
    used("data.dir", Text, "./data", "folder for the database, the socket and media"),
    used(
        "database.url",
        SecretPostgres,
        "SQLite in `data.dir`",
        "a `postgres://` address, when one machine is not enough",
    ),
    used(
        "vault.kek_file",
        Text,
        "`socrazi.kek` beside `data.dir`",
        "file with the key that wraps every user's key; made on first start, mode 0600, never inside the data folder",
    ),
    used("vault.kek", SecretKey, "", "the same key as a value; a file is safer"),
    used("gemini.api_key", Secret, "", "key of the Gemini API; without it everything works but free conversation"),
    used("gemini.base_url", Url, "https://generativelanguage.googleapis.com/", "where the Gemini API is"),
    used("gemini.api_version", Text, "v1beta", "its version"),
    used("gemini.model", Text, "gemini-3.8-flash", "the model for conversation"),
    used("gemini.lite_model", Text, "gemini-3.5-flash-lite", "the cheap model for titles and summaries"),
    used(
        "gemini.tier",
        Word(&["unpaid", "paid"]),
        "unpaid",
        "what the key's project pays for: on unpaid quota Google may use what is said and people may read it, so data of Google accounts is withheld and the core is off in the EEA, the UK and Switzerland",
    ),
    used("gemini.monthly_tokens_max", Number, "5000000", "most tokens a person's conversations may use in a month"),
    used(
        "oidc.issuer",
        Url,
        "",
        "an outside OpenID issuer whose tokens MCP clients bring instead of ours; say whom they stand for with `socrazi client trust`",
    ),
    used("oidc.audience", Text, "`server.public_url` + `/mcp`", "whom its tokens must be for"),
    used(
        "mcp.toolsets",
        Text,
        "all",
        "which areas of the tools MCP clients see, separated by commas: `accounts`, `posts`, `publishing`, `reports`, `history`",
    ),
    used(
        "mcp.app_redirects",
        Text,
        "",
        "addresses with an app's own scheme (`myapp://host/callback`), separated by commas, to which programs that sign in may be sent back, each exactly as it is; Cursor's is known",
    ),
    used("mcp.read_only", Word(&["off", "on"]), "off", "`on`: MCP clients see only what reads"),
    used("slack.signing_secret", Secret, "", "checks what Slack sends over HTTP; leave out with Socket Mode"),
    used("slack.app_token", Secret, "", "`xapp-…`: Socket Mode, for servers that Slack cannot reach"),
    used(
        "slack.bot_token",
        Secret,
        "",
        "`xoxb-…`: one fixed team; leave out to install in any team at `/slack/install`",
    ),
    used(
        "slack.client_id",
        Text,
        "",
        "client id of your Slack app, for signing in with Slack, and without `slack.bot_token` for installing it",
    ),
    used("slack.client_secret", Secret, "", "its secret"),
    used(
        "slack.channel_messages",
        Word(&["off", "on"]),
        "off",
        "`on`: follow-ups in a thread where you talk with the app need no mention, and what others wrote in a thread before you called the app there is read with your question (and goes to Google with it); its manifest must ask for them, too (`--channel-messages`)",
    ),
    used("slack.api_url", Url, "https://slack.com/api", "Slack's Web API"),
    used(
        "discord.bot_token",
        Secret,
        "",
        "the bot's token, from Discord's developer portal; with it the bot is connected",
    ),
    used(
        "discord.public_key",
        Text,
        "",
        "the application's public key: takes interactions over HTTP at `/discord/interactions`; leave out where Discord cannot reach this server",
    ),
    used("discord.application_id", Text, "asked of Discord", "the application's id"),
    used("discord.client_secret", Secret, "", "for signing in with Discord on the pages"),
    used(
        "discord.message_content",
        Word(&["off", "on"]),
        "off",
        "`on` asks for the privileged intent, so that follow-ups in a thread need no mention; switch it on in the portal, too",
    ),
    used("discord.api_url", Url, "https://discord.com", "where Discord's API is, without `/api`"),
    used("discord.gateway_url", Text, "told by the API", "where its gateway is"),
    used(
        "google.client_id",
        Text,
        "",
        "client id of your OAuth client (type Web application) in Google Cloud: people can then connect Google Analytics, Search Console and YouTube",
    ),
    used("google.client_secret", Secret, "", "its secret"),
    used("google.auth_url", Url, "https://accounts.google.com/o/oauth2/v2/auth", "Google's consent page"),
    used("google.token_url", Url, "https://oauth2.googleapis.com/token", "where tokens are made"),
    used("google.revoke_url", Url, "https://oauth2.googleapis.com/revoke", "where they are revoked"),
    used("google.issuer", Url, "https://accounts.google.com", "who says which Google account was connected"),
    used(
        "google.youtube_url",
        Url,
        "https://youtube.googleapis.com",
        "YouTube's Data API: which channel, what videos are called",
    ),
    used("google.youtube_upload_url", Url, "https://youtube.googleapis.com", "where videos are uploaded to YouTube"),
    used(
        "google.youtube_audit",
        Word(&["none", "passed"]),
        "none",
        "whether your Google Cloud project passed YouTube's API audit (or is older than 2020-07-28): without it YouTube keeps every video private",
    ),
    used("google.youtube_analytics_url", Url, "https://youtubeanalytics.googleapis.com", "YouTube's Analytics API"),
    used("google.analytics_data_url", Url, "https://analyticsdata.googleapis.com", "Google Analytics' Data API"),
    used(
        "google.analytics_admin_url",
        Url,
        "https://analyticsadmin.googleapis.com",
        "its Admin API: which properties there are",
    ),
    used("google.search_console_url", Url, "https://searchconsole.googleapis.com", "Search Console's API"),
];

/// The keys that stand after those of the networks.
const LAST: &[Key] = &[
    used(
        "media.store",
        Text,
        "`media` in `data.dir`",
        "where pictures, videos and documents are kept: `file:///path` or `s3://bucket` (`s3://bucket/prefix`); to move them, `socrazi backup` before and `socrazi restore` after the change",
    ),
    used(
        "media.s3_endpoint",
        Url,
        "Amazon's own",
        "the store's address, as `https://ACCOUNT.r2.cloudflarestorage.com`",
    ),
    used("media.s3_region", Text, "auto", "the bucket's region; Amazon's own addresses need it"),
    used("media.s3_access_key_id", Text, "", "a key that may read, write and delete objects of this one bucket"),
    used("media.s3_secret_access_key", Secret, "", "its secret half"),
    used(
        "media.max_bytes",
        Number,
        "1073741824",
        "largest file that is taken in, in bytes; pictures are never larger than 20 MiB",
    ),
    later("mail.smtp_url", Secret),
    later("mail.from", Text),
    later("stripe.secret_key", Secret),
    later("stripe.webhook_secret", Secret),
    later("stripe.api_url", Url),
    later("stripe.price_id", Text),
    used(
        "retention.analytics_days",
        Number,
        "90",
        "answers of Google Analytics and Search Console are kept (sealed) for so many days at most, 1 to 90",
    ),
    used(
        "retention.youtube_days",
        Number,
        "30",
        "answers of YouTube are kept (sealed) for so many days at most, 1 to 30",
    ),
    used(
        "retention.conversation_days",
        Days,
        "kept until forgotten",
        "conversations in which nothing was said for so many days are deleted",
    ),
    used("operator.name", Text, "", "who runs this server, for the privacy page"),
    used("operator.address", Text, "", "their postal address"),
    used("operator.contact", Text, "", "how to reach them"),
    used("operator.country", Text, "", "their country"),
    used("log.format", Word(&["text", "json"]), "text", "how log lines look; they go to stderr"),
    used("log.level", Filter, "info", "what is logged, as a tracing filter"),
    later("otel.endpoint", Url),
];

/// Every key of the contract (DESIGN §2.2): ours, and those that each network names.
pub fn all() -> impl Iterator<Item = &'static Key> {
    FIRST.iter().chain(Network::ALL.into_iter().flat_map(|network| kit(network).keys)).chain(LAST)
}

/// The key with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    all().find(|key| key.name == name)
}
