//! The list of people who were deleted: their ids alone, one a line, only ever added to. It lies where a backup of the data does not reach, so
//! that whatever is brought back is rid of them again before anybody is served.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::App;
use crate::config::{Config, KekSource};
use crate::domain::ids::UserId;
use crate::domain::tool::ToolError;

/// Its name in the data folder, where it is kept when there is no place beside the key file.
const NAME: &str = "socrazi.deleted";

/// Where it is looked for, the better place first: beside the key file, which is kept apart from the data.
fn places(config: &Config) -> Vec<PathBuf> {
    let beside = match &config.kek {
        // A systemd credential lies in a folder that is gone with the service.
        KekSource::File { path, may_create: true } => Some(path.with_extension("deleted")),
        KekSource::File { may_create: false, .. } | KekSource::Value(_) => None,
    };
    beside.into_iter().chain([config.data_dir.join(NAME)]).collect()
}

fn append(path: &Path, line: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

/// Everybody on a list; a list that is not there names nobody. What is no id (a comment, half a line) is passed over.
fn read(path: &Path) -> std::io::Result<BTreeSet<UserId>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

impl App {
    /// Notes down that somebody is being deleted, durably, before anything of theirs goes.
    pub(super) fn write_deletion(&self, user: &UserId) -> Result<(), ToolError> {
        let at = jiff::Timestamp::from_millisecond(self.clock.now_ms()).unwrap_or_default();
        let (line, mut why) = (format!("{user} {at}\n"), String::new());
        for place in places(&self.config) {
            match append(&place, &line) {
                Ok(()) => return Ok(()),
                Err(error) => why = format!("{}: {error}", place.display()),
            }
        }
        Err(ToolError::Failed(format!("the list of deleted people cannot be written: {why}")))
    }

    /// Deletes again whoever was deleted before and is back: a restored backup is older than the list. `more` are lists that were kept
    /// elsewhere. Returns how many people went.
    ///
    /// # Errors
    /// When a list cannot be read, or the databases fail: nobody may be served then.
    pub async fn replay_deletions(&self, more: &[PathBuf]) -> Result<usize, ToolError> {
        let mut listed = BTreeSet::new();
        for place in more.iter().chain(&places(&self.config)) {
            let read = read(place).map_err(|error| {
                ToolError::Failed(format!("the list of deleted people in {}: {error}", place.display()))
            })?;
            listed.extend(read);
        }
        let mut gone = 0;
        for user in &listed {
            if self.store.find_user(user).await?.is_some() {
                self.forget_rows(user).await?;
                tracing::warn!(user.id = %user, "somebody who was deleted had come back with a backup; they were deleted again");
                gone += 1;
            } else {
                // The key may have come back without its rows: they are two files.
                self.vault.forget_user(user).await.map_err(|error| ToolError::Failed(error.to_string()))?;
            }
        }
        if !listed.is_empty() {
            self.keys.checkpoint().await?;
        }
        Ok(gone)
    }
}
