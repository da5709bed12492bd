//! What accounts are called and look like now: read again about weekly, a few at a time. A changed name is shown everywhere from then on; posts and
//! deliveries hold ids and stay what they were.

use std::sync::Arc;

use super::tokens::{Freshness, TokenKeeper};
use crate::clock::Clock;
use crate::domain::account::{Account, Profile};
use crate::domain::avatar::Avatars;
use crate::domain::ids::AccountId;
use crate::platforms::{Networks, Platform};
use crate::store::{Store, StoreError};

/// How old what is known of an account may be.
const EVERY_MS: i64 = 7 * 86_400_000;
/// When it is looked again where nothing could be read.
const AGAIN_MS: i64 = 86_400_000;
/// A token that ends sooner is refreshed first.
const TOKEN_LEFT_MS: i64 = 60_000;

/// Reads profiles again and keeps pictures.
pub struct ProfileKeeper {
    /// The store.
    pub store: Arc<Store>,
    /// Opens tokens.
    pub tokens: Arc<TokenKeeper>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Fetches pictures.
    pub avatars: Arc<dyn Avatars>,
}

impl ProfileKeeper {
    /// Reads again what was not read for a week, of each network the few that wait longest. What cannot be read is tried again in a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh(&self, networks: &Networks) -> Result<(), StoreError> {
        for (network, platform) in networks {
            let now = self.clock.now_ms();
            for account in self.store.list_accounts_unseen(*network, now - EVERY_MS).await? {
                // As if it had been read so long ago that its next turn comes in a day.
                if self.store.claim_look(&account.id, now - EVERY_MS, now - EVERY_MS + AGAIN_MS).await? {
                    self.look(platform.as_ref(), &account).await?;
                }
            }
        }
        Ok(())
    }

    async fn look(&self, platform: &dyn Platform, account: &Account) -> Result<(), StoreError> {
        let Some(profile) = self.read(platform, account).await else { return Ok(()) };
        let now = self.clock.now_ms();
        if !self.store.update_account_profile(&account.id, &profile, now).await? {
            tracing::warn!(account.id = %account.id, "the network names somebody else for the token of this account");
            return Ok(());
        }
        self.keep_avatar(&account.id, profile.avatar_url.as_deref()).await
    }

    async fn read(&self, platform: &dyn Platform, account: &Account) -> Option<Profile> {
        let until = self.clock.now_ms() + TOKEN_LEFT_MS;
        let access = self.tokens.access(platform, account, Freshness::until(until)).await.ok()?;
        let read = platform.profile(&access.token).await;
        read.inspect_err(|fault| {
            // Whether the token is dead, whoever publishes with it finds out.
            tracing::info!(account.id = %account.id, error = %fault, "a profile could not be read again; it is tried again in a day");
        })
        .ok()
    }

    /// Fetches a picture and keeps it; without an address there is none any more. One that cannot be had leaves the one before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_avatar(&self, account: &AccountId, url: Option<&str>) -> Result<(), StoreError> {
        let Some(url) = url else { return self.store.delete_avatar(account).await };
        match self.avatars.fetch(url).await {
            Some(bytes) => self.store.save_avatar(account, &bytes, self.clock.now_ms()).await,
            None => Ok(()),
        }
    }
}
