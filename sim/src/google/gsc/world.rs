//! The data of the simulated Search Console: what people searched and saw on each Pacific day, drawn from the seed, the
//! day and a number, and nothing else. What a query makes of it is `query`.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::google::ga4::world::{mix, number};
use crate::google::zone;

/// History reaches back so far: sixteen months (dossier google §7).
pub(super) const HISTORY_DAYS: i64 = 486;
/// A day, counted back from the start, on which nothing was seen: such days are left out of answers.
pub(super) const GAP_DAYS_AGO: i64 = 20;
/// Of a hundred rows so many have a query that is withheld.
const ANONYMOUS_PERCENT: u64 = 12;
/// Of a hundred rows so many are a second result of the same search.
const SECOND_PERCENT: u64 = 8;
/// Queries that come up every day.
const HEAD: u64 = 50;
/// Queries that come up now and then.
const TAIL: u64 = 4_000;
const PAGES: u64 = 60;

/// The kinds of search, and the rows that a day has of each.
pub(super) const TYPES: [(&str, u64); 6] =
    [("web", 1_500), ("image", 120), ("video", 60), ("news", 30), ("discover", 40), ("googleNews", 12)];

const COUNTRIES: [&str; 8] = ["ita", "ita", "ita", "jpn", "usa", "usa", "deu", "fra"];
const DEVICES: [&str; 5] = ["MOBILE", "MOBILE", "MOBILE", "DESKTOP", "TABLET"];
const APPEARANCES: [&str; 3] = ["REVIEW_SNIPPET", "VIDEO", "TRANSLATED_RESULT"];

/// What was seen: the truth that answers are counted from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchRow {
    /// Pacific day.
    pub date: String,
    /// Pacific hour.
    pub hour: u8,
    /// `web`, `image` …
    #[serde(rename = "type")]
    pub kind: String,
    /// What was searched; withheld queries have none.
    pub query: Option<String>,
    /// Address of the result.
    pub page: String,
    /// Country, three lower-case letters.
    pub country: String,
    /// `DESKTOP`, `MOBILE`, `TABLET`.
    pub device: String,
    /// A special appearance.
    pub appearance: Option<String>,
    /// How often it was clicked.
    pub clicks: u32,
    /// How often it was seen.
    pub impressions: u32,
    /// At which place, from 1.
    pub position: u32,
    /// The search had shown another page of the same property already: not counted by property.
    pub is_second: bool,
}

/// The rows, made when they are first needed.
#[derive(Debug)]
pub(super) struct World {
    seed: u64,
    anchor: i64,
    days: HashMap<(i64, usize), Arc<Vec<Found>>>,
    planted: Vec<SearchRow>,
}

/// A row with numbers for texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    hour: u8,
    query: Option<u64>,
    page: u64,
    country: &'static str,
    device: &'static str,
    appearance: Option<&'static str>,
    clicks: u32,
    impressions: u32,
    position: u32,
    is_second: bool,
    /// From 0 to 99: what is not final yet grows by it.
    pub(super) lateness: u64,
}

/// What is searched every day.
const HEADS: [&str; 10] = [
    "acme",
    "acme pricing",
    "acme blog",
    "plan posts",
    "schedule posts",
    "post planner",
    "acme shop",
    "acme はじめに",
    "content calendar",
    "acme mug",
];
/// What rare queries are made of.
const FIRST: [&str; 20] = [
    "best",
    "cheap",
    "free",
    "simple",
    "fast",
    "open source",
    "self hosted",
    "private",
    "small",
    "new",
    "good",
    "what is a",
    "how to use a",
    "why a",
    "compare",
    "review of",
    "alternatives to",
    "learn",
    "install",
    "migrate",
];
const SECOND: [&str; 20] = [
    "post planner",
    "content calendar",
    "social scheduler",
    "editor",
    "assistant",
    "newsletter",
    "blog engine",
    "link shortener",
    "analytics tool",
    "report",
    "dashboard",
    "media library",
    "thumbnail",
    "caption",
    "hashtag list",
    "audience",
    "campaign",
    "funnel",
    "thread",
    "draft",
];
const THIRD: [&str; 10] =
    ["", "2026", "for teams", "for students", "in italy", "open", "à la carte", "日本語", "near me", "\"quoted\""];

/// The text of a query.
fn query_text(no: u64) -> String {
    let pick = |from: &[&'static str], no: u64| {
        from.get(usize::try_from(no).unwrap_or(0) % from.len()).copied().unwrap_or_default()
    };
    if no < HEAD {
        let head = pick(&HEADS, no);
        return if no < 10 { head.to_owned() } else { format!("{head} {}", no / 10 + 1) };
    }
    let no = no - HEAD;
    format!("{} {} {}", pick(&FIRST, no % 20), pick(&SECOND, no / 20 % 20), pick(&THIRD, no / 400))
        .trim_end()
        .to_owned()
}

