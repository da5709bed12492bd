//! The real program, killed with SIGKILL between acknowledging something of Discord's and doing it: the next one does it, once. On SQLite, and
//! on PostgreSQL where `tests/run` provides one.

use std::sync::Arc;

use socrazi_sim::discord::{ACME, Fault, FaultKind};

use super::*;
use crate::databases::{Engine, on_both};
use crate::killed::{Killed, later};

on_both!(
    what_was_acknowledged_is_done_once_when_the_program_is_killed_before_it_was,
    a_mention_in_a_server_is_answered_once_when_the_program_is_killed_before_it_was,
);

/// Where answers to interactions go.
const ANSWERS: &str = "/api/v10/webhooks/";

/// How many calls came to addresses.
fn arrived(discord: &DiscordSim, is_one: impl Fn(&str) -> bool) -> u64 {
    discord.calls().iter().filter(|call| is_one(&call.path)).map(|call| call.arrived).sum()
}

/// Does something whose answer is held until the process is gone, and kills it then.
async fn kill_over(killed: &mut Killed, discord: &DiscordSim, act: impl Future<Output = anyhow::Result<Answer>>) {
    let arrived = || arrived(discord, |path| path.starts_with(ANSWERS));
    let before = arrived();
    discord.set_faults(vec![Fault::once("*", ANSWERS, FaultKind::HangBefore)]);
    let answer = act.await.unwrap();
    assert!(answer.is_ok(), "it was acknowledged: {answer:?}");
    later("the work to begin", || (arrived() > before).then_some(())).await;
    killed.kill().await;
    killed.start();
}

async fn what_was_acknowledged_is_done_once_when_the_program_is_killed_before_it_was(engine: Engine) {
    let discord = Judged::start(DiscordOptions::default()).await;
    let service = format!(
        "[discord]\napi_url = \"{}\"\nbot_token = \"{BOT_TOKEN}\"\napplication_id = \"{APP}\"\npublic_key = \"{PUBLIC_KEY}\"",
        discord.url()
    );
    let mut killed = Killed::new(engine, &service, &discord_member(ANA)).await;
    let app = Arc::new(killed.app().await);
    register(&app, None).await.unwrap();
    app.close().await;
    killed.start();
    let url: url::Url = format!("http://127.0.0.1:{}/discord/interactions", killed.port).parse().unwrap();
    discord.save_endpoint(url).await.unwrap();
    // A command.
    let command = discord.command(ANA, GENERAL, "socrazi draft", json!({ "text": "Made once" }));
    kill_over(&mut killed, &discord, command).await;
    let find = |what: &'static str| {
        let discord = &discord;
        move || discord.ephemerals().into_iter().find(|seen| words(seen).contains(what))
    };
    let draft = later("the draft", find("Made once")).await;
    // A press.
    let (channel, id) = (text_of(&draft["channel_id"]), text_of(&draft["id"]));
    let press = discord.press_labelled(ANA, &channel, &id, "Publish now");
    kill_over(&mut killed, &discord, press).await;
    later("the question", find("[Approve exactly this]")).await;
    // Something said: killed while the answer is being written.
    later("a session at the gateway", || (discord.gateway_is_open() > 0).then_some(())).await;
    let pieces = (0..200).map(|_| Piece::Text("On it goes. ".to_owned())).collect();
    let slow = Said { pieces, between_ms: 200, ..Said::default() };
    killed.model.play([Step { model: Some(MODEL.into()), play: slow.into() }]);
    discord.say(ANA, DM_ANA, "Talk for long").unwrap();
    let is_open = |message: &Value| words(message).contains("[Stop]");
    // Grown once, so its id is kept: in the instant between Discord's answer and that row nobody knows the message yet.
    let is_growing =
        |message: &Value| is_open(message) && message["edits"].as_array().is_some_and(|all| !all.is_empty());
    later("it grows", || discord.replies(DM_ANA).iter().any(is_growing).then_some(())).await;
    killed.kill().await;
    killed.start();
    later("it is ended, and says so", || {
        let all = discord.replies(DM_ANA);
        let said = all.iter().filter(|message| words(message).contains("interrupted")).count();
        let is_whole = |message: &Value| !words(message).contains('▌');
        (!all.iter().any(is_open) && all.iter().all(is_whole) && said == 1).then_some(())
    })
    .await;
    assert_eq!(killed.asked(MODEL), 1, "not asked again");
    assert_eq!(discord.ephemerals().len(), 1, "one draft, and its question in its place: {:#?}", discord.ephemerals());
    killed.kill().await;
    let app = killed.app().await;
    let ana = app.find_member(&discord_member(ANA)).await.unwrap().unwrap();
    assert_eq!(app.list_posts(&ana).await.unwrap().len(), 1);
    assert_eq!(app.list_waiting(&ana).await.unwrap().len(), 1);
    app.close().await;
}

async fn a_mention_in_a_server_is_answered_once_when_the_program_is_killed_before_it_was(engine: Engine) {
    let discord = Judged::start(DiscordOptions::default()).await;
    let service =
        format!("[discord]\napi_url = \"{}\"\nbot_token = \"{BOT_TOKEN}\"\napplication_id = \"{APP}\"", discord.url());
    let mut killed = Killed::new(engine, &service, &discord_member(ANA)).await;
    let app = Arc::new(killed.app().await);
    let ana = app.find_member(&discord_member(ANA)).await.unwrap().unwrap();
    let room = format!("{ACME}/{GENERAL}");
    app.agree_to_readers(&ana, ChatPlace::Discord, &room).await.unwrap();
    app.close().await;
    killed.start();
    later("a session at the gateway", || (discord.gateway_is_open() > 0).then_some(())).await;
    killed.model.play([Step { model: Some(MODEL.into()), play: say("Here I am.") }]);
    // Its thread is what is asked for first; that is held until the process is gone.
    let begins = format!("/api/v10/channels/{GENERAL}/messages/");
    discord.set_faults(vec![Fault::once("POST", &begins, FaultKind::HangBefore)]);
    let said = discord.say(ANA, GENERAL, &format!("<@{APP}> are you there?")).unwrap();
    later("the work to begin", || (arrived(&discord, |path| path.ends_with("/threads")) > 0).then_some(())).await;
    assert!(discord.threads(GENERAL).is_empty());
    killed.kill().await;
    // The next one takes it over before the gateway says who we are.
    discord.set_faults(vec![Fault::once("GET", "/api/v10/gateway/bot", FaultKind::SlowMs(1_500))]);
    killed.start();
    let answers = || discord.replies(&said).iter().filter(|message| words(message).contains("Here I am.")).count();
    later("the answer", || (answers() > 0).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((answers(), killed.asked(MODEL)), (1, 1), "once");
    assert_eq!(discord.threads(GENERAL).len(), 1);
    killed.kill().await;
}
