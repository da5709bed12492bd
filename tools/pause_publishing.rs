//! `pause_publishing`: stops everything, one account or one post at once; resuming asks a person.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::dry;
use super::{Answered, Tool, ToolContext};
use crate::desk::Asked;
use crate::domain::approval::{Late, PauseScope};
use crate::domain::ids::PostId;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Stops publishing at once: everything, or one account, or one post. `resume: true` asks the person to let it go on; what became
/// overdue meanwhile is never sent by itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PausePublishing {
    /// Only this account (id or handle).
    #[serde(default)]
    account: Option<String>,
    /// Only this post.
    #[serde(default)]
    post: Option<String>,
    /// Ask to go on instead.
    #[serde(default)]
    resume: bool,
    /// When resuming: what happens to what came due meanwhile.
    #[serde(default)]
    late: MeanwhileDue,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only.
    #[serde(default)]
    dry_run: bool,
}

// Without a comment on each: the schema would carry them to every model at every turn.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum MeanwhileDue {
    #[default]
    Ask,
    Skip,
    Shift,
}

impl From<MeanwhileDue> for Late {
    fn from(due: MeanwhileDue) -> Self {
        match due {
            MeanwhileDue::Ask => Self::Ask,
            MeanwhileDue::Skip => Self::Skip,
            MeanwhileDue::Shift => Self::Shift,
        }
    }
}

/// What it came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Paused {
    /// Deliveries that were stopped, or would be.
    stopped: usize,
    /// Where the person approves going on.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_url: Option<String>,
}

impl Tool for PausePublishing {
    const NAME: &'static str = "pause_publishing";
    const TITLE: &'static str = "Pause publishing";
    const EFFECT: Effect = Effect::Drafts;
    const IDEMPOTENT: bool = true;
    type Answer = Paused;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Paused>, ToolError> {
        let scope = match (self.account, self.post) {
            (Some(_), Some(_)) => {
                return Err(say!("common-argument-wrong", what = "give account or post, not both").into());
            }
            (Some(given), None) => {
                PauseScope::Account(cx.desk.find_accounts(cx.caller, &[given]).await?.remove(0).account.id)
            }
            (None, Some(given)) => {
                let id: PostId = given
                    .parse()
                    .map_err(|_| say!("post-not-found", id = given.chars().take(60).collect::<String>()))?;
                cx.desk.get_post(cx.caller, &id).await?;
                PauseScope::Post(id)
            }
            (None, None) => cx.desk.everything(cx.caller).await?,
        };
        if self.dry_run {
            let (stopped, would) = if self.resume {
                (0, "The person would be asked to let it go on.".to_owned())
            } else {
                let stopped = cx.desk.preview_pause(cx.caller, &scope).await?;
                (stopped, format!("{stopped} would be stopped."))
            };
            let structured = Paused { stopped, approval_url: None };
            return Ok(Answered { structured, text: dry(cx, &would), waiting: Vec::new() });
        }
        if self.resume {
            return match cx.desk.ask_to_resume(cx.caller, scope, self.late.into()).await? {
                Asked::Waiting(id) => {
                    let url = cx.approval_url(&id);
                    let text = cx.say(&say!("approval-waiting", url = &url));
                    Ok(Answered { structured: Paused { stopped: 0, approval_url: Some(url) }, text, waiting: vec![id] })
                }
                Asked::Done => Err(ToolError::Failed("a standing permission covered resuming".into())),
            };
        }
        let stopped = cx.desk.pause(cx.caller, &scope).await?;
        Ok(Answered {
            structured: Paused { stopped, approval_url: None },
            text: cx.say(&say!("pause-done")),
            waiting: Vec::new(),
        })
    }
}
