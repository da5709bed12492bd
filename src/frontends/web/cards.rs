//! What an answer in a conversation came with, drawn from ledger rows as the pages draw posts and approvals.

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::approvals::outcome;
use super::page::Page;
use crate::app::charts::painted;
use crate::app::{App, SignedIn};
use crate::desk::view::{ApprovalView, PostView};
use crate::domain::chat::Card;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::pictures::Theme;

/// A card with everything that its drawing needs.
pub(super) enum CardView {
    /// A draft in full.
    Draft(PostView),
    /// A post where it stands.
    Post(PostView),
    /// A question that is open.
    Question(ApprovalView),
    /// A question that was answered, and the sentence for that.
    Answered(ApprovalView, &'static str),
    /// Times to choose from.
    Times(Vec<Moment>),
    /// A link to open.
    Link(String),
    /// Figures: the picture in the page itself, because nothing keeps it, and the same in words.
    Chart(String, String),
    /// What was not done.
    Problem(Sentence),
}

/// Cards under an answer, with what their forms carry.
#[derive(Template)]
#[template(path = "cards.html")]
pub(super) struct Cards<'a> {
    pub(super) page: &'a Page,
    pub(super) cards: &'a [CardView],
    /// Where choosing a time is said, and the name of that message.
    pub(super) to: &'a str,
    pub(super) key: &'a str,
}

/// Reads what cards show. One whose post or question is there no more is left out.
///
/// # Errors
/// When the database fails.
pub(super) async fn views(app: &App, person: &SignedIn, cards: &[Card]) -> Result<Vec<CardView>, ToolError> {
    let mut views = Vec::new();
    for card in cards {
        match view(app, person, card).await {
            Ok(view) => views.extend(view),
            Err(ToolError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(views)
}

async fn view(app: &App, person: &SignedIn, card: &Card) -> Result<Option<CardView>, ToolError> {
    let caller = &person.caller;
    Ok(Some(match card {
        Card::Draft(id) => CardView::Draft(app.read_post(caller, id).await?),
        Card::Post(id) => CardView::Post(app.read_post(caller, id).await?),
        Card::Approval(id) => question(app, app.read_approval(caller, id).await?),
        Card::Times(times) => CardView::Times(times.clone()),
        // Only web addresses become links.
        Card::Link { url } if !(url.starts_with("https://") || url.starts_with("http://")) => return Ok(None),
        Card::Link { url } => CardView::Link(url.clone()),
        Card::Chart(chart) => {
            let Some(png) = painted((**chart).clone(), Theme::Light).await else { return Ok(None) };
            CardView::Chart(BASE64_STANDARD.encode(png), chart.told.clone())
        }
        // Nobody reads along on a page.
        Card::Google => return Ok(None),
        Card::Problem(what) => CardView::Problem(what.clone()),
    }))
}

fn question(app: &App, view: ApprovalView) -> CardView {
    match outcome(app, &view) {
        None => CardView::Question(view),
        Some((key, _)) => CardView::Answered(view, key),
    }
}

/// Questions that wait for somebody, where nobody knows any more which cards an answer had.
///
/// # Errors
/// When the database fails.
pub(super) async fn waiting(app: &App, person: &SignedIn) -> Result<Vec<CardView>, ToolError> {
    /// More are found on the front page.
    const SHOWN_MAX: usize = 3;
    let all = app.list_waiting(&person.caller).await?;
    Ok(all.into_iter().take(SHOWN_MAX).map(CardView::Question).collect())
}
