//! A chart as SVG: title, what each colour means, and the figures as bars, lines or shares. Widths of texts are guessed (a full-width letter
//! is one em), because what is too long is cut anyway.

use std::fmt::Write;

use super::Theme;
use super::axis::Axis;
use super::paint::FAMILY;

/// Pixels.
pub(super) const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 540.0;
pub(super) const MARGIN: f64 = 32.0;
/// Where the figures are drawn.
const TOP: f64 = 128.0;
const BOTTOM: f64 = HEIGHT - 64.0;
const LEFT: f64 = 104.0;
const RIGHT: f64 = WIDTH - MARGIN;
/// Sizes of letters.
pub(super) const TITLE: f64 = 26.0;
const LETTERS: f64 = 18.0;
/// Between two labels below the axis.
const LABEL_GAP: f64 = 14.0;
/// More series than colours are not drawn: nobody could tell them apart.
const SERIES_MAX: usize = COLOURS.len();
/// Told apart by people who see few colours, too (Okabe and Ito), and on both grounds.
pub(super) const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c"];

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Beside each other.
    Bar,
    /// One after the other.
    Line,
    /// Shares of a whole: the first series only.
    Pie,
}

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// How.
    pub shape: Shape,
    /// What stands along the axis.
    pub categories: &'a [String],
    /// Each line or colour: its name, and a figure for each category, in thousandths.
    pub series: &'a [(String, Vec<i64>)],
}

pub(super) struct Colours {
    pub(super) ground: &'static str,
    pub(super) text: &'static str,
    /// Of lines.
    pub(super) faint: &'static str,
    /// Of small print.
    pub(super) soft: &'static str,
    /// Of what a reader could press.
    pub(super) link: &'static str,
    /// Of what is too much.
    pub(super) over: &'static str,
}

pub(super) fn colours(theme: Theme) -> Colours {
    match theme {
        Theme::Light => Colours {
            ground: "#ffffff",
            text: "#1d1c1d",
            faint: "#d8d8d8",
            soft: "#616061",
            link: "#0b5cad",
            over: "#c62828",
        },
        Theme::Dark => Colours {
            ground: "#1a1d21",
            text: "#e8e8e8",
            faint: "#44474b",
            soft: "#a9adb2",
            link: "#6cb4f0",
            over: "#ff7b72",
        },
    }
}

