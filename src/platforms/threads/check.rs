//! What Threads would refuse and what the author should know, before anything is sent (platforms/threads.md §3.1, §4), and what a reader
//! will see. Pure. Counting itself is in `count`.

use super::count::{self, first_link};
use super::limits::{
    ALT_CHARS_MAX, CHAIN_PARTS_MAX, IMAGE, Kind, LINKS_MAX, MEDIA_MAX, POLL_MINUTES, POLL_OPTION_CHARS_MAX,
    POLL_OPTIONS, TEXT_MAX, VIDEO_MS, VIDEO_WIDTH_MAX, WRITTEN,
};
use crate::domain::network::Network;
use crate::domain::post::{
    Content, Finding, Frame, MediaFacts, Options, Poll, Preview, Repliers, Segment, SegmentPreview, Several,
};
use crate::platforms::findings::Findings;
use crate::platforms::{films, pictures};
use crate::say;

/// What sending shows; it costs nothing.
pub(super) fn preview(content: &Content, media: &[MediaFacts]) -> Preview {
    let shown = |segment: &Segment| {
        let Segment { text, media: ids, poll } = segment;
        SegmentPreview {
            text: text.clone(),
            length: count::length(text),
            length_max: TEXT_MAX,
            media: ids.iter().filter_map(|id| media.iter().find(|facts| facts.id == *id)).cloned().collect(),
            poll: poll.clone(),
            fold: None,
            // §3.1: the first address of a text alone becomes the card.
            card: first_link(text).filter(|_| ids.is_empty() && poll.is_none()).map(str::to_owned),
        }
    };
    let frame = Frame { several: Several::Row, ..Frame::default() };
    Preview { segments: content.segments.iter().map(shown).collect(), frame, cost_usd_micros: 0 }
}

/// All findings, by segment. `can_pull` says whether Threads could fetch media from this server.
pub(super) fn check(content: &Content, media: &[MediaFacts], can_pull: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for (part, segment) in content.segments.iter().enumerate() {
        let mut of = Findings { part: Some(part), found: &mut found };
        check_text(segment, &mut of);
        check_media(segment, media, &mut of);
        if !segment.media.is_empty() && !can_pull {
            of.error(say!("threads-media-unreachable"));
        }
        if let Some(poll) = &segment.poll {
            check_poll(poll, segment, &mut of);
        }
    }
    let mut of = Findings { part: None, found: &mut found };
    let parts = content.segments.len();
    if parts == 0 {
        of.error(say!("threads-text-empty"));
    }
    if parts > CHAIN_PARTS_MAX {
        of.error(say!("threads-chain-too-long", count = parts, max = CHAIN_PARTS_MAX));
    }
    check_options(&content.options, &mut of);
    found
}

fn check_text(segment: &Segment, of: &mut Findings<'_>) {
    let text = &segment.text;
    if text.trim().is_empty() && segment.media.is_empty() {
        of.error(say!("threads-text-empty"));
    }
    if let Some(split) = count::cut(text) {
        let length = count::length(text);
        let over = length - TEXT_MAX;
        let (fits, cut) = (split.fits, split.cut);
        of.error(say!("threads-text-too-long", length = length, max = TEXT_MAX, over = over, fits = fits, cut = cut));
    }
    let links = count::links(text).len();
    if links > LINKS_MAX {
        of.error(say!("threads-links-too-many", count = links, max = LINKS_MAX));
    }
    let tags = count::tags(text);
    if tags > 1 {
        of.warning(say!("threads-topic-one", count = tags));
    }
}

fn check_media(segment: &Segment, media: &[MediaFacts], of: &mut Findings<'_>) {
    for id in &segment.media {
        let Some(facts) = media.iter().find(|facts| facts.id == *id) else {
            of.error(say!("threads-media-missing", media = id.as_str()));
            continue;
        };
        match Kind::of(&facts.mime) {
            Some(kind) => check_medium(kind, facts, of),
            None => of.error(say!("threads-media-kind", media = id.as_str(), mime = &facts.mime)),
        }
    }
    if segment.media.len() > MEDIA_MAX {
        of.error(say!("threads-media-too-many", count = segment.media.len(), max = MEDIA_MAX));
    }
}

