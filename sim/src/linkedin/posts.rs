//! Posts of the simulated LinkedIn (dossier §3.1, §5): made, edited, taken down, and refused when they repeat one.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::LinkedIn;
use super::ask::{Act, Ask, key};
use super::content::{self, Content};
use super::little;
use super::refusal::Refusal;
use super::state::{Post, Record, State};
use super::uploads::ID_HEADER;
use crate::clock::DAY_MS;
use crate::ledger::Visible;

const TEXT_MAX: usize = 3_000;
const FIELDS: [&str; 8] = [
    "author",
    "commentary",
    "visibility",
    "distribution",
    "content",
    "lifecycleState",
    "isReshareDisabledByAuthor",
    "reshareContext",
];

type Room = Shared<Arc<LinkedIn>>;

/// Reads a JSON body.
pub(super) fn body_of(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Refusal::new(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json"));
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::illegal("Invalid JSON in the request body"))?;
    if body.is_object() { Ok(body) } else { Err(Refusal::illegal("The request body must be an object")) }
}

/// `POST /rest/posts`.
pub(super) async fn create(Shared(linkedin): Room, headers: HeaderMap, body: Bytes) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let body = body_of(&headers, &body)?;
        if !matches!(ask.method.as_str(), "" | "CREATE") {
            return Err(Refusal::illegal(&format!("X-RestLi-Method :: {} is not for this", ask.method)));
        }
        make(state, ask, &body)
    })
}

fn needed<'a>(body: &'a Value, pointer: &str) -> Result<&'a str, Refusal> {
    body.pointer(pointer).and_then(Value::as_str).ok_or_else(|| Refusal::missing(pointer))
}

/// The author, the audience and the switches.
fn frame(state: &State, ask: &Ask, body: &Value) -> Result<(), Refusal> {
    content::only(body, "", &FIELDS)?;
    let author = needed(body, "/author")?;
    let act =
        Act { field: "/author", member: &["w_member_social"], page: &["w_organization_social"], what: "posts.CREATE" };
    ask.acts_as(state, author, &act)?;
    let is_page = author.starts_with("urn:li:organization:");
    match (needed(body, "/visibility")?, is_page) {
        ("PUBLIC" | "LOGGED_IN", _) | ("CONNECTIONS", false) => {}
        (other, _) => return Err(Refusal::value("/visibility", &format!("{other} is not possible here"))),
    }
    match (needed(body, "/lifecycleState")?, is_page) {
        ("PUBLISHED", _) | ("DRAFT", true) => {}
        (other, _) => return Err(Refusal::value("/lifecycleState", &format!("{other} is not possible here"))),
    }
    content::only(
        body.get("distribution").ok_or_else(|| Refusal::missing("/distribution"))?,
        "/distribution",
        &["feedDistribution", "targetEntities", "thirdPartyDistributionChannels"],
    )?;
    if !matches!(needed(body, "/distribution/feedDistribution")?, "MAIN_FEED" | "NONE") {
        return Err(Refusal::value("/distribution/feedDistribution", "must be MAIN_FEED or NONE"));
    }
    for name in ["targetEntities", "thirdPartyDistributionChannels"] {
        let list = body.pointer(&format!("/distribution/{name}"));
        if list.is_some_and(|list| !list.is_array()) {
            return Err(Refusal::value(&format!("/distribution/{name}"), "is no list"));
        }
    }
    if body.get("isReshareDisabledByAuthor").is_some_and(|flag| !flag.is_boolean()) {
        return Err(Refusal::value("/isReshareDisabledByAuthor", "is no boolean"));
    }
    Ok(())
}

