//! The simulated Analytics 4, asked over HTTP. Expected figures are counted here from the visits themselves, by other
//! code than the simulator's (dossier google.md §6).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use socrazi_sim::google::Visit;

use crate::desk::Seen;
use crate::google::{BEN, Desk};

pub(crate) const MAIN: &str = "310001";
const SHOP: &str = "310002";
pub(crate) const DAY_MS: i64 = 86_400_000;

impl Desk {
    pub(crate) async fn report(&self, body: &Value) -> anyhow::Result<Seen> {
        self.post(&format!("/v1beta/properties/{MAIN}:runReport"), body).await
    }

    /// The rows of a report: keys to figures.
    pub(crate) async fn rows(&self, body: &Value) -> anyhow::Result<Vec<(Vec<String>, Vec<f64>)>> {
        let seen = self.report(body).await?;
        anyhow::ensure!(seen.status == 200, "{}", seen.text);
        Ok(rows(&seen.json()["rows"]))
    }

    async fn refused(&self, body: &Value) -> anyhow::Result<String> {
        let seen = self.report(body).await?;
        anyhow::ensure!(seen.status == 400, "{} {body} {}", seen.status, seen.text);
        assert_eq!(seen.at("/error/status"), "INVALID_ARGUMENT");
        Ok(seen.at("/error/message"))
    }

    /// The visits of the four weeks before today.
    pub(crate) fn four_weeks(&self, property: &str) -> Vec<Visit> {
        let (from, to) = (self.day(property, 28), self.day(property, 1));
        // A day earlier too: visits reach past midnight.
        let visits = self.sim.ga4_visits(property, &self.day(property, 29), &to);
        let first: Vec<Visit> = visits
            .into_iter()
            .map(|mut visit| {
                visit.events.retain(|event| (from.clone()..=to.clone()).contains(&iso(event.local_ms)));
                visit
            })
            .collect();
        first.into_iter().filter(|visit| !visit.events.is_empty()).collect()
    }

    /// The day so many days ago, in the zone of the property.
    pub(crate) fn day(&self, property: &str, ago: i64) -> String {
        // Far enough from midnight that the name of the zone does not matter: the truths know the day.
        let first = self.sim.ga4_truths().first_day;
        assert!(property == MAIN || property == SHOP);
        let start = socrazi_sim::clock::parse_rfc3339(&format!("{first}T00:00:00Z")).unwrap_or(0);
        iso(start + (400 - ago) * DAY_MS)
    }
}

pub(crate) fn iso(local_ms: i64) -> String {
    socrazi_sim::clock::rfc3339(local_ms)[..10].to_owned()
}

pub(crate) fn rows(rows: &Value) -> Vec<(Vec<String>, Vec<f64>)> {
    let texts = |values: &Value| -> Vec<String> {
        let values = values.as_array().cloned().unwrap_or_default();
        values.iter().map(|value| value["value"].as_str().unwrap_or("?").to_owned()).collect()
    };
    let row = |row: &Value| {
        let figures = texts(&row["metricValues"]).iter().map(|text| text.parse().unwrap_or(f64::NAN)).collect();
        (texts(&row["dimensionValues"]), figures)
    };
    rows.as_array().cloned().unwrap_or_default().iter().map(row).collect()
}

pub(crate) fn ask(dimensions: &[&str], metrics: &[&str]) -> Value {
    let names = |names: &[&str]| names.iter().map(|name| json!({"name": name})).collect::<Vec<_>>();
    json!({"dateRanges": [{"startDate": "28daysAgo", "endDate": "yesterday"}],
        "dimensions": names(dimensions), "metrics": names(metrics)})
}

pub(crate) fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

