//! Containers of the simulated Instagram (dossier §3.1, §3.2): made, filled by fetching or by resumable upload, looked at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes as Body;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::oauth::{Need, account, caller, may, respond};
use super::refusal;
use super::rules;
use super::state::{Bytes, Container, Kind, Login, Record, State};
use super::{Instagram, USAGE};
use crate::clock::DAY_MS;
use crate::graph::{Call, GraphError};
use crate::ledger::VisibleMedia;
use crate::pull::{Detour, Missed, Patience, pull};
use crate::{lock, sniff};

const KEPT: [&str; 13] = [
    "caption",
    "image_url",
    "video_url",
    "alt_text",
    "user_tags",
    "location_id",
    "collaborators",
    "share_to_feed",
    "thumb_offset",
    "cover_url",
    "audio_name",
    "trial_params",
    "is_ai_generated",
];

/// Room for one byte more than is allowed, so that a file that is too large is seen to be.
fn patience(tuning_ms: u64, bytes_max: usize) -> Patience {
    Patience { bytes_max: bytes_max + 1, wait: Duration::from_millis(tuning_ms) }
}

struct Plan {
    owner: String,
    kind: Kind,
    children: Vec<String>,
    detours: Vec<Detour>,
    fetch_ms: u64,
}

/// `POST /{v}/{user}/media`: counted and capped like every other call, before anything is fetched.
pub(super) async fn create(instagram: &Arc<Instagram>, user: &str, call: Call) -> Response {
    let mut planned = None;
    let counted = instagram.answer(&call, |state, now_ms| {
        planned = Some(plan(state, user, &call, now_ms)?);
        Ok(StatusCode::OK.into_response())
    });
    let Some(plan) = planned else { return counted };
    let made = match prefetch(&plan, &call).await {
        Ok(bytes) => make(instagram, &call, &plan, bytes),
        Err(error) => Err(error),
    };
    let mut answer = respond(made.map(|(body, film)| {
        if let Some((id, url)) = film {
            let instagram = Arc::clone(instagram);
            tokio::spawn(async move { fetch_film(&instagram, id, url, plan).await });
        }
        Json(body).into_response()
    }));
    for name in USAGE {
        if let Some(value) = counted.headers().get(name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

fn plan(state: &State, user: &str, call: &Call, now_ms: i64) -> Result<Plan, GraphError> {
    let profile = caller(state, (user, call), now_ms, Need::Publish)?;
    let tuning = state.options.tuning;
    let kind = rules::check(call, &tuning)?;
    let children = children(state, call, (kind, &profile.id), now_ms)?;
    let since = now_ms - DAY_MS;
    let made = state.containers.values().filter(|made| made.owner == profile.id && made.created_ms > since).count();
    if made >= tuning.containers_max {
        // The dossier names no code for this cap: Graph's own for too much, without a number of Instagram's.
        return Err(GraphError::new(4, "Application request limit reached"));
    }
    if call.one("upload_type") == Some("resumable")
        && may(state, call, now_ms, Need::Publish)?.login == Login::Instagram
    {
        return Err(GraphError::param("Param upload_type is not supported"));
    }
    let (detours, fetch_ms) = (state.options.detours.clone(), tuning.fetch_ms);
    Ok(Plan { owner: profile.id, kind, children, detours, fetch_ms })
}

fn children(state: &State, call: &Call, (kind, owner): (Kind, &str), now_ms: i64) -> Result<Vec<String>, GraphError> {
    if kind != Kind::Carousel {
        return Ok(Vec::new());
    }
    let children = call.list("children");
    if !(2..=10).contains(&children.len()) {
        return Err(refusal::carousel());
    }
    for id in &children {
        let child = state.containers.get(id).filter(|child| child.is_item && child.owner == owner);
        match child.ok_or_else(|| GraphError::param(&format!("{id} is not a carousel item container")))?.status(now_ms)
        {
            "FINISHED" => {}
            // Seen in the field where an item is not ready (§3.2 says to wait).
            "IN_PROGRESS" => {
                return Err(GraphError::new(2, "An unexpected error has occurred. Please retry your request later."));
            }
            _ => return Err(refusal::broken()),
        }
    }
    Ok(children)
}

/// Pictures are fetched before the answer.
async fn prefetch(plan: &Plan, call: &Call) -> Result<Bytes, GraphError> {
    let (name, is_cover) = match plan.kind {
        Kind::Image | Kind::ImageStory => ("image_url", false),
        Kind::Reel if call.one("cover_url").is_some() => ("cover_url", true),
        Kind::Carousel => return Ok(Bytes::None),
        Kind::Reel | Kind::Video | Kind::VideoStory => return Ok(Bytes::Coming),
    };
    let url = call.needed(name)?;
    let pulled = pull(url, &plan.detours, patience(plan.fetch_ms, rules::IMAGE_BYTES_MAX)).await;
    let (kind, bytes) = pulled.map_err(|missed| match missed {
        Missed::TimedOut => refusal::slow(),
        Missed::TooLarge => refusal::image_size(),
        Missed::Nowhere | Missed::Redirected | Missed::Refused => refusal::unfetched(),
    })?;
    if !kind.is_empty() && !kind.starts_with("image/") {
        return Err(refusal::unfetched());
    }
    let (look, shape) = (sniff::look(&bytes), if is_cover { Kind::ImageStory } else { plan.kind });
    rules::image(shape, bytes.len(), &look)?;
    Ok(if is_cover { Bytes::Coming } else { Bytes::There(VisibleMedia::of("", &bytes, call.one("alt_text"))) })
}

type Made = (Value, Option<(String, String)>);

fn make(instagram: &Instagram, call: &Call, plan: &Plan, bytes: Bytes) -> Result<Made, GraphError> {
    let now_ms = instagram.clock.now_ms();
    let mut state = lock(&instagram.state);
    let id = state.next_id();
    let tuning = state.options.tuning;
    let wait_ms = if plan.kind.is_film() { tuning.video_ms } else { tuning.image_ms };
    let bytes = match bytes {
        Bytes::There(medium) => Bytes::There(VisibleMedia { id: id.clone(), ..medium }),
        other => other,
    };
    let is_item = call.flag("is_carousel_item");
    let is_silent = is_item || plan.kind.is_story();
    let kept = KEPT.iter().filter(|name| !is_silent || **name != "caption");
    let fields: BTreeMap<String, String> =
        kept.filter_map(|name| call.one(name).map(|value| ((*name).to_owned(), value.to_owned()))).collect();
    let film = fields.get("video_url").map(|url| (id.clone(), url.clone()));
    let container = Container {
        id: id.clone(),
        owner: plan.owner.clone(),
        kind: plan.kind,
        fields,
        children: plan.children.clone(),
        is_item,
        created_ms: now_ms,
        wait_ms,
        ready_ms: now_ms + wait_ms,
        bytes,
        media_id: None,
    };
    state.commit(Record::Contained(Box::new(container)))?;
    let mut body = json!({"id": id});
    if call.one("upload_type") == Some("resumable") {
        body["uri"] = format!("{}/ig-api-upload/v25.0/{id}", instagram.root()).into();
    }
    Ok((body, film))
}

async fn fetch_film(instagram: &Instagram, id: String, url: String, plan: Plan) {
    let pulled = pull(&url, &plan.detours, patience(plan.fetch_ms, rules::REEL_BYTES_MAX)).await;
    let bytes = match pulled {
        Ok((_, bytes)) => judged(plan.kind, &id, &bytes),
        Err(Missed::TimedOut) => Bytes::Failed(2_207_003),
        Err(Missed::TooLarge) => Bytes::Failed(2_207_026),
        Err(Missed::Nowhere | Missed::Redirected | Missed::Refused) => Bytes::Failed(2_207_077),
    };
    arrive(instagram, id, bytes);
}

fn judged(kind: Kind, id: &str, bytes: &[u8]) -> Bytes {
    match rules::film(kind, bytes.len(), &sniff::look(bytes)) {
        Ok(()) => Bytes::There(VisibleMedia::of(id, bytes, None)),
        Err(number) => Bytes::Failed(number),
    }
}

fn arrive(instagram: &Instagram, container: String, bytes: Bytes) {
    let at_ms = instagram.clock.now_ms();
    if lock(&instagram.state).commit(Record::Arrived { container, bytes, at_ms }).is_err() {
        tracing::error!("what came of a film could not be kept");
    }
}

/// `POST` to the address of a resumable upload (§3.1).
pub(super) async fn upload(
    Shared(instagram): Shared<Arc<Instagram>>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wrong = |kind: &str, message: &str| {
        let info = json!({"debug_info": {"retriable": false, "type": kind, "message": message}});
        (StatusCode::BAD_REQUEST, Json(info)).into_response()
    };
    let (kind, filled) = {
        let mut state = lock(&instagram.state);
        let now_ms = instagram.clock.now_ms();
        let token = header("authorization").strip_prefix("OAuth ").unwrap_or_default().to_owned();
        let call = Call::of_pairs(vec![("access_token".into(), token)]);
        let found = state.containers.get(&id).cloned();
        let owned = may(&state, &call, now_ms, Need::Publish).and_then(|token| {
            let container = found.filter(|found| found.bytes == Bytes::Coming && found.field("video_url").is_none());
            let container = container.ok_or_else(|| refusal::missing(&id))?;
            account(&state, &token, &container.owner).map(|_| container.kind)
        });
        let kind = match owned {
            Ok(kind) => kind,
            Err(error) => return respond(Err(error)),
        };
        if !header("file_url").is_empty() {
            (kind, None)
        } else {
            let (Ok(offset), Ok(size)) = (header("offset").parse::<usize>(), header("file_size").parse::<usize>())
            else {
                return wrong("PartialRequestError", "The headers offset and file_size are needed");
            };
            let have = state.uploads.entry(id.clone()).or_default();
            if offset != have.len() || offset + body.len() > size {
                return wrong(
                    "OffsetInvalidError",
                    &format!("Request starting offset is invalid, {} bytes are here", have.len()),
                );
            }
            have.extend(&body);
            (kind, Some(have.len() == size))
        }
    };
    match filled {
        None => {
            let url = header("file_url").to_owned();
            let (detours, fetch_ms) = {
                let state = lock(&instagram.state);
                (state.options.detours.clone(), state.options.tuning.fetch_ms)
            };
            let plan = Plan { owner: String::new(), kind, children: Vec::new(), detours, fetch_ms };
            fetch_film(&instagram, id, url, plan).await;
        }
        Some(true) => {
            let bytes = lock(&instagram.state).uploads.remove(&id).unwrap_or_default();
            arrive(&instagram, id.clone(), judged(kind, &id, &bytes));
        }
        Some(false) => {}
    }
    Json(json!({"success": true, "message": "Upload successful."})).into_response()
}

/// A container as far as `fields` asks.
pub(super) fn describe(state: &State, container: &Container, call: &Call, now_ms: i64) -> Result<Value, GraphError> {
    let code = container.status(now_ms);
    let text = match (code, &container.bytes) {
        ("ERROR", Bytes::Failed(number)) => format!("Error: Media upload has failed with error code {number}"),
        ("FINISHED", _) => "Finished: Media has been uploaded and it is ready to be published.".into(),
        ("PUBLISHED", _) => "Published: Media has been successfully published.".into(),
        ("EXPIRED", _) => "Expired: Media builder has expired.".into(),
        _ => "In Progress: Media is still being processed.".into(),
    };
    let mut shown = json!({"id": container.id});
    for field in call.list("fields") {
        match field.as_str() {
            "id" => {}
            "status_code" => shown["status_code"] = code.into(),
            "status" => shown["status"] = text.as_str().into(),
            "video_status" => {
                let sent = state.uploads.get(&container.id).map_or(0, Vec::len);
                let is_here = container.bytes != Bytes::Coming;
                shown["video_status"] = json!({
                    "uploading_phase": {"status": if is_here { "complete" } else { "in_progress" }, "bytes_transferred": sent},
                    "processing_phase": {"status": if code == "FINISHED" { "complete" } else { "not_started" }}});
            }
            "copyright_check_status" => {
                shown["copyright_check_status"] = json!({"status": "completed", "matches_found": false});
            }
            other => return Err(nonexisting(other)),
        }
    }
    Ok(shown)
}

/// How Graph refuses a field that the object does not have (§5).
pub(super) fn nonexisting(field: &str) -> GraphError {
    GraphError::param(&format!("(#100) Tried accessing nonexisting field ({field})"))
}

/// `GET /__sim/containers`.
pub(super) async fn inspect(Shared(instagram): Shared<Arc<Instagram>>) -> Json<Vec<Value>> {
    let now_ms = instagram.clock.now_ms();
    let state = lock(&instagram.state);
    let all = state.containers.values();
    Json(
        all.map(|c| json!({"id": c.id, "owner": c.owner, "status": c.status(now_ms), "media_id": c.media_id}))
            .collect(),
    )
}
