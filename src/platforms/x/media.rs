//! Uploads: everything that happens before a post and that nobody can see (platforms/x.md §3.2). May be repeated.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part as FormPart};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::X;
use super::classify::{Waiting, call_fault, evidence, lost};
use super::limits::{IMAGE, Kind};
use super::wire::{Data, Processing, Upload, is_id};
use crate::domain::commit::CallFault;
use crate::domain::network::Network;
use crate::domain::shelf::MediaFile;
use crate::http_out::bearer;
use crate::platforms::{Part, pictures};
use crate::say;

/// Proven with X; 5 MiB was answered with 431 (§3.2).
const CHUNK_BYTES: usize = 1024 * 1024;
/// How often one chunk is sent before the upload begins anew, later.
const APPEND_TRIES: u32 = 4;
/// How long the first pause between them is.
const APPEND_AGAIN: Duration = Duration::from_millis(500);
/// No image is larger when it is sent (§3.1: 5 MB).
const IMAGE_BYTES_MAX: usize = 8 << 20;
/// One image of 5 MB or one chunk over a slow line.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(60);
/// X names waits of seconds; nothing longer is believed.
const CHECK_AFTER: std::ops::RangeInclusive<Duration> = Duration::from_millis(200)..=Duration::from_secs(15);
/// Transcoding 140 s of video takes X a minute or two; after this the upload begins anew, later.
const PROCESSING_MAX: Duration = Duration::from_secs(300);

impl X {
    pub(super) async fn upload_all(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        if part.media.is_empty() {
            return Ok(Value::Null);
        }
        let mut ids = Vec::new();
        for medium in &part.media {
            let Some(kind) = Kind::of(&medium.facts.mime) else {
                let (media, mime) = (medium.facts.id.as_str(), &medium.facts.mime);
                return Err(CallFault::Refused(say!("x-media-kind", media = media, mime = mime)));
            };
            let id = match kind {
                Kind::Image => self.upload_image(access, medium).await?,
                Kind::Gif => self.upload_in_chunks(access, medium, "tweet_gif").await?,
                Kind::Video => self.upload_in_chunks(access, medium, "tweet_video").await?,
            };
            if kind != Kind::Video {
                self.describe(access, &id, medium).await?;
            }
            ids.push(id);
        }
        Ok(json!({ "media_ids": ids }))
    }

    async fn upload_image(&self, access: &SecretString, medium: &MediaFile) -> Result<String, CallFault> {
        let medium = &pictures::fitted(&self.config.darkroom, Network::X, &IMAGE, medium).await?;
        let bytes = medium.whole(IMAGE_BYTES_MAX).await?;
        let form = Form::new().part("media", file(bytes, &medium.facts.mime)?).text("media_category", "tweet_image");
        let upload = self.upload_call(access, "/2/media/upload", |call| call.multipart(form)).await?;
        let upload = upload.ok_or_else(unreadable)?;
        crate::failpoint!("F2");
        let id = known_id(&upload)?;
        self.wait_for(access, &id, upload.processing_info).await?;
        Ok(id)
    }

    async fn upload_in_chunks(
        &self,
        access: &SecretString,
        medium: &MediaFile,
        category: &str,
    ) -> Result<String, CallFault> {
        let order = json!({
            "media_type": medium.facts.mime, "total_bytes": medium.len(), "media_category": category,
        });
        let begun = self.upload_call(access, "/2/media/upload/initialize", |call| call.json(&order)).await?;
        let id = known_id(&begun.ok_or_else(unreadable)?)?;
        for index in 0..medium.len().div_ceil(CHUNK_BYTES as u64) {
            let chunk = medium.range(index * CHUNK_BYTES as u64, CHUNK_BYTES).await?;
            self.append(access, &id, (index, chunk)).await?;
        }
        let path = format!("/2/media/upload/{id}/finalize");
        let done = self.upload_call(access, &path, |call| call).await?.ok_or_else(unreadable)?;
        self.wait_for(access, &id, done.processing_info).await?;
        Ok(id)
    }

