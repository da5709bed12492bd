//! Posts and their variants. Variants are never changed: an edit writes new ones under the next revision.

use super::batches::close_items_of_post;
use super::deliveries::{By, apply_step};
use super::{Store, StoreResult, id, json, read, statements, write};
use crate::domain::delivery::{Delivery, Step};
use crate::domain::ids::{PostId, UserId, VariantId, WorkspaceId};
use crate::domain::post::{Post, Variant};
use crate::say;
use crate::store::Statement;

statements! {
    INSERT_POST = Statement::same("INSERT INTO post(id, workspace_id, user_id, revision, created_at, edited_at, tainted_at) VALUES($1,$2,$3,$4,$5,$5,$6)");
    INSERT_VARIANT = Statement::same("INSERT INTO variant(id, workspace_id, post_id, revision, account_id, content) VALUES($1,$2,$3,$4,$5,$6)");
    NEXT_REVISION = Statement::same("UPDATE post SET revision=revision+1, edited_at=$4, tainted_at=COALESCE(tainted_at, $5) WHERE id=$1 AND workspace_id=$2 AND revision=$3 AND withdrawn_at IS NULL");
    SUPERSEDE = Statement::same("UPDATE approval SET decision='superseded', decided_at=$2 WHERE post_id=$1 AND decision='pending'");
    FIND_POST = Statement::same("SELECT id, workspace_id, revision, created_at, edited_at, withdrawn_at, paused_at, tainted_at FROM post WHERE id=$1 AND workspace_id=$2");
    LIST_VARIANTS = Statement::same("SELECT id, account_id, content FROM variant WHERE post_id=$1 AND revision=$2 ORDER BY id LIMIT 100");
    FIND_VARIANT = Statement::same("SELECT id, account_id, content FROM variant WHERE id=$1 AND workspace_id=$2");
    WITHDRAW = Statement::same("UPDATE post SET withdrawn_at=$3, edited_at=$3 WHERE id=$1 AND workspace_id=$2 AND withdrawn_at IS NULL");
    RESTORE = Statement::same("UPDATE post SET withdrawn_at=NULL, edited_at=$3 WHERE id=$1 AND workspace_id=$2 AND withdrawn_at > $4");
    IS_TAINTED = Statement::same("SELECT COUNT(*) FROM post WHERE id=$1 AND workspace_id=$2 AND tainted_at IS NOT NULL");
    FIND_PAUSE = Statement::same("SELECT paused_at FROM post WHERE id=$1");
    UPDATE_PAUSE = Statement::same("UPDATE post SET paused_at=$3 WHERE id=$1 AND workspace_id=$2");
}

#[derive(sqlx::FromRow)]
pub(in crate::store) struct PostRow {
    id: String,
    workspace_id: String,
    revision: i64,
    created_at: i64,
    edited_at: i64,
    withdrawn_at: Option<i64>,
    paused_at: Option<i64>,
    tainted_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct VariantRow {
    id: String,
    account_id: String,
    content: String,
}

impl VariantRow {
    fn read(self) -> StoreResult<Variant> {
        Ok(Variant {
            id: id("variant", &self.id)?,
            account: id("variant", &self.account_id)?,
            content: json("variant", &self.content)?,
        })
    }
}

impl PostRow {
    pub(in crate::store) fn read(self, variants: Vec<Variant>) -> StoreResult<Post> {
        Ok(Post {
            id: id("post", &self.id)?,
            workspace: id("post", &self.workspace_id)?,
            revision: self.revision,
            variants,
            created_at: self.created_at,
            edited_at: self.edited_at,
            withdrawn_at: self.withdrawn_at,
            paused_at: self.paused_at,
            tainted_at: self.tainted_at,
        })
    }
}

macro_rules! insert_variants {
    ($store:expr, $tx:expr, $post:expr, $revision:expr) => {
        for variant in &$post.variants {
            sqlx::query($store.text(&$crate::store::posts::INSERT_VARIANT))
                .bind(variant.id.as_str())
                .bind($post.workspace.as_str())
                .bind($post.id.as_str())
                .bind($revision)
                .bind(variant.account.as_str())
                .bind($crate::store::to_json(&variant.content))
                .execute(&mut *$tx)
                .await?;
        }
    };
}
pub(in crate::store) use insert_variants;

/// Writes a new post, inside a transaction.
macro_rules! insert_post {
    ($store:expr, $tx:expr, $post:expr, $user:expr) => {
        sqlx::query($store.text(&$crate::store::posts::INSERT_POST))
            .bind($post.id.as_str())
            .bind($post.workspace.as_str())
            .bind($user.as_str())
            .bind($post.revision)
            .bind($post.created_at)
            .bind($post.tainted_at)
            .execute(&mut *$tx)
            .await?;
        $crate::store::posts::insert_variants!($store, $tx, $post, $post.revision);
    };
}
pub(in crate::store) use insert_post;

impl Store {
    /// A post of a list with its variants.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fill_post(&self, post: Post) -> StoreResult<Post> {
        let rows: Vec<VariantRow> = read!(self, p => sqlx::query_as(self.text(&LIST_VARIANTS)).bind(post.id.as_str()).bind(post.revision)
            .fetch_all(p).await?);
        Ok(Post { variants: rows.into_iter().map(VariantRow::read).collect::<StoreResult<_>>()?, ..post })
    }

