//! What a claim costs with a thousand deliveries stored for later, and with a million: the same claim of one that is due, on two databases in
//! turns. Ends with status 1 when the larger costs more than half as much again (p99). SQLite, and PostgreSQL where SOCRAZI_TEST_PG names a server.
//!
//!     cargo bench --features bench --bench claims
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and measures time"
)]

use std::sync::Arc;
use std::time::Instant;

use socrazi::clock::SystemClock;
use socrazi::domain::delivery::LEASE_MS;
use socrazi::store::Store;
use sqlx::{Connection, Executor};

const FEW: i64 = 1_000;
const MANY: i64 = 1_000_000;
/// In turns, so that both see the same machine.
const PAIRS: usize = 5;
const CLAIMS: usize = 200;
const RATIO_MAX: f64 = 1.5;
/// Long after everything that the sample and its copies wait for began.
const NOW: i64 = 1_800_000_000_000;

/// One delivery for later and copies of it, and the one that each claim takes.
fn rows(many: i64) -> String {
    let sample = include_str!("../tests/fixtures/migrations/0001.sql");
    let columns = "workspace_id, user_id, post_id, variant_id, account_id, approval_id, zone, state, epoch, content_hash, parts, accepted, \
        tries, refreshed, was_ambiguous, created_at";
    let of_it = columns.split(", ").map(|name| format!("d.{}", name.trim())).collect::<Vec<_>>().join(", ");
    format!(
        "{sample} INSERT INTO delivery(id, slot, next_at, {columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) \
         SELECT 'dlv_' || n.i, d.slot + n.i, d.slot + n.i, {of_it} FROM n CROSS JOIN (SELECT * FROM delivery WHERE state='scheduled') AS d; \
         UPDATE delivery SET next_at={NOW} WHERE id='dlv_01ARZ3NDEKTSV4RRFFQ69G5FAB'"
    )
}

struct Side {
    store: Store,
    took_us: Vec<f64>,
    back: Back,
}

/// Where a claim is taken back from outside, so that the next one finds the same.
enum Back {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Side {
    async fn sqlite(folder: &std::path::Path, many: i64) -> Self {
        let file = folder.join(format!("{many}.db"));
        let store = Store::open_sqlite(&file, Arc::new(SystemClock)).await.unwrap();
        let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(rows(many).replace("{bytes}", "X'00'"))).await.unwrap();
        connection.execute("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        Self { store, took_us: Vec::new(), back: Back::Sqlite(connection) }
    }

    async fn postgres(admin: &str, many: i64) -> Self {
        let name = format!("bench_claims_{many}");
        let mut connection = sqlx::PgConnection::connect(admin).await.unwrap();
        for text in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
            connection.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
        }
        let mut url: url::Url = admin.parse().unwrap();
        url.set_path(&name);
        let store = Store::open_postgres(url.as_str(), Arc::new(SystemClock)).await.unwrap();
        let mut connection = sqlx::PgConnection::connect(url.as_str()).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(rows(many).replace("{bytes}", "'\\x00'::BYTEA"))).await.unwrap();
        connection.execute("VACUUM ANALYZE delivery").await.unwrap();
        connection.execute("CHECKPOINT").await.unwrap();
        Self { store, took_us: Vec::new(), back: Back::Postgres(connection) }
    }

    async fn claim(&mut self) {
        let begun = Instant::now();
        let claimed = self.store.claim_due("bench", NOW, NOW + LEASE_MS, 16).await.unwrap();
        self.took_us.push(begun.elapsed().as_secs_f64() * 1e6);
        assert_eq!(claimed.len(), 1, "nothing else is due");
        let back = format!(
            "UPDATE delivery SET state='scheduled', owner=NULL, lease_until=NULL, next_at={NOW} WHERE state='leased'"
        );
        match &mut self.back {
            Back::Sqlite(connection) => connection.execute(sqlx::AssertSqlSafe(back)).await.map(drop).unwrap(),
            Back::Postgres(connection) => connection.execute(sqlx::AssertSqlSafe(back)).await.map(drop).unwrap(),
        }
    }
}

fn quantile(took: &[f64], permille: usize) -> f64 {
    let mut sorted = took.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) * permille / 1000]
}

async fn compare(name: &str, mut few: Side, mut many: Side) -> bool {
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        few.took_us.clear();
        many.took_us.clear();
        // One by one in turns: whatever else the machine does, it does to both.
        for _ in 0..CLAIMS {
            few.claim().await;
            many.claim().await;
        }
        let (small, large) = (quantile(&few.took_us, 990), quantile(&many.took_us, 990));
        let middle = (quantile(&few.took_us, 500), quantile(&many.took_us, 500));
        println!(
            "{name}: p50 {:.0} / {:.0} us, p99 {small:.0} / {large:.0} us ({FEW} / {MANY} stored)",
            middle.0, middle.1
        );
        ratios.push(large / small);
    }
    let median = quantile(&ratios, 500);
    println!(
        "{name}: p99 ratio, median of {PAIRS}: {median:.2} ({:.2} to {:.2})",
        quantile(&ratios, 0),
        quantile(&ratios, 1000)
    );
    few.store.close().await;
    many.store.close().await;
    median <= RATIO_MAX
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (few, many) = (Side::sqlite(folder.path(), FEW).await, Side::sqlite(folder.path(), MANY).await);
    let mut good = compare("SQLite", few, many).await;
    if let Ok(admin) = std::env::var("SOCRAZI_TEST_PG") {
        let (few, many) = (Side::postgres(&admin, FEW).await, Side::postgres(&admin, MANY).await);
        good &= compare("PostgreSQL", few, many).await;
        let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
        for many in [FEW, MANY] {
            let text = format!("DROP DATABASE IF EXISTS bench_claims_{many} WITH (FORCE)");
            connection.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
        }
    }
    if !good {
        println!("a claim costs by what is stored");
        std::process::exit(1);
    }
}
