//! No figure where none can be known, and none beside another that is not its like: Google is behind by more than it says, withholds, forgets, moves to
//! another time zone, and answers in pages of any length and any order.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use socrazi::domain::google::SourceKind;
use socrazi_sim::google::PlantedVisit;
use socrazi_sim::{Fault, FaultKind};

use super::{ACME, Googled, cell, date};

const DOMAIN: &str = "sc-domain:acme.example";
const DAY_MS: i64 = 24 * 3_600_000;

impl Googled {
    /// With the domain chosen, too.
    async fn honest() -> Self {
        let googled = Self::connected().await;
        googled.choose(SourceKind::Site, "acme.example").await;
        googled
    }

    async fn clicks(&self, arguments: Value) -> Value {
        self.world.call("report_search", arguments).await
    }

    /// So many days ago where searches are counted.
    fn pacific(&self, ago: i64) -> jiff::civil::Date {
        let now = jiff::Timestamp::from_millisecond(self.world.clock.now_ms()).unwrap();
        let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
        now.to_zoned_datetime(zone).date().checked_sub(jiff::Span::new().days(ago)).unwrap()
    }

    fn clicked(&self, first: &str, last: &str) -> u64 {
        self.sim.gsc_rows(DOMAIN, "web", (first, last)).iter().map(|row| u64::from(row.clicks)).sum()
    }
}

fn said(report: &Value, words: &str) -> bool {
    report["caveats"].to_string().contains(words)
}

#[tokio::test]
async fn months_weeks_and_days_stand_beside_the_same_of_the_other_period() {
    let googled = Googled::honest().await;
    let ((first, _), (_, last)) = (googled.month(3), googled.month(1));
    let ask = json!({ "dimensions": ["month"], "metrics": ["sessions"], "period": format!("{first}..{last}"), "compare": "previous" });
    let report = googled.traffic(ask).await;
    assert_eq!(report["rows"].as_array().unwrap().len(), 3);
    for no in 0..3 {
        let month = googled.month(6 - i64::try_from(no).unwrap());
        let visits = googled.sim.ga4_visits(ACME, &month.0.to_string(), &month.1.to_string()).len();
        assert_eq!(cell(&report, no, "sessions_before"), &json!(visits), "{report}");
    }
    let ask =
        json!({ "dimensions": ["week"], "metrics": ["sessions"], "period": "last 3 weeks", "compare": "previous" });
    let report = googled.traffic(ask).await;
    let (first, last) = date(&report["compared"]);
    let sum: u64 = (0..3).map(|no| cell(&report, no, "sessions_before").as_u64().unwrap()).sum();
    assert!(sum > 500 && sum >= googled.sim.ga4_visits(ACME, &first, &last).len() as u64, "{report}");
    let ask = json!({ "dimensions": ["date", "country"], "metrics": ["sessions"], "period": "last week", "compare": "previous", "filters": ["country = Italy"] });
    let report = googled.traffic(ask).await;
    let (first, _) = date(&report["compared"]);
    let italians = googled.sim.ga4_visits(ACME, &first, &first);
    let italians = italians.iter().filter(|visit| visit.country == "Italy").count();
    assert_eq!(cell(&report, 0, "sessions_before"), &json!(italians), "{report}");
    let parts = json!({ "dimensions": ["month"], "period": "last 28 days", "compare": "previous" });
    assert_eq!(googled.refused("report_traffic", parts).await, "report-compare-unaligned");
    googled.world.end().await;
}

#[tokio::test]
async fn what_fell_to_nothing_is_told_and_can_come_first() {
    let googled = Googled::honest().await;
    let (day, gone) = (googled.month(2).0.to_string(), "https://www.acme.example/gone");
    let mut row = googled.sim.gsc_rows(DOMAIN, "web", (&day, &day)).remove(0);
    (row.page, row.clicks, row.impressions) = (gone.into(), 9_000, 20_000);
    googled.sim.gsc_plant(row);
    let ask = |compare: String| json!({ "view": "pages", "period": googled.span(1), "compare": compare });
    let report = googled.clicks(ask(googled.span(2))).await;
    let rows = report["rows"].as_array().unwrap().len();
    assert_eq!(cell(&report, rows - 1, "page"), gone);
    assert_eq!(
        (cell(&report, rows - 1, "clicks"), cell(&report, rows - 1, "clicks_before")),
        (&json!(0), &json!(9_000))
    );
    assert!(said(&report, "only before"), "{}", report["caveats"]);
    assert_eq!(report["row_count"], json!(rows));
    for (order, first) in [("by loss", true), ("by change", true), ("by gain", false), ("減少順", true)] {
        let report = googled.clicks(ask(format!("{} {order}", googled.span(2)))).await;
        assert_eq!(cell(&report, 0, "page") == gone, first, "{order}");
    }
    googled.world.end().await;
}

