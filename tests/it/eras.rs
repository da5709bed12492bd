//! Both protocol eras on one address: sessions of the older one, which outlive a restart and are neither somebody else's nor endless, and what
//! the newer one promises. What waiting for a tool is like is in `eras/waits.rs`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use socrazi::domain::caller::Grant;
use tower::ServiceExt;

use crate::databases::{Engine, on_both};
use crate::serving::{Hands, free_port, simulator, start, until, write_config_on};
use crate::world::World;

mod late;
mod waits;

on_both!(
    a_session_goes_on_in_the_next_process,
    a_session_ends_with_its_goodbye_and_with_what_let_it_in,
    more_sessions_than_fit_into_memory_all_go_on,
    a_restart_of_the_real_server_breaks_no_older_client,
    whoever_listens_hears_nothing_more_once_it_was_taken_back,
);

const HERE: &str = "http://127.0.0.1:8787";

/// A client of either era, with a token of its own.
pub(super) struct Client {
    pub(super) token: String,
    session: Option<String>,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    /// The JSON of the answer, also where it came as the last event of a stream.
    pub(super) fn json(&self) -> Value {
        let last = self.text.lines().filter_map(|line| line.strip_prefix("data:")).rfind(|data| data.contains('{'));
        let text = last.unwrap_or(&self.text).trim();
        serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }
}

async fn ask(router: &axum::Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, 4_000_000).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

impl Client {
    pub(super) async fn new(world: &World, name: &str) -> Self {
        let token = world.app.make_token_for(&world.person.user, name, Grant::Publishes).await.unwrap();
        Self { token: token.expose_secret().to_owned(), session: None }
    }

    fn request(&self, method: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri("/mcp")
            .header("host", "127.0.0.1:8787")
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
    }

    /// Says something as the older era does.
    async fn says(&self, router: &axum::Router, body: Value) -> Answer {
        let mut request = self.request("POST").header("mcp-protocol-version", "2025-11-25");
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        ask(router, request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Opens a session, all of it.
    async fn opens(&mut self, router: &axum::Router) {
        self.session = None;
        let answer = self.says(router, opening("2025-11-25")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        self.session = Some(answer.headers["mcp-session-id"].to_str().unwrap().to_owned());
        let done = self.says(router, json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        assert_eq!(done.status, StatusCode::ACCEPTED);
    }

    /// The status of a harmless call, which must hold an answer if it is good.
    async fn may(&self, router: &axum::Router) -> u16 {
        // An id is used once in a session.
        static CALLS: AtomicUsize = AtomicUsize::new(7);
        let id = CALLS.fetch_add(1, Ordering::Relaxed);
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": "list_posts", "arguments": {} } });
        let answer = self.says(router, call).await;
        if answer.status == StatusCode::OK {
            assert!(answer.json()["result"]["structuredContent"]["posts"].is_array(), "{}", answer.text);
        }
        answer.status.as_u16()
    }

    /// Asks as the newer era does, with this beside the usual `_meta`.
    pub(super) fn modern(&self, method: &str, mut params: Value, meta: &Value) -> Request<Body> {
        let mut whole = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        whole.as_object_mut().unwrap().extend(meta.as_object().unwrap().clone());
        params["_meta"] = whole;
        let mut request =
            self.request("POST").header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
        if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
            request = request.header("mcp-name", name);
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        request.body(Body::from(body.to_string())).unwrap()
    }

    pub(super) async fn asks(&self, world: &World, method: &str, params: Value) -> Answer {
        ask(&world.router, self.modern(method, params, &json!({}))).await
    }
}

fn opening(version: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "an older client", "version": "0" } } })
}

async fn world(engine: Engine) -> World {
    World::on(engine, vec![("server.public_url", HERE.to_owned())]).await
}

async fn sessions(world: &World) -> usize {
    world.rows().await["mcp_session"].len()
}

