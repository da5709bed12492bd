//! Limits where both sides judge: what our check lets through the network takes, and what it stops the network would refuse. (Each limit of the
//! table by itself: `platforms/threads/check.rs`.) And the limit that only the network knows, which waits.

use serde_json::{Value, json};
use socrazi::platforms::threads::count;
use socrazi::store::planning::GrantLimit;
use socrazi_sim::threads::{Tuning, rules};
use socrazi_sim::{Fault, FaultKind};

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

impl Scene {
    /// What a tool says.
    async fn text(&self, tool: &str, arguments: Value) -> String {
        self.world.app.call_tool(&self.world.assistant, tool, arguments).await.unwrap().text
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_full_is_told_when_it_is_planned_and_a_day_that_others_filled_the_day_before() {
    let scene = Scene::on(Engine::Sqlite).await;
    let start = scene.world.clock.now_ms() + 30 * 86_400_000;
    let at = |ms: i64| jiff::Timestamp::from_millisecond(start + ms).unwrap().to_string();
    let (user, grantee) = (&scene.world.assistant.user, scene.world.assistant.grantee());
    let limit = GrantLimit { posts_a_day: Some(1_000), ..GrantLimit::default() };
    scene.world.app.store().save_grant_limit(user, &grantee, &limit).await.unwrap();
    let mut last = Value::Null;
    for n in 0..250 {
        let post = scene.draft(json!([{ "text": format!("planned {n}") }])).await;
        scene.world.call("schedule_post", json!({ "post": post, "at": at(n * 60_000) })).await;
        last = post;
    }
    let over = scene.draft(json!([{ "text": "one too many" }])).await;
    for (ms, is_full) in [(250 * 60_000, true), (-60_000, true), (86_400_000 + 250 * 60_000, false)] {
        let arguments = json!({ "post": over, "at": at(ms) });
        if is_full {
            assert_eq!(scene.world.refused("schedule_post", arguments).await, "post-day-full");
        } else {
            scene.world.call("schedule_post", arguments).await;
        }
    }
    // Moving one of them is no further one.
    scene.world.call("schedule_post", json!({ "post": last, "at": at(251 * 60_000) })).await;
    // Of the coming day the network itself is asked: somebody posted there by other means.
    scene.threads.tune(Tuning { posts_max: 3, replies_max: 1, ..AT_ONCE });
    let post = scene.sent("by hand").await;
    scene.until(&post, "published").await;
    let mut said = Vec::new();
    for text in ["fits", "fills it", "does not fit"] {
        scene.world.pass(61_000);
        let post = scene.draft(json!([{ "text": text }])).await;
        let arguments = json!({ "post": post, "at": scene.world.in_an_hour() });
        said.push(scene.text("schedule_post", arguments).await);
    }
    assert!(!said[0].contains("takes 3 posts"), "{}", said[0]);
    assert!(said[1].contains("takes 3 posts") && said[1].contains("number 3."), "{}", said[1]);
    assert!(said[2].contains("number 4: it may have to wait"), "{}", said[2]);
    scene.world.app.rehearse_all().await.unwrap();
    let notices = scene.world.app.notices(&scene.world.person).await.unwrap();
    let told = notices.iter().filter(|notice| notice.what.key == "rehearsal-allowance").count();
    assert_eq!(told, 1, "{notices:?}");
    // A network that does not answer says nothing, and keeps nobody from anything.
    for kind in [FaultKind::HangAfter, FaultKind::StatusAfter { status: 503, body: String::new() }] {
        scene.threads.set_faults(vec![Fault::once("GET", "/v1.0/me/threads_publishing_limit", kind).times(9)]);
        scene.world.pass(61_000);
        let post = scene.draft(json!([{ "text": "whatever" }])).await;
        let arguments = json!({ "post": post, "at": scene.world.in_an_hour() });
        let told = scene.text("schedule_post", arguments).await;
        assert!(told.contains("Scheduled for") && !told.contains("takes 3 posts"), "{told}");
    }
    scene.threads.set_faults(Vec::new());
    scene.world.end().await;
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
