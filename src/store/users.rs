//! People, their workspaces and settings.

use super::{Store, StoreResult, id, read, statements, word, write};
use crate::domain::caller::Grant;
use crate::domain::ids::{UserId, WorkspaceId};
use crate::domain::lang::Lang;
use crate::store::Statement;

statements! {
    INSERT_USER = Statement::same("INSERT INTO users(id, lang, zone, hold_ms, stdio_grant, chat_grant, created_at) VALUES($1,$2,$3,$4,$5,$6,$7)");
    INSERT_WORKSPACE = Statement::same("INSERT INTO workspace(id, created_at) VALUES($1,$2)");
    INSERT_MEMBERSHIP = Statement::same("INSERT INTO membership(workspace_id, user_id, role) VALUES($1,$2,'owner')");
    INSERT_IDENTITY = Statement::same("INSERT INTO identity(provider, subject, user_id, created_at) VALUES($1,$2,$3,$4)");
    FIND_USER = Statement::same("SELECT u.id, u.lang, u.zone, u.hold_ms, u.stdio_grant, u.chat_grant, m.workspace_id FROM users u \
        JOIN membership m ON m.user_id = u.id WHERE u.id = $1");
    FIND_BY_IDENTITY = Statement::same("SELECT u.id, u.lang, u.zone, u.hold_ms, u.stdio_grant, u.chat_grant, m.workspace_id FROM users u \
        JOIN membership m ON m.user_id = u.id JOIN identity i ON i.user_id = u.id WHERE i.provider = $1 AND i.subject = $2 AND i.ended_at IS NULL");
    LIST_USERS = Statement::same("SELECT u.id, u.lang, u.zone, u.hold_ms, u.stdio_grant, u.chat_grant, m.workspace_id FROM users u \
        JOIN membership m ON m.user_id = u.id ORDER BY u.id LIMIT $1");
    UPDATE_SETTINGS = Statement::same("UPDATE users SET lang=$2, zone=$3, hold_ms=$4, stdio_grant=$5, chat_grant=$6, \
        chosen_at=COALESCE(chosen_at, $7) WHERE id=$1");
    UPDATE_LANG_UNCHOSEN = Statement::same("UPDATE users SET lang=$2 WHERE id=$1 AND chosen_at IS NULL");
    FIND_CHOSEN_AT = Statement::same("SELECT chosen_at FROM users WHERE id=$1");
    PAUSE_WORKSPACE = Statement::same("UPDATE workspace SET paused_at = COALESCE(paused_at, $2) WHERE id = $1");
    PAUSE_EVERY_WORKSPACE = Statement::same("UPDATE workspace SET paused_at = $1 WHERE paused_at IS NULL");
    RESUME_WORKSPACE = Statement::same("UPDATE workspace SET paused_at = NULL WHERE id = $1");
    FIND_WORKSPACE_PAUSE = Statement::same("SELECT paused_at FROM workspace WHERE id = $1");
}

/// A person as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Our id.
    pub id: UserId,
    /// Their personal workspace.
    pub workspace: WorkspaceId,
    /// Language.
    pub lang: Lang,
    /// IANA zone.
    pub zone: String,
    /// Hold window before "publish now" sends.
    pub hold_ms: i64,
    /// How far `socrazi mcp` may go on its own.
    pub stdio_grant: Grant,
    /// How far a conversation may go on its own.
    pub chat_grant: Grant,
}

#[derive(sqlx::FromRow)]
pub(in crate::store) struct UserRow {
    id: String,
    lang: String,
    zone: String,
    hold_ms: i64,
    stdio_grant: String,
    chat_grant: String,
    workspace_id: String,
}

impl UserRow {
    pub(in crate::store) fn read(self) -> StoreResult<User> {
        Ok(User {
            id: id("users", &self.id)?,
            workspace: id("membership", &self.workspace_id)?,
            lang: word("users", &self.lang, Lang::find)?,
            zone: self.zone,
            hold_ms: self.hold_ms,
            stdio_grant: word("users", &self.stdio_grant, Grant::find)?,
            chat_grant: word("users", &self.chat_grant, Grant::find)?,
        })
    }
}

