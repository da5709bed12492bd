//! `/slack/…` in the browser: installing the app in a team, signing in with Slack, and who of a team may join. What Slack sends to us is
//! another front end's.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::form::{Posted, Pressed};
use super::gate::{Person, cookie_named, find_signed_in, secure, set_cookie, stranger};
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::domain::lang::Lang;
use crate::domain::place::{ChatPlace, Joins};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Binds the way back to the browser that left; spent when it comes back.
const STATE_COOKIE: &str = "socrazi_slack";
/// As long as Slack's own codes live.
const STATE_SECONDS: u32 = 600;

#[derive(Template)]
#[template(path = "away_place.html")]
struct Away {
    page: Page,
    url: String,
    place: &'static str,
}

/// What a service's answer may carry.
#[derive(Default, Deserialize)]
pub(super) struct Back {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

pub(super) async fn install(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    leave(&app, Page::of(&app, &person, "settings"), true)
}

pub(super) async fn sign_in(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    leave(&app, super::gate::anybody(&app, &headers).await, false)
}

/// A page that moves on, with the state in its cookie.
fn leave(app: &App, page: Page, is_install: bool) -> Response {
    let state = app.new_state();
    depart(app, page, ("/slack", app.slack_authorize(is_install, &state)), &state)
}

/// A page that moves on to a service, with the state in its cookie.
pub(super) fn depart(
    app: &App,
    page: Page,
    (path, url): (&'static str, Result<url::Url, ToolError>),
    state: &str,
) -> Response {
    let url = match url {
        Ok(url) => url,
        Err(error) => return Refused::new(app, page.lang, error).into_response(),
    };
    let place = if path == "/slack" { ChatPlace::Slack } else { ChatPlace::Discord };
    let away = Away { page, url: url.into(), place: place.shown() };
    with_cookie(html(&away), &state_cookie(app, path, state, STATE_SECONDS))
}

/// Where a browser goes that signed in with a service, or was linked. The state is spent, if it was this browser's.
pub(super) fn arrive(
    app: &App,
    (path, returned): (&'static str, &Returned),
    lang: Lang,
    done: Result<Option<SecretString>, ToolError>,
) -> Response {
    let spent = returned.spends(app, path);
    match done {
        Ok(Some(session)) => {
            let response = without(Redirect::to("/").into_response(), spent);
            with_cookie(response, &set_cookie(session.expose_secret(), app.public_url()))
        }
        Ok(None) => without(Redirect::to("/settings#places").into_response(), spent),
        Err(error) => without(Refused::new(app, lang, error).into_response(), spent),
    }
}

pub(super) async fn installed(
    State(app): State<Arc<App>>,
    Person(person): Person,
    headers: HeaderMap,
    back: Result<Query<Back>, QueryRejection>,
) -> Response {
    let returned = Returned::read(back, &headers);
    let done = match returned.code(ChatPlace::Slack) {
        Ok(code) => app.slack_install_finish(&person.caller, code).await.map(drop),
        Err(why) => Err(why.into()),
    };
    let spent = returned.spends(&app, "/slack");
    match done {
        Ok(()) => without(Redirect::to("/settings#places").into_response(), spent),
        Err(error) => without(Refused::for_person(&app, &person, error).into_response(), spent),
    }
}

pub(super) async fn signed_in(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    back: Result<Query<Back>, QueryRejection>,
) -> Response {
    let lang = stranger(&app, &headers);
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("–");
    let returned = Returned::read(back, &headers);
    let done = async {
        let code = returned.code(ChatPlace::Slack)?;
        let person = find_signed_in(&app, &headers).await?;
        app.slack_sign_in_finish(code, person.as_ref().map(|person| &person.caller), user_agent).await
    };
    arrive(&app, ("/slack", &returned), lang, done.await)
}

/// What somebody came back from a service with, held against what they left with.
pub(super) struct Returned {
    back: Back,
    /// This browser is the one that left. Any site can send somebody here: of what such an address says nothing counts, and nothing is shown.
    is_ours: bool,
}

impl Returned {
    /// Reads the address; one that cannot be read is nobody's way back.
    pub(super) fn read(back: Result<Query<Back>, QueryRejection>, headers: &HeaderMap) -> Self {
        let back = back.map(|Query(back)| back).unwrap_or_default();
        let left = cookie_named(headers, STATE_COOKIE).unwrap_or_default();
        let came = back.state.as_deref().unwrap_or_default();
        let fits: bool = left.as_bytes().ct_eq(came.as_bytes()).into();
        Self { is_ours: fits && !left.is_empty(), back }
    }

    /// The code.
    pub(super) fn code(&self, place: ChatPlace) -> Result<&str, Sentence> {
        if !self.is_ours {
            return Err(say!("slack-state-wrong"));
        }
        match (&self.back.error, &self.back.code) {
            (Some(word), _) => Err(say!("place-oauth-refused", place = place.shown(), word = word)),
            (None, Some(code)) => Ok(code),
            (None, None) => Err(say!("slack-state-wrong")),
        }
    }

    /// The line that takes the state's cookie away.
    fn spends(&self, app: &App, path: &str) -> Option<String> {
        self.is_ours.then(|| state_cookie(app, path, "", 0))
    }
}

fn state_cookie(app: &App, path: &str, value: &str, seconds: u32) -> String {
    let secure = secure(app.public_url());
    format!("{STATE_COOKIE}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn with_cookie(mut response: Response, line: &str) -> Response {
    let Ok(line) = HeaderValue::from_str(line) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    response.headers_mut().append(SET_COOKIE, line);
    response
}

/// The same with the state taken away, where it was spent.
fn without(response: Response, spent: Option<String>) -> Response {
    match spent {
        Some(line) => with_cookie(response, &line),
        None => response,
    }
}

/// The form of who may join; ids are separated by blanks or commas.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Joining {
    joins: String,
    chosen: String,
}

impl Joining {
    /// The choice, and the ids.
    pub(super) fn read(&self) -> Result<(Joins, Vec<String>), Sentence> {
        let chosen = self.chosen.split([',', ' ', '、', '\n']).map(str::trim).filter(|id| !id.is_empty());
        let joins = Joins::find(&self.joins).ok_or_else(|| say!("common-not-found-thing", thing = &self.joins))?;
        Ok((joins, chosen.map(str::to_owned).collect()))
    }
}

pub(super) async fn joins(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    Posted { person, fields }: Posted<Joining>,
) -> Response {
    let done = match fields.read() {
        Ok((joins, chosen)) => app.slack_joins(&person.caller, &team, joins, &chosen).await,
        Err(why) => Err(why.into()),
    };
    match done {
        Ok(()) => Redirect::to("/settings#places").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// Takes the app out of a team.
pub(super) async fn take_out(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.slack_leave(&person.caller, &team).await {
        Ok(_) => Redirect::to("/settings#places").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
