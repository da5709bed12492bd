//! The dimensions and metrics that the simulated Analytics knows: name, kind, and how each is read from what happened.
//! A name that is not here is refused as one that does not exist (dossier google §8.6).

use super::tally::Tally;
use super::world::{Event, KEY_EVENTS, Property, Visit};
use crate::clock::{DAY_MS, civil_from_days, days_from_civil};
use crate::google::zone::{iso_week, weekday};

/// One event, in its visit, on the day for which it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'a> {
    pub(super) property: &'a Property,
    pub(super) visit: &'a Visit,
    pub(super) event: &'a Event,
    pub(super) day: i64,
    /// First day of the date range.
    pub(super) begin: i64,
    pub(super) minutes_ago: i64,
}

/// What a name may be combined with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// With anything.
    Any,
    /// Of items: dimensions only with metrics of items.
    Item,
    /// Demographics: always thresholded.
    Person,
}

/// Where a name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Core,
    Both,
    Realtime,
}

/// A dimension.
pub(super) struct Dimension {
    pub(super) name: &'static str,
    pub(super) ui: &'static str,
    pub(super) category: &'static str,
    pub(super) scope: Scope,
    pub(super) place: Where,
    pub(super) read: fn(&Hit<'_>) -> String,
}

/// A metric.
pub(super) struct Metric {
    pub(super) name: &'static str,
    pub(super) ui: &'static str,
    pub(super) kind: &'static str,
    pub(super) scope: Scope,
    pub(super) place: Where,
    /// Sampling scales sums, not ratios.
    pub(super) is_ratio: bool,
    pub(super) read: fn(&Tally) -> f64,
}

/// Old names that are still understood.
pub(super) const DEPRECATED: [(&str, &str); 2] = [("conversions", "keyEvents"), ("unifiedPagePathScreen", "pagePath")];

/// A dimension by its name.
pub(super) fn dimension(name: &str) -> Option<&'static Dimension> {
    let name = current(name);
    DIMENSIONS.iter().find(|dimension| dimension.name == name)
}

/// A metric by its name.
pub(super) fn metric(name: &str) -> Option<&'static Metric> {
    let name = current(name);
    METRICS.iter().find(|metric| metric.name == name)
}

fn current(name: &str) -> &str {
    DEPRECATED.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new)
}

fn date(hit: &Hit<'_>) -> (i64, i64, i64) {
    civil_from_days(hit.day)
}

fn hour(hit: &Hit<'_>) -> i64 {
    hit.event.local_ms.rem_euclid(DAY_MS) / 3_600_000
}

fn minute(hit: &Hit<'_>) -> i64 {
    hit.event.local_ms.rem_euclid(3_600_000) / 60_000
}

fn digits(hit: &Hit<'_>) -> String {
    let (year, month, day) = date(hit);
    format!("{year:04}{month:02}{day:02}")
}

/// Weeks begin on Sunday, the first with the first of January.
fn week(hit: &Hit<'_>) -> i64 {
    let first = days_from_civil(date(hit).0, 1, 1);
    (hit.day - first + weekday(first)) / 7 + 1
}

fn landing<'a>(hit: &Hit<'a>) -> Option<&'a Event> {
    hit.visit.events.iter().find(|event| event.name == "page_view")
}

fn set_or_not(text: Option<&str>) -> String {
    text.unwrap_or("(not set)").to_owned()
}

fn page_with_query(event: &Event) -> String {
    format!("{}{}", event.path, event.query)
}

fn name_of_day(hit: &Hit<'_>) -> String {
    const NAMES: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    usize::try_from(weekday(hit.day)).ok().and_then(|at| NAMES.get(at)).copied().unwrap_or_default().to_owned()
}

fn content_group(hit: &Hit<'_>) -> String {
    let group = match hit.event.path.split('/').nth(1) {
        Some("blog") => "Blog",
        Some("docs") => "Documentation",
        _ => "(not set)",
    };
    group.to_owned()
}

fn author(hit: &Hit<'_>) -> String {
    let author = match hit.event.path.as_ref() {
        "/blog/first-steps" | "/blog/tips" => "Ana",
        path if path.starts_with("/blog/") => "Ben",
        _ => "(not set)",
    };
    author.to_owned()
}

const fn dim(name: &'static str, ui: &'static str, category: &'static str, read: fn(&Hit<'_>) -> String) -> Dimension {
    Dimension { name, ui, category, scope: Scope::Any, place: Where::Core, read }
}

impl Dimension {
    const fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    const fn at(mut self, place: Where) -> Self {
        self.place = place;
        self
    }

    /// Whether its value says when something happened.
    pub(super) fn is_time(&self) -> bool {
        self.category == "Time"
    }
}

