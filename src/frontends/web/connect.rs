//! `/connect/{network}`: the way to a network and back. A link only asks; nothing begins before the person presses the button.
//!
//! The button's answer is a page that moves on, not a redirect: Chromium applies a page's `form-action` to every redirect after a form,
//! and where a network sends the browser next cannot be listed beforehand. `meta refresh` needs no script and is not a form.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::form::{Named, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::domain::network::Network;

#[derive(Template)]
#[template(path = "connect.html")]
struct Connect {
    page: Page,
    network: Network,
}

#[derive(Template)]
#[template(path = "away.html")]
struct Away {
    page: Page,
    network: Network,
    url: String,
}

pub(super) async fn ask(Person(person): Person, State(app): State<Arc<App>>, Named(network): Named) -> Response {
    html(&Connect { page: Page::of(&app, &person, "accounts"), network })
}

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    Named(network): Named,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.connect_begin(&person.caller, network).await {
        Ok(url) => html(&Away { page: Page::of(&app, &person, "accounts"), network, url: url.into() }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn finish(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Named(network): Named,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Response {
    let Ok(Query(query)) = query else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.connect_finish(&person.caller, network, &query).await {
        Ok(_) => Redirect::to("/accounts").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
