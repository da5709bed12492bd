//! Each way that a post gets to TikTok, as it stands there in the end: videos in chunks, photos and videos that TikTok fetches, drafts in the inbox.

use std::io::Cursor;

use image::{ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};
use socrazi_sim::samples::{Film, jpeg, mp4};
use socrazi_sim::tiktok::{TikTokOptions, Tuning};

use super::{CONTENT_INIT, CREATOR, INBOX_INIT, PUT, STATUS, Scene, VIDEO_INIT, at_once, public};
use crate::databases::{Engine, on_both};
pub(super) use crate::fitted::sha256;

on_both!(
    videos_go_out_in_chunks_with_all_that_was_chosen,
    photos_are_fetched_and_what_is_no_jpeg_as_one_made_of_it,
    a_draft_lies_in_the_inbox_until_the_person_posts_it
);

/// A film of so many bytes.
pub(super) fn film_of(bytes: usize) -> Vec<u8> {
    mp4(&Film { bytes, ..Film::default() })
}

async fn videos_go_out_in_chunks_with_all_that_was_chosen(engine: Engine) {
    let scene = Scene::on(engine).await;
    let all = json!({ "made_with_ai": true, "paid_partnership": true, "tiktok": { "privacy": "friends", "comments": true, "duet": true,
        "stitch": true, "own_brand": true, "cover_ms": 1500 } });
    let mut puts = 0;
    for (text, bytes, chunks, options) in [
        ("Zeilen\nund & <Zeichen> 日本語 👨‍👩‍👧‍👦 #tag @ana", 100_000, 1, public()),
        ("just under two chunks", 10_485_759, 1, public()),
        ("two", 10_485_760, 2, public()),
        ("with everything", 17_000_000, 3, all),
    ] {
        let bytes = film_of(bytes);
        let film = scene.keep(&bytes).await;
        // What was said for the one before is not good for this one any more.
        scene.world.pass(61_000);
        let post = scene.send(text, json!([film]), options).await;
        let delivery = scene.until(&post, "published").await;
        let entry = scene.ledger().pop().unwrap();
        assert_eq!(
            (entry.text.as_str(), entry.kind.as_str(), entry.account_name.as_str()),
            (text, "video", "socrazi_demo")
        );
        assert_eq!(entry.media[0].sha256, sha256(&bytes), "{text}");
        let address = delivery["receipts"][0]["permalink"].as_str().unwrap();
        if entry.audience == "PUBLIC_TO_EVERYONE" {
            assert_eq!(address, format!("https://www.tiktok.com/@socrazi_demo/video/{}", entry.id));
        } else {
            assert_eq!(address, "https://www.tiktok.com/@socrazi_demo", "what is not public has no id");
        }
        puts += chunks;
        assert_eq!(scene.calls("PUT", PUT), puts, "{text}");
    }
    let ledger = scene.ledger();
    let switches = [
        "disable_comment",
        "disable_duet",
        "disable_stitch",
        "brand_content_toggle",
        "brand_organic_toggle",
        "is_aigc",
    ];
    let chosen = |n: usize| switches.map(|name| ledger[n].details[name].as_bool().unwrap());
    assert_eq!(chosen(0), [true, true, true, false, false, false], "nothing is on that nobody chose");
    assert_eq!(chosen(3), [false, false, false, true, true, true]);
    assert_eq!(
        (ledger[3].audience.as_str(), &ledger[3].details["video_cover_timestamp_ms"]),
        ("MUTUAL_FOLLOW_FRIENDS", &json!(1500))
    );
    // Asked right before each of them, and nothing was begun twice.
    assert_eq!((scene.calls("POST", VIDEO_INIT), scene.inits()), (4, 4));
    // Once before each was planned, and once right before it was begun.
    assert_eq!(scene.calls("POST", CREATOR), 8);
    scene.end().await;
}

