//! Words for days that have been. A word that is not known makes all of it unreadable.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::Period;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Further back nobody measured.
const COUNT_MAX: i64 = 3_660;

/// Reads words, already lower-case and without needless spaces. Never a day ahead of today.
pub(super) fn read(text: &str, today: Date) -> Option<Period> {
    let mut text = text.trim();
    for lead in ["in the ", "for the ", "during the ", "over the ", "in ", "for ", "during ", "over ", "on ", "the "] {
        text = text.strip_prefix(lead).unwrap_or(text);
    }
    for end in ["の期間", "の分", "中", "分", "間の"] {
        text = text.strip_suffix(end).unwrap_or(text);
    }
    let found = week_of(text, today)
        .or_else(|| named(text, today))
        .or_else(|| counted(text, today))
        .or_else(|| quarter(text, today))
        .or_else(|| since(text, today))
        .or_else(|| dated(text, today).map(|(period, _)| period))
        .or_else(|| between(text, today))?;
    // What has begun may be asked about, and ends today.
    (found.first <= today).then(|| Period { last: found.last.min(today), ..found })
}

fn back(today: Date, days: i64) -> Option<Date> {
    today.checked_sub(days.days()).ok()
}

fn monday(today: Date) -> Option<Date> {
    back(today, i64::from(today.weekday().to_monday_zero_offset()))
}

fn week(today: Date, ago: i64) -> Option<Period> {
    let first = monday(today)?.checked_sub((7 * ago).days()).ok()?;
    Period::new(first, first.checked_add(6.days()).ok()?)
}

/// "week of october 5", 「10月5日の週」.
fn week_of(text: &str, today: Date) -> Option<Period> {
    let day = text.strip_prefix("week of ").or_else(|| text.strip_suffix("の週"))?;
    week(dated(day, today)?.1, 0)
}

fn month(today: Date, ago: i64) -> Option<Period> {
    let first = today.first_of_month().checked_sub(ago.months()).ok()?;
    Period::new(first, first.last_of_month())
}

fn year(today: Date, ago: i64) -> Option<Period> {
    let first = today.first_of_year().checked_sub(ago.years()).ok()?;
    Period::new(first, first.last_of_year())
}

fn quarter_of(year: i16, no: i8) -> Option<Period> {
    let first = Date::new(year, 3 * no - 2, 1).ok()?;
    Period::new(first, Date::new(year, 3 * no, 1).ok()?.last_of_month())
}

fn named(text: &str, today: Date) -> Option<Period> {
    let day = |days| back(today, days).map(Period::day);
    let weekend = |ago: i64| week(today, ago).and_then(|week| Period::new(week.last.yesterday().ok()?, week.last));
    match text {
        "today" | "今日" | "本日" | "きょう" => day(0),
        "yesterday" | "昨日" | "きのう" | "前日" => day(1),
        "day before yesterday" | "一昨日" | "おととい" => day(2),
        "this week" | "week to date" | "wtd" | "今週" => week(today, 0),
        "last week" | "previous week" | "past week" | "先週" | "前の週" | "前週" => week(today, 1),
        "week before last" | "先々週" | "前々週" => week(today, 2),
        // Of a week that is over, or of this one when it is Sunday.
        "last weekend" | "先週末" | "前の週末" | "週末" => weekend(1),
        "this month" | "month to date" | "mtd" | "今月" | "当月" => month(today, 0),
        "last month" | "previous month" | "past month" | "先月" | "前月" | "前の月" => month(today, 1),
        "month before last" | "先々月" | "前々月" => month(today, 2),
        "this year" | "year to date" | "ytd" | "今年" | "本年" => year(today, 0),
        "last year" | "previous year" | "past year" | "昨年" | "去年" | "前年" => year(today, 1),
        "year before last" | "一昨年" | "おととし" => year(today, 2),
        _ => {
            let day = text.strip_prefix("last ").or_else(|| text.strip_prefix("this "))?;
            let no = WEEKDAYS.iter().position(|weekday| *weekday == day)?;
            let wanted = Weekday::from_monday_zero_offset(i8::try_from(no).ok()?).ok()?;
            (1..=7).filter_map(|ago| back(today, ago)).find(|date| date.weekday() == wanted).map(Period::day)
        }
    }
}

