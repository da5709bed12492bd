//! Every class of error of the dossier (platforms/x.md §4.3) leads to its state, and a process that dies at any step leaves one post. The judge is
//! the simulator's ledger. (Lost answers: `publishing.rs` beside this folder.)

use serde_json::{Value, json};
use socrazi::domain::account::Health;
use socrazi::domain::delivery::Answer;
use socrazi_sim::{Fault, FaultKind, RateBody};

use super::publishing::{calls, send, small, until};
use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(a_process_that_dies_before_any_step_leaves_one_post, a_process_that_dies_after_any_step_leaves_one_post);

fn status(status: u16, body: Value) -> FaultKind {
    FaultKind::Status { status, body: body.to_string(), headers: Default::default() }
}

fn problem(code: u16, detail: &str) -> FaultKind {
    status(code, json!({ "title": "Forbidden", "status": code, "detail": detail, "type": "about:blank" }))
}

/// A problem that its type tells.
fn kind(code: u16, word: &str) -> FaultKind {
    let kind = format!("https://api.x.com/2/problems/{word}");
    status(code, json!({ "title": "no", "status": code, "detail": "no", "type": kind }))
}

/// Several of them, as validation answers.
fn invalid(message: &str) -> FaultKind {
    let errors = json!([{ "message": message, "parameters": { "text": ["x"] } }]);
    status(
        400,
        json!({ "errors": errors, "title": "Invalid Request", "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.x.com/2/problems/invalid-request" }),
    )
}

fn at_post(kind: FaultKind) -> Vec<Fault> {
    vec![Fault::once("POST", "/2/tweets", kind)]
}

async fn health(world: &World) -> Health {
    world.app.list_accounts(&world.person).await.unwrap()[0].account.health
}

