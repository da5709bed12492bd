//! Uploads to the simulated YouTube in pieces, whole, interrupted and lost (dossier google.md §4.4).

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::google::GoogleOptions;
use socrazi_sim::{Fault, FaultKind};

use crate::desk::Seen;
use crate::google::{ANA, BEN, Desk};

const PIECE: usize = 262_144;
const START: &str = "/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status";

pub(crate) async fn youtube_desk() -> anyhow::Result<Desk> {
    let mut desk = Desk::new().await?;
    desk.token = desk.granted(ANA, &["youtube"])?;
    Ok(desk)
}

/// A file of this length that begins like an MP4.
fn file(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    for (at, byte) in b"\0\0\0\x18ftypisom".iter().enumerate().take(length) {
        bytes[at] = *byte;
    }
    bytes
}

pub(crate) fn metadata(title: &str, status: Value) -> Value {
    json!({"snippet": {"title": title, "description": "d", "tags": ["a b", "c"], "categoryId": "22"}, "status": status})
}

impl Desk {
    pub(crate) async fn initiate(&self, body: &Value, length: usize) -> anyhow::Result<Seen> {
        let request = self.http.post(self.sim.url().join(START)?).bearer_auth(&self.token).json(body);
        let request = request.header("x-upload-content-type", "video/mp4").header("x-upload-content-length", length);
        self.seen(request).await
    }

    async fn session(&self, length: usize) -> anyhow::Result<String> {
        let seen = self.initiate(&metadata("A video", json!({"privacyStatus": "private"})), length).await?;
        anyhow::ensure!(seen.status == 200 && seen.text.is_empty(), "{} {}", seen.status, seen.text);
        Ok(seen.header("location"))
    }

    async fn put(&self, session: &str, range: &str, body: Vec<u8>) -> anyhow::Result<Seen> {
        self.seen(self.http.put(session).header("content-range", range).body(body)).await
    }

    async fn progress(&self, session: &str, total: usize) -> anyhow::Result<Seen> {
        self.put(session, &format!("bytes */{total}"), Vec::new()).await
    }

    /// Uploads in one go: the id.
    pub(crate) async fn upload(&self, body: &Value) -> anyhow::Result<String> {
        let seen = self.initiate(body, 1_000).await?;
        anyhow::ensure!(seen.status == 200, "{} {}", seen.status, seen.text);
        let done = self.put(&seen.header("location"), "bytes 0-999/1000", file(1_000)).await?;
        anyhow::ensure!(done.status == 200, "{} {}", done.status, done.text);
        Ok(done.at("/id"))
    }

    pub(crate) async fn video(&self, id: &str, parts: &str) -> anyhow::Result<Value> {
        let seen = self.get(&format!("/youtube/v3/videos?part={parts}&id={id}")).await?;
        anyhow::ensure!(seen.status == 200, "{}", seen.text);
        Ok(seen.json()["items"][0].clone())
    }
}

fn reason(seen: &Seen) -> (u16, String) {
    (seen.status, seen.at("/error/errors/0/reason"))
}

#[tokio::test]
async fn pieces_are_taken_one_after_the_other_until_the_video_is_there() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let total = 2 * PIECE + 10;
    let bytes = file(total);
    let session = desk.session(total).await?;
    assert!(session.starts_with(desk.sim.url().as_str()) && session.contains("upload_id="));
    let nothing = desk.progress(&session, total).await?;
    assert_eq!((nothing.status, nothing.header("range").as_str(), nothing.header("location").as_str()), (308, "", ""));
    let first = desk.put(&session, &format!("bytes 0-{}/{total}", PIECE - 1), bytes[..PIECE].to_vec()).await?;
    assert_eq!((first.status, first.header("range")), (308, format!("bytes=0-{}", PIECE - 1)));
    assert_eq!(desk.progress(&session, total).await?.header("range"), format!("bytes=0-{}", PIECE - 1));
    let second = desk
        .put(&session, &format!("bytes {PIECE}-{}/{total}", 2 * PIECE - 1), bytes[PIECE..2 * PIECE].to_vec())
        .await?;
    assert_eq!(second.status, 308);
    let last =
        desk.put(&session, &format!("bytes {}-{}/{total}", 2 * PIECE, total - 1), bytes[2 * PIECE..].to_vec()).await?;
    assert_eq!(
        (last.status, last.at("/kind").as_str(), last.at("/status/uploadStatus").as_str()),
        (200, "youtube#video", "uploaded")
    );
    let again = desk.progress(&session, total).await?;
    assert_eq!((again.status, again.at("/id")), (200, last.at("/id")), "already complete");
    let whole = desk.session(total).await?;
    let done = desk.seen(desk.http.put(&whole).body(bytes)).await?;
    assert_eq!(done.status, 200, "the whole file in one go, without a range");
    let hash = desk.get("/__sim/youtube/videos").await?.json();
    let uploads: Vec<&Value> = hash.as_array().into_iter().flatten().filter(|video| video["sha256"] != "").collect();
    assert_eq!((uploads.len(), &uploads[0]["sha256"]), (2, &uploads[1]["sha256"]), "the same bytes came both times");
    Ok(())
}

