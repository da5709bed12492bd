//! Discord's REST API: serenity makes the requests (routes, authorization), here they are sent, paced by what Discord's own headers say, and
//! answered as JSON: what serenity's types do not know (components v2) passes through. `discord.api_url` is the only host there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use serenity::http::{LightMethod, Request, Route};
use serenity::model::id::{ApplicationId, ChannelId, GuildId, InteractionId, MessageId};
use serenity_reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serenity_reqwest::multipart::{Form, Part};
use serenity_reqwest::{Client, RequestBuilder, StatusCode};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::pace::{Pace, Told};
use crate::app::App;

/// Tries of a call that did not arrive.
const TRIES_MAX: u32 = 4;
/// Calls that Discord asks to wait with are made again this often: many wait in one channel, and too many refusals end in a ban.
const REFUSALS_MAX: u32 = 12;
/// Longer waits together are failures.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// For one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Answers are messages and lists of a few commands.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// Discord refused it: its own code and words.
    #[error("Discord says {code}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Discord's code, 0 when it gave none.
        code: u64,
        /// Its words.
        message: String,
    },
    /// The token is no good: nothing is asked any more.
    #[error("Discord does not take discord.bot_token")]
    Token,
    /// Too much was asked.
    #[error("Discord asks to wait longer than anybody would")]
    Busy,
    /// No answer.
    #[error("Discord could not be reached: {0}")]
    Unreachable(&'static str),
}

impl Fault {
    /// Whether it is one of these codes.
    pub(super) fn is(&self, codes: &[u64]) -> bool {
        matches!(self, Self::Refused { code, .. } if codes.contains(code))
    }
}

