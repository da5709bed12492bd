//! `socrazi backup DIR` and `socrazi restore DIR`: the databases, and media wherever they are kept, with a manifest of hashes. The key file is
//! never part of it: whoever holds a backup alone can open nothing sealed. A backup that comes back under another `media.store` has moved them.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Place, Usage, process};
use crate::app::{App, DataFolder, Export, open_shelf};
use crate::config::{Config, MediaStore};
use crate::domain::ids::MediaId;

/// The manifest's name, and the form it has.
const MANIFEST: &str = "manifest.json";
const FORM: u32 = 1;
/// A medium on its way back to its shelf.
const COMING_BACK: &str = "arriving-back";
/// Files are copied and hashed in pieces.
const PIECE: usize = 256 * 1024;

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// A folder that is not there yet, or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A folder that `socrazi backup` made
    #[arg(value_name = "DIR", required_unless_present = "hold")]
    folder: Option<PathBuf>,
    /// Only what follows the copying: for a database that was brought back by its own tools (pg_restore)
    #[arg(long, conflicts_with = "folder")]
    hold: bool,
    /// One more list of deleted people (`socrazi.deleted`), where it was kept elsewhere; may be repeated
    #[arg(long, value_name = "FILE")]
    deleted: Vec<PathBuf>,
}

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    form: u32,
    version: String,
    made_at: String,
    /// Path below the folder → what it must hash to.
    files: BTreeMap<String, FileFacts>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileFacts {
    bytes: u64,
    sha256: String,
}

impl Backup {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let config = place.load()?;
        super::background::check_here(place, &config, "backup")?;
        if config.database_url.is_some() {
            bail!(
                "the database is PostgreSQL: back it up with pg_dump (both schemas, public and socrazi_keys) and copy {} beside it",
                place_of(&config)
            );
        }
        process::log(&config);
        let data = config.data_dir.clone();
        let folder = std::path::absolute(&self.folder)?;
        if folder.starts_with(std::path::absolute(&data)?) {
            bail!(Usage(format!("{} lies in the data folder: name a place outside it", folder.display())));
        }
        refuse_full(&folder)?;
        std::fs::create_dir_all(folder.join("media"))
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let app = process::open_with(config).await?;
        let copied = app.copy_databases(&folder).await;
        let made_at = jiff::Timestamp::from_millisecond(app.now_ms())?.to_string();
        // After the databases: what they name was there before them, and a medium never changes.
        let saved = match copied {
            Ok(_) => save_media(&app, &folder).await,
            Err(error) => Err(error.into()),
        };
        app.close().await;
        saved?;
        let mut files = BTreeMap::new();
        for path in paths(&folder)? {
            let facts = facts(&folder.join(&path))?;
            files.insert(path, facts);
        }
        let count = files.len();
        let manifest = Manifest { form: FORM, version: env!("CARGO_PKG_VERSION").into(), made_at, files };
        std::fs::write(folder.join(MANIFEST), serde_json::to_string_pretty(&manifest)?)?;
        println!(
            "{count} files are in {}. Keep the key file elsewhere: without it nothing sealed can be opened.",
            folder.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}

impl Restore {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let config = place.load()?;
        let data = config.data_dir.clone();
        let Some(folder) = &self.folder else {
            super::background::check_here(place, &config, "restore --hold")?;
            process::log(&config);
            let _lock = DataFolder::lock(&data)?;
            self.hold(&process::open_with(config).await?, None).await?;
            return Ok(ExitCode::SUCCESS);
        };
        if config.database_url.is_some() {
            bail!(
                "the database is PostgreSQL: bring it back with pg_restore, and media by copying them; then `socrazi restore --hold`, before `serve`"
            );
        }
        process::log(&config);
        refuse_full(&data)?;
        let text = std::fs::read_to_string(folder.join(MANIFEST))
            .with_context(|| format!("{} holds no {MANIFEST}, so it is no backup", folder.display()))?;
        let manifest: Manifest = serde_json::from_str(&text).with_context(|| format!("{MANIFEST} cannot be read"))?;
        check(folder, &manifest)?;
        let _lock = DataFolder::lock(&data)?;
        put_back(folder, &manifest, &config).await?;
        let app = process::open_with(config).await.context(
            "everything is copied, but it cannot be opened yet: put the key file of that time back, then `socrazi restore --hold`, before `serve`",
        )?;
        println!("{} files of {} are back in {}.", manifest.files.len(), manifest.made_at, data.display());
        let made_at = manifest.made_at.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
        self.hold(&app, made_at).await?;
        Ok(ExitCode::SUCCESS)
    }

    /// What follows the copying: whoever was deleted since goes again, and nothing goes out before its person has looked.
    async fn hold(&self, app: &App, made_ms: Option<i64>) -> anyhow::Result<()> {
        let gone = app.replay_deletions(&self.deleted).await?;
        let held = app.hold_restored(made_ms).await?;
        app.close().await;
        if gone > 0 {
            println!("{gone} people who were deleted since are gone again.");
        }
        println!(
            "Publishing is paused: {} posts wait until their people let it go on, and {} whose time is over are asked about.",
            held.paused, held.missed
        );
        Ok(())
    }
}

