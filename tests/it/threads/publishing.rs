//! Each kind of content that Threads takes, as it stands there in the end, and taking it down.

use image::ImageFormat;
use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi_sim::samples::{self, Film};

use super::Scene;
use crate::databases::{Engine, on_both};
use crate::fitted::{encoded, made, noise, sha256};

on_both!(
    texts_polls_and_audiences_go_out_as_they_were_approved,
    pictures_videos_and_carousels_are_fetched_from_here_and_go_out_with_their_descriptions,
    a_chain_goes_out_part_by_part_each_under_the_one_before,
    what_is_out_is_taken_down_when_the_person_says_so
);

/// A video as the networks want it.
pub(super) fn video() -> Vec<u8> {
    socrazi_sim::samples::mp4(&socrazi_sim::samples::Film::default())
}

impl Scene {
    pub(super) async fn keep(&self, bytes: &[u8], alt: &str) -> Value {
        self.world.keep(bytes, Some(alt)).await
    }

    /// A post as the network shows it.
    async fn seen(&self, id: &str, fields: &str) -> Value {
        let token = self.threads.grant("17841400000000001", &["threads_basic"]).unwrap();
        let mut url = self.threads.url().join(&format!("v1.0/{id}")).unwrap();
        url.query_pairs_mut().append_pair("fields", fields).append_pair("access_token", &token.value);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.get(url).send().await.unwrap().json().await.unwrap()
    }
}

async fn texts_polls_and_audiences_go_out_as_they_were_approved(engine: Engine) {
    let scene = Scene::on(engine).await;
    let text = "Zeilen\nund & <Zeichen> 日本語 👨‍👩‍👧‍👦 100% a=b+c";
    let plain = scene.sent(text).await;
    let delivery = scene.until(&plain, "published").await;
    let entry = scene.threads.ledger().remove(0);
    assert_eq!((entry.text.as_str(), entry.username.as_str()), (text, "socrazi_demo"));
    let address = delivery["receipts"][0]["permalink"].as_str().unwrap();
    assert!(address.starts_with("https://www.threads.net/@socrazi_demo/post/"), "{delivery}");
    let segments = json!([{ "text": "Which?", "poll": { "options": ["tea", "コーヒー"], "minutes": 1440 } }]);
    let poll = scene.draft_with(segments, json!({ "repliers": "following" })).await;
    scene.world.call("publish_post", json!({ "post": poll })).await;
    scene.until(&poll, "published").await;
    let entry = scene.threads.ledger().remove(1);
    assert_eq!(entry.poll.unwrap().options, ["tea", "コーヒー"]);
    assert_eq!(scene.seen(&entry.id, "reply_audience").await["reply_audience"], "accounts_you_follow");
    assert_eq!(scene.commits(), 2);
    scene.end().await;
}

async fn pictures_videos_and_carousels_are_fetched_from_here_and_go_out_with_their_descriptions(engine: Engine) {
    let scene = Scene::on(engine).await;
    let picture = scene.world.picture().await;
    let film = scene.keep(&video(), "A short film").await;
    for (text, media, kind) in [
        ("a picture", json!([picture]), "IMAGE"),
        ("a film", json!([film]), "VIDEO"),
        ("both", json!([picture, film, picture]), "CAROUSEL_ALBUM"),
        ("", json!([picture]), "IMAGE"),
    ] {
        let post = scene.draft(json!([{ "text": text, "media": media }])).await;
        scene.world.call("publish_post", json!({ "post": post })).await;
        scene.until(&post, "published").await;
        let entry = scene.threads.ledger().pop().unwrap();
        assert_eq!((entry.text.as_str(), entry.media_ids.len()), (text, media.as_array().unwrap().len()));
        let seen = scene.seen(&entry.id, "media_type,alt_text,media_url").await;
        assert_eq!(seen["media_type"], kind, "{seen}");
        match kind {
            "IMAGE" => assert_eq!(seen["alt_text"], "A tower", "{seen}"),
            "VIDEO" => assert_eq!(seen["alt_text"], "A short film", "{seen}"),
            _ => {}
        }
    }
    assert_eq!((scene.threads.ledger().len(), scene.commits()), (4, 4));
    // The address that Threads was given: whole, of the right type, for an hour, and for this medium alone.
    let entry = scene.threads.ledger().remove(0);
    let seen = scene.seen(&entry.id, "media_url").await;
    let url: url::Url = seen["media_url"].as_str().unwrap().parse().unwrap();
    let get =
        async |url: url::Url| reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
    let answer = get(url.clone()).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, "image/jpeg"));
    let bytes = answer.bytes().await.unwrap();
    assert!(bytes.starts_with(b"\xff\xd8\xff") && !String::from_utf8_lossy(&bytes).contains("canary-place"));
    let parts: Vec<_> = url.path_segments().unwrap().map(str::to_owned).collect();
    let later = (parts[2].parse::<i64>().unwrap() + 1).to_string();
    for (id, until, signature) in [
        (film.as_str().unwrap(), parts[2].as_str(), parts[3].as_str()),
        (parts[1].as_str(), later.as_str(), parts[3].as_str()),
        (parts[1].as_str(), parts[2].as_str(), "AAAA"),
        (parts[1].as_str(), parts[2].as_str(), ""),
        ("med_x", parts[2].as_str(), parts[3].as_str()),
        (parts[1].as_str(), "x", parts[3].as_str()),
    ] {
        let forged = url.join(&format!("/pull/{id}/{until}/{signature}")).unwrap();
        assert_eq!(get(forged.clone()).await.status().as_u16(), 404, "{forged}");
    }
    scene.world.pass(3_600_001);
    assert_eq!(get(url).await.status().as_u16(), 404, "an hour is over");
    scene.world.end().await;
}

