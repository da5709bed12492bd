//! An upload in pieces (platforms/google.md §4.4): a session that knows what it has. Its address is all the proof it wants, so it is kept sealed
//! and never said; a cut, an error or a death is answered by asking the session how far it is, never by a second upload.

use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, LOCATION, RANGE};
use http::{HeaderMap, Method};
use reqwest::Body;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::classify::call_fault;
use super::metadata::{begun, name_of};
use super::wire::{Video, is_video};
use super::{YouTube, below, read, unreadable};
use crate::domain::commit::CallFault;
use crate::domain::shelf::MediaFile;
use crate::http_out::{Answer, is_here};
use crate::platforms::answers::{Waiting, answered_at};
use crate::platforms::{Part, kept};

/// §4.4: a multiple of 262,144. After a cut no more than this is sent again; it is read a little at a time.
const PIECE_BYTES: u64 = 32 * 262_144;
/// One of them over a slow line.
const PIECE_TIMEOUT: Duration = Duration::from_secs(600);
/// How often in a row nothing moves before the upload is left for later.
const STALLS_MAX: u32 = 5;
/// Before the second of them; twice as long before each next one.
const STALL: Duration = Duration::from_secs(1);
/// No session's address is longer.
const SESSION_BYTES_MAX: usize = 4_096;

/// What is kept until the video is there, and after: a session that is done still says which video it became.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    /// Names what is uploaded.
    of: String,
    /// Where the bytes go.
    session: String,
    /// When it was begun, by YouTube's clock, Unix milliseconds.
    pub(super) began_at: i64,
}

/// What became of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// All of it is there, as this video.
    Video(String),
    /// The session is no more.
    Gone,
}

/// What a session says.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Has(u64),
    Video(String),
    Gone,
    /// Nothing that can be relied on.
    Cut(String),
}

impl YouTube {
    /// The note of an upload of exactly this, if one was begun.
    pub(super) async fn begun_before(&self, part: &Part) -> Result<Option<Note>, CallFault> {
        Ok(kept::find::<Note>(part).await?.filter(|note| note.of == name_of(part)))
    }

    /// Goes on with it.
    pub(super) async fn go_on(&self, note: &Note, video: &MediaFile) -> Result<Sent, CallFault> {
        match self.session_url(&note.session) {
            Some(session) => self.send_all(&session, video, None).await,
            None => Ok(Sent::Gone),
        }
    }

    /// The video that an upload became, where it did: the session is only asked, and nothing is sent.
    pub(super) async fn ended_as(&self, note: &Note, video: &MediaFile) -> Result<Option<String>, CallFault> {
        let Some(session) = self.session_url(&note.session) else { return Ok(None) };
        match self.put(&session, video, None).await? {
            Said::Video(id) => Ok(Some(id)),
            // All of it is there: which video it became is told soon.
            Said::Has(bytes) if bytes >= video.len() => {
                Err(CallFault::Later { after_ms: None, why: "the upload is whole and has no video yet".into() })
            }
            Said::Has(_) | Said::Gone => Ok(None),
            Said::Cut(why) => Err(CallFault::Later { after_ms: None, why }),
        }
    }

    /// Begins anew. Its session is kept before a byte is sent: no death leaves an upload that nobody knows of.
    pub(super) async fn begin(&self, access: &SecretString, part: &Part, video: &MediaFile) -> Result<Sent, CallFault> {
        let notify = if part.options.youtube.quiet { "false" } else { "true" };
        let pairs = [("uploadType", "resumable"), ("part", "snippet,status"), ("notifySubscribers", notify)];
        let url = below(&self.config.upload_url, "/upload/youtube/v3/videos", &pairs);
        let fill = |call: reqwest::RequestBuilder| {
            let call = call.header("x-upload-content-type", &video.facts.mime);
            call.header("x-upload-content-length", video.len()).json(&begun(part))
        };
        let answer = self.call(access, (Method::POST, url), fill, Waiting::Queue).await?;
        let named = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // Nothing of the answer is told: the address is in it.
        let lost = || CallFault::Later { after_ms: None, why: "YouTube began an upload without saying where".into() };
        let session = self.session_url(named).ok_or_else(lost)?;
        let began_at = answered_at(&answer.headers).unwrap_or(0);
        kept::keep(part, &Note { of: name_of(part), session: session.to_string(), began_at }).await?;
        self.send_all(&session, video, Some(0)).await
    }

