//! The bytes of a file, chunk by chunk in order (dossier §4.2), and what is asked and stopped afterwards (§4.6, §4.7).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::posting::arrive;
use super::refusal::{Refusal, good};
use super::state::{Plan, Publish, Record, Source, State};
use super::{Caller, Gate, TikTok, body_of, rules};
use crate::form::Form;
use crate::ledger::VisibleMedia;
use crate::lock;

type Room = Shared<Arc<TikTok>>;

/// `bytes first-last/total`.
fn range(headers: &HeaderMap) -> Option<(u64, u64, u64)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (span, total) = text.split_once('/')?;
    let (first, last) = span.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?, total.parse().ok()?))
}

/// How long the chunk that begins there must be.
fn chunk_at(plan: &Plan, first: u64) -> Option<u64> {
    let at = first / plan.chunk;
    let is_last = at + 1 == plan.count;
    (first.is_multiple_of(plan.chunk) && at < plan.count).then(|| if is_last { plan.size - first } else { plan.chunk })
}

/// `PUT` to an upload address.
pub(super) async fn put(
    Shared(tiktok): Room,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes());
    let now_ms = tiktok.clock.now_ms();
    let whole = {
        let mut state = lock(&tiktok.state);
        let is_it = |publish: &&Publish| query.one("upload_id") == Some(&publish.post_id.to_string());
        let Some(publish) = state.publishes.iter().find(is_it).cloned() else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let Some(plan) = publish.plan.clone().filter(|plan| query.one("upload_token") == Some(&plan.key)) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        match take(&mut state, (&publish, &plan), (&headers, &body), now_ms) {
            Err(refused) => return *refused,
            Ok(None) => return partial(&plan, plan_sent(&state, &publish), StatusCode::PARTIAL_CONTENT),
            Ok(Some(bytes)) => (publish, plan, bytes),
        }
    };
    let (publish, plan, bytes) = whole;
    let creator = lock(&tiktok.state).creator(&publish.open_id).cloned();
    let outcome = creator.map_or(Err("internal"), |creator| rules::film(&bytes, &creator));
    arrive(&tiktok, &publish.id, vec![VisibleMedia::of(&publish.id, &bytes, None)], outcome);
    partial(&plan, plan.size, StatusCode::CREATED)
}

fn plan_sent(state: &State, publish: &Publish) -> u64 {
    state.parts.get(&publish.id).map_or(publish.bytes, |parts| parts.len() as u64)
}

/// How much is here, in the header that an interrupted client reads.
fn partial(plan: &Plan, sent: u64, status: StatusCode) -> Response {
    let mut answer = (status, axum::Json(json!({}))).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes 0-{sent}/{}", plan.size)) {
        answer.headers_mut().insert(CONTENT_RANGE, value);
    }
    answer
}

/// The whole file, once its last chunk is here.
fn take(
    state: &mut State,
    (publish, plan): (&Publish, &Plan),
    (headers, body): (&HeaderMap, &Bytes),
    now_ms: i64,
) -> Result<Option<Vec<u8>>, Box<Response>> {
    // An expired address, and one whose post was stopped.
    if now_ms >= plan.expires_ms || publish.failure.is_some() {
        return Err(Box::new(StatusCode::FORBIDDEN.into_response()));
    }
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let is_film = matches!(header(CONTENT_TYPE), "video/mp4" | "video/quicktime" | "video/webm");
    let Some((first, last, total)) = range(headers).filter(|_| is_film) else {
        return Err(Box::new(StatusCode::BAD_REQUEST.into_response()));
    };
    let length = last.saturating_add(1).saturating_sub(first);
    let is_whole =
        header(CONTENT_LENGTH) == body.len().to_string() && length == body.len() as u64 && total == plan.size;
    if !is_whole || length == 0 {
        return Err(Box::new(StatusCode::BAD_REQUEST.into_response()));
    }
    let sent = plan_sent(state, publish);
    if first != sent {
        return Err(Box::new(partial(plan, sent, StatusCode::RANGE_NOT_SATISFIABLE)));
    }
    if chunk_at(plan, first) != Some(length) {
        return Err(Box::new(StatusCode::BAD_REQUEST.into_response()));
    }
    let parts = state.parts.entry(publish.id.clone()).or_default();
    parts.extend(body);
    if (parts.len() as u64) < plan.size {
        return Ok(None);
    }
    if let Some(publish) = state.publishes.iter_mut().find(|known| known.id == publish.id) {
        publish.bytes = plan.size;
    }
    Ok(state.parts.remove(&publish.id))
}

fn find<'a>(state: &'a State, caller: &Caller, body: &Value) -> Result<&'a Publish, Refusal> {
    let id = body["publish_id"].as_str().ok_or_else(|| Refusal::param("publish_id is required"))?;
    let publish = state.publishes.iter().find(|publish| publish.id == id);
    let publish = publish.ok_or_else(|| Refusal::new(400, "invalid_publish_id", "The publish_id does not exist"))?;
    if publish.open_id == caller.creator.open_id {
        return Ok(publish);
    }
    let message = "The access_token does not have authorization over this publish_id";
    Err(Refusal::new(400, "token_not_authorized_for_specified_publish_id", message))
}

/// `POST /v2/post/publish/status/fetch/`.
pub(super) async fn status(Shared(tiktok): Room, headers: HeaderMap, body: Bytes) -> Response {
    tiktok.answer(&headers, &Gate::STATUS, |state, caller| {
        let body = body_of(&headers, &body)?;
        let publish = find(state, caller, &body)?;
        let status = publish.status(caller.now_ms);
        let is_public = publish.public_ms().is_some_and(|public| caller.now_ms >= public);
        let ids: Vec<u64> = is_public.then_some(publish.post_id).into_iter().collect();
        let reason = publish.failure.as_deref().filter(|_| status == "FAILED").unwrap_or_default();
        let mut data = json!({"status": status, "fail_reason": reason, "publicaly_available_post_id": ids});
        match publish.source {
            Source::File => data["uploaded_bytes"] = plan_sent(state, publish).into(),
            Source::Url => data["downloaded_bytes"] = publish.bytes.into(),
        }
        Ok(good(data))
    })
}

/// `POST /v2/post/publish/cancel/`: of what is being pulled.
pub(super) async fn cancel(Shared(tiktok): Room, headers: HeaderMap, body: Bytes) -> Response {
    tiktok.answer(&headers, &Gate::CANCEL, |state, caller| {
        let body = body_of(&headers, &body)?;
        let publish = find(state, caller, &body)?;
        if publish.source != Source::Url || publish.is_final(caller.now_ms) {
            return Err(Refusal::new(400, "publish_not_cancellable", "The post cannot be cancelled any more"));
        }
        let id = publish.id.clone();
        state.commit(Record::Failed { id, reason: "publish_cancelled".into(), at_ms: caller.now_ms })?;
        Ok(good(json!({})))
    })
}
