//! What goes out on YouTube, as it stands there in the end; uploads that are cut, refused and begun again; and taking down.

use std::collections::BTreeMap;

use image::ImageFormat;
use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi_sim::samples;
use socrazi_sim::{Fault, FaultKind};

use super::{OWN, Scene, UPLOADS, VIDEOS, chosen, film};
use crate::databases::{Engine, on_both};
use crate::fitted::sha256;
use crate::fitted::{encoded, made, noise};

on_both!(
    a_video_goes_out_as_it_was_approved,
    an_upload_that_is_cut_goes_on_and_is_no_second_one,
    what_is_out_is_taken_down_when_the_person_says_so
);

const THUMBNAILS: &str = "/upload/youtube/v3/thumbnails/set";

async fn a_video_goes_out_as_it_was_approved(engine: Engine) {
    let scene = Scene::on(engine).await;
    let (bytes, picture) = (film(), samples::jpeg(1_280, 720));
    let (video, thumbnail) = (scene.world.keep(&bytes, None).await, scene.world.keep(&picture, None).await);
    let options = json!({ "made_with_ai": true, "youtube": { "for_kids": true, "tags": ["rust", "web server"], "category": "28" } });
    let text = "使い方 & more\n\nZeile eins\nhttps://example.com/?a=b";
    let segment = json!({ "text": text, "media": [video, thumbnail] });
    let drafted = scene
        .world
        .call("create_draft", json!({ "segments": [segment], "accounts": [scene.account], "options": options }))
        .await;
    // Whoever approves reads all of it.
    let shown = drafted.to_string();
    for words in ["Declared as made for children", "Tags: rust, web server", "category number 28", "made with AI"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let post = drafted["post"]["id"].clone();
    scene.world.call("publish_post", json!({ "post": post })).await;
    let delivery = scene.until(&post, "published").await;
    let all = scene.videos().await;
    let [video] = all.as_slice() else { panic!("{} videos", all.len()) };
    let id = video["id"].as_str().unwrap();
    assert_eq!(delivery["receipts"][0]["permalink"], format!("https://www.youtube.com/watch?v={id}"));
    assert_eq!((&video["sha256"], &video["channel"]), (&json!(sha256(&bytes)), &json!(OWN)));
    assert_eq!(video["snippet"]["title"], "使い方 & more");
    assert_eq!(video["snippet"]["description"], "Zeile eins\nhttps://example.com/?a=b");
    assert_eq!(
        (&video["snippet"]["tags"], &video["snippet"]["category_id"]),
        (&json!(["rust", "web server"]), &json!("28"))
    );
    assert_eq!(
        (&video["status"]["privacy"], &video["status"]["self_declared_made_for_kids"]),
        (&json!("public"), &json!(true))
    );
    assert_eq!(video["status"]["contains_synthetic_media"], true);
    assert!(!video["thumbnail"].is_null());
    assert_eq!((scene.begun(), scene.calls("PUT", UPLOADS), scene.commits()), (1, 3, 1), "three pieces, one change");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thumbnail_that_is_too_large_goes_out_as_one_that_is_taken() {
    let scene = Scene::on(Engine::Sqlite).await;
    let large = encoded(&noise(1_300, 900), ImageFormat::Png);
    assert!(large.len() > 2 << 20, "{}", large.len());
    let (video, picture) = (scene.world.keep(&film(), None).await, scene.world.keep(&large, None).await);
    let segment = json!({ "text": "With a large one", "media": [video, picture] });
    let arguments = json!({ "segments": [segment], "accounts": [scene.account], "options": chosen(), "dry_run": true });
    let told = scene.world.call("create_draft", arguments).await.to_string();
    assert!(told.contains("smaller JPEG made of it, of 1300x900"), "{told}");
    let post = scene.sent_with(segment, chosen()).await;
    scene.until(&post, "published").await;
    let wanted = made(&large, "1300x900-2097152.jpg").await;
    assert!(wanted.len() <= 2 << 20);
    assert_eq!(scene.videos().await[0]["thumbnail"], crate::fitted::sha256(&wanted));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn until_the_one_change_nobody_sees_it_and_who_sees_it_then_is_what_was_chosen() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&film(), None).await;
    // The change is refused for good: what was uploaded is there, and nobody sees it.
    let refused =
        json!({ "error": { "message": "no", "errors": [{ "reason": "forbiddenPrivacySetting" }] } }).to_string();
    let refused = FaultKind::Status { status: 403, body: refused, headers: BTreeMap::new() };
    scene.google.set_faults(vec![Fault::once("PUT", VIDEOS, refused)]);
    let post = scene.sent("Never seen", &video).await;
    scene.until(&post, "failed").await;
    assert_eq!((scene.videos().await.len(), scene.ledger().len()), (1, 0));
    assert_eq!(scene.videos().await[0]["status"]["privacy"], "private");
    for (n, visibility) in ["unlisted", "private"].into_iter().enumerate() {
        let options = json!({ "youtube": { "for_kids": false, "visibility": visibility, "title": format!("For {visibility}"), "quiet": true } });
        let post = scene.sent_with(json!({ "text": "Only a description", "media": [video] }), options).await;
        scene.until(&post, "published").await;
        let found = scene.videos().await.remove(n + 1);
        assert_eq!(
            (&found["status"]["privacy"], &found["snippet"]["title"]),
            (&json!(visibility), &json!(format!("For {visibility}")))
        );
        assert_eq!(found["snippet"]["description"], "Only a description");
    }
    assert_eq!(scene.ledger().len(), 0, "neither is for everybody");
    scene.end().await;
}

async fn an_upload_that_is_cut_goes_on_and_is_no_second_one(engine: Engine) {
    let scene = Scene::on(engine).await;
    let bytes = film();
    let video = scene.world.keep(&bytes, None).await;
    let status = |status: u16| FaultKind::StatusAfter { status, body: String::new() };
    let before = |status: u16| FaultKind::Status { status, body: String::new(), headers: BTreeMap::new() };
    let faults: Vec<(&str, FaultKind, u32)> = vec![
        ("cut before the second piece", FaultKind::ResetBefore, 1),
        ("cut after the second piece", FaultKind::ResetAfter, 1),
        ("refused for a moment", before(503), 1),
        ("taken, and refused for a moment", status(500), 0),
        // The last one: the video is there, and nobody said so.
        ("cut after the last piece", FaultKind::ResetAfter, 2),
        ("an error instead of the video", status(503), 2),
        ("a body that cannot be read", FaultKind::BrokenBodyAfter, 2),
    ];
    for (n, (title, kind, skip)) in faults.into_iter().enumerate() {
        scene.google.set_faults(vec![Fault::once("PUT", UPLOADS, kind).after(skip)]);
        let post = scene.sent(title, &video).await;
        scene.until(&post, "published").await;
        let all = scene.videos().await;
        assert_eq!((all.len(), scene.begun()), (n + 1, n as u64 + 1), "{title}");
        assert_eq!(all[n]["sha256"], sha256(&bytes), "{title}");
    }
    // Of each piece only a part is taken: the answer is followed, not what was sent.
    scene.tune(|tuning| tuning.youtube.kept_of_chunk = Some(3 * 262_144));
    let post = scene.sent("In little pieces", &video).await;
    scene.until(&post, "published").await;
    let last = scene.videos().await.pop().unwrap();
    assert_eq!((&last["snippet"]["title"], &last["sha256"]), (&json!("In little pieces"), &json!(sha256(&bytes))));
    assert_eq!(scene.ledger().len(), 8);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_forgotten_is_begun_anew_and_what_came_of_it_is_found() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&film(), None).await;
    let down = |skip| vec![Fault::once("PUT", UPLOADS, FaultKind::ResetBefore).after(skip).times(20)];
    // In the middle: it is given up for now, and by the next try the session is over.
    scene.google.set_faults(down(1));
    let post = scene.sent("Forgotten half-way", &video).await;
    scene.until(&post, "waiting").await;
    assert_eq!(scene.begun(), 1);
    scene.google.set_faults(vec![Fault::once("PUT", UPLOADS, gone())]);
    scene.until(&post, "published").await;
    assert_eq!((scene.begun(), scene.videos().await.len()), (2, 1));
    // At the end: the video is there, its id was never heard, and the session does not know it any more.
    let lost = Fault::once("PUT", UPLOADS, FaultKind::ResetAfter).after(2);
    scene.google.set_faults([vec![lost], down(2)].concat());
    let post = scene.sent("Forgotten at the end", &video).await;
    scene.until(&post, "waiting").await;
    assert_eq!(scene.videos().await.len(), 2);
    scene.google.set_faults(vec![Fault::once("PUT", UPLOADS, gone())]);
    scene.until(&post, "published").await;
    assert_eq!((scene.begun(), scene.videos().await.len()), (3, 2), "it is taken, and not uploaded again");
    assert_eq!(scene.ledger().len(), 2);
    scene.end().await;
}

