//! What came of posts, for `report_posts`: visits and key events by the tags in their links, clicks from Google's results to the pages they lead to, and
//! which post beat the others by far. What a figure lessens is said with it; a post whose links carry no tags has none, which is not nothing.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::ToolContext;
use super::figures::{named, rows_schema, shortened};
use crate::analytics::address;
use crate::analytics::outcomes::{Outcome, Outcomes};
use crate::analytics::report::Badge;
use crate::analytics::search::SearchView;
use crate::analytics::times::rounded;
use crate::analytics::{Report, SearchAsk};
use crate::desk::Sent;
use crate::domain::alike::links;
use crate::domain::days::begin_of;
use crate::domain::ids::PostId;
use crate::domain::refusal::Sentence;
use crate::domain::times::{YOUNG_DAYS, beats_own};
use crate::domain::tool::{Keep, ToolError};
use crate::say;

/// What is asked about when no days are named.
const PERIOD: &str = "last 28 days";
/// Posts that are told: those with the most.
const TOLD_MAX: usize = 30;
/// Pages of Google's results that are looked at, the most clicked first.
const PAGES_MAX: usize = 5_000;
const DAY_MS: i64 = 24 * 3_600_000;
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
    // Most key events first, then visits.
    #[schemars(schema_with = "rows_schema")]
    rows: Vec<Vec<Value>>,
    badges: Vec<String>,
    /// Tell these with the figures.
    caveats: Vec<String>,
    // All of it as a file for the person.
    csv_url: String,
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
    /// It went out in the period, and long enough ago for most of its visits to have come.
    is_compared: bool,
}

/// Clicks from Google's results, as far as they are known.
struct Clicks {
    site: String,
    by_address: BTreeMap<String, f64>,
    /// Pages that are not among them were not clicked.
    is_whole: bool,
}

impl Clicks {
    fn of(report: &Report) -> Self {
        let is_told = report.totals.as_ref().is_some_and(|totals| totals.iter().any(Option::is_some));
        let (site, is_whole) = (report.source.facts.remote_id.clone(), is_told && report.next.is_none());
        Self { site, by_address: by_address(report), is_whole }
    }

    /// Those to the pages of this site that a text links to; none where that is not known, or it links to none.
    fn to(&self, text: &str) -> Option<f64> {
        let pages: Vec<String> = links(text).into_iter().filter(|page| is_of(&self.site, page)).collect();
        let clicks = |page: &String| self.by_address.get(page).copied().or_else(|| self.is_whole.then_some(0.0));
        if pages.is_empty() { None } else { pages.iter().map(clicks).sum() }
    }
}

