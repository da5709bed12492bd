//! A video: what it is, how far it is, and who can see it. Time alone changes two things: processing ends, and a
//! private video with an instant becomes public (dossier google §4.4).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::meta::{Snippet, Status};
use crate::clock::{self, DAY_MS};
use crate::google::ga4::world::mix;
use crate::google::options::SimChannel;
use crate::ledger::LedgerEntry;
use crate::sniff::sha256;

/// A video of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::google) struct Video {
    pub(in crate::google) id: String,
    pub(in crate::google) channel: String,
    pub(in crate::google) snippet: Snippet,
    pub(in crate::google) status: Status,
    pub(in crate::google) uploaded_ms: i64,
    pub(in crate::google) processed_ms: i64,
    /// When it was first public.
    pub(in crate::google) published_ms: Option<i64>,
    pub(in crate::google) duration_s: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub(in crate::google) sha256: String,
    pub(in crate::google) size: u64,
    pub(in crate::google) failure: Option<String>,
    pub(in crate::google) rejection: Option<String>,
    /// The project has no audit: whatever is asked, it stays private.
    pub(in crate::google) is_locked: bool,
    /// SHA-256 of the picture that was set.
    pub(in crate::google) thumbnail: Option<String>,
    pub(in crate::google) is_deleted: bool,
}

/// Text as YouTube's instants.
pub(super) fn instant(at_ms: i64) -> String {
    format!("{}Z", clock::rfc3339(at_ms).split('.').next().unwrap_or_default())
}

/// An id of eleven characters.
pub(super) fn id_of(number: u64) -> String {
    URL_SAFE_NO_PAD.encode(number.to_le_bytes())
}

impl Video {
    /// A video that was there before the simulation began: one a week, all public.
    pub(super) fn old(channel: &SimChannel, no: usize, (seed, now_ms): (u64, i64)) -> Self {
        let weeks = i64::try_from(no).unwrap_or(0);
        let published_ms = now_ms - (10 + weeks * 7) * DAY_MS;
        let name = channel.id.bytes().map(u64::from).sum::<u64>();
        let draw = |salt: u64| mix(&[seed, name, no as u64, salt]);
        let is_short = draw(3) % 5 == 0;
        let snippet = Snippet {
            title: format!("{} {}", if is_short { "Short" } else { "Episode" }, no + 1),
            description: format!("What happened in week {}.", no + 1),
            tags: vec!["weekly".into(), "acme & friends".into()],
            category_id: "22".into(),
            default_language: None,
            default_audio_language: None,
        };
        Self {
            id: id_of(draw(1)),
            channel: channel.id.clone(),
            snippet,
            status: Status { privacy: "public".into(), ..Status::default() },
            uploaded_ms: published_ms,
            processed_ms: published_ms,
            published_ms: Some(published_ms),
            duration_s: if is_short { 20 + draw(2) % 40 } else { 120 + draw(2) % 900 },
            sha256: String::new(),
            size: 10_000_000,
            failure: None,
            rejection: None,
            is_locked: false,
            thumbnail: None,
            is_deleted: false,
        }
    }

    /// What time has changed; nothing when it has not.
    pub(super) fn settled(&self, now_ms: i64) -> Option<Self> {
        let publish_ms = self.status.publish_at_ms.filter(|at_ms| *at_ms <= now_ms)?;
        if self.is_locked || self.is_deleted || self.status.privacy != "private" || self.is_broken() {
            return None;
        }
        let mut video = self.clone();
        video.status.privacy = "public".into();
        video.status.publish_at_ms = None;
        // A past instant publishes at once.
        video.published_ms = Some(publish_ms.max(video.uploaded_ms));
        Some(video)
    }

    fn is_broken(&self) -> bool {
        self.failure.is_some() || self.rejection.is_some()
    }

    /// Makes it public now, if its status says so.
    pub(super) fn show(&mut self, now_ms: i64) {
        if self.status.privacy == "public" && !self.is_broken() && self.published_ms.is_none() {
            self.published_ms = Some(now_ms);
        }
    }

    /// Whether the world can see it.
    pub(super) fn is_visible(&self) -> bool {
        self.published_ms.is_some() && self.status.privacy == "public" && !self.is_deleted
    }

    /// Its line in the ledger, once it was public.
    pub(super) fn entry(&self, channel: Option<&SimChannel>) -> Option<LedgerEntry> {
        Some(LedgerEntry {
            id: self.id.clone(),
            user_id: self.channel.clone(),
            username: channel.map_or_else(String::new, |channel| channel.handle.clone()),
            text: self.snippet.title.clone(),
            media_ids: vec![self.sha256.clone()],
            in_reply_to: None,
            poll: None,
            made_with_ai: self.status.contains_synthetic_media,
            created_at_ms: self.published_ms?,
            deleted: !self.is_visible(),
        })
    }

    /// Names this state of what its owner says of it.
    pub(super) fn etag(&self) -> String {
        let state = json!([self.snippet, self.status, self.thumbnail, self.is_deleted]);
        sha256(state.to_string().as_bytes()).chars().take(27).collect()
    }

