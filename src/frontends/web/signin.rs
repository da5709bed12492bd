//! `/signin`: a link shows a button on GET and is spent on POST, so that a preview robot cannot use it up (DECISIONS 18).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::gate::{is_own_form, safe_next, set_cookie, stranger};
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::say;

#[derive(Template)]
#[template(path = "signin.html")]
struct SignIn {
    page: Page,
    link: Option<String>,
    next: String,
}

/// The link's secret and where to go afterwards.
#[derive(Deserialize)]
pub(super) struct Given {
    link: Option<String>,
    next: Option<String>,
}

pub(super) async fn show(State(app): State<Arc<App>>, headers: HeaderMap, Query(given): Query<Given>) -> Response {
    let lang = stranger(&app, &headers);
    if let Some(link) = &given.link {
        match app.is_sign_in_link_good(link).await {
            Ok(true) => {}
            Ok(false) => return Refused::new(&app, lang, say!("signin-link-dead").into()).into_response(),
            Err(error) => return Refused::new(&app, lang, error).into_response(),
        }
    }
    let next = safe_next(given.next.as_deref().unwrap_or("/")).to_owned();
    html(&SignIn { page: Page::stranger(&app, lang), link: given.link, next })
}

pub(super) async fn redeem(State(app): State<Arc<App>>, headers: HeaderMap, Form(given): Form<Given>) -> Response {
    let lang = stranger(&app, &headers);
    if !is_own_form(&headers, app.public_url()) {
        return Refused::forged(&app, lang).into_response();
    }
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("–");
    let cookie = match app.redeem_sign_in_link(given.link.as_deref().unwrap_or_default(), user_agent).await {
        Ok(cookie) => cookie,
        Err(error) => return Refused::new(&app, lang, error).into_response(),
    };
    let mut response = Redirect::to(safe_next(given.next.as_deref().unwrap_or("/"))).into_response();
    match HeaderValue::from_str(&set_cookie(cookie.expose_secret(), app.public_url())) {
        Ok(line) => {
            response.headers_mut().insert(SET_COOKIE, line);
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
