//! The simulated Threads, asked over HTTP: one test for each promise of a faithful fake (dossier threads.md §8).

use anyhow::Context;
use reqwest::{Client, Method, redirect};
use serde_json::{Value, json};
use socrazi_sim::threads::{SimProfile, ThreadsOptions, ThreadsSim, Tuning, restricted};
use socrazi_sim::{Fault, FaultKind, SimClock};

use crate::desk::client;

const ANA: &str = "17841400000000001";
const CALLBACK: &str = "http://127.0.0.1:9/cb";
const SCOPES: [&str; 6] = [
    "threads_basic",
    "threads_content_publish",
    "threads_manage_insights",
    "threads_read_replies",
    "threads_manage_replies",
    "threads_delete",
];

struct Desk {
    sim: ThreadsSim,
    clock: SimClock,
    http: Client,
    token: String,
}

type Pairs<'a> = &'a [(&'a str, &'a str)];

impl Desk {
    async fn call(&self, method: Method, path: &str, pairs: Pairs<'_>) -> anyhow::Result<(u16, Value)> {
        let mut pairs = pairs.to_vec();
        if !pairs.iter().any(|(name, _)| *name == "access_token") {
            pairs.push(("access_token", &self.token));
        }
        let answer = self.http.request(method, self.sim.url().join(path)?).query(&pairs).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn get(&self, path: &str, pairs: Pairs<'_>) -> anyhow::Result<(u16, Value)> {
        self.call(Method::GET, path, pairs).await
    }

    async fn post(&self, path: &str, pairs: Pairs<'_>) -> anyhow::Result<(u16, Value)> {
        self.call(Method::POST, path, pairs).await
    }

    async fn container(&self, pairs: Pairs<'_>) -> anyhow::Result<String> {
        let (status, body) = self.post("/v1.0/me/threads", pairs).await?;
        anyhow::ensure!(status == 200, "{status} {body}");
        Ok(body["id"].as_str().context("no id")?.to_owned())
    }

    async fn publish(&self, container: &str) -> anyhow::Result<(u16, Value)> {
        self.post("/v1.0/me/threads_publish", &[("creation_id", container)]).await
    }

    async fn text(&self, text: &str, more: Pairs<'_>) -> anyhow::Result<String> {
        let container = self.container(&[&[("media_type", "TEXT"), ("text", text)], more].concat()).await?;
        self.clock.advance_ms(1_000);
        let (status, body) = self.publish(&container).await?;
        anyhow::ensure!(status == 200, "{status} {body}");
        Ok(body["id"].as_str().context("no id")?.to_owned())
    }
}

async fn desk_with(options: ThreadsOptions) -> anyhow::Result<Desk> {
    let clock = SimClock::new();
    let sim = ThreadsSim::start(options, clock.clone()).await?;
    let token = sim.grant(ANA, &SCOPES)?.value;
    Ok(Desk { sim, clock, http: client(Client::builder().redirect(redirect::Policy::none()))?, token })
}

async fn desk() -> anyhow::Result<Desk> {
    desk_with(ThreadsOptions { redirect_uris: vec![CALLBACK.into()], auto_consent: true, ..Default::default() }).await
}

fn codes(body: &Value) -> (i64, i64) {
    let number = |name: &str| body["error"][name].as_i64().unwrap_or(0);
    (number("code"), number("error_subcode"))
}

#[tokio::test]
async fn signing_in_gives_a_short_then_a_long_token_that_refreshes_after_a_day() -> anyhow::Result<()> {
    let desk = desk().await?;
    let ask = [
        ("redirect_uri", CALLBACK),
        ("scope", "threads_basic,threads_content_publish"),
        ("response_type", "code"),
        ("state", "s&1"),
    ];
    let wrong = [&ask[..], &[("client_id", "5000000000000001")]].concat();
    assert_eq!(codes(&desk.get("/oauth/authorize", &wrong).await?.1).0, 4_476_002);
    let right = [&ask[..], &[("client_id", "7000000000000001")]].concat();
    let sent = desk.http.get(desk.sim.url().join("/oauth/authorize")?).query(&right).send().await?;
    let target = reqwest::Url::parse(sent.headers()["location"].to_str()?)?;
    assert_eq!(target.fragment(), Some("_"));
    let pair = |name: &str| target.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(pair("state").as_deref(), Some("s&1"));
    let code = pair("code").context("no code")?;
    let form = |code: &str| {
        [
            ("client_id", "7000000000000001"),
            ("client_secret", "sim-threads-secret"),
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("code", code),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let token_url = desk.sim.url().join("/oauth/access_token")?;
    let short: Value = desk.http.post(token_url.clone()).form(&form(&code)).send().await?.json().await?;
    assert_eq!(short["user_id"], ANA);
    let again = desk.http.post(token_url).form(&form(&code)).send().await?;
    assert_eq!(again.status(), 400, "a code is spent once");
    let short = short["access_token"].as_str().context("no token")?;
    let exchange =
        [("grant_type", "th_exchange_token"), ("client_secret", "sim-threads-secret"), ("access_token", short)];
    let (_, long) = desk.get("/access_token", &exchange).await?;
    assert_eq!(long["expires_in"], 5_184_000);
    let long = long["access_token"].as_str().context("no token")?.to_owned();
    let refresh = [("grant_type", "th_refresh_token"), ("access_token", long.as_str())];
    assert_eq!(codes(&desk.get("/refresh_access_token", &refresh).await?.1).0, 10, "too young");
    desk.clock.advance_ms(86_400_000);
    let (status, fresh) = desk.get("/refresh_access_token", &refresh).await?;
    assert!(status == 200 && fresh["access_token"] != long.as_str());
    let (status, dead) = desk.get("/v1.0/me", &[("access_token", short)]).await?;
    assert_eq!((status, codes(&dead)), (401, (190, 463)));
    Ok(())
}

#[tokio::test]
async fn a_container_is_published_once_and_not_too_early() -> anyhow::Result<()> {
    let desk = desk().await?;
    let container = desk.container(&[("media_type", "TEXT"), ("text", "one")]).await?;
    let status = async |id: &str| {
        anyhow::Ok(desk.get(&format!("/v1.0/{id}"), &[("fields", "status")]).await?.1["status"].clone())
    };
    assert_eq!(status(&container).await?, "IN_PROGRESS");
    assert_eq!(codes(&desk.publish(&container).await?.1), (24, 4_279_009));
    desk.clock.advance_ms(1_000);
    assert_eq!(status(&container).await?, "FINISHED");
    let (_, body) = desk.publish(&container).await?;
    let id = body["id"].as_str().context("no id")?;
    assert_eq!(status(&container).await?, "PUBLISHED");
    assert_eq!(codes(&desk.publish(&container).await?.1), (24, 4_279_009));
    assert_eq!(desk.sim.ledger().len(), 1);
    let (code, wrong) = desk.get(&format!("/v1.0/{id}"), &[("fields", "id,status")]).await?;
    assert!(code == 400 && wrong.to_string().contains("nonexisting field (status)"));
    let old = desk.container(&[("media_type", "TEXT"), ("text", "two")]).await?;
    desk.clock.advance_ms(86_400_000);
    assert_eq!(status(&old).await?, "EXPIRED");
    assert_eq!(codes(&desk.publish(&old).await?.1), (24, 4_279_009));
    Ok(())
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_just_outside_and_taken_just_inside() -> anyhow::Result<()> {
    let desk = desk().await?;
    let (inside, outside) = ("😀".repeat(125), "😀".repeat(125) + "x");
    let (five, six) = ("http://a.b/1 http://a.b/2 http://a.b/3 http://a.b/4 http://a.b/5 http://a.b/5", "http://a.b/6");
    let alt = "a".repeat(1_001);
    for (is_fine, pairs) in [
        (true, vec![("text", inside.as_str())]),
        (false, vec![("text", outside.as_str())]),
        (true, vec![("text", five)]),
        (false, vec![("text", five), ("link_attachment", six)]),
        (false, vec![]),
        (false, vec![("text", "a"), ("alt_text", "b")]),
        (false, vec![("text", "a"), ("topic_tag", "a.b")]),
        (false, vec![("text", "a"), ("reply_control", "nobody")]),
        (false, vec![("text", "a"), ("reply_to_id", "1")]),
        (true, vec![("text", "a"), ("poll_attachment", r#"{"option_a":"x","option_b":"y"}"#)]),
        (false, vec![("text", "a"), ("poll_attachment", r#"{"option_a":"x"}"#)]),
        (false, vec![("media_type", "IMAGE"), ("image_url", "http://127.0.0.1:9/a.jpg"), ("alt_text", &alt)]),
        (false, vec![("media_type", "IMAGE"), ("image_url", "http://127.0.0.1:9/a.jpg")]),
        (false, vec![("media_type", "CAROUSEL"), ("children", "1")]),
    ] {
        let more: &[(&str, &str)] =
            if pairs.iter().any(|(name, _)| *name == "media_type") { &[] } else { &[("media_type", "TEXT")] };
        let (status, body) = desk.post("/v1.0/me/threads", &[&pairs[..], more].concat()).await?;
        assert_eq!((status == 200, codes(&body).0), (is_fine, if is_fine { 0 } else { 100 }), "{pairs:?} {body}");
    }
    assert!(desk.sim.ledger().is_empty());
    Ok(())
}

#[tokio::test]
async fn media_is_fetched_and_a_carousel_waits_for_itself() -> anyhow::Result<()> {
    let desk = desk().await?;
    let files = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let root = format!("http://{}", files.local_addr()?);
    let router = axum::Router::new()
        .route("/a.png", axum::routing::get(async || b"\x89PNG\r\n\x1a\n....".to_vec()))
        .route("/page", axum::routing::get(async || "<html>"));
    let server = tokio::spawn(async move { axum::serve(files, router).await });
    let image = format!("{root}/a.png");
    let page = format!("{root}/page");
    let (_, refused) = desk.post("/v1.0/me/threads", &[("media_type", "IMAGE"), ("image_url", &page)]).await?;
    assert_eq!(codes(&refused).0, 100);
    let item = [("media_type", "IMAGE"), ("image_url", image.as_str()), ("is_carousel_item", "true")];
    let (one, two) = (desk.container(&item).await?, desk.container(&item).await?);
    let children = format!("{one},{two}");
    desk.clock.advance_ms(3_000);
    let parent = desk.container(&[("media_type", "CAROUSEL"), ("children", &children), ("text", "two")]).await?;
    assert_eq!(codes(&desk.publish(&parent).await?.1), (24, 4_279_009), "the parent is not ready yet");
    assert_eq!(codes(&desk.publish(&one).await?.1), (24, 4_279_009), "an item does not go out alone");
    desk.clock.advance_ms(3_000);
    let (_, body) = desk.publish(&parent).await?;
    let id = body["id"].as_str().context("no id")?;
    let (_, seen) = desk.get(&format!("/v1.0/{id}"), &[("fields", "media_type,children,permalink")]).await?;
    assert_eq!(
        (&seen["media_type"], seen["children"]["data"].as_array().map(Vec::len)),
        (&json!("CAROUSEL_ALBUM"), Some(2))
    );
    let video = desk.container(&[("media_type", "VIDEO"), ("video_url", &page)]).await?;
    desk.clock.advance_ms(20_000);
    let look = [("fields", "status,error_message")];
    let mut seen = desk.get(&format!("/v1.0/{video}"), &look).await?.1;
    for _ in 0..100 {
        if seen["status"] == "ERROR" {
            break;
        }
        tokio::task::yield_now().await;
        seen = desk.get(&format!("/v1.0/{video}"), &look).await?.1;
    }
    assert_eq!(seen["error_message"], "FAILED_PROCESSING_VIDEO");
    server.abort();
    Ok(())
}

#[tokio::test]
async fn lists_page_and_lag_and_quotas_bite_on_publish() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.tune(Tuning { posts_max: 3, deletes_max: 1, list_lag_ms: 5_000, ..Tuning::default() });
    let first = desk.text("1", &[]).await?;
    let second = desk.text("2", &[]).await?;
    let reply = desk.text("2b", &[("reply_to_id", &first)]).await?;
    assert_eq!(desk.get("/v1.0/me/threads", &[]).await?.1["data"], json!([]), "the list lags");
    desk.clock.advance_ms(5_000);
    let (_, page) = desk.get("/v1.0/me/threads", &[("fields", "id,text,media_type"), ("limit", "1")]).await?;
    assert_eq!(page["data"], json!([{"id": second, "text": "2", "media_type": "TEXT_POST"}]));
    let after = page["paging"]["cursors"]["after"].as_str().context("no cursor")?;
    let (_, page) = desk.get("/v1.0/me/threads", &[("limit", "1"), ("after", after)]).await?;
    assert_eq!((&page["data"][0]["id"], page["paging"].get("next")), (&json!(first), None));
    let (_, replies) = desk.get("/v1.0/me/replies", &[("fields", "replied_to,root_post")]).await?;
    assert_eq!(replies["data"], json!([{"id": reply, "replied_to": {"id": first}, "root_post": {"id": first}}]));
    let (_, seen) = desk.get(&format!("/v1.0/{first}/insights"), &[("metric", "views,replies")]).await?;
    assert_eq!(seen["data"][1]["values"][0]["value"], 1);
    desk.text("3", &[]).await?;
    assert!(desk.text("4", &[]).await.is_err_and(|error| error.to_string().contains("613")));
    let fields = [("fields", "quota_usage,reply_quota_usage")];
    let (_, used) = desk.get("/v1.0/me/threads_publishing_limit", &fields).await?;
    assert_eq!(used["data"][0], json!({"quota_usage": 3, "reply_quota_usage": 1}));
    let path = format!("/v1.0/{second}");
    assert_eq!(desk.call(Method::DELETE, &path, &[]).await?.1, json!({"success": true, "deleted_id": second}));
    assert_eq!(codes(&desk.call(Method::DELETE, &format!("/v1.0/{first}"), &[]).await?.1).0, 613);
    assert!(desk.sim.ledger()[1].deleted);
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_and_a_restart_leave_what_happened_to_be_found() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("threads-{}", std::process::id()));
    let options = ThreadsOptions { ledger_file: Some(folder.clone()), ..ThreadsOptions::default() };
    let desk = desk_with(options.clone()).await?;
    let container = desk.container(&[("media_type", "TEXT"), ("text", "lost")]).await?;
    desk.clock.advance_ms(1_000);
    desk.sim.set_faults(vec![Fault::once("POST", "/v1.0/me/threads_publish", FaultKind::ResetAfter)]);
    assert!(desk.publish(&container).await.is_err());
    let second = desk.container(&[("media_type", "TEXT"), ("text", "restricted")]).await?;
    desk.clock.advance_ms(1_000);
    let kind = FaultKind::StatusAfter { status: 403, body: restricted().body().to_string() };
    desk.sim.set_faults(vec![Fault::once("POST", "/v1.0/me/threads_publish", kind)]);
    let (status, body) = desk.publish(&second).await?;
    assert_eq!((status, codes(&body)), (403, (4, 2_207_051)));
    let token = desk.token.clone();
    let (clock, http) = (desk.clock.clone(), desk.http.clone());
    drop(desk);
    let desk = Desk { sim: ThreadsSim::start(options, clock.clone()).await?, clock, http, token };
    for id in [&container, &second] {
        assert_eq!(desk.get(&format!("/v1.0/{id}"), &[("fields", "status")]).await?.1["status"], "PUBLISHED");
    }
    assert_eq!(desk.sim.ledger().iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["lost", "restricted"]);
    std::fs::remove_file(folder)?;
    Ok(())
}

#[tokio::test]
async fn removing_the_app_kills_the_tokens_and_calls_back_signed() -> anyhow::Result<()> {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let ear = std::sync::Arc::clone(&heard);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let callback = format!("http://{}/gone", listener.local_addr()?).parse()?;
    let router = axum::Router::new().route(
        "/gone",
        axum::routing::post(async move |body: String| {
            *ear.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = body;
        }),
    );
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let users = vec![SimProfile::new(ANA, "ana", "Ana")];
    let options = ThreadsOptions { uninstall_callback: Some(callback), users, ..ThreadsOptions::default() };
    let desk = desk_with(options).await?;
    let told = desk.http.post(desk.sim.url().join("/__sim/uninstall")?).json(&json!({"user_id": ANA})).send().await?;
    assert_eq!(told.json::<Value>().await?["status"], 200);
    let body = heard.lock().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
    assert!(body.starts_with("signed_request=") && body.contains('.'), "{body}");
    let (status, gone) = desk.get("/v1.0/me", &[]).await?;
    assert_eq!((status, codes(&gone)), (401, (190, 458)));
    server.abort();
    Ok(())
}
