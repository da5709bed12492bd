//! Forgetting a person (DECISIONS 16): their access first, then the key that everything sealed needs, then files and rows.

use super::App;
use super::authenticate::caller;
use crate::domain::account::Health;
use crate::domain::caller::{Grant, Via};
use crate::domain::delivery::State;
use crate::domain::ids::UserId;
use crate::domain::tool::ToolError;
use crate::say;

/// What forgetting a person came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// Rows that were deleted.
    pub rows: u64,
    /// Files that were deleted.
    pub files: usize,
    /// Handles whose network did not confirm that our access is revoked.
    pub unconfirmed: Vec<String>,
    /// Messages of ours in chat services that a running server still removes, by place.
    pub to_remove: Vec<(String, i64)>,
    /// Slack teams out of which the app was taken, because they had installed it; false where Slack did not confirm.
    pub teams: Vec<(String, bool)>,
    /// Messages of ours in these teams that stay.
    pub kept: usize,
}

impl App {
    /// Deletes a person with everything of theirs. What is scheduled is cancelled, access to networks destroyed and revoked; then the key
    /// goes, files, rows, and what lay in SQLite's log. Begun again it goes on where it stopped.
    ///
    /// # Errors
    /// Refused when there is no such person, or something of theirs is going out at this moment.
    pub async fn delete_user(&self, id: &UserId) -> Result<Forgotten, ToolError> {
        let found = self.store.find_user(id).await?;
        let user = found.ok_or_else(|| say!("common-not-found-thing", thing = id.as_str()))?;
        let theirs = caller(&user, Grant::Drafts, Via::Terminal);
        let mut unconfirmed = Vec::new();
        for stored in self.store.list_accounts(&user.workspace).await? {
            if stored.account.health == Health::Disconnected {
                continue;
            }
            let platform = self.desk.networks.get(&stored.account.network).map(AsRef::as_ref);
            if !self.connector.disconnect(&stored.account, platform).await? {
                unconfirmed.push(stored.account.handle);
            }
        }
        let open = self.store.list_open_of_workspace(&user.workspace).await?;
        if open.iter().any(|delivery| matches!(delivery.state, State::Leased | State::Armed | State::Processing)) {
            return Err(say!("forget-going-out").into());
        }
        self.desk.audit(&theirs, "user.delete", id.as_str()).await?;
        let (teams, kept) = self.leave_slack_teams(&theirs).await?;
        self.vault.forget_user(id).await.map_err(|error| ToolError::Failed(error.to_string()))?;
        let mut files = 0;
        for medium in self.store.list_media_of(id).await? {
            match std::fs::remove_file(self.config.data_dir.join("media").join(medium.as_str())) {
                Ok(()) => files += 1,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(ToolError::Failed(format!("a file of media: {error}"))),
            }
        }
        let rows = self.store.delete_user_rows(id).await?;
        let to_remove = self.store.count_left().await?;
        self.store.checkpoint().await?;
        self.keys.checkpoint().await?;
        Ok(Forgotten { rows, files, unconfirmed, to_remove, teams, kept })
    }

    /// Copies the databases as they are at this moment into a folder, beside a running `serve`. The keys come last: what the first copy holds
    /// sealed, the second has the key for. False where the database has tools of its own for that.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn copy_databases(&self, folder: &std::path::Path) -> Result<bool, ToolError> {
        if self.store.is_shared() {
            return Ok(false);
        }
        self.store.copy_to(&folder.join("socrazi.db")).await?;
        self.keys.copy_to(&folder.join("keys.db")).await?;
        Ok(true)
    }
}
