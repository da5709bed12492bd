//! The command line of `socrazi-sim`.

use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};
use url::Url;

use crate::clock::SimClock;
use crate::discord::{self, DiscordOptions, DiscordSim};
use crate::gemini::{GeminiOptions, GeminiSim};
use crate::google::{GoogleOptions, GoogleSim};
use crate::instagram::{InstagramOptions, InstagramSim};
use crate::linkedin::{LinkedInOptions, LinkedInSim};
use crate::pull::Detour;
use crate::slack::{APP_TOKEN, BOT_TOKEN, CLIENT_ID, CLIENT_SECRET, SIGNING_SECRET, SlackOptions, SlackSim};
use crate::threads::{ThreadsOptions, ThreadsSim};
use crate::tiktok::{TikTokOptions, TikTokSim};
use crate::x::{Consent, XOptions, XSim, count};

/// Simulators of the services that Socrazi publishes to. Nothing here reaches a real service.
#[derive(Debug, Parser)]
#[command(name = "socrazi-sim", version)]
struct Cli {
    #[command(subcommand)]
    service: Service,
}

#[derive(Debug, Subcommand)]
enum Service {
    /// A simulated X (API v2).
    X(XArgs),
    /// A simulated Gemini.
    Gemini(GeminiArgs),
    /// A simulated Slack.
    Slack(SlackArgs),
    /// A simulated Discord.
    Discord(DiscordArgs),
    /// A simulated Threads.
    Threads(ThreadsArgs),
    /// A simulated Google: sign-in, Analytics, Search Console, YouTube.
    Google(GoogleArgs),
    /// A simulated Instagram.
    Instagram(InstagramArgs),
    /// A simulated TikTok.
    #[command(name = "tiktok")]
    TikTok(TikTokArgs),
    /// A simulated LinkedIn.
    #[command(name = "linkedin")]
    LinkedIn(LinkedInArgs),
    /// Counts texts as the simulated X does: one JSON string per line in, `weight valid` per line out.
    Weigh,
}

/// What every network is told: where it listens, what it keeps, and which app is registered there.
#[derive(Debug, Args)]
struct Site {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: SocketAddr,
    /// Durable ledger (JSON lines), replayed at start.
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// The registered app's id; TikTok calls it client key.
    #[arg(long, alias = "client-key")]
    client_id: Option<String>,
    /// Its secret.
    #[arg(long)]
    client_secret: Option<String>,
    /// A registered callback address; may be given more than once.
    #[arg(long)]
    redirect: Vec<String>,
    /// Also accept any http callback on this machine.
    #[arg(long)]
    any_loopback_redirect: bool,
    /// Consent without a page.
    #[arg(long)]
    auto_consent: bool,
}

#[derive(Debug, Args)]
struct XArgs {
    #[command(flatten)]
    site: Site,
    /// Let accounts answer their own posts.
    #[arg(long)]
    self_replies_allowed: bool,
}

#[derive(Debug, Args)]
struct ThreadsArgs {
    #[command(flatten)]
    site: Site,
    /// Where the uninstall callback goes.
    #[arg(long)]
    uninstall_callback: Option<Url>,
    /// Where the delete callback goes.
    #[arg(long)]
    delete_callback: Option<Url>,
}

