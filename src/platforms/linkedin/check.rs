//! What LinkedIn would refuse and what the author should know, before anything is sent (platforms/linkedin.md §3, §4), and what a reader will see.
//! Pure. Counting itself is in `little`.

use super::card::first_link;
use super::limits::{
    ALT_CHARS_MAX, GIF_FRAMES_MAX, IMAGE, IMAGES_MAX, Kind, PAGES_MAX, PIXELS_BELOW, POLL_MINUTES,
    POLL_OPTION_CHARS_MAX, POLL_OPTIONS, QUESTION_CHARS_MAX, TEXT_MAX, TITLE_CHARS_MAX, VIDEO_BYTES_MIN, VIDEO_MS,
    poll_duration,
};
use super::little;
use crate::domain::network::Network;
use crate::domain::post::{Content, Finding, Frame, MediaFacts, Options, Poll, Preview, Segment, SegmentPreview};
use crate::platforms::findings::Findings;
use crate::platforms::pictures;
use crate::say;

/// What sending shows; it costs nothing.
pub(super) fn preview(content: &Content, media: &[MediaFacts]) -> Preview {
    let shown = |segment: &Segment| {
        let Segment { text, media: ids, poll } = segment;
        let is_bare = ids.is_empty() && poll.is_none();
        // A question goes out as it is written (§3.5): no mentions, and characters are counted.
        let (seen, length, length_max) = match poll {
            Some(_) => (text.clone(), text.chars().count(), QUESTION_CHARS_MAX),
            None => (little::shown(text), little::length(text), TEXT_MAX),
        };
        SegmentPreview {
            length,
            length_max,
            media: ids.iter().filter_map(|id| media.iter().find(|facts| facts.id == *id)).cloned().collect(),
            poll: poll.clone(),
            fold: little::fold(&seen),
            card: first_link(text).filter(|_| is_bare).map(String::from),
            text: seen,
        }
    };
    Preview { segments: content.segments.iter().map(shown).collect(), frame: Frame::default(), cost_usd_micros: 0 }
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
    let mut of = Findings { part: None, found: &mut found };
    match content.segments.len() {
        0 => of.error(say!("linkedin-text-empty")),
        1 => {}
        parts => of.error(say!("linkedin-no-threads", count = parts)),
    }
    check_options(&content.options, &mut of);
    found
}

fn check_text(segment: &Segment, of: &mut Findings<'_>) {
    let text = &segment.text;
    if text.trim().is_empty() && segment.media.is_empty() {
        of.error(say!("linkedin-text-empty"));
    }
    if let Some((fits, cut)) = little::cut(text) {
        let length = little::length(text);
        let over = length - TEXT_MAX;
        of.error(say!("linkedin-text-too-long", length = length, max = TEXT_MAX, over = over, fits = fits, cut = cut));
    }
}

fn check_media(segment: &Segment, media: &[MediaFacts], of: &mut Findings<'_>) {
    let mut kinds = Vec::new();
    for id in &segment.media {
        let Some(facts) = media.iter().find(|facts| facts.id == *id) else {
            of.error(say!("linkedin-media-missing", media = id.as_str()));
            continue;
        };
        match Kind::of(&facts.mime) {
            Some(kind) => {
                kinds.push(kind);
                check_medium(kind, facts, of);
            }
            None => of.error(say!("linkedin-media-kind", media = id.as_str(), mime = &facts.mime)),
        }
    }
    let images = kinds.iter().filter(|kind| **kind == Kind::Image).count();
    if images > IMAGES_MAX {
        of.error(say!("linkedin-images-too-many", count = images, max = IMAGES_MAX));
    }
    if kinds.len() > 1 && images < kinds.len() {
        of.error(say!("linkedin-media-mixed", max = IMAGES_MAX));
    }
}

