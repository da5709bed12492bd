//! Interactions from the moment they are made: what answers them, how long, and how often (dossier §5.2). What people do to make one is in
//! `acts` and `press`; follow-ups are in `followup`.

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::body::Part;
use super::call::{Answered, Call, Reply};
use super::chat;
use super::commands::choice_value;
use super::components::modal;
use super::content::{self, Before, EPHEMERAL, LOADING, SILENT, SUPPRESS_EMBEDS, V2};
use super::message::Message;
use super::people::APP;
use super::refusal::{Form, Refusal};
use super::state::State;

/// How long a token is good.
pub(super) const TOKEN_MS: i64 = 15 * 60_000;
/// Choices of an autocomplete.
const CHOICES_MAX: usize = 25;

/// Kinds of interactions.
pub(super) const COMMAND: u64 = 2;
pub(super) const COMPONENT: u64 = 3;
pub(super) const AUTOCOMPLETE: u64 = 4;
pub(super) const SUBMIT: u64 = 5;

/// One interaction.
#[derive(Debug)]
pub(super) struct Interaction {
    pub(super) id: String,
    pub(super) token: String,
    pub(super) kind: u64,
    pub(super) user: String,
    pub(super) channel: String,
    /// The message whose component was used, for a modal too that came from one.
    pub(super) message: Option<String>,
    pub(super) issued_ms: i64,
    /// The type of the callback that answered it.
    pub(super) answered: Option<u64>,
    /// What `@original` is.
    pub(super) original: Option<String>,
    pub(super) followups: Vec<String>,
    /// Whether only a person installed the app, and no server.
    pub(super) is_user_only: bool,
    pub(super) metadata: Value,
    pub(super) payload: Value,
    pub(super) command: Option<String>,
    /// Nobody answered in time.
    pub(super) is_dead: bool,
    /// Whoever waits for the answer.
    pub(super) tell: Option<oneshot::Sender<Value>>,
}

/// A modal in front of somebody.
#[derive(Clone, Debug)]
pub(super) struct Modal {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) channel: String,
    pub(super) message: Option<String>,
    pub(super) data: Value,
    /// The interaction that opened it.
    pub(super) from: Value,
    pub(super) is_open: bool,
}

impl Modal {
    /// For a test.
    pub(super) fn inspect(&self) -> Value {
        json!({ "id": self.id, "user": self.user, "channel": self.channel, "message": self.message, "custom_id": self.data["custom_id"],
            "title": self.data["title"], "components": self.data["components"] })
    }
}

fn wrong_type(allowed: &str) -> Refusal {
    Form::one("type", "BASE_TYPE_CHOICES", &format!("Value must be one of {{{allowed}}}."))
}

/// Which callbacks a kind takes.
fn fits(kind: u64, has_message: bool, callback: u64) -> Result<(), Refusal> {
    let allowed: &[u64] = match (kind, has_message) {
        (COMMAND, _) => &[4, 5, 9, 12],
        (COMPONENT, _) => &[4, 5, 6, 7, 9, 12],
        (AUTOCOMPLETE, _) => &[8],
        (SUBMIT, true) => &[4, 5, 6, 7, 12],
        (SUBMIT, false) => &[4, 5, 12],
        _ => &[1],
    };
    if allowed.contains(&callback) {
        return Ok(());
    }
    let words: Vec<String> = allowed.iter().map(u64::to_string).collect();
    Err(wrong_type(&words.join(", ")))
}

/// What a good callback led to: the message, when there is one.
#[derive(Debug, Default)]
pub(super) struct Done {
    message: Option<Value>,
}

