//! When to post, from what is known: visits that one's own posts brought, else what networks counted of them, else the hours in which visitors come,
//! else a rule of thumb that says that it is one. The arithmetic is `domain/times`; which posts went out when is told by whoever asks.

use jiff::Timestamp;
use jiff::civil::Weekday;

use super::known::day_of;
use super::networks::OwnFigures;
use super::outcomes::Outcomes;
use super::{Analytics, DAY_MS, Report, TrafficAsk};
use crate::domain::caller::Caller;
use crate::domain::compared;
use crate::domain::ids::AccountId;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::find_zone;
use crate::domain::times::{
    OutPost, POST_DAYS, POSTS_MIN, PULL, Posted, Suggestion, VISITS_MIN, Week, YOUNG_DAYS, by_posts, by_visits, mean,
    prior,
};
use crate::domain::tool::ToolError;
use crate::say;

/// As `POST_DAYS`.
const POST_PERIOD: &str = "last 90 days";
/// Whole weeks, so that each weekday counts as often.
const WEEKS: f64 = 12.0;
const VISIT_PERIOD: &str = "last 84 days";
/// Every hour of these weeks, and of the days at both ends.
const HOURS_MAX: usize = 86 * 24;
/// Parts of an hour that are moved: some clocks differ by half an hour, or three quarters.
const PARTS: i64 = 4;
const PARTS_EACH: f64 = 4.0;

/// What suggestions rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Basis {
    /// Visits that one's own posts brought.
    Posts,
    /// Views that networks counted of one's own posts.
    Views,
    /// Visits from networks.
    Networks,
    /// All visits.
    Visits,
    /// A rule of thumb.
    Prior,
}

/// Times that are suggested, with what they rest on.
#[derive(Debug, Clone)]
pub struct Times {
    /// On what.
    pub basis: Basis,
    /// Out of how many posts or visits.
    pub sample: usize,
    /// Best first.
    pub best: Vec<Suggestion>,
    /// How it was counted, and what must be known.
    pub said: Vec<Sentence>,
    /// Visits by hour in the person's zone, when there are any; a mean week.
    pub week: Option<Week>,
    /// Through which accounts it was read, and until when it may be kept.
    pub keep: Option<(Vec<AccountId>, i64)>,
}

/// Posts by what networks counted of them.
struct Seen {
    /// Each with how often it had what is usual on its account.
    posts: Vec<Posted>,
    keep: Option<(Vec<AccountId>, i64)>,
}

/// Visits by hour.
struct Hours {
    basis: Basis,
    week: Week,
    /// A visit that lasts over an hour's end stands in both of them: this is each once.
    total: f64,
    report: Report,
}

impl Analytics {
    /// When to post. `may_ask` is whether figures of Google's may be looked at at all.
    ///
    /// # Errors
    /// When the store fails; what Google refuses is said beside a rule of thumb.
    pub async fn times(
        &self,
        caller: &Caller,
        posts: &[OutPost],
        may_ask: Result<(), Sentence>,
    ) -> Result<Times, ToolError> {
        let seen = self.seen(caller, posts).await?;
        if let Err(why) = may_ask {
            return Ok(without_visits(seen, (0, 0.0), vec![why]));
        }
        let (hours, outcomes) = match (self.hours(caller).await, self.outcomes(caller, POST_PERIOD).await) {
            (Ok(hours), Ok(outcomes)) => (hours, outcomes),
            (Err(ToolError::Refused(why)), _) | (_, Err(ToolError::Refused(why))) => {
                return Ok(without_visits(seen, (0, 0.0), vec![why]));
            }
            (Err(failed), _) | (_, Err(failed)) => return Err(failed),
        };
        let until = hours.report.until.min(outcomes.until);
        let keep = Some((vec![hours.report.login.clone()], until));
        let followed = followed(posts, &outcomes, (self.clock.now_ms(), &caller.zone));
        let mut said = Vec::new();
        let week = Some(hours.week.clone()).filter(|week| week.sum() > 0.0);
        let own = by_posts(&followed);
        let visitors = by_visits(&hours.week);
        let times = if !own.is_empty() {
            said.push(say!(
                "times-how-posts",
                count = followed.len(),
                days = POST_DAYS,
                average = rounded(mean(followed.iter().map(|post| post.visits))),
                pull = rounded(PULL)
            ));
            said.extend(outcomes.caveats);
            Times { basis: Basis::Posts, sample: followed.len(), best: own, said, week, keep }
        } else if let Some(times) = by_views(&seen, said.clone()) {
            Times { week, keep: both(keep, times.keep), ..times }
        } else if !visitors.is_empty() {
            let key = if hours.basis == Basis::Networks { "times-how-networks" } else { "times-how-visits" };
            said.push(
                Sentence::new(key)
                    .with("count", rounded(hours.total))
                    .with("weeks", rounded(WEEKS))
                    .with("posts", followed.len())
                    .with("min", POSTS_MIN),
            );
            said.extend(shifted(&hours.report, caller));
            said.extend(hours.report.caveats.into_iter().filter(|caveat| caveat.key != "report-caveat-moving"));
            Times { basis: hours.basis, sample: whole(hours.total), best: visitors, said, week, keep }
        } else {
            Times { week, keep, ..without_visits(seen, (followed.len(), hours.total), said) }
        };
        Ok(times)
    }

