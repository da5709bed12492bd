//! The Web API over slack-morphism's client: our own JSON in, our own JSON out (dossier §17 lists what its types drop), paced, with rotated
//! tokens renewed before use. Answers are never logged whole: they repeat what was said.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use slack_morphism::api::SlackApiFilesUploadViaUrlRequest;
use slack_morphism::errors::SlackClientError;
use slack_morphism::hyper_tokio::{SlackClientHyperConnector, SlackHyperClient};
use slack_morphism::{SlackApiToken, SlackClient, SlackClientApiCallContext, SlackClientHttpConnector};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::pace::{self, Pace};
use crate::app::App;
use crate::app::slack::TeamTokens;

/// Rotated tokens are renewed when they have less than this to live (the SDKs' own margin).
const RENEW_MS: i64 = 2 * 3_600_000;
/// Tries of a call that Slack asked us to wait with.
const TRIES_MAX: u32 = 4;
/// Longer waits are failures.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Before an answer whose connection failed is sent again; longer each time.
const RESPOND_PAUSE: Duration = Duration::from_millis(300);
/// Tries to say what somebody waits for.
const SURELY_MAX: u32 = 3;
/// For one call; Slack's own limit for us is 3 s.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// Slack's own word.
    #[error("Slack says {0}")]
    Slack(String),
    /// No usable token: the app is not (any more) installed there.
    #[error("the app is not installed there")]
    NotInstalled,
    /// No answer.
    #[error("Slack could not be reached: {0}")]
    Unreachable(&'static str),
}

impl Fault {
    /// Whether it is this word.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Slack(code) if code == word)
    }
}

/// The way to Slack.
pub(super) struct Api {
    app: Arc<App>,
    client: SlackHyperClient,
    root: Url,
    fixed: Option<SecretString>,
    pace: Pace,
    renewing: Mutex<HashMap<String, Arc<Mutex<()>>>>,
    /// Team and organisation, each under the other: the app is installed in one of them.
    aliases: std::sync::Mutex<HashMap<String, String>>,
}

/// Teams kept in mind with their organisations; an organisation has hundreds at the most.
const ALIASES_MAX: usize = 10_000;

impl Api {
    /// The instant, Unix milliseconds.
    pub(super) fn now_ms(&self) -> i64 {
        self.app.now_ms()
    }

    /// A client for the configured app.
    pub(super) fn open(app: &Arc<App>) -> std::io::Result<Option<Self>> {
        let Some(section) = &app.config().slack else { return Ok(None) };
        // Plain http only reaches a simulator on this machine: `call` refuses everything else.
        let connector =
            hyper_rustls::HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
        let api_url = section.api_url.as_str().trim_end_matches('/');
        let client = SlackClient::new(SlackClientHyperConnector::from(connector).with_slack_api_url(api_url));
        let copy = |secret: &SecretString| SecretString::from(secret.expose_secret());
        Ok(Some(Self {
            app: Arc::clone(app),
            client,
            root: section.api_url.clone(),
            fixed: section.bot_token.as_ref().map(copy),
            pace: Pace::default(),
            renewing: Mutex::default(),
            aliases: std::sync::Mutex::default(),
        }))
    }

    /// slack-morphism's client, for Socket Mode.
    pub(super) fn client(&self) -> &SlackHyperClient {
        &self.client
    }

    /// Whether an address that came from outside is one of Slack's, so that it may be sent something.
    pub(super) fn is_slacks(&self, url: &Url) -> bool {
        if url.origin() == self.root.origin() {
            return true;
        }
        url.scheme() == "https"
            && url.host_str().is_some_and(|host| host == "slack.com" || host.ends_with(".slack.com"))
    }