async fn a_session_goes_on_in_the_next_process(engine: Engine) {
    let mut world = world(engine).await;
    let (mut client, other) = (Client::new(&world, "a").await, Client::new(&world, "b").await);
    client.opens(&world.router).await;
    assert_eq!((client.may(&world.router).await, sessions(&world).await), (200, 1));
    world.reopen().await;
    // Twenty at once while it comes back: each gets its answer.
    let all = futures::future::join_all((0..20).map(|_| client.may(&world.router))).await;
    assert_eq!(all, vec![200; 20]);
    // Another process beside this one, as far as the database knows.
    let beside = world.beside().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let router = socrazi::frontends::Doors::open(&beside, &stop).unwrap().router;
    assert_eq!(client.may(&router).await, 200);
    assert_eq!(client.may(&world.router).await, 200);
    // Neither a stranger's nor a guess, in memory or not; and the newer era knows no sessions at all.
    let thief = Client { token: other.token.clone(), session: client.session.clone() };
    let guess = Client { token: client.token.clone(), session: Some("00000000-0000-4000-8000-000000000000".into()) };
    for router in [&world.router, &router] {
        assert_eq!((thief.may(router).await, guess.may(router).await), (404, 404));
    }
    world.reopen().await;
    assert_eq!((thief.may(&world.router).await, guess.may(&world.router).await), (404, 404));
    assert_eq!(client.may(&world.router).await, 200);
    let mut modern = thief.modern("tools/list", json!({}), &json!({}));
    modern.headers_mut().insert("mcp-session-id", client.session.clone().unwrap().parse().unwrap());
    assert_eq!(ask(&world.router, modern).await.status, StatusCode::OK);
    // What is stored names neither the session nor the token.
    let rows = format!("{:?}", world.rows().await);
    assert!(rows.contains("an older client") && !rows.contains(client.session.as_deref().unwrap()), "{rows}");
    stop.cancel();
    beside.close().await;
    world.end().await;
}

async fn a_session_ends_with_its_goodbye_and_with_what_let_it_in(engine: Engine) {
    let mut world = world(engine).await;
    let mut client = Client::new(&world, "a").await;
    client.opens(&world.router).await;
    let goodbye = |client: &Client| {
        let request = client.request("DELETE").header("mcp-session-id", client.session.clone().unwrap());
        request.body(Body::empty()).unwrap()
    };
    // Somebody else's goodbye is none.
    let thief = Client { token: Client::new(&world, "b").await.token, session: client.session.clone() };
    assert_eq!(ask(&world.router, goodbye(&thief)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.may(&world.router).await, 200);
    assert_eq!(ask(&world.router, goodbye(&client)).await.status, StatusCode::ACCEPTED);
    assert_eq!((client.may(&world.router).await, sessions(&world).await), (404, 0));
    // Out of memory, too: said in the next process, which has never seen it.
    client.opens(&world.router).await;
    world.reopen().await;
    assert_eq!(ask(&world.router, goodbye(&client)).await.status, StatusCode::ACCEPTED);
    assert_eq!((client.may(&world.router).await, sessions(&world).await), (404, 0));
    // With the token that let it in.
    client.opens(&world.router).await;
    let tokens = world.app.store().list_access_tokens(&world.person.user).await.unwrap();
    let token = tokens.into_iter().find(|token| token.name == "a").unwrap().id;
    world.app.revoke_token(&world.person, &token).await.unwrap();
    assert_eq!((client.may(&world.router).await, sessions(&world).await), (401, 0));
    // Whoever stays away for a month begins anew, and the row goes at the next sweep.
    let mut client = Client::new(&world, "c").await;
    client.opens(&world.router).await;
    world.pass(29 * 24 * 3_600_000);
    assert_eq!(client.may(&world.router).await, 200);
    world.pass(30 * 24 * 3_600_000);
    assert_eq!(client.may(&world.router).await, 404);
    let stop = tokio_util::sync::CancellationToken::new();
    let sweeping = tokio::spawn({
        let (app, stop) = (world.app.clone(), stop.clone());
        async move { app.sweep_until(stop).await }
    });
    until("the sweep", async || (sessions(&world).await == 0).then_some(())).await;
    stop.cancel();
    sweeping.await.unwrap();
    // And with the person.
    client.opens(&world.router).await;
    assert_eq!(sessions(&world).await, 1);
    world.app.delete_user(&world.person.user).await.unwrap();
    assert_eq!((client.may(&world.router).await, sessions(&world).await), (401, 0));
    world.end().await;
}

/// A stream is opened once and lives on: taking its token back ends it at once, another one's not at all.
async fn whoever_listens_hears_nothing_more_once_it_was_taken_back(engine: Engine) {
    let world = world(engine).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let doors = socrazi::frontends::Doors::open(&world.app, &stop).unwrap();
    let running = tokio::spawn(doors.run());
    let mut streams = Vec::new();
    for name in ["a", "b"] {
        let mut client = Client::new(&world, name).await;
        client.opens(&doors.router).await;
        let request = client.request("GET").header("mcp-protocol-version", "2025-11-25");
        let request = request.header("mcp-session-id", client.session.clone().unwrap()).body(Body::empty()).unwrap();
        let answer = doors.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        streams.push(tokio::spawn(axum::body::to_bytes(answer.into_body(), 1_000_000)));
    }
    let tokens = world.app.store().list_access_tokens(&world.person.user).await.unwrap();
    let token = tokens.into_iter().find(|token| token.name == "a").unwrap().id;
    world.app.revoke_token(&world.person, &token).await.unwrap();
    let (taken, other) = (streams.remove(0), streams.remove(0));
    tokio::time::timeout(Duration::from_secs(20), taken).await.unwrap().unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!other.is_finished(), "somebody else's stream ended, too");
    assert_eq!(sessions(&world).await, 1);
    stop.cancel();
    running.await.unwrap();
    world.end().await;
}

