//! `list_posts`: posts by where they stand, paged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Tool, ToolContext};
use crate::desk::view::PostStatus;
use crate::domain::lang::Lang;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

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
    /// When its next or last delivery is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown_at: Option<String>,
}

/// A page that fits any client's context.
const LIMIT_DEFAULT: u32 = 20;
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
        let before = match &self.cursor {
            Some(cursor) => cursor
                .strip_prefix("before-")
                .and_then(|at| at.parse().ok())
                .ok_or_else(|| say!("common-argument-wrong", what = "cursor must be a next_cursor of list_posts"))?,
            None => i64::MAX,
        };
        let account = match self.account {
            Some(given) => Some(cx.desk.find_accounts(cx.caller, &[given]).await?.remove(0).account.id),
            None => None,
        };
        let found = cx.desk.list_posts(cx.caller, before, i64::from(limit)).await?;
        let is_full = found.len() == usize::try_from(limit).unwrap_or(usize::MAX);
        let next_cursor = found.last().filter(|_| is_full).map(|last| format!("before-{}", last.edited_at - 1));
        let posts: Vec<Brief> = found
            .into_iter()
            .filter(|view| self.status.is_none_or(|status| view.status == status))
            .filter(|view| {
                account.as_ref().is_none_or(|id| view.variants.iter().any(|variant| variant.account.id == *id))
            })
            .map(|view| Brief {
                id: view.id.to_string(),
                revision: view.revision,
                status: view.status,
                text: view
                    .variants
                    .first()
                    .and_then(|variant| variant.content.segments.first())
                    .map(|segment| segment.text.chars().take(TEXT_CHARS).collect())
                    .unwrap_or_default(),
                accounts: view.variants.iter().map(|variant| format!("@{}", variant.account.handle)).collect(),
                shown_at: view.deliveries.first().map(|d| cx.words.moment(Lang::En, &d.when, cx.desk.now_ms())),
            })
            .collect();
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
        Ok(Answered { structured: Posts { posts, next_cursor }, text: text.join("\n"), waiting: None })
    }
}
