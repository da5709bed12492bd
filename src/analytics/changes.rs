//! "What changed?": days that lie far from what the same weekdays before them had, as a whole and by one dimension. Plain statistics, told with the
//! answer: a median of weeks, how far those weeks lie from it, and never less than counting things scatters by itself. Why something changed is
//! nobody's guess here.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::ask::{self, Query, ROWS_MAX, SearchAsk, TrafficAsk, Window};
use super::catalogue::{self, Columns, TrafficView, Unit};
use super::known::{Known, day_of};
use super::page::{Head, Line, Marks};
use super::period::{Period, Periods};
use super::report::{self, Column, Report, Row, Seen};
use super::search::{self, SearchView};
use super::{Analytics, filter};
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, SourceKind};
use crate::domain::refusal::Sentence;
use crate::domain::times::median;
use crate::domain::tool::ToolError;
use crate::say;

/// A day is held against the same weekday of so many weeks before it: seasons pass, weeks repeat.
const WEEKS: i64 = 8;
/// With fewer known ones among them nothing is said.
const KNOWN_MIN: usize = 4;
/// Spreads from the median from which on a day is unusual (Iglewicz and Hoaglin, 1993).
const SPREADS_MIN: f64 = 3.5;
/// And so many things apart at least: two visits where there were none are no news.
const APART_MIN: f64 = 10.0;
/// Makes a median deviation comparable with a standard deviation.
const TO_SIGMA: f64 = 1.4826;
/// Values of the dimension that are looked at, the largest first: each more is a chance more to be wrong.
const PARTS_MAX: usize = 20;
/// Figures of Analytics that old hardly change any more (platforms/google.md §6.2: 24 to 48 hours).
const TRAFFIC_STILL_DAYS: i64 = 2;
/// What stands for everything, spelt as Google spells such values.
pub const ALL: &str = "(all)";

/// One unusual day.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    day: Date,
    what: String,
    figure: f64,
    expected: f64,
    /// How many spreads away, with its sign.
    spreads: f64,
}

/// Figures by day.
type Series = BTreeMap<Date, f64>;

/// What is judged.
struct Judged {
    period: Period,
    /// The last day that was told, or is settled, and whose figures hardly change any more.
    still: Date,
    /// The days of which nothing told means that there was nothing.
    known: Known,
    /// The first day of which anything is known.
    known_from: Date,
}

impl Judged {
    /// The unusual days of one series; a day that it does not have is `absent`: none of anything, or not known. One of which nobody was told yet is
    /// no drop.
    fn unusual(&self, what: &str, series: &Series, absent: Option<f64>) -> Vec<Change> {
        let of = |day: Date| series.get(&day).copied().or_else(|| absent.filter(|_| self.known.covers(day)));
        let mut found = Vec::new();
        let mut day = self.period.first;
        while day <= self.period.last.min(self.still) {
            let before = (1..=WEEKS).filter_map(|week| day.checked_sub((7 * week).days()).ok());
            let weeks: Vec<f64> = before.filter(|other| *other >= self.known_from).filter_map(of).collect();
            if weeks.len() >= KNOWN_MIN
                && day >= self.known_from
                && let Some(figure) = of(day)
            {
                let (expected, spread) = usual(weeks);
                let apart = figure - expected;
                let spreads = apart / spread;
                if spreads.abs() >= SPREADS_MIN && apart.abs() >= APART_MIN {
                    found.push(Change { day, what: what.to_owned(), figure, expected, spreads });
                }
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        found
    }
}

/// Up to when is judged: no further than `still`, than what was told of everything or is settled, and than what Google itself calls complete.
fn judged_to(still: Date, whole: &Series, (known, marks): (Known, &Marks)) -> Date {
    let told = whole.keys().next_back().copied();
    let settled = known.ends_before(still).unwrap_or(still);
    let complete = marks.first_incomplete.as_deref().and_then(day_of).and_then(|day| day.yesterday().ok());
    still.min(told.map_or(settled, |told| told.max(settled))).min(complete.unwrap_or(still))
}

/// The median, and how far from it is ordinary: 1.4826 times the median distance, but never less than the root of the median, by which a count
/// scatters anyhow.
fn usual(weeks: Vec<f64>) -> (f64, f64) {
    let expected = median(weeks.clone());
    let scatter = median(weeks.into_iter().map(|one| (one - expected).abs()).collect());
    (expected, (TO_SIGMA * scatter).max(expected.max(1.0).sqrt()))
}

/// What is asked for the two series: how to ask by these dimensions, and of which days.
struct Asking<'a, Q> {
    query: Q,
    dimension: &'a str,
    feature: Feature,
    period: Period,
    today: Date,
    still_days: i64,
}

impl Analytics {
    /// What changed in the traffic.
    pub(super) async fn traffic_changes(
        &self,
        caller: &Caller,
        ask: &TrafficAsk,
        rows: (usize, usize),
    ) -> Result<Report, ToolError> {
        let columns = catalogue::columns(TrafficView::Changes, &ask.dimensions, &ask.metrics)?;
        let dimension = only_dimension(&columns.dimensions)?.to_owned();
        if let Some((name, _)) =
            columns.metrics.iter().skip(1).chain(columns.metrics.iter().filter(|one| one.1 != Unit::Count)).next()
        {
            return Err(apart(name, "sessions").into());
        }
        let filters = filter::read(&ask.filters)?;
        nothing_compared(ask.compare.as_deref())?;
        let (login, source) = self.pick(caller, SourceKind::Property, ask.property.as_deref()).await?;
        let today = self.today(&source.facts.zone);
        let period = ask::periods(ask.period.as_deref(), None, today)?.0.now;
        let query = |period: Period, dimensions: &[&str]| {
            let dimensions = dimensions.iter().map(|name| (*name).to_owned()).collect();
            let columns = Columns { dimensions, metrics: columns.metrics.clone() };
            self.traffic_query((&login, &source), (columns, filters.clone()), (Some(period), today))
        };
        let still_days = TRAFFIC_STILL_DAYS;
        let asking = Asking { query, dimension: &dimension, feature: Feature::Analytics, period, today, still_days };
        self.changes(&asking, rows).await
    }

