//! Reading: channels, playlists and what is in them, videos, categories, search (dossier google §4.2, §4.3).

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::meta::CATEGORIES;
use super::video::{Video, instant};
use super::{Bucket, READ, READ_UNITS, answer, channel_by_id, own_channel, page, pairs, parts, views};
use crate::google::options::SimChannel;
use crate::google::problem::Problem;
use crate::google::state::State;
use crate::google::{Caller, Google};
use crate::samples::portrait;

type Room = Shared<Arc<Google>>;

const UNITS: Bucket = Bucket::Units(READ_UNITS);
const IDS_MAX: usize = 50;

fn no_filter() -> Problem {
    Problem::bad("missingRequiredParameter", "No filter selected. Expected one of the filters of this list.")
        .domain("youtube.parameter")
}

fn uploads_of(channel: &SimChannel) -> String {
    channel.id.replacen("UC", "UU", 1)
}

/// `GET /youtube/v3/channels`.
pub(super) async fn channels(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query);
    let root = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1").to_owned();
    answer(&google, &headers, (&query, &READ, UNITS), |state, caller| {
        const PARTS: [&str; 8] = [
            "id",
            "snippet",
            "statistics",
            "contentDetails",
            "status",
            "brandingSettings",
            "topicDetails",
            "localizations",
        ];
        let parts = parts(&query, &PARTS)?;
        let ids = query.list("id");
        let all = || state.options.users.iter().flat_map(|user| &user.channels);
        let found: Vec<&SimChannel> = match (query.one("mine"), query.one("forHandle")) {
            (Some("true"), _) => own_channel(caller).into_iter().collect(),
            (_, Some(handle)) => all()
                .filter(|channel| channel.handle.trim_start_matches('@') == handle.trim_start_matches('@'))
                .collect(),
            _ if !ids.is_empty() => all().filter(|channel| ids.contains(&channel.id.as_str())).collect(),
            _ => return Err(no_filter()),
        };
        let items: Vec<Value> =
            found.into_iter().map(|channel| channel_resource(state, (channel, &root), &parts, caller.now_ms)).collect();
        let is_none = items.is_empty();
        let mut body = page(&query, items, "youtube#channelListResponse")?;
        // An account without a channel: not an empty list, but none.
        if is_none && let Some(fields) = body.as_object_mut() {
            fields.remove("items");
        }
        Ok(body)
    })
}

fn channel_resource(state: &State, (channel, host): (&SimChannel, &str), parts: &[String], now_ms: i64) -> Value {
    let public: Vec<&Video> =
        state.youtube.videos.iter().filter(|video| video.channel == channel.id && video.is_visible()).collect();
    let mut value = json!({"kind": "youtube#channel", "etag": "sim", "id": channel.id});
    for part in parts {
        value[part] = match part.as_str() {
            "snippet" => json!({"title": channel.title, "description": format!("All about {}.", channel.title),
                "customUrl": channel.handle, "publishedAt": "2019-03-01T10:00:00Z", "country": "IT",
                "thumbnails": faces(host, &channel.id),
                "localized": {"title": channel.title, "description": ""}}),
            "statistics" => {
                let seen: u64 = public.iter().map(|video| views::total(state.youtube.seed, video, now_ms)).sum();
                json!({"viewCount": seen.to_string(), "subscriberCount": (seen / 40).to_string(),
                    "hiddenSubscriberCount": false, "videoCount": public.len().to_string()})
            }
            "contentDetails" => json!({"relatedPlaylists": {"likes": "", "uploads": uploads_of(channel)}}),
            "status" => {
                json!({"privacyStatus": "public", "isLinked": true, "longUploadsStatus": "allowed", "madeForKids": false})
            }
            "id" => channel.id.as_str().into(),
            _ => json!({}),
        };
    }
    value
}

/// The channel's picture, in three sizes.
fn faces(host: &str, id: &str) -> Value {
    let face = |side: u32| json!({"url": format!("http://{host}/ytc/{id}=s{side}"), "width": side, "height": side});
    json!({"default": face(88), "medium": face(240), "high": face(800)})
}

/// The picture itself.
pub(super) async fn face(Path(name): Path<String>) -> Response {
    ([(CONTENT_TYPE, "image/png")], portrait(&name)).into_response()
}

/// Whether the caller may see it: it is public or unlisted, or their own.
fn can_see(caller: &Caller, video: &Video) -> bool {
    let is_own = own_channel(caller).is_some_and(|channel| channel.id == video.channel);
    !video.is_deleted && (is_own || video.is_visible() || video.status.privacy == "unlisted")
}

