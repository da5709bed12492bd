//! The real program, killed with SIGKILL between acknowledging something and doing it: the next one does it, once. On SQLite, and on
//! PostgreSQL where `tests/run` provides one.

use socrazi_sim::slack::{Fault, FaultKind};

use super::*;
use crate::databases::{Engine, on_both};
use crate::killed::{Killed, later};

on_both!(what_was_acknowledged_is_done_once_when_the_program_is_killed_before_it_was);

/// A fault that holds the work until the process is gone.
fn hold(slack: &SlackSim, path: &str) {
    slack.set_faults(vec![Fault::once("POST", path, FaultKind::HangBefore)]);
}

async fn what_was_acknowledged_is_done_once_when_the_program_is_killed_before_it_was(engine: Engine) {
    let slack = SlackSim::start(SlackOptions::default()).await.unwrap();
    let (secret, token) = (socrazi_sim::slack::SIGNING_SECRET, socrazi_sim::slack::BOT_TOKEN);
    let api = slack.api_url();
    let service = format!("[slack]\napi_url = \"{api}\"\nsigning_secret = \"{secret}\"\nbot_token = \"{token}\"");
    let mut killed = Killed::new(engine, &service, &member(ANA)).await;
    slack.deliver_to(format!("http://127.0.0.1:{}/", killed.port).parse().unwrap());
    killed.start();
    // A command.
    hold(&slack, "/hooks");
    assert!(slack.command(ANA, GENERAL, "draft Made once").await.is_ok());
    until("the work to begin", || {
        let calls = slack.calls();
        calls.iter().any(|call| call.path.starts_with("/hooks") && call.arrived > 0).then_some(())
    })
    .await;
    killed.kill().await;
    killed.start();
    let draft = later("the draft", || slack.ephemerals().last().cloned()).await;
    assert!(words(&draft).contains("Made once"), "{draft:#}");
    // A press.
    hold(&slack, "/hooks");
    slack.press_ephemeral(ANA, 0, &action(&draft, "publish")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    killed.kill().await;
    killed.start();
    later("the question", || slack.ephemerals().into_iter().find(|seen| words(seen).contains("approve#"))).await;
    // Something said: killed while the answer is being written.
    let slow = Said { pieces: vec![Piece::Text("word ".repeat(900))], between_ms: 400, ..Said::default() };
    killed.model.play([Step { model: Some(MODEL.into()), play: slow.into() }]);
    slack.say(ANA, DM, "Talk for long", None).await;
    let is_open = |message: &Value| message["streaming_state"] == "in_progress";
    later("it begins", || slack.replies(DM).iter().any(is_open).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    killed.kill().await;
    killed.start();
    later("it is ended, and says so", || {
        let all = slack.replies(DM);
        let says = all.iter().any(|message| words(message).contains("interrupted"));
        (!all.iter().any(is_open) && says).then_some(())
    })
    .await;
    assert_eq!(killed.asked(MODEL), 1, "not asked again");
    assert_eq!(slack.ephemerals().len(), 1, "one draft: {:#?}", slack.ephemerals());
}
