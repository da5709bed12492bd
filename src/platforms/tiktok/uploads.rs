//! What happens before a post and nobody can see (platforms/tiktok.md §4.1, §4.2): asking what the account allows, beginning an upload, and every
//! chunk of it but the last, for TikTok posts when that one is there. May be repeated: what is begun and not ended is never posted (§6). Files are
//! read by range, never whole.

use std::time::Duration;

use http::Method;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use reqwest::Body;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::TikTok;
use super::chunks::Plan;
use super::classify::{State, state};
use super::info::{Closed, post_info};
use super::limits::{Kind, PHOTO};
use super::wire::{Begun, is_publish_id};
use crate::domain::commit::CallFault;
use crate::domain::post::{TikTokPrivacy, digest};
use crate::domain::shelf::MediaFile;
use crate::http_out::{Answer, OutFault, is_here};
use crate::platforms::answers::{Waiting, evidence, lost, without_token};
use crate::platforms::{Part, kept, pictures};
use crate::say;

/// One chunk of at most 10 MiB over a slow line.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(120);
/// A chunk that was cut is sent again; those before it are there.
const PUT_TRIES: usize = 3;
/// Before that.
const PUT_AGAIN: Duration = Duration::from_secs(1);
/// §4.1: 256; more is believed a while.
const UPLOAD_URL_CHARS_MAX: usize = 2_048;

/// What `prepare` leaves for the commit and for looking back. Where the bytes go is in its note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub(super) enum Prepared {
    /// Everything but the last chunk is there.
    File {
        /// What TikTok calls the post on its way.
        publish: String,
        /// Of the whole file.
        size: u64,
        /// Everybody sees it, so that it gets an id of its own in the end.
        public: bool,
    },
    /// TikTok fetches it: the call that says so is the commit.
    Pull {
        /// What the account has switched off.
        closed: Closed,
        /// Everybody sees it.
        public: bool,
    },
}

/// An upload that goes on.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    /// Names what is uploaded, and all that is said of it.
    of: String,
    /// What TikTok calls the post on its way.
    pub(super) publish: String,
    /// Where its bytes go, for an hour, by whoever knows it: sealed, and nowhere else.
    pub(super) upload_url: Url,
    /// All but the last chunk is there: the commit goes on with it, and nobody else.
    is_prepared: bool,
}

impl TikTok {
    pub(super) async fn prepare_part(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        let kind = kind_of(part)?;
        let options = &part.options.tiktok;
        let closed = if options.draft { Closed::default() } else { self.allowed(access, part).await? };
        let public = options.privacy == Some(TikTokPrivacy::Public) && !options.draft;
        let prepared = if kind == Kind::Photo || self.config.pulls_videos {
            self.addresses(part)?;
            Prepared::Pull { closed, public }
        } else {
            self.upload(access, part, (closed, public)).await?
        };
        serde_json::to_value(prepared).map_err(|error| CallFault::Later { after_ms: None, why: error.to_string() })
    }

    /// Where TikTok fetches the media: good for an hour, as long as it may try (§4.5).
    pub(super) fn addresses(&self, part: &Part) -> Result<Vec<Url>, CallFault> {
        let links = self.config.links.as_ref();
        let address = |medium: &MediaFile| pictures::link(links, &PHOTO, &medium.facts);
        let all: Option<Vec<Url>> = part.media.iter().map(address).collect();
        all.ok_or_else(|| CallFault::Refused(say!("tiktok-photos-unreachable")))
    }

