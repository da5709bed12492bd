//! The networks of the model: how they take a commit, and what they can be asked. What is made of their answers is in `model`.

use socrazi::domain::commit::{CommitOutcome, RefusedClass};
use socrazi::domain::delivery::COMMIT_TIMEOUT_MS;
use socrazi::say;

use super::{Attempt, Post, World};

/// What the network is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// That it is not seen proves nothing.
    ReadsBadly,
    /// That it is not seen proves that it is not there.
    ReadsWell,
    /// What is prepared can go out once, and says whether it did. Requests may be on their way for longer than any answer is waited for.
    Contains,
}

impl Network {
    pub(crate) const ALL: [Self; 3] = [Self::ReadsBadly, Self::ReadsWell, Self::Contains];
}

/// How the network takes a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Visible, and said so.
    Accepts,
    /// Visible at once, but the answer is lost.
    LosesAnswer,
    /// Visible only after so long, and no answer.
    Lags(i64),
    /// Not visible, and no answer.
    LosesAll,
    /// Not one byte left.
    NotSent,
    /// Refused in one of the documented ways.
    Refuses(u8),
}

impl Reply {
    /// From a number: what proptest and seeds draw.
    pub(super) fn drawn(part: u16) -> Self {
        match part % 16 {
            0..=5 => Self::Accepts,
            6..=7 => Self::LosesAnswer,
            8..=9 => Self::Lags(i64::from(part) * 7 % COMMIT_TIMEOUT_MS),
            10 => Self::LosesAll,
            11 => Self::NotSent,
            _ => Self::Refuses(u8::try_from(part / 16 % 6).unwrap_or(0)),
        }
    }
}

/// How much longer a request may be on its way where that can make no second post.
const LAG_TIMES: i64 = 10;

pub(super) fn lost() -> CommitOutcome {
    CommitOutcome::Unknown { evidence: String::new() }
}

pub(super) fn refused(class: RefusedClass) -> CommitOutcome {
    CommitOutcome::Refused { class, evidence: String::new() }
}

impl World {
    /// Whether a commit finds nothing to publish.
    pub(super) fn is_spent(&self, attempt: usize) -> bool {
        let container = self.attempts[attempt].container;
        let is_out = |post: &Post| post.container == container && post.visible_at <= self.now;
        self.network == Network::Contains && (self.ruined.contains(&container) || self.posts.iter().any(is_out))
    }

    /// The network takes it, and shows it after so long. Where what is prepared goes out once, the first request to arrive makes it so.
    pub(super) fn show(&mut self, attempt: usize, ms: i64) -> u32 {
        let (is_once, Attempt { part, container, .. }) = (self.network == Network::Contains, self.attempts[attempt]);
        let ms = if is_once { ms * LAG_TIMES } else { ms };
        let visible_at = self.now + ms;
        if is_once && (self.ruined.contains(&container) || self.posts.iter().any(|post| post.container == container)) {
            let mut same = self.posts.iter_mut().filter(|post| post.container == container);
            return same.next().map_or(0, |post| {
                post.visible_at = post.visible_at.min(visible_at);
                post.id
            });
        }
        let id = u32::try_from(self.posts.len()).unwrap() + 1;
        self.posts.push(Post { id, part, container, visible_at, is_late: ms > COMMIT_TIMEOUT_MS });
        id
    }

    pub(super) fn refusal(&mut self, attempt: usize, how: u8) -> RefusedClass {
        let Attempt { part, container, .. } = self.attempts[attempt];
        let is_once = self.network == Network::Contains;
        match how {
            0 => RefusedClass::Later { after_ms: Some(5_000) },
            1 if is_once => {
                // Lost by the network, unless it is on its way out.
                if self.posts.iter().all(|post| post.container != container) {
                    self.ruined.push(container);
                }
                RefusedClass::Spent
            }
            1 => RefusedClass::PrepareAgain,
            2 => RefusedClass::AppStopped(say!("common-failed")),
            3 => RefusedClass::Unauthorized,
            4 => RefusedClass::Blocked(say!("common-failed")),
            _ if self.is_spent(attempt) => RefusedClass::Spent,
            // Only where it is there already.
            _ if !is_once && self.posts.iter().any(|post| post.part == part) => RefusedClass::Duplicate,
            _ => RefusedClass::Permanent(say!("common-failed")),
        }
    }
}
