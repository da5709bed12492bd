//! `socrazi doctor`: what is set, what works, and the fix for what does not.

use std::io::ErrorKind;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::{Place, background, process, running};
use crate::app::oauth::Reached;
use crate::app::places::Sent;
use crate::app::setup::setup;
use crate::app::{App, DataFolder, FolderError, GrantFault, ModelFault, Parts, ShelfFault, TokenFault, VaultError};
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::{Config, KekSource, SlackSection};
use crate::domain::google::Service;
use crate::domain::lang::Lang;
use crate::domain::network::Network;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::i18n::Words;

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Language of what is said about reaching this server: en or ja
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = super::setup::language)]
    lang: Lang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Mark {
    Good,
    Note,
    Bad,
}

#[derive(Debug, Serialize)]
struct Check {
    what: String,
    mark: Mark,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Debug, Serialize)]
struct NetworkRow {
    network: &'static str,
    keys: Mark,
    redirect_address: String,
    public_url: Mark,
    audit_or_plan: String,
    cost: String,
    fix: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    checks: Vec<Check>,
    networks: Vec<NetworkRow>,
}

fn check(what: &str, mark: Mark, found: impl Into<String>, fix: Option<&str>) -> Check {
    Check { what: what.into(), mark, found: found.into(), fix: fix.map(str::to_owned) }
}

impl Doctor {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let config = place.load()?;
        process::log(&config);
        let words = Words::load();
        let networks = Network::ALL.into_iter().map(|network| network_row(&config, network, &words)).collect();
        let mut checks = settings(&config);
        match background::check_here(place, &config, "doctor") {
            Ok(()) => checks.extend(opened(config, (&words, self.lang)).await),
            Err(error) => checks.push(check(
                "data folder",
                Mark::Bad,
                error.to_string(),
                Some("or start `socrazi serve` here once, which makes one"),
            )),
        }
        let report = Report { checks, networks };
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print(&report);
        }
        let is_bad = report.checks.iter().any(|check| check.mark == Mark::Bad);
        Ok(if is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn settings(config: &Config) -> Vec<Check> {
    let mut checks = vec![check("configuration", Mark::Good, "every key is known and fits", None)];
    if !config.unused.is_empty() {
        let found = format!("set, but this version does nothing with them yet: {}", config.unused.join(", "));
        checks.push(check("configuration", Mark::Note, found, Some("leave them out until a version that uses them")));
    }
    checks.push(match &config.gemini {
        None => check(
            "conversation",
            Mark::Note,
            "off: there is no key",
            Some("set gemini.api_key_file to talk to Socrazi itself"),
        ),
        Some(gemini) if gemini.is_paid => check("conversation", Mark::Good, format!("{}, paid", gemini.model), None),
        Some(gemini) => check(
            "conversation",
            Mark::Note,
            format!(
                "{}, unpaid: Google may use what is said, and it is off in the EEA, the UK and Switzerland",
                gemini.model
            ),
            Some("set gemini.tier to paid once the key's project has billing"),
        ),
    });
    checks.extend(config.slack.as_ref().map(slack));
    let url = &config.public_url;
    let is_local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    checks.push(match (url.scheme(), is_local) {
        ("https", _) => check("public address", Mark::Good, url.as_str(), None),
        (_, true) => check(
            "public address",
            Mark::Note,
            format!("{url} (this machine only)"),
            Some("set server.public_url to reach it from elsewhere"),
        ),
        _ => check(
            "public address",
            Mark::Bad,
            format!("{url} is not encrypted"),
            Some("put a TLS proxy in front and set server.public_url to its https address"),
        ),
    });
    checks
}

async fn opened(config: Config, words: (&Words, Lang)) -> Vec<Check> {
    let kek = match &config.kek {
        KekSource::Value(_) => {
            check("key-encryption key", Mark::Note, "given as a value", Some("a file (vault.kek_file) is safer"))
        }
        KekSource::File { path, .. } => check("key-encryption key", Mark::Good, path.display().to_string(), None),
    };
    let mut checks = Vec::new();
    // Held while we look, so that nothing starts in between; a running `serve` holds it and answers for itself.
    let lock = match DataFolder::lock(&config.data_dir) {
        Ok(lock) => {
            checks.push(check("data folder", Mark::Good, config.data_dir.display().to_string(), None));
            Some(lock)
        }
        Err(FolderError::InUse { folder, pid }) => {
            checks.push(check("data folder", Mark::Good, format!("{folder}, served by process {pid}"), None));
            checks.extend(running::changed(&config).map(|keys| restart(&keys, &pid)));
            None
        }
        Err(error) => {
            checks.push(check(
                "data folder",
                Mark::Bad,
                error.to_string(),
                Some("set data.dir to a folder that can be written"),
            ));
            return checks;
        }
    };
    let kind = if config.database_url.is_some() { "PostgreSQL" } else { "SQLite in the data folder" };
    let parts = Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: false };
    match App::open(parts).await {
        Ok(app) => {
            let app = Arc::new(app);
            checks.push(check("database", Mark::Good, kind, None));
            checks.push(kek);
            checks.push(match app.vault().rotate_plan().await {
                Ok(plan) if plan.to_do == 0 => {
                    check("keys", Mark::Good, "every user's key is wrapped by the newest key", None)
                }
                Ok(plan) => check(
                    "keys",
                    Mark::Note,
                    format!("{} keys wait to be rewrapped", plan.to_do),
                    Some("socrazi kek rotate --apply"),
                ),
                Err(error) => check("keys", Mark::Bad, error.to_string(), Some("see the database above")),
            });
            checks.push(match app.store().now_ms().await {
                Ok(at) if (at - app.now_ms()).abs() < 5_000 => {
                    check("clock", Mark::Good, "agrees with the database's", None)
                }
                Ok(_) => check(
                    "clock",
                    Mark::Bad,
                    "differs from the database's by more than 5 s",
                    Some("run a time service on both machines"),
                ),
                Err(error) => check("clock", Mark::Bad, error.to_string(), Some("see the database above")),
            });
            checks.push(shelf(&app.check_shelf().await));
            checks.extend(app.check_networks().await.into_iter().map(|(network, found)| asked(network, &found)));
            checks.extend(app.check_google().await.map(google));
            checks.extend(kept_reports(app.oldest_report_ms().await));
            checks.extend(low_quotas(app.low_quotas().await, words));
            checks.extend(app.check_model().await.map(model));
            checks.extend(app.check_issuer().await.map(issuer));
            if lock.is_none() {
                // Only a server that runs can be asked for at its address.
                checks.extend(app.check_reached().await.into_iter().map(|reached| looked_at(&reached, words)));
            }
            if app.config().discord.is_some() {
                checks.push(discord(&app).await);
            }
            match app.kept_of_the_gone().await {
                Ok(kept) => checks.extend(kept_there(&kept)),
                Err(error) => checks.push(check("deleted people", Mark::Bad, error.to_string(), None)),
            }
            app.close().await;
        }
        Err(error) => checks.push(check(
            "database and keys",
            Mark::Bad,
            super::told(&error),
            Some(if is_of_the_key_file(&error) { "put the old key file back" } else { "mend what the sentence names" }),
        )),
    }
    checks
}

