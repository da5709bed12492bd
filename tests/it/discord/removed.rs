//! What is removed in Discord with what it showed.

use socrazi::app::Verdict;

use super::*;

on_both!(
    a_post_that_is_forgotten_goes_from_its_cards_and_from_where_it_was_shown,
    what_was_answered_and_told_goes_with_the_link,
    what_stays_of_a_deleted_person_is_listed,
);

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

async fn what_was_answered_and_told_goes_with_the_link(engine: Engine) {
    let hall = Hall::on(engine, Over::Gateway).await;
    let app = &hall.world.app;
    // A command where nobody else is, and news in a channel.
    let answer = hall.discord.command(ANA, DM_ANA, "socrazi draft", json!({ "text": "Drafted directly" })).await;
    assert!(answer.unwrap().is_ok());
    hall.seen(ANA, DM_ANA, |message| words(message).contains("Drafted directly")).await;
    app.choose_news_channel(&hall.ana, &discord_member(ANA), Some(GENERAL)).await.unwrap();
    let post = hall.world.draft("Everybody may know").await;
    hall.world.call("publish_post", json!({ "post": post })).await;
    hall.world.until(&post, "published", 5_000).await;
    hall.seen(socrazi_sim::discord::BEN, GENERAL, |message| words(message).contains("Everybody may know")).await;
    // Her own words, which a private answer begins with.
    hall.script(vec![say("Nothing is next.")]);
    hall.discord.say(ANA, GENERAL, &format!("<@{APP}> what is next?")).unwrap();
    let asked = hall.seen(ANA, DM_ANA, |message| words(message).contains("[Only to me]")).await;
    hall.press_as(ANA, &asked, "Only to me").await;
    hall.seen(ANA, DM_ANA, |message| words(message).contains("Nothing is next.")).await;
    hall.seen(ANA, DM_ANA, |message| words(message).contains("what is next?")).await;

    app.unlink(&hall.world.person, "discord", &discord_member(ANA).subject()).await.unwrap();
    let left = || {
        let all = [DM_ANA, GENERAL].map(|channel| hall.discord.replies(channel)).concat();
        let all: String = all.iter().map(words).collect();
        let hers = ["Drafted directly", "Everybody may know", "what is next?", "Nothing is next."];
        hers.into_iter().filter(|text| all.contains(text)).collect::<Vec<_>>()
    };
    let _gone_or_told_below = tokio::time::timeout(Duration::from_secs(10), async {
        while !left().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(left(), Vec::<&str>::new());
    hall.end().await;
}

/// Nobody is left to be told, so whoever runs the server can look up what Discord kept.
async fn what_stays_of_a_deleted_person_is_listed(engine: Engine) {
    let hall = Hall::on(engine, Over::Gateway).await;
    let app = hall.world.app.clone();
    hall.script(vec![say("A secret answer.")]);
    hall.discord.say(ANA, DM_ANA, "Something to forget").unwrap();
    let answer = hall.seen(ANA, DM_ANA, |message| words(message).contains("A secret answer.")).await;
    let no = socrazi_sim::discord::FaultKind::Status {
        status: 403,
        body: r#"{"message":"Missing Permissions","code":50013}"#.into(),
        headers: BTreeMap::new(),
    };
    let fault = socrazi_sim::discord::Fault::once("DELETE", &messages_of(DM_ANA), no);
    hall.discord.set_faults(vec![fault.times(20)]);
    assert!(app.kept_of_the_gone().await.unwrap().is_empty());
    let gone = app.delete_user(&hall.ana.user).await.unwrap();
    assert!(gone.to_remove.iter().any(|(place, count)| place == "discord" && *count >= 1), "{gone:?}");
    crate::serving::until("what stays", async || {
        let kept = app.kept_of_the_gone().await.unwrap();
        kept.iter().any(|(place, sent)| place == "discord" && sent.ts == text_of(&answer["id"])).then_some(())
    })
    .await;
    assert!(app.left_behind(ChatPlace::Discord).await.unwrap().is_empty(), "it is not tried for ever");
    hall.discord.forgive();
    drop(app);
    hall.end().await;
}
