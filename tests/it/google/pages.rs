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
    assert_eq!(googled.world.press(&format!("{place}/disconnect"), &[]).await, "/accounts?told=1");
    assert!(!googled.world.page("/accounts").await.contains("ana@example.test"));
    googled.world.end().await;
}

#[tokio::test]
async fn a_server_that_is_not_set_up_for_google_says_so() {
    let world = crate::world::World::new().await;
    assert!(!world.page("/accounts").await.contains("href=\"/connect/google\""));
    assert_eq!(world.refused("connect_account", json!({ "network": "google" })).await, "connect-not-configured");
    assert_eq!(world.refused("report_traffic", json!({})).await, "connect-not-configured");
    let (status, _) = world.send("/connect/google", &[("search", "on")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    world.end().await;
}

#[tokio::test]
async fn a_report_is_a_page_a_picture_and_a_file() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let page = googled.world.page("/analytics").await;
    for wanted in [
        "acme.example",
        "Europe/Rome",
        "/analytics/chart.png?",
        "theme=dark",
        "report.csv",
        "alt=\"Visits / Day",
        "still changing",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in {page}");
    }
    assert!(!page.contains("<script"));
    let address = "about=traffic&view=countries&period=last+week&compare=previous";
    let page = googled.world.page(&format!("/analytics?{address}")).await;
    assert!(page.contains("Italy") && page.contains("compared with"), "{page}");
    let picture = googled.world.open_page(&format!("/analytics/chart.png?{address}&theme=dark")).await;
    assert_eq!(picture.headers()["content-type"], "image/png");
    let png = axum::body::to_bytes(picture.into_body(), 200_000).await.unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.len() < 150_000, "{}", png.len());
    let csv = googled.world.open_page(&format!("/analytics/report.csv?{address}")).await;
    assert!(csv.headers()["content-disposition"].to_str().unwrap().contains("attachment"));
    let csv = String::from_utf8(axum::body::to_bytes(csv.into_body(), 1_000_000).await.unwrap().to_vec()).unwrap();
    assert!(csv.starts_with("\u{feff}country,sessions,sessions_before,activeUsers,activeUsers_before\r\n"), "{csv}");
    let json: serde_json::Value =
        serde_json::from_str(&googled.world.page(&format!("/analytics/report.json?{address}")).await).unwrap();
    let answered = googled.traffic(json!({ "view": "countries", "period": "last week", "compare": "previous" })).await;
    assert_eq!(json["totals"][0].as_f64(), answered["totals"]["sessions"].as_f64());
    let page = googled.world.page("/analytics?about=search&view=queries&period=last+month").await;
    assert!(page.contains("Clicks") && page.contains("acme pricing") && page.contains("from=50"), "{page}");
    // What strangers named is text, in a page and in a table.
    let day = googled.month(1).0.to_string();
    let mut row = googled.sim.gsc_rows("sc-domain:acme.example", "web", (&day, &day)).remove(0);
    row.query = Some("=cmd|' /C calc'!A0 <script>alert(1)</script>".into());
    row.clicks = 90_000;
    row.impressions = 100_000;
    googled.sim.gsc_plant(row);
    let address = format!("about=search&view=queries&period={day}");
    let page = googled.world.page(&format!("/analytics?{address}")).await;
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script>"), "{page}");
    let csv = googled.world.page(&format!("/analytics/report.csv?{address}")).await;
    assert!(csv.contains("\"'=cmd|"), "{}", &csv[..400]);
    for (address, status) in [("period=soonish", 422), ("view=nonsense", 200), ("source=nobody", 200), ("from=x", 303)]
    {
        let response = googled.world.open_page(&format!("/analytics?{address}")).await;
        assert_eq!(response.status().as_u16(), status, "{address}");
    }
    googled.world.end().await;
}
