//! The simulated Search Console, asked over HTTP. Expected figures are counted here from the rows themselves, by other
//! code than the simulator's (dossier google.md §7).

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::clock::{parse_rfc3339, rfc3339};
use socrazi_sim::google::SearchRow;

use crate::desk::Seen;
use crate::google::{ANA, BEN, Desk};

const DOMAIN: &str = "sc-domain:acme.example";
const WWW: &str = "https://www.acme.example/";
const DAY_MS: i64 = 86_400_000;

async fn search_desk() -> anyhow::Result<Desk> {
    let mut desk = Desk::new().await?;
    desk.token = desk.granted(ANA, &["webmasters.readonly"])?;
    Ok(desk)
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace(':', "%3A").replace('/', "%2F")
}

/// The Pacific day so many days ago.
fn day(desk: &Desk, ago: i64) -> String {
    let gap = parse_rfc3339(&format!("{}T00:00:00Z", desk.sim.gsc_gap())).unwrap_or(0);
    rfc3339(gap + (20 - ago) * DAY_MS)[..10].to_owned()
}

impl Desk {
    async fn query(&self, site: &str, body: &Value) -> anyhow::Result<Seen> {
        self.post(&format!("/webmasters/v3/sites/{}/searchAnalytics/query", encoded(site)), body).await
    }

    async fn found(&self, body: &Value) -> anyhow::Result<Vec<Value>> {
        let seen = self.query(DOMAIN, body).await?;
        anyhow::ensure!(seen.status == 200, "{}", seen.text);
        Ok(seen.json()["rows"].as_array().cloned().unwrap_or_default())
    }

    async fn call(&self, method: Method, path: &str) -> anyhow::Result<Seen> {
        self.seen(self.http.request(method, self.sim.url().join(path)?).bearer_auth(&self.token)).await
    }

    /// Rows of the days that are final, counted back.
    fn truth(&self, from: i64, to: i64) -> Vec<SearchRow> {
        self.sim.gsc_rows(DOMAIN, "web", (&day(self, from), &day(self, to)))
    }
}

fn ask(desk: &Desk, dimensions: &[&str]) -> Value {
    json!({"startDate": day(desk, 30), "endDate": day(desk, 3), "dimensions": dimensions, "rowLimit": 25_000})
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn filtered(body: Value, dimension: &str, operator: &str, expression: &str) -> Value {
    let filter = json!({"dimension": dimension, "operator": operator, "expression": expression});
    with(body, "dimensionFilterGroups", json!([{"groupType": "and", "filters": [filter]}]))
}

fn sum(rows: &[Value], name: &str) -> f64 {
    rows.iter().filter_map(|row| row[name].as_f64()).sum()
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-6 * (1.0 + b.abs()), "{a} is not {b}");
}

fn clicks<'a>(rows: impl IntoIterator<Item = &'a SearchRow>) -> f64 {
    rows.into_iter().map(|row| f64::from(row.clicks)).sum()
}

#[tokio::test]
async fn sites_come_with_what_the_person_may_do_there() -> anyhow::Result<()> {
    let mut desk = search_desk().await?;
    let sites = desk.get("/webmasters/v3/sites").await?.json();
    let levels: Vec<&str> = sites["siteEntry"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|site| site["permissionLevel"].as_str())
        .collect();
    assert_eq!(levels, ["siteOwner", "siteFullUser", "siteRestrictedUser", "siteUnverifiedUser"]);
    let one = desk.get(&format!("/webmasters/v3/sites/{}", encoded(WWW))).await?;
    assert_eq!((one.at("/siteUrl").as_str(), one.at("/permissionLevel").as_str()), (WWW, "siteFullUser"));
    let without_slash = desk.get(&format!("/webmasters/v3/sites/{}", encoded("https://www.acme.example"))).await?;
    assert_eq!(without_slash.status, 403, "the slash at the end is part of the name");
    let unverified = desk.query("https://elsewhere.example/", &ask(&desk, &[])).await?;
    assert_eq!((unverified.status, unverified.at("/error/errors/0/reason").as_str()), (403, "forbidden"));
    assert_eq!(desk.query("https://shop.acme.example/", &ask(&desk, &[])).await?.status, 200);
    desk.tune(|tuning| tuning.gsc.upper_case = true);
    assert_eq!(desk.get("/webmasters/v3/sites").await?.at("/siteEntry/0/permissionLevel"), "SITE_OWNER");
    assert_eq!(desk.query(DOMAIN, &ask(&desk, &[])).await?.at("/responseAggregationType"), "BY_PROPERTY");
    desk.token = desk.granted(BEN, &["webmasters.readonly"])?;
    assert_eq!(desk.get("/webmasters/v3/sites").await?.json(), json!({}));
    assert_eq!(desk.query(DOMAIN, &ask(&desk, &[])).await?.status, 403);
    desk.token = desk.granted(ANA, &["analytics.readonly"])?;
    assert_eq!(
        desk.get("/webmasters/v3/sites").await?.at("/error/details/0/reason"),
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    );
    Ok(())
}

