//! What came of posts, for `report_posts`: visits and key events by the tags in their links, clicks from Google's results to the pages they lead to, and
//! which post beat the others by far. What a figure lessens is said with it; a post whose links carry no tags has none, which is not nothing.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::ToolContext;
use super::figures::{named, rows_schema, shortened};
use crate::analytics::outcomes::{Outcome, Outcomes};
use crate::analytics::search::SearchView;
use crate::analytics::times::rounded;
use crate::analytics::{Report, SearchAsk};
use crate::desk::Sent;
use crate::domain::alike::links;
use crate::domain::days::begin_of;
use crate::domain::ids::PostId;
use crate::domain::refusal::Sentence;
use crate::domain::times::beats;
use crate::domain::tool::{Keep, ToolError};
use crate::say;

/// What is asked about when no days are named.
const PERIOD: &str = "last 28 days";
/// Posts that are told: those with the most.
const TOLD_MAX: usize = 30;
/// Pages of Google's results that are looked at, the most clicked first.
const PAGES_MAX: usize = 5_000;
/// Pages that are told of each.
const PAGES_TOLD: usize = 3;
/// The beginning of a text that tells posts apart.
const TEXT_CHARS: usize = 80;

/// What came of posts.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct CameOf {
    property: String,
    period: String,
    columns: Vec<&'static str>,
    /// Most key events first, then visits.
    #[schemars(schema_with = "rows_schema")]
    rows: Vec<Vec<Value>>,
    badges: Vec<String>,
    /// Tell these with the figures.
    caveats: Vec<String>,
    #[serde(skip)]
    pub(super) keep: Option<Keep>,
}

/// What each row says: key events by their names, where visits began, and clicks from Google's results to the pages that the post links to.
const COLUMNS: [&str; 7] = ["post", "network", "visits", "key_events", "pages", "search_clicks", "text"];

/// A post on a network, with what came of it.
struct Found {
    sent: Sent,
    /// None where that is not known.
    visits: Option<f64>,
    outcome: Outcome,
}

/// What came of the posts of a period.
pub(super) async fn came_of(cx: &ToolContext<'_>, period: Option<&str>) -> Result<CameOf, ToolError> {
    if cx.is_withheld {
        return Err(say!("google-withheld").into());
    }
    let period = period.unwrap_or(PERIOD);
    let outcomes = cx.analytics.outcomes(cx.caller, period).await?;
    let mut found = found(cx, &outcomes).await?;
    found.sort_by(|a, b| {
        let by = |one: &Found| (one.outcome.key_events(), one.outcome.sessions);
        let (a_by, b_by) = (by(a), by(b));
        b_by.0.total_cmp(&a_by.0).then(b_by.1.total_cmp(&a_by.1)).then_with(|| a.sent.post.cmp(&b.sent.post))
    });
    let ask = SearchAsk { view: Some(SearchView::Pages), period: Some(period.to_owned()), ..SearchAsk::default() };
    let mut caveats: Vec<String> = vec![cx.say(&say!("outcomes-how"))];
    let searched = match cx.analytics.report_search(cx.caller, &ask, (0, PAGES_MAX)).await {
        Ok(report) if report.login == outcomes.login => Some(report),
        Ok(_) => {
            caveats.push(cx.say(&say!("outcomes-search-elsewhere")));
            None
        }
        Err(ToolError::Refused(why)) => {
            caveats.push(cx.say(&why));
            None
        }
        Err(failed @ ToolError::Failed(_)) => return Err(failed),
    };
    caveats.extend(winner(cx, &found));
    let untagged = found.iter().filter(|one| !one.sent.is_tagged() && one.visits.is_none()).count();
    if untagged > 0 {
        caveats.push(cx.say(&say!("outcomes-untagged", count = untagged)));
    }
    let mut badges: BTreeSet<_> = outcomes.badges.iter().copied().collect();
    let (clicks, until) = match &searched {
        Some(report) => {
            badges.extend(report.badges.iter().copied());
            caveats.extend(report.caveats.iter().map(|caveat| cx.say(caveat)));
            (Some(by_address(report)), report.until.min(outcomes.until))
        }
        None => (None, outcomes.until),
    };
    caveats.extend(outcomes.caveats.iter().map(|caveat| cx.say(caveat)));
    let told = found.iter().filter(|one| one.sent.is_tagged() || one.visits.is_some()).take(TOLD_MAX);
    Ok(CameOf {
        property: named(&outcomes.source),
        period: outcomes.periods.map_or_else(String::new, |periods| {
            format!("{} to {} ({})", periods.now.first, periods.now.last, outcomes.source.facts.zone)
        }),
        columns: COLUMNS.to_vec(),
        rows: told.map(|one| told_of(one, clicks.as_ref())).collect(),
        badges: badges.into_iter().map(|badge| badge.word().to_owned()).collect(),
        caveats,
        keep: Some(Keep { until_ms: until, accounts: vec![outcomes.login] }),
    })
}

