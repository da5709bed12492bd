//! Posts as pictures: what an account would show, drawn in the reader's language, and the same in words for whoever does not see it. Where the
//! picture goes is decided by whoever asks for it; what stands in it comes from the preview alone, and no page behind a link is asked.

use url::Url;

use super::App;
use crate::domain::account::Account;
use crate::domain::lang::Lang;
use crate::domain::post::{Frame, Leads, MediaFacts, Preview, SegmentPreview, Several};
use crate::domain::pressed::pressed;
use crate::domain::shelf::MediaFile;
use crate::i18n::Words;
use crate::media::Thumb;
use crate::pictures::{Arranged, Kind, MEDIA_SHOWN, Medium, Order, PARTS_SHOWN, Part, Pixels, Post, Theme, draw_post};
use crate::say;

/// Characters of a part's text in words: all of it stands beside the picture.
const TOLD_CHARS: usize = 280;
/// Points of a side that all photographs of a picture share: more make it larger than chat services like.
const SIDE: f64 = 440.0;
/// A smaller one shows nothing.
const SIDE_MIN: f64 = 120.0;

impl App {
    /// What an account would show, as PNG. Nothing when it could not be drawn: all of it is in words, too.
    pub async fn picture(&self, lang: Lang, (account, preview): (&Account, &Preview), theme: Theme) -> Option<Vec<u8>> {
        let mut parts = Vec::new();
        let side = side(preview);
        for segment in preview.segments.iter().take(PARTS_SHOWN) {
            parts.push(self.part(lang, (segment, preview.frame), side).await);
        }
        // Those that are not drawn are counted by their number alone.
        parts.resize_with(preview.segments.len(), Part::default);
        let text = |key: &str| self.words().text(lang, key);
        let others = preview.segments.len().saturating_sub(PARTS_SHOWN);
        let (more, marks) = (text("picture-more"), text("picture-marks"));
        let others = self.words().say(lang, &say!("picture-others", count = others));
        let (name, handle, network) = (account.name.clone(), account.handle.clone(), account.network.shown());
        let face = self.face(account).await;
        let drawing = tokio::task::spawn_blocking(move || {
            let (name, handle) = (name.as_str(), handle.as_str());
            let (parts, more, others, marks) = (parts.as_slice(), more.as_str(), others.as_str(), marks.as_str());
            draw_post(&Post { name, handle, face: face.as_ref(), network, parts, more, others, marks }, theme)
        });
        match drawing.await {
            Ok(Ok(png)) => return Some(png),
            Ok(Err(error)) => tracing::warn!(error = %error, "a post has no picture"),
            Err(error) => tracing::error!(error = %error, "a picture of a post was not finished"),
        }
        None
    }

    /// The account's picture, where it has one that can be read.
    async fn face(&self, account: &Account) -> Option<Pixels> {
        account.avatar_at?;
        let found = match self.store.find_avatar(&account.id, &account.workspace).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::warn!(error = %error, "an account's picture is missing in the picture of a post");
                return None;
            }
        };
        self.media.render_face(found).await.map(pixels_of)
    }

    async fn part(&self, lang: Lang, (segment, frame): (&SegmentPreview, Frame), side: u32) -> Part {
        // Taken apart, so that a new part of it cannot be forgotten here: whoever looks is to see it.
        let SegmentPreview { text, length, length_max, media, poll, fold, card } = segment;
        let crops = crops(frame, media);
        let mut drawn = Vec::new();
        for (no, (facts, crop)) in media.iter().zip(crops).enumerate() {
            let pixels = if no < MEDIA_SHOWN { self.pixels(facts, side).await } else { None };
            let label = label(facts, pixels.is_some());
            drawn.push(Medium { kind: kind(facts), size: (facts.width, facts.height), crop, pixels, label });
        }
        Part {
            links: pressed(text),
            text: text.clone(),
            fold: *fold,
            length: (*length, *length_max),
            card: card.as_deref().map(card_of),
            media: drawn,
            arranged: match frame.several {
                Several::Grid => Arranged::Grid,
                Several::Row | Several::RowAsFirst => Arranged::Row,
            },
            order: match frame.leads {
                Leads::Text => Order::TextFirst,
                Leads::Media => Order::MediaFirst,
            },
            poll: poll.as_ref().map(|poll| (poll.options.clone(), self.words().say(lang, &poll.wording()))),
        }
    }

    /// A photograph's points; nothing for what is none, or cannot be read.
    async fn pixels(&self, facts: &MediaFacts, side: u32) -> Option<Pixels> {
        if kind(facts) != Kind::Picture {
            return None;
        }
        let file = MediaFile::new(facts.clone(), self.publisher.shelf.clone());
        match self.media.render_thumb(&file, side).await {
            Ok(thumb) => thumb.map(pixels_of),
            Err(error) => {
                tracing::warn!(error = %error, "a photograph is missing in the picture of a post");
                None
            }
        }
    }
}

fn pixels_of(Thumb { width, height, rgba }: Thumb) -> Pixels {
    Pixels { width, height, rgba }
}

/// Points of a side that each photograph gets.
fn side(preview: &Preview) -> u32 {
    let shown = preview.segments.iter().take(PARTS_SHOWN);
    let all: usize = shown.map(|segment| segment.media.len().min(MEDIA_SHOWN)).sum();
    let many = f64::from(u32::try_from(all).unwrap_or(u32::MAX).max(1));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two small numbers")]
    let side = (SIDE / many.sqrt()).max(SIDE_MIN) as u32;
    side
}

fn kind(facts: &MediaFacts) -> Kind {
    match facts.mime.split('/').next() {
        Some("image") => Kind::Picture,
        Some("video") => Kind::Film,
        Some(_) | None => Kind::Document,
    }
}

