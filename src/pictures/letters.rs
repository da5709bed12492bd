//! Texts as letters that can be drawn: each with its width as the font has it, and a mark for what the font does not have. What lays out text
//! anew (controls, marks of direction, heaps of accents) is left out here; where lines break is decided in `wrap`.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::chart::escape;
use super::paint::FONT;

/// Letters of one text that are looked at: more than any network takes.
const LETTERS_MAX: usize = 6_000;
/// Characters that are drawn as one letter.
const JOINED_MAX: usize = 3;
/// Ems of a mark for an emoji, and of one for a letter.
const EMOJI: f64 = 1.12;
const STRANGE: f64 = 0.56;

/// Widths in ems of every character that the font has.
static WIDTHS: LazyLock<HashMap<char, f64>> = LazyLock::new(|| {
    let Ok(font) = FontRef::new(FONT) else { return HashMap::new() };
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    let width = |(code, glyph)| Some((char::from_u32(code)?, f64::from(metrics.advance_width(glyph)?)));
    font.charmap().mappings().filter_map(width).collect()
});

/// What is drawn for a letter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Itself.
    Text(String),
    /// A blank.
    Blank,
    /// The end of a line.
    End,
    /// A round mark: an emoji or a sign that the font does not have.
    Emoji,
    /// A bar: a letter of a script that the font does not have.
    Strange,
}

/// What a reader sees as one character.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Letter {
    /// What is drawn.
    pub(super) shape: Shape,
    /// Pixels.
    pub(super) width: f64,
    /// It can be pressed: a link, a mention, a tag.
    pub(super) is_marked: bool,
}

impl Letter {
    /// Its first character, for rules about where lines break.
    pub(super) fn char(&self) -> char {
        match &self.shape {
            Shape::Text(text) => text.chars().next().unwrap_or(' '),
            Shape::Blank => ' ',
            Shape::End => '\n',
            Shape::Emoji => '\u{3013}',
            Shape::Strange => 'x',
        }
    }
}

/// The letters of a text in a size; those in `marked` (bytes) can be pressed.
pub(super) fn letters(text: &str, size: f64, marked: &[Range<usize>]) -> Vec<Letter> {
    let mut found = Vec::new();
    for (at, grapheme) in text.grapheme_indices(true).take(LETTERS_MAX) {
        let Some(shape) = shape(grapheme) else { continue };
        let ems = match &shape {
            Shape::Text(text) => text.chars().filter_map(|c| WIDTHS.get(&c)).fold(0.0, |sum, width| sum + width),
            Shape::Blank if grapheme == "\u{3000}" => 1.0,
            Shape::Blank => WIDTHS.get(&' ').copied().unwrap_or(0.25),
            Shape::End => 0.0,
            Shape::Emoji => EMOJI,
            Shape::Strange => STRANGE,
        };
        let is_marked = marked.iter().any(|range| range.contains(&at));
        found.push(Letter { shape, width: ems * size, is_marked });
    }
    found
}

/// What stands for one grapheme; nothing for what is not seen.
fn shape(grapheme: &str) -> Option<Shape> {
    if grapheme.contains(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}']) {
        return Some(Shape::End);
    }
    if grapheme.chars().all(char::is_whitespace) {
        return Some(Shape::Blank);
    }
    // A heap of accents is as long as somebody likes: what comes after the first few is not looked at.
    let seen: Vec<char> = grapheme.chars().filter(|c| !is_unseen(*c)).take(JOINED_MAX + 1).collect();
    let first = *seen.first()?;
    let is_dressed = grapheme.chars().take(JOINED_MAX + 1).any(|c| matches!(c, '\u{fe0f}' | '\u{20e3}'));
    let composed: String = seen.iter().copied().nfc().collect();
    let has = |text: &str| text.chars().all(|c| WIDTHS.contains_key(&c));
    if seen.len() <= JOINED_MAX && has(&composed) && !is_dressed {
        return Some(Shape::Text(composed));
    }
    if WIDTHS.contains_key(&first) && !is_dressed {
        return Some(Shape::Text(first.to_string()));
    }
    Some(if first.is_alphanumeric() && !first.is_ascii() { Shape::Strange } else { Shape::Emoji })
}

/// What is there and not seen: controls, marks of direction and of joining, variants.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// How wide letters are together.
pub(super) fn width(letters: &[Letter]) -> f64 {
    letters.iter().map(|letter| letter.width).sum()
}

/// The letters of a text on one line: what does not find room is cut with three dots.
pub(super) fn fitting(text: &str, size: f64, room: f64) -> Vec<Letter> {
    let mut all = letters(text, size, &[]);
    for letter in &mut all {
        if letter.shape == Shape::End {
            (letter.shape, letter.width) = (Shape::Blank, size * 0.25);
        }
    }
    if width(&all) <= room {
        return all;
    }
    let dots = letters("…", size, &[]);
    let mut left = room - width(&dots);
    let fits = all.iter().take_while(|letter| {
        left -= letter.width;
        left >= 0.0
    });
    let count = fits.count();
    all.truncate(count);
    all.extend(dots);
    all
}

