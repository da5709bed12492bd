//! LinkedIn's limits as data (platforms/linkedin.md §3, §4). They are applied in `check`.

use serde_json::{Value, json};

use crate::domain::day_limit::{CountedOf, DayLimit, DaySpan, one};
use crate::domain::picture::PictureLimits;

/// §3.2: counted before escaping, by `little`.
pub(super) const TEXT_MAX: usize = 3000;
/// Characters and lines before "…more". LinkedIn names none; what readers see on a wide screen (unverified). Only shown, never refused.
pub(super) const FOLD_CHARS: usize = 210;
/// See above.
pub(super) const FOLD_LINES: usize = 3;
/// §3.1: 2 to 20 images together; one is a post of its own kind.
pub(super) const IMAGES_MAX: usize = 20;
/// §3.3: fewer than this.
pub(super) const PIXELS_BELOW: i64 = 36_152_320;
/// §3.3.
pub(super) const IMAGE: PictureLimits = PictureLimits {
    types: &["image/jpeg", "image/png", "image/gif"],
    bytes_max: None,
    pixels_max: Some(PIXELS_BELOW - 1),
    sides_max: None,
    made_max: None,
};
/// §3.1: 4,086 (unverified); a thousand suits every network.
pub(super) const ALT_CHARS_MAX: usize = 1000;
/// §3.1: a document needs a title, and LinkedIn names no limit: this much is seen of it. Ours is the description.
pub(super) const TITLE_CHARS_MAX: usize = 100;
/// §3.5.
pub(super) const VIDEO_MS: std::ops::RangeInclusive<i64> = 3_000..=1_800_000;
/// §3.5: 75 KB; the larger reading of "KB" is refused by nobody.
pub(super) const VIDEO_BYTES_MIN: i64 = 75 * 1024;
/// §3.3: pictures of a GIF.
pub(super) const GIF_FRAMES_MAX: i64 = 250;
/// §3.4 (unverified, so it is only said).
pub(super) const PAGES_MAX: i64 = 300;
/// §4: of a member in a day that ends at midnight UTC (the figure is unverified, and the only one there is).
pub(super) const POSTS_A_DAY: i64 = 150;
/// The same as it is planned by.
pub(super) const DAY_LIMITS: [DayLimit; 1] = [DayLimit {
    what: "posts-of-day",
    most: POSTS_A_DAY,
    of: CountedOf::Account,
    span: DaySpan::CalendarDay("UTC"),
    cost: one,
}];
/// §3.1: the text of a post with a poll is its question.
pub(super) const QUESTION_CHARS_MAX: usize = 140;
/// §3.1.
pub(super) const POLL_OPTIONS: std::ops::RangeInclusive<usize> = 2..=4;
/// §3.1.
pub(super) const POLL_OPTION_CHARS_MAX: usize = 30;
/// §3.1: a poll's lengths, in minutes, with LinkedIn's words for them.
pub(super) const POLL_MINUTES: [(u32, &str); 4] =
    [(DAY, "ONE_DAY"), (3 * DAY, "THREE_DAYS"), (7 * DAY, "SEVEN_DAYS"), (14 * DAY, "FOURTEEN_DAYS")];
/// Of a link card: LinkedIn names no limits; longer ones are cut on the card anyway.
pub(super) const CARD_TITLE_CHARS_MAX: usize = 200;
/// See above.
pub(super) const CARD_DESCRIPTION_CHARS_MAX: usize = 300;

/// Minutes.
const DAY: u32 = 24 * 60;

/// What LinkedIn does with a medium (§3.3 to §3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Up to 20 together.
    Image,
    /// Alone.
    Video,
    /// Alone; shown as pages to swipe.
    Document,
}

impl Kind {
    /// The kind of a type, `None` when LinkedIn does not take it. WebP is not in its list and goes out as
    /// a JPEG made of it; Word and PowerPoint are, and nothing here takes them in.
    pub(super) fn of(mime: &str) -> Option<Self> {
        match mime {
            "image/jpeg" | "image/png" | "image/gif" | "image/webp" => Some(Self::Image),
            "video/mp4" => Some(Self::Video),
            "application/pdf" => Some(Self::Document),
            _ => None,
        }
    }

    /// Megabytes, where the dossier names them.
    pub(super) const fn megabytes_max(self) -> Option<i64> {
        match self {
            Self::Image => None,
            Self::Video => Some(500),
            Self::Document => Some(100),
        }
    }

    /// Its word in paths.
    pub(super) const fn resource(self) -> &'static str {
        match self {
            Self::Image => "images",
            Self::Video => "videos",
            Self::Document => "documents",
        }
    }
}

/// LinkedIn's word for how long a poll runs.
pub(super) fn poll_duration(minutes: u32) -> Option<&'static str> {
    POLL_MINUTES.iter().find(|(known, _)| *known == minutes).map(|(_, word)| *word)
}

/// Limits as data.
pub(super) fn rules() -> Value {
    json!({
        "text": {
            "length_max": TEXT_MAX, "counting": "UTF-16 units: most characters count 1, emoji 2 and more",
            "fold": format!("about {FOLD_CHARS} characters or {FOLD_LINES} lines are seen before \"…more\""),
            "mention": "@[Exact Name](urn:li:organization:123) or (urn:li:person:…); any other @ stays plain text",
            "link_card": "the first link of a text without media or poll becomes a card with the page's own title",
        },
        "media": {
            "mixing": format!("up to {IMAGES_MAX} images, or 1 video, or 1 document"),
            "images_max": IMAGES_MAX, "image_types": IMAGE.types,
            "image_pixels_below": PIXELS_BELOW, "image_conversion": "WebP, and what is larger but no GIF, goes out as a JPEG made here", "gif_frames_max": GIF_FRAMES_MAX,
            "video_types": ["video/mp4"], "video_megabytes_max": Kind::Video.megabytes_max(), "video_kilobytes_min": VIDEO_BYTES_MIN / 1024,
            "video_seconds": [VIDEO_MS.start() / 1000, VIDEO_MS.end() / 1000],
            "document_types": ["application/pdf"], "document_megabytes_max": Kind::Document.megabytes_max(), "document_pages_max": PAGES_MAX,
            "document_title": "its alt text, else the first line of the post",
            "alt_chars_max": ALT_CHARS_MAX, "alt_of": "images only",
        },
        "poll": {
            "question": "the post's text", "question_chars_max": QUESTION_CHARS_MAX,
            "options": [POLL_OPTIONS.start(), POLL_OPTIONS.end()], "option_chars_max": POLL_OPTION_CHARS_MAX,
            "minutes": POLL_MINUTES.map(|(minutes, _)| minutes), "with_media": false,
        },
        "thread": { "parts_max": 1 },
        "options": { "repliers": [], "made_with_ai": false, "paid_partnership": false },
        "per_day": { "posts": POSTS_A_DAY, "until": "midnight UTC" },
        "cost_usd_micros": { "post": 0 },
    })
}
