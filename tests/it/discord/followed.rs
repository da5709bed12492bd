//! A post that beat its account's median is followed up from where its person reads of it: the report, and the week.

use socrazi::domain::digest::Digest;

use super::*;
use crate::counted::{UNUSUAL, plant_winner};

fn three(what: &str) -> Vec<Play> {
    let texts = [1, 2, 3].map(|no| format!("{what} {no}: does it lean?"));
    let calls = texts.each_ref().map(|text| ("create_draft", json!({ "text": text })));
    vec![Said::calls(&calls).into(), say("Three drafts are below.")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_did_well_is_followed_up_from_the_report_and_from_the_week() {
    let hall = Hall::new().await;
    let best = plant_winner(&hall.world).await;
    let report = hall.command("report", json!({})).await;
    assert!(words(&report).contains("3 times the median (102) of 5 posts"), "{report:#}");
    hall.script(three("Report"));
    hall.press(&report, "Draft three follow-ups").await;
    until("three drafts", || {
        hall.discord.ephemerals().into_iter().find(|message| words(message).contains("Report 3: does it lean?"))
    })
    .await;
    let asked = hall.model.asked().into_iter().find(|request| request.model == MODEL).unwrap().body.to_string();
    assert!(asked.contains("306 views") && asked.contains(best.as_str().unwrap()), "{asked}");

    hall.world.app.choose_digest(&hall.ana, &discord_member(ANA), Digest::Monday).await.unwrap();
    let (hour, day) = (3_600_000, 24 * 3_600_000);
    hall.world.pass((4 * day + 8 * hour + 60_000 - hall.world.app.now_ms()).rem_euclid(7 * day));
    let week = hall.seen(ANA, DM_ANA, |message| words(message).contains("Three things to do next")).await;
    assert!(words(&week).contains(UNUSUAL) && words(&week).contains("/analytics#winners"), "{week:#}");
    hall.script(three("Week"));
    hall.press(&week, "Draft three follow-ups").await;
    for part in ["follow-ups to my post", "Three drafts are below.", "Week 3: does it lean?"] {
        hall.seen(ANA, DM_ANA, |message| words(message).contains(part)).await;
    }
    let drafts = hall.world.call("list_posts", json!({ "status": "draft" })).await;
    assert_eq!(drafts["posts"].as_array().unwrap().len(), 6, "{drafts}");
    hall.end().await;
}
