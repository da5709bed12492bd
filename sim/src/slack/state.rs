//! What the simulated Slack knows, behind one lock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::body::Bytes;
use serde_json::Value;

use super::hooks::Hook;
use super::message::{Ephemeral, Message};
use super::people::{self, Channel, Kind, User};
use super::rates::Windows;
use super::tokens::{Code, Token};
use super::views::View;
pub(super) use crate::chance::digits as secret;

/// So many calls are remembered.
const ASKED_MAX: usize = 5_000;

/// A `trigger_id` (dossier §5.2): three seconds, once.
#[derive(Clone, Debug)]
pub(super) struct Trigger {
    pub(super) team: String,
    pub(super) user: String,
    pub(super) issued_ms: i64,
    pub(super) is_used: bool,
    /// The view it comes from.
    pub(super) view: Option<String>,
}

/// A file.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) team: String,
    pub(super) user: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) mime: String,
    pub(super) alt_txt: Option<String>,
    pub(super) length: usize,
    pub(super) bytes: Option<Bytes>,
    pub(super) is_complete: bool,
    pub(super) is_deleted: bool,
    pub(super) created_s: i64,
    pub(super) channels: Vec<String>,
    pub(super) shares: Value,
}

/// One call of the Web API, as it came and ended.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Its arguments, without secrets.
    pub args: Value,
    /// When, on the simulated clock.
    pub at_ms: i64,
    /// What it was refused with.
    pub error: Option<String>,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) root: String,
    pub(super) signing_secret: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) redirect_uris: Vec<String>,
    pub(super) is_rotating: bool,
    pub(super) is_org_install: bool,
    pub(super) hears_channels: bool,
    pub(super) enforces_rates: bool,
    pub(super) echoes: bool,
    pub(super) users: Vec<User>,
    pub(super) channels: BTreeMap<String, Channel>,
    pub(super) messages: BTreeMap<String, Vec<Message>>,
    pub(super) ephemerals: Vec<Ephemeral>,
    pub(super) hooks: BTreeMap<String, Hook>,
    pub(super) triggers: BTreeMap<String, Trigger>,
    pub(super) views: BTreeMap<String, View>,
    pub(super) homes: BTreeMap<String, View>,
    pub(super) stacks: BTreeMap<String, Vec<String>>,
    pub(super) files: BTreeMap<String, File>,
    pub(super) uploads: BTreeMap<String, String>,
    pub(super) tokens: Vec<Token>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) statuses: Vec<Value>,
    pub(super) prompts: Vec<Value>,
    pub(super) titles: Vec<Value>,
    pub(super) sessions: BTreeMap<(String, String), Value>,
    pub(super) violations: Vec<String>,
    pub(super) asked: VecDeque<Asked>,
    pub(super) outbox: Vec<(String, Value)>,
    pub(super) windows: Windows,
    pub(super) tickets: BTreeSet<String>,
    pub(super) sequence: u64,
}

impl State {
    /// The world at its beginning.
    pub(super) fn fresh() -> Self {
        Self { users: people::users(), channels: people::channels(), ..Self::default() }
    }

    /// An id of Slack's kind, unique here.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.sequence += 1;
        format!("{prefix}{:05}{}", self.sequence, &secret().to_uppercase()[..5])
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// A conversation; that of a person with the app comes into being when it is first named.
    pub(super) fn channel(&mut self, id: &str) -> Option<&mut Channel> {
        if !self.channels.contains_key(id) {
            let user =
                self.users.iter().find(|user| !user.is_bot && (people::dm_id(&user.id) == id || user.id == id))?;
            let dm = Channel::dm(user);
            return Some(self.channels.entry(dm.id.clone()).or_insert(dm));
        }
        self.channels.get_mut(id)
    }

    /// The kind of a conversation.
    pub(super) fn kind(&self, id: &str) -> Kind {
        self.channels.get(id).map_or(Kind::Dm, |channel| channel.kind)
    }

    /// The next `ts` of a channel: never twice, never backwards (dossier §15).
    pub(super) fn next_ts(&mut self, channel: &str, now_ms: i64) -> String {
        let mut us = now_ms.saturating_mul(1_000);
        if let Some(channel) = self.channels.get_mut(channel) {
            us = us.max(channel.last_us + 1);
            channel.last_us = us;
        }
        format!("{}.{:06}", us.div_euclid(1_000_000), us.rem_euclid(1_000_000))
    }

    pub(super) fn message(&self, channel: &str, ts: &str) -> Option<&Message> {
        self.messages.get(channel)?.iter().find(|message| message.ts == ts && !message.is_deleted)
    }

    pub(super) fn message_mut(&mut self, channel: &str, ts: &str) -> Option<&mut Message> {
        self.messages.get_mut(channel)?.iter_mut().find(|message| message.ts == ts && !message.is_deleted)
    }

    /// A fresh `trigger_id`.
    pub(super) fn trigger(&mut self, team: &str, user: &str, view: Option<&str>, now_ms: i64) -> String {
        self.sequence += 1;
        let id = format!("{}.{}.{}", self.sequence, now_ms, secret());
        let trigger = Trigger {
            team: team.to_owned(),
            user: user.to_owned(),
            issued_ms: now_ms,
            is_used: false,
            view: view.map(str::to_owned),
        };
        self.triggers.insert(id.clone(), trigger);
        id
    }

    /// Notes what no careful client does.
    pub(super) fn violation(&mut self, what: impl Into<String>) {
        let what = what.into();
        tracing::debug!(what, "a violation");
        self.violations.push(what);
    }

    /// Remembers a call.
    pub(super) fn note(&mut self, asked: Asked) {
        if self.asked.len() == ASKED_MAX {
            self.asked.pop_front();
        }
        self.asked.push_back(asked);
    }
}

/// Whether it has the shape of a `ts`.
pub(super) fn is_ts(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(seconds, rest)| digits(seconds) && digits(rest))
}