pub(crate) fn only(field: &str, value: &str) -> Value {
    json!({"filter": {"fieldName": field, "stringFilter": {"value": value}}})
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test")]
pub(crate) fn count<T>(items: impl IntoIterator<Item = T>) -> f64 {
    items.into_iter().count() as f64
}

#[tokio::test]
async fn accounts_and_properties_are_those_of_the_person() -> anyhow::Result<()> {
    let mut desk = Desk::new().await?;
    let all = desk.get("/v1beta/accountSummaries?pageSize=200").await?;
    assert_eq!(all.at("/accountSummaries/0/propertySummaries/0/property"), "properties/310001");
    assert_eq!(all.json()["accountSummaries"][2]["propertySummaries"], Value::Null, "an account without properties");
    let page = desk.get("/v1beta/accountSummaries?pageSize=2").await?;
    let token = page.at("/nextPageToken");
    let next = desk.get(&format!("/v1beta/accountSummaries?pageSize=2&pageToken={token}")).await?.json();
    assert_eq!(
        (next["accountSummaries"].as_array().map(Vec::len), next["nextPageToken"].clone()),
        (Some(1), Value::Null)
    );
    assert_eq!(desk.get("/v1beta/accountSummaries?pageToken=made-up").await?.status, 400);
    let far = desk.get(&format!("/v1beta/accountSummaries?pageToken=sim-{}", u64::MAX)).await?;
    assert_eq!((far.status, far.json()), (200, json!({})), "past the end is nothing");
    let one = desk.get("/v1beta/properties/310002").await?;
    assert_eq!((one.at("/timeZone").as_str(), one.at("/currencyCode").as_str()), ("America/New_York", "USD"));
    assert_eq!(
        desk.get("/v1beta/properties?filter=parent:accounts/100").await?.json()["properties"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(desk.get("/v1beta/properties/310001/dataStreams").await?.at("/dataStreams/0/type"), "WEB_DATA_STREAM");
    desk.token = desk.granted(BEN, &["analytics.readonly"])?;
    assert_eq!(desk.get("/v1beta/accountSummaries").await?.json(), json!({}));
    for id in ["310001", "999999"] {
        let seen = desk.post(&format!("/v1beta/properties/{id}:runReport"), &ask(&[], &["sessions"])).await?;
        assert_eq!(
            (seen.status, seen.at("/error/status").as_str()),
            (403, "PERMISSION_DENIED"),
            "gone and somebody else's read alike"
        );
        assert_eq!(desk.get(&format!("/v1beta/properties/{id}")).await?.status, 403);
    }
    Ok(())
}

#[tokio::test]
async fn figures_are_those_of_the_visits() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let visits = desk.four_weeks(MAIN);
    assert!(visits.len() > 1_000);
    let metrics = [
        "sessions",
        "totalUsers",
        "activeUsers",
        "newUsers",
        "engagedSessions",
        "engagementRate",
        "screenPageViews",
        "eventCount",
        "keyEvents",
        "averageSessionDuration",
    ];
    let seen = desk.report(&ask(&[], &metrics)).await?;
    let figures = rows(&seen.json()["rows"])[0].1.clone();
    let events = || visits.iter().flat_map(|visit| &visit.events);
    let named = |name: &str| count(events().filter(|event| event.name == name));
    let users =
        |all: bool| count(visits.iter().filter(|v| all || v.is_active).map(|v| v.user).collect::<BTreeSet<_>>());
    let engaged = count(visits.iter().filter(|visit| visit.is_engaged));
    let keys = desk.sim.ga4_truths().key_events;
    #[expect(clippy::cast_precision_loss, reason = "seconds of a test")]
    let seconds = visits.iter().map(|visit| visit.duration_ms as f64 / 1_000.0).sum::<f64>() / count(&visits);
    let expected = [
        count(visits.iter().map(|visit| visit.session).collect::<BTreeSet<_>>()),
        users(true),
        users(false),
        named("first_visit"),
        engaged,
        engaged / count(&visits),
        named("page_view"),
        count(events()),
        count(events().filter(|event| keys.contains(&event.name.to_string()))),
        seconds,
    ];
    for ((metric, figure), expected) in metrics.iter().zip(&figures).zip(expected) {
        assert!((figure - expected).abs() < 1e-9, "{metric}: {figure} is not {expected}");
        assert!(expected > 0.0, "{metric} says nothing");
    }
    assert_eq!(seen.at("/kind"), "analyticsData#runReport");
    assert_eq!(
        (seen.at("/metadata/timeZone").as_str(), seen.at("/metadata/currencyCode").as_str()),
        ("Europe/Rome", "EUR")
    );
    assert_eq!(seen.at("/metricHeaders/5/type"), "TYPE_FLOAT");
    assert_eq!(seen.json()["dimensionHeaders"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn rows_are_grouped_by_every_dimension_asked_for() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let visits = desk.four_weeks(MAIN);
    let mut expected: BTreeMap<Vec<String>, BTreeSet<u64>> = BTreeMap::new();
    for visit in &visits {
        for event in &visit.events {
            let date = iso(event.local_ms).replace('-', "");
            expected.entry(vec![date, visit.channel.to_string()]).or_default().insert(visit.session);
        }
    }
    let got = desk.rows(&ask(&["date", "sessionDefaultChannelGroup"], &["sessions"])).await?;
    let got: BTreeMap<Vec<String>, f64> = got.into_iter().map(|(keys, figures)| (keys, figures[0])).collect();
    let expected: BTreeMap<Vec<String>, f64> = expected.into_iter().map(|(keys, ids)| (keys, count(ids))).collect();
    assert_eq!(got, expected);
    // A user in two channels is in two rows, and once in the total.
    let body = with(
        ask(&["sessionDefaultChannelGroup"], &["totalUsers"]),
        "metricAggregations",
        json!(["TOTAL", "MAXIMUM", "MINIMUM"]),
    );
    let seen = desk.report(&body).await?;
    let parts = rows(&seen.json()["rows"]);
    let total = rows(&seen.json()["totals"])[0].clone();
    assert_eq!(total.0, ["RESERVED_TOTAL"]);
    assert!(parts.iter().map(|row| row.1[0]).sum::<f64>() > total.1[0]);
    assert!((total.1[0] - count(visits.iter().map(|visit| visit.user).collect::<BTreeSet<_>>())).abs() < 0.5);
    let largest = parts.iter().map(|row| row.1[0]).fold(0.0, f64::max);
    assert!((rows(&seen.json()["maximums"])[0].1[0] - largest).abs() < 0.5);
    assert!(parts.is_sorted_by(|a, b| a.1[0] >= b.1[0]), "unasked, the largest comes first");
    Ok(())
}

#[tokio::test]
async fn filters_take_what_they_say_and_no_more() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let visits = desk.four_weeks(MAIN);
    let sessions = async |filter: Value| -> anyhow::Result<f64> {
        let found = desk.rows(&with(ask(&[], &["sessions"]), "dimensionFilter", filter)).await?;
        Ok(found.first().map_or(0.0, |row| row.1[0]))
    };
    let truth = |test: &dyn Fn(&Visit) -> bool| count(visits.iter().filter(|visit| test(visit)));
    let text = |field: &str, kind: &str, value: &str| json!({"filter": {"fieldName": field, "stringFilter": {"matchType": kind, "value": value}}});
    let italy = truth(&|visit| visit.country == "Italy");
    assert!(italy > 0.0);
    let near = |a: f64, b: f64| assert!((a - b).abs() < 0.5, "{a} is not {b}");
    near(sessions(text("country", "EXACT", "italy")).await?, italy);
    near(
        sessions(
            json!({"filter": {"field_name": "country", "string_filter": {"value": "italy", "case_sensitive": true}}}),
        )
        .await?,
        0.0,
    );
    near(sessions(text("country", "BEGINS_WITH", "Ita")).await?, italy);
    near(sessions(text("city", "ENDS_WITH", "city")).await?, truth(&|visit| visit.city == "Shinjuku City"));
    near(sessions(text("country", "CONTAINS", "’iv")).await?, truth(&|visit| visit.country_id == "CI"));
    near(sessions(text("country", "FULL_REGEXP", "Ital")).await?, 0.0);
    near(
        sessions(text("country", "PARTIAL_REGEXP", "^Ital|pan$")).await?,
        truth(&|v| v.country == "Italy" || v.country == "Japan"),
    );
    let list = json!({"filter": {"fieldName": "deviceCategory", "inListFilter": {"values": ["MOBILE", "tablet"]}}});
    near(sessions(list.clone()).await?, truth(&|visit| visit.device != "desktop"));
    near(sessions(json!({"notExpression": list})).await?, truth(&|visit| visit.device == "desktop"));
    let both = json!({"andGroup": {"expressions": [only("country", "Italy"), {"orGroup": {"expressions": [only("sessionMedium", "email"), only("sessionMedium", "social")]}}]}});
    near(sessions(both).await?, truth(&|v| v.country == "Italy" && (v.medium == "email" || v.medium == "social")));
    near(
        sessions(json!({"filter": {"fieldName": "region", "emptyFilter": {}}})).await?,
        truth(&|visit| visit.region == "(not set)"),
    );
    // Metrics: what is just inside and just outside.
    let by_country = |filter: Value| with(ask(&["country"], &["sessions"]), "metricFilter", filter);
    let compared = |operation: &str, value: f64| {
        by_country(
            json!({"filter": {"fieldName": "sessions", "numericFilter": {"operation": operation, "value": {"doubleValue": value}}}}),
        )
    };
    let has_italy = |rows: Vec<(Vec<String>, Vec<f64>)>| rows.iter().any(|row| row.0 == ["Italy"]);
    assert!(has_italy(desk.rows(&compared("GREATER_THAN_OR_EQUAL", italy)).await?));
    assert!(!has_italy(desk.rows(&compared("GREATER_THAN", italy)).await?));
    assert!(has_italy(desk.rows(&compared("EQUAL", italy)).await?));
    let between = |from: f64, to: f64| {
        by_country(
            json!({"filter": {"fieldName": "sessions", "betweenFilter": {"fromValue": {"doubleValue": from}, "toValue": {"doubleValue": to}}}}),
        )
    };
    assert!(has_italy(desk.rows(&between(italy, italy)).await?));
    assert!(!has_italy(desk.rows(&between(italy + 1.0, italy + 9.0)).await?));
    Ok(())
}

#[tokio::test]
async fn rows_are_ordered_paged_and_kept_as_asked() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let base = ask(&["pagePath"], &["screenPageViews", "keyEvents"]);
    let ordered = with(base.clone(), "orderBys", json!([{"dimension": {"dimensionName": "pagePath"}, "desc": true}]));
    let all = desk.rows(&ordered).await?;
    assert!(all.len() > 8 && all.is_sorted_by(|a, b| a.0 >= b.0));
    let page = with(with(ordered.clone(), "limit", json!("3")), "offset", json!(2));
    let seen = desk.report(&page).await?;
    assert_eq!(rows(&seen.json()["rows"]), all[2..5]);
    assert_eq!(seen.json()["rowCount"], all.len(), "the count is that of all pages");
    let past = desk.report(&with(ordered, "offset", json!("1000"))).await?.json();
    assert_eq!((past["rows"].clone(), past["rowCount"].clone()), (Value::Null, json!(all.len())));
    let numeric = with(
        ask(&["hour"], &["sessions"]),
        "orderBys",
        json!([{"dimension": {"dimensionName": "hour", "orderType": "NUMERIC"}}]),
    );
    assert!(desk.rows(&numeric).await?.is_sorted_by(|a, b| a.0[0].parse::<u8>().ok() <= b.0[0].parse::<u8>().ok()));
    let keys = ask(&["eventName"], &["keyEvents"]);
    let bare = desk.rows(&keys).await?;
    assert!(bare.iter().all(|row| row.1[0] > 0.0));
    let kept = desk.rows(&with(keys, "keepEmptyRows", json!(true))).await?;
    assert!(kept.len() > bare.len() && kept.iter().any(|row| row.0 == ["page_view"] && row.1[0] == 0.0));
    Ok(())
}

#[tokio::test]
async fn several_ranges_come_with_their_names() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let ranges = json!([{"startDate": "28daysAgo", "endDate": "yesterday", "name": "now"}, {"startDate": "56daysAgo", "endDate": "29daysAgo"}]);
    let body = with(
        with(ask(&["sessionMedium"], &["sessions"]), "dateRanges", ranges),
        "metricAggregations",
        json!(["TOTAL"]),
    );
    let seen = desk.report(&body).await?;
    assert_eq!(seen.at("/dimensionHeaders/1/name"), "dateRange");
    let got = rows(&seen.json()["rows"]);
    let names: BTreeSet<&str> = got.iter().map(|row| row.0[1].as_str()).collect();
    assert_eq!(names, BTreeSet::from(["now", "date_range_1"]));
    let totals = rows(&seen.json()["totals"]);
    assert_eq!(totals[0].0, ["RESERVED_TOTAL", "now"]);
    assert!((totals[0].1[0] - count(desk.four_weeks(MAIN))).abs() < 0.5);
    let explicit = json!([{"startDate": desk.day(MAIN, 28), "endDate": desk.day(MAIN, 1)}]);
    let same = desk.rows(&with(ask(&[], &["sessions"]), "dateRanges", explicit)).await?;
    assert_eq!(same[0].1[0], totals[0].1[0], "days in words and days in figures are the same days");
    Ok(())
}

#[tokio::test]
async fn what_the_service_does_not_know_is_refused_in_its_words() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    assert!(desk.refused(&ask(&["datum"], &["sessions"])).await?.starts_with("Field datum is not a valid dimension."));
    assert!(desk.refused(&ask(&["date"], &["visits"])).await?.starts_with("Field visits is not a valid metric."));
    assert!(desk.refused(&ask(&["minutesAgo"], &["activeUsers"])).await?.contains("minutesAgo"), "of realtime alone");
    assert!(desk.refused(&ask(&["itemName"], &["sessions"])).await?.starts_with("Please remove itemName"));
    assert_eq!(desk.report(&ask(&["itemName"], &["itemsPurchased"])).await?.status, 200);
    let nine = ["date", "country", "city", "region", "hour", "browser", "language", "platform", "eventName"];
    assert_eq!(desk.report(&ask(&nine, &["sessions"])).await?.status, 200);
    let ten = [&nine[..], &["hostName"]].concat();
    assert!(desk.refused(&ask(&ten, &["sessions"])).await?.contains("limited to 9 dimensions"));
    let metrics = [
        "sessions",
        "totalUsers",
        "activeUsers",
        "newUsers",
        "engagedSessions",
        "engagementRate",
        "bounceRate",
        "eventCount",
        "keyEvents",
        "screenPageViews",
    ];
    assert_eq!(desk.report(&ask(&[], &metrics)).await?.status, 200);
    assert!(
        desk.refused(&ask(&[], &[&metrics[..], &["transactions"]].concat())).await?.contains("limited to 10 metrics")
    );
    let unknown = desk.report(&with(ask(&[], &["sessions"]), "dateRange", json!({}))).await?;
    assert_eq!(
        (unknown.status, unknown.at("/error/details/0/@type").as_str()),
        (400, "type.googleapis.com/google.rpc.BadRequest")
    );
    for (name, value) in [
        ("orderBys", json!([{"metric": {"metricName": "totalUsers"}}])),
        ("orderBys", json!([{"desc": true}])),
        ("limit", json!("-1")),
        ("offset", json!("x")),
        ("dimensionFilter", json!({})),
        ("dimensionFilter", json!({"filter": {"fieldName": "country"}})),
        (
            "dimensionFilter",
            json!({"filter": {"fieldName": "country", "stringFilter": {"matchType": "LIKE", "value": "x"}}}),
        ),
        (
            "dimensionFilter",
            json!({"filter": {"fieldName": "country", "stringFilter": {"matchType": "FULL_REGEXP", "value": "("}}}),
        ),
        ("dimensionFilter", json!({"andGroup": {"expressions": []}})),
        ("metricFilter", only("country", "Italy")),
        ("metricAggregations", json!(["AVERAGE"])),
    ] {
        desk.refused(&with(ask(&["country"], &["sessions"]), name, value)).await?;
    }
    let raw =
        desk.http.post(desk.sim.url().join("/v1beta/properties/310001:runReport")?).bearer_auth(&desk.token).body("{");
    assert_eq!(desk.seen(raw).await?.status, 400);
    assert_eq!(desk.post("/v1beta/properties/310001:runFunnelReport", &json!({})).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn ranges_of_days_are_four_at_most_and_must_make_sense() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let range = |from: &str, to: &str| json!({"startDate": from, "endDate": to});
    let ranged = |ranges: Vec<Value>| with(ask(&[], &["sessions"]), "dateRanges", ranges.into());
    assert_eq!(desk.report(&ranged(vec![range("today", "today"); 4])).await?.status, 200);
    assert!(desk.refused(&ranged(vec![range("today", "today"); 5])).await?.contains("limited to 4"));
    for (from, to) in [
        ("today", "yesterday"),
        ("tomorrow", "today"),
        ("2026-02-30", "today"),
        ("2015-08-13", "today"),
        ("-1daysAgo", "today"),
        ("20261101", "today"),
    ] {
        desk.refused(&ranged(vec![range(from, to)])).await?;
    }
    assert_eq!(desk.report(&ranged(vec![range("2015-08-14", "today")])).await?.status, 200);
    desk.refused(&ranged(vec![])).await?;
    desk.refused(&ask(&[], &[])).await?;
    let wrong_name = json!([{"startDate": "today", "endDate": "today", "name": "date_range_9"}]);
    desk.refused(&with(ask(&[], &["sessions"]), "dateRanges", wrong_name)).await?;
    Ok(())
}

#[tokio::test]
async fn a_batch_is_answered_in_order_or_not_at_all() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let batch = async |requests: Vec<Value>| {
        desk.post("/v1beta/properties/310001:batchRunReports", &json!({"requests": requests})).await
    };
    let seen = batch(vec![ask(&["country"], &["sessions"]), ask(&["date"], &["newUsers"])]).await?;
    assert_eq!((seen.status, seen.at("/kind").as_str()), (200, "analyticsData#batchRunReports"));
    assert_eq!(
        (
            seen.at("/reports/0/dimensionHeaders/0/name").as_str(),
            seen.at("/reports/1/dimensionHeaders/0/name").as_str()
        ),
        ("country", "date")
    );
    assert_eq!(batch(vec![ask(&[], &["sessions"]); 5]).await?.status, 200);
    assert_eq!(batch(vec![ask(&[], &["sessions"]); 6]).await?.status, 400);
    assert_eq!(batch(vec![]).await?.status, 400);
    let mixed = batch(vec![ask(&[], &["sessions"]), ask(&[], &["visits"])]).await?;
    assert_eq!(mixed.status, 400);
    let foreign = batch(vec![with(ask(&[], &["sessions"]), "property", json!("properties/310002"))]).await?;
    assert_eq!(foreign.status, 400);
    Ok(())
}

