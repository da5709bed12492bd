//! Who visits and what they do: every trait of a visit is drawn from the seed, the day and its number, and nothing
//! else. A returning user is found by drawing an earlier visit and taking over its traits.

use jiff::tz::TimeZone;

use super::world::{Event, KEY_EVENTS, PlantedVisit, Property, Text, Visit, mix, number};
use crate::google::zone;

/// Of a hundred visits so many are by somebody new.
const NEW_PERCENT: u64 = 62;
/// How far back a returning user's first visit may lie.
const RETURN_DAYS: u64 = 45;
const HOUR_MS: i64 = 3_600_000;

/// Weight, source, medium, campaign, content, referrer.
type Origin = (u64, &'static str, &'static str, &'static str, &'static str, &'static str);

const ORIGINS: [Origin; 14] = [
    (24, "(direct)", "(none)", "(direct)", "(not set)", ""),
    (28, "google", "organic", "(organic)", "(not set)", "https://www.google.com/"),
    (4, "bing", "organic", "(organic)", "(not set)", "https://www.bing.com/"),
    (5, "news.example", "referral", "(referral)", "(not set)", "https://news.example/acme"),
    (2, "forum.example", "referral", "(referral)", "(not set)", "https://forum.example/t/1"),
    (8, "newsletter", "email", "november-news", "(not set)", ""),
    (6, "x", "social", "launch-2026", "post-1", "https://t.co/sim"),
    (4, "x", "social", "weekly-tips", "post-2", "https://t.co/sim"),
    (4, "threads", "social", "launch-2026", "post-3", "https://l.threads.net/"),
    (4, "linkedin", "social", "weekly-tips", "post-4", "https://www.linkedin.com/"),
    (4, "facebook", "paid_social", "spring-ads", "ad-7", "https://m.facebook.com/"),
    (5, "google", "cpc", "brand-search", "(not set)", "https://www.google.com/"),
    (1, "youtube.com", "referral", "(referral)", "(not set)", "https://www.youtube.com/"),
    (1, "partner", "qr", "fair", "(not set)", ""),
];

/// Weight, country, code, region, city, language, code.
type Place = (u64, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const PLACES: [Place; 11] = [
    (24, "Italy", "IT", "Lombardy", "Milan", "Italian", "it-it"),
    (13, "Italy", "IT", "Lazio", "Rome", "Italian", "it-it"),
    (12, "Japan", "JP", "Tokyo", "Shinjuku City", "Japanese", "ja-jp"),
    (5, "Japan", "JP", "Osaka", "Osaka", "Japanese", "ja-jp"),
    (12, "United States", "US", "California", "San Francisco", "English", "en-us"),
    (9, "United States", "US", "New York", "New York", "English", "en-us"),
    (9, "Germany", "DE", "Berlin", "Berlin", "German", "de-de"),
    (7, "France", "FR", "Ile-de-France", "Paris", "French", "fr-fr"),
    (4, "Brazil", "BR", "State of Sao Paulo", "Sao Paulo", "Portuguese", "pt-br"),
    (3, "Côte d’Ivoire", "CI", "(not set)", "(not set)", "French", "fr-ci"),
    (2, "(not set)", "(not set)", "(not set)", "(not set)", "(not set)", "(not set)"),
];

const DEVICES: [(u64, &str, &str, &str); 8] = [
    (30, "mobile", "Chrome", "Android"),
    (18, "mobile", "Safari", "iOS"),
    (4, "mobile", "Samsung Internet", "Android"),
    (25, "desktop", "Chrome", "Windows"),
    (9, "desktop", "Safari", "Macintosh"),
    (6, "desktop", "Edge", "Windows"),
    (4, "desktop", "Firefox", "Linux"),
    (4, "tablet", "Safari", "iOS"),
];

const PAGES: [(u64, &str, &str); 12] = [
    (22, "/", "Acme"),
    (12, "/pricing", "Pricing"),
    (10, "/blog/first-steps", "First steps"),
    (9, "/blog/how-we-plan", "How we plan"),
    (8, "/blog/release-notes", "Release notes"),
    (7, "/docs/install", "Install"),
    (7, "/docs/configure", "Configure"),
    (6, "/about", "About"),
    (6, "/contact", "Contact"),
    (5, "/blog/tips", "<b>Tips & tricks</b>, “quoted”"),
    (4, "/ja/はじめに", "はじめに"),
    (4, "/search", "Search"),
];

const ITEMS: [(u64, &str, f64); 4] = [(5, "Mug", 12.5), (3, "Shirt", 25.0), (2, "Poster", 9.99), (1, "Chair", 149.0)];

fn pick<T: Copy>(from: &[T], draw: u64, weight: impl Fn(&T) -> u64) -> Option<T> {
    let mut left = draw % from.iter().map(&weight).sum::<u64>().max(1);
    from.iter()
        .find(|one| {
            let weight = weight(one);
            let is_hit = left < weight;
            left = left.saturating_sub(weight);
            is_hit
        })
        .copied()
}

/// The default channel group of a source and a medium, by Google's published rules as far as this world needs them.
pub(super) fn channel(source: &str, medium: &str) -> &'static str {
    const SOCIAL: [&str; 9] =
        ["x", "t.co", "twitter", "threads", "linkedin", "facebook", "instagram", "bluesky", "mastodon"];
    let is_social = SOCIAL.contains(&source);
    let is_paid = matches!(medium, "cpc" | "ppc" | "retargeting") || medium.starts_with("paid");
    let is_search = matches!(source, "google" | "bing" | "duckduckgo" | "yahoo");
    match (source, medium) {
        ("(direct)", "(none)" | "(not set)") => "Direct",
        _ if is_paid && is_social => "Paid Social",
        _ if is_paid && is_search => "Paid Search",
        _ if is_paid => "Paid Other",
        _ if is_social || matches!(medium, "social" | "social-network" | "social-media" | "sm") => "Organic Social",
        (from, "referral") if from.starts_with("youtube") => "Organic Video",
        _ if is_search || medium == "organic" => "Organic Search",
        (_, "referral" | "app" | "link") => "Referral",
        (_, "email" | "e-mail") | ("email", _) => "Email",
        _ => "Unassigned",
    }
}

/// Makes the visits of one property.
pub(super) struct Maker<'a> {
    pub(super) seed: u64,
    pub(super) property: usize,
    pub(super) place: &'a Property,
    pub(super) zone: TimeZone,
    pub(super) first: i64,
}