#[tokio::test]
async fn figures_are_those_of_what_was_searched() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    let truth = desk.truth(30, 3);
    let seen = desk.query(DOMAIN, &ask(&desk, &[])).await?;
    assert_eq!(seen.at("/responseAggregationType"), "byProperty");
    let total = [seen.json()["rows"][0].clone()];
    assert_eq!(total[0]["keys"], Value::Null);
    let once: Vec<&SearchRow> = truth.iter().filter(|row| !row.is_second).collect();
    let impressions: f64 = once.iter().map(|row| f64::from(row.impressions)).sum();
    near(sum(&total, "clicks"), clicks(&truth));
    near(sum(&total, "impressions"), impressions);
    let places: f64 = once.iter().map(|row| f64::from(row.impressions * row.position)).sum();
    near(sum(&total, "position"), places / impressions);
    near(sum(&total, "ctr"), clicks(&truth) / impressions);
    assert!(seen.text.contains(".0,") && total[0]["clicks"].is_f64(), "numbers are floats");
    // Each page is counted by itself, so the same search can count twice.
    let pages = desk.query(DOMAIN, &ask(&desk, &["page"])).await?;
    assert_eq!(pages.at("/responseAggregationType"), "byPage");
    let pages = pages.json()["rows"].as_array().cloned().unwrap_or_default();
    near(sum(&pages, "impressions"), truth.iter().map(|row| f64::from(row.impressions)).sum());
    assert!(sum(&pages, "impressions") > impressions);
    // Who searched something rare is not told: the sum of the queries is less than the total.
    let queries = desk.found(&ask(&desk, &["query"])).await?;
    near(sum(&queries, "clicks"), clicks(truth.iter().filter(|row| row.query.is_some())));
    assert!(sum(&queries, "clicks") < clicks(&truth));
    let mut by_country: BTreeMap<String, f64> = BTreeMap::new();
    for row in &truth {
        *by_country.entry(row.country.clone()).or_default() += f64::from(row.clicks);
    }
    let got: BTreeMap<String, f64> = desk
        .found(&ask(&desk, &["country"]))
        .await?
        .iter()
        .map(|row| (row["keys"][0].as_str().unwrap_or("?").to_owned(), row["clicks"].as_f64().unwrap_or(-1.0)))
        .collect();
    assert_eq!(got, by_country);
    Ok(())
}

#[tokio::test]
async fn days_come_in_order_without_those_that_have_nothing() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    let days = desk.found(&ask(&desk, &["date"])).await?;
    let names: Vec<&str> = days.iter().filter_map(|row| row["keys"][0].as_str()).collect();
    assert_eq!(names.len(), 27);
    assert!(names.is_sorted() && !names.contains(&desk.sim.gsc_gap().as_str()));
    let rows = desk.found(&ask(&desk, &["page"])).await?;
    assert!(rows.is_sorted_by(|a, b| a["clicks"].as_f64() >= b["clicks"].as_f64()));
    let far = with(with(ask(&desk, &["date"]), "startDate", json!("2020-01-01")), "endDate", json!("2020-02-01"));
    assert_eq!(
        desk.query(DOMAIN, &far).await?.json(),
        json!({"responseAggregationType": "byProperty"}),
        "sixteen months, no more"
    );
    Ok(())
}

