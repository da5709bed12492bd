//! `publish_post`: now, after the hold window.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{BriefPost, Warnings, dry_lines, lines};
use super::{Answered, Tool, ToolContext};
use crate::desk::{Asked, Wish};
use crate::domain::approval::When;
use crate::domain::ids::PostId;
use crate::domain::tool::{Effect, Keep, ToolError};
use crate::domain::video::VideoWish;
use crate::say;

/// What YouTube told may be kept so long (platforms/google.md §4.5).
const KEEP_MS: i64 = 30 * 24 * 3_600_000;

/// Publishes a post now, or changes an own YouTube video. Without a standing permission the person must approve at approval_url. After their yes it is held for a few
/// seconds, in which withdraw_post still stops it. Never say that it is out before get_post says so.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishPost {
    /// The post.
    #[serde(default)]
    post: String,
    /// Only these of its accounts.
    #[serde(default)]
    accounts: Vec<String>,
    /// Instead of a post.
    #[serde(default)]
    video: Option<VideoArg>,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only.
    #[serde(default)]
    dry_run: bool,
}

/// A video on YouTube, and what shall stand there; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct VideoArg {
    id: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// A picture's media id.
    #[serde(default)]
    thumbnail: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<BriefPost>,
    #[serde(skip)]
    keep: Option<Keep>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Status {
    WaitingForApproval,
    GoingOut,
    #[expect(dead_code, reason = "written where a person answered in their client, when it is done")]
    Changed,
    DryRun,
}

impl Tool for PublishPost {
    const NAME: &'static str = "publish_post";
    const TITLE: &'static str = "Publish a post now";
    const EFFECT: Effect = Effect::Publishes;
    const IDEMPOTENT: bool = false;
    type Answer = Published;

    fn keep(answer: &Published) -> Option<Keep> {
        answer.keep.clone()
    }

    /// What stood at a video may be somebody else's words.
    fn is_strange(answer: &Published) -> bool {
        answer.keep.is_some()
    }

    async fn call(mut self, cx: &ToolContext<'_>) -> Result<Answered<Published>, ToolError> {
        if let Some(video) = self.video.take() {
            return self.change(cx, video).await;
        }
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
            Status::WaitingForApproval | Status::GoingOut | Status::Changed => format!("{first}\n{}", lines(cx, &view)),
        };
        let text = warnings.after(text);
        let approval_url = waiting.as_ref().map(|approval| cx.approval_url(approval));
        Ok(Answered {
            structured: Published {
                status,
                twice: warnings.twice,
                approval_url,
                post: Some(BriefPost::of(cx, &view)),
                keep: None,
            },
            text,
            waiting: waiting.into_iter().collect(),
        })
    }
}

impl PublishPost {
    /// Asks to change a video that is there.
    async fn change(self, cx: &ToolContext<'_>, video: VideoArg) -> Result<Answered<Published>, ToolError> {
        let account = match (self.post.as_str(), self.accounts.as_slice()) {
            ("", []) => None,
            ("", [one]) => Some(one.as_str()),
            ("", _) => return Err(say!("common-argument-wrong", what = "a video is one account's").into()),
            _ => return Err(say!("common-argument-wrong", what = "give either post or video, not both").into()),
        };
        let VideoArg { id, title, description, tags, thumbnail } = video;
        let thumbnail = thumbnail
            .map(|id| id.parse().map_err(|error| say!("common-argument-wrong", what = format!("thumbnail: {error}"))));
        let wish = VideoWish { title, description, tags, thumbnail: thumbnail.transpose()? };
        let plan = cx.desk.plan_video(cx.caller, (account, &id), &wish).await?;
        let (status, waiting, first) = if self.dry_run {
            (Status::DryRun, None, super::answer::dry(cx, "The person would be asked to change it so:"))
        } else {
            match cx.desk.ask_video(cx.caller, &plan).await? {
                Asked::Waiting(approval) => {
                    (Status::WaitingForApproval, Some(approval), "Not changed: it waits for the person.".to_owned())
                }
                Asked::Done => return Err(ToolError::Failed("a change of a video was not asked about".into())),
            }
        };
        let mut lines = vec![first];
        // What stood there is YouTube's to tell, and not to every model.
        lines.extend(plan.change.lines().into_iter().map(|line| match cx.is_withheld {
            true => format!("- {}: {}", line.field, line.after),
            false => format!("- {}: {} → {}", line.field, line.before, line.after),
        }));
        lines.extend(plan.change.thumbnail.iter().map(|picture| format!("- thumbnail: {}", picture.medium)));
        lines.extend(plan.findings.iter().map(|finding| cx.say(&finding.what)));
        let approval_url = waiting.as_ref().map(|approval| cx.approval_url(approval));
        lines.extend(approval_url.iter().map(|url| cx.say(&say!("approval-waiting", url = url))));
        let keep = Keep { until_ms: cx.desk.now_ms() + KEEP_MS, accounts: vec![plan.account.id] };
        Ok(Answered {
            structured: Published { status, twice: Vec::new(), approval_url, post: None, keep: Some(keep) },
            text: lines.join("\n"),
            waiting: waiting.into_iter().collect(),
        })
    }
}
