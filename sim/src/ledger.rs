//! What the outside world can see, and the durable file behind it. The file is JSON lines, flushed to
//! the disk before any answer leaves, so that after a crash of either side it is the judge.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One published thing, as the outside world sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The id the service gave it.
    pub id: String,
    /// Whose account it stands in.
    pub user_id: String,
    /// That account's handle.
    pub username: String,
    /// The text exactly as it was sent.
    pub text: String,
    /// Attached media, by upload id.
    #[serde(default)]
    pub media_ids: Vec<String>,
    /// The post it answers.
    #[serde(default)]
    pub in_reply_to: Option<String>,
    /// The poll it carries.
    #[serde(default)]
    pub poll: Option<LedgerPoll>,
    /// The disclosure the client sent; absent when it sent none.
    #[serde(default)]
    pub made_with_ai: Option<bool>,
    /// Instant of publication on the simulator's clock.
    pub created_at_ms: i64,
    /// Whether it was taken down since.
    #[serde(default)]
    pub deleted: bool,
}

/// A poll as it was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPoll {
    /// The choices, in order.
    pub options: Vec<String>,
    /// How long it stays open.
    pub duration_minutes: u32,
}

/// One published thing with its media, for networks whose posts are media first: a post, a story, a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visible {
    /// The id the service gave it.
    pub id: String,
    /// In whose name it stands.
    pub account_id: String,
    /// What that account is called.
    pub account_name: String,
    /// Which kind, in the service's own word.
    pub kind: String,
    /// The text as people see it.
    pub text: String,
    /// What people saw before, when it was edited; oldest first.
    #[serde(default)]
    pub texts_before: Vec<String>,
    /// What it shows, in order.
    #[serde(default)]
    pub media: Vec<VisibleMedia>,
    /// Who may see it, in the service's own word.
    pub audience: String,
    /// What it answers or repeats.
    #[serde(default)]
    pub parent: Option<String>,
    /// Everything else that was sent and can be seen: poll, link card, switches.
    #[serde(default)]
    pub details: serde_json::Value,
    /// Instant of publication on the simulator's clock.
    pub created_at_ms: i64,
    /// Whether it was taken down since.
    #[serde(default)]
    pub deleted: bool,
}

/// One picture, film or document that people see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibleMedia {
    /// The id of its upload or container.
    pub id: String,
    /// Hash of the bytes that arrived.
    pub sha256: String,
    /// How many they were.
    pub bytes: u64,
    /// The description for those who do not see it.
    #[serde(default)]
    pub alt_text: Option<String>,
    /// Width and height in pixels, where the file tells.
    #[serde(default)]
    pub sides: (u32, u32),
    /// How long a film plays.
    #[serde(default)]
    pub duration_ms: u64,
}

impl VisibleMedia {
    /// A file as its bytes tell.
    pub(crate) fn of(id: &str, bytes: &[u8], alt: Option<&str>) -> Self {
        let look = crate::sniff::look(bytes);
        Self {
            id: id.to_owned(),
            sha256: crate::sniff::sha256(bytes),
            bytes: bytes.len() as u64,
            alt_text: alt.map(str::to_owned),
            sides: (look.width, look.height),
            duration_ms: look.duration_ms,
        }
    }
}

/// An append-only file of records, one JSON document per line; without a file nothing is kept.
#[derive(Debug)]
pub struct Journal<R> {
    file: Option<File>,
    record: PhantomData<fn(R)>,
}

impl<R: Serialize + DeserializeOwned> Journal<R> {
    /// Opens (or makes) the file and returns the records that survived. A torn last line, left by a
    /// crash in the middle of a write, is cut off: its answer was never sent.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds a complete line that is not a record.
    pub fn open(path: Option<&Path>) -> io::Result<(Self, Vec<R>)> {
        let Some(path) = path else { return Ok((Self { file: None, record: PhantomData }, Vec::new())) };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut records = Vec::new();
        let mut good_len: u64 = 0;
        let mut reader = BufReader::new(&mut file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            if read == 0 || line.last() != Some(&b'\n') {
                break;
            }
            records.push(serde_json::from_slice(&line).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?);
            good_len += read as u64;
        }
        file.set_len(good_len)?;
        file.seek(SeekFrom::End(0))?;
        file.sync_all()?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            // The name must survive as well as the contents.
            File::open(folder)?.sync_all()?;
        }
        Ok((Self { file: Some(file), record: PhantomData }, records))
    }

    /// Writes one record and returns once it is on the disk; what the disk refuses is in the log as well.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn append(&mut self, record: &R) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut write = || {
            let mut line = serde_json::to_vec(record)?;
            line.push(b'\n');
            file.write_all(&line)?;
            file.sync_data()
        };
        write().inspect_err(|error| tracing::error!(%error, "the ledger file refused a record"))
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn clear(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.set_len(0)?;
        file.sync_all()
    }
}