#[tokio::test]
async fn days_that_google_has_not_told_yet_are_no_zeros_and_are_asked_for_again() {
    let googled = Googled::honest().await;
    googled.tune(|tuning| (tuning.gsc.final_after_days, tuning.gsc.missing_days) = (7, 6));
    let (first, last) = (googled.pacific(9).to_string(), googled.pacific(4).to_string());
    let ask = json!({ "view": "days", "period": format!("{first}..{last}") });
    let report = googled.clicks(ask.clone()).await;
    let told: Vec<&str> = report["rows"].as_array().unwrap().iter().filter_map(|row| row[0].as_str()).collect();
    assert_eq!(*told.last().unwrap(), googled.pacific(6).to_string(), "{report}");
    assert!(
        said(&report, "Of the days after it nothing is told yet") && report["badges"] == json!(["fresh"]),
        "{report}"
    );
    // The same with nothing at all, by day and as a sum.
    let yesterday = json!({ "period": "yesterday" });
    let report = googled.clicks(yesterday.clone()).await;
    assert_eq!(
        (&report["totals"]["clicks"], said(&report, "nothing of these days yet")),
        (&Value::Null, true),
        "{report}"
    );
    googled.tune(|_| ());
    googled.world.clock.advance_ms(2 * 3_600_000);
    let report = googled.clicks(ask).await;
    assert_eq!(report["rows"].as_array().unwrap().len(), 6, "{report}");
    assert_eq!(report["totals"]["clicks"], json!(googled.clicked(&first, &last)));
    googled.world.end().await;
}

#[tokio::test]
async fn no_rows_are_nothing_only_where_that_can_be_known() {
    let googled = Googled::honest().await;
    let gap = googled.sim.gsc_gap();
    let report = googled.clicks(json!({ "period": format!("{gap}..{gap}") })).await;
    assert_eq!(report["totals"]["clicks"], json!(0), "a day on which nothing was seen: {report}");
    let old = googled.clicks(json!({ "period": googled.span(20) })).await;
    assert_eq!((&old["totals"]["clicks"], &old["badges"]), (&Value::Null, &json!(["cut"])));
    let beside = json!({ "view": "pages", "period": googled.span(1), "compare": googled.span(20) });
    let beside = googled.clicks(beside).await;
    assert_eq!((cell(&beside, 0, "clicks_before"), cell(&beside, 0, "clicks_change")), (&Value::Null, &Value::Null));
    googled.tune(|tuning| (tuning.ga4.is_thresholded, tuning.ga4.threshold_users) = (true, 1_000_000));
    let report = googled.traffic(json!({ "period": "last week" })).await;
    assert_eq!((&report["totals"]["activeUsers"], &report["badges"]), (&Value::Null, &json!(["thresholded"])));
    googled.tune(|tuning| (tuning.ga4.is_empty, tuning.ga4.empty_reason) = (true, Some("NO_DATA_SHOWN".into())));
    let report = googled.traffic(json!({ "period": "last month" })).await;
    assert_eq!(report["totals"]["sessions"], Value::Null);
    assert!(said(&report, "NO_DATA_SHOWN"), "{}", report["caveats"]);
    googled.world.end().await;
}

#[tokio::test]
async fn what_lessens_the_other_period_is_said_as_well() {
    let googled = Googled::honest().await;
    let other = googled.span(2);
    googled.tune(|tuning| tuning.ga4.sampled_percent = Some(40));
    googled.traffic(json!({ "view": "devices", "period": other })).await;
    googled.tune(|_| ());
    let report = googled.traffic(json!({ "view": "devices", "period": googled.span(1), "compare": other })).await;
    assert_eq!(report["badges"], json!(["sampled"]), "{report}");
    let report = googled.traffic(json!({ "period": "this week", "compare": "previous" })).await;
    assert!(said(&report, "not over"), "{}", report["caveats"]);
    googled.world.end().await;
}

#[tokio::test]
async fn the_time_zone_of_an_answer_counts() {
    let googled = Googled::connected().await;
    let zone = |report: &Value, name: &str| report["period"].as_str().unwrap().ends_with(&format!("({name})"));
    let report = googled.traffic(json!({ "period": "yesterday" })).await;
    assert!(zone(&report, "Europe/Rome"));
    googled.tune(|tuning| tuning.ga4.moved_to = Some("Pacific/Kiritimati".into()));
    let report = googled.traffic(json!({ "view": "devices", "period": "yesterday" })).await;
    assert!(zone(&report, "Pacific/Kiritimati"), "{report}");
    let now = jiff::Timestamp::from_millisecond(googled.world.clock.now_ms()).unwrap();
    let there = now.to_zoned_datetime(jiff::tz::TimeZone::get("Pacific/Kiritimati").unwrap()).date();
    assert_eq!(date(&report["period"]).1, there.yesterday().unwrap().to_string());
    // Nobody tells one: it is looked for again, and what an answer says is taken.
    googled.tune(|tuning| (tuning.ga4.hides_zone, tuning.ga4.moved_to) = (true, Some("Mars/Olympus".into())));
    let report = googled.traffic(json!({ "property": "New blog", "period": "yesterday" })).await;
    assert!(zone(&report, "UTC") && said(&report, "no time zone"), "{report}");
    googled.tune(|tuning| tuning.ga4.hides_zone = true);
    let report = googled.traffic(json!({ "property": "New blog", "view": "devices", "period": "yesterday" })).await;
    assert!(zone(&report, "Asia/Tokyo") && !said(&report, "no time zone"), "{report}");
    googled.world.end().await;
}

