//! The role of a language model, and what is said to and by one. Who implements it is a folder; the agent knows only this page.
//! What a model said is kept as that model's own JSON, so that its next request can carry it back unchanged.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::refusal::Sentence;
use crate::say;

pub mod gemini;

/// Which of the configured models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// For conversation.
    Main,
    /// For titles and summaries: cheap.
    Lite,
}

/// A tool as a model is told of it.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// Its name.
    pub name: String,
    /// When to use it.
    pub description: String,
    /// JSON Schema of its arguments, as text: it is sent with every request.
    parameters: Box<RawValue>,
}

impl Declaration {
    /// A tool with the JSON Schema of its arguments.
    #[must_use]
    pub fn new(name: &str, description: &str, parameters: &Value) -> Self {
        // A value is always JSON; without it a tool would take nothing.
        let parameters = serde_json::value::to_raw_value(parameters).unwrap_or_default();
        Self { name: name.to_owned(), description: description.to_owned(), parameters }
    }

    /// The schema.
    #[must_use]
    pub fn parameters(&self) -> &RawValue {
        &self.parameters
    }
}

/// A picture handed to the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its type.
    pub mime: String,
    /// Its bytes.
    pub bytes: bytes::Bytes,
}

/// The result of a call, for the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallResult {
    /// The call's id, when it had one.
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// An object with `output` or `error`.
    pub response: Value,
}

/// One thing in a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A person said it.
    Person {
        /// Their words.
        text: String,
        /// Pictures they showed with it.
        pictures: Vec<Picture>,
    },
    /// The model said it: its own JSON, opaque, replayed as it is.
    Model(String),
    /// Tools answered it: one result per call, in the calls' order.
    Results(Vec<CallResult>),
}

/// A request.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which model.
    pub which: Which,
    /// What stands above the conversation.
    pub system: String,
    /// The tools it may call; none means that it can only talk.
    pub tools: std::sync::Arc<Vec<Declaration>>,
    /// The conversation, ending with a person or with results.
    pub items: Vec<Item>,
}

/// A piece of an answer on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// It thinks; a summary of what, when it tells.
    Thought(String),
    /// Text for the person.
    Text(String),
    /// What the answer has cost so far; each takes the place of the one before.
    Usage(Usage),
}

/// On which terms a model is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Nothing is used to improve the service.
    Paid,
    /// People may read what is sent: data of providers is withheld (dossier gemini.md §6).
    Unpaid,
}

/// A call the model wants made. Its arguments are untrusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// To be repeated in the result.
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// Its arguments.
    pub arguments: Value,
}

/// What an answer cost, in tokens as the service counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Everything sent, cached parts included.
    pub input: i64,
    /// What was said.
    pub output: i64,
    /// What was thought; not in `output`.
    pub thought: i64,
    /// The part of `input` that was cached.
    pub cached: i64,
}

impl Usage {
    /// Everything that is charged.
    #[must_use]
    pub fn all(self) -> i64 {
        self.input + self.output + self.thought
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            output: self.output + other.output,
            thought: self.thought + other.thought,
            cached: self.cached + other.cached,
        }
    }
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// As it should.
    Done,
    /// At the length limit.
    Length,
    /// The service would not go on; its word for why.
    Blocked(String),
    /// The service says that its own answer is broken: worth one more try.
    Broken,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The model's own JSON, for [`Item::Model`].
    pub raw: String,
    /// Its text for the person.
    pub text: String,
    /// The calls it wants made.
    pub calls: Vec<Call>,
    /// How it ended.
    pub finish: Finish,
    /// What it cost.
    pub usage: Usage,
    /// Which model really answered: retired names are routed elsewhere in silence.
    pub model: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// The key is wrong, blocked or not allowed. Not retried.
    #[error("the key is refused: {0}")]
    Key(String),
    /// There is no such model (any more).
    #[error("there is no model {0}")]
    Gone(String),
    /// Too much was asked.
    #[error("limited for {wait_s:?} s, daily: {is_daily}")]
    Limited {
        /// Seconds to wait, when the service says.
        wait_s: Option<u64>,
        /// The day's quota is used up; it begins anew at midnight Pacific time.
        is_daily: bool,
    },
    /// The service is overloaded or broken; tried several times.
    #[error("busy: {0}")]
    Busy(String),
    /// The service does not take the request: our bug, or a region without access.
    #[error("not taken: {0}")]
    NotTaken(String),
    /// The prompt was blocked.
    #[error("blocked: {0}")]
    Blocked(String),
    /// The answer broke off.
    #[error("broken off: {0}")]
    Cut(String),
}

impl ModelFault {
    /// What the person reads.
    #[must_use]
    pub fn wording(&self) -> Sentence {
        match self {
            Self::Key(_) => say!("model-key"),
            Self::Gone(model) => say!("model-gone", model = model),
            Self::Limited { is_daily: true, .. } => say!("model-limited-daily"),
            Self::Limited { wait_s, .. } => {
                say!("model-limited", seconds = i64::try_from(wait_s.unwrap_or(60)).unwrap_or(i64::MAX))
            }
            Self::Busy(_) => say!("model-busy"),
            Self::NotTaken(_) => say!("model-not-taken"),
            Self::Blocked(_) => say!("model-blocked"),
            Self::Cut(_) => say!("model-cut"),
        }
    }
}

/// A model that can be talked to.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Asks and reads the whole answer, telling each piece as it comes. Dropping the future ends the call. Nothing is tried again once
    /// a piece was told.
    ///
    /// # Errors
    /// When there is no whole answer.
    async fn say(&self, ask: &Ask, tell: &mut (dyn FnMut(Delta) + Send)) -> Result<Said, ModelFault>;

    /// Looks whether the service takes the key and knows every model that is set. Nothing is said and nothing is paid.
    ///
    /// # Errors
    /// The first thing that does not fit.
    async fn check(&self) -> Result<(), ModelFault>;
}

/// How to reach a model.
#[derive(Debug, Clone)]
pub struct ModelConfig {
    /// `gemini.api_key`.
    pub api_key: SecretString,
    /// `gemini.base_url`.
    pub base_url: url::Url,
    /// `gemini.api_version`.
    pub api_version: String,
    /// `gemini.model`.
    pub model: String,
    /// `gemini.lite_model`.
    pub lite_model: String,
}
