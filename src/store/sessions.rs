//! Browser sessions and single-use sign-in links, kept by the hash of their secret.

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::{SessionId, SignInLinkId, UserId};
use crate::store::Statement;

statements! {
    INSERT_LINK = Statement::same("INSERT INTO sign_in_link(id, user_id, secret_hash, created_at, expires_at) VALUES($1,$2,$3,$4,$5)");
    FIND_LINK = Statement::same("SELECT user_id FROM sign_in_link WHERE secret_hash=$1 AND used_at IS NULL AND expires_at > $2");
    SPEND_LINK = Statement::same("UPDATE sign_in_link SET used_at=$2 WHERE secret_hash=$1 AND used_at IS NULL AND expires_at > $2 RETURNING user_id");
    INSERT_SESSION = Statement::same("INSERT INTO session(id, user_id, secret_hash, user_agent, created_at, last_used_at, expires_at) \
        VALUES($1,$2,$3,$4,$5,$5,$6)");
    FIND_SESSION = Statement::same("SELECT id, user_id, secret_hash, user_agent, created_at, last_used_at FROM session \
        WHERE secret_hash=$1 AND expires_at > $2 AND last_used_at > $3");
    TOUCH_SESSION = Statement::same("UPDATE session SET last_used_at=$2 WHERE id=$1");
    LIST_SESSIONS = Statement::same("SELECT id, user_id, secret_hash, user_agent, created_at, last_used_at FROM session \
        WHERE user_id=$1 AND expires_at > $2 ORDER BY last_used_at DESC LIMIT 100");
    DELETE_SESSION = Statement::same("DELETE FROM session WHERE id=$1 AND user_id=$2");
    DELETE_EXPIRED = Statement::same("DELETE FROM session WHERE expires_at <= $1");
    DELETE_EXPIRED_LINKS = Statement::same("DELETE FROM sign_in_link WHERE expires_at <= $1");
}

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Our id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// What the browser called itself.
    pub user_agent: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_used_at: i64,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    user_id: String,
    user_agent: String,
    created_at: i64,
    last_used_at: i64,
}

impl SessionRow {
    fn read(self) -> StoreResult<Session> {
        Ok(Session {
            id: id("session", &self.id)?,
            user: id("session", &self.user_id)?,
            user_agent: self.user_agent,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        })
    }
}

impl Store {
    /// Stores a sign-in link.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_sign_in_link(
        &self,
        link: &SignInLinkId,
        user: &UserId,
        secret_hash: &str,
        now: i64,
        expires_at: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_LINK)).bind(link.as_str()).bind(user.as_str()).bind(secret_hash).bind(now)
            .bind(expires_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Whose link this is, if it can still be used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_sign_in_link(&self, secret_hash: &str, now: i64) -> StoreResult<Option<UserId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_LINK)).bind(secret_hash).bind(now).fetch_optional(p).await?);
        row.map(|(user,)| id("sign_in_link", &user)).transpose()
    }

    /// Spends a link. Of any number of callers at once exactly one gets the user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_sign_in_link(&self, secret_hash: &str, now: i64) -> StoreResult<Option<UserId>> {
        let row: Option<(String,)> = write!(self, p => sqlx::query_as(self.text(&SPEND_LINK)).bind(secret_hash).bind(now).fetch_optional(p).await?);
        row.map(|(user,)| id("sign_in_link", &user)).transpose()
    }

    /// Stores a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_session(&self, session: &Session, secret_hash: &str, expires_at: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_SESSION)).bind(session.id.as_str()).bind(session.user.as_str()).bind(secret_hash)
            .bind(&session.user_agent).bind(session.created_at).bind(expires_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// The session with this secret, unless it expired or was not used since `used_after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_session(&self, secret_hash: &str, now: i64, used_after: i64) -> StoreResult<Option<Session>> {
        let row: Option<SessionRow> = read!(self, p => sqlx::query_as(self.text(&FIND_SESSION)).bind(secret_hash).bind(now).bind(used_after).fetch_optional(p).await?);
        row.map(SessionRow::read).transpose()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_session_used(&self, session: &SessionId, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&TOUCH_SESSION)).bind(session.as_str()).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// A person's sessions, last used first, at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sessions(&self, user: &UserId, now: i64) -> StoreResult<Vec<Session>> {
        let rows: Vec<SessionRow> = read!(self, p => sqlx::query_as(self.text(&LIST_SESSIONS)).bind(user.as_str()).bind(now).fetch_all(p).await?);
        rows.into_iter().map(SessionRow::read).collect()
    }

    /// Ends one of a person's sessions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, session: &SessionId, user: &UserId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_SESSION)).bind(session.as_str()).bind(user.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Removes sessions and links that can no longer be used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_sessions(&self, now: i64) -> StoreResult<()> {
        write!(self, p => {
            sqlx::query(self.text(&DELETE_EXPIRED)).bind(now).execute(p).await?;
            sqlx::query(self.text(&DELETE_EXPIRED_LINKS)).bind(now).execute(p).await?;
        });
        Ok(())
    }
}
