//! Approved changes of films: made at once by whoever heard the yes, and gone on with by others when that one died or the network was away.

use super::App;
use crate::domain::approval::{Act, Approval};
use crate::domain::ids::NoticeId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::domain::video::Edited;
use crate::say;
use crate::store::notices::Notice;

impl App {
    /// Makes a change that was approved just now.
    ///
    /// # Errors
    /// Refused with what came of it when it ended otherwise than wished.
    pub(super) async fn edit_video(&self, approval: &Approval) -> Result<(), ToolError> {
        let Act::EditVideo { video, .. } = &approval.act else { return Ok(()) };
        match self.videos.carry_out(&approval.id, video).await? {
            Some(Edited::Ended(why)) => Err(why.into()),
            Some(Edited::Done | Edited::Later(_)) | None => Ok(()),
        }
    }

    /// Goes on with every approved change that is due and that nobody works on. Its person is told how it ended: they are not here any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn go_on_editing(&self) -> Result<(), ToolError> {
        let now = self.store.now_ms().await?;
        for due in self.store.list_video_edits_due(now).await? {
            let Some(approval) = self.store.find_approval(&due.approval, &due.user).await? else { continue };
            let Act::EditVideo { account, video, .. } = &approval.act else { continue };
            let what = match self.videos.carry_out(&due.approval, video).await? {
                Some(Edited::Done) => say!("notice-video-edit-done"),
                Some(Edited::Ended(why)) => why,
                Some(Edited::Later(_)) | None => continue,
            };
            let stored = self.store.find_account(account, &approval.workspace).await?;
            tracing::info!(approval.id = %due.approval, found = stored.is_some(), "an approved change of a film was gone on with");
            self.tell_edited(&approval, what).await?;
        }
        Ok(())
    }

    async fn tell_edited(&self, approval: &Approval, what: Sentence) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let notice = Notice { post: None, what, created_at: now };
        Ok(self.store.insert_notice(&NoticeId::generate(now, self.entropy.bits()), &approval.user, &notice).await?)
    }
}
