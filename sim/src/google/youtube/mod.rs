//! The simulated YouTube Data API: channels, uploads in pieces, videos that publish themselves, and three daily quotas
//! (dossier google §4). Its analytics are `analytics`.

mod analytics;
mod edit;
mod lists;
mod meta;
mod upload;
mod video;
pub(super) mod views;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::HeaderValue;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::upload::Session;
pub(super) use self::video::Video;
use super::options::{GoogleOptions, SimChannel, YoutubeTuning};
use super::problem::{Answered, Problem};
use super::state::{Record, State};
use super::{Caller, Google, fields, zone};
use crate::form::Form;
use crate::ledger::LedgerEntry;
use crate::lock;

const READ: [&str; 3] = ["youtube.readonly", "youtube", "youtube.force-ssl"];
const WRITE: [&str; 2] = ["youtube", "youtube.force-ssl"];
const UPLOAD: [&str; 3] = ["youtube.upload", "youtube", "youtube.force-ssl"];
const SERVICE: &str = "youtube.googleapis.com";
/// What a read costs, and a write.
const READ_UNITS: i64 = 1;
const WRITE_UNITS: i64 = 50;

/// One of the three daily quotas of a project (§4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bucket {
    Units(i64),
    Insert,
    Search,
}

/// What YouTube knows.
#[derive(Debug)]
pub(super) struct Youtube {
    pub(super) seed: u64,
    pub(super) videos: Vec<Video>,
    sessions: BTreeMap<String, Session>,
    /// Pacific day; units, inserts, searches.
    spent: (i64, [i64; 3]),
}

impl Youtube {
    pub(super) fn new(options: &GoogleOptions, now_ms: i64) -> Self {
        let channels = options.users.iter().flat_map(|user| &user.channels);
        let seed = options.seed;
        let videos =
            channels.flat_map(|channel| (0..channel.old_videos).map(move |no| Video::old(channel, no, (seed, now_ms))));
        Self { seed, videos: videos.collect(), sessions: BTreeMap::new(), spent: (0, [0; 3]) }
    }

    /// Takes a video in, or a newer state of one.
    pub(super) fn keep(&mut self, video: Video) {
        match self.videos.iter_mut().find(|known| known.id == video.id) {
            Some(known) => *known = video,
            None => self.videos.push(video),
        }
    }

    fn spend(&mut self, bucket: Bucket, tuning: &YoutubeTuning, now_ms: i64) -> Result<(), Problem> {
        let day = zone::day_at(now_ms, &zone::zone(zone::PACIFIC));
        if self.spent.0 != day {
            self.spent = (day, [0; 3]);
        }
        let (at, cost, max) = match bucket {
            Bucket::Units(units) => (0, units, tuning.units_per_day),
            Bucket::Insert => (1, 1, tuning.inserts_per_day),
            Bucket::Search => (2, 1, tuning.searches_per_day),
        };
        let Some(spent) = self.spent.1.get_mut(at) else { return Ok(()) };
        if *spent + cost > max {
            let message = "The request cannot be completed because you have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.";
            return Err(Problem::denied(message).reason("quotaExceeded").domain("youtube.quota"));
        }
        *spent += cost;
        Ok(())
    }
}

/// Makes durable what time has changed.
pub(super) fn settle(state: &mut State, now_ms: i64) -> Result<(), Problem> {
    let due: Vec<Video> = state.youtube.videos.iter().filter_map(|video| video.settled(now_ms)).collect();
    due.into_iter().try_for_each(|video| state.commit(Record::Video(Box::new(video))))
}

/// What the world can see, or could once.
pub(super) fn ledger(state: &mut State, now_ms: i64) -> Vec<LedgerEntry> {
    if settle(state, now_ms).is_err() {
        tracing::error!("a video that is due could not be written down");
    }
    let uploads = state.youtube.videos.iter().filter(|video| !video.sha256.is_empty());
    uploads.filter_map(|video| video.entry(channel_by_id(state, &video.channel))).collect()
}

fn channel_by_id<'a>(state: &'a State, id: &str) -> Option<&'a SimChannel> {
    state.options.users.iter().flat_map(|user| &user.channels).find(|channel| channel.id == id)
}

/// The channel that the token acts as.
fn own_channel(caller: &Caller) -> Option<&SimChannel> {
    let id = caller.channel.as_ref()?;
    caller.user.channels.iter().find(|channel| channel.id == *id)
}

/// The same for calls that cannot do without: no token problem, so no refresh helps (§4.4).
fn acting(caller: &Caller) -> Result<SimChannel, Problem> {
    own_channel(caller).cloned().ok_or_else(|| {
        Problem::other(401, "UNAUTHENTICATED", "Unauthorized").reason("youtubeSignupRequired").domain("youtube.header")
    })
}

