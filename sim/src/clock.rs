//! The clock that all simulators of one process share: machine time plus an offset that tests move.
//! RFC 3339 in and out lives here too. Nothing here sleeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Machine time plus a shared offset. Clones share the offset.
#[derive(Clone, Debug, Default)]
pub struct SimClock {
    offset_ms: Arc<AtomicI64>,
}

impl SimClock {
    /// A clock that starts at machine time.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Milliseconds since the Unix epoch, offset included.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place of the simulators where the machine is asked")]
    pub fn now_ms(&self) -> i64 {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        i64::try_from(machine).unwrap_or(i64::MAX).saturating_add(self.offset_ms())
    }

    /// How far this clock is ahead of the machine.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    /// Sets the distance to machine time; negative values turn the clock back.
    pub fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::SeqCst);
    }

    /// Moves the clock on by `by_ms` (or back, when negative).
    pub fn advance_ms(&self, by_ms: i64) {
        self.offset_ms.fetch_add(by_ms, Ordering::SeqCst);
    }
}

/// A day of 24 hours.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// `2026-11-23T17:00:00.000Z`, the form X uses in answers.
#[must_use]
pub fn rfc3339(at_ms: i64) -> String {
    let (year, month, day) = civil_from_days(at_ms.div_euclid(DAY_MS));
    let in_day = at_ms.rem_euclid(DAY_MS);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, milli) = (in_day / 1_000 % 60, in_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// `Mon, 23 Nov 2026 17:00:00 GMT`, the form of HTTP's `Date` (RFC 9110 §5.6.7).
#[must_use]
pub fn http_date(at_ms: i64) -> String {
    // 1 January 1970 was a Thursday.
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = at_ms.div_euclid(DAY_MS);
    let (year, month, day) = civil_from_days(days);
    let at = |index: i64| usize::try_from(index).unwrap_or(0);
    let (weekday, month) = (WEEKDAYS[at(days.rem_euclid(7))], MONTHS[at(month - 1).min(11)]);
    format!("{weekday}, {day:02} {month} {year:04} {} GMT", rfc3339(at_ms).get(11..19).unwrap_or("00:00:00"))
}

/// Reads `YYYY-MM-DDTHH:mm:ss[.fraction]` with `Z` or a numeric offset; `None` for anything else.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let mark = |at: usize, wanted: &str| text.get(at..=at).filter(|c| *c == wanted);
    mark(4, "-").and(mark(7, "-")).and(mark(10, "T")).and(mark(13, ":")).and(mark(16, ":"))?;
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut milli = 0;
    if let Some(after) = rest.strip_prefix('.') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let padded = format!("{:0<3}", after.get(..digits.min(3)).filter(|d| !d.is_empty())?);
        milli = padded.parse::<i64>().ok()?;
        rest = after.get(digits..)?;
    }
    let shift_ms = match rest {
        "Z" | "z" => 0,
        _ => zone_ms(rest)?,
    };
    let days = days_from_civil(year, month, day);
    Some(days * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1_000 + milli - shift_ms)
}

fn zone_ms(zone: &str) -> Option<i64> {
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let (hour, minute) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    Some(sign * (hour.parse::<i64>().ok()? * 3_600_000 + minute.parse::<i64>().ok()? * 60_000))
}

// Howard Hinnant's civil calendar algorithms; eras of 400 years keep everything in integers.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_index = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_index + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_of_the_fixed_form() {
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn instants_survive_a_round_trip() {
        for at_ms in [0, 1_577_934_245_000, 1_795_456_800_123, 951_782_400_000] {
            assert_eq!(parse_rfc3339(&rfc3339(at_ms)), Some(at_ms));
        }
        assert_eq!(rfc3339(1_577_934_245_000), "2020-01-02T03:04:05.000Z");
        assert_eq!(parse_rfc3339("2020-01-02T03:04:05Z"), Some(1_577_934_245_000));
        assert_eq!(parse_rfc3339("2020-01-02T04:04:05.5+01:00"), Some(1_577_934_245_500));
        assert_eq!(parse_rfc3339("2020-01-02 03:04:05Z"), None);
        assert_eq!(parse_rfc3339("tomorrow"), None);
    }
}
