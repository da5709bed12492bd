//! What the frames of a client ask for: identify, resume, heartbeats, and the codes that it is closed with when it asks wrongly
//! (dossier §2).

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{GUILDS, KNOWN, Out, PRIVILEGED, RESUME_MS, Session};
use crate::discord::state::{State, secret};

/// Frames of a client in a minute, and their size.
const FRAMES_MAX: usize = 120;
const WINDOW_MS: i64 = 60_000;
const FRAME_BYTES_MAX: usize = 4_096;
/// One identify of a key in this time, where rates are enforced.
const IDENTIFY_MS: i64 = 5_000;

/// A socket, as far as what it says goes.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) line: u64,
    pub(super) session: Option<String>,
    frames: VecDeque<i64>,
}

impl Connection {
    pub(super) fn new(line: u64) -> Self {
        Self { line, session: None, frames: VecDeque::new() }
    }

    /// Takes a frame; the code to close with when it is wrong. `true` when it was a heartbeat.
    pub(super) fn hear(&mut self, state: &mut State, text: &str, now_ms: i64) -> Result<bool, u16> {
        while self.frames.front().is_some_and(|at| now_ms - at >= WINDOW_MS) {
            self.frames.pop_front();
        }
        self.frames.push_back(now_ms);
        if self.frames.len() > FRAMES_MAX {
            return Err(4008);
        }
        if text.len() > FRAME_BYTES_MAX {
            return Err(4002);
        }
        let frame: Value = serde_json::from_str(text).map_err(|_| 4002_u16)?;
        let op = frame["op"].as_u64().ok_or(4002_u16)?;
        state.gateway.note(frame.clone());
        let data = &frame["d"];
        match op {
            1 => {
                if !data.is_null() && !data.is_u64() {
                    return Err(4002);
                }
                if state.settings.acks_heartbeats {
                    self.send(state, &json!({ "op": 11, "d": null, "s": null, "t": null }));
                }
                return Ok(true);
            }
            2 if self.session.is_some() => return Err(4005),
            2 => self.identify(state, data, now_ms)?,
            6 if self.session.is_some() => return Err(4005),
            6 => self.resume(state, data, now_ms)?,
            3 | 4 | 8 | 31 if self.session.is_none() => return Err(4003),
            3 if !data["activities"].is_array() || !data["status"].is_string() => return Err(4002),
            3 | 4 | 31 => {}
            8 => self.members(state, data),
            _ => return Err(4001),
        }
        Ok(false)
    }

    fn send(&self, state: &State, frame: &Value) {
        state.gateway.send(Some(self.line), Out::Text(frame.to_string()));
    }

    fn invalid(&mut self, state: &State, can_resume: bool) {
        self.session = None;
        self.send(state, &json!({ "op": 9, "d": can_resume, "s": null, "t": null }));
    }

    fn identify(&mut self, state: &mut State, data: &Value, now_ms: i64) -> Result<(), u16> {
        is_token(state, data)?;
        let intents = data["intents"].as_u64().ok_or(4013_u16)?;
        if intents & !KNOWN != 0 {
            return Err(4013);
        }
        if intents & PRIVILEGED & !state.settings.privileged != 0 {
            return Err(4014);
        }
        if !data["properties"].is_object() {
            return Err(4002);
        }
        let shard = match &data["shard"] {
            Value::Null => (0, 1),
            Value::Array(pair) => match (pair.first().and_then(Value::as_u64), pair.get(1).and_then(Value::as_u64)) {
                (Some(number), Some(of)) if number < of && pair.len() == 2 => (number, of),
                _ => return Err(4010),
            },
            _ => return Err(4010),
        };
        if shard.1 < state.settings.shards {
            return Err(4011);
        }
        if state.settings.starts_left == 0 {
            // Discord resets the token and writes a mail.
            state.violation("identify: the day's session starts are used up, the token is reset");
            state.token = format!("reset.{}.{}", secret(), secret());
            return Err(4004);
        }
        let last = state.gateway.last_identify.insert(0, now_ms);
        if state.settings.enforces_rates && last.is_some_and(|last| now_ms - last < IDENTIFY_MS) {
            self.invalid(state, false);
            return Ok(());
        }
        state.settings.starts_left -= 1;
        state.gateway.identifies += 1;
        let id = format!("{}{}", secret(), secret());
        let session = Session {
            id: id.clone(),
            shard,
            intents,
            seq: 0,
            log: VecDeque::new(),
            line: Some(self.line),
            lost_ms: now_ms,
        };
        let ready = state.ready(&session);
        state.gateway.sessions.push(session);
        self.session = Some(id.clone());
        state.tell(&id, "READY", &ready);
        if intents & GUILDS != 0 {
            for guild in ready["guilds"].as_array().into_iter().flatten() {
                let told = state.guild_create(guild["id"].as_str().unwrap_or_default());
                state.tell(&id, "GUILD_CREATE", &told);
            }
        }
        Ok(())
    }

