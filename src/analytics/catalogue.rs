//! What can be asked of Google Analytics: dimensions and metrics by name, the words people have for them, and which do not go together. All of
//! it is known here, so that a question that cannot be answered is told before anything is sent (platforms/google.md §6.2).

use crate::domain::refusal::Sentence;
use crate::say;

/// Most dimensions of a report (§6.2).
const DIMENSIONS_MAX: usize = 9;
/// Most metrics of a report.
const METRICS_MAX: usize = 10;
/// A name is no longer than this.
const NAME_CHARS_MAX: usize = 80;

/// How a figure is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A number of things.
    Count,
    /// 0 to 1.
    Ratio,
    /// Seconds.
    Seconds,
    /// An amount in the property's currency.
    Money,
    /// A mean, such as pages a session or a place in a list.
    Mean,
}

/// A dimension: its name, and words for it in either language.
type Dimension = (&'static str, &'static [&'static str]);
/// A metric, with how its figures are meant.
type Metric = (&'static str, Unit, &'static [&'static str]);

use Unit::{Count, Mean, Money, Ratio, Seconds};

/// Dimensions of the Data API that reports use (§6.2).
const DIMENSIONS: &[Dimension] = &[
    ("date", &["day", "days", "日", "日付", "日別"]),
    ("dateHour", &["date and hour"]),
    ("hour", &["hours", "時間", "時間帯"]),
    ("dayOfWeek", &["weekday", "weekdays", "曜日"]),
    ("isoYearIsoWeek", &["week", "weeks", "週", "週別"]),
    ("yearMonth", &["month", "months", "月", "月別"]),
    ("sessionDefaultChannelGroup", &["channel", "channels", "channel group", "チャネル", "チャンネル", "流入経路"]),
    ("sessionSource", &["source", "参照元"]),
    ("sessionMedium", &["medium", "メディア"]),
    ("sessionSourceMedium", &["source medium", "sources", "参照元メディア", "流入元"]),
    ("sessionCampaignName", &["campaign", "campaigns", "キャンペーン"]),
    ("sessionManualAdContent", &["utm content", "ad content"]),
    ("firstUserDefaultChannelGroup", &["first channel", "初回チャネル"]),
    ("landingPage", &["landing pages", "ランディングページ"]),
    ("landingPagePlusQueryString", &["landing page with query"]),
    ("pageReferrer", &["referrer", "referrers", "リファラー"]),
    ("pagePath", &["page", "pages", "path", "ページ"]),
    ("pagePathPlusQueryString", &["page with query"]),
    ("pageTitle", &["title", "titles", "ページタイトル", "タイトル"]),
    ("hostName", &["host", "ホスト"]),
    ("eventName", &["event", "events", "イベント"]),
    ("contentGroup", &["コンテンツグループ"]),
    ("newVsReturning", &["new or returning", "新規リピート"]),
    ("country", &["countries", "国", "国別"]),
    ("region", &["regions", "地域", "都道府県"]),
    ("city", &["cities", "市区町村", "都市"]),
    ("language", &["languages", "言語"]),
    ("deviceCategory", &["device", "devices", "デバイス", "端末"]),
    ("browser", &["browsers", "ブラウザ"]),
    ("operatingSystem", &["os", "オペレーティングシステム"]),
    ("platform", &["platforms", "プラットフォーム"]),
    ("userAgeBracket", &["age", "ages", "年齢", "年代"]),
    ("userGender", &["gender", "性別"]),
    ("brandingInterest", &["interest", "interests", "興味", "興味関心"]),
    ("audienceName", &["audience", "オーディエンス"]),
    ("itemName", &["item", "items", "product", "products", "商品"]),
    ("transactionId", &["transaction", "取引"]),
];

/// Metrics of the Data API that reports use (§6.2).
const METRICS: &[Metric] = &[
    ("sessions", Count, &["session", "visits", "visit", "セッション", "訪問", "訪問数", "セッション数"]),
    (
        "activeUsers",
        Count,
        &[
            "users",
            "user",
            "active users",
            "visitors",
            "ユーザー",
            "ユーザー数",
            "訪問者",
            "訪問者数",
            "アクティブユーザー",
        ],
    ),
    ("totalUsers", Count, &["all users", "総ユーザー数"]),
    ("newUsers", Count, &["新規ユーザー", "新規ユーザー数"]),
    (
        "screenPageViews",
        Count,
        &["page views", "pageviews", "views", "pv", "ページビュー", "表示回数", "閲覧数", "ページビュー数"],
    ),
    ("screenPageViewsPerSession", Mean, &["views per session", "pages per session"]),
    ("eventCount", Count, &["events", "イベント数"]),
    ("eventsPerSession", Mean, &[]),
    (
        "keyEvents",
        Count,
        &[
            "conversions",
            "conversion",
            "key events",
            "goals",
            "sign ups",
            "signups",
            "コンバージョン",
            "コンバージョン数",
            "成果",
            "キーイベント",
        ],
    ),
    ("userEngagementDuration", Seconds, &["engagement time", "エンゲージメント時間"]),
    ("scrolledUsers", Count, &[]),
    ("engagedSessions", Count, &["エンゲージのあったセッション"]),
    ("engagementRate", Ratio, &["engagement", "エンゲージメント率"]),
    ("bounceRate", Ratio, &["bounces", "bounce", "直帰率"]),
    ("averageSessionDuration", Seconds, &["session duration", "time on site", "平均セッション時間", "滞在時間"]),
    ("sessionsPerUser", Mean, &[]),
    ("sessionKeyEventRate", Ratio, &["conversion rate", "コンバージョン率", "成約率"]),
    ("active1DayUsers", Count, &["daily users"]),
    ("active7DayUsers", Count, &["weekly users"]),
    ("active28DayUsers", Count, &["monthly users"]),
    ("dauPerMau", Ratio, &["stickiness"]),
    ("purchaseRevenue", Money, &["売上"]),
    ("totalRevenue", Money, &["revenue", "income", "収益", "総収益"]),
    ("transactions", Count, &["purchases", "orders", "購入", "注文", "取引数"]),
    ("ecommercePurchases", Count, &[]),
    ("itemsPurchased", Count, &["items sold", "販売数"]),
    ("itemRevenue", Money, &["商品の売上"]),
    ("averagePurchaseRevenue", Money, &["average order value", "平均注文額"]),
];

/// What the realtime report knows (§6.2), and nothing else.
const REALTIME_DIMENSIONS: [&str; 9] = [
    "unifiedScreenName",
    "country",
    "city",
    "deviceCategory",
    "platform",
    "eventName",
    "minutesAgo",
    "audienceName",
    "streamName",
];
const REALTIME_METRICS: [&str; 4] = ["activeUsers", "eventCount", "keyEvents", "screenPageViews"];
/// Of items that were bought: they are counted apart, and say nothing of visits.
const ITEM_DIMENSIONS: [&str; 1] = ["itemName"];
const ITEM_METRICS: [&str; 2] = ["itemsPurchased", "itemRevenue"];
/// Known only of people who let Google know it, and withheld where they are few.
const DEMOGRAPHIC: [&str; 5] = ["userAgeBracket", "userGender", "brandingInterest", "ageGroup", "gender"];

/// A ready-made question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum TrafficView {
    /// The figures of everything.
    Overview,
    /// Day by day.
    Days,
    /// Where visits came from.
    Sources,
    /// What was looked at.
    Pages,
    /// Where visits began.
    LandingPages,
    /// From which countries.
    Countries,
    /// With what.
    Devices,
    /// What was done.
    Events,
    /// By whom.
    Audience,
    /// At this moment.
    Realtime,
    /// Which days are unusual.
    Changes,
}

impl TrafficView {
    /// Every view.
    pub const ALL: [Self; 11] = [
        Self::Overview,
        Self::Days,
        Self::Sources,
        Self::Pages,
        Self::LandingPages,
        Self::Countries,
        Self::Devices,
        Self::Events,
        Self::Audience,
        Self::Realtime,
        Self::Changes,
    ];

    /// The word in arguments and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Days => "days",
            Self::Sources => "sources",
            Self::Pages => "pages",
            Self::LandingPages => "landing_pages",
            Self::Countries => "countries",
            Self::Devices => "devices",
            Self::Events => "events",
            Self::Audience => "audience",
            Self::Realtime => "realtime",
            Self::Changes => "changes",
        }
    }

    /// The view with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.word() == word)
    }

    /// Its dimensions and metrics.
    #[must_use]
    pub const fn columns(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Overview => (
                &[],
                &[
                    "sessions",
                    "activeUsers",
                    "newUsers",
                    "screenPageViews",
                    "engagementRate",
                    "averageSessionDuration",
                    "keyEvents",
                ],
            ),
            Self::Days => (&["date"], &["sessions", "activeUsers"]),
            Self::Sources => {
                (&["sessionDefaultChannelGroup", "sessionSourceMedium"], &["sessions", "activeUsers", "keyEvents"])
            }
            Self::Pages => (&["pagePath"], &["screenPageViews", "activeUsers", "userEngagementDuration"]),
            Self::LandingPages => (&["landingPage"], &["sessions", "engagementRate", "keyEvents"]),
            Self::Countries => (&["country"], &["sessions", "activeUsers"]),
            Self::Devices => (&["deviceCategory"], &["sessions", "activeUsers", "engagementRate"]),
            Self::Events => (&["eventName"], &["eventCount", "activeUsers"]),
            Self::Audience => (&["userAgeBracket", "userGender"], &["activeUsers"]),
            Self::Realtime => (&["country"], &["activeUsers"]),
            Self::Changes => (&["sessionDefaultChannelGroup"], &["sessions"]),
        }
    }
}

