//! What commands may look like (dossier §6): names, lengths, numbers, localizations, the order of options.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use unicode_normalization::char::is_combining_mark;

use super::kind;
use crate::discord::content::units;
use crate::discord::refusal::{Form, Refusal};

const NAME_MAX: usize = 32;
const DESCRIPTION_MAX: usize = 100;
const OPTIONS_MAX: usize = 25;
const CHOICES_MAX: usize = 25;
const CHOICE_MAX: usize = 100;
const TEXT_MAX: u64 = 6_000;
/// Characters of one command, the longest localizations counted.
const CHARS_MAX: usize = 8_000;
/// Whole numbers of options stay exact in every language.
const NUMBER_MAX: f64 = 9_007_199_254_740_992.0;
/// Commands of each kind: slash, user menu, message menu.
const COUNTS: [(u64, usize); 3] = [(1, 100), (2, 15), (3, 15)];
/// Discord's locales.
const LOCALES: [&str; 34] = [
    "ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN", "zh-TW",
];
const SUB_COMMAND: u64 = 1;
const GROUP: u64 = 2;
const STRING: u64 = 3;
const INTEGER: u64 = 4;
const NUMBER: u64 = 10;
const ATTACHMENT: u64 = 11;

/// Judges a list of commands.
pub(super) fn judge(list: &Value, is_global: bool, integration_types: &[u64]) -> Result<(), Refusal> {
    let Some(list) = list.as_array() else {
        return Err(Form::one("", "BASE_TYPE_BAD_TYPE", "The body must be an array."));
    };
    let mut form = Form::default();
    for (at, command) in list.iter().enumerate() {
        let path = at.to_string();
        if command.is_object() {
            one(&mut form, command, &path, (is_global, integration_types));
        } else {
            form.wrong_type(&path, "an object");
        }
    }
    form.verdict()?;
    counts(list)
}

