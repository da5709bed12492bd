//! A refusal: a sentence that says what is wrong, what is allowed and what to do next, kept as key and arguments so that
//! a model reads it in English and a person in their own language. The sentences live in `locales/`, a network's in
//! its own folder, the rendering in `i18n`.

use serde::{Deserialize, Serialize};

use super::schedule::Moment;

/// One argument of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arg {
    /// A number, which plural rules can look at.
    Number(i64),
    /// A text, shown as it is.
    Text(String),
    /// An instant, shown in words.
    At(Moment),
}

macro_rules! arg_from {
    ($($from:ty => |$value:ident| $to:expr),+ $(,)?) => {
        $(impl From<$from> for Arg { fn from($value: $from) -> Self { $to } })+
    };
}
arg_from! {
    &str => |v| Self::Text(v.to_owned()),
    String => |v| Self::Text(v),
    &String => |v| Self::Text(v.clone()),
    i64 => |v| Self::Number(v),
    i32 => |v| Self::Number(v.into()),
    u32 => |v| Self::Number(v.into()),
    usize => |v| Self::Number(i64::try_from(v).unwrap_or(i64::MAX)),
    Moment => |v| Self::At(v),
}

/// A sentence by key with its arguments. Used for refusals, findings, notices and anything else that is said twice in two languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Key in one of the files of sentences, `room-thing-case`.
    pub key: String,
    /// Named arguments of that sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(String, Arg)>,
}

impl Sentence {
    /// A sentence without arguments.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self { key: key.to_owned(), args: Vec::new() }
    }

    /// The same sentence with one more argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Arg>) -> Self {
        self.args.push((name.to_owned(), value.into()));
        self
    }
}

/// Builds a [`Sentence`]: `say!("post-text-too-long", weight = 290, max = 280)`.
#[macro_export]
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::domain::refusal::Sentence::new($key)$(.with(stringify!($name), $value))*
    };
}