    /// The fixed bot token, or the team's own one, renewed when it is about to end.
    pub(super) async fn token(&self, team: &str) -> Result<SecretString, Fault> {
        if let Some(fixed) = &self.fixed {
            return Ok(SecretString::from(fixed.expose_secret()));
        }
        let tokens = self.stored(team).await?;
        let left = tokens.expires_at.map_or(i64::MAX, |at| at - self.app.now_ms());
        if left > RENEW_MS || (tokens.is_broken && left > 0) {
            return Ok(tokens.access);
        }
        if tokens.is_broken {
            return Err(Fault::NotInstalled);
        }
        self.renew(team, &tokens.access).await
    }

    /// Says that a team belongs to an organisation (dossier §15): what is installed in either serves both.
    pub(super) fn belongs(&self, team: &str, organisation: &str) {
        let mut aliases = self.aliases.lock().unwrap_or_else(PoisonError::into_inner);
        if aliases.len() < ALIASES_MAX {
            aliases.insert(team.to_owned(), organisation.to_owned());
            aliases.insert(organisation.to_owned(), team.to_owned());
        }
    }

    async fn stored(&self, team: &str) -> Result<TeamTokens, Fault> {
        let alias = self.aliases.lock().unwrap_or_else(PoisonError::into_inner).get(team).cloned();
        for id in [Some(team), alias.as_deref()].into_iter().flatten() {
            let found = self.app.slack_tokens(id).await.map_err(|error| {
                tracing::error!(error = %error, "a Slack token could not be read");
                Fault::NotInstalled
            })?;
            if let Some(tokens) = found {
                return Ok(tokens);
            }
        }
        Err(Fault::NotInstalled)
    }

    /// One renewal at a time; the new pair is durable before anything uses it.
    async fn renew(&self, team: &str, seen: &SecretString) -> Result<SecretString, Fault> {
        let turn = self.renewing.lock().await.entry(team.to_owned()).or_default().clone();
        let _mine = turn.lock().await;
        let now = self.stored(team).await?;
        if now.refresh.is_none() || now.access.expose_secret() != seen.expose_secret() {
            return Ok(now.access);
        }
        self.app.slack_renew(&now).await.map_err(|error| {
            tracing::error!(error = %error, "a Slack token could not be renewed; the app must be installed again");
            Fault::NotInstalled
        })
    }

    /// Calls a method as our bot in a team.
    pub(super) async fn call(&self, team: &str, method: &str, body: &Value) -> Result<Value, Fault> {
        self.ask(team, method, Asked::Write(body)).await
    }

    /// Calls a method that only reads: those take fields, not JSON.
    pub(super) async fn look(&self, team: &str, method: &str, fields: &[(&str, &str)]) -> Result<Value, Fault> {
        self.ask(team, method, Asked::Read(fields)).await
    }

    async fn ask(&self, team: &str, method: &str, body: Asked<'_>) -> Result<Value, Fault> {
        let mut is_renewed = false;
        let mut tries = 0;
        loop {
            tries += 1;
            self.wait(team, method, body).await;
            let token = self.token(team).await?;
            let answered = match body {
                Asked::Write(body) => self.once(&token, method, body).await,
                Asked::Read(fields) => self.read(&token, method, fields).await,
            };
            match answered {
                Ok(answer) => return Ok(answer),
                Err(Said::Wait(wait)) if tries < TRIES_MAX && wait <= WAIT_MAX => {
                    let (key, rate) = bucket(team, method, body);
                    self.pace.hold(&key, rate, wait, Instant::now());
                }
                Err(Said::Wait(_)) => return Err(Fault::Slack("ratelimited".into())),
                Err(Said::No(code)) if code == "token_expired" && !is_renewed && self.fixed.is_none() => {
                    is_renewed = true;
                    self.renew(team, &token).await?;
                }
                Err(Said::No(code)) => return Err(Fault::Slack(code)),
                Err(Said::Nothing(_)) if may_repeat(method) && tries < TRIES_MAX => {
                    tokio::time::sleep(RESPOND_PAUSE * tries).await;
                }
                Err(Said::Nothing(why)) => return Err(Fault::Unreachable(why)),
            }
        }
    }

