//! Threads' wire shapes, decoded tolerantly: ids come as text or as numbers beyond 2^53 (platforms/threads.md §1).
//! No meaning is given to them here.

use serde::{Deserialize, Deserializer};

/// An id, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RemoteId(pub(super) String);

impl<'de> Deserialize<'de> for RemoteId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Number(u64),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Text(text) => Self(text),
            Either::Number(number) => Self(number.to_string()),
        })
    }
}

/// Whether a text is an id of Threads' form: decimal, 64 bits.
pub(super) fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Answer to making a container and to publishing one (§3.1, §3.3).
#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub(super) id: RemoteId,
}

/// Answer of the token calls (§1.2 to §1.4); the short-lived one has no `expires_in`.
#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) expires_in: Option<i64>,
}

/// `{"data": …}`.
#[derive(Debug, Deserialize)]
pub(super) struct Data<T> {
    pub(super) data: T,
}

/// What `debug_token` says of a token (§1.6).
#[derive(Debug, Deserialize)]
pub(super) struct Debugged {
    #[serde(default)]
    pub(super) scopes: Vec<String>,
}

/// `GET /me` (§2).
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    pub(super) id: RemoteId,
    pub(super) username: String,
    #[serde(default)]
    pub(super) name: String,
}

/// How far a container is (§3.2). Words are text: Threads may add some.
#[derive(Debug, Deserialize)]
pub(super) struct Progress {
    #[serde(default)]
    pub(super) status: String,
    #[serde(default)]
    pub(super) error_message: String,
}

/// A post as lists and single reads show it (§3.3, §5).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    pub(super) id: RemoteId,
    pub(super) text: String,
    pub(super) permalink: String,
    pub(super) shortcode: String,
    pub(super) timestamp: String,
    pub(super) media_type: String,
    pub(super) replied_to: Option<Reference>,
}

/// The post that another one refers to.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    pub(super) id: RemoteId,
}

/// A page of a list. The next one begins after the cursor where `next` is named.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) data: Vec<Item>,
    #[serde(default)]
    pub(super) paging: Paging,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Paging {
    pub(super) cursors: Cursors,
    pub(super) next: String,
}

/// Places in a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cursors {
    pub(super) after: String,
}

/// An error in the Graph envelope (§4, error classes).
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    pub(super) error: Problem,
}

/// What stands in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) code: i64,
    pub(super) error_subcode: i64,
    pub(super) is_transient: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_text_and_as_numbers_without_loss() {
        let read = |body: &str| serde_json::from_str::<Made>(body).map(|made| made.id.0).ok();
        assert_eq!(read(r#"{"id":"18000000000000001"}"#).as_deref(), Some("18000000000000001"));
        assert_eq!(read(r#"{"id":18000000000000001}"#).as_deref(), Some("18000000000000001"));
        assert_eq!(read(r#"{"id":null}"#), None);
        assert!(is_id("18000000000000001"));
        for wrong in ["", "1a", "../1", "123456789012345678901"] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }
}
