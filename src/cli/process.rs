//! What every command sets about its own process: file modes, core dumps, logs; and opening the server's parts for operator commands.

use std::sync::{Arc, OnceLock};

use rustix::fs::Mode;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use super::Place;
use super::redact::Redacted;
use super::running;
use crate::app::{App, Parts};
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::{Config, LogFormat};

static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Files only for us, no core dumps, no reading of our memory by others of the same user.
pub(super) fn harden() {
    umask(Mode::RWXG | Mode::RWXO);
    let _best_effort = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _best_effort = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Logs to stderr: stdout belongs to MCP.
pub(super) fn log(config: &Config) {
    let filter = filter(&config.log_level);
    let (filter, handle) = reload::Layer::new(filter);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match config.log_format {
        LogFormat::Text => {
            registry.with(fmt::layer().with_writer(Redacted(std::io::stderr)).with_ansi(false)).try_init()
        }
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(Redacted(std::io::stderr))).try_init(),
    };
    if started.is_ok() {
        let _set_once = FILTER.set(handle);
    }
}

/// Reads log level and retention anew (SIGHUP, DECISIONS 26).
pub(super) fn reload(place: &Place, app: &App) {
    match place.load() {
        Ok(config) => {
            if let Some(handle) = FILTER.get()
                && let Err(error) = handle.reload(filter(&config.log_level))
            {
                tracing::warn!(error = %error, "the log level could not be changed");
            }
            app.set_conversation_days(config.conversation_days);
            app.set_report_days((config.analytics_days, config.youtube_days));
            if let Err(error) = running::write_reread(app.config(), &config) {
                tracing::warn!(error = %error, "what was read anew could not be noted down for `socrazi doctor`");
            }
            let days = config.conversation_days.map_or("for ever".to_owned(), |days| format!("{days} days"));
            tracing::info!(
                "log level and retention (conversations: {days}) read anew; everything else needs a restart"
            );
        }
        Err(faults) => tracing::error!(error = %faults, "the configuration is wrong; nothing was changed"),
    }
}

/// The level may hold directives; the chatty crates below us stay quiet unless named. rmcp stays quiet even then: below `warn` it
/// writes whole messages, and what people write does not belong in a log.
fn filter(level: &str) -> EnvFilter {
    const QUIET: &str = "hyper=warn,hyper_util=warn,h2=warn,reqwest=warn,rustls=warn,sqlx=warn";
    EnvFilter::builder().parse_lossy(format!("{QUIET},{level},rmcp=warn"))
}

/// The server's parts for a command that publishes nothing, beside a running `serve` or without one.
pub(super) async fn open(place: &Place) -> anyhow::Result<App> {
    let config = place.load()?;
    log(&config);
    open_with(config).await
}

/// The same for a command about a server that is there: in a wrong folder it would make a new one and speak about that.
pub(super) async fn open_here(place: &Place, command: &str) -> anyhow::Result<App> {
    let config = place.load()?;
    super::background::check_here(place, &config, command)?;
    log(&config);
    open_with(config).await
}

/// The same with a configuration that was read already.
pub(super) async fn open_with(config: Config) -> anyhow::Result<App> {
    std::fs::create_dir_all(&config.data_dir)?;
    App::open(Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: false })
        .await
}
