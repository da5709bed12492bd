//! Claims cost by what is due, and what a process held that is gone is taken over at once.

use std::time::Duration;

use serde_json::json;
use socrazi::domain::delivery::{LEASE_MS, State};
use socrazi::domain::ids::{AttemptId, DeliveryId};
use socrazi::store::arm::NewAttempt;
use sqlx::Connection;

use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(
    claims_read_what_is_due_and_nothing_else,
    what_a_dead_process_held_is_taken_over_at_once_and_a_live_one_keeps_it,
    what_one_process_schedules_another_publishes_within_a_second,
);

/// Many deliveries for next year, as copies of one.
async fn stored(world: &World, many: i64) {
    let columns = "workspace_id, user_id, post_id, variant_id, account_id, approval_id, zone, state, epoch, content_hash, parts, \
        accepted, tries, refreshed, was_ambiguous, created_at";
    let of_it = columns.split(", ").map(|name| format!("d.{}", name.trim())).collect::<Vec<_>>().join(", ");
    let at = format!("d.slot + {} + n.i * 1000", 365 * 24 * 3_600_000_i64);
    let copies = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) \
         INSERT INTO delivery(id, slot, next_at, {columns}) SELECT 'copy_' || n.i, {at}, {at}, {of_it} \
         FROM n CROSS JOIN (SELECT * FROM delivery LIMIT 1) AS d"
    );
    match world.database() {
        Some(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(copies)).execute(&mut connection).await.unwrap();
            sqlx::query("VACUUM ANALYZE delivery").execute(&mut connection).await.unwrap();
        }
        None => {
            let file = world.folder.path().join("data/socrazi.db");
            let mut connection =
                sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(copies)).execute(&mut connection).await.unwrap();
            sqlx::query("ANALYZE").execute(&mut connection).await.unwrap();
        }
    }
}

async fn claims_read_what_is_due_and_nothing_else(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    world.scheduled("one of many").await;
    stored(&world, 20_000).await;
    let now = world.clock.now_ms();
    for (name, plan) in world.app.store().explain_claims(now).await.unwrap() {
        let index = match name {
            "CLAIM_DUE" => "delivery_due",
            "CLAIM_LOOKS" => "delivery_look",
            "LIST_TIMED_OUT" => "delivery_time_out",
            _ => "delivery_due",
        };
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        for line in plan.lines() {
            // Reading the table row by row costs by what is stored.
            let walks = line.contains("Seq Scan on delivery")
                || line.trim_start().starts_with("SCAN d") && !line.contains("INDEX");
            assert!(!walks, "{name} walks through what is stored:\n{plan}");
        }
        if name == "CLAIM_DUE" {
            let is_covered =
                plan.contains("Index Only Scan using delivery_due") || plan.contains("COVERING INDEX delivery_due");
            assert!(is_covered, "the choice reads rows:\n{plan}");
        }
    }
    world.end().await;
}

async fn what_a_dead_process_held_is_taken_over_at_once_and_a_live_one_keeps_it(engine: Engine) {
    if engine == Engine::Sqlite {
        // One process only: what it left is taken up at start, which `process` and the kill matrix show.
        return;
    }
    let world = World::on(engine, Vec::new()).await;
    let (leased, armed) = (world.scheduled("only claimed").await, world.scheduled("perhaps sent").await);
    let other = world.beside().await;
    let store = other.store();
    store.be_present("the other").await.unwrap();
    // Due for the other one alone, then for it alone again: one per account at a time.
    let later = world.clock.now_ms() + 3_700_000;
    let first = store.claim_due("the other", later, later + LEASE_MS, 1).await.unwrap().remove(0);
    let attempt = AttemptId::generate(1, 1);
    let new = NewAttempt {
        id: &attempt,
        content_hash: &first.content_hash,
        fingerprint: "print",
        now: later,
        sent_deadline: later + 15_000,
        sent_deadline_boot_ms: 0,
        lease_until: later + LEASE_MS,
    };
    assert!(store.arm(&first, &new).await.unwrap().is_some());
    // It lives, whatever else: nobody touches what is its own.
    world.pass(1_000);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let still = world.app.store().find_delivery(&first.id).await.unwrap().unwrap();
    assert_eq!((still.state, still.epoch), (State::Armed, first.epoch));
    other.close().await;
    // Gone: within a moment of real time and none of the simulated, and never back to waiting.
    let mut stands = State::Armed;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        stands = world.app.store().find_delivery(&first.id).await.unwrap().unwrap().state;
        if stands != State::Armed {
            break;
        }
    }
    assert_eq!(stands, State::Unknown);
    let id: DeliveryId = world.delivery(&armed).await["id"].as_str().unwrap().parse().unwrap();
    let (unknown, waiting) = if id == first.id { (&armed, &leased) } else { (&leased, &armed) };
    world.pass(3_600_000);
    world.until(waiting, "published", 1_000).await;
    world.until(unknown, "needs_human", 5_000).await;
    assert_eq!(world.sent(), 1);
    // Only claimed: simply taken up again.
    let post = world.scheduled("claimed by a second one").await;
    let other = world.beside().await;
    other.store().be_present("another").await.unwrap();
    let later = world.clock.now_ms() + 3_700_000;
    let claimed = other.store().claim_due("another", later, later + LEASE_MS, 4).await.unwrap();
    assert_eq!(claimed.len(), 1);
    other.close().await;
    world.pass(3_600_000);
    world.until(&post, "published", 500).await;
    world.end().await;
}

async fn what_one_process_schedules_another_publishes_within_a_second(engine: Engine) {
    if engine == Engine::Sqlite {
        return;
    }
    let world = World::on(engine, Vec::new()).await;
    // The second one has no publisher: whatever goes out, goes out by the first, which nobody wakes.
    let other = world.beside().await;
    let draft =
        other.call_tool(&world.assistant, "create_draft", json!({ "text": "over there" })).await.unwrap().structured;
    let due = jiff::Timestamp::from_millisecond(world.clock.now_ms() + 1_200).unwrap().to_string();
    let post = draft["post"]["id"].clone();
    other.call_tool(&world.assistant, "schedule_post", json!({ "post": post, "at": due })).await.unwrap();
    let slot = jiff::Timestamp::as_millisecond(due.parse().unwrap());
    let delivery = world.until(&post, "published", 0).await;
    let late = world.sim.ledger()[0].created_at_ms - slot;
    assert!((0..1_000).contains(&late), "{late} ms late: {delivery}");
    other.close().await;
    world.end().await;
}
