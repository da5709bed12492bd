//! What is known of media; their bytes lie elsewhere.

use super::{Store, StoreResult, id, json, read, statements, to_json, write};
use crate::domain::ids::{MediaId, UploadId, UserId, WorkspaceId};
use crate::domain::post::{Inside, MediaFacts};
use crate::store::Statement;

/// How many files one upload link takes: a carousel's worth.
pub const UPLOAD_FILES_MAX: i64 = 10;

statements! {
    // Counted where it is inserted. On PostgreSQL several processes may pass the limit together, by a file each: no promise hangs on it.
    INSERT_MEDIA = Statement::same("INSERT INTO media(id, workspace_id, user_id, mime, bytes, sha256, width, height, duration_ms, alt, \
        created_at, upload_id, tainted_at, forgotten_at, inside) SELECT $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$14,$15,$16 \
        WHERE CAST($12 AS TEXT) IS NULL OR (SELECT COUNT(*) FROM media WHERE upload_id=$12) < $13");
    SETTLE_MEDIA = Statement::same("UPDATE media SET forgotten_at=NULL WHERE id=$1 AND forgotten_at > $2");
    // What did not come does not count among its link's files.
    ABANDON_MEDIA = Statement::same("UPDATE media SET upload_id=NULL WHERE id=$1 AND forgotten_at IS NOT NULL");
    FIND_MEDIA = Statement::same("SELECT id, mime, bytes, sha256, width, height, duration_ms, alt, inside FROM media WHERE id=$1 AND workspace_id=$2 AND forgotten_at IS NULL");
    // What a post shows that this person was named to decide about: they look before they say yes.
    FIND_NAMED_MEDIUM = Statement::same("SELECT m.id, m.mime, m.bytes, m.sha256, m.width, m.height, m.duration_ms, m.alt, m.inside FROM media m \
        WHERE m.id=$1 AND m.forgotten_at IS NULL AND EXISTS(SELECT 1 FROM post_approver n JOIN post p ON p.id=n.post_id \
        JOIN variant v ON v.post_id=p.id AND v.revision=p.revision \
        WHERE n.user_id=$2 AND p.workspace_id=m.workspace_id AND v.content LIKE '%' || $1 || '%')");
    FIND_LINKED = Statement::same("SELECT id, mime, bytes, sha256, width, height, duration_ms, alt, inside FROM media WHERE id=$1 AND forgotten_at IS NULL");
    IS_MEDIUM_TAINTED = Statement::same("SELECT COUNT(*) FROM media WHERE id=$1 AND workspace_id=$2 AND tainted_at IS NOT NULL");
    LIST_UPLOADED = Statement::same("SELECT id, mime, bytes, sha256, width, height, duration_ms, alt, inside FROM media WHERE upload_id=$1 AND forgotten_at IS NULL ORDER BY id");
    INSERT_UPLOAD = Statement::same("INSERT INTO upload_link(id, workspace_id, user_id, secret_hash, created_at, expires_at) VALUES($1,$2,$3,$4,$5,$6)");
    FIND_UPLOAD = Statement::same("SELECT id, workspace_id, user_id, expires_at FROM upload_link WHERE secret_hash=$1 AND expires_at > $2");
    FIND_UPLOAD_BY_ID = Statement::same("SELECT id, workspace_id, user_id, expires_at FROM upload_link WHERE id=$1 AND workspace_id=$2");
    LIST_MEDIA = Statement::same("SELECT id, mime, bytes, sha256, width, height, duration_ms, alt, inside FROM media WHERE id > $1 AND forgotten_at IS NULL ORDER BY id LIMIT 500");
    COUNT_USES = Statement::same("SELECT COUNT(DISTINCT v.post_id) FROM variant v WHERE v.workspace_id=$1 AND v.content LIKE '%' || $2 || '%'");
    LIST_LIBRARY = Statement::same("SELECT id, mime, bytes, sha256, width, height, duration_ms, alt, inside FROM media WHERE workspace_id=$1 AND id < $2 AND forgotten_at IS NULL \
        ORDER BY id DESC LIMIT $3");
    DELETE_UPLOADS = Statement::same("DELETE FROM upload_link WHERE expires_at <= $1");
}

