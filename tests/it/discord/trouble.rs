//! What goes wrong on the way between Discord and us, and what users of other bots complain of (docs/discord.md).

use std::collections::BTreeMap;

use socrazi::app::settings::SettingsChange;
use socrazi::domain::chat::{Reply, Utterance};
use socrazi::domain::lang::Lang;
use socrazi_sim::discord::{Fault, FaultKind, Forgery, Scope, limited};

use super::*;

on_both!(
    everything_delivered_three_times_over_the_gateway_is_done_once,
    everything_delivered_three_times_over_http_is_done_once,
    what_was_acknowledged_is_done_by_the_next_process_when_this_one_dies,
    nothing_is_lost_or_answered_twice_while_the_connection_breaks,
);

/// Complaint 1 and the bar: every delivery three times is done once.
async fn three_times_is_once(engine: Engine, over: Over) {
    let hall = Hall::on(engine, over).await;
    hall.discord.set_copies(3);
    hall.script((0..6).map(|no| say(&format!("Answer {no}."))).collect());
    for no in 0..6 {
        hall.discord.say(ANA, DM_ANA, &format!("Question {no}")).unwrap();
    }
    let answers = || hall.discord.replies(DM_ANA).iter().filter(|m| words(m).contains("Answer")).count();
    until("six answers", || (answers() >= 6).then_some(())).await;
    for no in 0..4 {
        hall.command("draft", json!({ "text": format!("Draft {no}") })).await;
    }
    // Told again out of order, long after.
    for interaction in hall.discord.interactions().iter().rev() {
        hall.discord.redeliver(&text_of(&interaction["id"]));
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(answers(), 6, "{over:?}");
    assert_eq!(hall.model.asked().iter().filter(|request| request.model == MODEL).count(), 6);
    // However fast they came: one channel is one conversation.
    assert_eq!(hall.world.app.list_conversations(&hall.ana, None).await.unwrap().views.len(), 1, "{over:?}");
    let posts = hall.world.call("list_posts", json!({})).await;
    assert_eq!(posts["posts"].as_array().unwrap().len(), 4, "{posts:#}");
    hall.discord.forgive();
    hall.end().await;
}

async fn everything_delivered_three_times_over_the_gateway_is_done_once(engine: Engine) {
    three_times_is_once(engine, Over::Gateway).await;
}

async fn everything_delivered_three_times_over_http_is_done_once(engine: Engine) {
    three_times_is_once(engine, Over::Http).await;
}

/// A message that was acknowledged by a process which died before it did anything; what its work is known by.
async fn left_in_the_inbox(hall: &Hall, id: &str, text: &str) -> String {
    let payload = json!({ "id": id, "type": 0, "channel_id": DM_ANA, "content": text, "mentions": [], "attachments": [],
        "author": { "id": ANA, "username": "ana" } });
    let received = socrazi::app::Received {
        key: format!("discord said {DM_ANA} {id}"),
        event_id: None,
        body: json!({ "kind": "message", "payload": payload, "at": hall.world.app.now_ms() }).to_string(),
        tries: 1,
    };
    assert!(hall.world.app.receive(ChatPlace::Discord, &received).await.unwrap());
    received.key
}

/// A turn for it that came to its end, and nobody saw.
async fn answered(hall: &Hall, key: &str, text: &str) -> Reply {
    let place = ChatPlace::Discord.word();
    let said = Utterance::alone(place, format!("{DM_ANA}/"), text);
    hall.world.app.converse_once(&hall.ana, &said, key, CancellationToken::new(), &mut |_| {}).await.unwrap()
}

async fn what_was_acknowledged_is_done_by_the_next_process_when_this_one_dies(engine: Engine) {
    let mut hall = Hall::on(engine, Over::Gateway).await;
    hall.close().await;
    left_in_the_inbox(&hall, "777", "Are you there?").await;
    hall.world.pass(120_000);
    hall.world.reopen().await;
    hall.script(vec![say("I am.")]);
    hall.open(Over::Gateway).await;
    hall.seen(ANA, DM_ANA, |message| words(message).contains("I am.")).await;
    assert_eq!(hall.discord.replies(DM_ANA).len(), 1);
    hall.end().await;
}

/// The gateway tells a message once: a database that fails for a moment costs nobody an answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_could_not_be_stored_at_once_is_stored_a_moment_later() {
    use sqlx::Connection;

    let hall = Hall::new().await;
    let file = hall.world.folder.path().join("data/socrazi.db");
    let mut rows = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    hall.script(vec![say("I heard you.")]);
    sqlx::query("ALTER TABLE inbox RENAME TO inbox_away").execute(&mut rows).await.unwrap();
    hall.discord.say(ANA, DM_ANA, "Do you hear me?").unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    sqlx::query("ALTER TABLE inbox_away RENAME TO inbox").execute(&mut rows).await.unwrap();
    rows.close().await.unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("I heard you.")).await;
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_late_deliveries_are_refused() {
    let hall = Hall::over(Over::Http).await;
    let body = json!({ "id": "1", "application_id": APP, "type": 1, "token": "t", "version": 1 }).to_string();
    for forgery in [Forgery::BadSignature, Forgery::NoSignature, Forgery::Old] {
        let (status, _) = hall.discord.post_raw(&body, Some(forgery)).await.unwrap();
        assert_eq!(status, 401, "{forgery:?}");
    }
    let (status, answer) = hall.discord.post_raw(&body, None).await.unwrap();
    assert_eq!((status, answer.as_str()), (200, "{\"type\":1}"));
    let (status, _) = hall.discord.post_raw("{ this is no JSON", None).await.unwrap();
    assert_eq!(status, 400);
    let (status, _) = hall.discord.post_raw(&"a".repeat(3 << 20), None).await.unwrap_or((413, String::new()));
    assert!((400..500).contains(&status), "{status}");
    hall.discord.forgive();
    hall.end().await;
}

