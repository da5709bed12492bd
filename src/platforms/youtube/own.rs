//! The channel's own videos as they stand there, and changes of what is said of them (platforms/google.md §4.3, §4.4): the part `snippet` goes out
//! whole, because what is left out of a named part is cleared; the same sent again is the same.

use async_trait::async_trait;
use http::Method;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::YouTube;
use super::check::{picture_findings, words_findings};
use super::classify::call_fault;
use super::wire::{Described, List, Listed, is_video};
use crate::domain::account::Account;
use crate::domain::commit::CallFault;
use crate::domain::post::{Finding, MediaFacts};
use crate::domain::refusal::Sentence;
use crate::domain::shelf::MediaFile;
use crate::domain::video::{OwnVideo, VideoPage, VideoWords};
use crate::platforms::OwnVideos;
use crate::platforms::answers::Waiting;
use crate::say;

/// Videos of one page: ten with all that is said of them are what a model reads at once. Three units, however many they are.
const PAGE: &str = "10";
/// What is asked of each.
const PARTS: &str = "snippet,status,contentDetails";
/// Marks of pages are longer nowhere.
const TOKEN_CHARS_MAX: usize = 200;

/// Whether a text can be the mark of a page: it goes into an address, encoded, and nothing else of it is known.
fn is_token(text: &str) -> bool {
    (1..=TOKEN_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=.".contains(&b))
}

/// As it is known here; whoever asks has looked whose it is.
fn told(video: Described) -> OwnVideo {
    let Described { id, etag, snippet, status, content_details } = video;
    let thumbnail = snippet.thumbnails.into_values().max_by_key(|picture| picture.width);
    // A video that YouTube still works on has none, and says `P0D`.
    let length = content_details.duration.parse::<jiff::Span>().ok().and_then(|span| {
        let days = i64::from(span.get_days()).checked_mul(86_400)?;
        let rest = SignedDuration::try_from(span.days(0)).ok()?;
        days.checked_add(rest.as_secs())
    });
    OwnVideo {
        id,
        etag,
        words: VideoWords {
            title: snippet.title,
            description: snippet.description,
            tags: snippet.tags,
            category: snippet.category_id,
            language: snippet.default_language,
            spoken: snippet.default_audio_language,
        },
        visibility: status.privacy_status,
        published_at: snippet.published_at,
        duration_s: length.filter(|seconds| *seconds > 0),
        thumbnail: thumbnail.map(|picture| picture.url).unwrap_or_default(),
    }
}

/// The whole part.
fn snippet(words: &VideoWords) -> Value {
    let VideoWords { title, description, tags, category, language, spoken } = words;
    let mut snippet = json!({ "title": title, "description": description, "tags": tags, "categoryId": category });
    for (name, value) in [("defaultLanguage", language), ("defaultAudioLanguage", spoken)] {
        if let Some(value) = value {
            snippet[name] = value.as_str().into();
        }
    }
    snippet
}

/// A refusal as it is said of a video that is there: the sentences of posts speak of what did not go out.
fn of_edit(fault: CallFault) -> CallFault {
    let CallFault::Refused(why) = &fault else { return fault };
    let arg = |name: &str| why.args.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let said = |sentence: Sentence, name: &str| Sentence {
        args: arg(name).map(|value| (name.to_owned(), value)).into_iter().collect(),
        ..sentence
    };
    CallFault::Refused(match why.key.as_str() {
        "youtube-quota-day" => said(say!("youtube-edit-quota", hours = 0), "hours"),
        "youtube-refused" => said(say!("youtube-edit-refused", detail = ""), "detail"),
        "youtube-thumbnail-unverified" => say!("youtube-edit-thumbnail-unverified"),
        _ => return fault,
    })
}

impl YouTube {
    async fn described(
        &self,
        access: &SecretString,
        account: &Account,
        ids: &[String],
    ) -> Result<Vec<OwnVideo>, CallFault> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| is_video(id)).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let url = self.endpoint("/youtube/v3/videos", &[("part", PARTS), ("id", &*ids.join(","))]);
        let found: List<Described> = self.get(access, url, Waiting::Person).await?;
        let mut own: Vec<OwnVideo> =
            found.items.into_iter().filter(|video| video.snippet.channel_id == account.remote_id).map(told).collect();
        // The list's order is the channel's; the answer's need not be.
        own.sort_by_key(|video| ids.iter().position(|id| *id == video.id));
        own.dedup_by(|one, other| one.id == other.id);
        own.retain(|video| ids.contains(&video.id.as_str()));
        Ok(own)
    }
}

