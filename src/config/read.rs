//! From file and environment to checked values, collecting every fault on the way.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::str::FromStr;

use url::Url;

use super::keys::find;
use crate::domain::setting::{Faults, Key, Kind, Values};

/// The value or its default. A value that does not parse was reported when it was gathered.
pub(super) fn parse<T: FromStr + Fallback>(values: &Values, key: &'static str, default: &str) -> T {
    let text = values.get(key).map_or(default, String::as_str);
    text.parse().or_else(|_| default.parse()).unwrap_or_else(|_| T::fallback())
}

pub(super) fn url(values: &Values, key: &'static str) -> Option<Url> {
    values.get(key).and_then(|text| text.parse().ok())
}

pub(super) fn url_or(values: &Values, key: &'static str, default: &str) -> Option<Url> {
    values.get(key).map_or(default, String::as_str).parse().ok()
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

/// Everything set, checked by kind; the environment stands above the file. `file` is its name and its text.
pub(super) fn gather(file: (&str, &str), environment: &BTreeMap<String, String>, faults: &mut Faults) -> Values {
    let (name, text) = file;
    let mut given = Vec::new();
    match text.parse::<toml::Table>() {
        Ok(table) => flatten(name, &table, faults, &mut given),
        Err(error) => {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            faults.push(format!("{name}, line {line}: {}", error.message()));
        }
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

fn flatten(file: &str, table: &toml::Table, faults: &mut Faults, given: &mut Vec<(String, String, String)>) {
    for (section, inner) in table {
        let Some(inner) = inner.as_table() else {
            faults.push(format!("{section} in {file} is not a section: write [{section}] and its keys below"));
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
    let of_file = name.strip_suffix("_file").and_then(find).filter(|key| key.kind.is_secret());
    let Some(key) = of_file else {
        return faults.push(format!("{place} is not a setting of Socrazi: README lists them all"));
    };
    match std::fs::read_to_string(&value) {
        Ok(text) => check(key, text.trim_end_matches(['\n', '\r']).to_owned(), place, faults, values),
        Err(error) => faults.push(format!("{place} names a file that cannot be read: {error}")),
    }
}

fn check(key: &'static Key, value: String, place: &str, faults: &mut Faults, values: &mut Values) {
    match wrong(key.kind, &value) {
        Some(rule) => faults.push(format!("{place} {rule}")),
        None => {
            values.insert(key.name, value);
        }
    }
}

/// What a value must be that it is not.
fn wrong(kind: Kind, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("must not be empty".into());
    }
    let (is_right, rule) = match kind {
        Kind::Text | Kind::Secret => (true, "must not be empty"),
        Kind::SecretKey => (is_key(value), "must be the base64 text of 32 bytes, or the lines of a key file"),
        Kind::SecretPostgres => (
            value.parse::<Url>().is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql")),
            "must be an address that begins with postgres://; without it SQLite is used",
        ),
        Kind::Url => (web_address(value).is_some(), "must be an address that begins with http:// or https://"),
        Kind::Origin => (
            web_address(value).is_some_and(|url| is_origin(&url)),
            "must be an address that begins with http:// or https:// and has no path, query or user: every path below it is Socrazi's",
        ),
        Kind::Address => (value.parse::<SocketAddr>().is_ok(), "must be an address and port, like 127.0.0.1:8787"),
        Kind::Number => (value.parse::<i64>().is_ok_and(|n| n >= 0), "must be a whole number, 0 or more"),
        Kind::Days => (
            value.parse::<i64>().is_ok_and(|n| (1..=DAYS_MAX).contains(&n)),
            "must be a whole number of days, 1 to 36500; leave it out to keep them",
        ),
        Kind::Filter => (
            is_filter(value),
            "must be off, error, warn, info, debug or trace, or parts like socrazi=debug with commas between",
        ),
        Kind::Word(words) => {
            return (!words.contains(&value)).then(|| format!("must be one of: {}", words.join(", ")));
        }
    };
    (!is_right).then(|| rule.to_owned())
}

/// A century of days.
const DAYS_MAX: i64 = 36_500;

fn web_address(value: &str) -> Option<Url> {
    let url = value.parse::<Url>().ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then_some(url)
}

fn is_origin(url: &Url) -> bool {
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    is_bare && url.username().is_empty() && url.password().is_none()
}

/// A key alone, or a key file's lines; the vault reads them again and says which line is wrong.
fn is_key(value: &str) -> bool {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let mut lines = value.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
    let has_any = lines.peek().is_some();
    let is_one = |line: &str| {
        let encoded = line.strip_prefix("socrazi-kek-1").unwrap_or(line).trim();
        STANDARD.decode(encoded).is_ok_and(|bytes| bytes.len() == 32)
    };
    has_any && lines.all(is_one)
}

/// Whether a tracing filter says what it seems to say: a word alone would be read as the name of a target.
fn is_filter(value: &str) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_part = |part: &str| {
        let part = part.trim();
        LEVELS.iter().any(|level| part.eq_ignore_ascii_case(level)) || part.contains('=') || part.contains('[')
    };
    value.split(',').all(is_part) && tracing_subscriber::EnvFilter::try_new(value).is_ok()
}
