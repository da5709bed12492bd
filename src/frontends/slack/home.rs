//! App Home: what needs the person, what comes next, how the accounts are, and what they can begin.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Slack;
use super::blocks::{Blocks, Button, escaped};
use super::modal::in_view;
use crate::desk::view::{PostStatus, PostView};
use crate::domain::caller::Caller;
use crate::domain::tool::ToolError;
use crate::say;

/// Rows of each part.
const ROWS_MAX: usize = 5;

/// Publishes somebody's Home.
pub(super) async fn show(slack: &Arc<Slack>, caller: &Caller, team: &str, user: &str) -> Result<(), ToolError> {
    let drawer = slack.drawer(caller);
    let mut blocks = Blocks::view();
    let is_paused = slack.app.is_paused(caller).await?;
    let (pause, label) = if is_paused { ("resume", "slack-resume") } else { ("pause", "slack-pause") };
    blocks.buttons(&[
        Button::primary("new", drawer.text("slack-new"), "new"),
        Button::plain(pause, drawer.text(label), "all"),
        Button::link(drawer.text("page-today"), drawer.page("")),
    ]);
    if is_paused {
        blocks.line(&format!(":warning: {}", escaped(&drawer.text("today-paused"))));
    }
    let waiting = slack.app.list_waiting(caller).await?;
    if !waiting.is_empty() {
        blocks.header(&drawer.text("today-waiting"));
    }
    for view in waiting.iter().take(ROWS_MAX) {
        blocks.line(&escaped(&drawer.say(&view.what)));
        blocks.buttons(&[Button::primary("question", drawer.text("approval-look"), view.approval.id.as_str())]);
    }
    let posts = slack.app.list_posts(caller).await?;
    for (title, status) in [
        ("today-attention", PostStatus::NeedsAttention),
        ("today-next", PostStatus::Scheduled),
        ("today-drafts", PostStatus::Draft),
    ] {
        let rows: Vec<&PostView> = posts.iter().filter(|post| post.status == status).take(ROWS_MAX).collect();
        if !rows.is_empty() {
            blocks.header(&drawer.text(title));
        }
        for post in rows {
            drawer.row(post, &mut blocks);
        }
    }
    blocks.header(&drawer.text("page-accounts"));
    drawer.accounts(&slack.app.list_accounts(caller).await?, &mut blocks);
    blocks.divider();
    drawer.language(&mut blocks);
    publish(slack, team, user, in_view(blocks)).await;
    Ok(())
}

/// What somebody sees who is none of our people.
pub(super) async fn show_stranger(slack: &Arc<Slack>, team: &str, user: &str) -> Result<(), ToolError> {
    let (lang, _) = slack.about(team, user).await;
    let mut blocks = Blocks::view();
    blocks.line(&escaped(&slack.app.words().say(lang, &say!("slack-hello"))));
    blocks.line(&escaped(&slack.app.words().text(lang, "slack-home-stranger")));
    publish(slack, team, user, in_view(blocks)).await;
    Ok(())
}

async fn publish(slack: &Slack, team: &str, user: &str, blocks: Vec<Value>) {
    let call = json!({ "user_id": user, "view": { "type": "home", "callback_id": "home", "blocks": blocks } });
    if let Err(fault) = slack.api.call(team, "views.publish", &call).await {
        tracing::warn!(error = %fault, "App Home could not be shown");
    }
}
