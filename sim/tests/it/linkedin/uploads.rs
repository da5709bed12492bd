//! Images, documents and videos (dossier §3.3 to §3.5): addresses, bytes, parts, and what of them a post may carry.

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::linkedin::Tuning;
use socrazi_sim::samples::{self, Film};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, BEN, Desk, PAGE, SELF_SERVE, desk, desk_with, encoded, partner, text_post, with};
use crate::desk::Seen;

fn media(id: &str, more: Value) -> Value {
    json!({"content": {"media": with(json!({"id": id}), more)}})
}

async fn post(desk: &Desk, text: &str, content: Value) -> anyhow::Result<(u16, String)> {
    let seen = desk.post("/rest/posts", &with(text_post(text), content)).await?;
    Ok((seen.status, seen.at("/code")))
}

#[tokio::test]
async fn an_image_goes_through_its_states_and_is_judged_by_its_bytes() -> anyhow::Result<()> {
    let desk = desk().await?;
    for (index, (is_fine, resource, bytes, more)) in [
        (true, "images", samples::jpeg(800, 600), json!({"altText": "a"})),
        (true, "images", samples::png(6_012, 6_013), json!({})),
        (false, "images", samples::png(6_024, 6_002), json!({})),
        (true, "images", samples::gif(250), json!({})),
        (false, "images", samples::gif(251), json!({})),
        (false, "images", b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), json!({})),
        (false, "images", b"<html>".to_vec(), json!({})),
        (false, "images", Vec::new(), json!({})),
        (true, "documents", samples::pdf(300), json!({"title": "S"})),
        (false, "documents", samples::pdf(301), json!({"title": "S"})),
        (true, "documents", b"PK\x03\x04....ppt/slides".to_vec(), json!({"title": "S"})),
        (false, "documents", b"PK\x03\x04....xl/sheets".to_vec(), json!({"title": "S"})),
        (true, "documents", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), json!({"title": "S"})),
        (false, "documents", samples::png(10, 10), json!({"title": "S"})),
    ]
    .into_iter()
    .enumerate()
    {
        let urn = desk.upload(resource, ANA, bytes).await?;
        let text = format!("{index}");
        assert_eq!(post(&desk, &text, media(&urn, more.clone())).await?, (400, "ILLEGAL_ARGUMENT".into()), "not ready");
        desk.clock.advance_ms(2_000);
        let wanted = if is_fine { (201, String::new()) } else { (422, "UNPROCESSABLE_ENTITY".into()) };
        assert_eq!(post(&desk, &text, media(&urn, more)).await?, wanted, "{index}");
        let look = desk.get(&format!("/rest/{resource}/{}", encoded(&urn))).await?;
        assert_eq!(
            (look.status, look.at("/code")),
            (403, "ACCESS_DENIED".into()),
            "a member's own scope shows nothing"
        );
    }
    let first = &desk.sim.ledger()[0];
    assert_eq!((first.kind.as_str(), first.media[0].alt_text.as_deref()), ("image", Some("a")));
    assert_eq!(first.media[0].sha256.len(), 64);
    Ok(())
}

