//! Each kind of block (dossier §6.1, §6.3).

use serde_json::Value;

use super::elements::{ACTIONS, INPUTS, is_accessory};
use super::text::Wanted::{Any, Plain};
use super::{Checker, Surface, data};

const IN_MESSAGES: [&str; 21] = [
    "actions",
    "alert",
    "card",
    "carousel",
    "container",
    "context",
    "context_actions",
    "data_table",
    "data_visualization",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "markdown",
    "plan",
    "rich_text",
    "section",
    "table",
    "task_card",
    "video",
];
const IN_MODALS: [&str; 10] =
    ["actions", "alert", "context", "divider", "header", "image", "input", "rich_text", "section", "video"];
const ON_HOMES: [&str; 9] =
    ["actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"];

/// One block.
pub(super) fn block(checker: &mut Checker, block: &Value, path: &str) {
    if !block.is_object() {
        checker.fault(path, "must be an object");
        return;
    }
    let kind = block["type"].as_str().unwrap_or_default();
    let allowed = match checker.surface {
        Surface::Message => IN_MESSAGES.contains(&kind),
        Surface::Modal => IN_MODALS.contains(&kind),
        Surface::Home => ON_HOMES.contains(&kind),
    };
    if !allowed {
        checker.fault(&format!("{path}/type"), &format!("unsupported type: {kind}"));
        return;
    }
    if let Some(id) = block.get("block_id") {
        let at = format!("{path}/block_id");
        if let Some(id) = checker.string(id, &at, 255)
            && !checker.block_ids.insert(id)
        {
            checker.fault(&at, "`block_id` must be unique");
        }
    }
    match kind {
        "section" => section(checker, block, path),
        "header" => {
            checker.known(block, &["type", "block_id", "text", "level"], path);
            checker.text_in(block, "text", path, (Plain, 150));
        }
        "divider" => checker.known(block, &["type", "block_id"], path),
        "context" => context(checker, block, path),
        "actions" => row(checker, block, path, (25, &|kind| ACTIONS.contains(&kind))),
        "context_actions" => row(checker, block, path, (5, &|kind| matches!(kind, "feedback_buttons" | "icon_button"))),
        "image" => {
            checker.image(block, path, &["type", "block_id", "image_url", "slack_file", "alt_text", "title"]);
            checker.maybe_text_in(block, "title", path, (Plain, 2_000));
        }
        "input" => input(checker, block, path),
        "markdown" => {
            checker.known(block, &["type", "block_id", "text"], path);
            if let Some(text) = checker.required_string(block, "text", path, usize::MAX) {
                checker.chars += text.chars().count();
            }
        }
        "rich_text" => rich_text(checker, block, path),
        "alert" => {
            checker.text_in(block, "text", path, (Any, 3_000));
            checker.word(block, "level", path, &["default", "info", "warning", "error", "success"]);
        }
        "table" => data::table(checker, block, path),
        "data_table" => data::data_table(checker, block, path),
        "data_visualization" => data::chart(checker, block, path),
        "card" => card(checker, block, path),
        "carousel" => {
            for (at, item) in checker.array(block, "elements", path, (1, 10)).iter().enumerate() {
                card(checker, item, &format!("{path}/elements/{at}"));
            }
        }
        "container" => {
            let name = if block.get("child_blocks").is_some() { "child_blocks" } else { "blocks" };
            for (at, item) in checker.array(block, name, path, (1, 10)).iter().enumerate() {
                self::block(checker, item, &format!("{path}/{name}/{at}"));
            }
        }
        "plan" => {
            checker.required_string(block, "title", path, 255);
            if block.get("tasks").is_some() {
                for (at, task) in checker.array(block, "tasks", path, (0, 50)).iter().enumerate() {
                    task_card(checker, task, &format!("{path}/tasks/{at}"));
                }
            }
        }
        "task_card" => task_card(checker, block, path),
        "video" => {
            checker.text_in(block, "title", path, (Plain, 200));
            checker.required_string(block, "alt_text", path, 2_000);
            checker.required_string(block, "thumbnail_url", path, 3_000);
            checker.required_string(block, "video_url", path, 3_000);
        }
        _ => {}
    }
}

fn section(checker: &mut Checker, block: &Value, path: &str) {
    checker.known(block, &["type", "block_id", "text", "fields", "accessory", "expand"], path);
    checker.optional_bool(block, &["expand"], path);
    if block.get("text").is_none() && block.get("fields").is_none() {
        checker.fault(path, "must have either `text` or `fields`");
    }
    checker.maybe_text_in(block, "text", path, (Any, 3_000));
    if block.get("fields").is_some() {
        for (at, field) in checker.array(block, "fields", path, (1, 10)).iter().enumerate() {
            checker.text(field, &format!("{path}/fields/{at}"), Any, 2_000);
        }
    }
    if let Some(accessory) = block.get("accessory") {
        checker.element(accessory, &format!("{path}/accessory"), &is_accessory, &mut Vec::new());
    }
}

