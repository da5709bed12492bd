//! X's limits and prices as data (platforms/x.md §3, §4.1). They are applied in `check`.

use serde_json::{Value, json};

use super::count::{LENGTH_MAX, LINK_LENGTH};
use crate::domain::picture::PictureLimits;
use crate::domain::post::{Frame, Inside, Leads, Several};
use crate::platforms::films::FilmLimits;

/// Named in §3.4: more than one cashtag is refused since 2026-04.
pub(super) const CASHTAGS_MAX: usize = 1;
/// §3.2.
pub(super) const IMAGES_MAX: usize = 4;
/// §3.2.
pub(super) const ALT_CHARS_MAX: usize = 1000;
/// §3.1.
pub(super) const POLL_OPTIONS: std::ops::RangeInclusive<usize> = 2..=4;
/// §3.1.
pub(super) const POLL_OPTION_CHARS_MAX: usize = 25;
/// §3.1: five minutes to seven days.
pub(super) const POLL_MINUTES: std::ops::RangeInclusive<u32> = 5..=10_080;
/// X's own composer stops here; longer chains are not documented.
pub(super) const THREAD_PARTS_MAX: usize = 25;
/// Not in the dossier: what X's timeline shows whole, from its own announcement of 2021.
pub(super) const FRAME: Frame =
    Frame { leads: Leads::Text, tallest: Some((3, 4)), widest: Some((2, 1)), several: Several::Grid };
/// §3.4: price of a post, millionths of a US dollar.
pub(super) const COST_MICROS: i64 = 15_000;
/// §3.4: price of a post with a link.
pub(super) const COST_WITH_LINK_MICROS: i64 = 200_000;
/// §4.1.
pub(super) const FORBIDDEN: [char; 3] = ['\u{FFFE}', '\u{FEFF}', '\u{FFFF}'];

/// §3.2: decimal megabytes, because the smaller reading of X's "MB" is refused by nobody.
pub(super) const IMAGE: PictureLimits = PictureLimits {
    types: &["image/jpeg", "image/png", "image/webp"],
    bytes_max: Some(Kind::Image.megabytes_max() * 1_000_000),
    pixels_max: None,
    sides_max: None,
    made_max: None,
};

/// §3.2; for the fewest pictures a second there is no bound.
pub(super) const WRITTEN: FilmLimits = FilmLimits { codecs: &[Inside::H264], fps: (0, 60), index_first: false };
/// §3.2: pictures of a GIF.
pub(super) const GIF_FRAMES_MAX: i64 = 350;
/// §3.2: pixels of all of them together.
pub(super) const GIF_PIXELS_MAX: i64 = 300_000_000;

/// What X does with a medium (§3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Up to four together.
    Image,
    /// Alone.
    Gif,
    /// Alone.
    Video,
}

impl Kind {
    /// The kind of a type, `None` when X does not take it.
    pub(super) fn of(mime: &str) -> Option<Self> {
        match mime {
            "image/jpeg" | "image/png" | "image/webp" => Some(Self::Image),
            "image/gif" => Some(Self::Gif),
            "video/mp4" | "video/quicktime" => Some(Self::Video),
            _ => None,
        }
    }

    /// Megabytes (§3.2).
    pub(super) const fn megabytes_max(self) -> i64 {
        match self {
            Self::Image => 5,
            Self::Gif => 15,
            Self::Video => 512,
        }
    }

    /// Smallest and largest width and height in pixels, where X documents them (§3.2); of a video that lies.
    pub(super) const fn sides(self) -> Option<(i64, i64, i64)> {
        match self {
            Self::Image => None,
            Self::Gif => Some((1, 1280, 1080)),
            Self::Video => Some((32, 1280, 1024)),
        }
    }
}

/// How long a video may be, in milliseconds (§3.2; longer for premium accounts, whose limits are unverified).
pub(super) const VIDEO_MS: std::ops::RangeInclusive<i64> = 500..=140_000;

/// Limits as data.
pub(super) fn rules() -> Value {
    json!({
        "text": {
            "length_max": LENGTH_MAX,
            "counting": "weighted: Latin letters count 1, Japanese, Chinese, Korean characters and emoji count 2, every link counts 23",
            "link_length": LINK_LENGTH,
            "cashtags_max": CASHTAGS_MAX,
        },
        "media": {
            "images_max": IMAGES_MAX, "image_types": IMAGE.types,
            "image_megabytes_max": Kind::Image.megabytes_max(), "image_conversion": "what is larger goes out as a JPEG made here",
            "gifs_max": 1, "gif_megabytes_max": Kind::Gif.megabytes_max(), "gif_size_max": "1280x1080", "gif_frames_max": GIF_FRAMES_MAX, "gif_pixels_max": GIF_PIXELS_MAX,
            "videos_max": 1, "video_types": ["video/mp4", "video/quicktime"],
            "video_megabytes_max": Kind::Video.megabytes_max(), "video_size": "32x32 to 1280x1024 lying or standing, 1:3 to 3:1",
            "video_seconds": [0.5, 140], "video_codecs": WRITTEN.codecs, "video_fps_max": WRITTEN.fps.1,
            "mixing": "up to 4 images, or 1 GIF, or 1 video", "alt_chars_max": ALT_CHARS_MAX,
        },
        "poll": {
            "options": [POLL_OPTIONS.start(), POLL_OPTIONS.end()], "option_chars_max": POLL_OPTION_CHARS_MAX,
            "minutes": [POLL_MINUTES.start(), POLL_MINUTES.end()], "with_media": false,
        },
        "thread": { "parts_max": THREAD_PARTS_MAX, "note": "replies may be refused on pay-per-use plans (unverified)" },
        "options": {
            "repliers": ["following", "mentioned", "subscribers", "verified"],
            "made_with_ai": true, "paid_partnership": true,
        },
        "cost_usd_micros": { "post": COST_MICROS, "post_with_link": COST_WITH_LINK_MICROS },
    })
}
