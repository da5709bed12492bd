//! Messages over REST (dossier §8): creating, editing, reading, deleting, and what keeps the app from it.

use serde_json::{Value, json};

use super::call::{Answered, Call, Reply};
use super::content::{self, Before, SILENT, SUPPRESS_EMBEDS, V2};
use super::gateway::Event;
use super::message::Message;
use super::people::{APP, DM};
use super::perms;
use super::refusal::{Form, Refusal};
use super::state::{State, id_of};

/// A nonce is remembered so long: "a few minutes" in the documentation, the least of them here.
const NONCE_MS: i64 = 120_000;
/// A message is old after an hour; so many edits of old ones in an hour are taken.
const OLD_MS: i64 = 3_600_000;
const OLD_EDITS_MAX: usize = 5;

/// The channel, when the app sees it.
pub(super) fn seen(state: &State, channel: &str) -> Result<u64, Refusal> {
    if !state.channels.contains_key(channel) {
        return Err(Refusal::new(10003));
    }
    match state.app_may(channel) {
        0 => Err(Refusal::new(50001)),
        may => Ok(may),
    }
}

/// The channel, when the app may do this there.
pub(super) fn need(state: &State, channel: &str, permission: u64) -> Result<u64, Refusal> {
    let may = seen(state, channel)?;
    if may & permission == permission { Ok(may) } else { Err(Refusal::new(50013)) }
}

/// Whether the app may write here; an archived thread wakes up.
fn may_write(state: &mut State, channel: &str, now_ms: i64) -> Result<u64, Refusal> {
    let may = seen(state, channel)?;
    let own = state.messages.get(channel).into_iter().flatten().rev().find(|held| held.author == APP);
    let last_ms = own.map(|held| held.created_ms);
    let Some(known) = state.channels.get_mut(channel) else { return Err(Refusal::new(10003)) };
    let needed = if known.is_thread() { perms::SEND_MESSAGES_IN_THREADS } else { perms::SEND_MESSAGES };
    if may & needed == 0 {
        return Err(Refusal::new(50013));
    }
    if known.is_archived && known.is_locked {
        return Err(Refusal::new(50083));
    }
    let slow_ms = i64::try_from(known.slow_s.saturating_mul(1_000)).unwrap_or(i64::MAX);
    if may & perms::MANAGE_MESSAGES == 0 && last_ms.is_some_and(|last_ms| now_ms - last_ms < slow_ms) {
        return Err(Refusal::new(20016));
    }
    known.is_archived = false;
    if known.kind == DM {
        let person = known.people.first().cloned().unwrap_or_default();
        let meets = state.guilds.values().any(|guild| guild.has_app && guild.members.contains_key(&person));
        if !state.users.get(&person).is_some_and(|user| user.takes_dms && (meets || user.has_app)) {
            return Err(Refusal::new(50007));
        }
    }
    Ok(may)
}

/// `POST /channels/{channel_id}/messages`.
pub(super) fn create(state: &mut State, call: &Call) -> Answered {
    let channel = call.param("channel_id");
    let may = may_write(state, channel, call.now_ms)?;
    let body = call.json();
    let parts = &call.body.parts;
    let draft = content::read(body, parts, &Before::default())?;
    let lacks = (!draft.files.is_empty() && may & perms::ATTACH_FILES == 0)
        || (draft.embeds.as_ref().is_some_and(|list| !list.is_empty()) && may & perms::EMBED_LINKS == 0);
    if lacks {
        return Err(Refusal::new(50013));
    }
    let nonce = nonce(body)?;
    let key = nonce.as_ref().map(|nonce| format!("{channel} {nonce}"));
    let is_enforced = body["enforce_nonce"] == true;
    if let Some((at_ms, there, id)) =
        key.as_ref().filter(|_| is_enforced).and_then(|key| state.nonces.get(key)).cloned()
        && call.now_ms - at_ms < NONCE_MS
        && let Some(held) = state.message(&there, &id)
    {
        return Ok(Reply::ok(state.message_json(held, call.now_ms)));
    }
    let id = state.id(call.now_ms);
    let mut message = Message::new(&id, channel, APP, call.now_ms);
    message.replies_to = reference(state, channel, may, body)?;
    message.kind = if message.replies_to.is_some() { 19 } else { 0 };
    let asked = draft.flags.unwrap_or(0);
    if asked & content::EPHEMERAL != 0 {
        state.violation("a message: EPHEMERAL means nothing here, everybody sees it");
    }
    message.flags = asked & (SUPPRESS_EMBEDS | SILENT | V2);
    message.nonce = nonce;
    state.apply(&mut message, draft, parts, call.now_ms);
    message.pings.everyone &= may & perms::MENTION_EVERYONE != 0;
    if let Some(key) = key.filter(|_| is_enforced) {
        state.nonces.insert(key, (call.now_ms, channel.to_owned(), id));
    }
    let shown = state.message_json(&message, call.now_ms);
    keep(state, message, call.now_ms);
    Ok(Reply::ok(shown))
}

