//! Calls that take longer than their client waits: each is answered in time, goes on, is done once, and is told to whoever made it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::app::App;
use socrazi::domain::caller::Caller;
use socrazi::domain::tool::{ToolError, ToolOutcome};

use super::waits::Slow;
use super::{Client, HERE};
use crate::databases::{Engine, on_both};
use crate::serving::until;
use crate::world::World;

on_both!(
    a_late_call_without_a_key_is_asked_for_by_a_handle,
    a_handle_is_of_its_call_and_its_caller_alone,
    a_call_whose_process_ended_is_lost_and_says_so,
    what_was_deleted_is_not_told_by_a_handle,
);

const SOON: Duration = Duration::from_millis(300);
const LATE: Duration = Duration::from_secs(15);

async fn world(engine: Engine) -> World {
    World::on(engine, vec![("server.public_url", HERE.to_owned())]).await
}

async fn attach(app: &Arc<App>, caller: &Caller, arguments: Value, within: Duration) -> Result<ToolOutcome, ToolError> {
    app.call_tool_within(caller, "test", ("attach_media", arguments), within).await
}

/// The refusal's key, and the handle that it names.
fn refused(done: Result<ToolOutcome, ToolError>) -> (String, String) {
    let Err(ToolError::Refused(sentence)) = done else { panic!("{done:?}") };
    let named = |name: &str| sentence.args.iter().find(|(known, _)| known == name).map(|(_, arg)| arg.clone());
    let handle = match named("key") {
        Some(socrazi::domain::refusal::Arg::Text(text)) => text,
        _ => String::new(),
    };
    (sentence.key, handle)
}

fn with(url: &str, key: &str) -> Value {
    json!({ "url": url, "idempotency_key": key })
}

async fn a_late_call_without_a_key_is_asked_for_by_a_handle(engine: Engine) {
    let world = world(engine).await;
    assert!(socrazi::app::ANSWER_WITHIN < Duration::from_secs(20));
    let slow = Slow::new(Duration::from_secs(2)).await;
    let late = attach(&world.app, &world.assistant, json!({ "url": slow.url }), SOON).await;
    let (key, handle) = refused(late);
    assert_eq!(key, "mcp-tool-goes-on-key");
    assert!(handle.starts_with("late_") && handle.len() >= 25, "{handle}");
    // Asked too early it says so, with the same handle; asked by fifty at once it is still one call, and all get the same.
    assert_eq!(
        refused(attach(&world.app, &world.assistant, with(&slow.url, &handle), SOON).await),
        (key, handle.clone())
    );
    let asking = (0..50).map(|_| attach(&world.app, &world.assistant, with(&slow.url, &handle), LATE));
    let answers: Vec<Value> =
        futures::future::join_all(asking).await.into_iter().map(|answer| answer.unwrap().structured).collect();
    let ids: BTreeSet<String> = answers.iter().map(|answer| answer["media"][0]["id"].to_string()).collect();
    assert!(ids.len() == 1 && answers[0]["media"][0]["id"].is_string(), "{ids:?}");
    assert_eq!((slow.asked.load(Ordering::SeqCst), slow.left.load(Ordering::SeqCst)), (1, 0));
    // A key of the client's own is asked for as before, and no handle is made.
    let keyed = with(&slow.url, "k");
    let late = refused(attach(&world.app, &world.assistant, keyed.clone(), SOON).await);
    assert_eq!(late, ("mcp-tool-goes-on-key".to_owned(), "k".to_owned()));
    until("the answer", async || attach(&world.app, &world.assistant, keyed.clone(), LATE).await.ok()).await;
    assert_eq!(slow.asked.load(Ordering::SeqCst), 2, "it was done twice");
    assert_eq!(world.rows().await["late_call"].len(), 1);
    // An hour later there is nothing to be asked for any more, and nothing is done again for it.
    world.pass(3_600_001);
    let gone = refused(attach(&world.app, &world.assistant, with(&slow.url, &handle), LATE).await);
    assert_eq!((gone.0.as_str(), slow.asked.load(Ordering::SeqCst)), ("mcp-late-unknown", 2));
    world.app.store().delete_old_late_calls(world.clock.now_ms()).await.unwrap();
    assert!(world.rows().await["late_call"].is_empty());
    world.end().await;
}

