//! What the publisher itself costs, on a network that answers at once: deliveries a second beside raw SQLite and graphile-worker (the shared
//! `bench/queue`), in turns, and how late posts are that fall due one by one and a thousand at one instant. Ends with status 1 when a bar is missed.
//!
//!     QUEUE_REFERENCE=…/queue-bench cargo bench --features bench --bench publisher
//!
//! PostgreSQL where SOCRAZI_TEST_PG names a server, beside graphile-worker where QUEUE_PEERS names a folder with `peers.mjs` and its packages.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and measures time"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use socrazi::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use socrazi::domain::account::{Account, Profile};
use socrazi::domain::commit::{Armed, CallFault, CommitOutcome, Search, Sighting};
use socrazi::domain::ids::{AccountId, ApprovalId, DeliveryId, MediaId, PostId, UserId, VariantId, WorkspaceId};
use socrazi::domain::network::Network;
use socrazi::domain::post::{Content, Finding, MediaFacts, Options, Preview, Segment, content_hash};
use socrazi::domain::sealed::Place;
use socrazi::domain::shelf::Shelf;
use socrazi::platforms::{Part, Platform, Rules, TokenFault, Tokens};
use socrazi::publisher::Publisher;
use socrazi::store::Store;
use socrazi::store::keys::Keys;
use socrazi::upkeep::tokens::TokenKeeper;
use socrazi::vault::{KekRing, Vault};
use sqlx::{Connection, Executor};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Deliveries of one measurement; each on an account of its own, because an account is served one at a time.
const MANY: usize = 10_000;
/// In turns, so that both see the same machine.
const PAIRS: usize = 5;
const SQLITE_MIN: f64 = 0.3;
const POSTGRES_MIN: f64 = 1.0;
/// Posts that fall due one by one, and how far apart.
const ALONE: usize = 200;
const APART_MS: i64 = 37;
const ALONE_P99_MS: f64 = 50.0;
/// Posts that fall due at one instant.
const AT_ONCE: usize = 1_000;
const AT_ONCE_P99_MS: f64 = 500.0;
/// Longer than anything here may take.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A network that accepts everything at once, and remembers when.
#[derive(Default)]
struct Instantly {
    accepted: Mutex<Vec<(String, i64)>>,
}

#[async_trait]
impl Platform for Instantly {
    fn network(&self) -> Network {
        Network::X
    }
    fn rules(&self) -> Rules {
        Value::Null
    }
    fn check(&self, _: &Content, _: &[MediaFacts]) -> Vec<Finding> {
        Vec::new()
    }
    fn preview(&self, _: &Content, _: &[MediaFacts]) -> Preview {
        unreachable!("nobody looks")
    }
    fn asked_scopes(&self) -> Vec<&str> {
        Vec::new()
    }
    fn authorize_url(&self, _: &Url, _: &str, _: &str) -> Url {
        unreachable!("nobody connects")
    }
    async fn exchange(&self, _: &str, _: &SecretString, _: &Url) -> Result<Tokens, TokenFault> {
        unreachable!("nobody connects")
    }
    async fn refresh(&self, _: &SecretString) -> Result<Tokens, TokenFault> {
        unreachable!("every token is fresh")
    }
    async fn revoke(&self, _: &SecretString) -> Result<(), TokenFault> {
        unreachable!("nobody disconnects")
    }
    async fn profile(&self, _: &SecretString) -> Result<Profile, CallFault> {
        unreachable!("nobody connects")
    }
    async fn prepare(&self, _: &SecretString, _: &Part) -> Result<Value, CallFault> {
        Ok(Value::Null)
    }
    async fn commit(&self, armed: Armed, _: &SecretString, _: &Account, part: &Part, _: &Value) -> CommitOutcome {
        drop(armed);
        let mut accepted = self.accepted.lock().unwrap();
        accepted.push((part.segment.text.clone(), SystemClock.now_ms()));
        let remote_id = accepted.len().to_string();
        CommitOutcome::Accepted { permalink: format!("https://x.com/bench/status/{remote_id}"), remote_id }
    }
    async fn find(&self, _: &SecretString, _: &Search) -> Result<Sighting, CallFault> {
        unreachable!("nothing is unknown")
    }
    fn absence_is_proof(&self) -> bool {
        false
    }
    fn read_link(&self, _: &Account, _: &str) -> Option<(String, String)> {
        None
    }
    async fn remove(&self, _: &SecretString, _: &str) -> Result<(), CallFault> {
        unreachable!("nothing is removed")
    }
}

