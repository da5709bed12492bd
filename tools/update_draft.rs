//! `update_draft`: replaces what a post says, by revision.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{DraftPost, SegmentArg, VariantArg, draft, dry_lines, lines};
use super::{Answered, Tool, ToolContext};
use crate::desk::Draft;
use crate::domain::ids::PostId;
use crate::domain::post::Options;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Replaces what a post says. Give the revision you read; a stale one is refused with the current one. What was approved and has not
/// gone out will not go out until the person approves it again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateDraft {
    /// The post.
    post: String,
    /// The revision you read.
    revision: i64,
    /// As in create_draft.
    #[serde(default)]
    text: Option<String>,
    /// As in create_draft.
    #[serde(default)]
    #[schemars(schema_with = "objects")]
    segments: Option<Vec<SegmentArg>>,
    /// As in create_draft.
    #[serde(default)]
    accounts: Vec<String>,
    /// As in create_draft.
    #[serde(default)]
    #[schemars(schema_with = "objects")]
    variants: Vec<VariantArg>,
    /// As in create_draft.
    #[serde(default)]
    #[schemars(schema_with = "object")]
    options: Option<Options>,
    /// As in create_draft.
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

/// The post after the edit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Updated {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
    post: DraftPost,
}

/// Their shape stands in create_draft, and is paid for once.
fn objects(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "array", "items": { "type": "object" } })
}

fn object(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "object" })
}

impl Tool for UpdateDraft {
    const NAME: &'static str = "update_draft";
    const TITLE: &'static str = "Edit a draft";
    const EFFECT: Effect = Effect::Drafts;
    const IDEMPOTENT: bool = false;
    const TAKES_AWAY: bool = true;
    type Answer = Updated;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Updated>, ToolError> {
        let id: PostId = self
            .post
            .parse()
            .map_err(|_| say!("post-not-found", id = self.post.chars().take(60).collect::<String>()))?;
        let draft = draft(self.text, self.segments, self.accounts, self.variants, self.options)?;
        let draft = Draft { is_split: self.split, is_plain: self.plain_links, ..draft };
        let view = if self.dry_run {
            cx.desk.preview_update(cx.caller, &id, self.revision, &draft).await?
        } else {
            cx.desk.update_draft(cx.caller, &id, self.revision, &draft).await?
        };
        let text = if self.dry_run { dry_lines(cx, "", &view) } else { lines(cx, &view) };
        Ok(Answered {
            structured: Updated { dry_run: self.dry_run, post: DraftPost::of(cx, &view) },
            text,
            waiting: Vec::new(),
        })
    }
}
