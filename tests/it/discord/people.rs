//! Who is who in Discord: strangers, linking, joining, presses of others.

use socrazi::domain::place::Joins;
use socrazi_sim::discord::{ACME, BEN, DM_BEN, EDITORS};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_a_private_first_step_and_link_by_three_legs() {
    let hall = Hall::new().await;
    let answer = hall.discord.command(BEN, GENERAL, "socrazi help", json!({})).await.unwrap();
    assert_eq!(answer.callback["data"]["flags"], 64, "private");
    let told = hall.seen(BEN, GENERAL, |message| words(message).contains("まだ連携されていません")).await;
    let link = told.to_string();
    let secret = link.split("/link/").nth(1).unwrap().split(['"', '>', ')', '\\']).next().unwrap().to_owned();
    // A signed-in person confirms; the code counts only from Ben.
    let code = hall.world.app.confirm_link(&hall.world.person, &secret).await.unwrap();
    let wrong = hall.discord.command(ANA, GENERAL, "socrazi link", json!({ "code": code })).await.unwrap();
    assert!(wrong.is_ok());
    hall.discord.command(BEN, GENERAL, "socrazi link", json!({ "code": code })).await.unwrap();
    hall.seen(BEN, GENERAL, |message| words(message).contains("I know you now")).await;
    let member = discord_member(BEN);
    assert_eq!(hall.world.app.find_member(&member).await.unwrap().unwrap().user, hall.ana.user);
    // It is announced where the person is already.
    hall.seen(ANA, DM_ANA, |message| words(message).contains("was linked to you")).await;
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_in_a_server_spends_no_model_and_is_asked_for_nothing_in_public() {
    let hall = Hall::new().await;
    hall.discord.say(BEN, GENERAL, &format!("<@{APP}> write me a poem")).unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(hall.model.asked().is_empty());
    assert!(hall.discord.replies(GENERAL).is_empty() && hall.discord.replies(DM_BEN).is_empty());
    // Directly he gets the first step.
    hall.discord.say(BEN, DM_BEN, "Hello?").unwrap();
    hall.seen(BEN, DM_BEN, |message| words(message).contains("I do not know you yet")).await;
    assert!(hall.model.asked().is_empty());
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_role_begins_here_and_others_do_not() {
    let hall = Hall::new().await;
    until("the server", || (hall.discord.gateway_is_open() > 0).then_some(())).await;
    let mut guilds = Vec::new();
    for _ in 0..100 {
        guilds = hall.world.app.discord_guilds(&hall.world.person).await.unwrap();
        if !guilds.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(guilds.iter().any(|guild| guild.id == ACME), "{guilds:?}");
    hall.world.app.discord_joins(&hall.world.person, ACME, Joins::Chosen, &[EDITORS.into()]).await.unwrap();
    hall.discord.command(BEN, GENERAL, "socrazi help", json!({})).await.unwrap();
    let told = hall.seen(BEN, GENERAL, |message| words(message).contains("まだ連携されていません")).await;
    let has_role = words(&told).contains("[ここで始める]");
    hall.discord.join(ACME, BEN, &[]);
    hall.discord.command(BEN, GENERAL, "socrazi help", json!({})).await.unwrap();
    let told = hall.seen(BEN, GENERAL, |message| words(message).contains("まだ連携されていません")).await;
    assert!(!words(&told).contains("[ここで始める]") || has_role, "{told:#}");
    hall.discord.join(ACME, BEN, &[EDITORS]);
    let before = hall.discord.ephemerals().len();
    hall.discord.command(BEN, GENERAL, "socrazi help", json!({})).await.unwrap();
    let told = until("the way in", || {
        let all = hall.discord.ephemerals();
        all.get(before..).unwrap_or_default().iter().find(|message| words(message).contains("[ここで始める]")).cloned()
    })
    .await;
    hall.discord.press_labelled(BEN, GENERAL, &text_of(&told["id"]), "ここで始める").await.unwrap();
    until("a welcome", || hall.discord.ephemerals().into_iter().find(|message| words(message).contains("ようこそ。")))
        .await;
    let ben = hall.world.app.find_member(&discord_member(BEN)).await.unwrap().unwrap();
    assert_ne!(ben.user, hall.ana.user, "a person of his own");
    // His settings give him a way in to the pages, for him alone.
    let before = hall.discord.ephemerals().len();
    hall.discord.command(BEN, GENERAL, "socrazi settings", json!({})).await.unwrap();
    let settings = until("his settings", || {
        let all = hall.discord.ephemerals();
        all.get(before..)
            .unwrap_or_default()
            .iter()
            .find(|message| words(message).contains("[ウェブ画面にサインイン]"))
            .cloned()
    })
    .await;
    hall.discord.press_labelled(BEN, GENERAL, &text_of(&settings["id"]), "ウェブ画面にサインイン").await.unwrap();
    until("the link", || {
        hall.discord.ephemerals().into_iter().find(|message| message.to_string().contains("/signin?link="))
    })
    .await;
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_card_explains_itself_and_changes_nothing() {
    let hall = Hall::new().await;
    let draft = hall.command("draft", json!({ "text": "Ana's own" })).await;
    let (channel, id) = (text_of(&draft["channel_id"]), text_of(&draft["id"]));
    hall.discord.press_labelled(ANA, &channel, &id, "Show in this channel").await.unwrap();
    // Not published yet: who will read it is named first.
    let asked =
        until("the question", || hall.discord.ephemerals().into_iter().find(|seen| words(seen).contains("[Show it]")))
            .await;
    assert!(words(&asked).contains(&format!("<#{GENERAL}>")), "{asked:#}");
    hall.discord.press_labelled(ANA, &channel, &text_of(&asked["id"]), "Show it").await.unwrap();
    let public = hall.seen(BEN, GENERAL, |message| words(message).contains("Ana's own")).await;
    assert!(!words(&public).contains('['), "nothing to press where others see it: {public:#}");
    // A card in a channel, as an older version might have left one there: a linked other presses it.
    let post = hall.world.draft("Still Ana's").await;
    let offered = ("publish".to_owned(), text_of(&post));
    hall.world.app.offer(ChatPlace::Discord, std::slice::from_ref(&offered)).await.unwrap();
    let id = socrazi::app::discord::offered_id(ChatPlace::Discord, &offered.0, &offered.1);
    let body = json!({ "content": "card", "components": [{ "type": 1, "components": [{ "type": 2, "style": 1, "label": "Publish", "custom_id": id }] }] });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/channels/{GENERAL}/messages", hall.discord.api_url());
    let sent = http
        .post(url)
        .header("authorization", format!("Bot {BOT_TOKEN}"))
        .header("user-agent", "DiscordBot (x, 1)")
        .json(&body)
        .send();
    let message: Value = sent.await.unwrap().json().await.unwrap();
    let other = hall.world.app.join_member(&discord_member(BEN), "Ben", socrazi::domain::lang::Lang::Ja).await.unwrap();
    hall.discord.press_labelled(BEN, GENERAL, &text_of(&message["id"]), "Publish").await.unwrap();
    let told = until("an explanation", || {
        hall.discord.ephemerals().into_iter().rev().find(|seen| words(seen).contains("さんのものです"))
    })
    .await;
    assert_ne!(other.user, hall.ana.user, "{told:#}");
    assert_eq!(hall.world.call("get_post", json!({ "post": post })).await["post"]["status"], "draft");
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_answers_in_both_languages_without_a_model() {
    let discord = Judged::start(DiscordOptions::default()).await;
    let settings = vec![
        ("discord.api_url", discord.url().to_string()),
        ("discord.bot_token", BOT_TOKEN.to_owned()),
        ("discord.application_id", APP.to_owned()),
    ];
    let world = World::with(settings).await;
    world.app.link(&world.person.user, &discord_member(ANA), "Ana").await.unwrap();
    register(&world.app, None).await.unwrap();
    let stop = CancellationToken::new();
    let doors = Doors::open(&world.app, &stop).unwrap();
    let task = tokio::spawn(doors.run());
    until("a session at the gateway", || (discord.gateway_is_open() > 0).then_some(())).await;
    world.draft("Waiting").await;
    let rows: [(&str, Value, &str, &str); 12] = [
        ("help", json!({}), "What I can do", "できること"),
        ("draft", json!({ "text": "Another one" }), "Another one", "Another one"),
        ("calendar", json!({}), "Next", "これから"),
        ("report", json!({}), "our own records", "Socrazi の記録"),
        ("accounts", json!({}), "X · @", "X · @"),
        ("history", json!({}), "Your conversations", "会話"),
        ("settings", json!({}), "Settings", "設定"),
        ("why", json!({}), "How this came about", "経緯"),
        ("schedule", json!({ "when": "tomorrow 9am" }), "Schedule for", "予約"),
        ("pause", json!({}), "Paused", "一時停止"),
        ("resume", json!({}), "has resumed", "再開"),
        ("ask", json!({ "text": "Hello" }), "Conversation is off", "会話"),
    ];
    for (lang, column) in [("en", 0), ("ja", 1)] {
        let change = json!({ "language": lang });
        let before = discord.ephemerals().len();
        discord.command(ANA, GENERAL, "socrazi settings", change).await.unwrap();
        let title = if column == 0 { "Settings" } else { "設定" };
        let look = || discord.ephemerals().get(before).map(words).filter(|said| said.contains(title));
        until("the language", look).await;
        for (verb, options, en, ja) in &rows {
            let before = discord.ephemerals().len();
            let answer = discord.command(ANA, GENERAL, &format!("socrazi {verb}"), options.clone()).await.unwrap();
            assert!(answer.is_ok(), "{verb}: {answer:?}");
            let expected = if column == 0 { en } else { ja };
            let look = || {
                let all = discord.ephemerals();
                all.get(before..).unwrap_or_default().iter().map(words).find(|text| text.contains(expected))
            };
            let found = tokio::time::timeout(Duration::from_secs(5), until(verb, look)).await;
            assert!(found.is_ok(), "{verb} in {lang}: no {expected:?} in {:?}", discord.ephemerals().last().map(words));
        }
    }
    stop.cancel();
    task.await.unwrap();
    assert_eq!(discord.violations(), Vec::<String>::new());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_brings_its_chart_as_a_picture() {
    let hall = Hall::new().await;
    let post = hall.world.draft("Counted").await;
    hall.world.call("publish_post", json!({ "post": post })).await;
    hall.world.until(&post, "published", 5_000).await;
    let before = hall.discord.ephemerals().len();
    hall.discord.command(ANA, GENERAL, "socrazi report", json!({})).await.unwrap();
    let shown = |seen: &Value| !seen["attachments"].as_array().is_none_or(Vec::is_empty);
    let look = || hall.discord.ephemerals().get(before..).and_then(|new| new.iter().find(|seen| shown(seen)).cloned());
    let report = until("a report with its picture", look).await;
    let (picture, drawn) = (&report["attachments"][0], report["components"].to_string());
    assert_eq!(
        (&picture["filename"], &picture["content_type"]),
        (&json!("chart-0.png"), &json!("image/png")),
        "{report:#}"
    );
    assert!(picture["description"].as_str().unwrap().contains(" 1"), "in words, too: {picture:#}");
    assert!(drawn.contains("\"type\":12"), "it stands in the card: {report:#}");
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lets_nobody_write_to_them_hears_in_the_channel_how_they_are_answered() {
    let hall = Hall::new().await;
    hall.discord.set_takes_dms(ANA, false);
    hall.discord.say(ANA, GENERAL, &format!("<@{APP}> a secret wish")).unwrap();
    let told = hall.seen(BEN, GENERAL, |message| words(message).contains("/socrazi ask")).await;
    assert!(!words(&told).contains("secret") && words(&told).trim().lines().count() == 1, "{told:#}");
    assert!(hall.model.asked().is_empty(), "who reads along was not agreed to");
    // And so they are.
    hall.script(vec![say("For your eyes.")]);
    hall.command("ask", json!({ "text": "Something else" })).await;
    until("the answer", || hall.discord.ephemerals().into_iter().find(|seen| words(seen).contains("For your eyes.")))
        .await;
    assert_eq!(hall.discord.replies(GENERAL).len(), 2, "one line, and the answer that she alone sees");
    hall.discord.set_takes_dms(ANA, true);
    hall.discord.forgive();
    hall.end().await;
}
