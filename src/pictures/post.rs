//! A post as a reader would meet it, as SVG: who says it, the text in its lines with the fold, link card, poll, media with what is cut off, and how
//! full it is. Media are laid out in `media`, lines in `wrap`. No words of its own; what is too long or too much is cut and counted.

use std::fmt::Write;
use std::ops::Range;

use super::Theme;
use super::chart::{COLOURS, Colours, colours, count};
use super::letters::{Ink, Letter, draw, fitting, has_marks, letters, width};
use super::media::{self, Medium};
use super::paint::{FAMILY, Photo, Pixels};
use super::wrap::lines;

/// Pixels: as wide as a phone shows it at twice its size.
const WIDTH: f64 = 720.0;
const MARGIN: f64 = 28.0;
/// Where texts and media stand.
pub(super) const LEFT: f64 = 104.0;
pub(super) const RIGHT: f64 = WIDTH - MARGIN;
/// Half of the round in which a picture of an account stands.
const FACE: f64 = 28.0;
/// Sizes of letters, and from line to line.
const TEXT: f64 = 22.0;
const SMALL: f64 = 18.0;
const LINE: f64 = 33.0;
const SMALL_LINE: f64 = 27.0;
/// Parts of a thread that are drawn; the others are counted.
pub const PARTS_SHOWN: usize = 5;
/// Lines of a text alone, and of one among others.
const LINES_ALONE: usize = 30;
const LINES_AMONG: usize = 14;
/// Lines behind the fold: only whoever asks sees them.
const LINES_BEHIND: usize = 6;
/// Characters of a text that would make the picture too large.
const BEGUN_CHARS: usize = 250;
/// Choices of a poll that are drawn: no network takes more.
const OPTIONS_SHOWN: usize = 8;

/// A post of one account.
#[derive(Debug, Clone)]
pub struct Post<'a> {
    /// The account's display name.
    pub name: &'a str,
    /// Its handle, without `@`.
    pub handle: &'a str,
    /// Its picture, square; without one the first letter of its name stands there.
    pub face: Option<&'a Pixels>,
    /// Where it is.
    pub network: &'a str,
    /// What is shown, in order.
    pub parts: &'a [Part],
    /// What a reader presses to see the rest of a text.
    pub more: &'a str,
    /// How many parts are not drawn, in words; seen where that is so.
    pub others: &'a str,
    /// What the marks in it mean, in words; seen where there are some.
    pub marks: &'a str,
}

/// What stands above.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The text.
    #[default]
    TextFirst,
    /// The media.
    MediaFirst,
}

/// One post, or one link of a thread.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// The text.
    pub text: String,
    /// What of it can be pressed, in bytes: links, mentions, tags.
    pub links: Vec<Range<usize>>,
    /// How many characters are seen before the fold, where there is one.
    pub fold: Option<usize>,
    /// Its length, and the most the network takes.
    pub length: (usize, usize),
    /// The link card: the host, and the rest of what is known.
    pub card: Option<(String, String)>,
    /// Its media.
    pub media: Vec<Medium>,
    /// How those stand together.
    pub arranged: media::Arranged,
    /// Text or media first.
    pub order: Order,
    /// The poll: its choices, and what is said of it.
    pub poll: Option<(Vec<String>, String)>,
}

impl Part {
    /// Leaves of the text and the choices no more than their beginnings.
    pub(super) fn begin(&mut self) {
        if let Some((at, _)) = self.text.char_indices().nth(BEGUN_CHARS) {
            self.text.truncate(at);
            self.text.push('…');
        }
        self.links.clear();
        self.media.truncate(1);
        self.fold = None;
        let options = self.poll.iter_mut().flat_map(|(options, _)| options);
        options.for_each(|option| *option = option.chars().take(BEGUN_CHARS / 10).collect());
    }
}

/// What is drawn so far, from the top.
pub(super) struct Sheet<'a> {
    pub(super) colours: Colours,
    /// Below the photographs.
    pub(super) under: String,
    /// The photographs.
    pub(super) photos: Vec<Photo<'a>>,
    /// Above them.
    pub(super) over: String,
    /// Where the next thing begins.
    pub(super) y: f64,
    has_marks: bool,
}

