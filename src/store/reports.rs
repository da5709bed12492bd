//! What reports are read from (properties and sites, their facts sealed) and answers that are kept for a while, each row with its own end.

use super::{Store, StoreResult, id, read, statements, word, write};
use crate::domain::google::SourceKind;
use crate::domain::ids::{AccountId, UserId};
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    UPSERT_SOURCE = Statement::same("INSERT INTO report_source(login_id, kind, source, user_id, facts, seen_at) SELECT id, $2, $3, $4, $5, $6 FROM google_login \
        WHERE id=$1 ON CONFLICT(login_id, kind, source) DO UPDATE SET user_id=excluded.user_id, facts=excluded.facts, \
        seen_at=CASE WHEN excluded.seen_at > report_source.seen_at THEN excluded.seen_at ELSE report_source.seen_at END");
    DELETE_SOURCE = Statement::same("DELETE FROM report_source WHERE login_id=$1 AND kind=$2 AND source=$3");
    LIST_SOURCES = Statement::same("SELECT login_id, kind, source, user_id, facts, seen_at, chosen_at FROM report_source WHERE login_id=$1 ORDER BY kind, source LIMIT 1000");
    CHOOSE_SOURCE = Statement::same("UPDATE report_source SET chosen_at=$4 WHERE login_id=$1 AND kind=$2 AND source=$3");
    DELETE_OLD_SOURCES = Statement::same("DELETE FROM report_source WHERE seen_at <= $1 OR (kind='channel' AND seen_at <= $2)");
    UPSERT_PART = Statement::same("INSERT INTO report_cache(user_id, request, part, login_id, body, made_at, expires_at) SELECT $1, $2, $3, id, $5, $6, $7 FROM google_login \
        WHERE id=$4 ON CONFLICT(user_id, request, part) DO UPDATE SET login_id=excluded.login_id, body=excluded.body, made_at=excluded.made_at, \
        expires_at=excluded.expires_at");
    FIND_PART = Statement::same("SELECT body, made_at, expires_at FROM report_cache WHERE user_id=$1 AND request=$2 AND part=$3 AND expires_at > $4");
    DELETE_PARTS = Statement::same("DELETE FROM report_cache WHERE user_id=$1 AND request=$2");
    DELETE_EXPIRED = Statement::same("DELETE FROM report_cache WHERE expires_at <= $1 OR made_at <= $2 OR (request LIKE 'yt-%' AND made_at <= $3)");
    OLDEST = Statement::same("SELECT MIN(made_at) FROM report_cache");
}

/// What the names of requests to YouTube begin with.
pub const OF_VIDEOS: &str = "yt-";

/// A property or site as its row keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSource {
    /// Through which account.
    pub login: AccountId,
    /// What it is.
    pub kind: SourceKind,
    /// Its key.
    pub key: String,
    /// Whose key seals its facts.
    pub user: UserId,
    /// Its facts.
    pub facts: Sealed,
    /// When Google named it last, Unix milliseconds.
    pub seen_at: i64,
    /// When it was chosen.
    pub chosen_at: Option<i64>,
}

type SourceRow = (String, String, String, String, Vec<u8>, i64, Option<i64>);

/// Which kept answer is meant.
#[derive(Debug, Clone, Copy)]
pub struct CacheKey<'a> {
    /// Whose.
    pub user: &'a UserId,
    /// Hash of the exact request.
    pub request: &'a str,
}

/// A kept part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedPart {
    /// Sealed.
    pub body: Sealed,
    /// When Google answered, Unix milliseconds.
    pub made_at: i64,
    /// From when on it is gone.
    pub expires_at: i64,
}

impl Store {
    /// Stores what is known of a property or site, unless its account is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn upsert_source(&self, source: &StoredSource) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPSERT_SOURCE)).bind(source.login.as_str()).bind(source.kind.word()).bind(&source.key)
            .bind(source.user.as_str()).bind(source.facts.as_bytes()).bind(source.seen_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Forgets what Google names no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_source(&self, login: &AccountId, kind: SourceKind, key: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_SOURCE)).bind(login.as_str()).bind(kind.word()).bind(key).execute(p)
            .await.map(drop)?);
        Ok(())
    }

    /// The properties and sites of an account, at most 1,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sources(&self, login: &AccountId) -> StoreResult<Vec<StoredSource>> {
        let rows: Vec<SourceRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_SOURCES)).bind(login.as_str()).fetch_all(p).await?);
        rows.into_iter()
            .map(|(login, kind, key, user, facts, seen_at, chosen_at)| {
                Ok(StoredSource {
                    login: id("report_source", &login)?,
                    kind: word("report_source", &kind, SourceKind::find)?,
                    key,
                    user: id("report_source", &user)?,
                    facts: Sealed::from_bytes(facts),
                    seen_at,
                    chosen_at,
                })
            })
            .collect()
    }

    /// Chooses a property or site as the one that is meant when none is named. Whether it is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_source_chosen(
        &self,
        login: &AccountId,
        kind: SourceKind,
        key: &str,
        now: i64,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CHOOSE_SOURCE)).bind(login.as_str()).bind(kind.word()).bind(key).bind(now)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Forgets what was not seen since an instant, and YouTube's since another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_sources(&self, (before, videos): (i64, i64)) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_OLD_SOURCES)).bind(before).bind(videos).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Keeps an answer, part by part, in place of an older one to the same request; nothing when its account is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_cached(&self, key: CacheKey<'_>, login: &AccountId, parts: &[CachedPart]) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&DELETE_PARTS)).bind(key.user.as_str()).bind(key.request).execute(&mut *tx).await?;
            for (no, part) in (0_i64..).zip(parts) {
                sqlx::query(self.text(&UPSERT_PART)).bind(key.user.as_str()).bind(key.request).bind(no).bind(login.as_str())
                    .bind(part.body.as_bytes()).bind(part.made_at).bind(part.expires_at).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// A part of a kept answer, unless its time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_cached(&self, key: CacheKey<'_>, part: i64, now: i64) -> StoreResult<Option<CachedPart>> {
        let row: Option<(Vec<u8>, i64, i64)> = read!(self, p => sqlx::query_as(self.text(&FIND_PART)).bind(key.user.as_str()).bind(key.request)
            .bind(part).bind(now).fetch_optional(p).await?);
        Ok(row.map(|(body, made_at, expires_at)| CachedPart { body: Sealed::from_bytes(body), made_at, expires_at }))
    }

    /// Deletes kept answers whose time is over, and whatever is older than may be kept at all (the setting may have been shortened),
    /// which is another age for YouTube's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_reports(&self, now: i64, (oldest, videos): (i64, i64)) -> StoreResult<u64> {
        Ok(
            write!(self, p => sqlx::query(self.text(&DELETE_EXPIRED)).bind(now).bind(oldest).bind(videos).execute(p).await?.rows_affected()),
        )
    }

    /// When the oldest kept answer was made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_oldest_report(&self) -> StoreResult<Option<i64>> {
        Ok(read!(self, p => sqlx::query_scalar(self.text(&OLDEST)).fetch_one(p).await?))
    }
}
