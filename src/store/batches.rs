//! Questions about several posts: their items, and the one transaction in which a yes becomes deliveries. Each post is written behind a
//! savepoint of its own, so that one that changed meanwhile goes without the others; a process that dies leaves all of it undone.

use sqlx::Connection;

use super::approvals::{ApprovedPublish, write_published};
use super::posts::insert_post;
use super::{Store, StoreResult, id, json, statements, to_json, word, write};
use crate::domain::approval::{Approval, Decision};
use crate::domain::batch::BatchOutcome;
use crate::domain::ids::{ApprovalId, PostId, WorkspaceId};
use crate::domain::post::Post;
use crate::say;
use crate::store::Statement;

statements! {
    INSERT_ITEM = Statement::same("INSERT INTO approval_item(approval_id, no, post_id) VALUES($1,$2,$3)");
    CLOSE_ITEMS_OF_POST = Statement::same("UPDATE approval_item SET outcome='refused', why=$2 WHERE post_id=$1 AND outcome IS NULL");
    // Once: whoever closes it first (an edit, a newer question) is right.
    CLOSE_ITEM = Statement::same("UPDATE approval_item SET outcome=$3, why=$4 WHERE approval_id=$1 AND no=$2 AND outcome IS NULL");
    LIST_ITEMS = Statement::same("SELECT no, post_id, outcome, why FROM approval_item WHERE approval_id=$1 ORDER BY no LIMIT 1000");
    SUPERSEDE = Statement::same("UPDATE approval SET decision='superseded', decided_at=$2 WHERE id=$1 AND decision='pending'");
    // A question of which nothing is left to answer.
    SUPERSEDE_EMPTY = Statement::same("UPDATE approval SET decision='superseded', decided_at=$2 WHERE user_id=$1 AND decision='pending' AND id <> $3 \
        AND EXISTS (SELECT 1 FROM approval_item i WHERE i.approval_id = approval.id) \
        AND NOT EXISTS (SELECT 1 FROM approval_item i WHERE i.approval_id = approval.id AND i.outcome IS NULL)");
}

/// Makes the open part that a post has in questions about several void, inside another transaction.
macro_rules! close_items_of_post {
    ($store:expr, $tx:expr, $post:expr, $why:expr) => {
        sqlx::query($store.text(&$crate::store::batches::CLOSE_ITEMS_OF_POST))
            .bind($post.as_str())
            .bind($crate::store::to_json($why))
            .execute($tx)
            .await?
    };
}
pub(in crate::store) use close_items_of_post;

/// Writes what became of one post, inside a transaction. False when that was written before.
macro_rules! close_item {
    ($store:expr, $tx:expr, $approval:expr, $no:expr, $outcome:expr) => {{
        let why = match &$outcome {
            BatchOutcome::Refused(why) => Some(to_json(why)),
            BatchOutcome::Scheduled | BatchOutcome::Left => None,
        };
        let no = i64::try_from($no).unwrap_or(i64::MAX);
        let query =
            sqlx::query($store.text(&CLOSE_ITEM)).bind($approval.id.as_str()).bind(no).bind($outcome.word()).bind(why);
        query.execute(&mut *$tx).await?.rows_affected() == 1
    }};
}

/// What a yes means for one post of a plan.
#[derive(Debug)]
pub enum BatchStep<'a> {
    /// Its deliveries are made, if it still stands as it stood.
    Publish(Box<ApprovedPublish<'a>>),
    /// It ends so, without deliveries.
    End(BatchOutcome),
}

/// How writing a yes to several posts went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecidedBatch {
    /// Written, with what became of each post by its number.
    Yes(Vec<(usize, BatchOutcome)>),
    /// Somebody answered first, it expired, or the hash is another.
    TooLate,
    /// Not one of the posts could go: nothing was written, and the question is still open.
    Nothing,
}

/// What is kept of one post of a question: its number, the post, and what became of it.
pub type BatchItem = (usize, PostId, Option<BatchOutcome>);

