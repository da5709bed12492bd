//! Time that passes when the matrix says so: a file holds how much, and every process of a trial reads it whenever it asks for the time.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use socrazi::clock::{Clock, SystemClock};

static PASSED: OnceLock<PathBuf> = OnceLock::new();

/// The machine's clock, what has passed beside it, and how wrong this process's machine is.
pub(crate) struct StageClock {
    folder: PathBuf,
    /// Only a worker's machine can be wrong.
    worker: Option<usize>,
}

fn read(file: &Path) -> i64 {
    // Replaced whole by a rename, so never half a number; not there yet means nothing.
    std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn write(file: &Path, ms: i64) {
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, ms.to_string()).unwrap();
    std::fs::rename(fresh, file).unwrap();
}

impl StageClock {
    pub(crate) fn of_person(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), worker: None }
    }

    /// Also moves the boot-time clock of this process, in which deadlines are kept.
    pub(crate) fn of_worker(folder: &Path, worker: usize) -> Self {
        let _once = PASSED.set(folder.join("passed"));
        let _once = socrazi::clock::BOOT_AHEAD.set(|| PASSED.get().map_or(0, |file| read(file)));
        Self { folder: folder.to_owned(), worker: Some(worker) }
    }

    pub(crate) fn set_passed(folder: &Path, ms: i64) {
        write(&folder.join("passed"), ms);
    }

    pub(crate) fn set_skew(folder: &Path, worker: usize, ms: i64) {
        write(&folder.join(format!("skew-{worker}")), ms);
    }
}

impl Clock for StageClock {
    fn now_ms(&self) -> i64 {
        let skew = self.worker.map_or(0, |worker| read(&self.folder.join(format!("skew-{worker}"))));
        SystemClock.now_ms() + self.offset_ms() + skew
    }

    /// Added to the database's clock, which is right whatever the worker's machine says.
    fn offset_ms(&self) -> i64 {
        read(&self.folder.join("passed"))
    }
}
