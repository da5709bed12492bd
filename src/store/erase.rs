//! Posts that go for good, with everything that belongs to them: one transaction each. Their media are marked in it and go afterwards, file
//! first, so that a crash in between leaves a mark and not a file that nobody knows.

use super::late_calls::LOSE_LATE_OF_POST;
use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::{MediaId, PostId, WorkspaceId};
use crate::store::Statement;

statements! {
    LIST_POSTS_IN = Statement::same("SELECT id FROM post WHERE workspace_id=$1 AND edited_at >= $2 AND edited_at < $3 AND id > $4 ORDER BY id LIMIT 100");
    COUNT_POSTS_IN = Statement::same("SELECT COUNT(*) FROM post WHERE workspace_id=$1 AND edited_at >= $2 AND edited_at < $3");
    // Whoever has claimed one of them meanwhile finds another epoch; whoever claims now waits for this row.
    FENCE_DELIVERIES = Statement::same("UPDATE delivery SET epoch=epoch+1 WHERE post_id=$1 AND state NOT IN ('leased','armed','processing','unknown')");
    COUNT_GOING_OUT = Statement::same("SELECT COUNT(*) FROM delivery WHERE post_id=$1 AND state IN ('leased','armed','processing','unknown')");
    MARK_MEDIA_OF = Statement::same("UPDATE media SET forgotten_at=$3 WHERE workspace_id=$2 AND forgotten_at IS NULL \
        AND EXISTS (SELECT 1 FROM variant v WHERE v.post_id=$1 AND v.content LIKE '%' || media.id || '%') \
        AND NOT EXISTS (SELECT 1 FROM variant v WHERE v.workspace_id=$2 AND v.post_id <> $1 AND v.content LIKE '%' || media.id || '%')");
    MARK_MEDIUM = Statement::same("UPDATE media SET forgotten_at=$3 WHERE id=$1 AND workspace_id=$2 AND forgotten_at IS NULL \
        AND NOT EXISTS (SELECT 1 FROM variant v WHERE v.workspace_id=$2 AND v.content LIKE '%' || media.id || '%')");
    // The same bytes under another id, with another text for those who cannot see them.
    MARK_COPIES = Statement::same("UPDATE media SET forgotten_at=$2 WHERE workspace_id=$1 AND forgotten_at IS NULL \
        AND sha256 IN (SELECT m.sha256 FROM media m WHERE m.workspace_id=$1 AND m.forgotten_at <= $2) \
        AND NOT EXISTS (SELECT 1 FROM variant v WHERE v.workspace_id=$1 AND v.content LIKE '%' || media.id || '%')");
    MARK_UNUSED = Statement::same("UPDATE media SET forgotten_at=$4 WHERE workspace_id=$1 AND forgotten_at IS NULL AND created_at >= $2 AND created_at < $3 \
        AND NOT EXISTS (SELECT 1 FROM variant v WHERE v.workspace_id=$1 AND v.content LIKE '%' || media.id || '%')");
    ERASE_FIGURES = Statement::same("DELETE FROM post_figures WHERE attempt_id IN (SELECT x.id FROM attempt x JOIN delivery d ON d.id=x.delivery_id WHERE d.post_id=$1)");
    ERASE_ATTEMPT = Statement::same("DELETE FROM attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE post_id=$1)");
    ERASE_DELIVERY = Statement::same("DELETE FROM delivery WHERE post_id=$1");
    // The rest of a plan stays: what is asked about it names this post by its id alone.
    ERASE_APPROVAL_ITEM = Statement::same("DELETE FROM approval_item WHERE post_id=$1");
    ERASE_APPROVAL = Statement::same("DELETE FROM approval WHERE post_id=$1");
    ERASE_VARIANT = Statement::same("DELETE FROM variant WHERE post_id=$1");
    ERASE_TOLD = Statement::same("DELETE FROM notice_told WHERE notice_id IN (SELECT id FROM notice WHERE post_id=$1)");
    ERASE_NOTICE = Statement::same("DELETE FROM notice WHERE post_id=$1");
    ERASE_ORIGIN = Statement::same("DELETE FROM post_origin WHERE post_id=$1");
    ERASE_APPROVER = Statement::same("DELETE FROM post_approver WHERE post_id=$1");
    // Messages elsewhere that show it are removed there: its cards, and where it was shown to a channel.
    LEAVE_CARD = Statement::same("INSERT INTO sent_message(place, team, thread, ts, user_id, about, sent_at) SELECT place, team, thread, ts, user_id, 'gone', shown_at \
        FROM post_card WHERE post_id=$1 ON CONFLICT (place, team, thread, ts) DO UPDATE SET about='gone'");
    LEAVE_SHARED = Statement::same("UPDATE sent_message SET about='gone' WHERE about=$1");
    ERASE_CARD = Statement::same("DELETE FROM post_card WHERE post_id=$1");
    // Answers that are kept for calls told twice hold texts of posts.
    ERASE_KEPT = Statement::same("DELETE FROM idempotency WHERE answer LIKE '%' || $1 || '%'");
    // And what a client was asked about it, with what its call answered.
    ERASE_ASKED = Statement::same("DELETE FROM asked_here WHERE answer LIKE '%' || $1 || '%'");
    ERASE_POST = Statement::same("DELETE FROM post WHERE id=$1");
    // Those ahead are still arriving.
    LIST_FORGOTTEN = Statement::same("SELECT id FROM media WHERE forgotten_at <= $1 ORDER BY id LIMIT 500");
    ERASE_FORGOTTEN = Statement::same("DELETE FROM media WHERE id=$1 AND forgotten_at IS NOT NULL");
}

