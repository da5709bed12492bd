//! Which processes live. On PostgreSQL each holds a session lock named after it, on a connection of its own: when the process dies, however it
//! dies, the server lets the lock go, and what that process held is taken over at once. Leases stay for what a lock cannot show: a process that
//! stands still, a machine that fell off the net. On SQLite there is one process, and nothing here has anything to do.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::Mutex;

use super::deliveries::{columns, read_rows};
use super::{Db, Store, StoreError, StoreResult, statements, write};
use crate::domain::delivery::Delivery;
use crate::store::Statement;

/// Whether nobody holds the lock of the owner in this column. `7321` keeps these locks apart from others of the database.
macro_rules! gone {
    ($owner:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype='advisory' AND l.objsubid=1 AND l.granted \
             AND l.database=(SELECT oid FROM pg_database WHERE datname=current_database()) \
             AND ((l.classid::BIGINT << 32) | l.objid::BIGINT) = hashtextextended(",
            $owner,
            ", 7321))"
        )
    };
}
pub(in crate::store) use gone;

statements! {
    // SQLite has no locks of this kind, and never asks.
    HOLD = Statement::pair("SELECT 1 WHERE $1 IS NOT NULL", "SELECT 1 FROM (SELECT pg_advisory_lock(hashtextextended($1, 7321))) AS held");
    LIST_LEFT = Statement::pair(
        concat!("SELECT ", columns!(), " FROM delivery WHERE state IN ('leased','armed') AND owner <> $1 AND 1=0 LIMIT $2"),
        concat!("SELECT ", columns!(), " FROM delivery d WHERE state IN ('leased','armed') AND owner <> $1 AND ", gone!("d.owner"),
            " ORDER BY next_at, id LIMIT $2"),
    );
    // A lease in the past is one that anybody may take.
    LEAVE_INBOX = Statement::pair("UPDATE inbox SET lease_until=0 WHERE owner <> $1 AND 1=0",
        concat!("UPDATE inbox SET lease_until=0 WHERE done_at IS NULL AND lease_until > 0 AND owner <> $1 AND ", gone!("inbox.owner")));
    LEAVE_TURNS = Statement::pair("UPDATE turn SET lease_until=0 WHERE owner <> $1 AND 1=0",
        concat!("UPDATE turn SET lease_until=0 WHERE state IN ('queued','running') AND lease_until > 0 AND owner <> $1 AND ", gone!("turn.owner")));
    LEAVE_REFRESHES = Statement::pair("UPDATE account_token SET refresh_until=NULL WHERE refresh_owner <> $1 AND 1=0",
        concat!("UPDATE account_token SET refresh_owner=NULL, refresh_until=NULL WHERE refresh_owner <> $1 AND ", gone!("account_token.refresh_owner")));
    LEAVE_LOGIN_REFRESHES = Statement::pair("UPDATE google_login SET refresh_until=NULL WHERE refresh_owner <> $1 AND 1=0",
        concat!("UPDATE google_login SET refresh_owner=NULL, refresh_until=NULL WHERE refresh_owner <> $1 AND ", gone!("google_login.refresh_owner")));
    LEAVE_DISCONNECTIONS = Statement::pair("UPDATE disconnection SET lease_until=NULL WHERE owner <> $1 AND 1=0",
        concat!("UPDATE disconnection SET owner=NULL, lease_until=NULL WHERE owner <> $1 AND ", gone!("disconnection.owner")));
}

/// The sign of life of this process.
pub(in crate::store) struct Presence {
    options: Option<Box<PgConnectOptions>>,
    held: Mutex<Option<(String, PgConnection)>>,
}

impl Presence {
    /// Where there is only one process.
    pub(in crate::store) fn alone() -> Self {
        Self { options: None, held: Mutex::new(None) }
    }

    pub(in crate::store) fn among_others(options: &PgConnectOptions) -> Self {
        Self { options: Some(Box::new(options.clone().application_name("socrazi presence"))), held: Mutex::new(None) }
    }

    pub(in crate::store) async fn end(&self) {
        if let Some((_, connection)) = self.held.lock().await.take() {
            // Whether it is said or the connection just ends, the lock goes.
            let _goes_anyway = connection.close().await;
        }
    }
}

impl Store {
    /// Shows that this process lives, and keeps showing it; asked again it looks whether that still holds, and mends it. What is claimed without
    /// this is taken over by others at once, so whoever claims asks this first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn be_present(&self, owner: &str) -> StoreResult<()> {
        let Some(options) = &self.presence.options else { return Ok(()) };
        let mut held = self.presence.held.lock().await;
        if let Some((name, connection)) = held.as_mut()
            && name == owner
            && connection.ping().await.is_ok()
        {
            return Ok(());
        }
        *held = None;
        let mut connection = options.connect().await?;
        sqlx::query(HOLD.postgres).bind(owner).execute(&mut connection).await?;
        *held = Some((owner.to_owned(), connection));
        Ok(())
    }

    /// What processes that live no more had claimed, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_left_behind(&self, owner: &str, limit: i64) -> StoreResult<Vec<Delivery>> {
        match &self.db {
            Db::Sqlite(_) => Ok(Vec::new()),
            Db::Postgres(pool) => {
                read_rows(sqlx::query_as(LIST_LEFT.postgres).bind(owner).bind(limit).fetch_all(pool).await?)
            }
        }
    }

    /// Lets go of everything else that such processes held: messages, turns, the right to refresh, disconnections.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_left_behind(&self, owner: &str) -> Result<(), StoreError> {
        if self.is_shared() {
            for statement in
                [&LEAVE_INBOX, &LEAVE_TURNS, &LEAVE_REFRESHES, &LEAVE_LOGIN_REFRESHES, &LEAVE_DISCONNECTIONS]
            {
                write!(self, p => sqlx::query(self.text(statement)).bind(owner).execute(p).await.map(drop)?);
            }
        }
        Ok(())
    }
}
