//! YouTube's wire shapes, decoded tolerantly, and its ids (platforms/google.md §3, §4). No meaning is given to them here.

use serde::Deserialize;

/// Whether a text names a video: eleven characters today; more are believed a while.
pub(super) fn is_video(id: &str) -> bool {
    is_id(id) && (5..=32).contains(&id.len())
}

/// Whether a text names a channel.
pub(super) fn is_channel(id: &str) -> bool {
    is_id(id) && id.starts_with("UC") && (5..=64).contains(&id.len())
}

fn is_id(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A list of anything; where it is empty, `items` may be missing (§4.2).
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    #[serde(default = "Vec::new")]
    pub(super) items: Vec<T>,
    #[serde(default, rename = "nextPageToken")]
    pub(super) next: Option<String>,
}

/// A channel (§4.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) snippet: ChannelSnippet,
    pub(super) content_details: ChannelDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ChannelSnippet {
    pub(super) title: String,
    /// The handle with `@`, where the channel has one.
    pub(super) custom_url: String,
    /// Its picture in several sizes.
    pub(super) thumbnails: std::collections::BTreeMap<String, Picture>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ChannelDetails {
    pub(super) related_playlists: Playlists,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Playlists {
    pub(super) uploads: String,
}

/// An entry of a playlist (§4.3).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Listed {
    pub(super) content_details: ListedDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ListedDetails {
    pub(super) video_id: String,
}

/// A video (§4.3, §4.4).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Video {
    pub(super) id: String,
    pub(super) snippet: VideoSnippet,
    pub(super) status: VideoStatus,
    pub(super) file_details: FileDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VideoSnippet {
    pub(super) channel_id: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) published_at: String,
}

/// Words are text: YouTube may add some.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VideoStatus {
    pub(super) upload_status: String,
    pub(super) privacy_status: String,
    pub(super) failure_reason: String,
    pub(super) rejection_reason: String,
    /// When YouTube makes it public by itself; only of what is private.
    pub(super) publish_at: String,
}

/// Told to the owner alone; numbers are text.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct FileDetails {
    pub(super) file_size: String,
}

/// A video as its owner describes it (§4.3).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Described {
    pub(super) id: String,
    pub(super) etag: String,
    pub(super) snippet: DescribedSnippet,
    pub(super) status: VideoStatus,
    pub(super) content_details: DescribedDetails,
}

/// All of the part that can be written, and what else stands in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DescribedSnippet {
    pub(super) channel_id: String,
    pub(super) published_at: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) category_id: String,
    pub(super) default_language: Option<String>,
    pub(super) default_audio_language: Option<String>,
    pub(super) thumbnails: std::collections::BTreeMap<String, Picture>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Picture {
    pub(super) url: String,
    pub(super) width: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DescribedDetails {
    /// ISO 8601.
    pub(super) duration: String,
}

/// What was counted of a video (§4.3).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Counted {
    pub(super) id: String,
    pub(super) statistics: Statistics,
}

/// Numbers are text, and may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Statistics {
    pub(super) view_count: String,
    pub(super) like_count: String,
    pub(super) comment_count: String,
}

/// What was counted of a channel (§4.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Subscribed {
    pub(super) statistics: ChannelStatistics,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ChannelStatistics {
    pub(super) subscriber_count: String,
    pub(super) hidden_subscriber_count: bool,
}

/// An error of the API (§3): everything is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope {
    pub(super) error: Problem,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) status: String,
    pub(super) errors: Vec<Reason>,
    pub(super) details: Vec<Reason>,
}

/// Why, in one word.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reason {
    pub(super) reason: String,
}

impl Problem {
    /// Whether one of these words is given as the reason.
    pub(super) fn has(&self, words: &[&str]) -> bool {
        self.errors.iter().chain(&self.details).any(|one| words.contains(&one.reason.as_str()))
    }

    /// Whether it says anything at all: a proxy's page does not.
    pub(super) fn is_said(&self) -> bool {
        !self.message.is_empty() || !self.status.is_empty() || !self.errors.is_empty() || !self.details.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_by_their_form_and_lists_may_be_missing() {
        for video in ["dQw4w9WgXcQ", "a-b_c123456"] {
            assert!(is_video(video), "{video}");
        }
        for other in ["", "abc", "dQw4w9WgXc/", "dQw4w9WgXcQ?x", "日本日本日本"] {
            assert!(!is_video(other), "{other}");
        }
        assert!(is_channel("UCsimAnaChannel0000000001") && !is_channel("PLsim00000") && !is_channel("UC/../x"));
        let none: List<Channel> = serde_json::from_str(r#"{"pageInfo":{"totalResults":0}}"#).unwrap();
        assert!(none.items.is_empty());
        let one: List<Video> =
            serde_json::from_str(r#"{"items":[{"id":"x","fileDetails":{"fileSize":"7"}}]}"#).unwrap();
        assert_eq!(one.items[0].file_details.file_size, "7");
    }
}
