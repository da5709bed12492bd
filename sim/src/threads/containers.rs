//! Containers of the simulated Threads (dossier §3.1, §3.2): made, fetched, looked at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use url::Url;

use super::oauth::{caller, respond};
use super::state::{Container, Kind, Record, State};
use super::{Threads, publish, rules};
use crate::graph::{Call, GraphError};
use crate::{lock, sniff, wire};

const IMAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
const VIDEO_BYTES_MAX: usize = 1_000_000_000;
const IMAGE_PATIENCE: Duration = Duration::from_secs(30);
const VIDEO_PATIENCE: Duration = Duration::from_secs(600);
const UNREACHABLE: &str = "The media could not be fetched from this URI";
const KEPT: [&str; 16] = [
    "text",
    "image_url",
    "video_url",
    "reply_to_id",
    "quote_post_id",
    "reply_control",
    "alt_text",
    "link_attachment",
    "poll_attachment",
    "topic_tag",
    "text_attachment",
    "gif_attachment",
    "is_spoiler_media",
    "is_ghost_post",
    "enable_reply_approvals",
    "location_id",
];

/// `POST /v1.0/{user}/threads`.
pub(super) async fn create(threads: &Arc<Threads>, user: &str, call: Call) -> Response {
    let fetched = fetch_image(threads, &call).await;
    let now_ms = threads.clock.now_ms();
    let made = {
        let mut state = lock(&threads.state);
        make(&mut state, (user, &call), now_ms, fetched)
    };
    match made {
        Ok((body, None)) => Json(body).into_response(),
        Ok((body, Some((container, url)))) => {
            let threads = Arc::clone(threads);
            tokio::spawn(async move { fetch_video(&threads, container, url).await });
            Json(body).into_response()
        }
        Err(error) => error.into_response(),
    }
}

type Made = (Value, Option<(String, String)>);

fn make(
    state: &mut State,
    (user, call): (&str, &Call),
    now_ms: i64,
    fetched: Result<(), GraphError>,
) -> Result<Made, GraphError> {
    let profile = caller(state, call, (now_ms, "threads_content_publish"))?;
    publish::own(user, &profile)?;
    let kind = rules::check(call)?;
    fetched?;
    for name in ["reply_to_id", "quote_post_id"] {
        // A container's id here is the usual mistake: chains go by media id.
        if call.one(name).is_some_and(|id| state.live_post(id).is_none()) {
            return Err(GraphError::param(&format!("Param {name} is not the id of a post that you can see")));
        }
    }
    let children = children(state, call, kind, &profile.id)?;
    let tuning = state.options.tuning;
    let wait_ms = match kind {
        Kind::Text => tuning.text_ms,
        Kind::Image | Kind::Carousel | Kind::Repost => tuning.image_ms,
        Kind::Video => tuning.video_ms,
    };
    // A carousel is not ready before the last of its children (§3.1).
    let last_child_ms = children.iter().filter_map(|id| state.containers.get(id)).map(|child| child.ready_ms).max();
    let kept = KEPT.iter().filter_map(|name| call.one(name).map(|value| ((*name).to_owned(), value.to_owned())));
    let container = Container {
        id: state.next_id(),
        owner: profile.id.clone(),
        kind,
        fields: kept.collect::<BTreeMap<_, _>>(),
        children,
        is_item: call.flag("is_carousel_item"),
        created_ms: now_ms,
        ready_ms: last_child_ms.unwrap_or(now_ms).max(now_ms) + wait_ms,
        error: None,
        media_id: None,
    };
    let id = container.id.clone();
    let video = container.field("video_url").map(|url| (id.clone(), url.to_owned()));
    state.commit(Record::Contained(container))?;
    if call.flag("auto_publish_text") {
        if let Some(container) = state.containers.get_mut(&id) {
            container.ready_ms = now_ms;
        }
        return Ok((publish::publish_container(state, &profile, &id, now_ms)?, None));
    }
    Ok((json!({"id": id}), video))
}

fn children(state: &State, call: &Call, kind: Kind, owner: &str) -> Result<Vec<String>, GraphError> {
    if kind != Kind::Carousel {
        return Ok(Vec::new());
    }
    let children = call.list("children");
    if !(2..=20).contains(&children.len()) {
        return Err(GraphError::param("A carousel must have 2 to 20 children"));
    }
    let fits = |id: &String| state.containers.get(id).is_some_and(|child| child.is_item && child.owner == owner);
    match children.iter().find(|id| !fits(id)) {
        Some(id) => Err(GraphError::param(&format!("{id} is not a carousel item container"))),
        None => Ok(children),
    }
}

async fn fetch_image(threads: &Threads, call: &Call) -> Result<(), GraphError> {
    match call.one("media_type") {
        Some("IMAGE") => {}
        Some("VIDEO") => {
            call.needed("video_url")?;
            return Ok(());
        }
        _ => return Ok(()),
    }
    // Nobody may make the service fetch without a token.
    caller(&lock(&threads.state), call, (threads.clock.now_ms(), "threads_content_publish"))?;
    let bytes = fetch(call.needed("image_url")?, IMAGE_BYTES_MAX, IMAGE_PATIENCE).await;
    let bytes = bytes.map_err(|_| GraphError::param(UNREACHABLE))?;
    if bytes.starts_with(b"\xFF\xD8\xFF") || bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        // §4: at most ten times as broad as it is high.
        let is_fine = crate::sniff::look(&bytes).ratio_milli() <= 10_000;
        let wide = || GraphError::param("The aspect ratio of the image is not supported");
        return if is_fine { Ok(()) } else { Err(wide()) };
    }
    Err(GraphError::param("The media is not a JPEG or PNG image"))
}

async fn fetch_video(threads: &Threads, container: String, url: String) {
    let error = match fetch(&url, VIDEO_BYTES_MAX, VIDEO_PATIENCE).await {
        Err(_) => "FAILED_DOWNLOADING_VIDEO",
        Ok(bytes) => match rules::film(&sniff::look(&bytes)) {
            Ok(()) => return,
            Err(error) => error,
        },
    };
    let failed = Record::Failed { container, error: error.into() };
    if lock(&threads.state).commit(failed).is_err() {
        tracing::error!("a container's failure could not be kept");
    }
}

/// The real one wants public https. The simulator takes plain http on this machine in its place, and nothing else.
async fn fetch(url: &str, bytes_max: usize, patience: Duration) -> Result<Vec<u8>, &'static str> {
    let url = Url::parse(url).map_err(|_| "no_url")?;
    if !matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) {
        return Err("not_here");
    }
    wire::fetch(url, bytes_max, patience).await
}

/// A container's status, as far as `fields` asks.
pub(super) fn describe(container: &Container, call: &Call, now_ms: i64) -> Result<Value, GraphError> {
    let fields = call.list("fields");
    let mut shown = json!({"id": container.id});
    let status = container.status(now_ms);
    for field in &fields {
        match field.as_str() {
            "id" => {}
            "status" => shown["status"] = status.into(),
            "error_message" => {
                if let Some(error) = container.error.as_ref().filter(|_| status == "ERROR") {
                    shown["error_message"] = error.as_str().into();
                }
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
pub(super) async fn inspect(Shared(threads): Shared<Arc<Threads>>) -> Response {
    let now_ms = threads.clock.now_ms();
    let state = lock(&threads.state);
    let all = state
        .containers
        .values()
        .map(|c| json!({"id": c.id, "owner": c.owner, "status": c.status(now_ms), "media_id": c.media_id}));
    respond(Ok(Json(all.collect::<Vec<Value>>()).into_response()))
}
