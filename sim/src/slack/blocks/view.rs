//! Views: what modals and home tabs may hold (dossier §5.2, §10).

use serde_json::Value;

use super::text::Wanted::Plain;
use super::{Checker, Surface, Verdict};

/// The largest view.
const VIEW_BYTES_MAX: usize = 250_000;

/// Judges a view of this type.
pub(in crate::slack) fn judge(view: &Value, wanted: &str) -> Result<(), Verdict> {
    let refused = |what: String| Err(Verdict { error: "invalid_arguments", messages: vec![what] });
    if !view.is_object() {
        return refused("[ERROR] must be an object [json-pointer:/view]".to_owned());
    }
    if view["type"] != wanted {
        return refused(format!("[ERROR] must be {wanted} [json-pointer:/view/type]"));
    }
    if view.to_string().len() > VIEW_BYTES_MAX {
        return Err(Verdict { error: "view_too_large", messages: vec!["[ERROR] more than 250 KB".to_owned()] });
    }
    let problems = problems(view, if wanted == "home" { Surface::Home } else { Surface::Modal });
    if problems.is_empty() { Ok(()) } else { Err(Verdict { error: "invalid_arguments", messages: problems }) }
}

fn problems(view: &Value, surface: Surface) -> Vec<String> {
    let mut checker = Checker::new(surface);
    let path = "/view";
    let shared = ["type", "blocks", "private_metadata", "callback_id", "external_id"];
    let own = ["title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"];
    let names: Vec<&str> = if surface == Surface::Modal { [&shared[..], &own[..]].concat() } else { shared.to_vec() };
    checker.known(view, &names, path);
    match view.get("blocks") {
        Some(blocks) => checker.blocks(blocks, "/view/blocks"),
        None => checker.fault(path, "missing required field: blocks"),
    }
    let length =
        |name: &str| view.get(name).map(|value| value.as_str().map_or(usize::MAX, |text| text.chars().count()));
    for (name, max) in [("private_metadata", 3_000), ("callback_id", 255), ("external_id", 255)] {
        if length(name).is_some_and(|chars| chars > max) {
            checker.fault(&format!("{path}/{name}"), &format!("must be less than {} characters", max + 1));
        }
    }
    if surface == Surface::Modal {
        checker.text_in(view, "title", path, (Plain, 24));
        checker.maybe_text_in(view, "submit", path, (Plain, 24));
        checker.maybe_text_in(view, "close", path, (Plain, 24));
        checker.optional_bool(view, &["clear_on_close", "notify_on_close"], path);
        if checker.inputs > 0 && view.get("submit").is_none() {
            checker.fault(path, "`submit` is required when an input block is within blocks");
        }
    }
    checker.problems
}

/// Whether Slack would take this view; its own `type` says whether it is a modal or a home tab (dossier §5.2, §10).
///
/// # Errors
/// Every reason for which it would not.
pub fn check_view(view: &Value) -> Result<(), Vec<String>> {
    let wanted = if view["type"] == "home" { "home" } else { "modal" };
    judge(view, wanted).map_err(|verdict| verdict.messages)
}
