//! Deliveries: reading them, and writing one step of the machine fenced by epoch, state and part. 0 rows changed means that somebody
//! else owns the row: the caller stops without side effects.

use super::{Store, StoreError, StoreResult, id, json, read, statements, to_json, word, write};
use crate::domain::delivery::{Delivery, Progress, State, Step};
use crate::domain::ids::{AccountId, DeliveryId, NoticeId, PostId, WorkspaceId};
use crate::domain::recurrence::CatchUp;
use crate::store::Statement;
use crate::store::notices::Notice;

macro_rules! columns {
    () => {
        "id, workspace_id, user_id, post_id, variant_id, account_id, slot, zone, state, epoch, next_at, lease_until, handle, \
         content_hash, reason, parts, accepted, tries, refreshed, unknown_since, absent_at, was_ambiguous, refused_generation, \
         catch_up, person_at"
    };
}
pub(in crate::store) use columns;

/// Deliveries of a post that are looked at where none may be missed: twenty accounts with a hundred times each, and as many that are over.
pub const DELIVERIES_MAX: i64 = 4_000;

/// States in which a delivery is over.
macro_rules! over {
    () => {
        "'published','partial','failed','cancelled','taken_down'"
    };
}
pub(in crate::store) use over;

statements! {
    FIND_DELIVERY = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE id=$1"));
    // Whoever edits, moves or stops a post must see all that is not over; of what is, the newest.
    LIST_OF_POST = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE post_id=$1 ORDER BY CASE WHEN state IN (", over!(), ") THEN 1 ELSE 0 END, \
        CASE WHEN state IN (", over!(), ") THEN -slot ELSE slot END, id LIMIT CAST($2 AS BIGINT)"));
    LIST_OPEN_OF_ACCOUNT = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE account_id=$1 AND state IN \
        ('scheduled','waiting','leased','armed','processing','unknown','blocked','paused','unapproved','missed') ORDER BY slot, id LIMIT 100000"));
    LIST_OPEN_OF_WORKSPACE = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE workspace_id=$1 AND state IN \
        ('scheduled','waiting','leased','armed','processing','unknown','blocked','paused','unapproved','needs_human','missed') ORDER BY slot, id LIMIT 100000"));
    APPLY_STEP = Statement::same(APPLY_STEP_TEXT);
    RENEW_LEASE = Statement::same("UPDATE delivery SET lease_until=$3, next_at=$3 WHERE id=$1 AND epoch=$2 AND state='leased'");
    SAVE_HANDLE = Statement::same("UPDATE delivery SET handle=$4, lease_until=$5, next_at=$5 WHERE id=$1 AND epoch=$2 AND state=$3");
    MOVE_SLOT = Statement::same("UPDATE delivery SET slot=$2, next_at=$2 WHERE id=$1 AND state='scheduled'");
    HAS_DUE_AFTER = Statement::same("SELECT COUNT(*) FROM delivery d WHERE d.variant_id=$1 AND d.account_id=$2 AND d.slot > $3 AND d.slot <= $4 \
        AND d.catch_up IS NOT NULL AND d.state IN ('scheduled','waiting','leased','armed')");
    INSERT_DELIVERY = Statement::same(INSERT_DELIVERY_TEXT);
}

/// One step of the machine. `lease_until` and `owner` are kept only where somebody works on the row.
pub(in crate::store) const APPLY_STEP_TEXT: &str = "UPDATE delivery SET state=$4, next_at=$5, reason=$6, \
    lease_until=CASE WHEN $4 IN ('leased','armed') THEN lease_until ELSE NULL END, \
    owner=CASE WHEN $4 IN ('leased','armed') THEN owner ELSE NULL END, \
    handle=CASE WHEN $7=1 THEN NULL ELSE handle END, accepted=$8, tries=$9, refreshed=$10, unknown_since=$11, absent_at=$12, \
    was_ambiguous=$13, epoch=epoch+$14, refused_generation=$15, person_at=$16 WHERE id=$1 AND epoch=$2 AND state=$3 AND accepted=$17";

