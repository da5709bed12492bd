//! `report_search`: Search Console, and whether pages are in the index.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::figures::{self, Figures, ROWS_MAX};
use super::outcomes::is_of;
use super::{Answered, Tool, ToolContext};
use crate::analytics::SearchAsk;
use crate::analytics::address;
use crate::analytics::inspect::{Inspected, Inspections, URLS_MAX};
use crate::analytics::inspections::{LIST_MAX, Listed, cursor_of};
use crate::analytics::search::{SearchType, SearchView};
use crate::domain::alike::links;
use crate::domain::drawn::Drawn;
use crate::domain::schedule::Moment;
use crate::domain::times::POST_DAYS;
use crate::domain::tool::{Effect, Keep, ToolError};
use crate::say;

/// In place of addresses: those that posts link to.
const POSTS: &str = "posts";
/// Google's own words are for a model.
const LANGUAGE: &str = "en-US";
/// Rows of a list in one answer, so that it fits any client's context.
const LIST_ROWS: usize = 60;
const DAY_MS: i64 = 24 * 3_600_000;
/// An address that every browser and proxy takes.
const ADDRESS_BYTES_MAX: usize = 6_000;

/// Reports Search Console: queries, pages, clicks, impressions, CTR, position. With view indexing: whether urls are in Google's index.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSearch {
    /// Address or name; else the chosen one.
    #[serde(default)]
    site: Option<String>,
    /// Else overview.
    #[serde(default)]
    view: Option<SearchView>,
    /// As in report_traffic.
    #[serde(default)]
    period: Option<String>,
    /// As in report_traffic.
    #[serde(default)]
    compare: Option<String>,
    /// In place of the view's: date, query, page, country, device.
    #[serde(default)]
    dimensions: Vec<String>,
    /// Such as: query contains shoes
    #[serde(default)]
    filters: Vec<String>,
    /// Else web.
    #[serde(default, rename = "type")]
    kind: SearchType,
    /// For indexing; or posts: those my posts link to.
    #[serde(default)]
    urls: Vec<String>,
    /// Adds a picture.
    #[serde(default)]
    chart: Option<bool>,
    /// An answer's next_cursor.
    #[serde(default)]
    cursor: Option<String>,
}

impl Tool for ReportSearch {
    const NAME: &'static str = "report_search";
    const TITLE: &'static str = "Report search";
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
        let Self { site, view, period, compare, dimensions, filters, kind, urls, chart, cursor } = self;
        if let Some((handle, from)) = cursor.as_deref().and_then(cursor_of) {
            return Ok(listed(cx, cx.analytics.listed(cx.caller, handle).await?, from));
        }
        if view == Some(SearchView::Indexing) {
            let is_of_posts = urls == [POSTS];
            let urls = if is_of_posts { links_of_posts(cx, site.as_deref()).await? } else { urls };
            if is_of_posts || urls.len() > URLS_MAX {
                let list = cx.analytics.inspect_list(cx.caller, site.as_deref(), &urls, LANGUAGE).await?;
                return Ok(listed(cx, list, 0));
            }
            let found = cx.analytics.inspect(cx.caller, site.as_deref(), &urls, LANGUAGE).await?;
            return Ok(indexing(cx, found));
        }
        let from = figures::begins(cursor.as_deref())?;
        let ask = SearchAsk { site, view, period, compare, dimensions, filters, kind };
        let report = cx.analytics.report_search(cx.caller, &ask, (from, ROWS_MAX)).await?;
        let address = address::search(&ask, &report.source);
        figures::answered(cx, &report, (cursor.as_deref(), address), chart)
    }
}

/// The pages of a site that somebody's posts of the last months link to, each once.
async fn links_of_posts(cx: &ToolContext<'_>, site: Option<&str>) -> Result<Vec<String>, ToolError> {
    let site = cx.analytics.site(cx.caller, site).await?.facts.remote_id;
    let now = cx.desk.now_ms();
    let (sent, _) = cx.desk.list_sent(cx.caller, (now - POST_DAYS * DAY_MS, now + 1)).await?;
    let mut pages: Vec<String> =
        sent.iter().flat_map(|one| links(&one.text)).filter(|page| is_of(&site, page)).collect();
    pages.sort();
    pages.dedup();
    pages.truncate(LIST_MAX);
    if pages.is_empty() { Err(say!("report-urls-posts-none", site = site).into()) } else { Ok(pages) }
}

/// Rows of a list from one on, with how far it is.
fn listed(cx: &ToolContext<'_>, list: Listed, from: usize) -> Answered<Figures> {
    let Listed { handle, source, login, pages, waiting, next_at, until } = list;
    let count = pages.len();
    let here: Vec<Inspected> = pages.into_iter().skip(from).take(cx.told(LIST_ROWS)).collect();
    let end = from + here.len();
    let next = if end < count {
        Some(format!("{handle}.{end}"))
    } else {
        // All rows are told, not all of them answered: the same list is read again later.
        (waiting > 0).then(|| format!("{handle}.0"))
    };
    let mut caveats = Vec::new();
    if waiting > 0 {
        let at = Moment { at_ms: next_at, zone: cx.caller.zone.clone() };
        caveats.push(cx.say(&say!("report-list-waiting", asked = count - waiting, count = count, at = at)));
    }
    let Answered { structured, mut text, waiting } = indexing(cx, Inspections { login, source, pages: here, until });
    for line in &caveats {
        text.push('\n');
        text.push_str(line);
    }
    Answered { structured: structured.of_list(count, caveats, next), text, waiting }
}

/// One row a page: what Google says of it.
fn indexing(cx: &ToolContext<'_>, found: Inspections) -> Answered<Figures> {
    let Inspections { login, source, pages, until } = found;
    let mut columns = vec!["url".to_owned()];
    for (name, _) in pages.iter().flat_map(|page| &page.said) {
        if !columns.iter().any(|known| known == name) {
            columns.push((*name).to_owned());
        }
    }
    columns.push("problem".to_owned());
    let (mut rows, mut lines) =
        (Vec::new(), vec![format!("Search Console, {}: what Google says of each page.", figures::named(&source))]);
    for page in &pages {
        let problem = page.problem.as_ref().map(|problem| cx.say(problem));
        let cell = |column: &String| match column.as_str() {
            "url" => Value::from(page.url.clone()),
            "problem" => problem.clone().map_or(Value::Null, Value::from),
            name => page
                .said
                .iter()
                .find(|(known, _)| *known == name)
                .map_or(Value::Null, |(_, text)| Value::from(text.clone())),
        };
        rows.push(columns.iter().map(cell).collect());
        let verdict = page.said.iter().find(|(name, _)| *name == "verdict").map(|(_, text)| text.as_str());
        lines.push(format!("- {}: {}", page.url, verdict.or(problem.as_deref()).unwrap_or("no verdict")));
    }
    let urls: Vec<&str> = pages.iter().map(|page| page.url.as_str()).collect();
    let address = address::words(&[("source", &source.key), ("urls", &urls.join("\n"))]);
    // Longer ones are cut on the way.
    let csv_url = (address.len() <= ADDRESS_BYTES_MAX).then(|| cx.link(&format!("analytics/indexing.csv?{address}")));
    lines.extend(csv_url.iter().map(|url| format!("The same as a file for the person: {url}")));
    let keep = Keep { until_ms: until, accounts: vec![login] };
    Answered {
        structured: Figures::of_texts(&source, (columns, rows), csv_url, keep),
        text: lines.join("\n"),
        waiting: Vec::new(),
    }
}
