//! Forms as Slack's modals: drawn, and read back from what a submission carries.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::blocks::plain;
use crate::places::cut::cut;
use crate::places::message::{Field, Form};

/// Characters of a modal's title.
const TITLE_MAX: usize = 24;
/// Characters of a field's label (dossier §6.1).
const LABEL_MAX: usize = 200;
/// Characters of a hint.
const HINT_MAX: usize = 150;
/// Characters of a field's mistake.
const MISTAKE_MAX: usize = 300;

/// A form as a view.
pub(super) fn view(form: &Form) -> Value {
    let blocks: Vec<_> =
        form.fields.iter().map(|field| block(field, form.fields.len() > 1 && form.id == "time")).collect();
    json!({ "type": "modal", "callback_id": form.id, "title": plain(&form.title, TITLE_MAX), "close": plain(&form.close, TITLE_MAX),
        "submit": plain(&form.submit, TITLE_MAX), "private_metadata": serde_json::to_string(&form.about).unwrap_or_default(),
        "blocks": blocks })
}

/// A view that only shows something.
pub(super) fn look(title: &str, close: Option<&str>, blocks: Vec<Value>) -> Value {
    let mut view = json!({ "type": "modal", "callback_id": "look", "title": plain(title, TITLE_MAX), "private_metadata": "{}",
        "blocks": blocks });
    // Slack's own word, in the reader's language, where we have none.
    if let Some(close) = close {
        view["close"] = plain(close, TITLE_MAX);
    }
    view
}

/// One of several ways to say the same thing is optional.
fn block(field: &Field, is_optional: bool) -> Value {
    let mut block = match field {
        Field::Text { id, label, value, hint, chars_max, is_short } => {
            let mut element = json!({ "type": "plain_text_input", "action_id": "text", "multiline": !is_short, "max_length": chars_max });
            if !value.is_empty() {
                element["initial_value"] = cut(value, *chars_max).into();
            }
            if !hint.is_empty() {
                element["placeholder"] = plain(hint, HINT_MAX);
            }
            json!({ "type": "input", "block_id": id, "label": plain(label, LABEL_MAX), "element": element })
        }
        Field::Instant { id, label, value_s } => {
            let element = json!({ "type": "datetimepicker", "action_id": "at", "initial_date_time": value_s });
            json!({ "type": "input", "block_id": id, "label": plain(label, LABEL_MAX), "element": element })
        }
    };
    if is_optional {
        block["optional"] = true.into();
    }
    block
}

/// What was filled in, by field.
pub(super) fn values(state: &Value) -> BTreeMap<String, String> {
    let filled = |element: &Value| match &element["selected_date_time"] {
        Value::Number(at) => Some(at.to_string()),
        _ => element["value"].as_str().map(str::to_owned),
    };
    let field = |(id, elements): (&String, &Value)| {
        let value = elements.as_object()?.values().next().and_then(filled).unwrap_or_default();
        Some((id.clone(), value))
    };
    state.as_object().into_iter().flatten().filter_map(field).collect()
}

/// A mistake, shown at its field.
pub(super) fn mistake(field: &str, said: &str) -> Value {
    let mut errors = Map::new();
    errors.insert(field.to_owned(), cut(said, MISTAKE_MAX).into());
    json!({ "response_action": "errors", "errors": errors })
}
