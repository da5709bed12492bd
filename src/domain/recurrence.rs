//! Posts that come again: a rule of RFC 5545 with a zone, and the instants it means. Days are the library's (`rrule`, on wall times without a
//! zone); instants are ours, so that a wall time that clocks skip moves to the next one there is, and one that comes twice is its first
//! (DECISIONS 7). A rule has an end, named or ours: what a person approves is a list of instants, not a promise without one.

use std::str::FromStr;

use jiff::civil::DateTime;
use rrule::{Frequency, NWeekday, RRule, Tz, Unvalidated};
use serde::{Deserialize, Serialize};

use super::refusal::Sentence;
use super::schedule::{AHEAD_MAX_MS, Moment, find_zone};
use crate::say;

/// Most occurrences of one rule: what one approval can show and one calendar hold.
pub const OCCURRENCES_MAX: usize = 100;
/// How many a rule without an end has: a year of weeks.
pub const OCCURRENCES_OPEN: usize = 52;
/// Longest rule, in characters.
const RULE_CHARS_MAX: usize = 200;

/// What happens to an occurrence whose time passed while nothing could go out. Never a burst: at most one goes out late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// It is left out.
    #[default]
    Skip,
    /// The last of them goes out late, the others are left out.
    Latest,
    /// The person is asked, as for a single post.
    Ask,
}

impl CatchUp {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Latest, Self::Ask];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Latest => "latest",
            Self::Ask => "ask",
        }
    }

    /// The rule with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }
}

/// A rule as approved: its text, and what it came to when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// The rule as RFC 5545 writes it, without `RRULE:`.
    pub rule: String,
    /// The zone its wall times are meant in.
    pub zone: String,
    /// Every occurrence, Unix milliseconds, ascending.
    pub instants: Vec<i64>,
    /// What happens to those that pass unsent.
    pub catch_up: CatchUp,
}

/// What a rule says, for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// `daily`, `weekly`, `monthly` or `yearly`.
    pub every: &'static str,
    /// Every how many of them.
    pub interval: u16,
    /// Weekdays from 1 (Monday), each with its number within the month when there is one (-1 is the last).
    pub days: Vec<(u8, Option<i16>)>,
    /// Days of the month, negative ones from its end.
    pub month_days: Vec<i8>,
    /// It has parts that the other fields do not tell.
    pub has_more: bool,
}

/// Reads a rule whose first occurrence is at or after `first`.
///
/// # Errors
/// A sentence when the text is no rule, recurs within a day, never comes, has more than [`OCCURRENCES_MAX`] occurrences, or reaches
/// further ahead than posts may be scheduled.
pub fn read(text: &str, first: &Moment, catch_up: CatchUp, now_ms: i64) -> Result<Recurrence, Sentence> {
    let (rule, until) = parse(text)?;
    let is_open = rule.get_count().is_none() && until.is_none();
    let most = if is_open { OCCURRENCES_OPEN } else { OCCURRENCES_MAX + 1 };
    let zone = find_zone(&first.zone).ok_or_else(|| say!("schedule-zone-unknown", zone = first.zone.as_str()))?;
    let begin = first.zoned().datetime();
    let set = rule.clone().build(floating(begin).ok_or_else(|| unreadable(text))?).map_err(|_| unreadable(text))?;
    let mut instants = Vec::new();
    // The library stops by itself at rules that never come.
    for wall in set.limit().all(u16::try_from(most).unwrap_or(u16::MAX)).dates {
        let Ok(wall) = wall.naive_utc().format("%Y-%m-%dT%H:%M:%S").to_string().parse::<DateTime>() else { continue };
        let Ok(at) = zone.to_ambiguous_timestamp(wall).compatible() else { continue };
        let at = at.as_millisecond();
        if until.as_ref().is_some_and(|until| until.is_before(wall, at)) {
            break;
        }
        if instants.last() != Some(&at) {
            instants.push(at);
        }
    }
    if instants.is_empty() {
        return Err(say!("recurrence-never", rule = shorten(text)));
    }
    if instants.len() > OCCURRENCES_MAX {
        return Err(say!("recurrence-too-many", most = OCCURRENCES_MAX));
    }
    if is_open {
        instants.retain(|at| at - now_ms <= AHEAD_MAX_MS / 2);
    }
    match instants.last() {
        Some(last) if last - now_ms <= AHEAD_MAX_MS => {}
        Some(_) | None => return Err(say!("recurrence-far")),
    }
    Ok(Recurrence { rule: shown(&rule, until.as_ref()), zone: first.zone.clone(), instants, catch_up })
}