fn check_medium(kind: Kind, facts: &MediaFacts, of: &mut Findings<'_>) {
    let id = facts.id.as_str();
    let megabytes = kind.megabytes_max();
    if kind == Kind::Image {
        pictures::check(Network::Threads, &IMAGE, facts, of);
    // Decimal megabytes: the smaller reading of "MB" is refused by nobody.
    } else if facts.bytes > megabytes * 1_000_000 {
        let given = format!("{}.{}", facts.bytes / 1_000_000, facts.bytes / 100_000 % 10);
        of.error(say!("threads-media-too-large", media = id, megabytes = given, max = megabytes));
    }
    // 0 means that the size could not be read; Threads will tell.
    if facts.width > 0 && facts.height > 0 {
        let size = format!("{}x{}", facts.width, facts.height);
        let (least, most) = (*kind.ratio_centi().start(), *kind.ratio_centi().end());
        // By multiplying: a quotient would round what is just outside to what is just inside.
        let (wide, high) = (facts.width * 100, facts.height);
        if wide > most * high || wide < least * high {
            of.error(say!("threads-media-aspect", media = id, size = &size));
        }
        if kind == Kind::Video && facts.width > VIDEO_WIDTH_MAX {
            of.error(say!("threads-video-width", media = id, size = &size, max = VIDEO_WIDTH_MAX));
        }
    }
    if kind == Kind::Video {
        films::check(Network::Threads, &WRITTEN, facts, of);
    }
    if kind == Kind::Video && facts.duration_ms > 0 && !VIDEO_MS.contains(&facts.duration_ms) {
        let seconds = format!("{}.{}", facts.duration_ms / 1000, facts.duration_ms / 100 % 10);
        of.error(say!("threads-video-length", media = id, seconds = seconds, max = VIDEO_MS.end() / 1000));
    }
    let alt_chars = facts.alt.as_deref().unwrap_or("").chars().count();
    if alt_chars > ALT_CHARS_MAX {
        of.error(say!("threads-alt-too-long", media = id, length = alt_chars, max = ALT_CHARS_MAX));
    }
}

fn check_poll(poll: &Poll, segment: &Segment, of: &mut Findings<'_>) {
    let (least, most) = (*POLL_OPTIONS.start(), *POLL_OPTIONS.end());
    if !POLL_OPTIONS.contains(&poll.options.len()) {
        of.error(say!("threads-poll-options", count = poll.options.len(), min = least, max = most));
    }
    for (no, option) in poll.options.iter().enumerate() {
        let length = option.chars().count();
        if option.trim().is_empty() || length > POLL_OPTION_CHARS_MAX {
            of.error(say!("threads-poll-option-length", no = no + 1, length = length, max = POLL_OPTION_CHARS_MAX));
        }
    }
    if poll.minutes != POLL_MINUTES {
        of.warning(say!("threads-poll-day"));
    }
    if !segment.media.is_empty() {
        of.error(say!("threads-poll-with-media"));
    }
}

fn check_options(options: &Options, of: &mut Findings<'_>) {
    // Taken apart, so that a new choice cannot be forgotten here.
    let Options { repliers, made_with_ai, paid_partnership, instagram: _, tiktok: _, youtube: _ } = options;
    if repliers.is_some_and(|repliers| reply_control(repliers).is_none()) {
        of.error(say!("threads-repliers"));
    }
    if *made_with_ai || *paid_partnership {
        of.warning(say!("threads-disclosure"));
    }
}

