//! What happens before a video can be seen: it is uploaded as a private one, gets its thumbnail, and YouTube works on it (platforms/google.md §4.4).
//! May be repeated: an upload that was begun is gone on with, one that is done is found again.

use std::time::Duration;

use http::Method;
use http::header::CONTENT_TYPE;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::classify::{call_fault, is_forbidden};
use super::limits::{Kind, THUMBNAIL, THUMBNAIL_BYTES_MAX};
use super::upload::Sent;
use super::wire::is_channel;
use super::{YouTube, below};
use crate::domain::commit::CallFault;
use crate::domain::network::Network;
use crate::domain::shelf::MediaFile;
use crate::platforms::answers::Waiting;
use crate::platforms::{Part, pictures};
use crate::say;

/// When to ask how far YouTube is (§4.4: growing intervals; each look costs a unit).
const LOOKS: [u64; 14] = [1, 2, 5, 10, 15, 20, 30, 30, 60, 60, 60, 60, 120, 120];
/// How many of them until a video that YouTube does not show was removed there.
const SHOWN_LOOKS: usize = 4;
/// 2 MB over a slow line.
const THUMBNAIL_TIMEOUT: Duration = Duration::from_secs(60);

impl YouTube {
    /// Brings the part's video to YouTube. The handle names it, with the channel it is on and who is to see it.
    pub(super) async fn bring(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        let of = |kind| part.media.iter().find(move |medium| Kind::of(&medium.facts.mime) == Some(kind));
        let video = of(Kind::Video).ok_or_else(|| CallFault::Refused(say!("youtube-video-none")))?;
        let id = self.uploaded(access, part, video).await?;
        crate::failpoint!("F2");
        if let Some(picture) = of(Kind::Thumbnail) {
            self.set_thumbnail(access, &id, picture).await?;
        }
        let channel = self.processed(access, &id).await?;
        Ok(json!({ "video": id, "channel": channel, "visibility": part.options.youtube.visibility.word() }))
    }

    /// The id of the video: of one that is there already, of an upload that goes on, or of a new one.
    async fn uploaded(&self, access: &SecretString, part: &Part, video: &MediaFile) -> Result<String, CallFault> {
        if let Some(note) = self.begun_before(part).await? {
            let known = match self.go_on(&note, video).await? {
                Sent::Video(id) => Some(id),
                // The session is forgotten sooner than what came of it.
                Sent::Gone => self.left_behind(access, (part, video), note.began_at).await?,
            };
            if let Some(id) = known
                && self.is_there(access, &id).await?
            {
                return Ok(id);
            }
        }
        match self.begin(access, part, video).await? {
            Sent::Video(id) => Ok(id),
            Sent::Gone => Err(CallFault::Later { after_ms: None, why: "the session was forgotten at once".into() }),
        }
    }

    /// Whether YouTube shows a video. Not every server of it knows one in its first moments, and whoever takes it for removed uploads the film again.
    async fn is_there(&self, access: &SecretString, id: &str) -> Result<bool, CallFault> {
        for pause in [0].into_iter().chain(LOOKS.into_iter().take(SHOWN_LOOKS)) {
            self.config.pauses.pause(Duration::from_secs(pause)).await;
            if self.video(access, id, "status").await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn set_thumbnail(
        &self,
        access: &SecretString,
        id: &str,
        picture: &MediaFile,
    ) -> Result<(), CallFault> {
        let picture = &pictures::fitted(&self.config.darkroom, Network::YouTube, &THUMBNAIL, picture).await?;
        let bytes = picture.whole(usize::try_from(THUMBNAIL_BYTES_MAX).unwrap_or(usize::MAX)).await?;
        let pairs = [("videoId", id), ("uploadType", "media")];
        let url = below(&self.config.upload_url, "/upload/youtube/v3/thumbnails/set", &pairs);
        let fill = |call: reqwest::RequestBuilder| {
            call.header(CONTENT_TYPE, &picture.facts.mime).timeout(THUMBNAIL_TIMEOUT).body(bytes)
        };
        let answer = self.ask(access, (Method::POST, url), fill).await?;
        match answer.status {
            200..=299 => Ok(()),
            // §4.4: what a channel without a verified phone number is told.
            _ if is_forbidden(&answer) => Err(CallFault::Refused(say!("youtube-thumbnail-unverified"))),
            _ => Err(call_fault(&answer, Waiting::Queue)),
        }
    }

    /// Waits until YouTube has ended its work, or has had its time: a film takes hours, and can be seen before they are over. Which channel it is on.
    async fn processed(&self, access: &SecretString, id: &str) -> Result<String, CallFault> {
        let mut seen = None;
        for pause in [0].into_iter().chain(LOOKS) {
            self.config.pauses.pause(Duration::from_secs(pause)).await;
            // Not every server of YouTube knows it in its first moments.
            let Some(video) = self.video(access, id, "snippet,status").await? else { continue };
            let status = video.status;
            match status.upload_status.as_str() {
                "failed" => return Err(refused(&status.failure_reason)),
                "rejected" => return Err(refused(&status.rejection_reason)),
                _ => {}
            }
            let is_done = status.upload_status == "processed";
            seen = Some(video.snippet.channel_id).filter(|channel| is_channel(channel));
            if is_done {
                break;
            }
        }
        seen.ok_or_else(|| CallFault::Later { after_ms: None, why: format!("YouTube does not show video {id}") })
    }
}

fn refused(reason: &str) -> CallFault {
    let detail: String = reason.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
    CallFault::Refused(say!("youtube-video-failed", detail = detail))
}
