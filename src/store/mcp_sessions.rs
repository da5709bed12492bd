//! Sessions of MCP's older era by the hash of their id, so that a restart breaks no client. What lives in memory of them, and who may use
//! which, is decided elsewhere.

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::UserId;
use crate::store::Statement;

statements! {
    INSERT_MCP_SESSION = Statement::same("INSERT INTO mcp_session(id_hash, user_id, client_id, grantee, opened, created_at, last_used_at) \
        VALUES($1,$2,$3,$4,$5,$6,$6) ON CONFLICT (id_hash) DO NOTHING");
    // The oldest go: their clients are told to begin anew. Found on the index of one person's sessions.
    TRIM_MCP_SESSIONS = Statement::same("DELETE FROM mcp_session WHERE id_hash IN (SELECT id_hash FROM mcp_session WHERE user_id=$1 \
        ORDER BY created_at DESC, id_hash LIMIT 1000 OFFSET $2)");
    FIND_MCP_SESSION = Statement::same("SELECT user_id, client_id, grantee, opened, last_used_at FROM mcp_session WHERE id_hash=$1");
    TOUCH_MCP_SESSION = Statement::same("UPDATE mcp_session SET last_used_at=$2, grantee=$3 WHERE id_hash=$1");
    KEEP_AWAITED = Statement::same("UPDATE mcp_session SET awaited=$4 WHERE id_hash=$1 AND user_id=$2 AND client_id=$3");
    FIND_AWAITED = Statement::same("SELECT awaited FROM mcp_session WHERE id_hash=$1 AND user_id=$2 AND client_id=$3");
    DELETE_MCP_SESSION = Statement::same("DELETE FROM mcp_session WHERE id_hash=$1");
    DELETE_MCP_SESSIONS_OF = Statement::same("DELETE FROM mcp_session WHERE user_id=$1 AND grantee=$2");
    DELETE_OLD_MCP_SESSIONS = Statement::same("DELETE FROM mcp_session WHERE last_used_at <= $1");
}

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct McpSession {
    /// Whose.
    pub user: UserId,
    /// The program it belongs to, or the personal token.
    pub client: String,
    /// The consent or token that it was last used with.
    pub grantee: String,
    /// What the client said of itself, as JSON.
    pub opened: String,
    /// Unix milliseconds.
    pub last_used_at: i64,
}

#[derive(sqlx::FromRow)]
struct McpSessionRow {
    user_id: String,
    client_id: String,
    grantee: String,
    opened: String,
    last_used_at: i64,
}

impl Store {
    /// Stores a session; of one person's more than `keep` the oldest go.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_mcp_session(&self, id_hash: &str, session: &McpSession, keep: i64) -> StoreResult<()> {
        write!(self, p => {
            sqlx::query(self.text(&INSERT_MCP_SESSION)).bind(id_hash).bind(session.user.as_str()).bind(&session.client).bind(&session.grantee)
                .bind(&session.opened).bind(session.last_used_at).execute(p).await?;
            sqlx::query(self.text(&TRIM_MCP_SESSIONS)).bind(session.user.as_str()).bind(keep).execute(p).await?;
        });
        Ok(())
    }

    /// The session with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_mcp_session(&self, id_hash: &str) -> StoreResult<Option<McpSession>> {
        let row: Option<McpSessionRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_MCP_SESSION)).bind(id_hash).fetch_optional(p).await?);
        row.map(|row| {
            Ok(McpSession {
                user: id("mcp_session", &row.user_id)?,
                client: row.client_id,
                grantee: row.grantee,
                opened: row.opened,
                last_used_at: row.last_used_at,
            })
        })
        .transpose()
    }

    /// Notes that a session was used, and under which consent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_mcp_session_used(&self, id_hash: &str, now: i64, grantee: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&TOUCH_MCP_SESSION)).bind(id_hash).bind(now).bind(grantee).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Keeps what a session of this person and program waits for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_mcp_awaited(
        &self,
        id_hash: &str,
        (user, client): (&UserId, &str),
        awaited: Option<&str>,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&KEEP_AWAITED)).bind(id_hash).bind(user.as_str()).bind(client).bind(awaited)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// What it waits for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_mcp_awaited(
        &self,
        id_hash: &str,
        (user, client): (&UserId, &str),
    ) -> StoreResult<Option<String>> {
        let row: Option<Option<String>> = read!(self, p => sqlx::query_scalar(self.text(&FIND_AWAITED)).bind(id_hash).bind(user.as_str())
            .bind(client).fetch_optional(p).await?);
        Ok(row.flatten())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_mcp_session(&self, id_hash: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_MCP_SESSION)).bind(id_hash).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Ends the sessions of one consent or token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_mcp_sessions_of(&self, user: &UserId, grantee: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_MCP_SESSIONS_OF)).bind(user.as_str()).bind(grantee).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Ends the sessions that nobody has used since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_mcp_sessions(&self, used_until: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_OLD_MCP_SESSIONS)).bind(used_until).execute(p).await.map(drop)?);
        Ok(())
    }
}