#[tokio::test]
async fn more_rows_than_a_page_holds_are_paged_until_nothing_comes() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    let body = with(ask(&desk, &["query", "page"]), "startDate", json!(day(&desk, 100)));
    let (mut all, mut start) = (BTreeSet::new(), 0);
    loop {
        let rows = desk.found(&with(body.clone(), "startRow", json!(start))).await?;
        if rows.is_empty() {
            break;
        }
        assert!(rows.len() <= 25_000);
        start += rows.len();
        all.extend(rows.iter().map(|row| row["keys"].to_string()));
    }
    assert!(start > 60_000 && all.len() == start, "{start} rows, {} of them different", all.len());
    let truth: BTreeSet<(String, String)> =
        desk.truth(100, 3).into_iter().filter_map(|row| Some((row.query?, row.page))).collect();
    assert_eq!(truth.len(), start);
    assert_eq!(
        desk.found(&json!({"startDate": day(&desk, 100), "endDate": day(&desk, 3), "dimensions": ["query"]}))
            .await?
            .len(),
        1_000,
        "a thousand without a limit"
    );
    Ok(())
}

#[tokio::test]
async fn filters_take_what_they_say_and_no_more() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    let truth = desk.truth(30, 3);
    let of = async |dimension: &str, operator: &str, expression: &str| -> anyhow::Result<f64> {
        Ok(sum(&desk.found(&filtered(ask(&desk, &[]), dimension, operator, expression)).await?, "clicks"))
    };
    let count = |test: &dyn Fn(&SearchRow) -> bool| clicks(truth.iter().filter(|row| test(row)));
    near(of("country", "equals", "ita").await?, count(&|row| row.country == "ita"));
    near(of("country", "EQUALS", "ITA").await?, count(&|row| row.country == "ita"));
    near(of("country", "notEquals", "ita").await?, count(&|row| row.country != "ita"));
    near(of("device", "equals", "mobile").await?, count(&|row| row.device == "MOBILE"));
    near(
        of("query", "contains", "ACME").await?,
        count(&|row| row.query.as_ref().is_some_and(|query| query.contains("acme"))),
    );
    near(
        of("query", "notContains", "acme").await?,
        count(&|row| row.query.as_ref().is_some_and(|query| !query.contains("acme"))),
    );
    near(
        of("page", "includingRegex", "/blog/post-[0-9]$").await?,
        count(&|row| {
            row.page.contains("/blog/post-") && row.page.len() == "https://www.acme.example/blog/post-1".len()
        }),
    );
    near(of("page", "excludingRegex", "^https://www").await?, count(&|row| !row.page.starts_with("https://www")));
    near(of("searchAppearance", "equals", "VIDEO").await?, count(&|row| row.appearance.as_deref() == Some("VIDEO")));
    let appearances = desk.found(&ask(&desk, &["searchAppearance"])).await?;
    assert_eq!(appearances.len(), 3);
    let www = desk.query(WWW, &ask(&desk, &["page"])).await?.json();
    let pages = www["rows"].as_array().cloned().unwrap_or_default();
    assert!(
        !pages.is_empty() && pages.iter().all(|row| row["keys"][0].as_str().is_some_and(|page| page.starts_with(WWW)))
    );
    let snake = json!({"start_date": day(&desk, 30), "end_date": day(&desk, 3), "dimensions": ["SEARCH_APPEARANCE"], "search_type": "WEB", "row_limit": 2});
    assert_eq!(desk.found(&snake).await?.len(), 2, "the spelling of the proto is understood");
    Ok(())
}

