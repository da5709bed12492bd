//! What becomes visible, once and not too early, what is found after a lost answer, quotas, restarts (dossier §3.3, §4, §5, §6).

use reqwest::Method;
use serde_json::json;
use socrazi_sim::instagram::{InstagramOptions, InstagramSim, Login, Tuning, restricted};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, BEN, Desk, FACEBOOK_SCOPES, SCOPES, codes, desk, desk_with, options};

const PUBLISH: &str = "/v25.0/17841400000000011/media_publish";

#[tokio::test]
async fn a_container_goes_out_once_and_not_too_early() -> anyhow::Result<()> {
    let desk = desk().await?;
    let id = desk.image("one #tag").await?;
    assert_eq!(codes(&desk.publish(&id).await?.1), (9_007, 2_207_027));
    desk.clock.advance_ms(2_000);
    let (status, body) = desk.publish(&id).await?;
    assert!(status == 200 && body["id"] != id.as_str(), "the medium has an id of its own");
    assert_eq!(desk.status(&id).await?.0, "PUBLISHED");
    assert_eq!(codes(&desk.publish(&id).await?.1), (24, 2_207_008), "spent");
    assert_eq!(codes(&desk.publish("17").await?.1), (24, 2_207_006));
    let ben = desk.sim.grant(Login::Instagram, BEN, &SCOPES)?.value;
    let second = desk.image("two").await?;
    desk.clock.advance_ms(2_000);
    let foreign =
        desk.post(&format!("/v25.0/{BEN}/media_publish"), &[("creation_id", &second), ("access_token", &ben)]).await?;
    assert_eq!(codes(&foreign.1), (24, 2_207_006), "somebody else's");
    desk.clock.advance_ms(86_400_000);
    assert_eq!(codes(&desk.publish(&second).await?.1), (-2, 2_207_020));
    let failed = desk.container(&[("media_type", "REELS"), ("video_url", &desk.files.url("none"))]).await?;
    desk.settled(&failed).await?;
    assert_eq!(codes(&desk.publish(&failed).await?.1), (-1, 2_207_032));
    let ledger = desk.sim.ledger();
    assert_eq!(ledger.len(), 1);
    assert_eq!(
        (ledger[0].kind.as_str(), ledger[0].text.as_str(), ledger[0].account_name.as_str()),
        ("IMAGE", "one #tag", "socrazi_demo")
    );
    assert_eq!(ledger[0].media[0].sha256.len(), 64);
    Ok(())
}

#[tokio::test]
async fn each_kind_shows_what_it_was_made_of() -> anyhow::Result<()> {
    let desk = desk().await?;
    let (a, b, film) = (desk.files.url("a.jpg"), desk.files.url("b.jpg"), desk.files.url("v.mp4"));
    let reel = desk
        .container(&[("media_type", "REELS"), ("video_url", &film), ("caption", "reel"), ("share_to_feed", "false")])
        .await?;
    let reel = desk.posted(&reel).await?;
    let item = |name: &'static str, url: &str| vec![(name, url.to_owned()), ("is_carousel_item", "true".to_owned())];
    let mut children = Vec::new();
    for mut pairs in [item("image_url", &b), item("image_url", &a), item("video_url", &film)] {
        if pairs[0].0 == "video_url" {
            pairs.push(("media_type", "VIDEO".into()));
        } else {
            pairs.push(("alt_text", "described".into()));
        }
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let child = desk.container(&pairs).await?;
        assert_eq!(desk.settled(&child).await?.0, "FINISHED");
        assert_eq!(codes(&desk.publish(&child).await?.1), (24, 2_207_006), "an item does not go out alone");
        children.push(child);
    }
    let parent =
        desk.container(&[("media_type", "CAROUSEL"), ("children", &children.join(",")), ("caption", "three")]).await?;
    assert_eq!(codes(&desk.publish(&parent).await?.1), (9_007, 2_207_027), "the parent is waited for as well");
    let album = desk.posted(&parent).await?;
    let story = desk.container(&[("media_type", "STORIES"), ("image_url", &b), ("caption", "never seen")]).await?;
    let story = desk.posted(&story).await?;
    let ledger = desk.sim.ledger();
    let kinds: Vec<_> =
        ledger.iter().map(|entry| (entry.kind.as_str(), entry.text.as_str(), entry.media.len())).collect();
    assert_eq!(kinds, [("REELS", "reel", 1), ("CAROUSEL_ALBUM", "three", 3), ("STORY", "", 1)]);
    assert_eq!(ledger[0].details["share_to_feed"], "false");
    assert_eq!(
        ledger[1].media.iter().map(|media| media.alt_text.as_deref()).collect::<Vec<_>>(),
        [Some("described"), Some("described"), None]
    );
    assert_ne!(ledger[1].media[0].sha256, ledger[1].media[1].sha256, "in the order of the children");
    let show = async |id: &str| {
        anyhow::Ok(
            desk.get(
                &format!("/v25.0/{id}"),
                &[("fields", "media_type,media_product_type,permalink,children,shortcode,timestamp")],
            )
            .await?
            .1,
        )
    };
    assert_eq!(
        (&show(&reel).await?["media_type"], &show(&reel).await?["media_product_type"]),
        (&json!("VIDEO"), &json!("REELS"))
    );
    assert_eq!(show(&album).await?["children"]["data"].as_array().map(Vec::len), Some(3));
    let (_, inside) = desk.get(&format!("/v25.0/{album}"), &[("fields", "id,children{id,media_type}")]).await?;
    assert_eq!(inside["children"]["data"][2], json!({"id": children[2], "media_type": "VIDEO"}));
    assert_eq!(show(&story).await?["media_product_type"], "STORY");
    Ok(())
}

