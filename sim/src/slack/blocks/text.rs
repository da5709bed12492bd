//! Text objects, confirmations and options (dossier §6.1).

use serde_json::Value;

use super::Checker;

/// Which text a place takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Plain,
    Any,
}

impl Checker {
    /// A text object of at most so many characters.
    pub(super) fn text(&mut self, value: &Value, path: &str, wanted: Wanted, max: usize) {
        if !value.is_object() {
            self.fault(path, "must be a text object");
            return;
        }
        match (value["type"].as_str(), wanted) {
            (Some("plain_text"), _) => self.known(value, &["type", "text", "emoji"], path),
            (Some("mrkdwn"), Wanted::Any) => self.known(value, &["type", "text", "verbatim"], path),
            (Some("mrkdwn"), Wanted::Plain) => self.fault(&format!("{path}/type"), "must be plain_text"),
            _ => self.fault(&format!("{path}/type"), "must be one of [\"plain_text\", \"mrkdwn\"]"),
        }
        self.optional_bool(value, &["emoji", "verbatim"], path);
        if let Some(text) = self.required_string(value, "text", path, max) {
            self.chars += text.chars().count();
        }
    }

    /// A text object under a name.
    pub(super) fn text_in(&mut self, object: &Value, name: &str, path: &str, rule: (Wanted, usize)) {
        match object.get(name) {
            Some(value) => self.text(value, &format!("{path}/{name}"), rule.0, rule.1),
            None => self.fault(path, &format!("missing required field: {name}")),
        }
    }

    /// The same where it may be absent.
    pub(super) fn maybe_text_in(&mut self, object: &Value, name: &str, path: &str, rule: (Wanted, usize)) {
        if object.get(name).is_some() {
            self.text_in(object, name, path, rule);
        }
    }

    /// The question before an action: title 100, text 300, buttons 30.
    pub(super) fn confirm(&mut self, object: &Value, path: &str) {
        let Some(confirm) = object.get("confirm") else { return };
        let path = format!("{path}/confirm");
        if !confirm.is_object() {
            self.fault(&path, "must be an object");
            return;
        }
        self.known(confirm, &["title", "text", "confirm", "deny", "style"], &path);
        self.text_in(confirm, "title", &path, (Wanted::Plain, 100));
        self.text_in(confirm, "text", &path, (Wanted::Any, 300));
        self.text_in(confirm, "confirm", &path, (Wanted::Plain, 30));
        self.text_in(confirm, "deny", &path, (Wanted::Plain, 30));
        self.word(confirm, "style", &path, &["primary", "danger"]);
    }

    /// One option of a menu or a list of boxes.
    pub(super) fn option(&mut self, option: &Value, path: &str, wanted: Wanted, has_url: bool) {
        if !option.is_object() {
            self.fault(path, "must be an object");
            return;
        }
        let names: &[&str] =
            if has_url { &["text", "value", "description", "url"] } else { &["text", "value", "description"] };
        self.known(option, names, path);
        self.text_in(option, "text", path, (wanted, 75));
        self.required_string(option, "value", path, 150);
        self.maybe_text_in(option, "description", path, (wanted, 75));
        if has_url {
            self.url_in(option, "url", path, 3_000);
        }
    }

    /// A web address, where there is one.
    pub(super) fn url_in(&mut self, object: &Value, name: &str, path: &str, max: usize) {
        let Some(value) = object.get(name) else { return };
        let at = format!("{path}/{name}");
        if let Some(text) = self.string(value, &at, max)
            && !url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto"))
        {
            self.fault(&at, "must be a valid URL");
        }
    }
}
