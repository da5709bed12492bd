//! `response_url`: five uses in thirty minutes (dossier §4).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Slack;
use super::args::Args;
use super::chat::{self, Content};
use super::message::{Ephemeral, Message};
use super::people::bot_of;
use super::refusal::Refusal;
use super::state::{State, secret};
use crate::lock;

const USES_MAX: u32 = 5;
const LIFE_MS: i64 = 30 * 60_000;

/// What `replace_original` replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Original {
    None,
    Message(String),
    Ephemeral(String),
}

/// A `response_url`.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    pub(super) team: String,
    pub(super) channel: String,
    pub(super) user: String,
    pub(super) thread_ts: Option<String>,
    pub(super) original: Original,
    pub(super) issued_ms: i64,
    pub(super) uses: u32,
}

/// A fresh one; its address.
pub(super) fn open(state: &mut State, hook: Hook) -> String {
    let id = format!("{}{}", secret(), secret());
    let url = format!("{}hooks/{id}", state.root);
    state.hooks.insert(id, hook);
    url
}

/// Takes a message that comes as an answer: from a `response_url`, or as the acknowledgement of a command.
pub(super) fn take(state: &mut State, hook: &mut Hook, body: &Value, now_ms: i64) -> Result<(), Refusal> {
    let args = Args::of(body);
    if args.flag("delete_original") {
        remove(state, hook);
        return Ok(());
    }
    let content = Content {
        text: args.text("text").map(str::to_owned),
        markdown_text: args.text("markdown_text").map(str::to_owned),
        blocks: args.structure("blocks")?,
        attachments: args.structure("attachments")?,
        metadata: None,
    };
    content.judge(state, &hook.team.clone(), "response_url")?;
    let thread_ts = args.text("thread_ts").map(str::to_owned).or_else(|| hook.thread_ts.clone());
    let replaces = args.flag("replace_original") && hook.original != Original::None;
    if replaces {
        return replace(state, hook, content);
    }
    let (channel, user) = (hook.channel.clone(), hook.user.clone());
    hook.original = if args.word("response_type") == "in_channel" {
        let (bot_user, bot) = bot_of(&hook.team);
        let ts = state.next_ts(&channel, now_ms);
        let mut message = Message::new(&channel, &ts, thread_ts.as_deref(), &bot_user).ours(&bot, &hook.team);
        message.markdown_text.clone_from(&content.markdown_text);
        content.fill(state, &mut message.body);
        chat::keep(state, message);
        Original::Message(ts)
    } else {
        Original::Ephemeral(chat::whisper(state, (&channel, &user), thread_ts.as_deref(), content, now_ms).0)
    };
    Ok(())
}

fn remove(state: &mut State, hook: &Hook) {
    match &hook.original {
        Original::None => state.violation("response_url: delete_original where there is no original"),
        Original::Message(ts) => {
            if let Some(message) = state.message_mut(&hook.channel, ts) {
                message.is_deleted = true;
            }
        }
        Original::Ephemeral(id) => {
            if let Some(seen) = state.ephemerals.iter_mut().find(|seen| seen.id == *id) {
                seen.is_deleted = true;
            }
        }
    }
}

fn replace(state: &mut State, hook: &Hook, content: Content) -> Result<(), Refusal> {
    let gone = || Refusal::new("message_not_found");
    match &hook.original {
        Original::None => Err(gone()),
        Original::Message(ts) => {
            let markdown_text = content.markdown_text.clone();
            let mut body = state.message(&hook.channel, ts).ok_or_else(gone)?.body.clone();
            content.fill(state, &mut body);
            let message = state.message_mut(&hook.channel, ts).ok_or_else(gone)?;
            (message.body, message.markdown_text) = (body, markdown_text);
            message.choices.clear();
            Ok(())
        }
        Original::Ephemeral(id) => {
            let mut body = serde_json::Map::new();
            content.fill(state, &mut body);
            let held = |seen: &&mut Ephemeral| seen.id == *id && !seen.is_deleted;
            let seen = state.ephemerals.iter_mut().find(held).ok_or_else(gone)?;
            seen.body = body;
            seen.choices.clear();
            Ok(())
        }
    }
}

fn plain(status: StatusCode, text: &str) -> Response {
    (status, text.to_owned()).into_response()
}

/// `POST /hooks/{id}`.
pub(super) async fn post(
    Shared(slack): Shared<Arc<Slack>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now_ms = slack.clock.now_ms();
    let mut state = lock(&slack.state);
    let Some(mut hook) = state.hooks.get(&id).cloned() else {
        return plain(StatusCode::NOT_FOUND, "no_service");
    };
    if now_ms - hook.issued_ms >= LIFE_MS {
        return plain(StatusCode::NOT_FOUND, "expired_url");
    }
    if hook.uses >= USES_MAX {
        state.violation("response_url: used more than five times");
        return plain(StatusCode::NOT_FOUND, "used_url");
    }
    if headers.contains_key(header::AUTHORIZATION) {
        state.violation("response_url: a token came along, and none is needed");
    }
    hook.uses += 1;
    let verdict = match serde_json::from_slice::<Value>(&body) {
        Ok(body) if body.is_object() => take(&mut state, &mut hook, &body, now_ms),
        _ => Err(Refusal::new("invalid_payload")),
    };
    state.hooks.insert(id, hook);
    match verdict {
        Ok(()) => plain(StatusCode::OK, "ok"),
        Err(refusal) => {
            if !refusal.is_excused {
                state.violation(refusal.line("response_url"));
            }
            let status =
                if refusal.error == "message_not_found" { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
            plain(status, &refusal.error)
        }
    }
}

impl Hook {
    /// For a command or a message shortcut.
    pub(super) fn new(team: &str, channel: &str, user: &str, now_ms: i64) -> Self {
        Self {
            team: team.to_owned(),
            channel: channel.to_owned(),
            user: user.to_owned(),
            thread_ts: None,
            original: Original::None,
            issued_ms: now_ms,
            uses: 0,
        }
    }
}

/// How often each was used, for a test.
pub(super) fn inspect(state: &State) -> Vec<Value> {
    state.hooks.values().map(|hook| json!({ "channel": hook.channel, "user": hook.user, "uses": hook.uses })).collect()
}
