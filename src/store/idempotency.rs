//! Answers kept for a day, so that the same key with the same arguments gives the same answer. A key whose process died before it
//! could answer stays taken: what that call did is not known, and running it again could do it twice.

use super::{Store, StoreResult, read, statements, write};
use crate::domain::ids::UserId;
use crate::store::Statement;

statements! {
    FIND_KEPT = Statement::same("SELECT arguments_hash, answer, created_at FROM idempotency WHERE user_id=$1 AND key=$2 AND created_at > $3");
    // A key older than a day is free again; a younger one stays with whoever took it first.
    CLAIM_KEY = Statement::same("INSERT INTO idempotency(user_id, key, arguments_hash, answer, created_at) VALUES($1,$2,$3,NULL,$4) \
        ON CONFLICT(user_id, key) DO UPDATE SET arguments_hash=excluded.arguments_hash, answer=NULL, created_at=excluded.created_at \
        WHERE idempotency.created_at <= $5");
    RENEW_KEY = Statement::same("UPDATE idempotency SET created_at=$3 WHERE user_id=$1 AND key=$2 AND answer IS NULL");
    UPDATE_ANSWER = Statement::same("UPDATE idempotency SET answer=$3 WHERE user_id=$1 AND key=$2");
    RELEASE_KEY = Statement::same("DELETE FROM idempotency WHERE user_id=$1 AND key=$2 AND (answer IS NULL OR answer='')");
    // Empty: nobody will answer any more. Whoever did live after all writes its answer over it.
    MARK_LOST = Statement::same("UPDATE idempotency SET answer='' WHERE answer IS NULL");
    DELETE_OLD = Statement::same("DELETE FROM idempotency WHERE created_at <= $1");
}

/// How long a key is remembered (DESIGN §4).
pub const KEPT_MS: i64 = 24 * 3_600_000;

/// Where processes share the database, a call without an answer counts as lost this long after its last sign of life.
const LEASE_MS: i64 = 60_000;
/// How often whoever runs one gives such a sign: a film from an address may take an hour.
pub const RENEW_MS: u64 = 20_000;

/// What became of the first call with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstCall {
    /// It still runs.
    Running,
    /// Its process died before it answered.
    Lost,
    /// Its answer.
    Answered(String),
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Hash of the tool's name and arguments.
    pub arguments_hash: String,
    /// The first call.
    pub call: FirstCall,
}

impl Store {
    /// Takes a key; false when somebody has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_idempotency_key(
        &self,
        user: &UserId,
        key: &str,
        arguments_hash: &str,
        now: i64,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CLAIM_KEY)).bind(user.as_str()).bind(key).bind(arguments_hash).bind(now)
            .bind(now - KEPT_MS).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// What is known of a key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_idempotency_key(&self, user: &UserId, key: &str, now: i64) -> StoreResult<Option<Kept>> {
        let row: Option<(String, Option<String>, i64)> = read!(self, p => sqlx::query_as(self.text(&FIND_KEPT)).bind(user.as_str()).bind(key).bind(now - KEPT_MS).fetch_optional(p).await?);
        Ok(row.map(|(arguments_hash, answer, created_at)| Kept {
            arguments_hash,
            call: match answer {
                Some(answer) if !answer.is_empty() => FirstCall::Answered(answer),
                Some(_) => FirstCall::Lost,
                None if self.is_shared() && created_at <= now - LEASE_MS => FirstCall::Lost,
                None => FirstCall::Running,
            },
        }))
    }

    /// Notes that calls of earlier processes will not be answered any more. Where processes share the database nothing is noted: others
    /// live, and their lease says when they do not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mark_lost_calls(&self) -> StoreResult<()> {
        if !self.is_shared() {
            write!(self, p => sqlx::query(self.text(&MARK_LOST)).execute(p).await.map(drop)?);
        }
        Ok(())
    }

    /// The call with this key still runs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_idempotency_key(&self, user: &UserId, key: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&RENEW_KEY)).bind(user.as_str()).bind(key).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Keeps the answer, or gives the key back when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_idempotency_answer(&self, user: &UserId, key: &str, answer: Option<&str>) -> StoreResult<()> {
        write!(self, p => match answer {
            Some(answer) => sqlx::query(self.text(&UPDATE_ANSWER)).bind(user.as_str()).bind(key).bind(answer).execute(p).await.map(drop)?,
            None => sqlx::query(self.text(&RELEASE_KEY)).bind(user.as_str()).bind(key).execute(p).await.map(drop)?,
        });
        Ok(())
    }

    /// Forgets old keys.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_idempotency_keys(&self, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_OLD)).bind(now - KEPT_MS).execute(p).await.map(drop)?);
        Ok(())
    }
}
