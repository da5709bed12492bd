//! GIFs and films go up in pieces (platforms/x.md §3.2). How far an upload is X does not say, so it is noted here as it goes on: a process that comes
//! after a death sends what was not noted, and the same piece twice is one piece, for its index says which one it is.

use std::time::Duration;

use bytes::Bytes;
use reqwest::multipart::Form;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::X;
use super::media::{file, known_id, unreadable};
use super::wire::is_id;
use crate::domain::commit::CallFault;
use crate::domain::post::digest;
use crate::domain::shelf::MediaFile;
use crate::platforms::Part;
use crate::platforms::kept::{self, UploadFault};

/// Proven with X; 5 MiB was answered with 431 (§3.2).
const CHUNK_BYTES: usize = 1024 * 1024;
/// After so many chunks it is noted how far the upload is: no more than this is sent again after a death.
const NOTED_CHUNKS: u64 = 8;
/// How often one chunk is sent before the upload is left for later.
const APPEND_TRIES: u32 = 4;
/// How long the first pause between them is.
const APPEND_AGAIN: Duration = Duration::from_millis(500);

/// An upload that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    /// Names what is uploaded, and for which part.
    of: String,
    /// X's id of it.
    id: String,
    /// So many chunks are there.
    chunks: u64,
    /// All of them are, and X was told so.
    is_whole: bool,
}

impl X {
    pub(super) async fn upload_in_chunks(
        &self,
        access: &SecretString,
        part: &Part,
        (medium, category): (&MediaFile, &str),
    ) -> Result<String, CallFault> {
        let of = digest(&json!({ "part": part.no, "sha256": medium.facts.sha256, "category": category }));
        let begun = kept::find::<Note>(part).await?.filter(|note| note.of == of && is_id(&note.id));
        if let Some(note) = begun {
            let filled = self.fill(access, part, (medium, note)).await;
            if let Some(id) = kept::went_on(filled)? {
                return Ok(id);
            }
        }
        let order = json!({
            "media_type": medium.facts.mime, "total_bytes": medium.len(), "media_category": category,
        });
        let begun = self.upload_call(access, "/2/media/upload/initialize", |call| call.json(&order)).await?;
        let id = known_id(&begun.ok_or_else(unreadable)?)?;
        let note = Note { of, id, chunks: 0, is_whole: false };
        kept::keep(part, &note).await?;
        kept::first_go(part, self.fill(access, part, (medium, note)).await).await
    }

    /// Sends what is not there yet, and waits until X has done its work on it.
    async fn fill(
        &self,
        access: &SecretString,
        part: &Part,
        (medium, mut note): (&MediaFile, Note),
    ) -> Result<String, UploadFault> {
        let count = medium.len().div_ceil(CHUNK_BYTES as u64);
        for index in note.chunks..count {
            let chunk = medium.range(index * CHUNK_BYTES as u64, CHUNK_BYTES).await.map_err(CallFault::from)?;
            self.append(access, &note.id, (index, chunk)).await?;
            note.chunks = index + 1;
            if note.chunks.is_multiple_of(NOTED_CHUNKS) || note.chunks == count {
                kept::keep(part, &note).await?;
            }
        }
        crate::failpoint!("F2");
        let state = if note.is_whole {
            self.upload_state(access, &note.id).await?
        } else {
            let path = format!("/2/media/upload/{}/finalize", note.id);
            let done = self.upload_call(access, &path, |call| call).await?.ok_or_else(unreadable)?;
            note.is_whole = true;
            kept::keep(part, &note).await?;
            done.processing_info
        };
        self.wait_for(access, &note.id, state).await?;
        // Should X not take it in a post after all, another one is made.
        kept::forget(part).await?;
        Ok(note.id)
    }

    /// One chunk. A line that was cut is taken up with the same chunk: the index says which one it is, however often it comes (§3.2).
    async fn append(&self, access: &SecretString, id: &str, (index, chunk): (u64, Bytes)) -> Result<(), UploadFault> {
        let path = format!("/2/media/upload/{id}/append");
        let mut tries = 0;
        loop {
            tries += 1;
            let form = Form::new()
                .text("segment_index", index.to_string())
                .part("media", file(chunk.clone(), "application/octet-stream")?);
            match self.upload_call(access, &path, |call| call.multipart(form)).await {
                Ok(_) => return Ok(()),
                Err(UploadFault::Call(CallFault::Later { after_ms: None, why })) if tries < APPEND_TRIES => {
                    tracing::debug!(error = %why, tries, "a chunk is sent again");
                    self.config.pauses.pause(APPEND_AGAIN * tries).await;
                }
                Err(fault) => return Err(fault),
            }
        }
    }
}
