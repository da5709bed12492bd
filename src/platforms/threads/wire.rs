//! Wire shapes that only Threads has, decoded tolerantly. No meaning is given to them here.

use serde::Deserialize;

use crate::platforms::meta::{Quota, RemoteId};

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
    #[serde(default)]
    pub(super) threads_profile_picture_url: Option<String>,
}

/// What `threads_publishing_limit` says (§4).
#[derive(Debug, Deserialize)]
pub(super) struct Used {
    pub(super) quota_usage: i64,
    pub(super) config: Quota,
    pub(super) reply_quota_usage: i64,
    pub(super) reply_config: Quota,
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
