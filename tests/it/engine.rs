//! The publisher where it is hard: refused tokens, long uploads, networks that refuse everybody, second workers. The judge is the simulator's
//! ledger; the clock is moved.

use std::time::Duration;

use serde_json::json;
use socrazi::domain::account::Health;
use socrazi::domain::commit::CommitOutcome;
use socrazi::domain::delivery::{Answer, Delivery, Event, GRACE_MS, LEASE_MS, Progress, State, Step, step};
use socrazi::domain::ids::{AttemptId, DeliveryId, NoticeId};
use socrazi::store::Store;
use socrazi::store::arm::NewAttempt;
use socrazi::store::attempts::{AttemptEnd, Outcome};
use socrazi::store::deliveries::{By, StepNotice};
use socrazi::store::notices::Notice;
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(
    a_duplicate_after_an_unclear_try_is_read_back_from_the_first_try_on,
    a_long_upload_keeps_its_lease_and_is_not_begun_twice,
    a_refused_token_outside_the_commit_is_refreshed_once,
    a_refused_token_is_not_used_again_though_refreshing_fails_at_first,
    a_wait_beyond_the_grace_window_is_missed_in_time,
    a_network_that_refuses_everybody_is_left_alone_for_a_while_and_shown,
    an_account_that_the_network_blocks_is_marked_and_its_next_post_does_not_run_into_it,
    a_delivery_taken_up_again_has_no_past,
    of_steps_that_come_at_once_for_one_delivery_one_is_written,
    a_step_that_the_database_refuses_takes_no_other_with_it,
    looks_that_hang_do_not_hold_up_what_is_due,
    a_clock_that_goes_back_leaves_no_outcome_unknown,
    a_second_worker_on_one_part_looks_and_does_not_send,
    what_was_seen_of_one_part_is_not_written_over_the_next,
    a_picture_in_two_parts_of_a_thread_goes_out_once_in_each,
    what_was_let_go_on_by_a_process_that_died_goes_on_in_the_next,
);

fn status(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        body: json!({ "title": "no", "status": status }).to_string(),
        headers: Default::default(),
    }
}

fn calls(world: &World, path: &str) -> u64 {
    world.sim.calls().iter().filter(|call| call.path == path).map(|call| call.arrived).sum()
}

async fn a_duplicate_after_an_unclear_try_is_read_back_from_the_first_try_on(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("went out unseen").await;
    // It goes out, the answer is lost, and for half an hour nobody can read the timeline.
    let lost = Fault::once("POST", "/2/tweets", FaultKind::ResetAfter);
    let blind = Fault::once("GET", "/2/users", status(503)).times(1000);
    world.sim.set_faults(vec![lost, blind]);
    world.pass(3_600_000);
    let delivery = world.until(&post, "needs_human", 30_000).await;
    // The person is wrong: it is there. The network says so.
    world.sim.set_faults(Vec::new());
    let id = delivery["id"].as_str().unwrap().parse().unwrap();
    world.app.settle(&world.person, &id, (Answer::SendIt, None)).await.unwrap();
    let delivery = world.until(&post, "published", 2_000).await;
    assert_eq!((world.sim.ledger().len(), world.sent()), (1, 2), "{delivery}");
    let receipt = &delivery["receipts"][0];
    assert!(receipt["how"].as_str().unwrap().contains("own posts show it"), "{delivery}");
    let attempts = world.app.store().list_attempts(&id).await.unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Some(Outcome::Absent), Some(Outcome::Accepted)]);
    world.end().await;
}

async fn a_long_upload_keeps_its_lease_and_is_not_begun_twice(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let media = world.picture().await;
    let draft =
        world.call("create_draft", json!({ "segments": [{ "text": "with a picture", "media": [media] }] })).await;
    let post = draft["post"]["id"].clone();
    world.sim.set_faults(vec![Fault::once("POST", "/2/media/upload", FaultKind::SlowMs(4_500))]);
    world.call("publish_post", json!({ "post": post })).await;
    world.pass(10_000);
    world.until(&post, "leased", 0).await;
    // Four minutes pass, twice the lease, in steps that leave time for signs of life.
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        world.pass(LEASE_MS / 2);
        // On a busy machine the upload may be over by now.
        let state = world.delivery(&post).await["state"].clone();
        assert!(state == "leased" || state == "published", "{state}");
    }
    world.until(&post, "published", 0).await;
    assert_eq!((world.sim.ledger().len(), calls(&world, "/2/media/upload")), (1, 1));
    world.end().await;
}