/// The chart, whole.
pub(super) fn svg(chart: &Chart<'_>, theme: Theme) -> String {
    let Colours { ground, text, faint, .. } = colours(theme);
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="{FAMILY}" font-size="{LETTERS}" fill="{text}">"#
    );
    _ = write!(out, r#"<rect width="{WIDTH}" height="{HEIGHT}" fill="{ground}"/>"#);
    let title = fitting(chart.title, TITLE, WIDTH - 2.0 * MARGIN);
    _ = write!(out, r#"<text x="{MARGIN}" y="52" font-size="{TITLE}">{title}</text>"#);
    match chart.shape {
        Shape::Bar | Shape::Line => {
            legend(&mut out, chart);
            plot(&mut out, chart, (text, faint));
        }
        Shape::Pie => pie(&mut out, chart, ground),
    }
    out.push_str("</svg>");
    out
}

/// What each colour means; a single one is told by the title and its name beside it.
fn legend(out: &mut String, chart: &Chart<'_>) {
    let shown = chart.series.iter().take(SERIES_MAX);
    let room = (WIDTH - 2.0 * MARGIN) / count(chart.series.len().clamp(1, SERIES_MAX)) - 34.0;
    let mut x = MARGIN;
    for ((name, _), colour) in shown.zip(COLOURS) {
        let width = guess(name, LETTERS).min(room);
        let name = fitting(name, LETTERS, room);
        _ = write!(out, r#"<rect x="{x}" y="80" width="16" height="16" rx="3" fill="{colour}"/>"#);
        _ = write!(out, r#"<text x="{:.0}" y="95">{name}</text>"#, x + 24.0);
        x += width + 56.0_f64.min(room);
    }
}

/// Bars or lines on an axis.
fn plot(out: &mut String, chart: &Chart<'_>, (text, faint): (&str, &str)) {
    let shown: Vec<_> = chart.series.iter().take(SERIES_MAX).collect();
    let axis = Axis::over(shown.iter().flat_map(|(_, figures)| figures.iter().copied()));
    let up = |figure: i64| BOTTOM - axis.share(figure) * (BOTTOM - TOP);
    for line in axis.lines() {
        let y = up(line);
        let colour = if line == 0 { text } else { faint };
        _ = write!(out, r#"<line x1="{LEFT}" y1="{y:.1}" x2="{RIGHT}" y2="{y:.1}" stroke="{colour}"/>"#);
        _ = write!(out, r#"<text x="{}" y="{:.1}" text-anchor="end">{}</text>"#, LEFT - 12.0, y + 6.0, short(line));
    }
    let slot = (RIGHT - LEFT) / count(chart.categories.len().max(1));
    let middle = |no: usize| LEFT + (count(no) + 0.5) * slot;
    labels(out, chart.categories, slot, middle);
    for (row, ((_, figures), colour)) in shown.iter().zip(COLOURS).enumerate() {
        let figures = figures.iter().take(chart.categories.len()).enumerate();
        match chart.shape {
            Shape::Bar => {
                let width = (slot * 0.72 / count(shown.len())).min(64.0);
                for (no, figure) in figures {
                    let x = middle(no) + (count(row) - count(shown.len()) / 2.0) * width;
                    let (top, foot) = (up((*figure).max(0)), up((*figure).min(0)));
                    _ = write!(
                        out,
                        r#"<rect x="{x:.1}" y="{top:.1}" width="{:.1}" height="{:.1}" fill="{colour}"/>"#,
                        (width - 2.0).max(1.0),
                        (foot - top).max(0.0)
                    );
                }
            }
            Shape::Line | Shape::Pie => {
                let points: Vec<_> = figures.map(|(no, figure)| (middle(no), up(*figure))).collect();
                let way: String = points.iter().map(|(x, y)| format!("{x:.1},{y:.1} ")).collect();
                _ = write!(out, r#"<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="3"/>"#);
                // So many that they would touch are a line already.
                if slot >= 12.0 {
                    for (x, y) in points {
                        _ = write!(out, r#"<circle cx="{x:.1}" cy="{y:.1}" r="5" fill="{colour}"/>"#);
                    }
                }
            }
        }
    }
}

/// What stands below the axis: as many as fit beside each other, the last one (the newest) always.
fn labels(out: &mut String, categories: &[String], slot: f64, middle: impl Fn(usize) -> f64) {
    let widest = categories.iter().map(|label| guess(label, LETTERS)).fold(0.0, f64::max);
    let every = ((widest.min(120.0) + LABEL_GAP) / slot).ceil().max(1.0);
    let last = categories.len().saturating_sub(1);
    for (no, label) in categories.iter().enumerate() {
        if count(last - no) % every == 0.0 {
            let room = every * slot - LABEL_GAP;
            // The last of many stands close to the edge.
            let most = WIDTH - MARGIN / 2.0 - guess(label, LETTERS).min(room) / 2.0;
            let (x, y, label) = (middle(no).min(most), BOTTOM + 30.0, fitting(label, LETTERS, room));
            _ = write!(out, r#"<text x="{x:.1}" y="{y}" text-anchor="middle">{label}</text>"#);
        }
    }
}

/// Shares of a whole, with what each is beside it.
fn pie(out: &mut String, chart: &Chart<'_>, ground: &str) {
    let none = Vec::new();
    let figures = chart.series.first().map_or(&none, |(_, figures)| figures);
    let whole: f64 = figures.iter().map(|figure| amount(*figure)).sum();
    let (cx, cy, radius) = (250.0, (TOP + BOTTOM) / 2.0, 176.0);
    let mut begin = 0.0;
    // The last colour is for all that have none of their own.
    let own = if figures.len() > SERIES_MAX { SERIES_MAX - 1 } else { figures.len() };
    let rest: f64 = figures.iter().skip(own).map(|figure| amount(*figure)).sum();
    let mut parts: Vec<(String, f64)> =
        chart.categories.iter().cloned().zip(figures.iter().map(|f| amount(*f))).take(own).collect();
    if own < figures.len() {
        parts.push(("…".to_owned(), rest));
    }
    for (no, ((name, part), colour)) in parts.iter().zip(COLOURS).enumerate() {
        let share = if whole > 0.0 { part / whole } else { 0.0 };
        if share >= 1.0 {
            _ = write!(out, r#"<circle cx="{cx}" cy="{cy}" r="{radius}" fill="{colour}"/>"#);
        } else if share > 0.0 {
            let at = |turn: f64| {
                let angle = std::f64::consts::TAU * (turn - 0.25);
                (cx + radius * angle.cos(), cy + radius * angle.sin())
            };
            let ((x1, y1), (x2, y2)) = (at(begin), at(begin + share));
            let is_large = u8::from(share > 0.5);
            _ = write!(
                out,
                r#"<path d="M{cx},{cy} L{x1:.1},{y1:.1} A{radius},{radius} 0 {is_large} 1 {x2:.1},{y2:.1} Z" fill="{colour}" stroke="{ground}" stroke-width="2"/>"#
            );
            begin += share;
        }
        let y = TOP + 24.0 + count(no) * 46.0;
        _ = write!(out, r#"<rect x="500" y="{:.0}" width="16" height="16" rx="3" fill="{colour}"/>"#, y - 14.0);
        let name = fitting(name, LETTERS, 300.0);
        _ = write!(out, r#"<text x="526" y="{y:.0}">{name}</text>"#);
        _ = write!(out, r#"<text x="{RIGHT}" y="{y:.0}" text-anchor="end">{:.0} %</text>"#, share * 100.0);
    }
}

/// A share has no sign.
#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
fn amount(figure: i64) -> f64 {
    figure.max(0) as f64
}

#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
pub(super) fn count(number: usize) -> f64 {
    number as f64
}

/// A figure (thousandths) on the axis: `1.5M`, `20k`, `0.25`. The letters are read in both languages.
pub(super) fn short(figure: i64) -> String {
    let (mut whole, mut unit) = (figure, "");
    for next in ["k", "M", "G", "T"] {
        if whole.unsigned_abs() < 1_000_000 {
            break;
        }
        (whole, unit) = (whole / 1_000, next);
    }
    let sign = if whole < 0 { "-" } else { "" };
    let (ones, rest) = (whole.unsigned_abs() / 1_000, whole.unsigned_abs() % 1_000);
    if rest == 0 {
        return format!("{sign}{ones}{unit}");
    }
    format!("{sign}{ones}.{}{unit}", format!("{rest:03}").trim_end_matches('0'))
}

/// About how wide a text is.
fn guess(text: &str, size: f64) -> f64 {
    text.chars().map(|letter| size * if letter.is_ascii() { 0.54 } else { 1.0 }).sum()
}

/// So much of a text as fits, fit for SVG.
pub(super) fn fitting(text: &str, size: f64, room: f64) -> String {
    let mut fitting = String::new();
    let mut width = 0.0;
    let is_whole = guess(text, size) <= room;
    for letter in text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }) {
        width += guess(letter.encode_utf8(&mut [0; 4]), size);
        if !is_whole && width > room - size {
            fitting.push('…');
            break;
        }
        escape(letter, &mut fitting);
    }
    fitting
}

/// A letter as XML has it.
pub(super) fn escape(letter: char, out: &mut String) {
    match letter {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        // XML has no words for these.
        '\u{fffe}' | '\u{ffff}' => out.push(' '),
        letter => out.push(letter),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn figures_on_the_axis_are_short() {
        let shown = [0, 1_000, 250, 20_000, 1_500_000, 2_000_000, 1_250_000, 40_000_000_000, -5_000].map(short);
        assert_eq!(shown, ["0", "1", "0.25", "20", "1.5k", "2k", "1.25k", "40M", "-5"]);
    }

    #[test]
    fn what_is_too_long_is_cut_and_what_svg_means_is_not_said() {
        assert_eq!(fitting("a<b>&\u{7}", 18.0, 500.0), "a&lt;b&gt;&amp; ");
        let cut = fitting("とても長い名前のアカウント", 18.0, 100.0);
        assert!(cut.ends_with('…') && cut.chars().count() < 7, "{cut}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_is_drawn_is_a_picture_of_its_size(
            title in any::<String>(),
            shape in prop::sample::select(vec![Shape::Bar, Shape::Line, Shape::Pie]),
            categories in prop::collection::vec(any::<String>(), 0..40),
            series in prop::collection::vec((any::<String>(), prop::collection::vec(any::<i64>(), 0..40)), 0..10),
        ) {
            let chart = Chart { title: &title, shape, categories: &categories, series: &series };
            let png = super::super::draw(&chart, Theme::Dark).unwrap();
            prop_assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
            prop_assert_eq!(&png[16..24], [960_u32.to_be_bytes(), 540_u32.to_be_bytes()].concat());
            prop_assert!(png.len() < 150_000, "{} bytes", png.len());
        }
    }
}
