//! When to post: the hours of a week that did well, from one's own posts, from when visitors come, or by a rule of thumb where there is too little of
//! both. Pure arithmetic over counts; where they come from is read elsewhere, and how it was done is said with every answer.

use std::collections::BTreeMap;

use jiff::civil::{Time, Weekday};

use super::ids::{AccountId, PostId};
use super::network::Network;
use super::schedule::Moment;
use super::slots::{Slot, next_free};

/// Posts of so many days are looked at.
pub const POST_DAYS: i64 = 90;
/// Those of the last days not yet: visits still come, and figures still change.
pub const YOUNG_DAYS: i64 = 3;
/// Fewer posts with known visits say nothing about times.
pub const POSTS_MIN: usize = 12;
/// Fewer visits say nothing about hours.
pub const VISITS_MIN: f64 = 200.0;
/// Each part of the week is pulled towards the average of all, as if so many average posts stood in it: one lucky post decides nothing.
pub const PULL: f64 = 3.0;
/// Posts in a part of the week before it is suggested.
const PART_POSTS_MIN: usize = 2;
/// Hours of one part of a day: posts of one's own are too few to tell single hours apart.
const PART_HOURS: i8 = 3;
/// Hours in which a post that went out is seen.
const SEEN_HOURS: usize = 3;
/// Times that are suggested.
const TIMES_MAX: usize = 5;

/// Visits by weekday (Monday first) and hour.
#[derive(Debug, Clone, PartialEq)]
pub struct Week(pub [[f64; 24]; 7]);

impl Week {
    /// Nothing anywhere.
    #[must_use]
    pub const fn empty() -> Self {
        Self([[0.0; 24]; 7])
    }

    /// Adds to an hour of the week, counted from Monday's first; beyond its end it begins again.
    pub fn add(&mut self, hour_of_week: i64, visits: f64) {
        let at = usize::try_from(hour_of_week.rem_euclid(7 * 24)).unwrap_or_default();
        if let Some(hour) = self.0.get_mut(at / 24).and_then(|day| day.get_mut(at % 24)) {
            *hour += visits;
        }
    }

    /// All of them.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.0.iter().flatten().sum()
    }

    /// Visits in an hour and those in which a post of then is still seen.
    fn seen(&self, at: usize) -> f64 {
        let hour = |at: usize| self.0[at / 24 % 7][at % 24];
        (at..at + SEEN_HOURS).map(hour).sum()
    }
}

/// A post that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutPost {
    /// Which.
    pub id: PostId,
    /// Where.
    pub network: Network,
    /// On which accounts there: of those that were asked about.
    pub accounts: Vec<AccountId>,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Whether its links say where a visitor comes from: without that nobody knows what it brought.
    pub is_tagged: bool,
}

/// A post of one's own that was followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posted {
    /// The day it went out.
    pub day: Weekday,
    /// The hour.
    pub hour: i8,
    /// Visits it brought.
    pub visits: f64,
}

/// A time that is suggested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suggestion {
    /// The day.
    pub day: Weekday,
    /// The hour.
    pub hour: i8,
    /// What was seen there: visits a post, or visits in these hours.
    pub seen: f64,
    /// Out of how many posts; none where posts are not what was counted.
    pub posts: usize,
    /// What it comes to after the pull.
    pub estimate: f64,
}

impl Suggestion {
    /// The next time of it, not at once: a person has to approve first.
    #[must_use]
    pub fn next(&self, now: &Moment) -> Option<Moment> {
        let slot = Slot { day: self.day, time: Time::new(self.hour, 0, 0, 0).ok()? };
        next_free(&[slot], &now.zoned(), |_| true)
    }
}

/// From one's own posts, best first; nothing where they are too few or all alike.
#[must_use]
pub fn by_posts(posts: &[Posted]) -> Vec<Suggestion> {
    if posts.len() < POSTS_MIN {
        return Vec::new();
    }
    let average = mean(posts.iter().map(|post| post.visits));
    let mut parts: BTreeMap<(i8, i8), Vec<&Posted>> = BTreeMap::new();
    for post in posts {
        parts.entry((post.day.to_monday_zero_offset(), post.hour / PART_HOURS)).or_default().push(post);
    }
    let suggestion = |mut all: Vec<&Posted>| {
        all.sort_by_key(|post| post.hour);
        let (count, sum) = (count(all.len()), all.iter().map(|post| post.visits).sum::<f64>());
        let middle = all.get(all.len().saturating_sub(1) / 2)?;
        let estimate = (sum + PULL * average) / (count + PULL);
        Some(Suggestion { day: middle.day, hour: middle.hour, seen: sum / count, posts: all.len(), estimate })
    };
    let all = parts.into_values().filter(|part| part.len() >= PART_POSTS_MIN).filter_map(suggestion);
    best(all.filter(|one| one.estimate > average).collect())
}

