//! LinkedIn's wire shapes, decoded tolerantly, and its URNs (platforms/linkedin.md §2, §3). No meaning is given to them here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a post's URN may begin with; which kind a post gets is not promised (§3.1).
const POSTS: [&str; 3] = ["urn:li:share:", "urn:li:ugcPost:", "urn:li:activity:"];
/// What a medium's begins with.
const MEDIA: [&str; 3] = ["urn:li:image:", "urn:li:video:", "urn:li:document:"];
/// Ids have 19 digits; more are believed a while.
const ID_CHARS_MAX: usize = 40;

/// Whether a text names a post.
pub(super) fn is_post(urn: &str) -> bool {
    let id = POSTS.iter().find_map(|kind| urn.strip_prefix(kind));
    id.is_some_and(|id| (1..=ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a text names an uploaded medium.
pub(super) fn is_medium(urn: &str) -> bool {
    let id = MEDIA.iter().find_map(|kind| urn.strip_prefix(kind));
    let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    id.is_some_and(|id| (1..=ID_CHARS_MAX).contains(&id.len()) && is_id(id))
}

/// Whether a text is a member's id as apps see it (§2: pairwise, of letters, digits and two marks).
pub(super) fn is_sub(text: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=100).contains(&text.len()) && text.bytes().all(is_fine)
}

/// The author of a member's posts.
pub(super) fn author(sub: &str) -> String {
    format!("urn:li:person:{sub}")
}

/// A URN as it must stand in a path or a query: encoded whole (§3).
pub(super) fn encoded(urn: &str) -> String {
    url::form_urlencoded::byte_serialize(urn.as_bytes()).collect()
}

/// Answer of the token call (§1.2). `token_type` may be missing, and nobody needs it.
#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) expires_in: Option<i64>,
    pub(super) refresh_token: Option<String>,
    pub(super) refresh_token_expires_in: Option<i64>,
    pub(super) scope: Option<String>,
}

/// Answer of the introspection (§1.4).
#[derive(Debug, Deserialize)]
pub(super) struct Introspected {
    pub(super) active: bool,
}

/// `GET /v2/userinfo` (§2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UserInfo {
    pub(super) sub: String,
    pub(super) name: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) picture: Option<String>,
}

/// `{"value": …}`, as actions answer.
#[derive(Debug, Deserialize)]
pub(super) struct Acted<T> {
    pub(super) value: T,
}

/// Where an image or a document goes (§3.3, §3.4).
#[derive(Debug, Deserialize)]
pub(super) struct Begun {
    #[serde(alias = "image", alias = "document")]
    pub(super) urn: String,
    #[serde(rename = "uploadUrl")]
    pub(super) upload_url: String,
}

/// Where the parts of a video go (§3.5).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BegunVideo {
    pub(super) video: String,
    #[serde(default)]
    pub(super) upload_token: String,
    pub(super) upload_instructions: Vec<Instruction>,
}

/// One part: these bytes, to this address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Instruction {
    pub(super) upload_url: String,
    pub(super) first_byte: u64,
    /// Inclusive.
    pub(super) last_byte: u64,
}

/// How far an upload is (§3.3 to §3.5). Words are text: LinkedIn may add some.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Progress {
    pub(super) status: String,
    pub(super) processing_failure_reason: String,
}

/// A page of the account's own posts (§5).
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) elements: Vec<Item>,
}

/// A post as the finder shows it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) commentary: String,
    pub(super) created_at: i64,
    pub(super) lifecycle_state: String,
    pub(super) content: Value,
}

/// An error of the API (§4): everything is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Problem {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) error_details: Value,
}

/// An error of the OAuth calls (§1).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenProblem {
    pub(super) error: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urns_are_told_by_their_form() {
        for post in ["urn:li:share:7140000000000000000", "urn:li:ugcPost:7", "urn:li:activity:7"] {
            assert!(is_post(post), "{post}");
        }
        for other in
            ["", "7", "urn:li:share:", "urn:li:share:7a", "urn:li:person:7", "urn:li:share:7/../x", "urn:li:image:C4"]
        {
            assert!(!is_post(other), "{other}");
        }
        assert!(
            is_medium("urn:li:image:C4E10AQ_-x") && is_medium("urn:li:document:D5") && is_medium("urn:li:video:C5")
        );
        for other in ["urn:li:image:", "urn:li:image:a/b", "urn:li:share:7", "urn:li:digitalmediaAsset:C4"] {
            assert!(!is_medium(other), "{other}");
        }
        assert!(is_sub("782bbtaQ") && is_sub("9kXw_Zs-1") && !is_sub("a/b") && !is_sub(""));
        assert_eq!(encoded(&author("782bbtaQ")), "urn%3Ali%3Aperson%3A782bbtaQ");
    }

    #[test]
    fn token_answers_are_read_with_and_without_what_may_be_missing() {
        let granted: Granted = serde_json::from_str(r#"{"access_token":"AQX","expires_in":5184000}"#).unwrap();
        assert!(granted.refresh_token.is_none() && granted.scope.is_none());
        let begun: Acted<Begun> =
            serde_json::from_str(r#"{"value":{"uploadUrl":"https://e","document":"urn:li:document:D"}}"#).unwrap();
        assert_eq!(begun.value.urn, "urn:li:document:D");
    }
}
