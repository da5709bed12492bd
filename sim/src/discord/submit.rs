//! What a filled-in modal sends, in the new form and in the older one, and what may be chosen in a select (dossier §5.1, §7.3).

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::components::kind;
use super::content::units;
use super::interaction::Modal;
use super::state::State;

/// Components on the wire, and ids that they name.
pub(super) struct Filled {
    pub(super) components: Vec<Value>,
    pub(super) named: Vec<(&'static str, String)>,
}

type Named = Vec<(&'static str, String)>;

/// Whether these values could be chosen; the ids among them.
pub(super) fn chosen(state: &State, channel: &str, select: &Value, values: &[String]) -> anyhow::Result<Named> {
    let number = |name: &str, without: u64| usize::try_from(select[name].as_u64().unwrap_or(without)).unwrap_or(1);
    let least = if select["required"] == false { 0 } else { number("min_values", 1) };
    if values.len() < least || values.len() > number("max_values", 1) {
        bail!("{} values cannot be chosen", values.len());
    }
    let mut named = Vec::new();
    for value in values {
        match select["type"].as_u64().unwrap_or(0) {
            kind::STRING_SELECT => {
                let options = select["options"].as_array().into_iter().flatten();
                if !options.into_iter().any(|option| option["value"] == **value) {
                    bail!("{value} is no option");
                }
            }
            kind::USER_SELECT => named.push(("user", value.clone())),
            kind::ROLE_SELECT => named.push(("role", value.clone())),
            kind::CHANNEL_SELECT => named.push(("channel", value.clone())),
            kind::MENTIONABLE_SELECT => {
                let is_user = state.users.contains_key(value);
                named.push((if is_user { "user" } else { "role" }, value.clone()));
            }
            _ => bail!("nothing is chosen in this"),
        }
    }
    if !state.channels.contains_key(channel) {
        bail!("there is no such channel");
    }
    Ok(named)
}

/// Fills a modal in.
pub(super) fn fill(state: &State, modal: &Modal, values: &[(&str, Value)]) -> anyhow::Result<Filled> {
    let mut filled = Filled { components: Vec::new(), named: Vec::new() };
    let mut used = 0;
    for component in modal.data["components"].as_array().into_iter().flatten() {
        let id = &component["id"];
        let shown = match component["type"].as_u64().unwrap_or(0) {
            kind::ROW => {
                let input = component["components"].get(0).cloned().unwrap_or_default();
                let child = one(state, modal, &input, (values, &mut used), &mut filled.named)?;
                json!({ "type": kind::ROW, "id": id, "components": [child] })
            }
            kind::LABEL => {
                let child = one(state, modal, &component["component"], (values, &mut used), &mut filled.named)?;
                json!({ "type": kind::LABEL, "id": id, "component": child })
            }
            other => json!({ "type": other, "id": id }),
        };
        filled.components.push(shown);
    }
    if used < values.len() {
        bail!("a value was given for something that is not in the modal");
    }
    Ok(filled)
}

fn one(
    state: &State,
    modal: &Modal,
    component: &Value,
    values: (&[(&str, Value)], &mut usize),
    named: &mut Named,
) -> anyhow::Result<Value> {
    let name = component["custom_id"].as_str().unwrap_or_default();
    let given = values.0.iter().find(|(wanted, _)| *wanted == name).map(|(_, value)| value);
    *values.1 += usize::from(given.is_some());
    let found = component["type"].as_u64().unwrap_or(0);
    let mut shown = json!({ "type": found, "id": component["id"], "custom_id": name });
    let is_required = component["required"] != false;
    let list = |value: Option<&Value>| -> Vec<String> {
        match value {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    };
    let defaults = || -> Vec<String> {
        let options = component["options"].as_array().into_iter().flatten();
        options
            .filter(|option| option["default"] == true)
            .filter_map(|option| option["value"].as_str())
            .map(str::to_owned)
            .collect()
    };
    match found {
        kind::TEXT_INPUT => {
            let text = given.unwrap_or(&component["value"]).as_str().unwrap_or_default();
            text_fits(component, text, is_required).with_context(|| format!("the input {name}"))?;
            shown["value"] = json!(text);
        }
        kind::UPLOAD => {
            let files = list(given);
            let most = usize::try_from(component["max_values"].as_u64().unwrap_or(1)).unwrap_or(1);
            if files.len() > most || (files.is_empty() && is_required) {
                bail!("{} files cannot be uploaded in {name}", files.len());
            }
            named.extend(files.iter().map(|file| ("file", file.clone())));
            shown["values"] = json!(files);
        }
        kind::RADIO_GROUP => {
            let choice = if given.is_some() { list(given) } else { defaults() };
            let is_known = |value: &String| {
                component["options"].as_array().into_iter().flatten().any(|option| option["value"] == **value)
            };
            if choice.len() > 1 || !choice.iter().all(is_known) || (choice.is_empty() && is_required) {
                bail!("this cannot be chosen in {name}");
            }
            shown["value"] = json!(choice.first());
        }
        kind::CHECKBOX => {
            shown["value"] = json!(given.unwrap_or(&component["default"]).as_bool().unwrap_or(false));
        }
        kind::CHECKBOX_GROUP => {
            shown["values"] = json!(if given.is_some() { list(given) } else { defaults() });
        }
        _ => {
            let choice = if given.is_some() { list(given) } else { defaults() };
            named.extend(chosen(state, &modal.channel, component, &choice)?);
            shown["values"] = json!(choice);
        }
    }
    Ok(shown)
}

fn text_fits(input: &Value, text: &str, is_required: bool) -> anyhow::Result<()> {
    let bound = |name: &str, without: u64| usize::try_from(input[name].as_u64().unwrap_or(without)).unwrap_or(0);
    let length = units(text);
    if length == 0 && is_required {
        bail!("is required");
    }
    if length > bound("max_length", 4_000) || (length > 0 && length < bound("min_length", 0)) {
        bail!("has {length} characters");
    }
    Ok(())
}
