//! `list_conversations`: what was talked about with Socrazi itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::shortened;
use super::{Answered, Tool, ToolContext};
use crate::domain::ids::ConversationId;
use crate::domain::schedule::Moment;
use crate::domain::tool::{Effect, ToolError};
use crate::memory::{ConversationView, Listed, Said, Spoken};
use crate::say;

/// Conversations that the person held with Socrazi (terminal, pages, Slack, Discord), last first; with an id what was said in it. Talk in an
/// MCP client is not kept here.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListConversations {
    /// Give back what was said in this one.
    #[serde(default)]
    conversation: Option<String>,
    /// From an earlier answer's next_cursor: older ones.
    #[serde(default)]
    cursor: Option<String>,
}

/// What there is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Conversations {
    /// The last 50; only the one asked for, when there was one.
    conversations: Vec<ConversationAnswer>,
    /// What was said, oldest first, at most about 200.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<SaidAnswer>,
    /// Give it as cursor for older ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ConversationAnswer {
    /// Its id.
    id: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// RFC 3339.
    last_at: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SaidAnswer {
    /// `person` or `socrazi`.
    by: &'static str,
    /// What.
    text: String,
    /// RFC 3339.
    at: String,
}

/// A page ends with the turn in which this was reached, so that all of it fits any client's context.
const PAGE_BYTES: usize = 14_000;
/// One text is no longer than this.
const TEXT_BYTES: usize = 8_000;

impl Tool for ListConversations {
    const NAME: &'static str = "list_conversations";
    const TITLE: &'static str = "Read conversations";
    const EFFECT: Effect = Effect::Reads;
    const IDEMPOTENT: bool = true;
    type Answer = Conversations;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Conversations>, ToolError> {
        let shown = |at_ms: i64| Moment { at_ms, zone: cx.caller.zone.clone() }.rfc3339();
        let cursor = self.cursor.as_deref();
        let (all, messages, next_cursor) = match &self.conversation {
            Some(given) => {
                let id: ConversationId = given
                    .parse()
                    .map_err(|_| say!("conversation-not-found", id = given.chars().take(60).collect::<String>()))?;
                let view = cx.memory.view(&cx.caller.user, &id).await?;
                let Said { spoken, next } = cx.memory.spoken_within(&cx.caller.user, &id, (cursor, PAGE_BYTES)).await?;
                let said = |spoken: Spoken| {
                    // Whatever was said in such a turn may repeat them.
                    let withheld = (spoken.is_of_google && cx.is_withheld).then(|| say!("google-withheld"));
                    SaidAnswer {
                        by: if spoken.by_person { "person" } else { "socrazi" },
                        at: shown(spoken.at_ms),
                        text: withheld
                            .or_else(|| spoken.instead())
                            .map_or_else(|| shortened(spoken.text, TEXT_BYTES), |instead| cx.say(&instead)),
                    }
                };
                (vec![view], spoken.into_iter().map(said).collect(), next)
            }
            None => {
                let Listed { views, next } = cx.memory.list(&cx.caller.user, cursor).await?;
                (views, Vec::new(), next)
            }
        };
        let note = cx.say(&say!("conversation-note"));
        let text = format!("{} conversations, {} messages. {note}", all.len(), messages.len());
        let answer = |view: ConversationView| ConversationAnswer {
            id: view.id.to_string(),
            title: view.title,
            last_at: shown(view.last_at),
        };
        let conversations = all.into_iter().map(answer).collect();
        Ok(Answered { structured: Conversations { conversations, messages, next_cursor }, text, waiting: Vec::new() })
    }
}
