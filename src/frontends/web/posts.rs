//! `/posts/{id}`: one post with everything known of it, and the buttons that it needs.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::desk::view::PostView;
use crate::domain::delivery::Answer;
use crate::domain::ids::{DeliveryId, PostId};

#[derive(Template)]
#[template(path = "post.html")]
struct Post {
    page: Page,
    post: PostView,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person, Id(id): Id<PostId>) -> Response {
    match app.read_post(&person.caller, &id).await {
        Ok(post) => html(&Post { page: Page::of(&app, &person, ""), post }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    Id(id): Id<PostId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.withdraw(&person.caller, &id).await {
        Ok(_) => Redirect::to(&format!("/posts/{id}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// What a person says of an unknown outcome.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settle {
    answer: Word,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    There,
    Send,
    Drop,
}

pub(super) async fn settle(
    State(app): State<Arc<App>>,
    Id(id): Id<DeliveryId>,
    Posted { person, fields }: Posted<Settle>,
) -> Response {
    let answer = match fields.answer {
        Word::There => Answer::ItIsThere,
        Word::Send => Answer::SendIt,
        Word::Drop => Answer::DropIt,
    };
    match app.settle(&person.caller, &id, answer).await {
        Ok(post) => Redirect::to(&format!("/posts/{}", post.id)).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
