//! Who is asking, for which workspace, and how far they may go without a human gesture.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::{AccessTokenId, AccountId, OauthGrantId, SessionId, UserId, WorkspaceId};
use super::lang::Lang;

/// How far a front end or client may go on its own. Each level contains the ones before it (DESIGN §4).
/// It never covers connecting an account or forgetting something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grant {
    /// May read and draft; anything outward asks a person.
    Drafts,
    /// May also schedule.
    Schedules,
    /// May also publish now.
    Publishes,
}

impl Grant {
    /// Every grant, weakest first.
    pub const ALL: [Self; 3] = [Self::Drafts, Self::Schedules, Self::Publishes];

    /// The word in rows, flags and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Drafts => "drafts",
            Self::Schedules => "schedules",
            Self::Publishes => "publishes",
        }
    }

    /// The grant with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.word() == word)
    }
}

/// The door a caller came in by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// A signed-in browser.
    Web(SessionId),
    /// MCP over HTTP with a personal access token.
    McpHttp(AccessTokenId),
    /// MCP over HTTP by a program that the person let in.
    McpApp(OauthGrantId),
    /// MCP over stdio, through the socket in the data folder.
    McpStdio,
    /// The local user typing in `socrazi chat`.
    Terminal,
    /// A linked member of a Slack team; Slack's signature says who.
    Slack,
    /// A linked member of Discord; Discord's signature or its gateway says who.
    Discord,
}

impl Via {
    /// The word in audit rows and receipts.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Web(_) => "web",
            Self::McpHttp(_) => "mcp-http",
            Self::McpApp(_) => "mcp-app",
            Self::McpStdio => "mcp-stdio",
            Self::Terminal => "terminal",
            Self::Slack => "slack",
            Self::Discord => "discord",
        }
    }
}

impl Caller {
    /// Whose standing permission it acts under: the personal token, the program's consent, or the front end.
    #[must_use]
    pub fn grantee(&self) -> String {
        match &self.via {
            Via::McpHttp(token) => token.as_str().to_owned(),
            Via::McpApp(grant) => grant.as_str().to_owned(),
            Via::McpStdio => "mcp-stdio".to_owned(),
            // A person's conversations share one permission, wherever they are held.
            Via::Web(_) | Via::Terminal | Via::Slack | Via::Discord => "chat".to_owned(),
        }
    }

    /// Whether they may see and use an account.
    #[must_use]
    pub fn may_use(&self, account: &AccountId) -> bool {
        self.accounts.as_ref().is_none_or(|accounts| accounts.contains(account))
    }

    /// Whether it is an assistant's client, and no front end of ours.
    #[must_use]
    pub fn is_assistant(&self) -> bool {
        match self.via {
            Via::McpHttp(_) | Via::McpApp(_) | Via::McpStdio => true,
            Via::Web(_) | Via::Terminal | Via::Slack | Via::Discord => false,
        }
    }

    /// How an approval names this standing permission as the one that answered (DECISIONS 5).
    #[must_use]
    pub fn granted(&self) -> String {
        format!("grant:{}:{}", self.grantee(), self.grant.word())
    }
}

/// An authenticated caller. Made only by `App::authenticate` and friends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// The workspace they act in.
    pub workspace: WorkspaceId,
    /// Standing permission of the door they came in by.
    pub grant: Grant,
    /// That door.
    pub via: Via,
    /// Their language.
    pub lang: Lang,
    /// Their IANA time zone.
    pub zone: String,
    /// Somebody else's words are in sight of whoever writes for them: what is written now is marked.
    pub is_tainted: bool,
    /// The accounts they may see and use, with the posts for them; all of the workspace's where there is none.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Whether they may see what Google accounts hold.
    pub sees_google: bool,
}
