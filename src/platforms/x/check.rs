//! What X would refuse and what the author should know, before anything is sent (platforms/x.md §3, §4.1), and what a
//! reader will see and the sending costs. Pure. Counting itself is in `count`.

use unicode_normalization::UnicodeNormalization;

use super::count::{self, LENGTH_MAX};
use super::limits::{
    ALT_CHARS_MAX, CASHTAGS_MAX, COST_MICROS, COST_WITH_LINK_MICROS, FORBIDDEN, FRAME, GIF_FRAMES_MAX, GIF_PIXELS_MAX,
    IMAGE, IMAGES_MAX, Kind, POLL_MINUTES, POLL_OPTION_CHARS_MAX, POLL_OPTIONS, THREAD_PARTS_MAX, VIDEO_MS, WRITTEN,
};
use crate::domain::network::Network;
use crate::domain::post::{Content, Finding, MediaFacts, Poll, Preview, Segment, SegmentPreview, Severity};
use crate::platforms::findings::Findings;
use crate::platforms::{films, pictures};
use crate::say;

/// What sending costs and shows.
pub(super) fn preview(content: &Content, media: &[MediaFacts]) -> Preview {
    let shown = |segment: &Segment| {
        let Segment { text, media: ids, poll } = segment;
        SegmentPreview {
            text: text.clone(),
            length: count::length(text),
            length_max: LENGTH_MAX,
            media: ids.iter().filter_map(|id| media.iter().find(|facts| facts.id == *id)).cloned().collect(),
            poll: poll.clone(),
            // Nothing that X takes is folded: 280 are seen whole.
            fold: None,
            card: card(text).filter(|_| ids.is_empty() && poll.is_none()),
        }
    };
    let has_link = |segment: &&Segment| !count::links(&segment.text).is_empty();
    let linked = i64::try_from(content.segments.iter().filter(has_link).count()).unwrap_or(i64::MAX);
    let all = i64::try_from(content.segments.len()).unwrap_or(i64::MAX);
    let cost = (all - linked).saturating_mul(COST_MICROS).saturating_add(linked.saturating_mul(COST_WITH_LINK_MICROS));
    Preview { segments: content.segments.iter().map(shown).collect(), frame: FRAME, cost_usd_micros: cost }
}

/// The link whose page stands below the text where nothing else does: the last one (not in the dossier; what X's timeline shows).
fn card(text: &str) -> Option<String> {
    let link = count::links(text).pop()?;
    Some(if link.contains("://") { link } else { format!("https://{link}") })
}

/// All findings, by segment.
pub(super) fn check(content: &Content, media: &[MediaFacts]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (part, segment) in content.segments.iter().enumerate() {
        let mut of = Findings { part: Some(part), found: &mut found };
        check_text(segment, &mut of);
        check_media(segment, media, &mut of);
        if let Some(poll) = &segment.poll {
            check_poll(poll, segment, &mut of);
        }
    }
    check_thread(content, &mut found);
    found
}

fn check_text(segment: &Segment, of: &mut Findings<'_>) {
    let text = &segment.text;
    if text.trim().is_empty() && segment.media.is_empty() {
        of.error(say!("x-text-empty"));
    }
    if let Some(split) = count::cut(text) {
        let length = count::length(text);
        of.error(say!(
            "x-text-too-long",
            length = length,
            max = LENGTH_MAX,
            over = length - LENGTH_MAX,
            fits = split.fits,
            cut = split.cut,
        ));
    }
    if let Some((at, c)) = text.chars().enumerate().find(|(_, c)| is_forbidden(*c)) {
        of.error(say!("x-text-forbidden-character", code = format!("U+{:04X}", u32::from(c)), position = at + 1));
    }
    let cashtags = count::cashtags(text);
    if cashtags.len() > CASHTAGS_MAX {
        let named = cashtags.iter().map(|tag| format!("${tag}")).collect::<Vec<_>>().join(" ");
        of.error(say!("x-cashtags-too-many", count = cashtags.len(), max = CASHTAGS_MAX, cashtags = named));
    }
    if !count::links(text).is_empty() {
        of.warning(say!("x-link-cost", cost = usd(COST_WITH_LINK_MICROS), usual = usd(COST_MICROS)));
    }
}

