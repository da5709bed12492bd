//! A question put to a person, bound to exact content, and their decision.

use serde::{Deserialize, Serialize};

use super::batch::BatchPost;
use super::ids::{AccountId, ApprovalId, ConversationId, DeliveryId, MediaId, PostId, UserId, VariantId, WorkspaceId};
use super::post::digest;
use super::recurrence::Recurrence;
use super::refusal::Sentence;

/// What an approval would set going.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    /// Sends a post's variants at the named instants, or moves deliveries there.
    Publish {
        /// The post.
        post: PostId,
        /// The revision approved.
        revision: i64,
        /// One item per account.
        items: Vec<PublishItem>,
        /// Some account shows it already: only a person sends it once more.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// Sends several posts, each at its own instants: a plan. The person may leave some of them out.
    Batch {
        /// The posts, in the order in which they are shown and numbered, from 1.
        posts: Vec<BatchPost>,
    },
    /// Lets paused publishing go on.
    Resume {
        /// What was paused.
        scope: PauseScope,
        /// What happens to what should have gone out meanwhile.
        #[serde(default)]
        late: Late,
    },
    /// Removes a published post from its network.
    TakeDown {
        /// What to remove.
        delivery: DeliveryId,
    },
    /// Deletes what was said in conversations, or posts with all that belongs to them.
    Forget {
        /// How much of it.
        scope: ForgetScope,
    },
    /// Changes what is said of a film that is on its network already, or its picture. What exactly is kept beside the question.
    EditVideo {
        /// Whose film it is.
        account: AccountId,
        /// The network's id of it.
        video: String,
        /// Names what stood there when it was asked (`VideoChange::seen`).
        seen: String,
        /// Names what would be written (`VideoChange::becomes`).
        becomes: String,
    },
    /// Takes an account away and destroys its tokens.
    Disconnect {
        /// Which one.
        account: AccountId,
    },
}

/// What resuming does with what should have gone out during the pause. Never a burst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// The person is asked for each.
    #[default]
    Ask,
    /// It is left out.
    Skip,
    /// Everything that was paused moves later by as long as the pause was.
    Shift,
}

impl Late {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Ask, Self::Skip, Self::Shift];

    /// The word in forms and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Skip => "skip",
            Self::Shift => "shift",
        }
    }

    /// The choice with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|late| late.word() == word)
    }
}

/// What an approval would send to one account, once or by a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishItem {
    /// What goes out.
    pub variant: VariantId,
    /// Where.
    pub account: AccountId,
    /// Hash of what it shows there (`post::content_hash`).
    pub content_hash: String,
    /// When.
    pub when: When,
    /// The deliveries that this moves, with the epochs they had when the question was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub replaces: Vec<(DeliveryId, i64)>,
}

/// When a delivery goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum When {
    /// At an instant the person named.
    At {
        /// Unix milliseconds.
        at_ms: i64,
        /// The zone it was named in.
        zone: String,
    },
    /// As soon as the hold window after the gesture is over (DECISIONS 6).
    Now,
    /// At every instant of a rule.
    Every(Recurrence),
}

/// Until 0.1 an item moved at most one delivery, and questions of that form may still be open.
fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<(DeliveryId, i64)>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Found {
        Many(Vec<(DeliveryId, i64)>),
        One((DeliveryId, i64)),
    }
    Ok(match Found::deserialize(from)? {
        Found::Many(all) => all,
        Found::One(one) => vec![one],
    })
}

/// How much of what was said is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ForgetScope {
    /// One conversation.
    Conversation {
        /// Which.
        id: ConversationId,
    },
    /// Everything said in a span of time.
    Span {
        /// From this instant on, Unix milliseconds.
        from_ms: i64,
        /// Until before this instant, Unix milliseconds.
        until_ms: i64,
    },
    /// Every conversation.
    All,
    /// One post with all that belongs to it.
    Post {
        /// Which.
        id: PostId,
    },
    /// One picture, film or document that no post uses.
    Medium {
        /// Which.
        id: MediaId,
    },
    /// Every draft and post that was last changed in a span of time.
    Posts {
        /// From this instant on, Unix milliseconds; from the first without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_ms: Option<i64>,
        /// Until before this instant, Unix milliseconds.
        until_ms: i64,
    },
}

/// What a pause stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "id", rename_all = "snake_case")]
pub enum PauseScope {
    /// Everything in the workspace.
    Workspace,
    /// One account.
    Account(AccountId),
    /// One post.
    Post(PostId),
}

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nobody has answered.
    Pending,
    /// A person (or a standing permission) said yes.
    Approved,
    /// A person said no.
    Declined,
    /// The content or the time changed before anybody answered.
    Superseded,
    /// Nobody answered in time.
    Expired,
    /// What it was about went away before anybody answered.
    Void,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Approved, Self::Declined, Self::Superseded, Self::Expired, Self::Void];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Void => "void",
        }
    }

    /// The decision with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.word() == word)
    }
}

/// An approval as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Our id.
    pub id: ApprovalId,
    /// Whose workspace.
    pub workspace: WorkspaceId,
    /// Who is asked.
    pub user: UserId,
    /// What it would set going.
    pub act: Act,
    /// Hash of the act: what is shown and what is done are the same bytes.
    pub hash: String,
    /// Where it stands.
    pub decision: Decision,
    /// Unix milliseconds.
    pub created_at: i64,
    /// When it can no longer be answered.
    pub expires_at: i64,
    /// When it was answered.
    pub decided_at: Option<i64>,
    /// Through which door, with the grant's name when a standing permission answered.
    pub decided_via: Option<String>,
    /// Why it is void.
    pub reason: Option<Sentence>,
}

/// How long a question stays open: a week covers a holiday, and nothing scheduled hangs on it unseen.
pub const APPROVAL_LIFE_MS: i64 = 7 * 24 * 3_600_000;

/// The hash an approval is bound to: the whole act, items sorted by account and variant.
#[must_use]
pub fn act_hash(act: &Act) -> String {
    let sort = |items: &mut Vec<PublishItem>| {
        items.sort_by(|a, b| (&a.account, &a.variant).cmp(&(&b.account, &b.variant)));
    };
    let mut act = act.clone();
    match &mut act {
        Act::Publish { items, .. } => sort(items),
        // The order of the posts is part of the question: their numbers are what a person leaves out.
        Act::Batch { posts } => posts.iter_mut().for_each(|post| sort(&mut post.items)),
        Act::Resume { .. }
        | Act::TakeDown { .. }
        | Act::Forget { .. }
        | Act::EditVideo { .. }
        | Act::Disconnect { .. } => {}
    }
    digest(&serde_json::to_value(&act).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_does_not_depend_on_the_order_of_items_but_on_their_instants() {
        let item = |chance, at_ms| PublishItem {
            variant: VariantId::generate(1, chance),
            account: AccountId::generate(1, chance),
            content_hash: "h".into(),
            when: When::At { at_ms, zone: "UTC".into() },
            replaces: Vec::new(),
        };
        let act = |items| Act::Publish { post: PostId::generate(1, 1), revision: 1, items, again: false };
        assert_eq!(act_hash(&act(vec![item(1, 5), item(2, 5)])), act_hash(&act(vec![item(2, 5), item(1, 5)])));
        assert_ne!(act_hash(&act(vec![item(1, 5)])), act_hash(&act(vec![item(1, 6)])));
    }
}
