//! Reading the instant a person named: RFC 3339 with an offset, wall time plus an IANA zone, or words in the person's own zone. Naive and past
//! times are refused, and what can be read in several ways (words, a wall time that a clock change skips or repeats) is never guessed:
//! all readings are offered (DECISIONS 7).

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::{Pieces, TimeZoneAnnotationKind};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};

use super::refusal::{Arg, Sentence};
use super::when::{self, Reading};
use crate::say;

/// Furthest ahead a post may be scheduled: two years. Further is nearly always a slip in the year.
pub const AHEAD_MAX_MS: i64 = 2 * 366 * 24 * 3_600_000;

/// An instant with the zone it was named in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// IANA zone, or `+09:00` when only an offset was given.
    pub zone: String,
}

impl Moment {
    /// An instant as RFC 3339, meant in a zone; none when the text is no instant.
    #[must_use]
    pub fn at(text: &str, zone: &str) -> Option<Self> {
        let instant: Timestamp = text.parse().ok()?;
        Some(Self { at_ms: instant.as_millisecond(), zone: zone.to_owned() })
    }

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

/// Reads `at` (and `zone`, needed when `at` is a wall time without offset) as an instant after `now_ms`. Words are meant in `zone`, or in
/// `home`, the person's own.
///
/// # Errors
/// A sentence when the text is no time, has no zone, names an unknown zone, is past or too far ahead, or can be read in several ways
/// ([`choices`]).
pub fn read_moment(at: &str, zone: Option<&str>, home: &str, now_ms: i64) -> Result<Moment, Sentence> {
    let at = at.trim();
    let pieces = Pieces::parse(at).ok();
    if let Some(day) = pieces.as_ref().filter(|pieces| pieces.time().is_none()).map(Pieces::date) {
        // A day alone would be read as its midnight, which nobody means.
        return Err(say!("schedule-time-no-clock", given = shorten(at), day = day.to_string()));
    }
    let noted = pieces.as_ref().and_then(zone_noted);
    let zone = zone.or(noted).map(read_zone).transpose()?;
    let moment = match (at.parse::<Timestamp>(), at.parse::<DateTime>()) {
        (Ok(instant), _) => Moment { at_ms: instant.as_millisecond(), zone: zone.unwrap_or_else(|| offset_of(at)) },
        (Err(_), Ok(wall)) => {
            let zone = zone.ok_or_else(|| say!("schedule-time-naive", given = shorten(at)))?;
            Moment { at_ms: unambiguous(wall, &zone)?, zone }
        }
        (Err(_), Err(_)) => in_words(at, zone.unwrap_or_else(|| home.to_owned()), now_ms)?,
    };
    if moment.at_ms <= now_ms {
        return Err(past(moment.rfc3339(), &moment.zone, now_ms));
    }
    if moment.at_ms - now_ms > AHEAD_MAX_MS {
        return Err(say!("schedule-time-far", given = moment.rfc3339()));
    }
    Ok(moment)
}

/// The zone in brackets behind an instant, as RFC 9557 writes it. It says where the instant is meant and shown; the offset rules.
fn zone_noted<'a>(pieces: &'a Pieces<'_>) -> Option<&'a str> {
    let TimeZoneAnnotationKind::Named(name) = pieces.time_zone_annotation()?.kind() else { return None };
    Some(name.as_str())
}

fn past(given: String, zone: &str, now_ms: i64) -> Sentence {
    let now = Moment { at_ms: now_ms, zone: zone.to_owned() };
    say!("schedule-time-past", given = given, now = now.rfc3339())
}

fn in_words(text: &str, zone: String, now_ms: i64) -> Result<Moment, Sentence> {
    let now = Moment { at_ms: now_ms, zone: zone.clone() }.zoned();
    match when::read(text, &now) {
        Reading::One(wall) => Ok(Moment { at_ms: unambiguous(wall, &zone)?, zone }),
        Reading::Instant(instant) => Ok(Moment { at_ms: instant.as_millisecond(), zone }),
        Reading::Several(walls) => {
            let mut all = Vec::new();
            for wall in walls {
                all.push(Moment { at_ms: unambiguous(wall, &zone)?, zone: zone.clone() }.rfc3339());
            }
            Err(offering("schedule-time-several", shorten(text), &zone, &all))
        }
        Reading::NoTime(day) => Err(say!("schedule-time-no-clock", given = shorten(text), day = day.to_string())),
        Reading::Past(wall) => Err(past(wall.to_string(), &zone, now_ms)),
        Reading::Unknown => Err(say!("schedule-time-unreadable", given = shorten(text))),
    }
}

/// Reads a span of the past: instants, wall times or words in the person's own zone. A day alone means all of it; without `until` it ends now.
///
/// # Errors
/// A sentence when an edge cannot be read, can be read in several ways, or nothing lies between them.
pub fn read_span(from: &str, until: Option<&str>, home: &str, now_ms: i64) -> Result<(i64, i64), Sentence> {
    let from_ms = read_edge(from, home, now_ms)?.0;
    let until_ms = until.map_or(Ok(now_ms), |until| read_edge(until, home, now_ms).map(|(_, end)| end))?;
    if from_ms < until_ms { Ok((from_ms, until_ms)) } else { Err(say!("forget-span-wrong")) }
}

/// Where what was named begins, and where it ends: the same instant, unless it is a day.
fn read_edge(text: &str, home: &str, now_ms: i64) -> Result<(i64, i64), Sentence> {
    let text = text.trim();
    let pieces = Pieces::parse(text).ok();
    let zone = pieces.as_ref().and_then(zone_noted).map_or_else(|| Ok(home.to_owned()), read_zone)?;
    let at = |at_ms: i64| Ok((at_ms, at_ms));
    if let Some(day) = pieces.as_ref().filter(|pieces| pieces.time().is_none()).map(Pieces::date) {
        return whole(day, &zone);
    }
    match (text.parse::<Timestamp>(), text.parse::<DateTime>()) {
        (Ok(instant), _) => return at(instant.as_millisecond()),
        (Err(_), Ok(wall)) => return certain(text, wall, &zone).and_then(at),
        (Err(_), Err(_)) => {}
    }
    if matches!(text.to_lowercase().as_str(), "now" | "今") {
        return at(now_ms);
    }
    let now = Moment { at_ms: now_ms, zone: zone.clone() }.zoned();
    match when::read_back(text, &now) {
        Reading::One(wall) => certain(text, wall, &zone).and_then(at),
        Reading::Instant(instant) => at(instant.as_millisecond()),
        Reading::NoTime(day) => whole(day, &zone),
        Reading::Several(walls) => {
            let shown: Vec<String> = walls.iter().map(|wall| wall.strftime("%Y-%m-%dT%H:%M").to_string()).collect();
            Err(say!("forget-time-several", given = shorten(text), readings = shown.join(OR)))
        }
        Reading::Past(_) | Reading::Unknown => Err(say!("forget-time-unreadable", given = shorten(text))),
    }
}

/// The instant of a wall time; with both instants in the refusal when the clocks show it twice or never.
fn certain(text: &str, wall: DateTime, zone: &str) -> Result<i64, Sentence> {
    unambiguous(wall, zone).map_err(|refusal| {
        let both: Vec<String> = choices(&refusal).iter().map(Moment::rfc3339).collect();
        if both.is_empty() {
            return refusal;
        }
        say!("forget-time-several", given = shorten(text), readings = both.join(OR))
    })
}

/// A day from its first instant to the first of the next, however long it is.
fn whole(day: Date, zone: &str) -> Result<(i64, i64), Sentence> {
    let unreadable = || say!("forget-time-unreadable", given = day.to_string());
    let zone = find_zone(zone).ok_or_else(|| say!("schedule-zone-unknown", zone = zone))?;
    let next = day.tomorrow().map_err(|_| unreadable())?;
    let begin = |day: Date| day.to_zoned_datetime(zone.clone()).map(|at| at.timestamp().as_millisecond());
    Ok((begin(day).map_err(|_| unreadable())?, begin(next).map_err(|_| unreadable())?))
}

/// Between two offered readings.
const OR: &str = " / ";

fn offering(key: &str, given: String, zone: &str, all: &[String]) -> Sentence {
    Sentence::new(key).with("given", given).with("zone", zone).with("choices", all.join(OR))
}

/// The readings that a refusal of [`read_moment`] offers; none when it is about something else.
#[must_use]
pub fn choices(refusal: &Sentence) -> Vec<Moment> {
    let text = |wanted: &str| {
        refusal.args.iter().find_map(|(name, value)| match value {
            Arg::Text(text) if name == wanted => Some(text.as_str()),
            Arg::Text(_) | Arg::Number(_) | Arg::At(_) => None,
        })
    };
    let (Some(zone), Some(all)) = (text("zone"), text("choices")) else { return Vec::new() };
    let instants = all.split(OR).filter_map(|one| one.parse::<Timestamp>().ok());
    instants.map(|at| Moment { at_ms: at.as_millisecond(), zone: zone.to_owned() }).collect()
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
        AmbiguousOffset::Gap { .. } => {
            let both = [choice(reading.earlier()), choice(reading.later())];
            Err(offering("schedule-time-skipped", wall.to_string(), zone_name, &both))
        }
        AmbiguousOffset::Fold { .. } => {
            let both = [choice(reading.earlier()), choice(reading.later())];
            Err(offering("schedule-time-twice", wall.to_string(), zone_name, &both))
        }
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
    const HOME: &str = "Asia/Tokyo";

    #[test]
    fn wall_time_with_a_zone_and_an_offset_mean_the_same() {
        let a = read_moment("2026-11-24T09:00", Some("Asia/Tokyo"), HOME, NOW).unwrap();
        let b = read_moment("2026-11-24T09:00:00+09:00", None, HOME, NOW).unwrap();
        assert_eq!(a.at_ms, b.at_ms);
        assert_eq!(a.rfc3339(), "2026-11-24T09:00:00+09:00");
        assert_eq!((a.zone.as_str(), b.zone.as_str()), ("Asia/Tokyo", "+09:00"));
        assert_eq!(b.rfc3339(), "2026-11-24T09:00:00+09:00");
        assert_eq!(a.offset(), "UTC+09:00");
    }

    #[test]
    fn spans_are_read_in_the_persons_zone_and_a_day_is_all_of_it() {
        let hour = 3_600_000;
        let span = |from: &str, until: Option<&str>| read_span(from, until, HOME, NOW);
        // 2026-11-24 02:00 in Tokyo.
        let midnight = NOW - 2 * hour;
        assert_eq!(span("yesterday", Some("yesterday")), Ok((midnight - 24 * hour, midnight)));
        assert_eq!(span("昨日", None), Ok((midnight - 24 * hour, NOW)));
        assert_eq!(span("2026-11-23T09:00", Some("now")), Ok((midnight - 15 * hour, NOW)));
        assert_eq!(span("2026-11-23", Some("2026-11-23T09:00")), Ok((midnight - 24 * hour, midnight - 15 * hour)));
        assert_eq!(span("2026-11-22T15:00:00Z", Some("2 hours ago")), Ok((midnight - 24 * hour, NOW - 2 * hour)));
        let key = |from: &str, until| span(from, until).unwrap_err().key;
        assert_eq!(key("now", Some("yesterday")), "forget-span-wrong");
        assert_eq!(key("tomorrow", None), "forget-time-unreadable");
        assert_eq!(key("whenever", None), "forget-time-unreadable");
        assert_eq!(key("yesterday at 5", None), "forget-time-several");
        // The hour that is there twice; and nothing of it is offered as a time to publish at.
        let twice = read_span("2026-10-25T02:30", None, "Europe/Berlin", NOW).unwrap_err();
        assert!(twice.key == "forget-time-several" && choices(&twice).is_empty(), "{twice:?}");
        // A day of 25 hours.
        let (from, until) = read_span("2026-10-25", Some("2026-10-25"), "Europe/Berlin", NOW).unwrap();
        assert_eq!(until - from, 25 * hour);
    }

    #[test]
    fn naive_past_far_and_unreadable_times_are_refused() {
        let key = |at: &str, zone| read_moment(at, zone, HOME, NOW).unwrap_err().key;
        assert_eq!(key("2026-11-24T09:00", None), "schedule-time-naive");
        assert_eq!(key("2026-11-23T16:59:59Z", None), "schedule-time-past");
        assert_eq!(key("2036-11-23T16:59:59Z", None), "schedule-time-far");
        assert_eq!(key("soon", None), "schedule-time-unreadable");
        assert_eq!(key("tomorrow", None), "schedule-time-no-clock");
        assert_eq!(key("today at 00:30", None), "schedule-time-past");
        assert_eq!(key("in 90000 days at 9:00", None), "schedule-time-far");
        assert_eq!(key("2026-11-24T09:00", Some("Asia/Tokio")), "schedule-zone-unknown");
        assert_eq!(key("2026-11-24T09:00", Some("../../etc/passwd")), "schedule-zone-unknown");
        assert_eq!(key("2026-02-30T09:00", Some("Asia/Tokyo")), "schedule-time-unreadable");
    }

    #[test]
    fn a_day_without_a_clock_time_is_refused_and_a_zone_in_brackets_is_kept() {
        for day in ["2026-12-24", "20261224", "2026-12-24[Asia/Tokyo]"] {
            let refused = read_moment(day, Some("Asia/Tokyo"), HOME, NOW).unwrap_err();
            assert_eq!(refused.key, "schedule-time-no-clock", "{day}");
        }
        let noted = read_moment("2026-12-24T09:00:00+09:00[Asia/Tokyo]", None, HOME, NOW).unwrap();
        assert_eq!((noted.zone.as_str(), noted.rfc3339().as_str()), ("Asia/Tokyo", "2026-12-24T09:00:00+09:00"));
        let asked = read_moment("2026-12-24T09:00:00+09:00[Asia/Tokyo]", Some("Europe/Berlin"), HOME, NOW).unwrap();
        assert_eq!((asked.at_ms, asked.zone.as_str()), (noted.at_ms, "Europe/Berlin"));
        let wall = read_moment("2026-12-24T09:00[Asia/Tokyo]", None, HOME, NOW).unwrap();
        assert_eq!(wall, noted);
        let unknown = read_moment("2026-12-24T09:00+09:00[Mars/Olympus]", None, HOME, NOW).unwrap_err();
        assert_eq!(unknown.key, "schedule-zone-unknown");
    }

    #[test]
    fn words_are_meant_where_the_person_is_and_never_guessed() {
        let read = |at: &str, zone| read_moment(at, zone, HOME, NOW);
        // There it is two in the morning of the 24th.
        assert_eq!(read("tomorrow at nine", None).unwrap().rfc3339(), "2026-11-25T09:00:00+09:00");
        assert_eq!(read("明日の朝9時", Some("Europe/Berlin")).unwrap().rfc3339(), "2026-11-24T09:00:00+01:00");
        assert_eq!(read("in 20 minutes", None).unwrap().at_ms, NOW + 20 * 60_000);
        let refused = read("tomorrow at 5", None).unwrap_err();
        assert_eq!(refused.key, "schedule-time-several");
        let offered: Vec<_> = choices(&refused).iter().map(Moment::rfc3339).collect();
        assert_eq!(offered, ["2026-11-25T05:00:00+09:00", "2026-11-25T17:00:00+09:00"]);
        let skipped = read("March 14, 2027 at 02:30", Some("America/New_York")).unwrap_err();
        assert_eq!((skipped.key.as_str(), choices(&skipped).len()), ("schedule-time-skipped", 2));
        assert!(choices(&read("soon", None).unwrap_err()).is_empty());
    }

    #[test]
    fn a_skipped_wall_time_offers_both_neighbours() {
        let refused = read_moment("2027-03-14T02:30", Some("America/New_York"), HOME, NOW).unwrap_err();
        assert_eq!(refused.key, "schedule-time-skipped");
        let shown = format!("{:?}", refused.args);
        assert!(shown.contains("2027-03-14T01:30:00-05:00") && shown.contains("2027-03-14T03:30:00-04:00"), "{shown}");
    }

    #[test]
    fn a_repeated_wall_time_offers_both_readings() {
        let refused = read_moment("2027-11-07T01:30", Some("America/New_York"), HOME, NOW).unwrap_err();
        assert_eq!(refused.key, "schedule-time-twice");
        let shown = format!("{:?}", refused.args);
        assert!(shown.contains("2027-11-07T01:30:00-04:00") && shown.contains("2027-11-07T01:30:00-05:00"), "{shown}");
    }
}
