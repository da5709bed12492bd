//! Requests that say two things at once, and people who come with what is somebody else's: in both eras, at every door that programs have.

use secrecy::ExposeSecret;
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::lang::Lang;
use socrazi::domain::place::{ChatPlace, Member};
use socrazi::domain::tool::ToolError;

use super::*;
use crate::databases::on_both;

on_both!(
    a_header_that_stands_twice_is_refused_at_every_door,
    headers_that_say_something_else_than_the_message_do_nothing,
    nothing_of_ones_own_opens_what_is_somebody_elses,
    a_version_that_is_none_does_not_lead_around_a_session
);

/// A person of another workspace, with a token of their own.
async fn stranger(world: &World) -> (Caller, String) {
    let member = Member { place: ChatPlace::Slack, team: "T9".into(), id: "U9".into() };
    let caller = world.app.join_member(&member, "Ben", Lang::En).await.unwrap();
    let token = world.app.make_token_for(&caller.user, "ben", Grant::Publishes).await.unwrap();
    (caller, token.expose_secret().to_owned())
}

fn call(name: &str, arguments: Value) -> Value {
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "0" }, "io.modelcontextprotocol/clientCapabilities": {} });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments, "_meta": meta } })
}

async fn with_headers(world: &World, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    ask(world, request.body(Body::from(body)).unwrap()).await
}

async fn a_header_that_stands_twice_is_refused_at_every_door(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let held = let_in(&world, &id, &["read", "draft"]).await;
    let (_, other) = stranger(&world).await;
    let (mine, theirs) = (format!("Bearer {}", held.access), format!("Bearer {other}"));
    let body = call("create_draft", json!({ "text": "smuggled" })).to_string();
    let usual = [
        ("host", "127.0.0.1:8787"),
        ("origin", HERE),
        ("authorization", mine.as_str()),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "create_draft"),
    ];
    for twice in [
        ("authorization", theirs.as_str()),
        ("authorization", "Bearer x"),
        ("origin", "https://evil.example"),
        ("host", "evil.example"),
        ("mcp-name", "list_posts"),
        ("mcp-method", "tools/list"),
        ("mcp-protocol-version", "2025-11-25"),
        ("content-type", "text/plain"),
    ] {
        for all in [[&usual[..], &[twice]].concat(), [&[twice], &usual[..]].concat()] {
            let answer = with_headers(&world, "/mcp", &all, body.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{twice:?}: {}", answer.text);
            assert!(answer.text.contains(twice.0), "{}", answer.text);
        }
    }
    let code = code(&world, &id, &["read"]).await;
    let exchange = encoded(&[
        ("grant_type", "authorization_code"),
        ("client_id", &id),
        ("code", &code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]);
    for (path, twice) in [
        ("/oauth/token", ("origin", "https://evil.example")),
        ("/oauth/token", ("authorization", "Basic eDp5")),
        ("/oauth/revoke", ("host", "evil.example")),
        ("/oauth/register", ("content-type", "application/json")),
        ("/oauth/authorize", ("sec-fetch-site", "same-origin")),
    ] {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let first = if twice.0 == "sec-fetch-site" { ("sec-fetch-site", "cross-site") } else { (twice.0, "x") };
        let all = if first.0 == "content-type" { vec![form, twice] } else { vec![form, first, twice] };
        let answer = with_headers(&world, path, &all, exchange.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {twice:?}: {}", answer.text);
    }
    // None of it reached what lies behind.
    held_and_nothing_drafted(&world, &id, &code).await;
    world.end().await;
}

async fn held_and_nothing_drafted(world: &World, id: &str, code: &str) {
    held(&exchange(world, id, code).await);
    assert_eq!(world.call("list_posts", json!({})).await["posts"], json!([]));
}

async fn headers_that_say_something_else_than_the_message_do_nothing(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let reader = let_in(&world, &id, &["read"]).await;
    let bearer = format!("Bearer {}", reader.access);
    let body = call("create_draft", json!({ "text": "smuggled" })).to_string();
    let list = call("list_posts", json!({})).to_string();
    let old = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "create_draft", "arguments": { "text": "smuggled" } } });
    let batch = format!("[{list},{body}]");
    let escaped = body.replace("create_draft", "create\\u005fdraft");
    let nested = body.replace("\"params\":{", "\"params\":{\"name\":\"list_posts\",");
    let spaced = body.replace("tools/call", " tools/call");
    for (version, method, name, body) in [
        ("2026-07-28", "tools/call", "list_posts", &body),
        ("2026-07-28", "tools/list", "create_draft", &body),
        ("2026-07-28", "ping", "list_posts", &body),
        ("2026-07-28", "tools/call", "create_draft", &body),
        ("2026-07-28", "tools/call", "create_draft", &escaped),
        ("2026-07-28", "tools/call", "list_posts", &nested),
        ("2026-07-28", "tools/call", "create_draft", &spaced),
        ("2026-07-28", "tools/call", "list_posts", &batch),
        ("2025-11-25", "tools/call", "list_posts", &old.to_string()),
        ("2025-03-26", "tools/call", "list_posts", &batch),
        ("", "tools/call", "list_posts", &old.to_string()),
    ] {
        let headers = [
            ("host", "127.0.0.1:8787"),
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", version),
            ("mcp-method", method),
            ("mcp-name", name),
        ];
        let answer = with_headers(&world, "/mcp", &headers, body.clone()).await;
        assert!(!answer.status.is_server_error(), "{version} {method} {name}: {}", answer.text);
        assert!(!answer.text.contains("\"revision\""), "{version} {method} {name}: {}", answer.text);
    }
    assert_eq!(world.call("list_posts", json!({})).await["posts"], json!([]));
    // A method that others put into a header, and a token where none is looked for.
    for (path, headers) in [
        ("/mcp", vec![("x-http-method-override", "DELETE")]),
        (&*format!("/mcp?access_token={}", reader.access), vec![]),
        ("/mcp", vec![("cookie", &*format!("authorization={bearer}"))]),
        ("/mcp", vec![("x-forwarded-authorization", bearer.as_str()), ("proxy-authorization", bearer.as_str())]),
    ] {
        let headers = [&[("host", "127.0.0.1:8787"), ("content-type", "application/json")], &headers[..]].concat();
        assert_eq!(with_headers(&world, path, &headers, list.clone()).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    world.end().await;
}

/// A session of the older era, opened with this token.
async fn session(world: &World, token: &str) -> String {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "0" } } });
    let made = in_session(world, token, &[], body).await;
    let id = made.header("mcp-session-id").to_owned();
    assert!(!id.is_empty(), "{}", made.text);
    id
}

