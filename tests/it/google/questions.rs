//! Forty questions, twenty in each language, as an assistant would ask them after hearing them: the person's own words for the days, and
//! every figure counted here once more from the visits and searches themselves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};
use socrazi::domain::google::SourceKind;
use socrazi_sim::google::{PlantedVisit, SearchRow, View, Visit};

use super::{ACME, BOTH, Feature, Googled};
use crate::counted::plant_winner;

const DOMAIN: &str = "sc-domain:acme.example";
const SHOP: &str = "310002";
const CHANNEL: &str = "UCsimAnaChannel0000000001";

/// Days, without the product's own reading of words.
#[derive(Clone, Copy)]
struct Days(Date, Date);

impl Days {
    fn back(today: Date, from: i64, to: i64) -> Self {
        Self(today.checked_sub(from.days()).unwrap(), today.checked_sub(to.days()).unwrap())
    }

    fn week(today: Date, ago: i64) -> Self {
        let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).unwrap();
        let first = monday.checked_sub((7 * ago).days()).unwrap();
        Self(first, first.checked_add(6.days()).unwrap())
    }

    fn month(today: Date, ago: i64) -> Self {
        let first = today.first_of_month().checked_sub(ago.months()).unwrap();
        Self(first, first.last_of_month())
    }

    fn year_before(self) -> Self {
        Self(self.0.checked_sub(1.year()).unwrap(), self.1.checked_sub(1.year()).unwrap())
    }
}