struct NoMedia;

#[async_trait]
impl Shelf for NoMedia {
    async fn range(&self, _: &MediaId, _: u64, _: usize) -> std::io::Result<bytes::Bytes> {
        unreachable!("there are none")
    }
}

/// Where it is measured: a folder, or a server.
enum Where<'a> {
    Sqlite(&'a Path),
    Postgres(&'a str),
}

impl Where<'_> {
    fn bytes(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sqlite(_) => format!("X'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'::BYTEA"),
        }
    }
}

/// A connection beside the store's.
enum Beside {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Beside {
    async fn run(&mut self, text: String) {
        let text = sqlx::AssertSqlSafe(text);
        match self {
            Self::Sqlite(connection) => connection.execute(text).await.map(drop).unwrap(),
            Self::Postgres(connection) => connection.execute(text).await.map(drop).unwrap(),
        }
    }

    async fn count(&mut self, text: &'static str) -> i64 {
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(text).fetch_one(connection).await.unwrap(),
            Self::Postgres(connection) => sqlx::query_scalar(text).fetch_one(connection).await.unwrap(),
        }
    }
}

/// A publisher with nothing to do yet.
struct Bench {
    publisher: Arc<Publisher>,
    network: Arc<Instantly>,
    beside: Beside,
    user: UserId,
    workspace: WorkspaceId,
    vault: Arc<Vault>,
    _folder: tempfile::TempDir,
}

async fn bench(at: &Where<'_>) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let (store, keys, beside) = match at {
        Where::Sqlite(file) => {
            let file = file.join(format!("{:x}.db", entropy.bits()));
            let store = Store::open_sqlite(&file, clock.clone()).await.unwrap();
            let keys = Keys::open_sqlite(&folder.path().join("keys.db")).await.unwrap();
            let url = format!("sqlite://{}", file.display());
            (store, keys, Beside::Sqlite(sqlx::SqliteConnection::connect(&url).await.unwrap()))
        }
        Where::Postgres(admin) => {
            let mut connection = sqlx::PgConnection::connect(admin).await.unwrap();
            for text in ["DROP DATABASE IF EXISTS bench_publisher WITH (FORCE)", "CREATE DATABASE bench_publisher"] {
                connection.execute(text).await.unwrap();
            }
            let mut url: Url = admin.parse().unwrap();
            url.set_path("bench_publisher");
            let store = Store::open_postgres(url.as_str(), clock.clone()).await.unwrap();
            let keys = Keys::open_postgres(url.as_str()).await.unwrap();
            (store, keys, Beside::Postgres(sqlx::PgConnection::connect(url.as_str()).await.unwrap()))
        }
    };
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let file = folder.path().join("socrazi.kek");
    let ring = KekRing::load(&file, &folder.path().join("data"), true, entropy.as_ref()).unwrap();
    let (store, keys) = (Arc::new(store), Arc::new(keys));
    let vault = Arc::new(Vault::new(ring, keys, clock.clone(), entropy.clone()));
    let network = Arc::new(Instantly::default());
    let tokens = TokenKeeper::new(store.clone(), vault.clone(), clock.clone(), entropy.clone(), "bench".into());
    let publisher = Arc::new(Publisher {
        store,
        networks: [(Network::X, network.clone() as Arc<dyn Platform>)].into(),
        tokens: Arc::new(tokens),
        shelf: Arc::new(NoMedia),
        clock,
        entropy: entropy.clone(),
        owner: "bench".into(),
        wake: Arc::new(Notify::new()),
    });
    let (user, workspace) = (UserId::generate(1, entropy.bits()), WorkspaceId::generate(1, entropy.bits()));
    let mut bench = Bench { publisher, network, beside, user, workspace, vault, _folder: folder };
    bench.settle_in().await;
    bench
}