/// A place to call.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    /// Where the gateway is, and how many sessions may be begun.
    GatewayBot,
    /// Our application.
    Application,
    /// The commands of the application, everywhere or in one server.
    Commands(u64, Option<u64>),
    /// A channel.
    Channel(u64),
    /// Messages of a channel.
    Messages(u64),
    /// A message.
    Message(u64, u64),
    /// Shows that we type.
    Typing(u64),
    /// A thread at a message.
    Thread(u64, u64),
    /// Opens a direct channel.
    Direct,
    /// The first answer to an interaction.
    Callback(u64, &'a str),
    /// Further answers to an interaction.
    Followup(u64, &'a str),
    /// The first answer, once it is there.
    Original(u64, &'a str),
}

/// How.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Read.
    Get,
    /// Make.
    Post,
    /// Change.
    Patch,
    /// Replace.
    Put,
    /// Remove.
    Delete,
}

impl How {
    const fn method(self) -> LightMethod {
        match self {
            Self::Get => LightMethod::Get,
            Self::Post => LightMethod::Post,
            Self::Patch => LightMethod::Patch,
            Self::Put => LightMethod::Put,
            Self::Delete => LightMethod::Delete,
        }
    }
}

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attached {
    /// What it is called; the message names it so.
    pub(super) name: String,
    /// For whoever does not see it.
    pub(super) alt: String,
    /// A PNG.
    pub(super) bytes: Vec<u8>,
}

/// The same request as a form: the body is one part, each file another (dossier §8). serenity would give all files one name.
fn bringing(
    http: &Client,
    built: RequestBuilder,
    body: &Value,
    files: &[Attached],
) -> Result<RequestBuilder, serenity_reqwest::Error> {
    let mut request = built.build()?;
    for of_json in [CONTENT_TYPE, CONTENT_LENGTH] {
        request.headers_mut().remove(of_json);
    }
    *request.body_mut() = None;
    let mut form = Form::new().text("payload_json", body.to_string());
    for (no, file) in files.iter().enumerate() {
        let part = Part::bytes(file.bytes.clone()).file_name(file.name.clone()).mime_str("image/png")?;
        form = form.part(format!("files[{no}]"), part);
    }
    Ok(RequestBuilder::from_parts(http.clone(), request).multipart(form))
}

/// Whether asking twice is asking once: of a message, where its nonce makes it the same to Discord for some minutes.
fn may_repeat(how: How, at: At<'_>, body: Option<&Value>) -> bool {
    match how {
        How::Get | How::Patch | How::Put | How::Delete => true,
        How::Post => matches!(at, At::Direct) || body.is_some_and(|body| body["enforce_nonce"] == true),
    }
}

/// The way to Discord.
pub(super) struct Api {
    http: Client,
    root: String,
    token: SecretString,
    pace: Pace,
    is_dead: AtomicBool,
    application: OnceCell<u64>,
}

impl Api {
    /// A client for the configured bot.
    pub(super) fn open(app: &Arc<App>) -> std::io::Result<Option<Self>> {
        let Some(section) = &app.config().discord else { return Ok(None) };
        let http = Client::builder()
            .no_proxy()
            .redirect(serenity_reqwest::redirect::Policy::none())
            .timeout(CALL_TIMEOUT)
            .build()
            .map_err(std::io::Error::other)?;
        let application = section.application_id.map_or_else(OnceCell::new, |id| OnceCell::new_with(Some(id)));
        Ok(Some(Self {
            http,
            root: section.api_url.as_str().trim_end_matches('/').to_owned(),
            token: format!("Bot {}", section.bot_token.expose_secret()).into(),
            pace: Pace::default(),
            is_dead: AtomicBool::new(false),
            application,
        }))
    }

    /// Where the API is.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// Our application's id; asked once when it is not configured.
    pub(super) async fn application(&self) -> Result<u64, Fault> {
        let asked = self.application.get_or_try_init(|| async {
            let answer = self.call(How::Get, At::Application, None).await?;
            id(&answer["id"]).ok_or(Fault::Unreachable("an application without an id"))
        });
        asked.await.copied()
    }

    /// Calls. What may be repeated is, when it did not arrive; what Discord asks to wait with waits.
    pub(super) async fn call(&self, how: How, at: At<'_>, body: Option<&Value>) -> Result<Value, Fault> {
        self.call_with(how, at, (body, &[]), &[]).await
    }

    /// The same with files beside the body, which names them in their order.
    pub(super) async fn call_bringing(
        &self,
        how: How,
        at: At<'_>,
        body: &Value,
        files: &[Attached],
    ) -> Result<Value, Fault> {
        self.call_with(how, at, (Some(body), files), &[]).await
    }

    /// The same with fields behind the path.
    pub(super) async fn call_with(
        &self,
        how: How,
        at: At<'_>,
        (body, files): (Option<&Value>, &[Attached]),
        fields: &[(&'static str, &str)],
    ) -> Result<Value, Fault> {
        let (route, major, is_bots) = route(at)?;
        let name = format!("{how:?} {}", kind(at));
        let until = Instant::now() + WAIT_MAX;
        let (mut tries, mut refusals) = (1, 0);
        loop {
            self.wait((&name, &major, is_bots), until).await?;
            if is_bots && self.is_dead.load(Ordering::Relaxed) {
                return Err(Fault::Token);
            }
            match self.once(how, (route, fields), (&name, &major, is_bots), (body, files)).await {
                Ok(answer) => return Ok(answer),
                Err(Said::Wait) if refusals < REFUSALS_MAX => refusals += 1,
                Err(Said::Wait) => return Err(Fault::Busy),
                Err(Said::Nothing(_)) if may_repeat(how, at, body) && tries < TRIES_MAX => {
                    tokio::time::sleep(Duration::from_millis(200 << tries)).await;
                    tries += 1;
                }
                Err(Said::Nothing(why)) => return Err(Fault::Unreachable(why)),
                Err(Said::No(fault)) => return Err(fault),
            }
        }
    }

    /// Waits until a request may be made here.
    async fn wait(&self, (name, major, is_bots): (&str, &str, bool), until: Instant) -> Result<(), Fault> {
        loop {
            let now = Instant::now();
            let wait = self.pace.take(name, major, is_bots, now);
            if wait.is_zero() {
                return Ok(());
            }
            if now + wait > until {
                return Err(Fault::Busy);
            }
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(
        &self,
        how: How,
        (route, fields): (Route<'_>, &[(&'static str, &str)]),
        (name, major, is_bots): (&str, &str, bool),
        (body, files): (Option<&Value>, &[Attached]),
    ) -> Result<Value, Said> {
        let request = Request::new(route, how.method()).body(body.map(|body| body.to_string().into_bytes()));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let request = request.params((!fields.is_empty()).then_some(fields));
        let built = request.build(&self.http, self.token.expose_secret(), Some(&self.root));
        let mut built = built.map_err(|_| Said::Nothing("a request that cannot be made"))?;
        if let (Some(body), false) = (body, files.is_empty()) {
            built =
                bringing(&self.http, built, body, files).map_err(|_| Said::Nothing("a request that cannot be made"))?;
        }
        let sent = built.send().await;
        let mut answer = sent.map_err(|_| Said::Nothing("the connection failed"))?;
        let (status, now) = (answer.status(), Instant::now());
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let seconds = |text: Option<&str>| {
            text.and_then(|text| text.parse().ok()).and_then(|s| Duration::try_from_secs_f64(s).ok())
        };
        let told = Told {
            bucket: header("x-ratelimit-bucket").map(str::to_owned),
            limit: header("x-ratelimit-limit").and_then(|limit| limit.parse().ok()),
            remaining: header("x-ratelimit-remaining").and_then(|left| left.parse().ok()),
            reset_after: seconds(header("x-ratelimit-reset-after")),
        };
        let is_global = header("x-ratelimit-global").is_some() || header("x-ratelimit-scope") == Some("global");
        let retry_after = seconds(header("retry-after"));
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|_| Said::Nothing("the answer broke off"))? {
            if bytes.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(Said::Nothing("an answer far too long"));
            }
            bytes.extend_from_slice(&piece);
        }
        self.pace.hear(name, major, &told, now);
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let body = value["retry_after"].as_f64().and_then(|s| Duration::try_from_secs_f64(s).ok());
            let wait = body.or(retry_after).unwrap_or(Duration::from_secs(1));
            // Who is not under the global limit waits for what they asked alone; else they would ask again at once.
            let is_global = is_bots && (is_global || value["global"] == true);
            self.pace.hold(name, major, is_global, wait, now);
            return Err(Said::Wait);
        }
        if status.is_success() {
            return Ok(value);
        }
        if status.is_server_error() {
            return Err(Said::Nothing("an error of Discord's own"));
        }
        if status == StatusCode::UNAUTHORIZED && is_bots {
            self.is_dead.store(true, Ordering::Relaxed);
            tracing::error!(
                "Discord does not take discord.bot_token: make a new one in the developer portal and restart"
            );
            return Err(Said::No(Fault::Token));
        }
        let code = value["code"].as_u64().unwrap_or(0);
        // The words of a form error repeat no content, the tree below them may: it is not kept.
        let message = value["message"].as_str().unwrap_or_default().chars().take(200).collect();
        tracing::debug!(
            discord.code = code,
            http.status = status.as_u16(),
            discord.route = name,
            "Discord refused a call"
        );
        Err(Said::No(Fault::Refused { status: status.as_u16(), code, message }))
    }

    /// The direct channel with somebody.
    pub(super) async fn direct(&self, user: &str) -> Result<String, Fault> {
        let opened = self.call(How::Post, At::Direct, Some(&json!({ "recipient_id": user }))).await?;
        opened["id"].as_str().map(str::to_owned).ok_or(Fault::Unreachable("a channel without an id"))
    }
}