    /// Pictures; a fresh upload has none yet.
    fn thumbnails(&self, now_ms: i64) -> Value {
        if now_ms < self.processed_ms && self.thumbnail.is_none() {
            return json!({});
        }
        let at = |name: &str, width: u32, height: u32| json!({"url": format!("https://i.ytimg.com/vi/{}/{name}.jpg", self.id), "width": width, "height": height});
        json!({"default": at("default", 120, 90), "medium": at("mqdefault", 320, 180), "high": at("hqdefault", 480, 360)})
    }

    fn duration(&self) -> String {
        let (hours, minutes, seconds) = (self.duration_s / 3_600, self.duration_s / 60 % 60, self.duration_s % 60);
        let part = |number: u64, letter: char| if number == 0 { String::new() } else { format!("{number}{letter}") };
        match self.duration_s {
            0 => "P0D".into(),
            _ => format!("PT{}{}{}", part(hours, 'H'), part(minutes, 'M'), part(seconds, 'S')),
        }
    }

    fn upload_status(&self, now_ms: i64) -> &'static str {
        match self {
            _ if now_ms < self.processed_ms => "uploaded",
            Self { failure: Some(_), .. } => "failed",
            Self { rejection: Some(_), .. } => "rejected",
            _ => "processed",
        }
    }

    /// One part of the resource.
    pub(super) fn part(&self, name: &str, (channel, views): (&SimChannel, u64), now_ms: i64) -> Value {
        match name {
            "snippet" => self.snippet_part(channel, now_ms),
            "status" => self.status_part(now_ms),
            "statistics" => {
                let mut statistics = json!({"viewCount": views.to_string(), "favoriteCount": "0"});
                // Some hide their likes, some take no comments.
                if !self.duration_s.is_multiple_of(11) {
                    statistics["likeCount"] = (views / 20).to_string().into();
                }
                if !self.duration_s.is_multiple_of(7) {
                    statistics["commentCount"] = (views / 90).to_string().into();
                }
                statistics
            }
            "contentDetails" => {
                let duration = if now_ms < self.processed_ms { "P0D".into() } else { self.duration() };
                json!({"duration": duration, "dimension": "2d", "definition": "hd", "caption": "false",
                    "licensedContent": false, "contentRating": {}, "projection": "rectangular",
                    "hasCustomThumbnail": self.thumbnail.is_some()})
            }
            "processingDetails" => self.processing_part(now_ms),
            "fileDetails" => json!({"fileName": "sim.mp4", "fileSize": self.size.to_string(), "fileType": "video"}),
            "player" => json!({"embedHtml": format!("<iframe src=\"//www.youtube.com/embed/{}\"></iframe>", self.id)}),
            _ => json!({}),
        }
    }

    fn snippet_part(&self, channel: &SimChannel, now_ms: i64) -> Value {
        let snippet = &self.snippet;
        let published = instant(self.published_ms.unwrap_or(self.uploaded_ms));
        let mut value = json!({"publishedAt": published, "channelId": self.channel, "title": snippet.title,
            "description": snippet.description, "thumbnails": self.thumbnails(now_ms), "channelTitle": channel.title,
            "categoryId": snippet.category_id, "liveBroadcastContent": "none",
            "localized": {"title": snippet.title, "description": snippet.description}});
        if !snippet.tags.is_empty() {
            value["tags"] = json!(snippet.tags);
        }
        if let Some(language) = &snippet.default_language {
            value["defaultLanguage"] = language.as_str().into();
        }
        if let Some(language) = &snippet.default_audio_language {
            value["defaultAudioLanguage"] = language.as_str().into();
        }
        value
    }

    fn status_part(&self, now_ms: i64) -> Value {
        let status = &self.status;
        let mut value = json!({"uploadStatus": self.upload_status(now_ms), "privacyStatus": status.privacy,
            "license": status.license, "embeddable": status.embeddable, "publicStatsViewable": status.public_stats_viewable,
            "madeForKids": status.self_declared_made_for_kids.unwrap_or(false)});
        if let Some(declared) = status.self_declared_made_for_kids {
            value["selfDeclaredMadeForKids"] = declared.into();
        }
        if let Some(is_synthetic) = status.contains_synthetic_media {
            value["containsSyntheticMedia"] = is_synthetic.into();
        }
        if let Some(at_ms) = status.publish_at_ms {
            value["publishAt"] = instant(at_ms).into();
        }
        if now_ms >= self.processed_ms {
            if let Some(reason) = &self.failure {
                value["failureReason"] = reason.as_str().into();
            }
            if let Some(reason) = &self.rejection {
                value["rejectionReason"] = reason.as_str().into();
            }
        }
        value
    }

    fn processing_part(&self, now_ms: i64) -> Value {
        let span = (self.processed_ms - self.uploaded_ms).max(1);
        if now_ms < self.processed_ms {
            let left = self.processed_ms - now_ms;
            let done = ((span - left) * 1_000 / span).clamp(0, 1_000);
            return json!({"processingStatus": "processing", "processingProgress": {"partsTotal": "1000",
                "partsProcessed": done.to_string(), "timeLeftMs": left.to_string()}});
        }
        match &self.failure {
            Some(_) => json!({"processingStatus": "failed", "processingFailureReason": "transcodeFailed"}),
            None => json!({"processingStatus": "succeeded", "fileDetailsAvailability": "available",
                "thumbnailsAvailability": "available"}),
        }
    }
}