impl Store {
    /// Stores a question about several posts, numbered from 1, together with those of them that are new. Older questions about each of them
    /// are superseded, and so is the one that this takes the place of: false, without a trace, when that was answered meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_batch(
        &self,
        approval: &Approval,
        posts: &[&PostId],
        (new, replaces): (&[Post], Option<&ApprovalId>),
    ) -> StoreResult<bool> {
        // In one order, whoever asks: two questions about the same posts must not wait for each other.
        let mut sorted = posts.to_vec();
        sorted.sort_unstable();
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            if let Some(old) = replaces {
                let done = sqlx::query(self.text(&SUPERSEDE)).bind(old.as_str()).bind(approval.created_at).execute(&mut *tx).await?;
                if done.rows_affected() != 1 {
                    return Ok(false);
                }
            }
            for post in new {
                insert_post!(self, tx, post, approval.user);
            }
            for post in sorted {
                sqlx::query(self.text(&super::approvals::SUPERSEDE_OF_POST)).bind(post.as_str()).bind(approval.created_at)
                    .execute(&mut *tx).await?;
                close_items_of_post!(self, &mut *tx, post, &say!("batch-item-asked-anew"));
            }
            sqlx::query(self.text(&super::approvals::INSERT_APPROVAL)).bind(approval.id.as_str()).bind(approval.workspace.as_str())
                .bind(approval.user.as_str()).bind(None::<&str>).bind(to_json(&approval.act)).bind(&approval.hash)
                .bind(approval.created_at).bind(approval.expires_at).execute(&mut *tx).await?;
            for (no, post) in (1_i64..).zip(posts) {
                sqlx::query(self.text(&INSERT_ITEM)).bind(approval.id.as_str()).bind(no).bind(post.as_str()).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        // Afterwards: inside, it could wait for an answer to the old question that waits for what is written here.
        write!(self, p => sqlx::query(self.text(&SUPERSEDE_EMPTY)).bind(approval.user.as_str()).bind(approval.created_at)
            .bind(approval.id.as_str()).execute(p).await.map(drop)?);
        Ok(true)
    }

    /// The posts of a question about several, by their numbers; one that was erased is not among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_batch_items(&self, approval: &ApprovalId) -> StoreResult<Vec<BatchItem>> {
        type Row = (i64, String, Option<String>, Option<String>);
        let rows: Vec<Row> =
            write!(self, p => sqlx::query_as(self.text(&LIST_ITEMS)).bind(approval.as_str()).fetch_all(p).await?);
        let item = |(no, post, outcome, why): Row| {
            let why = why.map(|why| json("approval_item", &why)).transpose()?;
            let outcome = outcome.map(|outcome| word("approval_item", &outcome, |word| BatchOutcome::find(word, why)));
            Ok((usize::try_from(no).unwrap_or_default(), id("approval_item", &post)?, outcome.transpose()?))
        };
        rows.into_iter().map(item).collect()
    }

    /// Writes a yes to several posts: the decision, what becomes of each of them, their deliveries and the end of those they replace. One
    /// transaction: all of it or, when the process dies or the database fails, nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_approval_batch(
        &self,
        approval: &Approval,
        (via, now): (&str, i64),
        workspace: &WorkspaceId,
        mut steps: Vec<(usize, &PostId, BatchStep<'_>)>,
    ) -> StoreResult<DecidedBatch> {
        let mut outcomes = Vec::with_capacity(steps.len());
        steps.sort_by_key(|(_, post, _)| *post);
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let done = sqlx::query(self.text(&super::approvals::DECIDE)).bind(approval.id.as_str()).bind(&approval.hash).bind(now)
                .bind(Decision::Approved.word()).bind(via).execute(&mut *tx).await?.rows_affected();
            if done != 1 {
                return Ok(DecidedBatch::TooLate);
            }
            for (no, _, step) in steps {
                let is_publish = matches!(step, BatchStep::Publish(_));
                let mut one = tx.begin().await?;
                // The post before its item: in that order an edit takes them, too.
                let mut outcome = match step {
                    BatchStep::End(outcome) => outcome,
                    BatchStep::Publish(publish) => match write_published!(self, one, approval.id, workspace, now, publish) {
                        true => BatchOutcome::Scheduled,
                        false => BatchOutcome::Refused(say!("batch-item-changed")),
                    },
                };
                if let (BatchOutcome::Refused(_), true) = (&outcome, is_publish) {
                    one.rollback().await?;
                    one = tx.begin().await?;
                }
                if !close_item!(self, one, approval, no, outcome) {
                    // A newer question about this post, or an edit, came first; what it wrote there stays.
                    one.rollback().await?;
                    one = tx.begin().await?;
                    outcome = BatchOutcome::Refused(say!("batch-item-changed"));
                }
                one.commit().await?;
                outcomes.push((no, outcome));
            }
            if outcomes.iter().all(|(_, outcome)| *outcome != BatchOutcome::Scheduled) {
                return Ok(DecidedBatch::Nothing);
            }
            tx.commit().await?;
        });
        outcomes.sort_by_key(|(no, _)| *no);
        Ok(DecidedBatch::Yes(outcomes))
    }
}
