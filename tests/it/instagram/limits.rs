//! Limits where both sides judge: what our check lets through the network takes, and what it stops the network would refuse. (Each limit of the
//! table by itself: `platforms/instagram/check.rs`.) And the limit that only the network knows, which waits.

use serde_json::{Value, json};
use socrazi::domain::caller::{Caller, Grant};
use socrazi_sim::instagram::Tuning;
use socrazi_sim::samples::{Film, mp4};

use super::{Scene, at_once};
use crate::databases::Engine;

/// A JPEG's headers, in the order that intake and simulator read them.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    socrazi_sim::samples::jpeg(width, height)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_just_so_is_taken_and_what_does_not_is_stopped_before_anything_is_sent() {
    let scene = Scene::on(Engine::Sqlite).await;
    let texted = |text: &str| json!([{ "text": text, "media": [scene.picture] }]);
    let many =
        |count: usize| json!([{ "text": format!("{count} of them"), "media": vec![scene.picture.clone(); count] }]);
    let shaped = async |width, height| {
        let medium = scene.keep(&jpeg(width, height), None).await;
        json!([{ "text": format!("{width}x{height}"), "media": [medium] }])
    };
    let lasting = async |duration_ms, text: &str| {
        let medium = scene.keep(&mp4(&Film { duration_ms, ..Film::default() }), None).await;
        json!([{ "text": text, "media": [medium] }])
    };
    let described = async |alt: &str| {
        let medium = scene.keep(&crate::media::geotagged(), Some(alt)).await;
        json!([{ "text": "described", "media": [medium] }])
    };
    let commented = |text: String| json!([{ "text": "with a comment", "media": [scene.picture] }, { "text": text }]);
    let (none, story) = (json!({}), json!({ "instagram": { "story": true } }));
    let with = |own: Value| json!({ "instagram": own });
    let handles = |count: usize| with(json!({ "collaborators": vec!["socrazi_second"; count] }));
    let rows: Vec<(Value, Value, Value, Value, &str)> = vec![
        (texted(&"字".repeat(2_200)), none.clone(), texted(&"字".repeat(2_201)), none.clone(), "2201 characters"),
        (texted(&"#a ".repeat(30)), none.clone(), texted(&"#a ".repeat(31)), none.clone(), "31 #tags"),
        (texted(&"@a ".repeat(20)), none.clone(), texted(&"@a ".repeat(21)), none.clone(), "21 accounts"),
        (many(10), none.clone(), many(11), none.clone(), "11 pictures"),
        (shaped(800, 1000).await, none.clone(), shaped(799, 1000).await, none.clone(), "799x998"),
        (shaped(1910, 1000).await, none.clone(), shaped(1911, 1000).await, none.clone(), "1910x1000"),
        (
            described(&"a".repeat(1000)).await,
            none.clone(),
            described(&"a".repeat(1001)).await,
            none.clone(),
            "1001 characters",
        ),
        (lasting(3_000, "short").await, none.clone(), lasting(2_999, "shorter").await, none.clone(), "2.9 seconds"),
        (lasting(900_000, "long").await, none.clone(), lasting(900_001, "longer").await, none.clone(), "900.0 seconds"),
        (lasting(60_000, "").await, story.clone(), lasting(60_001, "").await, story.clone(), "60.0 seconds"),
        (commented("字".repeat(300)), none.clone(), commented("字".repeat(301)), none.clone(), "301 characters"),
        (texted("invited"), handles(3), texted("too many invited"), handles(4), "4 collaborators"),
        (
            texted("placed"),
            with(json!({ "location": "213385402" })),
            texted("nowhere"),
            with(json!({ "location": "Berlin" })),
            "Berlin",
        ),
    ];
    let count = rows.len();
    for (inside, options, outside, other_options, why) in rows {
        let arguments =
            json!({ "segments": outside, "accounts": [scene.account], "options": other_options, "dry_run": true });
        let told = scene.world.call("create_draft", arguments).await.to_string();
        assert!(told.contains(why), "{why}: {told}");
        let stopped = scene.draft(outside, other_options).await;
        scene.world.refused("publish_post", json!({ "post": stopped })).await;
        let post = scene.send(inside, options).await;
        scene.until(&post, "published").await;
    }
    // The comment is one more.
    assert_eq!(scene.instagram.ledger().len(), count + 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_instagram_has_not_is_refused_with_a_reason() {
    let mut scene = Scene::on(Engine::Sqlite).await;
    for (segments, why) in [
        (json!([{ "text": "text alone" }]), "no posts without a picture"),
        (json!([{ "text": "?", "poll": { "options": ["a", "b"], "minutes": 60 }, "media": [scene.picture] }]), "polls"),
    ] {
        let post = scene.draft(segments, json!({})).await;
        scene.world.refused("publish_post", json!({ "post": post })).await;
        let read = scene.world.call("get_post", json!({ "post": post })).await.to_string();
        assert!(read.contains(why), "{why}: {read}");
    }
    // A wish of no network is no wish.
    let arguments = json!({ "text": "x", "accounts": [scene.account], "options": { "instagram": { "storey": true } } });
    assert!(scene.world.app.call_tool(&scene.world.assistant, "create_draft", arguments).await.is_err());
    scene.world.set("server.public_url", "http://192.168.1.4".to_owned());
    scene.reopen().await;
    let post = scene.draft(json!([{ "text": "a picture", "media": [scene.picture] }]), json!({})).await;
    scene.world.refused("publish_post", json!({ "post": post })).await;
    let read = scene.world.call("get_post", json!({ "post": post })).await.to_string();
    assert!(read.contains("server.public_url"), "{read}");
    assert_eq!(scene.commits(), 0);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_post_of_the_day_goes_out_and_the_next_one_waits_for_room() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.instagram.tune(Tuning { posts_max: 2, ..at_once() });
    for text in ["the first", "the last of the day"] {
        let post = scene.sent(text).await;
        scene.until(&post, "published").await;
    }
    let made = scene.calls("POST", "/{version}/{id}/media");
    let over = scene.sent("one too many").await;
    scene.until(&over, "waiting").await;
    let after = (scene.instagram.ledger().len(), scene.calls("POST", "/{version}/{id}/media"), scene.commits());
    assert_eq!(after, (2, made, 2), "not even a container is made");
    // More room, as Instagram itself says it.
    scene.instagram.tune(Tuning { posts_max: 3, ..at_once() });
    scene.until_by(&over, "published", 20_000).await;
    assert_eq!(scene.instagram.ledger().len(), 3);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_fills_up_is_told_where_it_is_approved() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.instagram.tune(Tuning { posts_max: 2, ..at_once() });
    let post = scene.sent("by hand").await;
    scene.until(&post, "published").await;
    scene.world.pass(61_000);
    let asker = Caller { grant: Grant::Drafts, ..scene.world.assistant.clone() };
    let ask = async |text: &str, at: Value| {
        let post = scene.draft(json!([{ "text": text, "media": [scene.picture] }]), json!({})).await;
        let asked =
            scene.world.app.call_tool(&asker, "schedule_post", json!({ "post": post, "at": at })).await.unwrap();
        let url: url::Url = asked.structured["approval_url"].as_str().unwrap().parse().unwrap();
        (asked.text, scene.world.page(url.path()).await)
    };
    let (text, page) = ask("the last of the day", json!(scene.world.in_an_hour())).await;
    assert!(text.contains("number 2.") && page.contains("this would be number 2."), "{text} {page}");
    // What waits for an answer is not planned yet. What is planned counts.
    let planned = scene.draft(json!([{ "text": "planned", "media": [scene.picture] }]), json!({})).await;
    scene.world.call("schedule_post", json!({ "post": planned, "at": scene.world.in_an_hour() })).await;
    scene.world.pass(61_000);
    let (text, page) = ask("one too many", json!(scene.world.in_an_hour())).await;
    assert!(text.contains("number 3: it may have to wait") && page.contains("this would be number 3"), "{text} {page}");
    // Of the day after nobody knows anything yet.
    let later = jiff::Timestamp::from_millisecond(scene.world.clock.now_ms() + 3 * 86_400_000).unwrap();
    let (text, page) = ask("later", json!(later.to_string())).await;
    assert!(!text.contains("takes 2 posts") && !page.contains("takes 2 posts"), "{text} {page}");
    scene.end().await;
}