/// Twice as many as memory holds: the first have left it by the time they are asked again.
async fn more_sessions_than_fit_into_memory_all_go_on(engine: Engine) {
    let world = world(engine).await;
    let base = Client::new(&world, "a").await;
    let mut clients = Vec::new();
    for _ in 0..520 {
        let mut client = Client { token: base.token.clone(), session: None };
        client.opens(&world.router).await;
        clients.push(client);
    }
    let mut ids: Vec<_> = clients.iter().map(|client| client.session.clone().unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), sessions(&world).await), (520, 520));
    for some in clients.chunks(40) {
        let all = futures::future::join_all(some.iter().map(|client| client.may(&world.router))).await;
        assert_eq!(all, vec![200; some.len()]);
    }
    world.end().await;
}

async fn a_restart_of_the_real_server_breaks_no_older_client(engine: Engine) {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config_on(engine, folder.path(), port, &sim.url()).await;
    let mut server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    let say = async |web: &url::Url, session: Option<&str>, body: Value| {
        let mut request = hands.http.post(web.join("mcp").unwrap()).bearer_auth(&hands.token).json(&body);
        request = request.header("accept", "application/json, text/event-stream");
        if let Some(session) = session {
            request = request.header("mcp-session-id", session).header("mcp-protocol-version", "2025-06-18");
        }
        request.send().await.unwrap()
    };
    let made = say(&server.web, None, opening("2025-06-18")).await;
    let session = made.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "list_posts", "arguments": {} } });
    // Killed, not even asked to end; in the middle of its opening, so that the next one completes it.
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    drop(server);
    let server = start(folder.path(), port);
    let done = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(say(&server.web, Some(&session), done).await.status(), 202);
    let answer = say(&server.web, Some(&session), call.clone()).await.text().await.unwrap();
    assert!(answer.contains("\"structuredContent\""), "{answer}");
    if engine == Engine::Postgres {
        // A second process on the same database, in a folder of its own.
        let other = tempfile::tempdir().unwrap();
        let text = std::fs::read_to_string(folder.path().join("socrazi.toml")).unwrap();
        let (here, there) = (folder.path().display().to_string(), other.path().display().to_string());
        let second = free_port();
        let text = text.replace(&here, &there).replace(&format!(":{port}\""), &format!(":{second}\""));
        std::fs::write(other.path().join("socrazi.toml"), text).unwrap();
        std::fs::create_dir(other.path().join("data")).unwrap();
        std::fs::copy(folder.path().join("socrazi.kek"), other.path().join("socrazi.kek")).unwrap();
        std::fs::write(other.path().join("signed-in"), "").unwrap();
        let beside = start(other.path(), second);
        until("the second process", async || hands.http.get(beside.web.clone()).send().await.ok().map(drop)).await;
        let answer = say(&beside.web, Some(&session), call).await.text().await.unwrap();
        assert!(answer.contains("\"structuredContent\""), "{answer}");
    }
    drop(server);
}

