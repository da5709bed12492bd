//! Instagram's limits as data (platforms/instagram.md §3.1, §4). They are applied in `check`.

use serde_json::{Value, json};

use crate::domain::day_limit::{CountedOf, DayLimit, DaySpan, one};
use crate::domain::picture::PictureLimits;
use crate::domain::post::Inside;
use crate::platforms::films::FilmLimits;

/// §4: characters.
pub(super) const CAPTION_CHARS_MAX: usize = 2_200;
/// Not in the dossier: about what is seen of a caption before "… more".
pub(super) const FOLD_CHARS: usize = 125;
/// The same in lines.
pub(super) const FOLD_LINES: usize = 2;
/// §4.
pub(super) const HASHTAGS_MAX: usize = 30;
/// §4.
pub(super) const MENTIONS_MAX: usize = 20;
/// §3.1, pictures only.
pub(super) const ALT_CHARS_MAX: usize = 1_000;
/// §3.1.
pub(super) const COLLABORATORS_MAX: usize = 3;
/// Instagram's handles are no longer.
pub(super) const HANDLE_CHARS_MAX: usize = 30;
/// §4: items of a carousel; a single medium is a post of its own kind.
pub(super) const CAROUSEL_MAX: usize = 10;
/// A post, and the first comment under it (§3.3).
pub(super) const PARTS_MAX: usize = 2;
/// Not in the dossier: the rule of Instagram's API before Graph, with at most 4 #tags and one link. Whether it still holds is unverified.
pub(super) const COMMENT_CHARS_MAX: usize = 300;
/// §4: decimal megabytes, the smaller reading of "MB", which nobody refuses. No more than 1440 across are shown, and a story's shape is 9:16.
pub(super) const IMAGE: PictureLimits = PictureLimits {
    types: &["image/jpeg"],
    bytes_max: Some(8_000_000),
    pixels_max: None,
    sides_max: None,
    made_max: Some((1_440, 2_560)),
};
/// §4: 4:5, as width and height.
pub(super) const IMAGE_TALLEST: (i64, i64) = (4, 5);
/// §4: 1.91:1, as width and height.
pub(super) const IMAGE_WIDEST: (i64, i64) = (191, 100);
/// §4: narrower ones are blown up.
pub(super) const IMAGE_WIDTH_MIN: i64 = 320;
/// §4.
pub(super) const VIDEO_WIDTH_MAX: i64 = 1_920;
/// §4: of every video.
pub(super) const WRITTEN: FilmLimits =
    FilmLimits { codecs: &[Inside::H264, Inside::H265], fps: (23, 60), index_first: true };
/// §4: in any 24 hours, as the guide says; what Instagram tells of the account may be less.
pub(super) const POSTS_A_DAY: i64 = 100;
/// The same as it is planned by.
pub(super) const DAY: [DayLimit; 1] =
    [DayLimit { what: "posts", most: POSTS_A_DAY, of: CountedOf::Account, span: DaySpan::Any24Hours, cost: one }];
/// What Instagram does with a medium (§4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// JPEG, or made one on its way.
    Image,
    /// MP4 or MOV.
    Video,
}

impl Kind {
    /// The kind of a type, `None` when there is no way to Instagram for it.
    pub(super) fn of(mime: &str) -> Option<Self> {
        match mime {
            "image/jpeg" | "image/png" | "image/webp" => Some(Self::Image),
            "video/mp4" | "video/quicktime" => Some(Self::Video),
            _ => None,
        }
    }
}

/// What is published (§3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One picture.
    Image,
    /// One video.
    Reel,
    /// Several of both.
    Carousel,
    /// One picture for a day.
    ImageStory,
    /// One video for a day.
    VideoStory,
}

impl Shape {
    /// What these media become; `None` where there are none, or too many for a story.
    pub(super) fn of(media: &[Kind], is_story: bool) -> Option<Self> {
        match (media, is_story) {
            ([Kind::Image], false) => Some(Self::Image),
            ([Kind::Video], false) => Some(Self::Reel),
            ([_, _, ..], false) => Some(Self::Carousel),
            ([Kind::Image], true) => Some(Self::ImageStory),
            ([Kind::Video], true) => Some(Self::VideoStory),
            ([], _) | ([_, _, ..], true) => None,
        }
    }

