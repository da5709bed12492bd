//! What is prepared before its time, and what lies at a network for a delivery that ended without going out. Nothing here moves a delivery: whoever prepares ahead
//! holds the row's `ahead_until`, and gives way when the delivery is claimed, changed or stopped.

use super::deliveries::{columns, read_rows};
use super::{Store, StoreResult, read, statements, to_json, write};
use crate::domain::delivery::Delivery;
use crate::domain::ids::DeliveryId;
use crate::domain::network::Network;
use crate::store::Statement;

statements! {
    LIST_AHEAD = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE state='scheduled' AND next_at > $1 AND next_at <= $2 \
        AND handle IS NULL AND (ahead_until IS NULL OR ahead_until <= $1) AND account_id IN (SELECT id FROM account WHERE network=$3) \
        ORDER BY next_at, id LIMIT 500"));
    HOLD_AHEAD = Statement::same("UPDATE delivery SET ahead_until=$4 WHERE id=$1 AND epoch=$2 AND state='scheduled' AND next_at > $3 \
        AND handle IS NULL AND (ahead_until IS NULL OR ahead_until <= $3)");
    RENEW_AHEAD = Statement::same("UPDATE delivery SET ahead_until=$5 WHERE id=$1 AND epoch=$2 AND state='scheduled' AND next_at > $3 AND ahead_until=$4");
    RELEASE_AHEAD = Statement::same("UPDATE delivery SET ahead_until=$3 WHERE id=$1 AND ahead_until=$2");
    SAVE_AHEAD = Statement::same("UPDATE delivery SET handle=$3, ahead_until=NULL WHERE id=$1 AND epoch=$2 AND state='scheduled' AND handle IS NULL");
    FIND_AHEAD = Statement::same("SELECT ahead_until FROM delivery WHERE id=$1 AND ahead_until IS NOT NULL");
    LIST_LEFT = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE state IN ('cancelled', 'missed', 'failed') \
        AND (handle IS NOT NULL OR upload IS NOT NULL) AND (slot > $2 OR (slot = $2 AND id > $3)) \
        AND account_id IN (SELECT id FROM account WHERE network=$1) ORDER BY slot, id LIMIT 100"));
    FORGET_LEFT = Statement::same("UPDATE delivery SET handle=NULL, upload=NULL WHERE id=$1 AND epoch=$2 AND state IN ('cancelled', 'missed', 'failed')");
    FORGET_FAILED = Statement::same("UPDATE delivery SET handle=NULL, upload=NULL WHERE id=$1 AND state='failed'");
}

impl Store {
    /// What is due on a network between two instants and is prepared by nobody yet, the soonest first; at most 500.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_ahead(&self, network: Network, (now, until): (i64, i64)) -> StoreResult<Vec<Delivery>> {
        read_rows(
            read!(self, p => sqlx::query_as(self.text(&LIST_AHEAD)).bind(now).bind(until).bind(network.slug()).fetch_all(p).await?),
        )
    }

    /// Takes a delivery for preparing ahead. False when somebody else has it, or it is not waiting for its time any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_ahead(&self, delivery: &Delivery, now: i64, until: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&HOLD_AHEAD)).bind(delivery.id.as_str()).bind(delivery.epoch).bind(now)
            .bind(until).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// A sign of life of whoever holds it until `held`. False when they must stop: its time has come, or it was changed, stopped or taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_ahead(&self, delivery: &Delivery, held: i64, (now, until): (i64, i64)) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&RENEW_AHEAD)).bind(delivery.id.as_str()).bind(delivery.epoch).bind(now)
            .bind(held).bind(until).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Lets it go. With an instant nobody prepares it ahead before that.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_ahead(&self, delivery: &Delivery, held: i64, not_before: Option<i64>) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&RELEASE_AHEAD)).bind(delivery.id.as_str()).bind(held).bind(not_before).execute(p)
            .await.map(drop)?);
        Ok(())
    }

    /// Keeps what was prepared ahead. False when the delivery was claimed, changed or stopped meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_handle_ahead(&self, delivery: &Delivery, handle: &serde_json::Value) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&SAVE_AHEAD)).bind(delivery.id.as_str()).bind(delivery.epoch)
            .bind(to_json(handle)).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Until when somebody who prepares it ahead was alive; `None` when nobody does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_ahead_until(&self, delivery: &Delivery) -> StoreResult<Option<i64>> {
        let row: Option<(i64,)> = read!(self, p => sqlx::query_as(self.text(&FIND_AHEAD)).bind(delivery.id.as_str()).fetch_optional(p).await?);
        Ok(row.map(|(until,)| until))
    }

    /// What ended on a network without going out, and of which something may lie there, behind a slot and id; at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_left_at(&self, network: Network, (slot, after): (i64, &str)) -> StoreResult<Vec<Delivery>> {
        read_rows(
            read!(self, p => sqlx::query_as(self.text(&LIST_LEFT)).bind(network.slug()).bind(slot).bind(after).fetch_all(p).await?),
        )
    }

    /// The same of what failed just now, by whoever worked on it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_left_told(&self, delivery: &DeliveryId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&FORGET_FAILED)).bind(delivery.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Nothing of it lies there any more, or its person was told where.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_left_gone(&self, delivery: &Delivery) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&FORGET_LEFT)).bind(delivery.id.as_str()).bind(delivery.epoch).execute(p)
            .await?.rows_affected());
        Ok(done == 1)
    }
}
