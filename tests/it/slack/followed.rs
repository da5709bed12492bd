//! A post that beat its account's median is followed up from where its person reads of it: the report, and the week.

use socrazi::domain::digest::Digest;

use super::*;
use crate::counted::{UNUSUAL, plant_winner};

fn three(what: &str) -> Vec<Play> {
    let texts = [1, 2, 3].map(|no| format!("{what} {no}: does it lean?"));
    let calls = texts.each_ref().map(|text| ("create_draft", json!({ "text": text })));
    vec![Said::calls(&calls).into(), text("Three drafts are below.")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_did_well_is_followed_up_from_the_report_and_from_the_week() {
    let office = Office::new().await;
    let best = plant_winner(&office.world).await;
    let report = office.command("report").await;
    assert!(words(&report).contains("3 times the median (102) of 5 posts"), "{report:#}");
    office.script(three("Report"));
    let at = index_of(&office, &report);
    office.slack.press_ephemeral(ANA, at, &action(&report, "follow-up")).await.unwrap();
    let told = until("three drafts", || {
        office.slack.ephemerals().into_iter().find(|message| words(message).contains("Report 3: does it lean?"))
    })
    .await;
    for no in [1, 2, 3] {
        assert!(words(&told).contains(&format!("Report {no}: does it lean?")), "{told:#}");
    }
    let asked = office.model.asked().into_iter().find(|request| request.model == MODEL).unwrap().body.to_string();
    assert!(asked.contains("306 views") && asked.contains(best.as_str().unwrap()), "{asked}");

    // On Monday, in the direct thread: said there in her name, and answered below it.
    office.world.app.choose_digest(&office.ana, &member(ANA), Digest::Monday).await.unwrap();
    let (hour, day) = (3_600_000, 24 * 3_600_000);
    office.world.pass((4 * day + 8 * hour + 60_000 - office.world.app.now_ms()).rem_euclid(7 * day));
    let week = office.reply(DM, |message| words(message).contains("Three things to do next")).await;
    assert!(words(&week).contains(UNUSUAL) && words(&week).contains("/analytics#winners"), "{week:#}");
    office.script(three("Week"));
    let ts = week["ts"].as_str().unwrap();
    office.slack.press(ANA, DM, ts, &action(&week, "follow-up")).await.unwrap();
    for part in ["follow-ups to my post", "Three drafts are below.", "Week 3: does it lean?"] {
        office.reply(DM, |message| words(message).contains(part)).await;
    }
    let drafts = office.world.call("list_posts", json!({ "status": "draft" })).await;
    assert_eq!(drafts["posts"].as_array().unwrap().len(), 6, "{drafts}");
    office.end().await;
}
