//! Media bytes in a folder: one file per medium, named by its id, never by what somebody called it.

use std::fs::File;
use std::io::{self, ErrorKind, SeekFrom};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::PROBE;
use crate::domain::ids::MediaId;
use crate::domain::shelf::{Shelf, Storage};

/// The folder of media: `media` in the data folder where nothing else is set.
#[derive(Debug, Clone)]
pub struct FolderShelf(PathBuf);

impl FolderShelf {
    /// The shelf of a folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Does something to the folder and waits until the disk knows.
    async fn changed<T: Send + 'static>(&self, work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
        let folder = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            let done = work()?;
            File::open(folder)?.sync_all()?;
            Ok(done)
        });
        done.await.map_err(io::Error::other)?
    }
}

#[async_trait]
impl Shelf for FolderShelf {
    async fn range(&self, medium: &MediaId, from: u64, len: usize) -> io::Result<Bytes> {
        let mut file = tokio::fs::File::open(self.0.join(medium.as_str())).await?;
        file.set_max_buf_size(len);
        if from > 0 {
            file.seek(SeekFrom::Start(from)).await?;
        }
        let mut bytes = vec![0; len];
        file.read_exact(&mut bytes).await?;
        Ok(bytes.into())
    }
}

#[async_trait]
impl Storage for FolderShelf {
    fn place(&self) -> String {
        self.0.display().to_string()
    }

    /// The file must be in the same file system, and on the disk already.
    async fn put(&self, medium: &MediaId, from: &Path) -> io::Result<()> {
        let (from, to) = (from.to_owned(), self.0.join(medium.as_str()));
        self.changed(move || std::fs::rename(from, to)).await
    }

    async fn copy(&self, from: &MediaId, to: &MediaId) -> io::Result<()> {
        let (from, to) = (self.0.join(from.as_str()), self.0.join(to.as_str()));
        self.changed(move || std::fs::hard_link(from, to)).await
    }

    async fn remove(&self, medium: &MediaId) -> io::Result<bool> {
        let path = self.0.join(medium.as_str());
        self.changed(move || match std::fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        })
        .await
    }

    async fn probe(&self) -> io::Result<()> {
        let path = self.0.join(PROBE);
        self.changed(move || std::fs::write(&path, PROBE).and_then(|()| std::fs::remove_file(path))).await
    }
}
