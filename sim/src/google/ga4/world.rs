//! The data of the simulated Analytics: properties, and visits that grow from a seed, day by day, so that the figures
//! of a day are the same whenever they are asked for. What a report makes of them is `report`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::people;
use crate::google::zone;

/// Text of the world: mostly written here, planted visits bring their own.
pub(super) type Text = Cow<'static, str>;

/// So many days before its start the data begins.
pub(super) const DAYS_BEFORE: i64 = 400;
/// However far a test moves the clock on, the data ends so many days after its start.
const DAYS_AFTER_MAX: i64 = 400;
/// The planted drop begins so many days before the start, or up to four earlier: none of its days is of a weekend, when too few come anyhow for
/// a drop to be one.
const DROP_FROM: i64 = 9;
/// How many days it has.
const DROP_DAYS: i64 = 3;
/// Of a hundred visits of the struck channel so many are missing.
const DROP_PERCENT: u64 = 85;
/// The struck channel.
pub(super) const DROP_CHANNEL: &str = "Organic Search";
/// Events that count as key events.
pub(super) const KEY_EVENTS: [&str; 3] = ["sign_up", "newsletter_join", "purchase"];

/// A property.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) id: &'static str,
    pub(super) account: &'static str,
    pub(super) name: &'static str,
    pub(super) zone_name: &'static str,
    pub(super) currency: &'static str,
    pub(super) host: &'static str,
    /// Visits on an ordinary day.
    pub(super) daily: u64,
    pub(super) has_shop: bool,
}

/// All accounts, by number.
pub(super) const ACCOUNTS: [(&str, &str); 3] =
    [("100", "Acme"), ("101", "Side projects"), ("102", "Account without properties")];

/// All properties.
pub(super) const PROPERTIES: [Property; 3] = [
    Property {
        id: "310001",
        account: "100",
        name: "acme.example",
        zone_name: "Europe/Rome",
        currency: "EUR",
        host: "www.acme.example",
        daily: 70,
        has_shop: false,
    },
    Property {
        id: "310002",
        account: "100",
        name: "Acme Shop",
        zone_name: "America/New_York",
        currency: "USD",
        host: "shop.acme.example",
        daily: 24,
        has_shop: true,
    },
    Property {
        id: "310003",
        account: "101",
        name: "New blog",
        zone_name: "Asia/Tokyo",
        currency: "JPY",
        host: "blog.side.example",
        daily: 0,
        has_shop: false,
    },
];

/// Something that happened in a visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// `page_view`, `session_start`, `first_visit`, `scroll`, `user_engagement`, `sign_up`, `purchase` …
    pub name: Text,
    /// When, as the clock on the wall of the property's zone shows it.
    pub local_ms: i64,
    /// Path of the page.
    pub path: Text,
    /// Its query, with `?`, or nothing.
    pub query: Text,
    /// Its title.
    pub title: Text,
    /// Engagement that the event brings, in milliseconds.
    pub engaged_ms: u64,
    /// Revenue in the property's currency.
    pub revenue: f64,
    /// Number of the purchase.
    pub transaction: Option<String>,
    /// What was bought.
    pub item: Option<Text>,
}

/// A session with all its events: the truth that reports are computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Number of the session.
    pub session: u64,
    /// Number of the user.
    pub user: u64,
    /// When it began.
    pub start_ms: i64,
    /// Whether it is the user's first.
    pub is_new: bool,
    /// Whether it counts as engaged: over ten seconds, two pages or a key event.
    pub is_engaged: bool,
    /// Whether its user counts as active: engaged, new, or with any engagement.
    pub is_active: bool,
    /// From its first event to its last.
    pub duration_ms: u64,
    /// Source of the session.
    pub source: Text,
    /// Medium.
    pub medium: Text,
    /// Campaign.
    pub campaign: Text,
    /// `utm_content`.
    pub content: Text,
    /// Default channel group.
    pub channel: Text,
    /// Source of the user's first session.
    pub first_source: Text,
    /// Its medium.
    pub first_medium: Text,
    /// Its campaign.
    pub first_campaign: Text,
    /// Its channel group.
    pub first_channel: Text,
    /// Page that led here.
    pub referrer: Text,
    /// Country, in English.
    pub country: Text,
    /// Its code of two letters.
    pub country_id: Text,
    /// Region.
    pub region: Text,
    /// City.
    pub city: Text,
    /// Language, in English.
    pub language: Text,
    /// Its code.
    pub language_code: Text,
    /// `desktop`, `mobile`, `tablet`.
    pub device: Text,
    /// Browser.
    pub browser: Text,
    /// Operating system.
    pub os: Text,
    /// Age bracket, mostly unknown.
    pub age: Text,
    /// Gender, mostly unknown.
    pub gender: Text,
    /// Interest.
    pub interest: Text,
    /// The custom user property `plan`.
    pub plan: Text,
    /// In order.
    pub events: Vec<Event>,
}

/// A visit that a test adds: what is left out is as in an ordinary one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlantedVisit {
    /// `310001` …
    pub property: String,
    /// When.
    pub at_ms: i64,
    /// Source.
    pub source: String,
    /// Medium.
    pub medium: String,
    /// Campaign.
    pub campaign: String,
    /// `utm_content`.
    pub content: String,
    /// Landing page.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Country, in English.
    pub country: String,
    /// A key event that happened.
    pub key_event: Option<String>,
    /// So many of them, each by somebody else.
    pub times: u32,
}

impl Default for PlantedVisit {
    fn default() -> Self {
        Self {
            property: "310001".into(),
            at_ms: 0,
            source: "(direct)".into(),
            medium: "(none)".into(),
            campaign: "(not set)".into(),
            content: "(not set)".into(),
            path: "/".into(),
            title: "Acme".into(),
            country: "Italy".into(),
            key_event: None,
            times: 1,
        }
    }
}

