//! Rows of two periods beside each other: by what they are about, where that is a time by how far it lies from its period's beginning. What is in only
//! one of them is told, too.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::ask::Window;
use super::known::{Known, day_of, unknown};
use super::page::Line;
use super::period::{Period, Periods};
use super::report::Row;
use crate::domain::refusal::Sentence;
use crate::say;

/// In which order compared rows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The largest change first, whichever way.
    Change,
    /// What lost most first.
    Loss,
    /// What gained most first.
    Gain,
}

/// Words for them, behind what is compared with.
const ORDERS: [(Order, &[&str]); 3] = [
    (Order::Change, &["by change", "変化順", "変化の大きい順"]),
    (Order::Loss, &["by loss", "減少順", "減った順"]),
    (Order::Gain, &["by gain", "増加順", "増えた順"]),
];

/// What is compared with, without the order that stands behind it.
pub(super) fn ordered(compare: &str) -> (&str, Option<Order>) {
    let text = compare.trim();
    for (order, words) in ORDERS {
        for word in words {
            if let Some(rest) = strip_end(text, word) {
                return (rest.trim_end_matches([' ', ',', '、', '・', '　']), Some(order));
            }
        }
    }
    (text, None)
}

fn strip_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(end.len())?;
    (text.is_char_boundary(at) && text[at..].eq_ignore_ascii_case(end)).then(|| &text[..at])
}

/// The other side, and what rows mean that are not on one of them.
pub(super) struct Before {
    pub(super) window: Window,
    /// The figures of a row that is not there.
    pub(super) absent: Option<Vec<Option<f64>>>,
    pub(super) known: Known,
}

/// Rows with the same of the period before. Behind them, when all of them are here, those that are only there; `gone` are their figures.
pub(super) fn beside(
    now: Window,
    before: Before,
    periods: Option<Periods>,
    gone: Option<Vec<Option<f64>>>,
) -> (Vec<Row>, usize) {
    let Window { head, rows, has_more, .. } = now;
    let names = &head.dimensions;
    let Before { window, absent, known } = before;
    let unknown = unknown(&head);
    let moved = periods
        .and_then(|periods| Some((periods.now, periods.before?)))
        .filter(|_| names.iter().any(|name| moves(name)));
    let placed = |keys: &[String], period: Option<Period>| match period {
        Some(period) => names
            .iter()
            .zip(keys)
            .map(|(name, key)| place(name, key, period).map_or_else(|| key.clone(), |no| no.to_string()))
            .collect(),
        None => keys.to_vec(),
    };
    let mut order: Vec<Vec<String>> = Vec::new();
    let mut found: HashMap<Vec<String>, Vec<Option<f64>>> = HashMap::new();
    for Line(keys, figures) in window.rows {
        let at = placed(&keys, moved.map(|moved| moved.1));
        order.push(at.clone());
        found.insert(at, figures);
    }
    let is_sum = names.is_empty();
    let mut all: Vec<Row> = Vec::with_capacity(rows.len());
    for Line(keys, figures) in rows {
        let at = placed(&keys, moved.map(|moved| moved.0));
        let is_there = !is_sum
            && moved.is_none_or(|(now, before)| {
                names.iter().zip(&keys).all(|(name, key)| has(name, key, (now, before), known))
            });
        let before = found.remove(&at).or_else(|| absent.clone().filter(|_| is_there));
        all.push(Row { keys, figures, before });
    }
    // A day or week of the other period has no name here; and what comes behind these rows may be among them.
    let lost = if moved.is_some() || has_more || is_sum { Vec::new() } else { order };
    let count = all.len();
    for keys in lost {
        if let Some(before) = found.remove(&keys) {
            all.push(Row { keys, figures: gone.clone().unwrap_or_else(|| unknown.clone()), before: Some(before) });
        }
    }
    let gone = all.len() - count;
    (all, gone)
}

/// Puts rows in an order of change; those of which none is known come last.
pub(super) fn sort(rows: &mut [Row], order: Order) {
    let change = |row: &Row| {
        let first = |figures: &[Option<f64>]| figures.first().copied().flatten();
        Some(first(&row.figures)? - first(row.before.as_deref()?)?)
    };
    let weight = |row: &Row| match (change(row), order) {
        (None, _) => f64::INFINITY,
        (Some(change), Order::Change) => -change.abs(),
        (Some(change), Order::Loss) => change,
        (Some(change), Order::Gain) => -change,
    };
    rows.sort_by(|a, b| weight(a).total_cmp(&weight(b)));
}

/// Whether the same of another period has another name.
fn moves(name: &str) -> bool {
    matches!(name, "date" | "dateHour" | "isoYearIsoWeek" | "yearMonth")
}

fn monday(day: Date) -> Date {
    day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).unwrap_or(day)
}

fn days_between(first: Date, day: Date) -> i64 {
    i64::from((day - first).get_days())
}

fn month_no(day: Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month())
}