#[derive(Debug, Args)]
struct GoogleArgs {
    #[command(flatten)]
    site: Site,
    /// What the generated data grow from.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
struct InstagramArgs {
    #[command(flatten)]
    site: Site,
    /// Where the deauthorize callback goes.
    #[arg(long)]
    deauthorize_callback: Option<Url>,
    /// Where the data deletion request goes.
    #[arg(long)]
    deletion_callback: Option<Url>,
    /// `https://public/=http://127.0.0.1:1234/`: where public addresses of media lead on this machine; may be given more than once.
    #[arg(long, value_parser = detour)]
    detour: Vec<Detour>,
}

fn detour(text: &str) -> Result<Detour, String> {
    let (from, to) = text.split_once('=').ok_or("a detour is FROM=TO")?;
    Ok(Detour { from: from.to_owned(), to: to.parse().map_err(|error| format!("{to}: {error}"))? })
}

#[derive(Debug, Args)]
struct TikTokArgs {
    #[command(flatten)]
    site: Site,
    /// The app did not pass the audit.
    #[arg(long)]
    unaudited: bool,
    /// The beginning of addresses that the app proved to be its own; may be given more than once.
    #[arg(long)]
    verified: Vec<String>,
    /// `https://public/=http://127.0.0.1:1234/`: where public addresses of media lead on this machine; may be given more than once.
    #[arg(long, value_parser = detour)]
    detour: Vec<Detour>,
    /// Where webhooks go.
    #[arg(long)]
    webhook: Option<Url>,
}

#[derive(Debug, Args)]
struct LinkedInArgs {
    #[command(flatten)]
    site: Site,
    /// The app has every product, and refresh tokens.
    #[arg(long)]
    partner: bool,
    /// Where webhooks go.
    #[arg(long)]
    webhook: Option<Url>,
}

#[derive(Debug, Args)]
struct GeminiArgs {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: SocketAddr,
    /// The key it takes.
    #[arg(long)]
    api_key: Option<String>,
}

#[derive(Debug, Args)]
struct SlackArgs {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: SocketAddr,
    /// The product's public root: events, commands and interactions go there.
    #[arg(long, conflicts_with = "socket")]
    deliver_to: Option<Url>,
    /// Deliver over Socket Mode, which is what happens without --deliver-to.
    #[arg(long)]
    socket: bool,
    /// Bot tokens from an install last twelve hours.
    #[arg(long)]
    rotating: bool,
    /// The app is installed for a whole organisation.
    #[arg(long)]
    org: bool,
    /// The app listens to messages in channels.
    #[arg(long)]
    hears_channels: bool,
    /// Rate tiers are enforced.
    #[arg(long)]
    enforce_rates: bool,
    /// The app's own messages come back as events.
    #[arg(long)]
    echoes: bool,
}

#[derive(Debug, Args)]
struct DiscordArgs {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: SocketAddr,
    /// The product's endpoint for interactions; without, they go over the gateway.
    #[arg(long)]
    endpoint: Option<Url>,
    /// A registered callback address; may be given more than once. Any without.
    #[arg(long)]
    redirect: Vec<String>,
    /// The privileged intent MESSAGE_CONTENT is on.
    #[arg(long)]
    message_content: bool,
    /// Rate limits are enforced.
    #[arg(long)]
    enforce_rates: bool,
    /// How often a heartbeat is asked for.
    #[arg(long)]
    heartbeat_ms: Option<u64>,
}

/// Runs the simulator that the command line names, until SIGTERM or Ctrl-C.
///
/// # Errors
/// When it cannot start.
pub fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    match cli.service {
        Service::X(args) => runtime.block_on(run_x(args)),
        Service::Gemini(args) => runtime.block_on(run_gemini(args)),
        Service::Slack(args) => runtime.block_on(run_slack(args)),
        Service::Discord(args) => runtime.block_on(run_discord(args)),
        Service::Threads(args) => runtime.block_on(run_threads(args)),
        Service::Google(args) => runtime.block_on(run_google(args)),
        Service::Instagram(args) => runtime.block_on(run_instagram(args)),
        Service::TikTok(args) => runtime.block_on(run_tiktok(args)),
        Service::LinkedIn(args) => runtime.block_on(run_linkedin(args)),
        Service::Weigh => weigh(),
    }
}

fn weigh() -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?).context("each line must be a JSON string")?;
        let weighed = count::weigh(&text);
        writeln!(stdout, "{} {}", weighed.weight, weighed.valid)?;
    }
    Ok(())
}