/// How old the oldest answer of Google's is that is kept: there are limits to that.
fn kept_reports(oldest_ms: Result<Option<i64>, ToolError>) -> Option<Check> {
    const DAY_MS: i64 = 24 * 3_600_000;
    match oldest_ms {
        Ok(oldest_ms) => {
            let oldest = match oldest_ms? / DAY_MS {
                0 => "the oldest is less than a day old".to_owned(),
                1 => "the oldest is a day old".to_owned(),
                days => format!("the oldest is {days} days old"),
            };
            Some(check("kept reports", Mark::Good, oldest, None))
        }
        Err(error) => Some(check("kept reports", Mark::Bad, error.to_string(), Some("see the database above"))),
    }
}

/// What Google nearly or wholly allows no more; nothing when all is well.
fn low_quotas(found: Result<Vec<Sentence>, ToolError>, (words, lang): (&Words, Lang)) -> Option<Check> {
    match found {
        Ok(low) if low.is_empty() => None,
        Ok(low) => {
            let said: Vec<String> = low.iter().map(|left| words.tell(lang, left)).collect();
            let fix = "wait until then: what was asked before is still answered; more quota is asked for in the Google Cloud console";
            Some(check("Google quotas", Mark::Note, said.join("; "), Some(fix)))
        }
        Err(error) => Some(check("Google quotas", Mark::Bad, error.to_string(), Some("see the database above"))),
    }
}

/// Where media are kept.
fn shelf(found: &Result<String, ShelfFault>) -> Check {
    match found {
        Ok(place) => check("media", Mark::Good, format!("{place}: can be written, read and removed"), None),
        Err(fault) => check("media", Mark::Bad, fault.to_string(), Some(mend_shelf(fault))),
    }
}

