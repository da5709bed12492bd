//! The commands, one file each. Exit status: 0 good, 1 failed, 2 wrong usage or configuration (every fault at once).

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigFaults, Overrides};

mod audit;
mod background;
mod backup;
mod chat;
mod client;
#[cfg(feature = "demo")]
mod demo;
mod discord;
mod doctor;
mod kek;
mod mcp;
mod migrate;
mod process;
mod redact;
mod running;
mod serve;
mod setup;
mod slack;
mod user;

/// Drafts, checks, schedules and publishes posts, exactly once.
#[derive(Debug, Parser)]
#[command(name = "socrazi", version)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where the configuration and the data are.
#[derive(Debug, Clone, Args)]
struct Place {
    /// Configuration file; without it `socrazi.toml` in the working folder, if there is one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder, in place of `data.dir`
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port to listen on, in place of `server.bind`
    #[arg(long, global = true, value_name = "ADDRESS")]
    bind: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process: pages, MCP over HTTP, publisher
    Serve(serve::Serve),
    /// Talk here, with the conversational core; finds or starts a `serve` for the same data folder
    Chat(chat::Chat),
    /// MCP over stdio for the local user; finds or starts a `serve` for the same data folder
    Mcp(mcp::Mcp),
    /// The whole product against built-in simulators
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Checks configuration, database, keys and networks
    Doctor(doctor::Doctor),
    /// What a network wants before accounts can be connected: addresses, permissions, steps, audit or plan
    Setup(setup::Setup),
    /// Brings the database's schema up to date
    Migrate,
    /// Copies databases and media, also beside a running `serve`; the key file is not part of it
    Backup(backup::Backup),
    /// Brings a backup back into an empty data folder
    Restore(backup::Restore),
    /// Programs that may ask people to be let in without registering themselves
    #[command(subcommand)]
    Client(client::Client),
    /// Keys that wrap every user's key
    #[command(subcommand)]
    Kek(kek::Kek),
    /// The chain of what was done
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The Discord application
    #[command(subcommand)]
    Discord(discord::Discord),
    /// The Slack app
    #[command(subcommand)]
    Slack(slack::Slack),
    /// People and their ways in
    #[command(subcommand)]
    User(user::User),
}

/// What was asked cannot be meant: status 2, as clap's own refusals.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// An error with its causes, each said once: some errors carry their cause's words in their own.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.contains(&cause) {
            continue;
        }
        if !told.is_empty() {
            told.push_str(": ");
        }
        told.push_str(&cause);
    }
    told
}

impl Place {
    fn load(&self) -> Result<Config, ConfigFaults> {
        let mut overrides = Overrides::default();
        if let Some(data) = &self.data {
            overrides.0.insert("data.dir", data.display().to_string());
        }
        if let Some(bind) = &self.bind {
            if bind.parse::<std::net::SocketAddr>().is_err() {
                return Err(ConfigFaults(vec![format!(
                    "--bind {bind}: must be an address and port, like 127.0.0.1:8787"
                )]));
            }
            overrides.0.insert("server.bind", bind.clone());
        }
        Config::load(self.config.as_deref(), &overrides)
    }
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    process::harden();
    crate::app::install_tls_provider();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("socrazi: the runtime cannot start: {error}");
            return ExitCode::from(1);
        }
    };
    let place = cli.place;
    let result = runtime.block_on(async {
        match cli.command {
            Command::Serve(command) => command.run(&place).await,
            Command::Chat(command) => command.run(&place).await,
            Command::Mcp(options) => mcp::run(&place, &options).await,
            #[cfg(feature = "demo")]
            Command::Demo(command) => command.run(&place).await,
            Command::Doctor(command) => command.run(&place).await,
            Command::Setup(command) => command.run(&place),
            Command::Migrate => migrate::run(&place).await,
            Command::Backup(command) => command.run(&place).await,
            Command::Restore(command) => command.run(&place).await,
            Command::Client(command) => command.run(&place).await,
            Command::Kek(command) => command.run(&place).await,
            Command::Audit(command) => command.run(&place).await,
            Command::Discord(command) => command.run(&place).await,
            Command::Slack(command) => command.run(&place),
            Command::User(command) => command.run(&place).await,
        }
    });
    // stdin is read on a thread that cannot be stopped; everything of ours has ended by now.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) if error.is::<ConfigFaults>() => {
            eprintln!("socrazi: the configuration is wrong:\n{error}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("socrazi: {}", told(&error));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}
