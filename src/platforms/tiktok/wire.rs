//! TikTok's wire shapes, decoded tolerantly (platforms/tiktok.md §1 to §4, §7): everything that may be missing is, and ids beyond 2^53 keep each
//! digit. No meaning is given to them here.

use serde::{Deserialize, Deserializer, Serialize};

/// A publish id has no more characters (§4.1).
const PUBLISH_ID_CHARS_MAX: usize = 64;
/// `open_id` is a UUID; longer ones are believed a while.
const OPEN_ID_CHARS_MAX: usize = 100;

/// Whether a text is what TikTok calls a post on its way (§4.1: `v_pub_file~v2-1.7431`).
pub(super) fn is_publish_id(text: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'~' | b'.' | b'_' | b'-');
    (1..=PUBLISH_ID_CHARS_MAX).contains(&text.len()) && text.contains('~') && text.bytes().all(is_fine)
}

/// Whether a text is the id of a post: decimal, 64 bits.
pub(super) fn is_post_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a person's id within the app.
pub(super) fn is_open_id(text: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=OPEN_ID_CHARS_MAX).contains(&text.len()) && text.bytes().all(is_fine)
}

/// Answer of the token calls: a pair, or a refusal, both of them with any status (§1.2).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) expires_in: i64,
    pub(super) refresh_token: String,
    pub(super) refresh_expires_in: i64,
    pub(super) scope: String,
    pub(super) error: String,
}

/// What every answer of the API stands in (§2).
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
}

/// What went wrong; `ok` when nothing did (§2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    pub(super) code: String,
    pub(super) message: String,
}

/// The part of an envelope that says how the call ended.
#[derive(Debug, Deserialize)]
pub(super) struct Ended {
    pub(super) error: Problem,
}

/// `GET /v2/user/info/` (§3).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UserInfo {
    pub(super) user: User,
}

/// Whose token it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) open_id: String,
    pub(super) display_name: String,
    pub(super) username: String,
    pub(super) avatar_url: Option<String>,
    pub(super) follower_count: Option<i64>,
}

/// What the creator may do just now (§4.0).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Creator {
    pub(super) privacy_level_options: Vec<String>,
    pub(super) comment_disabled: bool,
    pub(super) duet_disabled: bool,
    pub(super) stitch_disabled: bool,
    pub(super) max_video_post_duration_sec: i64,
}

/// Answer to an init (§4.1).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Begun {
    pub(super) publish_id: String,
    pub(super) upload_url: String,
}

/// How far a post is (§4.6). Words are text: TikTok may add some.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) status: String,
    pub(super) fail_reason: String,
    /// The misspelt name is TikTok's.
    #[serde(rename = "publicaly_available_post_id", deserialize_with = "ids")]
    pub(super) post_ids: Vec<String>,
    pub(super) uploaded_bytes: u64,
}

/// A page of the account's own public videos (§7).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    pub(super) videos: Vec<Video>,
    pub(super) cursor: i64,
    pub(super) has_more: bool,
}

/// A video as the list shows it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Video {
    pub(super) id: String,
    /// Unix seconds.
    pub(super) create_time: i64,
    pub(super) title: String,
    pub(super) video_description: String,
    pub(super) share_url: String,
}

/// Videos by their ids (§7).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Measured {
    pub(super) videos: Vec<MeasuredVideo>,
}

/// What was counted of one; what is not said is `None`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MeasuredVideo {
    pub(super) id: String,
    pub(super) view_count: Option<i64>,
    pub(super) like_count: Option<i64>,
    pub(super) comment_count: Option<i64>,
    pub(super) share_count: Option<i64>,
}

/// §4.6: a list of numbers, and whatever else it was seen to be.
fn ids<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum One {
        Number(u64),
        Text(String),
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Found {
        Many(Vec<One>),
        One(One),
    }
    let text = |one| match one {
        One::Number(number) => number.to_string(),
        One::Text(text) => text,
    };
    let found = match Option::<Found>::deserialize(from)? {
        Some(Found::Many(all)) => all.into_iter().map(text).collect(),
        Some(Found::One(one)) => vec![text(one)],
        None => Vec::new(),
    };
    Ok(found.into_iter().filter(|id| is_post_id(id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_posts_are_read_in_every_shape_that_was_seen() {
        let read = |ids: &str| {
            let body = format!(r#"{{"status":"PUBLISH_COMPLETE","publicaly_available_post_id":{ids}}}"#);
            serde_json::from_str::<Status>(&body).unwrap().post_ids
        };
        for ids in
            ["[7512345678901234567]", "7512345678901234567", r#"["7512345678901234567"]"#, r#""7512345678901234567""#]
        {
            assert_eq!(read(ids), ["7512345678901234567"], "{ids}");
        }
        for ids in ["[]", "null", r#"["../7"]"#, r#""""#] {
            assert_eq!(read(ids), [""; 0], "{ids}");
        }
        let bare: Status = serde_json::from_str(r#"{"status":"FAILED"}"#).unwrap();
        assert!(bare.post_ids.is_empty());
    }

    #[test]
    fn what_goes_into_addresses_and_bodies_is_told_by_its_form() {
        assert!(is_publish_id("v_pub_file~v2-1.7431") && is_open_id("723f24d7-e717-40f8-a2b6-cb8464cd23b4"));
        for wrong in ["", "7431", "v_pub~\"", "v_pub~ x", &format!("v~{}", "1".repeat(63))] {
            assert!(!is_publish_id(wrong), "{wrong}");
        }
        assert!(is_post_id("7512345678901234567") && !is_post_id("") && !is_post_id("7a") && !is_open_id("a/b"));
    }
}