/// A new delivery; one that was withdrawn or missed at the same slot is taken up again under a new epoch, with nothing of its past:
/// what was tried before was settled before it could be withdrawn.
pub(in crate::store) const INSERT_DELIVERY_TEXT: &str = "INSERT INTO delivery(id, workspace_id, user_id, post_id, variant_id, account_id, \
    approval_id, slot, zone, state, epoch, next_at, content_hash, parts, accepted, tries, refreshed, was_ambiguous, created_at, catch_up) \
    VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,'scheduled',0,$8,$10,$11,0,0,0,0,$12,$13) \
    ON CONFLICT(variant_id, account_id, slot) DO UPDATE SET approval_id=excluded.approval_id, state='scheduled', \
    epoch=delivery.epoch+1, next_at=excluded.next_at, reason=NULL, content_hash=excluded.content_hash, zone=excluded.zone, \
    user_id=excluded.user_id, tries=0, refreshed=0, was_ambiguous=0, refused_generation=NULL, unknown_since=NULL, absent_at=NULL, handle=NULL, \
    catch_up=excluded.catch_up, person_at=NULL \
    WHERE delivery.state IN ('cancelled','missed')";

/// Binds one step; `$2`, `$3`, `$17` fence it: a thread's next part is worked on under the same epoch. Used inside other transactions too.
macro_rules! apply_step {
    ($store:expr, $tx:expr, $before:expr, $step:expr, $bump:expr) => {
        sqlx::query($crate::store::deliveries::APPLY_STEP_TEXT)
            .bind($before.id.as_str())
            .bind($before.epoch)
            .bind($before.state.word())
            .bind($step.state.word())
            .bind($step.next_at)
            .bind($step.reason.as_ref().map($crate::store::to_json))
            .bind(i64::from($step.drop_handle))
            .bind($step.progress.accepted)
            .bind($step.progress.tries)
            .bind(i64::from($step.progress.refreshed))
            .bind($step.progress.unknown_since)
            .bind($step.progress.absent_at)
            .bind(i64::from($step.progress.was_ambiguous))
            .bind($bump)
            .bind($step.progress.refused_generation)
            .bind($step.progress.person_at)
            .bind($before.progress.accepted)
            .execute($tx)
            .await?
            .rows_affected()
    };
}
pub(in crate::store) use apply_step;

/// Who makes a step: a worker under its lease, or somebody from outside, whose step makes every worker's epoch stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The worker that holds the epoch.
    Worker,
    /// A person, a tool, the reconciler of another process.
    Outside,
}

impl By {
    pub(in crate::store) const fn bump(self) -> i64 {
        match self {
            Self::Worker => 0,
            Self::Outside => 1,
        }
    }
}

/// A notice to be stored together with a step.
pub type StepNotice = Option<(NoticeId, Notice)>;

#[derive(sqlx::FromRow)]
pub(in crate::store) struct DeliveryRow {
    id: String,
    workspace_id: String,
    user_id: String,
    post_id: String,
    variant_id: String,
    account_id: String,
    slot: i64,
    zone: String,
    state: String,
    epoch: i64,
    next_at: Option<i64>,
    lease_until: Option<i64>,
    handle: Option<String>,
    content_hash: String,
    reason: Option<String>,
    parts: i64,
    accepted: i64,
    tries: i64,
    refreshed: i64,
    unknown_since: Option<i64>,
    absent_at: Option<i64>,
    was_ambiguous: i64,
    refused_generation: Option<i64>,
    catch_up: Option<String>,
    person_at: Option<i64>,
}

impl DeliveryRow {
    pub(in crate::store) fn read(self) -> StoreResult<Delivery> {
        Ok(Delivery {
            id: id("delivery", &self.id)?,
            workspace: id("delivery", &self.workspace_id)?,
            user: id("delivery", &self.user_id)?,
            post: id("delivery", &self.post_id)?,
            variant: id("delivery", &self.variant_id)?,
            account: id("delivery", &self.account_id)?,
            slot: self.slot,
            zone: self.zone,
            state: word("delivery", &self.state, State::find)?,
            epoch: self.epoch,
            next_at: self.next_at,
            lease_until: self.lease_until,
            handle: self.handle.map(|text| json("delivery", &text)).transpose()?,
            content_hash: self.content_hash,
            reason: self.reason.map(|text| json("delivery", &text)).transpose()?,
            progress: Progress {
                parts: self.parts,
                accepted: self.accepted,
                tries: self.tries,
                refreshed: self.refreshed == 1,
                unknown_since: self.unknown_since,
                absent_at: self.absent_at,
                was_ambiguous: self.was_ambiguous == 1,
                person_at: self.person_at,
                catch_up: self.catch_up.map(|text| word("delivery", &text, CatchUp::find)).transpose()?,
                refused_generation: self.refused_generation,
            },
        })
    }
}