/// "last 7 days", 「過去3か月」: whole ones, before today.
fn counted(text: &str, today: Date) -> Option<Period> {
    let rest = ["last ", "past ", "previous ", "過去", "直近", "ここ", "最近", "この", "前"]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))?;
    let rest = rest.trim_start_matches(['の', ' ']);
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = rest[..digits].parse().ok().filter(|count| (1..=COUNT_MAX).contains(count))?;
    let first_of = |period: Option<Period>, last: Option<Period>| Period::new(period?.first, last?.last);
    match rest[digits..].trim() {
        "day" | "days" | "日" | "日間" => Period::new(back(today, count)?, back(today, 1)?),
        "week" | "weeks" | "週" | "週間" => first_of(week(today, count), week(today, 1)),
        "month" | "months" | "か月" | "か月間" | "ヶ月" | "ヶ月間" | "カ月" | "カ月間" | "ヵ月" | "ヵ月間" | "ケ月"
        | "箇月" | "月" => first_of(month(today, count), month(today, 1)),
        "year" | "years" | "年" | "年間" => first_of(year(today, count), year(today, 1)),
        _ => None,
    }
}

fn quarter(text: &str, today: Date) -> Option<Period> {
    let this = (today.month() + 2) / 3;
    let before = |year: i16, no: i8| if no == 1 { (year - 1, 4) } else { (year, no - 1) };
    let (year, no) = match text {
        "this quarter" | "quarter to date" | "qtd" | "今四半期" | "当四半期" => (today.year(), this),
        "last quarter" | "previous quarter" | "前四半期" | "先四半期" | "前の四半期" => {
            before(today.year(), this)
        }
        _ => {
            let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let (year, rest) = match bare.split_once('年') {
                Some((year, rest)) => (Some(year.parse().ok()?), rest.to_owned()),
                None if bare.starts_with('q') => {
                    let (first, second) = bare.split_at_checked(2)?;
                    let year = second.trim_start_matches("of");
                    (if year.is_empty() { None } else { Some(year.parse().ok()?) }, first.to_owned())
                }
                None => (None, bare),
            };
            let no = rest.strip_prefix('q').or_else(|| rest.trim_start_matches('第').strip_suffix("四半期"))?;
            let no: i8 = no.parse().ok().filter(|no| (1..=4).contains(no))?;
            let newest = if no > this { today.year() - 1 } else { today.year() };
            (year.unwrap_or(newest), no)
        }
    };
    quarter_of(year, no)
}

fn since(text: &str, today: Date) -> Option<Period> {
    let begin =
        text.strip_prefix("since ").or_else(|| text.strip_suffix("以降")).or_else(|| text.strip_suffix("から"))?;
    let begin = named(begin, today).or_else(|| dated(begin, today).map(|(period, _)| period))?;
    Period::new(begin.first, today)
}

/// A date, a month or a year; with the month that a bare day behind it would mean.
fn dated(text: &str, today: Date) -> Option<(Period, Date)> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>() {
        return (text.len() == 10).then_some((Period::day(date), date));
    }
    japanese(text, today).or_else(|| numbers(text)).or_else(|| english(text, today))
}

/// `2026-10`, `2026/10/01`, `2026`.
fn numbers(text: &str) -> Option<(Period, Date)> {
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let is_year = parts.first().is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()));
    let year: i16 = parts.first().filter(|_| is_year)?.parse().ok()?;
    let part = |no: usize| parts.get(no).and_then(|part| part.parse::<i8>().ok());
    match parts.len() {
        1 => {
            let first = Date::new(year, 1, 1).ok()?;
            Some((Period::new(first, first.last_of_year())?, first))
        }
        2 => whole_month(year, part(1)?),
        3 => {
            let date = Date::new(year, part(1)?, part(2)?).ok()?;
            Some((Period::day(date), date))
        }
        _ => None,
    }
}

fn whole_month(year: i16, month: i8) -> Option<(Period, Date)> {
    let first = Date::new(year, month, 1).ok()?;
    Some((Period::new(first, first.last_of_month())?, first))
}

