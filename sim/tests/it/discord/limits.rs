//! Rate limits: headers, buckets, the global one, what is beside it, and limits that a test plans.

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::discord::{DM_ANA, DiscordOptions, DiscordSim, Fault, FaultKind, GENERAL, Scope, limited};

use super::{call, get, post};

async fn strict() -> DiscordSim {
    DiscordSim::start(DiscordOptions { enforce_rates: true, ..DiscordOptions::default() }).await.unwrap()
}

#[tokio::test]
async fn every_answer_tells_of_its_bucket() {
    let sim = strict().await;
    let first = post(&sim, json!({ "content": "1" })).await;
    for name in ["limit", "remaining", "reset", "reset-after", "bucket"] {
        assert!(first.headers.contains_key(format!("x-ratelimit-{name}")), "{name}");
    }
    assert_eq!((first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")), ("5", "4"));
    for _ in 0..4 {
        assert_eq!(post(&sim, json!({ "content": "x" })).await.status, 200);
    }
    let limited = post(&sim, json!({ "content": "6" })).await;
    assert_eq!((limited.status, &limited.body["global"], &limited.body["code"]), (429, &json!(false), &json!(0)));
    assert!(
        limited.body["retry_after"].as_f64().is_some_and(|seconds| seconds > 0.0 && seconds <= 5.0),
        "{}",
        limited.body
    );
    assert_eq!((limited.header("x-ratelimit-scope"), limited.header("x-ratelimit-remaining")), ("user", "0"));
    assert!((1..=5).contains(&limited.header("retry-after").parse().unwrap()), "whole seconds, rounded up");
    let elsewhere = call(&sim, Method::POST, &format!("/channels/{DM_ANA}/messages"), json!({ "content": "x" })).await;
    assert_eq!(elsewhere.status, 200, "another channel has a counter of its own");
    assert_eq!(elsewhere.headers["x-ratelimit-bucket"], first.headers["x-ratelimit-bucket"]);
    let edit =
        call(&sim, Method::PATCH, &format!("/channels/{GENERAL}/messages/{}", first.id()), json!({ "content": "e" }))
            .await;
    assert_eq!(edit.status, 200, "another route too");
    sim.advance(5_000);
    assert_eq!(post(&sim, json!({ "content": "7" })).await.status, 200);
    assert_eq!(sim.messages(GENERAL).len(), 6);
    assert_eq!(sim.invalid_requests(), 1);
}

#[tokio::test]
async fn fifty_a_second_are_enough_but_interactions_are_beside_it() {
    let sim = strict().await;
    let mut seen = Vec::new();
    for number in 0..51 {
        let path = if number % 2 == 0 { "/users/@me" } else { "/gateway/bot" };
        seen.push(get(&sim, path).await);
    }
    let last = seen.last().unwrap();
    // A slow machine may need more than a second for all of them.
    if last.status == 429 {
        assert_eq!((&last.body["global"], last.header("x-ratelimit-global")), (&json!(true), "true"));
    }
    let beside = call(&sim, Method::POST, "/interactions/1/x/callback", json!({ "type": 5 })).await;
    assert_eq!(beside.code(), 10062, "never limited by the others");
}

#[tokio::test]
async fn limits_are_planned_for_whomever_they_are() {
    let sim = DiscordSim::start(DiscordOptions::default()).await.unwrap();
    for (scope, word, is_global) in
        [(Scope::User, "user", false), (Scope::Global, "global", true), (Scope::Shared, "shared", false)]
    {
        sim.set_faults(vec![Fault::once("POST", "/api/v10/channels", limited(scope, 650))]);
        let seen = post(&sim, json!({ "content": "x" })).await;
        assert_eq!(
            (seen.status, &seen.body["retry_after"], &seen.body["global"]),
            (429, &json!(0.65), &json!(is_global))
        );
        assert_eq!(seen.headers["x-ratelimit-scope"], word);
        assert_eq!(seen.headers.contains_key("x-ratelimit-global"), is_global);
        assert_eq!(post(&sim, json!({ "content": "x" })).await.status, 200);
    }
    sim.set_faults(vec![Fault::once(
        "POST",
        "/api/v10/channels",
        FaultKind::StatusAfter { status: 503, body: String::new() },
    )]);
    assert_eq!(post(&sim, json!({ "content": "done" })).await.status, 503);
    assert_eq!(sim.messages(GENERAL).len(), 4, "the work was done");
    assert_eq!(call(&sim, Method::GET, "/nothing", Value::Null).await.status, 404);
}
