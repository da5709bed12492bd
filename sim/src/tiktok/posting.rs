//! Posts of the simulated TikTok are begun here (dossier §4.0 to §4.5): who may post now, and the three inits. Each accepted one is a post
//! of its own.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::options::SimCreator;
use super::refusal::{Refusal, good};
use super::state::{Plan, Publish, Record, Source, State};
use super::{Caller, Gate, TikTok, body_of, rules};
use crate::chance::secret;
use crate::clock::DAY_MS;
use crate::ledger::VisibleMedia;
use crate::lock;
use crate::pull::{Detour, Patience, pull};

const UPLOAD_LIFE_MS: i64 = 3_600_000;
/// What an app without an audit has (§5).
const UNAUDITED_CREATORS_MAX: usize = 5;

type Room = Shared<Arc<TikTok>>;

/// Whether this creator may post by this app now (§4.0, §5).
fn may_post(state: &State, creator: &SimCreator, now_ms: i64) -> Result<(), Refusal> {
    if creator.is_banned {
        return Err(Refusal::new(
            403,
            "spam_risk_user_banned_from_posting",
            "The user is banned from making new posts",
        ));
    }
    let is_recent = |publish: &&Publish| {
        publish.is_direct && publish.begun_ms > now_ms - DAY_MS && publish.status(now_ms) != "FAILED"
    };
    let recent: Vec<&Publish> = state.publishes.iter().filter(is_recent).collect();
    let own = recent.iter().filter(|publish| publish.open_id == creator.open_id).count();
    if own >= state.options.tuning.posts_max {
        let message = "The daily post cap from the API is reached for the current user";
        return Err(Refusal::new(403, "spam_risk_too_many_posts", message));
    }
    let mut others: Vec<&str> =
        recent.iter().map(|publish| publish.open_id.as_str()).filter(|id| *id != creator.open_id).collect();
    others.sort_unstable();
    others.dedup();
    let most = if state.options.is_audited { state.options.tuning.creators_max } else { UNAUDITED_CREATORS_MAX };
    if own == 0 && others.len() >= most {
        let message = "The daily quota for active publishing users from your client is reached";
        return Err(Refusal::new(403, "reached_active_user_cap", message));
    }
    Ok(())
}

/// `POST /v2/post/publish/creator_info/query/`.
pub(super) async fn creator_info(Shared(tiktok): Room, headers: HeaderMap) -> Response {
    tiktok.answer(&headers, &Gate::CREATOR_INFO, |state, caller| {
        let creator = &caller.creator;
        may_post(state, creator, caller.now_ms).map_err(Refusal::mild)?;
        Ok(good(json!({"creator_avatar_url": tiktok.avatar(&creator.open_id), "creator_username": creator.username,
            "creator_nickname": creator.display_name, "privacy_level_options": creator.privacy_levels(),
            "comment_disabled": creator.comment_disabled, "duet_disabled": creator.duet_disabled || creator.is_private,
            "stitch_disabled": creator.stitch_disabled || creator.is_private, "max_video_post_duration_sec": creator.seconds_max})))
    })
}

/// What is to be pulled.
struct Errand {
    id: String,
    creator: SimCreator,
    urls: Vec<String>,
    is_photo: bool,
    detours: Vec<Detour>,
    wait: Duration,
}

/// `POST /v2/post/publish/video/init/`.
pub(super) async fn video(Shared(tiktok): Room, headers: HeaderMap, body: Bytes) -> Response {
    begin(&tiktok, &headers, &Gate::VIDEO_INIT, |state, caller| {
        let body = body_of(&headers, &body)?;
        rules::direct_info(&state.options, &caller.creator, &body["post_info"], rules::Shape::Video)?;
        may_post(state, &caller.creator, caller.now_ms)?;
        film(state, caller, &body, true)
    })
}

