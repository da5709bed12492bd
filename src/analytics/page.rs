//! What an API answered, in one shape: names, rows, sums, and what must be said with them. Kept as it is here, in parts.

use serde::{Deserialize, Serialize};

use super::catalogue::Unit;
use crate::domain::quota::Bucket;

/// Rows in one kept part.
pub(super) const PART_ROWS: usize = 1_000;

/// What is said with figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Marks {
    /// Google withheld what would tell who somebody is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) is_thresholded: bool,
    /// So many of a hundred events were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sampled_percent: Option<f64>,
    /// Rare values were put together as "(other)".
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) has_other: bool,
    /// Metrics that this person may not see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) restricted: Vec<String>,
    /// Something was cut off for another reason.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) is_cut: bool,
    /// The first day whose figures still change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) first_incomplete: Option<String>,
    /// The currency of amounts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) currency: String,
    /// What Google said is left of the property's quotas: noted when it said so, never kept.
    #[serde(skip)]
    pub(super) left: Vec<(Bucket, i64)>,
    /// The time zone that days were counted in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) zone: String,
    /// Why there are no rows, in Google's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) empty_reason: Option<String>,
}

impl Marks {
    /// Takes in what is said of another answer to the same question, or of what it is compared with: what lessens one lessens both.
    pub(super) fn join(&mut self, other: &Self) {
        let least = |one: Option<f64>, other: Option<f64>| one.into_iter().chain(other).reduce(f64::min);
        self.is_thresholded |= other.is_thresholded;
        self.has_other |= other.has_other;
        self.is_cut |= other.is_cut;
        self.sampled_percent = least(self.sampled_percent, other.sampled_percent);
        for name in &other.restricted {
            if !self.restricted.contains(name) {
                self.restricted.push(name.clone());
            }
        }
        self.first_incomplete = self.first_incomplete.take().into_iter().chain(other.first_incomplete.clone()).min();
        self.empty_reason = self.empty_reason.take().or_else(|| other.empty_reason.clone());
        for (mine, theirs) in [(&mut self.currency, &other.currency), (&mut self.zone, &other.zone)] {
            if mine.is_empty() {
                mine.clone_from(theirs);
            }
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What all parts of an answer share.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Names of dimensions.
    pub(super) dimensions: Vec<String>,
    /// Names of metrics, with how they are meant.
    pub(super) metrics: Vec<(String, Unit)>,
    /// Google's own sums, which are not the sums of rows; none where there are no rows.
    pub(super) totals: Option<Vec<Option<f64>>>,
    /// How many rows there are, when it was told.
    pub(super) row_count: Option<usize>,
    /// How many rows this answer holds.
    pub(super) rows_here: usize,
    /// Where in all rows it begins.
    pub(super) begins: usize,
    /// Whether more come behind it, or may.
    pub(super) has_more: bool,
    /// What is said with it.
    pub(super) marks: Marks,
}

/// A row: what it is about, and its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Line(pub(super) Vec<String>, pub(super) Vec<Option<f64>>);

/// An answer, or a part of one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Page {
    /// What all parts share.
    pub(super) head: Head,
    /// The rows of this part.
    pub(super) rows: Vec<Line>,
}

impl Page {
    /// As it is kept: at least one part, each with the head.
    pub(super) fn parts(self) -> Vec<Self> {
        let Self { head, rows } = self;
        if rows.is_empty() {
            return vec![Self { head, rows }];
        }
        let mut parts = Vec::with_capacity(rows.len().div_ceil(PART_ROWS));
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            parts.push(Self { head: head.clone(), rows: rows.by_ref().take(PART_ROWS).collect() });
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_apart_into_parts_and_none_is_lost() {
        let rows: Vec<Line> = (0..2_500).map(|no| Line(vec![no.to_string()], vec![Some(f64::from(no))])).collect();
        let parts = Page { head: Head::default(), rows: rows.clone() }.parts();
        assert_eq!(parts.iter().map(|part| part.rows.len()).collect::<Vec<_>>(), [1_000, 1_000, 500]);
        assert_eq!(parts.into_iter().flat_map(|part| part.rows).collect::<Vec<_>>(), rows);
        assert_eq!(Page::default().parts().len(), 1);
    }
}