/// From when visitors come, best first, one a day; nothing where they are too few.
#[must_use]
pub fn by_visits(week: &Week) -> Vec<Suggestion> {
    if week.sum() < VISITS_MIN {
        return Vec::new();
    }
    let of_day = |day: usize| {
        let hours = (0..24).map(|hour| (hour, week.seen(day * 24 + hour)));
        let (hour, seen) = hours.fold((0, -1.0), |best, one| if one.1 > best.1 { one } else { best });
        let weekday = Weekday::from_monday_zero_offset(i8::try_from(day).ok()?).ok()?;
        Some(Suggestion { day: weekday, hour: i8::try_from(hour).ok()?, seen, posts: 0, estimate: seen })
    };
    best((0..7).filter_map(of_day).collect())
}

/// A rule of thumb: what is said when nothing is known.
#[must_use]
pub fn prior() -> Vec<Suggestion> {
    let at = |day, hour| Suggestion { day, hour, seen: 0.0, posts: 0, estimate: 0.0 };
    vec![
        at(Weekday::Tuesday, 9),
        at(Weekday::Wednesday, 12),
        at(Weekday::Thursday, 9),
        at(Weekday::Tuesday, 18),
        at(Weekday::Thursday, 18),
    ]
}

fn best(mut all: Vec<Suggestion>) -> Vec<Suggestion> {
    all.sort_by(|a, b| {
        let place = |one: &Suggestion| (one.day.to_monday_zero_offset(), one.hour);
        b.estimate.total_cmp(&a.estimate).then_with(|| place(a).cmp(&place(b)))
    });
    all.truncate(TIMES_MAX);
    all
}

/// Fewer posts have no median worth beating.
pub const COMPARED_MIN: usize = 5;
/// How often the median a winner has, at least.
const WINNER_TIMES: f64 = 2.0;

/// By how much somebody beat all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beaten {
    /// The median of all.
    pub median: f64,
    /// How often that.
    pub times: f64,
}

impl Beaten {
    /// Whether the median is something that can be beaten several times.
    #[must_use]
    pub fn is_of_some(&self) -> bool {
        self.median >= 1.0
    }
}

/// Which one is far above the median of all, itself among them: at least twice it (and twice one, where the median is nothing).
#[must_use]
pub fn beats(all: &[f64]) -> Option<(usize, Beaten)> {
    if all.len() < COMPARED_MIN {
        return None;
    }
    let (at, most) = all.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    let median = median(all.to_vec());
    let times = most / median.max(1.0);
    (times >= WINNER_TIMES).then_some((at, Beaten { median, times }))
}

/// Which one is farthest above the median of its own group (an account), out of how many of it; groups count different people and are never put
/// together.
#[must_use]
pub fn beats_own<G: Ord>(all: &[(G, f64)]) -> Option<(usize, Beaten, usize)> {
    let mut groups: BTreeMap<&G, Vec<usize>> = BTreeMap::new();
    for (at, (group, _)) in all.iter().enumerate() {
        groups.entry(group).or_default().push(at);
    }
    let winners = groups.into_values().filter_map(|places| {
        let figures: Vec<f64> = places.iter().filter_map(|at| all.get(*at)).map(|(_, figure)| *figure).collect();
        let (at, beaten) = beats(&figures)?;
        Some((*places.get(at)?, beaten, figures.len()))
    });
    winners.max_by(|a, b| a.1.times.total_cmp(&b.1.times))
}

/// The middle one, or the mean of the two.
#[must_use]
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    match (all.get(middle), middle.checked_sub(1).and_then(|before| all.get(before))) {
        (Some(high), Some(low)) if all.len().is_multiple_of(2) => f64::midpoint(*low, *high),
        (Some(one), _) => *one,
        (None, _) => 0.0,
    }
}