/// The bar: no message is answered twice and none is lost while the connection breaks all the time; two minutes in `--nightly`.
#[expect(clippy::disallowed_methods, reason = "how long is asked for from outside")]
async fn nothing_is_lost_or_answered_twice_while_the_connection_breaks(engine: Engine) {
    let is_long = std::env::var_os("SOCRAZI_TEST_NIGHTLY").is_some();
    let (messages, cut_every) = if is_long { (60, 3) } else { (12, 3) };
    let hall = Hall::on(engine, Over::Gateway).await;
    hall.discord.set_resume_overlap(2);
    hall.script((0..messages).map(|no| say(&format!("Answer {no}."))).collect());
    let mut cuts = 0;
    for no in 0..messages {
        hall.discord.say(ANA, DM_ANA, &format!("Question {no}")).unwrap();
        if no % cut_every == cut_every - 1 {
            match cuts % 4 {
                0 => hall.discord.gateway_cut(),
                1 => hall.discord.gateway_reconnect(),
                2 => hall.discord.gateway_close(4_000),
                _ => hall.discord.gateway_invalidate(true),
            }
            cuts += 1;
        }
        tokio::time::sleep(Duration::from_millis(if is_long { 2_000 } else { 250 })).await;
    }
    let answers = || hall.discord.replies(DM_ANA).iter().filter(|m| words(m).contains("Answer")).count();
    for _ in 0..1_200 {
        if answers() >= messages {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let gateway = hall.discord.gateway();
    assert_eq!(answers(), messages, "{gateway}");
    let (begun, resumed) = (&gateway["identifies"], &gateway["resumes"]);
    println!(
        "{engine:?}: {messages} messages, {} answers, {cuts} cuts: {begun} sessions begun, {resumed} resumed",
        answers()
    );
    assert_eq!(hall.model.asked().iter().filter(|request| request.model == MODEL).count(), messages);
    // A session that may not be resumed: a new one knows again who we are, so that mentions are read.
    let room = format!("{}/{GENERAL}", socrazi_sim::discord::ACME);
    hall.world.app.agree_to_readers(&hall.ana, ChatPlace::Discord, &room).await.unwrap();
    let before = gateway["identifies"].clone();
    hall.discord.gateway_invalidate(false);
    until("a new session", || {
        (hall.discord.gateway()["identifies"] != before && hall.discord.gateway_is_open() > 0).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    hall.script(vec![say("You called me.")]);
    let thread = hall.discord.say(ANA, GENERAL, &format!("<@{APP}> are you there?")).unwrap();
    hall.seen(ANA, &thread, |message| words(message).contains("You called me.")).await;
    hall.discord.forgive();
    hall.end().await;
}

/// Complaint 2: a long answer is whole, in several messages.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_is_whole() {
    let hall = Hall::new().await;
    // Words, not figures: those of a model are checked.
    let word = |no: u8| format!("{}{}", char::from(b'a' + no / 26), char::from(b'a' + no % 26));
    let text: String = (0..250).map(|no| format!("Sentence {} of a long story. ", word(no))).collect();
    hall.script(vec![say(&text)]);
    hall.discord.say(ANA, DM_ANA, "Tell me a story").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains(&format!("Sentence {} ", word(249)))).await;
    let all: String = hall.discord.replies(DM_ANA).iter().map(words).collect();
    for no in 0..250 {
        assert_eq!(all.matches(&format!("Sentence {} ", word(no))).count(), 1, "{no}");
    }
    assert!(hall.discord.replies(DM_ANA).len() >= 4);
    hall.end().await;
}

/// Complaints 4 and 5: what is private stays private, every piece of it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_private_answer_is_seen_by_others() {
    let hall = Hall::new().await;
    hall.script(vec![say(&"A private word. ".repeat(300))]);
    hall.command("ask", json!({ "text": "Tell me" })).await;
    hall.command("draft", json!({ "text": "Private draft" })).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(hall.discord.seen_by(socrazi_sim::discord::BEN, GENERAL).iter().all(|m| m["author"]["id"] != APP));
    hall.end().await;
}

/// Complaint 7: a slow answer is edited no faster than Discord likes.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_costs_few_edits() {
    let hall = Hall::new().await;
    let pieces = (0..60)
        .map(|no| Piece::Text(if no < 59 { "And on it goes. ".to_owned() } else { "That is the end. ".to_owned() }))
        .collect();
    hall.script(vec![Said { pieces, between_ms: 60, ..Said::default() }.into()]);
    hall.discord.say(ANA, DM_ANA, "Slowly").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("That is the end.") && !words(message).contains("[Stop]"))
        .await;
    let edits = hall.discord.asked("PATCH", "/channels/{channel_id}/messages/{message_id}").len();
    assert!(edits <= 6, "{edits}");
    hall.end().await;
}

