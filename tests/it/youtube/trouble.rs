//! Every class of error of the dossier leads to its state, every lost answer is settled by reading, and a process that dies at any step leaves one
//! video. The judge is the simulator's ledger.

use std::collections::BTreeMap;

use serde_json::json;
use socrazi::domain::account::Health;
use socrazi_sim::{Fault, FaultKind, RateBody};

use super::{OWN, Scene, UPLOADS, VIDEOS, film, small};
use crate::databases::{Engine, on_both};

on_both!(
    a_lost_answer_is_settled_by_how_the_video_stands,
    a_process_that_dies_before_any_step_leaves_one_video,
    a_process_that_dies_after_any_step_leaves_one_video
);

fn error(status: u16, reason: &str) -> FaultKind {
    let body = json!({ "error": { "code": status, "message": format!("because of {reason}"),
        "errors": [{ "reason": reason, "domain": "youtube.video" }] } });
    FaultKind::Status { status, body: body.to_string(), headers: BTreeMap::new() }
}

fn html(status: u16) -> FaultKind {
    FaultKind::Status { status, body: "<html>edge</html>".into(), headers: BTreeMap::new() }
}

fn at_commit(kind: FaultKind) -> Vec<Fault> {
    vec![Fault::once("PUT", VIDEOS, kind)]
}

async fn a_lost_answer_is_settled_by_how_the_video_stands(engine: Engine) {
    let scene = Scene::on(engine).await;
    let video = scene.world.keep(&small(), None).await;
    for (n, (name, kind)) in [
        ("a cut", FaultKind::ResetAfter),
        ("504", FaultKind::StatusAfter { status: 504, body: "oops".into() }),
        ("nothing that can be read", FaultKind::BrokenBodyAfter),
        ("a page", FaultKind::StatusAfter { status: 400, body: "<html>".into() }),
    ]
    .into_iter()
    .enumerate()
    {
        // The first look fails, too: that shows nothing either way.
        let look = Fault::once("GET", VIDEOS, html(503)).after(1);
        scene.google.set_faults([at_commit(kind), vec![look]].concat());
        let post = scene.sent(&format!("Lost: {name}"), &video).await;
        let delivery = scene.until(&post, "published").await;
        assert!(delivery["receipts"][0]["how"].as_str().unwrap().contains("show it"), "{name}: {delivery}");
        assert_eq!((scene.ledger().len(), scene.commits()), (n + 1, n as u64 + 1), "{name}");
    }
    // Never arrived: it is seen to be private, and the same change of the same video is sent again.
    let (out, changes, begun) = (scene.ledger().len(), scene.commits(), scene.begun());
    for (n, kind) in [FaultKind::ResetBefore, html(502)].into_iter().enumerate() {
        scene.google.set_faults(at_commit(kind));
        let post = scene.sent(&format!("Never arrived {n}"), &video).await;
        scene.until(&post, "published").await;
        let n = n + 1;
        assert_eq!((scene.ledger().len(), scene.commits()), (out + n, changes + 2 * n as u64));
        assert_eq!(
            (scene.begun(), scene.videos().await.len()),
            (begun + n as u64, out + n),
            "nothing is uploaded twice"
        );
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_somebody_took_the_video_away_meanwhile_a_person_is_asked() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&small(), None).await;
    let empty = json!({ "items": [] }).to_string();
    let empty = FaultKind::Status { status: 200, body: empty, headers: BTreeMap::new() };
    // Read once while it is prepared; the looks after the lost answer find nothing.
    let gone = Fault::once("GET", VIDEOS, empty).after(1).times(50);
    scene.google.set_faults([at_commit(FaultKind::ResetBefore), vec![gone]].concat());
    let post = scene.sent("Taken away", &video).await;
    let delivery = scene.until(&post, "needs_human").await;
    assert!(delivery["reason"].as_str().unwrap().contains("studio.youtube.com"), "{delivery}");
    assert_eq!((scene.ledger().len(), scene.commits()), (0, 1), "nothing is sent unasked");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_class_of_refusal_leads_to_its_state() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&small(), None).await;
    let limited = FaultKind::RateLimited { retry_after_s: 0, body: RateBody::Plain };
    let rows: Vec<(FaultKind, &str, &str)> = vec![
        (limited, "waiting", ""),
        (error(403, "userRateLimitExceeded"), "waiting", ""),
        (error(403, "quotaExceeded"), "waiting", "midnight in California"),
        (error(403, "accessNotConfigured"), "waiting", "not switched on"),
        (error(404, "videoNotFound"), "waiting", ""),
        (error(400, "invalidVideoMetadata"), "failed", "because of invalidVideoMetadata"),
        (error(403, "forbiddenPrivacySetting"), "failed", "because of forbiddenPrivacySetting"),
        (error(403, "insufficientPermissions"), "blocked", "without the permission"),
        (error(401, "youtubeSignupRequired"), "blocked", "no YouTube channel"),
        (error(403, "authenticatedUserAccountSuspended"), "blocked", "suspended or closed"),
    ];
    for (n, (kind, state, why)) in rows.into_iter().enumerate() {
        scene.google.set_faults(at_commit(kind.clone()));
        let out = scene.ledger().len();
        let post = scene.sent(&format!("Refused {n}"), &video).await;
        let delivery = scene.until(&post, state).await;
        assert!(delivery["reason"].as_str().unwrap().contains(why), "{kind:?}: {delivery}");
        assert_eq!(scene.ledger().len(), out, "{kind:?}");
        match state {
            "failed" => continue,
            "blocked" => {
                assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting, "{kind:?}");
                scene.connect(OWN).await;
            }
            _ => {}
        }
        scene.until(&post, "published").await;
        assert_eq!(scene.ledger().len(), out + 1, "{kind:?}");
        assert_eq!(scene.videos().await.len(), n + 1, "{kind:?}: nothing is uploaded twice");
    }
    // One token that is refused is renewed, and the second is taken.
    scene.google.set_faults(at_commit(error(401, "authError")));
    let renewed = scene.calls("POST", "/token");
    let post = scene.sent("Refused once", &video).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.calls("POST", "/token"), renewed + 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_before_anything_can_be_seen_leads_to_its_state_too() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&small(), None).await;
    let begin = |kind: FaultKind| vec![Fault::once("POST", UPLOADS, kind)];
    let put = |kind: FaultKind| vec![Fault::once("PUT", UPLOADS, kind)];
    let rows: Vec<(Vec<Fault>, &str)> = vec![
        (begin(FaultKind::RateLimited { retry_after_s: 0, body: RateBody::Plain }), "waiting"),
        (begin(html(503)), "waiting"),
        (begin(FaultKind::ResetAfter), "waiting"),
        (begin(FaultKind::Status { status: 200, body: String::new(), headers: BTreeMap::new() }), "waiting"),
        (begin(FaultKind::Status { status: 200, body: String::new(), headers: elsewhere() }), "waiting"),
        (begin(error(403, "insufficientPermissions")), "blocked"),
        (begin(error(400, "invalidTitle")), "failed"),
        (begin(error(400, "uploadLimitExceeded")), "failed"),
        (put(error(403, "forbidden")), "failed"),
        (vec![Fault::once("GET", VIDEOS, html(500))], "waiting"),
    ];
    for (n, (faults, state)) in rows.into_iter().enumerate() {
        scene.google.set_faults(faults);
        let (out, changes) = (scene.ledger().len(), scene.commits());
        let post = scene.sent(&format!("Film {n}"), &video).await;
        let delivery = scene.until(&post, state).await;
        assert_eq!((scene.ledger().len(), scene.commits()), (out, changes), "{n}: {delivery}");
        match state {
            "failed" => continue,
            "blocked" => {
                assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
                scene.connect(OWN).await;
            }
            _ => {}
        }
        scene.until(&post, "published").await;
        assert_eq!(scene.ledger().len(), out + 1, "{n}");
    }
    scene.end().await;
}

