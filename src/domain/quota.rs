//! What Google's APIs still allow, as data (platforms/google.md §4.1, §6.2, §7): which limits there are, in which time each is counted, and when what is used
//! up comes back. Pure; counting is `analytics`, rows are `store`.

use super::day_limit::calendar_day;
use super::refusal::Sentence;
use super::schedule::Moment;
use crate::say;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Search Console asks whoever was refused for load to wait so long.
const LOAD_MS: i64 = 15 * MINUTE_MS;
/// In which zone Google's days are.
const PACIFIC: &str = "America/Los_Angeles";
/// Less than this of a hundred is low.
const LOW_PERCENT: i64 = 10;

macro_rules! buckets {
    ($($(#[$doc:meta])* $item:ident = $word:literal, $most:literal, $span:ident;)+) => {
        /// One limit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Bucket {
            $($(#[$doc])* $item,)+
        }

        impl Bucket {
            /// The word in rows, and in keys of sentences.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$item => $word,)+
                }
            }

            /// The one with this word.
            #[must_use]
            pub fn find(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$item),)+
                    _ => None,
                }
            }

            /// How much there is of it in its time, of an ordinary property.
            #[must_use]
            pub const fn most(self) -> i64 {
                match self {
                    $(Self::$item => $most,)+
                }
            }

            const fn span(self) -> Span {
                match self {
                    $(Self::$item => Span::$span,)+
                }
            }
        }
    };
}

/// In which time a limit is counted.
#[derive(Debug, Clone, Copy)]
enum Span {
    Minute,
    Hour,
    Day,
    Load,
}

buckets! {
    /// Tokens of a property in a day.
    TokensDay = "tokens-day", 200_000, Day;
    /// In an hour.
    TokensHour = "tokens-hour", 40_000, Hour;
    /// Of this project in an hour.
    ProjectHour = "project-hour", 14_000, Hour;
    /// Server errors that a project may run into.
    ErrorsHour = "errors-hour", 10, Hour;
    /// Questions about persons.
    PersonsHour = "persons-hour", 120, Hour;
    /// Pages of a site whose index state is asked for in a day.
    InspectionsDay = "inspections-day", 2_000, Day;
    /// In a minute.
    InspectionsMinute = "inspections-minute", 600, Minute;
    /// What expensive questions to Search Console may load it with; how much that is, it does not say.
    Load = "load", 1, Load;
    /// Units of the YouTube Data API, all of this server's.
    UnitsDay = "units-day", 10_000, Day;
    /// Reports of the YouTube Analytics API; how many there are, it does not say.
    VideoReports = "video-reports", 1, Day;
}

impl Bucket {
    /// When what is used up by now comes back, Unix milliseconds.
    #[must_use]
    pub fn ends_at(self, now: i64) -> i64 {
        match self.span() {
            Span::Minute => (now.div_euclid(MINUTE_MS) + 1) * MINUTE_MS,
            Span::Hour => (now.div_euclid(HOUR_MS) + 1) * HOUR_MS,
            Span::Day => calendar_day(PACIFIC, now).1,
            Span::Load => now + LOAD_MS,
        }
    }

    /// Refused again right after its time: then it is of the day.
    #[must_use]
    pub fn ends_at_again(self, now: i64) -> i64 {
        match self.span() {
            Span::Load => calendar_day(PACIFIC, now).1,
            Span::Minute | Span::Hour | Span::Day => self.ends_at(now),
        }
    }
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Which.
    pub bucket: Bucket,
    /// So much.
    pub left: i64,
    /// Of so much.
    pub most: i64,
    /// Until then, Unix milliseconds; then all of it is there again.
    pub ends_at: i64,
}

impl Left {
    /// Whether it should be said.
    #[must_use]
    pub const fn is_low(&self) -> bool {
        self.left.saturating_mul(100) < self.most.saturating_mul(LOW_PERCENT)
    }

    /// How much is left, and until when; in words.
    #[must_use]
    pub fn wording(&self, zone: &str) -> Sentence {
        let at = Moment { at_ms: self.ends_at, zone: zone.to_owned() };
        say!("google-quota-left", left = self.left, most = self.most, limit = self.bucket.word(), at = at)
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.left <= 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn what_is_used_up_comes_back_when_google_says_so() {
        let now = at("2026-11-27T20:15:30Z");
        assert_eq!(Bucket::TokensHour.ends_at(now), at("2026-11-27T21:00:00Z"));
        assert_eq!(Bucket::InspectionsMinute.ends_at(now), at("2026-11-27T20:16:00Z"));
        assert_eq!(Bucket::TokensDay.ends_at(now), at("2026-11-28T08:00:00Z"), "midnight in California");
        assert_eq!(Bucket::UnitsDay.ends_at(at("2026-07-01T07:30:00Z")), at("2026-07-02T07:00:00Z"), "in summer, too");
        assert_eq!(Bucket::Load.ends_at(now), at("2026-11-27T20:30:30Z"));
        assert_eq!(Bucket::Load.ends_at_again(now), at("2026-11-28T08:00:00Z"));
    }

    #[test]
    fn words_find_their_limits_and_little_is_told_from_nothing() {
        for word in ["tokens-day", "project-hour", "inspections-day", "units-day", "load"] {
            assert_eq!(Bucket::find(word).map(Bucket::word), Some(word));
        }
        assert_eq!(Bucket::find("x"), None);
        let left = |left: i64| Left { bucket: Bucket::TokensHour, left, most: 40_000, ends_at: 0 };
        assert!(!left(4_000).is_low() && left(3_999).is_low() && !left(1).is_spent() && left(0).is_spent());
    }
}
