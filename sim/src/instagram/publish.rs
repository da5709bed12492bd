//! The visible acts on the simulated Instagram (dossier §3.3, §4): publish, comment, delete, and the quota.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::containers::nonexisting;
use super::oauth::{Need, account, caller, may};
use super::options::SimProfile;
use super::refusal;
use super::state::{Bytes, Container, Medium, Record, State};
use crate::clock::DAY_MS;
use crate::graph::{Call, GraphError};
use crate::ledger::{Visible, VisibleMedia};

const COMMENT_CHARS_MAX: usize = 300;

/// `POST /{v}/{user}/media_publish`.
pub(super) fn publish(state: &mut State, user: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, (user, call), now_ms, Need::Publish)?;
    let id = call.needed("creation_id")?;
    // A carousel's item goes out with its carousel alone.
    let container = state.containers.get(id).filter(|found| found.owner == profile.id && !found.is_item);
    let container = container.ok_or_else(refusal::not_found)?.clone();
    match container.status(now_ms) {
        "FINISHED" => {}
        "IN_PROGRESS" => return Err(refusal::not_ready()),
        "EXPIRED" => return Err(refusal::expired()),
        "ERROR" => return Err(refusal::broken()),
        // Expected to fail rather than to post twice (§6, unverified).
        _ => return Err(refusal::spent()),
    }
    if used(state, &profile.id, now_ms) >= state.options.tuning.posts_max {
        return Err(refusal::capped());
    }
    let medium = medium(state, &profile, container.clone(), now_ms);
    let answer = json!({"id": medium.entry.id});
    state.commit(Record::Posted { medium: Box::new(medium), container: Some(container.id) })?;
    Ok(Json(answer).into_response())
}

fn bytes_of(container: &Container) -> Option<VisibleMedia> {
    match &container.bytes {
        Bytes::There(medium) => Some(medium.clone()),
        Bytes::None | Bytes::Coming | Bytes::Failed(_) => None,
    }
}

fn medium(state: &mut State, profile: &SimProfile, container: Container, now_ms: i64) -> Medium {
    let media = match bytes_of(&container) {
        Some(medium) => vec![medium],
        None => container.children.iter().filter_map(|id| state.containers.get(id)).filter_map(bytes_of).collect(),
    };
    let (media_type, product) = container.kind.names();
    let kind = if product == "FEED" { media_type } else { product };
    let silent = ["caption", "image_url", "video_url", "alt_text"];
    let details: Map<String, Value> = container
        .fields
        .iter()
        .filter(|(name, _)| !silent.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    let text = container.field("caption").unwrap_or_default().to_owned();
    let mut entry = visible(state, profile, (kind, text), now_ms);
    entry.media = media;
    entry.details = details.into();
    Medium { entry, kind: Some(container.kind), fields: container.fields, children: container.children }
}

fn visible(state: &mut State, profile: &SimProfile, (kind, text): (&str, String), now_ms: i64) -> Visible {
    Visible {
        id: state.next_id(),
        account_id: profile.id.clone(),
        account_name: profile.username.clone(),
        kind: kind.to_owned(),
        text,
        texts_before: Vec::new(),
        media: Vec::new(),
        audience: "PUBLIC".into(),
        parent: None,
        details: Value::Null,
        created_at_ms: now_ms,
        deleted: false,
    }
}

/// What one account published within a day; a carousel counts once, and what was deleted stays counted.
fn used(state: &State, owner: &str, now_ms: i64) -> usize {
    let is_recent = |medium: &&Medium| {
        medium.kind.is_some() && medium.entry.account_id == owner && medium.entry.created_at_ms > now_ms - DAY_MS
    };
    state.media.iter().filter(is_recent).count()
}

/// `GET /{v}/{user}/content_publishing_limit`.
pub(super) fn limit(state: &State, user: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, (user, call), now_ms, Need::Publish)?;
    let mut fields = call.list("fields");
    if fields.is_empty() {
        fields.push("quota_usage".into());
    }
    let mut shown = json!({});
    for field in fields {
        shown[&field] = match field.as_str() {
            "quota_usage" => used(state, &profile.id, now_ms).into(),
            "config" => json!({"quota_total": state.options.tuning.posts_max, "quota_duration": DAY_MS / 1_000}),
            other => return Err(nonexisting(other)),
        };
    }
    Ok(Json(json!({"data": [shown]})).into_response())
}

/// `POST /{v}/{media}/comments`.
pub(super) fn comment(state: &mut State, id: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let token = may(state, call, now_ms, Need::Comments)?;
    let owner = state.live(id).filter(|medium| medium.kind.is_some()).ok_or_else(|| refusal::missing(id))?;
    let profile = account(state, &token, &owner.entry.account_id)?;
    let text = call.needed("message")?.to_owned();
    if text.chars().count() > COMMENT_CHARS_MAX {
        return Err(GraphError::param("Param message must be at most 300 characters long"));
    }
    let mut entry = visible(state, &profile, ("COMMENT", text), now_ms);
    entry.parent = Some(id.to_owned());
    let answer = json!({"id": entry.id});
    let medium = Medium { entry, kind: None, fields: Default::default(), children: Vec::new() };
    state.commit(Record::Posted { medium: Box::new(medium), container: None })?;
    Ok(Json(answer).into_response())
}

/// `DELETE /{v}/{media}`.
pub(super) fn delete(state: &mut State, id: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let token = may(state, call, now_ms, Need::Delete)?;
    let medium = state.live(id).ok_or_else(|| refusal::missing(id))?;
    account(state, &token, &medium.entry.account_id)?;
    state.commit(Record::Deleted { id: id.to_owned() })?;
    Ok(Json(json!({"success": true, "deleted_id": id})).into_response())
}
