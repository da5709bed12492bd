//! What Instagram would refuse and what the author should know, before anything is sent (platforms/instagram.md §3.1, §4), and what a reader
//! will see. Pure. Counting itself is in `count`.

use super::count;
use super::limits::{
    ALT_CHARS_MAX, CAPTION_CHARS_MAX, CAROUSEL_MAX, COLLABORATORS_MAX, COMMENT_CHARS_MAX, FOLD_CHARS, FOLD_LINES, Film,
    HANDLE_CHARS_MAX, HASHTAGS_MAX, IMAGE, IMAGE_TALLEST, IMAGE_WIDEST, IMAGE_WIDTH_MIN, Kind, MENTIONS_MAX, PARTS_MAX,
    Shape, VIDEO_WIDTH_MAX, WRITTEN,
};
use crate::domain::ids::MediaId;
use crate::domain::network::Network;
use crate::domain::post::{
    self, Content, Finding, Frame, Leads, MediaFacts, Options, Preview, Segment, SegmentPreview, Several,
};
use crate::platforms::findings::Findings;
use crate::platforms::meta::is_id;
use crate::platforms::{films, pictures};
use crate::say;

/// What sending shows; it costs nothing.
pub(super) fn preview(content: &Content, media: &[MediaFacts]) -> Preview {
    let is_story = content.options.instagram.story;
    let shown = |(part, segment): (usize, &Segment)| {
        let Segment { text, media: ids, poll } = segment;
        SegmentPreview {
            text: text.clone(),
            length: count::length(text),
            length_max: if part == 0 { CAPTION_CHARS_MAX } else { COMMENT_CHARS_MAX },
            media: ids.iter().filter_map(|id| media.iter().find(|facts| facts.id == *id)).cloned().collect(),
            poll: poll.clone(),
            fold: post::fold(text, (FOLD_CHARS, FOLD_LINES)).filter(|_| part == 0 && !is_story),
            card: None,
        }
    };
    // A story is never cut: what is beside it stays empty.
    let shape = |shape| Some(shape).filter(|_| !is_story);
    let frame = Frame {
        leads: Leads::Media,
        tallest: shape(IMAGE_TALLEST),
        widest: shape(IMAGE_WIDEST),
        several: Several::RowAsFirst,
    };
    Preview { segments: content.segments.iter().enumerate().map(shown).collect(), frame, cost_usd_micros: 0 }
}

/// All findings, by segment. `can_pull` says whether Instagram could fetch media from this server.
pub(super) fn check(content: &Content, media: &[MediaFacts], can_pull: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_story = content.options.instagram.story;
    for (part, segment) in content.segments.iter().enumerate() {
        let mut of = Findings { part: Some(part), found: &mut found };
        if segment.poll.is_some() {
            of.error(say!("instagram-poll"));
        }
        if part > 0 {
            check_comment(segment, &mut of);
            continue;
        }
        check_caption(&segment.text, is_story, &mut of);
        check_media(segment, media, is_story, &mut of);
        if !segment.media.is_empty() && !can_pull {
            of.error(say!("instagram-media-unreachable"));
        }
    }
    let mut of = Findings { part: None, found: &mut found };
    let parts = content.segments.len();
    if parts == 0 {
        of.error(say!("instagram-media-none"));
    }
    if parts > PARTS_MAX {
        of.error(say!("instagram-parts-too-many", count = parts));
    }
    if parts > 1 && is_story {
        of.error(say!("instagram-story-comment"));
    }
    check_options(content, media, &mut of);
    found
}

