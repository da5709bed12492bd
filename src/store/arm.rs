//! Arming: the one transaction after which a commit call may be made, and the only place that makes an `Armed`.

use super::{Store, StoreResult, statements, write};
use crate::domain::commit::Armed;
use crate::domain::delivery::{Delivery, SETTLE_MS};
use crate::domain::ids::AttemptId;
use crate::store::Statement;

statements! {
    // Preflight in the same statement: not withdrawn, hash unchanged, nothing paused, account connected (RELIABILITY §1).
    ARM = Statement::same("UPDATE delivery SET state='armed', lease_until=$4, next_at=$5 WHERE id=$1 AND epoch=$2 AND state='leased' \
        AND content_hash=$3 AND accepted=$6 AND EXISTS (SELECT 1 FROM account a JOIN workspace w ON w.id = a.workspace_id \
        JOIN post p ON p.workspace_id = w.id WHERE a.id = delivery.account_id AND p.id = delivery.post_id AND a.health = 'fine' \
        AND a.paused_at IS NULL AND w.paused_at IS NULL AND p.paused_at IS NULL AND p.withdrawn_at IS NULL)");
    NEXT_NO = Statement::same("SELECT COUNT(*) FROM attempt WHERE delivery_id=$1 AND part=$2");
    INSERT_ATTEMPT = Statement::same("INSERT INTO attempt(id, delivery_id, account_id, part, no, epoch, kind, fingerprint, started_at, sent_deadline) \
        VALUES($1,$2,$3,$4,$5,$6,'commit',$7,$8,$9)");
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
        let part = delivery.progress.accepted;
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let armed = sqlx::query(self.text(&ARM)).bind(delivery.id.as_str()).bind(delivery.epoch).bind(attempt.content_hash)
                .bind(attempt.lease_until).bind(attempt.lease_until + SETTLE_MS).bind(part).execute(&mut *tx).await?.rows_affected();
            if armed != 1 {
                return Ok(None);
            }
            let no: i64 = sqlx::query_scalar(self.text(&NEXT_NO)).bind(delivery.id.as_str()).bind(part).fetch_one(&mut *tx).await?;
            sqlx::query(self.text(&INSERT_ATTEMPT)).bind(attempt.id.as_str()).bind(delivery.id.as_str()).bind(delivery.account.as_str())
                .bind(part).bind(no).bind(delivery.epoch).bind(attempt.fingerprint).bind(attempt.now).bind(attempt.sent_deadline)
                .execute(&mut *tx).await?;
            crate::failpoint!("F4");
            // With synchronous=FULL (SQLite) or synchronous_commit=on (PostgreSQL) this returns only once the row is on the disk.
            tx.commit().await?;
        });
        Ok(Some(Armed::witnessed(delivery.id.clone(), attempt.id.clone(), attempt.sent_deadline_boot_ms)))
    }
}
