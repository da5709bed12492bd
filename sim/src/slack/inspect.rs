//! What a test may look at, and the switches it may move.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use url::Url;

use super::files::SlackFile;
use super::message::Ephemeral;
use super::state::{Asked, File};
use super::tokens::{Caller, Token, TokenKind};
use super::views::View;
use super::{Slack, hooks, people};
use crate::control::Calls;
use crate::faults::Fault;
use crate::lock;

/// Everything in the simulated Slack, and everything a person can do in it.
#[derive(Clone, Debug)]
pub struct World(pub(super) Arc<Slack>);

impl World {
    /// Where the product listens from now on: events go to `slack/events` below it, and so on.
    pub fn deliver_to(&self, root: Url) {
        *lock(&self.0.deliver_to) = Some(root);
    }

    /// The messages of a channel that are not deleted, oldest first.
    #[must_use]
    pub fn messages(&self, channel: &str) -> Vec<Value> {
        let now_ms = self.0.clock.now_ms();
        let state = lock(&self.0.state);
        let list = state.messages.get(channel).into_iter().flatten();
        list.filter(|message| !message.is_deleted).map(|message| message.inspect(now_ms)).collect()
    }

    /// The same, of the app alone.
    #[must_use]
    pub fn replies(&self, channel: &str) -> Vec<Value> {
        let mut all = self.messages(channel);
        all.retain(|message| message["bot_id"].is_string());
        all
    }

    /// Messages for one person's eyes that are still there, oldest first.
    #[must_use]
    pub fn ephemerals(&self) -> Vec<Value> {
        let state = lock(&self.0.state);
        state.ephemerals.iter().filter(|seen| !seen.is_deleted).map(Ephemeral::inspect).collect()
    }

    /// Modals that are open, oldest first.
    #[must_use]
    pub fn views(&self) -> Vec<Value> {
        lock(&self.0.state).views.values().filter(|view| view.is_open).map(View::inspect).collect()
    }

    /// Somebody's home tab.
    #[must_use]
    pub fn home(&self, user: &str) -> Option<Value> {
        lock(&self.0.state).homes.get(user).map(View::json)
    }

    /// All files.
    #[must_use]
    pub fn files(&self) -> Vec<SlackFile> {
        lock(&self.0.state).files.values().map(File::inspect).collect()
    }

    /// Every status that was set, oldest first.
    #[must_use]
    pub fn statuses(&self) -> Vec<Value> {
        lock(&self.0.state).statuses.clone()
    }

    /// Every set of prompts.
    #[must_use]
    pub fn prompts(&self) -> Vec<Value> {
        lock(&self.0.state).prompts.clone()
    }

    /// Every title of a thread.
    #[must_use]
    pub fn titles(&self) -> Vec<Value> {
        lock(&self.0.state).titles.clone()
    }

    /// Where each agent session stands.
    #[must_use]
    pub fn sessions(&self) -> Vec<Value> {
        lock(&self.0.state).sessions.values().cloned().collect()
    }