/// `POST /v2/post/publish/inbox/video/init/`: what is said about the post is ignored.
pub(super) async fn inbox(Shared(tiktok): Room, headers: HeaderMap, body: Bytes) -> Response {
    begin(&tiktok, &headers, &Gate::INBOX_INIT, |state, caller| {
        let body = body_of(&headers, &body)?;
        within_inbox(state, caller)?;
        film(state, caller, &json!({"source_info": body["source_info"]}), false)
    })
}

/// `POST /v2/post/publish/content/init/`: photos, direct or into the inbox.
pub(super) async fn content(Shared(tiktok): Room, headers: HeaderMap, body: Bytes) -> Response {
    begin(&tiktok, &headers, &Gate::CONTENT_INIT, |state, caller| {
        let body = body_of(&headers, &body)?;
        if body["media_type"] != "PHOTO" {
            return Err(Refusal::param("media_type must be PHOTO"));
        }
        let info = &body["post_info"];
        let is_direct = match body["post_mode"].as_str() {
            Some("DIRECT_POST") => true,
            Some("MEDIA_UPLOAD") => false,
            _ => return Err(Refusal::param("post_mode must be DIRECT_POST or MEDIA_UPLOAD")),
        };
        let scope = if is_direct { "video.publish" } else { "video.upload" };
        if !caller.token.scopes.iter().any(|held| held == scope) {
            return Err(Refusal::scope(scope));
        }
        let mut kept = json!({});
        if is_direct {
            rules::direct_info(&state.options, &caller.creator, info, rules::Shape::Photos)?;
            may_post(state, &caller.creator, caller.now_ms)?;
            kept = info.clone();
        } else {
            rules::texts(info, rules::Shape::Photos)?;
            if caller.creator.has_old_app {
                let message = "The user's TikTok app is older than 31.8";
                return Err(Refusal::new(400, "app_version_check_failed", message));
            }
            within_inbox(state, caller)?;
            for name in ["title", "description"] {
                kept[name] = info[name].clone();
            }
        }
        let urls = rules::photos(&state.options, &body["source_info"])?;
        kept["photo_cover_index"] = body["source_info"]["photo_cover_index"].clone();
        let publish = blank(state, caller, kept, (true, is_direct));
        commit(state, caller, Publish { source: Source::Url, ..publish }, urls)
    })
}

fn within_inbox(state: &State, caller: &Caller) -> Result<(), Refusal> {
    let is_pending = |publish: &&Publish| {
        !publish.is_direct
            && publish.open_id == caller.creator.open_id
            && publish.begun_ms > caller.now_ms - DAY_MS
            && !matches!(publish.status(caller.now_ms), "FAILED" | "PUBLISH_COMPLETE")
    };
    if state.publishes.iter().filter(is_pending).count() < state.options.tuning.pending_max {
        return Ok(());
    }
    let message = "There may be at most 5 pending shares within any 24-hour period";
    Err(Refusal::new(403, "spam_risk_too_many_pending_share", message))
}

fn blank(state: &mut State, caller: &Caller, info: Value, (is_photo, is_direct): (bool, bool)) -> Publish {
    let post_id = state.next_id();
    let kind = match (is_photo, is_direct) {
        (false, true) => "v_pub_url",
        (false, false) => "v_inbox_url",
        (true, true) => "p_pub_url",
        (true, false) => "p_inbox_url",
    };
    Publish {
        id: format!("{kind}~v2-1.{post_id}"),
        open_id: caller.creator.open_id.clone(),
        is_photo,
        is_direct,
        source: Source::Url,
        plan: None,
        info,
        begun_ms: caller.now_ms,
        bytes: 0,
        arrived_ms: None,
        media: Vec::new(),
        waits_ms: (0, 0),
        failure: None,
        failed_ms: 0,
        finished_ms: None,
        post_id,
    }
}

type Begun = (Response, Option<Errand>);