/// The word of `reply_control` (§3.1); `None` where Threads has no such audience.
pub(super) const fn reply_control(repliers: Repliers) -> Option<&'static str> {
    match repliers {
        Repliers::Following => Some("accounts_you_follow"),
        Repliers::Mentioned => Some("mentioned_only"),
        Repliers::Subscribers | Repliers::Verified => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MediaId;
    use crate::domain::post::Inside;
    use crate::domain::post::Severity;

    fn segment(text: &str) -> Segment {
        Segment { text: text.into(), ..Segment::default() }
    }

    fn keys(segments: Vec<Segment>, media: &[MediaFacts]) -> Vec<String> {
        let content = Content { segments, ..Content::default() };
        check(&content, media, true).into_iter().map(|finding| finding.what.key).collect()
    }

    fn medium(mime: &str, change: impl FnOnce(&mut MediaFacts)) -> MediaFacts {
        let mut facts = MediaFacts {
            id: MediaId::generate(1, 1),
            mime: mime.into(),
            bytes: 1000,
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
        let facts = medium(mime, change);
        keys(vec![Segment { media: vec![facts.id.clone()], ..Segment::default() }], &[facts])
    }

    fn poll(options: &[&str]) -> Segment {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Segment { poll: Some(Poll { options, minutes: 1440 }), ..segment("which?") }
    }

    /// Each limit just inside, where nothing is found, and just outside.
    #[test]
    fn each_limit_of_text_poll_and_chain_just_inside_and_just_outside() {
        let none: [&str; 0] = [];
        assert_eq!(keys(vec![segment(&"字".repeat(500))], &[]), none);
        assert_eq!(keys(vec![segment(&"字".repeat(501))], &[]), ["threads-text-too-long"]);
        assert_eq!(keys(vec![segment(&"😀".repeat(125))], &[]), none);
        assert_eq!(keys(vec![segment(&format!("{}a", "😀".repeat(125)))], &[]), ["threads-text-too-long"]);
        assert_eq!(keys(vec![segment(" \n")], &[]), ["threads-text-empty"]);
        assert_eq!(keys(vec![], &[]), ["threads-text-empty"]);
        let linked = |count: usize| (0..count).map(|n| format!("https://a.example/{n} ")).collect::<String>();
        assert_eq!(
            keys(vec![segment(&format!("{} https://a.example/0", linked(5)))], &[]),
            none,
            "equal ones count once"
        );
        assert_eq!(keys(vec![segment(&linked(6))], &[]), ["threads-links-too-many"]);
        assert_eq!(keys(vec![segment("#one")], &[]), none);
        assert_eq!(keys(vec![segment("#one #two")], &[]), ["threads-topic-one"]);
        assert_eq!(keys(vec![poll(&["a", &"あ".repeat(25), "c", "d"])], &[]), none);
        assert_eq!(keys(vec![poll(&["a", &"あ".repeat(26)])], &[]), ["threads-poll-option-length"]);
        assert_eq!(keys(vec![poll(&["a"])], &[]), ["threads-poll-options"]);
        assert_eq!(keys(vec![poll(&["a", "b", "c", "d", "e"])], &[]), ["threads-poll-options"]);
        assert_eq!(keys((0..25).map(|n| segment(&n.to_string())).collect(), &[]), none);
        assert_eq!(keys((0..26).map(|n| segment(&n.to_string())).collect(), &[]), ["threads-chain-too-long"]);
    }

    #[test]
    fn each_limit_of_media_just_inside_and_just_outside() {
        let none: [&str; 0] = [];
        let (image, video) = ("image/jpeg", "video/mp4");
        assert_eq!(of_medium(image, |m| m.bytes = 8_000_000), none);
        assert_eq!(of_medium(image, |m| m.bytes = 8_000_001), ["picture-made-bytes"]);
        assert_eq!(of_medium(video, |m| m.bytes = 1_000_000_000), none);
        assert_eq!(of_medium(video, |m| m.bytes = 1_000_000_001), ["threads-media-too-large"]);
        assert_eq!(of_medium(image, |m| (m.width, m.height) = (1000, 100)), none);
        assert_eq!(of_medium(image, |m| (m.width, m.height) = (1001, 100)), ["threads-media-aspect"]);
        assert_eq!(of_medium(image, |m| (m.width, m.height) = (1, 5000)), none, "upright pictures have no bound");
        assert_eq!(of_medium(video, |m| (m.width, m.height) = (10, 1000)), none);
        assert_eq!(of_medium(video, |m| (m.width, m.height) = (10, 1001)), ["threads-media-aspect"]);
        assert_eq!(of_medium(video, |m| (m.width, m.height) = (1920, 1080)), none);
        assert_eq!(of_medium(video, |m| (m.width, m.height) = (1921, 1080)), ["threads-video-width"]);
        assert_eq!(of_medium(video, |m| m.duration_ms = 300_000), none);
        assert_eq!(of_medium(video, |m| m.duration_ms = 300_001), ["threads-video-length"]);
        assert_eq!(of_medium(video, |m| m.alt = Some("あ".repeat(1000))), none);
        assert_eq!(of_medium(video, |m| m.alt = Some("あ".repeat(1001))), ["threads-alt-too-long"]);
        for mime in ["image/jpeg", "image/png", "video/mp4", "video/quicktime"] {
            assert_eq!(of_medium(mime, |_| {}), none, "{mime}");
        }
        assert_eq!(of_medium("image/webp", |_| {}), ["picture-made-type"]);
        for mime in ["image/gif", "application/pdf"] {
            assert_eq!(of_medium(mime, |_| {}), ["threads-media-kind"], "{mime}");
        }
        let facts: Vec<_> = (0..21)
            .map(|n| MediaFacts {
                id: MediaId::generate(1, n),
                ..medium(if n % 2 == 0 { image } else { video }, |_| {})
            })
            .collect();
        let with = |count: usize| {
            let media = facts[..count].iter().map(|facts| facts.id.clone()).collect();
            keys(vec![Segment { media, ..Segment::default() }], &facts)
        };
        assert_eq!(with(20), none, "pictures and videos mix");
        assert_eq!(with(21), ["threads-media-too-many"]);
        let both = Segment { media: vec![facts[0].id.clone()], ..poll(&["a", "b"]) };
        assert_eq!(keys(vec![both], &facts), ["threads-poll-with-media"]);
        assert_eq!(
            keys(vec![Segment { media: vec![facts[0].id.clone()], ..segment("x") }], &[]),
            ["threads-media-missing"]
        );
    }

    #[test]
    fn media_are_refused_where_threads_could_not_fetch_them_and_options_where_it_has_none() {
        let facts = medium("image/png", |_| {});
        let segments = vec![Segment { media: vec![facts.id.clone()], ..segment("x") }];
        let content = Content { segments, ..Content::default() };
        let found = check(&content, &[facts], false);
        assert_eq!(
            found.iter().map(|f| (f.severity, &*f.what.key)).collect::<Vec<_>>(),
            [(Severity::Error, "threads-media-unreachable")]
        );
        let options = |repliers, made_with_ai| {
            let options = Options { repliers, made_with_ai, ..Options::default() };
            let content = Content { segments: vec![segment("x")], options };
            check(&content, &[], false).into_iter().map(|f| (f.severity, f.what.key)).collect::<Vec<_>>()
        };
        assert!(options(Some(Repliers::Mentioned), false).is_empty());
        assert_eq!(options(Some(Repliers::Verified), false), [(Severity::Error, "threads-repliers".to_owned())]);
        assert_eq!(options(None, true), [(Severity::Warning, "threads-disclosure".to_owned())]);
        let preview = preview(&content, &[]);
        assert_eq!((preview.segments[0].length, preview.segments[0].length_max, preview.cost_usd_micros), (1, 500, 0));
    }

    #[test]
    fn the_first_address_of_a_text_alone_becomes_its_card() {
        let card = |text: &str, media: Vec<MediaId>| {
            let segment = Segment { media, ..segment(text) };
            preview(&Content { segments: vec![segment], ..Content::default() }, &[]).segments.remove(0).card
        };
        let text = "See https://z.example/one, then https://a.example/two.";
        assert_eq!(card(text, Vec::new()).as_deref(), Some("https://z.example/one"));
        assert_eq!(card("no address", Vec::new()), None);
        assert_eq!(card(text, vec![MediaId::generate(1, 1)]), None);
    }

    #[test]
    fn how_a_video_is_written_is_looked_at_as_far_as_it_is_known() {
        let of = |change: fn(&mut Inside)| of_medium("video/mp4", |m| change(&mut m.inside));
        assert_eq!(of(|inside| inside.video = Some(Inside::H265.into())), Vec::<String>::new());
        assert_eq!(of(|inside| inside.video = Some(Inside::VP9.into())), ["film-codec"]);
        assert_eq!(of(|inside| inside.video = Some("ap4h".into())), ["film-codec"]);
        for (centi, is_fine) in [(2_250, true), (2_249, false), (6_050, true), (6_051, false)] {
            let mut inside = Inside { centi_fps: Some(centi), ..Inside::default() };
            let found = of_medium("video/mp4", |m| std::mem::swap(&mut m.inside, &mut inside));
            assert_eq!(found, if is_fine { Vec::new() } else { vec!["film-fps".to_owned()] }, "{centi}");
        }
        assert_eq!(of(|inside| inside.index_first = Some(true)), Vec::<String>::new());
        assert_eq!(of(|inside| inside.index_first = Some(false)), ["film-index"]);
    }
}
