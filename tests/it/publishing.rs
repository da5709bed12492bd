//! The publisher against a faithful network on a clock that is moved: every way an answer can go wrong, and the person's switches.
//! The judge is the simulator's ledger.

use std::time::Duration;

use serde_json::json;
use socrazi::app::Verdict;
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::delivery::Answer;
use socrazi_sim::{Fault, FaultKind, RateBody};

use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(
    of_many_workers_one_claims_and_one_arms_and_a_stale_epoch_writes_nothing,
    every_lost_answer_is_found_by_reading_and_nothing_is_sent_again,
    an_unclear_answer_with_nothing_out_becomes_a_question_not_a_second_post,
    a_rate_limit_waits_and_a_refused_token_is_refreshed_once,
    what_the_network_refuses_is_failed_with_the_reason_and_a_second_refused_token_blocks,
    withdrawing_pausing_and_editing_stop_what_is_scheduled,
    without_a_permission_nothing_moves_before_one_of_fifty_yeses_and_then_once,
    a_thread_goes_out_part_by_part_and_half_of_one_says_so,
    a_picture_in_two_parts_of_a_thread_goes_out_once_in_each,
    disconnecting_destroys_the_tokens_and_withdraws_what_is_scheduled,
    what_is_out_can_be_taken_down_by_the_person
);

fn fault(kind: FaultKind) -> Vec<Fault> {
    vec![Fault::once("POST", "/2/tweets", kind)]
}

async fn every_lost_answer_is_found_by_reading_and_nothing_is_sent_again(engine: Engine) {
    for (name, kind) in [
        ("reset", FaultKind::ResetAfter),
        ("broken", FaultKind::BrokenBodyAfter),
        ("503", FaultKind::StatusAfter { status: 503, body: "oops".into() }),
    ] {
        let world = World::on(engine, Vec::new()).await;
        let post = world.scheduled(&format!("lost answer: {name} & <b> example.com/{name}")).await;
        world.sim.set_faults(fault(kind));
        world.pass(3_600_000);
        let delivery = world.until(&post, "published", 1_000).await;
        assert!(delivery["receipts"][0]["how"].as_str().unwrap().contains("own posts show it"), "{name}: {delivery}");
        assert_eq!((world.sim.ledger().len(), world.sent()), (1, 1), "{name}");
        world.end().await;
    }
}

async fn an_unclear_answer_with_nothing_out_becomes_a_question_not_a_second_post(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("nobody knows").await;
    world.sim.set_faults(fault(FaultKind::ResetBefore));
    world.pass(3_600_000);
    let delivery = world.until(&post, "needs_human", 5_000).await;
    assert_eq!((world.sim.ledger().len(), world.sent()), (0, 1), "{delivery}");
    let id = delivery["id"].as_str().unwrap().parse().unwrap();
    world.app.settle(&world.person, &id, (Answer::SendIt, None)).await.unwrap();
    assert!(world.app.settle(&world.person, &id, (Answer::SendIt, None)).await.is_err(), "a doubled click");
    world.until(&post, "published", 200).await;
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}

async fn a_rate_limit_waits_and_a_refused_token_is_refreshed_once(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("in good time").await;
    let limited = FaultKind::RateLimited { retry_after_s: 120, body: RateBody::Problem };
    let unauthorized = FaultKind::Status {
        status: 401,
        body: json!({ "title": "Unauthorized", "status": 401 }).to_string(),
        headers: Default::default(),
    };
    world
        .sim
        .set_faults(vec![Fault::once("POST", "/2/tweets", limited), Fault::once("POST", "/2/tweets", unauthorized)]);
    world.pass(3_600_000);
    world.until(&post, "waiting", 0).await;
    world.until(&post, "published", 10_000).await;
    assert_eq!((world.sim.ledger().len(), world.sent()), (1, 3));
    world.end().await;
}

async fn what_the_network_refuses_is_failed_with_the_reason_and_a_second_refused_token_blocks(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    world.sim.post_as("2244994945", "said before").unwrap();
    let duplicate = world.scheduled("said before").await;
    world.pass(3_600_000);
    let delivery = world.until(&duplicate, "failed", 500).await;
    assert!(delivery["reason"].as_str().unwrap().contains("same text"), "{delivery}");
    let unauthorized = || FaultKind::Status { status: 401, body: String::new(), headers: Default::default() };
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", unauthorized()).times(2)]);
    let blocked = world.scheduled("locked out").await;
    world.pass(3_600_000);
    world.until(&blocked, "blocked", 500).await;
    world.connect().await;
    world.until(&blocked, "published", 500).await;
    world.end().await;
}

