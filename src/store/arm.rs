//! Arming: the one transaction after which a commit call may be made, and the only place that makes an `Armed`.

use super::lane::Row;
use super::{Store, StoreResult, statements};
use crate::domain::commit::Armed;
use crate::domain::delivery::{Delivery, SETTLE_MS};
use crate::domain::ids::AttemptId;
use crate::store::Statement;

/// Whether delivery `d` may be armed as it stands: not withdrawn, hash unchanged, nothing paused, account connected (RELIABILITY §1).
macro_rules! may_be_armed {
    () => {
        "d.id = j.id AND d.epoch = j.epoch AND d.state='leased' AND d.content_hash = j.content_hash AND d.accepted = j.part \
         AND EXISTS (SELECT 1 FROM account a JOIN workspace w ON w.id = a.workspace_id JOIN post p ON p.workspace_id = w.id \
         WHERE a.id = d.account_id AND p.id = d.post_id AND a.health = 'fine' AND a.paused_at IS NULL AND w.paused_at IS NULL \
         AND p.paused_at IS NULL AND p.withdrawn_at IS NULL)"
    };
}

statements! {
    // Preflight, attempt and state in one text, for as many as are ready: an attempt is written for what may be armed, and armed is what has one.
    ARM = Statement::pair(
        concat!("WITH r(v) AS MATERIALIZED (SELECT value FROM json_each($1)) \
            INSERT INTO attempt(id, delivery_id, account_id, part, no, epoch, kind, fingerprint, started_at, sent_deadline) \
            SELECT j.attempt, d.id, d.account_id, d.accepted, (SELECT COUNT(*) FROM attempt t WHERE t.delivery_id = d.id AND t.part = d.accepted), \
            d.epoch, 'commit', j.fingerprint, j.now, j.sent_deadline FROM (SELECT v->>'id' AS id, v->>'epoch' AS epoch, \
            v->>'content_hash' AS content_hash, v->>'part' AS part, v->>'attempt' AS attempt, v->>'fingerprint' AS fingerprint, v->>'now' AS now, \
            v->>'sent_deadline' AS sent_deadline FROM r) AS j CROSS JOIN delivery d WHERE ", may_be_armed!(), "; \
            WITH r(v) AS MATERIALIZED (SELECT value FROM json_each($1)) \
            UPDATE delivery SET state='armed', lease_until=j.lease_until, next_at=j.next_at FROM (SELECT v->>'id' AS id, v->>'attempt' AS attempt, \
            v->>'lease_until' AS lease_until, v->>'next_at' AS next_at FROM r) AS j \
            WHERE delivery.id = j.id AND EXISTS (SELECT 1 FROM attempt WHERE id = j.attempt) RETURNING id"),
        concat!("WITH armed AS (UPDATE delivery d SET state='armed', lease_until=j.lease_until, next_at=j.next_at FROM jsonb_to_recordset(CAST($1 AS JSONB)) \
            AS j(id TEXT, epoch BIGINT, content_hash TEXT, part BIGINT, attempt TEXT, fingerprint TEXT, now BIGINT, sent_deadline BIGINT, \
            lease_until BIGINT, next_at BIGINT) WHERE ", may_be_armed!(), " \
            RETURNING d.id, d.account_id, d.accepted, d.epoch, j.attempt, j.fingerprint, j.now, j.sent_deadline) \
            INSERT INTO attempt(id, delivery_id, account_id, part, no, epoch, kind, fingerprint, started_at, sent_deadline) \
            SELECT attempt, id, account_id, accepted, \
            (SELECT COUNT(*) FROM attempt t WHERE t.delivery_id = armed.id AND t.part = armed.accepted), epoch, 'commit', fingerprint, now, sent_deadline \
            FROM armed RETURNING delivery_id"),
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
        let row = serde_json::json!({
            "id": delivery.id,
            "epoch": delivery.epoch,
            "content_hash": attempt.content_hash,
            "part": delivery.progress.accepted,
            "attempt": attempt.id,
            "fingerprint": attempt.fingerprint,
            "now": attempt.now,
            "sent_deadline": attempt.sent_deadline,
            "lease_until": attempt.lease_until,
            "next_at": attempt.lease_until + SETTLE_MS,
        });
        let row = Row { key: delivery.id.to_string(), json: row.to_string() };
        crate::failpoint!("F4");
        // With synchronous=FULL (SQLite) or synchronous_commit=on (PostgreSQL) this returns only once the row is on the disk.
        if !self.among(&ARM, row).await? {
            return Ok(None);
        }
        Ok(Some(Armed::witnessed(delivery.id.clone(), attempt.id.clone(), attempt.sent_deadline_boot_ms)))
    }
}