/// Complaint 8 and dossier §10: a 429 is waited out, whoever it is for.
#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_waited_out() {
    let hall = Hall::new().await;
    hall.script(vec![say("After the wait.")]);
    let path = messages_of(DM_ANA);
    hall.discord.set_faults(vec![
        Fault::once("POST", &path, limited(Scope::User, 300)),
        Fault::once("POST", &path, limited(Scope::Shared, 200)),
        Fault::once("POST", &path, limited(Scope::Global, 200)),
    ]);
    hall.discord.say(ANA, DM_ANA, "Hello").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("After the wait.")).await;
    hall.discord.forgive();
    hall.end().await;
}

/// Discord takes no message while the answer comes, nor when it is whole: it is told again until it is there.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_not_taken_is_told_again() {
    let hall = Hall::new().await;
    hall.script(vec![say("Here after all.")]);
    // Four tries each: of what is told as it comes (or as a whole at once), and of the first time anew.
    hall.discord.set_faults((0..8).map(|_| Fault::once("POST", &messages_of(DM_ANA), broken())).collect());
    hall.discord.say(ANA, DM_ANA, "Hello").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("Here after all.")).await;
    hall.discord.forgive();
    hall.end().await;
}

/// The same for the cards alone: whoever has to decide would wait for them.
#[tokio::test(flavor = "multi_thread")]
async fn cards_that_were_not_taken_are_told_again() {
    let hall = Hall::new().await;
    hall.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "Told again" }))]).into(),
        say("Here is what I made of it."),
    ]);
    hall.discord.set_faults(vec![Fault::once("POST", &messages_of(DM_ANA), broken()).after(1).times(4)]);
    hall.discord.say(ANA, DM_ANA, "Draft something").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("Here is what I made of it.")).await;
    hall.seen(ANA, DM_ANA, |message| words(message).contains("[Publish now]")).await;
    hall.discord.forgive();
    hall.end().await;
}

/// Nor do cards alone pass for the answer: where its text was not taken, all of it is told again, text and cards.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_answer_was_not_taken_comes_with_it() {
    let hall = Hall::new().await;
    let drafted = Said::calls(&[("create_draft", json!({ "text": "On the card" }))]);
    hall.script(vec![drafted.into(), say("What is this card about?")]);
    hall.discord.set_faults((0..4).map(|_| Fault::once("POST", &messages_of(DM_ANA), broken())).collect());
    hall.discord.say(ANA, DM_ANA, "Draft something").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("What is this card about?")).await;
    hall.seen(ANA, DM_ANA, |message| words(message).contains("On the card")).await;
    hall.discord.forgive();
    hall.end().await;
}

