//! What an assistant asks for is brought to where its person is: a notice in every chat place that they are linked to, on which the question stands.
//! Whichever is pressed first counts, and the others say so. What asks in a chat, on a page or at a terminal has its question there already.

use super::App;
use crate::desk::view::ApprovalView;
use crate::domain::caller::Caller;
use crate::domain::ids::{ApprovalId, NoticeId};
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::notices::Notice;
use crate::store::places::Untold;

/// The sentence of such a notice.
pub const ASKED: &str = "notice-asked";
/// The same with who asks, where that is known.
pub const ASKED_BY: &str = "notice-asked-by";
/// An assistant that asks and asks does not ring each time; its questions stand on the pages.
const HOUR_MAX: usize = 10;
const HOUR_MS: i64 = 3_600_000;
/// So many notices are looked through for those of the last hour.
const LOOK_MAX: i64 = 100;

/// Whether a notice brings a question, by its sentence.
#[must_use]
pub fn is_question(key: &str) -> bool {
    [ASKED, ASKED_BY].contains(&key)
}

impl App {
    /// Notes that an assistant asked for something.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn tell_questions(&self, caller: &Caller, waiting: &[ApprovalId]) -> Result<(), ToolError> {
        if !caller.is_assistant() || waiting.is_empty() || self.store.list_linked(&caller.user).await?.is_empty() {
            return Ok(());
        }
        let since = self.clock.now_ms() - HOUR_MS;
        let recent = self.store.list_notices(&caller.user, LOOK_MAX).await?;
        let told = recent.iter().filter(|notice| is_question(&notice.what.key) && notice.created_at > since).count();
        let name = self.assistant_name(caller).await?;
        let what = if name.is_empty() { say!("notice-asked") } else { say!("notice-asked-by", name = name) };
        for id in waiting.iter().take(HOUR_MAX.saturating_sub(told)) {
            let ApprovalView { approval, post, .. } = self.desk.read_approval(caller, id).await?;
            // The instant of the question, by which it is found again.
            let notice = Notice { post, what: what.clone(), created_at: approval.created_at };
            let id = NoticeId::generate(approval.created_at, self.entropy.bits());
            self.store.insert_notice(&id, &caller.user, &notice).await?;
        }
        Ok(())
    }

    /// The question of such a notice, while it is open.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn question_of(&self, reader: &Caller, notice: &Untold) -> Result<Option<ApprovalId>, ToolError> {
        let waiting = self.desk.list_waiting(reader).await?;
        let is_it = |view: &ApprovalView| {
            view.approval.created_at == notice.created_at
                && view.post.as_ref().map(|post| post.as_str()) == notice.post.as_deref()
        };
        Ok(waiting.into_iter().find(is_it).map(|view| view.approval.id))
    }
}