/// The videos of a playlist, the newest first.
fn listed<'a>(state: &'a State, caller: &Caller, playlist: &str) -> Option<Vec<&'a Video>> {
    let channels = || state.options.users.iter().flat_map(|user| &user.channels);
    let of_uploads = channels().find(|channel| uploads_of(channel) == playlist);
    let of_best = channels().find(|channel| best_of(channel) == playlist);
    let channel = of_uploads.or(of_best)?;
    let is_own = own_channel(caller).is_some_and(|own| own.id == channel.id);
    let mine = |video: &&Video| video.channel == channel.id && !video.is_deleted && (is_own || video.is_visible());
    let mut videos: Vec<&Video> = state.youtube.videos.iter().filter(mine).collect();
    videos.sort_by_key(|video| std::cmp::Reverse(video.published_ms.unwrap_or(video.uploaded_ms)));
    if of_uploads.is_none() {
        videos.truncate(3);
    }
    Some(videos)
}

fn best_of(channel: &SimChannel) -> String {
    channel.id.replacen("UC", "PL", 1)
}

/// `GET /youtube/v3/playlistItems`.
pub(super) async fn playlist_items(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query);
    answer(&google, &headers, (&query, &READ, UNITS), |state, caller| {
        let parts = parts(&query, &["id", "snippet", "contentDetails", "status"])?;
        let playlist = query.one("playlistId").ok_or_else(no_filter)?;
        let missing = || {
            Problem::missing(
                "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.",
            )
            .reason("playlistNotFound")
            .domain("youtube.playlistItem")
        };
        let videos = listed(state, caller, playlist).ok_or_else(missing)?;
        let items = videos.iter().enumerate().map(|(at, video)| {
            let mut item =
                json!({"kind": "youtube#playlistItem", "etag": "sim", "id": format!("{playlist}.{}", video.id)});
            for part in &parts {
                item[part] = item_part(state, part, (video, at), playlist);
            }
            item
        });
        page(&query, items.collect(), "youtube#playlistItemListResponse")
    })
}

fn item_part(state: &State, part: &str, (video, at): (&Video, usize), playlist: &str) -> Value {
    let published = video.published_ms.map(instant);
    match part {
        "contentDetails" => {
            let mut details = json!({"videoId": video.id});
            if let Some(published) = published {
                details["videoPublishedAt"] = published.into();
            }
            details
        }
        "snippet" => {
            let title = channel_by_id(state, &video.channel).map_or("", |channel| channel.title.as_str());
            json!({"publishedAt": instant(video.uploaded_ms), "channelId": video.channel, "title": video.snippet.title,
                "description": video.snippet.description, "channelTitle": title, "playlistId": playlist, "position": at,
                "resourceId": {"kind": "youtube#video", "videoId": video.id}, "videoOwnerChannelId": video.channel})
        }
        "status" => json!({"privacyStatus": video.status.privacy}),
        _ => format!("{playlist}.{}", video.id).into(),
    }
}

/// `GET /youtube/v3/playlists`.
pub(super) async fn playlists(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query);
    answer(&google, &headers, (&query, &READ, UNITS), |state, caller| {
        let parts = parts(&query, &["id", "snippet", "contentDetails", "status", "player", "localizations"])?;
        let ids = query.list("id");
        let all = || state.options.users.iter().flat_map(|user| &user.channels);
        let channels: Vec<&SimChannel> = match (query.one("mine"), query.one("channelId")) {
            (Some("true"), _) => own_channel(caller).into_iter().collect(),
            (_, Some(id)) => all().filter(|channel| channel.id == id).collect(),
            _ if !ids.is_empty() => all().filter(|channel| ids.contains(&best_of(channel).as_str())).collect(),
            _ => return Err(no_filter()),
        };
        let items = channels.iter().filter(|channel| channel.old_videos > 0).map(|channel| {
            let mut item = json!({"kind": "youtube#playlist", "etag": "sim", "id": best_of(channel)});
            for part in &parts {
                item[part] = match part.as_str() {
                    "snippet" => {
                        json!({"publishedAt": "2024-02-01T10:00:00Z", "channelId": channel.id, "title": "The best",
                        "description": "", "channelTitle": channel.title})
                    }
                    "contentDetails" => json!({"itemCount": channel.old_videos.min(3)}),
                    "status" => json!({"privacyStatus": "public"}),
                    "id" => best_of(channel).into(),
                    _ => json!({}),
                };
            }
            item
        });
        page(&query, items.collect(), "youtube#playlistListResponse")
    })
}

