//! Both databases understand every statement, and the whole program works on either. Without SOCRAZI_TEST_PG (which `tests/run` sets)
//! only SQLite is tested, and the test says so.

use std::sync::Arc;

use serde_json::json;
use socrazi::clock::{Entropy, SystemClock, SystemEntropy};
use socrazi::store::Store;
use socrazi::store::keys::Keys;
use sqlx::Connection;

use crate::serving::{Hands, free_port, in_days, simulator, start, until, write_config_on};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// PostgreSQL, where there is a server for tests.
    pub(crate) fn postgres() -> Option<Self> {
        admin().map(|_| Self::Postgres)
    }

    /// What `database.url` must be for a database of one's own; nothing for SQLite, which lies in the data folder.
    pub(crate) async fn fresh(self) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(migrated_postgres(&admin().unwrap()).await),
        }
    }
}

/// Makes two tests of each function: one on SQLite, one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::databases::Engine::Sqlite).await;
            })+
        }
        mod on_postgresql {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(engine) = crate::databases::Engine::postgres() {
                    super::$name(engine).await;
                }
            })+
        }
    };
}
pub(crate) use on_both;

fn admin() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "how tests/run hands out the scratch server")]
    let admin = std::env::var("SOCRAZI_TEST_PG").ok();
    if admin.is_none() {
        println!("skipped: PostgreSQL, because SOCRAZI_TEST_PG is not set (tests/run sets it)");
    }
    admin
}

fn at(admin: &str, name: &str) -> String {
    let mut url: url::Url = admin.parse().unwrap();
    url.set_path(name);
    url.into()
}

/// An empty database on the scratch server, if there is one.
pub(crate) async fn fresh_postgres() -> Option<String> {
    let admin = admin()?;
    let name = format!("it_{:x}", SystemEntropy.bits());
    run(&admin, &[format!("CREATE DATABASE {name}")]).await;
    Some(at(&admin, &name))
}

async fn run(url: &str, statements: &[String]) {
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    for statement in statements {
        sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// A migrated database: a copy of a template that the first test process makes, named by what the migrations say.
async fn migrated_postgres(admin: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = std::fs::read_to_string(folder.join("src/store/keys.rs")).unwrap();
    for entry in std::fs::read_dir(folder.join("migrations/postgres")).unwrap() {
        text.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let template = format!("template_{}", &socrazi::vault::token_hash(&text)[..16]);
    let mut lock = sqlx::PgConnection::connect(admin).await.unwrap();
    // Whoever comes first makes it; the others wait, and find it.
    sqlx::query("SELECT pg_advisory_lock(7321)").execute(&mut lock).await.unwrap();
    let found: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname=$1")
        .bind(&template)
        .fetch_optional(&mut lock)
        .await
        .unwrap();
    if found.is_none() {
        let making = fresh_postgres().await.unwrap();
        Store::open_postgres(&making, Arc::new(SystemClock)).await.unwrap().close().await;
        Keys::open_postgres(&making).await.unwrap().close().await;
        let name = making.rsplit('/').next().unwrap();
        run(admin, &[format!("ALTER DATABASE {name} RENAME TO {template}")]).await;
    }
    let name = format!("it_{:x}", SystemEntropy.bits());
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}")))
        .execute(&mut lock)
        .await
        .unwrap();
    lock.close().await.unwrap();
    at(admin, &name)
}

/// Table → its rows as text, bytes in hexadecimal.
pub(crate) type Rows = std::collections::BTreeMap<String, Vec<String>>;

/// Everything in the databases, read from outside: PostgreSQL at `url`, or the files in the data folder.
pub(crate) async fn rows(url: Option<&str>, data: &std::path::Path) -> Rows {
    let mut all = Rows::new();
    if let Some(url) = url {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        let tables = "SELECT schemaname||'.'||tablename FROM pg_tables WHERE schemaname IN ('public','socrazi_keys')";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
        for table in tables.into_iter().filter(|table| !table.contains("_sqlx")) {
            let text = format!("SELECT t::text FROM {table} t ORDER BY 1");
            let found = sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_all(&mut connection).await.unwrap();
            all.insert(table.rsplit('.').next().unwrap().to_owned(), found);
        }
        connection.close().await.unwrap();
        return all;
    }
    for file in ["socrazi.db", "keys.db"] {
        let mut connection =
            sqlx::SqliteConnection::connect(&format!("sqlite://{}", data.join(file).display())).await.unwrap();
        let tables =
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx%'";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
        for table in tables {
            let columns = "SELECT group_concat('quote(\"'||name||'\")', '||'',''||') FROM pragma_table_info($1)";
            let columns: String = sqlx::query_scalar(columns).bind(&table).fetch_one(&mut connection).await.unwrap();
            let text = format!("SELECT {columns} FROM \"{table}\" ORDER BY 1");
            let found = sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_all(&mut connection).await.unwrap();
            all.insert(table, found);
        }
        connection.close().await.unwrap();
    }
    all
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

/// What is known of a call whose process died: at once where the folder is ours alone, after a lease where processes share.
async fn a_call_that_is_never_answered_is_lost_and_not_free(engine: Engine) {
    use socrazi::domain::ids::UserId;
    use socrazi::store::idempotency::FirstCall;
    let folder = tempfile::tempdir().unwrap();
    let store = match engine.fresh().await {
        None => Store::open_sqlite(&folder.path().join("socrazi.db"), Arc::new(SystemClock)).await.unwrap(),
        Some(url) => Store::open_postgres(&url, Arc::new(SystemClock)).await.unwrap(),
    };
    let (ana, now) = (UserId::generate(1, 1), 1_000_000);
    assert!(store.claim_idempotency_key(&ana, "k", "hash", now).await.unwrap());
    let known = async |at: i64| store.find_idempotency_key(&ana, "k", at).await.unwrap().unwrap().call;
    assert_eq!(known(now + 59_999).await, FirstCall::Running);
    // With a sign of life it goes on for as long again.
    store.renew_idempotency_key(&ana, "k", now + 59_000).await.unwrap();
    assert_eq!(known(now + 118_999).await, FirstCall::Running);
    store.renew_idempotency_key(&ana, "k", now).await.unwrap();
    store.mark_lost_calls().await.unwrap();
    let shared = engine == Engine::Postgres;
    assert_eq!(known(now).await, if shared { FirstCall::Running } else { FirstCall::Lost });
    assert_eq!(known(now + 60_000).await, FirstCall::Lost);
    assert!(!store.claim_idempotency_key(&ana, "k", "hash", now + 60_000).await.unwrap(), "it would run again");
    // It lived after all.
    store.update_idempotency_answer(&ana, "k", Some("{}")).await.unwrap();
    assert_eq!(known(now + 60_000).await, FirstCall::Answered("{}".into()));
    store.close().await;
}

on_both!(a_call_that_is_never_answered_is_lost_and_not_free, the_whole_job_works);

/// Draft, approve by grant, publish, read back, edit, withdraw, pause: the statements with real rows behind them.
async fn the_whole_job_works(engine: Engine) {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config_on(engine, folder.path(), port, &sim.url()).await;
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.connect_x().await;
    let post =
        hands.call("create_draft", json!({ "text": "on PostgreSQL", "idempotency_key": "k" })).await["post"]["id"]
            .clone();
    hands.call("schedule_post", json!({ "post": post, "at": in_days(200), "zone": "Asia/Tokyo" })).await;
    hands.call("schedule_post", json!({ "post": post, "at": in_days(201), "zone": "Asia/Tokyo" })).await;
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
