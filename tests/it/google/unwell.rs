//! What Google does when it is not well: old tokens, quotas, faults, garbage, silence.

use std::collections::BTreeMap;

use serde_json::json;
use socrazi_sim::{Fault, FaultKind};

use super::{BOTH, Googled};
use crate::databases::{Engine, on_both};

on_both!(fifty_callers_at_once_in_two_processes_cause_one_refresh);

fn fault(kind: FaultKind, times: u32) -> Fault {
    Fault { times, ..Fault::once("POST", "/v1beta/properties", kind) }
}

fn status(status: u16, body: &str) -> FaultKind {
    FaultKind::Status { status, body: body.to_owned(), headers: BTreeMap::new() }
}

#[tokio::test]
async fn an_old_token_is_renewed_once_however_many_ask() {
    let googled = Googled::connected().await;
    googled.world.clock.advance_ms(2 * 3_600_000);
    let views = ["countries", "devices", "pages", "events", "sources", "days"];
    let asks = views.map(|view| googled.traffic(json!({ "view": view, "period": "last week" })));
    futures::future::join_all(asks).await;
    let renewed = googled.recorder.seen().iter().filter(|seen| seen.body.contains("grant_type=refresh_token")).count();
    assert_eq!(renewed, 1);
    googled.world.end().await;
}

async fn fifty_callers_at_once_in_two_processes_cause_one_refresh(engine: Engine) {
    let googled = Googled::on(engine, Vec::new()).await;
    let login = googled.connect(&BOTH).await;
    let renewed =
        || googled.recorder.seen().iter().filter(|seen| seen.body.contains("grant_type=refresh_token")).count();
    googled.world.clock.advance_ms(2 * 3_600_000);
    let other = googled.world.beside().await;
    let mut callers = tokio::task::JoinSet::new();
    for n in 0..50 {
        let app = if n % 2 == 0 { googled.world.app.clone() } else { other.clone() };
        let (person, id) = (googled.world.person.clone(), login.id.clone());
        callers.spawn(async move { app.look_sources(&person, &id).await.unwrap() });
    }
    callers.join_all().await;
    assert_eq!(renewed(), 1);
    other.close().await;
    googled.world.end().await;
}

