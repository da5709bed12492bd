//! Forgetting a person (DECISIONS 16): their access first, then the key that everything sealed needs, then files and rows.

use super::App;
use super::authenticate::caller;
use crate::domain::account::{Health, Revoked};
use crate::domain::approval::ForgetScope;
use crate::domain::caller::{Caller, Grant, Via};
use crate::domain::delivery::State;
use crate::domain::ids::{MediaId, PostId, UserId};
use crate::domain::tool::ToolError;
use crate::say;

/// Looks for what is left to delete, a hundred posts or five hundred media each: far more than a workspace holds.
const ERASE_ROUNDS_MAX: usize = 10_000;

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
        // First: their channels of YouTube go with them.
        for login in self.analytics.logins(&theirs).await? {
            if self.disconnect_google(&theirs, &login.id).await?.is_some_and(|revoked| revoked != Revoked::Yes) {
                unconfirmed.push(login.email);
            }
        }
        for stored in self.store.list_accounts(&user.workspace).await? {
            if stored.account.health == Health::Disconnected {
                if !self.end_disconnection(&stored.account.id).await? {
                    unconfirmed.push(stored.account.handle);
                }
                continue;
            }
            let platform = self.desk.networks.get(&stored.account.network).map(AsRef::as_ref);
            if self.connector.disconnect(&stored.account, platform).await?.revoked != Revoked::Yes {
                unconfirmed.push(stored.account.handle);
            }
        }
        let open = self.store.list_open_of_workspace(&user.workspace).await?;
        if open.iter().any(|delivery| matches!(delivery.state, State::Leased | State::Armed | State::Processing)) {
            return Err(say!("forget-going-out").into());
        }
        self.desk.audit(&theirs, "user.delete", id.as_str()).await?;
        let (teams, kept) = self.leave_slack_teams(&theirs).await?;
        self.write_deletion(id)?;
        let (rows, files) = self.forget_rows(id).await?;
        self.taken_back.notify_waiters();
        let to_remove = self.store.count_left().await?;
        Ok(Forgotten { rows, files, unconfirmed, to_remove, teams, kept })
    }

    /// Their key, files and rows, and what lay in SQLite's logs. Begun again it goes on where it stopped.
    pub(super) async fn forget_rows(&self, id: &UserId) -> Result<(u64, usize), ToolError> {
        self.vault.forget_user(id).await.map_err(|error| ToolError::Failed(error.to_string()))?;
        self.media.sweep_partials(Some(id)).await?;
        let mut files = 0;
        for medium in self.store.list_media_of(id).await? {
            files += usize::from(self.remove_medium(&medium).await?);
        }
        let rows = self.store.delete_user_rows(id).await?;
        self.store.checkpoint().await?;
        self.keys.checkpoint().await?;
        Ok((rows, files))
    }

    /// Deletes posts of an approved scope for good: rows, then files, then what lay in SQLite's log. What is going out at this moment stays, and
    /// is told.
    ///
    /// # Errors
    /// Refused when something stayed.
    pub(super) async fn forget_posts(&self, caller: &Caller, scope: &ForgetScope) -> Result<(), ToolError> {
        let mut stayed = 0;
        match scope {
            ForgetScope::Conversation { .. } | ForgetScope::Span { .. } | ForgetScope::All => return Ok(()),
            ForgetScope::Post { id } => stayed += i64::from(!self.erase_post(caller, id).await?),
            ForgetScope::Medium { id } => {
                // A draft that took it up since the question was answered keeps it.
                if !self.store.mark_medium(id, &caller.workspace, self.clock.now_ms()).await? {
                    return Err(say!("media-kept", id = id.as_str()).into());
                }
                self.desk.audit(caller, "medium.erase", id.as_str()).await?;
            }
            ForgetScope::Posts { from_ms, until_ms } => {
                let (span, mut last) = ((from_ms.unwrap_or(i64::MIN), *until_ms), None);
                for _ in 0..ERASE_ROUNDS_MAX {
                    let found = self.store.list_posts_in(&caller.workspace, span, last.as_ref()).await?;
                    for id in &found {
                        stayed += i64::from(!self.erase_post(caller, id).await?);
                    }
                    match found.into_iter().next_back() {
                        Some(id) => last = Some(id),
                        None => break,
                    }
                }
                self.store.mark_unused_media(&caller.workspace, span, self.clock.now_ms()).await?;
            }
        }
        self.erase_forgotten_media().await?;
        self.store.checkpoint().await?;
        if stayed > 0 { Err(say!("forget-posts-stayed", count = stayed).into()) } else { Ok(()) }
    }

    async fn erase_post(&self, caller: &Caller, id: &PostId) -> Result<bool, ToolError> {
        let left = self.publisher.list_left_of(id).await?;
        let is_gone = self.store.erase_post(id, &caller.workspace, self.clock.now_ms()).await?;
        if is_gone {
            self.publisher.give_up_forgotten(left).await?;
            self.desk.audit(caller, "post.erase", id.as_str()).await?;
        }
        Ok(is_gone)
    }

    /// Deletes marked media, files first; also what a process left that died in between.
    pub(super) async fn erase_forgotten_media(&self) -> Result<(), ToolError> {
        for _ in 0..ERASE_ROUNDS_MAX {
            let found = self.store.list_forgotten_media(self.clock.now_ms()).await?;
            if found.is_empty() {
                break;
            }
            for medium in &found {
                self.remove_medium(medium).await?;
                self.store.erase_media(medium).await?;
            }
        }
        Ok(())
    }

    /// Removes a medium's bytes, wherever they are; false when there were none.
    async fn remove_medium(&self, medium: &MediaId) -> Result<bool, ToolError> {
        self.shelf.remove(medium).await.map_err(|error| ToolError::Failed(format!("a file of media: {error}")))
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
