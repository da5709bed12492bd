//! `/link/{secret}`: somebody in a chat says that they are this person. Who is signed in here looks, presses, and gets the code that the
//! other one must type back there: three legs, so that neither side alone can tie itself to the other (RELIABILITY §3).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::domain::place::ChatPlace;

#[derive(Template)]
#[template(path = "link.html")]
struct Link {
    page: Page,
    secret: String,
    name: String,
    place: &'static str,
    subject: String,
    code: Option<String>,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person, Path(secret): Path<String>) -> Response {
    render(&app, Page::of(&app, &person, "settings"), secret, None).await
}

pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    Path(secret): Path<String>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.confirm_link(&person.caller, &secret).await {
        Ok(code) => render(&app, Page::of(&app, &person, "settings"), secret, Some(code)).await,
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

async fn render(app: &App, page: Page, secret: String, code: Option<String>) -> Response {
    match app.read_link(&secret).await {
        Ok(asked) => {
            let place = ChatPlace::find(&asked.place).map_or("–", ChatPlace::shown);
            html(&Link { page, secret, name: asked.shown, place, subject: asked.subject, code })
        }
        Err(error) => Refused::new(app, page.lang, error).into_response(),
    }
}

/// Where somebody wants to be asked again whether figures of Google's may be shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GoogleRoom {
    place: String,
    room: String,
}

pub(super) async fn ask_google_again(
    State(app): State<Arc<App>>,
    Posted { person, fields }: Posted<GoogleRoom>,
) -> Response {
    let Some(place) = ChatPlace::find(&fields.place) else { return Redirect::to("/settings#places").into_response() };
    match app.forget_google_room(&person.caller, place, &fields.room).await {
        Ok(()) => Redirect::to("/settings#places").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// Which link is to end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unlink {
    place: String,
    subject: String,
}

pub(super) async fn unlink(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Unlink>) -> Response {
    match app.unlink(&person.caller, &fields.place, &fields.subject).await {
        Ok(()) => Redirect::to("/settings#places").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
