//! `searchAnalytics/query`: reading what is asked for, counting rows, and paging them (dossier google §7).

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

use super::world::{SearchRow, TYPES, World};
use crate::google::body;
use crate::google::options::GscTuning;
use crate::google::problem::{Answered, Problem};
use crate::google::zone;

const ROWS: i64 = 1_000;
const ROWS_MAX: i64 = 25_000;
/// Hours can be asked for so many days back.
const HOURLY_DAYS: i64 = 10;
/// Filters of one request.
const FILTERS_MAX: usize = 40;
const PATTERN_BYTES_MAX: usize = 1 << 20;

const DIMENSIONS: [&str; 7] = ["date", "query", "page", "country", "device", "searchAppearance", "hour"];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Asked {
    start_date: String,
    end_date: String,
    dimensions: Vec<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    search_type: Option<String>,
    dimension_filter_groups: Vec<Group>,
    aggregation_type: Option<String>,
    data_state: Option<String>,
    row_limit: Option<i64>,
    start_row: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Group {
    group_type: String,
    filters: Vec<Filter>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Filter {
    dimension: String,
    operator: String,
    expression: String,
}

/// How far the data is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DataState {
    Final,
    All,
    Hourly,
}

/// What is counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aggregation {
    Property,
    Page,
}

/// A check of one dimension.
struct Check {
    dimension: &'static str,
    is_wanted: bool,
    how: How,
}

enum How {
    Equals(String),
    Contains(String),
    Pattern(Regex),
}

/// A query that passed every check.
struct Plan {
    from: i64,
    to: i64,
    kind: usize,
    dimensions: Vec<&'static str>,
    checks: Vec<Check>,
    aggregation: Aggregation,
    state: DataState,
    limit: usize,
    start: usize,
}

/// Counts of one row.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    clicks: f64,
    impressions: f64,
    places: f64,
}

/// The rows of the last query, for those who page through them.
#[derive(Debug, Default)]
pub(super) struct Last(Option<(String, Arc<Vec<Value>>)>);

/// What the query is asked of.
pub(super) struct Place<'a> {
    pub(super) site: &'a str,
    pub(super) tuning: &'a GscTuning,
    pub(super) now_ms: i64,
}

/// Answers a query.
pub(super) fn answer(world: &mut World, last: &mut Last, place: &Place<'_>, wanted: &Value) -> Answered {
    let plan = plan(wanted, place)?;
    if place.tuning.is_loaded && plan.dimensions.contains(&"page") && plan.dimensions.contains(&"query") {
        return Err(Problem::denied("Search Analytics load quota exceeded. Learn about usage limits: https://developers.google.com/webmaster-tools/v3/limits")
            .reason("quotaExceeded")
            .domain("usageLimits"));
    }
    let key = key(wanted, place);
    let known = last.0.as_ref().filter(|(known, _)| *known == key).map(|(_, rows)| Arc::clone(rows));
    let rows = known.unwrap_or_else(|| Arc::new(rows(world, place, &plan)));
    last.0 = Some((key, Arc::clone(&rows)));
    // Fewer than were asked for says nothing of what comes behind: only an empty answer ends it (§7).
    let limit = plan.limit.min(place.tuning.rows_at_once.unwrap_or(usize::MAX));
    let shown: Vec<Value> = rows.iter().skip(plan.start).take(limit).cloned().collect();
    let word = match (plan.aggregation, place.tuning.upper_case) {
        (Aggregation::Property, false) => "byProperty",
        (Aggregation::Property, true) => "BY_PROPERTY",
        (Aggregation::Page, false) => "byPage",
        (Aggregation::Page, true) => "BY_PAGE",
    };
    let mut answer = json!({"responseAggregationType": word});
    if !shown.is_empty() {
        answer["rows"] = shown.into();
    }
    if let Some(metadata) = metadata(place, &plan) {
        answer["metadata"] = metadata;
    }
    Ok(answer)
}

/// The query without its page, on this very minute's data.
fn key(body: &Value, place: &Place<'_>) -> String {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        for name in ["startRow", "start_row", "rowLimit", "row_limit"] {
            fields.remove(name);
        }
    }
    let GscTuning { final_after_days, missing_days, .. } = place.tuning;
    format!("{} {} {final_after_days} {missing_days} {body}", place.site, place.now_ms / 60_000)
}