/// What the newer era promises of every answer, and how it refuses.
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_the_newer_era_are_private_ordered_and_name_the_server() {
    let world = world(Engine::Sqlite).await;
    let client = Client::new(&world, "a").await;
    let first = client.asks(&world, "tools/list", json!({})).await.json();
    let names: Vec<_> = first["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect();
    let specs: Vec<_> = world.app.toolbox().iter().map(|spec| json!(spec.name)).collect();
    assert_eq!(names, specs);
    assert_eq!(first, client.asks(&world, "tools/list", json!({})).await.json(), "another order");
    let discovered = client.asks(&world, "server/discover", json!({})).await.json();
    let called = client.asks(&world, "tools/call", json!({ "name": "list_posts", "arguments": {} })).await.json();
    for result in [&first["result"], &discovered["result"], &called["result"]] {
        assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "socrazi", "{result}");
        assert_eq!(result["resultType"], "complete", "{result}");
    }
    for result in [&first["result"], &discovered["result"]] {
        assert_eq!((&result["cacheScope"], &result["ttlMs"]), (&json!("private"), &json!(0)), "{result}");
    }
    for method in ["tools/nope", "resources/subscribe", "ping", "logging/setLevel", "sampling/createMessage", "x", ""] {
        let answer = client.asks(&world, method, json!({ "level": "info", "uri": "a://b" })).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["code"]),
            (404, &json!(-32601)),
            "{method}: {}",
            answer.text
        );
    }
    for method in ["GET", "DELETE"] {
        let request = client.request(method).header("mcp-protocol-version", "2026-07-28").body(Body::empty()).unwrap();
        assert_eq!(ask(&world.router, request).await.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    world.end().await;
}

/// Trace context is somebody else's text (W3C Trace Context, SEP-414): whatever it holds, the call is answered, and nobody hears it again.
#[tokio::test(flavor = "multi_thread")]
async fn trace_context_changes_nothing_whatever_it_holds() {
    let world = world(Engine::Sqlite).await;
    let client = Client::new(&world, "a").await;
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for trace in [
        json!({ "traceparent": good, "tracestate": "a=1", "baggage": "user=b" }),
        json!({ "traceparent": "' OR 1=1 --", "tracestate": "\u{0}\u{1b}[31m", "baggage": "../../etc" }),
        json!({ "traceparent": "x".repeat(200_000), "tracestate": "=,".repeat(50_000) }),
        json!({ "traceparent": 5, "tracestate": ["a"], "baggage": { "a": null } }),
        json!({ "traceparent": null, "progressToken": null }),
    ] {
        let call = client.modern("tools/call", json!({ "name": "list_posts", "arguments": {} }), &trace);
        let answer = ask(&world.router, call).await;
        assert!(answer.json()["result"]["structuredContent"]["posts"].is_array(), "{}", answer.text);
        assert!(!answer.text.contains("traceparent") && !answer.text.contains("0af7651916cd43dd"), "{}", answer.text);
    }
    let mut call = client.modern("tools/call", json!({ "name": "list_posts", "arguments": {} }), &json!({}));
    call.headers_mut().insert("traceparent", good.parse().unwrap());
    call.headers_mut().insert("tracestate", http::HeaderValue::from_bytes(b"\xff=\xfe").unwrap());
    assert_eq!(ask(&world.router, call).await.status, StatusCode::OK);
    world.end().await;
}

/// A client that never says goodbye costs a row, not memory; what it says of itself is short.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_says_of_itself_is_short() {
    let world = world(Engine::Sqlite).await;
    let client = Client::new(&world, "a").await;
    let mut long = opening("2025-11-25");
    long["params"]["clientInfo"]["name"] = json!("x".repeat(70_000));
    let answer = client.says(&world.router, long).await;
    assert_eq!(answer.json()["error"]["code"], -32602, "{}", answer.text);
    assert!(answer.text.contains("64 KiB") && answer.headers.get("mcp-session-id").is_none(), "{}", answer.text);
    assert_eq!(sessions(&world).await, 0);
    tokio::time::sleep(Duration::from_millis(1)).await;
    world.end().await;
}
