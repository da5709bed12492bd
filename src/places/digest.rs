//! What is going on, told without asking, to whoever wants that: what needs them, what comes next, what went out; once a week also the week in
//! figures, and what to do next. The figures are `app::weekly`.

use super::draw::Drawer;
use super::inbound::Spot;
use super::message::{Button, Message, Span, Text};
use super::{Service, To, noted};
use crate::app::digests::Due;
use crate::app::weekly::Weekly;
use crate::desk::view::{PostStatus, PostView};
use crate::domain::ids::PostId;
use crate::domain::tool::ToolError;

/// Rows of each part.
const ROWS_MAX: usize = 5;

/// Tells everybody whose time it is.
pub(super) async fn tell(service: &dyn Service) -> Result<(), ToolError> {
    let hall = service.hall();
    for due in hall.app.digests_due(hall.place).await? {
        // One that fails holds up nobody behind it, and is not repeated: the pages say the same.
        if let Err(error) = one(service, &due).await {
            tracing::warn!(place = hall.place.word(), error = %error, "a digest could not be told");
        }
    }
    Ok(())
}

async fn one(service: &dyn Service, due: &Due) -> Result<(), ToolError> {
    let hall = service.hall();
    let Some((team, user)) = due.subject.split_once(':') else { return Ok(()) };
    let Some(reader) = hall.app.person_in(hall.place, &due.user).await? else { return Ok(()) };
    if !hall.app.claim_digest(hall.place, due).await? {
        return Ok(());
    }
    let message = draw(&Drawer::new(&hall.app, &reader), due).await?;
    let spot = if due.thread.is_empty() {
        service.direct(team, user).await?
    } else {
        Spot { channel: due.thread.clone(), thread: String::new(), is_direct: true }
    };
    let told = service.tell(team, &To::Spot(&spot), &message).await;
    noted::note(service, &reader, (team, &spot.channel, told), "").await;
    Ok(())
}

async fn draw(drawer: &Drawer<'_>, due: &Due) -> Result<Message, ToolError> {
    let (app, caller) = (drawer.app, drawer.caller);
    let title = drawer.text("place-digest");
    let mut message = drawer.begin(title.clone());
    message.header(title);
    let before = message.parts.len();
    for view in app.list_waiting(caller).await?.iter().take(ROWS_MAX) {
        message.line(Text::bold(drawer.text("today-waiting")).and(" · ").and(drawer.say(&view.what)));
        message.buttons(vec![Button::link(
            drawer.text("approval-look"),
            drawer.page(&format!("approvals/{}", view.approval.id)),
        )]);
    }
    let posts = app.list_posts(caller).await?;
    for (title, status) in [("today-attention", PostStatus::NeedsAttention), ("today-next", PostStatus::Scheduled)] {
        let rows: Vec<&PostView> = posts.iter().filter(|post| post.status == status).take(ROWS_MAX).collect();
        if !rows.is_empty() {
            message.line(Text::bold(drawer.text(title)));
        }
        rows.into_iter().for_each(|post| drawer.row(post, &mut message));
    }
    let receipts = posts.iter().flat_map(|post| &post.deliveries).filter_map(|delivery| {
        let receipt = delivery.receipts.first().filter(|receipt| receipt.at_ms >= due.since_ms)?;
        let shown = Text::plain(format!("@{}", delivery.account.handle));
        Some(match &receipt.permalink {
            Some(url) => shown.and(" · ").with(Text::linked(url)),
            None => shown,
        })
    });
    let out: Vec<Text> = receipts.take(ROWS_MAX).collect();
    if !out.is_empty() {
        message.line(Text::bold(drawer.text("place-digest-out")));
        message.line(Text::lines(out));
    }
    if due.is_weekly
        && let Err(error) = week(drawer, &mut message).await
    {
        // The rest is theirs all the same.
        tracing::warn!(error = %error, "the week could not be told");
    }
    if message.parts.len() == before {
        message.line(drawer.text("place-digest-none"));
    }
    message.small(drawer.text("place-digest-how"));
    message.buttons(vec![Button::link(drawer.text("page-today"), drawer.page(""))]);
    Ok(message)
}

/// The way to have a post followed up: a button where the core can write, else what to do instead.
pub(super) async fn follow_up(
    drawer: &Drawer<'_>,
    post: Option<&PostId>,
    message: &mut Message,
) -> Result<(), ToolError> {
    let Some(post) = post else { return Ok(()) };
    match drawer.app.conversation_off(drawer.caller).await? {
        None => message.buttons(vec![Button::plain("follow-up", drawer.text("followups-do"), post.as_str())]),
        Some(why) => message.small(format!("{} {}", drawer.text("followups-off"), drawer.say(&why))),
    }
    Ok(())
}

/// The week in figures, and three things to do next.
async fn week(drawer: &Drawer<'_>, message: &mut Message) -> Result<(), ToolError> {
    let Weekly { figures, next } = drawer.app.weekly(drawer.caller).await?;
    if !figures.is_empty() {
        message.line(Text::bold(drawer.text("weekly-title")));
        message.line(Text::lines(figures.iter().map(|figure| Text::plain(drawer.say(figure)))));
    }
    message.line(Text::bold(drawer.text("weekly-next")));
    let numbered = next.iter().enumerate().map(|(no, thing)| {
        let said = Text::plain(format!("{}. {} ", no + 1, drawer.say(&thing.said)));
        said.push(Span::Named { name: drawer.text("weekly-look"), url: drawer.page(&thing.page) })
    });
    message.line(Text::lines(numbered));
    let post = next.iter().find_map(|thing| thing.follows.as_ref());
    follow_up(drawer, post, message).await
}
