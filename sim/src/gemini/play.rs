//! What the simulated model is to answer: as a script for tests, as JSON over the control route, or from a rule.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Play {
    /// The model says something.
    Say(Said),
    /// 200 without candidates: the prompt is blocked for this reason.
    Blocked(String),
    /// 429.
    Exhausted {
        /// `RetryInfo`, seconds.
        #[serde(default)]
        retry_s: Option<f64>,
        /// The day's quota is gone.
        #[serde(default)]
        is_daily: bool,
        /// `Retry-After`, seconds.
        #[serde(default)]
        header_s: Option<u64>,
    },
    /// Any other refusal: HTTP status, and the service's word for it.
    Refused(u16, String),
}

/// What it says, and how that arrives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Said {
    /// In order.
    pub pieces: Vec<Piece>,
    /// `finishReason`; `STOP` when none is given.
    pub finish: Option<String>,
    /// How the answer ends.
    pub ending: Ending,
    /// `modelVersion`, when it is another than the one asked.
    pub model: Option<String>,
    /// Milliseconds until the first byte.
    pub first_ms: u64,
    /// Milliseconds before each further event.
    pub between_ms: u64,
    /// How the bytes are cut up on the way.
    pub cut: Cut,
    /// Lines end with CR LF.
    pub crlf: bool,
    /// Comment lines in between.
    pub comments: bool,
    /// Counts come in an event of their own behind the last content.
    pub counts_alone: bool,
    /// The signature of a text arrives on a part of its own without text (dossier §3.1).
    pub trailing_signature: bool,
}

/// A piece of what is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Piece {
    /// Text; sent in several events.
    Text(String),
    /// A summary of a thought.
    Thought(String),
    /// A call; neighbours are parallel calls.
    Call {
        /// Which tool.
        name: String,
        /// Left out when there are none.
        #[serde(default)]
        args: Option<Value>,
    },
    /// A part of a kind that nobody knows yet.
    Other(Value),
}

/// How an answer ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ending {
    /// As it should.
    #[default]
    Whole,
    /// End of stream without a finish reason.
    Eof,
    /// An event with an error of this status.
    Error(u16),
    /// The connection breaks.
    Reset,
    /// Nothing more comes, and nothing ends.
    Silence,
}

/// How bytes are cut up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Cut {
    /// One piece per event.
    #[default]
    Events,
    /// Pieces of so many bytes, wherever that falls.
    Bytes(usize),
}

impl Said {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())], ..Self::default() }
    }

    /// Calls, in parallel when there are several.
    #[must_use]
    pub fn calls(calls: &[(&str, Value)]) -> Self {
        let piece = |(name, args): &(&str, Value)| Piece::Call { name: (*name).to_owned(), args: Some(args.clone()) };
        Self { pieces: calls.iter().map(piece).collect(), ..Self::default() }
    }
}

impl From<Said> for Play {
    fn from(said: Said) -> Self {
        Self::Say(said)
    }
}

/// A step of a script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Only for requests to this model; for any without.
    #[serde(default)]
    pub model: Option<String>,
    /// What is answered.
    pub play: Play,
}
