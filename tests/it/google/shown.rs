//! Reports as resources and as an app: the same figures as the tools', for whoever may see them, in their person's words.

use axum::body::Body;
use http::Request;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use socrazi::domain::caller::Grant;
use socrazi::domain::google::SourceKind;
use socrazi::domain::lang::Lang;
use tower::ServiceExt;

use super::Googled;
use crate::oauth::{let_in, program};

const APP: &str = "ui://socrazi/figures";

/// Asks in the newer era, as a client that shows apps.
async fn ask(googled: &Googled, token: &str, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities":
            { "extensions": { "io.modelcontextprotocol/ui": { "mimeTypes": ["text/html;profile=mcp-app"] } } },
    });
    let mut request = Request::post("/mcp")
        .header("host", "127.0.0.1:8787")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method);
    if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
        request = request.header("mcp-name", name);
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let response = googled.world.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let bytes = axum::body::to_bytes(response.into_body(), 4_000_000).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn token(googled: &Googled) -> String {
    let token = googled.world.app.make_token_for(&googled.world.person.user, "a", Grant::Publishes).await.unwrap();
    token.expose_secret().to_owned()
}

fn uris(listed: &Value) -> Vec<String> {
    let all = listed["result"]["resources"].as_array().unwrap().iter();
    all.map(|one| one["uri"].as_str().unwrap().to_owned()).filter(|uri| uri.matches('/').count() > 3).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_a_resource_with_the_tools_own_figures() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let token = token(&googled).await;
    // Listed is what the accounts were connected for; anything known can be asked for by name.
    let listed = ask(&googled, &token, "resources/list", json!({})).await;
    assert_eq!(uris(&listed), ["socrazi://reports/traffic/28", "socrazi://reports/search/28"]);
    let templates = ask(&googled, &token, "resources/templates/list", json!({})).await.to_string();
    assert!(templates.contains("socrazi://reports/{report}/{days}"), "{templates}");
    for (report, tool) in [("traffic", "report_traffic"), ("search", "report_search")] {
        let uri = format!("socrazi://reports/{report}/28");
        let read = ask(&googled, &token, "resources/read", json!({ "uri": uri })).await;
        let contents = &read["result"]["contents"][0];
        assert_eq!(contents["mimeType"], "application/json", "{read}");
        assert_eq!(contents["_meta"]["socrazi/third-party-text"], true, "{read}");
        let figures: Value = serde_json::from_str(contents["text"].as_str().unwrap()).unwrap();
        let arguments = json!({ "period": "last 28 days", "compare": "previous" });
        assert_eq!(figures, googled.world.call(tool, arguments).await, "{uri}");
        assert!(!figures["totals"].as_object().unwrap().is_empty(), "{figures}");
    }
    // What is not connected says so; what is none is none.
    let videos = ask(&googled, &token, "resources/read", json!({ "uri": "socrazi://reports/videos/28" })).await;
    assert!(videos["error"]["message"].as_str().is_some_and(|said| !said.is_empty()), "{videos}");
    let complete = json!({ "ref": { "type": "ref/resource", "uri": "socrazi://reports/{report}/{days}" },
        "argument": { "name": "report", "value": "t" } });
    let completed = ask(&googled, &token, "completion/complete", complete).await;
    assert_eq!(completed["result"]["completion"]["values"], json!(["traffic"]), "{completed}");
    googled.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_see_googles_figures_sees_none_and_reading_them_puts_a_permission_to_sleep() {
    let googled = Googled::connected().await;
    let id = program(&googled.world).await;
    let blind = let_in(&googled.world, &id, &["read", "draft"]).await.access;
    assert_eq!(uris(&ask(&googled, &blind, "resources/list", json!({})).await), [] as [&str; 0]);
    let templates = ask(&googled, &blind, "resources/templates/list", json!({})).await.to_string();
    assert!(!templates.contains("{report}"), "{templates}");
    let before = googled.asked();
    let read = ask(&googled, &blind, "resources/read", json!({ "uri": "socrazi://reports/traffic/28" })).await;
    let said = read["error"]["message"].as_str().unwrap();
    assert!(said.contains("posts:read google:read"), "{said}");
    assert_eq!(googled.asked(), before, "Google was asked for somebody who may not see it");
    let seeing = let_in(&googled.world, &program(&googled.world).await, &["read", "publish", "google"]).await.access;
    let call = async |name: &str, arguments: Value| {
        let answer = ask(&googled, &seeing, "tools/call", json!({ "name": name, "arguments": arguments })).await;
        answer["result"]["structuredContent"].clone()
    };
    let post = call("create_draft", json!({ "text": "one" })).await["post"]["id"].clone();
    ask(&googled, &seeing, "resources/read", json!({ "uri": "socrazi://reports/traffic/28" })).await;
    let asked = call("publish_post", json!({ "post": post })).await;
    assert!(asked["approval_url"].is_string(), "strangers' names were read, and it published by itself: {asked}");
    googled.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_an_app_with_names_in_its_persons_language() {
    let googled = Googled::connected().await;
    let token = token(&googled).await;
    let listed = ask(&googled, &token, "tools/list", json!({})).await;
    let named =
        listed["result"]["tools"].as_array().unwrap().iter().filter(|tool| tool["_meta"]["ui"]["resourceUri"] == APP);
    let named: Vec<_> = named.map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(named, ["report_traffic", "report_search", "report_videos"]);
    for (lang, sessions) in [(Lang::En, "Visits"), (Lang::Ja, "訪問数")] {
        let change = socrazi::app::settings::SettingsChange { lang: Some(lang), ..Default::default() };
        googled.world.app.change_settings(&googled.world.person, change).await.unwrap();
        let arguments = json!({ "view": "days", "period": "last week", "metrics": ["sessions", "engagementRate"] });
        let answer =
            ask(&googled, &token, "tools/call", json!({ "name": "report_traffic", "arguments": arguments })).await;
        let (whole, view) = (&answer["result"]["structuredContent"], &answer["result"]["_meta"]["socrazi/view"]);
        assert_eq!(view["rows"], whole["rows"], "{answer}");
        assert!(whole.get("names").is_none(), "{whole}");
        let said = view["names"]["sessions"].as_str().unwrap();
        assert!(said.contains(sessions), "{lang:?}: {said}");
        assert!(view["names"]["engagementRate_percent"].as_str().unwrap().ends_with("(%)"), "{view}");
    }
    googled.world.end().await;
}

/// Google counts each question: nobody makes this server ask again and again.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_googles_figures_to_change() {
    let googled = Googled::connected().await;
    let arguments = json!({ "period": "last 28 days" });
    googled.world.call("report_traffic", arguments).await;
    let id = program(&googled.world).await;
    let held = let_in(&googled.world, &id, &["read", "google"]).await.access;
    let filter =
        json!({ "notifications": { "resourceSubscriptions": ["socrazi://reports/traffic/7", "socrazi://reports/7"] } });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": { "notifications": filter["notifications"],
        "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "0" },
            "io.modelcontextprotocol/clientCapabilities": {} } } });
    let request = Request::post("/mcp")
        .header("host", "127.0.0.1:8787")
        .header("authorization", format!("Bearer {held}"))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "subscriptions/listen");
    let response =
        googled.world.router.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let mut pieces = response.into_body().into_data_stream();
    let mut heard = String::new();
    while !heard.contains("acknowledged") {
        let piece = futures::StreamExt::next(&mut pieces).await.unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(&piece));
    }
    assert!(heard.contains("socrazi://reports/7") && !heard.contains("traffic"), "{heard}");
    googled.world.end().await;
}
