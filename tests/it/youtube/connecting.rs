//! A channel and the Google account whose tokens act as it: asked for, granted in part, shared with reports, let go, and connected again without
//! losing what is planned.

use serde_json::{Value, json};
use socrazi::domain::account::Health;
use socrazi::domain::google::Feature;
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;

use super::{BRAND, OWN, Scene, through};
use crate::databases::{Engine, on_both};
use crate::networks::racing::fifty_callers_cause_one_refresh;

on_both!(
    fifty_callers_at_once_in_two_processes_cause_one_refresh,
    a_channel_has_no_tokens_of_its_own_and_its_google_account_none_for_reports,
    letting_the_google_account_go_blocks_what_is_planned_and_connecting_again_sends_it
);

fn key(result: Result<impl std::fmt::Debug, ToolError>) -> String {
    match result {
        Err(ToolError::Refused(sentence)) => sentence.key,
        other => panic!("not refused: {other:?}"),
    }
}

impl Scene {
    /// Connects the same person at Google for reports.
    async fn connect_reports(&self) -> socrazi::domain::google::Login {
        let app = &self.world.app;
        let url = app.google_begin(&self.world.person, &[Feature::Analytics], None).await.unwrap();
        app.google_finish(&self.world.person, &through(url).await).await.unwrap().login
    }

    async fn notices(&self) -> Vec<String> {
        let notices = self.world.app.notices(&self.world.person).await.unwrap();
        notices.into_iter().map(|notice| notice.what.key).collect()
    }

    /// A video of which the time is in an hour.
    async fn planned(&self, text: &str, video: &Value) -> Value {
        let segment = json!({ "text": text, "media": [video] });
        let post = self.draft(&segment, &super::chosen()).await;
        self.world.call("schedule_post", json!({ "post": post, "at": self.world.in_an_hour() })).await;
        post
    }
}

