//! What a container's parameters and its bytes must be (dossier §3.1, §4). Fetching is `containers`.

use serde_json::Value;

use super::options::Tuning;
use super::refusal;
use super::state::Kind;
use crate::graph::{Call, GraphError};
use crate::sniff::{FileKind, Look};

const CAPTION_CHARS_MAX: usize = 2_200;
const HASHTAGS_MAX: usize = 30;
const MENTIONS_MAX: usize = 20;
const ALT_CHARS_MAX: usize = 1_000;
const COLLABORATORS_MAX: usize = 3;
/// 8 MB.
pub(super) const IMAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
pub(super) const REEL_BYTES_MAX: usize = 300 * 1024 * 1024;
pub(super) const STORY_BYTES_MAX: usize = 100 * 1024 * 1024;
/// 4:5 to 1.91:1.
const IMAGE_RATIO_MILLI: std::ops::RangeInclusive<u64> = 800..=1_910;

fn wrong(message: &str) -> GraphError {
    GraphError::param(message)
}

/// Refuses what the real one refuses; else which kind it is.
pub(super) fn check(call: &Call, tuning: &Tuning) -> Result<Kind, GraphError> {
    let is_item = call.flag("is_carousel_item");
    let kind = kind_of(call, is_item)?;
    if kind != Kind::Carousel && !kind.is_film() {
        call.needed("image_url")?;
    }
    caption(call, is_item || kind.is_story())?;
    if let Some(alt) = call.one("alt_text") {
        if kind != Kind::Image {
            return Err(wrong("Param alt_text is supported for images only"));
        }
        if alt.chars().count() > ALT_CHARS_MAX {
            return Err(wrong("Param alt_text must be at most 1000 characters long"));
        }
    }
    let reels_only = ["share_to_feed", "thumb_offset", "cover_url", "audio_name", "trial_params"];
    if let Some(name) = reels_only.iter().find(|name| kind != Kind::Reel && call.one(name).is_some()) {
        return Err(wrong(&format!("Param {name} is supported for reels only")));
    }
    if is_item && call.one("is_ai_generated").is_some() {
        return Err(wrong("Param is_ai_generated is not for carousel items"));
    }
    if call.number("thumb_offset")?.is_some_and(|offset| offset < 0) {
        return Err(refusal::thumb_offset());
    }
    trial(call, tuning)?;
    tags(call, kind)?;
    if call.list("collaborators").len() > COLLABORATORS_MAX {
        return Err(wrong("Param collaborators must have at most 3 entries"));
    }
    call.number("location_id")?;
    Ok(kind)
}

fn kind_of(call: &Call, is_item: bool) -> Result<Kind, GraphError> {
    let is_resumable = call.one("upload_type") == Some("resumable");
    let has_film = call.one("video_url").is_some() || is_resumable;
    let kind = match (call.one("media_type"), is_item) {
        (None | Some("IMAGE"), _) if has_film => return Err(refusal::media_type()),
        (None | Some("IMAGE"), _) => Kind::Image,
        (Some("VIDEO"), true) => Kind::Video,
        (Some("REELS"), false) => Kind::Reel,
        (Some("CAROUSEL"), false) => Kind::Carousel,
        (Some("STORIES"), false) if has_film => Kind::VideoStory,
        (Some("STORIES"), false) => Kind::ImageStory,
        (Some("VIDEO"), false) => {
            let message = "The VIDEO value for media_type is no longer supported. Use the REELS media type to publish a video to your Instagram feed.";
            return Err(refusal::media_type().told("Media type is not supported", message));
        }
        (Some(_), _) => return Err(refusal::media_type()),
    };
    if kind.is_film() && !is_resumable {
        call.needed("video_url")?;
    }
    Ok(kind)
}

