//! What is counted for one row of a report. Two tallies can be joined, so that totals know users apart that are in
//! several rows.

use std::collections::{HashMap, HashSet};

use super::names::Hit;
use super::world::KEY_EVENTS;

/// The counts of one row.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) events: usize,
    pub(super) views: usize,
    pub(super) key_events: usize,
    pub(super) new_users: usize,
    pub(super) purchases: usize,
    pub(super) engaged_ms: u64,
    pub(super) revenue: f64,
    pub(super) users: HashSet<u64>,
    pub(super) active: HashSet<u64>,
    pub(super) scrolled: HashSet<u64>,
    pub(super) buyers: HashSet<u64>,
    pub(super) key_users: HashSet<u64>,
    pub(super) key_sessions: HashSet<u64>,
    /// Whether it is engaged, and how long it lasted.
    sessions: HashMap<u64, (bool, u64)>,
    /// Active in 1, 7 and 28 days.
    back: [HashSet<u64>; 3],
}

impl Tally {
    /// A number as figures have it.
    #[expect(clippy::cast_precision_loss, reason = "counts of a simulation are far below 2^53")]
    pub(super) fn count(number: usize) -> f64 {
        number as f64
    }

    /// Milliseconds as seconds.
    #[expect(clippy::cast_precision_loss, reason = "durations of a simulation are far below 2^53 ms")]
    pub(super) fn seconds(ms: u64) -> f64 {
        ms as f64 / 1_000.0
    }

    pub(super) fn sessions(&self) -> f64 {
        Self::count(self.sessions.len())
    }

    pub(super) fn engaged_sessions(&self) -> f64 {
        Self::count(self.sessions.values().filter(|(is_engaged, _)| *is_engaged).count())
    }

    pub(super) fn session_seconds(&self) -> f64 {
        Self::seconds(self.sessions.values().map(|(_, ms)| ms).sum())
    }

    pub(super) fn back(&self, span: usize) -> f64 {
        Self::count(self.back.get(span).map_or(0, HashSet::len))
    }

    /// Counts an event.
    pub(super) fn add(&mut self, hit: &Hit<'_>) {
        let (visit, event) = (hit.visit, hit.event);
        self.events += 1;
        self.users.insert(visit.user);
        if visit.is_active {
            self.active.insert(visit.user);
        }
        self.sessions.insert(visit.session, (visit.is_engaged, visit.duration_ms));
        self.engaged_ms += event.engaged_ms;
        match event.name.as_ref() {
            "page_view" => self.views += 1,
            "first_visit" => self.new_users += 1,
            "scroll" => {
                self.scrolled.insert(visit.user);
            }
            "purchase" => {
                self.purchases += 1;
                self.revenue += event.revenue;
                self.buyers.insert(visit.user);
            }
            _ => {}
        }
        if KEY_EVENTS.contains(&event.name.as_ref()) {
            self.key_events += 1;
            self.key_users.insert(visit.user);
            self.key_sessions.insert(visit.session);
        }
    }

    /// Counts somebody who was active within the span.
    pub(super) fn add_back(&mut self, span: usize, user: u64) {
        if let Some(users) = self.back.get_mut(span) {
            users.insert(user);
        }
    }

    /// Takes another's counts in.
    pub(super) fn join(&mut self, other: &Self) {
        self.events += other.events;
        self.views += other.views;
        self.key_events += other.key_events;
        self.new_users += other.new_users;
        self.purchases += other.purchases;
        self.engaged_ms += other.engaged_ms;
        self.revenue += other.revenue;
        self.sessions.extend(&other.sessions);
        for (mine, theirs) in [
            (&mut self.users, &other.users),
            (&mut self.active, &other.active),
            (&mut self.scrolled, &other.scrolled),
            (&mut self.buyers, &other.buyers),
            (&mut self.key_users, &other.key_users),
            (&mut self.key_sessions, &other.key_sessions),
        ] {
            mine.extend(theirs);
        }
        for (mine, theirs) in self.back.iter_mut().zip(&other.back) {
            mine.extend(theirs);
        }
    }
}
