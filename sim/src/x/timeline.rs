//! Reading: the own profile, posts by id, and timelines with their paging, lag and missing `data`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::body::is_id;
use super::limits::Endpoint;
use super::options::SimUser;
use super::problem::Problem;
use super::query::Query;
use super::render::{self, respell};
use super::state::{Post, State};
use super::{Caller, X};
use crate::clock::{parse_rfc3339, rfc3339};

/// Metrics that only the owner sees are kept this long.
const OWNER_METRICS_MS: i64 = 30 * 86_400_000;
/// X shows this many posts of a timeline at most.
const TIMELINE_POSTS_MAX: usize = 3_200;

const POST_FIELDS: [&str; 34] = [
    "article",
    "article_title",
    "attachments",
    "author_id",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "edit_history_post_ids",
    "edit_history_tweet_ids",
    "entities",
    "geo",
    "id",
    "in_reply_to_user_id",
    "lang",
    "media_metadata",
    "non_public_metrics",
    "note_post",
    "note_tweet",
    "organic_metrics",
    "paid_partnership",
    "possibly_sensitive",
    "promoted_metrics",
    "public_metrics",
    "referenced_posts",
    "referenced_tweets",
    "reply_settings",
    "scopes",
    "source",
    "text",
    "withheld",
];
const USER_FIELDS: [&str; 24] = [
    "affiliation",
    "confirmed_email",
    "connection_status",
    "created_at",
    "description",
    "entities",
    "id",
    "is_identity_verified",
    "location",
    "most_recent_tweet_id",
    "name",
    "parody",
    "pinned_tweet_id",
    "profile_banner_url",
    "profile_image_url",
    "protected",
    "public_metrics",
    "receives_your_dm",
    "subscription",
    "subscription_type",
    "url",
    "username",
    "verified",
    "verified_type",
];
/// Parameters of every read that may carry posts.
const COMMON: [&str; 7] = [
    "tweet.fields",
    "post.fields",
    "expansions",
    "user.fields",
    "media.fields",
    "poll.fields",
    "place.fields",
];
const EXPANSIONS: [&str; 10] = [
    "article.cover_media",
    "attachments.media_keys",
    "attachments.poll_ids",
    "author_id",
    "edit_history_tweet_ids",
    "entities.mentions.username",
    "geo.place_id",
    "in_reply_to_user_id",
    "referenced_tweets.id",
    "referenced_tweets.id.author_id",
];

/// `GET /2/users/me`.
pub(crate) async fn me(Shared(x): Shared<Arc<X>>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    x.answer(&headers, Endpoint::Me, |state, caller| {
        query.only(&["user.fields", "expansions", "tweet.fields", "post.fields"])?;
        let fields = query.list_of("user.fields", &USER_FIELDS)?;
        Ok(answer(state, json!({"data": user_json(state, &caller.user, &fields)})))
    })
}

/// `GET /2/tweets?ids=`.
pub(crate) async fn by_ids(Shared(x): Shared<Arc<X>>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    x.answer(&headers, Endpoint::Lookup, |state, caller| {
        query.only(&[&["ids"], COMMON.as_slice()].concat())?;
        let ids = query.list("ids");
        if ids.is_empty() || ids.len() > 100 || !ids.iter().all(|id| is_id(id)) {
            let given = ids.join(",");
            return Err(Problem::invalid(
                "The `ids` query parameter takes 1 to 100 ids",
                "ids",
                &given,
            ));
        }
        let wanted = Wanted::read(&query)?;
        let mut reading = Reading {
            state,
            caller,
            wanted,
            errors: Vec::new(),
        };
        let mut found = Vec::new();
        for id in ids {
            match state.live_post(id) {
                Some(post) => found.push(post),
                None => reading.errors.push(Problem::not_found("tweet", "ids", id).body),
            }
        }
        Ok(answer(state, reading.list(&found)))
    })
}

/// `GET /2/tweets/{id}`.
pub(crate) async fn by_id(
    Shared(x): Shared<Arc<X>>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let query = Query::of(&uri);
    x.answer(&headers, Endpoint::Lookup, |state, caller| {
        query.only(&COMMON)?;
        let wanted = Wanted::read(&query)?;
        let Some(post) = state.live_post(&id) else {
            return Ok(answer(
                state,
                json!({"errors": [Problem::not_found("tweet", "id", &id).body]}),
            ));
        };
        let mut reading = Reading {
            state,
            caller,
            wanted,
            errors: Vec::new(),
        };
        let mut body = reading.list(&[post]);
        body["data"] = body["data"][0].take();
        Ok(answer(state, body))
    })
}