/// What each of several is cut to: its own shape's limit, or where the first decides, that one's.
fn crops(frame: Frame, media: &[MediaFacts]) -> Vec<Option<(i64, i64)>> {
    let first = media.first().filter(|_| media.len() > 1 && frame.several == Several::RowAsFirst);
    let shape = first.map(|first| frame.crop(first).unwrap_or((first.width, first.height)));
    media.iter().map(|facts| shape.filter(|(wide, _)| *wide > 0).or_else(|| frame.crop(facts))).collect()
}

/// What stands on a medium: how long a film is, what a document or a picture that cannot be drawn is.
fn label(facts: &MediaFacts, is_drawn: bool) -> String {
    match kind(facts) {
        Kind::Film if facts.duration_ms > 0 => length(facts.duration_ms),
        Kind::Picture if is_drawn => String::new(),
        Kind::Film | Kind::Picture => facts.measured(),
        Kind::Document => facts.alt.clone().unwrap_or_else(|| facts.mime.clone()),
    }
}

fn length(ms: i64) -> String {
    let seconds = (ms + 500) / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// The host of a link, and the address; what its page says is not known here.
fn card_of(link: &str) -> (String, String) {
    let host = Url::parse(link).ok().and_then(|url| url.host_str().map(str::to_owned));
    (host.unwrap_or_else(|| link.to_owned()), link.to_owned())
}

/// For whoever does not see the picture: the same in words, the beginning of each text.
#[must_use]
pub fn told(words: &Words, lang: Lang, (account, preview): (&Account, &Preview)) -> String {
    let say = |sentence: &crate::domain::refusal::Sentence| words.say(lang, sentence);
    let network = account.network.shown();
    let mut said = vec![say(&say!("picture-post", network = network, handle = account.handle.as_str()))];
    let all = preview.segments.len();
    for (no, segment) in preview.segments.iter().enumerate().take(PARTS_SHOWN) {
        if all > 1 {
            said.push(say(&say!("picture-part", no = no + 1, of = all)));
        }
        said.push(beginning(&segment.text));
        said.extend(segment.fold.map(|count| say(&say!("post-fold", count = count))));
        said.extend(segment.card.as_ref().map(|link| say(&say!("post-card", link = link))));
        for (facts, crop) in segment.media.iter().zip(crops(preview.frame, &segment.media)) {
            let alt = facts.alt.clone().unwrap_or_else(|| words.text(lang, "post-no-alt"));
            let cut = crop.filter(|(wide, high)| wide * facts.height != facts.width * high);
            let cut = cut.map(|(wide, high)| say(&say!("picture-cut", shape = format!("{wide}:{high}"))));
            let long = if facts.duration_ms > 0 { format!(", {}", length(facts.duration_ms)) } else { String::new() };
            said.push(format!("[{}{long}] {alt} {}", facts.measured(), cut.unwrap_or_default()).trim_end().to_owned());
        }
        if let Some(poll) = &segment.poll {
            said.push(format!("{} {}", say(&poll.wording()), poll.options.join(" / ")));
        }
        said.push(say(&say!("picture-length", length = segment.length, max = segment.length_max)));
    }
    if all > PARTS_SHOWN {
        said.push(say(&say!("picture-others", count = all - PARTS_SHOWN)));
    }
    said.retain(|line| !line.trim().is_empty());
    said.join("\n")
}

fn beginning(text: &str) -> String {
    let mut begun: String = text.chars().take(TOLD_CHARS).collect();
    if begun.len() < text.len() {
        begun.push('…');
    }
    begun
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MediaId;
    use crate::domain::post::Inside;

    fn facts(mime: &str, (width, height): (i64, i64), duration_ms: i64) -> MediaFacts {
        let (id, sha256) = (MediaId::generate(1, 1), String::new());
        MediaFacts {
            id,
            mime: mime.into(),
            bytes: 1,
            sha256,
            width,
            height,
            duration_ms,
            alt: None,
            inside: Inside::default(),
        }
    }

    #[test]
    fn several_are_cut_as_their_network_says() {
        let (wide, tall) = (facts("image/png", (1_600, 900), 0), facts("image/png", (500, 1_000), 0));
        let both = [wide.clone(), tall.clone()];
        let of = |several, tallest| Frame { several, tallest, ..Frame::default() };
        assert_eq!(crops(of(Several::Grid, None), &both), [None, None]);
        assert_eq!(crops(of(Several::Row, Some((4, 5))), &both), [None, Some((4, 5))]);
        assert_eq!(crops(of(Several::RowAsFirst, Some((4, 5))), &both), vec![Some((1_600, 900)); 2]);
        assert_eq!(crops(of(Several::RowAsFirst, Some((4, 5))), &[tall, wide]), vec![Some((4, 5)); 2]);
        let unknown = facts("video/mp4", (0, 0), 0);
        assert_eq!(crops(of(Several::RowAsFirst, Some((4, 5))), &[unknown.clone(), unknown]), [None, None]);
    }

    #[test]
    fn what_stands_on_a_medium_says_what_it_is() {
        assert_eq!(label(&facts("video/mp4", (1, 1), 75_400), false), "1:15");
        assert_eq!(label(&facts("image/gif", (10, 20), 0), false), "image/gif, 10×20");
        assert_eq!(label(&facts("image/png", (10, 20), 0), true), "");
        assert_eq!(label(&facts("application/pdf", (0, 0), 0), false), "application/pdf");
        assert_eq!(card_of("https://example.com/a?b"), ("example.com".into(), "https://example.com/a?b".into()));
    }
}
