//! When to post, for the pages: suggestions in the person's words, and the week of hours as it is drawn. What they rest on is `analytics::times`.

use jiff::civil::Weekday;

use super::App;
use crate::analytics::times::{Times, rounded, why};
use crate::domain::caller::Caller;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::times::{Suggestion, Week};
use crate::domain::tool::ToolError;

/// A figure is drawn in thousandths.
const THOUSAND: f64 = 1_000.0;
/// Hours that are told of a picture: the fullest.
const TOLD: usize = 10;

/// Suggestions, ready to be shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The next time of each and why, best first.
    pub best: Vec<(String, Sentence)>,
    /// What they rest on.
    pub said: Vec<Sentence>,
    /// The week, when something is known of its hours.
    pub week: Option<Ringed>,
}

/// A week of hours with the suggested ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ringed {
    /// What it shows.
    pub title: String,
    /// Names of the days.
    pub days: Vec<String>,
    /// For each day a figure for each hour, in thousandths.
    pub hours: Vec<Vec<i64>>,
    /// Day and hour of each suggestion.
    pub ringed: Vec<(usize, usize)>,
    /// The same in words.
    pub told: String,
}

impl App {
    /// When to post.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn times(&self, caller: &Caller) -> Result<Shown, ToolError> {
        let posts = self.desk.list_out(caller, None).await?;
        let found = self.analytics.times(caller, &posts, Ok(())).await?;
        let now = Moment { at_ms: self.now_ms(), zone: caller.zone.clone() };
        let at = |one: &Suggestion| {
            let at = one.next(&now)?;
            Some((self.words.moment(caller.lang, &at, now.at_ms), why(found.basis, one)))
        };
        let best = found.best.iter().filter_map(at).collect();
        Ok(Shown { best, week: self.ringed(caller, &found), said: found.said })
    }

    fn ringed(&self, caller: &Caller, found: &Times) -> Option<Ringed> {
        let Week(hours) = found.week.as_ref()?;
        let text = |key: &str| self.words.text(caller.lang, key);
        let day = |no: usize| text(&format!("time-weekday-{}", no + 1));
        let place = |one: &Suggestion| {
            let of = |number: i8| usize::try_from(number).unwrap_or_default();
            (of(Weekday::to_monday_zero_offset(one.day)), of(one.hour))
        };
        #[expect(clippy::cast_possible_truncation, reason = "a shade in a picture")]
        let drawn = |visits: &f64| (visits * THOUSAND).round() as i64;
        let mut all: Vec<(f64, usize, usize)> = Vec::new();
        for (no, of_day) in hours.iter().enumerate() {
            all.extend(of_day.iter().enumerate().map(|(hour, visits)| (*visits, no, hour)));
        }
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let told =
            all.iter().take(TOLD).map(|(visits, no, hour)| format!("{} {hour}:00: {}", day(*no), rounded(*visits)));
        Some(Ringed {
            title: text("times-picture"),
            days: (0..7).map(day).collect(),
            hours: hours.iter().map(|day| day.iter().map(drawn).collect()).collect(),
            ringed: found.best.iter().map(place).collect(),
            told: format!("{}. {}", text("times-picture"), told.collect::<Vec<_>>().join("; ")),
        })
    }
}
