//! The days that a report is about, in words: "last week", 「先月」, "2026-10-01..2026-10-07", and with what they are compared: "previous",
//! "same days last year", 「前年同期」. Days of the property's own time zone; a week begins on Monday. What is not understood is refused, and every
//! answer says the dates.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

mod days;

/// Days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

/// A period and what it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periods {
    /// What is asked about.
    pub now: Period,
    /// What it is compared with.
    pub before: Option<Period>,
}

/// Longer words name no period.
const WORDS_MAX: usize = 80;
/// Search Console keeps sixteen months, Analytics no more than fourteen of most things; ten years are more than anybody asks about.
const DAYS_MAX: i64 = 3_660;

impl Period {
    /// From one day to another; none when they lie the wrong way round or too far apart.
    #[must_use]
    pub fn new(first: Date, last: Date) -> Option<Self> {
        let period = Self { first, last };
        (first <= last && period.days() <= DAYS_MAX).then_some(period)
    }

    const fn day(day: Date) -> Self {
        Self { first: day, last: day }
    }

    /// How many days.
    #[must_use]
    pub fn days(self) -> i64 {
        i64::from((self.last - self.first).get_days()) + 1
    }

    fn moved(self, by: jiff::Span) -> Option<Self> {
        Self::new(self.first.checked_sub(by).ok()?, self.last.checked_sub(by).ok()?)
    }

    fn is_whole_months(self) -> bool {
        self.first.day() == 1 && self.last == self.last.last_of_month()
    }

    fn months(self) -> i64 {
        let of = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
        of(self.last) - of(self.first) + 1
    }

    /// The one before it: as many whole months; of a month or week that still runs, the same days of the one before; or as many days.
    fn previous(self, today: Date) -> Option<Self> {
        let months = self.months();
        if self.is_whole_months() {
            let first = self.first.checked_sub(months.months()).ok()?;
            return Self::new(first, self.first.yesterday().ok()?);
        }
        // "This month", so far: the same days of the month before say more than the days right before.
        let is_running = self.last == today;
        if is_running && self.first.day() == 1 && months == 1 {
            return self.moved(1.month());
        }
        if is_running && self.first.weekday() == Weekday::Monday && self.days() < 7 {
            return self.moved(7.days());
        }
        self.moved(self.days().days())
    }
}

/// Reads a period, and what it is compared with when one text names both or `compare` is given.
#[must_use]
pub fn read(text: &str, compare: Option<&str>, today: Date) -> Option<Periods> {
    let text = normal(text)?;
    let compare = compare.map(normal);
    if let Some(now) = days::read(&text, today) {
        let before = match compare {
            Some(words) => Some(other(&words?, now, today)?),
            None => None,
        };
        return Some(Periods { now, before });
    }
    if compare.is_some() {
        return None;
    }
    // Both in one: "last week vs the week before", 「先月を前年同月と比べて」.
    for between in [" vs. ", " vs ", " versus ", " compared with ", " compared to ", " against "] {
        if let Some((now, before)) = text.split_once(between) {
            let now = days::read(now.trim(), today)?;
            return Some(Periods { now, before: Some(other(before.trim(), now, today)?) });
        }
    }
    text.char_indices().skip(1).find_map(|(at, _)| {
        let (now, before) = text.split_at(at);
        let now = now.trim_end_matches(['の', 'を', 'は', 'と', '、', ' ', '対', '/']);
        let now = days::read(now, today)?;
        Some(Periods { now, before: Some(other(before, now, today)?) })
    })
}

/// As it is compared: full-width letters are letters, case says nothing.
fn normal(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect::<String>().to_lowercase();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(['.', '。', '?', '？', '"', '「', '」']).to_owned();
    (!text.is_empty() && text.chars().count() <= WORDS_MAX).then_some(text)
}

/// What a period is compared with: never itself, which would tell that nothing changed.
fn other(words: &str, now: Period, today: Date) -> Option<Period> {
    compared(words, now, today).filter(|before| *before != now)
}

