//! Answers that reach whoever asked, whole and where they asked; news that calls; words as they were written.

use socrazi_sim::slack::{Fault, FaultKind};

use super::*;

fn broken() -> FaultKind {
    FaultKind::Status { status: 500, body: String::new(), headers: std::collections::BTreeMap::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_card_ends_as_the_receipt() {
    let office = Office::new().await;
    let draft = office.command("draft Ends as the receipt").await;
    let at = index_of(&office, &draft);
    let asked = office.press(&draft, "publish").await;
    office.press(&asked, "approve").await;
    // Its few changes are not spent on a clock.
    tokio::time::sleep(Duration::from_millis(4_500)).await;
    office.world.pass(15_000);
    until("the receipt", || {
        office.slack.ephemerals().get(at).filter(|card| words(card).contains("takedown#")).cloned()
    })
    .await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_needs_a_person_calls_them_whatever_card_they_saw() {
    let office = Office::new().await;
    office.world.sim.post_as("2244994945", "said before").unwrap();
    office.slack.say(ANA, DM, "hello", None).await;
    let post = office.world.draft("said before").await;
    let card = office.card_in_direct(&post, "publish").await;
    let asked = office.press_message(&card, "publish").await;
    office.press_message(&asked, "approve").await;
    office.world.until(&post, "failed", 5_000).await;
    office.reply(DM, |message| words(message).contains("refused the post") && message["ts"] != card["ts"]).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_its_cards_come_although_slack_stumbles() {
    let office = Office::new().await;
    office.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "Stumbled over" }))]).into(),
        text("Here is what I made of it."),
    ]);
    office.slack.set_faults(vec![Fault::once("POST", "/api/chat.postMessage", broken()).times(2)]);
    office.slack.say(ANA, DM, "Draft something", None).await;
    office.reply(DM, |message| words(message).contains("publish#")).await;
    assert!(read(&office, DM).contains("Here is what I made of it."));
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_that_were_not_taken_are_told_again() {
    let office = Office::new().await;
    office.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "Told again" }))]).into(),
        text("Here is what I made of it."),
    ]);
    // The answer goes; every try for the cards below it does not.
    office.slack.set_faults(vec![Fault::once("POST", "/api/chat.postMessage", broken()).after(1).times(3)]);
    office.slack.say(ANA, DM, "Draft something", None).await;
    office.reply(DM, |message| words(message).contains("Here is what I made of it.")).await;
    office.reply(DM, |message| words(message).contains("publish#")).await;
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_there_is_no_answer_and_links_of_ones_own_are_for_the_asker_alone() {
    let office = Office::new().await;
    office.world.app.agree_to_readers(&office.ana, ChatPlace::Slack, &format!("{TEAM}/{GENERAL}")).await.unwrap();
    office.script(vec![Play::Blocked("PROHIBITED_CONTENT".into())]);
    office.slack.say(ANA, GENERAL, "<@U0BOT> say something bad", None).await;
    let told = office.private(1).await;
    assert_eq!(told["user"], ANA, "{told:#}");
    assert!(office.slack.replies(GENERAL).is_empty(), "{:#?}", office.slack.replies(GENERAL));
    office
        .script(vec![Said::calls(&[("attach_media", json!({ "upload": true }))]).into(), text("Put it on that page.")]);
    office.slack.say(ANA, GENERAL, "<@U0BOT> where can I put a film?", None).await;
    office.reply(GENERAL, |message| words(message).contains("Put it on that page.")).await;
    let link = office.private(2).await;
    assert!(words(&link).contains("/upload/"), "{link:#}");
    let all: String = office.slack.replies(GENERAL).iter().map(words).collect();
    assert!(!all.contains("/upload/"), "{all}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shortcuts_make_a_post_of_a_message_as_it_was_written() {
    let office = Office::new().await;
    office.slack.shortcut(ANA, "new").await;
    let form = until("a form", || office.slack.views().into_iter().find(|view| view["callback_id"] == "new")).await;
    let (id, block) = (form["id"].as_str().unwrap(), form["blocks"][0]["block_id"].as_str().unwrap());
    office.slack.submit(ANA, id, &[(block, "text", json!("From the search bar"))]).await.unwrap();
    office.reply(DM, |message| words(message).contains("From the search bar")).await;
    // Slack marks what was typed; what is posted has no marks.
    let (ts, _) =
        office.slack.say(BEN, GENERAL, "See https://example.com/a?b=c&d and example.com/b, <@U0ANA>", None).await;
    let kept = office.slack.messages(GENERAL).into_iter().find(|message| message["ts"] == ts.as_str()).unwrap();
    assert!(kept["text"].as_str().unwrap().contains("<http://example.com/b|example.com/b>"), "{kept:#}");
    office.slack.message_shortcut(ANA, GENERAL, &ts, "post").await.unwrap();
    let written = "See https://example.com/a?b=c&d and http://example.com/b, @U0ANA";
    until("the text", || office.slack.views().into_iter().find(|view| words(view).contains(written))).await;
    // A stranger is told how to begin, and nothing opens.
    let before = office.slack.views().len();
    office.slack.message_shortcut(BEN, GENERAL, &ts, "post").await.unwrap();
    until("how to begin", || {
        let all = office.slack.ephemerals().into_iter().chain(office.slack.replies("D0BEN"));
        all.map(|message| words(&message)).find(|said| said.contains("まだ連携されていません"))
    })
    .await;
    assert_eq!(office.slack.views().len(), before);
    office.unlinked(DM, "From the search bar").await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_that_free_words_arrived_does_not_stay() {
    let office = Office::new().await;
    office.slack.command(BEN, GENERAL, "hello there").await;
    until("the first step", || office.slack.ephemerals().into_iter().find(|seen| words(seen).contains("/link/"))).await;
    let all: Vec<_> = office.slack.ephemerals().iter().map(words).collect();
    assert!(!all.iter().any(|seen| seen.contains("hourglass")), "{all:?}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_can_be_stopped_before_its_first_word_and_slack_hears_that_it_is_over() {
    let office = Office::new().await;
    let slow = || Said { pieces: vec![Piece::Text("word ".repeat(400))], first_ms: 20_000, ..Said::default() };
    office.script(vec![slow().into()]);
    let (ts, _) = office.slack.say(ANA, DM, "Think for long", None).await;
    let status = |status: &'static str| {
        let (office, ts) = (&office, &ts);
        move || {
            let all = office.slack.sessions();
            all.into_iter().find(|session| session["thread_ts"] == ts.as_str() && session["status"] == status)
        }
    };
    until("Slack's own Stop", status("processing")).await;
    office.slack.stop(ANA, DM, &ts).await;
    until("it is over", status("active")).await;
    office.reply(DM, |message| words(message).contains("Stopped.")).await;
    // Where Slack knows no sessions a button of ours stops it.
    let no = FaultKind::Status {
        status: 200,
        body: r#"{"ok":false,"error":"unknown_method"}"#.into(),
        headers: std::collections::BTreeMap::from([("content-type".into(), "application/json".into())]),
    };
    office.slack.set_faults(vec![Fault::once("POST", "/api/agents.sessions.setStatus", no)]);
    office.script(vec![slow().into()]);
    office.slack.say(ANA, DM, "Think again", None).await;
    let own = office.reply(DM, |message| words(message).contains("stop#")).await;
    office.slack.press(ANA, DM, own["ts"].as_str().unwrap(), &action(&own, "stop")).await.unwrap();
    until("the second end", || (read(&office, DM).matches("Stopped.").count() == 2).then_some(())).await;
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_in_a_channel_is_answered_directly_where_that_was_chosen() {
    let office = Office::new().await;
    office.slack.say(ANA, GENERAL, "<@U0BOT> what is next?", None).await;
    let asked = office.private(1).await;
    office.script(vec![text("Nothing is next.")]);
    office.slack.press_ephemeral(ANA, index_of(&office, &asked), &action(&asked, "private")).await.unwrap();
    let begun = office.reply(DM, |message| words(message).contains("what is next?")).await;
    let answer = office.reply(DM, |message| words(message).contains("Nothing is next.")).await;
    assert_eq!(answer["thread_ts"], begun["ts"], "{answer:#}");
    assert!(office.slack.replies(GENERAL).is_empty());
    // Her own words that it began with go with the conversation.
    let forgotten = office.command("forget").await;
    office.press(&forgotten, "approve").await;
    until("nothing of it", || (!read(&office, DM).contains("what is next?")).then_some(())).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_ups_in_a_thread_need_no_mention_where_that_was_switched_on() {
    let options = SlackOptions { hears_channels: true, ..SlackOptions::default() };
    let office = Office::with(options, vec![("slack.channel_messages", "on".into())]).await;
    office.world.app.agree_to_readers(&office.ana, ChatPlace::Slack, &format!("{TEAM}/{GENERAL}")).await.unwrap();
    office.script(vec![text("Here I am."), text("Still here.")]);
    let (thread, _) = office.slack.say(ANA, GENERAL, "<@U0BOT> are you there?", None).await;
    office.reply(GENERAL, |message| words(message).contains("Here I am.")).await;
    // Others' words, and words outside of it, are not for us.
    office.slack.say(BEN, GENERAL, "I am, too", Some(&thread)).await;
    office.slack.say(ANA, GENERAL, "Something else", None).await;
    office.slack.say(ANA, GENERAL, "And now?", Some(&thread)).await;
    office.reply(GENERAL, |message| words(message).contains("Still here.")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(office.model.asked().iter().filter(|request| request.model == MODEL).count(), 2);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_fixed_token_the_team_may_be_let_in() {
    let settings = vec![
        ("slack.bot_token", socrazi_sim::slack::BOT_TOKEN.to_owned()),
        ("slack.client_id", socrazi_sim::slack::CLIENT_ID.to_owned()),
        ("slack.client_secret", socrazi_sim::slack::CLIENT_SECRET.to_owned()),
    ];
    let office = Office::with(SlackOptions::default(), settings).await;
    let app = &office.world.app;
    let mut teams = Vec::new();
    for _ in 0..200 {
        teams = app.slack_teams(&office.world.person).await.unwrap();
        if !teams.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(teams.iter().map(|team| team.id.as_str()).collect::<Vec<_>>(), [TEAM]);
    assert!(app.slack_authorize(true, "s").is_err(), "it is installed by its token");
    assert!(app.slack_authorize(false, "s").is_ok());
    // What the token may is not lost with the row.
    let draft = office.command("draft With a fixed token").await;
    assert!(words(&draft).contains("With a fixed token"), "{draft:#}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_slack_cannot_remove_now_is_removed_later_and_what_it_keeps_is_named_once() {
    let office = Office::new().await;
    let say = async |no: usize| {
        office.script(vec![text(&format!("Something to forget, {no}."))]);
        office.slack.say(ANA, DM, "Hello", None).await;
        office.reply(DM, |message| words(message).contains(&format!("Something to forget, {no}."))).await;
    };
    say(0).await;
    let word = |word: &str| FaultKind::Status {
        status: 200,
        body: json!({ "ok": false, "error": word }).to_string(),
        headers: std::collections::BTreeMap::from([("content-type".into(), "application/json".into())]),
    };
    office.slack.set_faults(vec![Fault::once("POST", "/api/chat.delete", word("internal_error"))]);
    let asked = office.command("forget").await;
    office.press(&asked, "approve").await;
    until("gone in the end", || (!read(&office, DM).contains("Something to forget, 0.")).then_some(())).await;
    say(1).await;
    say(2).await;
    office.slack.set_faults(vec![Fault::once("POST", "/api/chat.delete", word("cant_delete_message")).times(2)]);
    let asked = office.command("forget").await;
    office.press(&asked, "approve").await;
    let told = office.reply(DM, |message| words(message).contains("did not let me remove 2")).await;
    assert!(words(&told).contains("/archives/"), "{told:#}");
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_it_hears_what_is_going_on_once_a_day() {
    let office = Office::new().await;
    let settings = office.command("settings").await;
    let at = index_of(&office, &settings);
    assert!(words(&settings).contains("Every day at 8:00"), "{settings:#}");
    let (hour, day) = (3_600_000, 24 * 3_600_000);
    // At any hour of the day: here one hour before.
    office.world.pass((7 * hour - office.world.app.now_ms()).rem_euclid(day) + 60_000);
    let digest = socrazi::domain::digest::Digest::Morning;
    office.world.app.choose_digest(&office.ana, &member(ANA), digest).await.unwrap();
    assert_eq!(office.world.app.digest_of(&member(ANA)).await.unwrap(), digest);
    assert!(office.slack.ephemerals().len() > at);
    office.world.draft("Only a draft").await;
    let told = || office.slack.replies(DM).iter().filter(|message| words(message).contains("What is going on")).count();
    office.world.pass(hour);
    until("the digest", || (told() == 1).then_some(())).await;
    // Once, however often it is looked at.
    office.world.pass(hour);
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    assert_eq!(told(), 1);
    office.world.pass(day - hour);
    until("the next", || (told() == 2).then_some(())).await;
    office.unlinked(DM, "What is going on").await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_mondays_the_week_comes_with_three_things_to_do() {
    let office = Office::new().await;
    let digest = socrazi::domain::digest::Digest::Monday;
    office.world.app.choose_digest(&office.ana, &member(ANA), digest).await.unwrap();
    let (hour, day) = (3_600_000, 24 * 3_600_000);
    // The first day of all was a Thursday.
    office.world.pass((4 * day + 8 * hour + 60_000 - office.world.app.now_ms()).rem_euclid(7 * day));
    let told = || office.slack.replies(DM).iter().map(words).find(|message| message.contains("What is going on"));
    until("the digest", &told).await;
    let told = told().unwrap();
    assert!(told.contains("Three things to do next") && told.contains("1. ") && told.contains("3. "), "{told}");
    assert!(told.contains("0 posts are scheduled") && told.contains("rule of thumb"), "{told}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_a_link_removes_what_was_said_there() {
    let office = Office::new().await;
    office.script(vec![text("Something to leave behind.")]);
    office.slack.say(ANA, DM, "Hello", None).await;
    office.reply(DM, |message| words(message).contains("Something to leave behind.")).await;
    let post = office.world.draft("On a card").await;
    let card = office.card_in_direct(&post, "publish").await;
    office.press_message(&card, "publish").await;
    office.world.app.unlink(&office.world.person, "slack", &member(ANA).subject()).await.unwrap();
    until("nothing of it", || {
        let all: String = office.slack.replies(DM).iter().map(words).collect();
        (!all.contains("Something to leave behind.") && !all.contains("On a card")).then_some(())
    })
    .await;
    office.end().await;
}

/// The app as Ana installed it in her team, where Ben joined, and one answer to her.
async fn installed(answer: &str) -> (Office, socrazi::domain::caller::Caller) {
    let settings = vec![
        ("slack.client_id", socrazi_sim::slack::CLIENT_ID.to_owned()),
        ("slack.client_secret", socrazi_sim::slack::CLIENT_SECRET.to_owned()),
    ];
    let office = Office::with(SlackOptions::default(), settings).await;
    office.install().await;
    let ben = office.world.app.join_member(&member(BEN), "Ben", socrazi::domain::lang::Lang::En).await.unwrap();
    office.script(vec![text(answer)]);
    office.slack.say(ANA, DM, "Hello", None).await;
    office.reply(DM, |message| words(message).contains(answer)).await;
    // It is there before it is noted down.
    crate::serving::until("the answer to be noted", async || {
        let sent = office.world.app.store().list_sent_of("slack", TEAM, &office.ana.user).await.unwrap();
        (!sent.is_empty()).then_some(())
    })
    .await;
    (office, ben)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_installed_the_app_can_take_it_out_of_the_team_and_nobody_else_can() {
    let (office, ben) = installed("Something to take along.").await;
    let app = &office.world.app;
    assert!(app.slack_leave(&ben, TEAM).await.is_err(), "he did not install it");
    assert!(app.slack_tokens(TEAM).await.unwrap().is_some());
    assert!(app.slack_leave(&office.world.person, TEAM).await.unwrap(), "Slack confirmed");
    assert!(!read(&office, DM).contains("Something to take along."));
    assert!(app.slack_tokens(TEAM).await.unwrap().is_none() && app.slack_team(TEAM).await.unwrap().is_none());
    assert!(app.find_member(&member(BEN)).await.unwrap().is_none(), "until it is installed again");
    assert!(format!("{:?}", office.world.rows().await).contains("slack-team-taken-out"));
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_slack_did_not_confirm_when_the_app_was_taken_out_is_told() {
    let (office, _) = installed("Something that stays.").await;
    office.slack.set_faults(vec![
        Fault::once("POST", "/api/chat.delete", broken()),
        Fault::once("POST", "/api/auth.revoke", broken()),
    ]);
    let app = &office.world.app;
    assert!(!app.slack_leave(&office.world.person, TEAM).await.unwrap());
    assert!(app.slack_tokens(TEAM).await.unwrap().is_none(), "here it is gone all the same");
    let told = office.world.page("/").await;
    assert!(told.contains("but Slack did not confirm"), "{told}");
    assert!(told.contains("Slack did not let me remove 1 of my messages"), "{told}");
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_whoever_installed_the_app_takes_it_out_of_the_team() {
    let (office, ben) = installed("Something to delete.").await;
    let app = &office.world.app;
    let gone = app.delete_user(&office.ana.user).await.unwrap();
    assert_eq!((gone.teams.len(), gone.teams[0].1, gone.kept), (1, true, 0), "{gone:?}");
    assert!(!read(&office, DM).contains("Something to delete."));
    assert!(app.slack_tokens(TEAM).await.unwrap().is_none());
    // Whoever else is in the team hears why, where they can.
    let told = office.world.rows().await;
    assert!(format!("{told:?}").contains("slack-left-team") && !ben.user.as_str().is_empty());
    office.slack.forgive();
    office.end().await;
}

/// What is too large for a conversation comes by the link, and the model knows where to look for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_too_large_comes_by_the_link_and_into_a_draft() {
    let office = Office::new().await;
    let app = office.world.app.clone();
    office.script(vec![text("Then use the link.")]);
    let large = [crate::media::geotagged(), vec![0; 21 << 20]].concat();
    let file = ("plant.jpg", "image/jpeg", large);
    let (event, _) = office.slack.say_with_file(ANA, DM, "Make a post of this", file).await;
    let told = office.reply(DM, |message| words(message).contains("/upload/")).await;
    assert!(words(&told).contains("larger than 20 MiB"), "{told:#}");
    assert!(words(&told).contains("pictures of up to 20 MiB and videos of up to 1024 MiB"), "{told:#}");
    office.reply(DM, |message| words(message).contains("Then use the link.")).await;
    let asked = office.model.asked();
    let asked = asked.iter().rfind(|request| request.model == MODEL).unwrap().body["contents"].to_string();
    let id: String = asked.split("upl_").nth(1).unwrap().chars().take(26).collect();
    // The person sends it there.
    let all = words(&told);
    let secret = all.lines().find_map(|line| line.split_once("/upload/")).unwrap().1;
    let link = app.upload(secret).await.unwrap().link;
    let mut file = app.upload_begin().await.unwrap();
    file.write(&crate::media::geotagged()).await.unwrap();
    let medium = app.upload_finish(&link, file, Some("A plant".into())).await.unwrap();
    let segments = json!([{ "text": "Look", "media": [medium.id.as_str()] }]);
    office.script(vec![
        Said::calls(&[("attach_media", json!({ "upload_id": format!("upl_{id}") }))]).into(),
        Said::calls(&[("create_draft", json!({ "segments": segments }))]).into(),
        text("Here is the draft."),
    ]);
    office.slack.say(ANA, DM, "It is there", event["ts"].as_str()).await;
    let card = office.reply(DM, |message| words(message).contains("publish#")).await;
    assert!(words(&card).contains("A plant"), "{card:#}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_does_not_fit_the_form_is_not_cut_by_the_shortcut() {
    let office = Office::new().await;
    let (ts, _) = office.slack.say(BEN, GENERAL, &"word ".repeat(602), None).await;
    office.slack.message_shortcut(ANA, GENERAL, &ts, "post").await.unwrap();
    until("the reason", || {
        let all = office.slack.ephemerals().into_iter().chain(office.slack.replies(DM));
        all.map(|message| words(&message)).find(|said| said.contains("nothing was made of it"))
    })
    .await;
    assert!(office.slack.views().is_empty(), "{:#?}", office.slack.views());
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_command_can_be_stopped() {
    let office = Office::new().await;
    let pieces = (0..400).map(|_| Piece::Text("On it goes. ".to_owned())).collect();
    office.script(vec![Said { pieces, between_ms: 60, ..Said::default() }.into()]);
    assert!(office.slack.command(ANA, GENERAL, "tell me everything").await.is_ok());
    let offered = until("a button that stops it", || {
        office.slack.ephemerals().into_iter().find(|seen| words(seen).contains("stop-command#"))
    })
    .await;
    let at = index_of(&office, &offered);
    office.slack.press_ephemeral(ANA, at, &action(&offered, "stop-command")).await.unwrap();
    until("the end", || office.slack.ephemerals().get(at).filter(|now| !words(now).contains("stop-command#")).cloned())
        .await;
    assert!(office.slack.replies(GENERAL).is_empty());
    office.end().await;
}
