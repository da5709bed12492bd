//! Notices of change: told to whoever waits, in both eras, whichever process wrote; and to nobody else.

use super::*;
use crate::databases::on_both;
use crate::oauth::{let_in, program};

on_both!(
    a_stream_of_the_newer_era_hears_of_what_it_asked_for_and_of_nothing_else,
    a_session_of_the_older_era_hears_of_what_it_subscribed_to,
    a_session_hears_on_after_a_restart,
    what_another_process_writes_is_told_too,
    a_stream_ends_when_its_person_takes_back_what_let_it_in,
    waiting_for_what_is_not_ones_own_tells_nothing
);

impl Scene {
    async fn listen(&self, filter: Value) -> Stream {
        Stream::of(self.send("subscriptions/listen", json!({ "notifications": filter })).await)
    }

    /// Opens a session of the older era: its id.
    async fn session(&self) -> String {
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "old", "version": "1" } });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
        let response =
            self.world.router.clone().oneshot(self.post().body(Body::from(body.to_string())).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let id = response.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let text = axum::body::to_bytes(response.into_body(), 1_000_000).await.unwrap();
        let text = String::from_utf8(text.to_vec()).unwrap();
        assert!(text.contains("\"subscribe\":true") && text.contains("\"listChanged\":true"), "{text}");
        let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        self.in_session(&id, &told).await;
        id
    }

    async fn in_session(&self, id: &str, message: &Value) -> Option<Value> {
        let request = self.post().header("mcp-session-id", id).header("mcp-protocol-version", "2025-11-25");
        let response =
            self.world.router.clone().oneshot(request.body(Body::from(message.to_string())).unwrap()).await.unwrap();
        if response.status() == StatusCode::ACCEPTED {
            return None;
        }
        let is_stream = response.headers()["content-type"] == "text/event-stream";
        if is_stream {
            return Stream::of(response).next().await;
        }
        let bytes = axum::body::to_bytes(response.into_body(), 4_000_000).await.unwrap();
        serde_json::from_slice(&bytes).ok()
    }

    async fn old(&self, id: &str, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        self.in_session(id, &message).await.unwrap()
    }

    async fn hear(&self, id: &str) -> Stream {
        let request = Request::get("/mcp").header("host", "127.0.0.1:8787").header("accept", "text/event-stream");
        let request = request.header("authorization", format!("Bearer {}", self.token)).header("mcp-session-id", id);
        let request = request.header("mcp-protocol-version", "2025-11-25").body(Body::empty()).unwrap();
        Stream::of(self.world.router.clone().oneshot(request).await.unwrap())
    }
}

fn updated(uri: &str) -> impl Fn(&Value) -> bool + '_ {
    move |message| message["method"] == "notifications/resources/updated" && message["params"]["uri"] == uri
}

