//! Where the bytes of media are: the roles, and a medium that is read a piece at a time. How they got there is `media`'s.

use std::io;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, Stream};

use super::ids::MediaId;
use super::post::MediaFacts;

/// How much of a medium is in memory at a time, where it lies on this machine.
const PIECE_BYTES: usize = 256 << 10;
/// And where it does not.
const FAR_PIECE_BYTES: usize = 4 << 20;

/// Reads the bytes of media.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// The bytes from `from` on, `len` of them.
    ///
    /// # Errors
    /// When they cannot be read, or are fewer.
    async fn range(&self, medium: &MediaId, from: u64, len: usize) -> io::Result<Bytes>;

    /// Whether each question is a journey: more is asked for at a time then, and nothing is read only to look at it.
    fn is_far(&self) -> bool {
        false
    }
}

/// A shelf that media are put on and taken from. What is put is whole and durable when the call returns, what is removed is gone.
#[async_trait]
pub trait Storage: Shelf {
    /// Where it is, for the operator.
    fn place(&self) -> String;

    /// Puts the bytes of the file at `from` there; the file may be moved away.
    ///
    /// # Errors
    /// When they are not surely there. They may be in part or all the same: remove them.
    async fn put(&self, medium: &MediaId, from: &Path) -> io::Result<()>;

    /// The same bytes under another id.
    ///
    /// # Errors
    /// When they are not surely there.
    async fn copy(&self, from: &MediaId, to: &MediaId) -> io::Result<()>;

    /// Removes a medium's bytes; false when there were none.
    ///
    /// # Errors
    /// When they are not surely gone.
    async fn remove(&self, medium: &MediaId) -> io::Result<bool>;

    /// Writes, reads and removes something, to know that all of it can be done.
    ///
    /// # Errors
    /// `PermissionDenied` and `NotFound` when whoever runs this server must mend it; anything else may pass by itself.
    async fn probe(&self) -> io::Result<()>;
}

/// A medium whose bytes are at hand. A film may be larger than the memory of the machine: it is read a piece at a time, and a network that
/// fetches it for itself has nothing read here.
#[derive(Clone)]
pub struct MediaFile {
    /// What is known of it.
    pub facts: MediaFacts,
    shelf: Arc<dyn Shelf>,
}

impl std::fmt::Debug for MediaFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("MediaFile").field(&self.facts).finish()
    }
}

impl MediaFile {
    /// A medium on a shelf.
    #[must_use]
    pub fn new(facts: MediaFacts, shelf: Arc<dyn Shelf>) -> Self {
        Self { facts, shelf }
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        u64::try_from(self.facts.bytes).unwrap_or(0)
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether reading it through costs more than it may tell.
    #[must_use]
    pub fn is_far(&self) -> bool {
        self.shelf.is_far()
    }

    /// The bytes from `from` on: `len` of them, or what is left where it ends before.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn range(&self, from: u64, len: usize) -> io::Result<Bytes> {
        let left = usize::try_from(self.len().saturating_sub(from)).unwrap_or(usize::MAX);
        match left.min(len) {
            0 => Ok(Bytes::new()),
            len => self.shelf.range(&self.facts.id, from, len).await,
        }
    }

    /// The bytes from `from` to before `to`, a piece at a time: no more is in memory.
    pub fn pieces(self, from: u64, to: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let most = if self.is_far() { FAR_PIECE_BYTES } else { PIECE_BYTES };
        stream::try_unfold((self, from), move |(medium, at)| async move {
            let left = usize::try_from(to.saturating_sub(at)).unwrap_or(usize::MAX);
            if left == 0 {
                return Ok(None);
            }
            let piece = medium.range(at, most.min(left)).await?;
            let next = at + piece.len() as u64;
            // One that ends before its end would be asked for ever.
            if piece.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(Some((piece, (medium, next)))) }
        })
    }

    /// All of it, for pictures.
    ///
    /// # Errors
    /// When it is larger than `max` bytes, or cannot be read.
    pub async fn whole(&self, max: usize) -> io::Result<Bytes> {
        if self.len() > max as u64 {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("{} bytes, {max} may be held", self.len()),
            ));
        }
        self.range(0, max).await
    }
}

/// One medium's bytes that are in memory anyway.
#[async_trait]
impl Shelf for Bytes {
    async fn range(&self, _: &MediaId, from: u64, len: usize) -> io::Result<Bytes> {
        let from = usize::try_from(from).map_err(io::Error::other)?;
        let end = from.checked_add(len).filter(|end| *end <= self.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(self.slice(from..end))
    }
}
