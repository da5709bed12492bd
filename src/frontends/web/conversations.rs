//! `/conversations`: what was said with the core, and forgetting it. The button leads to the question that every forgetting asks, so that one
//! slip of the finger loses nothing.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, ConversationView, SignedIn, Spoken};
use crate::domain::approval::ForgetScope;
use crate::domain::ids::ConversationId;

#[derive(Template)]
#[template(path = "conversations.html")]
struct Conversations {
    page: Page,
    conversations: Vec<ConversationView>,
}

#[derive(Template)]
#[template(path = "conversation.html")]
struct Conversation {
    page: Page,
    id: ConversationId,
    title: Option<String>,
    spoken: Vec<Spoken>,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    match app.list_conversations(&person.caller).await {
        Ok(conversations) => html(&Conversations { page: Page::of(&app, &person, "settings"), conversations }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn read(State(app): State<Arc<App>>, Person(person): Person, Id(id): Id<ConversationId>) -> Response {
    let found = async {
        let spoken = app.read_conversation(&person.caller, &id).await?;
        let title = app.list_conversations(&person.caller).await?.into_iter().find(|view| view.id == id);
        Ok((title.and_then(|view| view.title), spoken))
    };
    match found.await {
        Ok((title, spoken)) => html(&Conversation { page: Page::of(&app, &person, "settings"), id, title, spoken }),
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
