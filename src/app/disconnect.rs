//! Disconnecting, and going on with what a process that died, or a network that was away, left of it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::App;
use super::authenticate::caller;
use crate::domain::account::Revoked;
use crate::domain::caller::{Caller, Grant, Via};
use crate::domain::google::GOOGLE;
use crate::domain::ids::AccountId;
use crate::domain::network::Network;
use crate::domain::tool::ToolError;
use crate::store::disconnections::{Disconnection, Lease};
pub use crate::upkeep::disconnect::Disconnected;
use crate::upkeep::disconnect::LEASE_MS;

/// How often it is looked for disconnections that wait: the first wait of one is a minute.
const LOOK: Duration = Duration::from_secs(30);
/// What could not even be begun is tried again after so long.
const PUT_OFF_MS: i64 = 15 * 60_000;

impl App {
    /// Disconnects: destroys the tokens, cancels what is scheduled there, revokes at the network. The person is told what it came to.
    ///
    /// # Errors
    /// Refused when there is no such account.
    pub async fn disconnect(&self, caller: &Caller, account: &AccountId) -> Result<Disconnected, ToolError> {
        if let Some(revoked) = self.disconnect_google(caller, account).await? {
            return Ok(Disconnected { revoked, withdrawn: 0 });
        }
        let stored = self.desk.get_account(caller, account).await?;
        let platform = self.desk.networks.get(&stored.account.network).map(AsRef::as_ref);
        let done = self.connector.disconnect(&stored.account, platform).await?;
        self.desk.audit(caller, "account.disconnect", account.as_str()).await?;
        Ok(done)
    }

    /// Goes on with disconnections that were begun, and with approved changes of films, until told to stop.
    pub async fn disconnect_until(&self, stop: CancellationToken) {
        if let Err(error) = self.store.release_disconnections().await {
            tracing::error!(error = %error, "disconnections of a process that is gone wait until their leases lapse");
        }
        if let Err(error) = self.store.release_video_edits().await {
            tracing::error!(error = %error, "changes of films of a process that is gone wait until their leases lapse");
        }
        while !stop.is_cancelled() {
            if let Err(error) = self.go_on_editing().await {
                tracing::error!(error = %error, "approved changes of films could not be gone on with; it is tried again");
            }
            if let Err(error) = self.go_on_disconnecting().await {
                tracing::error!(error = %error, "disconnections could not be gone on with; it is tried again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Goes on with every disconnection that is due and that nobody works on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn go_on_disconnecting(&self) -> Result<(), ToolError> {
        let now = self.store.now_ms().await?;
        for due in self.store.list_disconnections_due(now).await? {
            let lease = Lease { owner: &self.owner, now, until: now + LEASE_MS };
            if !self.store.claim_disconnection(&due.account, lease).await? {
                continue;
            }
            // Read under the lease: it may have been connected again, or ended, since it was listed.
            let Some(kept) = self.store.find_disconnection(&due.account).await? else { continue };
            if let Err(error) = self.go_on_with(&kept).await {
                tracing::warn!(account.id = %kept.account, error = %error, "a disconnection is gone on with later");
                self.store.update_disconnection_put_off(&kept.account, now + PUT_OFF_MS).await?;
            }
        }
        Ok(())
    }

    /// Has the network asked once more about an account that it did not confirm to be let go, where one is kept: whether nothing is left open.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn end_disconnection(&self, account: &AccountId) -> Result<bool, ToolError> {
        let now = self.store.now_ms().await?;
        let lease = Lease { owner: &self.owner, now, until: now + LEASE_MS };
        if let Some(kept) = self.store.find_disconnection(account).await?
            && self.store.claim_disconnection(account, lease).await?
            && let Err(error) = self.go_on_with(&kept).await
        {
            tracing::warn!(account.id = %account, error = %error, "a disconnection was not confirmed");
        }
        Ok(self.store.find_disconnection(account).await?.is_none())
    }

    async fn go_on_with(&self, kept: &Disconnection) -> Result<(), ToolError> {
        if kept.gone_at.is_none() {
            return self.carry_out_disconnection(kept).await;
        }
        if kept.network == GOOGLE {
            return match self.analytics.google() {
                Some(google) => google.go_on(kept).await.map(drop),
                None => Ok(self.store.delete_disconnection(&kept.account).await?),
            };
        }
        let platform = Network::find(&kept.network).and_then(|network| self.desk.networks.get(&network));
        let done = self.connector.go_on(kept, platform.map(AsRef::as_ref)).await?;
        tracing::info!(account.id = %kept.account, is_confirmed = done.revoked == Revoked::Yes, "a disconnection was gone on with");
        let stored = self.store.find_account(&kept.account, &kept.workspace).await?;
        match stored.filter(|_| kept.tries == 0) {
            Some(stored) => self.audit_at(&stored.account, "account.disconnect").await,
            None => Ok(()),
        }
    }

    /// What was approved, and not done by whoever heard it.
    async fn carry_out_disconnection(&self, kept: &Disconnection) -> Result<(), ToolError> {
        let user = self.store.find_user(&kept.user).await?;
        let Some(user) = user else { return Ok(self.store.delete_disconnection(&kept.account).await?) };
        let person = Caller { workspace: kept.workspace.clone(), ..caller(&user, Grant::Drafts, Via::Terminal) };
        match self.disconnect(&person, &kept.account).await {
            Ok(_) => Ok(()),
            // It is not there any more: nothing is left to be done.
            Err(ToolError::Refused(why)) => {
                tracing::info!(account.id = %kept.account, why = %why.key, "what was to be disconnected is gone");
                Ok(self.store.delete_disconnection(&kept.account).await?)
            }
            Err(error @ ToolError::Failed(_)) => Err(error),
        }
    }
}