#[tokio::test]
async fn other_kinds_of_search_have_their_own_rows_and_rules() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    for kind in ["image", "video", "news", "discover", "googleNews"] {
        let body = with(ask(&desk, &["page"]), "type", json!(kind));
        let rows = desk.found(&body).await?;
        let truth = desk.sim.gsc_rows(DOMAIN, kind, (&day(&desk, 30), &day(&desk, 3)));
        near(sum(&rows, "clicks"), clicks(&truth));
        assert_eq!(rows[0]["position"].is_null(), matches!(kind, "discover" | "googleNews"), "{kind}");
    }
    let discover = |dimension: &str| with(ask(&desk, &[dimension]), "type", json!("DISCOVER"));
    assert_eq!(desk.query(DOMAIN, &discover("query")).await?.status, 400);
    assert_eq!(desk.query(DOMAIN, &filtered(discover("page"), "query", "equals", "x")).await?.status, 400);
    assert_eq!(desk.query(DOMAIN, &with(ask(&desk, &[]), "type", json!("shopping"))).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn what_is_not_final_is_only_shown_when_asked_for() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    let recent = json!({"startDate": day(&desk, 5), "endDate": day(&desk, 0), "dimensions": ["date"]});
    let last = |rows: &[Value]| rows.last().and_then(|row| row["keys"][0].as_str()).unwrap_or("?").to_owned();
    let settled = desk.query(DOMAIN, &recent).await?.json();
    assert_eq!(last(settled["rows"].as_array().unwrap_or(&Vec::new())), day(&desk, 3));
    assert_eq!(settled["metadata"], Value::Null);
    let fresh = desk.query(DOMAIN, &with(recent.clone(), "dataState", json!("all"))).await?.json();
    let rows = fresh["rows"].as_array().cloned().unwrap_or_default();
    assert_eq!((last(&rows), fresh["metadata"]["firstIncompleteDate"].clone()), (day(&desk, 0), json!(day(&desk, 2))));
    assert!(rows.last().and_then(|row| row["clicks"].as_f64()) < rows[0]["clicks"].as_f64(), "today is young");
    let old = with(with(recent.clone(), "dataState", json!("ALL")), "endDate", json!(day(&desk, 3)));
    assert_eq!(desk.query(DOMAIN, &old).await?.json()["metadata"], Value::Null);
    let hourly = json!({"startDate": day(&desk, 4), "endDate": day(&desk, 0), "dimensions": ["hour"], "dataState": "hourly_all"});
    let seen = desk.query(DOMAIN, &hourly).await?;
    assert!(seen.at("/rows/0/keys/0").contains("T00:00:00-0"), "{}", seen.text);
    assert!(seen.at("/metadata/firstIncompleteHour").starts_with(&day(&desk, 2)));
    assert_eq!(desk.query(DOMAIN, &with(hourly.clone(), "startDate", json!(day(&desk, 10)))).await?.status, 200);
    assert_eq!(desk.query(DOMAIN, &with(hourly.clone(), "startDate", json!(day(&desk, 11)))).await?.status, 400);
    assert_eq!(desk.query(DOMAIN, &with(hourly.clone(), "dataState", json!("all"))).await?.status, 400);
    assert_eq!(desk.query(DOMAIN, &with(hourly, "dimensions", json!(["date"]))).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn what_the_service_does_not_take_is_refused() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    let base = ask(&desk, &["page"]);
    for (name, value) in [
        ("startDate", json!("yesterday")),
        ("startDate", json!("2026-02-30")),
        ("endDate", json!("2020-01-01")),
        ("dimensions", json!(["pages"])),
        ("dimensions", json!(["page", "page"])),
        ("dimensions", json!(["searchAppearance", "page"])),
        ("rowLimit", json!(0)),
        ("rowLimit", json!(25_001)),
        ("startRow", json!(-1)),
        ("aggregationType", json!("byProperty")),
        ("aggregationType", json!("byNewsShowcasePanel")),
        ("dataState", json!("fresh")),
        ("metrics", json!(["clicks"])),
        ("dimensionFilterGroups", json!([{"groupType": "or", "filters": [{"dimension": "page", "expression": "x"}]}])),
    ] {
        let seen = desk.query(DOMAIN, &with(base.clone(), name, value.clone())).await?;
        assert_eq!(seen.status, 400, "{name} {value} {}", seen.text);
    }
    assert_eq!(desk.query(DOMAIN, &filtered(base.clone(), "page", "includingRegex", "(")).await?.status, 400);
    assert_eq!(desk.query(DOMAIN, &filtered(base.clone(), "date", "equals", "x")).await?.status, 400);
    assert_eq!(desk.query(DOMAIN, &filtered(base.clone(), "page", "startsWith", "x")).await?.status, 400);
    assert_eq!(
        desk.query(
            DOMAIN,
            &with(with(base.clone(), "dimensions", json!(["query"])), "aggregationType", json!("BY_PROPERTY"))
        )
        .await?
        .status,
        200
    );
    let by_filter =
        filtered(with(ask(&desk, &["query"]), "aggregationType", json!("byProperty")), "page", "contains", "blog");
    assert_eq!(desk.query(DOMAIN, &by_filter).await?.status, 400, "a filter by page is a page too");
    Ok(())
}

#[tokio::test]
async fn quotas_of_search_console_are_kept_per_site() -> anyhow::Result<()> {
    let mut desk = search_desk().await?;
    desk.at_noon(&["webmasters.readonly"])?;
    desk.tune(|tuning| {
        tuning.gsc.queries_per_minute = 2;
        tuning.gsc.inspections_per_day = 3;
        tuning.gsc.inspections_per_minute = 2;
    });
    let small = with(ask(&desk, &[]), "startDate", json!(day(&desk, 3)));
    assert_eq!(desk.query(DOMAIN, &small).await?.status, 200);
    assert_eq!(desk.query(DOMAIN, &small).await?.status, 200);
    let refused = desk.query(DOMAIN, &small).await?;
    assert_eq!((refused.status, refused.at("/error/errors/0/reason").as_str()), (429, "rateLimitExceeded"));
    assert_eq!(desk.query(WWW, &small).await?.status, 200, "each site has its own");
    desk.clock.advance_ms(60_000);
    assert_eq!(desk.query(DOMAIN, &small).await?.status, 200);
    let inspect = async |desk: &Desk| {
        desk.post(
            "/v1/urlInspection/index:inspect",
            &json!({"inspectionUrl": "https://www.acme.example/", "siteUrl": DOMAIN}),
        )
        .await
    };
    for minute in 0..3 {
        assert_eq!(inspect(&desk).await?.status, 200, "{minute}");
        desk.clock.advance_ms(60_000);
    }
    assert!(inspect(&desk).await?.at("/error/message").contains("per day"));
    desk.clock.advance_ms(DAY_MS);
    desk.token = desk.granted(ANA, &["webmasters.readonly"])?;
    assert_eq!(inspect(&desk).await?.status, 200, "the next Pacific day");
    desk.tune(|tuning| tuning.gsc.is_loaded = true);
    let heavy = desk.query(DOMAIN, &with(small.clone(), "dimensions", json!(["page", "query"]))).await?;
    assert_eq!((heavy.status, heavy.at("/error/errors/0/reason").as_str()), (403, "quotaExceeded"));
    assert_eq!(desk.query(DOMAIN, &small).await?.status, 200, "the cheap ones go on");
    Ok(())
}

#[tokio::test]
async fn an_inspection_tells_what_is_known_of_an_address() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    let inspect = async |url: &str, language: &str| {
        let body = json!({"inspectionUrl": url, "siteUrl": DOMAIN, "languageCode": language});
        desk.post("/v1/urlInspection/index:inspect", &body).await
    };
    let status = |seen: &Seen, name: &str| seen.at(&format!("/inspectionResult/indexStatusResult/{name}"));
    let fine = inspect("https://www.acme.example/pricing", "en").await?;
    assert_eq!(
        (status(&fine, "verdict"), status(&fine, "coverageState")),
        ("PASS".into(), "Submitted and indexed".into())
    );
    assert_eq!(status(&fine, "googleCanonical"), "https://www.acme.example/pricing");
    assert!(parse_rfc3339(&status(&fine, "lastCrawlTime")).is_some());
    assert_eq!(fine.at("/inspectionResult/richResultsResult/verdict"), "PASS");
    let prose = inspect("https://www.acme.example/pricing", "it-IT").await?;
    assert_eq!(status(&prose, "coverageState"), "Pagina inviata e indicizzata", "prose is translated");
    let gone = inspect("https://www.acme.example/blog/post-8", "en").await?;
    assert_eq!((status(&gone, "verdict"), status(&gone, "pageFetchState")), ("FAIL".into(), "NOT_FOUND".into()));
    let unknown = inspect("https://www.acme.example/never", "en").await?;
    assert_eq!((status(&unknown, "verdict"), status(&unknown, "lastCrawlTime")), ("NEUTRAL".into(), String::new()));
    assert_eq!(inspect("https://elsewhere.example/", "en").await?.status, 403);
    assert_eq!(inspect("https://acme.example.evil.example/", "en").await?.status, 403);
    assert_eq!(inspect("/pricing", "en").await?.status, 400);
    let foreign = json!({"inspectionUrl": "https://elsewhere.example/", "siteUrl": "https://elsewhere.example/"});
    assert_eq!(desk.post("/v1/urlInspection/index:inspect", &foreign).await?.status, 403, "unverified");
    Ok(())
}