/// Answers an interaction.
pub(super) fn answer(state: &mut State, id: &str, body: &Value, parts: &[Part], now_ms: i64) -> Result<Done, Refusal> {
    let held = state.interactions.get(id).ok_or_else(|| Refusal::new(10062))?;
    if held.answered.is_some() {
        return Err(Refusal::new(40060));
    }
    let patience = i64::try_from(state.settings.ack_ms).unwrap_or(i64::MAX);
    if held.is_dead || now_ms - held.issued_ms > patience {
        return Err(Refusal::new(10062));
    }
    let callback =
        body["type"].as_u64().ok_or_else(|| Form::one("type", "BASE_TYPE_REQUIRED", "This field is required"))?;
    fits(held.kind, held.message.is_some(), callback)?;
    let data = body.get("data").cloned().unwrap_or_default();
    let mut done = Done::default();
    let mut original = None;
    match callback {
        4 => (done.message, original) = reply(state, id, &data, parts, now_ms)?,
        5 => original = Some(think(state, id, content::only_flags(&data)?, now_ms)),
        6 => {
            content::only_flags(&data)?;
            original.clone_from(&held.message);
        }
        7 => (done.message, original) = update(state, id, &data, parts, now_ms)?,
        8 => complete(&held.payload, &data)?,
        9 => {
            modal::judge(&data)?;
            open_modal(state, id, data, now_ms);
        }
        _ => state.violation("a callback of type 12: the app has no activity"),
    }
    if let Some(held) = state.interactions.get_mut(id) {
        held.answered = Some(callback);
        held.original = original;
        if let Some(tell) = held.tell.take() {
            let _ = tell.send(body.clone());
        }
    }
    Ok(done)
}

/// A message through an interaction, with nothing in it yet.
pub(super) fn blank(state: &mut State, id: &str, flags: u64, now_ms: i64) -> Option<Message> {
    let fresh = state.id(now_ms);
    let held = state.interactions.get(id)?;
    let mut message = Message::new(&fresh, &held.channel, APP, now_ms);
    message.flags = flags & (SUPPRESS_EMBEDS | EPHEMERAL | SILENT | V2);
    message.only_for = (flags & EPHEMERAL != 0).then(|| held.user.clone());
    message.interaction = Some(held.metadata.clone());
    message.command.clone_from(&held.command);
    Some(message)
}

type Made = (Option<Value>, Option<String>);

fn reply(state: &mut State, id: &str, data: &Value, parts: &[Part], now_ms: i64) -> Result<Made, Refusal> {
    let draft = content::read(data, parts, &Before::default()).map_err(in_data)?;
    let mut message = blank(state, id, draft.flags.unwrap_or(0), now_ms).ok_or_else(|| Refusal::new(10062))?;
    message.kind = kind_of_answer(state, id);
    state.apply(&mut message, draft, parts, now_ms);
    let shown = state.message_json(&message, now_ms);
    let made = message.id.clone();
    chat::keep(state, message, now_ms);
    Ok((Some(shown), Some(made)))
}

fn kind_of_answer(state: &State, id: &str) -> u8 {
    let Some(held) = state.interactions.get(id).filter(|held| held.kind == COMMAND) else { return 0 };
    if held.payload["data"]["type"] == 1 { 20 } else { 23 }
}

fn think(state: &mut State, id: &str, flags: u64, now_ms: i64) -> String {
    let kind = kind_of_answer(state, id);
    let Some(mut message) = blank(state, id, flags, now_ms) else { return String::new() };
    message.flags |= LOADING;
    message.kind = kind;
    let made = message.id.clone();
    chat::keep(state, message, now_ms);
    made
}

/// Faults of a callback are found below `data`.
fn in_data(mut refusal: Refusal) -> Refusal {
    refusal.errors = refusal.errors.map(|errors| json!({ "data": errors }));
    refusal
}

