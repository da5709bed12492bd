//! `/discord/…` in the browser: signing in with Discord, and who of a server may join. What Discord sends to us is another front end's.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use http::header::USER_AGENT;

use super::form::Posted;
use super::gate::{anybody, find_signed_in, stranger};
use super::page::Refused;
use super::slack::{Back, Joining, Returned, arrive, depart};
use crate::app::App;
use crate::domain::place::ChatPlace;

/// Where the state's cookie is sent back.
const PATH: &str = "/discord";

pub(super) async fn sign_in(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let (page, state) = (anybody(&app, &headers).await, app.new_state());
    depart(&app, page, (PATH, app.discord_authorize(&state)), &state)
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
        let code = returned.code(ChatPlace::Discord)?;
        let person = find_signed_in(&app, &headers).await?;
        app.discord_sign_in_finish(code, person.as_ref().map(|person| &person.caller), user_agent).await
    };
    arrive(&app, (PATH, &returned), lang, done.await)
}

pub(super) async fn joins(
    State(app): State<Arc<App>>,
    Path(guild): Path<String>,
    Posted { person, fields }: Posted<Joining>,
) -> Response {
    let done = match fields.read() {
        Ok((joins, chosen)) => app.discord_joins(&person.caller, &guild, joins, &chosen).await,
        Err(why) => Err(why.into()),
    };
    match done {
        Ok(()) => Redirect::to("/settings#places").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