/// A picture in three layers.
pub(super) struct Layers<'a> {
    pub(super) under: String,
    pub(super) photos: Vec<Photo<'a>>,
    pub(super) over: String,
}

/// The picture, whole.
pub(super) fn layers<'a>(post: &Post<'a>, theme: Theme) -> Layers<'a> {
    let mut sheet = Sheet {
        colours: colours(theme),
        under: String::new(),
        photos: Vec::new(),
        over: String::new(),
        y: MARGIN,
        has_marks: false,
    };
    let shown = post.parts.len().min(PARTS_SHOWN);
    for (no, part) in post.parts.iter().take(shown).enumerate() {
        let top = sheet.y;
        sheet.head(post, no);
        sheet.part(part, post);
        if no + 1 < post.parts.len() {
            sheet.thread(top);
        }
    }
    if post.parts.len() > shown {
        sheet.small(post.others);
    }
    if sheet.has_marks {
        let soft = sheet.colours.soft;
        let (x, y) = (LEFT + SMALL / 2.0, sheet.y + SMALL_LINE - SMALL * 0.36);
        _ = write!(sheet.under, r#"<circle cx="{x}" cy="{y:.1}" r="6" fill="{}"/>"#, sheet.colours.faint);
        let letters = letters(post.marks, SMALL, &[]);
        sheet.lines(&letters, (SMALL, SMALL_LINE, 2), (LEFT + 26.0, Ink::plain(soft, soft)));
        sheet.y += 8.0;
    }
    sheet.finish()
}