/// How far from the beginning of its period a time lies; none when it is no time, or the same in every period (hours, weekdays).
fn place(name: &str, key: &str, period: Period) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| key.get(range)?.parse::<i8>().ok();
    let year = || key.get(..4)?.parse::<i16>().ok();
    match name {
        "date" => Some(days_between(period.first, day_of(key)?)),
        "dateHour" => Some(days_between(period.first, day_of(key.get(..8)?)?) * 24 + i64::from(number(8..10)?)),
        "yearMonth" => Some(month_no(Date::new(year()?, number(4..6)?, 1).ok()?) - month_no(period.first)),
        "isoYearIsoWeek" => {
            let first = ISOWeekDate::new(year()?, number(4..6)?, Weekday::Monday).ok()?.date();
            Some(days_between(monday(period.first), first) / 7)
        }
        _ => None,
    }
}

/// Whether the other period has this time at all (months are not of one length), and it is known of it that nothing happened.
fn has(name: &str, key: &str, (now, before): (Period, Period), known: Known) -> bool {
    let Some(no) = place(name, key, now) else { return true };
    let of_day = |no: i64| no < before.days() && before.first.checked_add(no.days()).is_ok_and(|day| known.covers(day));
    match name {
        "date" => of_day(no),
        "dateHour" => of_day(no / 24),
        "yearMonth" => no <= month_no(before.last) - month_no(before.first) && known.touches(before),
        _ => no <= days_between(monday(before.first), monday(before.last)) / 7 && known.touches(before),
    }
}

/// Why rows by these times cannot be put beside each other: parts of months or weeks are no months or weeks.
pub(super) fn unaligned<T: AsRef<str>>(dimensions: &[T], periods: Option<Periods>) -> Option<Sentence> {
    let (now, before) = periods.and_then(|periods| Some((periods.now, periods.before?)))?;
    let is_whole = |period: Period| period.last == period.last.last_of_month();
    let months = now.first.day() == 1
        && before.first.day() == 1
        && (now.last.day() == before.last.day() || (is_whole(now) && is_whole(before)));
    let weeks = days_between(before.first, now.first) % 7 == 0;
    let refused = |name: &str, instead: &str| {
        say!("report-compare-unaligned", name = name, now = shown(now), before = shown(before), instead = instead)
    };
    dimensions.iter().find_map(|name| match name.as_ref() {
        "yearMonth" if !months => Some(refused("yearMonth", "dimensions: date")),
        "isoYearIsoWeek" if !weeks => Some(refused("isoYearIsoWeek", "compare: same weekdays last year")),
        _ => None,
    })
}

