//! Tokens of Instagram are found nowhere: not in a row, a file, the log of the real program at `trace`, a page or an answer, also after refreshing
//! and publishing were refused with words that repeat them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use socrazi_sim::clock::SimClock;
use socrazi_sim::instagram::{InstagramOptions, InstagramSim};
use socrazi_sim::{Fault, FaultKind};

use super::at_once;
use crate::databases::{Engine, on_both, rows};
use crate::serving::{Hands, free_port, simulator, start, until, write_config_on};

on_both!(no_token_of_instagram_is_found_in_any_row_file_log_page_or_answer);

fn files(folder: &std::path::Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Goes to Instagram, agrees there and comes back.
async fn connect(hands: &Hands) -> String {
    let page = hands.page("accounts").await;
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let away = hands.http.post(hands.web.join("connect/instagram").unwrap()).header("cookie", &hands.cookie);
    let away = away.form(&[("csrf", csrf)]).send().await.unwrap().text().await.unwrap();
    let there = away.split_once("content=\"0;url=").unwrap().1.split_once('"').unwrap().0.replace("&#38;", "&");
    let consent = hands.http.get(there).send().await.unwrap();
    let mut back: url::Url = consent.headers()["location"].to_str().unwrap().parse().unwrap();
    back.set_fragment(None);
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let done = hands.http.get(back).header("cookie", &hands.cookie).send().await.unwrap();
    assert_eq!(done.status(), 303, "{}", done.text().await.unwrap());
    code
}

/// Nothing is held before it goes out.
async fn send_at_once(hands: &Hands) {
    let page = hands.page("settings").await;
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let form = [
        ("csrf", csrf.as_str()),
        ("lang", "en"),
        ("zone", "UTC"),
        ("hold_s", "0"),
        ("stdio_grant", "drafts"),
        ("chat_grant", "drafts"),
    ];
    let sent = hands.http.post(hands.web.join("settings").unwrap()).header("cookie", &hands.cookie);
    assert_eq!(sent.form(&form).send().await.unwrap().status(), 303);
}

async fn no_token_of_instagram_is_found_in_any_row_file_log_page_or_answer(engine: Engine) {
    socrazi::app::install_tls_provider();
    let (folder, sim_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let x = simulator(sim_folder.path()).await;
    let options = InstagramOptions {
        allow_any_loopback_redirect: true,
        auto_consent: true,
        ledger_file: Some(sim_folder.path().join("instagram.jsonl")),
        tuning: at_once(),
        ..InstagramOptions::default()
    };
    let instagram = InstagramSim::start(options, SimClock::new()).await.unwrap();
    let port = free_port();
    let url = write_config_on(engine, folder.path(), port, &x.url()).await;
    let config = folder.path().join("socrazi.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let more = super::settings(&instagram)
        .into_iter()
        .map(|(key, value)| format!("{} = \"{value}\"\n", key.strip_prefix("instagram.").unwrap()));
    std::fs::write(&config, format!("{text}[instagram]\n{}", more.collect::<String>())).unwrap();
    let mut server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    send_at_once(&hands).await;
    let code = connect(&hands).await;
    let handed = || -> BTreeSet<String> {
        let ledger = std::fs::read_to_string(sim_folder.path().join("instagram.jsonl")).unwrap();
        ledger.split('"').filter(|word| word.starts_with("IGAA")).map(str::to_owned).collect()
    };
    // Refused with words that repeat the token: publishing, then refreshing.
    let ledger = std::fs::read_to_string(sim_folder.path().join("instagram.jsonl")).unwrap();
    let newest = ledger.split('"').rfind(|word| word.starts_with("IGAA")).unwrap();
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
        instagram.set_faults(vec![Fault::once("POST", "/v1.0/me/instagram_publish", refused(code))]);
        if code == 190 {
            instagram.set_faults(vec![
                Fault::once("POST", "/v1.0/me/instagram_publish", refused(code)),
                Fault::once("GET", "/refresh_access_token", refused(code)),
            ]);
        }
        if code == 2 {
            // Not looked for to its end, which takes minutes: it went out, and the answer says otherwise.
            let body = json!({ "error": { "message": words, "type": "OAuthException", "code": code } }).to_string();
            let kind = FaultKind::StatusAfter { status: 400, body };
            instagram.set_faults(vec![Fault::once("POST", "/v1.0/me/instagram_publish", kind)]);
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
    for path in ["", "accounts", "calendar", "settings"] {
        places.push((format!("the page /{path}"), hands.page(path).await.into_bytes()));
    }
    let listed = hands.result("list_accounts", json!({ "detail": "rules" })).await;
    places.push(("what list_accounts answered".into(), listed.to_string().into_bytes()));
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let log = server.log.lock().unwrap().clone();
    assert!(
        log.contains("TRACE") && log.contains("commit call ended"),
        "the log is not at trace, so it proves nothing"
    );
    places.push(("the log".to_owned(), log.into_bytes()));
    files(&folder.path().join("data"), &mut places);
    for (table, rows) in rows(url.as_deref(), &folder.path().join("data")).await {
        places.push((format!("the table {table}"), rows.join("\n").into_bytes()));
    }
    let mut secrets = handed();
    assert!(secrets.len() >= 2, "a short and a long token");
    secrets.extend([code, "sim-instagram-secret".to_owned()]);
    for (place, bytes) in &places {
        let text = String::from_utf8_lossy(bytes);
        let hex = |secret: &str| secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()) && !text.contains(&hex(secret)), "{place} holds {}…", &secret[..6]);
        }
    }
}
