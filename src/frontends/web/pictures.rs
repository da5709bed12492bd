//! `/posts/{id}/picture.png` and `/approvals/{id}/picture.png`: what an account would show, drawn. Whoever may read the page may see its pictures, and
//! nobody else; what is in them is `App`'s.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Deserialize;

use super::form::Id;
use super::gate::Person;
use super::page::Refused;
use crate::app::{App, SignedIn};
use crate::desk::view::{ApprovalLine, VariantView};
use crate::domain::account::Account;
use crate::domain::ids::{ApprovalId, PostId};
use crate::domain::post::Preview;
use crate::pictures::Theme;

/// Which one, on what ground. What else stands in the address only makes it another one when the picture is.
#[derive(Deserialize)]
pub(super) struct Asked {
    of: usize,
    #[serde(default)]
    theme: String,
}

pub(super) async fn of_post(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<PostId>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.find_shown_post(&person.caller, &id).await {
        Ok((post, _)) => {
            let found = post.variants.get(asked.of).map(|VariantView { account, preview, .. }| (account, preview));
            picture(&app, &person, found, &asked.theme).await
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn of_approval(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<ApprovalId>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.read_approval(&person.caller, &id).await {
        Ok(view) => {
            let found = view.lines.get(asked.of).map(|ApprovalLine { account, preview, .. }| (account, preview));
            picture(&app, &person, found, &asked.theme).await
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

async fn picture(app: &App, person: &SignedIn, of: Option<(&Account, &Preview)>, theme: &str) -> Response {
    let lang = person.caller.lang;
    let Some(of) = of else { return Refused::missing(app, lang).into_response() };
    let theme = if theme == "dark" { Theme::Dark } else { Theme::Light };
    match app.picture(lang, of, theme).await {
        // Its address changes with what is in it.
        Some(png) => ([(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, "private, max-age=600")], png).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
