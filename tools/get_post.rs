//! `get_post`: one post with everything known of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{FullPost, Place, lines};
use super::{Answered, Tool, ToolContext};
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// One post: its variants with checks and previews, where each delivery stands, what is visible and how that is known. Use the
/// wording it gives when you tell the person what happened.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetPost {
    /// The post.
    post: String,
    /// From an earlier answer's next_cursor: the rest of a very long post.
    #[serde(default)]
    cursor: Option<String>,
}

/// The post.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Got {
    post: FullPost,
}

impl Tool for GetPost {
    const NAME: &'static str = "get_post";
    const TITLE: &'static str = "Read a post";
    const EFFECT: Effect = Effect::Reads;
    const IDEMPOTENT: bool = true;
    type Answer = Got;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Got>, ToolError> {
        let id = self
            .post
            .parse()
            .map_err(|_| say!("post-not-found", id = self.post.chars().take(60).collect::<String>()))?;
        let view = cx.desk.read_post(cx.caller, &id).await?;
        let from = self.cursor.as_deref().map(Place::read).transpose()?.unwrap_or_default();
        let text = lines(cx, &view);
        Ok(Answered { structured: Got { post: FullPost::from(cx, &view, from) }, text, waiting: Vec::new() })
    }
}
