//! Limits where both sides judge: what our check lets through TikTok takes, and what it stops TikTok would refuse. (Each limit of the table by
//! itself: `platforms/tiktok/check.rs`.) And the limits that only TikTok knows, which wait.

use image::ImageFormat;
use serde_json::{Value, json};
use socrazi_sim::samples::{Film, jpeg, mp4};
use socrazi_sim::tiktok::{TikTokOptions, Tuning};

use super::{ANA, Scene, at_once, public};
use crate::databases::Engine;
use crate::fitted::{encoded, made, noise, sha256};

/// Text, media and options.
type Post = (String, Value, Value);

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_just_so_is_taken_and_what_does_not_is_stopped_before_anything_is_sent() {
    let scene = Scene::on(Engine::Sqlite).await;
    let small = scene.keep(&jpeg(640, 480)).await;
    let film = |text: String| (text, json!([scene.film]), public());
    let photos = |text: String, count: usize| (text, json!(vec![small.clone(); count]), public());
    let titled = |title: String| {
        ("with a title".to_owned(), json!([small]), json!({ "tiktok": { "privacy": "public", "title": title } }))
    };
    let lasting = async |duration_ms: u32| {
        let medium = scene.keep(&mp4(&Film { duration_ms, ..Film::default() })).await;
        (format!("{duration_ms} ms"), json!([medium]), public())
    };
    let sized = async |width: u16, height: u16| {
        let medium = scene.keep(&mp4(&Film { width, height, ..Film::default() })).await;
        (format!("{width} by {height}"), json!([medium]), public())
    };
    let pictured = async |width: u16, height: u16| {
        let medium = scene.keep(&jpeg(width, height)).await;
        (format!("a picture of {width}x{height}"), json!([medium]), public())
    };
    let seen_by = |privacy: &str| {
        let options = json!({ "paid_partnership": true, "tiktok": { "privacy": privacy } });
        (format!("paid, {privacy}"), json!([scene.film]), options)
    };
    let rows: Vec<(Post, Post, &str)> = vec![
        (film("😀".repeat(1_100)), film("😀".repeat(1_100) + "a"), "2201 long"),
        (photos("字".repeat(4_000), 1), photos("字".repeat(4_001), 1), "4001 long"),
        (titled("字".repeat(90)), titled("字".repeat(91)), "length of 91"),
        (photos("as many as may be".into(), 35), photos("one more".into(), 36), "36 photos"),
        (lasting(600_000).await, lasting(600_001).await, "600.0 seconds"),
        (sized(360, 4_096).await, sized(359, 640).await, "359x640"),
        (seen_by("public"), seen_by("only_me"), "to its author alone"),
        (film("chosen".into()), ("nobody chose".into(), json!([scene.film]), json!({})), "was not chosen"),
        (film("one film".into()), ("two films".into(), json!([scene.film, small]), public()), "never both"),
    ];
    // The largest that goes out as it is.
    let (text, media, options) = pictured(1_080, 1_920).await;
    let post = scene.send(&text, media, options).await;
    scene.until(&post, "published").await;
    let count = rows.len() + 1;
    for (inside, (text, media, options), why) in rows {
        let segments = json!([{ "text": text, "media": media }]);
        let arguments =
            json!({ "segments": segments, "accounts": [scene.account], "options": options, "dry_run": true });
        let told = scene.world.call("create_draft", arguments).await.to_string();
        assert!(told.contains(why), "{why}: {told}");
        let stopped = scene.draft(&text, media, options).await;
        scene.world.refused("publish_post", json!({ "post": stopped })).await;
        let (text, media, options) = inside;
        let post = scene.send(&text, media, options).await;
        scene.until(&post, "published").await;
    }
    assert_eq!((scene.ledger().len(), scene.inits()), (count, count as u64));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_post_of_the_day_goes_out_and_the_next_one_waits_for_room() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.tiktok.tune(Tuning { posts_max: 2, ..at_once() });
    for text in ["the first", "the last of the day"] {
        let post = scene.sent(text).await;
        scene.until(&post, "published").await;
    }
    let over = scene.sent("one too many").await;
    scene.until(&over, "waiting").await;
    assert_eq!((scene.ledger().len(), scene.inits()), (2, 2), "not even begun");
    // Nobody is bothered with tries: hours later it is asked about, for its time has passed.
    let delivery = scene.until_by(&over, "missed", 60_000).await;
    assert_eq!((scene.ledger().len(), scene.inits()), (2, 2), "{delivery}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_draft_waits_until_one_is_finished() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.tiktok.tune(Tuning { pending_max: 1, ..at_once() });
    let draft = json!({ "tiktok": { "draft": true } });
    let first = scene.send("", json!([scene.film]), draft.clone()).await;
    scene.until(&first, "published").await;
    let second = scene.send("", json!([scene.film]), draft).await;
    scene.until(&second, "waiting").await;
    assert_eq!(scene.publishes().await.len(), 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_paced_by_what_tiktok_counts() {
    // Six inits a minute: the seventh is refused, and goes out a minute later.
    let options = TikTokOptions::default();
    let scene = Scene::with(Engine::Sqlite, options, Vec::new()).await;
    scene.tiktok.tune(Tuning { counts_calls: true, ..at_once() });
    let mut posts = Vec::new();
    for n in 0..8 {
        posts.push(scene.sent(&format!("one of many {n}")).await);
    }
    for post in &posts {
        scene.until_by(post, "published", 5_000).await;
    }
    assert_eq!(scene.ledger().len(), 8);
    assert!(scene.ledger().iter().all(|entry| entry.account_name == ANA));
    scene.end().await;
}

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_sixteenth_post_within_24_hours_is_not_planned_and_the_next_room_is_named() {
    let scene = Scene::on(Engine::Sqlite).await;
    let start = scene.world.clock.now_ms() + 10 * DAY_MS;
    let at = |ms: i64| jiff::Timestamp::from_millisecond(start + ms).unwrap().to_string();
    for n in 0..15 {
        let post = scene.draft(&format!("planned {n}"), json!([scene.film]), public()).await;
        let asked = scene.world.call("schedule_post", json!({ "post": post, "at": at(n * 60_000) })).await;
        scene.approve(&asked).await;
    }
    let over = scene.draft("one too many", json!([scene.film]), public()).await;
    for ms in [15 * 60_000, -60_000, DAY_MS - 60_000] {
        let why = scene.refusal("schedule_post", json!({ "post": over, "at": at(ms) })).await;
        assert_eq!(why.key, "post-day-full");
        let said = scene.world.app.words().say(socrazi::domain::lang::Lang::En, &why);
        let next = jiff::Timestamp::from_millisecond(start + DAY_MS).unwrap().strftime("%H:%M").to_string();
        assert!(said.contains("at most 15 posts in 24 hours") && said.contains(&next), "{said}");
    }
    // What is laid into the inbox is no post yet.
    let inbox = scene.draft("", json!([scene.film]), json!({ "tiktok": { "draft": true } })).await;
    super::approval(&scene.world.call("schedule_post", json!({ "post": inbox, "at": at(15 * 60_000) })).await);
    // A day after the first there is room again: the question says that the day is nearly full.
    let asked = scene.world.call("schedule_post", json!({ "post": over, "at": at(DAY_MS) })).await;
    let page = scene.world.page(&format!("/approvals/{}", super::approval(&asked))).await;
    assert!(page.contains("this would be number 15"), "{page}");
    // A plan is counted together before any of it is stored.
    let mut plan = Vec::new();
    for n in 0..16 {
        let post = scene.draft(&format!("of a plan {n}"), json!([scene.film]), public()).await;
        plan.push(json!({ "post": post, "at": at(20 * DAY_MS + n * 60_000) }));
    }
    let told = scene.world.call("schedule_post", json!({ "plan": plan })).await;
    let problems = told["problems"].as_array().unwrap();
    assert_eq!((problems.len(), &problems[0]["no"]), (1, &json!(16)), "{told}");
    assert!(problems[0]["why"].as_str().unwrap().contains("at most 15 posts"), "{told}");
    scene.end().await;
}

impl Scene {
    /// The sentence with which a tool refuses.
    async fn refusal(&self, tool: &str, arguments: Value) -> socrazi::domain::refusal::Sentence {
        match self.world.app.call_tool(&self.world.assistant, tool, arguments).await {
            Err(socrazi::domain::tool::ToolError::Refused(why)) => why,
            other => panic!("{tool} did not refuse: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_that_are_too_large_are_fetched_as_what_fits() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (wide, tall) =
        (encoded(&noise(2_000, 500), ImageFormat::Png), encoded(&noise(1_300, 2_000), ImageFormat::Jpeg));
    let media = json!([scene.keep(&wide).await, scene.keep(&tall).await]);
    let arguments = json!({ "segments": [{ "text": "two", "media": media }], "accounts": [scene.account], "options": public(),
        "dry_run": true });
    let told = scene.world.call("create_draft", arguments).await.to_string();
    assert!(told.contains("does not take image/png") && told.contains("shrunk to 1080x1662"), "{told}");
    let post = scene.send("two", media, public()).await;
    scene.until(&post, "published").await;
    let entry = scene.ledger().remove(0);
    let sides: Vec<_> = entry.media.iter().map(|medium| medium.sides).collect();
    assert_eq!(sides, [(1_920, 480), (1_080, 1_662)]);
    assert_eq!(entry.media[1].sha256, sha256(&made(&tall, "1080x1662-20000000.jpg").await));
    scene.end().await;
}
