//! A process that publishes: the real App and publisher, with a clock that a file moves and a place where it waits for its fate.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use socrazi::app::{App, DataFolder, Parts};
use socrazi::clock::{Clock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::clock::StageClock;

/// How long a process waits for its fate before it goes on as if nothing had been.
const FATE_MAX: Duration = Duration::from_secs(30);

/// The point at which the process with this folder waits; the first of all that come there waits, once in a trial.
pub(crate) async fn reach(folder: PathBuf, point: String, name: &str) {
    let wanted = name == point || (name == "F6" && point == "F6-answered");
    if !wanted {
        return;
    }
    let struck = folder.join("struck");
    let half = folder.join(format!("struck.{}", std::process::id()));
    std::fs::write(&half, std::process::id().to_string()).unwrap();
    // Whole or not at all, and only one gets it.
    let is_first = std::fs::hard_link(&half, &struck).is_ok();
    std::fs::remove_file(&half).ok();
    if !is_first {
        return;
    }
    let mut waited = Duration::ZERO;
    while waited < FATE_MAX {
        match std::fs::read_to_string(folder.join("go")).as_deref() {
            Ok("panic") => panic!("the matrix says so"),
            Ok(_) => return,
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        waited += Duration::from_millis(5);
    }
}

/// Settings of every App of a trial: a file, because they hold an address with a password.
pub(crate) fn settings(folder: &Path) -> Overrides {
    let text = std::fs::read_to_string(folder.join("settings.json")).unwrap();
    let pairs: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    Overrides(pairs.into_iter().map(|(key, value)| (&*key.leak(), value)).collect())
}

pub(crate) async fn open(folder: &Path, clock: Arc<dyn Clock>) -> App {
    let config = Config::read("", &Default::default(), &settings(folder), None).unwrap();
    App::open(Parts { config, clock, entropy: Arc::new(SystemEntropy), is_simulation: true }).await.unwrap()
}

/// Publishes until it is told to stop, as `serve` does.
pub(crate) async fn run(folder: &Path, no: usize, point: String) {
    socrazi::app::install_tls_provider();
    let clock: Arc<dyn Clock> = Arc::new(StageClock::of_worker(folder, no));
    let (here, at) = (folder.to_owned(), point);
    socrazi::failpoints::install(Box::new(move |name| {
        let (here, at) = (here.clone(), at.clone());
        Box::pin(async move { reach(here, at, name).await })
    }));
    let config = Config::read("", &Default::default(), &settings(folder), None).unwrap();
    let _lock = config.database_url.is_none().then(|| DataFolder::lock(&config.data_dir).unwrap());
    let app = Arc::new(open(folder, clock.clone()).await);
    let (stop, mut terminate) = (CancellationToken::new(), signal(SignalKind::terminate()).unwrap());
    let (publisher, until) = (app.clone(), stop.clone());
    let publishing = tokio::spawn(async move { publisher.publish_until(until).await });
    std::fs::write(folder.join(format!("ready-{no}")), "").unwrap();
    let mut seen = clock.now_ms();
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            () = tokio::time::sleep(Duration::from_millis(10)) => {}
        }
        // A timer cannot know that the clock was moved.
        let now = clock.now_ms();
        if (now - seen).abs() > 100 {
            app.wake();
        }
        seen = now;
    }
    stop.cancel();
    publishing.await.unwrap();
    app.close().await;
}