async fn a_chain_goes_out_part_by_part_each_under_the_one_before(engine: Engine) {
    let scene = Scene::on(engine).await;
    let picture = scene.world.picture().await;
    let segments = json!([{ "text": "one" }, { "text": "two", "media": [picture] }, { "text": "three" }]);
    let post = scene.draft_with(segments, json!({ "repliers": "mentioned" })).await;
    scene.world.call("publish_post", json!({ "post": post })).await;
    let delivery = scene.until(&post, "published").await;
    let ledger = scene.threads.ledger();
    assert_eq!(scene.texts(), ["one", "two", "three"]);
    assert_eq!(ledger[0].in_reply_to, None);
    assert_eq!(ledger[1].in_reply_to.as_deref(), Some(ledger[0].id.as_str()));
    assert_eq!(ledger[2].in_reply_to.as_deref(), Some(ledger[1].id.as_str()));
    assert_eq!(delivery["receipts"].as_array().map(Vec::len), Some(3), "{delivery}");
    assert_eq!(scene.seen(&ledger[0].id, "reply_audience").await["reply_audience"], "mentioned_only");
    scene.end().await;
}

async fn what_is_out_is_taken_down_when_the_person_says_so(engine: Engine) {
    let scene = Scene::on(engine).await;
    let post = scene.draft(json!([{ "text": "for a while" }, { "text": "and more" }])).await;
    scene.world.call("publish_post", json!({ "post": post })).await;
    scene.until(&post, "published").await;
    let asked = scene.world.call("take_down_post", json!({ "post": post })).await;
    let id = asked["approval_urls"][0].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let hash = scene.world.app.read_approval(&scene.world.person, &id).await.unwrap().approval.hash;
    assert!(scene.threads.ledger().iter().all(|entry| !entry.deleted));
    scene.world.app.decide(&scene.world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert!(scene.threads.ledger().iter().all(|entry| entry.deleted));
    assert_eq!(scene.world.delivery(&post).await["state"], "taken_down");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_threads_does_not_take_is_fetched_as_what_it_takes() {
    let scene = Scene::on(Engine::Sqlite).await;
    let webp = encoded(&noise(300, 200), ImageFormat::WebP);
    // As cameras write it: the index behind the pictures.
    let last = samples::mp4(&Film { is_index_first: false, ..Film::default() });
    let first = samples::mp4(&Film::default());
    let jpeg = made(&webp, "300x200-8000000.jpg").await;
    for (bytes, told, wanted) in
        [(webp, "Threads does not take image/webp", jpeg), (last, "it is put first on its way", first)]
    {
        let medium = scene.world.keep(&bytes, None).await;
        let post = scene.draft(json!([{ "text": told, "media": [medium] }])).await;
        let read = scene.world.call("get_post", json!({ "post": post })).await.to_string();
        assert!(read.matches(told).count() > 1, "{read}");
        scene.world.call("publish_post", json!({ "post": post })).await;
        scene.until(&post, "published").await;
        let entry = scene.threads.ledger().pop().unwrap();
        let url: url::Url = scene.seen(&entry.id, "media_url").await["media_url"].as_str().unwrap().parse().unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let fetched = http.get(url).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(sha256(&fetched), sha256(&wanted), "{told}");
    }
    scene.world.end().await;
}
