//! When somebody wants to hear what is going on without asking: the rhythm, and when it was last due.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// How often, and when in the person's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Digest {
    /// Not at all.
    #[default]
    Never,
    /// Every day at eight.
    Morning,
    /// Every day at noon.
    Noon,
    /// Every day at six in the evening.
    Evening,
    /// Mondays at eight.
    Monday,
}

impl Digest {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::Never, Self::Morning, Self::Noon, Self::Evening, Self::Monday];

    /// The word in rows; nothing for nothing.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "",
            Self::Morning => "morning",
            Self::Noon => "noon",
            Self::Evening => "evening",
            Self::Monday => "monday",
        }
    }

    /// The one with this word; what is none is not at all.
    #[must_use]
    pub fn find(word: &str) -> Self {
        Self::ALL.into_iter().find(|digest| digest.word() == word).unwrap_or_default()
    }

    const fn hour(self) -> Option<i8> {
        match self {
            Self::Never => None,
            Self::Morning | Self::Monday => Some(8),
            Self::Noon => Some(12),
            Self::Evening => Some(18),
        }
    }

    /// Days that one covers.
    #[must_use]
    pub const fn days(self) -> i64 {
        match self {
            Self::Never | Self::Morning | Self::Noon | Self::Evening => 1,
            Self::Monday => 7,
        }
    }

    /// When it was last due, Unix milliseconds. Where a clock leaves the hour out, right after.
    #[must_use]
    pub fn last_due_at(self, now_ms: i64, zone: &str) -> Option<i64> {
        /// A week, and a day for the one that is not over.
        const BACK_MAX: i64 = 8;
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let now = Timestamp::from_millisecond(now_ms).ok()?.to_zoned_datetime(zone.clone());
        let hour = self.hour()?;
        (0..BACK_MAX).find_map(|back| {
            let day = now.date().checked_sub(back.days()).ok()?;
            let at = day.at(hour, 0, 0, 0).to_zoned_datetime(zone.clone()).ok()?;
            let fits = self != Self::Monday || day.weekday() == Weekday::Monday;
            (fits && at <= now).then(|| at.timestamp().as_millisecond())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_due_at_its_hour_where_the_person_is() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let rows = [
            (Digest::Morning, "2026-11-26T07:59:00+09:00", Some("2026-11-25T08:00:00+09:00")),
            (Digest::Morning, "2026-11-26T08:00:00+09:00", Some("2026-11-26T08:00:00+09:00")),
            (Digest::Evening, "2026-11-26T20:00:00+09:00", Some("2026-11-26T18:00:00+09:00")),
            (Digest::Noon, "2026-11-26T11:00:00+09:00", Some("2026-11-25T12:00:00+09:00")),
            // A Thursday.
            (Digest::Monday, "2026-11-26T20:00:00+09:00", Some("2026-11-23T08:00:00+09:00")),
            (Digest::Monday, "2026-11-23T07:00:00+09:00", Some("2026-11-16T08:00:00+09:00")),
            (Digest::Never, "2026-11-26T20:00:00+09:00", None),
        ];
        for (digest, now, due) in rows {
            assert_eq!(digest.last_due_at(at(now), "Asia/Tokyo"), due.map(at), "{digest:?} {now}");
        }
        assert!(Digest::ALL.into_iter().all(|digest| Digest::find(digest.word()) == digest));
    }
}
