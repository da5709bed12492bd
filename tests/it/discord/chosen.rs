//! What somebody chooses in Discord: the channel that hears what became of their posts, and who else may approve one.

use socrazi::domain::lang::Lang;
use socrazi_sim::discord::{BEN, CLEO, DM_BEN};

use super::*;

on_both!(news_of_posts_is_told_in_the_channel_that_was_chosen_and_nothing_else_is);

#[tokio::test(flavor = "multi_thread")]
async fn what_an_assistant_asks_is_answered_where_its_person_is() {
    let hall = Hall::new().await;
    let post = hall.world.draft("Asked by an assistant").await;
    let assistant = Caller { grant: Grant::Drafts, ..hall.world.assistant.clone() };
    hall.world.app.call_tool(&assistant, "publish_post", json!({ "post": post })).await.unwrap();
    let card = hall.seen(ANA, DM_ANA, |message| words(message).contains("asks for your yes")).await;
    assert!(words(&card).contains("Asked by an assistant"), "{card:#}");
    hall.press(&card, "Approve exactly this").await;
    hall.world.until(&post, "published", 5_000).await;
    assert_eq!(hall.world.sent(), 1);
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_video_is_shown_before_and_after_and_made_by_a_press() {
    let google = crate::youtube::google_on(socrazi_sim::clock::SimClock::new()).await;
    let hall = Hall::with(Engine::Sqlite, Over::Gateway, crate::youtube::settings_of(&google)).await;
    let video = crate::youtube::asked_to_change(&hall.world, &google).await;
    let card = hall.seen(ANA, DM_ANA, |message| words(message).contains("asks for your yes")).await;
    let shown = words(&card);
    for said in [
        "Title",
        "Another title",
        "Description",
        "(nothing)",
        video["snippet"]["description"].as_str().unwrap(),
        "Now:",
        "Then:",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let now = words(&hall.press(&card, "Approve exactly this").await);
    assert!(now.contains("stands there so now"), "{now}");
    let all = crate::youtube::every_video(&google).await;
    assert_eq!(all.iter().find(|other| other["id"] == video["id"]).unwrap()["snippet"]["title"], "Another title");
    hall.end().await;
}

/// Publishes through an assistant with a standing permission.
async fn publish(hall: &Hall, text: &str) {
    let post = hall.world.draft(text).await;
    hall.world.call("publish_post", json!({ "post": post })).await;
    hall.world.until(&post, "published", 5_000).await;
}

async fn news_of_posts_is_told_in_the_channel_that_was_chosen_and_nothing_else_is(engine: Engine) {
    let hall = Hall::on(engine, Over::Gateway).await;
    let (app, ana) = (hall.world.app.clone(), discord_member(ANA));
    let settings = hall.command("settings", json!({})).await;
    assert!(words(&settings).contains("told to you directly"), "{settings:#}");
    let chosen = hall.press(&settings, "Tell it in this channel").await;
    assert!(words(&chosen).contains(&format!("told in <#{GENERAL}>")), "{chosen:#}");
    hall.seen(BEN, GENERAL, |message| words(message).contains("what became of Ana’s posts")).await;
    assert_eq!(app.news_channel(&ana).await.unwrap().as_deref(), Some(GENERAL));

    publish(&hall, "Everybody may know").await;
    let told = hall.seen(BEN, GENERAL, |message| words(message).contains("Published on")).await;
    assert!(words(&told).contains("Everybody may know"), "{told:#}");
    assert!(!told["components"].to_string().contains("custom_id"), "nothing to press where others see it: {told:#}");
    // What is not out is nobody else's to read: that it failed is said, not what it said.
    hall.world.sim.post_as("2244994945", "Between us").unwrap();
    let post = hall.world.draft("Between us").await;
    hall.world.call("publish_post", json!({ "post": post })).await;
    hall.world.until(&post, "failed", 5_000).await;
    let told = hall.seen(BEN, GENERAL, |message| words(message).contains("refused the post")).await;
    assert!(!words(&told).contains("Between us") && told.to_string().contains("/posts/"), "{told:#}");
    // What is about the person stays with the person.
    app.link(&hall.ana.user, &discord_member(CLEO), "Ana's other self").await.unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("was linked to you")).await;
    let says =
        |channel: &str, said: &str| hall.discord.replies(channel).iter().filter(|m| words(m).contains(said)).count();
    assert_eq!((says(GENERAL, "was linked to you"), says(DM_ANA, "Published on")), (0, 0));

    // Where we may not write any more nobody is left without news.
    hall.discord.deny(GENERAL, socrazi_sim::discord::perms::SEND_MESSAGES);
    publish(&hall, "Not for everybody").await;
    let told = hall.seen(ANA, DM_ANA, |message| words(message).contains("I may not write any more")).await;
    assert!(words(&told).contains("Published on"), "{told:#}");
    assert_eq!(app.news_channel(&ana).await.unwrap(), None);
    let settings = hall.command("settings", json!({})).await;
    let id = text_of(&settings["id"]);
    hall.discord.press_labelled(ANA, GENERAL, &id, "Tell it in this channel").await.unwrap();
    until("the reason", || hall.discord.ephemerals().into_iter().find(|m| words(m).contains("cannot be told here")))
        .await;
    hall.discord.deny(GENERAL, 0);

    // And back by one's own choice.
    let settings = hall.command("settings", json!({})).await;
    let chosen = hall.press(&settings, "Tell it in this channel").await;
    let back = hall.press(&chosen, "Tell it to me directly").await;
    assert!(words(&back).contains("told to you directly"), "{back:#}");
    assert_eq!(app.news_channel(&ana).await.unwrap(), None);
    hall.discord.forgive();
    hall.end().await;
}

/// The select menu of people in a message.
fn people_select(message: &Value) -> Option<String> {
    let is_select = message["type"] == 5 && message["custom_id"].is_string();
    let inner = message["components"].as_array().into_iter().flatten();
    if is_select { Some(text_of(&message["custom_id"])) } else { inner.filter_map(people_select).next() }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_chosen_approves_and_the_owner_hears_of_it() {
    let hall = Hall::new().await;
    let ben = hall.world.app.join_member(&discord_member(BEN), "Ben", Lang::En).await.unwrap();
    let draft = hall.command("draft", json!({ "text": "Four eyes" })).await;
    let asked = hall.press(&draft, "Publish now").await;
    let (channel, id) = (text_of(&asked["channel_id"]), text_of(&asked["id"]));
    let select = people_select(&asked).unwrap();
    // Somebody who is none of our people cannot be asked.
    hall.discord.choose(ANA, (&channel, &id), &select, &[CLEO]).await.unwrap();
    until("the reason", || hall.discord.ephemerals().into_iter().find(|m| words(m).contains("not linked yet"))).await;
    hall.discord.choose(ANA, (&channel, &id), &select, &[BEN]).await.unwrap();
    until("her card", || hall.discord.message(&channel, &id).filter(|now| words(now).contains("was asked"))).await;
    let his = hall.seen(BEN, DM_BEN, |message| words(message).contains("[Approve exactly this]")).await;
    assert!(words(&his).contains("Four eyes") && words(&his).contains("Ana asks you"), "{his:#}");
    assert_eq!(people_select(&his), None, "whoever was asked asks nobody else");
    hall.press_as(BEN, &his, "Approve exactly this").await;
    let done = hall.seen(BEN, DM_BEN, |message| words(message).contains("Approved.")).await;
    assert!(!words(&done).contains("[Undo]"), "nothing else of it is his: {done:#}");
    hall.seen(ANA, DM_ANA, |message| words(message).contains("Ben") && words(message).contains("approved")).await;
    hall.world.pass(15_000);
    until("the post", || (hall.world.sim.ledger().len() == 1).then_some(())).await;
    let why = hall.command("why", json!({})).await;
    assert!(words(&why).contains("approved · by Ben"), "{why:#}");
    assert_ne!(ben.user, hall.ana.user);
    hall.end().await;
}
