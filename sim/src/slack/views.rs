//! `views.*`: modals in stacks of three and home tabs (dossier §5.2, §10).

use serde_json::{Map, Value, json};

use super::api::{Answered, Call};
use super::blocks;
use super::chat;
use super::message::Choices;
use super::people::{APP, bot_of};
use super::refusal::Refusal;
use super::state::{State, Trigger, secret};

/// Views above one another.
const STACK_MAX: usize = 3;
/// How long a trigger lives.
const TRIGGER_MS: i64 = 3_000;

/// A view that somebody sees or saw.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) team: String,
    /// As the API shows it.
    pub(super) body: Map<String, Value>,
    pub(super) is_open: bool,
    pub(super) choices: Choices,
}

impl View {
    /// As the API shows it.
    pub(super) fn json(&self) -> Value {
        Value::Object(self.body.clone())
    }

    /// As a test wants to see it.
    pub(super) fn inspect(&self) -> Value {
        let mut seen = self.json();
        seen["user"] = json!(self.user);
        seen["is_open"] = json!(self.is_open);
        seen
    }

    fn word(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its place in the stack, for those who follow.
    pub(super) fn root(&self) -> String {
        let root = self.word("root_view_id");
        if root.is_empty() { self.id.clone() } else { root.to_owned() }
    }
}

/// Judges a view as it came.
pub(super) fn judged(state: &State, view: &Value, wanted: &str) -> Result<(), Refusal> {
    blocks::judge_view(view, wanted).map_err(|verdict| Refusal::telling(verdict.error, &verdict.messages))?;
    let external = view["external_id"].as_str().filter(|id| !id.is_empty());
    let taken =
        external.is_some_and(|id| state.views.values().any(|known| known.is_open && known.word("external_id") == id));
    if taken { Err(Refusal::new("duplicate_external_id")) } else { Ok(()) }
}

/// Makes a view of what came; `after` is the one below it.
pub(super) fn build(state: &mut State, view: &Value, of: (&str, &str), after: Option<&View>, now_ms: i64) -> View {
    let id = state.id("V");
    let bot = bot_of(of.0).1;
    let mut body = view.as_object().cloned().unwrap_or_default();
    if let Some(list) = body.get_mut("blocks") {
        chat::settle(state, list);
    }
    let filled = [
        ("private_metadata", json!("")),
        ("callback_id", json!("")),
        ("external_id", json!("")),
        ("clear_on_close", json!(false)),
        ("notify_on_close", json!(false)),
        ("title", json!({ "type": "plain_text", "text": "View Title", "emoji": true })),
        ("submit", Value::Null),
        ("close", Value::Null),
    ];
    for (name, value) in filled {
        body.entry(name).or_insert(value);
    }
    let root = after.map_or_else(|| id.clone(), View::root);
    let known = [
        ("id", json!(id)),
        ("team_id", json!(of.0)),
        ("app_id", json!(APP)),
        ("app_installed_team_id", json!(of.0)),
        ("bot_id", json!(bot)),
        ("hash", json!(fresh_hash(now_ms))),
        ("root_view_id", json!(root)),
        ("previous_view_id", after.map_or(Value::Null, |view| json!(view.id))),
        ("state", json!({ "values": {} })),
    ];
    for (name, value) in known {
        body.insert(name.to_owned(), value);
    }
    View { id, user: of.1.to_owned(), team: of.0.to_owned(), body, is_open: true, choices: Choices::new() }
}

fn fresh_hash(now_ms: i64) -> String {
    format!("{}.{}", now_ms / 1_000, secret())
}

/// Shows a view above the others of this person.
pub(super) fn push_on(state: &mut State, view: View) -> Result<Value, Refusal> {
    let stack = state.stacks.entry(view.user.clone()).or_default();
    if stack.len() >= STACK_MAX {
        return Err(Refusal::new("push_limit_reached"));
    }
    stack.push(view.id.clone());
    let shown = view.json();
    state.views.insert(view.id.clone(), view);
    Ok(shown)
}

/// Closes the view on top, or all of them.
pub(super) fn close(state: &mut State, user: &str, all: bool) {
    let stack = state.stacks.entry(user.to_owned()).or_default();
    let keep = if all { 0 } else { stack.len().saturating_sub(1) };
    for id in stack.split_off(keep) {
        if let Some(view) = state.views.get_mut(&id) {
            view.is_open = false;
        }
    }
}

/// Puts new content into a view; what was chosen in blocks that stay is kept.
pub(super) fn replace(state: &mut State, id: &str, view: &Value, now_ms: i64) -> Result<Value, Refusal> {
    let old = state.views.get(id).cloned().ok_or_else(|| Refusal::new("not_found"))?;
    let mut fresh = build(state, view, (&old.team, &old.user), None, now_ms);
    for name in ["id", "root_view_id", "previous_view_id"] {
        fresh.body.insert(name.to_owned(), old.body.get(name).cloned().unwrap_or_default());
    }
    let shown = fresh.json();
    let has = |block: &str, action: &str| {
        let blocks = shown["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
        blocks
            .iter()
            .any(|held| held["block_id"] == block && held.to_string().contains(&format!("\"action_id\":\"{action}\"")))
    };
    let choices = old.choices.into_iter().filter(|((block, action), _)| has(block, action)).collect();
    state.views.insert(id.to_owned(), View { id: old.id, is_open: old.is_open, choices, ..fresh });
    Ok(shown)
}

/// Takes the trigger that a call names.
fn trigger(state: &mut State, call: &Call) -> Result<Trigger, Refusal> {
    let team = &call.caller.team;
    let trigger = state.triggers.get_mut(call.args.word("trigger_id"));
    let trigger = trigger.filter(|held| held.team == *team || team.starts_with('E'));
    let trigger = trigger.ok_or_else(|| Refusal::new("invalid_trigger_id"))?;
    if trigger.is_used {
        return Err(Refusal::new("exchanged_trigger_id"));
    }
    if call.now_ms - trigger.issued_ms > TRIGGER_MS {
        return Err(Refusal::new("expired_trigger_id"));
    }
    trigger.is_used = true;
    Ok(trigger.clone())
}

fn given(call: &Call) -> Result<Value, Refusal> {
    Ok(call.args.structure("view")?.unwrap_or_default())
}

/// `views.open`.
pub(super) fn open(state: &mut State, call: &Call) -> Answered {
    let view = given(call)?;
    judged(state, &view, "modal")?;
    let trigger = trigger(state, call)?;
    close(state, &trigger.user, true);
    let view = build(state, &view, (&trigger.team, &trigger.user), None, call.now_ms);
    let shown = push_on(state, view)?;
    Ok(json!({ "view": shown }))
}

/// `views.push`.
pub(super) fn push(state: &mut State, call: &Call) -> Answered {
    let view = given(call)?;
    judged(state, &view, "modal")?;
    let trigger = trigger(state, call)?;
    let below = trigger.view.as_ref().and_then(|id| state.views.get(id)).filter(|below| below.is_open).cloned();
    let below = below.ok_or_else(|| Refusal::new("not_found"))?;
    let view = build(state, &view, (&trigger.team, &trigger.user), Some(&below), call.now_ms);
    let shown = push_on(state, view)?;
    Ok(json!({ "view": shown }))
}

/// `views.update`.
pub(super) fn update(state: &mut State, call: &Call) -> Answered {
    let view = given(call)?;
    let id = match (call.args.text("view_id"), call.args.text("external_id")) {
        (Some(id), _) => state.views.get(id).map(|known| known.id.clone()),
        (None, Some(external)) => state
            .views
            .values()
            .find(|known| known.is_open && known.word("external_id") == external)
            .map(|known| known.id.clone()),
        (None, None) => return Err(Refusal::arguments("missing required field: view_id")),
    };
    let known = id.and_then(|id| state.views.get_mut(&id)).filter(|known| known.is_open);
    let known = known.ok_or_else(|| Refusal::new("not_found").excused())?;
    if call.args.text("hash").is_some_and(|hash| hash != known.word("hash")) {
        return Err(Refusal::new("hash_conflict"));
    }
    let id = known.id.clone();
    // Its own external id is not taken by somebody else.
    let external = known.body.remove("external_id");
    let verdict = judged(state, &view, "modal");
    if let (Some(external), Some(known)) = (external, state.views.get_mut(&id)) {
        known.body.insert("external_id".to_owned(), external);
    }
    verdict?;
    let shown = replace(state, &id, &view, call.now_ms)?;
    Ok(json!({ "view": shown }))
}

/// `views.publish`.
pub(super) fn publish(state: &mut State, call: &Call) -> Answered {
    let view = given(call)?;
    let user = call.args.word("user_id").to_owned();
    let team = state.user(&user).map(|user| user.team.clone()).ok_or_else(|| Refusal::new("user_not_found"))?;
    if team != call.caller.team && !call.caller.team.starts_with('E') {
        return Err(Refusal::new("user_not_found"));
    }
    judged(state, &view, "home")?;
    let known = state.homes.get(&user);
    if let Some(hash) = call.args.text("hash")
        && known.is_some_and(|known| known.word("hash") != hash)
    {
        return Err(Refusal::new("hash_conflict"));
    }
    let id = known.map(|known| known.id.clone());
    let mut view = build(state, &view, (&team, &user), None, call.now_ms);
    if let Some(id) = id {
        view.body.insert("id".to_owned(), json!(id));
        view.body.insert("root_view_id".to_owned(), json!(id));
        view.id = id;
    }
    let shown = view.json();
    state.homes.insert(user, view);
    Ok(json!({ "view": shown }))
}
