//! One thing that happens, and who is told how much of it (dossier §3).

use serde_json::{Value, json};

use super::{DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, MESSAGE_CONTENT};
use crate::discord::message::Message;
use crate::discord::people::APP;
use crate::discord::state::State;

/// What is empty without `MESSAGE_CONTENT`.
const CONTENT: [&str; 4] = ["embeds", "attachments", "components", "message_snapshots"];

/// An event.
#[derive(Clone, Debug)]
pub(in crate::discord) struct Event {
    pub(super) name: &'static str,
    pub(super) data: Value,
    pub(super) guild: Option<String>,
    /// One of these is needed; none when it is 0.
    pub(super) intents: u64,
    /// Whether the app is where it happens.
    pub(super) is_heard: bool,
    pub(super) is_from_person: bool,
    /// Whether the text is told without `MESSAGE_CONTENT`.
    is_open: bool,
}

impl Event {
    /// Something about a server.
    pub(in crate::discord) fn guild(name: &'static str, data: Value, guild: Option<&str>) -> Self {
        Self {
            name,
            data,
            guild: guild.map(str::to_owned),
            intents: GUILDS,
            is_heard: true,
            is_from_person: false,
            is_open: true,
        }
    }

    /// A message that came or changed.
    pub(in crate::discord) fn message(name: &'static str, state: &State, message: &Message, now_ms: i64) -> Self {
        let mut data = state.message_json(message, now_ms);
        let guild = state.guild_of(&message.channel);
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild.id);
            data["member"] = guild.member_json(&message.author);
        }
        data["channel_type"] = json!(state.channels.get(&message.channel).map(|channel| channel.kind));
        let is_open = guild.is_none() || message.author == APP || message.pings.users.iter().any(|user| user == APP);
        Self {
            name,
            data,
            intents: if guild.is_some() { GUILD_MESSAGES } else { DIRECT_MESSAGES },
            guild: guild.map(|guild| guild.id.clone()),
            is_heard: state.app_may(&message.channel) != 0,
            is_from_person: message.author != APP,
            is_open,
        }
    }

    /// A message that is gone.
    pub(in crate::discord) fn deleted(state: &State, channel: &str, id: &str) -> Self {
        let guild = state.guild_of(channel).map(|guild| guild.id.clone());
        let mut data = json!({ "id": id, "channel_id": channel });
        if let Some(guild) = &guild {
            data["guild_id"] = json!(guild);
        }
        Self {
            name: "MESSAGE_DELETE",
            data,
            intents: if guild.is_some() { GUILD_MESSAGES } else { DIRECT_MESSAGES },
            guild,
            is_heard: state.app_may(channel) != 0,
            is_from_person: false,
            is_open: true,
        }
    }

    /// An interaction.
    pub(in crate::discord) fn interaction(payload: &Value) -> Self {
        Self {
            name: "INTERACTION_CREATE",
            data: payload.clone(),
            guild: payload["guild_id"].as_str().map(str::to_owned),
            intents: 0,
            is_heard: true,
            is_from_person: true,
            is_open: true,
        }
    }

    /// Anything, as a test wants it.
    pub(in crate::discord) fn raw(name: &'static str, data: Value) -> Self {
        let guild = data["guild_id"].as_str().map(str::to_owned);
        Self { name, data, guild, intents: 0, is_heard: true, is_from_person: false, is_open: true }
    }

    /// As a session with these intents sees it.
    pub(super) fn seen_with(&self, intents: u64) -> Value {
        let mut data = self.data.clone();
        if self.is_open || intents & MESSAGE_CONTENT != 0 {
            return data;
        }
        data["content"] = json!("");
        for name in CONTENT {
            if data.get(name).is_some() {
                data[name] = json!([]);
            }
        }
        data
    }
}