fn context(checker: &mut Checker, block: &Value, path: &str) {
    checker.known(block, &["type", "block_id", "elements"], path);
    for (at, element) in checker.array(block, "elements", path, (1, 10)).iter().enumerate() {
        let path = format!("{path}/elements/{at}");
        match element["type"].as_str() {
            Some("image") => checker.image(element, &path, &["type", "image_url", "slack_file", "alt_text"]),
            _ => checker.text(element, &path, Any, 2_000),
        }
    }
}

fn row(checker: &mut Checker, block: &Value, path: &str, rule: (usize, &dyn Fn(&str) -> bool)) {
    checker.known(block, &["type", "block_id", "elements"], path);
    let mut seen = Vec::new();
    for (at, element) in checker.array(block, "elements", path, (1, rule.0)).iter().enumerate() {
        checker.element(element, &format!("{path}/elements/{at}"), rule.1, &mut seen);
    }
}

fn input(checker: &mut Checker, block: &Value, path: &str) {
    checker.inputs += 1;
    checker.known(block, &["type", "block_id", "label", "element", "hint", "optional", "dispatch_action"], path);
    checker.text_in(block, "label", path, (Plain, 2_000));
    checker.maybe_text_in(block, "hint", path, (Plain, 2_000));
    checker.optional_bool(block, &["optional", "dispatch_action"], path);
    match block.get("element") {
        Some(element) => {
            checker.element(element, &format!("{path}/element"), &|kind| INPUTS.contains(&kind), &mut Vec::new());
        }
        None => checker.fault(path, "missing required field: element"),
    }
}

/// Rich text: the four kinds of parts, and what stands in them.
pub(super) fn rich_text(checker: &mut Checker, block: &Value, path: &str) {
    const PARTS: [&str; 4] = ["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"];
    const INNER: [&str; 10] =
        ["broadcast", "channel", "color", "date", "emoji", "link", "team", "text", "user", "usergroup"];
    for (at, part) in checker.array(block, "elements", path, (0, 1_000)).iter().enumerate() {
        let path = format!("{path}/elements/{at}");
        let kind = part["type"].as_str().unwrap_or_default();
        if !PARTS.contains(&kind) {
            checker.fault(&format!("{path}/type"), &format!("unsupported type: {kind}"));
            continue;
        }
        if kind == "rich_text_list" {
            checker.word(part, "style", &path, &["bullet", "ordered"]);
            rich_text(checker, part, &path);
            continue;
        }
        for (at, inner) in checker.array(part, "elements", &path, (0, 1_000)).iter().enumerate() {
            let path = format!("{path}/elements/{at}");
            let kind = inner["type"].as_str().unwrap_or_default();
            if !INNER.contains(&kind) {
                checker.fault(&format!("{path}/type"), &format!("unsupported type: {kind}"));
            }
            if kind == "text"
                && let Some(text) = checker.required_string(inner, "text", &path, usize::MAX)
            {
                checker.chars += text.chars().count();
            }
        }
    }
}

fn card(checker: &mut Checker, card: &Value, path: &str) {
    if card["type"] != "card" {
        checker.fault(&format!("{path}/type"), "must be card");
    }
    checker.maybe_text_in(card, "title", path, (Any, 150));
    checker.maybe_text_in(card, "subtitle", path, (Any, 150));
    checker.maybe_text_in(card, "body", path, (Any, 200));
    if card.get("actions").is_some() {
        let mut seen = Vec::new();
        for (at, element) in checker.array(card, "actions", path, (1, 5)).iter().enumerate() {
            checker.element(element, &format!("{path}/actions/{at}"), &|kind| ACTIONS.contains(&kind), &mut seen);
        }
    }
}

/// A task, in a plan or alone.
pub(super) fn task_card(checker: &mut Checker, task: &Value, path: &str) {
    checker.required_string(task, "task_id", path, 255);
    checker.required_string(task, "title", path, 255);
    checker.word(task, "status", path, &["pending", "in_progress", "complete", "error"]);
    for name in ["details", "output"] {
        if let Some(text) = task.get(name).filter(|text| !text.is_string()) {
            rich_text(checker, text, &format!("{path}/{name}"));
        }
    }
    if task.get("sources").is_some() {
        for (at, source) in checker.array(task, "sources", path, (0, 50)).iter().enumerate() {
            let path = format!("{path}/sources/{at}");
            checker.required_string(source, "text", &path, 255);
            checker.url_in(source, "url", &path, 3_000);
        }
    }
}
