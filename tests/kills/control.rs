//! Two workers as one finds them: a table of jobs, a loop, a POST. One tries again after any error; one marks the job before it sends and believes
//! what it saw. They are struck at the same places as ours, so that it shows whether the matrix would notice anything.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use socrazi::clock::Clock;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::StageClock;
use crate::worker::reach;

/// A claim nobody reported on for so long is anybody's.
const LEASE_MS: i64 = 60_000;
/// Between two tries.
const AGAIN_MS: i64 = 5_000;
/// Then it gives up.
const TRIES_MAX: i64 = 5;

pub(crate) async fn open(folder: &Path) -> sqlx::SqliteConnection {
    let options = SqliteConnectOptions::new().filename(folder.join("jobs.db")).create_if_missing(true);
    let mut db = sqlx::SqliteConnection::connect_with(&options.busy_timeout(Duration::from_secs(5))).await.unwrap();
    let table = "CREATE TABLE IF NOT EXISTS job(id INTEGER PRIMARY KEY, text TEXT NOT NULL, due BIGINT NOT NULL, state TEXT NOT NULL, tries BIGINT NOT NULL)";
    sqlx::query(table).execute(&mut db).await.unwrap();
    db
}

pub(crate) async fn run(folder: &Path, no: usize, point: &str, retries: bool) {
    socrazi::app::install_tls_provider();
    let clock: Arc<dyn Clock> = Arc::new(StageClock::of_worker(folder, no));
    let settings = crate::worker::settings(folder).0;
    let url: url::Url = settings["x.api_url"].parse().unwrap();
    let token = std::fs::read_to_string(folder.join("token")).unwrap();
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
    let mut db = open(folder).await;
    if !retries {
        // What was sent before the end and never answered: it did not succeed, as far as this program knows.
        sqlx::query("UPDATE job SET state='failed' WHERE state='sent'").execute(&mut db).await.unwrap();
    }
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    std::fs::write(folder.join(format!("ready-{no}")), "").unwrap();
    loop {
        tokio::select! {
            _ = terminate.recv() => return,
            () = tokio::time::sleep(Duration::from_millis(10)) => {}
        }
        let (here, point, http, url, token) =
            (folder.to_owned(), point.to_owned(), http.clone(), url.clone(), token.clone());
        let clock = clock.clone();
        // A panic ends this round; the next one goes on, as in any job runner.
        let round = tokio::spawn(async move {
            let mut db = open(&here).await;
            let at = async |name: &str| reach(here.clone(), point.clone(), name).await;
            let claim = "UPDATE job SET state='running', due=$2 WHERE state IN ('queued','running') AND due <= $1 RETURNING id, text, tries";
            let now = clock.now_ms();
            let found: Option<(i64, String, i64)> =
                sqlx::query_as(claim).bind(now).bind(now + LEASE_MS).fetch_optional(&mut db).await.unwrap();
            let Some((id, text, tries)) = found else { return };
            at("F1").await;
            if !retries {
                sqlx::query("UPDATE job SET state='sent' WHERE id=$1").bind(id).execute(&mut db).await.unwrap();
            }
            at("F5").await;
            let call =
                http.post(url.join("2/tweets").unwrap()).bearer_auth(&token).json(&serde_json::json!({ "text": text }));
            let answer = call.send().await;
            at("F6").await;
            let answer = match answer {
                Ok(answer) if answer.status() == 201 => answer.json::<serde_json::Value>().await.ok(),
                _ => None,
            };
            at("F7").await;
            let (state, due) = match answer {
                Some(_) => ("done", now),
                None if retries && tries < TRIES_MAX => ("queued", clock.now_ms() + AGAIN_MS),
                None => ("failed", now),
            };
            let write = "UPDATE job SET state=$2, due=$3, tries=tries+1 WHERE id=$1";
            sqlx::query(write).bind(id).bind(state).bind(due).execute(&mut db).await.unwrap();
        });
        tokio::select! {
            _ = terminate.recv() => return,
            _whatever = round => {}
        }
    }
}
