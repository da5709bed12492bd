//! `publish_post`: now, after the hold window.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{BriefPost, Warnings, dry_lines, lines};
use super::{Answered, Tool, ToolContext};
use crate::desk::{Asked, Wish};
use crate::domain::approval::When;
use crate::domain::ids::PostId;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Publishes a post now. Without a standing permission the person must approve at approval_url. After their yes it is held for a few
/// seconds, in which withdraw_post still stops it. Never say that it is out before get_post says so.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishPost {
    /// The post.
    post: String,
    /// Only these of its accounts.
    #[serde(default)]
    accounts: Vec<String>,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only.
    #[serde(default)]
    dry_run: bool,
}

/// What became of the wish.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Published {
    status: Status,
    /// What the account said or is to say already: tell the person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    twice: Vec<String>,
    /// Where the person approves.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_url: Option<String>,
    post: BriefPost,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Status {
    WaitingForApproval,
    GoingOut,
    DryRun,
}

impl Tool for PublishPost {
    const NAME: &'static str = "publish_post";
    const TITLE: &'static str = "Publish a post now";
    const EFFECT: Effect = Effect::Publishes;
    const IDEMPOTENT: bool = false;
    type Answer = Published;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Published>, ToolError> {
        let id: PostId = self
            .post
            .parse()
            .map_err(|_| say!("post-not-found", id = self.post.chars().take(60).collect::<String>()))?;
        let act = cx
            .desk
            .plan(cx.caller, &Wish { post: id.clone(), when: When::Now, accounts: self.accounts, again: false })
            .await?;
        let warnings = Warnings::of(cx, &act).await?;
        let (status, waiting, first) = if self.dry_run {
            (Status::DryRun, None, "It could be published.".to_owned())
        } else {
            match cx.desk.ask(cx.caller, act, Some(&id)).await? {
                Asked::Waiting(approval) => {
                    (Status::WaitingForApproval, Some(approval), "Not published: it waits for the person.".to_owned())
                }
                Asked::Done => (Status::GoingOut, None, "On its way after the hold window.".to_owned()),
            }
        };
        let view = cx.desk.read_post(cx.caller, &id).await?;
        let text = match status {
            Status::DryRun => dry_lines(cx, &first, &view),
            Status::WaitingForApproval | Status::GoingOut => format!("{first}\n{}", lines(cx, &view)),
        };
        let text = warnings.after(text);
        let approval_url = waiting.as_ref().map(|approval| cx.approval_url(approval));
        Ok(Answered {
            structured: Published { status, twice: warnings.twice, approval_url, post: BriefPost::of(cx, &view) },
            text,
            waiting: waiting.into_iter().collect(),
        })
    }
}
