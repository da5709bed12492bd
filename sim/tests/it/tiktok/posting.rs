//! What may be posted, by whom, how often (dossier §4.0, §4.1, §4.3, §4.4, §5), pulled from where (§4.5).

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::pull::Detour;
use socrazi_sim::samples::{self, Film};
use socrazi_sim::tiktok::{SCOPES, SimCreator, TikTokOptions, Tuning};

use super::{ANA, BEN, CONTENT, CREATOR, Desk, INBOX, STATUS, VIDEO, desk, desk_with, direct, file, options, url};
use crate::files::Files;

const PULLED: &str = "https://media.example/v.mp4";

/// Rates are for the tests that are about them.
async fn calm(desk: Desk) -> Desk {
    desk.sim.tune(Tuning { counts_calls: false, posts_max: 1_000, pending_max: 1_000, ..Tuning::default() });
    desk
}

#[tokio::test]
async fn a_direct_video_says_who_sees_it_and_keeps_its_lengths() -> anyhow::Result<()> {
    let desk = calm(desk().await?).await;
    let (fits, long) = ("😀".repeat(1_100), "😀".repeat(1_100) + "x");
    let bad = "invalid_params";
    for (code, info) in [
        ("ok", json!({"title": fits})),
        (bad, json!({"title": long})),
        (bad, json!({"title": 1})),
        ("ok", json!({"title": null})),
        (bad, json!({"privacy_level": null})),
        ("privacy_level_option_mismatch", json!({"privacy_level": "FOLLOWER_OF_CREATOR"})),
        ("privacy_level_option_mismatch", json!({"privacy_level": "EVERYBODY"})),
        ("ok", json!({"privacy_level": "SELF_ONLY"})),
        (bad, json!({"privacy_level": "SELF_ONLY", "brand_content_toggle": true})),
        ("ok", json!({"brand_content_toggle": true, "brand_organic_toggle": true, "is_aigc": true})),
        (bad, json!({"disable_duet": "no"})),
        (bad, json!({"video_cover_timestamp_ms": -1})),
        ("ok", json!({"video_cover_timestamp_ms": 0})),
    ] {
        let seen = desk.code(VIDEO, &direct(info.clone(), url(PULLED))).await?;
        let status = match code {
            "ok" => 200,
            "privacy_level_option_mismatch" => 403,
            _ => 400,
        };
        assert_eq!(seen, (status, code.to_owned()), "{info:.80}");
    }
    for (source, code) in [
        (json!({"source": "FTP"}), bad),
        (json!({"source": "PULL_FROM_URL"}), bad),
        (url("http://media.example/v.mp4"), bad),
        (url("https://127.0.0.1/v.mp4"), bad),
        (url("https://media.example.evil/v.mp4"), "url_ownership_unverified"),
        (url("https://other.example/v.mp4"), "url_ownership_unverified"),
    ] {
        assert_eq!(desk.code(VIDEO, &direct(json!({}), source.clone())).await?.1, code, "{source}");
    }
    assert_eq!(desk.code(VIDEO, &json!({"source_info": url(PULLED)})).await?.1, bad, "no post_info");
    let form = desk.raw(Method::POST, VIDEO)?.bearer_auth(&desk.token).form(&[("a", "b")]);
    assert_eq!(desk.send(form).await?.at("/error/code"), bad);
    assert_eq!(desk.post("/v2/post/publish/video/init", &json!({})).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn chunks_follow_the_arithmetic() -> anyhow::Result<()> {
    let desk = calm(desk().await?).await;
    const MIB: u64 = 1024 * 1024;
    for (is_fine, size, chunk, count) in [
        (true, 1, 1, 1),
        (true, 5 * MIB - 1, 5 * MIB - 1, 1),
        (true, 64 * MIB, 64 * MIB, 1),
        (false, 64 * MIB + 1, 64 * MIB + 1, 1),
        (false, 15_000_000, 10_000_000, 1),
        (false, 15_000_000, 10_000_000, 2),
        (true, 50_000_123, 10_000_000, 5),
        (false, 50_000_123, 10_000_000, 6),
        (false, 50_000_123, 10_000_000, 4),
        (true, 10 * MIB, 5 * MIB, 2),
        (false, 10 * MIB - 2, 5 * MIB - 1, 2),
        (false, 130 * MIB, 65 * MIB, 2),
        (true, 191 * MIB, 64 * MIB, 2),
        (true, 5_000 * MIB / 2, 5 * MIB, 500),
        (true, 4_096 * MIB, 5 * MIB, 819),
        (false, 4_096 * MIB + 1, 5 * MIB, 819),
        (false, 0, 0, 0),
        (false, 0, 1, 0),
        (false, 3_000_000, 5_000_000, 1),
    ] {
        let seen = desk.code(VIDEO, &direct(json!({}), file(size, chunk, count))).await?;
        assert_eq!(seen.0 == 200, is_fine, "{size} {chunk} {count}: {}", seen.1);
    }
    let missing = json!({"source": "FILE_UPLOAD", "video_size": 5});
    assert_eq!(desk.code(VIDEO, &direct(json!({}), missing)).await?.1, "invalid_params");
    let one = desk.post(VIDEO, &direct(json!({}), file(15_000_000, 10_000_000, 1))).await?;
    assert_eq!(one.at("/error/message"), "The chunk size is invalid");
    let begun = desk.post(VIDEO, &direct(json!({}), file(5, 5, 1))).await?;
    assert!(begun.at("/data/publish_id").starts_with("v_pub_file~v2-1.") && begun.at("/data/publish_id").len() <= 64);
    assert!(begun.at("/data/upload_url").len() <= 256);
    assert!(desk.sim.ledger().is_empty(), "an init shows nothing");
    Ok(())
}

#[tokio::test]
async fn creators_are_asked_before_and_the_caps_hold_in_both_places() -> anyhow::Result<()> {
    let mut banned = SimCreator::new("c-banned", "banned", "Banned");
    banned.is_banned = true;
    let mut hidden = SimCreator::new("c-hidden", "hidden", "Hidden");
    (hidden.is_private, hidden.comment_disabled) = (true, true);
    let creators = vec![SimCreator::new(ANA, "ana", "Ana"), SimCreator::new(BEN, "ben", "Ben"), banned, hidden];
    let desk = desk_with(TikTokOptions { creators, ..options() }).await?;
    desk.sim.tune(Tuning { counts_calls: false, posts_max: 2, creators_max: 1, ..Tuning::default() });
    let ask = async |open_id: &str, path: &str, body: &Value| {
        let token = desk.sim.grant(open_id, &SCOPES)?.access;
        desk.send(desk.raw(Method::POST, path)?.bearer_auth(token).json(body)).await
    };
    let info = ask(ANA, CREATOR, &json!({})).await?;
    assert_eq!(
        (info.at("/data/creator_username"), info.at("/data/max_video_post_duration_sec")),
        ("ana".into(), "600".into())
    );
    assert_eq!(
        info.json()["data"]["privacy_level_options"],
        json!(["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"])
    );
    let info = ask("c-hidden", CREATOR, &json!({})).await?;
    assert_eq!(info.json()["data"]["privacy_level_options"][0], "FOLLOWER_OF_CREATOR");
    assert_eq!(info.at("/data/comment_disabled"), "true");
    let post = direct(json!({}), url(PULLED));
    for _ in 0..2 {
        assert_eq!(ask(ANA, VIDEO, &post).await?.status, 200);
    }
    for (open_id, code) in [
        (ANA, "spam_risk_too_many_posts"),
        (BEN, "reached_active_user_cap"),
        ("c-banned", "spam_risk_user_banned_from_posting"),
    ] {
        let (asked, sent) = (ask(open_id, CREATOR, &json!({})).await?, ask(open_id, VIDEO, &post).await?);
        assert_eq!((asked.status, asked.at("/error/code")), (200, code.into()), "the question is answered mildly");
        assert_eq!((sent.status, sent.at("/error/code")), (403, code.into()));
    }
    desk.clock.advance_ms(86_400_000);
    assert_eq!(ask(BEN, VIDEO, &post).await?.status, 200, "a day later");
    Ok(())
}

#[tokio::test]
async fn without_an_audit_posts_are_private_on_private_accounts_and_of_five() -> anyhow::Result<()> {
    let mut creators = vec![SimCreator::new(ANA, "ana", "Ana")];
    for number in 0..6 {
        let mut creator = SimCreator::new(&format!("c{number}"), &format!("c{number}"), "C");
        creator.is_private = true;
        creators.push(creator);
    }
    let desk = desk_with(TikTokOptions { is_audited: false, creators, ..options() }).await?;
    let ask = async |open_id: &str, level: &str| {
        let token = desk.sim.grant(open_id, &SCOPES)?.access;
        let body = direct(json!({"privacy_level": level}), url(PULLED));
        let seen = desk.send(desk.raw(Method::POST, VIDEO)?.bearer_auth(token).json(&body)).await?;
        anyhow::Ok((seen.status, seen.at("/error/code")))
    };
    let private = (403, "unaudited_client_can_only_post_to_private_accounts".to_owned());
    assert_eq!(ask(ANA, "PUBLIC_TO_EVERYONE").await?, private);
    assert_eq!(ask(ANA, "SELF_ONLY").await?, private, "a public account");
    assert_eq!(ask("c0", "MUTUAL_FOLLOW_FRIENDS").await?, private);
    for number in 0..5 {
        assert_eq!(ask(&format!("c{number}"), "SELF_ONLY").await?.0, 200);
    }
    assert_eq!(ask("c5", "SELF_ONLY").await?, (403, "reached_active_user_cap".into()));
    assert_eq!(ask("c0", "SELF_ONLY").await?.0, 200, "one of the five");
    Ok(())
}

#[tokio::test]
async fn calls_are_counted_by_token_and_minute() -> anyhow::Result<()> {
    let desk = desk().await?;
    for (path, body, per_minute) in [
        (CREATOR, json!({}), 20),
        (VIDEO, direct(json!({}), url(PULLED)), 6),
        (STATUS, json!({"publish_id": "none"}), 30),
    ] {
        for _ in 0..per_minute {
            assert_ne!(desk.post(path, &body).await?.status, 429);
        }
        let full = desk.post(path, &body).await?;
        assert_eq!((full.status, full.at("/error/code")), (429, "rate_limit_exceeded".into()), "{path}");
        assert!(full.header("retry-after").is_empty());
    }
    let other = desk.sim.grant(BEN, &SCOPES)?.access;
    assert_eq!(desk.send(desk.raw(Method::POST, CREATOR)?.bearer_auth(other)).await?.status, 200);
    desk.clock.advance_ms(60_000);
    assert_eq!(desk.post(CREATOR, &json!({})).await?.status, 200);
    Ok(())
}

fn photos(mode: &str, info: Value, images: &[String]) -> Value {
    json!({"media_type": "PHOTO", "post_mode": mode, "post_info": info,
        "source_info": {"source": "PULL_FROM_URL", "photo_cover_index": 0, "photo_images": images}})
}

fn public() -> Value {
    json!({"title": "short", "description": "long", "privacy_level": "PUBLIC_TO_EVERYONE", "auto_add_music": true})
}

#[tokio::test]
async fn photos_are_pulled_counted_and_measured() -> anyhow::Result<()> {
    let desk = calm(desk().await?).await;
    let images = |count: usize| vec!["https://media.example/a.jpg".to_owned(); count];
    let info = |more: Value| {
        let mut info = public();
        if let (Some(info), Value::Object(more)) = (info.as_object_mut(), more) {
            info.extend(more);
        }
        info
    };
    let bad = "invalid_params";
    for (code, body) in [
        ("ok", photos("DIRECT_POST", public(), &images(1))),
        ("ok", photos("DIRECT_POST", public(), &images(35))),
        (bad, photos("DIRECT_POST", public(), &images(36))),
        (bad, photos("DIRECT_POST", public(), &[])),
        (bad, photos("DIRECT POST", public(), &images(1))),
        ("ok", photos("DIRECT_POST", info(json!({"title": "é".repeat(90)})), &images(1))),
        (bad, photos("DIRECT_POST", info(json!({"title": "é".repeat(91)})), &images(1))),
        ("ok", photos("DIRECT_POST", info(json!({"description": "d".repeat(4_000)})), &images(1))),
        (bad, photos("DIRECT_POST", info(json!({"description": "d".repeat(4_001)})), &images(1))),
        (bad, photos("DIRECT_POST", info(json!({"privacy_level": null})), &images(1))),
        ("url_ownership_unverified", photos("DIRECT_POST", public(), &["https://other.example/a.jpg".into()])),
        (bad, json!({"media_type": "VIDEO", "post_mode": "DIRECT_POST", "post_info": public()})),
        (
            bad,
            json!({"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": public(), "source_info": {"source": "FILE_UPLOAD", "photo_images": images(1)}}),
        ),
        (
            bad,
            json!({"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": public(), "source_info": {"source": "PULL_FROM_URL", "photo_cover_index": 1, "photo_images": images(1)}}),
        ),
        ("ok", photos("MEDIA_UPLOAD", json!({"title": "t"}), &images(1))),
    ] {
        assert_eq!(desk.code(CONTENT, &body).await?.1, code, "{body:.200}");
    }
    let files = Files::serve(vec![
        ("a.jpg", "image/jpeg", samples::jpeg(1_080, 1_920)),
        ("b.jpg", "image/jpeg", samples::jpeg(1_081, 1_920)),
        ("c.jpg", "image/jpeg", samples::jpeg(1_080, 1_921)),
        ("d.jpg", "image/jpeg", samples::jpeg_of(500, 500, 20 * 1024 * 1024)),
        ("e.jpg", "image/jpeg", samples::jpeg_of(500, 500, 20 * 1024 * 1024 + 1)),
        ("f.png", "image/png", samples::png(500, 500)),
        ("g.webp", "image/webp", b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\xF3\x01\0\xF3\x01\0".to_vec()),
    ])
    .await?;
    desk.sim.set_detours(vec![Detour { from: "https://media.example/".into(), to: files.root.parse()? }]);
    let (fine, sides) = (("PUBLISH_COMPLETE", ""), ("FAILED", "picture_size_check_failed"));
    for (name, wanted) in [
        ("a.jpg", fine),
        ("b.jpg", sides),
        ("c.jpg", sides),
        ("d.jpg", fine),
        ("e.jpg", sides),
        ("f.png", ("FAILED", "file_format_check_failed")),
        ("g.webp", fine),
        ("none.jpg", ("FAILED", "photo_pull_failed")),
        ("moved", ("FAILED", "photo_pull_failed")),
    ] {
        let pair = ["a.jpg", name].map(|name| format!("https://media.example/{name}"));
        let begun = desk.post(CONTENT, &photos("DIRECT_POST", public(), &pair)).await?;
        let (status, reason) = desk.settled(&begun.at("/data/publish_id")).await?;
        assert_eq!((status.as_str(), reason.as_str()), wanted, "{name}");
    }
    let last = desk.sim.ledger().pop();
    assert_eq!(last.map(|entry| (entry.kind, entry.text, entry.media.len())), Some(("photo".into(), "long".into(), 2)));
    Ok(())
}

#[tokio::test]
async fn films_are_pulled_without_redirects_and_measured() -> anyhow::Result<()> {
    let desk = calm(desk().await?).await;
    let film = |film: Film| samples::mp4(&film);
    let plain = Film { duration_ms: 4_000, ..Film::default() };
    let files = Files::serve(vec![
        ("full", "video/mp4", film(Film { duration_ms: 600_000, ..plain })),
        ("over", "video/mp4", film(Film { duration_ms: 600_001, ..plain })),
        ("fps23", "video/mp4", film(Film { fps: 23, ..plain })),
        ("fps22", "video/mp4", film(Film { fps: 22, ..plain })),
        ("fps60", "video/mp4", film(Film { fps: 60, ..plain })),
        ("fps61", "video/mp4", film(Film { fps: 61, ..plain })),
        ("small", "video/mp4", film(Film { width: 360, height: 4_096, ..plain })),
        ("smaller", "video/mp4", film(Film { width: 359, ..plain })),
        ("larger", "video/mp4", film(Film { height: 4_097, ..plain })),
        ("webm", "video/webm", vec![0x1A, 0x45, 0xDF, 0xA3, 0]),
        ("page", "text/html", b"<html>".to_vec()),
    ])
    .await?;
    desk.sim.set_detours(vec![Detour { from: "https://media.example/".into(), to: files.root.parse()? }]);
    for (name, reason) in [
        ("full", ""),
        ("over", "duration_check_failed"),
        ("fps23", ""),
        ("fps22", "frame_rate_check_failed"),
        ("fps60", ""),
        ("fps61", "frame_rate_check_failed"),
        ("small", ""),
        ("smaller", "picture_size_check_failed"),
        ("larger", "picture_size_check_failed"),
        ("webm", ""),
        ("page", "file_format_check_failed"),
        ("none", "video_pull_failed"),
        ("moved", "video_pull_failed"),
    ] {
        let begun = desk.post(VIDEO, &direct(json!({}), url(&format!("https://media.example/{name}")))).await?;
        let id = begun.at("/data/publish_id");
        assert!(id.starts_with("v_pub_url~") && begun.at("/data/upload_url").is_empty());
        assert_eq!(
            desk.settled(&id).await?,
            (if reason.is_empty() { "PUBLISH_COMPLETE" } else { "FAILED" }.into(), reason.into()),
            "{name}"
        );
    }
    desk.sim.tune(Tuning { fetch_ms: 50, counts_calls: false, posts_max: 1_000, ..Tuning::default() });
    let slow = desk.post(VIDEO, &direct(json!({}), url("https://media.example/slow"))).await?.at("/data/publish_id");
    assert_eq!(desk.settled(&slow).await?.1, "video_pull_failed");
    Ok(())
}

#[tokio::test]
async fn drafts_lie_in_the_inbox_until_somebody_posts_them() -> anyhow::Result<()> {
    let desk = desk().await?;
    let body = json!({"post_info": {"privacy_level": "NONSENSE", "title": "ignored"}, "source_info": url(PULLED)});
    let id = desk.post(INBOX, &body).await?.at("/data/publish_id");
    assert!(id.starts_with("v_inbox_url~"));
    assert_eq!(desk.settled(&id).await?.0, "SEND_TO_USER_INBOX");
    assert!(desk.sim.ledger().is_empty(), "nobody sees it");
    for _ in 0..4 {
        desk.post(INBOX, &body).await?;
    }
    assert_eq!(desk.code(INBOX, &body).await?, (403, "spam_risk_too_many_pending_share".into()));
    let finish = |id: &str| json!({"publish_id": id, "title": "by hand", "privacy_level": "PUBLIC_TO_EVERYONE"});
    assert_eq!(desk.control("finish", &finish("none")).await?.status, 409);
    assert_eq!(desk.control("finish", &finish(&id)).await?.status, 204);
    assert_eq!(desk.status(&id).await?["status"], "PUBLISH_COMPLETE");
    assert_eq!(desk.sim.ledger()[0].text, "by hand");
    desk.clock.advance_ms(60_000);
    assert_eq!(desk.code(INBOX, &body).await?.1, "ok", "finishing one makes room");
    let narrow = Desk { token: desk.sim.grant(ANA, &["video.publish"])?.access, ..desk };
    assert_eq!(narrow.code(INBOX, &body).await?.1, "scope_not_authorized");
    let images = vec!["https://media.example/a.jpg".to_owned()];
    assert_eq!(narrow.code(CONTENT, &photos("MEDIA_UPLOAD", json!({}), &images)).await?.1, "scope_not_authorized");
    let mut old = SimCreator::new(ANA, "ana", "Ana");
    old.has_old_app = true;
    let old = desk_with(TikTokOptions { creators: vec![old], ..options() }).await?;
    assert_eq!(
        old.code(CONTENT, &photos("MEDIA_UPLOAD", json!({}), &images)).await?,
        (400, "app_version_check_failed".into())
    );
    Ok(())
}
