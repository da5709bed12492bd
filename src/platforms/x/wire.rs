//! X's wire shapes, decoded tolerantly: both the `tweet` and the `post` spellings are read (platforms/x.md, naming caution).
//! No meaning is given to them here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `{"data": …}` of answers that have one.
#[derive(Debug, Deserialize)]
pub(super) struct Data<T> {
    pub(super) data: T,
}

/// Answer to creating a post (§3.1). The id is decimal text beyond 2^53.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub(super) id: String,
}

/// `GET /2/users/me` (§2).
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) username: String,
    #[serde(default)]
    pub(super) profile_image_url: Option<String>,
}

/// Answers of the upload calls (§3.2).
#[derive(Debug, Deserialize)]
pub(super) struct Upload {
    #[serde(default)]
    pub(super) id: String,
    pub(super) processing_info: Option<Processing>,
}

/// What X does with uploaded bytes (§3.2). The state is text: X may add states.
#[derive(Debug, Deserialize)]
pub(super) struct Processing {
    pub(super) state: String,
    pub(super) check_after_secs: Option<u64>,
    pub(super) error: Option<Value>,
}

/// Body of `POST /2/tweets` (§3.1): only what is set is sent, but `text` always is (OpenAPI 2.167: the backend rejects
/// an absent one).
#[derive(Debug, Serialize)]
pub(super) struct CreatePost<'a> {
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) media: Option<CreateMedia<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) poll: Option<CreatePoll<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply: Option<CreateReply<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_settings: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) made_with_ai: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) paid_partnership: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct CreateMedia<'a> {
    pub(super) media_ids: &'a [String],
}

#[derive(Debug, Serialize)]
pub(super) struct CreatePoll<'a> {
    pub(super) options: &'a [String],
    pub(super) duration_minutes: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct CreateReply<'a> {
    pub(super) in_reply_to_tweet_id: &'a str,
}

/// A page of `GET /2/users/{id}/tweets` (§5). An empty one has no `data`, only `meta`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Timeline {
    pub(super) data: Vec<Tweet>,
    pub(super) errors: Vec<Value>,
    pub(super) meta: Option<Meta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tweet {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) created_at: Option<String>,
    pub(super) entities: Entities,
    pub(super) attachments: Attachments,
    #[serde(alias = "note_post")]
    pub(super) note_tweet: Option<Note>,
    #[serde(alias = "referenced_posts")]
    pub(super) referenced_tweets: Vec<Reference>,
}

/// The long text of premium accounts (§4.1).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    pub(super) text: String,
    pub(super) entities: Entities,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entities {
    pub(super) urls: Vec<UrlEntity>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UrlEntity {
    pub(super) url: String,
    pub(super) expanded_url: String,
    pub(super) media_key: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attachments {
    pub(super) media_keys: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: String,
}

/// Whether a text is one of X's ids. Only such texts are put into paths and believed in answers.
pub(super) fn is_id(text: &str) -> bool {
    (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
