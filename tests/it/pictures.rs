//! Charts and posts as pictures, beside those that a person looked at (`tests/golden/pictures`), with a tolerance: another processor rounds
//! other pixels. `SOCRAZI_TEST_ACCEPT=1` writes them anew: look at them before you commit.

mod posts;

use std::path::PathBuf;

use resvg::tiny_skia::Pixmap;
use socrazi::pictures::{Chart, Heat, Shape, Theme, draw, draw_heat};

/// Of all channels of all pixels, on average, 0 to 255.
const MEAN_MAX: f64 = 0.5;
/// The same of the square where it is most.
const SQUARE_MAX: f64 = 12.0;

fn series(named: &[(&str, &[i64])]) -> Vec<(String, Vec<i64>)> {
    named
        .iter()
        .map(|(name, figures)| ((*name).to_owned(), figures.iter().map(|figure| figure * 1_000).collect()))
        .collect()
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// How far two pictures are apart; a hundred when their sizes differ.
fn apart(a: &[u8], b: &[u8]) -> f64 {
    let (a, b) = (Pixmap::decode_png(a).unwrap(), Pixmap::decode_png(b).unwrap());
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return 100.0;
    }
    let sum: u64 = a.data().iter().zip(b.data()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    #[expect(clippy::cast_precision_loss, reason = "an average")]
    let mean = sum as f64 / a.data().len() as f64;
    mean
}

/// The same of the square of 16 by 16 points in which they are farthest apart: a word that changed is little of a whole picture.
fn worst(a: &[u8], b: &[u8]) -> f64 {
    const SIDE: usize = 16;
    let (a, b) = (Pixmap::decode_png(a).unwrap(), Pixmap::decode_png(b).unwrap());
    let wide = usize::try_from(a.width()).unwrap();
    let mut squares = std::collections::BTreeMap::<(usize, usize), (u32, u32)>::new();
    for (no, (a, b)) in a.data().iter().zip(b.data()).enumerate() {
        let (x, y) = (no / 4 % wide, no / 4 / wide);
        let square = squares.entry((x / SIDE, y / SIDE)).or_default();
        *square = (square.0 + u32::from(a.abs_diff(*b)), square.1 + 1);
    }
    squares.values().map(|(sum, count)| f64::from(*sum) / f64::from(*count)).fold(0.0, f64::max)
}

/// Compares pictures with those that somebody looked at, or writes them anew.
fn judged(drawn: impl IntoIterator<Item = (&'static str, Vec<u8>)>, bytes_max: usize) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/pictures");
    let mut differ = Vec::new();
    for (name, png) in drawn {
        assert!(png.len() < bytes_max, "{name}: {} bytes", png.len());
        let file = folder.join(format!("{name}.png"));
        if crate::contracts::is_accepting() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &png).unwrap();
            continue;
        }
        let golden = std::fs::read(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mean = apart(&golden, &png);
        if mean > MEAN_MAX {
            differ.push(format!("{name}: {mean:.2} apart, at most {MEAN_MAX}"));
        } else if worst(&golden, &png) > SQUARE_MAX {
            differ.push(format!("{name}: {:.2} apart in one square, at most {SQUARE_MAX}", worst(&golden, &png)));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// Weeks of hours, busy in the evening, with two suggestions.
fn weeks() -> [(&'static str, Vec<u8>); 2] {
    let busy = |day: i64, hour: i64| ((hour - 5).max(0) * (20 - (hour - 19).abs()).max(0) * (7 - (day - 3).abs())) * 25;
    let hours: Vec<Vec<i64>> = (0..7).map(|day| (0..24).map(|hour| busy(day, hour)).collect()).collect();
    let ringed = [(3, 19), (0, 9)];
    let (en, ja) =
        (words(&["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]), words(&["月", "火", "水", "木", "金", "土", "日"]));
    let of = |title, days, theme| draw_heat(&Heat { title, days, hours: &hours, ringed: &ringed }, theme).unwrap();
    [
        ("week-en", of("Visits by weekday and hour", en.as_slice(), Theme::Light)),
        ("week-ja-dark", of("曜日と時間帯ごとの訪問数", ja.as_slice(), Theme::Dark)),
    ]
}

#[test]
fn charts_look_as_they_did_when_somebody_looked_at_them() {
    let days = words(&["11-20", "11-21", "11-22", "11-23", "11-24", "11-25", "11-26"]);
    let two = series(&[("@ana_bakes", &[3, 0, 4, 12, 7, 2, 9]), ("@ana_en", &[1, 1, 0, 6, 9, 14, 3])]);
    let names = words(&["@ana_bakes", "@ana_en", "パン工房あな"]);
    let shares = series(&[("投稿", &[12, 7, 3])]);
    let year: Vec<String> = (1..=365).map(|day| format!("日{day}")).collect();
    let grown: Vec<i64> = (0..365).map(|day| 40_000 + day * 350 + (day * 7_919 % 9_001)).collect();
    let grown = series(&[("表示回数", &grown)]);
    let long = words(&["<b>非常に長い名前のアカウント・カフェ&ベーカリー</b> \u{7} 🥐", "b"]);
    let odd =
        series(&[("Gains & losses, with a name that goes on and on and does not end before the edge", &[-40, 25])]);
    let cases: [(&str, Chart<'_>, Theme); 7] = [
        (
            "bars-en",
            Chart { title: "Published in the last 7 days", shape: Shape::Bar, categories: &days, series: &two },
            Theme::Light,
        ),
        (
            "bars-ja-dark",
            Chart { title: "最近7日間に公開した投稿", shape: Shape::Bar, categories: &days, series: &two },
            Theme::Dark,
        ),
        (
            "line-en",
            Chart { title: "Published in the last 7 days", shape: Shape::Line, categories: &days, series: &two[..1] },
            Theme::Light,
        ),
        (
            "line-ja-year",
            Chart { title: "1年間の表示回数", shape: Shape::Line, categories: &year, series: &grown },
            Theme::Light,
        ),
        (
            "shares-ja",
            Chart { title: "アカウント別の割合", shape: Shape::Pie, categories: &names, series: &shares },
            Theme::Light,
        ),
        (
            "shares-dark",
            Chart { title: "Shares by account", shape: Shape::Pie, categories: &names, series: &shares },
            Theme::Dark,
        ),
        (
            "odd",
            Chart {
                title: "A title that is far too long for a picture, so that its end cannot be there, whatever it says",
                shape: Shape::Bar,
                categories: &long,
                series: &odd,
            },
            Theme::Light,
        ),
    ];
    let mut drawn: Vec<_> = cases.iter().map(|(name, chart, theme)| (*name, draw(chart, *theme).unwrap())).collect();
    drawn.extend(weeks());
    judged(drawn, 150_000);
    // The judge sees a difference where there is one.
    let a = draw(&Chart { title: "A", shape: Shape::Bar, categories: &days, series: &two }, Theme::Light).unwrap();
    let other = series(&[("@ana_bakes", &[4, 0, 4, 12, 7, 2, 9])]);
    let b = draw(&Chart { title: "A", shape: Shape::Bar, categories: &days, series: &other }, Theme::Light).unwrap();
    assert!(apart(&a, &b) > MEAN_MAX, "{}", apart(&a, &b));
    let other = Chart { title: "B", shape: Shape::Bar, categories: &days, series: &two };
    let c = draw(&other, Theme::Light).unwrap();
    assert!(apart(&a, &c) < MEAN_MAX && worst(&a, &c) > SQUARE_MAX, "{} {}", apart(&a, &c), worst(&a, &c));
}