fn shown(period: Period) -> String {
    format!("{}..{}", period.first, period.last)
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Unit;
    use super::super::page::Head;
    use super::*;
    use crate::domain::google::Feature;

    fn of(first: &str, last: &str) -> Period {
        Period::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    fn window(names: &[&str], rows: &[(&[&str], f64)]) -> Window {
        let dimensions = names.iter().map(|name| (*name).to_owned()).collect();
        let head = Head { dimensions, metrics: vec![("clicks".into(), Unit::Count)], ..Head::default() };
        let line = |(keys, figure): &(&[&str], f64)| {
            Line(keys.iter().map(|key| (*key).to_owned()).collect(), vec![Some(*figure)])
        };
        Window { head, rows: rows.iter().map(line).collect(), ..Window::default() }
    }

    fn before(window: Window, absent: Option<f64>) -> Before {
        let known = Known::of(Feature::Analytics, "2026-11-27".parse().unwrap());
        Before { window, absent: absent.map(|figure| vec![Some(figure)]), known }
    }

    fn told(rows: &[Row]) -> Vec<(String, Option<f64>, Option<f64>)> {
        rows.iter()
            .map(|row| (row.keys.join(" "), row.figures[0], row.before.as_ref().and_then(|before| before[0])))
            .collect()
    }

    #[test]
    fn a_row_stands_beside_itself_and_what_was_there_only_before_stands_behind() {
        let now = || window(&["query"], &[(&["a"], 1.0), (&["b"], 2.0)]);
        let other = || window(&["query"], &[(&["c"], 9.0), (&["b"], 7.0)]);
        let (rows, gone) = beside(now(), before(other(), Some(0.0)), None, Some(vec![Some(0.0)]));
        let all = |rows: &[(&str, Option<f64>, Option<f64>)]| -> Vec<(String, Option<f64>, Option<f64>)> {
            rows.iter().map(|(key, now, before)| ((*key).to_owned(), *now, *before)).collect()
        };
        assert_eq!(
            told(&rows),
            all(&[("a", Some(1.0), Some(0.0)), ("b", Some(2.0), Some(7.0)), ("c", Some(0.0), Some(9.0))])
        );
        assert_eq!(gone, 1);
        let (mut rows, _) = beside(now(), before(other(), None), None, None);
        assert_eq!(told(&rows)[2], ("c".into(), None, Some(9.0)), "what was not looked at is not nothing");
        assert_eq!(rows[0].before, None);
        rows[2].figures = vec![Some(0.0)];
        sort(&mut rows, Order::Loss);
        assert_eq!(told(&rows).iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["c", "b", "a"]);
        sort(&mut rows, Order::Gain);
        assert_eq!(rows[2].keys, ["a"], "what has no change comes last");
        let more = Window { has_more: true, ..now() };
        assert_eq!(beside(more, before(other(), None), None, None).1, 0);
    }

    #[test]
    fn a_time_stands_beside_the_same_time_of_the_other_period() {
        let months = Periods { now: of("2026-03-01", "2026-03-31"), before: Some(of("2026-02-01", "2026-02-28")) };
        let now = window(&["date"], &[(&["2026-03-01"], 1.0), (&["2026-03-02"], 1.0), (&["2026-03-29"], 1.0)]);
        let (rows, _) = beside(now, before(window(&["date"], &[(&["20260201"], 4.0)]), Some(0.0)), Some(months), None);
        let figures = |rows: &[Row]| told(rows).into_iter().map(|row| row.2).collect::<Vec<_>>();
        assert_eq!(figures(&rows), [Some(4.0), Some(0.0), None], "months are not of one length");
        let now = window(&["date", "country"], &[(&["20260301", "Italy"], 1.0), (&["20260302", "Italy"], 1.0)]);
        let other = window(&["date", "country"], &[(&["20260202", "Italy"], 8.0), (&["20260201", "Japan"], 9.0)]);
        let (rows, gone) = beside(now, before(other, Some(0.0)), Some(months), None);
        assert_eq!((figures(&rows), gone), (vec![Some(0.0), Some(8.0)], 0));
        let now = window(&["dateHour"], &[(&["2026030223"], 1.0)]);
        let (rows, _) = beside(now, before(window(&["dateHour"], &[(&["2026020223"], 6.0)]), None), Some(months), None);
        assert_eq!(figures(&rows), [Some(6.0)]);
        let halves = Periods { now: of("2026-01-01", "2026-06-30"), before: Some(of("2025-01-01", "2025-06-30")) };
        let now = window(&["yearMonth"], &[(&["202601"], 1.0), (&["202606"], 1.0)]);
        let (rows, _) = beside(
            now,
            before(window(&["yearMonth"], &[(&["202501"], 5.0), (&["202506"], 7.0)]), None),
            Some(halves),
            None,
        );
        assert_eq!(figures(&rows), [Some(5.0), Some(7.0)]);
        // Over the end of a year of 53 weeks.
        let weeks = Periods { now: of("2026-12-28", "2027-01-10"), before: Some(of("2025-12-29", "2026-01-11")) };
        let now = window(&["isoYearIsoWeek"], &[(&["202653"], 1.0), (&["202701"], 1.0)]);
        let other = window(&["isoYearIsoWeek"], &[(&["202601"], 3.0), (&["202602"], 4.0)]);
        let (rows, _) = beside(now, before(other, None), Some(weeks), None);
        assert_eq!(figures(&rows), [Some(3.0), Some(4.0)]);
        let hours = window(&["hour"], &[(&["9"], 1.0)]);
        let (rows, _) = beside(hours, before(window(&["hour"], &[(&["9"], 2.0)]), None), Some(weeks), None);
        assert_eq!(figures(&rows), [Some(2.0)], "an hour of the day is the same in every period");
    }

    #[test]
    fn parts_of_months_and_weeks_are_not_put_beside_each_other() {
        let key = |name: &str, now: Period, before: Period| {
            unaligned(&[name], Some(Periods { now, before: Some(before) })).map(|sentence| sentence.key)
        };
        let refused = Some("report-compare-unaligned".to_owned());
        assert_eq!(key("yearMonth", of("2026-10-30", "2026-11-26"), of("2026-10-02", "2026-10-29")), refused);
        assert_eq!(key("yearMonth", of("2026-02-01", "2026-02-28"), of("2024-02-01", "2024-02-29")), None);
        assert_eq!(key("yearMonth", of("2026-01-01", "2026-11-27"), of("2025-01-01", "2025-11-27")), None);
        assert_eq!(key("isoYearIsoWeek", of("2026-10-01", "2026-10-31"), of("2025-10-01", "2025-10-31")), refused);
        assert_eq!(key("isoYearIsoWeek", of("2026-11-16", "2026-11-22"), of("2026-11-09", "2026-11-15")), None);
        assert_eq!(key("date", of("2026-10-01", "2026-10-31"), of("2025-10-01", "2025-10-31")), None);
    }

    #[test]
    fn an_order_stands_behind_what_is_compared_with() {
        assert_eq!(ordered("previous, by loss"), ("previous", Some(Order::Loss)));
        assert_eq!(ordered("前の期間 減少順"), ("前の期間", Some(Order::Loss)));
        assert_eq!(ordered("same days last year By Change"), ("same days last year", Some(Order::Change)));
        assert_eq!(ordered("previous"), ("previous", None));
        assert_eq!(ordered("by gain"), ("", Some(Order::Gain)));
    }
}