impl CameOf {
    /// The same in a few lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("Visits and key events that posts brought, {}, {}:", self.property, self.period)];
        lines.extend(self.rows.iter().map(|row| {
            let told: Vec<String> = COLUMNS.iter().zip(row).map(|(name, cell)| format!("{name} {cell}")).collect();
            format!("- {}", told.join("; "))
        }));
        lines.extend(self.caveats.iter().cloned());
        lines
    }
}

/// The posts of the period, and older ones that still brought something.
async fn found(cx: &ToolContext<'_>, outcomes: &Outcomes) -> Result<Vec<Found>, ToolError> {
    let Some(periods) = outcomes.periods else { return Ok(Vec::new()) };
    let zone = &outcomes.source.facts.zone;
    let until = periods.now.last.tomorrow().unwrap_or(periods.now.last);
    let mut all = cx.desk.list_sent(cx.caller, (begin_of(periods.now.first, zone), begin_of(until, zone))).await?;
    for (id, network) in outcomes.by_post.keys() {
        let Ok(id) = id.parse::<PostId>() else { continue };
        if all.iter().any(|sent| sent.post == id && sent.network == *network) {
            continue;
        }
        // A tag that names no post of theirs is somebody else's words.
        all.extend(cx.desk.find_sent(cx.caller, &id).await?.into_iter().filter(|sent| sent.network == *network));
    }
    let with = |sent: Sent| {
        let outcome = outcomes.by_post.get(&(sent.post.to_string(), sent.network)).cloned().unwrap_or_default();
        let visits = outcomes.visits(&sent.post, sent.network).filter(|visits| sent.is_tagged() || *visits > 0.0);
        Found { sent, visits, outcome }
    };
    Ok(all.into_iter().map(with).collect())
}

/// Clicks by address, without what only tracks.
fn by_address(report: &Report) -> BTreeMap<String, f64> {
    let mut all = BTreeMap::new();
    for row in &report.rows {
        let clicks = row.figures.first().copied().flatten().unwrap_or_default();
        for address in row.keys.first().map(|page| links(page)).unwrap_or_default() {
            *all.entry(address).or_default() += clicks;
        }
    }
    all
}

fn told_of(one: &Found, clicks: Option<&BTreeMap<String, f64>>) -> Vec<Value> {
    let clicks = clicks.and_then(|all| {
        let pages = links(&one.sent.text);
        (!pages.is_empty()).then(|| pages.iter().filter_map(|page| all.get(page)).sum::<f64>())
    });
    let text: String = one.sent.text.chars().take(TEXT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let events: BTreeMap<&String, i64> = one.outcome.events.iter().map(|(name, count)| (name, whole(*count))).collect();
    vec![
        one.sent.post.as_str().into(),
        one.sent.network.slug().into(),
        one.visits.map_or(Value::Null, |visits| whole(visits).into()),
        json!(events),
        one.outcome.landings.iter().take(PAGES_TOLD).map(|page| shortened(page)).collect::<Vec<_>>().into(),
        clicks.map_or(Value::Null, |clicks| whole(clicks).into()),
        text.into(),
    ]
}

/// A post that beat the median of all by far, with how it was counted and what could come next.
fn winner(cx: &ToolContext<'_>, found: &[Found]) -> Vec<String> {
    let known = found.iter().filter_map(|one| Some((one.visits?, one)));
    let (visits, counted): (Vec<f64>, Vec<&Found>) = known.unzip();
    let Some((at, beaten)) = beats(&visits) else { return Vec::new() };
    let Some(one) = counted.get(at) else { return Vec::new() };
    let key = if beaten.is_of_some() { "outcomes-winner" } else { "outcomes-winner-alone" };
    let told = Sentence::new(key)
        .with("post", one.sent.post.as_str())
        .with("network", one.sent.network.shown())
        .with("visits", rounded(one.outcome.sessions))
        .with("times", rounded(beaten.times))
        .with("median", rounded(beaten.median))
        .with("count", visits.len());
    vec![cx.say(&told), cx.say(&say!("outcomes-winner-next"))]
}

#[expect(clippy::cast_possible_truncation, reason = "visits are counted in thousands")]
fn whole(figure: f64) -> i64 {
    figure.round() as i64
}