#[tokio::test]
async fn a_dead_grant_met_by_many_at_once_is_told_once() {
    let googled = Googled::connected().await;
    let gone = status(400, r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#);
    googled.sim.set_faults(vec![Fault { times: 99, ..Fault::once("POST", "/token", gone) }]);
    googled.world.clock.advance_ms(2 * 3_600_000);
    let periods = ["yesterday", "last week", "last month", "last 90 days"];
    let asks = periods.map(|period| googled.refused("report_traffic", json!({ "period": period })));
    let keys = futures::future::join_all(asks).await;
    assert!(keys.iter().all(|key| key == "google-reconnect"), "{keys:?}");
    let notices = googled.world.app.notices(&googled.world.person).await.unwrap();
    let told = notices.iter().filter(|notice| notice.what.key == "notice-google-ended").count();
    assert_eq!(told, 1);
    googled.world.end().await;
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once_and_then_the_person_is_asked() {
    let googled = Googled::connected().await;
    googled.sim.set_faults(vec![fault(status(401, r#"{"error":{"code":401,"status":"UNAUTHENTICATED"}}"#), 1)]);
    googled.traffic(json!({ "period": "last week" })).await;
    googled.sim.set_faults(vec![fault(status(401, "{}"), 9)]);
    let before = googled.asked();
    assert_eq!(googled.refused("report_traffic", json!({ "period": "last month" })).await, "google-reconnect");
    assert_eq!(googled.asked() - before, 2);
    googled.world.end().await;
}

#[tokio::test]
async fn faults_are_tried_at_most_twice_more_and_quotas_not_at_all() {
    let googled = Googled::connected().await;
    let ask = |period: &str| json!({ "period": period });
    googled.sim.set_faults(vec![fault(status(503, "<html>"), 2)]);
    googled.traffic(ask("last week")).await;
    assert_eq!(googled.asked(), 3);
    googled.sim.set_faults(vec![fault(status(500, "{}"), 9)]);
    assert_eq!(googled.refused("report_traffic", ask("last month")).await, "google-unavailable");
    assert_eq!(googled.asked(), 6);
    googled.sim.set_faults(vec![fault(
        status(
            429,
            r#"{"error":{"code":429,"message":"Exhausted property tokens per hour.","status":"RESOURCE_EXHAUSTED"}}"#,
        ),
        9,
    )]);
    assert_eq!(googled.refused("report_traffic", ask("last month")).await, "google-quota-hour");
    assert_eq!(googled.asked(), 7);
    // What was asked before is still answered.
    googled.traffic(ask("last week")).await;
    assert_eq!(googled.asked(), 7);
    googled.sim.set_faults(Vec::new());
    // That hour is over.
    googled.world.pass(3_600_000);
    googled.tune(|tuning| tuning.disabled_services = vec!["analyticsdata.googleapis.com".into()]);
    assert_eq!(googled.refused("report_traffic", ask("last quarter")).await, "google-api-off");
    googled.tune(|tuning| tuning.ga4.tokens_per_day = 0);
    assert_eq!(googled.refused("report_traffic", ask("last quarter")).await, "google-quota-day");
    googled.world.end().await;
}

#[tokio::test]
async fn garbage_and_silence_are_no_figures() {
    let googled = Googled::connected().await;
    googled.sim.set_faults(vec![fault(status(200, "<html>not json</html>"), 1)]);
    let failed =
        googled.world.app.call_tool(&googled.world.assistant, "report_traffic", json!({ "period": "last week" })).await;
    assert!(matches!(failed, Err(socrazi::domain::tool::ToolError::Failed(_))), "{failed:?}");
    assert!(googled.world.rows().await["report_cache"].is_empty(), "nothing of it is kept");
    googled.sim.set_faults(vec![fault(FaultKind::ResetBefore, 9)]);
    assert_eq!(googled.refused("report_traffic", json!({ "period": "last week" })).await, "google-unavailable");
    googled.sim.set_faults(Vec::new());
    googled.traffic(json!({ "period": "last week" })).await;
    googled.world.end().await;
}

#[tokio::test]
async fn what_lessens_a_report_is_said_with_it() {
    let googled = Googled::connected().await;
    googled.tune(|tuning| {
        tuning.ga4.sampled_percent = Some(40);
        tuning.ga4.is_thresholded = true;
        tuning.ga4.tokens_per_hour = 1_000;
    });
    let report = googled.traffic(json!({ "view": "pages", "period": "yesterday" })).await;
    let badges: Vec<_> = report["badges"].as_array().unwrap().iter().filter_map(|badge| badge.as_str()).collect();
    assert_eq!(badges, ["fresh", "sampled", "thresholded"]);
    let caveats = report["caveats"].to_string();
    for wanted in ["sample", "withheld", "24 to 48 hours", "quota"] {
        assert!(caveats.contains(wanted), "{wanted} is not in {caveats}");
    }
    googled.tune(|tuning| tuning.ga4.rows_before_other = Some(2));
    let report = googled.traffic(json!({ "view": "pages", "period": "last month" })).await;
    assert!(report["caveats"].to_string().contains("(other)"), "{}", report["caveats"]);
    googled.tune(|tuning| tuning.ga4.is_empty = true);
    let report = googled.traffic(json!({ "view": "pages", "period": "last week" })).await;
    assert_eq!((report["rows"].as_array().unwrap().len(), &report["totals"]["screenPageViews"]), (0, &json!(0)));
    googled.world.end().await;
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_is_refused_before_anything_is_sent() {
    let googled = Googled::new().await;
    googled.connect(&BOTH).await;
    let before = googled.recorder.seen().len();
    assert!(googled.world.rows().await["grant_strange"].is_empty());
    for (arguments, key) in [
        (json!({ "metrics": ["sesions"] }), "report-name-unknown"),
        (json!({ "dimensions": ["itemName"] }), "report-columns-apart"),
        (json!({ "view": "realtime", "dimensions": ["pagePath"] }), "report-columns-apart"),
        (json!({ "view": "realtime", "period": "today" }), "report-realtime-period"),
        (json!({ "filters": ["country"] }), "report-filter-wrong"),
        (json!({ "filters": ["contry = Italy"] }), "report-name-unknown"),
        (json!({ "property": "acme.example", "period": "soonish" }), "report-period-wrong"),
        (json!({ "property": "acme.example", "period": "2030-01-01..2030-01-31" }), "report-period-wrong"),
        (json!({ "property": "acme.example", "cursor": "abc" }), "report-cursor-wrong"),
        (json!({}), "report-source-choose"),
        (json!({ "property": "nobody's" }), "report-source-choose"),
    ] {
        assert_eq!(googled.refused("report_traffic", arguments.clone()).await, key, "{arguments}");
    }
    let sent = &googled.recorder.seen()[before..];
    assert!(sent.iter().all(|seen| seen.method == "GET" && !seen.path.contains(":run")), "{sent:?}");
    let noted = googled.world.rows().await["grant_strange"].len();
    assert_eq!(noted, 1, "what could be chosen was named as its owners call it, and they may be strangers");
    googled.world.end().await;
}
