//! The table: rows × networks, each cell with the tests that show it, or the reason why that network has no such thing. It is data (`table.txt`); here
//! it is read, held against the tests that there are, and written into `docs/RELIABILITY.md` (`SOCRAZI_TEST_ACCEPT=1`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use socrazi::domain::network::Network;

use crate::contracts::is_accepting;

/// Where it stands in the document.
const BEGIN: &str = "<!-- networks: begin -->\n";
const END: &str = "<!-- networks: end -->";

/// One thing that a network must do.
#[derive(Debug, Default)]
struct Row {
    group: String,
    what: String,
    /// In the order of [`Network::ALL`].
    cells: Vec<Cell>,
}

/// How one network does it.
#[derive(Debug)]
struct Cell {
    /// Why it has no such thing; nothing where it has.
    missing: Option<String>,
    /// What shows it: that it is so, or that the person is told that it is not.
    tests: Vec<String>,
}

/// Reads a table: what is wrong with it is a sentence.
fn read(text: &str) -> Result<Vec<Row>, String> {
    let (mut rows, mut group) = (Vec::<Row>::new(), String::new());
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("# ")) {
        if let Some(name) = line.strip_prefix("## ") {
            group = name.to_owned();
        } else if let Some(what) = line.strip_prefix("= ") {
            rows.push(Row { group: group.clone(), what: what.to_owned(), cells: Vec::new() });
        } else {
            let row = rows.last_mut().ok_or_else(|| format!("no row above: {line}"))?;
            let network = Network::ALL.get(row.cells.len()).ok_or_else(|| format!("{}: too many cells", row.what))?;
            let (name, cell) = line.split_once(": ").ok_or_else(|| format!("no cell: {line}"))?;
            if name != network.slug() {
                return Err(format!("{}: {} comes before {name}", row.what, network.slug()));
            }
            row.cells.push(cell_of(cell));
        }
    }
    for row in &rows {
        let (count, all) = (row.cells.len(), Network::ALL.len());
        if count != all || row.group.is_empty() {
            return Err(format!("{}: {count} of {all} networks say something", row.what));
        }
        if let Some(at) = row.cells.iter().position(|cell| cell.missing.is_none() && cell.tests.is_empty()) {
            return Err(format!("{}: nothing shows it for {}", row.what, Network::ALL[at].slug()));
        }
    }
    Ok(rows)
}

fn cell_of(text: &str) -> Cell {
    let names = |text: &str| text.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let Some(why) = text.strip_prefix("- ") else { return Cell { missing: None, tests: names(text) } };
    match why.split_once(": ") {
        Some((why, tests)) => Cell { missing: Some(why.to_owned()), tests: names(tests) },
        None => Cell { missing: Some(why.to_owned()), tests: Vec::new() },
    }
}

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> Vec<Row> {
    let text = std::fs::read_to_string(top().join("tests/it/networks/table.txt")).unwrap();
    read(&text).unwrap_or_else(|wrong| panic!("tests/it/networks/table.txt: {wrong}"))
}

/// The file of a test and its name: `threads::trouble::x` is in `tests/it/threads/trouble.rs`, what begins with `src` in the source.
fn place_of(test: &str) -> (String, String) {
    let mut parts: Vec<&str> = test.split("::").collect();
    let name = parts.pop().unwrap_or_default();
    let path = parts.join("/");
    let path = if parts.first() == Some(&"src") { path } else { format!("tests/it/{path}") };
    (format!("{path}.rs"), name.to_owned())
}

/// Whether a file has this test: a function with an attribute that makes it one, or one that is played on both databases.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begins =
        |line: &str| [format!("fn {name}("), format!("async fn {name}(")].iter().any(|head| line.starts_with(head));
    let Some(at) = lines.iter().position(|line| begins(line)) else { return false };
    let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
    let is_marked = above.copied().any(|line| line == "#[test]" || line.starts_with("#[tokio::test"));
    let both = text.split("on_both!(").skip(1).map(|rest| rest.split(");").next().unwrap_or_default());
    let is_on_both = both.flat_map(|list| list.split(',')).any(|one| one.trim() == name);
    is_marked || is_on_both
}

/// Tests that the table names and nobody wrote.
fn unwritten(rows: &[Row], read: impl Fn(&str) -> String) -> Vec<String> {
    let mut files = BTreeMap::new();
    let mut wrong = Vec::new();
    for test in rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.tests) {
        let (path, name) = place_of(test);
        let text = files.entry(path.clone()).or_insert_with(|| read(&path));
        if !has_test(text, &name) {
            wrong.push(format!("{test} is no test of {path}"));
        }
    }
    wrong
}