impl Store {
    /// Stores a person with their personal workspace and one identity.
    ///
    /// # Errors
    /// When the database fails, or the identity belongs to somebody already.
    pub async fn insert_user(&self, user: &User, provider: &str, subject: &str, now: i64) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&INSERT_USER)).bind(user.id.as_str()).bind(user.lang.tag()).bind(&user.zone).bind(user.hold_ms)
                .bind(user.stdio_grant.word()).bind(user.chat_grant.word()).bind(now).execute(&mut *tx).await?;
            sqlx::query(self.text(&INSERT_WORKSPACE)).bind(user.workspace.as_str()).bind(now).execute(&mut *tx).await?;
            sqlx::query(self.text(&INSERT_MEMBERSHIP)).bind(user.workspace.as_str()).bind(user.id.as_str()).execute(&mut *tx).await?;
            sqlx::query(self.text(&INSERT_IDENTITY)).bind(provider).bind(subject).bind(user.id.as_str()).bind(now).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
    }

    /// A person by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_user(&self, user: &UserId) -> StoreResult<Option<User>> {
        let row: Option<UserRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_USER)).bind(user.as_str()).fetch_optional(p).await?);
        row.map(UserRow::read).transpose()
    }

    /// A person by who they are elsewhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_user_by_identity(&self, provider: &str, subject: &str) -> StoreResult<Option<User>> {
        let row: Option<UserRow> = read!(self, p => sqlx::query_as(self.text(&FIND_BY_IDENTITY)).bind(provider).bind(subject).fetch_optional(p).await?);
        row.map(UserRow::read).transpose()
    }

    /// The first people, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_users(&self, limit: i64) -> StoreResult<Vec<User>> {
        let rows: Vec<UserRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_USERS)).bind(limit).fetch_all(p).await?);
        rows.into_iter().map(UserRow::read).collect()
    }

    /// When a person first chose their settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_chosen_at(&self, user: &UserId) -> StoreResult<Option<i64>> {
        let row: Option<(Option<i64>,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_CHOSEN_AT)).bind(user.as_str()).fetch_optional(p).await?);
        Ok(row.and_then(|(at,)| at))
    }

    /// Sets the language of somebody who has never chosen one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_lang_unchosen(&self, user: &UserId, lang: Lang) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_LANG_UNCHOSEN)).bind(user.as_str()).bind(lang.tag()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Writes a person's settings, which they have chosen from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_settings(&self, user: &User, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_SETTINGS)).bind(user.id.as_str()).bind(user.lang.tag()).bind(&user.zone)
            .bind(user.hold_ms).bind(user.stdio_grant.word()).bind(user.chat_grant.word()).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Marks a workspace as paused or running.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_workspace_pause(&self, workspace: &WorkspaceId, paused_at: Option<i64>) -> StoreResult<()> {
        write!(self, p => match paused_at {
            Some(at) => sqlx::query(self.text(&PAUSE_WORKSPACE)).bind(workspace.as_str()).bind(at).execute(p).await.map(drop)?,
            None => sqlx::query(self.text(&RESUME_WORKSPACE)).bind(workspace.as_str()).execute(p).await.map(drop)?,
        });
        Ok(())
    }

    /// Pauses every workspace that is not paused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pause_every_workspace(&self, paused_at: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PAUSE_EVERY_WORKSPACE)).bind(paused_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Since when a workspace is paused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_workspace_pause(&self, workspace: &WorkspaceId) -> StoreResult<Option<i64>> {
        let row: Option<(Option<i64>,)> = read!(self, p => sqlx::query_as(self.text(&FIND_WORKSPACE_PAUSE)).bind(workspace.as_str()).fetch_optional(p).await?);
        Ok(row.and_then(|(at,)| at))
    }
}
