//! What is known of media; their bytes lie elsewhere.

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::{MediaId, UserId, WorkspaceId};
use crate::domain::post::MediaFacts;
use crate::store::Statement;

statements! {
    INSERT_MEDIA = Statement::same("INSERT INTO media(id, workspace_id, user_id, mime, bytes, sha256, width, height, alt, created_at) \
        VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)");
    FIND_MEDIA = Statement::same("SELECT id, mime, bytes, sha256, width, height, alt FROM media WHERE id=$1 AND workspace_id=$2");
}

#[derive(sqlx::FromRow)]
struct MediaRow {
    id: String,
    mime: String,
    bytes: i64,
    sha256: String,
    width: i64,
    height: i64,
    alt: Option<String>,
}

impl Store {
    /// Stores what is known of a medium.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_media(
        &self,
        facts: &MediaFacts,
        workspace: &WorkspaceId,
        user: &UserId,
        now: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_MEDIA)).bind(facts.id.as_str()).bind(workspace.as_str()).bind(user.as_str())
            .bind(&facts.mime).bind(facts.bytes).bind(&facts.sha256).bind(facts.width).bind(facts.height).bind(&facts.alt).bind(now)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// A medium of this workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_media(&self, media: &MediaId, workspace: &WorkspaceId) -> StoreResult<Option<MediaFacts>> {
        let row: Option<MediaRow> = read!(self, p => sqlx::query_as(self.text(&FIND_MEDIA)).bind(media.as_str()).bind(workspace.as_str()).fetch_optional(p).await?);
        row.map(|row| {
            Ok(MediaFacts {
                id: id("media", &row.id)?,
                mime: row.mime,
                bytes: row.bytes,
                sha256: row.sha256,
                width: row.width,
                height: row.height,
                alt: row.alt,
            })
        })
        .transpose()
    }
}
