//! `/analytics/times`: when to post, what that rests on, and the week of hours as a picture.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::analytics::picture as drawn;
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::app::charts::painted;
use crate::app::times::Shown;
use crate::domain::refusal::Sentence;
use crate::pictures::Theme;

#[derive(Template)]
#[template(path = "times.html")]
struct Times {
    page: Page,
    best: Vec<(String, Sentence)>,
    said: Vec<Sentence>,
    alt: Option<String>,
}

/// On what the picture is looked at.
#[derive(Default, Deserialize)]
pub(super) struct Looked {
    #[serde(default)]
    theme: String,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    match app.times(&person.caller).await {
        Ok(Shown { best, said, week }) => {
            let alt = week.map(|week| week.told);
            html(&Times { page: Page::of(&app, &person, "analytics"), best, said, alt })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn picture(
    State(app): State<Arc<App>>,
    Person(person): Person,
    looked: Result<Query<Looked>, QueryRejection>,
) -> Response {
    let looked = looked.map(|Query(looked)| looked).unwrap_or_default();
    let week = match app.times(&person.caller).await {
        Ok(Shown { week: Some(week), .. }) => week,
        Ok(Shown { week: None, .. }) => return Refused::missing(&app, person.caller.lang).into_response(),
        Err(error) => return Refused::for_person(&app, &person, error).into_response(),
    };
    let theme = if looked.theme == "dark" { Theme::Dark } else { Theme::Light };
    drawn(painted(week, theme).await)
}
