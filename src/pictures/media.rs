//! Media inside a post: one alone with what is cut off dimmed, several in one frame or in a row. A film, a document and what cannot be drawn have a
//! place with a label. Where in the post they stand is decided in `post`.

use std::fmt::Write;

use super::chart::count;
use super::letters::{Ink, draw, fitting, letters, width};
use super::paint::{Photo, Pixels};
use super::post::{LEFT, RIGHT, Sheet};

/// Pixels: the place of one alone, of several in a frame, of several in a row and how low that may become.
const ALONE_HIGH: f64 = 460.0;
const GRID_HIGH: f64 = 330.0;
const ROW_HIGH: f64 = 300.0;
const ROW_LOW: f64 = 170.0;
const GAP: f64 = 4.0;
/// Media of one part that are drawn in a frame; the others are counted.
const GRID_MOST: usize = 4;
/// The same of a row, and so at all.
pub const MEDIA_SHOWN: usize = 6;
/// A thinner one is drawn as thin as that.
const THINNEST: f64 = 24.0;
/// Shapes are alike when they differ by no more than one in so many.
const ALIKE: f64 = 0.01;
const LABEL: f64 = 18.0;

/// How several stand together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Arranged {
    /// In one frame, each cut to its cell.
    #[default]
    Grid,
    /// Side by side, as many as fit.
    Row,
}

/// What a medium is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A picture.
    Picture,
    /// A film.
    Film,
    /// Pages.
    Document,
}

/// A medium.
#[derive(Debug, Clone)]
pub struct Medium {
    /// What it is.
    pub kind: Kind,
    /// Width and height; nothing when it has none of its own.
    pub size: (i64, i64),
    /// The shape that the network cuts it to, width to height.
    pub crop: Option<(i64, i64)>,
    /// It, where it can be drawn.
    pub pixels: Option<Pixels>,
    /// What stands on it: how long a film is, what a document is.
    pub label: String,
}

/// Left, top, width and height.
pub(super) type Place = (f64, f64, f64, f64);

#[expect(clippy::cast_precision_loss, reason = "a shape in a picture")]
fn ratio((wide, high): (i64, i64)) -> f64 {
    if wide > 0 && high > 0 { (wide as f64 / high as f64).clamp(0.001, 1_000.0) } else { 16.0 / 9.0 }
}

/// The largest place of a shape inside another place, in its middle.
fn inside(ratio: f64, (x, y, wide, high): Place) -> Place {
    let (w, h) = if ratio > wide / high { (wide, wide / ratio) } else { (high * ratio, high) };
    let (w, h) = (w.max(THINNEST.min(wide)), h.max(THINNEST.min(high)));
    (x + (wide - w) / 2.0, y + (high - h) / 2.0, w, h)
}

/// A picture of this shape so large that it covers the place.
fn covering(ratio: f64, (x, y, wide, high): Place) -> Place {
    let (w, h) = if ratio > wide / high { (high * ratio, high) } else { (wide, wide / ratio) };
    (x + (wide - w) / 2.0, y + (high - h) / 2.0, w, h)
}

/// The cells of a frame: one beside the other, or two rows.
fn cells(many: usize, (x, y, wide, high): Place) -> Vec<Place> {
    let (w, h) = ((wide - GAP) / 2.0, (high - GAP) / 2.0);
    let (right, low) = (x + w + GAP, y + h + GAP);
    match many {
        0 => Vec::new(),
        1 => vec![(x, y, wide, high)],
        2 => vec![(x, y, w, high), (right, y, w, high)],
        3 => vec![(x, y, w, high), (right, y, w, h), (right, low, w, h)],
        _ => vec![(x, y, w, h), (right, y, w, h), (x, low, w, h), (right, low, w, h)],
    }
}

