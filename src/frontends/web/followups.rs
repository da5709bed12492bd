//! Posts that beat their account's median, as the pages show them, and the button that has the core draft three follow-ups: it says so in a conversation
//! of its own, which goes on like any other.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::chat::{self, Wish};
use super::form::{Kept, Posted};
use super::page::Refused;
use super::turns::Turns;
use crate::app::App;
use crate::app::followups::Winning;
use crate::domain::caller::Caller;
use crate::domain::ids::PostId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// The posts, and whether their follow-ups can be drafted here.
pub(super) struct Winners {
    pub(super) all: Vec<Winning>,
    /// Why not.
    pub(super) off: Option<Sentence>,
    /// Names the message that a button sends, so that it is said once however often it is pressed.
    pub(super) key: String,
}

impl Winners {
    /// As they stand for somebody now.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn of(app: &App, caller: &Caller) -> Result<Self, ToolError> {
        let (all, off) = (app.winners(caller).await?, app.conversation_off(caller).await?);
        Ok(Self { all, off, key: app.message_key() })
    }
}

/// A post to be followed up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Follow {
    key: String,
    post: String,
}

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    Extension(turns): Extension<Arc<Turns>>,
    Posted { person, fields: Follow { key, post } }: Posted<Follow>,
) -> Response {
    let wish = match post.parse::<PostId>() {
        Ok(post) => app.follow_up(&person.caller, &post).await,
        Err(_) => Err(say!("post-not-found", id = "–").into()),
    };
    match wish {
        Ok(text) => chat::take(&app, &turns, None, Kept { person, fields: Wish { key, text }, is_own: true }).await,
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
