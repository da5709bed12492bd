//! One typed configuration: `socrazi.toml`, then the environment. Every fault is reported at once, with the key's name and what
//! is allowed. The list of keys is in `keys.rs`; nothing else reads the environment.
#![expect(clippy::disallowed_methods, reason = "this is where the environment is read")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde_json::json;
use url::Url;

use crate::domain::allowed::Allowed;
use crate::domain::oauth::Redirect;
use crate::domain::post::digest;
use crate::domain::proxies::Proxies;
use crate::domain::setting::{Faults, Key, Values};

mod google;
pub mod keys;
mod media;
mod networks;
mod read;
mod sections;

pub use google::GoogleSection;
pub use media::{BucketSection, MediaStore};
pub use networks::Sections;
use read::{parse, url};
pub use sections::{DiscordSection, GeminiSection, OidcSection, SlackSection};
use sections::{discord_section, gemini_section, oidc_section, slack_section};

/// Where the keys that seal everything come from.
#[derive(Debug)]
pub enum KekSource {
    /// A key given as a setting. Weaker than a file: the environment leaks into child processes and crash reports.
    Value(SecretString),
    /// A file, made on first start when it is the default one.
    File {
        /// Where.
        path: PathBuf,
        /// Whether a missing file may be made.
        may_create: bool,
    },
}

/// Who runs this server, for `/privacy` and `/terms`.
#[derive(Debug, Clone, Default)]
pub struct Operator {
    /// `operator.name`.
    pub name: String,
    /// `operator.address`.
    pub address: String,
    /// `operator.contact`.
    pub contact: String,
    /// `operator.country`.
    pub country: String,
}

/// The whole configuration.
#[derive(Debug)]
pub struct Config {
    /// `server.bind`.
    pub bind: SocketAddr,
    /// `server.public_url`, without a trailing path.
    pub public_url: Url,
    /// `data.dir`.
    pub data_dir: PathBuf,
    /// `database.url`; SQLite in the data folder without it.
    pub database_url: Option<SecretString>,
    /// `vault.*`.
    pub kek: KekSource,
    /// The sections of the networks that are configured.
    pub networks: Sections,
    /// `oidc.*`, when an outside issuer is trusted.
    pub oidc: Option<OidcSection>,
    /// `google.*`, when Google is configured.
    pub google: Option<GoogleSection>,
    /// `retention.analytics_days`.
    pub analytics_days: i64,
    /// `retention.youtube_days`.
    pub youtube_days: i64,
    /// `gemini.*`, when there is a key.
    pub gemini: Option<GeminiSection>,
    /// `slack.*`, when Slack is configured.
    pub slack: Option<SlackSection>,
    /// `discord.*`, when Discord is configured.
    pub discord: Option<DiscordSection>,
    /// `mcp.*`: what MCP clients are shown at most.
    pub mcp_allowed: Allowed,
    /// `mcp.app_redirects`: addresses with an app's own scheme that programs may be sent back to, beside the known ones.
    pub app_redirects: Vec<Redirect>,
    /// `server.trusted_proxies`.
    pub trusted_proxies: Proxies,
    /// `retention.conversation_days`.
    pub conversation_days: Option<i64>,
    /// `media.store` and its keys.
    pub media_store: MediaStore,
    /// `media.max_bytes`: the largest file that is taken in.
    pub media_bytes_max: usize,
    /// The folder of whoever runs this server, where the environment names one: `~` in a path that they give.
    pub home: Option<PathBuf>,
    /// `operator.*`.
    pub operator: Operator,
    /// `log.level`, a tracing filter.
    pub log_level: String,
    /// `log.format` is `json`.
    pub log_format: LogFormat,
    /// Keys that are set and that this version does not use yet, for `doctor`.
    pub unused: Vec<&'static str>,
    /// What is set, by hash.
    pub given: Given,
}