#[tokio::test]
async fn each_row_is_read_once_whatever_order_equals_come_in() {
    let googled = Googled::connected().await;
    let dimensions = ["country", "city", "device", "browser", "os", "language", "page", "sources", "hour"];
    let answer =
        googled.traffic(json!({ "dimensions": dimensions, "metrics": ["sessions"], "period": "last 120 days" })).await;
    let count = usize::try_from(answer["row_count"].as_u64().unwrap()).unwrap();
    assert!(count > 10_000, "{count}");
    let csv = googled.file(&answer, "report.csv").await;
    let lines: BTreeSet<&str> = csv.trim_end().split("\r\n").skip(1).collect();
    assert_eq!(lines.len(), count);
    googled.world.end().await;
}

#[tokio::test]
async fn an_answer_shorter_than_asked_for_is_not_the_end_and_one_too_large_is_asked_for_in_parts() {
    let googled = Googled::honest().await;
    googled.tune(|tuning| tuning.gsc.rows_at_once = Some(700));
    let answer = googled.clicks(json!({ "view": "queries", "period": googled.span(1) })).await;
    let csv = googled.file(&answer, "report.csv").await;
    // A second result of the same search is no showing of its own: what was only that, unclicked, has no row.
    let seen = googled.searched(&answer).into_iter().filter(|row| !row.is_second || row.clicks > 0);
    let truth: BTreeSet<String> = seen.filter_map(|row| row.query).collect();
    assert!(truth.len() > 1_400);
    assert_eq!(csv.trim_end().split("\r\n").count() - 1, truth.len());
    googled.tune(|_| ());
    let day = googled.month(3).0.to_string();
    let row = googled.sim.gsc_rows(DOMAIN, "web", (&day, &day)).remove(0);
    for no in 0..600 {
        let page = format!("https://www.acme.example/{no}/{}", "x".repeat(30_000));
        googled.sim.gsc_plant(socrazi_sim::google::SearchRow { page, clicks: 500, impressions: 900, ..row.clone() });
    }
    let answer = googled.clicks(json!({ "view": "pages", "period": format!("{day}..{day}") })).await;
    assert!(cell(&answer, 0, "page").as_str().unwrap().ends_with("x…"), "{}", answer["row_count"]);
    assert_eq!(cell(&answer, 0, "clicks"), 500);
    // However long their names are, all of them are there for the person.
    let csv = googled.file(&answer, "report.csv").await;
    assert!(csv.trim_end().split("\r\n").count() > 600, "{}", csv.len());
    googled.world.end().await;
}

#[tokio::test]
async fn a_failure_is_shared_by_all_who_waited_for_it() {
    let googled = Googled::connected().await;
    let gone = FaultKind::Status { status: 500, body: "{}".into(), headers: std::collections::BTreeMap::new() };
    googled.sim.set_faults(vec![Fault { times: 99, ..Fault::once("POST", "/v1beta/properties", gone) }]);
    let asks = (0..8).map(|_| googled.refused("report_traffic", json!({ "period": "last month" })));
    let keys = futures::future::join_all(asks).await;
    assert!(keys.iter().all(|key| key == "google-unavailable"), "{keys:?}");
    assert_eq!(googled.asked(), 3, "ten an hour are all that Google allows");
    googled.sim.set_faults(Vec::new());
    googled.traffic(json!({ "period": "last month" })).await;
    googled.world.end().await;
}

