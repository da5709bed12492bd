//! Rows of a question from one on, through as many answers as it takes. Answers may be shorter than was asked for: what comes next is known from
//! those before it.

use std::sync::PoisonError;

use super::ask::{Query, Window};
use super::cache::Kept;
use super::page::{Head, PART_ROWS, Page};
use super::{Analytics, GATES_MAX};
use crate::domain::tool::ToolError;

/// By how much fewer rows are asked for when an answer is too large.
const SMALLER: usize = 5;
/// But not fewer than these.
const ROWS_MIN: usize = 40;

impl Analytics {
    /// At most so many rows from one on.
    pub(super) async fn window(&self, query: &Query<'_>, from: usize, rows_max: usize) -> Result<Window, ToolError> {
        let mut window = Window::default();
        let (mut at, mut begins) = (from, 0_usize);
        loop {
            let Kept { page, made_at, is_new } = self.part(query, begins, at - begins).await?;
            let Page { head, rows } = page;
            let (here, may_have_more) = (head.rows_here, head.has_more);
            window.takes(head, (made_at, is_new));
            if at >= begins + here {
                if here == 0 || !may_have_more {
                    return Ok(window);
                }
                begins += here;
                continue;
            }
            let count = window.rows.len();
            window.rows.extend(rows.into_iter().skip((at - begins) % PART_ROWS).take(rows_max - count));
            at += window.rows.len() - count;
            let is_full = window.rows.len() >= rows_max;
            if is_full || window.rows.len() == count {
                window.has_more = at < begins + here || (may_have_more && self.is_more(query, begins + here).await?);
                return Ok(window);
            }
        }
    }

    /// Whether an answer that may have more behind it has: where rows are not counted, only an empty answer ends them (platforms/google.md §7).
    async fn is_more(&self, query: &Query<'_>, begins: usize) -> Result<bool, ToolError> {
        Ok(query.counts_rows() || self.part(query, begins, 0).await?.page.head.rows_here > 0)
    }

    /// The part of an answer in which a row stands. An answer that is too large is asked for in smaller ones, now and from then on.
    async fn part(&self, query: &Query<'_>, begins: usize, row: usize) -> Result<Kept, ToolError> {
        let about = &query.source.facts.remote_id;
        let known = self.rows_at_once.lock().unwrap_or_else(PoisonError::into_inner).get(about).copied();
        let mut limit = known.unwrap_or(usize::MAX).min(query.rows_max());
        loop {
            let answer = self.answered(&query.request(begins, limit)?, row, |answer| query.read(answer, begins)).await;
            match answer {
                Err(ToolError::Refused(why)) if why.key == "google-answer-large" && limit / SMALLER >= ROWS_MIN => {
                    limit /= SMALLER;
                    let mut all = self.rows_at_once.lock().unwrap_or_else(PoisonError::into_inner);
                    if all.len() >= GATES_MAX {
                        all.clear();
                    }
                    all.insert(about.clone(), limit);
                }
                answer => return answer,
            }
        }
    }
}

impl Default for Window {
    fn default() -> Self {
        let (head, rows) = (Head::default(), Vec::new());
        Self { head, rows, has_more: false, is_empty: false, zone: None, made_at: i64::MAX }
    }
}

impl Window {
    /// What is said of one answer is said of all of them.
    fn takes(&mut self, mut head: Head, (made_at, is_new): (i64, bool)) {
        self.is_empty = head.begins == 0 && head.rows_here == 0;
        self.made_at = self.made_at.min(made_at);
        if is_new && !head.marks.zone.is_empty() {
            self.zone = Some(head.marks.zone.clone());
        }
        let before = std::mem::take(&mut self.head);
        head.marks.join(&before.marks);
        head.totals = before.totals.or(head.totals);
        self.head = head;
    }
}
