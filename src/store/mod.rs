//! The only SQL. One text per statement for both databases, a pair only where the dialects part (DEPS §3).
//! Sees secrets only as `Sealed` or as hashes; knows no network, no rule of the trade and no clock but the one it is handed.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use crate::clock::Clock;

pub mod accounts;
pub mod ahead;
pub mod approvals;
pub mod approvers;
pub mod arm;
pub mod assistants;
pub mod attempts;
pub mod audit;
pub mod avatars;
pub mod batches;
mod changes;
pub mod claims;
pub mod conversations;
pub mod deletion_requests;
pub mod deliveries;
pub mod digests;
pub mod disconnections;
pub mod discord;
pub mod erase;
pub mod figures;
pub mod forget;
pub mod google;
pub mod idempotency;
pub mod inbox;
pub mod inspections;
mod instant;
mod kept;
pub mod keys;
mod lane;
pub mod late_calls;
pub mod mcp_sessions;
pub mod media;
pub mod notices;
pub mod oauth_clients;
pub mod oauth_consents;
pub mod oauth_grants;
pub mod orders;
pub mod places;
pub mod planning;
pub mod post_lists;
pub mod posts;
pub mod presence;
pub mod quotas;
mod readers;
pub mod reports;
pub mod room_consents;
pub mod sessions;
pub mod slack_teams;
mod steps;
pub mod talkers;
pub mod tokens;
pub mod turns;
pub mod uploads;
pub mod users;
pub mod video_edits;

