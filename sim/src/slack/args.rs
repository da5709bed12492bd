//! Arguments of a Web API call, from a form, from JSON or from the address (dossier §1).

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The arguments of one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Args(Map<String, Value>);

impl Args {
    /// Reads the address and the body. A method that takes forms only sees nothing of a JSON body.
    pub(super) fn read(
        query: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
        forms_only: bool,
    ) -> Result<Self, Refusal> {
        let mut all = Map::new();
        let mut take = |pairs: &[u8]| {
            for (name, value) in url::form_urlencoded::parse(pairs) {
                all.insert(name.into_owned(), Value::String(value.into_owned()));
            }
        };
        take(query.unwrap_or_default().as_bytes());
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("application/json") {
            if !forms_only && !body.is_empty() {
                match serde_json::from_slice(body) {
                    Ok(Value::Object(fields)) => all.extend(fields),
                    Ok(_) => return Err(Refusal::new("json_not_object")),
                    Err(_) => return Err(Refusal::new("invalid_json")),
                }
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            take(body);
        } else if !body.is_empty() {
            return Err(Refusal::new("invalid_post_type"));
        }
        all.retain(|_, value| !value.is_null());
        Ok(Self(all))
    }

    /// Straight from JSON, for those who speak for a person.
    pub(super) fn of(fields: &Value) -> Self {
        Self(fields.as_object().cloned().unwrap_or_default())
    }

    /// Everything, for the log of a test.
    pub(super) fn all(&self) -> Value {
        let mut all = self.0.clone();
        for secret in ["token", "client_secret", "refresh_token", "code"] {
            all.remove(secret);
        }
        Value::Object(all)
    }

    /// A text that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The text, or empty.
    pub(super) fn word(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// As it came.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether it was given at all (an empty text counts as not given).
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.as_str() != Some(""))
    }

    /// Yes, `true` or `1`.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::String(word)) => matches!(word.as_str(), "true" | "1" | "True"),
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// A structure: as JSON, or as JSON in a text, which is how forms carry it.
    pub(super) fn structure(&self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => match serde_json::from_str(text) {
                Ok(value) => Ok(Some(value)),
                Err(_) if name == "blocks" => Err(Refusal::new("invalid_blocks_format")),
                Err(_) => Err(Refusal::arguments(&format!("must be valid JSON: {name}"))),
            },
            Some(value) => Ok(Some(value.clone())),
        }
    }
}
