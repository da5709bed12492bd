//! Block Kit as strictly as Slack reads it (dossier §6.1): every limit, every place where an element may stand. Slack itself only says
//! `invalid_blocks` and where.

mod data;
mod elements;
mod kinds;
mod text;
mod view;

use std::collections::BTreeSet;

use serde_json::{Value, json};

pub use self::view::check_view;
pub(super) use self::view::judge as judge_view;

/// Blocks in a message (dossier §6.1).
const MESSAGE_BLOCKS_MAX: usize = 50;
/// Blocks in a modal or on a home tab.
const VIEW_BLOCKS_MAX: usize = 100;
/// Characters over all blocks of a message.
const MESSAGE_CHARS_MAX: usize = 12_000;
/// Charts in a message.
const CHARTS_MAX: usize = 2;

/// Where blocks stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    Message,
    Modal,
    Home,
}

/// What was found in a set of blocks.
#[derive(Debug)]
pub(super) struct Checker {
    surface: Surface,
    problems: Vec<String>,
    block_ids: BTreeSet<String>,
    charts: usize,
    tables: usize,
    chars: usize,
    inputs: usize,
    files: Vec<String>,
}

/// What is wrong with blocks.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    /// Slack's word.
    pub(super) error: &'static str,
    /// Where and why.
    pub(super) messages: Vec<String>,
}

impl Checker {
    fn new(surface: Surface) -> Self {
        Self {
            surface,
            problems: Vec::new(),
            block_ids: BTreeSet::new(),
            charts: 0,
            tables: 0,
            chars: 0,
            inputs: 0,
            files: Vec::new(),
        }
    }

    fn fault(&mut self, path: &str, what: &str) {
        self.problems.push(format!("[ERROR] {what} [json-pointer:{path}]"));
    }

    /// A text of at most so many characters.
    fn string(&mut self, value: &Value, path: &str, max: usize) -> Option<String> {
        let Some(text) = value.as_str() else {
            self.fault(path, "must be a string");
            return None;
        };
        let length = text.chars().count();
        if length == 0 {
            self.fault(path, "must be more than 0 characters");
        } else if length > max {
            self.fault(path, &format!("must be less than {} characters", max + 1));
        }
        Some(text.to_owned())
    }

    fn optional_string(&mut self, object: &Value, name: &str, path: &str, max: usize) {
        if let Some(value) = object.get(name) {
            self.string(value, &format!("{path}/{name}"), max);
        }
    }

    fn required_string(&mut self, object: &Value, name: &str, path: &str, max: usize) -> Option<String> {
        match object.get(name) {
            Some(value) => self.string(value, &format!("{path}/{name}"), max),
            None => {
                self.fault(path, &format!("missing required field: {name}"));
                None
            }
        }
    }

    fn optional_bool(&mut self, object: &Value, names: &[&str], path: &str) {
        for name in names {
            if object.get(*name).is_some_and(|value| !value.is_boolean()) {
                self.fault(&format!("{path}/{name}"), "must be a boolean");
            }
        }
    }

    /// An array with a number of items between these two.
    fn array<'a>(&mut self, object: &'a Value, name: &str, path: &str, range: (usize, usize)) -> &'a [Value] {
        let at = format!("{path}/{name}");
        match object.get(name) {
            None => self.fault(path, &format!("missing required field: {name}")),
            Some(Value::Array(items)) => {
                if items.len() < range.0 {
                    self.fault(&at, &format!("no fewer than {} items allowed", range.0));
                } else if items.len() > range.1 {
                    self.fault(&at, &format!("no more than {} items allowed", range.1));
                }
                return items;
            }
            Some(_) => self.fault(&at, "must be an array"),
        }
        &[]
    }

    /// Only these properties; Slack refuses what it does not know.
    fn known(&mut self, object: &Value, names: &[&str], path: &str) {
        for name in object.as_object().into_iter().flat_map(|fields| fields.keys()) {
            if !names.contains(&name.as_str()) {
                self.fault(path, &format!("invalid additional property: {name}"));
            }
        }
    }

    fn word(&mut self, object: &Value, name: &str, path: &str, allowed: &[&str]) {
        if let Some(value) = object.get(name)
            && !value.as_str().is_some_and(|word| allowed.contains(&word))
        {
            self.fault(&format!("{path}/{name}"), &format!("must be one of {allowed:?}"));
        }
    }

    fn blocks(&mut self, blocks: &Value, path: &str) {
        let max = if self.surface == Surface::Message { MESSAGE_BLOCKS_MAX } else { VIEW_BLOCKS_MAX };
        let Some(list) = blocks.as_array() else {
            self.fault(path, "must be an array");
            return;
        };
        if list.len() > max {
            self.fault(path, &format!("no more than {max} items allowed"));
        }
        for (at, block) in list.iter().enumerate() {
            kinds::block(self, block, &format!("{path}/{at}"));
        }
        if self.surface == Surface::Message && self.charts > CHARTS_MAX {
            self.fault(path, &format!("no more than {CHARTS_MAX} data_visualization blocks allowed"));
        }
        if self.tables > 1 {
            self.fault(path, "only_one_table_allowed");
        }
    }
}

/// Judges the blocks of a message: the first reason for which Slack would refuse them.
pub(super) fn judge(blocks: &Value, path: &str) -> Result<Found, Verdict> {
    let mut checker = Checker::new(Surface::Message);
    checker.blocks(blocks, path);
    if !checker.problems.is_empty() {
        return Err(Verdict { error: "invalid_blocks", messages: checker.problems });
    }
    if checker.chars > MESSAGE_CHARS_MAX {
        let what = format!("[ERROR] {} characters over all blocks [json-pointer:{path}]", checker.chars);
        return Err(Verdict { error: "msg_blocks_too_long", messages: vec![what] });
    }
    Ok(Found { files: checker.files })
}

/// What good blocks refer to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Slack files that images show.
    pub(super) files: Vec<String>,
}

/// Whether Slack would take this message: an array of blocks, or the arguments of `chat.postMessage` with `text`, `markdown_text`, `blocks`
/// (dossier §6.1, §7).
///
/// # Errors
/// Every reason for which it would not.
pub fn check_message(message: &Value) -> Result<(), Vec<String>> {
    let wrapped;
    let message = if message.is_array() {
        wrapped = json!({ "blocks": message });
        &wrapped
    } else {
        message
    };
    let mut reasons = Vec::new();
    let chars = |name: &str| message[name].as_str().map_or(0, |text| text.chars().count());
    let empty_blocks = message["blocks"].as_array().is_none_or(Vec::is_empty);
    if chars("text") == 0 && chars("markdown_text") == 0 && empty_blocks {
        reasons.push("no_text".to_owned());
    }
    if chars("markdown_text") > 0 && (chars("text") > 0 || !empty_blocks) {
        reasons.push("markdown_text_conflict".to_owned());
    }
    if chars("markdown_text") > super::chat::MARKDOWN_CHARS_MAX || chars("text") > super::chat::TEXT_CHARS_MAX {
        reasons.push("msg_too_long".to_owned());
    }
    if let Some(blocks) = message.get("blocks")
        && let Err(verdict) = judge(blocks, "/blocks")
    {
        reasons.extend(verdict.messages);
    }
    if reasons.is_empty() { Ok(()) } else { Err(reasons) }
}
