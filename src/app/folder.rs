//! The data folder: made with mode 0700 and locked, so that two processes never publish from the same database.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process has it.
    #[error("{folder} is in use by process {pid}: stop it first, or give this one another folder (data.dir)")]
    InUse {
        /// Where.
        folder: String,
        /// Who.
        pid: String,
    },
    /// It cannot be made or opened.
    #[error("{folder}: {source}")]
    Unusable {
        /// Where.
        folder: String,
        /// The system's words.
        source: std::io::Error,
    },
}

/// A locked data folder; the lock goes with it, also when the process is killed.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if need be and locks it.
    ///
    /// # Errors
    /// When another process has it, named by its id, or it cannot be written.
    pub fn lock(path: &Path) -> Result<Self, FolderError> {
        let unusable = |source| FolderError::Unusable { folder: path.display().to_string(), source };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let file = path.join("socrazi.lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(file)
            .map_err(unusable)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut pid = String::new();
            lock.read_to_string(&mut pid).map_err(unusable)?;
            return Err(FolderError::InUse { folder: path.display().to_string(), pid: pid.trim().to_owned() });
        }
        let write = |lock: &mut File| -> std::io::Result<()> {
            lock.set_len(0)?;
            lock.rewind()?;
            writeln!(lock, "{}", std::process::id())
        };
        write(&mut lock).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The socket that `socrazi mcp` talks to.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.path.join("socrazi.sock")
    }
}
