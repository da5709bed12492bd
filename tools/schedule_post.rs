//! `schedule_post`: a time for a post, or another one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{BriefPost, dry_lines, lines};
use super::{Answered, Tool, ToolContext};
use crate::desk::{Asked, Wish};
use crate::domain::approval::When;
use crate::domain::ids::PostId;
use crate::domain::lang::Lang;
use crate::domain::schedule::read_moment;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Schedules a post, or moves it; the old time stays until the new one is approved. Use it only after the person named a time. Without
/// a standing permission the person must approve at approval_url; tell them, and quote shown_at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulePost {
    /// The post.
    post: String,
    /// RFC 3339 with offset (2026-11-24T09:00:00+09:00), wall time (2026-11-24T09:00) with zone, or the person's own words (tomorrow at 9,
    /// 来週火曜の朝9時). When it can mean several times, the refusal lists them: let the person choose.
    at: String,
    /// IANA zone, such as Asia/Tokyo; needed for wall time. Words without it are meant in the person's zone.
    #[serde(default)]
    zone: Option<String>,
    /// Only these of its accounts.
    #[serde(default)]
    accounts: Vec<String>,
    /// Same key and arguments: same answer for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only, store nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What became of the wish.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Scheduled {
    status: Status,
    /// The instant, RFC 3339.
    at: String,
    /// The instant as a person reads it.
    shown_at: String,
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
    Scheduled,
    DryRun,
}

impl Tool for SchedulePost {
    const NAME: &'static str = "schedule_post";
    const TITLE: &'static str = "Schedule a post";
    const EFFECT: Effect = Effect::Schedules;
    const IDEMPOTENT: bool = false;
    type Answer = Scheduled;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Scheduled>, ToolError> {
        let id: PostId = self
            .post
            .parse()
            .map_err(|_| say!("post-not-found", id = self.post.chars().take(60).collect::<String>()))?;
        let now = cx.desk.now_ms();
        let moment = read_moment(&self.at, self.zone.as_deref(), &cx.caller.zone, now)?;
        let when = When::At { at_ms: moment.at_ms, zone: moment.zone.clone() };
        let act = cx.desk.plan(cx.caller, &Wish { post: id.clone(), when, accounts: self.accounts }).await?;
        let shown_at = cx.words.moment(Lang::En, &moment, now);
        let (status, waiting, first) = if self.dry_run {
            (Status::DryRun, None, format!("It would be scheduled for {shown_at}."))
        } else {
            match cx.desk.ask(cx.caller, act, Some(&id)).await? {
                Asked::Waiting(approval) => (
                    Status::WaitingForApproval,
                    Some(approval),
                    format!("Not scheduled yet: {shown_at} waits for the person."),
                ),
                Asked::Done => (Status::Scheduled, None, format!("Scheduled for {shown_at}.")),
            }
        };
        let view = cx.desk.read_post(cx.caller, &id).await?;
        let text = match status {
            Status::DryRun => dry_lines(cx, &first, &view),
            Status::WaitingForApproval | Status::Scheduled => format!("{first}\n{}", lines(cx, &view)),
        };
        let approval_url = waiting.as_ref().map(|approval| cx.approval_url(approval));
        let structured =
            Scheduled { status, at: moment.rfc3339(), shown_at, approval_url, post: BriefPost::of(cx, &view) };
        Ok(Answered { structured, text, waiting: waiting.into_iter().collect() })
    }
}
