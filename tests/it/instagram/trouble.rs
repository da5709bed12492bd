//! Every class of error of the dossier leads to its state, every lost answer is settled by looking, and a process that dies at any step leaves
//! one post. The judge is the simulator's ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use socrazi::domain::account::Health;
use socrazi::domain::delivery::Answer;
use socrazi_sim::instagram::Tuning;
use socrazi_sim::{Fault, FaultKind};

use super::{Scene, at_once};
use crate::databases::{Engine, on_both};

const PUBLISH: &str = "/v25.0/17841400000000011/media_publish";
const CONTAINER: &str = "/v25.0/17841400000000011/media";
/// Containers and posts; accounts begin otherwise.
const READ: &str = "/v25.0/179";
/// As routes are counted.
const CONTAINERS: &str = "/{version}/{id}/media";

on_both!(
    every_lost_answer_is_settled_by_the_container_and_nothing_is_sent_twice,
    what_did_not_go_out_goes_out_with_the_same_container,
    a_process_that_dies_at_any_step_leaves_one_post
);

fn error(code: i64, subcode: i64) -> String {
    json!({ "error": { "message": "words", "type": "OAuthException", "code": code, "error_subcode": subcode,
        "is_transient": false, "fbtrace_id": "A" } })
    .to_string()
}

fn status(status: u16, body: String) -> FaultKind {
    FaultKind::Status { status, body, headers: BTreeMap::new() }
}

fn refused(code: i64, subcode: i64) -> FaultKind {
    status(400, error(code, subcode))
}

fn refused_after(code: i64, subcode: i64) -> FaultKind {
    FaultKind::StatusAfter { status: 400, body: error(code, subcode) }
}

fn at_publish(kind: FaultKind) -> Vec<Fault> {
    vec![Fault::once("POST", PUBLISH, kind)]
}

fn at_container(kind: FaultKind) -> Fault {
    Fault::once("POST", CONTAINER, kind)
}

/// What a container says of itself.
fn says(code: &str, status_text: &str) -> FaultKind {
    status(200, json!({ "id": "1", "status_code": code, "status": status_text }).to_string())
}

async fn every_lost_answer_is_settled_by_the_container_and_nothing_is_sent_twice(engine: Engine) {
    let scene = Scene::on(engine).await;
    let kinds = [
        ("reset", FaultKind::ResetAfter),
        ("broken", FaultKind::BrokenBodyAfter),
        ("503", FaultKind::StatusAfter { status: 503, body: "oops".into() }),
        ("spam-like", refused_after(4, 2_207_051)),
        ("service down", refused_after(2, 0)),
        ("server error", refused_after(-1, 2_207_001)),
        ("not found", refused_after(24, 2_207_008)),
        ("object missing", refused_after(100, 33)),
        ("in no table", refused_after(9_999, 0)),
    ];
    let count = kinds.len();
    // What is out is listed late, and the first look at the container fails with what Graph says now and then: that shows nothing either way.
    scene.instagram.tune(Tuning { list_lag_ms: 5_000, ..at_once() });
    for (n, (name, kind)) in kinds.into_iter().enumerate() {
        let unread = Fault::once("GET", READ, refused(100, 33)).after(1);
        scene.instagram.set_faults([at_publish(kind), vec![unread]].concat());
        let post = scene.sent(&format!("lost answer: {name}")).await;
        let delivery = scene.until_by(&post, "published", 5_000).await;
        assert!(delivery["receipts"][0]["how"].as_str().unwrap().contains("own posts show it"), "{name}: {delivery}");
        assert!(delivery["receipts"][0]["permalink"].as_str().unwrap().contains("/p/"), "{delivery}");
        assert_eq!((scene.instagram.ledger().len(), scene.commits()), (n + 1, n as u64 + 1), "{name}");
    }
    // A reel, a carousel and a story are found as what they are; then the comment, which only its being there proves.
    let film = scene.film().await;
    let story = json!({ "instagram": { "story": true } });
    for (text, media, options) in [
        ("a reel", json!([film]), json!({})),
        ("an album", json!([scene.picture, film]), json!({})),
        ("", json!([scene.picture]), story),
    ] {
        scene.instagram.set_faults(at_publish(FaultKind::ResetAfter));
        let post = scene.send(json!([{ "text": text, "media": media }]), options).await;
        scene.until_by(&post, "published", 5_000).await;
    }
    scene.instagram.set_faults(vec![Fault::once("POST", READ, FaultKind::ResetAfter)]);
    let segments = json!([{ "text": "above", "media": [scene.picture] }, { "text": "below" }]);
    let post = scene.send(segments, json!({})).await;
    let delivery = scene.until_by(&post, "published", 5_000).await;
    assert!(delivery["receipts"][1]["how"].as_str().unwrap().contains("own posts show it"), "{delivery}");
    assert_eq!((scene.instagram.ledger().len(), scene.commits()), (count + 5, count as u64 + 5));
    scene.end().await;
}