fn gone() -> FaultKind {
    FaultKind::Status { status: 404, body: String::new(), headers: BTreeMap::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_youtube_cannot_use_or_does_not_allow_is_told_and_never_seen() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (video, picture) =
        (scene.world.keep(&film(), None).await, scene.world.keep(&samples::jpeg(1_280, 720), None).await);
    let failed = async |title: &str, media: Value, why: &str| {
        let post = scene.sent_with(json!({ "text": title, "media": media }), chosen()).await;
        let delivery = scene.until(&post, "failed").await;
        assert!(delivery["reason"].as_str().unwrap().contains(why), "{title}: {delivery}");
    };
    scene.tune(|tuning| tuning.youtube.failure_reason = Some("codec".into()));
    failed("No film", json!([video]), "could not use the video (codec)").await;
    scene.tune(|tuning| tuning.youtube.rejection_reason = Some("copyright".into()));
    failed("Not yours", json!([video]), "(copyright)").await;
    scene.tune(|tuning| tuning.youtube.is_unverified = true);
    failed("With a picture", json!([video, picture]), "verified phone number").await;
    scene.tune(|tuning| tuning.youtube.uploads_per_channel_day = 0);
    failed("One too many", json!([video]), "after 24 hours").await;
    scene.tune(|tuning| tuning.youtube.inserts_per_day = 0);
    failed("Of the quota", json!([video]), "midnight in California").await;
    // The operator says that the audit is passed, and YouTube knows better.
    scene.tune(|tuning| tuning.youtube.is_audit_locked = true);
    failed("Locked", json!([video]), "has not passed its audit").await;
    assert_eq!(scene.ledger().len(), 0);
    assert_eq!(scene.calls("POST", THUMBNAILS), 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_audit_nothing_public_is_even_planned() {
    let mut scene = Scene::bare(Engine::Sqlite, "none").await;
    scene.account = json!(scene.connect(OWN).await.as_str());
    let video = scene.world.keep(&film(), None).await;
    let segment = json!({ "text": "For everybody", "media": [video] });
    let post = scene.draft(&segment, &chosen()).await;
    for (tool, arguments) in [
        ("publish_post", json!({ "post": post })),
        ("schedule_post", json!({ "post": post, "at": scene.world.in_an_hour() })),
    ] {
        scene.world.refused(tool, arguments).await;
    }
    let shown = scene.world.call("get_post", json!({ "post": post })).await.to_string();
    assert!(shown.contains("google.youtube_audit"), "{shown}");
    let options = json!({ "youtube": { "for_kids": false, "visibility": "private" } });
    let post = scene.sent_with(json!({ "text": "For us", "media": [video] }), options).await;
    scene.until(&post, "published").await;
    assert_eq!((scene.begun(), scene.ledger().len()), (1, 0));
    scene.end().await;
}

async fn what_is_out_is_taken_down_when_the_person_says_so(engine: Engine) {
    let scene = Scene::on(engine).await;
    let video = scene.world.keep(&film(), None).await;
    let post = scene.sent("Not for long", &video).await;
    scene.until(&post, "published").await;
    let asked = scene.world.call("take_down_post", json!({ "post": post })).await;
    let id = asked["approval_urls"][0].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let hash = scene.world.app.read_approval(&scene.world.person, &id).await.unwrap().approval.hash;
    assert!(scene.ledger().iter().all(|entry| !entry.deleted));
    // The first answer is lost, and the second says that there is nothing: it is gone.
    scene.google.set_faults(vec![Fault::once("DELETE", VIDEOS, FaultKind::ResetAfter)]);
    scene.world.app.decide(&scene.world.person, &id, &hash, Verdict::Approve).await.unwrap_err();
    assert_eq!(scene.world.delivery(&post).await["state"], "published", "not known is not gone");
    scene.world.app.decide(&scene.world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert!(scene.ledger().iter().all(|entry| entry.deleted));
    assert_eq!(scene.world.delivery(&post).await["state"], "taken_down");
    scene.end().await;
}
