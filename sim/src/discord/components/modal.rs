//! Modals: one to five labels with something in each, or rows with a text input as it was done before (dossier §7.3).

use serde_json::Value;

use super::{Checker, kind, select};
use crate::discord::refusal::{Form, Refusal};

const COMPONENTS_MAX: usize = 5;
const TITLE_MAX: usize = 45;
const LABEL_MAX: usize = 45;
const DESCRIPTION_MAX: usize = 100;
const VALUE_MAX: usize = 4_000;
const VALUE_MAX_NUMBER: u64 = 4_000;
const PLACEHOLDER_MAX: usize = 100;
const FILES_MAX: u64 = 10;
/// What a label may hold.
const IN_LABEL: [u64; 10] = [
    kind::TEXT_INPUT,
    kind::STRING_SELECT,
    kind::USER_SELECT,
    kind::ROLE_SELECT,
    kind::MENTIONABLE_SELECT,
    kind::CHANNEL_SELECT,
    kind::UPLOAD,
    kind::RADIO_GROUP,
    kind::CHECKBOX_GROUP,
    kind::CHECKBOX,
];

/// Judges the data of a callback of type 9.
pub(in crate::discord) fn judge(data: &Value) -> Result<(), Refusal> {
    let mut form = Form::default();
    let mut checker = Checker { is_modal: true, ..Checker::new(&mut form, &[]) };
    if data.is_object() {
        // The modal's own custom_id is no component's.
        checker.text(data, "custom_id", "data", (1, super::CUSTOM_ID_MAX, true));
        checker.text(data, "title", "data", (1, TITLE_MAX, true));
        let list = checker.list(data, "components", "data", (1, COMPONENTS_MAX));
        for (at, component) in list.iter().enumerate() {
            top(&mut checker, component, &format!("data.components.{at}"));
        }
    } else {
        form.required("data");
    }
    form.verdict()
}

fn top(checker: &mut Checker<'_>, component: &Value, path: &str) {
    match checker.kind(component, path, &[kind::ROW, kind::TEXT, kind::LABEL]) {
        Some(kind::ROW) => {
            for (at, child) in checker.list(component, "components", path, (1, 1)).iter().enumerate() {
                let at = format!("{path}.components.{at}");
                if checker.kind(child, &at, &[kind::TEXT_INPUT]).is_some() {
                    checker.text(child, "label", &at, (1, LABEL_MAX, true));
                    text_input(checker, child, &at);
                }
            }
        }
        Some(kind::TEXT) => {
            checker.text(component, "content", path, (1, VALUE_MAX, true));
        }
        Some(_) => {
            checker.text(component, "label", path, (1, LABEL_MAX, true));
            checker.text(component, "description", path, (0, DESCRIPTION_MAX, false));
            match component.get("component") {
                None | Some(Value::Null) => checker.form.required(&format!("{path}.component")),
                Some(child) => labelled(checker, child, &format!("{path}.component")),
            }
        }
        None => {}
    }
}

fn labelled(checker: &mut Checker<'_>, child: &Value, path: &str) {
    let Some(found) = checker.kind(child, path, &IN_LABEL) else { return };
    match found {
        kind::TEXT_INPUT => {
            if child.get("label").is_some_and(|label| !label.is_null()) {
                checker.form.fault(
                    &format!("{path}.label"),
                    "BASE_TYPE_FORBIDDEN",
                    "A text input in a label has no label of its own.",
                );
            }
            text_input(checker, child, path);
        }
        kind::UPLOAD => {
            checker.custom_id(child, path);
            checker.flag(child, "required", path);
            bounds(checker, child, path, FILES_MAX);
        }
        kind::RADIO_GROUP => {
            checker.custom_id(child, path);
            checker.flag(child, "required", path);
            select::options(checker, child, path, (2, 10), 1);
        }
        kind::CHECKBOX_GROUP => {
            checker.custom_id(child, path);
            checker.flag(child, "required", path);
            bounds(checker, child, path, 10);
            select::options(checker, child, path, (1, 10), 10);
        }
        kind::CHECKBOX => {
            checker.custom_id(child, path);
            checker.flag(child, "default", path);
        }
        _ => select::check(checker, child, path, found),
    }
}

fn bounds(checker: &mut Checker<'_>, child: &Value, path: &str, most: u64) {
    let min = checker.number(child, "min_values", path, (0, most)).unwrap_or(0);
    let max = checker.number(child, "max_values", path, (1, most)).unwrap_or(most);
    if min > max {
        checker.form.fault(
            &format!("{path}.min_values"),
            "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE",
            "min_values must not be more than max_values",
        );
    }
}

fn text_input(checker: &mut Checker<'_>, input: &Value, path: &str) {
    checker.custom_id(input, path);
    if !input["style"].as_u64().is_some_and(|style| (1..=2).contains(&style)) {
        checker.form.choice(&format!("{path}.style"), "1, 2");
    }
    checker.flag(input, "required", path);
    checker.flag(input, "disabled", path);
    checker.text(input, "placeholder", path, (0, PLACEHOLDER_MAX, false));
    let min = checker.number(input, "min_length", path, (0, VALUE_MAX_NUMBER)).unwrap_or(0);
    let max = checker.number(input, "max_length", path, (1, VALUE_MAX_NUMBER)).unwrap_or(VALUE_MAX_NUMBER);
    if min > max {
        checker.form.fault(
            &format!("{path}.min_length"),
            "TEXT_INPUT_MIN_LENGTH_TOO_LARGE",
            "min_length must not be more than max_length",
        );
    }
    let length = checker.text(input, "value", path, (0, VALUE_MAX, false));
    let most = usize::try_from(max).unwrap_or(VALUE_MAX);
    if length > most {
        checker.form.too_long(&format!("{path}.value"), most);
    }
    let least = usize::try_from(min).unwrap_or(0);
    if length > 0 && length < least {
        checker.form.bad_length(&format!("{path}.value"), least, most);
    }
}
