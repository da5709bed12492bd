//! A report as people read it: figures in words, a table for other programs; as a chart it is `tools/drawn`. Which report is asked is not decided here,
//! and neither is how a page or a card looks.

use crate::analytics::Report;
pub use crate::analytics::address::{BETWEEN, about};
use crate::analytics::catalogue::Unit;
use crate::analytics::report::change;
use crate::domain::lang::Lang;
use crate::i18n::Words;
use crate::tools::drawn::grouped;
pub use crate::tools::drawn::{drawn, keys, name, title};

/// A figure as people read it.
#[must_use]
pub fn shown(lang: Lang, figure: Option<f64>, (unit, currency): (Unit, &str)) -> String {
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
                let (hours, minutes) = (grouped((minutes / 60.0).floor(), 0), minutes % 60.0);
                return match lang {
                    Lang::En => format!("{hours} h {minutes:02.0} min"),
                    Lang::Ja => format!("{hours}時間{minutes:.0}分"),
                };
            }
            format!("{minutes:.0}:{seconds:02.0}")
        }
    }
}

/// By how much a figure changed, in a hundred; a share in points, for a share of a share reads as those. Nothing where that cannot be said.
#[must_use]
pub fn changed(lang: Lang, unit: Unit, now: Option<f64>, before: Option<f64>) -> Option<String> {
    let (points, percent) = change(now, before);
    let (by, word) = match (unit, lang) {
        (Unit::Ratio, Lang::En) => (points? * 100.0, " points"),
        (Unit::Ratio, Lang::Ja) => (points? * 100.0, "ポイント"),
        (Unit::Count | Unit::Mean | Unit::Money | Unit::Seconds, _) => (percent?, " %"),
    };
    // What rounds to nothing has no sign.
    let by = (by * 10.0).round() / 10.0 + 0.0;
    let sign = if by > 0.0 { "+" } else { "" };
    Some(format!("{sign}{}{word}", grouped(by, 1)).replace('-', "−"))
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
pub(super) fn quoted(cell: &str) -> String {
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
        let of = |figure: f64, unit| shown(Lang::En, Some(figure), (unit, "EUR"));
        assert_eq!(of(1_234_567.0, Unit::Count), "1,234,567");
        assert_eq!((of(999.0, Unit::Count), of(1_000.0, Unit::Count)), ("999".into(), "1,000".into()));
        assert_eq!(of(0.583_333, Unit::Ratio), "58.3 %");
        assert_eq!((of(75.4, Unit::Seconds), of(7_260.0, Unit::Seconds)), ("1:15".into(), "2 h 01 min".into()));
        assert_eq!(of(1_234.5, Unit::Money), "1,234.5 EUR");
        assert_eq!((of(7.24, Unit::Mean), shown(Lang::En, None, (Unit::Count, ""))), ("7.2".into(), "–".into()));
        assert_eq!(shown(Lang::Ja, Some(22_800.0), (Unit::Seconds, "")), "6時間20分");
        let by = |now, before| changed(Lang::En, Unit::Count, Some(now), Some(before));
        assert_eq!(by(90.0, 120.0).as_deref(), Some("−25 %"));
        assert_eq!(by(130.0, 120.0).as_deref(), Some("+8.3 %"));
        assert_eq!((by(5.0, 0.0), by(3.0, 3.0).as_deref()), (None, Some("0 %")));
        let points = |lang| changed(lang, Unit::Ratio, Some(0.824), Some(0.826));
        assert_eq!((points(Lang::En), points(Lang::Ja)), (Some("−0.2 points".into()), Some("−0.2ポイント".into())));
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