/// A checked set of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Dimensions by their names at Google.
    pub dimensions: Vec<String>,
    /// Metrics, with how their figures are meant.
    pub metrics: Vec<(String, Unit)>,
}

/// The columns of a view, or those that were named in its place.
///
/// # Errors
/// Refused with the nearest name when one is not known, and when they do not go together.
pub fn columns(view: TrafficView, dimensions: &[String], metrics: &[String]) -> Result<Columns, Sentence> {
    let (usual_dimensions, usual_metrics) = view.columns();
    let dimensions = if dimensions.is_empty() {
        usual_dimensions.iter().map(|name| (*name).to_owned()).collect()
    } else {
        unique(dimensions.iter().map(|name| dimension(name)))?
    };
    let metrics = if metrics.is_empty() {
        usual_metrics.iter().map(|name| metric(name)).collect::<Result<Vec<_>, _>>()?
    } else {
        unique(metrics.iter().map(|name| metric(name)))?
    };
    let found = Columns { dimensions, metrics };
    check(view, &found)?;
    Ok(found)
}

fn unique<T: PartialEq>(all: impl Iterator<Item = Result<T, Sentence>>) -> Result<Vec<T>, Sentence> {
    let mut found = Vec::new();
    for one in all {
        let one = one?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

fn check(view: TrafficView, columns: &Columns) -> Result<(), Sentence> {
    let (dimensions, metrics) = (&columns.dimensions, &columns.metrics);
    if dimensions.len() > DIMENSIONS_MAX || metrics.len() > METRICS_MAX {
        return Err(say!("report-too-many-columns", dimensions = DIMENSIONS_MAX, metrics = METRICS_MAX));
    }
    let apart = |one: &str, other: &str, instead: &str| {
        say!("report-columns-apart", one = one, other = other, instead = instead)
    };
    if view == TrafficView::Realtime {
        if let Some(name) = dimensions.iter().find(|name| !REALTIME_DIMENSIONS.contains(&name.as_str())) {
            return Err(apart(name, "realtime", nearest(name, REALTIME_DIMENSIONS.into_iter())));
        }
        if let Some((name, _)) = metrics.iter().find(|(name, _)| !REALTIME_METRICS.contains(&name.as_str())) {
            return Err(apart(name, "realtime", nearest(name, REALTIME_METRICS.into_iter())));
        }
        return Ok(());
    }
    // Names of the realtime report that the other one does not know.
    if let Some(name) = dimensions.iter().find(|name| is_realtime_only(name)) {
        return Err(apart(name, "view", "realtime"));
    }
    if let Some(item) = dimensions.iter().find(|name| ITEM_DIMENSIONS.contains(&name.as_str()))
        && let Some((name, _)) = metrics.iter().find(|(name, _)| !ITEM_METRICS.contains(&name.as_str()))
    {
        return Err(apart(name, item, "itemsPurchased"));
    }
    Ok(())
}

fn is_realtime_only(name: &str) -> bool {
    REALTIME_DIMENSIONS.contains(&name) && !DIMENSIONS.iter().any(|(known, _)| *known == name)
}

/// Whether it says who people are.
#[must_use]
pub fn is_demographic(name: &str) -> bool {
    DEMOGRAPHIC.contains(&name)
}

/// Whether rows of it stand in the order of time.
#[must_use]
pub fn is_time(name: &str) -> bool {
    matches!(
        name,
        "date"
            | "dateHour"
            | "hour"
            | "dayOfWeek"
            | "isoYearIsoWeek"
            | "yearMonth"
            | "minutesAgo"
            | "elapsedVideoTimeRatio"
    )
}

/// A dimension by its name or a word for it.
///
/// # Errors
/// Refused with the nearest that is known.
pub fn dimension(given: &str) -> Result<String, Sentence> {
    if let Some(name) = custom(given, &["customEvent:", "customUser:"]) {
        return Ok(name);
    }
    let bare = bare(given);
    let known = DIMENSIONS
        .iter()
        .find(|(name, words)| bare == self::bare(name) || words.iter().any(|word| bare == self::bare(word)));
    let realtime = REALTIME_DIMENSIONS.iter().find(|name| bare == self::bare(name));
    match known.map(|(name, _)| *name).or(realtime.copied()) {
        Some(name) => Ok(name.to_owned()),
        None => {
            Err(unknown("dimension", given, nearest_of(&bare, DIMENSIONS.iter().map(|(name, words)| (*name, *words)))))
        }
    }
}

/// A metric by its name or a word for it.
///
/// # Errors
/// Refused with the nearest that is known.
pub fn metric(given: &str) -> Result<(String, Unit), Sentence> {
    if let Some(name) = custom(given, &["customEvent:", "keyEvents:"]) {
        return Ok((name, Unit::Count));
    }
    if let Some(name) = custom(given, &["sessionKeyEventRate:"]) {
        return Ok((name, Unit::Ratio));
    }
    let bare = bare(given);
    let known = METRICS
        .iter()
        .find(|(name, _, words)| bare == self::bare(name) || words.iter().any(|word| bare == self::bare(word)));
    match known {
        Some((name, unit, _)) => Ok(((*name).to_owned(), *unit)),
        None => {
            Err(unknown("metric", given, nearest_of(&bare, METRICS.iter().map(|(name, _, words)| (*name, *words)))))
        }
    }
}

/// A name of the property's own, which only Google knows.
fn custom(given: &str, leads: &[&str]) -> Option<String> {
    let given = given.trim();
    let rest = leads.iter().find_map(|lead| given.strip_prefix(lead))?;
    let is_name = (1..=40).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| given.to_owned())
}

/// The refusal for a name that is not known.
pub(super) fn unknown(kind: &str, given: &str, nearest: &str) -> Sentence {
    let given: String = given.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
    say!("report-name-unknown", kind = kind, given = given, nearest = nearest)
}

/// Case, spaces and marks say nothing.
pub(super) fn bare(text: &str) -> String {
    let kept = text.chars().take(NAME_CHARS_MAX).filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '/' | '・'));
    kept.flat_map(char::to_lowercase).collect()
}

