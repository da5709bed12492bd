//! Uploaded media: what is kept, how processing goes on by the clock, and which ids a post may carry.
//! Reading requests is `upload`, judging their bytes `judge`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Caller;
use super::judge;
use super::problem::{self, Problem};
use super::state::State;
use crate::sniff::sha256;

/// Upload ids live a day.
pub(crate) const LIFE_S: i64 = 86_400;
const LIFE_MS: i64 = LIFE_S * 1000;

/// What a post can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MediaKind {
    Image,
    Gif,
    Video,
    /// Direct messages and subtitles: never in a post.
    Other,
}

impl MediaKind {
    pub(crate) fn of_category(category: &str) -> Self {
        match category {
            "tweet_image" => Self::Image,
            "tweet_gif" => Self::Gif,
            "tweet_video" | "amplify_video" => Self::Video,
            _ => Self::Other,
        }
    }

    pub(crate) fn key(self, id: &str) -> String {
        match self {
            Self::Image | Self::Other => format!("3_{id}"),
            Self::Gif => format!("16_{id}"),
            Self::Video => format!("13_{id}"),
        }
    }

    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Image | Self::Other => "photo",
            Self::Gif => "animated_gif",
            Self::Video => "video",
        }
    }

    /// The word in the address of an attachment.
    pub(crate) fn place(self) -> &'static str {
        match self {
            Self::Image | Self::Gif | Self::Other => "photo",
            Self::Video => "video",
        }
    }

    pub(crate) fn bytes_max(self) -> u64 {
        match self {
            Self::Image | Self::Other => 5 * 1024 * 1024,
            Self::Gif => 15 * 1024 * 1024,
            Self::Video => 512 * 1024 * 1024,
        }
    }
}

/// One upload.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) kind: MediaKind,
    /// What its bytes were said to be.
    pub(crate) announced: Option<String>,
    pub(crate) total_bytes: Option<u64>,
    pub(crate) segments: BTreeMap<u64, Vec<u8>>,
    pub(crate) created_ms: i64,
    pub(crate) finished: Option<Finished>,
    pub(crate) alt_text: Option<String>,
}

/// What is known once all bytes are there.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) at_ms: i64,
    pub(crate) bytes: u64,
    sha256: String,
    /// Why it cannot be used, in X's words.
    refused: Option<&'static str>,
    processing_ms: Option<i64>,
}

/// Where an upload stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Uploading,
    Pending,
    InProgress(i64),
    Succeeded,
    Failed,
    Expired,
}

impl Media {
    pub(crate) fn expired(&self, now_ms: i64) -> bool {
        now_ms >= self.created_ms + LIFE_MS
    }

    fn stage(&self, now_ms: i64) -> Stage {
        if self.expired(now_ms) {
            return Stage::Expired;
        }
        let Some(finished) = &self.finished else {
            return Stage::Uploading;
        };
        let Some(total_ms) = finished.processing_ms else {
            return Stage::Succeeded;
        };
        let spent_ms = now_ms - finished.at_ms;
        if spent_ms >= total_ms {
            return if finished.refused.is_none() { Stage::Succeeded } else { Stage::Failed };
        }
        if spent_ms * 2 < total_ms { Stage::Pending } else { Stage::InProgress(spent_ms * 100 / total_ms.max(1)) }
    }

    /// All bytes are there: checks them and starts processing. Images need none.
    pub(crate) fn finish(&mut self, now_ms: i64, processing_ms: i64) -> Result<(), Problem> {
        let indices = self.segments.keys().copied();
        if self.segments.is_empty() || !indices.eq(0..self.segments.len() as u64) {
            return Err(Problem::invalid("Segments do not add up to provided total file size.", "", ""));
        }
        let all: Vec<u8> = std::mem::take(&mut self.segments).into_values().flatten().collect();
        let bytes = all.len() as u64;
        if self.total_bytes.is_some_and(|total| total != bytes) {
            self.segments.insert(0, all);
            return Err(Problem::invalid("Segments do not add up to provided total file size.", "", ""));
        }
        let refused = judge::refused(self.kind, self.announced.as_deref(), &all);
        if let Some(why) = refused.filter(|_| self.kind == MediaKind::Image) {
            return Err(Problem::invalid(why, "", ""));
        }
        let sha256 = sha256(&all);
        let processing_ms = matches!(self.kind, MediaKind::Gif | MediaKind::Video).then_some(processing_ms);
        self.finished = Some(Finished { at_ms: now_ms, bytes, sha256, refused, processing_ms });
        Ok(())
    }

    /// What the API says about it.
    pub(crate) fn describe(&self, now_ms: i64) -> Value {
        let left_s = ((self.created_ms + LIFE_MS - now_ms) / 1000).max(0);
        let mut out = json!({"id": self.id, "media_key": self.kind.key(&self.id), "expires_after_secs": left_s});
        if let Some(finished) = &self.finished {
            out["size"] = finished.bytes.into();
            if finished.processing_ms.is_some() {
                out["processing_info"] = self.processing(now_ms);
            }
        }
        out
    }

    fn processing(&self, now_ms: i64) -> Value {
        match self.stage(now_ms) {
            Stage::Uploading | Stage::Pending => json!({"state": "pending", "check_after_secs": 1}),
            Stage::InProgress(percent) => {
                json!({"state": "in_progress", "check_after_secs": 1, "progress_percent": percent})
            }
            Stage::Succeeded => json!({"state": "succeeded", "progress_percent": 100}),
            Stage::Failed | Stage::Expired => json!({
                "state": "failed", "progress_percent": 0,
                "error": {"code": 1, "name": "InvalidMedia",
                    "message": self.finished.as_ref().and_then(|finished| finished.refused).unwrap_or("InvalidMedia")},
            }),
        }
    }

    /// What the control route says about it.
    pub(crate) fn inspect(&self, now_ms: i64) -> Value {
        let mut out = self.describe(now_ms);
        out["user_id"] = self.owner.as_str().into();
        out["alt_text"] = self.alt_text.clone().into();
        out["sha256"] = self.finished.as_ref().map(|finished| finished.sha256.clone()).into();
        out["usable"] = (self.stage(now_ms) == Stage::Succeeded).into();
        out
    }
}

/// The kinds of the media that a new post names, or the refusal.
pub(crate) fn attach(state: &State, caller: &Caller, ids: &[String]) -> Result<Vec<MediaKind>, Problem> {
    let invalid = || Problem::invalid_detail(problem::MEDIA_INVALID);
    let mut kinds = Vec::new();
    for id in ids {
        let media = state.media.get(id).filter(|media| media.owner == caller.user.id).ok_or_else(invalid)?;
        if media.stage(caller.now_ms) != Stage::Succeeded || media.kind == MediaKind::Other {
            return Err(invalid());
        }
        kinds.push(media.kind);
    }
    let single = kinds.iter().any(|kind| *kind != MediaKind::Image);
    if single && kinds.len() > 1 {
        return Err(Problem::invalid("$.media.media_ids: 4 photos or 1 GIF or 1 video, never mixed", "", ""));
    }
    let mut seen = ids.to_vec();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() != ids.len() {
        return Err(invalid());
    }
    Ok(kinds)
}
