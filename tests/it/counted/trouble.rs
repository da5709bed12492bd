//! When reading figures goes wrong, or what they are of goes away: nothing is asked in a rush, nothing of the gone is kept, posting goes on.

use std::collections::BTreeMap;

use serde_json::json;
use socrazi::app::Verdict;
use socrazi_sim::faults::{Fault, FaultKind};

use super::{DAY_MS, HOUR_MS, Scene};
use crate::asked::{answer, approval};
use crate::databases::{Engine, on_both};

on_both!(
    what_is_gone_leaves_no_figures,
    several_processes_read_a_post_once,
    an_account_that_is_let_go_takes_its_figures_along
);

fn status(status: u16, body: &str) -> FaultKind {
    FaultKind::Status { status, body: body.to_owned(), headers: BTreeMap::new() }
}

#[tokio::test]
async fn a_network_that_puts_off_is_left_alone_for_a_while() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (post, _) = scene.out("Read in the end").await;
    let used_up = r#"{"title":"CreditsDepleted","type":"https://api.x.com/2/problems/credits"}"#;
    for fault in [
        status(402, used_up),
        FaultKind::RateLimited { retry_after_s: 1_200, body: socrazi_sim::RateBody::Problem },
        FaultKind::ResetBefore,
        FaultKind::BrokenBodyAfter,
        status(200, "{}"),
        status(503, "<html>"),
    ] {
        let before = scene.asked();
        scene.world.sim.set_faults(vec![Fault::once("GET", "/2/tweets", fault.clone())]);
        // Old enough for the first of them; later for the others, which come within its age.
        let until_old = if before == 0 { 24 * HOUR_MS } else { HOUR_MS };
        scene.after(until_old).await;
        assert_eq!(scene.asked(), before + 1, "{fault:?}");
        scene.after(5 * 60_000).await;
        assert_eq!(scene.asked(), before + 1, "asked again within minutes after {fault:?}");
        assert_eq!(scene.rows("post_figures").await, 0, "{fault:?}");
    }
    scene.after(HOUR_MS).await;
    assert_eq!(scene.rows("post_figures").await, 1);
    assert_eq!(scene.report().await["figures"]["rows"][0][0], post);
    // Nobody was told of any of it, and the account is as it was.
    assert_eq!(scene.world.delivery(&post).await["state"], "published");
    scene.out("Posting goes on").await;
    scene.world.end().await;
}

#[tokio::test]
async fn a_refusal_is_told_and_a_refused_token_is_tried_once_more() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.out("Refused for a while").await;
    let suspended = r#"{"title":"Forbidden","type":"https://api.x.com/2/problems/user-suspended","status":403}"#;
    scene.world.sim.set_faults(vec![Fault::once("GET", "/2/tweets", status(403, suspended))]);
    scene.after(24 * HOUR_MS).await;
    let caveats = scene.report().await["figures"]["caveats"].to_string();
    assert!(caveats.contains("suspended"), "{caveats}");
    scene.after(HOUR_MS).await;
    assert_eq!(scene.asked(), 1, "a refusal is not asked about again within the hour");
    // A token that X refuses is refreshed, and the call is made once more.
    scene.world.sim.set_faults(vec![Fault::once("GET", "/2/tweets", status(401, "{}"))]);
    scene.after(6 * HOUR_MS).await;
    assert_eq!((scene.asked(), scene.rows("post_figures").await), (3, 1));
    let caveats = scene.report().await["figures"]["caveats"].to_string();
    assert!(!caveats.contains("suspended"), "{caveats}");
    scene.world.end().await;
}

#[tokio::test]
async fn a_server_that_was_off_does_not_take_late_figures_for_early_ones() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.out("Two days without a server").await;
    scene.after(2 * DAY_MS).await;
    assert_eq!(scene.asked(), 0, "a day's figure is none after two");
    scene.after(5 * DAY_MS).await;
    assert_eq!((scene.asked(), scene.rows("post_figures").await), (1, 1));
    let row = scene.report().await["figures"]["rows"][0].clone();
    assert_eq!(row[2], 7 * 24, "{row}");
    scene.world.end().await;
}

