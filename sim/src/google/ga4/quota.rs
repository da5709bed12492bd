//! What reports cost, and how much of it a property has left (dossier google §6.2, *Quotas*). Core and Realtime are
//! counted apart; hours are those of the clock, days are Pacific.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::google::options::Ga4Tuning;
use crate::google::problem::Problem;
use crate::google::zone;

const HOUR_MS: i64 = 3_600_000;
/// Slots for concurrent requests; this simulation answers one after the other.
const CONCURRENT: i64 = 10;

/// A count that begins anew with each window.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    window: i64,
    spent: i64,
}

impl Count {
    fn spent(self, window: i64) -> i64 {
        if self.window == window { self.spent } else { 0 }
    }

    fn add(&mut self, window: i64, cost: i64) {
        *self = Self { window, spent: self.spent(window) + cost };
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    day: Count,
    hour: Count,
    thresholded: Count,
    errors: Count,
}

/// Everything spent so far.
#[derive(Debug, Default)]
pub(super) struct Quota(HashMap<(usize, &'static str), Counts>);

/// What a report costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    pub(super) tokens: i64,
    pub(super) is_thresholded: bool,
}

/// `Core` or `Realtime`, of a property.
pub(super) type Purse = (usize, &'static str);

impl Quota {
    /// Refuses when something is spent, before anything is read.
    pub(super) fn admit(&self, purse: Purse, tuning: &Ga4Tuning, now_ms: i64) -> Result<(), Problem> {
        let (hour, day) = windows(now_ms);
        let counts = self.0.get(&purse).copied().unwrap_or_default();
        let learn = "To learn more, see https://developers.google.com/analytics/devguides/reporting/data/v1/quotas";
        let spent = |what: &str, when: &str| {
            Problem::exhausted(format!("Exhausted {what}. These quota tokens will return in under {when}. {learn}"))
        };
        if tuning.is_crowded {
            return Err(Problem::exhausted(format!(
                "Exhausted concurrent requests quota. Please send fewer requests concurrently. {learn}"
            )));
        }
        if counts.errors.spent(hour) >= tuning.server_errors_per_hour {
            return Err(spent("server errors per project per hour", "one hour"));
        }
        if counts.day.spent(day) >= tuning.tokens_per_day {
            return Err(spent("property tokens per day", "24 hours"));
        }
        if counts.hour.spent(hour) >= tuning.tokens_per_hour {
            return Err(spent("property tokens per hour", "one hour"));
        }
        if counts.hour.spent(hour) >= tuning.tokens_per_project_hour {
            return Err(spent("property tokens for a project per hour", "one hour"));
        }
        Ok(())
    }

    /// Counts a server error.
    pub(super) fn count_error(&mut self, purse: Purse, now_ms: i64) {
        self.0.entry(purse).or_default().errors.add(windows(now_ms).0, 1);
    }

    /// Takes the tokens of a report that is answered.
    pub(super) fn charge(
        &mut self,
        purse: Purse,
        cost: Cost,
        tuning: &Ga4Tuning,
        now_ms: i64,
    ) -> Result<Value, Problem> {
        let (hour, day) = windows(now_ms);
        let counts = self.0.entry(purse).or_default();
        if cost.is_thresholded {
            if counts.thresholded.spent(hour) >= tuning.thresholded_per_hour {
                return Err(Problem::exhausted(
                    "Exhausted potentially thresholded requests per hour. These quota tokens will return in under one hour.",
                ));
            }
            counts.thresholded.add(hour, 1);
        }
        counts.day.add(day, cost.tokens);
        counts.hour.add(hour, cost.tokens);
        let status = |limit: i64, spent: i64, cost: i64| json!({"consumed": cost, "remaining": (limit - spent).max(0)});
        let hourly = counts.hour.spent(hour);
        // What is nothing is left out, as everywhere in this API.
        let bare = |limit: i64, spent: i64| {
            let remaining = (limit - spent).max(0);
            if remaining == 0 { json!({}) } else { json!({"remaining": remaining}) }
        };
        Ok(json!({
            "tokensPerDay": status(tuning.tokens_per_day, counts.day.spent(day), cost.tokens),
            "tokensPerHour": status(tuning.tokens_per_hour, hourly, cost.tokens),
            "tokensPerProjectPerHour": status(tuning.tokens_per_project_hour, hourly, cost.tokens),
            "concurrentRequests": bare(CONCURRENT, 0),
            "serverErrorsPerProjectPerHour": bare(tuning.server_errors_per_hour, counts.errors.spent(hour)),
            "potentiallyThresholdedRequestsPerHour": bare(tuning.thresholded_per_hour, counts.thresholded.spent(hour)),
        }))
    }
}

fn windows(now_ms: i64) -> (i64, i64) {
    (now_ms.div_euclid(HOUR_MS), zone::day_at(now_ms, &zone::zone(zone::PACIFIC)))
}
