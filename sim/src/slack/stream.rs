//! Messages that are written piece by piece (dossier §8.1): who may read along, how long it may take, and what comes after Stop.

use serde_json::{Value, json};

use super::api::{Answered, Call};
use super::chat::{self, MARKDOWN_CHARS_MAX, check_blocks, thread, writable};
use super::message::{Flow, Stream};
use super::people::Kind;
use super::refusal::Refusal;
use super::state::{State, is_ts};

/// All text of one stream together; the real limit is not documented.
const STREAM_CHARS_MAX: usize = 40_000;

/// What one call brings.
#[derive(Default)]
struct Piece {
    text: Option<String>,
    chunks: Vec<Value>,
}

fn piece(state: &mut State, call: &Call) -> Result<Piece, Refusal> {
    let text = call.args.text("markdown_text").map(str::to_owned);
    if text.as_ref().is_some_and(|text| text.chars().count() > MARKDOWN_CHARS_MAX) {
        return Err(Refusal::new("msg_too_long"));
    }
    let chunks = match call.args.structure("chunks")? {
        None => Vec::new(),
        Some(Value::Array(chunks)) => chunks,
        Some(_) => return Err(Refusal::new("invalid_chunks")),
    };
    let mut chars = 0;
    for (at, chunk) in chunks.iter().enumerate() {
        chars += judge_chunk(state, &call.caller.team, chunk, at)?;
    }
    if chars > MARKDOWN_CHARS_MAX {
        return Err(Refusal::new("msg_too_long"));
    }
    if text.is_some() && !chunks.is_empty() {
        return Err(Refusal::arguments("markdown_text and chunks exclude each other"));
    }
    Ok(Piece { text, chunks })
}

/// One chunk; how many characters of text it brings.
fn judge_chunk(state: &State, team: &str, chunk: &Value, at: usize) -> Result<usize, Refusal> {
    let wrong =
        |what: &str| Refusal::telling("invalid_chunks", &[format!("[ERROR] {what} [json-pointer:/chunks/{at}]")]);
    let is_text = |name: &str| chunk[name].as_str().is_some_and(|text| !text.is_empty());
    match chunk["type"].as_str() {
        Some("markdown_text") => {
            chunk["text"].as_str().map(|text| text.chars().count()).ok_or_else(|| wrong("text must be a string"))
        }
        Some("task_update") => {
            if !is_text("id") || !is_text("title") {
                return Err(wrong("id and title are required"));
            }
            let status = chunk["status"].as_str().unwrap_or_default();
            if !["pending", "in_progress", "complete", "error"].contains(&status) {
                return Err(wrong("status must be pending, in_progress, complete or error"));
            }
            let sources = chunk["sources"].as_array().map(Vec::as_slice).unwrap_or_default();
            if sources
                .iter()
                .any(|source| source["type"] != "url" || !source["url"].is_string() || !source["text"].is_string())
            {
                return Err(wrong("sources need type, url and text"));
            }
            Ok(0)
        }
        Some("plan_update") if is_text("title") => Ok(0),
        Some("plan_update") => Err(wrong("title is required")),
        Some("blocks") => check_blocks(state, team, &chunk["blocks"], &format!("/chunks/{at}/blocks")).map(|()| 0),
        _ => Err(wrong("unsupported type")),
    }
}

impl Stream {
    fn add(&mut self, piece: Piece, now_ms: i64) -> Result<(), Refusal> {
        let mut text = piece.text.unwrap_or_default();
        for chunk in piece.chunks.iter().filter(|chunk| chunk["type"] == "markdown_text") {
            text.push_str(chunk["text"].as_str().unwrap_or_default());
        }
        if self.text.chars().count() + text.chars().count() > STREAM_CHARS_MAX {
            return Err(Refusal::new("msg_too_long").excused());
        }
        self.text.push_str(&text);
        self.uses_chunks |= !piece.chunks.is_empty();
        self.chunks.extend(piece.chunks);
        self.touched_ms = now_ms;
        Ok(())
    }
}

/// `chat.startStream`.
pub(super) fn start(state: &mut State, call: &Call) -> Answered {
    let channel = writable(state, &call.caller, call.args.word("channel"))?;
    let is_dm = state.kind(&channel) == Kind::Dm;
    let (user, team) = (call.args.text("recipient_user_id"), call.args.text("recipient_team_id"));
    if !is_dm {
        let user = user.ok_or_else(|| Refusal::new("missing_recipient_user_id"))?;
        team.ok_or_else(|| Refusal::new("missing_recipient_team_id"))?;
        state.user(user).ok_or_else(|| Refusal::new("user_not_found"))?;
    }
    let thread_ts = thread(state, &call.method, &channel, call.args.text("thread_ts"))?;
    if is_dm && thread_ts.is_none() {
        return Err(Refusal::arguments("missing required field: thread_ts"));
    }
    let mode = call.args.text("task_display_mode").unwrap_or("timeline");
    if !["timeline", "plan", "dense"].contains(&mode) {
        return Err(Refusal::arguments("must be timeline or plan [json-pointer:/task_display_mode]"));
    }
    let piece = piece(state, call)?;
    let mut stream = Stream {
        flow: Flow::Open,
        started_ms: call.now_ms,
        touched_ms: call.now_ms,
        text: String::new(),
        chunks: Vec::new(),
        uses_chunks: false,
        mode: mode.to_owned(),
        recipient: user.zip(team).map(|(user, team)| (user.to_owned(), team.to_owned())),
        appends: 0,
    };
    stream.add(piece, call.now_ms)?;
    let mut message = chat::write(state, call, &channel, thread_ts.as_deref());
    message.body.insert("text".to_owned(), json!(stream.text));
    message.body.insert("streaming_state".to_owned(), json!("in_progress"));
    message.stream = Some(stream);
    let ts = message.ts.clone();
    let root = thread_ts.unwrap_or_else(|| ts.clone());
    chat::keep(state, message);
    super::threads::mark(state, &channel, &root, "processing");
    Ok(json!({ "channel": channel, "ts": ts }))
}