#[test]
fn every_cell_names_tests_that_there_are_or_says_why_there_is_nothing() {
    // The rule proves itself first.
    let file = "on_both!(\n    one,\n    two\n);\nasync fn two(engine: Engine) {}\n#[test]\nfn three() {}\nfn four() {}\n// fn five(";
    assert!(["two", "three"].iter().all(|name| has_test(file, name)));
    assert!(["one", "four", "five", "tw"].iter().all(|name| !has_test(file, name)), "a helper is no test");
    assert_eq!(place_of("threads::trouble::a"), ("tests/it/threads/trouble.rs".to_owned(), "a".to_owned()));
    assert_eq!(place_of("src::platforms::x::check::b"), ("src/platforms/x/check.rs".to_owned(), "b".to_owned()));
    let cells = |last: &str| {
        format!("## g\n= r\nx: a::b\nthreads: - no\ninstagram: a::b\nlinkedin: a::b\ntiktok: a::b\n{last}")
    };
    assert_eq!(read(&cells("youtube: - no: a::b, a::c")).unwrap()[0].cells[5].tests, ["a::b", "a::c"]);
    for wrong in [cells(""), cells("x: a::b"), cells("youtube: "), cells("youtube: a\nyoutube: a"), "x: a".into()] {
        assert!(read(&wrong).is_err(), "{wrong}");
    }
    let rows = table();
    assert!(rows.len() > 30, "{} rows", rows.len());
    let nothing = unwritten(&rows, |_| String::new());
    let all = rows.iter().flat_map(|row| &row.cells).map(|cell| cell.tests.len()).sum::<usize>();
    assert_eq!(nothing.len(), all, "in an empty file there is none of them");
    let wrong = unwritten(&rows, |path| std::fs::read_to_string(top().join(path)).unwrap_or_default());
    assert!(wrong.is_empty(), "\n{}\nThe table of networks names what is not there.", wrong.join("\n"));
}

/// The table as people read it: how many tests show a cell, or a letter that says why there is nothing.
fn written(rows: &[Row]) -> String {
    let cells = || rows.iter().flat_map(|row| &row.cells);
    let names: BTreeSet<&String> = cells().flat_map(|cell| &cell.tests).collect();
    let missing = cells().filter(|cell| cell.missing.is_some()).count();
    let mut text = format!(
        "{} rows × {} networks: {} cells are shown by {} tests, and {missing} are of what a network does not have.\n\n| |",
        rows.len(),
        Network::ALL.len(),
        cells().count() - missing,
        names.len(),
    );
    let heads: Vec<String> = Network::ALL.iter().map(|network| format!(" {} |", network.shown())).collect();
    writeln!(text, "{}\n|---|{}", heads.concat(), "---|".repeat(heads.len())).unwrap();
    let mut reasons: Vec<&str> = Vec::new();
    let mut group = "";
    for row in rows {
        if row.group != group {
            group = &row.group;
            writeln!(text, "| **{group}** |{}", " |".repeat(heads.len())).unwrap();
        }
        write!(text, "| {} |", row.what).unwrap();
        for cell in &row.cells {
            match cell.missing.as_deref() {
                None => write!(text, " {} |", cell.tests.len()).unwrap(),
                Some(why) => {
                    let at = reasons.iter().position(|known| *known == why).unwrap_or_else(|| {
                        reasons.push(why);
                        reasons.len() - 1
                    });
                    write!(text, " ({}) |", at + 1).unwrap();
                }
            }
        }
        text.push('\n');
    }
    let told: Vec<String> = reasons.iter().enumerate().map(|(at, why)| format!("({}) {why}", at + 1)).collect();
    writeln!(text, "\nIn brackets is why there is nothing: {}.", told.join("; ")).unwrap();
    text
}

#[test]
fn the_document_says_what_the_table_says() {
    let path: &Path = &top().join("docs/RELIABILITY.md");
    let found = std::fs::read_to_string(path).unwrap();
    let (before, rest) = found.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!("{before}{BEGIN}{}{END}{after}", written(&table()));
    if is_accepting() {
        std::fs::write(path, &wanted).unwrap();
    } else {
        assert!(
            found == wanted,
            "docs/RELIABILITY.md is not what tests/it/networks/table.txt says: tests/run --accept"
        );
    }
}
