//! The commit: `POST /2/tweets`, once (platforms/x.md §3.1, RELIABILITY §1). What answers mean is in `classify`.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::X;
use super::classify::{Verdict, classify};
use super::wire::{CreateMedia, CreatePoll, CreatePost, CreateReply, is_id};
use crate::domain::account::Account;
use crate::domain::commit::{Armed, CommitOutcome, RefusedClass};
use crate::domain::post::Repliers;
use crate::http_out::{CommitCall, CommitRequest, TOTAL_TIMEOUT, bearer};
use crate::platforms::Part;
use crate::say;

/// The scope without which nothing can be posted (§1).
const WRITE_SCOPE: &str = "tweet.write";

impl X {
    pub(super) async fn create(
        &self,
        armed: Armed,
        access: &SecretString,
        account: &Account,
        part: &Part,
        handle: &Value,
    ) -> CommitOutcome {
        let Some(media_ids) = media_ids(part, handle) else {
            let evidence = "nothing was sent: the prepared media do not match the post".to_owned();
            return CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence };
        };
        let headers = headers(access);
        let body = body(part, &media_ids);
        let (Some(headers), Some(body)) = (headers, body) else {
            return CommitOutcome::NotSent { why: "the request could not be built".to_owned() };
        };
        let call = self.out.commit_call(CommitRequest {
            url: self.endpoint("/2/tweets"),
            method: Method::POST,
            headers,
            body,
            deadline_boot_ms: armed.sent_deadline_boot_ms(),
            timeout: COMMIT_TIMEOUT,
        });
        outcome(call.await, access, account, part)
    }
}

/// The largest answer time of `POST /2/tweets` that is still an answer; shorter than every lease.
const COMMIT_TIMEOUT: Duration = TOTAL_TIMEOUT;

/// The ids that `prepare` saved. `None` when they are not those of this part.
fn media_ids(part: &Part, handle: &Value) -> Option<Vec<String>> {
    if part.media.is_empty() {
        return Some(Vec::new());
    }
    let ids: Vec<String> = handle["media_ids"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .filter(|id| is_id(id))
        .map(str::to_owned)
        .collect();
    (ids.len() == part.media.len()).then_some(ids)
}

fn headers(access: &SecretString) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, bearer(access)?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Some(headers)
}

/// The JSON. `None` when a later part of a thread does not know the part before it: it would stand alone.
fn body(part: &Part, media_ids: &[String]) -> Option<Bytes> {
    if part.no > 0 && part.reply_to.is_none() {
        return None;
    }
    let post = CreatePost {
        text: &part.segment.text,
        media: (!media_ids.is_empty()).then_some(CreateMedia { media_ids }),
        poll: part.segment.poll.as_ref().map(|poll| CreatePoll {
            options: &poll.options,
            duration_minutes: poll.minutes,
        }),
        reply: part.reply_to.as_deref().map(|id| CreateReply { in_reply_to_tweet_id: id }),
        // The first part decides for the whole conversation.
        reply_settings: part.options.repliers.filter(|_| part.reply_to.is_none()).map(reply_settings),
        made_with_ai: part.options.made_with_ai,
        paid_partnership: part.options.paid_partnership,
    };
    serde_json::to_vec(&post).ok().map(Bytes::from)
}

const fn reply_settings(repliers: Repliers) -> &'static str {
    match repliers {
        Repliers::Following => "following",
        Repliers::Mentioned => "mentionedUsers",
        Repliers::Subscribers => "subscribers",
        Repliers::Verified => "verified",
    }
}

fn outcome(call: CommitCall, access: &SecretString, account: &Account, part: &Part) -> CommitOutcome {
    let clean = |text: String| text.replace(access.expose_secret(), "[token]");
    let answer = match call {
        CommitCall::NotSent { why } => return CommitOutcome::NotSent { why: clean(why) },
        CommitCall::Lost { what } => return CommitOutcome::Unknown { evidence: clean(what) },
        CommitCall::Answer(answer) => answer,
    };
    match classify(answer.status, &answer.headers, &answer.body) {
        Verdict::Accepted { remote_id } => {
            let permalink = permalink(&account.handle, &remote_id);
            CommitOutcome::Accepted { remote_id, permalink }
        }
        Verdict::Refused { class, evidence } => {
            CommitOutcome::Refused { class: in_context(class, account, part), evidence: clean(evidence) }
        }
        Verdict::Unknown { evidence } => CommitOutcome::Unknown { evidence: clean(evidence) },
    }
}

/// X's general refusals, told apart by what we know of the account and the part.
fn in_context(class: RefusedClass, account: &Account, part: &Part) -> RefusedClass {
    let general = matches!(&class, RefusedClass::Permanent(what) if ["x-not-permitted", "x-refused"].contains(&&*what.key));
    let known = !account.scopes.trim().is_empty();
    let may_write = account.scopes.split_whitespace().any(|scope| scope == WRITE_SCOPE);
    match class {
        RefusedClass::Permanent(_) if general && known && !may_write => {
            RefusedClass::Blocked(say!("x-scope-missing", scope = WRITE_SCOPE))
        }
        RefusedClass::Permanent(what) if what.key == "x-not-permitted" && part.reply_to.is_some() => {
            RefusedClass::Permanent(say!("x-reply-refused", part = part.no + 1))
        }
        other => other,
    }
}

/// Where a post can be seen (§3.1).
pub(super) fn permalink(handle: &str, id: &str) -> String {
    format!("https://x.com/{handle}/status/{id}")
}
