//! `/calendar`: deliveries by day, in the person's zone: what is to come, what has no time yet, and what was, newest day first. What was edited
//! long ago is on pages of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, PostsAfter, PostsPage};
use crate::desk::view::{DeliveryView, PostStatus, PostView};
use crate::domain::ids::PostId;
use crate::domain::schedule::Moment;

#[derive(Template)]
#[template(path = "calendar.html")]
struct Calendar {
    page: Page,
    ahead: Vec<Day>,
    drafts: Vec<PostView>,
    past: Vec<Day>,
    /// The first page, where all that is to come stands.
    is_first: bool,
    older: Option<String>,
}

struct Day {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    clock: String,
    rfc3339: String,
    post: PostId,
    text: String,
    delivery: DeliveryView,
}

/// Where a page of older ones begins.
#[derive(Deserialize)]
pub(super) struct Older {
    older: Option<String>,
}

impl Older {
    /// The place it names; nothing when it names none.
    fn read(&self) -> Option<Option<PostsAfter>> {
        let Some(older) = &self.older else { return Some(None) };
        let (at, id) = older.split_once('-')?;
        Some(Some((at.parse().ok()?, id.parse().ok()?)))
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Person(person): Person,
    from: Result<Query<Older>, QueryRejection>,
) -> Response {
    let Some(after) = from.ok().and_then(|Query(from)| from.read()) else {
        return Refused::missing(&app, person.caller.lang).into_response();
    };
    let is_first = after.is_none();
    match app.page_posts(&person.caller, after).await {
        Ok(PostsPage { posts, older }) => {
            let older = older.map(|(at, id)| format!("{at}-{id}"));
            html(&Calendar { is_first, older, ..calendar(Page::of(&app, &person, "calendar"), posts) })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

fn calendar(page: Page, posts: Vec<PostView>) -> Calendar {
    let (mut ahead, mut past) = (Vec::new(), Vec::new());
    for post in &posts {
        for delivery in &post.deliveries {
            // What still needs somebody stays on top, even when its time has passed.
            let list = if delivery.state.is_over() { &mut past } else { &mut ahead };
            list.push((delivery.when.at_ms, row(&page, post, delivery)));
        }
    }
    let ahead = days(&page, ahead);
    let mut past = days(&page, past);
    past.reverse();
    let drafts = posts.into_iter().filter(is_without_time).collect();
    Calendar { page, ahead, drafts, past, is_first: true, older: None }
}

fn is_without_time(post: &PostView) -> bool {
    match post.status {
        PostStatus::Draft | PostStatus::WaitingForYou => post.deliveries.is_empty(),
        PostStatus::Scheduled | PostStatus::NeedsAttention | PostStatus::Published | PostStatus::Withdrawn => false,
    }
}

fn row(page: &Page, post: &PostView, delivery: &DeliveryView) -> Row {
    let moment = Moment { at_ms: delivery.when.at_ms, zone: page.zone.clone() };
    Row {
        clock: moment.zoned().datetime().strftime("%H:%M").to_string(),
        rfc3339: moment.rfc3339(),
        post: post.id.clone(),
        text: page.beginning(post),
        delivery: delivery.clone(),
    }
}

fn days(page: &Page, mut rows: Vec<(i64, Row)>) -> Vec<Day> {
    rows.sort_by_key(|(at_ms, _)| *at_ms);
    let mut days: BTreeMap<String, Day> = BTreeMap::new();
    for (at_ms, row) in rows {
        let moment = Moment { at_ms, zone: page.zone.clone() };
        let day = days.entry(moment.zoned().date().to_string());
        day.or_insert_with(|| Day { name: page.day(&moment), rows: Vec::new() }).rows.push(row);
    }
    days.into_values().collect()
}