    /// What networks counted of these posts, each beside what is usual on its account.
    async fn seen(&self, caller: &Caller, posts: &[OutPost]) -> Result<Seen, ToolError> {
        let since = self.clock.now_ms() - POST_DAYS * DAY_MS;
        let OwnFigures { mut readings, .. } = self.own_figures(caller, since).await?;
        // Of the accounts that were asked about: the same post on another one is another audience.
        readings.retain(|reading| {
            posts.iter().any(|post| post.id == reading.post && post.accounts.contains(&reading.account))
        });
        let until = readings.iter().map(|reading| reading.read_at).min().map(|oldest| oldest + self.figures_keep_ms());
        let rows = compared::rows(&readings);
        let keep = until.map(|until| (rows.iter().map(|row| row.account.clone()).collect(), until));
        let posted = |(out_at, visits): (i64, f64)| {
            let (day, hour) = at(out_at, &caller.zone);
            Posted { day, hour, visits }
        };
        Ok(Seen { posts: rows.iter().flat_map(compared::Row::beside_usual).map(posted).collect(), keep })
    }

    /// Visits by hour of the week in the person's zone: those from networks, or all where these are too few.
    async fn hours(&self, caller: &Caller) -> Result<Hours, ToolError> {
        let ask = |filters: &[&str]| TrafficAsk {
            period: Some(VISIT_PERIOD.to_owned()),
            dimensions: vec!["dateHour".to_owned()],
            metrics: vec!["sessions".to_owned()],
            filters: filters.iter().map(|filter| (*filter).to_owned()).collect(),
            ..TrafficAsk::default()
        };
        let report =
            self.report_traffic(caller, &ask(&["sessionDefaultChannelGroup = Organic Social"]), (0, HOURS_MAX)).await?;
        let (week, total) = (week_of(&report, &caller.zone), sum_of(&report));
        if total >= VISITS_MIN {
            return Ok(Hours { basis: Basis::Networks, week, total, report });
        }
        let report = self.report_traffic(caller, &ask(&[]), (0, HOURS_MAX)).await?;
        Ok(Hours { basis: Basis::Visits, week: week_of(&report, &caller.zone), total: sum_of(&report), report })
    }
}

/// Hours of the property's days as hours of the person's week, each moved as the two clocks stood then: summer time begins and ends on other days, or
/// never. What falls into two hours is divided between them.
fn week_of(report: &Report, to: &str) -> Week {
    let zone = |name: &str| find_zone(name).unwrap_or(jiff::tz::TimeZone::UTC);
    let (from, to) = (zone(&report.source.facts.zone), zone(to));
    let mut week = Week::empty();
    for row in &report.rows {
        let begin =
            row.keys.first().and_then(|key| hour_of(key)).and_then(|at| at.to_zoned_datetime(from.clone()).ok());
        let Some((begin, visits)) = begin.zip(row.figures.first().copied().flatten()) else { continue };
        for part in 0..PARTS {
            let at = begin.timestamp().checked_add(jiff::SignedDuration::from_mins(part * 60 / PARTS));
            let Ok(at) = at.map(|at| at.to_zoned_datetime(to.clone())) else { continue };
            let day = i64::from(at.weekday().to_monday_zero_offset());
            week.add(day * 24 + i64::from(at.hour()), visits / PARTS_EACH);
        }
    }
    week
}

