//! Arming: the one transaction after which a commit call may be made, and the only place that makes an `Armed`.

use super::lane::Haste;
use super::{Store, StoreResult, statements};
use crate::domain::commit::Armed;
use crate::domain::delivery::{Delivery, SETTLE_MS};
use crate::domain::ids::AttemptId;
use crate::store::Statement;

/// Whether delivery `d` may be armed as it stands.
macro_rules! may_be_armed {
    () => {
        "d.id=$1 AND d.epoch=$2 AND d.state='leased' AND d.content_hash=$3 AND d.accepted=$6 AND EXISTS (SELECT 1 FROM account a \
         JOIN workspace w ON w.id = a.workspace_id JOIN post p ON p.workspace_id = w.id WHERE a.id = d.account_id AND p.id = d.post_id \
         AND a.health = 'fine' AND a.paused_at IS NULL AND w.paused_at IS NULL AND p.paused_at IS NULL AND p.withdrawn_at IS NULL)"
    };
}

statements! {
    // One text, all of it or nothing. Preflight in it: not withdrawn, hash unchanged, nothing paused, account connected (RELIABILITY §1).
    ARM = Statement::pair(
        concat!("INSERT INTO attempt(id, delivery_id, account_id, part, no, epoch, kind, fingerprint, started_at, sent_deadline) \
            SELECT $7, d.id, d.account_id, d.accepted, (SELECT COUNT(*) FROM attempt t WHERE t.delivery_id = d.id AND t.part = d.accepted), \
            d.epoch, 'commit', $8, $9, $10 FROM delivery d WHERE ", may_be_armed!(), "; \
            UPDATE delivery SET state='armed', lease_until=$4, next_at=$5 WHERE id=$1 AND EXISTS (SELECT 1 FROM attempt WHERE id=$7) RETURNING id"),
        concat!("WITH armed AS (UPDATE delivery d SET state='armed', lease_until=$4, next_at=$5 WHERE ", may_be_armed!(), " \
            RETURNING id, account_id, accepted, epoch) \
            INSERT INTO attempt(id, delivery_id, account_id, part, no, epoch, kind, fingerprint, started_at, sent_deadline) \
            SELECT CAST($7 AS TEXT), armed.id, armed.account_id, armed.accepted, \
            (SELECT COUNT(*) FROM attempt t WHERE t.delivery_id = armed.id AND t.part = armed.accepted), armed.epoch, 'commit', \
            CAST($8 AS TEXT), CAST($9 AS BIGINT), CAST($10 AS BIGINT) FROM armed RETURNING id"),
    );
}

/// What an attempt is written with.
#[derive(Debug)]
pub struct NewAttempt<'a> {
    /// Our id.
    pub id: &'a AttemptId,
    /// Hash of what would be shown, recomputed just now.
    pub content_hash: &'a str,
    /// SHA-256 of the text of this part: finds it again when reading back.
    pub fingerprint: &'a str,
    /// Now, Unix milliseconds.
    pub now: i64,
    /// Past this instant no byte may be written, Unix milliseconds.
    pub sent_deadline: i64,
    /// The same in milliseconds since boot.
    pub sent_deadline_boot_ms: i64,
    /// When the lease ends.
    pub lease_until: i64,
}

impl Store {
    /// Writes the open attempt durably and moves the delivery to `armed`, or returns `None` without a trace when preflight fails.
    ///
    /// # Errors
    /// When the database fails; nothing was armed then that could be sent: the proof was not handed out.
    pub async fn arm(&self, delivery: &Delivery, attempt: &NewAttempt<'_>) -> StoreResult<Option<Armed>> {
        let binds = vec![
            delivery.id.as_str().into(),
            delivery.epoch.into(),
            attempt.content_hash.into(),
            attempt.lease_until.into(),
            (attempt.lease_until + SETTLE_MS).into(),
            delivery.progress.accepted.into(),
            attempt.id.as_str().into(),
            attempt.fingerprint.into(),
            attempt.now.into(),
            attempt.sent_deadline.into(),
        ];
        crate::failpoint!("F4");
        // With synchronous=FULL (SQLite) or synchronous_commit=on (PostgreSQL) this returns only once the row is on the disk.
        if self.together(Haste::Now, &ARM, binds).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(Armed::witnessed(delivery.id.clone(), attempt.id.clone(), attempt.sent_deadline_boot_ms)))
    }
}
