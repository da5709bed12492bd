//! The commit, once (platforms/tiktok.md §6, RELIABILITY §1): of a file its last chunk, for TikTok posts when that is there; of what TikTok fetches
//! the call that says so. What answers mean is in `classify`.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::chunks::Plan;
use super::classify::{State, is_ok, refusal};
use super::info::Closed;
use super::limits::Kind;
use super::reading::named;
use super::uploads::{Note, Prepared, init, kind_of, range};
use super::wire::{Begun, Envelope, is_publish_id};
use super::{JSON, TikTok};
use crate::domain::commit::{Armed, CallFault, CommitOutcome, RefusedClass};
use crate::domain::delivery::COMMIT_TIMEOUT_MS;
use crate::http_out::{Answer, CommitCall, CommitRequest, TOTAL_TIMEOUT, bearer};
use crate::platforms::answers::{evidence, without_token};
use crate::platforms::{Part, kept};
use crate::say;

/// How long a read after the commit may take: the outcome waits for it, and is looked for again without.
const READ_TIMEOUT: Duration = Duration::from_secs(3);
/// For up to 10 MiB, all that a commit may have.
const CHUNK_TIMEOUT: Duration = Duration::from_millis(COMMIT_TIMEOUT_MS.cast_unsigned());

impl TikTok {
    pub(super) async fn publish(
        &self,
        armed: Armed,
        access: &SecretString,
        part: &Part,
        handle: &Value,
    ) -> CommitOutcome {
        match serde_json::from_value(handle.clone()) {
            Ok(Prepared::File { publish, size, .. }) => self.put_last(armed, access, part, (publish, size)).await,
            Ok(Prepared::Pull { closed, .. }) => self.pull(armed, access, part, closed).await,
            Err(_) => prepare_again("nothing was sent: what was prepared is not known"),
        }
    }

    /// §4.2: with the last chunk the posting starts.
    async fn put_last(
        &self,
        armed: Armed,
        access: &SecretString,
        part: &Part,
        (publish, size): (String, u64),
    ) -> CommitOutcome {
        let url = match kept::find::<Note>(part).await {
            Ok(note) => note.filter(|note| note.publish == publish).map(|note| note.upload_url),
            Err(fault) => return CommitOutcome::NotSent { why: fault.to_string() },
        };
        let Some(url) = url.filter(|url| self.is_upload_url(url)) else {
            return prepare_again("nothing was sent: where the last piece goes is not known any more");
        };
        let Some(medium) = part.media.first().filter(|medium| medium.len() == size) else {
            return prepare_again("nothing was sent: what was prepared does not match the post");
        };
        let (first, end) = Plan::of(size).last();
        let bytes = match medium.range(first, usize::try_from(end - first).unwrap_or(usize::MAX)).await {
            Ok(bytes) => bytes,
            Err(error) => return CommitOutcome::NotSent { why: format!("a medium cannot be read: {error}") },
        };
        let (kind, range) =
            (HeaderValue::from_str(&medium.facts.mime), HeaderValue::from_str(&range((first, end), size)));
        let (Ok(kind), Ok(range)) = (kind, range) else {
            return CommitOutcome::NotSent { why: "the request could not be built".to_owned() };
        };
        let call = self.out.commit_call(CommitRequest {
            url,
            method: Method::PUT,
            headers: [(CONTENT_TYPE, kind), (CONTENT_RANGE, range)].into_iter().collect(),
            body: bytes,
            deadline_boot_ms: armed.sent_deadline_boot_ms(),
            timeout: CHUNK_TIMEOUT,
        });
        let answer = match call.await {
            CommitCall::NotSent { why } => return CommitOutcome::NotSent { why },
            CommitCall::Lost { what } => return CommitOutcome::Unknown { evidence: what },
            CommitCall::Answer(answer) => without_token(answer, access),
        };
        let evidence = evidence(answer.status, &answer.body);
        match answer.status {
            201 => CommitOutcome::Working { evidence },
            // A refusal may be that of a file which is there already: the post itself says it.
            206 | 400..=499 => {
                let asked = tokio::time::timeout(READ_TIMEOUT, self.asked_twice(access, &publish, size)).await;
                after_refusal(answer.status, asked.ok(), evidence)
            }
            _ => CommitOutcome::Unknown { evidence },
        }
    }

