//! What a post and its files must be (dossier §4.1 to §4.5, §5): texts, switches, the arithmetic of chunks, addresses, bytes.

use serde_json::Value;

use super::options::{SimCreator, TikTokOptions};
use super::refusal::Refusal;
use crate::sniff::{self, FileKind};

const CAPTION_UNITS_MAX: usize = 2_200;
const PHOTO_TITLE_UNITS_MAX: usize = 90;
const PHOTO_TEXT_UNITS_MAX: usize = 4_000;
const PHOTOS_MAX: usize = 35;
pub(super) const PHOTO_BYTES_MAX: usize = 20 * 1024 * 1024;
/// 4 GB by the book; what is pulled is held in memory, so that the simulator stops earlier.
pub(super) const PULL_BYTES_MAX: usize = 512 * 1024 * 1024;
const VIDEO_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
const CHUNK_MIN: u64 = 5 * 1024 * 1024;
const CHUNK_MAX: u64 = 64 * 1024 * 1024;
const LAST_CHUNK_MAX: u64 = 128 * 1024 * 1024;
const CHUNKS_MAX: u64 = 1_000;
const SECONDS_MAX: u64 = 600;
/// H.264, H.265, VP8 and VP9, as an MP4 or MOV names them.
const CODECS: [&[u8; 4]; 6] = [b"avc1", b"avc3", b"hvc1", b"hev1", b"vp08", b"vp09"];
const SIDES: std::ops::RangeInclusive<u32> = 360..=4_096;

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn text(info: &Value, name: &str, max: usize) -> Result<(), Refusal> {
    match &info[name] {
        Value::Null => Ok(()),
        Value::String(text) if units(text) <= max => Ok(()),
        Value::String(_) => {
            Err(Refusal::param(&format!("The {name} is too long, at most {max} UTF-16 runes are allowed")))
        }
        _ => Err(Refusal::param(&format!("{name} must be a string"))),
    }
}

fn switches(info: &Value, names: &[&str]) -> Result<(), Refusal> {
    let wrong = names.iter().find(|name| !matches!(info[**name], Value::Null | Value::Bool(_)));
    wrong.map_or(Ok(()), |name| Err(Refusal::param(&format!("{name} must be a boolean"))))
}

/// Which texts a post has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Video,
    Photos,
}

/// What a direct post says about itself.
pub(super) fn direct_info(
    options: &TikTokOptions,
    creator: &SimCreator,
    info: &Value,
    shape: Shape,
) -> Result<(), Refusal> {
    if !info.is_object() {
        return Err(Refusal::param("post_info is required"));
    }
    let level = info["privacy_level"].as_str().ok_or_else(|| Refusal::param("privacy_level is required"))?;
    if !creator.privacy_levels().contains(&level) {
        let message = "Privacy level option is not in the options of the creator";
        return Err(Refusal::new(403, "privacy_level_option_mismatch", message));
    }
    if !options.is_audited && (level != "SELF_ONLY" || !creator.is_private) {
        let message = "Please review our integration guidelines: unaudited clients can only post to private accounts";
        return Err(Refusal::new(403, "unaudited_client_can_only_post_to_private_accounts", message));
    }
    texts(info, shape)?;
    switches(
        info,
        &[
            "disable_duet",
            "disable_comment",
            "disable_stitch",
            "brand_content_toggle",
            "brand_organic_toggle",
            "is_aigc",
            "auto_add_music",
        ],
    )?;
    let cover = &info["video_cover_timestamp_ms"];
    if !cover.is_null() && cover.as_u64().is_none() {
        return Err(Refusal::param("video_cover_timestamp_ms must not be negative"));
    }
    if info["brand_content_toggle"] == true && level == "SELF_ONLY" {
        return Err(Refusal::param("Branded content visibility cannot be set to private"));
    }
    Ok(())
}

/// The texts of a post, direct or not.
pub(super) fn texts(info: &Value, shape: Shape) -> Result<(), Refusal> {
    if shape == Shape::Video {
        return text(info, "title", CAPTION_UNITS_MAX);
    }
    text(info, "title", PHOTO_TITLE_UNITS_MAX)?;
    text(info, "description", PHOTO_TEXT_UNITS_MAX)
}

