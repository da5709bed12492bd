//! Every class of error of the dossier leads to its state, every lost answer is asked of the person (or read where the app may read), and a process
//! that dies at any step leaves one post. The judge is the simulator's ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::domain::account::Health;
use socrazi::domain::delivery::Answer;
use socrazi::domain::tool::ToolError;
use socrazi_sim::linkedin::Tuning;
use socrazi_sim::samples;
use socrazi_sim::{Fault, FaultKind, RateBody};

use super::publishing::{FILM, picture};
use super::{ANA, POSTS, Scene, at_once};
use crate::databases::{Engine, on_both};

on_both!(
    a_lost_answer_is_asked_of_the_person_with_the_place_to_look_and_nothing_is_sent_twice,
    where_the_app_may_read_a_lost_answer_is_settled_by_the_account_s_own_posts,
    a_process_that_dies_before_any_step_leaves_one_post,
    a_process_that_dies_after_any_step_leaves_one_post,
    a_death_in_the_upload_of_images_and_documents_leaves_one_post,
    a_film_goes_on_after_a_death_where_it_was_noted_and_begins_anew_where_it_cannot
);

fn error(status: u16, code: &str, message: &str) -> FaultKind {
    let body = json!({ "status": status, "serviceErrorCode": 100, "code": code, "message": message }).to_string();
    FaultKind::Status { status, body, headers: BTreeMap::new() }
}

fn html(status: u16) -> FaultKind {
    FaultKind::Status { status, body: "<html>edge</html>".into(), headers: BTreeMap::new() }
}

fn at_post(kind: FaultKind) -> Vec<Fault> {
    vec![Fault::once("POST", POSTS, kind)]
}

impl Scene {
    async fn settle(&self, delivery: &Value, answer: Answer, link: Option<&str>) -> Result<(), ToolError> {
        let id = delivery["id"].as_str().unwrap().parse().unwrap();
        self.world.app.settle(&self.world.person, &id, (answer, link)).await.map(drop)
    }
}

async fn a_lost_answer_is_asked_of_the_person_with_the_place_to_look_and_nothing_is_sent_twice(engine: Engine) {
    let scene = Scene::on(engine).await;
    let transient = |message: &str| json!({ "status": 403, "message": message }).to_string();
    let kinds = [
        ("reset", FaultKind::ResetAfter),
        ("504", FaultKind::StatusAfter { status: 504, body: "oops".into() }),
        ("500", FaultKind::StatusAfter { status: 500, body: json!({ "status": 500, "code": "X" }).to_string() }),
        ("forbidden", FaultKind::StatusAfter { status: 403, body: transient("resource is forbidden") }),
        ("activity", FaultKind::StatusAfter { status: 400, body: transient("Unable to obtain activity") }),
        ("html", FaultKind::StatusAfter { status: 400, body: "<html>".into() }),
    ];
    for (n, (name, kind)) in kinds.into_iter().enumerate() {
        scene.linkedin.set_faults(at_post(kind));
        let post = scene.sent(&format!("lost answer: {name}")).await;
        let delivery = scene.until(&post, "needs_human").await;
        let asked = delivery["reason"].as_str().unwrap();
        assert!(
            asked.contains("https://www.linkedin.com/in/me/recent-activity/") && asked.contains("is the post there?"),
            "{asked}"
        );
        // It is there: its address is taken, whichever of its names the person found.
        scene.world.pass(120_000);
        let urn = scene.ledger()[n].id.clone();
        for wrong in ["https://www.linkedin.com/in/ana-li/", "https://evil.example/feed/update/urn:li:share:1/"] {
            let refused = scene.settle(&delivery, Answer::ItIsThere, Some(wrong)).await;
            assert!(matches!(refused, Err(ToolError::Refused(why)) if why.key == "settle-link-wrong"), "{wrong}");
        }
        let link = format!("https://www.linkedin.com/feed/update/{urn}/?utm_source=share");
        scene.settle(&delivery, Answer::ItIsThere, Some(&link)).await.unwrap();
        let delivery = scene.until(&post, "published").await;
        assert_eq!(delivery["receipts"][0]["permalink"], format!("https://www.linkedin.com/feed/update/{urn}/"));
        assert_eq!((scene.ledger().len(), scene.commits()), (n + 1, n as u64 + 1), "{name}");
    }
    let out = scene.ledger().len();
    // It is not there, and is sent.
    scene.linkedin.set_faults(at_post(FaultKind::ResetBefore));
    let post = scene.sent("not at first").await;
    let delivery = scene.until(&post, "needs_human").await;
    assert_eq!(scene.ledger().len(), out);
    scene.world.pass(120_000);
    scene.settle(&delivery, Answer::SendIt, None).await.unwrap();
    scene.until(&post, "published").await;
    // The person errs: LinkedIn knows it, and they are asked again instead of being told that it failed.
    scene.linkedin.set_faults(at_post(FaultKind::ResetAfter));
    let post = scene.sent("overlooked").await;
    let delivery = scene.until(&post, "needs_human").await;
    scene.world.pass(120_000);
    scene.settle(&delivery, Answer::SendIt, None).await.unwrap();
    let delivery = scene.until(&post, "needs_human").await;
    scene.world.pass(120_000);
    let urn = scene.ledger().pop().unwrap().id;
    scene.settle(&delivery, Answer::ItIsThere, Some(&urn)).await.unwrap();
    scene.until(&post, "published").await;
    assert_eq!(scene.ledger().len(), out + 2);
    scene.end().await;
}