/// Stories and carousel items have none: what is sent is ignored.
fn caption(call: &Call, is_ignored: bool) -> Result<(), GraphError> {
    let text = call.one("caption").filter(|_| !is_ignored).unwrap_or_default();
    let marks = |mark: char| {
        let mut count = 0;
        let mut chars = text.chars().peekable();
        let mut before = ' ';
        while let Some(c) = chars.next() {
            let begins = chars.peek().is_some_and(|next| next.is_alphanumeric() || *next == '_');
            count += usize::from(c == mark && begins && !before.is_alphanumeric());
            before = c;
        }
        count
    };
    if text.chars().count() > CAPTION_CHARS_MAX || marks('#') > HASHTAGS_MAX {
        return Err(refusal::caption());
    }
    if marks('@') > MENTIONS_MAX { Err(refusal::tags()) } else { Ok(()) }
}

fn trial(call: &Call, tuning: &Tuning) -> Result<(), GraphError> {
    let Some(raw) = call.one("trial_params") else { return Ok(()) };
    let read: Value = serde_json::from_str(raw).map_err(|_| wrong("Param trial_params must be an object."))?;
    if !matches!(read["graduation_strategy"].as_str(), Some("MANUAL" | "SS_PERFORMANCE")) {
        return Err(wrong("Param trial_params needs graduation_strategy MANUAL or SS_PERFORMANCE"));
    }
    if tuning.allows_trials { Ok(()) } else { Err(refusal::trials()) }
}

/// People tagged in a picture stand at a place in it; in a film they stand nowhere.
fn tags(call: &Call, kind: Kind) -> Result<(), GraphError> {
    let Some(raw) = call.one("user_tags") else { return Ok(()) };
    let read: Value = serde_json::from_str(raw).map_err(|_| wrong("Param user_tags must be an array."))?;
    let read = read.as_array().ok_or_else(|| wrong("Param user_tags must be an array."))?;
    if read.len() > MENTIONS_MAX {
        return Err(refusal::tags());
    }
    for tag in read {
        if tag["username"].as_str().is_none_or(str::is_empty) {
            return Err(wrong("Param user_tags needs a username each"));
        }
        let is_placed = ["x", "y"].iter().all(|at| tag[*at].as_f64().is_some_and(|at| (0.0..=1.0).contains(&at)));
        if kind == Kind::Image && !is_placed {
            return Err(wrong("Param user_tags needs x and y between 0.0 and 1.0"));
        }
    }
    Ok(())
}

/// An image's bytes.
pub(super) fn image(kind: Kind, bytes: usize, look: &Look) -> Result<(), GraphError> {
    if bytes > IMAGE_BYTES_MAX {
        return Err(refusal::image_size());
    }
    match look.kind {
        FileKind::Jpeg => {}
        FileKind::Unknown => return Err(refusal::unfetched()),
        _ => return Err(refusal::image_format()),
    }
    if look.width == 0 || kind == Kind::Image && !IMAGE_RATIO_MILLI.contains(&look.ratio_milli()) {
        return Err(refusal::image_ratio());
    }
    Ok(())
}

/// A film's bytes: the number of the refusal that stands in `status`, if it is one.
pub(super) fn film(kind: Kind, bytes: usize, look: &Look) -> Result<(), i64> {
    let is_story = kind == Kind::VideoStory;
    let (bytes_max, spans, least) =
        if is_story { (STORY_BYTES_MAX, 3_000..=60_000, 100) } else { (REEL_BYTES_MAX, 3_000..=900_000, 10) };
    let is_fine = matches!(look.kind, FileKind::Mp4 | FileKind::Mov)
        && look.is_index_first
        && matches!(&look.codec, b"avc1" | b"hvc1" | b"hev1")
        && bytes <= bytes_max
        && spans.contains(&look.duration_ms)
        && (23_000..=60_000).contains(&look.fps_milli)
        && (1..=1_920).contains(&look.width)
        && (least..=10_000).contains(&look.ratio_milli());
    if is_fine { Ok(()) } else { Err(2_207_026) }
}
