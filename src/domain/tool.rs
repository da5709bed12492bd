//! What a tool is to those who call it: its contract, its effect, its answer. Plain types shared by every front end and model.

use serde::{Deserialize, Serialize};

use super::drawn::Drawn;
use super::ids::{AccountId, ApprovalId};
use super::refusal::Sentence;
use crate::say;

/// What a tool does to the world. It sets MCP's hints and whether a person must make a gesture (DESIGN §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Looks, changes nothing.
    Reads,
    /// Changes only what nobody outside can see, or reduces publishing.
    Drafts,
    /// Makes something go out later.
    Schedules,
    /// Makes something go out now.
    Publishes,
    /// Ties an outside account to the workspace.
    Connects,
    /// Takes something away for good.
    Forgets,
}

impl Effect {
    /// Whether such a tool reaches somebody outside, where a tool does not say otherwise.
    #[must_use]
    pub const fn reaches_out(self) -> bool {
        matches!(self, Self::Schedules | Self::Publishes | Self::Connects | Self::Forgets)
    }

    /// Whether such a tool takes something away, where a tool does not say otherwise.
    #[must_use]
    pub const fn takes_away(self) -> bool {
        matches!(self, Self::Forgets)
    }

    /// What a person reads while such a tool runs.
    #[must_use]
    pub fn step(self) -> Sentence {
        match self {
            Self::Reads => say!("chat-step-reads"),
            Self::Drafts => say!("chat-step-drafts"),
            Self::Schedules => say!("chat-step-schedules"),
            Self::Publishes => say!("chat-step-publishes"),
            Self::Connects => say!("chat-step-connects"),
            Self::Forgets => say!("chat-step-forgets"),
        }
    }
}

/// A tool's contract. The texts are what models, MCP clients and README say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolSpec {
    /// `verb_noun`.
    pub name: &'static str,
    /// For people, in English.
    pub title: &'static str,
    /// For models.
    pub description: String,
    /// What it does to the world.
    pub effect: Effect,
    /// True when the same call twice changes nothing more.
    pub idempotent: bool,
    /// Whether it deals with somebody outside: a network, Google, an address that is given.
    pub reaches_out: bool,
    /// Whether it writes over something or takes it away, rather than only adding to what is there.
    pub takes_away: bool,
    /// Whether its answers hold data of a connected provider that a model on an unpaid plan must not see (dossier gemini.md §6).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_provider_data: bool,
    /// JSON Schema of the arguments, without `$ref`.
    pub input_schema: serde_json::Value,
    /// JSON Schema of the structured answer.
    pub output_schema: serde_json::Value,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolOutcome {
    /// The structured answer; fits the output schema.
    pub structured: serde_json::Value,
    /// The same in a few lines for a reader.
    pub text: String,
    /// The approvals that now wait for a person.
    pub waiting: Vec<ApprovalId>,
    /// How long it may be kept, when not as long as the conversation.
    pub keep: Option<Keep>,
    /// Whether it holds words of strangers.
    pub is_strange: bool,
    /// The same as a chart, where that was asked for.
    pub chart: Option<Drawn>,
}

/// A limit of a provider on how long its data may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// Gone from then on, Unix milliseconds.
    pub until_ms: i64,
    /// Gone when one of these accounts is disconnected.
    pub accounts: Vec<AccountId>,
}

/// Why a tool gave no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ToolError {
    /// The caller can do something about it: a sentence for them.
    #[error("refused: {}", .0.key)]
    Refused(Sentence),
    /// We failed: the source is for the log, never for the caller.
    #[error("failed: {0}")]
    Failed(String),
}

impl From<Sentence> for ToolError {
    fn from(sentence: Sentence) -> Self {
        Self::Refused(sentence)
    }
}
