//! Figures and posts as pictures: plain data to SVG (`chart`, `heat`, `post`), SVG to PNG (`paint`). Knows no database, no network and no clock; what is
//! drawn is what was handed in.

mod axis;
mod chart;
mod heat;
mod letters;
mod media;
mod paint;
mod post;
mod wrap;

pub use chart::{Chart, Shape};
pub use heat::Heat;
pub use media::{Arranged, Kind, MEDIA_SHOWN, Medium};
pub use paint::{PaintError, Pixels};
pub use post::{Order, PARTS_SHOWN, Part, Post};

/// On what a picture is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on light.
    Light,
    /// Light text on dark.
    Dark,
}

/// Draws a week of hours as PNG, 960 by 420 pixels; as [`draw`].
///
/// # Errors
/// As [`draw`].
pub fn draw_heat(heat: &Heat<'_>, theme: Theme) -> Result<Vec<u8>, PaintError> {
    paint::png(&heat::svg(heat, theme))
}

/// Draws a chart as PNG, 960 by 540 pixels. Takes some ten milliseconds of processor time: not for a thread that others wait for.
///
/// # Errors
/// When it cannot be drawn; no text and no figure leads there.
pub fn draw(chart: &Chart<'_>, theme: Theme) -> Result<Vec<u8>, PaintError> {
    paint::png(&chart::svg(chart, theme))
}

/// What a picture of a post has at the most: it goes to chat services and into pages.
const POST_BYTES_MAX: usize = 300_000;

/// Draws a post as PNG, 720 pixels wide and as high as it is; as [`draw`]. Photographs that would make it larger than that have a place without them.
///
/// # Errors
/// As [`draw`].
pub fn draw_post(post: &Post<'_>, theme: Theme) -> Result<Vec<u8>, PaintError> {
    let png = paint::png_of(&post::layers(post, theme))?;
    if png.len() <= POST_BYTES_MAX {
        return Ok(png);
    }
    let mut parts = post.parts.to_vec();
    parts.iter_mut().flat_map(|part| &mut part.media).for_each(|medium| medium.pixels = None);
    let png = paint::png_of(&post::layers(&Post { parts: &parts, ..post.clone() }, theme))?;
    if png.len() <= POST_BYTES_MAX {
        return Ok(png);
    }
    // Texts that are packed with odd letters: their beginnings.
    parts.iter_mut().for_each(Part::begin);
    paint::png_of(&post::layers(&Post { parts: &parts, ..post.clone() }, theme))
}