impl Maker<'_> {
    fn draw(&self, day: i64, n: u64, salt: u64) -> u64 {
        mix(&[self.seed, self.property as u64, number(day), n, salt])
    }

    /// Visits of a day: fewer at weekends, some noise, slow growth.
    pub(super) fn count(&self, day: i64) -> u64 {
        let weekend = if matches!(zone::weekday(day), 0 | 6) { 65 } else { 100 };
        let noise = 85 + self.draw(day, 0, 1) % 31;
        let growth = 80 + number(day - self.first).min(500) / 10;
        self.place.daily * weekend * noise * growth / 1_000_000
    }

    fn is_drawn_new(&self, day: i64, n: u64) -> bool {
        self.draw(day, n, 2) % 100 < NEW_PERCENT
    }

    /// The visit in which its user came first.
    fn first_visit(&self, day: i64, n: u64) -> (i64, u64) {
        if self.is_drawn_new(day, n) {
            return (day, n);
        }
        for attempt in 0..4 {
            let back = 1 + self.draw(day, n, 10 + attempt) % RETURN_DAYS;
            let earlier = day - back.cast_signed();
            let count = self.count(earlier);
            if earlier >= self.first && count > 0 {
                let other = self.draw(day, n, 20 + attempt) % count;
                if self.is_drawn_new(earlier, other) {
                    return (earlier, other);
                }
            }
        }
        (day, n)
    }

    fn origin(&self, day: i64, n: u64) -> Origin {
        pick(&ORIGINS, self.draw(day, n, 3), |origin| origin.0).unwrap_or(ORIGINS[0])
    }

    pub(super) fn visit(&self, day: i64, n: u64) -> Visit {
        let (first_day, first_n) = self.first_visit(day, n);
        let first = self.origin(first_day, first_n);
        let origin = self.origin(day, n);
        let of_user = |salt: u64| self.draw(first_day, first_n, salt);
        let place = pick(&PLACES, of_user(4), |place| place.0).unwrap_or(PLACES[0]);
        let device = pick(&DEVICES, of_user(5), |device| device.0).unwrap_or(DEVICES[0]);
        let is_known = of_user(6) % 100 < 45;
        let known = |words: &[&'static str], salt: u64, other: &'static str| {
            let at = usize::try_from(of_user(salt)).unwrap_or(0) % words.len();
            Text::Borrowed(if is_known { words.get(at).copied().unwrap_or(other) } else { other })
        };
        let start_ms = self.start_ms(day, n);
        let mut visit = Visit {
            session: self.draw(day, n, 7) >> 12,
            user: of_user(8) >> 12,
            start_ms,
            is_new: (first_day, first_n) == (day, n),
            is_engaged: false,
            is_active: false,
            duration_ms: 0,
            source: origin.1.into(),
            medium: origin.2.into(),
            campaign: origin.3.into(),
            content: origin.4.into(),
            channel: channel(origin.1, origin.2).into(),
            first_source: first.1.into(),
            first_medium: first.2.into(),
            first_campaign: first.3.into(),
            first_channel: channel(first.1, first.2).into(),
            referrer: origin.5.into(),
            country: place.1.into(),
            country_id: place.2.into(),
            region: place.3.into(),
            city: place.4.into(),
            language: place.5.into(),
            language_code: place.6.into(),
            device: device.1.into(),
            browser: device.2.into(),
            os: device.3.into(),
            age: known(&["18-24", "25-34", "35-44", "45-54", "55-64", "65+"], 30, "unknown"),
            gender: known(&["female", "male"], 31, "unknown"),
            interest: known(&["Technophiles", "Business Professionals", "Foodies"], 32, "(not set)"),
            plan: if of_user(33) % 10 == 0 { "pro" } else { "free" }.into(),
            events: Vec::new(),
        };
        self.fill(&mut visit, day, n);
        visit
    }

    fn start_ms(&self, day: i64, n: u64) -> i64 {
        // Two draws: the middle of the day is busier than its ends.
        let span = 12 * HOUR_MS;
        let part = |salt: u64| (self.draw(day, n, salt) % span.cast_unsigned()).cast_signed();
        zone::midnight_ms(day, &self.zone) + part(40) + part(41)
    }

    /// Walks the pages and writes down what happens there.
    fn fill(&self, visit: &mut Visit, day: i64, n: u64) {
        let draw = |salt: u64| self.draw(day, n, salt);
        // One of a hundred goes on after the session ended, and sees no page: its landing page is `(not set)`.
        let pages = if draw(50) % 100 == 0 { 0 } else { 1 + draw(51) % 3 * (draw(52) % 3) };
        let mut at_ms = 0;
        let add = |visit: &mut Visit, name: &'static str, page: (&'static str, String, &'static str), at_ms: i64| {
            let local_ms = zone::local_ms(visit.start_ms + at_ms, &self.zone);
            let (path, query, title) = page;
            visit.events.push(Event {
                name: name.into(),
                local_ms,
                path: path.into(),
                query: query.into(),
                title: title.into(),
                engaged_ms: 0,
                revenue: 0.0,
                transaction: None,
                item: None,
            });
        };
        let page_at = |step: u64, visit: &Visit| {
            let (_, path, title) = pick(&PAGES, draw(60 + step), |page| page.0).unwrap_or(PAGES[0]);
            let is_tagged = step == 0 && visit.campaign == "launch-2026" && draw(53) % 2 == 0;
            let query = if is_tagged {
                format!(
                    "?utm_source={}&utm_medium=social&utm_campaign=launch-2026&utm_content={}",
                    visit.source, visit.content
                )
            } else {
                String::new()
            };
            (path, query, title)
        };
        let begin = if pages == 0 { ("(not set)", String::new(), "(not set)") } else { page_at(0, visit) };
        if visit.is_new {
            add(visit, "first_visit", begin.clone(), 0);
        }
        add(visit, "session_start", begin.clone(), 0);
        let mut last = begin;
        for step in 0..pages {
            last = page_at(step, visit);
            add(visit, "page_view", last.clone(), at_ms);
            let stay_ms = if draw(80 + step) % 5 == 0 { 0 } else { 1_000 + draw(100 + step) % 60_000 };
            if stay_ms > 20_000 && draw(120 + step) % 2 == 0 {
                add(visit, "scroll", last.clone(), at_ms + 10_000);
            }
            at_ms += stay_ms.cast_signed() + 500;
            if stay_ms > 0 {
                add(visit, "user_engagement", last.clone(), at_ms);
                if let Some(event) = visit.events.last_mut() {
                    event.engaged_ms = stay_ms;
                }
            }
        }
        let key = if pages > 0 { self.key_event(draw(54)) } else { "" };
        if !key.is_empty() {
            add(visit, key, last, at_ms + 200);
        }
        if key == "purchase" {
            self.buy(visit, day, n);
        }
        sum_up(visit);
    }

    /// What comes of a visit, mostly nothing.
    fn key_event(&self, draw: u64) -> &'static str {
        match draw % 100 {
            0..=2 if self.place.has_shop => "purchase",
            0..=2 => "sign_up",
            3..=5 => "newsletter_join",
            6..=9 => "file_download",
            _ => "",
        }
    }

    fn buy(&self, visit: &mut Visit, day: i64, n: u64) {
        let (_, item, price) = pick(&ITEMS, self.draw(day, n, 55), |item| item.0).unwrap_or(ITEMS[0]);
        let session = visit.session;
        if let Some(event) = visit.events.last_mut() {
            event.revenue = price;
            event.transaction = Some(format!("T-{session}"));
            event.item = Some(item.into());
        }
    }
}

