//! `schedule_post`: a time for a post, or another one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{BriefPost, Warnings, dry, dry_lines, lines};
use super::{Answered, Tool, ToolContext};
use crate::desk::{Asked, BatchWish, Wish};
use crate::domain::approval::{Act, When};
use crate::domain::ids::{ApprovalId, PostId};
use crate::domain::lang::Lang;
use crate::domain::recurrence::{self, CatchUp};
use crate::domain::schedule::{read_moment, read_zone};
use crate::domain::tool::{Effect, ToolError};
use crate::domain::{sheet, slots};
use crate::media::Owner;
use crate::say;

/// Schedules a post, or moves it; the old time stays until the new one is approved. Use it only after the person named a time. Without
/// a standing permission the person must approve at approval_url; tell them, and quote shown_at. Give either post and at, or plan, or csv: a
/// plan is one question about all its posts; a mistake in any of them schedules none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulePost {
    /// The post.
    #[serde(default)]
    post: Option<String>,
    /// RFC 3339 with offset (2026-11-24T09:00:00+09:00), wall time (2026-11-24T09:00) with zone, or the person's own words (tomorrow at 9,
    /// 来週火曜の朝9時), or "next free slot". When it can mean several times, the refusal lists them: let the person choose.
    #[serde(default)]
    at: Option<String>,
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
    /// Several drafts at once.
    #[serde(default)]
    plan: Vec<PlanArg>,
    /// A table of posts exactly as the person gave it; its rows become drafts. Head: date and time (or at), text, accounts, zone, media.
    #[serde(default)]
    csv: Option<String>,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct PlanArg {
    post: String,
    at: String,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    accounts: Vec<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// How many times it goes out, or how many posts are in the plan.
    times: usize,
    /// The instant, or the rule, as a person reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown_at: Option<String>,
    /// What the account said or is to say already: tell the person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    twice: Vec<String>,
    /// Where the person approves.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<BriefPost>,
    /// What is wrong with the plan, by number or row: nothing was scheduled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Problem {
    no: usize,
    why: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Status {
    WaitingForApproval,
    Scheduled,
    DryRun,
    NotScheduled,
}

impl Tool for SchedulePost {
    const NAME: &'static str = "schedule_post";
    const TITLE: &'static str = "Schedule a post";
    const EFFECT: Effect = Effect::Schedules;
    const IDEMPOTENT: bool = false;
    type Answer = Scheduled;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Scheduled>, ToolError> {
        // Beside a plan or a table nothing is named that counts for one post alone.
        let is_alone = self.repeat.is_none() && self.accounts.is_empty();
        let (post, at) = match (self.post, self.at, self.plan.is_empty(), &self.csv) {
            (Some(post), Some(at), true, None) => (post, at),
            (None, None, false, None) if is_alone => {
                return of_plan(cx, self.plan, self.zone.as_deref(), self.dry_run).await;
            }
            (None, None, true, Some(csv)) if is_alone => {
                return of_csv(cx, csv, self.zone.as_deref(), self.dry_run).await;
            }
            _ => {
                return Err(
                    say!("common-argument-wrong", what = "give post and at, or plan alone, or csv alone").into()
                );
            }
        };
        let id = post_id(&post)?;
        let now = cx.desk.now_ms();
        let mut moment = if slots::is_asked(&at) {
            cx.desk.next_slot(cx.caller, &id, &self.accounts).await?
        } else {
            read_moment(&at, self.zone.as_deref(), &cx.caller.zone, now)?
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
        let warnings = Warnings::of(cx, &act).await?;
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
            Status::WaitingForApproval | Status::Scheduled | Status::NotScheduled => {
                format!("{first}\n{}", lines(cx, &view))
            }
        };
        let text = warnings.after(text);
        let approval_url = waiting.as_ref().map(|approval| cx.approval_url(approval));
        let structured = Scheduled {
            status,
            at: Some(moment.rfc3339()),
            times,
            shown_at: Some(shown_at),
            twice: warnings.twice,
            approval_url,
            post: Some(BriefPost::of(cx, &view)),
            problems: Vec::new(),
        };
        Ok(Answered { structured, text, waiting: waiting.into_iter().collect() })
    }
}

fn post_id(given: &str) -> Result<PostId, ToolError> {
    given.parse().map_err(|_| say!("post-not-found", id = given.chars().take(60).collect::<String>()).into())
}

/// Things of one kind that an answer names; the page and the question name all.
const NAMED_MAX: usize = 20;

/// Several drafts that are there already; `home` is the zone of those that name none.
async fn of_plan(
    cx: &ToolContext<'_>,
    plan: Vec<PlanArg>,
    home: Option<&str>,
    is_dry: bool,
) -> Result<Answered<Scheduled>, ToolError> {
    let mut wishes = Vec::with_capacity(plan.len());
    for PlanArg { post, at, zone, accounts } in plan {
        let zone = zone.or_else(|| home.map(str::to_owned));
        wishes.push(BatchWish { post: post_id(&post)?, at, zone, accounts });
    }
    let (mut posts, mut problems) = (Vec::new(), Vec::new());
    for (no, planned) in (1..).zip(cx.desk.plan_batch(cx.caller, &wishes).await?) {
        match planned {
            Ok(post) => posts.push(post),
            Err(why) => problems.push(Problem { no, why: cx.say(&why) }),
        }
    }
    if !problems.is_empty() {
        return Ok(not_scheduled("Number", problems));
    }
    let times = posts.len();
    let act = Act::Batch { posts };
    let mut warnings = Warnings::of(cx, &act).await?;
    warnings.cut(NAMED_MAX);
    let Act::Batch { posts } = act else { return Err(ToolError::Failed("a plan turned into something else".into())) };
    let (status, waiting, first) = if is_dry {
        (Status::DryRun, None, dry(cx, &format!("{times} posts would be scheduled.")))
    } else {
        match cx.desk.ask_batch(cx.caller, posts).await? {
            Asked::Waiting(id) => (
                Status::WaitingForApproval,
                Some(id),
                format!("Not scheduled yet, it waits for the person: one question about {times} posts."),
            ),
            Asked::Done => (Status::Scheduled, None, format!("Scheduled: {times} posts.")),
        }
    };
    Ok(planned(cx, (status, first), times, (warnings, waiting)))
}

/// A table: drafts and one question, whatever standing permission there is; `home` is the zone of rows that name none.
async fn of_csv(
    cx: &ToolContext<'_>,
    csv: &str,
    home: Option<&str>,
    is_dry: bool,
) -> Result<Answered<Scheduled>, ToolError> {
    let mut sheet = sheet::read(csv.as_bytes())?;
    if let Some(home) = home.map(read_zone).transpose()? {
        for row in sheet.rows.iter_mut().filter(|row| row.zone.is_none()) {
            row.zone = Some(home.clone());
        }
    }
    let tried = cx.desk.preview_import(cx.caller, &sheet).await?;
    let done = if is_dry || !tried.faults.is_empty() {
        tried
    } else {
        let (workspace, user) = (cx.caller.workspace.clone(), cx.caller.user.clone());
        let owner = Owner { workspace, user, upload: None, is_tainted: cx.caller.is_tainted };
        let media = cx.media.bring(&sheet.rows, &owner).await?;
        cx.desk.import(cx.caller, &sheet, &media).await?
    };
    if !done.faults.is_empty() {
        let problems = done.faults.iter().map(|fault| Problem { no: fault.no, why: cx.say(&fault.why) });
        return Ok(not_scheduled("Row", problems.collect()));
    }
    let first = match &done.approval {
        None => dry(cx, &format!("{} drafts would be made, and one question asked.", done.posts)),
        Some(_) if done.posts == 1 => "1 draft made, not scheduled yet: one question waits for the person.".to_owned(),
        Some(_) => format!("{} drafts made, not scheduled yet: one question waits for the person.", done.posts),
    };
    let status = if done.approval.is_some() { Status::WaitingForApproval } else { Status::DryRun };
    let first = match done.ignored.as_slice() {
        [] => first,
        columns => format!("{first}\n{}", cx.say(&say!("plan-ignored", columns = columns.join(", ")))),
    };
    Ok(planned(cx, (status, first), done.posts, (Warnings::default(), done.approval)))
}

fn planned(
    cx: &ToolContext<'_>,
    (status, first): (Status, String),
    times: usize,
    (warnings, waiting): (Warnings, Option<ApprovalId>),
) -> Answered<Scheduled> {
    let approval_url = waiting.as_ref().map(|id| cx.approval_url(id));
    let told = approval_url.as_ref().map(|url| cx.say(&say!("approval-waiting", url = url)));
    let text = warnings.after([Some(first), told].into_iter().flatten().collect::<Vec<_>>().join("\n"));
    let twice = warnings.twice;
    let structured =
        Scheduled { status, at: None, times, shown_at: None, twice, approval_url, post: None, problems: Vec::new() };
    Answered { structured, text, waiting: waiting.into_iter().collect() }
}

fn not_scheduled(kind: &str, mut problems: Vec<Problem>) -> Answered<Scheduled> {
    let all = problems.len();
    problems.truncate(NAMED_MAX);
    let mut lines =
        vec![format!("Nothing was scheduled: {all} cannot be used. Mend them and give the whole plan again.")];
    lines.extend(problems.iter().map(|problem| format!("{kind} {}: {}", problem.no, problem.why)));
    let structured = Scheduled {
        status: Status::NotScheduled,
        at: None,
        times: 0,
        shown_at: None,
        twice: Vec::new(),
        approval_url: None,
        post: None,
        problems,
    };
    Answered { structured, text: lines.join("\n"), waiting: Vec::new() }
}
