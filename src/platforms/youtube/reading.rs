//! Reading: whose token it is, how a video stands, and what an upload left of which the session is forgotten (platforms/google.md §4.2, §4.3).

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::YouTube;
use super::classify::no_channel;
use super::link::{STUDIO, permalink};
use super::metadata::title_of;
use super::wire::{Channel, List, Listed, Picture, Video, is_channel, is_video};
use crate::domain::account::Profile;
use crate::domain::commit::{CallFault, Search, Sighting};
use crate::domain::post::Visibility;
use crate::domain::shelf::MediaFile;
use crate::platforms::Part;
use crate::platforms::answers::Waiting;
use crate::say;

/// §4.3: one page, one unit. A channel uploads no more than that in the days a session may live.
const PAGE_VIDEOS: &str = "50";
/// YouTube's seconds are whole, and its servers' clocks are not all the same.
const BEFORE_MS: i64 = 60_000;
/// Of a picture; what is kept is this small.
const FACE_PIXELS: i64 = 96;
/// Of a name that is shown.
const NAME_CHARS_MAX: usize = 100;

/// The smallest picture that is not smaller than what is kept of it; else the largest.
fn face(pictures: BTreeMap<String, Picture>) -> Option<String> {
    let mut all: Vec<Picture> = pictures.into_values().filter(|picture| !picture.url.is_empty()).collect();
    all.sort_by_key(|picture| picture.width);
    let fits = all.iter().position(|picture| picture.width >= FACE_PIXELS).unwrap_or(all.len().saturating_sub(1));
    all.into_iter().nth(fits).map(|picture| picture.url)
}

impl YouTube {
    /// The channel that the token acts as (§4.2).
    pub(super) async fn own_channel(&self, access: &SecretString) -> Result<Profile, CallFault> {
        let channel = self.channel(access, Waiting::Person).await?;
        let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect::<String>();
        let (name, handle) = (clean(&channel.snippet.title), clean(channel.snippet.custom_url.trim_start_matches('@')));
        let handle = [handle, name.clone(), channel.id.clone()].into_iter().find(|known| !known.is_empty());
        Ok(Profile {
            handle: handle.unwrap_or_default(),
            name,
            remote_id: channel.id,
            scoped_id: None,
            avatar_url: face(channel.snippet.thumbnails),
        })
    }

    /// The channel's id and the list of what it uploaded, for a person who waits.
    pub(super) async fn uploads(&self, access: &SecretString) -> Result<(String, String), CallFault> {
        let channel = self.channel(access, Waiting::Person).await?;
        Ok((channel.id, channel.content_details.related_playlists.uploads))
    }

    async fn channel(&self, access: &SecretString, waiting: Waiting) -> Result<Channel, CallFault> {
        let url = self.endpoint("/youtube/v3/channels", &[("part", "snippet,contentDetails"), ("mine", "true")]);
        let found: List<Channel> = self.get(access, url, waiting).await?;
        let first = found.items.into_iter().find(|channel| is_channel(&channel.id));
        first.ok_or_else(|| match waiting {
            Waiting::Person => CallFault::Refused(no_channel()),
            Waiting::Queue => CallFault::Blocked(no_channel()),
        })
    }

    /// A video of the channel; what is not there (any more) is silently missing (§4.3).
    pub(super) async fn video(&self, access: &SecretString, id: &str, parts: &str) -> Result<Option<Video>, CallFault> {
        let url = self.endpoint("/youtube/v3/videos", &[("part", parts), ("id", id)]);
        let found: List<Video> = self.get(access, url, Waiting::Queue).await?;
        Ok(found.items.into_iter().find(|video| video.id == id))
    }