/// Where media are, for whoever copies them.
fn place_of(config: &Config) -> String {
    match &config.media_store {
        MediaStore::Folder(folder) => folder.display().to_string(),
        MediaStore::Bucket(bucket) => format!("the bucket {}", bucket.name),
    }
}

/// Copies every medium that is known into a backup.
async fn save_media(app: &App, folder: &Path) -> anyhow::Result<()> {
    let mut last = None;
    loop {
        let page = app.list_kept(last.as_ref()).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = Some(end.id.clone());
        for medium in &page {
            let to = folder.join("media").join(medium.id.as_str());
            let saved = app.save_medium(medium, &to).await;
            saved.with_context(|| format!("{} cannot be copied to {}", medium.id, to.display()))?;
        }
    }
}

/// Brings databases and media back to where this configuration keeps them.
async fn put_back(folder: &Path, manifest: &Manifest, config: &Config) -> anyhow::Result<()> {
    let (data, shelf) = (&config.data_dir, open_shelf(config)?);
    // Beside where files stay, so that the last step is no copy.
    let spool = match &config.media_store {
        MediaStore::Folder(media) => media.join(COMING_BACK),
        MediaStore::Bucket(_) => data.join(COMING_BACK),
    };
    std::fs::create_dir_all(data)?;
    for path in manifest.files.keys() {
        match path.strip_prefix("media/").map(str::parse::<MediaId>) {
            Some(Ok(id)) => {
                copy(&folder.join(path), &spool)?;
                let put = shelf.put(&id, &spool).await;
                put.with_context(|| format!("{id} cannot be put into {}", shelf.place()))?;
            }
            // `check` let nothing else through.
            Some(Err(_)) | None => copy(&folder.join(path), &data.join(path))?,
        }
    }
    match std::fs::remove_file(&spool) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes what a person takes along: JSON Lines, their media, and a manifest like a backup's.
pub(super) async fn write_export(app: &App, folder: &Path, export: &Export) -> anyhow::Result<usize> {
    refuse_full(folder)?;
    std::fs::create_dir_all(folder.join("media")).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut files = BTreeMap::new();
    for (name, lines) in &export.lines {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(folder.join(name), text)?;
        files.insert((*name).to_owned(), facts(&folder.join(name))?);
    }
    for medium in &export.media {
        let path = format!("media/{}", medium.id);
        if app.save_medium(medium, &folder.join(&path)).await? {
            let facts = facts(&folder.join(&path))?;
            files.insert(path, facts);
        }
    }
    let (count, made_at) = (files.len(), jiff::Timestamp::from_millisecond(app.now_ms())?.to_string());
    let manifest = Manifest { form: FORM, version: env!("CARGO_PKG_VERSION").into(), made_at, files };
    std::fs::write(folder.join(MANIFEST), serde_json::to_string_pretty(&manifest)?)?;
    Ok(count)
}

/// Every file as its manifest says, and none beside.
fn check(folder: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    if manifest.form != FORM {
        bail!("this backup was made by another version ({}), which this one cannot read", manifest.version);
    }
    for (path, wanted) in &manifest.files {
        // The manifest comes from outside: it may name nothing but what a backup holds.
        let is_ours =
            matches!(path.as_str(), "socrazi.db" | "keys.db") || path.strip_prefix("media/").is_some_and(is_medium);
        if !is_ours {
            bail!("the manifest names {path:?}, which no backup holds");
        }
        let found = facts(&folder.join(path)).with_context(|| format!("{path} is missing or cannot be read"))?;
        if found != *wanted {
            bail!("{path} is not what it was when the backup was made: nothing was restored");
        }
    }
    for needed in ["socrazi.db", "keys.db"] {
        if !manifest.files.contains_key(needed) {
            bail!("the manifest does not name {needed}");
        }
    }
    Ok(())
}

fn refuse_full(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() && std::fs::read_dir(folder)?.next().is_some() {
        bail!("{} is not empty: name a folder that is not there yet", folder.display());
    }
    Ok(())
}

fn is_medium(name: &str) -> bool {
    name.parse::<MediaId>().is_ok()
}

fn media_names(folder: &Path) -> anyhow::Result<Vec<String>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // What is still arriving has another name.
        if is_medium(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn paths(folder: &Path) -> anyhow::Result<Vec<String>> {
    let media = media_names(&folder.join("media"))?.into_iter().map(|name| format!("media/{name}"));
    Ok(["socrazi.db".to_owned(), "keys.db".to_owned()].into_iter().chain(media).collect())
}

fn facts(path: &Path) -> anyhow::Result<FileFacts> {
    let (mut file, mut hash, mut bytes, mut piece) = (std::fs::File::open(path)?, Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
        bytes += read as u64;
    }
    let sha256 = hex::encode(hash.finalize());
    Ok(FileFacts { bytes, sha256 })
}

/// Copies and waits for the disk; the copy is the owner's alone (umask).
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let done = std::fs::copy(from, to).and_then(|_| std::fs::File::open(to)?.sync_all());
    done.with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))
}