impl Bench {
    async fn settle_in(&mut self) {
        let (user, space) = (self.user.as_str(), self.workspace.as_str());
        let text = format!(
            "INSERT INTO users(id, lang, zone, hold_ms, stdio_grant, created_at) VALUES('{user}','en','UTC',10000,'drafts',1); \
             INSERT INTO workspace(id, created_at) VALUES('{space}',1); \
             INSERT INTO membership(workspace_id, user_id, role) VALUES('{space}','{user}','owner')"
        );
        self.beside.run(text).await;
    }

    /// Stores an approved post for each of these instants.
    async fn plan(&mut self, at: &Where<'_>, slots: &[i64]) {
        let entropy = SystemEntropy;
        let far = SystemClock.now_ms() + 90 * 24 * 3_600_000;
        for chunk in slots.chunks(250) {
            let mut rows: [Vec<String>; 6] = Default::default();
            for slot in chunk {
                // Ids begin with the instant at which they were made, here as everywhere.
                let (bits, now) = (|| entropy.bits(), SystemClock.now_ms());
                let (account, post) = (AccountId::generate(now, bits()), PostId::generate(now, bits()));
                let (variant, approval) = (VariantId::generate(now, bits()), ApprovalId::generate(now, bits()));
                let delivery = DeliveryId::generate(now, bits());
                let (user, space) = (self.user.as_str(), self.workspace.as_str());
                let text =
                    format!("a scheduled post of ordinary length, close to what a person writes in one go, {delivery}");
                let content =
                    Content { segments: vec![Segment { text, ..Segment::default() }], options: Options::default() };
                let hash = content_hash(&account, &content, &[]);
                let place = Place {
                    user: &self.user,
                    provider: "x",
                    provider_account: account.as_str(),
                    table: "account_token",
                    column: "access",
                    row: account.as_str(),
                };
                let sealed =
                    self.vault.seal(&place, &SecretString::from("an access token of usual length, opaque")).await;
                let sealed = at.bytes(sealed.unwrap().as_bytes());
                let content = serde_json::to_string(&content).unwrap();
                rows[0].push(format!(
                    "('{account}','{space}','{user}','x','{account}','bench','Bench','tweet.write','fine',1)"
                ));
                rows[1].push(format!("('{account}','{user}',{sealed},NULL,{far},1)"));
                rows[2].push(format!("('{post}','{space}','{user}',1,1,1)"));
                rows[3].push(format!("('{variant}','{space}','{post}',1,'{account}','{content}')"));
                rows[4].push(format!("('{approval}','{space}','{user}','{post}','{{}}','{hash}','approved',1,{far})"));
                rows[5].push(format!(
                    "('{delivery}','{space}','{user}','{post}','{variant}','{account}','{approval}',{slot},'UTC','scheduled',0,{slot},'{hash}',1,0,0,0,0,1)"
                ));
            }
            let heads = [
                "account(id, workspace_id, user_id, network, remote_id, handle, name, scopes, health, connected_at)",
                "account_token(account_id, user_id, access, refresh, expires_at, generation)",
                "post(id, workspace_id, user_id, revision, created_at, edited_at)",
                "variant(id, workspace_id, post_id, revision, account_id, content)",
                "approval(id, workspace_id, user_id, post_id, act, hash, decision, created_at, expires_at)",
                "delivery(id, workspace_id, user_id, post_id, variant_id, account_id, approval_id, slot, zone, state, epoch, next_at, \
                 content_hash, parts, accepted, tries, refreshed, was_ambiguous, created_at)",
            ];
            let texts: Vec<String> = std::iter::zip(heads, &rows)
                .map(|(head, rows)| format!("INSERT INTO {head} VALUES {}", rows.join(",")))
                .collect();
            self.beside.run(format!("BEGIN; {}; COMMIT", texts.join("; "))).await;
        }
        match &self.beside {
            Beside::Sqlite(_) => self.beside.run("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)".into()).await,
            Beside::Postgres(_) => {
                // What was filled; the others are as in any young database.
                self.beside
                    .run("VACUUM ANALYZE account, account_token, post, variant, approval, delivery".into())
                    .await;
                self.beside.run("CHECKPOINT".into()).await;
            }
        }
    }

