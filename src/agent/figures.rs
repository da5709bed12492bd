//! Figures in an answer must come from somewhere: from what a tool answered in this turn, from the person's own words, or from what the model
//! was told (the time, the profile, the summary). A model that makes one up is asked once to say it again, and marked if it stays. Left
//! alone are dates and times, what is quoted (drafts and candidates are the model's own text), and bare numbers below ten, which are words
//! of every sentence; below ten, decimals, shares and counts of something are looked at.

use serde_json::Value;

use super::quotes;
use reading::{Figure, figures};

mod reading;

/// Bare figures below this are not looked at.
const FROM: f64 = 10.0;
/// Answers of tools are a handful deep.
const DEPTH_MAX: usize = 16;

/// Everything that may be said in figures in a turn.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<f64>);

impl Known {
    /// Figures in a text count; those of a date or a time are no number of anything.
    pub(super) fn text(&mut self, text: &str) {
        self.0.extend(figures(text).filter(|figure| !figure.is_moment).map(|figure| figure.value));
    }

    /// How many there are of something.
    pub(super) fn count(&mut self, count: usize) {
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        self.0.push(count as f64);
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
                self.count(items.len());
                self.0.push(items.iter().filter_map(Value::as_f64).sum());
                items.iter().for_each(|item| self.walk(item, depth + 1));
            }
            Value::Object(map) => map.values().for_each(|inner| self.walk(inner, depth + 1)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Figures in a text that come from nowhere, as they were written.
    pub(super) fn strangers(&self, text: &str) -> Vec<String> {
        let text = quotes::masked(text);
        let strange = figures(&text).filter(|figure| !figure.is_moment && self.is_strange(figure));
        strange.map(|figure| figure.written.to_owned()).collect()
    }

    fn is_strange(&self, figure: &Figure<'_>) -> bool {
        if figure.value < FROM && !figure.is_precise && !figure.is_share && !figure.is_counted {
            return false;
        }
        let rounded = |known: f64| (known - figure.value).abs() <= figure.half_step;
        // A share is said as percent or as it stands.
        !self.0.iter().any(|known| rounded(*known) || (figure.is_share && rounded(*known * 100.0)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn strangers(text: &str) -> Vec<String> {
        let mut known = Known::default();
        known
            .answer(&json!({ "rows": [1204, 96], "rate": 0.1234, "at": "2026-11-24T09:30:00+09:00", "views": "88,001",
            "likes": 3, "all": 12345, "reach": 1_234_567, "watched": 4.25 }));
        known.text("Take 250 of them, or 3万");
        known.strangers(text)
    }

    #[test]
    fn what_tools_answered_may_be_said_rounded_summed_and_as_percent() {
        for text in [
            "1,204 views and 96 likes, 1,300 together",
            "12.3 % (12%), 12 percent, 12.3パーセント, １２．３％",
            "88,001 or 250 or 3万 or 30,000",
            "3 likes, 2 rows",
            "12k, 12.3k, 12.3K views, 1.2万回, 12千",
            "1.2M, 1.23 million, 123万, 123.5万人, 0.01億",
            "about 12,000, around 88,000, 約12,000回, roughly 1,200",
            "4.3 or 4.25 minutes",
            "１，２０４回",
            "",
        ] {
            assert_eq!(strangers(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn dates_times_and_small_words_are_free() {
        for text in [
            "On 24 November 2026 at 9:30",
            "Nov. 28, the 15th, December 31st, 2027-01-15, 11/30, 2027",
            "tomorrow at 11am, 12 p.m., at 15, 23:45",
            "来年の12月31日の23時45分、2027年、第12週",
            "10. A list\n11) goes on",
            "two, 3 or 9 of x123 in post_01JABC, #17 and a.example/77",
            "Here is one: “We sold 4,000 loaves in 12 days”",
            "365 days a year, 24時間",
        ] {
            assert_eq!(strangers(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_comes_from_nowhere_is_found() {
        assert_eq!(strangers("1,205 views, 97 likes, 12.4 %, 88.5"), ["1,205", "97", "12.4", "88.5"]);
        assert_eq!(strangers("再生は1,204回、登録は45人"), ["45"]);
        assert_eq!(strangers("6 likes, 5% more, 7.5 of ten, 8回"), ["6", "5", "7.5", "8"]);
        assert_eq!(strangers("13k, 12.4k, 1.3万, 2M, 124万人"), ["13k", "12.4k", "1.3万", "2M", "124万"]);
        assert_eq!(strangers("１，２０５回"), ["１，２０５"]);
        assert_eq!(strangers("12,000 views"), ["12,000"]);
        // A share only as a share: 0.1234 is no twelve.
        assert_eq!(strangers("12 comments"), ["12"]);
        assert_eq!(strangers("30 minutes"), ["30"]);
        assert_eq!(strangers("24 followers"), ["24"]);
    }
}