fn today(place: &Place<'_>) -> i64 {
    zone::day_at(place.now_ms, &zone::zone(zone::PACIFIC))
}

/// The first day that is not final.
fn first_incomplete(place: &Place<'_>) -> i64 {
    today(place) - place.tuning.final_after_days + 1
}

fn metadata(place: &Place<'_>, plan: &Plan) -> Option<Value> {
    let first = first_incomplete(place);
    match plan.state {
        DataState::All if plan.dimensions.contains(&"date") && plan.to >= first => {
            Some(json!({"firstIncompleteDate": zone::iso(first.max(plan.from))}))
        }
        DataState::Hourly if plan.dimensions.contains(&"hour") && plan.to >= first => {
            Some(json!({"firstIncompleteHour": hour_text(first.max(plan.from), 0)}))
        }
        DataState::Final | DataState::All | DataState::Hourly => None,
    }
}

fn hour_text(day: i64, hour: u8) -> String {
    let zone = zone::zone(zone::PACIFIC);
    let at_ms = zone::midnight_ms(day, &zone) + i64::from(hour) * 3_600_000;
    let hours_behind = (at_ms - zone::local_ms(at_ms, &zone)) / 3_600_000;
    format!("{}T{hour:02}:00:00-{hours_behind:02}:00", zone::iso(day))
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::bad("invalidParameter", message)
}

/// Enums come in lower camel or upper case; both are one word here.
fn word(text: &str) -> String {
    text.replace('_', "").to_lowercase()
}

fn known<'a>(text: &str, names: &[&'a str], what: &str) -> Result<&'a str, Problem> {
    names
        .iter()
        .find(|name| word(name) == word(text))
        .copied()
        .ok_or_else(|| invalid(format!("Invalid value at '{what}', \"{text}\"")))
}

fn plan(wanted: &Value, place: &Place<'_>) -> Result<Plan, Problem> {
    let asked: Asked = body::read(wanted.clone())?;
    let day = |text: &str, what: &str| {
        zone::parse_iso(text)
            .ok_or_else(|| invalid(format!("Invalid value '{text}'. {what} must be a date of the form YYYY-MM-DD.")))
    };
    let (from, to) = (day(&asked.start_date, "startDate")?, day(&asked.end_date, "endDate")?);
    if from > to {
        return Err(invalid("startDate must not be after endDate."));
    }
    let kinds = TYPES.map(|(name, _)| name);
    let kind = known(asked.kind.as_deref().or(asked.search_type.as_deref()).unwrap_or("web"), &kinds, "type")?;
    let is_feed = matches!(kind, "discover" | "googleNews");
    let dimensions =
        asked.dimensions.iter().map(|name| known(name, &DIMENSIONS, "dimensions")).collect::<Result<Vec<_>, _>>()?;
    check_dimensions(&dimensions, is_feed)?;
    let checks = checks(&asked, is_feed)?;
    let state =
        match known(asked.data_state.as_deref().unwrap_or("final"), &["final", "all", "hourlyAll"], "dataState")? {
            "all" => DataState::All,
            "hourlyAll" => DataState::Hourly,
            _ => DataState::Final,
        };
    if (state == DataState::Hourly) != dimensions.contains(&"hour") {
        return Err(invalid("dataState HOURLY_ALL and the dimension HOUR are used together or not at all."));
    }
    if state == DataState::Hourly && from < today(place) - HOURLY_DAYS {
        return Err(invalid(format!("Hourly data is available for the last {HOURLY_DAYS} days.")));
    }
    let names_page = dimensions.contains(&"page") || checks.iter().any(|check| check.dimension == "page");
    let (limit, start) = (asked.row_limit.unwrap_or(ROWS), asked.start_row.unwrap_or(0));
    if !(1..=ROWS_MAX).contains(&limit) {
        return Err(invalid(format!("rowLimit must be between 1 and {ROWS_MAX}.")));
    }
    Ok(Plan {
        from,
        to,
        kind: kinds.iter().position(|name| *name == kind).unwrap_or(0),
        aggregation: aggregation(&asked, names_page, is_feed)?,
        dimensions,
        checks,
        state,
        limit: usize::try_from(limit).unwrap_or(0),
        start: usize::try_from(start).map_err(|_| invalid("startRow must not be negative."))?,
    })
}

