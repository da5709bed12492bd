//! What came of all trials, as the table of `docs/RELIABILITY.md`.

use std::collections::BTreeMap;
use std::fmt::Write;

use socrazi::domain::network::Network;

use crate::cells::{Cell, Program, Topology};
use crate::trial::Outcome;
use crate::venue::PLAYED;

/// Everything that was played.
#[derive(Default)]
pub(crate) struct Results(pub(crate) Vec<(Program, Cell, u64, Outcome)>);

fn quantile(sorted: &[i64], permille: usize) -> Option<i64> {
    sorted.get((sorted.len().saturating_sub(1)) * permille / 1000).copied()
}

fn seconds(ms: Option<i64>) -> String {
    ms.map_or_else(|| "–".to_owned(), |ms| format!("{}.{}", ms / 1000, ms.abs() % 1000 / 100))
}

fn row(name: &str, of: &[&Outcome]) -> String {
    let count = |test: &dyn Fn(&Outcome) -> bool| of.iter().filter(|outcome| test(outcome)).count();
    let mut unknown: Vec<i64> = of.iter().filter_map(|outcome| outcome.unknown_ms).collect();
    let mut late: Vec<i64> = of.iter().filter_map(|outcome| outcome.late_ms).collect();
    unknown.sort_unstable();
    late.sort_unstable();
    let asked = count(&|outcome| outcome.asked) * 1000 / of.len().max(1);
    format!(
        "| {name} | {} | {} | {} | {} | {} | {}.{} % | {} | {} / {} / {} | {} / {} / {} |\n",
        of.len(),
        of.iter().map(|outcome| outcome.duplicates).sum::<i64>(),
        count(&|outcome| outcome.lost),
        count(&|outcome| outcome.false_published),
        count(&|outcome| outcome.false_failed),
        asked / 10,
        asked % 10,
        count(&|outcome| outcome.asked_in_vain),
        seconds(quantile(&unknown, 500)),
        seconds(quantile(&unknown, 990)),
        seconds(unknown.last().copied()),
        seconds(quantile(&late, 500)),
        seconds(quantile(&late, 990)),
        seconds(late.last().copied()),
    )
}

impl Results {
    fn of(&self, program: Program, topology: Option<Topology>) -> Vec<&Outcome> {
        let mine = self.0.iter().filter(|(who, cell, ..)| {
            *who == program && topology.is_none_or(|t| t == cell.topology && cell.network == Network::X)
        });
        mine.map(|(.., outcome)| outcome).collect()
    }

    pub(crate) fn table(&self) -> String {
        let mut text = String::from(
            "| | trials | duplicates | lost | false published | false failed | a person asked | … though it could be seen | \
             unknown for, s: p50 / p99 / max | late, s: p50 / p99 / max |\n|---|---|---|---|---|---|---|---|---|---|\n",
        );
        for (name, topology) in [
            ("Socrazi on X, SQLite, one process", Topology::Sqlite),
            ("Socrazi on X, PostgreSQL, three processes", Topology::Postgres),
            ("Socrazi on X, PostgreSQL, claimed twice by force", Topology::Forced),
        ] {
            text.push_str(&row(name, &self.of(Program::Socrazi, Some(topology))));
        }
        for network in PLAYED.into_iter().filter(|network| *network != Network::X) {
            let mine = self.0.iter().filter(|(who, cell, ..)| *who == Program::Socrazi && cell.network == network);
            let mine: Vec<&Outcome> = mine.map(|(.., outcome)| outcome).collect();
            if !mine.is_empty() {
                text.push_str(&row(&format!("Socrazi on {}", network.shown()), &mine));
            }
        }
        text.push_str(&row("Socrazi, all of these", &self.of(Program::Socrazi, None)));
        text.push_str(&row("*control: tries again after an error*", &self.of(Program::Retrying, None)));
        text.push_str(&row("*control: publishes once, never looks*", &self.of(Program::Once, None)));
        text
    }

    /// How long outcomes of ours were unknown, in milliseconds: the middle one, and the longest.
    pub(crate) fn unknown(&self) -> (i64, i64) {
        let mut all: Vec<i64> =
            self.of(Program::Socrazi, None).iter().filter_map(|outcome| outcome.unknown_ms).collect();
        all.sort_unstable();
        (quantile(&all, 500).unwrap_or(0), all.last().copied().unwrap_or(0))
    }

    /// Trials of the cell that has fewest.
    pub(crate) fn least(&self) -> usize {
        let mut cells: BTreeMap<(Program, Cell), usize> = BTreeMap::new();
        for (program, cell, ..) in &self.0 {
            *cells.entry((*program, *cell)).or_default() += 1;
        }
        cells.values().copied().min().unwrap_or(0)
    }

    /// By what and where, ours alone.
    pub(crate) fn by_cell(&self) -> String {
        let mut cells: BTreeMap<(String, String), Vec<&Outcome>> = BTreeMap::new();
        for (program, cell, _, outcome) in &self.0 {
            if *program == Program::Socrazi {
                cells.entry((format!("{:?}", cell.fate), format!("{:?}", cell.point))).or_default().push(outcome);
            }
        }
        let points: Vec<String> = crate::cells::Point::ALL.iter().map(|point| format!("{point:?}")).collect();
        let mut text = format!("| struck by | {} |\n|---|{}\n", points.join(" | "), "---|".repeat(points.len()));
        for fate in crate::cells::Fate::ALL {
            let mut line = String::new();
            for point in &points {
                let of = cells.get(&(format!("{fate:?}"), point.clone()));
                match of {
                    None => line.push_str(" |"),
                    Some(of) => {
                        let bad = of.iter().filter(|outcome| outcome.is_bad()).count();
                        write!(line, " {bad} of {} |", of.len()).unwrap();
                    }
                }
            }
            writeln!(text, "| {} |{line}", format!("{fate:?}").to_lowercase()).unwrap();
        }
        text
    }
}
