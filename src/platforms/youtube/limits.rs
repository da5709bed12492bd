//! YouTube's limits as data (platforms/google.md §4.1, §4.4). They are applied in `check`.

use serde_json::{Value, json};

use crate::domain::day_limit::{CountedOf, DayLimit, DaySpan, one};
use crate::domain::picture::PictureLimits;
use crate::domain::post::Content;

/// §4.4: characters, without `<` and `>`.
pub(super) const TITLE_CHARS_MAX: usize = 100;
/// §4.4: bytes, without `<` and `>`.
pub(super) const DESCRIPTION_BYTES_MAX: usize = 5_000;
/// All tags together, commas between them counted, two more for one with a blank (from memory; nothing larger is sent).
pub(super) const TAGS_CHARS_MAX: usize = 500;
/// §4.4: 256 GiB.
pub(super) const VIDEO_BYTES_MAX: i64 = 256 << 30;
/// §4.4: longer ones need a verified channel.
pub(super) const UNVERIFIED_MS_MAX: i64 = 15 * 60_000;
/// §4.4: the description names 50 MiB and older pages 2 MB; nobody refuses the smaller.
pub(super) const THUMBNAIL_BYTES_MAX: i64 = 2 << 20;
/// §4.4; YouTube asks for 1280x720 and shows none that is larger than the video's player (from memory).
pub(super) const THUMBNAIL: PictureLimits = PictureLimits {
    types: &["image/jpeg", "image/png"],
    bytes_max: Some(THUMBNAIL_BYTES_MAX),
    pixels_max: None,
    sides_max: None,
    made_max: Some((1_920, 1_920)),
};
/// Up to this long, and no wider than high, a video is shown as a Short (from memory).
pub(super) const SHORT_MS_MAX: i64 = 180_000;
/// Where a video is put that names no category: People & Blogs.
pub(super) const CATEGORY: &str = "22";
/// §4.4: those that a video may have; other numbers are YouTube's own.
pub(super) const CATEGORIES: [(&str, &str); 15] = [
    ("1", "Film & Animation"),
    ("2", "Autos & Vehicles"),
    ("10", "Music"),
    ("15", "Pets & Animals"),
    ("17", "Sports"),
    ("19", "Travel & Events"),
    ("20", "Gaming"),
    ("22", "People & Blogs"),
    ("23", "Comedy"),
    ("24", "Entertainment"),
    ("25", "News & Politics"),
    ("26", "Howto & Style"),
    ("27", "Education"),
    ("28", "Science & Technology"),
    ("29", "Nonprofits & Activism"),
];

/// §4.1: where the day of quotas ends.
pub(super) const QUOTA_ZONE: &str = "America/Los_Angeles";
/// §4.1: uploads of the operator's project in a day.
pub(super) const UPLOADS_A_DAY: i64 = 100;
/// §4.1: units of the same for everything else.
pub(super) const UNITS_A_DAY: i64 = 10_000;
/// §4.1: of one video: its change of status is 50, the looks around it about 5.
const VIDEO_UNITS: i64 = 55;
/// §4.1: its thumbnail.
const THUMBNAIL_UNITS: i64 = 50;
/// The same as it is planned by: quotas are those of the project, and so of every channel together.
pub(super) const DAY: [DayLimit; 2] = [
    DayLimit {
        what: "uploads",
        most: UPLOADS_A_DAY,
        of: CountedOf::Server,
        span: DaySpan::CalendarDay(QUOTA_ZONE),
        cost: one,
    },
    DayLimit {
        what: "units",
        most: UNITS_A_DAY,
        of: CountedOf::Server,
        span: DaySpan::CalendarDay(QUOTA_ZONE),
        cost: units,
    },
];

/// A second medium is the thumbnail: `check` sees to it.
fn units(content: &Content) -> i64 {
    let is_pictured = content.segments.iter().any(|segment| segment.media.len() > 1);
    VIDEO_UNITS + if is_pictured { THUMBNAIL_UNITS } else { 0 }
}

/// Smaller films are there within a minute or two of their time.
const AHEAD_BYTES_MIN: i64 = 50 << 20;
/// What a slow line sends in a second (4 Mbit/s).
const SLOW_BYTES_A_SECOND: i64 = 500_000;
/// What YouTube's own work is waited for at most, in `prepare`, and a few tries.
const WORK_MS: i64 = 20 * 60_000;

/// How long before its time a film of so many bytes is brought to YouTube.
pub(super) const fn lead_ms(bytes: i64) -> i64 {
    if bytes < AHEAD_BYTES_MIN { 0 } else { WORK_MS + bytes / SLOW_BYTES_A_SECOND * 1000 }
}

/// What YouTube does with a medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What is published.
    Video,
    /// What stands for it in lists.
    Thumbnail,
}

impl Kind {
    /// The kind of a type, `None` when YouTube does not take it.
    pub(super) fn of(mime: &str) -> Option<Self> {
        match mime {
            "image/jpeg" | "image/png" | "image/webp" => Some(Self::Thumbnail),
            video if video.starts_with("video/") => Some(Self::Video),
            _ => None,
        }
    }
}

/// Limits as data.
pub(super) fn rules(is_audited: bool) -> Value {
    let categories: serde_json::Map<String, Value> =
        CATEGORIES.iter().map(|(id, name)| ((*id).to_owned(), (*name).into())).collect();
    json!({
        "text": {
            "title": "options.youtube.title, else the first line of the text", "title_chars_max": TITLE_CHARS_MAX,
            "description": "the text, without the first line where that is the title", "description_bytes_max": DESCRIPTION_BYTES_MAX,
            "never": "< and >",
        },
        "media": {
            "mixing": "exactly 1 video, and at most 1 picture beside it: its thumbnail",
            "video_types": ["video/*"], "video_bytes_max": VIDEO_BYTES_MAX,
            "video_minutes_max_of_unverified_channels": UNVERIFIED_MS_MAX / 60_000,
            "thumbnail_types": THUMBNAIL.types, "thumbnail_bytes_max": THUMBNAIL_BYTES_MAX,
            "thumbnail_conversion": "WebP, and what is larger, goes out as a JPEG made here",
            "thumbnail_of": "channels with a verified phone number",
            "short": format!("a video of up to {} s that is no wider than high", SHORT_MS_MAX / 1000),
        },
        "thread": { "parts_max": 1 },
        "options": {
            "repliers": [], "made_with_ai": true, "paid_partnership": false,
            "youtube": {
                "for_kids": "true or false; must be asked of the person, the law wants it",
                "visibility": ["public", "unlisted", "private"], "title": "text", "tags": "list", "tags_chars_max": TAGS_CHARS_MAX,
                "category": categories, "quiet": "true: subscribers are not told",
            },
        },
        "only_private": !is_audited,
        "per_day": { "uploads_of_this_server": UPLOADS_A_DAY, "units_of_this_server": UNITS_A_DAY,
            "units_of_a_video": VIDEO_UNITS, "units_of_a_thumbnail": THUMBNAIL_UNITS, "until": "midnight Pacific" },
        "cost_usd_micros": { "post": 0 },
    })
}
