//! Each kind of content that Instagram takes, as it stands there in the end; what is made a JPEG on its way; taking it down.

use std::io::Cursor;

use image::{ImageFormat, Rgba, RgbaImage};
use serde_json::json;
use sha2::{Digest, Sha256};
use socrazi::app::Verdict;
use socrazi_sim::instagram::Tuning;
use socrazi_sim::samples::{Film, mp4};

use super::{Scene, at_once};
use crate::databases::{Engine, on_both};

on_both!(
    pictures_reels_carousels_and_stories_go_out_with_what_belongs_to_them,
    the_first_comment_goes_out_under_its_post,
    what_is_no_jpeg_goes_out_as_one_made_of_what_was_approved
);

async fn pictures_reels_carousels_and_stories_go_out_with_what_belongs_to_them(engine: Engine) {
    let scene = Scene::on(engine).await;
    let film = scene.film().await;
    let picture = scene.picture.clone();
    let text = "Zeilen\nund & <Zeichen> 日本語 👨‍👩‍👧‍👦 100% a=b+c #tag";
    let own =
        json!({ "made_with_ai": true, "instagram": { "collaborators": ["@socrazi_second"], "location": "213385402" } });
    let rows = [
        (json!([{ "text": text, "media": [picture] }]), own, "IMAGE", text),
        (json!([{ "text": "a reel", "media": [film] }]), json!({}), "REELS", "a reel"),
        (json!([{ "text": "both", "media": [picture, film, picture] }]), json!({}), "CAROUSEL_ALBUM", "both"),
        (json!([{ "text": "", "media": [picture] }]), json!({ "instagram": { "story": true } }), "STORY", ""),
        (json!([{ "text": "not shown", "media": [film] }]), json!({ "instagram": { "story": true } }), "STORY", ""),
    ];
    for (segments, options, kind, text) in rows {
        let count = segments[0]["media"].as_array().unwrap().len();
        let post = scene.send(segments, options).await;
        let delivery = scene.until(&post, "published").await;
        let entry = scene.instagram.ledger().pop().unwrap();
        let shown = (entry.kind.as_str(), entry.text.as_str(), entry.media.len(), entry.account_name.as_str());
        assert_eq!(shown, (kind, text, count, "socrazi_demo"));
        let address = delivery["receipts"][0]["permalink"].as_str().unwrap();
        assert!(address.starts_with("https://www.instagram.com/"), "{delivery}");
    }
    let ledger = scene.instagram.ledger();
    assert_eq!((ledger.len(), scene.commits()), (5, 5));
    assert_eq!(ledger[0].media[0].alt_text.as_deref(), Some("A tower"));
    assert_eq!(ledger[2].media[0].alt_text.as_deref(), Some("A tower"), "each picture of a carousel has its own");
    assert_eq!(ledger[3].media[0].alt_text, None, "stories have none");
    let details = &ledger[0].details;
    let said = (&details["is_ai_generated"], &details["collaborators"], &details["location_id"]);
    assert_eq!(said, (&json!("true"), &json!("[\"socrazi_second\"]"), &json!("213385402")));
    let seen = scene.seen(&ledger[2].id, "media_type,children{media_type}").await;
    let kinds: Vec<_> = seen["children"]["data"].as_array().unwrap().iter().map(|child| &child["media_type"]).collect();
    assert_eq!(kinds, ["IMAGE", "VIDEO", "IMAGE"], "in order");
    // What is approved is read by whoever approves.
    let draft =
        scene.draft(json!([{ "text": "", "media": [picture] }]), json!({ "instagram": { "story": true } })).await;
    let own = json!({ "instagram": { "collaborators": ["@socrazi_second"], "location": "213385402" } });
    let other = scene.draft(json!([{ "text": "x", "media": [picture] }]), own).await;
    for (draft, words) in [(draft, vec!["shown for a day"]), (other, vec!["@socrazi_second", "place number 213385402"])]
    {
        let page = scene.world.page(&format!("/posts/{}", draft.as_str().unwrap())).await;
        assert!(words.iter().all(|word| page.contains(word)), "{words:?}: {page}");
    }
    scene.end().await;
}

