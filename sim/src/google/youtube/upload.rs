//! Uploads in pieces (dossier google §4.4): a session that knows what it has, and says so with 308. Only what the file
//! begins with and its hash are kept.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HOST, LOCATION, RANGE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::meta::{Asked, Snippet, Status};
use super::video::{Video, id_of};
use super::{Bucket, SERVICE, UPLOAD, acting, channel_by_id, pairs, parts, settle};
use crate::chance::secret;
use crate::clock::DAY_MS;
use crate::google::ga4::world::mix;
use crate::google::problem::Problem;
use crate::google::state::{Record, State};
use crate::google::{Google, body};
use crate::lock;

/// Chunks are multiples of this, but for the last.
pub(super) const PIECE: u64 = 262_144;
/// The largest video.
const BYTES_MAX: u64 = 256 << 30;
const SETTABLE: [&str; 13] = [
    "snippet",
    "status",
    "contentDetails",
    "statistics",
    "processingDetails",
    "recordingDetails",
    "localizations",
    "id",
    "player",
    "topicDetails",
    "fileDetails",
    "suggestions",
    "liveStreamingDetails",
];

/// An upload that goes on.
#[derive(Debug)]
pub(super) struct Session {
    channel: String,
    parts: Vec<String>,
    snippet: Option<Snippet>,
    status: Option<Status>,
    total: Option<u64>,
    stored: u64,
    hash: Sha256,
    head: Vec<u8>,
    created_ms: i64,
    video: Option<String>,
}

