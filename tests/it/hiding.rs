//! What hunts for the tokens of a network in a served program: how a person connects there, and every place where one could have been left.

use std::collections::BTreeSet;
use std::path::Path;

use crate::databases::rows;
use crate::serving::Hands;

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Goes to the network, agrees there and comes back. The code.
pub(crate) async fn connect(hands: &Hands, network: &str) -> String {
    let page = hands.page("accounts").await;
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let away = hands.http.post(hands.web.join(&format!("connect/{network}")).unwrap()).header("cookie", &hands.cookie);
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
pub(crate) async fn send_at_once(hands: &Hands) {
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

/// Every file of the data folder and every row of the database.
pub(crate) async fn kept(url: Option<&str>, data: &Path) -> Vec<(String, Vec<u8>)> {
    let mut places = Vec::new();
    files(data, &mut places);
    for (table, rows) in rows(url, data).await {
        places.push((format!("the table {table}"), rows.join("\n").into_bytes()));
    }
    places
}

/// No secret is in any place, neither as it is nor in hexadecimal.
pub(crate) fn assert_hidden(places: &[(String, Vec<u8>)], secrets: &BTreeSet<String>) {
    for (place, bytes) in places {
        let text = String::from_utf8_lossy(bytes);
        let hex = |secret: &str| secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        for secret in secrets {
            assert!(!text.contains(secret.as_str()) && !text.contains(&hex(secret)), "{place} holds {}…", &secret[..6]);
        }
    }
}