/// `GET /youtube/v3/videos`.
pub(super) async fn videos(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    const PARTS: [&str; 9] = [
        "id",
        "snippet",
        "statistics",
        "status",
        "contentDetails",
        "processingDetails",
        "fileDetails",
        "player",
        "topicDetails",
    ];
    const OWNERS: [&str; 2] = ["processingDetails", "fileDetails"];
    let query = pairs(query);
    answer(&google, &headers, (&query, &READ, UNITS), |state, caller| {
        let parts = parts(&query, &PARTS)?;
        let ids = query.list("id");
        if ids.is_empty() {
            return Err(no_filter());
        }
        if ids.len() > IDS_MAX {
            return Err(Problem::bad("invalidFilters", "The request specifies an invalid filter parameter.")
                .domain("youtube.parameter"));
        }
        // What is gone or somebody else's secret is silently missing.
        let found = ids
            .iter()
            .filter_map(|id| state.youtube.videos.iter().find(|video| video.id == *id && can_see(caller, video)));
        let found: Vec<&Video> = found.collect();
        let is_own = |video: &&Video| own_channel(caller).is_some_and(|own| own.id == video.channel);
        if parts.iter().any(|part| OWNERS.contains(&part.as_str())) && !found.iter().all(is_own) {
            return Err(Problem::denied(
                "The request is not properly authorized to access video file or processing information.",
            )
            .reason("forbidden")
            .domain("youtube.video"));
        }
        let items: Vec<Value> = found
            .iter()
            .filter_map(|video| {
                let channel = channel_by_id(state, &video.channel)?;
                let mut item = json!({"kind": "youtube#video", "etag": video.etag(), "id": video.id});
                for part in parts.iter().filter(|part| *part != "id") {
                    let seen =
                        if part == "statistics" { views::total(state.youtube.seed, video, caller.now_ms) } else { 0 };
                    item[part] = video.part(part, (channel, seen), caller.now_ms);
                }
                Some(item)
            })
            .collect();
        let count = items.len();
        Ok(
            json!({"kind": "youtube#videoListResponse", "items": items, "pageInfo": {"totalResults": count, "resultsPerPage": count}}),
        )
    })
}

/// `GET /youtube/v3/videoCategories`.
pub(super) async fn categories(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query);
    answer(&google, &headers, (&query, &READ, UNITS), |_, _| {
        parts(&query, &["id", "snippet"])?;
        let ids = query.list("id");
        if query.one("regionCode").is_none() && ids.is_empty() {
            return Err(no_filter());
        }
        let wanted = CATEGORIES.iter().filter(|(id, _, _)| ids.is_empty() || ids.contains(id));
        let items: Vec<Value> = wanted
            .map(|(id, title, is_assignable)| {
                json!({"kind": "youtube#videoCategory", "etag": "sim", "id": id, "snippet": {"title": title,
                    "assignable": is_assignable, "channelId": "UCBR8-60-B28hp2BmDPdntcQ"}})
            })
            .collect();
        Ok(json!({"kind": "youtube#videoCategoryListResponse", "items": items}))
    })
}

/// `GET /youtube/v3/search`: served so that its small quota is felt.
pub(super) async fn search(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query);
    answer(&google, &headers, (&query, &READ, Bucket::Search), |state, caller| {
        parts(&query, &["id", "snippet"])?;
        let words = query.one("q").unwrap_or_default().to_lowercase();
        let is_mine = query.one("forMine") == Some("true");
        let own = own_channel(caller).map(|channel| channel.id.clone());
        let fits = |video: &&Video| {
            can_see(caller, video)
                && (!is_mine || own.as_deref() == Some(&video.channel))
                && (is_mine || video.is_visible())
                && video.snippet.title.to_lowercase().contains(&words)
        };
        let items = state.youtube.videos.iter().filter(fits).map(|video| {
            json!({"kind": "youtube#searchResult", "etag": "sim", "id": {"kind": "youtube#video", "videoId": video.id},
                "snippet": {"title": video.snippet.title, "channelId": video.channel, "publishedAt": instant(video.uploaded_ms)}})
        });
        page(&query, items.collect(), "youtube#searchListResponse")
    })
}