/// The address of a page: mostly of the site itself, some of the shop and the blog beside it.
pub(super) fn page_text(no: u64) -> String {
    match no {
        0 => "https://www.acme.example/".into(),
        1 => "https://www.acme.example/pricing".into(),
        2 => "https://www.acme.example/ja/%E3%81%AF%E3%81%98%E3%82%81%E3%81%AB".into(),
        3..40 => format!("https://www.acme.example/blog/post-{no}"),
        40..52 => format!("https://shop.acme.example/item/{no}"),
        _ => format!("https://notes.acme.example/n/{no}?lang=it"),
    }
}

/// How many pages there are.
pub(super) fn pages() -> u64 {
    PAGES
}

impl World {
    pub(super) fn new(seed: u64, now_ms: i64) -> Self {
        let anchor = zone::day_at(now_ms, &zone::zone(zone::PACIFIC));
        Self { seed, anchor, days: HashMap::new(), planted: Vec::new() }
    }

    pub(super) fn gap(&self) -> i64 {
        self.anchor - GAP_DAYS_AGO
    }

    /// What was seen on a day of this kind of search.
    pub(super) fn day(&mut self, day: i64, kind: usize) -> Arc<Vec<Found>> {
        if let Some(known) = self.days.get(&(day, kind)) {
            return Arc::clone(known);
        }
        let made = Arc::new(self.make(day, kind));
        self.days.insert((day, kind), Arc::clone(&made));
        made
    }

    fn make(&self, day: i64, kind: usize) -> Vec<Found> {
        if day == self.gap() || !(self.anchor - HISTORY_DAYS..=self.anchor + HISTORY_DAYS).contains(&day) {
            return Vec::new();
        }
        let base = TYPES.get(kind).map_or(0, |(_, count)| *count);
        let weekend = if matches!(zone::weekday(day), 0 | 6) { 75 } else { 100 };
        let draws = base * weekend * (90 + mix(&[self.seed, number(day), kind as u64]) % 21) / 10_000;
        let has_query = kind < 4;
        (0..draws).map(|n| self.found((day, kind), n, has_query)).collect()
    }

    fn found(&self, (day, kind): (i64, usize), n: u64, has_query: bool) -> Found {
        let draw = |salt: u64| mix(&[self.seed, number(day), kind as u64, n, salt]);
        let small = |value: u64| u32::try_from(value).unwrap_or(0);
        let is_head = draw(1) % 100 < 35;
        // The smaller of two draws: the first queries come up more often.
        let query = if is_head { (draw(2) % HEAD).min(draw(3) % HEAD) } else { HEAD + draw(2) % TAIL };
        let page = if is_head { (query * 7 + draw(4) % 3) % PAGES } else { draw(4) % PAGES };
        let position = if is_head { 1 + draw(5) % 9 } else { 3 + draw(5) % 60 };
        let impressions = if is_head { 5 + draw(6) % 60 } else { 1 + draw(6) % 4 };
        let clicks = match is_head {
            true => impressions * (35 / (position + 2)) / 100 + u64::from(draw(7) % 3 == 0),
            false => u64::from(draw(7) % 12 == 0),
        };
        let pick =
            |from: &'static [&'static str], salt: u64| from[usize::try_from(draw(salt)).unwrap_or(0) % from.len()];
        Found {
            hour: u8::try_from(draw(8) % 24).unwrap_or(0),
            query: Some(query).filter(|_| has_query && draw(9) % 100 >= ANONYMOUS_PERCENT),
            page,
            country: pick(&COUNTRIES, 10),
            device: pick(&DEVICES, 11),
            appearance: (draw(12) % 5 == 0).then(|| pick(&APPEARANCES, 13)),
            clicks: small(clicks.min(impressions)),
            impressions: small(impressions),
            position: small(position),
            is_second: draw(14) % 100 < SECOND_PERCENT,
            lateness: draw(15) % 100,
        }
    }

    /// Adds a row.
    pub(super) fn plant(&mut self, row: SearchRow) {
        self.planted.push(row);
    }

    /// The rows that were added for a day and a kind of search.
    pub(super) fn planted(&self, day: i64, kind: usize) -> Vec<SearchRow> {
        let (date, name) = (zone::iso(day), TYPES.get(kind).map_or("", |(name, _)| name));
        self.planted.iter().filter(|row| row.date == date && row.kind == name).cloned().collect()
    }
}

impl Found {
    /// The row in words.
    pub(super) fn said(&self, day: i64, kind: usize) -> SearchRow {
        SearchRow {
            date: zone::iso(day),
            hour: self.hour,
            kind: TYPES.get(kind).map_or("", |(name, _)| name).to_owned(),
            query: self.query.map(query_text),
            page: page_text(self.page),
            country: self.country.to_owned(),
            device: self.device.to_owned(),
            appearance: self.appearance.map(str::to_owned),
            clicks: self.clicks,
            impressions: self.impressions,
            position: self.position,
            is_second: self.is_second,
        }
    }
}
