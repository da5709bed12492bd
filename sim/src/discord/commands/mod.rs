//! Commands of the app: registering them, reading them back (dossier §6). What is refused is in `check`.

mod check;

pub(super) use self::check::choice_value;

use serde_json::{Value, json};

use super::call::{Answered, Call, Reply};
use super::people::APP;
use super::refusal::{Form, Refusal};
use super::state::State;
use crate::clock::DAY_MS;

/// New names that a scope takes in a day.
const CREATES_MAX: u32 = 200;

/// Whether Discord would take these commands.
///
/// # Errors
/// Discord's error document.
pub fn check_commands(list: &Value, is_global: bool) -> Result<(), Value> {
    check::judge(list, is_global, &[0, 1]).map_err(|refusal| refusal.json())
}

/// The scope in a call: a server, or all of them.
fn scope(state: &State, call: &Call) -> Result<String, Refusal> {
    if call.param("application_id") != APP {
        return Err(Refusal::new(20012));
    }
    let Some(guild) = call.params.get("guild_id") else { return Ok(String::new()) };
    if !state.guilds.get(guild).is_some_and(|guild| guild.has_app) {
        return Err(Refusal::new(50001));
    }
    Ok(guild.clone())
}

fn same(left: &Value, right: &Value) -> bool {
    left["name"] == right["name"] && kind(left) == kind(right)
}

/// 1 slash, 2 user menu, 3 message menu.
pub(super) fn kind(command: &Value) -> u64 {
    command["type"].as_u64().unwrap_or(1)
}

/// A command as it is kept, with its ids and defaults.
fn kept(state: &mut State, scope: &str, given: &Value, call: &Call) -> Value {
    let mut made = given.clone();
    let known = state.commands.get(scope).into_iter().flatten().find(|held| same(held, given)).cloned();
    if let Some(fields) = made.as_object_mut() {
        let mut set = |name: &str, value: Value| {
            if fields.get(name).is_none_or(Value::is_null) {
                fields.insert(name.to_owned(), value);
            }
        };
        for (name, value) in [
            ("type", json!(1)),
            ("description", json!("")),
            ("default_member_permissions", Value::Null),
            ("nsfw", json!(false)),
            ("name_localizations", Value::Null),
            ("description_localizations", Value::Null),
        ] {
            set(name, value);
        }
        if scope.is_empty() {
            set("contexts", Value::Null);
            set("integration_types", json!([0]));
            set("dm_permission", json!(true));
        }
        fields.insert("application_id".to_owned(), json!(APP));
        // A number comes back as a text.
        if let Some(number) = fields["default_member_permissions"].as_u64() {
            fields.insert("default_member_permissions".to_owned(), json!(number.to_string()));
        }
        if !scope.is_empty() {
            fields.insert("guild_id".to_owned(), json!(scope));
        }
        for name in ["id", "version"] {
            fields.remove(name);
        }
    }
    let bare = known.as_ref().map(|held| {
        let mut bare = held.clone();
        if let Some(fields) = bare.as_object_mut() {
            fields.retain(|name, _| name != "id" && name != "version");
        }
        bare
    });
    let is_unchanged = bare.as_ref() == Some(&made);
    let fresh = state.id(call.now_ms);
    let id = known.as_ref().map_or_else(|| json!(fresh), |held| held["id"].clone());
    let version = known.filter(|_| is_unchanged).map_or_else(|| json!(fresh), |held| held["version"].clone());
    made["id"] = id;
    made["version"] = version;
    made
}

fn count_creates(state: &mut State, scope: &str, list: &[Value], now_ms: i64) -> Result<(), Refusal> {
    let held = state.commands.get(scope).map(Vec::as_slice).unwrap_or_default();
    let new = list.iter().filter(|given| !held.iter().any(|held| same(held, given))).count();
    let new = u32::try_from(new).unwrap_or(u32::MAX);
    let count = state.command_creates.entry((scope.to_owned(), now_ms.div_euclid(DAY_MS))).or_default();
    if new > 0 && count.saturating_add(new) > CREATES_MAX {
        return Err(Refusal::new(30034));
    }
    *count += new;
    Ok(())
}

/// `PUT …/commands`: replaces all.
pub(super) fn replace(state: &mut State, call: &Call) -> Answered {
    let scope = scope(state, call)?;
    check::judge(call.json(), scope.is_empty(), &state.settings.integration_types)?;
    let list = call.json().as_array().cloned().unwrap_or_default();
    count_creates(state, &scope, &list, call.now_ms)?;
    let made: Vec<Value> = list.iter().map(|given| kept(state, &scope, given, call)).collect();
    state.commands.insert(scope, made.clone());
    Ok(Reply::ok(json!(made)))
}

/// `POST …/commands`: one more, or the one of the same name anew.
pub(super) fn create(state: &mut State, call: &Call) -> Answered {
    let scope = scope(state, call)?;
    let given = call.json().clone();
    if !given.is_object() {
        return Err(Form::one("", "BASE_TYPE_BAD_TYPE", "The body must be an object."));
    }
    let held = state.commands.get(&scope).cloned().unwrap_or_default();
    let mut all: Vec<Value> = held.iter().filter(|known| !same(known, &given)).cloned().collect();
    let is_new = all.len() == held.len();
    all.push(given.clone());
    // Of what is kept already only the names and the numbers matter.
    check::judge(&json!([given]), scope.is_empty(), &state.settings.integration_types)?;
    check::counts(&all)?;
    count_creates(state, &scope, std::slice::from_ref(&given), call.now_ms)?;
    let made = kept(state, &scope, &given, call);
    all.pop();
    all.push(made.clone());
    state.commands.insert(scope, all);
    Ok(if is_new { Reply::created(made) } else { Reply::ok(made) })
}

/// `GET …/commands`: localizations only when they are asked for.
pub(super) fn list(state: &mut State, call: &Call) -> Answered {
    let scope = scope(state, call)?;
    let mut all = state.commands.get(&scope).cloned().unwrap_or_default();
    if !call.says("with_localizations") {
        all.iter_mut().for_each(drop_localizations);
    }
    Ok(Reply::ok(json!(all)))
}

fn drop_localizations(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("name_localizations");
            fields.remove("description_localizations");
            fields.values_mut().for_each(drop_localizations);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_localizations),
        _ => {}
    }
}

/// `DELETE …/commands/{command_id}`.
pub(super) fn delete(state: &mut State, call: &Call) -> Answered {
    let scope = scope(state, call)?;
    let held = state.commands.entry(scope).or_default();
    let before = held.len();
    held.retain(|known| known["id"] != call.param("command_id"));
    if held.len() == before { Err(Refusal::new(10063)) } else { Ok(Reply::empty()) }
}

/// `GET …/commands/{command_id}`.
pub(super) fn get(state: &mut State, call: &Call) -> Answered {
    let scope = scope(state, call)?;
    let held = state.commands.get(&scope).into_iter().flatten();
    let found = held.into_iter().find(|known| known["id"] == call.param("command_id"));
    found.cloned().map(Reply::ok).ok_or_else(|| Refusal::new(10063))
}
