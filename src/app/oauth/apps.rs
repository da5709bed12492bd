//! What people see of the programs they let in, and how they take it back. Also what nobody needs any more.

use super::App;
use super::clients::UNUSED_MS;
use crate::domain::allowed::{Allowed, Area};
use crate::domain::caller::Caller;
use crate::domain::ids::OauthGrantId;
use crate::domain::tool::ToolError;
use crate::say;
pub use crate::store::oauth_grants::ConnectedApp;

/// Dead codes and tokens are kept so long, so that a second use of one is still recognised.
const DEAD_KEPT_MS: i64 = 24 * 3_600_000;

impl App {
    /// The programs that a person let in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connected_apps(&self, caller: &Caller) -> Result<Vec<ConnectedApp>, ToolError> {
        Ok(self.store.list_connected_apps(&caller.user, self.clock.now_ms()).await?)
    }

    /// Takes one back: all of its tokens are refused from their next call on.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn remove_app(&self, caller: &Caller, grant: &OauthGrantId) -> Result<(), ToolError> {
        if !self.store.update_oauth_grant_revoked_by(grant, &caller.user, self.clock.now_ms()).await? {
            return Err(say!("common-not-found-thing", thing = grant.as_str()).into());
        }
        self.take_back_mcp_sessions(&caller.user, grant.as_str()).await?;
        self.desk.audit(caller, "app.remove", grant.as_str()).await
    }

    /// Changes which tools a program sees at all; what is taken from it is refused from its next call on.
    ///
    /// # Errors
    /// Refused when there is no such program, or nothing would be left.
    pub async fn narrow_app(&self, caller: &Caller, grant: &OauthGrantId, allowed: Allowed) -> Result<(), ToolError> {
        if Area::ALL.into_iter().all(|area| !allowed.has(area)) {
            return Err(say!("oauth-no-area").into());
        }
        if !self.store.update_oauth_areas(grant, &caller.user, allowed).await? {
            return Err(say!("common-not-found-thing", thing = grant.as_str()).into());
        }
        self.desk.audit(caller, "app.areas", grant.as_str()).await
    }

    /// Removes what could not be used for a day, and questions that can no longer be answered in a client.
    pub(in crate::app) async fn sweep_oauth(&self, now: i64) -> Result<(), crate::store::StoreError> {
        self.store.delete_old_asked_here(now).await?;
        self.store.delete_old_oauth(now - DEAD_KEPT_MS).await?;
        self.store.delete_unused_oauth_clients(now - UNUSED_MS).await
    }
}
