//! `/signin` and `/signout`: a link shows a button on GET and is spent on POST, so that a preview robot cannot use it up (DECISIONS 18).

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::form::{Posted, PostedByStranger, Pressed};
use super::gate::{clear_cookie, find_signed_in, safe_next, set_cookie, stranger, wanted_lang};
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::domain::caller::Via;
use crate::say;

#[derive(Template)]
#[template(path = "signin.html")]
struct SignIn {
    page: Page,
    link: Option<String>,
    next: String,
    has_slack: bool,
    has_discord: bool,
}

/// What the address may carry: the link's secret and where to go afterwards.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    link: Option<String>,
    next: Option<String>,
}

/// What the form carries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Redeem {
    link: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let lang = stranger(&app, &headers);
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    if let Some(link) = &asked.link {
        match app.is_sign_in_link_good(link).await {
            Ok(true) => {}
            Ok(false) => return Refused::new(&app, lang, say!("signin-link-dead").into()).into_response(),
            Err(error) => return Refused::new(&app, lang, error).into_response(),
        }
    }
    let next = safe_next(asked.next.as_deref().unwrap_or("/")).to_owned();
    // Somebody who signed in meanwhile, by a link of their own, loads this page again and goes on.
    if asked.link.is_none() && next != "/" && matches!(find_signed_in(&app, &headers).await, Ok(Some(_))) {
        return Redirect::to(&next).into_response();
    }
    let has_slack = app.config().slack.as_ref().is_some_and(|section| section.client.is_some());
    html(&SignIn {
        page: Page::stranger(&app, lang),
        link: asked.link,
        next,
        has_slack,
        has_discord: app.has_discord_sign_in(),
    })
}

pub(super) async fn redeem(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    PostedByStranger(form): PostedByStranger<Redeem>,
) -> Response {
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("–");
    match app.redeem_in(wanted_lang(&headers), &form.link, user_agent).await {
        Ok(cookie) => with_cookie(safe_next(&form.next), &set_cookie(cookie.expose_secret(), app.public_url())),
        Err(error) => Refused::new(&app, stranger(&app, &headers), error).into_response(),
    }
}

pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    let done = match &person.caller.via {
        Via::Web(session) => app.end_session(&person.caller, session).await,
        Via::McpHttp(_) | Via::McpApp(_) | Via::McpStdio | Via::Terminal | Via::Slack | Via::Discord => Ok(()),
    };
    match done {
        Ok(()) => signed_out(&app),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// The session is over: its cookie goes too.
pub(super) fn signed_out(app: &App) -> Response {
    with_cookie("/signin", &clear_cookie(app.public_url()))
}

fn with_cookie(to: &str, line: &str) -> Response {
    let Ok(line) = HeaderValue::from_str(line) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(SET_COOKIE, line);
    response
}
