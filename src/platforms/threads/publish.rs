//! The commit: `POST /me/threads_publish`, once (platforms/threads.md §3.3, RELIABILITY §1). What answers mean is in `classify`.

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::SecretString;
use serde_json::Value;

use super::classify::{Verdict, Waiting, classify, evidence};
use super::containers::State;
use super::wire::{Item, is_id};
use super::{Threads, link, read, without_token};
use crate::domain::account::Account;
use crate::domain::commit::{Armed, CommitOutcome, RefusedClass};
use crate::http_out::{CommitCall, CommitRequest, TOTAL_TIMEOUT, bearer};
use crate::platforms::Part;
use crate::say;

/// How long a read after the commit may take: the outcome waits for it, and is known well enough without.
const READ_TIMEOUT: Duration = Duration::from_secs(3);

impl Threads {
    pub(super) async fn publish(
        &self,
        armed: Armed,
        access: &SecretString,
        (account, part): (&Account, &Part),
        handle: &Value,
    ) -> CommitOutcome {
        let Some(container) = container_of(handle) else {
            let evidence = "nothing was sent: the prepared container is not known".to_owned();
            return CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence };
        };
        let Some(headers) = headers(access) else {
            return CommitOutcome::NotSent { why: "the request could not be built".to_owned() };
        };
        let call = self.out.commit_call(CommitRequest {
            url: self.endpoint("/me/threads_publish"),
            method: Method::POST,
            headers,
            body: format!("creation_id={container}").into(),
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
            Verdict::Accepted(remote_id) => {
                let permalink = self.permalink(access, &account.handle, &remote_id).await;
                CommitOutcome::Accepted { remote_id, permalink }
            }
            Verdict::Refused(RefusedClass::Spent) => self.not_found(access, container, evidence).await,
            Verdict::Refused(class) => CommitOutcome::Refused { class: in_context(class, part), evidence },
            Verdict::Unknown => CommitOutcome::Unknown { evidence },
        }
    }

    /// "Media Not Found" is also what a container answers that was published (§4): only one that says of itself that it was not may be tried again.
    async fn not_found(&self, access: &SecretString, container: &str, evidence: String) -> CommitOutcome {
        match tokio::time::timeout(READ_TIMEOUT, self.state(access, container)).await {
            Ok(Ok(State::Finished | State::InProgress)) => {
                CommitOutcome::Refused { class: RefusedClass::Spent, evidence }
            }
            Ok(Ok(State::Failed(_))) => CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence },
            Ok(Ok(State::Published) | Err(_)) | Err(_) => CommitOutcome::Unknown { evidence },
        }
    }

    /// Where a post can be seen. Threads may not say (§3.3: copyright): then it is somewhere on the profile.
    pub(super) async fn permalink(&self, access: &SecretString, handle: &str, id: &str) -> String {
        let mut url = self.endpoint(&format!("/{id}"));
        url.query_pairs_mut().append_pair("fields", "id,permalink");
        let asked = tokio::time::timeout(READ_TIMEOUT, self.get(access, url, Waiting::Queue)).await;
        let item: Option<Item> = asked.ok().and_then(Result::ok).and_then(|answer| read(&answer).ok());
        shown_at(handle, item.map(|item| item.permalink).unwrap_or_default())
    }
}

/// The address as a person's would be kept, if it is one of the web; else the profile's.
pub(super) fn shown_at(handle: &str, permalink: String) -> String {
    if let Some((_, same)) = link::read(handle, &permalink) {
        return same;
    }
    if permalink.starts_with("https://") { permalink } else { format!("https://www.threads.net/@{handle}") }
}

/// The container that `prepare` saved.
pub(super) fn container_of(handle: &Value) -> Option<&str> {
    handle["container"].as_str().filter(|id| is_id(id))
}

fn headers(access: &SecretString) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, bearer(access)?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    Some(headers)
}

/// A refusal of a later part may be about the part before it.
fn in_context(class: RefusedClass, part: &Part) -> RefusedClass {
    match class {
        RefusedClass::Permanent(what) if what.key == "threads-target-gone" && part.no > 0 => {
            RefusedClass::Permanent(say!("threads-reply-refused", part = part.no + 1))
        }
        other => other,
    }
}
