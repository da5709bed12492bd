//! The connections that only read, on SQLite. The driver's own pool asks each connection for a sign of life when it is given back, by a task of
//! its own: a second trip to the connection's thread that costs as much as the question. A file needs none; a connection that failed is closed.

use std::sync::{Mutex, PoisonError};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::sqlite::{SqliteConnectOptions, SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo};
use sqlx::{
    ConnectOptions, Connection, Describe, Either, Execute, Executor, SqlStr, Sqlite, SqliteConnection, SqlitePool,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Who reads.
#[derive(Debug)]
pub(in crate::store) enum Readers {
    /// Connections of their own.
    Own(Box<Own>),
    /// The one that writes, too.
    Writer(SqlitePool),
}

/// Opened when they are needed, and kept.
#[derive(Debug)]
pub(in crate::store) struct Own {
    options: SqliteConnectOptions,
    most: u32,
    turns: Semaphore,
    idle: Mutex<Vec<SqliteConnection>>,
}

/// A connection for one question; dropped in the middle of it, it is still good for the next: the worker behind it stops when nobody listens.
struct Reader<'a> {
    connection: Option<SqliteConnection>,
    own: &'a Own,
    _turn: SemaphorePermit<'a>,
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.own.idle().push(connection);
        }
    }
}

impl Own {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(&self) -> sqlx::Result<Reader<'_>> {
        let turn = self.turns.acquire().await.map_err(|_closed| sqlx::Error::PoolClosed)?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let mut connection = self.options.connect().await?;
                super::assert_settings(&mut connection).await?;
                connection
            }
        };
        Ok(Reader { connection: Some(connection), own: self, _turn: turn })
    }
}

impl Reader<'_> {
    /// The connection for as long as nothing fails on it: after a failure it is closed.
    async fn ask<T>(mut self, ask: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>) -> sqlx::Result<T> {
        let Some(connection) = self.connection.as_mut() else { return Err(sqlx::Error::PoolClosed) };
        let answered = ask(connection).await;
        if answered.is_err() {
            self.connection = None;
        }
        answered
    }
}

impl Readers {
    /// At most so many connections, the first of them opened now.
    pub(in crate::store) async fn open(options: SqliteConnectOptions, most: u32) -> sqlx::Result<Self> {
        let own = Own { options, most, turns: Semaphore::new(most as usize), idle: Mutex::default() };
        drop(own.take().await?);
        Ok(Self::Own(Box::new(own)))
    }

    /// Closes them; what is under way ends first.
    pub(in crate::store) async fn close(&self) {
        let Self::Own(own) = self else { return };
        let all = own.turns.acquire_many(own.most).await;
        own.turns.close();
        drop(all);
        let idle = std::mem::take(&mut *own.idle());
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::debug!(error = %error, "a reading connection did not close well");
            }
        }
    }
}

impl<'p> Executor<'p> for &'p Readers {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<SqliteQueryResult, SqliteRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        match self {
            Readers::Own(own) => {
                // Every list of ours has an end, so the connection need not be held while its rows are looked at.
                let rows = async move {
                    let reader = own.take().await?;
                    reader.ask(async |connection| connection.fetch_many(query).try_collect::<Vec<_>>().await).await
                };
                stream::once(rows).map_ok(|rows| stream::iter(rows).map(sqlx::Result::Ok)).try_flatten().boxed()
            }
            Readers::Writer(pool) => pool.fetch_many(query),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<SqliteRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        match self {
            Readers::Own(own) => Box::pin(async move {
                let reader = own.take().await?;
                reader.ask(async |connection| connection.fetch_optional(query).await).await
            }),
            Readers::Writer(pool) => pool.fetch_optional(query),
        }
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<SqliteStatement>>
    where
        'p: 'e,
    {
        match self {
            Readers::Own(own) => Box::pin(async move {
                let reader = own.take().await?;
                reader.ask(async |connection| connection.prepare_with(sql, parameters).await).await
            }),
            Readers::Writer(pool) => pool.prepare_with(sql, parameters),
        }
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Sqlite>>>
    where
        'p: 'e,
    {
        match self {
            Readers::Own(own) => Box::pin(async move {
                let reader = own.take().await?;
                reader.ask(async |connection| connection.describe(sql).await).await
            }),
            Readers::Writer(pool) => pool.describe(sql),
        }
    }
}
