//! YouTube Analytics: `reports.query` for the reports that the service is known to make, and a refusal for every other
//! combination (dossier google §5).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::views::View;
use super::{own_channel, pairs};
use crate::clock::civil_from_days;
use crate::form::Form;
use crate::google::problem::{Answered, Problem};
use crate::google::state::State;
use crate::google::{Caller, Google, scopes, zone};

const SCOPES: [&str; 4] = ["yt-analytics.readonly", "yt-analytics-monetary.readonly", "youtube", "youtube.readonly"];
const MONETARY: [&str; 1] = ["yt-analytics-monetary.readonly"];
const SERVICE: &str = "youtubeanalytics.googleapis.com";
const VIDEOS_MAX: usize = 200;
const DETAILS_MAX: usize = 25;
const FILTER_IDS_MAX: usize = 500;

/// Metric, type, whether it is money.
const METRICS: [(&str, &str); 17] = [
    ("views", "INTEGER"),
    ("engagedViews", "INTEGER"),
    ("estimatedMinutesWatched", "INTEGER"),
    ("averageViewDuration", "INTEGER"),
    ("averageViewPercentage", "FLOAT"),
    ("likes", "INTEGER"),
    ("dislikes", "INTEGER"),
    ("comments", "INTEGER"),
    ("shares", "INTEGER"),
    ("subscribersGained", "INTEGER"),
    ("subscribersLost", "INTEGER"),
    ("estimatedRevenue", "FLOAT"),
    ("viewerPercentage", "FLOAT"),
    ("audienceWatchRatio", "FLOAT"),
    ("relativeRetentionPerformance", "FLOAT"),
    ("videosAddedToPlaylists", "INTEGER"),
    ("videosRemovedFromPlaylists", "INTEGER"),
];
const CORE: [&str; 14] = [
    "views",
    "engagedViews",
    "estimatedMinutesWatched",
    "averageViewDuration",
    "averageViewPercentage",
    "likes",
    "dislikes",
    "comments",
    "shares",
    "subscribersGained",
    "subscribersLost",
    "estimatedRevenue",
    "videosAddedToPlaylists",
    "videosRemovedFromPlaylists",
];
const WATCHED: [&str; 5] =
    ["views", "engagedViews", "estimatedMinutesWatched", "averageViewDuration", "averageViewPercentage"];
const FILTERS: [&str; 7] =
    ["video", "country", "province", "insightTrafficSourceType", "deviceType", "operatingSystem", "creatorContentType"];

/// A report that passed every check.
struct Plan {
    channel: String,
    from: i64,
    to: i64,
    metrics: Vec<String>,
    dimensions: Vec<String>,
    filters: BTreeMap<String, Vec<String>>,
    sort: Vec<(String, bool)>,
    max: usize,
    start: usize,
}

fn unsupported() -> Problem {
    Problem::bad(
        "badRequest",
        "The query is not supported. Check the documentation at https://developers.google.com/youtube/analytics/v2/available_reports for supported queries.",
    )
}

fn wrong(name: &str, value: &str) -> Problem {
    Problem::bad("badRequest", format!("Invalid value '{value}' for field parameters.{name}."))
}

/// `GET /v2/reports`.
pub(super) async fn report(
    Shared(google): Shared<Arc<Google>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query);
    google.answer(&headers, (SERVICE, &SCOPES), |state, caller| {
        let plan = plan(&query, caller)?;
        super::settle(state, caller.now_ms)?;
        make(state, &plan, caller.now_ms)
    })
}

fn words(query: &Form, name: &str) -> Vec<String> {
    query.list(name).into_iter().map(str::to_owned).collect()
}

