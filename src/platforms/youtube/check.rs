//! What YouTube would refuse and what the author should know, before anything is sent (platforms/google.md §4.4), and what a reader will see. Pure.

use super::limits::{
    CATEGORIES, DESCRIPTION_BYTES_MAX, Kind, SHORT_MS_MAX, TAGS_CHARS_MAX, THUMBNAIL, TITLE_CHARS_MAX,
    UNVERIFIED_MS_MAX, VIDEO_BYTES_MAX,
};
use super::metadata::titled;
use crate::domain::network::Network;
use crate::domain::post::{
    Content, Finding, Frame, Leads, MediaFacts, Options, Preview, Segment, SegmentPreview, Visibility, YouTubeOptions,
};
use crate::domain::video::VideoWords;
use crate::platforms::findings::Findings;
use crate::platforms::pictures;
use crate::say;

/// What YouTube does not take in titles, descriptions and tags.
const FORBIDDEN: [char; 2] = ['<', '>'];

/// What sending shows; it costs nothing.
pub(super) fn preview(content: &Content, media: &[MediaFacts]) -> Preview {
    let shown = |segment: &Segment| {
        let Segment { text, media: ids, poll } = segment;
        let (title, description) = titled(text, &content.options);
        SegmentPreview {
            length: description.len(),
            length_max: DESCRIPTION_BYTES_MAX,
            media: ids.iter().filter_map(|id| media.iter().find(|facts| facts.id == *id)).cloned().collect(),
            poll: poll.clone(),
            fold: Some(title.chars().count()).filter(|_| !description.is_empty()),
            card: None,
            text: if description.is_empty() { title } else { format!("{title}\n\n{description}") },
        }
    };
    let frame = Frame { leads: Leads::Media, ..Frame::default() };
    Preview { segments: content.segments.iter().map(shown).collect(), cost_usd_micros: 0, frame }
}

/// All findings, by segment.
pub(super) fn check(content: &Content, media: &[MediaFacts], is_audited: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for (part, segment) in content.segments.iter().enumerate() {
        let mut of = Findings { part: Some(part), found: &mut found };
        check_text(segment, &content.options, &mut of);
        check_media(segment, media, &mut of);
        if segment.poll.is_some() {
            of.error(say!("youtube-poll"));
        }
    }
    let mut of = Findings { part: None, found: &mut found };
    match content.segments.len() {
        0 => of.error(say!("youtube-video-none")),
        1 => {}
        parts => of.error(say!("youtube-no-threads", count = parts)),
    }
    check_options(&content.options, is_audited, &mut of);
    found
}

fn check_text(segment: &Segment, options: &Options, of: &mut Findings<'_>) {
    let (title, description) = titled(&segment.text, options);
    check_titled((&title, &description), of);
}

fn check_titled((title, description): (&str, &str), of: &mut Findings<'_>) {
    let length = title.chars().count();
    if title.is_empty() {
        of.error(say!("youtube-title-none"));
    }
    if length > TITLE_CHARS_MAX {
        of.error(say!("youtube-title-too-long", length = length, max = TITLE_CHARS_MAX));
    }
    if description.len() > DESCRIPTION_BYTES_MAX {
        let over = description.len() - DESCRIPTION_BYTES_MAX;
        of.error(say!("youtube-text-too-long", length = description.len(), max = DESCRIPTION_BYTES_MAX, over = over));
    }
    if title.contains(FORBIDDEN) || description.contains(FORBIDDEN) {
        of.error(say!("youtube-brackets"));
    }
}

/// What YouTube would refuse of what is to be said of a video that is there.
pub(super) fn words_findings(words: &VideoWords) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut of = Findings { part: None, found: &mut found };
    check_titled((&words.title, &words.description), &mut of);
    check_tags(&words.tags, &mut of);
    found
}

/// The same of a picture that is to stand for it.
pub(super) fn picture_findings(facts: &MediaFacts) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut of = Findings { part: None, found: &mut found };
    match Kind::of(&facts.mime) {
        Some(Kind::Thumbnail) => check_thumbnail(facts, &mut of),
        Some(Kind::Video) | None => {
            of.error(say!("youtube-media-kind", media = facts.id.as_str(), mime = &facts.mime));
        }
    }
    found
}

