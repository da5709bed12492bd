//! Posts beside others of their own account, at the same age and by the same figure: which one beat the account's median, and how each did beside it.
//! Accounts and networks are never put into one row: their figures count different things. Pure arithmetic; figures are read elsewhere.

use std::collections::BTreeMap;

use super::figures::{Measure, Reading};
use super::ids::{AccountId, PostId};
use super::times::{Beaten, COMPARED_MIN, beats, median};

/// Ages at which posts are compared, in hours, the most telling one first: by then most of what comes has come.
const AGES_H: [i64; 3] = [168, 72, 24];
/// What they are compared by, the most telling one first.
const MEASURES: [Measure; 2] = [Measure::Views, Measure::Likes];

/// Posts of one account that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The account.
    pub account: AccountId,
    /// By which figure.
    pub measure: Measure,
    /// At which age, in hours.
    pub age_h: i64,
    /// Each post once, with when it was out and the figure.
    pub posts: Vec<(PostId, i64, f64)>,
}

/// A post that beat the median of its own account by far.
#[derive(Debug, Clone, PartialEq)]
pub struct Winner {
    /// Which.
    pub post: PostId,
    /// Where.
    pub account: AccountId,
    /// By which figure.
    pub measure: Measure,
    /// At which age, in hours.
    pub age_h: i64,
    /// The figure.
    pub figure: f64,
    /// By how much.
    pub beaten: Beaten,
    /// Out of how many posts.
    pub count: usize,
}

/// The posts of each account that can be compared: by the first figure of which enough are known, at the age at which most are. Accounts with too few
/// have no row.
#[must_use]
pub fn rows(readings: &[Reading]) -> Vec<Row> {
    let mut by_account: BTreeMap<&AccountId, Vec<&Reading>> = BTreeMap::new();
    for reading in readings {
        by_account.entry(&reading.account).or_default().push(reading);
    }
    by_account.into_iter().filter_map(|(account, all)| row(account, &all)).collect()
}

fn row(account: &AccountId, all: &[&Reading]) -> Option<Row> {
    MEASURES.into_iter().find_map(|measure| {
        let at_ages =
            AGES_H.map(|age_h| Row { account: account.clone(), measure, age_h, posts: posts(all, (measure, age_h)) });
        // Of as many the older age counts.
        let fullest = at_ages.into_iter().rev().max_by_key(|row| row.posts.len());
        fullest.filter(|row| row.posts.len() >= COMPARED_MIN)
    })
}

/// Each post whose figure is known, once: one that went out to the account several times counts with its first.
fn posts(all: &[&Reading], (measure, age_h): (Measure, i64)) -> Vec<(PostId, i64, f64)> {
    let at_age = all.iter().filter(|reading| reading.age_h == age_h);
    let known = at_age.filter_map(|one| Some((one.post.clone(), one.out_at, float(one.figures.get(measure)?))));
    let mut posts: BTreeMap<PostId, (i64, f64)> = BTreeMap::new();
    for (post, out_at, figure) in known {
        let first = posts.entry(post).or_insert((out_at, figure));
        if out_at < first.0 {
            *first = (out_at, figure);
        }
    }
    posts.into_iter().map(|(post, (out_at, figure))| (post, out_at, figure)).collect()
}

impl Row {
    /// The post that beat the others by far, if one did.
    #[must_use]
    pub fn winner(&self) -> Option<Winner> {
        let figures: Vec<f64> = self.posts.iter().map(|(_, _, figure)| *figure).collect();
        let (at, beaten) = beats(&figures)?;
        let (post, _, figure) = self.posts.get(at)?;
        Some(Winner {
            post: post.clone(),
            account: self.account.clone(),
            measure: self.measure,
            age_h: self.age_h,
            figure: *figure,
            beaten,
            count: figures.len(),
        })
    }

