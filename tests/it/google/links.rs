//! Tags on links: there by default where somebody reads them, visible, part of what is approved and sent, changed by whoever wants to, off by a setting.

use serde_json::{Value, json};
use socrazi::domain::google::Feature;

use super::Googled;

const LINK: &str = "https://www.acme.example/pricing?plan=a#top";

fn tags(post: &Value) -> String {
    format!("utm_source=x&utm_medium=social&utm_campaign=socrazi&utm_content={}", post.as_str().unwrap())
}

fn shown(answer: &Value) -> &str {
    answer["post"]["variants"][0]["segments"][0]["text"].as_str().unwrap()
}

#[tokio::test]
async fn links_are_tagged_where_somebody_reads_tags_and_exactly_that_is_approved_and_sent() {
    let googled = Googled::new().await;
    let plain = googled.world.call("create_draft", json!({ "text": format!("Before: {LINK}") })).await;
    assert_eq!(shown(&plain), format!("Before: {LINK}"), "nobody reads tags yet");
    googled.connect(&[Feature::Search]).await;
    let plain = googled.world.call("create_draft", json!({ "text": format!("Search: {LINK}") })).await;
    assert_eq!(shown(&plain), format!("Search: {LINK}"));
    googled.connect(&[Feature::Analytics]).await;
    let tried = googled.world.call("create_draft", json!({ "text": format!("See {LINK}"), "dry_run": true })).await;
    assert!(shown(&tried).contains("utm_source=x"), "{tried}");
    let draft = googled.world.call("create_draft", json!({ "text": format!("See {LINK}, please.") })).await;
    let post = &draft["post"]["id"];
    let wanted = format!("See https://www.acme.example/pricing?plan=a&{}#top, please.", tags(post));
    assert_eq!(shown(&draft), wanted);
    let page = googled.world.page(&format!("/posts/{}", post.as_str().unwrap())).await;
    assert!(page.contains("utm_content=") && page.contains(post.as_str().unwrap()), "the person sees them: {page}");
    // An edit keeps the post's own id in its links, and each network gets its own.
    let changed = googled
        .world
        .call("update_draft", json!({ "post": post, "revision": 1, "text": format!("Look: {LINK}") }))
        .await;
    assert_eq!(shown(&changed), format!("Look: https://www.acme.example/pricing?plan=a&{}#top", tags(post)));
    let asked = googled.world.call("schedule_post", json!({ "post": post, "at": googled.world.in_an_hour() })).await;
    assert_eq!(asked["status"], "scheduled");
    googled.world.until(post, "published", 60_000).await;
    let out = googled.world.sim.ledger();
    assert_eq!(
        out.last().unwrap().text,
        format!("Look: https://www.acme.example/pricing?plan=a&{}#top", tags(post)),
        "sent as approved"
    );
    googled.world.end().await;
}

#[tokio::test]
async fn whoever_does_not_want_them_says_so_once_or_for_good() {
    let googled = Googled::connected().await;
    let text = format!("See {LINK}");
    let plain = googled.world.call("create_draft", json!({ "text": text, "plain_links": true })).await;
    assert_eq!(shown(&plain), text);
    let own = "Mine: https://www.acme.example/?utm_campaign=spring";
    let kept = googled.world.call("create_draft", json!({ "text": own })).await;
    assert_eq!(shown(&kept), own, "tags of one's own stay alone");
    // On the pages a person takes the tags away, and they stay away.
    let draft = googled.world.call("create_draft", json!({ "text": text })).await;
    let id = draft["post"]["id"].as_str().unwrap().to_owned();
    let edit = googled.world.page(&format!("/posts/{id}/edit")).await;
    assert!(edit.contains("utm_source=x"), "{edit}");
    let field =
        edit.split("<textarea").nth(1).unwrap().split("name=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    googled.world.press(&format!("/posts/{id}/edit"), &[("revision", "1"), (field.as_str(), text.as_str())]).await;
    let read = googled.world.call("get_post", json!({ "post": id })).await;
    assert_eq!(shown(&read), text);
    let again = json!({ "post": id, "revision": 2, "text": format!("Once more: {LINK} https://www.acme.example/new") });
    let again = googled.world.call("update_draft", again).await;
    assert!(
        shown(&again).starts_with(&format!("Once more: {LINK} https://www.acme.example/new?utm_source=x")),
        "{again}"
    );
    let settings = googled.world.page("/settings").await;
    assert!(settings.contains("name=\"tagged\" value=\"on\" checked"), "on at first");
    assert_eq!(googled.world.press("/settings/links", &[]).await, "/settings?saved=1#links");
    assert!(!googled.world.page("/settings").await.contains("name=\"tagged\" value=\"on\" checked"));
    let off = googled.world.call("create_draft", json!({ "text": text })).await;
    assert_eq!(shown(&off), text);
    googled.world.press("/settings/links", &[("tagged", "on")]).await;
    let on = googled.world.call("create_draft", json!({ "text": text })).await;
    assert!(shown(&on).contains("utm_source=x"));
    googled.world.end().await;
}