async fn a_handle_is_of_its_call_and_its_caller_alone(engine: Engine) {
    let world = world(engine).await;
    let slow = Slow::new(Duration::from_millis(800)).await;
    let (_, handle) = refused(attach(&world.app, &world.assistant, json!({ "url": slow.url }), SOON).await);
    let other = format!("{}?other", slow.url);
    assert_eq!(refused(attach(&world.app, &world.assistant, with(&other, &handle), LATE).await).0, "mcp-late-other");
    let tool = world.app.call_tool_within(&world.assistant, "", ("create_draft", with(&slow.url, &handle)), LATE).await;
    assert_eq!(refused(tool).0, "mcp-late-other");
    // Another program of the same person; the same one narrowed to other accounts since; and whatever only looks like a handle.
    let token = Client::new(&world, "b").await.token;
    let stranger = world.app.find_bearer(&token).await.unwrap().unwrap().caller;
    let narrowed = Caller { accounts: Some(BTreeSet::new()), ..world.assistant.clone() };
    let blind = Caller { sees_google: !world.assistant.sees_google, ..world.assistant.clone() };
    for caller in [stranger, narrowed, blind] {
        assert_eq!(refused(attach(&world.app, &caller, with(&slow.url, &handle), LATE).await).0, "mcp-late-unknown");
    }
    for key in ["late_", "late_nobody-knows-this-one", &format!("{handle}x"), &handle[..handle.len() - 1]] {
        let done = attach(&world.app, &world.assistant, with(&slow.url, key), LATE).await;
        assert_eq!(refused(done).0, "mcp-late-unknown", "{key}");
    }
    assert!(attach(&world.app, &world.assistant, with(&slow.url, &handle), LATE).await.is_ok());
    assert_eq!(slow.asked.load(Ordering::SeqCst), 1);
    // Neither the handle nor the answer lies open.
    let rows = world.rows().await["late_call"].join("\n");
    assert!(!rows.contains(&handle) && !rows.contains(&handle[5..]) && !rows.contains("media_"), "{rows}");
    world.end().await;
}

async fn a_call_whose_process_ended_is_lost_and_says_so(engine: Engine) {
    let mut world = world(engine).await;
    let (slow, quick) = (Slow::new(Duration::from_secs(60)).await, Slow::new(Duration::from_millis(800)).await);
    let (_, lost) = refused(attach(&world.app, &world.assistant, json!({ "url": slow.url }), SOON).await);
    let (_, kept) = refused(attach(&world.app, &world.assistant, json!({ "url": quick.url }), SOON).await);
    let told = attach(&world.app, &world.assistant, with(&quick.url, &kept), LATE).await.unwrap().structured;
    world.reopen().await;
    let done = attach(&world.app, &world.assistant, with(&slow.url, &lost), LATE).await;
    assert_eq!(refused(done).0, "mcp-late-lost");
    // What was answered before is told by the next process, too, word for word.
    let again = attach(&world.app, &world.assistant, with(&quick.url, &kept), LATE).await.unwrap().structured;
    assert_eq!(again, told);
    assert_eq!((slow.asked.load(Ordering::SeqCst), quick.asked.load(Ordering::SeqCst)), (1, 1));
    world.end().await;
}

async fn what_was_deleted_is_not_told_by_a_handle(engine: Engine) {
    let world = world(engine).await;
    let slow = Slow::new(Duration::from_millis(800)).await;
    let (_, handle) = refused(attach(&world.app, &world.assistant, json!({ "url": slow.url }), SOON).await);
    attach(&world.app, &world.assistant, with(&slow.url, &handle), LATE).await.unwrap();
    let post = world.draft("to be erased").await;
    let (post, now) = (post.as_str().unwrap().parse().unwrap(), world.clock.now_ms());
    assert!(world.app.store().erase_post(&post, &world.person.workspace, now).await.unwrap());
    let done = attach(&world.app, &world.assistant, with(&slow.url, &handle), LATE).await;
    assert_eq!(refused(done).0, "mcp-late-lost");
    world.end().await;
}

/// Nobody makes the server work on endlessly many things.
#[tokio::test(flavor = "multi_thread")]
async fn past_a_few_late_calls_the_next_ones_end() {
    let world = world(Engine::Sqlite).await;
    let slow = Slow::new(Duration::from_secs(60)).await;
    let call = |no: usize| {
        let url = format!("{}?{no}", slow.url);
        let (app, caller) = (Arc::clone(&world.app), world.assistant.clone());
        async move { refused(attach(&app, &caller, json!({ "url": url }), SOON).await).0 }
    };
    let said = futures::future::join_all((0..12).map(call)).await;
    let count = |key: &str| said.iter().filter(|said| *said == key).count();
    assert_eq!((count("mcp-tool-goes-on-key"), count("mcp-tool-ended-late")), (8, 4), "{said:?}");
    until("the end of the four", async || (slow.left.load(Ordering::SeqCst) == 4).then_some(())).await;
    world.end().await;
}

/// What reads takes a key, wherever it comes from, and does the same with it as without.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_no_harm_to_what_reads() {
    let world = world(Engine::Sqlite).await;
    let client = Client::new(&world, "a").await;
    for arguments in [json!({ "idempotency_key": "mine" }), json!({})] {
        let answer = client.asks(&world, "tools/call", json!({ "name": "list_posts", "arguments": arguments })).await;
        assert!(answer.json()["result"]["structuredContent"]["posts"].is_array(), "{}", answer.text);
    }
    let arguments = json!({ "idempotency_key": "late_nobody-knows-this-one" });
    let answer =
        client.asks(&world, "tools/call", json!({ "name": "list_posts", "arguments": arguments })).await.json();
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(
        answer["result"]["content"][0]["text"].as_str().unwrap().contains("late_nobody-knows-this-one"),
        "{answer}"
    );
    world.end().await;
}
