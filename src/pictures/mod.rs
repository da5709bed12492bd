//! Figures as pictures: plain data to SVG (`chart`), SVG to PNG (`paint`). Knows no database, no network and no clock; what is drawn is
//! what was handed in.

mod axis;
mod chart;
mod heat;
mod paint;

pub use chart::{Chart, Shape};
pub use heat::Heat;
pub use paint::PaintError;

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
