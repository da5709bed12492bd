//! Changing what is there: `videos.update`, which clears what a named part leaves out, `videos.delete` and
//! `thumbnails.set` (dossier google §4.4).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::meta::Asked;
use super::video::Video;
use super::{Bucket, SERVICE, UPLOAD, WRITE, WRITE_UNITS, acting, answer, pairs, parts, settle};
use crate::google::problem::Problem;
use crate::google::state::{Record, State};
use crate::google::{Caller, Google, body};
use crate::sniff::sha256;

/// The largest picture (§4.4).
const PICTURE_BYTES_MAX: usize = 52_428_800;

/// The video, if it is the caller's.
fn own(state: &State, caller: &Caller, id: &str) -> Result<Video, Problem> {
    let channel = acting(caller)?;
    let missing = || {
        Problem::missing("The video that you are trying to update cannot be found.")
            .reason("videoNotFound")
            .domain("youtube.video")
    };
    let video = state.youtube.videos.iter().find(|video| video.id == id && !video.is_deleted).ok_or_else(missing)?;
    match video.channel == channel.id {
        true => Ok(video.clone()),
        false if video.is_visible() => Err(Problem::denied("Forbidden").reason("forbidden").domain("youtube.common")),
        false => Err(missing()),
    }
}

/// `PUT /youtube/v3/videos?part=…`.
pub(super) async fn update(
    Shared(google): Shared<Arc<Google>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    raw: Bytes,
) -> Response {
    let query = pairs(query);
    answer(&google, &headers, (&query, &WRITE, Bucket::Units(WRITE_UNITS)), |state, caller| {
        let parts = parts(&query, &["id", "snippet", "status", "recordingDetails", "localizations"])?;
        let value = serde_json::from_slice(&raw).map_err(|_| Problem::bad("parseError", "Parse Error"))?;
        let asked: Asked = body::read(value)?;
        let mut video = own(state, caller, asked.id.as_deref().unwrap_or_default())?;
        if let Some(snippet) = asked.snippet(&parts, false)? {
            video.snippet = snippet;
        }
        if let Some(status) = asked.status(&parts, video.published_ms.is_some())? {
            video.status = status;
        }
        if video.is_locked {
            video.status.privacy = "private".into();
        }
        video.show(caller.now_ms);
        state.commit(Record::Video(Box::new(video.clone())))?;
        settle(state, caller.now_ms)?;
        let video = own(state, caller, &video.id)?;
        let channel = acting(caller)?;
        let mut value = json!({"kind": "youtube#video", "etag": video.etag(), "id": video.id});
        for part in parts.iter().filter(|part| *part != "id") {
            value[part] = video.part(part, (&channel, 0), caller.now_ms);
        }
        Ok(value)
    })
}

/// `DELETE /youtube/v3/videos?id=…`.
pub(super) async fn delete(
    Shared(google): Shared<Arc<Google>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query);
    google.answer_bare(&headers, (SERVICE, &WRITE), |state, caller| {
        let tuning = state.options.tuning.youtube.clone();
        state.youtube.spend(Bucket::Units(WRITE_UNITS), &tuning, caller.now_ms)?;
        settle(state, caller.now_ms)?;
        let mut video = own(state, caller, query.one("id").unwrap_or_default())?;
        video.is_deleted = true;
        state.commit(Record::Video(Box::new(video)))?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// `POST /upload/youtube/v3/thumbnails/set?videoId=…`.
pub(super) async fn thumbnail(
    Shared(google): Shared<Arc<Google>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    raw: Bytes,
) -> Response {
    let query = pairs(query);
    answer(&google, &headers, (&query, &UPLOAD, Bucket::Units(WRITE_UNITS)), |state, caller| {
        if query.one("uploadType") != Some("media") {
            return Err(Problem::bad("badRequest", "This simulation takes pictures with uploadType=media only."));
        }
        let Some(id) = query.one("videoId") else {
            return Err(Problem::bad("missingRequiredParameter", "Required parameter: videoId"));
        };
        let mut video = own(state, caller, id)?;
        if state.options.tuning.youtube.is_unverified {
            let message = "The authenticated user doesnt have permissions to upload and set custom video thumbnails.";
            return Err(Problem::denied(message).reason("forbidden").domain("youtube.thumbnail"));
        }
        check_picture(&headers, &raw)?;
        video.thumbnail = Some(sha256(&raw));
        state.commit(Record::Video(Box::new(video.clone())))?;
        let channel = acting(caller)?;
        let pictures = video.part("snippet", (&channel, 0), caller.now_ms)["thumbnails"].clone();
        Ok(json!({"kind": "youtube#thumbnailSetResponse", "items": [pictures]}))
    })
}

fn check_picture(headers: &HeaderMap, raw: &Bytes) -> Result<(), Problem> {
    let bad = |reason: &'static str, message: &str| Problem::bad(reason, message).domain("youtube.thumbnail");
    if raw.is_empty() {
        return Err(bad("mediaBodyRequired", "The request does not include the image content."));
    }
    if raw.len() > PICTURE_BYTES_MAX {
        return Err(Problem::other(413, "INVALID_ARGUMENT", "Request Entity Too Large").reason("uploadTooLarge"));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !matches!(kind, "image/jpeg" | "image/png" | "application/octet-stream") {
        return Err(bad(
            "badContent",
            "Media type is not supported. Valid media types: [image/jpeg, image/png, application/octet-stream]",
        ));
    }
    let is_picture = raw.starts_with(b"\x89PNG\r\n\x1a\n") || raw.starts_with(&[0xff, 0xd8, 0xff]);
    if !is_picture {
        return Err(bad("invalidImage", "The provided image content is invalid."));
    }
    Ok(())
}
