//! Figures that a network counts of a post: its own words for them kept beside ours, and what it did not say kept apart from nothing. Reading them
//! is `platforms`, when and how long they are kept is decided in `upkeep`.

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, PostId, UserId};
use super::network::Network;
use super::sealed::Place;

/// What can be counted of a post, whatever a network calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// How often it was shown.
    Views,
    /// Hearts, reactions.
    Likes,
    /// Comments and replies.
    Comments,
    /// Shares, reposts and quotes: each way in which somebody passed it on.
    Shares,
    /// Saves and bookmarks.
    Saves,
    /// Clicks on links in it.
    Clicks,
}

impl Measure {
    /// Every measure, in the order in which they are told.
    pub const ALL: [Self; 6] = [Self::Views, Self::Likes, Self::Comments, Self::Shares, Self::Saves, Self::Clicks];

    /// The word in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Likes => "likes",
            Self::Comments => "comments",
            Self::Shares => "shares",
            Self::Saves => "saves",
            Self::Clicks => "clicks",
        }
    }
}

/// Figures of one post. What the network did not say is `None`: unknown is never nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// See [`Measure::Views`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub views: Option<i64>,
    /// See [`Measure::Likes`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likes: Option<i64>,
    /// See [`Measure::Comments`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<i64>,
    /// See [`Measure::Shares`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares: Option<i64>,
    /// See [`Measure::Saves`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saves: Option<i64>,
    /// See [`Measure::Clicks`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clicks: Option<i64>,
}

impl Figures {
    /// One of them.
    #[must_use]
    pub const fn get(&self, measure: Measure) -> Option<i64> {
        match measure {
            Measure::Views => self.views,
            Measure::Likes => self.likes,
            Measure::Comments => self.comments,
            Measure::Shares => self.shares,
            Measure::Saves => self.saves,
            Measure::Clicks => self.clicks,
        }
    }

    /// Whether nothing at all is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// What a network said of one post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostFigures {
    /// The post, by the network's id as it was asked for.
    pub remote_id: String,
    /// Its figures.
    pub figures: Figures,
}

/// Figures of one post on one account, as they were read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The post.
    pub post: PostId,
    /// The account.
    pub account: AccountId,
    /// When it was out, Unix milliseconds.
    pub out_at: i64,
    /// The age at which it was due to be read, in hours.
    pub age_h: i64,
    /// When it was read.
    pub read_at: i64,
    /// What was said.
    pub figures: Figures,
}

/// What a network tells of an account's own posts, and how it wants to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Our words beside the network's own; what is missing here it never says.
    pub words: &'static [(Measure, &'static str)],
    /// The scope without which it says nothing; `None` where posting is enough. Accounts connected without it are posted to all the same.
    pub scope: Option<&'static str>,
    /// Posts in one batch.
    pub batch_max: usize,
    /// How old a post is each time it is asked about, in hours, youngest first.
    pub ages_h: &'static [i64],
    /// How long figures may be kept at most, in days, where the network says so.
    pub keep_days: Option<i64>,
}

impl Given {
    /// Whether an account with these scopes (space-separated) lets figures be read.
    #[must_use]
    pub fn is_allowed_by(&self, scopes: &str) -> bool {
        self.scope.is_none_or(|wanted| scopes.split_whitespace().any(|scope| scope == wanted))
    }
}

/// Ages at which posts are asked about where that costs nothing: an hour, a day, three days, a week, four weeks.
pub const AGES_H: [i64; 5] = [1, 24, 72, 168, 672];

/// A count as a network said it: less than nothing is none.
#[must_use]
pub fn counted(said: Option<i64>) -> Option<i64> {
    said.filter(|count| *count >= 0)
}

/// A sum of what is known; unknown when none of it is.
#[must_use]
pub fn sum_known(all: &[Option<i64>]) -> Option<i64> {
    all.iter().flatten().copied().reduce(i64::saturating_add)
}

/// Whose figures: who connected the account, where, and the network's own id of it.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// Their key seals the figures.
    pub user: &'a UserId,
    /// The network.
    pub network: Network,
    /// The network's own id of the account.
    pub remote_id: &'a str,
}

impl<'a> Whose<'a> {
    /// Where a reading is sealed. `row` names the reading: one cannot be put in another's place.
    #[must_use]
    pub fn place(self, row: &'a str) -> Place<'a> {
        Place {
            user: self.user,
            provider: self.network.slug(),
            provider_account: self.remote_id,
            table: "post_figures",
            column: "body",
            row,
        }
    }
}

/// The name under which is sealed how many follow an account.
#[must_use]
pub fn followers_row(account: &AccountId) -> String {
    format!("{account}:followers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_never_nothing() {
        assert_eq!(sum_known(&[None, None]), None);
        assert_eq!(sum_known(&[None, Some(0)]), Some(0));
        assert_eq!(sum_known(&[Some(2), None, Some(3)]), Some(5));
        let some = Figures { likes: Some(0), ..Figures::default() };
        assert_eq!(serde_json::to_string(&some).unwrap(), r#"{"likes":0}"#);
        assert_eq!(serde_json::from_str::<Figures>(r#"{"likes":0}"#).unwrap(), some);
        assert!(!some.is_unknown() && Figures::default().is_unknown());
        assert_eq!(Measure::ALL.map(|measure| some.get(measure)), [None, Some(0), None, None, None, None]);
    }
}
