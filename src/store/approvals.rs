//! Approvals: the question, and the one transaction in which a yes becomes deliveries.

use super::batches::close_items_of_post;
use super::disconnections::ASK;
use super::{Store, StoreResult, id, json, read, statements, to_json, word, write};
use crate::domain::approval::{Approval, Decision};
use crate::domain::delivery::{Delivery, Step};
use crate::domain::ids::{AccountId, ApprovalId, PostId, UserId, WorkspaceId};
use crate::say;
use crate::store::Statement;

statements! {
    INSERT_APPROVAL = Statement::same("INSERT INTO approval(id, workspace_id, user_id, post_id, act, hash, decision, created_at, expires_at) \
        VALUES($1,$2,$3,$4,$5,$6,'pending',$7,$8)");
    SUPERSEDE_OF_POST = Statement::same("UPDATE approval SET decision='superseded', decided_at=$2 WHERE post_id=$1 AND decision='pending'");
    FIND_APPROVAL = Statement::same("SELECT id, workspace_id, user_id, act, hash, decision, created_at, expires_at, decided_at, decided_via, reason \
        FROM approval WHERE id=$1 AND (user_id=$2 OR EXISTS (SELECT 1 FROM post_approver n WHERE n.post_id = approval.post_id AND n.user_id=$2))");
    // A question of its own, or its part of one about several.
    FIND_WAITING_OF_POST = Statement::same("SELECT id FROM (SELECT id, created_at FROM approval WHERE post_id=$1 AND decision='pending' AND expires_at > $2 \
        UNION ALL SELECT a.id, a.created_at FROM approval_item i JOIN approval a ON a.id = i.approval_id \
        WHERE i.post_id=$1 AND i.outcome IS NULL AND a.decision='pending' AND a.expires_at > $2) AS found ORDER BY created_at DESC LIMIT 1");
    LIST_WAITING = Statement::same("SELECT id, workspace_id, user_id, act, hash, decision, created_at, expires_at, decided_at, decided_via, reason \
        FROM approval WHERE user_id=$1 AND decision='pending' AND expires_at > $2 ORDER BY created_at DESC LIMIT 100");
    DECIDE = Statement::same("UPDATE approval SET decision=$4, decided_at=$3, decided_via=$5 WHERE id=$1 AND hash=$2 AND decision='pending' AND expires_at > $3");
    REOPEN = Statement::same("UPDATE approval SET decision='pending', decided_at=NULL, decided_via=NULL WHERE id=$1 AND decision='approved'");
    // Of an account that is not there any more: what would go out there, what would change there, and what else asks about it.
    VOID_ITEMS = Statement::same("UPDATE approval_item SET outcome='refused', why=$3 WHERE outcome IS NULL AND approval_id IN \
        (SELECT a.id FROM approval a WHERE a.workspace_id=$2 AND a.decision='pending') \
        AND EXISTS (SELECT 1 FROM post p JOIN variant v ON v.post_id = p.id AND v.revision = p.revision WHERE p.id = approval_item.post_id AND v.account_id=$1)");
    VOID = Statement::same("UPDATE approval SET decision='void', decided_at=$3, reason=$4 WHERE workspace_id=$2 AND decision='pending' AND ( \
        (act LIKE '%' || $1 || '%' AND NOT EXISTS (SELECT 1 FROM approval_item i WHERE i.approval_id = approval.id)) \
        OR EXISTS (SELECT 1 FROM delivery d WHERE d.account_id=$1 AND approval.act LIKE '%take_down%' AND approval.act LIKE '%' || d.id || '%') \
        OR (EXISTS (SELECT 1 FROM approval_item i WHERE i.approval_id = approval.id) \
        AND NOT EXISTS (SELECT 1 FROM approval_item i WHERE i.approval_id = approval.id AND i.outcome IS NULL)))");
    LOCK_POST = Statement::same("UPDATE post SET edited_at=$4 WHERE id=$1 AND workspace_id=$2 AND revision=$3 AND withdrawn_at IS NULL");
}

