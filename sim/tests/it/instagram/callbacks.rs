//! What Meta sends on its own (dossier §8), with everything signed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Query;
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};
use socrazi_sim::graph::signed_request;
use socrazi_sim::instagram::InstagramOptions;

use super::{ANA, PERSON, codes, desk_with, options};
use crate::desk::hmac_hex;

type Heard = Arc<Mutex<Vec<(String, String, String)>>>;

/// Somebody who hears everything, answers a challenge with its word and a deletion with a receipt.
async fn receiver(heard: &Heard) -> anyhow::Result<(String, tokio::task::JoinHandle<()>)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let root = format!("http://{}", listener.local_addr()?);
    let ear = Arc::clone(heard);
    let hear = async move |uri: Uri, headers: HeaderMap, body: String| {
        let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let entry = (uri.path().to_owned(), signature.to_owned(), body);
        ear.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        axum::Json(json!({"url": "https://social.example/deletion/1", "confirmation_code": "1"}))
    };
    let echo = async |Query(query): Query<BTreeMap<String, String>>| {
        let is_right = query.get("hub.verify_token").map(String::as_str) == Some("word");
        if is_right { query.get("hub.challenge").cloned().unwrap_or_default() } else { "no".into() }
    };
    let router = axum::Router::new().route("/{what}", axum::routing::get(echo).post(hear));
    let server = tokio::spawn(async move {
        let _ended = axum::serve(listener, router).await;
    });
    Ok((root, server))
}

#[tokio::test]
async fn removal_kills_and_both_callbacks_are_signed_with_the_flavour_s_secret() -> anyhow::Result<()> {
    let heard = Heard::default();
    let (root, server) = receiver(&heard).await?;
    let options = InstagramOptions {
        deauthorize_callback: Some(format!("{root}/gone").parse()?),
        deletion_callback: Some(format!("{root}/delete").parse()?),
        ..options()
    };
    let desk = desk_with(options).await?;
    let control = async |what: &str, user: &str| {
        let request = desk.http.post(desk.sim.url().join(&format!("/__sim/{what}"))?).json(&json!({"user_id": user}));
        anyhow::Ok(request.send().await?.json::<Value>().await?)
    };
    assert_eq!(control("delete_data", ANA).await?["has_receipt"], true);
    assert_eq!(codes(&desk.get("/v25.0/me", &[]).await?.1).0, 0, "a deletion request is no removal");
    assert_eq!(control("deauthorize", ANA).await?["status"], 200);
    assert_eq!(codes(&desk.get("/v25.0/me", &[]).await?.1), (190, 458));
    control("deauthorize", PERSON).await?;
    let heard = heard.lock().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
    let now_s = desk.clock.now_ms() / 1_000;
    let fits = |body: &str, secret: &str, user: &str| {
        (now_s - 60..=now_s).any(|at| body == format!("signed_request={}", signed_request(secret, user, at)))
    };
    assert_eq!(heard.iter().map(|(path, _, _)| path.as_str()).collect::<Vec<_>>(), ["/delete", "/gone", "/gone"]);
    assert!(fits(&heard[0].2, "sim-instagram-secret", "27000000000000011"), "the app-scoped id: {}", heard[0].2);
    assert!(fits(&heard[2].2, "sim-meta-secret", PERSON));
    server.abort();
    Ok(())
}

#[tokio::test]
async fn webhooks_are_verified_and_signed_over_the_escaped_bytes() -> anyhow::Result<()> {
    let heard = Heard::default();
    let (root, server) = receiver(&heard).await?;
    let webhook = |word: &str| anyhow::Ok(Some((format!("{root}/hook").parse()?, word.to_owned())));
    let desk =
        desk_with(InstagramOptions { webhook: webhook("word")?, client_secret: "test_app_secret".into(), ..options() })
            .await?;
    let verify = async |desk: &super::Desk| {
        anyhow::Ok(desk.http.post(desk.sim.url().join("/__sim/verify_webhook")?).send().await?.json::<Value>().await?["proved"].clone())
    };
    assert_eq!(verify(&desk).await?, true);
    let wrong = desk_with(InstagramOptions { webhook: webhook("guess")?, ..options() }).await?;
    assert_eq!(verify(&wrong).await?, false);
    for body in [r#"{"object":"instagram","entry":[]}"#, r#"{"text":"ä"}"#] {
        desk.http.post(desk.sim.url().join("/__sim/notify")?).body(body).send().await?;
    }
    let heard = heard.lock().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
    let vector = "sha256=4c166c139fb15bf4adbda063a21a4c7d870270ce3473257f03812313995045bd";
    assert_eq!(heard[0], ("/hook".to_owned(), vector.to_owned(), r#"{"object":"instagram","entry":[]}"#.to_owned()));
    let escaped = r#"{"text":"\u00e4"}"#;
    let signature = format!("sha256={}", hmac_hex("test_app_secret", escaped.as_bytes())?);
    assert_eq!((heard[1].1.as_str(), heard[1].2.as_str()), (signature.as_str(), escaped));
    server.abort();
    Ok(())
}
