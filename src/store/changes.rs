//! Whether anything at all was written since the last look, by whatever process: cheap enough to be asked every second, so that whoever waits for
//! a change reads nothing while there is none. What has changed is not known here.

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::{Db, Store, StoreResult, statements};
use crate::store::Statement;

statements! {
    // SQLite counts, for each connection, what others wrote. PostgreSQL: the transaction number that nobody has yet.
    FIND_MARK = Statement::pair("PRAGMA data_version", "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)");
}

/// The one connection that SQLite's count is read over: on another one it begins anew.
pub(in crate::store) struct Watching(Option<SqlitePool>);

impl Watching {
    /// On a file. Nothing is opened before somebody asks.
    pub(in crate::store) fn file(options: SqliteConnectOptions) -> Self {
        let pool = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).idle_timeout(None);
        Self(Some(pool.max_lifetime(None).connect_lazy_with(options.pragma("query_only", "ON"))))
    }

    /// On a server, which knows by itself.
    pub(in crate::store) const fn server() -> Self {
        Self(None)
    }

    pub(in crate::store) async fn close(&self) {
        if let Some(pool) = &self.0 {
            pool.close().await;
        }
    }
}

impl Store {
    /// A number that is another one once anything was written since. The same number twice: nothing was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_change_mark(&self) -> StoreResult<i64> {
        let text = self.text(&FIND_MARK);
        Ok(match (&self.db, &self.watching.0) {
            (Db::Sqlite(_), Some(pool)) => sqlx::query_scalar(text).fetch_one(pool).await?,
            (Db::Sqlite(lite), None) => sqlx::query_scalar(text).fetch_one(&lite.readers).await?,
            (Db::Postgres(pool), _) => sqlx::query_scalar(text).fetch_one(pool).await?,
        })
    }
}