    /// Publishes until so many are written down as published; how long that took.
    async fn publish(&mut self, many: usize) -> Duration {
        let stop = CancellationToken::new();
        let begun = Instant::now();
        let running = tokio::spawn(self.publisher.clone().run(stop.clone()));
        let wanted = i64::try_from(many).unwrap();
        loop {
            assert!(begun.elapsed() < TIMEOUT, "not done in time");
            let is_sent = self.network.accepted.lock().unwrap().len() >= many;
            if is_sent && self.beside.count("SELECT COUNT(*) FROM delivery WHERE state='published'").await == wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let took = begun.elapsed();
        stop.cancel();
        running.await.unwrap();
        let texts = self.network.accepted.lock().unwrap();
        let once: std::collections::HashSet<&str> = texts.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!((once.len(), texts.len()), (many, many), "each goes out once");
        took
    }

    async fn end(self) {
        self.publisher.store.close().await;
    }
}

fn quantile(of: &[f64], permille: usize) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) * permille / 1000]
}

/// Deliveries a second.
async fn rate(at: &Where<'_>) -> f64 {
    let mut bench = bench(at).await;
    bench.plan(at, &vec![SystemClock.now_ms() - 1_000; MANY]).await;
    let took = bench.publish(MANY).await;
    bench.end().await;
    count(MANY) / took.as_secs_f64()
}

/// A number as a float; everything counted here is small.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap())
}

/// Jobs a second, from the line of JSON that a reference prints.
fn reference(mut command: Command) -> f64 {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line: Value = text.lines().rev().find_map(|line| serde_json::from_str(line).ok()).unwrap_or_else(|| {
        panic!("the reference printed no result: {text} {}", String::from_utf8_lossy(&output.stderr))
    });
    assert_eq!(line["done"], MANY, "{line}");
    line["jobs_per_s"].as_f64().unwrap()
}

/// Ours and theirs in turns. The median ratio.
async fn compare(name: &str, at: &Where<'_>, theirs: impl Fn() -> Command) -> f64 {
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let (ours, theirs) = (rate(at).await, reference(theirs()));
        println!("{name}: {ours:.0} deliveries a second beside {theirs:.0}, ratio {:.2}", ours / theirs);
        ratios.push(ours / theirs);
    }
    let (least, median, most) = (quantile(&ratios, 0), quantile(&ratios, 500), quantile(&ratios, 1000));
    println!("{name}: median ratio of {PAIRS} {median:.2} ({least:.2} to {most:.2})");
    median
}

