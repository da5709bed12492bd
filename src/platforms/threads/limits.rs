//! Threads' limits as data (platforms/threads.md §3.1, §4). They are applied in `check`.

use serde_json::{Value, json};

use crate::domain::day_limit::{CountedOf, DayLimit, DaySpan, one};
use crate::domain::picture::PictureLimits;
use crate::domain::post::Inside;
use crate::platforms::films::FilmLimits;

/// §4: counted by `count`.
pub(super) const TEXT_MAX: usize = 500;
/// §4: different addresses in one post.
pub(super) const LINKS_MAX: usize = 5;
/// §3.1: children of a carousel; a single medium is a post of its own kind.
pub(super) const MEDIA_MAX: usize = 20;
/// §3.1.
pub(super) const ALT_CHARS_MAX: usize = 1000;
/// §3.1.
pub(super) const POLL_OPTIONS: std::ops::RangeInclusive<usize> = 2..=4;
/// §3.1.
pub(super) const POLL_OPTION_CHARS_MAX: usize = 25;
/// No call sets how long a poll runs (§3.1); Threads' own run a day.
pub(super) const POLL_MINUTES: u32 = 24 * 60;
/// Longer chains are not documented; each part takes some seconds of the hour that a late post has.
pub(super) const CHAIN_PARTS_MAX: usize = 25;
/// §4: in any 24 hours; a carousel counts once.
pub(super) const POSTS_A_DAY: i64 = 250;
/// The same as it is planned by.
pub(super) const DAY: [DayLimit; 1] =
    [DayLimit { what: "posts", most: POSTS_A_DAY, of: CountedOf::Account, span: DaySpan::Any24Hours, cost: one }];
/// §4: likewise.
pub(super) const REPLIES_A_DAY: i64 = 1_000;
/// §4: 0.01:1 to 10:1 for videos, up to 10:1 for images, in hundredths of width to height.
const RATIO_MAX_CENTI: i64 = 1000;
/// §4.
pub(super) const VIDEO_WIDTH_MAX: i64 = 1920;
/// §4: more than nothing, up to five minutes, in milliseconds.
pub(super) const VIDEO_MS: std::ops::RangeInclusive<i64> = 1..=300_000;

/// §4: decimal megabytes, because the smaller reading of "MB" is refused by nobody. It shows no more than 1440 across; down there is no bound.
pub(super) const IMAGE: PictureLimits = PictureLimits {
    types: &["image/jpeg", "image/png"],
    bytes_max: Some(Kind::Image.megabytes_max() * 1_000_000),
    pixels_max: None,
    sides_max: None,
    made_max: Some((1_440, 14_400)),
};

/// §4.
pub(super) const WRITTEN: FilmLimits =
    FilmLimits { codecs: &[Inside::H264, Inside::H265], fps: (23, 60), index_first: true };

/// What Threads does with a medium (§4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// JPEG or PNG; WebP goes out as a JPEG made of it.
    Image,
    /// MP4 or MOV.
    Video,
}

impl Kind {
    /// The kind of a type, `None` when Threads does not take it.
    pub(super) fn of(mime: &str) -> Option<Self> {
        match mime {
            "image/jpeg" | "image/png" | "image/webp" => Some(Self::Image),
            "video/mp4" | "video/quicktime" => Some(Self::Video),
            _ => None,
        }
    }

    /// Megabytes (§4).
    pub(super) const fn megabytes_max(self) -> i64 {
        match self {
            Self::Image => 8,
            Self::Video => 1000,
        }
    }

    /// Smallest and largest width to height, in hundredths (§4). Upright images have no documented bound.
    pub(super) const fn ratio_centi(self) -> std::ops::RangeInclusive<i64> {
        match self {
            Self::Image => 0..=RATIO_MAX_CENTI,
            Self::Video => 1..=RATIO_MAX_CENTI,
        }
    }

    /// The word of `media_type` (§3.1).
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
        }
    }
}

/// Limits as data.
pub(super) fn rules() -> Value {
    json!({
        "text": {
            "length_max": TEXT_MAX,
            "counting": "each emoji counts its UTF-8 bytes (3 to 35), everything else its characters",
            "links_max": LINKS_MAX, "topic": "the first #tag becomes the post's one topic",
        },
        "media": {
            "max": MEDIA_MAX, "mixing": "up to 20 images and videos together (a carousel)",
            "image_types": IMAGE.types, "image_megabytes_max": Kind::Image.megabytes_max(), "image_ratio_max": "10:1",
            "image_conversion": "WebP, and what is larger, goes out as a JPEG made here, at most 1440 wide",
            "video_types": ["video/mp4", "video/quicktime"], "video_megabytes_max": Kind::Video.megabytes_max(),
            "video_width_max": VIDEO_WIDTH_MAX, "video_ratio": "0.01:1 to 10:1, 9:16 advised", "video_seconds_max": VIDEO_MS.end() / 1000,
            "video_codecs": WRITTEN.codecs, "video_fps": WRITTEN.fps,
            "video_also": "the index is put first on its way; AAC: Threads judges this when it has fetched the file",
            "alt_chars_max": ALT_CHARS_MAX,
        },
        "poll": {
            "options": [POLL_OPTIONS.start(), POLL_OPTIONS.end()], "option_chars_max": POLL_OPTION_CHARS_MAX,
            "minutes": POLL_MINUTES, "with_media": false,
        },
        "thread": { "parts_max": CHAIN_PARTS_MAX },
        "options": { "repliers": ["following", "mentioned"], "made_with_ai": false, "paid_partnership": false },
        "per_24_hours": { "posts": POSTS_A_DAY, "replies": REPLIES_A_DAY, "deletes": 100 },
        "cost_usd_micros": { "post": 0 },
    })
}