async fn a_stream_of_the_newer_era_hears_of_what_it_asked_for_and_of_nothing_else(engine: Engine) {
    let scene = Scene::on(engine).await;
    let (mine, other) = (scene.draft("one").await, scene.draft("two").await);
    let uri = format!("socrazi://posts/{mine}");
    let filter = json!({ "resourceSubscriptions": [uri, "file:///etc/passwd", "ui://x"], "toolsListChanged": true });
    let mut stream = scene.listen(filter).await;
    let accepted = stream.next().await.unwrap();
    assert_eq!(accepted["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(accepted["params"]["notifications"], json!({ "resourceSubscriptions": [uri] }), "{accepted}");
    stream.is_silent(2_500).await;
    scene.tool("update_draft", json!({ "post": other, "revision": 1, "text": "two, changed" })).await;
    stream.is_silent(2_500).await;
    scene.tool("update_draft", json!({ "post": mine, "revision": 1, "text": "one, changed" })).await;
    let heard = stream.next().await.unwrap();
    assert!(updated(&uri)(&heard), "{heard}");
    assert!(heard["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"].is_number(), "{heard}");
    // What the machine does counts as well as what people do.
    scene.world.call("publish_post", json!({ "post": mine })).await;
    assert!(updated(&uri)(&stream.next().await.unwrap()));
    scene.world.until(&json!(mine), "published", 2_000).await;
    assert!(updated(&uri)(&stream.next().await.unwrap()));
    // The list, to who asked for the list.
    let mut lists = scene.listen(json!({ "resourcesListChanged": true })).await;
    assert_eq!(lists.next().await.unwrap()["params"]["notifications"], json!({ "resourcesListChanged": true }));
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    scene.draft("three").await;
    assert_eq!(lists.next().await.unwrap()["method"], "notifications/resources/list_changed");
    scene.world.end().await;
}

async fn a_session_of_the_older_era_hears_of_what_it_subscribed_to(engine: Engine) {
    let scene = Scene::on(engine).await;
    let post = scene.draft("one").await;
    let uri = format!("socrazi://posts/{post}");
    let id = scene.session().await;
    let mut stream = scene.hear(&id).await;
    assert!(scene.old(&id, "resources/subscribe", json!({ "uri": uri })).await["result"].is_object());
    for wrong in ["socrazi://posts/x", "file:///etc/passwd", "ui://calendar"] {
        let answer = scene.old(&id, "resources/subscribe", json!({ "uri": wrong })).await;
        assert_eq!(answer["error"]["code"], -32_002, "{answer}");
    }
    scene.tool("update_draft", json!({ "post": post, "revision": 1, "text": "one, changed" })).await;
    assert!(updated(&uri)(&stream.next().await.unwrap()));
    // It hears of the list once it has seen it.
    let listed = scene.old(&id, "resources/list", json!({})).await;
    assert!(listed["result"]["resources"].as_array().unwrap().len() > 1, "{listed}");
    scene.draft("two").await;
    assert_eq!(stream.next().await.unwrap()["method"], "notifications/resources/list_changed");
    assert!(scene.old(&id, "resources/unsubscribe", json!({ "uri": uri })).await["result"].is_object());
    let withdrawn = scene.tool("withdraw_post", json!({ "post": post })).await;
    assert!(withdrawn.is_object());
    // The list still shows it, with the same title.
    stream.is_silent(2_500).await;
    for no in 0..110 {
        let uri = format!("socrazi://posts/post_01ARZ3NDEKTSV4RRFFQ69G5{no:03}");
        let answer = scene.old(&id, "resources/subscribe", json!({ "uri": uri })).await;
        assert_eq!(answer.get("error").is_some(), no >= 100, "{no}: {answer}");
    }
    scene.world.end().await;
}

async fn a_session_hears_on_after_a_restart(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let (post, other) = (scene.draft("one").await, scene.draft("two").await);
    let (uri, left) = (format!("socrazi://posts/{post}"), format!("socrazi://posts/{other}"));
    let id = scene.session().await;
    for uri in [&uri, &left] {
        assert!(scene.old(&id, "resources/subscribe", json!({ "uri": uri })).await["result"].is_object());
    }
    scene.old(&id, "resources/list", json!({})).await;
    assert!(scene.old(&id, "resources/unsubscribe", json!({ "uri": left })).await["result"].is_object());
    scene.world.reopen().await;
    // Nobody subscribes again: the client only listens, and hears of what comes, but not of what it gave up.
    let mut stream = scene.hear(&id).await;
    stream.is_silent(2_500).await;
    for (post, text) in [(&other, "two, changed"), (&post, "one, changed")] {
        scene.world.call("update_draft", json!({ "post": post, "revision": 1, "text": text })).await;
    }
    let mut heard = vec![stream.next().await.unwrap(), stream.next().await.unwrap()];
    heard.sort_by_key(|message| message["method"].to_string());
    assert_eq!(heard[0]["method"], "notifications/resources/list_changed", "{heard:?}");
    assert!(updated(&uri)(&heard[1]), "{heard:?}");
    drop(stream);
    // What changed while nobody was there is told as soon as somebody is.
    scene.world.reopen().await;
    scene.world.call("update_draft", json!({ "post": post, "revision": 2, "text": "one, once more" })).await;
    let mut stream = scene.hear(&id).await;
    while !updated(&uri)(&stream.next().await.unwrap()) {}
    let kept = scene.world.rows().await["mcp_session"].join("");
    assert!(kept.contains(&uri) && !kept.contains(&left), "{kept}");
    scene.world.end().await;
}

async fn what_another_process_writes_is_told_too(engine: Engine) {
    let scene = Scene::on(engine).await;
    let post = scene.draft("one").await;
    let uri = format!("socrazi://posts/{post}");
    let mut stream = scene.listen(json!({ "resourceSubscriptions": [uri] })).await;
    stream.next().await.unwrap();
    stream.is_silent(1_500).await;
    let beside = scene.world.beside().await;
    let arguments = json!({ "post": post, "revision": 1, "text": "from beside" });
    beside.call_tool(&scene.world.assistant, "update_draft", arguments).await.unwrap();
    assert!(updated(&uri)(&stream.next().await.unwrap()));
    beside.close().await;
    scene.world.end().await;
}

async fn a_stream_ends_when_its_person_takes_back_what_let_it_in(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let post = scene.draft("one").await;
    let id = program(&scene.world).await;
    scene.token = let_in(&scene.world, &id, &["read"]).await.access;
    let mut stream = scene.listen(json!({ "resourceSubscriptions": [format!("socrazi://posts/{post}")] })).await;
    stream.next().await.unwrap();
    let app = scene.world.app.connected_apps(&scene.world.person).await.unwrap().remove(0);
    scene.world.app.remove_app(&scene.world.person, &app.grant).await.unwrap();
    let arguments = json!({ "post": post, "revision": 1, "text": "not for them" });
    scene.world.call("update_draft", arguments).await;
    // Its end, without another notice.
    let last = stream.next().await.unwrap();
    assert!(last["result"].is_object() && last.get("method").is_none(), "{last}");
    assert!(stream.next().await.is_none());
    assert_eq!(scene.send("resources/list", json!({})).await.status(), StatusCode::UNAUTHORIZED);
    scene.world.end().await;
}

async fn waiting_for_what_is_not_ones_own_tells_nothing(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let post = scene.draft("mine alone").await;
    let uri = format!("socrazi://posts/{post}");
    let ben = somebody_else(&scene.world).await;
    scene.token = token(&scene.world, &ben).await;
    let mut stream = scene.listen(json!({ "resourceSubscriptions": [uri], "resourcesListChanged": true })).await;
    stream.next().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    scene.world.call("update_draft", json!({ "post": post, "revision": 1, "text": "changed" })).await;
    scene.world.draft("another").await;
    stream.is_silent(4_000).await;
    scene.world.end().await;
}
