//! Taking work: what is due is leased, one per account at a time; what waits for a look is claimed for that look.

use super::deliveries::{DeliveryRow, columns, is_unique_violation, read_rows};
use super::{Store, StoreError, StoreResult, read, statements, write};
use crate::domain::delivery::Delivery;
use crate::store::Statement;

statements! {
    // By state and due time, never by time alone (DECISIONS 1): a lapsed lease in `armed` is not due again.
    CLAIM_DUE = Statement::pair(
        concat!("UPDATE delivery SET state='leased', epoch=epoch+1, owner=$1, lease_until=$2, next_at=$2 WHERE id IN ( \
            SELECT id FROM (SELECT id, next_at, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY next_at, id) AS place FROM delivery d \
            WHERE next_at <= $3 AND state IN ('scheduled','waiting') AND NOT EXISTS (SELECT 1 FROM delivery o \
            WHERE o.account_id = d.account_id AND o.state IN ('leased','armed'))) WHERE place = 1 ORDER BY next_at, id LIMIT $4) \
            RETURNING ", columns!()),
        concat!("WITH first AS MATERIALIZED (SELECT DISTINCT ON (account_id) id, next_at FROM delivery d \
            WHERE next_at <= $3 AND state IN ('scheduled','waiting') AND NOT EXISTS (SELECT 1 FROM delivery o \
            WHERE o.account_id = d.account_id AND o.state IN ('leased','armed')) ORDER BY account_id, next_at, id), \
            picked AS MATERIALIZED (SELECT d.id FROM delivery d JOIN first f ON f.id = d.id WHERE d.state IN ('scheduled','waiting') \
            ORDER BY f.next_at, d.id LIMIT $4 FOR UPDATE OF d SKIP LOCKED) \
            UPDATE delivery SET state='leased', epoch=epoch+1, owner=$1, lease_until=$2, next_at=$2 \
            WHERE id IN (SELECT id FROM picked) RETURNING ", columns!()),
    );
    LIST_TIMED_OUT = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE next_at <= $1 AND state IN \
        ('leased','armed','blocked','unapproved') ORDER BY next_at, id LIMIT $2"));
    CLAIM_LOOKS = Statement::same(concat!("UPDATE delivery SET epoch=epoch+1, next_at=$1 WHERE id IN (SELECT id FROM delivery \
        WHERE next_at <= $2 AND state IN ('unknown','processing') ORDER BY next_at, id LIMIT $3) AND next_at <= $2 \
        AND state IN ('unknown','processing') RETURNING ", columns!()));
    LIST_ORPHANS = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE state IN ('leased','armed') ORDER BY id LIMIT $1"));
    FIND_NEXT = Statement::same("SELECT MIN(next_at) FROM delivery WHERE next_at IS NOT NULL");
}

impl Store {
    /// Leases up to `limit` deliveries that are due, at most one per account. On a race between processes nothing is taken;
    /// the next tick tries again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_due(&self, owner: &str, now: i64, lease_until: i64, limit: i64) -> StoreResult<Vec<Delivery>> {
        let claimed: Result<Vec<DeliveryRow>, StoreError> = async {
            Ok(write!(self, p => sqlx::query_as(self.text(&CLAIM_DUE)).bind(owner).bind(lease_until).bind(now).bind(limit).fetch_all(p).await?))
        }
        .await;
        match claimed {
            Ok(rows) => read_rows(rows),
            Err(error) if is_unique_violation(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Deliveries whose lease is over, or whose time to be mended is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_timed_out(&self, now: i64, limit: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(
            read!(self, p => sqlx::query_as(self.text(&LIST_TIMED_OUT)).bind(now).bind(limit).fetch_all(p).await?),
        )
    }

    /// Takes unknown and processing deliveries for one look; nobody else looks before `until`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_looks(&self, now: i64, until: i64, limit: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(
            write!(self, p => sqlx::query_as(self.text(&CLAIM_LOOKS)).bind(until).bind(now).bind(limit).fetch_all(p).await?),
        )
    }

    /// What a dead process left leased or armed. Only meaningful where no other process can be alive (SQLite).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_orphans(&self, limit: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(read!(self, p => sqlx::query_as(self.text(&LIST_ORPHANS)).bind(limit).fetch_all(p).await?))
    }

    /// When something is to be done next.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_next_at(&self) -> StoreResult<Option<i64>> {
        let next: (Option<i64>,) = read!(self, p => sqlx::query_as(self.text(&FIND_NEXT)).fetch_one(p).await?);
        Ok(next.0)
    }
}