/// `GET /2/users/{id}/tweets`.
pub(crate) async fn of_user(
    Shared(x): Shared<Arc<X>>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let query = Query::of(&uri);
    x.answer(&headers, Endpoint::Timeline, |state, caller| {
        let own = [
            "max_results",
            "pagination_token",
            "start_time",
            "end_time",
            "since_id",
            "until_id",
            "exclude",
        ]
        .as_slice();
        query.only(&[own, COMMON.as_slice()].concat())?;
        let page = Page::read(&query)?;
        let wanted = Wanted::read(&query)?;
        if state.user(&id).is_none() {
            return Ok(answer(
                state,
                json!({"errors": [Problem::not_found("user", "id", &id).body]}),
            ));
        }
        let visible_ms = caller.now_ms - state.options.timeline_lag_ms;
        let fits = |post: &&Post| {
            let entry = &post.entry;
            entry.user_id == id && !entry.deleted && entry.created_at_ms <= visible_ms && page.holds(post)
        };
        // Newest first; ids are as old as their posts.
        let all: Vec<&Post> = state.posts.iter().rev().filter(fits).take(TIMELINE_POSTS_MAX).collect();
        let shown: Vec<&Post> = all.iter().skip(page.offset).take(page.size).copied().collect();
        let mut reading = Reading {
            state,
            caller,
            wanted,
            errors: Vec::new(),
        };
        let mut body = reading.list(&shown);
        body["meta"] = page.meta(&shown, all.len());
        Ok(answer(state, body))
    })
}

fn answer(state: &State, mut body: Value) -> Response {
    respell(&mut body, state.options.spelling);
    Json(body).into_response()
}

/// Which part of a timeline is asked for.
struct Page {
    size: usize,
    offset: usize,
    start_ms: Option<i64>,
    end_ms: Option<i64>,
    since_id: Option<i64>,
    until_id: Option<i64>,
    without_replies: bool,
}

impl Page {
    fn read(query: &Query) -> Result<Self, Problem> {
        let wrong = |name: &str, rule: &str| {
            let value = query.one(name).unwrap_or_default();
            Problem::invalid(
                &format!("The `{name}` query parameter value [{value}] {rule}"),
                name,
                value,
            )
        };
        let number = |name: &str| match query.one(name).map(str::parse::<i64>) {
            None => Ok(None),
            Some(Ok(number)) if number >= 0 => Ok(Some(number)),
            Some(_) => Err(wrong(name, "is not a number")),
        };
        let instant = |name: &str| match query.one(name).map(parse_rfc3339) {
            None => Ok(None),
            Some(Some(at_ms)) => Ok(Some(at_ms)),
            Some(None) => Err(wrong(name, "is not a valid RFC 3339 instant")),
        };
        let size = match number("max_results")?.unwrap_or(10) {
            size @ 5..=100 => usize::try_from(size).unwrap_or(10),
            _ => return Err(wrong("max_results", "is not between 5 and 100")),
        };
        let offset = match query.one("pagination_token") {
            None => 0,
            Some(token) => {
                let offset = token
                    .strip_prefix("7140dibdnow9c7btw")
                    .and_then(|rest| usize::from_str_radix(rest, 36).ok());
                offset.ok_or_else(|| wrong("pagination_token", "is not valid"))?
            }
        };
        let (start_ms, end_ms) = (instant("start_time")?, instant("end_time")?);
        if let (Some(start), Some(end)) = (start_ms, end_ms)
            && start >= end
        {
            return Err(wrong("end_time", "must be after `start_time`"));
        }
        let without_replies = query.list_of("exclude", &["replies", "retweets"])?.contains(&"replies");
        let (since_id, until_id) = (number("since_id")?, number("until_id")?);
        Ok(Self {
            size,
            offset,
            start_ms,
            end_ms,
            since_id,
            until_id,
            without_replies,
        })
    }

    fn holds(&self, post: &Post) -> bool {
        let entry = &post.entry;
        let id: i64 = entry.id.parse().unwrap_or(0);
        // Both sides are whole seconds on the real service; start is inclusive, end exclusive.
        self.start_ms.is_none_or(|start| entry.created_at_ms >= start)
            && self.end_ms.is_none_or(|end| entry.created_at_ms < end)
            && self.since_id.is_none_or(|since| id > since)
            && self.until_id.is_none_or(|until| id < until)
            && !(self.without_replies && entry.in_reply_to.is_some())
    }

