//! What a test may look at. The switches it may move are in `switches`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Discord;
use super::interaction::Modal;
use super::message::Message;
use super::people::APP;
use super::state::{Recorded, State};
use crate::control::Calls;
use crate::lock;

/// Everything in the simulated Discord, and everything a person can do in it.
#[derive(Clone, Debug)]
pub struct World(pub(super) Arc<Discord>);

impl World {
    fn shown(&self, channel: &str, keep: impl Fn(&Message) -> bool) -> Vec<Value> {
        let now_ms = self.0.clock.now_ms();
        let state = lock(&self.0.state);
        let list = state.messages.get(channel).into_iter().flatten();
        list.filter(|message| !message.is_deleted && keep(message))
            .map(|message| state.inspect_message(message, now_ms))
            .collect()
    }

    /// The messages of a channel that are not deleted, those for one person's eyes included, oldest first. Beside what is on the wire each
    /// has `only_for`, `is_thinking`, `words` (all its text), `pings` and `edits`.
    #[must_use]
    pub fn messages(&self, channel: &str) -> Vec<Value> {
        self.shown(channel, |_| true)
    }

    /// The same, of the app alone.
    #[must_use]
    pub fn replies(&self, channel: &str) -> Vec<Value> {
        self.shown(channel, |message| message.author == APP)
    }

    /// What this person sees in a channel; nothing when they are not in it.
    #[must_use]
    pub fn seen_by(&self, user: &str, channel: &str) -> Vec<Value> {
        if !lock(&self.0.state).sees(user, channel) {
            return Vec::new();
        }
        self.shown(channel, |message| message.only_for.as_deref().is_none_or(|only| only == user))
    }

    /// One message, as [`Self::messages`] shows it.
    #[must_use]
    pub fn message(&self, channel: &str, message: &str) -> Option<Value> {
        self.shown(channel, |held| held.id == message).pop()
    }

    /// Messages for one person's eyes in all channels, oldest first.
    #[must_use]
    pub fn ephemerals(&self) -> Vec<Value> {
        let channels: Vec<String> = lock(&self.0.state).messages.keys().cloned().collect();
        let mut all: Vec<Value> =
            channels.iter().flat_map(|channel| self.shown(channel, |message| message.only_for.is_some())).collect();
        all.sort_by_key(|message| message["id"].as_str().and_then(|id| id.parse::<u64>().ok()));
        all
    }

    /// Modals that are open, oldest first: `id`, `user`, `channel`, `custom_id`, `title`, `components`.
    #[must_use]
    pub fn modals(&self) -> Vec<Value> {
        lock(&self.0.state).modals.iter().filter(|modal| modal.is_open).map(Modal::inspect).collect()
    }

    /// Threads of a channel.
    #[must_use]
    pub fn threads(&self, channel: &str) -> Vec<Value> {
        let state = lock(&self.0.state);
        let all = state.channels.values().filter(|held| held.parent.as_deref() == Some(channel));
        all.map(|held| state.channel_json(held)).collect()
    }

    /// The conversation of somebody with the app; it is opened when there is none.
    #[must_use]
    pub fn dm(&self, user: &str) -> Option<String> {
        lock(&self.0.state).dm(user, self.0.clock.now_ms())
    }

    /// Commands that are registered for a server, or for all with an empty name.
    #[must_use]
    pub fn commands(&self, guild: &str) -> Vec<Value> {
        lock(&self.0.state).commands.get(guild).cloned().unwrap_or_default()
    }

    /// When the app said that it is typing in a channel.
    #[must_use]
    pub fn typings(&self, channel: &str) -> Vec<i64> {
        let state = lock(&self.0.state);
        state.typings.iter().filter(|(held, _)| held == channel).map(|(_, at_ms)| *at_ms).collect()
    }

    /// How an interaction stands: the type of its callback, its `@original`, its follow-ups.
    #[must_use]
    pub fn interaction(&self, id: &str) -> Option<Value> {
        let state = lock(&self.0.state);
        let held = state.interactions.get(id)?;
        Some(
            json!({ "id": held.id, "type": held.kind, "user": held.user, "channel": held.channel, "command": held.command,
            "answered": held.answered, "original": held.original, "followups": held.followups, "is_dead": held.is_dead,
            "payload": held.payload }),
        )
    }

