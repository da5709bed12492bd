//! Each kind of content that LinkedIn takes, as it stands there in the end, and taking it down.

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi_sim::linkedin::{LinkedInOptions, Tuning};
use socrazi_sim::samples::{self, Film};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, SELF_SERVE, Scene, at_once};
use crate::databases::{Engine, on_both};
pub(super) use crate::fitted::sha256;

on_both!(
    texts_tags_mentions_cards_and_polls_go_out_as_they_were_approved,
    images_films_and_documents_are_uploaded_and_go_out_with_their_descriptions,
    what_is_out_is_taken_down_when_the_person_says_so
);

/// Five parts, the last one short.
pub(super) const FILM: Film =
    Film { duration_ms: 4_000, width: 640, height: 360, fps: 30, bytes: 17_000_000, is_index_first: true };

/// A picture that says that it has this size.
pub(super) fn picture(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = crate::media::geotagged();
    let at = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

impl Scene {
    /// What the simulator knows of the uploads, in the order in which they began.
    pub(super) async fn uploads(&self) -> Vec<Value> {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = self.linkedin.url().join("__sim/uploads").unwrap();
        http.get(url).send().await.unwrap().json().await.unwrap()
    }
}

async fn texts_tags_mentions_cards_and_polls_go_out_as_they_were_approved(engine: Engine) {
    let scene = Scene::on(engine).await;
    let text = "Zeilen\nund & <Zeichen> (alle) [x] {y} a_b*c~d|e\\f @ana #rust #日本 # 100% 👨‍👩‍👧‍👦 @[Ben Sato](urn:li:person:9kXw_Zs-1)!";
    let plain = scene.sent(text).await;
    let delivery = scene.until(&plain, "published").await;
    let entry = scene.ledger().remove(0);
    assert_eq!(
        entry.text,
        text.replace("@[Ben Sato](urn:li:person:9kXw_Zs-1)", "Ben Sato"),
        "nothing is cut or shown twice"
    );
    assert_eq!((entry.account_id.as_str(), entry.audience.as_str()), ("urn:li:person:782bbtaQ", "PUBLIC"));
    assert_eq!(entry.details["hashtags"], json!(["rust", "日本"]));
    assert_eq!(entry.details["mentions"][0]["urn"], "urn:li:person:9kXw_Zs-1");
    let address = format!("https://www.linkedin.com/feed/update/{}/", entry.id);
    assert_eq!(delivery["receipts"][0]["permalink"], address, "{delivery}");
    // A page that cannot be read (this machine is not a public one) leaves a card with its host.
    let linked = scene.sent("read https://127.0.0.1/x_(y)?a=b#c.").await;
    scene.until(&linked, "published").await;
    let entry = scene.ledger().remove(1);
    assert_eq!((entry.kind.as_str(), entry.text.as_str()), ("article", "read https://127.0.0.1/x_(y)?a=b#c."));
    assert_eq!(entry.details["article"]["source"], "https://127.0.0.1/x_(y)?a=b#c");
    assert_eq!(entry.details["article"]["title"], "127.0.0.1");
    let poll = json!({ "text": "Which? (one)", "poll": { "options": ["tea", "コーヒー"], "minutes": 10_080 } });
    let poll = scene.sent_as(poll).await;
    let delivery = scene.until(&poll, "published").await;
    let entry = scene.ledger().remove(2);
    let expected = json!({ "question": "Which? (one)", "options": ["tea", "コーヒー"], "duration": "SEVEN_DAYS" });
    assert_eq!((&entry.details["poll"], entry.text.as_str()), (&expected, ""));
    assert!(delivery["receipts"][0]["permalink"].as_str().unwrap().contains("urn:li:ugcPost:"), "{delivery}");
    assert_eq!((scene.commits(), scene.calls("GET", POSTS_READ)), (3, 0), "nothing is read that need not be");
    scene.end().await;
}

const POSTS_READ: &str = super::POSTS;

async fn images_films_and_documents_are_uploaded_and_go_out_with_their_descriptions(engine: Engine) {
    let scene = Scene::partner(engine).await;
    scene.linkedin.tune(Tuning { upload_token: "token-of-the-upload".into(), ..at_once() });
    let (film, pdf) = (samples::mp4(&FILM), samples::pdf(3));
    let tower = scene.world.picture().await;
    let other = scene.keep(&picture(640, 480), "").await;
    let (film_id, titled, bare) = (
        scene.keep(&film, "").await,
        scene.keep(&pdf, "Our (slides)").await,
        scene.keep(&[&pdf[..], b"\n"].concat(), "").await,
    );
    for (text, media, kind) in [
        ("a picture", json!([tower]), "image"),
        ("two (pictures)", json!([tower, other]), "multiImage"),
        ("a film", json!([film_id]), "video"),
        ("slides with a title", json!([titled]), "document"),
        ("slides (without)\nanything", json!([bare]), "document"),
        ("", json!([other]), "image"),
    ] {
        let post = scene.sent_as(json!({ "text": text, "media": media })).await;
        scene.until(&post, "published").await;
        let entry = scene.ledger().pop().unwrap();
        assert_eq!((entry.text.as_str(), entry.kind.as_str()), (text, kind));
        assert_eq!(entry.media.len(), media.as_array().unwrap().len());
    }
    let ledger = scene.ledger();
    let alts = |n: usize| ledger[n].media.iter().map(|medium| medium.alt_text.as_deref()).collect::<Vec<_>>();
    assert_eq!((alts(0), alts(1)), (vec![Some("A tower")], vec![Some("A tower"), None]));
    assert_eq!(
        (ledger[2].media[0].sha256.as_str(), ledger[3].media[0].sha256.as_str()),
        (&*sha256(&film), &*sha256(&pdf))
    );
    let titles: Vec<_> = [2, 3, 4].into_iter().map(|n| ledger[n].details["title"].as_str()).collect();
    assert_eq!(titles, [None, Some("Our (slides)"), Some("slides (without)")], "titles are no little text");
    let uploads = scene.uploads().await;
    assert_eq!(uploads.len(), 7, "each once");
    for upload in &uploads {
        let is_film = upload["urn"].as_str().unwrap().starts_with("urn:li:video:");
        assert_eq!(
            (&upload["had_bearer"], &upload["owner"]),
            (&json!(!is_film), &json!(format!("urn:li:person:{ANA}")))
        );
        assert_eq!(upload["parts"], if is_film { 5 } else { 0 }, "{upload}");
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_cut_goes_on_and_one_whose_address_has_ended_begins_again() {
    let scene = Scene::on(Engine::Sqlite).await;
    let film = scene.keep(&samples::mp4(&FILM), "").await;
    let put = |kind: FaultKind| Fault::once("PUT", "/dms-uploads/", kind).after(2);
    // The third part, three ways: the others are not sent again.
    for (n, kind) in
        [FaultKind::ResetBefore, FaultKind::ResetAfter, FaultKind::StatusAfter { status: 503, body: String::new() }]
            .into_iter()
            .enumerate()
    {
        scene.linkedin.set_faults(vec![put(kind)]);
        let post = scene.sent_as(json!({ "text": format!("cut {n}"), "media": [film] })).await;
        scene.until(&post, "published").await;
        assert_eq!(scene.uploads().await.len(), n + 1);
    }
    // Too old, and at another try not.
    scene.linkedin.tune(Tuning { upload_life_ms: 0, ..at_once() });
    let post = scene.sent_as(json!({ "text": "begun again", "media": [film] })).await;
    scene.until(&post, "waiting").await;
    scene.linkedin.tune(at_once());
    scene.until_by(&post, "published", 10_000).await;
    // What cannot be processed is told, and not tried for ever: LinkedIn says it of films, also to a self-serve app.
    let failed = json!({ "status": "PROCESSING_FAILED", "processingFailureReason": "CODEC" }).to_string();
    let failed = FaultKind::Status { status: 200, body: failed, headers: std::collections::BTreeMap::default() };
    scene.linkedin.set_faults(vec![Fault::once("GET", "/rest/videos/", failed)]);
    let post = scene.sent_as(json!({ "text": "no film", "media": [film] })).await;
    let delivery = scene.until(&post, "failed").await;
    assert!(delivery["reason"].as_str().unwrap().contains("CODEC"), "{delivery}");
    assert_eq!(scene.ledger().len(), 4);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_that_are_not_ready_when_they_are_posted_are_waited_for_and_not_uploaded_again() {
    let scene = Scene::on(Engine::Sqlite).await;
    // Longer than the grace that a self-serve app gives, which may not ask.
    scene.linkedin.tune(Tuning { image_ms: 60_000, ..at_once() });
    let picture = scene.world.picture().await;
    let post = scene.sent_as(json!({ "text": "soon", "media": [picture] })).await;
    scene.until(&post, "waiting").await;
    scene.until_by(&post, "published", 5_000).await;
    assert_eq!((scene.uploads().await.len(), scene.ledger().len()), (1, 1));
    scene.end().await;
}

async fn what_is_out_is_taken_down_when_the_person_says_so(engine: Engine) {
    let scene = Scene::with(engine, LinkedInOptions::default(), SELF_SERVE).await;
    let post = scene.sent("not for long").await;
    scene.until(&post, "published").await;
    let asked = async |post: &Value| {
        let asked = scene.world.call("take_down_post", json!({ "post": post })).await;
        let id = asked["approval_urls"][0].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
        let hash = scene.world.app.read_approval(&scene.world.person, &id).await.unwrap().approval.hash;
        (id, hash)
    };
    let (id, hash) = asked(&post).await;
    assert!(scene.ledger().iter().all(|entry| !entry.deleted));
    scene.world.app.decide(&scene.world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert!(scene.ledger().iter().all(|entry| entry.deleted));
    assert_eq!(scene.world.delivery(&post).await["state"], "taken_down");
    // Made without a name: it is published, and only the person can find it.
    scene.linkedin.tune(Tuning { drops_id: true, ..at_once() });
    for text in ["nameless", "nameless, too"] {
        let post = scene.sent(text).await;
        let delivery = scene.until(&post, "published").await;
        let address = delivery["receipts"][0]["permalink"].as_str().unwrap();
        assert!(address.contains("/recent-activity/"), "{delivery}");
        let (id, hash) = asked(&post).await;
        let refused = scene.world.app.decide(&scene.world.person, &id, &hash, Verdict::Approve).await;
        assert!(format!("{refused:?}").contains("linkedin-remove-unknown"), "{refused:?}");
        assert_eq!(scene.world.delivery(&post).await["state"], "published");
    }
    assert_eq!(scene.commits(), 3);
    scene.end().await;
}