/// The frame of calls that answer JSON: quota, time, the work, `fields`, ETag.
fn answer(
    google: &Google,
    headers: &axum::http::HeaderMap,
    (query, scopes, bucket): (&Form, &[&str], Bucket),
    work: impl FnOnce(&mut State, &Caller) -> Answered,
) -> Response {
    let is_mask = query.one("fields").map(str::to_owned);
    google.answer_bare(headers, (SERVICE, scopes), |state, caller| {
        let tuning = state.options.tuning.youtube.clone();
        state.youtube.spend(bucket, &tuning, caller.now_ms)?;
        settle(state, caller.now_ms)?;
        let mut body = work(state, caller)?;
        let hash = Sha256::digest(body.to_string().as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(hash.get(..20).unwrap_or_default());
        body["etag"] = tag.as_str().into();
        let body = match is_mask {
            Some(mask) => fields::masked(body, &mask)?,
            None => body,
        };
        let mut answer = Json(body).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
            answer.headers_mut().insert(ETAG, tag);
        }
        Ok(answer)
    })
}

/// The parts that are asked for, all of which must be known.
fn parts(query: &Form, known: &[&str]) -> Result<Vec<String>, Problem> {
    let parts: Vec<String> = query.list("part").into_iter().map(str::to_owned).collect();
    if parts.is_empty() {
        return Err(Problem::bad("missingRequiredParameter", "Required parameter: part").domain("global"));
    }
    match parts.iter().find(|part| !known.contains(&part.as_str())) {
        Some(part) => Err(Problem::bad("unknownPart", format!("'{part}'")).domain("youtube.part")),
        None => Ok(parts),
    }
}

/// A page of a list: the items from its token on, and the tokens around it.
fn page(query: &Form, items: Vec<Value>, kind: &str) -> Answered {
    const PAGE: usize = 5;
    const PAGE_MAX: usize = 50;
    let size = match query.one("maxResults").map(str::parse::<usize>) {
        None => PAGE,
        Some(Ok(size)) if size <= PAGE_MAX => size,
        Some(_) => {
            return Err(Problem::bad(
                "invalidParameter",
                format!("Invalid value for maxResults. Values must be within the range: [0, {PAGE_MAX}]"),
            ));
        }
    };
    let begin = match query.one("pageToken") {
        None => 0,
        Some(token) => token
            .strip_prefix("SIM")
            .and_then(|at| at.parse::<usize>().ok())
            .filter(|at| *at <= items.len())
            .ok_or_else(|| {
                Problem::bad("invalidPageToken", "The request specifies an invalid page token.")
                    .domain("youtube.parameter")
            })?,
    };
    let mut body = json!({"kind": kind, "pageInfo": {"totalResults": items.len(), "resultsPerPage": size}});
    if begin + size < items.len() {
        body["nextPageToken"] = format!("SIM{}", begin + size).into();
    }
    if begin > 0 {
        body["prevPageToken"] = format!("SIM{}", begin.saturating_sub(size)).into();
    }
    body["items"] = items.into_iter().skip(begin).take(size).collect();
    Ok(body)
}

type Room = Shared<Arc<Google>>;

fn pairs(query: Option<String>) -> Form {
    Form::parse(query.unwrap_or_default().as_bytes())
}

/// The routes of both APIs.
pub(super) fn routes() -> Router<Arc<Google>> {
    let session = || post(upload::initiate).put(upload::put).delete(upload::cancel);
    Router::new()
        .route("/youtube/v3/channels", get(lists::channels))
        .route("/ytc/{name}", get(lists::face))
        .route("/youtube/v3/playlistItems", get(lists::playlist_items))
        .route("/youtube/v3/playlists", get(lists::playlists))
        .route("/youtube/v3/videoCategories", get(lists::categories))
        .route("/youtube/v3/search", get(lists::search))
        .route("/youtube/v3/videos", get(lists::videos).put(edit::update).delete(edit::delete))
        .route("/upload/youtube/v3/videos", session())
        .route("/resumable/upload/youtube/v3/videos", session())
        .route("/upload/youtube/v3/thumbnails/set", post(edit::thumbnail))
        .route("/v2/reports", get(analytics::report))
}

/// The routes for tests.
pub(super) fn own_routes() -> Router<Arc<Google>> {
    Router::new()
        .route("/__sim/youtube/videos", get(show_videos))
        .route("/__sim/youtube/quota", get(show_quota))
        .route("/__sim/youtube/views", get(views::show))
}

async fn show_videos(Shared(google): Room) -> Json<Value> {
    let mut state = lock(&google.state);
    if settle(&mut state, google.clock.now_ms()).is_err() {
        tracing::error!("a video that is due could not be written down");
    }
    Json(json!(state.youtube.videos))
}

async fn show_quota(Shared(google): Room) -> Json<Value> {
    let [units, inserts, searches] = lock(&google.state).youtube.spent.1;
    Json(json!({"units": units, "inserts": inserts, "searches": searches}))
}
