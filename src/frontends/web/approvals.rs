//! `/approvals/{id}`: exactly what would happen, and the two buttons. The form carries the hash of what the page showed.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Id, Posted};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, Verdict};
use crate::desk::view::ApprovalView;
use crate::domain::approval::Decision;
use crate::domain::ids::ApprovalId;

#[derive(Template)]
#[template(path = "approval.html")]
struct Approval {
    page: Page,
    view: ApprovalView,
    open: bool,
    outcome: Option<String>,
    outcome_class: &'static str,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person, Id(id): Id<ApprovalId>) -> Response {
    match app.read_approval(&person.caller, &id).await {
        Ok(view) => {
            let page = Page::of(&app, &person, "");
            let found = outcome(&app, &view);
            let outcome_class = found.map_or("", |(_, class)| class);
            let outcome = found.map(|(key, _)| page.t(key));
            html(&Approval { page, view, open: found.is_none(), outcome, outcome_class })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// What became of a question, as the key of its sentence and the class of its notice; none while it is open.
pub(super) fn outcome(app: &App, view: &ApprovalView) -> Option<(&'static str, &'static str)> {
    match view.approval.decision {
        Decision::Pending if view.approval.expires_at > app.now_ms() => None,
        Decision::Pending | Decision::Expired => Some(("approval-done-expired", "warn")),
        Decision::Approved => Some(("approval-done-approved", "good")),
        Decision::Declined => Some(("approval-done-declined", "warn")),
        Decision::Superseded => Some(("approval-done-superseded", "warn")),
    }
}

/// The person's answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decide {
    hash: String,
    verdict: Word,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Approve,
    Decline,
}

pub(super) async fn decide(
    State(app): State<Arc<App>>,
    Id(id): Id<ApprovalId>,
    Posted { person, fields }: Posted<Decide>,
) -> Response {
    let verdict = match fields.verdict {
        Word::Approve => Verdict::Approve,
        Word::Decline => Verdict::Decline,
    };
    match app.decide(&person.caller, &id, &fields.hash, verdict).await {
        Ok(_) => Redirect::to(&format!("/approvals/{id}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
