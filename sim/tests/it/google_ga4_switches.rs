//! The simulated Analytics 4 out of the ordinary: quotas, thresholds, samples, planted visits, other seeds and days
//! (dossier google.md §6.2). Ordinary reports are `google_ga4`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use socrazi_sim::google::{PlantedVisit, Visit};

use crate::google::Desk;
use crate::google_ga4::{DAY_MS, MAIN, ask, count, iso, only, rows, with};

#[tokio::test]
async fn tokens_are_counted_and_run_out_until_their_hour_or_day_is_over() -> anyhow::Result<()> {
    let mut desk = Desk::new().await?;
    desk.at_noon(&["analytics.readonly"])?;
    let body = with(ask(&["date"], &["sessions"]), "returnPropertyQuota", json!(true));
    let first = desk.report(&body).await?.json();
    let consumed = first["propertyQuota"]["tokensPerDay"]["consumed"].as_i64().unwrap_or(0);
    let left = |seen: &Value| seen["propertyQuota"]["tokensPerDay"]["remaining"].as_i64().unwrap_or(0);
    assert!(consumed > 0);
    assert_eq!(left(&first), 200_000 - consumed);
    let second = desk.report(&body).await?.json();
    assert_eq!(left(&second), 200_000 - 2 * consumed);
    let other = desk.post("/v1beta/properties/310002:runReport", &body).await?.json();
    assert_eq!(left(&other), 200_000 - consumed, "each property has its own");
    assert_eq!(desk.report(&ask(&[], &["sessions"])).await?.json()["propertyQuota"], Value::Null);
    // To the token: one left is enough to begin, none is not.
    let spent =
        40_000 - desk.report(&body).await?.json()["propertyQuota"]["tokensPerHour"]["remaining"].as_i64().unwrap_or(0);
    desk.tune(|tuning| tuning.ga4.tokens_per_hour = spent + 1);
    let last = desk.report(&body).await?;
    assert_eq!((last.status, last.json()["propertyQuota"]["tokensPerHour"]["remaining"].clone()), (200, json!(0)));
    desk.tune(|tuning| tuning.ga4.tokens_per_project_hour = spent + consumed);
    assert!(desk.report(&body).await?.at("/error/message").contains("project per hour"));
    desk.tune(|tuning| tuning.ga4.tokens_per_hour = spent + consumed);
    let spent = desk.report(&body).await?;
    assert_eq!((spent.status, spent.at("/error/status").as_str()), (429, "RESOURCE_EXHAUSTED"));
    assert!(spent.at("/error/message").contains("tokens per hour") && spent.header("retry-after").is_empty());
    desk.clock.advance_ms(3_600_000);
    desk.token = desk.granted(crate::google::ANA, &["analytics.readonly"])?;
    assert_eq!(desk.report(&body).await?.status, 200, "another hour");
    desk.tune(|tuning| tuning.ga4.tokens_per_day = 1);
    assert!(desk.report(&body).await?.at("/error/message").contains("tokens per day"));
    desk.clock.advance_ms(DAY_MS);
    desk.token = desk.granted(crate::google::ANA, &["analytics.readonly"])?;
    assert_eq!(desk.report(&body).await?.status, 200, "another day");
    desk.tune(|tuning| tuning.ga4.is_crowded = true);
    assert!(desk.report(&body).await?.at("/error/message").contains("concurrent"));
    desk.tune(|tuning| {
        tuning.ga4.server_errors = 3;
        tuning.ga4.server_errors_per_hour = 2;
    });
    assert_eq!(desk.report(&body).await?.status, 500);
    assert_eq!(desk.report(&body).await?.status, 500);
    let burnt = desk.report(&body).await?;
    assert_eq!(burnt.status, 429, "server errors burn a quota of their own");
    assert!(burnt.at("/error/message").contains("server errors"));
    Ok(())
}

