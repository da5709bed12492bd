//! A week of hours as SVG: the darker an hour, the more of it, and what is suggested with a ring around it.

use std::fmt::Write;

use super::Theme;
use super::chart::{MARGIN, TITLE, WIDTH, colours, fitting, short};
use super::paint::FAMILY;

/// Pixels.
const HEIGHT: f64 = 420.0;
const LETTERS: f64 = 18.0;
const LEFT: f64 = 96.0;
const TOP: f64 = 108.0;
/// One hour.
const CELL: (f64, f64) = (34.0, 36.0);
const GAP: f64 = 2.0;
/// Each so many hours one is named.
const NAMED_EACH: usize = 3;
const HOT: &str = "#0072b2";
const RING: &str = "#d55e00";
/// Steps of the scale beside it.
const STEPS: usize = 6;

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Heat<'a> {
    /// What it shows.
    pub title: &'a str,
    /// Names of the seven days.
    pub days: &'a [String],
    /// For each day a figure for each hour, in thousandths.
    pub hours: &'a [Vec<i64>],
    /// Day and hour of what is suggested.
    pub ringed: &'a [(usize, usize)],
}

/// The picture, whole.
pub(super) fn svg(heat: &Heat<'_>, theme: Theme) -> String {
    let colours = colours(theme);
    let (ground, text, faint) = (colours.ground, colours.text, colours.faint);
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="{FAMILY}" font-size="{LETTERS}" fill="{text}">"#
    );
    _ = write!(out, r#"<rect width="{WIDTH}" height="{HEIGHT}" fill="{ground}"/>"#);
    let title = fitting(heat.title, TITLE, WIDTH - 2.0 * MARGIN);
    _ = write!(out, r#"<text x="{MARGIN}" y="52" font-size="{TITLE}">{title}</text>"#);
    for hour in (0..24).step_by(NAMED_EACH) {
        _ = write!(out, r#"<text x="{:.0}" y="{:.0}">{hour}</text>"#, left(hour), TOP - 12.0);
    }
    let most = heat.hours.iter().flatten().copied().max().unwrap_or(0).max(1);
    for (no, day) in heat.days.iter().enumerate().take(7) {
        let y = top(no);
        let name = fitting(day, LETTERS, LEFT - MARGIN - 8.0);
        _ = write!(out, r#"<text x="{:.0}" y="{:.0}" text-anchor="end">{name}</text>"#, LEFT - 12.0, y + 25.0);
        let hours = heat.hours.get(no).map(Vec::as_slice).unwrap_or_default();
        for (hour, figure) in hours.iter().enumerate().take(24) {
            cell(&mut out, (left(hour), y), share(*figure, most), faint);
        }
    }
    for (day, hour) in heat.ringed.iter().filter(|(day, hour)| *day < 7 && *hour < 24) {
        _ = write!(
            out,
            r#"<rect x="{:.0}" y="{:.0}" width="{:.0}" height="{:.0}" rx="5" fill="none" stroke="{RING}" stroke-width="3"/>"#,
            left(*hour) - 1.0,
            top(*day) - 1.0,
            CELL.0,
            CELL.1
        );
    }
    scale(&mut out, most, faint);
    out.push_str("</svg>");
    out
}

/// From nothing to the most.
fn scale(out: &mut String, most: i64, faint: &str) {
    let y = top(7) + 12.0;
    _ = write!(out, r#"<text x="{:.0}" y="{:.0}" text-anchor="end">0</text>"#, LEFT - 12.0, y + 25.0);
    for step in 0..=STEPS {
        cell(out, (left(step), y), place(step) / place(STEPS), faint);
    }
    _ = write!(out, r#"<text x="{:.0}" y="{:.0}">{}</text>"#, left(STEPS + 1) + 8.0, y + 25.0, short(most));
}

fn cell(out: &mut String, (x, y): (f64, f64), share: f64, faint: &str) {
    let (width, height) = (CELL.0 - GAP, CELL.1 - GAP);
    _ = write!(
        out,
        r#"<rect x="{x:.0}" y="{y:.0}" width="{width}" height="{height}" rx="3" fill="{faint}" fill-opacity="0.35"/>"#
    );
    if share > 0.0 {
        _ = write!(
            out,
            r#"<rect x="{x:.0}" y="{y:.0}" width="{width}" height="{height}" rx="3" fill="{HOT}" fill-opacity="{share:.3}"/>"#
        );
    }
}

fn left(hour: usize) -> f64 {
    LEFT + place(hour) * CELL.0
}

fn top(day: usize) -> f64 {
    TOP + place(day) * CELL.1
}

#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
fn place(no: usize) -> f64 {
    no as f64
}

#[expect(clippy::cast_precision_loss, reason = "a shade in a picture")]
fn share(figure: i64, most: i64) -> f64 {
    (figure.max(0) as f64 / most as f64).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn whatever_is_drawn_is_a_picture_of_its_size(
            title in any::<String>(),
            days in prop::collection::vec(any::<String>(), 0..9),
            hours in prop::collection::vec(prop::collection::vec(any::<i64>(), 0..30), 0..9),
            ringed in prop::collection::vec((0..30_usize, 0..30_usize), 0..9),
        ) {
            let png = super::super::draw_heat(&Heat { title: &title, days: &days, hours: &hours, ringed: &ringed }, Theme::Dark).unwrap();
            prop_assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
            prop_assert_eq!(&png[16..24], [960_u32.to_be_bytes(), 420_u32.to_be_bytes()].concat());
            prop_assert!(png.len() < 150_000, "{} bytes", png.len());
        }
    }
}
