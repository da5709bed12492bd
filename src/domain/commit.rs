//! The vocabulary of the one call after which the world can see a post: its permission, its outcomes, and what reading back can show.

use super::ids::{AttemptId, DeliveryId};
use super::refusal::Sentence;

/// Proof that an open commit attempt is durable. A network's `commit` cannot be called without one, and only
/// `store::arm` makes one (kept by `tests/it/tidy.rs`): no adapter can send without an attempt row.
#[derive(Debug)]
pub struct Armed {
    delivery: DeliveryId,
    attempt: AttemptId,
    sent_deadline_boot_ms: i64,
}

impl Armed {
    /// Only for `store::arm`, after the transaction that wrote the attempt has committed.
    #[must_use]
    pub(crate) fn witnessed(delivery: DeliveryId, attempt: AttemptId, sent_deadline_boot_ms: i64) -> Self {
        Self { delivery, attempt, sent_deadline_boot_ms }
    }

    /// Which delivery.
    #[must_use]
    pub fn delivery(&self) -> &DeliveryId {
        &self.delivery
    }

    /// Which attempt.
    #[must_use]
    pub fn attempt(&self) -> &AttemptId {
        &self.attempt
    }

    /// Past this instant (milliseconds since boot) not one byte may be written.
    #[must_use]
    pub fn sent_deadline_boot_ms(&self) -> i64 {
        self.sent_deadline_boot_ms
    }
}

/// How a commit call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The network accepted it and said so.
    Accepted {
        /// The network's id of what is now visible.
        remote_id: String,
        /// Where it can be seen.
        permalink: String,
    },
    /// The network took it and works on it before anybody can see it: from here on it is only asked how far it is.
    Working {
        /// What it said, for the attempt's evidence; where it named what it works on, that is found in there again.
        evidence: String,
    },
    /// Not one byte of the request was written: DNS, connect, TLS, or the deadline had passed.
    NotSent {
        /// For the log and the attempt's evidence.
        why: String,
    },
    /// The network refused, and documents that nothing was published.
    Refused {
        /// What kind of refusal.
        class: RefusedClass,
        /// Status and the first 2 kB, without tokens, for the attempt's evidence.
        evidence: String,
    },
    /// Everything else: the world may or may not see it.
    Unknown {
        /// What was seen, for the attempt's evidence.
        evidence: String,
    },
}

/// Kinds of documented refusals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusedClass {
    /// Try later: rate limit or a documented retryable rejection.
    Later {
        /// How long to wait at least, from `Retry-After` or a reset header.
        after_ms: Option<i64>,
    },
    /// Prepared media are gone or unfinished: prepare again, then retry.
    PrepareAgain,
    /// What was prepared can go out once, and the network says that it is not there, though it did not go out: it is tried again as it is some
    /// times, then prepared anew. After an ambiguous attempt that one may have used it by now, so it is looked for.
    Spent,
    /// The whole app is stopped (credits, caps): retry later, tell the operator.
    AppStopped(Sentence),
    /// The token is no longer good: refresh once, else reconnect.
    Unauthorized,
    /// The account or its permissions must be mended by the person.
    Blocked(Sentence),
    /// The person must change the post.
    Permanent(Sentence),
    /// The network says the same text is there already. Evidence after an ambiguous attempt, a permanent refusal on a first one.
    Duplicate,
}

/// What became of something that lay at a network for what will not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenUp {
    /// Nothing is there, or what is there is seen.
    Nothing,
    /// It was removed.
    Removed,
    /// It is still there, seen by its owner alone: somebody changed it, or it cannot be removed.
    Kept {
        /// Where.
        link: String,
    },
}

/// What reading back showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// Exactly one match.
    Found {
        /// The network's id.
        remote_id: String,
        /// Where it can be seen.
        permalink: String,
    },
    /// The network took it and still works on it.
    Working,
    /// The network took it, and lays it before the person, who shows it to the world or does not: nothing more happens from here.
    Handed {
        /// The network's id.
        remote_id: String,
        /// Where the person finds it.
        permalink: String,
    },
    /// The network took it, and says that it was not shown and never will be.
    Rejected {
        /// What kind of refusal.
        class: RefusedClass,
        /// What was said, for the attempt's evidence.
        evidence: String,
    },
    /// The network says that it is out, and it is not among the account's posts: a person must look.
    Unlisted,
    /// It is not there.
    Absent {
        /// What was prepared for it can never go out any more: another try prepares anew.
        is_ruined: bool,
    },
    /// The app may not read what the account posted, and never will: nothing can be looked for, so a person is asked at once.
    Hidden {
        /// What they are asked.
        ask: Sentence,
    },
    /// More than one thing fits; a person must choose.
    Ambiguous {
        /// The candidates' ids.
        remote_ids: Vec<String>,
    },
}

/// A call that is free to repeat (read, upload, token) failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    /// Try later.
    #[error("try later: {why}")]
    Later {
        /// How long to wait at least.
        after_ms: Option<i64>,
        /// For the log.
        why: String,
    },
    /// The token is no longer good.
    #[error("the token was refused: {why}")]
    Unauthorized {
        /// For the log.
        why: String,
    },
    /// The account or its permissions must be mended by the person; the post is as it should be.
    #[error("blocked: {}", .0.key)]
    Blocked(Sentence),
    /// It will not work until something changes; the sentence says what.
    #[error("refused: {}", .0.key)]
    Refused(Sentence),
}

/// A medium that cannot be read from the disk just now.
impl From<std::io::Error> for CallFault {
    fn from(error: std::io::Error) -> Self {
        Self::Later { after_ms: None, why: format!("a medium cannot be read: {error}") }
    }
}

/// What to look for when reading back.
#[derive(Debug, Clone)]
pub struct Search {
    /// The network's id of the account.
    pub account_remote_id: String,
    /// The handle, for permalinks.
    pub handle: String,
    /// The text that was sent.
    pub text: String,
    /// How many media went with it.
    pub media: usize,
    /// What the network gave for the prepared part, where it is still known.
    pub prepared: Option<serde_json::Value>,
    /// The id of the previous part of a thread.
    pub reply_to: Option<String>,
    /// When the attempt began, Unix milliseconds.
    pub started_at: i64,
    /// When it must have been over, Unix milliseconds.
    pub ended_by: i64,
    /// What the clock says now by which the two were kept: the network's may say something else.
    pub now: i64,
    /// Ids already claimed by other deliveries: never matched.
    pub claimed: Vec<String>,
    /// What the network said at the last try, as it was kept; empty where it said nothing.
    pub said: String,
}