    /// Looks whether the video can be seen as it was wanted.
    pub(super) async fn look(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        let handle = search.prepared.clone().unwrap_or_default();
        let Some(id) = handle["video"].as_str().filter(|id| is_video(id)) else {
            return Ok(Sighting::Hidden { ask: say!("youtube-look", link = STUDIO) });
        };
        let Some(video) = self.video(access, id, "status").await? else {
            // Somebody took it away: whether it was seen before, nobody can read any more.
            return Ok(Sighting::Hidden { ask: say!("youtube-look-gone", link = STUDIO) });
        };
        Ok(match handle["visibility"].as_str() {
            Some(wanted) if wanted == video.status.privacy_status => {
                Sighting::Found { remote_id: id.to_owned(), permalink: permalink(id) }
            }
            Some(_) | None => Sighting::Absent { is_ruined: false },
        })
    }

    /// The video of an upload whose session is forgotten: the one private video of the channel with this title and exactly so many bytes since it was
    /// begun. Where several fit, none is taken: they may be somebody else's.
    pub(super) async fn left_behind(
        &self,
        access: &SecretString,
        (part, medium): (&Part, &MediaFile),
        since: i64,
    ) -> Result<Option<String>, CallFault> {
        let uploads = self.channel(access, Waiting::Queue).await?.content_details.related_playlists.uploads;
        let pairs = [("part", "contentDetails"), ("playlistId", uploads.as_str()), ("maxResults", PAGE_VIDEOS)];
        let listed: List<Listed> =
            self.get(access, self.endpoint("/youtube/v3/playlistItems", &pairs), Waiting::Queue).await?;
        let ids: Vec<String> = listed.items.into_iter().map(|item| item.content_details.video_id).collect();
        let ids: Vec<String> = ids.into_iter().filter(|id| is_video(id)).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let pairs = [("part", "snippet,status,fileDetails"), ("id", &*ids.join(","))];
        let found: List<Video> = self.get(access, self.endpoint("/youtube/v3/videos", &pairs), Waiting::Queue).await?;
        let (title, bytes) = (title_of(part), medium.len());
        let mut fitting: Vec<Video> =
            found.items.into_iter().filter(|video| is_left(video, (&title, bytes), since)).collect();
        Ok(if fitting.len() == 1 { fitting.pop().map(|video| video.id) } else { None })
    }
}

fn is_left(video: &Video, (title, bytes): (&str, u64), since: i64) -> bool {
    let at = video.snippet.published_at.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    video.status.privacy_status == Visibility::Private.word()
        && video.snippet.title == title
        && video.file_details.file_size == bytes.to_string()
        && at.is_some_and(|at| at >= since - BEFORE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_of_a_channel_is_the_smallest_that_is_large_enough() {
        let of = |widths: &[i64]| {
            let all =
                widths.iter().map(|width| (width.to_string(), Picture { url: format!("u{width}"), width: *width }));
            face(all.collect())
        };
        assert_eq!(of(&[88, 240, 800]).as_deref(), Some("u240"));
        assert_eq!(of(&[88]).as_deref(), Some("u88"));
        assert_eq!(of(&[]), None);
        assert_eq!(face(BTreeMap::from([("default".to_owned(), Picture::default())])), None);
    }

    #[test]
    fn only_what_can_be_that_upload_is_taken_for_it() {
        let since = "2026-11-27T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let video = |title: &str, privacy: &str, size: &str, at: &str| -> Video {
            serde_json::from_value(
                serde_json::json!({ "id": "dQw4w9WgXcQ", "snippet": { "title": title, "publishedAt": at },
                "status": { "privacyStatus": privacy }, "fileDetails": { "fileSize": size } }),
            )
            .unwrap()
        };
        let fits = |video: &Video| is_left(video, ("T", 7), since);
        assert!(fits(&video("T", "private", "7", "2026-11-27T10:00:30Z")));
        assert!(fits(&video("T", "private", "7", "2026-11-27T09:59:00Z")), "a minute is between two clocks");
        for other in [
            video("U", "private", "7", "2026-11-27T10:00:30Z"),
            video("T", "public", "7", "2026-11-27T10:00:30Z"),
            video("T", "private", "8", "2026-11-27T10:00:30Z"),
            video("T", "private", "", "2026-11-27T10:00:30Z"),
            video("T", "private", "7", "2026-11-27T09:58:59Z"),
            video("T", "private", "7", ""),
        ] {
            assert!(!fits(&other), "{other:?}");
        }
    }
}