fn nearest_of<'a>(given: &str, all: impl Iterator<Item = (&'static str, &'a [&'a str])>) -> &'static str {
    let of = |(name, words): (&'static str, &[&str])| {
        let spelled = std::iter::once(name).chain(words.iter().copied()).map(|word| distance(given, &bare(word))).min();
        (spelled.unwrap_or(usize::MAX), name)
    };
    all.map(of).min_by_key(|(far, _)| *far).map_or("sessions", |(_, name)| name)
}

/// The name that is spelled most alike.
pub(super) fn nearest<'a>(given: &str, all: impl Iterator<Item = &'a str>) -> &'a str {
    let given = bare(given);
    all.min_by_key(|name| distance(&given, &bare(name))).unwrap_or("–")
}

/// How many letters must be changed, added or left out (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (no, letter) in a.chars().enumerate() {
        let mut before = no;
        row[0] = no + 1;
        for (at, other) in b.iter().enumerate() {
            let change = before + usize::from(letter != *other);
            before = row[at + 1];
            row[at + 1] = change.min(row[at] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(columns: Result<Columns, Sentence>) -> (Vec<String>, Vec<String>) {
        let columns = columns.unwrap();
        (columns.dimensions, columns.metrics.into_iter().map(|(name, _)| name).collect())
    }

    fn own(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn people_have_words_for_what_google_has_names_for() {
        let (dimensions, metrics) = names(columns(
            TrafficView::Overview,
            &own(&["国", "Device category", "customEvent:plan"]),
            &own(&["ユーザー", "conversions", "users", "keyEvents:sign_up"]),
        ));
        assert_eq!(dimensions, ["country", "deviceCategory", "customEvent:plan"]);
        assert_eq!(metrics, ["activeUsers", "keyEvents", "keyEvents:sign_up"]);
        for view in TrafficView::ALL {
            assert!(columns(view, &[], &[]).is_ok(), "{view:?}");
            assert_eq!(TrafficView::find(view.word()), Some(view));
        }
    }

    #[test]
    fn what_is_not_known_is_refused_with_the_nearest_that_is() {
        let nearest = |result: Result<Columns, Sentence>| {
            let sentence = result.unwrap_err();
            let word = sentence.args.iter().find(|(name, _)| name == "nearest" || name == "instead").unwrap().1.clone();
            (sentence.key, word)
        };
        let unknown = |word: &str| ("report-name-unknown".to_owned(), word.into());
        assert_eq!(nearest(columns(TrafficView::Overview, &own(&["contry"]), &[])), unknown("country"));
        assert_eq!(nearest(columns(TrafficView::Overview, &[], &own(&["sesions"]))), unknown("sessions"));
        assert_eq!(
            nearest(columns(TrafficView::Overview, &[], &own(&["customEvent:bad name"]))).0,
            "report-name-unknown"
        );
        let apart = |word: &str| ("report-columns-apart".to_owned(), word.into());
        assert_eq!(nearest(columns(TrafficView::Realtime, &own(&["pagePath"]), &[])).0, "report-columns-apart");
        assert_eq!(
            nearest(columns(TrafficView::Realtime, &[], &own(&["views per session"]))),
            apart("screenPageViews")
        );
        assert_eq!(nearest(columns(TrafficView::Days, &own(&["minutesAgo"]), &[])), apart("realtime"));
        assert_eq!(
            nearest(columns(TrafficView::Overview, &own(&["itemName"]), &own(&["sessions"]))),
            apart("itemsPurchased")
        );
        let many: Vec<String> = DIMENSIONS.iter().take(10).map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(columns(TrafficView::Overview, &many, &[]).unwrap_err().key, "report-too-many-columns");
        let long = "x".repeat(10_000);
        assert_eq!(dimension(&long).unwrap_err().key, "report-name-unknown");
    }
}
