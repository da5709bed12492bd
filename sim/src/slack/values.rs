//! What an element says when somebody uses it, and what it says while nobody did (dossier §5.1).

use anyhow::{bail, ensure};
use serde_json::{Map, Value, json};

use super::message::Choices;

/// The field that carries what was chosen; none for a button.
fn field(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "static_select" | "external_select" | "radio_buttons" | "overflow" => "selected_option",
        "multi_static_select" | "multi_external_select" | "checkboxes" => "selected_options",
        "users_select" => "selected_user",
        "multi_users_select" => "selected_users",
        "channels_select" => "selected_channel",
        "multi_channels_select" => "selected_channels",
        "conversations_select" => "selected_conversation",
        "multi_conversations_select" => "selected_conversations",
        "datepicker" => "selected_date",
        "timepicker" => "selected_time",
        "datetimepicker" => "selected_date_time",
        "rich_text_input" => "rich_text_value",
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => "value",
        "file_input" => "files",
        _ => return None,
    })
}

/// An element with an `action_id`, and the block it stands in.
pub(super) type Found<'a> = (&'a Value, String);

/// All elements with this `action_id`, in order.
pub(super) fn elements<'a>(blocks: &'a Value, action_id: Option<&str>) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    walk(blocks, "", action_id, &mut found);
    found
}

fn walk<'a>(value: &'a Value, block: &str, action_id: Option<&str>, found: &mut Vec<Found<'a>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, block, action_id, found)),
        Value::Object(fields) => {
            let block = value["block_id"].as_str().unwrap_or(block);
            if let Some(id) = value["action_id"].as_str()
                && action_id.is_none_or(|wanted| wanted == id)
            {
                found.push((value, block.to_owned()));
                return;
            }
            fields.values().for_each(|inner| walk(inner, block, action_id, found));
        }
        _ => {}
    }
}

/// Every option of an element.
fn options(element: &Value) -> Vec<&Value> {
    let own = element["options"].as_array().into_iter().flatten();
    let grouped = element["option_groups"].as_array().into_iter().flatten();
    own.chain(grouped.flat_map(|group| group["options"].as_array().into_iter().flatten())).collect()
}

fn option(element: &Value, wanted: &Value) -> anyhow::Result<Value> {
    if wanted.is_object() && element["type"].as_str().is_some_and(|kind| kind.contains("external")) {
        return Ok(wanted.clone());
    }
    let wanted = wanted.get("value").unwrap_or(wanted);
    match options(element).into_iter().find(|option| option["value"] == *wanted) {
        Some(option) => Ok(option.clone()),
        None => bail!("there is no option {wanted} in {}", element["action_id"]),
    }
}

/// What an element says after a person gave it this value; refuses what no person could do there.
pub(super) fn given(element: &Value, value: &Value) -> anyhow::Result<Value> {
    let kind = element["type"].as_str().unwrap_or_default();
    let Some(field) = field(kind) else { bail!("a {kind} takes no value") };
    let chosen = match field {
        "selected_option" if value.is_null() => Value::Null,
        "selected_option" => option(element, value)?,
        "selected_options" => {
            let Some(list) = value.as_array() else { bail!("a {kind} takes a list") };
            json!(list.iter().map(|wanted| option(element, wanted)).collect::<anyhow::Result<Vec<_>>>()?)
        }
        "selected_date_time" => {
            ensure!(value.is_i64() || value.is_null(), "a {kind} takes Unix seconds");
            value.clone()
        }
        "value" => {
            text(element, kind, value)?;
            value.clone()
        }
        _ => value.clone(),
    };
    let mut said = Map::from_iter([("type".to_owned(), json!(kind)), (field.to_owned(), chosen)]);
    if kind == "timepicker" {
        said.insert("timezone".to_owned(), element["timezone"].clone());
    }
    Ok(Value::Object(said))
}

/// The limits of a field that somebody types into.
fn text(element: &Value, kind: &str, value: &Value) -> anyhow::Result<()> {
    let Some(typed) = value.as_str() else {
        ensure!(value.is_null(), "a {kind} takes a text");
        return Ok(());
    };
    let chars = typed.chars().count() as u64;
    ensure!(element["max_length"].as_u64().unwrap_or(3_000) >= chars, "the text is longer than max_length");
    ensure!(element["min_length"].as_u64().unwrap_or(0) <= chars, "the text is shorter than min_length");
    match kind {
        "number_input" => ensure!(typed.parse::<f64>().is_ok(), "{typed} is no number"),
        "url_text_input" => ensure!(url::Url::parse(typed).is_ok(), "{typed} is no address"),
        "email_text_input" => ensure!(typed.contains('@'), "{typed} is no e-mail address"),
        _ => {}
    }
    Ok(())
}

/// What an element says while nobody used it; nothing for a button.
pub(super) fn initial(element: &Value) -> Option<Value> {
    let kind = element["type"].as_str()?;
    if kind == "overflow" {
        return None;
    }
    let field = field(kind)?;
    let suffix = field.trim_start_matches("selected_");
    let set = match field {
        "value" | "rich_text_value" => element.get("initial_value"),
        _ => element.get(format!("initial_{suffix}").as_str()),
    };
    let empty = if suffix.ends_with('s') { json!([]) } else { Value::Null };
    Some(json!({ "type": kind, field: set.cloned().unwrap_or(empty) }))
}

/// `state.values` of blocks: what was chosen, else what stood there (dossier §5.1).
pub(super) fn state_values(blocks: &Value, choices: &Choices) -> Value {
    let mut values = json!({});
    for (element, block) in elements(blocks, None) {
        let action = element["action_id"].as_str().unwrap_or_default();
        let chosen = choices.get(&(block.clone(), action.to_owned())).cloned();
        if let Some(said) = initial(element).map(|initial| chosen.unwrap_or(initial)) {
            values[&block][action] = said;
        }
    }
    values
}

/// Whether an element says nothing yet.
pub(super) fn is_empty(said: &Value) -> bool {
    let mut fields = said.as_object().into_iter().flatten().filter(|(name, _)| *name != "type" && *name != "timezone");
    fields
        .all(|(_, value)| value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty))
}
