//! What lies on the channel for a post that did not go out: a private video that only its owner sees. It is removed only where it is certain that
//! this server uploaded it for exactly this, and that nobody changed it since; else its owner is told where it is.

use http::Method;
use secrecy::SecretString;
use serde_json::Value;

use super::YouTube;
use super::classify::{call_fault, says_gone};
use super::limits::Kind;
use super::link::permalink;
use super::metadata::titled;
use super::wire::{Video, is_video};
use crate::domain::commit::{CallFault, GivenUp};
use crate::domain::post::Visibility;
use crate::platforms::Part;
use crate::platforms::answers::Waiting;

impl YouTube {
    /// The video that was uploaded for a part: as what was prepared says, or as its session does.
    pub(super) async fn uploaded_for(&self, part: &Part, handle: Option<&Value>) -> Result<Option<String>, CallFault> {
        let named = handle.and_then(|handle| handle["video"].as_str()).filter(|id| is_video(id));
        if let Some(id) = named {
            return Ok(Some(id.to_owned()));
        }
        let video = part.media.iter().find(|medium| Kind::of(&medium.facts.mime) == Some(Kind::Video));
        match (self.begun_before(part).await?, video) {
            (Some(note), Some(video)) => self.ended_as(&note, video).await,
            (None, _) | (_, None) => Ok(None),
        }
    }

    pub(super) async fn where_left(
        &self,
        access: &SecretString,
        part: &Part,
        handle: Option<&Value>,
    ) -> Result<Option<String>, CallFault> {
        let Some(id) = self.uploaded_for(part, handle).await? else { return Ok(None) };
        let video = self.video(access, &id, "status").await?;
        Ok(video.filter(is_private).map(|video| permalink(&video.id)))
    }

    pub(super) async fn remove_left(
        &self,
        access: &SecretString,
        part: &Part,
        handle: Option<&Value>,
    ) -> Result<GivenUp, CallFault> {
        let Some(id) = self.uploaded_for(part, handle).await? else { return Ok(GivenUp::Nothing) };
        // What is there and seen is somebody's: they let it be seen.
        let Some(video) = self.video(access, &id, "snippet,status").await?.filter(is_private) else {
            return Ok(GivenUp::Nothing);
        };
        if !is_untouched(&video, part) {
            return Ok(GivenUp::Kept { link: permalink(&id) });
        }
        let url = self.endpoint("/youtube/v3/videos", &[("id", id.as_str())]);
        let answer = self.ask(access, (Method::DELETE, url), |call| call).await?;
        match answer.status {
            200..=299 => Ok(GivenUp::Removed),
            _ if says_gone(&answer) => Ok(GivenUp::Nothing),
            _ => match call_fault(&answer, Waiting::Person) {
                CallFault::Refused(_) => Ok(GivenUp::Kept { link: permalink(&id) }),
                fault => Err(fault),
            },
        }
    }
}

fn is_private(video: &Video) -> bool {
    video.status.privacy_status == Visibility::Private.word()
}

/// Whether a video is as it was uploaded: who changed its words, or planned it in Studio, wants it.
fn is_untouched(video: &Video, part: &Part) -> bool {
    let (title, description) = titled(&part.segment.text, &part.options);
    is_private(video)
        && video.status.publish_at.is_empty()
        && video.snippet.title == title
        && video.snippet.description == description
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::{Options, Segment};

    #[test]
    fn only_what_nobody_touched_is_ours_to_remove() {
        let segment = Segment { text: "T\nD".into(), ..Segment::default() };
        let part = Part { no: 0, segment, options: Options::default(), media: Vec::new(), reply_to: None, notes: None };
        let video = |title: &str, description: &str, status: &str| -> Video {
            let snippet = format!(r#"{{"title":"{title}","description":"{description}"}}"#);
            serde_json::from_str(&format!(r#"{{"id":"dQw4w9WgXcQ","snippet":{snippet},"status":{status}}}"#)).unwrap()
        };
        let private = r#"{"privacyStatus":"private"}"#;
        assert!(is_untouched(&video("T", "D", private), &part));
        for other in [
            video("T!", "D", private),
            video("T", "", private),
            video("T", "D", r#"{"privacyStatus":"unlisted"}"#),
            video("T", "D", r#"{"privacyStatus":"public"}"#),
            video("T", "D", r#"{"privacyStatus":"private","publishAt":"2026-12-01T10:00:00Z"}"#),
            video("T", "D", "{}"),
        ] {
            assert!(!is_untouched(&other, &part), "{other:?}");
        }
    }
}