/// Closes every question that waits about an account which is not there any more, inside a transaction: how many.
macro_rules! void_of_account {
    ($store:expr, $tx:expr, ($account:expr, $workspace:expr), $why:expr, $now:expr) => {{
        let why = $crate::store::to_json($why);
        sqlx::query($store.text(&$crate::store::approvals::VOID_ITEMS))
            .bind($account.as_str())
            .bind($workspace.as_str())
            .bind(&why)
            .execute(&mut *$tx)
            .await?;
        sqlx::query($store.text(&$crate::store::approvals::VOID))
            .bind($account.as_str())
            .bind($workspace.as_str())
            .bind($now)
            .bind(&why)
            .execute(&mut *$tx)
            .await?
            .rows_affected()
    }};
}
pub(in crate::store) use void_of_account;

/// Writes what a yes to one post comes to, inside a transaction: false when the post or a delivery changed since the question was asked, and
/// then what was written of it must be rolled back.
macro_rules! write_published {
    ($store:expr, $tx:expr, $approval:expr, $workspace:expr, $now:expr, $publish:expr) => {
        'published: {
            let (post, revision) = $publish.post;
            let locked = sqlx::query($store.text(&$crate::store::approvals::LOCK_POST))
                .bind(post.as_str())
                .bind($workspace.as_str())
                .bind(revision)
                .bind($now)
                .execute(&mut *$tx)
                .await?
                .rows_affected();
            if locked != 1 {
                break 'published false;
            }
            for (before, step) in &$publish.replaced {
                if $crate::store::deliveries::apply_step!(
                    $store,
                    &mut *$tx,
                    before,
                    step,
                    $crate::store::deliveries::By::Outside.bump()
                ) != 1
                {
                    break 'published false;
                }
            }
            for delivery in &$publish.new {
                let inserted = sqlx::query($crate::store::deliveries::INSERT_DELIVERY_TEXT)
                    .bind(delivery.id.as_str())
                    .bind($workspace.as_str())
                    .bind(delivery.user.as_str())
                    .bind(post.as_str())
                    .bind(delivery.variant.as_str())
                    .bind(delivery.account.as_str())
                    .bind($approval.as_str())
                    .bind(delivery.slot)
                    .bind(&delivery.zone)
                    .bind(&delivery.content_hash)
                    .bind(delivery.progress.parts)
                    .bind($now)
                    .bind(delivery.progress.catch_up.map($crate::domain::recurrence::CatchUp::word))
                    .execute(&mut *$tx)
                    .await?
                    .rows_affected();
                if inserted != 1 {
                    break 'published false;
                }
            }
            true
        }
    };
}
pub(in crate::store) use write_published;

#[derive(sqlx::FromRow)]
struct ApprovalRow {
    id: String,
    workspace_id: String,
    user_id: String,
    act: String,
    hash: String,
    decision: String,
    created_at: i64,
    expires_at: i64,
    decided_at: Option<i64>,
    decided_via: Option<String>,
    reason: Option<String>,
}

impl ApprovalRow {
    fn read(self) -> StoreResult<Approval> {
        Ok(Approval {
            id: id("approval", &self.id)?,
            workspace: id("approval", &self.workspace_id)?,
            user: id("approval", &self.user_id)?,
            act: json("approval", &self.act)?,
            hash: self.hash,
            decision: word("approval", &self.decision, Decision::find)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            decided_at: self.decided_at,
            decided_via: self.decided_via,
            reason: self.reason.as_deref().map(|why| json("approval", why)).transpose()?,
        })
    }
}

/// What a yes to publishing writes.
#[derive(Debug)]
pub struct ApprovedPublish<'a> {
    /// The post and the revision that was approved.
    pub post: (&'a PostId, i64),
    /// Deliveries to make; `state` and `next_at` are always `scheduled` at the slot.
    pub new: Vec<Delivery>,
    /// Deliveries that these take the place of, with their step.
    pub replaced: Vec<(Delivery, Step)>,
}

/// How writing a decision went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Written.
    Yes,
    /// Somebody answered first, it expired, or the hash is another.
    TooLate,
    /// The post or a delivery changed since the question was asked.
    Changed,
}