/// Duration and engagement follow from the events.
fn sum_up(visit: &mut Visit) {
    let instants = || visit.events.iter().map(|event| event.local_ms);
    let (first, last) = (instants().min().unwrap_or(0), instants().max().unwrap_or(0));
    visit.duration_ms = (last - first).unsigned_abs();
    let engaged_ms: u64 = visit.events.iter().map(|event| event.engaged_ms).sum();
    let views = visit.events.iter().filter(|event| event.name == "page_view").count();
    let has_key = visit.events.iter().any(|event| KEY_EVENTS.contains(&event.name.as_ref()));
    visit.is_engaged = engaged_ms > 10_000 || views >= 2 || has_key;
    visit.is_active = visit.is_engaged || visit.is_new || engaged_ms > 0;
}

/// A visit that a test asked for: somebody new, on one page for twelve seconds.
pub(super) fn planted(wanted: &PlantedVisit, zone: &TimeZone, no: u64) -> Visit {
    let own = |text: &str| Text::Owned(text.to_owned());
    let place = PLACES.iter().find(|place| place.1 == wanted.country).copied();
    let place = place.unwrap_or((0, "", "(not set)", "(not set)", "(not set)", "(not set)", "(not set)"));
    let group = channel(&wanted.source, &wanted.medium);
    let event = |name: &str, at_ms: i64, engaged_ms: u64| Event {
        name: own(name),
        local_ms: zone::local_ms(wanted.at_ms + at_ms, zone),
        path: own(&wanted.path),
        query: "".into(),
        title: own(&wanted.title),
        engaged_ms,
        revenue: 0.0,
        transaction: None,
        item: None,
    };
    let mut events = vec![
        event("first_visit", 0, 0),
        event("session_start", 0, 0),
        event("page_view", 0, 0),
        event("user_engagement", 12_000, 12_000),
    ];
    events.extend(wanted.key_event.as_deref().map(|name| event(name, 12_500, 0)));
    let mut visit = Visit {
        session: 1 << 53 | no,
        user: 1 << 54 | no,
        start_ms: wanted.at_ms,
        is_new: true,
        is_engaged: false,
        is_active: false,
        duration_ms: 0,
        source: own(&wanted.source),
        medium: own(&wanted.medium),
        campaign: own(&wanted.campaign),
        content: own(&wanted.content),
        channel: group.into(),
        first_source: own(&wanted.source),
        first_medium: own(&wanted.medium),
        first_campaign: own(&wanted.campaign),
        first_channel: group.into(),
        referrer: "".into(),
        country: own(&wanted.country),
        country_id: place.2.into(),
        region: place.3.into(),
        city: place.4.into(),
        language: place.5.into(),
        language_code: place.6.into(),
        device: "mobile".into(),
        browser: "Chrome".into(),
        os: "Android".into(),
        age: "unknown".into(),
        gender: "unknown".into(),
        interest: "(not set)".into(),
        plan: "free".into(),
        events,
    };
    sum_up(&mut visit);
    visit
}
