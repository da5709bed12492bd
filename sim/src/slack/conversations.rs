//! `conversations.*`, `users.info`, `team.info` (dossier §7).

use serde_json::{Value, json};

use super::api::{Answered, Call};
use super::message::Message;
use super::people::{Kind, team_names};
use super::refusal::Refusal;
use super::state::State;

/// The conversation that a call names, when this app may see it with a scope of this kind.
fn readable(state: &mut State, call: &Call, what: &str) -> Result<String, Refusal> {
    let bot = call.caller.bot().0;
    let channel = state.channel(call.args.word("channel")).ok_or_else(|| Refusal::new("channel_not_found"))?;
    let is_ours = channel.team == call.caller.team || call.caller.team.starts_with('E');
    if !is_ours || channel.kind == Kind::Private && !channel.has(&bot) {
        return Err(Refusal::new("channel_not_found"));
    }
    let prefix = match channel.kind {
        Kind::Public => "channels",
        Kind::Private => "groups",
        Kind::Dm => "im",
    };
    call.caller.need(&[&format!("{prefix}:{what}")])?;
    if what == "history" && !channel.has(&bot) {
        return Err(Refusal::new("not_in_channel"));
    }
    Ok(channel.id.clone())
}

/// `conversations.open`.
pub(super) fn open(state: &mut State, call: &Call) -> Answered {
    let named = match (call.args.text("users"), call.args.text("channel")) {
        (Some(users), None) => users.to_owned(),
        (None, Some(channel)) => channel.to_owned(),
        _ => return Err(Refusal::new("users_list_not_supplied")),
    };
    if named.contains(',') {
        return Err(Refusal::new("method_not_supported_for_channel_type"));
    }
    let is_known = named.starts_with('D')
        || state.user(&named).is_some_and(|user| user.team == call.caller.team || call.caller.team.starts_with('E'));
    let channel = if is_known { state.channel(&named) } else { None };
    let channel = channel.ok_or_else(|| Refusal::new("user_not_found"))?;
    let id = channel.id.clone();
    let shown = if call.args.flag("return_im") { channel.json() } else { json!({ "id": id }) };
    let is_old = state.messages.contains_key(&id);
    Ok(json!({ "no_op": is_old, "already_open": is_old, "channel": shown }))
}

/// `conversations.info`.
pub(super) fn info(state: &mut State, call: &Call) -> Answered {
    let id = readable(state, call, "read")?;
    let channel = state.channels.get(&id).ok_or_else(|| Refusal::new("channel_not_found"))?;
    let mut shown = channel.json();
    if call.args.flag("include_num_members") {
        shown["num_members"] = json!(channel.members.len());
    }
    if call.args.flag("include_locale") {
        shown["locale"] = json!("en-US");
    }
    Ok(json!({ "channel": shown }))
}

/// `conversations.members`.
pub(super) fn members(state: &mut State, call: &Call) -> Answered {
    let id = readable(state, call, "read")?;
    let members = state.channels.get(&id).map(|channel| channel.members.clone()).unwrap_or_default();
    let (page, cursor) = paged(&members, call, 100)?;
    Ok(json!({ "members": page, "response_metadata": { "next_cursor": cursor } }))
}

/// A page and where the next begins.
fn paged<T: Clone>(all: &[T], call: &Call, default: i64) -> Result<(Vec<T>, String), Refusal> {
    let limit = usize::try_from(call.args.number("limit").unwrap_or(default).clamp(1, 1_000)).unwrap_or(1);
    let from = match call.args.text("cursor") {
        None => 0,
        Some(cursor) => {
            cursor.strip_prefix("next:").and_then(|at| at.parse().ok()).ok_or_else(|| Refusal::new("invalid_cursor"))?
        }
    };
    let page: Vec<T> = all.iter().skip(from).take(limit).cloned().collect();
    let cursor = if from + limit < all.len() { format!("next:{}", from + limit) } else { String::new() };
    Ok((page, cursor))
}

fn in_range(message: &Message, call: &Call) -> bool {
    let number = |ts: &str| ts.replace('.', "").parse::<i64>().unwrap_or_default();
    let bound = |name: &str| call.args.text(name).filter(|at| super::state::is_ts(at)).map(number);
    let at = number(&message.ts);
    let inclusive = call.args.flag("inclusive");
    let after = bound("oldest").is_none_or(|oldest| at > oldest || inclusive && at == oldest);
    after && bound("latest").is_none_or(|latest| at < latest || inclusive && at == latest)
}

/// `conversations.history`: roots, newest first.
pub(super) fn history(state: &mut State, call: &Call) -> Answered {
    let id = readable(state, call, "history")?;
    let mut all: Vec<Value> = state
        .messages
        .get(&id)
        .into_iter()
        .flatten()
        .filter(|message| !message.is_deleted && message.thread_ts.is_none() && in_range(message, call))
        .map(Message::json)
        .collect();
    all.reverse();
    let (page, cursor) = paged(&all, call, 100)?;
    Ok(
        json!({ "messages": page, "has_more": !cursor.is_empty(), "pin_count": 0, "response_metadata": { "next_cursor": cursor } }),
    )
}

/// `conversations.replies`: the root and what follows, oldest first.
pub(super) fn replies(state: &mut State, call: &Call) -> Answered {
    let id = readable(state, call, "history")?;
    let root = call.args.word("ts").to_owned();
    let list = state.messages.get(&id).map(Vec::as_slice).unwrap_or_default();
    let root = match list.iter().find(|message| message.ts == root && !message.is_deleted) {
        Some(message) => message.thread_ts.clone().unwrap_or(root),
        None => return Err(Refusal::new("thread_not_found")),
    };
    let replies = list.iter().filter(|message| message.thread_ts.as_ref() == Some(&root) && !message.is_deleted);
    let count = replies.clone().filter(|message| message.ts != root).count();
    let all: Vec<Value> = list
        .iter()
        .filter(|message| !message.is_deleted && (message.ts == root || message.thread_ts.as_ref() == Some(&root)))
        .filter(|message| message.ts == root || in_range(message, call))
        .map(|message| {
            let mut shown = message.json();
            if message.ts == root && count > 0 {
                shown["thread_ts"] = json!(root);
                shown["reply_count"] = json!(count);
            }
            shown
        })
        .collect();
    let (page, cursor) = paged(&all, call, 1_000)?;
    Ok(json!({ "messages": page, "has_more": !cursor.is_empty(), "response_metadata": { "next_cursor": cursor } }))
}

/// `users.info`.
pub(super) fn user(state: &mut State, call: &Call) -> Answered {
    let user = state
        .user(call.args.word("user"))
        .filter(|user| user.team == call.caller.team || call.caller.team.starts_with('E'));
    let user = user.ok_or_else(|| Refusal::new("user_not_found"))?;
    Ok(json!({ "user": user.json(call.args.flag("include_locale")) }))
}

/// `team.info`.
pub(super) fn team(_: &mut State, call: &Call) -> Answered {
    let id = call.args.text("team").unwrap_or(&call.caller.team);
    let (name, domain) = team_names(id);
    Ok(
        json!({ "team": { "id": id, "name": name, "domain": domain, "email_domain": "", "icon": { "image_default": true } } }),
    )
}