fn nonce(body: &Value) -> Result<Option<Value>, Refusal> {
    match &body["nonce"] {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() > 25 => {
            Err(Form::one("nonce", "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer in length."))
        }
        nonce @ (Value::String(_) | Value::Number(_)) => Ok(Some(nonce.clone())),
        _ => Err(Form::one("nonce", "BASE_TYPE_BAD_TYPE", "Value must be a string or an integer.")),
    }
}

/// The message that is answered; none when it is gone and that does not matter.
fn reference(state: &State, channel: &str, may: u64, body: &Value) -> Result<Option<String>, Refusal> {
    let reference = &body["message_reference"];
    if reference.is_null() {
        return Ok(None);
    }
    let id = id_of(&reference["message_id"])
        .ok_or_else(|| Form::one("message_reference.message_id", "BASE_TYPE_REQUIRED", "This field is required"))?;
    if reference["type"].as_u64().unwrap_or(0) != 0 {
        return Err(Form::one("message_reference.type", "SIM_UNKNOWN", "The simulated Discord forwards nothing."));
    }
    if may & perms::READ_MESSAGE_HISTORY == 0 {
        return Err(Refusal::new(160_002));
    }
    let elsewhere = id_of(&reference["channel_id"]).is_some_and(|named| named != channel);
    if !elsewhere && state.message(channel, &id).is_some_and(|held| held.only_for.is_none()) {
        return Ok(Some(id));
    }
    if reference["fail_if_not_exists"] == false {
        return Ok(None);
    }
    let mut refusal = Form::one("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
    // It may have been deleted a moment ago.
    refusal.is_excused = true;
    Err(refusal)
}

/// Puts a message into its channel and tells of it.
pub(super) fn keep(state: &mut State, message: Message, now_ms: i64) {
    let channel = message.channel.clone();
    if message.only_for.is_none() {
        if let Some(known) = state.channels.get_mut(&channel) {
            known.last_message = Some(message.id.clone());
            known.message_count += 1;
        }
        let event = Event::message("MESSAGE_CREATE", state, &message, now_ms);
        state.messages.entry(channel).or_default().push(message);
        state.dispatch(&event);
    } else {
        state.messages.entry(channel).or_default().push(message);
    }
}

/// Replaces a message by what it became, and tells of it.
pub(super) fn replace(state: &mut State, mut message: Message, now_ms: i64) -> Value {
    message.edited_ms = Some(now_ms);
    message.edits.push((now_ms, message.content.clone()));
    let shown = state.message_json(&message, now_ms);
    let event = message.only_for.is_none().then(|| Event::message("MESSAGE_UPDATE", state, &message, now_ms));
    if let Some(held) = state.message_mut(&message.channel, &message.id) {
        *held = message.clone();
    }
    if let Some(event) = event {
        state.dispatch(&event);
    }
    shown
}

/// A message that the app may see.
fn held(state: &State, call: &Call) -> Result<Message, Refusal> {
    let channel = call.param("channel_id");
    seen(state, channel)?;
    let message = state.message(channel, call.param("message_id"));
    message.filter(|message| message.only_for.is_none()).cloned().ok_or_else(|| Refusal::new(10008))
}

/// `GET /channels/{channel_id}/messages/{message_id}`.
pub(super) fn get(state: &mut State, call: &Call) -> Answered {
    need(state, call.param("channel_id"), perms::READ_MESSAGE_HISTORY)?;
    Ok(Reply::ok(state.message_json(&held(state, call)?, call.now_ms)))
}

/// `PATCH /channels/{channel_id}/messages/{message_id}`.
pub(super) fn edit(state: &mut State, call: &Call) -> Answered {
    let mut message = held(state, call)?;
    if message.author != APP {
        return Err(Refusal::new(50005));
    }
    if state.channels.get(&message.channel).is_some_and(|known| known.is_archived) {
        return Err(Refusal::new(50083));
    }
    if call.now_ms - message.created_ms > OLD_MS {
        let edits = state.old_edits.entry(message.channel.clone()).or_default();
        edits.retain(|at_ms| call.now_ms - at_ms < OLD_MS);
        if edits.len() >= OLD_EDITS_MAX {
            return Err(Refusal::new(30046));
        }
        edits.push(call.now_ms);
    }
    let parts = &call.body.parts;
    let draft = content::read(call.json(), parts, &state.before(&message))?;
    if let Some(flags) = draft.flags {
        message.flags = (message.flags & !SUPPRESS_EMBEDS) | (flags & (SUPPRESS_EMBEDS | V2));
    }
    state.apply(&mut message, draft, parts, call.now_ms);
    Ok(Reply::ok(replace(state, message, call.now_ms)))
}

/// Takes a message away and tells of it.
pub(super) fn remove(state: &mut State, channel: &str, id: &str) {
    let Some(message) = state.message_mut(channel, id) else { return };
    message.is_deleted = true;
    let is_public = message.only_for.is_none();
    if is_public {
        let event = Event::deleted(state, channel, id);
        state.dispatch(&event);
    }
}

/// `DELETE /channels/{channel_id}/messages/{message_id}`.
pub(super) fn delete(state: &mut State, call: &Call) -> Answered {
    let message = held(state, call)?;
    if message.author != APP {
        if state.channels.get(&message.channel).is_some_and(super::people::Channel::is_private) {
            return Err(Refusal::new(50003));
        }
        need(state, &message.channel, perms::MANAGE_MESSAGES)?;
    }
    remove(state, &message.channel, &message.id);
    Ok(Reply::empty())
}

/// `GET /channels/{channel_id}/messages`: newest first.
pub(super) fn list(state: &mut State, call: &Call) -> Answered {
    let channel = call.param("channel_id");
    let may = seen(state, channel)?;
    if may & perms::READ_MESSAGE_HISTORY == 0 {
        return Ok(Reply::ok(json!([])));
    }
    let number = |name: &str| call.query.get(name).map(|word| word.parse::<u64>());
    let limit = match number("limit") {
        None => 50,
        Some(Ok(limit @ 1..=100)) => usize::try_from(limit).unwrap_or(100),
        Some(_) => {
            return Err(Form::one("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100."));
        }
    };
    let bound = |name: &str| number(name).and_then(Result::ok);
    let (before, after, around) = (bound("before"), bound("after"), bound("around"));
    let id = |message: &Message| message.id.parse::<u64>().unwrap_or(0);
    let all = state.messages.get(channel).into_iter().flatten();
    let mut found: Vec<&Message> = all.filter(|held| !held.is_deleted && held.only_for.is_none()).collect();
    found.retain(|held| before.is_none_or(|before| id(held) < before) && after.is_none_or(|after| id(held) > after));
    if let Some(around) = around {
        found.sort_by_key(|held| id(held).abs_diff(around));
        found.truncate(limit);
        found.sort_by_key(|held| id(held));
    } else if after.is_some() {
        found.truncate(limit);
    } else {
        found.drain(..found.len().saturating_sub(limit));
    }
    let shown: Vec<Value> = found.into_iter().rev().map(|held| state.message_json(held, call.now_ms)).collect();
    Ok(Reply::ok(json!(shown)))
}

/// `PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me`.
pub(super) fn react(state: &mut State, call: &Call) -> Answered {
    need(state, call.param("channel_id"), perms::ADD_REACTIONS | perms::READ_MESSAGE_HISTORY)?;
    let mut message = held(state, call)?;
    let emoji = call.param("emoji_name").to_owned();
    if emoji.is_empty() || emoji.chars().all(|c| c.is_ascii_alphabetic()) {
        return Err(Refusal::new(10014));
    }
    let reaction = (emoji, APP.to_owned());
    if !message.reactions.contains(&reaction) {
        message.reactions.push(reaction);
    }
    if let Some(held) = state.message_mut(&message.channel, &message.id) {
        held.reactions = message.reactions;
    }
    Ok(Reply::empty())
}

/// `DELETE` of the same.
pub(super) fn unreact(state: &mut State, call: &Call) -> Answered {
    let message = held(state, call)?;
    let emoji = call.param("emoji_name").to_owned();
    if let Some(held) = state.message_mut(&message.channel, &message.id) {
        held.reactions.retain(|(known, user)| *known != emoji || user != APP);
    }
    Ok(Reply::empty())
}
