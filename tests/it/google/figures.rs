//! Figures in answers are those of the visits: counted here once more, from the visits themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use socrazi_sim::google::Visit;

use super::{ACME, Googled, all, cell, date};

/// The visits of a report's period.
fn visits(googled: &Googled, report: &Value) -> Vec<Visit> {
    let (first, last) = date(&report["period"]);
    googled.sim.ga4_visits(ACME, &first, &last)
}

fn views(visit: &Visit) -> usize {
    visit.events.iter().filter(|event| event.name == "page_view").count()
}

fn count<'a>(visits: &'a [Visit], key: impl Fn(&'a Visit) -> &'a str) -> BTreeMap<&'a str, usize> {
    let mut all = BTreeMap::new();
    for visit in visits {
        *all.entry(key(visit)).or_default() += 1;
    }
    all
}

#[tokio::test]
async fn sums_and_rows_are_those_of_the_visits() {
    let googled = Googled::connected().await;
    let report = googled.traffic(all(json!("last week"))).await;
    let week = visits(&googled, &report);
    assert!(week.len() > 300, "{}", week.len());
    let totals = &report["totals"];
    assert_eq!(totals["sessions"], json!(week.len()));
    let users: BTreeSet<u64> = week.iter().filter(|visit| visit.is_active).map(|visit| visit.user).collect();
    assert_eq!(totals["activeUsers"], json!(users.len()));
    assert_eq!(totals["screenPageViews"], json!(week.iter().map(views).sum::<usize>()));
    let engaged = week.iter().filter(|visit| visit.is_engaged).count() as f64 / week.len() as f64 * 100.0;
    assert_eq!(totals["engagementRate_percent"].as_f64().unwrap(), (engaged * 100.0).round() / 100.0);
    let report = googled.traffic(json!({ "view": "countries", "period": "先週" })).await;
    let countries = count(&week, |visit| visit.country.as_ref());
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), countries.len());
    for row in rows {
        assert_eq!(row[1], json!(countries[row[0].as_str().unwrap()]), "{row}");
    }
    assert!(rows.windows(2).all(|pair| pair[0][1].as_u64() >= pair[1][1].as_u64()), "the most first");
    let report = googled.traffic(json!({ "period": "last week", "metrics": ["sessions"], "filters": ["country = Italy", "device = mobile"] })).await;
    let wanted = week.iter().filter(|visit| visit.country == "Italy" && visit.device == "mobile").count();
    assert_eq!(report["totals"]["sessions"], json!(wanted));
    googled.world.end().await;
}

#[tokio::test]
async fn a_comparison_tells_both_and_what_changed() {
    let googled = Googled::connected().await;
    let report = googled.traffic(json!({ "view": "countries", "period": "last week", "compare": "前の期間" })).await;
    let (now, before) = (
        visits(&googled, &report),
        googled.sim.ga4_visits(ACME, &date(&report["compared"]).0, &date(&report["compared"]).1),
    );
    let totals = &report["totals"];
    assert_eq!((&totals["sessions"], &totals["sessions_before"]), (&json!(now.len()), &json!(before.len())));
    let change = now.len() as f64 - before.len() as f64;
    assert_eq!(totals["sessions_change"].as_f64().unwrap(), change);
    let percent = (change / before.len() as f64 * 1000.0).round() / 10.0;
    assert_eq!(totals["sessions_change_percent"].as_f64().unwrap(), percent);
    let (now, before) = (count(&now, |visit| visit.country.as_ref()), count(&before, |visit| visit.country.as_ref()));
    for (no, row) in report["rows"].as_array().unwrap().iter().enumerate() {
        let country = row[0].as_str().unwrap();
        assert_eq!(cell(&report, no, "sessions"), &json!(now[country]));
        assert_eq!(cell(&report, no, "sessions_before"), &json!(before.get(country).copied().unwrap_or_default()));
    }
    // Day by day: each beside its own.
    let report =
        googled.traffic(json!({ "view": "days", "period": "last week", "compare": "same weekdays last year" })).await;
    assert_eq!(report["rows"].as_array().unwrap().len(), 7);
    let (first, _) = date(&report["compared"]);
    let monday = googled.sim.ga4_visits(ACME, &first, &first).len();
    assert_eq!(cell(&report, 0, "sessions_before"), &json!(monday));
    googled.world.end().await;
}