    /// The word under which it is remembered.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Reel => "reel",
            Self::Carousel => "carousel",
            Self::ImageStory => "image_story",
            Self::VideoStory => "video_story",
        }
    }

    /// The one with this word.
    pub(super) fn find(word: &str) -> Option<Self> {
        [Self::Image, Self::Reel, Self::Carousel, Self::ImageStory, Self::VideoStory]
            .into_iter()
            .find(|shape| shape.word() == word)
    }

    /// The words of `media_type` when it is read (§6).
    pub(super) const fn read_as(self) -> &'static str {
        match self {
            Self::Image | Self::ImageStory => "IMAGE",
            Self::Reel | Self::VideoStory => "VIDEO",
            Self::Carousel => "CAROUSEL_ALBUM",
        }
    }

    /// Whether it is gone after a day.
    pub(super) const fn is_story(self) -> bool {
        matches!(self, Self::ImageStory | Self::VideoStory)
    }
}

/// Limits of a video, by what it becomes (§4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Film {
    /// Decimal megabytes.
    pub(super) megabytes_max: i64,
    /// Milliseconds.
    pub(super) ms: (i64, i64),
    /// Smallest and largest width to height, in hundredths.
    pub(super) ratio_centi: (i64, i64),
}

impl Film {
    /// In a story, or anywhere else.
    pub(super) const fn of(is_story: bool) -> Self {
        if is_story {
            Self { megabytes_max: 100, ms: (3_000, 60_000), ratio_centi: (10, 1_000) }
        } else {
            Self { megabytes_max: 300, ms: (3_000, 900_000), ratio_centi: (1, 1_000) }
        }
    }
}

/// Limits as data.
pub(super) fn rules() -> Value {
    let film = |is_story| {
        let Film { megabytes_max, ms, .. } = Film::of(is_story);
        json!({ "megabytes_max": megabytes_max, "seconds": [ms.0 / 1000, ms.1 / 1000] })
    };
    json!({
        "text": {
            "length_max": CAPTION_CHARS_MAX, "counting": "characters", "hashtags_max": HASHTAGS_MAX, "mentions_max": MENTIONS_MAX,
            "without_media": false,
        },
        "media": {
            "max": CAROUSEL_MAX, "kinds": "one picture, one video (a reel), or 2 to 10 of both (a carousel, cropped to the first one's shape)",
            "image_types": ["image/jpeg", "image/png", "image/webp"],
            "image_conversion": "what is no JPEG or over 8 MB goes out as a JPEG made here, at most 1440 wide, transparent parts white",
            "image_ratio": "4:5 to 1.91:1; stories 9:16 advised", "image_width_min": IMAGE_WIDTH_MIN,
            "video_types": ["video/mp4", "video/quicktime"], "video_width_max": VIDEO_WIDTH_MAX, "video_ratio": "0.01:1 to 10:1, 9:16 advised",
            "reel": film(false), "story_video": film(true),
            "video_codecs": WRITTEN.codecs, "video_fps": WRITTEN.fps,
            "video_also": "the index is put first on its way; AAC: Instagram judges this when it has fetched the file",
            "alt_chars_max": ALT_CHARS_MAX, "alt_for": "pictures, not in stories",
        },
        "thread": {
            "parts_max": PARTS_MAX, "second_part": "the first comment under the post: text only", "comment_chars_max": COMMENT_CHARS_MAX,
        },
        "options": {
            "repliers": [], "made_with_ai": true, "paid_partnership": false,
            "instagram": {
                "story": "true: for a day, one picture or video, no text and no comment",
                "collaborators": "up to 3 handles who are invited; one picture or one reel",
                "location": "id of a place; one picture",
            },
        },
        "per_24_hours": { "posts": "what Instagram tells of the account, 50 or 100; a carousel counts once", "containers": 400 },
        "take_down": "not from here, unless the operator's app has a permission for it",
        "cost_usd_micros": { "post": 0 },
    })
}
