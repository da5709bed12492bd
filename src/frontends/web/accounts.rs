//! `/accounts` and `/connect/{network}`: what is connected, letting go, and the way to a network and back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;

use super::gate::{Person, is_own_form, is_token};
use super::page::{Page, Refused, html};
use super::posts::Pressed;
use crate::app::App;
use crate::desk::view::AccountView;
use crate::domain::ids::AccountId;
use crate::domain::network::Network;

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    page: Page,
    accounts: Vec<AccountView>,
    networks: Vec<Network>,
}

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
    url: String,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    match app.list_accounts(&person.caller).await {
        Ok(accounts) => {
            html(&Accounts { page: Page::of(&app, &person, "accounts"), accounts, networks: app.networks() })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn disconnect(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Pressed>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let Ok(id) = id.parse::<AccountId>() else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.disconnect(&person.caller, &id).await {
        Ok(()) => Redirect::to("/accounts").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// A link only asks; nothing begins before the person presses the button.
pub(super) async fn connect_ask(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(network): Path<String>,
) -> Response {
    match Network::find(&network) {
        Some(network) => html(&Connect { page: Page::of(&app, &person, "accounts"), network }),
        None => Refused::missing(&app, person.caller.lang).into_response(),
    }
}

pub(super) async fn connect_go(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(network): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Pressed>,
) -> Response {
    if !is_own_form(&headers, app.public_url()) || !is_token(&form.csrf, &person) {
        return Refused::forged(&app, person.caller.lang).into_response();
    }
    let Some(network) = Network::find(&network) else {
        return Refused::missing(&app, person.caller.lang).into_response();
    };
    match app.connect_begin(&person.caller, network).await {
        Ok(url) => html(&Away { page: Page::of(&app, &person, "accounts"), url: url.into() }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn connect_finish(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(network): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let Some(network) = Network::find(&network) else {
        return Refused::missing(&app, person.caller.lang).into_response();
    };
    match app.connect_finish(&person.caller, network, &query).await {
        Ok(_) => Redirect::to("/accounts").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
