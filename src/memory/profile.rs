//! How a person wants to sound: kept sealed, told to the model at every turn.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Memory, place};
use crate::domain::banned::BannedWords;
use crate::domain::ids::UserId;
use crate::domain::sealed::Sealed;
use crate::domain::tool::ToolError;
use crate::say;

/// Longest text of one entry.
const ENTRY_CHARS_MAX: usize = 1_000;
/// Most words in the list of words to avoid.
const WORDS_MAX: usize = 100;
/// Longest of them.
const WORD_CHARS_MAX: usize = 40;
/// All of it together: the model is told it at every turn, and people pay for that.
const ALL_CHARS_MAX: usize = 1_500;

/// What a person told about their own voice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// How posts should sound.
    pub voice: String,
    /// Words that must not appear in a post.
    pub banned_words: Vec<String>,
    /// How hashtags are used.
    pub hashtags: String,
}

impl Memory {
    /// A person's profile; empty when they told nothing.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn profile(&self, user: &UserId) -> Result<Profile, ToolError> {
        self.open_profile(user, self.store.find_profile(user).await?).await
    }

    pub(super) async fn open_profile(&self, user: &UserId, sealed: Option<Sealed>) -> Result<Profile, ToolError> {
        let Some(sealed) = sealed else { return Ok(Profile::default()) };
        let text = self.open_sealed(&place(user, "profile", "body", user.as_str()), &sealed).await?;
        serde_json::from_str(&text).map_err(|error| ToolError::Failed(format!("profile: {error}")))
    }

    /// Stores a person's profile.
    ///
    /// # Errors
    /// Refused when it is too long.
    pub async fn set_profile(&self, user: &UserId, profile: &Profile) -> Result<(), ToolError> {
        let chars = |text: &String| text.chars().count();
        let entries = [&profile.voice, &profile.hashtags];
        let all: usize = entries.into_iter().chain(&profile.banned_words).map(chars).sum();
        let is_long = entries.into_iter().any(|text| chars(text) > ENTRY_CHARS_MAX)
            || profile.banned_words.iter().any(|word| chars(word) > WORD_CHARS_MAX);
        if is_long || profile.banned_words.len() > WORDS_MAX || all > ALL_CHARS_MAX {
            let (chars, words, each, all) = (ENTRY_CHARS_MAX, WORDS_MAX, WORD_CHARS_MAX, ALL_CHARS_MAX);
            return Err(say!("profile-too-long", chars = chars, words = words, each = each, all = all).into());
        }
        let text = serde_json::to_string(profile).map_err(|error| ToolError::Failed(error.to_string()))?;
        let sealed = self.seal(&place(user, "profile", "body", user.as_str()), &text).await?;
        Ok(self.store.update_profile(user, &sealed).await?)
    }
}

#[async_trait]
impl BannedWords for Memory {
    async fn banned_words(&self, user: &UserId) -> Result<Vec<String>, ToolError> {
        Ok(self.profile(user).await?.banned_words)
    }
}
