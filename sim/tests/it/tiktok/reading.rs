//! Profile, public videos and webhooks (dossier §3, §7).

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::tiktok::{SCOPES, TikTokOptions, Tuning};

use super::{ANA, BEN, CONTENT, Desk, INBOX, desk, desk_with, options, url};
use crate::desk::{Seen, hmac_hex};

const LIST: &str = "/v2/video/list/?fields=id,create_time,title,view_count,share_url,duration,width";

async fn user(desk: &Desk, token: &str, fields: &str) -> anyhow::Result<Seen> {
    desk.send(desk.raw(Method::GET, &format!("/v2/user/info/?fields={fields}"))?.bearer_auth(token)).await
}

#[tokio::test]
async fn a_profile_shows_what_the_scopes_open_or_nothing_at_all() -> anyhow::Result<()> {
    let desk = desk().await?;
    let all = "open_id,union_id,avatar_url,display_name,username,bio_description,profile_deep_link,is_verified,follower_count,following_count,likes_count,video_count";
    let seen = user(&desk, &desk.token, all).await?;
    assert_eq!(
        (seen.at("/data/user/open_id"), seen.at("/data/user/username"), seen.at("/error/code")),
        (ANA.into(), "socrazi_demo".into(), "ok".into())
    );
    assert!(desk.http.get(seen.at("/data/user/avatar_url")).send().await?.bytes().await?.starts_with(b"\x89PNG"));
    let basic = desk.sim.grant(ANA, &["user.info.basic"])?.access;
    assert_eq!(user(&desk, &basic, "open_id,display_name").await?.status, 200);
    for fields in ["open_id,username", "follower_count"] {
        let refused = user(&desk, &basic, fields).await?;
        assert_eq!((refused.status, refused.at("/error/code")), (401, "scope_not_authorized".into()), "{fields}");
    }
    assert_eq!(user(&desk, &basic, "birthday").await?.at("/error/code"), "invalid_params");
    let none = desk.send(desk.raw(Method::GET, "/v2/user/info/")?.bearer_auth(&basic)).await?;
    assert_eq!(none.at("/error/code"), "invalid_params");
    assert_eq!(user(&desk, "guess", "open_id").await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn public_videos_are_listed_by_pages_and_asked_by_id() -> anyhow::Result<()> {
    let desk = desk().await?;
    let mut ids = Vec::new();
    for title in ["1", "2", "3"] {
        desk.film(json!({"title": title})).await?;
        desk.clock.advance_ms(10_000);
        ids.push(desk.sim.ledger().last().map(|entry| entry.id.clone()).unwrap_or_default());
    }
    desk.film(json!({"title": "own", "privacy_level": "SELF_ONLY"})).await?;
    let photo = json!({"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": {"title": "p", "privacy_level": "PUBLIC_TO_EVERYONE"},
        "source_info": {"source": "PULL_FROM_URL", "photo_images": ["https://media.example/a.jpg"]}});
    let photo = desk.post(CONTENT, &photo).await?.at("/data/publish_id");
    assert_eq!(desk.settled(&photo).await?.0, "PUBLISH_COMPLETE");
    desk.clock.advance_ms(120_000);
    let (last, sets) = (&ids[2], json!({&ids[2]: {"view_count": 9}}));
    desk.control("insights", &sets).await?;
    let page = desk.post(LIST, &json!({"max_count": 2})).await?.json()["data"].clone();
    let titles = |page: &Value| {
        page["videos"].as_array().into_iter().flatten().map(|video| video["title"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((titles(&page), &page["has_more"]), (vec![json!("3"), json!("2")], &json!(true)));
    let first = &page["videos"][0];
    assert_eq!(
        (&first["id"], &first["view_count"], &first["duration"], &first["width"]),
        (&json!(last), &json!(9), &json!(5), &json!(1_080))
    );
    let rest = desk.post(LIST, &json!({"max_count": 2, "cursor": page["cursor"]})).await?.json()["data"].clone();
    assert_eq!((titles(&rest), &rest["has_more"]), (vec![json!("1")], &json!(false)));
    desk.sim.tune(Tuning { lists_photos: true, ..Tuning::default() });
    assert_eq!(titles(&desk.post(LIST, &json!({})).await?.json()["data"])[0], "p");
    for body in [json!({"max_count": 0}), json!({"max_count": 21})] {
        assert_eq!(desk.code(LIST, &body).await?.1, "invalid_params");
    }
    assert_eq!(desk.code("/v2/video/list/", &json!({})).await?.1, "invalid_params");
    assert_eq!(desk.code("/v2/video/list/?fields=reach", &json!({})).await?.1, "invalid_params");
    let query = "/v2/video/query/?fields=id,title";
    let asked = desk.post(query, &json!({"filters": {"video_ids": [ids[0], "1"]}})).await?.json();
    assert_eq!(asked["data"]["videos"], json!([{"id": ids[0], "title": "1"}]));
    assert_eq!(desk.code(query, &json!({"filters": {"video_ids": vec!["1"; 21]}})).await?.1, "invalid_params");
    let other = Desk { token: desk.sim.grant(BEN, &SCOPES)?.access, ..desk };
    let nothing = json!({"videos": [], "cursor": 0, "has_more": false});
    assert_eq!(other.post(LIST, &json!({})).await?.json()["data"], nothing);
    assert_eq!(
        other.post(query, &json!({"filters": {"video_ids": [ids[0]]}})).await?.json()["data"]["videos"],
        json!([])
    );
    for path in ["/v2/video/list/?fields=id,reach", "/v2/video/query/?fields=id,reach"] {
        let asked = json!({"filters": {"video_ids": ["1"]}});
        assert_eq!(other.code(path, &asked).await?, (400, "invalid_params".into()), "{path}, of no video at all");
    }
    let narrow = Desk { token: other.sim.grant(ANA, &["video.publish"])?.access, ..other };
    assert_eq!(narrow.code(LIST, &json!({})).await?.1, "scope_not_authorized");
    Ok(())
}

#[tokio::test]
async fn webhooks_are_signed_told_by_the_clock_and_told_again_until_taken() -> anyhow::Result<()> {
    let heard = Arc::new(Mutex::new(Vec::<(String, String)>::new()));
    let ear = Arc::clone(&heard);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let webhook = format!("http://{}/hook", listener.local_addr()?).parse()?;
    let hear = async move |headers: axum::http::HeaderMap, body: String| {
        let signature = headers["tiktok-signature"].to_str().unwrap_or_default().to_owned();
        let mut heard = ear.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push((signature, body));
        // The first one is not taken.
        if heard.len() == 1 { axum::http::StatusCode::SERVICE_UNAVAILABLE } else { axum::http::StatusCode::OK }
    };
    let router = axum::Router::new().route("/hook", axum::routing::post(hear));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let desk = desk_with(TikTokOptions { webhook: Some(webhook), ..options() }).await?;
    let events = async |again: bool| {
        let told = desk.control("deliver", &json!({"again": again})).await?.json();
        let told = told.as_array().cloned().unwrap_or_default();
        anyhow::Ok(
            told.iter()
                .map(|event| format!("{} {}", event["event"].as_str().unwrap_or_default(), event["status"]))
                .collect::<Vec<_>>(),
        )
    };
    let id = desk.film(json!({})).await?;
    assert!(events(false).await?.is_empty(), "nothing happened yet");
    desk.clock.advance_ms(10_000);
    assert_eq!(events(false).await?, ["post.publish.complete 503"]);
    assert_eq!(events(false).await?, ["post.publish.complete 200"], "at least once");
    assert!(events(false).await?.is_empty());
    desk.clock.advance_ms(60_000);
    assert_eq!(events(false).await?, ["post.publish.publicly_available 200"]);
    let draft =
        desk.post(INBOX, &json!({"source_info": url("https://media.example/v.mp4")})).await?.at("/data/publish_id");
    desk.settled(&draft).await?;
    let broken =
        desk.post(INBOX, &json!({"source_info": url("https://media.example/none")})).await?.at("/data/publish_id");
    desk.settled(&broken).await?;
    let mut seen = events(false).await?;
    seen.sort();
    assert_eq!(seen, ["post.publish.failed 200", "post.publish.inbox_delivered 200"]);
    desk.control("remove", &json!({"open_id": ANA, "reason": 1})).await?;
    assert_eq!(events(false).await?, ["authorization.removed 200"]);
    desk.clock.advance_ms(1_000);
    desk.control("remove", &json!({"open_id": ANA, "reason": 1})).await?;
    assert_eq!(events(false).await?, ["authorization.removed 200"], "removed once more is told once more");
    assert_eq!(events(true).await?.len(), 6, "and everything once more");
    let heard = heard.lock().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
    let now_s = desk.clock.now_ms() / 1_000;
    for (signature, body) in &heard {
        let (at, proof) =
            signature.strip_prefix("t=").and_then(|rest| rest.split_once(",s=")).context("no signature")?;
        assert!((now_s - 3_600..=now_s).contains(&at.parse::<i64>()?), "{signature}");
        assert_eq!(proof, hmac_hex("sim-tiktok-secret", format!("{at}.{body}").as_bytes())?);
    }
    let heard: Vec<Value> = heard.iter().map(|(_, body)| serde_json::from_str(body)).collect::<Result<_, _>>()?;
    let body = &heard[1];
    let content: Value = serde_json::from_str(body["content"].as_str().unwrap_or_default())?;
    assert_eq!(
        (&content["publish_id"], &body["user_openid"], &body["client_key"]),
        (&json!(id), &json!(ANA), &json!("awsimclientkey"))
    );
    let removed = heard.iter().find(|body| body["event"] == "authorization.removed");
    let removed = removed.map(|body| body["content"].clone());
    assert_eq!(removed, Some(json!(r#"{"reason":1}"#)));
    server.abort();
    Ok(())
}