#[tokio::test]
async fn demographics_are_withheld_below_the_threshold_and_so_is_all_when_told() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let visits = desk.four_weeks(MAIN);
    let mut users: BTreeMap<Vec<String>, BTreeSet<u64>> = BTreeMap::new();
    for visit in &visits {
        users.entry(vec![visit.age.to_string(), visit.city.to_string()]).or_default().insert(visit.user);
    }
    let seen = desk.report(&ask(&["userAgeBracket", "city"], &["totalUsers"])).await?.json();
    let got: BTreeSet<Vec<String>> = rows(&seen["rows"]).into_iter().map(|row| row.0).collect();
    let expected: BTreeSet<Vec<String>> =
        users.iter().filter(|(_, ids)| ids.len() >= 12).map(|(keys, _)| keys.clone()).collect();
    assert!(!expected.is_empty() && expected.len() < users.len(), "the threshold parts them");
    assert_eq!((got, seen["metadata"]["subjectToThresholding"].clone()), (expected, json!(true)));
    assert_eq!(
        desk.report(&ask(&["city"], &["totalUsers"])).await?.json()["metadata"]["subjectToThresholding"],
        Value::Null
    );
    // To the user: a group of just that many is shown, one user more is asked for and it is gone.
    let least = users.values().map(BTreeSet::len).filter(|count| *count >= 12).min().unwrap_or(0);
    for (threshold, is_shown) in [(least, true), (least + 1, false)] {
        desk.tune(|tuning| tuning.ga4.threshold_users = threshold);
        let shown = desk.rows(&ask(&["userAgeBracket", "city"], &["totalUsers"])).await?;
        assert_eq!(shown.iter().any(|row| (row.1[0] - count(0..least)).abs() < 0.5), is_shown, "{threshold}");
    }
    desk.tune(|tuning| {
        tuning.ga4.is_thresholded = true;
        tuning.ga4.threshold_users = 1_000_000;
    });
    let none = desk.report(&ask(&["city"], &["totalUsers"])).await?.json();
    assert_eq!(
        (none["rows"].clone(), none["rowCount"].clone(), none["metadata"]["subjectToThresholding"].clone()),
        (Value::Null, Value::Null, json!(true))
    );
    desk.tune(|tuning| tuning.ga4.thresholded_per_hour = 1);
    assert_eq!(desk.report(&ask(&["userGender"], &["totalUsers"])).await?.status, 429);
    Ok(())
}

#[tokio::test]
async fn samples_others_and_emptiness_say_so() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let exact = desk.rows(&ask(&[], &["sessions", "engagementRate"])).await?[0].1.clone();
    desk.tune(|tuning| tuning.ga4.sampled_percent = Some(50));
    let seen = desk.report(&ask(&[], &["sessions", "engagementRate"])).await?.json();
    let sampled = rows(&seen["rows"])[0].1.clone();
    assert!((sampled[0] / exact[0] - 1.0).abs() < 0.15, "scaled up: {sampled:?} for {exact:?}");
    assert!(sampled[1] < 1.0, "a rate is no sum");
    let samples = &seen["metadata"]["samplingMetadatas"][0];
    assert!(samples["samplesReadCount"].is_string() && samples["samplesReadCount"] != samples["samplingSpaceSize"]);
    desk.tune(|tuning| tuning.ga4.rows_before_other = Some(3));
    let seen = desk.report(&ask(&["pagePath"], &["screenPageViews"])).await?.json();
    let folded = rows(&seen["rows"]);
    assert_eq!(
        (folded.len(), folded[3].0.clone(), seen["metadata"]["dataLossFromOtherRow"].clone()),
        (4, vec!["(other)".to_owned()], json!(true))
    );
    desk.tune(|tuning| tuning.ga4.is_empty = true);
    let empty = desk.report(&ask(&["date"], &["sessions"])).await?.json();
    assert_eq!((empty["rows"].clone(), empty["rowCount"].clone()), (Value::Null, Value::Null));
    assert_eq!(empty["metadata"]["timeZone"], "Europe/Rome");
    desk.tune(|_| {});
    let blank = desk.post("/v1beta/properties/310003:runReport", &ask(&["date"], &["sessions"])).await?.json();
    assert_eq!(
        (blank["rows"].clone(), blank["metadata"]["currencyCode"].clone()),
        (Value::Null, json!("JPY")),
        "a property without data"
    );
    Ok(())
}

#[tokio::test]
async fn the_planted_drop_is_there_and_nowhere_else() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let truths = desk.sim.ga4_truths();
    let sessions = async |channel: &str, from: &str, to: &str| -> anyhow::Result<f64> {
        let body = with(ask(&[], &["sessions"]), "dateRanges", json!([{"startDate": from, "endDate": to}]));
        let found = desk.rows(&with(body, "dimensionFilter", only("sessionDefaultChannelGroup", channel))).await?;
        Ok(found.first().map_or(0.0, |row| row.1[0]))
    };
    let (from, to) = (truths.drop_from.as_str(), truths.drop_to.as_str());
    let before = async |channel: &str| sessions(channel, &desk.day(MAIN, 16), &desk.day(MAIN, 14)).await;
    assert!(sessions(&truths.drop_channel, from, to).await? < 0.4 * before(&truths.drop_channel).await?);
    assert!(sessions("Direct", from, to).await? > 0.5 * before("Direct").await?);
    Ok(())
}