fn check_caption(text: &str, is_story: bool, of: &mut Findings<'_>) {
    if is_story {
        if !text.trim().is_empty() {
            of.warning(say!("instagram-story-text"));
        }
        return;
    }
    if let Some((fits, cut)) = count::cut(text, CAPTION_CHARS_MAX) {
        let length = count::length(text);
        let over = length - CAPTION_CHARS_MAX;
        let max = CAPTION_CHARS_MAX;
        // The end of what fits: all of it would hide the sentence.
        let from = fits.char_indices().rev().nth(FITS_SHOWN - 1).map_or(0, |(at, _)| at);
        of.error(say!(
            "instagram-text-too-long",
            length = length,
            max = max,
            over = over,
            fits = &fits[from..],
            cut = cut
        ));
    }
    let (tags, names) = (count::marks(text, '#'), count::marks(text, '@'));
    if tags > HASHTAGS_MAX {
        of.error(say!("instagram-hashtags", count = tags, max = HASHTAGS_MAX, over = tags - HASHTAGS_MAX));
    }
    if names > MENTIONS_MAX {
        of.error(say!("instagram-mentions", count = names, max = MENTIONS_MAX, over = names - MENTIONS_MAX));
    }
}

/// How much of what fits is shown before the place where it has to end.
const FITS_SHOWN: usize = 60;

/// The second part is the first comment under the post.
fn check_comment(segment: &Segment, of: &mut Findings<'_>) {
    let length = count::length(&segment.text);
    if segment.text.trim().is_empty() || !segment.media.is_empty() {
        of.error(say!("instagram-comment-text-only"));
    }
    if length > COMMENT_CHARS_MAX {
        let over = length - COMMENT_CHARS_MAX;
        of.error(say!("instagram-comment-too-long", length = length, max = COMMENT_CHARS_MAX, over = over));
    }
}

fn check_media(segment: &Segment, media: &[MediaFacts], is_story: bool, of: &mut Findings<'_>) {
    if segment.media.is_empty() {
        of.error(say!("instagram-media-none"));
    }
    let mut first: Option<&MediaFacts> = None;
    for id in &segment.media {
        let Some(facts) = media.iter().find(|facts| facts.id == *id) else {
            of.error(say!("instagram-media-missing", media = id.as_str()));
            continue;
        };
        match Kind::of(&facts.mime) {
            Some(Kind::Image) => check_image(facts, is_story, of),
            Some(Kind::Video) => check_video(facts, is_story, of),
            None => of.error(say!("instagram-media-kind", media = id.as_str(), mime = &facts.mime)),
        }
        match first {
            None => first = Some(facts),
            Some(first) if !is_story && is_other_shape(first, facts) => {
                of.warning(say!("instagram-carousel-cropped", media = id.as_str(), size = size(first)));
            }
            Some(_) => {}
        }
    }
    if is_story && segment.media.len() > 1 {
        of.error(say!("instagram-story-one"));
    } else if segment.media.len() > CAROUSEL_MAX {
        of.error(say!("instagram-media-too-many", count = segment.media.len(), max = CAROUSEL_MAX));
    }
}

fn size(facts: &MediaFacts) -> String {
    format!("{}x{}", facts.width, facts.height)
}

/// Whether something would be cut off it in a carousel, by more than rounding.
fn is_other_shape(first: &MediaFacts, other: &MediaFacts) -> bool {
    let (a, b) = (first.width * other.height, other.width * first.height);
    (a - b).abs() * 100 > a.max(b)
}

fn check_image(facts: &MediaFacts, is_story: bool, of: &mut Findings<'_>) {
    let id = facts.id.as_str();
    let (width, height) = (facts.width, facts.height);
    // A story fills the screen whatever its shape (§4 names none for it).
    if width > 0 && height > 0 && !is_story {
        // By multiplying: a quotient would round what is just outside to what is just inside.
        let too_tall = width * IMAGE_TALLEST.1 < height * IMAGE_TALLEST.0;
        let too_wide = width * IMAGE_WIDEST.1 > height * IMAGE_WIDEST.0;
        if too_tall || too_wide {
            let nearest = if too_tall {
                format!("{width}x{}", width * IMAGE_TALLEST.1 / IMAGE_TALLEST.0)
            } else {
                format!("{}x{height}", height * IMAGE_WIDEST.0 / IMAGE_WIDEST.1)
            };
            of.error(say!("instagram-image-aspect", media = id, size = size(facts), nearest = nearest));
        }
    }
    if (1..IMAGE_WIDTH_MIN).contains(&width) {
        of.warning(say!("instagram-image-small", media = id, size = size(facts), min = IMAGE_WIDTH_MIN));
    }
    pictures::check(Network::Instagram, &IMAGE, facts, of);
    let alt_chars = facts.alt.as_deref().unwrap_or("").chars().count();
    if is_story && alt_chars > 0 {
        of.warning(say!("instagram-alt-unused", media = id));
    } else if alt_chars > ALT_CHARS_MAX {
        of.error(say!("instagram-alt-too-long", media = id, length = alt_chars, max = ALT_CHARS_MAX));
    }
}