impl<'a> Sheet<'a> {
    fn finish(self) -> Layers<'a> {
        let height = (self.y + MARGIN - 8.0).ceil();
        let svg = |inside: &str, ground: &str| {
            format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="{FAMILY}">{ground}{inside}</svg>"#
            )
        };
        let ground = format!(r#"<rect width="{WIDTH}" height="{height}" fill="{}"/>"#, self.colours.ground);
        Layers { under: svg(&self.under, &ground), photos: self.photos, over: svg(&self.over, "") }
    }

    fn ink(&self) -> Ink {
        Ink { text: self.colours.text, link: self.colours.link, mark: self.colours.faint }
    }

    fn soft(&self) -> Ink {
        Ink::plain(self.colours.soft, self.colours.faint)
    }

    /// Letters on one line.
    fn put(&mut self, letters: &[Letter], (x, y, size): (f64, f64, f64), ink: Ink) {
        self.has_marks |= has_marks(letters);
        draw(&mut self.under, letters, (x, y, size), ink);
    }

    /// A text in its lines, so many at the most; where the last one ends.
    fn lines(&mut self, all: &[Letter], (size, step, most): (f64, f64, usize), (x, ink): (f64, Ink)) -> f64 {
        let found = lines(all, RIGHT - x);
        let mut end = x;
        for line in found.iter().take(most) {
            self.y += step;
            self.put(&all[line.clone()], (x, self.y - step * 0.26, size), ink);
            end = x + width(&all[line.clone()]);
        }
        if found.len() > most {
            self.y += step * 0.6;
            self.put(&letters("…", size, &[]), (x, self.y - step * 0.26, size), self.soft());
        }
        end
    }

    /// A round with their first letter.
    fn initial(&mut self, post: &Post<'a>, (cx, cy): (f64, f64)) {
        let colour = COLOURS[post.handle.bytes().fold(0, |sum, byte| sum + usize::from(byte)) % (COLOURS.len() - 1)];
        _ = write!(self.under, r#"<circle cx="{cx}" cy="{cy:.1}" r="{FACE}" fill="{colour}"/>"#);
        let first = if post.name.trim().is_empty() { post.handle } else { post.name.trim() };
        let initial: Vec<Letter> = letters(first, 28.0, &[]).into_iter().take(1).collect();
        let x = cx - width(&initial) / 2.0;
        self.put(&initial, (x, cy + 10.0, 28.0), Ink::plain("#ffffff", "#ffffff"));
    }

    /// Their picture, round: its corners are covered by the ground.
    fn face(&mut self, pixels: &'a Pixels, (cx, cy): (f64, f64)) {
        let (x, y, side) = (cx - FACE, cy - FACE, FACE * 2.0);
        let place = (x, y, side, side);
        self.photos.push(Photo { pixels, to: place, clip: place });
        let ground = self.colours.ground;
        // A little more than the square: its edge would shine through.
        let (x, y, side) = (x - 1.0, y - 1.0, side + 2.0);
        _ = write!(
            self.over,
            r#"<path fill-rule="evenodd" fill="{ground}" d="M{x:.1},{y:.1} h{side} v{side} h-{side} Z M{:.1},{cy:.1} a{FACE},{FACE} 0 1 0 {d},0 a{FACE},{FACE} 0 1 0 -{d},0 Z"/>"#,
            cx - FACE,
            d = FACE * 2.0
        );
    }

    /// Who says it: their picture, name and handle, the part's number, the network.
    fn head(&mut self, post: &Post<'a>, no: usize) {
        let (cx, cy) = (MARGIN + FACE, self.y + FACE);
        match post.face {
            Some(face) => self.face(face, (cx, cy)),
            None => self.initial(post, (cx, cy)),
        }
        let right = match post.parts.len() {
            0 | 1 => post.network.to_owned(),
            all => format!("{}/{all} · {}", no + 1, post.network),
        };
        let right = fitting(&right, SMALL, 200.0);
        let edge = RIGHT - width(&right);
        self.put(&right, (edge, self.y + 23.0, SMALL), self.soft());
        let name = fitting(post.name, TEXT, edge - LEFT - 16.0);
        self.put(&name, (LEFT, self.y + 23.0, TEXT), self.ink());
        let handle = fitting(&format!("@{}", post.handle), SMALL, RIGHT - LEFT);
        self.put(&handle, (LEFT, self.y + 49.0, SMALL), self.soft());
        self.y += 62.0;
    }

    /// From one face to the next.
    fn thread(&mut self, top: f64) {
        let (x, from, to) = (MARGIN + 28.0, top + 64.0, self.y - 6.0);
        let faint = self.colours.faint;
        _ = write!(
            self.under,
            r#"<line x1="{x}" y1="{from:.1}" x2="{x}" y2="{to:.1}" stroke="{faint}" stroke-width="3"/>"#
        );
    }

    fn part(&mut self, part: &'a Part, post: &Post<'_>) {
        let most = if post.parts.len() > 1 { LINES_AMONG } else { LINES_ALONE };
        match part.order {
            Order::TextFirst => {
                self.text(part, post.more, most);
                self.media(&part.media, part.arranged);
            }
            Order::MediaFirst => {
                self.media(&part.media, part.arranged);
                self.text(part, post.more, most);
            }
        }
        if let Some((host, rest)) = &part.card {
            self.card(host, rest);
        }
        if let Some((options, wording)) = &part.poll {
            self.poll(options, wording);
        }
        self.ring(part.length);
        self.y += 18.0;
    }

    /// The text to the fold, the fold, and a little of what is behind it.
    fn text(&mut self, part: &Part, more: &str, most: usize) {
        let at = part.fold.and_then(|fold| part.text.char_indices().nth(fold)).map_or(part.text.len(), |(at, _)| at);
        let (seen, behind) = part.text.split_at(at);
        let all = letters(seen.trim_end(), TEXT, &part.links);
        let end = self.lines(&all, (TEXT, LINE, most), (LEFT, self.ink()));
        if behind.is_empty() {
            self.y += 8.0;
            return;
        }
        let label = fitting(more, TEXT, RIGHT - LEFT);
        let x = if end + 8.0 + width(&label) > RIGHT || all.is_empty() {
            self.y += LINE;
            LEFT
        } else {
            end + 8.0
        };
        self.put(&label, (x, self.y - LINE * 0.26, TEXT), self.soft());
        self.y += 10.0;
        let (y, soft) = (self.y, self.colours.soft);
        _ = write!(
            self.under,
            r#"<line x1="{LEFT}" y1="{y:.1}" x2="{RIGHT}" y2="{y:.1}" stroke="{soft}" stroke-dasharray="6 5"/>"#
        );
        self.y += 8.0;
        let behind = letters(behind.trim(), SMALL, &[]);
        self.lines(&behind, (SMALL, SMALL_LINE, LINES_BEHIND), (LEFT, self.soft()));
        self.y += 8.0;
    }

    /// A link as the network would show its page; what only the page knows is not there yet.
    fn card(&mut self, host: &str, rest: &str) {
        let (y, faint, soft) = (self.y + 4.0, self.colours.faint, self.colours.soft);
        let (wide, high) = (RIGHT - LEFT, 84.0);
        _ = write!(
            self.under,
            r#"<rect x="{LEFT}" y="{y:.1}" width="{wide}" height="{high}" rx="12" fill="none" stroke="{faint}" stroke-width="2"/><path d="M{:.1},{y:.1} v{high}" stroke="{faint}" stroke-width="2"/>"#,
            LEFT + high
        );
        // Two links of a chain.
        let (cx, cy) = (LEFT + high / 2.0, y + high / 2.0);
        _ = write!(
            self.under,
            r#"<g transform="rotate(-45 {cx:.1} {cy:.1})" fill="none" stroke="{soft}" stroke-width="4"><rect x="{:.1}" y="{:.1}" width="24" height="16" rx="8"/><rect x="{:.1}" y="{:.1}" width="24" height="16" rx="8"/></g>"#,
            cx - 21.0,
            cy - 8.0,
            cx - 3.0,
            cy - 8.0
        );
        let (x, room) = (LEFT + high + 16.0, wide - high - 32.0);
        let (host, rest) = (fitting(host, TEXT, room), fitting(rest, SMALL, room));
        self.put(&host, (x, y + 38.0, TEXT), self.ink());
        self.put(&rest, (x, y + 65.0, SMALL), self.soft());
        self.y += high + 14.0;
    }

    fn poll(&mut self, options: &[String], wording: &str) {
        let faint = self.colours.faint;
        for option in options.iter().take(OPTIONS_SHOWN) {
            let (y, wide) = (self.y + 6.0, RIGHT - LEFT);
            _ = write!(
                self.under,
                r#"<rect x="{LEFT}" y="{y:.1}" width="{wide}" height="44" rx="10" fill="none" stroke="{faint}" stroke-width="2"/>"#
            );
            let option = fitting(option, TEXT, wide - 32.0);
            self.put(&option, (LEFT + 16.0, y + 30.0, TEXT), self.ink());
            self.y += 52.0;
        }
        self.small(wording);
    }

    fn small(&mut self, words: &str) {
        let words = fitting(words, SMALL, RIGHT - LEFT);
        self.y += SMALL_LINE;
        self.put(&words, (LEFT, self.y - 5.0, SMALL), self.soft());
        self.y += 4.0;
    }

    /// How full it is: a ring that closes, and the numbers.
    fn ring(&mut self, (length, most): (usize, usize)) {
        let (radius, is_over) = (10.0, length > most);
        let (cx, cy) = (RIGHT - radius - 2.0, self.y + 16.0);
        let share = if most == 0 { 1.0 } else { (count(length) / count(most)).min(1.0) };
        let Colours { faint, link, over, soft, .. } = self.colours;
        let colour = if is_over { over } else { link };
        let way = std::f64::consts::TAU * radius;
        _ = write!(
            self.under,
            r#"<circle cx="{cx}" cy="{cy:.1}" r="{radius}" fill="none" stroke="{faint}" stroke-width="4"/>"#
        );
        if share > 0.0 {
            _ = write!(
                self.under,
                r#"<circle cx="{cx}" cy="{cy:.1}" r="{radius}" fill="none" stroke="{colour}" stroke-width="4" stroke-dasharray="{:.2} {way:.2}" transform="rotate(-90 {cx} {cy:.1})"/>"#,
                way * share
            );
        }
        let text = letters(&format!("{length} / {most}"), SMALL, &[]);
        let x = cx - radius - 12.0 - width(&text);
        self.put(&text, (x, cy + 6.5, SMALL), Ink::plain(if is_over { over } else { soft }, faint));
        self.y += 32.0;
    }
}
