//! Limits where both sides judge: what our check lets through YouTube takes, and what it stops is not uploaded. (Each limit of the table by itself:
//! `platforms/youtube/check.rs`; of the day: `publishing`.)

use serde_json::{Value, json};
use socrazi_sim::samples::{Film, jpeg, jpeg_of, mp4};

use super::{Scene, chosen, small};
use crate::databases::Engine;

/// Text, media beside the video, and choices.
type Post = (String, Vec<Value>, Value);

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_just_so_is_taken_and_what_does_not_is_stopped_before_anything_is_sent() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&small(), None).await;
    let said = |text: String| (text, Vec::new(), chosen());
    let with = |name: &str, own: Value| {
        let mut options = chosen();
        options["youtube"].as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        (name.to_owned(), Vec::new(), options)
    };
    let tagged = |tags: Vec<String>| with(&format!("Tagged {}", &tags[0][..3]), json!({ "tags": tags }));
    let picture = scene.world.keep(&jpeg(1_280, 720), None).await;
    let other = scene.world.keep(&jpeg(640, 360), None).await;
    let second = scene.world.keep(&mp4(&Film { duration_ms: 6_000, ..Film::default() }), None).await;
    let beside = |name: &str, media: Vec<Value>| (name.to_owned(), media, chosen());
    let described = |bytes: usize| said(format!("Described by {bytes}\n{}", "a".repeat(bytes)));
    let japanese = |count: usize| said(format!("説明 {count}\n{}", "字".repeat(count)));
    let rows: Vec<(Post, Post, &str)> = vec![
        (said("字".repeat(100)), said("字".repeat(101)), "101 characters"),
        (described(5_000), described(5_001), "5001 bytes"),
        // 5,000 bytes are 1,666 letters of three, and two more.
        (japanese(1_666), japanese(1_667), "5001 bytes"),
        (said("a & b".into()), said("a < b".into()), "no < and >"),
        (said("Said\n& done".into()), said("Said\n> done".into()), "no < and >"),
        (
            tagged(vec!["a".repeat(248), "b c".repeat(83)]),
            tagged(vec!["a".repeat(249), "b c".repeat(83)]),
            "501 characters",
        ),
        (tagged(vec!["one".into(), "two words".into()]), tagged(vec!["one, two".into()]), "cannot be a tag"),
        (
            with("of science", json!({ "category": "28" })),
            with("of nothing", json!({ "category": "18" })),
            "no category",
        ),
        (beside("with a picture", vec![picture.clone()]), beside("with two", vec![picture, other]), "2 pictures"),
        (beside("one video", Vec::new()), beside("two videos", vec![second]), "2 videos"),
        (said("Asked".into()), ("Not asked".into(), Vec::new(), json!({})), "made for children"),
    ];
    let count = rows.len();
    for (n, (inside, outside, why)) in rows.into_iter().enumerate() {
        let of = |(text, media, options): Post| {
            let all = [vec![video.clone()], media].concat();
            (json!({ "text": text, "media": all }), options)
        };
        let (segment, options) = of(outside);
        let arguments =
            json!({ "segments": [segment], "accounts": [scene.account], "options": options, "dry_run": true });
        let told = scene.world.call("create_draft", arguments).await.to_string();
        assert!(told.contains(why), "{why}: {told}");
        let stopped = scene.draft(&segment, &options).await;
        scene.world.refused("publish_post", json!({ "post": stopped })).await;
        let (segment, options) = of(inside);
        let post = scene.sent_with(segment, options).await;
        scene.until(&post, "published").await;
        assert_eq!((scene.ledger().len(), scene.begun()), (n + 1, n as u64 + 1), "{why}");
    }
    assert_eq!(scene.commits(), count as u64);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_a_poll_and_a_text_alone_are_not_for_youtube() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&small(), None).await;
    let large = scene.world.keep(&jpeg_of(1_280, 720, 100), None).await;
    for (segments, why) in [
        (json!([{ "text": "one", "media": [video] }, { "text": "two" }]), "no threads"),
        (json!([{ "text": "?", "media": [video], "poll": { "options": ["a", "b"], "minutes": 60 } }]), "no polls"),
        (json!([{ "text": "a text alone" }]), "no video"),
        (json!([{ "text": "a picture alone", "media": [large] }]), "no video"),
    ] {
        let arguments =
            json!({ "segments": segments, "accounts": [scene.account], "options": chosen(), "dry_run": true });
        let told = scene.world.call("create_draft", arguments).await.to_string();
        assert!(told.contains(why), "{why}: {told}");
    }
    assert_eq!((scene.begun(), scene.commits()), (0, 0));
    scene.end().await;
}
