//! Secrets are found nowhere: not in a database file or row, a stored picture, the log at `trace`, a page, an answer or a refusal, neither
//! as they are nor in base64 or hexadecimal, also after refreshing, connecting and revoking have failed.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use socrazi_sim::x::XSim;
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine as Database, on_both, rows};
use crate::media::geotagged;
use crate::serving::{Hands, files, free_port, simulator, start, until, write_config_on};

on_both!(no_secret_is_found_in_any_file_row_log_page_or_answer);

/// Everything that a secret may look like inside something larger.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![secret.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    // Base64 depends on where in its three bytes the secret begins; whole groups only, so that no neighbour shows.
    for shift in 0..3 {
        let text = [&vec![0; shift][..], secret].concat();
        let (begin, end) = ([0, 2, 3][shift], text.len() / 3 * 4);
        forms.push(STANDARD.encode(&text).as_bytes()[begin..end].to_vec());
        forms.push(URL_SAFE.encode(&text).as_bytes()[begin..end].to_vec());
    }
    forms
}

fn finds(place: &[u8], needle: &[u8]) -> bool {
    // Longer than any of these by chance.
    assert!(needle.len() >= 8, "{needle:?} is too short to be looked for");
    match std::str::from_utf8(needle) {
        // The search for texts is a fast one, and what is no text in the place hides none.
        Ok(needle) => String::from_utf8_lossy(place).contains(needle),
        Err(_) => place.windows(needle.len()).any(|window| window == needle),
    }
}

#[test]
fn a_secret_is_found_in_all_its_forms() {
    let secret = b"canary-secret-9f";
    for shift in 0..3 {
        let around = [&b"abc"[..shift], secret, b"xyz"].concat();
        for text in [STANDARD.encode(&around), URL_SAFE.encode(&around)] {
            assert!(forms(secret).iter().any(|form| finds(text.as_bytes(), form)), "{text}");
        }
    }
    assert!(forms(secret).iter().any(|form| finds(b"\\x63616e6172792d7365637265742d3966", form)));
}

/// What the person and the assistant get to see, all of it.
struct Seen {
    hands: Hands,
    places: Vec<(String, Vec<u8>)>,
}

