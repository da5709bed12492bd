//! Interactions by HTTP: signed, probed, answered in the body or beside it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::discord::{ANA, DiscordSim, Forgery, GENERAL, sign};

use super::{call, registered, started};

/// A product with an endpoint.
#[derive(Clone, Default)]
struct Door {
    seen: Arc<Mutex<Vec<Value>>>,
    lets_all_in: bool,
    says: Option<Value>,
    is_slow: bool,
}

impl Door {
    async fn answer(self, headers: HeaderMap, body: Bytes) -> Response {
        let word = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let is_good = word("x-signature-ed25519") == sign(&word("x-signature-timestamp"), &body);
        if !is_good && !self.lets_all_in {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let body: Value = serde_json::from_slice(&body).unwrap();
        self.seen.lock().unwrap().push(body.clone());
        let json = |body: &Value| ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response();
        if body["type"] == 1 {
            return json(&json!({ "type": 1 }));
        }
        if self.is_slow {
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        self.says.as_ref().map_or_else(|| StatusCode::ACCEPTED.into_response(), json)
    }

    async fn open(self) -> url::Url {
        let router =
            Router::new().fallback(any(move |headers: HeaderMap, body: Bytes| self.clone().answer(headers, body)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/discord/interactions", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url.parse().unwrap()
    }
}

async fn ready() -> DiscordSim {
    let sim = started().await;
    registered(&sim).await;
    sim
}

#[tokio::test]
async fn an_endpoint_is_saved_when_it_tells_good_from_bad() {
    let sim = ready().await;
    let careless = Door { lets_all_in: true, ..Door::default() };
    let why = sim.save_endpoint(careless.open().await).await.unwrap_err();
    assert!(why.to_string().contains("not signed rightly"), "{why}");
    assert!(sim.save_endpoint("http://127.0.0.1:9/".parse().unwrap()).await.is_err());
    let door = Door { says: Some(json!({ "type": 4, "data": { "content": "hi", "flags": 64 } })), ..Door::default() };
    sim.save_endpoint(door.clone().open().await).await.unwrap();
    sim.probe_endpoint().await.unwrap();
    for forgery in [Forgery::BadSignature, Forgery::NoSignature, Forgery::OtherBody] {
        assert_eq!(sim.post_raw("{\"type\":1}", Some(forgery)).await.unwrap().0, 401, "{forgery:?}");
    }
    assert_eq!(sim.post_raw("{\"type\":1}", None).await.unwrap(), (200, "{\"type\":1}".to_owned()));
    let answer = sim.command(ANA, GENERAL, "socrazi stats", json!({})).await.unwrap();
    assert!(answer.is_ok() && answer.status == 200, "{answer:?}");
    assert_eq!(sim.ephemerals()[0]["content"], "hi");
    let heard = door.seen.lock().unwrap().last().cloned().unwrap();
    assert_eq!((&heard["type"], &heard["data"]["name"]), (&json!(2), &json!("socrazi")));
}

#[tokio::test]
async fn an_answer_may_come_beside_the_request() {
    let sim = Arc::new(ready().await);
    let door = Door::default();
    sim.set_endpoint(Some(door.clone().open().await));
    let typing = Arc::clone(&sim);
    let task = tokio::spawn(async move { typing.command(ANA, GENERAL, "socrazi stats", json!({})).await });
    let heard = loop {
        if let Some(heard) = door.seen.lock().unwrap().first().cloned() {
            break heard;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let at = format!("/interactions/{}/{}/callback", heard["id"].as_str().unwrap(), heard["token"].as_str().unwrap());
    assert_eq!(call(&sim, Method::POST, &at, json!({ "type": 5 })).await.status, 204);
    let answer = task.await.unwrap().unwrap();
    assert_eq!((answer.status, answer.kind()), (202, 5));
    assert!(sim.redeliver(&answer.interaction));
    while door.seen.lock().unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seen = door.seen.lock().unwrap().clone();
    assert_eq!(seen[0], seen[1], "the same again");
}

#[tokio::test]
async fn late_and_wrong_answers_are_no_answers() {
    let sim = ready().await;
    for (door, error, ack_ms) in [
        (Door { says: Some(json!({ "type": 4, "data": {} })), ..Door::default() }, "refused: 50006", 3_000),
        (Door { says: Some(json!({ "type": 6 })), ..Door::default() }, "refused: 50035", 3_000),
        (Door { is_slow: true, says: Some(json!({ "type": 5 })), ..Door::default() }, "timeout", 100),
        (Door { is_slow: false, ..Door::default() }, "timeout", 100),
    ] {
        sim.set_endpoint(Some(door.open().await));
        sim.set_ack_ms(ack_ms);
        let answer = sim.command(ANA, GENERAL, "socrazi stats", json!({})).await.unwrap();
        assert!(answer.error.as_deref().unwrap().starts_with(error), "{answer:?}");
    }
    assert_eq!(sim.messages(GENERAL).len(), 0);
    assert_eq!(sim.violations().len(), 4);
}

#[tokio::test]
async fn of_several_copies_whichever_is_answered_first_counts() {
    let sim = ready().await;
    let door = Door { says: Some(json!({ "type": 4, "data": { "content": "hi" } })), ..Door::default() };
    sim.set_endpoint(Some(door.clone().open().await));
    sim.set_copies(3);
    let answer = sim.command(ANA, GENERAL, "socrazi stats", json!({})).await.unwrap();
    assert!(answer.is_ok() && answer.kind() == 4, "{answer:?}");
    while door.seen.lock().unwrap().len() < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(sim.messages(GENERAL).len(), 1);
}