impl Store {
    /// Stores a question and supersedes older ones about the same post, and its part of those about several.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_approval(&self, approval: &Approval, post: Option<&PostId>) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            if let Some(post) = post {
                sqlx::query(self.text(&SUPERSEDE_OF_POST)).bind(post.as_str()).bind(approval.created_at).execute(&mut *tx).await?;
                close_items_of_post!(self, &mut *tx, post, &say!("batch-item-asked-anew"));
            }
            sqlx::query(self.text(&INSERT_APPROVAL)).bind(approval.id.as_str()).bind(approval.workspace.as_str()).bind(approval.user.as_str())
                .bind(post.map(PostId::as_str)).bind(to_json(&approval.act)).bind(&approval.hash).bind(approval.created_at)
                .bind(approval.expires_at).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
    }

    /// A question put to this person, or about a post that they were named for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_approval(&self, approval: &ApprovalId, user: &UserId) -> StoreResult<Option<Approval>> {
        let row: Option<ApprovalRow> = write!(self, p => sqlx::query_as(self.text(&FIND_APPROVAL)).bind(approval.as_str()).bind(user.as_str()).fetch_optional(p).await?);
        row.map(ApprovalRow::read).transpose()
    }

    /// The question about a post that waits for an answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_waiting_approval(&self, post: &PostId, now: i64) -> StoreResult<Option<ApprovalId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_WAITING_OF_POST)).bind(post.as_str()).bind(now).fetch_optional(p).await?);
        row.map(|(approval,)| id("approval", &approval)).transpose()
    }

    /// Questions that wait for this person, newest first, at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_waiting_approvals(&self, user: &UserId, now: i64) -> StoreResult<Vec<Approval>> {
        let rows: Vec<ApprovalRow> = read!(self, p => sqlx::query_as(self.text(&LIST_WAITING)).bind(user.as_str()).bind(now).fetch_all(p).await?);
        rows.into_iter().map(ApprovalRow::read).collect()
    }

    /// Writes a decision that sets nothing going by itself (a no, or a yes whose act follows). One caller wins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_approval(
        &self,
        approval: &Approval,
        decision: Decision,
        via: &str,
        now: i64,
    ) -> StoreResult<Decided> {
        let done = write!(self, p => sqlx::query(self.text(&DECIDE)).bind(approval.id.as_str()).bind(&approval.hash).bind(now)
            .bind(decision.word()).bind(via).execute(p).await?.rows_affected());
        Ok(if done == 1 { Decided::Yes } else { Decided::TooLate })
    }

    /// Writes a yes to disconnecting, and what is to be done for it, in one transaction: whoever dies now leaves that behind. It is due for others after
    /// `later`, so that whoever wrote it does it first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_approval_disconnecting(
        &self,
        approval: &Approval,
        account: &AccountId,
        via: &str,
        (now, later): (i64, i64),
    ) -> StoreResult<Decided> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let done = sqlx::query(self.text(&DECIDE)).bind(approval.id.as_str()).bind(&approval.hash).bind(now)
                .bind(Decision::Approved.word()).bind(via).execute(&mut *tx).await?.rows_affected();
            if done != 1 {
                return Ok(Decided::TooLate);
            }
            sqlx::query(self.text(&ASK)).bind(account.as_str()).bind(approval.workspace.as_str()).bind(approval.user.as_str())
                .bind(now).bind(later).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(Decided::Yes)
    }

    /// Opens a question again whose yes could not be carried out to its end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_approval_reopened(&self, approval: &ApprovalId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&REOPEN)).bind(approval.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Writes a yes to publishing: the decision, the deliveries, and the end of those they replace, all or nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_approval_published(
        &self,
        approval: &Approval,
        via: &str,
        now: i64,
        workspace: &WorkspaceId,
        publish: &ApprovedPublish<'_>,
    ) -> StoreResult<Decided> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let done = sqlx::query(self.text(&DECIDE)).bind(approval.id.as_str()).bind(&approval.hash).bind(now)
                .bind(Decision::Approved.word()).bind(via).execute(&mut *tx).await?.rows_affected();
            if done != 1 {
                return Ok(Decided::TooLate);
            }
            if !write_published!(self, tx, approval.id, workspace, now, publish) {
                return Ok(Decided::Changed);
            }
            tx.commit().await?;
        });
        Ok(Decided::Yes)
    }
}
