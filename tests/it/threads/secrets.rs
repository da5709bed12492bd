//! Tokens of Threads are found nowhere: not in a row, a file, the log of the real program at `trace`, a page or an answer, also after refreshing
//! and publishing were refused with words that repeat them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use socrazi_sim::clock::SimClock;
use socrazi_sim::threads::{ThreadsOptions, ThreadsSim};
use socrazi_sim::{Fault, FaultKind};

use super::AT_ONCE;
use crate::databases::{Engine, on_both};
use crate::serving::{Hands, add_network, everywhere, free_port, nowhere, simulator, start, until, write_config_on};

on_both!(no_token_of_threads_is_found_in_any_row_file_log_page_or_answer);

async fn no_token_of_threads_is_found_in_any_row_file_log_page_or_answer(engine: Engine) {
    socrazi::app::install_tls_provider();
    let (folder, sim_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let x = simulator(sim_folder.path()).await;
    let options = ThreadsOptions {
        allow_any_loopback_redirect: true,
        auto_consent: true,
        ledger_file: Some(sim_folder.path().join("threads.jsonl")),
        tuning: AT_ONCE,
        ..ThreadsOptions::default()
    };
    let threads = ThreadsSim::start(options, SimClock::new()).await.unwrap();
    let port = free_port();
    let url = write_config_on(engine, folder.path(), port, &x.url()).await;
    add_network(folder.path(), "threads", super::settings(&threads));
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.send_at_once().await;
    let code = hands.connect_to("threads").await;
    let handed = || -> BTreeSet<String> {
        let ledger = std::fs::read_to_string(sim_folder.path().join("threads.jsonl")).unwrap();
        ledger.split('"').filter(|word| word.starts_with("THAA")).map(str::to_owned).collect()
    };
    // Refused with words that repeat the token: publishing, then refreshing.
    let ledger = std::fs::read_to_string(sim_folder.path().join("threads.jsonl")).unwrap();
    let newest = ledger.split('"').rfind(|word| word.starts_with("THAA")).unwrap();
    let words = format!("Error validating access token: {newest}");
    let refused = |code: i64| FaultKind::Status {
        status: 400,
        body: json!({ "error": { "message": words, "type": "OAuthException", "code": code } }).to_string(),
        headers: BTreeMap::new(),
    };
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (text, code, state) in
        [("not found 1", 100, "failed"), ("not found 2", 2, "published"), ("not found 3", 190, "blocked")]
    {
        threads.set_faults(vec![Fault::once("POST", "/v1.0/me/threads_publish", refused(code))]);
        if code == 190 {
            threads.set_faults(vec![
                Fault::once("POST", "/v1.0/me/threads_publish", refused(code)),
                Fault::once("GET", "/refresh_access_token", refused(code)),
            ]);
        }
        if code == 2 {
            // Not looked for to its end, which takes minutes: it went out, and the answer says otherwise.
            let body = json!({ "error": { "message": words, "type": "OAuthException", "code": code } }).to_string();
            let kind = FaultKind::StatusAfter { status: 400, body };
            threads.set_faults(vec![Fault::once("POST", "/v1.0/me/threads_publish", kind)]);
        }
        let draft = hands.call("create_draft", json!({ "text": text })).await;
        let post = draft["post"]["id"].clone();
        hands.call("publish_post", json!({ "post": post })).await;
        let read = until(state, async || {
            let read = hands.result("get_post", json!({ "post": post })).await;
            let now = read["structuredContent"]["post"]["deliveries"][0]["state"].clone();
            (now == state).then_some(read)
        })
        .await;
        places.push((format!("what became of {text}"), read.to_string().into_bytes()));
    }
    places.extend(everywhere(server, &hands, (url.as_deref(), folder.path())).await);
    let mut secrets = handed();
    assert!(secrets.len() >= 2, "a short and a long token");
    secrets.extend([code, "sim-threads-secret".to_owned()]);
    nowhere(&secrets, &places);
}
