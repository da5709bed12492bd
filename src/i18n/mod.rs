//! placeholder until the web branch lands: same public shape.
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;

/// Sentences.
pub struct Words;

impl Words {
    /// Loads.
    #[must_use]
    pub fn load() -> Self { Self }
    /// Says.
    #[must_use]
    pub fn say(&self, _lang: Lang, sentence: &Sentence) -> String { format!("{} {:?}", sentence.key, sentence.args) }
    /// Moment.
    #[must_use]
    pub fn moment(&self, _lang: Lang, moment: &Moment, _now_ms: i64) -> String { moment.rfc3339() }
}
