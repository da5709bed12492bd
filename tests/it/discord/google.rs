//! Figures of Google's leave for a channel after a yes there. Discord has no messages for one person outside of commands: the question comes directly, and
//! its button names the channel.

use socrazi::domain::chat::ShowsGoogle;

use super::*;
use crate::google::recorder::Recorder;
use crate::google::{join, settings_for};

fn asks_visits(then: &str) -> Vec<Play> {
    let ask = ("report_traffic", json!({ "view": "overview", "period": "last 28 days" }));
    vec![Said::calls(&[ask]).into(), say(then)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_of_google_is_shown_where_others_read_after_a_yes_there() {
    let recorder = Recorder::start().await;
    let mut settings = settings_for(&recorder.url);
    settings.push(("gemini.tier", "paid".to_owned()));
    let hall = Hall::with(Engine::Sqlite, Over::Gateway, settings).await;
    let _google = join(&hall.world, &recorder).await;
    let app = &hall.world.app;
    app.set_consent(&hall.ana, true).await.unwrap();
    let room = format!("{}/{GENERAL}", socrazi_sim::discord::ACME);
    app.agree_to_readers(&hall.ana, ChatPlace::Discord, &room).await.unwrap();
    let report = hall.world.call("report_traffic", json!({ "view": "overview", "period": "last 28 days" })).await;
    let visits = report["totals"]["sessions"].to_string();
    let answer = format!("There were {visits} visits.");

    hall.script(asks_visits("I asked you just now."));
    let said = hall.discord.say(ANA, GENERAL, &format!("<@{APP}> how many visits?")).unwrap();
    // The thread is called like the message it begins at.
    hall.seen(ANA, &said, |message| words(message).contains("I asked you just now.")).await;
    let asked = hall.seen(ANA, DM_ANA, |message| words(message).contains("Figures from Google would be shown")).await;
    let told = hall.model.asked().into_iter().rfind(|request| request.model == MODEL).unwrap().body.to_string();
    assert!(told.contains("only after the person agreed") && !told.contains(&visits), "{told}");

    hall.script(asks_visits(&answer));
    let agreed = hall.press(&asked, "I agree").await;
    assert!(!words(&agreed).contains("[I agree]"), "{agreed:#}");
    hall.seen(ANA, &said, |message| words(message).contains(&answer)).await;
    assert_eq!(app.shows_google(&hall.ana, ChatPlace::Discord, &room).await.unwrap(), ShowsGoogle::Yes);
    let before = hall.discord.replies(DM_ANA).len();
    hall.script(asks_visits(&format!("Again: {answer}")));
    hall.discord.say(ANA, GENERAL, &format!("<@{APP}> and once more?")).unwrap();
    until("the answer", || {
        hall.model.asked().iter().any(|request| request.body.to_string().contains("and once more?")).then_some(())
    })
    .await;
    assert_eq!(hall.discord.replies(DM_ANA).len(), before);

    // Forgotten in the settings, which name the channel.
    let settings = hall.command("settings", json!({})).await;
    let settings = hall.press(&settings, "Ask me again").await;
    assert!(!words(&settings).contains("[Ask me again]"), "{settings:#}");
    assert_eq!(app.shows_google(&hall.ana, ChatPlace::Discord, &room).await.unwrap(), ShowsGoogle::Ask);
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_that_was_wanted_is_a_picture_below_the_answer_and_in_a_channel_only_after_a_yes() {
    let recorder = Recorder::start().await;
    let mut settings = settings_for(&recorder.url);
    settings.push(("gemini.tier", "paid".to_owned()));
    let hall = Hall::with(Engine::Sqlite, Over::Gateway, settings).await;
    let _google = join(&hall.world, &recorder).await;
    let app = &hall.world.app;
    app.set_consent(&hall.ana, true).await.unwrap();
    let room = format!("{}/{GENERAL}", socrazi_sim::discord::ACME);
    app.agree_to_readers(&hall.ana, ChatPlace::Discord, &room).await.unwrap();
    let charts = || {
        let week = ("report_traffic", json!({ "view": "days", "period": "last 7 days", "chart": true }));
        vec![Said::calls(&[week, ("suggest_times", json!({ "chart": true }))]).into(), say("Please look below.")]
    };
    let pictures = |message: &Value| message["attachments"].as_array().map_or(0, Vec::len);

    hall.script(charts());
    hall.discord.say(ANA, DM_ANA, "Show me my visits").unwrap();
    let message = hall.seen(ANA, DM_ANA, |message| pictures(message) == 2).await;
    let told = |no: usize| message["attachments"][no]["description"].as_str().unwrap().to_owned();
    assert!(told(0).contains("Visits / Day") && told(1).contains("Visits by weekday and hour"), "{message:#}");

    hall.script(charts());
    let said = hall.discord.say(ANA, GENERAL, &format!("<@{APP}> show my visits")).unwrap();
    hall.seen(ANA, &said, |message| words(message).contains("Please look below.")).await;
    hall.seen(ANA, DM_ANA, |message| words(message).contains("Figures from Google would be shown")).await;
    assert!(hall.discord.seen_by(ANA, &said).iter().all(|message| pictures(message) == 0), "before the yes");
    app.answer_google(&hall.ana, (ChatPlace::Discord, &room), socrazi::app::Verdict::Approve).await.unwrap();
    hall.script(charts());
    let said = hall.discord.say(ANA, GENERAL, &format!("<@{APP}> and now?")).unwrap();
    hall.seen(ANA, &said, |message| pictures(message) == 2).await;
    hall.end().await;
}
