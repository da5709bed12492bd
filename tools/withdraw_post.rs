//! `withdraw_post`: takes something out of the way at once, or brings it back as a draft.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{BriefPost, dry_lines, lines};
use super::{Answered, Tool, ToolContext};
use crate::domain::ids::PostId;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Takes a draft, or what is scheduled of a post, out of the way at once; says honestly where it is too late. `restore: true` brings a
/// withdrawn post back as a draft within 30 days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawPost {
    /// The post.
    post: String,
    /// Bring it back instead.
    #[serde(default)]
    restore: bool,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only.
    #[serde(default)]
    dry_run: bool,
}

/// What it came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Withdrawal {
    /// Deliveries that were stopped, or would be.
    stopped: usize,
    /// Where it was too late.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    too_late: Vec<String>,
    post: BriefPost,
}

impl Tool for WithdrawPost {
    const NAME: &'static str = "withdraw_post";
    const TITLE: &'static str = "Withdraw a post";
    const EFFECT: Effect = Effect::Drafts;
    const IDEMPOTENT: bool = true;
    const TAKES_AWAY: bool = true;
    type Answer = Withdrawal;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Withdrawal>, ToolError> {
        let id: PostId = self
            .post
            .parse()
            .map_err(|_| say!("post-not-found", id = self.post.chars().take(60).collect::<String>()))?;
        if self.restore {
            let (view, text) = if self.dry_run {
                let view = cx.desk.preview_restore(cx.caller, &id).await?;
                let text = dry_lines(cx, "It would be a draft again.", &view);
                (view, text)
            } else {
                let view = cx.desk.restore(cx.caller, &id).await?;
                let text = lines(cx, &view);
                (view, text)
            };
            let structured = Withdrawal { stopped: 0, too_late: Vec::new(), post: BriefPost::of(cx, &view) };
            return Ok(Answered { structured, text, waiting: Vec::new() });
        }
        let done = if self.dry_run {
            cx.desk.preview_withdraw(cx.caller, &id).await?
        } else {
            cx.desk.withdraw(cx.caller, &id).await?
        };
        let too_late: Vec<String> = done
            .too_late
            .iter()
            .map(|(handle, state)| {
                format!("@{handle}: {}", cx.say(&say!("withdraw-too-late", state = cx.say(&state.wording()))))
            })
            .collect();
        if self.dry_run {
            let would = [vec![format!("{} would be stopped.", done.stopped)], too_late.clone()].concat().join("\n");
            let text = dry_lines(cx, &would, &done.post);
            let structured = Withdrawal { stopped: done.stopped, too_late, post: BriefPost::of(cx, &done.post) };
            return Ok(Answered { structured, text, waiting: Vec::new() });
        }
        let mut text = vec![if too_late.is_empty() { cx.say(&say!("withdraw-done")) } else { too_late.join("\n") }];
        text.push(lines(cx, &done.post));
        let structured = Withdrawal { stopped: done.stopped, too_late, post: BriefPost::of(cx, &done.post) };
        Ok(Answered { structured, text: text.join("\n"), waiting: Vec::new() })
    }
}
