//! What came of posts, for `report_posts`: visits and key events by the tags in their links, clicks from Google's results to the pages they lead to, and
//! which post beat the others by far. What a figure lessens is said with it; a post whose links carry no tags has none, which is not nothing.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::ToolContext;
use super::figures::named;
use crate::analytics::outcomes::{Outcome, Outcomes};
use crate::analytics::search::SearchView;
use crate::analytics::times::rounded;
use crate::analytics::{Report, SearchAsk};
use crate::desk::view::PostView;
use crate::domain::alike::links;
use crate::domain::days::begin_of;
use crate::domain::ids::PostId;
use crate::domain::network::Network;
use crate::domain::times::beats;
use crate::domain::tool::{Keep, ToolError};
use crate::domain::utm;
use crate::say;
use crate::store::post_lists::PostsWanted;

/// What is asked about when no days are named.
const PERIOD: &str = "last 28 days";
/// Posts that are told: those with the most.
const TOLD_MAX: usize = 30;
/// Posts of the period that are looked at.
const POSTS_MAX: i64 = 280;
/// Pages of Google's results that are looked at, the most clicked first.
const PAGES_MAX: usize = 5_000;
/// The beginning of a text that tells posts apart.
const TEXT_CHARS: usize = 80;

/// What came of posts.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct CameOf {
    property: String,
    period: String,
    /// Most key events first, then visits.
    posts: Vec<PostOutcome>,
    badges: Vec<String>,
    /// Tell these with the figures.
    caveats: Vec<String>,
    #[serde(skip)]
    pub(super) keep: Option<Keep>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct PostOutcome {
    post: String,
    network: Network,
    /// The beginning of its text.
    text: String,
    visits: i64,
    key_events: BTreeMap<String, i64>,
    /// Where visits began.
    pages: Vec<String>,
    /// From Google's results to the pages it links to.
    #[serde(skip_serializing_if = "Option::is_none")]
    search_clicks: Option<i64>,
}

/// A post on a network, with what came of it.
struct Found<'a> {
    post: &'a PostView,
    network: Network,
    text: String,
    outcome: Outcome,
    /// Whether visits of it can be told at all.
    is_tagged: bool,
}