/// What to do about it; `serve` says it, too.
pub(super) fn mend_shelf(fault: &ShelfFault) -> &'static str {
    match fault.why.kind() {
        ErrorKind::NotFound => "set media.store to a bucket or folder that is there, or make it",
        ErrorKind::PermissionDenied => {
            "see media.s3_access_key_id, media.s3_secret_access_key and media.s3_region, and that the key may read, write and delete there"
        }
        ErrorKind::InvalidData => {
            "set media.store as it was, `socrazi backup`, set it anew, and `socrazi restore` into an empty data folder"
        }
        _ => "see whether this machine reaches media.s3_endpoint; ask again later",
    }
}

/// How this server looks from where its clients are.
fn looked_at(Reached { what, found, fix }: &Reached, (words, lang): (&Words, Lang)) -> Check {
    let mark = if fix.is_some() { Mark::Bad } else { Mark::Good };
    let fix = fix.as_ref().map(|fix| words.tell(lang, fix));
    check(&words.tell(lang, what), mark, words.tell(lang, found), fix.as_deref())
}

/// The outside issuer whose tokens are taken, as far as its keys can be had.
fn issuer(found: Result<usize, String>) -> Check {
    match found {
        Ok(0) => check("outside issuer", Mark::Bad, "publishes no key that can sign", Some("look at its jwks_uri")),
        Ok(count) => check("outside issuer", Mark::Good, format!("publishes {count} keys"), None),
        Err(why) => check("outside issuer", Mark::Bad, why, Some("set oidc.issuer exactly as its tokens name it")),
    }
}

/// Messages of ours about deleted people that a chat service did not let us remove.
fn kept_there(kept: &[(String, Sent)]) -> Option<Check> {
    if kept.is_empty() {
        return None;
    }
    let places: Vec<_> = kept
        .iter()
        .map(|(place, Sent { team, thread, ts })| {
            let team = if team.is_empty() { "-" } else { team };
            format!("{place} team {team}, channel {thread}, message {ts}")
        })
        .collect();
    let found = format!("{} of our messages stay where their service keeps them: {}", kept.len(), places.join("; "));
    let fix = "remove them there as an administrator of the team or server, where you are able to";
    Some(check("deleted people", Mark::Note, found, Some(fix)))
}

/// What was changed since `serve` was started, and what it needs to take it up (DECISIONS 26).
fn restart(changed: &[String], pid: &str) -> Check {
    let (reread, others): (Vec<&str>, Vec<&str>) =
        changed.iter().map(String::as_str).partition(|key| running::REREAD.contains(key));
    let mut found = Vec::new();
    if !others.is_empty() {
        found.push(format!("needs a restart: {}", others.join(", ")));
    }
    if !reread.is_empty() {
        found.push(format!("read anew on SIGHUP: {}", reread.join(", ")));
    }
    let fix = match (others.is_empty(), reread.is_empty()) {
        (true, true) => return check("running settings", Mark::Good, "the same as here", None),
        (true, false) => format!("kill -HUP {pid}"),
        (false, _) => "restart `socrazi serve`; if it gets settings from its own environment or options, they differ for that reason".to_owned(),
    };
    check("running settings", Mark::Note, format!("set otherwise than here; {}", found.join("; ")), Some(&fix))
}

/// Whether a network knows this server's app.
fn asked(network: Network, found: &Result<(), TokenFault>) -> Check {
    let what = format!("{} app", network.shown());
    let section = network.slug();
    match found {
        Ok(()) => check(&what, Mark::Good, "the network knows the client id and takes its secret", None),
        Err(fault @ (TokenFault::Misconfigured(_) | TokenFault::Dead(_))) => check(
            &what,
            Mark::Bad,
            fault.to_string(),
            Some(&format!("copy {section}.client_id and {section}.client_secret from the app's page once more")),
        ),
        Err(fault @ (TokenFault::Unknown(_) | TokenFault::NotSent(_))) => check(
            &what,
            Mark::Bad,
            fault.to_string(),
            Some(&format!("see whether this machine reaches {section}.api_url; ask again later")),
        ),
    }
}

fn google(found: Result<(), GrantFault>) -> Check {
    match found {
        Ok(()) => check("Google client", Mark::Good, "Google knows the client id and takes its secret", None),
        Err(fault @ (GrantFault::Misconfigured(_) | GrantFault::Dead(_))) => check(
            "Google client",
            Mark::Bad,
            fault.to_string(),
            Some("copy google.client_id and google.client_secret from Google Cloud once more"),
        ),
        Err(fault @ GrantFault::Later(_)) => check(
            "Google client",
            Mark::Bad,
            fault.to_string(),
            Some("see whether this machine reaches google.token_url; ask again later"),
        ),
    }
}

