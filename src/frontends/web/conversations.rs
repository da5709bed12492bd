//! `/conversations`: what was said with the core, and forgetting it. The button leads to the question that every forgetting asks, so that one
//! slip of the finger loses nothing.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, ConversationView, Listed, Said, SignedIn, Spoken};
use crate::domain::approval::ForgetScope;
use crate::domain::ids::ConversationId;

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
    title: Option<String>,
    spoken: Vec<Spoken>,
    older: Option<String>,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person, Query(from): Query<Older>) -> Response {
    match app.list_conversations(&person.caller, from.older.as_deref()).await {
        Ok(Listed { views, next }) => {
            let page = Page::of(&app, &person, "settings");
            html(&Conversations { page, conversations: views, older: next })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<ConversationId>,
    Query(from): Query<Older>,
) -> Response {
    match app.read_conversation(&person.caller, &id, from.older.as_deref()).await {
        Ok((view, Said { spoken, next })) => {
            let page = Page::of(&app, &person, "settings");
            html(&Conversation { page, id, title: view.title, spoken, older: next })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
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
