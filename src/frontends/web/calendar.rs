//! `/calendar`: deliveries by day, in the person's zone.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, SignedIn};
use crate::desk::view::PostView;
use crate::domain::delivery::State as DeliveryState;
use crate::domain::ids::PostId;
use crate::domain::schedule::Moment;

#[derive(Template)]
#[template(path = "calendar.html")]
struct Calendar {
    page: Page,
    days: Vec<Day>,
}

struct Day {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    at_ms: i64,
    clock: String,
    handle: String,
    post: PostId,
    text: String,
    state: DeliveryState,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    match app.list_posts(&person.caller).await {
        Ok(posts) => html(&calendar(&app, &person, &posts)),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

fn calendar(app: &App, person: &SignedIn, posts: &[PostView]) -> Calendar {
    let page = Page::of(app, person, "calendar");
    let mut days: BTreeMap<String, Day> = BTreeMap::new();
    for post in posts {
        for delivery in &post.deliveries {
            let moment = Moment { at_ms: delivery.when.at_ms, zone: page.zone.clone() };
            let zoned = moment.zoned();
            let day = days
                .entry(zoned.date().to_string())
                .or_insert_with(|| Day { name: page.day(&moment), rows: Vec::new() });
            day.rows.push(Row {
                at_ms: moment.at_ms,
                clock: zoned.datetime().strftime("%H:%M").to_string(),
                handle: delivery.account.handle.clone(),
                post: post.id.clone(),
                text: page.beginning(post),
                state: delivery.state,
            });
        }
    }
    let mut days: Vec<Day> = days.into_values().collect();
    days.iter_mut().for_each(|day| day.rows.sort_by_key(|row| row.at_ms));
    Calendar { page, days }
}