/// Size, chunk size and count of a file, if they fit each other (§4.2).
pub(super) fn chunks(source: &Value) -> Result<(u64, u64, u64), Refusal> {
    let number = |name: &str| source[name].as_u64().ok_or_else(|| Refusal::param(&format!("{name} is required")));
    let (size, chunk, count) = (number("video_size")?, number("chunk_size")?, number("total_chunk_count")?);
    if size == 0 || size > VIDEO_BYTES_MAX {
        return Err(Refusal::param("The video size is invalid"));
    }
    let wrong_chunk = || Refusal::param("The chunk size is invalid");
    if chunk == 0 {
        return Err(wrong_chunk());
    }
    if !(1..=CHUNKS_MAX).contains(&count) || count != size / chunk {
        // A chunk larger than the file counts none.
        return Err(if chunk > size { wrong_chunk() } else { Refusal::param("The total chunk count is invalid") });
    }
    let is_fine = if count == 1 {
        chunk == size && size <= CHUNK_MAX
    } else {
        (CHUNK_MIN..=CHUNK_MAX).contains(&chunk) && size - chunk * (count - 1) <= LAST_CHUNK_MAX
    };
    if is_fine { Ok((size, chunk, count)) } else { Err(wrong_chunk()) }
}

/// An address that the app proved to be its own.
pub(super) fn address(options: &TikTokOptions, given: &str) -> Result<(), Refusal> {
    let is_https = url::Url::parse(given)
        .is_ok_and(|url| url.scheme() == "https" && matches!(url.host(), Some(url::Host::Domain(_))));
    if !is_https {
        return Err(Refusal::param("The url must be https and its host a name"));
    }
    if options.verified_prefixes.iter().any(|prefix| given.starts_with(prefix)) {
        return Ok(());
    }
    let message = "Please review our URL ownership verification rules";
    Err(Refusal::new(403, "url_ownership_unverified", message))
}

/// The addresses of photos.
pub(super) fn photos(options: &TikTokOptions, source: &Value) -> Result<Vec<String>, Refusal> {
    if source["source"] != "PULL_FROM_URL" {
        return Err(Refusal::param("Photos are pulled from urls only"));
    }
    let images = source["photo_images"].as_array().ok_or_else(|| Refusal::param("photo_images is required"))?;
    if !(1..=PHOTOS_MAX).contains(&images.len()) {
        return Err(Refusal::param("photo_images must have 1 to 35 urls"));
    }
    let cover = &source["photo_cover_index"];
    let is_inside =
        cover.is_null() || cover.as_u64().and_then(|at| usize::try_from(at).ok()).is_some_and(|at| at < images.len());
    if !is_inside {
        return Err(Refusal::param("photo_cover_index is outside of photo_images"));
    }
    let images: Vec<String> = images.iter().map(|url| url.as_str().unwrap_or_default().to_owned()).collect();
    images.iter().try_for_each(|url| address(options, url))?;
    Ok(images)
}

/// A film's bytes: the reason of the failure, if they are none that is taken.
pub(super) fn film(bytes: &[u8], creator: &SimCreator) -> Result<(), &'static str> {
    let look = sniff::look(bytes);
    match look.kind {
        FileKind::Webm => return Ok(()),
        FileKind::Mp4 | FileKind::Mov if look.duration_ms > 0 && CODECS.contains(&&look.codec) => {}
        _ => return Err("file_format_check_failed"),
    }
    if look.duration_ms > creator.seconds_max.min(SECONDS_MAX) * 1_000 {
        return Err("duration_check_failed");
    }
    if !(23_000..=60_000).contains(&look.fps_milli) {
        return Err("frame_rate_check_failed");
    }
    if SIDES.contains(&look.width) && SIDES.contains(&look.height) { Ok(()) } else { Err("picture_size_check_failed") }
}

/// A photo's bytes.
pub(super) fn photo(bytes: &[u8]) -> Result<(), &'static str> {
    let look = sniff::look(bytes);
    if !matches!(look.kind, FileKind::Jpeg | FileKind::Webp) {
        return Err("file_format_check_failed");
    }
    let (short, long) = (look.width.min(look.height), look.width.max(look.height));
    let is_fine = bytes.len() <= PHOTO_BYTES_MAX && short > 0 && short <= 1_080 && long <= 1_920;
    if is_fine { Ok(()) } else { Err("picture_size_check_failed") }
}
