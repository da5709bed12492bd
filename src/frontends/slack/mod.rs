//! Slack: HTTP or Socket Mode in, the Web API out. What arrives is durable before it is acknowledged (`http`, `socket`, `inbound`) and
//! then worked on by `places`; here is how Slack shows it (`blocks`, `modal`, `stream`) and how it is asked (`api`, `pace`). It decides
//! nothing: the doors of `App` do.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::app::places::Sent;
use crate::app::{App, Received};
use crate::domain::ids::{PostId, UserId};
use crate::domain::lang::Lang;
use crate::domain::place::ChatPlace;
use crate::domain::tool::ToolError;
use crate::places::inbound::{Inbound, Press, Spot, What};
use crate::places::message::{Form, Message};
use crate::places::verbs::Verb;
use crate::places::{self, Hall, Removed, Service, Status, Taken, To, Told, Writer, form};
use crate::say;

mod api;
mod blocks;
mod figures;
#[cfg(test)]
mod figures_tests;
mod http;
mod inbound;
pub mod manifest;
mod modal;
#[cfg(test)]
mod odd_tests;
mod pace;
mod socket;
mod stream;
mod thread;

use api::{Api, Fault};
use blocks::Files;
use figures::Step;
use inbound::Kind;

/// Deliveries are small; a card with its state stays far below this (RELIABILITY §3).
const BODY_BYTES_MAX: usize = 1 << 20;
/// The pause before it is asked again whose the fixed token is; doubled each time, up to the second.
const FIXED_TEAM_PAUSE: Duration = Duration::from_secs(1);
const FIXED_TEAM_PAUSE_MAX: Duration = Duration::from_secs(300);

/// Stands for the channel where what was sent is a file: no channel is called so.
const A_FILE: &str = "file";
/// Says where a conversation with an agent stands.
const SET_SESSION: &str = "agents.sessions.setStatus";
/// Says what it is called.
const RENAME_SESSION: &str = "agents.sessions.rename";
/// Slack's words for asking again later.
const LATER: [&str; 5] = ["ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"];

/// What Slack gets back at once.
enum Ack {
    /// Nothing but the acknowledgement.
    Empty,
    /// With this body.
    With(Value),
    /// It could not be stored: it must come again.
    Failed,
}

/// The front end.
pub struct Slack {
    hall: Hall,
    api: Arc<Api>,
    verifier: Option<SlackEventSignatureVerifier>,
    /// Conversations that Slack shows as being worked on, with its own Stop: team, channel and thread.
    sessions: Arc<Mutex<HashSet<String>>>,
}

fn session_of(team: &str, spot: &Spot) -> String {
    format!("{team} {} {}", spot.channel, spot.thread)
}