impl Seen {
    async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.hands.result(tool, arguments).await;
        self.places.push((format!("what {tool} answered"), result.to_string().into_bytes()));
        result["structuredContent"].clone()
    }

    async fn page(&mut self, path: &str) -> String {
        let page = self.hands.page(path).await;
        self.places.push((format!("the page /{path}"), page.clone().into_bytes()));
        page
    }

    async fn state(&mut self, post: &Value) -> String {
        let read = self.call("get_post", json!({ "post": post })).await;
        read["post"]["deliveries"][0]["state"].as_str().unwrap_or_default().to_owned()
    }

    /// Publishes something that the network answers once with 401, so that the token must be refreshed.
    async fn publish_with_a_refused_token(&mut self, sim: &XSim, text: &str, more: Vec<Fault>, state: &str) {
        let unauthorized = FaultKind::Status { status: 401, body: String::new(), headers: Default::default() };
        sim.set_faults([vec![Fault::once("POST", "/2/tweets", unauthorized)], more].concat());
        let draft = self.call("create_draft", json!({ "text": text })).await;
        self.call("publish_post", json!({ "post": draft["post"]["id"] })).await;
        for _ in 0..600 {
            if self.state(&draft["post"]["id"]).await == state {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{text}: {} instead of {state}", self.state(&draft["post"]["id"]).await);
    }
}

async fn no_secret_is_found_in_any_file_row_log_page_or_answer(engine: Database) {
    socrazi::app::install_tls_provider();
    let (folder, sim_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sim = simulator(sim_folder.path()).await;
    let port = free_port();
    let url = write_config_on(engine, folder.path(), port, &sim.url()).await;
    let mut server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.connect_x().await;
    let mut seen = Seen { hands, places: Vec::new() };
    let (bad, away) = (
        |status: u16| FaultKind::Status {
            status,
            body: json!({ "error": "invalid_request" }).to_string(),
            headers: Default::default(),
        },
        "/2/oauth2/token",
    );
    seen.page("settings").await;
    seen.hands.send_at_once().await;
    seen.call("list_accounts", json!({ "detail": "rules" })).await;
    seen.call("list_accounts", json!({ "nonsense": 1 })).await;
    // A picture, which lies in a folder of its own.
    let link =
        seen.hands.call("attach_media", json!({ "upload": true })).await["upload_url"].as_str().unwrap().to_owned();
    let part = reqwest::multipart::Part::bytes(geotagged()).file_name("a.jpg");
    seen.hands.http.post(link).multipart(reqwest::multipart::Form::new().part("file", part)).send().await.unwrap();
    // Refreshing goes well, then fails for good; the person connects again.
    seen.publish_with_a_refused_token(&sim, "canary-text-in-no-log", Vec::new(), "published").await;
    let dead = vec![Fault::once("POST", away, bad(400))];
    seen.publish_with_a_refused_token(&sim, "canary-text-in-no-log, once more", dead, "blocked").await;
    seen.page("").await;
    // Connecting fails: the code is refused.
    sim.set_faults(vec![Fault::once("POST", away, bad(400))]);
    let (code, failed) = seen.hands.way_back_from_x().await;
    assert!(!failed.status().is_redirection(), "{}", failed.status());
    seen.places.push(("the page after connecting failed".into(), failed.bytes().await.unwrap().to_vec()));
    sim.set_faults(Vec::new());
    seen.hands.connect_x().await;
    // Revoking fails.
    let accounts = seen.page("accounts").await;
    let csrf = accounts.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let ask = accounts.split_once("href=\"/accounts/acct_").unwrap().1.split_once('"').unwrap().0;
    sim.set_faults(vec![Fault::once("POST", "/2/oauth2/revoke", bad(503)).times(2)]);
    let press = seen.hands.http.post(server.web.join(&format!("accounts/acct_{ask}")).unwrap());
    press.header("cookie", &seen.hands.cookie).form(&[("csrf", csrf)]).send().await.unwrap();
    until("the notice", async || seen.hands.page("").await.contains("did not confirm").then_some(())).await;
    for path in ["", "calendar", "accounts", "settings", "connect/x", "nothing/here", "signin?link=wrong-secret-9f"] {
        seen.page(path).await;
    }

    // What the simulator handed out is the truth about which tokens exist.
    let handed: std::collections::BTreeSet<String> = std::fs::read_to_string(sim_folder.path().join("ledger.jsonl"))
        .unwrap()
        .split('"')
        .filter(|word| word.starts_with("sim-x-at-") || word.starts_with("sim-x-rt-"))
        .map(str::to_owned)
        .collect();
    assert!(handed.len() >= 6, "connected twice and refreshed once, but there are {} tokens", handed.len());
    let kek = std::fs::read_to_string(folder.path().join("socrazi.kek")).unwrap();
    let kek = STANDARD.decode(kek.split_whitespace().last().unwrap()).unwrap();
    let sign_in = server.link.split_once("link=").unwrap().1.to_owned();
    let cookie = seen.hands.cookie.split_once('=').unwrap().1.to_owned();
    let mut secrets: Vec<Vec<u8>> = handed.into_iter().map(String::into_bytes).collect();
    secrets.extend([seen.hands.token.clone(), cookie, "sim-x-secret".to_owned(), code].map(String::into_bytes));
    secrets.push(kek);

    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let log = server.log.lock().unwrap().clone();
    assert!(log.contains("TRACE") && log.contains("sqlx"), "the log is not at trace, so it proves nothing");
    let printed_once = log.lines().filter(|line| line.contains(&sign_in)).count();
    assert_eq!(printed_once, 1, "the sign-in link is printed once and logged nowhere");
    let mut places = seen.places;
    assert!(places.len() > 15);
    assert!(!log.contains("canary-text-in-no-log"), "a post's text is in the log");
    places.push(("the log".to_owned(), log.into_bytes()));
    files(&folder.path().join("data"), &mut places);
    assert!(places.iter().any(|(place, _)| place.contains("data/media/")), "no picture was stored");
    for (table, rows) in rows(url.as_deref(), &folder.path().join("data")).await {
        places.push((format!("the table {table}"), rows.join("\n").into_bytes()));
    }
    let needles: Vec<(usize, Vec<u8>)> = secrets
        .iter()
        .enumerate()
        .flat_map(|(no, secret)| forms(secret).into_iter().map(move |form| (no, form)))
        .collect();
    for (place, bytes) in &places {
        for (no, needle) in &needles {
            assert!(!finds(bytes, needle), "{place} holds secret {no} of {} bytes", secrets[*no].len());
        }
    }
}
