//! What chat services delivered: stored before it is acknowledged, done once however often it comes.

use super::lane::{Bind, Haste};
use super::{Store, StoreResult, postgres_now, read, statements, write};
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    // Whatever collides (the key, or the service's own id) was delivered before. The lease counts from the clock that rules claims
    // (`Store::now_ms`), here in the statement itself: one round trip less before the acknowledgement.
    INSERT_RECEIVED = Statement::pair(
        "INSERT INTO inbox(key, event_id, place, body, owner, lease_until, tries, received_at) \
            VALUES($1,$2,$3,$4,$5,$7 + $6,1,$7) ON CONFLICT DO NOTHING RETURNING key",
        concat!("INSERT INTO inbox(key, event_id, place, body, owner, lease_until, tries, received_at) \
            VALUES($1,$2,$3,$4,$5,", postgres_now!(), " + $6,1,$7) ON CONFLICT DO NOTHING RETURNING key"),
    );
    FINISH_RECEIVED = Statement::same("UPDATE inbox SET done_at=$2, body=NULL WHERE key=$1 RETURNING key");
    RENEW_RECEIVED = Statement::same("UPDATE inbox SET lease_until=$3 WHERE key=$1 AND owner=$2 AND done_at IS NULL RETURNING key");
    // Whoever had it is gone; what is ours we have at hand, however late its sign of life. Oldest first; several processes take different ones.
    CLAIM_RECEIVED = Statement::pair(
        "UPDATE inbox SET owner=$2, lease_until=$4, tries=tries+1 WHERE key IN (SELECT key FROM inbox WHERE place=$1 AND done_at IS NULL \
            AND owner <> $2 AND lease_until < $3 ORDER BY received_at LIMIT 32) RETURNING key, body, tries",
        "UPDATE inbox SET owner=$2, lease_until=$4, tries=tries+1 WHERE key IN (SELECT key FROM inbox WHERE place=$1 AND done_at IS NULL \
            AND owner <> $2 AND lease_until < $3 ORDER BY received_at LIMIT 32 FOR UPDATE SKIP LOCKED) RETURNING key, body, tries",
    );
    // One process only: what is open and not ours was left by one that ended.
    RELEASE_RECEIVED = Statement::same("UPDATE inbox SET lease_until=0 WHERE owner <> $1 AND done_at IS NULL");
    DELETE_OLD_RECEIVED = Statement::same("DELETE FROM inbox WHERE done_at < $1");
    COUNT_RECEIVED = Statement::same("SELECT COUNT(*), COUNT(done_at) FROM inbox WHERE place=$1");
}

/// Something delivered, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceived {
    /// What makes it the same thing: the service's id of what was said or pressed.
    pub key: String,
    /// What was delivered, sealed.
    pub body: Sealed,
    /// How often work on it was begun.
    pub tries: i64,
}

impl Store {
    /// Stores something delivered, claimed by its receiver for that long. False when it was delivered before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_received(
        &self,
        (key, event_id, place): (&str, Option<&str>, &str),
        body: &Sealed,
        (owner, lease_ms): (&str, i64),
        now: i64,
    ) -> StoreResult<bool> {
        // `now` has it on SQLite; PostgreSQL's own clock knows nothing of it.
        let ahead = if self.is_shared() { self.clock.offset_ms() } else { 0 };
        let binds = vec![
            key.into(),
            event_id.into(),
            place.into(),
            Bind::Bytes(Some(body.as_bytes().to_vec())),
            owner.into(),
            (lease_ms + ahead).into(),
            now.into(),
        ];
        Ok(self.together(Haste::Now, &INSERT_RECEIVED, binds).await?.is_some())
    }

    /// The work is done: only the key is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_received(&self, key: &str, now: i64) -> StoreResult<()> {
        self.together(Haste::Soon, &FINISH_RECEIVED, vec![key.into(), now.into()]).await.map(drop)
    }

    /// Says that the work goes on; false when somebody else has it or it is done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_received(&self, key: &str, owner: &str, lease_ms: i64) -> StoreResult<bool> {
        let lease_until = self.now_ms().await? + lease_ms;
        let binds = vec![key.into(), owner.into(), lease_until.into()];
        Ok(self.together(Haste::Soon, &RENEW_RECEIVED, binds).await?.is_some())
    }

    /// Takes over what nobody works on any more, at most 32.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_received(&self, place: &str, owner: &str, lease_ms: i64) -> StoreResult<Vec<StoredReceived>> {
        let now = self.now_ms().await?;
        type Row = (String, Option<Vec<u8>>, i64);
        let rows: Vec<Row> = write!(self, p => sqlx::query_as(self.text(&CLAIM_RECEIVED)).bind(place).bind(owner).bind(now)
            .bind(now + lease_ms).fetch_all(p).await?);
        let whole = |(key, body, tries): Row| Some(StoredReceived { key, body: Sealed::from_bytes(body?), tries });
        Ok(rows.into_iter().filter_map(whole).collect())
    }

    /// Lets go of everything that other processes held. Only where there can be no other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_received(&self, owner: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&RELEASE_RECEIVED)).bind(owner).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Forgets the keys of what was done before an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_received(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_OLD_RECEIVED)).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }

    /// How many things a place delivered within the last days, and how many of them are done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_received(&self, place: &str) -> StoreResult<(i64, i64)> {
        Ok(read!(self, p => sqlx::query_as(self.text(&COUNT_RECEIVED)).bind(place).fetch_one(p).await?))
    }
}