fn reshared(state: &State, body: &Value) -> Result<Option<String>, Refusal> {
    let Some(context) = body.get("reshareContext") else { return Ok(None) };
    content::only(context, "/reshareContext", &["parent"])?;
    let parent = needed(body, "/reshareContext/parent")?;
    let unknown = || Refusal::new(400, "INVALID_URN_ID", &format!("/reshareContext/parent :: {parent} does not exist"));
    let post =
        find(state, parent).filter(|post| !post.is_comment && post.lifecycle == "PUBLISHED").ok_or_else(unknown)?;
    if post.entry.details["isReshareDisabledByAuthor"] == true {
        return Err(Refusal::value("/reshareContext/parent", "its author does not let it be shared"));
    }
    match body.get("content") {
        Some(_) => Err(Refusal::illegal("/content :: a reshare has no content")),
        None => Ok(Some(post.entry.id.clone())),
    }
}

fn make(state: &mut State, ask: &Ask, body: &Value) -> Result<Response, Refusal> {
    frame(state, ask, body)?;
    let author = needed(body, "/author")?.to_owned();
    let raw = needed(body, "/commentary")?.to_owned();
    let parent = reshared(state, body)?;
    let mut content = content::check(state, ask, &author, body.get("content").unwrap_or(&Value::Null))?;
    if parent.is_some() {
        content.kind = "reshare";
    }
    let seen = little::read(&raw, |name, urn| state.name_of(urn).as_deref() == Some(name));
    if seen.units > TEXT_MAX {
        return Err(Refusal::long("/commentary", TEXT_MAX));
    }
    if raw.trim().is_empty() && content.kind == "text" {
        return Err(Refusal::missing("/commentary"));
    }
    let print = json!([author, raw, body.get("content"), parent]).to_string();
    repeats(state, &print, ask.now_ms)?;
    within_quota(state, &author, ask.now_ms)?;
    let mentions: Vec<Value> = seen.mentions.iter().map(|(name, urn)| json!({"name": name, "urn": urn})).collect();
    let urn_kind = content.urn_kind();
    let Content { kind, media, mut details } = content;
    for (name, value) in [
        ("mentions", Value::from(mentions)),
        ("hashtags", seen.hashtags.into()),
        ("is_cut", seen.is_cut.into()),
        ("distribution", body["distribution"].clone()),
        ("isReshareDisabledByAuthor", body["isReshareDisabledByAuthor"].clone()),
    ] {
        details.insert(name.into(), value);
    }
    let entry = Visible {
        id: format!("urn:li:{urn_kind}:{}", state.next_id()),
        account_name: state.name_of(&author).unwrap_or_default(),
        account_id: author,
        kind: kind.to_owned(),
        text: seen.text,
        texts_before: Vec::new(),
        media,
        audience: needed(body, "/visibility")?.to_owned(),
        parent,
        details: details.into(),
        created_at_ms: ask.now_ms,
        deleted: false,
    };
    let id = entry.id.clone();
    let content = body.get("content").cloned().unwrap_or(Value::Null);
    let lifecycle = needed(body, "/lifecycleState")?.to_owned();
    let post =
        Post { entry, print, raw, content, lifecycle, is_comment: false, edited_ms: ask.now_ms, deleted_ms: None };
    state.commit(Record::Posted(Box::new(post)))?;
    Ok(created(state, &id, StatusCode::CREATED.into_response()))
}

/// Puts the new id into the headers, unless it shall be missing.
pub(super) fn created(state: &State, id: &str, mut answer: Response) -> Response {
    *answer.status_mut() = StatusCode::CREATED;
    if let Ok(value) = HeaderValue::from_str(id)
        && !state.options.tuning.drops_id
    {
        answer.headers_mut().insert(ID_HEADER, value.clone());
        answer.headers_mut().insert(HeaderName::from_static("x-linkedin-id"), value);
    }
    answer
}

/// The same content again is refused and the first post named, also for a while after that one is gone (§5).
fn repeats(state: &State, print: &str, now_ms: i64) -> Result<(), Refusal> {
    let since = now_ms - state.options.tuning.duplicate_ms;
    let is_same = |post: &&Post| post.print == print && post.entry.created_at_ms > since;
    state.posts.iter().rev().find(is_same).map_or(Ok(()), |first| Err(Refusal::duplicate(&first.entry.id)))
}

