//! Programs that are let in: the whole way from registration to a call, driven through the real router and the real consent page, and
//! everything that must not lead to a token. What the tests of it share is here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use socrazi::vault::primitives::pkce_s256;
use tower::ServiceExt;
use url::Url;

use crate::databases::Engine;
use crate::world::World;

mod answering;
mod apps;
mod areas;
mod dance;
mod documents;
mod elsewhere;
mod hostile;
mod narrowed;
mod outside;
mod random;
mod reached;
mod refreshing;
mod smuggled;

/// Where `World` believes to be.
const HERE: &str = "http://127.0.0.1:8787";
const BACK: &str = "https://app.example/callback";
const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and the protocol's word.
    fn fault(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"].as_str().unwrap_or("none").to_owned())
    }
}

async fn ask(world: &World, request: Request<Body>) -> Answer {
    let (parts, body) = world.router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, 1_000_000).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

async fn get(world: &World, path: &str) -> Answer {
    ask(world, Request::get(path).body(Body::empty()).unwrap()).await
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A program's own request, without any cookie.
async fn form(world: &World, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    ask(world, request.body(Body::from(encoded(pairs))).unwrap()).await
}

async fn register(world: &World, metadata: &Value) -> Answer {
    let request = Request::post("/oauth/register").header("content-type", "application/json");
    ask(world, request.body(Body::from(metadata.to_string())).unwrap()).await
}

/// A program that keeps no secret.
pub(crate) async fn program(world: &World) -> String {
    let metadata = json!({ "client_name": "An assistant", "redirect_uris": [BACK, "http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none" });
    let answer = register(world, &metadata).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert!(answer.json().get("client_secret").is_none());
    answer.json()["client_id"].as_str().unwrap().to_owned()
}

/// What a well-behaved program asks for.
fn request(id: &str) -> Vec<(String, String)> {
    let challenge = pkce_s256(VERIFIER);
    let resource = format!("{HERE}/mcp");
    let pairs = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", BACK),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("state", "st&te é"),
        ("resource", &resource),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

fn with(mut pairs: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    pairs.retain(|(other, _)| other != name);
    pairs.push((name.to_owned(), value.to_owned()));
    pairs
}

fn without(mut pairs: Vec<(String, String)>, name: &str) -> Vec<(String, String)> {
    pairs.retain(|(other, _)| other != name);
    pairs
}

fn query(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The consent page, as the signed-in person is shown it.
async fn consent_page(world: &World, pairs: &[(String, String)]) -> Answer {
    let (parts, body) = world.open_page(&format!("/oauth/authorize?{}", query(pairs))).await.into_parts();
    let bytes = axum::body::to_bytes(body, 1_000_000).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// The request that the page carries along.
fn carried(page: &str) -> String {
    let value = page.split_once("name=\"request\" value=\"").unwrap().1.split_once('"').unwrap().0;
    value.replace("&#38;", "&").replace("&amp;", "&")
}

/// A person looks at the page and presses a button with these switches on; where their browser goes.
async fn answer(world: &World, pairs: &[(String, String)], verdict: &str, switches: &[&str]) -> Url {
    let page = consent_page(world, pairs).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let carried = carried(&page.text);
    let mut fields = vec![("request", carried.as_str()), ("answer", verdict)];
    fields.extend(switches.iter().map(|switch| (*switch, "on")));
    world.press("/oauth/authorize", &fields).await.parse().unwrap()
}

fn param(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A code for what a well-behaved program asks, with these switches on.
async fn code(world: &World, id: &str, switches: &[&str]) -> String {
    param(&answer(world, &request(id), "allow", switches).await, "code").unwrap()
}

async fn exchange(world: &World, id: &str, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    form(world, "/oauth/token", &pairs).await
}

/// What a program holds in the end.
pub(crate) struct Held {
    pub(crate) access: String,
    refresh: String,
    scope: String,
}

fn held(answer: &Answer) -> Held {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let json = answer.json();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    assert_eq!(json["token_type"], "Bearer");
    Held { access: text("access_token"), refresh: text("refresh_token"), scope: text("scope") }
}

pub(crate) async fn let_in(world: &World, id: &str, switches: &[&str]) -> Held {
    let code = code(world, id, switches).await;
    held(&exchange(world, id, &code).await)
}

async fn refresh(world: &World, id: &str, token: &str) -> Answer {
    form(world, "/oauth/token", &[("grant_type", "refresh_token"), ("client_id", id), ("refresh_token", token)]).await
}

/// Calls a tool over MCP.
async fn tool(world: &World, token: &str, name: &str, arguments: Value) -> Answer {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": name, "arguments": arguments, "_meta": meta } });
    let request = Request::post("/mcp")
        .header("host", "127.0.0.1:8787")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", name);
    ask(world, request.body(Body::from(body.to_string())).unwrap()).await
}

/// The names of the tools that a program is shown.
async fn shown(world: &World, token: &str) -> Vec<String> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": meta } });
    let request = Request::post("/mcp")
        .header("host", "127.0.0.1:8787")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/list");
    let listed = ask(world, request.body(Body::from(body.to_string())).unwrap()).await.json();
    let names = listed["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

/// The status of a harmless call.
async fn may(world: &World, token: &str) -> u16 {
    tool(world, token, "list_posts", json!({})).await.status.as_u16()
}

async fn world(engine: Engine) -> World {
    World::on(engine, vec![("server.public_url", HERE.to_owned())]).await
}