async fn in_session(world: &World, token: &str, more: &[(&str, &str)], body: Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let usual = [
        ("host", "127.0.0.1:8787"),
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
    ];
    with_headers(world, "/mcp", &[&usual, more].concat(), body.to_string()).await
}

async fn nothing_of_ones_own_opens_what_is_somebody_elses(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let held = let_in(&world, &id, &["read", "draft"]).await;
    let grant = world.app.connected_apps(&world.person).await.unwrap().remove(0).grant;
    let post = world.draft("Ana's own").await;
    let (ben, token) = stranger(&world).await;
    // Her session, in his hands: called, listened to, ended; and the same after a restart's worth of forgetting.
    let hers = session(&world, &held.access).await;
    let ping = json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" });
    let named = [("mcp-session-id", hers.as_str())];
    assert_eq!(in_session(&world, &token, &named, ping.clone()).await.status, StatusCode::NOT_FOUND);
    for method in ["GET", "DELETE"] {
        let request = Request::builder().method(method).uri("/mcp").header("host", "127.0.0.1:8787");
        let request = request.header("authorization", format!("Bearer {token}")).header("mcp-session-id", &hers);
        let request = request.header("accept", "text/event-stream").header("last-event-id", "0/0");
        let answer = ask(&world, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method}: {}", answer.text);
    }
    assert_eq!(in_session(&world, &held.access, &named, ping).await.status, StatusCode::OK);
    // Her post, by tool, resource and subscription, in both eras: like one that never was.
    let his = session(&world, &token).await;
    let uri = format!("socrazi://posts/{}", post.as_str().unwrap());
    let missing = "socrazi://posts/post_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let read = async |uri: &str, id: u8| {
        let body = json!({ "jsonrpc": "2.0", "id": id, "method": "resources/read", "params": { "uri": uri } });
        let answer = in_session(&world, &token, &[("mcp-session-id", his.as_str())], body).await.text;
        answer.replace(uri, "URI").replace(&format!("\"id\":{id}"), "")
    };
    let (of_hers, of_none) = (read(&uri, 3).await, read(missing, 4).await);
    assert!(of_hers.contains("\"error\"") && !of_hers.contains("Ana's own"), "{of_hers}");
    let bare = |text: &str| text.split("data:").last().unwrap().split("\n").next().unwrap().to_owned();
    assert_eq!(bare(&of_hers), bare(&of_none));
    let got = tool(&world, &token, "get_post", json!({ "post": post })).await.json();
    assert_eq!(got["result"]["isError"], true, "{got}");
    // Her consent: he can neither take it back nor change what it sees, nor spend what belongs to her program.
    for done in [
        world.app.remove_app(&ben, &grant).await,
        world.app.narrow_app(&ben, &grant, socrazi::domain::allowed::Allowed::default()).await,
    ] {
        assert!(matches!(done, Err(ToolError::Refused(why)) if why.key == "common-not-found-thing"));
    }
    assert_eq!(may(&world, &held.access).await, 200);
    // His own program's id does not spend her refresh token or take it back.
    let other = program(&world).await;
    assert_eq!(refresh(&world, &other, &held.refresh).await.fault(), (400, "invalid_grant".into()));
    let taken = form(&world, "/oauth/revoke", &[("client_id", &other), ("token", &held.refresh)]).await;
    assert_eq!(taken.status, StatusCode::BAD_REQUEST, "{}", taken.text);
    let same = Caller { via: Via::McpStdio, ..ben };
    assert!(world.app.connected_apps(&same).await.unwrap().is_empty());
    super::held(&refresh(&world, &id, &held.refresh).await);
    world.end().await;
}

/// A version from which on there are no sessions drops the session's name; whatever else it claims, it gets no further with it.
async fn a_version_that_is_none_does_not_lead_around_a_session(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let held = let_in(&world, &id, &["read"]).await;
    let (_, token) = stranger(&world).await;
    let hers = session(&world, &held.access).await;
    let body = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    for version in ["9999-12-31", "2026-07-28", "zzz", "2026-07-28 ", "2025-11-25", "", "\u{7f}"] {
        if http::HeaderValue::from_str(version).is_err() {
            continue;
        }
        let more = [("mcp-session-id", hers.as_str()), ("mcp-protocol-version", version)];
        let answer = in_session(&world, &token, &more, body.clone()).await;
        assert!(answer.status.is_client_error(), "{version}: {} {}", answer.status, answer.text);
        assert!(!answer.text.contains("\"tools\""), "{version}: {}", answer.text);
    }
    world.end().await;
}