    /// What changed among searches.
    pub(super) async fn search_changes(
        &self,
        caller: &Caller,
        ask: &SearchAsk,
        rows: (usize, usize),
    ) -> Result<Report, ToolError> {
        let dimensions = search::dimensions(SearchView::Changes, &ask.dimensions, ask.kind)?;
        let dimension = only_dimension(&dimensions)?;
        let filters = search::filters(&filter::read(&ask.filters)?, ask.kind)?;
        nothing_compared(ask.compare.as_deref())?;
        let today = self.today(search::ZONE);
        let period = ask::periods(ask.period.as_deref(), None, today)?.0.now;
        let (login, source) = self.pick(caller, SourceKind::Site, ask.site.as_deref()).await?;
        let query = |period: Period, dimensions: &[&str]| {
            let dimensions = search::dimensions(
                SearchView::Overview,
                &dimensions.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
                ask.kind,
            )?;
            self.search_query((&login, &source), (dimensions, filters.clone(), ask.kind), (period, today))
        };
        let still_days = search::BEHIND_DAYS;
        let asking = Asking { query, dimension, feature: Feature::Search, period, today, still_days };
        self.changes(&asking, rows).await
    }

    async fn changes<'q>(
        &self,
        asking: &Asking<'_, impl Fn(Period, &[&str]) -> Result<Query<'q>, ToolError>>,
        (from, rows_max): (usize, usize),
    ) -> Result<Report, ToolError> {
        let Asking { query, dimension, feature, period, today, still_days } = asking;
        let begin = period.first.checked_sub((7 * WEEKS).days()).unwrap_or(period.first);
        let span = Period::new(begin, period.last).ok_or_else(|| say!("report-changes-long"))?;
        let still = today.checked_sub(still_days.days()).unwrap_or(*today);
        let (of_all, of_parts) = (query(span, &["date"])?, query(span, &["date", dimension])?);
        let all = self.window(&of_all, 0, ROWS_MAX).await?;
        let parts = self.window(&of_parts, 0, ROWS_MAX).await?;
        let whole: Series = series(&all, |_| ALL.to_owned()).remove(ALL).unwrap_or_default();
        let known_from = whole.keys().next().copied().unwrap_or(period.last);
        let known = Known::of(*feature, *today);
        let mut head = parts.head.clone();
        head.marks.join(&all.head.marks);
        let still = judged_to(still, &whole, (known, &head.marks));
        let judged = Judged { period: *period, still, known, known_from };
        let absent = |query: &Query<'_>, window: &Window| {
            query.absent(window, known).and_then(|figures| figures.first().copied().flatten())
        };
        let mut found = judged.unusual(ALL, &whole, absent(&of_all, &all));
        let of_part = absent(&of_parts, &parts);
        for (what, series) in largest(series(&parts, |keys| keys.get(1).cloned().unwrap_or_default())) {
            found.extend(judged.unusual(&what, &series, of_part));
        }
        found.sort_by(|a, b| {
            b.spreads.abs().total_cmp(&a.spreads.abs()).then_with(|| (a.day, &a.what).cmp(&(b.day, &b.what)))
        });
        let periods = Some(Periods { now: *period, before: None });
        let seen = Seen::of((*feature, &head), *today, periods);
        let (badges, mut caveats) = report::caveats(&seen);
        caveats.splice(0..0, how(&found, &judged));
        let made_at = all.made_at.min(parts.made_at);
        let (rows, row_count) = (rows(&found), found.len());
        let rows: Vec<Row> = rows.into_iter().skip(from).take(rows_max).collect();
        let next = from + rows.len();
        Ok(Report {
            login: of_all.login.id.clone(),
            source: of_all.source.clone(),
            feature: *feature,
            periods,
            columns: columns(&parts.head, dimension),
            next: (next < row_count).then_some(next),
            row_count: Some(row_count),
            rows,
            totals: None,
            totals_before: None,
            from,
            badges,
            caveats,
            currency: String::new(),
            made_at,
            until: made_at + self.keep_ms(*feature),
            zone: None,
        })
    }
}

