//! What is left of Google's limits. Several processes count in one row: what is taken is taken in one statement.

use super::{Store, StoreResult, read, statements, word, write};
use crate::domain::quota::{Bucket, Left};
use crate::store::Statement;

statements! {
    // What was told later may have been counted earlier: within its time nothing grows.
    PUT_LEFT = Statement::same("INSERT INTO google_quota(purse, bucket, left_over, most, ends_at, seen_at) VALUES($1,$2,$3,$4,$5,$6) \
        ON CONFLICT (purse, bucket) DO UPDATE SET left_over=CASE WHEN google_quota.ends_at = excluded.ends_at AND google_quota.left_over < excluded.left_over \
        THEN google_quota.left_over ELSE excluded.left_over END, most=excluded.most, ends_at=excluded.ends_at, seen_at=excluded.seen_at");
    TAKE_LEFT = Statement::same("INSERT INTO google_quota(purse, bucket, left_over, most, ends_at, seen_at) VALUES($1,$2,$3-1,$3,$4,$5) \
        ON CONFLICT (purse, bucket) DO UPDATE SET left_over=CASE WHEN google_quota.ends_at <= $5 THEN $3-1 ELSE google_quota.left_over-1 END, \
        ends_at=CASE WHEN google_quota.ends_at <= $5 THEN $4 ELSE google_quota.ends_at END, most=$3, seen_at=$5 \
        WHERE google_quota.ends_at <= $5 OR google_quota.left_over > 0");
    LIST_LEFT = Statement::same("SELECT bucket, left_over, most, ends_at FROM google_quota WHERE purse=$1 AND ends_at > $2 ORDER BY bucket");
    // Less than a tenth, as `Left::is_low` has it.
    LIST_LOW = Statement::same("SELECT purse, bucket, left_over, most, ends_at FROM google_quota WHERE ends_at > $1 AND left_over * 10 < most ORDER BY purse, bucket LIMIT 1000");
    FIND_ENDED = Statement::same("SELECT ends_at FROM google_quota WHERE purse=$1 AND bucket=$2 AND left_over <= 0");
    DELETE_ENDED_QUOTAS = Statement::same("DELETE FROM google_quota WHERE ends_at <= $1");
}

type Row = (String, i64, i64, i64);

impl Store {
    /// Notes what Google said is left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_quota(&self, purse: &str, left: Left, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_LEFT)).bind(purse).bind(left.bucket.word()).bind(left.left).bind(left.most)
            .bind(left.ends_at).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Takes one of what we count ourselves; false when none is left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_quota(&self, purse: &str, bucket: Bucket, now: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&TAKE_LEFT)).bind(purse).bind(bucket.word()).bind(bucket.most())
            .bind(bucket.ends_at(now)).bind(now).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// What is left, as far as it is known and its time is not over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_quotas(&self, purse: &str, now: i64) -> StoreResult<Vec<Left>> {
        let rows: Vec<Row> =
            read!(self, p => sqlx::query_as(self.text(&LIST_LEFT)).bind(purse).bind(now).fetch_all(p).await?);
        rows.into_iter()
            .map(|(bucket, left, most, ends_at)| {
                Ok(Left { bucket: word("google_quota", &bucket, Bucket::find)?, left, most, ends_at })
            })
            .collect()
    }

    /// What is low or used up, whoever's it is, each with its purse; at most 1,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_low_quotas(&self, now: i64) -> StoreResult<Vec<(String, Left)>> {
        let rows: Vec<(String, String, i64, i64, i64)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_LOW)).bind(now).fetch_all(p).await?);
        rows.into_iter()
            .map(|(purse, bucket, left, most, ends_at)| {
                Ok((purse, Left { bucket: word("google_quota", &bucket, Bucket::find)?, left, most, ends_at }))
            })
            .collect()
    }

    /// When a limit that was used up came back, or comes back; none when it was not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_quota_end(&self, purse: &str, bucket: Bucket) -> StoreResult<Option<i64>> {
        let row: Option<(i64,)> = read!(self, p => sqlx::query_as(self.text(&FIND_ENDED)).bind(purse).bind(bucket.word()).fetch_optional(p).await?);
        Ok(row.map(|(ends_at,)| ends_at))
    }

    /// Forgets what was over before an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_ended_quotas(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_ENDED_QUOTAS)).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }
}
