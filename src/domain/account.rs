//! A workspace's handle on a network and its health.

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, UserId, WorkspaceId};
use super::network::Network;

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Tokens are good or can be refreshed.
    Fine,
    /// The person must connect it again before anything goes out.
    NeedsReconnecting,
    /// The person took it away; its tokens are destroyed.
    Disconnected,
}

impl Health {
    /// Every health.
    pub const ALL: [Self; 3] = [Self::Fine, Self::NeedsReconnecting, Self::Disconnected];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::NeedsReconnecting => "needs_reconnecting",
            Self::Disconnected => "disconnected",
        }
    }

    /// The health with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|health| health.word() == word)
    }
}

/// Why an account must be connected again, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The network refused our access before its time, and nothing could renew it.
    Refused,
    /// The person took it back there, and the network said so.
    Revoked,
    /// Its own limit was reached.
    Expired,
    /// The answer to a renewal was lost, and asking again could end the grant for good.
    Unclear,
    /// It lives, and the permission to publish is not in it.
    Unpermitted,
    /// The Google account behind it was let go here.
    LetGo,
    /// The network holds the account back; its words stand with the post that met them.
    Blocked,
}

impl Ended {
    /// Every reason.
    pub const ALL: [Self; 7] =
        [Self::Refused, Self::Revoked, Self::Expired, Self::Unclear, Self::Unpermitted, Self::LetGo, Self::Blocked];

    /// The word in rows and sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Unclear => "unclear",
            Self::Unpermitted => "unpermitted",
            Self::LetGo => "let_go",
            Self::Blocked => "blocked",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ended| ended.word() == word)
    }

    /// What refuses a grant whose own end is (or is not) known, Unix milliseconds.
    #[must_use]
    pub fn at(now: i64, ends_at: Option<i64>) -> Self {
        if ends_at.is_some_and(|end| end <= now) { Self::Expired } else { Self::Refused }
    }
}

/// What became of telling a network that its grant is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It confirmed.
    Yes,
    /// It will not: there is no way, nothing to revoke with, or the grant is shared with what stays connected.
    No,
    /// It gave no clear answer yet.
    Later,
}

impl Revoked {
    /// The word in sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Later => "later",
        }
    }

    /// The lesser of two.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Later, _) | (_, Self::Later) => Self::Later,
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

/// An account as the rest of the house sees it: without its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Our id.
    pub id: AccountId,
    /// Whose workspace it belongs to.
    pub workspace: WorkspaceId,
    /// Who connected it: their key seals its tokens.
    pub user: UserId,
    /// The network.
    pub network: Network,
    /// The network's own id of the account.
    pub remote_id: String,
    /// The handle people know, without `@`.
    pub handle: String,
    /// The display name.
    pub name: String,
    /// The scopes granted, space-separated.
    pub scopes: String,
    /// Whether it can be used.
    pub health: Health,
    /// Since when its picture is here, Unix milliseconds; `None` where there is none.
    pub avatar_at: Option<i64>,
}

impl Account {
    /// The handle with its network: one person has the same handle in several places.
    #[must_use]
    pub fn named(&self) -> String {
        format!("{} ({})", self.handle, self.network.shown())
    }

    /// The display name, where it says something that the handle does not.
    #[must_use]
    pub fn other_name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|name| !name.is_empty() && *name != self.handle)
    }
}

/// What a network says of the account behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The network's own id.
    pub remote_id: String,
    /// The handle people know, without `@`.
    pub handle: String,
    /// The display name.
    pub name: String,
    /// The id by which the network names it to this server's app alone, where that is another one (platforms/instagram.md §8).
    pub scoped_id: Option<String>,
    /// Where its picture can be fetched just now. Never stored: such addresses end.
    pub avatar_url: Option<String>,
}
