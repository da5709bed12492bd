//! Discord: the gateway or HTTP in, its REST API out. What arrives is durable before it is acknowledged (`gateway`, `http`, `inbound`) and
//! then worked on by `places`; here is how Discord shows it (`components`, `modal`, `stream`, `split`) and how it is asked (`api`, `pace`).
//! It decides nothing: the doors of `App` do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::app::discord::DISCORD;
use crate::app::places::Sent;
use crate::app::{App, Received};
use crate::domain::caller::Caller;
use crate::domain::lang::Lang;
use crate::domain::place::ChatPlace;
use crate::domain::tool::ToolError;
use crate::places::inbound::{Inbound, Press, Spot, What};
use crate::places::message::{Form, Message};
use crate::places::{self, Hall, Removed, Service, Status, Taken, To, Told, Writer, form, live};
use crate::say;

mod api;
mod autocomplete;
mod commands;
mod components;
mod gateway;
mod handle;
mod http;
mod inbound;
mod markup;
mod modal;
#[cfg(test)]
mod odd_tests;
mod pace;
pub mod register;
mod send;
mod split;
mod stream;

use api::{Api, At, Fault, How, snowflake};
use components::{Drawn, EPHEMERAL, drawn, drawn_with};
use handle::{Handle, Mode};
use inbound::{Kind, Known};
use send::{Way, heard, is_gone};

/// Deliveries are small (RELIABILITY §3).
const BODY_BYTES_MAX: usize = 1 << 20;
/// People and channels kept in mind.
const KNOWN_MAX: usize = 10_000;
/// A message that could not be stored is tried again after these: a database that is gone for longer is an outage that people see.
const STORE_AGAIN: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];
/// Typing shows for ten seconds.
const TYPING_AGAIN: Duration = Duration::from_secs(8);
/// Characters of a thread's name.
const THREAD_NAME_MAX: usize = 90;
/// Minutes without a word after which Discord puts a thread away.
const THREAD_ARCHIVE_MIN: u32 = 1_440;
/// In a spot's thread: no thread could be begun, the answer is a reply to this message.
const REPLY: &str = "reply ";

/// What Discord gets back at once.
enum Ack {
    /// This; then the work begins.
    With {
        /// The first answer.
        body: Value,
        /// What is worked on after that.
        work: Option<Received>,
    },
    /// It was delivered before: over HTTP the same answer again, at the gateway none.
    Again(Value),
    /// It could not be stored.
    Failed,
}

/// The front end.
pub struct Discord {
    hall: Hall,
    api: Arc<Api>,
    reads_all: bool,
    is_over_http: bool,
    /// Our bot's user, once the gateway said it.
    me: AtomicU64,
    /// Messages that were posted.
    posts: AtomicU64,
    known: Mutex<HashMap<String, Known>>,
    /// Who was told in a channel that we cannot write to them, and when.
    closed: Mutex<HashMap<String, Instant>>,
    /// Channels that were looked at: of threads their parent and owner.
    threads: Mutex<HashMap<u64, Option<(u64, u64)>>>,
}

impl Discord {
    /// A message as Discord takes it, with the pictures of its posts.
    async fn drawn(&self, message: &Message) -> Drawn {
        let pictures = message.pictures(&self.hall.app).await;
        drawn_with(message, pictures.into_iter().map(|(_, png)| png).collect())
    }

