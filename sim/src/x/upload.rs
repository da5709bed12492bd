//! The media routes: one-shot uploads, the chunked form, its older `command=` spelling, and alt text.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::body::{Shape, is_id};
use super::limits::Endpoint;
use super::media::{LIFE_S, Media, MediaKind};
use super::parts::Parts;
use super::problem::{self, Problem};
use super::query::Query;
use super::state::State;
use super::{Caller, X};

/// Larger parts were answered 431 by the real service (1 MiB is what works everywhere).
const PART_BYTES_MAX: usize = 4 * 1024 * 1024;
const SEGMENT_INDEX_MAX: u64 = 999;
const ALT_TEXT_CHARS_MAX: usize = 1_000;

const INIT_CATEGORIES: [&str; 8] =
    ["amplify_video", "tweet_gif", "tweet_image", "tweet_video", "dm_gif", "dm_image", "dm_video", "subtitles"];
const ONE_SHOT_CATEGORIES: [&str; 7] =
    ["tweet_image", "tweet_video", "tweet_gif", "dm_image", "dm_video", "dm_gif", "subtitles"];
const MEDIA_TYPES: [&str; 15] = [
    "video/mp4",
    "video/webm",
    "video/mp2t",
    "video/quicktime",
    "text/srt",
    "text/vtt",
    "image/jpeg",
    "image/gif",
    "image/bmp",
    "image/png",
    "image/webp",
    "image/pjpeg",
    "image/tiff",
    "model/gltf-binary",
    "model/vnd.usdz+zip",
];

/// `POST /2/media/upload`: one shot, or the older `command=` form.
pub(crate) async fn one_shot(
    Shared(x): Shared<Arc<X>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let parts = Parts::read(request).await.map(|parts| {
        let pairs = [parts.fields.pairs(), Query::of(&uri).pairs()].concat();
        Parts { fields: Query::from_pairs(pairs), media: parts.media }
    });
    let command = parts.as_ref().ok().and_then(|parts| parts.fields.one("command")).map(str::to_owned);
    let endpoint = match command.as_deref() {
        Some("INIT") => Endpoint::Initialize,
        Some("APPEND") => Endpoint::Append,
        Some("FINALIZE") => Endpoint::Finalize,
        Some(_) | None => Endpoint::OneShot,
    };
    x.answer(&headers, endpoint, |state, caller| {
        let parts = parts?;
        let id = parts.fields.one("media_id").unwrap_or_default();
        match command.as_deref() {
            None => upload_whole(state, caller, &parts),
            Some("INIT") => open(state, caller, &parts),
            Some("APPEND") => add_segment(state, caller, id, &parts),
            Some("FINALIZE") => close(state, caller, id),
            Some(other) => Err(Problem::invalid("command is not one of [INIT, APPEND, FINALIZE]", "command", other)),
        }
    })
}

fn upload_whole(state: &mut State, caller: &Caller, parts: &Parts) -> Result<Response, Problem> {
    parts.only(&["media_category", "additional_owners"])?;
    parts.needed("media_category")?;
    let category = parts.one_of("media_category", &ONE_SHOT_CATEGORIES)?.unwrap_or_default();
    let kind = MediaKind::of_category(category);
    if matches!(kind, MediaKind::Gif | MediaKind::Video) {
        return Err(Problem::invalid("GIFs and videos must be uploaded in chunks.", "media_category", category));
    }
    let bytes = parts.bytes()?;
    if bytes.len() as u64 > kind.bytes_max() {
        return Err(Problem::invalid("File size exceeds the maximum for this media category.", "", ""));
    }
    let mut media = begin(state, caller, kind);
    media.segments = BTreeMap::from([(0, bytes.to_vec())]);
    media.finish(caller.now_ms, state.options.processing_ms)?;
    let answer = Json(json!({"data": media.describe(caller.now_ms)})).into_response();
    state.media.insert(media.id.clone(), media);
    Ok(answer)
}

fn begin(state: &mut State, caller: &Caller, kind: MediaKind) -> Media {
    Media {
        id: state.next_id(caller.now_ms),
        owner: caller.user.id.clone(),
        kind,
        announced: None,
        total_bytes: None,
        segments: BTreeMap::new(),
        created_ms: caller.now_ms,
        finished: None,
        alt_text: None,
    }
}

/// `POST /2/media/upload/initialize`.
pub(crate) async fn initialize(Shared(x): Shared<Arc<X>>, headers: HeaderMap, request: Request) -> Response {
    let parts = Parts::read(request).await;
    x.answer(&headers, Endpoint::Initialize, |state, caller| open(state, caller, &parts?))
}

