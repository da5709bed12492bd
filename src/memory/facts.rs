//! What is remembered and handed out, as plain data.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Profile;
use crate::domain::caller::Grant;
use crate::domain::chat::{MessageKind, TurnState};
use crate::domain::ids::{AccountId, ConversationId, MediaId, MessageId, TurnId, UserId};
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::say;
use crate::store::turns::StoredMessage;

/// A turn that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTurn {
    /// Whose.
    pub user: UserId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Its id.
    pub turn: TurnId,
    /// Whether it runs already; else it waits for others (`Memory::claim`).
    pub is_running: bool,
}

/// A turn whose message is sealed and not written yet.
#[derive(Debug)]
pub struct Sealing {
    /// The turn; whether it runs is not known yet.
    pub open: OpenTurn,
    pub(super) message: StoredMessage,
    pub(super) others: Option<StoredMessage>,
    pub(super) source: Option<String>,
}

/// Whether and how somebody may talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talker {
    /// What a conversation may do on its own.
    pub grant: Grant,
    /// The language they are talked to in.
    pub lang: Lang,
    /// Their IANA time zone.
    pub zone: String,
    /// Whether they agreed that their words go to a model.
    pub has_agreed: bool,
    /// What their conversations used this month, in tokens.
    pub used: i64,
    /// How they want to sound.
    pub profile: Profile,
    /// The conversation of the thread that was asked for, when there is one.
    pub conversation: Option<ConversationId>,
}

/// A message, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its turn.
    pub turn: TurnId,
    /// How that turn stands.
    pub turn_state: TurnState,
    /// What it is.
    pub kind: MessageKind,
    /// What it says: text of people and replies, JSON of models and results.
    pub body: String,
    /// Media that were shown with it.
    pub media: Vec<MediaId>,
    /// Whether it may only be kept for a while: nothing that lasts longer may be made of it.
    pub is_passing: bool,
    /// Whether its turn holds figures of Google's.
    pub is_of_google: bool,
    /// How much of a window it takes, about.
    pub tokens: i64,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// How long something that was said may be kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keeping {
    /// Unix milliseconds; as long as the conversation when none is set.
    pub until_ms: Option<i64>,
    /// Accounts with which it goes.
    pub accounts: BTreeSet<AccountId>,
}

/// What a turn ends with.
#[derive(Debug, Default)]
pub struct Last<'a> {
    /// The model's own JSON.
    pub model: Option<&'a str>,
    /// What the person was shown.
    pub reply: Option<&'a str>,
    /// How long they may be kept.
    pub keeping: Keeping,
}

/// What a conversation needs after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it has a name.
    pub is_named: bool,
    /// Tokens that were said since its summary.
    pub tokens: i64,
    /// Goes up with every forgetting.
    pub generation: i64,
}

/// What is left of a conversation for a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// What came before, in short.
    pub summary: Option<String>,
    /// What was said since, oldest first.
    pub messages: Vec<Message>,
    /// Whether older messages did not fit, so that a summary is due.
    pub is_cut: bool,
    /// Whether somebody else's words are in it, or were summed up in it.
    pub is_tainted: bool,
    /// Whether figures of Google's may be in the summary.
    pub is_summary_of_google: bool,
    /// Whether a turn of it was not over when it was read.
    pub is_moving: bool,
    /// Whether it has a name.
    pub is_named: bool,
    /// How much of a window the messages take, about.
    pub tokens: i64,
}

impl Past {
    /// Whether figures of Google's are in it.
    #[must_use]
    pub fn holds_google(&self) -> bool {
        let is_summed_up = self.is_summary_of_google && self.summary.is_some();
        is_summed_up || self.messages.iter().any(|message| message.is_of_google)
    }

    /// The same for a place where they are not shown: whole turns are left out, for whatever was said in one may repeat them.
    #[must_use]
    pub fn without_google(mut self) -> Self {
        if self.is_summary_of_google {
            self.summary = None;
        }
        self.messages.retain(|message| !message.is_of_google);
        self
    }
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// What it is about.
    pub title: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_at: i64,
}

/// What a turn answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// In which conversation.
    pub conversation: ConversationId,
    /// What was said in the end, if anything was.
    pub text: Option<String>,
}

/// What one side said, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// True for the person's own words.
    pub by_person: bool,
    /// The text; empty for a turn that was interrupted before it was answered, and for what may not be kept any longer.
    pub text: String,
    /// How the turn stands that it belongs to: `done`, `interrupted`, …; or `expired`, or `others` for what others wrote.
    pub turn: String,
    /// Unix milliseconds.
    pub at_ms: i64,
    /// Whether its turn holds figures of Google's.
    pub is_of_google: bool,
}

impl Spoken {
    /// Whether these words of a person still wait for their answer, or are being answered.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match TurnState::find(&self.turn) {
            Some(TurnState::Queued | TurnState::Running) => self.by_person,
            Some(
                TurnState::Done | TurnState::Stopped | TurnState::Failed | TurnState::Blocked | TurnState::Interrupted,
            )
            | None => false,
        }
    }

    /// Whether others wrote this, in the thread where the person spoke.
    #[must_use]
    pub fn is_by_others(&self) -> bool {
        self.turn == OTHERS
    }

    /// What stands in the place of a text that is not there.
    #[must_use]
    pub fn instead(&self) -> Option<Sentence> {
        self.text.is_empty().then(|| if self.turn == EXPIRED { say!("chat-expired") } else { say!("chat-interrupted") })
    }
}

/// Said of what others wrote.
pub(super) const OTHERS: &str = "others";

/// Said of what may not be kept any longer.
pub(super) const EXPIRED: &str = "expired";
