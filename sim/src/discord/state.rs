//! What the simulated Discord knows, behind one lock.

use std::collections::{BTreeMap, VecDeque};

use axum::body::Bytes;
use serde_json::{Value, json};

use super::gateway::Gateway;
use super::interaction::{Interaction, Modal};
use super::message::Message;
use super::oauth::{Code, Grant};
use super::people::{self, APP, Channel, Guild, User};
use super::perms;
use super::rates::Windows;
pub(super) use crate::chance::digits as secret;
use crate::clock::rfc3339;

/// When Discord's ids begin to count (dossier §1).
const EPOCH_MS: i64 = 1_420_070_400_000;
/// So many calls are remembered.
const RECORDED_MAX: usize = 20_000;

/// One call of the REST API, as it came and ended.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// HTTP method.
    pub method: String,
    /// The path, without query.
    pub path: String,
    /// The route it fell on, as in Discord's own description: `/channels/{channel_id}/messages`.
    pub route: String,
    /// The query.
    pub query: String,
    /// The body: JSON, or the `payload_json` of a form with files.
    pub body: Value,
    /// Names of the files that came along.
    pub files: Vec<String>,
    /// When, on the simulated clock.
    pub at_ms: i64,
    /// What it was answered with.
    pub status: u16,
    /// Discord's code when it was refused.
    pub code: Option<u32>,
    /// What came back.
    pub answer: Value,
}

impl Recorded {
    /// For a desk that speaks JSON.
    #[must_use]
    pub fn show(&self) -> Value {
        json!({ "method": self.method, "path": self.path, "route": self.route, "query": self.query, "body": self.body, "files": self.files,
            "at_ms": self.at_ms, "status": self.status, "code": self.code, "answer": self.answer })
    }
}

/// A file.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) description: Option<String>,
    pub(super) bytes: Bytes,
    pub(super) is_ephemeral: bool,
}

/// Switches that tests move.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) redirect_uris: Vec<String>,
    /// Privileged intents that are on in the portal.
    pub(super) privileged: u64,
    /// How many shards are needed at least.
    pub(super) shards: u64,
    pub(super) enforces_rates: bool,
    /// An interaction must be answered in this time.
    pub(super) ack_ms: u64,
    pub(super) heartbeat_ms: u64,
    pub(super) acks_heartbeats: bool,
    /// How often everything a person does is delivered.
    pub(super) copies: u32,
    /// How many events from before are told again after a resume.
    pub(super) overlap: usize,
    pub(super) starts_total: u32,
    pub(super) starts_left: u32,
    /// Contexts in which the app may be installed: 0 server, 1 user.
    pub(super) integration_types: Vec<u64>,
}

/// Everything.
#[derive(Debug)]
pub(super) struct State {
    pub(super) root: String,
    pub(super) token: String,
    pub(super) client_secret: String,
    pub(super) settings: Settings,
    pub(super) users: BTreeMap<String, User>,
    pub(super) guilds: BTreeMap<String, Guild>,
    pub(super) channels: BTreeMap<String, Channel>,
    pub(super) messages: BTreeMap<String, Vec<Message>>,
    pub(super) files: BTreeMap<String, File>,
    /// Commands by server; those of all servers under an empty name.
    pub(super) commands: BTreeMap<String, Vec<Value>>,
    /// New command names a day, by scope.
    pub(super) command_creates: BTreeMap<(String, i64), u32>,
    pub(super) interactions: BTreeMap<String, Interaction>,
    pub(super) modals: Vec<Modal>,
    pub(super) typings: Vec<(String, i64)>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) grants: BTreeMap<String, Grant>,
    pub(super) nonces: BTreeMap<String, (i64, String, String)>,
    pub(super) old_edits: BTreeMap<String, Vec<i64>>,
    pub(super) violations: Vec<String>,
    pub(super) recorded: VecDeque<Recorded>,
    pub(super) gateway: Gateway,
    pub(super) windows: Windows,
    last_id: u64,
}

