//! Posts that beat the median of their own account, as sentences: by which figure, at which age, by how much, out of how many. The arithmetic is
//! `domain/compared`; what follows such a post is drafted by a model, never here.

use super::networks::OwnFigures;
use super::times::rounded;
use crate::domain::account::Account;
use crate::domain::compared::{Winner, rows};
use crate::domain::refusal::Sentence;

/// At most one for each account, the one that beat its own by the most first.
#[must_use]
pub fn winners(own: &OwnFigures) -> Vec<Winner> {
    let mut all: Vec<Winner> = rows(&own.readings).iter().filter_map(|row| row.winner()).collect();
    all.sort_by(|a, b| b.beaten.times.total_cmp(&a.beaten.times).then_with(|| a.post.cmp(&b.post)));
    all
}

/// What a winner did. `account` is what its account is called.
#[must_use]
pub fn said(winner: &Winner, account: &str) -> Sentence {
    let key = if winner.beaten.is_of_some() { "figures-winner" } else { "figures-winner-alone" };
    Sentence::new(key)
        .with("post", winner.post.as_str())
        .with("account", account)
        .with("figure", rounded(winner.figure))
        .with("measure", winner.measure.word())
        .with("hours", winner.age_h)
        .with("times", rounded(winner.beaten.times))
        .with("median", rounded(winner.beaten.median))
        .with("count", winner.count)
}

/// What an account is called beside its posts: the same handle may be taken on two networks.
#[must_use]
pub fn called(account: &Account) -> String {
    format!("@{} · {}", account.handle, account.network.shown())
}
