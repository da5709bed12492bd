//! Limits where both sides judge: what our check lets through X takes, and what it stops is not sent. (Each limit of the table by itself:
//! `platforms/x/check.rs`.) And the limit that only X knows, which waits.

use serde_json::{Value, json};
use socrazi_sim::samples::{self, Film};

use super::publishing::{send, until};
use crate::databases::Engine;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_just_so_is_taken_and_what_does_not_is_stopped_before_anything_is_sent() {
    let world = World::on(Engine::Sqlite, Vec::new()).await;
    let text = |text: String| json!([{ "text": text }]);
    let tower = world.picture().await;
    let many = |count: usize| json!([{ "text": format!("{count} pictures"), "media": vec![tower.clone(); count] }]);
    let of = async |name: &str, bytes: Vec<u8>| json!([{ "text": name, "media": [world.keep(&bytes, None).await] }]);
    let described = async |alt: String| {
        let medium = world.keep(&crate::media::geotagged(), Some(&alt)).await;
        json!([{ "text": "described", "media": [medium] }])
    };
    let polled = |options: Vec<String>, minutes: u32| {
        let text = format!("{} and {minutes}", options.concat());
        json!([{ "text": text, "poll": { "options": options, "minutes": minutes } }])
    };
    let choices = |count: usize| (0..count).map(|no| format!("choice {no}")).collect::<Vec<_>>();
    let film = async |duration_ms: u32, width: u16, height: u16| {
        let bytes = samples::mp4(&Film { duration_ms, width, height, ..Film::default() });
        of(&format!("{duration_ms} ms of {width} by {height}"), bytes).await
    };
    let fast = async |fps: u32| {
        let bytes = samples::mp4(&Film { fps, width: 640, height: 360, duration_ms: 3_000, ..Film::default() });
        of(&format!("{fps} a second"), bytes).await
    };
    let gif = async |frames: usize, width: u16, height: u16| {
        let mut bytes = samples::gif(frames);
        bytes[6..8].copy_from_slice(&width.to_le_bytes());
        bytes[8..10].copy_from_slice(&height.to_le_bytes());
        of(&format!("{frames} frames of {width} by {height}"), bytes).await
    };
    let parts = |count: usize| Value::from_iter((0..count).map(|no| json!({ "text": format!("{count}: {no}") })));
    let rows: Vec<(Value, Value, &str)> = vec![
        (text("字".repeat(140)), text("字".repeat(140) + "a"), "is 281 long"),
        (
            text("a ".repeat(128) + "https://example.com/a"),
            text("a ".repeat(129) + "https://example.com/x"),
            "is 281 long",
        ),
        (text("$ABC rises".into()), text("$ABC and $DEF rise".into()), "2 cashtags"),
        (text("plain".into()), text("not\u{FEFF} plain".into()), "U+FEFF"),
        (many(4), many(5), "5 images"),
        (
            many(1),
            json!([{ "text": "mixed", "media": [tower, world.keep(&samples::gif(2), None).await] }]),
            "mixes 2 files",
        ),
        (described("a".repeat(1_000)).await, described("a".repeat(1_001)).await, "1001 characters"),
        (polled(choices(4), 5), polled(choices(5), 5), "has 5 choices"),
        (polled(choices(2), 10_080), polled(choices(2), 10_081), "10081 minutes"),
        (polled(choices(3), 6), polled(choices(3), 4), "4 minutes"),
        (polled(vec!["あ".repeat(25), "b".into()], 60), polled(vec!["あ".repeat(26), "b".into()], 60), "26 characters"),
        (film(140_000, 1_280, 720).await, film(140_001, 640, 360).await, "140.0 seconds"),
        (film(500, 640, 360).await, film(499, 640, 360).await, "0.4 seconds"),
        (film(2_000, 1_280, 1_024).await, film(2_000, 1_281, 1_024).await, "1281x1024"),
        (film(2_002, 720, 1_280).await, film(2_002, 1_025, 1_280).await, "1025x1280"),
        (film(2_000, 96, 32).await, film(2_000, 97, 32).await, "97x32"),
        (film(2_001, 32, 96).await, film(2_001, 31, 64).await, "31x64"),
        (fast(60).await, fast(61).await, "61 pictures"),
        (of("350 frames", samples::gif(350)).await, of("351 frames", samples::gif(351)).await, "351 pictures"),
        (gif(2, 1_280, 1_080).await, gif(2, 1_280, 1_081).await, "1280x1081"),
        (gif(300, 1_000, 1_000).await, gif(301, 1_000, 1_000).await, "301 pictures"),
    ];
    let (mut out, mut sent) = (0, 0);
    for (n, (inside, outside, why)) in rows.into_iter().enumerate() {
        if n == 12 {
            // More than a standing permission covers in a day.
            world.pass(86_400_000);
        }
        let told = world.call("create_draft", json!({ "segments": outside, "dry_run": true })).await.to_string();
        assert!(told.contains(why), "{why}: {told}");
        let stopped = world.call("create_draft", json!({ "segments": outside })).await["post"]["id"].clone();
        world.refused("publish_post", json!({ "post": stopped })).await;
        out += inside.as_array().unwrap().len();
        let post = send(&world, inside, json!({})).await;
        until(&world, &post, "published", 1_000).await;
        sent += 1;
        assert_eq!(world.sim.ledger().len(), out, "{why}");
    }
    assert!(sent >= 16);
    // A longer thread is no draft at all, on whatever network.
    assert_eq!(world.refused("create_draft", json!({ "segments": parts(26) })).await, "post-too-many-segments");
    let post = send(&world, parts(25), json!({})).await;
    until(&world, &post, "published", 1_000).await;
    assert_eq!(world.sim.ledger().len(), out + 25);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_post_of_a_window_goes_out_and_the_next_one_waits_until_it_is_over() {
    let world = World::on(Engine::Sqlite, Vec::new()).await;
    world.sim.set_switches(&socrazi_sim::x::Switches { create_limit: Some(2), ..Default::default() });
    for text in ["the first", "the last of the window"] {
        let post = send(&world, json!([{ "text": text }]), json!({})).await;
        until(&world, &post, "published", 1_000).await;
    }
    let over = send(&world, json!([{ "text": "one too many" }]), json!({})).await;
    until(&world, &over, "waiting", 1_000).await;
    let begun = world.clock.now_ms();
    until(&world, &over, "published", 20_000).await;
    let waited_ms = world.clock.now_ms() - begun;
    // A machine that is busy looks late; whoever tries again by themselves asks more than once, or sooner.
    assert!((600_000..=3_000_000).contains(&waited_ms), "until X's own reset: {waited_ms}");
    assert_eq!((world.sim.ledger().len(), world.sent()), (3, 4), "and was asked once");
    world.end().await;
}
