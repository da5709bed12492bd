//! A post's picture in Discord: attached to the card that asks and shown on it, described for whoever does not see it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_card_that_asks_shows_what_a_reader_would_see() {
    let hall = Hall::new().await;
    let post = hall.world.draft("Look at this bread").await;
    let assistant = Caller { grant: Grant::Drafts, ..hall.world.assistant.clone() };
    hall.world.app.call_tool(&assistant, "publish_post", json!({ "post": post })).await.unwrap();
    let card = hall.seen(ANA, DM_ANA, |message| words(message).contains("asks for your yes")).await;
    let picture = &card["attachments"][0];
    assert_eq!((&picture["filename"], &picture["content_type"]), (&json!("preview-0.png"), &json!("image/png")));
    let alt = picture["description"].as_str().unwrap();
    assert!(alt.contains("Look at this bread") && alt.contains("18 of 280"), "{alt}");
    let drawn = card["components"].to_string();
    assert!(drawn.contains("\"type\":12") && words(&card).contains("Look at this bread"), "{card:#}");
    hall.press(&card, "Approve exactly this").await;
    hall.world.until(&post, "published", 5_000).await;
    assert_eq!(hall.world.sent(), 1);
    hall.end().await;
}