fn is_of_the_key_file(error: &anyhow::Error) -> bool {
    let fault = error.downcast_ref::<VaultError>();
    fault.is_some_and(|fault| matches!(fault, VaultError::WrongRing { .. } | VaultError::Missing { .. }))
}

fn slack(section: &SlackSection) -> Check {
    let way = match (&section.app_token, &section.signing_secret) {
        (Some(_), None) => "Socket Mode",
        (None, Some(_)) => "HTTP",
        (Some(_), Some(_)) => "Socket Mode and HTTP",
        // The configuration was refused before.
        (None, None) => "nothing",
    };
    let teams = if section.bot_token.is_some() { "one fixed team" } else { "any team that installs it" };
    let found = format!("{way}, {teams}");
    match &section.client {
        Some(_) => check("Slack", Mark::Good, found, None),
        None => check(
            "Slack",
            Mark::Good,
            format!("{found}; without slack.client_id nobody signs in with Slack, members link by a code"),
            None,
        ),
    }
}

async fn discord(app: &Arc<App>) -> Check {
    match crate::frontends::discord::register::check(app).await {
        Ok(name) => {
            let over_http = app.config().discord.as_ref().is_some_and(|section| section.public_key.is_some());
            let way = if over_http { "gateway and HTTP" } else { "gateway" };
            check("Discord", Mark::Good, format!("{name}: the token is taken; {way}"), None)
        }
        Err(error) => check(
            "Discord",
            Mark::Bad,
            error.to_string(),
            Some("make a new token in Discord's developer portal, or see whether this machine reaches discord.api_url"),
        ),
    }
}

fn model(found: Result<(), ModelFault>) -> Check {
    let fix = match &found {
        Ok(()) => return check("model", Mark::Good, "Gemini takes the key and knows the models", None),
        Err(ModelFault::Key(_)) => "make a key in AI Studio and set gemini.api_key_file",
        Err(ModelFault::Gone(_)) => "set gemini.model and gemini.lite_model to models that the service lists",
        Err(ModelFault::Limited { .. } | ModelFault::Busy(_)) => {
            "see whether this machine reaches the service; ask again later"
        }
        Err(ModelFault::NotTaken(_) | ModelFault::Blocked(_) | ModelFault::Cut(_)) => {
            "see gemini.base_url and gemini.api_version"
        }
    };
    let found = found.err().map(|fault| fault.to_string()).unwrap_or_default();
    check("model", Mark::Bad, found, Some(fix))
}

fn network_row(config: &Config, network: Network, words: &Words) -> NetworkRow {
    let facts = setup(config, Service::Network(network));
    let say = |sentence: &Sentence| words.tell(Lang::En, sentence);
    let keys = (!facts.has_keys).then_some(&facts.keys);
    let mut fix: Vec<_> = keys.into_iter().chain(&facts.register).map(say).collect();
    if !facts.has_keys {
        fix.push(format!("`socrazi setup {}` lists the steps there", network.slug()));
    }
    let limits: Vec<_> = facts.limits.iter().map(|limit| say(&limit.what)).collect();
    NetworkRow {
        network: network.shown(),
        keys: if facts.has_keys { Mark::Good } else { Mark::Note },
        redirect_address: facts.redirect,
        public_url: if config.public_url.scheme() == "https" { Mark::Good } else { Mark::Note },
        audit_or_plan: limits.join(" "),
        cost: say(&facts.cost),
        fix,
    }
}

fn print(report: &Report) {
    for check in &report.checks {
        println!("{:<5} {}: {}", word(check.mark), check.what, check.found);
        if let Some(fix) = &check.fix {
            println!("      → {fix}");
        }
    }
    println!();
    println!("{:<8} {:<5} {:<48} {:<10} cost", "network", "keys", "redirect address", "public URL");
    for row in &report.networks {
        println!(
            "{:<8} {:<5} {:<48} {:<10} {}",
            row.network,
            word(row.keys),
            row.redirect_address,
            word(row.public_url),
            row.cost
        );
        println!("         plan: {}", row.audit_or_plan);
        for fix in &row.fix {
            println!("         → {fix}");
        }
    }
}

const fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => "good",
        Mark::Note => "note",
        Mark::Bad => "bad",
    }
}