/// Adds to a stream that is still open.
fn grow(state: &mut State, call: &Call, piece: Piece, is_last: bool) -> Result<(String, String), Refusal> {
    let channel = writable(state, &call.caller, call.args.word("channel"))?;
    let ts = call.args.word("ts").to_owned();
    if !is_ts(&ts) {
        return Err(Refusal::arguments("must be a message timestamp [json-pointer:/ts]"));
    }
    let bot = call.caller.bot().0;
    let now_ms = call.now_ms;
    let message = state.message_mut(&channel, &ts).ok_or_else(|| Refusal::new("message_not_found"))?;
    if !message.is_ours || message.author != bot {
        return Err(Refusal::new("message_not_owned_by_app"));
    }
    let stream = message.stream.as_mut().ok_or_else(|| Refusal::new("message_not_in_streaming_state"))?;
    match stream.flow(now_ms) {
        Flow::Open => {}
        Flow::Expired => return Err(Refusal::new("message_not_in_streaming_state").excused()),
        Flow::Stopped => return Err(Refusal::new("message_not_in_streaming_state")),
        Flow::StoppedByUser => return Err(Refusal::new("stopped_by_user")),
    }
    let mixes = (stream.uses_chunks && piece.text.is_some())
        || (!stream.uses_chunks && !stream.text.is_empty() && !piece.chunks.is_empty());
    stream.add(piece, now_ms)?;
    if !is_last {
        stream.appends += 1;
    }
    let text = stream.text.clone();
    message.body.insert("text".to_owned(), json!(text));
    if mixes {
        state.violation(format!("{}: markdown_text and chunks in one stream", call.method));
    }
    Ok((channel, ts))
}

/// `chat.appendStream`.
pub(super) fn append(state: &mut State, call: &Call) -> Answered {
    let piece = piece(state, call)?;
    if piece.text.is_none() && piece.chunks.is_empty() {
        return Err(Refusal::new("no_text"));
    }
    let (channel, ts) = grow(state, call, piece, false)?;
    Ok(json!({ "channel": channel, "ts": ts }))
}

/// `chat.stopStream`.
pub(super) fn stop(state: &mut State, call: &Call) -> Answered {
    let piece = piece(state, call)?;
    let blocks = call.args.structure("blocks")?;
    if let Some(blocks) = &blocks {
        check_blocks(state, &call.caller.team, blocks, "/blocks")?;
    }
    let status = call.args.text("session_status").unwrap_or("active");
    if !super::threads::SESSION_STATES.contains(&status) {
        return Err(Refusal::arguments(
            "must be active, processing, suspended or closed [json-pointer:/session_status]",
        ));
    }
    let (channel, ts) = grow(state, call, piece, true)?;
    let settled = blocks.map(|mut blocks| {
        chat::settle(state, &mut blocks);
        blocks
    });
    let metadata = call.args.structure("metadata")?;
    let message = state.message_mut(&channel, &ts).ok_or_else(|| Refusal::new("message_not_found"))?;
    let before = message.json();
    if let Some(stream) = &mut message.stream {
        stream.flow = Flow::Stopped;
        let from_chunks = stream
            .chunks
            .iter()
            .filter(|chunk| chunk["type"] == "blocks")
            .flat_map(|chunk| chunk["blocks"].as_array().cloned().unwrap_or_default());
        let mut all: Vec<Value> = from_chunks.collect();
        all.extend(settled.and_then(|blocks| blocks.as_array().cloned()).unwrap_or_default());
        message.markdown_text = Some(stream.text.clone());
        message.body.insert("blocks".to_owned(), json!(all));
    }
    message.body.insert("streaming_state".to_owned(), json!("completed"));
    if let Some(metadata) = metadata {
        message.body.insert("metadata".to_owned(), metadata);
    }
    let after = message.json();
    let root = message.thread_ts.clone().unwrap_or_else(|| ts.clone());
    chat::tell_changed(state, &channel, &before, &after, call.now_ms);
    super::threads::mark(state, &channel, &root, status);
    Ok(json!({ "channel": channel, "ts": ts, "message": after }))
}
