//! Media bytes in the data folder: one file per medium, named by its id, never by what somebody called it.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::domain::ids::MediaId;
use crate::domain::shelf::Shelf;

/// The folder `media` in the data folder.
#[derive(Debug, Clone)]
pub struct FolderShelf(PathBuf);

impl FolderShelf {
    /// The shelf of a data folder.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self(data_dir.join("media"))
    }
}

#[async_trait]
impl Shelf for FolderShelf {
    async fn range(&self, medium: &MediaId, from: u64, len: usize) -> std::io::Result<Bytes> {
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