    /// The same for what somebody waits for: when nobody says whether it arrived it is said again, for twice is better than never.
    pub(super) async fn say_surely(&self, team: &str, method: &str, body: &Value) -> Result<Value, Fault> {
        for no in 1..SURELY_MAX {
            match self.call(team, method, body).await {
                Err(Fault::Unreachable(_)) => tokio::time::sleep(RESPOND_PAUSE * no).await,
                done => return done,
            }
        }
        self.call(team, method, body).await
    }

    async fn wait(&self, team: &str, method: &str, body: Asked<'_>) {
        let now = Instant::now();
        let mut wait = self.pace.take(&format!("{team} {method}"), pace::of_method(method), now);
        if method == "chat.postMessage" {
            let (key, rate) = bucket(team, method, body);
            wait = wait.max(self.pace.take(&key, rate, now));
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(&self, token: &SecretString, method: &str, body: &Value) -> Result<Value, Said> {
        if self.root.scheme() == "http" && !is_this_machine(&self.root) {
            return Err(Said::Nothing("plain http is only for this machine"));
        }
        let token = SlackApiToken::new(token.expose_secret().into());
        let session = self.client.open_session(&token);
        let call = session.http_session_api.http_post::<_, Value>(method, body, None);
        match tokio::time::timeout(CALL_TIMEOUT, call).await {
            Ok(answer) => answer.map_err(said),
            Err(_) => Err(Said::Nothing("no answer in time")),
        }
    }

    async fn read(&self, token: &SecretString, method: &str, fields: &[(&str, &str)]) -> Result<Value, Said> {
        if self.root.scheme() == "http" && !is_this_machine(&self.root) {
            return Err(Said::Nothing("plain http is only for this machine"));
        }
        let token = SlackApiToken::new(token.expose_secret().into());
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, Some(*value))).collect();
        let session = self.client.open_session(&token);
        let call = session.http_session_api.http_get::<Value, _, _>(method, &fields, None);
        match tokio::time::timeout(CALL_TIMEOUT, call).await {
            Ok(answer) => answer.map_err(said),
            Err(_) => Err(Said::Nothing("no answer in time")),
        }
    }