fn check_medium(kind: Kind, facts: &MediaFacts, of: &mut Findings<'_>) {
    let id = facts.id.as_str();
    // Decimal megabytes: the smaller reading of "MB" is refused by nobody.
    if let Some(max) = kind.megabytes_max().filter(|max| facts.bytes > max * 1_000_000) {
        let given = format!("{}.{}", facts.bytes / 1_000_000, facts.bytes / 100_000 % 10);
        of.error(say!("linkedin-media-too-large", media = id, megabytes = given, max = max));
    }
    let alt_chars = facts.alt.as_deref().unwrap_or("").trim().chars().count();
    match kind {
        Kind::Image => {
            if pictures::check(Network::LinkedIn, &IMAGE, facts, of).is_some() {
                let size = format!("{}x{}", facts.width, facts.height);
                of.error(say!("linkedin-image-pixels", media = id, size = size, max = PIXELS_BELOW));
            }
            if let Some(frames) = facts.inside.frames.filter(|frames| *frames > GIF_FRAMES_MAX) {
                of.error(say!("linkedin-gif-frames", media = id, frames = frames, max = GIF_FRAMES_MAX));
            }
            if alt_chars > ALT_CHARS_MAX {
                of.error(say!("linkedin-alt-too-long", media = id, length = alt_chars, max = ALT_CHARS_MAX));
            }
        }
        Kind::Video => {
            if facts.bytes < VIDEO_BYTES_MIN {
                of.error(say!("linkedin-video-too-small", media = id, min = VIDEO_BYTES_MIN / 1024));
            }
            // 0 means that the length could not be read; LinkedIn will tell.
            if facts.duration_ms > 0 && !VIDEO_MS.contains(&facts.duration_ms) {
                let seconds = format!("{}.{}", facts.duration_ms / 1000, facts.duration_ms / 100 % 10);
                let (min, max) = (VIDEO_MS.start() / 1000, VIDEO_MS.end() / 60_000);
                of.error(say!("linkedin-video-length", media = id, seconds = seconds, min = min, max = max));
            }
            if alt_chars > 0 {
                of.warning(say!("linkedin-video-alt", media = id));
            }
        }
        Kind::Document => {
            if let Some(pages) = facts.inside.pages.filter(|pages| *pages > PAGES_MAX) {
                of.warning(say!("linkedin-pages", media = id, pages = pages, max = PAGES_MAX));
            }
            if alt_chars > TITLE_CHARS_MAX {
                of.error(say!("linkedin-title-too-long", media = id, length = alt_chars, max = TITLE_CHARS_MAX));
            }
        }
    }
}

fn check_poll(poll: &Poll, segment: &Segment, of: &mut Findings<'_>) {
    let (least, most) = (*POLL_OPTIONS.start(), *POLL_OPTIONS.end());
    if !POLL_OPTIONS.contains(&poll.options.len()) {
        of.error(say!("linkedin-poll-options", count = poll.options.len(), min = least, max = most));
    }
    for (no, option) in poll.options.iter().enumerate() {
        let length = option.chars().count();
        if option.trim().is_empty() || length > POLL_OPTION_CHARS_MAX {
            of.error(say!("linkedin-poll-option-length", no = no + 1, length = length, max = POLL_OPTION_CHARS_MAX));
        }
    }
    let question = segment.text.chars().count();
    if question > QUESTION_CHARS_MAX {
        of.error(say!("linkedin-poll-question", length = question, max = QUESTION_CHARS_MAX));
    }
    if poll_duration(poll.minutes).is_none() {
        let nearest =
            POLL_MINUTES.iter().map(|(minutes, _)| *minutes).min_by_key(|minutes| minutes.abs_diff(poll.minutes));
        of.error(say!("linkedin-poll-length", days = nearest.unwrap_or_default() / (24 * 60)));
    }
    if !segment.media.is_empty() {
        of.error(say!("linkedin-poll-with-media"));
    }
}

