//! What Slack shows around a conversation: prompts, titles, signs that an answer is made; and what it may deliver that we do not know.

use socrazi_sim::slack::{Fault, FaultKind};

use super::*;

/// An answer of Slack's that refuses.
fn refused(word: &str) -> FaultKind {
    FaultKind::Status {
        status: 200,
        body: json!({ "ok": false, "error": word }).to_string(),
        headers: std::collections::BTreeMap::from([("content-type".into(), "application/json".into())]),
    }
}

impl Office {
    /// The reactions on a message of somebody's.
    fn reactions(&self, ts: &str) -> String {
        let found = self.slack.messages(DM).into_iter().find(|message| message["ts"] == ts);
        found.map(|message| message["reactions"].to_string()).unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_a_conversation_is_offered_what_to_begin_with() {
    let office = Office::new().await;
    office.slack.open_home(ANA, "messages").await;
    until("prompts", || office.slack.prompts().first().cloned()).await;
    // In the older assistant view each thread has its own.
    let thread = json!({ "user_id": ANA, "channel_id": DM, "thread_ts": "1795000000.000100", "context": {} });
    let event =
        json!({ "type": "assistant_thread_started", "assistant_thread": thread, "event_ts": "1795000000.000100" });
    office.slack.event(TEAM, event).await;
    let all = until("prompts of the thread", || Some(office.slack.prompts()).filter(|all| all.len() == 2)).await;
    assert_eq!(all[1]["thread_ts"], "1795000000.000100", "{all:#?}");
    for prompts in &all {
        assert!(prompts["prompts"].to_string().contains("What is scheduled this week?"), "{prompts:#}");
    }
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_has_a_title_in_either_view() {
    let office = Office::new().await;
    office.script(vec![text("With an agent."), text("With an assistant.")]);
    office.slack.say(ANA, DM, "Posts about bread", None).await;
    until("the session's title", || {
        office.slack.sessions().into_iter().find(|session| session["title"] == "Posts about bread")
    })
    .await;
    assert!(office.slack.titles().is_empty(), "{:#?}", office.slack.titles());
    office.slack.set_faults(vec![Fault::once("POST", "/api/agents.sessions.setStatus", refused("unknown_method"))]);
    office.slack.say(ANA, DM, "Posts about cake", None).await;
    until("the thread's title", || {
        office.slack.titles().into_iter().find(|title| title["title"] == "Posts about cake")
    })
    .await;
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_status_is_shown_an_eye_is_on_the_very_message_until_it_is_answered() {
    let office = Office::new().await;
    let no = || Fault::once("POST", "/api/assistant.threads.setStatus", refused("unknown_method"));
    let slow = Said { pieces: vec![Piece::Text("word ".repeat(60))], between_ms: 150, ..Said::default() };
    office.script(vec![text("The first."), slow.into()]);
    let (root, _) = office.slack.say(ANA, DM, "One", None).await;
    office.reply(DM, |message| words(message).contains("The first.")).await;
    office.slack.set_faults(vec![no().times(20)]);
    let (ts, _) = office.slack.say(ANA, DM, "Two", Some(&root)).await;
    until("an eye", || office.reactions(&ts).contains("eyes").then_some(())).await;
    assert!(!office.reactions(&root).contains("eyes"), "it is not about the first message");
    until("all of it", || (read(&office, DM).matches("word").count() >= 60).then_some(())).await;
    until("no eye", || (!office.reactions(&ts).contains("eyes")).then_some(())).await;
    office.slack.forgive();
    office.end().await;
}

/// Complaint 3: a stream is left by our own clock before Slack ends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_continued_in_a_new_message_before_slack_would_end_it() {
    let office = Office::new().await;
    let pieces = vec![Piece::Text("first words. ".repeat(40)), Piece::Text("last words. ".repeat(40))];
    office.script(vec![Said { pieces, between_ms: 250, ..Said::default() }.into()]);
    office.slack.say(ANA, DM, "Go on", None).await;
    until("it begins", || office.slack.replies(DM).first().cloned()).await;
    office.world.pass(4 * 60_000 + 45_000);
    until("all of it", || {
        let all = read(&office, DM);
        (all.matches("first words.").count() == 40 && all.matches("last words.").count() == 40).then_some(())
    })
    .await;
    let asked = office.slack.asked();
    let begun = asked.iter().filter(|asked| asked.method == "chat.startStream").count();
    assert_eq!(begun, 2, "a second message");
    assert!(asked.iter().all(|asked| asked.error.as_deref() != Some("message_not_in_streaming_state")));
    office.end().await;
}

/// Complaint 16: what Slack invents is no reason to fall over.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_blocks_that_nobody_knows_is_answered() {
    let office = Office::new().await;
    office.script(vec![text("I read it.")]);
    let event = json!({ "type": "message", "channel": DM, "channel_type": "im", "user": ANA, "text": "From the future",
        "ts": "1795000000.000200", "event_ts": "1795000000.000200", "client_msg_id": "0-1",
        "blocks": [{ "type": "hologram", "block_id": "x", "projection": { "depth": [1, null, {}] } }] });
    assert!(office.slack.event(TEAM, event).await.is_ok());
    office.reply(DM, |message| words(message).contains("I read it.")).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_names_the_model_behind_a_command_too() {
    let office = Office::new().await;
    office.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "By a command" }))]).into(),
        text("Here is the draft."),
    ]);
    assert!(office.slack.command(ANA, GENERAL, "make a post about bread").await.is_ok());
    until("its card", || office.slack.ephemerals().into_iter().find(|seen| words(seen).contains("publish#"))).await;
    let why = office.command("why").await;
    assert!(words(&why).contains("Written with"), "{why:#}");
    office.end().await;
}
