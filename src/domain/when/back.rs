//! The same words about what has been: "yesterday at 9", 「先週の金曜」. What they leave open means the newest such time, not the next.

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, ZonedDateTime};

use super::grammar::{Day, Named};
use super::{Reading, clocks, grammar, words};

/// Reads words as somebody means them who speaks of the past, and whose clock shows `now`. [`Reading::Past`] never comes: what lies ahead is
/// not understood.
#[must_use]
pub fn read_back(text: &str, now: &ZonedDateTime) -> Reading {
    let named = words::tokens(text).and_then(|(tokens, japanese)| grammar::named(&tokens, japanese));
    named.and_then(|named| resolve(&named, now)).unwrap_or(Reading::Unknown)
}

fn resolve(named: &Named, now: &ZonedDateTime) -> Option<Reading> {
    if let Some(minutes) = named.minutes {
        let is_alone = *named == Named { minutes: Some(minutes), ..Named::default() };
        let instant = now.timestamp().checked_add(minutes.minutes()).ok()?;
        return (is_alone && minutes <= 0).then_some(Reading::Instant(instant));
    }
    let days = days(named, now)?;
    let Some(time) = named.time else {
        // A part of a day is neither a day nor a time.
        let days = days.filter(|_| named.part.is_none())?;
        return Some(match days[..] {
            [day] => Reading::NoTime(day),
            _ => Reading::Several(days.iter().map(|day| day.at(0, 0, 0, 0)).collect()),
        });
    };
    let clocks = clocks(time, named.part, days.is_some())?;
    let is_open = days.is_none();
    let mut found = Vec::new();
    for day in days.unwrap_or_else(|| vec![now.date()]) {
        for (shift, hour, minute) in &clocks {
            let at = day.checked_add(shift.days()).ok()?.at(*hour, *minute, 0, 0);
            // A clock time alone is today's, or yesterday's when today's has not come yet.
            let at = if is_open && at > now.datetime() { at.checked_sub(1.day()).ok()? } else { at };
            if at <= now.datetime() {
                found.push(at);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [] => None,
        [one] => Some(Reading::One(one)),
        _ => Some(Reading::Several(found)),
    }
}

/// The days that may be meant, earliest first; none when no day is named. The outer none: there is no such day, or it lies ahead.
fn days(named: &Named, now: &ZonedDateTime) -> Option<Option<Vec<Date>>> {
    let today = now.date();
    let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
    let dated = |year: Option<i16>, month: i8, day: i8| match year {
        Some(year) => Date::new(year, month, day).ok(),
        // This year's, or the last there was: February 29 waits for its year.
        None => (0..=4).filter_map(|ago| Date::new(today.year() - ago, month, day).ok()).find(|date| *date <= today),
    };
    let mut found: Vec<Date> = match (named.day, named.week) {
        (None, None) => return Some(None),
        (Some(Day::Coming(day)), Some(weeks)) => vec![monday.checked_add((weeks * 7 + i64::from(day)).days()).ok()?],
        (None | Some(_), Some(_)) | (Some(Day::Next(_)), None) => return None,
        (Some(Day::Ahead(days)), None) => vec![today.checked_add(days.days()).ok()?],
        (Some(Day::Coming(day)), None) => vec![newest(day, today, 0)?],
        (Some(Day::Last(day)), None) => last(day, today, monday)?,
        (Some(Day::Date(year, month, day)), None) => vec![dated(year, month, day)?],
        (Some(Day::OfMonth(day)), None) => {
            let first = today.first_of_month();
            let mut months = (0..=2).filter_map(|ago| first.checked_sub(i64::from(ago).months()).ok());
            let of = |month: Date| Date::new(month.year(), month.month(), day).ok().filter(|date| *date <= today);
            vec![months.find_map(of)?]
        }
        (Some(Day::Either(year, a, b)), None) => [dated(year, a, b), dated(year, b, a)].into_iter().flatten().collect(),
    };
    found.retain(|day| *day <= today);
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then_some(Some(found))
}

/// The newest such weekday, at least so many days ago.
fn newest(day: i8, today: Date, from: i64) -> Option<Date> {
    let weekday = Weekday::from_monday_zero_offset(day).ok()?;
    let mut days = (from..from + 7).filter_map(|ago| today.checked_sub(ago.days()).ok());
    days.find(|date| date.weekday() == weekday)
}

/// "last Friday": the newest before today, or the one of the week before.
pub(super) fn last(day: i8, today: Date, monday: Date) -> Option<Vec<Date>> {
    let mut both = vec![monday.checked_add((i64::from(day) - 7).days()).ok()?, newest(day, today, 1)?];
    both.sort_unstable();
    both.dedup();
    Some(both)
}
