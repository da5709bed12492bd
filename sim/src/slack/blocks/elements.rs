//! Interactive elements, and where each may stand (dossier §6.1, §6.3).

use serde_json::Value;

use super::text::Wanted::{Any, Plain};
use super::{Checker, Surface};

/// What may stand beside a section.
pub(super) const ACCESSORIES: [&str; 16] = [
    "button",
    "channels_select",
    "checkboxes",
    "conversations_select",
    "datepicker",
    "external_select",
    "image",
    "multi_channels_select",
    "multi_conversations_select",
    "multi_external_select",
    "multi_static_select",
    "multi_users_select",
    "overflow",
    "radio_buttons",
    "static_select",
    "timepicker",
];
const LATE_ACCESSORIES: [&str; 2] = ["users_select", "workflow_button"];
/// What may stand in a row of actions.
pub(super) const ACTIONS: [&str; 13] = [
    "button",
    "channels_select",
    "checkboxes",
    "conversations_select",
    "datepicker",
    "datetimepicker",
    "external_select",
    "overflow",
    "radio_buttons",
    "static_select",
    "timepicker",
    "users_select",
    "workflow_button",
];
/// What a person fills in.
pub(super) const INPUTS: [&str; 21] = [
    "channels_select",
    "checkboxes",
    "conversations_select",
    "datepicker",
    "datetimepicker",
    "email_text_input",
    "external_select",
    "file_input",
    "multi_channels_select",
    "multi_conversations_select",
    "multi_external_select",
    "multi_static_select",
    "multi_users_select",
    "number_input",
    "plain_text_input",
    "radio_buttons",
    "rich_text_input",
    "static_select",
    "timepicker",
    "url_text_input",
    "users_select",
];

/// Whether it may stand beside a section.
pub(super) fn is_accessory(kind: &str) -> bool {
    ACCESSORIES.contains(&kind) || LATE_ACCESSORIES.contains(&kind)
}

impl Checker {
    /// One element; `seen` are the action ids of its block so far.
    pub(super) fn element(
        &mut self,
        element: &Value,
        path: &str,
        allowed: &dyn Fn(&str) -> bool,
        seen: &mut Vec<String>,
    ) {
        let kind = element["type"].as_str().unwrap_or_default();
        if !allowed(kind) {
            self.fault(&format!("{path}/type"), &format!("unsupported type: {kind}"));
            return;
        }
        if kind == "image" {
            self.image(element, path, &["type", "image_url", "slack_file", "alt_text"]);
            return;
        }
        if let Some(id) = element.get("action_id") {
            let at = format!("{path}/action_id");
            if let Some(id) = self.string(id, &at, 255) {
                if seen.contains(&id) {
                    self.fault(&at, "`action_id` must be unique within a block");
                }
                seen.push(id);
            }
        }
        if kind != "overflow" && !kind.ends_with("button") && !kind.ends_with("buttons") {
            self.maybe_text_in(element, "placeholder", path, (Plain, 150));
        }
        self.optional_bool(element, &["focus_on_load", "multiline", "is_decimal_allowed"], path);
        self.confirm(element, path);
        self.kind(kind, element, path);
    }

    fn kind(&mut self, kind: &str, element: &Value, path: &str) {
        match kind {
            "button" => self.button(element, path),
            "overflow" => self.options(element, path, (1, 5), kind),
            "checkboxes" | "radio_buttons" => self.options(element, path, (1, 10), kind),
            "static_select" | "multi_static_select" => self.menu(element, path, kind),
            "datepicker" => self.shaped(element, "initial_date", path, "dddd-dd-dd"),
            "timepicker" => self.shaped(element, "initial_time", path, "dd:dd"),
            "datetimepicker" => {
                let initial = element.get("initial_date_time");
                if initial.is_some_and(|at| !at.as_i64().is_some_and(|s| (1_000_000_000..10_000_000_000).contains(&s)))
                {
                    self.fault(&format!("{path}/initial_date_time"), "must be a UNIX timestamp of 10 digits");
                }
            }
            "plain_text_input" => self.plain_text_input(element, path),
            "number_input" if !element["is_decimal_allowed"].is_boolean() => {
                self.fault(path, "missing required field: is_decimal_allowed");
            }
            "file_input" if self.surface != Surface::Modal => {
                self.fault(&format!("{path}/type"), "unsupported type: file_input");
            }
            "feedback_buttons" => {
                for name in ["positive_button", "negative_button"] {
                    let at = format!("{path}/{name}");
                    let Some(button) = element.get(name) else {
                        self.fault(path, &format!("missing required field: {name}"));
                        continue;
                    };
                    self.known(button, &["text", "value", "accessibility_label"], &at);
                    self.text_in(button, "text", &at, (Plain, 75));
                    self.required_string(button, "value", &at, 2_000);
                    self.optional_string(button, "accessibility_label", &at, 75);
                }
            }
            "icon_button" => {
                self.required_string(element, "icon", path, 255);
                self.text_in(element, "text", path, (Plain, 75));
                self.optional_string(element, "value", path, 2_000);
                self.optional_string(element, "accessibility_label", path, 75);
            }
            _ => {}
        }
    }

