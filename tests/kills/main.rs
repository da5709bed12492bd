//! The kill matrix (RELIABILITY §4.2): processes that publish are struck at every point by everything, and a simulator in a process of its own says
//! what the world saw. `tests/run` plays 102 cells; `--all` plays every cell SOCRAZI_TEST_TRIALS times (6), `--trials N` N times, from a seed that is printed.
//!
//! kills [--all] [--trials N] [--seed S] [--from N] [--only TEXT] [--at-once N] [--record FILE] [--table FILE]
//!
//! With `--record` every outcome goes to a file: the same call goes on after a break, and calls with other seeds are counted together. A trial
//! mostly waits, so many go at once; with TMPDIR in memory (nothing here proves what a flush does, see docs/RELIABILITY.md) they cost less.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise, helpers included")]
#![expect(clippy::disallowed_methods, reason = "how the matrix is told its size, and how long it took")]

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, Semaphore};

mod cells;
mod clock;
mod control;
mod databases;
mod record;
mod stage;
mod table;
mod trial;
mod venue;
mod worker;

use cells::{Cell, Program, Topology};
use record::Record;
use socrazi::domain::delivery::UNKNOWN_MAX_MS;
use stage::Template;
use table::Results;

/// Trials of each cell by `--all`: over a thousand together.
const TRIALS: usize = 6;
/// Half of all unknown outcomes must be settled, or before a person, within so much simulated time.
const UNKNOWN_MIDDLE_MAX_MS: i64 = 90_000;
/// How long after the half hour the look may come that hands it to a person.
const LOOK_LATEST_MS: i64 = 31_000;
/// The seed of every run that names none.
const SEED: u64 = 20_261_126;

struct Wish {
    all: bool,
    trials: usize,
    seed: u64,
    from: usize,
    only: String,
    at_once: usize,
    record: Option<PathBuf>,
    table: Option<PathBuf>,
}

impl Wish {
    fn read() -> Self {
        let mut wish = Self {
            all: false,
            trials: 1,
            seed: SEED,
            from: 0,
            only: String::new(),
            at_once: 3,
            record: None,
            table: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut next = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
            match &*word {
                "--all" => {
                    wish.all = true;
                    wish.trials = std::env::var("SOCRAZI_TEST_TRIALS").map_or(TRIALS, |many| many.parse().unwrap());
                }
                "--trials" => wish.trials = next().parse().unwrap(),
                "--seed" => wish.seed = next().parse().unwrap(),
                "--from" => wish.from = next().parse().unwrap(),
                "--only" => wish.only = next(),
                "--at-once" => wish.at_once = next().parse().unwrap(),
                "--record" => wish.record = Some(next().into()),
                "--table" => wish.table = Some(next().into()),
                other => panic!("what is {other}?"),
            }
        }
        wish
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if matches!(words.get(1).map(String::as_str), Some("worker" | "control")) {
        // Whoever started it is gone: nobody would ever end it.
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)).unwrap();
    }
    match words.get(1).map(String::as_str) {
        Some("worker") => {
            if std::env::var_os("SOCRAZI_KILLS_LOG").is_some() {
                tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
            }
            runtime.block_on(worker::run(Path::new(&words[2]), words[3].parse().unwrap(), words[4].clone()));
        }
        Some("control") => {
            let retries = words[5] == "retrying";
            runtime.block_on(control::run(Path::new(&words[2]), words[3].parse().unwrap(), &words[4], retries));
        }
        _ => {
            let local = tokio::task::LocalSet::new();
            if !runtime.block_on(local.run_until(run(Wish::read()))) {
                std::process::exit(1);
            }
        }
    }
}

fn cells(wish: &Wish, has_server: bool) -> Vec<(Program, Cell)> {
    let ours = if wish.all { Cell::all() } else { Cell::usual() };
    let controls = Cell::of_controls(&ours);
    let mut cells: Vec<(Program, Cell)> = ours.into_iter().map(|cell| (Program::Socrazi, cell)).collect();
    for program in [Program::Retrying, Program::Once] {
        cells.extend(controls.iter().map(|cell| (program, *cell)));
    }
    cells.retain(|(program, cell)| {
        (has_server || cell.topology == Topology::Sqlite) && record::name(*program, *cell).contains(&wish.only)
    });
    cells
}

/// The seed of one trial: which cell and which try, mixed with the seed of the run; the same whatever else is played.
fn seed_of(run: u64, cell: &str, trial: usize) -> u64 {
    let words = [run.to_le_bytes(), (trial as u64).to_le_bytes()].concat();
    let mut z = words
        .iter()
        .chain(cell.as_bytes())
        .fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^ (z >> 31)
}