fn check_dimensions(dimensions: &[&str], is_feed: bool) -> Result<(), Problem> {
    for (at, name) in dimensions.iter().enumerate() {
        if dimensions.iter().take(at).any(|earlier| earlier == name) {
            return Err(invalid(format!("The dimension {name} is named more than once.")));
        }
    }
    if dimensions.contains(&"searchAppearance") && dimensions.len() > 1 {
        return Err(invalid("SEARCH_APPEARANCE cannot be grouped together with other dimensions."));
    }
    if is_feed && (dimensions.contains(&"query") || dimensions.contains(&"device")) {
        return Err(invalid("Discover and Google News cannot be grouped by query or device."));
    }
    Ok(())
}

fn aggregation(asked: &Asked, names_page: bool, is_feed: bool) -> Result<Aggregation, Problem> {
    const NAMES: [&str; 4] = ["auto", "byPage", "byProperty", "byNewsShowcasePanel"];
    match known(asked.aggregation_type.as_deref().unwrap_or("auto"), &NAMES, "aggregationType")? {
        "byProperty" if names_page => {
            Err(invalid("'BY_PROPERTY' is not a valid aggregation type in the context of the request."))
        }
        "byProperty" if is_feed => {
            Err(invalid("'BY_PROPERTY' is not a valid aggregation type for Discover and Google News."))
        }
        "byNewsShowcasePanel" => {
            Err(invalid("'BY_NEWS_SHOWCASE_PANEL' is not a valid aggregation type in the context of the request."))
        }
        "byPage" => Ok(Aggregation::Page),
        "auto" if names_page || is_feed => Ok(Aggregation::Page),
        _ => Ok(Aggregation::Property),
    }
}

fn checks(asked: &Asked, is_feed: bool) -> Result<Vec<Check>, Problem> {
    const OPERATORS: [&str; 6] = ["equals", "notEquals", "contains", "notContains", "includingRegex", "excludingRegex"];
    const FILTERABLE: [&str; 5] = ["query", "page", "country", "device", "searchAppearance"];
    let filters: Vec<&Filter> = asked.dimension_filter_groups.iter().flat_map(|group| &group.filters).collect();
    if filters.len() > FILTERS_MAX {
        return Err(invalid("There are too many filters."));
    }
    for group in asked.dimension_filter_groups.iter().filter(|group| !group.group_type.is_empty()) {
        known(&group.group_type, &["and"], "dimensionFilterGroups.groupType")?;
    }
    let check = |filter: &&Filter| {
        let dimension = known(&filter.dimension, &FILTERABLE, "dimensionFilterGroups.filters.dimension")?;
        if is_feed && dimension == "query" {
            return Err(invalid("Discover and Google News cannot be filtered by query."));
        }
        let name = if filter.operator.is_empty() { "equals" } else { &filter.operator };
        let operator = known(name, &OPERATORS, "dimensionFilterGroups.filters.operator")?;
        let how = match operator {
            "equals" | "notEquals" => How::Equals(filter.expression.clone()),
            "contains" | "notContains" => How::Contains(filter.expression.to_lowercase()),
            _ => {
                let built = RegexBuilder::new(&filter.expression).size_limit(PATTERN_BYTES_MAX).build();
                How::Pattern(
                    built.map_err(|_| invalid(format!("Invalid regular expression '{}'.", filter.expression)))?,
                )
            }
        };
        Ok(Check { dimension, is_wanted: matches!(operator, "equals" | "contains" | "includingRegex"), how })
    };
    filters.iter().map(check).collect()
}

impl Check {
    fn holds(&self, row: &SearchRow) -> bool {
        // What is withheld fits no filter, not even one that excludes.
        let Some(value) = value(row, self.dimension) else { return false };
        let found = match &self.how {
            // Countries and devices are enums: their case does not count.
            How::Equals(wanted) if matches!(self.dimension, "country" | "device") => value.eq_ignore_ascii_case(wanted),
            How::Equals(wanted) => value == *wanted,
            How::Contains(wanted) => value.to_lowercase().contains(wanted),
            How::Pattern(pattern) => pattern.is_match(&value),
        };
        found == self.is_wanted
    }
}