    /// Answers through a `response_url` (dossier §4): five times within half an hour, without a token. Whoever waits for it gets it: what
    /// Slack puts off or a connection loses is sent again.
    pub(super) async fn respond(&self, url: &str, body: &Value) -> Result<(), Fault> {
        let url = Url::parse(url).ok().filter(|url| self.is_slacks(url));
        let Some(url) = url else { return Err(Fault::Slack("not_slacks".into())) };
        let mut tries = 0;
        loop {
            tries += 1;
            let wait = match self.respond_once(&url, body).await {
                Ok(()) => return Ok(()),
                Err(Said::No(code)) => return Err(Fault::Slack(code)),
                Err(Said::Wait(wait)) if tries < TRIES_MAX && wait <= WAIT_MAX => wait,
                Err(Said::Nothing(_)) if tries < TRIES_MAX => RESPOND_PAUSE * tries,
                Err(Said::Wait(_)) => return Err(Fault::Slack("ratelimited".into())),
                Err(Said::Nothing(why)) => return Err(Fault::Unreachable(why)),
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn respond_once(&self, url: &Url, body: &Value) -> Result<(), Said> {
        let span = tracing::Span::none();
        let context = SlackClientApiCallContext {
            rate_control_params: None,
            token: None,
            tracing_span: &span,
            is_sensitive_url: true,
        };
        let call = self.client.http_api.connector.http_post_uri::<_, Value>(url.clone(), body, context);
        match tokio::time::timeout(CALL_TIMEOUT, call).await {
            Ok(answer) => answer.map(drop).map_err(said),
            Err(_) => Err(Said::Nothing("no answer in time")),
        }
    }

    /// Gives Slack a picture (dossier §9): the id under which our blocks can show it.
    pub(super) async fn upload(&self, team: &str, (name, alt): (&str, &str), bytes: &[u8]) -> Result<String, Fault> {
        let length = bytes.len().to_string();
        let fields = [("filename", name), ("length", &length), ("alt_txt", alt)];
        let door = self.look(team, "files.getUploadURLExternal", &fields).await?;
        let url = door["upload_url"].as_str().and_then(|url| Url::parse(url).ok()).filter(|url| self.is_slacks(url));
        let (Some(url), Some(file)) = (url, door["file_id"].as_str()) else {
            return Err(Fault::Unreachable("no place to upload to"));
        };
        let token = SlackApiToken::new(self.token(team).await?.expose_secret().into());
        let session = self.client.open_session(&token);
        let upload = SlackApiFilesUploadViaUrlRequest::new(url.into(), bytes.to_vec(), "image/png".into());
        match tokio::time::timeout(CALL_TIMEOUT, session.files_upload_via_url(&upload)).await {
            Ok(Ok(_)) => {}
            Ok(Err(_)) | Err(_) => return Err(Fault::Unreachable("the upload failed")),
        }
        let done = serde_json::json!({ "files": [{ "id": file, "title": alt }] });
        self.call(team, "files.completeUploadExternal", &done).await?;
        Ok(file.to_owned())
    }
}

/// Whether asking twice is asking once.
fn may_repeat(method: &str) -> bool {
    matches!(
        method,
        "chat.update"
            | "chat.delete"
            | "files.delete"
            | "chat.getPermalink"
            | "conversations.open"
            | "users.info"
            | "views.publish"
    )
}

/// What a call carries.
#[derive(Clone, Copy)]
enum Asked<'a> {
    Write(&'a Value),
    Read(&'a [(&'a str, &'a str)]),
}

/// What a call came to.
enum Said {
    No(String),
    Wait(Duration),
    Nothing(&'static str),
}

fn said(error: SlackClientError) -> Said {
    match error {
        SlackClientError::ApiError(error)
            if matches!(error.code.as_str(), "ratelimited" | "rate_limited" | "message_limit_exceeded") =>
        {
            Said::Wait(Duration::from_secs(2))
        }
        SlackClientError::ApiError(error) => {
            tracing::debug!(slack.code = error.code, "Slack refused a call");
            Said::No(error.code)
        }
        SlackClientError::RateLimitError(error) => Said::Wait(error.retry_after.unwrap_or(Duration::from_secs(1))),
        SlackClientError::HttpError(error) if error.status_code.is_client_error() => {
            // A `response_url` says why in its body, and with a status.
            let is_word =
                |word: &str| word.len() < 60 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let word = error.http_response_body.as_deref().map(str::trim).filter(|word| is_word(word));
            Said::No(word.filter(|word| !word.is_empty()).unwrap_or("expired_url").to_owned())
        }
        SlackClientError::HttpError(_) => Said::Nothing("an HTTP error"),
        SlackClientError::HttpProtocolError(_)
        | SlackClientError::EndOfStream(_)
        | SlackClientError::SystemError(_) => Said::Nothing("the connection failed"),
        SlackClientError::ProtocolError(_) | SlackClientError::SocketModeProtocolError(_) => {
            Said::Nothing("an answer that cannot be read")
        }
    }
}

/// Posting counts by channel, everything else by method.
fn bucket(team: &str, method: &str, body: Asked<'_>) -> (String, pace::Rate) {
    let channel = match body {
        Asked::Write(body) => body["channel"].as_str(),
        Asked::Read(_) => None,
    };
    match channel {
        Some(channel) if method == "chat.postMessage" => (format!("{team} #{channel}"), pace::CHANNEL),
        _ => (format!("{team} {method}"), pace::of_method(method)),
    }
}

fn is_this_machine(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}