/// How a medium came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Coming<'a> {
    /// Through this link.
    pub upload: Option<&'a UploadId>,
    /// Somebody else's words were in sight then.
    pub tainted_at: Option<i64>,
    /// Its bytes are still on their way: unless [`Store::settle_media`] says that they arrived, it is forgotten at this instant.
    pub forgotten_at: Option<i64>,
}

/// A link through which files may be brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadLink {
    /// Our id.
    pub id: UploadId,
    /// Whose files they become.
    pub workspace: WorkspaceId,
    /// Who asked for it.
    pub user: UserId,
    /// When it ends, Unix milliseconds.
    pub expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct UploadRow {
    id: String,
    workspace_id: String,
    user_id: String,
    expires_at: i64,
}

impl UploadRow {
    fn read(self) -> StoreResult<UploadLink> {
        Ok(UploadLink {
            id: id("upload_link", &self.id)?,
            workspace: id("upload_link", &self.workspace_id)?,
            user: id("upload_link", &self.user_id)?,
            expires_at: self.expires_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct MediaRow {
    id: String,
    mime: String,
    bytes: i64,
    sha256: String,
    width: i64,
    height: i64,
    duration_ms: i64,
    alt: Option<String>,
    inside: Option<String>,
}

impl MediaRow {
    fn read(self) -> StoreResult<MediaFacts> {
        Ok(MediaFacts {
            id: id("media", &self.id)?,
            mime: self.mime,
            bytes: self.bytes,
            sha256: self.sha256,
            width: self.width,
            height: self.height,
            duration_ms: self.duration_ms,
            alt: self.alt,
            // What came in before this was looked at tells nothing.
            inside: self.inside.map(|text| json("media", &text)).transpose()?.unwrap_or_default(),
        })
    }
}

impl Store {
    /// Stores what is known of a medium; false when its upload link is full.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_media(
        &self,
        facts: &MediaFacts,
        workspace: &WorkspaceId,
        user: &UserId,
        coming: Coming<'_>,
        now: i64,
    ) -> StoreResult<bool> {
        let inside = &facts.inside;
        let inside = Some(inside).filter(|inside| **inside != Inside::default()).map(to_json);
        let done = write!(self, p => sqlx::query(self.text(&INSERT_MEDIA)).bind(facts.id.as_str()).bind(workspace.as_str()).bind(user.as_str())
            .bind(&facts.mime).bind(facts.bytes).bind(&facts.sha256).bind(facts.width).bind(facts.height).bind(facts.duration_ms)
            .bind(&facts.alt).bind(now).bind(coming.upload.map(UploadId::as_str)).bind(UPLOAD_FILES_MAX).bind(coming.tainted_at).bind(coming.forgotten_at).bind(inside)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// A medium's bytes are there: from now on it is found. False when it was forgotten meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_media(&self, media: &MediaId, now: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&SETTLE_MEDIA)).bind(media.as_str()).bind(now).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// A medium's bytes did not come. Its row stays until they are surely gone: a store may have them all the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn abandon_media(&self, media: &MediaId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&ABANDON_MEDIA)).bind(media.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Media of everybody behind an id, in the order of their ids; at most 500.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_media(&self, after: Option<&MediaId>) -> StoreResult<Vec<MediaFacts>> {
        let after = after.map_or("", MediaId::as_str);
        let rows: Vec<MediaRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_MEDIA)).bind(after).fetch_all(p).await?);
        rows.into_iter().map(MediaRow::read).collect()
    }

    /// Media of a workspace, the newest first, behind an id; at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_library(
        &self,
        workspace: &WorkspaceId,
        before: Option<&MediaId>,
        limit: i64,
    ) -> StoreResult<Vec<MediaFacts>> {
        // Behind every id: they are letters and digits.
        let before = before.map_or("~", MediaId::as_str);
        let rows: Vec<MediaRow> = read!(self, p => sqlx::query_as(self.text(&LIST_LIBRARY)).bind(workspace.as_str()).bind(before).bind(limit).fetch_all(p).await?);
        rows.into_iter().map(MediaRow::read).collect()
    }

