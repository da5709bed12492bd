//! Making a report: every event of the range is looked at, grouped by its dimensions and counted; then rows are
//! filtered, withheld, folded, ordered and cut as the service does it (dossier google §6.2).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::names::Hit;
use super::plan::{How, Kind, Order, Plan, Range};
use super::tally::Tally;
use super::world::{Event, PROPERTIES, Property, Visit, World, mix};
use crate::clock::DAY_MS;
use crate::google::options::Ga4Tuning;

/// The spans of `active1DayUsers` and its sisters.
const SPANS: [i64; 3] = [1, 7, 28];
const MINUTE_MS: i64 = 60_000;

type Rows = BTreeMap<Vec<String>, Tally>;

/// Where and when a report is made.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) at: usize,
    pub(super) property: &'a Property,
    pub(super) tuning: &'a Ga4Tuning,
    pub(super) now_ms: i64,
}

/// A row with its values.
struct Row {
    keys: Vec<String>,
    tally: Tally,
    values: Vec<f64>,
}

/// The answer, without quota.
pub(super) fn make(world: &mut World, place: Place<'_>, plan: &Plan) -> Value {
    let is_thresholded = place.tuning.is_thresholded || plan.is_about_persons();
    let mut rows = Vec::new();
    let mut samples = Vec::new();
    let mut has_withheld = false;
    for range in &plan.ranges {
        let (mut grouped, sample) = group(world, place, plan, range);
        samples.push(sample);
        if is_thresholded {
            let before = grouped.len();
            grouped.retain(|_, tally| tally.users.len() >= place.tuning.threshold_users);
            has_withheld |= grouped.len() < before;
        }
        if plan.ranges.len() > 1 {
            grouped =
                grouped.into_iter().map(|(keys, tally)| ([keys, vec![range.name.clone()]].concat(), tally)).collect();
        }
        rows.extend(grouped);
    }
    let mut rows: Vec<Row> = rows.into_iter().map(|(keys, tally)| row(place, plan, keys, tally)).collect();
    rows.retain(|row| is_kept(place, plan, row));
    sort(plan, &mut rows);
    let has_other = fold(place, plan, &mut rows);
    let zone = place.tuning.moved_to.as_deref().unwrap_or(place.property.zone_name);
    let mut metadata = json!({"currencyCode": place.property.currency, "timeZone": zone});
    if let Some(reason) = place.tuning.empty_reason.as_ref().filter(|_| rows.is_empty()) {
        metadata["emptyReason"] = reason.as_str().into();
    }
    if is_thresholded && has_withheld {
        metadata["subjectToThresholding"] = true.into();
    }
    if has_other {
        metadata["dataLossFromOtherRow"] = true.into();
    }
    if place.tuning.sampled_percent.is_some() {
        metadata["samplingMetadatas"] = samples
            .iter()
            .map(|(read, whole)| json!({"samplesReadCount": read.to_string(), "samplingSpaceSize": whole.to_string()}))
            .collect();
    }
    render(place, plan, &rows, metadata)
}

/// Reads the events of a range; also how many were read of how many.
fn group(world: &mut World, place: Place<'_>, plan: &Plan, range: &Range) -> (Rows, (u64, u64)) {
    let mut rows = Rows::new();
    let (mut read, mut whole) = (0, 0);
    if place.tuning.is_empty {
        return (rows, (0, 0));
    }
    let looks_back = plan.metrics.iter().any(|metric| metric.looks_back());
    let reach = if looks_back { SPANS[2] } else { 1 };
    let (zone, until_ms) = (world.zone(place.at), place.now_ms - place.tuning.lag_ms);
    let days = match plan.kind {
        Kind::Core => (range.from - reach, range.to),
        Kind::Realtime => {
            let today = crate::google::zone::day_at(place.now_ms, &zone);
            (today - 1, today)
        }
    };
    for shelf in world.shelves(place.at, days) {
        for visit in shelf.iter().filter(|visit| visit.start_ms <= until_ms) {
            whole += visit.events.len() as u64;
            if place.tuning.sampled_percent.is_some_and(|percent| mix(&[visit.session, 77]) % 100 >= percent) {
                continue;
            }
            read += visit.events.len() as u64;
            for event in &visit.events {
                let hit = hit(place, visit, event, range);
                count(plan, range, &hit, (looks_back, &mut rows));
            }
        }
    }
    (rows, (read, whole))
}