    /// Sends what the session does not have. `at` is where to begin; without it the session is asked.
    async fn send_all(&self, session: &Url, video: &MediaFile, mut at: Option<u64>) -> Result<Sent, CallFault> {
        let (mut most, mut stalls) = (None, 0);
        let mut why = "the upload does not move".to_owned();
        // Bounded: each round has more of the file there than any before, or counts as a stall.
        while stalls < STALLS_MAX {
            match self.put(session, video, at).await? {
                Said::Video(id) => return Ok(Sent::Video(id)),
                Said::Gone => return Ok(Sent::Gone),
                Said::Has(bytes) => {
                    // All of it, and no video yet: only asking is left.
                    at = (bytes < video.len()).then_some(bytes);
                    if at.is_some() && most.is_none_or(|most| bytes > most) {
                        (most, stalls) = (Some(bytes), 0);
                        continue;
                    }
                }
                Said::Cut(what) => (at, why) = (None, what),
            }
            self.config.pauses.pause(STALL * 2_u32.pow(stalls)).await;
            stalls += 1;
        }
        Err(CallFault::Later { after_ms: None, why })
    }

    /// One piece from here on, or the question how far it is.
    async fn put(&self, session: &Url, video: &MediaFile, at: Option<u64>) -> Result<Said, CallFault> {
        let total = video.len();
        let call = self.out.request(Method::PUT, session.clone());
        let call = match at {
            // Only a question: it has the time of any call.
            None => call.header(CONTENT_LENGTH, 0).header(CONTENT_RANGE, format!("bytes */{total}")),
            Some(from) => {
                let until = total.min(from + PIECE_BYTES);
                let call = call.header(CONTENT_TYPE, &video.facts.mime).header(CONTENT_LENGTH, until - from);
                let call = call.header(CONTENT_RANGE, format!("bytes {from}-{}/{total}", until - 1));
                call.timeout(PIECE_TIMEOUT).body(Body::wrap_stream(video.clone().pieces(from, until)))
            }
        };
        match self.out.send(call).await {
            Ok(answer) => said(&answer, total),
            Err(fault) => Ok(Said::Cut(fault.to_string())),
        }
    }

    /// A session's address, as YouTube said it: over https at Google, or on this machine when YouTube itself is (a simulator).
    fn session_url(&self, given: &str) -> Option<Url> {
        let own = &self.config.upload_url;
        let is_google = |url: &Url| url.host_str().is_some_and(|host| host.ends_with(".googleapis.com"));
        let is_fine = |url: &Url| match url.scheme() {
            "https" => is_google(url) || url.origin() == own.origin(),
            _ => is_here(url) && is_here(own),
        };
        Url::parse(given).ok().filter(|url| given.len() <= SESSION_BYTES_MAX && is_fine(url))
    }
}

/// What an answer of a session means (§4.4).
fn said(answer: &Answer, total: u64) -> Result<Said, CallFault> {
    match answer.status {
        200 | 201 => {
            let video: Video = read(answer)?;
            if is_video(&video.id) { Ok(Said::Video(video.id)) } else { Err(unreadable(answer)) }
        }
        308 => Ok(has(&answer.headers)
            .filter(|bytes| *bytes <= total)
            .map_or_else(|| Said::Cut("the session says that it has more than there is".to_owned()), Said::Has)),
        404 | 410 => Ok(Said::Gone),
        500.. => Ok(Said::Cut(format!("HTTP {}", answer.status))),
        _ => Err(call_fault(answer, Waiting::Queue)),
    }
}

/// How many bytes it has: without a range, none.
fn has(headers: &HeaderMap) -> Option<u64> {
    let Some(range) = headers.get(RANGE) else { return Some(0) };
    let last = range.to_str().ok()?.trim().strip_prefix("bytes=0-")?;
    last.parse::<u64>().ok()?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, range: Option<&str>, body: &str) -> Answer {
        let headers = range.map(|range| (RANGE, range.parse().unwrap())).into_iter().collect();
        Answer { status, headers, body: body.to_owned().into() }
    }

    #[test]
    fn what_a_session_says_is_followed_only_where_it_can_be() {
        let of = |status, range, body| said(&answer(status, range, body), 1_000);
        assert_eq!(of(308, None, ""), Ok(Said::Has(0)), "without a range nothing is there");
        assert_eq!(of(308, Some("bytes=0-499"), ""), Ok(Said::Has(500)));
        assert_eq!(of(308, Some("bytes=0-999"), ""), Ok(Said::Has(1_000)));
        for wrong in ["bytes=0-1000", "bytes=1-5", "0-5", "bytes=0-", "bytes=0-x", "bytes=0-18446744073709551615"] {
            assert!(matches!(of(308, Some(wrong), ""), Ok(Said::Cut(_))), "{wrong}");
        }
        assert_eq!(of(201, None, r#"{"id":"dQw4w9WgXcQ"}"#), Ok(Said::Video("dQw4w9WgXcQ".into())));
        assert!(matches!(of(200, None, r#"{"id":"../x"}"#), Err(CallFault::Later { .. })));
        assert!(matches!(of(200, None, "<html>"), Err(CallFault::Later { .. })));
        assert_eq!((of(404, None, ""), of(410, None, "")), (Ok(Said::Gone), Ok(Said::Gone)));
        assert!(matches!(of(503, None, ""), Ok(Said::Cut(_))));
        assert!(matches!(of(401, None, ""), Err(CallFault::Unauthorized { .. })));
    }
}
