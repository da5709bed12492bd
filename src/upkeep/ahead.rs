//! Refreshing ahead: tokens that can only be refreshed while they live are, although nobody needs them just now (platforms/threads.md §1.4).

use super::tokens::{Freshness, TokenKeeper, TokenProblem};
use crate::platforms::Networks;
use crate::store::StoreError;

impl TokenKeeper {
    /// Refreshes every token that its network wants refreshed by now. What cannot be had just now is tried again by the next call.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_ahead(&self, networks: &Networks) -> Result<(), StoreError> {
        for (network, platform) in networks {
            let Some(left_s) = platform.refresh_ahead_s() else { continue };
            let until = self.store.now_ms().await? + left_s * 1000;
            for account in self.store.list_accounts_ending(*network, until).await? {
                match self.access(platform.as_ref(), &account, Freshness::until(until)).await {
                    Ok(_) => {}
                    // The person hears of it from the keeper.
                    Err(TokenProblem::Reconnect(why)) => {
                        tracing::warn!(account.id = %account.id, error = %why.key, "a token could not be refreshed ahead");
                    }
                    Err(TokenProblem::Later(why)) => {
                        tracing::info!(account.id = %account.id, error = %why, "a token is refreshed ahead later");
                    }
                }
            }
        }
        Ok(())
    }
}
