//! What needs a person is said with the next answer of a tool, once, and not when it is over.

use std::time::Duration;

use serde_json::{Value, json};
use socrazi::domain::delivery::State;
use socrazi::domain::ids::DeliveryId;

use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(what_needs_a_person_is_said_once_with_the_next_answer, what_is_over_again_is_not_said);

/// Longer than the pause between two looks.
const LOOKED: Duration = Duration::from_millis(1_100);

/// What an assistant reads, a look later.
async fn told(world: &World) -> String {
    tokio::time::sleep(LOOKED).await;
    world.app.call_tool(&world.assistant, "list_posts", json!({})).await.unwrap().text
}

/// Until a post missed its time. Read by the person: an assistant's calls would tell of it.
async fn missed(world: &World, post: &Value) -> DeliveryId {
    let id = post.as_str().unwrap().parse().unwrap();
    crate::serving::until("that it is missed", async || {
        let view = world.app.read_post(&world.person, &id).await.unwrap();
        let delivery = view.deliveries.into_iter().next().unwrap();
        (delivery.state == State::Missed).then_some(delivery.id)
    })
    .await
}

async fn what_needs_a_person_is_said_once_with_the_next_answer(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let fine = world.scheduled("goes out").await;
    world.pass(3_660_000);
    world.until(&fine, "published", 1_000).await;
    assert!(!told(&world).await.contains("tell the person"));
    let mut posts = Vec::new();
    for no in 0..5 {
        let post = world.scheduled(&format!("never approved {no}")).await;
        world.call("update_draft", json!({ "post": post, "revision": 1, "text": format!("edited {no}") })).await;
        posts.push(post);
    }
    world.pass(3 * 3_600_000);
    for post in &posts {
        missed(&world, post).await;
    }
    // The person's own door has its own ways to tell them.
    tokio::time::sleep(LOOKED).await;
    let own = world.app.call_tool(&world.person, "list_posts", json!({})).await.unwrap().text;
    assert!(!own.contains("tell the person"), "{own}");
    let said = told(&world).await;
    let handle = world.app.list_accounts(&world.person).await.unwrap()[0].account.handle.clone();
    assert!(said.contains("Not about this call, but tell the person:") && said.contains(&handle), "{said}");
    assert!(said.contains("And 2 more: http"), "{said}");
    assert!(!told(&world).await.contains("tell the person"));
    world.end().await;
}

async fn what_is_over_again_is_not_said(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("edited, then dropped").await;
    world.call("update_draft", json!({ "post": post, "revision": 1, "text": "edited" })).await;
    world.pass(3 * 3_600_000);
    let delivery = missed(&world, &post).await;
    world.press(&format!("/deliveries/{delivery}/again"), &[("what", "drop"), ("at", "")]).await;
    let said = told(&world).await;
    assert!(!said.contains("tell the person"), "{said}");
    world.end().await;
}
