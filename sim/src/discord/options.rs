//! Options of a slash command as Discord's own client would send them: checked against what is registered, names never localized
//! (dossier §5.1, §6).

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::content::units;
use super::state::id_of;

/// What somebody typed.
pub(super) struct Typed<'a> {
    /// From names to values.
    pub(super) values: &'a Value,
    /// The option that is being typed, and what stands there so far.
    pub(super) focused: Option<(&'a str, &'a str)>,
}

/// Options on the wire, and ids that they name.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub(super) list: Vec<Value>,
    pub(super) named: Vec<(&'static str, String)>,
}

/// Follows the names of subcommands and fills the options in.
pub(super) fn build(command: &Value, path: &[&str], typed: &Typed<'_>) -> anyhow::Result<Built> {
    let known = command["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    let nests = known.iter().any(|option| option["type"].as_u64().is_some_and(|kind| kind <= 2));
    let Some((next, rest)) = path.split_first() else {
        if nests {
            bail!("a subcommand must be chosen");
        }
        return fill(known, typed);
    };
    let found =
        known.iter().find(|option| option["name"] == *next && option["type"].as_u64().is_some_and(|kind| kind <= 2));
    let found = found.with_context(|| format!("there is no subcommand {next}"))?;
    let inside = build(found, rest, typed)?;
    let list = vec![json!({ "name": found["name"], "type": found["type"], "options": inside.list })];
    Ok(Built { list, named: inside.named })
}

fn fill(known: &[Value], typed: &Typed<'_>) -> anyhow::Result<Built> {
    let mut built = Built::default();
    let given = typed.values.as_object();
    for name in given.into_iter().flat_map(|fields| fields.keys()) {
        if !known.iter().any(|option| option["name"] == **name) {
            bail!("there is no option {name}");
        }
    }
    for option in known {
        let name = option["name"].as_str().unwrap_or_default();
        let kind = option["type"].as_u64().unwrap_or(0);
        if let Some((_, text)) = typed.focused.filter(|(focused, _)| *focused == name) {
            if option["autocomplete"] != true {
                bail!("the option {name} proposes nothing");
            }
            // Whatever its type, what is being typed is a text.
            built.list.push(json!({ "name": name, "type": kind, "value": text, "focused": true }));
            continue;
        }
        let Some(value) = given.and_then(|fields| fields.get(name)).filter(|value| !value.is_null()) else {
            if option["required"] == true && typed.focused.is_none() {
                bail!("the option {name} is required");
            }
            continue;
        };
        let value = fitting(option, kind, value, &mut built.named).with_context(|| format!("the option {name}"))?;
        built.list.push(json!({ "name": name, "type": kind, "value": value }));
    }
    if let Some((focused, _)) = typed.focused
        && !built.list.iter().any(|option| option["focused"] == true)
    {
        bail!("there is no option {focused}");
    }
    Ok(built)
}

fn fitting(option: &Value, kind: u64, value: &Value, named: &mut Vec<(&'static str, String)>) -> anyhow::Result<Value> {
    let mut id = |what: &'static str| {
        let id = id_of(value).context("is no id")?;
        named.push((what, id.clone()));
        Ok(json!(id))
    };
    match kind {
        3 => {
            let length = value.as_str().map(units).context("is no text")?;
            let bound = |name: &str, without: u64| {
                usize::try_from(option[name].as_u64().unwrap_or(without)).unwrap_or(usize::MAX)
            };
            if length < bound("min_length", 0) || length > bound("max_length", 6_000) {
                bail!("has {length} characters");
            }
        }
        4 | 10 => {
            let number = value.as_f64().filter(|_| kind == 10 || value.is_i64()).context("is no number of its kind")?;
            let is_low = option["min_value"].as_f64().is_some_and(|least| number < least);
            let is_high = option["max_value"].as_f64().is_some_and(|most| number > most);
            if is_low || is_high {
                bail!("{number} is out of bounds");
            }
        }
        5 if !value.is_boolean() => bail!("is not yes or no"),
        5 => {}
        6 => return id("user"),
        7 => return id("channel"),
        8 => return id("role"),
        9 => return id("user"),
        11 => return id("file"),
        _ => bail!("has a type that nobody knows"),
    }
    let choices = option["choices"].as_array().filter(|list| !list.is_empty());
    if choices.is_some_and(|list| !list.iter().any(|choice| choice["value"] == *value)) {
        bail!("{value} is none of its choices");
    }
    Ok(value.clone())
}