async fn a_channel_has_no_tokens_of_its_own_and_its_google_account_none_for_reports(engine: Engine) {
    let scene = Scene::bare(engine, "passed").await;
    let url = scene.world.app.connect_begin(&scene.world.person, Network::YouTube).await.unwrap();
    let pairs: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs["scope"], "openid email https://www.googleapis.com/auth/youtube", "one scope, and no more");
    assert!(pairs["redirect_uri"].ends_with("/connect/google/callback"), "one address to register: {pairs:?}");
    scene.connect(OWN).await;
    let account = scene.accounts().await.remove(0);
    assert_eq!((account.remote_id.as_str(), account.handle.as_str()), (OWN, "anamakes"));
    assert_eq!((account.name.as_str(), account.health), ("Ana makes things", Health::Fine));
    let rows = scene.world.rows().await;
    assert!(rows["account_token"].iter().all(|row| !row.contains(account.id.as_str())), "the grant is kept once");
    assert_eq!(rows["google_login"].len(), 1);
    let listed = scene.world.call("list_accounts", json!({})).await;
    assert!(listed.get("google").is_none(), "nothing to read reports through: {listed}");
    assert!(listed["accounts"].as_array().unwrap().iter().any(|one| one["network"] == "youtube"), "{listed}");
    assert_eq!(scene.world.refused("report_videos", json!({})).await, "google-none-connected");
    // The brand's channel is another account with another grant; the same one again is the same row.
    scene.connect(BRAND).await;
    scene.connect(OWN).await;
    assert_eq!((scene.accounts().await.len(), scene.world.rows().await["google_login"].len()), (2, 2));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_channel_gets_its_own_videos() {
    let scene = Scene::on(Engine::Sqlite).await;
    let brand = scene.connect(BRAND).await;
    let video = scene.world.keep(&super::small(), None).await;
    let accounts = json!([scene.account, brand.as_str()]);
    let segment = json!({ "text": "On both", "media": [video] });
    let arguments = json!({ "segments": [segment], "accounts": accounts, "options": super::chosen() });
    let post = scene.world.call("create_draft", arguments).await["post"]["id"].clone();
    scene.world.call("publish_post", json!({ "post": post })).await;
    for _ in 0..500 {
        if scene.ledger().len() == 2 {
            break;
        }
        scene.world.pass(300);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let mut channels: Vec<_> = scene.ledger().into_iter().map(|entry| entry.user_id).collect();
    channels.sort();
    assert_eq!(channels, [OWN, BRAND]);
    scene.until(&post, "published").await;
    scene.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_granted_or_not_there_connects_nothing() {
    let scene = Scene::bare(Engine::Sqlite, "passed").await;
    let (app, person) = (&scene.world.app, &scene.world.person);
    let query = scene.consent(&[("user", "ben@example.test")]).await;
    assert_eq!(key(app.connect_finish(person, Network::YouTube, &query).await), "youtube-no-channel");
    scene.tune(|tuning| tuning.consent_error = Some("access_denied".into()));
    let query = scene.consent(&[]).await;
    assert_eq!(key(app.connect_finish(person, Network::YouTube, &query).await), "connect-denied");
    scene.tune(|tuning| tuning.youtube.units_per_day = 0);
    let query = scene.consent(&[]).await;
    assert_eq!(key(app.connect_finish(person, Network::YouTube, &query).await), "youtube-quota-day");
    scene.tune(|_| {});
    // What was begun for reports does not end as a channel.
    let url = app.google_begin(person, &[Feature::Analytics], None).await.unwrap();
    let query = through(url).await;
    assert_eq!(key(app.connect_finish(person, Network::YouTube, &query).await), "connect-state-dead");
    assert!(scene.accounts().await.is_empty());
    let rows = scene.world.rows().await;
    assert!(rows["google_login"].iter().all(|row| !row.contains("UCsim")), "{:?}", rows["google_login"]);
    scene.end().await;
}

async fn letting_the_google_account_go_blocks_what_is_planned_and_connecting_again_sends_it(engine: Engine) {
    let scene = Scene::on(engine).await;
    let reports = scene.connect_reports().await;
    let video = scene.world.keep(&super::small(), None).await;
    let out = scene.sent("Counted", &video).await;
    scene.until(&out, "published").await;
    scene.world.pass(3_600_000);
    scene.world.app.count_due().await.unwrap();
    assert_eq!(scene.world.rows().await["post_figures"].len(), 1);
    let post = scene.planned("Still wanted", &video).await;
    scene.world.app.disconnect(&scene.world.person, &reports.id).await.unwrap();
    assert!(scene.world.rows().await["google_login"].is_empty(), "one revocation ends it all");
    assert_eq!(scene.calls("POST", "/revoke"), 1);
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    assert!(scene.notices().await.contains(&"notice-channel-ended".to_owned()));
    assert!(scene.world.rows().await["post_figures"].is_empty(), "what YouTube counted goes with the right to read it");
    assert_eq!(scene.world.delivery(&post).await["state"], "scheduled", "nothing is lost");
    scene.world.pass(3_600_000);
    let delivery = scene.until(&post, "blocked").await;
    assert!(delivery["reason"].as_str().unwrap().contains("Connect the account again"), "{delivery}");
    assert_eq!((scene.begun(), scene.ledger().len()), (1, 1));
    scene.connect(OWN).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.ledger().len(), 2);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letting_a_channel_go_leaves_reports_alone_and_is_confirmed_only_when_nothing_else_stands() {
    let scene = Scene::on(Engine::Sqlite).await;
    let reports = scene.connect_reports().await;
    let video = scene.world.keep(&super::small(), None).await;
    let post = scene.planned("Not any more", &video).await;
    let id = scene.accounts().await[0].id.clone();
    scene.world.app.disconnect(&scene.world.person, &id).await.unwrap();
    assert_eq!(scene.world.delivery(&post).await["state"], "cancelled");
    assert_eq!(scene.calls("POST", "/revoke"), 0, "it would have ended the reports, too");
    assert!(scene.notices().await.contains(&"notice-revoke-unconfirmed-youtube".to_owned()));
    let logins = scene.world.app.store().list_logins(&scene.world.person.workspace).await.unwrap();
    assert_eq!((logins.len(), logins[0].id == reports.id), (1, true));
    scene.world.call("report_traffic", json!({ "period": "last week", "property": "acme.example" })).await;
    // Without the reports there is nothing else, and Google is told.
    scene.world.app.disconnect(&scene.world.person, &reports.id).await.unwrap();
    scene.connect(OWN).await;
    scene.world.app.disconnect(&scene.world.person, &id).await.unwrap();
    assert_eq!(scene.calls("POST", "/revoke"), 2);
    assert!(scene.world.rows().await["google_login"].is_empty());
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_renewed_by_the_google_account_and_a_dead_grant_is_told() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&super::small(), None).await;
    let exchanged = scene.calls("POST", "/token");
    scene.world.clock.advance_ms(2 * 3_600_000);
    let post = scene.sent("After two hours", &video).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.calls("POST", "/token"), exchanged + 1, "renewed once");
    // Somebody took it away at Google.
    scene.google.withdraw("ana@example.test").unwrap();
    let post = scene.sent("After the end", &video).await;
    let delivery = scene.until(&post, "blocked").await;
    assert!(delivery["reason"].as_str().unwrap().contains("connect"), "{delivery}");
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    assert!(scene.notices().await.contains(&"notice-ended".to_owned()));
    scene.connect(OWN).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.ledger().len(), 2);
    scene.end().await;
}

async fn fifty_callers_at_once_in_two_processes_cause_one_refresh(engine: Engine) {
    let scene = Scene::on(engine).await;
    scene.world.pass(2 * 3_600_000);
    let account = scene.accounts().await.remove(0);
    let until = scene.world.clock.now_ms() + 600_000;
    fifty_callers_cause_one_refresh(&scene.world, (&account, until), || scene.calls("POST", "/token")).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_nothing_is_uploaded_and_the_sentence_says_why() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&super::small(), None).await;
    let store = scene.world.app.store();
    let login = store.find_channel_login(&scene.world.person.workspace, OWN).await.unwrap().unwrap();
    // As a renewal says it when the person took it back.
    let tokens = store.find_login_tokens(&login.id).await.unwrap().unwrap();
    assert!(store.update_login_tokens(&login.id, &tokens, "openid").await.unwrap());
    let post = scene.sent("Without permission", &video).await;
    let delivery = scene.until(&post, "blocked").await;
    assert!(delivery["reason"].as_str().unwrap().contains("without the permission"), "{delivery}");
    assert_eq!((scene.begun(), scene.commits()), (0, 0));
    scene.connect(OWN).await;
    scene.until(&post, "published").await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_has_a_picture_of_ours_and_no_address_of_googles() {
    let scene = Scene::on(Engine::Sqlite).await;
    crate::profiles::has_face(&scene.world, Network::YouTube).await;
    crate::profiles::is_looked_at_again_after_a_week(&scene.world, Network::YouTube).await;
    for (table, rows) in scene.world.rows().await {
        assert!(!rows.iter().any(|row| row.contains("/ytc/")), "{table}");
    }
    scene.end().await;
}