fn plan(query: &Form, caller: &Caller) -> Result<Plan, Problem> {
    let needed =
        |name: &str| query.one(name).ok_or_else(|| Problem::bad("required", format!("Required parameter: {name}")));
    let day = |name: &str| needed(name).and_then(|text| zone::parse_iso(text).ok_or_else(|| wrong(name, text)));
    let (from, to) = (day("startDate")?, day("endDate")?);
    if from > to {
        return Err(wrong("endDate", &zone::iso(to)));
    }
    let metrics: Vec<String> = needed("metrics")?.split(',').map(str::to_owned).collect();
    if let Some(unknown) = metrics.iter().find(|name| !METRICS.iter().any(|(known, _)| known == name)) {
        return Err(Problem::bad(
            "badRequest",
            format!("Unknown identifier ({unknown}) given in field parameters.metrics."),
        ));
    }
    if metrics.iter().any(|name| name == "estimatedRevenue") && !scopes::suffice(&caller.scopes, &MONETARY) {
        return Err(Problem::denied("Insufficient permission to access this report.").reason("forbidden"));
    }
    let dimensions = words(query, "dimensions");
    let number =
        |name: &str| query.one(name).map(|text| text.parse::<usize>().map_err(|_| wrong(name, text))).transpose();
    let (max, start) = (number("maxResults")?, number("startIndex")?);
    if start == Some(0) || max == Some(0) {
        return Err(wrong("startIndex", "0"));
    }
    let plan = Plan {
        channel: channel(needed("ids")?, caller)?,
        from,
        to,
        filters: filters(query)?,
        sort: sort(query, &metrics, &dimensions)?,
        metrics,
        dimensions,
        max: max.unwrap_or(usize::MAX),
        start: start.unwrap_or(1) - 1,
    };
    check_report(&plan)?;
    Ok(plan)
}

fn channel(ids: &str, caller: &Caller) -> Result<String, Problem> {
    let wanted = ids.strip_prefix("channel==").ok_or_else(|| wrong("ids", ids))?;
    let own = own_channel(caller).filter(|own| wanted == "MINE" || wanted == own.id);
    own.map(|own| own.id.clone()).ok_or_else(|| Problem::denied("Forbidden").reason("forbidden"))
}

fn filters(query: &Form) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let text = query.one("filters").unwrap_or_default();
    let mut filters = BTreeMap::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (name, values) = part.split_once("==").ok_or_else(|| wrong("filters", part))?;
        let values: Vec<String> = values.split(',').map(str::to_owned).collect();
        if !FILTERS.contains(&name) || values.len() > FILTER_IDS_MAX || values.iter().any(String::is_empty) {
            return Err(wrong("filters", part));
        }
        filters.insert(name.to_owned(), values);
    }
    Ok(filters)
}

fn sort(query: &Form, metrics: &[String], dimensions: &[String]) -> Result<Vec<(String, bool)>, Problem> {
    words(query, "sort")
        .into_iter()
        .map(|text| {
            let (name, is_down) = text.strip_prefix('-').map_or((text.as_str(), false), |name| (name, true));
            let is_known = metrics.iter().chain(dimensions).any(|known| known == name);
            if is_known { Ok((name.to_owned(), is_down)) } else { Err(wrong("sort", &text)) }
        })
        .collect()
}

/// Only what is known to be served: everything else is refused.
fn check_report(plan: &Plan) -> Result<(), Problem> {
    let dimensions: Vec<&str> = plan.dimensions.iter().map(String::as_str).collect();
    let only = |known: &[&str]| plan.metrics.iter().all(|name| known.contains(&name.as_str()));
    let filter = |name: &str| plan.filters.get(name).map(Vec::as_slice).unwrap_or_default();
    let is_sorted_down = plan.sort.first().is_some_and(|(name, is_down)| *is_down && plan.metrics.contains(name));
    let is_fine = match dimensions.as_slice() {
        [] | ["day"] | ["creatorContentType"] | ["country"] | ["day", "creatorContentType"] => only(&CORE),
        ["month"] => only(&CORE) && is_whole_months(plan),
        ["video"] => only(&CORE) && is_sorted_down && plan.max <= VIDEOS_MAX,
        ["province"] => only(&WATCHED) && filter("country") == ["US"],
        ["ageGroup"] | ["gender"] | ["ageGroup", "gender"] | ["gender", "ageGroup"] => only(&["viewerPercentage"]),
        ["insightTrafficSourceType"] | ["day", "insightTrafficSourceType"] => only(&WATCHED),
        ["insightTrafficSourceDetail"] => {
            only(&WATCHED) && filter("insightTrafficSourceType").len() == 1 && is_sorted_down && plan.max <= DETAILS_MAX
        }
        ["deviceType"]
        | ["operatingSystem"]
        | ["deviceType", "operatingSystem"]
        | ["day", "deviceType"]
        | ["day", "operatingSystem"] => only(&WATCHED),
        ["elapsedVideoTimeRatio"] => {
            only(&["audienceWatchRatio", "relativeRetentionPerformance"]) && filter("video").len() == 1
        }
        _ => false,
    };
    if is_fine { Ok(()) } else { Err(unsupported()) }
}

