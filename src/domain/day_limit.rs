//! What networks take in a day, as data, and the arithmetic of it: how full the day around an instant is, and when the next one has room. Pure. What
//! a network says by itself of what is left is `allowance`; judging is `desk`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::allowance::DAY_MS;
use super::post::Content;

/// How many days ahead room is looked for.
const DAYS_AHEAD: i64 = 60;

/// Whose posts are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedOf {
    /// Those of one account.
    Account,
    /// Those of every account that this server posts for.
    Server,
}

/// What a network calls a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DaySpan {
    /// Any 24 hours.
    Any24Hours,
    /// From midnight to midnight in this zone (IANA name).
    CalendarDay(&'static str),
}

/// One limit.
#[derive(Debug, Clone, Copy)]
pub struct DayLimit {
    /// What it counts, as the word in its sentences: `posts`, `uploads`, `units`.
    pub what: &'static str,
    /// How much of that the network takes.
    pub most: i64,
    /// Whose.
    pub of: CountedOf,
    /// In which time.
    pub span: DaySpan,
    /// How much of it one delivery of this content uses up.
    pub cost: fn(&Content) -> i64,
}

/// Something that uses up part of a limit: when (Unix milliseconds), and how much.
pub type Planned = (i64, i64);

/// One delivery is one.
#[must_use]
pub fn one(_content: &Content) -> i64 {
    1
}

impl DayLimit {
    /// The instants of which anything could matter for something at `at`: from (some days have 25 hours), and until.
    #[must_use]
    pub fn horizon(at: i64) -> (i64, i64) {
        (at - 2 * DAY_MS, at + DAYS_AHEAD * DAY_MS)
    }

    /// How much of the limit the fullest day would hold that something of this cost at `at` would be in, itself included.
    #[must_use]
    pub fn filled(&self, planned: &[Planned], (at, cost): Planned) -> i64 {
        let within = |from: i64, until: i64| -> i64 {
            planned.iter().filter(|(slot, _)| (from..until).contains(slot)).map(|(_, cost)| cost).sum()
        };
        match self.span {
            DaySpan::Any24Hours => {
                // The fullest window begins with something that is in it.
                let begins = planned.iter().map(|(slot, _)| *slot).filter(|slot| *slot > at - DAY_MS && *slot <= at);
                begins.chain([at]).map(|from| within(from, from + DAY_MS)).max().unwrap_or(0) + cost
            }
            DaySpan::CalendarDay(zone) => {
                let (from, until) = calendar_day(zone, at);
                within(from, until) + cost
            }
        }
    }

    /// Whether something of this cost at this instant has room.
    #[must_use]
    pub fn has_room(&self, planned: &[Planned], new: Planned) -> bool {
        self.filled(planned, new) <= self.most
    }

    /// The first instant after `at` with room for something of this cost; `None` when that is months away.
    #[must_use]
    pub fn next_room(&self, planned: &[Planned], (at, cost): Planned) -> Option<i64> {
        let has_room = |at: &i64| self.has_room(planned, (*at, cost));
        match self.span {
            DaySpan::Any24Hours => {
                // Room comes back a day after something went out.
                let mut frees: Vec<i64> =
                    planned.iter().map(|(slot, _)| slot + DAY_MS).filter(|free| *free > at).collect();
                frees.sort_unstable();
                frees.dedup();
                frees.into_iter().find(has_room)
            }
            DaySpan::CalendarDay(zone) => {
                let mut day = at;
                // Bounded: so many days.
                for _ in 0..DAYS_AHEAD {
                    day = calendar_day(zone, day).1;
                    if has_room(&day) {
                        return Some(day);
                    }
                }
                None
            }
        }
    }
}

/// The day around an instant in a zone: its midnight and the next. Without the zone's rules a day of UTC.
pub(super) fn calendar_day(zone: &str, at: i64) -> (i64, i64) {
    let found = || {
        let here = Timestamp::from_millisecond(at).ok()?.to_zoned_datetime(TimeZone::get(zone).ok()?);
        let from = here.start_of_day().ok()?;
        let until = here.tomorrow().ok()?.start_of_day().ok()?;
        Some((from.timestamp().as_millisecond(), until.timestamp().as_millisecond()))
    };
    let from = at.div_euclid(DAY_MS) * DAY_MS;
    found().unwrap_or((from, from + DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    fn limit(most: i64, span: DaySpan) -> DayLimit {
        DayLimit { what: "posts", most, of: CountedOf::Account, span, cost: one }
    }

    fn hours(all: &[i64]) -> Vec<Planned> {
        all.iter().map(|hour| (hour * HOUR_MS, 1)).collect()
    }

    #[test]
    fn any_24_hours_are_those_before_and_after_together() {
        let three = limit(3, DaySpan::Any24Hours);
        let at = |hour: i64| (hour * HOUR_MS, 1);
        // One twelve hours before, one twelve hours after, but a minute: with a third one full, and no more.
        assert_eq!(three.filled(&hours(&[0, 23]), at(12)), 3);
        assert!(three.has_room(&hours(&[0, 23]), at(12)));
        assert!(!three.has_room(&hours(&[0, 1, 23]), at(12)), "neither side alone is full");
        assert!(three.has_room(&hours(&[0, 1, 24]), at(12)), "a day after the first it does not count");
        assert_eq!(three.next_room(&hours(&[0, 1, 2]), at(3)), Some(24 * HOUR_MS));
        assert_eq!(three.next_room(&hours(&[0, 1, 2, 24]), at(3)), Some(25 * HOUR_MS), "taken by the one of hour 24");
        assert!(three.has_room(&hours(&[0, 1, 2, 24]), at(25)) && !three.has_room(&hours(&[0, 1, 2, 24]), at(24)));
    }

    #[test]
    fn a_calendar_day_ends_at_midnight_there_also_when_clocks_change() {
        let pacific = limit(2, DaySpan::CalendarDay("America/Los_Angeles"));
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let planned: Vec<Planned> =
            ["2026-11-27T08:00:00Z", "2026-11-28T07:59:00Z"].into_iter().map(|text| (at(text), 1)).collect();
        let full = (at("2026-11-27T20:00:00Z"), 1);
        assert_eq!(pacific.filled(&planned, full), 3);
        assert_eq!(pacific.next_room(&planned, full), Some(at("2026-11-28T08:00:00Z")));
        assert!(pacific.has_room(&planned, (at("2026-11-28T08:00:00Z"), 1)));
        assert!(pacific.has_room(&planned, (at("2026-11-27T07:59:59Z"), 1)));
        // The first of November has 25 hours there.
        let long = calendar_day("America/Los_Angeles", at("2026-11-01T12:00:00Z"));
        assert_eq!(long, (at("2026-11-01T07:00:00Z"), at("2026-11-02T08:00:00Z")));
    }

    #[test]
    fn what_costs_more_fills_the_day_sooner() {
        let units = DayLimit { most: 100, ..limit(0, DaySpan::CalendarDay("UTC")) };
        assert!(units.has_room(&[(0, 55)], (1, 45)) && !units.has_room(&[(0, 55)], (1, 46)));
        let full: Vec<Planned> = (0..DAYS_AHEAD + 2).map(|day| (day * DAY_MS, 60)).collect();
        assert_eq!(units.next_room(&full, (0, 60)), None, "two months are full");
        assert_eq!(units.next_room(&full[..3], (0, 60)), Some(3 * DAY_MS));
    }
}
