//! Who wants to hear what is going on without asking, and which was the last.

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::UserId;
use crate::store::Statement;

statements! {
    UPDATE_DIGEST = Statement::same("UPDATE identity SET digest=$3, digest_at=$4 WHERE provider=$1 AND subject=$2");
    FIND_DIGEST = Statement::same("SELECT digest FROM identity WHERE provider=$1 AND subject=$2");
    LIST_DIGESTS = Statement::same("SELECT i.subject, i.user_id, i.thread, i.digest, i.digest_at, u.zone FROM identity i JOIN users u ON u.id = i.user_id \
        WHERE i.provider=$1 AND i.digest <> '' AND i.ended_at IS NULL AND i.digest_at < $2 ORDER BY i.digest_at LIMIT 500");
    FIND_WEEK = Statement::same("SELECT week_seen_at FROM users WHERE id=$1");
    UPDATE_WEEK = Statement::same("UPDATE users SET week_seen_at=$2 WHERE id=$1");
    // Of several processes one tells.
    CLAIM_DIGEST = Statement::same("UPDATE identity SET digest_at=$4 WHERE provider=$1 AND subject=$2 AND digest_at=$3 RETURNING subject");
}

/// Somebody who wants a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDigest {
    /// Who they are in the place.
    pub subject: String,
    /// Who they are here.
    pub user: UserId,
    /// Their direct thread with us, when it is known.
    pub thread: String,
    /// How often.
    pub digest: String,
    /// When the last one was due that needs no telling any more; Unix milliseconds.
    pub told_at: i64,
    /// Their time zone.
    pub zone: String,
}

impl Store {
    /// Notes how often somebody wants one, and when the last was due that needs no telling.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_digest(&self, place: &str, subject: &str, digest: &str, told_at: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_DIGEST)).bind(place).bind(subject).bind(digest).bind(told_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// How often somebody wants one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_digest(&self, place: &str, subject: &str) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_DIGEST)).bind(place).bind(subject)
            .fetch_optional(p).await?);
        Ok(row.map(|(digest,)| digest))
    }

    /// Up to when somebody has seen their week on the pages; none for whoever does not want it there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_week_seen(&self, user: &UserId) -> StoreResult<Option<i64>> {
        let row: Option<(Option<i64>,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_WEEK)).bind(user.as_str()).fetch_optional(p).await?);
        Ok(row.and_then(|(seen_at,)| seen_at))
    }

    /// Notes that, or that they do not want it there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_week_seen(&self, user: &UserId, seen_at: Option<i64>) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_WEEK)).bind(user.as_str()).bind(seen_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Those who had none since an instant, longest ago first, at most 500.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_digests(&self, place: &str, before: i64) -> StoreResult<Vec<StoredDigest>> {
        let rows: Vec<(String, String, String, String, i64, String)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_DIGESTS)).bind(place).bind(before).fetch_all(p).await?);
        rows.into_iter()
            .map(|(subject, user, thread, digest, told_at, zone)| {
                Ok(StoredDigest { subject, user: id("identity", &user)?, thread, digest, told_at, zone })
            })
            .collect()
    }

    /// They have the one that is due, by whoever hears true.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_digest(&self, place: &str, subject: &str, told_at: i64, due_at: i64) -> StoreResult<bool> {
        let row: Option<(String,)> = write!(self, p => sqlx::query_as(self.text(&CLAIM_DIGEST)).bind(place).bind(subject).bind(told_at)
            .bind(due_at).fetch_optional(p).await?);
        Ok(row.is_some())
    }
}
