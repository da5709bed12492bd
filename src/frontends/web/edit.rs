//! `/posts/{id}/edit`: the texts of a draft, one field for each part on each account; of a post in a plan its time, too. A plan is asked about
//! anew with what was changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::approvals::{page_of, renumbered};
use super::form::{Id, Posted};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, SignedIn};
use crate::desk::view::{PostView, VariantView};
use crate::domain::batch::{BATCH_POSTS_MAX, read_numbers};
use crate::domain::ids::{ApprovalId, PostId};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::say;

#[derive(Template)]
#[template(path = "edit.html")]
struct Edit {
    page: Page,
    id: PostId,
    revision: i64,
    fields: Vec<Field>,
    /// The plan it is in, the numbers that are not ticked there, its time, and the zone that is meant in.
    plan: Option<(String, String, String, String)>,
    problem: Option<Sentence>,
    back: String,
}

struct Field {
    name: String,
    label: String,
    text: String,
    rows: usize,
}

/// Where somebody comes from.
#[derive(Default, Deserialize)]
pub(super) struct From {
    #[serde(default)]
    plan: String,
    #[serde(default)]
    left: String,
}

/// A time as people type it: in the zone it was asked about in.
fn typed(moment: &Moment) -> String {
    moment.zoned().datetime().strftime("%Y-%m-%d %H:%M").to_string()
}

fn label(page: &Page, variant: &VariantView, part: usize) -> String {
    let name = format!("@{} ({})", variant.account.handle, variant.account.network.shown());
    let label = page.say(say!("edit-text", account = name));
    match variant.content.segments.len() {
        0 | 1 => label,
        _ => format!("{label} · {}", page.say(say!("edit-part", no = part + 1))),
    }
}

fn fields(page: &Page, post: &PostView, typed: &BTreeMap<String, String>) -> Vec<Field> {
    let mut all = Vec::new();
    for (at, variant) in post.variants.iter().enumerate() {
        for (part, segment) in variant.content.segments.iter().enumerate() {
            let name = format!("text-{at}-{part}");
            let text = typed.get(&name).cloned().unwrap_or_else(|| segment.text.clone());
            let rows = (text.lines().count() + text.chars().count() / 60).clamp(3, 16);
            all.push(Field { label: label(page, variant, part), name, text, rows });
        }
    }
    all
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<PostId>,
    from: Result<Query<From>, QueryRejection>,
) -> Response {
    let from = from.map(|Query(from)| from).unwrap_or_default();
    match page(&app, &person, &id, (&from, &BTreeMap::new(), None)).await {
        Ok(page) => html(&page),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

async fn page(
    app: &App,
    person: &SignedIn,
    id: &PostId,
    (from, typed_in, problem): (&From, &BTreeMap<String, String>, Option<Sentence>),
) -> Result<Edit, ToolError> {
    let post = app.read_post(&person.caller, id).await?;
    let page = Page::of(app, person, "");
    let (mut plan, mut back) = (None, format!("/posts/{id}"));
    if let Ok(approval) = from.plan.parse::<ApprovalId>() {
        let (view, no) = app.find_in_plan(&person.caller, &approval, id).await?;
        let moment = view.batch[no - 1].when();
        let zone = moment.map_or_else(|| page.zone.clone(), |moment| moment.zone.clone());
        let when = typed_in.get("at").cloned().or(moment.map(typed)).unwrap_or_default();
        plan = Some((from.plan.clone(), from.left.clone(), when, zone));
        back = page_of(&approval, &read_numbers(&from.left, BATCH_POSTS_MAX).unwrap_or_default());
    }
    let fields = fields(&page, &post, typed_in);
    Ok(Edit { id: post.id, revision: post.revision, fields, page, plan, problem, back })
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    Id(id): Id<PostId>,
    Posted { person, fields }: Posted<BTreeMap<String, String>>,
) -> Response {
    let known =
        |name: &String| name.starts_with("text-") || ["revision", "plan", "left", "at"].contains(&name.as_str());
    let revision = fields.get("revision").and_then(|revision| revision.parse::<i64>().ok());
    let Some(revision) = revision.filter(|_| fields.keys().all(known)) else {
        return Refused::unreadable(&app, person.caller.lang, StatusCode::BAD_REQUEST).into_response();
    };
    match saved(&app, &person, &id, (revision, &fields)).await {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(ToolError::Refused(why)) => {
            // What they wrote stands there again, with what is wrong.
            let of = |name: &str| fields.get(name).cloned().unwrap_or_default();
            let from = From { plan: of("plan"), left: of("left") };
            match page(&app, &person, &id, (&from, &fields, Some(why))).await {
                Ok(page) => (StatusCode::BAD_REQUEST, html(&page)).into_response(),
                Err(error) => Refused::for_person(&app, &person, error).into_response(),
            }
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// Saves what was changed, and asks about the plan anew; where that leads.
async fn saved(
    app: &App,
    person: &SignedIn,
    id: &PostId,
    (revision, fields): (i64, &BTreeMap<String, String>),
) -> Result<String, ToolError> {
    let caller = &person.caller;
    let post = app.read_post(caller, id).await?;
    let (variants, is_changed) = edited(&post, fields);
    // Whoever sees the tags and changes the text means what they leave.
    let change = json!({ "post": id.as_str(), "revision": revision, "variants": variants, "plain_links": true });
    let plan = match fields.get("plan").filter(|plan| !plan.is_empty()) {
        Some(plan) => {
            let approval: ApprovalId = plan.parse().map_err(|_| say!("approval-not-found", id = plan))?;
            Some((app.find_in_plan(caller, &approval, id).await?, approval))
        }
        None => None,
    };
    if is_changed {
        app.call_tool(caller, "update_draft", change).await?;
    }
    let Some(((view, no), approval)) = plan else { return Ok(format!("/posts/{id}")) };
    let asked = view.batch[no - 1].when().map(typed).unwrap_or_default();
    let at = fields.get("at").map(|at| at.trim()).filter(|at| !at.is_empty() && *at != asked);
    let left = read_numbers(fields.get("left").map_or("", String::as_str), BATCH_POSTS_MAX).unwrap_or_default();
    if !is_changed && at.is_none() {
        return Ok(page_of(&approval, &left));
    }
    let times = at.map(|at| (no, at.to_owned())).into_iter().collect();
    let (new, numbers) = app.ask_plan_again(caller, &approval, &times).await?;
    // Whoever edits a post means it to go along.
    let left: BTreeSet<usize> = left.into_iter().filter(|other| *other != no).collect();
    let place = numbers.iter().position(|was| *was == no).map_or(String::new(), |at| format!("#item-{}", at + 1));
    Ok(format!("{}{place}", page_of(&new, &renumbered(&numbers, &left))))
}

/// What each account shows with its texts changed: pictures, polls, who may reply and what is disclosed stay as they are.
fn edited(post: &PostView, fields: &BTreeMap<String, String>) -> (Vec<Value>, bool) {
    let (mut variants, mut is_changed) = (Vec::new(), false);
    for (at, variant) in post.variants.iter().enumerate() {
        let mut segments = Vec::new();
        for (part, segment) in variant.content.segments.iter().enumerate() {
            let text = fields.get(&format!("text-{at}-{part}")).map(|text| text.replace("\r\n", "\n"));
            let text = text.unwrap_or_else(|| segment.text.clone());
            is_changed |= text != segment.text;
            segments.push(json!({ "text": text, "media": segment.media, "poll": segment.poll }));
        }
        let account = variant.account.id.as_str();
        variants.push(json!({ "account": account, "segments": segments, "options": variant.content.options }));
    }
    (variants, is_changed)
}