const TIME: &str = "Time";
const TRAFFIC: &str = "Traffic source";
const FIRST: &str = "Attribution";
const PLACE: &str = "Geography";
const TECH: &str = "Platform / device";
const PAGE: &str = "Page / screen";
const EVENT: &str = "Event";
const USER: &str = "User";
const DEMOGRAPHIC: &str = "Demographics";
const COMMERCE: &str = "Ecommerce";

/// All dimensions.
pub(super) const DIMENSIONS: [Dimension; 70] = [
    dim("date", "Date", TIME, digits),
    dim("dateHour", "Date + hour", TIME, |hit| format!("{}{:02}", digits(hit), hour(hit))),
    dim("dateHourMinute", "Date hour and minute", TIME, |hit| {
        format!("{}{:02}{:02}", digits(hit), hour(hit), minute(hit))
    }),
    dim("day", "Day", TIME, |hit| format!("{:02}", date(hit).2)),
    dim("dayOfWeek", "Day of week", TIME, |hit| weekday(hit.day).to_string()),
    dim("dayOfWeekName", "Day of week name", TIME, name_of_day),
    dim("hour", "Hour", TIME, |hit| format!("{:02}", hour(hit))),
    dim("minute", "Minute", TIME, |hit| format!("{:02}", minute(hit))),
    dim("week", "Week", TIME, |hit| format!("{:02}", week(hit))),
    dim("yearWeek", "Year week", TIME, |hit| format!("{:04}{:02}", date(hit).0, week(hit))),
    dim("isoWeek", "ISO week of the year", TIME, |hit| format!("{:02}", iso_week(hit.day).1)),
    dim("isoYear", "ISO year", TIME, |hit| format!("{:04}", iso_week(hit.day).0)),
    dim("isoYearIsoWeek", "ISO week of ISO year", TIME, |hit| {
        let (year, week) = iso_week(hit.day);
        format!("{year:04}{week:02}")
    }),
    dim("month", "Month", TIME, |hit| format!("{:02}", date(hit).1)),
    dim("year", "Year", TIME, |hit| format!("{:04}", date(hit).0)),
    dim("yearMonth", "Year month", TIME, |hit| format!("{:04}{:02}", date(hit).0, date(hit).1)),
    dim("nthDay", "Nth day", TIME, |hit| format!("{:04}", hit.day - hit.begin)),
    dim("nthWeek", "Nth week", TIME, |hit| format!("{:04}", (hit.day - hit.begin) / 7)),
    dim("sessionDefaultChannelGroup", "Session default channel group", TRAFFIC, |hit| hit.visit.channel.to_string()),
    dim("sessionPrimaryChannelGroup", "Session primary channel group", TRAFFIC, |hit| hit.visit.channel.to_string()),
    dim("sessionSource", "Session source", TRAFFIC, |hit| hit.visit.source.to_string()),
    dim("sessionMedium", "Session medium", TRAFFIC, |hit| hit.visit.medium.to_string()),
    dim("sessionSourceMedium", "Session source / medium", TRAFFIC, |hit| {
        format!("{} / {}", hit.visit.source, hit.visit.medium)
    }),
    dim("sessionCampaignName", "Session campaign", TRAFFIC, |hit| hit.visit.campaign.to_string()),
    dim("sessionManualAdContent", "Session manual ad content", TRAFFIC, |hit| hit.visit.content.to_string()),
    dim("sessionManualCampaignName", "Session manual campaign name", TRAFFIC, |hit| hit.visit.campaign.to_string()),
    dim("sessionManualSource", "Session manual source", TRAFFIC, |hit| hit.visit.source.to_string()),
    dim("sessionManualMedium", "Session manual medium", TRAFFIC, |hit| hit.visit.medium.to_string()),
    dim("firstUserDefaultChannelGroup", "First user default channel group", FIRST, |hit| {
        hit.visit.first_channel.to_string()
    }),
    dim("firstUserSource", "First user source", FIRST, |hit| hit.visit.first_source.to_string()),
    dim("firstUserMedium", "First user medium", FIRST, |hit| hit.visit.first_medium.to_string()),
    dim("firstUserSourceMedium", "First user source / medium", FIRST, |hit| {
        format!("{} / {}", hit.visit.first_source, hit.visit.first_medium)
    }),
    dim("firstUserCampaignName", "First user campaign", FIRST, |hit| hit.visit.first_campaign.to_string()),
    dim("country", "Country", PLACE, |hit| hit.visit.country.to_string()).at(Where::Both),
    dim("countryId", "Country ID", PLACE, |hit| hit.visit.country_id.to_string()).at(Where::Both),
    dim("region", "Region", PLACE, |hit| hit.visit.region.to_string()),
    dim("city", "City", PLACE, |hit| hit.visit.city.to_string()).at(Where::Both),
    dim("language", "Language", USER, |hit| hit.visit.language.to_string()),
    dim("languageCode", "Language code", USER, |hit| hit.visit.language_code.to_string()),
    dim("newVsReturning", "New / returning", USER, |hit| if hit.visit.is_new { "new" } else { "returning" }.to_owned()),
    dim("audienceName", "Audience name", USER, |_| "All Users".to_owned()).at(Where::Both),
    dim("deviceCategory", "Device category", TECH, |hit| hit.visit.device.to_string()).at(Where::Both),
    dim("browser", "Browser", TECH, |hit| hit.visit.browser.to_string()),
    dim("operatingSystem", "Operating system", TECH, |hit| hit.visit.os.to_string()),
    dim("platform", "Platform", TECH, |_| "web".to_owned()).at(Where::Both),
    dim("platformDeviceCategory", "Platform / device category", TECH, |hit| format!("web / {}", hit.visit.device)),
    dim("streamId", "Stream ID", TECH, |hit| format!("9{}", hit.property.id)).at(Where::Both),
    dim("streamName", "Stream name", TECH, |hit| hit.property.name.to_owned()).at(Where::Both),
    dim("hostName", "Hostname", PAGE, |hit| hit.property.host.to_owned()),
    dim("landingPage", "Landing page", PAGE, |hit| set_or_not(landing(hit).map(|event| event.path.as_ref()))),
    dim("landingPagePlusQueryString", "Landing page + query string", PAGE, |hit| {
        landing(hit).map_or_else(|| "(not set)".to_owned(), page_with_query)
    }),
    dim("pageReferrer", "Page referrer", PAGE, |hit| hit.visit.referrer.to_string()),
    dim("pagePath", "Page path", PAGE, |hit| hit.event.path.to_string()),
    dim("pagePathPlusQueryString", "Page path + query string", PAGE, |hit| page_with_query(hit.event)),
    dim("pageLocation", "Page location", PAGE, |hit| {
        format!("https://{}{}", hit.property.host, page_with_query(hit.event))
    }),
    dim("fullPageUrl", "Full page URL", PAGE, |hit| format!("{}{}", hit.property.host, page_with_query(hit.event))),
    dim("pageTitle", "Page title", PAGE, |hit| hit.event.title.to_string()),
    dim("unifiedScreenName", "Page title and screen name", PAGE, |hit| hit.event.title.to_string()).at(Where::Both),
    dim("contentGroup", "Content group", PAGE, content_group),
    dim("eventName", "Event name", EVENT, |hit| hit.event.name.to_string()).at(Where::Both),
    dim("isKeyEvent", "Is key event", EVENT, |hit| KEY_EVENTS.contains(&hit.event.name.as_ref()).to_string()),
    dim("minutesAgo", "Realtime minutes ago", TIME, |hit| format!("{:02}", hit.minutes_ago)).at(Where::Realtime),
    dim("userAgeBracket", "Age", DEMOGRAPHIC, |hit| hit.visit.age.to_string()).scope(Scope::Person),
    dim("userGender", "Gender", DEMOGRAPHIC, |hit| hit.visit.gender.to_string()).scope(Scope::Person),
    dim("brandingInterest", "Interests", DEMOGRAPHIC, |hit| hit.visit.interest.to_string()).scope(Scope::Person),
    dim("transactionId", "Transaction ID", COMMERCE, |hit| set_or_not(hit.event.transaction.as_deref())),
    dim("itemName", "Item name", COMMERCE, |hit| set_or_not(hit.event.item.as_deref())).scope(Scope::Item),
    dim("itemId", "Item ID", COMMERCE, |hit| {
        set_or_not(hit.event.item.as_deref().map(|item| item.get(..3).unwrap_or(item)))
    })
    .scope(Scope::Item),
    dim("customEvent:author", "Author", "Custom", author),
    dim("customUser:plan", "Plan", "Custom", |hit| hit.visit.plan.to_string()),
];