fn film(state: &mut State, caller: &Caller, body: &Value, is_direct: bool) -> Result<Begun, Refusal> {
    let source = &body["source_info"];
    match source["source"].as_str() {
        Some("FILE_UPLOAD") => {
            let (size, chunk, count) = rules::chunks(source)?;
            let mut publish = blank(state, caller, body["post_info"].clone(), (false, is_direct));
            publish.id = publish.id.replace("_url~", "_file~");
            publish.source = Source::File;
            let expires_ms = caller.now_ms + UPLOAD_LIFE_MS;
            publish.plan = Some(Plan { size, chunk, count, key: secret(""), expires_ms });
            commit(state, caller, publish, Vec::new())
        }
        Some("PULL_FROM_URL") => {
            let url = source["video_url"].as_str().ok_or_else(|| Refusal::param("video_url is required"))?;
            rules::address(&state.options, url)?;
            let publish = blank(state, caller, body["post_info"].clone(), (false, is_direct));
            commit(state, caller, publish, vec![url.to_owned()])
        }
        _ => Err(Refusal::param("source must be FILE_UPLOAD or PULL_FROM_URL")),
    }
}

fn commit(state: &mut State, caller: &Caller, publish: Publish, urls: Vec<String>) -> Result<Begun, Refusal> {
    let mut data = json!({"publish_id": publish.id});
    if let Some(plan) = &publish.plan {
        data["upload_url"] =
            format!("{}/video/?upload_id={}&upload_token={}", caller.root, publish.post_id, plan.key).into();
    }
    let errand = Errand {
        id: publish.id.clone(),
        creator: caller.creator.clone(),
        urls,
        is_photo: publish.is_photo,
        detours: state.options.detours.clone(),
        wait: Duration::from_millis(state.options.tuning.fetch_ms),
    };
    let is_pull = publish.source == Source::Url;
    state.commit(Record::Begun(Box::new(publish)))?;
    Ok((good(data), is_pull.then_some(errand)))
}

fn begin(
    tiktok: &Arc<TikTok>,
    headers: &HeaderMap,
    gate: &Gate,
    work: impl FnOnce(&mut State, &Caller) -> Result<Begun, Refusal>,
) -> Response {
    let mut errand = None;
    let answer = tiktok.answer(headers, gate, |state, caller| {
        let (answer, wanted) = work(state, caller)?;
        errand = wanted;
        Ok(answer)
    });
    if let Some(errand) = errand {
        let tiktok = Arc::clone(tiktok);
        tokio::spawn(async move { run(&tiktok, errand).await });
    }
    answer.into_response()
}

/// Pulls everything and tells what came of it.
async fn run(tiktok: &TikTok, errand: Errand) {
    let mut media = Vec::new();
    let mut outcome = Ok(());
    let bytes_max = if errand.is_photo { rules::PHOTO_BYTES_MAX + 1 } else { rules::PULL_BYTES_MAX };
    for url in &errand.urls {
        let Ok((_, bytes)) = pull(url, &errand.detours, Patience { bytes_max, wait: errand.wait }).await else {
            outcome = Err(if errand.is_photo { "photo_pull_failed" } else { "video_pull_failed" });
            break;
        };
        outcome = if errand.is_photo { rules::photo(&bytes) } else { rules::film(&bytes, &errand.creator) };
        if outcome.is_err() {
            break;
        }
        media.push(VisibleMedia::of(url, &bytes, None));
    }
    arrive(tiktok, &errand.id, media, outcome);
}

/// The bytes are there: posting starts, or is known to fail once they were looked at.
pub(super) fn arrive(tiktok: &TikTok, id: &str, media: Vec<VisibleMedia>, outcome: Result<(), &str>) {
    let now_ms = tiktok.clock.now_ms();
    let mut state = lock(&tiktok.state);
    let tuning = state.options.tuning;
    let record = match outcome {
        Ok(()) => Record::Arrived {
            id: id.to_owned(),
            media,
            waits_ms: (tuning.process_ms, tuning.moderation_ms),
            at_ms: now_ms,
        },
        Err(reason) => {
            Record::Failed { id: id.to_owned(), reason: reason.to_owned(), at_ms: now_ms + tuning.process_ms }
        }
    };
    if state.commit(record).is_err() {
        tracing::error!("what came of a post could not be kept");
    }
}
