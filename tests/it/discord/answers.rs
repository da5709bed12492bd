//! Answers that reach whoever asked, whole and where they asked, and cards that stay true.

use std::collections::BTreeMap;

use socrazi_sim::discord::{BEN, DM_BEN, Fault, FaultKind};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_command_stays_when_its_cards_come() {
    let hall = Hall::new().await;
    hall.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "With a card" }))]).into(),
        say("Here is what I made of it."),
    ]);
    hall.command("ask", json!({ "text": "Draft something" })).await;
    until("both", || {
        let all: Vec<_> = hall.discord.ephemerals().iter().map(words).collect();
        let answer = all.iter().position(|seen| seen.contains("Here is what I made of it."))?;
        let card = all.iter().position(|seen| seen.contains("[Publish now]"))?;
        (answer != card).then_some(())
    })
    .await;
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_chosen_on_a_private_answer_goes_on_privately_with_what_was_said() {
    let hall = Hall::new().await;
    hall.command("draft", json!({ "text": "Fresh bread" })).await;
    let post = hall.world.call("list_posts", json!({})).await["posts"][0]["id"].clone();
    hall.script(vec![
        Said::calls(&[("schedule_post", json!({ "post": post, "at": "tomorrow 5:00", "zone": "UTC" }))]).into(),
        say("In the morning or in the evening?"),
        say("Noted."),
    ]);
    hall.command("ask", json!({ "text": "Tomorrow at five with the bread" })).await;
    let card = until("the times", || {
        hall.discord
            .ephemerals()
            .into_iter()
            .find(|seen| words(seen).contains("05:00") && words(seen).contains("17:00"))
    })
    .await;
    let label = words(&card).lines().find(|line| line.contains("17:00")).unwrap().trim_matches(['[', ']']).to_owned();
    let (channel, id) = (text_of(&card["channel_id"]), text_of(&card["id"]));
    hall.discord.press_labelled(ANA, &channel, &id, &label).await.unwrap();
    until("the answer", || hall.discord.ephemerals().into_iter().find(|seen| words(seen).contains("Noted."))).await;
    assert!(hall.discord.seen_by(BEN, GENERAL).iter().all(|message| message["author"]["id"] != APP), "for her alone");
    let asked = format!("{:?}", hall.model.asked().last().unwrap());
    assert!(asked.contains("Tomorrow at five with the bread"), "in the conversation of commands");
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_card_counts_down_and_ends_as_the_receipt() {
    let hall = Hall::new().await;
    let draft = hall.command("draft", json!({ "text": "Counted down" })).await;
    let asked = hall.press(&draft, "Publish now").await;
    let done = hall.press(&asked, "Approve exactly this").await;
    let (channel, id) = (text_of(&done["channel_id"]), text_of(&done["id"]));
    let card = |what: &'static str| {
        let (hall, channel, id) = (&hall, &channel, &id);
        move || hall.discord.message(channel, id).filter(|now| words(now).contains(what))
    };
    until("the countdown", card("Goes out in about")).await;
    hall.world.pass(15_000);
    until("the receipt", card("[Take down]")).await;
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_its_cards_come_although_discord_stumbles() {
    let hall = Hall::new().await;
    hall.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "Stumbled over" }))]).into(),
        say("Here is what I made of it."),
    ]);
    hall.discord.set_faults(vec![
        Fault::once("POST", &messages_of(DM_ANA), broken()),
        Fault::once("POST", &messages_of(DM_ANA), broken()).after(1),
    ]);
    hall.discord.say(ANA, DM_ANA, "Draft something").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("Here is what I made of it.")).await;
    hall.seen(ANA, DM_ANA, |message| words(message).contains("[Publish now]")).await;
    hall.discord.forgive();
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_cannot_be_written_to_holds_up_nobodys_news() {
    let hall = Hall::new().await;
    let lang = socrazi::domain::lang::Lang::En;
    let ben = hall.world.app.join_member(&discord_member(BEN), "Ben", lang).await.unwrap();
    let no = FaultKind::Status {
        status: 403,
        body: r#"{"message":"Cannot send messages to this user","code":50007}"#.into(),
        headers: BTreeMap::new(),
    };
    hall.discord.set_faults(vec![Fault::once("POST", "/api/v10/users/@me/channels", no)]);
    let other = |id: &str| socrazi::domain::place::Member { place: ChatPlace::Slack, team: "T1".into(), id: id.into() };
    hall.world.app.link(&hall.ana.user, &other("U1"), "Ana elsewhere").await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    hall.world.app.link(&ben.user, &other("U2"), "Ben elsewhere").await.unwrap();
    hall.seen(BEN, DM_BEN, |message| words(message).contains("Ben elsewhere")).await;
    assert!(hall.discord.replies(DM_ANA).is_empty(), "she was not reached, and not tried for ever");
    hall.discord.forgive();
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_does_not_fit_the_modal_is_not_cut_by_an_edit() {
    let hall = Hall::new().await;
    let draft = hall.command("draft", json!({ "text": "🙂".repeat(1_600) })).await;
    let (channel, id) = (text_of(&draft["channel_id"]), text_of(&draft["id"]));
    let answer = hall.discord.press_labelled(ANA, &channel, &id, "Edit").await.unwrap();
    assert_eq!(answer.kind(), 4, "{answer:?}");
    assert!(answer.callback.to_string().contains("/posts/"), "{answer:?}");
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_thread_can_be_begun_the_answer_is_a_reply_and_can_be_stopped() {
    const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
    let hall = Hall::new().await;
    hall.discord.deny(GENERAL, CREATE_PUBLIC_THREADS);
    hall.world
        .app
        .agree_to_readers(&hall.ana, ChatPlace::Discord, &format!("{}/{GENERAL}", hall.guild()))
        .await
        .unwrap();
    let pieces = (0..200).map(|_| Piece::Text("On it goes. ".to_owned())).collect();
    hall.script(vec![Said { pieces, between_ms: 60, ..Said::default() }.into(), say("Still the same talk.")]);
    hall.discord.say(ANA, GENERAL, &format!("<@{APP}> tell me everything")).unwrap();
    let growing = hall.seen(ANA, GENERAL, |message| words(message).contains("[Stop]")).await;
    let id = text_of(&growing["id"]);
    hall.discord.press_labelled(ANA, GENERAL, &id, "Stop").await.unwrap();
    until("the end", || hall.discord.message(GENERAL, &id).filter(|now| !words(now).contains("[Stop]"))).await;
    assert!(!words(&hall.discord.message(GENERAL, &id).unwrap()).contains('▌'));
    // Another mention goes on with the same conversation.
    hall.discord.say(ANA, GENERAL, &format!("<@{APP}> and now?")).unwrap();
    hall.seen(ANA, GENERAL, |message| words(message).contains("Still the same talk.")).await;
    assert!(format!("{:?}", hall.model.asked().last().unwrap()).contains("tell me everything"));
    hall.discord.forgive();
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_removes_answers_to_commands_in_the_direct_channel_too() {
    let hall = Hall::new().await;
    hall.script(vec![say("A secret answer.")]);
    hall.discord.command(ANA, DM_ANA, "socrazi ask", json!({ "text": "Something to forget" })).await.unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("A secret answer.")).await;
    let asked = hall.command("forget", json!({})).await;
    hall.press(&asked, "Approve exactly this").await;
    until("its removal", || {
        let left = hall.discord.replies(DM_ANA).iter().any(|message| words(message).contains("A secret answer."));
        (!left).then_some(())
    })
    .await;
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_too_many_messages_ends_with_the_page_that_has_all_of_it() {
    let hall = Hall::new().await;
    // Words, not figures: those of a model are checked.
    let letter = |no: usize| char::from(b'a' + u8::try_from(no % 26).unwrap());
    let word = |no: usize| [letter(no / 676), letter(no / 26), letter(no)].iter().collect::<String>();
    let text: String = (0..700).map(|no| format!("Sentence {} of a long story. ", word(no))).collect();
    hall.script(vec![say(&text)]);
    hall.discord.say(ANA, DM_ANA, "Tell me all of it").unwrap();
    let last = hall.seen(ANA, DM_ANA, |message| words(message).contains("/conversations/")).await;
    assert!(words(&last).contains("of a long story."), "{last:#}");
    assert_eq!(hall.discord.replies(DM_ANA).len(), 8);
    hall.end().await;
}

impl Hall {
    fn guild(&self) -> &'static str {
        socrazi_sim::discord::ACME
    }
}