#[tokio::test]
async fn planted_visits_are_counted_and_seen_at_once_in_realtime() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let at_ms = desk.clock.now_ms() - 5 * 60_000;
    let plant = |times: u32, key: Option<&str>, at_ms: i64| PlantedVisit {
        at_ms,
        source: "threads".into(),
        medium: "social".into(),
        campaign: "my-post".into(),
        content: "variant-1".into(),
        path: "/planted".into(),
        title: "Planted".into(),
        country: "Japan".into(),
        key_event: key.map(str::to_owned),
        times,
        ..PlantedVisit::default()
    };
    desk.sim.ga4_plant(&plant(4, None, at_ms))?;
    desk.sim.ga4_plant(&plant(2, Some("sign_up"), at_ms))?;
    desk.sim.ga4_plant(&plant(9, None, at_ms - 40 * 60_000))?;
    assert!(desk.sim.ga4_plant(&PlantedVisit { property: "1".into(), ..PlantedVisit::default() }).is_err());
    let today = json!([{"startDate": "yesterday", "endDate": "today"}]);
    let body = with(
        ask(&["sessionCampaignName", "sessionDefaultChannelGroup"], &["sessions", "keyEvents", "newUsers"]),
        "dateRanges",
        today,
    );
    let found = desk.rows(&with(body, "dimensionFilter", only("sessionManualAdContent", "variant-1"))).await?;
    assert_eq!(found, [(vec!["my-post".to_owned(), "Organic Social".to_owned()], vec![15.0, 2.0, 15.0])]);
    let realtime = async |body: Value| desk.post("/v1beta/properties/310001:runRealtimeReport", &body).await;
    let live = json!({"dimensions": [{"name": "unifiedScreenName"}], "metrics": [{"name": "activeUsers"}, {"name": "keyEvents"}], "dimensionFilter": only("unifiedScreenName", "Planted")});
    let seen = realtime(live.clone()).await?;
    assert_eq!(
        (rows(&seen.json()["rows"]), seen.at("/kind").as_str()),
        (vec![(vec!["Planted".to_owned()], vec![6.0, 2.0])], "analyticsData#runRealtimeReport")
    );
    assert_eq!(seen.json()["metadata"], Value::Null);
    let recent = realtime(with(live.clone(), "minuteRanges", json!([{"startMinutesAgo": 3}]))).await?.json();
    assert_eq!(recent["rows"], Value::Null, "nothing in the last minutes");
    assert_eq!(realtime(with(live.clone(), "minuteRanges", json!([{"startMinutesAgo": 30}]))).await?.status, 400);
    assert_eq!(realtime(with(live.clone(), "dateRanges", json!([]))).await?.status, 200);
    assert_eq!(realtime(json!({"metrics": [{"name": "sessions"}]})).await?.status, 400, "no name of realtime");
    assert_eq!(
        realtime(json!({"dimensions": [{"name": "date"}], "metrics": [{"name": "activeUsers"}]})).await?.status,
        400
    );
    Ok(())
}

#[tokio::test]
async fn the_same_seed_makes_the_same_world_and_another_another() -> anyhow::Result<()> {
    let (one, two) = (Desk::new().await?, Desk::new().await?);
    let days = (one.day(MAIN, 50), one.day(MAIN, 45));
    assert_eq!(one.sim.ga4_visits(MAIN, &days.0, &days.1), two.sim.ga4_visits(MAIN, &days.0, &days.1));
    let options = socrazi_sim::google::GoogleOptions { seed: 7, ..Default::default() };
    let other = Desk::start(options).await?;
    assert_ne!(one.sim.ga4_visits(MAIN, &days.0, &days.1), other.sim.ga4_visits(MAIN, &days.0, &days.1));
    assert_eq!(one.sim.ga4_visits(MAIN, "soon", "later"), [], "no such day");
    Ok(())
}

