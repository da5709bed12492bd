//! From file and environment to checked values, collecting every fault on the way.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::str::FromStr;

use url::Url;

use super::ConfigFaults;
use super::keys::{Key, Kind, find};

/// The faults found so far.
#[derive(Default)]
pub(super) struct Faults(Vec<String>);

/// Checked values by key.
pub(super) type Values = BTreeMap<&'static str, String>;

impl Faults {
    pub(super) fn push(&mut self, fault: String) {
        self.0.push(fault);
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigFaults> {
        if self.0.is_empty() { Ok(value) } else { Err(ConfigFaults(self.0)) }
    }

    /// The value or its default. A value that does not parse was reported when it was gathered.
    pub(super) fn parse<T: FromStr + Fallback>(&mut self, values: &Values, key: &'static str, default: &str) -> T {
        let text = values.get(key).map_or(default, String::as_str);
        text.parse().or_else(|_| default.parse()).unwrap_or_else(|_| T::fallback())
    }

    pub(super) fn url(&mut self, values: &Values, key: &'static str) -> Option<Url> {
        values.get(key).and_then(|text| text.parse().ok())
    }

    pub(super) fn url_or(&mut self, values: &Values, key: &'static str, default: &str) -> Option<Url> {
        values.get(key).map_or(default, String::as_str).parse().ok()
    }
}

/// A value for the case that cannot happen: a default of ours that does not parse.
pub(super) trait Fallback {
    fn fallback() -> Self;
}

impl Fallback for SocketAddr {
    fn fallback() -> Self {
        Self::from(([127, 0, 0, 1], 8787))
    }
}

impl Fallback for i64 {
    fn fallback() -> Self {
        0
    }
}

/// Everything set, checked by kind; the environment stands above the file.
pub(super) fn gather(file: &str, environment: &BTreeMap<String, String>, faults: &mut Faults) -> Values {
    let mut given = Vec::new();
    match file.parse::<toml::Table>() {
        Ok(table) => flatten(&table, faults, &mut given),
        Err(error) => faults.push(format!("socrazi.toml cannot be read: {}", error.message())),
    }
    for (name, value) in environment {
        let rest = name.trim_start_matches("SOCRAZI_").to_ascii_lowercase();
        match rest.split_once("__") {
            Some((section, key)) => {
                given.push((format!("{section}.{key}"), value.clone(), format!("{name} in the environment")))
            }
            None => {
                faults.push(format!("{name} in the environment is not a setting: names look like SOCRAZI_SERVER__BIND"))
            }
        }
    }
    let mut values = Values::new();
    for (name, value, place) in given {
        take(&name, value, &place, faults, &mut values);
    }
    values
}

fn flatten(table: &toml::Table, faults: &mut Faults, given: &mut Vec<(String, String, String)>) {
    for (section, inner) in table {
        let Some(inner) = inner.as_table() else {
            faults.push(format!("{section} in socrazi.toml is not a section: write [{section}] and its keys below"));
            continue;
        };
        for (key, value) in inner {
            let name = format!("{section}.{key}");
            match value {
                toml::Value::String(text) => given.push((name.clone(), text.clone(), name)),
                toml::Value::Integer(number) => given.push((name.clone(), number.to_string(), name)),
                toml::Value::Boolean(_)
                | toml::Value::Float(_)
                | toml::Value::Datetime(_)
                | toml::Value::Array(_)
                | toml::Value::Table(_) => faults.push(format!("{name} must be a text or a whole number")),
            }
        }
    }
}

fn take(name: &str, value: String, place: &str, faults: &mut Faults, values: &mut Values) {
    if let Some(key) = find(name) {
        return check(key, value, place, faults, values);
    }
    let of_file = name.strip_suffix("_file").and_then(find).filter(|key| key.kind == Kind::Secret);
    let Some(key) = of_file else {
        return faults.push(format!("{place} is not a setting of Socrazi: README lists them all"));
    };
    match std::fs::read_to_string(&value) {
        Ok(text) => check(key, text.trim_end_matches(['\n', '\r']).to_owned(), place, faults, values),
        Err(error) => faults.push(format!("{place} names a file that cannot be read: {error}")),
    }
}

fn check(key: &'static Key, value: String, place: &str, faults: &mut Faults, values: &mut Values) {
    let wrong = match key.kind {
        Kind::Text | Kind::Secret => value.is_empty().then(|| "must not be empty".to_owned()),
        Kind::Url => value
            .parse::<Url>()
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
            .is_none()
            .then(|| "must be an address that begins with http:// or https://".to_owned()),
        Kind::Address => {
            value.parse::<SocketAddr>().is_err().then(|| "must be an address and port, like 127.0.0.1:8787".to_owned())
        }
        Kind::Number => value
            .parse::<i64>()
            .ok()
            .filter(|n| *n >= 0)
            .is_none()
            .then(|| "must be a whole number, 0 or more".to_owned()),
        Kind::Word(words) => {
            (!words.contains(&value.as_str())).then(|| format!("must be one of: {}", words.join(", ")))
        }
    };
    match wrong {
        Some(rule) => faults.push(format!("{place} {rule}")),
        None => {
            values.insert(key.name, value);
        }
    }
}