/// How it was judged, and what came of it.
fn how(found: &[Change], judged: &Judged) -> Vec<Sentence> {
    let mut said = vec![say!(
        "report-changes-how",
        weeks = WEEKS,
        spreads = SPREADS_MIN.to_string(),
        apart = format!("{APART_MIN:.0}"),
        last = judged.period.last.min(judged.still).to_string(),
        parts = PARTS_MAX
    )];
    let first = judged.known_from.checked_add((7 * i64::try_from(KNOWN_MIN).unwrap_or_default()).days());
    if first.is_ok_and(|first| first > judged.period.first) {
        said.push(say!("report-changes-short", since = judged.known_from.to_string()));
    }
    if found.is_empty() {
        said.push(say!("report-changes-none"));
    }
    said
}

fn only_dimension<T: AsRef<str>>(dimensions: &[T]) -> Result<&str, Sentence> {
    match dimensions {
        [one] if !catalogue::is_time(one.as_ref()) => Ok(one.as_ref()),
        all => Err(apart(all.last().map_or("–", AsRef::as_ref), "country")),
    }
}

fn apart(one: &str, instead: &str) -> Sentence {
    say!("report-columns-apart", one = one, other = "view: changes", instead = instead)
}

fn nothing_compared(compare: Option<&str>) -> Result<(), Sentence> {
    if compare.is_some() { Err(say!("report-changes-compare")) } else { Ok(()) }
}

/// The first figure by day, for each name.
fn series(window: &Window, name: impl Fn(&[String]) -> String) -> BTreeMap<String, Series> {
    let mut all: BTreeMap<String, Series> = BTreeMap::new();
    for Line(keys, figures) in &window.rows {
        let day = keys.first().and_then(|key| day_of(key));
        if let Some((day, figure)) = day.zip(figures.first().copied().flatten()) {
            *all.entry(name(keys)).or_default().entry(day).or_default() += figure;
        }
    }
    all
}

fn largest(all: BTreeMap<String, Series>) -> Vec<(String, Series)> {
    let mut all: Vec<_> = all.into_iter().map(|one| (one.1.values().sum::<f64>(), one)).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().take(PARTS_MAX).map(|(_, one)| one).collect()
}

fn rows(found: &[Change]) -> Vec<Row> {
    let row = |change: &Change| Row {
        keys: vec![change.day.to_string(), change.what.clone()],
        figures: vec![Some(change.figure), Some(change.expected), Some(change.spreads)],
        before: None,
    };
    found.iter().map(row).collect()
}

