//! Media for networks that pull them (platforms/threads.md §3.1): a signed address per medium that ends after an hour, and what it opens.

use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use super::App;
use crate::clock::Clock;
use crate::domain::ids::MediaId;
use crate::domain::picture::Making;
use crate::domain::shelf::MediaFile;
use crate::domain::tool::ToolError;
use crate::platforms::MediaLinks;
use crate::vault::Vault;

/// How long an address is good. It must be until the network has fetched the file, which may be minutes after the call that named it; each
/// try makes new ones.
const LINK_MS: i64 = 3_600_000;

/// Ends the address of a video whose index stands first.
pub const INDEX_FIRST: &str = "index-first";

/// Signed addresses on this server's own public one.
pub(super) struct SignedLinks {
    /// Signs.
    pub(super) vault: Arc<Vault>,
    /// Time.
    pub(super) clock: Arc<dyn Clock>,
    /// `server.public_url`.
    pub(super) public_url: Url,
}

impl MediaLinks for SignedLinks {
    fn link(&self, medium: &MediaId) -> Option<Url> {
        let until = self.clock.now_ms() + LINK_MS;
        let signature = self.vault.sign_link(&signed(medium, until))?;
        self.public_url.join(&format!("pull/{medium}/{until}/{signature}")).ok()
    }

    fn jpeg(&self, medium: &MediaId, making: Making) -> Option<Url> {
        let until = self.clock.now_ms() + LINK_MS;
        let signature = self.vault.sign_link(&signed_as(medium, until, &making))?;
        self.public_url.join(&format!("pull/{medium}/{until}/{signature}/{making}")).ok()
    }

    fn index_first(&self, medium: &MediaId) -> Option<Url> {
        let until = self.clock.now_ms() + LINK_MS;
        let signature = self.vault.sign_link(&signed_as(medium, until, &INDEX_FIRST))?;
        self.public_url.join(&format!("pull/{medium}/{until}/{signature}/{INDEX_FIRST}")).ok()
    }
}

fn signed(medium: &MediaId, until: i64) -> String {
    format!("pull {medium} {until}")
}

/// Another text, so that an address for the one opens nothing else.
fn signed_as(medium: &MediaId, until: i64, form: &dyn std::fmt::Display) -> String {
    format!("pull {medium} {until} {form}")
}

impl App {
    /// What a signed address opens, to whoever holds it. `None` when it is not one of ours, or not any more.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn pull_media(&self, id: &MediaId, until: i64, signature: &str) -> Result<Option<MediaFile>, ToolError> {
        // How late it may be is signed: another process, whose clock may be ahead, wrote it.
        if until < self.clock.now_ms() || !self.vault.is_signed_link(&signed(id, until), signature) {
            return Ok(None);
        }
        let found = self.store.find_linked_media(id).await?;
        Ok(found.map(|facts| MediaFile::new(facts, self.publisher.shelf.clone())))
    }

    /// The video that a signed address for one with its index first opens. `None` when it is not one of ours.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn pull_index_first(
        &self,
        id: &MediaId,
        (until, signature): (i64, &str),
    ) -> Result<Option<MediaFile>, ToolError> {
        let signed = signed_as(id, until, &INDEX_FIRST);
        if until < self.clock.now_ms() || !self.vault.is_signed_link(&signed, signature) {
            return Ok(None);
        }
        let Some(facts) = self.store.find_linked_media(id).await? else { return Ok(None) };
        let film = MediaFile::new(facts, self.publisher.shelf.clone());
        self.media.put_index_first(&film).await.map(Some)
    }

    /// The JPEG that a signed address for one opens. `None` when it is not one of ours, or no picture.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn pull_jpeg(
        &self,
        id: &MediaId,
        (until, signature): (i64, &str),
        making: Making,
    ) -> Result<Option<Bytes>, ToolError> {
        if until < self.clock.now_ms() || !self.vault.is_signed_link(&signed_as(id, until, &making), signature) {
            return Ok(None);
        }
        let Some(facts) = self.store.find_linked_media(id).await? else { return Ok(None) };
        if !facts.mime.starts_with("image/") {
            return Ok(None);
        }
        self.media.render_jpeg(&MediaFile::new(facts, self.publisher.shelf.clone()), making).await
    }
}
