//! Tokens of TikTok are found nowhere: not in a row, a file, the log of the real program at `trace`, a page or an answer, also after connecting and
//! publishing were refused with words that repeat them.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::multipart::{Form, Part};
use serde_json::json;
use socrazi_sim::clock::SimClock;
use socrazi_sim::samples::{Film, mp4};
use socrazi_sim::tiktok::{App, TikTokOptions, TikTokSim};
use socrazi_sim::{Fault, FaultKind};

use super::{CREATOR, PUT, VIDEO_INIT, at_once};
use crate::databases::{Engine, on_both};
use crate::serving::{Hands, add_network, everywhere, free_port, nowhere, simulator, start, until, write_config_on};

on_both!(no_token_of_tiktok_is_found_in_any_row_file_log_page_or_answer);

async fn no_token_of_tiktok_is_found_in_any_row_file_log_page_or_answer(engine: Engine) {
    socrazi::app::install_tls_provider();
    let (folder, sim_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let x = simulator(sim_folder.path()).await;
    let ledger_file = sim_folder.path().join("tiktok.jsonl");
    let options = TikTokOptions {
        // A server on this machine proves itself: one secret more to find.
        app: App::Desktop,
        auto_consent: true,
        ledger_file: Some(ledger_file.clone()),
        tuning: at_once(),
        ..TikTokOptions::default()
    };
    let tiktok = TikTokSim::start(options, SimClock::new()).await.unwrap();
    let port = free_port();
    let url = write_config_on(engine, folder.path(), port, &x.url()).await;
    add_network(folder.path(), "tiktok", super::settings(&tiktok));
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.send_at_once().await;
    let code = hands.connect_to("tiktok").await;
    let handed = || -> BTreeSet<String> {
        let ledger = std::fs::read_to_string(&ledger_file).unwrap();
        ledger
            .split('"')
            .filter(|word| word.starts_with("act.") || word.starts_with("rft."))
            .map(str::to_owned)
            .collect()
    };
    let newest = handed().into_iter().find(|word| word.starts_with("act.")).unwrap();
    let refused = |status: u16, code: &str| {
        let error = json!({ "code": code, "message": format!("the token {newest} was not taken"), "log_id": "1" });
        FaultKind::Status { status, body: json!({ "data": {}, "error": error }).to_string(), headers: BTreeMap::new() }
    };
    let repeated_after = || FaultKind::StatusAfter { status: 404, body: format!("nobody knows {newest}") };
    let asked = hands.call("attach_media", json!({ "upload": true })).await;
    let form = Form::new().part("file", Part::bytes(mp4(&Film::default())).file_name("a.mp4"));
    let sent = hands.http.post(asked["upload_url"].as_str().unwrap()).multipart(form).send().await.unwrap();
    assert_eq!(sent.status(), 303);
    let arrived = hands.call("attach_media", json!({ "upload_id": asked["upload_id"] })).await;
    let film = &arrived["media"][0]["id"];
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (text, path, kind, state) in [
        ("refused 1", VIDEO_INIT, refused(400, "invalid_params"), "failed"),
        ("refused 2", PUT, repeated_after(), "published"),
        ("refused 3", CREATOR, refused(401, "scope_not_authorized"), "blocked"),
    ] {
        tiktok.set_faults(Vec::new());
        let segments = json!([{ "text": text, "media": [film] }]);
        let draft = hands
            .call("create_draft", json!({ "segments": segments, "options": { "tiktok": { "privacy": "only_me" } } }))
            .await;
        let post = draft["post"]["id"].clone();
        // What the account may do is known for a minute then.
        hands.call("publish_post", json!({ "post": post, "dry_run": true })).await;
        tiktok.set_faults(vec![Fault::once("*", path, kind)]);
        // No standing permission covers it: the person says yes on the page.
        let asked = hands.call("publish_post", json!({ "post": post })).await;
        hands.approve(asked["approval_url"].as_str().unwrap()).await;
        let read = until(state, async || {
            let read = hands.result("get_post", json!({ "post": post })).await;
            let now = read["structuredContent"]["post"]["deliveries"][0]["state"].clone();
            (now == state).then_some(read)
        })
        .await;
        places.push((format!("what became of {text}"), read.to_string().into_bytes()));
    }
    // Connecting again is refused with words that repeat the secret.
    let repeated = json!({ "error": "invalid_request", "error_description": format!("sim-tiktok-secret {newest}"), "log_id": "1" });
    let repeated = FaultKind::Status { status: 200, body: repeated.to_string(), headers: BTreeMap::new() };
    tiktok.set_faults(vec![Fault::once("POST", "/v2/oauth/token/", repeated)]);
    let page = hands.failed_to_connect("tiktok").await;
    places.push(("the page of the failed connection".into(), page.into_bytes()));
    places.extend(everywhere(server, &hands, (url.as_deref(), folder.path())).await);
    let mut secrets = handed();
    assert!(secrets.len() >= 2, "a token and its refresh token");
    // Whoever knows where an upload goes may end it.
    let ledger = std::fs::read_to_string(&ledger_file).unwrap();
    let keys: BTreeSet<_> = ledger.split("\"key\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!keys.is_empty(), "no upload was begun");
    secrets.extend(keys.into_iter().map(str::to_owned));
    secrets.extend([code, "sim-tiktok-secret".to_owned()]);
    nowhere(&secrets, &places);
}