async fn withdrawing_pausing_and_editing_stop_what_is_scheduled(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (withdrawn, paused, edited, moved) = (
        world.scheduled("withdrawn").await,
        world.scheduled("paused").await,
        world.scheduled("edited").await,
        world.scheduled("moved").await,
    );
    world.call("withdraw_post", json!({ "post": withdrawn })).await;
    world.call("pause_publishing", json!({ "post": paused })).await;
    world.call("update_draft", json!({ "post": edited, "revision": 1, "text": "edited once more" })).await;
    assert_eq!(world.delivery(&edited).await["state"], "unapproved");
    world.pass(60_000);
    world.call("schedule_post", json!({ "post": moved, "at": world.in_an_hour() })).await;
    world.pass(3_600_000);
    world.until(&moved, "published", 200).await;
    world.until(&edited, "missed", 200).await;
    assert_eq!(world.sim.ledger().len(), 1, "{:?}", world.sim.ledger());
    // Going on needs the person; what is overdue is asked about.
    let asked = world.call("pause_publishing", json!({ "post": paused, "resume": true })).await;
    let id = asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    assert!(world.app.decide(&world.assistant, &id, &hash, Verdict::Approve).await.is_err(), "a model approved");
    assert!(world.app.decide(&world.person, &id, "0000", Verdict::Approve).await.is_err(), "another hash was taken");
    world.app.decide(&world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert_eq!(world.delivery(&paused).await["state"], "missed");
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}

async fn without_a_permission_nothing_moves_before_one_of_fifty_yeses_and_then_once(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let modest = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let post = world.draft("asked first").await;
    let asked = world.app.call_tool(&modest, "publish_post", json!({ "post": post })).await.unwrap();
    assert_eq!(asked.structured["status"], "waiting_for_approval");
    world.pass(600_000);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.sent(), 0);
    let id = asked.waiting[0].clone();
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    let mut presses = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (app, person, id, hash) = (world.app.clone(), world.person.clone(), id.clone(), hash.clone());
        presses.spawn(async move { app.decide(&person, &id, &hash, Verdict::Approve).await.is_ok() });
    }
    let taken = presses.join_all().await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 1, "exactly one press is taken");
    // The hold window: still to be stopped.
    assert_eq!(world.delivery(&post).await["state"], "scheduled");
    world.until(&post, "published", 2_000).await;
    assert_eq!(world.refused("publish_post", json!({ "post": post })).await, "post-published-already");
    world.end().await;
}

