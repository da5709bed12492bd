//! `schedule_post`: a time for a post, or another one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{BriefPost, dry_lines, lines, with_twice};
use super::{Answered, Tool, ToolContext};
use crate::desk::{Asked, Wish};
use crate::domain::approval::When;
use crate::domain::ids::PostId;
use crate::domain::lang::Lang;
use crate::domain::recurrence::{self, CatchUp};
use crate::domain::schedule::read_moment;
use crate::domain::slots;
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
    /// 来週火曜の朝9時), or "next free slot". When it can mean several times, the refusal lists them: let the person choose.
    at: String,
    /// IANA zone, such as Asia/Tokyo; needed for wall time. Words without it are meant in the person's zone.
    #[serde(default)]
    zone: Option<String>,
    /// RFC 5545 rule with COUNT or UNTIL. FREQ=WEEKLY;COUNT=8
    #[serde(default)]
    repeat: Option<String>,
    /// What to do with instants that pass while nothing could go out.
    #[serde(default)]
    catch_up: Passed,
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

// Without a comment on each: the schema would carry them to every model at every turn.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Passed {
    #[default]
    Skip,
    Latest,
    Ask,
}

impl From<Passed> for CatchUp {
    fn from(passed: Passed) -> Self {
        match passed {
            Passed::Skip => Self::Skip,
            Passed::Latest => Self::Latest,
            Passed::Ask => Self::Ask,
        }
    }
}

/// What became of the wish.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Scheduled {
    status: Status,
    /// The instant, RFC 3339.
    at: String,
    /// How many times it goes out.
    times: usize,
    /// The instant, or the rule, as a person reads it.
    shown_at: String,
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
        let mut moment = if slots::is_asked(&self.at) {
            cx.desk.next_slot(cx.caller, &id, &self.accounts).await?
        } else {
            read_moment(&self.at, self.zone.as_deref(), &cx.caller.zone, now)?
        };
        let mut times = 1;
        let when = match &self.repeat {
            None => When::At { at_ms: moment.at_ms, zone: moment.zone.clone() },
            Some(rule) => {
                let every = recurrence::read(rule, &moment, self.catch_up.into(), now)?;
                // The rule's own first time, which is not the one named when that is on another day.
                moment.at_ms = every.instants.first().copied().unwrap_or(moment.at_ms);
                times = every.instants.len();
                When::Every(every)
            }
        };
        let wish = Wish { post: id.clone(), when: when.clone(), accounts: self.accounts, again: false };
        let act = cx.desk.plan(cx.caller, &wish).await?;
        let twice: Vec<String> = cx.desk.said_twice(cx.caller, &act).await?.iter().map(|found| cx.say(found)).collect();
        let mut shown_at = cx.words.moment(Lang::En, &moment, now);
        if let When::Every(every) = &when {
            // It ends with a full stop of its own.
            let rule = cx.words.recurrence(Lang::En, every, now);
            shown_at = format!("{shown_at}, then {}", rule.trim_end_matches('.'));
        }
        let (status, waiting, first) = if self.dry_run {
            (Status::DryRun, None, format!("It would be scheduled for {shown_at}."))
        } else {
            match cx.desk.ask(cx.caller, act, Some(&id)).await? {
                Asked::Waiting(approval) => (
                    Status::WaitingForApproval,
                    Some(approval),
                    format!("Not scheduled yet, it waits for the person: {shown_at}."),
                ),
                Asked::Done => (Status::Scheduled, None, format!("Scheduled for {shown_at}.")),
            }
        };
        let view = cx.desk.read_post(cx.caller, &id).await?;
        let text = match status {
            Status::DryRun => dry_lines(cx, &first, &view),
            Status::WaitingForApproval | Status::Scheduled => format!("{first}\n{}", lines(cx, &view)),
        };
        let text = with_twice(text, &twice);
        let approval_url = waiting.as_ref().map(|approval| cx.approval_url(approval));
        let structured = Scheduled {
            status,
            at: moment.rfc3339(),
            times,
            shown_at,
            twice,
            approval_url,
            post: BriefPost::of(cx, &view),
        };
        Ok(Answered { structured, text, waiting: waiting.into_iter().collect() })
    }
}