    async fn upload(
        &self,
        access: &SecretString,
        part: &Part,
        (closed, public): (Closed, bool),
    ) -> Result<Prepared, CallFault> {
        let Some(medium) = part.media.first() else { return Err(CallFault::Refused(say!("tiktok-media-none"))) };
        let plan = Plan::of(medium.len());
        let source = json!({ "source": "FILE_UPLOAD", "video_size": plan.size, "chunk_size": plan.chunk, "total_chunk_count": plan.count });
        let order = init(part, (Kind::Video, closed), &source)?;
        let of = digest(&json!({ "order": order, "sha256": medium.facts.sha256 }));
        let is_mine = |note: &Note| note.of == of && !note.is_prepared && is_publish_id(&note.publish);
        let (mut note, at) = match kept::find::<Note>(part).await?.filter(is_mine) {
            Some(note) => match self.goes_on_at(access, &note, &plan).await? {
                Some(at) => (note, at),
                None => (self.begin(access, part, (order, of), &plan).await?, 0),
            },
            None => (self.begin(access, part, (order, of), &plan).await?, 0),
        };
        crate::failpoint!("F2");
        for no in 0..plan.count.saturating_sub(1) {
            let (first, end) = plan.span(no);
            if at < end {
                self.put(access, part, (medium, &note.upload_url), (at.max(first), end)).await?;
            }
        }
        note.is_prepared = true;
        kept::keep(part, &note).await?;
        Ok(Prepared::File { publish: note.publish, size: plan.size, public })
    }