async fn a_thread_goes_out_part_by_part_and_half_of_one_says_so(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let segments = json!([{ "text": "one" }, { "text": "two" }, { "text": "three" }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    let ledger = world.sim.ledger();
    assert_eq!(ledger.len(), 3);
    assert_eq!(ledger[1].in_reply_to.as_deref(), Some(ledger[0].id.as_str()));
    assert_eq!(ledger[2].in_reply_to.as_deref(), Some(ledger[1].id.as_str()));
    // The second answer is lost: found by reading, then the third follows.
    let segments = json!([{ "text": "uno" }, { "text": "due" }, { "text": "tre" }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", FaultKind::ResetAfter).after(1)]);
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    assert_eq!(world.sim.ledger().len(), 6);
    // The second part is refused for good.
    let segments = json!([{ "text": "eins" }, { "text": "zwei" }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    let refused = FaultKind::Status {
        status: 403,
        body: json!({ "detail": "You are not permitted to perform this action." }).to_string(),
        headers: Default::default(),
    };
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", refused).after(1)]);
    world.call("publish_post", json!({ "post": post })).await;
    let delivery = world.until(&post, "partial", 2_000).await;
    assert_eq!(delivery["receipts"].as_array().map(Vec::len), Some(1), "{delivery}");
    world.end().await;
}

async fn a_picture_in_two_parts_of_a_thread_goes_out_once_in_each(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let media = world.picture().await;
    let segments = json!([{ "text": "one", "media": [media] }, { "text": "two", "media": [media] }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    // What went out is what was approved, so a lost answer is found again by reading, which counts the media.
    world.sim.set_faults(fault(FaultKind::ResetAfter));
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 1_000).await;
    let ledger = world.sim.ledger();
    assert_eq!(ledger.iter().map(|entry| entry.media_ids.len()).collect::<Vec<_>>(), [1, 1], "{ledger:?}");
    world.end().await;
}

async fn disconnecting_destroys_the_tokens_and_withdraws_what_is_scheduled(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("never").await;
    let account = world.app.list_accounts(&world.person).await.unwrap()[0].account.id.clone();
    world.app.disconnect(&world.person, &account).await.unwrap();
    assert_eq!(world.delivery(&post).await["state"], "cancelled");
    assert!(world.app.store().find_tokens(&account).await.unwrap().is_none());
    assert_eq!(world.refused("create_draft", json!({ "text": "x" })).await, "account-none-connected");
    let revoked =
        world.sim.calls().iter().filter(|call| call.path == "/2/oauth2/revoke").map(|call| call.arrived).sum::<u64>();
    assert_eq!(revoked, 2, "access and refresh token");
    world.pass(3_600_000);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.sent(), 0);
    world.end().await;
}

async fn what_is_out_can_be_taken_down_by_the_person(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.draft("for a while").await;
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    let asked = world.call("take_down_post", json!({ "post": post })).await;
    let id = asked["approval_urls"][0].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    assert!(!world.sim.ledger()[0].deleted);
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    world.app.decide(&world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert!(world.sim.ledger()[0].deleted);
    assert_eq!(world.delivery(&post).await["state"], "taken_down");
    world.end().await;
}

/// The database decides between workers, not their manners: sixteen at once, on either.
async fn of_many_workers_one_claims_and_one_arms_and_a_stale_epoch_writes_nothing(engine: Engine) {
    use socrazi::domain::delivery::{Event, LEASE_MS, step};
    use socrazi::domain::ids::AttemptId;
    use socrazi::store::arm::NewAttempt;
    use socrazi::store::deliveries::By;
    let mut world = World::on(engine, Vec::new()).await;
    // These workers show no sign of life: on PostgreSQL the publisher would take over from them at once.
    world.abandon_publisher().await;
    for n in 0..3 {
        world.scheduled(&format!("claimed {n}")).await;
    }
    // Due for these workers alone: the publisher's clock stands still.
    let later = world.clock.now_ms() + 2 * 3_600_000;
    let mut workers = tokio::task::JoinSet::new();
    for n in 0..16 {
        let app = world.app.clone();
        workers
            .spawn(async move { app.store().claim_due(&format!("w{n}"), later, later + LEASE_MS, 8).await.unwrap() });
    }
    let claimed = workers.join_all().await.concat();
    assert_eq!(claimed.len(), 1, "one per account at a time: {claimed:?}");
    let mut workers = tokio::task::JoinSet::new();
    for n in 0..16_u64 {
        let (app, delivery) = (world.app.clone(), claimed[0].clone());
        workers.spawn(async move {
            let id = AttemptId::generate(1, u128::from(n));
            let attempt = NewAttempt {
                id: &id,
                content_hash: &delivery.content_hash,
                fingerprint: "print",
                now: later,
                sent_deadline: later + 15_000,
                sent_deadline_boot_ms: 0,
                lease_until: later + LEASE_MS,
            };
            app.store().arm(&delivery, &attempt).await.unwrap().is_some()
        });
    }
    let armed = workers.join_all().await.into_iter().filter(|armed| *armed).count();
    assert_eq!(armed, 1, "two live commits for one part");
    assert_eq!(world.app.store().list_attempts(&claimed[0].id).await.unwrap().len(), 1);
    // Whoever still holds what stood there before the claim writes nothing.
    let old = socrazi::domain::delivery::Delivery { epoch: claimed[0].epoch - 1, ..claimed[0].clone() };
    let next = step(old.state, &old.progress, old.slot, &Event::LeaseLapsed, later, 0).unwrap();
    assert!(!world.app.store().update_delivery(&old, &next, By::Outside, None).await.unwrap());
    world.end().await;
}