async fn the_first_comment_goes_out_under_its_post(engine: Engine) {
    let scene = Scene::on(engine).await;
    let post = scene
        .send(json!([{ "text": "a post", "media": [scene.picture] }, { "text": "#tags & more" }]), json!({}))
        .await;
    let delivery = scene.until(&post, "published").await;
    let ledger = scene.instagram.ledger();
    let shown: Vec<_> = ledger.iter().map(|entry| (entry.kind.as_str(), entry.text.as_str())).collect();
    assert_eq!(shown, [("IMAGE", "a post"), ("COMMENT", "#tags & more")]);
    assert_eq!(ledger[1].parent.as_ref(), Some(&ledger[0].id));
    assert_eq!(delivery["receipts"].as_array().map(Vec::len), Some(2), "{delivery}");
    assert_eq!(scene.commits(), 2);
    scene.end().await;
}

fn encoded(picture: &RgbaImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Noise, which hardly any compression makes smaller.
fn noise(side: u32) -> RgbaImage {
    let mut state = 1_u32;
    RgbaImage::from_fn(side, side, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = state.to_be_bytes();
        Rgba([a, b, c, 255])
    })
}

async fn what_is_no_jpeg_goes_out_as_one_made_of_what_was_approved(engine: Engine) {
    let scene = Scene::on(engine).await;
    let clear = RgbaImage::from_fn(400, 500, |x, _| if x < 200 { Rgba([200, 10, 10, 255]) } else { Rgba([0; 4]) });
    let large = image::DynamicImage::from(noise(2_000)).into_rgb8();
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 100).encode_image(&large).unwrap();
    assert!(jpeg.len() > 8_000_000, "{}", jpeg.len());
    for (text, bytes, told, size) in [
        ("a png", encoded(&clear, ImageFormat::Png), "image/png", (400, 500)),
        ("a webp", encoded(&clear, ImageFormat::WebP), "image/webp", (400, 500)),
        ("a large jpeg", jpeg, "MB", (1_440, 1_440)),
    ] {
        let medium = scene.keep(&bytes, Some("A half")).await;
        let post = scene.draft(json!([{ "text": text, "media": [medium] }]), json!({})).await;
        let read = scene.world.call("get_post", json!({ "post": post })).await.to_string();
        assert!(read.contains("goes out as a") && read.contains(told), "{text}: {read}");
        scene.world.call("publish_post", json!({ "post": post })).await;
        scene.until(&post, "published").await;
        let entry = scene.instagram.ledger().pop().unwrap();
        assert_eq!((entry.text.as_str(), entry.media[0].alt_text.as_deref()), (text, Some("A half")));
        // The address that Instagram was given: a JPEG of the right size, the same each time, white where it was clear.
        let url = scene.seen(&entry.id, "media_url").await["media_url"].as_str().unwrap().parse().unwrap();
        let (first, again) = (pulled(&url).await, pulled(&url).await);
        assert_eq!(first, again);
        assert_eq!(entry.media[0].sha256, hex(&Sha256::digest(&first.1)));
        assert_eq!((first.0.as_str(), first.1.len() <= 8_000_000), ("image/jpeg", true));
        let shown = image::load_from_memory_with_format(&first.1, ImageFormat::Jpeg).unwrap().into_rgb8();
        assert_eq!(shown.dimensions(), size, "{text}");
        if size == (400, 500) {
            assert!(shown.get_pixel(390, 250).0.iter().all(|value| *value > 250), "{text}");
        }
        only_this_opens(&url).await;
    }
    let hour = scene.instagram.ledger().pop().unwrap();
    let url: url::Url = scene.seen(&hour.id, "media_url").await["media_url"].as_str().unwrap().parse().unwrap();
    let post = scene.sent("as it is").await;
    scene.until(&post, "published").await;
    let id = scene.instagram.ledger().pop().unwrap().id;
    let stored: url::Url = scene.seen(&id, "media_url").await["media_url"].as_str().unwrap().parse().unwrap();
    assert_eq!(status(stored.clone()).await, 200);
    assert_eq!(
        status(format!("{stored}/1440x2560-8000000.jpg").parse().unwrap()).await,
        404,
        "an address for the file makes no JPEG"
    );
    scene.world.pass(3_600_001);
    assert_eq!(status(url).await, 404, "an hour is over");
    scene.end().await;
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn pulled(url: &url::Url) -> (String, Vec<u8>) {
    let answer = http().get(url.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, answer.bytes().await.unwrap().to_vec())
}

async fn status(url: url::Url) -> u16 {
    http().get(url).send().await.unwrap().status().as_u16()
}