/// What names another row goes before that row.
const STEPS: [Statement; 17] = [
    ERASE_FIGURES,
    ERASE_ATTEMPT,
    ERASE_DELIVERY,
    ERASE_APPROVAL_ITEM,
    ERASE_APPROVAL,
    ERASE_VARIANT,
    ERASE_TOLD,
    ERASE_NOTICE,
    ERASE_ORIGIN,
    ERASE_APPROVER,
    LEAVE_CARD,
    LEAVE_SHARED,
    ERASE_CARD,
    ERASE_KEPT,
    ERASE_ASKED,
    LOSE_LATE_OF_POST,
    ERASE_POST,
];

impl Store {
    /// Posts of a workspace that were last changed in a span, behind an id, in the order of their ids; at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_posts_in(
        &self,
        workspace: &WorkspaceId,
        (from, until): (i64, i64),
        after: Option<&PostId>,
    ) -> StoreResult<Vec<PostId>> {
        let after = after.map_or("", PostId::as_str);
        let rows: Vec<String> = read!(self, p => sqlx::query_scalar(self.text(&LIST_POSTS_IN)).bind(workspace.as_str()).bind(from).bind(until)
            .bind(after).fetch_all(p).await?);
        rows.iter().map(|row| id("post", row)).collect()
    }

    /// How many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_posts_in(&self, workspace: &WorkspaceId, (from, until): (i64, i64)) -> StoreResult<i64> {
        Ok(
            read!(self, p => sqlx::query_scalar(self.text(&COUNT_POSTS_IN)).bind(workspace.as_str()).bind(from).bind(until).fetch_one(p).await?),
        )
    }

    /// Whether something of a post is going out, or its outcome is still being looked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_going_out(&self, post: &PostId) -> StoreResult<bool> {
        let count: i64 =
            read!(self, p => sqlx::query_scalar(self.text(&COUNT_GOING_OUT)).bind(post.as_str()).fetch_one(p).await?);
        Ok(count > 0)
    }

    /// Deletes a post with every row that belongs to it, and marks the media that nothing else uses. False, without a trace, while something
    /// of it is going out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase_post(&self, post: &PostId, workspace: &WorkspaceId, now: i64) -> StoreResult<bool> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&FENCE_DELIVERIES)).bind(post.as_str()).execute(&mut *tx).await?;
            let going: i64 = sqlx::query_scalar(self.text(&COUNT_GOING_OUT)).bind(post.as_str()).fetch_one(&mut *tx).await?;
            if going > 0 {
                return Ok(false);
            }
            sqlx::query(self.text(&MARK_MEDIA_OF)).bind(post.as_str()).bind(workspace.as_str()).bind(now).execute(&mut *tx).await?;
            for step in &STEPS {
                sqlx::query(self.text(step)).bind(post.as_str()).execute(&mut *tx).await?;
            }
            sqlx::query(self.text(&MARK_COPIES)).bind(workspace.as_str()).bind(now).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(true)
    }

    /// Marks media of a span that no post uses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mark_unused_media(
        &self,
        workspace: &WorkspaceId,
        (from, until): (i64, i64),
        now: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&MARK_UNUSED)).bind(workspace.as_str()).bind(from).bind(until).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Marks a medium that no post uses; false when there is none, or one does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mark_medium(&self, media: &MediaId, workspace: &WorkspaceId, now: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&MARK_MEDIUM)).bind(media.as_str()).bind(workspace.as_str()).bind(now)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Marked media, whose files go before their rows, with those that should have arrived by now; at most 500.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_forgotten_media(&self, now: i64) -> StoreResult<Vec<MediaId>> {
        let rows: Vec<String> =
            write!(self, p => sqlx::query_scalar(self.text(&LIST_FORGOTTEN)).bind(now).fetch_all(p).await?);
        rows.iter().map(|row| id("media", row)).collect()
    }

    /// Deletes the row of a marked medium.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase_media(&self, media: &MediaId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&ERASE_FORGOTTEN)).bind(media.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }
}
