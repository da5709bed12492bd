//! Times in words, English and Japanese: "tomorrow at 9", 「来週火曜の朝9時」. Read by these rules and not by a model; what can be read in
//! more than one way is never guessed, and a word that is not understood makes all of it unreadable.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Timestamp, ToSpan, ZonedDateTime};

mod back;
mod grammar;
mod words;

pub use back::read_back;

use grammar::{Day, Named, Time};
use words::Part;

/// What words say about an instant. Civil times are the person's; gaps and overlaps of their clocks are looked at afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// One time.
    One(DateTime),
    /// Two to four times, earliest first: the person must choose.
    Several(Vec<DateTime>),
    /// So long from now.
    Instant(Timestamp),
    /// A day, but no time.
    NoTime(Date),
    /// Understood, but it has passed.
    Past(DateTime),
    /// Not understood.
    Unknown,
}

/// Reads words as somebody means them whose clock shows `now`.
#[must_use]
pub fn read(text: &str, now: &ZonedDateTime) -> Reading {
    let named = words::tokens(text).and_then(|(tokens, japanese)| grammar::named(&tokens, japanese));
    named.and_then(|named| resolve(&named, now)).unwrap_or(Reading::Unknown)
}

fn resolve(named: &Named, now: &ZonedDateTime) -> Option<Reading> {
    if let Some(minutes) = named.minutes {
        let is_alone = *named == Named { minutes: Some(minutes), ..Named::default() };
        let instant = now.timestamp().checked_add(minutes.minutes()).ok()?;
        return is_alone.then_some(Reading::Instant(instant));
    }
    let days = days(named, now)?;
    let Some(time) = named.time else {
        return days.and_then(|days| days.first().copied()).map(Reading::NoTime);
    };
    let clocks = clocks(time, named.part, days.is_some())?;
    let days = days.unwrap_or_else(|| vec![now.date()]);
    let mut all = Vec::new();
    for day in days {
        for (shift, hour, minute) in &clocks {
            all.push(day.checked_add(shift.days()).ok()?.at(*hour, *minute, 0, 0));
        }
    }
    all.sort_unstable();
    all.dedup();
    let is_ahead = |at: &DateTime| *at > now.datetime();
    // What has passed is not meant while something else can be.
    let mut found: Vec<DateTime> = all.iter().copied().filter(is_ahead).collect();
    if found.is_empty() {
        found = all.iter().filter_map(|at| rolled(named, *at)).filter(is_ahead).collect();
    }
    let first = *all.first()?;
    Some(match found[..] {
        [] => Reading::Past(first),
        [one] => Reading::One(one),
        _ => Reading::Several(found),
    })
}

/// The next such time, when the words leave open which one: a clock time of some day, a weekday, a date without its year.
fn rolled(named: &Named, at: DateTime) -> Option<DateTime> {
    let by = match (named.day, named.week) {
        (None, None) => 1.day(),
        (Some(Day::Coming(_)), None) => 7.days(),
        (Some(Day::Date(None, ..) | Day::Either(None, ..)), None) => 1.year(),
        (Some(Day::OfMonth(_)), None) => 1.month(),
        (_, Some(_))
        | (
            Some(Day::Next(_) | Day::Last(_) | Day::Ahead(_) | Day::Date(Some(_), ..) | Day::Either(Some(_), ..)),
            None,
        ) => {
            return None;
        }
    };
    at.checked_add(by).ok()
}