#[tokio::test]
async fn posts_are_read_in_batches_and_a_foreign_or_old_one_loses_nothing_of_the_others() {
    let scene = Scene::on(Engine::Sqlite).await;
    for no in 0..7 {
        scene.out(&format!("One of seven: {no}")).await;
    }
    scene.after(25 * HOUR_MS).await;
    assert_eq!((scene.asked(), scene.rows("post_figures").await), (1, 7), "one call for all");
    // X drops a post from the answer when something that only its owner sees is asked for too late.
    let id = scene.world.sim.ledger()[0].id.clone();
    let dropped = json!({ "errors": [{ "resource_id": id, "title": "Field Authorization Error",
        "type": "https://api.x.com/2/problems/not-authorized-for-field" }] });
    scene.world.sim.set_faults(vec![Fault::once("GET", "/2/tweets", status(200, &dropped.to_string()))]);
    scene.after(6 * DAY_MS).await;
    assert_eq!(scene.asked(), 3, "asked again without it");
    let rows = scene.report().await["figures"]["rows"].as_array().unwrap().clone();
    let public: Vec<_> = rows.iter().filter(|row| row[2] == 7 * 24 + 1).collect();
    assert_eq!(public.len(), 1, "what was not in the answer is not there any more: {rows:?}");
    assert!(public[0][3].as_u64().is_some() && public[0][8].is_null(), "{public:?}");
    scene.world.end().await;
}

async fn what_is_gone_leaves_no_figures(engine: Engine) {
    let scene = Scene::on(engine).await;
    let (post, _) = scene.out("Taken down").await;
    scene.out("Deleted on X itself").await;
    scene.after(25 * HOUR_MS).await;
    assert_eq!(scene.rows("post_figures").await, 2);
    let asked = scene.world.call("take_down_post", json!({ "post": post })).await;
    answer(&scene.world, &approval(&asked), Verdict::Approve).await.unwrap();
    scene.world.until(&post, "taken_down", 1_000).await;
    scene.after(60_000).await;
    assert_eq!(scene.rows("post_figures").await, 1, "what was taken down here");
    // And what its author deleted there: X does not show it any more.
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.post(scene.world.sim.url().join("/__sim/reset").unwrap()).send().await.unwrap();
    scene.after(6 * DAY_MS).await;
    let report = scene.report().await;
    assert_eq!(report["figures"]["rows"], json!([]), "{report}");
    scene.world.abandon().await;
}

async fn several_processes_read_a_post_once(engine: Engine) {
    let scene = Scene::on(engine).await;
    scene.out("Read by one of them").await;
    let other = scene.world.beside().await;
    scene.world.pass(25 * HOUR_MS);
    let both = tokio::join!(scene.world.app.count_due(), other.count_due());
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    assert_eq!((scene.asked(), scene.rows("post_figures").await), (1, 1));
    other.close().await;
    scene.world.end().await;
}

async fn an_account_that_is_let_go_takes_its_figures_along(engine: Engine) {
    let scene = Scene::on(engine).await;
    let (_, id) = scene.out("Let go").await;
    scene.set(&id, &[("impression_count", 987_654_321)]);
    scene.after(25 * HOUR_MS).await;
    assert_eq!((scene.rows("post_figures").await, scene.rows("figures_turn").await), (1, 1));
    let plain = scene.world.rows().await;
    let readable = plain["post_figures"].iter().any(|row| row.contains("987654321") || row.contains("views"));
    assert!(!readable, "figures lie sealed: {:?}", plain["post_figures"]);
    let account = scene.world.app.store().list_accounts(&scene.world.person.workspace).await.unwrap().remove(0).account;
    scene.world.app.store().update_account_disconnected(&account.id, &account.workspace, None).await.unwrap();
    assert_eq!((scene.rows("post_figures").await, scene.rows("figures_turn").await), (0, 0));
    scene.after(7 * DAY_MS).await;
    assert_eq!((scene.asked(), scene.rows("post_figures").await), (1, 0), "and nothing is read after it");
    scene.world.end().await;
}
