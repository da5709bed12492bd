//! Both databases understand every statement, and the whole program works on either. Without SOCRAZI_TEST_PG (which `tests/run` sets)
//! only SQLite is tested, and the test says so.

use std::sync::Arc;

use serde_json::json;
use socrazi::clock::{Entropy, SystemClock, SystemEntropy};
use socrazi::store::Store;
use socrazi::store::keys::Keys;

use crate::serving::{Hands, free_port, simulator, start, until, write_config};

/// A fresh database on the scratch server, if there is one.
pub(crate) async fn fresh_postgres() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "how tests/run hands out the scratch server")]
    let Ok(admin) = std::env::var("SOCRAZI_TEST_PG") else {
        println!("skipped: PostgreSQL, because SOCRAZI_TEST_PG is not set (tests/run sets it)");
        return None;
    };
    let name = format!("it_{:x}", SystemEntropy.bits());
    let pool = sqlx::PgPool::connect(&admin).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    pool.close().await;
    let mut url: url::Url = admin.parse().unwrap();
    url.set_path(&name);
    Some(url.into())
}

#[tokio::test]
async fn sqlite_understands_every_statement() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(&folder.path().join("socrazi.db"), Arc::new(SystemClock)).await.unwrap();
    assert!(store.prepare_every_statement().await.unwrap() > 60);
    let keys = Keys::open_sqlite(&folder.path().join("keys.db")).await.unwrap();
    assert!(keys.prepare_every_statement().await.unwrap() >= 8);
}

#[tokio::test]
async fn postgresql_understands_every_statement() {
    let Some(url) = fresh_postgres().await else { return };
    let store = Store::open_postgres(&url, Arc::new(SystemClock)).await.unwrap();
    assert!(store.prepare_every_statement().await.unwrap() > 60);
    let keys = Keys::open_postgres(&url).await.unwrap();
    assert!(keys.prepare_every_statement().await.unwrap() >= 8);
    assert!((store.now_ms().await.unwrap() - socrazi::clock::Clock::now_ms(&SystemClock)).abs() < 60_000);
}

/// Draft, approve by grant, publish, read back, edit, withdraw, pause: the statements with real rows behind them.
#[tokio::test(flavor = "multi_thread")]
async fn the_whole_job_works_on_postgresql() {
    let Some(url) = fresh_postgres().await else { return };
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config(folder.path(), port, &sim.url());
    let mut config = std::fs::read_to_string(folder.path().join("socrazi.toml")).unwrap();
    config.push_str(&format!("[database]\nurl = \"{url}\"\n"));
    std::fs::write(folder.path().join("socrazi.toml"), config).unwrap();
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.connect_x().await;
    let post =
        hands.call("create_draft", json!({ "text": "on PostgreSQL", "idempotency_key": "k" })).await["post"]["id"]
            .clone();
    hands.call("schedule_post", json!({ "post": post, "at": "2027-06-01T09:00", "zone": "Asia/Tokyo" })).await;
    hands.call("schedule_post", json!({ "post": post, "at": "2027-06-02T09:00", "zone": "Asia/Tokyo" })).await;
    hands.call("pause_publishing", json!({ "post": post })).await;
    let other = hands.call("create_draft", json!({ "text": "goes out" })).await["post"]["id"].clone();
    hands.call("publish_post", json!({ "post": other })).await;
    let read = until("publishing", async || {
        let read = hands.call("get_post", json!({ "post": other })).await;
        (read["post"]["deliveries"][0]["state"] == "published").then_some(read)
    })
    .await;
    assert_eq!(read["post"]["deliveries"][0]["receipts"].as_array().map(Vec::len), Some(1));
    assert_eq!(sim.ledger().len(), 1);
    let read = hands.call("get_post", json!({ "post": post })).await;
    let states: Vec<_> = read["post"]["deliveries"].as_array().unwrap().iter().map(|d| d["state"].clone()).collect();
    assert_eq!(states, [json!("paused"), json!("cancelled")], "{read}");
    hands.call("withdraw_post", json!({ "post": post })).await;
    hands.call("withdraw_post", json!({ "post": post, "restore": true })).await;
    hands.call("update_draft", json!({ "post": post, "revision": 1, "text": "edited" })).await;
    assert!(hands.page("calendar").await.contains("goes out"));
    drop(server);
}
