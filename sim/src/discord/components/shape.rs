//! How good components look once they are kept: every one has an id, defaults are filled in (dossier §7.1); and how to find one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::kind;

/// Where a component has others in it.
const INSIDE: [&str; 3] = ["components", "accessory", "component"];

/// All of them, with ids and defaults.
pub(in crate::discord) fn all(list: &[Value]) -> Vec<Value> {
    let mut taken = BTreeSet::new();
    for component in list {
        walk(component, &mut |found| {
            taken.extend(found["id"].as_u64().filter(|id| *id > 0));
        });
    }
    let mut next = 1;
    list.iter().map(|component| one(component, &taken, &mut next)).collect()
}

/// Calls for a component and everything in it.
pub(in crate::discord) fn walk(component: &Value, tell: &mut impl FnMut(&Value)) {
    tell(component);
    for name in INSIDE {
        match component.get(name) {
            Some(Value::Array(list)) => list.iter().for_each(|child| walk(child, tell)),
            Some(child @ Value::Object(_)) => walk(child, tell),
            _ => {}
        }
    }
}

/// The component with this `custom_id`.
pub(in crate::discord) fn find(list: &[Value], custom_id: &str) -> Option<Value> {
    let mut found = None;
    for component in list {
        walk(component, &mut |seen| {
            if seen["custom_id"] == custom_id && found.is_none() {
                found = Some(seen.clone());
            }
        });
    }
    found
}

fn one(component: &Value, taken: &BTreeSet<u64>, next: &mut u64) -> Value {
    let mut made = component.clone();
    let Some(fields) = made.as_object_mut() else { return made };
    fields.retain(|_, value| !value.is_null());
    let found = component["type"].as_u64().unwrap_or(0);
    if component["id"].as_u64().unwrap_or(0) == 0 {
        while taken.contains(next) {
            *next += 1;
        }
        fields.insert("id".to_owned(), json!(*next));
        *next += 1;
    }
    for (name, value) in defaults(found) {
        fields.entry(name.to_owned()).or_insert(value);
    }
    for name in INSIDE {
        let shaped = match component.get(name) {
            Some(Value::Array(list)) => json!(list.iter().map(|child| one(child, taken, next)).collect::<Vec<_>>()),
            Some(child @ Value::Object(_)) => one(child, taken, next),
            _ => continue,
        };
        fields.insert(name.to_owned(), shaped);
    }
    if found == kind::GALLERY
        && let Some(Value::Array(items)) = fields.get_mut("items")
    {
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            for (name, value) in defaults(kind::THUMBNAIL) {
                item.entry(name.to_owned()).or_insert(value);
            }
        }
    }
    made
}

fn defaults(found: u64) -> Vec<(&'static str, Value)> {
    match found {
        kind::STRING_SELECT
        | kind::USER_SELECT
        | kind::ROLE_SELECT
        | kind::MENTIONABLE_SELECT
        | kind::CHANNEL_SELECT => vec![("min_values", json!(1)), ("max_values", json!(1))],
        kind::THUMBNAIL => vec![("description", Value::Null), ("spoiler", json!(false))],
        kind::FILE => vec![("spoiler", json!(false))],
        kind::SEPARATOR => vec![("divider", json!(true)), ("spacing", json!(1))],
        kind::CONTAINER => vec![("accent_color", Value::Null), ("spoiler", json!(false))],
        _ => Vec::new(),
    }
}

/// Puts what files became into media that named them: `shown` is told the name.
pub(in crate::discord) fn resolve(list: &mut [Value], shown: &impl Fn(&str) -> Option<Value>) {
    for value in list {
        resolve_one(value, shown);
    }
}

fn resolve_one(value: &mut Value, shown: &impl Fn(&str) -> Option<Value>) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|child| resolve_one(child, shown)),
        Value::Object(fields) => {
            for name in ["media", "file"] {
                let Some(media) = fields.get_mut(name) else { continue };
                let url = media["url"].as_str().unwrap_or_default().to_owned();
                if let Some(file) = url.strip_prefix("attachment://") {
                    if let Some(found) = shown(file) {
                        *media = found;
                    }
                } else if media.get("proxy_url").is_none() {
                    *media = json!({ "id": "0", "url": url, "proxy_url": url, "width": null, "height": null, "content_type": null });
                }
            }
            let size = fields.get("file").and_then(|file| file.get("size")).cloned();
            if let Some(size) = size {
                let name = fields.get("file").and_then(|file| file.get("name")).cloned().unwrap_or_default();
                fields.insert("size".to_owned(), size);
                fields.insert("name".to_owned(), name);
            }
            fields.values_mut().for_each(|child| resolve_one(child, shown));
        }
        _ => {}
    }
}