async fn a_refused_token_outside_the_commit_is_refreshed_once(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let media = world.picture().await;
    let draft =
        world.call("create_draft", json!({ "segments": [{ "text": "uploaded anew", "media": [media] }] })).await;
    let post = draft["post"]["id"].clone();
    world.sim.set_faults(vec![Fault::once("POST", "/2/media/upload", status(401))]);
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    // The same while reading back.
    let read = world.scheduled("read with a new token").await;
    let lost = Fault::once("POST", "/2/tweets", FaultKind::ResetAfter);
    world.sim.set_faults(vec![lost, Fault::once("GET", "/2/users", status(401))]);
    let before = calls(&world, "/2/oauth2/token");
    world.pass(3_600_000);
    world.until(&read, "published", 1_000).await;
    assert_eq!(calls(&world, "/2/oauth2/token") - before, 1);
    // And while taking it down.
    let asked = world.call("take_down_post", json!({ "post": read })).await;
    let id = asked["approval_urls"][0].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    world.sim.set_faults(vec![Fault::once("DELETE", "/2/tweets", status(401))]);
    world.app.decide(&world.person, &id, &hash, socrazi::app::Verdict::Approve).await.unwrap();
    assert_eq!(world.delivery(&read).await["state"], "taken_down");
    // Refused twice, it is the account.
    let refused =
        world.call("create_draft", json!({ "segments": [{ "text": "not with these", "media": [media] }] })).await;
    let refused = refused["post"]["id"].clone();
    world.sim.set_faults(vec![Fault::once("POST", "/2/media/upload", status(401)).times(2)]);
    world.call("publish_post", json!({ "post": refused })).await;
    world.until(&refused, "blocked", 2_000).await;
    assert_eq!(health(&world).await, Health::NeedsReconnecting);
    world.end().await;
}

async fn health(world: &World) -> Health {
    world.app.list_accounts(&world.person).await.unwrap()[0].account.health
}

async fn a_refused_token_is_not_used_again_though_refreshing_fails_at_first(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("patience").await;
    let limited = FaultKind::RateLimited { retry_after_s: 5, body: socrazi_sim::RateBody::Problem };
    world.sim.set_faults(vec![
        Fault::once("POST", "/2/tweets", status(401)),
        // The first refresh is told to come back later: nothing was refreshed by it.
        Fault::once("POST", "/2/oauth2/token", limited),
    ]);
    world.pass(3_600_000);
    world.until(&post, "published", 5_000).await;
    assert_eq!((world.sim.ledger().len(), world.sent()), (1, 2), "the refused token was used again");
    assert_eq!(health(&world).await, Health::Fine);
    world.end().await;
}

async fn a_wait_beyond_the_grace_window_is_missed_in_time(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("not today").await;
    let limited = FaultKind::RateLimited { retry_after_s: 24 * 3600, body: socrazi_sim::RateBody::Problem };
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", limited)]);
    world.pass(3_600_000);
    world.until(&post, "waiting", 0).await;
    world.pass(GRACE_MS + 2_000);
    world.until(&post, "missed", 0).await;
    assert_eq!(world.sent(), 1);
    world.end().await;
}

async fn a_network_that_refuses_everybody_is_left_alone_for_a_while_and_shown(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (first, second) = (world.scheduled("first").await, world.scheduled("second").await);
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", status(402))]);
    world.pass(3_600_000);
    world.until(&first, "waiting", 0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.sent(), 1, "the next one ran into the same");
    assert_eq!(world.delivery(&second).await["state"], "scheduled");
    let accounts = world.call("list_accounts", json!({})).await;
    assert!(accounts["accounts"][0]["health"].as_str().unwrap().contains("refuses this server"), "{accounts}");
    let told = world.app.notices(&world.person).await.unwrap();
    assert!(told.iter().any(|notice| notice.what.key == "notice-network-stopped"), "{told:?}");
    world.pass(11 * 60_000);
    world.until(&first, "published", 1_000).await;
    world.until(&second, "published", 1_000).await;
    let accounts = world.call("list_accounts", json!({})).await;
    assert!(!accounts["accounts"][0]["health"].as_str().unwrap().contains("refuses this server"), "{accounts}");
    world.end().await;
}

