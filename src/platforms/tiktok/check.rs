//! What TikTok would refuse and what the author should know, before anything is sent (platforms/tiktok.md §4, §5), and what a reader will see.
//! Pure. What TikTok says of the account itself is asked right before each post, in `creator`.

use super::limits::{Kind, PHOTO, PHOTOS_MAX, TITLE_MAX, VIDEO_GIGABYTES_MAX, VIDEO_SECONDS_MAX, VIDEO_SIDES, WRITTEN};
use crate::domain::network::Network;
use crate::domain::post::{
    Content, Finding, Frame, Leads, MediaFacts, Options, Preview, Segment, SegmentPreview, Several, TikTokOptions,
    TikTokPrivacy,
};
use crate::platforms::findings::Findings;
use crate::platforms::{films, pictures, utf16};
use crate::say;

/// How much of what fits is shown before the place where it has to end.
const FITS_SHOWN: usize = 60;

/// What TikTok lets the app do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct App {
    /// It may post for others than the author (§5).
    pub(super) is_audited: bool,
    /// TikTok could fetch media from this server (§4.5).
    pub(super) can_pull: bool,
}

/// What sending shows; it costs nothing.
pub(super) fn preview(content: &Content, media: &[MediaFacts]) -> Preview {
    let shown = |segment: &Segment| {
        let Segment { text, media: ids, poll } = segment;
        let media: Vec<MediaFacts> =
            ids.iter().filter_map(|id| media.iter().find(|facts| facts.id == *id)).cloned().collect();
        SegmentPreview {
            text: text.clone(),
            length: utf16::length(text),
            length_max: media.first().and_then(|first| Kind::of(&first.mime)).unwrap_or(Kind::Video).text_max(),
            media,
            poll: poll.clone(),
            fold: None,
            card: None,
        }
    };
    let frame = Frame { leads: Leads::Media, several: Several::Row, ..Frame::default() };
    Preview { segments: content.segments.iter().map(shown).collect(), frame, cost_usd_micros: 0 }
}

/// All findings, by segment.
pub(super) fn check(content: &Content, media: &[MediaFacts], app: App) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut first = None;
    for (part, segment) in content.segments.iter().enumerate() {
        let mut of = Findings { part: Some(part), found: &mut found };
        if segment.poll.is_some() {
            of.error(say!("tiktok-poll"));
        }
        let kind = check_media(segment, media, app, &mut of);
        first = first.or(kind);
        check_text(&segment.text, kind, content.options.tiktok.draft, &mut of);
    }
    let mut of = Findings { part: None, found: &mut found };
    match content.segments.len() {
        0 => of.error(say!("tiktok-media-none")),
        1 => {}
        parts => of.error(say!("tiktok-no-threads", count = parts)),
    }
    check_options(&content.options, first, app, &mut of);
    found
}

fn check_text(text: &str, kind: Option<Kind>, is_draft: bool, of: &mut Findings<'_>) {
    let kind = kind.unwrap_or(Kind::Video);
    if is_draft && kind == Kind::Video {
        if !text.trim().is_empty() {
            of.warning(say!("tiktok-draft-text"));
        }
        return;
    }
    let max = kind.text_max();
    if let Some((fits, cut)) = utf16::cut(text, max) {
        let length = utf16::length(text);
        // The end of what fits: all of it would hide the sentence.
        let from = fits.char_indices().rev().nth(FITS_SHOWN - 1).map_or(0, |(at, _)| at);
        let (over, fits) = (length - max, &fits[from..]);
        of.error(say!("tiktok-text-too-long", length = length, max = max, over = over, fits = fits, cut = cut));
    }
}

/// What kind of post its media make it.
fn check_media(segment: &Segment, media: &[MediaFacts], app: App, of: &mut Findings<'_>) -> Option<Kind> {
    if segment.media.is_empty() {
        of.error(say!("tiktok-media-none"));
    }
    let mut kinds = Vec::new();
    for id in &segment.media {
        let Some(facts) = media.iter().find(|facts| facts.id == *id) else {
            of.error(say!("tiktok-media-missing", media = id.as_str()));
            continue;
        };
        match Kind::of(&facts.mime) {
            Some(Kind::Photo) => {
                pictures::check(Network::TikTok, &PHOTO, facts, of);
            }
            Some(Kind::Video) => check_video(facts, of),
            None => of.error(say!("tiktok-media-kind", media = id.as_str(), mime = &facts.mime)),
        }
        kinds.extend(Kind::of(&facts.mime));
        if facts.alt.as_deref().is_some_and(|alt| !alt.trim().is_empty()) {
            of.warning(say!("tiktok-alt-unused", media = id.as_str()));
        }
    }
    let photos = kinds.iter().filter(|kind| **kind == Kind::Photo).count();
    if kinds.len() > 1 && photos < kinds.len() {
        of.error(say!("tiktok-media-mixed", max = PHOTOS_MAX));
    } else if photos > PHOTOS_MAX {
        of.error(say!("tiktok-photos-too-many", count = photos, max = PHOTOS_MAX));
    }
    if photos > 0 && !app.can_pull {
        of.error(say!("tiktok-photos-unreachable"));
    }
    kinds.first().copied()
}