/// Which keys are set, and a hash of each value: enough to see that one was changed.
pub struct Given(BTreeMap<&'static str, String>);

impl Given {
    fn of(values: &Values) -> Self {
        Self(values.iter().map(|(key, value)| (*key, digest(&json!([key, value])))).collect())
    }

    /// Short marks of the values under this salt: two different values have the same one once in 65,536 times, so nobody learns more from a
    /// mark than that.
    #[must_use]
    pub fn marks(&self, salt: &str) -> BTreeMap<String, String> {
        const HEX_DIGITS: usize = 4;
        let mark = |hash: &String| digest(&json!([salt, hash])).chars().take(HEX_DIGITS).collect();
        self.0.iter().map(|(key, hash)| ((*key).to_owned(), mark(hash))).collect()
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One line of text.
    Text,
    /// One JSON object a line.
    Json,
}

/// Everything that is wrong with a configuration, one sentence each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigFaults(pub Vec<String>);

/// What the command line may set above file and environment.
#[derive(Debug, Default, Clone)]
pub struct Overrides(pub BTreeMap<&'static str, String>);

impl Config {
    /// Reads the file (the given one, or `socrazi.toml` in the working folder if it is there), the environment, the command line.
    ///
    /// # Errors
    /// Every fault there is, at once.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigFaults> {
        let default = Path::new("socrazi.toml");
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| ConfigFaults(vec![format!("--config {}: cannot be read: {error}", path.display())]))?,
            None if default.exists() => std::fs::read_to_string(default)
                .map_err(|error| ConfigFaults(vec![format!("socrazi.toml: cannot be read: {error}")]))?,
            None => String::new(),
        };
        let (mut environment, mut faults) = (BTreeMap::new(), Faults::default());
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if !name.starts_with("SOCRAZI_") || name.starts_with("SOCRAZI_TEST_") {
                continue;
            }
            match value.into_string() {
                Ok(value) => drop(environment.insert(name, value)),
                Err(_) => faults.push(format!("{name} in the environment is not text in UTF-8")),
            }
        }
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let name = file.unwrap_or(default).display().to_string();
        let config = Self::checked((&name, &text), &environment, overrides, credentials, faults)?;
        Ok(Self { home: std::env::var_os("HOME").map(PathBuf::from), ..config })
    }

    /// The same from given texts. Pure but for files that `*_file` keys name.
    ///
    /// # Errors
    /// Every fault there is, at once.
    pub fn read(
        file: &str,
        environment: &BTreeMap<String, String>,
        overrides: &Overrides,
        credentials: Option<PathBuf>,
    ) -> Result<Self, ConfigFaults> {
        Self::checked(("socrazi.toml", file), environment, overrides, credentials, Faults::default())
    }

    fn checked(
        file: (&str, &str),
        environment: &BTreeMap<String, String>,
        overrides: &Overrides,
        credentials: Option<PathBuf>,
        mut faults: Faults,
    ) -> Result<Self, ConfigFaults> {
        let mut values = read::gather(file, environment, &mut faults);
        for (key, value) in &overrides.0 {
            values.insert(key, value.clone());
        }
        let bind: SocketAddr = parse(&values, "server.bind", "127.0.0.1:8787");
        let public_url = url(&values, "server.public_url").unwrap_or_else(|| default_public_url(bind));
        let data_dir = PathBuf::from(values.get("data.dir").map_or("./data", String::as_str));
        let kek = kek_source(&values, &data_dir, credentials);
        if let KekSource::File { path, .. } = &kek
            && is_inside(path, &data_dir)
        {
            faults.push(format!(
                "vault.kek_file: {} lies inside the data folder, so every copy of the data would carry its key: name a place beside it",
                path.display()
            ));
        }
        let config = Self {
            bind,
            kek,
            media_store: media::store(&values, &data_dir, &mut faults),
            data_dir,
            database_url: values.get("database.url").cloned().map(SecretString::from),
            networks: networks::sections(&values, &mut faults),
            oidc: oidc_section(&values, &public_url, &mut faults),
            google: google::section(&values, &mut faults),
            analytics_days: google::analytics_days(&values, &mut faults),
            youtube_days: google::youtube_days(&values, &mut faults),
            gemini: gemini_section(&values),
            slack: slack_section(&values, &mut faults),
            discord: discord_section(&values, &mut faults),
            mcp_allowed: mcp_allowed(&values, &mut faults),
            app_redirects: app_redirects(&values, &mut faults),
            trusted_proxies: trusted_proxies(&values, &mut faults),
            conversation_days: values.get("retention.conversation_days").and_then(|days| days.parse().ok()),
            media_bytes_max: media::bytes_max(&values, &mut faults),
            home: None,
            operator: Operator {
                name: values.get("operator.name").cloned().unwrap_or_default(),
                address: values.get("operator.address").cloned().unwrap_or_default(),
                contact: values.get("operator.contact").cloned().unwrap_or_default(),
                country: values.get("operator.country").cloned().unwrap_or_default(),
            },
            log_level: values.get("log.level").cloned().unwrap_or_else(|| "info".into()),
            log_format: if values.get("log.format").is_some_and(|word| word == "json") {
                LogFormat::Json
            } else {
                LogFormat::Text
            },
            unused: keys::all()
                .filter(|key| !key.is_used && values.contains_key(key.name))
                .map(|key| key.name)
                .collect(),
            given: Given::of(&values),
            public_url,
        };
        match faults.found() {
            found if found.is_empty() => Ok(config),
            found => Err(ConfigFaults(found)),
        }
    }
}