/// A statement for both databases.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Statement {
    /// The same text on both.
    #[must_use]
    pub const fn same(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    /// A text for each.
    #[must_use]
    pub const fn pair(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

/// Declares statements and lists them, so that a test can prepare every one on both databases.
macro_rules! statements {
    ($($name:ident = $statement:expr;)+) => {
        $(pub(in crate::store) const $name: $crate::store::Statement = $statement;)+
        pub(in crate::store) const ALL: &[(&str, $crate::store::Statement)] = &[$((stringify!($name), $name)),+];
    };
}
pub(in crate::store) use statements;

/// Expands the body once per database, on the pool that writes.
macro_rules! write {
    ($store:expr, $p:ident => $body:expr) => {
        match &$store.db {
            $crate::store::Db::Sqlite(lite) => {
                let $p = &lite.writer;
                $body
            }
            $crate::store::Db::Postgres($p) => $body,
        }
    };
}
pub(in crate::store) use write;

/// Expands the body once per database, on the pool that only reads.
macro_rules! read {
    ($store:expr, $p:ident => $body:expr) => {
        match &$store.db {
            $crate::store::Db::Sqlite(lite) => {
                let $p = &lite.readers;
                $body
            }
            $crate::store::Db::Postgres($p) => $body,
        }
    };
}
pub(in crate::store) use read;

/// The database failed, or holds something that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The driver's own words.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds a word this version does not know.
    #[error("a row of {table} cannot be read: {why}")]
    Unreadable {
        /// Table.
        table: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The server did not answer in time.
    #[error("the server did not answer within {} s: is it running at this address, and does a firewall let us there?", CONNECT.as_secs())]
    NoAnswer,
    /// The database cannot be written the way that durability, backups and commands beside `serve` rest on.
    #[error("SQLite runs with journal_mode = {found}, it must be wal: put the data folder on a local file system")]
    NoWal {
        /// What it is.
        found: String,
    },
    /// The connection does not have the settings that durability and forgetting rest on.
    #[error("SQLite runs with {pragma} = {found}, it must be {wanted}")]
    Pragma {
        /// Which setting.
        pragma: &'static str,
        /// What it is.
        found: i64,
        /// What it must be.
        wanted: i64,
    },
}

/// Everything the store answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// The two databases.
pub(in crate::store) enum Db {
    /// One writer, several readers.
    Sqlite(Box<Lite>),
    /// One pool.
    Postgres(PgPool),
}

/// SQLite's pools: exactly one connection writes, so nobody ever meets a locked database.
pub(in crate::store) struct Lite {
    pub(in crate::store) writer: SqlitePool,
    pub(in crate::store) readers: readers::Readers,
}

/// The store.
pub struct Store {
    pub(in crate::store) db: Db,
    lane: lane::Lane,
    presence: presence::Presence,
    watching: changes::Watching,
    instant: instant::Carried,
    log_index: kept::LogIndex,
    bearers: kept::Kept<tokens::Bearer>,
    oauth_bearers: kept::Kept<oauth_grants::OauthBearer>,
    clock: Arc<dyn Clock>,
}

/// How many connections only read: two cores, and a page needs one at a time.
const READERS: u32 = 4;
/// What the writer keeps of the file, in KiB (with SQLite's minus): the pages that a busy hour writes to again and again.
const WRITER_CACHE: &str = "-16000";
/// Pages in the log before they are folded into the file (16 MB): a page that is written again and again is folded once.
const CHECKPOINT_PAGES: &str = "4000";
/// How many connections to PostgreSQL a process holds.
const POSTGRES_CONNECTIONS: u32 = 8;
/// How long a statement waits for a lock before it fails.
const BUSY: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the SQLite file in the data folder and brings its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened, a migration fails, or a connection lacks the settings that durability rests on.
    pub async fn open_sqlite(file: &Path, clock: Arc<dyn Clock>) -> StoreResult<Self> {
        let options = sqlite_options(file);
        // A file answers or does not; asking it first only costs time.
        let wide = options.clone().pragma("cache_size", WRITER_CACHE).pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .after_connect(|connection, _| Box::pin(assert_settings(connection)))
            .after_release(|connection, _| Box::pin(is_usable(connection)))
            .connect_with(wide)
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&writer).await?;
        let readers = readers::Readers::open(options.pragma("query_only", "ON"), READERS).await?;
        let lane = lane::Lane::sqlite(writer.clone());
        let (presence, watching) = (presence::Presence::alone(), changes::Watching::file(sqlite_options(file)));
        let db = Db::Sqlite(Box::new(Lite { writer, readers }));
        Ok(Self::with(db, lane, (presence, watching), kept::LogIndex::of(file), clock))
    }

    /// Connects to PostgreSQL and brings the schema up to date. Several processes may do so at once.
    ///
    /// # Errors
    /// When the server cannot be reached or a migration fails.
    pub async fn open_postgres(url: &str, clock: Arc<dyn Clock>) -> StoreResult<Self> {
        let options = PgConnectOptions::from_str(url)?.options([("synchronous_commit", "on")]);
        knock(&options).await?;
        let presence = presence::Presence::among_others(&options);
        let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/postgres").run(&pool).await?;
        let lane = lane::Lane::postgres(pool.clone(), &options);
        let (db, watching) = (Db::Postgres(pool), changes::Watching::server());
        Ok(Self::with(db, lane, (presence, watching), kept::LogIndex::none(), clock))
    }

    fn with(
        db: Db,
        lane: lane::Lane,
        (presence, watching): (presence::Presence, changes::Watching),
        log_index: kept::LogIndex,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (bearers, oauth_bearers) = (kept::Kept::default(), kept::Kept::default());
        let instant = instant::Carried::default();
        Self { db, lane, presence, watching, instant, log_index, bearers, oauth_bearers, clock }
    }

    /// Whether several processes may share this database, so that claims of another one must be respected until they lapse.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        match self.db {
            Db::Sqlite(_) => false,
            Db::Postgres(_) => true,
        }
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        read!(self, p => sqlx::query("SELECT 1").execute(p).await.is_ok())
    }

    /// Copies SQLite's database as it is at this moment into a new file, while others read and write.
    ///
    /// # Errors
    /// When the file is there already or cannot be written.
    pub async fn copy_to(&self, file: &Path) -> StoreResult<()> {
        copy_sqlite(&self.db, file).await
    }

    /// Closes every connection; SQLite folds its log into the file.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite(lite) => {
                self.watching.close().await;
                lite.readers.close().await;
                lite.writer.close().await;
            }
            Db::Postgres(pool) => {
                self.presence.end().await;
                self.lane.close().await;
                pool.close().await;
            }
        }
    }

    pub(in crate::store) fn text(&self, statement: &Statement) -> &'static str {
        match self.db {
            Db::Sqlite(_) => statement.sqlite,
            Db::Postgres(_) => statement.postgres,
        }
    }

    /// SQLite takes its write lock at once, so that a transaction never fails half-way for want of it.
    pub(in crate::store) fn begin(&self) -> &'static str {
        match self.db {
            Db::Sqlite(_) => "BEGIN IMMEDIATE",
            Db::Postgres(_) => "BEGIN",
        }
    }

    /// Asks the database to understand every statement of the house without running one. For the test of that name.
    ///
    /// # Errors
    /// The first statement that this database does not understand, by name.
    pub async fn prepare_every_statement(&self) -> Result<usize, String> {
        use sqlx::{Executor, SqlSafeStr};
        let rooms = [
            accounts::ALL,
            approvals::ALL,
            approvers::ALL,
            arm::ALL,
            attempts::ALL,
            audit::ALL,
            avatars::ALL,
            batches::ALL,
            changes::ALL,
            claims::ALL,
            conversations::ALL,
            deletion_requests::ALL,
            deliveries::ALL,
            disconnections::ALL,
            digests::ALL,
            discord::ALL,
            erase::ALL,
            figures::ALL,
            forget::ALL,
            google::ALL,
            idempotency::ALL,
            inbox::ALL,
            inspections::ALL,
            media::ALL,
            notices::ALL,
            assistants::ALL,
            oauth_clients::ALL,
            oauth_consents::ALL,
            oauth_grants::ALL,
            late_calls::ALL,
            mcp_sessions::ALL,
            orders::ALL,
            places::ALL,
            planning::ALL,
            post_lists::ALL,
            posts::ALL,
            presence::ALL,
            quotas::ALL,
            reports::ALL,
            room_consents::ALL,
            sessions::ALL,
            slack_teams::ALL,
            steps::ALL,
            talkers::ALL,
            tokens::ALL,
            turns::ALL,
            ahead::ALL,
            uploads::ALL,
            users::ALL,
            video_edits::ALL,
        ];
        let mut count = 0;
        for (name, statement) in rooms.into_iter().flatten() {
            let text = self.text(statement);
            read!(self, p => p.prepare(text.into_sql_str()).await.map(drop).map_err(|error| format!("{name}: {error}")))?;
            count += 1;
        }
        Ok(count)
    }
}

