//! The pages about a Google account.

use http::StatusCode;
use serde_json::json;
use socrazi::domain::google::SourceKind;

use super::{BOTH, Googled};

#[tokio::test]
async fn a_person_connects_chooses_and_lets_go_on_the_pages() {
    let googled = Googled::new().await;
    let page = googled.world.page("/accounts").await;
    assert!(page.contains("href=\"/connect/google\""));
    let page = googled.world.page("/connect/google").await;
    assert!(page.contains("name=\"analytics\"") && page.contains("name=\"search\""));
    let (status, page) = googled.world.send("/connect/google", &[("analytics", "on")]).await;
    assert!(
        status == StatusCode::OK && page.contains("http-equiv=\"refresh\"") && page.contains("analytics.readonly"),
        "{page}"
    );
    assert!(!page.contains("webmasters"), "what was not ticked is not asked for");
    let (status, _) = googled.world.send("/connect/google", &[]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    googled.tune(|tuning| tuning.unticked = vec![super::Feature::Search.scope().to_owned()]);
    let query = googled.way(&BOTH).await;
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&query).finish();
    let response = googled.world.open_page(&format!("/connect/google/callback?{query}")).await;
    let there = response.headers()["location"].to_str().unwrap().to_owned();
    assert!(there.ends_with("?left=search"), "{there}");
    let page = googled.world.page(&there).await;
    assert!(page.contains("Search Console") && page.contains("Acme Shop") && page.contains("Not granted"));
    let place = there.split('?').next().unwrap();
    let sources = googled.world.app.sources(&googled.world.person).await.unwrap();
    let shop = sources[0].1.iter().find(|source| source.facts.name == "Acme Shop").unwrap();
    let fields = [("kind", "property"), ("key", shop.key.as_str()), ("called", " the <shop> ")];
    assert_eq!(googled.world.press(&format!("{place}/choose"), &fields).await, place);
    let page = googled.world.page(place).await;
    assert!(page.contains("value=\"the &#60;shop&#62;\"") && page.contains("meant when you name none"), "{page}");
    let report = googled.traffic(json!({ "period": "last week" })).await;
    assert_eq!(report["source"], "the <shop> (properties/310002)");
    let report = googled.traffic(json!({ "property": "THE <SHOP>", "period": "last week" })).await;
    assert_eq!(report["source"], "the <shop> (properties/310002)");
    assert_eq!(googled.world.press(&format!("{place}/look"), &[]).await, place);
    let kept = googled.world.app.sources(&googled.world.person).await.unwrap();
    assert!(
        kept[0].1.iter().any(|source| source.kind == SourceKind::Property && source.facts.called == "the <shop>"),
        "a look forgets no name"
    );
    let page = googled.world.page("/accounts").await;
    assert!(page.contains("ana@example.test") && page.contains("permission missing"));
    assert!(googled.world.page(&format!("{place}/disconnect")).await.contains("ana@example.test"));
    assert_eq!(googled.world.press(&format!("{place}/disconnect"), &[]).await, "/accounts");
    assert!(!googled.world.page("/accounts").await.contains("ana@example.test"));
    googled.world.end().await;
}

#[tokio::test]
async fn a_server_that_is_not_set_up_for_google_says_so() {
    let world = crate::world::World::new().await;
    assert!(!world.page("/accounts").await.contains("/connect/google"));
    assert_eq!(world.refused("connect_account", json!({ "network": "google" })).await, "connect-not-configured");
    assert_eq!(world.refused("report_traffic", json!({})).await, "connect-not-configured");
    let (status, _) = world.send("/connect/google", &[("search", "on")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    world.end().await;
}
