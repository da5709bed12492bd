//! Reading the instant a person named: RFC 3339 with an offset, or wall time plus an IANA zone. Naive and past times are refused,
//! and a wall time that a clock change skips or repeats is never guessed: both readings are offered (DECISIONS 7).
//! Words ("next Tue 9am") are not read here yet.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};

use super::refusal::Sentence;
use crate::say;

/// Furthest ahead a post may be scheduled: two years. Further is nearly always a slip in the year.
pub const AHEAD_MAX_MS: i64 = 2 * 366 * 24 * 3_600_000;

/// An instant with the zone it was named in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// IANA zone, or `+09:00` when only an offset was given.
    pub zone: String,
}

impl Moment {
    /// The instant in its zone, for showing. Falls back to UTC when the zone is not known any more.
    #[must_use]
    pub fn zoned(&self) -> ZonedDateTime {
        let instant = Timestamp::from_millisecond(self.at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        instant.to_zoned_datetime(find_zone(&self.zone).unwrap_or(TimeZone::UTC))
    }

    /// The instant as RFC 3339 with its offset.
    #[must_use]
    pub fn rfc3339(&self) -> String {
        let zoned = self.zoned();
        format!("{}{}", zoned.datetime().strftime("%Y-%m-%dT%H:%M:%S"), offset_text(zoned.offset().seconds()))
    }

    /// `UTC+09:00`, for showing beside the zone.
    #[must_use]
    pub fn offset(&self) -> String {
        format!("UTC{}", offset_text(self.zoned().offset().seconds()))
    }
}

fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The zone with this IANA name or fixed offset. Names are taken as the database writes them, whatever their case.
#[must_use]
pub fn find_zone(name: &str) -> Option<TimeZone> {
    if let Some(minutes) = offset_minutes(name) {
        return jiff::tz::Offset::from_seconds(minutes * 60).ok().map(TimeZone::fixed);
    }
    let looks_right =
        name.len() <= 64 && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
    if looks_right { TimeZone::get(name).ok() } else { None }
}

fn offset_minutes(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 25 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Reads an IANA zone name for settings and arguments.
///
/// # Errors
/// A sentence when there is no such zone.
pub fn read_zone(name: &str) -> Result<String, Sentence> {
    let zone = find_zone(name.trim()).ok_or_else(|| say!("schedule-zone-unknown", zone = shorten(name)))?;
    Ok(zone.iana_name().map_or_else(|| name.trim().to_owned(), str::to_owned))
}

/// Reads `at` (and `zone`, needed when `at` has no offset) as an instant after `now_ms`.
///
/// # Errors
/// A sentence when the text is no time, has no zone, names an unknown zone, is past or too far ahead, or falls into a clock change.
pub fn read_moment(at: &str, zone: Option<&str>, now_ms: i64) -> Result<Moment, Sentence> {
    let zone = zone.map(read_zone).transpose()?;
    let at = at.trim();
    let moment = match at.parse::<Timestamp>() {
        Ok(instant) => Moment { at_ms: instant.as_millisecond(), zone: zone.unwrap_or_else(|| offset_of(at)) },
        Err(_) => {
            let wall: DateTime = at.parse().map_err(|_| say!("schedule-time-unreadable", given = shorten(at)))?;
            let zone = zone.ok_or_else(|| say!("schedule-time-naive", given = shorten(at)))?;
            Moment { at_ms: unambiguous(wall, &zone)?, zone }
        }
    };
    if moment.at_ms <= now_ms {
        let now = Moment { at_ms: now_ms, zone: moment.zone.clone() };
        return Err(say!("schedule-time-past", given = moment.rfc3339(), now = now.rfc3339()));
    }
    if moment.at_ms - now_ms > AHEAD_MAX_MS {
        return Err(say!("schedule-time-far", given = moment.rfc3339()));
    }
    Ok(moment)
}

/// The offset at the end of an RFC 3339 text, as a zone name.
fn offset_of(at: &str) -> String {
    match at.char_indices().rev().find(|(_, c)| matches!(c, '+' | '-' | 'Z' | 'z')) {
        Some((i, '+' | '-')) => {
            let tail = &at[i..];
            if offset_minutes(tail).is_some() { tail.to_owned() } else { "UTC".into() }
        }
        Some(_) | None => "UTC".into(),
    }
}

fn unambiguous(wall: DateTime, zone_name: &str) -> Result<i64, Sentence> {
    let zone = find_zone(zone_name).ok_or_else(|| say!("schedule-zone-unknown", zone = zone_name))?;
    let reading = zone.to_ambiguous_timestamp(wall);
    let choice = |instant: Result<Timestamp, jiff::Error>| {
        instant
            .map(|at| Moment { at_ms: at.as_millisecond(), zone: zone_name.to_owned() }.rfc3339())
            .unwrap_or_default()
    };
    let unreadable = || say!("schedule-time-unreadable", given = wall.to_string());
    match reading.offset() {
        AmbiguousOffset::Unambiguous { .. } => {
            reading.unambiguous().map(|at| at.as_millisecond()).map_err(|_| unreadable())
        }
        AmbiguousOffset::Gap { .. } => Err(say!(
            "schedule-time-skipped",
            given = wall.to_string(),
            zone = zone_name,
            first = choice(reading.earlier()),
            second = choice(reading.later()),
        )),
        AmbiguousOffset::Fold { .. } => Err(say!(
            "schedule-time-twice",
            given = wall.to_string(),
            zone = zone_name,
            first = choice(reading.earlier()),
            second = choice(reading.later()),
        )),
    }
}

/// What is quoted back of a wrong input: enough to recognise, never a wall of text.
fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23T17:00:00Z.
    const NOW: i64 = 1_795_453_200_000;

    #[test]
    fn wall_time_with_a_zone_and_an_offset_mean_the_same() {
        let a = read_moment("2026-11-24T09:00", Some("Asia/Tokyo"), NOW).unwrap();
        let b = read_moment("2026-11-24T09:00:00+09:00", None, NOW).unwrap();
        assert_eq!(a.at_ms, b.at_ms);
        assert_eq!(a.rfc3339(), "2026-11-24T09:00:00+09:00");
        assert_eq!((a.zone.as_str(), b.zone.as_str()), ("Asia/Tokyo", "+09:00"));
        assert_eq!(b.rfc3339(), "2026-11-24T09:00:00+09:00");
        assert_eq!(a.offset(), "UTC+09:00");
    }

    #[test]
    fn naive_past_far_and_unreadable_times_are_refused() {
        let key = |at: &str, zone| read_moment(at, zone, NOW).unwrap_err().key;
        assert_eq!(key("2026-11-24T09:00", None), "schedule-time-naive");
        assert_eq!(key("2026-11-23T16:59:59Z", None), "schedule-time-past");
        assert_eq!(key("2036-11-23T16:59:59Z", None), "schedule-time-far");
        assert_eq!(key("tomorrow at nine", Some("Asia/Tokyo")), "schedule-time-unreadable");
        assert_eq!(key("2026-11-24T09:00", Some("Asia/Tokio")), "schedule-zone-unknown");
        assert_eq!(key("2026-11-24T09:00", Some("../../etc/passwd")), "schedule-zone-unknown");
        assert_eq!(key("2026-02-30T09:00", Some("Asia/Tokyo")), "schedule-time-unreadable");
    }

    #[test]
    fn a_skipped_wall_time_offers_both_neighbours() {
        let refused = read_moment("2027-03-14T02:30", Some("America/New_York"), NOW).unwrap_err();
        assert_eq!(refused.key, "schedule-time-skipped");
        let shown = format!("{:?}", refused.args);
        assert!(shown.contains("2027-03-14T01:30:00-05:00") && shown.contains("2027-03-14T03:30:00-04:00"), "{shown}");
    }

    #[test]
    fn a_repeated_wall_time_offers_both_readings() {
        let refused = read_moment("2027-11-07T01:30", Some("America/New_York"), NOW).unwrap_err();
        assert_eq!(refused.key, "schedule-time-twice");
        let shown = format!("{:?}", refused.args);
        assert!(shown.contains("2027-11-07T01:30:00-04:00") && shown.contains("2027-11-07T01:30:00-05:00"), "{shown}");
    }
}