fn value(row: &SearchRow, dimension: &str) -> Option<String> {
    match dimension {
        "date" => Some(row.date.clone()),
        "query" => row.query.clone(),
        "page" => Some(row.page.clone()),
        "country" => Some(row.country.clone()),
        "device" => Some(row.device.clone()),
        "searchAppearance" => row.appearance.clone(),
        _ => zone::parse_iso(&row.date).map(|day| hour_text(day, row.hour)),
    }
}

/// How much of a day is there already, of a hundred.
fn progress(place: &Place<'_>, day: i64) -> u64 {
    match today(place) - day {
        i64::MIN..=-1 => 0,
        0 => 20,
        1 => 60,
        _ if day >= first_incomplete(place) => 90,
        _ => 100,
    }
}

/// What can be seen of a day.
pub(super) fn visible(world: &mut World, place: &Place<'_>, (day, kind): (i64, usize)) -> Vec<SearchRow> {
    let progress = progress(place, day);
    let found = world.day(day, kind);
    let mut rows: Vec<SearchRow> =
        found.iter().filter(|found| found.lateness < progress).map(|found| found.said(day, kind)).collect();
    rows.extend(world.planted(day, kind).into_iter().filter(|_| progress > 0));
    rows.retain(|row| is_of_site(place.site, &row.page));
    rows
}

/// Whether an address belongs to a property.
pub(super) fn is_of_site(site: &str, page: &str) -> bool {
    let Some(domain) = site.strip_prefix("sc-domain:") else { return page.starts_with(site) };
    let host = url::Url::parse(page).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host == domain || host.ends_with(&format!(".{domain}"))
}

fn rows(world: &mut World, place: &Place<'_>, plan: &Plan) -> Vec<Value> {
    let last = match plan.state {
        DataState::Final => first_incomplete(place) - 1,
        DataState::All | DataState::Hourly => today(place) - place.tuning.missing_days,
    };
    let oldest = today(place) - super::world::HISTORY_DAYS;
    let mut grouped: BTreeMap<Vec<String>, Counts> = BTreeMap::new();
    for day in plan.from.max(oldest)..=plan.to.min(last) {
        for row in visible(world, place, (day, plan.kind)) {
            if !plan.checks.iter().all(|check| check.holds(&row)) {
                continue;
            }
            let keys: Option<Vec<String>> = plan.dimensions.iter().map(|name| value(&row, name)).collect();
            if let Some(keys) = keys {
                count(grouped.entry(keys).or_default(), &row, plan.aggregation);
            }
        }
    }
    let mut rows: Vec<(Vec<String>, Counts)> =
        grouped.into_iter().filter(|(_, counts)| counts.impressions > 0.0 || counts.clicks > 0.0).collect();
    let by_time = plan.dimensions.iter().any(|name| matches!(*name, "date" | "hour"));
    if !by_time {
        rows.sort_by(|(_, a), (_, b)| b.clicks.total_cmp(&a.clicks).then(b.impressions.total_cmp(&a.impressions)));
    }
    let has_places = !matches!(TYPES.get(plan.kind), Some(("discover" | "googleNews", _)));
    rows.iter().map(|(keys, counts)| render(keys, counts, has_places)).collect()
}

fn count(counts: &mut Counts, row: &SearchRow, aggregation: Aggregation) {
    counts.clicks += f64::from(row.clicks);
    if row.is_second && aggregation == Aggregation::Property {
        return;
    }
    counts.impressions += f64::from(row.impressions);
    counts.places += f64::from(row.position) * f64::from(row.impressions);
}

fn render(keys: &[String], counts: &Counts, has_places: bool) -> Value {
    let ratio = |part: f64| if counts.impressions == 0.0 { 0.0 } else { part / counts.impressions };
    let mut row = json!({"clicks": counts.clicks, "impressions": counts.impressions, "ctr": ratio(counts.clicks)});
    if !keys.is_empty() {
        row["keys"] = json!(keys);
    }
    if has_places {
        row["position"] = ratio(counts.places).into();
    }
    row
}
