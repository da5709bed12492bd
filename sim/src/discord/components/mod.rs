//! Components as strictly as Discord reads them (dossier §7): every limit, every place where one may stand. Kinds that stand in messages
//! alone are in `kinds`, modals in `modal`, how good ones look on the wire in `shape`.

mod kinds;
pub(super) mod modal;
mod select;
pub(super) mod shape;

use std::collections::BTreeSet;

use serde_json::Value;

use super::content::units;
use super::refusal::Form;

/// Rows of a message without the v2 flag.
const ROWS_MAX: usize = 5;
/// Components of a message with the v2 flag, nested ones counted.
const COMPONENTS_MAX: usize = 40;
/// Characters over all texts of a message with the v2 flag.
const TEXT_MAX: usize = 4_000;
/// Characters of a `custom_id`.
const CUSTOM_ID_MAX: usize = 100;

/// Kinds of components (dossier §7.1).
pub(super) mod kind {
    pub(in crate::discord) const ROW: u64 = 1;
    pub(in crate::discord) const BUTTON: u64 = 2;
    pub(in crate::discord) const STRING_SELECT: u64 = 3;
    pub(in crate::discord) const TEXT_INPUT: u64 = 4;
    pub(in crate::discord) const USER_SELECT: u64 = 5;
    pub(in crate::discord) const ROLE_SELECT: u64 = 6;
    pub(in crate::discord) const MENTIONABLE_SELECT: u64 = 7;
    pub(in crate::discord) const CHANNEL_SELECT: u64 = 8;
    pub(in crate::discord) const SECTION: u64 = 9;
    pub(in crate::discord) const TEXT: u64 = 10;
    pub(in crate::discord) const THUMBNAIL: u64 = 11;
    pub(in crate::discord) const GALLERY: u64 = 12;
    pub(in crate::discord) const FILE: u64 = 13;
    pub(in crate::discord) const SEPARATOR: u64 = 14;
    pub(in crate::discord) const CONTAINER: u64 = 17;
    pub(in crate::discord) const LABEL: u64 = 18;
    pub(in crate::discord) const UPLOAD: u64 = 19;
    pub(in crate::discord) const RADIO_GROUP: u64 = 21;
    pub(in crate::discord) const CHECKBOX_GROUP: u64 = 22;
    pub(in crate::discord) const CHECKBOX: u64 = 23;
}

/// What was found so far.
#[derive(Debug)]
struct Checker<'a> {
    form: &'a mut Form,
    /// Files that may be referred to.
    names: &'a [String],
    custom_ids: BTreeSet<String>,
    ids: BTreeSet<u64>,
    count: usize,
    chars: usize,
    /// Whether `disabled` is refused, as in modals.
    is_modal: bool,
}

impl<'a> Checker<'a> {
    fn new(form: &'a mut Form, names: &'a [String]) -> Self {
        Self { form, names, custom_ids: BTreeSet::new(), ids: BTreeSet::new(), count: 0, chars: 0, is_modal: false }
    }

    /// The kind of a component that may be one of these; counts it.
    fn kind(&mut self, component: &Value, path: &str, allowed: &[u64]) -> Option<u64> {
        self.count += 1;
        let at = format!("{path}.type");
        if !component.is_object() {
            self.form.wrong_type(path, "an object");
            return None;
        }
        let Some(kind) = component["type"].as_u64() else {
            self.form.required(&at);
            return None;
        };
        if !allowed.contains(&kind) {
            let words: Vec<String> = allowed.iter().map(u64::to_string).collect();
            self.form.fault(
                &at,
                "UNION_TYPE_CHOICES",
                format!("Value of field \"type\" must be one of ({}).", words.join(", ")),
            );
            return None;
        }
        match component.get("id") {
            None | Some(Value::Null) => {}
            Some(id) => match id.as_u64().filter(|id| i32::try_from(*id).is_ok()) {
                None => self.form.wrong_type(&format!("{path}.id"), "an int32"),
                Some(0) => {}
                Some(id) if !self.ids.insert(id) => {
                    self.form.fault(
                        &format!("{path}.id"),
                        "COMPONENT_ID_DUPLICATED",
                        "Component id cannot be duplicated",
                    );
                }
                Some(_) => {}
            },
        }
        Some(kind)
    }

