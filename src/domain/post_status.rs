//! Where a post as a whole stands, in one word. What it follows from is read in `desk` and `store`.

use super::refusal::Sentence;

/// Where a post as a whole stands: what a list shows.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum PostStatus {
    /// Being written; nothing asked for.
    Draft,
    /// Waits for a person's yes.
    WaitingForYou,
    /// At least one delivery is still to come or under way.
    Scheduled,
    /// Something needs a person.
    NeedsAttention,
    /// Everything that was to go out is out.
    Published,
    /// Taken out of the way.
    Withdrawn,
}

impl PostStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::WaitingForYou, Self::Scheduled, Self::NeedsAttention, Self::Published, Self::Withdrawn];

    /// The word in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::WaitingForYou => "waiting_for_you",
            Self::Scheduled => "scheduled",
            Self::NeedsAttention => "needs_attention",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The sentence a person reads (`post-status-*`).
    #[must_use]
    pub fn wording(self) -> Sentence {
        Sentence::new(&format!("post-status-{}", self.word().replace('_', "-")))
    }
}