fn mcp_allowed(values: &Values, faults: &mut Faults) -> Allowed {
    let areas = values.get("mcp.toolsets").map_or("", String::as_str);
    let reads_only = values.get("mcp.read_only").is_some_and(|word| word == "on");
    Allowed::read(areas, reads_only).unwrap_or_else(|unknown| {
        faults.push(format!("mcp.toolsets: {unknown}"));
        Allowed::nothing()
    })
}

/// What stands between the commas of a value.
fn listed<'a>(values: &'a Values, name: &str) -> impl Iterator<Item = &'a str> {
    let text = values.get(name).map_or("", String::as_str);
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn app_redirects(values: &Values, faults: &mut Faults) -> Vec<Redirect> {
    let mut known = Vec::new();
    for text in listed(values, "mcp.app_redirects") {
        match Redirect::read_app(text) {
            Some(redirect) => known.push(redirect),
            None => faults.push(format!(
                "mcp.app_redirects: {text} is no address with an app's own scheme, like myapp://host/callback"
            )),
        }
    }
    known
}

fn trusted_proxies(values: &Values, faults: &mut Faults) -> Proxies {
    let mut proxies = Proxies::default();
    for text in listed(values, "server.trusted_proxies") {
        if !proxies.add(text) {
            faults.push(format!("server.trusted_proxies: {text} is neither an address nor a network like 10.0.0.0/8"));
        }
    }
    proxies
}

fn default_public_url(bind: SocketAddr) -> Url {
    let host = if bind.ip().is_unspecified() { "127.0.0.1".to_owned() } else { bind.ip().to_string() };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    Url::parse(&format!("http://{host}:{}", bind.port())).unwrap_or_else(|_| unreachable_url())
}

/// `http://127.0.0.1:8787/` is a valid address; the parser cannot refuse it.
fn unreachable_url() -> Url {
    "http://127.0.0.1:8787/".parse().unwrap_or_else(|_| std::process::abort())
}

fn kek_source(values: &Values, data_dir: &Path, credentials: Option<PathBuf>) -> KekSource {
    if let Some(file) = credentials.map(|folder| folder.join("socrazi.kek")).filter(|file| file.exists()) {
        return KekSource::File { path: file, may_create: false };
    }
    if let Some(path) = values.get("vault.kek_file") {
        return KekSource::File { path: path.into(), may_create: true };
    }
    if let Some(value) = values.get("vault.kek") {
        return KekSource::Value(value.clone().into());
    }
    // Beside the data folder, never in it: whoever copies the folder does not copy the key.
    let name = data_dir.file_name().map_or_else(|| "data".into(), |name| name.to_string_lossy().into_owned());
    let beside = data_dir.parent().unwrap_or(Path::new("."));
    let path = if name == "data" { beside.join("socrazi.kek") } else { beside.join(format!("{name}.socrazi.kek")) };
    KekSource::File { path, may_create: true }
}

/// Whether a file lies in a folder, also where neither is there yet.
fn is_inside(file: &Path, folder: &Path) -> bool {
    real(file).starts_with(real(folder))
}

/// The path with links resolved as far as it is there, and its dots as far as it is not.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
    let Some((part, mut real)) = there else { return path };
    for step in path.strip_prefix(part).unwrap_or(Path::new("")).components() {
        match step {
            std::path::Component::ParentDir => drop(real.pop()),
            std::path::Component::CurDir => {}
            std::path::Component::Normal(_) | std::path::Component::Prefix(_) | std::path::Component::RootDir => {
                real.push(step);
            }
        }
    }
    real
}

fn key_bytes(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (no, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * no..2 * no + 2], 16).ok()?;
    }
    Some(key)
}

