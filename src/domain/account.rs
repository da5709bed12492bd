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
