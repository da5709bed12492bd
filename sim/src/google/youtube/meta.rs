//! What is said about a video by its owner: title, description, tags, who may see it and when (dossier google §4.4),
//! read and judged. What the service adds itself is `video`.

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::google::problem::Problem;

const TITLE_CHARS_MAX: usize = 100;
const DESCRIPTION_BYTES_MAX: usize = 5_000;
/// All tags together; one with a blank counts two quotes more.
const TAGS_CHARS_MAX: usize = 500;

/// Category, title, whether a video may have it.
pub(super) const CATEGORIES: [(&str, &str, bool); 12] = [
    ("1", "Film & Animation", true),
    ("2", "Autos & Vehicles", true),
    ("10", "Music", true),
    ("17", "Sports", true),
    ("18", "Short Movies", false),
    ("20", "Gaming", true),
    ("22", "People & Blogs", true),
    ("24", "Entertainment", true),
    ("26", "Howto & Style", true),
    ("27", "Education", true),
    ("28", "Science & Technology", true),
    ("30", "Movies", false),
];

/// The part `snippet` as far as it can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::google) struct Snippet {
    pub(in crate::google) title: String,
    pub(in crate::google) description: String,
    pub(in crate::google) tags: Vec<String>,
    pub(in crate::google) category_id: String,
    pub(in crate::google) default_language: Option<String>,
    pub(in crate::google) default_audio_language: Option<String>,
}

/// The part `status` as far as it can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::google) struct Status {
    pub(in crate::google) privacy: String,
    pub(in crate::google) publish_at_ms: Option<i64>,
    pub(in crate::google) self_declared_made_for_kids: Option<bool>,
    pub(in crate::google) contains_synthetic_media: Option<bool>,
    pub(in crate::google) embeddable: bool,
    pub(in crate::google) public_stats_viewable: bool,
    pub(in crate::google) license: String,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            privacy: "public".into(),
            publish_at_ms: None,
            self_declared_made_for_kids: None,
            contains_synthetic_media: None,
            embeddable: true,
            public_stats_viewable: true,
            license: "youtube".into(),
        }
    }
}

/// A video as a request has it. What only the service sets is read and left aside, as the real one does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Asked {
    pub(super) id: Option<String>,
    kind: Option<String>,
    etag: Option<String>,
    snippet: Option<AskedSnippet>,
    status: Option<AskedStatus>,
    recording_details: Option<serde_json::Value>,
    localizations: Option<serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct AskedSnippet {
    title: Option<String>,
    description: Option<String>,
    tags: Vec<String>,
    category_id: Option<String>,
    default_language: Option<String>,
    default_audio_language: Option<String>,
    published_at: Option<String>,
    channel_id: Option<String>,
    channel_title: Option<String>,
    thumbnails: Option<serde_json::Value>,
    live_broadcast_content: Option<String>,
    localized: Option<serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct AskedStatus {
    privacy_status: Option<String>,
    publish_at: Option<String>,
    self_declared_made_for_kids: Option<bool>,
    contains_synthetic_media: Option<bool>,
    embeddable: Option<bool>,
    public_stats_viewable: Option<bool>,
    license: Option<String>,
    made_for_kids: Option<bool>,
    upload_status: Option<String>,
    failure_reason: Option<String>,
    rejection_reason: Option<String>,
}

fn bad(reason: &'static str, message: &str) -> Problem {
    Problem::bad(reason, message).domain("youtube.video")
}

impl Asked {
    /// The part `snippet`, if it is among the named ones. `is_new`: an upload may leave the category out.
    pub(super) fn snippet(&self, parts: &[String], is_new: bool) -> Result<Option<Snippet>, Problem> {
        if !parts.iter().any(|part| part == "snippet") {
            return Ok(None);
        }
        let asked = self.snippet.clone().unwrap_or_default();
        let title = asked.title.filter(|title| !title.trim().is_empty());
        let title = title
            .ok_or_else(|| bad("invalidTitle", "The request metadata specifies an invalid or empty video title."))?;
        if title.chars().count() > TITLE_CHARS_MAX || title.contains(['<', '>']) {
            return Err(bad("invalidTitle", "The request metadata specifies an invalid or empty video title."));
        }
        let description = asked.description.unwrap_or_default();
        if description.len() > DESCRIPTION_BYTES_MAX || description.contains(['<', '>']) {
            return Err(bad("invalidDescription", "The request metadata specifies an invalid video description."));
        }
        let weight = |tag: &String| tag.chars().count() + if tag.contains(' ') { 2 } else { 0 };
        let commas = asked.tags.len().saturating_sub(1);
        let has_bad_tag = asked.tags.iter().any(|tag| tag.is_empty() || tag.contains(['<', '>']));
        if asked.tags.iter().map(weight).sum::<usize>() + commas > TAGS_CHARS_MAX || has_bad_tag {
            return Err(bad("invalidTags", "The request metadata specifies invalid video keywords."));
        }
        let category = asked.category_id.or_else(|| is_new.then(|| "22".to_owned())).unwrap_or_default();
        if !CATEGORIES.iter().any(|(id, _, is_assignable)| *is_assignable && *id == category) {
            return Err(bad("invalidCategoryId", "The snippet.categoryId property specifies an invalid category ID."));
        }
        Ok(Some(Snippet {
            title,
            description,
            tags: asked.tags,
            category_id: category,
            default_language: asked.default_language,
            default_audio_language: asked.default_audio_language,
        }))
    }

    /// The part `status`, if it is among the named ones. What is left out falls back to the default: also who may see
    /// it, which makes a private video public.
    pub(super) fn status(&self, parts: &[String], was_public: bool) -> Result<Option<Status>, Problem> {
        if !parts.iter().any(|part| part == "status") {
            return Ok(None);
        }
        let asked = self.status.clone().unwrap_or_default();
        let privacy = asked.privacy_status.unwrap_or_else(|| "public".into());
        if !matches!(privacy.as_str(), "public" | "private" | "unlisted") {
            return Err(bad("invalidVideoMetadata", "The request metadata specifies an invalid privacy status."));
        }
        let license = asked.license.unwrap_or_else(|| "youtube".into());
        if !matches!(license.as_str(), "youtube" | "creativeCommon") {
            return Err(bad("invalidVideoMetadata", "The request metadata specifies an invalid license."));
        }
        let invalid =
            || bad("invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.");
        let publish_at_ms = asked.publish_at.map(|text| clock::parse_rfc3339(&text).ok_or_else(invalid)).transpose()?;
        if publish_at_ms.is_some() && (privacy != "private" || was_public) {
            return Err(invalid());
        }
        Ok(Some(Status {
            privacy,
            publish_at_ms,
            self_declared_made_for_kids: asked.self_declared_made_for_kids,
            contains_synthetic_media: asked.contains_synthetic_media,
            embeddable: asked.embeddable.unwrap_or(true),
            public_stats_viewable: asked.public_stats_viewable.unwrap_or(true),
            license,
        }))
    }
}
