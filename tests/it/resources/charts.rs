//! Charts in answers: a picture beside the text where a client takes pictures, with what it shows in words; a link to the page's own elsewhere.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::google::recorder::Recorder;
use crate::google::{join, settings_for};

/// A picture in an answer may have so many bytes.
const PNG_BYTES_MAX: usize = 150_000;
/// Ten thousand tokens of four letters.
const TEXT_BYTES_MAX: usize = 40_000;

#[tokio::test]
async fn a_report_comes_with_its_chart_or_with_the_way_to_it() {
    let recorder = Recorder::start().await;
    let mut scene = Scene::with(Engine::Sqlite, settings_for(&recorder.url)).await;
    let _google = join(&scene.world, &recorder).await;
    let ask = |chart: Value| json!({ "name": "report_traffic", "arguments": { "view": "days", "period": "last month", "compare": "previous", "chart": chart } });
    let result = scene.ask("tools/call", ask(json!(true))).await;
    let content = result["content"].as_array().unwrap();
    assert_eq!(
        (content.len(), &content[1]["type"], &content[1]["mimeType"]),
        (2, &json!("image"), &json!("image/png"))
    );
    let png = BASE64_STANDARD.decode(content[1]["data"].as_str().unwrap()).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.len() <= PNG_BYTES_MAX, "{}", png.len());
    let alt = content[1]["_meta"]["socrazi/alt"].as_str().unwrap();
    let text = content[0]["text"].as_str().unwrap();
    assert!(alt.starts_with("Visits / Day") && text.contains(alt) && text.len() < TEXT_BYTES_MAX, "{text}");
    // All rows are there, whatever is drawn; the page draws the very same.
    let structured = &result["structuredContent"];
    assert_eq!(json!(structured["rows"].as_array().unwrap().len()), structured["row_count"]);
    let url = structured["chart_url"].as_str().unwrap();
    assert!(text.contains(url), "{text}");
    let page = scene.world.open_page(url.strip_prefix(HERE).unwrap()).await;
    assert_eq!(page.headers()["content-type"], "image/png");
    let drawn = axum::body::to_bytes(page.into_body(), 1_000_000).await.unwrap();
    assert_eq!(drawn.as_ref(), png.as_slice());
    // Not asked for, the way to it is enough; nor where a client takes no pictures.
    for chart in [json!(false), Value::Null] {
        let result = scene.ask("tools/call", ask(chart)).await;
        assert_eq!(result["content"].as_array().unwrap().len(), 1);
        assert!(result["structuredContent"]["chart_url"].is_string());
    }
    scene.extra.push(("x-mcp-toolsets", "all,no-images".to_owned()));
    let result = scene.ask("tools/call", ask(json!(true))).await;
    assert_eq!(result["content"].as_array().unwrap().len(), 1, "{result}");
    assert!(result["content"][0]["text"].as_str().unwrap().contains(url));
    scene.extra.clear();
    // A sum has no chart, and a person's own language is on theirs.
    let sum = json!({ "name": "report_traffic", "arguments": { "period": "last month", "chart": true } });
    let result = scene.ask("tools/call", sum).await;
    assert!(result["structuredContent"].get("chart_url").is_none(), "{result}");
    scene.speak(Lang::Ja).await;
    let result = scene.ask("tools/call", ask(json!(true))).await;
    let alt = result["content"][1]["_meta"]["socrazi/alt"].as_str().unwrap();
    assert!(alt.starts_with("訪問"), "{alt}");
    scene.world.end().await;
}

#[tokio::test]
async fn times_to_post_come_with_the_week_that_their_page_draws() {
    let recorder = Recorder::start().await;
    let scene = Scene::with(Engine::Sqlite, settings_for(&recorder.url)).await;
    let _google = join(&scene.world, &recorder).await;
    let ask = |chart: bool| json!({ "name": "suggest_times", "arguments": { "chart": chart } });
    let result = scene.ask("tools/call", ask(true)).await;
    let (text, picture) = (result["content"][0]["text"].as_str().unwrap(), &result["content"][1]);
    let alt = picture["_meta"]["socrazi/alt"].as_str().unwrap();
    assert!(alt.starts_with("Visits by weekday and hour. ") && text.contains(alt), "{text}");
    let png = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
    let page = scene.world.open_page("/analytics/times.png?theme=light").await;
    let drawn = axum::body::to_bytes(page.into_body(), 1_000_000).await.unwrap();
    assert_eq!(drawn.as_ref(), png.as_slice(), "the page draws the very same");
    assert!(png.len() <= PNG_BYTES_MAX, "{}", png.len());
    let result = scene.ask("tools/call", ask(false)).await;
    assert_eq!(result["content"].as_array().unwrap().len(), 1, "not asked for");
    scene.speak(Lang::Ja).await;
    let result = scene.ask("tools/call", ask(true)).await;
    assert!(result["content"][1]["_meta"]["socrazi/alt"].as_str().unwrap().starts_with("曜日"), "{result}");
    scene.world.end().await;
}

#[tokio::test]
async fn where_nothing_is_known_nothing_is_drawn_and_that_is_said() {
    let scene = Scene::on(Engine::Sqlite).await;
    for (tool, said) in [("suggest_times", "No chart: the hours"), ("report_posts", "No chart: nothing went out.")] {
        let result = scene.ask("tools/call", json!({ "name": tool, "arguments": { "chart": true } })).await;
        assert_eq!(result["content"].as_array().unwrap().len(), 1, "{result}");
        assert!(result["content"][0]["text"].as_str().unwrap().contains(said), "{result}");
    }
    scene.world.end().await;
}