/// The days that may be meant; none when no day is named. The outer none: named, but there is no such day.
fn days(named: &Named, now: &ZonedDateTime) -> Option<Option<Vec<Date>>> {
    let today = now.date();
    let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
    let in_week = |weeks: i64, day: i8| monday.checked_add((weeks * 7 + i64::from(day)).days()).ok();
    let coming = |day: i8, from: i64| {
        let weekday = Weekday::from_monday_zero_offset(day).ok()?;
        let mut days = (from..from + 7).filter_map(|ahead| today.checked_add(ahead.days()).ok());
        days.find(|date| date.weekday() == weekday)
    };
    let dated = |year: Option<i16>, month: i8, day: i8| match year {
        Some(year) => Date::new(year, month, day).ok(),
        // This year's, or the next there is: February 29 waits for its year.
        None => {
            (0..=4).filter_map(|ahead| Date::new(today.year() + ahead, month, day).ok()).find(|date| *date >= today)
        }
    };
    let one = |day: Option<Date>| day.map(|day| Some(vec![day]));
    match (named.day, named.week) {
        (None, None) => Some(None),
        // A week without a weekday is no day.
        (None, Some(_)) => None,
        (Some(Day::Coming(day)), Some(weeks)) => one(in_week(weeks, day)),
        (Some(_), Some(_)) => None,
        (Some(Day::Ahead(days)), None) => one(today.checked_add(days.days()).ok()),
        (Some(Day::Coming(day)), None) => one(coming(day, 0)),
        (Some(Day::Next(day)), None) => {
            let mut both = vec![coming(day, 1)?, in_week(1, day)?];
            both.dedup();
            Some(Some(both))
        }
        (Some(Day::Last(day)), None) => Some(Some(back::last(day, today, monday)?)),
        (Some(Day::Date(year, month, day)), None) => one(dated(year, month, day)),
        (Some(Day::OfMonth(day)), None) => {
            let first = today.first_of_month();
            let mut months = (0..=2).filter_map(|ahead| first.checked_add(i64::from(ahead).months()).ok());
            one(months.find_map(|month| Date::new(month.year(), month.month(), day).ok().filter(|date| *date >= today)))
        }
        (Some(Day::Either(year, a, b)), None) => {
            let both: Vec<Date> = [dated(year, a, b), dated(year, b, a)].into_iter().flatten().collect();
            (!both.is_empty()).then_some(Some(both))
        }
    }
}

/// What a clock may show: days to add, hour, minute. None when the words contradict each other ("15 am").
fn clocks(time: Time, part: Option<Part>, has_day: bool) -> Option<Vec<(i64, i8, i8)>> {
    let (hour, minute, is_exact) = match (time, part) {
        (Time::Clock { hour, minute, is_exact }, _) => (hour, minute, is_exact),
        // The midnight that begins the day, or the one that ends it.
        (Time::Midnight, None) if has_day => return Some(vec![(0, 0, 0), (1, 0, 0)]),
        (Time::Midnight, None) => return Some(vec![(0, 0, 0)]),
        (Time::Midnight, Some(Part::Night | Part::LateNight)) => return Some(vec![(1, 0, 0)]),
        (Time::Midnight, Some(_)) => return None,
    };
    let late = |hour: i8| (1, hour, minute);
    let on = |hour: i8| (0, hour, minute);
    let Some(part) = part else {
        return Some(match hour {
            24..=29 => vec![late(hour - 24)],
            1..=6 if !is_exact => vec![on(hour), on(hour + 12)],
            _ => vec![on(hour)],
        });
    };
    Some(match (part, hour) {
        (Part::Gogo, 12) => vec![on(12), late(0)],
        (Part::Am, 0..=11) | (Part::Morning, 3..=11) => vec![on(hour)],
        (Part::Am, 12) => vec![on(0)],
        (Part::Pm | Part::Gogo, 0..=11) | (Part::Afternoon, 1..=7) => vec![on(hour + 12)],
        (Part::Pm, 12) => vec![on(12)],
        (Part::Noon, 11..=14) | (Part::Afternoon, 12..=18) | (Part::Evening, 15..=23) => vec![on(hour)],
        (Part::Noon, 0..=3) | (Part::Evening, 3..=11) | (Part::Night, 5..=11) | (Part::LateNight, 9..=11) => {
            vec![on(hour + 12)]
        }
        (Part::Night, 17..=23) | (Part::LateNight, 21..=23) => vec![on(hour)],
        (Part::Night | Part::LateNight, 12) => vec![late(0)],
        (Part::Night | Part::LateNight, 24..=29) => vec![late(hour - 24)],
        // The small hours: of the day that was named, or of the night that begins on it.
        (Part::Night | Part::LateNight, 0..=4) if has_day => vec![on(hour), late(hour)],
        (Part::Night | Part::LateNight, 0..=4) => vec![on(hour)],
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
