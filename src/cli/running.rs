//! What a running `serve` was started with, noted down in the data folder as marks (never values), so that `socrazi doctor` can say which
//! settings were changed since and need a restart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::clock::Entropy;
use crate::config::Config;

/// What is read anew on SIGHUP (DECISIONS 26).
pub(super) const REREAD: [&str; 4] =
    ["log.level", "retention.conversation_days", "retention.analytics_days", "retention.youtube_days"];
/// Given to `serve` by other ways, and the same folder in any case.
const NOT_COMPARED: &str = "data.dir";

#[derive(Debug, Serialize, Deserialize)]
struct Noted {
    salt: String,
    marks: BTreeMap<String, String>,
}

/// Notes down what this process begins with. The folder must be locked.
pub(super) fn write(config: &Config, entropy: &dyn Entropy) -> std::io::Result<()> {
    let salt = format!("{:032x}", entropy.bits());
    let marks = config.given.marks(&salt);
    store(&config.data_dir, &Noted { salt, marks })
}

/// Notes down what was read anew, beside what still holds.
pub(super) fn write_reread(old: &Config, new: &Config) -> std::io::Result<()> {
    let Some(mut noted) = load(&old.data_dir) else { return Ok(()) };
    let mut fresh = new.given.marks(&noted.salt);
    for key in REREAD {
        noted.marks.remove(key);
        noted.marks.extend(fresh.remove_entry(key));
    }
    store(&old.data_dir, &noted)
}

/// The keys that are set otherwise here than where the running server was started; none when it noted nothing down.
pub(super) fn changed(config: &Config) -> Option<Vec<String>> {
    let noted = load(&config.data_dir)?;
    let here = config.given.marks(&noted.salt);
    let mut keys: Vec<&String> = noted.marks.keys().chain(here.keys()).collect();
    keys.sort();
    keys.dedup();
    let is_other = |key: &&String| *key != NOT_COMPARED && noted.marks.get(*key) != here.get(*key);
    Some(keys.into_iter().filter(is_other).cloned().collect())
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("socrazi.settings")
}

fn load(data_dir: &Path) -> Option<Noted> {
    serde_json::from_str(&std::fs::read_to_string(file(data_dir)).ok()?).ok()
}

/// Under another name first: whoever reads it finds all of it.
fn store(data_dir: &Path, noted: &Noted) -> std::io::Result<()> {
    let (whole, part) = (file(data_dir), file(data_dir).with_extension("settings.new"));
    std::fs::write(&part, serde_json::to_string(noted)?)?;
    std::fs::rename(part, whole)
}
