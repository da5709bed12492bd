//! Reading what a report is asked for: the shapes of the API's requests, in camel case or the proto's own spelling,
//! numbers as strings or not, and nothing that the API does not have (dossier google §6.2).

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::google::zone::parse_iso;

/// A number that JSON clients may write as a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Whole(pub(super) i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(i64),
            Text(String),
        }
        match Either::deserialize(from)? {
            Either::Number(number) => Ok(Self(number)),
            Either::Text(text) => text.parse().map(Self).map_err(|_| serde::de::Error::custom("no whole number")),
        }
    }
}

/// `runReport`, `runRealtimeReport` and `checkCompatibility` in one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Asked {
    pub(super) property: Option<String>,
    pub(super) dimensions: Vec<AskedName>,
    pub(super) metrics: Vec<AskedName>,
    pub(super) date_ranges: Vec<AskedDates>,
    pub(super) minute_ranges: Vec<AskedMinutes>,
    pub(super) dimension_filter: Option<Expression>,
    pub(super) metric_filter: Option<Expression>,
    pub(super) order_bys: Vec<AskedOrder>,
    pub(super) limit: Option<Whole>,
    pub(super) offset: Option<Whole>,
    pub(super) metric_aggregations: Vec<String>,
    pub(super) keep_empty_rows: bool,
    pub(super) return_property_quota: bool,
    pub(super) currency_code: String,
    pub(super) cohort_spec: Option<Value>,
    pub(super) comparisons: Vec<Value>,
    pub(super) compatibility_filter: String,
}

/// A dimension or a metric.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct AskedName {
    pub(super) name: String,
    pub(super) expression: Option<String>,
    pub(super) dimension_expression: Option<Value>,
    pub(super) invisible: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct AskedDates {
    pub(super) start_date: String,
    pub(super) end_date: String,
    pub(super) name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct AskedMinutes {
    pub(super) start_minutes_ago: Option<i64>,
    pub(super) end_minutes_ago: Option<i64>,
    pub(super) name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct AskedOrder {
    pub(super) desc: bool,
    pub(super) metric: Option<ByMetric>,
    pub(super) dimension: Option<ByDimension>,
    pub(super) pivot: Option<Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct ByMetric {
    pub(super) metric_name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct ByDimension {
    pub(super) dimension_name: String,
    pub(super) order_type: String,
}

/// A tree of filters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Expression {
    pub(super) and_group: Option<Group>,
    pub(super) or_group: Option<Group>,
    pub(super) not_expression: Option<Box<Expression>>,
    pub(super) filter: Option<FieldFilter>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Group {
    pub(super) expressions: Vec<Expression>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct FieldFilter {
    pub(super) field_name: String,
    pub(super) string_filter: Option<StringFilter>,
    pub(super) in_list_filter: Option<InListFilter>,
    pub(super) numeric_filter: Option<NumericFilter>,
    pub(super) between_filter: Option<BetweenFilter>,
    pub(super) empty_filter: Option<EmptyFilter>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct StringFilter {
    pub(super) match_type: String,
    pub(super) value: String,
    pub(super) case_sensitive: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct InListFilter {
    pub(super) values: Vec<String>,
    pub(super) case_sensitive: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct NumericFilter {
    pub(super) operation: String,
    pub(super) value: AskedNumber,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct BetweenFilter {
    pub(super) from_value: AskedNumber,
    pub(super) to_value: AskedNumber,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmptyFilter {}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct AskedNumber {
    pub(super) int64_value: Option<Whole>,
    pub(super) double_value: Option<f64>,
}

impl AskedNumber {
    #[expect(clippy::cast_precision_loss, reason = "filters of a simulation are far below 2^53")]
    pub(super) fn value(&self) -> Option<f64> {
        self.double_value.or(self.int64_value.map(|whole| whole.0 as f64))
    }
}

/// A day as requests name it: `today`, `yesterday`, `28daysAgo` or `2026-11-27`, in the property's zone.
pub(super) fn day(text: &str, today: i64) -> Option<i64> {
    match text {
        "today" => Some(today),
        "yesterday" => Some(today - 1),
        _ => match text.strip_suffix("daysAgo") {
            Some(count) if count.bytes().all(|b| b.is_ascii_digit()) => Some(today - count.parse::<i64>().ok()?),
            Some(_) => None,
            None => parse_iso(text),
        },
    }
}