/// Line breaks and tabs are the only control characters of a post.
fn is_forbidden(c: char) -> bool {
    FORBIDDEN.contains(&c) || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn usd(micros: i64) -> String {
    // Prices have at most three places; two are shown where two are enough.
    let mills = micros / 1000;
    let text = format!("{}.{:03}", mills / 1000, mills % 1000);
    if mills % 10 == 0 { text[..text.len() - 1].to_owned() } else { text }
}

fn check_media(segment: &Segment, media: &[MediaFacts], of: &mut Findings<'_>) {
    let mut kinds = Vec::new();
    for id in &segment.media {
        let Some(facts) = media.iter().find(|facts| facts.id == *id) else {
            of.error(say!("x-media-missing", media = id.as_str()));
            continue;
        };
        match Kind::of(&facts.mime) {
            Some(kind) => {
                check_medium(kind, facts, of);
                kinds.push(kind);
            }
            None => of.error(say!("x-media-kind", media = id.as_str(), mime = &facts.mime)),
        }
    }
    let alone = kinds.iter().any(|kind| *kind != Kind::Image);
    if alone && kinds.len() > 1 {
        of.error(say!("x-media-mixed", count = kinds.len()));
    } else if kinds.len() > IMAGES_MAX {
        of.error(say!("x-media-too-many", count = kinds.len(), max = IMAGES_MAX));
    }
}

fn check_medium(kind: Kind, facts: &MediaFacts, of: &mut Findings<'_>) {
    let id = facts.id.as_str();
    let megabytes = kind.megabytes_max();
    if kind == Kind::Image {
        pictures::check(Network::X, &IMAGE, facts, of);
    } else if facts.bytes > megabytes * 1_000_000 {
        // Decimal megabytes: the smaller reading of X's "MB" is refused by nobody.
        let given = format!("{}.{}", facts.bytes / 1_000_000, facts.bytes / 100_000 % 10);
        of.error(say!("x-media-too-large", media = id, megabytes = given, max = megabytes));
    }
    if let Some((least, width, height)) = kind.sides() {
        // 0 means that the size could not be read; X will tell.
        let known = facts.width > 0 && facts.height > 0;
        let fits = |one: i64, other: i64| (least..=width).contains(&one) && (least..=height).contains(&other);
        // A video may stand: X itself recommends 720x1280.
        let may_stand = kind == Kind::Video;
        let fits = fits(facts.width, facts.height) || (may_stand && fits(facts.height, facts.width));
        let size = format!("{}x{}", facts.width, facts.height);
        if known && !fits {
            let turned = if may_stand { format!(" / {height}x{width}") } else { String::new() };
            of.error(say!("x-media-size", media = id, size = size, max = format!("{width}x{height}{turned}")));
        } else if known && kind == Kind::Video && (facts.width > 3 * facts.height || facts.height > 3 * facts.width) {
            of.error(say!("x-video-aspect", media = id, size = size));
        }
    }
    match kind {
        Kind::Image => {}
        Kind::Gif => check_frames(facts, of),
        Kind::Video => films::check(Network::X, &WRITTEN, facts, of),
    }
    if kind == Kind::Video && facts.duration_ms > 0 && !VIDEO_MS.contains(&facts.duration_ms) {
        let seconds = format!("{}.{}", facts.duration_ms / 1000, facts.duration_ms / 100 % 10);
        of.error(say!("x-video-length", media = id, seconds = seconds, max = VIDEO_MS.end() / 1000));
    }
    let alt_chars = facts.alt.as_deref().unwrap_or("").chars().count();
    if alt_chars > ALT_CHARS_MAX {
        of.error(say!("x-alt-too-long", media = id, length = alt_chars, max = ALT_CHARS_MAX));
    }
    if alt_chars > 0 && kind == Kind::Video {
        of.warning(say!("x-alt-video", media = id));
    }
}

fn check_frames(facts: &MediaFacts, of: &mut Findings<'_>) {
    let Some(frames) = facts.inside.frames else { return };
    let pixels = facts.width.saturating_mul(facts.height).max(1);
    // As many pictures as there may be of this size.
    let max = GIF_FRAMES_MAX.min(GIF_PIXELS_MAX / pixels);
    if frames > max {
        let size = format!("{}x{}", facts.width, facts.height);
        of.error(say!("x-gif-frames", media = facts.id.as_str(), frames = frames, size = size, max = max));
    }
}

fn check_poll(poll: &Poll, segment: &Segment, of: &mut Findings<'_>) {
    let (least, most) = (*POLL_OPTIONS.start(), *POLL_OPTIONS.end());
    if !POLL_OPTIONS.contains(&poll.options.len()) {
        of.error(say!("x-poll-options", count = poll.options.len(), min = least, max = most));
    }
    for (no, option) in poll.options.iter().enumerate() {
        let length = option.nfc().count();
        if option.trim().is_empty() || length > POLL_OPTION_CHARS_MAX {
            of.error(say!("x-poll-option-length", no = no + 1, length = length, max = POLL_OPTION_CHARS_MAX));
        }
    }
    if !POLL_MINUTES.contains(&poll.minutes) {
        let (least, most) = (*POLL_MINUTES.start(), *POLL_MINUTES.end());
        of.error(say!("x-poll-minutes", minutes = poll.minutes, min = least, max = most));
    }
    if !segment.media.is_empty() {
        of.error(say!("x-poll-with-media"));
    }
}

fn check_thread(content: &Content, found: &mut Vec<Finding>) {
    let parts = content.segments.len();
    let mut whole = |severity, what| found.push(Finding { severity, part: None, what });
    if parts == 0 {
        whole(Severity::Error, say!("x-text-empty"));
    }
    if parts > THREAD_PARTS_MAX {
        whole(Severity::Error, say!("x-thread-too-long", count = parts, max = THREAD_PARTS_MAX));
    }
    if parts > 1 {
        whole(Severity::Warning, say!("x-thread-replies-unsure", count = parts));
    }
    for (no, segment) in content.segments.iter().enumerate() {
        let same = |other: &Segment| !other.text.trim().is_empty() && other.text.trim() == segment.text.trim();
        if let Some(first) = content.segments[..no].iter().position(same) {
            let what = say!("x-thread-repeats", first = first + 1, second = no + 1);
            found.push(Finding { severity: Severity::Warning, part: Some(no), what });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MediaId;
    use crate::domain::post::Inside;
    use crate::domain::refusal::Arg;

    fn segment(text: &str) -> Segment {
        Segment { text: text.into(), ..Segment::default() }
    }

    fn keys(segments: Vec<Segment>, media: &[MediaFacts]) -> Vec<String> {
        let content = Content { segments, ..Content::default() };
        check(&content, media).into_iter().map(|finding| finding.what.key).collect()
    }

    fn medium(no: u128, mime: &str) -> MediaFacts {
        let id = MediaId::generate(1, no);
        MediaFacts {
            id,
            mime: mime.into(),
            bytes: 1000,
            sha256: String::new(),
            width: 100,
            height: 100,
            duration_ms: 0,
            alt: None,
            inside: Inside::default(),
        }
    }

    fn with_media(media: &[MediaFacts]) -> Vec<String> {
        let ids = media.iter().map(|facts| facts.id.clone()).collect();
        keys(vec![Segment { media: ids, ..Segment::default() }], media)
    }

    #[test]
    fn an_over_long_text_names_exactly_what_to_cut() {
        let text = format!("{}こんにちは", "あ".repeat(140));
        let found = check(&Content { segments: vec![segment(&text)], ..Content::default() }, &[]);
        assert_eq!((found.len(), found[0].severity, found[0].part), (1, Severity::Error, Some(0)));
        let args = [
            ("length", Arg::Number(290)),
            ("max", Arg::Number(280)),
            ("over", Arg::Number(10)),
            ("fits", Arg::Text("あ".repeat(140))),
            ("cut", Arg::Text("こんにちは".into())),
        ];
        assert_eq!(found[0].what.args, args.map(|(name, value)| (name.to_owned(), value)).to_vec());
    }

    #[test]
    fn texts() {
        assert_eq!(keys(vec![segment("Hello\nworld\ttab")], &[]), Vec::<String>::new());
        assert_eq!(keys(vec![segment(" \n")], &[]), ["x-text-empty"]);
        assert_eq!(keys(vec![], &[]), ["x-text-empty"]);
        for bad in ["a\u{FEFF}", "a\u{FFFE}", "a\u{FFFF}", "a\u{0}", "a\u{1b}", "a\u{85}"] {
            assert_eq!(keys(vec![segment(bad)], &[]), ["x-text-forbidden-character"], "{bad:?}");
        }
        assert_eq!(keys(vec![segment("$AAPL up")], &[]), Vec::<String>::new());
        assert_eq!(keys(vec![segment("$AAPL and $MSFT")], &[]), ["x-cashtags-too-many"]);
        assert_eq!(keys(vec![segment("see example.com")], &[]), ["x-link-cost"]);
    }

    #[test]
    fn media_kinds_counts_and_sizes() {
        let images: Vec<_> = (0..5).map(|no| medium(no, "image/png")).collect();
        assert_eq!(with_media(&images[..4]), Vec::<String>::new());
        assert_eq!(with_media(&images), ["x-media-too-many"]);
        assert_eq!(with_media(&[medium(1, "image/gif"), medium(2, "image/png")]), ["x-media-mixed"]);
        assert_eq!(with_media(&[medium(1, "image/svg+xml")]), ["x-media-kind"]);
        assert_eq!(with_media(&[medium(1, "application/pdf")]), ["x-media-kind"]);
        for (mime, most) in [("image/gif", 15_000_000), ("video/mp4", 512_000_000)] {
            assert_eq!(with_media(&[MediaFacts { bytes: most, ..medium(1, mime) }]), Vec::<String>::new(), "{mime}");
            assert_eq!(with_media(&[MediaFacts { bytes: most + 1, ..medium(1, mime) }]), ["x-media-too-large"]);
        }
        assert_eq!(with_media(&[MediaFacts { bytes: 5_000_000, ..medium(1, "image/png") }]), Vec::<String>::new());
        assert_eq!(with_media(&[MediaFacts { bytes: 5_000_001, ..medium(1, "image/png") }]), ["picture-made-bytes"]);
        assert_eq!(with_media(&[MediaFacts { width: 1281, ..medium(1, "image/gif") }]), ["x-media-size"]);
        let gif = |frames, width, height| {
            let inside = Inside { frames: Some(frames), ..Inside::default() };
            with_media(&[MediaFacts { inside, width, height, ..medium(1, "image/gif") }])
        };
        assert_eq!(gif(350, 100, 100), Vec::<String>::new());
        assert_eq!(gif(351, 100, 100), ["x-gif-frames"]);
        assert_eq!(gif(300, 1000, 1000), Vec::<String>::new());
        assert_eq!(gif(301, 1000, 1000), ["x-gif-frames"]);
        let film = |video: &str, centi_fps| {
            let inside = Inside { video: Some(video.into()), centi_fps: Some(centi_fps), ..Inside::default() };
            with_media(&[MediaFacts { inside, ..medium(1, "video/mp4") }])
        };
        assert_eq!(film("H.264", 6_000), Vec::<String>::new());
        assert_eq!(film("H.264", 1_000), Vec::<String>::new());
        assert_eq!(film("H.264", 6_100), ["film-fps"]);
        assert_eq!(film("H.265", 3_000), ["film-codec"]);
        assert_eq!(with_media(&[MediaFacts { width: 31, ..medium(1, "video/mp4") }]), ["x-media-size"]);
        let sized = |mime, width, height| with_media(&[MediaFacts { width, height, ..medium(1, mime) }]);
        assert!(sized("video/mp4", 720, 1280).is_empty() && sized("video/mp4", 1024, 1280).is_empty(), "it stands");
        assert_eq!(sized("video/mp4", 1025, 1280), ["x-media-size"]);
        assert_eq!(sized("image/gif", 1080, 1280), ["x-media-size"]);
        assert_eq!(with_media(&[MediaFacts { width: 301, ..medium(1, "video/mp4") }]), ["x-video-aspect"]);
        let alt = |length: usize| Some("あ".repeat(length));
        let video = |duration_ms| with_media(&[MediaFacts { duration_ms, ..medium(1, "video/mp4") }]);
        assert_eq!((video(499), video(140_001)), (vec!["x-video-length".into()], vec!["x-video-length".into()]));
        assert_eq!((video(500), video(140_000)), (vec![], vec![]));
        assert_eq!(with_media(&[MediaFacts { alt: alt(1000), ..medium(1, "image/png") }]), Vec::<String>::new());
        assert_eq!(with_media(&[MediaFacts { alt: alt(1001), ..medium(1, "image/png") }]), ["x-alt-too-long"]);
        assert_eq!(with_media(&[MediaFacts { alt: alt(1), ..medium(1, "video/mp4") }]), ["x-alt-video"]);
        let unknown = Segment { media: vec![MediaId::generate(1, 9)], ..segment("a") };
        assert_eq!(keys(vec![unknown], &[]), ["x-media-missing"]);
    }

    #[test]
    fn polls() {
        let poll = |options: &[&str], minutes| Segment {
            poll: Some(Poll { options: options.iter().map(|o| (*o).to_owned()).collect(), minutes }),
            ..segment("Which?")
        };
        assert_eq!(keys(vec![poll(&["a", &"あ".repeat(25)], 5)], &[]), Vec::<String>::new());
        assert_eq!(keys(vec![poll(&["a"], 5)], &[]), ["x-poll-options"]);
        assert_eq!(keys(vec![poll(&["a", "b", "c", "d", "e"], 5)], &[]), ["x-poll-options"]);
        assert_eq!(keys(vec![poll(&["a", " "], 5)], &[]), ["x-poll-option-length"]);
        assert_eq!(keys(vec![poll(&["a", &"b".repeat(26)], 5)], &[]), ["x-poll-option-length"]);
        assert_eq!(keys(vec![poll(&["a", "b"], 4)], &[]), ["x-poll-minutes"]);
        assert_eq!(keys(vec![poll(&["a", "b"], 10_081)], &[]), ["x-poll-minutes"]);
        let image = medium(1, "image/png");
        let both = Segment { media: vec![image.id.clone()], ..poll(&["a", "b"], 5) };
        assert_eq!(keys(vec![both], &[image]), ["x-poll-with-media"]);
    }

    #[test]
    fn threads() {
        let parts = |count: usize| (0..count).map(|no| segment(&format!("part {no}"))).collect::<Vec<_>>();
        assert_eq!(keys(parts(25), &[]), ["x-thread-replies-unsure"]);
        assert_eq!(keys(parts(26), &[]), ["x-thread-too-long", "x-thread-replies-unsure"]);
        assert_eq!(keys(vec![segment("a"), segment("a ")], &[]), ["x-thread-replies-unsure", "x-thread-repeats"]);
    }

    #[test]
    fn the_preview_counts_and_prices_each_part() {
        let content = Content { segments: vec![segment("字"), segment("see example.com")], ..Content::default() };
        let shown = preview(&content, &[]);
        assert_eq!(shown.cost_usd_micros, 215_000);
        assert_eq!(shown.segments.iter().map(|s| (s.length, s.length_max)).collect::<Vec<_>>(), [(2, 280), (27, 280)]);
        assert_eq!((usd(200_000), usd(15_000)), ("0.20".to_owned(), "0.015".to_owned()));
    }
}