/// The configuration table of the README, from the list of keys.
#[must_use]
pub fn table() -> String {
    let mut lines = vec!["| key | default | what |".to_owned(), "| --- | --- | --- |".to_owned()];
    lines.extend(keys::all().filter(|key| key.is_used).map(|key: &Key| {
        let default = match key.default {
            "" => "–".to_owned(),
            // A default in words brings its own marks.
            words if words.contains(' ') => words.to_owned(),
            value => format!("`{value}`"),
        };
        let file = if key.kind.is_secret() { format!(" (or `{}_file`)", key.name) } else { String::new() };
        format!("| `{}`{file} | {default} | {} |", key.name, key.about)
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::network::Network;

    fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::read(file, &environment, &Overrides::default(), None)
    }

    #[test]
    fn nothing_set_is_a_complete_configuration() {
        let config = read("", &[]).unwrap();
        assert_eq!(config.bind.to_string(), "127.0.0.1:8787");
        assert_eq!(config.public_url.as_str(), "http://127.0.0.1:8787/");
        assert!(config.networks.is_empty());
        assert!(matches!(config.kek, KekSource::File { path, may_create: true } if path == Path::new("./socrazi.kek")));
    }

    #[test]
    fn the_environment_stands_above_the_file() {
        let config = read("[server]\nbind = \"127.0.0.1:1\"", &[("SOCRAZI_SERVER__BIND", "127.0.0.1:2")]).unwrap();
        assert_eq!(config.bind.port(), 2);
    }

    #[test]
    fn every_fault_is_reported_at_once_by_name() {
        let faults = read(
            "[server]\nbind = \"nowhere\"\npublic_url = \"ftp://x\"\nbinnd = \"a\"\n[x]\nclient_secret = \"s\"\n[log]\nformat = \"xml\"",
            &[("SOCRAZI_NO_SUCH", "1")],
        )
        .unwrap_err()
        .to_string();
        for wanted in
            ["server.bind", "server.public_url", "server.binnd", "x.client_id", "log.format", "SOCRAZI_NO_SUCH"]
        {
            assert!(faults.contains(wanted), "{wanted} is not in:\n{faults}");
        }
        assert!(!faults.contains("\"s\""), "a secret was printed");
    }

    #[test]
    fn what_would_fail_later_or_do_nothing_is_a_fault_now() {
        for (file, key) in [
            ("[log]\nlevel = \"nonsense!!\"", "log.level"),
            ("[log]\nlevel = \"verbose\"", "log.level"),
            ("[database]\nurl = \"mysql://user:hush@host/db\"", "database.url"),
            ("[vault]\nkek = \"hush\"", "vault.kek"),
            ("[vault]\nkek_file = \"data/keys/socrazi.kek\"", "vault.kek_file"),
            ("[vault]\nkek_file = \"other/../data/socrazi.kek\"", "vault.kek_file"),
            ("[slack]\nbot_token = \"a\"\nsigning_secret = \"b\"\nclient_id = \"c\"", "slack.client_secret"),
            ("[server]\npublic_url = \"https://post.example/path\"", "server.public_url"),
            ("[server]\npublic_url = \"https://post.example/?a=b\"", "server.public_url"),
            ("[server]\npublic_url = \"https://me@post.example\"", "server.public_url"),
            ("[retention]\nconversation_days = 0", "retention.conversation_days"),
            ("[retention]\nanalytics_days = 91", "retention.analytics_days"),
            ("[retention]\nanalytics_days = 0", "retention.analytics_days"),
            ("[retention]\nyoutube_days = 31", "retention.youtube_days"),
            ("[retention]\nyoutube_days = 0", "retention.youtube_days"),
            ("[google]\nclient_id = \"a\"", "google.client_secret"),
            ("[google]\nclient_secret = \"hush\"", "google.client_id"),
            ("[retention]\nconversation_days = 36501", "retention.conversation_days"),
            ("[retention]\nconversation_days = 9223372036854775807", "retention.conversation_days"),
        ] {
            let said = read(file, &[]).unwrap_err().to_string();
            assert!(said.contains(key) && said.lines().count() == 1 && !said.contains("hush"), "{file}: {said}");
        }
        for file in [
            "[log]\nlevel = \"trace,hyper=warn,sqlx=off\"",
            "[database]\nurl = \"postgresql:///socrazi?host=/run/postgresql\"",
            "[vault]\nkek = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"",
            "[vault]\nkek_file = \"database/socrazi.kek\"",
            "[server]\npublic_url = \"https://post.example:8443/\"",
            "[retention]\nconversation_days = 36500\nanalytics_days = 90",
        ] {
            assert!(read(file, &[]).is_ok(), "{file}: {:?}", read(file, &[]));
        }
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_by_name_and_line() {
        let said = read("[server]\nbind = \"127.0.0.1:1\"\nnonsense\n", &[]).unwrap_err().to_string();
        assert!(said.starts_with("socrazi.toml, line 3: "), "{said}");
    }

    #[test]
    fn secrets_come_from_files_and_are_not_printable() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "hush-hush\n").unwrap();
        let config = read(&format!("[threads]\nclient_id = \"id\"\nclient_secret_file = {file:?}"), &[]).unwrap();
        let shown = format!("{config:?}");
        assert!(!shown.contains("hush-hush"), "{shown}");
        let (id, secret) = config.networks[&Network::Threads].signing().unwrap();
        assert_eq!((id, secrecy::ExposeSecret::expose_secret(secret)), ("id", "hush-hush"));
    }
}
