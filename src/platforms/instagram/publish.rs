//! The commits: `media_publish` for a post, `comments` for the first one under it, each once (platforms/instagram.md §3.3, RELIABILITY §1). What
//! answers mean is in `classify`.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::wire::Item;
use super::{Instagram, link};
use crate::domain::account::Account;
use crate::domain::commit::{Armed, CommitOutcome, RefusedClass};
use crate::platforms::Part;
use crate::platforms::meta::{Verdict, Waiting, after_not_found, container_of, evidence, is_id, read, verdict};
use crate::say;

/// How long a read after the commit may take: the outcome waits for it, and is known well enough without.
const READ_TIMEOUT: Duration = Duration::from_secs(3);

impl Instagram {
    pub(super) async fn publish(
        &self,
        armed: Armed,
        access: &SecretString,
        (account, part): (&Account, &Part),
        handle: &Value,
    ) -> CommitOutcome {
        if part.no > 0 {
            return self.comment(armed, access, (account, part), handle).await;
        }
        let Some(container) = container_of(handle) else {
            let evidence = "nothing was sent: the prepared container is not known".to_owned();
            return CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence };
        };
        let url = self.graph.endpoint(&format!("/{}/media_publish", account.remote_id));
        match self.commit(&armed, access, (url, ("creation_id", container))).await {
            Ok((Verdict::Accepted(remote_id), _)) => {
                let permalink = self.permalink(access, &account.handle, &remote_id).await;
                CommitOutcome::Accepted { remote_id, permalink }
            }
            // What a container that was used answers is not known (§6): only one that says of itself that it was not is sent or made again.
            Ok((Verdict::Refused(class @ (RefusedClass::Spent | RefusedClass::PrepareAgain)), evidence)) => {
                let state = tokio::time::timeout(READ_TIMEOUT, self.state(access, container)).await;
                match after_not_found(state.ok(), evidence) {
                    CommitOutcome::Refused { evidence, .. } if class == RefusedClass::PrepareAgain => {
                        CommitOutcome::Refused { class, evidence }
                    }
                    asked => asked,
                }
            }
            Ok((Verdict::Refused(class), evidence)) => CommitOutcome::Refused { class, evidence },
            Ok((Verdict::Unknown, evidence)) => CommitOutcome::Unknown { evidence },
            Err(outcome) => outcome,
        }
    }

    /// The first comment: a part of its own, because the world sees it by itself.
    async fn comment(
        &self,
        armed: Armed,
        access: &SecretString,
        (account, part): (&Account, &Part),
        handle: &Value,
    ) -> CommitOutcome {
        let known = handle["post"].as_str().or(part.reply_to.as_deref());
        let Some(post) = known.filter(|id| is_id(id)) else {
            let class = RefusedClass::Permanent(say!("delivery-reason-no-parent"));
            return CommitOutcome::Refused { class, evidence: "nothing was sent: the post is not known".to_owned() };
        };
        let url = self.graph.endpoint(&format!("/{post}/comments"));
        match self.commit(&armed, access, (url, ("message", &part.segment.text))).await {
            Ok((Verdict::Accepted(remote_id), _)) => {
                // Comments have no address of their own.
                let permalink = self.permalink(access, &account.handle, post).await;
                CommitOutcome::Accepted { remote_id, permalink }
            }
            // Nothing was prepared that could be spent or made anew.
            Ok((Verdict::Refused(RefusedClass::Spent | RefusedClass::PrepareAgain), evidence)) => {
                CommitOutcome::Refused { class: RefusedClass::Later { after_ms: None }, evidence }
            }
            Ok((Verdict::Refused(class), evidence)) => CommitOutcome::Refused { class, evidence },
            Ok((Verdict::Unknown, evidence)) => CommitOutcome::Unknown { evidence },
            Err(outcome) => outcome,
        }
    }

    async fn commit(
        &self,
        armed: &Armed,
        access: &SecretString,
        (url, field): (Url, (&str, &str)),
    ) -> Result<(Verdict, String), CommitOutcome> {
        let answer = self.graph.commit(armed, access, (url, &[field])).await?;
        Ok((verdict(&answer, &self.graph.tongue), evidence(answer.status, &answer.body)))
    }

    /// Where a post can be seen; where Instagram does not say, it is somewhere on the profile (§3.3: a failing read fails nothing).
    pub(super) async fn permalink(&self, access: &SecretString, handle: &str, id: &str) -> String {
        let url = self.graph.fields(&format!("/{id}"), "id,permalink");
        let asked = tokio::time::timeout(READ_TIMEOUT, self.graph.get(access, url, Waiting::Queue)).await;
        let item: Option<Item> = asked.ok().and_then(Result::ok).and_then(|answer| read(&answer).ok());
        shown_at(handle, item.map(|item| item.permalink).unwrap_or_default())
    }
}

/// The address as a person's would be kept, if it is one of the web; else the profile's.
pub(super) fn shown_at(handle: &str, permalink: String) -> String {
    if let Some((_, same)) = link::read(handle, &permalink) {
        return same;
    }
    if permalink.starts_with("https://") { permalink } else { format!("https://www.instagram.com/{handle}/") }
}
