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
pub(super) const WRITE_SCOPE: &str = "tweet.write";

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
        poll: part
            .segment
            .poll
            .as_ref()
            .map(|poll| CreatePoll { options: &poll.options, duration_minutes: poll.minutes }),
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
    let general =
        matches!(&class, RefusedClass::Permanent(what) if ["x-not-permitted", "x-refused"].contains(&&*what.key));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::XConfig;
    use super::*;
    use crate::clock::boot_ms;
    use crate::domain::account::Health;
    use crate::domain::ids::{AccountId, AttemptId, DeliveryId, MediaId, UserId, WorkspaceId};
    use crate::domain::network::Network;
    use crate::domain::picture::{Darkroom, Making};
    use crate::domain::post::{Inside, MediaFacts, Options, Poll, Segment};
    use crate::domain::shelf::MediaFile;
    use crate::http_out::scripted::{Reply, Scripted, listen};
    use crate::http_out::{Outbound, Reach};
    use crate::platforms::Pauses;
    use serde_json::json;

    fn part(text: &str) -> Part {
        let segment = Segment { text: text.into(), ..Segment::default() };
        Part { no: 0, segment, options: Options::default(), media: Vec::new(), reply_to: None, notes: None }
    }

    fn account(scopes: &str) -> Account {
        Account {
            id: AccountId::generate(1, 1),
            workspace: WorkspaceId::generate(1, 1),
            user: UserId::generate(1, 1),
            network: Network::X,
            remote_id: "1".into(),
            handle: "ana".into(),
            name: "Ana".into(),
            scopes: scopes.into(),
            health: Health::Fine,
            avatar_at: None,
        }
    }

    fn medium() -> MediaFile {
        let facts = MediaFacts {
            id: MediaId::generate(1, 1),
            mime: "image/png".into(),
            bytes: 1,
            sha256: String::new(),
            width: 1,
            height: 1,
            duration_ms: 0,
            alt: None,
            inside: Inside::default(),
        };
        MediaFile::new(facts, Arc::new(bytes::Bytes::from_static(&[1])))
    }

    /// A commit waits for nothing.
    struct Never;

    #[async_trait::async_trait]
    impl Pauses for Never {
        async fn pause(&self, time: std::time::Duration) {
            panic!("waited for {time:?}");
        }
    }

    #[async_trait::async_trait]
    impl Darkroom for Never {
        async fn develop(&self, _: &MediaFile, making: Making) -> std::io::Result<Option<Bytes>> {
            panic!("{making} was made");
        }
    }

    async fn commit(fake: &Scripted, part: &Part, handle: Value, deadline: i64) -> CommitOutcome {
        let api_url = fake.url("/");
        let config = XConfig {
            client_id: "app".into(),
            client_secret: None,
            auth_url: api_url.clone(),
            api_url,
            absence_is_proof: false,
            pauses: Arc::new(Never),
            darkroom: Arc::new(Never),
        };
        let x = X::new(config, Arc::new(Outbound::new(Reach::Loopback).unwrap()));
        let armed = Armed::witnessed(DeliveryId::generate(1, 1), AttemptId::generate(1, 1), deadline);
        x.create(armed, &SecretString::from("canary"), &account("tweet.read"), part, &handle).await
    }

    fn sent(part: &Part, ids: &[&str]) -> Value {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        serde_json::from_slice(&body(part, &ids).unwrap()).unwrap()
    }

    #[test]
    fn only_what_is_set_is_sent() {
        assert_eq!(sent(&part("hi"), &[]), json!({"text": "hi"}));
        let mut full = part("");
        full.options = Options {
            repliers: Some(Repliers::Mentioned),
            made_with_ai: true,
            paid_partnership: true,
            ..Options::default()
        };
        let expected = json!({"text": "", "media": {"media_ids": ["7"]}, "reply_settings": "mentionedUsers", "made_with_ai": true, "paid_partnership": true});
        assert_eq!(sent(&full, &["7"]), expected);
        full.no = 1;
        assert_eq!(body(&full, &[]), None);
        full.reply_to = Some("5".into());
        full.segment.poll = Some(Poll { options: vec!["a".into(), "b".into()], minutes: 60 });
        let expected = json!({"text": "", "poll": {"options": ["a", "b"], "duration_minutes": 60}, "reply": {"in_reply_to_tweet_id": "5"}, "made_with_ai": true, "paid_partnership": true});
        assert_eq!(sent(&full, &[]), expected);
    }

    #[tokio::test]
    async fn an_accepted_post_has_its_address() {
        let answer = "HTTP/1.1 201 Created\r\ncontent-length: 31\r\n\r\n{\"data\":{\"id\":\"77\",\"text\":\"hi\"}}";
        let fake = listen(Reply::Text(answer)).await;
        let got = commit(&fake, &part("hi"), Value::Null, boot_ms() + 5000).await;
        // One byte less than the body was announced: a whole answer is what was announced.
        assert!(matches!(got, CommitOutcome::Unknown { .. }), "{got:?}");
        let answer = "HTTP/1.1 201 Created\r\ncontent-length: 32\r\n\r\n{\"data\":{\"id\":\"77\",\"text\":\"hi\"}}";
        let fake = listen(Reply::Text(answer)).await;
        let got = commit(&fake, &part("hi"), Value::Null, boot_ms() + 5000).await;
        let permalink = "https://x.com/ana/status/77".to_owned();
        assert_eq!(got, CommitOutcome::Accepted { remote_id: "77".into(), permalink });
        let seen = fake.seen().await;
        assert!(
            seen.starts_with("POST /2/tweets HTTP/1.1\r\n") && seen.ends_with("\r\n\r\n{\"text\":\"hi\"}"),
            "{seen}"
        );
        assert!(seen.contains("authorization: Bearer canary") && seen.contains("content-type: application/json"));
    }

    #[tokio::test]
    async fn the_token_is_never_evidence() {
        let fake = listen(Reply::Text("HTTP/1.1 500 No\r\ncontent-length: 12\r\n\r\nsaw a canary")).await;
        let got = commit(&fake, &part("hi"), Value::Null, boot_ms() + 5000).await;
        assert_eq!(got, CommitOutcome::Unknown { evidence: "HTTP 500 saw a [token]".into() });
    }

    #[tokio::test]
    async fn a_missing_scope_blocks_and_a_cut_is_unknown() {
        let body = r#"{"title":"Forbidden","detail":"You are not permitted to perform this action."}"#;
        let answer = format!("HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let fake = listen(Reply::Made(answer)).await;
        let got = commit(&fake, &part("hi"), Value::Null, boot_ms() + 5000).await;
        let CommitOutcome::Refused { class, .. } = got else { panic!("{got:?}") };
        assert_eq!(class, RefusedClass::Blocked(say!("x-scope-missing", scope = "tweet.write")));
        let fake = listen(Reply::Close).await;
        let got = commit(&fake, &part("hi"), Value::Null, boot_ms() + 5000).await;
        assert!(matches!(got, CommitOutcome::Unknown { .. }), "{got:?}");
    }

    #[tokio::test]
    async fn nothing_is_sent_late_or_with_media_that_were_not_prepared() {
        let mut with_medium = part("hi");
        with_medium.media.push(medium());
        let fake = listen(Reply::Close).await;
        for handle in
            [Value::Null, json!({"media_ids": []}), json!({"media_ids": ["1", "2"]}), json!({"media_ids": ["x"]})]
        {
            let got = commit(&fake, &with_medium, handle, boot_ms() + 5000).await;
            assert!(matches!(got, CommitOutcome::Refused { class: RefusedClass::PrepareAgain, .. }), "{got:?}");
        }
        let got = commit(&fake, &part("hi"), Value::Null, boot_ms() - 1).await;
        assert!(matches!(got, CommitOutcome::NotSent { .. }), "{got:?}");
        assert_eq!(fake.seen().await, "");
    }

    #[test]
    fn a_refused_part_of_a_thread_says_so() {
        let mut second = part("two");
        (second.no, second.reply_to) = (1, Some("5".into()));
        let general = RefusedClass::Permanent(say!("x-not-permitted"));
        let told = RefusedClass::Permanent(say!("x-reply-refused", part = 2));
        assert_eq!(in_context(general.clone(), &account("tweet.write"), &second), told);
        assert_eq!(in_context(general.clone(), &account("tweet.write"), &part("one")), general);
    }
}
