//! The wire of the Google Analytics Data API: a report as JSON, and its answer read (platforms/google.md §6.2). Every figure comes as text.

use serde::Deserialize;
use serde_json::{Value, json};

use super::catalogue::{self, Columns, Unit};
use super::filter::{Filter, Op, shown};
use super::page::{Head, Line, Marks, Page};
use super::period::Period;
use super::quota;
use crate::domain::refusal::Sentence;
use crate::say;

/// Rows of one answer (§6.2: the usual number; 250,000 is the most).
pub(super) const ROWS: usize = 10_000;

/// A report, without where its rows begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// What is asked for.
    pub(super) columns: Columns,
    /// Conditions.
    pub(super) filters: Vec<Filter>,
    /// Of which days; none for the last half hour.
    pub(super) period: Option<Period>,
}

impl Asked {
    /// The request's body for so many rows from `begins`.
    ///
    /// # Errors
    /// Refused when a condition is of something that is not known, or cannot be put so.
    pub(super) fn body(&self, begins: usize, limit: usize) -> Result<Value, Sentence> {
        let Columns { dimensions, metrics } = &self.columns;
        let named = |name: &String| json!({ "name": name });
        let mut body = json!({
            "metrics": metrics.iter().map(|(name, _)| json!({ "name": name })).collect::<Vec<_>>(),
            "metricAggregations": ["TOTAL"],
            "limit": limit.to_string(),
            "returnPropertyQuota": true,
        });
        if !dimensions.is_empty() {
            body["dimensions"] = dimensions.iter().map(named).collect();
            body["orderBys"] = self.order();
        }
        match self.period {
            Some(period) => {
                body["dateRanges"] =
                    json!([{ "startDate": period.first.to_string(), "endDate": period.last.to_string() }]);
                body["offset"] = begins.to_string().into();
                body["keepEmptyRows"] = false.into();
            }
            None => body["minuteRanges"] = json!([{ "startMinutesAgo": 29, "endMinutesAgo": 0 }]),
        }
        let (mut of_dimensions, mut of_metrics) = (Vec::new(), Vec::new());
        for filter in &self.filters {
            match filter.op {
                Op::More | Op::Less => of_metrics.push(metric_filter(filter)?),
                Op::Is | Op::IsNot | Op::Contains | Op::ContainsNot | Op::Begins | Op::Ends | Op::Matches => {
                    of_dimensions.push(dimension_filter(filter)?);
                }
            }
        }
        for (name, all) in [("dimensionFilter", of_dimensions), ("metricFilter", of_metrics)] {
            match all.len() {
                0 => {}
                1 => body[name] = all.into_iter().next().unwrap_or_default(),
                _ => body[name] = json!({ "andGroup": { "expressions": all } }),
            }
        }
        Ok(body)
    }

    /// In the order of time where there is one; else the most first. Each row has its place.
    fn order(&self) -> Value {
        let Columns { dimensions, metrics } = &self.columns;
        let times: Vec<Value> = dimensions
            .iter()
            .filter(|name| catalogue::is_time(name))
            .map(|name| json!({ "dimension": { "dimensionName": name } }))
            .collect();
        let largest = metrics.iter().take(1).map(|(name, _)| json!({ "metric": { "metricName": name }, "desc": true }));
        let mut order = if times.is_empty() { largest.collect() } else { times };
        // Among equals too: in an order of chance some would stand on two pages and others on none.
        let others = dimensions.iter().filter(|name| !catalogue::is_time(name));
        order.extend(others.map(|name| json!({ "dimension": { "dimensionName": name } })));
        order.into()
    }

