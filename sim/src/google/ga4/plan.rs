//! A report that was asked for, checked against everything the service refuses, before a single row is read.

use super::filter::Test;
use super::names::{self, Dimension, Metric, Scope, Where};
use super::request::{self, Asked, AskedName, Whole};
use crate::google::problem::Problem;
use crate::google::zone::parse_iso;

const DIMENSIONS_MAX: usize = 9;
const METRICS_MAX: usize = 10;
const RANGES_MAX: usize = 4;
const MINUTE_RANGES_MAX: usize = 2;
/// Minutes that Realtime remembers in a standard property.
const MINUTES: i64 = 29;
/// Rows without a limit, and at most.
const ROWS: usize = 10_000;
const ROWS_MAX: usize = 250_000;
/// The service has no data before this day.
const FIRST_DAY: &str = "2015-08-14";

/// Which of the two kinds of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Core,
    Realtime,
}

/// Days, or minutes ago.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) name: String,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// How rows are ordered.
pub(super) enum Order {
    Metric { at: usize, is_down: bool },
    Dimension { at: usize, how: How, is_down: bool },
}

/// How values of a dimension compare.
#[derive(Clone, Copy)]
pub(super) enum How {
    Plain,
    Folded,
    Numeric,
}

/// A report, ready to be made.
pub(super) struct Plan {
    pub(super) kind: Kind,
    /// As they were asked for, old names included.
    pub(super) dimension_names: Vec<String>,
    pub(super) dimensions: Vec<&'static Dimension>,
    pub(super) metric_names: Vec<String>,
    pub(super) metrics: Vec<&'static Metric>,
    pub(super) ranges: Vec<Range>,
    pub(super) dimension_filter: Option<Test<&'static Dimension>>,
    pub(super) metric_filter: Option<Test<&'static Metric>>,
    pub(super) orders: Vec<Order>,
    pub(super) limit: usize,
    pub(super) offset: usize,
    pub(super) aggregations: Vec<String>,
    pub(super) keeps_empty: bool,
    pub(super) wants_quota: bool,
}

impl Plan {
    /// Checks and reads; `today` is that of the property.
    pub(super) fn new(kind: Kind, asked: &Asked, today: i64) -> Result<Self, Problem> {
        refuse_unserved(asked)?;
        bounded(asked.dimensions.len(), DIMENSIONS_MAX, "dimensions")?;
        bounded(asked.metrics.len(), METRICS_MAX, "metrics")?;
        let dimensions = resolve(&asked.dimensions, |name| find_dimension(name, kind))?;
        let metrics = resolve(&asked.metrics, |name| find_metric(name, kind))?;
        if dimensions.is_empty() && metrics.is_empty() {
            return Err(Problem::invalid("At least one dimension or metric must be requested."));
        }
        let filter = asked.dimension_filter.as_ref();
        let dimension_filter = filter.map(|tree| Test::new(tree, &|name| find_dimension(name, kind))).transpose()?;
        let filter = asked.metric_filter.as_ref();
        let metric_filter = filter.map(|tree| Test::new(tree, &|name| find_metric(name, kind))).transpose()?;
        let filtered = |test: &Option<Test<&'static Dimension>>| {
            test.as_ref().map(|test| test.fields().into_iter().copied().collect::<Vec<_>>()).unwrap_or_default()
        };
        let all_dimensions = [dimensions.clone(), filtered(&dimension_filter)].concat();
        if let Some(culprit) = incompatible(&all_dimensions, &metrics) {
            return Err(Problem::invalid(format!(
                "Please remove {culprit} to make the request compatible. The request's dimensions & metrics are incompatible. To learn more, see https://ga-dev-tools.google/ga4/dimensions-metrics-explorer/"
            )));
        }
        let ranges = match kind {
            Kind::Core => days(asked, today)?,
            Kind::Realtime => minutes(asked)?,
        };
        let names = |asked: &[AskedName]| asked.iter().map(|asked| asked.name.clone()).collect::<Vec<_>>();
        let (dimension_names, metric_names) = (names(&asked.dimensions), names(&asked.metrics));
        let has_ranges = ranges.len() > 1;
        Ok(Self {
            orders: orders(asked, &dimension_names, &metric_names, has_ranges)?,
            kind,
            dimension_names,
            dimensions,
            metric_names,
            metrics,
            ranges,
            dimension_filter,
            metric_filter,
            limit: amount(asked.limit, "limit")?.unwrap_or(ROWS).min(ROWS_MAX),
            offset: amount(asked.offset, "offset")?.unwrap_or(0),
            aggregations: aggregations(asked)?,
            keeps_empty: asked.keep_empty_rows,
            wants_quota: asked.return_property_quota,
        })
    }

    /// Whether who is behind a row could be guessed.
    pub(super) fn is_about_persons(&self) -> bool {
        let filtered = self.dimension_filter.iter().flat_map(Test::fields).copied();
        self.dimensions.iter().copied().chain(filtered).any(|dimension| dimension.scope == Scope::Person)
    }

    /// Tokens: more for wide reports and long ranges (the real formula is not published).
    pub(super) fn tokens(&self) -> i64 {
        let columns = i64::try_from(self.dimensions.len() + self.metrics.len()).unwrap_or(0);
        let days: i64 = self.ranges.iter().map(|range| (range.to - range.from).abs() + 1).sum();
        1 + columns / 2 + days / 60
    }
}

