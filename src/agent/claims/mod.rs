//! Sentences about actions are checked against what was done: a model that says "scheduled" when nothing was is corrected before a person
//! relies on it (DESIGN §4). Words and clauses are compared, not meanings: a missed claim is caught by the cards below the text, which are
//! drawn from ledger rows; a sentence taken for a claim by mistake costs one sentence. What is quoted is nobody's claim.

use super::quotes;
use crate::domain::sentences::sentences;

mod english;
mod japanese;
#[cfg(test)]
mod tests;

/// Something that can be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    Drafted,
    Scheduled,
    Published,
    Withdrawn,
    Connected,
    Approved,
    Paused,
    Resumed,
    Forgotten,
}

/// How it is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// "I have done it": only a call of this turn that did it proves that.
    Us,
    /// "It is done", "it was done last week": a row that was read in this turn proves that as well.
    Anybody,
}

/// One claim of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub(super) act: Act,
    pub(super) by: By,
}

/// What a turn's tools answered.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// What calls of this turn did.
    pub(super) done: Vec<Act>,
    /// How rows stand that this turn read.
    pub(super) read: Vec<Act>,
}

/// The text with every sentence replaced that claims what was not done; `None` when all of it holds.
pub(super) fn checked(text: &str, evidence: &Evidence, correction: &str) -> Option<String> {
    let masked = quotes::masked(text);
    let (mut out, mut at, mut is_changed) = (String::new(), 0, false);
    for sentence in sentences(&masked) {
        let original = &text[at..at + sentence.len()];
        at += sentence.len();
        if claims(sentence).iter().all(|claim| holds(*claim, evidence)) {
            out.push_str(original);
            continue;
        }
        is_changed = true;
        let body = original.trim_end();
        // Said once, however many sentences claimed it.
        if !out.contains(correction) {
            out.push_str(correction);
        }
        out.push_str(&original[body.len()..]);
    }
    is_changed.then_some(out)
}

/// The claims of a sentence whose quotations are masked.
fn claims(sentence: &str) -> Vec<Claim> {
    let mut found = english::claims(sentence);
    found.extend(japanese::claims(sentence));
    found.sort_unstable();
    found.dedup();
    found
}

fn holds(claim: Claim, evidence: &Evidence) -> bool {
    let proves = |have: &Act| proves(*have, claim.act);
    match claim.by {
        By::Us => evidence.done.iter().any(proves),
        By::Anybody => evidence.done.iter().chain(&evidence.read).any(proves),
    }
}

/// What is out was scheduled, approved and drafted before; what was taken down or forgotten may be told in either word.
fn proves(have: Act, said: Act) -> bool {
    have == said
        || match said {
            Act::Drafted | Act::Approved => matches!(have, Act::Scheduled | Act::Published),
            Act::Scheduled => have == Act::Published,
            Act::Withdrawn => have == Act::Forgotten,
            Act::Forgotten => have == Act::Withdrawn,
            Act::Published | Act::Connected | Act::Paused | Act::Resumed => false,
        }
}
