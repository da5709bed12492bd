//! Every class of error of the dossier leads to its state, every lost answer is settled by looking, and a process that dies at any step leaves
//! one post. The judge is the simulator's ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::domain::account::Health;
use socrazi::domain::delivery::Answer;
use socrazi_sim::threads::Tuning;
use socrazi_sim::{Fault, FaultKind, RateBody};

use super::{AT_ONCE, Scene};
use crate::databases::{Engine, on_both};

const CONTAINER: &str = "/v1.0/me/threads";
const PUBLISH: &str = "/v1.0/me/threads_publish";

on_both!(
    every_lost_answer_is_settled_by_the_container_and_nothing_is_sent_twice,
    what_did_not_go_out_goes_out_with_the_same_container,
    a_process_that_dies_at_any_step_leaves_one_post,
    a_death_in_a_carousel_or_in_a_chain_leaves_each_part_once
);

fn error(code: i64, subcode: i64, message: &str) -> String {
    json!({ "error": { "message": message, "type": "OAuthException", "code": code, "error_subcode": subcode,
        "is_transient": false, "fbtrace_id": "A" } })
    .to_string()
}

fn status(status: u16, body: String) -> FaultKind {
    FaultKind::Status { status, body, headers: BTreeMap::new() }
}

fn at_publish(kind: FaultKind) -> Vec<Fault> {
    vec![Fault::once("POST", PUBLISH, kind)]
}

/// Not the longer path that begins alike: that one is named first where it matters.
fn at_container(kind: FaultKind) -> Fault {
    Fault::once("POST", CONTAINER, kind)
}

async fn every_lost_answer_is_settled_by_the_container_and_nothing_is_sent_twice(engine: Engine) {
    let scene = Scene::on(engine).await;
    let restricted = error(4, 2_207_051, "We restrict certain activity to protect our community.");
    let kinds = [
        ("reset", FaultKind::ResetAfter),
        ("broken", FaultKind::BrokenBodyAfter),
        ("503", FaultKind::StatusAfter { status: 503, body: "oops".into() }),
        ("restricted", FaultKind::StatusAfter { status: 403, body: restricted }),
        ("transient", FaultKind::StatusAfter { status: 400, body: error(2, 0, "Please retry") }),
        ("not found", FaultKind::StatusAfter { status: 400, body: error(24, 4_279_009, "Media Not Found") }),
        ("in no table", FaultKind::StatusAfter { status: 400, body: error(-1, 2_207_001, "Fatal") }),
    ];
    // What is out is listed late, and the first look at the container fails, too: that shows nothing either way.
    scene.threads.tune(Tuning { list_lag_ms: 5_000, ..AT_ONCE });
    for (n, (name, kind)) in kinds.into_iter().enumerate() {
        let body = error(100, 33, "Unsupported get request. Object does not exist");
        let unread = Fault::once("GET", "/v1.0/1", status(400, body)).after(1);
        scene.threads.set_faults([at_publish(kind), vec![unread]].concat());
        let post = scene.sent(&format!("lost answer: {name}")).await;
        let delivery = scene.until(&post, "published").await;
        assert!(delivery["receipts"][0]["how"].as_str().unwrap().contains("own posts show it"), "{name}: {delivery}");
        let address = delivery["receipts"][0]["permalink"].as_str().unwrap();
        assert!(address.contains("/post/"), "{delivery}");
        assert_eq!((scene.threads.ledger().len(), scene.commits()), (n + 1, n as u64 + 1), "{name}");
    }
    // In the middle of a chain: found among the replies, then the rest follows.
    scene.threads.set_faults(vec![Fault::once("POST", PUBLISH, FaultKind::ResetAfter).after(1)]);
    let post = scene.draft(json!([{ "text": "uno" }, { "text": "due" }, { "text": "tre" }])).await;
    scene.world.call("publish_post", json!({ "post": post })).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.texts()[7..], ["uno", "due", "tre"]);
    let ledger = scene.threads.ledger();
    assert_eq!(ledger[9].in_reply_to.as_deref(), Some(ledger[8].id.as_str()));
    scene.end().await;
}