/// This year's, or the last there was.
fn newest(today: Date, month: i8, day: i8) -> Option<Date> {
    (0..=8).filter_map(|ago| Date::new(today.year() - ago, month, day).ok()).find(|date| *date <= today)
}

fn japanese(text: &str, today: Date) -> Option<(Period, Date)> {
    let (mut year, mut rest) = (None, text);
    for (word, ago) in
        [("今年の", 0), ("今年", 0), ("昨年の", 1), ("昨年", 1), ("去年の", 1), ("去年", 1), ("一昨年の", 2)]
    {
        if let Some(behind) = rest.strip_prefix(word) {
            (year, rest) = (Some(today.year() - ago), behind);
            break;
        }
    }
    if let Some((given, behind)) = rest.split_once('年') {
        let given: i16 = given.parse().ok().filter(|year| (1990..=2200).contains(year))?;
        if behind.is_empty() {
            let first = Date::new(given, 1, 1).ok()?;
            return Some((Period::new(first, first.last_of_year())?, first));
        }
        (year, rest) = (Some(given), behind.trim_start_matches('の'));
    }
    let (month, behind) = rest.split_once('月')?;
    let month: i8 = month.trim().parse().ok()?;
    let behind = behind.trim();
    if behind.is_empty() {
        let year = year.or_else(|| newest(today, month, 1).map(Date::year))?;
        return whole_month(year, month);
    }
    let day: i8 = behind.strip_suffix('日')?.parse().ok()?;
    let date = match year {
        Some(year) => Date::new(year, month, day).ok()?,
        None => newest(today, month, day)?,
    };
    Some((Period::day(date), date))
}

/// "october", "oct 2025", "oct 1", "1 oct 2026", "october 1st, 2026".
fn english(text: &str, today: Date) -> Option<(Period, Date)> {
    let (mut month, mut day, mut year) = (None, None, None);
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        let bare = word.trim_end_matches('.');
        if let Some(no) = (bare.len() >= 3).then(|| MONTHS.iter().position(|name| name.starts_with(bare))).flatten() {
            if month.replace(i8::try_from(no + 1).ok()?).is_some() {
                return None;
            }
            continue;
        }
        let digits = bare.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let is_ordinal = ["", "st", "nd", "rd", "th"].contains(&&bare[digits.len()..]);
        let number: i16 = digits.parse().ok().filter(|_| is_ordinal)?;
        let taken = if digits.len() == 4 {
            year.replace(number).is_some()
        } else {
            day.replace(i8::try_from(number).ok()?).is_some()
        };
        if taken {
            return None;
        }
    }
    let month = month?;
    match day {
        None => whole_month(year.or_else(|| newest(today, month, 1).map(Date::year))?, month),
        Some(day) => {
            let date = match year {
                Some(year) => Date::new(year, month, day).ok()?,
                None => newest(today, month, day)?,
            };
            Some((Period::day(date), date))
        }
    }
}

/// From one to another: "oct 1 to oct 7", 「10月1日〜7日」. A bare day belongs to the month of the one before it.
fn between(text: &str, today: Date) -> Option<Period> {
    let text = text.strip_prefix("from ").or_else(|| text.strip_prefix("between ")).unwrap_or(text);
    let text = text.strip_suffix("まで").unwrap_or(text);
    for between in ["..", " to ", " until ", " through ", " - ", " – ", " and ", "から", "〜", "~", "–", "-"] {
        for (at, _) in text.match_indices(between) {
            let (begin, end) = (text[..at].trim(), text[at + between.len()..].trim());
            let Some((first, month)) = one(begin, today) else { continue };
            let day: Option<i8> = end.trim_end_matches('日').parse().ok();
            let last = match day {
                Some(day) if first.first == first.last => {
                    Date::new(month.year(), month.month(), day).ok().map(Period::day)
                }
                _ => one(end, today).map(|(period, _)| period),
            };
            let Some(last) = last else { continue };
            return Period::new(first.first, last.last);
        }
    }
    None
}

fn one(text: &str, today: Date) -> Option<(Period, Date)> {
    dated(text, today).or_else(|| named(text, today).map(|period| (period, period.first)))
}
