//! Limits where both sides judge: what our check lets through the network takes, and what it stops the network would refuse. (Each limit of the
//! table by itself: `platforms/threads/check.rs`.) And the limit that only the network knows, which waits.

use serde_json::{Value, json};
use socrazi::platforms::threads::count;
use socrazi_sim::threads::{Tuning, rules};

use super::{AT_ONCE, Scene};
use crate::databases::Engine;

#[test]
fn both_sides_count_alike() {
    for text in [
        "",
        "plain",
        "日本語とか\u{3099}",
        "😀👍🏽👨‍👩‍👧‍👦🇯🇵🇺🇸",
        "1️⃣ 1 #️⃣ # *",
        "❤ ❤️ ❤\u{FE0E} © ©️ ™ ®️",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 ☀☁ ✅ ⭐ → ‼",
        "https://a.example/日本 🎉🎉",
        "🧑🏿‍🚀🫠🪿",
    ] {
        assert_eq!(count::length(text), rules::weigh(text), "{text}");
    }
}

/// The findings of a draft for Threads that is not kept.
async fn found(scene: &Scene, segments: Value) -> String {
    let arguments = json!({ "segments": segments, "accounts": [scene.account], "dry_run": true });
    scene.world.call("create_draft", arguments).await.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_just_so_is_taken_and_what_does_not_is_stopped_before_anything_is_sent() {
    let scene = Scene::on(Engine::Sqlite).await;
    let links = |count: usize| (0..count).map(|n| format!("https://a.example/{n} ")).collect::<String>();
    let full = format!("{}{}", "字".repeat(496), "😀");
    let option = "あ".repeat(25);
    let polled =
        |option: &str| json!([{ "text": "?", "poll": { "options": [option, "b", "c", "d"], "minutes": 1440 } }]);
    let picture = scene.world.picture().await;
    let many = |count: usize| json!([{ "text": format!("{count} pictures"), "media": vec![picture.clone(); count] }]);
    let described = async |alt: &str| json!([{ "text": "described", "media": [scene.keep(&crate::media::geotagged(), alt).await] }]);
    for (segments, outside, why) in [
        (json!([{ "text": full }]), json!([{ "text": format!("{full}a") }]), "is 501 long"),
        (json!([{ "text": links(5) }]), json!([{ "text": links(6) }]), "6 different links"),
        (polled(&option), polled(&format!("{option}い")), "has 26 characters"),
        (many(2), many(21), "21 pictures"),
        (described(&"a".repeat(1000)).await, described(&"a".repeat(1001)).await, "1001 characters"),
    ] {
        let told = found(&scene, outside.clone()).await;
        assert!(told.contains(why), "{why}: {told}");
        let stopped = scene.draft(outside).await;
        scene.world.refused("publish_post", json!({ "post": stopped })).await;
        let post = scene.draft(segments).await;
        scene.world.call("publish_post", json!({ "post": post })).await;
        scene.until(&post, "published").await;
    }
    assert_eq!(scene.threads.ledger().len(), 5);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_are_refused_with_a_reason_where_threads_could_not_fetch_them() {
    let mut scene = Scene::on(Engine::Sqlite).await;
    scene.world.set("server.public_url", "http://192.168.1.4".to_owned());
    scene.world.reopen().await;
    let picture = scene.world.picture().await;
    let told = found(&scene, json!([{ "text": "a picture", "media": [picture] }])).await;
    assert!(told.contains("server.public_url"), "{told}");
    let post = scene.draft(json!([{ "text": "a picture", "media": [picture] }])).await;
    scene.world.refused("publish_post", json!({ "post": post })).await;
    let post = scene.sent("a text goes all the same").await;
    scene.until(&post, "published").await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_post_of_the_day_goes_out_and_the_next_one_waits_for_the_day_to_pass() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.threads.tune(Tuning { posts_max: 2, replies_max: 1, ..AT_ONCE });
    for text in ["the first", "the last of the day"] {
        let post = scene.sent(text).await;
        scene.until(&post, "published").await;
    }
    let over = scene.sent("one too many").await;
    scene.until(&over, "waiting").await;
    assert_eq!(scene.threads.ledger().len(), 2);
    scene.threads.tune(Tuning { posts_max: 3, replies_max: 1, ..AT_ONCE });
    scene.until(&over, "published").await;
    assert_eq!(scene.threads.ledger().len(), 3);
    scene.end().await;
}