fn size(facts: &MediaFacts) -> String {
    format!("{}x{}", facts.width, facts.height)
}

fn check_video(facts: &MediaFacts, of: &mut Findings<'_>) {
    let id = facts.id.as_str();
    if facts.bytes > VIDEO_GIGABYTES_MAX * 1_000_000_000 {
        let given = format!("{}.{}", facts.bytes / 1_000_000_000, facts.bytes / 100_000_000 % 10);
        of.error(say!("tiktok-video-large", media = id, gigabytes = given, max = VIDEO_GIGABYTES_MAX));
    }
    films::check(Network::TikTok, &WRITTEN, facts, of);
    // 0 means that it could not be read; TikTok will tell.
    let is_outside = |side: i64| side > 0 && !VIDEO_SIDES.contains(&side);
    if is_outside(facts.width) || is_outside(facts.height) {
        let (min, max) = (*VIDEO_SIDES.start(), *VIDEO_SIDES.end());
        of.error(say!("tiktok-video-size", media = id, size = size(facts), min = min, max = max));
    }
    if facts.duration_ms > VIDEO_SECONDS_MAX * 1000 {
        let seconds = format!("{}.{}", facts.duration_ms / 1000, facts.duration_ms / 100 % 10);
        of.error(say!("tiktok-video-long", media = id, seconds = seconds, max = VIDEO_SECONDS_MAX));
    }
}

fn check_options(options: &Options, kind: Option<Kind>, app: App, of: &mut Findings<'_>) {
    // Taken apart, so that a new choice cannot be forgotten here.
    let Options { repliers, made_with_ai, paid_partnership, instagram: _, tiktok, youtube: _ } = options;
    let TikTokOptions { privacy, comments, duet, stitch, own_brand, draft, title, music, cover_ms } = tiktok;
    if repliers.is_some() {
        of.error(say!("tiktok-repliers"));
    }
    if let Some(title) = title
        && utf16::length(title) > TITLE_MAX
    {
        of.error(say!("tiktok-title-too-long", length = utf16::length(title), max = TITLE_MAX));
    }
    if *draft {
        let is_dropped = [*comments, *duet, *stitch, *own_brand, *music, *made_with_ai, *paid_partnership];
        if privacy.is_some() || cover_ms.is_some() || is_dropped.contains(&true) {
            of.warning(say!("tiktok-draft-drops"));
        }
        return;
    }
    check_privacy(*privacy, *paid_partnership, app, of);
    let unused: &[(&str, bool)] = match kind {
        Some(Kind::Photo) => &[("duet", *duet), ("stitch", *stitch), ("cover_ms", cover_ms.is_some())],
        Some(Kind::Video) => &[("title", title.is_some()), ("music", *music)],
        None => &[],
    };
    for (choice, _) in unused.iter().filter(|(_, is_chosen)| *is_chosen) {
        of.warning(say!("tiktok-choice-unused", choice = *choice));
    }
    if *made_with_ai && kind == Some(Kind::Photo) {
        of.warning(say!("tiktok-photos-ai"));
    }
}

