//! What a client is shown of the tools: titles, icons and hints; and what it is not shown, by its own wish or its person's.

use super::*;
use crate::databases::on_both;
use crate::oauth::{let_in, program};

on_both!(
    every_tool_has_a_title_an_icon_of_ours_and_all_four_hints_in_both_languages,
    a_client_may_ask_for_less_and_is_refused_what_it_left_out,
    what_a_person_could_still_allow_is_listed_and_asked_for,
    every_answer_fits_ten_thousand_tokens_and_the_rest_comes_with_a_cursor,
    the_operator_and_whoever_starts_it_narrow_what_is_there
);

impl Scene {
    async fn tools(&self) -> Vec<String> {
        let listed = self.ask("tools/list", json!({})).await;
        listed["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }
}

async fn every_tool_has_a_title_an_icon_of_ours_and_all_four_hints_in_both_languages(engine: Engine) {
    let scene = Scene::on(engine).await;
    let mut seen = Vec::new();
    for lang in Lang::ALL {
        scene.speak(lang).await;
        let listed = scene.ask("tools/list", json!({})).await;
        assert_eq!(listed["cacheScope"], "private");
        let tools = listed["tools"].as_array().unwrap().clone();
        for (tool, spec) in tools.iter().zip(scene.world.app.toolbox()) {
            assert_eq!(tool["name"], spec.name, "the order is fixed");
            assert_eq!(tool["description"], spec.description.as_str(), "models read English");
            let title = tool["title"].as_str().unwrap();
            assert_eq!(title == spec.title, lang == Lang::En, "{title}");
            assert!(!title.starts_with("tool-title-"), "{title}");
            for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
                assert!(tool["annotations"][hint].is_boolean(), "{title}: {hint}");
            }
            assert_eq!(tool["outputSchema"]["type"], "object");
            let icon = tool["icons"][0]["src"].as_str().unwrap().strip_prefix(HERE).unwrap().to_owned();
            seen.push(icon);
        }
    }
    seen.sort();
    seen.dedup();
    for path in seen {
        let request = Request::get(&path).header("host", "127.0.0.1:8787").body(Body::empty()).unwrap();
        let response = scene.world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(
            (response.status(), &response.headers()["content-type"]),
            (StatusCode::OK, &"image/svg+xml".parse().unwrap())
        );
        assert_eq!(response.headers()["content-security-policy"], "default-src 'none'");
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(bytes.starts_with(b"<svg") && bytes.ends_with(b"</svg>"), "{path}");
    }
    for path in ["/icons/none.svg", "/icons/post", "/icons/..%2fpost.svg"] {
        let request = Request::get(path).header("host", "127.0.0.1:8787").body(Body::empty()).unwrap();
        assert_eq!(
            scene.world.router.clone().oneshot(request).await.unwrap().status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    scene.world.end().await;
}

async fn a_client_may_ask_for_less_and_is_refused_what_it_left_out(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let all = scene.tools().await;
    scene.extra = vec![("x-mcp-readonly", "true".into())];
    let reading = scene.tools().await;
    let reports = ["report_posts", "suggest_times", "report_traffic", "report_search", "report_videos"];
    assert_eq!(reading, [&["list_accounts", "get_post", "list_posts"][..], &reports, &["list_conversations"]].concat());
    let (code, said) =
        scene.refused("tools/call", json!({ "name": "create_draft", "arguments": { "text": "no" } })).await;
    assert!(code == -32_602 && said.contains("no tool"), "{code} {said}");
    scene.extra = vec![("x-mcp-toolsets", "reports, accounts".into())];
    let accounts = ["list_accounts", "connect_account", "disconnect_account"];
    assert_eq!(scene.tools().await, [&accounts[..], &reports].concat());
    scene.refused("tools/call", json!({ "name": "list_posts", "arguments": {} })).await;
    let resources = scene.listed().await;
    assert_eq!(resources, ["socrazi://accounts", "socrazi://reports/7", "socrazi://reports/28"]);
    scene.refused("resources/read", json!({ "uri": "socrazi://voice" })).await;
    assert_eq!(scene.ask("prompts/list", json!({})).await["prompts"], json!([]));
    // A word that nobody knows was meant to narrow.
    for wrong in ["postz", "posts,evil"] {
        scene.extra = vec![("x-mcp-toolsets", wrong.into())];
        assert_eq!(scene.tools().await, Vec::<String>::new());
        scene.refused("tools/call", json!({ "name": "list_posts", "arguments": {} })).await;
    }
    scene.extra = vec![("x-mcp-toolsets", "all".into()), ("x-mcp-readonly", "false".into())];
    assert_eq!(scene.tools().await, all);
    assert_eq!(scene.world.call("list_posts", json!({})).await["posts"], json!([]));
    scene.world.end().await;
}

async fn what_a_person_could_still_allow_is_listed_and_asked_for(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let id = program(&scene.world).await;
    scene.token = let_in(&scene.world, &id, &["read"]).await.access;
    // What no model sees it never calls, and its person is never asked.
    let all = scene.tools().await;
    for name in ["create_draft", "report_traffic", "list_conversations", "list_posts"] {
        assert!(all.contains(&name.to_owned()), "{name}: {all:?}");
    }
    for (name, arguments) in [
        ("create_draft", json!({ "text": "no" })),
        ("report_traffic", json!({})),
        ("list_conversations", json!({})),
        ("report_posts", json!({ "outcomes": true })),
    ] {
        let response = scene.send("tools/call", json!({ "name": name, "arguments": arguments })).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}");
        let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert!(challenge.contains("insufficient_scope"), "{name}: {challenge}");
        assert_eq!(challenge.contains("google:read"), name.starts_with("report"), "{name}: {challenge}");
    }
    assert_eq!(
        scene.send("tools/call", json!({ "name": "report_posts", "arguments": {} })).await.status(),
        StatusCode::OK
    );
    scene.token = let_in(&scene.world, &id, &["read", "draft"]).await.access;
    assert_eq!(scene.tools().await, all, "the list changed with the scopes");
    // What the client or the operator left out stays out.
    scene.extra = vec![("x-mcp-readonly", "true".into())];
    assert!(!scene.tools().await.contains(&"create_draft".to_owned()));
    scene.world.end().await;
}

async fn every_answer_fits_ten_thousand_tokens_and_the_rest_comes_with_a_cursor(engine: Engine) {
    const BYTES_MAX: usize = 40_000;
    let scene = Scene::on(engine).await;
    let parts: Vec<String> = (0..25).map(|no| format!("{no:02} {}", "長い".repeat(900))).collect();
    let thread: Vec<Value> = parts.iter().map(|text| json!({ "text": text })).collect();
    let made = scene.ask("tools/call", json!({ "name": "create_draft", "arguments": { "segments": thread } })).await;
    assert!(made.to_string().len() <= BYTES_MAX, "{}", made.to_string().len());
    let post = made["structuredContent"]["post"]["id"].clone();
    assert!(made["structuredContent"]["post"]["next_cursor"].is_string(), "{made}");
    let (mut read, mut cursor) = (Vec::new(), Value::Null);
    for _ in 0..25 {
        let arguments =
            if cursor.is_null() { json!({ "post": post }) } else { json!({ "post": post, "cursor": cursor }) };
        let result = scene.ask("tools/call", json!({ "name": "get_post", "arguments": arguments })).await;
        assert!(result.to_string().len() <= BYTES_MAX, "{}", result.to_string().len());
        let answer = &result["structuredContent"]["post"];
        let segments = answer["variants"][0]["segments"].as_array().unwrap();
        assert!(!segments.is_empty(), "{answer}");
        read.extend(segments.iter().map(|segment| segment["text"].as_str().unwrap().to_owned()));
        cursor = answer["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(read, parts);
    for wrong in ["", "1", "a.b", "01.1", "-1.0", "1.1.1", "99999999999999999999.0"] {
        let asked = json!({ "name": "get_post", "arguments": { "post": post, "cursor": wrong } });
        assert_eq!(scene.ask("tools/call", asked).await["isError"], true, "{wrong}");
    }
    // Behind the end there is nothing.
    let asked = json!({ "name": "get_post", "arguments": { "post": post, "cursor": "7.0" } });
    assert_eq!(scene.ask("tools/call", asked).await["structuredContent"]["post"]["variants"], json!([]));
    // One text that is longer than any answer.
    let made =
        scene.ask("tools/call", json!({ "name": "create_draft", "arguments": { "text": "x".repeat(30_000) } })).await;
    assert!(made.to_string().len() <= BYTES_MAX, "{}", made.to_string().len());
    assert_eq!(made["structuredContent"]["post"]["variants"][0]["segments"][0]["length"], 30_000, "{made}");
    // Many posts with texts that JSON makes long.
    for no in 0..50 {
        scene.draft(&format!("{no}{}", "\u{1}".repeat(200))).await;
    }
    let (mut seen, mut cursor) = (std::collections::BTreeSet::new(), Value::Null);
    for _ in 0..10 {
        let mut arguments = json!({ "limit": 50 });
        if !cursor.is_null() {
            arguments["cursor"] = cursor;
        }
        let result = scene.ask("tools/call", json!({ "name": "list_posts", "arguments": arguments })).await;
        let answer = &result["structuredContent"];
        assert!(result.to_string().len() <= BYTES_MAX, "{}", result.to_string().len());
        for post in answer["posts"].as_array().unwrap() {
            assert!(seen.insert(post["id"].to_string()), "{post} came twice");
        }
        cursor = answer["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen.len(), 52);
    scene.world.end().await;
}

async fn the_operator_and_whoever_starts_it_narrow_what_is_there(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    scene.world.set("mcp.toolsets", "posts,publishing".into());
    scene.world.set("mcp.read_only", "on".into());
    scene.world.reopen().await;
    assert_eq!(scene.tools().await, ["get_post", "list_posts"]);
    scene.extra = vec![("x-mcp-toolsets", "all".into()), ("x-mcp-readonly", "false".into())];
    assert_eq!(scene.tools().await, ["get_post", "list_posts"], "a client cannot widen it");
    scene.refused("tools/call", json!({ "name": "create_draft", "arguments": { "text": "no" } })).await;
    scene.refused("tools/call", json!({ "name": "report_posts", "arguments": {} })).await;
    scene.world.end().await;
}
