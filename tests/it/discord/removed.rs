//! What is removed in Discord with what it showed.

use socrazi::app::Verdict;

use super::*;

on_both!(a_post_that_is_forgotten_goes_from_its_cards_and_from_where_it_was_shown);

async fn a_post_that_is_forgotten_goes_from_its_cards_and_from_where_it_was_shown(engine: Engine) {
    let hall = Hall::on(engine, Over::Gateway).await;
    let draft = hall.command("draft", json!({ "text": "Soon forgotten" })).await;
    // To the channel by its button, to her alone as news of what became of it.
    let (channel, id) = (text_of(&draft["channel_id"]), text_of(&draft["id"]));
    hall.discord.press_labelled(ANA, &channel, &id, "Show in this channel").await.unwrap();
    let asked =
        until("the question", || hall.discord.ephemerals().into_iter().find(|seen| words(seen).contains("[Show it]")))
            .await;
    hall.discord.press_labelled(ANA, GENERAL, &text_of(&asked["id"]), "Show it").await.unwrap();
    hall.seen(socrazi_sim::discord::BEN, GENERAL, |message| words(message).contains("Soon forgotten")).await;
    let post = hall.world.call("list_posts", json!({})).await["posts"][0]["id"].clone();
    hall.world.call("publish_post", json!({ "post": post })).await;
    hall.world.until(&post, "published", 5_000).await;
    hall.seen(ANA, DM_ANA, |message| words(message).contains("[Take down]")).await;

    let asked = json!({ "post": post });
    let waiting = hall.world.app.call_tool(&hall.world.assistant, "forget_history", asked).await.unwrap().waiting;
    let view = hall.world.app.read_approval(&hall.world.person, &waiting[0]).await.unwrap();
    hall.world.app.decide(&hall.world.person, &waiting[0], &view.approval.hash, Verdict::Approve).await.unwrap();
    let shows =
        |channel: &str| hall.discord.replies(channel).iter().any(|message| words(message).contains("Take down"));
    let shares = || {
        let all = hall.discord.replies(GENERAL);
        all.iter().any(|message| message["only_for"].is_null() && words(message).contains("Soon forgotten"))
    };
    until("both gone", || (!shows(DM_ANA) && !shares()).then_some(())).await;
    crate::serving::until("nothing left to remove", async || {
        hall.world.app.left_behind(ChatPlace::Discord).await.unwrap().is_empty().then_some(())
    })
    .await;
    hall.end().await;
}
