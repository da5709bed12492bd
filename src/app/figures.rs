//! A report as people read it: names and figures in words, the points of a chart, a table for other programs. Which report is asked is not
//! decided here, and neither is how a page or a card looks.

pub use crate::analytics::address::{BETWEEN, about};
use crate::analytics::catalogue::{Unit, is_time};
use crate::analytics::report::change;
use crate::analytics::{Report, Row};
use crate::domain::lang::Lang;
use crate::i18n::Words;
use crate::pictures::Shape;

/// Names that have a sentence of their own, `report-name-NAME`; others are shown as Google writes them.
const NAMED: [&str; 54] = [
    "sessions",
    "activeUsers",
    "newUsers",
    "totalUsers",
    "screenPageViews",
    "engagementRate",
    "bounceRate",
    "averageSessionDuration",
    "keyEvents",
    "eventCount",
    "userEngagementDuration",
    "totalRevenue",
    "transactions",
    "clicks",
    "impressions",
    "ctr",
    "position",
    "date",
    "sessionDefaultChannelGroup",
    "sessionSourceMedium",
    "pagePath",
    "landingPage",
    "country",
    "deviceCategory",
    "eventName",
    "userAgeBracket",
    "userGender",
    "query",
    "page",
    "device",
    "searchAppearance",
    "expected",
    "spreads",
    "views",
    "estimatedMinutesWatched",
    "averageViewDuration",
    "averageViewPercentage",
    "likes",
    "comments",
    "shares",
    "subscribersGained",
    "subscribersLost",
    "video",
    "title",
    "deviceType",
    "insightTrafficSourceType",
    "insightTrafficSourceDetail",
    "creatorContentType",
    "ageGroup",
    "gender",
    "viewerPercentage",
    "elapsedVideoTimeRatio",
    "audienceWatchRatio",
    "relativeRetentionPerformance",
];
/// Bars beside each other: more are a fence.
const BARS_MAX: usize = 10;
/// Points of a line.
const POINTS_MAX: usize = 366;
/// Letters of a name below a bar.
const LABEL_CHARS: usize = 24;
/// A figure is drawn in thousandths.
const THOUSAND: f64 = 1_000.0;

/// A report as a picture: what stands along the axis, and the lines or colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// What it shows.
    pub title: String,
    /// How.
    pub shape: Shape,
    /// Along the axis.
    pub categories: Vec<String>,
    /// Each with a figure for each category, in thousandths.
    pub series: Vec<(String, Vec<i64>)>,
}

/// A dimension or metric as people call it.
#[must_use]
pub fn name(words: &Words, lang: Lang, api: &str) -> String {
    if NAMED.contains(&api) { words.text(lang, &format!("report-name-{api}")) } else { api.to_owned() }
}

/// A figure as people read it.
#[must_use]
pub fn shown(figure: Option<f64>, unit: Unit, currency: &str) -> String {
    let Some(figure) = figure else { return "–".to_owned() };
    match unit {
        Unit::Count => grouped(figure, 0),
        Unit::Ratio => format!("{} %", grouped(figure * 100.0, 1)),
        Unit::Mean => grouped(figure, 1),
        Unit::Money => format!("{} {currency}", grouped(figure, 2)).trim_end().to_owned(),
        Unit::Seconds => {
            let all = figure.max(0.0).round();
            let (minutes, seconds) = ((all / 60.0).floor(), all % 60.0);
            if minutes >= 60.0 {
                return format!("{} h {:02.0} min", grouped((minutes / 60.0).floor(), 0), minutes % 60.0);
            }
            format!("{minutes:.0}:{seconds:02.0}")
        }
    }
}

/// By how much a figure changed, in a hundred; nothing where that cannot be said.
#[must_use]
pub fn changed(now: Option<f64>, before: Option<f64>) -> Option<String> {
    let (_, percent) = change(now, before);
    let percent = percent?;
    let sign = if percent > 0.0 { "+" } else { "" };
    Some(format!("{sign}{} %", grouped(percent, 1)).replace('-', "−"))
}