    /// Stores a new post at its revision.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_post(&self, post: &Post, user: &UserId) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            insert_post!(self, tx, post, user);
            tx.commit().await?;
        });
        Ok(())
    }

    /// Replaces a post's variants under the next revision, supersedes approvals that wait (its part of those about several), and writes the given steps of its
    /// deliveries. False, without a trace, when the revision is not the current one or a delivery moved meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_post(&self, post: &Post, steps: &[(Delivery, Step)], now: i64) -> StoreResult<bool> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let done = sqlx::query(self.text(&NEXT_REVISION)).bind(post.id.as_str()).bind(post.workspace.as_str()).bind(post.revision)
                .bind(now).bind(post.tainted_at).execute(&mut *tx).await?.rows_affected();
            if done != 1 {
                return Ok(false);
            }
            insert_variants!(self, tx, post, post.revision + 1);
            sqlx::query(self.text(&SUPERSEDE)).bind(post.id.as_str()).bind(now).execute(&mut *tx).await?;
            close_items_of_post!(self, &mut *tx, &post.id, &say!("batch-item-edited"));
            for (before, step) in steps {
                if apply_step!(self, &mut *tx, before, step, By::Outside.bump()) != 1 {
                    return Ok(false);
                }
            }
            tx.commit().await?;
        });
        Ok(true)
    }

    /// Takes a post out of the way: supersedes approvals that wait and writes the given steps. False, without a trace, when a
    /// delivery moved meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_post_withdrawn(&self, post: &Post, steps: &[(Delivery, Step)], now: i64) -> StoreResult<bool> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&WITHDRAW)).bind(post.id.as_str()).bind(post.workspace.as_str()).bind(now).execute(&mut *tx).await?;
            sqlx::query(self.text(&SUPERSEDE)).bind(post.id.as_str()).bind(now).execute(&mut *tx).await?;
            close_items_of_post!(self, &mut *tx, &post.id, &say!("batch-item-withdrawn"));
            for (before, step) in steps {
                if apply_step!(self, &mut *tx, before, step, By::Outside.bump()) != 1 {
                    return Ok(false);
                }
            }
            tx.commit().await?;
        });
        Ok(true)
    }

    /// Brings a withdrawn post back as a draft, if it was withdrawn after `withdrawn_after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_post_restored(
        &self,
        post: &PostId,
        workspace: &WorkspaceId,
        now: i64,
        withdrawn_after: i64,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&RESTORE)).bind(post.as_str()).bind(workspace.as_str()).bind(now)
            .bind(withdrawn_after).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Pauses a post or lets it go on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_post_pause(
        &self,
        post: &PostId,
        workspace: &WorkspaceId,
        paused_at: Option<i64>,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_PAUSE)).bind(post.as_str()).bind(workspace.as_str()).bind(paused_at).execute(p)
            .await.map(drop)?);
        Ok(())
    }

    /// Since when a post is paused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_post_pause(&self, post: &PostId) -> StoreResult<Option<i64>> {
        let row: Option<(Option<i64>,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_PAUSE)).bind(post.as_str()).fetch_optional(p).await?);
        Ok(row.and_then(|(at,)| at))
    }

    /// A post of this workspace with its current variants.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_post(&self, post: &PostId, workspace: &WorkspaceId) -> StoreResult<Option<Post>> {
        let row: Option<PostRow> = write!(self, p => sqlx::query_as(self.text(&FIND_POST)).bind(post.as_str()).bind(workspace.as_str()).fetch_optional(p).await?);
        let Some(row) = row else { return Ok(None) };
        let variants: Vec<VariantRow> = write!(self, p => sqlx::query_as(self.text(&LIST_VARIANTS)).bind(post.as_str()).bind(row.revision).fetch_all(p).await?);
        let variants = variants.into_iter().map(VariantRow::read).collect::<StoreResult<_>>()?;
        row.read(variants).map(Some)
    }

    /// Whether a post of this workspace holds what a turn wrote that could read somebody else's words.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_post_tainted(&self, post: &PostId, workspace: &WorkspaceId) -> StoreResult<bool> {
        let count: i64 = write!(self, p => sqlx::query_scalar(self.text(&IS_TAINTED)).bind(post.as_str()).bind(workspace.as_str()).fetch_one(p).await?);
        Ok(count > 0)
    }

    /// A variant of this workspace, of whatever revision.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_variant(&self, variant: &VariantId, workspace: &WorkspaceId) -> StoreResult<Option<Variant>> {
        let row: Option<VariantRow> = read!(self, p => sqlx::query_as(self.text(&FIND_VARIANT)).bind(variant.as_str()).bind(workspace.as_str()).fetch_optional(p).await?);
        row.map(VariantRow::read).transpose()
    }
}
