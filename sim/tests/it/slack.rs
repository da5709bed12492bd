//! The simulated Slack refuses what the real one refuses, and delivers as it does.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::routing::any;
use serde_json::{Value, json};
use socrazi_sim::slack::{self, SlackOptions, SlackSim, sign};

fn client() -> reqwest::Client {
    let _set_before = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn call(sim: &SlackSim, method: &str, body: Value) -> Value {
    let request = client().post(format!("{}/{method}", sim.api_url())).bearer_auth(slack::BOT_TOKEN).json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

async fn oauth(sim: &SlackSim, form: &[(&str, &str)]) -> Value {
    let request = client().post(format!("{}/oauth.v2.access", sim.api_url()));
    let request = request.basic_auth(slack::CLIENT_ID, Some(slack::CLIENT_SECRET)).form(form);
    request.send().await.unwrap().json().await.unwrap()
}

#[test]
fn it_signs_as_slacks_own_package_does() {
    let rows = [
        (
            r#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#,
            "v0=419b1b4163a1ef9d12312e9898bef29b0a61123a3b9c5808392f480c1e5b4f6c",
        ),
        (
            "token=t&team_id=T1&channel_id=C1&user_id=U1&command=%2Fsocrazi&text=draft+%E3%81%93%E3%82%93%E3%81%AB%E3%81%A1%E3%81%AF&trigger_id=1.2.x",
            "v0=b240b31e2faff2e9dd5c704987676fa3fbdb79e912af741ddc5560ba743ec2ac",
        ),
    ];
    for (body, signature) in rows {
        assert_eq!(sign("socrazi-test-signing-secret", 1_795_000_000, body.as_bytes()), signature);
    }
}

#[tokio::test]
async fn a_response_url_is_good_five_times_and_half_an_hour() {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = heard.clone();
    let door = Router::new().route(
        "/{*path}",
        any(move |body: Bytes| {
            told.lock().unwrap().push(String::from_utf8(body.to_vec()).unwrap());
            async {}
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, door).await });
    let sim = SlackSim::start(SlackOptions { deliver_to: Some(url.parse().unwrap()), ..SlackOptions::default() })
        .await
        .unwrap();
    let response_url = |body: &str| {
        let pairs: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        pairs.into_iter().find(|(name, _)| name == "response_url").unwrap().1
    };
    assert!(sim.command("U0ANA", "C0GEN", "one").await.is_ok());
    assert!(sim.command("U0ANA", "C0GEN", "two").await.is_ok());
    let (one, two) = {
        let heard = heard.lock().unwrap();
        (response_url(&heard[0]), response_url(&heard[1]))
    };
    let answer = |url: String| async move {
        client().post(url).json(&json!({ "text": "hi" })).send().await.unwrap().status().as_u16()
    };
    for _ in 0..5 {
        assert_eq!(answer(one.clone()).await, 200);
    }
    assert_eq!(answer(one).await, 404, "used up");
    sim.advance(31 * 60_000);
    assert_eq!(answer(two).await, 404, "expired");
}

#[tokio::test]
async fn codes_are_spent_once_and_tokens_rotate() {
    let sim = SlackSim::start(SlackOptions { is_rotating: true, ..SlackOptions::default() }).await.unwrap();
    let mut url = sim.url().join("oauth/v2/authorize").unwrap();
    url.query_pairs_mut()
        .append_pair("client_id", slack::CLIENT_ID)
        .append_pair("scope", "chat:write,commands")
        .append_pair("redirect_uri", "https://post.example/slack/oauth")
        .append_pair("state", "s")
        .append_pair("as", "U0ANA")
        .append_pair("approve", "1");
    let back = client().get(url).send().await.unwrap();
    let back: url::Url = back.headers()["location"].to_str().unwrap().parse().unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [("code", code.as_str()), ("redirect_uri", "https://post.example/slack/oauth")];
    let first = oauth(&sim, &form).await;
    assert_eq!(first["ok"], true, "{first}");
    assert_eq!(oauth(&sim, &form).await["ok"], false, "a code is spent once");
    let refresh = first["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let second = oauth(&sim, &form).await;
    assert_eq!(second["ok"], true, "{second}");
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(oauth(&sim, &form).await["ok"], false, "the old refresh token is revoked");
}

#[tokio::test]
async fn a_stream_dies_after_five_minutes_and_is_mended_by_an_edit() {
    let sim = SlackSim::start(SlackOptions::default()).await.unwrap();
    let root = call(&sim, "chat.postMessage", json!({ "channel": "C0GEN", "text": "root" })).await;
    let begin = json!({ "channel": "C0GEN", "thread_ts": root["ts"], "recipient_user_id": "U0ANA", "recipient_team_id": "T0ACME", "markdown_text": "a" });
    let stream = call(&sim, "chat.startStream", begin).await;
    assert_eq!(stream["ok"], true, "{stream}");
    let more = json!({ "channel": "C0GEN", "ts": stream["ts"], "markdown_text": "b" });
    assert_eq!(call(&sim, "chat.appendStream", more.clone()).await["ok"], true);
    sim.advance(5 * 60_000 + 1_000);
    assert_eq!(call(&sim, "chat.appendStream", more).await["error"], "message_not_in_streaming_state");
    let edit = json!({ "channel": "C0GEN", "ts": stream["ts"], "markdown_text": "ab" });
    assert_eq!(call(&sim, "chat.update", edit).await["ok"], true);
}

#[tokio::test]
async fn what_slack_refuses_is_refused() {
    let sim = SlackSim::start(SlackOptions::default()).await.unwrap();
    let section =
        |text: &str| json!({ "type": "section", "block_id": "b", "text": { "type": "mrkdwn", "text": text } });
    let rows = [
        (
            "chat.postMessage",
            json!({ "channel": "C0GEN", "text": "x", "blocks": [section(&"x".repeat(3_001))] }),
            "invalid_blocks",
        ),
        (
            "chat.postMessage",
            json!({ "channel": "C0GEN", "text": "x", "blocks": [section("a"), section("b")] }),
            "invalid_blocks",
        ),
        ("chat.postMessage", json!({ "channel": "C0GEN" }), "no_text"),
        ("chat.postMessage", json!({ "channel": "C0NONE", "text": "x" }), "channel_not_found"),
        ("chat.update", json!({ "channel": "C0GEN", "ts": "1.2", "text": "x" }), "message_not_found"),
        (
            "views.open",
            json!({ "trigger_id": "1.2.3", "view": { "type": "modal", "title": { "type": "plain_text", "text": "t" }, "blocks": [] } }),
            "invalid_trigger_id",
        ),
        ("no.such", json!({}), "unknown_method"),
    ];
    for (method, body, word) in rows {
        assert_eq!(call(&sim, method, body.clone()).await["error"], word, "{method} {body}");
    }
}