    /// The front end, when Discord is configured.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn open(app: &Arc<App>, stop: CancellationToken) -> std::io::Result<Option<Arc<Self>>> {
        let Some(api) = Api::open(app)? else { return Ok(None) };
        let section = app.config().discord.as_ref();
        Ok(Some(Arc::new(Self {
            hall: Hall::new(ChatPlace::Discord, app, stop),
            api: Arc::new(api),
            reads_all: section.is_some_and(|section| section.reads_all),
            is_over_http: section.is_some_and(|section| section.public_key.is_some()),
            me: AtomicU64::new(0),
            posts: AtomicU64::new(0),
            known: Mutex::default(),
            closed: Mutex::default(),
            threads: Mutex::default(),
        })))
    }

    /// Its routes.
    pub(super) fn router(self: &Arc<Self>) -> Router {
        if !self.is_over_http {
            return Router::new();
        }
        Router::new()
            .route("/discord/interactions", post(http::interactions))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(Arc::clone(self))
    }

    /// Takes over what was left undone, listens at the gateway and tells the news, until told to stop; then lets work end.
    pub async fn run(self: Arc<Self>) {
        let service: Arc<dyn Service> = self.clone();
        tokio::join!(places::run(service), gateway::listen(self));
    }

    fn is_me(&self, id: u64) {
        self.me.store(id, Ordering::Relaxed);
    }

    fn me(&self) -> Option<u64> {
        Some(self.me.load(Ordering::Relaxed)).filter(|id| *id > 0)
    }

    fn meet(&self, user: &str, found: Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        let before = known.entry(user.to_owned()).or_default();
        let lang = found.lang.or(before.lang);
        *before = Known { lang, ..found };
    }

    fn begin(self: &Arc<Self>, work: Option<Received>) {
        let service: Arc<dyn Service> = self.clone();
        if let Some(received) = work {
            places::begin(&service, received);
        }
    }

    /// Takes an interaction: what only opens a form or completes a word is answered, everything else is durable before it is acknowledged.
    async fn accept_interaction(self: &Arc<Self>, payload: Value) -> Ack {
        if payload["type"] == 4 {
            let body = autocomplete::answer(self, &payload).await;
            return Ack::With { body, work: None };
        }
        let at = self.hall.app.now_ms();
        let inbound = match self.inbound(Kind::Interaction, &payload, (at, self.me())).await {
            Ok(Some(inbound)) => inbound,
            Ok(None) => return self.say_at_once(&payload, &self.hall.old_button()),
            Err(error) => {
                tracing::error!(error = %error, "an interaction of Discord's could not be read");
                return Ack::Failed;
            }
        };
        match self.form_for(&inbound).await {
            Ok(None) => {}
            Ok(Some(body)) => return Ack::With { body, work: None },
            Err(ToolError::Refused(why)) => return self.say_at_once(&payload, &why),
            Err(ToolError::Failed(why)) => {
                tracing::error!(error = why, "a form could not be opened in Discord");
                return self.say_at_once(&payload, &self.hall.failed());
            }
        }
        let body = first_answer(&inbound);
        let stored = json!({ "kind": Kind::Interaction, "payload": payload, "at": at }).to_string();
        let received = Received { key: inbound.key, event_id: inbound.event_id, body: stored, tries: 1 };
        match places::take(&self.hall, &received).await {
            Taken::New => Ack::With { body, work: Some(received) },
            Taken::Before => Ack::Again(body),
            Taken::Failed => Ack::Failed,
        }
    }

    /// Takes a message. Discord tells it once: should storing fail, it is tried again for a while.
    async fn accept_message(self: &Arc<Self>, payload: Value) {
        let (at, me) = (self.hall.app.now_ms(), self.me());
        let inbound = match self.inbound(Kind::Message, &payload, (at, me)).await {
            Ok(Some(inbound)) => inbound,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(error = %error, "a message of Discord's could not be read");
                return;
            }
        };
        // Whoever takes it over reads it before the gateway says who we are.
        let stored = json!({ "kind": Kind::Message, "payload": payload, "at": at, "me": me }).to_string();
        let received = Received { key: inbound.key, event_id: inbound.event_id, body: stored, tries: 1 };
        let mut pauses = STORE_AGAIN.iter();
        loop {
            match (places::take(&self.hall, &received).await, pauses.next()) {
                (Taken::New, _) => return self.begin(Some(received)),
                (Taken::Failed, Some(pause)) if !self.hall.stop.is_cancelled() => tokio::time::sleep(*pause).await,
                (Taken::Before | Taken::Failed, _) => return,
            }
        }
    }

    /// The form that an interaction opens: it must be the very first answer, and nothing follows from it.
    async fn form_for(&self, inbound: &Inbound) -> Result<Option<Value>, ToolError> {
        let Some(caller) = self.hall.app.find_member(&inbound.member).await? else { return Ok(None) };
        let Some(form) = form::wanted(&self.hall, &caller, inbound).await? else { return Ok(None) };
        let (body, offered) = modal::modal(&form);
        self.hall.app.offer(ChatPlace::Discord, &[offered]).await?;
        Ok(Some(body))
    }

    /// A sentence for the one who asked, at once.
    fn say_at_once(&self, payload: &Value, why: &crate::domain::refusal::Sentence) -> Ack {
        let user = inbound::user_of(payload).and_then(|user| user["id"].as_str()).unwrap_or_default();
        let lang = self.lang(user, payload["locale"].as_str());
        let message = Message::sentence(&self.hall.app.words().tell(lang, why));
        Ack::With { body: json!({ "type": 4, "data": drawn(&message).body(EPHEMERAL) }), work: None }
    }

    fn lang(&self, user: &str, locale: Option<&str>) -> Lang {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let told = locale.and_then(Lang::find);
        told.or_else(|| known.get(user).and_then(|known| known.lang)).unwrap_or(Lang::En)
    }

    /// Our person behind a payload.
    async fn caller(&self, payload: &Value) -> Result<Option<Caller>, ToolError> {
        let Some(id) = inbound::user_of(payload).and_then(|user| user["id"].as_str()) else { return Ok(None) };
        self.hall.app.find_member(&crate::app::discord::discord_member(id)).await
    }
}

