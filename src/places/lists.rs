//! What somebody has: posts to come, accounts, conversations; and the question what becomes of what a pause held up.

use super::message::{Button, Message, Span, Text};
use super::work::Worker;
use crate::desk::view::{PostStatus, PostView};
use crate::domain::approval::{Late, PauseScope};
use crate::domain::caller::Caller;
use crate::domain::tool::ToolError;
use crate::say;

/// Posts in a calendar.
const CALENDAR_MAX: usize = 10;
/// Conversations in a list.
const HISTORY_MAX: usize = 10;

impl Worker {
    /// Lets everything go on; where the pause held something up, what happens to that is asked first.
    pub(super) async fn resume(&self, caller: &Caller, late: Option<Late>) -> Result<Message, ToolError> {
        let drawer = self.drawer(caller);
        let held_up = self.app().held_up(caller).await?;
        if late.is_none() && held_up > 0 {
            let said = drawer.say(&say!("place-held-up", count = held_up));
            let mut message = Message::sentence(&said);
            let button =
                |late: Late| Button::plain("resume", drawer.text(&format!("resume-{}", late.word())), late.word());
            message.buttons(Late::ALL.into_iter().map(button).collect());
            return Ok(message);
        }
        self.app().resume(caller, PauseScope::Workspace, late.unwrap_or_default()).await?;
        Ok(drawer.sentence(&say!("place-resumed")))
    }

    pub(super) async fn calendar(&self, caller: &Caller) -> Result<Message, ToolError> {
        let drawer = self.drawer(caller);
        let title = drawer.text("today-next");
        let mut message = drawer.begin(title.clone());
        message.header(title);
        let posts = self.app().list_posts(caller).await?;
        let is_coming = |post: &&PostView| {
            matches!(post.status, PostStatus::Scheduled | PostStatus::WaitingForYou | PostStatus::NeedsAttention)
        };
        let mut coming: Vec<_> = posts.iter().filter(is_coming).collect();
        // What waits for somebody has no time yet, and stands first.
        coming.sort_by_key(|post| post.next().map(|delivery| delivery.when.at_ms));
        coming.truncate(CALENDAR_MAX);
        if coming.is_empty() {
            message.line(drawer.text("place-calendar-none"));
        }
        for post in coming {
            drawer.row(post, &mut message);
        }
        let mut buttons = vec![Button::link(drawer.text("page-calendar"), drawer.page("calendar"))];
        buttons.extend(drawer.share("calendar"));
        message.buttons(buttons);
        Ok(message)
    }

    pub(super) async fn accounts(&self, caller: &Caller) -> Result<Message, ToolError> {
        let drawer = self.drawer(caller);
        let title = drawer.text("page-accounts");
        let mut message = drawer.begin(title.clone());
        message.header(title);
        drawer.accounts(&self.app().list_accounts(caller).await?, &mut message);
        let mut buttons = vec![Button::link(drawer.text("accounts-connect"), drawer.page("accounts"))];
        buttons.extend(drawer.share("accounts"));
        message.buttons(buttons);
        Ok(message)
    }

    pub(super) async fn history(&self, caller: &Caller) -> Result<Message, ToolError> {
        let drawer = self.drawer(caller);
        let all = self.app().list_conversations(caller, None).await?.views;
        let title = drawer.text("place-history");
        let mut message = drawer.begin(title.clone());
        message.header(title);
        for view in all.iter().take(HISTORY_MAX) {
            let name = view.title.clone().unwrap_or_else(|| drawer.text("chat-untitled"));
            let url = drawer.page(&format!("conversations/{}", view.id));
            message.line(Text(vec![Span::Named { name, url }]));
        }
        if all.is_empty() {
            message.line(drawer.text("chat-continue-none"));
        }
        message.small(drawer.text("place-history-more"));
        Ok(message)
    }
}
