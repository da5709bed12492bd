//! A message, a message for one person's eyes, and a message that is still being written.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// How long a stream lives (dossier §8.1, seen and undocumented).
pub(super) const STREAM_MS: i64 = 300_000;

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Open,
    Stopped,
    StoppedByUser,
    Expired,
}

/// A message that is written piece by piece (dossier §8.1).
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) flow: Flow,
    pub(super) started_ms: i64,
    pub(super) touched_ms: i64,
    pub(super) text: String,
    pub(super) chunks: Vec<Value>,
    pub(super) uses_chunks: bool,
    pub(super) mode: String,
    pub(super) recipient: Option<(String, String)>,
    pub(super) appends: u32,
}

impl Stream {
    /// Where it stands at this instant.
    pub(super) fn flow(&self, now_ms: i64) -> Flow {
        match self.flow {
            Flow::Open if now_ms - self.started_ms >= STREAM_MS => Flow::Expired,
            flow => flow,
        }
    }

    fn json(&self, now_ms: i64) -> Value {
        let state = match self.flow(now_ms) {
            Flow::Open => "streaming",
            Flow::Stopped => "stopped",
            Flow::StoppedByUser => "stopped_by_user",
            Flow::Expired => "expired",
        };
        json!({ "state": state, "markdown_text": self.text, "chunks": self.chunks, "task_display_mode": self.mode, "appends": self.appends,
            "recipient_user_id": self.recipient.as_ref().map(|(user, _)| user),
            "recipient_team_id": self.recipient.as_ref().map(|(_, team)| team) })
    }
}

/// What a person chose in a message or view: by block and action.
pub(super) type Choices = BTreeMap<(String, String), Value>;

/// A message that stands in a channel.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) channel: String,
    pub(super) ts: String,
    pub(super) thread_ts: Option<String>,
    pub(super) author: String,
    pub(super) is_ours: bool,
    /// As the API shows it.
    pub(super) body: Map<String, Value>,
    pub(super) markdown_text: Option<String>,
    pub(super) is_deleted: bool,
    pub(super) stream: Option<Stream>,
    pub(super) reactions: Vec<(String, String)>,
    pub(super) choices: Choices,
}

impl Message {
    /// A new one.
    pub(super) fn new(channel: &str, ts: &str, thread_ts: Option<&str>, author: &str) -> Self {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!("message"));
        body.insert("user".to_owned(), json!(author));
        body.insert("ts".to_owned(), json!(ts));
        if let Some(thread_ts) = thread_ts {
            body.insert("thread_ts".to_owned(), json!(thread_ts));
        }
        Self {
            channel: channel.to_owned(),
            ts: ts.to_owned(),
            thread_ts: thread_ts.map(str::to_owned),
            author: author.to_owned(),
            is_ours: false,
            body,
            markdown_text: None,
            is_deleted: false,
            stream: None,
            reactions: Vec::new(),
            choices: Choices::new(),
        }
    }

    /// The same message, written by the app.
    pub(super) fn ours(mut self, bot: &str, team: &str) -> Self {
        self.is_ours = true;
        self.body.insert("bot_id".to_owned(), json!(bot));
        self.body.insert("app_id".to_owned(), json!(super::people::APP));
        self.body.insert("team".to_owned(), json!(team));
        self
    }

    /// As the API shows it.
    pub(super) fn json(&self) -> Value {
        let mut body = self.body.clone();
        if !self.reactions.is_empty() {
            let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (name, user) in &self.reactions {
                names.entry(name).or_default().push(user);
            }
            let shown: Vec<Value> = names
                .iter()
                .map(|(name, users)| json!({ "name": name, "users": users, "count": users.len() }))
                .collect();
            body.insert("reactions".to_owned(), json!(shown));
        }
        Value::Object(body)
    }

    /// As a test wants to see it.
    pub(super) fn inspect(&self, now_ms: i64) -> Value {
        let mut seen = self.json();
        seen["channel"] = json!(self.channel);
        if let Some(text) = &self.markdown_text {
            seen["markdown_text"] = json!(text);
        }
        if let Some(stream) = &self.stream {
            seen["streaming"] = stream.json(now_ms);
        }
        seen
    }
}

/// A message that only one person sees.
#[derive(Clone, Debug)]
pub(super) struct Ephemeral {
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) user: String,
    pub(super) ts: String,
    pub(super) thread_ts: Option<String>,
    pub(super) body: Map<String, Value>,
    pub(super) is_deleted: bool,
    pub(super) choices: Choices,
}

impl Ephemeral {
    /// As a test wants to see it.
    pub(super) fn inspect(&self) -> Value {
        let mut seen = self.body.clone();
        seen.insert("channel".to_owned(), json!(self.channel));
        seen.insert("user".to_owned(), json!(self.user));
        seen.insert("ts".to_owned(), json!(self.ts));
        if let Some(thread_ts) = &self.thread_ts {
            seen.insert("thread_ts".to_owned(), json!(thread_ts));
        }
        Value::Object(seen)
    }
}
