//! Bytes chunk by chunk, statuses by the clock, lost answers, restarts (dossier §4.2, §4.6, §4.7, §6).

use anyhow::Context;
use serde_json::json;
use socrazi_sim::samples::{self, Film};
use socrazi_sim::tiktok::{SCOPES, TikTokOptions, TikTokSim, Tuning};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, BEN, Desk, STATUS, VIDEO, desk, desk_with, direct, file, options, url};

const CHUNK: usize = 5 * 1024 * 1024;
const CANCEL: &str = "/v2/post/publish/cancel/";

fn large() -> Vec<u8> {
    samples::mp4(&Film { bytes: 2 * CHUNK + 1_000, ..Film::default() })
}

#[tokio::test]
async fn chunks_come_in_order_exactly_and_only_the_last_starts_the_post() -> anyhow::Result<()> {
    let desk = desk().await?;
    let film = large();
    let total = film.len();
    let begun = desk.post(VIDEO, &direct(json!({"title": "large"}), file(total as u64, CHUNK as u64, 2))).await?;
    let (id, address) = (begun.at("/data/publish_id"), begun.at("/data/upload_url"));
    let sent = |bytes: usize| format!("bytes 0-{bytes}/{total}");
    assert_eq!(desk.put(&address, (CHUNK, total), &film[CHUNK..]).await?, (416, sent(0)), "out of order");
    assert_eq!(desk.put(&address, (0, total), &film[..CHUNK - 1]).await?.0, 400, "not a chunk of the plan");
    assert_eq!(desk.put(&address, (0, total + 1), &film[..CHUNK]).await?.0, 400, "another total");
    let endless = desk.http.put(&address).header("Content-Type", "video/mp4");
    let endless = endless.header("Content-Range", format!("bytes 0-{}/{total}", u64::MAX)).body(film[..CHUNK].to_vec());
    assert_eq!(desk.send(endless).await?.status, 400, "no number is too large to read");
    let untyped = desk
        .http
        .put(&address)
        .header("Content-Range", format!("bytes 0-{}/{total}", CHUNK - 1))
        .body(film[..CHUNK].to_vec());
    assert_eq!(desk.send(untyped).await?.status, 400);
    let unranged = desk.http.put(&address).header("Content-Type", "video/mp4").body(film[..CHUNK].to_vec());
    assert_eq!(desk.send(unranged).await?.status, 400);
    assert_eq!(desk.put(&address, (0, total), &film[..CHUNK]).await?, (206, sent(CHUNK)));
    assert_eq!(desk.put(&address, (0, total), &film[..CHUNK]).await?, (416, sent(CHUNK)), "that one is here");
    let half = desk.status(&id).await?;
    assert_eq!((&half["status"], &half["uploaded_bytes"]), (&json!("PROCESSING_UPLOAD"), &json!(CHUNK)));
    desk.clock.advance_ms(600_000);
    assert_eq!(desk.status(&id).await?["status"], "PROCESSING_UPLOAD", "without the rest nothing is posted");
    assert!(desk.sim.ledger().is_empty());
    assert_eq!(
        desk.put(&address, (CHUNK, total), &film[CHUNK..]).await?,
        (201, sent(total)),
        "the rest is in the last chunk"
    );
    assert_eq!(desk.put(&address, (CHUNK, total), &film[CHUNK..]).await?.0, 416);
    assert_eq!(desk.status(&id).await?["uploaded_bytes"], total);
    desk.clock.advance_ms(10_000);
    let done = desk.status(&id).await?;
    assert_eq!((&done["status"], &done["publicaly_available_post_id"]), (&json!("PUBLISH_COMPLETE"), &json!([])));
    let ledger = desk.sim.ledger();
    assert_eq!(
        (ledger.len(), ledger[0].text.as_str(), ledger[0].media[0].bytes, ledger[0].media[0].duration_ms),
        (1, "large", total as u64, 5_000)
    );
    desk.clock.advance_ms(60_000);
    let public = desk.status(&id).await?;
    assert_eq!(public["publicaly_available_post_id"][0].as_u64().map(|id| id.to_string()), Some(ledger[0].id.clone()));
    Ok(())
}

#[tokio::test]
async fn addresses_end_with_the_hour_and_open_for_nobody_else() -> anyhow::Result<()> {
    let desk = desk().await?;
    let film = samples::mp4(&Film::default());
    let size = film.len() as u64;
    let begin =
        async || anyhow::Ok(desk.post(VIDEO, &direct(json!({}), file(size, size, 1))).await?.at("/data/upload_url"));
    let address = begin().await?;
    let bare = address.split('&').next().unwrap_or_default().to_owned();
    assert_eq!(desk.put(&bare, (0, film.len()), &film).await?.0, 404);
    assert_eq!(desk.put(&format!("{bare}&upload_token=guess"), (0, film.len()), &film).await?.0, 404);
    desk.clock.advance_ms(3_600_000 - 2_000);
    assert_eq!(desk.put(&address, (0, film.len()), &film).await?.0, 201);
    let late = begin().await?;
    desk.clock.advance_ms(3_600_000);
    assert_eq!(desk.put(&late, (0, film.len()), &film).await?.0, 403);
    Ok(())
}

