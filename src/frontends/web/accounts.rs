//! `/accounts`: what is connected, what it looks like, and letting go. A page of its own says what letting go means before it can be done.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;

use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::google::Reading;
use super::page::{Page, Refused, html};
use crate::app::setup::{Setup, services, setup};
use crate::app::{App, SignedIn};
use crate::desk::view::AccountView;
use crate::domain::account::Health;
use crate::domain::approval::{Late, PauseScope};
use crate::domain::ids::AccountId;
use crate::domain::network::Network;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// How long somebody who comes back from disconnecting is told what it came to.
const TOLD_MS: i64 = 60_000;

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    page: Page,
    accounts: Vec<AccountView>,
    networks: Vec<Network>,
    google: Vec<Reading>,
    has_google: bool,
    /// What every network wants of whoever runs the server; folded.
    setups: Vec<Setup>,
    /// What disconnecting came to a moment ago.
    told: Vec<Sentence>,
}

impl Accounts {
    /// What the dot beside an account shows.
    fn dot(&self, view: &AccountView) -> &'static str {
        match view.account.health {
            Health::Fine if view.paused || !view.lacks.is_empty() => "waiting_for_you",
            Health::Fine => "published",
            Health::NeedsReconnecting => "needs_attention",
            Health::Disconnected => "withdrawn",
        }
    }

    fn can_disconnect(&self, view: &AccountView) -> bool {
        view.account.health != Health::Disconnected
    }

    fn can_reconnect(&self, view: &AccountView) -> bool {
        // What ends soon, or works in part, is mended by it as well.
        let is_whole = !matches!(view.health.key.as_str(), "account-health-ends" | "account-health-unrenewed");
        let is_fine = view.account.health == Health::Fine && is_whole && view.lacks.is_empty();
        !is_fine && self.networks.contains(&view.account.network)
    }
}

#[derive(Template)]
#[template(path = "disconnect.html")]
struct Disconnect {
    page: Page,
    view: AccountView,
}

/// What an address may carry.
#[derive(Default, Deserialize)]
pub(super) struct Back {
    told: Option<String>,
}

/// What disconnecting came to a moment ago, for whoever comes back from it.
async fn told(app: &App, person: &SignedIn, back: &Back) -> Result<Vec<Sentence>, ToolError> {
    if back.told.is_none() {
        return Ok(Vec::new());
    }
    let since = app.now_ms() - TOLD_MS;
    let notices = app.notices(&person.caller).await?.into_iter().filter(|notice| notice.at_ms >= since);
    Ok(notices.map(|notice| notice.what).filter(|what| is_of_disconnecting(&what.key)).collect())
}

fn is_of_disconnecting(key: &str) -> bool {
    matches!(key, "notice-disconnected" | "notice-google-disconnected") || key.starts_with("notice-revoke-")
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Person(person): Person,
    query: Result<Query<Back>, QueryRejection>,
) -> Response {
    let back = query.map(|Query(back)| back).unwrap_or_default();
    let (page, networks) = (Page::of(&app, &person, "accounts"), app.networks());
    let found = async {
        let accounts = app.list_accounts(&person.caller).await?;
        let google = app.sources(&person.caller).await?.into_iter().map(Reading::of).collect();
        let told = told(&app, &person, &back).await?;
        let setups = services().map(|service| setup(app.config(), service)).collect();
        Ok(Accounts { page, accounts, networks, google, has_google: app.has_google(), setups, told })
    };
    match found.await {
        Ok(accounts) => html(&accounts),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn disconnect_ask(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<AccountId>,
) -> Response {
    match find(&app, &person, &id).await {
        Ok(view) => html(&Disconnect { page: Page::of(&app, &person, "accounts"), view }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// The small picture of an account.
pub(super) async fn avatar(State(app): State<Arc<App>>, Person(person): Person, Id(id): Id<AccountId>) -> Response {
    match app.read_avatar(&person.caller, &id).await {
        Ok(Some(bytes)) => ([(CONTENT_TYPE, "image/jpeg")], bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

async fn find(app: &App, person: &SignedIn, id: &AccountId) -> Result<AccountView, ToolError> {
    let accounts = app.list_accounts(&person.caller).await?;
    let found = accounts.into_iter().find(|view| view.account.id == *id && view.account.health != Health::Disconnected);
    found.ok_or_else(|| say!("account-not-found", id = id.as_str()).into())
}

pub(super) async fn disconnect(
    State(app): State<Arc<App>>,
    Id(id): Id<AccountId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.disconnect(&person.caller, &id).await {
        // What it came to is a notice, shown there.
        Ok(_) => Redirect::to("/accounts?told=1").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn resume(
    State(app): State<Arc<App>>,
    Id(id): Id<AccountId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.resume(&person.caller, PauseScope::Account(id), Late::default()).await {
        Ok(()) => Redirect::to("/accounts").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