/// The first answer to something that is worked on: whether others see the answer is decided here (dossier §5.2).
fn first_answer(inbound: &Inbound) -> Value {
    let handle = inbound.reply().and_then(Handle::read);
    match handle.map(|handle| handle.mode) {
        Some(Mode::Quiet) => json!({ "type": 6 }),
        Some(Mode::Direct) => json!({ "type": 5 }),
        Some(Mode::Thinking) | None => json!({ "type": 5, "data": { "flags": EPHEMERAL } }),
    }
}

#[async_trait]
impl Service for Discord {
    fn hall(&self) -> &Hall {
        &self.hall
    }

    async fn read(&self, stored: &Value) -> Result<Option<Inbound>, ToolError> {
        let Ok(kind) = serde_json::from_value::<Kind>(stored["kind"].clone()) else { return Ok(None) };
        let me = stored["me"].as_u64().or_else(|| self.me());
        self.inbound(kind, &stored["payload"], (stored["at"].as_i64().unwrap_or(0), me)).await
    }

    async fn tell(&self, team: &str, to: &To<'_>, message: &Message) -> Option<String> {
        self.told(team, to, message).await.ts()
    }

    async fn told(&self, _team: &str, to: &To<'_>, message: &Message) -> Told {
        let drawn = self.drawn(message).await;
        let told = match to {
            To::Reply(way) => self.respond(way, &drawn, Way::Alone).await,
            To::Replacing(way) => self.respond(way, &drawn, Way::Replacing).await,
            To::Beside(way) => self.respond(way, &drawn, Way::Beside).await,
            To::ForAll(way) => self.respond(way, &drawn, Way::ForAll).await,
            To::Spot(spot) => self.send(spot, &drawn).await.map(Some),
            // What one person alone may see goes to where they are alone.
            To::Only(spot, user) => self.send_alone(spot, user, &drawn).await.map(Some),
            To::Update(channel, ts) => self.update(channel, ts, &drawn).await.map(Some),
        };
        heard(told)
    }

    async fn replace(&self, team: &str, press: &Press, message: &Message) {
        self.replaced(team, press, message).await;
    }

    /// Discord lets a message that one person alone sees be changed for as long as its interaction can be answered.
    fn private_redraws_max(&self) -> usize {
        live::REDRAWS_MAX
    }

    /// Never another message instead: who presses is answered otherwise then, and a card that is followed is not changed any more.
    async fn replaced(&self, team: &str, press: &Press, message: &Message) -> Told {
        let handle = press.reply.as_deref().and_then(Handle::read);
        if let Some(handle) = handle.filter(|handle| handle.is_open(self.hall.app.now_ms())) {
            let drawn = self.drawn(message).await;
            let done = match self.offer(&drawn).await {
                Ok(()) => self.answer(&handle, &drawn, Way::Replacing).await,
                Err(fault) => Err(fault),
            };
            match done {
                Err(fault) if is_gone(&fault) => tracing::info!(error = %fault, "an interaction's way back is gone"),
                done => return heard(done),
            }
        }
        if press.is_ephemeral || press.ts.is_empty() {
            return Told::Refused;
        }
        self.told(team, &To::Update(self.channel_of(&press.spot), &press.ts), message).await
    }

