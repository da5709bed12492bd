//! Videos go up in parts, each to an address of its own (platforms/linkedin.md §3.5). LinkedIn wants the tags of all of them in the end, so they are
//! noted as they come: a process that comes after a death sends what was not noted.

use std::time::Duration;

use http::header::{CONTENT_TYPE, ETAG};
use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::wire::{Acted, BegunVideo, Instruction, is_medium};
use super::{LinkedIn, read, unreadable};
use crate::domain::commit::CallFault;
use crate::domain::post::digest;
use crate::domain::shelf::MediaFile;
use crate::platforms::Part;
use crate::platforms::kept::{self, UploadFault};

/// §3.5: parts have 4,194,304 bytes. What is asked for is believed up to four times as much.
const PART_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// §3.5: 500 MB in parts of 4 MiB are 120.
const PARTS_MAX: usize = 1_000;
/// One part over a slow line.
const PART_TIMEOUT: Duration = Duration::from_secs(120);
/// After so many parts their tags are noted: no more than this is sent again after a death.
const NOTED_PARTS: usize = 2;

/// An upload that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    /// Names what is uploaded, and whose it is.
    of: String,
    /// LinkedIn's name of it.
    video: String,
    /// Sent back as it came.
    token: String,
    parts: Vec<Instruction>,
    /// Of the parts that are there, in their order.
    tags: Vec<String>,
    /// All of them are, and LinkedIn was told so.
    is_whole: bool,
}

impl LinkedIn {
    pub(super) async fn upload_in_parts(
        &self,
        access: &SecretString,
        owner: &str,
        (part, medium): (&Part, &MediaFile),
    ) -> Result<String, CallFault> {
        let of = digest(&json!({ "owner": owner, "sha256": medium.facts.sha256 }));
        let is_mine =
            |note: &Note| note.of == of && is_medium(&note.video) && is_whole(&note.parts, medium.facts.bytes);
        if let Some(note) = kept::find::<Note>(part).await?.filter(is_mine) {
            let filled = self.fill(access, part, (medium, note)).await;
            if let Some(video) = kept::went_on(filled)? {
                return Ok(video);
            }
        }
        let order = json!({ "initializeUploadRequest": { "owner": owner, "fileSizeBytes": medium.facts.bytes,
            "uploadCaptions": false, "uploadThumbnail": false } });
        let answer = self.act(access, "/rest/videos?action=initializeUpload", &order).await?;
        let BegunVideo { video, upload_token, upload_instructions } = read::<Acted<BegunVideo>>(&answer)?.value;
        if !is_medium(&video) || !is_whole(&upload_instructions, medium.facts.bytes) {
            return Err(unreadable(&answer));
        }
        let note =
            Note { of, video, token: upload_token, parts: upload_instructions, tags: Vec::new(), is_whole: false };
        kept::keep(part, &note).await?;
        kept::first_go(part, self.fill(access, part, (medium, note)).await).await
    }

    /// Sends what is not there yet.
    async fn fill(
        &self,
        access: &SecretString,
        part: &Part,
        (medium, mut note): (&MediaFile, Note),
    ) -> Result<String, UploadFault> {
        // Each round has one part more.
        while let Some(next) = note.parts.get(note.tags.len()) {
            let tag = self.put_part(access, (medium, next)).await?;
            note.tags.push(tag);
            if note.tags.len().is_multiple_of(NOTED_PARTS) || note.tags.len() == note.parts.len() {
                kept::keep(part, &note).await?;
            }
        }
        if !note.is_whole {
            let done = json!({ "finalizeUploadRequest": { "video": note.video, "uploadToken": note.token, "uploadedPartIds": note.tags } });
            self.act(access, "/rest/videos?action=finalizeUpload", &done).await?;
            note.is_whole = true;
            kept::keep(part, &note).await?;
        }
        Ok(note.video)
    }

    /// One part; the tag that it is known by.
    async fn put_part(
        &self,
        access: &SecretString,
        (medium, part): (&MediaFile, &Instruction),
    ) -> Result<String, UploadFault> {
        let nowhere = || CallFault::Later { after_ms: None, why: "LinkedIn named an address that is none".to_owned() };
        let url = self.upload_url(&part.upload_url).ok_or_else(nowhere)?;
        let length = usize::try_from(part.last_byte - part.first_byte + 1).unwrap_or(0);
        let bytes = medium.range(part.first_byte, length).await.map_err(CallFault::from)?;
        let fill = |call: RequestBuilder| {
            let call = call.header(CONTENT_TYPE, "application/octet-stream").timeout(PART_TIMEOUT);
            call.body(bytes.clone())
        };
        let stored = self.put(access, &url, fill).await?;
        let tag = stored.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| tag.trim_matches('"'));
        Ok(tag.ok_or_else(|| unreadable(&stored))?.to_owned())
    }
}

/// Whether instructions cover a file, each byte once and in order.
fn is_whole(parts: &[Instruction], bytes: i64) -> bool {
    let mut next = 0;
    for part in parts {
        let is_next = part.first_byte == next && part.last_byte >= next && part.last_byte - next < PART_BYTES_MAX;
        if !is_next {
            return false;
        }
        next = part.last_byte + 1;
    }
    parts.len() <= PARTS_MAX && u64::try_from(bytes).is_ok_and(|bytes| bytes == next && bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_followed_only_where_they_cover_the_file() {
        let part = |first_byte, last_byte| Instruction { upload_url: String::new(), first_byte, last_byte };
        assert!(is_whole(&[part(0, 4_194_303), part(4_194_304, 5_242_879)], 5_242_880));
        for (parts, bytes) in [
            (vec![], 0),
            (vec![], 5),
            (vec![part(0, 4)], 6),
            (vec![part(0, 4)], 4),
            (vec![part(1, 4)], 5),
            (vec![part(0, 2), part(2, 4)], 5),
            (vec![part(0, 2), part(4, 4)], 5),
            (vec![part(3, 4), part(0, 2)], 5),
            (vec![part(0, u64::MAX)], 5),
            (vec![part(0, 2), part(3, 1)], 3),
            (vec![part(0, PART_BYTES_MAX)], i64::try_from(PART_BYTES_MAX + 1).unwrap()),
        ] {
            assert!(!is_whole(&parts, bytes), "{parts:?}");
        }
    }
}