#[async_trait]
impl OwnVideos for YouTube {
    async fn list(&self, access: &SecretString, account: &Account, page: Option<&str>) -> Result<VideoPage, CallFault> {
        if page.is_some_and(|token| !is_token(token)) {
            return Err(CallFault::Refused(say!("report-cursor-wrong")));
        }
        let (id, uploads) = self.uploads(access).await?;
        if id != account.remote_id {
            return Err(CallFault::Refused(say!("youtube-other-channel", handle = &account.handle)));
        }
        let mut pairs = vec![("part", "contentDetails"), ("playlistId", uploads.as_str()), ("maxResults", PAGE)];
        pairs.extend(page.map(|token| ("pageToken", token)));
        let listed: List<Listed> =
            self.get(access, self.endpoint("/youtube/v3/playlistItems", &pairs), Waiting::Person).await?;
        let ids: Vec<String> = listed.items.into_iter().map(|item| item.content_details.video_id).collect();
        let videos = self.described(access, account, &ids).await?;
        Ok(VideoPage { videos, next: listed.next.filter(|token| is_token(token)) })
    }

    async fn find(&self, access: &SecretString, account: &Account, id: &str) -> Result<Option<OwnVideo>, CallFault> {
        Ok(self.described(access, account, &[id.to_owned()]).await?.pop())
    }

    fn check_words(&self, words: &VideoWords) -> Vec<Finding> {
        words_findings(words)
    }

    fn check_thumbnail(&self, facts: &MediaFacts) -> Vec<Finding> {
        picture_findings(facts)
    }

    async fn write(&self, access: &SecretString, id: &str, words: &VideoWords) -> Result<(), CallFault> {
        let url = self.endpoint("/youtube/v3/videos", &[("part", "snippet")]);
        let body = json!({ "id": id, "snippet": snippet(words) });
        let answer = self.ask(access, (Method::PUT, url), |call| call.json(&body)).await?;
        // What is answered is not compared: YouTube may set spaces otherwise, and has said that it took it.
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        Err(of_edit(call_fault(&answer, Waiting::Person)))
    }

    async fn set_picture(&self, access: &SecretString, id: &str, picture: &MediaFile) -> Result<(), CallFault> {
        self.set_thumbnail(access, id, picture).await.map_err(of_edit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_is_read_with_all_that_can_be_written_of_it() {
        let body = json!({ "id": "dQw4w9WgXcQ", "etag": "e1", "snippet": { "channelId": "UCx", "title": "T", "description": "D", "tags": ["a"],
            "categoryId": "27", "defaultAudioLanguage": "ja", "publishedAt": "2026-11-20T10:00:00Z",
            "thumbnails": { "default": { "url": "https://i/s", "width": 120 }, "high": { "url": "https://i/l", "width": 480 } } },
            "status": { "privacyStatus": "unlisted" }, "contentDetails": { "duration": "PT1H4M13S" } });
        let video = told(serde_json::from_value(body).unwrap());
        assert_eq!((video.duration_s, video.thumbnail.as_str()), (Some(3_853), "https://i/l"));
        let written = snippet(&video.words);
        let whole = json!({ "title": "T", "description": "D", "tags": ["a"], "categoryId": "27", "defaultAudioLanguage": "ja" });
        assert_eq!(written, whole, "nothing is left out, and nothing is made up");
        for (text, seconds) in
            [("P0D", None), ("", None), ("P1DT2S", Some(86_402)), ("PT59S", Some(59)), ("PT9999999999999H", None)]
        {
            let body = json!({ "id": "x", "contentDetails": { "duration": text } });
            assert_eq!(told(serde_json::from_value(body).unwrap()).duration_s, seconds, "{text}");
        }
        assert!(is_token("CAoQAA") && !is_token("") && !is_token("a&b") && !is_token(&"a".repeat(201)));
    }
}
