//! A conversation's plain words: what a front end hands in, what it gets while it waits, and what it shows in the end.

use async_trait::async_trait;

use super::drawn::Drawn;
use super::ids::{ApprovalId, ConversationId, MediaId, PostId, UserId};
use super::refusal::Sentence;
use super::schedule::Moment;
use super::tool::{Effect, ToolError};

/// Whether figures of Google's may be shown where somebody speaks: they leave for there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShowsGoogle {
    /// They may: the person is alone there, or agreed.
    Yes,
    /// Nobody asked them yet.
    Ask,
    /// They said no.
    No,
}

/// What a person said, wherever they said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// The front end (`chat`, `slack`, `discord`, `web`).
    pub place: &'static str,
    /// Its own name for the thread; one thread, one conversation.
    pub thread: String,
    /// Their words.
    pub text: String,
    /// Media they showed with it.
    pub media: Vec<MediaId>,
    /// Whether nobody else reads along there; elsewhere no titles of earlier conversations are shown.
    pub is_private: bool,
    /// Whether figures of Google's may be shown there.
    pub google: ShowsGoogle,
    /// What others wrote in the thread before, where it was read; empty for nothing. Material, never the person's words.
    pub others: String,
}

impl Utterance {
    /// Words said where nobody else reads, and nothing with them.
    #[must_use]
    pub fn alone(place: &'static str, thread: impl Into<String>, text: impl Into<String>) -> Self {
        let (media, others) = (Vec::new(), String::new());
        let (is_private, google) = (true, ShowsGoogle::Yes);
        Self { place, thread: thread.into(), text: text.into(), media, is_private, google, others }
    }
}

/// What a front end shows while a turn runs. Nothing of it is the last word: the reply is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Another turn of this conversation runs first.
    Queued,
    /// The model thinks.
    Thinking,
    /// A tool runs.
    Tool {
        /// Its name.
        name: String,
        /// What it does to the world.
        effect: Effect,
    },
    /// What was said so far is taken back and said anew.
    Again,
    /// More text.
    Text(String),
}

/// Something a front end draws from ledger rows or a tool's answer, never from a model's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Card {
    /// A draft with its checks.
    Draft(PostId),
    /// A question for the person, with its buttons.
    Approval(ApprovalId),
    /// What is scheduled or out, with receipts.
    Post(PostId),
    /// Times that the person's words can mean; choosing one is saying it.
    Times(Vec<Moment>),
    /// A link for the person to open.
    Link {
        /// Where.
        url: String,
    },
    /// Figures that a tool was asked to show as a picture.
    Chart(Box<Drawn>),
    /// Figures of Google's are shown here only after the person agrees, alone.
    Google,
    /// Something was not done, and what to do about it.
    Problem(Sentence),
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// Its text, with claims checked against what was done.
    pub text: String,
    /// What is drawn below it.
    pub cards: Vec<Card>,
    /// How the turn ended.
    pub state: TurnState,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$item_doc])* $item,)+
        }

        impl $name {
            /// The word in rows.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$item => $word,)+
                }
            }

            /// The one with this word.
            #[must_use]
            pub fn find(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$item),)+
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// How a turn stands.
    TurnState {
        /// Waits for the turn before it.
        Queued = "queued",
        /// Is being answered.
        Running = "running",
        /// Was answered.
        Done = "done",
        /// The person stopped it.
        Stopped = "stopped",
        /// Could not be answered; the person was told why.
        Failed = "failed",
        /// The model's service would not answer it: it is not shown to the model again.
        Blocked = "blocked",
        /// Its process ended first.
        Interrupted = "interrupted",
    }
}

words! {
    /// What a message is.
    MessageKind {
        /// A person's words.
        Person = "person",
        /// What others wrote in the thread before a person's words, read with them.
        Others = "others",
        /// A model's own JSON.
        Model = "model",
        /// What tools answered.
        Results = "results",
        /// What the person was shown.
        Reply = "reply",
    }
}

/// Who knows what conversations are called.
#[async_trait]
pub trait ConversationNames: Send + Sync {
    /// What one of a person's conversations is called, or begins with while it has no name, and when something was said in it last (Unix
    /// milliseconds); none when there is no such conversation.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn conversation_name(&self, user: &UserId, id: &ConversationId) -> Result<Option<(String, i64)>, ToolError>;
}
