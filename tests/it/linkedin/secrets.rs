//! Tokens of LinkedIn are found nowhere: not in a row, a file, the log of the real program at `trace`, a page or an answer, also after connecting,
//! publishing and revoking were refused with words that repeat them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use socrazi_sim::clock::SimClock;
use socrazi_sim::linkedin::{LinkedInOptions, LinkedInSim};
use socrazi_sim::{Fault, FaultKind};

use super::{POSTS, at_once};
use crate::databases::{Engine, on_both};
use crate::serving::{Hands, add_network, everywhere, free_port, nowhere, simulator, start, until, write_config_on};

on_both!(no_token_of_linkedin_is_found_in_any_row_file_log_page_or_answer);

async fn no_token_of_linkedin_is_found_in_any_row_file_log_page_or_answer(engine: Engine) {
    socrazi::app::install_tls_provider();
    let (folder, sim_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let x = simulator(sim_folder.path()).await;
    let ledger_file = sim_folder.path().join("linkedin.jsonl");
    let options = LinkedInOptions {
        allow_any_loopback_redirect: true,
        auto_consent: true,
        ledger_file: Some(ledger_file.clone()),
        tuning: at_once(),
        // With refresh tokens: two kinds to find.
        ..LinkedInOptions::partner()
    };
    let linkedin = LinkedInSim::start(options, SimClock::new()).await.unwrap();
    let port = free_port();
    let url = write_config_on(engine, folder.path(), port, &x.url()).await;
    add_network(folder.path(), "linkedin", super::settings(&linkedin));
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.send_at_once().await;
    let code = hands.connect_to("linkedin").await;
    let handed = || -> BTreeSet<String> {
        let ledger = std::fs::read_to_string(&ledger_file).unwrap();
        ledger.split('"').filter(|word| word.starts_with("AQX") || word.starts_with("AQW")).map(str::to_owned).collect()
    };
    let newest = handed().into_iter().find(|word| word.starts_with("AQX")).unwrap();
    let words = |status: u16, code: &str| {
        json!({ "status": status, "code": code, "message": format!("the token {newest} was not taken") }).to_string()
    };
    let refused =
        |status: u16, code: &str| FaultKind::Status { status, body: words(status, code), headers: BTreeMap::new() };
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (text, kind, state) in [
        ("not found 1", refused(400, "ILLEGAL_ARGUMENT"), "failed"),
        ("not found 2", FaultKind::StatusAfter { status: 500, body: words(500, "X") }, "published"),
        ("not found 3", refused(403, "ACCESS_DENIED"), "blocked"),
    ] {
        linkedin.set_faults(vec![Fault::once("POST", POSTS, kind)]);
        let draft = hands.call("create_draft", json!({ "text": text })).await;
        let post = draft["post"]["id"].clone();
        hands.call("publish_post", json!({ "post": post })).await;
        // Without a reading scope the second one is asked of a person.
        let state = if state == "published" { "needs_human" } else { state };
        let read = until(state, async || {
            let read = hands.result("get_post", json!({ "post": post })).await;
            let now = read["structuredContent"]["post"]["deliveries"][0]["state"].clone();
            (now == state).then_some(read)
        })
        .await;
        places.push((format!("what became of {text}"), read.to_string().into_bytes()));
    }
    // Connecting again is refused with words that repeat the code and the secret.
    let repeated = json!({ "error": "invalid_request", "error_description": format!("sim-linkedin-secret {newest}") });
    let repeated = FaultKind::Status { status: 400, body: repeated.to_string(), headers: BTreeMap::new() };
    linkedin.set_faults(vec![Fault::once("POST", "/oauth/v2/accessToken", repeated)]);
    let page = hands.failed_to_connect("linkedin").await;
    places.push(("the page of the failed connection".into(), page.into_bytes()));
    places.extend(everywhere(server, &hands, (url.as_deref(), folder.path())).await);
    let mut secrets = handed();
    assert!(secrets.len() >= 2, "a token and its refresh token");
    secrets.extend([code, "sim-linkedin-secret".to_owned()]);
    nowhere(&secrets, &places);
}
