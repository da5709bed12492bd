//! `forget_history`: asks a person to let what was said be deleted for good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::dry;
use super::{Answered, Tool, ToolContext};
use crate::desk::Asked;
use crate::domain::approval::{Act, ForgetScope};
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Asks the person to delete what was said with Socrazi for good: one conversation, a span of time, or all. Give exactly one of them.
/// Posts stay; withdraw_post and take_down_post are for those.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetHistory {
    /// Only this conversation.
    #[serde(default)]
    conversation: Option<String>,
    /// Begin of a span, RFC 3339 with offset.
    #[serde(default)]
    from: Option<String>,
    /// Its end.
    #[serde(default)]
    until: Option<String>,
    /// Everything.
    #[serde(default)]
    all: bool,
    /// Same key and arguments: same answer for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only, store nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What waits.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Waits {
    /// Where the person answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_url: Option<String>,
}

impl Tool for ForgetHistory {
    const NAME: &'static str = "forget_history";
    const TITLE: &'static str = "Forget conversations";
    const EFFECT: Effect = Effect::Forgets;
    const IDEMPOTENT: bool = true;
    type Answer = Waits;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Waits>, ToolError> {
        let scope = scope(self.conversation, self.from, self.until, self.all)?;
        if let ForgetScope::Conversation { id } = &scope {
            // Not there is said now, not after the person has agreed.
            cx.memory.spoken(&cx.caller.user, id).await?;
        }
        if self.dry_run {
            let text = dry(cx, "The person would be asked.");
            return Ok(Answered { structured: Waits { approval_url: None }, text, waiting: Vec::new() });
        }
        match cx.desk.ask(cx.caller, Act::Forget { scope }, None).await? {
            Asked::Waiting(id) => {
                let url = cx.approval_url(&id);
                let text = cx.say(&say!("approval-waiting", url = &url));
                Ok(Answered { structured: Waits { approval_url: Some(url) }, text, waiting: vec![id] })
            }
            Asked::Done => Err(ToolError::Failed("a standing permission covered forgetting".into())),
        }
    }
}

fn scope(
    conversation: Option<String>,
    from: Option<String>,
    until: Option<String>,
    all: bool,
) -> Result<ForgetScope, ToolError> {
    match (conversation, from, until, all) {
        (Some(given), None, None, false) => given
            .parse()
            .map(|id| ForgetScope::Conversation { id })
            .map_err(|_| say!("conversation-not-found", id = given.chars().take(60).collect::<String>()).into()),
        (None, Some(from), Some(until), false) => {
            let read = |text: &str| text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
            match (read(&from), read(&until)) {
                (Ok(from_ms), Ok(until_ms)) if from_ms < until_ms => Ok(ForgetScope::Span { from_ms, until_ms }),
                _ => Err(say!("forget-span-wrong").into()),
            }
        }
        (None, None, None, true) => Ok(ForgetScope::All),
        _ => Err(say!("forget-what").into()),
    }
}