/// Its process died when the turn was over and before anybody saw the answer: the next one shows it, and asks no model again.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_there_and_not_shown_is_shown_by_the_next_process() {
    let mut hall = Hall::over(Over::Gateway).await;
    hall.close().await;
    hall.script(vec![say("Forty-two.")]);
    let key = left_in_the_inbox(&hall, "778", "How many?").await;
    answered(&hall, &key, "How many?").await;
    hall.world.pass(120_000);
    hall.world.reopen().await;
    hall.open(Over::Gateway).await;
    let shown = hall.seen(ANA, DM_ANA, |message| words(message).contains("Forty-two.")).await;
    assert!(!words(&shown).contains("interrupted"), "{shown:#}");
    assert_eq!(hall.discord.replies(DM_ANA).len(), 1);
    assert_eq!(hall.model.asked().iter().filter(|request| request.model == MODEL).count(), 1);
    hall.end().await;
}

/// The same where half of it was there: what broke off says so, and all of it follows.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_broke_off_when_it_was_whole_is_shown_whole() {
    for (lang, note) in [(Lang::En, "The whole answer follows"), (Lang::Ja, "全文は次のメッセージにあります")]
    {
        let mut hall = Hall::over(Over::Gateway).await;
        let settings = SettingsChange { lang: Some(lang), ..SettingsChange::default() };
        hall.world.app.change_settings(&hall.ana, settings).await.unwrap();
        hall.script(vec![say("Forty"), say("Forty-two and a half.")]);
        hall.discord.say(ANA, DM_ANA, "Begin").unwrap();
        let half = hall.seen(ANA, DM_ANA, |message| words(message).contains("Forty")).await;
        hall.close().await;
        let key = left_in_the_inbox(&hall, "779", "How many?").await;
        let reply = answered(&hall, &key, "How many?").await;
        let sent = Sent { team: String::new(), thread: DM_ANA.into(), ts: text_of(&half["id"]) };
        let about = (reply.conversation.as_str(), key.as_str());
        hall.world.app.note_open(ChatPlace::Discord, &sent, &hall.ana.user, about).await.unwrap();
        hall.world.pass(120_000);
        hall.world.reopen().await;
        hall.open(Over::Gateway).await;
        hall.seen(ANA, DM_ANA, |message| words(message).contains("Forty-two and a half.")).await;
        hall.seen(ANA, DM_ANA, |message| words(message).contains(note)).await;
        assert_eq!(hall.discord.replies(DM_ANA).len(), 3, "{lang:?}");
        hall.end().await;
    }
}

/// After fifteen minutes an interaction cannot be answered any more: the answer goes to the direct channel.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_too_late_finds_another_way() {
    let hall = Hall::new().await;
    let gone = FaultKind::Status {
        status: 401,
        body: r#"{"message":"Invalid Webhook Token","code":50027}"#.into(),
        headers: BTreeMap::new(),
    };
    hall.discord.set_faults(vec![Fault::once("PATCH", "/api/v10/webhooks/", gone)]);
    let answer = hall.discord.command(ANA, GENERAL, "socrazi help", json!({})).await.unwrap();
    assert!(answer.is_ok());
    hall.seen(ANA, DM_ANA, |message| words(message).contains("What I can do")).await;
    hall.discord.forgive();
    hall.end().await;
}

/// Components that Discord refuses are sent as an embed.
#[tokio::test(flavor = "multi_thread")]
async fn refused_components_become_an_embed() {
    let hall = Hall::new().await;
    let no = FaultKind::Status {
        status: 400,
        body: r#"{"message":"Invalid Form Body","code":50035,"errors":{}}"#.into(),
        headers: BTreeMap::new(),
    };
    hall.discord.set_faults(vec![Fault::once("PATCH", "/api/v10/webhooks/", no)]);
    let answer = hall.discord.command(ANA, GENERAL, "socrazi draft", json!({ "text": "As an embed" })).await.unwrap();
    assert!(answer.is_ok());
    let card = until("the embed", || {
        hall.discord.ephemerals().into_iter().find(|seen| seen["embeds"].to_string().contains("As an embed"))
    })
    .await;
    assert!(words(&card).contains("[Publish now]"), "{card:#}");
    hall.discord.forgive();
    hall.end().await;
}