/// What a call came to.
enum Said {
    No(Fault),
    Wait,
    Nothing(&'static str),
}

/// A snowflake.
pub(super) fn id(value: &Value) -> Option<u64> {
    value.as_str().and_then(|text| text.parse().ok()).filter(|id| *id > 0)
}

/// A snowflake that came as text.
pub(super) fn snowflake(text: &str) -> Result<u64, Fault> {
    text.parse().ok().filter(|id| *id > 0).ok_or(Fault::Unreachable("an id that is none"))
}

/// The route of a place, what its bucket is counted by, and whether it is the bot that asks: interactions need no token and are not under
/// the global limit.
fn route(at: At<'_>) -> Result<(Route<'_>, String, bool), Fault> {
    let application = ApplicationId::new;
    Ok(match at {
        At::GatewayBot => (Route::GatewayBot, String::new(), true),
        // serenity names the older path; it answers the same.
        At::Application => (Route::Oauth2ApplicationCurrent, String::new(), true),
        At::Commands(app, None) => (Route::Commands { application_id: application(app) }, String::new(), true),
        At::Commands(app, Some(guild)) => {
            let route = Route::GuildCommands { application_id: application(app), guild_id: GuildId::new(guild) };
            (route, guild.to_string(), true)
        }
        At::Channel(channel) => (Route::Channel { channel_id: ChannelId::new(channel) }, channel.to_string(), true),
        At::Messages(channel) => {
            (Route::ChannelMessages { channel_id: ChannelId::new(channel) }, channel.to_string(), true)
        }
        At::Message(channel, message) => {
            let (channel_id, message_id) = (ChannelId::new(channel), MessageId::new(message));
            (Route::ChannelMessage { channel_id, message_id }, channel.to_string(), true)
        }
        At::Typing(channel) => {
            (Route::ChannelTyping { channel_id: ChannelId::new(channel) }, channel.to_string(), true)
        }
        At::Thread(channel, message) => {
            let (channel_id, message_id) = (ChannelId::new(channel), MessageId::new(message));
            (Route::ChannelMessageThreads { channel_id, message_id }, channel.to_string(), true)
        }
        At::Direct => (Route::UserMeDmChannels, String::new(), true),
        At::Callback(interaction, token) => {
            let route = Route::InteractionResponse { interaction_id: InteractionId::new(interaction), token };
            (route, interaction.to_string(), false)
        }
        At::Followup(app, token) => {
            (Route::WebhookFollowupMessages { application_id: application(app), token }, token.to_owned(), false)
        }
        At::Original(app, token) => {
            let route = Route::WebhookOriginalInteractionResponse { application_id: application(app), token };
            (route, token.to_owned(), false)
        }
    })
}

/// A place's name, without what is in it: for buckets and logs.
const fn kind(at: At<'_>) -> &'static str {
    match at {
        At::GatewayBot => "gateway",
        At::Application => "application",
        At::Commands(..) => "commands",
        At::Channel(_) => "channel",
        At::Messages(_) => "messages",
        At::Message(..) => "message",
        At::Typing(_) => "typing",
        At::Thread(..) => "thread",
        At::Direct => "direct",
        At::Callback(..) => "callback",
        At::Followup(..) => "followup",
        At::Original(..) => "original",
    }
}