/// An address for a JPEG opens neither the stored file nor anything else, nor does one for the file open a JPEG.
async fn only_this_opens(url: &url::Url) {
    let parts: Vec<_> = url.path_segments().unwrap().map(str::to_owned).collect();
    let [_, id, until, signature, form] = parts.as_slice() else { panic!("{url}") };
    assert!(form.ends_with(".jpg"), "{form}");
    let later = (until.parse::<i64>().unwrap() + 1).to_string();
    for path in [
        format!("/pull/{id}/{until}/{signature}"),
        format!("/pull/{id}/{later}/{signature}/{form}"),
        format!("/pull/{id}/{until}/AAAA/{form}"),
        format!("/pull/med_x/{until}/{signature}/{form}"),
        format!("/pull/{id}/x/{signature}/{form}"),
        format!("/pull/{id}/{until}/{signature}/jpeg"),
        // What is to be made of it is signed, too.
        format!("/pull/{id}/{until}/{signature}/9{form}"),
    ] {
        assert_eq!(status(url.join(&path).unwrap()).await, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_whose_index_stands_last_is_fetched_with_its_index_first() {
    let scene = Scene::on(Engine::Sqlite).await;
    let film = scene.keep(&mp4(&Film { is_index_first: false, ..Film::default() }), None).await;
    let post = scene.send(json!([{ "text": "as a phone wrote it", "media": [film] }]), json!({})).await;
    scene.until(&post, "published").await;
    let entry = scene.instagram.ledger().pop().unwrap();
    assert_eq!(entry.media[0].sha256, hex(&Sha256::digest(mp4(&Film::default()))), "the very file that has it first");
    let url: url::Url = scene.seen(&entry.id, "media_url").await["media_url"].as_str().unwrap().parse().unwrap();
    assert!(url.path().ends_with("/index-first"), "{url}");
    let parts: Vec<_> = url.path_segments().unwrap().map(str::to_owned).collect();
    let [_, id, until, signature, _] = parts.as_slice() else { panic!("{url}") };
    for path in [format!("/pull/{id}/{until}/{signature}"), format!("/pull/{id}/{until}/{signature}/index-last")] {
        assert_eq!(status(url.join(&path).unwrap()).await, 404, "{path}");
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_reel_is_waited_for() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.instagram.tune(Tuning { video_ms: 6 * 60_000, ..at_once() });
    let film = scene.film().await;
    let post = scene.send(json!([{ "text": "worked on for six minutes", "media": [film] }]), json!({})).await;
    scene.until(&post, "published").await;
    let reads = scene.calls("GET", "/{version}/{id}");
    assert!((8..=20).contains(&reads), "not asked more often than needed: {reads}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_stays_there_unless_the_operator_has_a_permission_for_it() {
    let scene = Scene::on(Engine::Sqlite).await;
    let post = scene.sent("stays").await;
    scene.until(&post, "published").await;
    scene.world.refused("take_down_post", json!({ "post": post })).await;
    scene.end().await;

    let scope = vec![("instagram.delete_scope", "instagram_business_manage_contents".to_owned())];
    let scene = Scene::with(Engine::Sqlite, scope).await;
    let segments = json!([{ "text": "for a while", "media": [scene.picture] }, { "text": "and more" }]);
    let post = scene.send(segments, json!({})).await;
    scene.until(&post, "published").await;
    let asked = scene.world.call("take_down_post", json!({ "post": post })).await;
    let id = asked["approval_urls"][0].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let hash = scene.world.app.read_approval(&scene.world.person, &id).await.unwrap().approval.hash;
    assert!(scene.instagram.ledger().iter().all(|entry| !entry.deleted));
    scene.world.app.decide(&scene.world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert!(scene.instagram.ledger().iter().all(|entry| entry.deleted));
    assert_eq!(scene.world.delivery(&post).await["state"], "taken_down");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_instagram_has_stays_with_instagram() {
    let scene = Scene::on(Engine::Sqlite).await;
    let x = scene.world.call("list_accounts", json!({})).await["accounts"].clone();
    let x = x.as_array().unwrap().iter().find(|account| account["network"] == "x").unwrap()["id"].clone();
    let arguments = json!({ "segments": [{ "text": "on both", "media": [scene.picture] }], "accounts": [x, scene.account],
        "options": { "instagram": { "story": true } } });
    let post = scene.world.call("create_draft", arguments).await["post"]["id"].as_str().unwrap().parse().unwrap();
    let read = scene.world.app.read_post(&scene.world.person, &post).await.unwrap();
    let stories: Vec<_> = read.variants.iter().map(|variant| variant.content.options.instagram.story).collect();
    assert_eq!(stories.iter().filter(|is_story| **is_story).count(), 1, "{stories:?}");
    scene.end().await;
}