#[tokio::test]
async fn pieces_must_be_whole_and_follow_each_other() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let total = 2 * PIECE;
    let session = desk.session(total).await?;
    let put = async |range: String, length: usize| desk.put(&session, &range, file(length)).await;
    assert_eq!(
        put(format!("bytes 0-{}/{total}", PIECE - 2), PIECE - 1).await?.status,
        400,
        "not a multiple of 256 KiB"
    );
    assert_eq!(put(format!("bytes 0-{PIECE}/{total}"), PIECE + 1).await?.status, 400);
    assert_eq!(put(format!("bytes {PIECE}-{}/{total}", 2 * PIECE - 1), PIECE).await?.status, 400, "a gap");
    assert_eq!(put(format!("bytes 0-{}/{total}", PIECE - 1), PIECE - 5).await?.status, 400, "another length than said");
    assert_eq!(
        put(format!("bytes 0-{}/{}", PIECE - 1, total + 1), PIECE).await?.status,
        400,
        "another total than announced"
    );
    assert_eq!(put(format!("bytes 0-{total}/{total}"), total + 1).await?.status, 400, "past the end");
    assert_eq!(put("bytes 0-0".into(), 1).await?.status, 400);
    assert_eq!(
        put(format!("bytes 0-{}/{total}", u64::MAX), PIECE).await?.status,
        400,
        "no number is too large to read"
    );
    assert_eq!(put(format!("bytes */{total}"), 1).await?.status, 400, "a question with a body");
    assert_eq!(desk.progress(&session, total).await?.header("range"), "", "nothing of it was stored");
    assert_eq!(put(format!("bytes 0-{}/{total}", PIECE - 1), PIECE).await?.status, 308);
    let overlap = put(format!("bytes 0-{}/{total}", 2 * PIECE - 1), 2 * PIECE).await?;
    assert_eq!(overlap.status, 200, "what is there already is skipped");
    Ok(())
}

#[tokio::test]
async fn only_a_part_of_a_piece_may_be_kept() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let total = 3 * PIECE + 5;
    let bytes = file(total);
    let session = desk.session(total).await?;
    desk.tune(|tuning| tuning.youtube.kept_of_chunk = Some(PIECE as u64 + 7));
    let first = desk.put(&session, &format!("bytes 0-{}/{total}", total - 1), bytes.clone()).await?;
    assert_eq!((first.status, first.header("range")), (308, format!("bytes=0-{}", PIECE - 1)));
    desk.tune(|_| {});
    let rest = desk.put(&session, &format!("bytes {PIECE}-{}/{total}", total - 1), bytes[PIECE..].to_vec()).await?;
    assert_eq!(rest.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_found_again_by_asking_the_session() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let session = desk.session(1_000).await?;
    desk.tune(|tuning| tuning.youtube.lost_answers = 1);
    assert_eq!(desk.put(&session, "bytes 0-999/1000", file(1_000)).await?.status, 503);
    let found = desk.progress(&session, 1_000).await?;
    assert_eq!(found.status, 200);
    let other = desk.session(1_000).await?;
    desk.sim.set_faults(vec![Fault::once("PUT", "/upload", FaultKind::ResetAfter)]);
    assert!(desk.put(&other, "bytes 0-999/1000", file(1_000)).await.is_err(), "cut after storing");
    let found_too = desk.progress(&other, 1_000).await?;
    assert_eq!(found_too.status, 200);
    assert_ne!(found.at("/id"), found_too.at("/id"));
    desk.sim.set_faults(vec![Fault::once(
        "PUT",
        "/upload",
        FaultKind::Status { status: 503, body: String::new(), headers: Default::default() },
    )]);
    let third = desk.session(1_000).await?;
    assert_eq!(desk.put(&third, "bytes 0-999/1000", file(1_000)).await?.status, 503);
    assert_eq!(desk.progress(&third, 1_000).await?.status, 308, "that time nothing was stored");
    Ok(())
}

