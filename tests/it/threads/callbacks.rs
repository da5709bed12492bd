//! What Meta tells of its people: that they removed the app, and that they want deleted what came from their account. Only what is signed counts,
//! and counting it twice changes nothing.

use serde_json::{Value, json};
use socrazi::domain::account::Health;
use socrazi_sim::graph::signed_request;
use socrazi_sim::{Fault, FaultKind};

use super::Scene;
use crate::callbacks::{self, look};
use crate::databases::{Engine, on_both};

const DEMO: &str = "17841400000000001";
const SECOND: &str = "17841400000000002";
const SECRET: &str = "sim-threads-secret";

on_both!(
    who_removes_the_app_there_has_no_token_here_and_nothing_scheduled,
    what_came_from_an_account_is_deleted_when_its_person_asks_and_what_they_wrote_stays
);

impl Scene {
    async fn there(&self, what: &str, who: &str) -> Value {
        callbacks::there(&self.threads.url(), what, who).await
    }

    async fn knock(&self, path: &str, signed: &str) -> (u16, String) {
        callbacks::knock(&self.here, path, signed).await
    }

    async fn told(&self, key: &str) -> usize {
        callbacks::told(&self.world, key).await
    }
}

async fn who_removes_the_app_there_has_no_token_here_and_nothing_scheduled(engine: Engine) {
    let scene = Scene::told_by_meta(engine).await;
    let post = scene.draft(json!([{ "text": "never to be out" }])).await;
    scene.world.call("schedule_post", json!({ "post": post, "at": scene.world.in_an_hour() })).await;
    scene.world.pass(1_000);
    let issued_at = scene.world.clock.now_ms() / 1000;
    let answer = scene.there("uninstall", DEMO).await;
    assert_eq!((answer["delivered"].as_bool(), answer["status"].as_u64()), (Some(true), Some(200)), "{answer}");
    let account = scene.accounts().await.remove(0);
    assert_eq!((account.health, account.scopes.as_str()), (Health::NeedsReconnecting, ""));
    assert!(scene.world.app.store().find_tokens(&account.id).await.unwrap().is_none());
    assert_eq!(scene.world.delivery(&post).await["state"], "cancelled");
    let page = scene.world.page("/").await;
    assert!(page.contains("One post that was scheduled there is cancelled"), "{page}");
    // Told again it is old news, also of somebody whom nobody here is.
    for who in [DEMO, SECOND, "1"] {
        assert_eq!(scene.knock("/meta/deauthorize", &signed_request(SECRET, who, issued_at)).await.0, 200, "{who}");
    }
    assert_eq!(scene.told("notice-deauthorized").await, 1);
    let listed = scene.world.call("list_accounts", json!({})).await.to_string();
    assert!(listed.contains("our access was taken back there"), "{listed}");
    scene.world.refused("publish_post", json!({ "post": post })).await;
    scene.world.pass(2 * 3_600_000);
    scene.world.app.refresh_ahead().await.unwrap();
    assert_eq!((scene.commits(), scene.told("notice-ended").await), (0, 0));
    // They come back, and what was said before that does not throw them out again.
    scene.connect("socrazi_demo").await;
    assert_eq!(scene.knock("/meta/deauthorize", &signed_request(SECRET, DEMO, issued_at)).await.0, 200);
    let (status, body) = scene.knock("/meta/data-deletion", &signed_request(SECRET, DEMO, issued_at)).await;
    assert_eq!((status, scene.accounts().await[0].health), (200, Health::Fine), "{body}");
    scene.world.call("publish_post", json!({ "post": post })).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.commits(), 1);
    scene.end().await;
}

