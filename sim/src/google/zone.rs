//! Days: numbered since 1970, in the zone of whoever keeps them. Instants are milliseconds; nothing here asks a clock.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::{DAY_MS, civil_from_days, days_from_civil};

/// The zone in which Google counts its own days (dossier google §3).
pub(super) const PACIFIC: &str = "America/Los_Angeles";

/// A zone by its name; UTC for a name that nobody knows.
pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Milliseconds as a clock on the wall there shows them.
pub(super) fn local_ms(at_ms: i64, zone: &TimeZone) -> i64 {
    let offset_s = Timestamp::from_millisecond(at_ms).map_or(0, |at| zone.to_offset(at).seconds());
    at_ms + i64::from(offset_s) * 1_000
}

/// Which day it is there.
pub(super) fn day_at(at_ms: i64, zone: &TimeZone) -> i64 {
    local_ms(at_ms, zone).div_euclid(DAY_MS)
}

/// When that day begins there.
pub(super) fn midnight_ms(day: i64, zone: &TimeZone) -> i64 {
    let (year, month, of_month) = civil_from_days(day);
    let date = Date::new(
        i16::try_from(year).unwrap_or(1970),
        i8::try_from(month).unwrap_or(1),
        i8::try_from(of_month).unwrap_or(1),
    );
    let at = date.and_then(|date| zone.to_timestamp(date.at(0, 0, 0, 0)));
    at.map_or(day * DAY_MS, Timestamp::as_millisecond)
}

/// `2026-11-27`.
pub(super) fn iso(day: i64) -> String {
    let (year, month, of_month) = civil_from_days(day);
    format!("{year:04}-{month:02}-{of_month:02}")
}

/// Reads `2026-11-27`; nothing else, and no day that is none.
pub(super) fn parse_iso(text: &str) -> Option<i64> {
    let is_shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let day = is_shaped.then(|| Some(days_from_civil(number(0, 4)?, number(5, 7)?, number(8, 10)?)))??;
    (iso(day) == text).then_some(day)
}

/// 0 is Sunday.
pub(super) fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

/// ISO year and week.
pub(super) fn iso_week(day: i64) -> (i64, i64) {
    // The week belongs to the year of its Thursday.
    let monday_first = (day + 3).rem_euclid(7);
    let thursday = day - monday_first + 3;
    let (year, _, _) = civil_from_days(thursday);
    (year, (thursday - days_from_civil(year, 1, 1)) / 7 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_the_midnight_of_their_zone_also_when_the_clocks_change() {
        let rome = zone("Europe/Rome");
        let day = parse_iso("2026-10-25").unwrap_or(0);
        let length = midnight_ms(day + 1, &rome) - midnight_ms(day, &rome);
        assert_eq!(length, 25 * 3_600_000);
        assert_eq!(day_at(midnight_ms(day, &rome), &rome), day);
        assert_eq!(day_at(midnight_ms(day, &rome) - 1, &rome), day - 1);
        let pacific = zone(PACIFIC);
        let day = parse_iso("2026-03-08").unwrap_or(0);
        assert_eq!(midnight_ms(day + 1, &pacific) - midnight_ms(day, &pacific), 23 * 3_600_000);
    }

    #[test]
    fn only_days_that_there_are_can_be_read() {
        assert_eq!(parse_iso("1970-01-01"), Some(0));
        for wrong in ["2026-02-29", "2026-1-1", "20260101", "2026-13-01", "yesterday", "2026-01-1x"] {
            assert_eq!(parse_iso(wrong), None, "{wrong}");
        }
        assert_eq!((weekday(0), iso_week(parse_iso("2027-01-01").unwrap_or(0))), (4, (2026, 53)));
    }
}