    /// A text between two lengths; whether it must be there.
    fn text(&mut self, component: &Value, name: &str, path: &str, bounds: (usize, usize, bool)) -> usize {
        let (min, max, is_required) = bounds;
        let at = format!("{path}.{name}");
        match &component[name] {
            Value::Null if is_required => self.form.required(&at),
            Value::Null => {}
            Value::String(text) => {
                let length = units(text);
                if length > max {
                    if min > 0 { self.form.bad_length(&at, min, max) } else { self.form.too_long(&at, max) }
                } else if length < min {
                    if is_required && length == 0 {
                        self.form.required(&at)
                    } else {
                        self.form.bad_length(&at, min, max)
                    }
                }
                return length;
            }
            _ => self.form.wrong_type(&at, "a string"),
        }
        0
    }

    fn number(&mut self, component: &Value, name: &str, path: &str, bounds: (u64, u64)) -> Option<u64> {
        let value = component.get(name).filter(|value| !value.is_null())?;
        let good = value.as_u64().filter(|number| (bounds.0..=bounds.1).contains(number));
        if good.is_none() {
            self.form.fault(
                &format!("{path}.{name}"),
                "NUMBER_TYPE_MAX",
                format!("int value should be between {} and {}.", bounds.0, bounds.1),
            );
        }
        good
    }

    fn flag(&mut self, component: &Value, name: &str, path: &str) {
        let at = format!("{path}.{name}");
        match component.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::Bool(_)) if name == "disabled" && self.is_modal => {
                self.form.fault(&at, "BASE_TYPE_FORBIDDEN", "Nothing is disabled in a modal.");
            }
            Some(Value::Bool(_)) => {}
            Some(_) => self.form.wrong_type(&at, "a boolean"),
        }
    }

    /// `custom_id`: there, 1 to 100 characters, once.
    fn custom_id(&mut self, component: &Value, path: &str) {
        self.text(component, "custom_id", path, (1, CUSTOM_ID_MAX, true));
        if let Some(id) = component["custom_id"].as_str()
            && !id.is_empty()
            && !self.custom_ids.insert(id.to_owned())
        {
            self.form.fault(
                &format!("{path}.custom_id"),
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            );
        }
    }

    /// A list with a number of things between these two.
    fn list<'b>(&mut self, component: &'b Value, name: &str, path: &str, bounds: (usize, usize)) -> &'b [Value] {
        let at = format!("{path}.{name}");
        match component.get(name) {
            None | Some(Value::Null) => self.form.required(&at),
            Some(Value::Array(list)) => {
                if !(bounds.0..=bounds.1).contains(&list.len()) {
                    self.form.bad_length(&at, bounds.0, bounds.1);
                }
                return list;
            }
            Some(_) => self.form.wrong_type(&at, "an array"),
        }
        &[]
    }
}

/// Judges the components of a message. What is good comes back with its ids and defaults.
pub(super) fn judge_message(form: &mut Form, list: &Value, is_v2: bool, names: &[String]) -> Vec<Value> {
    let Some(list) = list.as_array() else {
        form.wrong_type("components", "an array");
        return Vec::new();
    };
    let allowed: &[u64] = if is_v2 {
        &[kind::ROW, kind::SECTION, kind::TEXT, kind::GALLERY, kind::FILE, kind::SEPARATOR, kind::CONTAINER]
    } else {
        &[kind::ROW]
    };
    let mut checker = Checker::new(form, names);
    for (at, component) in list.iter().enumerate() {
        kinds::check(&mut checker, component, &format!("components.{at}"), allowed);
    }
    let (count, chars) = (checker.count, checker.chars);
    if !is_v2 && list.len() > ROWS_MAX {
        form.bad_length("components", 1, ROWS_MAX);
    }
    if is_v2 && count > COMPONENTS_MAX {
        form.bad_length("components", 1, COMPONENTS_MAX);
    }
    if is_v2 && chars > TEXT_MAX {
        form.fault(
            "components",
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            format!("The total displayable text size of components exceeds the maximum of {TEXT_MAX}"),
        );
    }
    shape::all(list)
}