    fn meta(&self, shown: &[&Post], all: usize) -> Value {
        let mut meta = json!({"result_count": shown.len()});
        if let (Some(newest), Some(oldest)) = (shown.first(), shown.last()) {
            meta["newest_id"] = newest.entry.id.as_str().into();
            meta["oldest_id"] = oldest.entry.id.as_str().into();
        }
        if self.offset + shown.len() < all {
            meta["next_token"] = token(self.offset + shown.len()).into();
        }
        if self.offset > 0 {
            meta["previous_token"] = token(self.offset.saturating_sub(self.size)).into();
        }
        meta
    }
}

/// An opaque token that a base-36 reader takes back.
fn token(mut offset: usize) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(u32::try_from(offset % 36).unwrap_or(0), 36).unwrap_or('0'));
        offset /= 36;
        if offset == 0 {
            break;
        }
    }
    format!("7140dibdnow9c7btw{}", digits.iter().rev().collect::<String>())
}

/// Which fields and expansions are asked for.
struct Wanted {
    fields: Vec<String>,
    expansions: Vec<String>,
    media_fields: Vec<String>,
}

impl Wanted {
    fn read(query: &Query) -> Result<Self, Problem> {
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<String>>();
        let mut fields = owned(query.list_of("tweet.fields", &POST_FIELDS)?);
        fields.extend(owned(query.list_of("post.fields", &POST_FIELDS)?));
        let expansions = owned(query.list_of("expansions", &EXPANSIONS)?);
        Ok(Self {
            fields,
            expansions,
            media_fields: owned(query.list("media.fields")),
        })
    }

    fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|wanted| wanted == field)
    }

    fn expands(&self, field: &str) -> bool {
        self.expansions.iter().any(|wanted| wanted == field)
    }
}

struct Reading<'a> {
    state: &'a State,
    caller: &'a Caller,
    wanted: Wanted,
    errors: Vec<Value>,
}

