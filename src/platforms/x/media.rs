//! Uploads: everything that happens before a post and that nobody can see (platforms/x.md §3.2). May be repeated. What goes up in pieces is `chunks`.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part as FormPart};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::X;
use super::classify::{Waiting, call_fault, evidence, is_upload_gone, lost};
use super::limits::{IMAGE, Kind};
use super::wire::{Data, Processing, Upload, is_id};
use crate::domain::commit::CallFault;
use crate::domain::network::Network;
use crate::domain::shelf::MediaFile;
use crate::http_out::bearer;
use crate::platforms::kept::UploadFault;
use crate::platforms::{Part, pictures};
use crate::say;

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
                Kind::Gif => self.upload_in_chunks(access, part, (medium, "tweet_gif")).await?,
                Kind::Video => self.upload_in_chunks(access, part, (medium, "tweet_video")).await?,
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

    /// Alt text goes before the post: without it the post would go out unread by those who need it.
    async fn describe(&self, access: &SecretString, id: &str, medium: &MediaFile) -> Result<(), CallFault> {
        let Some(alt) = medium.facts.alt.as_deref().filter(|alt| !alt.trim().is_empty()) else {
            return Ok(());
        };
        let body = json!({ "id": id, "metadata": { "alt_text": { "text": alt } } });
        self.upload_call(access, "/2/media/metadata", |call| call.json(&body)).await?;
        Ok(())
    }

    /// Waits until X has done its work on the bytes. No `processing_info` means that there is none (§3.2).
    pub(super) async fn wait_for(
        &self,
        access: &SecretString,
        id: &str,
        first: Option<Processing>,
    ) -> Result<(), UploadFault> {
        let mut state = first;
        let mut waited = Duration::ZERO;
        while let Some(now) = state {
            match now.state.as_str() {
                "succeeded" => return Ok(()),
                "failed" => {
                    let why = now.error.as_ref().and_then(|error| error["message"].as_str()).unwrap_or("");
                    let why: String = why.chars().take(200).collect();
                    return Err(CallFault::Refused(say!("x-media-failed", detail = why)).into());
                }
                _ if waited >= PROCESSING_MAX => {
                    let why = format!("X was still working on medium {id} after {} s", PROCESSING_MAX.as_secs());
                    return Err(CallFault::Later { after_ms: None, why }.into());
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

    /// How far X is with its work.
    pub(super) async fn upload_state(
        &self,
        access: &SecretString,
        id: &str,
    ) -> Result<Option<Processing>, UploadFault> {
        let mut url = self.endpoint("/2/media/upload");
        url.query_pairs_mut().append_pair("command", "STATUS").append_pair("media_id", id);
        let upload = self.upload_at(access, (Method::GET, url), |call| call).await?;
        Ok(upload.ok_or_else(unreadable)?.processing_info)
    }

    /// One POST of the upload family. `None` when X answered 2xx without a readable `data`, as it may for chunks.
    pub(super) async fn upload_call(
        &self,
        access: &SecretString,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder + Send,
    ) -> Result<Option<Upload>, UploadFault> {
        self.upload_at(access, (Method::POST, self.endpoint(path)), fill).await
    }

    async fn upload_at(
        &self,
        access: &SecretString,
        (method, url): (Method, Url),
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder + Send,
    ) -> Result<Option<Upload>, UploadFault> {
        let bearer =
            bearer(access).ok_or_else(|| CallFault::Unauthorized { why: "the token is not a header".into() })?;
        let call = self.out.request(method, url).timeout(UPLOAD_TIMEOUT);
        let answer = self.out.send(fill(call.header(http::header::AUTHORIZATION, bearer))).await.map_err(lost)?;
        if (200..300).contains(&answer.status) {
            return Ok(serde_json::from_slice::<Data<Upload>>(&answer.body).ok().map(|upload| upload.data));
        }
        if is_upload_gone(&answer) {
            return Err(UploadFault::Gone(evidence(answer.status, &answer.body)));
        }
        let fault = call_fault(&answer, Waiting::Queue);
        match &fault {
            // Accounts connected before `media.write` was asked for: 403 here and nowhere else (§9). Reconnecting mends it.
            CallFault::Refused(what)
                if answer.status == 403 && ["x-refused", "x-not-permitted"].contains(&&*what.key) =>
            {
                Err(CallFault::Unauthorized { why: evidence(answer.status, &answer.body) }.into())
            }
            CallFault::Refused(_)
            | CallFault::Blocked(_)
            | CallFault::Later { .. }
            | CallFault::Unauthorized { .. } => Err(fault.into()),
        }
    }
}

pub(super) fn file(bytes: Bytes, mime: &str) -> Result<FormPart, CallFault> {
    let length = bytes.len() as u64;
    FormPart::stream_with_length(bytes, length)
        .file_name("media")
        .mime_str(mime)
        .map_err(|error| CallFault::Later { after_ms: None, why: error.to_string() })
}

pub(super) fn known_id(upload: &Upload) -> Result<String, CallFault> {
    if is_id(&upload.id) { Ok(upload.id.clone()) } else { Err(unreadable()) }
}

pub(super) fn unreadable() -> CallFault {
    CallFault::Later { after_ms: None, why: "X's answer to an upload could not be read".into() }
}
