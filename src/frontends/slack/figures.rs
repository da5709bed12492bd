//! Figures as Slack shows them, step by step down (dossier §6.3): its own chart, a picture that was uploaded, a table, words. A workspace
//! that does not know a block answers `invalid_blocks`, and the next step is tried.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::pictures::Shape;
use crate::places::cut::cut;
use crate::places::message::{Chart, Message, Part, Table};

/// Characters of a chart's title.
const TITLE_MAX: usize = 50;
/// Characters of a label.
const LABEL_MAX: usize = 20;
/// Points along an axis.
const CATEGORIES_MAX: usize = 20;
/// Lines or colours; newer copies of the documentation say twelve.
const SERIES_MAX: usize = 6;
/// Rows of a table with its head.
const ROWS_MAX: usize = 100;
/// Columns of a table.
const COLUMNS_MAX: usize = 20;
/// Characters in a cell.
const CELL_MAX: usize = 200;
/// Characters in a table: below the documented 10,000, for a message has more than that table.
const TABLE_CHARS_MAX: usize = 6_000;

/// Characters of what stands for a picture: below the documented 2,000.
const ALT_MAX: usize = 1_900;

/// How far down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Step {
    /// Slack's own chart.
    #[default]
    Chart,
    /// A picture.
    Picture,
    /// A table.
    Table,
    /// Words.
    Words,
}

impl Step {
    /// The one below.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Chart => Some(Self::Picture),
            Self::Picture => Some(Self::Table),
            Self::Table => Some(Self::Words),
            Self::Words => None,
        }
    }
}

/// Whether a message shows figures.
pub(super) fn has_figures(message: &Message) -> bool {
    message.parts.iter().any(|part| matches!(part, Part::Chart(_) | Part::Table(_) | Part::Picture(_)))
}

/// The pictures of charts that come along, in order, with what they are called.
pub(super) fn charts(message: &Message) -> Vec<Option<(&str, &[u8])>> {
    let mut found = Vec::new();
    for part in &message.parts {
        if let Part::Chart(chart) = part {
            found.push(chart.png.as_deref().map(|png| (chart.title.as_str(), png)));
        }
    }
    found
}

/// Whether it shows a chart that Slack has none of its own for, and a picture of it is there.
pub(super) fn needs_pictures(message: &Message) -> bool {
    message.parts.iter().any(|part| match part {
        Part::Chart(one) => one.png.is_some() && chart(one).is_none(),
        Part::Heading(_)
        | Part::Line(_)
        | Part::Exactly(_)
        | Part::Small(_)
        | Part::Markdown(_)
        | Part::Buttons(_)
        | Part::Deciding(_)
        | Part::Choice(_)
        | Part::Person(_)
        | Part::Table(_)
        | Part::Picture(_)
        | Part::Divider => false,
    })
}

/// A chart as a block; none when Slack has no such chart.
pub(super) fn chart(chart: &Chart) -> Option<(usize, Value)> {
    let labels: Vec<String> = chart.categories.iter().map(|label| label_of(label)).collect();
    let names: Vec<String> = chart.series.iter().map(|(name, _)| label_of(name)).collect();
    let is_whole = chart.series.iter().all(|(_, figures)| figures.len() == labels.len());
    let fits = (1..=CATEGORIES_MAX).contains(&labels.len()) && (1..=SERIES_MAX).contains(&names.len());
    if !is_whole || !fits || !are_unique(&labels) || !are_unique(&names) {
        return None;
    }
    let chars = labels.iter().chain(&names).map(|text| text.chars().count()).sum::<usize>() * (1 + names.len());
    let shape = chart.shape?;
    let drawn = match shape {
        Shape::Pie => {
            let (_, figures) = chart.series.first()?;
            // A share of nothing is none, and Slack refuses it.
            if labels.len() > SERIES_MAX || figures.iter().any(|figure| *figure <= 0) {
                return None;
            }
            let segment = |(label, figure): (&String, &i64)| json!({ "label": label, "value": Chart::number(*figure) });
            json!({ "type": "pie", "segments": labels.iter().zip(figures).map(segment).collect::<Vec<_>>() })
        }
        Shape::Bar | Shape::Line => {
            let line = |(name, (_, figures)): (&String, &(String, Vec<i64>))| {
                let point =
                    |(label, figure): (&String, &i64)| json!({ "label": label, "value": Chart::number(*figure) });
                json!({ "name": name, "data": labels.iter().zip(figures).map(point).collect::<Vec<_>>() })
            };
            let series: Vec<_> = names.iter().zip(&chart.series).map(line).collect();
            let kind = if shape == Shape::Bar { "bar" } else { "line" };
            json!({ "type": kind, "series": series, "axis_config": { "categories": labels } })
        }
    };
    let title = text(&chart.title, TITLE_MAX);
    Some((chars + title.chars().count(), json!({ "type": "data_visualization", "title": title, "chart": drawn })))
}

/// A picture of ours that Slack has.
pub(super) fn picture((title, words): (&str, &str), file: &str) -> (usize, Value) {
    // Whoever does not see it reads it.
    let alt = cut(&format!("{}: {words}", text(title, TITLE_MAX)), ALT_MAX);
    (0, json!({ "type": "image", "slack_file": { "id": file }, "alt_text": alt }))
}

/// A table as a block; none when it is too large for one.
pub(super) fn table(table: &Table) -> Option<(usize, Value)> {
    let columns = table.head.len();
    let fits = (1..=COLUMNS_MAX).contains(&columns) && table.rows.len() < ROWS_MAX;
    if !fits || table.rows.iter().any(|row| row.len() != columns) {
        return None;
    }
    let mut chars = 0;
    let mut row = |cells: &Vec<String>| {
        let cell = |cell: &String| {
            let cell = text(cell, CELL_MAX);
            chars += cell.chars().count();
            json!({ "type": "raw_text", "text": cell })
        };
        cells.iter().map(cell).collect::<Vec<_>>()
    };
    let rows: Vec<_> = std::iter::once(&table.head).chain(&table.rows).map(&mut row).collect();
    (chars <= TABLE_CHARS_MAX).then(|| (chars, json!({ "type": "table", "rows": rows })))
}

fn label_of(label: &str) -> String {
    text(label, LABEL_MAX)
}

/// Slack refuses empty texts.
fn text(words: &str, max: usize) -> String {
    let words = cut(words, max);
    if words.trim().is_empty() { "–".to_owned() } else { words }
}

fn are_unique(labels: &[String]) -> bool {
    labels.iter().collect::<BTreeSet<_>>().len() == labels.len()
}