    fn resume(&mut self, state: &mut State, data: &Value, now_ms: i64) -> Result<(), u16> {
        is_token(state, data)?;
        let wanted = data["session_id"].as_str().ok_or(4002_u16)?;
        let seq = data["seq"].as_u64().ok_or(4002_u16)?;
        let overlap = state.settings.overlap;
        let found = state.gateway.sessions.iter_mut().find(|session| session.id == wanted);
        let Some(session) = found.filter(|held| held.line.is_some() || now_ms - held.lost_ms < RESUME_MS) else {
            state.gateway.sessions.retain(|session| session.id != wanted);
            self.invalid(state, false);
            return Ok(());
        };
        if seq > session.seq {
            state.gateway.sessions.retain(|session| session.id != wanted);
            return Err(4007);
        }
        let oldest = session.log.front().map_or(session.seq + 1, |(number, _)| *number);
        if seq + 1 < oldest {
            state.gateway.sessions.retain(|session| session.id != wanted);
            self.invalid(state, false);
            return Ok(());
        }
        let before = session.line.replace(self.line);
        let again = u64::try_from(overlap).unwrap_or(0);
        let frames: Vec<Value> = session
            .log
            .iter()
            .filter(|(number, frame)| *number > seq || (*number + again > seq && is_repeatable(frame)))
            .map(|(_, frame)| frame.clone())
            .collect();
        self.session = Some(wanted.to_owned());
        state.gateway.resumes += 1;
        if let Some(before) = before {
            state.gateway.send(Some(before), Out::Close(4000));
        }
        for frame in frames {
            self.send(state, &frame);
        }
        state.tell(wanted, "RESUMED", &json!({ "_trace": ["[\"gateway-sim\",{}]"] }));
        Ok(())
    }

    /// All members of a server in one piece.
    fn members(&self, state: &mut State, data: &Value) {
        let Some(id) = data["guild_id"].as_str().map(str::to_owned) else { return };
        let Some(session) = self.session.clone() else { return };
        let told = state.guild_create(&id);
        let chunk = json!({ "guild_id": id, "members": told["members"], "chunk_index": 0, "chunk_count": 1, "not_found": [],
            "nonce": data["nonce"] });
        state.tell(&session, "GUILD_MEMBERS_CHUNK", &chunk);
    }

    /// The session of this socket is no more, or waits for a resume.
    pub(super) fn invalidated(&mut self, state: &mut State, can_resume: bool, now_ms: i64) {
        for held in state.gateway.sessions.iter_mut().filter(|held| held.line == Some(self.line)) {
            held.line = None;
            held.lost_ms = now_ms;
        }
        if !can_resume {
            state.gateway.sessions.retain(|held| Some(&held.id) != self.session.as_ref());
        }
        self.session = None;
    }

    /// The socket is gone, with this code when the client closed it.
    pub(super) fn lost(&self, state: &mut State, code: Option<u16>, now_ms: i64) {
        state.gateway.lines.remove(&self.line);
        let ends = matches!(code, Some(1000 | 1001));
        let Some(id) = &self.session else { return };
        state.gateway.sessions.retain(|session| !(ends && session.id == *id && session.line == Some(self.line)));
        for session in state.gateway.sessions.iter_mut().filter(|held| held.id == *id && held.line == Some(self.line)) {
            session.line = None;
            session.lost_ms = now_ms;
        }
    }
}

/// What a client may be told twice without losing its mind: not READY and RESUMED.
fn is_repeatable(frame: &Value) -> bool {
    frame["t"].as_str().is_some_and(|name| name.starts_with("MESSAGE_") || name == "INTERACTION_CREATE")
}

fn is_token(state: &State, data: &Value) -> Result<(), u16> {
    let token = data["token"].as_str().ok_or(4002_u16)?;
    if token.strip_prefix("Bot ").unwrap_or(token) == state.token { Ok(()) } else { Err(4004) }
}

/// Codes after which a session cannot be resumed.
pub(super) fn ends_session(code: u16) -> bool {
    matches!(code, 4004 | 4007 | 4009..=4014)
}

/// The words that go with a code.
pub(super) fn reason(code: u16) -> &'static str {
    match code {
        4000 => "Unknown error.",
        4001 => "Unknown opcode.",
        4002 => "Error while decoding payload.",
        4003 => "Not authenticated.",
        4004 => "Authentication failed.",
        4005 => "Already authenticated.",
        4007 => "Invalid seq.",
        4008 => "Rate limited.",
        4009 => "Session timed out.",
        4010 => "Invalid shard.",
        4011 => "Sharding required.",
        4012 => "Invalid API version.",
        4013 => "Invalid intent(s).",
        4014 => "Disallowed intent(s).",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn fatal_codes_end_a_session() {
        assert!(super::ends_session(4014) && !super::ends_session(4000));
        assert_eq!(super::reason(4014), "Disallowed intent(s).");
    }
}