/// What a `Content-Range` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// `bytes */total`: how far is it?
    Query,
    /// `bytes from-to/total`.
    Bytes { from: u64, to: u64, total: Option<u64> },
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn named(headers: &HeaderMap, name: &'static str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// `POST /upload/youtube/v3/videos?uploadType=resumable`.
pub(super) async fn initiate(
    Shared(google): Shared<Arc<Google>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    raw: Bytes,
) -> Response {
    let query = pairs(query);
    google.answer_bare(&headers, (SERVICE, &UPLOAD), |state, caller| {
        let channel = acting(caller)?;
        if query.one("uploadType") != Some("resumable") {
            return Err(Problem::bad("badRequest", "This simulation takes uploads with uploadType=resumable only."));
        }
        if query.one("notifySubscribers").is_some_and(|word| !matches!(word, "true" | "false")) {
            return Err(Problem::bad("invalidParameter", "Invalid value for notifySubscribers: not a boolean."));
        }
        let tuning = state.options.tuning.youtube.clone();
        state.youtube.spend(Bucket::Insert, &tuning, caller.now_ms)?;
        settle(state, caller.now_ms)?;
        let parts = parts(&query, &SETTABLE)?;
        let total = check_file(&headers)?;
        let asked: Asked = if raw.is_empty() {
            Asked::default()
        } else {
            let value = serde_json::from_slice(&raw).map_err(|_| Problem::bad("parseError", "Parse Error"))?;
            body::read(value)?
        };
        let (snippet, status) = (asked.snippet(&parts, true)?, asked.status(&parts, false)?);
        let today = |video: &&Video| {
            video.channel == channel.id && !video.sha256.is_empty() && video.uploaded_ms > caller.now_ms - DAY_MS
        };
        if state.youtube.videos.iter().filter(today).count() >= tuning.uploads_per_channel_day {
            let message = "The user has exceeded the number of videos they may upload.";
            return Err(Problem::bad("uploadLimitExceeded", message).domain("youtube.video"));
        }
        let id = secret("ABsim-");
        let session = Session {
            channel: channel.id,
            parts,
            snippet,
            status,
            total,
            stored: 0,
            hash: Sha256::new(),
            head: Vec::new(),
            created_ms: caller.now_ms,
            video: None,
        };
        state.youtube.sessions.insert(id.clone(), session);
        let host = header(&headers, &HOST).unwrap_or("127.0.0.1");
        let location = format!("http://{host}/upload/youtube/v3/videos?uploadType=resumable&upload_id={id}");
        Ok((StatusCode::OK, [(LOCATION, location), (CONTENT_LENGTH, "0".into())]).into_response())
    })
}

/// What is said about the file before it comes.
fn check_file(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let kind = named(headers, "x-upload-content-type");
    let is_video = |kind: &str| kind.starts_with("video/") || kind == "application/octet-stream";
    if kind.as_deref().is_some_and(|kind| !is_video(kind)) {
        return Err(Problem::bad(
            "badContent",
            format!(
                "Media type '{}' is not supported. Valid media types: [video/*, application/octet-stream]",
                kind.unwrap_or_default()
            ),
        ));
    }
    let total = named(headers, "x-upload-content-length").map(|text| text.parse::<u64>());
    let total = total.transpose().map_err(|_| Problem::bad("badRequest", "Invalid X-Upload-Content-Length"))?;
    if total.is_some_and(|total| total > BYTES_MAX) {
        return Err(Problem::other(413, "INVALID_ARGUMENT", "Request Entity Too Large").reason("uploadTooLarge"));
    }
    Ok(total)
}

/// `PUT` on a session: a piece, or the question how far it is. The address alone is the proof.
pub(super) async fn put(
    Shared(google): Shared<Arc<Google>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    raw: Bytes,
) -> Response {
    let query = pairs(query);
    let now_ms = google.clock.now_ms();
    let mut state = lock(&google.state);
    let answered = settle(&mut state, now_ms).and_then(|()| {
        let id = query.one("upload_id").unwrap_or_default();
        take(&mut state, id, (header(&headers, &CONTENT_RANGE), &raw), now_ms)
    });
    answered.unwrap_or_else(IntoResponse::into_response)
}

fn gone() -> Problem {
    Problem::missing("Not Found").reason("notFound")
}

fn malformed(message: &str) -> Problem {
    Problem::bad("badRequest", message)
}

fn take(state: &mut State, id: &str, (range, raw): (Option<&str>, &Bytes), now_ms: i64) -> Result<Response, Problem> {
    let tuning = state.options.tuning.youtube.clone();
    let session = state.youtube.sessions.get_mut(id).ok_or_else(gone)?;
    if now_ms >= session.created_ms + tuning.session_life_ms {
        return Err(gone());
    }
    if let Some(video) = session.video.clone() {
        return finished(state, &video, now_ms);
    }
    let length = raw.len() as u64;
    let range = match range {
        Some(text) => read_range(text).ok_or_else(|| malformed("Invalid Content-Range"))?,
        None => Range::Bytes { from: 0, to: length.saturating_sub(1), total: Some(length) },
    };
    let Range::Bytes { from, to, total } = range else {
        if !raw.is_empty() {
            return Err(malformed("A status query has no body."));
        }
        return Ok(incomplete(session.stored));
    };
    check_piece(session, (from, to, total), length)?;
    session.total = session.total.or(total);
    let kept = tuning.kept_of_chunk.map_or(length, |kept| (kept / PIECE * PIECE).min(length));
    let fresh = usize::try_from(session.stored - from).unwrap_or(usize::MAX);
    let until = usize::try_from(kept).unwrap_or(usize::MAX);
    if let Some(piece) = raw.get(fresh..until) {
        session.hash.update(piece);
        session.head.extend(piece.iter().take(64_usize.saturating_sub(session.head.len())));
        session.stored += piece.len() as u64;
    }
    if session.total != Some(session.stored) {
        return Ok(incomplete(session.stored));
    }
    let video = create(state, id, now_ms)?;
    let left = &mut state.options.tuning.youtube.lost_answers;
    if *left > 0 {
        *left -= 1;
        return Ok((StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").into_response());
    }
    finished(state, &video, now_ms)
}

/// Pieces follow each other without a gap, are whole but for the last, and agree about the whole.
fn check_piece(session: &Session, (from, to, total): (u64, u64, Option<u64>), length: u64) -> Result<(), Problem> {
    if length == 0 && session.total != Some(0) {
        return Err(malformed("An empty body has no byte range."));
    }
    if length > 0 && to - from != length - 1 {
        return Err(malformed("Content-Range and the length of the body differ."));
    }
    if let (Some(said), Some(total)) = (session.total, total)
        && said != total
    {
        return Err(malformed("The total length differs from what was announced."));
    }
    if from > session.stored {
        return Err(malformed("The chunk does not follow what is stored."));
    }
    let total = session.total.or(total);
    if total.is_some_and(|total| from + length > total) {
        return Err(malformed("The chunk reaches past the end."));
    }
    let is_last = total == Some(from + length);
    if !is_last && !length.is_multiple_of(PIECE) {
        return Err(malformed("Chunks must be multiples of 262144 bytes, except the last."));
    }
    Ok(())
}

fn read_range(text: &str) -> Option<Range> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let total = match total {
        "*" => None,
        digits => Some(digits.parse::<u64>().ok()?),
    };
    if range == "*" {
        return Some(Range::Query);
    }
    let (from, to) = range.split_once('-')?;
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (from <= to).then_some(Range::Bytes { from, to, total })
}

/// 308 without `Location`; without `Range` when nothing is stored.
fn incomplete(stored: u64) -> Response {
    let mut answer = StatusCode::PERMANENT_REDIRECT.into_response();
    let headers = answer.headers_mut();
    if let Some(last) = stored.checked_sub(1)
        && let Ok(range) = format!("bytes=0-{last}").parse()
    {
        headers.insert(RANGE, range);
    }
    headers.insert("x-http-status-code-override", axum::http::HeaderValue::from_static("308"));
    answer
}

fn create(state: &mut State, id: &str, now_ms: i64) -> Result<String, Problem> {
    let tuning = state.options.tuning.youtube.clone();
    let session = state.youtube.sessions.get(id).ok_or_else(gone)?;
    let sha256: String = session.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let no = state.youtube.videos.len() as u64;
    let snippet = session.snippet.clone().unwrap_or_else(|| Snippet {
        title: "unknown".into(),
        category_id: "22".into(),
        ..Snippet::default()
    });
    let mut video = Video {
        id: id_of(mix(&[state.youtube.seed, now_ms.cast_unsigned(), no, 99])),
        channel: session.channel.clone(),
        snippet,
        status: session.status.clone().unwrap_or_default(),
        uploaded_ms: now_ms,
        processed_ms: now_ms + tuning.processing_ms,
        published_ms: None,
        duration_s: 60 + session.stored / 1_000_000,
        sha256,
        size: session.stored,
        failure: tuning.failure_reason.clone().or_else(|| judged(session)),
        rejection: tuning.rejection_reason.clone(),
        is_locked: tuning.is_audit_locked,
        thumbnail: None,
        is_deleted: false,
    };
    if video.is_locked {
        video.status.privacy = "private".into();
    }
    video.show(now_ms);
    let video = video.settled(now_ms).unwrap_or(video);
    let number = video.id.clone();
    state.commit(Record::Video(Box::new(video)))?;
    if let Some(session) = state.youtube.sessions.get_mut(id) {
        session.video = Some(number.clone());
    }
    Ok(number)
}

/// Whether the file is a video, told by how it begins.
fn judged(session: &Session) -> Option<String> {
    let head = session.head.as_slice();
    let is_known = head.get(4..8) == Some(b"ftyp")
        || head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3])
        || head.starts_with(b"RIFF")
        || head.starts_with(b"FLV");
    match session.stored {
        0 => Some("emptyFile".into()),
        _ => (!is_known).then(|| "invalidFile".into()),
    }
}

/// The resource, as the last piece is answered.
fn finished(state: &State, id: &str, now_ms: i64) -> Result<Response, Problem> {
    let video = state.youtube.videos.iter().find(|video| video.id == id).ok_or_else(gone)?;
    let session = state.youtube.sessions.values().find(|session| session.video.as_deref() == Some(id));
    let channel = channel_by_id(state, &video.channel).ok_or_else(gone)?;
    let mut value = json!({"kind": "youtube#video", "etag": "sim", "id": id});
    for part in session.map(|session| session.parts.as_slice()).unwrap_or_default() {
        value[part] = video.part(part, (channel, 0), now_ms);
    }
    let headers = [(CONTENT_TYPE, "application/json; charset=UTF-8")];
    Ok((headers, Json::<Value>(value)).into_response())
}

/// `DELETE` on a session: Google answers with a status that nobody else has.
pub(super) async fn cancel(Shared(google): Shared<Arc<Google>>, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query);
    let removed = lock(&google.state).youtube.sessions.remove(query.one("upload_id").unwrap_or_default());
    match removed {
        Some(_) => StatusCode::from_u16(499).unwrap_or(StatusCode::NO_CONTENT).into_response(),
        None => gone().into_response(),
    }
}