fn open(state: &mut State, caller: &Caller, parts: &Parts) -> Result<Response, Problem> {
    parts.only(&["command", "media_type", "total_bytes", "media_category", "additional_owners", "shared"])?;
    let media_type = parts.one_of("media_type", &MEDIA_TYPES)?;
    let category = parts.one_of("media_category", &INIT_CATEGORIES)?.unwrap_or("tweet_image");
    let kind = MediaKind::of_category(category);
    let total = match parts.fields.one("total_bytes").map(str::parse::<u64>) {
        None => None,
        Some(Ok(total)) => Some(total),
        Some(Err(_)) => return Err(Problem::invalid("$.total_bytes: integer expected", "", "")),
    };
    let family = media_type.and_then(|media_type| media_type.split('/').next());
    let mixed_up = matches!((kind, family), (MediaKind::Video, Some("image")) | (MediaKind::Image, Some("video")))
        || (kind == MediaKind::Gif && media_type.is_some_and(|media_type| media_type != "image/gif"));
    if mixed_up || total.is_some_and(|total| total > kind.bytes_max()) {
        return Err(Problem::invalid("File size or type does not fit the media category.", "", ""));
    }
    let mut media = begin(state, caller, kind);
    media.total_bytes = total;
    media.announced = media_type.map(str::to_owned);
    let answer = json!({"data": {"id": media.id, "media_key": kind.key(&media.id), "expires_after_secs": LIFE_S}});
    state.media.insert(media.id.clone(), media);
    Ok(Json(answer).into_response())
}

fn find<'a>(state: &'a mut State, caller: &Caller, id: &str) -> Result<&'a mut Media, Problem> {
    let media = state.media.get_mut(id);
    let media = media.filter(|media| media.owner == caller.user.id && !media.expired(caller.now_ms));
    media.ok_or_else(|| Problem::invalid_detail(problem::MEDIA_INVALID))
}

/// `POST /2/media/upload/{id}/append`.
pub(crate) async fn append(
    Shared(x): Shared<Arc<X>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let parts = Parts::read(request).await;
    x.answer(&headers, Endpoint::Append, |state, caller| add_segment(state, caller, &id, &parts?))
}

fn add_segment(state: &mut State, caller: &Caller, id: &str, parts: &Parts) -> Result<Response, Problem> {
    parts.only(&["command", "media_id", "segment_index"])?;
    let bytes = parts.bytes()?;
    if bytes.len() > PART_BYTES_MAX {
        return Ok(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response());
    }
    let index = parts.needed("segment_index")?.parse::<u64>().ok().filter(|index| *index <= SEGMENT_INDEX_MAX);
    let index = index.ok_or_else(|| Problem::invalid("$.segment_index: must be between 0 and 999", "", ""))?;
    let media = find(state, caller, id)?;
    if media.finished.is_some() {
        return Err(Problem::invalid("The upload is already finalized.", "", ""));
    }
    let expires_at = media.created_ms / 1000 + LIFE_S;
    // The same index again replaces the segment: a resend after a timeout is safe.
    media.segments.insert(index, bytes.to_vec());
    Ok(Json(json!({"data": {"expires_at": expires_at}})).into_response())
}

/// `POST /2/media/upload/{id}/finalize`.
pub(crate) async fn finalize(Shared(x): Shared<Arc<X>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    x.answer(&headers, Endpoint::Finalize, |state, caller| close(state, caller, &id))
}

fn close(state: &mut State, caller: &Caller, id: &str) -> Result<Response, Problem> {
    let processing_ms = state.options.processing_ms;
    let media = find(state, caller, id)?;
    if media.finished.is_none() {
        media.finish(caller.now_ms, processing_ms)?;
    }
    Ok(Json(json!({"data": media.describe(caller.now_ms)})).into_response())
}

/// `GET /2/media/upload?command=STATUS&media_id=`.
pub(crate) async fn status(Shared(x): Shared<Arc<X>>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    x.answer(&headers, Endpoint::MediaStatus, |state, caller| {
        query.only(&["command", "media_id"])?;
        query.list_of("command", &["STATUS"])?;
        let id = query.one("media_id").filter(|id| is_id(id));
        let id = id.ok_or_else(|| Problem::invalid("The `media_id` query parameter is missing", "media_id", ""))?;
        let media = find(state, caller, id)?;
        Ok(Json(json!({"data": media.describe(caller.now_ms)})).into_response())
    })
}

/// `POST /2/media/metadata`: alt text.
pub(crate) async fn metadata(Shared(x): Shared<Arc<X>>, headers: HeaderMap, raw: Bytes) -> Response {
    x.answer(&headers, Endpoint::Metadata, |state, caller| {
        let value: Value =
            serde_json::from_slice(&raw).map_err(|_| Problem::invalid("Invalid JSON in request body.", "", ""))?;
        let root = Shape::of(&value, "$", &["id", "metadata"])?;
        root.needed("id")?;
        let id = root.id("id")?.unwrap_or_default();
        let alt = value.pointer("/metadata/alt_text/text");
        let alt = match alt {
            None => None,
            Some(text) => {
                let text = text.as_str().filter(|text| text.chars().count() <= ALT_TEXT_CHARS_MAX);
                let rule = "$.metadata.alt_text.text: may only be a string of up to 1000 characters";
                Some(text.ok_or_else(|| Problem::invalid(rule, "", ""))?.to_owned())
            }
        };
        let media = find(state, caller, &id)?;
        if alt.is_some() && !matches!(media.kind, MediaKind::Image | MediaKind::Gif) {
            return Err(Problem::invalid("Alt text is for images and GIFs only.", "", ""));
        }
        media.alt_text = alt.or_else(|| media.alt_text.take());
        let associated = root.value("metadata").cloned().unwrap_or_else(|| json!({}));
        Ok(Json(json!({"data": {"id": id, "associated_metadata": associated}})).into_response())
    })
}
