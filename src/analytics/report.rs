//! A report: figures with what they are compared with, and everything that must be known to read them rightly. Plain data; sentences by key.

use jiff::ToSpan;
use jiff::civil::Date;

use super::catalogue::{Unit, is_demographic};
use super::page::Head;
use super::period::Periods;
use crate::domain::google::{Feature, Source};
use crate::domain::ids::AccountId;
use crate::domain::refusal::Sentence;
use crate::say;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name at Google.
    pub name: String,
    /// How its figures are meant; none for what rows are about.
    pub unit: Option<Unit>,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it is about: strangers' words.
    pub keys: Vec<String>,
    /// Its figures; none where nothing is known.
    pub figures: Vec<Option<f64>>,
    /// The figures of the same in the period before; none when it is not compared, or was not found there.
    pub before: Option<Vec<Option<f64>>>,
}

/// What lessens a report, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Badge {
    /// Its newest figures still change.
    Fresh,
    /// It was counted from a sample.
    Sampled,
    /// What would tell who somebody is was withheld.
    Thresholded,
    /// Not all of it is there.
    Cut,
}

impl Badge {
    /// The word in answers, pages and keys of sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Sampled => "sampled",
            Self::Thresholded => "thresholded",
            Self::Cut => "cut",
        }
    }
}

/// A report, or a part of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Through which account it was read.
    pub login: AccountId,
    /// Of what.
    pub source: Source,
    /// By what.
    pub feature: Feature,
    /// Of which days; none for this moment.
    pub periods: Option<Periods>,
    /// What rows are about, then figures.
    pub columns: Vec<Column>,
    /// The rows from `from`.
    pub rows: Vec<Row>,
    /// Google's own sums.
    pub totals: Option<Vec<Option<f64>>>,
    /// Those of the period before.
    pub totals_before: Option<Vec<Option<f64>>>,
    /// Where in all rows these begin.
    pub from: usize,
    /// Where the next ones begin, when there are more.
    pub next: Option<usize>,
    /// How many there are, when that is known.
    pub row_count: Option<usize>,
    /// What lessens it.
    pub badges: Vec<Badge>,
    /// The same in sentences.
    pub caveats: Vec<Sentence>,
    /// The currency of amounts.
    pub currency: String,
    /// When Google said the oldest of it, Unix milliseconds.
    pub made_at: i64,
    /// Until when it may be kept.
    pub until: i64,
    /// In which zone Google counted its days, when it said so just now.
    pub(super) zone: Option<String>,
}

impl Report {
    /// Names of figures, with how they are meant.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, Unit)> {
        self.columns.iter().filter_map(|column| Some((column.name.as_str(), column.unit?)))
    }

    /// Names of what rows are about.
    pub fn dimensions(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.unit.is_none()).map(|column| column.name.as_str())
    }
}

/// By how much a figure changed: as it is, and of a hundred of what it was.
#[must_use]
pub fn change(now: Option<f64>, before: Option<f64>) -> (Option<f64>, Option<f64>) {
    let Some((now, before)) = now.zip(before) else { return (None, None) };
    let change = now - before;
    // From nothing there is no share.
    let percent = (before != 0.0).then(|| change / before.abs() * 100.0);
    (Some(change), percent)
}

/// What caveats are made from.
pub(super) struct Seen<'a> {
    pub(super) feature: Feature,
    pub(super) head: &'a Head,
    /// The day it is where the figures are counted.
    pub(super) today: Date,
    pub(super) periods: Option<Periods>,
    /// Clicks of all rows, and of everything, when both are known.
    pub(super) named: Option<(f64, f64)>,
    /// Rows of the period before were not all looked at.
    pub(super) is_before_cut: bool,
    /// The last day of which anything is known, when there are days behind it.
    pub(super) told_until: Option<Date>,
    /// Rows that were there only before.
    pub(super) gone: usize,
}

