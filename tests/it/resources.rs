//! What MCP clients read beside tools: resources, prompts, completions, and notices of change in both protocol eras, through the real router. Also
//! what a client is not shown. What the tests of it share is here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::time::Duration;

use axum::body::Body;
use futures::StreamExt;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use socrazi::domain::caller::Caller;
use socrazi::domain::lang::Lang;
use tower::ServiceExt;

use crate::databases::Engine;
use crate::world::World;

mod apps;
mod changes;
mod charts;
mod pictures;
mod prompts;
mod reading;
mod shown;

/// Where `World` believes to be.
const HERE: &str = "http://127.0.0.1:8787";
const MODERN: &str = "2026-07-28";
/// How long a notice may take: a look each second, on busy cores.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server and a client with a personal token.
struct Scene {
    world: World,
    token: String,
    /// Headers beside the usual ones.
    extra: Vec<(&'static str, String)>,
    /// What the client says that it can.
    capabilities: Value,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        Self::with(engine, Vec::new()).await
    }

    /// With these settings beside the usual ones.
    async fn with(engine: Engine, mut settings: Vec<(&'static str, String)>) -> Self {
        settings.push(("server.public_url", HERE.to_owned()));
        let world = World::on(engine, settings).await;
        let token = token(&world, &world.person).await;
        Self { world, token, extra: Vec::new(), capabilities: json!({}) }
    }

    /// The result of a request of the newer era.
    async fn ask(&self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The code and message of its refusal.
    async fn refused(&self, method: &str, params: Value) -> (i64, String) {
        let answer = self.answer(method, params).await;
        let error = &answer["error"];
        assert!(error.is_object(), "{method} was not refused: {answer}");
        (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
    }

    async fn answer(&self, method: &str, params: Value) -> Value {
        let response = self.send(method, params).await;
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 4_000_000).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{method}: {status} {text}"))
    }

    async fn send(&self, method: &str, mut params: Value) -> axum::response::Response {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
            "io.modelcontextprotocol/clientCapabilities": self.capabilities,
        });
        let name = ["name", "uri"].iter().find_map(|key| params[*key].as_str()).unwrap_or_default().to_owned();
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut request = self.post().header("mcp-protocol-version", MODERN).header("mcp-method", method);
        if !name.is_empty() && name.is_ascii() {
            request = request.header("mcp-name", name);
        }
        self.world.router.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap()
    }

    fn post(&self) -> http::request::Builder {
        let request = Request::post("/mcp").header("host", "127.0.0.1:8787").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = request.header("accept", "application/json, text/event-stream");
        self.extra.iter().fold(request, |request, (name, value)| request.header(*name, value))
    }

    /// A resource's text as JSON.
    async fn read(&self, uri: &str) -> Value {
        let result = self.ask("resources/read", json!({ "uri": uri })).await;
        assert_eq!((&result["cacheScope"], &result["contents"][0]["uri"]), (&json!("private"), &json!(uri)));
        serde_json::from_str(result["contents"][0]["text"].as_str().unwrap()).unwrap()
    }

    async fn tool(&self, name: &str, arguments: Value) -> Value {
        let result = self.ask("tools/call", json!({ "name": name, "arguments": arguments })).await;
        assert_ne!(result["isError"], true, "{name}: {result}");
        result["structuredContent"].clone()
    }

    async fn draft(&self, text: &str) -> String {
        self.tool("create_draft", json!({ "text": text })).await["post"]["id"].as_str().unwrap().to_owned()
    }

    /// The addresses of what is listed, over all pages.
    async fn listed(&self) -> Vec<String> {
        let (mut all, mut cursor) = (Vec::new(), Value::Null);
        for _ in 0..100 {
            let params = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
            let page = self.ask("resources/list", params).await;
            assert_eq!(page["cacheScope"], "private");
            let uris = page["resources"].as_array().unwrap().iter().map(|one| one["uri"].as_str().unwrap().to_owned());
            all.extend(uris);
            cursor = page["nextCursor"].clone();
            if cursor.is_null() {
                return all;
            }
        }
        panic!("the list has no end");
    }

    async fn speak(&self, lang: Lang) {
        let change = socrazi::app::settings::SettingsChange { lang: Some(lang), ..Default::default() };
        self.world.app.change_settings(&self.world.person, change).await.unwrap();
    }
}

/// A personal token of somebody.
async fn token(world: &World, caller: &Caller) -> String {
    let made = world.app.make_token(caller, "test").await.unwrap();
    secrecy::ExposeSecret::expose_secret(&made).to_owned()
}

/// Somebody else on the same server.
async fn somebody_else(world: &World) -> Caller {
    let mut user = world.app.local_user().await.unwrap();
    user.id = socrazi::domain::ids::UserId::generate(1, 2);
    user.workspace = socrazi::domain::ids::WorkspaceId::generate(1, 2);
    world.app.store().insert_user(&user, "local", "ben", 1).await.unwrap();
    Caller { user: user.id, workspace: user.workspace, ..world.person.clone() }
}

/// What comes on a stream, message by message.
struct Stream(std::pin::Pin<Box<dyn futures::Stream<Item = Result<axum::body::Bytes, axum::Error>> + Send>>, String);

impl Stream {
    fn of(response: axum::response::Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        Self(Box::pin(response.into_body().into_data_stream()), String::new())
    }

    /// The next message; none when the stream has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some((event, rest)) =
                self.1.split_once("\n\n").map(|(event, rest)| (event.to_owned(), rest.to_owned()))
            {
                self.1 = rest;
                let data: String = event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
                if let Ok(message) = serde_json::from_str(data.trim()) {
                    return Some(message);
                }
            }
            let piece = tokio::time::timeout(PATIENCE, self.0.next()).await.unwrap();
            self.1.push_str(std::str::from_utf8(&piece?.unwrap()).unwrap());
        }
    }

    /// Nothing comes for so long.
    async fn is_silent(&mut self, ms: u64) {
        let heard = tokio::time::timeout(Duration::from_millis(ms), self.next()).await;
        assert!(heard.is_err(), "unexpected: {heard:?}");
    }
}
