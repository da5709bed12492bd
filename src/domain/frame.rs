//! How a network shows what is posted there: which media stand where and how they are cut, and where a text is folded. Plain rules; what they are is the
//! networks' own.

use super::post::MediaFacts;

/// How several media stand together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Several {
    /// Side by side in one frame, each cut to its cell.
    #[default]
    Grid,
    /// In a row that moves sideways, each in its own shape.
    Row,
    /// In such a row, each cut to the shape of the first.
    RowAsFirst,
}

/// What a reader meets first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Leads {
    /// The text.
    #[default]
    Text,
    /// The media; the text stands below.
    Media,
}

/// How a network shows media. Shapes are width to height.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Frame {
    /// What is seen first.
    pub leads: Leads,
    /// The tallest shape that is seen whole; a taller picture is cut to it.
    pub tallest: Option<(i64, i64)>,
    /// The widest one.
    pub widest: Option<(i64, i64)>,
    /// How several stand together.
    pub several: Several,
}

impl Frame {
    /// The shape that a medium is cut to when it stands alone; `None` when all of it is seen.
    #[must_use]
    pub fn crop(&self, facts: &MediaFacts) -> Option<(i64, i64)> {
        let (width, height) = (facts.width, facts.height);
        let is_taller = |(wide, high): (i64, i64)| width.saturating_mul(high) < height.saturating_mul(wide);
        let is_wider = |(wide, high): (i64, i64)| width.saturating_mul(high) > height.saturating_mul(wide);
        self.tallest.filter(|shape| is_taller(*shape)).or(self.widest.filter(|shape| is_wider(*shape)))
    }
}

/// How many characters a reader sees before they have to ask for the rest, where that is after so many characters or lines; `None` when they see all.
#[must_use]
pub fn fold(shown: &str, (chars_max, lines_max): (usize, usize)) -> Option<usize> {
    let mut lines = 1;
    for (no, c) in shown.trim_end().chars().enumerate() {
        lines += usize::from(c == '\n');
        if no >= chars_max || lines > lines_max {
            return Some(no);
        }
    }
    None
}
