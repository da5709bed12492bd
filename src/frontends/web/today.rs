//! `/`: what needs the person, what comes next, what went out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, SignedIn};
use crate::desk::view::{ApprovalView, NoticeView, PostStatus, PostView};
use crate::domain::tool::ToolError;

/// Enough to see what happened; the calendar has the rest.
const RECENT_MAX: usize = 5;

#[derive(Template)]
#[template(path = "today.html")]
struct Today {
    page: Page,
    paused: bool,
    waiting: Vec<ApprovalView>,
    attention: Vec<PostView>,
    next: Vec<PostView>,
    drafts: Vec<PostView>,
    recent: Vec<PostView>,
    notices: Vec<NoticeView>,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    match today(&app, &person).await {
        Ok(page) => html(&page),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

async fn today(app: &App, person: &SignedIn) -> Result<Today, ToolError> {
    let caller = &person.caller;
    let mut today = Today {
        page: Page::of(app, person, "today"),
        paused: app.is_paused(caller).await?,
        waiting: app.list_waiting(caller).await?,
        attention: Vec::new(),
        next: Vec::new(),
        drafts: Vec::new(),
        recent: Vec::new(),
        notices: app.notices(caller).await?,
    };
    for post in app.list_posts(caller).await? {
        let list = match post.status {
            PostStatus::NeedsAttention => &mut today.attention,
            PostStatus::Scheduled => &mut today.next,
            PostStatus::Draft | PostStatus::WaitingForYou => &mut today.drafts,
            PostStatus::Published => &mut today.recent,
            PostStatus::Withdrawn => continue,
        };
        list.push(post);
    }
    today.next.sort_by_key(|post| post.deliveries.iter().map(|delivery| delivery.when.at_ms).min());
    today.recent.truncate(RECENT_MAX);
    Ok(today)
}