async fn an_account_that_the_network_blocks_is_marked_and_its_next_post_does_not_run_into_it(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (first, second) = (world.scheduled("first").await, world.scheduled("second").await);
    let locked = json!({ "errors": [{ "code": 326, "message": "this account is temporarily locked." }] }).to_string();
    let locked = FaultKind::Status { status: 403, body: locked, headers: Default::default() };
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", locked)]);
    world.pass(3_600_000);
    world.until(&first, "blocked", 200).await;
    world.until(&second, "blocked", 200).await;
    assert_eq!(world.sent(), 1);
    assert_eq!(health(&world).await, Health::NeedsReconnecting);
    world.connect().await;
    world.until(&first, "published", 200).await;
    world.until(&second, "published", 200).await;
    world.end().await;
}

async fn a_delivery_taken_up_again_has_no_past(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("once more").await;
    let id: socrazi::domain::ids::DeliveryId = world.delivery(&post).await["id"].as_str().unwrap().parse().unwrap();
    let store = world.app.store();
    let found = store.find_delivery(&id).await.unwrap().unwrap();
    let at = jiff::Timestamp::from_millisecond(found.slot).unwrap().to_string();
    let mut next = step(found.state, &found.progress, found.slot, &Event::Cancel, 0, 0).unwrap();
    // As if it had been tried, unclear and settled before it was withdrawn.
    next.progress.tries = 7;
    (next.progress.refreshed, next.progress.was_ambiguous) = (true, true);
    (next.progress.refused_generation, next.progress.absent_at) = (Some(1), Some(1));
    assert!(store.update_delivery(&found, &next, By::Outside, None).await.unwrap());
    let asked = world.call("schedule_post", json!({ "post": post, "at": at })).await;
    assert_eq!(asked["status"], "scheduled", "{asked}");
    let again = store.find_delivery(&id).await.unwrap().unwrap();
    assert_eq!((again.state, &again.progress), (State::Scheduled, &found.progress), "{again:?}");
    world.end().await;
}

async fn found(world: &World, post: &serde_json::Value) -> Delivery {
    let id: DeliveryId = world.delivery(post).await["id"].as_str().unwrap().parse().unwrap();
    world.app.store().find_delivery(&id).await.unwrap().unwrap()
}

fn cancelled(delivery: &Delivery) -> Step {
    step(delivery.state, &delivery.progress, delivery.slot, &Event::Cancel, 0, 0).unwrap()
}

fn told(delivery: &Delivery, no: u128) -> StepNotice {
    let what = socrazi::domain::refusal::Sentence { key: "notice-paused".into(), args: Vec::new() };
    Some((NoticeId::generate(1, no), Notice { post: Some(delivery.post.clone()), what, created_at: 1 }))
}

/// They share a transaction or a statement, and each was right when it was made.
async fn of_steps_that_come_at_once_for_one_delivery_one_is_written(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("many hands").await;
    let (store, before) = (world.app.store(), found(&world, &post).await);
    let next = cancelled(&before);
    let notices = store.list_notices(&before.user, 100).await.unwrap().len();
    let all = (0..40).map(|no| store.update_delivery(&before, &next, By::Outside, told(&before, no)));
    let written: Vec<bool> = futures::future::join_all(all).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(written.iter().filter(|is_written| **is_written).count(), 1, "{written:?}");
    assert_eq!(found(&world, &post).await.epoch, before.epoch + 1);
    assert_eq!(store.list_notices(&before.user, 100).await.unwrap().len(), notices + 1);
    world.end().await;
}

async fn a_step_that_the_database_refuses_takes_no_other_with_it(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let mut before = Vec::new();
    for no in 0..8 {
        let post = world.scheduled(&format!("post {no}")).await;
        before.push(found(&world, &post).await);
    }
    let steps: Vec<Step> = before.iter().map(cancelled).collect();
    let store = world.app.store();
    // The last two bring a notice of the same id.
    let all = std::iter::zip(&before, &steps).zip([0, 1, 2, 3, 4, 5, 6, 6]);
    let all = all.map(|((before, next), no)| store.update_delivery(before, next, By::Outside, told(before, no)));
    let written = futures::future::join_all(all).await;
    assert_eq!(written.iter().filter(|written| matches!(written, Ok(true))).count(), 7, "{written:?}");
    assert_eq!(written.iter().filter(|written| written.is_err()).count(), 1, "{written:?}");
    let mut over = 0;
    for before in &before {
        let now = store.find_delivery(&before.id).await.unwrap().unwrap();
        over += usize::from(now.state == State::Cancelled);
    }
    assert_eq!(over, 7);
    world.end().await;
}