    /// When each post was out, and how often it had what is usual on its account; nothing where the usual is nothing.
    #[must_use]
    pub fn beside_usual(&self) -> Vec<(i64, f64)> {
        let usual = median(self.posts.iter().map(|(_, _, figure)| *figure).collect());
        if usual < 1.0 {
            return Vec::new();
        }
        self.posts.iter().map(|(_, out_at, figure)| (*out_at, figure / usual)).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "what is counted of a post is below 2^53")]
fn float(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::figures::Figures;

    fn reading(no: u128, account: u128, (age_h, views, likes): (i64, Option<i64>, Option<i64>)) -> Reading {
        Reading {
            post: PostId::generate(0, no),
            account: AccountId::generate(0, account),
            out_at: i64::try_from(no).unwrap(),
            age_h,
            read_at: 0,
            figures: Figures { views, likes, ..Figures::default() },
        }
    }

    #[test]
    fn a_post_is_compared_with_its_own_account_at_the_same_age_alone() {
        let mut all: Vec<Reading> = (0..5).map(|no| reading(no, 1, (24, Some(100), Some(1)))).collect();
        // Much at another age, and on another account: neither is put beside these.
        all.push(reading(4, 1, (168, Some(9_000), None)));
        all.extend((0..4).map(|no| reading(no, 2, (24, Some(9_000), None))));
        assert_eq!(rows(&all).iter().map(|row| (row.age_h, row.posts.len())).collect::<Vec<_>>(), [(24, 5)]);
        assert_eq!(rows(&all)[0].winner(), None, "nobody beat anybody");
        all.push(reading(7, 1, (24, Some(250), None)));
        let winner = rows(&all)[0].winner().unwrap();
        assert_eq!(
            (winner.post, winner.figure, winner.count, winner.measure),
            (PostId::generate(0, 7), 250.0, 6, Measure::Views)
        );
        assert_eq!(winner.beaten, Beaten { median: 100.0, times: 2.5 });
    }

    #[test]
    fn the_most_telling_figure_and_age_of_which_enough_are_known_counts() {
        let both: Vec<Reading> =
            (0..5).flat_map(|no| [reading(no, 1, (24, Some(5), None)), reading(no, 1, (168, None, Some(3)))]).collect();
        assert_eq!((rows(&both)[0].measure, rows(&both)[0].age_h), (Measure::Views, 24));
        let likes: Vec<Reading> = (0..5).map(|no| reading(no, 1, (72, None, Some(3)))).collect();
        assert_eq!((rows(&likes)[0].measure, rows(&likes)[0].age_h), (Measure::Likes, 72));
        // As many at both ages: the older one, by which more has come.
        let ages: Vec<Reading> =
            (0..5).flat_map(|no| [24, 168].map(|age_h| reading(no, 1, (age_h, Some(1), None)))).collect();
        assert_eq!(rows(&ages)[0].age_h, 168);
        assert_eq!(rows(&ages[..9])[0].age_h, 24, "one more at the younger age");
        let four = &likes[..4];
        assert_eq!(rows(four), [], "four are too few");
        let unknown: Vec<Reading> = (0..9).map(|no| reading(no, 1, (72, None, None))).collect();
        assert_eq!(rows(&unknown), [], "what is unknown is not nothing");
        // One post, five times out: one.
        let same: Vec<Reading> = (0..5).map(|_| reading(3, 1, (72, Some(3), None))).collect();
        assert_eq!(rows(&same), []);
    }

    #[test]
    fn beside_the_usual_is_told_only_where_there_is_something_usual() {
        let none: Vec<Reading> = (0..5).map(|no| reading(no, 1, (24, Some(0), None))).collect();
        assert_eq!(rows(&none)[0].beside_usual(), []);
        let some: Vec<Reading> =
            (0..5).map(|no| reading(no, 1, (24, Some(if no == 4 { 30 } else { 20 }), None))).collect();
        assert_eq!(rows(&some)[0].beside_usual().last(), Some(&(4, 1.5)));
    }
}