    /// How far the post is; once more where the first look got no answer, for a connection may have ended meanwhile.
    async fn asked_twice(&self, access: &SecretString, publish: &str, size: u64) -> Result<State, CallFault> {
        match self.state(access, publish, size).await {
            Err(CallFault::Later { after_ms: None, .. }) => self.state(access, publish, size).await,
            first => first,
        }
        .map(|(state, _)| state)
    }

    /// §4.1, §4.3 to §4.5: TikTok fetches it, and posts it then.
    async fn pull(&self, armed: Armed, access: &SecretString, part: &Part, closed: Closed) -> CommitOutcome {
        let (path, body) = match self.order(part, closed) {
            Ok(order) => order,
            Err(fault) => return unsent(fault),
        };
        let Some(headers) = headers(access) else {
            return CommitOutcome::NotSent { why: "the request could not be built".to_owned() };
        };
        let call = self.out.commit_call(CommitRequest {
            url: self.endpoint(path),
            method: Method::POST,
            headers,
            body: Bytes::from(body.to_string()),
            deadline_boot_ms: armed.sent_deadline_boot_ms(),
            timeout: TOTAL_TIMEOUT,
        });
        match call.await {
            CommitCall::NotSent { why } => CommitOutcome::NotSent { why },
            CommitCall::Lost { what } => CommitOutcome::Unknown { evidence: what },
            CommitCall::Answer(answer) => begun(&without_token(answer, access)),
        }
    }

    fn order(&self, part: &Part, closed: Closed) -> Result<(&'static str, Value), CallFault> {
        let (kind, urls) = (kind_of(part)?, self.addresses(part)?);
        let source = match kind {
            Kind::Photo => json!({ "source": "PULL_FROM_URL", "photo_cover_index": 0, "photo_images": urls }),
            Kind::Video => json!({ "source": "PULL_FROM_URL", "video_url": urls.first() }),
        };
        init(part, (kind, closed), &source)
    }
}

fn headers(access: &SecretString) -> Option<HeaderMap> {
    Some([(AUTHORIZATION, bearer(access)?), (CONTENT_TYPE, HeaderValue::from_static(JSON))].into_iter().collect())
}

fn prepare_again(why: &str) -> CommitOutcome {
    CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence: why.to_owned() }
}

/// Nothing could be ordered, and so nothing was.
fn unsent(fault: CallFault) -> CommitOutcome {
    let evidence = format!("nothing was sent: {fault}");
    let class = match fault {
        CallFault::Refused(what) => RefusedClass::Permanent(what),
        CallFault::Blocked(what) => RefusedClass::Blocked(what),
        CallFault::Later { after_ms, .. } => RefusedClass::Later { after_ms },
        CallFault::Unauthorized { .. } => RefusedClass::Unauthorized,
    };
    CommitOutcome::Refused { class, evidence }
}

/// What an answer to a call means that had TikTok fetch something: it is there, refused (§6: nothing was made then), or nobody knows.
fn begun(answer: &Answer) -> CommitOutcome {
    let said = evidence(answer.status, &answer.body);
    if is_ok(answer) {
        let begun = serde_json::from_slice::<Envelope<Begun>>(&answer.body).map(|envelope| envelope.data.publish_id);
        return match begun.ok().filter(|id| is_publish_id(id)) {
            Some(id) => CommitOutcome::Working { evidence: named(&id, &said) },
            None => CommitOutcome::Unknown { evidence: said },
        };
    }
    match refusal(answer) {
        Some(class) => CommitOutcome::Refused { class, evidence: said },
        None => CommitOutcome::Unknown { evidence: said },
    }
}

