//! TikTok's limits as data (platforms/tiktok.md §5). They are applied in `check`, and by what TikTok says of the account in `creator`.

use serde_json::{Value, json};

use crate::domain::day_limit::{CountedOf, DayLimit, DaySpan};
use crate::domain::picture::PictureLimits;
use crate::domain::post::Inside;
use crate::platforms::films::FilmLimits;

/// §5: of a video's caption.
pub(super) const CAPTION_MAX: usize = 2_200;
/// §5: of the text under photos.
pub(super) const DESCRIPTION_MAX: usize = 4_000;
/// §5: of the title above them.
pub(super) const TITLE_MAX: usize = 90;
/// §5.
pub(super) const PHOTOS_MAX: usize = 35;
/// §5: decimal, because the smaller reading of "MB" is refused by nobody.
const PHOTO_MEGABYTES_MAX: i64 = 20;
/// §5: "up to 1080p": the shorter and the longer side.
const PHOTO_SIDES_MAX: (i64, i64) = (1_080, 1_920);
/// §5; a PNG is none of its types.
pub(super) const PHOTO: PictureLimits = PictureLimits {
    types: &["image/jpeg", "image/webp"],
    bytes_max: Some(PHOTO_MEGABYTES_MAX * 1_000_000),
    pixels_max: None,
    sides_max: Some(PHOTO_SIDES_MAX),
    made_max: None,
};
/// §5: decimal gigabytes.
pub(super) const VIDEO_GIGABYTES_MAX: i64 = 4;
/// §5: of either side.
pub(super) const VIDEO_SIDES: std::ops::RangeInclusive<i64> = 360..=4_096;
/// §5: by the API; the account may have less.
pub(super) const VIDEO_SECONDS_MAX: i64 = 600;

/// §5: "about 15" of one creator, with those of other apps; nobody is asked to plan a sixteenth.
pub(super) const POSTS_A_DAY: i64 = 15;
/// The same as it is planned by. What is laid into the inbox is counted when the person posts it there, if they do.
pub(super) const DAY: [DayLimit; 1] = [DayLimit {
    what: "posts",
    most: POSTS_A_DAY,
    of: CountedOf::Account,
    span: DaySpan::Any24Hours,
    cost: |content| i64::from(!content.options.tiktok.draft),
}];
/// §5.
pub(super) const WRITTEN: FilmLimits =
    FilmLimits { codecs: &[Inside::H264, Inside::H265, Inside::VP8, Inside::VP9], fps: (23, 60), index_first: false };

/// What TikTok does with a medium (§5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Up to 35 together.
    Photo,
    /// Alone.
    Video,
}

impl Kind {
    /// The kind of a type, `None` when TikTok does not take it. A PNG goes out as a JPEG that is made of it.
    pub(super) fn of(mime: &str) -> Option<Self> {
        match mime {
            "image/jpeg" | "image/webp" | "image/png" => Some(Self::Photo),
            "video/mp4" | "video/quicktime" | "video/webm" => Some(Self::Video),
            _ => None,
        }
    }

    /// The most units of a post's text.
    pub(super) const fn text_max(self) -> usize {
        match self {
            Self::Photo => DESCRIPTION_MAX,
            Self::Video => CAPTION_MAX,
        }
    }

    /// Its word in addresses of posts.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
        }
    }
}

/// Limits as data.
pub(super) fn rules(is_audited: bool) -> Value {
    let privacy = if is_audited {
        "must be chosen by the person, each time: public, friends or only_me; private accounts have followers in place of public"
    } else {
        "only_me, and the account must be private: TikTok has not audited this server's app"
    };
    json!({
        "text": {
            "length_max": { "video": CAPTION_MAX, "photos": DESCRIPTION_MAX },
            "counting": "UTF-16 units: most characters count 1, emoji 2 and more", "without_media": false,
        },
        "media": {
            "kinds": format!("one video, or 1 to {PHOTOS_MAX} photos"),
            "image_types": PHOTO.types, "image_conversion": "PNG, and what is larger, goes out as a JPEG made here",
            "image_megabytes_max": PHOTO_MEGABYTES_MAX, "image_sides_max": PHOTO_SIDES_MAX,
            "video_types": ["video/mp4", "video/quicktime", "video/webm"], "video_gigabytes_max": VIDEO_GIGABYTES_MAX,
            "video_seconds_max": VIDEO_SECONDS_MAX, "video_seconds_also": "the account may have less, which TikTok says before each post",
            "video_sides": [VIDEO_SIDES.start(), VIDEO_SIDES.end()],
            "video_codecs": WRITTEN.codecs, "video_fps": WRITTEN.fps,
            "alt": false,
        },
        "thread": { "parts_max": 1 },
        "options": {
            "repliers": [], "made_with_ai": "videos", "paid_partnership": "true, but not with only_me",
            "tiktok": {
                "privacy": privacy,
                "comments": "true: people may comment (off unless the person says so)",
                "duet": "true: people may make a Duet with a video", "stitch": "true: people may make a Stitch of a video",
                "own_brand": "true: it promotes the account's own business",
                "draft": "true: laid into the account's inbox on TikTok, where the person finishes and posts it; of a video not even the text goes along",
                "title": format!("above photos, up to {TITLE_MAX}"), "music": "true: TikTok adds music to photos",
                "cover_ms": "the moment of a video that is its cover",
            },
        },
        "approval": "each post is approved by the person, whatever standing permission there is",
        "per_24_hours": { "posts": POSTS_A_DAY, "posts_also": "an account, with those of other apps", "drafts_waiting": 5 },
        "take_down": "not from here: in the TikTok app",
        "cost_usd_micros": { "post": 0 },
    })
}