async fn looks_that_hang_do_not_hold_up_what_is_due(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let stuck = world.scheduled("nobody answers").await;
    world.sim.set_faults(vec![
        Fault::once("POST", "/2/tweets", FaultKind::ResetAfter),
        Fault::once("GET", "/2/users", FaultKind::HangBefore).times(100),
    ]);
    world.pass(3_600_000);
    world.until(&stuck, "unknown", 0).await;
    // Every place for looks is taken before long: each minute a look is given up and another begun.
    for _ in 0..20 {
        world.pass(61_000);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let due = world.draft("on time").await;
    world.call("publish_post", json!({ "post": due })).await;
    world.until(&due, "published", 1_000).await;
    world.abandon().await;
}

async fn a_clock_that_goes_back_leaves_no_outcome_unknown(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("an hour back").await;
    let unreadable = FaultKind::Status { status: 503, body: String::new(), headers: Default::default() };
    world.sim.set_faults(vec![
        Fault::once("POST", "/2/tweets", FaultKind::ResetAfter),
        Fault::once("GET", "/2/users", unreadable).times(1_000),
    ]);
    world.pass(3_600_000);
    world.until(&post, "unknown", 0).await;
    // As a clock that was an hour ahead would have planned it. A look that is under way may move the row meanwhile.
    let store = world.app.store();
    crate::serving::until("the far look", async || {
        let (ahead, unknown) = (world.clock.now_ms() + 3_600_000, found(&world, &post).await);
        let progress = Progress { unknown_since: Some(ahead), absent_at: Some(ahead), ..unknown.progress.clone() };
        let next = step(State::Unknown, &progress, unknown.slot, &Event::CouldNotRead, ahead, 0).unwrap();
        assert_eq!(next.state, State::Unknown);
        store.update_delivery(&unknown, &next, By::Outside, None).await.unwrap().then_some(())
    })
    .await;
    world.sim.set_faults(Vec::new());
    let begun = world.clock.now_ms();
    world.until(&post, "published", 5_000).await;
    let took = world.clock.now_ms() - begun;
    assert!(took < 10 * 60_000, "nobody looked for {took} ms");
    assert_eq!(world.sent(), 1);
    world.end().await;
}

/// Arms as a worker would.
async fn arm(store: &Store, claimed: &Delivery, id: &AttemptId, now: i64) {
    let attempt = NewAttempt {
        id,
        content_hash: &claimed.content_hash,
        fingerprint: "print",
        now,
        sent_deadline: now + 15_000,
        sent_deadline_boot_ms: 0,
        lease_until: now + LEASE_MS,
    };
    assert!(store.arm(claimed, &attempt).await.unwrap().is_some());
}

async fn a_second_worker_on_one_part_looks_and_does_not_send(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("claimed twice").await;
    let id: socrazi::domain::ids::DeliveryId = world.delivery(&post).await["id"].as_str().unwrap().parse().unwrap();
    let (store, later) = (world.app.store(), world.clock.now_ms() + 3_660_000);
    let claimed = store.claim_due("somebody", later, later + LEASE_MS, 1).await.unwrap().remove(0);
    let attempt = AttemptId::generate(1, 1);
    arm(store, &claimed, &attempt, later).await;
    // Somebody's hand, or a bug: the row says that it waits, while its commit is under way.
    let armed = store.find_delivery(&id).await.unwrap().unwrap();
    let mut forced = step(State::Armed, &armed.progress, armed.slot, &Event::LeaseLapsed, later, 0).unwrap();
    (forced.state, forced.next_at) = (State::Waiting, Some(later));
    assert!(store.update_delivery(&armed, &forced, By::Outside, None).await.unwrap());
    world.pass(3_600_000);
    world.until(&post, "needs_human", 20_000).await;
    assert_eq!(world.sent(), 0, "a second commit was sent beside the first");
    world.end().await;
}

/// Whoever looked while the first part was under way comes late: the second is, under the same epoch and in the same state.
async fn what_was_seen_of_one_part_is_not_written_over_the_next(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.call("create_draft", json!({ "segments": [{ "text": "one" }, { "text": "two" }] })).await;
    let post = post["post"]["id"].clone();
    let at = world.in_an_hour();
    world.call("schedule_post", json!({ "post": post, "at": at })).await;
    let (store, later) = (world.app.store(), world.clock.now_ms() + 3_660_000);
    let mut claimed = store.claim_due("somebody", later, later + LEASE_MS, 1).await.unwrap().remove(0);
    let mut seen = Vec::new();
    for part in [0, 1] {
        let attempt = AttemptId::generate(1, part);
        arm(store, &claimed, &attempt, later).await;
        let armed = store.find_delivery(&claimed.id).await.unwrap().unwrap();
        seen.push((attempt.clone(), armed.clone()));
        if part == 0 {
            let accepted = CommitOutcome::Accepted { remote_id: "1".into(), permalink: "https://x.com/i/1".into() };
            let next = step(State::Armed, &armed.progress, armed.slot, &Event::Answered(accepted), later, 0).unwrap();
            assert_eq!(next.state, State::Leased);
            let visible = Some(("1".into(), "https://x.com/i/1".into()));
            let end = AttemptEnd { outcome: Outcome::Accepted, evidence: "201".into(), visible };
            assert!(store.end_attempt((&attempt, &end, later), &armed, &next, By::Worker, None).await.unwrap());
            claimed = store.find_delivery(&claimed.id).await.unwrap().unwrap();
        }
    }
    let [(first, before), (second, now)] = seen.try_into().unwrap();
    assert_eq!((before.epoch, before.state), (now.epoch, now.state));
    let lapse = async |attempt, delivery: &Delivery| {
        let next = step(State::Armed, &delivery.progress, delivery.slot, &Event::LeaseLapsed, later, 0).unwrap();
        let end = AttemptEnd { outcome: Outcome::Unknown, evidence: "no report".into(), visible: None };
        store.end_attempt((attempt, &end, later), delivery, &next, By::Outside, None).await.unwrap()
    };
    assert!(!lapse(&first, &before).await, "written over a part that was not what was seen");
    let moved = step(State::Armed, &before.progress, before.slot, &Event::LeaseLapsed, later, 0).unwrap();
    assert!(!store.update_delivery_moved(&before, &moved, before.slot + 1).await.unwrap());
    assert_eq!(store.find_delivery(&now.id).await.unwrap().unwrap(), now);
    assert!(lapse(&second, &now).await);
    world.end().await;
}

async fn a_picture_in_two_parts_of_a_thread_goes_out_once_in_each(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let media = world.picture().await;
    let segments = json!([{ "text": "one", "media": [media] }, { "text": "two", "media": [media] }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    // What went out is what was approved, so it is also found again.
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", FaultKind::ResetAfter)]);
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 1_000).await;
    let ledger = world.sim.ledger();
    assert_eq!(ledger.iter().map(|entry| entry.media_ids.len()).collect::<Vec<_>>(), [1, 1], "{ledger:?}");
    world.end().await;
}

async fn what_was_let_go_on_by_a_process_that_died_goes_on_in_the_next(engine: Engine) {
    let mut world = World::on(engine, Vec::new()).await;
    let (late, soon, held) =
        (world.scheduled("late").await, world.scheduled("soon").await, world.scheduled("held").await);
    for post in [&late, &soon, &held] {
        world.call("pause_publishing", json!({ "post": post })).await;
    }
    // The mark is gone and its deliveries were not come to: it died in between.
    let workspace = world.person.workspace.clone();
    for post in [&late, &soon] {
        let id = post.as_str().unwrap().parse().unwrap();
        world.app.store().update_post_pause(&id, &workspace, None).await.unwrap();
    }
    world.reopen().await;
    assert_eq!(world.until(&soon, "scheduled", 0).await["state"], "scheduled");
    assert_eq!(world.delivery(&held).await["state"], "paused", "nobody let this one go on");
    // Of what is over by then its person is asked.
    let id = late.as_str().unwrap().parse().unwrap();
    world.call("pause_publishing", json!({ "post": late })).await;
    world.app.store().update_post_pause(&id, &workspace, None).await.unwrap();
    world.pass(3_660_000);
    world.reopen().await;
    world.until(&late, "missed", 0).await;
    world.until(&soon, "published", 1_000).await;
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}