/// A session that is not Google's: whoever answers so is sent nothing.
fn elsewhere() -> BTreeMap<String, String> {
    [("location".to_owned(), "https://evil.example/upload?upload_id=1".to_owned())].into()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_seen_on_another_channel_than_the_one_that_was_approved() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&small(), None).await;
    let body = json!({ "items": [{ "id": "ID", "snippet": { "channelId": super::BRAND },
        "status": { "uploadStatus": "processed", "privacyStatus": "private" } }] });
    // Whichever video is asked for: it is on the brand's channel.
    scene.google.set_faults(vec![
        Fault::once(
            "PUT",
            UPLOADS,
            FaultKind::Status {
                status: 200,
                body: json!({ "id": "aaaaaaaaaaa" }).to_string(),
                headers: BTreeMap::new(),
            },
        ),
        Fault::once(
            "GET",
            VIDEOS,
            FaultKind::Status {
                status: 200,
                body: body.to_string().replace("ID", "aaaaaaaaaaa"),
                headers: BTreeMap::new(),
            },
        ),
    ]);
    let post = scene.sent("Where it belongs", &video).await;
    let delivery = scene.until(&post, "blocked").await;
    assert!(delivery["reason"].as_str().unwrap().contains("another channel"), "{delivery}");
    assert_eq!((scene.commits(), scene.ledger().len()), (0, 0));
    scene.end().await;
}

async fn a_process_that_dies_before_any_step_leaves_one_video(engine: Engine) {
    dies(engine, FaultKind::HangBefore).await;
}

async fn a_process_that_dies_after_any_step_leaves_one_video(engine: Engine) {
    dies(engine, FaultKind::HangAfter).await;
}

/// A call that hangs is where the process dies: before YouTube did anything, or after it did.
async fn dies(engine: Engine, kind: FaultKind) {
    let mut scene = Scene::on(engine).await;
    let video = scene.world.keep(&film(), None).await;
    let picture = scene.world.keep(&socrazi_sim::samples::jpeg(1_280, 720), None).await;
    let steps = [
        ("begin", "POST", UPLOADS, 0),
        ("first piece", "PUT", UPLOADS, 0),
        ("second piece", "PUT", UPLOADS, 1),
        ("last piece", "PUT", UPLOADS, 2),
        ("thumbnail", "POST", "/upload/youtube/v3/thumbnails/set", 0),
        ("look", "GET", VIDEOS, 0),
        ("change", "PUT", VIDEOS, 0),
    ];
    for (out, (name, method, path, skip)) in steps.into_iter().enumerate() {
        scene.google.set_faults(vec![Fault::once(method, path, kind.clone()).after(skip)]);
        let title = format!("Died at {name}");
        let post = scene.sent_with(json!({ "text": title, "media": [video, picture] }), super::chosen()).await;
        scene.world.struck(&scene.google.url(), &post, 100).await;
        scene.world.abandon_publisher().await;
        scene.world.reopen().await;
        scene.google.set_faults(Vec::new());
        scene.until(&post, "published").await;
        assert_eq!(scene.ledger().len(), out + 1, "{title}: {:?}", scene.ledger());
        // Seen or not: one video was made of it.
        let made = scene.videos().await.into_iter().filter(|video| video["snippet"]["title"] == *title).count();
        assert_eq!(made, 1, "{title}");
    }
    scene.end().await;
}
