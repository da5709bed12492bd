//! `/`: what needs the person, what comes next, what went out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, SignedIn};
use crate::desk::view::{AccountView, ApprovalView, NoticeView, PostStatus, PostView};
use crate::domain::account::Health;
use crate::domain::approval::Late;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;

/// Of each list: enough for a day; the calendar has the rest. What needs the person is never cut.
const SHOWN_MAX: usize = 5;

#[derive(Template)]
#[template(path = "today.html")]
struct Today {
    held_up: usize,
    lates: [Late; 3],
    page: Page,
    day: String,
    paused: bool,
    /// Nobody has said yet which zone times are meant in.
    asks_zone: bool,
    has_accounts: bool,
    /// The week's summary is there, and not seen yet.
    is_week_new: bool,
    accounts: Vec<AccountView>,
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
    let page = Page::of(app, person, "today");
    let now = Moment { at_ms: app.now_ms(), zone: page.zone.clone() };
    let mut accounts = app.list_accounts(caller).await?;
    let has_accounts = accounts.iter().any(|view| view.account.health != Health::Disconnected);
    accounts.retain(|view| view.account.health == Health::NeedsReconnecting);
    let paused = app.is_paused(caller).await?;
    let held_up = if paused { app.held_up(caller).await? } else { 0 };
    let mut today = Today {
        held_up,
        lates: Late::ALL,
        day: page.day(&now),
        page,
        paused,
        asks_zone: app.is_unchosen(caller).await?,
        has_accounts,
        is_week_new: app.is_week_new(caller).await?,
        accounts,
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
            // What waits is shown as the question itself, above.
            PostStatus::WaitingForYou if today.waiting.iter().any(|view| view.is_about(&post.id)) => continue,
            PostStatus::Draft | PostStatus::WaitingForYou => &mut today.drafts,
            PostStatus::Published => &mut today.recent,
            PostStatus::Withdrawn => continue,
        };
        list.push(post);
    }
    today.next.sort_by_key(|post| post.next().map(|delivery| delivery.when.at_ms));
    today.drafts.truncate(SHOWN_MAX);
    today.next.truncate(SHOWN_MAX);
    today.recent.truncate(SHOWN_MAX);
    today.notices.truncate(2 * SHOWN_MAX);
    Ok(today)
}
