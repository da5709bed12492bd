//! The commit: `POST /rest/posts`, once (platforms/linkedin.md §3.1, RELIABILITY §1). What answers mean is in `classify`.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::classify::{Verdict, classify};
use super::limits::{Kind, TITLE_CHARS_MAX, poll_duration};
use super::link::{RECENT, permalink};
use super::little::{escaped, shown};
use super::wire::{author, is_medium};
use super::{LinkedIn, PROTOCOL, PROTOCOL_HEADER, VERSION_HEADER};
use crate::domain::account::Account;
use crate::domain::commit::{Armed, CommitOutcome, RefusedClass};
use crate::domain::post::MediaFacts;
use crate::http_out::{CommitCall, CommitRequest, TOTAL_TIMEOUT, bearer};
use crate::platforms::Part;
use crate::platforms::answers::{evidence, without_token};

/// Kept as the id of a post that LinkedIn made without saying under which URN (§3.1), with the attempt's own id behind it.
const UNNAMED: &str = "unnamed:";
/// The title of a document that nobody gave one.
const DOCUMENT: &str = "PDF";

impl LinkedIn {
    pub(super) async fn create(
        &self,
        armed: Armed,
        access: &SecretString,
        (account, part): (&Account, &Part),
        handle: &Value,
    ) -> CommitOutcome {
        let Some(content) = content(part, handle) else {
            let evidence = "nothing was sent: what was prepared does not match the post".to_owned();
            return CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence };
        };
        let Some(headers) = self.headers(access).filter(|_| part.no == 0) else {
            return CommitOutcome::NotSent { why: "the request could not be built".to_owned() };
        };
        let call = self.out.commit_call(CommitRequest {
            url: self.endpoint("/rest/posts"),
            method: Method::POST,
            headers,
            body: body(&account.remote_id, part, content),
            deadline_boot_ms: armed.sent_deadline_boot_ms(),
            timeout: TOTAL_TIMEOUT,
        });
        let answer = match call.await {
            CommitCall::NotSent { why } => return CommitOutcome::NotSent { why },
            CommitCall::Lost { what } => return CommitOutcome::Unknown { evidence: what },
            CommitCall::Answer(answer) => without_token(answer, access),
        };
        let evidence = evidence(answer.status, &answer.body);
        match classify(answer.status, &answer.headers, &answer.body) {
            Verdict::Accepted(Some(urn)) => CommitOutcome::Accepted { permalink: permalink(&urn), remote_id: urn },
            Verdict::Accepted(None) => {
                let remote_id = format!("{UNNAMED}{}", armed.attempt());
                CommitOutcome::Accepted { remote_id, permalink: RECENT.to_owned() }
            }
            Verdict::Refused(class) => CommitOutcome::Refused { class, evidence },
            Verdict::Unknown => CommitOutcome::Unknown { evidence },
        }
    }

    fn headers(&self, access: &SecretString) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer(access)?);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(VERSION_HEADER, HeaderValue::from_str(&self.config.version).ok()?);
        headers.insert(PROTOCOL_HEADER, HeaderValue::from_static(PROTOCOL));
        Some(headers)
    }
}

/// The JSON (§3.1). The same part and what was prepared for it always make the same bytes.
fn body(sub: &str, part: &Part, content: Option<Value>) -> Bytes {
    // With a poll the text is its question, and would be read twice.
    let commentary = if part.segment.poll.is_some() { String::new() } else { escaped(&part.segment.text) };
    let mut post = json!({
        "author": author(sub), "commentary": commentary, "visibility": "PUBLIC",
        "distribution": { "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [] },
        "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
    });
    if let Some(content) = content {
        post["content"] = content;
    }
    post.to_string().into()
}

/// `content` of the part (§3.1): `Some(None)` for a text alone, `None` when what was prepared is not this part's.
#[expect(clippy::option_option, reason = "no content is content, too")]
fn content(part: &Part, handle: &Value) -> Option<Option<Value>> {
    if let Some(poll) = &part.segment.poll {
        let options: Vec<Value> = poll.options.iter().map(|option| json!({ "text": option })).collect();
        let settings = json!({ "duration": poll_duration(poll.minutes)? });
        let poll = json!({ "question": part.segment.text, "options": options, "settings": settings });
        return Some(Some(json!({ "poll": poll })));
    }
    if part.media.is_empty() {
        let article = &handle["article"];
        return Some(article.is_object().then(|| json!({ "article": article })));
    }
    let urns: Vec<&str> =
        handle["media"].as_array()?.iter().filter_map(Value::as_str).filter(|urn| is_medium(urn)).collect();
    let media: Vec<&MediaFacts> = part.media.iter().map(|medium| &medium.facts).collect();
    if urns.len() != media.len() {
        return None;
    }
    let all: Vec<Value> = media.iter().zip(&urns).map(|(facts, urn)| medium(part, facts, urn)).collect();
    match all.as_slice() {
        [one] => Some(Some(json!({ "media": one }))),
        several => Some(Some(json!({ "multiImage": { "images": several } }))),
    }
}

fn medium(part: &Part, facts: &MediaFacts, urn: &str) -> Value {
    let alt = facts.alt.as_deref().map(str::trim).filter(|alt| !alt.is_empty());
    let mut medium = json!({ "id": urn });
    match (Kind::of(&facts.mime), alt) {
        (Some(Kind::Image), Some(alt)) => medium["altText"] = alt.into(),
        (Some(Kind::Document), _) => medium["title"] = title(part, alt).into(),
        // LinkedIn takes no description of a video.
        (Some(Kind::Image), None) | (Some(Kind::Video) | None, _) => {}
    }
    medium
}

/// What stands above a document: its description, else how the post begins.
fn title(part: &Part, alt: Option<&str>) -> String {
    let text = shown(&part.segment.text);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    alt.or(line).unwrap_or(DOCUMENT).chars().take(TITLE_CHARS_MAX).collect()
}