#[tokio::test]
async fn days_are_those_of_the_property() {
    let googled = Googled::connected().await;
    let rome = googled.traffic(json!({ "period": "yesterday" })).await;
    assert!(rome["period"].as_str().unwrap().ends_with("(Europe/Rome)"), "{}", rome["period"]);
    let york =
        googled.traffic(json!({ "property": "Acme Shop", "period": "yesterday", "metrics": ["sessions"] })).await;
    assert!(york["period"].as_str().unwrap().ends_with("(America/New_York)"));
    let (day, _) = date(&york["period"]);
    assert_eq!(york["totals"]["sessions"], json!(googled.sim.ga4_visits("310002", &day, &day).len()));
    // A blog without a single visit: nothing, not an error.
    let blog = googled.traffic(json!({ "property": "310003", "view": "days", "period": "last 7 days" })).await;
    assert_eq!(blog["rows"].as_array().unwrap().len(), 5, "the newest two may still be counted");
    assert_eq!(blog["totals"]["sessions"], json!(0));
    googled.world.end().await;
}

#[tokio::test]
async fn a_long_report_is_read_to_its_end_with_cursors() {
    let googled = Googled::connected().await;
    let mut ask = json!({ "period": "last 90 days", "dimensions": ["date", "country", "city", "device"], "metrics": ["sessions"] });
    let (mut rows, mut pages) = (Vec::new(), 0);
    loop {
        let outcome =
            googled.world.app.call_tool(&googled.world.assistant, "report_traffic", ask.clone()).await.unwrap();
        let report = outcome.structured;
        let tokens = (report.to_string().len() + outcome.text.len()) / 4;
        assert!(tokens <= 10_000, "{tokens} tokens");
        rows.extend(report["rows"].as_array().unwrap().clone());
        pages += 1;
        match report["next_cursor"].as_str() {
            Some(cursor) => ask["cursor"] = json!(cursor),
            None => {
                assert_eq!(report["row_count"], json!(rows.len()));
                break;
            }
        }
        assert!(pages < 100);
    }
    let report = googled.traffic(json!({ "period": "last 90 days", "metrics": ["sessions"] })).await;
    let sum: u64 = rows.iter().map(|row| row[4].as_u64().unwrap()).sum();
    assert_eq!(json!(sum), report["totals"]["sessions"]);
    let unique: BTreeSet<String> = rows.iter().map(|row| row.to_string()).collect();
    assert_eq!((unique.len(), pages > 3), (rows.len(), true));
    // A cursor of another question is none of this one.
    ask["metrics"] = json!(["users"]);
    assert_eq!(googled.refused("report_traffic", ask).await, "report-cursor-wrong");
    googled.world.end().await;
}

#[tokio::test]
async fn days_that_a_condition_left_out_are_no_zeros() {
    let googled = Googled::connected().await;
    let ask = |more: u64| json!({ "view": "days", "period": "last week", "filters": [format!("sessions > {more}")] });
    let sessions = |report: &Value| -> Vec<Value> {
        (0..report["rows"].as_array().unwrap().len()).map(|row| cell(report, row, "sessions").clone()).collect()
    };
    let whole = sessions(&googled.traffic(json!({ "view": "days", "period": "last week" })).await);
    let most = whole.iter().filter_map(Value::as_u64).max().unwrap();
    let few = sessions(&googled.traffic(ask(most - 1)).await);
    let wanted: Vec<Value> =
        whole.iter().map(|figure| if *figure == json!(most) { figure.clone() } else { Value::Null }).collect();
    assert_eq!(few, wanted);
    assert!(few.contains(&Value::Null));
    googled.world.end().await;
}

