//! Forms as Discord's modals, in the form that serenity can read back (dossier §13, trap 3): a row with a text field each. Discord has no
//! picker for times, so those are asked in words.

use serde_json::{Value, json};

use super::markup::units;
use crate::app::discord::offered_id;
use crate::domain::place::ChatPlace;
use crate::places::cut::cut_by;
use crate::places::message::{About, Field, Form};

/// Characters of a title and of a label (dossier §7.3).
const TITLE_MAX: usize = 45;
/// Characters of a hint.
const HINT_MAX: usize = 100;
/// Characters of a field.
const FIELD_MAX: usize = 4_000;
/// Fields.
const FIELDS_MAX: usize = 5;
/// What marks a form among what can be pressed.
const FORM: &str = "form ";

/// The answer that opens a form, and what its id stands for.
pub(super) fn modal(form: &Form) -> (Value, (String, String)) {
    let offered = (format!("{FORM}{}", form.id), serde_json::to_string(&form.about).unwrap_or_default());
    let rows: Vec<_> = form.fields.iter().filter_map(row).take(FIELDS_MAX).collect();
    let data = json!({ "custom_id": offered_id(ChatPlace::Discord, &offered.0, &offered.1), "title": cut_by(&form.title, TITLE_MAX, units),
        "components": rows });
    (json!({ "type": 9, "data": data }), offered)
}

fn row(field: &Field) -> Option<Value> {
    let Field::Text { id, label, value, hint, chars_max, is_short } = field else { return None };
    let max = (*chars_max).min(FIELD_MAX);
    let mut input = json!({ "type": 4, "custom_id": id, "style": if *is_short { 1 } else { 2 }, "label": cut_by(label, TITLE_MAX, units),
        "max_length": max, "required": true });
    if !value.is_empty() {
        input["value"] = cut_by(value, max, units).into();
    }
    if !hint.is_empty() {
        input["placeholder"] = cut_by(hint, HINT_MAX, units).into();
    }
    Some(json!({ "type": 1, "components": [input] }))
}

/// Which form something pressed is, and what it is about.
pub(super) fn form_of(action: &str, value: &str) -> Option<(String, About)> {
    let form = action.strip_prefix(FORM)?;
    Some((form.to_owned(), serde_json::from_str(value).unwrap_or_default()))
}

/// What was filled in, by field: rows, and labels as newer clients send them.
pub(super) fn values(components: &Value) -> std::collections::BTreeMap<String, String> {
    let fields = components.as_array().into_iter().flatten().flat_map(|outer| {
        let inner = outer["components"].as_array().into_iter().flatten();
        inner.chain(outer["component"].is_object().then_some(&outer["component"]))
    });
    let value = |field: &Value| {
        Some((field["custom_id"].as_str()?.to_owned(), field["value"].as_str().unwrap_or_default().to_owned()))
    };
    fields.filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filled_in_is_read_from_rows_and_from_labels() {
        let rows = json!([{ "type": 1, "components": [{ "type": 4, "custom_id": "text", "value": "a" }] },
            { "type": 18, "id": 1, "component": { "type": 4, "id": 2, "custom_id": "words", "value": "b" } }]);
        let read = values(&rows);
        assert_eq!((read["text"].as_str(), read["words"].as_str()), ("a", "b"));
        assert_eq!(form_of("form edit", "{\"post\":\"post_1\"}").unwrap().1.post, "post_1");
        assert_eq!(form_of("publish", "post_1"), None);
    }
}
