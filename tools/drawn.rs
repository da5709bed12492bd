//! Answers as charts: a report's first figure beside that of the period before, figures as bars, a week of hours; named as people name them. Painting is
//! somebody else's; the numbers are what the rows say.

use jiff::civil::Weekday;

use crate::analytics::catalogue::{Unit, is_time};
use crate::analytics::times::{Times, rounded};
use crate::analytics::{Report, Row};
use crate::domain::drawn::{Drawn, Shape};
use crate::domain::lang::Lang;
use crate::domain::times::{Suggestion, Week};
use crate::i18n::Words;

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
pub(super) const BARS_MAX: usize = 10;
/// Points of a line.
const POINTS_MAX: usize = 366;
/// Letters of a name below a bar.
const LABEL_CHARS: usize = 24;
/// Hours that are told of a week: the fullest.
const HOURS_TOLD: usize = 10;
/// A figure is drawn in thousandths.
const THOUSAND: f64 = 1_000.0;

/// A dimension or metric as people call it.
#[must_use]
pub fn name(words: &Words, lang: Lang, api: &str) -> String {
    if NAMED.contains(&api) { words.text(lang, &format!("report-name-{api}")) } else { api.to_owned() }
}

/// A number with its thousands apart.
#[must_use]
pub fn grouped(figure: f64, digits: usize) -> String {
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
        shortened(&keys)
    };
    let shape = if is_line { Shape::Line } else { Shape::Bar };
    Some(of_series(title(words, lang, report), shape, rows.iter().map(label).collect(), series))
}

/// A chart, told in words, too.
pub(super) fn of_series(
    title: String,
    shape: Shape,
    categories: Vec<String>,
    series: Vec<(String, Vec<i64>)>,
) -> Drawn {
    let mut drawn = Drawn { title, shape, categories, series, told: String::new() };
    drawn.told = told(&drawn);
    drawn
}

/// A name that fits below a bar.
pub(super) fn shortened(name: &str) -> String {
    let cut: String = name.chars().take(LABEL_CHARS).collect();
    if cut.len() < name.len() { format!("{cut}…") } else { cut }
}

/// When visitors come, as a week of hours with what is suggested; nothing where that is not known.
#[must_use]
pub fn week(words: &Words, lang: Lang, found: &Times) -> Option<Drawn> {
    let Week(hours) = found.week.as_ref()?;
    let day = |no: usize| words.text(lang, &format!("time-weekday-{}", no + 1));
    let place = |one: &Suggestion| {
        let of = |number: i8| usize::try_from(number).unwrap_or_default();
        (of(Weekday::to_monday_zero_offset(one.day)), of(one.hour))
    };
    #[expect(clippy::cast_possible_truncation, reason = "a shade in a picture")]
    let shade = |visits: &f64| (visits * THOUSAND).round() as i64;
    let mut all: Vec<(f64, usize, usize)> = Vec::new();
    for (no, of_day) in hours.iter().enumerate() {
        all.extend(of_day.iter().enumerate().map(|(hour, visits)| (*visits, no, hour)));
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let told =
        all.iter().take(HOURS_TOLD).map(|(visits, no, hour)| format!("{} {hour}:00: {}", day(*no), rounded(*visits)));
    let title = words.text(lang, "times-picture");
    Some(Drawn {
        told: format!("{title}. {}", told.collect::<Vec<_>>().join("; ")),
        title,
        shape: Shape::Heat { ringed: found.best.iter().map(place).collect() },
        categories: (0..24).map(|hour: u8| hour.to_string()).collect(),
        series: hours.iter().enumerate().map(|(no, of_day)| (day(no), of_day.iter().map(shade).collect())).collect(),
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
fn told(drawn: &Drawn) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_of_the_other_period_is_drawn_as_no_bar() {
        assert_eq!(drawn_before(&[Some(1.0), Some(0.0)], false), Some(vec![1.0, 0.0]));
        assert_eq!(drawn_before(&[Some(1.0), None], false), None);
        assert_eq!(drawn_before(&[Some(1.0), None, Some(2.0)], true), Some(vec![1.0]));
        assert_eq!(drawn_before(&[None], true), None);
    }
}
