//! Every class of error of the dossier leads to its state, every lost answer is settled by asking how far the post is, and a process that dies at any
//! step leaves one post. The judge is the simulator's ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::domain::account::Health;
use socrazi::domain::delivery::Answer;
use socrazi_sim::samples::{Film, jpeg, mp4};
use socrazi_sim::tiktok::{TikTokOptions, Tuning};
use socrazi_sim::{Fault, FaultKind};

use super::publishing::film_of;
use super::{ANA, ANA_ID, CONTENT_INIT, CREATOR, PUT, STATUS, Scene, VIDEO_INIT, at_once, public};
use crate::databases::{Engine, on_both};

on_both!(
    every_lost_answer_to_the_last_chunk_is_settled_by_the_post_itself,
    what_tiktok_was_to_fetch_and_never_answered_about_is_looked_for_or_asked,
    a_process_that_dies_before_any_step_leaves_one_post,
    a_process_that_dies_after_any_step_leaves_one_post,
    a_film_goes_on_after_a_death_where_tiktok_has_it_and_begins_anew_where_it_cannot
);

fn status(status: u16, body: String) -> FaultKind {
    FaultKind::Status { status, body, headers: BTreeMap::new() }
}

fn envelope(code: &str) -> String {
    json!({ "data": {}, "error": { "code": code, "message": "words", "log_id": "2026" } }).to_string()
}

fn error(code: u16, word: &str) -> FaultKind {
    status(code, envelope(word))
}

/// What a post says of itself.
fn says(word: &str, reason: &str) -> FaultKind {
    let data = json!({ "status": word, "fail_reason": reason, "uploaded_bytes": 0 });
    status(200, json!({ "data": data, "error": { "code": "ok", "message": "", "log_id": "2026" } }).to_string())
}

fn at(method: &str, path: &str, kind: FaultKind) -> Vec<Fault> {
    vec![Fault::once(method, path, kind)]
}

