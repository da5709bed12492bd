//! What came of posts: visits and key events of Google Analytics by the tags in their links (`domain/utm`), joined by nothing but the post's id and
//! the network. A post without tagged links has no visits here, which is not the same as none.

use std::collections::BTreeMap;

use super::period::Periods;
use super::report::Badge;
use super::{Analytics, TrafficAsk};
use crate::domain::caller::Caller;
use crate::domain::google::Source;
use crate::domain::ids::{AccountId, PostId};
use crate::domain::network::Network;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::domain::utm;
use crate::say;

/// Rows of one question: thousands of posts have visits in no period that anybody asks about.
const ROWS_MAX: usize = 10_000;

/// What came of one post on one network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Visits that began with a link of it.
    pub sessions: f64,
    /// Key events in them, by name.
    pub events: BTreeMap<String, f64>,
    /// Pages on which they began, the most visited first.
    pub landings: Vec<String>,
}

impl Outcome {
    /// All key events.
    #[must_use]
    pub fn key_events(&self) -> f64 {
        self.events.values().sum()
    }
}

/// What came of all posts in a period.
#[derive(Debug, Clone)]
pub struct Outcomes {
    /// By post id and network.
    pub by_post: BTreeMap<(String, Network), Outcome>,
    /// Of which property.
    pub source: Source,
    /// Of which days.
    pub periods: Option<Periods>,
    /// What lessens it.
    pub badges: Vec<Badge>,
    /// The same in sentences.
    pub caveats: Vec<Sentence>,
    /// Whether anything is known of these days.
    is_told: bool,
    /// Through which account it was read.
    pub login: AccountId,
    /// Until when it may be kept, Unix milliseconds.
    pub until: i64,
}

impl Outcomes {
    /// Visits that a post with tagged links brought. That it brought none is known, too, unless Google withheld rows, put them together, cut them off
    /// or tells nothing of these days yet.
    #[must_use]
    pub fn visits(&self, post: &PostId, network: Network) -> Option<f64> {
        match self.by_post.get(&(post.to_string(), network)) {
            Some(outcome) => Some(outcome.sessions),
            None => {
                let is_folded = self.caveats.iter().any(|caveat| caveat.key == "report-caveat-other");
                let may_be_there = self.badges.iter().any(|badge| matches!(badge, Badge::Thresholded | Badge::Cut));
                (!is_folded && !may_be_there && self.is_told).then_some(0.0)
            }
        }
    }
}

impl Analytics {
    /// What came of posts in a period, in words.
    ///
    /// # Errors
    /// As [`Analytics::report_traffic`].
    pub async fn outcomes(&self, caller: &Caller, period: &str) -> Result<Outcomes, ToolError> {
        let ask = |dimension: &str, metric: &str| TrafficAsk {
            period: Some(period.to_owned()),
            dimensions: ["sessionManualAdContent", "sessionSource", dimension].map(str::to_owned).to_vec(),
            metrics: vec![metric.to_owned()],
            filters: vec![format!("sessionManualAdContent begins with {}", utm::CONTENT_LEAD)],
            ..TrafficAsk::default()
        };
        let visits = self.report_traffic(caller, &ask("landingPage", "sessions"), (0, ROWS_MAX)).await?;
        let events = self.report_traffic(caller, &ask("eventName", "keyEvents"), (0, ROWS_MAX)).await?;
        let mut by_post: BTreeMap<(String, Network), Outcome> = BTreeMap::new();
        let mut each = |row: &super::Row, put: &dyn Fn(&mut Outcome, &str, f64)| {
            let [post, source, what] = row.keys.as_slice() else { return };
            let figure = row.figures.first().copied().flatten().filter(|figure| *figure > 0.0);
            if let Some((network, figure)) = Network::find(source).zip(figure) {
                put(by_post.entry((post.clone(), network)).or_default(), what, figure);
            }
        };
        for row in &visits.rows {
            each(row, &|outcome, page, sessions| {
                outcome.sessions += sessions;
                outcome.landings.push(page.to_owned());
            });
        }
        for row in &events.rows {
            each(row, &|outcome, name, count| *outcome.events.entry(name.to_owned()).or_default() += count);
        }
        let (mut badges, mut caveats) = (visits.badges, visits.caveats);
        badges.extend(events.badges);
        caveats.extend(events.caveats);
        if visits.next.is_some() || events.next.is_some() {
            badges.push(Badge::Cut);
            caveats.push(say!("outcomes-rows-cut", count = ROWS_MAX));
        }
        let is_told = visits.totals.as_ref().is_some_and(|totals| totals.iter().any(Option::is_some));
        badges.sort_unstable();
        badges.dedup();
        caveats.sort_by(|a, b| a.key.cmp(&b.key));
        caveats.dedup();
        let until = visits.until.min(events.until);
        Ok(Outcomes {
            by_post,
            source: visits.source,
            periods: visits.periods,
            badges,
            caveats,
            is_told,
            login: visits.login,
            until,
        })
    }
}