async fn photos_are_fetched_and_what_is_no_jpeg_as_one_made_of_it(engine: Engine) {
    let scene = Scene::on(engine).await;
    let (one, two) = (scene.keep(&jpeg(1080, 1920)).await, scene.keep(&jpeg(640, 480)).await);
    let clear = RgbaImage::from_fn(400, 500, |x, _| if x < 200 { Rgba([200, 10, 10, 255]) } else { Rgba([0; 4]) });
    let mut png = Cursor::new(Vec::new());
    clear.write_to(&mut png, ImageFormat::Png).unwrap();
    let png = scene.keep(&png.into_inner()).await;
    let options = json!({ "tiktok": { "privacy": "public", "comments": true, "title": "Ein Titel", "music": true } });
    let post = scene.send("three & more", json!([one, two, png]), options).await;
    let delivery = scene.until(&post, "published").await;
    let entry = scene.ledger().remove(0);
    assert_eq!((entry.kind.as_str(), entry.text.as_str(), entry.media.len()), ("photo", "three & more", 3));
    let said = (&entry.details["title"], &entry.details["auto_add_music"], &entry.details["disable_comment"]);
    assert_eq!(said, (&json!("Ein Titel"), &json!(true), &json!(false)));
    assert!(entry.details.get("disable_duet").is_none(), "photos have none: {}", entry.details);
    assert_eq!(entry.media[0].sha256, sha256(&jpeg(1080, 1920)), "in order, as they were approved");
    assert_eq!(
        delivery["receipts"][0]["permalink"],
        format!("https://www.tiktok.com/@socrazi_demo/photo/{}", entry.id)
    );
    assert_eq!((scene.calls("POST", CONTENT_INIT), scene.calls("PUT", PUT)), (1, 0));
    // What TikTok may not fetch is said before.
    let mut scene = scene;
    scene.world.set("tiktok.url_verified", "off".to_owned());
    scene.reopen().await;
    let post = scene.draft("not here", json!([one]), public()).await;
    scene.world.refused("publish_post", json!({ "post": post })).await;
    let read = scene.world.call("get_post", json!({ "post": post })).await.to_string();
    assert!(read.contains("tiktok.url_verified"), "{read}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn videos_are_fetched_where_the_operator_wants_it() {
    let source = vec![("tiktok.video_source", "url".to_owned())];
    let scene = Scene::with(Engine::Sqlite, TikTokOptions::default(), source).await;
    let bytes = film_of(12_000_000);
    let film = scene.keep(&bytes).await;
    let post = scene.send("fetched", json!([film]), public()).await;
    scene.until(&post, "published").await;
    let entry = scene.ledger().remove(0);
    assert_eq!(
        (entry.media[0].sha256.as_str(), scene.calls("PUT", PUT), scene.inits()),
        (sha256(&bytes).as_str(), 0, 1)
    );
    scene.end().await;
}

async fn a_draft_lies_in_the_inbox_until_the_person_posts_it(engine: Engine) {
    let scene = Scene::on(engine).await;
    let photo = scene.keep(&jpeg(640, 480)).await;
    let draft = json!({ "tiktok": { "draft": true } });
    for (n, media) in [json!([scene.film]), json!([photo])].into_iter().enumerate() {
        let post = scene.draft("to be finished", media, draft.clone()).await;
        let page = scene.world.page(&format!("/posts/{}", post.as_str().unwrap())).await;
        assert!(page.contains("it goes into your inbox on TikTok"), "{page}");
        scene.approve(&scene.world.call("publish_post", json!({ "post": post })).await).await;
        let delivery = scene.until(&post, "published").await;
        assert!(delivery["reason"].as_str().unwrap().contains("nobody sees it until"), "{delivery}");
        assert_eq!(scene.ledger().len(), n, "the world sees nothing");
        let notices = scene.world.app.notices(&scene.world.person).await.unwrap();
        let told = |key: &str| notices.iter().filter(|notice| notice.what.key == key).count();
        assert_eq!((told("notice-handed"), told("notice-published")), (n + 1, 0));
        let publish = scene.publishes().await.pop().unwrap();
        assert_eq!(publish["status"], "SEND_TO_USER_INBOX");
        let finished = json!({ "publish_id": publish["publish_id"], "title": format!("finished {n}"), "privacy_level": "PUBLIC_TO_EVERYONE" });
        scene.tell("__sim/finish", finished).await;
        assert_eq!(scene.ledger().len(), n + 1);
    }
    assert_eq!(
        (scene.calls("POST", INBOX_INIT), scene.calls("POST", CONTENT_INIT), scene.calls("POST", CREATOR)),
        (1, 1, 0)
    );
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tiktok_works_on_is_asked_after_until_it_is_out_and_no_more_often_than_needed() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.tiktok.tune(Tuning { process_ms: 90_000, moderation_ms: 60_000, ..at_once() });
    let post = scene.sent("slowly").await;
    scene.until(&post, "processing").await;
    // Nothing of it is called unknown, and nobody is asked.
    let read = scene.world.call("get_post", json!({ "post": post })).await.to_string();
    assert!(read.contains("the network is still working on it"), "{read}");
    let delivery = scene.until_by(&post, "published", 5_000).await;
    let entry = scene.ledger().remove(0);
    assert!(
        delivery["receipts"][0]["permalink"].as_str().unwrap().ends_with(&entry.id),
        "waited for its id: {delivery}"
    );
    assert!(delivery["receipts"][0]["how"].as_str().unwrap().contains("confirmed"), "{delivery}");
    assert!((4..=10).contains(&scene.calls("POST", STATUS)), "{}", scene.calls("POST", STATUS));
    // Moderation may take hours: the post is out all the same.
    scene.tiktok.tune(Tuning { process_ms: 0, moderation_ms: 3 * 3_600_000, ..at_once() });
    let post = scene.sent("looked at for hours").await;
    let delivery = scene.until_by(&post, "published", 10_000).await;
    assert_eq!(delivery["receipts"][0]["permalink"], "https://www.tiktok.com/@socrazi_demo");
    // What is being worked on cannot be withdrawn, and a second one goes out beside it.
    scene.tiktok.tune(Tuning { process_ms: 600_000, ..at_once() });
    let slow = scene.sent("not to be stopped").await;
    scene.until(&slow, "processing").await;
    let withdrawn = scene.world.app.call_tool(&scene.world.assistant, "withdraw_post", json!({ "post": slow })).await;
    let told = format!("{withdrawn:?}");
    assert_eq!(scene.world.delivery(&slow).await["state"], "processing", "{told}");
    scene.tiktok.tune(at_once());
    let other = scene.sent("beside it").await;
    scene.until(&other, "published").await;
    scene.until_by(&slow, "published", 20_000).await;
    assert_eq!(scene.ledger().len(), 4);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_stays_there_and_what_only_tiktok_has_stays_with_tiktok() {
    let scene = Scene::on(Engine::Sqlite).await;
    let post = scene.sent("stays").await;
    scene.until(&post, "published").await;
    scene.world.refused("take_down_post", json!({ "post": post })).await;
    let x = scene.world.call("list_accounts", json!({})).await["accounts"].clone();
    let x = x.as_array().unwrap().iter().find(|account| account["network"] == "x").unwrap()["id"].clone();
    let arguments = json!({ "segments": [{ "text": "on both", "media": [scene.film] }], "accounts": [x, scene.account], "options": public() });
    let both: Value = scene.world.call("create_draft", arguments).await;
    let id = both["post"]["id"].as_str().unwrap().parse().unwrap();
    let read = scene.world.app.read_post(&scene.world.person, &id).await.unwrap();
    let chosen = read.variants.iter().filter(|variant| variant.content.options.tiktok.privacy.is_some()).count();
    assert_eq!(chosen, 1);
    // A wish of no network is no wish.
    for wish in [json!({ "privacy": "everyone" }), json!({ "privacy": "PUBLIC_TO_EVERYONE" }), json!({ "stich": true })]
    {
        let arguments = json!({ "text": "x", "accounts": [scene.account], "options": { "tiktok": wish } });
        assert!(scene.world.app.call_tool(&scene.world.assistant, "create_draft", arguments).await.is_err());
    }
    scene.end().await;
}
