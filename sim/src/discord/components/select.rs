//! Select menus, in messages and in modals (dossier §7.1).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Checker, kind, kinds};
use crate::discord::state::id_of;

/// Options, and things that may be chosen.
const OPTIONS_MAX: usize = 25;
const CHOSEN_MAX: u64 = 25;
const PLACEHOLDER_MAX: usize = 150;
const WORD_MAX: usize = 100;

/// One select of this kind.
pub(super) fn check(checker: &mut Checker<'_>, component: &Value, path: &str, found: u64) {
    checker.custom_id(component, path);
    checker.text(component, "placeholder", path, (0, PLACEHOLDER_MAX, false));
    checker.flag(component, "disabled", path);
    checker.flag(component, "required", path);
    let min = checker.number(component, "min_values", path, (0, CHOSEN_MAX)).unwrap_or(1);
    let max = checker.number(component, "max_values", path, (1, CHOSEN_MAX)).unwrap_or(1);
    if min > max {
        checker.form.fault(
            &format!("{path}.min_values"),
            "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE",
            "min_values must not be more than max_values",
        );
    }
    if found == kind::STRING_SELECT {
        let number = options(checker, component, path, (1, OPTIONS_MAX), max);
        let given = component["max_values"].as_u64().is_some();
        if given && u64::try_from(number).is_ok_and(|number| max > number) {
            checker.form.fault(
                &format!("{path}.max_values"),
                "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE",
                "max_values must not be more than there are options",
            );
        }
    } else {
        defaults(checker, component, path, (found, max));
    }
    if found == kind::CHANNEL_SELECT
        && component.get("channel_types").is_some_and(|kinds| !kinds.is_array() && !kinds.is_null())
    {
        checker.form.wrong_type(&format!("{path}.channel_types"), "an array");
    }
}

/// The options of a select or a group; how many there are.
pub(super) fn options(
    checker: &mut Checker<'_>,
    component: &Value,
    path: &str,
    bounds: (usize, usize),
    chosen_max: u64,
) -> usize {
    let list = checker.list(component, "options", path, bounds);
    let mut values = BTreeSet::new();
    let mut chosen = 0;
    for (at, option) in list.iter().enumerate() {
        let at = format!("{path}.options.{at}");
        checker.text(option, "label", &at, (1, WORD_MAX, true));
        checker.text(option, "value", &at, (1, WORD_MAX, true));
        checker.text(option, "description", &at, (0, WORD_MAX, false));
        checker.flag(option, "default", &at);
        kinds::emoji(checker, option, &at);
        chosen += u64::from(option["default"] == true);
        if let Some(value) = option["value"].as_str()
            && !values.insert(value)
        {
            checker.form.fault(
                &format!("{at}.value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            );
        }
    }
    if chosen > chosen_max {
        checker.form.fault(
            &format!("{path}.options"),
            "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
            "More options are chosen from the start than may be chosen",
        );
    }
    list.len()
}

fn defaults(checker: &mut Checker<'_>, component: &Value, path: &str, what: (u64, u64)) {
    let Some(list) = component["default_values"].as_array() else { return };
    let allowed: &[&str] = match what.0 {
        kind::USER_SELECT => &["user"],
        kind::ROLE_SELECT => &["role"],
        kind::CHANNEL_SELECT => &["channel"],
        _ => &["user", "role"],
    };
    let at = format!("{path}.default_values");
    if u64::try_from(list.len()).is_ok_and(|number| number > what.1) {
        checker.form.bad_length(&at, 0, usize::try_from(what.1).unwrap_or(OPTIONS_MAX));
    }
    for (number, chosen) in list.iter().enumerate() {
        if id_of(&chosen["id"]).is_none() {
            checker.form.required(&format!("{at}.{number}.id"));
        }
        if !chosen["type"].as_str().is_some_and(|word| allowed.contains(&word)) {
            checker.form.choice(&format!("{at}.{number}.type"), &allowed.join(", "));
        }
    }
}
