//! What X makes of the bytes of a medium (dossier x §3.2): whether they are what they were said to be, and within its rules. Read from the file, as X
//! does, and never from what a request says of it.

use super::media::MediaKind;
use crate::sniff::{FileKind, Look, look};

const GIF_FRAMES_MAX: usize = 350;
const GIF_SIDES_MAX: (u32, u32) = (1_280, 1_080);
/// Of all frames together.
const GIF_PIXELS_MAX: u64 = 300_000_000;
const VIDEO_MS: std::ops::RangeInclusive<u64> = 500..=140_000;
const VIDEO_SIDE_MIN: u32 = 32;
/// Lying or standing: X recommends 720x1280 itself.
const VIDEO_SIDES_MAX: (u32, u32) = (1_280, 1_024);
/// 1:3 and 3:1, times a thousand.
const VIDEO_RATIO_MILLI: std::ops::RangeInclusive<u64> = 333..=3_000;
/// Phones that film 60 film 60.02 of them.
const VIDEO_FPS_MILLI_MAX: u64 = 60_500;

/// The types that bytes may be announced with.
fn types_of(kind: FileKind) -> &'static [&'static str] {
    match kind {
        FileKind::Jpeg => &["image/jpeg", "image/pjpeg"],
        FileKind::Png => &["image/png"],
        FileKind::Webp => &["image/webp"],
        FileKind::Gif => &["image/gif"],
        FileKind::Mp4 => &["video/mp4"],
        FileKind::Mov => &["video/quicktime", "video/mp4"],
        FileKind::Webm => &["video/webm"],
        FileKind::Pdf | FileKind::Office | FileKind::Unknown => &[],
    }
}

/// Why X does not take it, in its words; nothing where it does.
pub(crate) fn refused(category: MediaKind, announced: Option<&str>, bytes: &[u8]) -> Option<&'static str> {
    if category == MediaKind::Other {
        return None;
    }
    let seen = look(bytes);
    if announced.is_some_and(|announced| !types_of(seen.kind).contains(&announced)) {
        return Some("The type of the uploaded media is not supported.");
    }
    match category {
        MediaKind::Image => image(&seen),
        MediaKind::Gif => gif(&seen),
        MediaKind::Video => video(&seen),
        MediaKind::Other => None,
    }
}

fn image(seen: &Look) -> Option<&'static str> {
    let is_still = matches!(seen.kind, FileKind::Jpeg | FileKind::Png | FileKind::Webp)
        || (seen.kind == FileKind::Gif && seen.frames <= 1);
    (!is_still).then_some("The type of the uploaded media is not supported.")
}

fn gif(seen: &Look) -> Option<&'static str> {
    let frames = u64::try_from(seen.frames).unwrap_or(u64::MAX);
    let pixels = (u64::from(seen.width) * u64::from(seen.height)).saturating_mul(frames);
    let (width, height) = GIF_SIDES_MAX;
    match seen {
        _ if seen.kind != FileKind::Gif || seen.frames == 0 => Some("The type of the uploaded media is not supported."),
        _ if seen.frames > GIF_FRAMES_MAX => Some("Your GIF has too many frames."),
        _ if seen.width > width || seen.height > height || pixels > GIF_PIXELS_MAX => Some("Your GIF is too large."),
        _ => None,
    }
}