async fn where_the_app_may_read_a_lost_answer_is_settled_by_the_account_s_own_posts(engine: Engine) {
    let scene = Scene::partner(engine).await;
    let picture = scene.world.picture().await;
    // The first look fails, too: that shows nothing either way.
    let unread = || Fault::once("GET", POSTS, html(503));
    for (n, (segment, kind)) in [
        (json!({ "text": "lost (1) #rust a_b" }), FaultKind::ResetAfter),
        (json!({ "text": "lost 2", "poll": { "options": ["a", "b"], "minutes": 1_440 } }), FaultKind::ResetAfter),
        (
            json!({ "text": "lost 3", "media": [picture, picture] }),
            FaultKind::StatusAfter { status: 504, body: String::new() },
        ),
        (json!({ "text": "lost https://127.0.0.1/4" }), FaultKind::ResetAfter),
    ]
    .into_iter()
    .enumerate()
    {
        scene.linkedin.set_faults([at_post(kind), vec![unread()]].concat());
        let post = scene.sent_as(segment).await;
        let delivery = scene.until(&post, "published").await;
        assert!(delivery["receipts"][0]["how"].as_str().unwrap().contains("own posts show it"), "{n}: {delivery}");
        let urn = &scene.ledger()[n].id;
        assert_eq!(delivery["receipts"][0]["permalink"], format!("https://www.linkedin.com/feed/update/{urn}/"));
        assert_eq!((scene.ledger().len(), scene.commits()), (n + 1, n as u64 + 1));
    }
    // Not there, as far as can be seen: that proves nothing on LinkedIn, so the person says it.
    scene.linkedin.set_faults(at_post(FaultKind::ResetBefore));
    let post = scene.sent("never arrived").await;
    let delivery = scene.until_by(&post, "needs_human", 10_000).await;
    assert_eq!(scene.ledger().len(), 4, "{delivery}");
    scene.settle(&delivery, Answer::SendIt, None).await.unwrap();
    scene.until(&post, "published").await;
    // Listed late.
    scene.linkedin.tune(Tuning { list_lag_ms: 20_000, ..at_once() });
    scene.linkedin.set_faults(at_post(FaultKind::ResetAfter));
    let post = scene.sent("listed late").await;
    scene.until(&post, "published").await;
    assert_eq!((scene.ledger().len(), scene.commits()), (6, 7));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_class_of_refusal_leads_to_its_state() {
    let scene = Scene::on(Engine::Sqlite).await;
    let limited = |body| FaultKind::RateLimited { retry_after_s: 0, body };
    let rows: Vec<(FaultKind, &str, &str)> = vec![
        (limited(RateBody::Plain), "waiting", ""),
        (limited(RateBody::Problem), "waiting", ""),
        (error(409, "CONFLICT", "x"), "waiting", ""),
        (error(400, "ILLEGAL_ARGUMENT", "media asset is not ready"), "waiting", ""),
        (error(400, "FIELD_LENGTH_TOO_LONG", "/commentary :: text length exceeded"), "failed", "text length exceeded"),
        (error(400, "MISSING_FIELD", "x"), "failed", "LinkedIn refused the post"),
        (error(400, "INVALID_URN_ID", "x"), "failed", "LinkedIn refused the post"),
        (error(404, "NOT_FOUND", "x"), "failed", "does not find"),
        (error(422, "UNPROCESSABLE_ENTITY", "could not be processed"), "failed", "could not be processed"),
        (error(422, "DUPLICATE_POST", "Content is a duplicate of urn:li:share:7"), "failed", "same"),
        (
            error(403, "ACCESS_DENIED", "Not enough permissions to access: posts.CREATE.20260901"),
            "blocked",
            "Share on LinkedIn",
        ),
        (error(401, "REVOKED_ACCESS_TOKEN", "revoked"), "blocked", ""),
        (error(401, "EXPIRED_ACCESS_TOKEN", "expired"), "blocked", ""),
        (html(401), "blocked", ""),
    ];
    for (n, (kind, state, why)) in rows.into_iter().enumerate() {
        scene.linkedin.set_faults(at_post(kind.clone()));
        let out = scene.ledger().len();
        let post = scene.sent(&format!("refused {n}")).await;
        let delivery = scene.until(&post, state).await;
        assert_eq!(scene.ledger().len(), out, "{kind:?}");
        match state {
            "waiting" => drop(scene.until_by(&post, "published", 5_000).await),
            "failed" => {
                let reason = delivery["reason"].as_str().unwrap();
                assert!(reason.contains(why), "{kind:?}: {delivery}");
            }
            _ => {
                assert!(delivery["reason"].as_str().unwrap().contains(why), "{kind:?}: {delivery}");
                assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting, "{kind:?}");
                scene.connect(ANA).await;
                scene.until(&post, "published").await;
            }
        }
        assert_eq!(scene.ledger().len(), out + usize::from(state != "failed"), "{kind:?}");
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_no_longer_answered_stops_the_network_and_a_newer_one_lets_it_go_on() {
    let mut scene = Scene::on(Engine::Sqlite).await;
    scene.linkedin.tune(Tuning { versions: vec!["202701".into()], ..at_once() });
    let post = scene.sent("in another year").await;
    let delivery = scene.until(&post, "waiting").await;
    assert!(delivery["reason"].as_str().unwrap().contains("linkedin.version"), "{delivery}");
    let notices = scene.world.app.notices(&scene.world.person).await.unwrap();
    assert!(notices.iter().any(|notice| notice.what.key == "notice-network-stopped"), "{notices:?}");
    // The others of this network are held, too.
    let other = scene.sent("held").await;
    scene.world.pass(5_000);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((scene.ledger().len(), scene.commits()), (0, 1));
    scene.world.set("linkedin.version", "202701".to_owned());
    scene.world.reopen().await;
    scene.until_by(&post, "published", 60_000).await;
    scene.until_by(&other, "published", 60_000).await;
    assert_eq!(scene.ledger().len(), 2);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_before_anything_can_be_seen_leads_to_its_state_too() {
    let scene = Scene::on(Engine::Sqlite).await;
    let film = scene.keep(&samples::mp4(&samples::Film::default()), "").await;
    let init = |kind: FaultKind| vec![Fault::once("POST", "/rest/videos", kind)];
    let rows: Vec<(Vec<Fault>, &str)> = vec![
        (init(FaultKind::RateLimited { retry_after_s: 0, body: RateBody::Plain }), "waiting"),
        (init(html(503)), "waiting"),
        (init(FaultKind::BrokenBodyAfter), "waiting"),
        (init(error(401, "EXPIRED_ACCESS_TOKEN", "expired")), "blocked"),
        (init(error(403, "ACCESS_DENIED", "Not enough permissions")), "blocked"),
        (init(error(400, "INVALID_VALUE_FOR_FIELD", "fileSizeBytes")), "failed"),
        (vec![Fault::once("GET", "/v2/userinfo", html(502))], "waiting"),
        (vec![Fault::once("GET", "/rest/videos/", html(500))], "waiting"),
        (vec![Fault::once("PUT", "/dms-uploads/", html(403))], "waiting"),
    ];
    for (n, (faults, state)) in rows.into_iter().enumerate() {
        scene.linkedin.set_faults(faults);
        let out = scene.ledger().len();
        let post = scene.sent_as(json!({ "text": format!("film {n}"), "media": [film] })).await;
        let delivery = scene.until(&post, state).await;
        assert_eq!((scene.ledger().len(), scene.commits()), (out, out as u64), "{n}: {delivery}");
        match state {
            "failed" => continue,
            "blocked" => {
                assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
                scene.connect(ANA).await;
            }
            _ => {}
        }
        scene.until_by(&post, "published", 5_000).await;
        assert_eq!(scene.ledger().len(), out + 1, "{n}");
    }
    scene.end().await;
}

async fn a_process_that_dies_before_any_step_leaves_one_post(engine: Engine) {
    dies(engine, FaultKind::HangBefore).await;
}

async fn a_process_that_dies_after_any_step_leaves_one_post(engine: Engine) {
    dies(engine, FaultKind::HangAfter).await;
}

/// A call that hangs is where the process dies: before the network did anything, or after it did.
async fn dies(engine: Engine, kind: FaultKind) {
    let mut scene = Scene::on(engine).await;
    let film = scene.keep(&samples::mp4(&samples::Film::default()), "").await;
    let is_after = kind == FaultKind::HangAfter;
    let steps = [
        ("member", "GET", "/v2/userinfo"),
        ("begin", "POST", "/rest/videos"),
        ("put", "PUT", "/dms-uploads/"),
        ("end", "POST", "/rest/videos"),
        ("status", "GET", "/rest/videos/"),
        ("post", "POST", POSTS),
    ];
    for (out, (name, method, path)) in steps.into_iter().enumerate() {
        // The end of an upload is the second call to the same place.
        let skip = u32::from(name == "end");
        scene.linkedin.set_faults(vec![Fault::once(method, path, kind.clone()).after(skip)]);
        let text = format!("died at {name}");
        let post = scene.sent_as(json!({ "text": text, "media": [film] })).await;
        scene.world.struck(&scene.linkedin.url(), &post, 100).await;
        scene.world.abandon_publisher().await;
        scene.world.reopen().await;
        scene.linkedin.set_faults(Vec::new());
        if name == "post" {
            // Only the person can know.
            let delivery = scene.until_by(&post, "needs_human", 2_000).await;
            assert_eq!(scene.ledger().len(), out + usize::from(is_after), "{text}");
            scene.world.pass(120_000);
            let answer = if is_after { Answer::ItIsThere } else { Answer::SendIt };
            scene.settle(&delivery, answer, None).await.unwrap();
        }
        scene.until_by(&post, "published", 2_000).await;
        assert_eq!(scene.ledger().len(), out + 1, "{text}: {:?}", scene.ledger());
    }
    scene.end().await;
}

async fn a_death_in_the_upload_of_images_and_documents_leaves_one_post(engine: Engine) {
    let mut scene = Scene::partner(engine).await;
    let (tower, other) = (scene.world.picture().await, scene.keep(&picture(640, 480), "").await);
    let document = scene.keep(&samples::pdf(3), "Slides").await;
    let (images, slides) = (json!([tower, other]), json!([document]));
    let steps = [
        ("second image", "POST", "/rest/images", 1, &images, "multiImage"),
        ("bytes of the second image", "PUT", "/dms-uploads/", 1, &images, "multiImage"),
        ("status of an image", "GET", "/rest/images/", 0, &images, "multiImage"),
        ("document", "POST", "/rest/documents", 0, &slides, "document"),
        ("bytes of a document", "PUT", "/dms-uploads/", 0, &slides, "document"),
        ("status of a document", "GET", "/rest/documents/", 0, &slides, "document"),
    ];
    let mut out = 0;
    for (name, method, path, skip, media, kind) in steps {
        for (when, fault) in [("before", FaultKind::HangBefore), ("after", FaultKind::HangAfter)] {
            scene.linkedin.set_faults(vec![Fault::once(method, path, fault).after(skip)]);
            let text = format!("died at {name}, {when}");
            let post = scene.sent_as(json!({ "text": text, "media": media })).await;
            scene.world.struck(&scene.linkedin.url(), &post, 100).await;
            scene.world.abandon_publisher().await;
            scene.world.reopen().await;
            scene.linkedin.set_faults(Vec::new());
            scene.until_by(&post, "published", 2_000).await;
            out += 1;
            let ledger = scene.ledger();
            assert_eq!((ledger.len(), ledger[out - 1].kind.as_str()), (out, kind), "{text}");
            assert_eq!(ledger[out - 1].media.len(), media.as_array().unwrap().len(), "{text}");
        }
    }
    scene.end().await;
}

/// A process dies in an upload of five parts. The next one sends what the first had not noted, and LinkedIn is told of one film.
async fn a_film_goes_on_after_a_death_where_it_was_noted_and_begins_anew_where_it_cannot(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let bytes = samples::mp4(&FILM);
    let film = scene.keep(&bytes, "").await;
    let put = "/dms-uploads/sp/{kind}/{id}/{part}";
    let begun = async |scene: &Scene| scene.uploads().await.len();
    // Two parts are noted when the fourth is on its way; all of them when LinkedIn works on it.
    let deaths = [("in the middle", "PUT", "/dms-uploads/", 3, 4 + 3), ("at work", "GET", "/rest/videos/", 0, 5)];
    for (n, (name, method, path, skip, puts)) in deaths.into_iter().enumerate() {
        let before = scene.calls("PUT", put);
        scene.linkedin.set_faults(vec![Fault::once(method, path, FaultKind::HangAfter).after(skip)]);
        let post = scene.sent_as(json!({ "text": name, "media": [film] })).await;
        scene.world.struck(&scene.linkedin.url(), &post, 100).await;
        scene.world.abandon_publisher().await;
        scene.world.reopen().await;
        scene.linkedin.set_faults(Vec::new());
        scene.until_by(&post, "published", 2_000).await;
        assert_eq!((begun(&scene).await, scene.calls("PUT", put) - before), (n + 1, puts), "{name}");
    }
    // Its addresses have ended meanwhile: it begins anew at once.
    scene.linkedin.set_faults(vec![Fault::once("PUT", "/dms-uploads/", FaultKind::HangAfter).after(3)]);
    let post = scene.sent_as(json!({ "text": "ended", "media": [film] })).await;
    scene.world.struck(&scene.linkedin.url(), &post, 100).await;
    scene.world.abandon_publisher().await;
    scene.linkedin.set_faults(vec![Fault::once("PUT", "/dms-uploads/", html(403))]);
    scene.world.reopen().await;
    scene.until_by(&post, "published", 2_000).await;
    assert_eq!(begun(&scene).await, 4, "once for each, and once more for this one");
    assert_eq!((scene.ledger().len(), scene.commits()), (3, 3));
    let sha256 = super::publishing::sha256(&bytes);
    assert!(scene.ledger().iter().all(|entry| entry.media[0].sha256 == sha256), "each byte once and in its place");
    scene.end().await;
}
