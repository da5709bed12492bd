//! Containers (dossier §3.1, §3.2, §4, §5): every rule just inside and just outside, and media that is really fetched.

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::instagram::{InstagramOptions, Login, Tuning, missing};
use socrazi_sim::pull::Detour;
use socrazi_sim::samples::{self, Film};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, BEN, FACEBOOK_SCOPES, codes, desk, desk_with, options};
use crate::files::Files;

#[tokio::test]
async fn parameters_are_refused_just_outside_and_taken_just_inside() -> anyhow::Result<()> {
    let desk = desk().await?;
    let (image, film) = (desk.files.url("a.jpg"), desk.files.url("v.mp4"));
    let (fits, long) = ("é".repeat(2_200), "é".repeat(2_201));
    let many = |mark: &str, count: usize| (0..count).map(|n| format!("{mark}t{n} ")).collect::<String>();
    let (tags, more_tags, names, more_names) = (many("#", 30), many("#", 31), many("@", 20), many("@", 21));
    let (alt, long_alt) = ("a".repeat(1_000), "a".repeat(1_001));
    let person =
        |n: usize| (0..n).map(|i| json!({"username": format!("u{i}"), "x": 0.5, "y": 1.0})).collect::<Vec<Value>>();
    let (people, more_people) = (json!(person(20)).to_string(), json!(person(21)).to_string());
    let off = json!([{"username": "u", "x": 1.1, "y": 0.0}]).to_string();
    let reel = [("media_type", "REELS"), ("video_url", film.as_str())];
    let item = [("image_url", image.as_str()), ("is_carousel_item", "true")];
    let photo = [("image_url", image.as_str())];
    for (wanted, pairs, more) in [
        ((0, 0), &photo[..], ("caption", fits.as_str())),
        ((36_004, 2_207_010), &photo, ("caption", &long)),
        ((0, 0), &photo, ("caption", &tags)),
        ((36_004, 2_207_010), &photo, ("caption", &more_tags)),
        ((0, 0), &photo, ("caption", &names)),
        ((100, 2_207_040), &photo, ("caption", &more_names)),
        ((0, 0), &item, ("caption", &long)),
        ((0, 0), &photo, ("alt_text", &alt)),
        ((100, 0), &photo, ("alt_text", &long_alt)),
        ((100, 0), &reel, ("alt_text", "a")),
        ((0, 0), &photo, ("user_tags", &people)),
        ((100, 2_207_040), &photo, ("user_tags", &more_people)),
        ((100, 0), &photo, ("user_tags", &off)),
        ((100, 0), &photo, ("user_tags", "u")),
        ((0, 0), &photo, ("collaborators", "a,b,c")),
        ((100, 0), &photo, ("collaborators", "a,b,c,d")),
        ((100, 0), &photo, ("location_id", "home")),
        ((100, 0), &photo, ("share_to_feed", "true")),
        ((0, 0), &photo, ("is_ai_generated", "true")),
        ((100, 0), &item, ("is_ai_generated", "true")),
        ((0, 0), &reel, ("share_to_feed", "false")),
        ((0, 0), &reel, ("thumb_offset", "0")),
        ((1, 2_207_057), &reel, ("thumb_offset", "-1")),
        ((0, 0), &reel, ("trial_params", r#"{"graduation_strategy":"MANUAL"}"#)),
        ((100, 0), &reel, ("trial_params", r#"{"graduation_strategy":"SOON"}"#)),
        ((0, 0), &reel, ("cover_url", &image)),
        ((9_004, 2_207_052), &reel, ("cover_url", "http://127.0.0.1:9/none.jpg")),
        ((100, 2_207_023), &[("video_url", film.as_str())], ("media_type", "VIDEO")),
        ((100, 2_207_023), &[("video_url", film.as_str())], ("caption", "x")),
        ((0, 0), &[("video_url", film.as_str()), ("media_type", "VIDEO")], ("is_carousel_item", "true")),
        ((100, 2_207_023), &reel, ("is_carousel_item", "true")),
        ((100, 2_207_023), &photo, ("media_type", "TEXT")),
        ((100, 0), &[], ("caption", "no picture")),
        ((100, 0), &[("media_type", "REELS")], ("caption", "no film")),
        ((100, 2_207_028), &[("media_type", "CAROUSEL")], ("children", "1")),
        ((100, 0), &[("media_type", "CAROUSEL")], ("children", "1,2")),
        ((100, 0), &[("media_type", "REELS")], ("upload_type", "resumable")),
    ] {
        let (status, body) = desk.contain(&[pairs, &[more]].concat()).await?;
        assert_eq!((codes(&body), status), (wanted, if wanted == (0, 0) { 200 } else { 400 }), "{more:.60?} {body}");
    }
    desk.sim.tune(Tuning { allows_trials: false, ..Tuning::default() });
    let trial = [&reel[..], &[("trial_params", r#"{"graduation_strategy":"MANUAL"}"#)]].concat();
    assert_eq!(codes(&desk.contain(&trial).await?.1), (100, 2_207_081));
    assert!(desk.sim.ledger().is_empty(), "a container is seen by nobody");
    let other = desk.post(&format!("/v25.0/{BEN}/media"), &photo).await?;
    assert_eq!(codes(&other.1), (100, 33));
    let narrow = desk.sim.grant(Login::Instagram, ANA, &["instagram_business_basic"])?.value;
    let refused = desk.contain(&[("image_url", &image), ("access_token", &narrow)]).await?;
    assert_eq!((codes(&refused.1).0, refused.1["error"]["type"].as_str()), (10, Some("OAuthException")));
    Ok(())
}

#[tokio::test]
async fn pictures_are_fetched_and_judged_before_the_answer() -> anyhow::Result<()> {
    let desk = desk().await?;
    let limit = 8 * 1024 * 1024;
    let files = Files::serve(vec![
        ("a-tall.jpg", "image/jpeg", samples::jpeg(800, 1_000)),
        ("b-taller.jpg", "image/jpeg", samples::jpeg(799, 1_000)),
        ("c-wide.jpg", "image/jpeg", samples::jpeg(1_910, 1_000)),
        ("d-wider.jpg", "image/jpeg", samples::jpeg(1_911, 1_000)),
        ("e-full.jpg", "image/jpeg", samples::jpeg_of(1_000, 1_000, limit)),
        ("f-over.jpg", "image/jpeg", samples::jpeg_of(1_000, 1_000, limit + 1)),
        ("g.png", "image/png", samples::png(1_000, 1_000)),
        ("h.html", "text/html", b"<html>log in".to_vec()),
        ("i.jpg", "text/html", samples::jpeg(1_000, 1_000)),
        ("j.jpg", "image/jpeg", b"not a picture".to_vec()),
        ("k-story.jpg", "image/jpeg", samples::jpeg(1_080, 1_920)),
    ])
    .await?;
    let unfetched = (9_004, 2_207_052);
    for (name, wanted) in [
        ("a-tall.jpg", (0, 0)),
        ("b-taller.jpg", (36_003, 2_207_009)),
        ("c-wide.jpg", (0, 0)),
        ("d-wider.jpg", (36_003, 2_207_009)),
        ("e-full.jpg", (0, 0)),
        ("f-over.jpg", (36_000, 2_207_004)),
        ("g.png", (36_001, 2_207_005)),
        ("h.html", unfetched),
        ("i.jpg", unfetched),
        ("j.jpg", unfetched),
        ("k-story.jpg", (36_003, 2_207_009)),
        ("none.jpg", unfetched),
        ("moved", unfetched),
    ] {
        let (_, body) = desk.contain(&[("image_url", &files.url(name))]).await?;
        assert_eq!(codes(&body), wanted, "{name} {body}");
    }
    desk.sim.tune(Tuning { fetch_ms: 50, ..Tuning::default() });
    assert_eq!(codes(&desk.contain(&[("image_url", &files.url("slow"))]).await?.1), (-2, 2_207_003));
    desk.sim.tune(Tuning::default());
    for nowhere in
        ["https://media.example/a.jpg", "http://10.0.0.1/a.jpg", "file:///etc/hostname", "http://127.0.0.1:9/ä.jpg"]
    {
        assert_eq!(codes(&desk.contain(&[("image_url", nowhere)]).await?.1), unfetched, "{nowhere}");
    }
    let story = [("media_type", "STORIES"), ("image_url", &files.url("k-story.jpg"))];
    assert_eq!(desk.contain(&story).await?.0, 200, "a story is as tall as a phone");
    Ok(())
}

#[tokio::test]
async fn films_come_after_the_answer_and_fail_in_their_status() -> anyhow::Result<()> {
    let desk = desk().await?;
    let film = |film: Film| samples::mp4(&film);
    let (third, minute) =
        (Film { duration_ms: 3_000, ..Film::default() }, Film { duration_ms: 60_000, ..Film::default() });
    let files = Files::serve(vec![
        ("short", "video/mp4", film(third)),
        ("shorter", "video/mp4", film(Film { duration_ms: 2_999, ..third })),
        ("minute", "video/mp4", film(minute)),
        ("minute-over", "video/mp4", film(Film { duration_ms: 60_001, ..minute })),
        ("long", "video/mp4", film(Film { duration_ms: 900_000, ..third })),
        ("longer", "video/mp4", film(Film { duration_ms: 900_001, ..third })),
        ("fps23", "video/mp4", film(Film { fps: 23, duration_ms: 4_000, ..third })),
        ("fps22", "video/mp4", film(Film { fps: 22, duration_ms: 4_000, ..third })),
        ("fps61", "video/mp4", film(Film { fps: 61, duration_ms: 4_000, ..third })),
        ("wide", "video/mp4", film(Film { width: 1_920, ..third })),
        ("wider", "video/mp4", film(Film { width: 1_921, ..third })),
        ("strip", "video/mp4", film(Film { width: 10, height: 1_000, ..third })),
        ("thin", "video/mp4", film(Film { width: 9, height: 1_000, ..third })),
        ("index-last", "video/mp4", film(Film { is_index_first: false, ..third })),
        ("page", "text/html", b"<html>".to_vec()),
    ])
    .await?;
    let (fine, format) = (("FINISHED", 0), ("ERROR", 2_207_026));
    for (name, reel, story) in [
        ("short", fine, fine),
        ("shorter", format, format),
        ("minute", fine, fine),
        ("minute-over", fine, format),
        ("long", fine, format),
        ("longer", format, format),
        ("fps23", fine, fine),
        ("fps22", format, format),
        ("fps61", format, format),
        ("wide", fine, fine),
        ("wider", format, format),
        ("strip", fine, format),
        ("thin", format, format),
        ("index-last", format, format),
        ("page", format, format),
        ("none", ("ERROR", 2_207_077), ("ERROR", 2_207_077)),
        ("moved", ("ERROR", 2_207_077), ("ERROR", 2_207_077)),
    ] {
        for (kind, wanted) in [("REELS", reel), ("STORIES", story)] {
            let id = desk.container(&[("media_type", kind), ("video_url", &files.url(name))]).await?;
            let (code, text) = desk.settled(&id).await?;
            assert_eq!(code, wanted.0, "{name} as {kind}: {text}");
            assert!(
                wanted.1 == 0 || text == format!("Error: Media upload has failed with error code {}", wanted.1),
                "{name} {text}"
            );
        }
    }
    desk.sim.tune(Tuning { fetch_ms: 50, ..Tuning::default() });
    let slow = desk.container(&[("media_type", "REELS"), ("video_url", &files.url("slow"))]).await?;
    assert!(desk.settled(&slow).await?.1.ends_with("2207003"), "it took too long to come");
    desk.sim.tune(Tuning::default());
    let kept = desk.container(&[("media_type", "REELS"), ("video_url", &files.url("slow"))]).await?;
    desk.clock.advance_ms(60_000);
    assert_eq!(desk.status(&kept).await?.0, "IN_PROGRESS", "the clock alone brings no bytes");
    Ok(())
}

#[tokio::test]
async fn a_carousel_has_two_to_ten_of_one_s_own_that_are_ready() -> anyhow::Result<()> {
    let desk = desk().await?;
    let image = desk.files.url("a.jpg");
    let item = [("image_url", image.as_str()), ("is_carousel_item", "true")];
    let mut ids = Vec::new();
    for _ in 0..11 {
        ids.push(desk.container(&item).await?);
    }
    let parent = async |children: &[String]| {
        desk.contain(&[("media_type", "CAROUSEL"), ("children", &children.join(",")), ("caption", "all")]).await
    };
    assert_eq!(codes(&parent(&ids[..2]).await?.1).0, 2, "not ready");
    desk.clock.advance_ms(2_000);
    for (count, wanted) in [(1, 2_207_028), (2, 0), (10, 0), (11, 2_207_028)] {
        assert_eq!(codes(&parent(&ids[..count]).await?.1).1, wanted, "{count}");
    }
    let alone = desk.image("alone").await?;
    desk.clock.advance_ms(2_000);
    assert_eq!(codes(&parent(&[ids[0].clone(), alone]).await?.1).0, 100, "no item");
    let failed = desk
        .container(&[("media_type", "VIDEO"), ("video_url", &desk.files.url("none")), ("is_carousel_item", "true")])
        .await?;
    assert_eq!(desk.settled(&failed).await?.0, "ERROR");
    assert_eq!(codes(&parent(&[ids[0].clone(), failed]).await?.1), (-1, 2_207_032));
    desk.clock.advance_ms(86_400_000);
    assert_eq!(codes(&parent(&ids[..2]).await?.1), (-1, 2_207_032), "a day old");
    Ok(())
}

#[tokio::test]
async fn four_hundred_containers_a_day_and_not_one_more() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.tune(Tuning { containers_max: 3, ..Tuning::default() });
    for _ in 0..3 {
        desk.image("x").await?;
    }
    let image = desk.files.url("a.jpg");
    assert_eq!(codes(&desk.contain(&[("image_url", &image)]).await?.1), (4, 0));
    desk.clock.advance_ms(86_400_000);
    desk.image("x").await?;
    Ok(())
}

#[tokio::test]
async fn a_container_says_how_far_it_is_and_nothing_else() -> anyhow::Result<()> {
    let desk = desk().await?;
    let id = desk.image("x").await?;
    let path = format!("/v25.0/{id}");
    assert_eq!(desk.get(&path, &[]).await?.1, json!({"id": id}));
    assert_eq!(desk.status(&id).await?.0, "IN_PROGRESS");
    desk.clock.advance_ms(2_000);
    assert_eq!(
        desk.status(&id).await?,
        ("FINISHED".into(), "Finished: Media has been uploaded and it is ready to be published.".into())
    );
    assert_eq!(codes(&desk.get(&path, &[("fields", "caption")]).await?.1).0, 100);
    let ben = desk.sim.grant(Login::Instagram, BEN, &super::SCOPES)?.value;
    assert_eq!(codes(&desk.get(&path, &[("access_token", &ben)]).await?.1), (100, 33));
    let kind = FaultKind::Status { status: 400, body: missing(&id).body().to_string(), headers: Default::default() };
    desk.sim.set_faults(vec![Fault::once("GET", &path, kind)]);
    assert_eq!(codes(&desk.get(&path, &[]).await?.1), (100, 33), "the known intermittent one");
    assert_eq!(desk.status(&id).await?.0, "FINISHED");
    desk.clock.advance_ms(86_400_000);
    assert_eq!(desk.status(&id).await?.0, "EXPIRED");
    Ok(())
}

#[tokio::test]
async fn public_addresses_lead_where_the_detour_says() -> anyhow::Result<()> {
    let files = Files::serve(vec![("a.jpg", "image/jpeg", samples::jpeg(500, 500))]).await?;
    let detour = Detour { from: "https://social.example/".into(), to: files.root.parse()? };
    let desk = desk_with(InstagramOptions { detours: vec![detour], ..options() }).await?;
    assert_eq!(desk.contain(&[("image_url", "https://social.example/a.jpg")]).await?.0, 200);
    assert_eq!(codes(&desk.contain(&[("image_url", "https://social.example.evil/a.jpg")]).await?.1).0, 9_004);
    Ok(())
}

#[tokio::test]
async fn a_resumable_upload_goes_on_where_it_stopped_by_facebook_login_alone() -> anyhow::Result<()> {
    let desk = desk().await?;
    let page = desk.sim.grant(Login::Page, "11000000000000011", &FACEBOOK_SCOPES)?.value;
    let begun =
        desk.contain(&[("media_type", "REELS"), ("upload_type", "resumable"), ("access_token", &page)]).await?.1;
    let (id, uri) = (begun["id"].as_str().unwrap_or_default(), begun["uri"].as_str().unwrap_or_default());
    let film = samples::mp4(&Film::default());
    let size = film.len().to_string();
    let send = async |token: &str, offset: usize, bytes: &[u8]| {
        let request =
            desk.http.post(uri).header("Authorization", format!("OAuth {token}")).header("offset", offset.to_string());
        let answer = request.header("file_size", &size).body(bytes.to_vec()).send().await?;
        anyhow::Ok((answer.status().as_u16(), answer.json::<Value>().await?))
    };
    assert_eq!(codes(&send("guess", 0, &film).await?.1).0, 190);
    assert_eq!(send(&page, 10, &film[10..]).await?.1["debug_info"]["type"], "OffsetInvalidError");
    assert_eq!(send(&page, 0, &film[..50_000]).await?.0, 200);
    assert_eq!(send(&page, 0, &film[..50_000]).await?.0, 400, "these are here");
    let ask = [("fields", "status_code,video_status"), ("access_token", page.as_str())];
    let (_, half) = desk.get(&format!("/v25.0/{id}"), &ask).await?;
    assert_eq!(
        (&half["status_code"], &half["video_status"]["uploading_phase"]["bytes_transferred"]),
        (&json!("IN_PROGRESS"), &json!(50_000))
    );
    let over = [&film[50_000..], b"x"].concat();
    assert_eq!(send(&page, 50_000, &over).await?.0, 400, "more than was said");
    let done = send(&page, 50_000, &film[50_000..]).await?;
    assert_eq!(done, (200, json!({"success": true, "message": "Upload successful."})));
    desk.clock.advance_ms(20_000);
    assert_eq!(desk.get(&format!("/v25.0/{id}"), &ask).await?.1["status_code"], "FINISHED");
    let by_url =
        desk.contain(&[("media_type", "REELS"), ("upload_type", "resumable"), ("access_token", &page)]).await?.1;
    let sent = desk
        .http
        .request(Method::POST, by_url["uri"].as_str().unwrap_or_default())
        .header("Authorization", format!("OAuth {page}"));
    assert_eq!(sent.header("file_url", desk.files.url("v.mp4")).send().await?.status(), 200);
    desk.clock.advance_ms(20_000);
    assert_eq!(desk.status(by_url["id"].as_str().unwrap_or_default()).await?.0, "FINISHED");
    Ok(())
}