fn check_options(options: &Options, of: &mut Findings<'_>) {
    // Taken apart, so that a new choice cannot be forgotten here.
    let Options { repliers, made_with_ai, paid_partnership, instagram: _, tiktok: _, youtube: _ } = options;
    if repliers.is_some() {
        of.error(say!("linkedin-repliers"));
    }
    if *made_with_ai || *paid_partnership {
        of.warning(say!("linkedin-disclosure"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MediaId;
    use crate::domain::post::Inside;
    use crate::domain::post::{Repliers, Severity};

    const NONE: [&str; 0] = [];

    fn segment(text: &str) -> Segment {
        Segment { text: text.into(), ..Segment::default() }
    }

    fn keys(segments: Vec<Segment>, media: &[MediaFacts]) -> Vec<String> {
        let content = Content { segments, ..Content::default() };
        check(&content, media).into_iter().map(|finding| finding.what.key).collect()
    }

    fn medium(no: u128, mime: &str, change: impl FnOnce(&mut MediaFacts)) -> MediaFacts {
        let mut facts = MediaFacts {
            id: MediaId::generate(1, no),
            mime: mime.into(),
            bytes: 100_000,
            sha256: String::new(),
            width: 100,
            height: 100,
            duration_ms: 0,
            alt: None,
            inside: Inside::default(),
        };
        change(&mut facts);
        facts
    }

    fn of_medium(mime: &str, change: impl FnOnce(&mut MediaFacts)) -> Vec<String> {
        let facts = medium(1, mime, change);
        keys(vec![Segment { media: vec![facts.id.clone()], ..Segment::default() }], &[facts])
    }

    fn poll(options: &[&str], minutes: u32) -> Segment {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Segment { poll: Some(Poll { options, minutes }), ..segment("which?") }
    }

    /// Each limit just inside, where nothing is found, and just outside.
    #[test]
    fn each_limit_of_text_and_poll_just_inside_and_just_outside() {
        assert_eq!(keys(vec![segment(&"字".repeat(3000))], &[]), NONE);
        assert_eq!(keys(vec![segment(&"字".repeat(3001))], &[]), ["linkedin-text-too-long"]);
        assert_eq!(keys(vec![segment(&"😀".repeat(1500))], &[]), NONE);
        assert_eq!(keys(vec![segment(&format!("{}a", "😀".repeat(1500)))], &[]), ["linkedin-text-too-long"]);
        assert_eq!(keys(vec![segment(&"(".repeat(3000))], &[]), NONE, "escapes are not counted");
        assert_eq!(keys(vec![segment(" \n")], &[]), ["linkedin-text-empty"]);
        assert_eq!(keys(vec![], &[]), ["linkedin-text-empty"]);
        assert_eq!(keys(vec![segment("a"), segment("b")], &[]), ["linkedin-no-threads"]);
        let day = 24 * 60;
        for days in [1, 3, 7, 14] {
            assert_eq!(keys(vec![poll(&["a", &"あ".repeat(30), "c", "d"], days * day)], &[]), NONE);
        }
        assert_eq!(keys(vec![poll(&["a", "b"], 2 * day)], &[]), ["linkedin-poll-length"]);
        assert_eq!(keys(vec![poll(&["a", &"あ".repeat(31)], day)], &[]), ["linkedin-poll-option-length"]);
        assert_eq!(keys(vec![poll(&["a"], day)], &[]), ["linkedin-poll-options"]);
        assert_eq!(keys(vec![poll(&["a", "b", "c", "d", "e"], day)], &[]), ["linkedin-poll-options"]);
        let asked = |chars: usize| Segment { text: "問".repeat(chars), ..poll(&["a", "b"], day) };
        assert_eq!(keys(vec![asked(140)], &[]), NONE);
        assert_eq!(keys(vec![asked(141)], &[]), ["linkedin-poll-question"]);
    }

    #[test]
    fn each_limit_of_media_just_inside_and_just_outside() {
        let (image, video, document) = ("image/jpeg", "video/mp4", "application/pdf");
        assert_eq!(of_medium(image, |m| (m.width, m.height) = (36_152_319, 1)), NONE);
        assert_eq!(of_medium(image, |m| (m.width, m.height) = (36_152_320, 1)), ["picture-made-size"]);
        assert_eq!(of_medium("image/gif", |m| (m.width, m.height) = (36_152_320, 1)), ["linkedin-image-pixels"]);
        assert_eq!(of_medium("image/webp", |_| {}), ["picture-made-type"]);
        let inside = |frames, pages| Inside { frames, pages, ..Inside::default() };
        assert_eq!(of_medium("image/gif", |m| m.inside = inside(Some(250), None)), NONE);
        assert_eq!(of_medium("image/gif", |m| m.inside = inside(Some(251), None)), ["linkedin-gif-frames"]);
        assert_eq!(of_medium(document, |m| m.inside = inside(None, Some(300))), NONE);
        assert_eq!(of_medium(document, |m| m.inside = inside(None, Some(301))), ["linkedin-pages"]);
        assert_eq!(of_medium(image, |m| (m.width, m.height) = (i64::MAX, i64::MAX)), ["picture-made-size"]);
        assert_eq!(of_medium(image, |m| m.alt = Some("あ".repeat(1000))), NONE);
        assert_eq!(of_medium(image, |m| m.alt = Some("あ".repeat(1001))), ["linkedin-alt-too-long"]);
        assert_eq!(of_medium(video, |m| m.bytes = 500_000_000), NONE);
        assert_eq!(of_medium(video, |m| m.bytes = 500_000_001), ["linkedin-media-too-large"]);
        assert_eq!(of_medium(video, |m| m.bytes = 76_800), NONE);
        assert_eq!(of_medium(video, |m| m.bytes = 76_799), ["linkedin-video-too-small"]);
        assert_eq!(of_medium(video, |m| m.duration_ms = 3_000), NONE);
        assert_eq!(of_medium(video, |m| m.duration_ms = 2_999), ["linkedin-video-length"]);
        assert_eq!(of_medium(video, |m| m.duration_ms = 1_800_000), NONE);
        assert_eq!(of_medium(video, |m| m.duration_ms = 1_800_001), ["linkedin-video-length"]);
        assert_eq!(of_medium(video, |m| m.alt = Some("x".into())), ["linkedin-video-alt"]);
        assert_eq!(of_medium(document, |m| m.bytes = 100_000_000), NONE);
        assert_eq!(of_medium(document, |m| m.bytes = 100_000_001), ["linkedin-media-too-large"]);
        assert_eq!(of_medium(document, |m| m.alt = Some("あ".repeat(100))), NONE);
        assert_eq!(of_medium(document, |m| m.alt = Some("あ".repeat(101))), ["linkedin-title-too-long"]);
        for mime in ["image/jpeg", "image/png", "image/gif", "video/mp4", "application/pdf"] {
            assert_eq!(of_medium(mime, |_| {}), NONE, "{mime}");
        }
        for mime in ["video/webm", "video/quicktime", "application/msword"] {
            assert_eq!(of_medium(mime, |_| {}), ["linkedin-media-kind"], "{mime}");
        }
    }

    #[test]
    fn images_go_together_and_everything_else_alone() {
        let mut facts: Vec<_> = (0..21).map(|no| medium(no, "image/png", |_| {})).collect();
        facts.push(medium(21, "video/mp4", |_| {}));
        facts.push(medium(22, "application/pdf", |_| {}));
        let with = |some: &[usize]| {
            let media = some.iter().map(|no| facts[*no].id.clone()).collect();
            keys(vec![Segment { media, ..Segment::default() }], &facts)
        };
        let first = |count: usize| (0..count).collect::<Vec<_>>();
        assert_eq!(with(&first(20)), NONE);
        assert_eq!(with(&first(21)), ["linkedin-images-too-many"]);
        for mixed in [[0, 21], [0, 22], [21, 22], [21, 21]] {
            assert_eq!(with(&mixed), ["linkedin-media-mixed"], "{mixed:?}");
        }
        let both = Segment { media: vec![facts[0].id.clone()], ..poll(&["a", "b"], 24 * 60) };
        assert_eq!(keys(vec![both], &facts), ["linkedin-poll-with-media"]);
        assert_eq!(
            keys(vec![Segment { media: vec![facts[0].id.clone()], ..segment("x") }], &[]),
            ["linkedin-media-missing"]
        );
    }

    #[test]
    fn options_have_no_place_there_and_a_preview_shows_what_a_reader_sees() {
        let options = Options { repliers: Some(Repliers::Mentioned), made_with_ai: true, ..Options::default() };
        let content = Content { segments: vec![segment("x")], options };
        let found: Vec<_> = check(&content, &[]).into_iter().map(|f| (f.severity, f.what.key)).collect();
        assert_eq!(
            found,
            [(Severity::Error, "linkedin-repliers".to_owned()), (Severity::Warning, "linkedin-disclosure".to_owned())]
        );
        let text = format!("Hi @[Ana Li](urn:li:person:782bbtaQ)\n{}\nhttps://a.example/x", "a".repeat(300));
        let content = Content { segments: vec![segment(&text)], ..Content::default() };
        let shown = preview(&content, &[]).segments.remove(0);
        assert!(shown.text.starts_with("Hi Ana Li\n"));
        assert_eq!(
            (shown.fold, shown.card.as_deref(), shown.length_max),
            (Some(210), Some("https://a.example/x"), 3000)
        );
        let content = Content { segments: vec![poll(&["a", "b"], 24 * 60)], ..Content::default() };
        assert_eq!(preview(&content, &[]).segments[0].length_max, QUESTION_CHARS_MAX);
    }
}
