//! Posts as pictures for assistants: a resource of its own, and beside an answer for whoever shows apps. What a model reads is not longer by them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::databases::on_both;
use crate::pictured::PNG;

on_both!(a_posts_picture_is_read_by_its_person_and_by_nobody_else, a_picture_goes_to_the_app_and_not_to_the_model);

fn bytes(base64: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(base64.as_str().unwrap()).unwrap()
}

async fn a_posts_picture_is_read_by_its_person_and_by_nobody_else(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let post = scene.draft("Drawn for an assistant").await;
    let uri = format!("socrazi://posts/{}/picture", post.as_str());
    let read = scene.ask("resources/read", json!({ "uri": uri })).await;
    let contents = read["contents"].as_array().unwrap();
    assert_eq!((contents.len(), &contents[0]["mimeType"], &contents[0]["uri"]), (1, &json!("image/png"), &json!(uri)));
    let png = bytes(&contents[0]["blob"]);
    assert!(png.starts_with(PNG) && png.len() < 300_000 && read["cacheScope"] == "private", "{}", png.len());
    let templates = scene.ask("resources/templates/list", json!({})).await;
    assert!(templates.to_string().contains("socrazi://posts/{id}/picture"), "{templates}");
    // Somebody else finds none, like one that never was.
    let other = somebody_else(&scene.world).await;
    scene.token = token(&scene.world, &other).await;
    let theirs = scene.refused("resources/read", json!({ "uri": uri })).await;
    let none = uri.replace(post.as_str(), "post_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    assert_eq!(theirs.0, scene.refused("resources/read", json!({ "uri": none })).await.0);
    scene.world.end().await;
}

async fn a_picture_goes_to_the_app_and_not_to_the_model(engine: Engine) {
    let mut scene = Scene::on(engine).await;
    let post = scene.draft("One").await;
    let call = json!({ "name": "get_post", "arguments": { "post": post } });
    let plain = scene.ask("tools/call", call.clone()).await;
    assert!(plain["_meta"].get("socrazi/pictures").is_none(), "{plain}");
    scene.capabilities =
        json!({ "extensions": { "io.modelcontextprotocol/ui": { "mimeTypes": ["text/html;profile=mcp-app"] } } });
    let shown = scene.ask("tools/call", call).await;
    let pictures = shown["_meta"]["socrazi/pictures"].as_array().unwrap();
    assert_eq!(pictures.len(), shown["structuredContent"]["post"]["variants"].as_array().unwrap().len());
    assert!(bytes(&pictures[0]["png"]).starts_with(PNG), "{shown}");
    assert!(pictures[0]["alt"].as_str().unwrap().contains("One"), "{shown}");
    // The model's part is the same with and without.
    assert_eq!((&shown["content"], &shown["structuredContent"]), (&plain["content"], &plain["structuredContent"]));
    scene.world.end().await;
}