impl Reading<'_> {
    /// `data`, `includes` and `errors`; each is absent when empty.
    fn list(&mut self, posts: &[&Post]) -> Value {
        let data: Vec<Value> = posts.iter().map(|post| self.post(post)).collect();
        let mut body = Map::new();
        if !data.is_empty() {
            body.insert("data".into(), data.into());
        }
        let includes = self.includes(posts);
        if !includes.is_empty() {
            body.insert("includes".into(), includes.into());
        }
        if !self.errors.is_empty() {
            body.insert("errors".into(), std::mem::take(&mut self.errors).into());
        }
        body.into()
    }

    fn post(&mut self, post: &Post) -> Value {
        let shown = render::render(post, &self.state.options);
        let entry = &post.entry;
        let mut out = json!({"id": entry.id, "text": shown.text, "edit_history_tweet_ids": [entry.id]});
        let mut put = |field: &str, value: Option<Value>| {
            let alias = field.replace("tweet", "post");
            if let (true, Some(value)) = (self.wanted.has(field) || self.wanted.has(&alias), value) {
                out[field] = value;
            }
        };
        put("created_at", Some(rfc3339(entry.created_at_ms).into()));
        put("author_id", Some(entry.user_id.as_str().into()));
        put("conversation_id", Some(post.conversation_id.as_str().into()));
        put("lang", Some("en".into()));
        put("possibly_sensitive", Some(false.into()));
        put("source", Some("Socrazi (simulated)".into()));
        put(
            "reply_settings",
            Some(post.reply_settings.as_deref().unwrap_or("everyone").into()),
        );
        put("note_tweet", shown.note);
        put("entities", (!shown.entities.is_empty()).then(|| shown.entities.into()));
        put("attachments", attachments(post));
        put(
            "referenced_tweets",
            entry
                .in_reply_to
                .as_ref()
                .map(|id| json!([{"type": "replied_to", "id": id}])),
        );
        let parent = entry
            .in_reply_to
            .as_ref()
            .and_then(|id| self.state.posts.iter().find(|p| p.entry.id == *id));
        put(
            "in_reply_to_user_id",
            parent.map(|parent| parent.entry.user_id.as_str().into()),
        );
        put("public_metrics", Some(public_metrics()));
        for field in ["non_public_metrics", "organic_metrics"] {
            if self.wanted.has(field) {
                match self.owner_metrics(post, field) {
                    Ok(metrics) => out[field] = metrics,
                    Err(problem) => self.errors.push(problem),
                }
            }
        }
        out
    }

    fn owner_metrics(&self, post: &Post, field: &str) -> Result<Value, Value> {
        let own = post.entry.user_id == self.caller.user.id;
        let fresh = self.caller.now_ms - post.entry.created_at_ms < OWNER_METRICS_MS;
        if own && fresh {
            return Ok(
                json!({"impression_count": 0, "url_link_clicks": 0, "user_profile_clicks": 0, "engagements": 0}),
            );
        }
        Err(json!({
            "resource_id": post.entry.id, "parameter": "tweet.fields", "resource_type": "tweet", "section": "data",
            "title": "Field Authorization Error", "field": field, "value": field,
            "detail": format!("Sorry, you are not authorized to access '{field}' on the Tweet with ids : [{}].", post.entry.id),
            "type": "https://api.x.com/2/problems/not-authorized-for-field",
        }))
    }

    fn includes(&self, posts: &[&Post]) -> Map<String, Value> {
        let mut includes = Map::new();
        let mut put = |name: &str, values: Vec<Value>| {
            if !values.is_empty() {
                includes.insert(name.to_owned(), values.into());
            }
        };
        if self.wanted.expands("attachments.media_keys") {
            let each = |post: &&Post| {
                let pairs: Vec<_> = post.media.iter().copied().zip(post.entry.media_ids.clone()).collect();
                pairs
                    .into_iter()
                    .map(|(kind, id)| self.media(kind, &id))
                    .collect::<Vec<_>>()
            };
            put("media", posts.iter().flat_map(each).collect());
        }
        if self.wanted.expands("attachments.poll_ids") {
            let each = |post: &&Post| {
                let options = post.entry.poll.as_ref()?.options.iter().enumerate();
                let options: Vec<Value> = options
                    .map(|(at, label)| json!({"position": at + 1, "label": label, "votes": 0}))
                    .collect();
                Some(json!({"id": poll_id(post), "options": options}))
            };
            put("polls", posts.iter().filter_map(each).collect());
        }
        if self.wanted.expands("author_id") {
            let mut ids: Vec<&str> = posts.iter().map(|post| post.entry.user_id.as_str()).collect();
            ids.dedup();
            let users = ids.iter().filter_map(|id| self.state.user(id));
            put("users", users.map(|user| user_json(self.state, user, &[])).collect());
        }
        includes
    }

    fn media(&self, kind: super::media::MediaKind, id: &str) -> Value {
        let mut out = json!({"media_key": kind.key(id), "type": kind.type_name()});
        let alt = self.state.media.get(id).and_then(|media| media.alt_text.clone());
        if let (true, Some(alt)) = (self.wanted.media_fields.iter().any(|field| field == "alt_text"), alt) {
            out["alt_text"] = alt.into();
        }
        out
    }
}

fn attachments(post: &Post) -> Option<Value> {
    if post.entry.poll.is_some() {
        return Some(json!({"poll_ids": [poll_id(post)]}));
    }
    let keys: Vec<String> = post
        .media
        .iter()
        .zip(&post.entry.media_ids)
        .map(|(kind, id)| kind.key(id))
        .collect();
    (!keys.is_empty()).then(|| json!({"media_keys": keys}))
}

fn poll_id(post: &Post) -> String {
    // Polls have ids of their own; the last digit differs so that nobody mixes them up.
    format!("{}7", post.entry.id.get(..18).unwrap_or(&post.entry.id))
}

fn public_metrics() -> Value {
    json!({
        "retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0, "bookmark_count": 0,
        "impression_count": 0,
    })
}

fn user_json(state: &State, user: &SimUser, fields: &[&str]) -> Value {
    let mut out = json!({"id": user.id, "name": user.name, "username": user.username});
    let written = state
        .posts
        .iter()
        .filter(|post| post.entry.user_id == user.id && !post.entry.deleted)
        .count();
    let all = [
        ("created_at", json!("2020-01-02T03:04:05.000Z")),
        ("description", json!("A simulated account.")),
        ("verified", json!(user.is_premium())),
        ("verified_type", json!(if user.is_premium() { "blue" } else { "none" })),
        ("protected", json!(false)),
        ("subscription_type", json!(user.subscription_type)),
        (
            "profile_image_url",
            json!("https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png"),
        ),
        (
            "public_metrics",
            json!({"followers_count": 10, "following_count": 5, "tweet_count": written, "listed_count": 0}),
        ),
    ];
    for (field, value) in all {
        if fields.contains(&field) {
            out[field] = value;
        }
    }
    out
}