    /// Every refusal that a careful client would not have met, and every answer that came too late or wrong.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.0.state).violations.clone()
    }

    /// Every call of the Web API, oldest first; the newest 5,000.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.0.state).asked.iter().cloned().collect()
    }

    /// Every envelope that went over a socket, with the number of the socket.
    #[must_use]
    pub fn envelopes(&self) -> Vec<(u64, Value)> {
        lock(&self.0.sockets).sent()
    }

    /// How many sockets are open.
    #[must_use]
    pub fn socket_is_open(&self) -> usize {
        lock(&self.0.sockets).open()
    }

    /// Says `disconnect` on every socket: `warning`, `refresh_requested`, `too_many_websockets`, `link_disabled`.
    pub fn socket_disconnect(&self, reason: &str) {
        lock(&self.0.sockets).disconnect(reason);
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.0.control.set_faults(faults);
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.0.control.calls()
    }

    /// Moves the simulated clock on.
    pub fn advance(&self, by_ms: i64) {
        self.0.clock.advance_ms(by_ms);
    }

    /// Forgets the violations so far.
    pub fn forgive(&self) {
        lock(&self.0.state).violations.clear();
    }

    /// How long a delivery waits for its answer; 3,000 in the real world.
    pub fn set_ack_ms(&self, ms: u64) {
        self.0.ack_ms.store(ms, Ordering::SeqCst);
    }

    /// How often each thing is delivered from now on, at once and in any order, as after acknowledgements that were lost.
    pub fn set_deliveries(&self, times: u32) {
        self.0.times.store(times.max(1), Ordering::SeqCst);
    }

    /// Whether rate tiers are enforced.
    pub fn set_enforce_rates(&self, enforces: bool) {
        lock(&self.0.state).enforces_rates = enforces;
    }

    /// Whether the app's own messages and changes come back to it as events, as they do in the real world.
    pub fn set_echoes(&self, echoes: bool) {
        lock(&self.0.state).echoes = echoes;
    }

    /// Whether the app listens to `message.channels`.
    pub fn set_hears_channels(&self, hears: bool) {
        lock(&self.0.state).hears_channels = hears;
    }

    /// What a token may do from now on.
    pub fn set_scopes(&self, token: &str, scopes: &[&str]) {
        for held in lock(&self.0.state).tokens.iter_mut().filter(|held| held.token == token) {
            held.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        }
    }

    /// Puts somebody, or the app, into a channel.
    pub fn invite(&self, channel: &str, user: &str) {
        if let Some(known) = lock(&self.0.state).channel(channel)
            && !known.has(user)
        {
            known.members.push(user.to_owned());
        }
    }

    /// Takes somebody, or the app, out of a channel.
    pub fn kick(&self, channel: &str, user: &str) {
        if let Some(known) = lock(&self.0.state).channel(channel) {
            known.members.retain(|member| member != user);
        }
    }

    /// Archives a channel.
    pub fn archive(&self, channel: &str) {
        if let Some(known) = lock(&self.0.state).channel(channel) {
            known.is_archived = true;
        }
    }

    /// A bot token for a workspace without the pages, for tests about something else.
    #[must_use]
    pub fn install(&self, team: &str, scopes: &[&str]) -> String {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let token = Token::new(TokenKind::Bot, team, &people::bot_of(team).0, &scopes, self.0.clock.now_ms());
        let name = token.token.clone();
        lock(&self.0.state).tokens.push(token);
        name
    }

    /// Who a token belongs to and what it may do, while it works.
    #[must_use]
    pub fn token(&self, token: &str) -> Option<(String, Vec<String>)> {
        let caller = lock(&self.0.state).caller(Some(token), self.0.clock.now_ms());
        caller.ok().map(|Caller { team, scopes, .. }| (team, scopes))
    }

    /// Everything at once, for scripts.
    #[must_use]
    pub fn inspect(&self) -> Value {
        let (channels, hooks) = {
            let state = lock(&self.0.state);
            (state.messages.keys().cloned().collect::<Vec<_>>(), hooks::inspect(&state))
        };
        let messages: serde_json::Map<String, Value> =
            channels.into_iter().map(|id| (id.clone(), json!(self.messages(&id)))).collect();
        let homes: serde_json::Map<String, Value> =
            lock(&self.0.state).homes.iter().map(|(user, view)| (user.clone(), view.json())).collect();
        let files: Vec<Value> = self
            .files()
            .iter()
            .map(|file| {
                json!({ "id": file.id, "name": file.name, "title": file.title, "size": file.bytes.len(), "channels": file.channels,
                    "is_complete": file.is_complete, "is_deleted": file.is_deleted, "alt_txt": file.alt_txt })
            })
            .collect();
        let asked: Vec<Value> = self
            .asked()
            .iter()
            .map(|asked| json!({ "method": asked.method, "args": asked.args, "error": asked.error }))
            .collect();
        json!({ "messages": messages, "ephemerals": self.ephemerals(), "views": self.views(), "homes": homes, "files": files,
            "statuses": self.statuses(), "prompts": self.prompts(), "titles": self.titles(), "sessions": self.sessions(),
            "violations": self.violations(), "asked": asked, "sockets": self.socket_is_open(), "response_urls": hooks })
    }
}
