//! What comes after the first answer to an interaction: `@original` and follow-ups, by token (dossier §5.2).

use super::call::{Answered, Call, Reply};
use super::chat;
use super::content::{self, Before, LOADING, SUPPRESS_EMBEDS, V2};
use super::interaction::{self, Interaction, TOKEN_MS};
use super::message::Message;
use super::people::APP;
use super::refusal::Refusal;
use super::state::State;

/// Follow-ups where only a person installed the app.
const USER_FOLLOWUPS_MAX: usize = 5;

/// The interaction behind a token that is still good.
fn held<'a>(state: &'a State, call: &Call) -> Result<&'a Interaction, Refusal> {
    let token = call.param("webhook_token");
    let held = state.interactions.values().find(|held| held.token == token);
    let held = held.filter(|_| call.param("webhook_id") == APP).ok_or_else(|| Refusal::new(10015))?;
    if call.now_ms - held.issued_ms >= TOKEN_MS {
        return Err(Refusal::new(50027));
    }
    if held.answered.is_none() {
        return Err(Refusal::new(10015));
    }
    Ok(held)
}

/// The message that a path names.
fn message(state: &State, call: &Call) -> Result<Message, Refusal> {
    let held = held(state, call)?;
    let named = call.param("message_id");
    let id = if named == "@original" {
        held.original.as_deref().ok_or_else(|| Refusal::new(10008))?
    } else {
        let is_ours = held.original.as_deref() == Some(named) || held.followups.iter().any(|id| id == named);
        if !is_ours {
            return Err(Refusal::new(10008));
        }
        named
    };
    state.message(&held.channel, id).cloned().ok_or_else(|| Refusal::new(10008))
}

/// `POST /webhooks/{webhook_id}/{webhook_token}`.
pub(super) fn create(state: &mut State, call: &Call) -> Answered {
    let held = held(state, call)?;
    if held.is_user_only && held.followups.len() >= USER_FOLLOWUPS_MAX {
        return Err(Refusal::new(40094));
    }
    let id = held.id.clone();
    let original = held.original.clone();
    let parts = &call.body.parts;
    let draft = content::read(call.json(), parts, &Before::default())?;
    let flags = draft.flags.unwrap_or(0);
    let mut message = interaction::blank(state, &id, flags, call.now_ms).ok_or_else(|| Refusal::new(10015))?;
    message.command = None;
    if let (Some(metadata), Some(original)) = (&mut message.interaction, original) {
        metadata["original_response_message_id"] = original.into();
    }
    state.apply(&mut message, draft, parts, call.now_ms);
    let shown = state.message_json(&message, call.now_ms);
    if let Some(held) = state.interactions.get_mut(&id) {
        held.followups.push(message.id.clone());
    }
    chat::keep(state, message, call.now_ms);
    Ok(Reply::ok(shown))
}

/// `GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}`.
pub(super) fn get(state: &mut State, call: &Call) -> Answered {
    let message = message(state, call)?;
    Ok(Reply::ok(state.message_json(&message, call.now_ms)))
}

/// `PATCH` of the same. Who sees the message was fixed when it was made.
pub(super) fn edit(state: &mut State, call: &Call) -> Answered {
    let mut message = message(state, call)?;
    let parts = &call.body.parts;
    let draft = content::read(call.json(), parts, &state.before(&message))?;
    message.flags &= !LOADING;
    if let Some(flags) = draft.flags {
        let asks_ephemeral = flags & content::EPHEMERAL != 0;
        if asks_ephemeral && message.only_for.is_none() {
            state.violation("an edit: whether a message is ephemeral was fixed at the first answer, everybody sees it");
        }
        message.flags = (message.flags & !SUPPRESS_EMBEDS) | (flags & (SUPPRESS_EMBEDS | V2));
    }
    state.apply(&mut message, draft, parts, call.now_ms);
    Ok(Reply::ok(chat::replace(state, message, call.now_ms)))
}

/// `DELETE` of the same.
pub(super) fn delete(state: &mut State, call: &Call) -> Answered {
    let message = message(state, call)?;
    chat::remove(state, &message.channel, &message.id);
    Ok(Reply::empty())
}
