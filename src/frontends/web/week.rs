//! `/analytics/week`: the week in figures and three things to do, each with the page on which its figure stands. Who wants it there finds it on Today
//! each Monday; here it can always be read.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::followups::Winners;
use super::form::{Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::app::weekly::Weekly;
use crate::domain::digest::Digest;
use crate::domain::place::{ChatPlace, Member};
use crate::domain::tool::ToolError;
use crate::say;

#[derive(Template)]
#[template(path = "week.html")]
struct Week {
    page: Page,
    weekly: Weekly,
    winners: Winners,
    is_new: bool,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    let caller = &person.caller;
    let found = async {
        let (weekly, winners) = (app.weekly(caller).await?, Winners::of(&app, caller).await?);
        let (page, is_new) = (Page::of(&app, &person, "analytics"), app.is_week_new(caller).await?);
        Ok::<_, ToolError>(Week { page, weekly, winners, is_new })
    };
    match found.await {
        Ok(page) => html(&page),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn seen(
    State(app): State<Arc<App>>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.note_week_seen(&person.caller).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// Where and how often somebody wants to hear what is going on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    /// `web`, or a chat service.
    place: String,
    /// Who they are there.
    #[serde(default)]
    subject: String,
    digest: String,
}

pub(super) async fn choose(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Choice>) -> Response {
    let Choice { place, subject, digest } = fields;
    let (caller, digest) = (&person.caller, Digest::find(&digest));
    let chosen = async {
        if place == "web" {
            return app.choose_week(caller, digest).await;
        }
        let unknown = || ToolError::from(say!("page-form-wrong"));
        let place = ChatPlace::find(&place).ok_or_else(unknown)?;
        // Only one of their own.
        let links = app.links(caller).await?;
        let is_theirs = links.iter().any(|link| link.place == place.word() && link.subject == subject);
        let (team, id) = subject.split_once(':').filter(|_| is_theirs).ok_or_else(unknown)?;
        app.choose_digest(caller, &Member { place, team: team.to_owned(), id: id.to_owned() }, digest).await
    };
    match chosen.await {
        Ok(()) => Redirect::to("/settings#digests").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
