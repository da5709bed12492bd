//! Media bytes in the data folder: one file per medium, named by its id, never by what somebody called it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::post::MediaFacts;
use crate::publisher::Shelf;

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
    async fn bytes(&self, facts: &MediaFacts) -> std::io::Result<Arc<Vec<u8>>> {
        Ok(Arc::new(tokio::fs::read(self.0.join(facts.id.as_str())).await?))
    }
}