/// How many there are of each kind, and whether two have one name.
pub(super) fn counts(list: &[Value]) -> Result<(), Refusal> {
    let mut form = Form::default();
    for (wanted, max) in COUNTS {
        let of_kind: Vec<&Value> = list.iter().filter(|command| kind(command) == wanted).collect();
        if of_kind.len() > max {
            form.fault(
                "",
                "APPLICATION_COMMANDS_TOO_MANY",
                format!("At most {max} commands of type {wanted} are allowed."),
            );
        }
        if doubled(&of_kind).is_some() {
            form.fault("", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique");
        }
    }
    form.verdict()
}

fn one(form: &mut Form, command: &Value, path: &str, scope: (bool, &[u64])) {
    let found = kind(command);
    if !(1..=3).contains(&found) {
        form.choice(&format!("{path}.type"), "1, 2, 3");
    }
    name(form, command, path, found == 1);
    if found == 1 {
        words(form, command, "description", path, (1, DESCRIPTION_MAX));
        options(form, command, path, 0);
        let chars = weight(command);
        if chars > CHARS_MAX {
            form.fault(
                path,
                "APPLICATION_COMMAND_TOO_LARGE",
                format!("Command exceeds maximum size ({chars} of {CHARS_MAX})."),
            );
        }
    } else {
        if command["description"].as_str().is_some_and(|text| !text.is_empty()) {
            form.fault(
                &format!("{path}.description"),
                "APPLICATION_COMMAND_INVALID_DESCRIPTION",
                "Context menu commands cannot have a description",
            );
        }
        if command["options"].as_array().is_some_and(|list| !list.is_empty()) {
            form.fault(
                &format!("{path}.options"),
                "APPLICATION_COMMAND_INVALID_OPTIONS",
                "Context menu commands cannot have options",
            );
        }
    }
    match &command["default_member_permissions"] {
        Value::Null | Value::Number(_) => {}
        Value::String(digits) if digits.parse::<u64>().is_ok() => {}
        _ => form.wrong_type(&format!("{path}.default_member_permissions"), "an integer or null"),
    }
    places(form, command, path, scope);
}

/// `contexts` and `integration_types`: on global commands alone.
fn places(form: &mut Form, command: &Value, path: &str, scope: (bool, &[u64])) {
    for (name, known) in [("contexts", &[0, 1, 2][..]), ("integration_types", scope.1)] {
        let at = format!("{path}.{name}");
        let Some(list) = command.get(name).filter(|list| !list.is_null()) else { continue };
        if !scope.0 {
            form.fault(
                &at,
                "APPLICATION_COMMAND_GUILD_FIELD_FORBIDDEN",
                format!("{name} can only be set on global commands"),
            );
            continue;
        }
        let Some(list) = list.as_array().filter(|list| !list.is_empty()) else {
            form.bad_length(&at, 1, known.len());
            continue;
        };
        let numbers: BTreeSet<u64> = list.iter().filter_map(Value::as_u64).collect();
        if numbers.len() != list.len() {
            form.fault(&at, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains a value.");
        }
        if let Some(odd) = numbers.iter().find(|number| !known.contains(number)) {
            form.choice(&at, &format!("{known:?}, not {odd}"));
        }
    }
}

fn is_scripted(c: char) -> bool {
    matches!(u32::from(c), 0x900..=0x97f | 0xa8e0..=0xa8ff | 0xe01..=0xe3a | 0xe40..=0xe5b)
}

fn is_name(text: &str) -> bool {
    let letters = |c: char| {
        matches!(c, '-' | '_' | '\'')
            || is_scripted(c)
            || ((c.is_alphabetic() || c.is_numeric()) && !is_combining_mark(c))
    };
    !text.is_empty() && text.chars().count() <= NAME_MAX && text.chars().all(letters) && text == text.to_lowercase()
}

/// A name and its localizations: strict for slash commands and options, free for menus.
fn name(form: &mut Form, thing: &Value, path: &str, is_strict: bool) {
    let at = format!("{path}.name");
    let mut check = |text: &str, at: &str| {
        let length = text.chars().count();
        if !(1..=NAME_MAX).contains(&length) {
            form.bad_length(at, 1, NAME_MAX);
        } else if is_strict && !is_name(text) {
            form.fault(at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
        }
    };
    match &thing["name"] {
        Value::String(text) => check(text, &at),
        _ => return form.required(&at),
    }
    for (locale, text) in thing["name_localizations"].as_object().into_iter().flatten() {
        check(text.as_str().unwrap_or_default(), &format!("{path}.name_localizations.{locale}"));
    }
    locales(form, thing, "name_localizations", path);
}

fn locales(form: &mut Form, thing: &Value, field: &str, path: &str) {
    match thing.get(field) {
        None | Some(Value::Null) => {}
        Some(Value::Object(all)) => {
            for locale in all.keys().filter(|locale| !LOCALES.contains(&locale.as_str())) {
                form.choice(&format!("{path}.{field}.{locale}"), "a locale of Discord's");
            }
        }
        Some(_) => form.wrong_type(&format!("{path}.{field}"), "an object"),
    }
}

/// A text with localizations, between two lengths.
fn words(form: &mut Form, thing: &Value, field: &str, path: &str, bounds: (usize, usize)) {
    let at = format!("{path}.{field}");
    let mut check = |text: &str, at: &str| {
        if !(bounds.0..=bounds.1).contains(&units(text)) {
            form.bad_length(at, bounds.0, bounds.1);
        }
    };
    match &thing[field] {
        Value::String(text) => check(text, &at),
        _ => return form.required(&at),
    }
    let localized = format!("{field}_localizations");
    for (locale, text) in thing[&localized].as_object().into_iter().flatten() {
        check(text.as_str().unwrap_or_default(), &format!("{path}.{localized}.{locale}"));
    }
    locales(form, thing, &localized, path);
}

/// The locale (or none, for the names themselves) in which two things have one name.
fn doubled(list: &[&Value]) -> Option<String> {
    let mut all: BTreeSet<&str> = LOCALES.into_iter().collect();
    all.insert("");
    all.into_iter()
        .find(|locale| {
            let shown = |thing: &&Value| {
                let local = thing["name_localizations"][*locale].as_str();
                local.or_else(|| thing["name"].as_str()).map(str::to_owned)
            };
            let names: BTreeSet<Option<String>> = list.iter().map(shown).collect();
            names.len() != list.len()
        })
        .map(str::to_owned)
}

fn options(form: &mut Form, thing: &Value, path: &str, depth: usize) {
    let at = format!("{path}.options");
    let list = match thing.get("options") {
        None | Some(Value::Null) => return,
        Some(Value::Array(list)) => list,
        Some(_) => return form.wrong_type(&at, "an array"),
    };
    if list.len() > OPTIONS_MAX {
        form.fault(&at, "BASE_TYPE_MAX_LENGTH", format!("Must be {OPTIONS_MAX} or fewer in length."));
    }
    let references: Vec<&Value> = list.iter().collect();
    if let Some(locale) = doubled(&references) {
        let place = if locale.is_empty() { String::new() } else { format!(" in {locale}") };
        form.fault(
            &at,
            "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
            format!("Option name already exists{place}"),
        );
    }
    let nests = |option: &&Value| option["type"].as_u64().is_some_and(|found| found <= GROUP);
    let nested = list.iter().filter(nests).count();
    if nested > 0 && nested < list.len() {
        form.fault(
            &at,
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other types",
        );
    }
    let mut is_optional_before = false;
    for (number, option) in list.iter().enumerate() {
        let at = format!("{at}.{number}");
        let is_required = option["required"] == true;
        if is_required && is_optional_before {
            form.fault(
                &at,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            );
        }
        is_optional_before |= !is_required;
        one_option(form, option, &at, depth);
    }
}

fn one_option(form: &mut Form, option: &Value, path: &str, depth: usize) {
    let found = option["type"].as_u64().unwrap_or(0);
    if !(SUB_COMMAND..=ATTACHMENT).contains(&found) {
        return form.choice(&format!("{path}.type"), "1 to 11");
    }
    name(form, option, path, true);
    words(form, option, "description", path, (1, DESCRIPTION_MAX));
    // Command, group, subcommand: a group only at the top, a subcommand at the top or in a group.
    let too_deep = (found == GROUP && depth > 0) || (found == SUB_COMMAND && depth > 1);
    if too_deep {
        form.fault(
            &format!("{path}.type"),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-commands cannot be nested so deep",
        );
    }
    if found <= GROUP {
        let next = if found == GROUP { 1 } else { 2 };
        options(form, option, path, next);
        if found == GROUP
            && option["options"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|child| child["type"].as_u64() != Some(SUB_COMMAND))
        {
            form.fault(
                &format!("{path}.options"),
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                "A group holds sub-commands only",
            );
        }
        return;
    }
    if option["options"].as_array().is_some_and(|list| !list.is_empty()) {
        form.fault(
            &format!("{path}.options"),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Only sub-commands and groups have options",
        );
    }
    bounds(form, option, path, found);
    choices(form, option, path, found);
}

fn bounds(form: &mut Form, option: &Value, path: &str, found: u64) {
    for (name, least) in [("min_length", 0), ("max_length", 1)] {
        let Some(value) = option.get(name).filter(|value| !value.is_null()) else { continue };
        let is_good = found == STRING && value.as_u64().is_some_and(|number| (least..=TEXT_MAX).contains(&number));
        if !is_good {
            form.fault(
                &format!("{path}.{name}"),
                "NUMBER_TYPE_MAX",
                format!("Only of a STRING, and between {least} and {TEXT_MAX}."),
            );
        }
    }
    for name in ["min_value", "max_value"] {
        let Some(value) = option.get(name).filter(|value| !value.is_null()) else { continue };
        let is_good = match found {
            INTEGER => value.is_i64() || value.is_u64(),
            NUMBER => value.as_f64().is_some_and(|number| number.abs() <= NUMBER_MAX),
            _ => false,
        };
        if !is_good {
            form.wrong_type(&format!("{path}.{name}"), "a number, of INTEGER and NUMBER alone");
        }
    }
    for (low, high) in [("min_length", "max_length"), ("min_value", "max_value")] {
        if let (Some(low), Some(high)) = (option[low].as_f64(), option[high].as_f64())
            && low > high
        {
            form.fault(path, "APPLICATION_COMMAND_OPTION_BOUNDS_INVALID", "The least is more than the most");
        }
    }
}

fn choices(form: &mut Form, option: &Value, path: &str, found: u64) {
    let at = format!("{path}.choices");
    let may_choose = [STRING, INTEGER, NUMBER].contains(&found);
    let list = option["choices"].as_array().map(Vec::as_slice).unwrap_or_default();
    if option["autocomplete"] == true && (!list.is_empty() || !may_choose) {
        form.fault(
            &format!("{path}.autocomplete"),
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
            "Autocomplete goes with STRING, INTEGER and NUMBER, and without choices",
        );
    }
    if !list.is_empty() && !may_choose {
        form.fault(&at, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "This type has no choices");
    }
    if list.len() > CHOICES_MAX {
        form.fault(&at, "BASE_TYPE_MAX_LENGTH", format!("Must be {CHOICES_MAX} or fewer in length."));
    }
    let references: Vec<&Value> = list.iter().collect();
    if doubled(&references).is_some() {
        form.fault(&at, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", "Option choice name already exists");
    }
    for (number, choice) in list.iter().enumerate() {
        let at = format!("{at}.{number}");
        words(form, choice, "name", &at, (1, CHOICE_MAX));
        choice_value(form, &choice["value"], &format!("{at}.value"), found);
    }
}

/// The value of a choice fits its option.
pub(in crate::discord) fn choice_value(form: &mut Form, value: &Value, path: &str, found: u64) {
    let is_good = match found {
        STRING => value.as_str().is_some_and(|text| (1..=CHOICE_MAX).contains(&units(text))),
        INTEGER => value.is_i64() || value.is_u64(),
        _ => value.is_number(),
    };
    if !is_good {
        form.fault(path, "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID", "The value does not fit its option");
    }
}

fn longest(thing: &Map<String, Value>, field: &str) -> usize {
    let local = thing.get(&format!("{field}_localizations")).and_then(Value::as_object);
    let local = local.into_iter().flatten().filter_map(|(_, text)| text.as_str());
    let plain = thing.get(field).and_then(Value::as_str);
    plain.into_iter().chain(local).map(units).max().unwrap_or(0)
}

/// All characters of a command: names, descriptions, values, the longest localization of each.
fn weight(thing: &Value) -> usize {
    let Some(fields) = thing.as_object() else { return 0 };
    let own = longest(fields, "name") + longest(fields, "description");
    let value = fields.get("value").map_or(0, |value| value.as_str().map_or_else(|| value.to_string().len(), units));
    let inside = ["options", "choices"].iter().filter_map(|name| fields.get(*name)?.as_array());
    own + value + inside.flatten().map(weight).sum::<usize>()
}