/// How late each is that falls due then, in milliseconds.
async fn lateness(at: &Where<'_>, slots: &[i64]) -> (Vec<f64>, Duration) {
    let mut bench = bench(at).await;
    // Planning takes its time; the first falls due when it is over.
    bench.plan(at, &vec![i64::MAX / 4; slots.len()]).await;
    let from = SystemClock.now_ms() + 500;
    let mut ids: Vec<(String, i64)> = Vec::new();
    let text = "SELECT id FROM delivery ORDER BY id";
    let found: Vec<String> = match &mut bench.beside {
        Beside::Sqlite(connection) => sqlx::query_scalar(text).fetch_all(connection).await.unwrap(),
        Beside::Postgres(connection) => sqlx::query_scalar(text).fetch_all(connection).await.unwrap(),
    };
    let mut moves = String::from("BEGIN");
    for (id, slot) in std::iter::zip(found, slots) {
        moves += &format!("; UPDATE delivery SET slot={0}, next_at={0} WHERE id='{id}'", from + slot);
        ids.push((id, from + slot));
    }
    bench.beside.run(moves + "; COMMIT").await;
    let from_now = u64::try_from((from - SystemClock.now_ms()).max(0)).unwrap();
    let took = bench.publish(slots.len()).await.saturating_sub(Duration::from_millis(from_now));
    let slots: std::collections::HashMap<String, i64> = ids.into_iter().collect();
    let accepted = bench.network.accepted.lock().unwrap().clone();
    let late = accepted.iter().map(|(text, at)| {
        let id = text.rsplit(' ').next().unwrap();
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a few minutes")]
        let late = (at - slots[id]) as f64;
        assert!(late >= 0.0, "before its time");
        late
    });
    let late = late.collect();
    bench.end().await;
    (late, took)
}

async fn is_punctual(name: &str, at: &Where<'_>) -> bool {
    let apart: Vec<i64> = (0..i64::try_from(ALONE).unwrap()).map(|no| no * APART_MS).collect();
    let (late, _) = lateness(at, &apart).await;
    let alone = quantile(&late, 990);
    println!("{name}: one by one, late by p50 {:.0} / p99 {alone:.0} ms (bar {ALONE_P99_MS})", quantile(&late, 500));
    let (late, took) = lateness(at, &[0; AT_ONCE]).await;
    let together = quantile(&late, 990);
    let bar = AT_ONCE_P99_MS.max(2.0 * took.as_secs_f64() * 1000.0);
    println!(
        "{name}: {AT_ONCE} at one instant, late by p50 {:.0} / p99 {together:.0} ms (bar {bar:.0}: twice what all of them take)",
        quantile(&late, 500)
    );
    alone <= ALONE_P99_MS && together <= bar
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw.db");
    let mut good = true;
    let wants = |name: &str| std::env::args().skip(1).all(|wanted| wanted.starts_with('-') || wanted == name);
    if wants("sqlite") {
        let at = Where::Sqlite(folder.path());
        good &= is_punctual("SQLite", &at).await;
        match std::env::var("QUEUE_REFERENCE") {
            Ok(reference) => {
                let theirs = || {
                    let mut command = Command::new(&reference);
                    command.args(["sqlite", "--sync", "full", "--batch", "10", "--workers", "1", "--mode", "ledger"]);
                    command.args(["--jobs", &MANY.to_string(), "--path"]).arg(&raw);
                    command
                };
                good &= compare("SQLite", &at, theirs).await >= SQLITE_MIN;
            }
            Err(_) => println!("SQLite: {:.0} deliveries a second; nothing to compare with", rate(&at).await),
        }
    }
    if let (true, Ok(admin)) = (wants("postgres"), std::env::var("SOCRAZI_TEST_PG")) {
        let at = Where::Postgres(&admin);
        good &= is_punctual("PostgreSQL", &at).await;
        match std::env::var("QUEUE_PEERS").map(PathBuf::from) {
            Ok(peers) => {
                let theirs = || {
                    let mut command = Command::new("node");
                    command.arg(peers.join("peers.mjs")).args([
                        "graphile",
                        "--conc",
                        "10",
                        "--jobs",
                        &MANY.to_string(),
                    ]);
                    command.current_dir(&peers).env("PGURL", &admin);
                    command
                };
                good &= compare("PostgreSQL", &at, theirs).await >= POSTGRES_MIN;
            }
            Err(_) => println!("PostgreSQL: {:.0} deliveries a second; nothing to compare with", rate(&at).await),
        }
    }
    if !good {
        println!("a bar is missed");
        std::process::exit(1);
    }
}