impl Slack {
    /// The front end, when Slack is configured.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn open(app: &Arc<App>, stop: CancellationToken) -> std::io::Result<Option<Arc<Self>>> {
        let Some(api) = Api::open(app)? else { return Ok(None) };
        let secret = app.config().slack.as_ref().and_then(|section| section.signing_secret.as_ref());
        let verifier = secret.map(|secret| SlackEventSignatureVerifier::new(&secret.expose_secret().into()));
        let hall = Hall::new(ChatPlace::Slack, app, stop);
        Ok(Some(Arc::new(Self { hall, api: Arc::new(api), verifier, sessions: Arc::default() })))
    }

    /// Its routes.
    pub(super) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/slack/events", post(http::events))
            .route("/slack/commands", post(http::commands))
            .route("/slack/interactions", post(http::interactions))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(Arc::clone(self))
    }

    /// Takes over what was left undone, listens over Socket Mode and tells the news, until told to stop; then lets work end.
    pub async fn run(self: Arc<Self>) {
        let stop = self.hall.stop.clone();
        let service: Arc<dyn Service> = self.clone();
        tokio::join!(places::run(service), socket::listen(Arc::clone(&self), stop), self.note_fixed_team());
    }

    /// Slack may not be there when we start: it is asked again, less and less often, until it says whose the token is.
    async fn note_fixed_team(&self) {
        let mut pause = FIXED_TEAM_PAUSE;
        while let Err(error) = self.hall.app.slack_note_fixed_team().await {
            tracing::warn!(error = %error, "the team of slack.bot_token is not known yet; nobody of it can join");
            if self.hall.stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
            pause = (pause * 2).min(FIXED_TEAM_PAUSE_MAX);
        }
    }

    /// Takes a delivery: durable before it is acknowledged, begun after that. What is nothing for us is acknowledged and forgotten.
    async fn accept(self: &Arc<Self>, kind: Kind, payload: Value) -> Ack {
        let Some(inbound) = inbound::read(kind, &payload) else { return Ack::Empty };
        if inbound::is_overheard(kind, &payload) {
            match self.is_ours(&inbound).await {
                Ok(true) => {}
                Ok(false) => return Ack::Empty,
                Err(error) => {
                    tracing::error!(error = %error, "whose thread it is could not be looked up");
                    return Ack::Failed;
                }
            }
        }
        if let What::Submitted(sheet) = &inbound.what {
            // Slack shows mistakes in the modal itself, and only in the answer to this very request.
            match form::mistake(&self.hall, &inbound.member, sheet).await {
                Ok(None) => {}
                Ok(Some((field, why, caller))) => {
                    return Ack::With(modal::mistake(&field, &self.hall.app.words().tell(caller.lang, &why)));
                }
                Err(error) => {
                    tracing::error!(error = %error, "a modal could not be checked");
                    return Ack::Failed;
                }
            }
        }
        let is_free = matches!(&inbound.what, What::Command { verb: Verb::Say(_), .. });
        let body = json!({ "kind": kind, "payload": payload }).to_string();
        let received = Received { key: inbound.key, event_id: inbound.event_id, body, tries: 1 };
        match places::take(&self.hall, &received).await {
            Taken::New => {
                let service: Arc<dyn Service> = self.clone();
                places::begin(&service, received);
            }
            Taken::Before => return Ack::Empty,
            Taken::Failed => return Ack::Failed,
        }
        // A model takes its time: something is seen at once.
        if is_free {
            Ack::With(json!({ "response_type": "ephemeral", "text": ":hourglass_flowing_sand:" }))
        } else {
            Ack::Empty
        }
    }

    /// Whether the app may read channels: with the same setting the manifest asks for the scopes.
    fn reads_threads(&self) -> bool {
        self.hall.app.config().slack.as_ref().is_some_and(|section| section.reads_threads)
    }

    /// Whether a thread of a channel is a conversation that its speaker has with us, and follow-ups there are to be read.
    async fn is_ours(&self, inbound: &Inbound) -> Result<bool, ToolError> {
        let app = &self.hall.app;
        let What::Said { spot, .. } = &inbound.what else { return Ok(false) };
        if !self.reads_threads() {
            return Ok(false);
        }
        let Some(caller) = app.find_member(&inbound.member).await? else { return Ok(false) };
        let thread = format!("{}/{}/{}", inbound.team, spot.channel, spot.thread);
        Ok(app.conversation_in(&caller, ChatPlace::Slack, &thread).await?.is_some())
    }

    /// A call whose failure changes nothing for anybody.
    async fn quietly(&self, team: &str, method: &str, call: &Value) {
        if let Err(fault) = self.api.call(team, method, call).await {
            tracing::debug!(slack.method = method, error = %fault, "a courtesy in Slack failed");
        }
    }

    /// A view above the one that was pressed in, or a new one.
    async fn open_view(&self, team: &str, press: &Press, view: Value) -> Result<(), ToolError> {
        let method = if press.view.is_empty() { "views.open" } else { "views.push" };
        let opened = self.api.call(team, method, &json!({ "trigger_id": press.trigger, "view": view })).await;
        // Three seconds are over, or this delivery was worked on before: pressing again opens it.
        opened.map(drop).map_err(|fault| {
            tracing::info!(error = %fault, "a modal could not be opened");
            say!("place-press-again", place = ChatPlace::Slack.shown()).into()
        })
    }

    /// Sends a message, its figures as far down as Slack wants them (dossier §6.3).
    async fn send(&self, team: &str, message: &Message, to: &To<'_>) -> Result<Option<String>, Fault> {
        let (mut step, mut files) = (Step::Chart, Files::default());
        files.of_posts = self.pictures(team, message).await;
        if figures::needs_pictures(message) {
            files.of_charts = self.charts(team, message).await;
        }
        loop {
            let call = blocks::shown_as(message, step, &files).body();
            let fault = match self.put(team, to, call).await {
                Ok(answer) => return Ok(answer["ts"].as_str().map(str::to_owned)),
                Err(fault) => fault,
            };
            let next = step.next().filter(|_| figures::has_figures(message) && fault.is("invalid_blocks"));
            let Some(next) = next else { return Err(fault) };
            tracing::info!(slack.step = ?next, "Slack does not show figures that way here");
            step = next;
            if step == Step::Picture && files.of_charts.is_empty() {
                files.of_charts = self.charts(team, message).await;
            }
        }
    }

    /// Uploads the pictures that come along with charts; what fails is shown another way.
    async fn charts(&self, team: &str, message: &Message) -> Vec<Option<String>> {
        let mut files = Vec::new();
        for picture in figures::charts(message) {
            files.push(match picture {
                Some((title, png)) => self.api.upload(team, ("chart.png", title), png).await.ok(),
                None => None,
            });
        }
        self.note_files(team, message, files.iter().flatten()).await;
        files
    }

    /// Draws and uploads the pictures of posts; a message goes without what fails.
    async fn pictures(&self, team: &str, message: &Message) -> Vec<Option<String>> {
        let mut files = Vec::new();
        for (picture, png) in message.pictures(&self.hall.app).await {
            let Some(png) = png else {
                files.push(None);
                continue;
            };
            let uploaded = self.api.upload(team, ("preview.png", &picture.title), &png).await;
            let uploaded =
                uploaded.inspect_err(|fault| tracing::info!(error = %fault, "a card goes without its picture"));
            let file = uploaded.ok();
            if let Some(file) = &file {
                let about = picture.post.as_ref().map_or("", PostId::as_str);
                self.note_file(team, file, (&picture.account.user, about)).await;
            }
            files.push(file);
        }
        files
    }

    /// Files stay when the message that shows them goes, so each is noted for itself.
    async fn note_files(&self, team: &str, message: &Message, files: impl Iterator<Item = &String>) {
        let Some(owner) = &message.owner else { return };
        for file in files {
            self.note_file(team, file, (owner, "")).await;
        }
    }

    async fn note_file(&self, team: &str, file: &str, (owner, about): (&UserId, &str)) {
        let sent = Sent { team: team.to_owned(), thread: A_FILE.to_owned(), ts: file.to_owned() };
        if let Err(error) = self.hall.app.note_sent(ChatPlace::Slack, &sent, owner, (about, None)).await {
            tracing::error!(error = %error, "a file of ours could not be noted");
        }
    }

    /// Says that an answer is worked on, so that Slack shows its Stop before the first word; ended when the value is dropped. Nothing where
    /// Slack knows no such sessions.
    async fn begin_session(&self, team: &str, spot: &Spot) -> Status {
        if !spot.is_direct || spot.thread.is_empty() {
            return None;
        }
        let mut call = json!({ "channel_id": spot.channel, "thread_ts": spot.thread, "status": "processing" });
        if let Err(fault) = self.api.call(team, SET_SESSION, &call).await {
            tracing::debug!(error = %fault, "Slack shows no session here");
            return None;
        }
        let (key, sessions) = (session_of(team, spot), Arc::clone(&self.sessions));
        sessions.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        let (ended, api, team) = (CancellationToken::new(), Arc::clone(&self.api), team.to_owned());
        let until = ended.clone();
        self.hall.aside(async move {
            until.cancelled().await;
            sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
            call["status"] = "active".into();
            if let Err(fault) = api.call(&team, SET_SESSION, &call).await {
                tracing::info!(error = %fault, "a session in Slack could not be ended");
            }
        });
        Some(ended.drop_guard())
    }

    async fn put(&self, team: &str, to: &To<'_>, mut call: Value) -> Result<Value, Fault> {
        match to {
            To::Reply(url) | To::Replacing(url) | To::Beside(url) | To::ForAll(url) => {
                let for_whom = if matches!(to, To::ForAll(_)) { "in_channel" } else { "ephemeral" };
                call["response_type"] = for_whom.into();
                call["replace_original"] = matches!(to, To::Replacing(_)).into();
                self.api.respond(url, &call).await.map(|()| Value::Null)
            }
            To::Spot(spot) => {
                at(spot, &mut call);
                self.api.call(team, "chat.postMessage", &call).await
            }
            To::Only(spot, user) => {
                at(spot, &mut call);
                call["user"] = (*user).into();
                self.api.call(team, "chat.postEphemeral", &call).await
            }
            To::Update(channel, ts) => {
                call["channel"] = (*channel).into();
                call["ts"] = (*ts).into();
                self.api.call(team, "chat.update", &call).await
            }
        }
    }
}

