//! Uploads.

use anyhow::Context;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use socrazi_sim::samples::{self, Film};
use socrazi_sim::x::Switches;

use crate::desk::{ANA, BEN, Desk, SCOPES, Seen, desk};

fn png() -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 64]].concat()
}

/// A film that X takes, filled up to a size.
fn mp4(bytes: usize) -> Vec<u8> {
    samples::mp4(&Film { width: 1_280, height: 720, bytes, ..Film::default() })
}

async fn image(desk: &Desk) -> anyhow::Result<Seen> {
    let form = Form::new().part("media", Part::bytes(png()).file_name("a.png")).text("media_category", "tweet_image");
    desk.send(desk.posting("/2/media/upload")?.multipart(form)).await
}

async fn begin(desk: &Desk, total: usize) -> anyhow::Result<String> {
    let body = json!({"media_type": "video/mp4", "total_bytes": total, "media_category": "tweet_video"});
    let seen = desk.post("/2/media/upload/initialize", body).await?;
    assert_eq!(seen.status, 200);
    assert!(seen.at("/data/media_key").starts_with("13_"));
    Ok(seen.at("/data/id"))
}

async fn append(desk: &Desk, id: &str, index: usize, bytes: Vec<u8>) -> anyhow::Result<Seen> {
    let form = Form::new().text("segment_index", index.to_string()).part("media", Part::bytes(bytes).file_name("p"));
    desk.send(desk.posting(&format!("/2/media/upload/{id}/append"))?.multipart(form)).await
}

async fn finalize(desk: &Desk, id: &str) -> anyhow::Result<Seen> {
    desk.send(desk.posting(&format!("/2/media/upload/{id}/finalize"))?).await
}

async fn status(desk: &Desk, id: &str) -> anyhow::Result<Seen> {
    desk.get(&format!("/2/media/upload?command=STATUS&media_id={id}")).await
}

async fn attach(desk: &Desk, ids: &[&str]) -> anyhow::Result<Seen> {
    desk.tweet(json!({"text": "with media", "media": {"media_ids": ids}})).await
}

fn assert_invalid(seen: &Seen) {
    assert_eq!((seen.status, seen.at("/detail").as_str()), (400, "Your media IDs are invalid."), "{seen:?}");
}

#[tokio::test]
async fn an_image_in_one_request_with_alt_text_goes_out() -> anyhow::Result<()> {
    let desk = desk().await?;
    let up = image(&desk).await?;
    assert_eq!(up.status, 200);
    assert!(up.json()["data"].get("processing_info").is_none());
    let id = up.at("/data/id");
    let alt = json!({"id": id, "metadata": {"alt_text": {"text": "A red door"}}});
    let seen = desk.post("/2/media/metadata", alt).await?;
    assert_eq!((seen.status, seen.at("/data/associated_metadata/alt_text/text")), (200, "A red door".into()));
    let long = json!({"id": id, "metadata": {"alt_text": {"text": "x".repeat(1_001)}}});
    assert_eq!(desk.post("/2/media/metadata", long).await?.status, 400);
    assert_eq!(attach(&desk, &[&id]).await?.status, 201);
    let path = format!(
        "/2/users/{ANA}/tweets?tweet.fields=attachments,entities&expansions=attachments.media_keys&media.fields=alt_text"
    );
    let seen = desk.get(&path).await?;
    assert_eq!(seen.at("/data/0/attachments/media_keys/0"), format!("3_{id}"));
    assert!(seen.at("/data/0/text").starts_with("with media https://t.co/"));
    assert_eq!(seen.at("/data/0/entities/urls/0/media_key"), format!("3_{id}"));
    assert_eq!(seen.at("/includes/media/0/alt_text"), "A red door");
    assert_eq!(desk.sim.ledger()[0].media_ids, [id]);
    Ok(())
}