/// Whether a page belongs to a site as Search Console names it: a domain with all below it, or an address with what begins like it.
pub(super) fn is_of(site: &str, page: &str) -> bool {
    let Some(domain) = site.strip_prefix("sc-domain:") else {
        // Without the last stroke, as addresses are compared here.
        return page
            .strip_prefix(site.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    };
    let host = url::Url::parse(page).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// What came of the posts of a period.
pub(super) async fn came_of(cx: &ToolContext<'_>, period: Option<&str>) -> Result<CameOf, ToolError> {
    if cx.is_withheld {
        return Err(say!("google-withheld").into());
    }
    let period = period.unwrap_or(PERIOD);
    let outcomes = cx.analytics.outcomes(cx.caller, period).await?;
    let (mut found, is_cut) = found(cx, &outcomes).await?;
    found.sort_by(|a, b| {
        let by = |one: &Found| (one.outcome.key_events(), one.outcome.sessions);
        let (a_by, b_by) = (by(a), by(b));
        b_by.0.total_cmp(&a_by.0).then(b_by.1.total_cmp(&a_by.1)).then_with(|| a.sent.post.cmp(&b.sent.post))
    });
    let ask = SearchAsk { view: Some(SearchView::Pages), period: Some(period.to_owned()), ..SearchAsk::default() };
    let mut caveats: Vec<String> = vec![cx.say(&say!("outcomes-how"))];
    let searched = match cx.analytics.report_search(cx.caller, &ask, (0, PAGES_MAX)).await {
        Ok(report) => Some(report),
        Err(ToolError::Refused(why)) => {
            caveats.push(cx.say(&why));
            None
        }
        Err(failed @ ToolError::Failed(_)) => return Err(failed),
    };
    caveats.extend(winner(cx, &found));
    if is_cut {
        caveats.push(cx.say(&say!("outcomes-posts-cut")));
    }
    let untagged = found.iter().filter(|one| !one.sent.is_tagged() && one.visits.is_none()).count();
    if untagged > 0 {
        caveats.push(cx.say(&say!("outcomes-untagged", count = untagged)));
    }
    let mut badges: BTreeSet<_> = outcomes.badges.iter().copied().collect();
    badges.extend(is_cut.then_some(Badge::Cut));
    let (mut accounts, mut until_ms) = (vec![outcomes.login.clone()], outcomes.until);
    let mut said: Vec<&Sentence> = Vec::new();
    if let Some(report) = &searched {
        badges.extend(report.badges.iter().copied());
        said.extend(&report.caveats);
        until_ms = until_ms.min(report.until);
        if !accounts.contains(&report.login) {
            accounts.push(report.login.clone());
        }
    }
    let clicks = searched.as_ref().map(Clicks::of);
    said.extend(outcomes.caveats.iter().filter(|caveat| !said.contains(caveat)).collect::<Vec<_>>());
    caveats.extend(said.into_iter().map(|caveat| cx.say(caveat)));
    let told = found.iter().filter(|one| one.sent.is_tagged() || one.visits.is_some()).take(cx.told(TOLD_MAX));
    Ok(CameOf {
        property: named(&outcomes.source),
        period: outcomes.periods.map_or_else(String::new, |periods| {
            format!("{} to {} ({})", periods.now.first, periods.now.last, outcomes.source.facts.zone)
        }),
        columns: COLUMNS.to_vec(),
        rows: told.map(|one| told_of(one, clicks.as_ref())).collect(),
        badges: badges.into_iter().map(|badge| badge.word().to_owned()).collect(),
        caveats,
        csv_url: cx.link(&format!("analytics/outcomes.csv?{}", address::words(&[("period", period)]))),
        keep: Some(Keep { until_ms, accounts }),
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

/// The posts of the period, and older ones that still brought something; whether there are more.
async fn found(cx: &ToolContext<'_>, outcomes: &Outcomes) -> Result<(Vec<Found>, bool), ToolError> {
    let Some(periods) = outcomes.periods else { return Ok((Vec::new(), false)) };
    let zone = &outcomes.source.facts.zone;
    let until = periods.now.last.tomorrow().unwrap_or(periods.now.last);
    let (begin, end) = (begin_of(periods.now.first, zone), begin_of(until, zone));
    let old = cx.desk.now_ms() - YOUNG_DAYS * DAY_MS;
    let (mut all, is_cut) = cx.desk.list_sent(cx.caller, (begin, end)).await?;
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
        let is_compared = (begin..end).contains(&sent.at_ms) && sent.at_ms <= old;
        Found { sent, visits, outcome, is_compared }
    };
    Ok((all.into_iter().map(with).collect(), is_cut))
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

fn told_of(one: &Found, clicks: Option<&Clicks>) -> Vec<Value> {
    let clicks = clicks.and_then(|clicks| clicks.to(&one.sent.text));
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

/// A post that beat the median of its account by far, with how it was counted and what could come next.
fn winner(cx: &ToolContext<'_>, found: &[Found]) -> Vec<String> {
    let known =
        found.iter().filter(|one| one.is_compared).filter_map(|one| Some(((&one.sent.account, one.visits?), one)));
    let (visits, counted): (Vec<_>, Vec<&Found>) = known.unzip();
    let Some((at, beaten, count)) = beats_own(&visits) else { return Vec::new() };
    let Some(one) = counted.get(at) else { return Vec::new() };
    let key = if beaten.is_of_some() { "outcomes-winner" } else { "outcomes-winner-alone" };
    let told = Sentence::new(key)
        .with("post", one.sent.post.as_str())
        .with("network", one.sent.network.shown())
        .with("visits", rounded(one.outcome.sessions))
        .with("times", rounded(beaten.times))
        .with("median", rounded(beaten.median))
        .with("count", count);
    vec![cx.say(&told), cx.say(&say!("outcomes-winner-next"))]
}

#[expect(clippy::cast_possible_truncation, reason = "visits are counted in thousands")]
fn whole(figure: f64) -> i64 {
    figure.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_are_known_of_pages_of_the_site_alone() {
        let clicks = |site: &str, is_whole| Clicks {
            site: site.to_owned(),
            by_address: BTreeMap::from([("https://www.acme.example/a".to_owned(), 7.0)]),
            is_whole,
        };
        let domain = clicks("sc-domain:acme.example", true);
        assert_eq!(domain.to("See https://www.acme.example/a and https://elsewhere.example/"), Some(7.0));
        assert_eq!(domain.to("https://acme.example/b"), Some(0.0));
        assert_eq!(domain.to("https://elsewhere.example/ https://notacme.example/"), None, "another's is unknown");
        assert_eq!(domain.to("no link"), None);
        let cut = clicks("sc-domain:acme.example", false);
        assert_eq!(cut.to("https://www.acme.example/a"), Some(7.0));
        assert_eq!(cut.to("https://www.acme.example/a https://www.acme.example/b"), None, "it may stand further down");
        let prefix = clicks("https://www.acme.example/", true);
        assert_eq!((prefix.to("https://www.acme.example/b"), prefix.to("https://acme.example/b")), (Some(0.0), None));
        assert_eq!(prefix.to("https://www.acme.example.evil.test/"), None);
    }
}