impl<'a> Sheet<'a> {
    /// All media of a part.
    pub(super) fn media(&mut self, media: &'a [Medium], arranged: Arranged) {
        let wide = RIGHT - LEFT;
        let y = self.y + 6.0;
        let high = match (media, arranged) {
            ([], _) => return,
            ([one], _) => self.alone(one, (LEFT, y, wide, ALONE_HIGH)),
            (_, Arranged::Grid) => {
                let places = cells(media.len(), (LEFT, y, wide, GRID_HIGH));
                for (medium, place) in media.iter().take(GRID_MOST).zip(&places) {
                    self.cell(medium, (covering(ratio(medium.size), *place), *place));
                }
                if let Some(place) = places.last().filter(|_| media.len() > GRID_MOST) {
                    self.others(media.len() - GRID_MOST, *place);
                }
                GRID_HIGH
            }
            (_, Arranged::Row) => self.row(media, y),
        };
        self.y = y + high + 10.0;
    }

    /// One alone, whole: what the network cuts off is dimmed around its frame. How high it became.
    fn alone(&mut self, medium: &'a Medium, (x, y, wide, high): Place) -> f64 {
        let shape = ratio(medium.size);
        // As wide as the text, but for what would be too high then.
        let high = (wide / shape).min(high).max(THINNEST);
        self.whole(medium, inside(shape, (x, y, wide, high)));
        high
    }

    fn whole(&mut self, medium: &'a Medium, place: Place) {
        self.cell(medium, (place, place));
        let Some(crop) = medium.crop.map(ratio).filter(|crop| (crop / ratio(medium.size) - 1.0).abs() > ALIKE) else {
            return;
        };
        let (x, y, wide, high) = place;
        let (left, top, w, h) = inside(crop, place);
        let (ground, link) = (self.colours.ground, self.colours.link);
        let bars = [
            (x, y, wide, top - y),
            (x, top + h, wide, y + high - top - h),
            (x, top, left - x, h),
            (left + w, top, x + wide - left - w, h),
        ];
        for (x, y, wide, high) in bars.into_iter().filter(|(.., wide, high)| *wide > 0.5 && *high > 0.5) {
            _ = write!(
                self.over,
                r#"<rect x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="{high:.1}" fill="{ground}" fill-opacity="0.7"/>"#
            );
        }
        _ = write!(
            self.over,
            r#"<rect x="{left:.1}" y="{top:.1}" width="{w:.1}" height="{h:.1}" fill="none" stroke="{link}" stroke-width="3" stroke-dasharray="10 6"/>"#
        );
    }

    /// Side by side, each in its shape, as many as stay large enough to be seen; the last one says how many more there are. How high they became.
    fn row(&mut self, media: &'a [Medium], y: f64) -> f64 {
        let shape = |medium: &Medium| ratio(medium.size).clamp(0.4, 4.0);
        let fits = |many: usize| (RIGHT - LEFT - GAP * count(many)) / media.iter().take(many).map(shape).sum::<f64>();
        let most = media.len().min(MEDIA_SHOWN);
        let many = (2..=most).rev().find(|many| fits(*many) >= ROW_LOW).unwrap_or(most.min(2));
        let high = fits(many).min(ROW_HIGH);
        let mut x = LEFT;
        for (no, medium) in media.iter().take(many).enumerate() {
            let place = (x, y, high * shape(medium), high);
            self.whole(medium, inside(ratio(medium.size), place));
            x += place.2 + GAP;
            if no + 1 == many && many < media.len() {
                self.more(media.len() - many, place);
            }
        }
        high
    }

    /// How many more there are, in a corner.
    fn more(&mut self, many: usize, (x, y, wide, _): Place) {
        let words = letters(&format!("+{many}"), LABEL, &[]);
        let w = width(&words) + 16.0;
        let left = x + wide - w - 8.0;
        _ = write!(
            self.over,
            r##"<rect x="{left:.1}" y="{:.1}" width="{w:.1}" height="28" rx="6" fill="#000000" fill-opacity="0.7"/>"##,
            y + 8.0
        );
        draw(&mut self.over, &words, (left + 8.0, y + 28.5, LABEL), Ink::plain("#ffffff", "#ffffff"));
    }