/// A dimension of this kind of report.
pub(super) fn find_dimension(name: &str, kind: Kind) -> Result<&'static Dimension, Problem> {
    names::dimension(name).filter(|dimension| fits(dimension.place, kind)).ok_or_else(|| unknown(name, "dimension"))
}

/// A metric of this kind of report.
pub(super) fn find_metric(name: &str, kind: Kind) -> Result<&'static Metric, Problem> {
    names::metric(name).filter(|metric| fits(metric.place, kind)).ok_or_else(|| unknown(name, "metric"))
}

fn fits(place: Where, kind: Kind) -> bool {
    match place {
        Where::Both => true,
        Where::Core => kind == Kind::Core,
        Where::Realtime => kind == Kind::Realtime,
    }
}

fn unknown(name: &str, what: &str) -> Problem {
    Problem::invalid(format!(
        "Field {name} is not a valid {what}. For a list of valid dimensions and metrics, see https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema "
    ))
}

fn resolve<T>(asked: &[AskedName], find: impl Fn(&str) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    asked.iter().map(|asked| find(&asked.name)).collect()
}

/// The dimension or metric that cannot stay: items go with items only.
pub(super) fn incompatible(dimensions: &[&'static Dimension], metrics: &[&'static Metric]) -> Option<&'static str> {
    let item = dimensions.iter().find(|dimension| dimension.scope == Scope::Item)?;
    metrics.iter().any(|metric| metric.scope != Scope::Item).then_some(item.name)
}

fn refuse_unserved(asked: &Asked) -> Result<(), Problem> {
    let has_expression =
        |asked: &AskedName| asked.expression.is_some() || asked.dimension_expression.is_some() || asked.invisible;
    let has_pivot = asked.order_bys.iter().any(|order| order.pivot.is_some());
    let is_unserved = asked.cohort_spec.is_some()
        || !asked.comparisons.is_empty()
        || has_pivot
        || asked.dimensions.iter().chain(&asked.metrics).any(has_expression);
    if is_unserved {
        return Err(Problem::invalid("This simulation serves no cohorts, comparisons, pivots and expressions."));
    }
    Ok(())
}

fn bounded(count: usize, max: usize, what: &str) -> Result<(), Problem> {
    if count > max {
        return Err(Problem::invalid(format!(
            "Requests are limited to {max} {what}. This request is for {count} {what}."
        )));
    }
    Ok(())
}

fn amount(asked: Option<Whole>, what: &str) -> Result<Option<usize>, Problem> {
    match asked {
        None => Ok(None),
        // As everywhere in this API, a zero is as good as nothing.
        Some(Whole(0)) => Ok(None),
        Some(Whole(number)) => usize::try_from(number)
            .map(Some)
            .map_err(|_| Problem::invalid(format!("The {what} must be positive, but was {number}."))),
    }
}

fn aggregations(asked: &Asked) -> Result<Vec<String>, Problem> {
    const KNOWN: [&str; 4] = ["TOTAL", "MINIMUM", "MAXIMUM", "COUNT"];
    match asked.metric_aggregations.iter().find(|name| !KNOWN.contains(&name.as_str())) {
        Some(name) => Err(Problem::invalid(format!("Invalid value at 'metric_aggregations', \"{name}\""))),
        None => Ok(asked.metric_aggregations.clone()),
    }
}

