//! `socrazi demo`: the whole product against simulators, on a clock that can be moved. The only place that may name `socrazi_sim`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use secrecy::ExposeSecret;
use socrazi_sim::clock::SimClock;
use socrazi_sim::gemini::{API_KEY, GeminiOptions, GeminiSim};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Place, Usage, process, serve};
use crate::app::{App, DataFolder, Parts};
use crate::clock::{Clock, Entropy, ShiftedClock, SystemEntropy};
use crate::config::{Config, GeminiSection, Operator, Overrides};

mod elsewhere;
mod hands;
mod networks;
mod story;

use networks::Simulated;

/// How often a simulator in another process is asked what time it is.
const FOLLOW: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// End after the transcript; its status is 0 only if each post is out exactly once
    #[arg(long)]
    exit: bool,
    /// Use a simulator that runs already (`socrazi-sim x`) and follow its clock; no transcript is played
    #[arg(long, value_name = "URL", conflicts_with = "exit")]
    sim: Option<Url>,
}

/// The simulator's clock as ours: one clock for everything (DECISIONS 8).
struct SimulatedClock(SimClock);

impl Clock for SimulatedClock {
    fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }
    fn offset_ms(&self) -> i64 {
        self.0.offset_ms()
    }
}

impl Demo {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let address = self.address(place)?;
        let scratch = Scratch::make(place)?;
        let listener = serve::bind(address).await?;
        let web: Url = format!("http://{}", listener.local_addr()?).parse()?;
        match &self.sim {
            Some(sim) => {
                let clock = ShiftedClock::default();
                let config = read(&overrides(&scratch.data, &web, sim)?)?;
                let server = Server::start(config, Arc::new(clock.clone()), listener).await?;
                greet(&server.app).await?;
                let app = Arc::clone(&server.app);
                let follow = follow(clock, sim, &app);
                tokio::select! {
                    result = follow => result?,
                    result = end() => result?,
                }
                server.end().await;
                Ok(ExitCode::SUCCESS)
            }
            None => self.with_own_simulator(place, &scratch, listener, &web).await,
        }
    }

    async fn with_own_simulator(
        &self,
        place: &Place,
        scratch: &Scratch,
        listener: tokio::net::TcpListener,
        web: &Url,
    ) -> anyhow::Result<ExitCode> {
        let clock = SimClock::new();
        let simulated = Simulated::start(&clock, web).await?;
        let model = GeminiSim::start(GeminiOptions::default()).await?;
        let mut overrides = overrides(&scratch.data, web, &simulated.x.url())?;
        overrides.0.extend(simulated.settings()?);
        overrides.0.extend([("gemini.api_key", API_KEY.to_owned()), ("gemini.base_url", model.url().into())]);
        let mut config = read(&overrides)?;
        // With a key of one's own the networks alone are simulated (DESIGN §2.1).
        let own = own_model(place);
        let is_simulated = own.is_none();
        if let Some((gemini, operator)) = own {
            (config.gemini, config.operator) = (Some(gemini), operator);
        }
        let server = Server::start(config, Arc::new(SimulatedClock(clock.clone())), listener).await?;
        let is_once = story::play(&server.app, (&simulated, is_simulated), &clock, web).await?;
        if self.exit {
            server.end().await;
            return Ok(if is_once { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        greet(&server.app).await?;
        eprintln!("What the world can see of each simulated network:");
        for (network, url) in simulated.ledgers() {
            eprintln!("  {network}: {url}__sim/ledger");
        }
        eprintln!("End with Ctrl-C.");
        end().await?;
        server.end().await;
        Ok(ExitCode::SUCCESS)
    }

    fn address(&self, place: &Place) -> anyhow::Result<SocketAddr> {
        let text = match &place.bind {
            Some(bind) => bind.as_str(),
            None if self.exit => "127.0.0.1:0",
            None => "127.0.0.1:8787",
        };
        let address: SocketAddr =
            text.parse().map_err(|_| Usage(format!("--bind {text}: must be an address and port")))?;
        if !address.ip().is_loopback() {
            bail!(Usage(format!("--bind {text}: a demo listens on this machine only, like 127.0.0.1:8787")));
        }
        Ok(address)
    }
}

/// Where the demo keeps its data; gone afterwards unless a folder was named.
struct Scratch {
    data: PathBuf,
    remove: Option<PathBuf>,
}

impl Scratch {
    fn make(place: &Place) -> anyhow::Result<Self> {
        if let Some(data) = &place.data {
            return Ok(Self { data: data.clone(), remove: None });
        }
        let root = std::env::temp_dir().join(format!("socrazi-demo-{:x}", SystemEntropy.bits()));
        std::fs::create_dir(&root).with_context(|| format!("{} cannot be made", root.display()))?;
        Ok(Self { data: root.join("data"), remove: Some(root) })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(root) = &self.remove
            && let Err(error) = std::fs::remove_dir_all(root)
        {
            eprintln!("socrazi: {} could not be removed: {error}", root.display());
        }
    }
}

/// A server in this process.
struct Server {
    app: Arc<App>,
    stop: CancellationToken,
    tasks: tokio_util::task::TaskTracker,
    _folder: DataFolder,
}

impl Server {
    async fn start(config: Config, clock: Arc<dyn Clock>, listener: tokio::net::TcpListener) -> anyhow::Result<Self> {
        process::log(&config);
        let folder = DataFolder::lock(&config.data_dir)?;
        let parts = Parts { config, clock, entropy: Arc::new(SystemEntropy), is_simulation: true };
        let app = Arc::new(App::open(parts).await?);
        app.local_user().await?;
        let stop = CancellationToken::new();
        let tasks = serve::start(&app, listener, &folder, &stop)?;
        Ok(Self { app, stop, tasks, _folder: folder })
    }

    async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.app.close().await;
    }
}

/// The model that is set up here, with the country that says whether it may be used.
fn own_model(place: &Place) -> Option<(GeminiSection, Operator)> {
    match place.load() {
        Ok(config) => {
            let Config { gemini, operator, .. } = config;
            gemini.map(|gemini| (gemini, operator))
        }
        Err(faults) => {
            eprintln!("The model is simulated, because the configuration here has faults:\n{faults}");
            None
        }
    }
}

/// The server's own settings, with X at an address.
fn overrides(data: &Path, web: &Url, x: &Url) -> anyhow::Result<Overrides> {
    Ok(Overrides(
        [
            ("data.dir", data.display().to_string()),
            ("server.public_url", web.to_string()),
            ("x.client_id", "sim-x-client".to_owned()),
            ("x.client_secret", "sim-x-secret".to_owned()),
            ("x.auth_url", x.join("i/oauth2/authorize")?.to_string()),
            ("x.api_url", x.to_string()),
            ("log.level", "warn".to_owned()),
        ]
        .into(),
    ))
}

/// Nothing of the real configuration gets into a simulation, but for the model.
fn read(overrides: &Overrides) -> anyhow::Result<Config> {
    Ok(Config::read("", &std::collections::BTreeMap::new(), overrides, None)?)
}

async fn greet(app: &App) -> anyhow::Result<()> {
    if app.talks_outside() {
        eprintln!("This is a simulation: no post leaves this machine.");
        eprintln!("The model is the real one of gemini.api_key: what you write in a conversation goes to Google.");
    } else {
        eprintln!("This is a simulation: nothing leaves this machine.");
    }
    eprintln!("Pages: {}", app.public_url());
    let user = app.local_user().await?;
    let link = app.make_sign_in_link(&user.id).await?;
    eprintln!("Sign in (once, within 10 minutes): {}", link.expose_secret());
    Ok(())
}

/// Keeps our clock where the simulator's is.
async fn follow(clock: ShiftedClock, sim: &Url, app: &App) -> anyhow::Result<()> {
    let address = sim.join("__sim/clock")?;
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    loop {
        let answer = client.get(address.clone()).send().await.and_then(reqwest::Response::error_for_status);
        let value: serde_json::Value = match answer {
            Ok(answer) => answer.json().await?,
            Err(error) => bail!("the simulator does not answer any more: {error}"),
        };
        let offset = value
            .get("offset_ms")
            .and_then(serde_json::Value::as_i64)
            .context("the simulator's clock has no offset_ms")?;
        if offset != clock.offset_ms() {
            clock.set_offset_ms(offset);
            app.wake();
        }
        tokio::time::sleep(FOLLOW).await;
    }
}

async fn end() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}
