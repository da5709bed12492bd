//! What accounts look like: their pictures for whoever connected them or decides about a post of theirs, and reading their profiles again.

use std::sync::Arc;

use super::App;
use crate::domain::caller::Caller;
use crate::domain::ids::AccountId;
use crate::domain::tool::ToolError;
use crate::upkeep::connect::Connected;

impl App {
    /// Reads profiles again that were not read for a week, some of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_profiles(&self) -> Result<(), ToolError> {
        Ok(self.profiles.refresh(&self.desk.networks).await?)
    }

    /// The small picture of an account, a JPEG. `None` where there is none, or it is neither theirs nor in a post that they were named for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_avatar(&self, caller: &Caller, id: &AccountId) -> Result<Option<Vec<u8>>, ToolError> {
        if !caller.may_use(id) {
            return Ok(None);
        }
        match self.store.find_avatar(id, &caller.workspace).await? {
            Some(bytes) => Ok(Some(bytes)),
            None => Ok(self.store.find_named_avatar(id, &caller.user).await?),
        }
    }

    /// Fetches the picture of what was just connected. Whoever connected it does not wait for that.
    pub(super) fn fetch_avatar(&self, connected: Connected) {
        let profiles = Arc::clone(&self.profiles);
        self.background.spawn(async move {
            let Connected { account, avatar_url } = connected;
            if let Err(error) = profiles.keep_avatar(&account, avatar_url.as_deref()).await {
                tracing::error!(account.id = %account, error = %error, "a picture could not be kept");
            }
        });
    }
}