async fn what_did_not_go_out_goes_out_with_the_same_container(engine: Engine) {
    let scene = Scene::on(engine).await;
    let kinds = [FaultKind::ResetBefore, status(500, "oops".into()), refused(1, 0), refused(-1, 2_207_001)];
    let count = kinds.len();
    for (n, kind) in kinds.into_iter().enumerate() {
        scene.instagram.set_faults(at_publish(kind.clone()));
        let before = (scene.calls("POST", CONTAINERS), scene.commits());
        let post = scene.sent(&format!("not at first {n}")).await;
        // Two reads of the container a minute apart prove that it did not go out.
        scene.until_by(&post, "published", 10_000).await;
        let after = (scene.calls("POST", CONTAINERS) - before.0, scene.commits() - before.1);
        assert_eq!((scene.instagram.ledger().len(), after), (n + 1, (1, 2)), "{kind:?}");
    }
    // Where the look fails nothing is concluded, and in the end a person is asked.
    let unreadable = Fault::once("GET", READ, status(503, String::new())).times(1_000).after(1);
    scene.instagram.set_faults([at_publish(FaultKind::ResetBefore), vec![unreadable]].concat());
    let post = scene.sent("nobody can tell").await;
    let delivery = scene.until_by(&post, "needs_human", 30_000).await;
    assert_eq!(scene.instagram.ledger().len(), count, "{delivery}");
    scene.instagram.set_faults(Vec::new());
    let id = delivery["id"].as_str().unwrap().parse().unwrap();
    scene.world.app.settle(&scene.world.person, &id, (Answer::SendIt, None)).await.unwrap();
    scene.until(&post, "published").await;
    // Taken for spam: it did not go out, and is not sent again by itself either.
    scene.instagram.set_faults(at_publish(refused(4, 2_207_051)));
    let before = scene.commits();
    let post = scene.sent("looks like spam").await;
    let delivery = scene.until_by(&post, "needs_human", 30_000).await;
    assert_eq!((scene.instagram.ledger().len(), scene.commits() - before), (count + 1, 1), "{delivery}");
    // That a comment is not there proves nothing: never sent again unasked.
    scene.instagram.set_faults(vec![Fault::once("POST", READ, FaultKind::ResetBefore)]);
    let segments = json!([{ "text": "above", "media": [scene.picture] }, { "text": "below" }]);
    let post = scene.send(segments, json!({})).await;
    let delivery = scene.until_by(&post, "needs_human", 30_000).await;
    assert_eq!(scene.instagram.ledger().len(), count + 2, "{delivery}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_was_used_by_a_request_on_its_way_is_not_published_again() {
    let scene = Scene::on(Engine::Sqlite).await;
    // The first request reaches the network only when ours was given up and sent again: then its container is spent.
    scene.instagram.set_faults(vec![
        Fault::once("POST", PUBLISH, FaultKind::ResetBefore),
        Fault::once("POST", PUBLISH, refused_after(24, 2_207_008)),
    ]);
    let post = scene.sent("late but once").await;
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!((scene.instagram.ledger().len(), scene.commits(), scene.calls("POST", CONTAINERS)), (1, 2, 1));
    // Never used, it is tried again as it is; at last it is made anew.
    scene.instagram.set_faults(at_publish(refused(24, 2_207_006)));
    let post = scene.sent("with the same container").await;
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!((scene.instagram.ledger().len(), scene.commits(), scene.calls("POST", CONTAINERS)), (2, 4, 2));
    scene.instagram.set_faults(vec![Fault::once("POST", PUBLISH, refused(24, 2_207_008)).times(4)]);
    let post = scene.sent("with another container").await;
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!((scene.instagram.ledger().len(), scene.commits(), scene.calls("POST", CONTAINERS)), (3, 9, 4));
    // Expired while it waited: another one, at once.
    scene.instagram.set_faults(at_publish(refused(-2, 2_207_020)));
    let post = scene.sent("too old").await;
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!((scene.instagram.ledger().len(), scene.calls("POST", CONTAINERS)), (4, 6));
    // It failed in Instagram's hands, as a look shows: it never went out and never will.
    let ended = Fault::once("GET", READ, says("EXPIRED", "Expired: Media builder has expired.")).after(1);
    scene.instagram.set_faults([at_publish(FaultKind::ResetBefore), vec![ended.times(1_000)]].concat());
    let post = scene.sent("anew").await;
    while scene.calls("POST", CONTAINERS) < 8 {
        scene.world.pass(5_000);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    scene.instagram.set_faults(Vec::new());
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!(scene.instagram.ledger().len(), 5);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_class_of_refusal_leads_to_its_state() {
    let scene = Scene::on(Engine::Sqlite).await;
    let rows: Vec<(FaultKind, &str, &str)> = vec![
        (FaultKind::RateLimited { retry_after_s: 60, body: Default::default() }, "waiting", "published"),
        (refused(4, 0), "waiting", "published"),
        (refused(17, 0), "waiting", "published"),
        (refused(32, 0), "waiting", "published"),
        (refused(613, 0), "waiting", "published"),
        (refused(80_002, 0), "waiting", "published"),
        (refused(9, 2_207_042), "waiting", "published"),
        (refused(9_007, 2_207_027), "waiting", "published"),
        (refused(24, 2_207_006), "waiting", "published"),
        (refused(-1, 2_207_032), "waiting", "published"),
        (refused(-2, 2_207_003), "waiting", "published"),
        (refused(352, 2_207_026), "failed", "2207026"),
        (refused(36_000, 2_207_004), "failed", "2207004"),
        (refused(36_003, 2_207_009), "failed", "2207009"),
        (refused(36_004, 2_207_010), "failed", "caption"),
        (refused(100, 2_207_028), "failed", "2 to 10"),
        (refused(100, 2_207_040), "failed", "tagged"),
        (refused(1, 2_207_057), "failed", "2207057"),
        (refused(100, 0), "failed", "words"),
        (refused(25, 2_207_050), "blocked", "restricted this account"),
        (refused(368, 0), "blocked", "blocked this account"),
        (refused(10, 0), "blocked", "permission"),
        (status(403, error(200, 0)), "blocked", "permission"),
        (refused(3, 0), "blocked", "permission"),
    ];
    for (n, (kind, first, then)) in rows.into_iter().enumerate() {
        if n == 15 {
            // More than a standing permission covers in a day.
            scene.world.pass(86_400_000);
        }
        scene.instagram.set_faults(at_publish(kind.clone()));
        let out = scene.instagram.ledger().len();
        let post = scene.sent(&format!("refused {n}")).await;
        let delivery = scene.until(&post, first).await;
        match first {
            "waiting" => drop(scene.until_by(&post, then, 10_000).await),
            "failed" => assert!(delivery["reason"].as_str().unwrap().contains(then), "{kind:?}: {delivery}"),
            _ => {
                assert!(delivery["reason"].as_str().unwrap().contains(then), "{kind:?}: {delivery}");
                assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting, "{kind:?}");
                scene.connect("socrazi_demo").await;
                scene.until(&post, "published").await;
            }
        }
        assert_eq!(scene.instagram.ledger().len(), out + usize::from(first != "failed"), "{kind:?}");
    }
    // "Posted already", on a first try: refused, for nothing of ours is there.
    scene.instagram.set_faults(at_publish(refused(506, 0)));
    let post = scene.sent("said to be there").await;
    scene.until(&post, "failed").await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_refreshed_once_wherever_it_is_refused() {
    let scene = Scene::on(Engine::Sqlite).await;
    let day = 86_400_000;
    scene.world.pass(2 * day);
    let places = [
        at_publish(refused(190, 463)),
        vec![at_container(refused(190, 460))],
        vec![Fault::once("GET", "/v25.0/me", refused(102, 0))],
        vec![Fault::once("GET", READ, refused(190, 0))],
    ];
    let count = places.len();
    for (n, faults) in places.into_iter().enumerate() {
        let before = scene.calls("GET", "/refresh_access_token");
        scene.instagram.set_faults(faults);
        let post = scene.sent(&format!("with a new token {n}")).await;
        scene.until(&post, "published").await;
        assert_eq!(scene.calls("GET", "/refresh_access_token") - before, 1, "{n}");
        scene.world.pass(2 * day);
    }
    // Refused twice it is the account, whatever the subcode says.
    for (n, subcode) in [458, 459, 464, 467, 492].into_iter().enumerate() {
        scene.instagram.set_faults(vec![at_container(refused(190, subcode)).times(2)]);
        let post = scene.sent(&format!("not with these {n}")).await;
        scene.until(&post, "blocked").await;
        assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
        assert_eq!(scene.instagram.ledger().len(), count + n);
        scene.connect("socrazi_demo").await;
        scene.until(&post, "published").await;
        scene.world.pass(2 * day);
    }
    scene.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_fails_for_good_is_told_and_one_that_may_pass_is_tried_again() {
    let scene = Scene::on(Engine::Sqlite).await;
    let film = scene.film().await;
    let failed = |number: i64| {
        let status = format!("Error: Media upload has failed with error code {number}");
        Fault::once("GET", READ, says("ERROR", &status))
    };
    let unfetched = || at_container(refused(9_004, 2_207_052));
    let rows = [
        (vec![failed(2_207_026)], "failed", "2207026"),
        (vec![failed(2_207_077)], "failed", "2207077"),
        (vec![failed(2_207_053)], "published", ""),
        (vec![failed(2_207_082).times(2)], "published", ""),
        (vec![failed(2_207_032).times(3)], "failed", "2207032"),
        (vec![unfetched().times(3)], "published", ""),
        (vec![unfetched().times(4)], "failed", "server.public_url"),
        (vec![at_container(refused(36_001, 2_207_005))], "failed", "2207005"),
        (vec![Fault::once("GET", READ, refused(100, 33))], "published", ""),
        (vec![at_container(refused(-1, 2_207_032))], "published", ""),
        // One item of a carousel.
        (vec![unfetched()], "published", ""),
    ];
    for (n, (faults, state, why)) in rows.into_iter().enumerate() {
        scene.instagram.set_faults(faults);
        let media = if n == 10 { json!([film, scene.picture]) } else { json!([film]) };
        let post = scene.send(json!([{ "text": format!("file {n}"), "media": media }]), json!({})).await;
        let delivery = scene.until_by(&post, state, 5_000).await;
        assert!(delivery["reason"].as_str().unwrap_or_default().contains(why), "{n}: {delivery}");
    }
    assert_eq!(scene.texts(), ["file 2", "file 3", "file 5", "file 8", "file 9", "file 10"]);
    scene.end().await;
}

async fn a_process_that_dies_at_any_step_leaves_one_post(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    // A call that hangs is where the process dies: before the network did anything, and after it did.
    let steps = [
        ("whose", "GET", "/v25.0/me", 0),
        ("child", "POST", CONTAINER, 0),
        ("parent", "POST", CONTAINER, 2),
        ("status", "GET", READ, 0),
        ("publish", "POST", PUBLISH, 0),
        // The reads before are the containers'.
        ("address", "GET", READ, 3),
        ("comment", "POST", READ, 0),
    ];
    let mut out = 0;
    for (name, method, path, skip) in steps {
        for (when, kind) in [("before", FaultKind::HangBefore), ("after", FaultKind::HangAfter)] {
            scene.instagram.set_faults(vec![Fault::once(method, path, kind).after(skip)]);
            let text = format!("died at {name}, {when}");
            let mut segments = json!([{ "text": text, "media": [scene.picture, scene.picture] }]);
            if name == "comment" {
                segments.as_array_mut().unwrap().push(json!({ "text": format!("comment, {when}") }));
            }
            let post = scene.send(segments, json!({})).await;
            let arrived = scene.world.struck(&scene.instagram.url(), &post, 1_000).await;
            scene.world.abandon_publisher().await;
            scene.reopen().await;
            scene.instagram.set_faults(Vec::new());
            // A comment that is not there is asked about: absence proves nothing.
            let is_asked = name == "comment" && when == "before";
            scene.until_by(&post, if is_asked { "needs_human" } else { "published" }, 10_000).await;
            out += if name == "comment" && !is_asked { 2 } else { 1 };
            assert_eq!(scene.instagram.ledger().len(), out, "{text} ({arrived}): {:?}", scene.texts());
        }
    }
    scene.end().await;
}
