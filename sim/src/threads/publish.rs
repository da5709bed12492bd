//! The visible acts of the simulated Threads: publish, repost, delete, and the quotas on them (dossier §3.3, §4).

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::oauth::caller;
use super::options::SimProfile;
use super::rules;
use super::state::{Kind, Post, Record, State};
use crate::clock::DAY_MS;
use crate::graph::{Call, GraphError};
use crate::ledger::{LedgerEntry, LedgerPoll};

/// "Media Not Found": not ready, spent, expired, or never there (§3.2).
fn not_found() -> GraphError {
    GraphError::new(24, "The requested resource does not exist").subcode(4_279_009)
}

/// Code 2207051, which has been seen although the post is out (§4).
#[must_use]
pub fn restricted() -> GraphError {
    let message = "We restrict certain activity to protect our community.";
    GraphError::new(4, message).subcode(2_207_051).status(StatusCode::FORBIDDEN)
}

/// Writing goes to one's own account alone.
pub(super) fn own(user: &str, profile: &SimProfile) -> Result<(), GraphError> {
    if user == "me" || user == profile.id { Ok(()) } else { Err(not_found()) }
}

/// `POST /v1.0/{user}/threads_publish`.
pub(super) fn publish(state: &mut State, user: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, call, (now_ms, "threads_content_publish"))?;
    own(user, &profile)?;
    let id = call.needed("creation_id")?;
    Ok(Json(publish_container(state, &profile, id, now_ms)?).into_response())
}

pub(super) fn publish_container(
    state: &mut State,
    profile: &SimProfile,
    id: &str,
    now_ms: i64,
) -> Result<Value, GraphError> {
    let container = state.containers.get(id).filter(|found| found.owner == profile.id && !found.is_item);
    // A container that is spent is refused like one that is lost: the dossier names no other answer.
    let container = container.filter(|found| found.status(now_ms) == "FINISHED").ok_or_else(not_found)?.clone();
    let child = |id: &String| state.containers.get(id).is_some_and(|child| child.status(now_ms) == "FINISHED");
    if !container.children.iter().all(child) {
        return Err(not_found());
    }
    let reply_to = container.field("reply_to_id").map(str::to_owned);
    if reply_to.as_ref().is_some_and(|id| state.live_post(id).is_none()) {
        return Err(GraphError::param("The post that this replies to does not exist"));
    }
    let used = usage(state, &profile.id, now_ms);
    let tuning = state.options.tuning;
    let is_full = if reply_to.is_some() { used.replies >= tuning.replies_max } else { used.posts >= tuning.posts_max };
    if is_full {
        // The dossier names no code for this limit; 613 is Graph's own for a custom one.
        return Err(GraphError::new(613, "Calls to this api have exceeded the rate limit."));
    }
    let poll = container.field("poll_attachment").and_then(|raw| serde_json::from_str::<Value>(raw).ok());
    let poll = poll.and_then(|poll| rules::poll_options(&poll).ok());
    let media_ids = match container.kind {
        Kind::Image | Kind::Video => vec![container.id.clone()],
        Kind::Text | Kind::Carousel | Kind::Repost => container.children.clone(),
    };
    let text = container.field("text").unwrap_or_default().to_owned();
    let mut entry = entry(state, profile, text, now_ms);
    entry.media_ids = media_ids;
    entry.in_reply_to = reply_to;
    entry.poll = poll.map(|options| LedgerPoll { options, duration_minutes: 1_440 });
    let answer = json!({"id": entry.id});
    let post =
        Post { entry, kind: container.kind, fields: container.fields, children: container.children, deleted_ms: None };
    state.commit(Record::Posted { post: Box::new(post), container: Some(container.id) })?;
    Ok(answer)
}

fn entry(state: &mut State, profile: &SimProfile, text: String, now_ms: i64) -> LedgerEntry {
    LedgerEntry {
        id: state.next_id(),
        user_id: profile.id.clone(),
        username: profile.username.clone(),
        text,
        media_ids: Vec::new(),
        in_reply_to: None,
        poll: None,
        made_with_ai: None,
        created_at_ms: now_ms,
        deleted: false,
    }
}

/// `POST /v1.0/{media}/repost`.
pub(super) fn repost(state: &mut State, id: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, call, (now_ms, "threads_content_publish"))?;
    state.live_post(id).ok_or_else(not_found)?;
    let entry = entry(state, &profile, String::new(), now_ms);
    let answer = json!({"id": entry.id});
    let fields = BTreeMap::from([("reposted_post".to_owned(), id.to_owned())]);
    let post = Post { entry, kind: Kind::Repost, fields, children: Vec::new(), deleted_ms: None };
    state.commit(Record::Posted { post: Box::new(post), container: None })?;
    Ok(Json(answer).into_response())
}

/// `DELETE /v1.0/{media}`.
pub(super) fn delete(state: &mut State, id: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, call, (now_ms, "threads_delete"))?;
    state.live_post(id).filter(|post| post.entry.user_id == profile.id).ok_or_else(not_found)?;
    if usage(state, &profile.id, now_ms).deletes >= state.options.tuning.deletes_max {
        return Err(GraphError::new(613, "Calls to this api have exceeded the rate limit."));
    }
    state.commit(Record::Deleted { id: id.to_owned(), at_ms: now_ms })?;
    Ok(Json(json!({"success": true, "deleted_id": id})).into_response())
}

struct Usage {
    posts: usize,
    replies: usize,
    deletes: usize,
}

/// What one profile did in the last 24 hours; deleted posts stay counted.
fn usage(state: &State, owner: &str, now_ms: i64) -> Usage {
    let since = now_ms - DAY_MS;
    let mut used = Usage { posts: 0, replies: 0, deletes: 0 };
    for post in state.posts.iter().filter(|post| post.entry.user_id == owner) {
        let is_recent = post.entry.created_at_ms > since;
        used.posts += usize::from(is_recent && post.entry.in_reply_to.is_none());
        used.replies += usize::from(is_recent && post.entry.in_reply_to.is_some());
        used.deletes += usize::from(post.deleted_ms.is_some_and(|at| at > since));
    }
    used
}

/// `GET /v1.0/{user}/threads_publishing_limit`.
pub(super) fn limit(state: &State, user: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, call, (now_ms, "threads_basic"))?;
    own(user, &profile)?;
    let (used, tuning) = (usage(state, &profile.id, now_ms), state.options.tuning);
    let config = |total: usize| json!({"quota_total": total, "quota_duration": DAY_MS / 1000});
    let all = json!({"quota_usage": used.posts, "config": config(tuning.posts_max),
        "reply_quota_usage": used.replies, "reply_config": config(tuning.replies_max),
        "delete_quota_usage": used.deletes, "delete_config": config(tuning.deletes_max),
        "location_search_quota_usage": 0, "location_search_config": config(500)});
    let mut shown = json!({});
    let mut fields = call.list("fields");
    if fields.is_empty() {
        fields.push("quota_usage".into());
    }
    for field in fields {
        shown[&field] = all.get(&field).cloned().ok_or_else(|| super::containers::nonexisting(&field))?;
    }
    Ok(Json(json!({"data": [shown]})).into_response())
}
