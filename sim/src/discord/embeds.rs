//! Embeds as strictly as Discord reads them (dossier §8), and how they look afterwards.

use serde_json::{Map, Value, json};

use super::content::units;
use super::refusal::Form;
use crate::clock::parse_rfc3339;

/// Embeds in a message.
const EMBEDS_MAX: usize = 10;
/// Characters over all embeds of a message.
const CHARS_MAX: usize = 6_000;
const FIELDS_MAX: usize = 25;
const COLOUR_MAX: u64 = 0xff_ffff;
const URL_MAX: usize = 2_048;

/// Judges a list of embeds; `names` are the files that they may refer to. What is good comes back trimmed.
pub(super) fn judge(form: &mut Form, list: &Value, names: &[String]) -> Vec<Value> {
    let Some(list) = list.as_array() else {
        form.wrong_type("embeds", "an array");
        return Vec::new();
    };
    if list.len() > EMBEDS_MAX {
        form.fault("embeds", "BASE_TYPE_MAX_LENGTH", format!("Must be {EMBEDS_MAX} or fewer in length."));
    }
    let mut checker = Checker { form, names, chars: 0 };
    let good = list.iter().enumerate().map(|(at, embed)| checker.embed(embed, &format!("embeds.{at}"))).collect();
    if checker.chars > CHARS_MAX {
        checker.form.fault("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
    }
    good
}

struct Checker<'a> {
    form: &'a mut Form,
    names: &'a [String],
    chars: usize,
}

impl Checker<'_> {
    fn embed(&mut self, embed: &Value, path: &str) -> Value {
        let Some(given) = embed.as_object() else {
            self.form.wrong_type(path, "an object");
            return Value::Null;
        };
        let mut made = Map::new();
        for (name, max) in [("title", 256), ("description", 4_096)] {
            if let Some(text) = self.text(given, name, path, max) {
                made.insert(name.to_owned(), json!(text));
            }
        }
        self.address(given, "url", path, &mut made);
        match given.get("color") {
            None | Some(Value::Null) => {}
            Some(colour) if colour.as_u64().is_some_and(|colour| colour <= COLOUR_MAX) => {
                made.insert("color".to_owned(), colour.clone());
            }
            Some(_) => self.form.fault(
                &format!("{path}.color"),
                "NUMBER_TYPE_MAX",
                "int value should be between 0 and 16777215.",
            ),
        }
        match given.get("timestamp") {
            None | Some(Value::Null) => {}
            Some(at) if at.as_str().and_then(parse_rfc3339).is_some() => {
                made.insert("timestamp".to_owned(), at.clone());
            }
            Some(_) => self.form.fault(
                &format!("{path}.timestamp"),
                "DATE_TIME_TYPE_PARSE",
                "Could not parse the timestamp. Should be ISO8601.",
            ),
        }
        for (name, inner, max) in [("footer", "text", 2_048), ("author", "name", 256)] {
            self.small(given, (name, inner, max), path, &mut made);
        }
        for name in ["image", "thumbnail"] {
            if let Some(media) = given.get(name).filter(|media| !media.is_null()) {
                let at = format!("{path}.{name}");
                let mut shown = Map::new();
                match media.as_object() {
                    Some(media) if media.get("url").is_some_and(Value::is_string) => {
                        self.address(media, "url", &at, &mut shown);
                    }
                    _ => self.form.required(&format!("{at}.url")),
                }
                made.insert(name.to_owned(), Value::Object(shown));
            }
        }
        self.fields(given, path, &mut made);
        if made.is_empty() {
            self.form.required(&format!("{path}.description"));
        }
        made.insert("type".to_owned(), json!("rich"));
        Value::Object(made)
    }

    /// A text, trimmed before it is counted; nothing when it is empty.
    fn text(&mut self, given: &Map<String, Value>, name: &str, path: &str, max: usize) -> Option<String> {
        let at = format!("{path}.{name}");
        match given.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => {
                let text = text.trim();
                let length = units(text);
                self.chars += length;
                if length > max {
                    self.form.too_long(&at, max);
                }
                (!text.is_empty()).then(|| text.to_owned())
            }
            Some(_) => {
                self.form.wrong_type(&at, "a string");
                None
            }
        }
    }

    /// A text that must be there.
    fn needed(&mut self, given: &Map<String, Value>, name: &str, path: &str, max: usize) -> String {
        let had = given.get(name).is_some_and(|value| !value.is_string() && !value.is_null());
        self.text(given, name, path, max).unwrap_or_else(|| {
            if !had {
                self.form.required(&format!("{path}.{name}"));
            }
            String::new()
        })
    }

    fn small(
        &mut self,
        given: &Map<String, Value>,
        what: (&str, &str, usize),
        path: &str,
        made: &mut Map<String, Value>,
    ) {
        let Some(held) = given.get(what.0).filter(|held| !held.is_null()) else { return };
        let at = format!("{path}.{}", what.0);
        let Some(held) = held.as_object() else {
            self.form.wrong_type(&at, "an object");
            return;
        };
        let text = self.needed(held, what.1, &at, what.2);
        let mut shown = Map::from_iter([(what.1.to_owned(), json!(text))]);
        for name in ["url", "icon_url"] {
            self.address(held, name, &at, &mut shown);
        }
        made.insert(what.0.to_owned(), Value::Object(shown));
    }

    fn fields(&mut self, given: &Map<String, Value>, path: &str, made: &mut Map<String, Value>) {
        let Some(fields) = given.get("fields").filter(|fields| !fields.is_null()) else { return };
        let at = format!("{path}.fields");
        let Some(fields) = fields.as_array() else {
            self.form.wrong_type(&at, "an array");
            return;
        };
        if fields.len() > FIELDS_MAX {
            self.form.fault(&at, "BASE_TYPE_MAX_LENGTH", format!("Must be {FIELDS_MAX} or fewer in length."));
        }
        let mut shown = Vec::new();
        for (number, field) in fields.iter().enumerate() {
            let at = format!("{at}.{number}");
            let Some(field) = field.as_object() else {
                self.form.wrong_type(&at, "an object");
                continue;
            };
            let (name, value) = (self.needed(field, "name", &at, 256), self.needed(field, "value", &at, 1_024));
            let inline = field.get("inline").and_then(Value::as_bool).unwrap_or(false);
            shown.push(json!({ "name": name, "value": value, "inline": inline }));
        }
        if !shown.is_empty() {
            made.insert("fields".to_owned(), json!(shown));
        }
    }

    /// An address: of the web, or of a file that comes along.
    fn address(&mut self, given: &Map<String, Value>, name: &str, path: &str, made: &mut Map<String, Value>) {
        let at = format!("{path}.{name}");
        let url = match given.get(name) {
            None | Some(Value::Null) => return,
            Some(Value::String(url)) => url,
            Some(_) => return self.form.wrong_type(&at, "a string"),
        };
        if url.is_empty() {
            return;
        }
        if units(url) > URL_MAX {
            self.form.too_long(&at, URL_MAX);
        }
        if let Some(file) = url.strip_prefix("attachment://") {
            if !self.names.iter().any(|known| known == file) {
                self.form.fault(&at, "ATTACHMENT_NOT_FOUND", format!("The attachment {file} was not found."));
            }
        } else if !super::content::is_web(url) {
            self.form.fault(
                &at,
                "URL_TYPE_INVALID_SCHEME",
                format!("Scheme \"{url}\" is not supported. Scheme must be one of ('http', 'https')."),
            );
        }
        made.insert(name.to_owned(), json!(url));
    }
}