/// What came of the posts of a period.
pub(super) async fn came_of(cx: &ToolContext<'_>, period: Option<&str>) -> Result<CameOf, ToolError> {
    if cx.is_withheld {
        return Err(say!("google-withheld").into());
    }
    let period = period.unwrap_or(PERIOD);
    let outcomes = cx.analytics.outcomes(cx.caller, period).await?;
    let posts = posts(cx, &outcomes).await?;
    let mut found: Vec<Found<'_>> = posts.iter().flat_map(|post| of_post(post, &outcomes)).collect();
    found.sort_by(|a, b| {
        let by = |one: &Found<'_>| (one.outcome.key_events(), one.outcome.sessions);
        let (a_by, b_by) = (by(a), by(b));
        b_by.0.total_cmp(&a_by.0).then(b_by.1.total_cmp(&a_by.1)).then_with(|| a.post.id.cmp(&b.post.id))
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
    caveats.extend(winner(cx, &found, &outcomes));
    let untagged = found.iter().filter(|one| !one.is_tagged && one.outcome.sessions == 0.0).count();
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
    let told = found.iter().filter(|one| one.is_tagged || one.outcome.sessions > 0.0).take(TOLD_MAX);
    Ok(CameOf {
        property: named(&outcomes.source),
        period: outcomes.periods.map_or_else(String::new, |periods| {
            format!("{} to {} ({})", periods.now.first, periods.now.last, outcomes.source.facts.zone)
        }),
        posts: told.map(|one| told_of(one, clicks.as_ref())).collect(),
        badges: badges.into_iter().map(|badge| badge.word().to_owned()).collect(),
        caveats,
        keep: Some(Keep { until_ms: until, account: outcomes.login }),
    })
}

impl CameOf {
    /// The same in a few lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("Visits and key events that posts brought, {}, {}:", self.property, self.period)];
        lines.extend(self.posts.iter().map(|one| {
            let events: Vec<String> = one.key_events.iter().map(|(name, count)| format!("{name} {count}")).collect();
            let events = if events.is_empty() { "no key events".to_owned() } else { events.join(", ") };
            let clicks =
                one.search_clicks.map(|clicks| format!("; {clicks} search clicks to its pages")).unwrap_or_default();
            format!("- {} on {}: {} visits, {events}{clicks} ({})", one.post, one.network.shown(), one.visits, one.text)
        }));
        lines.extend(self.caveats.iter().cloned());
        lines
    }
}

/// The posts of the period, and older ones that still brought something.
async fn posts(cx: &ToolContext<'_>, outcomes: &Outcomes) -> Result<Vec<PostView>, ToolError> {
    let Some(periods) = outcomes.periods else { return Ok(Vec::new()) };
    let zone = &outcomes.source.facts.zone;
    let until = periods.now.last.tomorrow().unwrap_or(periods.now.last);
    let due = (begin_of(periods.now.first, zone), begin_of(until, zone));
    let wanted = PostsWanted { due: Some(due), ..PostsWanted::default() };
    let mut all = cx.desk.list_posts(cx.caller, &wanted, POSTS_MAX).await?;
    for (id, _) in outcomes.by_post.keys() {
        let Ok(id) = id.parse::<PostId>() else { continue };
        if all.iter().any(|post| post.id == id) {
            continue;
        }
        // A tag that names no post of theirs is somebody else's words.
        match cx.desk.read_post(cx.caller, &id).await {
            Ok(post) => all.push(post),
            Err(ToolError::Refused(_)) => {}
            Err(failed @ ToolError::Failed(_)) => return Err(failed),
        }
    }
    Ok(all)
}

/// A post on each network on which it is out.
fn of_post<'a>(post: &'a PostView, outcomes: &Outcomes) -> Vec<Found<'a>> {
    let out: BTreeSet<Network> = post
        .deliveries
        .iter()
        .filter(|delivery| !delivery.receipts.is_empty())
        .map(|delivery| delivery.account.network)
        .collect();
    let of = |network: Network| {
        let outcome = outcomes.by_post.get(&(post.id.to_string(), network)).cloned().unwrap_or_default();
        let variant = post.variants.iter().find(|variant| variant.account.network == network);
        let texts = variant.map(|variant| &variant.content.segments).into_iter().flatten();
        let text = texts.map(|segment| segment.text.as_str()).collect::<Vec<_>>().join("\n");
        Found { post, network, is_tagged: utm::is_tagged(&text), text, outcome }
    };
    out.into_iter().map(of).collect()
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

fn told_of(one: &Found<'_>, clicks: Option<&BTreeMap<String, f64>>) -> PostOutcome {
    let clicks = clicks.and_then(|all| {
        let pages = links(&one.text);
        (!pages.is_empty()).then(|| pages.iter().filter_map(|page| all.get(page)).sum::<f64>())
    });
    let text: String = one.text.chars().take(TEXT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    PostOutcome {
        post: one.post.id.to_string(),
        network: one.network,
        text,
        visits: whole(one.outcome.sessions),
        key_events: one.outcome.events.iter().map(|(name, count)| (name.clone(), whole(*count))).collect(),
        pages: one.outcome.landings.iter().take(3).cloned().collect(),
        search_clicks: clicks.map(whole),
    }
}

/// A post that beat the median of all by far, with how it was counted and what could come next.
fn winner(cx: &ToolContext<'_>, found: &[Found<'_>], outcomes: &Outcomes) -> Vec<String> {
    let is_whole = !outcomes.badges.contains(&crate::analytics::report::Badge::Thresholded);
    let counted: Vec<&Found<'_>> =
        found.iter().filter(|one| one.outcome.sessions > 0.0 || (one.is_tagged && is_whole)).collect();
    let visits: Vec<f64> = counted.iter().map(|one| one.outcome.sessions).collect();
    let Some((at, beaten)) = beats(&visits) else { return Vec::new() };
    let Some(one) = counted.get(at) else { return Vec::new() };
    let told = say!(
        "outcomes-winner",
        post = one.post.id.as_str(),
        network = one.network.shown(),
        visits = rounded(one.outcome.sessions),
        times = rounded(beaten.times),
        median = rounded(beaten.median),
        count = visits.len()
    );
    vec![cx.say(&told), cx.say(&say!("outcomes-winner-next"))]
}

#[expect(clippy::cast_possible_truncation, reason = "visits are counted in thousands")]
fn whole(figure: f64) -> i64 {
    figure.round() as i64
}