/// What became of something that was told.
fn told(done: Result<Option<String>, Fault>) -> Told {
    match done {
        Ok(ts) => Told::Here(ts),
        Err(fault) => {
            tracing::warn!(error = %fault, "somebody could not be told something in Slack");
            match fault {
                Fault::Unreachable(_) => Told::Later,
                Fault::Slack(code) if LATER.contains(&code.as_str()) => Told::Later,
                Fault::Slack(_) | Fault::NotInstalled => Told::Refused,
            }
        }
    }
}

/// Where a message goes in a thread.
fn at(spot: &Spot, call: &mut Value) {
    call["channel"] = spot.channel.as_str().into();
    if !spot.thread.is_empty() {
        call["thread_ts"] = spot.thread.as_str().into();
    }
}

/// Somebody's language and name, as Slack knows them; English and their id where it does not say.
async fn known(api: &Api, team: &str, user: &str) -> (Lang, String) {
    let asked = api.look(team, "users.info", &[("user", user), ("include_locale", "true")]).await.unwrap_or_default();
    let lang = asked["user"]["locale"].as_str().and_then(Lang::find).unwrap_or(Lang::En);
    let names = [&asked["user"]["real_name"], &asked["user"]["profile"]["real_name"], &asked["user"]["name"]];
    let name = names.into_iter().find_map(|name| name.as_str().filter(|name| !name.is_empty()));
    (lang, name.unwrap_or(user).to_owned())
}