async fn every_lost_answer_to_the_last_chunk_is_settled_by_the_post_itself(engine: Engine) {
    let scene = Scene::on(engine).await;
    let film = scene.keep(&film_of(11_000_000)).await;
    // It is there, whatever became of the answer: nothing is begun or sent again.
    let after = [
        ("reset", FaultKind::ResetAfter),
        ("503", FaultKind::StatusAfter { status: 503, body: "oops".into() }),
        ("404", FaultKind::StatusAfter { status: 404, body: String::new() }),
        ("416", FaultKind::StatusAfter { status: 416, body: String::new() }),
        ("403", FaultKind::StatusAfter { status: 403, body: String::new() }),
    ];
    for (n, (name, kind)) in after.into_iter().enumerate() {
        scene.warm().await;
        scene.tiktok.set_faults(vec![Fault::once("PUT", PUT, kind).after(1)]);
        let before = scene.calls("PUT", PUT);
        let post = scene.send(&format!("there: {name}"), json!([film]), public()).await;
        scene.until_by(&post, "published", 5_000).await;
        assert_eq!(
            (scene.ledger().len(), scene.inits(), scene.calls("PUT", PUT) - before),
            (n + 1, n as u64 + 1, 2),
            "{name}"
        );
    }
    // It is not there: the same chunk goes to the same upload.
    let before = [("reset", FaultKind::ResetBefore), ("503", status(503, "oops".into()))];
    for (n, (name, kind)) in before.into_iter().enumerate() {
        scene.warm().await;
        scene.tiktok.set_faults(vec![Fault::once("PUT", PUT, kind).after(1)]);
        let before = (scene.calls("PUT", PUT), scene.inits());
        let post = scene.send(&format!("not there: {name}"), json!([film]), public()).await;
        scene.until_by(&post, "published", 10_000).await;
        let made = (scene.calls("PUT", PUT) - before.0, scene.inits() - before.1);
        assert_eq!((scene.ledger().len(), made), (n + 6, (3, 1)), "{name}");
    }
    // The address has ended meanwhile, or is not known any more: nothing was posted, and it is begun anew.
    for (n, code) in [403, 404, 416].into_iter().enumerate() {
        scene.warm().await;
        scene.tiktok.set_faults(vec![Fault::once("PUT", PUT, status(code, String::new())).after(1)]);
        let before = scene.inits();
        let post = scene.send(&format!("anew: {code}"), json!([film]), public()).await;
        scene.until_by(&post, "published", 10_000).await;
        // A look that finds no open connection any more leaves the outcome to the next one, which needs no second upload.
        assert!((1..=2).contains(&(scene.inits() - before)), "{code}");
        assert_eq!(scene.ledger().len(), n + 8, "{code}");
    }
    // Where the look fails nothing is concluded, and in the end a person is asked.
    scene.warm().await;
    scene.tiktok.set_faults(vec![
        Fault::once("PUT", PUT, FaultKind::ResetBefore).after(1),
        Fault::once("POST", STATUS, status(503, String::new())).times(1_000),
    ]);
    let post = scene.send("nobody can tell", json!([film]), public()).await;
    let delivery = scene.until_by(&post, "needs_human", 30_000).await;
    scene.tiktok.set_faults(Vec::new());
    assert_eq!(scene.ledger().len(), 10);
    let id = delivery["id"].as_str().unwrap().parse().unwrap();
    scene.world.app.settle(&scene.world.person, &id, (Answer::SendIt, None)).await.unwrap();
    scene.until(&post, "published").await;
    assert_eq!(scene.ledger().len(), 11);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_that_is_cut_is_sent_again_and_those_before_it_are_not() {
    let scene = Scene::on(Engine::Sqlite).await;
    let film = scene.keep(&film_of(17_000_000)).await;
    for (n, kind) in
        [FaultKind::ResetBefore, FaultKind::ResetAfter, FaultKind::StatusAfter { status: 503, body: String::new() }]
            .into_iter()
            .enumerate()
    {
        scene.warm().await;
        scene.tiktok.set_faults(vec![Fault::once("PUT", PUT, kind).after(1)]);
        let before = scene.calls("PUT", PUT);
        let post = scene.send(&format!("cut {n}"), json!([film]), public()).await;
        scene.until(&post, "published").await;
        assert_eq!((scene.calls("PUT", PUT) - before, scene.inits()), (4, n as u64 + 1), "{n}");
    }
    // An address that has ended in the middle: begun anew, later.
    scene.warm().await;
    scene.tiktok.set_faults(vec![Fault::once("PUT", PUT, status(403, String::new())).after(1)]);
    let post = scene.send("too old", json!([film]), public()).await;
    scene.until(&post, "waiting").await;
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!((scene.ledger().len(), scene.inits()), (4, 5));
    scene.end().await;
}

async fn what_tiktok_was_to_fetch_and_never_answered_about_is_looked_for_or_asked(engine: Engine) {
    let scene = Scene::on(engine).await;
    scene.tiktok.tune(Tuning { lists_photos: true, ..at_once() });
    let photo = json!([scene.keep(&jpeg(640, 480)).await]);
    let settle = async |delivery: &Value, answer: Answer| {
        scene.world.pass(120_000);
        let id = delivery["id"].as_str().unwrap().parse().unwrap();
        scene.world.app.settle(&scene.world.person, &id, (answer, None)).await.unwrap();
    };
    let lost = [
        FaultKind::ResetAfter,
        FaultKind::BrokenBodyAfter,
        FaultKind::StatusAfter { status: 500, body: envelope("internal_error") },
    ];
    for (n, kind) in lost.into_iter().enumerate() {
        scene.warm().await;
        scene.tiktok.set_faults(at("POST", CONTENT_INIT, kind));
        // The simulator lists a photo by its title, as it does a film.
        let text = format!("public and listed {n}");
        let options = json!({ "tiktok": { "privacy": "public", "title": text } });
        let post = scene.send(&text, photo.clone(), options).await;
        let delivery = scene.until_by(&post, "published", 5_000).await;
        assert!(delivery["receipts"][0]["how"].as_str().unwrap().contains("own posts show it"), "{delivery}");
        assert_eq!((scene.ledger().len(), scene.inits()), (n + 1, n as u64 + 1));
    }
    // Not there: that proves nothing, so that it is not sent again unasked.
    scene.warm().await;
    scene.tiktok.set_faults(at("POST", CONTENT_INIT, FaultKind::ResetBefore));
    let post = scene.send("never arrived", photo.clone(), public()).await;
    let delivery = scene.until_by(&post, "needs_human", 30_000).await;
    assert_eq!((scene.ledger().len(), scene.inits()), (3, 4));
    settle(&delivery, Answer::SendIt).await;
    scene.until(&post, "published").await;
    // What is not public is in no list: the person is asked at once, with the place where to look.
    scene.warm().await;
    scene.tiktok.set_faults(at("POST", CONTENT_INIT, FaultKind::ResetAfter));
    let post = scene.send("for friends", photo.clone(), json!({ "tiktok": { "privacy": "friends" } })).await;
    let delivery = scene.until(&post, "needs_human").await;
    assert!(delivery["reason"].as_str().unwrap().contains("https://www.tiktok.com/@socrazi_demo"), "{delivery}");
    settle(&delivery, Answer::ItIsThere).await;
    scene.until(&post, "published").await;
    assert_eq!((scene.ledger().len(), scene.inits()), (5, 6));
    // An answer that came names the post, and nothing is lost any more.
    scene.tiktok.set_faults(Vec::new());
    scene.tiktok.tune(Tuning { process_ms: 60_000, ..at_once() });
    let post = scene.send("by its own name", photo, json!({ "tiktok": { "privacy": "only_me" } })).await;
    scene.until(&post, "processing").await;
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!((scene.ledger().len(), scene.inits()), (6, 7));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_class_of_refusal_leads_to_its_state() {
    let scene = Scene::on(Engine::Sqlite).await;
    let photo = json!([scene.keep(&jpeg(640, 480)).await]);
    let rows: Vec<(FaultKind, &str, &str)> = vec![
        (FaultKind::RateLimited { retry_after_s: 60, body: Default::default() }, "waiting", ""),
        (error(429, "rate_limit_exceeded"), "waiting", ""),
        (error(403, "spam_risk_too_many_posts"), "waiting", ""),
        (error(200, "reached_active_user_cap"), "waiting", ""),
        (error(400, "invalid_param"), "failed", "words"),
        (error(400, "invalid_params"), "failed", "words"),
        (error(403, "privacy_level_option_mismatch"), "failed", "words"),
        (error(403, "url_ownership_unverified"), "failed", "server.public_url"),
        (error(403, "unaudited_client_can_only_post_to_private_accounts"), "failed", "tiktok.audited"),
        (error(400, "app_version_check_failed"), "failed", "31.8"),
        (error(403, "spam_risk"), "failed", "spam"),
        (error(200, "spam_risk_text"), "failed", "spam"),
        (error(403, "spam_risk_user_banned_from_posting"), "blocked", "does not let this account"),
        (error(401, "scope_not_authorized"), "blocked", "permission"),
        (error(401, "scope_permission_missed"), "blocked", "permission"),
    ];
    // Where TikTok fetches, the refusal is that of the commit; where a file is sent, that of what comes before. They mean the same.
    for (n, (kind, state, why)) in rows.into_iter().enumerate() {
        for (route, media) in [(CONTENT_INIT, photo.clone()), (VIDEO_INIT, json!([scene.film]))] {
            scene.warm().await;
            scene.tiktok.set_faults(at("POST", route, kind.clone()));
            let out = scene.ledger().len();
            let post = scene.send(&format!("refused {n} at {route}"), media, public()).await;
            let delivery = scene.until(&post, state).await;
            assert!(delivery["reason"].as_str().unwrap().contains(why), "{kind:?} at {route}: {delivery}");
            if state == "blocked" {
                assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
                scene.connect(ANA).await;
                scene.until(&post, "published").await;
            }
            if state == "waiting" && n < 2 {
                scene.until_by(&post, "published", 10_000).await;
            }
            let is_out = state == "blocked" || (state == "waiting" && n < 2);
            assert_eq!(scene.ledger().len(), out + usize::from(is_out), "{kind:?} at {route}");
        }
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_theirs_on_the_way_to_an_upload_is_tried_again() {
    let scene = Scene::on(Engine::Sqlite).await;
    for (path, kind) in [
        (CREATOR, error(500, "internal_error")),
        (VIDEO_INIT, status(502, "<html>".into())),
        (VIDEO_INIT, FaultKind::BrokenBodyAfter),
    ] {
        scene.warm().await;
        scene.tiktok.set_faults(at("POST", path, kind));
        let out = scene.ledger().len();
        let post = scene.sent(&format!("once more {path} {out}")).await;
        scene.until(&post, "waiting").await;
        scene.until_by(&post, "published", 10_000).await;
        assert_eq!(scene.ledger().len(), out + 1);
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_in_tiktok_s_hands_is_told_or_begun_anew_and_never_called_published() {
    let scene = Scene::on(Engine::Sqlite).await;
    let mut out = 0;
    for (reason, state, why) in [
        ("file_format_check_failed", "failed", "file_format_check_failed"),
        ("duration_check_failed", "failed", "duration_check_failed"),
        ("frame_rate_check_failed", "failed", "frame_rate_check_failed"),
        ("picture_size_check_failed", "failed", "picture_size_check_failed"),
        ("spam_risk_text", "failed", "spam"),
        ("publish_cancelled", "failed", "stopped at TikTok"),
        ("internal", "waiting", ""),
        ("video_pull_failed", "waiting", ""),
        ("auth_removed", "waiting", ""),
    ] {
        // Kept busy, so that the simulator makes nothing of what is said to have failed.
        scene.tiktok.tune(Tuning { process_ms: 30 * 86_400_000, ..at_once() });
        scene.warm().await;
        scene.tiktok.set_faults(at("POST", STATUS, says("FAILED", reason)));
        let post = scene.sent(&format!("failed: {reason}")).await;
        let delivery = scene.until(&post, state).await;
        assert!(delivery["reason"].as_str().unwrap().contains(why), "{reason}: {delivery}");
        if state == "waiting" {
            let before = scene.inits();
            scene.tiktok.tune(at_once());
            scene.until_by(&post, "published", 10_000).await;
            assert_eq!(scene.inits() - before, 1, "begun anew: {reason}");
            out += 1;
        }
        assert_eq!(scene.ledger().len(), out, "{reason}");
    }
    scene.end().await;
    // What TikTok would not take is not brought there; photos that cannot be fetched wait.
    let scene = Scene::on(Engine::Sqlite).await;
    let slow = scene.keep(&mp4(&Film { fps: 10, ..Film::default() })).await;
    let post = scene.draft("ten frames a second", json!([slow]), public()).await;
    assert_eq!(scene.world.refused("publish_post", json!({ "post": post })).await, "film-fps");
    scene.tiktok.set_detours(Vec::new());
    let photo = scene.keep(&jpeg(640, 480)).await;
    let post = scene.send("out of reach", json!([photo]), public()).await;
    let delivery = scene.until_by(&post, "waiting", 2_000).await;
    assert_eq!(scene.ledger().len(), 0, "{delivery}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_refreshed_once_wherever_it_is_refused() {
    let scene = Scene::on(Engine::Sqlite).await;
    let photo = json!([scene.keep(&jpeg(640, 480)).await]);
    let places = [
        (CREATOR, json!([scene.film])),
        (VIDEO_INIT, json!([scene.film])),
        (STATUS, json!([scene.film])),
        (CONTENT_INIT, photo),
    ];
    let count = places.len();
    for (n, (place, media)) in places.into_iter().enumerate() {
        scene.warm().await;
        let before = scene.calls("POST", "/v2/oauth/token/");
        scene.tiktok.set_faults(at("POST", place, error(401, "access_token_invalid")));
        let post = scene.send(&format!("with a new token {n}"), media, public()).await;
        scene.until(&post, "published").await;
        assert_eq!((scene.calls("POST", "/v2/oauth/token/") - before, scene.ledger().len()), (1, n + 1), "{place}");
    }
    // Refused twice it is the account.
    scene.warm().await;
    scene.tiktok.set_faults(vec![Fault::once("POST", CREATOR, error(401, "access_token_invalid")).times(2)]);
    let post = scene.sent("not with these").await;
    scene.until(&post, "blocked").await;
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    scene.connect(ANA).await;
    scene.until(&post, "published").await;
    // Removed while TikTok had it: nothing is out, and it waits for the person.
    scene.tiktok.tune(Tuning { process_ms: 60_000, ..at_once() });
    let post = scene.sent("removed on the way").await;
    scene.until(&post, "processing").await;
    scene.tell("__sim/remove", json!({ "open_id": ANA_ID, "reason": 1 })).await;
    scene.world.pass(60_000);
    for _ in 0..200 {
        if scene.accounts().await[0].health == Health::NeedsReconnecting {
            break;
        }
        scene.world.pass(10_000);
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    scene.connect(ANA).await;
    scene.tiktok.tune(at_once());
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!(scene.ledger().len(), count + 2);
    scene.end().await;
}

async fn a_process_that_dies_before_any_step_leaves_one_post(engine: Engine) {
    dies(engine, FaultKind::HangBefore).await;
}

async fn a_process_that_dies_after_any_step_leaves_one_post(engine: Engine) {
    dies(engine, FaultKind::HangAfter).await;
}

/// A call that hangs is where the process dies: before TikTok did anything, or after it did.
async fn dies(engine: Engine, kind: FaultKind) {
    let mut scene = Scene::with(engine, TikTokOptions::default(), Vec::new()).await;
    scene.tiktok.tune(Tuning { lists_photos: true, ..at_once() });
    let film = json!([scene.keep(&film_of(11_000_000)).await]);
    let photo = json!([scene.keep(&jpeg(640, 480)).await]);
    let is_after = kind == FaultKind::HangAfter;
    let steps = [
        ("creator", "POST", CREATOR, 0, film.clone()),
        ("init", "POST", VIDEO_INIT, 0, film.clone()),
        ("first chunk", "PUT", PUT, 0, film.clone()),
        ("last chunk", "PUT", PUT, 1, film.clone()),
        ("status", "POST", STATUS, 0, film),
        ("photos", "POST", CONTENT_INIT, 0, photo),
    ];
    for (out, (name, method, path, skip, media)) in steps.into_iter().enumerate() {
        scene.warm().await;
        scene.tiktok.set_faults(vec![Fault::once(method, path, kind.clone()).after(skip)]);
        let text = format!("died at {name}");
        let options = json!({ "tiktok": { "privacy": "public", "title": if name == "photos" { json!(text) } else { Value::Null } } });
        let post = scene.send(&text, media, options).await;
        scene.world.struck(&scene.tiktok.url(), &post, 500).await;
        scene.world.abandon_publisher().await;
        scene.reopen().await;
        scene.tiktok.set_faults(Vec::new());
        if name == "photos" && !is_after {
            // That it is in no list proves nothing: only the person can know.
            let delivery = scene.until_by(&post, "needs_human", 30_000).await;
            assert_eq!(scene.ledger().len(), out, "{text}");
            let id = delivery["id"].as_str().unwrap().parse().unwrap();
            scene.world.app.settle(&scene.world.person, &id, (Answer::SendIt, None)).await.unwrap();
        }
        scene.until_by(&post, "published", 10_000).await;
        assert_eq!(scene.ledger().len(), out + 1, "{text}: {:?}", scene.ledger());
    }
    scene.end().await;
}

/// A process dies in an upload of three chunks. The next one asks TikTok how far it is, and no second upload is begun beside it.
async fn a_film_goes_on_after_a_death_where_tiktok_has_it_and_begins_anew_where_it_cannot(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let bytes = film_of(17_000_000);
    let film = json!([scene.keep(&bytes).await]);
    // The second chunk is there, and nobody heard of it; or it is not.
    for (n, (kind, puts)) in [(FaultKind::HangAfter, 3), (FaultKind::HangBefore, 4)].into_iter().enumerate() {
        let (before, decided) = (scene.calls("PUT", PUT), scene.decided("PUT", PUT));
        let is_there = kind == FaultKind::HangAfter;
        scene.tiktok.set_faults(vec![Fault::once("PUT", PUT, kind).after(1)]);
        let post = scene.send(&format!("died {n}"), film.clone(), public()).await;
        scene.world.struck(&scene.tiktok.url(), &post, 500).await;
        crate::serving::until("the chunk to be there", async || {
            (!is_there || scene.decided("PUT", PUT) == decided + 2).then_some(())
        })
        .await;
        scene.world.abandon_publisher().await;
        scene.reopen().await;
        scene.tiktok.set_faults(Vec::new());
        scene.until_by(&post, "published", 10_000).await;
        assert_eq!((scene.calls("PUT", PUT) - before, scene.inits()), (puts, n as u64 + 1), "{n}");
    }
    // Its address has ended, or TikTok does not know it any more: it begins anew, and nothing was posted.
    let ended = Fault::once("PUT", PUT, status(403, String::new()));
    let unknown = Fault::once("POST", STATUS, error(400, "invalid_publish_id"));
    for (n, fault) in [ended, unknown].into_iter().enumerate() {
        let before = scene.inits();
        scene.tiktok.set_faults(vec![Fault::once("PUT", PUT, FaultKind::HangBefore).after(1)]);
        let post = scene.send(&format!("anew {n}"), film.clone(), public()).await;
        scene.world.struck(&scene.tiktok.url(), &post, 500).await;
        scene.world.abandon_publisher().await;
        scene.tiktok.set_faults(vec![fault]);
        scene.reopen().await;
        scene.until_by(&post, "published", 10_000).await;
        assert_eq!(scene.inits() - before, 2, "{n}");
        assert_eq!(scene.ledger().len(), n + 3);
    }
    assert!(scene.ledger().iter().all(|entry| entry.media[0].sha256 == super::publishing::sha256(&bytes)));
    scene.end().await;
}
