//! `report_traffic`: Google Analytics.

use schemars::JsonSchema;
use serde::Deserialize;

use super::figures::{self, Figures, ROWS_MAX};
use super::{Answered, Tool, ToolContext};
use crate::analytics::TrafficAsk;
use crate::analytics::address;
use crate::analytics::catalogue::TrafficView;
use crate::domain::drawn::Drawn;
use crate::domain::tool::{Effect, Keep, ToolError};

/// Reports Google Analytics: visits, users, sources, pages, events, audience. Figures are exact: quote them with their caveats, the period and what it is compared with.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportTraffic {
    /// Id or name; else the chosen one.
    #[serde(default)]
    property: Option<String>,
    /// Else overview.
    #[serde(default)]
    view: Option<TrafficView>,
    /// In the person's words: last week, 先月, 2026-10-01..2026-10-07.
    #[serde(default)]
    period: Option<String>,
    /// previous, same days last year, 前年同期, or a period.
    #[serde(default)]
    compare: Option<String>,
    /// In place of the view's.
    #[serde(default)]
    dimensions: Vec<String>,
    /// In place of the view's.
    #[serde(default)]
    metrics: Vec<String>,
    /// Such as: country = Japan; pagePath contains /blog
    #[serde(default)]
    filters: Vec<String>,
    /// Adds a picture.
    #[serde(default)]
    chart: Option<bool>,
    /// An answer's next_cursor.
    #[serde(default)]
    cursor: Option<String>,
}

impl Tool for ReportTraffic {
    const NAME: &'static str = "report_traffic";
    const TITLE: &'static str = "Report traffic";
    const EFFECT: Effect = Effect::Reads;
    const IDEMPOTENT: bool = true;
    const REACHES_OUT: bool = true;
    const IS_PROVIDER_DATA: bool = true;
    type Answer = Figures;

    fn keep(answer: &Figures) -> Option<Keep> {
        answer.keep()
    }

    fn chart(answer: &Figures) -> Option<Drawn> {
        answer.chart()
    }

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Figures>, ToolError> {
        let Self { property, view, period, compare, dimensions, metrics, filters, chart, cursor } = self;
        let from = figures::begins(cursor.as_deref())?;
        let ask = TrafficAsk { property, view, period, compare, dimensions, metrics, filters };
        let report = cx.analytics.report_traffic(cx.caller, &ask, (from, ROWS_MAX)).await?;
        let address = address::traffic(&ask, &report.source);
        figures::answered(cx, &report, (cursor.as_deref(), address), chart)
    }
}
