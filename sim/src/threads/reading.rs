//! Reading the simulated Threads: profile, posts, lists with cursors, insights (dossier §2, §5, §6).

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::containers::{describe, nonexisting};
use super::oauth::caller;
use super::options::SimProfile;
use super::publish::own;
use super::state::{Kind, Post, State};
use crate::clock::rfc3339;
use crate::graph::{Call, GraphError};

const PAGE_MAX: i64 = 100;
const PAGE_DEFAULT: i64 = 25;
/// 2024-04-13, before which there are no insights.
const INSIGHTS_SINCE_S: i64 = 1_712_991_600;
const POST_METRICS: [&str; 6] = ["views", "likes", "replies", "reposts", "quotes", "shares"];
const PROFILE_METRICS: [&str; 8] =
    ["views", "likes", "replies", "reposts", "quotes", "clicks", "followers_count", "follower_demographics"];
const BREAKDOWNS: [&str; 4] = ["country", "city", "age", "gender"];

/// `GET /v1.0/{id}`: a profile, a container or a post.
pub(super) fn node(state: &State, id: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, call, (now_ms, "threads_basic"))?;
    if id == "me" || id == profile.id {
        return Ok(Json(show_profile((&profile, &state.root), call)?).into_response());
    }
    if let Some(container) = state.containers.get(id).filter(|found| found.owner == profile.id) {
        return Ok(Json(describe(container, call, now_ms)?).into_response());
    }
    let post = state.live_post(id).ok_or_else(|| missing(id))?;
    Ok(Json(show_post(state, post, &call.list("fields"))?).into_response())
}

fn missing(id: &str) -> GraphError {
    let message = format!(
        "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation."
    );
    GraphError::param(&message).subcode(33)
}

fn show_profile((profile, root): (&SimProfile, &str), call: &Call) -> Result<Value, GraphError> {
    let mut shown = json!({"id": profile.id});
    for field in call.list("fields") {
        shown[&field] = match field.as_str() {
            "id" => profile.id.as_str().into(),
            "username" => profile.username.as_str().into(),
            "name" => profile.name.as_str().into(),
            "threads_profile_picture_url" => format!("{root}/portraits/{}.png", profile.username).into(),
            "threads_biography" => profile.biography.as_str().into(),
            "is_verified" | "is_eligible_for_geo_gating" => false.into(),
            "recently_searched_keywords" => json!([]),
            other => return Err(nonexisting(other)),
        };
    }
    Ok(shown)
}

