//! What the chat on a page needs of conversations beside the door `converse`: a thread for each, and a name for each message. Turns are in
//! `converse`, what a page shows of them while they run is the front end's.

use super::App;
use crate::domain::caller::Caller;
use crate::domain::ids::ConversationId;
use crate::domain::tool::ToolError;

/// The front end's word in threads.
pub const WEB: &str = "web";

impl App {
    /// A name for one message that somebody is about to write: a form that is sent twice says it once.
    #[must_use]
    pub fn message_key(&self) -> String {
        format!("{:032x}", self.entropy.bits())
    }

    /// Goes on with one of somebody's conversations on a page, wherever it was begun. The thread there is called like the conversation.
    ///
    /// # Errors
    /// Refused when they have no such conversation.
    pub async fn go_on_here(&self, caller: &Caller, conversation: &ConversationId) -> Result<(), ToolError> {
        self.memory.tie(&caller.user, conversation, (WEB, conversation.as_str())).await
    }

    /// The conversation that is held in a thread of the pages; none when none was begun in it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversation_here(&self, caller: &Caller, thread: &str) -> Result<Option<ConversationId>, ToolError> {
        self.memory.find(&caller.user, WEB, thread).await
    }
}
