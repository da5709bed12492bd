//! `set_voice`: what a person says about how they want to sound and be talked to, kept for every later conversation. Only the conversation has it, and only while
//! nobody else's text is in sight: a page must not be able to change how somebody speaks for good.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::lang::Lang;
use crate::domain::tool::ToolError;
use crate::llm::Declaration;
use crate::say;

/// Its name.
pub(super) const SET_VOICE: &str = "set_voice";

/// What the model is told of it.
pub(super) fn declaration() -> Declaration {
    let text = |what: &str| json!({ "type": "string", "description": what });
    Declaration::new(
        SET_VOICE,
        "Keeps how the person wants to sound, their language or their time zone, when they say so for all that is to come. What is left out stays as it is.",
        &json!({
            "type": "object",
            "properties": {
                "voice": text("How their posts sound."),
                "banned_words": { "type": "array", "items": { "type": "string" }, "description": "Words never to use; the whole list." },
                "hashtags": text("How they use hashtags."),
                "language": { "type": "string", "enum": ["en", "ja"], "description": "Language to talk to them in." },
                "zone": text("Their IANA time zone, such as Asia/Tokyo."),
            },
        }),
    )
}

/// What a person wants changed; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VoiceChange {
    /// How their posts sound.
    pub voice: Option<String>,
    /// Words never to use; the whole list.
    pub banned_words: Option<Vec<String>>,
    /// How they use hashtags.
    pub hashtags: Option<String>,
    /// The language they are talked to in.
    pub language: Option<Lang>,
    /// Their IANA zone, not looked at yet.
    pub zone: Option<String>,
}

/// Arguments as a change.
///
/// # Errors
/// Refused when they are none of these.
pub(super) fn read(arguments: &Value) -> Result<VoiceChange, ToolError> {
    VoiceChange::deserialize(arguments).map_err(|error| say!("common-argument-wrong", what = error.to_string()).into())
}
