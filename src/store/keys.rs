//! Wrapped data keys, apart from the data: `keys.db` beside the SQLite file, schema `socrazi_keys` on PostgreSQL.

use std::path::Path;
use std::str::FromStr;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::SqlitePoolOptions;

use super::readers::Readers;
use super::{Db, Lite, Statement, StoreResult, assert_settings, is_usable, read, sqlite_options, statements, write};
use crate::domain::ids::UserId;
use crate::domain::sealed::{KeyStore, KeyStoreError, WrappedKey};

statements! {
    CREATE_SCHEMA = Statement::pair("SELECT 1", "CREATE SCHEMA IF NOT EXISTS socrazi_keys");
    CREATE_TABLE = Statement::pair(
        "CREATE TABLE IF NOT EXISTS user_key (user_id TEXT NOT NULL, version BIGINT NOT NULL, kek_id BLOB NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (user_id, version))",
        "CREATE TABLE IF NOT EXISTS user_key (user_id TEXT NOT NULL, version BIGINT NOT NULL, kek_id BYTEA NOT NULL, wrapped BYTEA NOT NULL, PRIMARY KEY (user_id, version))");
    FIND_NEWEST = Statement::same("SELECT user_id, version, kek_id, wrapped FROM user_key WHERE user_id=$1 ORDER BY version DESC LIMIT 1");
    FIND_VERSION = Statement::same("SELECT user_id, version, kek_id, wrapped FROM user_key WHERE user_id=$1 AND version=$2");
    INSERT_KEY = Statement::same("INSERT INTO user_key(user_id, version, kek_id, wrapped) VALUES($1,$2,$3,$4) ON CONFLICT(user_id, version) DO NOTHING");
    UPDATE_WRAPPING = Statement::same("UPDATE user_key SET kek_id=$3, wrapped=$4 WHERE user_id=$1 AND version=$2 AND kek_id=$5");
    LIST_OTHERS = Statement::same("SELECT user_id, version, kek_id, wrapped FROM user_key WHERE kek_id <> $1 ORDER BY user_id, version LIMIT $2");
    DELETE_USER = Statement::same("DELETE FROM user_key WHERE user_id=$1");
    LIST_KEKS = Statement::same("SELECT DISTINCT kek_id FROM user_key ORDER BY kek_id LIMIT 1000");
    CHECKPOINT_KEYS = Statement::pair("PRAGMA wal_checkpoint(TRUNCATE)", "SELECT 1");
    COUNT_KEYS = Statement::same("SELECT COUNT(*) FROM user_key");
}

/// The key store.
pub struct Keys {
    db: Db,
}

type KeyRow = (String, i64, Vec<u8>, Vec<u8>);

fn key_of((user, version, kek_id, wrapped): KeyRow) -> Result<WrappedKey, KeyStoreError> {
    let unreadable = |why: &str| KeyStoreError(format!("a wrapped key cannot be read: {why}"));
    Ok(WrappedKey {
        user: user.parse().map_err(|_| unreadable("user"))?,
        version: u32::try_from(version).map_err(|_| unreadable("version"))?,
        kek_id: kek_id.try_into().map_err(|_| unreadable("key name"))?,
        wrapped,
    })
}

