//! Figures in an answer must come from somewhere: from a tool's answer in this turn, from the person, or from what the model was told. A model
//! that makes one up is asked once to say it again, and marked if it stays. Small numbers are words of every sentence and not looked at.

use serde_json::Value;

/// Figures below this are not looked at.
const FROM: f64 = 10.0;
/// Answers of tools are a handful deep.
const DEPTH_MAX: usize = 16;

/// Everything that may be said in figures in a turn.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<f64>);

impl Known {
    /// Figures in a text count, also as parts of dates and times.
    pub(super) fn text(&mut self, text: &str) {
        self.0.extend(figures(text).map(|figure| figure.value));
    }

    /// Every number and text in a tool's answer, how many entries its lists have, and the sum of what stands in one.
    pub(super) fn answer(&mut self, value: &Value) {
        self.walk(value, 0);
    }

    fn walk(&mut self, value: &Value, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match value {
            Value::Number(number) => self.0.extend(number.as_f64()),
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                #[expect(clippy::cast_precision_loss, reason = "lists are short")]
                self.0.push(items.len() as f64);
                self.0.push(items.iter().filter_map(Value::as_f64).sum());
                items.iter().for_each(|item| self.walk(item, depth + 1));
            }
            Value::Object(map) => map.values().for_each(|inner| self.walk(inner, depth + 1)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Figures in a text that come from nowhere, as they were written.
    pub(super) fn strangers(&self, text: &str) -> Vec<String> {
        let is_known = |figure: &Figure<'_>| {
            // Rounded, or a share said as percent.
            let rounded = |known: f64| (known - figure.value).abs() <= figure.half_step;
            figure.value < FROM || self.0.iter().any(|known| rounded(*known) || rounded(known * 100.0))
        };
        figures(text).filter(|figure| !is_known(figure)).map(|figure| figure.written.to_owned()).collect()
    }
}

struct Figure<'a> {
    written: &'a str,
    value: f64,
    /// Half of its last digit: what rounding may take away.
    half_step: f64,
}

/// Runs of digits with their groups and decimals: `1,234.5`, `12`.
fn figures(text: &str) -> impl Iterator<Item = Figure<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let begin = rest.find(|c: char| c.is_ascii_digit())?;
            let tail = rest.get(begin..)?;
            let mut end = 0;
            let mut chars = tail.char_indices().peekable();
            while let Some((at, c)) = chars.next() {
                let is_inside = matches!(c, ',' | '.') && chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
                if !(c.is_ascii_digit() || is_inside) {
                    break;
                }
                end = at + c.len_utf8();
            }
            let (written, behind) = tail.split_at(end);
            // Part of a word, an id or an address is no figure.
            let is_word = rest.get(..begin)?.ends_with(|c: char| c.is_ascii_alphabetic() || "_/#@".contains(c));
            rest = behind;
            if let Some((value, half_step)) = value(written).filter(|_| !is_word) {
                return Some(Figure { written, value, half_step });
            }
        }
    })
}

fn value(written: &str) -> Option<(f64, f64)> {
    let plain = written.replace(',', "");
    let decimals = plain.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let half_step = 0.5 * 10f64.powi(-i32::try_from(decimals).ok()?);
    Some((plain.parse().ok()?, half_step))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_tools_answered_may_be_said_rounded_summed_and_as_percent() {
        let mut known = Known::default();
        known.answer(
            &json!({ "rows": [1204, 96], "rate": 0.1234, "at": "2026-11-24T09:30:00+09:00", "views": "88,001" }),
        );
        known.text("Take 250 of them");
        for text in [
            "1,204 views and 96 likes, 1,300 together",
            "12.3 % (12%)",
            "On 24 November 2026 at 9:30",
            "88,001 or 250",
            "two, 3 or 9 of x123 in post_01JABC",
            "",
        ] {
            assert_eq!(known.strangers(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(known.strangers("1,205 views, 97 likes, 12.4 %, 88.5"), ["1,205", "97", "12.4", "88.5"]);
        assert_eq!(known.strangers("再生は1,204回、登録は45人"), ["45"]);
    }
}