#[async_trait]
impl Service for Slack {
    fn hall(&self) -> &Hall {
        &self.hall
    }

    async fn read(&self, stored: &Value) -> Result<Option<Inbound>, ToolError> {
        let kind = serde_json::from_value::<Kind>(stored["kind"].clone()).ok();
        Ok(kind.and_then(|kind| inbound::read(kind, &stored["payload"])))
    }

    async fn tell(&self, team: &str, to: &To<'_>, message: &Message) -> Option<String> {
        self.told(team, to, message).await.ts()
    }

    async fn told(&self, team: &str, to: &To<'_>, message: &Message) -> Told {
        told(self.send(team, message, to).await)
    }

    async fn replace(&self, team: &str, press: &Press, message: &Message) {
        self.replaced(team, press, message).await;
    }

    async fn replaced(&self, team: &str, press: &Press, message: &Message) -> Told {
        if !press.view.is_empty() {
            let view = modal::look(&message.text, None, blocks::in_view(message));
            let call = json!({ "view_id": press.view, "view": view });
            return told(self.api.call(team, "views.update", &call).await.map(|_| None));
        }
        let to = match &press.reply {
            Some(url) if press.is_ephemeral || press.ts.is_empty() => To::Replacing(url),
            _ => To::Update(&press.spot.channel, &press.ts),
        };
        self.told(team, &to, message).await
    }

    /// An answer through a `response_url` has no id that Slack tells.
    fn shares_by_posting(&self) -> bool {
        true
    }

    async fn open(&self, team: &str, trigger: &str, form: &Form) -> Result<(), ToolError> {
        let press = Press { trigger: trigger.to_owned(), ..Press::default() };
        self.open_view(team, &press, modal::view(form)).await
    }

    async fn open_from(&self, team: &str, press: &Press, form: &Form) -> Result<(), ToolError> {
        self.open_view(team, press, modal::view(form)).await
    }