#[tokio::test]
async fn today_grows_with_the_clock_and_lags_when_told() -> anyhow::Result<()> {
    let mut desk = Desk::new().await?;
    let today = async |desk: &Desk| -> anyhow::Result<f64> {
        let body =
            with(ask(&[], &["sessions"]), "dateRanges", json!([{"startDate": "2026-01-01", "endDate": "today"}]));
        Ok(desk.rows(&body).await?.first().map_or(0.0, |row| row.1[0]))
    };
    let now = today(&desk).await?;
    desk.tune(|tuning| tuning.ga4.lag_ms = 2 * DAY_MS);
    assert!(today(&desk).await? < now, "what happened last is not in reports yet");
    desk.tune(|_| {});
    desk.clock.advance_ms(2 * DAY_MS);
    desk.token = desk.granted(crate::google::ANA, &["analytics.readonly"])?;
    assert!(today(&desk).await? > now);
    Ok(())
}
#[tokio::test]
async fn users_looked_back_on_are_those_of_their_window() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let got = desk.rows(&ask(&["date"], &["active1DayUsers", "active7DayUsers", "dauPerWau"])).await?;
    assert_eq!(got.len(), 28);
    let visits = desk.sim.ga4_visits(MAIN, &desk.day(MAIN, 40), &desk.day(MAIN, 1));
    let active = |from: i64, to: i64| {
        let window = desk.day(MAIN, from)..=desk.day(MAIN, to);
        let in_window =
            |visit: &&Visit| visit.is_active && visit.events.iter().any(|event| window.contains(&iso(event.local_ms)));
        count(visits.iter().filter(in_window).map(|visit| visit.user).collect::<BTreeSet<_>>())
    };
    let (day, week) = (active(3, 3), active(9, 3));
    let row = got.iter().find(|row| row.0[0] == desk.day(MAIN, 3).replace('-', ""));
    assert_eq!(row.map(|row| row.1.clone()), Some(vec![day, week, day / week]));
    let whole = desk.rows(&ask(&[], &["active1DayUsers", "active7DayUsers"])).await?;
    assert_eq!(whole[0].1, [active(1, 1), active(7, 1)], "without days, those that end with the range");
    Ok(())
}

#[tokio::test]
async fn every_dimension_parts_the_events_and_every_metric_counts_something() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let seen = desk.get("/v1beta/properties/310002/metadata").await?.json();
    let names = |list: &str| -> Vec<String> {
        let list = seen[list].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|one| one["apiName"].as_str().map(str::to_owned)).collect()
    };
    let shop = async |body: Value| desk.post("/v1beta/properties/310002:runReport", &body).await;
    let figure = |value: &Value| rows(value).iter().map(|row| row.1[0]).sum::<f64>();
    let all = figure(&shop(ask(&[], &["eventCount"])).await?.json()["rows"]);
    let (dimensions, metrics) = (names("dimensions"), names("metrics"));
    assert!(dimensions.len() > 60 && metrics.len() > 30 && all > 0.0);
    for name in &dimensions {
        let is_item = name.starts_with("item");
        // Nobody is withheld here, so that all are counted.
        desk.tune(|tuning| tuning.ga4.threshold_users = 0);
        let seen = shop(ask(&[name], &[if is_item { "itemsPurchased" } else { "eventCount" }])).await?;
        assert_eq!(seen.status, 200, "{name} {}", seen.text);
        let parted = rows(&seen.json()["rows"]);
        assert!(is_item || (figure(&seen.json()["rows"]) - all).abs() < 0.5, "{name}");
        assert!(parted.iter().all(|row| !row.0[0].is_empty() || name == "pageReferrer"), "{name} {parted:?}");
    }
    for name in &metrics {
        let seen = shop(ask(&[], &[name])).await?;
        assert_eq!(seen.status, 200, "{name} {}", seen.text);
        assert!(figure(&seen.json()["rows"]) > 0.0 || name == "publisherAdClicks", "{name} {}", seen.text);
    }
    Ok(())
}

#[tokio::test]
async fn filters_may_be_nested_but_not_without_end() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let nested = |depth: usize| {
        let mut filter = only("country", "Italy");
        for _ in 0..depth {
            filter = json!({"notExpression": filter});
        }
        with(ask(&[], &["sessions"]), "dimensionFilter", filter)
    };
    let plain = desk.rows(&nested(0)).await?;
    assert_eq!(desk.rows(&nested(12)).await?, plain, "twelve times not");
    assert_ne!(desk.rows(&nested(11)).await?, plain);
    for depth in [13, 60] {
        assert_eq!(desk.report(&nested(depth)).await?.status, 400, "{depth}");
    }
    let endless = format!("{}{}", "{\"notExpression\":".repeat(100_000), "}".repeat(100_000));
    let url = desk.sim.url().join("/v1beta/properties/310001:runReport")?;
    let request = desk.http.post(url).bearer_auth(&desk.token).body(format!("{{\"dimensionFilter\":{endless}}}"));
    assert_eq!(desk.seen(request).await?.status, 400, "read no deeper than a stack holds");
    let long = "(a{1000}){1000}";
    let filter =
        json!({"filter": {"fieldName": "country", "stringFilter": {"matchType": "PARTIAL_REGEXP", "value": long}}});
    assert_eq!(
        desk.report(&with(ask(&[], &["sessions"]), "dimensionFilter", filter)).await?.status,
        400,
        "a pattern that would fill the memory"
    );
    Ok(())
}