#[tokio::test]
async fn an_upload_address_is_whole_unexpired_and_wants_no_token() -> anyhow::Result<()> {
    let desk = desk().await?;
    let begin = async || {
        let body = json!({"initializeUploadRequest": {"owner": ANA}});
        anyhow::Ok(desk.post("/rest/images?action=initializeUpload", &body).await?)
    };
    let begun = begin().await?;
    let url = begun.at("/value/uploadUrl");
    let bare = url.split('?').next().context("no address")?.to_owned();
    let put = async |url: &str, token: Option<&str>| {
        let mut request = desk.http.put(url).body(samples::png(9, 9));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        anyhow::Ok(request.send().await?.status().as_u16())
    };
    let urn = begun.at("/value/image");
    assert_eq!(post(&desk, "t", media(&urn, json!({}))).await?.0, 400, "nothing came yet");
    assert_eq!(put(&bare, None).await?, 403);
    assert_eq!(put(&format!("{bare}?ut=guess"), None).await?, 403);
    assert_eq!(put(&url, None).await?, 201);
    assert_eq!(put(&url, Some(&desk.token)).await?, 201, "both are seen in the pages");
    let listed = desk.send(desk.raw(Method::GET, "/__sim/uploads")?).await?.json();
    assert_eq!((&listed[0]["urn"], &listed[0]["had_bearer"]), (&json!(urn), &json!(true)));
    let late = begin().await?.at("/value/uploadUrl");
    desk.clock.advance_ms(86_400_000);
    assert_eq!(put(&late, None).await?, 403, "expired");
    for (status, body) in [
        (400, json!({})),
        (403, json!({"initializeUploadRequest": {"owner": BEN}})),
        (403, json!({"initializeUploadRequest": {"owner": PAGE}})),
        (400, json!({"initializeUploadRequest": {"owner": "me"}})),
    ] {
        assert_eq!(desk.post("/rest/images?action=initializeUpload", &body).await?.status, status, "{body}");
    }
    let untyped = desk.asking(Method::POST, "/rest/images?action=initializeUpload")?;
    let untyped = untyped.body(json!({"initializeUploadRequest": {"owner": ANA}}).to_string());
    assert_eq!(desk.send(untyped).await?.status, 415, "JSON says that it is JSON");
    assert_eq!(desk.post("/rest/images?action=finalizeUpload", &json!({})).await?.status, 400);
    assert_eq!(desk.post("/rest/images", &json!({})).await?.at("/code"), "MISSING_FIELD");
    assert_eq!(desk.post("/rest/stories?action=initializeUpload", &json!({})).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn posts_carry_what_their_author_uploaded_in_the_right_number() -> anyhow::Result<()> {
    let desk = desk_with(partner(), &["w_member_social", "w_organization_social", "r_member_social"]).await?;
    let mut images = Vec::new();
    for _ in 0..21 {
        images.push(desk.upload("images", ANA, samples::png(10, 10)).await?);
    }
    let paged = desk.upload("images", PAGE, samples::png(10, 10)).await?;
    let pdf = desk.upload("documents", ANA, samples::pdf(2)).await?;
    desk.clock.advance_ms(2_000);
    let several = |images: &[String]| {
        let images: Vec<Value> = images.iter().map(|id| json!({"id": id, "altText": "x"})).collect();
        json!({"content": {"multiImage": {"images": images}}})
    };
    for (index, (status, content)) in [
        (400, several(&images[..1])),
        (201, several(&images[..2])),
        (201, several(&images[..20])),
        (400, several(&images)),
        (400, several(&[images[0].clone(), pdf.clone()])),
        (403, media(&paged, json!({}))),
        (400, media(&pdf, json!({}))),
        (400, media(&pdf, json!({"title": "P", "altText": "no picture"}))),
        (201, media(&pdf, json!({"title": "P"}))),
        (201, media(&images[0], json!({"altText": "a".repeat(4_086)}))),
        (400, media(&images[0], json!({"altText": "a".repeat(4_087)}))),
        (400, media(&images[0], json!({"caption": "x"}))),
        (201, json!({"content": {"article": {"source": "https://e.example", "title": "T", "thumbnail": images[0]}}})),
        (400, json!({"content": {"article": {"source": "https://e.example", "title": "T", "thumbnail": pdf}}})),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(post(&desk, &format!("{index}"), content).await?.0, status, "{index}");
    }
    let twenty = &desk.sim.ledger()[1];
    assert_eq!((twenty.kind.as_str(), twenty.media.len()), ("multiImage", 20));
    let look = desk.get(&format!("/rest/images/{}", encoded(&images[0]))).await?;
    assert_eq!((look.at("/status"), look.at("/owner")), ("AVAILABLE".into(), ANA.into()));
    assert_eq!(desk.get(&format!("/rest/documents/{}", encoded(&images[0]))).await?.status, 404, "of another kind");
    assert_eq!(desk.get(&format!("/rest/images/{}", images[0])).await?.status, 400, "not encoded");
    Ok(())
}

struct Video {
    urn: String,
    body: Value,
    bytes: Vec<u8>,
}

async fn begin(desk: &Desk, bytes: Vec<u8>, more: Value) -> anyhow::Result<Video> {
    let asked = with(
        json!({"owner": ANA, "fileSizeBytes": bytes.len(), "uploadCaptions": false, "uploadThumbnail": false}),
        more,
    );
    let seen = desk.post("/rest/videos?action=initializeUpload", &json!({"initializeUploadRequest": asked})).await?;
    anyhow::ensure!(seen.status == 200, "{} {}", seen.status, seen.text);
    Ok(Video { urn: seen.at("/value/video"), body: seen.json()["value"].clone(), bytes })
}

async fn put_part(desk: &Desk, video: &Video, at: usize, cut: usize) -> anyhow::Result<(u16, String)> {
    let part = &video.body["uploadInstructions"][at];
    let place = |name: &str| usize::try_from(part[name].as_u64().unwrap_or(0)).unwrap_or(0);
    let bytes = video.bytes[place("firstByte")..=place("lastByte") - cut].to_vec();
    let answer = desk.http.put(part["uploadUrl"].as_str().context("no address")?).body(bytes).send().await?;
    let etag = answer.headers().get("etag").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Ok((answer.status().as_u16(), etag))
}

async fn finalize(desk: &Desk, video: &Video, ids: &[String], token: &str) -> anyhow::Result<Seen> {
    let body = json!({"finalizeUploadRequest": {"video": video.urn, "uploadToken": token, "uploadedPartIds": ids}});
    desk.post("/rest/videos?action=finalizeUpload", &body).await
}

#[tokio::test]
async fn a_video_comes_in_exact_parts_whose_tags_close_it_in_order() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.tune(Tuning { upload_token: "tok".into(), ..Tuning::default() });
    let film = samples::mp4(&Film { bytes: 9_000_000, ..Film::default() });
    let video = begin(&desk, film, json!({"uploadCaptions": true})).await?;
    let parts = video.body["uploadInstructions"].as_array().context("no parts")?;
    assert_eq!(
        parts.iter().map(|part| (part["firstByte"].clone(), part["lastByte"].clone())).collect::<Vec<_>>(),
        [(json!(0), json!(4_194_303)), (json!(4_194_304), json!(8_388_607)), (json!(8_388_608), json!(8_999_999)),]
    );
    assert_eq!(put_part(&desk, &video, 2, 1).await?.0, 400, "one byte short");
    let mut tags = Vec::new();
    // In any order, and twice: a part that was sent again is the same part.
    for at in [2, 0, 1, 1] {
        let (status, tag) = put_part(&desk, &video, at, 0).await?;
        assert_eq!(status, 200);
        tags.push((at, tag));
    }
    tags.sort();
    tags.dedup();
    let tags: Vec<String> = tags.into_iter().map(|(_, tag)| tag).collect();
    let mixed: Vec<String> = tags.iter().rev().cloned().collect();
    for (ids, token) in [(&mixed[..], "tok"), (&tags[..2], "tok"), (&[], "tok"), (&tags[..], "")] {
        assert_eq!(finalize(&desk, &video, ids, token).await?.at("/code"), "INVALID_VALUE_FOR_FIELD");
    }
    let captions = video.body["captionsUploadUrl"].as_str().context("no captions")?;
    for (body, status) in [("hello", 400), ("1\n00:00:00,000 --> 00:00:01,000\nhi\n", 201)] {
        assert_eq!(desk.http.put(captions).body(body).send().await?.status().as_u16(), status);
    }
    assert_eq!(post(&desk, "t", media(&video.urn, json!({}))).await?.0, 400, "not closed");
    assert_eq!(finalize(&desk, &video, &tags, "tok").await?.status, 200);
    assert_eq!(finalize(&desk, &video, &tags, "tok").await?.status, 400, "closed already");
    assert_eq!(put_part(&desk, &video, 0, 0).await?.0, 400);
    let look = async || anyhow::Ok(desk.get(&format!("/rest/videos/{}", encoded(&video.urn))).await?.at("/status"));
    assert_eq!(look().await?, "PROCESSING");
    assert_eq!(post(&desk, "t", media(&video.urn, json!({}))).await?.0, 400);
    desk.clock.advance_ms(20_000);
    assert_eq!(look().await?, "AVAILABLE");
    let urn = desk.publish(&with(text_post("t"), media(&video.urn, json!({"title": "Demo"})))).await?;
    assert!(urn.starts_with("urn:li:ugcPost:"));
    let entry = &desk.sim.ledger()[0];
    assert_eq!(
        (entry.kind.as_str(), entry.media[0].bytes, &entry.details["title"]),
        ("video", 9_000_000, &json!("Demo"))
    );
    Ok(())
}

#[tokio::test]
async fn a_video_has_its_size_and_its_length() -> anyhow::Result<()> {
    let desk = desk().await?;
    let start = async |size: u64| {
        let body = json!({"initializeUploadRequest": {"owner": ANA, "fileSizeBytes": size}});
        anyhow::Ok(desk.post("/rest/videos?action=initializeUpload", &body).await?.status)
    };
    let (least, most) = (75 * 1024, 500 * 1024 * 1024);
    for (size, status) in [(least - 1, 400), (least, 200), (most, 200), (most + 1, 400), (0, 400)] {
        assert_eq!(start(size).await?, status, "{size}");
    }
    let film = |duration_ms: u32| samples::mp4(&Film { duration_ms, ..Film::default() });
    for (index, (bytes, failure)) in [
        (film(3_000), None),
        (film(2_999), Some("INVALID_DURATION")),
        (film(1_800_000), None),
        (film(1_800_001), Some("INVALID_DURATION")),
        (vec![0; 100_000], Some("UNSUPPORTED_FORMAT")),
    ]
    .into_iter()
    .enumerate()
    {
        let video = begin(&desk, bytes, json!({})).await?;
        let (_, tag) = put_part(&desk, &video, 0, 0).await?;
        // Tags may come back in quotes.
        assert_eq!(finalize(&desk, &video, &[format!("\"{tag}\"")], "").await?.status, 200);
        desk.clock.advance_ms(20_000);
        let look = desk.get(&format!("/rest/videos/{}", encoded(&video.urn))).await?;
        assert_eq!(
            (look.at("/status") == "AVAILABLE", look.at("/processingFailureReason")),
            (failure.is_none(), failure.unwrap_or_default().to_owned())
        );
        assert_eq!(
            post(&desk, &format!("{index}"), media(&video.urn, json!({}))).await?.0,
            if failure.is_none() { 201 } else { 422 }
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_at_any_step_of_an_upload_leaves_what_happened_to_be_found() -> anyhow::Result<()> {
    let desk = desk().await?;
    let video = begin(&desk, samples::mp4(&Film::default()), json!({})).await?;
    desk.sim.set_faults(vec![Fault::once("PUT", "/dms-uploads/", FaultKind::ResetAfter)]);
    assert!(put_part(&desk, &video, 0, 0).await.is_err());
    let (_, tag) = put_part(&desk, &video, 0, 0).await?;
    desk.sim.set_faults(vec![Fault::once(
        "POST",
        "/rest/videos",
        FaultKind::StatusAfter { status: 504, body: String::new() },
    )]);
    assert_eq!(finalize(&desk, &video, &[tag], "").await?.status, 504);
    let look = desk.get(&format!("/rest/videos/{}", encoded(&video.urn))).await?;
    assert_eq!(look.at("/status"), "PROCESSING", "it was closed all the same");
    desk.sim.tune(Tuning { takes_unready: true, ..Tuning::default() });
    assert_eq!(post(&desk, "early", media(&video.urn, json!({}))).await?.0, 201, "the other of the two behaviours");
    assert_eq!(desk.sim.calls().iter().find(|call| call.method == "PUT").map(|call| call.arrived), Some(2));
    let seen = Desk { token: desk.sim.grant("9kXw_Zs-1", &SELF_SERVE)?.value, ..desk };
    assert_eq!(finalize(&seen, &video, &[], "").await?.status, 403, "somebody else's");
    Ok(())
}
