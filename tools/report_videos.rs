//! `report_videos`: YouTube channels and videos.

use schemars::JsonSchema;
use serde::Deserialize;

use super::figures::{self, Figures, ROWS_MAX};
use super::{Answered, Tool, ToolContext};
use crate::analytics::VideosAsk;
use crate::analytics::address;
use crate::analytics::videos::VideosView;
use crate::domain::drawn::Drawn;
use crate::domain::tool::{Effect, Keep, ToolError};

/// Reports a YouTube channel and its videos: views, watch time, audience, traffic sources, retention of one video.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportVideos {
    /// Id or name; else the chosen one.
    #[serde(default)]
    channel: Option<String>,
    /// Else overview; retention needs video.
    #[serde(default)]
    view: Option<VideosView>,
    /// As in report_traffic.
    #[serde(default)]
    period: Option<String>,
    /// As in report_traffic.
    #[serde(default)]
    compare: Option<String>,
    /// Only this one: id or address.
    #[serde(default)]
    video: Option<String>,
    /// Adds a picture.
    #[serde(default)]
    chart: Option<bool>,
    /// An answer's next_cursor.
    #[serde(default)]
    cursor: Option<String>,
}

impl Tool for ReportVideos {
    const NAME: &'static str = "report_videos";
    const TITLE: &'static str = "Report videos";
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
        let Self { channel, view, period, compare, video, chart, cursor } = self;
        let from = figures::begins(cursor.as_deref())?;
        let ask = VideosAsk { channel, view, period, compare, video };
        let report = cx.analytics.report_videos(cx.caller, &ask, (from, ROWS_MAX)).await?;
        let address = address::videos(&ask, &report.source);
        figures::answered(cx, &report, (cursor.as_deref(), address), chart)
    }
}
