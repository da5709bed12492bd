//! Films that are on a network already, as their owner describes them, and a change of that: what stood there when somebody was asked, and what
//! would stand there. Asking the network is `upkeep`'s, what may stand there each network's own.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::account::Account;
use super::approval::Approval;
use super::ids::MediaId;
use super::post::digest;
use super::refusal::Sentence;
use super::tool::ToolError;

/// All that is written when any of it is: what is left out would be cleared (platforms/google.md §4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoWords {
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// Words by which it is found.
    pub tags: Vec<String>,
    /// The number of its category.
    pub category: String,
    /// The language of title and description, where that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The language that is spoken in it, where that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken: Option<String>,
}

/// A film of an account's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnVideo {
    /// The network's id.
    pub id: String,
    /// What its owner says of it.
    pub words: VideoWords,
    /// Who can see it, in the network's word.
    pub visibility: String,
    /// When it was published, as the network says it.
    pub published_at: String,
    /// How long it is, seconds; `None` while the network does not know.
    pub duration_s: Option<i64>,
    /// Where the picture is that stands for it.
    pub thumbnail: String,
    /// The network's mark of this state of it.
    pub etag: String,
}

/// Some of an account's films.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoPage {
    /// The newest first.
    pub videos: Vec<OwnVideo>,
    /// What the next ones are asked for with.
    pub next: Option<String>,
}

/// What somebody wants changed of a film; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VideoWish {
    /// Its title.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its tags, all of them.
    pub tags: Option<Vec<String>>,
    /// A picture of ours that is to stand for it.
    pub thumbnail: Option<MediaId>,
}

impl VideoWish {
    /// What would stand there. Around them no space is kept, because the network keeps none; the same tag twice is one.
    #[must_use]
    pub fn on(&self, before: &VideoWords) -> VideoWords {
        let trimmed =
            |wished: &Option<String>, now: &String| wished.as_ref().map_or(now.clone(), |text| text.trim().to_owned());
        let mut tags: Vec<String> = Vec::new();
        for tag in self.tags.as_ref().unwrap_or(&before.tags) {
            let tag = if self.tags.is_some() { tag.trim() } else { tag };
            if !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        VideoWords {
            title: trimmed(&self.title, &before.title),
            description: trimmed(&self.description, &before.description),
            tags: if self.tags.is_some() { tags } else { before.tags.clone() },
            ..before.clone()
        }
    }
}

/// A picture that is to stand for a film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewThumbnail {
    /// Which of ours.
    pub medium: MediaId,
    /// Hash of its bytes as they are stored.
    pub sha256: String,
}

/// A change as it is asked about: kept sealed, because what stood there is the network's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoChange {
    /// What stood there.
    pub before: VideoWords,
    /// The network's mark of that.
    pub etag: String,
    /// What would stand there: all of it.
    pub after: VideoWords,
    /// The picture that would stand for it, if that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<NewThumbnail>,
}

/// One thing that changes, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLine {
    /// What, as a word of `video-edit-field`.
    pub field: &'static str,
    /// What stands there.
    pub before: String,
    /// What would stand there.
    pub after: String,
}

impl VideoChange {
    /// Names what was seen.
    #[must_use]
    pub fn seen(&self) -> String {
        digest(&json!([self.etag, self.before]))
    }

    /// Names what would be written.
    #[must_use]
    pub fn becomes(&self) -> String {
        digest(&json!([self.after, self.thumbnail.as_ref().map(|picture| &picture.sha256)]))
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.before == self.after && self.thumbnail.is_none()
    }

    /// What changes of its words, before and after.
    #[must_use]
    pub fn lines(&self) -> Vec<ChangeLine> {
        let (before, after) = (&self.before, &self.after);
        let all = [
            ("title", before.title.clone(), after.title.clone()),
            ("description", before.description.clone(), after.description.clone()),
            ("tags", before.tags.join(", "), after.tags.join(", ")),
        ];
        let lines = all.into_iter().filter(|(_, before, after)| before != after);
        lines.map(|(field, before, after)| ChangeLine { field, before, after }).collect()
    }
}

/// How an approved change stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// It stands there.
    Done,
    /// The network gave no clear answer, or none just now: it is gone on with.
    Later(Sentence),
    /// It will not be done, and why; what of it stands there is said with it.
    Ended(Sentence),
}

/// A change with how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptChange {
    /// What was asked about; `None` when it may be kept no longer.
    pub change: Option<VideoChange>,
    /// How it stands; `None` before it is approved.
    pub edited: Option<Edited>,
}

/// Whoever can ask a network for films of an account, and keeps changes of them.
#[async_trait]
pub trait Videos: Send + Sync {
    /// Some of the account's own films, the newest first.
    ///
    /// # Errors
    /// Refused when the network refuses, or does not answer just now.
    async fn list(&self, account: &Account, page: Option<&str>) -> Result<VideoPage, ToolError>;

    /// One of them; `None` when it is not there, or not this account's.
    ///
    /// # Errors
    /// As [`Videos::list`].
    async fn find(&self, account: &Account, id: &str) -> Result<Option<OwnVideo>, ToolError>;

    /// Keeps what is asked about, before it is asked.
    ///
    /// # Errors
    /// When it cannot be sealed or written.
    async fn keep(&self, approval: &Approval, account: &Account, change: &VideoChange) -> Result<(), ToolError>;

    /// What was kept for a question.
    ///
    /// # Errors
    /// When the database fails.
    async fn kept(&self, approval: &Approval) -> Result<Option<KeptChange>, ToolError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before() -> VideoWords {
        let tags = vec!["a".to_owned(), "b c".to_owned()];
        VideoWords { title: "T".into(), description: "D".into(), tags, category: "22".into(), ..VideoWords::default() }
    }

    #[test]
    fn what_nobody_named_stays_as_it_was() {
        let wish = VideoWish { title: Some(" New ".into()), ..VideoWish::default() };
        assert_eq!(wish.on(&before()), VideoWords { title: "New".into(), ..before() });
        let tags = Some(vec![" x".to_owned(), "x".into(), "y".into()]);
        let wish = VideoWish { tags, description: Some(String::new()), ..VideoWish::default() };
        let after = wish.on(&before());
        assert_eq!((after.tags, after.description.as_str()), (vec!["x".to_owned(), "y".to_owned()], ""));
        assert_eq!(VideoWish::default().on(&before()), before());
    }

    #[test]
    fn a_change_is_named_by_what_was_seen_and_by_all_that_is_written() {
        let change = VideoChange { before: before(), etag: "e".into(), after: before(), thumbnail: None };
        assert!(change.is_nothing() && change.lines().is_empty());
        let other = VideoChange { etag: "f".into(), ..change.clone() };
        assert!(other.seen() != change.seen() && other.becomes() == change.becomes());
        let category = VideoWords { category: "28".into(), ..before() };
        let other = VideoChange { after: category, ..change.clone() };
        assert!(other.becomes() != change.becomes(), "what nobody sees change is written, too");
        let picture = NewThumbnail { medium: MediaId::generate(1, 1), sha256: "s".into() };
        let pictured = VideoChange { thumbnail: Some(picture), ..change.clone() };
        assert!(pictured.becomes() != change.becomes() && !pictured.is_nothing());
    }
}