/// Words that are meant from the period on, whatever day it is; others are days of their own.
fn compared(words: &str, now: Period, today: Date) -> Option<Period> {
    let mut words = words.trim();
    for lead in ["vs. ", "vs ", "versus ", "compared with ", "compared to ", "with ", "to ", "against ", "the "] {
        words = words.strip_prefix(lead).unwrap_or(words);
    }
    for end in ["と比べて", "と比べると", "と比較して", "と比較", "との比較", "に比べて", "比", "と"]
    {
        words = words.strip_suffix(end).unwrap_or(words);
    }
    match words.trim() {
        "previous" | "previous period" | "prior" | "prior period" | "before" | "period before" | "preceding period"
        | "前" | "前の期間" | "前期間" | "直前" | "直前の期間" | "前回" | "その前" => {
            now.previous(today)
        }
        "previous day" | "prior day" | "day before" | "day earlier" | "a day earlier" | "dod" | "day over day"
        | "前日" | "前の日" | "1日前" => now.moved(1.days()).filter(|_| now.days() == 1),
        "previous quarter"
        | "prior quarter"
        | "quarter before"
        | "quarter earlier"
        | "a quarter earlier"
        | "qoq"
        | "quarter over quarter"
        | "前四半期"
        | "前の四半期"
        | "先四半期"
        | "前四半期同期" => months_earlier(now, 3),
        "previous week" | "prior week" | "week before" | "week earlier" | "a week earlier" | "wow"
        | "week over week" | "前週" | "前の週" | "1週間前" => now.moved(7.days()),
        "previous month" | "prior month" | "month before" | "month earlier" | "a month earlier" | "mom"
        | "month over month" | "前月" | "前の月" | "前月同期" => months_earlier(now, 1),
        "last year"
        | "previous year"
        | "prior year"
        | "year before"
        | "year earlier"
        | "a year earlier"
        | "a year ago"
        | "same days last year"
        | "same period last year"
        | "same dates last year"
        | "same month last year"
        | "same time last year"
        | "same week last year"
        | "same day last year"
        | "same quarter last year"
        | "yoy"
        | "year over year"
        | "前年"
        | "昨年"
        | "去年"
        | "前年同期"
        | "昨年同期"
        | "去年同期"
        | "前年同月"
        | "昨年同月"
        | "去年同月"
        | "前年同日"
        | "前年同週"
        | "前年の同じ期間"
        | "昨年の同じ期間"
        | "去年の同じ期間"
        | "前年の同じ日"
        | "昨年の同じ日"
        | "去年の同じ日"
        | "昨年の同じ時期"
        | "去年の同じ時期"
        | "去年の同じ月"
        | "昨年の同じ月"
        | "1年前" => months_earlier(now, 12),
        // As many Mondays on either side: 52 weeks.
        "same weekdays last year"
        | "52 weeks earlier"
        | "前年同曜日"
        | "昨年同曜日"
        | "前年の同じ曜日"
        | "昨年の同じ曜日"
        | "去年の同じ曜日" => now.moved(364.days()),
        other => days::read(other, today),
    }
}

