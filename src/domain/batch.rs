//! A plan: several posts under one question. What one post of it is, what became of it, and the numbers by which a person leaves some out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::approval::PublishItem;
use super::ids::PostId;
use super::refusal::Sentence;
use crate::say;

/// Most posts under one question: ten a day for a month, and a page that a phone still shows.
pub const BATCH_POSTS_MAX: usize = 300;
/// Most deliveries under one question. They are written in one transaction, and every other writer waits for its end: three accounts for each
/// of the posts, with some to spare.
pub const BATCH_DELIVERIES_MAX: usize = 1_000;

/// One post of a plan, bound to its revision like the post of a question of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPost {
    /// The post.
    pub post: PostId,
    /// The revision that was asked about.
    pub revision: i64,
    /// One item per account.
    pub items: Vec<PublishItem>,
}

/// What a person takes of a plan with their yes, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picked {
    left: BTreeSet<usize>,
    named: BTreeSet<usize>,
}

impl Picked {
    /// All of it in one press: what must be chosen by itself is not taken by that.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// The same without these.
    #[must_use]
    pub fn but(left: BTreeSet<usize>) -> Self {
        Self { left, named: BTreeSet::new() }
    }

    /// The same, and these were taken up each by itself.
    #[must_use]
    pub fn naming(self, named: BTreeSet<usize>) -> Self {
        Self { named, ..self }
    }

    /// Exactly these, each ticked by itself: none counts that was not shown.
    #[must_use]
    pub fn ticked(ticked: BTreeSet<usize>) -> Self {
        let left = (1..=BATCH_POSTS_MAX).filter(|no| !ticked.contains(no)).collect();
        Self { left, named: ticked }
    }

    /// Whether it was left out.
    #[must_use]
    pub fn leaves(&self, no: usize) -> bool {
        self.left.contains(&no)
    }

    /// Whether it was taken up by itself.
    #[must_use]
    pub fn names(&self, no: usize) -> bool {
        self.named.contains(&no) && !self.left.contains(&no)
    }
}

/// What became of one post of a plan. Nothing yet is `None` of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchOutcome {
    /// Its deliveries are there.
    Scheduled,
    /// The person left it out.
    Left,
    /// It could not go along, and why.
    Refused(Sentence),
}

impl BatchOutcome {
    /// The word in rows and answers.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Left => "left",
            Self::Refused(_) => "refused",
        }
    }

    /// Read back from a row.
    #[must_use]
    pub fn find(word: &str, why: Option<Sentence>) -> Option<Self> {
        match word {
            "scheduled" => Some(Self::Scheduled),
            "left" => Some(Self::Left),
            "refused" => Some(Self::Refused(why.unwrap_or_else(|| say!("batch-item-changed")))),
            _ => None,
        }
    }

    /// What a person reads.
    #[must_use]
    pub fn wording(&self) -> Sentence {
        match self {
            Self::Scheduled => say!("batch-item-scheduled"),
            Self::Left => say!("batch-item-left"),
            Self::Refused(why) => why.clone(),
        }
    }
}

/// Reads numbers as people write them: `3, 7-9`, 「3、7〜9」. At most `max`, from 1.
///
/// # Errors
/// A sentence when a part is no number of the list.
pub fn read_numbers(text: &str, max: usize) -> Result<BTreeSet<usize>, Sentence> {
    let plain: String = text.chars().map(narrow).collect();
    let mut found = BTreeSet::new();
    // "7 - 9" is one span: blanks around a dash are none.
    let joined = plain.split('-').map(str::trim).collect::<Vec<_>>().join("-");
    for part in joined.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (from, until) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.parse().ok().filter(|number| (1..=max).contains(number));
        match (number(from), number(until)) {
            (Some(from), Some(until)) if from <= until => found.extend(from..=until),
            _ => return Err(say!("batch-number-wrong", given = part.chars().take(20).collect::<String>(), max = max)),
        }
    }
    Ok(found)
}

/// Numbers as they are written back: `3, 7–9`.
#[must_use]
pub fn shown_numbers(numbers: &BTreeSet<usize>) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => spans.push((*number, *number)),
        }
    }
    let span = |(from, until): (usize, usize)| match until - from {
        0 => from.to_string(),
        1 => format!("{from}, {until}"),
        _ => format!("{from}–{until}"),
    };
    spans.into_iter().map(span).collect::<Vec<_>>().join(", ")
}

/// Full-width digits and the marks between numbers as their plain forms.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        '、' | '，' | '､' | ';' | '；' | '・' => ',',
        '–' | '—' | '〜' | '～' | '~' | '－' | 'ー' | '−' | '‐' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let read = |text: &str| read_numbers(text, 30).map(|found| found.into_iter().collect::<Vec<_>>());
        assert_eq!(read("3, 7-9"), Ok(vec![3, 7, 8, 9]));
        assert_eq!(read("３、７〜９　１２"), Ok(vec![3, 7, 8, 9, 12]));
        assert_eq!(read("7 – 9 3"), Ok(vec![3, 7, 8, 9]));
        assert_eq!(read("  "), Ok(vec![]));
        for wrong in ["0", "31", "9-7", "three", "1-", "-", "1.5", "99999999999999999999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(shown_numbers(&BTreeSet::from([3, 7, 8, 9, 12, 13])), "3, 7–9, 12, 13");
    }

    proptest! {
        #[test]
        fn what_is_written_back_reads_the_same(numbers in proptest::collection::btree_set(1_usize..=300, 0..40)) {
            prop_assert_eq!(read_numbers(&shown_numbers(&numbers), 300), Ok(numbers));
        }
    }
}