/// A number with its thousands apart.
fn grouped(figure: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", figure.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut shown = String::new();
    for (no, digit) in whole.chars().enumerate() {
        if no > 0 && (whole.len() - no) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    let rest = rest.trim_end_matches('0');
    if !rest.is_empty() {
        shown = format!("{shown}.{rest}");
    }
    let is_zero = shown.bytes().all(|byte| matches!(byte, b'0' | b'.' | b','));
    if figure < 0.0 && !is_zero { format!("-{shown}") } else { shown }
}

/// What rows are about, in one text.
#[must_use]
pub fn keys(row: &Row) -> String {
    row.keys.iter().map(|key| if key.is_empty() { "–" } else { key }).collect::<Vec<_>>().join(" · ")
}

/// The report's first figure as a picture, beside that of the period before; nothing where there is nothing to draw.
#[must_use]
pub fn drawn(words: &Words, lang: Lang, report: &Report) -> Option<Drawn> {
    let (metric, unit) = report.metrics().next()?;
    let dimensions: Vec<&str> = report.dimensions().collect();
    let is_line = dimensions.first().is_some_and(|name| is_time(name)) && dimensions.len() == 1;
    if dimensions.is_empty() || report.rows.is_empty() {
        return None;
    }
    // What is not known is no zero.
    let known = report.rows.iter().filter(|row| row.figures.first().is_some_and(Option::is_some));
    let rows: Vec<&Row> = known.take(if is_line { POINTS_MAX } else { BARS_MAX }).collect();
    if rows.is_empty() {
        return None;
    }
    let scale = if unit == Unit::Ratio { 100.0 } else { 1.0 };
    #[expect(clippy::cast_possible_truncation, reason = "a place in a picture")]
    let point = |figure: Option<f64>| (figure.unwrap_or_default() * scale * THOUSAND).round() as i64;
    let of = |figures: &dyn Fn(&Row) -> Option<f64>| rows.iter().map(|row| point(figures(row))).collect::<Vec<_>>();
    let mut series = vec![(name(words, lang, metric), of(&|row| row.figures.first().copied().flatten()))];
    if report.periods.is_some_and(|periods| periods.before.is_some()) {
        let of_row = |row: &&Row| row.before.as_ref().and_then(|before| before.first().copied().flatten());
        if let Some(before) = drawn_before(&rows.iter().map(of_row).collect::<Vec<_>>(), is_line) {
            let points = before.into_iter().map(|figure| point(Some(figure))).collect();
            series.push((words.text(lang, "report-before"), points));
        }
    }
    let label = |row: &&Row| {
        let keys = keys(row);
        // A day needs no year on an axis.
        let keys = if is_line && keys.len() == 10 { keys[5..].to_owned() } else { keys };
        let cut: String = keys.chars().take(LABEL_CHARS).collect();
        if cut.len() < keys.len() { format!("{cut}…") } else { cut }
    };
    Some(Drawn {
        title: title(words, lang, report),
        shape: if is_line { Shape::Line } else { Shape::Bar },
        categories: rows.iter().map(label).collect(),
        series,
    })
}

/// What of the other period is drawn. A line ends where its days end; bars are drawn for all or for none: one that is left out looks like nothing.
fn drawn_before(figures: &[Option<f64>], is_line: bool) -> Option<Vec<f64>> {
    let known: Vec<f64> = figures.iter().copied().map_while(|figure| figure).collect();
    let is_drawn = if is_line { !known.is_empty() } else { known.len() == figures.len() };
    is_drawn.then_some(known)
}

/// What a report is about: the first figure by what, of what.
#[must_use]
pub fn title(words: &Words, lang: Lang, report: &Report) -> String {
    let metric = report.metrics().next().map(|(metric, _)| name(words, lang, metric)).unwrap_or_default();
    let by: Vec<String> = report.dimensions().map(|dimension| name(words, lang, dimension)).collect();
    let what = if by.is_empty() { metric } else { format!("{metric} / {}", by.join(" · ")) };
    format!("{what} – {}", report.source.shown())
}

/// For whoever does not see a picture: each point in words.
#[must_use]
pub fn told(drawn: &Drawn) -> String {
    /// More is read from the table.
    const POINTS: usize = 40;
    let number = |thousandths: i64| {
        #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
        let figure = thousandths as f64 / THOUSAND;
        grouped(figure, 1)
    };
    let point = |(no, category): (usize, &String)| {
        let figures: Vec<String> =
            drawn.series.iter().filter_map(|(_, figures)| figures.get(no).copied().map(number)).collect();
        format!("{category}: {}", figures.join(" / "))
    };
    let points: Vec<String> = drawn.categories.iter().enumerate().take(POINTS).map(point).collect();
    let rest = if drawn.categories.len() > POINTS { "; …" } else { "" };
    let names: Vec<&str> = drawn.series.iter().map(|(name, _)| name.as_str()).collect();
    format!("{} ({}). {}{rest}", drawn.title, names.join(" / "), points.join("; "))
}

/// A report as a table for other programs (RFC 4180). What a stranger named like a formula stays text there.
#[must_use]
pub fn csv(report: &Report) -> String {
    let is_compared = report.periods.is_some_and(|periods| periods.before.is_some());
    let mut head: Vec<String> = report.dimensions().map(str::to_owned).collect();
    for (name, _) in report.metrics() {
        head.push(name.to_owned());
        if is_compared {
            head.push(format!("{name}_before"));
        }
    }
    // Programs that open such files take them for Latin without it.
    let mut text = String::from("\u{feff}");
    text.push_str(&head.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
    text.push_str("\r\n");
    let number = |figure: Option<f64>| figure.map(|figure| figure.to_string()).unwrap_or_default();
    for row in &report.rows {
        let mut cells: Vec<String> = row.keys.iter().map(|key| quoted(key)).collect();
        for no in 0..row.figures.len() {
            cells.push(number(row.figures[no]));
            if is_compared {
                cells.push(number(row.before.as_ref().and_then(|before| before.get(no).copied().flatten())));
            }
        }
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// What a table program may read as the beginning of a formula, in full width, too.
const FORMULA_LEADS: [char; 10] = ['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠'];

/// One cell. A spreadsheet runs what begins like a formula: an apostrophe before it makes it text.
fn quoted(cell: &str) -> String {
    let is_formula = cell.trim_start().starts_with(FORMULA_LEADS) || cell.starts_with(['\t', '\r', '\n']);
    let safe = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if is_formula || safe.contains([',', '"', '\r', '\n', ';', '\t']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

/// The same as JSON, with all that must be said.
#[must_use]
pub fn json(words: &Words, lang: Lang, report: &Report) -> serde_json::Value {
    let rows = report
        .rows
        .iter()
        .map(|row| serde_json::json!({ "keys": row.keys, "figures": row.figures, "before": row.before }));
    let span =
        |period: crate::analytics::period::Period| serde_json::json!({ "first": period.first, "last": period.last });
    serde_json::json!({
        "from": report.feature.shown(),
        "source": { "id": report.source.facts.remote_id, "name": report.source.shown(), "zone": report.source.facts.zone },
        "period": report.periods.map(|periods| span(periods.now)),
        "compared": report.periods.and_then(|periods| periods.before).map(span),
        "dimensions": report.dimensions().collect::<Vec<_>>(),
        "metrics": report.metrics().map(|(name, unit)| serde_json::json!({ "name": name, "unit": unit })).collect::<Vec<_>>(),
        "currency": report.currency,
        "totals": report.totals,
        "totals_before": report.totals_before,
        "rows": rows.collect::<Vec<_>>(),
        "has_more": report.next.is_some(),
        "badges": report.badges.iter().map(|badge| badge.word()).collect::<Vec<_>>(),
        "caveats": report.caveats.iter().map(|caveat| words.say(lang, caveat)).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_read_them() {
        let of = |figure: f64, unit| shown(Some(figure), unit, "EUR");
        assert_eq!(of(1_234_567.0, Unit::Count), "1,234,567");
        assert_eq!((of(999.0, Unit::Count), of(1_000.0, Unit::Count)), ("999".into(), "1,000".into()));
        assert_eq!(of(0.583_333, Unit::Ratio), "58.3 %");
        assert_eq!((of(75.4, Unit::Seconds), of(7_260.0, Unit::Seconds)), ("1:15".into(), "2 h 01 min".into()));
        assert_eq!(of(1_234.5, Unit::Money), "1,234.5 EUR");
        assert_eq!((of(7.24, Unit::Mean), shown(None, Unit::Count, "")), ("7.2".into(), "–".into()));
        assert_eq!(changed(Some(90.0), Some(120.0)).as_deref(), Some("−25 %"));
        assert_eq!(changed(Some(130.0), Some(120.0)).as_deref(), Some("+8.3 %"));
        assert_eq!((changed(Some(5.0), Some(0.0)), changed(Some(3.0), Some(3.0)).as_deref()), (None, Some("0 %")));
    }

    #[test]
    fn what_is_not_known_of_the_other_period_is_drawn_as_no_bar() {
        assert_eq!(drawn_before(&[Some(1.0), Some(0.0)], false), Some(vec![1.0, 0.0]));
        assert_eq!(drawn_before(&[Some(1.0), None], false), None);
        assert_eq!(drawn_before(&[Some(1.0), None, Some(2.0)], true), Some(vec![1.0]));
        assert_eq!(drawn_before(&[None], true), None);
    }

    #[test]
    fn no_cell_of_a_table_is_a_formula_or_breaks_out() {
        for (cell, wanted) in [
            ("plain", "plain"),
            ("=HYPERLINK(\"http://evil\")", "\"'=HYPERLINK(\"\"http://evil\"\")\""),
            ("+1", "\"'+1\""),
            (" @SUM(A1)", "\"' @SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("a,b\r\n=c", "\"a,b\r\n=c\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("-1+1", "\"'-1+1\""),
        ] {
            assert_eq!(quoted(cell), wanted, "{cell}");
        }
    }
}
