//! `forget_history`: asks a person to let what was said, or posts, be deleted for good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::dry;
use super::{Answered, Tool, ToolContext};
use crate::desk::Asked;
use crate::domain::approval::{Act, ForgetScope};
use crate::domain::schedule::read_span;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Asks the person to delete for good: one conversation, post or unused medium, a span of time, or all. Give exactly one of them. Posts that are out stay out
/// (take_down_post); withdraw_post only puts them aside.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetHistory {
    /// Only this conversation.
    #[serde(default)]
    conversation: Option<String>,
    /// Only this draft or post.
    #[serde(default)]
    post: Option<String>,
    /// Only this medium.
    #[serde(default)]
    medium: Option<String>,
    /// Begin of a span: RFC 3339, wall time or words (yesterday at 9, 昨日), in the person's zone. A day alone is all of it.
    #[serde(default)]
    from: Option<String>,
    /// Its end; now without it.
    #[serde(default)]
    until: Option<String>,
    /// Everything.
    #[serde(default)]
    all: bool,
    /// With from or all: drafts and posts instead of conversations.
    #[serde(default)]
    posts: bool,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only.
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
    const TITLE: &'static str = "Delete for good";
    const EFFECT: Effect = Effect::Forgets;
    const IDEMPOTENT: bool = true;
    const REACHES_OUT: bool = false;
    type Answer = Waits;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Waits>, ToolError> {
        let is_dry = self.dry_run;
        let scope = self.scope(&cx.caller.zone, cx.desk.now_ms())?;
        // Not there is said now, not after the person has agreed.
        match &scope {
            ForgetScope::Conversation { id } => drop(cx.memory.view(&cx.caller.user, id).await?),
            ForgetScope::Post { id } => drop(cx.desk.get_post(cx.caller, id).await?),
            ForgetScope::Medium { id } => cx.desk.check_unused(cx.caller, id).await?,
            ForgetScope::Span { .. } | ForgetScope::All | ForgetScope::Posts { .. } => {}
        }
        // Echoed, so that a span that was read otherwise than meant is seen.
        let what = cx.say(&cx.desk.describe_forgetting(cx.caller, &scope).await?);
        if is_dry {
            let text = dry(cx, &format!("The person would be asked: {what}"));
            return Ok(Answered { structured: Waits { approval_url: None }, text, waiting: Vec::new() });
        }
        match cx.desk.ask(cx.caller, Act::Forget { scope }, None).await? {
            Asked::Waiting(id) => {
                let url = cx.approval_url(&id);
                let text = format!("{what}\n{}", cx.say(&say!("approval-waiting", url = &url)));
                Ok(Answered { structured: Waits { approval_url: Some(url) }, text, waiting: vec![id] })
            }
            Asked::Done => Err(ToolError::Failed("a standing permission covered forgetting".into())),
        }
    }
}

impl ForgetHistory {
    fn scope(self, zone: &str, now: i64) -> Result<ForgetScope, ToolError> {
        let short = |given: &str| given.chars().take(60).collect::<String>();
        if let Some(given) = self.medium {
            let is_alone =
                self.conversation.is_none() && self.post.is_none() && self.from.is_none() && self.until.is_none();
            return match given.parse() {
                Ok(id) if is_alone && !self.all && !self.posts => Ok(ForgetScope::Medium { id }),
                Ok(_) => Err(say!("forget-what").into()),
                Err(_) => Err(say!("media-not-found", id = short(&given)).into()),
            };
        }
        match (self.conversation, self.post, self.from, self.until, self.all) {
            (Some(given), None, None, None, false) if !self.posts => given
                .parse()
                .map(|id| ForgetScope::Conversation { id })
                .map_err(|_| say!("conversation-not-found", id = short(&given)).into()),
            (None, Some(given), None, None, false) => given
                .parse()
                .map(|id| ForgetScope::Post { id })
                .map_err(|_| say!("post-not-found", id = short(&given)).into()),
            (None, None, Some(from), until, false) => {
                let (from_ms, until_ms) = read_span(&from, until.as_deref(), zone, now)?;
                Ok(match self.posts {
                    true => ForgetScope::Posts { from_ms: Some(from_ms), until_ms },
                    false => ForgetScope::Span { from_ms, until_ms },
                })
            }
            // What is written after the question was asked is not meant.
            (None, None, None, None, true) if self.posts => Ok(ForgetScope::Posts { from_ms: None, until_ms: now + 1 }),
            (None, None, None, None, true) => Ok(ForgetScope::All),
            _ => Err(say!("forget-what").into()),
        }
    }
}