    async fn show(&self, team: &str, press: &Press, message: &Message, lang: Lang) -> Result<(), ToolError> {
        let close = self.hall.app.words().text(lang, "place-close");
        let view = modal::look(&message.text, Some(&close), blocks::in_view(message));
        self.open_view(team, press, view).await
    }

    async fn show_home(&self, team: &str, user: &str, message: &Message) {
        let view = json!({ "type": "home", "callback_id": "home", "blocks": blocks::in_view(message) });
        if let Err(fault) = self.api.call(team, "views.publish", &json!({ "user_id": user, "view": view })).await {
            tracing::warn!(error = %fault, "App Home could not be shown");
        }
    }

    async fn direct(&self, team: &str, user: &str) -> Result<Spot, ToolError> {
        let opened = self.api.call(team, "conversations.open", &json!({ "users": user })).await;
        let opened = opened.map_err(|fault| match fault {
            Fault::Unreachable(_) => ToolError::Failed(fault.to_string()),
            Fault::Slack(ref code) if code == "ratelimited" => ToolError::Failed(fault.to_string()),
            Fault::Slack(_) | Fault::NotInstalled => {
                tracing::info!(error = %fault, "somebody cannot be written to in Slack");
                say!("place-no-direct").into()
            }
        })?;
        let channel = opened["channel"]["id"].as_str().unwrap_or_default().to_owned();
        Ok(Spot { channel, thread: String::new(), is_direct: true })
    }

    fn begun_at(&self, direct: &Spot, ts: &str) -> Spot {
        Spot { thread: ts.to_owned(), ..direct.clone() }
    }

    /// Strangers are answered in English when Slack says nothing.
    async fn about(&self, inbound: &Inbound) -> (Lang, String) {
        known(&self.api, &inbound.team, &inbound.member.id).await
    }

    async fn suggest(&self, team: &str, spot: &Spot, prompts: &[(String, String)]) {
        let prompt = |(title, message): &(String, String)| json!({ "title": title, "message": message });
        let prompts: Vec<_> = prompts.iter().map(prompt).collect();
        let mut call = json!({ "channel_id": spot.channel, "prompts": prompts });
        if !spot.thread.is_empty() {
            call["thread_ts"] = spot.thread.as_str().into();
        }
        self.quietly(team, "assistant.threads.setSuggestedPrompts", &call).await;
    }

    /// "Thinking" where Slack shows it, else an eye on the message for as long as it is true. Slack ends it with the answer, but not a session
    /// that it shows as being worked on: that one is ended here, whichever way the answer ends (dossier §8.4).
    async fn status(&self, inbound: &Inbound, spot: &Spot, status: &str, steps: &[String]) -> Status {
        let team = inbound.team.as_str();
        let ended = self.begin_session(team, spot).await;
        let call = json!({ "channel_id": spot.channel, "thread_ts": spot.thread, "status": status, "loading_messages": steps });
        if self.api.call(team, "assistant.threads.setStatus", &call).await.is_ok() {
            return ended;
        }
        let said_at = inbound.key.rsplit(' ').next().unwrap_or(&spot.thread);
        let call = json!({ "channel": spot.channel, "timestamp": said_at, "name": "eyes" });
        self.quietly(team, "reactions.add", &call).await;
        let (over, api, team) = (CancellationToken::new(), Arc::clone(&self.api), team.to_owned());
        let until = over.clone();
        self.hall.aside(async move {
            until.cancelled().await;
            // With it, the session.
            drop(ended);
            if let Err(fault) = api.call(&team, "reactions.remove", &call).await {
                tracing::debug!(error = %fault, "an eye in Slack could not be taken away");
            }
        });
        Some(over.drop_guard())
    }

    /// Where people talk with an agent it is the session that has a title (dossier §8.4).
    async fn entitle(&self, team: &str, spot: &Spot, title: &str) {
        let call = json!({ "channel_id": spot.channel, "thread_ts": spot.thread, "title": title });
        let method = if self.has_own_stop(team, spot) { RENAME_SESSION } else { "assistant.threads.setTitle" };
        self.quietly(team, method, &call).await;
    }