/// The mean; nothing of nothing is nothing.
#[must_use]
pub fn mean(all: impl Iterator<Item = f64>) -> f64 {
    let (number, sum) = all.fold((0.0, 0.0), |(number, sum), one| (number + 1.0, sum + one));
    if number > 0.0 { sum / number } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "posts are counted in hundreds")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posts(all: &[(Weekday, i8, f64)]) -> Vec<Posted> {
        all.iter().map(|(day, hour, visits)| Posted { day: *day, hour: *hour, visits: *visits }).collect()
    }

    #[test]
    fn one_lucky_post_does_not_beat_several_good_ones() {
        use Weekday::{Friday, Monday, Sunday};
        let mut all = vec![(Monday, 9, 40.0), (Monday, 10, 44.0), (Monday, 11, 42.0), (Friday, 20, 150.0)];
        all.extend([(Sunday, 7, 2.0); 8]);
        let found = by_posts(&posts(&all));
        assert_eq!((found[0].day, found[0].hour, found[0].posts, found[0].seen), (Monday, 10, 3, 42.0));
        // (126 + 3 × average) / 6, with the average of all twelve.
        let average = (126.0 + 150.0 + 16.0) / 12.0;
        assert!((found[0].estimate - (126.0 + 3.0 * average) / 6.0).abs() < 1e-9);
        assert_eq!(found.len(), 1, "a single post is no pattern, and Sundays are below the average");
        assert_eq!(by_posts(&posts(&all[..11])), [], "too few say nothing");
    }

    #[test]
    fn a_winner_is_twice_the_median_and_few_posts_have_none() {
        assert_eq!(beats(&[3.0, 4.0, 9.0, 4.0]), None, "too few");
        assert_eq!(beats(&[3.0, 4.0, 7.9, 4.0, 4.0]), None, "not twice");
        assert_eq!(beats(&[3.0, 4.0, 8.0, 4.0, 4.0]), Some((2, Beaten { median: 4.0, times: 2.0 })));
        assert_eq!(beats(&[0.0, 0.0, 0.0, 0.0, 1.0]), None, "one where there are none is no winner");
        assert_eq!(beats(&[0.0, 0.0, 0.0, 0.0, 5.0]), Some((4, Beaten { median: 0.0, times: 5.0 })));
        assert_eq!(
            (median(vec![]), median(vec![3.0]), median(vec![4.0, 1.0]), median(vec![9.0, 1.0, 2.0])),
            (0.0, 3.0, 2.5, 2.0)
        );
    }

    #[test]
    fn a_winner_is_held_against_its_own_account_only() {
        let small = [2.0, 2.0, 2.0, 2.0, 8.0].map(|visits| ("small", visits));
        let large = [90.0, 100.0, 110.0, 95.0, 105.0].map(|visits| ("large", visits));
        let all: Vec<_> = large.into_iter().chain(small).collect();
        assert_eq!(beats_own(&all), Some((9, Beaten { median: 2.0, times: 4.0 }, 5)));
        // Together the large account's would have looked like winners.
        assert!(beats(&all.iter().map(|one| one.1).collect::<Vec<_>>()).is_none_or(|(at, _)| at < 5));
        assert_eq!(beats_own(&large), None);
        assert_eq!(beats_own(&small[..4]), None, "too few");
    }

    #[test]
    fn visitors_are_met_when_they_begin_to_come_and_over_the_end_of_the_week() {
        let mut week = Week::empty();
        week.add(7 * 24 - 1, 120.0);
        week.add(0, 150.0);
        week.add(7 * 24 + 1, 90.0);
        let found = by_visits(&week);
        assert_eq!((found[0].day, found[0].hour, found[0].seen), (Weekday::Sunday, 23, 360.0));
        let mut few = Week::empty();
        few.add(30, 199.0);
        assert_eq!(by_visits(&few), []);
        assert_eq!(prior().len(), TIMES_MAX);
    }

    proptest::proptest! {
        #[test]
        fn whatever_was_counted_there_are_at_most_five_and_each_is_a_time(
            all in proptest::collection::vec((0..7_i8, 0..24_i8, 0.0..1e9_f64), 0..60),
            hours in proptest::collection::vec((0..400_i64, 0.0..1e9_f64), 0..60),
        ) {
            let posts: Vec<Posted> = all.into_iter().map(|(day, hour, visits)| Posted { day: Weekday::from_monday_zero_offset(day).unwrap(), hour, visits }).collect();
            let mut week = Week::empty();
            hours.into_iter().for_each(|(at, visits)| week.add(at, visits));
            for found in [by_posts(&posts), by_visits(&week)] {
                proptest::prop_assert!(found.len() <= TIMES_MAX);
                proptest::prop_assert!(found.iter().all(|one| (0..24).contains(&one.hour) && one.estimate.is_finite()));
                proptest::prop_assert!(found.windows(2).all(|pair| pair[0].estimate >= pair[1].estimate));
            }
        }
    }
}
