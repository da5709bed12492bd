//! Tables and charts (dossier §6.1, §6.3).

use std::collections::BTreeSet;

use serde_json::Value;

use super::text::Wanted::Plain;
use super::{Checker, kinds};

const ROWS_MAX: usize = 100;
const COLUMNS_MAX: usize = 20;
const CHARS_MAX: usize = 10_000;

/// A table: 100 rows of 20 cells.
pub(super) fn table(checker: &mut Checker, block: &Value, path: &str) {
    checker.tables += 1;
    checker.known(block, &["type", "block_id", "rows", "column_settings"], path);
    cells(checker, block, path, (1, ROWS_MAX), &["raw_text", "rich_text"]);
    if block.get("column_settings").is_some() {
        for (at, column) in checker.array(block, "column_settings", path, (0, COLUMNS_MAX)).iter().enumerate() {
            let path = format!("{path}/column_settings/{at}");
            checker.word(column, "align", &path, &["left", "center", "right"]);
            checker.optional_bool(column, &["is_wrapped"], &path);
        }
    }
}

/// A table that can be turned over: a header and 100 rows, all of one width.
pub(super) fn data_table(checker: &mut Checker, block: &Value, path: &str) {
    checker.tables += 1;
    checker.required_string(block, "caption", path, 255);
    let columns = cells(checker, block, path, (2, ROWS_MAX + 1), &["raw_text", "raw_number", "rich_text"]);
    if columns.iter().collect::<BTreeSet<_>>().len() > 1 {
        checker.fault(&format!("{path}/rows"), "all rows must have the same number of cells");
    }
    let header = block["rows"][0].as_array().map(Vec::as_slice).unwrap_or_default();
    if header.iter().any(|cell| cell["type"] != "raw_text") {
        checker.fault(&format!("{path}/rows/0"), "header cells must be raw_text");
    }
    if block.get("page_size").is_some_and(|size| !size.as_u64().is_some_and(|size| (1..=100).contains(&size))) {
        checker.fault(&format!("{path}/page_size"), "must be between 1 and 100");
    }
    let width = columns.first().copied().unwrap_or_default() as u64;
    if block.get("row_header_column_index").is_some_and(|at| at.as_u64().is_none_or(|at| at >= width)) {
        checker.fault(&format!("{path}/row_header_column_index"), "must name a column");
    }
}

/// The cells; how many each row has.
fn cells(checker: &mut Checker, block: &Value, path: &str, range: (usize, usize), allowed: &[&str]) -> Vec<usize> {
    let before = checker.chars;
    let mut widths = Vec::new();
    for (at, row) in checker.array(block, "rows", path, range).iter().enumerate() {
        let path = format!("{path}/rows/{at}");
        let Some(row) = row.as_array() else {
            checker.fault(&path, "must be an array");
            continue;
        };
        if row.is_empty() || row.len() > COLUMNS_MAX {
            checker.fault(&path, &format!("between 1 and {COLUMNS_MAX} items allowed"));
        }
        widths.push(row.len());
        for (at, cell) in row.iter().enumerate() {
            one_cell(checker, cell, &format!("{path}/{at}"), allowed);
        }
    }
    if checker.chars - before > CHARS_MAX {
        checker.fault(path, &format!("no more than {CHARS_MAX} characters allowed in a table"));
    }
    widths
}

fn one_cell(checker: &mut Checker, cell: &Value, path: &str, allowed: &[&str]) {
    let kind = cell["type"].as_str().unwrap_or_default();
    if !allowed.contains(&kind) {
        checker.fault(&format!("{path}/type"), &format!("unsupported type: {kind}"));
        return;
    }
    match kind {
        "rich_text" => kinds::rich_text(checker, cell, path),
        _ => {
            if kind == "raw_number" && !cell["value"].is_number() {
                checker.fault(&format!("{path}/value"), "must be a number");
            }
            // A number may go without words; a text may not be empty.
            if (kind == "raw_text" || cell.get("text").is_some())
                && let Some(text) = checker.required_string(cell, "text", path, CHARS_MAX)
            {
                checker.chars += text.chars().count();
            }
        }
    }
}

/// A chart: title 50, pie 1–12 positive segments, else 1–12 series over 1–20 categories.
pub(super) fn chart(checker: &mut Checker, block: &Value, path: &str) {
    checker.charts += 1;
    checker.known(block, &["type", "block_id", "title", "chart"], path);
    match block.get("title") {
        Some(title) if title.is_object() => checker.text(title, &format!("{path}/title"), Plain, 50),
        _ => {
            checker.required_string(block, "title", path, 50);
        }
    }
    let (chart, path) = (&block["chart"], format!("{path}/chart"));
    match chart["type"].as_str() {
        Some("pie") => pie(checker, chart, &path),
        Some("bar" | "line" | "area") => series(checker, chart, &path),
        _ => checker.fault(&format!("{path}/type"), "must be one of [\"pie\", \"bar\", \"line\", \"area\"]"),
    }
}

fn pie(checker: &mut Checker, chart: &Value, path: &str) {
    let mut labels = BTreeSet::new();
    for (at, segment) in checker.array(chart, "segments", path, (1, 12)).iter().enumerate() {
        let path = format!("{path}/segments/{at}");
        if let Some(label) = checker.required_string(segment, "label", &path, 20)
            && !labels.insert(label)
        {
            checker.fault(&format!("{path}/label"), "must be unique");
        }
        if !segment["value"].as_f64().is_some_and(|value| value > 0.0 && value.is_finite()) {
            checker.fault(&format!("{path}/value"), "must be more than 0");
        }
    }
}

fn series(checker: &mut Checker, chart: &Value, path: &str) {
    let (axis, axis_path) = (&chart["axis_config"], format!("{path}/axis_config"));
    checker.optional_string(axis, "x_label", &axis_path, 50);
    checker.optional_string(axis, "y_label", &axis_path, 50);
    let categories = checker.array(axis, "categories", &axis_path, (1, 20));
    let mut known = BTreeSet::new();
    for (at, category) in categories.iter().enumerate() {
        let path = format!("{axis_path}/categories/{at}");
        if let Some(category) = checker.string(category, &path, 20)
            && !known.insert(category)
        {
            checker.fault(&path, "must be unique");
        }
    }
    let mut names = BTreeSet::new();
    for (at, line) in checker.array(chart, "series", path, (1, 12)).iter().enumerate() {
        let path = format!("{path}/series/{at}");
        if let Some(name) = checker.required_string(line, "name", &path, 20)
            && !names.insert(name)
        {
            checker.fault(&format!("{path}/name"), "must be unique");
        }
        let points = checker.array(line, "data", &path, (1, 20));
        let labels: Vec<&Value> = points.iter().map(|point| &point["label"]).collect();
        if labels != categories.iter().collect::<Vec<_>>() {
            checker.fault(&format!("{path}/data"), "must have one point for each category");
        }
        for (at, point) in points.iter().enumerate() {
            if !point["value"].as_f64().is_some_and(f64::is_finite) {
                checker.fault(&format!("{path}/data/{at}/value"), "must be a number");
            }
        }
    }
}
