//! The simulated Discord refuses what the real one refuses, and tells what it tells. What all its tests share: a client of the REST API and
//! one of the gateway.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "discord/commands.rs"]
mod commands;
#[path = "discord/components.rs"]
mod components;
#[path = "discord/endpoint.rs"]
mod endpoint;
#[path = "discord/gateway.rs"]
mod gateway;
#[path = "discord/interactions.rs"]
mod interactions;
#[path = "discord/limits.rs"]
mod limits;
#[path = "discord/messages.rs"]
mod messages;
#[path = "discord/sign_in.rs"]
mod sign_in;

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::discord::{self, DiscordOptions, DiscordSim};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// `GUILDS`, `GUILD_MESSAGES`, `DIRECT_MESSAGES`.
const INTENTS: u64 = 4_609;

fn client() -> reqwest::Client {
    let _set_before = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("DiscordBot (https://socrazi.example, 0.1)")
        .build()
        .unwrap()
}

async fn started() -> DiscordSim {
    DiscordSim::start(DiscordOptions::default()).await.unwrap()
}

/// An answer.
struct Seen {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Seen {
    fn code(&self) -> u64 {
        self.body["code"].as_u64().unwrap_or(0)
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_default().to_owned()
    }
}

async fn read(request: reqwest::RequestBuilder) -> Seen {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    Seen { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
}

fn request(sim: &DiscordSim, method: Method, path: &str) -> reqwest::RequestBuilder {
    client()
        .request(method, format!("{}{path}", sim.api_url()))
        .header("authorization", format!("Bot {}", discord::BOT_TOKEN))
}

async fn call(sim: &DiscordSim, method: Method, path: &str, body: Value) -> Seen {
    read(request(sim, method, path).json(&body)).await
}

async fn get(sim: &DiscordSim, path: &str) -> Seen {
    read(request(sim, Method::GET, path)).await
}

/// Writes into the general channel.
async fn post(sim: &DiscordSim, body: Value) -> Seen {
    call(sim, Method::POST, &format!("/channels/{}/messages", discord::GENERAL), body).await
}

/// A command with a subcommand, an option that proposes, one with choices, and a menu.
async fn registered(sim: &DiscordSim) {
    let list = json!([
        { "name": "socrazi", "type": 1, "description": "Posts", "name_localizations": { "ja": "ソクラジ" }, "contexts": [0, 1, 2], "integration_types": [0, 1],
          "options": [
            { "type": 1, "name": "draft", "name_localizations": { "ja": "下書き" }, "description": "Drafts", "options": [
                { "type": 3, "name": "topic", "name_localizations": { "ja": "話題" }, "description": "About", "required": true, "max_length": 20 },
                { "type": 3, "name": "account", "description": "Which", "autocomplete": true },
                { "type": 11, "name": "picture", "description": "A picture" },
                { "type": 6, "name": "reviewer", "description": "Who" } ] },
            { "type": 1, "name": "stats", "description": "Numbers", "options": [
                { "type": 3, "name": "range", "description": "Which", "choices": [{ "name": "7 days", "value": "7d" }] } ] } ] },
        { "name": "Draft a post", "type": 3, "contexts": [0, 1, 2], "integration_types": [0, 1] }
    ]);
    let put = call(sim, Method::PUT, &format!("/applications/{}/commands", discord::APP), list).await;
    assert_eq!(put.status, 200, "{}", put.body);
}

/// A client of the gateway.
struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What came over the gateway.
#[derive(Debug)]
enum Came {
    Frame(Value),
    Closed(u16),
    Lost,
}

impl Socket {
    async fn open(sim: &DiscordSim) -> Self {
        Self::open_at(sim, "v=10&encoding=json").await
    }

    async fn open_at(sim: &DiscordSim, query: &str) -> Self {
        let url = format!("{}?{query}", sim.url().as_str().replacen("http", "ws", 1));
        let (inner, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Self { inner }
    }

    /// Says hello and identifies; READY is read.
    async fn ready(sim: &DiscordSim, intents: u64) -> (Self, Value) {
        let mut socket = Self::open(sim).await;
        assert_eq!(socket.frame().await["op"], 10);
        socket.identify(json!({ "intents": intents })).await;
        let ready = socket.event("READY").await;
        (socket, ready)
    }

    async fn send(&mut self, frame: Value) {
        self.inner.send(Message::text(frame.to_string())).await.unwrap();
    }

    async fn identify(&mut self, more: Value) {
        let mut data = json!({ "token": discord::BOT_TOKEN, "intents": INTENTS, "properties": { "os": "linux", "browser": "b", "device": "d" },
            "compress": false });
        for (name, value) in more.as_object().unwrap() {
            data[name] = value.clone();
        }
        self.send(json!({ "op": 2, "d": data })).await;
    }

    async fn resume(&mut self, session: &Value, seq: u64) {
        let data = json!({ "token": format!("Bot {}", discord::BOT_TOKEN), "session_id": session, "seq": seq });
        self.send(json!({ "op": 6, "d": data })).await;
    }

    async fn next(&mut self) -> Came {
        loop {
            let came = tokio::time::timeout(Duration::from_secs(10), self.inner.next()).await.unwrap();
            match came {
                Some(Ok(Message::Text(text))) => return Came::Frame(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Came::Closed(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Came::Lost,
            }
        }
    }

    async fn frame(&mut self) -> Value {
        match self.next().await {
            Came::Frame(frame) => frame,
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The next event of this name; others are passed over.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["t"] == name {
                return frame;
            }
        }
    }

    async fn closed(&mut self) -> u16 {
        loop {
            match self.next().await {
                Came::Frame(_) => {}
                Came::Closed(code) => return code,
                Came::Lost => return 1006,
            }
        }
    }
}