#[tokio::test]
async fn sessions_end_by_time_or_by_wish() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let session = desk.session(1_000).await?;
    desk.clock.advance_ms(7 * 86_400_000 - 60_000);
    assert_eq!(desk.progress(&session, 1_000).await?.status, 308);
    desk.clock.advance_ms(60_000);
    assert_eq!(desk.progress(&session, 1_000).await?.status, 404);
    let mut desk = desk;
    desk.token = desk.granted(ANA, &["youtube.upload"])?;
    let session = desk.session(1_000).await?;
    let cancelled = desk.seen(desk.http.request(Method::DELETE, &session)).await?;
    assert_eq!(cancelled.status, 499);
    assert_eq!(desk.put(&session, "bytes 0-999/1000", file(1_000)).await?.status, 404);
    assert_eq!(desk.seen(desk.http.delete(&session)).await?.status, 404);
    let made_up = desk.sim.url().join("/upload/youtube/v3/videos?uploadType=resumable&upload_id=x")?;
    assert_eq!(desk.progress(made_up.as_str(), 1).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn what_is_said_about_a_video_is_judged_before_its_bytes_come() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let private = json!({"privacyStatus": "private"});
    let refused = async |body: Value| -> anyhow::Result<(u16, String)> { Ok(reason(&desk.initiate(&body, 10).await?)) };
    let snippet = |name: &str, value: Value| {
        let mut body = metadata("t", private.clone());
        body["snippet"][name] = value;
        body
    };
    let bad = |word: &str| (400, word.to_owned());
    assert_eq!(refused(snippet("title", json!("x".repeat(101)))).await?, bad("invalidTitle"));
    assert_eq!(refused(snippet("title", json!("a < b"))).await?, bad("invalidTitle"));
    assert_eq!(refused(snippet("title", json!("  "))).await?, bad("invalidTitle"));
    assert_eq!(refused(snippet("description", json!("é".repeat(2_501)))).await?, bad("invalidDescription"));
    assert_eq!(refused(snippet("description", json!("<b>"))).await?, bad("invalidDescription"));
    assert_eq!(refused(snippet("tags", json!(["x".repeat(501)]))).await?, bad("invalidTags"));
    assert_eq!(refused(snippet("tags", json!(["x".repeat(498), "y z"]))).await?, bad("invalidTags"));
    assert_eq!(refused(snippet("categoryId", json!("18"))).await?, bad("invalidCategoryId"));
    assert_eq!(refused(snippet("mood", json!("fine"))).await?.0, 400);
    let status = |status: Value| metadata("t", status);
    assert_eq!(refused(status(json!({"privacyStatus": "secret"}))).await?, bad("invalidVideoMetadata"));
    assert_eq!(
        refused(status(json!({"privacyStatus": "private", "publishAt": "tomorrow"}))).await?,
        bad("invalidPublishAt")
    );
    assert_eq!(
        refused(status(json!({"privacyStatus": "public", "publishAt": "2030-01-01T00:00:00Z"}))).await?,
        bad("invalidPublishAt")
    );
    // Just inside.
    for body in [
        snippet("title", json!("é".repeat(100))),
        snippet("description", json!("é".repeat(2_500))),
        snippet("tags", json!(["x".repeat(500)])),
        snippet("tags", json!(["x".repeat(496), "yz"])),
    ] {
        assert_eq!(desk.initiate(&body, 10).await?.status, 200, "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn only_those_who_may_upload_can_begin() -> anyhow::Result<()> {
    let mut desk = youtube_desk().await?;
    let body = metadata("t", json!({"privacyStatus": "private"}));
    let send = |desk: &Desk, path: &str, kind: &str| {
        desk.http
            .post(desk.sim.url().join(path).unwrap_or_else(|_| desk.sim.url()))
            .bearer_auth(&desk.token)
            .header("x-upload-content-type", kind)
            .json(&body)
    };
    assert_eq!(desk.seen(send(&desk, START, "image/png")).await?.status, 400);
    assert_eq!(
        reason(&desk.seen(send(&desk, "/upload/youtube/v3/videos?uploadType=resumable", "video/mp4")).await?).1,
        "missingRequiredParameter"
    );
    assert_eq!(
        reason(&desk.seen(send(&desk, "/upload/youtube/v3/videos?uploadType=resumable&part=mood", "video/mp4")).await?)
            .1,
        "unknownPart"
    );
    assert_eq!(
        desk.seen(send(&desk, "/upload/youtube/v3/videos?uploadType=media&part=snippet", "video/mp4")).await?.status,
        400
    );
    assert_eq!(
        desk.seen(send(&desk, START, "video/mp4").header("x-upload-content-length", "274877906945")).await?.status,
        413
    );
    desk.token = desk.granted(BEN, &["youtube.upload"])?;
    assert_eq!(
        reason(&desk.initiate(&body, 10).await?),
        (401, "youtubeSignupRequired".into()),
        "no channel is no token problem"
    );
    desk.token = desk.granted(ANA, &["youtube.readonly"])?;
    assert_eq!(reason(&desk.initiate(&body, 10).await?), (403, "insufficientPermissions".into()));
    desk.token = desk.granted(ANA, &["youtube.upload"])?;
    assert_eq!(desk.initiate(&body, 10).await?.status, 200);
    assert_eq!(desk.get("/youtube/v3/videos?part=id&id=x").await?.status, 403, "who may upload may not list");
    desk.tune(|tuning| tuning.youtube.inserts_per_day = 1);
    assert_eq!(reason(&desk.initiate(&body, 10).await?), (403, "quotaExceeded".into()));
    desk.tune(|tuning| tuning.youtube.uploads_per_channel_day = 0);
    assert_eq!(reason(&desk.initiate(&body, 10).await?), (400, "uploadLimitExceeded".into()));
    Ok(())
}

#[tokio::test]
async fn what_is_no_video_fails_in_processing() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let seen = desk.initiate(&metadata("Text", json!({"privacyStatus": "public"})), 5).await?;
    let done = desk.put(&seen.header("location"), "bytes 0-4/5", b"hello".to_vec()).await?;
    assert_eq!((done.status, done.at("/status/uploadStatus").as_str()), (200, "uploaded"));
    let id = done.at("/id");
    assert_eq!(desk.video(&id, "processingDetails").await?["processingDetails"]["processingStatus"], "processing");
    desk.clock.advance_ms(60_000);
    let video = desk.video(&id, "status,processingDetails").await?;
    assert_eq!(
        (&video["status"]["uploadStatus"], &video["status"]["failureReason"]),
        (&json!("failed"), &json!("invalidFile"))
    );
    assert_eq!(video["processingDetails"]["processingStatus"], "failed");
    assert_eq!(desk.sim.ledger(), [], "nobody ever saw it");
    desk.tune(|tuning| tuning.youtube.rejection_reason = Some("copyright".into()));
    let id = desk.upload(&metadata("Copied", json!({"privacyStatus": "public"}))).await?;
    desk.clock.advance_ms(60_000);
    let video = desk.video(&id, "status").await?;
    assert_eq!(
        (&video["status"]["uploadStatus"], &video["status"]["rejectionReason"]),
        (&json!("rejected"), &json!("copyright"))
    );
    Ok(())
}

#[tokio::test]
async fn videos_survive_a_restart() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("socrazi-youtube-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let options = || GoogleOptions { ledger_file: Some(folder.join("ledger")), ..GoogleOptions::default() };
    let id = {
        let mut desk = Desk::start(options()).await?;
        desk.token = desk.granted(ANA, &["youtube"])?;
        desk.upload(&metadata("Kept", json!({"privacyStatus": "public"}))).await?
    };
    let desk = Desk::start(options()).await?;
    let ledger = desk.sim.ledger();
    assert_eq!((ledger.len(), ledger[0].id.as_str(), ledger[0].text.as_str()), (1, id.as_str(), "Kept"));
    assert_eq!(ledger[0].username, "@anamakes");
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
