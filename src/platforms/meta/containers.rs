//! Containers: made, waited for, published once. How they are waited for and what they say of themselves; how a state is read and what goes into
//! one is each network's own (platforms/threads.md §3.2, platforms/instagram.md §3.2).

use std::time::Duration;

use serde_json::Value;

use super::wire::is_id;
use crate::domain::commit::{CallFault, CommitOutcome, RefusedClass};

/// How far a container is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::platforms) enum State {
    /// The network works on it.
    InProgress,
    /// It can be published, and was not.
    Finished,
    /// It was published.
    Published,
    /// It cannot be published; the word says why, empty when it is too old.
    Failed(String),
}

/// When to ask how far a container is.
#[derive(Clone, Copy)]
pub(in crate::platforms) struct Pace {
    /// The first times, each after the one before.
    pub(in crate::platforms) after: &'static [Duration],
    /// And after those.
    pub(in crate::platforms) every: Duration,
    /// After this a new container is made, later.
    pub(in crate::platforms) longest: Duration,
}

impl Pace {
    /// The pauses between looks, one after the other, until it has taken too long.
    pub(in crate::platforms) fn pauses(self) -> impl Iterator<Item = Duration> + Send {
        let mut waited = Duration::ZERO;
        let all = self.after.iter().copied().chain(std::iter::repeat(self.every));
        all.take_while(move |pause| {
            let is_within = waited < self.longest;
            waited += *pause;
            is_within
        })
    }

    /// The network still worked on it at the end of them.
    pub(in crate::platforms) fn over(self, id: &str) -> CallFault {
        let why = format!("the network was still working on container {id} after {} s", self.longest.as_secs());
        CallFault::Later { after_ms: None, why }
    }
}

/// "Not found" is also what a container answers that was published: only one that says of itself that it was not may be tried again.
pub(in crate::platforms) fn after_not_found(
    state: Option<Result<State, CallFault>>,
    evidence: String,
) -> CommitOutcome {
    match state {
        Some(Ok(State::Finished | State::InProgress)) => {
            CommitOutcome::Refused { class: RefusedClass::Spent, evidence }
        }
        Some(Ok(State::Failed(_))) => CommitOutcome::Refused { class: RefusedClass::PrepareAgain, evidence },
        Some(Ok(State::Published) | Err(_)) | None => CommitOutcome::Unknown { evidence },
    }
}

/// The container that `prepare` saved.
pub(in crate::platforms) fn container_of(handle: &Value) -> Option<&str> {
    handle["container"].as_str().filter(|id| is_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_at_their_pace_and_end() {
        const AFTER: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(5)];
        let s = Duration::from_secs;
        let pace = Pace { after: &AFTER, every: s(60), longest: s(120) };
        assert_eq!(pace.pauses().collect::<Vec<_>>(), [s(2), s(5), s(60), s(60)]);
    }
}
