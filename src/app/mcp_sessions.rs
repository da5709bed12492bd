//! Sessions of MCP's older era (until 2025-11-25): kept in the store, so that neither a restart nor a second process breaks a client, and
//! each of one person and one program (MCP.md §2). What lives in memory of them is the front end's.

use super::App;
use super::authenticate::TOUCH_MS;
use super::oauth::Bearer;
use crate::domain::ids::UserId;
use crate::domain::tool::ToolError;
use crate::store::StoreError;
use crate::store::mcp_sessions::McpSession;
use crate::vault::token_hash;

/// One person's at once; past this their oldest are forgotten, and a client of such a one begins anew.
const SESSIONS_MAX: i64 = 10_000;
/// A client that did not come back for so long begins anew.
const SESSION_KEPT_MS: i64 = 30 * 24 * 3_600_000;

impl App {
    /// Keeps a session that a client has just opened, with what it said of itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_mcp_session(&self, bearer: &Bearer, id: &str, opened: String) -> Result<(), ToolError> {
        let session = McpSession {
            user: bearer.caller.user.clone(),
            client: bearer.client.clone(),
            grantee: bearer.caller.grantee(),
            opened,
            last_used_at: self.clock.now_ms(),
        };
        Ok(self.store.insert_mcp_session(&token_hash(id), &session, SESSIONS_MAX).await?)
    }

    /// What the client said when it opened this session. None when there is no such session, or it is another person's or program's: nobody
    /// hears the difference.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_mcp_session(&self, bearer: &Bearer, id: &str) -> Result<Option<String>, ToolError> {
        let (now, hash, grantee) = (self.clock.now_ms(), token_hash(id), bearer.caller.grantee());
        let found = self.store.find_mcp_session(&hash).await?;
        let is_theirs = |found: &McpSession| found.user == bearer.caller.user && found.client == bearer.client;
        let is_kept = |found: &McpSession| now - found.last_used_at < SESSION_KEPT_MS;
        let Some(found) = found.filter(|found| is_theirs(found) && is_kept(found)) else { return Ok(None) };
        if now - found.last_used_at > TOUCH_MS || found.grantee != grantee {
            self.store.update_mcp_session_used(&hash, now, &grantee).await?;
        }
        Ok(Some(found.opened))
    }

    /// Keeps what a session waits for, so that it goes on hearing in the next process.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_mcp_awaited(&self, bearer: &Bearer, id: &str, awaited: Option<&str>) -> Result<(), ToolError> {
        let whose = (&bearer.caller.user, bearer.client.as_str());
        Ok(self.store.update_mcp_awaited(&token_hash(id), whose, awaited).await?)
    }

    /// What it waited for when it was kept last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_mcp_awaited(&self, bearer: &Bearer, id: &str) -> Result<Option<String>, ToolError> {
        let whose = (&bearer.caller.user, bearer.client.as_str());
        Ok(self.store.find_mcp_awaited(&token_hash(id), whose).await?)
    }

    /// Ends a session: its client said goodbye.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close_mcp_session(&self, id: &str) -> Result<(), ToolError> {
        Ok(self.store.delete_mcp_session(&token_hash(id)).await?)
    }

    /// Whether a session is still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_mcp_session(&self, id: &str) -> Result<bool, ToolError> {
        Ok(self.store.find_mcp_session(&token_hash(id)).await?.is_some())
    }

    /// Ends what a consent or token let in: also for whoever listens at this moment.
    pub(super) async fn take_back_mcp_sessions(&self, user: &UserId, grantee: &str) -> Result<(), StoreError> {
        self.store.delete_mcp_sessions_of(user, grantee).await?;
        self.taken_back.notify_waiters();
        Ok(())
    }

    /// Waits until sessions were taken back in this process.
    pub async fn mcp_sessions_taken_back(&self) {
        self.taken_back.notified().await;
    }

    pub(super) async fn sweep_mcp_sessions(&self, now: i64) -> Result<(), StoreError> {
        self.store.delete_old_mcp_sessions(now - SESSION_KEPT_MS).await
    }
}