fn megabytes(facts: &MediaFacts) -> String {
    format!("{}.{}", facts.bytes / 1_000_000, facts.bytes / 100_000 % 10)
}

fn check_video(facts: &MediaFacts, is_story: bool, of: &mut Findings<'_>) {
    let id = facts.id.as_str();
    let film = Film::of(is_story);
    films::check(Network::Instagram, &WRITTEN, facts, of);
    // Decimal megabytes: the smaller reading of "MB" is refused by nobody.
    if facts.bytes > film.megabytes_max * 1_000_000 {
        of.error(say!("instagram-video-too-large", media = id, megabytes = megabytes(facts), max = film.megabytes_max));
    }
    // 0 means that it could not be read; Instagram will tell.
    if facts.width > 0 && facts.height > 0 {
        let (wide, high) = (facts.width * 100, facts.height);
        if wide < film.ratio_centi.0 * high || wide > film.ratio_centi.1 * high {
            of.error(say!("instagram-video-aspect", media = id, size = size(facts)));
        }
        if facts.width > VIDEO_WIDTH_MAX {
            of.error(say!("instagram-video-width", media = id, size = size(facts), max = VIDEO_WIDTH_MAX));
        }
    }
    let (least, most) = film.ms;
    if facts.duration_ms > 0 && !(least..=most).contains(&facts.duration_ms) {
        let seconds = format!("{}.{}", facts.duration_ms / 1000, facts.duration_ms / 100 % 10);
        let (min, max) = (least / 1000, most / 1000);
        of.error(say!("instagram-video-length", media = id, seconds = seconds, min = min, max = max));
    }
    if facts.alt.as_deref().is_some_and(|alt| !alt.trim().is_empty()) {
        of.warning(say!("instagram-alt-unused", media = id));
    }
}

fn check_options(content: &Content, media: &[MediaFacts], of: &mut Findings<'_>) {
    // Taken apart, so that a new choice cannot be forgotten here.
    let Options { repliers, made_with_ai: _, paid_partnership, instagram, tiktok: _, youtube: _ } = &content.options;
    if repliers.is_some() {
        of.error(say!("instagram-repliers"));
    }
    if *paid_partnership {
        of.warning(say!("instagram-paid-partnership"));
    }
    let ids = content.segments.first().map(|segment| segment.media.as_slice()).unwrap_or_default();
    let of_id = |id: &MediaId| media.iter().find(|facts| facts.id == *id).and_then(|facts| Kind::of(&facts.mime));
    let kinds: Option<Vec<Kind>> = ids.iter().map(of_id).collect();
    let shape = kinds.and_then(|kinds| Shape::of(&kinds, instagram.story));
    let is_other = |fits: &[Shape]| shape.is_some_and(|shape| !fits.contains(&shape));
    if !instagram.collaborators.is_empty() {
        let count = instagram.collaborators.len();
        if count > COLLABORATORS_MAX {
            of.error(say!("instagram-collaborators-too-many", count = count, max = COLLABORATORS_MAX));
        }
        if let Some(wrong) = instagram.collaborators.iter().find(|handle| !is_handle(handle)) {
            of.error(say!("instagram-collaborator-wrong", handle = wrong));
        }
        if is_other(&[Shape::Image, Shape::Reel]) {
            of.error(say!("instagram-collaborators-where"));
        }
    }
    if let Some(id) = &instagram.location {
        if !is_id(id) {
            of.error(say!("instagram-location-wrong", id = id));
        }
        if is_other(&[Shape::Image]) {
            of.error(say!("instagram-location-where"));
        }
    }
}