/// The same days so many months earlier; whole months stay whole.
fn months_earlier(now: Period, months: i64) -> Option<Period> {
    let moved = now.moved(months.months())?;
    if now.is_whole_months() { Period::new(moved.first, moved.last.last_of_month()) } else { Some(moved) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Friday.
    const TODAY: &str = "2026-11-27";

    fn of(text: &str, compare: Option<&str>) -> Option<String> {
        let periods = read(text, compare, TODAY.parse().unwrap())?;
        let shown = |period: Period| format!("{}..{}", period.first, period.last);
        Some(match periods.before {
            Some(before) => format!("{} | {}", shown(periods.now), shown(before)),
            None => shown(periods.now),
        })
    }

    #[test]
    fn periods_are_read_in_both_languages() {
        let rows = [
            ("today", "2026-11-27..2026-11-27"),
            ("昨日", "2026-11-26..2026-11-26"),
            ("一昨日", "2026-11-25..2026-11-25"),
            ("Last week", "2026-11-16..2026-11-22"),
            ("先週", "2026-11-16..2026-11-22"),
            ("先々週", "2026-11-09..2026-11-15"),
            ("the week before last", "2026-11-09..2026-11-15"),
            ("this week", "2026-11-23..2026-11-27"),
            ("先月", "2026-10-01..2026-10-31"),
            ("last month", "2026-10-01..2026-10-31"),
            ("今月", "2026-11-01..2026-11-27"),
            ("last 7 days", "2026-11-20..2026-11-26"),
            ("過去28日間", "2026-10-30..2026-11-26"),
            ("直近３０日", "2026-10-28..2026-11-26"),
            ("last 3 months", "2026-08-01..2026-10-31"),
            ("過去2週間", "2026-11-09..2026-11-22"),
            ("last quarter", "2026-07-01..2026-09-30"),
            ("前四半期", "2026-07-01..2026-09-30"),
            ("Q1 2026", "2026-01-01..2026-03-31"),
            ("2025年第4四半期", "2025-10-01..2025-12-31"),
            ("last year", "2025-01-01..2025-12-31"),
            ("今年", "2026-01-01..2026-11-27"),
            ("year to date", "2026-01-01..2026-11-27"),
            ("October", "2026-10-01..2026-10-31"),
            ("in december", "2025-12-01..2025-12-31"),
            ("10月", "2026-10-01..2026-10-31"),
            ("昨年の10月", "2025-10-01..2025-10-31"),
            ("2026年9月", "2026-09-01..2026-09-30"),
            ("2026-09", "2026-09-01..2026-09-30"),
            ("2026-10-01..2026-10-07", "2026-10-01..2026-10-07"),
            ("2026-10-01 to 2026-10-07", "2026-10-01..2026-10-07"),
            ("from Oct 1 to Oct 7", "2026-10-01..2026-10-07"),
            ("October 1 - 7", "2026-10-01..2026-10-07"),
            ("10月1日から10月7日まで", "2026-10-01..2026-10-07"),
            ("10月1日〜7日", "2026-10-01..2026-10-07"),
            ("2026-11-24", "2026-11-24..2026-11-24"),
            ("since november 20", "2026-11-20..2026-11-27"),
            ("11月20日以降", "2026-11-20..2026-11-27"),
            ("last weekend", "2026-11-21..2026-11-22"),
            ("先週末", "2026-11-21..2026-11-22"),
            ("last monday", "2026-11-23..2026-11-23"),
        ];
        for (text, wanted) in rows {
            assert_eq!(of(text, None).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_it_is_compared_with_is_read_too() {
        let rows = [
            ("last week", Some("previous"), "2026-11-16..2026-11-22 | 2026-11-09..2026-11-15"),
            ("last month", Some("previous period"), "2026-10-01..2026-10-31 | 2026-09-01..2026-09-30"),
            // What is over is compared with as many days right before it, also when it begins with a Monday or a first.
            ("2026-11-23", Some("previous"), "2026-11-23..2026-11-23 | 2026-11-22..2026-11-22"),
            ("2026-10-01..2026-10-10", Some("previous"), "2026-10-01..2026-10-10 | 2026-09-21..2026-09-30"),
            ("this month", Some("previous"), "2026-11-01..2026-11-27 | 2026-10-01..2026-10-27"),
            ("this week", Some("前の期間"), "2026-11-23..2026-11-27 | 2026-11-16..2026-11-20"),
            ("last quarter", Some("previous"), "2026-07-01..2026-09-30 | 2026-04-01..2026-06-30"),
            ("last 7 days", Some("the same days last year"), "2026-11-20..2026-11-26 | 2025-11-20..2025-11-26"),
            ("先月", Some("前年同月比"), "2026-10-01..2026-10-31 | 2025-10-01..2025-10-31"),
            ("先週", Some("前年同曜日"), "2026-11-16..2026-11-22 | 2025-11-17..2025-11-23"),
            ("last month vs the same month last year", None, "2026-10-01..2026-10-31 | 2025-10-01..2025-10-31"),
            ("last week compared to the week before", None, "2026-11-16..2026-11-22 | 2026-11-09..2026-11-15"),
            ("先月の前年同月比", None, "2026-10-01..2026-10-31 | 2025-10-01..2025-10-31"),
            ("先週を前の週と比べて", None, "2026-11-16..2026-11-22 | 2026-11-09..2026-11-15"),
            ("10月と9月", None, "2026-10-01..2026-10-31 | 2026-09-01..2026-09-30"),
            // Each from the period on, not from today.
            ("昨日の前日比", None, "2026-11-26..2026-11-26 | 2026-11-25..2026-11-25"),
            ("yesterday vs the day before", None, "2026-11-26..2026-11-26 | 2026-11-25..2026-11-25"),
            ("2026-11-20", Some("前日比"), "2026-11-20..2026-11-20 | 2026-11-19..2026-11-19"),
            ("last quarter vs previous quarter", None, "2026-07-01..2026-09-30 | 2026-04-01..2026-06-30"),
            ("2026年第3四半期の前四半期比", None, "2026-07-01..2026-09-30 | 2026-04-01..2026-06-30"),
            ("this quarter", Some("qoq"), "2026-10-01..2026-11-27 | 2026-07-01..2026-08-27"),
            ("2024-02", Some("last year"), "2024-02-01..2024-02-29 | 2023-02-01..2023-02-28"),
            ("2025-02", Some("last year"), "2025-02-01..2025-02-28 | 2024-02-01..2024-02-29"),
        ];
        for (text, compare, wanted) in rows {
            assert_eq!(of(text, compare).as_deref(), Some(wanted), "{text} {compare:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_no_period() {
        for text in [
            "",
            "   ",
            "soon",
            "last",
            "2026-13",
            "2026-02-30",
            "last 0 days",
            "last 99999 days",
            "2026-10-07..2026-10-01",
            "明日",
            "tomorrow",
            "先週の売上",
        ] {
            assert_eq!(of(text, None), None, "{text}");
        }
        assert_eq!(of(&"先週".repeat(60), None), None);
        assert_eq!(of("last week", Some("whatever")), None);
        assert_eq!(of("last week", Some("")), None);
        for (text, itself) in
            [("last week", "last week"), ("先月", "先月"), ("yesterday", "2026-11-26"), ("last week", "前日比")]
        {
            assert_eq!(of(text, Some(itself)), None, "{text} beside {itself}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_it(text in ".{0,60}", compare in proptest::option::of(".{0,30}")) {
            if let Some(periods) = read(&text, compare.as_deref(), TODAY.parse().unwrap()) {
                proptest::prop_assert!(periods.now.first <= periods.now.last);
            }
        }
    }
}