    async fn before(&self, inbound: &Inbound, spot: &Spot) -> String {
        if self.reads_threads() { thread::before(&self.api, inbound, spot).await } else { String::new() }
    }

    async fn settle_in(&self, _inbound: &Inbound, spot: &Spot) -> Spot {
        spot.clone()
    }

    fn writer<'a>(&'a self, inbound: &'a Inbound, spot: &'a Spot, _lang: Lang) -> Box<dyn Writer + 'a> {
        Box::new(stream::Stream::new(self, &inbound.team, spot, (&inbound.member.id, &inbound.team)))
    }

    async fn may_fetch(&self, team: &str, url: &Url) -> Result<Option<SecretString>, ToolError> {
        if !self.api.is_slacks(url) {
            return Err(say!("media-url-wrong", url = url.as_str()).into());
        }
        let token = self.api.token(team).await.map_err(|fault| ToolError::Failed(fault.to_string()))?;
        Ok(Some(token))
    }

    async fn remove(&self, sent: &Sent) -> Removed {
        let (method, call) = if sent.thread == A_FILE {
            ("files.delete", json!({ "file": sent.ts }))
        } else {
            ("chat.delete", json!({ "channel": sent.thread, "ts": sent.ts }))
        };
        match self.api.call(&sent.team, method, &call).await {
            Ok(_) => Removed::Gone,
            Err(fault) if ["message_not_found", "file_not_found", "file_deleted"].iter().any(|word| fault.is(word)) => {
                Removed::Gone
            }
            Err(Fault::Unreachable(_)) => Removed::Later,
            Err(Fault::Slack(word)) if LATER.contains(&word.as_str()) => Removed::Later,
            Err(Fault::Slack(_) | Fault::NotInstalled) => Removed::Kept,
        }
    }

    async fn address_of(&self, sent: &Sent) -> Option<String> {
        if sent.thread == A_FILE {
            return None;
        }
        let fields = [("channel", sent.thread.as_str()), ("message_ts", sent.ts.as_str())];
        let found = self.api.look(&sent.team, "chat.getPermalink", &fields).await.ok()?;
        found["permalink"].as_str().map(str::to_owned)
    }

    fn sign_in_page(&self) -> Option<String> {
        let app = &self.hall.app;
        let can_sign_in = app.config().slack.as_ref().is_some_and(|section| section.client.is_some());
        can_sign_in.then(|| format!("{}/slack/signin", app.public_url().as_str().trim_end_matches('/')))
    }

    /// They sign in with Slack for that.
    async fn may_join(&self, _inbound: &Inbound) -> Result<bool, ToolError> {
        Ok(false)
    }

    fn belongs(&self, team: &str, organisation: &str) {
        self.api.belongs(team, organisation);
    }

    async fn ended(&self, team: &str) -> Result<(), ToolError> {
        self.hall.app.slack_ended(team, i64::MAX).await
    }

    async fn ended_at(&self, team: &str, at_ms: i64) -> Result<(), ToolError> {
        self.hall.app.slack_ended(team, at_ms).await
    }

    /// A stream that its process left open: Slack shows it as being written until somebody ends it.
    async fn end_broken(&self, sent: &Sent, said: &str) {
        let call = json!({ "channel": sent.thread, "ts": sent.ts, "markdown_text": format!("\n\n_{said}_") });
        let Err(fault) = self.api.call(&sent.team, "chat.stopStream", &call).await else { return };
        tracing::info!(error = %fault, "a stream that was left open is replaced");
        let message = Message::sentence(said);
        self.tell(&sent.team, &To::Update(&sent.thread, &sent.ts), &message).await;
    }

    /// Shown beside the answer until it comes; replaces what was shown before.
    async fn step(&self, team: &str, spot: &Spot, status: &str) {
        let call = json!({ "channel_id": spot.channel, "thread_ts": spot.thread, "status": status });
        self.quietly(team, "assistant.threads.setStatus", &call).await;
    }

    /// Slack shows its own Stop where people talk with an agent, while it knows that the agent works: not in the older assistant view.
    fn has_own_stop(&self, team: &str, spot: &Spot) -> bool {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).contains(&session_of(team, spot))
    }
}