    /// What was shown stays, without the button that would stop it; that it broke off stands below.
    async fn end_broken(&self, sent: &Sent, said: &str) {
        let (Ok(channel), Ok(message)) = (snowflake(&sent.thread), snowflake(&sent.ts)) else { return };
        let at = At::Message(channel, message);
        let mut whole = json!({ "components": [] });
        if let Ok(shown) = self.api.call(How::Get, at, None).await
            && let Some(text) =
                shown["content"].as_str().and_then(|text| text.strip_suffix(stream::MORE_COMES.trim_end()))
        {
            whole["content"] = text.trim_end().into();
        }
        let ended = self.api.call(How::Patch, at, Some(&whole)).await;
        if let Err(fault) = ended {
            tracing::info!(error = %fault, "an answer in Discord that broke off could not be ended");
        }
        let spot = Spot { channel: sent.thread.clone(), thread: String::new(), is_direct: false };
        self.tell(&sent.team, &To::Spot(&spot), &Message::sentence(said)).await;
    }

    /// A modal is a first answer; whoever comes here took over what another process began.
    async fn open(&self, _team: &str, _trigger: &str, _form: &Form) -> Result<(), ToolError> {
        Err(say!("place-press-again", place = ChatPlace::Discord.shown()).into())
    }

    async fn show(&self, team: &str, press: &Press, message: &Message, _lang: Lang) -> Result<(), ToolError> {
        let Some(way) = &press.reply else { return Err(self.hall.old_button().into()) };
        self.tell(team, &To::Reply(way), message).await;
        Ok(())
    }

    async fn show_home(&self, _team: &str, _user: &str, _message: &Message) {}

    async fn direct(&self, _team: &str, user: &str) -> Result<Spot, ToolError> {
        let channel = self.api.direct(user).await.map_err(|fault| match fault {
            Fault::Refused { .. } => {
                tracing::info!(error = %fault, "somebody cannot be written to in Discord");
                say!("place-no-direct").into()
            }
            Fault::Token | Fault::Busy | Fault::Unreachable(_) => ToolError::Failed(fault.to_string()),
        })?;
        Ok(Spot { channel, thread: String::new(), is_direct: true })
    }

    async fn about(&self, inbound: &Inbound) -> (Lang, String) {
        let id = inbound.member.id.as_str();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(id).cloned().unwrap_or_default();
        let name = if known.name.is_empty() { id.to_owned() } else { known.name };
        (known.lang.unwrap_or(Lang::En), name)
    }

    async fn suggest(&self, _team: &str, _spot: &Spot, _prompts: &[(String, String)]) {}

    async fn status(&self, _inbound: &Inbound, spot: &Spot, _status: &str, _steps: &[String]) -> Status {
        let channel = snowflake(self.channel_of(spot)).ok()?;
        let (stop, api) = (self.hall.stop.child_token(), Arc::clone(&self.api));
        let ended = stop.clone();
        self.hall.aside(async move {
            while !ended.is_cancelled() {
                let typed = async {
                    if let Err(fault) = api.call(How::Post, At::Typing(channel), None).await {
                        tracing::debug!(error = %fault, "typing could not be shown");
                    }
                    tokio::time::sleep(TYPING_AGAIN).await;
                };
                tokio::select! {
                    () = ended.cancelled() => {}
                    () = typed => {}
                }
            }
        });
        Some(stop.drop_guard())
    }

    async fn entitle(&self, _team: &str, _spot: &Spot, _title: &str) {}

