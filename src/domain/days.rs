//! Days and weeks as a person counts them: where each begins in their zone. Pure; which posts fall into them is read elsewhere.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::schedule::find_zone;

/// Where a day begins in a zone, Unix milliseconds. A midnight that clocks skip begins when they go on.
#[must_use]
pub fn begin_of(day: Date, zone: &str) -> i64 {
    let zone = find_zone(zone).unwrap_or(TimeZone::UTC);
    day.to_zoned_datetime(zone).map_or(0, |begin| begin.timestamp().as_millisecond())
}

/// The day that it is in a zone.
#[must_use]
pub fn day_of(at_ms: i64, zone: &str) -> Date {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    find_zone(zone).unwrap_or(TimeZone::UTC).to_datetime(at).date()
}

/// The last so many days up to today, oldest first, each with where it begins.
#[must_use]
pub fn last_days(now_ms: i64, zone: &str, count: i64) -> Vec<(Date, i64)> {
    let today = day_of(now_ms, zone);
    let days = (0..count).rev().filter_map(|back| today.checked_sub(back.days()).ok());
    days.map(|day| (day, begin_of(day, zone))).collect()
}

/// A week from Monday to Sunday, written as ISO 8601 does: `2026-W48`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Week(ISOWeekDate);

impl Week {
    /// The one that an instant is in.
    #[must_use]
    pub fn of(at_ms: i64, zone: &str) -> Self {
        let day = day_of(at_ms, zone).iso_week_date();
        Self(ISOWeekDate::new(day.year(), day.week(), Weekday::Monday).unwrap_or(day))
    }

    /// So many weeks later; none beyond the end of the calendar.
    #[must_use]
    pub fn plus(self, weeks: i64) -> Option<Self> {
        Some(Self(self.0.date().checked_add(weeks.weeks()).ok()?.iso_week_date()))
    }

    /// Its days.
    #[must_use]
    pub fn days(self) -> Vec<Date> {
        let monday = self.0.date();
        (0..7).filter_map(|later: i64| monday.checked_add(later.days()).ok()).collect()
    }

    /// Where it begins and where the next one does, Unix milliseconds.
    #[must_use]
    pub fn span(self, zone: &str) -> (i64, i64) {
        let begin = |week: Self| begin_of(week.0.date(), zone);
        (begin(self), self.plus(1).map_or(i64::MAX, begin))
    }
}

impl fmt::Display for Week {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-W{:02}", self.0.year(), self.0.week())
    }
}

impl FromStr for Week {
    type Err = ();

    /// Only in its one form, and only years that a person may mean.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (year, week) = text.split_once("-W").ok_or(())?;
        let is_plain = year.len() == 4
            && week.len() == 2
            && [year, week].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let year = year.parse().ok().filter(|year| is_plain && (2000..=2999).contains(year)).ok_or(())?;
        let week = week.parse().map_err(|_| ())?;
        ISOWeekDate::new(year, week, Weekday::Monday).map(Self).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23T20:00Z: the morning of the 24th in Tokyo.
    const MONDAY_EVENING: i64 = 1_795_464_000_000;

    #[test]
    fn days_begin_where_the_person_is() {
        let days = last_days(MONDAY_EVENING, "Asia/Tokyo", 7);
        assert_eq!(
            (days.len(), days[0].0.to_string(), days[6].0.to_string()),
            (7, "2026-11-18".into(), "2026-11-24".into())
        );
        assert_eq!(MONDAY_EVENING - days[6].1, 5 * 3_600_000);
    }

    #[test]
    fn a_week_is_read_as_it_is_written_and_nothing_else_is() {
        let week = Week::of(MONDAY_EVENING, "UTC");
        assert_eq!((week.to_string().as_str(), "2026-W48".parse()), ("2026-W48", Ok(week)));
        let (from, until) = week.span("Asia/Tokyo");
        assert_eq!((until - from, week.days()[6].to_string().as_str()), (7 * 24 * 3_600_000, "2026-11-29"));
        // Clocks go back in that week.
        let (from, until) = "2026-W43".parse::<Week>().map_or((0, 0), |week| week.span("Europe/Berlin"));
        assert_eq!(until - from, (7 * 24 + 1) * 3_600_000);
        assert_eq!(
            "2026-W53".parse::<Week>().ok().and_then(|week| week.plus(1)).map(|week| week.to_string()).as_deref(),
            Some("2027-W01")
        );
        for wrong in [
            "2026-W00",
            "2026-W54",
            "2025-W53",
            "2026-48",
            "2026-W4",
            "2026-W048",
            "+026-W48",
            "9999-W01",
            "0000-W01",
            "2026-W48 ",
            "",
        ] {
            assert!(wrong.parse::<Week>().is_err(), "{wrong}");
        }
    }
}