async fn run_x(args: XArgs) -> anyhow::Result<()> {
    let site = args.site;
    let defaults = XOptions::default();
    let options = XOptions {
        bind: Some(site.bind),
        ledger_file: site.ledger,
        client_id: site.client_id.unwrap_or(defaults.client_id),
        client_secret: site.client_secret.unwrap_or(defaults.client_secret),
        redirect_uris: site.redirect,
        allow_any_loopback_redirect: site.any_loopback_redirect,
        self_replies_allowed: args.self_replies_allowed,
        consent: if site.auto_consent { Consent::Auto } else { Consent::Page },
        ..XOptions::default()
    };
    let sim = XSim::start(options, SimClock::new()).await?;
    stand(&json!({"x": sim.url().as_str()}), || sim.shutdown()).await
}

async fn run_threads(args: ThreadsArgs) -> anyhow::Result<()> {
    let site = args.site;
    let defaults = ThreadsOptions::default();
    let options = ThreadsOptions {
        bind: Some(site.bind),
        ledger_file: site.ledger,
        client_id: site.client_id.unwrap_or(defaults.client_id),
        client_secret: site.client_secret.unwrap_or(defaults.client_secret),
        redirect_uris: site.redirect,
        allow_any_loopback_redirect: site.any_loopback_redirect,
        auto_consent: site.auto_consent,
        uninstall_callback: args.uninstall_callback,
        delete_callback: args.delete_callback,
        ..ThreadsOptions::default()
    };
    let sim = ThreadsSim::start(options, SimClock::new()).await?;
    stand(&json!({"threads": sim.url().as_str()}), || sim.shutdown()).await
}

async fn run_google(args: GoogleArgs) -> anyhow::Result<()> {
    let site = args.site;
    let defaults = GoogleOptions::default();
    let options = GoogleOptions {
        bind: Some(site.bind),
        ledger_file: site.ledger,
        client_id: site.client_id.unwrap_or(defaults.client_id),
        client_secret: site.client_secret.unwrap_or(defaults.client_secret),
        redirect_uris: site.redirect,
        allow_any_loopback_redirect: site.any_loopback_redirect,
        auto_consent: site.auto_consent,
        seed: args.seed.unwrap_or(defaults.seed),
        ..GoogleOptions::default()
    };
    let (client_id, client_secret) = (options.client_id.clone(), options.client_secret.clone());
    let sim = GoogleSim::start(options, SimClock::new()).await?;
    stand(&json!({"google": sim.url().as_str(), "client_id": client_id, "client_secret": client_secret}), || {
        sim.shutdown()
    })
    .await
}

async fn run_instagram(args: InstagramArgs) -> anyhow::Result<()> {
    let site = args.site;
    let defaults = InstagramOptions::default();
    let options = InstagramOptions {
        bind: Some(site.bind),
        ledger_file: site.ledger,
        client_id: site.client_id.unwrap_or(defaults.client_id),
        client_secret: site.client_secret.unwrap_or(defaults.client_secret),
        redirect_uris: site.redirect,
        allow_any_loopback_redirect: site.any_loopback_redirect,
        auto_consent: site.auto_consent,
        deauthorize_callback: args.deauthorize_callback,
        deletion_callback: args.deletion_callback,
        detours: args.detour,
        ..InstagramOptions::default()
    };
    let sim = InstagramSim::start(options, SimClock::new()).await?;
    stand(&json!({"instagram": sim.url().as_str()}), || sim.shutdown()).await
}

