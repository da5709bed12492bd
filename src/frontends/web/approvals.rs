//! `/approvals/{id}`: exactly what would happen, and the two buttons. The form carries the hash of what the page showed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

use super::form::{Id, Posted};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, SignedIn, Verdict};
use crate::desk::view::{ApprovalView, BatchLine};
use crate::domain::approval::Decision;
use crate::domain::batch::{Picked, read_numbers, shown_numbers};
use crate::domain::ids::ApprovalId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

#[derive(Template)]
#[template(path = "approval.html")]
struct Approval {
    page: Page,
    view: ApprovalView,
    open: bool,
    outcome: Option<String>,
    outcome_class: &'static str,
}

/// A plan: every post with a box to untick and a way to edit it.
#[derive(Template)]
#[template(path = "approval_batch.html")]
struct Batch {
    page: Page,
    view: ApprovalView,
    open: bool,
    outcome: Option<String>,
    outcome_class: &'static str,
    left: BTreeSet<usize>,
}

impl Batch {
    /// What must be chosen by itself is ticked by nobody but its person, whatever the address says.
    fn is_ticked(&self, line: &BatchLine) -> bool {
        line.can_go() && line.alone.is_none() && !self.left.contains(&line.no)
    }

    /// Some of it is not as it was asked any more, and can be asked about as it is now.
    fn can_renew(&self) -> bool {
        let is_edited = |line: &BatchLine| line.problem.as_ref().is_some_and(|why| why.key.starts_with("batch-item-"));
        self.view.batch.iter().any(is_edited)
    }

    fn result(&self) -> Sentence {
        let (scheduled, left, refused) = self.view.ended();
        say!("batch-result", scheduled = scheduled, left = left, refused = refused)
    }

    fn ready(&self) -> Sentence {
        say!("batch-ready", count = self.view.ready())
    }
}

/// What of a plan is not ticked at first: how somebody comes back to their ticks without a script.
#[derive(Default, Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    left: String,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<ApprovalId>,
    shown: Result<Query<Shown>, QueryRejection>,
) -> Response {
    match app.read_approval(&person.caller, &id).await {
        Ok(view) => {
            let page = Page::of(&app, &person, "");
            let found = outcome(&app, &view);
            let outcome_class = found.map_or("", |(_, class)| class);
            let outcome = found.map(|(key, _)| page.t(key));
            let open = found.is_none();
            if view.batch.is_empty() {
                return html(&Approval { page, view, open, outcome, outcome_class });
            }
            // An address that somebody changed ticks what it ticks; nothing follows from it before the button.
            let left = shown.map(|Query(shown)| shown.left).unwrap_or_default();
            let left = read_numbers(&left, view.batch.len()).unwrap_or_default();
            html(&Batch { page, view, open, outcome, outcome_class, left })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// The page of a question with these posts of a plan unticked.
pub(super) fn page_of(id: &ApprovalId, left: &BTreeSet<usize>) -> String {
    if left.is_empty() {
        return format!("/approvals/{id}");
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("left", &shown_numbers(left)).finish();
    format!("/approvals/{id}?{query}")
}

/// What became of a question, as the key of its sentence and the class of its notice; none while it is open.
pub(super) fn outcome(app: &App, view: &ApprovalView) -> Option<(&'static str, &'static str)> {
    match view.approval.decision {
        Decision::Pending if view.approval.expires_at > app.now_ms() => None,
        Decision::Pending | Decision::Expired => Some(("approval-done-expired", "warn")),
        Decision::Approved => Some(("approval-done-approved", "good")),
        Decision::Declined => Some(("approval-done-declined", "warn")),
        Decision::Superseded => Some(("approval-done-superseded", "warn")),
        Decision::Void => Some(("approval-done-void", "warn")),
    }
}

/// What somebody pressed.
enum Word {
    Verdict(Verdict),
    /// Edit this post of the plan first.
    Edit(usize),
    /// Ask anew with the posts as they are.
    Renew,
}

/// The person's answer: the hash of what they saw, the button, and the boxes that are ticked.
struct Decide {
    hash: String,
    word: Word,
    ticked: BTreeSet<usize>,
}

impl Decide {
    /// Exactly the fields of our page.
    fn read(fields: BTreeMap<String, String>) -> Option<Self> {
        let (mut hash, mut word, mut ticked) = (None, None, BTreeSet::new());
        for (name, value) in fields {
            match name.as_str() {
                "hash" => hash = Some(value),
                "verdict" => {
                    word = Some(match value.as_str() {
                        "approve" => Word::Verdict(Verdict::Approve),
                        "decline" => Word::Verdict(Verdict::Decline),
                        "renew" => Word::Renew,
                        other => Word::Edit(other.strip_prefix("edit-")?.parse().ok()?),
                    });
                }
                item => {
                    ticked.insert(item.strip_prefix("item-")?.parse().ok()?);
                }
            }
        }
        Some(Self { hash: hash?, word: word?, ticked })
    }

    /// Exactly what is ticked.
    fn picked(&self) -> Picked {
        Picked::ticked(self.ticked.clone())
    }
}

pub(super) async fn decide(
    State(app): State<Arc<App>>,
    Id(id): Id<ApprovalId>,
    Posted { person, fields }: Posted<BTreeMap<String, String>>,
) -> Response {
    let Some(decide) = Decide::read(fields) else {
        return Refused::unreadable(&app, person.caller.lang, StatusCode::BAD_REQUEST).into_response();
    };
    match decided(&app, &person, &id, &decide).await {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// Does what was pressed; where it leads.
async fn decided(app: &App, person: &SignedIn, id: &ApprovalId, decide: &Decide) -> Result<String, ToolError> {
    let caller = &person.caller;
    match decide.word {
        Word::Verdict(verdict) => {
            app.decide_but(caller, id, (&decide.hash, &decide.picked()), verdict).await?;
            Ok(format!("/approvals/{id}"))
        }
        Word::Edit(no) => {
            let view = app.read_approval(caller, id).await?;
            let line = view.batch.get(no.wrapping_sub(1)).ok_or_else(|| say!("approval-changed"))?;
            let left: BTreeSet<usize> = (1..=view.batch.len()).filter(|no| !decide.ticked.contains(no)).collect();
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("plan", id.as_str()).append_pair("left", &shown_numbers(&left));
            Ok(format!("/posts/{}/edit?{}", line.post, query.finish()))
        }
        Word::Renew => {
            let view = app.read_approval(caller, id).await?;
            // What could not be ticked because it changed is ticked in the new question.
            let left: BTreeSet<usize> = view
                .batch
                .iter()
                .filter(|line| line.can_go() && !decide.ticked.contains(&line.no))
                .map(|line| line.no)
                .collect();
            let (new, numbers) = app.ask_plan_again(caller, id, &BTreeMap::new()).await?;
            Ok(page_of(&new, &renumbered(&numbers, &left)))
        }
    }
}

/// Numbers of the old question in the new one, whose posts had these numbers before.
pub(super) fn renumbered(numbers: &[usize], old: &BTreeSet<usize>) -> BTreeSet<usize> {
    (1..).zip(numbers).filter(|(_, was)| old.contains(was)).map(|(no, _)| no).collect()
}