    /// The answer, read.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn read(&self, answer: &[u8], begins: usize) -> Result<Page, String> {
        let answer: Answer = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
        // By name, not by place; what Google left out (a restricted metric) has no figures.
        let place = |headers: &[Header], name: &str| headers.iter().position(|header| header.name == name);
        let dimensions: Vec<_> =
            self.columns.dimensions.iter().map(|name| place(&answer.dimension_headers, name)).collect();
        let metrics: Vec<_> =
            self.columns.metrics.iter().map(|(name, _)| place(&answer.metric_headers, name)).collect();
        let figures = |row: &Row| {
            let figure =
                |at: &Option<usize>| row.metric_values.get((*at)?)?.value.parse::<f64>().ok().filter(|f| f.is_finite());
            metrics.iter().map(figure).collect::<Vec<_>>()
        };
        let keys = |row: &Row| {
            let key =
                |at: &Option<usize>| at.and_then(|at| row.dimension_values.get(at)).map(|value| value.value.clone());
            dimensions.iter().map(|at| key(at).unwrap_or_default()).collect::<Vec<_>>()
        };
        let rows: Vec<Line> = answer.rows.iter().map(|row| Line(keys(row), figures(row))).collect();
        // Without dimensions the one row is the sum. What no rows mean is decided elsewhere.
        let totals = answer
            .totals
            .first()
            .map(figures)
            .or_else(|| self.columns.dimensions.is_empty().then(|| answer.rows.first().map(figures)).flatten());
        let row_count = answer.row_count.unwrap_or(rows.len());
        let head = Head {
            dimensions: self.columns.dimensions.clone(),
            metrics: self.columns.metrics.clone(),
            totals,
            row_count: Some(row_count),
            rows_here: rows.len(),
            begins,
            has_more: !rows.is_empty() && begins + rows.len() < row_count,
            marks: marks(&answer),
        };
        Ok(Page { head, rows })
    }
}

fn dimension_filter(filter: &Filter) -> Result<Value, Sentence> {
    let name = catalogue::dimension(&filter.field)?;
    let kind = match filter.op {
        Op::Is | Op::IsNot => "EXACT",
        Op::Contains | Op::ContainsNot => "CONTAINS",
        Op::Begins => "BEGINS_WITH",
        Op::Ends => "ENDS_WITH",
        Op::Matches => "FULL_REGEXP",
        Op::More | Op::Less => return Err(say!("report-filter-wrong", given = shown(&filter.field))),
    };
    let found = json!({ "filter": { "fieldName": name, "stringFilter": { "matchType": kind, "value": filter.value, "caseSensitive": false } } });
    Ok(match filter.op {
        Op::IsNot | Op::ContainsNot => json!({ "notExpression": found }),
        Op::Is | Op::Contains | Op::Begins | Op::Ends | Op::Matches | Op::More | Op::Less => found,
    })
}

fn metric_filter(filter: &Filter) -> Result<Value, Sentence> {
    let (name, unit) = catalogue::metric(&filter.field)?;
    let (text, is_percent) = match filter.value.trim_end().strip_suffix(['%', '％']) {
        Some(text) if unit == Unit::Ratio => (text.trim_end(), true),
        _ => (filter.value.as_str(), false),
    };
    let number: f64 = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| say!("report-filter-wrong", given = shown(&filter.value)))?;
    // Shares are told in percent here; Google knows them as fractions.
    let number = if is_percent || (unit == Unit::Ratio && number > 1.0) { number / 100.0 } else { number };
    let operation = if filter.op == Op::More { "GREATER_THAN" } else { "LESS_THAN" };
    Ok(
        json!({ "filter": { "fieldName": name, "numericFilter": { "operation": operation, "value": { "doubleValue": number } } } }),
    )
}

/// A short word of Google's.
fn text(value: &Value) -> Option<String> {
    const CHARS_MAX: usize = 100;
    let text: String = value.as_str()?.chars().filter(|c| !c.is_control()).take(CHARS_MAX).collect();
    (!text.is_empty()).then_some(text)
}