#[tokio::test]
async fn what_happened_is_found_after_every_kind_of_lost_answer() -> anyhow::Result<()> {
    let desk = desk().await?;
    for (kind, is_out) in [
        (FaultKind::ResetAfter, true),
        (FaultKind::StatusAfter { status: 500, body: "<html>".into() }, true),
        (FaultKind::BrokenBodyAfter, true),
        (FaultKind::StatusAfter { status: 400, body: restricted().body().to_string() }, true),
        (FaultKind::ResetBefore, false),
        (FaultKind::Status { status: 503, body: String::new(), headers: Default::default() }, false),
    ] {
        let before = desk.sim.ledger().len();
        let id = desk.image("lost").await?;
        desk.clock.advance_ms(2_000);
        desk.sim.set_faults(vec![Fault::once("POST", PUBLISH, kind.clone())]);
        let lost = desk.publish(&id).await;
        assert!(lost.is_err() || lost.is_ok_and(|(_, body)| body.get("id").is_none()), "{kind:?}");
        assert_eq!(desk.status(&id).await?.0, if is_out { "PUBLISHED" } else { "FINISHED" }, "{kind:?}");
        assert_eq!(desk.sim.ledger().len(), before + usize::from(is_out));
        assert_eq!(desk.publish(&id).await?.0, if is_out { 400 } else { 200 }, "again, and never twice");
        assert_eq!(desk.sim.ledger().len(), before + 1);
    }
    let kind = FaultKind::StatusAfter { status: 500, body: String::new() };
    desk.sim.set_faults(vec![Fault::once("POST", "/v25.0/17841400000000011/media", kind)]);
    let before = desk.sim.ledger().len();
    assert!(desk.image("orphan").await.is_err());
    desk.posted(&desk.image("orphan").await?).await?;
    assert_eq!(desk.sim.ledger().len(), before + 1, "making one again costs a container and shows nothing");
    Ok(())
}

#[tokio::test]
async fn the_cap_bites_on_publish_and_rolls_with_the_day() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.tune(Tuning { posts_max: 2, ..Tuning::default() });
    let first = desk.posted(&desk.image("1").await?).await?;
    desk.clock.advance_ms(3_600_000);
    desk.posted(&desk.image("2").await?).await?;
    desk.call(Method::DELETE, &format!("/v25.0/{first}"), &[]).await?;
    let limit = format!("/v25.0/{ANA}/content_publishing_limit");
    let (_, used) = desk.get(&limit, &[("fields", "config,quota_usage")]).await?;
    assert_eq!(used, json!({"data": [{"quota_usage": 2, "config": {"quota_total": 2, "quota_duration": 86_400}}]}));
    let third = desk.image("3").await?;
    desk.clock.advance_ms(2_000);
    assert_eq!(codes(&desk.publish(&third).await?.1), (9, 2_207_042), "what was deleted stays counted");
    desk.clock.advance_ms(86_400_000 - 3_600_000);
    let again = desk.image("3").await?;
    desk.posted(&again).await?;
    assert_eq!(codes(&desk.get(&limit, &[("fields", "quota")]).await?.1).0, 100);
    Ok(())
}