#[tokio::test]
async fn only_who_is_public_gets_an_id_and_what_is_no_film_fails() -> anyhow::Result<()> {
    let desk = desk().await?;
    let own = desk.film(json!({"privacy_level": "SELF_ONLY"})).await?;
    desk.clock.advance_ms(86_400_000 / 24);
    let seen = desk.status(&own).await?;
    assert_eq!(
        (&seen["status"], &seen["publicaly_available_post_id"]),
        (&json!("PUBLISH_COMPLETE"), &json!([])),
        "for good"
    );
    let junk = vec![7; 1_000];
    let begun = desk.post(VIDEO, &direct(json!({}), file(1_000, 1_000, 1))).await?;
    assert_eq!(desk.put(&begun.at("/data/upload_url"), (0, 1_000), &junk).await?.0, 201);
    let id = begun.at("/data/publish_id");
    assert_eq!(desk.status(&id).await?["status"], "PROCESSING_UPLOAD");
    desk.clock.advance_ms(10_000);
    let failed = desk.status(&id).await?;
    assert_eq!((&failed["status"], &failed["fail_reason"]), (&json!("FAILED"), &json!("file_format_check_failed")));
    assert_eq!(desk.sim.ledger().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_film_is_taken_in_four_codecs() -> anyhow::Result<()> {
    let desk = desk().await?;
    let film = samples::mp4(&Film::default());
    let at = film.windows(8).position(|part| part == [0, 0, 0, 16, b'a', b'v', b'c', b'1']).context("no codec")? + 4;
    for (codec, wanted) in [
        (b"avc1", "PUBLISH_COMPLETE"),
        (b"hvc1", "PUBLISH_COMPLETE"),
        (b"vp08", "PUBLISH_COMPLETE"),
        (b"vp09", "PUBLISH_COMPLETE"),
        (b"av01", "FAILED"),
        (b"mp4v", "FAILED"),
    ] {
        let mut film = film.clone();
        film[at..at + 4].copy_from_slice(codec);
        let size = film.len() as u64;
        let begun = desk.post(VIDEO, &direct(json!({}), file(size, size, 1))).await?;
        desk.put(&begun.at("/data/upload_url"), (0, film.len()), &film).await?;
        let reason = if wanted == "FAILED" { "file_format_check_failed" } else { "" };
        let seen = desk.settled(&begun.at("/data/publish_id")).await?;
        assert_eq!(seen, (wanted.to_owned(), reason.to_owned()), "{}", String::from_utf8_lossy(codec));
    }
    Ok(())
}

#[tokio::test]
async fn ids_that_are_not_one_s_own_are_told_apart() -> anyhow::Result<()> {
    let desk = desk().await?;
    let id = desk.film(json!({})).await?;
    assert_eq!(
        desk.code(STATUS, &json!({"publish_id": "v_pub_file~v2-1.1"})).await?,
        (400, "invalid_publish_id".into())
    );
    assert_eq!(desk.code(STATUS, &json!({})).await?, (400, "invalid_params".into()));
    assert_eq!(desk.code(CANCEL, &json!({"publish_id": id})).await?, (400, "publish_not_cancellable".into()), "a file");
    desk.sim.tune(Tuning { fetch_ms: 60_000, ..Tuning::default() });
    let slow = desk.post(VIDEO, &direct(json!({}), url("https://media.example/slow"))).await?.at("/data/publish_id");
    assert_eq!(desk.status(&slow).await?["status"], "PROCESSING_DOWNLOAD");
    assert_eq!(desk.code(CANCEL, &json!({"publish_id": slow})).await?.1, "ok");
    assert_eq!(desk.status(&slow).await?["fail_reason"], "publish_cancelled");
    assert_eq!(desk.code(CANCEL, &json!({"publish_id": slow})).await?.1, "publish_not_cancellable");
    let other = Desk { token: desk.sim.grant(BEN, &SCOPES)?.access, ..desk };
    let foreign = other.code(STATUS, &json!({"publish_id": id})).await?;
    assert_eq!(foreign, (400, "token_not_authorized_for_specified_publish_id".into()));
    Ok(())
}

#[tokio::test]
async fn every_accepted_init_is_a_post_of_its_own_and_a_lost_last_chunk_is_found() -> anyhow::Result<()> {
    let desk = desk().await?;
    let film = samples::mp4(&Film::default());
    let size = film.len() as u64;
    let body = direct(json!({"title": "once"}), file(size, size, 1));
    desk.sim.set_faults(vec![Fault::once("POST", VIDEO, FaultKind::ResetAfter)]);
    assert!(desk.post(VIDEO, &body).await.is_err());
    desk.clock.advance_ms(60_000);
    assert!(desk.sim.ledger().is_empty(), "an init by file without bytes is harmless");
    let begun = desk.post(VIDEO, &body).await?;
    let (id, address) = (begun.at("/data/publish_id"), begun.at("/data/upload_url"));
    desk.sim.set_faults(vec![Fault::once(
        "PUT",
        "/video/",
        FaultKind::Status { status: 503, body: String::new(), headers: Default::default() },
    )]);
    assert_eq!(desk.put(&address, (0, film.len()), &film).await?.0, 503);
    assert_eq!(desk.status(&id).await?["uploaded_bytes"], 0, "the same chunk again");
    desk.sim.set_faults(vec![Fault::once("PUT", "/video/", FaultKind::ResetAfter)]);
    assert!(desk.put(&address, (0, film.len()), &film).await.is_err());
    assert_eq!(desk.status(&id).await?["uploaded_bytes"], size, "it arrived");
    assert_eq!(desk.settled(&id).await?.0, "PUBLISH_COMPLETE");
    let pull = direct(json!({"title": "twice"}), url("https://media.example/v.mp4"));
    desk.sim.set_faults(vec![Fault::once("POST", VIDEO, FaultKind::StatusAfter { status: 504, body: String::new() })]);
    assert_eq!(desk.post(VIDEO, &pull).await?.status, 504);
    let second = desk.post(VIDEO, &pull).await?.at("/data/publish_id");
    desk.settled(&second).await?;
    for _ in 0..5_000 {
        if desk.sim.ledger().len() == 3 {
            break;
        }
        desk.clock.advance_ms(1_000);
        tokio::task::yield_now().await;
    }
    let texts: Vec<String> = desk.sim.ledger().into_iter().map(|entry| entry.text).collect();
    assert_eq!(texts, ["once", "twice", "twice"], "who begins twice posts twice");
    Ok(())
}

#[tokio::test]
async fn a_removal_stops_what_is_on_its_way() -> anyhow::Result<()> {
    let desk = desk().await?;
    let out = desk.film(json!({"title": "out"})).await?;
    desk.clock.advance_ms(10_000);
    let film = large();
    let begun = desk.post(VIDEO, &direct(json!({"title": "half"}), file(film.len() as u64, CHUNK as u64, 2))).await?;
    let (id, address) = (begun.at("/data/publish_id"), begun.at("/data/upload_url"));
    assert_eq!(desk.put(&address, (0, film.len()), &film[..CHUNK]).await?.0, 206);
    desk.control("remove", &json!({"open_id": ANA, "reason": 1})).await?;
    assert_eq!(desk.put(&address, (CHUNK, film.len()), &film[CHUNK..]).await?.0, 403);
    assert_eq!(desk.code(STATUS, &json!({"publish_id": id})).await?.1, "access_token_invalid");
    let back = Desk { token: desk.sim.grant(ANA, &SCOPES)?.access, ..desk };
    assert_eq!(back.status(&id).await?["fail_reason"], "auth_removed");
    assert_eq!(back.status(&out).await?["status"], "PUBLISH_COMPLETE", "what was out stays out");
    assert_eq!(back.sim.ledger().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_tokens_and_posts_but_neither_halves_nor_pulls() -> anyhow::Result<()> {
    let kept = std::env::temp_dir().join(format!("tiktok-{}", std::process::id()));
    let options = TikTokOptions { ledger_file: Some(kept.clone()), ..options() };
    let desk = desk_with(options.clone()).await?;
    let out = desk.film(json!({"title": "out"})).await?;
    let film = large();
    let begun = desk.post(VIDEO, &direct(json!({}), file(film.len() as u64, CHUNK as u64, 2))).await?;
    desk.put(&begun.at("/data/upload_url"), (0, film.len()), &film[..CHUNK]).await?;
    let slow = desk.post(VIDEO, &direct(json!({}), url("https://media.example/slow"))).await?.at("/data/publish_id");
    let Desk { sim, clock, http, token, _files } = desk;
    drop(sim);
    let desk = Desk { sim: TikTokSim::start(options, clock.clone()).await?, clock, http, token, _files };
    assert_eq!(desk.status(&begun.at("/data/publish_id")).await?["uploaded_bytes"], 0);
    assert_eq!(desk.status(&slow).await?["fail_reason"], "internal");
    assert_eq!(desk.settled(&out).await?.0, "PUBLISH_COMPLETE");
    assert_eq!(desk.sim.ledger().len(), 1);
    desk.control("reset", &json!({})).await?;
    assert!(desk.sim.ledger().is_empty());
    desk.film(json!({})).await?;
    std::fs::remove_file(kept)?;
    Ok(())
}
