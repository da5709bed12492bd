//! Comments on the simulated LinkedIn (dossier §3.6), and the counts below a post.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::LinkedIn;
use super::ask::{Act, key};
use super::content::only;
use super::posts::{body_of, created, find, within_quota};
use super::refusal::Refusal;
use super::state::{Post, Record, State};
use crate::ledger::Visible;

const TEXT_MAX: usize = 1_250;

type Room = Shared<Arc<LinkedIn>>;

fn digits(urn: &str) -> &str {
    urn.rsplit(':').next().unwrap_or_default()
}

/// The post at the top, and the comment that is answered, if one is.
fn place(state: &State, urn: &str) -> Result<(String, Option<String>), Refusal> {
    let post = find(state, urn).filter(|post| post.lifecycle == "PUBLISHED").ok_or_else(|| Refusal::not_found(urn))?;
    if !post.is_comment {
        return Ok((post.entry.id.clone(), None));
    }
    let top = post.entry.details["post"].as_str().unwrap_or_default().to_owned();
    Ok((top, Some(post.entry.id.clone())))
}

/// `POST /rest/socialActions/{urn}/comments`.
pub(super) async fn create(
    Shared(linkedin): Room,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let (urn, body) = (key(&uri)?, body_of(&headers, &body)?);
        only(&body, "", &["actor", "object", "message", "parentComment", "content"])?;
        let text =
            |pointer: &str| body.pointer(pointer).and_then(Value::as_str).ok_or_else(|| Refusal::missing(pointer));
        let actor = text("/actor")?;
        // The older pages name the first scope of each, the one of 2026 the second.
        let act = Act {
            field: "/actor",
            member: &["w_member_social", "w_member_social_feed"],
            page: &["w_organization_social", "w_organization_social_feed"],
            what: "socialActions.comments.CREATE",
        };
        ask.acts_as(state, actor, &act)?;
        let (top, parent) = place(state, &urn)?;
        let object = text("/object")?;
        if digits(object) != digits(&top) {
            return Err(Refusal::value("/object", "is not the post of the path"));
        }
        if parent.is_some() && body["parentComment"].as_str() != parent.as_deref() {
            return Err(Refusal::value("/parentComment", "must be the comment of the path"));
        }
        let words = text("/message/text")?.to_owned();
        if words.trim().is_empty() {
            return Err(Refusal::missing("/message/text"));
        }
        if words.chars().count() > TEXT_MAX {
            return Err(Refusal::long("/message/text", TEXT_MAX));
        }
        within_quota(state, actor, ask.now_ms)?;
        let number = state.next_id();
        let entry = Visible {
            id: format!("urn:li:comment:(urn:li:activity:{},{number})", digits(&top)),
            account_name: state.name_of(actor).unwrap_or_default(),
            account_id: actor.to_owned(),
            kind: "comment".into(),
            text: words.clone(),
            texts_before: Vec::new(),
            media: Vec::new(),
            audience: String::new(),
            parent: Some(parent.unwrap_or_else(|| top.clone())),
            details: json!({"post": top}),
            created_at_ms: ask.now_ms,
            deleted: false,
        };
        let stamp = json!({"actor": actor, "time": ask.now_ms});
        let shown = json!({"actor": actor, "object": object, "id": number.to_string(), "commentUrn": entry.id,
            "created": stamp, "lastModified": stamp, "message": {"attributes": [], "text": words}});
        let (print, raw, content) = (String::new(), words, Value::Null);
        let lifecycle = "PUBLISHED".into();
        let post =
            Post { entry, print, raw, content, lifecycle, is_comment: true, edited_ms: ask.now_ms, deleted_ms: None };
        state.commit(Record::Posted(Box::new(post)))?;
        Ok(created(state, &number.to_string(), Json(shown).into_response()))
    })
}

/// `GET /rest/socialActions/{urn}`: counts, for who may read.
pub(super) async fn counts(Shared(linkedin): Room, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let urn = key(&uri)?;
        let post = find(state, &urn).ok_or_else(|| Refusal::not_found(&urn))?;
        let act = Act {
            field: "/author",
            member: &["r_member_social", "r_member_social_feed"],
            page: &["r_organization_social", "r_organization_social_feed"],
            what: "socialActions.GET",
        };
        ask.acts_as(state, &post.entry.account_id, &act)?;
        let id = post.entry.id.clone();
        let below = state.posts.iter().filter(|other| !other.entry.deleted && other.is_comment);
        let comments = below.filter(|other| other.entry.details["post"] == id.as_str()).count();
        let likes = state.insights.get(&id).and_then(|set| set.get("REACTION")).copied().unwrap_or(0);
        Ok(Json(json!({"target": id, "likesSummary": {"totalLikes": likes, "likedByCurrentUser": false},
            "commentsSummary": {"totalFirstLevelComments": comments, "aggregatedTotalComments": comments}}))
        .into_response())
    })
}