    /// One chunk. A line that was cut is taken up with the same chunk: the index says which one it is, however often it comes (§3.2).
    async fn append(&self, access: &SecretString, id: &str, (index, chunk): (u64, Bytes)) -> Result<(), CallFault> {
        let path = format!("/2/media/upload/{id}/append");
        let mut tries = 0;
        loop {
            tries += 1;
            let form = Form::new()
                .text("segment_index", index.to_string())
                .part("media", file(chunk.clone(), "application/octet-stream")?);
            match self.upload_call(access, &path, |call| call.multipart(form)).await {
                Ok(_) => return Ok(()),
                Err(CallFault::Later { after_ms: None, why }) if tries < APPEND_TRIES => {
                    tracing::debug!(error = %why, tries, "a chunk is sent again");
                    self.config.pauses.pause(APPEND_AGAIN * tries).await;
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Alt text goes before the post: without it the post would go out unread by those who need it.
    async fn describe(&self, access: &SecretString, id: &str, medium: &MediaFile) -> Result<(), CallFault> {
        let Some(alt) = medium.facts.alt.as_deref().filter(|alt| !alt.trim().is_empty()) else {
            return Ok(());
        };
        let body = json!({ "id": id, "metadata": { "alt_text": { "text": alt } } });
        self.upload_call(access, "/2/media/metadata", |call| call.json(&body)).await.map(|_| ())
    }

    /// Waits until X has done its work on the bytes. No `processing_info` means that there is none (§3.2).
    async fn wait_for(&self, access: &SecretString, id: &str, first: Option<Processing>) -> Result<(), CallFault> {
        let mut state = first;
        let mut waited = Duration::ZERO;
        while let Some(now) = state {
            match now.state.as_str() {
                "succeeded" => return Ok(()),
                "failed" => {
                    let why = now.error.as_ref().and_then(|error| error["message"].as_str()).unwrap_or("");
                    let why: String = why.chars().take(200).collect();
                    return Err(CallFault::Refused(say!("x-media-failed", detail = why)));
                }
                _ if waited >= PROCESSING_MAX => {
                    let why = format!("X was still working on medium {id} after {} s", PROCESSING_MAX.as_secs());
                    return Err(CallFault::Later { after_ms: None, why });
                }
                _ => {}
            }
            let pause = Duration::from_secs(now.check_after_secs.unwrap_or(1));
            let pause = pause.clamp(*CHECK_AFTER.start(), *CHECK_AFTER.end());
            self.config.pauses.pause(pause).await;
            waited += pause;
            state = self.upload_state(access, id).await?;
        }
        Ok(())
    }

    async fn upload_state(&self, access: &SecretString, id: &str) -> Result<Option<Processing>, CallFault> {
        let mut url = self.endpoint("/2/media/upload");
        url.query_pairs_mut().append_pair("command", "STATUS").append_pair("media_id", id);
        let answer = self.get(access, url, Waiting::Queue).await?;
        let upload: Data<Upload> = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        Ok(upload.data.processing_info)
    }

    /// One POST of the upload family. `None` when X answered 2xx without a readable `data`, as it may for chunks.
    async fn upload_call(
        &self,
        access: &SecretString,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder + Send,
    ) -> Result<Option<Upload>, CallFault> {
        let bearer =
            bearer(access).ok_or_else(|| CallFault::Unauthorized { why: "the token is not a header".into() })?;
        let call = self.out.request(Method::POST, self.endpoint(path)).timeout(UPLOAD_TIMEOUT);
        let answer = self.out.send(fill(call.header(http::header::AUTHORIZATION, bearer))).await.map_err(lost)?;
        if (200..300).contains(&answer.status) {
            return Ok(serde_json::from_slice::<Data<Upload>>(&answer.body).ok().map(|upload| upload.data));
        }
        let fault = call_fault(&answer, Waiting::Queue);
        match &fault {
            // Accounts connected before `media.write` was asked for: 403 here and nowhere else (§9). Reconnecting mends it.
            CallFault::Refused(what)
                if answer.status == 403 && ["x-refused", "x-not-permitted"].contains(&&*what.key) =>
            {
                Err(CallFault::Unauthorized { why: evidence(answer.status, &answer.body) })
            }
            CallFault::Refused(_)
            | CallFault::Blocked(_)
            | CallFault::Later { .. }
            | CallFault::Unauthorized { .. } => Err(fault),
        }
    }
}

fn file(bytes: Bytes, mime: &str) -> Result<FormPart, CallFault> {
    let length = bytes.len() as u64;
    FormPart::stream_with_length(bytes, length)
        .file_name("media")
        .mime_str(mime)
        .map_err(|error| CallFault::Later { after_ms: None, why: error.to_string() })
}

fn known_id(upload: &Upload) -> Result<String, CallFault> {
    if is_id(&upload.id) { Ok(upload.id.clone()) } else { Err(unreadable()) }
}

fn unreadable() -> CallFault {
    CallFault::Later { after_ms: None, why: "X's answer to an upload could not be read".into() }
}
