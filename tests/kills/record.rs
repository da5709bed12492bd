//! A file of outcomes, a line for each trial as it ends: a run that was broken off goes on where it was, and runs with other seeds are counted
//! together. Only trials of one and the same program are: a line of another build is refused.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cells::{Cell, Program};
use crate::table::Results;
use crate::trial::Outcome;

#[derive(Serialize, Deserialize)]
struct Line {
    build: String,
    cell: String,
    run: u64,
    seed: u64,
    outcome: Outcome,
}

/// Where outcomes are kept.
pub(crate) struct Record {
    file: std::fs::File,
    build: String,
    done: HashSet<(String, u64)>,
    /// Seeds of the runs whose trials are in it.
    pub(crate) runs: Vec<u64>,
}

pub(crate) fn name(program: Program, cell: Cell) -> String {
    format!("{program:?}/{cell}")
}

/// Names this very program: with another one the same seed shows something else.
fn build() -> String {
    let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    Sha256::digest(&bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

impl Record {
    /// Opens a file or begins one, and puts what it holds among the results.
    pub(crate) fn open(path: &Path, run: u64, cells: &[(Program, Cell)], results: &mut Results) -> Self {
        let (build, mut done, mut runs) = (build(), HashSet::new(), vec![run]);
        let text = std::fs::read_to_string(path).unwrap_or_default();
        // The last line may be half a line: whoever wrote it was ended.
        for line in text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
            assert_eq!(line.build, build, "{} holds trials of another build", path.display());
            let of = cells.iter().find(|(program, cell)| name(*program, *cell) == line.cell);
            let (program, cell) = *of.unwrap_or_else(|| panic!("{} is no cell of this run", line.cell));
            if !runs.contains(&line.run) {
                runs.push(line.run);
            }
            if done.insert((line.cell, line.seed)) {
                results.0.push((program, cell, line.seed, line.outcome));
            }
        }
        let file = std::fs::File::options().append(true).create(true).open(path).unwrap();
        if !text.is_empty() && !text.ends_with('\n') {
            writeln!(&file).unwrap();
        }
        Self { file, build, done, runs }
    }

    pub(crate) fn holds(&self, cell: &str, seed: u64) -> bool {
        self.done.contains(&(cell.to_owned(), seed))
    }

    pub(crate) fn keep(&mut self, cell: String, run: u64, seed: u64, outcome: &Outcome) {
        let line = Line { build: self.build.clone(), cell, run, seed, outcome: outcome.clone() };
        writeln!(self.file, "{}", serde_json::to_string(&line).unwrap()).unwrap();
    }
}