#[tokio::test]
async fn an_image_may_come_as_base64_and_the_schema_is_closed() -> anyhow::Result<()> {
    let desk = desk().await?;
    let body = json!({"media": "iVBORw0KGgoAAAAA", "media_category": "tweet_image"});
    assert_eq!(desk.post("/2/media/upload", body.clone()).await?.status, 200);
    let mut extra = body.clone();
    extra["media_type"] = "image/png".into();
    assert_eq!(desk.post("/2/media/upload", extra).await?.status, 400);
    assert_eq!(desk.post("/2/media/upload", json!({"media": "iVBORw0KGgo="})).await?.status, 400);
    let text = json!({"media": "aGVsbG8=", "media_category": "tweet_image"});
    assert_eq!(desk.post("/2/media/upload", text).await?.status, 400);
    let gif = json!({"media": "R0lGODlh", "media_category": "tweet_gif"});
    assert_eq!(desk.post("/2/media/upload", gif).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn a_video_is_processed_by_the_clock() -> anyhow::Result<()> {
    let desk = desk().await?;
    let bytes = mp4(3_000_000);
    let id = begin(&desk, bytes.len()).await?;
    for (index, part) in bytes.chunks(1_048_576).enumerate() {
        assert_eq!(append(&desk, &id, index, part.to_vec()).await?.status, 200);
    }
    // The same part again is harmless.
    append(&desk, &id, 0, bytes[..1_048_576].to_vec()).await?;
    let seen = finalize(&desk, &id).await?;
    assert_eq!((seen.status, seen.at("/data/processing_info/state")), (200, "pending".into()));
    assert_eq!(seen.at("/data/processing_info/check_after_secs"), "1");
    assert_eq!(seen.at("/data/size"), "3000000");
    assert_invalid(&attach(&desk, &[&id]).await?);
    desk.clock.advance_ms(1_200);
    let seen = status(&desk, &id).await?;
    assert_eq!(seen.at("/data/processing_info/state"), "in_progress");
    assert!(seen.at("/data/processing_info/progress_percent").parse::<u32>()? >= 50);
    desk.clock.advance_ms(1_000);
    assert_eq!(status(&desk, &id).await?.at("/data/processing_info/state"), "succeeded");
    assert_eq!(attach(&desk, &[&id]).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_no_video_fail_for_good() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.set_switches(&Switches { processing_ms: Some(0), ..Switches::default() });
    let id = begin(&desk, 5).await?;
    append(&desk, &id, 0, b"hello".to_vec()).await?;
    finalize(&desk, &id).await?;
    let seen = status(&desk, &id).await?;
    assert_eq!(seen.at("/data/processing_info/state"), "failed");
    assert_eq!(seen.at("/data/processing_info/error/name"), "InvalidMedia");
    assert_invalid(&attach(&desk, &[&id]).await?);
    Ok(())
}

#[tokio::test]
async fn large_parts_gaps_and_short_uploads_are_refused() -> anyhow::Result<()> {
    let desk = desk().await?;
    let id = begin(&desk, 30).await?;
    assert_eq!(append(&desk, &id, 0, vec![0; 4 * 1024 * 1024 + 1]).await?.status, 431);
    assert_eq!(append(&desk, &id, 1_000, vec![0; 10]).await?.status, 400);
    append(&desk, &id, 0, vec![0; 20]).await?;
    append(&desk, &id, 2, vec![0; 10]).await?;
    assert_eq!(finalize(&desk, &id).await?.status, 400);
    let short = begin(&desk, 30).await?;
    append(&desk, &short, 0, vec![0; 29]).await?;
    assert_eq!(finalize(&desk, &short).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn unfinished_expired_foreign_and_unknown_media_are_refused() -> anyhow::Result<()> {
    let mut desk = desk().await?;
    let unfinished = begin(&desk, 20).await?;
    assert_invalid(&attach(&desk, &[&unfinished]).await?);
    assert_invalid(&attach(&desk, &["1"]).await?);
    let id = image(&desk).await?.at("/data/id");
    let mine = std::mem::replace(&mut desk.token, desk.sim.grant(BEN, &SCOPES)?.access);
    assert_invalid(&attach(&desk, &[&id]).await?);
    drop(mine);
    desk.clock.advance_ms(86_400_000);
    desk.token = desk.sim.grant(ANA, &SCOPES)?.access;
    assert_invalid(&attach(&desk, &[&id]).await?);
    Ok(())
}

#[tokio::test]
async fn kinds_are_never_mixed() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.set_switches(&Switches { processing_ms: Some(0), ..Switches::default() });
    let picture = image(&desk).await?.at("/data/id");
    let other = image(&desk).await?.at("/data/id");
    let video = begin(&desk, 2_000).await?;
    append(&desk, &video, 0, mp4(2_000)).await?;
    finalize(&desk, &video).await?;
    assert_eq!(attach(&desk, &[&picture, &video]).await?.status, 400);
    assert_eq!(attach(&desk, &[&picture, &other]).await?.status, 201);
    let only = desk.tweet(json!({"media": {"media_ids": [video]}})).await?;
    assert_eq!(only.status, 201);
    assert!(only.at("/data/text").starts_with("https://t.co/"));
    Ok(())
}

#[tokio::test]
async fn the_older_form_still_works() -> anyhow::Result<()> {
    let desk = desk().await?;
    let bytes = mp4(2_000);
    let init =
        [("command", "INIT"), ("media_type", "video/mp4"), ("total_bytes", "2000"), ("media_category", "tweet_video")];
    let seen = desk.send(desk.posting("/2/media/upload")?.form(&init)).await?;
    let id = seen.json().pointer("/data/id").and_then(|id| id.as_str().map(str::to_owned)).context("an id")?;
    let form = Form::new()
        .text("command", "APPEND")
        .text("media_id", id.clone())
        .text("segment_index", "0")
        .part("media", Part::bytes(bytes).file_name("p"));
    assert_eq!(desk.send(desk.posting("/2/media/upload")?.multipart(form)).await?.status, 200);
    let last = [("command", "FINALIZE"), ("media_id", id.as_str())];
    let seen = desk.send(desk.posting("/2/media/upload")?.form(&last)).await?;
    assert_eq!(seen.at("/data/processing_info/state"), "pending");
    Ok(())
}

#[tokio::test]
async fn what_breaks_a_rule_of_films_or_gifs_fails_for_good_with_the_reason() -> anyhow::Result<()> {
    let desk = desk().await?;
    // Each is posted with the same words.
    desk.sim.set_switches(&Switches { processing_ms: Some(0), duplicate_window_ms: Some(0), ..Switches::default() });
    let film = |film: Film| samples::mp4(&film);
    let fits = Film { width: 1_280, height: 720, bytes: 5_000, ..Film::default() };
    for (media_type, category, bytes, state) in [
        ("video/mp4", "tweet_video", film(fits), "succeeded"),
        ("video/mp4", "tweet_video", film(Film { duration_ms: 140_001, ..fits }), "failed"),
        ("video/mp4", "tweet_video", film(Film { fps: 61, ..fits }), "failed"),
        ("video/quicktime", "tweet_video", film(fits), "failed"),
        ("image/gif", "tweet_gif", samples::gif(350), "succeeded"),
        ("image/gif", "tweet_gif", samples::gif(351), "failed"),
    ] {
        let body = json!({"media_type": media_type, "total_bytes": bytes.len(), "media_category": category});
        let id = desk.post("/2/media/upload/initialize", body).await?.at("/data/id");
        append(&desk, &id, 0, bytes).await?;
        finalize(&desk, &id).await?;
        let seen = status(&desk, &id).await?;
        assert_eq!(seen.at("/data/processing_info/state"), state, "{media_type} {seen:?}");
        let is_usable = attach(&desk, &[&id]).await?.status == 201;
        assert_eq!(is_usable, state == "succeeded", "{media_type}");
    }
    Ok(())
}
