//! The commit: one change of who may see the uploaded video (platforms/google.md §4.4, RELIABILITY §1). However often it arrives, there is one
//! video: that is why the upload is not the commit. What refusals mean is in `classify`.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::SecretString;
use serde_json::Value;

use super::YouTube;
use super::classify::refusal;
use super::link::permalink;
use super::metadata::shown;
use super::wire::{Video, is_video};
use crate::domain::account::Account;
use crate::domain::commit::{Armed, CommitOutcome, RefusedClass};
use crate::http_out::{Answer, CommitCall, CommitRequest, TOTAL_TIMEOUT, bearer};
use crate::platforms::Part;
use crate::platforms::answers::{evidence, without_token};
use crate::say;

impl YouTube {
    pub(super) async fn show(
        &self,
        armed: Armed,
        access: &SecretString,
        (account, part): (&Account, &Part),
        handle: &Value,
    ) -> CommitOutcome {
        let Some(id) = handle["video"].as_str().filter(|id| is_video(id)) else {
            let evidence = "nothing was sent: the uploaded video is not known".to_owned();
            return CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence };
        };
        // A Google account may have several channels, and its tokens act as one: never on another than the one that was approved.
        if handle["channel"].as_str() != Some(account.remote_id.as_str()) {
            let class = RefusedClass::Blocked(say!("youtube-other-channel", handle = &account.handle));
            return CommitOutcome::Refused { class, evidence: "nothing was sent: it is on another channel".to_owned() };
        }
        let Some(headers) = headers(access) else {
            return CommitOutcome::NotSent { why: "the request could not be built".to_owned() };
        };
        let call = self.out.commit_call(CommitRequest {
            url: self.endpoint("/youtube/v3/videos", &[("part", "status")]),
            method: Method::PUT,
            headers,
            body: shown(part, id).to_string().into(),
            deadline_boot_ms: armed.sent_deadline_boot_ms(),
            timeout: TOTAL_TIMEOUT,
        });
        let answer = match call.await {
            CommitCall::NotSent { why } => return CommitOutcome::NotSent { why },
            CommitCall::Lost { what } => return CommitOutcome::Unknown { evidence: what },
            CommitCall::Answer(answer) => without_token(answer, access),
        };
        judged(&answer, id, part.options.youtube.visibility.word())
    }
}

fn headers(access: &SecretString) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, bearer(access)?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Some(headers)
}

/// What the answer means. One that took the change and left the video private says that the project is locked (§4.4).
fn judged(answer: &Answer, id: &str, wanted: &str) -> CommitOutcome {
    let evidence = evidence(answer.status, &answer.body);
    if !(200..300).contains(&answer.status) {
        return match refusal(answer) {
            Some(class) => CommitOutcome::Refused { class, evidence },
            None => CommitOutcome::Unknown { evidence },
        };
    }
    match serde_json::from_slice::<Video>(&answer.body) {
        Ok(video) if video.id == id && video.status.privacy_status == wanted => {
            CommitOutcome::Accepted { remote_id: id.to_owned(), permalink: permalink(id) }
        }
        Ok(video) if video.id == id && video.status.privacy_status == "private" => {
            let class = RefusedClass::Permanent(say!("youtube-locked", link = permalink(id)));
            CommitOutcome::Refused { class, evidence }
        }
        Ok(_) | Err(_) => CommitOutcome::Unknown { evidence },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_video_itself_as_it_was_wanted_is_published() {
        let of = |status: u16, body: &str| {
            let answer = Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() };
            match judged(&answer, "dQw4w9WgXcQ", "public") {
                CommitOutcome::Accepted { permalink, .. } => permalink,
                CommitOutcome::Refused { class: RefusedClass::Permanent(what), .. } => what.key,
                CommitOutcome::Refused { class, .. } => format!("{class:?}"),
                CommitOutcome::NotSent { why } => why,
                CommitOutcome::Unknown { .. } => "unknown".into(),
                CommitOutcome::Working { .. } => "working".into(),
            }
        };
        let video = |id: &str, privacy: &str| format!(r#"{{"id":"{id}","status":{{"privacyStatus":"{privacy}"}}}}"#);
        assert_eq!(of(200, &video("dQw4w9WgXcQ", "public")), "https://www.youtube.com/watch?v=dQw4w9WgXcQ");
        assert_eq!(of(200, &video("dQw4w9WgXcQ", "private")), "youtube-locked");
        for body in [video("dQw4w9WgXcQ", "unlisted"), video("aaaaaaaaaaa", "public"), "{}".into(), "<html>".into()] {
            assert_eq!(of(200, &body), "unknown", "{body}");
        }
        assert_eq!(of(503, ""), "unknown");
        assert_eq!(of(404, r#"{"error":{"errors":[{"reason":"videoNotFound"}]}}"#), "PrepareAgain");
    }
}