/// What was planted, for tests that look for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ga4Truths {
    /// First day with data, in the zone of the property.
    pub first_day: String,
    /// The channel whose visits drop in every property.
    pub drop_channel: String,
    /// First day of the drop (`YYYY-MM-DD`, property 310001).
    pub drop_from: String,
    /// Its last day.
    pub drop_to: String,
    /// So many of a hundred visits are missing.
    pub drop_percent: u64,
    /// Which events are key events.
    pub key_events: Vec<String>,
}

/// The visits, made when they are first needed.
#[derive(Debug)]
pub(super) struct World {
    seed: u64,
    zones: Vec<TimeZone>,
    anchors: Vec<i64>,
    days: HashMap<(usize, i64), Arc<Vec<Visit>>>,
    planted: Vec<(usize, Visit)>,
}

/// Mixes numbers to one that nobody sees through (splitmix64).
pub(in crate::google) fn mix(parts: &[u64]) -> u64 {
    let step = |state: u64, part: &u64| {
        let mut z = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    parts.iter().fold(0x5eed, step)
}

/// A day as something to mix.
pub(in crate::google) fn number(day: i64) -> u64 {
    day.cast_unsigned()
}

/// The first day of the planted drop, for a world that starts on `anchor` (both days since 1970).
fn drop_from(anchor: i64) -> i64 {
    // 1970 began on a Thursday: Monday is 0.
    let weekday = |day: i64| (day + 3).rem_euclid(7);
    let latest = anchor - DROP_FROM;
    (0..).map(|earlier| latest - earlier).find(|day| weekday(*day) + DROP_DAYS <= 5).unwrap_or(latest)
}

impl World {
    pub(super) fn new(seed: u64, now_ms: i64) -> Self {
        let zones: Vec<TimeZone> = PROPERTIES.iter().map(|property| zone::zone(property.zone_name)).collect();
        let anchors = zones.iter().map(|zone| zone::day_at(now_ms, zone)).collect();
        Self { seed, zones, anchors, days: HashMap::new(), planted: Vec::new() }
    }

    pub(super) fn zone(&self, property: usize) -> TimeZone {
        self.zones.get(property).cloned().unwrap_or(TimeZone::UTC)
    }

    pub(super) fn truths(&self) -> Ga4Truths {
        let anchor = self.anchors.first().copied().unwrap_or(0);
        Ga4Truths {
            first_day: zone::iso(anchor - DAYS_BEFORE),
            drop_channel: DROP_CHANNEL.into(),
            drop_from: zone::iso(drop_from(anchor)),
            drop_to: zone::iso(drop_from(anchor) + DROP_DAYS - 1),
            drop_percent: DROP_PERCENT,
            key_events: KEY_EVENTS.map(str::to_owned).to_vec(),
        }
    }

    /// Visits that began on these days and before `until_ms`. The events of a visit may reach into the next day.
    pub(super) fn visits(&mut self, property: usize, days: (i64, i64), until_ms: i64) -> Vec<Visit> {
        let shelves = self.shelves(property, days);
        shelves.iter().flat_map(|day| day.iter()).filter(|visit| visit.start_ms <= until_ms).cloned().collect()
    }

    /// The visits of these days, a shelf for each, and one with those that were planted; later ones than now among them.
    pub(super) fn shelves(&mut self, property: usize, (from, to): (i64, i64)) -> Vec<Arc<Vec<Visit>>> {
        let zone = self.zone(property);
        let Some(anchor) = self.anchors.get(property).copied() else { return Vec::new() };
        let last = to.min(anchor + DAYS_AFTER_MAX);
        let mut shelves: Vec<_> = (from.max(anchor - DAYS_BEFORE)..=last).map(|day| self.day(property, day)).collect();
        let in_days = |visit: &Visit| (from..=to).contains(&zone::day_at(visit.start_ms, &zone));
        let planted = self.planted.iter().filter(|(at, visit)| *at == property && in_days(visit));
        shelves.push(Arc::new(planted.map(|(_, visit)| visit.clone()).collect()));
        shelves
    }

    fn day(&mut self, property: usize, day: i64) -> Arc<Vec<Visit>> {
        if let Some(known) = self.days.get(&(property, day)) {
            return Arc::clone(known);
        }
        let made = Arc::new(self.make_day(property, day));
        self.days.insert((property, day), Arc::clone(&made));
        made
    }

    fn make_day(&self, property: usize, day: i64) -> Vec<Visit> {
        let (Some(place), Some(anchor)) = (PROPERTIES.get(property), self.anchors.get(property)) else {
            return Vec::new();
        };
        let maker =
            people::Maker { seed: self.seed, property, place, zone: self.zone(property), first: anchor - DAYS_BEFORE };
        let is_struck = (drop_from(*anchor)..drop_from(*anchor) + DROP_DAYS).contains(&day);
        let visits = (0..maker.count(day)).map(|n| maker.visit(day, n));
        let is_missing =
            |visit: &Visit| is_struck && visit.channel == DROP_CHANNEL && mix(&[visit.session]) % 100 < DROP_PERCENT;
        visits.filter(|visit| !is_missing(visit)).collect()
    }

    /// Adds visits; the answer says how many there are now that were added.
    pub(super) fn plant(&mut self, wanted: &PlantedVisit) -> Option<usize> {
        let property = PROPERTIES.iter().position(|property| property.id == wanted.property)?;
        let zone = self.zone(property);
        for _ in 0..wanted.times {
            let no = self.planted.len() as u64;
            self.planted.push((property, people::planted(wanted, &zone, no)));
        }
        Some(self.planted.len())
    }
}
