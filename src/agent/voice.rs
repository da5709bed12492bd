//! `set_voice`: what a person says about how they want to sound, kept for every later conversation. Only the conversation has it, and only while
//! nobody else's text is in sight: a page must not be able to change how somebody speaks for good.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::ids::UserId;
use crate::domain::tool::ToolError;
use crate::llm::Declaration;
use crate::memory::Memory;
use crate::say;

/// Its name.
pub(super) const SET_VOICE: &str = "set_voice";

/// What the model is told of it.
pub(super) fn declaration() -> Declaration {
    let text = |what: &str| json!({ "type": "string", "description": what });
    Declaration {
        name: SET_VOICE.into(),
        description: "Keeps how the person wants to sound, when they say so for all posts to come. What is left out stays as it is.".into(),
        parameters: json!({
            "type": "object",
            "properties": {
                "voice": text("How their posts sound."),
                "banned_words": { "type": "array", "items": { "type": "string" }, "description": "Words never to use; the whole list." },
                "hashtags": text("How they use hashtags."),
            },
        }),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    voice: Option<String>,
    banned_words: Option<Vec<String>>,
    hashtags: Option<String>,
}

/// Changes what was given and answers with all of it.
///
/// # Errors
/// Refused when the arguments are none of these or too long.
pub(super) async fn set(memory: &Memory, user: &UserId, arguments: &Value) -> Result<Value, ToolError> {
    let change =
        Change::deserialize(arguments).map_err(|error| say!("common-argument-wrong", what = error.to_string()))?;
    let mut profile = memory.profile(user).await?;
    if let Some(voice) = change.voice {
        profile.voice = voice;
    }
    if let Some(words) = change.banned_words {
        profile.banned_words = words;
    }
    if let Some(hashtags) = change.hashtags {
        profile.hashtags = hashtags;
    }
    memory.set_profile(user, &profile).await?;
    Ok(json!({ "output": profile }))
}
