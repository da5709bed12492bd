//! Each kind of content that X takes, through the whole server against its simulator, as it stands there in the end; uploads that go on after a death.

use std::time::Duration;

use serde_json::{Value, json};
use socrazi_sim::samples::{self, Film};
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine, on_both};
use crate::fitted::sha256;
use crate::world::World;

on_both!(
    pictures_gifs_polls_and_audiences_go_out_as_they_were_approved,
    films_go_up_in_pieces_and_go_out_whole,
    a_film_goes_on_after_a_death_where_it_was_noted_and_begins_anew_where_it_cannot
);

/// So many pieces of a film.
const PIECES: u64 = 11;

/// A film of as many pieces, the last one short.
pub(super) fn film() -> Vec<u8> {
    samples::mp4(&Film { width: 640, height: 360, bytes: 10_500_000, ..Film::default() })
}

/// A film of one piece.
pub(super) fn small() -> Vec<u8> {
    samples::mp4(&Film { width: 640, height: 360, ..Film::default() })
}

pub(super) fn calls(world: &World, method: &str, path: &str) -> u64 {
    let calls = world.sim.calls();
    calls.iter().filter(|call| call.method == method && call.path == path).map(|call| call.arrived).sum()
}

/// Something that is sent at once.
pub(super) async fn send(world: &World, segments: Value, options: Value) -> Value {
    let drafted = world.call("create_draft", json!({ "segments": segments, "options": options })).await;
    let post = drafted["post"]["id"].clone();
    world.call("publish_post", json!({ "post": post })).await;
    post
}

/// Lets time pass until the delivery stands somewhere. Work is given the time it takes.
pub(super) async fn until(world: &World, post: &Value, state: &str, step_ms: i64) -> Value {
    for _ in 0..1_500 {
        let delivery = world.delivery(post).await;
        if delivery["state"] == state {
            return delivery;
        }
        // What works on it is not hurried into the end of its lease.
        let is_at_work = ["leased", "armed"].contains(&delivery["state"].as_str().unwrap());
        world.pass(if is_at_work { 500 } else { step_ms });
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not {state}: {}", world.delivery(post).await);
}

/// What the simulator knows of uploads, in their order.
async fn uploads(world: &World) -> Vec<Value> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.get(world.sim.url().join("__sim/media").unwrap()).send().await.unwrap().json().await.unwrap()
}

/// A post as X shows it.
async fn seen(world: &World, id: &str, field: &str) -> Value {
    let grant = world.sim.grant("2244994945", &["tweet.read", "users.read"]).unwrap();
    let mut url = world.sim.url().join(&format!("2/tweets/{id}")).unwrap();
    url.query_pairs_mut().append_pair("tweet.fields", field);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(url).bearer_auth(&grant.access).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["data"][field].clone()
}

async fn pictures_gifs_polls_and_audiences_go_out_as_they_were_approved(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let gif = samples::gif(3);
    let (tower, moving) = (world.picture().await, world.keep(&gif, Some("Three frames")).await);
    let text = "Zeilen\nund & <Zeichen> 日本語 👨‍👩‍👧‍👦 100% a=b+c";
    let poll = json!({ "options": ["tea", "コーヒー"], "minutes": 1_440 });
    let all = json!({ "made_with_ai": true, "paid_partnership": true });
    let rows = [
        (json!({ "text": text }), all, "everyone", 0),
        (json!({ "text": "four pictures", "media": [tower, tower, tower, tower] }), json!({}), "everyone", 4),
        (json!({ "text": "it moves", "media": [moving] }), json!({ "repliers": "following" }), "following", 1),
        (json!({ "text": "", "media": [tower] }), json!({ "repliers": "mentioned" }), "mentionedUsers", 1),
        (json!({ "text": "Which?", "poll": poll }), json!({ "repliers": "subscribers" }), "subscribers", 0),
        (json!({ "text": "only they" }), json!({ "repliers": "verified" }), "verified", 0),
    ];
    let count = rows.len();
    for (segment, options, audience, media) in rows {
        let post = send(&world, json!([segment]), options).await;
        let delivery = until(&world, &post, "published", 1_000).await;
        let entry = world.sim.ledger().pop().unwrap();
        assert_eq!((entry.text.as_str(), entry.media_ids.len()), (segment["text"].as_str().unwrap(), media));
        assert_eq!(seen(&world, &entry.id, "reply_settings").await, audience, "{segment}");
        let address = format!("https://x.com/socrazi_demo/status/{}", entry.id);
        assert_eq!(delivery["receipts"][0]["permalink"], address, "{delivery}");
    }
    let ledger = world.sim.ledger();
    assert_eq!((ledger.len(), world.sent()), (count, count as u64));
    assert_eq!((ledger[0].made_with_ai, ledger[1].made_with_ai), (Some(true), None));
    assert_eq!(ledger[4].poll.as_ref().unwrap().options, ["tea", "コーヒー"]);
    assert_eq!(ledger[4].poll.as_ref().unwrap().duration_minutes, 1_440);
    let uploads = uploads(&world).await;
    let of = |id: &String| uploads.iter().find(|upload| upload["id"] == **id).unwrap();
    assert!(ledger[1].media_ids.iter().all(|id| of(id)["alt_text"] == "A tower"), "{uploads:?}");
    let gif_there = of(&ledger[2].media_ids[0]);
    assert_eq!((&gif_there["sha256"], &gif_there["alt_text"]), (&json!(sha256(&gif)), &json!("Three frames")));
    world.end().await;
}

