//! What happens before a post and nobody can see: uploads of images and documents (platforms/linkedin.md §3.3, §3.4; videos are `parts`), and the
//! link card of a text. May be repeated. Files are read by range, never whole.

use std::time::Duration;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::classify::{call_fault, is_closed};
use super::limits::{IMAGE, Kind};
use super::wire::{Acted, Begun, Progress, author, encoded, is_medium};
use super::{LinkedIn, read, unreadable};
use crate::domain::commit::CallFault;
use crate::domain::network::Network;
use crate::domain::shelf::MediaFile;
use crate::http_out::{Answer, OutFault, bearer, is_here};
use crate::platforms::answers::{Waiting, evidence, lost, without_token};
use crate::platforms::kept::{self, UploadFault};
use crate::platforms::{Part, pictures};
use crate::say;

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
                Kind::Video => self.upload_in_parts(access, &owner, (part, medium)).await?,
            };
            crate::failpoint!("F2");
            urns.push((kind, urn));
        }
        let mut is_seen = true;
        for (kind, urn) in &urns {
            is_seen &= self.ready(access, part, (*kind, urn)).await? == Readiness::Available;
        }
        if !is_seen {
            self.config.pauses.pause(GRACE).await;
        }
        if urns.iter().any(|(kind, _)| *kind == Kind::Video) {
            // From here on the handle says it all; should LinkedIn not take it in a post after all, another one is made.
            kept::forget(part).await?;
        }
        Ok(json!({ "media": urns.into_iter().map(|(_, urn)| urn).collect::<Vec<_>>() }))
    }

    pub(super) async fn act(&self, access: &SecretString, path: &str, body: &Value) -> Result<Answer, CallFault> {
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

    /// One `PUT`, again when it was cut. What refuses for good (an address that has ended) is answered by another upload.
    pub(super) async fn put(
        &self,
        access: &SecretString,
        url: &Url,
        fill: impl Fn(RequestBuilder) -> RequestBuilder + Send + Sync,
    ) -> Result<Answer, UploadFault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let again = match self.out.send(fill(self.out.request(Method::PUT, url.clone()))).await {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                Ok(answer) if answer.status < 500 => {
                    let answer = without_token(answer, access);
                    return Err(UploadFault::Gone(evidence(answer.status, &answer.body)));
                }
                Ok(answer) => OutFault::Lost(format!("HTTP {}", answer.status)),
                Err(fault) => fault,
            };
            if tries >= PUT_TRIES {
                return Err(lost(again).into());
            }
            self.config.pauses.pause(PUT_AGAIN).await;
        }
    }

    /// Waits until LinkedIn has ended its work on an upload.
    async fn ready(
        &self,
        access: &SecretString,
        part: &Part,
        (kind, urn): (Kind, &str),
    ) -> Result<Readiness, CallFault> {
        let path = format!("/rest/{}/{}", kind.resource(), encoded(urn));
        let mut waited = Duration::ZERO;
        while waited < READY_MAX {
            let answer = self.ask(access, (Method::GET, &path), |call| call).await?;
            match answer.status {
                200 => {}
                _ if is_closed(&answer) => return Ok(Readiness::Unseen),
                // Not every server of LinkedIn knows it in its first moments.
                404 => {
                    kept::forget(part).await?;
                    return Err(CallFault::Later { after_ms: None, why: evidence(404, &answer.body) });
                }
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
    pub(super) fn upload_url(&self, given: &str) -> Option<Url> {
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