const fn met(name: &'static str, ui: &'static str, kind: &'static str, read: fn(&Tally) -> f64) -> Metric {
    Metric { name, ui, kind, scope: Scope::Any, place: Where::Core, is_ratio: false, read }
}

impl Metric {
    const fn ratio(mut self) -> Self {
        self.is_ratio = true;
        self
    }

    const fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    const fn at(mut self, place: Where) -> Self {
        self.place = place;
        self
    }

    /// Whether it is about money.
    pub(super) fn is_revenue(&self) -> bool {
        self.kind == "TYPE_CURRENCY"
    }

    /// Whether it looks back over days.
    pub(super) fn looks_back(&self) -> bool {
        matches!(
            self.name,
            "active1DayUsers" | "active7DayUsers" | "active28DayUsers" | "dauPerMau" | "dauPerWau" | "wauPerMau"
        )
    }
}

const INTEGER: &str = "TYPE_INTEGER";
const FLOAT: &str = "TYPE_FLOAT";
const SECONDS: &str = "TYPE_SECONDS";
const CURRENCY: &str = "TYPE_CURRENCY";

/// All metrics.
pub(super) const METRICS: [Metric; 37] = [
    met("sessions", "Sessions", INTEGER, Tally::sessions),
    met("activeUsers", "Active users", INTEGER, |tally| Tally::count(tally.active.len())).at(Where::Both),
    met("totalUsers", "Total users", INTEGER, |tally| Tally::count(tally.users.len())),
    met("newUsers", "New users", INTEGER, |tally| Tally::count(tally.new_users)),
    met("engagedSessions", "Engaged sessions", INTEGER, Tally::engaged_sessions),
    met("engagementRate", "Engagement rate", FLOAT, |t| ratio(t.engaged_sessions(), t.sessions())).ratio(),
    met("bounceRate", "Bounce rate", FLOAT, |t| ratio(t.sessions() - t.engaged_sessions(), t.sessions())).ratio(),
    met("averageSessionDuration", "Average session duration", SECONDS, |t| ratio(t.session_seconds(), t.sessions()))
        .ratio(),
    met("sessionsPerUser", "Sessions per user", FLOAT, |t| ratio(t.sessions(), Tally::count(t.active.len()))).ratio(),
    met("sessionKeyEventRate", "Session key event rate", FLOAT, |t| {
        ratio(Tally::count(t.key_sessions.len()), t.sessions())
    })
    .ratio(),
    met("userKeyEventRate", "User key event rate", FLOAT, |t| {
        ratio(Tally::count(t.key_users.len()), Tally::count(t.active.len()))
    })
    .ratio(),
    met("screenPageViews", "Views", INTEGER, |tally| Tally::count(tally.views)).at(Where::Both),
    met("screenPageViewsPerSession", "Views per session", FLOAT, |t| ratio(Tally::count(t.views), t.sessions()))
        .ratio(),
    met("screenPageViewsPerUser", "Views per user", FLOAT, |t| {
        ratio(Tally::count(t.views), Tally::count(t.active.len()))
    })
    .ratio(),
    met("eventCount", "Event count", INTEGER, |tally| Tally::count(tally.events)).at(Where::Both),
    met("eventsPerSession", "Events per session", FLOAT, |t| ratio(Tally::count(t.events), t.sessions())).ratio(),
    met("eventCountPerUser", "Event count per user", FLOAT, |t| {
        ratio(Tally::count(t.events), Tally::count(t.active.len()))
    })
    .ratio(),
    met("keyEvents", "Key events", FLOAT, |tally| Tally::count(tally.key_events)).at(Where::Both),
    met("eventValue", "Event value", FLOAT, |tally| tally.revenue),
    met("userEngagementDuration", "User engagement", SECONDS, |tally| Tally::seconds(tally.engaged_ms).trunc()),
    met("scrolledUsers", "Scrolled users", INTEGER, |tally| Tally::count(tally.scrolled.len())),
    met("active1DayUsers", "1-day active users", INTEGER, |tally| tally.back(0)),
    met("active7DayUsers", "7-day active users", INTEGER, |tally| tally.back(1)),
    met("active28DayUsers", "28-day active users", INTEGER, |tally| tally.back(2)),
    met("dauPerMau", "DAU / MAU", FLOAT, |tally| ratio(tally.back(0), tally.back(2))).ratio(),
    met("dauPerWau", "DAU / WAU", FLOAT, |tally| ratio(tally.back(0), tally.back(1))).ratio(),
    met("wauPerMau", "WAU / MAU", FLOAT, |tally| ratio(tally.back(1), tally.back(2))).ratio(),
    met("purchaseRevenue", "Purchase revenue", CURRENCY, |tally| tally.revenue),
    met("totalRevenue", "Total revenue", CURRENCY, |tally| tally.revenue),
    met("averagePurchaseRevenue", "Average purchase revenue", CURRENCY, |t| {
        ratio(t.revenue, Tally::count(t.purchases))
    })
    .ratio(),
    met("transactions", "Transactions", INTEGER, |tally| Tally::count(tally.purchases)),
    met("ecommercePurchases", "Ecommerce purchases", INTEGER, |tally| Tally::count(tally.purchases)),
    met("totalPurchasers", "Total purchasers", INTEGER, |tally| Tally::count(tally.buyers.len())),
    met("averageRevenuePerUser", "ARPU", CURRENCY, |t| ratio(t.revenue, Tally::count(t.active.len()))).ratio(),
    met("itemsPurchased", "Items purchased", INTEGER, |tally| Tally::count(tally.purchases)).scope(Scope::Item),
    met("itemRevenue", "Item revenue", CURRENCY, |tally| tally.revenue).scope(Scope::Item),
    met("publisherAdClicks", "Publisher ad clicks", INTEGER, |_| 0.0),
];

fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}
