//! Limits where both sides judge: what our check lets through LinkedIn takes, and what it stops LinkedIn would refuse. (Each limit of the table by
//! itself: `platforms/linkedin/check.rs`.) And the limits that only LinkedIn knows.

use image::ImageFormat;
use serde_json::{Value, json};
use socrazi_sim::linkedin::Tuning;
use socrazi_sim::samples::{self, Film};

use super::publishing::picture;
use super::{Scene, at_once};
use crate::databases::Engine;
use crate::fitted::{encoded, made, noise, sha256};

/// The findings of a draft that is not kept.
async fn found(scene: &Scene, segments: &Value) -> String {
    let arguments = json!({ "segments": segments, "accounts": [scene.account], "dry_run": true });
    scene.world.call("create_draft", arguments).await.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_just_so_is_taken_and_what_does_not_is_stopped_before_anything_is_sent() {
    let scene = Scene::on(Engine::Sqlite).await;
    let full = format!("({}😀", "字".repeat(2_997));
    let option = "あ".repeat(30);
    let polled = |question: &str, option: &str| json!({ "text": question, "poll": { "options": [option, "b", "c", "d"], "minutes": 4_320 } });
    let film = async |duration_ms: u32, bytes: usize| {
        let film = samples::mp4(&Film { duration_ms, bytes, ..Film::default() });
        json!({ "text": format!("a film of {duration_ms}"), "media": [scene.keep(&film, "").await] })
    };
    let small = scene.world.picture().await;
    let many = |count: usize| json!({ "text": format!("{count} pictures"), "media": vec![small.clone(); count] });
    let rows = [
        (json!({ "text": full }), json!({ "text": format!("{full}a") }), "is 3001 long"),
        (polled(&"問".repeat(140), &option), polled(&"問".repeat(141), &option), "has 141 characters"),
        (polled("which", &option), polled("which", &format!("{option}い")), "has 31 characters"),
        (film(3_000, 76_800).await, film(2_999, 76_800).await, "lasts 2.9 seconds"),
        (film(1_800_000, 80_000).await, film(3_001, 76_799).await, "smaller than 75 kB"),
        (many(20), many(21), "21 images"),
    ];
    // The largest that goes out as it is.
    let large = scene.keep(&picture(6_012, 6_013), "").await;
    let post = scene.sent_as(json!({ "text": "large", "media": [large] })).await;
    scene.until(&post, "published").await;
    // A little larger is made smaller.
    let larger = scene.keep(&picture(6_012, 6_014), "").await;
    let told = found(&scene, &json!([{ "text": "a little more", "media": [larger] }])).await;
    assert!(told.contains("measures 6012x6014 pixels, more than LinkedIn takes"), "{told}");
    let all = rows.len() + 1;
    for (segment, outside, why) in rows {
        let told = found(&scene, &json!([outside])).await;
        assert!(told.contains(why), "{why}: {told}");
        let stopped = scene.draft(json!([outside])).await;
        scene.world.refused("publish_post", json!({ "post": stopped })).await;
        let post = scene.sent_as(segment).await;
        scene.until(&post, "published").await;
    }
    assert_eq!((scene.ledger().len(), scene.commits()), (all, all as u64));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_for_linkedin_alone_and_a_thread_for_the_others() {
    let scene = Scene::on(Engine::Sqlite).await;
    let document = scene.keep(&samples::pdf(2), "Slides").await;
    let on_x = json!({ "segments": [{ "text": "slides", "media": [document] }], "dry_run": true });
    let accounts = scene.world.call("list_accounts", json!({ "detail": "rules" })).await;
    assert_eq!(accounts["rules"]["linkedin"]["media"]["document_types"], json!(["application/pdf"]));
    let x = accounts["accounts"].as_array().unwrap().iter().find(|account| account["network"] == "x").unwrap()["id"]
        .clone();
    let told = scene.world.call("create_draft", on(&on_x, &x)).await.to_string();
    assert!(told.contains("X does not take files of the type application/pdf"), "{told}");
    let told = scene.world.call("create_draft", on(&on_x, &scene.account)).await.to_string();
    assert!(!told.contains("does not take"), "{told}");
    let told = found(&scene, &json!([{ "text": "one" }, { "text": "two" }])).await;
    assert!(told.contains("LinkedIn has no threads"), "{told}");
    let told = found(&scene, &json!([{ "text": "both", "media": [document, document] }])).await;
    assert!(told.contains("one document"), "{told}");
    // What a reader will see of a long one with a link.
    let long = json!([{ "text": format!("{} https://a.example/x", "word ".repeat(60)) }]);
    let arguments = json!({ "segments": long, "accounts": [scene.account], "dry_run": true });
    let shown = scene.world.call("create_draft", arguments).await;
    let segment = &shown["post"]["variants"][0]["segments"][0];
    assert_eq!((&segment["fold"], &segment["card"]), (&json!(210), &json!("https://a.example/x")), "{shown}");
    scene.end().await;
}

fn on(arguments: &Value, account: &Value) -> Value {
    let mut arguments = arguments.clone();
    arguments["accounts"] = json!([account]);
    arguments
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_linkedin_can_judge_fails_with_its_word_or_waits() {
    let scene = Scene::on(Engine::Sqlite).await;
    // How many pages LinkedIn takes is not sure: it is said before, and LinkedIn judges; a self-serve app hears it when it posts.
    let long = scene.keep(&samples::pdf(301), "Too many").await;
    let told = found(&scene, &json!([{ "text": "301 pages", "media": [long] }])).await;
    assert!(told.contains("has 301 pages"), "{told}");
    let post = scene.sent_as(json!({ "text": "301 pages", "media": [long] })).await;
    let delivery = scene.until(&post, "failed").await;
    assert!(delivery["reason"].as_str().unwrap().contains("could not be processed"), "{delivery}");
    // The last post of the day goes out, and the next one waits.
    scene.linkedin.tune(Tuning { member_writes_max: 1, ..at_once() });
    let last = scene.sent("the last of the day").await;
    scene.until(&last, "published").await;
    let over = scene.sent("one too many").await;
    scene.until(&over, "waiting").await;
    assert_eq!(scene.ledger().len(), 1);
    scene.linkedin.tune(at_once());
    scene.until_by(&over, "published", 10_000).await;
    assert_eq!(scene.ledger().len(), 2);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_linkedin_s_ends_at_midnight_utc_and_holds_150_posts() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (user, grantee) = (&scene.world.assistant.user, scene.world.assistant.grantee());
    let limit = socrazi::store::planning::GrantLimit { posts_a_day: Some(1_000), ..Default::default() };
    scene.world.app.store().save_grant_limit(user, &grantee, &limit).await.unwrap();
    let day = 86_400_000;
    let midnight = (scene.world.clock.now_ms() / day + 10) * day;
    let at = |ms: i64| jiff::Timestamp::from_millisecond(midnight + ms).unwrap().to_string();
    for n in 0..150 {
        let post = scene.draft(json!([{ "text": format!("planned {n}") }])).await;
        scene.world.call("schedule_post", json!({ "post": post, "at": at(n * 60_000) })).await;
    }
    for (text, ms, is_full) in [
        ("at midnight", 0, true),
        ("the last second of the day", day - 1_000, true),
        ("the second before it", -1_000, false),
        ("the first of the next", day, false),
    ] {
        let post = scene.draft(json!([{ "text": text }])).await;
        let arguments = json!({ "post": post, "at": at(ms) });
        if is_full {
            assert_eq!(scene.world.refused("schedule_post", arguments).await, "post-day-full", "{text}");
        } else {
            assert_eq!(scene.world.call("schedule_post", arguments).await["status"], "scheduled", "{text}");
        }
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_linkedin_does_not_take_goes_out_as_a_jpeg_made_of_it() {
    let scene = Scene::on(Engine::Sqlite).await;
    let webp = encoded(&noise(300, 200), ImageFormat::WebP);
    let medium = scene.keep(&webp, "Noise").await;
    let told = found(&scene, &json!([{ "text": "a webp", "media": [medium] }])).await;
    assert!(told.contains("LinkedIn does not take image/webp") && told.contains("300x200"), "{told}");
    let post = scene.sent_as(json!({ "text": "a webp", "media": [medium] })).await;
    scene.until(&post, "published").await;
    let entry = scene.ledger().remove(0);
    assert_eq!(entry.media[0].sha256, sha256(&made(&webp, "300x200-0.jpg").await));
    assert_eq!((entry.media[0].sides, entry.media[0].alt_text.as_deref()), ((300, 200), Some("Noise")));
    // A GIF would stand still: it is stopped.
    let gif = scene.keep(&samples::gif(251), "").await;
    let told = found(&scene, &json!([{ "text": "a gif", "media": [gif] }])).await;
    assert!(told.contains("shows 251 pictures and LinkedIn takes 250"), "{told}");
    scene.end().await;
}
