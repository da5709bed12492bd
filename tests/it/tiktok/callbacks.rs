//! What TikTok tells by its webhook: only what it signed lately counts, counting it twice changes nothing, and of a post it is never believed.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use socrazi::domain::account::Health;
use socrazi::vault::primitives::hmac_sha256;
use socrazi_sim::tiktok::Tuning;
use tower::ServiceExt;

use super::{ANA, ANA_ID, STATUS, Scene, at_once, http, public};
use crate::databases::{Engine, on_both};

const SECRET: &str = "sim-tiktok-secret";

on_both!(
    who_removes_the_app_at_tiktok_has_no_token_here_and_nothing_scheduled,
    what_tiktok_says_of_a_post_is_looked_for_at_once_and_never_believed
);

/// A header for a body, as TikTok makes it.
fn signature(secret: &str, at_s: i64, body: &str) -> String {
    let hash = hmac_sha256(secret.as_bytes(), format!("{at_s}.{body}").as_bytes());
    format!("t={at_s},s={}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

impl Scene {
    /// TikTok tells what it has to tell: event and our answer, one by one.
    async fn told_by_tiktok(&self, again: bool) -> Vec<String> {
        let url = self.tiktok.url().join("__sim/deliver").unwrap();
        let told = http().post(url).json(&json!({ "again": again })).send().await.unwrap();
        let told: Vec<Value> = told.json().await.unwrap();
        told.iter().map(|event| format!("{} {}", event["event"].as_str().unwrap(), event["status"])).collect()
    }

    fn seconds(&self) -> i64 {
        self.world.clock.now_ms().div_euclid(1000)
    }

    /// Somebody knocks with this header and body.
    async fn knock(&self, signature: &str, body: &str) -> u16 {
        let request = Request::post("/tiktok/webhook").header("content-type", "application/json");
        let request = request.header("tiktok-signature", signature).body(Body::from(body.to_owned())).unwrap();
        let pages = self.pages.lock().unwrap().clone();
        pages.oneshot(request).await.unwrap().status().as_u16()
    }

    /// The same with a signature that is right.
    async fn knock_signed(&self, body: &str) -> u16 {
        self.knock(&signature(SECRET, self.seconds(), body), body).await
    }

    fn event(&self, event: &str, who: &str, content: &Value) -> String {
        json!({ "client_key": "awsimclientkey", "event": event, "create_time": self.seconds(), "user_openid": who,
            "content": content.to_string() })
        .to_string()
    }

    async fn told(&self, key: &str) -> usize {
        crate::callbacks::told(&self.world, key).await
    }
}

async fn who_removes_the_app_at_tiktok_has_no_token_here_and_nothing_scheduled(engine: Engine) {
    let scene = Scene::on(engine).await;
    let post = scene.draft("never to be out", json!([scene.film]), public()).await;
    let at = scene.world.in_an_hour();
    scene.approve(&scene.world.call("schedule_post", json!({ "post": post, "at": at })).await).await;
    assert_eq!(scene.world.delivery(&post).await["state"], "scheduled");
    scene.world.pass(2_000);
    scene.tell("__sim/remove", json!({ "open_id": ANA_ID, "reason": 1 })).await;
    assert_eq!(scene.told_by_tiktok(false).await, ["authorization.removed 200"]);
    let account = scene.accounts().await.remove(0);
    assert_eq!((account.health, account.scopes.as_str()), (Health::NeedsReconnecting, ""));
    assert!(scene.world.app.store().find_tokens(&account.id).await.unwrap().is_none());
    assert_eq!(scene.world.delivery(&post).await["state"], "cancelled");
    // Told again it is old news, also of somebody whom nobody here is.
    assert_eq!(scene.told_by_tiktok(true).await, ["authorization.removed 200"]);
    let somebody =
        scene.event("authorization.removed", "9a1c55e0-0b1d-4a53-8a3c-111111111111", &json!({ "reason": 1 }));
    assert_eq!(scene.knock_signed(&somebody).await, 200);
    assert_eq!(scene.told("notice-deauthorized").await, 1);
    // They come back, and what was said before that does not throw them out again, however late it comes.
    scene.world.pass(2_000);
    scene.connect(ANA).await;
    scene.world.pass(70 * 3_600_000);
    assert_eq!(scene.told_by_tiktok(true).await, ["authorization.removed 200"]);
    assert_eq!((scene.accounts().await[0].health, scene.told("notice-deauthorized").await), (Health::Fine, 1));
    let post = scene.sent("after all").await;
    scene.until(&post, "published").await;
    scene.end().await;
}

async fn what_tiktok_says_of_a_post_is_looked_for_at_once_and_never_believed(engine: Engine) {
    let scene = Scene::on(engine).await;
    scene.tiktok.tune(Tuning { process_ms: 20_000, ..at_once() });
    let post = scene.sent("on its way").await;
    scene.until(&post, "processing").await;
    let name = scene.publishes().await[0]["publish_id"].as_str().unwrap().to_owned();
    let looks = scene.calls("POST", STATUS);
    // What is not so yet is looked at, and seen not to be so.
    let complete = scene.event("post.publish.complete", ANA_ID, &json!({ "publish_id": name }));
    for told in 1..=2 {
        assert_eq!(scene.knock_signed(&complete).await, 200);
        scene.looked(looks + told).await;
        assert_eq!(scene.world.delivery(&post).await["state"], "processing", "it is not out");
    }
    // Another one's name, another person, a name that is none: nobody looks.
    for (who, content) in [
        (ANA_ID, json!({ "publish_id": "v_pub_file~v2-1.1" })),
        ("9a1c55e0-0b1d-4a53-8a3c-111111111111", json!({ "publish_id": name })),
        (ANA_ID, json!({ "publish_id": format!("{name}{}", "1".repeat(100)) })),
        (ANA_ID, json!({ "publish_id": [name] })),
        (ANA_ID, json!("nothing")),
    ] {
        assert_eq!(scene.knock_signed(&scene.event("post.publish.complete", who, &content)).await, 200);
    }
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert_eq!(scene.calls("POST", STATUS), looks + 2);
    assert_eq!(scene.world.delivery(&post).await["state"], "processing");
    // When it is out TikTok says so, and no time need pass until it is known here.
    scene.world.clock.advance_ms(20_500);
    let told = scene.told_by_tiktok(false).await;
    assert!(told.contains(&"post.publish.complete 200".to_owned()), "{told:?}");
    let is_out = async || (scene.world.delivery(&post).await["state"] == "published").then_some(());
    crate::serving::until("that it is known to be out", is_out).await;
    assert_eq!(scene.inits(), 1);
    // What comes late, and all of it again, finds nothing to do.
    scene.told_by_tiktok(true).await;
    assert_eq!(scene.world.delivery(&post).await["state"], "published");
    scene.end().await;
}

impl Scene {
    /// Waits until so many looks were made, without letting time pass.
    async fn looked(&self, looks: u64) {
        crate::serving::until("a look", async || (self.calls("POST", STATUS) >= looks).then_some(())).await;
        // The answer is on its way into the database.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_believed_who_is_not_tiktok() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (now, removed) = (scene.seconds(), scene.event("authorization.removed", ANA_ID, &json!({ "reason": 1 })));
    let good = signature(SECRET, now, &removed);
    let other_app = removed.replace("awsimclientkey", "another");
    let huge = format!("{}{}", removed, " ".repeat(20_000));
    for (what, header, body, status) in [
        ("no signature", String::new(), &removed, 400),
        ("another secret", signature("another", now, &removed), &removed, 400),
        ("no secret", signature("", now, &removed), &removed, 400),
        ("late", signature(SECRET, now - 301, &removed), &removed, 400),
        ("early", signature(SECRET, now + 302, &removed), &removed, 400),
        ("another body", good.clone(), &other_app, 400),
        ("another instant", good.replace(&format!("t={now}"), &format!("t={}", now + 1)), &removed, 400),
        ("another app", signature(SECRET, now, &other_app), &other_app, 400),
        ("huge", signature(SECRET, now, &huge), &huge, 413),
    ] {
        assert_eq!(scene.knock(&header, body).await, status, "{what}");
    }
    for body in ["", "{}", "[]", "<xml/>", r#"{"event":"authorization.removed"}"#] {
        assert_eq!(scene.knock_signed(body).await, 400, "{body}");
    }
    // What nobody knows is taken, so that it is not told for three days, and changes nothing.
    for event in ["video.upload.failed", "authorization.removed.soon", "post.publish.exploded", ""] {
        assert_eq!(scene.knock_signed(&scene.event(event, ANA_ID, &json!({}))).await, 200, "{event}");
    }
    assert_eq!((scene.accounts().await[0].health, scene.told("notice-deauthorized").await), (Health::Fine, 0));
    let request = Request::get("/tiktok/webhook").body(Body::empty()).unwrap();
    let pages = scene.pages.lock().unwrap().clone();
    assert_eq!(pages.oneshot(request).await.unwrap().status().as_u16(), 405);
    // And the one that is TikTok's is.
    assert_eq!(scene.knock(&good, &removed).await, 200);
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    scene.end().await;
}