/// `2026112715`: an hour of a day, as Google writes it.
fn hour_of(key: &str) -> Option<jiff::civil::DateTime> {
    let day = day_of(key.get(..8)?)?;
    Some(day.at(key.get(8..)?.parse().ok().filter(|hour| (0..24).contains(hour))?, 0, 0, 0))
}

/// Posts of which it is known what they brought.
fn followed(posts: &[OutPost], outcomes: &Outcomes, (now, zone): (i64, &str)) -> Vec<Posted> {
    let old = posts.iter().filter(|post| now - post.at_ms >= YOUNG_DAYS * DAY_MS);
    let known = old.filter_map(|post| {
        let visits = outcomes.visits(&post.id, post.network).filter(|visits| post.is_tagged || *visits > 0.0)?;
        let (day, hour) = at(post.at_ms, zone);
        Some(Posted { day, hour, visits })
    });
    known.collect()
}

fn sum_of(report: &Report) -> f64 {
    report.totals.as_ref().and_then(|totals| totals.first().copied().flatten()).unwrap_or_default()
}

/// What is suggested where visits say nothing.
fn without_visits(seen: Seen, counted: (usize, f64), said: Vec<Sentence>) -> Times {
    if let Some(times) = by_views(&seen, said.clone()) {
        return times;
    }
    let mut times = of_thumb(counted, said);
    times.said.insert(1, say!("times-how-views-few", count = seen.posts.len(), min = POSTS_MIN));
    times
}

/// From what networks counted; nothing where that is too little, or all alike.
fn by_views(seen: &Seen, mut said: Vec<Sentence>) -> Option<Times> {
    let best = by_posts(&seen.posts);
    if best.is_empty() {
        return None;
    }
    let how = say!("times-how-views", count = seen.posts.len(), days = POST_DAYS, pull = rounded(PULL));
    said.insert(0, how);
    Some(Times { basis: Basis::Views, sample: seen.posts.len(), best, said, week: None, keep: seen.keep.clone() })
}

/// What rests on both is kept as long as either may be.
fn both(one: Option<(Vec<AccountId>, i64)>, other: Option<(Vec<AccountId>, i64)>) -> Option<(Vec<AccountId>, i64)> {
    match (one, other) {
        (Some((mut accounts, until)), Some((more, no_longer))) => {
            accounts.extend(more);
            Some((accounts, until.min(no_longer)))
        }
        (one, other) => one.or(other),
    }
}

fn of_thumb((posts, visits): (usize, f64), mut said: Vec<Sentence>) -> Times {
    let how = say!(
        "times-how-prior",
        posts = posts,
        min = POSTS_MIN,
        visits = rounded(visits),
        visits_min = rounded(VISITS_MIN)
    );
    said.insert(0, how);
    Times { basis: Basis::Prior, sample: 0, best: prior(), said, week: None, keep: None }
}

/// That the property's clock is another one.
fn shifted(report: &Report, caller: &Caller) -> Option<Sentence> {
    let of = &report.source.facts.zone;
    (*of != caller.zone).then(|| say!("times-shifted", from = of, zone = &caller.zone))
}

/// The weekday and hour of an instant.
fn at(at_ms: i64, zone: &str) -> (Weekday, i8) {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = at.to_zoned_datetime(find_zone(zone).unwrap_or(jiff::tz::TimeZone::UTC));
    (at.weekday(), at.hour())
}

/// A figure as it is said.
#[must_use]
pub fn rounded(figure: f64) -> String {
    let text = format!("{figure:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "visits are no less than none and no more than fit"
)]
fn whole(figure: f64) -> usize {
    figure.round() as usize
}

/// Why one time is suggested.
#[must_use]
pub fn why(basis: Basis, one: &Suggestion) -> Sentence {
    match basis {
        Basis::Posts => {
            say!("times-why-posts", count = one.posts, seen = rounded(one.seen), estimate = rounded(one.estimate))
        }
        Basis::Views => {
            say!("times-why-views", count = one.posts, seen = rounded(one.seen), estimate = rounded(one.estimate))
        }
        Basis::Networks | Basis::Visits => say!("times-why-visits", seen = rounded(one.seen / WEEKS)),
        Basis::Prior => say!("times-why-prior"),
    }
}
