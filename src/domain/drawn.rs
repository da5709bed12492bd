//! A chart before it is painted: what stands along the axis, the lines or bars, and the same in words for whoever does not see pictures.

/// How it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Beside each other.
    Bar,
    /// One after the other.
    Line,
    /// A week of hours, the darker the more: each series is a day, each category an hour.
    Heat {
        /// Day and hour of what is suggested.
        ringed: Vec<(usize, usize)>,
    },
}

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// What it shows.
    pub title: String,
    /// How.
    pub shape: Shape,
    /// Along the axis.
    pub categories: Vec<String>,
    /// Each with a figure for each category, in thousandths.
    pub series: Vec<(String, Vec<i64>)>,
    /// Its points in words.
    pub told: String,
}
