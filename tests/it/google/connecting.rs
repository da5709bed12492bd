//! Connecting feature by feature, what people leave unticked, and letting go.

use serde_json::json;
use socrazi::domain::account::Health;
use socrazi::domain::caller::{Caller, Via};
use socrazi::domain::google::Feature;
use socrazi::domain::ids::SessionId;
use socrazi::domain::tool::ToolError;

use super::{BOTH, Googled};

fn key(result: Result<impl std::fmt::Debug, ToolError>) -> String {
    match result {
        Err(ToolError::Refused(sentence)) => sentence.key,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn one_feature_is_asked_for_and_the_other_is_added_later() {
    let googled = Googled::new().await;
    let login = googled.connect(&[Feature::Analytics]).await;
    assert_eq!(
        (login.email.as_str(), login.has(Feature::Analytics), login.has(Feature::Search)),
        ("ana@example.test", true, false)
    );
    assert!(login.missing().is_empty(), "nobody asked for the other");
    let asked = googled.recorder.seen().into_iter().find(|seen| seen.path == "/o/oauth2/v2/auth").unwrap().query;
    let asked =
        url::form_urlencoded::parse(asked.as_bytes()).into_owned().collect::<std::collections::BTreeMap<_, _>>();
    assert_eq!(asked["scope"], "openid email https://www.googleapis.com/auth/analytics.readonly");
    assert_eq!(
        (asked["access_type"].as_str(), asked["prompt"].as_str(), asked["code_challenge_method"].as_str()),
        ("offline", "consent", "S256")
    );
    assert_eq!(asked["include_granted_scopes"], "true");
    assert_eq!(googled.refused("report_search", json!({})).await, "google-permission-missing");
    let again = googled.connect(&[Feature::Search]).await;
    assert_eq!(again.id, login.id, "the same account is the same row");
    assert!(again.has(Feature::Analytics) && again.has(Feature::Search));
    assert_eq!(googled.world.rows().await["google_login"].len(), 1);
    googled.world.end().await;
}

#[tokio::test]
async fn what_is_left_unticked_is_told_and_everything_else_works() {
    let googled = Googled::new().await;
    googled.tune(|tuning| tuning.unticked = vec![Feature::Search.scope().to_owned()]);
    let query = googled.way(&BOTH).await;
    let connected = googled.world.app.google_finish(&googled.world.person, &query).await.unwrap();
    assert_eq!(connected.left_out, [Feature::Search]);
    let accounts = googled.world.call("list_accounts", json!({})).await;
    let google = &accounts["google"][0];
    assert_eq!(
        (&google["missing"], google["health"].as_str().unwrap().contains("missing")),
        (&json!(["search"]), true)
    );
    assert_eq!(googled.refused("report_search", json!({})).await, "google-permission-missing");
    googled.traffic(json!({ "property": "acme.example", "period": "last week" })).await;
    // Nothing at all ticked: no connection.
    googled.tune(|tuning| tuning.unticked = BOTH.map(|feature| feature.scope().to_owned()).to_vec());
    let fresh = Googled::new().await;
    fresh.tune(|tuning| tuning.unticked = BOTH.map(|feature| feature.scope().to_owned()).to_vec());
    let query = fresh.way(&BOTH).await;
    assert_eq!(key(fresh.world.app.google_finish(&fresh.world.person, &query).await), "google-nothing-granted");
    assert!(fresh.world.rows().await["google_login"].is_empty());
    fresh.world.end().await;
    googled.world.end().await;
}

#[tokio::test]
async fn a_way_back_counts_once_and_only_for_the_browser_that_left() {
    let googled = Googled::new().await;
    let (app, person) = (&googled.world.app, &googled.world.person);
    let query = googled.way(&BOTH).await;
    let elsewhere = Caller { via: Via::Web(SessionId::generate(0, 7)), ..person.clone() };
    assert_eq!(key(app.google_finish(&elsewhere, &query).await), "connect-state-dead");
    app.google_finish(person, &query).await.unwrap();
    assert_eq!(key(app.google_finish(person, &query).await), "connect-state-dead");
    let late = googled.way(&BOTH).await;
    googled.world.clock.advance_ms(11 * 60_000);
    assert_eq!(key(app.google_finish(person, &late).await), "connect-state-dead");
    assert_eq!(key(app.google_begin(person, &[], None).await), "google-no-feature");
    assert_eq!(key(app.google_begin(&googled.world.assistant, &BOTH, None).await), "signin-needed");
    googled.world.end().await;
}

#[tokio::test]
async fn whatever_google_gets_wrong_connects_nothing() {
    let googled = Googled::new().await;
    let (app, person) = (&googled.world.app, &googled.world.person);
    for fault in ["aud", "nonce", "exp", "iss"] {
        googled.tune(|tuning| tuning.id_token_fault = Some(fault.to_owned()));
        let query = googled.way(&BOTH).await;
        assert_eq!(key(app.google_finish(person, &query).await), "connect-failed", "{fault}");
    }
    for error in ["invalid_grant", "invalid_client", "server_error"] {
        googled.tune(|tuning| tuning.token_error = Some(error.to_owned()));
        let query = googled.way(&BOTH).await;
        assert_eq!(key(app.google_finish(person, &query).await), "connect-failed", "{error}");
    }
    googled.tune(|tuning| tuning.no_refresh_token = true);
    let query = googled.way(&BOTH).await;
    assert_eq!(key(app.google_finish(person, &query).await), "connect-failed");
    for (error, wanted) in [
        ("access_denied", "connect-denied"),
        ("admin_policy_enforced", "google-not-allowed"),
        ("server_error", "connect-failed"),
    ] {
        googled.tune(|tuning| tuning.consent_error = Some(error.to_owned()));
        let query = googled.way(&BOTH).await;
        assert_eq!(key(app.google_finish(person, &query).await), wanted, "{error}");
    }
    assert!(googled.world.rows().await["google_login"].is_empty());
    googled.world.end().await;
}

#[tokio::test]
async fn letting_go_revokes_and_leaves_nothing() {
    let googled = Googled::connected().await;
    googled.traffic(json!({ "period": "last week" })).await;
    let rows = googled.world.rows().await;
    assert!(!rows["report_cache"].is_empty() && !rows["report_source"].is_empty());
    // An assistant may only ask; the person's yes does it.
    let asked = googled.world.call("disconnect_account", json!({ "account": "google" })).await;
    let id = asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let approval = googled.world.app.read_approval(&googled.world.person, &id).await.unwrap();
    assert_eq!(approval.what.key, "google-act-disconnect");
    let hash = approval.approval.hash.clone();
    googled.world.app.decide(&googled.world.person, &id, &hash, socrazi::app::Verdict::Approve).await.unwrap();
    let rows = googled.world.rows().await;
    for table in ["google_login", "report_cache", "report_source"] {
        assert!(rows[table].is_empty(), "{table}");
    }
    assert!(googled.recorder.seen().iter().any(|seen| seen.path == "/revoke" && seen.body.starts_with("token=")));
    assert_eq!(googled.refused("report_traffic", json!({})).await, "google-none-connected");
    assert_eq!(googled.refused("disconnect_account", json!({ "account": "google" })).await, "account-not-found");
    googled.world.end().await;
}

#[tokio::test]
async fn where_google_does_not_confirm_the_person_is_told_and_our_copies_are_gone_all_the_same() {
    let googled = Googled::new().await;
    let login = googled.connect(&BOTH).await;
    googled.sim.shutdown();
    googled.recorder.aim("http://127.0.0.1:9/".parse().unwrap());
    // The recorder cannot reach it any more and breaks the connection: no answer at all.
    googled.world.app.disconnect(&googled.world.person, &login.id).await.unwrap();
    assert!(googled.world.rows().await["google_login"].is_empty());
    let notices = googled.world.app.notices(&googled.world.person).await.unwrap();
    assert!(notices.iter().any(|notice| notice.what.key == "notice-google-disconnected"));
    googled.world.end().await;
}

#[tokio::test]
async fn a_dead_grant_is_told_once_and_connecting_again_heals_it() {
    let googled = Googled::connected().await;
    googled.sim.withdraw("ana@example.test").unwrap();
    googled.world.clock.advance_ms(2 * 3_600_000);
    for _ in 0..3 {
        assert_eq!(googled.refused("report_traffic", json!({ "period": "last month" })).await, "google-reconnect");
    }
    let notices = googled.world.app.notices(&googled.world.person).await.unwrap();
    assert_eq!(notices.iter().filter(|notice| notice.what.key == "notice-google-ended").count(), 1);
    let refreshed =
        googled.recorder.seen().iter().filter(|seen| seen.body.contains("grant_type=refresh_token")).count();
    assert_eq!(refreshed, 1, "a dead grant is not asked again and again");
    let login = googled.connect(&BOTH).await;
    assert_eq!(login.health, Health::Fine);
    googled.traffic(json!({ "period": "last month" })).await;
    googled.world.end().await;
}

/// An app in testing: Google says on which day it ends the grant by itself.
#[tokio::test]
async fn the_end_of_a_week_of_testing_is_shown_told_ahead_and_named_as_the_reason() {
    const DAY_MS: i64 = 86_400_000;
    let googled = Googled::new().await;
    googled.tune(|tuning| tuning.is_testing = true);
    googled.connect(&BOTH).await;
    let app = &googled.world.app;
    let health = async || googled.world.call("list_accounts", json!({})).await["google"][0]["health"].to_string();
    assert!(health().await.contains("Google ends it by itself then"), "{}", health().await);
    let told = async |key: &str| {
        app.refresh_ahead().await.unwrap();
        app.refresh_ahead().await.unwrap();
        let notices = app.notices(&googled.world.person).await.unwrap();
        let of_it = notices.into_iter().filter(|notice| notice.what.key == key);
        let mut args: Vec<_> = of_it.map(|notice| format!("{:?}", notice.what.args[1].1)).collect();
        args.sort();
        args
    };
    let (soon, ended) = ("notice-google-ends-soon", "notice-google-ended");
    assert_eq!(told(soon).await, [""; 0]);
    for (days, all) in [(5, &["Number(3)"][..]), (1, &["Number(1)", "Number(3)"])] {
        googled.world.pass(days * DAY_MS);
        assert_eq!(told(soon).await, all, "after {days} days more");
    }
    assert_eq!(told(ended).await, [""; 0]);
    googled.world.pass(DAY_MS + 60_000);
    assert_eq!(told(ended).await, [r#"Text("expired")"#], "nobody asked for a report meanwhile");
    assert!(health().await.contains("an app in testing has seven days"), "{}", health().await);
    googled.connect(&BOTH).await;
    assert!(health().await.contains("Connected until"), "{}", health().await);
    googled.world.end().await;
}
