//! Tokens of a channel and addresses of its uploads are found nowhere: not in a row, a file, the log of the real program at `trace`, a page or an
//! answer, also after connecting, uploading and publishing were refused with words that repeat them.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::multipart::{Form, Part};
use serde_json::json;
use socrazi_sim::clock::SimClock;
use socrazi_sim::google::{GoogleOptions, GoogleSim};
use socrazi_sim::{Fault, FaultKind};

use super::{UPLOADS, VIDEOS, at_once, small};
use crate::databases::{Engine, on_both};
use crate::serving::{Hands, add_network, everywhere, free_port, nowhere, simulator, start, until, write_config_on};

on_both!(no_token_of_a_channel_and_no_address_of_an_upload_is_found_anywhere);

async fn no_token_of_a_channel_and_no_address_of_an_upload_is_found_anywhere(engine: Engine) {
    socrazi::app::install_tls_provider();
    let (folder, sim_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let x = simulator(sim_folder.path()).await;
    let ledger_file = sim_folder.path().join("google.jsonl");
    let options = GoogleOptions {
        allow_any_loopback_redirect: true,
        auto_consent: true,
        ledger_file: Some(ledger_file.clone()),
        tuning: at_once(),
        ..GoogleOptions::default()
    };
    let google = GoogleSim::start(options, SimClock::new()).await.unwrap();
    let port = free_port();
    let url = write_config_on(engine, folder.path(), port, &x.url()).await;
    let settings =
        [crate::google::settings_for(&google.url()), vec![("google.youtube_audit", "passed".to_owned())]].concat();
    add_network(folder.path(), "google", settings);
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.send_at_once().await;
    let code = hands.connect_to("youtube").await;
    let handed = || -> BTreeSet<String> {
        let ledger = std::fs::read_to_string(&ledger_file).unwrap();
        ledger
            .split('"')
            .filter(|word| word.starts_with("ya29.") || word.starts_with("1//0"))
            .map(str::to_owned)
            .collect()
    };
    let newest = handed().into_iter().find(|word| word.starts_with("ya29.")).unwrap();
    let session = "canary-of-the-session";
    let words = |reason: &str| {
        json!({ "error": { "message": format!("{newest} was not taken"), "errors": [{ "reason": reason }] } })
            .to_string()
    };
    let refused =
        |status: u16, reason: &str| FaultKind::Status { status, body: words(reason), headers: BTreeMap::new() };
    let begun = |location: String| {
        let headers = [("location".to_owned(), location)].into();
        FaultKind::Status { status: 200, body: String::new(), headers }
    };
    let ours = google.url().join(&format!("{}?upload_id={session}", &UPLOADS[1..])).unwrap();
    let asked = hands.call("attach_media", json!({ "upload": true })).await;
    let form = Form::new().part("file", Part::bytes(small()).file_name("a.mp4"));
    let sent = hands.http.post(asked["upload_url"].as_str().unwrap()).multipart(form).send().await.unwrap();
    assert_eq!(sent.status(), 303);
    let arrived = hands.call("attach_media", json!({ "upload_id": asked["upload_id"] })).await;
    let video = &arrived["media"][0]["id"];
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (title, faults, state) in [
        // A session that nobody knows: it is kept, asked, and forgotten.
        ("Not found 1", vec![Fault::once("POST", UPLOADS, begun(ours.to_string()))], "waiting"),
        (
            "Not found 2",
            vec![Fault::once("POST", UPLOADS, begun(format!("https://evil.example/{session}")))],
            "waiting",
        ),
        ("Not found 3", vec![Fault::once("PUT", VIDEOS, refused(400, "invalidVideoMetadata"))], "failed"),
        ("Not found 4", vec![Fault::once("PUT", VIDEOS, refused(403, "insufficientPermissions"))], "blocked"),
    ] {
        google.set_faults(faults);
        let arguments = json!({ "segments": [{ "text": title, "media": [video] }], "accounts": ["anamakes"],
            "options": super::chosen() });
        let post = hands.call("create_draft", arguments).await["post"]["id"].clone();
        hands.call("publish_post", json!({ "post": post })).await;
        let read = until(state, async || {
            let read = hands.result("get_post", json!({ "post": post })).await;
            let now = read["structuredContent"]["post"]["deliveries"][0]["state"].clone();
            (now == state).then_some(read)
        })
        .await;
        places.push((format!("what became of {title}"), read.to_string().into_bytes()));
    }
    // Connecting again is refused with words that repeat the code and the secret.
    let repeated =
        json!({ "error": "invalid_request", "error_description": format!("GOCSPX-sim-google-secret {newest}") });
    let repeated = FaultKind::Status { status: 400, body: repeated.to_string(), headers: BTreeMap::new() };
    google.set_faults(vec![Fault::once("POST", "/token", repeated)]);
    let page = hands.failed_to_connect("youtube").await;
    places.push(("the page of the failed connection".into(), page.into_bytes()));
    places.extend(everywhere(server, &hands, (url.as_deref(), folder.path())).await);
    let mut secrets = handed();
    assert!(secrets.len() >= 2, "a token and its refresh token");
    secrets.extend([code, session.to_owned(), "ABsim-".to_owned(), "GOCSPX-sim-google-secret".to_owned()]);
    nowhere(&secrets, &places);
}
