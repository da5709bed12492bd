//! Reading: the own profile, posts by id, and timelines with their paging, lag and missing `data`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::X;
use super::body::is_id;
use super::limits::Endpoint;
use super::problem::Problem;
use super::query::Query;
use super::reading::{Reading, USER_FIELDS, Wanted, user_json};
use super::render::respell;
use super::state::{Post, State};
use crate::clock::parse_rfc3339;

/// X shows this many posts of a timeline at most.
const TIMELINE_POSTS_MAX: usize = 3_200;

/// Parameters of every read that may carry posts.
const COMMON: [&str; 7] =
    ["tweet.fields", "post.fields", "expansions", "user.fields", "media.fields", "poll.fields", "place.fields"];
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
            return Err(Problem::invalid("The `ids` query parameter takes 1 to 100 ids", "ids", &given));
        }
        let wanted = Wanted::read(&query)?;
        let mut reading = Reading { state, caller, wanted, errors: Vec::new() };
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
            return Ok(answer(state, json!({"errors": [Problem::not_found("tweet", "id", &id).body]})));
        };
        let mut reading = Reading { state, caller, wanted, errors: Vec::new() };
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
        let own =
            ["max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id", "exclude"].as_slice();
        query.only(&[own, COMMON.as_slice()].concat())?;
        let page = Page::read(&query)?;
        let wanted = Wanted::read(&query)?;
        if state.user(&id).is_none() {
            return Ok(answer(state, json!({"errors": [Problem::not_found("user", "id", &id).body]})));
        }
        let visible_ms = caller.now_ms - state.options.timeline_lag_ms;
        let fits = |post: &&Post| {
            let entry = &post.entry;
            entry.user_id == id && !entry.deleted && entry.created_at_ms <= visible_ms && page.holds(post)
        };
        // Newest first; ids are as old as their posts.
        let all: Vec<&Post> = state.posts.iter().rev().filter(fits).take(TIMELINE_POSTS_MAX).collect();
        let shown: Vec<&Post> = all.iter().skip(page.offset).take(page.size).copied().collect();
        let mut reading = Reading { state, caller, wanted, errors: Vec::new() };
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
            Problem::invalid(&format!("The `{name}` query parameter value [{value}] {rule}"), name, value)
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
                let offset =
                    token.strip_prefix("7140dibdnow9c7btw").and_then(|rest| usize::from_str_radix(rest, 36).ok());
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
        Ok(Self { size, offset, start_ms, end_ms, since_id, until_id, without_replies })
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
