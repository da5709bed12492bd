//! `create_draft`: writes a post and says at once how each network would take it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{DraftPost, SegmentArg, VariantArg, draft, dry_lines, lines};
use super::{Answered, Tool, ToolContext};
use crate::desk::Draft;
use crate::domain::post::Options;
use crate::domain::tool::{Effect, ToolError};

/// Writes a draft for one or more accounts and answers with each network's checks and a preview. Nothing goes out. A draft with
/// errors is kept: mend it with update_draft.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDraft {
    /// What to say. Use segments for a thread, media or a poll.
    #[serde(default)]
    text: Option<String>,
    /// A thread, or one segment with media or a poll.
    #[serde(default)]
    segments: Option<Vec<SegmentArg>>,
    /// Account ids or handles; may be left out when one is connected.
    #[serde(default)]
    accounts: Vec<String>,
    /// What single accounts show instead.
    #[serde(default)]
    variants: Vec<VariantArg>,
    /// Audience and disclosure.
    #[serde(default)]
    options: Option<Options>,
    /// Make threads of too long texts, cut at sentence ends.
    #[serde(default)]
    split: bool,
    /// No UTM tags on links; else some once Google Analytics is connected.
    #[serde(default)]
    plain_links: bool,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check and preview only.
    #[serde(default)]
    dry_run: bool,
}

/// The draft.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Drafted {
    /// True when it was only checked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// The post.
    pub post: DraftPost,
}

impl Tool for CreateDraft {
    const NAME: &'static str = "create_draft";
    const TITLE: &'static str = "Write a draft";
    const EFFECT: Effect = Effect::Drafts;
    const IDEMPOTENT: bool = false;
    type Answer = Drafted;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Drafted>, ToolError> {
        let draft = draft(self.text, self.segments, self.accounts, self.variants, self.options)?;
        let draft = Draft { is_split: self.split, is_plain: self.plain_links, ..draft };
        let view = if self.dry_run {
            let post = cx.desk.compose(cx.caller, &draft).await?;
            cx.desk.preview_post(cx.caller, post).await?
        } else {
            cx.desk.create_draft(cx.caller, &draft).await?
        };
        let (post, text) = if self.dry_run {
            (DraftPost::tried(cx, &view), dry_lines(cx, "", &view))
        } else {
            (DraftPost::of(cx, &view), lines(cx, &view))
        };
        Ok(Answered { structured: Drafted { dry_run: self.dry_run, post }, text, waiting: Vec::new() })
    }
}