#[tokio::test]
async fn sitemaps_are_listed_submitted_and_taken_back() -> anyhow::Result<()> {
    let mut desk = search_desk().await?;
    let list = format!("/webmasters/v3/sites/{}/sitemaps", encoded(WWW));
    let first = desk.get(&list).await?;
    assert_eq!(first.at("/sitemap/0/path"), "https://www.acme.example/sitemap.xml");
    assert!(
        first.json()["sitemap"][0]["errors"].is_string()
            && first.json()["sitemap"][0]["contents"][0]["submitted"].is_string()
    );
    let new = format!("{list}/{}", encoded("https://www.acme.example/news.xml"));
    assert_eq!(desk.call(Method::PUT, &new).await?.status, 403, "reading does not suffice");
    desk.token = desk.granted(ANA, &["webmasters"])?;
    let put = desk.call(Method::PUT, &new).await?;
    assert_eq!((put.status, put.text.as_str()), (204, ""));
    assert_eq!(desk.get(&new).await?.at("/isPending"), "true");
    let foreign = format!("{list}/{}", encoded("https://elsewhere.example/sitemap.xml"));
    assert_eq!(desk.call(Method::PUT, &foreign).await?.status, 400);
    let restricted = format!(
        "/webmasters/v3/sites/{}/sitemaps/{}",
        encoded("https://shop.acme.example/"),
        encoded("https://shop.acme.example/s.xml")
    );
    assert_eq!(desk.call(Method::PUT, &restricted).await?.status, 403, "a restricted user only reads");
    assert_eq!(
        desk.get(&format!("/webmasters/v3/sites/{}/sitemaps", encoded("https://shop.acme.example/"))).await?.json(),
        json!({})
    );
    assert_eq!(desk.call(Method::DELETE, &new).await?.status, 204);
    assert_eq!((desk.call(Method::DELETE, &new).await?.status, desk.get(&new).await?.status), (404, 404));
    let site = format!("/webmasters/v3/sites/{}", encoded("https://new.example/"));
    assert_eq!(desk.call(Method::PUT, &site).await?.status, 204);
    assert_eq!(desk.get(&site).await?.at("/permissionLevel"), "siteUnverifiedUser");
    assert_eq!(desk.call(Method::DELETE, &site).await?.status, 204);
    assert_eq!(desk.get(&site).await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn planted_rows_are_found() -> anyhow::Result<()> {
    let desk = search_desk().await?;
    let row = SearchRow {
        date: desk.sim.gsc_gap(),
        hour: 9,
        kind: "web".into(),
        query: Some("planted".into()),
        page: "https://www.acme.example/planted".into(),
        country: "ita".into(),
        device: "MOBILE".into(),
        appearance: None,
        clicks: 3,
        impressions: 12,
        position: 2,
        is_second: false,
    };
    let body = filtered(ask(&desk, &["date", "query"]), "query", "equals", "planted");
    assert_eq!(desk.found(&body).await?.len(), 0);
    desk.sim.gsc_plant(row);
    let found = desk.found(&body).await?;
    assert_eq!(
        found,
        [
            json!({"keys": [desk.sim.gsc_gap(), "planted"], "clicks": 3.0, "impressions": 12.0, "ctr": 0.25, "position": 2.0})
        ]
    );
    Ok(())
}
