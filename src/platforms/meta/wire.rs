//! Wire shapes that Meta's networks share, decoded tolerantly: ids come as text or as numbers beyond 2^53 (platforms/threads.md §1).
//! No meaning is given to them here.

use serde::{Deserialize, Deserializer};

/// An id, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::platforms) struct RemoteId(pub(in crate::platforms) String);

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

/// Whether a text is an id of Meta's form: decimal, 64 bits.
pub(in crate::platforms) fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Answer to making something: a container, a post, a comment.
#[derive(Debug, Deserialize)]
pub(in crate::platforms) struct Made {
    pub(in crate::platforms) id: RemoteId,
}

/// Answer of the token calls; the short-lived one has no `expires_in`.
#[derive(Deserialize)]
pub(in crate::platforms) struct Granted {
    pub(in crate::platforms) access_token: String,
    pub(in crate::platforms) expires_in: Option<i64>,
}

/// `{"data": …}`.
#[derive(Debug, Deserialize)]
pub(in crate::platforms) struct Data<T> {
    pub(in crate::platforms) data: T,
}

/// How much of something there is in a day, as the publishing limits say.
#[derive(Debug, Deserialize)]
pub(in crate::platforms) struct Quota {
    pub(in crate::platforms) quota_total: i64,
}

/// A page of a list. The next one begins after the cursor where `next` is named.
#[derive(Debug, Deserialize)]
pub(in crate::platforms) struct Page<T> {
    pub(in crate::platforms) data: Vec<T>,
    #[serde(default)]
    pub(in crate::platforms) paging: Paging,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::platforms) struct Paging {
    pub(in crate::platforms) cursors: Cursors,
    pub(in crate::platforms) next: String,
}

/// Places in a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::platforms) struct Cursors {
    pub(in crate::platforms) after: String,
}

/// An error in the Graph envelope.
#[derive(Debug, Deserialize)]
pub(in crate::platforms) struct Envelope {
    pub(in crate::platforms) error: Problem,
}

/// What stands in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::platforms) struct Problem {
    pub(in crate::platforms) message: String,
    pub(in crate::platforms) code: i64,
    pub(in crate::platforms) error_subcode: i64,
    pub(in crate::platforms) is_transient: bool,
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