pub(in crate::store) fn read_rows(rows: Vec<DeliveryRow>) -> StoreResult<Vec<Delivery>> {
    rows.into_iter().map(DeliveryRow::read).collect()
}

impl Store {
    /// A delivery by id, whoever's it is: callers check the workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_delivery(&self, delivery: &DeliveryId) -> StoreResult<Option<Delivery>> {
        let row: Option<DeliveryRow> = write!(self, p => sqlx::query_as(self.text(&FIND_DELIVERY)).bind(delivery.as_str()).fetch_optional(p).await?);
        row.map(DeliveryRow::read).transpose()
    }

    /// A post's deliveries: first what is not over, soonest first, then what is, newest first. [`DELIVERIES_MAX`] are all that can matter.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_deliveries(&self, post: &PostId, limit: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(
            read!(self, p => sqlx::query_as(self.text(&LIST_OF_POST)).bind(post.as_str()).bind(limit).fetch_all(p).await?),
        )
    }

    /// What is not over on an account, at most 100,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_open_of_account(&self, account: &AccountId) -> StoreResult<Vec<Delivery>> {
        read_rows(
            read!(self, p => sqlx::query_as(self.text(&LIST_OPEN_OF_ACCOUNT)).bind(account.as_str()).fetch_all(p).await?),
        )
    }

    /// What is not over in a workspace, at most 100,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_open_of_workspace(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Delivery>> {
        read_rows(
            read!(self, p => sqlx::query_as(self.text(&LIST_OPEN_OF_WORKSPACE)).bind(workspace.as_str()).fetch_all(p).await?),
        )
    }

    /// Writes one step and its notice, unless somebody else changed the row. True when it was written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_delivery(
        &self,
        before: &Delivery,
        step: &Step,
        by: By,
        notice: StepNotice,
    ) -> StoreResult<bool> {
        self.write_step((before, step, by), None, notice).await
    }

    /// Writes a step that lets a paused delivery go on at another slot. False when somebody else changed the row.
    ///
    /// # Errors
    /// When the database fails, or another delivery of the post has that slot already.
    pub async fn update_delivery_moved(&self, before: &Delivery, step: &Step, slot: i64) -> StoreResult<bool> {
        let done = write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let done = apply_step!(self, &mut *tx, before, step, By::Outside.bump());
            if done == 1 {
                sqlx::query(self.text(&MOVE_SLOT)).bind(before.id.as_str()).bind(slot).execute(&mut *tx).await?;
            }
            tx.commit().await?;
            done
        });
        Ok(done == 1)
    }

    /// Whether a later occurrence of the same rule is due by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_later_due(&self, delivery: &Delivery, now: i64) -> StoreResult<bool> {
        let count: (i64,) = read!(self, p => sqlx::query_as(self.text(&HAS_DUE_AFTER)).bind(delivery.variant.as_str())
            .bind(delivery.account.as_str()).bind(delivery.slot).bind(now).fetch_one(p).await?);
        Ok(count.0 > 0)
    }

    /// Says that work on a leased delivery goes on. False when the row is somebody else's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_lease(&self, before: &Delivery, lease_until: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&RENEW_LEASE)).bind(before.id.as_str()).bind(before.epoch).bind(lease_until)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Keeps what the network gave for prepared media and renews the lease. False when the row is somebody else's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_handle(
        &self,
        before: &Delivery,
        handle: &serde_json::Value,
        lease_until: i64,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&SAVE_HANDLE)).bind(before.id.as_str()).bind(before.epoch)
            .bind(State::Leased.word()).bind(to_json(handle)).bind(lease_until).execute(p).await?.rows_affected());
        Ok(done == 1)
    }
}

/// For callers that look rows up by a unique index.
#[must_use]
pub fn is_unique_violation(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(sqlx::Error::Database(inner)) if inner.is_unique_violation())
}
