//! Where pictures are decoded: a few at a time, a large one alone, so that memory stays bounded whatever comes in.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Semaphore;

use super::{PICTURE_BYTES_MAX, jpeg};
use crate::domain::picture::{Darkroom, Making};
use crate::domain::shelf::MediaFile;

/// Files looked at at once.
const WORK_AT_ONCE: u32 = 2;
/// A picture with more pixels is worked on alone: decoded it has a hundred megabytes and more.
const ALONE_PIXELS: i64 = 25_000_000;

/// The places at which files are worked on, shared by whoever asks.
#[derive(Debug, Clone)]
pub struct Lab {
    turns: Arc<Semaphore>,
}

impl Default for Lab {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(WORK_AT_ONCE as usize)) }
    }
}

impl Lab {
    /// Does something that takes memory or time, when it is its turn.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        places: u32,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let turn = Arc::clone(&self.turns).acquire_many_owned(places.clamp(1, WORK_AT_ONCE)).await;
        let turn = turn.map_err(io::Error::other)?;
        let done = tokio::task::spawn_blocking(move || {
            // The work goes on when whoever asked is gone: the turn ends with it.
            let _turn = turn;
            work()
        });
        done.await.map_err(io::Error::other)
    }

    /// Reads a picture and makes something of it.
    pub(super) async fn render<T: Send + 'static>(
        &self,
        picture: &MediaFile,
        make: impl FnOnce(&[u8]) -> T + Send + 'static,
    ) -> io::Result<T> {
        let is_large = picture.facts.width.saturating_mul(picture.facts.height) > ALONE_PIXELS;
        let bytes = picture.whole(PICTURE_BYTES_MAX).await?;
        self.work(if is_large { WORK_AT_ONCE } else { 1 }, move || make(&bytes)).await
    }
}

#[async_trait]
impl Darkroom for Lab {
    async fn develop(&self, picture: &MediaFile, making: Making) -> io::Result<Option<Bytes>> {
        let made = self.render(picture, move |bytes| jpeg::render(bytes, making)).await?;
        let made = made.inspect_err(|error| tracing::warn!(error = %error, "a picture could not be made a JPEG"));
        Ok(made.ok().map(Bytes::from))
    }
}