fn hit<'a>(place: Place<'a>, visit: &'a Visit, event: &'a Event, range: &Range) -> Hit<'a> {
    let began_ms = visit.events.first().map_or(0, |first| first.local_ms);
    let at_ms = visit.start_ms + event.local_ms - began_ms;
    Hit {
        property: place.property,
        visit,
        event,
        day: event.local_ms.div_euclid(DAY_MS),
        begin: range.from,
        minutes_ago: (place.now_ms - at_ms).div_euclid(MINUTE_MS),
    }
}

fn keys(plan: &Plan, hit: &Hit<'_>) -> Vec<String> {
    plan.dimensions.iter().map(|dimension| (dimension.read)(hit)).collect()
}

fn count(plan: &Plan, range: &Range, hit: &Hit<'_>, (looks_back, rows): (bool, &mut Rows)) {
    let is_in = match plan.kind {
        Kind::Core => (range.from..=range.to).contains(&hit.day),
        Kind::Realtime => (range.to..=range.from).contains(&hit.minutes_ago),
    };
    if !is_in && !looks_back {
        return;
    }
    if let Some(test) = &plan.dimension_filter
        && !test.holds(&|dimension| (dimension.read)(hit))
    {
        return;
    }
    if is_in {
        rows.entry(keys(plan, hit)).or_default().add(hit);
    }
    if !looks_back || !hit.visit.is_active {
        return;
    }
    let has_time = plan.dimensions.iter().any(|dimension| dimension.is_time());
    for (at, span) in SPANS.into_iter().enumerate() {
        let last = (hit.day + span - 1).min(range.to);
        if has_time {
            for day in hit.day.max(range.from)..=last {
                let shifted = Hit { day, ..*hit };
                rows.entry(keys(plan, &shifted)).or_default().add_back(at, hit.visit.user);
            }
        } else if hit.day <= range.to && hit.day > range.to - span {
            rows.entry(keys(plan, hit)).or_default().add_back(at, hit.visit.user);
        }
    }
}

fn row(place: Place<'_>, plan: &Plan, keys: Vec<String>, tally: Tally) -> Row {
    let values = values(place, plan, &tally);
    Row { keys, tally, values }
}

fn values(place: Place<'_>, plan: &Plan, tally: &Tally) -> Vec<f64> {
    plan.metrics.iter().map(|metric| value(place, metric, tally)).collect()
}

fn value(place: Place<'_>, metric: &super::names::Metric, tally: &Tally) -> f64 {
    let exact = (metric.read)(tally);
    let value = match place.tuning.sampled_percent {
        Some(percent) if !metric.is_ratio && percent > 0 => {
            (exact * 100.0 / Tally::count(usize::try_from(percent).unwrap_or(100))).round()
        }
        _ => exact,
    };
    if place.tuning.revenue_blocked && metric.is_revenue() { 0.0 } else { value }
}

fn is_kept(place: Place<'_>, plan: &Plan, row: &Row) -> bool {
    let is_empty = !plan.metrics.is_empty() && row.values.iter().all(|value| *value == 0.0);
    if is_empty && !plan.keeps_empty {
        return false;
    }
    let passes = |test: &super::filter::Test<&'static super::names::Metric>| {
        test.holds(&|metric| number(value(place, metric, &row.tally)))
    };
    plan.metric_filter.as_ref().is_none_or(passes)
}

fn sort(plan: &Plan, rows: &mut [Row]) {
    let key = |row: &Row, at: usize| row.keys.get(at).cloned().unwrap_or_default();
    let value = |row: &Row, at: usize| row.values.get(at).copied().unwrap_or(0.0);
    let turned = |order: Ordering, is_down: bool| if is_down { order.reverse() } else { order };
    let one = |order: &Order, a: &Row, b: &Row| match *order {
        Order::Metric { at, is_down } => turned(value(a, at).total_cmp(&value(b, at)), is_down),
        Order::Dimension { at, how, is_down } => {
            let (a, b) = (key(a, at), key(b, at));
            let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NEG_INFINITY);
            let order = match how {
                How::Plain => a.cmp(&b),
                How::Folded => a.to_lowercase().cmp(&b.to_lowercase()),
                How::Numeric => number(&a).total_cmp(&number(&b)),
            };
            turned(order, is_down)
        }
    };
    // Unasked, rows come by their first metric, the largest first.
    let unasked = [Order::Metric { at: 0, is_down: true }];
    let orders = if plan.orders.is_empty() { &unasked[..] } else { &plan.orders };
    rows.sort_by(|a, b| {
        let asked = orders.iter().map(|order| one(order, a, b)).find(|order| order.is_ne());
        // What is not asked for comes in no order: on each page in another one.
        let page = plan.offset.checked_div(plan.limit).unwrap_or(0);
        asked.unwrap_or_else(|| if page.is_multiple_of(2) { a.keys.cmp(&b.keys) } else { b.keys.cmp(&a.keys) })
    });
}