impl Keys {
    /// Opens `keys.db`.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open_sqlite(file: &Path) -> StoreResult<Self> {
        let pool = |n| {
            SqlitePoolOptions::new()
                .max_connections(n)
                .test_before_acquire(false)
                .after_connect(|connection, _| Box::pin(assert_settings(connection)))
                .after_release(|connection, _| Box::pin(is_usable(connection)))
        };
        let writer = pool(1).connect_with(sqlite_options(file)).await?;
        let readers = Readers::Writer(writer.clone());
        Self { db: Db::Sqlite(Box::new(Lite { writer, readers })) }.prepare().await
    }

    /// Opens the schema `socrazi_keys`.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn open_postgres(url: &str) -> StoreResult<Self> {
        let options =
            PgConnectOptions::from_str(url)?.options([("search_path", "socrazi_keys"), ("synchronous_commit", "on")]);
        Self { db: Db::Postgres(PgPoolOptions::new().max_connections(2).connect_with(options).await?) }.prepare().await
    }

    async fn prepare(self) -> StoreResult<Self> {
        write!(self, p => {
            sqlx::query(self.text(&CREATE_SCHEMA)).execute(p).await?;
            sqlx::query(self.text(&CREATE_TABLE)).execute(p).await?;
        });
        Ok(self)
    }

    fn text(&self, statement: &Statement) -> &'static str {
        match self.db {
            Db::Sqlite(_) => statement.sqlite,
            Db::Postgres(_) => statement.postgres,
        }
    }

    /// How many keys there are: with any, a missing key file must stop the start instead of making a new one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self) -> StoreResult<i64> {
        Ok(read!(self, p => sqlx::query_scalar(self.text(&COUNT_KEYS)).fetch_one(p).await?))
    }

    /// Names of the key-encryption keys that wrap anything. A ring holds a handful; a thousand is far more than any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_kek_ids(&self) -> StoreResult<Vec<Vec<u8>>> {
        Ok(read!(self, p => sqlx::query_scalar(self.text(&LIST_KEKS)).fetch_all(p).await?))
    }

    /// Asks the database to understand every statement of this file, as `Store::prepare_every_statement` does for the rest.
    ///
    /// # Errors
    /// The first statement that this database does not understand, by name.
    pub async fn prepare_every_statement(&self) -> Result<usize, String> {
        use sqlx::{Executor, SqlSafeStr};
        for (name, statement) in ALL {
            let text = self.text(statement);
            read!(self, p => p.prepare(text.into_sql_str()).await.map(drop).map_err(|error| format!("{name}: {error}")))?;
        }
        Ok(ALL.len())
    }

    /// Copies `keys.db` as it is at this moment into a new file.
    ///
    /// # Errors
    /// When the file is there already or cannot be written.
    pub async fn copy_to(&self, file: &Path) -> StoreResult<()> {
        super::copy_sqlite(&self.db, file).await
    }

    /// Empties SQLite's log, so that a deleted key is in no file any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoint(&self) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&CHECKPOINT_KEYS)).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Closes every connection.
    pub async fn close(&self) {
        write!(self, p => p.close().await);
    }
}

fn failed(error: sqlx::Error) -> KeyStoreError {
    KeyStoreError(error.to_string())
}

#[async_trait]
impl KeyStore for Keys {
    async fn find_newest(&self, user: &UserId) -> Result<Option<WrappedKey>, KeyStoreError> {
        let row: Option<KeyRow> = read!(self, p => sqlx::query_as(self.text(&FIND_NEWEST)).bind(user.as_str()).fetch_optional(p).await.map_err(failed)?);
        row.map(key_of).transpose()
    }

    async fn find_version(&self, user: &UserId, version: u32) -> Result<Option<WrappedKey>, KeyStoreError> {
        let row: Option<KeyRow> = read!(self, p => sqlx::query_as(self.text(&FIND_VERSION)).bind(user.as_str()).bind(i64::from(version))
            .fetch_optional(p).await.map_err(failed)?);
        row.map(key_of).transpose()
    }

    async fn insert(&self, key: &WrappedKey) -> Result<WrappedKey, KeyStoreError> {
        write!(self, p => sqlx::query(self.text(&INSERT_KEY)).bind(key.user.as_str()).bind(i64::from(key.version)).bind(&key.kek_id[..])
            .bind(&key.wrapped).execute(p).await.map(drop).map_err(failed)?);
        self.find_version(&key.user, key.version)
            .await?
            .ok_or_else(|| KeyStoreError("a key vanished as it was stored".into()))
    }

    async fn update_wrapping(&self, key: &WrappedKey, old_kek_id: [u8; 8]) -> Result<bool, KeyStoreError> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_WRAPPING)).bind(key.user.as_str()).bind(i64::from(key.version))
            .bind(&key.kek_id[..]).bind(&key.wrapped).bind(&old_kek_id[..]).execute(p).await.map_err(failed)?.rows_affected());
        Ok(done == 1)
    }

    async fn list_not_wrapped_by(&self, kek_id: [u8; 8], limit: u32) -> Result<Vec<WrappedKey>, KeyStoreError> {
        let rows: Vec<KeyRow> = read!(self, p => sqlx::query_as(self.text(&LIST_OTHERS)).bind(&kek_id[..]).bind(i64::from(limit)).fetch_all(p).await.map_err(failed)?);
        rows.into_iter().map(key_of).collect()
    }

    async fn delete_user(&self, user: &UserId) -> Result<(), KeyStoreError> {
        write!(self, p => sqlx::query(self.text(&DELETE_USER)).bind(user.as_str()).execute(p).await.map(drop).map_err(failed)?);
        Ok(())
    }
}
