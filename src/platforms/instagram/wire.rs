//! Wire shapes that only Instagram has, decoded tolerantly. No meaning is given to them here.

use serde::Deserialize;

use crate::platforms::meta::{Quota, RemoteId};

/// A code's short-lived token comes in a list or alone (§1.2).
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Exchanged {
    Listed { data: Vec<Short> },
    Flat(Short),
}

impl Exchanged {
    /// The token, wherever it stands.
    pub(super) fn token(self) -> Option<Short> {
        match self {
            Self::Listed { data } => data.into_iter().next(),
            Self::Flat(short) => Some(short),
        }
    }
}

/// A short-lived token. Its `user_id` is good within the app alone and is not read.
#[derive(Deserialize)]
pub(super) struct Short {
    pub(super) access_token: String,
    #[serde(default)]
    pub(super) permissions: Permissions,
}

/// What was granted: separated by commas, or a list.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Permissions {
    Text(String),
    List(Vec<String>),
}

impl Default for Permissions {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Permissions {
    /// Separated by spaces, as scopes are kept.
    pub(super) fn scopes(self) -> String {
        match self {
            Self::Text(text) => text.split([',', ' ']).filter(|scope| !scope.is_empty()).collect::<Vec<_>>().join(" "),
            Self::List(list) => list.join(" "),
        }
    }
}

/// `GET /me` (§2): `user_id` is the one for all paths, `id` is good within the app alone.
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    pub(super) user_id: RemoteId,
    #[serde(default)]
    pub(super) id: RemoteId,
    #[serde(default)]
    pub(super) username: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) profile_picture_url: Option<String>,
}

/// `content_publishing_limit` (§4).
#[derive(Debug, Deserialize)]
pub(super) struct Used {
    pub(super) quota_usage: i64,
    pub(super) config: Quota,
}

/// How far a container is (§3.2). Words are text: Instagram may add some.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    pub(super) status_code: String,
    pub(super) status: String,
}

/// A post as lists and single reads show it (§3.3, §6).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    pub(super) id: RemoteId,
    pub(super) caption: String,
    pub(super) permalink: String,
    pub(super) shortcode: String,
    pub(super) timestamp: String,
    pub(super) media_type: String,
    pub(super) media_product_type: String,
}

/// A comment as the list below a post shows it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Comment {
    pub(super) id: RemoteId,
    pub(super) text: String,
    pub(super) timestamp: String,
    pub(super) username: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_an_exchange_are_read() {
        let read = |body: &str| {
            let short = serde_json::from_str::<Exchanged>(body).ok()?.token()?;
            Some((short.access_token, short.permissions.scopes()))
        };
        let both = Some(("IGAA1".to_owned(), "a b".to_owned()));
        assert_eq!(read(r#"{"data":[{"access_token":"IGAA1","user_id":"1020","permissions":"a,b"}]}"#), both);
        assert_eq!(read(r#"{"access_token":"IGAA1","user_id":17841400000000000,"permissions":["a","b"]}"#), both);
        assert_eq!(read(r#"{"access_token":"IGAA1"}"#), Some(("IGAA1".to_owned(), String::new())));
        for none in [r#"{"data":[]}"#, "{}", "[]", r#"{"data":[{"user_id":"1"}]}"#] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