impl State {
    /// The world at its beginning.
    pub(super) fn fresh(token: &str, client_secret: &str, settings: Settings) -> Self {
        Self {
            root: String::new(),
            token: token.to_owned(),
            client_secret: client_secret.to_owned(),
            settings,
            users: people::users(),
            guilds: people::guilds(),
            channels: people::channels(),
            messages: BTreeMap::new(),
            files: BTreeMap::new(),
            commands: BTreeMap::new(),
            command_creates: BTreeMap::new(),
            interactions: BTreeMap::new(),
            modals: Vec::new(),
            typings: Vec::new(),
            codes: BTreeMap::new(),
            grants: BTreeMap::new(),
            nonces: BTreeMap::new(),
            old_edits: BTreeMap::new(),
            violations: Vec::new(),
            recorded: VecDeque::new(),
            gateway: Gateway::default(),
            windows: Windows::default(),
            last_id: 0,
        }
    }

    /// The next snowflake: never twice, never backwards.
    pub(super) fn id(&mut self, now_ms: i64) -> String {
        let made = u64::try_from(now_ms - EPOCH_MS).unwrap_or(0) << 22;
        self.last_id = made.max(self.last_id + 1);
        self.last_id.to_string()
    }

    pub(super) fn user_json(&self, id: &str) -> Value {
        self.users.get(id).map(User::json).unwrap_or_default()
    }

    /// The address websockets are opened at.
    pub(super) fn gateway_url(&self) -> String {
        self.root.trim_end_matches('/').replacen("http", "ws", 1)
    }

    pub(super) fn message(&self, channel: &str, id: &str) -> Option<&Message> {
        self.messages.get(channel)?.iter().find(|message| message.id == id && !message.is_deleted)
    }

    pub(super) fn message_mut(&mut self, channel: &str, id: &str) -> Option<&mut Message> {
        self.messages.get_mut(channel)?.iter_mut().find(|message| message.id == id && !message.is_deleted)
    }

    /// The server of a channel.
    pub(super) fn guild_of(&self, channel: &str) -> Option<&Guild> {
        self.guilds.get(self.channels.get(channel)?.guild.as_deref()?)
    }

    /// What the app may do in a channel; nothing where it is not.
    pub(super) fn app_may(&self, channel: &str) -> u64 {
        let Some(known) = self.channels.get(channel) else { return 0 };
        let base = match &known.guild {
            None if known.kind == people::DM => perms::DIRECT,
            None => 0,
            Some(guild) => self.guilds.get(guild).filter(|guild| guild.has_app).map_or(0, |guild| guild.app_may),
        };
        let above = known.parent.as_deref().and_then(|parent| self.channels.get(parent));
        let left = base & !known.denied & !above.map_or(0, |parent| parent.denied);
        if left & perms::VIEW_CHANNEL == 0 { 0 } else { left }
    }

    /// Whether a person sees a channel.
    pub(super) fn sees(&self, user: &str, channel: &str) -> bool {
        let Some(known) = self.channels.get(channel) else { return false };
        if user == APP {
            return self.app_may(channel) != 0;
        }
        let is_in = known.people.iter().any(|id| id == user);
        match self.guild_of(channel) {
            None => is_in,
            Some(guild) => guild.members.contains_key(user) && (known.kind != people::PRIVATE_THREAD || is_in),
        }
    }

    /// Notes what no careful client does.
    pub(super) fn violation(&mut self, what: impl Into<String>) {
        let what = what.into();
        tracing::debug!(what, "a violation");
        self.violations.push(what);
    }

    /// Remembers a call.
    pub(super) fn record(&mut self, recorded: Recorded) {
        if self.recorded.len() == RECORDED_MAX {
            self.recorded.pop_front();
        }
        self.recorded.push_back(recorded);
    }
}

/// An instant as Discord writes it.
pub(super) fn iso(at_ms: i64) -> String {
    rfc3339(at_ms).replace('Z', "000+00:00")
}

/// Whether it has the shape of a snowflake.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 20
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u64>().is_ok()
}

/// A snowflake that came as a text or, from some clients, as a number.
pub(super) fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if is_id(text) => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|id| id.to_string()),
        _ => None,
    }
}