async fn films_go_up_in_pieces_and_go_out_whole(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    for (n, bytes) in [film(), small()].into_iter().enumerate() {
        let medium = world.keep(&bytes, None).await;
        let post = send(&world, json!([{ "text": format!("a film {n}"), "media": [medium] }]), json!({})).await;
        until(&world, &post, "published", 1_000).await;
        let entry = world.sim.ledger().pop().unwrap();
        let uploads = uploads(&world).await;
        let upload = uploads.iter().find(|upload| upload["id"] == *entry.media_ids[0]).unwrap();
        assert_eq!((&upload["sha256"], uploads.len()), (&json!(sha256(&bytes)), n + 1));
    }
    assert_eq!(calls(&world, "POST", "/2/media/upload/{id}/append"), PIECES + 1);
    assert!(calls(&world, "GET", "/2/media/upload") > 0, "X works on it, and is asked how far it is");
    world.end().await;
}

/// A process dies in an upload. The next one sends what the first had not noted as sent, and X is told of one film.
async fn a_film_goes_on_after_a_death_where_it_was_noted_and_begins_anew_where_it_cannot(engine: Engine) {
    let mut world = World::on(engine, Vec::new()).await;
    let bytes = film();
    let medium = world.keep(&bytes, None).await;
    let append = "/2/media/upload/{id}/append";
    // What begins so is the first call, then each piece, then the end.
    let deaths = [
        // The tenth piece: eight are noted, so that three are sent by the next process.
        ("in the middle", "POST", "/2/media/upload/", 1 + 9, 10 + 3, 1),
        // All are there, and so X was told, but what it said was not heard: the end is said again.
        ("at the end", "POST", "/2/media/upload/", 1 + PIECES, PIECES, 2),
        // X works on it: it is only asked about.
        ("at work", "GET", "/2/media/upload", 0, PIECES, 1),
    ];
    for (n, (name, method, path, skip, sent, ends)) in deaths.into_iter().enumerate() {
        let before = (calls(&world, "POST", append), calls(&world, "POST", "/2/media/upload/{id}/finalize"));
        let skip = u32::try_from(skip).unwrap();
        world.sim.set_faults(vec![Fault::once(method, path, FaultKind::HangAfter).after(skip)]);
        let post = send(&world, json!([{ "text": name, "media": [medium] }]), json!({})).await;
        world.struck(&world.sim.url(), &post, 300).await;
        world.abandon_publisher().await;
        world.reopen().await;
        world.sim.set_faults(Vec::new());
        until(&world, &post, "published", 1_000).await;
        assert_eq!(calls(&world, "POST", "/2/media/upload/initialize"), n as u64 + 1, "{name}");
        assert_eq!(calls(&world, "POST", append) - before.0, sent, "{name}");
        assert_eq!(calls(&world, "POST", "/2/media/upload/{id}/finalize") - before.1, ends, "{name}");
    }
    // X does not know the upload any more: it begins anew, and nothing else is lost.
    world.sim.set_faults(vec![Fault::once("POST", "/2/media/upload/", FaultKind::HangAfter).after(10)]);
    let post = send(&world, json!([{ "text": "forgotten", "media": [medium] }]), json!({})).await;
    world.struck(&world.sim.url(), &post, 300).await;
    world.abandon_publisher().await;
    world.reopen().await;
    let gone =
        json!({ "title": "Invalid Request", "detail": "Your media IDs are invalid.", "status": 400 }).to_string();
    let gone = FaultKind::Status { status: 400, body: gone, headers: Default::default() };
    world.sim.set_faults(vec![Fault::once("POST", "/2/media/upload/", gone)]);
    until(&world, &post, "published", 1_000).await;
    assert_eq!(calls(&world, "POST", "/2/media/upload/initialize"), 5, "once for each, and once more for this one");
    for upload in uploads(&world).await.iter().filter(|upload| upload["usable"] == true) {
        assert_eq!(upload["sha256"], sha256(&bytes), "each piece once and in its place");
    }
    assert_eq!((world.sim.ledger().len(), world.sent()), (4, 4));
    world.end().await;
}
