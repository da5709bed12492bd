//! The commit: `POST /me/threads_publish`, once (platforms/threads.md §3.3, RELIABILITY §1). What answers mean is in `classify`.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

use super::wire::Item;
use super::{Threads, link};
use crate::domain::account::Account;
use crate::domain::commit::{Armed, CommitOutcome, RefusedClass};
use crate::platforms::Part;
use crate::platforms::meta::{Verdict, Waiting, after_not_found, container_of, evidence, read, verdict};
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
        let url = self.graph.endpoint("/me/threads_publish");
        let answer = match self.graph.commit(&armed, access, (url, &[("creation_id", container)])).await {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let evidence = evidence(answer.status, &answer.body);
        match verdict(&answer, &self.graph.tongue) {
            Verdict::Accepted(remote_id) => {
                let permalink = self.permalink(access, &account.handle, &remote_id).await;
                CommitOutcome::Accepted { remote_id, permalink }
            }
            Verdict::Refused(RefusedClass::Spent) => self.not_found(access, container, evidence).await,
            Verdict::Refused(class) => CommitOutcome::Refused { class: in_context(class, part), evidence },
            Verdict::Unknown => CommitOutcome::Unknown { evidence },
        }
    }

    /// "Media Not Found" is also what a container answers that was published (§4).
    async fn not_found(&self, access: &SecretString, container: &str, evidence: String) -> CommitOutcome {
        let state = tokio::time::timeout(READ_TIMEOUT, self.state(access, container)).await;
        after_not_found(state.ok(), evidence)
    }

    /// Where a post can be seen. Threads may not say (§3.3: copyright): then it is somewhere on the profile.
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
    if permalink.starts_with("https://") { permalink } else { format!("https://www.threads.net/@{handle}") }
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