    /// Every interaction, oldest first.
    #[must_use]
    pub fn interactions(&self) -> Vec<Value> {
        let ids: Vec<String> = lock(&self.0.state).interactions.keys().cloned().collect();
        ids.iter().filter_map(|id| self.interaction(id)).collect()
    }

    /// Every refusal that a careful client would not have met, and every answer that came too late or wrong.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.0.state).violations.clone()
    }

    /// Every call of the REST API, oldest first; the newest 20,000.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        lock(&self.0.state).recorded.iter().cloned().collect()
    }

    /// Those on a route, such as `/channels/{channel_id}/messages`.
    #[must_use]
    pub fn asked(&self, method: &str, route: &str) -> Vec<Recorded> {
        let mut all = self.recorded();
        all.retain(|call| call.method == method && call.route == route);
        all
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.0.control.calls()
    }

    /// Answers of 401, 403 and 429 in the last ten minutes; at 10,000 the real Discord bans the address.
    #[must_use]
    pub fn invalid_requests(&self) -> usize {
        lock(&self.0.state).windows.invalid_count(self.0.clock.now_ms())
    }

    /// How many sessions of the gateway are on a socket.
    #[must_use]
    pub fn gateway_is_open(&self) -> usize {
        lock(&self.0.state).gateway.open()
    }

    /// The gateway: sessions, how often somebody identified and resumed, codes it closed with, frames that came.
    #[must_use]
    pub fn gateway(&self) -> Value {
        let state = lock(&self.0.state);
        let gateway = &state.gateway;
        let sessions: Vec<Value> = gateway
            .sessions
            .iter()
            .map(|session| {
                json!({ "id": session.id, "shard": [session.shard.0, session.shard.1], "intents": session.intents, "seq": session.seq,
                    "is_open": session.line.is_some() })
            })
            .collect();
        json!({ "sessions": sessions, "sockets": gateway.lines.len(), "identifies": gateway.identifies, "resumes": gateway.resumes,
            "closes": gateway.closes, "frames": gateway.frames, "starts_left": state.settings.starts_left,
            "endpoint": gateway.endpoint.as_ref().map(ToString::to_string) })
    }

    /// A file's bytes by its id.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<(String, String, Vec<u8>)> {
        let state = lock(&self.0.state);
        state.files.get(id).map(|file| (file.name.clone(), file.mime.clone(), file.bytes.to_vec()))
    }

    /// Everything at once, for scripts.
    #[must_use]
    pub fn inspect(&self) -> Value {
        let (ids, places) = {
            let state = lock(&self.0.state);
            (state.messages.keys().cloned().collect::<Vec<_>>(), places(&state))
        };
        let messages: Map<String, Value> = ids.into_iter().map(|id| (id.clone(), json!(self.messages(&id)))).collect();
        json!({ "messages": messages, "ephemerals": self.ephemerals(), "modals": self.modals(), "interactions": self.interactions(),
            "violations": self.violations(), "gateway": self.gateway(), "channels": places.0, "guilds": places.1, "users": places.2,
            "commands": lock(&self.0.state).commands, "invalid_requests": self.invalid_requests() })
    }
}

fn places(state: &State) -> (Vec<Value>, Vec<Value>, Vec<Value>) {
    let channels = state.channels.values().map(|channel| state.channel_json(channel)).collect();
    let guilds = state
        .guilds
        .values()
        .map(|guild| {
            json!({ "id": guild.id, "name": guild.name, "owner": guild.owner, "has_app": guild.has_app, "members": guild.members,
                "app_may": guild.app_may.to_string() })
        })
        .collect();
    let users = state.users.values().map(|user| {
        json!({ "id": user.id, "username": user.username, "locale": user.locale, "has_app": user.has_app, "takes_dms": user.takes_dms })
    });
    (channels, guilds, users.collect())
}