#[tokio::test]
async fn a_property_seen_through_two_accounts_is_one() {
    let googled = Googled::new().await;
    googled.connect(&super::BOTH).await;
    let ben =
        socrazi_sim::google::GoogleUser { ga4_accounts: vec!["100".into()], ..socrazi_sim::google::GoogleUser::ben() };
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let added = http.post(googled.sim.url().join("__sim/users").unwrap()).json(&ben).send().await.unwrap();
    assert!(added.status().is_success());
    let (app, person) = (&googled.world.app, &googled.world.person);
    let mut url = app.google_begin(person, &super::BOTH, None).await.unwrap();
    url.query_pairs_mut().append_pair("user", &ben.email);
    let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let query: Vec<(String, String)> = back.parse::<url::Url>().unwrap().query_pairs().into_owned().collect();
    let second = app.google_finish(person, &query).await.unwrap().login;
    assert_eq!(app.sources(person).await.unwrap().len(), 2);
    let seen = app.sources(person).await.unwrap().into_iter().find(|(login, _)| login.id == second.id).unwrap().1;
    assert!(seen.iter().any(|source| source.facts.name == "acme.example"), "{seen:?}");
    let report = googled.traffic(json!({ "property": "acme.example", "period": "last week" })).await;
    assert!(report["totals"]["sessions"].as_u64().unwrap() > 0, "{report}");
    googled.world.end().await;
}

#[tokio::test]
async fn what_comes_from_google_counts_as_strangers_words_and_knows_its_end() {
    let googled = Googled::connected().await;
    let (app, assistant) = (&googled.world.app, &googled.world.assistant);
    let outcome =
        app.call_tool(assistant, "report_traffic", json!({ "view": "pages", "period": "last week" })).await.unwrap();
    assert!(outcome.is_strange && outcome.text.contains("never instructions"));
    let keep = outcome.keep.unwrap();
    let login = app.sources(&googled.world.person).await.unwrap()[0].0.id.clone();
    assert_eq!(keep.accounts, std::slice::from_ref(&login));
    let days = (keep.until_ms - googled.world.clock.now_ms()) / 86_400_000;
    assert!((89..=90).contains(&days), "{days}");
    // Names of properties: a stranger may have shared one. Once the person chose it, it is theirs.
    let listed = app.call_tool(assistant, "list_accounts", json!({})).await.unwrap();
    assert!(listed.is_strange, "two more were never looked at");
    for (kind, name) in [(super::SourceKind::Property, "Acme Shop"), (super::SourceKind::Property, "New blog")] {
        googled.choose(kind, name).await;
    }
    let sources = app.sources(&googled.world.person).await.unwrap();
    for source in sources[0].1.iter().filter(|source| source.kind == super::SourceKind::Site) {
        app.choose_source(&googled.world.person, (&login, source.kind, &source.key), Some("mine")).await.unwrap();
    }
    assert!(!app.call_tool(assistant, "list_accounts", json!({})).await.unwrap().is_strange);
    googled.world.end().await;
}

#[tokio::test]
async fn a_conversation_on_unpaid_quota_sees_nothing_of_googles() {
    let mut settings = vec![("gemini.api_key", "AIza-test".to_owned())];
    for (tier, is_named) in [("unpaid", false), ("paid", true)] {
        settings.retain(|(key, _)| *key != "gemini.tier");
        settings.push(("gemini.tier", tier.to_owned()));
        let googled = Googled::with(settings.clone()).await;
        googled.connect(&super::BOTH).await;
        let chat = socrazi::domain::caller::Caller {
            via: socrazi::domain::caller::Via::Terminal,
            ..googled.world.person.clone()
        };
        let listed = googled.world.app.call_tool(&chat, "list_accounts", json!({})).await.unwrap();
        assert_eq!(listed.structured.to_string().contains("Acme Shop"), is_named, "{tier}");
        assert_eq!(listed.text.contains("Acme Shop"), is_named, "{tier}");
        let listed = googled.world.call("list_accounts", json!({})).await;
        assert!(listed.to_string().contains("Acme Shop"), "an assistant of the person's own");
        googled.world.end().await;
    }
}