fn video(seen: &Look) -> Option<&'static str> {
    let (long, short) = VIDEO_SIDES_MAX;
    let is_large = seen.width.max(seen.height) > long || seen.width.min(seen.height) > short;
    let is_small = seen.width < VIDEO_SIDE_MIN || seen.height < VIDEO_SIDE_MIN;
    match seen {
        _ if !matches!(seen.kind, FileKind::Mp4 | FileKind::Mov) => Some("Unsupported video format"),
        _ if !matches!(&seen.codec, b"avc1" | b"avc3") => Some("Unsupported video format"),
        _ if !VIDEO_MS.contains(&seen.duration_ms) => Some("Duration too long or too short"),
        _ if is_small || is_large => Some("Invalid dimensions"),
        _ if !VIDEO_RATIO_MILLI.contains(&seen.ratio_milli()) => Some("Invalid aspect ratio"),
        _ if seen.fps_milli > VIDEO_FPS_MILLI_MAX => Some("Frame rate too high"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, Film};

    fn of_film(film: &Film) -> Option<&'static str> {
        refused(MediaKind::Video, Some("video/mp4"), &samples::mp4(film))
    }

    #[test]
    fn each_rule_of_a_video_just_inside_and_just_outside() {
        let fits = Film { width: 1_280, height: 720, ..Film::default() };
        assert_eq!(of_film(&fits), None);
        for (inside, outside) in [
            (Film { duration_ms: 500, ..fits }, Film { duration_ms: 499, ..fits }),
            (Film { duration_ms: 140_000, ..fits }, Film { duration_ms: 140_001, ..fits }),
            (Film { height: 1_024, ..fits }, Film { height: 1_025, ..fits }),
            (Film { width: 1_280, ..fits }, Film { width: 1_281, ..fits }),
            (Film { width: 1_024, height: 1_280, ..fits }, Film { width: 1_025, height: 1_280, ..fits }),
            (Film { width: 32, height: 32, ..fits }, Film { width: 31, height: 32, ..fits }),
            (Film { width: 96, height: 32, ..fits }, Film { width: 97, height: 32, ..fits }),
            (Film { width: 32, height: 96, ..fits }, Film { width: 32, height: 97, ..fits }),
            (Film { fps: 60, ..fits }, Film { fps: 61, ..fits }),
        ] {
            assert_eq!(of_film(&inside), None, "{inside:?}");
            assert!(of_film(&outside).is_some(), "{outside:?}");
        }
        let mut other = samples::mp4(&fits);
        let at = other.windows(4).rposition(|at| at == b"avc1").unwrap_or_default();
        other.splice(at..at + 4, *b"hvc1");
        assert!(refused(MediaKind::Video, None, &other).is_some(), "H.265");
        assert!(refused(MediaKind::Video, None, b"\0\0\0\x18ftypmp42").is_some(), "a name without anything behind it");
        assert!(refused(MediaKind::Video, Some("video/quicktime"), &samples::mp4(&fits)).is_some(), "another type");
    }

    #[test]
    fn each_rule_of_a_gif_just_inside_and_just_outside() {
        let sized = |frames: usize, width: u16, height: u16| {
            let mut gif = samples::gif(frames);
            gif.splice(6..8, width.to_le_bytes());
            gif.splice(8..10, height.to_le_bytes());
            refused(MediaKind::Gif, Some("image/gif"), &gif)
        };
        assert_eq!((sized(350, 1, 1), sized(351, 1, 1).is_some()), (None, true));
        assert_eq!((sized(2, 1_280, 1_080), sized(2, 1_281, 1_080).is_some()), (None, true));
        assert!(sized(2, 1_280, 1_081).is_some());
        assert_eq!((sized(300, 1_000, 1_000), sized(301, 1_000, 1_000).is_some()), (None, true));
        assert!(refused(MediaKind::Gif, Some("image/gif"), &samples::png(1, 1)).is_some());
    }

    #[test]
    fn an_image_is_what_it_is_said_to_be() {
        for (announced, bytes) in
            [("image/png", samples::png(9, 9)), ("image/jpeg", samples::jpeg(9, 9)), ("image/gif", samples::gif(1))]
        {
            assert_eq!(refused(MediaKind::Image, Some(announced), &bytes), None, "{announced}");
            assert_eq!(refused(MediaKind::Image, None, &bytes), None, "{announced}");
            assert!(refused(MediaKind::Image, Some("image/webp"), &bytes).is_some(), "{announced}");
        }
        assert!(refused(MediaKind::Image, None, &samples::gif(2)).is_some(), "it moves");
        assert!(refused(MediaKind::Image, None, b"BM......").is_some());
        assert!(refused(MediaKind::Image, None, b"<svg>").is_some());
        assert_eq!(refused(MediaKind::Other, None, b"anything"), None);
    }
}