/// Folds what is too much into `(other)`.
fn fold(place: Place<'_>, plan: &Plan, rows: &mut Vec<Row>) -> bool {
    let Some(max) = place.tuning.rows_before_other.filter(|max| rows.len() > *max && !plan.dimensions.is_empty())
    else {
        return false;
    };
    let mut others: BTreeMap<Vec<String>, Tally> = BTreeMap::new();
    for row in rows.drain(max..) {
        let folded = plan.dimensions.iter().map(|_| "(other)".to_owned());
        let of_range = row.keys.get(plan.dimensions.len()..).unwrap_or_default().to_vec();
        others.entry(folded.chain(of_range).collect()).or_default().join(&row.tally);
    }
    rows.extend(others.into_iter().map(|(keys, tally)| self::row(place, plan, keys, tally)));
    true
}

/// A figure as the API writes it.
fn number(value: f64) -> String {
    format!("{value}")
}

fn rendered(keys: &[String], values: &[f64]) -> Value {
    let value = |text: String| json!({"value": text});
    let mut row = json!({"metricValues": values.iter().map(|figure| value(number(*figure))).collect::<Vec<_>>()});
    if !keys.is_empty() {
        row["dimensionValues"] = keys.iter().map(|key| value(key.clone())).collect();
    }
    if values.is_empty()
        && let Some(fields) = row.as_object_mut()
    {
        fields.remove("metricValues");
    }
    row
}

fn render(place: Place<'_>, plan: &Plan, rows: &[Row], metadata: Value) -> Value {
    let kind = match plan.kind {
        Kind::Core => "analyticsData#runReport",
        Kind::Realtime => "analyticsData#runRealtimeReport",
    };
    let mut answer = json!({"kind": kind});
    let has_ranges = plan.ranges.len() > 1;
    let mut headers: Vec<Value> = plan.dimension_names.iter().map(|name| json!({"name": name})).collect();
    headers.extend(has_ranges.then(|| json!({"name": "dateRange"})));
    if !headers.is_empty() {
        answer["dimensionHeaders"] = headers.into();
    }
    let header = |(name, metric): (&String, &&super::names::Metric)| json!({"name": name, "type": metric.kind});
    let headers: Vec<Value> = plan.metric_names.iter().zip(&plan.metrics).map(header).collect();
    if !headers.is_empty() {
        answer["metricHeaders"] = headers.into();
    }
    let shown: Vec<Value> =
        rows.iter().skip(plan.offset).take(plan.limit).map(|row| rendered(&row.keys, &row.values)).collect();
    if !shown.is_empty() {
        answer["rows"] = shown.into();
    }
    if !rows.is_empty() {
        answer["rowCount"] = rows.len().into();
        for (wanted, word, mark) in [
            ("TOTAL", "totals", "RESERVED_TOTAL"),
            ("MAXIMUM", "maximums", "RESERVED_MAX"),
            ("MINIMUM", "minimums", "RESERVED_MIN"),
        ] {
            if plan.aggregations.iter().any(|asked| asked == wanted) {
                answer[word] = aggregates(place, plan, rows, (wanted, mark)).into();
            }
        }
    }
    if plan.kind == Kind::Core {
        answer["metadata"] = metadata;
    }
    answer
}

/// One row per range: totals know users apart that are in several rows.
fn aggregates(place: Place<'_>, plan: &Plan, rows: &[Row], (wanted, mark): (&str, &str)) -> Vec<Value> {
    let has_ranges = plan.ranges.len() > 1;
    plan.ranges
        .iter()
        .map(|range| {
            let mine = || rows.iter().filter(|row| !has_ranges || row.keys.last() == Some(&range.name));
            let column = |at: usize| mine().filter_map(move |row| row.values.get(at).copied());
            let figures: Vec<f64> = match wanted {
                "TOTAL" => {
                    let mut all = Tally::default();
                    mine().for_each(|row| all.join(&row.tally));
                    values(place, plan, &all)
                }
                "MAXIMUM" => (0..plan.metrics.len()).map(|at| column(at).fold(0.0, f64::max)).collect(),
                _ => (0..plan.metrics.len()).map(|at| column(at).reduce(f64::min).unwrap_or(0.0)).collect(),
            };
            let mut keys = vec![mark.to_owned(); plan.dimensions.len()];
            keys.extend(has_ranges.then(|| range.name.clone()));
            rendered(&keys, &figures)
        })
        .collect()
}

/// The property with this number.
pub(super) fn property(id: &str) -> Option<usize> {
    PROPERTIES.iter().position(|property| property.id == id)
}
