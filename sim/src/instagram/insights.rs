//! Numbers of the simulated Instagram (dossier §7): by account and by medium, each kind with its own names, and one wrong name fails all.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::oauth::{Need, account, caller, may};
use super::reading::stamp;
use super::refusal::missing;
use super::state::{Kind, State};
use crate::clock::DAY_MS;
use crate::graph::{Call, GraphError};

const FEED: [&str; 10] = [
    "views",
    "reach",
    "likes",
    "comments",
    "shares",
    "saved",
    "total_interactions",
    "reposts",
    "profile_visits",
    "follows",
];
const REEL: [&str; 12] = [
    "views",
    "reach",
    "likes",
    "comments",
    "shares",
    "saved",
    "total_interactions",
    "reposts",
    "ig_reels_avg_watch_time",
    "ig_reels_video_view_total_time",
    "reels_skip_rate",
    "crossposted_views",
];
const STORY: [&str; 9] = [
    "views",
    "reach",
    "shares",
    "total_interactions",
    "navigation",
    "replies",
    "profile_activity",
    "profile_visits",
    "follows",
];
const DAILY: [&str; 12] = [
    "reach",
    "views",
    "accounts_engaged",
    "total_interactions",
    "likes",
    "comments",
    "shares",
    "saves",
    "replies",
    "reposts",
    "follows_and_unfollows",
    "profile_links_taps",
];
const DEMOGRAPHIC: [&str; 2] = ["follower_demographics", "engaged_audience_demographics"];
const STORY_VIEWERS_MIN: u64 = 5;
const FOLLOWERS_MIN: u64 = 100;
const SPAN_S_MAX: i64 = 30 * 86_400;

fn wanted(call: &Call, known: &[&str]) -> Result<Vec<String>, GraphError> {
    let wanted = call.list("metric");
    match wanted.iter().find(|metric| !known.contains(&metric.as_str())) {
        Some(_) => {
            Err(GraphError::param(&format!("(#100) metric must be one of the following values: {}", known.join(", "))))
        }
        None if wanted.is_empty() => Err(GraphError::param("(#100) The parameter metric is required.")),
        None => Ok(wanted),
    }
}

fn value(state: &State, id: &str, metric: &str) -> u64 {
    state.insights.get(id).and_then(|set| set.get(metric)).copied().unwrap_or(0)
}

/// `GET /{v}/{media}/insights`.
pub(super) fn of_medium(state: &State, id: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let token = may(state, call, now_ms, Need::Insights)?;
    let medium = state.live(id).ok_or_else(|| missing(id))?;
    account(state, &token, &medium.entry.account_id)?;
    let kind = medium.kind.ok_or_else(|| missing(id))?;
    let metrics = wanted(
        call,
        match kind {
            Kind::Image | Kind::Carousel | Kind::Video => &FEED[..],
            Kind::Reel => &REEL[..],
            Kind::ImageStory | Kind::VideoStory => &STORY[..],
        },
    )?;
    if kind.is_story() {
        if now_ms >= medium.entry.created_at_ms + DAY_MS {
            return Err(missing(id));
        }
        if value(state, id, "reach") < STORY_VIEWERS_MIN {
            return Err(GraphError::new(10, "(#10) Not enough viewers for the media to show insights"));
        }
    }
    let data: Vec<Value> = metrics
        .iter()
        .map(|metric| {
            json!({"name": metric, "period": "lifetime", "values": [{"value": value(state, id, metric)}], "title": metric,
                "id": format!("{id}/insights/{metric}/lifetime")})
        })
        .collect();
    Ok(Json(json!({"data": data})).into_response())
}

/// `GET /{v}/{user}/insights`.
pub(super) fn of_account(state: &State, user: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let profile = caller(state, (user, call), now_ms, Need::Insights)?;
    let period = call.needed("period")?;
    if call.list("metric").iter().any(|metric| DEMOGRAPHIC.contains(&metric.as_str())) {
        return demographics(call, (&profile.id, profile.followers), period);
    }
    let metrics = wanted(call, &DAILY)?;
    let is_series = call.one("metric_type") != Some("total_value");
    // All but reach come as one total only.
    if period != "day" || is_series && metrics.iter().any(|metric| metric != "reach") {
        return Err(GraphError::param(
            "(#100) The following metrics should be specified with parameter metric_type=total_value and period=day",
        ));
    }
    let until = call.number("until")?.unwrap_or(now_ms / 1_000);
    let since = call.number("since")?.unwrap_or(until.saturating_sub(86_400));
    if since < 0 || until > i64::from(u32::MAX) || since >= until || until - since > SPAN_S_MAX {
        return Err(GraphError::param("(#100) There cannot be more than 30 days (2592000 s) between since and until"));
    }
    let data: Vec<Value> = metrics
        .iter()
        // Missing is an empty list, not zero.
        .filter(|metric| state.insights.get(&profile.id).is_some_and(|set| set.contains_key(*metric)))
        .map(|metric| {
            let count = value(state, &profile.id, metric);
            let mut shown = json!({"name": metric, "period": "day", "title": metric, "id": format!("{}/insights/{metric}/day", profile.id)});
            if is_series {
                shown["values"] = json!([{"value": count, "end_time": stamp(until * 1_000)}]);
            } else {
                shown["total_value"] = json!({"value": count, "breakdowns": []});
            }
            shown
        })
        .collect();
    Ok(Json(json!({"data": data})).into_response())
}

fn demographics(call: &Call, (id, followers): (&str, u64), period: &str) -> Result<Response, GraphError> {
    let metrics = wanted(call, &DEMOGRAPHIC)?;
    let is_asked_right = period == "lifetime"
        && matches!(call.one("timeframe"), Some("this_week" | "this_month"))
        && matches!(call.one("breakdown"), Some("age" | "city" | "country" | "gender"));
    if !is_asked_right {
        return Err(GraphError::param("(#100) Demographics need period=lifetime, timeframe and breakdown"));
    }
    if followers < FOLLOWERS_MIN {
        return Ok(Json(json!({"data": []})).into_response());
    }
    let breakdown = json!([{"dimension_keys": [call.one("breakdown")], "results": []}]);
    let data: Vec<Value> = metrics
        .iter()
        .map(|metric| {
            json!({"name": metric, "period": "lifetime", "title": metric, "total_value": {"breakdowns": breakdown},
                "id": format!("{id}/insights/{metric}/lifetime")})
        })
        .collect();
    Ok(Json(json!({"data": data})).into_response())
}