async fn run(wish: Wish) -> bool {
    socrazi::app::install_tls_provider();
    let admin = std::env::var("SOCRAZI_TEST_PG").ok();
    if admin.is_none() {
        println!("skipped: PostgreSQL, because SOCRAZI_TEST_PG is not set (tests/run sets it)");
    }
    let begun = Instant::now();
    let cells = cells(&wish, admin.is_some());
    let mut templates = BTreeMap::new();
    for (_, cell) in &cells {
        if let Entry::Vacant(place) = templates.entry(cell.template()) {
            let admin = admin.as_deref().filter(|_| cell.topology != Topology::Sqlite);
            place.insert(Template::make(cell.network, cell.shape, admin).await);
        }
    }
    let templates = Arc::new(templates);
    println!("templates made after {} s", begun.elapsed().as_secs());
    let total = cells.len() * wish.trials;
    println!(
        "{} cells, {total} trials, seed {}; one cell again: --seed {} --only CELL --trials N",
        cells.len(),
        wish.seed,
        wish.seed
    );
    let mut results = Results::default();
    let record = wish.record.as_deref().map(|file| Record::open(file, wish.seed, &cells, &mut results));
    if !results.0.is_empty() {
        println!("{} trials are in the record already", results.0.len());
    }
    let (places, results) = (Arc::new(Semaphore::new(wish.at_once)), Arc::new(Mutex::new(results)));
    let record = Arc::new(Mutex::new(record));
    let mut trials = tokio::task::JoinSet::new();
    let mut lost = 0;
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    for no in wish.from..total {
        let (program, cell) = cells[no % cells.len()];
        let name = record::name(program, cell);
        let seed = seed_of(wish.seed, &name, no / cells.len());
        if record.lock().await.as_ref().is_some_and(|record| record.holds(&name, seed)) {
            continue;
        }
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place.unwrap(),
            _ = terminate.recv() => {
                println!("told to end: {no} of {total}, what is under way is played to its end");
                break;
            }
        };
        let (templates, results, record, run) = (templates.clone(), results.clone(), record.clone(), wish.seed);
        trials.spawn_local(async move {
            let begun = Instant::now();
            let outcome = trial::play(&templates, program, cell, seed).await;
            let is_ours = program == Program::Socrazi;
            if is_ours && outcome.is_bad() {
                println!("BAD {no} {cell} seed {seed:x}: {outcome:?}");
            } else if std::env::var_os("SOCRAZI_KILLS_SAY").is_some() {
                println!("{no} {program:?} {cell} {} ms: {outcome:?}", begun.elapsed().as_millis());
            }
            if let Some(record) = record.lock().await.as_mut() {
                record.keep(name, run, seed, &outcome);
            }
            results.lock().await.0.push((program, cell, seed, outcome));
            drop(place);
        });
        while let Some(done) = trials.try_join_next() {
            lost += usize::from(is_lost(done));
        }
        if no > 0 && no % 200 == 0 {
            println!("{no} of {total} after {} s", begun.elapsed().as_secs());
        }
    }
    while let Some(done) = trials.join_next().await {
        lost += usize::from(is_lost(done));
    }
    if let Ok(templates) = Arc::try_unwrap(templates) {
        for template in templates.into_values() {
            template.remove().await;
        }
    }
    let results = results.lock().await;
    println!("\n{}\n{}", results.table(), results.by_cell());
    println!("{} trials, the last of them in {} s", results.0.len(), begun.elapsed().as_secs());
    if let Some(file) = &wish.table {
        let runs = record.lock().await.as_ref().map_or_else(|| vec![wish.seed], |record| record.runs.clone());
        write(file, &results, &runs);
    }
    if lost > 0 {
        println!("{lost} trials could not be played; the same call with --record plays them again");
    }
    verdict(&results, &wish) && lost == 0
}

/// A trial that could not be played shows nothing: the machine had no time for it, or the stage is broken. It is no outcome, and none is kept.
fn is_lost(done: Result<(), tokio::task::JoinError>) -> bool {
    let error = done.err();
    if let Some(error) = &error {
        println!("a trial broke down: {error}");
    }
    error.is_some()
}

/// Ours must keep the promise in every trial; the controls must break it, or the matrix sees nothing.
fn verdict(results: &Results, wish: &Wish) -> bool {
    let of =
        |wanted: Program| results.0.iter().filter(move |(program, ..)| *program == wanted).map(|(.., outcome)| outcome);
    let bad = of(Program::Socrazi).filter(|outcome| outcome.is_bad()).count();
    let mut good = bad == 0;
    if wish.only.is_empty() {
        let twice = of(Program::Retrying).filter(|outcome| outcome.duplicates > 0).count();
        let silent = of(Program::Once).filter(|outcome| outcome.lost || outcome.false_failed).count();
        println!(
            "controls: {twice} trials with a duplicate (tries again), {silent} lost or falsely failed (publishes once)"
        );
        good &= twice > 0 && silent > 0;
    }
    // Over so few as a small run has, half of them are chance.
    let (middle, longest) = results.unknown();
    println!("unknown outcomes: half of them settled within {middle} ms, all within {longest} ms of simulated time");
    if results.0.len() >= 1_000 {
        good &= middle <= UNKNOWN_MIDDLE_MAX_MS && longest <= UNKNOWN_MAX_MS + LOOK_LATEST_MS;
    }
    println!(
        "{}",
        if good {
            "the promise was kept in every trial"
        } else {
            "THE PROMISE WAS BROKEN, or the controls show nothing"
        }
    );
    good
}

fn write(file: &Path, results: &Results, runs: &[u64]) {
    let (begin, end) = ("<!-- kills: begin -->\n", "<!-- kills: end -->");
    let text = std::fs::read_to_string(file).unwrap();
    let (before, rest) = text.split_once(begin).expect("where the table begins");
    let (_, after) = rest.split_once(end).expect("where the table ends");
    let seeds: Vec<String> = runs.iter().map(u64::to_string).collect();
    let body = format!(
        "{} trials, at least {} of each cell, seed {}.\n\n{}\nFaults found, by what a process was struck and where:\n\n{}",
        results.0.len(),
        results.least(),
        seeds.join(" and "),
        results.table(),
        results.by_cell()
    );
    std::fs::write(file, format!("{before}{begin}{body}{end}{after}")).unwrap();
}
