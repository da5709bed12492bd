//! What is somebody's own at a glance: what needs them, what comes next, how the accounts are, and what they can begin. Slack shows it as
//! App Home.

use super::draw::Drawer;
use super::message::{Button, Message, Text};
use super::{Hall, Service};
use crate::desk::view::{PostStatus, PostView};
use crate::domain::tool::ToolError;
use crate::say;

/// Rows of each part.
const ROWS_MAX: usize = 5;

/// Somebody's page.
pub(crate) async fn draw(drawer: &Drawer<'_>) -> Result<Message, ToolError> {
    let (app, caller) = (drawer.app, drawer.caller);
    let mut message = drawer.begin(drawer.text("page-today"));
    let is_paused = app.is_paused(caller).await?;
    let (pause, label) = if is_paused { ("resume", "place-resume") } else { ("pause", "place-pause") };
    message.buttons(vec![
        Button::primary("new", drawer.text("place-new"), "new"),
        Button::plain(pause, drawer.text(label), "all"),
        Button::link(drawer.text("page-today"), drawer.page("")),
    ]);
    if is_paused {
        message.line(format!("⚠️ {}", drawer.text("today-paused")));
    }
    let waiting = app.list_waiting(caller).await?;
    if !waiting.is_empty() {
        message.header(drawer.text("today-waiting"));
    }
    for view in waiting.iter().take(ROWS_MAX) {
        message.line(drawer.say(&view.what));
        message.buttons(vec![Button::primary("question", drawer.text("approval-look"), view.approval.id.as_str())]);
    }
    let posts = app.list_posts(caller).await?;
    for (title, status) in [
        ("today-attention", PostStatus::NeedsAttention),
        ("today-next", PostStatus::Scheduled),
        ("today-drafts", PostStatus::Draft),
    ] {
        let rows: Vec<&PostView> = posts.iter().filter(|post| post.status == status).take(ROWS_MAX).collect();
        if !rows.is_empty() {
            message.header(drawer.text(title));
        }
        for post in rows {
            drawer.row(post, &mut message);
        }
    }
    message.header(drawer.text("page-accounts"));
    drawer.accounts(&app.list_accounts(caller).await?, &mut message);
    message.divider();
    drawer.language(&mut message);
    Ok(message)
}

/// What somebody sees who is none of our people.
pub(crate) async fn show_stranger(
    service: &dyn Service,
    hall: &Hall,
    inbound: &super::inbound::Inbound,
) -> Result<(), ToolError> {
    let (lang, _) = service.about(inbound).await;
    let words = hall.app.words();
    let mut message = Message::new("");
    message.line(Text::plain(words.say(lang, &say!("place-hello"))));
    message.line(Text::plain(words.text(lang, "place-home-stranger")));
    service.show_home(&inbound.team, &inbound.member.id, &message).await;
    Ok(())
}
