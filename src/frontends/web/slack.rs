//! `/slack/…` in the browser: installing the app in a team, signing in with Slack, and who of a team may join. What Slack sends to us is
//! another front end's.

use std::sync::Arc;

use askama::Template;
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

/// Where a browser goes that signed in with a service, or was linked: the state is spent.
pub(super) fn arrive(
    app: &App,
    path: &'static str,
    lang: Lang,
    done: Result<Option<SecretString>, ToolError>,
) -> Response {
    let spent = state_cookie(app, path, "", 0);
    match done {
        Ok(Some(session)) => {
            let response = with_cookie(Redirect::to("/").into_response(), &spent);
            with_cookie(response, &set_cookie(session.expose_secret(), app.public_url()))
        }
        Ok(None) => with_cookie(Redirect::to("/settings#places").into_response(), &spent),
        Err(error) => with_cookie(Refused::new(app, lang, error).into_response(), &spent),
    }
}

pub(super) async fn installed(
    State(app): State<Arc<App>>,
    Person(person): Person,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Response {
    let done = match code(ChatPlace::Slack, &back, &headers) {
        Ok(code) => app.slack_install_finish(&person.caller, code).await.map(drop),
        Err(why) => Err(why.into()),
    };
    let spent = state_cookie(&app, "/slack", "", 0);
    match done {
        Ok(()) => with_cookie(Redirect::to("/settings#places").into_response(), &spent),
        Err(error) => with_cookie(Refused::for_person(&app, &person, error).into_response(), &spent),
    }
}

pub(super) async fn signed_in(State(app): State<Arc<App>>, headers: HeaderMap, Query(back): Query<Back>) -> Response {
    let lang = stranger(&app, &headers);
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("–");
    let done = async {
        let code = code(ChatPlace::Slack, &back, &headers)?;
        let person = find_signed_in(&app, &headers).await?;
        app.slack_sign_in_finish(code, person.as_ref().map(|person| &person.caller), user_agent).await
    };
    arrive(&app, "/slack", lang, done.await)
}

/// The code, if this browser is the one that left.
pub(super) fn code<'a>(place: ChatPlace, back: &'a Back, headers: &HeaderMap) -> Result<&'a str, Sentence> {
    if let Some(word) = &back.error {
        return Err(say!("place-oauth-refused", place = place.shown(), word = word));
    }
    let left = cookie_named(headers, STATE_COOKIE).unwrap_or_default();
    let came = back.state.as_deref().unwrap_or_default();
    let fits: bool = left.as_bytes().ct_eq(came.as_bytes()).into();
    match &back.code {
        Some(code) if fits && !left.is_empty() => Ok(code),
        _ => Err(say!("slack-state-wrong")),
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