fn update(state: &mut State, id: &str, data: &Value, parts: &[Part], now_ms: i64) -> Result<Made, Refusal> {
    let held = state.interactions.get(id).ok_or_else(|| Refusal::new(10062))?;
    let source = held.message.clone().and_then(|message| state.message(&held.channel, &message)).cloned();
    let mut message = source.ok_or_else(|| Refusal::new(10008))?;
    let draft = content::read(data, parts, &state.before(&message)).map_err(in_data)?;
    if let Some(flags) = draft.flags {
        message.flags = (message.flags & !SUPPRESS_EMBEDS) | (flags & (SUPPRESS_EMBEDS | V2));
    }
    state.apply(&mut message, draft, parts, now_ms);
    let made = message.id.clone();
    Ok((Some(chat::replace(state, message, now_ms)), Some(made)))
}

/// Judges the choices of an autocomplete.
fn complete(payload: &Value, data: &Value) -> Result<(), Refusal> {
    let mut form = Form::default();
    let Some(list) = data["choices"].as_array() else {
        return Err(Form::one("data.choices", "BASE_TYPE_REQUIRED", "This field is required"));
    };
    if list.len() > CHOICES_MAX {
        form.fault("data.choices", "BASE_TYPE_MAX_LENGTH", format!("Must be {CHOICES_MAX} or fewer in length."));
    }
    let found = focused(&payload["data"]).unwrap_or(3);
    for (at, choice) in list.iter().enumerate() {
        let path = format!("data.choices.{at}");
        let local = choice["name_localizations"].as_object().into_iter().flatten().map(|(_, name)| name);
        for name in std::iter::once(&choice["name"]).chain(local) {
            if !name.as_str().is_some_and(|name| (1..=100).contains(&content::units(name))) {
                form.bad_length(&format!("{path}.name"), 1, 100);
            }
        }
        choice_value(&mut form, &choice["value"], &format!("{path}.value"), found);
    }
    form.verdict()
}

/// The type of the option that is typed.
fn focused(data: &Value) -> Option<u64> {
    data["options"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|option| if option["focused"] == true { option["type"].as_u64() } else { focused(option) })
}

fn open_modal(state: &mut State, id: &str, mut data: Value, now_ms: i64) {
    let fresh = state.id(now_ms);
    let Some(held) = state.interactions.get(id) else { return };
    if let Some(list) = data["components"].as_array() {
        data["components"] = json!(super::components::shape::all(list));
    }
    let modal = Modal {
        id: fresh,
        user: held.user.clone(),
        channel: held.channel.clone(),
        message: held.message.clone(),
        data,
        from: held.metadata.clone(),
        is_open: true,
    };
    // A person sees one modal at a time.
    for open in state.modals.iter_mut().filter(|open| open.user == modal.user) {
        open.is_open = false;
    }
    state.modals.push(modal);
}

/// `POST /interactions/{interaction_id}/{interaction_token}/callback`.
pub(super) fn callback(state: &mut State, call: &Call) -> Answered {
    let id = call.param("interaction_id");
    let held = state.interactions.get(id).filter(|held| held.token == call.param("interaction_token"));
    let kind = held.ok_or_else(|| Refusal::new(10062))?.kind;
    let done = answer(state, id, call.json(), &call.body.parts, call.now_ms)?;
    if !call.says("with_response") {
        return Ok(Reply::empty());
    }
    let Some(held) = state.interactions.get(id) else { return Err(Refusal::new(10062)) };
    let message = held.original.as_deref().and_then(|message| state.message(&held.channel, message));
    let mut about = json!({ "id": id, "type": kind, "channel_id": held.channel });
    if let Some(guild) = state.guild_of(&held.channel) {
        about["guild_id"] = json!(guild.id);
    }
    if let Some(message) = message {
        about["response_message_id"] = json!(message.id);
        about["response_message_loading"] = json!(message.flags & LOADING != 0);
        about["response_message_ephemeral"] = json!(message.flags & EPHEMERAL != 0);
    }
    let mut shown = json!({ "interaction": about });
    if let Some(message) = done.message {
        shown["resource"] = json!({ "type": held.answered, "message": message });
    }
    Ok(Reply::ok(shown))
}