/// What a stored rule says.
#[must_use]
pub fn describe(text: &str) -> Option<Described> {
    let (rule, _until) = parse(text).ok()?;
    let every = match rule.get_freq() {
        Frequency::Daily => "daily",
        Frequency::Weekly => "weekly",
        Frequency::Monthly => "monthly",
        Frequency::Yearly => "yearly",
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => return None,
    };
    let days = rule.get_by_weekday().iter().map(|day| match day {
        NWeekday::Every(day) => (day.number_from_monday(), None),
        NWeekday::Nth(no, day) => (day.number_from_monday(), Some(*no)),
    });
    let mut month_days = rule.get_by_month_day().to_vec();
    // Those from the end come last, as they do in the month.
    month_days.sort_by_key(|day| (day.is_negative(), *day));
    Some(Described {
        every,
        interval: rule.get_interval(),
        days: days.map(|(day, no)| (u8::try_from(day).unwrap_or(1), no)).collect(),
        month_days,
        has_more: !(rule.get_by_month().is_empty()
            && rule.get_by_set_pos().is_empty()
            && rule.get_by_year_day().is_empty()
            && rule.get_by_week_no().is_empty()),
    })
}

/// The end that a rule names.
enum Until {
    /// An instant.
    Instant(i64),
    /// A wall time, or the end of a day.
    Wall(DateTime),
}

impl Until {
    fn is_before(&self, wall: DateTime, at: i64) -> bool {
        match self {
            Self::Instant(until) => at > *until,
            Self::Wall(until) => wall > *until,
        }
    }
}

/// The rule without its end, and the end: the library wants every end in UTC, people name days.
fn parse(text: &str) -> Result<(RRule<Unvalidated>, Option<Until>), Sentence> {
    let given = text.trim();
    if given.chars().count() > RULE_CHARS_MAX {
        return Err(unreadable(given));
    }
    let given = given.to_ascii_uppercase();
    let mut until = None;
    let mut parts = Vec::new();
    for part in given.strip_prefix("RRULE:").unwrap_or(&given).split(';').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("UNTIL", end)) if until.is_none() => until = Some(read_until(end).ok_or_else(|| unreadable(text))?),
            // One time a day, the one the person named: several within a day would be several posts.
            Some(("BYHOUR" | "BYMINUTE" | "BYSECOND" | "BYEASTER" | "DTSTART" | "UNTIL", _)) | None => {
                return Err(say!("recurrence-unreadable", rule = shorten(text)));
            }
            Some(_) => parts.push(part),
        }
    }
    let rule = RRule::<Unvalidated>::from_str(&parts.join(";")).map_err(|_| unreadable(text))?;
    match rule.get_freq() {
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {}
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => return Err(say!("recurrence-too-often")),
    }
    if rule.get_count().is_some() && until.is_some() {
        // RFC 5545 §3.3.10 forbids both.
        return Err(unreadable(text));
    }
    Ok((rule, until))
}

fn read_until(end: &str) -> Option<Until> {
    let digits = end.trim_end_matches('Z');
    if let Ok(day) = jiff::civil::Date::strptime("%Y%m%d", digits) {
        return Some(Until::Wall(day.at(23, 59, 59, 0)));
    }
    let wall = DateTime::strptime("%Y%m%dT%H%M%S", digits).ok()?;
    if end.ends_with('Z') {
        let at = wall.in_tz("UTC").ok()?.timestamp();
        return Some(Until::Instant(at.as_millisecond()));
    }
    Some(Until::Wall(wall))
}

