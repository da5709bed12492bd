//! Search Console through the whole server: figures are those of what was searched, counted here once more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use socrazi::domain::google::SourceKind;
use socrazi_sim::google::SearchRow;

use super::{Googled, cell, date};

const DOMAIN: &str = "sc-domain:acme.example";

impl Googled {
    /// Connected, with the domain chosen.
    async fn searching() -> Self {
        let googled = Self::connected().await;
        googled.choose(SourceKind::Site, "acme.example").await;
        googled
    }

    async fn search(&self, arguments: Value) -> Value {
        self.world.call("report_search", arguments).await
    }

    /// What was searched in a report's period.
    pub(super) fn searched(&self, report: &Value) -> Vec<SearchRow> {
        let (first, last) = date(&report["period"]);
        self.sim.gsc_rows(DOMAIN, "web", (&first, &last))
    }
}

fn clicks<'a>(rows: impl IntoIterator<Item = &'a SearchRow>) -> u64 {
    rows.into_iter().map(|row| u64::from(row.clicks)).sum()
}

#[tokio::test]
async fn sums_are_of_everything_and_rows_of_what_google_names() {
    let googled = Googled::searching().await;
    let report = googled.search(json!({ "view": "queries", "period": "先月" })).await;
    assert!(report["period"].as_str().unwrap().ends_with("(America/Los_Angeles)"));
    let truth = googled.searched(&report);
    assert_eq!(report["totals"]["clicks"], json!(clicks(&truth)));
    let once = truth.iter().filter(|row| !row.is_second);
    let impressions: u64 = once.clone().map(|row| u64::from(row.impressions)).sum();
    assert_eq!(report["totals"]["impressions"], json!(impressions));
    let places: u64 = once.map(|row| u64::from(row.impressions) * u64::from(row.position)).sum();
    let place = places as f64 / impressions as f64;
    assert!((report["totals"]["position"].as_f64().unwrap() - place).abs() < 0.006, "{place}");
    let mut named: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &truth {
        if let Some(query) = &row.query {
            *named.entry(query).or_default() += u64::from(row.clicks);
        }
    }
    for (no, row) in report["rows"].as_array().unwrap().iter().enumerate().take(20) {
        assert_eq!(cell(&report, no, "clicks"), &json!(named[row[0].as_str().unwrap()]), "{row}");
    }
    let pages = googled
        .search(json!({ "view": "pages", "period": "last month", "filters": ["country = 日本", "device = mobile"] }))
        .await;
    let wanted = clicks(truth.iter().filter(|row| row.country == "jpn" && row.device == "MOBILE"));
    assert_eq!(pages["totals"]["clicks"], json!(wanted));
    googled.world.end().await;
}

#[tokio::test]
async fn rows_behind_the_first_twenty_five_thousand_are_reached() {
    let googled = Googled::searching().await;
    let ask =
        json!({ "dimensions": ["query", "page"], "period": format!("{}..{}", googled.month(3).0, googled.month(1).1) });
    let report = googled.search(ask.clone()).await;
    let asked = || {
        googled
            .recorder
            .seen()
            .iter()
            .filter(|seen| seen.path.ends_with("/query") && seen.body.contains("\"PAGE\""))
            .count()
    };
    assert_eq!(asked(), 1);
    let mark = report["next_cursor"].as_str().unwrap().split_once('.').unwrap().1.to_owned();
    let truth: BTreeSet<(String, String)> =
        googled.searched(&report).into_iter().filter_map(|row| Some((row.query?, row.page))).collect();
    assert!(truth.len() > 50_000, "{}", truth.len());
    let mut seen = BTreeSet::new();
    // From the end of one answer of Google's into the next, and the very last rows.
    for begins in [24_990, 25_000, truth.len() - 5, truth.len()] {
        let mut ask = ask.clone();
        ask["cursor"] = json!(format!("{begins}.{mark}"));
        let report = googled.search(ask).await;
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(rows.is_empty(), begins == truth.len(), "{begins}");
        for row in rows {
            let key = (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned());
            assert!(truth.contains(&key), "{key:?}");
            seen.insert(key);
        }
        if begins + rows.len() >= truth.len() {
            assert!(report.get("next_cursor").is_none());
        }
    }
    assert!(seen.len() > 10);
    assert_eq!(asked(), 4, "each twenty-five thousand are asked for once, and whether more come behind the last");
    googled.world.end().await;
}