/// §4.0, §5, §9: chosen by the person, and never for them.
fn check_privacy(privacy: Option<TikTokPrivacy>, is_paid: bool, app: App, of: &mut Findings<'_>) {
    match privacy {
        None => of.error(say!("tiktok-privacy-missing")),
        Some(TikTokPrivacy::OnlyMe) => {
            if is_paid {
                of.error(say!("tiktok-paid-only-me"));
            }
            if !app.is_audited {
                of.warning(say!("tiktok-unaudited-account"));
            }
        }
        Some(TikTokPrivacy::Public | TikTokPrivacy::Followers | TikTokPrivacy::Friends) => {
            if !app.is_audited {
                of.error(say!("tiktok-unaudited"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MediaId;
    use crate::domain::post::Inside;
    use crate::domain::post::{Poll, Repliers};

    const NONE: [&str; 0] = [];
    const ALL: App = App { is_audited: true, can_pull: true };

    fn medium(mime: &str, change: impl FnOnce(&mut MediaFacts)) -> MediaFacts {
        let mut facts = MediaFacts {
            id: MediaId::generate(1, 1),
            mime: mime.into(),
            bytes: 1000,
            sha256: String::new(),
            width: 1080,
            height: 1920,
            duration_ms: if mime.starts_with("video") { 10_000 } else { 0 },
            alt: None,
            inside: Inside::default(),
        };
        change(&mut facts);
        facts
    }

    fn video() -> MediaFacts {
        medium("video/mp4", |_| {})
    }

    fn open() -> TikTokOptions {
        TikTokOptions { privacy: Some(TikTokPrivacy::Public), ..TikTokOptions::default() }
    }

    fn with(tiktok: TikTokOptions) -> Options {
        Options { tiktok, ..Options::default() }
    }

    fn found(text: &str, media: &[MediaFacts], options: Options, app: App) -> Vec<String> {
        let ids = media.iter().map(|facts| facts.id.clone()).collect();
        let segments = vec![Segment { text: text.into(), media: ids, poll: None }];
        check(&Content { segments, options }, media, app).into_iter().map(|finding| finding.what.key).collect()
    }

    fn of_text(text: &str, medium: MediaFacts) -> Vec<String> {
        found(text, &[medium], with(open()), ALL)
    }

    fn of_medium(mime: &str, change: impl FnOnce(&mut MediaFacts)) -> Vec<String> {
        of_text("x", medium(mime, change))
    }

    fn many(count: u128) -> Vec<MediaFacts> {
        (0..count).map(|n| MediaFacts { id: MediaId::generate(1, n), ..medium("image/jpeg", |_| {}) }).collect()
    }

    #[test]
    fn each_limit_of_a_text_just_inside_and_just_outside() {
        assert_eq!(of_text("", video()), NONE);
        assert_eq!(of_text(&"字".repeat(2_200), video()), NONE);
        assert_eq!(of_text(&"字".repeat(2_201), video()), ["tiktok-text-too-long"]);
        assert_eq!(of_text(&"😀".repeat(1_100), video()), NONE, "two units each");
        assert_eq!(of_text(&"😀".repeat(1_101), video()), ["tiktok-text-too-long"]);
        assert_eq!(of_text(&"字".repeat(4_000), medium("image/jpeg", |_| {})), NONE);
        assert_eq!(of_text(&"字".repeat(4_001), medium("image/jpeg", |_| {})), ["tiktok-text-too-long"]);
        for (length, expected) in [(90, &NONE[..]), (91, &["tiktok-title-too-long"][..])] {
            let title = TikTokOptions { title: Some("字".repeat(length)), ..open() };
            assert_eq!(found("x", &[medium("image/webp", |_| {})], with(title), ALL), expected);
        }
    }

    #[test]
    fn each_limit_of_a_medium_just_inside_and_just_outside() {
        let (jpeg, mp4) = ("image/jpeg", "video/mp4");
        let sized = |width, height| move |m: &mut MediaFacts| (m.width, m.height) = (width, height);
        assert_eq!(of_medium(jpeg, sized(1920, 1080)), NONE);
        assert_eq!(of_medium(jpeg, sized(1081, 1081)), ["picture-made-size"]);
        assert_eq!(of_medium(jpeg, sized(1921, 1080)), ["picture-made-size"]);
        assert_eq!(of_medium(jpeg, |m| m.bytes = 20_000_000), NONE);
        assert_eq!(of_medium(jpeg, |m| m.bytes = 20_000_001), ["picture-made-bytes"]);
        assert_eq!(of_medium("image/png", |_| {}), ["picture-made-type"]);
        assert_eq!(of_medium("image/gif", |_| {}), ["tiktok-media-kind"]);
        assert_eq!(of_medium("application/pdf", |_| {}), ["tiktok-media-kind"]);
        assert_eq!(of_medium(mp4, sized(360, 4_096)), NONE);
        assert_eq!(of_medium(mp4, sized(359, 640)), ["tiktok-video-size"]);
        assert_eq!(of_medium(mp4, sized(640, 4_097)), ["tiktok-video-size"]);
        assert_eq!(of_medium(mp4, sized(0, 0)), NONE, "unread");
        assert_eq!(of_medium(mp4, |m| m.duration_ms = 600_000), NONE);
        assert_eq!(of_medium(mp4, |m| m.duration_ms = 600_001), ["tiktok-video-long"]);
        assert_eq!(of_medium(mp4, |m| m.bytes = 4_000_000_000), NONE);
        assert_eq!(of_medium(mp4, |m| m.bytes = 4_000_000_001), ["tiktok-video-large"]);
        assert_eq!(of_medium(mp4, |m| m.alt = Some("A tower".into())), ["tiktok-alt-unused"]);
        assert_eq!(found("x", &many(35), with(open()), ALL), NONE);
        assert_eq!(found("x", &many(36), with(open()), ALL), ["tiktok-photos-too-many"]);
        let mixed = [many(1), vec![MediaFacts { id: MediaId::generate(2, 9), ..video() }]].concat();
        assert_eq!(found("x", &mixed, with(open()), ALL), ["tiktok-media-mixed"]);
        assert_eq!(found("x", &[], with(open()), ALL), ["tiktok-media-none"]);
        let hidden = App { can_pull: false, ..ALL };
        assert_eq!(found("x", &many(1), with(open()), hidden), ["tiktok-photos-unreachable"]);
        assert_eq!(found("x", &[video()], with(open()), hidden), NONE, "videos are sent");
    }

    #[test]
    fn nobody_s_audience_is_chosen_for_them_and_an_app_without_an_audit_says_so_before() {
        let of = |tiktok: TikTokOptions, app| found("x", &[video()], with(tiktok), app);
        let seen_by = |privacy| TikTokOptions { privacy: Some(privacy), ..TikTokOptions::default() };
        assert_eq!(of(TikTokOptions::default(), ALL), ["tiktok-privacy-missing"]);
        let unaudited = App { is_audited: false, ..ALL };
        for privacy in [TikTokPrivacy::Public, TikTokPrivacy::Followers, TikTokPrivacy::Friends] {
            assert_eq!(of(seen_by(privacy), ALL), NONE);
            assert_eq!(of(seen_by(privacy), unaudited), ["tiktok-unaudited"]);
        }
        assert_eq!(of(seen_by(TikTokPrivacy::OnlyMe), unaudited), ["tiktok-unaudited-account"]);
        let draft = TikTokOptions { draft: true, ..TikTokOptions::default() };
        assert_eq!(of(draft.clone(), unaudited), ["tiktok-draft-text"], "the person chooses there");
        let dropped = TikTokOptions { draft: true, comments: true, ..open() };
        assert_eq!(of(dropped, ALL), ["tiktok-draft-text", "tiktok-draft-drops"]);
        let paid = Options { paid_partnership: true, ..with(seen_by(TikTokPrivacy::OnlyMe)) };
        assert_eq!(found("x", &[video()], paid, ALL), ["tiktok-paid-only-me"]);
    }

    #[test]
    fn what_a_kind_of_post_does_not_have_is_told() {
        let all = TikTokOptions {
            duet: true,
            stitch: true,
            cover_ms: Some(1),
            title: Some("t".into()),
            music: true,
            ..open()
        };
        let options = Options { made_with_ai: true, ..with(all.clone()) };
        let of_photos = found("x", &many(1), options.clone(), ALL);
        assert_eq!(
            of_photos,
            ["tiktok-choice-unused", "tiktok-choice-unused", "tiktok-choice-unused", "tiktok-photos-ai"]
        );
        assert_eq!(found("x", &[video()], options, ALL), ["tiktok-choice-unused", "tiktok-choice-unused"]);
        let limited = Options { repliers: Some(Repliers::Following), ..with(open()) };
        assert_eq!(found("x", &[video()], limited, ALL), ["tiktok-repliers"]);
        let of = |segments| {
            let content = Content { segments, options: with(open()) };
            check(&content, &[video()], ALL).into_iter().map(|finding| finding.what.key).collect::<Vec<_>>()
        };
        let part = Segment { text: "x".into(), media: vec![video().id], poll: None };
        let poll = Some(Poll { options: vec!["a".into(), "b".into()], minutes: 60 });
        assert_eq!(of(vec![Segment { poll, ..part.clone() }]), ["tiktok-poll"]);
        assert_eq!(of(vec![part.clone(), part]), ["tiktok-no-threads"]);
        assert_eq!(of(Vec::new()), ["tiktok-media-none"]);
    }

    #[test]
    fn how_a_video_is_written_is_looked_at_as_far_as_it_is_known() {
        let of = |change: fn(&mut Inside)| of_medium("video/mp4", |m| change(&mut m.inside));
        assert_eq!(of(|inside| inside.video = Some(Inside::H265.into())), NONE);
        assert_eq!(of(|inside| inside.video = Some(Inside::VP9.into())), NONE);
        assert_eq!(of(|inside| inside.video = Some("ap4h".into())), ["film-codec"]);
        for (centi, is_fine) in [(2_250, true), (2_249, false), (6_050, true), (6_051, false)] {
            let mut inside = Inside { centi_fps: Some(centi), ..Inside::default() };
            let found = of_medium("video/mp4", |m| std::mem::swap(&mut m.inside, &mut inside));
            assert_eq!(found, if is_fine { Vec::new() } else { vec!["film-fps".to_owned()] }, "{centi}");
        }
        assert_eq!(of(|inside| inside.index_first = Some(true)), NONE);
        assert_eq!(of(|inside| inside.index_first = Some(false)), NONE);
    }
}