async fn what_came_from_an_account_is_deleted_when_its_person_asks_and_what_they_wrote_stays(engine: Engine) {
    let scene = Scene::told_by_meta(engine).await;
    scene.connect("socrazi_second").await;
    let second = scene.accounts().await.remove(1);
    let draft = async |text: &str| {
        let arguments = json!({ "segments": [{ "text": text }], "accounts": [second.id.as_str()] });
        scene.world.call("create_draft", arguments).await["post"]["id"].clone()
    };
    let out = draft("out already").await;
    scene.world.call("publish_post", json!({ "post": out })).await;
    scene.until(&out, "published").await;
    let planned = draft("never to be out").await;
    scene.world.call("schedule_post", json!({ "post": planned, "at": scene.world.in_an_hour() })).await;
    // Something that a person was told names the account.
    scene.tell("__sim/uninstall", json!({ "user_id": SECOND })).await;
    assert_eq!(scene.told("notice-deauthorized").await, 1);
    // From the beginning of a second: what is signed then names the same one, which makes it the same wish below.
    scene.world.pass(2_000 - scene.world.clock.now_ms() % 1_000);
    let issued_at = scene.world.clock.now_ms() / 1000;
    let answer = scene.there("delete_data", SECOND).await;
    let (url, code) = callbacks::receipt(&answer);
    for (lang, words) in [("en", "has been deleted"), ("ja", "削除しました")] {
        let (status, page) = look(&url, lang).await;
        assert!(status == 200 && page.contains(words), "{page}");
        assert!(!page.contains(SECOND) && !page.contains("socrazi_second"), "{page}");
    }
    assert_eq!(look(&url.replace(&code, &"0".repeat(32)), "en").await.0, 404);
    // Nothing of it is left in any row; what the person wrote is, and the other account.
    let entry = scene.threads.ledger().remove(0);
    for (table, rows) in scene.world.rows().await {
        for name in ["socrazi_second", "Socrazi Second", SECOND, &entry.id] {
            assert!(rows.iter().all(|row| !row.contains(name)), "{table} holds {name}: {rows:?}");
        }
    }
    let kept = scene.world.call("get_post", json!({ "post": out })).await;
    assert!(kept.to_string().contains("out already"), "{kept}");
    assert_eq!(scene.world.delivery(&planned).await["state"], "cancelled");
    assert_eq!((scene.told("notice-deleted-at-network").await, scene.told("notice-deauthorized").await), (1, 0));
    assert_eq!(scene.accounts().await[0].health, Health::Fine);
    scene.world.page("/").await;
    scene.world.page("/accounts").await;
    // The same wish again is the same wish.
    let (status, again) = scene.knock("/meta/data-deletion", &signed_request(SECRET, SECOND, issued_at)).await;
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((status, again["confirmation_code"].as_str()), (200, Some(code.as_str())));
    assert_eq!(scene.told("notice-deleted-at-network").await, 1);
    // And they may come back, as somebody new.
    scene.connect("socrazi_second").await;
    assert!(scene.accounts().await.iter().any(|account| account.handle == "socrazi_second" && account.id != second.id));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_going_out_is_deleted_when_that_is_over() {
    let mut scene = Scene::told_by_meta(Engine::Sqlite).await;
    scene.threads.set_faults(vec![Fault::once("POST", "/v1.0/me/threads_publish", FaultKind::HangAfter)]);
    let post = scene.sent("on its way").await;
    scene.world.struck(&scene.threads.url(), &post, 1_000).await;
    let answer = scene.there("delete_data", DEMO).await;
    let (url, code) = callbacks::receipt(&answer);
    let (status, page) = look(&url, "en").await;
    assert!(status == 200 && page.contains("going out"), "{page}");
    scene.world.abandon_publisher().await;
    scene.world.reopen().await;
    scene.threads.set_faults(Vec::new());
    scene.until_by(&post, "needs_human", 30_000).await;
    scene.world.app.delete_asked().await.unwrap();
    assert!(scene.world.app.meta_deletion(&code).await.unwrap().unwrap().done_at.is_some());
    assert!(scene.accounts().await.iter().all(|account| account.handle == "deleted"));
    assert_eq!(scene.threads.ledger().len(), 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_believed_without_the_signature() {
    let scene = Scene::told_by_meta(Engine::Sqlite).await;
    let now = scene.world.clock.now_ms() / 1000;
    let good = signed_request(SECRET, DEMO, now);
    let (signature, body) = good.split_once('.').unwrap();
    for path in ["/meta/deauthorize", "/meta/data-deletion"] {
        for wrong in [
            String::new(),
            signed_request("another secret", DEMO, now),
            signed_request("", DEMO, now),
            format!(".{body}"),
            format!("{signature}.{}", signed_request(SECRET, SECOND, now).split_once('.').unwrap().1),
            format!("{good}.{}", "A".repeat(6_000)),
            signed_request(SECRET, "1' OR '1'='1", now),
            signed_request(SECRET, "%", now),
            signed_request(SECRET, DEMO, -1),
            signed_request(SECRET, DEMO, i64::MAX),
        ] {
            let shown: String = wrong.chars().take(80).collect();
            let (status, body) = scene.knock(path, &wrong).await;
            assert_eq!((status, body.as_str()), (400, ""), "{path} {shown}");
        }
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = scene.here.join(path).unwrap();
        let get = http.get(url.clone()).query(&[("signed_request", &good)]).send().await.unwrap();
        assert_eq!(get.status(), 405);
        let json = http.post(url.clone()).json(&json!({ "signed_request": good })).send().await.unwrap();
        assert_eq!(json.status(), 400);
        let huge = http.post(url).form(&[("signed_request", "A".repeat(64 << 10))]).send().await.unwrap();
        assert_eq!(huge.status(), 400);
    }
    for code in ["0", "%00", &"f".repeat(10_000), "..%2f..%2fsettings"] {
        let url = scene.here.join(&format!("/meta/data-deletion/{code}")).unwrap();
        assert_eq!(look(url.as_str(), "en").await.0, 404);
    }
    assert_eq!(scene.accounts().await[0].health, Health::Fine);
    let rows = scene.world.rows().await;
    assert!(rows.iter().all(|(table, rows)| table != "deletion_request" || rows.is_empty()), "{rows:?}");
    let post = scene.sent("all is well").await;
    scene.until(&post, "published").await;
    scene.end().await;
}