fn shown(rule: &RRule<Unvalidated>, until: Option<&Until>) -> String {
    let end = until.map(|until| match until {
        Until::Instant(at) => {
            let at = jiff::Timestamp::from_millisecond(*at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            format!(";UNTIL={}", at.strftime("%Y%m%dT%H%M%SZ"))
        }
        Until::Wall(wall) => format!(";UNTIL={}", wall.strftime("%Y%m%dT%H%M%S")),
    });
    format!("{rule}{}", end.unwrap_or_default())
}

/// A wall time as the library takes it: in UTC, where none is skipped or repeated.
fn floating(wall: DateTime) -> Option<chrono::DateTime<Tz>> {
    let date = chrono::NaiveDate::from_ymd_opt(
        i32::from(wall.year()),
        u32::from(wall.month().unsigned_abs()),
        u32::from(wall.day().unsigned_abs()),
    )?;
    let time = date.and_hms_opt(
        u32::from(wall.hour().unsigned_abs()),
        u32::from(wall.minute().unsigned_abs()),
        u32::from(wall.second().unsigned_abs()),
    )?;
    Some(time.and_utc().with_timezone(&Tz::UTC))
}

fn unreadable(text: &str) -> Sentence {
    say!("recurrence-unreadable", rule = shorten(text))
}

fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::read_moment;

    /// 2026-11-23T17:00:00Z, a Monday.
    const NOW: i64 = 1_795_453_200_000;

    fn rule(text: &str, at: &str, zone: &str) -> Result<Vec<String>, String> {
        let first = read_moment(at, Some(zone), zone, NOW).unwrap();
        let read = read(text, &first, CatchUp::Skip, NOW).map_err(|refused| refused.key)?;
        Ok(read.instants.iter().map(|at| Moment { at_ms: *at, zone: zone.to_owned() }.rfc3339()).collect())
    }

    #[test]
    fn wall_times_stay_what_they_are_over_a_change_of_clocks() {
        let all = rule("FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2027-03-01T09:00", "America/New_York").unwrap();
        assert_eq!(all, ["2027-03-01T09:00:00-05:00", "2027-03-08T09:00:00-05:00", "2027-03-15T09:00:00-04:00"]);
        // Skipped by the clocks: the next there is. Twice: the first.
        let gap = rule("FREQ=DAILY;COUNT=3", "2027-03-13T02:30", "America/New_York").unwrap();
        assert_eq!(gap[1], "2027-03-14T03:30:00-04:00");
        let fold = rule("FREQ=DAILY;COUNT=2", "2027-11-06T01:30", "America/New_York").unwrap();
        assert_eq!(fold[1], "2027-11-07T01:30:00-04:00");
    }

    #[test]
    fn an_end_is_a_count_a_day_or_an_instant_and_a_year_of_weeks_without_one() {
        let until =
            |end: &str| rule(&format!("RRULE:FREQ=DAILY;UNTIL={end}"), "2026-12-01T09:00", "Asia/Tokyo").unwrap().len();
        assert_eq!((until("20261203"), until("20261203T090000"), until("20261203T085959")), (3, 3, 2));
        assert_eq!((until("20261203T000000Z"), until("20261202T235959Z")), (3, 2));
        assert_eq!(rule("freq=weekly", "2026-12-01T09:00", "Asia/Tokyo").unwrap().len(), OCCURRENCES_OPEN);
        assert_eq!(rule("FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-01T09:00", "UTC").unwrap().len(), 7);
        let last = rule("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "2026-12-01T18:30", "Asia/Tokyo").unwrap();
        assert_eq!(last, ["2026-12-25T18:30:00+09:00", "2027-01-29T18:30:00+09:00"]);
    }

    #[test]
    fn what_is_no_rule_or_too_much_of_one_is_refused() {
        let key = |text: &str| rule(text, "2026-12-01T09:00", "UTC").unwrap_err();
        assert_eq!(key("every monday"), "recurrence-unreadable");
        assert_eq!(key("FREQ=DAILY;BYHOUR=9,18;COUNT=2"), "recurrence-unreadable");
        assert_eq!(key("FREQ=DAILY;COUNT=2;UNTIL=20261203"), "recurrence-unreadable");
        assert_eq!(key("FREQ=DAILY;UNTIL=soon"), "recurrence-unreadable");
        assert_eq!(key(&"FREQ=DAILY;".repeat(40)), "recurrence-unreadable");
        assert_eq!(key("FREQ=HOURLY;COUNT=2"), "recurrence-too-often");
        assert_eq!(key("FREQ=DAILY;COUNT=101"), "recurrence-too-many");
        assert_eq!(key("FREQ=YEARLY;COUNT=9"), "recurrence-far");
        assert_eq!(key("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"), "recurrence-never");
        assert_eq!(key("FREQ=DAILY;UNTIL=20201203"), "recurrence-never");
    }

    #[test]
    fn what_is_stored_reads_as_the_same_rule() {
        let first = read_moment("2026-12-01T09:00", Some("UTC"), "UTC", NOW).unwrap();
        for text in [
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=4",
            "FREQ=DAILY;UNTIL=20261205",
            "FREQ=MONTHLY;BYDAY=2TU;COUNT=3",
        ] {
            let once = read(text, &first, CatchUp::Ask, NOW).unwrap();
            let again = read(&once.rule, &first, CatchUp::Ask, NOW).unwrap();
            assert_eq!(once, again, "{text}");
        }
        let said = describe("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=4").unwrap();
        assert_eq!((said.every, said.interval, said.days), ("weekly", 2, vec![(1, None), (4, None)]));
    }
}