/// What one author wrote on this UTC day (§4).
pub(super) fn within_quota(state: &State, author: &str, now_ms: i64) -> Result<(), Refusal> {
    let is_today = |post: &&Post| {
        post.entry.account_id == author && post.entry.created_at_ms.div_euclid(DAY_MS) == now_ms.div_euclid(DAY_MS)
    };
    let written = state.posts.iter().filter(is_today).count();
    if written < state.options.tuning.member_writes_max { Ok(()) } else { Err(Refusal::throttled()) }
}

/// The live post behind a share, ugcPost or activity URN: all three name one post by the same number here.
pub(super) fn find<'a>(state: &'a State, urn: &str) -> Option<&'a Post> {
    if let Some(post) = state.live(urn) {
        return Some(post);
    }
    let number = urn.strip_prefix("urn:li:activity:")?;
    state
        .posts
        .iter()
        .find(|post| !post.is_comment && !post.entry.deleted && post.entry.id.ends_with(&format!(":{number}")))
}

/// A post's URN out of the path.
fn post_key(uri: &axum::http::Uri) -> Result<String, Refusal> {
    let urn = key(uri)?;
    let number = urn.strip_prefix("urn:li:share:").or_else(|| urn.strip_prefix("urn:li:ugcPost:"));
    match number {
        Some(number) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => Ok(urn),
        Some(_) => Err(Refusal::new(400, "INVALID_URN_ID", &format!("{urn} is not the id of a post"))),
        None => Err(Refusal::new(400, "INVALID_URN_TYPE", &format!("{urn} is not a post"))),
    }
}

/// `POST /rest/posts/{urn}` with `X-RestLi-Method: PARTIAL_UPDATE`.
pub(super) async fn edit(
    Shared(linkedin): Room,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let (urn, body) = (post_key(&uri)?, body_of(&headers, &body)?);
        if ask.method != "PARTIAL_UPDATE" {
            return Err(Refusal::illegal("X-RestLi-Method :: PARTIAL_UPDATE is needed"));
        }
        let post = state.live(&urn).ok_or_else(|| Refusal::not_found(&urn))?;
        let act = Act {
            field: "/author",
            member: &["w_member_social"],
            page: &["w_organization_social"],
            what: "posts.PARTIAL_UPDATE",
        };
        ask.acts_as(state, &post.entry.account_id, &act)?;
        content::only(&body, "", &["patch"])?;
        content::only(&body["patch"], "/patch", &["$set"])?;
        content::only(&body["patch"]["$set"], "/patch/$set", &["commentary"])?;
        let raw = needed(&body, "/patch/$set/commentary")?.to_owned();
        let seen = little::read(&raw, |name, urn| state.name_of(urn).as_deref() == Some(name));
        if seen.units > TEXT_MAX {
            return Err(Refusal::long("/patch/$set/commentary", TEXT_MAX));
        }
        state.commit(Record::Edited { id: urn, raw, text: seen.text, at_ms: ask.now_ms })?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// `DELETE /rest/posts/{urn}`: gone is gone, also when it was gone before.
pub(super) async fn delete(Shared(linkedin): Room, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let urn = post_key(&uri)?;
        if !matches!(ask.method.as_str(), "" | "DELETE") {
            return Err(Refusal::illegal(&format!("X-RestLi-Method :: {} is not for this", ask.method)));
        }
        let what = "posts.DELETE";
        ask.needs(&["w_member_social", "w_organization_social"], what)?;
        if let Some(post) = state.live(&urn) {
            let act = Act { field: "/author", member: &["w_member_social"], page: &["w_organization_social"], what };
            ask.acts_as(state, &post.entry.account_id, &act)?;
            state.commit(Record::Deleted { id: urn, at_ms: ask.now_ms })?;
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}