    /// How many drafts and posts use a medium, in any of their revisions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_uses(&self, media: &MediaId, workspace: &WorkspaceId) -> StoreResult<i64> {
        Ok(
            read!(self, p => sqlx::query_scalar(self.text(&COUNT_USES)).bind(workspace.as_str()).bind(media.as_str()).fetch_one(p).await?),
        )
    }

    /// A medium of this workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_media(&self, media: &MediaId, workspace: &WorkspaceId) -> StoreResult<Option<MediaFacts>> {
        let row: Option<MediaRow> = read!(self, p => sqlx::query_as(self.text(&FIND_MEDIA)).bind(media.as_str()).bind(workspace.as_str()).fetch_optional(p).await?);
        row.map(MediaRow::read).transpose()
    }

    /// A medium in a post that somebody else named this person for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_named_media(&self, media: &MediaId, user: &UserId) -> StoreResult<Option<MediaFacts>> {
        let row: Option<MediaRow> = read!(self, p => sqlx::query_as(self.text(&FIND_NAMED_MEDIUM)).bind(media.as_str()).bind(user.as_str()).fetch_optional(p).await?);
        row.map(MediaRow::read).transpose()
    }

    /// A medium of whatever workspace: for whoever holds a signed address of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_linked_media(&self, media: &MediaId) -> StoreResult<Option<MediaFacts>> {
        let row: Option<MediaRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_LINKED)).bind(media.as_str()).fetch_optional(p).await?);
        row.map(MediaRow::read).transpose()
    }

    /// Whether a medium of this workspace came from somebody else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_medium_tainted(&self, media: &MediaId, workspace: &WorkspaceId) -> StoreResult<bool> {
        let count: i64 = write!(self, p => sqlx::query_scalar(self.text(&IS_MEDIUM_TAINTED)).bind(media.as_str()).bind(workspace.as_str()).fetch_one(p).await?);
        Ok(count > 0)
    }

    /// What came through an upload link, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_uploaded(&self, upload: &UploadId) -> StoreResult<Vec<MediaFacts>> {
        let rows: Vec<MediaRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_UPLOADED)).bind(upload.as_str()).fetch_all(p).await?);
        rows.into_iter().map(MediaRow::read).collect()
    }

    /// Stores an upload link by the hash of its secret.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_upload_link(&self, link: &UploadLink, secret_hash: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_UPLOAD)).bind(link.id.as_str()).bind(link.workspace.as_str()).bind(link.user.as_str())
            .bind(secret_hash).bind(now).bind(link.expires_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// The link with this secret, unless it has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_upload_link(&self, secret_hash: &str, now: i64) -> StoreResult<Option<UploadLink>> {
        let row: Option<UploadRow> = read!(self, p => sqlx::query_as(self.text(&FIND_UPLOAD)).bind(secret_hash).bind(now).fetch_optional(p).await?);
        row.map(UploadRow::read).transpose()
    }

    /// A link of this workspace, ended or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get_upload_link(&self, upload: &UploadId, workspace: &WorkspaceId) -> StoreResult<Option<UploadLink>> {
        let row: Option<UploadRow> = read!(self, p => sqlx::query_as(self.text(&FIND_UPLOAD_BY_ID)).bind(upload.as_str()).bind(workspace.as_str()).fetch_optional(p).await?);
        row.map(UploadRow::read).transpose()
    }

    /// Removes links that ended before this instant. What came through them stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_upload_links(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_UPLOADS)).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }
}
