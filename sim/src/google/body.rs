//! Reading JSON bodies as Google's newer APIs do: keys in camel case or in the proto's own spelling, and no member that
//! the type does not have.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::problem::Problem;

/// Reads a body; an unknown member or a wrong type is refused as Google does.
pub(super) fn read<T: for<'a> Deserialize<'a>>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(camel(value)).map_err(|error| {
        let text = error.to_string();
        let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        match unknown {
            Some(name) => Problem::unknown_field(name),
            None => Problem::invalid(format!("Invalid value: {text}")),
        }
    })
}

/// Keys of the proto (`date_ranges`) as their JSON spelling.
fn camel(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (camel_key(&key), camel(value)));
            Value::Object(fields.collect::<Map<String, Value>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(camel).collect()),
        other => other,
    }
}

fn camel_key(key: &str) -> String {
    let mut parts = key.split('_');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut chars = part.chars();
        whole.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        whole.push_str(chars.as_str());
    }
    whole
}