#[tokio::test]
async fn a_default_is_not_replaced_by_another_accounts_and_not_forgotten_after_one_look() {
    let googled = Googled::connected().await;
    let ben =
        socrazi_sim::google::GoogleUser { ga4_accounts: vec!["101".into()], ..socrazi_sim::google::GoogleUser::ben() };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.post(googled.sim.url().join("__sim/users").unwrap()).json(&ben).send().await.unwrap();
    let (app, person) = (&googled.world.app, &googled.world.person);
    let login = app.sources(person).await.unwrap()[0].0.clone();
    let mut url = app.google_begin(person, &super::BOTH, None).await.unwrap();
    url.query_pairs_mut().append_pair("user", &ben.email);
    app.google_finish(person, &googled.through(url).await).await.unwrap();
    // One look finds nothing at all.
    let nothing = FaultKind::Status { status: 200, body: "{}".into(), headers: std::collections::BTreeMap::new() };
    googled.sim.set_faults(vec![Fault::once("GET", "/v1beta/accountSummaries", nothing)]);
    app.look_sources(person, &login.id).await.unwrap();
    let report = googled.traffic(json!({ "period": "last week" })).await;
    assert!(report["source"].as_str().unwrap().contains("acme.example"), "{}", report["source"]);
    // The account is dead: what was chosen through it is not asked of another.
    let gone = FaultKind::Status {
        status: 400,
        body: r#"{"error":"invalid_grant"}"#.into(),
        headers: std::collections::BTreeMap::new(),
    };
    googled.sim.set_faults(vec![Fault::once("POST", "/token", gone)]);
    googled.world.clock.advance_ms(2 * 3_600_000);
    for period in ["last month", "last quarter"] {
        assert_eq!(
            googled.refused("report_traffic", json!({ "period": period })).await,
            "google-reconnect",
            "{period}"
        );
    }
    let weekly = app.weekly(person).await.unwrap();
    assert!(
        weekly.figures.iter().any(|one| one.key == "google-reconnect"),
        "the digest says why: {:?}",
        weekly.figures
    );
    googled.traffic(json!({ "property": "New blog", "period": "last month" })).await;
    googled.world.end().await;
}

#[tokio::test]
async fn what_is_kept_ends_with_its_oldest_part_and_its_age_is_known() {
    let googled = Googled::honest().await;
    let (app, assistant) = (&googled.world.app, &googled.world.assistant);
    let ask = json!({ "view": "indexing", "urls": ["https://www.acme.example/"] });
    let until = async || app.call_tool(assistant, "report_search", ask.clone()).await.unwrap().keep.unwrap().until_ms;
    let first = until().await;
    googled.world.clock.advance_ms(5 * 3_600_000);
    assert_eq!(until().await, first, "it was looked at five hours ago");
    assert_eq!(app.oldest_report_ms().await.unwrap().map(|age| age / 3_600_000), Some(5));
    googled.world.end().await;
}

#[tokio::test]
async fn posts_are_joined_over_accounts_and_what_was_cut_off_is_not_nothing() {
    let googled = Googled::new().await;
    googled.connect(&[super::Feature::Analytics]).await;
    googled.choose(SourceKind::Property, "acme.example").await;
    let sites = vec![socrazi_sim::google::SimSite { url: DOMAIN.into(), permission: "siteOwner".into() }];
    let ben = socrazi_sim::google::GoogleUser { sites, ..socrazi_sim::google::GoogleUser::ben() };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.post(googled.sim.url().join("__sim/users").unwrap()).json(&ben).send().await.unwrap();
    let (app, person) = (&googled.world.app, &googled.world.person);
    let mut url = app.google_begin(person, &[super::Feature::Search], None).await.unwrap();
    url.query_pairs_mut().append_pair("user", &ben.email);
    app.google_finish(person, &googled.through(url).await).await.unwrap();
    let post = googled.world.scheduled("Read https://www.acme.example/pricing").await;
    googled.world.until(&post, "published", 60_000).await;
    googled.world.pass(20 * DAY_MS);
    let ask = json!({ "outcomes": true, "period": "last 28 days" });
    let outcome = app.call_tool(&googled.world.assistant, "report_posts", ask.clone()).await.unwrap();
    let told = &outcome.structured["outcomes"];
    assert!(cell(told, 0, "search_clicks").as_i64().is_some_and(|clicks| clicks > 0), "{told}");
    assert_eq!(cell(told, 0, "visits"), &json!(0));
    assert_eq!(outcome.keep.unwrap().accounts.len(), 2, "it ends with either account");
    for no in 0..10_001 {
        let visit = PlantedVisit {
            at_ms: googled.world.clock.now_ms() - DAY_MS,
            source: "x".into(),
            medium: "social".into(),
            content: "post_01ARZ3NDEKTSV4RRFFQ69G5FAA".into(),
            path: format!("/{no}"),
            times: 1,
            ..PlantedVisit::default()
        };
        googled.sim.ga4_plant(&visit).unwrap();
    }
    let told =
        googled.world.call("report_posts", json!({ "outcomes": true, "period": "last 27 days" })).await["outcomes"]
            .clone();
    assert!(told["badges"].to_string().contains("cut"), "{}", told["badges"]);
    assert_eq!(cell(&told, 0, "visits"), &Value::Null, "it may stand behind them");
    googled.world.end().await;
}
