//! `/media`: what was brought in for posts, the newest first, and where it may be let go. What one looks like is `upload`'s.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use super::upload::shown;
use crate::app::App;
use crate::domain::approval::ForgetScope;
use crate::domain::ids::MediaId;
use crate::domain::post::MediaFacts;
use crate::domain::refusal::Sentence;
use crate::say;

#[derive(Template)]
#[template(path = "library.html")]
struct Library {
    page: Page,
    media: Vec<(MediaFacts, i64)>,
    older: Option<MediaId>,
}

impl Library {
    fn uses(&self, count: &i64) -> Sentence {
        say!("media-uses", count = *count)
    }

    fn shown(&self, facts: &MediaFacts) -> String {
        shown(facts)
    }

    /// A picture is shown; films and documents are opened.
    fn is_picture(&self, facts: &MediaFacts) -> bool {
        facts.mime.starts_with("image/")
    }
}

/// Where a page of older ones begins.
#[derive(Deserialize)]
pub(super) struct Older {
    older: Option<MediaId>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Person(person): Person,
    from: Result<Query<Older>, QueryRejection>,
) -> Response {
    let Ok(Query(from)) = from else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.list_library(&person.caller, from.older.as_ref()).await {
        Ok((media, older)) => html(&Library { page: Page::of(&app, &person, "calendar"), media, older }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// Leads to the question that every forgetting asks.
pub(super) async fn forget(
    State(app): State<Arc<App>>,
    Id(id): Id<MediaId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.ask_to_forget(&person.caller, ForgetScope::Medium { id }).await {
        Ok(approval) => Redirect::to(&format!("/approvals/{approval}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