fn columns(head: &Head, dimension: &str) -> Vec<Column> {
    let metric = head.metrics.first().map_or("", |(name, _)| name.as_str());
    let named = |name: &str, unit| Column { name: name.to_owned(), unit };
    vec![
        named("date", None),
        named(dimension, None),
        named(metric, Some(Unit::Count)),
        named("expected", Some(Unit::Mean)),
        named("spreads", Some(Unit::Mean)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn judged(known_from: &str) -> Judged {
        let period = Period::new(day("2026-11-02"), day("2026-11-26")).unwrap();
        let known = Known::of(Feature::Analytics, day("2026-11-28"));
        Judged { period, still: day("2026-11-25"), known, known_from: day(known_from) }
    }

    /// Sixty days of a hundred and a few more on Mondays.
    fn steady() -> Series {
        let mut all = Series::new();
        let mut at = day("2026-09-01");
        while at <= day("2026-11-26") {
            all.insert(at, if at.weekday() == jiff::civil::Weekday::Monday { 180.0 } else { 100.0 });
            at = at.tomorrow().unwrap();
        }
        all
    }

    #[test]
    fn a_day_far_from_its_weekdays_is_told_and_a_weekly_rhythm_is_not() {
        let mut all = steady();
        assert_eq!(judged("2026-09-01").unusual("a", &all, Some(0.0)), [], "Mondays are always like that");
        all.insert(day("2026-11-11"), 40.0);
        all.insert(day("2026-11-09"), 130.0);
        // Still moving: not judged.
        all.insert(day("2026-11-26"), 3.0);
        let found = judged("2026-09-01").unusual("a", &all, Some(0.0));
        let told: Vec<_> =
            found.iter().map(|one| (one.day.to_string(), one.figure, one.expected, one.spreads)).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!((told[0].0.as_str(), told[0].1, told[0].2), ("2026-11-09", 130.0, 180.0));
        assert_eq!(told[1], ("2026-11-11".into(), 40.0, 100.0, -6.0));
    }

    #[test]
    fn a_day_of_which_nobody_was_told_yet_is_no_drop() {
        let mut all = steady();
        let known = Known::of(Feature::Search, day("2026-11-28"));
        let judged = Judged { known, ..judged("2026-09-01") };
        // A week old, nothing is nothing; newer, it may only not be told yet.
        for missing in ["2026-11-20", "2026-11-23", "2026-11-24"] {
            all.remove(&day(missing));
        }
        let told: Vec<_> = judged.unusual("a", &all, Some(0.0)).iter().map(|one| one.day.to_string()).collect();
        assert_eq!(told, ["2026-11-20"]);
    }

    #[test]
    fn what_google_is_behind_with_is_not_judged() {
        let (still, known) = (day("2026-11-25"), Known::of(Feature::Search, day("2026-11-28")));
        let to = |told: &[&str], incomplete: Option<&str>| {
            let whole = told.iter().map(|told| (day(told), 1.0)).collect();
            let marks = Marks { first_incomplete: incomplete.map(str::to_owned), ..Marks::default() };
            judged_to(still, &whole, (known, &marks)).to_string()
        };
        assert_eq!(to(&["2026-11-20", "2026-11-27"], None), "2026-11-25");
        assert_eq!(to(&["2026-11-20", "2026-11-23"], None), "2026-11-23");
        assert_eq!(to(&["2026-11-20", "2026-11-27"], Some("2026-11-24")), "2026-11-23");
        // Settled days without anything are days without anything.
        assert_eq!((to(&["2026-11-10"], None), to(&[], None)), ("2026-11-21".into(), "2026-11-21".into()));
    }

    #[test]
    fn one_bad_week_among_the_eight_changes_nothing_and_too_few_weeks_say_nothing() {
        let mut all = steady();
        all.insert(day("2026-11-04"), 0.0);
        let found = judged("2026-09-01").unusual("a", &all, Some(0.0));
        assert_eq!(
            found.iter().map(|one| one.day.to_string()).collect::<Vec<_>>(),
            ["2026-11-04"],
            "later Wednesdays are as ever"
        );
        assert_eq!(judged("2026-10-20").unusual("a", &all, Some(0.0)), []);
        all.remove(&day("2026-11-05"));
        assert_eq!(judged("2026-09-01").unusual("a", &all, Some(0.0)).len(), 2, "a day without anything");
        assert_eq!(judged("2026-09-01").unusual("a", &all, None).len(), 1, "what may have been left out is no drop");
    }

    #[test]
    fn few_things_scatter_and_are_no_news() {
        let mut all = Series::new();
        all.insert(day("2026-11-11"), 9.0);
        assert_eq!(judged("2026-09-01").unusual("a", &all, Some(0.0)), []);
        all.insert(day("2026-11-11"), 11.0);
        assert_eq!(judged("2026-09-01").unusual("a", &all, Some(0.0)).len(), 1, "eleven where there were never any");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_figures_are_nothing_breaks(figures in proptest::collection::vec(0.0..1e15_f64, 0..90)) {
            let all: Series = figures.into_iter().enumerate().map(|(no, figure)| (day("2026-09-01").checked_add(i64::try_from(no).unwrap().days()).unwrap(), figure)).collect();
            for change in judged("2026-09-01").unusual("a", &all, Some(0.0)) {
                proptest::prop_assert!(change.spreads.is_finite() && change.spreads.abs() >= SPREADS_MIN);
            }
        }
    }
}