/// Colours of a line: of its words, and of what can be pressed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    /// Of words.
    pub(super) text: &'static str,
    /// Of what can be pressed.
    pub(super) link: &'static str,
    /// Of marks.
    pub(super) mark: &'static str,
}

impl Ink {
    /// All of it in one colour.
    pub(super) const fn plain(text: &'static str, mark: &'static str) -> Self {
        Self { text, link: text, mark }
    }
}

/// Draws letters from `x` on, on the line `y`. Words are placed one by one, so that a blank is as wide as it was counted.
pub(super) fn draw(out: &mut String, letters: &[Letter], (x, y, size): (f64, f64, f64), ink: Ink) {
    let mut at = x;
    let mut rest = letters;
    while let Some(letter) = rest.first() {
        let count = match &letter.shape {
            Shape::Text(_) => {
                let same = |next: &&Letter| matches!(next.shape, Shape::Text(_)) && next.is_marked == letter.is_marked;
                let count = rest.iter().take_while(same).count();
                let colour = if letter.is_marked { ink.link } else { ink.text };
                word(out, &rest[..count], (at, y, size), colour);
                count
            }
            Shape::Emoji => {
                let radius = size * 0.42;
                let (cx, cy) = (at + letter.width / 2.0, y - size * 0.36);
                _ = write!(out, r#"<circle cx="{cx:.1}" cy="{cy:.1}" r="{radius:.1}" fill="{}"/>"#, ink.mark);
                1
            }
            Shape::Strange => {
                let (wide, high) = (letter.width, size * 0.5);
                let top = y - high;
                _ = write!(
                    out,
                    r#"<rect x="{at:.1}" y="{top:.1}" width="{wide:.1}" height="{high:.1}" fill="{}"/>"#,
                    ink.mark
                );
                1
            }
            Shape::Blank | Shape::End => 1,
        };
        at += width(&rest[..count]);
        rest = &rest[count..];
    }
}

fn word(out: &mut String, letters: &[Letter], (x, y, size): (f64, f64, f64), colour: &str) {
    _ = write!(out, r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" fill="{colour}">"#);
    for letter in letters {
        if let Shape::Text(text) = &letter.shape {
            text.chars().for_each(|c| escape(c, out));
        }
    }
    out.push_str("</text>");
}

/// Whether a mark stands for any of these.
pub(super) fn has_marks(letters: &[Letter]) -> bool {
    letters.iter().any(|letter| matches!(letter.shape, Shape::Emoji | Shape::Strange))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Vec<Shape> {
        letters(text, 10.0, &[]).into_iter().map(|letter| letter.shape).collect()
    }

    fn of(text: &str) -> Shape {
        Shape::Text(text.to_owned())
    }

    #[test]
    fn what_the_font_has_is_itself_and_the_rest_is_a_mark() {
        assert_eq!(shapes("aé漢か\u{3099}"), [of("a"), of("é"), of("漢"), of("が")]);
        // Composed, dressed and joined emoji are one mark each; so is a key.
        assert_eq!(shapes("🥐👨‍👩‍👧‍👦❤\u{fe0f}1\u{fe0f}\u{20e3}🇯🇵"), vec![Shape::Emoji; 5]);
        assert_eq!(shapes("שלום").len(), 4);
        assert!(shapes("שלום ไทย").iter().all(|shape| matches!(shape, Shape::Strange | Shape::Blank)));
    }

    #[test]
    fn nothing_lays_a_text_out_anew() {
        assert_eq!(shapes("\u{202e}a\u{200f}b\u{2066}\u{feff}\u{7}"), [of("a"), of("b")]);
        let zalgo = format!("a{}b", "\u{338}".repeat(10_000));
        assert_eq!(shapes(&zalgo), [of("a"), of("b")]);
        assert_eq!(letters(&"x".repeat(50_000), 10.0, &[]).len(), LETTERS_MAX);
        let mut out = String::new();
        draw(&mut out, &letters("<a>&\u{fffe}", 10.0, &[]), (0.0, 0.0, 10.0), Ink::plain("#000", "#000"));
        assert!(out.contains("&lt;a&gt;&amp;") && !out.contains("<a>"), "{out}");
    }

    #[test]
    fn widths_are_the_fonts_and_what_is_too_long_is_cut() {
        let wide = |text: &str| width(&letters(text, 100.0, &[]));
        assert!((wide("漢字") - 200.0).abs() < 0.1, "{}", wide("漢字"));
        assert!(wide("iiii") < wide("mmmm") / 2.0);
        let cut = fitting("とても長い名前のアカウント", 20.0, 100.0);
        assert!(width(&cut) <= 100.0 && cut.last().is_some_and(|letter| letter.shape == of("…")));
        assert_eq!(fitting("短い", 20.0, 100.0).len(), 2);
    }
}