impl<'a> Seen<'a> {
    /// Without anything beside it.
    pub(super) const fn of((feature, head): (Feature, &'a Head), today: Date, periods: Option<Periods>) -> Self {
        Self { feature, head, today, periods, named: None, is_before_cut: false, told_until: None, gone: 0 }
    }
}

/// Days after which figures of Analytics do not change any more (§6.2: 24 to 48 hours).
pub(super) const SETTLED_DAYS: i64 = 3;
/// Search Console keeps so many months (§7).
pub(super) const HISTORY_MONTHS: i64 = 16;

/// Everything that must be said.
pub(super) fn caveats(seen: &Seen<'_>) -> (Vec<Badge>, Vec<Sentence>) {
    let (mut badges, mut said) = (Vec::new(), Vec::new());
    let marks = &seen.head.marks;
    let told_until = told_until(seen);
    let newest: Vec<Sentence> = fresh(seen, told_until.is_some()).into_iter().chain(told_until).collect();
    if !newest.is_empty() {
        badges.push(Badge::Fresh);
        said.extend(newest);
    }
    said.extend(uneven(seen));
    if let Some(percent) = marks.sampled_percent {
        badges.push(Badge::Sampled);
        said.push(say!("report-caveat-sampled", percent = format!("{percent:.1}")));
    }
    if marks.is_thresholded {
        badges.push(Badge::Thresholded);
        said.push(say!("report-caveat-thresholded"));
    } else if seen.head.dimensions.iter().any(|name| is_demographic(name)) {
        said.push(say!("report-caveat-demographic"));
    }
    if let Some(reason) = &marks.empty_reason {
        badges.push(Badge::Thresholded);
        said.push(say!("report-caveat-empty-reason", reason = reason));
    }
    badges.dedup();
    if marks.has_other {
        said.push(say!("report-caveat-other"));
    }
    cut(seen, &mut badges, &mut said);
    if !marks.restricted.is_empty() {
        said.push(say!("report-caveat-restricted", metrics = marks.restricted.join(", ")));
    }
    let has_users = seen.head.metrics.iter().any(|(name, _)| name.to_lowercase().contains("users"));
    if has_users && !seen.head.dimensions.is_empty() {
        said.push(say!("report-caveat-users"));
    }
    badges.dedup();
    (badges, said)
}

/// Whether newest figures still change. That Google is behind is said once: by the day up to which it told anything, when that is known.
fn fresh(seen: &Seen<'_>, is_end_told: bool) -> Option<Sentence> {
    let period = seen.periods?.now;
    let ago = i64::from((seen.today - period.last).get_days());
    let behind = || (!is_end_told).then(|| say!("report-caveat-behind"));
    match seen.feature {
        Feature::Analytics => (ago < SETTLED_DAYS).then(|| say!("report-caveat-moving")),
        Feature::Videos => behind().filter(|_| ago <= super::videos::BEHIND_DAYS),
        Feature::Search => {
            let told = seen.head.marks.first_incomplete.as_ref();
            match told.filter(|day| day.parse::<Date>().is_ok_and(|day| day <= period.last)) {
                Some(day) => Some(say!("report-caveat-incomplete", day = day)),
                None => behind().filter(|_| ago < super::search::BEHIND_DAYS),
            }
        }
    }
}

/// That days are not told yet: the newest of a period, or all.
fn told_until(seen: &Seen<'_>) -> Option<Sentence> {
    let (day, period) = (seen.told_until?, seen.periods?.now);
    Some(if day < period.first {
        say!("report-caveat-not-yet")
    } else {
        say!("report-caveat-told-until", day = day.to_string())
    })
}

/// Days that are not over, or not all there, stand beside days that are; or more beside fewer. Both are said, with what to ask instead.
fn uneven(seen: &Seen<'_>) -> Option<Sentence> {
    let periods = seen.periods?;
    let (now, before) = (periods.now, periods.before?);
    let behind = match seen.feature {
        Feature::Analytics => 1,
        Feature::Search => super::search::BEHIND_DAYS,
        Feature::Videos => super::videos::BEHIND_DAYS,
    };
    let over = seen.today.checked_sub(behind.days()).ok()?;
    let is_unfinished = now.last > over && before.last <= over;
    if !is_unfinished && now.days() == before.days() {
        return None;
    }
    let days = now.days().min(before.days());
    let whole = i64::from((now.last.min(over) - now.first).get_days()) + 1;
    let shown = |first: Date, days: i64| Some(format!("{first}..{}", first.checked_add((days - 1).days()).ok()?));
    let (period, other) = if whole >= 1 {
        let days = days.min(whole);
        (shown(now.first, days)?, shown(before.first, days)?)
    } else {
        // Nothing of it is over: as many days that are.
        let first = over.checked_sub((days - 1).days()).ok()?;
        (shown(first, days)?, shown(first.checked_sub(days.days()).ok()?, days)?)
    };
    let key = if is_unfinished { "report-caveat-unfinished" } else { "report-caveat-unequal" };
    let said = Sentence::new(key).with("now", now.days()).with("before", before.days());
    Some(said.with("period", period).with("other", other))
}

fn cut(seen: &Seen<'_>, badges: &mut Vec<Badge>, said: &mut Vec<Sentence>) {
    let is_search = seen.feature == Feature::Search;
    let begins = seen
        .periods
        .map(|periods| periods.before.map_or(periods.now.first, |before| before.first.min(periods.now.first)));
    let oldest = seen.today.checked_sub(jiff::Span::new().months(HISTORY_MONTHS)).ok();
    let before = badges.len();
    if seen.head.marks.is_cut {
        badges.push(Badge::Cut);
        said.push(say!("report-caveat-cut"));
    }
    if is_search && begins.zip(oldest).is_some_and(|(begins, oldest)| begins < oldest) {
        badges.push(Badge::Cut);
        said.push(say!("report-caveat-history", months = HISTORY_MONTHS));
    }
    if seen.gone > 0 {
        said.push(say!("report-caveat-gone", count = seen.gone));
    }
    if seen.is_before_cut {
        badges.push(Badge::Cut);
        said.push(say!("report-caveat-before-cut"));
    }
    if let Some((named, of)) = seen.named.filter(|(named, of)| named + 0.5 < *of && is_search) {
        badges.push(Badge::Cut);
        said.push(say!("report-caveat-anonymous", named = format!("{named:.0}"), of = format!("{of:.0}")));
    }
    badges.truncate(badges.len().min(before + 1));
}

#[cfg(test)]
mod tests {
    use super::super::page::Marks;
    use super::super::period::{Period, Periods};
    use super::*;

