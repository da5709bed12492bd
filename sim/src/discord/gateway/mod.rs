//! The gateway (dossier §2, §3): sessions, what each of them is told, and what is told again after a loss. Frames and sockets are in
//! `socket`, what a frame asks for is in `hear`.

mod event;
mod hear;
pub(super) mod socket;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use url::Url;

pub(super) use self::event::Event;
use super::people::APP;
use super::state::State;

/// Events of a session that can be told again.
const LOG_MAX: usize = 5_000;
/// Frames that are remembered for tests.
const FRAMES_MAX: usize = 2_000;
/// How long a lost session waits for its resume.
const RESUME_MS: i64 = 5 * 60_000;

/// Intents (dossier §3).
pub(super) const GUILDS: u64 = 1;
pub(super) const GUILD_MESSAGES: u64 = 1 << 9;
pub(super) const DIRECT_MESSAGES: u64 = 1 << 12;
/// `MESSAGE_CONTENT`, a privileged intent.
pub const MESSAGE_CONTENT: u64 = 1 << 15;
/// Members, presences, content.
const PRIVILEGED: u64 = (1 << 1) | (1 << 8) | MESSAGE_CONTENT;
/// Every intent there is.
const KNOWN: u64 = ((1 << 17) - 1) | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25);

/// What goes out on a socket.
#[derive(Debug)]
pub(super) enum Out {
    Text(String),
    Close(u16),
    /// The connection is gone without a word.
    Cut,
    /// The session of this socket is no more; `true` when it may be resumed.
    Invalid(bool),
}

/// A session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) shard: (u64, u64),
    pub(super) intents: u64,
    pub(super) seq: u64,
    log: VecDeque<(u64, Value)>,
    /// The socket it is on.
    pub(super) line: Option<u64>,
    lost_ms: i64,
}

/// Everything about the gateway.
#[derive(Debug, Default)]
pub(super) struct Gateway {
    /// Where interactions are posted instead.
    pub(super) endpoint: Option<Url>,
    pub(super) sessions: Vec<Session>,
    pub(super) lines: BTreeMap<u64, UnboundedSender<Out>>,
    serial: u64,
    pub(super) identifies: u64,
    pub(super) resumes: u64,
    /// Codes that were closed with.
    pub(super) closes: Vec<u16>,
    /// Frames that came, without tokens.
    pub(super) frames: VecDeque<Value>,
    last_identify: BTreeMap<u64, i64>,
}

impl Session {
    fn is_for(&self, guild: Option<&str>) -> bool {
        let number = guild.and_then(|id| id.parse::<u64>().ok()).map_or(0, |id| (id >> 22) % self.shard.1.max(1));
        number == self.shard.0
    }

    fn frame(&mut self, name: &str, data: &Value) -> Value {
        self.seq += 1;
        let frame = json!({ "op": 0, "d": data, "s": self.seq, "t": name });
        if self.log.len() == LOG_MAX {
            self.log.pop_front();
        }
        self.log.push_back((self.seq, frame.clone()));
        frame
    }
}

impl Gateway {
    fn send(&self, line: Option<u64>, out: Out) {
        if let Some(line) = line.and_then(|line| self.lines.get(&line)) {
            let _ = line.send(out);
        }
    }

    /// Says something on every socket.
    pub(super) fn to_all(&self, out: impl Fn() -> Out) {
        for line in self.lines.values() {
            let _ = line.send(out());
        }
    }

    /// How many sessions are on a socket.
    pub(super) fn open(&self) -> usize {
        self.sessions.iter().filter(|session| session.line.is_some()).count()
    }

    fn note(&mut self, mut frame: Value) {
        if frame["d"]["token"].is_string() {
            frame["d"]["token"] = json!("…");
        }
        if self.frames.len() == FRAMES_MAX {
            self.frames.pop_front();
        }
        self.frames.push_back(frame);
    }
}

impl State {
    /// Tells every session that listens; how many do, lost ones counted.
    pub(super) fn dispatch(&mut self, event: &Event) -> usize {
        if !event.is_heard {
            return 0;
        }
        let copies = if event.is_from_person { self.settings.copies.max(1) } else { 1 };
        let mut heard = 0;
        let mut sessions = std::mem::take(&mut self.gateway.sessions);
        for session in &mut sessions {
            let listens = event.intents == 0 || session.intents & event.intents != 0;
            if !listens || !session.is_for(event.guild.as_deref()) {
                continue;
            }
            heard += 1;
            let data = event.seen_with(session.intents);
            for _ in 0..copies {
                let frame = session.frame(event.name, &data);
                self.gateway.send(session.line, Out::Text(frame.to_string()));
            }
        }
        self.gateway.sessions = sessions;
        heard
    }

    /// Tells one session alone.
    fn tell(&mut self, id: &str, name: &str, data: &Value) {
        let Some(session) = self.gateway.sessions.iter_mut().find(|session| session.id == id) else { return };
        let (frame, line) = (session.frame(name, data), session.line);
        self.gateway.send(line, Out::Text(frame.to_string()));
    }

    /// Lets the app into a server.
    pub(super) fn install(&mut self, guild: &str) {
        if let Some(held) = self.guilds.get_mut(guild) {
            held.has_app = true;
        }
        let event = Event::guild("GUILD_CREATE", self.guild_create(guild), Some(guild));
        self.dispatch(&event);
    }

    /// Takes the app out of a server (dossier §11).
    pub(super) fn uninstall(&mut self, guild: &str) {
        if let Some(held) = self.guilds.get_mut(guild) {
            held.has_app = false;
        }
        self.commands.remove(guild);
        let event = Event::guild("GUILD_DELETE", json!({ "id": guild }), Some(guild));
        self.dispatch(&event);
    }

    fn ready(&self, session: &Session) -> Value {
        let user = self.users.get(APP).map(super::people::User::own_json).unwrap_or_default();
        let mine = self.guilds.values().filter(|guild| guild.has_app && session.is_for(Some(&guild.id)));
        let guilds: Vec<Value> = mine.map(|guild| json!({ "id": guild.id, "unavailable": true })).collect();
        json!({ "v": 10, "user": user, "guilds": guilds, "session_id": session.id, "session_type": "normal",
            "resume_gateway_url": self.gateway_url(), "shard": [session.shard.0, session.shard.1],
            "application": { "id": APP, "flags": self.app_flags() }, "private_channels": [], "presences": [], "relationships": [],
            "user_settings": {}, "user_settings_proto": "", "auth": {}, "guild_join_requests": [], "geo_ordered_rtc_regions": [],
            "game_relationships": [], "_trace": ["[\"gateway-sim\",{}]"] })
    }
}
