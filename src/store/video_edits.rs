//! Changes of films that are on a network already: kept with their question, due from the yes on until they are done or ended. What stood there and
//! would stand there is sealed, and emptied when it may be kept no longer.

use super::approvals::{DECIDE, Decided};
use super::disconnections::Lease;
use super::{Store, StoreResult, id, json, read, statements, to_json, write};
use crate::domain::approval::{Approval, Decision};
use crate::domain::ids::{AccountId, ApprovalId, UserId, WorkspaceId};
use crate::domain::refusal::Sentence;
use crate::domain::sealed::Sealed;
use crate::domain::video::Edited;
use crate::store::Statement;

/// §4.5 of platforms/google.md: what YouTube told may be kept so long.
const KEEP_MS: i64 = 30 * 24 * 3_600_000;

macro_rules! columns {
    () => {
        "approval_id, workspace_id, user_id, account_id, sealed, state, said, approved_at, tries"
    };
}

statements! {
    INSERT_EDIT = Statement::same("INSERT INTO video_edit(approval_id, workspace_id, user_id, account_id, sealed, state, created_at, tries) \
        VALUES($1,$2,$3,$4,$5,'asked',$6,0)");
    FIND_EDIT = Statement::same(concat!("SELECT ", columns!(), " FROM video_edit WHERE approval_id=$1"));
    APPROVE_EDIT = Statement::same("UPDATE video_edit SET state='later', approved_at=$2, next_at=$3 WHERE approval_id=$1 AND state='asked'");
    LIST_EDITS_DUE = Statement::same(concat!("SELECT ", columns!(), " FROM video_edit WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) \
        ORDER BY next_at, approval_id LIMIT 50"));
    CLAIM_EDIT = Statement::same("UPDATE video_edit SET owner=$2, lease_until=$4 WHERE approval_id=$1 AND state='later' \
        AND (lease_until IS NULL OR lease_until <= $3)");
    END_EDIT = Statement::same("UPDATE video_edit SET state=$3, said=$4, next_at=$5, tries=tries+1, owner=NULL, lease_until=NULL \
        WHERE approval_id=$1 AND owner=$2 AND state='later'");
    EMPTY_EDITS = Statement::same("UPDATE video_edit SET sealed=NULL WHERE created_at <= $1 AND sealed IS NOT NULL AND next_at IS NULL");
    END_EDITS_OF_ACCOUNT = Statement::same("UPDATE video_edit SET sealed=NULL, next_at=NULL, owner=NULL, lease_until=NULL, \
        said=CASE WHEN state IN ('asked', 'later') THEN $2 ELSE said END, state=CASE WHEN state IN ('asked', 'later') THEN 'ended' ELSE state END \
        WHERE account_id=$1");
    LEAVE_EDITS = Statement::same("UPDATE video_edit SET owner=NULL, lease_until=NULL, next_at=0 WHERE next_at IS NOT NULL AND lease_until IS NOT NULL");
}

/// A change as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoEdit {
    /// Its question.
    pub approval: ApprovalId,
    /// Whose workspace.
    pub workspace: WorkspaceId,
    /// Who is asked.
    pub user: UserId,
    /// Whose film it is.
    pub account: AccountId,
    /// What stood there and would stand there; `None` when it may be kept no longer.
    pub sealed: Option<Sealed>,
    /// How it stands; `None` before it is approved.
    pub edited: Option<Edited>,
    /// When it was approved, Unix milliseconds.
    pub approved_at: Option<i64>,
    /// How often it was tried.
    pub tries: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    approval_id: String,
    workspace_id: String,
    user_id: String,
    account_id: String,
    sealed: Option<Vec<u8>>,
    state: String,
    said: Option<String>,
    approved_at: Option<i64>,
    tries: i64,
}

impl Row {
    fn read(self) -> StoreResult<VideoEdit> {
        let said = self.said.as_deref().map(|said| json::<Sentence>("video_edit", said)).transpose()?;
        let said = said.unwrap_or_else(|| crate::say!("video-edit-under-way"));
        Ok(VideoEdit {
            approval: id("video_edit", &self.approval_id)?,
            workspace: id("video_edit", &self.workspace_id)?,
            user: id("video_edit", &self.user_id)?,
            account: id("video_edit", &self.account_id)?,
            sealed: self.sealed.map(Sealed::from_bytes),
            edited: match self.state.as_str() {
                "asked" => None,
                "done" => Some(Edited::Done),
                "later" => Some(Edited::Later(said)),
                _ => Some(Edited::Ended(said)),
            },
            approved_at: self.approved_at,
            tries: self.tries,
        })
    }
}

impl Store {
    /// Keeps a change for the question that follows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_video_edit(
        &self,
        approval: &Approval,
        account: &AccountId,
        sealed: &Sealed,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_EDIT)).bind(approval.id.as_str()).bind(approval.workspace.as_str()).bind(approval.user.as_str())
            .bind(account.as_str()).bind(sealed.as_bytes()).bind(approval.created_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// The change that a question is about.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_video_edit(&self, approval: &ApprovalId) -> StoreResult<Option<VideoEdit>> {
        let row: Option<Row> =
            write!(self, p => sqlx::query_as(self.text(&FIND_EDIT)).bind(approval.as_str()).fetch_optional(p).await?);
        row.map(Row::read).transpose()
    }

    /// Writes a yes to a change, and that it is to be made, in one transaction: whoever dies now leaves that behind. It is due for others after `later`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_approval_editing(
        &self,
        approval: &Approval,
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
            let kept = sqlx::query(self.text(&APPROVE_EDIT)).bind(approval.id.as_str()).bind(now).bind(later).execute(&mut *tx).await?.rows_affected();
            if kept != 1 {
                return Ok(Decided::Changed);
            }
            tx.commit().await?;
        });
        Ok(Decided::Yes)
    }

    /// Changes that are to be made and that nobody works on, at most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_video_edits_due(&self, now: i64) -> StoreResult<Vec<VideoEdit>> {
        let rows: Vec<Row> = read!(self, p => sqlx::query_as(self.text(&LIST_EDITS_DUE)).bind(now).fetch_all(p).await?);
        rows.into_iter().map(Row::read).collect()
    }

    /// Takes the right to make one. One wins; the lease lapses if it dies.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_video_edit(&self, approval: &ApprovalId, lease: Lease<'_>) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CLAIM_EDIT)).bind(approval.as_str()).bind(lease.owner).bind(lease.now).bind(lease.until)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Writes what came of it, by whoever works on it, and when it is tried again if it is. False when it is somebody else's by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_video_edit(
        &self,
        (approval, owner): (&ApprovalId, &str),
        edited: &Edited,
        next_at: Option<i64>,
    ) -> StoreResult<bool> {
        let (state, said) = match edited {
            Edited::Done => ("done", None),
            Edited::Later(why) => ("later", Some(to_json(why))),
            Edited::Ended(why) => ("ended", Some(to_json(why))),
        };
        let done = write!(self, p => sqlx::query(self.text(&END_EDIT)).bind(approval.as_str()).bind(owner).bind(state).bind(said).bind(next_at)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Empties what may be kept no longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_video_edits(&self, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&EMPTY_EDITS)).bind(now - KEEP_MS).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Where this process is alone, nobody works on any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_video_edits(&self) -> StoreResult<()> {
        if !self.is_shared() {
            write!(self, p => sqlx::query(self.text(&LEAVE_EDITS)).execute(p).await.map(drop)?);
        }
        Ok(())
    }
}