/// What an answer must say.
enum Want {
    /// A sum.
    Sum(&'static str, f64),
    /// A figure of the row of this name.
    Row(String, &'static str, f64),
    /// Which row is first, and how many there are.
    First(String, usize),
    /// What stands there in the answer.
    At(&'static str, Value),
    /// How many stand there.
    Count(&'static str, usize),
}

struct Asked {
    words: &'static str,
    tool: &'static str,
    arguments: Value,
    wants: Vec<Want>,
}

struct Truth<'a> {
    googled: &'a Googled,
    /// In Rome, in New York, on the Pacific.
    rome: Date,
    york: Date,
    pacific: Date,
    /// The posts that were planted: five of four days ago, the last of which did best.
    posts: Vec<Value>,
}

impl Truth<'_> {
    fn visits(&self, property: &str, days: Days) -> Vec<Visit> {
        self.googled.sim.ga4_visits(property, &days.0.to_string(), &days.1.to_string())
    }

    fn acme(&self, days: Days) -> Vec<Visit> {
        self.visits(ACME, days)
    }

    fn viewed(&self, days: Days) -> Vec<View> {
        self.googled.sim.youtube_views(CHANNEL, &days.0.to_string(), &days.1.to_string())
    }

    fn searched(&self, days: Days) -> Vec<SearchRow> {
        self.googled.sim.gsc_rows(DOMAIN, "web", (&days.0.to_string(), &days.1.to_string()))
    }
}

fn sessions(visits: &[Visit]) -> f64 {
    visits.len() as f64
}

fn users(visits: &[Visit]) -> f64 {
    visits.iter().filter(|visit| visit.is_active).map(|visit| visit.user).collect::<BTreeSet<_>>().len() as f64
}

fn events(visits: &[Visit], names: &[&str]) -> f64 {
    visits.iter().flat_map(|visit| &visit.events).filter(|event| names.contains(&event.name.as_ref())).count() as f64
}

fn keys(visits: &[Visit]) -> f64 {
    events(visits, &["sign_up", "newsletter_join", "purchase"])
}

fn revenue(visits: &[Visit]) -> f64 {
    visits.iter().flat_map(|visit| &visit.events).map(|event| event.revenue).sum()
}

fn only(visits: &[Visit], fits: impl Fn(&Visit) -> bool) -> Vec<Visit> {
    visits.iter().filter(|visit| fits(visit)).cloned().collect()
}

fn engaged(visits: &[Visit]) -> f64 {
    percent(visits.iter().filter(|visit| visit.is_engaged).count() as f64, sessions(visits))
}

fn percent(part: f64, of: f64) -> f64 {
    (part / of * 10_000.0).round() / 100.0
}

fn change(now: f64, before: f64) -> f64 {
    ((now - before) / before * 1_000.0).round() / 10.0
}

fn clicks(rows: &[SearchRow]) -> f64 {
    rows.iter().map(|row| f64::from(row.clicks)).sum()
}

fn found(rows: &[SearchRow], fits: impl Fn(&SearchRow) -> bool) -> Vec<SearchRow> {
    rows.iter().filter(|row| fits(row)).cloned().collect()
}

/// The row with the most, when one has it alone.
fn most<T, K: Ord + Clone>(all: &[T], key: impl Fn(&T) -> Option<K>, figure: impl Fn(&T) -> f64) -> (K, usize) {
    let mut sums: BTreeMap<K, f64> = BTreeMap::new();
    for one in all {
        if let Some(key) = key(one) {
            *sums.entry(key).or_default() += figure(one);
        }
    }
    let best = sums.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(key, _)| key.clone()).unwrap();
    (best, sums.len())
}

fn traffic(words: &'static str, arguments: Value, wants: Vec<Want>) -> Asked {
    Asked { words, tool: "report_traffic", arguments, wants }
}

fn videos(words: &'static str, arguments: Value, wants: Vec<Want>) -> Asked {
    Asked { words, tool: "report_videos", arguments, wants }
}

fn posts(words: &'static str, arguments: Value, wants: Vec<Want>) -> Asked {
    Asked { words, tool: "report_posts", arguments, wants }
}

fn search(words: &'static str, arguments: Value, wants: Vec<Want>) -> Asked {
    Asked { words, tool: "report_search", arguments, wants }
}

fn english(truth: &Truth<'_>) -> Vec<Asked> {
    let (rome, york, pacific) = (truth.rome, truth.york, truth.pacific);
    let (week, month) = (truth.acme(Days::week(rome, 1)), truth.acme(Days::month(rome, 1)));
    let seven = truth.acme(Days::back(rome, 7, 1));
    let prior = truth.acme(Days::week(rome, 2));
    let year = truth.acme(Days::week(rome, 1).year_before());
    let searched = truth.searched(Days::month(pacific, 1));
    let shop = truth.visits(SHOP, Days::month(york, 1));
    let (country, countries) = most(&month, |visit| Some(visit.country.to_string()), |_| 1.0);
    let (page, _) = most(&searched, |row| Some(row.page.clone()), |row| f64::from(row.clicks));
    let viewed = truth.viewed(Days::month(pacific, 1));
    let (video, videos_count) = most(&viewed, |view| Some(view.video.clone()), |_| 1.0);
    let italians = only(&month, |visit| visit.country == "Italy");
    vec![
        traffic(
            "How many visits did we have last week?",
            json!({ "period": "last week" }),
            vec![Want::Sum("sessions", sessions(&week))],
        ),
        traffic(
            "And how many users in the last 7 days?",
            json!({ "period": "last 7 days" }),
            vec![Want::Sum("activeUsers", users(&seven))],
        ),
        traffic(
            "Visits last week compared to the week before?",
            json!({ "period": "last week", "compare": "previous" }),
            vec![
                Want::Sum("sessions_before", sessions(&prior)),
                Want::Sum("sessions_change", sessions(&week) - sessions(&prior)),
                Want::Sum("sessions_change_percent", change(sessions(&week), sessions(&prior))),
            ],
        ),
        traffic(
            "And against the same days last year?",
            json!({ "period": "last week vs the same days last year" }),
            vec![
                Want::Sum("sessions_before", sessions(&year)),
                Want::Sum("sessions_change_percent", change(sessions(&week), sessions(&year))),
            ],
        ),
        traffic(
            "Where do most visits come from, by country?",
            json!({ "view": "countries", "period": "last month" }),
            vec![Want::First(country, countries)],
        ),
        traffic(
            "How many visits from Italy last month?",
            json!({ "view": "countries", "period": "last month" }),
            vec![
                Want::Row("Italy".into(), "sessions", sessions(&italians)),
                Want::Row("Italy".into(), "activeUsers", users(&italians)),
            ],
        ),
        traffic(
            "How engaged were visitors last month?",
            json!({ "period": "last month" }),
            vec![Want::Sum("engagementRate_percent", engaged(&month))],
        ),
        traffic(
            "How many conversions last month?",
            json!({ "period": "last month", "metrics": ["conversions"] }),
            vec![Want::Sum("keyEvents", keys(&month))],
        ),
        traffic(
            "How many sign-ups last month?",
            json!({ "period": "last month", "dimensions": ["event"], "metrics": ["eventCount"] }),
            vec![Want::Row("sign_up".into(), "eventCount", events(&month, &["sign_up"]))],
        ),
        traffic(
            "How much did the shop earn last month?",
            json!({ "property": "Acme Shop", "period": "last month", "metrics": ["revenue"] }),
            vec![Want::Sum("totalRevenue", (revenue(&shop) * 100.0).round() / 100.0)],
        ),
        traffic(
            "Visits from organic search last week?",
            json!({ "period": "last week", "filters": ["channel = Organic Search"] }),
            vec![Want::Sum("sessions", sessions(&only(&week, |visit| visit.channel == "Organic Search")))],
        ),
        search(
            "How many clicks from Google last month?",
            json!({ "period": "last month" }),
            vec![Want::Sum("clicks", clicks(&searched))],
        ),
        search(
            "Which page got the most clicks?",
            json!({ "view": "pages", "period": "last month" }),
            vec![Want::First(page, 0)],
        ),
        search(
            "Clicks from Japan last month?",
            json!({ "period": "last month", "filters": ["country = Japan"] }),
            vec![Want::Sum("clicks", clicks(&found(&searched, |row| row.country == "jpn")))],
        ),
        search(
            "Clicks for searches with pricing in them?",
            json!({ "period": "last month", "filters": ["query contains pricing"] }),
            vec![Want::Sum(
                "clicks",
                clicks(&found(&searched, |row| row.query.as_ref().is_some_and(|query| query.contains("pricing")))),
            )],
        ),
        videos(
            "How many views did the channel have last month?",
            json!({ "period": "last month" }),
            vec![Want::Sum("views", viewed.len() as f64)],
        ),
        videos(
            "Which video was watched most last month?",
            json!({ "view": "videos", "period": "last month" }),
            vec![Want::First(video, videos_count)],
        ),
        videos(
            "How many of the views came from searches on YouTube?",
            json!({ "view": "sources", "period": "last month" }),
            vec![Want::Row(
                "YT_SEARCH".into(),
                "views",
                viewed.iter().filter(|view| view.source == "YT_SEARCH").count() as f64,
            )],
        ),
        posts(
            "Which of my posts did best, and how many views had it after a day?",
            json!({ "days": 28 }),
            vec![
                Want::At("/figures/winners/0/post", truth.posts[4].clone()),
                Want::At("/figures/winners/0/figure", json!(306)),
                Want::At("/figures/winners/0/median", json!(102)),
            ],
        ),
        posts(
            "Which post brought the most visits in the last 14 days?",
            json!({ "outcomes": true, "period": "last 14 days" }),
            vec![Want::At("/outcomes/rows/0/0", truth.posts[1].clone()), Want::At("/outcomes/rows/0/2", json!(21))],
        ),
    ]
}

fn japanese(truth: &Truth<'_>) -> Vec<Asked> {
    let (rome, pacific) = (truth.rome, truth.pacific);
    let (week, month) = (truth.acme(Days::week(rome, 1)), truth.acme(Days::month(rome, 1)));
    let (prior, two) = (truth.acme(Days::month(rome, 2)), truth.acme(Days::week(rome, 2)));
    let year = truth.acme(Days::month(rome, 13));
    let searched = truth.searched(Days::month(pacific, 1));
    let before = truth.searched(Days::month(pacific, 2));
    let viewed = truth.viewed(Days::month(pacific, 1));
    let (watched_in, _) = most(&viewed, |view| Some(view.country.clone()), |_| 1.0);
    let (device, devices) = most(&week, |visit| Some(visit.device.to_string()), |_| 1.0);
    let (channel, _) = most(&month, |visit| Some(visit.channel.to_string()), |_| 1.0);
    let mobile = only(&week, |visit| visit.device == "mobile");
    let first = Days::month(rome, 1).0;
    vec![
        traffic("先週の訪問数は？", json!({ "period": "先週" }), vec![Want::Sum("sessions", sessions(&week))]),
        traffic(
            "先月のユーザー数は？",
            json!({ "period": "先月", "metrics": ["ユーザー数"] }),
            vec![Want::Sum("activeUsers", users(&month))],
        ),
        traffic(
            "先月の訪問は前の月と比べてどう？",
            json!({ "period": "先月", "compare": "前の期間" }),
            vec![
                Want::Sum("sessions_before", sessions(&prior)),
                Want::Sum("sessions_change_percent", change(sessions(&month), sessions(&prior))),
            ],
        ),
        traffic(
            "先月の前年同月比は？",
            json!({ "period": "先月の前年同月比" }),
            vec![
                Want::Sum("sessions_before", sessions(&year)),
                Want::Sum("sessions_change", sessions(&month) - sessions(&year)),
            ],
        ),
        traffic("先々週の訪問数は？", json!({ "period": "先々週" }), vec![Want::Sum("sessions", sessions(&two))]),
        traffic(
            "先週、いちばん多かった端末は？",
            json!({ "view": "devices", "period": "先週" }),
            vec![Want::First(device, devices)],
        ),
        traffic(
            "先週のモバイルの訪問とエンゲージメント率は？",
            json!({ "view": "devices", "period": "先週" }),
            vec![
                Want::Row("mobile".into(), "sessions", sessions(&mobile)),
                Want::Row("mobile".into(), "engagementRate_percent", engaged(&mobile)),
            ],
        ),
        traffic(
            "先月の流入経路でいちばん多いのは？",
            json!({ "period": "先月", "dimensions": ["チャネル"], "metrics": ["セッション"] }),
            vec![Want::First(channel, 0)],
        ),
        traffic(
            "先月のコンバージョン数は？",
            json!({ "period": "先月", "metrics": ["コンバージョン"] }),
            vec![Want::Sum("keyEvents", keys(&month))],
        ),
        traffic(
            "先月のニュースレター登録は？",
            json!({ "period": "先月", "dimensions": ["イベント"], "metrics": ["イベント数"] }),
            vec![Want::Row("newsletter_join".into(), "eventCount", events(&month, &["newsletter_join"]))],
        ),
        traffic(
            "先月1日から7日までの訪問数は？",
            json!({ "period": format!("{0}月1日から{0}月7日まで", first.month()) }),
            vec![Want::Sum("sessions", sessions(&truth.acme(Days(first, first.checked_add(6.days()).unwrap()))))],
        ),
        search(
            "先月の検索からのクリック数は？",
            json!({ "period": "先月" }),
            vec![Want::Sum("clicks", clicks(&searched))],
        ),
        search(
            "クリックは前の月と比べてどう？",
            json!({ "period": "先月", "compare": "前月比" }),
            vec![
                Want::Sum("clicks_before", clicks(&before)),
                Want::Sum("clicks_change_percent", change(clicks(&searched), clicks(&before))),
            ],
        ),
        search(
            "日本からのクリックは？",
            json!({ "period": "先月", "filters": ["国 = 日本"] }),
            vec![Want::Sum("clicks", clicks(&found(&searched, |row| row.country == "jpn")))],
        ),
        search(
            "スマートフォンでのクリックは？",
            json!({ "view": "devices", "period": "先月" }),
            vec![Want::Row("MOBILE".into(), "clicks", clicks(&found(&searched, |row| row.device == "MOBILE")))],
        ),
        videos("先月の動画の再生回数は？", json!({ "period": "先月" }), vec![Want::Sum("views", viewed.len() as f64)]),
        videos(
            "先月の高評価は？",
            json!({ "period": "先月" }),
            vec![Want::Sum("likes", viewed.iter().map(|view| u64::from(view.liked)).sum::<u64>() as f64)],
        ),
        videos(
            "先月、再生がいちばん多かった国は？",
            json!({ "view": "countries", "period": "先月" }),
            vec![Want::First(watched_in, 0)],
        ),
        posts(
            "この28日間に投稿したのは何件？",
            json!({ "days": 28 }),
            vec![Want::Count("/published", truth.posts.len())],
        ),
        posts(
            "過去14日間に、投稿からの登録は何件？",
            json!({ "outcomes": true, "period": "過去14日間" }),
            vec![Want::At("/outcomes/rows/0/3/sign_up", json!(6))],
        ),
    ]
}

/// What is wrong with an answer.
fn judge(asked: &Asked, report: &Value) -> Vec<String> {
    let near = |got: &Value, wanted: f64| got.as_f64().is_some_and(|got| (got - wanted).abs() < 0.011);
    let mut wrong = Vec::new();
    for want in &asked.wants {
        let columns: Vec<&str> = report["columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match want {
            Want::Sum(name, wanted) => {
                let got = &report["totals"][*name];
                if !near(got, *wanted) {
                    wrong.push(format!("{}: {name} is {wanted}, and {got} was answered", asked.words));
                }
            }
            Want::Row(key, name, wanted) => {
                let row = report["rows"].as_array().unwrap().iter().find(|row| row[0] == key.as_str());
                let at = columns.iter().position(|column| column == name);
                let got = row.and_then(|row| row.get(at?)).unwrap_or(&Value::Null);
                if !near(got, *wanted) {
                    wrong.push(format!("{}: {name} of {key} is {wanted}, and {got} was answered", asked.words));
                }
            }
            Want::At(place, wanted) => {
                let got = report.pointer(place).unwrap_or(&Value::Null);
                if got != wanted {
                    wrong.push(format!("{}: {place} is {wanted}, and {got} was answered", asked.words));
                }
            }
            Want::Count(place, wanted) => {
                let got = report.pointer(place).and_then(Value::as_array).map(Vec::len);
                if got != Some(*wanted) {
                    wrong.push(format!("{}: {wanted} are at {place}, and {got:?} were answered", asked.words));
                }
            }
            Want::First(key, count) => {
                let first = &report["rows"][0][0];
                let is_right = first == key.as_str() && (*count == 0 || report["row_count"] == json!(count));
                if !is_right {
                    wrong.push(format!(
                        "{}: {key} is first of {count}, and {first} of {} was answered",
                        asked.words, report["row_count"]
                    ));
                }
            }
        }
    }
    wrong
}

/// Five posts with links, what networks counted of them, and the visits and sign-ups that they brought; then days pass until all of it is told.
async fn planted(googled: &Googled) -> Vec<Value> {
    plant_winner(&googled.world).await;
    let listed = googled.world.call("report_posts", json!({ "days": 7 })).await;
    // Newest first, as they are told.
    let mut posts: Vec<Value> = listed["published"].as_array().unwrap().iter().map(|one| one["post"].clone()).collect();
    posts.reverse();
    for (no, (times, event)) in
        [(2, None), (15, None), (3, None), (1, None), (4, None), (6, Some("sign_up"))].into_iter().enumerate()
    {
        // The sixth line is of the second post again: visits that ended with a sign-up.
        let post = &posts[if no == 5 { 1 } else { no }];
        let visit = PlantedVisit {
            at_ms: googled.world.clock.now_ms(),
            source: "x".into(),
            medium: "social".into(),
            campaign: "socrazi".into(),
            content: post.as_str().unwrap().into(),
            path: "/pricing".into(),
            key_event: event.map(str::to_owned),
            times,
            ..PlantedVisit::default()
        };
        googled.sim.ga4_plant(&visit).unwrap();
    }
    // Until last month is told everywhere, also in the first days of one.
    let day_ms = 24 * 3_600_000;
    googled.world.pass(4 * day_ms);
    let pacific = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
    let day = || {
        let now = jiff::Timestamp::from_millisecond(googled.world.clock.now_ms()).unwrap();
        now.to_zoned_datetime(pacific.clone()).date().day()
    };
    while day() < 6 {
        googled.world.pass(day_ms);
    }
    posts
}

#[tokio::test]
async fn forty_questions_are_answered_with_the_right_figures() {
    let googled = Googled::new().await;
    googled.connect(&[BOTH[0], BOTH[1], Feature::Videos]).await;
    googled.choose(SourceKind::Property, "acme.example").await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let posts = planted(&googled).await;
    let now = jiff::Timestamp::from_millisecond(googled.world.clock.now_ms()).unwrap();
    let day = |zone: &str| now.to_zoned_datetime(jiff::tz::TimeZone::get(zone).unwrap()).date();
    let truth = Truth {
        googled: &googled,
        rome: day("Europe/Rome"),
        york: day("America/New_York"),
        pacific: day("America/Los_Angeles"),
        posts,
    };
    let all = [english(&truth), japanese(&truth)];
    assert_eq!(all.each_ref().map(Vec::len), [20, 20]);
    let mut wrong = Vec::new();
    for asked in all.iter().flatten() {
        match googled.world.app.call_tool(&googled.world.assistant, asked.tool, asked.arguments.clone()).await {
            Ok(outcome) => wrong.extend(judge(asked, &outcome.structured)),
            Err(error) => wrong.push(format!("{}: {error:?}", asked.words)),
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    googled.world.end().await;
}
