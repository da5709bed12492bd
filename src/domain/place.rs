//! Somebody in another place: a member of a chat service, who may be one of our people.

use super::caller::Via;

/// A chat service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChatPlace {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
}

impl ChatPlace {
    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
        }
    }

    /// Its name, as people say it.
    #[must_use]
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Discord => "Discord",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        [Self::Slack, Self::Discord].into_iter().find(|place| place.word() == word)
    }

    /// The door its members come in by.
    #[must_use]
    pub const fn via(self) -> Via {
        match self {
            Self::Slack => Via::Slack,
            Self::Discord => Via::Discord,
        }
    }
}

/// A member of a chat service. Made from what the service signed, never from what somebody typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// Which service.
    pub place: ChatPlace,
    /// The team or organisation there.
    pub team: String,
    /// Their id there.
    pub id: String,
}

impl Member {
    /// What identity rows call them.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{}:{}", self.team, self.id)
    }
}

/// Who of a team may become one of our people by signing in there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joins {
    /// Nobody new.
    Nobody,
    /// Those whom the installer names.
    Chosen,
    /// Every member.
    All,
}

impl Joins {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Nobody, Self::Chosen, Self::All];

    /// The word in rows and forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Chosen => "chosen",
            Self::All => "all",
        }
    }

    /// The choice with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|joins| joins.word() == word)
    }
}