#[tokio::test]
async fn calls_are_counted_in_headers_until_they_are_too_many() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.tune(Tuning { calls_max: 10, ..Tuning::default() });
    let ask = async || {
        let answer = desk.http.get(desk.sim.url().join("/v25.0/me")?).bearer_auth(&desk.token).send().await?;
        let header = answer.headers()["x-business-use-case-usage"].to_str()?.to_owned();
        let usage: serde_json::Value = serde_json::from_str(&header)?;
        anyhow::Ok((usage[ANA][0].clone(), codes(&answer.json().await?).0))
    };
    for _ in 0..8 {
        assert_eq!(ask().await?.1, 0);
    }
    assert_eq!(ask().await?.0["call_count"], 90);
    assert_eq!(ask().await?.1, 0);
    let (usage, code) = ask().await?;
    assert_eq!((code, &usage["call_count"]), (80_002, &json!(110)));
    assert!(
        usage["estimated_time_to_regain_access"].as_i64().is_some_and(|minutes| (1_430..=1_441).contains(&minutes))
    );
    let image = [("image_url", desk.files.url("a.jpg"))];
    let contain = async || {
        let request = desk.http.post(desk.sim.url().join(&format!("/v25.0/{ANA}/media"))?).bearer_auth(&desk.token);
        let answer = request.form(&image).send().await?;
        let usage: serde_json::Value = serde_json::from_str(answer.headers()["x-business-use-case-usage"].to_str()?)?;
        let app: serde_json::Value = serde_json::from_str(answer.headers()["x-app-usage"].to_str()?)?;
        anyhow::Ok((usage[ANA][0]["call_count"].clone(), app["call_count"].clone(), answer.json().await?))
    };
    let (used, _, body) = contain().await?;
    assert_eq!((codes(&body).0, used), (80_002, json!(120)), "a container is a call like any other");
    desk.clock.advance_ms(86_400_000);
    assert_eq!(ask().await?.1, 0);
    let (used, of_app, body) = contain().await?;
    assert_eq!((used, of_app, body["id"].is_string()), (json!(20), json!(20), true), "{body}");
    desk.sim.set_faults(vec![Fault::once(
        "GET",
        "/v25.0/me",
        FaultKind::RateLimited { retry_after_s: 60, body: Default::default() },
    )]);
    assert_eq!(codes(&desk.get("/v25.0/me", &[]).await?.1).0, 4);
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_containers_media_and_tokens_but_no_fetch() -> anyhow::Result<()> {
    let file = std::env::temp_dir().join(format!("instagram-{}", std::process::id()));
    let options = InstagramOptions { ledger_file: Some(file.clone()), ..options() };
    let desk = desk_with(options.clone()).await?;
    let kept = desk.image("kept").await?;
    let out = desk.posted(&desk.image("out").await?).await?;
    desk.sim.tune(Tuning { fetch_ms: 60_000, ..Tuning::default() });
    let coming = desk.container(&[("media_type", "REELS"), ("video_url", &desk.files.url("slow"))]).await?;
    let Desk { sim, clock, http, token, files } = desk;
    drop(sim);
    let desk = Desk { sim: InstagramSim::start(options, clock.clone()).await?, clock, http, token, files };
    desk.clock.advance_ms(20_000);
    assert_eq!(desk.status(&coming).await?.0, "ERROR", "who fetched it is gone");
    let second = desk.posted(&kept).await?;
    assert!(second > out, "ids go on where they were");
    assert_eq!(desk.sim.ledger().iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["out", "kept"]);
    std::fs::remove_file(file)?;
    Ok(())
}

#[tokio::test]
async fn comments_and_deletions_want_their_own_permission() -> anyhow::Result<()> {
    let desk = desk().await?;
    let id = desk.posted(&desk.image("top").await?).await?;
    let comments = format!("/v25.0/{id}/comments");
    let (_, made) = desk.post(&comments, &[("message", "first!")]).await?;
    assert!(made["id"].is_string());
    assert_eq!(codes(&desk.post(&comments, &[("message", &"c".repeat(301))]).await?.1).0, 100);
    assert_eq!(codes(&desk.post(&comments, &[]).await?.1).0, 100);
    let (_, list) = desk.get(&comments, &[]).await?;
    assert_eq!((&list["data"][0]["text"], &list["data"][0]["username"]), (&json!("first!"), &json!("socrazi_demo")));
    let narrow = desk.sim.grant(Login::Instagram, ANA, &SCOPES[..2])?.value;
    assert_eq!(codes(&desk.post(&comments, &[("message", "x"), ("access_token", &narrow)]).await?.1).0, 10);
    let path = format!("/v25.0/{id}");
    assert_eq!(codes(&desk.call(Method::DELETE, &path, &[("access_token", &narrow)]).await?.1).0, 10);
    let ben = desk.sim.grant(Login::Instagram, BEN, &SCOPES)?.value;
    assert_eq!(codes(&desk.call(Method::DELETE, &path, &[("access_token", &ben)]).await?.1), (100, 33));
    assert_eq!(desk.call(Method::DELETE, &path, &[]).await?.1, json!({"success": true, "deleted_id": id}));
    assert_eq!(codes(&desk.call(Method::DELETE, &path, &[]).await?.1), (100, 33));
    assert_eq!(codes(&desk.get(&path, &[]).await?.1), (100, 33));
    let ledger = desk.sim.ledger();
    assert_eq!(
        (ledger[1].kind.as_str(), ledger[1].parent.as_deref(), ledger[0].deleted),
        ("COMMENT", Some(id.as_str()), true)
    );
    let page = desk.sim.grant(Login::Page, "11000000000000011", &FACEBOOK_SCOPES)?.value;
    let image = desk.files.url("a.jpg");
    let both = desk.contain(&[("image_url", &image), ("access_token", &page)]).await?;
    assert_eq!(both.0, 200, "by the page's token too");
    Ok(())
}
