//! `/posts/{id}`: one post with everything known of it, and the buttons that it needs.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use serde::Deserialize;

use super::gate::{Person, is_own_form, is_token};
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

/// A form that carries only the token.
#[derive(Deserialize)]
pub(super) struct Pressed {
    pub(super) csrf: String,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<PostId>() else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.read_post(&person.caller, &id).await {
        Ok(post) => html(&Post { page: Page::of(&app, &person, ""), post }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Pressed>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let Ok(id) = id.parse::<PostId>() else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.withdraw(&person.caller, &id).await {
        Ok(_) => Redirect::to(&format!("/posts/{id}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// What a person says of an unknown outcome.
#[derive(Deserialize)]
pub(super) struct Settle {
    csrf: String,
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
    Person(person): Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Settle>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let Ok(id) = id.parse::<DeliveryId>() else { return Refused::missing(&app, person.caller.lang).into_response() };
    let answer = match form.answer {
        Word::There => Answer::ItIsThere,
        Word::Send => Answer::SendIt,
        Word::Drop => Answer::DropIt,
    };
    match app.settle(&person.caller, &id, answer).await {
        Ok(post) => Redirect::to(&format!("/posts/{}", post.id)).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
