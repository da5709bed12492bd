//! Waiting for a tool: signs of life, a client that goes away, and an answer in time whatever the network does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::{Client, HERE, ask};
use crate::databases::Engine;
use crate::serving::until;
use crate::world::World;

/// A place on this machine that is asked and answers late: how often it was asked, and how often whoever asked had gone by then.
pub(super) struct Slow {
    pub(super) url: String,
    pub(super) asked: Arc<AtomicUsize>,
    pub(super) left: Arc<AtomicUsize>,
}

impl Slow {
    pub(super) async fn new(after: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/picture.jpg", listener.local_addr().unwrap());
        let (asked, left) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counts = (Arc::clone(&asked), Arc::clone(&left));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, after, counts.clone()));
            }
        });
        Self { url, asked, left }
    }

    async fn is_asked(&self, times: usize) {
        until("the request", async || (self.asked.load(Ordering::SeqCst) >= times).then_some(())).await;
    }
}

async fn answer(mut stream: TcpStream, after: Duration, (asked, left): (Arc<AtomicUsize>, Arc<AtomicUsize>)) {
    let mut buffer = [0; 4096];
    assert!(stream.read(&mut buffer).await.unwrap() > 0);
    asked.fetch_add(1, Ordering::SeqCst);
    tokio::select! {
        // Nothing more is sent to us: what is read is the end.
        _end = stream.read(&mut buffer) => {
            left.fetch_add(1, Ordering::SeqCst);
        }
        () = tokio::time::sleep(after) => {
            let picture = crate::media::geotagged();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", picture.len());
            let _may_be_gone = stream.write_all(&[head.as_bytes(), &picture].concat()).await;
        }
    }
}

async fn world() -> World {
    World::on(Engine::Sqlite, vec![("server.public_url", HERE.to_owned())]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_ends_its_call_down_to_the_network() {
    let world = world().await;
    let client = Client::new(&world, "a").await;
    let slow = Slow::new(Duration::from_secs(14)).await;
    let sooner = Slow::new(Duration::from_secs(2)).await;
    let call = |key: Option<&str>| {
        let mut arguments = json!({ "url": if key.is_some() { &sooner.url } else { &slow.url } });
        if let Some(key) = key {
            arguments["idempotency_key"] = json!(key);
        }
        client.modern("tools/call", json!({ "name": "attach_media", "arguments": arguments }), &json!({}))
    };
    // Without a key nobody could ask for the answer any more.
    let going = tokio::spawn(world.router.clone().oneshot(call(None)));
    slow.is_asked(1).await;
    going.abort();
    until("the end of the request", async || (slow.left.load(Ordering::SeqCst) == 1).then_some(())).await;
    // With one it goes on, and the next who asks hears so.
    let going = tokio::spawn(world.router.clone().oneshot(call(Some("k"))));
    sooner.is_asked(1).await;
    going.abort();
    let again = ask(&world.router, call(Some("k"))).await;
    assert!(again.json()["result"]["content"][0]["text"].as_str().unwrap().contains("still running"), "{}", again.text);
    until("the answer", async || {
        let answer = ask(&world.router, call(Some("k"))).await.json();
        answer["result"]["structuredContent"]["media"][0]["id"].is_string().then_some(())
    })
    .await;
    assert_eq!((sooner.asked.load(Ordering::SeqCst), sooner.left.load(Ordering::SeqCst)), (1, 0));
    world.end().await;
}

/// A real connection, closed by its client, and the older era's notice: each ends the call.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_connection_and_a_cancellation_end_a_call() {
    let world = world().await;
    let mut client = Client::new(&world, "a").await;
    let slow = Slow::new(Duration::from_secs(14)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let serving = tokio::spawn(socrazi::frontends::serve_http(listener, world.router.clone(), stop.clone()));
    let request =
        client.modern("tools/call", json!({ "name": "attach_media", "arguments": { "url": slow.url } }), &json!({}));
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 100_000).await.unwrap();
    let mut head = format!("POST /mcp HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in &parts.headers {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).await.unwrap();
    slow.is_asked(1).await;
    drop(stream);
    until("the end of the request", async || (slow.left.load(Ordering::SeqCst) == 1).then_some(())).await;

    client.opens(&world.router).await;
    let call = json!({ "jsonrpc": "2.0", "id": "c", "method": "tools/call", "params": { "name": "attach_media", "arguments": { "url": slow.url } } });
    let asking = async {
        let answer = client.says(&world.router, call).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.text.contains("\"result\""), "{}", answer.text);
    };
    let cancelling = async {
        slow.is_asked(2).await;
        let notice = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "c", "reason": "enough" } });
        assert_eq!(client.says(&world.router, notice).await.status, StatusCode::ACCEPTED);
        until("the end of the request", async || (slow.left.load(Ordering::SeqCst) == 2).then_some(())).await;
    };
    tokio::join!(asking, cancelling);
    // The session is none the worse for it.
    assert_eq!(client.may(&world.router).await, 200);
    stop.cancel();
    serving.await.unwrap();
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_progress_hears_that_the_call_is_alive() {
    let world = world().await;
    let client = Client::new(&world, "a").await;
    let slow = Slow::new(Duration::from_millis(2_600)).await;
    let params = json!({ "name": "attach_media", "arguments": { "url": slow.url } });
    let with = client.modern("tools/call", params.clone(), &json!({ "progressToken": "p-1" }));
    let without = client.modern("tools/call", params, &json!({}));
    let (with, without) = tokio::join!(ask(&world.router, with), ask(&world.router, without));
    assert!(with.text.contains("notifications/progress") && with.text.contains("\"p-1\""), "{}", with.text);
    assert!(!without.text.contains("notifications/progress"), "{}", without.text);
    for answer in [with, without] {
        assert!(answer.json()["result"]["structuredContent"]["media"][0]["id"].is_string(), "{}", answer.text);
    }
    world.end().await;
}