async fn run_tiktok(args: TikTokArgs) -> anyhow::Result<()> {
    let site = args.site;
    let defaults = TikTokOptions::default();
    let options = TikTokOptions {
        bind: Some(site.bind),
        ledger_file: site.ledger,
        client_key: site.client_id.unwrap_or(defaults.client_key),
        client_secret: site.client_secret.unwrap_or(defaults.client_secret),
        redirect_uris: site.redirect,
        allow_any_loopback_redirect: site.any_loopback_redirect,
        auto_consent: site.auto_consent,
        is_audited: !args.unaudited,
        verified_prefixes: if args.verified.is_empty() { defaults.verified_prefixes } else { args.verified },
        detours: args.detour,
        webhook: args.webhook,
        ..TikTokOptions::default()
    };
    let sim = TikTokSim::start(options, SimClock::new()).await?;
    stand(&json!({"tiktok": sim.url().as_str()}), || sim.shutdown()).await
}

async fn run_linkedin(args: LinkedInArgs) -> anyhow::Result<()> {
    let site = args.site;
    let defaults = if args.partner { LinkedInOptions::partner() } else { LinkedInOptions::default() };
    let options = LinkedInOptions {
        bind: Some(site.bind),
        ledger_file: site.ledger,
        client_id: site.client_id.unwrap_or(defaults.client_id),
        client_secret: site.client_secret.unwrap_or(defaults.client_secret),
        redirect_uris: site.redirect,
        allow_any_loopback_redirect: site.any_loopback_redirect,
        auto_consent: site.auto_consent,
        webhook: args.webhook,
        scopes: defaults.scopes,
        is_partner: defaults.is_partner,
        ..LinkedInOptions::default()
    };
    let sim = LinkedInSim::start(options, SimClock::new()).await?;
    stand(&json!({"linkedin": sim.url().as_str()}), || sim.shutdown()).await
}

async fn run_gemini(args: GeminiArgs) -> anyhow::Result<()> {
    let options = GeminiOptions { bind: Some(args.bind), api_key: args.api_key, ..GeminiOptions::default() };
    let sim = GeminiSim::start(options).await?;
    stand(&json!({"gemini": sim.url().as_str()}), || sim.shutdown()).await
}

async fn run_slack(args: SlackArgs) -> anyhow::Result<()> {
    let options = SlackOptions {
        bind: Some(args.bind),
        deliver_to: args.deliver_to,
        is_rotating: args.rotating,
        is_org_install: args.org,
        hears_channels: args.hears_channels,
        enforce_rates: args.enforce_rates,
        echoes: args.echoes,
        ..SlackOptions::default()
    };
    let sim = SlackSim::start(options).await?;
    stand(&json!({"slack": sim.url().as_str(), "signing_secret": SIGNING_SECRET, "bot_token": BOT_TOKEN, "app_token": APP_TOKEN,
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}), || sim.shutdown()).await
}

async fn run_discord(args: DiscordArgs) -> anyhow::Result<()> {
    let options = DiscordOptions {
        bind: Some(args.bind),
        endpoint: args.endpoint,
        redirect_uris: args.redirect,
        message_content: args.message_content,
        enforce_rates: args.enforce_rates,
        heartbeat_ms: args.heartbeat_ms,
        ..DiscordOptions::default()
    };
    let sim = DiscordSim::start(options).await?;
    stand(
        &json!({"discord": sim.url().as_str(), "bot_token": discord::BOT_TOKEN, "application_id": discord::APP,
        "public_key": discord::PUBLIC_KEY, "client_secret": discord::CLIENT_SECRET}),
        || sim.shutdown(),
    )
    .await
}

/// Says where it is and what a client must know, and lets it run until it is to end.
async fn stand(said: &Value, shutdown: impl FnOnce()) -> anyhow::Result<()> {
    announce(said)?;
    ended().await?;
    shutdown();
    Ok(())
}

fn announce(said: &Value) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{said}")?;
    Ok(stdout.flush()?)
}

async fn ended() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("cannot watch SIGTERM")?;
        tokio::select! {
            _ = terminate.recv() => {}
            pressed = tokio::signal::ctrl_c() => pressed.context("cannot watch Ctrl-C")?,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("cannot watch Ctrl-C")?;
    Ok(())
}
