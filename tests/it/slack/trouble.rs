//! What goes wrong on the way between Slack and us, and what users of other apps complain of (docs/slack.md).

use socrazi_sim::slack::Forgery;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn everything_delivered_three_times_in_any_order_is_done_once() {
    let office = Office::new().await;
    let plays = (0..10).map(|no| text(&format!("Answer {no}."))).collect();
    office.script(plays);
    let bodies: Vec<Value> = (0..10)
        .map(|no| {
            let event = json!({ "type": "message", "channel_type": "im", "user": ANA, "channel": DM, "text": format!("Question {no}"),
                "ts": format!("1795000{no:03}.000100"), "event_ts": format!("1795000{no:03}.000100") });
            office.slack.wrapped(TEAM, &event)
        })
        .collect();
    let answers = office.slack.deliver_event_times(&bodies, 3, true).await;
    assert_eq!(answers.len(), 30);
    assert!(answers.iter().all(socrazi_sim::slack::Answer::is_ok));
    until("ten answers", || (office.slack.replies(DM).len() >= 10).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let replies = office.slack.replies(DM);
    for no in 0..10 {
        let ts = format!("1795000{no:03}.000100");
        assert_eq!(replies.iter().filter(|reply| reply["thread_ts"] == ts.as_str()).count(), 1, "question {no}");
    }
    assert_eq!(office.model.asked().iter().filter(|request| request.model == MODEL).count(), 10);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_done_by_the_next_process_when_this_one_dies() {
    let mut office = Office::new().await;
    office.close().await;
    // Acknowledged by a process that died before it did anything.
    let event = json!({ "type": "message", "channel_type": "im", "user": ANA, "channel": DM, "text": "Are you there?",
        "ts": "1795000777.000100", "event_ts": "1795000777.000100" });
    let payload = office.slack.wrapped(TEAM, &event);
    let received = socrazi::app::Received {
        key: format!("slack said {TEAM} {DM} 1795000777.000100"),
        event_id: payload["event_id"].as_str().map(str::to_owned),
        body: json!({ "kind": "event", "payload": payload }).to_string(),
        tries: 1,
    };
    assert!(office.world.app.receive(ChatPlace::Slack, &received).await.unwrap());
    assert!(
        !office.world.app.receive(ChatPlace::Slack, &received).await.unwrap(),
        "the second delivery is the same thing"
    );
    assert_eq!(office.slack.replies(DM).len(), 0);
    // Another process takes it over, and not the one that had it.
    office.world.pass(120_000);
    assert!(office.world.app.take_over_received(ChatPlace::Slack, false).await.unwrap().is_empty());
    office.world.reopen().await;
    office.script(vec![text("I am.")]);
    office.open(true).await;
    office.reply(DM, |message| words(message).contains("I am.")).await;
    // Delivered once more by Slack, it is known.
    assert!(office.slack.deliver_event(&payload).await.is_ok());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(office.slack.replies(DM).len(), 1);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_late_and_foreign_deliveries_are_refused() {
    let office = Office::new().await;
    for forgery in [Forgery::BadSignature, Forgery::NoSignature, Forgery::Old, Forgery::Early] {
        let body =
            br#"{"type":"event_callback","team_id":"T0ACME","event_id":"EvX","event":{"type":"message"}}"#.to_vec();
        let answer = office.slack.deliver_forged("slack/events", "application/json", body, forgery).await;
        assert_eq!(answer.status, 401, "{forgery:?}");
    }
    let huge = vec![b'a'; 3 << 20];
    let answer = office.slack.deliver_raw("slack/events", "application/json", huge).await;
    assert!((400..500).contains(&answer.status) || answer.status == 0, "{answer:?}");
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_mode_means_the_same() {
    let office =
        Office::with(SlackOptions::default(), vec![("slack.app_token", socrazi_sim::slack::APP_TOKEN.to_owned())])
            .await;
    until("a socket", || (office.slack.socket_is_open() > 0).then_some(())).await;
    let draft = office.command("draft Over the socket").await;
    assert!(words(&draft).contains("Over the socket"), "{draft:#}");
    let opened = || office.slack.asked().iter().filter(|asked| asked.method == "apps.connections.open").count();
    let before = opened();
    office.slack.socket_disconnect("refresh_requested");
    until("a socket again", || (opened() > before && office.slack.socket_is_open() > 0).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let help = office.command("help").await;
    assert!(words(&help).contains("What I can do"), "{help:#}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_ends_the_answer() {
    let office = Office::new().await;
    let slow = Said { pieces: vec![Piece::Text("word ".repeat(400))], between_ms: 300, ..Said::default() };
    office.script(vec![slow.into()]);
    let (ts, _) = office.slack.say(ANA, DM, "Talk for long", None).await;
    until("it begins", || office.slack.replies(DM).first().cloned()).await;
    office.slack.stop(ANA, DM, &ts).await;
    office.reply(DM, |message| words(message).contains("Stopped.")).await;
    office.slack.forgive();
    office.end().await;
}

/// Complaint 3 of the dossier: the text is not lost when Slack ends a stream after five minutes.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_slack_ends_early_goes_on_in_a_new_message() {
    let office = Office::new().await;
    let pieces = vec![Piece::Text("first words. ".repeat(40)), Piece::Text("last words. ".repeat(40))];
    office.script(vec![Said { pieces, between_ms: 250, ..Said::default() }.into()]);
    office.slack.say(ANA, DM, "Go on", None).await;
    until("it begins", || office.slack.replies(DM).first().cloned()).await;
    office.slack.advance(6 * 60_000);
    until("all of it", || {
        let all = read(&office, DM);
        (all.matches("first words.").count() == 40 && all.matches("last words.").count() == 40).then_some(())
    })
    .await;
    until("no stream is left open", || {
        let open = office.slack.replies(DM).iter().any(|message| message["streaming_state"] == "streaming");
        (!open).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    office.slack.forgive();
    office.end().await;
}

/// Complaint 10: refusals are for the asker's eyes.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_a_channel_is_seen_by_the_asker_alone() {
    let office = Office::new().await;
    let told = office.command("schedule tomorrow 9am").await;
    assert!(words(&told).contains("There is no draft"), "{told:#}");
    assert_eq!(office.slack.messages(GENERAL).len(), 0);
    office.end().await;
}

/// Complaint 9 and 12: a status a turn, not one every three seconds; streamed, not edited.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_costs_few_calls() {
    let office = Office::new().await;
    office.script(vec![
        Said { pieces: vec![Piece::Text("slow words. ".repeat(60))], between_ms: 150, ..Said::default() }.into(),
    ]);
    office.slack.say(ANA, DM, "Slowly", None).await;
    until("all of it", || (read(&office, DM).matches("slow words.").count() == 60).then_some(())).await;
    let calls = |method: &str| office.slack.asked().iter().filter(|asked| asked.method == method).count();
    assert!(calls("assistant.threads.setStatus") <= 1);
    assert_eq!(calls("chat.update"), 0);
    assert!(calls("chat.appendStream") <= 8, "{}", calls("chat.appendStream"));
    office.end().await;
}

/// Complaint 8: where Slack does not stream, edits carry Markdown as Markdown.
#[tokio::test(flavor = "multi_thread")]
async fn without_streaming_the_answer_is_edited_and_whole() {
    let office = Office::new().await;
    let no = socrazi_sim::slack::FaultKind::Status {
        status: 200,
        body: r#"{"ok":false,"error":"channel_type_not_supported"}"#.into(),
        headers: std::collections::BTreeMap::new(),
    };
    office.slack.set_faults(vec![socrazi_sim::slack::Fault::once("POST", "/api/chat.startStream", no)]);
    office.script(vec![
        Said { pieces: vec![Piece::Text("**bold** words. ".repeat(40))], between_ms: 200, ..Said::default() }.into(),
    ]);
    office.slack.say(ANA, DM, "Anyway", None).await;
    until("all of it", || (read(&office, DM).matches("**bold** words.").count() == 40).then_some(())).await;
    let edits: Vec<_> = office.slack.asked().into_iter().filter(|asked| asked.method == "chat.update").collect();
    // Complaint 12: an edit each 1.3 s, but for the two that end it.
    let paced = &edits[..edits.len() - 2];
    assert!(paced.len() >= 2, "{edits:?}");
    for pair in paced.windows(2) {
        assert!(pair[1].at_ms - pair[0].at_ms >= 1_000, "{pair:?}");
    }
    for edit in edits {
        let is_markdown =
            edit.args["markdown_text"].is_string() || edit.args["blocks"].to_string().contains("markdown");
        assert!(is_markdown, "{edit:?}");
    }
    office.slack.forgive();
    office.end().await;
}

fn fault(path: &str, kind: socrazi_sim::slack::FaultKind) -> socrazi_sim::slack::Fault {
    socrazi_sim::slack::Fault::once("POST", path, kind)
}

fn limited() -> socrazi_sim::slack::FaultKind {
    socrazi_sim::slack::FaultKind::Status {
        status: 429,
        body: "ratelimited".into(),
        headers: std::collections::BTreeMap::from([("retry-after".into(), "1".into())]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_slack_puts_off_or_loses_comes_anyway() {
    use socrazi_sim::slack::FaultKind;
    let office = Office::new().await;
    for kind in [
        limited(),
        FaultKind::ResetBefore,
        FaultKind::Status { status: 503, body: String::new(), headers: Default::default() },
    ] {
        office.slack.set_faults(vec![fault("/hooks", kind)]);
        let help = office.command("help").await;
        assert!(words(&help).contains("What I can do"), "{help:#}");
    }
    // The way the service gave is gone for good: for their eyes in the channel, else directly.
    let gone = || FaultKind::Status { status: 404, body: "expired_url".into(), headers: Default::default() };
    office.slack.set_faults(vec![fault("/hooks", gone())]);
    let help = office.command("help").await;
    assert!(words(&help).contains("What I can do"), "{help:#}");
    assert!(office.slack.asked().iter().any(|asked| asked.method == "chat.postEphemeral"));
    let no = FaultKind::Status {
        status: 200,
        body: r#"{"ok":false,"error":"user_not_in_channel"}"#.into(),
        headers: Default::default(),
    };
    office.slack.set_faults(vec![fault("/hooks", gone()), fault("/api/chat.postEphemeral", no)]);
    office.slack.command(ANA, GENERAL, "accounts").await;
    office.reply(DM, |message| words(message).contains("Accounts")).await;
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_stumbles_is_whole_in_the_end_and_its_cards_come() {
    use socrazi_sim::slack::FaultKind;
    let office = Office::new().await;
    let broken = || FaultKind::Status { status: 500, body: String::new(), headers: Default::default() };
    for (no, faults) in [
        vec![fault("/api/chat.appendStream", broken())],
        vec![fault("/api/chat.appendStream", FaultKind::ResetBefore)],
        vec![fault("/api/chat.stopStream", broken()).times(2)],
        vec![fault("/api/chat.stopStream", FaultKind::ResetBefore)],
    ]
    .into_iter()
    .enumerate()
    {
        office.script(vec![
            Said::calls(&[("create_draft", json!({ "text": format!("Draft {no}") }))]).into(),
            Said { pieces: vec![Piece::Text(format!("words{no} ").repeat(120))], between_ms: 60, ..Said::default() }
                .into(),
        ]);
        office.slack.set_faults(faults);
        let (thread, _) = office.slack.say(ANA, DM, &format!("Go on {no}"), None).await;
        until("all of it", || (read(&office, DM).matches(&format!("words{no} ")).count() >= 119).then_some(())).await;
        office
            .reply(DM, |message| message["thread_ts"] == thread.as_str() && words(message).contains("publish#"))
            .await;
        until("nothing is left open", || {
            let open = office.slack.replies(DM).iter().any(|message| message["streaming_state"] == "in_progress");
            (!open).then_some(())
        })
        .await;
        let said = read(&office, DM).matches(&format!("words{no} ")).count();
        assert!(said <= 120, "nothing is said twice: {said}");
    }
    office.slack.forgive();
    office.end().await;
}

/// Cards alone do not pass for the answer: where its text was not taken, all of it is told again, text and cards.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_answer_was_not_taken_comes_with_it() {
    use socrazi_sim::slack::FaultKind;
    let office = Office::new().await;
    let broken = || FaultKind::Status { status: 500, body: String::new(), headers: Default::default() };
    office.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "On the card" }))]).into(),
        text("What is this card about?"),
    ]);
    // No stream can be begun, and the text is not taken as a message either, as often as it is tried.
    office.slack.set_faults(vec![
        fault("/api/chat.startStream", broken()).times(8),
        fault("/api/chat.postMessage", broken()).times(3),
    ]);
    office.slack.say(ANA, DM, "Draft something", None).await;
    office.reply(DM, |message| words(message).contains("What is this card about?")).await;
    office.reply(DM, |message| words(message).contains("publish#")).await;
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_stays_when_an_answer_is_stopped_and_only_its_owner_stops_it() {
    let office = Office::new().await;
    office.world.app.join_member(&member(BEN), "Ben", socrazi::domain::lang::Lang::En).await.unwrap();
    office.world.app.agree_to_readers(&office.ana, ChatPlace::Slack, &format!("{TEAM}/{GENERAL}")).await.unwrap();
    let slow = Said { pieces: vec![Piece::Text("word ".repeat(900))], between_ms: 400, ..Said::default() };
    office.script(vec![slow.into()]);
    office.slack.say(ANA, GENERAL, "<@U0BOT> talk for long", None).await;
    until("it begins", || read(&office, GENERAL).contains("word word").then_some(())).await;
    // Slack shows no Stop of its own in channels, so there is one of ours.
    let button = office.reply(GENERAL, |message| words(message).contains("stop#")).await;
    let (ts, stop) = (button["ts"].as_str().unwrap(), action(&button, "stop"));
    office.slack.press(BEN, GENERAL, ts, &stop).await.unwrap();
    let told = office.private(1).await;
    assert!(words(&told).contains("Somebody else asked"), "{told:#}");
    office.slack.press(ANA, GENERAL, ts, &stop).await.unwrap();
    until("stopped", || {
        let all = read(&office, GENERAL);
        (all.contains("word word") && all.contains("Stopped.")).then_some(())
    })
    .await;
    until("the button is gone", || {
        let is_there = office.slack.replies(GENERAL).iter().any(|message| words(message).contains("stop#"));
        (!is_there).then_some(())
    })
    .await;
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_ended_when_the_process_is_told_to_end() {
    let mut office = Office::new().await;
    let slow = Said { pieces: vec![Piece::Text("word ".repeat(900))], between_ms: 400, ..Said::default() };
    office.script(vec![slow.into()]);
    office.slack.say(ANA, DM, "Talk for long", None).await;
    until("it begins", || read(&office, DM).contains("word word").then_some(())).await;
    office.close().await;
    let all = read(&office, DM);
    assert!(all.contains("word word") && all.contains("interrupted"), "{all}");
    assert!(office.slack.replies(DM).iter().all(|message| message["streaming_state"] != "in_progress"));
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_looks_in_is_greeted_once_a_day() {
    let office = Office::new().await;
    let greetings = || office.slack.replies("D0BEN").len() + office.slack.ephemerals().len();
    for _ in 0..4 {
        office.slack.open_home(BEN, "messages").await;
    }
    until("a greeting", || (greetings() == 1).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(greetings(), 1);
    office.world.pass(25 * 3_600_000);
    office.slack.open_home(BEN, "messages").await;
    until("the next day", || (greetings() == 2).then_some(())).await;
    // And a member has so many open links at once, not more.
    for _ in 0..8 {
        let asked = office.world.app.ask_to_link(&member("U0EVE"), "Eve").await;
        if let Err(error) = asked {
            assert!(format!("{error:?}").contains("link-enough"));
            office.end().await;
            return;
        }
    }
    panic!("no end of links");
}

#[tokio::test(flavor = "multi_thread")]
async fn news_is_told_once_by_one_of_several_and_again_when_slack_was_not_there() {
    let mut office = Office::new().await;
    // A second process beside this one.
    let (other, stop) = (office.world.beside().await, CancellationToken::new());
    let doors = Doors::open(&other, &stop).unwrap();
    let running = tokio::spawn(doors.run());
    for no in 0..5 {
        let post = office.world.draft(&format!("News {no}")).await;
        office.world.call("publish_post", json!({ "post": post })).await;
        office.world.until(&post, "published", 5_000).await;
    }
    let told = || office.slack.replies(DM).iter().filter(|message| words(message).contains("Published on")).count();
    until("all news", || (told() >= 5).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(told(), 5);
    stop.cancel();
    running.await.unwrap();
    other.close().await;
    // Slack is not there for a while.
    let down = socrazi_sim::slack::FaultKind::ResetBefore;
    office.slack.set_faults(vec![socrazi_sim::slack::Fault::once("POST", "/api/chat.postMessage", down).times(2)]);
    let post = office.world.draft("News after a while").await;
    office.world.call("publish_post", json!({ "post": post })).await;
    office.world.until(&post, "published", 5_000).await;
    until("late news", || (told() == 6).then_some(())).await;
    office.close().await;
    office.end().await;
}

/// Commands, presses, forms, mentions that are told as messages too, each delivered three times at once: over HTTP and over a socket.
async fn everything_three_times(settings: Vec<(&'static str, String)>) {
    let is_socket = !settings.is_empty();
    let options = SlackOptions { hears_channels: true, ..SlackOptions::default() };
    let office = Office::with(options, settings).await;
    if is_socket {
        until("a socket", || (office.slack.socket_is_open() > 0).then_some(())).await;
    }
    office.world.app.agree_to_readers(&office.ana, ChatPlace::Slack, &format!("{TEAM}/{GENERAL}")).await.unwrap();
    office.slack.set_deliveries(3);
    // A command: one draft, one answer.
    let draft = office.command("draft Once and for all").await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(office.slack.ephemerals().len(), 1);
    let drafts = || async { office.world.app.list_posts(&office.ana).await.unwrap().len() };
    assert_eq!(drafts().await, 1);
    // A form: one edit.
    let at = index_of(&office, &draft);
    office.slack.press_ephemeral(ANA, at, &action(&draft, "edit")).await.unwrap();
    let view = until("a form", || office.slack.views().first().cloned()).await;
    let (id, block) = (view["id"].as_str().unwrap(), view["blocks"][0]["block_id"].as_str().unwrap());
    office.slack.submit(ANA, id, &[(block, "text", json!("Edited once"))]).await.unwrap();
    let edited = until("the card", || {
        office.slack.ephemerals().get(at).filter(|card| words(card).contains("Edited once")).cloned()
    })
    .await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(office.world.app.list_posts(&office.ana).await.unwrap()[0].revision, 2);
    // Presses: one question, one decision, one post.
    let asked = office.press(&edited, "publish").await;
    office.press(&asked, "approve").await;
    office.world.pass(15_000);
    until("the post", || (office.world.sim.ledger().len() == 1).then_some(())).await;
    // A mention, told as a message too: one answer.
    office.script(vec![text("Answered once.")]);
    office.slack.say(ANA, GENERAL, "<@U0BOT> hello", None).await;
    office.reply(GENERAL, |message| words(message).contains("Answered once.")).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let answers =
        office.slack.replies(GENERAL).iter().filter(|message| words(message).contains("Answered once.")).count();
    assert_eq!((answers, drafts().await), (1, 1));
    assert_eq!(office.model.asked().iter().filter(|request| request.model == MODEL).count(), 1);
    assert_eq!(office.world.sim.ledger().len(), 1);
    office.slack.set_deliveries(1);
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_presses_forms_and_mentions_delivered_three_times_are_done_once() {
    everything_three_times(Vec::new()).await;
}

/// Complaint 2 of the dossier.
#[tokio::test(flavor = "multi_thread")]
async fn and_over_a_socket_too() {
    everything_three_times(vec![("slack.app_token", socrazi_sim::slack::APP_TOKEN.to_owned())]).await;
}