async fn what_did_not_go_out_goes_out_with_the_same_container(engine: Engine) {
    let scene = Scene::on(engine).await;
    for (n, kind) in [FaultKind::ResetBefore, status(500, "oops".into()), status(400, error(1, 0, "An unknown error"))]
        .into_iter()
        .enumerate()
    {
        scene.threads.set_faults(at_publish(kind.clone()));
        let before = (scene.calls("POST", CONTAINER), scene.commits());
        let post = scene.sent(&format!("not at first {n}")).await;
        // Two reads of the container a minute apart prove that it did not go out.
        scene.until_by(&post, "published", 5_000).await;
        let after = (scene.calls("POST", CONTAINER) - before.0, scene.commits() - before.1);
        assert_eq!((scene.threads.ledger().len(), after), (n + 1, (1, 2)), "{kind:?}");
    }
    // Out, says Threads, and lists it nowhere: a person is asked just that.
    let published = json!({ "id": "1", "status": "PUBLISHED" }).to_string();
    let published = Fault::once("GET", "/v1.0/1", status(200, published)).times(1_000).after(1);
    scene.threads.set_faults([at_publish(FaultKind::ResetBefore), vec![published]].concat());
    let post = scene.sent("seen by nobody").await;
    let delivery = scene.until_by(&post, "needs_human", 10_000).await;
    assert!(delivery["reason"].as_str().unwrap().contains("Is it there?"), "{delivery}");
    assert_eq!(scene.threads.ledger().len(), 3, "{delivery}");
    // Where the look fails nothing is concluded, and in the end a person is asked.
    let unreadable = Fault::once("GET", "/v1.0/1", status(503, String::new())).times(1_000).after(1);
    scene.threads.set_faults([at_publish(FaultKind::ResetBefore), vec![unreadable]].concat());
    let post = scene.sent("nobody can tell").await;
    let delivery = scene.until_by(&post, "needs_human", 10_000).await;
    assert_eq!(scene.threads.ledger().len(), 3, "{delivery}");
    scene.threads.set_faults(Vec::new());
    let id = delivery["id"].as_str().unwrap().parse().unwrap();
    scene.world.app.settle(&scene.world.person, &id, (Answer::SendIt, None)).await.unwrap();
    scene.until(&post, "published").await;
    assert_eq!(scene.threads.ledger().len(), 4);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_was_used_by_a_request_on_its_way_is_not_published_again() {
    let scene = Scene::on(Engine::Sqlite).await;
    // The first request reaches the network only when ours was given up and sent again: then its container is spent.
    let spent = status(400, error(24, 4_279_009, "The requested resource does not exist"));
    scene.threads.set_faults(vec![
        Fault::once("POST", PUBLISH, FaultKind::ResetBefore),
        Fault::once("POST", PUBLISH, FaultKind::StatusAfter { status: 400, body: error(24, 4_279_009, "x") }),
    ]);
    let post = scene.sent("late but once").await;
    scene.until_by(&post, "published", 5_000).await;
    assert_eq!((scene.threads.ledger().len(), scene.commits(), scene.calls("POST", CONTAINER)), (1, 2, 1));
    // Never used, it is tried again as it is; at last it is made anew.
    scene.threads.set_faults(at_publish(spent.clone()));
    let post = scene.sent("with the same container").await;
    scene.until_by(&post, "published", 5_000).await;
    assert_eq!((scene.threads.ledger().len(), scene.commits(), scene.calls("POST", CONTAINER)), (2, 4, 2));
    scene.threads.set_faults(vec![Fault::once("POST", PUBLISH, spent.clone()).times(4)]);
    let post = scene.sent("with another container").await;
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!((scene.threads.ledger().len(), scene.commits(), scene.calls("POST", CONTAINER)), (3, 9, 4));
    // Failed in Threads' hands, it can never go out: made anew at once when that is the answer, and when it is seen by looking.
    let failed = json!({ "id": "1", "status": "ERROR", "error_message": "UNKNOWN" }).to_string();
    let failed = Fault::once("GET", "/v1.0/1", status(200, failed)).after(1);
    for (n, (fault, looks)) in [(spent, 1), (FaultKind::ResetBefore, 1_000)].into_iter().enumerate() {
        scene.threads.set_faults([at_publish(fault), vec![failed.clone().times(looks)]].concat());
        let made = scene.calls("POST", CONTAINER);
        let post = scene.sent(&format!("anew {n}")).await;
        while scene.calls("POST", CONTAINER) < made + 2 {
            scene.world.pass(1_000);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        scene.threads.set_faults(Vec::new());
        scene.until_by(&post, "published", 5_000).await;
        assert_eq!((scene.threads.ledger().len(), scene.calls("POST", CONTAINER)), (4 + n, made + 2));
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_class_of_refusal_leads_to_its_state() {
    let scene = Scene::on(Engine::Sqlite).await;
    let limited = |body| FaultKind::RateLimited { retry_after_s: 60, body };
    let rows: Vec<(FaultKind, &str, &str)> = vec![
        (limited(RateBody::Plain), "waiting", "published"),
        (limited(RateBody::Problem), "waiting", "published"),
        (limited(RateBody::Legacy), "waiting", "published"),
        (status(400, error(17, 0, "User request limit reached")), "waiting", "published"),
        (status(400, error(613, 0, "exceeded the rate limit")), "waiting", "published"),
        (status(400, error(24, 4_279_009, "Media Not Found")), "waiting", "published"),
        (status(400, error(100, 0, "Param text must be at most 500 characters long.")), "failed", "500 characters"),
        (status(400, error(100, 0, "THREADS_API__FEATURE_NOT_AVAILABLE")), "failed", "does not allow"),
        (status(400, error(368, 0, "temporarily blocked")), "blocked", "blocked this account"),
        (status(400, error(24, 4_279_013, "restricted")), "blocked", "restricted this account"),
        (status(400, error(10, 0, "permission")), "blocked", "permission"),
        (status(403, error(200, 0, "permission")), "blocked", "permission"),
    ];
    for (n, (kind, first, then)) in rows.into_iter().enumerate() {
        scene.threads.set_faults(at_publish(kind.clone()));
        let out = scene.threads.ledger().len();
        let post = scene.sent(&format!("refused {n}")).await;
        let delivery = scene.until(&post, first).await;
        match first {
            "waiting" => drop(scene.until(&post, then).await),
            "failed" => assert!(delivery["reason"].as_str().unwrap().contains(then), "{kind:?}: {delivery}"),
            _ => {
                assert!(delivery["reason"].as_str().unwrap().contains(then), "{kind:?}: {delivery}");
                assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting, "{kind:?}");
                scene.connect("socrazi_demo").await;
                scene.until(&post, "published").await;
            }
        }
        assert_eq!(scene.threads.ledger().len(), out + usize::from(first != "failed"), "{kind:?}");
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_blocks_an_account_is_named_where_a_container_meets_it_too() {
    let scene = Scene::on(Engine::Sqlite).await;
    let rows = [
        (status(400, error(368, 0, "temporarily blocked")), "blocked this account"),
        (status(400, error(24, 4_279_013, "restricted")), "restricted this account"),
        (status(400, error(10, 0, "permission")), "permission"),
        (status(403, error(200, 0, "permission")), "permission"),
    ];
    for (kind, why) in rows {
        scene.threads.set_faults(vec![at_container(kind.clone())]);
        let post = scene.sent("not made").await;
        let delivery = scene.until(&post, "blocked").await;
        assert!(delivery["reason"].as_str().unwrap().contains(why), "{kind:?}: {delivery}");
        assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting, "{kind:?}");
        scene.world.call("withdraw_post", json!({ "post": post })).await;
        scene.connect("socrazi_demo").await;
    }
    assert_eq!((scene.threads.ledger().len(), scene.commits()), (0, 0));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_refreshed_once_wherever_it_is_refused() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.world.pass(2 * 86_400_000);
    let refused = || status(401, error(190, 463, "Error validating access token: Session has expired."));
    for (n, faults) in
        [at_publish(refused()), vec![at_container(refused())], vec![Fault::once("GET", "/v1.0/1", refused())]]
            .into_iter()
            .enumerate()
    {
        let before = scene.calls("GET", "/refresh_access_token");
        scene.threads.set_faults(faults);
        let post = scene.sent(&format!("with a new token {n}")).await;
        scene.until(&post, "published").await;
        assert_eq!(scene.calls("GET", "/refresh_access_token") - before, 1, "{n}");
        scene.world.pass(2 * 86_400_000);
    }
    // Refused twice it is the account.
    scene.threads.set_faults(vec![at_container(refused()).times(2)]);
    let post = scene.sent("not with these").await;
    scene.until(&post, "blocked").await;
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    assert_eq!(scene.threads.ledger().len(), 3);
    scene.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_fails_for_good_is_told_and_one_that_may_pass_is_tried_once_more() {
    let scene = Scene::on(Engine::Sqlite).await;
    let picture = scene.world.picture().await;
    let film = scene.keep(&super::publishing::video(), "A film").await;
    let pictured = async |text: &str, medium: &Value| {
        let post = scene.draft(json!([{ "text": text, "media": [medium] }])).await;
        scene.world.call("publish_post", json!({ "post": post })).await;
        post
    };
    let failed = |word: &str| {
        let body = json!({ "id": "1", "status": "ERROR", "error_message": word }).to_string();
        Fault::once("GET", "/v1.0/1", status(200, body))
    };
    let unfetched = || at_container(status(400, error(100, 0, "The media could not be fetched from this URI")));
    let rows = [
        (vec![failed("INVALID_ASPEC_RATIO")], "failed", "INVALID_ASPEC_RATIO"),
        (vec![failed("FAILED_PROCESSING_VIDEO")], "published", ""),
        (vec![failed("UNKNOWN").times(2)], "failed", "failed twice at a picture or video (UNKNOWN)"),
        (vec![unfetched()], "published", ""),
        (vec![unfetched().times(2)], "failed", "server.public_url"),
        (vec![failed("FAILED_DOWNLOADING_VIDEO").times(2)], "failed", "server.public_url"),
    ];
    for (n, (faults, state, why)) in rows.into_iter().enumerate() {
        scene.threads.set_faults(faults);
        let post = pictured(&format!("file {n}"), if n % 2 == 0 { &film } else { &picture }).await;
        let delivery = scene.until(&post, state).await;
        assert!(delivery["reason"].as_str().unwrap_or_default().contains(why), "{n}: {delivery}");
    }
    assert_eq!(scene.texts(), ["file 1", "file 3"]);
    scene.end().await;
}

async fn a_process_that_dies_at_any_step_leaves_one_post(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    // A call that hangs is where the process dies: before the network did anything, and after it did.
    let steps = [
        ("container", "POST", CONTAINER),
        ("status", "GET", "/v1.0/1"),
        ("publish", "POST", PUBLISH),
        ("address", "GET", "/v1.0/1"),
    ];
    let mut out = 0;
    for (name, method, path) in steps {
        for (when, kind) in [("before", FaultKind::HangBefore), ("after", FaultKind::HangAfter)] {
            // The address is the second read: the first one is the container's.
            let skip = u32::from(name == "address");
            scene.threads.set_faults(vec![Fault::once(method, path, kind).after(skip)]);
            let text = format!("died at {name}, {when}");
            let post = scene.sent(&text).await;
            let arrived = scene.world.struck(&scene.threads.url(), &post, 1_000).await;
            scene.world.abandon_publisher().await;
            scene.world.reopen().await;
            scene.threads.set_faults(Vec::new());
            scene.until_by(&post, "published", 2_000).await;
            out += 1;
            assert_eq!(scene.threads.ledger().len(), out, "{text} ({arrived}): {:?}", scene.texts());
        }
    }
    scene.end().await;
}

async fn a_death_in_a_carousel_or_in_a_chain_leaves_each_part_once(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let picture = scene.world.picture().await;
    let carousel = |text: &str| json!([{ "text": text, "media": [picture, picture] }]);
    let chain = |text: &str| json!([{ "text": text }, { "text": format!("under {text}"), "media": [picture] }]);
    // What begins like a container is the call that publishes, too.
    let steps = [
        ("the second item", CONTAINER, 1, carousel("second item"), 1),
        ("the carousel", CONTAINER, 2, carousel("whole"), 1),
        ("the carousel, visibly", PUBLISH, 0, carousel("visible"), 1),
        ("the second part", CONTAINER, 2, chain("container"), 2),
        ("the second part, visibly", PUBLISH, 1, chain("publish"), 2),
    ];
    let mut out = 0;
    for (name, path, skip, segments, parts) in steps {
        for (when, kind) in [("before", FaultKind::HangBefore), ("after", FaultKind::HangAfter)] {
            scene.threads.set_faults(vec![Fault::once("POST", path, kind).after(skip)]);
            let mut segments = segments.clone();
            for segment in segments.as_array_mut().unwrap() {
                segment["text"] = json!(format!("{}, {when}", segment["text"].as_str().unwrap()));
            }
            let post = scene.draft(segments).await;
            scene.world.call("publish_post", json!({ "post": post })).await;
            scene.world.struck(&scene.threads.url(), &post, 1_000).await;
            scene.world.abandon_publisher().await;
            scene.reopen().await;
            scene.threads.set_faults(Vec::new());
            let delivery = scene.until_by(&post, "published", 2_000).await;
            out += parts;
            assert_eq!(scene.threads.ledger().len(), out, "died at {name}, {when}: {:?}", scene.texts());
            assert_eq!(delivery["receipts"].as_array().map(Vec::len), Some(parts), "{delivery}");
            let ledger = scene.threads.ledger();
            if parts == 2 {
                assert_eq!(ledger[out - 1].in_reply_to.as_ref(), Some(&ledger[out - 2].id), "{name}, {when}");
            } else {
                assert_eq!(ledger[out - 1].media_ids.len(), 2, "{name}, {when}");
            }
        }
    }
    scene.end().await;
}
