//! `list_posts`: posts by where they stand, paged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::is_false;
use super::{Answered, Tool, ToolContext};
use crate::desk::view::PostStatus;
use crate::domain::ids::PostId;
use crate::domain::schedule::Moment;
use crate::domain::tool::{Effect, ToolError};
use crate::say;
use crate::store::post_lists::PostsWanted;

/// Lists posts, last edited first: drafts, scheduled, published, needing attention. get_post tells more of one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPosts {
    /// Only posts that stand here.
    #[serde(default)]
    status: Option<PostStatus>,
    /// Only posts with this account (id or handle).
    #[serde(default)]
    account: Option<String>,
    /// Only posts due from then on, RFC 3339 with offset.
    #[serde(default)]
    from: Option<String>,
    /// Only posts due before then.
    #[serde(default)]
    until: Option<String>,
    /// How many at most, 1 to 50.
    #[serde(default)]
    limit: Option<u32>,
    /// From an earlier answer's next_cursor.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of posts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Posts {
    posts: Vec<Brief>,
    /// Give it as cursor for more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Brief {
    id: String,
    revision: i64,
    status: PostStatus,
    /// The beginning of its text.
    text: String,
    accounts: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    third_party_text: bool,
    /// When its next or last delivery is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown_at: Option<String>,
}

/// A page that fits any client's context.
const LIMIT_DEFAULT: u32 = 20;
/// A page is no larger, whatever stands in it: its lines for readers come on top.
const PAGE_BYTES: usize = 20_000;
/// The beginning of a text that tells posts apart.
const TEXT_CHARS: usize = 80;

impl Tool for ListPosts {
    const NAME: &'static str = "list_posts";
    const TITLE: &'static str = "List posts";
    const EFFECT: Effect = Effect::Reads;
    const IDEMPOTENT: bool = true;
    type Answer = Posts;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Posts>, ToolError> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=50).contains(&limit) {
            return Err(say!("common-argument-wrong", what = "limit must be 1 to 50").into());
        }
        let after = self.cursor.as_deref().map(position).transpose()?;
        let due = span(self.from.as_deref(), self.until.as_deref())?;
        let account = match self.account {
            Some(given) => Some(cx.desk.find_accounts(cx.caller, &[given]).await?.remove(0).account.id),
            None => None,
        };
        let wanted = PostsWanted { status: self.status, account, due, after };
        // One more tells whether there are more.
        let mut found = cx.desk.list_briefs(cx.caller, &wanted, i64::from(limit) + 1).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next_cursor = found.last().filter(|_| has_more).map(|last| format!("{}-{}", last.edited_at, last.id));
        let ends: Vec<String> = found.iter().map(|view| format!("{}-{}", view.edited_at, view.id)).collect();
        let posts: Vec<Brief> = found
            .into_iter()
            .map(|post| Brief {
                id: post.id.to_string(),
                revision: post.revision,
                status: post.status,
                third_party_text: post.is_third_party,
                text: post.text.chars().take(TEXT_CHARS).collect(),
                accounts: post.handles.iter().map(|handle| format!("@{handle}")).collect(),
                at: post.due.as_ref().map(Moment::rfc3339),
                shown_at: post.due.as_ref().map(|due| cx.words.moment(cx.lang, due, cx.desk.now_ms())),
            })
            .collect();
        let (posts, next_cursor) = within(posts, ends, next_cursor);
        let mut text: Vec<String> = posts
            .iter()
            .map(|post| {
                format!(
                    "{} [{}] {}{}",
                    post.id,
                    post.status.word(),
                    post.text,
                    post.shown_at.as_ref().map(|at| format!(" – {at}")).unwrap_or_default()
                )
            })
            .collect();
        if text.is_empty() {
            text.push("No posts.".into());
        }
        Ok(Answered { structured: Posts { posts, next_cursor }, text: text.join("\n"), waiting: Vec::new() })
    }
}

/// As many of them as fit any client's context; the rest comes behind the cursor.
fn within(posts: Vec<Brief>, ends: Vec<String>, next_cursor: Option<String>) -> (Vec<Brief>, Option<String>) {
    let (mut room, all, mut kept) = (PAGE_BYTES, posts.len(), Vec::new());
    for post in posts {
        let size = serde_json::to_string(&post).map_or(0, |text| text.len());
        if size > room && !kept.is_empty() {
            break;
        }
        room = room.saturating_sub(size);
        kept.push(post);
    }
    let cut =
        if kept.len() < all { kept.len().checked_sub(1).and_then(|last| ends.into_iter().nth(last)) } else { None };
    (kept, cut.or(next_cursor))
}

/// Where a cursor points: behind this post, as it was edited then.
fn position(cursor: &str) -> Result<(i64, PostId), ToolError> {
    let read = || {
        let (at, id) = cursor.split_once('-')?;
        Some((at.parse().ok()?, id.parse().ok()?))
    };
    read().ok_or_else(|| say!("common-argument-wrong", what = "cursor must be a next_cursor of list_posts").into())
}

/// The span between two ends; an end that is not given is open.
fn span(from: Option<&str>, until: Option<&str>) -> Result<Option<(i64, i64)>, ToolError> {
    if from.is_none() && until.is_none() {
        return Ok(None);
    }
    let read = |name: &str, text: Option<&str>, open: i64| match text {
        Some(text) => text.parse::<jiff::Timestamp>().map(|at| at.as_millisecond()).map_err(|_| {
            say!(
                "common-argument-wrong",
                what = format!("{name} must be RFC 3339 with offset, such as 2026-11-30T09:00:00+09:00")
            )
        }),
        None => Ok(open),
    };
    let (from, until) = (read("from", from, i64::MIN)?, read("until", until, i64::MAX)?);
    if from >= until {
        return Err(say!("common-argument-wrong", what = "from must be before until").into());
    }
    Ok(Some((from, until)))
}