fn show_post(state: &State, post: &Post, fields: &[String]) -> Result<Value, GraphError> {
    let entry = &post.entry;
    let mut shown = json!({"id": entry.id});
    let shortcode = format!("D{:x}", entry.id.parse::<u64>().unwrap_or(0));
    let permalink = format!("https://www.threads.net/@{}/post/{shortcode}", entry.username);
    let given = |name: &str| post.fields.get(name).map(|value| Value::from(value.as_str()));
    for field in fields {
        // What a post does not have is left out, as on Graph.
        let value = match field.as_str() {
            "id" => Some(entry.id.as_str().into()),
            "media_product_type" => Some("THREADS".into()),
            "media_type" => Some(post.kind.read_name().into()),
            "text" => (!entry.text.is_empty()).then(|| entry.text.as_str().into()),
            "permalink" => Some(permalink.as_str().into()),
            "shortcode" => Some(shortcode.as_str().into()),
            "timestamp" => Some(format!("{}+0000", rfc3339(entry.created_at_ms).get(..19).unwrap_or_default()).into()),
            "username" => Some(entry.username.as_str().into()),
            "owner" => Some(json!({"id": entry.user_id})),
            "is_quote_post" => Some(post.fields.contains_key("quote_post_id").into()),
            "is_reply" => Some(entry.in_reply_to.is_some().into()),
            "has_replies" => {
                Some((count(state, |other| other.entry.in_reply_to.as_deref() == Some(&entry.id)) > 0).into())
            }
            "replied_to" => entry.in_reply_to.as_ref().map(|id| json!({"id": id})),
            "root_post" => entry.in_reply_to.as_ref().map(|_| json!({"id": root(state, post)})),
            "quoted_post" => given("quote_post_id").map(|id| json!({"id": id})),
            "reposted_post" => given("reposted_post").map(|id| json!({"id": id})),
            "media_url" => given("image_url").or_else(|| given("video_url")),
            "children" => (!post.children.is_empty())
                .then(|| json!({"data": post.children.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()})),
            "alt_text" | "topic_tag" => given(field),
            "link_attachment_url" => given("link_attachment"),
            "is_verified" => Some(false.into()),
            "poll_attachment" => entry.poll.as_ref().map(|poll| {
                let names = ["option_a", "option_b", "option_c", "option_d"];
                let options = names.iter().zip(&poll.options);
                options
                    .map(|(name, option)| ((*name).to_owned(), Value::from(option.as_str())))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
            "is_reply_owned_by_me" => Some(entry.in_reply_to.is_some().into()),
            "hide_status" => Some("NOT_HUSHED".into()),
            "ghost_post_status"
            | "gif_url"
            | "thumbnail_url"
            | "location"
            | "location_id"
            | "text_attachment"
            | "gif_attachment"
            | "profile_picture_url"
            | "ghost_post_expiration_timestamp"
            | "allowlisted_country_codes"
            | "is_spoiler_media"
            | "text_entities"
            | "reply_approval_status" => given(field),
            "reply_audience" => given("reply_control").or_else(|| Some("everyone".into())),
            other => return Err(nonexisting(other)),
        };
        if let Some(value) = value {
            shown[field] = value;
        }
    }
    Ok(shown)
}

fn count(state: &State, fits: impl Fn(&&Post) -> bool) -> usize {
    state.posts.iter().filter(|post| !post.entry.deleted).filter(fits).count()
}

fn root(state: &State, post: &Post) -> String {
    let mut at = post;
    // Chains grow only at their end: each step goes to an older post, so that this ends.
    while let Some(next) = at.entry.in_reply_to.as_ref().and_then(|id| state.posts.iter().find(|p| p.entry.id == *id)) {
        at = next;
    }
    at.entry.id.clone()
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Threads,
    /// One's own replies, or the replies to a post.
    Replies,
    /// Everything below a post.
    Conversation,
}

/// `GET /v1.0/{user}/threads` and `/replies`, `/v1.0/{media}/replies` and `/conversation`, newest first.
pub(super) fn list(
    state: &State,
    (user, which): (&str, List),
    call: &Call,
    now_ms: i64,
) -> Result<Response, GraphError> {
    let scope = match which {
        List::Threads => "threads_basic",
        List::Replies | List::Conversation => "threads_read_replies",
    };
    let profile = caller(state, call, (now_ms, scope))?;
    let is_profile = user == "me" || user == profile.id;
    let is_post = which != List::Threads && state.live_post(user).is_some_and(|post| post.entry.user_id == profile.id);
    if !is_profile && !is_post || is_profile && which == List::Conversation {
        return Err(missing(user));
    }
    let limit = call.number("limit")?.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(GraphError::param("Param limit must be between 1 and 100"));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let (since, until) = (call.number("since")?, call.number("until")?);
    let cursor = |name: &str| {
        let wrong = || GraphError::param(&format!("Invalid cursor in {name}"));
        let read = |raw: &str| raw.strip_prefix("QVFI").and_then(|rest| rest.parse::<u64>().ok());
        call.one(name).map(|raw| read(raw).ok_or_else(wrong)).transpose()
    };
    let (after, before) = (cursor("after")?, cursor("before")?);
    let visible_ms = now_ms - state.options.tuning.list_lag_ms;
    let number = |post: &Post| post.entry.id.parse::<u64>().unwrap_or(0);
    let fits = |post: &&Post| {
        let entry = &post.entry;
        let is_listed = match which {
            List::Threads => entry.user_id == profile.id && entry.in_reply_to.is_none(),
            List::Replies if is_post => entry.in_reply_to.as_deref() == Some(user),
            List::Replies => entry.user_id == profile.id && entry.in_reply_to.is_some(),
            List::Conversation => entry.in_reply_to.is_some() && root(state, post) == user,
        };
        is_listed
            && !entry.deleted
            && entry.created_at_ms <= visible_ms
            && since.is_none_or(|since| entry.created_at_ms / 1000 >= since)
            && until.is_none_or(|until| entry.created_at_ms / 1000 <= until)
            && after.is_none_or(|after| number(post) < after)
            && before.is_none_or(|before| number(post) > before)
    };
    let all: Vec<&Post> = state.posts.iter().rev().filter(fits).collect();
    let page: Vec<&Post> = all.iter().take(limit).copied().collect();
    let shown: Result<Vec<Value>, GraphError> =
        page.iter().map(|post| show_post(state, post, &call.list("fields"))).collect();
    let mut body = json!({"data": shown?});
    if let (Some(first), Some(last)) = (page.first(), page.last()) {
        let (first, last) = (format!("QVFI{}", number(first)), format!("QVFI{}", number(last)));
        body["paging"] = json!({"cursors": {"before": first, "after": last}});
        if all.len() > page.len() {
            let path = match which {
                List::Threads => "threads",
                List::Replies => "replies",
                List::Conversation => "conversation",
            };
            body["paging"]["next"] =
                format!("https://graph.threads.net/v1.0/{user}/{path}?limit={limit}&after={last}").into();
        }
    }
    Ok(Json(body).into_response())
}

fn metrics(call: &Call, known: &[&str]) -> Result<Vec<String>, GraphError> {
    let wanted = call.list("metric");
    match wanted.iter().find(|metric| !known.contains(&metric.as_str())) {
        Some(_) => Err(GraphError::param(&format!("metric must be one of the following values: {}", known.join(", ")))),
        None if wanted.is_empty() => Err(GraphError::param("The parameter metric is required.")),
        None => Ok(wanted),
    }
}

fn value(state: &State, post: &Post, metric: &str) -> u64 {
    if let Some(set) = state.insights.get(&post.entry.id).and_then(|set| set.get(metric)) {
        return *set;
    }
    let id = Some(post.entry.id.as_str());
    let points = |field: &'static str| count(state, |other| other.fields.get(field).map(String::as_str) == id);
    let seen = match metric {
        "replies" => count(state, |other| other.entry.in_reply_to.as_deref() == id),
        "quotes" => points("quote_post_id"),
        "reposts" => points("reposted_post"),
        _ => 0,
    };
    seen as u64
}

/// `GET /v1.0/{media}/insights`.
pub(super) fn post_insights(state: &State, id: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, call, (now_ms, "threads_manage_insights"))?;
    let post = state.live_post(id).filter(|post| post.entry.user_id == profile.id).ok_or_else(|| missing(id))?;
    let wanted = metrics(call, &POST_METRICS)?;
    // Reposts answer empty (§6).
    let wanted = if post.kind == Kind::Repost { Vec::new() } else { wanted };
    let data = wanted.iter().map(|metric| {
        json!({"name": metric, "period": "lifetime", "values": [{"value": value(state, post, metric)}],
            "title": title(metric), "description": describe_metric(metric), "id": format!("{id}/insights/{metric}/lifetime")})
    });
    Ok(Json(json!({"data": data.collect::<Vec<_>>()})).into_response())
}

fn describe_metric(metric: &str) -> String {
    format!("The number of {}.", metric.replace('_', " "))
}

fn title(metric: &str) -> String {
    let (head, rest) = metric.split_at(1);
    format!("{}{}", head.to_uppercase(), rest.replace('_', " "))
}

/// `GET /v1.0/{user}/threads_insights`.
pub(super) fn profile_insights(state: &State, user: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, call, (now_ms, "threads_manage_insights"))?;
    own(user, &profile)?;
    let wanted = metrics(call, &PROFILE_METRICS)?;
    if wanted.iter().any(|metric| metric == "follower_demographics") {
        let breakdown = call.one("breakdown").unwrap_or_default();
        if !BREAKDOWNS.contains(&breakdown) {
            return Err(GraphError::param("Param breakdown must be one of country, city, age, gender"));
        }
        if profile.followers < 100 {
            return Err(GraphError::param("follower_demographics needs at least 100 followers"));
        }
    }
    let until = call.number("until")?.unwrap_or(now_ms / 1000);
    let since = call.number("since")?.unwrap_or(until.saturating_sub(86_400));
    if since < INSIGHTS_SINCE_S || since > until || until > i64::from(u32::MAX) {
        return Err(GraphError::param("Param since must not be before 1712991600 or after until"));
    }
    let own = || {
        let all = state.posts.iter().filter(|post| post.entry.user_id == profile.id && !post.entry.deleted);
        all.filter(|post| (since..=until).contains(&(post.entry.created_at_ms / 1000)))
    };
    let data = wanted.iter().map(|metric| {
        let sum: u64 = own().map(|post| value(state, post, metric)).sum();
        let mut shown = json!({"name": metric, "period": "day", "title": title(metric), "description": describe_metric(metric),
            "id": format!("{}/insights/{metric}/day", profile.id)});
        match metric.as_str() {
            "views" => shown["values"] = json!([{"value": sum, "end_time": format!("{}+0000", rfc3339(until * 1000).get(..19).unwrap_or_default())}]),
            "follower_demographics" => {
                let breakdown = call.one("breakdown").unwrap_or_default();
                shown["total_value"] = json!({"breakdowns": [{"dimension_keys": [breakdown], "results": []}]});
            }
            "clicks" => shown["link_total_values"] = json!([]),
            "followers_count" => shown["total_value"] = json!({"value": profile.followers}),
            _ => shown["total_value"] = json!({"value": sum}),
        }
        shown
    });
    let neighbour = |from: i64, to: i64| {
        format!("https://graph.threads.net/v1.0/{}/threads_insights?since={from}&until={to}", profile.id)
    };
    let span = until - since;
    let paging = json!({"previous": neighbour(since - span, since), "next": neighbour(until, until + span)});
    Ok(Json(json!({"data": data.collect::<Vec<_>>(), "paging": paging})).into_response())
}