fn is_handle(given: &str) -> bool {
    let handle = given.strip_prefix('@').unwrap_or(given);
    (1..=HANDLE_CHARS_MAX).contains(&handle.len())
        && handle.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::Inside;
    use crate::domain::post::{InstagramOptions, Poll, Repliers};
    use crate::domain::refusal::Arg;

    const NONE: [&str; 0] = [];

    fn medium(mime: &str, change: impl FnOnce(&mut MediaFacts)) -> MediaFacts {
        let mut facts = MediaFacts {
            id: MediaId::generate(1, 1),
            mime: mime.into(),
            bytes: 1000,
            sha256: String::new(),
            width: 1080,
            height: 1080,
            duration_ms: if mime.starts_with("video") { 10_000 } else { 0 },
            alt: None,
            inside: Inside::default(),
        };
        change(&mut facts);
        facts
    }

    fn found(text: &str, media: &[MediaFacts], options: Options) -> Vec<String> {
        let ids = media.iter().map(|facts| facts.id.clone()).collect();
        let segments = vec![Segment { text: text.into(), media: ids, poll: None }];
        keys(&Content { segments, options }, media)
    }

    fn keys(content: &Content, media: &[MediaFacts]) -> Vec<String> {
        check(content, media, true).into_iter().map(|finding| finding.what.key).collect()
    }

    fn argument(finding: &Finding, name: &str) -> Arg {
        finding.what.args.iter().find(|(other, _)| other == name).unwrap().1.clone()
    }

    fn of_text(text: &str) -> Vec<String> {
        found(text, &[medium("image/jpeg", |_| {})], Options::default())
    }

    fn of_medium(mime: &str, change: impl FnOnce(&mut MediaFacts)) -> Vec<String> {
        found("x", &[medium(mime, change)], Options::default())
    }

    fn with(own: InstagramOptions) -> Options {
        Options { instagram: own, ..Options::default() }
    }

    fn of_story(mime: &str, change: impl FnOnce(&mut MediaFacts)) -> Vec<String> {
        found("", &[medium(mime, change)], with(InstagramOptions { story: true, ..InstagramOptions::default() }))
    }

    fn many(count: u128, change: impl Fn(u128, &mut MediaFacts)) -> Vec<MediaFacts> {
        let one = |n| MediaFacts { id: MediaId::generate(1, n), ..medium("image/jpeg", |m| change(n, m)) };
        (0..count).map(one).collect()
    }

    #[test]
    fn each_limit_of_the_caption_just_inside_and_just_outside() {
        assert_eq!(of_text(""), NONE);
        assert_eq!(of_text(&"字".repeat(2_200)), NONE);
        assert_eq!(of_text(&"字".repeat(2_201)), ["instagram-text-too-long"]);
        assert_eq!(of_text(&"#a ".repeat(30)), NONE);
        assert_eq!(of_text(&"#a ".repeat(31)), ["instagram-hashtags"]);
        assert_eq!(of_text(&"@a ".repeat(20)), NONE);
        assert_eq!(of_text(&"@a ".repeat(21)), ["instagram-mentions"]);
        assert_eq!(found("text alone", &[], Options::default()), ["instagram-media-none"]);
        assert_eq!(keys(&Content::default(), &[]), ["instagram-media-none"]);
        let finding = check(
            &Content {
                segments: vec![Segment { text: "字".repeat(2_203), ..Segment::default() }],
                ..Content::default()
            },
            &[],
            true,
        );
        assert_eq!(argument(&finding[0], "over"), Arg::Number(3));
    }

    #[test]
    fn each_limit_of_a_picture_just_inside_and_just_outside() {
        let jpeg = "image/jpeg";
        assert_eq!(of_medium(jpeg, |m| m.bytes = 8_000_000), NONE);
        assert_eq!(of_medium(jpeg, |m| m.bytes = 8_000_001), ["picture-made-bytes"]);
        for mime in ["image/png", "image/webp"] {
            assert_eq!(of_medium(mime, |_| {}), ["picture-made-type"], "{mime}");
        }
        for mime in ["image/gif", "application/pdf", "video/webm"] {
            assert_eq!(of_medium(mime, |_| {}), ["instagram-media-kind"], "{mime}");
        }
        assert_eq!(of_medium(jpeg, |m| (m.width, m.height) = (800, 1000)), NONE);
        assert_eq!(of_medium(jpeg, |m| (m.width, m.height) = (799, 1000)), ["instagram-image-aspect"]);
        assert_eq!(of_medium(jpeg, |m| (m.width, m.height) = (1910, 1000)), NONE);
        assert_eq!(of_medium(jpeg, |m| (m.width, m.height) = (1911, 1000)), ["instagram-image-aspect"]);
        assert_eq!(of_medium(jpeg, |m| (m.width, m.height) = (320, 320)), NONE);
        assert_eq!(of_medium(jpeg, |m| (m.width, m.height) = (319, 319)), ["instagram-image-small"]);
        assert_eq!(of_medium(jpeg, |m| m.alt = Some("あ".repeat(1000))), NONE);
        assert_eq!(of_medium(jpeg, |m| m.alt = Some("あ".repeat(1001))), ["instagram-alt-too-long"]);
        assert_eq!(of_story(jpeg, |m| (m.width, m.height) = (1080, 1920)), NONE);
        assert_eq!(of_story(jpeg, |m| m.alt = Some("a".into())), ["instagram-alt-unused"]);
    }

    #[test]
    fn the_nearest_shape_is_one_that_is_taken() {
        for (width, height) in [(799, 1000), (1911, 1000), (1, 5000), (4000, 321), (1080, 1920)] {
            let facts = medium("image/jpeg", |m| (m.width, m.height) = (width, height));
            let content = Content {
                segments: vec![Segment { media: vec![facts.id.clone()], ..Segment::default() }],
                ..Content::default()
            };
            let findings = check(&content, std::slice::from_ref(&facts), true);
            let finding = findings.iter().find(|f| f.what.key == "instagram-image-aspect").unwrap();
            let Arg::Text(nearest) = argument(finding, "nearest") else { panic!("{finding:?}") };
            let (wide, high) = nearest.split_once('x').unwrap();
            let (wide, high): (i64, i64) = (wide.parse().unwrap(), high.parse().unwrap());
            assert!(wide <= width && high <= height, "{nearest}");
            let again = of_medium("image/jpeg", |m| (m.width, m.height) = (wide, high));
            assert!(!again.contains(&"instagram-image-aspect".to_owned()), "{width}x{height}: {nearest}");
        }
    }

    #[test]
    fn each_limit_of_a_video_just_inside_and_just_outside() {
        let mp4 = "video/mp4";
        assert_eq!(of_medium(mp4, |_| {}), NONE);
        assert_eq!(of_medium("video/quicktime", |_| {}), NONE);
        assert_eq!(of_medium(mp4, |m| m.bytes = 300_000_000), NONE);
        assert_eq!(of_medium(mp4, |m| m.bytes = 300_000_001), ["instagram-video-too-large"]);
        assert_eq!(of_story(mp4, |m| m.bytes = 100_000_000), NONE);
        assert_eq!(of_story(mp4, |m| m.bytes = 100_000_001), ["instagram-video-too-large"]);
        assert_eq!(of_medium(mp4, |m| (m.width, m.height) = (1920, 1080)), NONE);
        assert_eq!(of_medium(mp4, |m| (m.width, m.height) = (1921, 1080)), ["instagram-video-width"]);
        assert_eq!(of_medium(mp4, |m| (m.width, m.height) = (10, 1000)), NONE);
        assert_eq!(of_medium(mp4, |m| (m.width, m.height) = (10, 1001)), ["instagram-video-aspect"]);
        assert_eq!(of_medium(mp4, |m| (m.width, m.height) = (1000, 100)), NONE);
        assert_eq!(of_medium(mp4, |m| (m.width, m.height) = (1001, 100)), ["instagram-video-aspect"]);
        assert_eq!(of_story(mp4, |m| (m.width, m.height) = (100, 1000)), NONE);
        assert_eq!(of_story(mp4, |m| (m.width, m.height) = (100, 1001)), ["instagram-video-aspect"]);
        for (ms, reel, story) in [
            (2_999, true, true),
            (3_000, false, false),
            (60_000, false, false),
            (60_001, false, true),
            (900_000, false, true),
            (900_001, true, true),
            (0, false, false),
        ] {
            let is_wrong = |keys: Vec<String>| keys == ["instagram-video-length"];
            assert_eq!(is_wrong(of_medium(mp4, |m| m.duration_ms = ms)), reel, "{ms}");
            assert_eq!(is_wrong(of_story(mp4, |m| m.duration_ms = ms)), story, "{ms}");
        }
        assert_eq!(of_medium(mp4, |m| m.alt = Some("a".into())), ["instagram-alt-unused"]);
    }

    #[test]
    fn carousels_and_stories_take_what_they_take() {
        assert_eq!(found("x", &many(10, |_, _| {}), Options::default()), NONE);
        assert_eq!(found("x", &many(11, |_, _| {}), Options::default()), ["instagram-media-too-many"]);
        let mixed = many(3, |n, m| m.mime = if n == 1 { "video/mp4".into() } else { "image/jpeg".into() });
        assert_eq!(found("x", &mixed, Options::default()), NONE);
        let other = many(2, |n, m| m.height = if n == 1 { 1_200 } else { 1_080 });
        assert_eq!(found("x", &other, Options::default()), ["instagram-carousel-cropped"]);
        let story = with(InstagramOptions { story: true, ..InstagramOptions::default() });
        assert_eq!(found("", &many(2, |_, _| {}), story.clone()), ["instagram-story-one"]);
        assert_eq!(found("never seen", &many(1, |_, _| {}), story.clone()), ["instagram-story-text"]);
        assert_eq!(found("", &[], story.clone()), ["instagram-media-none"]);
        let media = many(1, |_, _| {});
        let post = Segment { media: vec![media[0].id.clone()], ..Segment::default() };
        let comment = |text: String| Segment { text, ..Segment::default() };
        let of = |segments, options| keys(&Content { segments, options }, &media);
        assert_eq!(of(vec![post.clone(), comment("字".repeat(300))], Options::default()), NONE);
        assert_eq!(
            of(vec![post.clone(), comment("字".repeat(301))], Options::default()),
            ["instagram-comment-too-long"]
        );
        assert_eq!(of(vec![post.clone(), post.clone()], Options::default()), ["instagram-comment-text-only"]);
        let three = vec![post.clone(), comment("a".into()), comment("b".into())];
        assert_eq!(of(three, Options::default()), ["instagram-parts-too-many"]);
        assert_eq!(of(vec![post.clone(), comment("a".into())], story), ["instagram-story-comment"]);
        let polled = Segment { poll: Some(Poll { options: vec!["a".into(), "b".into()], minutes: 60 }), ..post };
        assert_eq!(of(vec![polled], Options::default()), ["instagram-poll"]);
        let gone = Segment { media: vec![MediaId::generate(9, 9)], ..Segment::default() };
        assert_eq!(of(vec![gone], Options::default()), ["instagram-media-missing"]);
    }

    #[test]
    fn options_are_refused_where_instagram_has_none() {
        let one = many(1, |_, _| {});
        let two = many(2, |_, _| {});
        let handles = |count: usize| {
            with(InstagramOptions { collaborators: vec!["@ana.b_1".into(); count], ..InstagramOptions::default() })
        };
        assert_eq!(found("x", &one, handles(3)), NONE);
        assert_eq!(found("x", &one, handles(4)), ["instagram-collaborators-too-many"]);
        assert_eq!(found("x", &two, handles(1)), ["instagram-collaborators-where"]);
        let wrong =
            |handle: &str| with(InstagramOptions { collaborators: vec![handle.into()], ..InstagramOptions::default() });
        for handle in ["", "@", "a b", "https://www.instagram.com/ana", &"a".repeat(31)] {
            assert_eq!(found("x", &one, wrong(handle)), ["instagram-collaborator-wrong"], "{handle}");
        }
        let place = |id: &str| with(InstagramOptions { location: Some(id.into()), ..InstagramOptions::default() });
        assert_eq!(found("x", &one, place("213385402")), NONE);
        assert_eq!(found("x", &one, place("Berlin")), ["instagram-location-wrong"]);
        assert_eq!(found("x", &two, place("213385402")), ["instagram-location-where"]);
        let repliers = Options { repliers: Some(Repliers::Following), ..Options::default() };
        assert_eq!(found("x", &one, repliers), ["instagram-repliers"]);
        let paid = Options { paid_partnership: true, made_with_ai: true, ..Options::default() };
        assert_eq!(found("x", &one, paid), ["instagram-paid-partnership"]);
        let content = Content {
            segments: vec![Segment { media: vec![one[0].id.clone()], ..Segment::default() }],
            ..Content::default()
        };
        let unreachable = check(&content, &one, false);
        assert_eq!(unreachable.iter().map(|f| &*f.what.key).collect::<Vec<_>>(), ["instagram-media-unreachable"]);
        let preview = preview(&content, &one);
        assert_eq!(
            (preview.segments[0].length, preview.segments[0].length_max, preview.cost_usd_micros),
            (0, 2_200, 0)
        );
    }

    #[test]
    fn a_caption_is_folded_and_a_carousel_is_cut_to_its_first() {
        let media = many(2, |n, m| m.height = if n == 1 { 1_350 } else { 500 });
        let shown = |text: &str, options: Options| {
            let ids = media.iter().map(|facts| facts.id.clone()).collect();
            let comment = Segment { text: "字".repeat(200), ..Segment::default() };
            let segments = vec![Segment { text: text.into(), media: ids, poll: None }, comment];
            preview(&Content { segments, options }, &media)
        };
        let of = shown(&"字".repeat(200), Options::default());
        assert_eq!((of.segments[0].fold, of.segments[1].fold), (Some(FOLD_CHARS), None));
        assert_eq!(shown("1\n2\n3", Options::default()).segments[0].fold, Some(3));
        assert_eq!(shown("short", Options::default()).segments[0].fold, None);
        assert_eq!((of.frame.leads, of.frame.several), (Leads::Media, Several::RowAsFirst));
        assert_eq!((of.frame.crop(&media[0]), of.frame.crop(&media[1])), (Some(IMAGE_WIDEST), None));
        let story = shown(&"字".repeat(200), with(InstagramOptions { story: true, ..InstagramOptions::default() }));
        assert_eq!((story.segments[0].fold, story.frame.crop(&media[0])), (None, None));
    }

    #[test]
    fn how_a_video_is_written_is_looked_at_as_far_as_it_is_known() {
        let of = |change: fn(&mut Inside)| of_medium("video/mp4", |m| change(&mut m.inside));
        assert_eq!(of(|inside| inside.video = Some(Inside::H265.into())), NONE);
        assert_eq!(of(|inside| inside.video = Some(Inside::VP9.into())), ["film-codec"]);
        assert_eq!(of(|inside| inside.video = Some("ap4h".into())), ["film-codec"]);
        for (centi, is_fine) in [(2_250, true), (2_249, false), (6_050, true), (6_051, false)] {
            let mut inside = Inside { centi_fps: Some(centi), ..Inside::default() };
            let found = of_medium("video/mp4", |m| std::mem::swap(&mut m.inside, &mut inside));
            assert_eq!(found, if is_fine { Vec::new() } else { vec!["film-fps".to_owned()] }, "{centi}");
        }
        assert_eq!(of(|inside| inside.index_first = Some(true)), NONE);
        assert_eq!(of(|inside| inside.index_first = Some(false)), ["film-index"]);
    }
}
