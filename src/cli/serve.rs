//! `socrazi serve`: everything in one process.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Place, process, running};
use crate::app::{App, DataFolder, Parts};
use crate::clock::{SystemClock, SystemEntropy};
use crate::frontends;

/// How often an idle `serve` asks itself whether it is needed.
const IDLE_LOOK: Duration = Duration::from_secs(15);

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// End after so many seconds without a client and with nothing scheduled (used by `socrazi mcp`)
    #[arg(long, value_name = "SECONDS", hide = true)]
    idle_exit: Option<i64>,
}

impl Serve {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let config = place.load()?;
        process::log(&config);
        let folder = DataFolder::lock(&config.data_dir)?;
        running::write(&config, &SystemEntropy).context("what this server runs with cannot be noted down")?;
        let listener = bind(config.bind).await?;
        let parts =
            Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: false };
        let app = Arc::new(App::open(parts).await?);
        check_shelf(&app).await?;
        // Before anybody is served: whatever was brought back may be older than the list.
        app.replay_deletions(&[]).await?;
        app.activity().touch(app.now_ms());
        app.clear_uploads()?;
        // The folder is ours alone, so whatever had not answered never will.
        app.store().mark_lost_calls().await?;
        match self.idle_exit {
            // Started by a client: nobody reads this, and a way in does not belong into a log file.
            Some(_) => tracing::info!("started by `socrazi mcp`"),
            None => greet(&app).await?,
        }
        let stop = CancellationToken::new();
        let tasks = start(&app, listener, &folder, &stop)?;
        if let Some(seconds) = self.idle_exit {
            let (app, stop) = (Arc::clone(&app), stop.clone());
            tasks.spawn(async move { end_when_idle(&app, seconds * 1000, &stop).await });
        }
        wait_for_end(place, &app, &stop).await?;
        tasks.close();
        tasks.wait().await;
        app.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// A wrong key or bucket is said now, not when somebody's film has arrived; a store that is away may come back by itself.
async fn check_shelf(app: &App) -> anyhow::Result<()> {
    match app.check_shelf().await {
        Err(fault) if fault.is_lasting() => {
            anyhow::bail!("media cannot be kept in {fault}: {}", super::doctor::mend_shelf(&fault))
        }
        Err(fault) => tracing::error!(error = %fault, "media cannot be kept or read for now; everything else goes on"),
        Ok(_) => {}
    }
    Ok(())
}

/// Listens, or says who is in the way.
pub(super) async fn bind(address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{address} cannot be listened on (server.bind): is another server there? Choose another port")
    })
}

/// Starts publisher, sweeps, the counting of posts, socket and HTTP; all end when `stop` is cancelled.
pub(super) fn start(
    app: &Arc<App>,
    listener: TcpListener,
    folder: &DataFolder,
    stop: &CancellationToken,
) -> anyhow::Result<TaskTracker> {
    let tasks = TaskTracker::new();
    let doors = frontends::Doors::open(app, &stop.child_token()).context("the system's certificates cannot be read")?;
    let (publisher, sweeper, counter) = (Arc::clone(app), Arc::clone(app), Arc::clone(app));
    let (disconnecter, e) = (Arc::clone(app), stop.clone());
    let (a, b, d) = (stop.clone(), stop.clone(), stop.clone());
    tasks.spawn(async move { publisher.publish_until(a).await });
    tasks.spawn(async move { sweeper.sweep_until(b).await });
    tasks.spawn(async move { counter.count_until(d).await });
    tasks.spawn(async move { disconnecter.disconnect_until(e).await });
    let (socket, path, c) = (Arc::clone(app), folder.socket(), stop.clone());
    tasks.spawn(async move {
        if let Err(error) = frontends::mcp::listen(socket, &path, c).await {
            tracing::error!(error = %error, "the socket for `socrazi mcp` cannot be used");
        }
    });
    tasks.spawn(doors.run());
    tasks.spawn(frontends::serve_http(listener, doors.router, stop.clone()));
    Ok(tasks)
}

/// What a person reads when it starts; the sign-in link only while nobody is signed in.
pub(super) async fn greet(app: &App) -> anyhow::Result<()> {
    let user = app.local_user().await?;
    let url = app.public_url().as_str().trim_end_matches('/');
    eprintln!("Socrazi {} listens on {url}", env!("CARGO_PKG_VERSION"));
    if !app.has_session(&user.id).await? {
        let link = app.make_sign_in_link(&user.id).await?;
        eprintln!("Sign in (once, within 10 minutes): {}", link.expose_secret());
        eprintln!("Later: socrazi user link");
    }
    if app.networks().is_empty() {
        eprintln!("No network is configured yet; `socrazi doctor` says what to set.");
    }
    Ok(())
}

async fn wait_for_end(place: &Place, app: &App, stop: &CancellationToken) -> anyhow::Result<()> {
    let (mut terminate, mut hangup) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = tokio::signal::ctrl_c() => break,
            () = stop.cancelled() => break,
            _ = hangup.recv() => process::reload(place, app),
        }
    }
    tracing::info!("stopping");
    stop.cancel();
    Ok(())
}

async fn end_when_idle(app: &App, idle_ms: i64, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(IDLE_LOOK.min(Duration::from_millis(u64::try_from(idle_ms).unwrap_or(0).max(50)))) => {}
        }
        // Slack and Discord may want something at any time.
        let is_chatting = app.config().slack.is_some() || app.config().discord.is_some();
        let is_needed = is_chatting || app.store().find_soonest().await.map_or(true, |soonest| soonest.any().is_some());
        if !is_needed && app.activity().is_idle(app.now_ms(), idle_ms) {
            tracing::info!("nobody needs this server any more");
            stop.cancel();
        }
    }
}
