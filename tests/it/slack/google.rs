//! Figures of Google's leave for a channel after a yes there: asked alone, once, remembered, forgotten in the settings; where the person is alone with us
//! nobody is asked.

use socrazi::app::Verdict;
use socrazi::domain::chat::ShowsGoogle;

use super::*;
use crate::google::recorder::Recorder;
use crate::google::{join, settings_for};

fn asks_visits(then: &str) -> Vec<Play> {
    let ask = ("report_traffic", json!({ "view": "overview", "period": "last 28 days" }));
    vec![Said::calls(&[ask]).into(), text(then)]
}

/// What the tools told the model last.
fn told(office: &Office) -> String {
    let asked = office.model.asked().into_iter().rfind(|request| request.model == MODEL).unwrap();
    asked.body["contents"].as_array().unwrap().last().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_of_google_is_shown_where_others_read_after_a_yes_there() {
    let recorder = Recorder::start().await;
    let mut settings = settings_for(&recorder.url);
    settings.push(("gemini.tier", "paid".to_owned()));
    let office = Office::with(SlackOptions::default(), settings).await;
    let _google = join(&office.world, &recorder).await;
    let app = &office.world.app;
    app.set_consent(&office.ana, true).await.unwrap();
    let room = format!("{TEAM}/{GENERAL}");
    app.agree_to_readers(&office.ana, ChatPlace::Slack, &room).await.unwrap();
    let report = office.world.call("report_traffic", json!({ "view": "overview", "period": "last 28 days" })).await;
    let visits = report["totals"]["sessions"].to_string();
    let answer = format!("There were {visits} visits.");

    // Alone with us: nobody is asked.
    office.script(asks_visits(&answer));
    office.slack.say(ANA, DM, "How many visits?", None).await;
    office.reply(DM, |message| words(message).contains(&answer)).await;
    assert!(office.slack.ephemerals().is_empty());

    office.script(asks_visits("I asked you just now."));
    let (thread, _) = office.slack.say(ANA, GENERAL, "<@U0BOT> how many visits?", None).await;
    office.reply(GENERAL, |message| words(message).contains("I asked you just now.")).await;
    let asked = office.private(1).await;
    assert_eq!(asked["user"], ANA);
    assert!(words(&asked).contains("Figures from Google would be shown here"), "{asked:#}");
    let heard = told(&office);
    assert!(heard.contains("only after the person agreed") && !heard.contains(&visits), "{heard}");
    assert!(!office.slack.replies(GENERAL).iter().any(|message| words(message).contains(&visits)));

    // Yes: it goes on in the same thread, and is not asked again.
    office.script(asks_visits(&answer));
    office.slack.press_ephemeral(ANA, index_of(&office, &asked), &action(&asked, "google")).await.unwrap();
    let shown = office.reply(GENERAL, |message| words(message).contains(&answer)).await;
    assert_eq!(shown["thread_ts"].as_str(), Some(thread.as_str()), "{shown:#}");
    assert_eq!(app.shows_google(&office.ana, ChatPlace::Slack, &room).await.unwrap(), ShowsGoogle::Yes);
    let other = app.shows_google(&office.ana, ChatPlace::Slack, &format!("{TEAM}/C0OTHER")).await.unwrap();
    assert_eq!(other, ShowsGoogle::Ask, "for this channel alone");
    let before = office.slack.ephemerals().len();
    office.script(asks_visits(&format!("Again: {answer}")));
    office.slack.say(ANA, GENERAL, "<@U0BOT> and once more?", Some(&thread)).await;
    office.reply(GENERAL, |message| words(message).contains("Again: ")).await;
    assert_eq!(office.slack.ephemerals().len(), before);

    // Forgotten in the settings, it is asked anew; a no is remembered, too.
    let page = office.world.page("/settings").await;
    assert!(page.contains("google-rooms") && page.contains(&room), "{page}");
    let settings = office.command("settings").await;
    let settings = office.press(&settings, "google-forget").await;
    assert!(!words(&settings).contains("google-forget#"), "{settings:#}");
    assert_eq!(app.shows_google(&office.ana, ChatPlace::Slack, &room).await.unwrap(), ShowsGoogle::Ask);
    office.script(asks_visits("Asked once more."));
    office.slack.say(ANA, GENERAL, "<@U0BOT> how many visits now?", None).await;
    let asked = until("the question", || {
        office.slack.ephemerals().into_iter().rfind(|told| words(told).contains("dismiss-google#"))
    })
    .await;
    office.press(&asked, "dismiss-google").await;
    assert_eq!(app.shows_google(&office.ana, ChatPlace::Slack, &room).await.unwrap(), ShowsGoogle::No);
    let before = office.slack.ephemerals().len();
    let outcomes = ("report_posts", json!({ "outcomes": true }));
    office.script(vec![Said::calls(&[outcomes]).into(), text("You said no here.")]);
    office.slack.say(ANA, GENERAL, "<@U0BOT> what did my posts bring?", None).await;
    office.reply(GENERAL, |message| words(message).contains("You said no here.")).await;
    assert!(told(&office).contains("nothing from Google is to be shown"), "{}", told(&office));
    assert_eq!(office.slack.ephemerals().len(), before);
    office.world.press("/settings/google-rooms", &[("place", "slack"), ("room", &room)]).await;
    assert_eq!(app.google_rooms(&office.ana).await.unwrap(), []);
    app.answer_google(&office.ana, (ChatPlace::Slack, &room), Verdict::Approve).await.unwrap();
    assert!(app.google_rooms(&office.ana).await.unwrap()[0].is_shown);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_that_was_wanted_is_a_picture_below_the_answer_and_in_a_channel_only_after_a_yes() {
    let recorder = Recorder::start().await;
    let mut settings = settings_for(&recorder.url);
    settings.push(("gemini.tier", "paid".to_owned()));
    let office = Office::with(SlackOptions::default(), settings).await;
    let _google = join(&office.world, &recorder).await;
    let app = &office.world.app;
    app.set_consent(&office.ana, true).await.unwrap();
    let room = format!("{TEAM}/{GENERAL}");
    app.agree_to_readers(&office.ana, ChatPlace::Slack, &room).await.unwrap();
    let charts = || {
        let week = ("report_traffic", json!({ "view": "days", "period": "last 7 days", "chart": true }));
        vec![Said::calls(&[week, ("suggest_times", json!({ "chart": true }))]).into(), text("Please look below.")]
    };
    let shows = |message: &Value| message["blocks"].to_string().contains("data_visualization");

    // A week of days is a chart of Slack's own; a week of hours it has none for, so it is a picture, in words, too.
    office.script(charts());
    office.slack.say(ANA, DM, "Show me my visits", None).await;
    let message = office.reply(DM, shows).await;
    let image = message["blocks"].as_array().unwrap().iter().find(|block| block["type"] == "image").unwrap();
    assert!(image["alt_text"].as_str().unwrap().contains("Visits by weekday and hour. "), "{image:#}");
    let files = office.slack.files();
    let file = files.iter().find(|file| image["slack_file"]["id"] == json!(file.id)).unwrap();
    assert!(file.bytes.starts_with(b"\x89PNG"));
    assert!(read(&office, DM).contains("Please look below."));

    // Where others read it is asked first, and nothing is drawn.
    office.script(charts());
    office.slack.say(ANA, GENERAL, "<@U0BOT> show my visits", None).await;
    office.reply(GENERAL, |message| words(message).contains("Please look below.")).await;
    office.private(1).await;
    assert!(!office.slack.replies(GENERAL).iter().any(shows), "before the yes");
    assert_eq!(office.slack.files().len(), files.len());
    app.answer_google(&office.ana, (ChatPlace::Slack, &room), Verdict::Approve).await.unwrap();
    office.script(charts());
    office.slack.say(ANA, GENERAL, "<@U0BOT> and now?", None).await;
    office.reply(GENERAL, shows).await;

    // Not wanted as a picture, an answer has none.
    let before = office.slack.replies(DM).iter().filter(|message| shows(message)).count();
    office.script(asks_visits("Only words."));
    office.slack.say(ANA, DM, "How many visits?", None).await;
    office.reply(DM, |message| words(message).contains("Only words.")).await;
    assert_eq!(office.slack.replies(DM).iter().filter(|message| shows(message)).count(), before);
    // Pictures go with the person.
    app.delete_user(&office.world.person.user).await.unwrap();
    let gone = || office.slack.files().iter().all(|file| file.is_deleted).then_some(());
    until("the pictures to be deleted", gone).await;
    office.end().await;
}