    fn button(&mut self, element: &Value, path: &str) {
        let names = ["type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"];
        self.known(element, &names, path);
        self.text_in(element, "text", path, (Plain, 75));
        self.optional_string(element, "value", path, 2_000);
        self.url_in(element, "url", path, 3_000);
        self.optional_string(element, "accessibility_label", path, 75);
        self.word(element, "style", path, &["primary", "danger"]);
    }

    fn options(&mut self, element: &Value, path: &str, range: (usize, usize), kind: &str) {
        let wanted = if kind == "checkboxes" || kind == "radio_buttons" { Any } else { Plain };
        let options = self.array(element, "options", path, range);
        for (at, option) in options.iter().enumerate() {
            self.option(option, &format!("{path}/options/{at}"), wanted, kind == "overflow");
        }
        self.initial(element, path, options);
    }

    /// What is chosen from the start must be among the options, to the letter.
    fn initial(&mut self, element: &Value, path: &str, options: &[Value]) {
        let many = element.get("initial_options").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if element.get("initial_options").is_some() && many.is_empty() {
            self.fault(&format!("{path}/initial_options"), "no fewer than 1 items allowed");
        }
        for initial in element.get("initial_option").into_iter().chain(many) {
            if !options.contains(initial) {
                self.fault(path, "`initial_option` must exactly match one of the options");
            }
        }
    }

    fn menu(&mut self, element: &Value, path: &str, kind: &str) {
        match (element.get("options"), element.get("option_groups")) {
            (Some(_), None) => self.options(element, path, (1, 100), kind),
            (None, Some(_)) => {
                let groups = self.array(element, "option_groups", path, (1, 100));
                let mut all = Vec::new();
                for (at, group) in groups.iter().enumerate() {
                    let path = format!("{path}/option_groups/{at}");
                    self.text_in(group, "label", &path, (Plain, 75));
                    let options = self.array(group, "options", &path, (1, 100));
                    for (at, option) in options.iter().enumerate() {
                        self.option(option, &format!("{path}/options/{at}"), Plain, false);
                    }
                    all.extend_from_slice(options);
                }
                self.initial(element, path, &all);
            }
            _ => self.fault(path, "must have either `options` or `option_groups`"),
        }
    }

    fn plain_text_input(&mut self, element: &Value, path: &str) {
        let length = |name: &str| element.get(name).map(|value| value.as_u64().unwrap_or(u64::MAX));
        if length("max_length").is_some_and(|max| !(1..=3_000).contains(&max)) {
            self.fault(&format!("{path}/max_length"), "must be between 1 and 3000");
        }
        if length("min_length").is_some_and(|min| min > 3_000 || length("max_length").is_some_and(|max| min > max)) {
            self.fault(&format!("{path}/min_length"), "must be at most max_length");
        }
        if let Some(initial) = element.get("initial_value") {
            let max = length("max_length").unwrap_or(3_000).min(3_000);
            if initial.as_str().is_none_or(|text| text.chars().count() as u64 > max) {
                self.fault(&format!("{path}/initial_value"), &format!("must be less than {} characters", max + 1));
            }
        }
    }

    /// A date or a time: `d` stands for a digit.
    fn shaped(&mut self, element: &Value, name: &str, path: &str, shape: &str) {
        let Some(value) = element.get(name) else { return };
        let fits = value.as_str().is_some_and(|text| {
            text.len() == shape.len()
                && text.bytes().zip(shape.bytes()).all(|(byte, want)| match want {
                    b'd' => byte.is_ascii_digit(),
                    _ => byte == want,
                })
        });
        if !fits {
            self.fault(&format!("{path}/{name}"), "must be of the right format");
        }
    }

    /// An image, as a block or beside other things.
    pub(super) fn image(&mut self, image: &Value, path: &str, names: &[&str]) {
        self.known(image, names, path);
        self.required_string(image, "alt_text", path, 2_000);
        match (image.get("image_url"), image.get("slack_file")) {
            (Some(_), None) => self.url_in(image, "image_url", path, 3_000),
            (None, Some(file)) => match (file["id"].as_str(), file["url"].as_str()) {
                (Some(id), None) => self.files.push(id.to_owned()),
                (None, Some(_)) => {}
                _ => self.fault(&format!("{path}/slack_file"), "must have either `id` or `url`"),
            },
            _ => self.fault(path, "must have either `image_url` or `slack_file`"),
        }
    }
}