    fn seen(head: &Head, feature: Feature, last: &str) -> (Vec<Badge>, Vec<String>) {
        let now = Period::new("2026-11-01".parse().unwrap(), last.parse().unwrap()).unwrap();
        let periods = Some(Periods { now, before: None });
        let today = "2026-11-27".parse().unwrap();
        let (badges, said) = caveats(&Seen { named: Some((90.0, 120.0)), ..Seen::of((feature, head), today, periods) });
        (badges, said.into_iter().map(|sentence| sentence.key).collect())
    }

    #[test]
    fn what_lessens_a_report_is_said() {
        let marks = Marks { is_thresholded: true, sampled_percent: Some(12.5), has_other: true, ..Marks::default() };
        let head = Head {
            marks,
            metrics: vec![("activeUsers".into(), Unit::Count)],
            dimensions: vec!["country".into()],
            ..Head::default()
        };
        let (badges, said) = seen(&head, Feature::Analytics, "2026-11-26");
        assert_eq!(badges, [Badge::Fresh, Badge::Sampled, Badge::Thresholded]);
        assert_eq!(
            said.join(" "),
            "report-caveat-moving report-caveat-sampled report-caveat-thresholded report-caveat-other report-caveat-users"
        );
        assert_eq!(seen(&Head::default(), Feature::Analytics, "2026-11-20"), (vec![], vec![]));
        let marks = Marks { first_incomplete: Some("2026-11-24".into()), ..Marks::default() };
        let (badges, said) = seen(&Head { marks, ..Head::default() }, Feature::Search, "2026-11-26");
        assert_eq!((badges, said[0].as_str()), (vec![Badge::Fresh, Badge::Cut], "report-caveat-incomplete"));
        assert_eq!(seen(&Head::default(), Feature::Search, "2026-11-26").1[0], "report-caveat-behind");
    }

    #[test]
    fn days_that_are_not_over_and_spans_that_are_not_alike_are_said_with_what_to_ask_instead() {
        let of = |first: &str, last: &str| Period::new(first.parse().unwrap(), last.parse().unwrap()).unwrap();
        let told = |feature, now: Period, before: Period| {
            let head = Head::default();
            let periods = Some(Periods { now, before: Some(before) });
            let said = uneven(&Seen::of((feature, &head), "2026-11-27".parse().unwrap(), periods))?;
            let arg = |name: &str| said.args.iter().find(|(known, _)| known == name).map(|(_, arg)| format!("{arg:?}"));
            Some((said.key.clone(), arg("period")?, arg("other")?))
        };
        let said = |key: &str, period: &str, other: &str| {
            Some((key.to_owned(), format!("Text(\"{period}\")"), format!("Text(\"{other}\")")))
        };
        let (week, prior) = (of("2026-11-23", "2026-11-27"), of("2026-11-16", "2026-11-20"));
        let wanted = said("report-caveat-unfinished", "2026-11-23..2026-11-26", "2026-11-16..2026-11-19");
        assert_eq!(told(Feature::Analytics, week, prior), wanted);
        let (today, yesterday) = (of("2026-11-27", "2026-11-27"), of("2026-11-26", "2026-11-26"));
        let wanted = said("report-caveat-unfinished", "2026-11-26..2026-11-26", "2026-11-25..2026-11-25");
        assert_eq!(told(Feature::Analytics, today, yesterday), wanted);
        let (month, last) = (of("2026-11-01", "2026-11-27"), of("2026-10-01", "2026-10-31"));
        assert_eq!(told(Feature::Analytics, month, last).unwrap().2, "Text(\"2026-10-01..2026-10-26\")");
        let (days, prior) = (of("2026-10-30", "2026-11-26"), of("2026-10-02", "2026-10-29"));
        assert_eq!(told(Feature::Analytics, days, prior), None);
        let wanted = said("report-caveat-unfinished", "2026-10-30..2026-11-24", "2026-10-02..2026-10-27");
        assert_eq!(told(Feature::Search, days, prior), wanted);
        let wanted = said("report-caveat-unequal", "2026-10-01..2026-10-30", "2026-09-01..2026-09-30");
        assert_eq!(told(Feature::Search, last, of("2026-09-01", "2026-09-30")), wanted);
    }

    #[test]
    fn change_is_told_twice_and_from_nothing_only_once() {
        assert_eq!(change(Some(120.0), Some(100.0)), (Some(20.0), Some(20.0)));
        assert_eq!(change(Some(5.0), Some(0.0)), (Some(5.0), None));
        assert_eq!(change(None, Some(1.0)), (None, None));
        assert_eq!(change(Some(-1.0), Some(-2.0)), (Some(1.0), Some(50.0)));
    }
}
