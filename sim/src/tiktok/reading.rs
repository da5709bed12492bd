//! Reading the simulated TikTok (dossier §3, §7): who somebody is, as far as the scopes reach, and their public videos.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::refusal::{Refusal, good};
use super::state::{Publish, State};
use super::{Caller, Gate, TikTok, body_of};
use crate::form::Form;

const PAGE_MAX: u64 = 20;
const VIDEO_FIELDS: [&str; 15] = [
    "id",
    "create_time",
    "cover_image_url",
    "share_url",
    "video_description",
    "duration",
    "height",
    "width",
    "title",
    "embed_html",
    "embed_link",
    "like_count",
    "comment_count",
    "share_count",
    "view_count",
];

type Room = Shared<Arc<TikTok>>;

fn fields(uri: &axum::http::Uri) -> Result<Vec<String>, Refusal> {
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes());
    let fields = query.one("fields").ok_or_else(|| Refusal::param("Fields is required"))?;
    Ok(fields.split(',').map(str::to_owned).collect())
}

/// The fields of a list of videos, all of them known: one that is not fails the call, also when there is no video to show.
fn video_fields(uri: &axum::http::Uri) -> Result<Vec<String>, Refusal> {
    let fields = fields(uri)?;
    match fields.iter().find(|field| !VIDEO_FIELDS.contains(&field.as_str())) {
        Some(unknown) => Err(Refusal::param(&format!("Invalid fields: {unknown}, one of {}", VIDEO_FIELDS.join(",")))),
        None => Ok(fields),
    }
}

/// `GET /v2/user/info/`: one field without its scope fails the whole call.
pub(super) async fn user(Shared(tiktok): Room, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    tiktok.answer(&headers, &Gate::USER_INFO, |state, caller| {
        let creator = &caller.creator;
        let public = public_videos(state, caller).count();
        let mut shown = json!({});
        for field in fields(&uri)? {
            let (scope, value): (&str, Value) = match field.as_str() {
                "open_id" => ("user.info.basic", creator.open_id.as_str().into()),
                "union_id" => ("user.info.basic", format!("union-{}", creator.open_id).into()),
                "avatar_url" | "avatar_url_100" | "avatar_large_url" => {
                    ("user.info.basic", tiktok.avatar(&creator.open_id).into())
                }
                "display_name" => ("user.info.basic", creator.display_name.as_str().into()),
                "bio_description" => ("user.info.profile", creator.bio.as_str().into()),
                "profile_deep_link" => {
                    ("user.info.profile", format!("https://vm.tiktok.com/{}/", creator.username).into())
                }
                "is_verified" => ("user.info.profile", false.into()),
                "username" => ("user.info.profile", creator.username.as_str().into()),
                "follower_count" => ("user.info.stats", creator.followers.into()),
                "following_count" => ("user.info.stats", 0.into()),
                "likes_count" => ("user.info.stats", 0.into()),
                "video_count" => ("user.info.stats", public.into()),
                other => return Err(Refusal::param(&format!("Invalid fields: {other}"))),
            };
            if !caller.token.scopes.iter().any(|held| held == scope) {
                return Err(Refusal::scope(scope));
            }
            shown[&field] = value;
        }
        Ok(good(json!({"user": shown})))
    })
}

fn public_videos<'a>(state: &'a State, caller: &'a Caller) -> impl Iterator<Item = (&'a Publish, i64)> {
    let photos = state.options.tuning.lists_photos;
    state
        .publishes
        .iter()
        .filter(move |publish| publish.open_id == caller.creator.open_id && (photos || !publish.is_photo))
        .filter(|publish| publish.public_ms().is_some_and(|public| caller.now_ms >= public))
        .filter_map(|publish| Some((publish, publish.out_ms()?)))
}

fn show(state: &State, caller: &Caller, (publish, out_ms): (&Publish, i64), fields: &[String]) -> Value {
    let id = publish.post_id.to_string();
    let count = |name: &str| state.insights.get(&id).and_then(|set| set.get(name)).copied().unwrap_or(0);
    let text = publish.info["title"].as_str().unwrap_or_default();
    let first = publish.media.first();
    let link = format!("https://www.tiktok.com/@{}/video/{id}", caller.creator.username);
    let mut shown = json!({});
    for field in fields {
        shown[field] = match field.as_str() {
            "id" => id.as_str().into(),
            "create_time" => (out_ms / 1_000).into(),
            "cover_image_url" => format!("{}/covers/{id}.png", caller.root).into(),
            "share_url" | "embed_link" => link.as_str().into(),
            "video_description" => text.into(),
            "title" => text.chars().take(150).collect::<String>().into(),
            "duration" => first.map_or(0, |film| film.duration_ms / 1_000).into(),
            "height" => first.map_or(0, |film| film.sides.1).into(),
            "width" => first.map_or(0, |film| film.sides.0).into(),
            "embed_html" => "".into(),
            "like_count" | "comment_count" | "share_count" | "view_count" => count(field).into(),
            _ => Value::Null,
        };
    }
    shown
}

/// `POST /v2/video/list/`: newest first, by the instant of creation.
pub(super) async fn list(
    Shared(tiktok): Room,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    tiktok.answer(&headers, &Gate::VIDEO_LIST, |state, caller| {
        let fields = video_fields(&uri)?;
        let body = if body.is_empty() { json!({}) } else { body_of(&headers, &body)? };
        let count = body["max_count"].as_u64().unwrap_or(10);
        if !(1..=PAGE_MAX).contains(&count) {
            return Err(Refusal::param("max_count must be 1 to 20"));
        }
        let before_ms = body["cursor"].as_i64().unwrap_or(i64::MAX);
        let mut all: Vec<_> = public_videos(state, caller).filter(|(_, out_ms)| *out_ms < before_ms).collect();
        all.sort_by_key(|(publish, out_ms)| std::cmp::Reverse((*out_ms, publish.post_id)));
        let page: Vec<_> = all.iter().take(usize::try_from(count).unwrap_or(1)).collect();
        let videos: Vec<Value> = page.iter().map(|video| show(state, caller, **video, &fields)).collect();
        let cursor = page.last().map_or(0, |(_, out_ms)| *out_ms);
        Ok(good(json!({"videos": videos, "cursor": cursor, "has_more": all.len() > page.len()})))
    })
}

/// `POST /v2/video/query/`: one's own, by id.
pub(super) async fn query(
    Shared(tiktok): Room,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    tiktok.answer(&headers, &Gate::VIDEO_QUERY, |state, caller| {
        let fields = video_fields(&uri)?;
        let body = body_of(&headers, &body)?;
        let ids =
            body["filters"]["video_ids"].as_array().ok_or_else(|| Refusal::param("filters.video_ids is required"))?;
        if ids.is_empty() || ids.len() as u64 > PAGE_MAX {
            return Err(Refusal::param("video_ids must have 1 to 20 ids"));
        }
        let wanted: Vec<&str> = ids.iter().filter_map(Value::as_str).collect();
        let found =
            public_videos(state, caller).filter(|(publish, _)| wanted.contains(&publish.post_id.to_string().as_str()));
        let videos: Vec<Value> = found.map(|video| show(state, caller, video, &fields)).collect();
        Ok(good(json!({"videos": videos})))
    })
}
