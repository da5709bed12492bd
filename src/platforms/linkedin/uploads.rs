//! What happens before a post and nobody can see: uploads of images, documents and videos (platforms/linkedin.md §3.3 to §3.5), and the link card
//! of a text. May be repeated. Files are read by range, never whole.

use std::time::Duration;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use reqwest::{Body, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::classify::{call_fault, is_closed};
use super::limits::{IMAGE, Kind};
use super::wire::{Acted, Begun, BegunVideo, Instruction, Progress, author, encoded, is_medium};
use super::{LinkedIn, read, unreadable};
use crate::domain::commit::CallFault;
use crate::domain::network::Network;
use crate::domain::shelf::MediaFile;
use crate::http_out::{Answer, OutFault, bearer, is_here};
use crate::platforms::answers::{Waiting, evidence, lost, without_token};
use crate::platforms::{Part, pictures};
use crate::say;

/// §3.5: parts have 4,194,304 bytes. What is asked for is believed up to four times as much.
const PART_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// One part over a slow line.
const PART_TIMEOUT: Duration = Duration::from_secs(120);
/// 100 MB over one.
const FILE_TIMEOUT: Duration = Duration::from_secs(900);
/// A part that was cut is sent again; the parts before it are there.
const PUT_TRIES: usize = 3;
/// Before that.
const PUT_AGAIN: Duration = Duration::from_secs(1);
/// §3.5: LinkedIn is asked each five to ten seconds; the first time at once.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// §3.5: up to 15 minutes.
const READY_MAX: Duration = Duration::from_secs(900);
/// §3.3: how long is waited where a self-serve app may not ask how far an image or a document is.
const GRACE: Duration = Duration::from_secs(2);
/// §3.5: 500 MB in parts of 4 MiB are 120.
const PARTS_MAX: usize = 1_000;

/// How far LinkedIn is with an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readiness {
    Available,
    /// The app may not ask.
    Unseen,
}

impl LinkedIn {
    /// Uploads the media of a part and waits until they can be shown; makes the card of a link. The handle names them.
    pub(super) async fn upload_all(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        if part.media.is_empty() {
            let card = if part.segment.poll.is_some() { Value::Null } else { self.card(&part.segment.text).await };
            return Ok(if card.is_null() { card } else { json!({ "article": card }) });
        }
        // The owner must be the author (§3.3), and who that is the token says.
        let owner = author(&self.member(access, Waiting::Queue).await?.sub);
        let mut urns = Vec::new();
        for medium in &part.media {
            let (media, mime) = (medium.facts.id.as_str(), &medium.facts.mime);
            let kind = Kind::of(mime);
            let kind =
                kind.ok_or_else(|| CallFault::Refused(say!("linkedin-media-kind", media = media, mime = mime)))?;
            let urn = match kind {
                Kind::Image => {
                    let image = pictures::fitted(&self.config.darkroom, Network::LinkedIn, &IMAGE, medium).await?;
                    self.upload_whole(access, &owner, (kind, &image)).await?
                }
                Kind::Document => self.upload_whole(access, &owner, (kind, medium)).await?,
                Kind::Video => self.upload_in_parts(access, &owner, medium).await?,
            };
            crate::failpoint!("F2");
            urns.push((kind, urn));
        }
        let mut is_seen = true;
        for (kind, urn) in &urns {
            is_seen &= self.ready(access, *kind, urn).await? == Readiness::Available;
        }
        if !is_seen {
            self.config.pauses.pause(GRACE).await;
        }
        Ok(json!({ "media": urns.into_iter().map(|(_, urn)| urn).collect::<Vec<_>>() }))
    }

    async fn act(&self, access: &SecretString, path: &str, body: &Value) -> Result<Answer, CallFault> {
        self.call(access, (Method::POST, path), |call| call.json(body), Waiting::Queue).await
    }

    /// §3.3, §3.4.
    async fn upload_whole(
        &self,
        access: &SecretString,
        owner: &str,
        (kind, medium): (Kind, &MediaFile),
    ) -> Result<String, CallFault> {
        let path = format!("/rest/{}?action=initializeUpload", kind.resource());
        let answer = self.act(access, &path, &json!({ "initializeUploadRequest": { "owner": owner } })).await?;
        let begun: Acted<Begun> = read(&answer)?;
        let url = self.upload_url(&begun.value.upload_url).filter(|_| is_medium(&begun.value.urn));
        let url = url.ok_or_else(|| unreadable(&answer))?;
        // §3.3: whether the token is wanted the pages do not agree; it goes to LinkedIn's own hosts only.
        let token = if self.is_own(&url) { bearer(access) } else { None };
        let fill = |call: RequestBuilder| {
            let call = call
                .header(CONTENT_TYPE, &medium.facts.mime)
                .header(CONTENT_LENGTH, medium.len())
                .timeout(FILE_TIMEOUT);
            let call = call.body(Body::wrap_stream(medium.clone().pieces(0, medium.len())));
            match &token {
                Some(token) => call.header(AUTHORIZATION, token),
                None => call,
            }
        };
        self.put(access, &url, fill).await?;
        Ok(begun.value.urn)
    }