/// From the first of a month to the last or the first of one.
fn is_whole_months(plan: &Plan) -> bool {
    let of_month = |day: i64| civil_from_days(day).2;
    of_month(plan.from) == 1 && (of_month(plan.to + 1) == 1 || of_month(plan.to) == 1)
}

/// Counts of one row.
#[derive(Clone, Debug, Default)]
struct Counts {
    views: u64,
    engaged: u64,
    watched_s: u64,
    watched_percent: f64,
    likes: u64,
    comments: u64,
    shares: u64,
    gained: u64,
    lost: u64,
}

impl Counts {
    fn add(&mut self, view: &View) {
        self.views += 1;
        self.engaged += u64::from(view.watched_s >= 10);
        self.watched_s += view.watched_s;
        self.watched_percent += share(view.watched_s, view.duration_s) * 100.0;
        self.likes += u64::from(view.liked);
        self.comments += u64::from(view.commented);
        self.shares += u64::from(view.shared);
        self.gained += u64::from(view.subscribed);
        self.lost += u64::from(view.unsubscribed);
    }

    fn metric(&self, name: &str) -> Value {
        let hundredths = |value: f64| (value * 100.0).round() / 100.0;
        match name {
            "views" => self.views.into(),
            "engagedViews" => self.engaged.into(),
            "estimatedMinutesWatched" => (self.watched_s / 60).into(),
            "averageViewDuration" => self.watched_s.checked_div(self.views).unwrap_or(0).into(),
            "averageViewPercentage" => hundredths(self.watched_percent * share(1, self.views)).into(),
            "likes" => self.likes.into(),
            "comments" => self.comments.into(),
            "shares" => self.shares.into(),
            "subscribersGained" => self.gained.into(),
            "subscribersLost" => self.lost.into(),
            "estimatedRevenue" => hundredths(share(self.views, 500)).into(),
            _ => 0.into(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a simulation are far below 2^53")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn dimension(view: &View, name: &str) -> Option<String> {
    match name {
        "day" => Some(view.date.clone()),
        "month" => view.date.get(..7).map(str::to_owned),
        "video" => Some(view.video.clone()),
        "country" => Some(view.country.clone()),
        "province" => view.province.clone(),
        "insightTrafficSourceType" => Some(view.source.clone()),
        "insightTrafficSourceDetail" => view.source_detail.clone(),
        "deviceType" => Some(view.device.clone()),
        "operatingSystem" => Some(view.os.clone()),
        "creatorContentType" => Some(view.format.clone()),
        "ageGroup" => view.age.clone(),
        "gender" => view.gender.clone(),
        _ => None,
    }
}

fn make(state: &State, plan: &Plan, now_ms: i64) -> Answered {
    let last = zone::day_at(now_ms, &zone::zone(zone::PACIFIC)) - state.options.tuning.youtube.missing_days;
    let days = (zone::iso(plan.from), zone::iso(plan.to.min(last)));
    let mut views = state.youtube.views(&plan.channel, (&days.0, &days.1), now_ms);
    for (name, wanted) in &plan.filters {
        views.retain(|view| dimension(view, name).is_some_and(|value| wanted.contains(&value)));
    }
    let is_about_people = plan.dimensions.iter().any(|name| matches!(name.as_str(), "ageGroup" | "gender"));
    let least = state.options.tuning.youtube.demographics_views_min;
    let rows = match plan.dimensions.first().map(String::as_str) {
        _ if is_about_people && (views.len() as u64) < least => Vec::new(),
        _ if is_about_people => people(plan, &views),
        Some("elapsedVideoTimeRatio") => retention(plan, &views),
        _ => counted(plan, &views),
    };
    let header = |name: &String, kind: &str, data: &str| json!({"name": name, "columnType": kind, "dataType": data});
    let of_dimension =
        |name: &String| header(name, "DIMENSION", if name == "elapsedVideoTimeRatio" { "FLOAT" } else { "STRING" });
    let of_metric = |name: &String| {
        let data = METRICS.iter().find(|(known, _)| known == name).map_or("INTEGER", |(_, data)| data);
        header(name, "METRIC", data)
    };
    let headers: Vec<Value> =
        plan.dimensions.iter().map(of_dimension).chain(plan.metrics.iter().map(of_metric)).collect();
    let mut answer = json!({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers});
    let rows: Vec<Value> = sorted(plan, rows).into_iter().skip(plan.start).take(plan.max).map(Value::from).collect();
    if !rows.is_empty() {
        answer["rows"] = rows.into();
    }
    Ok(answer)
}

fn counted(plan: &Plan, views: &[View]) -> Vec<Vec<Value>> {
    let mut grouped: BTreeMap<Vec<String>, Counts> = BTreeMap::new();
    for view in views {
        let keys: Option<Vec<String>> = plan.dimensions.iter().map(|name| dimension(view, name)).collect();
        if let Some(keys) = keys {
            grouped.entry(keys).or_default().add(view);
        }
    }
    let row = |(keys, counts): (Vec<String>, Counts)| {
        keys.into_iter().map(Value::from).chain(plan.metrics.iter().map(|name| counts.metric(name))).collect()
    };
    grouped.into_iter().map(row).collect()
}

/// Shares of those who are known, in percent.
fn people(plan: &Plan, views: &[View]) -> Vec<Vec<Value>> {
    let mut grouped: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for view in views {
        let keys: Option<Vec<String>> = plan.dimensions.iter().map(|name| dimension(view, name)).collect();
        if let Some(keys) = keys {
            *grouped.entry(keys).or_default() += 1;
        }
    }
    let known: u64 = grouped.values().sum();
    let percent = |count: u64| (share(count, known) * 1_000.0).round() / 10.0;
    let row = |(keys, count): (Vec<String>, u64)| {
        keys.into_iter().map(Value::from).chain([Value::from(percent(count))]).collect()
    };
    grouped.into_iter().map(row).collect()
}

/// How many were still there after each hundredth of the video.
fn retention(plan: &Plan, views: &[View]) -> Vec<Vec<Value>> {
    if views.is_empty() {
        return Vec::new();
    }
    let row = |hundredth: u64| {
        let stayed = views.iter().filter(|view| view.watched_s * 100 >= view.duration_s * hundredth).count() as u64;
        let ratio = (share(stayed, views.len() as u64) * 10_000.0).round() / 10_000.0;
        let metric = |name: &String| Value::from(if name == "audienceWatchRatio" { ratio } else { 0.5 });
        [Value::from(share(hundredth, 100))].into_iter().chain(plan.metrics.iter().map(metric)).collect()
    };
    (1..=100).map(row).collect()
}

fn sorted(plan: &Plan, mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let names: Vec<&String> = plan.dimensions.iter().chain(&plan.metrics).collect();
    rows.sort_by(|a, b| {
        for (name, is_down) in &plan.sort {
            let at = names.iter().position(|known| *known == name).unwrap_or(0);
            let order = match (a.get(at), b.get(at)) {
                (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(b),
                (a, b) => {
                    let number = |value: Option<&Value>| value.and_then(Value::as_f64).unwrap_or(0.0);
                    number(a).total_cmp(&number(b))
                }
            };
            let order = if *is_down { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        std::cmp::Ordering::Equal
    });
    rows
}