#[tokio::test]
async fn names_are_listed_and_told_to_go_together_or_not() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let seen = desk.get("/v1beta/properties/310001/metadata").await?.json();
    let names = |list: &Value, at: &str| -> BTreeSet<String> {
        list.as_array()
            .cloned()
            .unwrap_or_default()
            .iter()
            .map(|one| one.pointer(at).and_then(Value::as_str).unwrap_or("?").to_owned())
            .collect()
    };
    let dimensions = names(&seen["dimensions"], "/apiName");
    assert!(
        dimensions.contains("sessionDefaultChannelGroup")
            && dimensions.contains("customEvent:author")
            && !dimensions.contains("minutesAgo")
    );
    assert!(
        !names(&desk.get("/v1beta/properties/0/metadata").await?.json()["dimensions"], "/apiName")
            .contains("customEvent:author")
    );
    let old = ask(&[], &["conversions"]);
    assert_eq!(
        desk.report(&old).await?.at("/metricHeaders/0/name"),
        "conversions",
        "an old name is understood and answered as asked"
    );
    let check = async |body: Value| desk.post("/v1beta/properties/310001:checkCompatibility", &body).await;
    let fits = check(json!({"metrics": [{"name": "sessions"}], "compatibilityFilter": "COMPATIBLE"})).await?.json();
    let fits = names(&fits["dimensionCompatibilities"], "/dimensionMetadata/apiName");
    assert!(fits.contains("date") && !fits.contains("itemName"));
    let not = check(json!({"metrics": [{"name": "sessions"}], "compatibilityFilter": "INCOMPATIBLE"})).await?.json();
    assert!(names(&not["dimensionCompatibilities"], "/dimensionMetadata/apiName").contains("itemName"));
    assert_eq!(check(json!({"dimensions": [{"name": "nothing"}]})).await?.status, 400);
    desk.tune(|tuning| tuning.ga4.revenue_blocked = true);
    let seen = desk.get("/v1beta/properties/310002/metadata").await?.json();
    let blocked = seen["metrics"].as_array().cloned().unwrap_or_default();
    assert!(
        blocked
            .iter()
            .any(|metric| metric["apiName"] == "totalRevenue" && metric["blockedReasons"][0] == "NO_REVENUE_METRICS")
    );
    Ok(())
}

#[tokio::test]
async fn revenue_is_what_was_bought() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    // Named days: where the clocks of the two properties stand, today is not the same day everywhere.
    let days = json!([{"startDate": desk.day(SHOP, 28), "endDate": desk.day(SHOP, 1)}]);
    let body = with(ask(&["transactionId"], &["purchaseRevenue", "transactions"]), "dateRanges", days);
    let seen = desk
        .post("/v1beta/properties/310002:runReport", &with(body, "metricAggregations", json!(["TOTAL"])))
        .await?
        .json();
    let visits = desk.four_weeks(SHOP);
    let bought: Vec<_> =
        visits.iter().flat_map(|visit| &visit.events).filter(|event| event.transaction.is_some()).collect();
    assert!(bought.len() > 3);
    let total = rows(&seen["totals"])[0].1.clone();
    assert!((total[0] - bought.iter().map(|event| event.revenue).sum::<f64>()).abs() < 1e-6);
    assert!((total[1] - count(&bought)).abs() < 0.5);
    assert_eq!(seen["metadata"]["currencyCode"], "USD");
    Ok(())
}