fn check_media(segment: &Segment, media: &[MediaFacts], of: &mut Findings<'_>) {
    let (mut videos, mut thumbnails) = (0, 0);
    for id in &segment.media {
        let Some(facts) = media.iter().find(|facts| facts.id == *id) else {
            of.error(say!("youtube-media-missing", media = id.as_str()));
            continue;
        };
        match Kind::of(&facts.mime) {
            Some(Kind::Video) => {
                videos += 1;
                check_video(facts, of);
            }
            Some(Kind::Thumbnail) => {
                thumbnails += 1;
                check_thumbnail(facts, of);
            }
            None => of.error(say!("youtube-media-kind", media = id.as_str(), mime = &facts.mime)),
        }
    }
    match videos {
        0 => of.error(say!("youtube-video-none")),
        1 => {}
        several => of.error(say!("youtube-videos-several", count = several)),
    }
    if thumbnails > 1 {
        of.error(say!("youtube-thumbnails-several", count = thumbnails));
    }
}

fn check_video(facts: &MediaFacts, of: &mut Findings<'_>) {
    let id = facts.id.as_str();
    if facts.bytes > VIDEO_BYTES_MAX {
        of.error(say!("youtube-video-too-large", media = id, max = VIDEO_BYTES_MAX >> 30));
    }
    if facts.duration_ms > UNVERIFIED_MS_MAX {
        of.warning(say!("youtube-video-long", media = id, minutes = UNVERIFIED_MS_MAX / 60_000));
    }
    if is_short(facts) {
        of.warning(say!("youtube-short"));
    }
    check_alt(facts, of);
}

/// YouTube decides by these two alone; nothing can be said about it in a call.
fn is_short(facts: &MediaFacts) -> bool {
    (1..=SHORT_MS_MAX).contains(&facts.duration_ms) && facts.width > 0 && facts.height >= facts.width
}

fn check_thumbnail(facts: &MediaFacts, of: &mut Findings<'_>) {
    pictures::check(Network::YouTube, &THUMBNAIL, facts, of);
    check_alt(facts, of);
}

fn check_alt(facts: &MediaFacts, of: &mut Findings<'_>) {
    if facts.alt.as_deref().is_some_and(|alt| !alt.trim().is_empty()) {
        of.warning(say!("youtube-alt", media = facts.id.as_str()));
    }
}

fn check_options(options: &Options, is_audited: bool, of: &mut Findings<'_>) {
    // Taken apart, so that a new choice cannot be forgotten here.
    let Options { repliers, made_with_ai: _, paid_partnership, instagram: _, tiktok: _, youtube } = options;
    let YouTubeOptions { title: _, tags, category, for_kids, visibility, quiet: _ } = youtube;
    if repliers.is_some() {
        of.error(say!("youtube-repliers"));
    }
    if *paid_partnership {
        of.warning(say!("youtube-paid"));
    }
    if for_kids.is_none() {
        of.error(say!("youtube-for-kids"));
    }
    check_tags(tags, of);
    if let Some(category) = category.as_ref().filter(|category| CATEGORIES.iter().all(|(id, _)| id != category)) {
        of.error(say!("youtube-category", category = category));
    }
    match visibility {
        Visibility::Public | Visibility::Unlisted if !is_audited => of.error(say!("youtube-unaudited")),
        Visibility::Public | Visibility::Unlisted | Visibility::Private => {}
    }
}

fn check_tags(tags: &[String], of: &mut Findings<'_>) {
    let length = tags_length(tags);
    if length > TAGS_CHARS_MAX {
        of.error(say!("youtube-tags-too-long", length = length, max = TAGS_CHARS_MAX));
    }
    if let Some(tag) = tags.iter().find(|tag| tag.trim().is_empty() || tag.contains(FORBIDDEN) || tag.contains(',')) {
        of.error(say!("youtube-tag-wrong", tag = tag));
    }
}