    /// A medium drawn at `to`, of which only `clip` is seen.
    fn cell(&mut self, medium: &'a Medium, (to, clip): (Place, Place)) {
        match (&medium.pixels, medium.kind) {
            (Some(pixels), _) => self.photos.push(Photo { pixels, to, clip }),
            (None, kind) => self.stand_in(kind, clip),
        }
        if !medium.label.is_empty() {
            self.label(&medium.label, clip);
        }
    }

    fn stand_in(&mut self, kind: Kind, (x, y, wide, high): Place) {
        let (faint, soft) = (self.colours.faint, self.colours.soft);
        _ = write!(self.under, r#"<rect x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="{high:.1}" fill="{faint}"/>"#);
        let (cx, cy) = (x + wide / 2.0, y + high / 2.0);
        let half = 30.0_f64.min(wide / 3.0).min(high / 3.0);
        _ = match kind {
            Kind::Film => write!(
                self.under,
                r#"<circle cx="{cx:.1}" cy="{cy:.1}" r="{:.1}" fill="{soft}"/><path d="M{:.1},{:.1} L{:.1},{cy:.1} L{:.1},{:.1} Z" fill="{faint}"/>"#,
                half,
                cx - half * 0.3,
                cy - half * 0.5,
                cx + half * 0.55,
                cx - half * 0.3,
                cy + half * 0.5
            ),
            Kind::Picture => write!(
                self.under,
                r#"<path d="M{:.1},{:.1} L{:.1},{:.1} L{cx:.1},{:.1} L{:.1},{cy:.1} L{:.1},{:.1} Z" fill="{soft}"/><circle cx="{:.1}" cy="{:.1}" r="{:.1}" fill="{soft}"/>"#,
                cx - half,
                cy + half * 0.7,
                cx - half * 0.4,
                cy - half * 0.2,
                cy + half * 0.4,
                cx + half * 0.4,
                cx + half,
                cy + half * 0.7,
                cx + half * 0.6,
                cy - half * 0.6,
                half * 0.22
            ),
            Kind::Document => write!(
                self.under,
                r#"<path d="M{:.1},{:.1} h{:.1} v{:.1} h-{:.1} Z M{:.1},{:.1} h{:.1} M{:.1},{cy:.1} h{:.1} M{:.1},{:.1} h{:.1}" fill="none" stroke="{soft}" stroke-width="4"/>"#,
                cx - half * 0.7,
                cy - half,
                half * 1.4,
                half * 2.0,
                half * 1.4,
                cx - half * 0.35,
                cy - half * 0.45,
                half * 0.7,
                cx - half * 0.35,
                half * 0.7,
                cx - half * 0.35,
                cy + half * 0.45,
                half * 0.7
            ),
        };
    }

    /// Words in a corner, readable on whatever is behind them.
    fn label(&mut self, words: &str, (x, y, wide, high): Place) {
        let words = fitting(words, LABEL, wide - 32.0);
        let (w, top) = (width(&words) + 16.0, y + high - 38.0);
        if w + 16.0 > wide || high < 46.0 {
            return;
        }
        _ = write!(
            self.over,
            r##"<rect x="{:.1}" y="{top:.1}" width="{w:.1}" height="28" rx="6" fill="#000000" fill-opacity="0.7"/>"##,
            x + 8.0
        );
        draw(&mut self.over, &words, (x + 16.0, top + 20.5, LABEL), Ink::plain("#ffffff", "#8c8c8c"));
    }

    /// How many are not drawn, over the last one.
    fn others(&mut self, many: usize, (x, y, wide, high): Place) {
        _ = write!(
            self.over,
            r##"<rect x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="{high:.1}" fill="#000000" fill-opacity="0.6"/>"##
        );
        let words = letters(&format!("+{many}"), 34.0, &[]);
        let at = (x + (wide - width(&words)) / 2.0, y + high / 2.0 + 12.0, 34.0);
        draw(&mut self.over, &words, at, Ink::plain("#ffffff", "#ffffff"));
    }
}