    /// §3.5.
    async fn upload_in_parts(
        &self,
        access: &SecretString,
        owner: &str,
        medium: &MediaFile,
    ) -> Result<String, CallFault> {
        let order = json!({ "initializeUploadRequest": { "owner": owner, "fileSizeBytes": medium.facts.bytes,
            "uploadCaptions": false, "uploadThumbnail": false } });
        let answer = self.act(access, "/rest/videos?action=initializeUpload", &order).await?;
        let BegunVideo { video, upload_token, upload_instructions } = read::<Acted<BegunVideo>>(&answer)?.value;
        if !is_medium(&video) || !is_whole(&upload_instructions, medium.facts.bytes) {
            return Err(unreadable(&answer));
        }
        let mut etags = Vec::new();
        for part in &upload_instructions {
            let url = self.upload_url(&part.upload_url).ok_or_else(|| unreadable(&answer))?;
            let length = usize::try_from(part.last_byte - part.first_byte + 1).unwrap_or(0);
            let bytes = medium.range(part.first_byte, length).await?;
            let fill = |call: RequestBuilder| {
                let call = call.header(CONTENT_TYPE, "application/octet-stream").timeout(PART_TIMEOUT);
                call.body(bytes.clone())
            };
            let stored = self.put(access, &url, fill).await?;
            let etag = stored.headers.get(ETAG).and_then(|etag| etag.to_str().ok()).map(|etag| etag.trim_matches('"'));
            etags.push(etag.ok_or_else(|| unreadable(&stored))?.to_owned());
        }
        let done = json!({ "finalizeUploadRequest": { "video": video, "uploadToken": upload_token, "uploadedPartIds": etags } });
        self.act(access, "/rest/videos?action=finalizeUpload", &done).await?;
        Ok(video)
    }

    /// One `PUT`, again when it was cut. What refuses for good (an address that has ended) is answered by another upload, later.
    async fn put(
        &self,
        access: &SecretString,
        url: &Url,
        fill: impl Fn(RequestBuilder) -> RequestBuilder + Send + Sync,
    ) -> Result<Answer, CallFault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let again = match self.out.send(fill(self.out.request(Method::PUT, url.clone()))).await {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                Ok(answer) if answer.status < 500 => {
                    let answer = without_token(answer, access);
                    let why = evidence(answer.status, &answer.body);
                    return Err(CallFault::Later { after_ms: None, why });
                }
                Ok(answer) => OutFault::Lost(format!("HTTP {}", answer.status)),
                Err(fault) => fault,
            };
            if tries >= PUT_TRIES {
                return Err(lost(again));
            }
            self.config.pauses.pause(PUT_AGAIN).await;
        }
    }

    /// Waits until LinkedIn has ended its work on an upload.
    async fn ready(&self, access: &SecretString, kind: Kind, urn: &str) -> Result<Readiness, CallFault> {
        let path = format!("/rest/{}/{}", kind.resource(), encoded(urn));
        let mut waited = Duration::ZERO;
        while waited < READY_MAX {
            let answer = self.ask(access, (Method::GET, &path), |call| call).await?;
            match answer.status {
                200 => {}
                _ if is_closed(&answer) => return Ok(Readiness::Unseen),
                // Not every server of LinkedIn knows it in its first moments.
                404 => return Err(CallFault::Later { after_ms: None, why: evidence(404, &answer.body) }),
                _ => return Err(call_fault(&answer, Waiting::Queue)),
            }
            let progress: Progress = read(&answer)?;
            match progress.status.as_str() {
                "AVAILABLE" => return Ok(Readiness::Available),
                "PROCESSING_FAILED" => {
                    let detail: String = progress.processing_failure_reason.chars().take(100).collect();
                    return Err(CallFault::Refused(say!("linkedin-media-failed", detail = detail)));
                }
                _ => {}
            }
            self.config.pauses.pause(ASK_EVERY).await;
            waited += ASK_EVERY;
        }
        let why = format!("LinkedIn was still working on {urn} after {} s", READY_MAX.as_secs());
        Err(CallFault::Later { after_ms: None, why })
    }

    /// Where bytes go, as LinkedIn said: over https, or to this machine when LinkedIn itself is (a simulator).
    fn upload_url(&self, given: &str) -> Option<Url> {
        let is_fine = |url: &Url| url.scheme() == "https" || (is_here(url) && is_here(&self.config.api_url));
        Url::parse(given).ok().filter(is_fine)
    }

    /// Whether an address is one of LinkedIn's own hosts.
    fn is_own(&self, url: &Url) -> bool {
        let is_theirs = |host: &str| host == "linkedin.com" || host.ends_with(".linkedin.com");
        (url.scheme() == "https" && url.host_str().is_some_and(is_theirs))
            || url.origin() == self.config.api_url.origin()
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
            (vec![part(3, 4), part(0, 2)], 5),
            (vec![part(0, u64::MAX)], 5),
            (vec![part(0, 2), part(3, 1)], 3),
            (vec![part(0, PART_BYTES_MAX)], i64::try_from(PART_BYTES_MAX + 1).unwrap()),
        ] {
            assert!(!is_whole(&parts, bytes), "{parts:?}");
        }
    }
}
