//! `/settings`: the person's choices, their browsers, the tokens they gave out, and the switch that stops everything.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::gate::{Person, is_own_form, is_token};
use super::page::{Page, Refused, html};
use super::posts::Pressed;
use crate::app::settings::{SettingsChange, SettingsView};
use crate::app::{App, SignedIn};
use crate::domain::caller::{Grant, Via};
use crate::domain::ids::{AccessTokenId, SessionId};
use crate::domain::lang::Lang;
use crate::domain::tool::ToolError;

/// Zones offered while typing; any other IANA name is taken too.
const ZONES: [&str; 12] = [
    "Asia/Tokyo",
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Seoul",
    "Asia/Singapore",
    "Australia/Sydney",
];

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    page: Page,
    view: SettingsView,
    paused: bool,
    token: Option<String>,
    zones: [&'static str; 12],
    grants: [Grant; 3],
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    render(&app, &person, None).await
}

async fn render(app: &App, person: &SignedIn, token: Option<String>) -> Response {
    let found =
        async { Ok::<_, ToolError>((app.settings(&person.caller).await?, app.is_paused(&person.caller).await?)) };
    match found.await {
        Ok((view, paused)) => {
            let page = Page::of(app, person, "settings");
            html(&Settings { page, view, paused, token, zones: ZONES, grants: Grant::ALL })
        }
        Err(error) => Refused::for_person(app, person, error).into_response(),
    }
}

/// The form of the person's own choices.
#[derive(Deserialize)]
pub(super) struct Change {
    csrf: String,
    lang: String,
    zone: String,
    hold_s: i64,
    stdio_grant: String,
}

pub(super) async fn change(
    State(app): State<Arc<App>>,
    Person(person): Person,
    headers: HeaderMap,
    Form(form): Form<Change>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let change = SettingsChange {
        lang: Lang::find(&form.lang),
        zone: Some(form.zone),
        hold_s: Some(form.hold_s),
        stdio_grant: Grant::find(&form.stdio_grant),
    };
    let done = app.change_settings(&person.caller, change).await;
    back(&app, &person, done)
}

fn back(app: &App, person: &SignedIn, done: Result<(), ToolError>) -> Response {
    match done {
        Ok(()) => Redirect::to("/settings").into_response(),
        Err(error) => Refused::for_person(app, person, error).into_response(),
    }
}

/// The form of a new token.
#[derive(Deserialize)]
pub(super) struct NewToken {
    csrf: String,
    name: String,
}

pub(super) async fn make_token(
    State(app): State<Arc<App>>,
    Person(person): Person,
    headers: HeaderMap,
    Form(form): Form<NewToken>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    match app.make_token(&person.caller, &form.name).await {
        Ok(token) => render(&app, &person, Some(token.expose_secret().to_owned())).await,
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn revoke_token(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Pressed>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let Ok(id) = id.parse::<AccessTokenId>() else { return Refused::missing(&app, person.caller.lang).into_response() };
    let done = app.revoke_token(&person.caller, &id).await;
    back(&app, &person, done)
}

pub(super) async fn end_session(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Pressed>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let Ok(id) = id.parse::<SessionId>() else { return Refused::missing(&app, person.caller.lang).into_response() };
    let is_own = matches!(&person.caller.via, Via::Web(own) if *own == id);
    match app.end_session(&person.caller, &id).await {
        Ok(()) if is_own => Redirect::to("/signin").into_response(),
        done => back(&app, &person, done),
    }
}

pub(super) async fn pause(
    State(app): State<Arc<App>>,
    Person(person): Person,
    headers: HeaderMap,
    Form(form): Form<Pressed>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let done = app.pause_all(&person.caller).await;
    back(&app, &person, done)
}

pub(super) async fn resume(
    State(app): State<Arc<App>>,
    Person(person): Person,
    headers: HeaderMap,
    Form(form): Form<Pressed>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let done = app.resume_all(&person.caller).await;
    back(&app, &person, done)
}