    /// In a server every conversation has a thread of its own, begun at the message that calls us.
    async fn settle_in(&self, inbound: &Inbound, spot: &Spot) -> Spot {
        let What::Said { text, .. } = &inbound.what else { return spot.clone() };
        // In a thread already: this message is not the one it begins at.
        if spot.is_direct || spot.thread.is_empty() || !inbound.key.ends_with(&format!(" {}", spot.thread)) {
            return spot.clone();
        }
        let (Ok(channel), Ok(message)) = (snowflake(&spot.channel), snowflake(&spot.thread)) else {
            return spot.clone();
        };
        let name = text.lines().next().unwrap_or_default().trim();
        let name = places::cut::cut_by(if name.is_empty() { "Socrazi" } else { name }, THREAD_NAME_MAX, markup::units);
        let body = json!({ "name": name, "auto_archive_duration": THREAD_ARCHIVE_MIN });
        match self.api.call(How::Post, At::Thread(channel, message), Some(&body)).await {
            Ok(_) => spot.clone(),
            // It is there already.
            Err(fault) if fault.is(&[160_004]) => spot.clone(),
            Err(fault) => {
                tracing::info!(error = %fault, "no thread can be begun there; the answer is a reply");
                Spot { thread: format!("{REPLY}{}", spot.thread), ..spot.clone() }
            }
        }
    }

    fn channel_of<'a>(&self, spot: &'a Spot) -> &'a str {
        if spot.thread.is_empty() || spot.thread.starts_with(REPLY) { &spot.channel } else { &spot.thread }
    }

    /// Where no thread can be begun, what somebody says in a channel is one conversation.
    fn conversation_of(&self, member: &str, spot: &Spot) -> String {
        let is_reply = !spot.is_direct && (spot.thread.is_empty() || spot.thread.starts_with(REPLY));
        if is_reply { format!("member {member}") } else { spot.thread.clone() }
    }

    fn writer<'a>(&'a self, inbound: &'a Inbound, spot: &'a Spot, lang: Lang) -> Box<dyn Writer + 'a> {
        Box::new(stream::Stream::new(self, inbound, spot, lang))
    }

    /// Discord's files need no token, only an address that is Discord's.
    async fn may_fetch(&self, _team: &str, url: &Url) -> Result<Option<SecretString>, ToolError> {
        const HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];
        let is_discords = url.scheme() == "https" && url.host_str().is_some_and(|host| HOSTS.contains(&host));
        let is_root = Url::parse(self.api.root()).is_ok_and(|root| root.origin() == url.origin());
        if is_discords || is_root { Ok(None) } else { Err(say!("media-url-wrong", url = url.as_str()).into()) }
    }

    async fn remove(&self, sent: &Sent) -> Removed {
        let (Ok(channel), Ok(message)) = (snowflake(&sent.thread), snowflake(&sent.ts)) else { return Removed::Gone };
        match self.api.call(How::Delete, At::Message(channel, message), None).await {
            Ok(_) => Removed::Gone,
            Err(fault) if fault.is(&[10_008, 10_003]) => Removed::Gone,
            Err(Fault::Refused { .. }) => Removed::Kept,
            Err(Fault::Token | Fault::Busy | Fault::Unreachable(_)) => Removed::Later,
        }
    }

    async fn address_of(&self, sent: &Sent) -> Option<String> {
        let guild = if sent.team == DISCORD { "@me" } else { sent.team.as_str() };
        Some(format!("https://discord.com/channels/{guild}/{}/{}", sent.thread, sent.ts))
    }

    fn sign_in_page(&self) -> Option<String> {
        let app = &self.hall.app;
        let page = || format!("{}/discord/signin", app.public_url().as_str().trim_end_matches('/'));
        app.has_discord_sign_in().then(page)
    }

    async fn may_join(&self, inbound: &Inbound) -> Result<bool, ToolError> {
        let known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(&inbound.member.id).and_then(|known| known.roles.clone())
        };
        match known.filter(|(guild, _)| *guild == inbound.team && guild != DISCORD) {
            Some((guild, roles)) => self.hall.app.discord_may_join(&guild, &roles).await,
            None => Ok(false),
        }
    }

    /// In a server only our people are answered; nobody is asked for anything where others read.
    fn answers_strangers_at(&self, spot: &Spot) -> bool {
        spot.is_direct
    }

    async fn ended(&self, team: &str) -> Result<(), ToolError> {
        self.hall.app.discord_guild_ended(team).await
    }
}
