//! Who watched what: every view of every video, drawn from the seed, the video, the Pacific day and a number. Counts
//! of `statistics` and reports of `analytics` are both made from these.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State as Shared};
use serde::{Deserialize, Serialize};

use super::pairs;
use super::video::Video;
use crate::google::ga4::world::{mix, number};
use crate::google::{Google, zone};
use crate::lock;

const COUNTRIES: [(&str, Option<&str>); 8] = [
    ("IT", None),
    ("IT", None),
    ("IT", None),
    ("JP", None),
    ("US", Some("US-CA")),
    ("US", Some("US-NY")),
    ("DE", None),
    ("FR", None),
];
const SOURCES: [&str; 8] =
    ["YT_SEARCH", "YT_SEARCH", "SUBSCRIBER", "SUBSCRIBER", "RELATED_VIDEO", "EXT_URL", "NOTIFICATION", "SHORTS"];
const SEARCHES: [&str; 4] = ["acme", "how to plan posts", "weekly video", "はじめに"];
const SITES: [&str; 3] = ["google.com", "x.com", "acme.example"];
const DEVICES: [(&str, &str); 6] = [
    ("MOBILE", "ANDROID"),
    ("MOBILE", "IOS"),
    ("MOBILE", "ANDROID"),
    ("DESKTOP", "WINDOWS"),
    ("DESKTOP", "MACINTOSH"),
    ("TV", "SMART_TV"),
];
const AGES: [&str; 6] = ["age18-24", "age25-34", "age25-34", "age35-44", "age45-54", "age55-64"];
const GENDERS: [&str; 5] = ["female", "female", "male", "male", "user_specified"];

/// One view: the truth that reports are computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Video.
    pub video: String,
    /// Its channel.
    pub channel: String,
    /// Pacific day.
    pub date: String,
    /// Country, two letters.
    pub country: String,
    /// Province, in the United States only.
    pub province: Option<String>,
    /// Traffic source.
    pub source: String,
    /// What was searched, or which site linked.
    pub source_detail: Option<String>,
    /// Device.
    pub device: String,
    /// Its operating system.
    pub os: String,
    /// Age group; only of those who are signed in.
    pub age: Option<String>,
    /// Gender; likewise.
    pub gender: Option<String>,
    /// `shorts` or `videoOnDemand`.
    pub format: String,
    /// Seconds watched.
    pub watched_s: u64,
    /// Length of the video.
    pub duration_s: u64,
    /// Liked.
    pub liked: bool,
    /// Commented.
    pub commented: bool,
    /// Shared.
    pub shared: bool,
    /// Subscribed.
    pub subscribed: bool,
    /// Unsubscribed.
    pub unsubscribed: bool,
}

fn name(video: &Video) -> u64 {
    video.id.bytes().fold(7, |all, byte| mix(&[all, u64::from(byte)]))
}

fn pacific(at_ms: i64) -> i64 {
    zone::day_at(at_ms, &zone::zone(zone::PACIFIC))
}

/// Views of a day: many at first, then fewer; none before it was public or after it was hidden.
fn count(seed: u64, video: &Video, (day, published): (i64, i64)) -> u64 {
    let age = number(day - published);
    let most = 6 + mix(&[seed, name(video), 1]) % 20;
    most * (60 + mix(&[seed, name(video), number(day), 2]) % 80) / 100 * 30 / (30 + age.min(600) * 2)
}

/// Days on which it was watched, until yesterday.
fn days(video: &Video, until: i64) -> Option<(i64, i64)> {
    let published = pacific(video.published_ms?);
    (video.is_visible()).then_some((published, until))
}

/// Views so far.
pub(super) fn total(seed: u64, video: &Video, now_ms: i64) -> u64 {
    let Some((published, until)) = days(video, pacific(now_ms) - 1) else { return 0 };
    (published..=until).map(|day| count(seed, video, (day, published))).sum()
}

/// The views of a video on these days.
pub(super) fn of(seed: u64, video: &Video, (from, to): (i64, i64), now_ms: i64) -> Vec<View> {
    let Some((published, until)) = days(video, pacific(now_ms) - 1) else { return Vec::new() };
    let days = from.max(published)..=to.min(until);
    days.flat_map(|day| (0..count(seed, video, (day, published))).map(move |n| view(seed, video, day, n))).collect()
}

fn view(seed: u64, video: &Video, day: i64, n: u64) -> View {
    let draw = |salt: u64| mix(&[seed, name(video), number(day), n, salt]);
    let at = |salt: u64, count: usize| usize::try_from(draw(salt)).unwrap_or(0) % count;
    let (country, province) = COUNTRIES[at(10, COUNTRIES.len())];
    let is_short = video.duration_s <= 60;
    let source = match SOURCES[at(11, SOURCES.len())] {
        "SHORTS" if !is_short => "YT_CHANNEL",
        other => other,
    };
    let source_detail = match source {
        "YT_SEARCH" => Some(SEARCHES[at(12, SEARCHES.len())]),
        "EXT_URL" => Some(SITES[at(12, SITES.len())]),
        _ => None,
    };
    let (device, os) = DEVICES[at(13, DEVICES.len())];
    let is_known = draw(14) % 100 < 70;
    View {
        video: video.id.clone(),
        channel: video.channel.clone(),
        date: zone::iso(day),
        country: country.into(),
        province: province.map(str::to_owned),
        source: source.into(),
        source_detail: source_detail.map(str::to_owned),
        device: device.into(),
        os: os.into(),
        age: is_known.then(|| AGES[at(15, AGES.len())].to_owned()),
        gender: is_known.then(|| GENDERS[at(16, GENDERS.len())].to_owned()),
        format: if is_short { "shorts" } else { "videoOnDemand" }.into(),
        watched_s: video.duration_s * (5 + draw(17) % 96) / 100,
        duration_s: video.duration_s,
        liked: draw(18) % 20 == 0,
        commented: draw(19) % 90 == 0,
        shared: draw(20) % 60 == 0,
        subscribed: draw(21) % 70 == 0,
        unsubscribed: draw(22) % 300 == 0,
    }
}

/// `GET /__sim/youtube/views?channel=…&from=…&to=…`.
pub(super) async fn show(Shared(google): Shared<Arc<Google>>, RawQuery(query): RawQuery) -> Json<Vec<View>> {
    let query = pairs(query);
    let asked = |name: &str| query.one(name).unwrap_or_default().to_owned();
    let now_ms = google.clock.now_ms();
    Json(lock(&google.state).youtube.views(&asked("channel"), (&asked("from"), &asked("to")), now_ms))
}

impl super::Youtube {
    /// The views of a channel on these Pacific days.
    pub(in crate::google) fn views(&self, channel: &str, (from, to): (&str, &str), now_ms: i64) -> Vec<View> {
        let (Some(from), Some(to)) = (zone::parse_iso(from), zone::parse_iso(to)) else { return Vec::new() };
        let mine = self.videos.iter().filter(|video| video.channel == channel);
        mine.flat_map(|video| of(self.seed, video, (from, to), now_ms)).collect()
    }
}