#[tokio::test]
async fn days_that_are_not_final_are_told_and_empty_ones_are_filled() {
    let googled = Googled::searching().await;
    let report = googled.search(json!({ "view": "days", "period": "last 5 days" })).await;
    assert_eq!(report["badges"], json!(["fresh"]));
    assert!(report["caveats"].to_string().contains("not final"), "{}", report["caveats"]);
    let body = &googled.recorder.seen().iter().rev().find(|seen| seen.path.ends_with("/query")).unwrap().body.clone();
    assert!(body.contains("\"ALL\""), "{body}");
    let gap = googled.sim.gsc_gap();
    let report = googled.search(json!({ "view": "days", "period": format!("{gap}..{gap}") })).await;
    assert_eq!((report["rows"].as_array().unwrap().len(), cell(&report, 0, "clicks")), (1, &json!(0)));
    assert_eq!(cell(&report, 0, "position"), &Value::Null, "nobody has a place in no list");
    let old = googled.search(json!({ "view": "days", "period": googled.span(20) })).await;
    assert_eq!((old["badges"].clone(), old["totals"]["clicks"].clone()), (json!(["cut"]), Value::Null));
    googled.world.end().await;
}

#[tokio::test]
async fn whether_pages_are_in_the_index_is_told_for_each() {
    let googled = Googled::searching().await;
    let urls = [
        "https://www.acme.example/pricing",
        "https://www.acme.example/blog/post-8",
        "https://www.acme.example/never",
        "https://elsewhere.example/",
    ];
    let report = googled.search(json!({ "view": "indexing", "urls": urls })).await;
    let of = |no, column: &str| cell(&report, no, column).clone();
    assert_eq!((of(0, "verdict"), of(0, "fetch")), (json!("PASS"), json!("SUCCESSFUL")));
    assert_eq!((of(1, "verdict"), of(1, "fetch")), (json!("FAIL"), json!("NOT_FOUND")));
    assert_eq!((of(2, "verdict"), of(3, "verdict")), (json!("NEUTRAL"), Value::Null));
    assert!(of(3, "problem").as_str().unwrap().contains("may not see"), "{}", of(3, "problem"));
    let before = googled.recorder.seen().len();
    googled.search(json!({ "view": "indexing", "urls": [urls[0]] })).await;
    assert_eq!(googled.recorder.seen().len(), before, "kept for a while");
    for (urls, key) in [
        (json!([]), "report-urls-count"),
        (json!(["/pricing"]), "report-url-wrong"),
        (json!(["javascript:1"]), "report-url-wrong"),
    ] {
        assert_eq!(googled.refused("report_search", json!({ "view": "indexing", "urls": urls })).await, key);
    }
    let many: Vec<String> = (0..2_001).map(|no| format!("https://www.acme.example/{no}")).collect();
    assert_eq!(
        googled.refused("report_search", json!({ "view": "indexing", "urls": many })).await,
        "report-urls-count"
    );
    googled.tune(|tuning| tuning.gsc.is_loaded = true);
    assert_eq!(
        googled.refused("report_search", json!({ "dimensions": ["query", "page"], "period": "last year" })).await,
        "google-quota-day"
    );
    googled.world.end().await;
}

#[tokio::test]
async fn sites_that_are_not_verified_are_not_offered_and_either_spelling_is_read() {
    let googled = Googled::new().await;
    googled.tune(|tuning| tuning.gsc.upper_case = true);
    googled.connect(&super::BOTH).await;
    let sources = googled.world.app.sources(&googled.world.person).await.unwrap();
    let sites: Vec<&str> = sources[0]
        .1
        .iter()
        .filter(|source| source.kind == SourceKind::Site)
        .map(|source| source.facts.remote_id.as_str())
        .collect();
    assert_eq!(sites.len(), 3, "{sites:?}");
    assert!(!sites.contains(&"https://elsewhere.example/"));
    assert_eq!(
        googled.refused("report_search", json!({ "site": "https://elsewhere.example/" })).await,
        "report-source-choose"
    );
    googled.search(json!({ "site": "https://www.acme.example/", "period": "last month" })).await;
    googled.world.end().await;
}