/// What a refused last chunk comes to, by what the post says of itself.
fn after_refusal(status: u16, state: Option<Result<State, CallFault>>, evidence: String) -> CommitOutcome {
    match state {
        // §4.2: not one byte of it counts; what is wrong with the request will be wrong with the next one, too.
        Some(Ok(State::Incomplete)) if status == 400 => {
            let class = RefusedClass::Permanent(say!("tiktok-refused", detail = format!("HTTP {status}")));
            CommitOutcome::Refused { class, evidence }
        }
        Some(Ok(State::Incomplete)) if status == 429 => {
            CommitOutcome::Refused { class: RefusedClass::Later { after_ms: None }, evidence }
        }
        // The address has ended, or the upload is not known any more: begun anew (§4.2).
        Some(Ok(State::Incomplete)) => CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence },
        Some(Ok(State::Working | State::Inbox | State::Out(_))) => CommitOutcome::Working { evidence },
        Some(Ok(State::Failed(class))) => CommitOutcome::Refused { class, evidence },
        Some(Err(_)) | None => CommitOutcome::Unknown { evidence },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(outcome: &CommitOutcome) -> String {
        match outcome {
            CommitOutcome::Accepted { .. } => "accepted".into(),
            CommitOutcome::Working { evidence } => format!("working {}", &evidence[..12.min(evidence.len())]),
            CommitOutcome::NotSent { .. } => "not sent".into(),
            CommitOutcome::Refused { class, .. } => format!("{class:?}").split([' ', '(']).next().unwrap().to_owned(),
            CommitOutcome::Unknown { .. } => "unknown".into(),
        }
    }

    #[test]
    fn a_refused_last_chunk_is_judged_by_the_post() {
        let lost = || CallFault::Later { after_ms: None, why: String::new() };
        for (status, state, expected) in [
            (403, Some(Ok(State::Incomplete)), "PrepareAgain"),
            (404, Some(Ok(State::Incomplete)), "PrepareAgain"),
            (416, Some(Ok(State::Incomplete)), "PrepareAgain"),
            (206, Some(Ok(State::Incomplete)), "PrepareAgain"),
            (400, Some(Ok(State::Incomplete)), "Permanent"),
            (429, Some(Ok(State::Incomplete)), "Later"),
            (416, Some(Ok(State::Working)), "working e"),
            (404, Some(Ok(State::Out(None))), "working e"),
            (403, Some(Ok(State::Inbox)), "working e"),
            (403, Some(Ok(State::Failed(RefusedClass::PrepareAgain))), "PrepareAgain"),
            (403, Some(Err(lost())), "unknown"),
            (403, None, "unknown"),
        ] {
            assert_eq!(short(&after_refusal(status, state.clone(), "e".into())), expected, "{status} {state:?}");
        }
    }

    #[test]
    fn what_was_ordered_is_known_by_its_id_or_not_at_all() {
        let answer = |status, body: &str| Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() };
        let ok = |data: &str| format!(r#"{{"data":{data},"error":{{"code":"ok"}}}}"#);
        let error = |code: &str| format!(r#"{{"data":{{}},"error":{{"code":"{code}"}}}}"#);
        for (status, body, expected) in [
            (200, ok(r#"{"publish_id":"p_pub_url~v2-1.7"}"#), "working publish p_pu"),
            (200, ok(r#"{"publish_id":"../7"}"#), "unknown"),
            (200, ok("{}"), "unknown"),
            (200, error("spam_risk_too_many_posts"), "Later"),
            (403, error("url_ownership_unverified"), "Permanent"),
            (401, error("access_token_invalid"), "Unauthorized"),
            (500, error("internal_error"), "unknown"),
            (502, "<html>".to_owned(), "unknown"),
            (200, "<html>".to_owned(), "unknown"),
        ] {
            assert_eq!(short(&begun(&answer(status, &body))), expected, "{status} {body}");
        }
    }
}
