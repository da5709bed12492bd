//! Of which days anything can be known: Google is behind, by how much differs from day to day, and Search Console forgets. What is not told of any
//! other day is nothing; of these it is unknown.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::ask::Window;
use super::catalogue::Unit;
use super::page::{Head, Line};
use super::period::Period;
use super::report::{HISTORY_MONTHS, SETTLED_DAYS};
use crate::domain::google::Feature;

/// Figures of searches and videos are final after two to three days as a rule (platforms/google.md §5, §7), and after a week in any case that was
/// heard of: before that nothing is taken for settled.
pub(super) const SURE_DAYS: i64 = 7;

/// Days after which an answer is taken for settled, and a day that is not told for empty.
pub(super) const fn sure_days(feature: Feature) -> i64 {
    match feature {
        Feature::Analytics => SETTLED_DAYS,
        Feature::Search | Feature::Videos => SURE_DAYS,
    }
}

/// The days of which it is known that nothing happened when nothing is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    from: Option<Date>,
    until: Date,
}

impl Known {
    /// Of a feature, on this day.
    pub(super) fn of(feature: Feature, today: Date) -> Self {
        let from = match feature {
            Feature::Search => today.checked_sub(HISTORY_MONTHS.months()).ok(),
            Feature::Analytics | Feature::Videos => None,
        };
        Self { from, until: today.checked_sub(sure_days(feature).days()).unwrap_or(today) }
    }

    /// The last of them, when it lies before a day.
    pub(super) fn ends_before(self, day: Date) -> Option<Date> {
        (self.until < day).then_some(self.until)
    }

    /// Whether this day is one of them.
    pub(super) fn covers(self, day: Date) -> bool {
        day <= self.until && self.from.is_none_or(|from| from <= day)
    }

    /// Whether any day of a period is.
    pub(super) fn touches(self, period: Period) -> bool {
        period.first <= self.until && self.from.is_none_or(|from| from <= period.last)
    }
}

/// Figures of no rows at all: nothing, except where that cannot be told.
pub(super) fn of_nothing(head: &Head) -> Vec<Option<f64>> {
    let figure = |(name, unit): &(String, Unit)| {
        // What this person may not see is not nothing.
        let is_hidden = head.marks.restricted.contains(name);
        match unit {
            Unit::Count | Unit::Money if !is_hidden => Some(0.0),
            // A share of nothing is unknown.
            Unit::Count | Unit::Money | Unit::Ratio | Unit::Seconds | Unit::Mean => None,
        }
    };
    head.metrics.iter().map(figure).collect()
}

/// Figures of which nothing is known.
pub(super) fn unknown(head: &Head) -> Vec<Option<f64>> {
    vec![None; head.metrics.len()]
}

/// A day as both APIs write it.
pub(super) fn day_of(key: &str) -> Option<Date> {
    if key.len() == 8 && key.bytes().all(|b| b.is_ascii_digit()) {
        return format!("{}-{}-{}", &key[..4], &key[4..6], &key[6..]).parse().ok();
    }
    key.parse().ok()
}

/// Every day of a period has its row, up to the last that was told or that is settled: one that nobody told of is a day on which nothing happened,
/// unless it may have been left out. Returns the last day that has one, when days behind it have none.
pub(super) fn fill(window: &mut Window, period: Period, known: Known, absent: Option<&[Option<f64>]>) -> Option<Date> {
    let unknown = unknown(&window.head);
    let mut told: BTreeMap<Date, Vec<Option<f64>>> =
        window.rows.drain(..).filter_map(|Line(keys, figures)| Some((day_of(keys.first()?)?, figures))).collect();
    let newest = told.keys().next_back().copied().map_or(known.until, |day| day.max(known.until));
    let last = newest.min(period.last);
    let mut day = period.first;
    while day <= last {
        let of_nothing = || absent.filter(|_| known.from.is_none_or(|from| from <= day)).map(<[_]>::to_vec);
        let figures = told.remove(&day).or_else(of_nothing).unwrap_or_else(|| unknown.clone());
        window.rows.push(Line(vec![day.to_string()], figures));
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    (last < period.last).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn window(rows: Vec<Line>) -> Window {
        let head = Head {
            dimensions: vec!["date".into()],
            metrics: vec![("clicks".into(), Unit::Count), ("ctr".into(), Unit::Ratio)],
            ..Head::default()
        };
        Window { head, rows, ..Window::default() }
    }

    #[test]
    fn days_without_anything_are_filled_up_to_the_last_that_was_told() {
        let row = |day: &str, clicks: f64| Line(vec![day.into()], vec![Some(clicks), Some(0.5)]);
        let period = Period::new(day("2026-11-17"), day("2026-11-27")).unwrap();
        let known = Known::of(Feature::Search, day("2026-11-27"));
        let told = |found: &Window| -> Vec<(String, Option<f64>)> {
            found.rows.iter().map(|Line(keys, figures)| (keys[0].clone(), figures[0])).collect()
        };
        let days = |all: &[(&str, Option<f64>)]| {
            all.iter().map(|(day, figure)| ((*day).to_owned(), *figure)).collect::<Vec<_>>()
        };
        let mut found = window(vec![row("20261121", 3.0), row("2026-11-22", 5.0)]);
        let last = fill(&mut found, period, known, Some(&[Some(0.0), None]));
        assert_eq!(last, Some(day("2026-11-22")), "nothing is made up behind it, however far Google is behind");
        assert_eq!(
            told(&found)[3..],
            days(&[("2026-11-20", Some(0.0)), ("2026-11-21", Some(3.0)), ("2026-11-22", Some(5.0))])[..]
        );
        // Nothing at all: days that are a week old are empty, newer ones are not there.
        let mut found = window(Vec::new());
        assert_eq!(fill(&mut found, period, known, Some(&[Some(0.0), None])), Some(day("2026-11-20")));
        assert_eq!(told(&found).len(), 4);
        let mut found = window(vec![row("20261127", 3.0)]);
        assert_eq!(fill(&mut found, period, known, None), None);
        assert_eq!(told(&found)[0].1, None, "what may have been left out is no zero");
    }

    #[test]
    fn what_is_older_than_is_kept_is_unknown() {
        let known = Known::of(Feature::Search, day("2026-11-27"));
        let period = Period::new(day("2025-07-26"), day("2025-07-28")).unwrap();
        let mut found = window(Vec::new());
        fill(&mut found, period, known, Some(&[Some(0.0), None]));
        let told: Vec<_> = found.rows.iter().map(|Line(_, figures)| figures[0]).collect();
        assert_eq!(told, [None, Some(0.0), Some(0.0)]);
        assert!(known.touches(period));
        let old = Period::new(day("2025-06-01"), day("2025-07-26")).unwrap();
        assert!(!known.touches(old) && Known::of(Feature::Analytics, day("2026-11-27")).touches(old));
    }
}