/// Complaint 11: a button of a message that is long gone says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_means_nothing_any_more_says_so() {
    let hall = Hall::new().await;
    let body = json!({ "content": "old", "components": [{ "type": 1, "components": [{ "type": 2, "style": 1, "label": "Old", "custom_id": "from-long-ago" }] }] });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/channels/{GENERAL}/messages", hall.discord.api_url());
    let sent = http
        .post(url)
        .header("authorization", format!("Bot {BOT_TOKEN}"))
        .header("user-agent", "DiscordBot (x, 1)")
        .json(&body)
        .send();
    let message: Value = sent.await.unwrap().json().await.unwrap();
    let answer = hall.discord.press_labelled(ANA, GENERAL, &text_of(&message["id"]), "Old").await.unwrap();
    assert_eq!(answer.kind(), 4, "{answer:?}");
    assert_eq!(answer.callback["data"]["flags"].as_u64().unwrap() & 64, 64, "for her alone");
    assert!(answer.callback.to_string().contains("older version"), "{answer:?}");
    hall.end().await;
}

/// Complaint 12: without the privileged intent everything that calls us works; a refused intent is said and tried no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_intent_stops_the_gateway_and_commands_go_on_over_http() {
    let settings = vec![("discord.message_content", "on".to_owned())];
    let discord = Judged::start(DiscordOptions::default()).await;
    let mut all = settings;
    all.extend([
        ("discord.api_url", discord.url().to_string()),
        ("discord.bot_token", BOT_TOKEN.to_owned()),
        ("discord.application_id", APP.to_owned()),
        ("discord.public_key", PUBLIC_KEY.to_owned()),
    ]);
    let world = World::with(all).await;
    world.app.link(&world.person.user, &discord_member(ANA), "Ana").await.unwrap();
    register(&world.app, None).await.unwrap();
    let stop = CancellationToken::new();
    let doors = Doors::open(&world.app, &stop).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: url::Url = format!("http://{}/discord/interactions", listener.local_addr().unwrap()).parse().unwrap();
    let tasks = [
        tokio::spawn(doors.run()),
        tokio::spawn({
            let stop = stop.clone();
            async move { socrazi::frontends::serve_http(listener, doors.router, stop).await }
        }),
    ];
    discord.save_endpoint(url).await.unwrap();
    until("the refusal", || discord.gateway().to_string().contains("4014").then_some(())).await;
    let answer = discord.command(ANA, GENERAL, "socrazi help", json!({})).await.unwrap();
    assert!(answer.is_ok(), "{answer:?}");
    until("help", || discord.ephemerals().into_iter().find(|seen| words(seen).contains("What I can do"))).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let tries = discord.gateway().to_string().matches("4014").count();
    assert_eq!(tries, 1, "{}", discord.gateway());
    stop.cancel();
    for task in tasks {
        task.await.unwrap();
    }
    world.end().await;
}

/// Sessions that Discord does not allow now are waited for, not begun.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_begun_only_as_far_as_discord_allows() {
    let mut hall = Hall::new().await;
    hall.command("help", json!({})).await;
    hall.close().await;
    until("the end of the first session", || (hall.discord.gateway_is_open() == 0).then_some(())).await;
    hall.discord.set_shards(2);
    hall.discord.set_starts_left(1);
    let begun = || hall.discord.gateway()["identifies"].as_u64().unwrap();
    let before = begun();
    let doors = Doors::open(&hall.world.app, &hall.stop).unwrap();
    let task = tokio::spawn(doors.run());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(begun(), before, "{}", hall.discord.gateway());
    hall.stop.cancel();
    task.await.unwrap();
    hall.stop = CancellationToken::new();
    hall.discord.set_starts_left(10);
    hall.open(Over::Gateway).await;
    until("both", || (hall.discord.gateway_is_open() >= 2).then_some(())).await;
    hall.script(vec![say("I am here.")]);
    hall.discord.say(ANA, DM_ANA, "Hello").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("I am here.")).await;
    hall.discord.forgive();
    hall.end().await;
}

/// Complaint 9: where only the person has the app, the bot is no member and five follow-ups are all there is: answers are edits.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_install_is_answered_by_edits() {
    use socrazi_sim::discord::OTHER_GENERAL;
    let hall = Hall::new().await;
    hall.discord.set_user_install(ANA, true);
    hall.discord.join(socrazi_sim::discord::OTHER, ANA, &[]);
    hall.discord.command(ANA, OTHER_GENERAL, "socrazi draft", json!({ "text": "From elsewhere" })).await.unwrap();
    let mut card = hall.seen(ANA, OTHER_GENERAL, |message| words(message).contains("[Publish now]")).await;
    for label in ["Publish now", "No", "Discard", "Restore"] {
        if words(&card).contains(&format!("[{label}]")) {
            card = hall.press(&card, label).await;
        }
    }
    assert!(!card.is_null());
    assert!(hall.discord.asked("POST", "/webhooks/{webhook_id}/{webhook_token}").is_empty(), "no follow-up at all");
    hall.end().await;
}
