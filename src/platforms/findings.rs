//! Findings as a network's check collects them: which part they are about, and how bad they are. What is found each network says itself.

use crate::domain::post::{Finding, Severity};
use crate::domain::refusal::Sentence;

/// Takes findings about one part, or about the post as a whole.
pub(super) struct Findings<'a> {
    pub(super) part: Option<usize>,
    pub(super) found: &'a mut Vec<Finding>,
}

impl Findings<'_> {
    /// The network would refuse it.
    pub(super) fn error(&mut self, what: Sentence) {
        self.found.push(Finding { severity: Severity::Error, part: self.part, what });
    }

    /// The author should know.
    pub(super) fn warning(&mut self, what: Sentence) {
        self.found.push(Finding { severity: Severity::Warning, part: self.part, what });
    }
}