#[tokio::test(flavor = "multi_thread")]
async fn each_class_of_refusal_leads_to_its_state() {
    let world = World::on(Engine::Sqlite, Vec::new()).await;
    let limited = |body| FaultKind::RateLimited { retry_after_s: 60, body };
    let credits = socrazi_sim::x::problem::credits_used_up();
    let stopped = |kind: FaultKind, why: &'static str| (kind, "waiting", why);
    let mut rows: Vec<(FaultKind, &str, &str)> = vec![
        (limited(RateBody::Plain), "waiting", ""),
        (limited(RateBody::Problem), "waiting", ""),
        (limited(RateBody::Legacy), "waiting", ""),
        stopped(kind(403, "client-forbidden"), "not attached to a project"),
        stopped(kind(403, "client-not-enrolled"), "not attached to a project"),
        stopped(kind(403, "oauth1-permissions"), "Read and write"),
        stopped(kind(403, "usage-capped"), "usage limit"),
        stopped(kind(429, "usage-capped"), "usage limit"),
        (invalid("$.text: is wrong"), "failed", "$.text: is wrong"),
        (invalid("$.media.media_ids: maximum of 4 items expected"), "failed", "maximum of 4 items"),
        (problem(400, "The Tweet contains an invalid URL."), "failed", "link in this post invalid"),
        (problem(403, "You are not allowed to create a Tweet with duplicate content."), "failed", "same text"),
        (problem(403, "You are not permitted to perform this action."), "failed", "does not permit this post"),
        (problem(403, "maximum of one cashtag"), "failed", "at most one cashtag"),
        (problem(403, "Your account is not permitted to access this feature"), "failed", "does not allow this account"),
        (problem(403, "something new"), "failed", "something new"),
        (problem(404, "Not Found"), "failed", "does not find the post"),
        (kind(403, "user-suspended"), "blocked", "suspended this account"),
        (problem(403, "Your account is suspended"), "blocked", "suspended this account"),
        (problem(403, "this account is temporarily locked."), "blocked", "locked this account"),
        (kind(403, "unsupported-authentication"), "blocked", "this kind of sign-in"),
    ];
    rows.extend(credits.map(|kind| stopped(kind, "no credits left")));
    for (n, (fault, state, why)) in rows.into_iter().enumerate() {
        if n == 12 {
            // More than a standing permission covers in a day.
            world.pass(86_400_000);
        }
        world.sim.set_faults(at_post(fault.clone()));
        let out = world.sim.ledger().len();
        let post = send(&world, json!([{ "text": format!("refused {n}") }]), json!({})).await;
        let delivery = until(&world, &post, state, 500).await;
        assert!(delivery["reason"].as_str().unwrap().contains(why), "{fault:?}: {delivery}");
        assert_eq!(world.sim.ledger().len(), out, "{fault:?}");
        match state {
            "failed" => continue,
            "blocked" => {
                assert_eq!(health(&world).await, Health::NeedsReconnecting, "{fault:?}");
                world.connect().await;
            }
            _ => {}
        }
        until(&world, &post, "published", 20_000).await;
        assert_eq!(world.sim.ledger().len(), out + 1, "{fault:?}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_before_anything_can_be_seen_leads_to_its_state_too() {
    let world = World::on(Engine::Sqlite, Vec::new()).await;
    let film = world.keep(&small(), None).await;
    let picture = world.picture().await;
    let (begin, append, alt) = ("/2/media/upload/initialize", "/2/media/upload/", "/2/media/metadata");
    let html = |code: u16| FaultKind::Status { status: code, body: "<html>".into(), headers: Default::default() };
    let gone = || problem(400, "Your media IDs are invalid.");
    let once = |path: &str, kind: FaultKind| vec![Fault::once("POST", path, kind)];
    let rows: Vec<(Vec<Fault>, &Value, &str)> = vec![
        (once(begin, FaultKind::RateLimited { retry_after_s: 5, body: RateBody::Problem }), &film, "waiting"),
        (once(begin, html(503)), &film, "waiting"),
        (once(begin, FaultKind::BrokenBodyAfter), &film, "waiting"),
        (once(begin, FaultKind::ResetAfter), &film, "waiting"),
        (once(begin, problem(402, "credits depleted")), &film, "waiting"),
        (once(begin, invalid("File size or type does not fit the media category.")), &film, "failed"),
        // Its own upload is not known any more: it begins anew, later.
        (vec![Fault::once("POST", append, gone()).after(1)], &film, "waiting"),
        (vec![Fault::once("POST", append, html(503)).after(1).times(4)], &film, "waiting"),
        (vec![Fault::once("GET", "/2/media/upload", html(500))], &film, "waiting"),
        (once(alt, html(502)), &picture, "waiting"),
        // Connected without the permission to upload: connecting again mends it.
        (vec![Fault::once("POST", alt, problem(403, "Forbidden")).times(2)], &picture, "blocked"),
        // The post itself finds that the media are not good: they are uploaded once more, and it goes out.
        (at_post(gone()), &film, "published"),
    ];
    for (n, (faults, medium, state)) in rows.into_iter().enumerate() {
        world.sim.set_faults(faults);
        let (out, sent) = (world.sim.ledger().len(), world.sent());
        let post = send(&world, json!([{ "text": format!("media {n}"), "media": [medium] }]), json!({})).await;
        let delivery = until(&world, &post, state, 500).await;
        if state == "published" {
            assert_eq!((world.sim.ledger().len(), world.sent()), (out + 1, sent + 2), "{n}");
            continue;
        }
        assert_eq!((world.sim.ledger().len(), world.sent()), (out, sent), "{n}: {delivery}");
        match state {
            "failed" => continue,
            "blocked" => {
                assert_eq!(health(&world).await, Health::NeedsReconnecting);
                world.connect().await;
            }
            _ => {}
        }
        until(&world, &post, "published", 5_000).await;
        assert_eq!(world.sim.ledger().len(), out + 1, "{n}");
    }
    world.end().await;
}

async fn a_process_that_dies_before_any_step_leaves_one_post(engine: Engine) {
    dies(engine, FaultKind::HangBefore).await;
}

async fn a_process_that_dies_after_any_step_leaves_one_post(engine: Engine) {
    dies(engine, FaultKind::HangAfter).await;
}

/// A call that hangs is where the process dies: before X did anything, or after it did.
async fn dies(engine: Engine, kind: FaultKind) {
    let mut world = World::on(engine, Vec::new()).await;
    let (film, picture) = (world.keep(&small(), None).await, world.picture().await);
    let is_after = kind == FaultKind::HangAfter;
    let (upload, pieces) = ("/2/media/upload", "/2/media/upload/");
    let steps = [
        ("picture", "POST", upload, 0, &picture),
        ("description", "POST", "/2/media/metadata", 0, &picture),
        ("begin", "POST", "/2/media/upload/initialize", 0, &film),
        ("piece", "POST", pieces, 1, &film),
        ("end", "POST", pieces, 2, &film),
        ("status", "GET", upload, 0, &film),
        ("post", "POST", "/2/tweets", 0, &film),
        ("second part", "POST", "/2/tweets", 1, &picture),
    ];
    let mut out = 0;
    for (name, method, path, skip, medium) in steps {
        world.sim.set_faults(vec![Fault::once(method, path, kind.clone()).after(skip)]);
        let first = json!({ "text": format!("died at {name}"), "media": [medium] });
        let last = json!({ "text": format!("below what died at {name}") });
        let post = send(&world, json!([first, last]), json!({})).await;
        world.struck(&world.sim.url(), &post, 300).await;
        world.abandon_publisher().await;
        world.reopen().await;
        world.sim.set_faults(Vec::new());
        if path == "/2/tweets" && !is_after {
            // That X does not list it proves nothing: only the person can know.
            let delivery = until(&world, &post, "needs_human", 10_000).await;
            assert_eq!(world.sim.ledger().len(), out + usize::try_from(skip).unwrap(), "{name}: {delivery}");
            let id = delivery["id"].as_str().unwrap().parse().unwrap();
            world.app.settle(&world.person, &id, (Answer::SendIt, None)).await.unwrap();
        }
        until(&world, &post, "published", 2_000).await;
        out += 2;
        let ledger = world.sim.ledger();
        assert_eq!(ledger.len(), out, "{name}: {ledger:?}");
        assert_eq!(ledger[out - 1].in_reply_to.as_ref(), Some(&ledger[out - 2].id), "{name}");
    }
    assert!(calls(&world, "GET", "/2/users/{id}/tweets") > 0, "what was lost was looked for");
    world.end().await;
}