fn range_name(name: &str, at: usize) -> Result<String, Problem> {
    match name {
        "" => Ok(format!("date_range_{at}")),
        taken if taken.starts_with("date_range_") || taken.starts_with("RESERVED_") => {
            Err(Problem::invalid(format!("The date range name {taken} is reserved.")))
        }
        own => Ok(own.to_owned()),
    }
}

fn days(asked: &Asked, today: i64) -> Result<Vec<Range>, Problem> {
    if asked.date_ranges.is_empty() {
        return Err(Problem::invalid("At least one date range must be specified."));
    }
    bounded(asked.date_ranges.len(), RANGES_MAX, "date ranges")?;
    if !asked.minute_ranges.is_empty() {
        return Err(Problem::unknown_field("minuteRanges"));
    }
    let read = |text: &str, what: &str| {
        let wrong = || {
            Problem::invalid(format!("Invalid {what}: {text}. Dates must be YYYY-MM-DD, NdaysAgo, yesterday or today."))
        };
        request::day(text, today).ok_or_else(wrong)
    };
    let mut ranges = Vec::new();
    for (at, dates) in asked.date_ranges.iter().enumerate() {
        let (from, to) = (read(&dates.start_date, "startDate")?, read(&dates.end_date, "endDate")?);
        if from > to {
            return Err(Problem::invalid("Invalid dateRange: startDate must not be after endDate."));
        }
        if parse_iso(FIRST_DAY).is_some_and(|first| from < first) {
            return Err(Problem::invalid(format!("Invalid startDate: dates before {FIRST_DAY} are not supported.")));
        }
        ranges.push(Range { name: range_name(&dates.name, at)?, from, to });
    }
    Ok(ranges)
}

fn minutes(asked: &Asked) -> Result<Vec<Range>, Problem> {
    if !asked.date_ranges.is_empty() {
        return Err(Problem::unknown_field("dateRanges"));
    }
    bounded(asked.minute_ranges.len(), MINUTE_RANGES_MAX, "minute ranges")?;
    let mut ranges = Vec::new();
    for (at, range) in asked.minute_ranges.iter().enumerate() {
        let (from, to) = (range.start_minutes_ago.unwrap_or(MINUTES), range.end_minutes_ago.unwrap_or(0));
        if !(0..=MINUTES).contains(&from) || to < 0 || to > from {
            return Err(Problem::invalid(format!(
                "Invalid minuteRange: minutes ago must lie between {MINUTES} and 0."
            )));
        }
        ranges.push(Range { name: range_name(&range.name, at)?, from, to });
    }
    if ranges.is_empty() {
        ranges.push(Range { name: range_name("", 0)?, from: MINUTES, to: 0 });
    }
    Ok(ranges)
}

fn orders(asked: &Asked, dimensions: &[String], metrics: &[String], has_ranges: bool) -> Result<Vec<Order>, Problem> {
    let position = |names: &[String], name: &str| names.iter().position(|known| known == name);
    let absent = |name: &str| {
        Problem::invalid(format!("The orderBy field {name} is not among the request's dimensions and metrics."))
    };
    asked
        .order_bys
        .iter()
        .map(|order| match (&order.metric, &order.dimension) {
            (Some(by), None) => {
                let at = position(metrics, &by.metric_name).ok_or_else(|| absent(&by.metric_name))?;
                Ok(Order::Metric { at, is_down: order.desc })
            }
            (None, Some(by)) => {
                let name = by.dimension_name.as_str();
                let of_range = (has_ranges && name == "dateRange").then_some(dimensions.len());
                let at = position(dimensions, name).or(of_range).ok_or_else(|| absent(name))?;
                let how = match by.order_type.as_str() {
                    "" | "ORDER_TYPE_UNSPECIFIED" | "ALPHANUMERIC" => How::Plain,
                    "CASE_INSENSITIVE_ALPHANUMERIC" => How::Folded,
                    "NUMERIC" => How::Numeric,
                    other => return Err(Problem::invalid(format!("Invalid value at 'order_type', \"{other}\""))),
                };
                Ok(Order::Dimension { at, how, is_down: order.desc })
            }
            _ => Err(Problem::invalid("An orderBy must have exactly one of metric and dimension.")),
        })
        .collect()
}