    /// Begins an upload. What it is called and where it goes is kept before a byte is sent (§6).
    async fn begin(
        &self,
        access: &SecretString,
        part: &Part,
        ((path, body), of): ((&'static str, Value), String),
        plan: &Plan,
    ) -> Result<Note, CallFault> {
        let begun: Begun = self.call(access, (Method::POST, path), Some(&body), Waiting::Queue).await?;
        let upload_url = self.upload_url(&begun.upload_url).filter(|_| is_publish_id(&begun.publish_id));
        let Some(upload_url) = upload_url else {
            let why = "TikTok began an upload, and did not say readably where it goes".to_owned();
            return Err(CallFault::Later { after_ms: None, why });
        };
        let note = Note { of, publish: begun.publish_id, upload_url, is_prepared: false };
        if plan.has_several() {
            kept::keep(part, &note).await?;
        }
        Ok(note)
    }

    /// From which byte an upload goes on that somebody began; `None` where it cannot. Of one whose last chunk is there nothing is sent any more:
    /// what became of it the commit finds out, and nothing is begun beside it.
    async fn goes_on_at(&self, access: &SecretString, note: &Note, plan: &Plan) -> Result<Option<u64>, CallFault> {
        if !self.is_upload_url(&note.upload_url) {
            return Ok(None);
        }
        let status = match self.status(access, &note.publish).await {
            Ok((status, _)) => status,
            // TikTok does not know it any more.
            Err(CallFault::Refused(_)) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let last = plan.last().0;
        Ok(match state(&status, plan.size) {
            Some(State::Incomplete) => Some(status.uploaded_bytes).filter(|at| *at <= last),
            Some(State::Working | State::Inbox | State::Out(_)) => Some(last),
            Some(State::Failed(_)) | None => None,
        })
    }

    /// One chunk, again when it was cut. What refuses for good (an address that has ended) is answered by another upload, later.
    async fn put(
        &self,
        access: &SecretString,
        part: &Part,
        (medium, url): (&MediaFile, &Url),
        (first, end): (u64, u64),
    ) -> Result<(), CallFault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let call = self.out.request(Method::PUT, url.clone()).timeout(CHUNK_TIMEOUT);
            let call = call.header(CONTENT_TYPE, &medium.facts.mime).header(CONTENT_LENGTH, end - first);
            let call = call.header(CONTENT_RANGE, range((first, end), medium.len()));
            let call = call.body(Body::wrap_stream(medium.clone().pieces(first, end)));
            let again = match self.out.send(call).await {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(()),
                // It was there before: an answer was lost.
                Ok(answer) if answer.status == 416 && has(&answer, end) => return Ok(()),
                Ok(answer) if answer.status < 500 => {
                    if answer.status != 429 {
                        kept::forget(part).await?;
                    }
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

    /// Where bytes go, as TikTok said, with its query.
    fn upload_url(&self, given: &str) -> Option<Url> {
        Url::parse(given).ok().filter(|url| given.len() <= UPLOAD_URL_CHARS_MAX && self.is_upload_url(url))
    }

    /// Over https, or to this machine when TikTok itself is (a simulator).
    pub(super) fn is_upload_url(&self, url: &Url) -> bool {
        url.scheme() == "https" || (is_here(url) && is_here(&self.config.api_url))
    }
}

/// What kind of post its media make it: `check` saw to it that there is one.
pub(super) fn kind_of(part: &Part) -> Result<Kind, CallFault> {
    if part.no > 0 {
        return Err(CallFault::Refused(say!("tiktok-no-threads", count = part.no + 1)));
    }
    let Some(first) = part.media.first() else { return Err(CallFault::Refused(say!("tiktok-media-none"))) };
    let (id, mime) = (first.facts.id.as_str(), &first.facts.mime);
    Kind::of(mime).ok_or_else(|| CallFault::Refused(say!("tiktok-media-kind", media = id, mime = mime)))
}

/// Path and body of the call that begins a post (§4.1, §4.3, §4.4).
pub(super) fn init(
    part: &Part,
    (kind, closed): (Kind, Closed),
    source: &Value,
) -> Result<(&'static str, Value), CallFault> {
    let missing = || CallFault::Refused(say!("tiktok-privacy-missing"));
    let info = post_info(part, kind, closed).ok_or_else(missing)?;
    let is_draft = part.options.tiktok.draft;
    Ok(match (kind, is_draft) {
        (Kind::Video, true) => ("/v2/post/publish/inbox/video/init/", json!({ "source_info": source })),
        (Kind::Video, false) => ("/v2/post/publish/video/init/", json!({ "post_info": info, "source_info": source })),
        (Kind::Photo, _) => {
            let mode = if is_draft { "MEDIA_UPLOAD" } else { "DIRECT_POST" };
            let body = json!({ "media_type": "PHOTO", "post_mode": mode, "post_info": info, "source_info": source });
            ("/v2/post/publish/content/init/", body)
        }
    })
}

/// `bytes first-last/total`, the last one inclusive (§4.2).
pub(super) fn range((first, end): (u64, u64), total: u64) -> String {
    format!("bytes {first}-{}/{total}", end.saturating_sub(1))
}

/// Whether a refusal of a range says that everything before `end` is there. Of its last number it is not said whether it counts (§4.2).
fn has(answer: &Answer, end: u64) -> bool {
    let said = answer.headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let last = said.and_then(|text| text.strip_prefix("bytes 0-")?.split_once('/')?.0.parse::<u64>().ok());
    last.is_some_and(|last| last == end || last.checked_add(1) == Some(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    #[test]
    fn how_much_is_there_is_read_either_way() {
        let said = |range: &str| {
            let headers: HeaderMap = [(CONTENT_RANGE, range.parse().unwrap())].into_iter().collect();
            Answer { status: 416, headers, body: bytes::Bytes::new() }
        };
        assert!(has(&said("bytes 0-10/30"), 10) && has(&said("bytes 0-9/30"), 10));
        for other in ["bytes 0-8/30", "bytes 0-11/30", "bytes 0-x/30", "bytes */30", "0-10/30", "bytes 0-10"] {
            assert!(!has(&said(other), 10), "{other}");
        }
        assert_eq!(range((10, 20), 30), "bytes 10-19/30");
    }

    #[test]
    fn what_was_prepared_is_read_as_it_was_saved() {
        let file = Prepared::File { publish: "v_pub_file~v2-1.7".into(), size: 7, public: true };
        let pull = Prepared::Pull { closed: Closed { duet: true, ..Closed::default() }, public: false };
        for prepared in [file, pull] {
            let saved = serde_json::to_value(&prepared).unwrap();
            assert_eq!(serde_json::from_value::<Prepared>(saved).unwrap(), prepared);
        }
    }
}
