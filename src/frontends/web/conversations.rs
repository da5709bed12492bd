//! `/conversations`: what was said with the core, going on with it, and forgetting it. The button leads to the question that every forgetting
//! asks, so that one slip of the finger loses nothing.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

use super::cards::{CardView, views, waiting};
use super::chat::{Draft, May, Say};
use super::coming::{Shown, grow};
use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, beginning, html, status};
use super::turns::Turns;
use crate::app::{App, ConversationView, Listed, SignedIn, Spoken};
use crate::domain::approval::ForgetScope;
use crate::domain::chat::Reply;
use crate::domain::ids::ConversationId;
use crate::domain::tool::ToolError;

/// What a conversation without a name begins with, as its name.
const TITLE_CHARS: usize = 60;

#[derive(Template)]
#[template(path = "conversations.html")]
struct Conversations {
    page: Page,
    conversations: Vec<ConversationView>,
    older: Option<String>,
}

/// Where a page of older ones begins.
#[derive(Deserialize)]
pub(super) struct Older {
    older: Option<String>,
}

#[derive(Template)]
#[template(path = "conversation.html")]
struct Conversation {
    page: Page,
    id: ConversationId,
    /// What it is about, or begins with.
    title: Option<String>,
    spoken: Vec<Spoken>,
    older: Option<String>,
    /// What the newest answer came with; questions that wait, where nobody knows that any more.
    cards: Vec<CardView>,
    is_known: bool,
    /// An answer that is kept in no conversation.
    aside: Option<String>,
    /// The form; none on pages of what was said long ago.
    say: Option<Say>,
    /// Where choosing a time is said, and the name of that message.
    to: String,
    key: String,
    /// Whether an answer comes.
    is_open: bool,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Person(person): Person,
    from: Result<Query<Older>, QueryRejection>,
) -> Response {
    let Ok(Query(from)) = from else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.list_conversations(&person.caller, from.older.as_deref()).await {
        Ok(Listed { views, next }) => {
            let page = Page::of(&app, &person, "chat");
            html(&Conversations { page, conversations: views, older: next })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    Extension(turns): Extension<Arc<Turns>>,
    Person(person): Person,
    Id(id): Id<ConversationId>,
    from: Result<Query<Older>, QueryRejection>,
) -> Response {
    let Ok(Query(from)) = from else { return Refused::missing(&app, person.caller.lang).into_response() };
    page(&app, &turns, person, (id, from.older), (Draft::default(), None)).await
}

/// A conversation's page; it grows while an answer comes. `draft` is what stands in the form, `aside` what was answered without a turn.
pub(super) async fn page(
    app: &Arc<App>,
    turns: &Arc<Turns>,
    person: SignedIn,
    (id, older): (ConversationId, Option<String>),
    (draft, aside): (Draft, Option<Reply>),
) -> Response {
    let status = draft.fault.as_ref().map_or(StatusCode::OK, status);
    match conversation(app, turns, &person, (&id, older), (draft, aside)).await {
        Ok(found) => {
            let mut response = if found.is_open { growing(app, turns, person, found) } else { html(&found) };
            if response.status() == StatusCode::OK {
                *response.status_mut() = status;
            }
            response
        }
        Err(error) => Refused::for_person(app, &person, error).into_response(),
    }
}

fn growing(app: &Arc<App>, turns: &Arc<Turns>, person: SignedIn, found: Conversation) -> Response {
    let whole = match found.render() {
        Ok(whole) => whole,
        Err(error) => {
            tracing::error!(error = %error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let Conversation { page, id, mut spoken, .. } = found;
    let (app, turns) = (Arc::clone(app), Arc::clone(turns));
    grow(&whole, Shown { app, turns, person, page, id, last: spoken.pop() })
}

async fn conversation(
    app: &App,
    turns: &Turns,
    person: &SignedIn,
    (id, from): (&ConversationId, Option<String>),
    (draft, aside): (Draft, Option<Reply>),
) -> Result<Conversation, ToolError> {
    let (view, said) = app.read_conversation(&person.caller, id, from.as_deref()).await?;
    let (mut spoken, is_newest) = (said.spoken, from.is_none());
    let first = spoken.iter().find(|said| said.by_person && said.instead().is_none());
    let title = view.title.or_else(|| first.map(|first| beginning(Some(&first.text), TITLE_CHARS)));
    // What is not answered yet, and what was said since, comes while the page is read.
    let open = spoken.iter().position(Spoken::is_open).filter(|_| is_newest);
    if let Some(at) = open {
        spoken.truncate(at);
    }
    let (cards, is_known) = match &aside {
        Some(reply) => (views(app, person, &reply.cards).await?, true),
        None if is_newest && open.is_none() => cards(app, turns, person, (id, spoken.last())).await?,
        None => (Vec::new(), true),
    };
    let say = if is_newest { Some(Say::of(app, &person.caller, Some(id.clone()), draft).await?) } else { None };
    Ok(Conversation {
        page: Page::of(app, person, "chat"),
        id: id.clone(),
        title,
        spoken,
        older: said.next,
        cards,
        is_known,
        aside: aside.map(|reply| reply.text),
        say,
        to: format!("/conversations/{id}"),
        key: app.message_key(),
        is_open: open.is_some(),
    })
}

/// What the newest answer came with; questions that wait, and false, when nobody knows that any more.
async fn cards(
    app: &App,
    turns: &Turns,
    person: &SignedIn,
    (id, last): (&ConversationId, Option<&Spoken>),
) -> Result<(Vec<CardView>, bool), ToolError> {
    let kept = match last.filter(|last| !last.by_person) {
        Some(last) => turns.cards_soon(id, &last.text).await,
        None => None,
    };
    Ok(match kept {
        Some(cards) => (views(app, person, &cards).await?, true),
        None => (waiting(app, person).await?, false),
    })
}

pub(super) async fn forget_all(
    State(app): State<Arc<App>>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    ask(&app, &person, ForgetScope::All).await
}

pub(super) async fn forget(
    State(app): State<Arc<App>>,
    Id(id): Id<ConversationId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    ask(&app, &person, ForgetScope::Conversation { id }).await
}

async fn ask(app: &App, person: &SignedIn, scope: ForgetScope) -> Response {
    match app.ask_to_forget(&person.caller, scope).await {
        Ok(approval) => Redirect::to(&format!("/approvals/{approval}")).into_response(),
        Err(error) => Refused::for_person(app, person, error).into_response(),
    }
}