fn marks(answer: &Answer) -> Marks {
    let metadata = &answer.metadata;
    let sampled = metadata["samplingMetadatas"].as_array().into_iter().flatten().filter_map(|one| {
        let number = |name: &str| one[name].as_str().and_then(|text| text.parse::<f64>().ok());
        let (read, of) = (number("samplesReadCount")?, number("samplingSpaceSize")?);
        (of > 0.0 && read < of).then(|| read / of * 100.0)
    });
    let restricted = metadata["schemaRestrictionResponse"]["activeMetricRestrictions"].as_array().into_iter().flatten();
    Marks {
        is_thresholded: metadata["subjectToThresholding"].as_bool().unwrap_or_default(),
        sampled_percent: sampled.reduce(f64::min),
        has_other: metadata["dataLossFromOtherRow"].as_bool().unwrap_or_default(),
        restricted: restricted.filter_map(|one| one["metricName"].as_str().map(str::to_owned)).collect(),
        is_cut: metadata["dataTruncationReasons"].as_array().is_some_and(|reasons| !reasons.is_empty()),
        first_incomplete: None,
        currency: metadata["currencyCode"].as_str().unwrap_or_default().chars().take(3).collect(),
        left: quota::told(&answer.property_quota),
        zone: text(&metadata["timeZone"]).unwrap_or_default(),
        empty_reason: text(&metadata["emptyReason"]),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    dimension_headers: Vec<Header>,
    #[serde(default)]
    metric_headers: Vec<Header>,
    #[serde(default)]
    rows: Vec<Row>,
    #[serde(default)]
    totals: Vec<Row>,
    #[serde(default)]
    row_count: Option<usize>,
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    property_quota: Value,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(default)]
    dimension_values: Vec<Field>,
    #[serde(default)]
    metric_values: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(default)]
    value: String,
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::TrafficView;
    use super::super::filter;
    use super::*;
    use crate::domain::quota::Bucket;

    fn asked(view: TrafficView, filters: &[&str]) -> Asked {
        let filters: Vec<String> = filters.iter().map(|text| (*text).to_owned()).collect();
        let period = (view != TrafficView::Realtime)
            .then(|| Period::new("2026-10-01".parse().unwrap(), "2026-10-31".parse().unwrap()).unwrap());
        Asked { columns: catalogue::columns(view, &[], &[]).unwrap(), filters: filter::read(&filters).unwrap(), period }
    }

    #[test]
    fn a_report_is_asked_as_google_wants_it() {
        let body = asked(TrafficView::Countries, &["国 = Italy", "page does not contain /old", "sessions > 9.5"])
            .body(20_000, ROWS)
            .unwrap();
        assert_eq!(body["dateRanges"], json!([{ "startDate": "2026-10-01", "endDate": "2026-10-31" }]));
        assert_eq!((&body["limit"], &body["offset"]), (&json!("10000"), &json!("20000")));
        assert_eq!(
            body["orderBys"],
            json!([{ "metric": { "metricName": "sessions" }, "desc": true }, { "dimension": { "dimensionName": "country" } }])
        );
        let both = &body["dimensionFilter"]["andGroup"]["expressions"];
        assert_eq!(both[0]["filter"]["stringFilter"]["value"], "Italy");
        assert_eq!(both[1]["notExpression"]["filter"]["fieldName"], "pagePath");
        assert_eq!(body["metricFilter"]["filter"]["numericFilter"]["value"], json!({ "doubleValue": 9.5 }));
        let days = asked(TrafficView::Days, &[]).body(0, ROWS).unwrap();
        assert_eq!(days["orderBys"], json!([{ "dimension": { "dimensionName": "date" } }]));
        let now = asked(TrafficView::Realtime, &[]).body(0, ROWS).unwrap();
        assert!(
            now.get("dateRanges").is_none()
                && now.get("offset").is_none()
                && now["minuteRanges"][0]["startMinutesAgo"] == 29
        );
        // Shares are told in percent, and asked for so.
        for (filter, wanted) in [("engagement rate > 58%", 0.58), ("bounce rate < 40", 0.4), ("bounce rate < 0.4", 0.4)]
        {
            let body = asked(TrafficView::Days, &[filter]).body(0, ROWS).unwrap();
            let number = &body["metricFilter"]["filter"]["numericFilter"]["value"]["doubleValue"];
            assert!((number.as_f64().unwrap() - wanted).abs() < 1e-9, "{filter}: {number}");
        }
        assert_eq!(asked(TrafficView::Days, &["sessions > 5%"]).body(0, ROWS).unwrap_err().key, "report-filter-wrong");
        assert_eq!(asked(TrafficView::Days, &["clountry = a"]).body(0, ROWS).unwrap_err().key, "report-name-unknown");
        assert_eq!(
            asked(TrafficView::Days, &["sessions > many"]).body(0, ROWS).unwrap_err().key,
            "report-filter-wrong"
        );
    }

    #[test]
    fn an_answer_is_read_by_its_headers_with_all_that_must_be_said() {
        // The dossier's own example (§6.2) without its second range, with columns in another order and what lessens it.
        let answer = br#"{"dimensionHeaders":[{"name":"country"}],"metricHeaders":[{"name":"activeUsers","type":"TYPE_INTEGER"},{"name":"sessions","type":"TYPE_INTEGER"}],
            "rows":[{"dimensionValues":[{"value":"Italy"}],"metricValues":[{"value":"97"},{"value":"120"}]},{"dimensionValues":[{"value":"(other)"}],"metricValues":[{"value":"x"},{"value":"1"}]}],
            "totals":[{"dimensionValues":[{"value":"RESERVED_TOTAL"}],"metricValues":[{"value":"95"},{"value":"121"}]}],"rowCount":20001,
            "metadata":{"currencyCode":"EUR","timeZone":"Europe/Rome","subjectToThresholding":true,"dataLossFromOtherRow":true,
            "samplingMetadatas":[{"samplesReadCount":"250","samplingSpaceSize":"1000"}]},
            "propertyQuota":{"tokensPerDay":{"consumed":6,"remaining":199994},"tokensPerHour":{"consumed":6,"remaining":2000}},"new":1}"#;
        let page = asked(TrafficView::Countries, &[]).read(answer, 10_000).unwrap();
        assert_eq!(page.rows[0], Line(vec!["Italy".into()], vec![Some(120.0), Some(97.0)]));
        assert_eq!(page.rows[1].1, [Some(1.0), None], "what is no number is no figure");
        assert_eq!(page.head.totals, Some(vec![Some(121.0), Some(95.0)]));
        assert!(page.head.has_more && page.head.row_count == Some(20_001));
        let marks = &page.head.marks;
        assert!(marks.is_thresholded && marks.has_other && marks.sampled_percent == Some(25.0));
        assert_eq!(marks.left, [(Bucket::TokensDay, 199_994), (Bucket::TokensHour, 2_000)]);
        assert_eq!(marks.currency, "EUR");
    }

    #[test]
    fn an_empty_answer_has_no_sums_and_garbage_is_no_answer() {
        let page = asked(TrafficView::Overview, &[]).read(b"{\"kind\":\"analyticsData#runReport\"}", 0).unwrap();
        assert_eq!((page.rows.len(), page.head.has_more, page.head.row_count), (0, false, Some(0)));
        assert_eq!(page.head.totals, None, "what that means is not known here");
        let answer = br#"{"metadata":{"timeZone":"Europe/Rome","emptyReason":"(thresholded)"}}"#;
        let marks = asked(TrafficView::Overview, &[]).read(answer, 0).unwrap().head.marks;
        assert_eq!((marks.zone.as_str(), marks.empty_reason.as_deref()), ("Europe/Rome", Some("(thresholded)")));
        assert!(asked(TrafficView::Overview, &[]).read(b"<html>", 0).is_err());
        // A page that says that there are more and holds none must not be asked for again and again.
        assert!(!asked(TrafficView::Days, &[]).read(br#"{"rowCount":99999}"#, 0).unwrap().head.has_more);
    }
}
