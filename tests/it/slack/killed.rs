//! The real program, killed with SIGKILL between acknowledging something and doing it: the next one does it, once. On SQLite, and on
//! PostgreSQL where `tests/run` provides one.

use socrazi_sim::slack::{Fault, FaultKind};

use super::*;
use crate::databases::{Engine, on_both};
use crate::killed::{Killed, later};

on_both!(what_was_acknowledged_is_done_once_when_the_program_is_killed_before_it_was);

/// Where answers go.
const ANSWERS: &str = "/hooks";

/// Does something whose answer is held until the process is gone, and kills it then.
async fn kill_over(killed: &mut Killed, slack: &SlackSim, act: impl Future<Output = bool>) {
    let arrived = || -> u64 {
        let calls = slack.calls();
        calls.iter().filter(|call| call.path.starts_with(ANSWERS)).map(|call| call.arrived).sum()
    };
    let before = arrived();
    slack.set_faults(vec![Fault::once("POST", ANSWERS, FaultKind::HangBefore)]);
    assert!(act.await, "it was acknowledged");
    later("the work to begin", || (arrived() > before).then_some(())).await;
    killed.kill().await;
    killed.start();
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
    let command = async { slack.command(ANA, GENERAL, "draft Made once").await.is_ok() };
    kill_over(&mut killed, &slack, command).await;
    let draft = later("the draft", || slack.ephemerals().last().cloned()).await;
    assert!(words(&draft).contains("Made once"), "{draft:#}");
    // A press.
    let publish = action(&draft, "publish");
    let press = async { slack.press_ephemeral(ANA, 0, &publish).await.is_ok_and(|answer| answer.is_ok()) };
    kill_over(&mut killed, &slack, press).await;
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
