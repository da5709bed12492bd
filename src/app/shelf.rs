//! Where this server keeps the bytes of media, as it is set.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use futures::TryStreamExt;
use tokio::io::AsyncWriteExt;

use super::App;
use crate::config::{Config, MediaStore};
use crate::domain::ids::MediaId;
use crate::domain::post::MediaFacts;
use crate::domain::shelf::{MediaFile, Storage};
use crate::domain::tool::ToolError;
use crate::http_out::{Outbound, Reach};
use crate::media::{Bucket, BucketAccess, FolderShelf};

/// Why media cannot be kept where they should be.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {why}")]
pub struct ShelfFault {
    /// The folder or bucket.
    pub place: String,
    /// What is wrong, as far as it is known.
    pub why: std::io::Error,
}

impl ShelfFault {
    /// Whether it stays so until somebody changes a setting or a right.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        matches!(self.why.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound)
    }
}

/// The shelf of a configuration, without the rest of the server. Nothing is asked of it yet.
///
/// # Errors
/// When there is no way to it.
pub fn open_shelf(config: &Config) -> anyhow::Result<Arc<dyn Storage>> {
    over(config, Arc::new(Outbound::new(Reach::Public)?))
}

/// The same over a way out that is there: the operator names the store's address.
pub(super) fn over(config: &Config, out: Arc<Outbound>) -> anyhow::Result<Arc<dyn Storage>> {
    match &config.media_store {
        MediaStore::Folder(folder) => {
            std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be used", folder.display()))?;
            Ok(Arc::new(FolderShelf::new(folder.clone())))
        }
        MediaStore::Bucket(bucket) => {
            let access = BucketAccess {
                name: bucket.name.clone(),
                prefix: bucket.prefix.clone(),
                endpoint: bucket.endpoint.clone(),
                region: bucket.region.clone(),
                access_key_id: bucket.access_key_id.clone(),
                secret_access_key: bucket.secret_access_key.clone(),
            };
            Ok(Arc::new(Bucket::open(access, out).context("media.store: the bucket cannot be used")?))
        }
    }
}

/// Where files arrive: beside where they stay, so that the last step is no copy; in the data folder when they leave this machine.
pub(super) fn spool(config: &Config) -> std::path::PathBuf {
    match &config.media_store {
        MediaStore::Folder(folder) => folder.clone(),
        MediaStore::Bucket(_) => config.data_dir.join("media"),
    }
}

impl App {
    /// Whether media can be kept, read and removed, and what was kept is there: where they are.
    ///
    /// # Errors
    /// When they cannot.
    pub async fn check_shelf(&self) -> Result<String, ShelfFault> {
        let place = self.shelf.place();
        match self.shelf.probe().await {
            Ok(()) if self.is_any_kept().await => Ok(place),
            Ok(()) => {
                let why = "the first medium that the database knows is not there; was media.store changed without moving the files?";
                Err(ShelfFault { place, why: std::io::Error::new(ErrorKind::InvalidData, why) })
            }
            Err(why) => Err(ShelfFault { place, why }),
        }
    }

    /// Whether the first medium that is known is there, for one that cannot be asked about says nothing.
    async fn is_any_kept(&self) -> bool {
        let Ok(page) = self.store.list_media(None).await else { return true };
        let Some(facts) = page.into_iter().next() else { return true };
        let medium = MediaFile::new(facts, self.shelf.clone());
        let end = medium.range(medium.len().saturating_sub(1), 1).await;
        !matches!(end, Err(error) if error.kind() == ErrorKind::NotFound)
    }

    /// Media of everybody behind an id, in the order of their ids: at most 500, for the operator's copies.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_kept(&self, after: Option<&MediaId>) -> Result<Vec<MediaFacts>, ToolError> {
        Ok(self.store.list_media(after).await?)
    }

    /// Copies a medium's bytes into a file, piece by piece, and waits for the disk. False when they are not there: it was forgotten
    /// meanwhile, or they were lost, which the log says.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub async fn save_medium(&self, facts: &MediaFacts, to: &Path) -> anyhow::Result<bool> {
        let medium = MediaFile::new(facts.clone(), self.shelf.clone());
        let len = medium.len();
        let mut file = tokio::fs::File::create(to).await?;
        let mut pieces = std::pin::pin!(medium.pieces(0, len));
        loop {
            match pieces.try_next().await {
                Ok(Some(piece)) => file.write_all(&piece).await?,
                Ok(None) => break,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    tokio::fs::remove_file(to).await?;
                    if self.store.find_linked_media(&facts.id).await?.is_some() {
                        tracing::error!(medium = %facts.id, place = self.shelf.place(), "the bytes of a medium are not where they were put");
                    }
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            }
        }
        file.sync_all().await?;
        Ok(true)
    }
}