/// How long PostgreSQL may take to answer at start.
const CONNECT: Duration = Duration::from_secs(5);

/// Connects once: a pool tries again and again for half a minute and then says only that it took too long.
async fn knock(options: &PgConnectOptions) -> StoreResult<()> {
    use sqlx::{ConnectOptions, Connection};
    let connection = tokio::time::timeout(CONNECT, options.connect()).await.map_err(|_| StoreError::NoAnswer)??;
    Ok(connection.close().await?)
}

/// A copy without free pages; nothing to do on PostgreSQL, which has tools of its own.
pub(in crate::store) async fn copy_sqlite(db: &Db, file: &Path) -> StoreResult<()> {
    match db {
        Db::Sqlite(lite) => {
            sqlx::query("VACUUM INTO $1").bind(file.display().to_string()).execute(&lite.writer).await?;
            Ok(())
        }
        Db::Postgres(_) => Ok(()),
    }
}

/// PostgreSQL's clock as Unix milliseconds, for statements that count from it.
macro_rules! postgres_now {
    () => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
}
pub(in crate::store) use postgres_now;

/// WAL with `synchronous=FULL`: an attempt row must survive a power cut before the first byte is sent.
/// `secure_delete`: without it most deleted text stays in the file.
pub(in crate::store) fn sqlite_options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
        .pragma("journal_size_limit", "67108864")
        .pragma("cache_size", "-4000")
        .optimize_on_close(true, None)
}

/// Whether a connection may be used again. When the disk refuses a commit, SQLite rolls back by itself and the driver keeps believing in an open
/// transaction: nothing could ever be written again over that connection (found by the kill matrix).
pub(in crate::store) async fn is_usable(connection: &mut sqlx::SqliteConnection) -> sqlx::Result<bool> {
    use sqlx::Connection;
    if connection.is_in_transaction() {
        // The rollback of one that was dropped may still be on its way.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

pub(in crate::store) async fn assert_settings(connection: &mut sqlx::SqliteConnection) -> sqlx::Result<()> {
    // Where a file system cannot do it, SQLite falls back without a word.
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(sqlx::Error::Configuration(Box::new(StoreError::NoWal { found: mode })));
    }
    for (pragma, wanted) in [("PRAGMA synchronous", 2_i64), ("PRAGMA secure_delete", 1), ("PRAGMA foreign_keys", 1)] {
        let found: i64 = sqlx::query_scalar(pragma).fetch_one(&mut *connection).await?;
        if found != wanted {
            return Err(sqlx::Error::Configuration(Box::new(StoreError::Pragma { pragma, found, wanted })));
        }
    }
    Ok(())
}

/// Reads a word or id out of a row.
pub(in crate::store) fn word<T>(
    table: &'static str,
    text: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> StoreResult<T> {
    read(text).ok_or_else(|| StoreError::Unreadable { table, why: format!("{text:?} is not known here") })
}

/// Reads an id out of a row.
pub(in crate::store) fn id<T: FromStr>(table: &'static str, text: &str) -> StoreResult<T> {
    word(table, text, |text| text.parse().ok())
}

/// Reads JSON out of a row.
pub(in crate::store) fn json<T: serde::de::DeserializeOwned>(table: &'static str, text: &str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable { table, why: error.to_string() })
}

/// Writes JSON for a row. The types written here are plain data, for which this cannot fail.
pub(in crate::store) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl From<StoreError> for crate::domain::tool::ToolError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions;

    use super::*;

    #[tokio::test]
    async fn a_connection_without_the_settings_is_refused_by_the_name_of_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let good = sqlite_options(&folder.path().join("a.db"));
        assert_settings(&mut good.clone().connect().await.unwrap()).await.unwrap();
        // A database in memory has no log: what SQLite falls back to where a file system cannot hold one.
        let memory = sqlite_options(Path::new(":memory:")).connect().await;
        let refused = assert_settings(&mut memory.unwrap()).await.unwrap_err().to_string();
        assert!(refused.contains("journal_mode = memory") && refused.contains("local file system"), "{refused}");
        let lax = good.pragma("secure_delete", "OFF").connect().await;
        let refused = assert_settings(&mut lax.unwrap()).await.unwrap_err().to_string();
        assert!(refused.contains("secure_delete"), "{refused}");
    }
}