/// As YouTube counts them: with the commas between, and with quotes around those of several words.
fn tags_length(tags: &[String]) -> usize {
    let of = |tag: &String| tag.chars().count() + if tag.contains(' ') { 2 } else { 0 };
    tags.iter().map(of).sum::<usize>() + tags.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MediaId;
    use crate::domain::post::Inside;
    use crate::domain::post::{Repliers, Severity};

    const NONE: [&str; 0] = [];

    fn medium(no: u128, mime: &str, change: impl FnOnce(&mut MediaFacts)) -> MediaFacts {
        let mut facts = MediaFacts {
            id: MediaId::generate(1, no),
            mime: mime.into(),
            bytes: 100_000,
            sha256: String::new(),
            width: 1_920,
            height: 1_080,
            duration_ms: 60_000,
            alt: None,
            inside: Inside::default(),
        };
        change(&mut facts);
        facts
    }

    fn keys_of(text: &str, media: &[MediaFacts], options: Options) -> Vec<String> {
        let segment =
            Segment { text: text.into(), media: media.iter().map(|facts| facts.id.clone()).collect(), poll: None };
        let content = Content { segments: vec![segment], options };
        check(&content, media, true).into_iter().map(|finding| finding.what.key).collect()
    }

    fn chosen(change: impl FnOnce(&mut YouTubeOptions)) -> Options {
        let mut youtube = YouTubeOptions { for_kids: Some(false), ..YouTubeOptions::default() };
        change(&mut youtube);
        Options { youtube, ..Options::default() }
    }

    fn said(text: &str) -> Vec<String> {
        keys_of(text, &[medium(1, "video/mp4", |_| {})], chosen(|_| {}))
    }

    fn with(change: impl FnOnce(&mut YouTubeOptions)) -> Vec<String> {
        keys_of("Title", &[medium(1, "video/mp4", |_| {})], chosen(change))
    }

    #[test]
    fn each_limit_of_what_is_said_just_inside_and_just_outside() {
        assert_eq!(said(&"題".repeat(100)), NONE);
        assert_eq!(said(&"題".repeat(101)), ["youtube-title-too-long"]);
        assert_eq!(said(&format!("Title\n{}", "a".repeat(5_000))), NONE);
        assert_eq!(said(&format!("Title\n{}", "a".repeat(5_001))), ["youtube-text-too-long"]);
        assert_eq!(said(&format!("Title\n{}ab", "題".repeat(1_666))), NONE, "bytes, not characters");
        assert_eq!(said(&format!("Title\n{}abc", "題".repeat(1_666))), ["youtube-text-too-long"]);
        assert_eq!(said(" \n"), ["youtube-title-none"]);
        assert_eq!(said("a < b"), ["youtube-brackets"]);
        assert_eq!(said("Title\na > b"), ["youtube-brackets"]);
        assert_eq!(with(|o| o.title = Some("題".repeat(101))), ["youtube-title-too-long"]);
        assert_eq!(with(|o| o.title = Some(" ".into())), ["youtube-title-none"]);
        assert_eq!(with(|o| o.tags = vec!["a".repeat(249), "b".repeat(250)]), NONE, "with the comma 500");
        assert_eq!(with(|o| o.tags = vec!["a".repeat(250), "b".repeat(250)]), ["youtube-tags-too-long"]);
        assert_eq!(with(|o| o.tags = vec![format!("a {}", "b".repeat(496))]), NONE, "two quotes");
        assert_eq!(with(|o| o.tags = vec![format!("a {}", "b".repeat(497))]), ["youtube-tags-too-long"]);
        for wrong in ["", " ", "a,b", "<b>"] {
            assert_eq!(with(|o| o.tags = vec![wrong.into()]), ["youtube-tag-wrong"], "{wrong}");
        }
        assert_eq!(with(|o| o.category = Some("27".into())), NONE);
        for wrong in ["18", "30", "x", ""] {
            assert_eq!(with(|o| o.category = Some(wrong.into())), ["youtube-category"], "{wrong}");
        }
        assert_eq!(with(|o| o.for_kids = None), ["youtube-for-kids"]);
    }

    #[test]
    fn one_video_and_at_most_one_thumbnail() {
        let video = |no| medium(no, "video/mp4", |_| {});
        let picture = |no| medium(no, "image/png", |_| {});
        let of = |media: &[MediaFacts]| keys_of("Title", media, chosen(|_| {}));
        assert_eq!(of(&[video(1)]), NONE);
        assert_eq!(of(&[video(1), picture(2)]), NONE);
        assert_eq!(of(&[picture(2), medium(1, "video/quicktime", |_| {})]), NONE);
        assert_eq!(of(&[]), ["youtube-video-none"]);
        assert_eq!(of(&[picture(1)]), ["youtube-video-none"]);
        assert_eq!(of(&[video(1), video(2)]), ["youtube-videos-several"]);
        assert_eq!(of(&[video(1), picture(2), picture(3)]), ["youtube-thumbnails-several"]);
        for mime in ["image/gif", "application/pdf"] {
            assert_eq!(of(&[video(1), medium(2, mime, |_| {})]), ["youtube-media-kind"], "{mime}");
        }
        let one = |change: fn(&mut MediaFacts)| of(&[medium(1, "video/mp4", change)]);
        assert_eq!(one(|m| m.bytes = 256 << 30), NONE);
        assert_eq!(one(|m| m.bytes = (256 << 30) + 1), ["youtube-video-too-large"]);
        assert_eq!(one(|m| m.duration_ms = 900_000), NONE);
        assert_eq!(one(|m| m.duration_ms = 900_001), ["youtube-video-long"]);
        assert_eq!(one(|m| (m.width, m.height, m.duration_ms) = (720, 720, 180_000)), ["youtube-short"]);
        assert_eq!(one(|m| (m.width, m.height, m.duration_ms) = (721, 720, 180_000)), NONE);
        assert_eq!(one(|m| (m.width, m.height, m.duration_ms) = (720, 1_280, 180_001)), NONE);
        assert_eq!(one(|m| (m.width, m.height, m.duration_ms) = (0, 0, 0)), NONE, "not known, not guessed");
        assert_eq!(one(|m| m.alt = Some("x".into())), ["youtube-alt"]);
        let thumbnail = |bytes| of(&[video(1), medium(2, "image/jpeg", |m| m.bytes = bytes)]);
        assert_eq!(thumbnail(2 << 20), NONE);
        assert_eq!(thumbnail((2 << 20) + 1), ["picture-made-bytes"]);
        assert_eq!(of(&[video(1), medium(2, "image/webp", |_| {})]), ["picture-made-type"]);
        let content = Content { segments: vec![Segment::default(), Segment::default()], options: chosen(|_| {}) };
        assert!(check(&content, &[], true).iter().any(|finding| finding.what.key == "youtube-no-threads"));
    }

    #[test]
    fn without_an_audit_nothing_but_a_private_video_may_be_planned() {
        let film = [medium(1, "video/mp4", |_| {})];
        let of = |visibility| {
            let segment = Segment { text: "T".into(), media: vec![film[0].id.clone()], poll: None };
            let content = Content { segments: vec![segment], options: chosen(|o| o.visibility = visibility) };
            check(&content, &film, false).into_iter().map(|f| (f.severity, f.what.key)).collect::<Vec<_>>()
        };
        let refused = [(Severity::Error, "youtube-unaudited".to_owned())];
        assert_eq!((of(Visibility::Public), of(Visibility::Unlisted)), (refused.to_vec(), refused.to_vec()));
        assert_eq!(of(Visibility::Private), []);
    }

    #[test]
    fn what_is_not_youtube_s_is_said_and_a_preview_shows_title_and_description() {
        let options = Options { repliers: Some(Repliers::Following), paid_partnership: true, ..chosen(|_| {}) };
        let film = [medium(1, "video/mp4", |_| {})];
        assert_eq!(keys_of("T", &film, options), ["youtube-repliers", "youtube-paid"]);
        let content = Content {
            segments: vec![Segment { text: "Title\nDescription".into(), media: vec![film[0].id.clone()], poll: None }],
            options: chosen(|_| {}),
        };
        let shown = preview(&content, &film).segments.remove(0);
        assert_eq!((shown.text.as_str(), shown.length, shown.media.len()), ("Title\n\nDescription", 11, 1));
    }
}
