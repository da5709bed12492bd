//! What Instagram tells of its people, whom it names by the id that is good within the app alone: that they removed the app, that they want deleted
//! what came from their account. Signatures are judged for both of Meta's networks alike (`threads/callbacks.rs`); here that each has its own.

use serde_json::json;
use socrazi::domain::account::Health;
use socrazi_sim::graph::signed_request;

use super::{ANA, Scene};
use crate::callbacks::{knock, look, receipt, there, told};
use crate::databases::{Engine, on_both};

/// The account's id within the app.
const SCOPED: &str = "27000000000000011";
const SECRET: &str = "sim-instagram-secret";

on_both!(
    who_removes_the_app_is_known_by_the_id_within_it,
    what_came_from_an_account_is_deleted_also_after_it_was_disconnected_here
);

async fn who_removes_the_app_is_known_by_the_id_within_it(engine: Engine) {
    let scene = Scene::told_by_meta(engine).await;
    let post = scene.draft(json!([{ "text": "never to be out", "media": [scene.picture] }]), json!({})).await;
    scene.world.call("schedule_post", json!({ "post": post, "at": scene.world.in_an_hour() })).await;
    scene.world.pass(1_000);
    let issued_at = scene.world.clock.now_ms() / 1_000;
    // The id for paths names nobody in a callback, and Threads' secret signs nothing of Instagram's.
    for (secret, who, status) in
        [(SECRET, ANA, 200), ("sim-threads-secret", SCOPED, 400), ("sim-meta-secret", SCOPED, 400)]
    {
        let (found, body) = knock(&scene.here, "/meta/deauthorize", &signed_request(secret, who, issued_at)).await;
        assert_eq!(found, status, "{secret} {who} {body}");
        assert_eq!(scene.accounts().await[0].health, Health::Fine);
    }
    let answer = there(&scene.instagram.url(), "deauthorize", ANA).await;
    assert_eq!((answer["delivered"].as_bool(), answer["status"].as_u64()), (Some(true), Some(200)), "{answer}");
    let account = scene.accounts().await.remove(0);
    assert_eq!(account.health, Health::NeedsReconnecting);
    assert!(scene.world.app.store().find_tokens(&account.id).await.unwrap().is_none());
    assert_eq!(scene.world.delivery(&post).await["state"], "cancelled");
    assert_eq!(knock(&scene.here, "/meta/deauthorize", &signed_request(SECRET, SCOPED, issued_at)).await.0, 200);
    assert_eq!(told(&scene.world, "notice-deauthorized").await, 1, "once, however often it is said");
    scene.world.pass(60_000);
    scene.connect("socrazi_demo").await;
    assert_eq!(knock(&scene.here, "/meta/deauthorize", &signed_request(SECRET, SCOPED, issued_at)).await.0, 200);
    assert_eq!(scene.accounts().await[0].health, Health::Fine, "who came back stays");
    scene.end().await;
}

async fn what_came_from_an_account_is_deleted_also_after_it_was_disconnected_here(engine: Engine) {
    let scene = Scene::told_by_meta(engine).await;
    let post = scene.sent("out already").await;
    scene.until(&post, "published").await;
    let account = scene.accounts().await.remove(0);
    scene.world.app.disconnect(&scene.world.person, &account.id).await.unwrap();
    let answer = there(&scene.instagram.url(), "delete_data", ANA).await;
    let (url, _) = receipt(&answer);
    let (status, page) = look(&url, "en").await;
    assert!(status == 200 && page.contains("has been deleted"), "{page}");
    let entry = scene.instagram.ledger().remove(0);
    for (table, rows) in scene.world.rows().await {
        // X has somebody of the same name here; what Instagram alone says is gone.
        for name in [SCOPED, ANA, entry.id.as_str()] {
            assert!(rows.iter().all(|row| !row.contains(name)), "{table} holds {name}: {rows:?}");
        }
    }
    let account = scene.accounts().await.remove(0);
    assert_eq!((account.handle.as_str(), account.name.as_str()), ("deleted", ""));
    scene.end().await;
}
