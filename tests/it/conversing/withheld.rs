//! Figures of Google's that were asked for alone: where others read and the person did not agree to that, the model is told of no turn that may hold them.

use serde_json::json;
use socrazi::domain::caller::Caller;
use socrazi::domain::chat::{ShowsGoogle, Utterance};
use socrazi_sim::gemini::{Said, Step};
use tokio_util::sync::CancellationToken;

use super::{LITE, Table, call, text};
use crate::databases::{Engine, on_both};
use crate::google::recorder::Recorder;
use crate::google::{join, settings_for};

on_both!(
    what_was_asked_alone_of_google_is_not_told_where_others_read,
    what_was_summed_up_of_google_is_not_told_there_either
);

/// A table whose model is paid for, with a Google account of Ana's, and how many visits she had.
async fn connected(engine: Engine) -> (Table, Recorder, socrazi_sim::google::GoogleSim, String) {
    let recorder = Recorder::start().await;
    let mut settings = settings_for(&recorder.url);
    settings.push(("gemini.tier", "paid".to_owned()));
    let table = Table::on(engine, settings).await;
    let google = join(&table.world, &recorder).await;
    table.world.app.set_consent(&table.ana, true).await.unwrap();
    let report = table.world.call("report_traffic", json!({ "view": "overview", "period": "last 28 days" })).await;
    let visits = report["totals"]["sessions"].to_string();
    (table, recorder, google, visits)
}

impl Table {
    async fn asks_visits(&self, visits: &str) {
        let ask = call("report_traffic", json!({ "view": "overview", "period": "last 28 days" }));
        self.script(vec![ask, text(&format!("There were {visits} visits."))]);
        self.say("Visits, please").await;
    }

    /// Says something in a channel; all that the model was told.
    async fn told_in_channel(&self, words: &str, google: ShowsGoogle) -> String {
        let alone = Utterance::alone("slack", "C1:9", words);
        let said = Utterance { is_private: false, google, ..alone };
        self.world.app.converse(&self.ana, &said, CancellationToken::new(), &mut |_| {}).await.unwrap();
        self.last_asked().to_string()
    }
}

async fn what_was_asked_alone_of_google_is_not_told_where_others_read(engine: Engine) {
    let (table, _recorder, _google, visits) = connected(engine).await;
    table.script(vec![text("Noted: blue.")]);
    table.say("Our colour is blue").await;
    table.asks_visits(&visits).await;
    // An answer that repeats them holds them, too.
    table.script(vec![text(&format!("Yes, {visits}."))]);
    table.say(&format!("Once more, was it {visits}?")).await;
    assert!(table.last_asked().to_string().contains(&visits), "alone nothing is left out");

    table.script(vec![text("I left something out."), text("Blue."), text("It is there again.")]);
    table.told_in_channel("continue 1", ShowsGoogle::Ask).await;
    let told = table.told_in_channel("What was it?", ShowsGoogle::Ask).await;
    assert!(told.contains("left out here") && told.contains("Our colour is blue"), "{told}");
    for hidden in [visits.as_str(), "Visits, please", "Once more"] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
    // What was said there itself stays, after a no as well.
    let told = table.told_in_channel("And the colour?", ShowsGoogle::No).await;
    assert!(told.contains("I left something out.") && !told.contains(&visits), "{told}");
    // Nor does a program read it there that may not see Google's figures; another one does.
    let listed = table.world.call("list_conversations", json!({})).await;
    let mut read = Vec::new();
    for sees_google in [false, true] {
        let program = Caller { sees_google, ..table.world.assistant.clone() };
        let mut messages = String::new();
        for one in listed["conversations"].as_array().unwrap() {
            let asked = json!({ "conversation": one["id"] });
            let told = table.world.app.call_tool(&program, "list_conversations", asked).await.unwrap();
            messages += &told.structured["messages"].to_string();
        }
        assert!(messages.contains("Our colour is blue"), "{messages}");
        read.push((messages.contains(&visits), messages.contains("may not be shown here")));
    }
    assert_eq!(read, [(false, true), (true, false)]);
    // After a yes all of it is there.
    let told = table.told_in_channel("Now?", ShowsGoogle::Yes).await;
    assert!(told.contains(&visits) && !told.contains("left out here"), "{told}");
    table.end().await;
}

async fn what_was_summed_up_of_google_is_not_told_there_either(engine: Engine) {
    let (table, _recorder, _google, visits) = connected(engine).await;
    let lite = |text: &str| Step { model: Some(LITE.into()), play: Said::text(text).into() };
    table.model.play([lite("Numbers"), lite(&format!("In short: {visits} visits."))]);
    table.asks_visits(&visits).await;
    for no in 0..6 {
        table.script(vec![text("Noted.")]);
        table.say(&format!("Remember the number {no}: {}", "bread and more bread. ".repeat(700))).await;
    }
    crate::serving::until("the summary", async || {
        table.script(vec![text("Bread.")]);
        table.say("what do we sell?").await;
        table.last_asked()["systemInstruction"].to_string().contains("In short").then_some(())
    })
    .await;
    table.told_in_channel("continue 1", ShowsGoogle::Ask).await;
    table.script(vec![text("I left something out.")]);
    let told = table.told_in_channel("What was it?", ShowsGoogle::Ask).await;
    assert!(told.contains("left out here") && !told.contains("In short") && !told.contains(&visits), "{told}");
    table.end().await;
}
