//! MCP Apps: the documents, what tools say of them, and what goes along for whoever shows them. How they look and what they do is tried in a real
//! browser (`tests/clients/apps_check.mjs`).

use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::*;
use crate::databases::on_both;

on_both!(
    each_app_is_one_document_that_reaches_nothing,
    what_people_write_is_never_in_a_document,
    tools_name_their_app_and_only_reading_ones_are_open_to_a_frame,
    who_shows_apps_gets_the_answer_in_the_persons_language_beside_the_models
);

const APPS: [&str; 4] = ["ui://socrazi/calendar", "ui://socrazi/figures", "ui://socrazi/post", "ui://socrazi/report"];

impl Scene {
    async fn document(&self, uri: &str) -> (String, Value) {
        let result = self.ask("resources/read", json!({ "uri": uri })).await;
        let contents = result["contents"][0].clone();
        assert_eq!((&contents["uri"], &contents["mimeType"]), (&json!(uri), &json!("text/html;profile=mcp-app")));
        assert_eq!(result["cacheScope"], "private");
        (contents["text"].as_str().unwrap().to_owned(), contents["_meta"]["ui"].clone())
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    assert_eq!(text.matches(before).count(), 1, "{before}");
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

async fn each_app_is_one_document_that_reaches_nothing(engine: Engine) {
    let scene = Scene::on(engine).await;
    for lang in Lang::ALL {
        scene.speak(lang).await;
        for uri in APPS {
            let (html, ui) = scene.document(uri).await;
            assert!(html.starts_with("<!doctype html>") && html.contains(&format!("<html lang=\"{}\">", lang.tag())));
            for kind in ["connectDomains", "resourceDomains", "frameDomains", "baseUriDomains"] {
                assert_eq!(ui["csp"][kind], json!([]), "{uri}: {ui}");
            }
            let (script, style) = (between(&html, "<script>", "</script>"), between(&html, "<style>", "</style>"));
            let hash = |text: &str| base64::prelude::BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
            let policy = between(&html, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
            let pictures = if uri == "ui://socrazi/post" { "img-src data:; " } else { "" };
            let wanted = format!(
                "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; {pictures}base-uri 'none'; form-action 'none'",
                hash(script),
                hash(style)
            );
            assert_eq!(policy, wanted, "{uri}");
            for never in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "fetch(",
                "XMLHttp",
                "import(",
                "tools/call",
                "style=\"",
                "onclick",
            ] {
                assert!(!html.contains(never), "{uri}: {never}");
            }
            let outside = html.replace(HERE, "").replace("http://www.w3.org/2000/svg", "").replace("\"https://\"", "");
            assert!(
                !outside.contains("://"),
                "{uri}: {:?}",
                outside.split("://").next().map(|text| &text[text.len().saturating_sub(80)..])
            );
            assert!(html.len() < 30_000, "{uri}: {}", html.len());
        }
    }
    scene.refused("resources/read", json!({ "uri": "ui://socrazi/other" })).await;
    scene.world.end().await;
}

async fn what_people_write_is_never_in_a_document(engine: Engine) {
    let scene = Scene::on(engine).await;
    let mut before = Vec::new();
    for uri in APPS {
        before.push(scene.document(uri).await.0);
    }
    let evil = "</script><script>parent.postMessage('owned','*')</script><img src=x onerror=alert(1)>";
    let post = scene.draft(evil).await;
    scene.world.app.set_voice(&scene.world.person, "</style><b>", Vec::new(), "").await.unwrap();
    for (uri, before) in APPS.iter().zip(before) {
        assert_eq!(scene.document(uri).await.0, before, "{uri}");
    }
    // It goes to the app as data, whole.
    let got = scene.tool("get_post", json!({ "post": post })).await;
    assert_eq!(got["post"]["variants"][0]["segments"][0]["text"], evil);
    scene.world.end().await;
}

async fn tools_name_their_app_and_only_reading_ones_are_open_to_a_frame(engine: Engine) {
    let scene = Scene::on(engine).await;
    let said = scene.ask("server/discover", json!({})).await;
    let ui = &said["capabilities"]["extensions"]["io.modelcontextprotocol/ui"];
    assert_eq!(ui["mimeTypes"], json!(["text/html;profile=mcp-app"]), "{said}");
    let listed = scene.ask("tools/list", json!({})).await;
    let mut named = Vec::new();
    for tool in listed["tools"].as_array().unwrap() {
        let ui = &tool["_meta"]["ui"];
        if let Some(uri) = ui["resourceUri"].as_str() {
            assert!(APPS.contains(&uri), "{uri}");
            named.push(uri.to_owned());
        }
        let reads = tool["annotations"]["readOnlyHint"] == true;
        assert_eq!(ui["visibility"] == json!(["model"]), !reads, "{tool}");
    }
    named.sort();
    named.dedup();
    assert_eq!(named, APPS);
    scene.world.end().await;
}

async fn who_shows_apps_gets_the_answer_in_the_persons_language_beside_the_models(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let post = scene.draft("One").await;
    let plain = scene.ask("tools/call", json!({ "name": "get_post", "arguments": { "post": post } })).await;
    assert!(plain["_meta"].get("socrazi/view").is_none(), "{plain}");
    scene.capabilities =
        json!({ "extensions": { "io.modelcontextprotocol/ui": { "mimeTypes": ["text/html;profile=mcp-app"] } } });
    scene.speak(Lang::Ja).await;
    let arguments = json!({ "post": post, "at": scene.world.in_an_hour() });
    let asked = scene.ask("tools/call", json!({ "name": "schedule_post", "arguments": arguments })).await;
    // The model's answer is the same; the app's has what the page would show, in words for the person.
    assert!(
        asked["structuredContent"].get("variants").is_none() && asked["structuredContent"]["approval_url"].is_string()
    );
    let view = &asked["_meta"]["socrazi/view"]["post"];
    assert_eq!(
        (&view["variants"][0]["segments"][0]["text"], &view["approval_url"]),
        (&json!("One"), &asked["structuredContent"]["approval_url"])
    );
    scene.world.call("publish_post", json!({ "post": post })).await;
    let got = scene.ask("tools/call", json!({ "name": "get_post", "arguments": { "post": post } })).await;
    let wording = |answer: &Value| answer["post"]["deliveries"][0]["wording"].as_str().unwrap().to_owned();
    assert!(wording(&got["structuredContent"]).is_ascii(), "{got}");
    assert!(!wording(&got["_meta"]["socrazi/view"]).is_ascii(), "{got}");
    let report = scene.ask("tools/call", json!({ "name": "report_posts", "arguments": {} })).await;
    assert_eq!(report["_meta"]["socrazi/view"]["days"], report["structuredContent"]["days"]);
    // A call that is refused has no view.
    let refused = scene.ask("tools/call", json!({ "name": "get_post", "arguments": { "post": "post_x" } })).await;
    assert!(refused["isError"] == true && refused["_meta"].get("socrazi/view").is_none(), "{refused}");
    scene.world.end().await;
}
