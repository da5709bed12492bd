//! Pictures on their way in, against the real program: by link from a phone, by address, and what is refused.

use http::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use socrazi_sim::x::XSim;

use crate::serving::{Hands, Server, free_port, simulator, start, until, write_config};

struct Scene {
    folder: tempfile::TempDir,
    sim: XSim,
    _server: Server,
    ana: Hands,
}

async fn scene() -> Scene {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config(folder.path(), port, &sim.url());
    let server = start(folder.path(), port);
    let ana = Hands::new(&server, folder.path()).await;
    ana.connect_x().await;
    Scene { folder, sim, _server: server, ana }
}

impl Scene {
    /// An upload link and its id.
    async fn link(&self) -> (String, Value) {
        let asked = self.ana.call("attach_media", json!({ "upload": true })).await;
        (asked["upload_url"].as_str().unwrap().to_owned(), asked["upload_id"].clone())
    }

    async fn send(&self, link: &str, files: Vec<(&str, Vec<u8>)>) -> (StatusCode, String) {
        let mut form = Form::new();
        for (alt, bytes) in files {
            form = form.text("alt", alt.to_owned()).part("file", Part::bytes(bytes).file_name("../../IMG_0001.HEIC"));
        }
        let answer = self.ana.http.post(link).multipart(form).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path().join("data/media")).unwrap();
        names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }
}

/// One black pixel with a location in it.
pub(crate) fn geotagged() -> Vec<u8> {
    let segment = |marker: u8, contents: &[u8]| {
        let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, contents].concat()
    };
    [
        vec![0xff, 0xd8],
        segment(0xe1, b"Exif\0\0II*\0\x08\0\0\0\0\0 canary-place 35.6586 139.7454"),
        segment(0xc0, b"\x08\0\x40\0\x60\x01\x01\x11\0"),
        segment(0xda, b"\x01\x01\0\0\x3f\0"),
        vec![1, 2, 3, 0xff, 0xd9],
    ]
    .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_from_a_phone_goes_out_without_the_place_where_it_was_taken() {
    let scene = scene().await;
    let (link, id) = scene.link().await;
    let page = scene.ana.http.get(&link).send().await.unwrap();
    assert_eq!(page.headers()["referrer-policy"], "same-origin");
    assert!(page.text().await.unwrap().contains("multipart/form-data"));
    assert_eq!(scene.ana.call("attach_media", json!({ "upload_id": id })).await["media"], json!([]));
    let (status, _) = scene.send(&link, vec![("A tower", geotagged()), ("", geotagged())]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let there = scene.ana.http.get(&link).send().await.unwrap().text().await.unwrap();
    assert!(there.contains("JPEG, 96×64") && there.contains("A tower"), "{there}");

    let arrived = scene.ana.call("attach_media", json!({ "upload_id": id })).await;
    let media = arrived["media"].as_array().unwrap();
    assert_eq!(media.len(), 2);
    assert_eq!((&media[0]["alt"], &media[1]["alt"]), (&json!("A tower"), &Value::Null));
    // The second one gets its description afterwards: a new id for the same bytes.
    let described = scene.ana.call("attach_media", json!({ "media": media[1]["id"], "alt": "The same" })).await;
    assert_ne!(described["media"][0]["id"], media[1]["id"]);

    let ids = json!([media[0]["id"], described["media"][0]["id"]]);
    let draft = scene.ana.call("create_draft", json!({ "segments": [{ "text": "Look", "media": ids }] })).await;
    let post = draft["post"]["id"].as_str().unwrap().to_owned();
    // Whoever approves sees the very picture.
    let shown = scene.ana.page(&format!("posts/{post}")).await;
    let first = format!("/media/{}", media[0]["id"].as_str().unwrap());
    assert!(shown.contains(&first) && shown.contains("alt=\"A tower\""), "{shown}");
    let picture = scene.ana.http.get(scene.ana.web.join(&first).unwrap()).header("cookie", &scene.ana.cookie);
    let picture = picture.send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/jpeg");
    assert!(picture.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let kept = picture.bytes().await.unwrap();
    assert!(kept.starts_with(&[0xff, 0xd8]) && !kept.windows(6).any(|window| window == b"canary"));

    scene.ana.call("publish_post", json!({ "post": post })).await;
    until("the post", async || (scene.sim.ledger().len() == 1).then_some(())).await;
    assert_eq!(scene.sim.ledger()[0].media_ids.len(), 2);
    let url = scene.sim.url().join("__sim/media").unwrap();
    let media: Value = scene.ana.http.get(url).send().await.unwrap().json().await.unwrap();
    let alts: Vec<_> = media.as_array().unwrap().iter().map(|medium| medium["alt_text"].as_str().unwrap()).collect();
    assert_eq!(alts, ["A tower", "The same"]);
    assert_eq!(media[0]["sha256"], socrazi_sha256(&kept));
}

fn socrazi_sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_or_comes_from_elsewhere_is_refused_and_leaves_nothing() {
    let scene = scene().await;
    let (link, id) = scene.link().await;
    let big = [geotagged(), vec![0; 64 << 20]].concat();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"PK\x03\x04 word/document.xml".to_vec(), "JPEG, PNG, GIF or WebP"),
        (b"%PDF-1.7 cut off".to_vec(), "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "JPEG, PNG, GIF or WebP"),
        (b"\xff\xd8\xff\xe0".to_vec(), "damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xff\xff\0\0\xff\xff\x08\x02\0\0\0".to_vec(), "65535x65535"),
        (b"\0\0\0\x18ftypisom\0\0\0\0".to_vec(), "damaged"),
        (vec![], "No file was chosen"),
        (big, "20 MiB"),
    ];
    for (bytes, words) in cases {
        let (status, page) = scene.send(&link, vec![("", bytes)]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(page.contains(words), "{words} is not in {page}");
    }
    let evil = scene.ana.http.post(&link).header("origin", "https://evil.example");
    let evil = evil.multipart(Form::new().part("file", Part::bytes(geotagged()))).send().await.unwrap();
    assert_eq!(evil.status(), StatusCode::FORBIDDEN);
    let wrong = format!("{}upload/{}", scene.ana.web, "0".repeat(43));
    assert_eq!(scene.ana.http.get(&wrong).send().await.unwrap().status(), StatusCode::GONE);
    assert_eq!(scene.send(&wrong, vec![("", geotagged())]).await.0, StatusCode::GONE);
    assert_eq!(scene.ana.call("attach_media", json!({ "upload_id": id })).await["media"], json!([]));
    assert_eq!(scene.files(), Vec::<String>::new());
    // Ten files and not one more, however many come at once.
    let (one, two) =
        tokio::join!(scene.send(&link, vec![("", geotagged()); 8]), scene.send(&link, vec![("", geotagged()); 8]));
    assert!([one.0, two.0].contains(&StatusCode::UNPROCESSABLE_ENTITY), "{one:?} {two:?}");
    let arrived = scene.ana.call("attach_media", json!({ "upload_id": id })).await;
    assert_eq!((arrived["media"].as_array().unwrap().len(), scene.files().len()), (10, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_inside_and_wrong_arguments_are_refused_with_a_sentence() {
    let scene = scene().await;
    let inside = scene.ana.web.join("healthz").unwrap().to_string();
    for (arguments, words) in [
        (json!({ "url": inside }), "only public https"),
        (json!({ "url": "https://127.0.0.1/a.png" }), "only public https"),
        (json!({ "url": "https://169.254.169.254/latest/meta-data" }), "only public https"),
        (json!({ "url": "file:///etc/passwd" }), "over stdio"),
        (json!({ "url": "not an address" }), "only public https"),
        (json!({}), "exactly one"),
        (json!({ "upload": true, "url": "https://example.com/a.png" }), "exactly one"),
        (json!({ "media": "med_01ARZ3NDEKTSV4RRFFQ69G5FAV" }), "alt"),
        (json!({ "media": "med_01ARZ3NDEKTSV4RRFFQ69G5FAV", "alt": "x" }), "no medium"),
        (json!({ "upload_id": "upl_01ARZ3NDEKTSV4RRFFQ69G5FAV" }), "no such upload link"),
        (json!({ "upload_id": "../../etc" }), "upl_01J"),
    ] {
        let said = scene.ana.refused("attach_media", arguments.clone()).await;
        assert!(said.contains(words), "{arguments}: {said}");
    }
    // Trying refuses what the call would refuse, with the same words.
    let nobody = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for mut arguments in [
        json!({ "media": format!("med_{nobody}"), "alt": "A square" }),
        json!({ "media": format!("med_{nobody}") }),
        json!({ "upload_id": format!("upl_{nobody}") }),
        json!({ "url": "http://192.168.0.1/cat.jpg" }),
        json!({ "url": "https://example.com/cat.jpg", "alt": "x".repeat(5_000) }),
    ] {
        let called = scene.ana.refused("attach_media", arguments.clone()).await;
        arguments["dry_run"] = json!(true);
        assert_eq!(scene.ana.refused("attach_media", arguments.clone()).await, called, "{arguments}");
    }
    let dry = scene.ana.call("attach_media", json!({ "upload": true, "dry_run": true })).await;
    assert_eq!((&dry["dry_run"], &dry["upload_url"]), (&json!(true), &Value::Null));
    // Somebody who is not signed in sees no picture.
    let stranger = scene.ana.web.join("media/med_01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap();
    assert_eq!(scene.ana.http.get(stranger).send().await.unwrap().status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_picture_behind_an_address_is_fetched_looked_at_and_stripped() {
    use std::sync::Arc;

    use axum::Router;
    use axum::routing::get;
    use socrazi::clock::{SystemClock, SystemEntropy};
    use socrazi::domain::ids::{UserId, WorkspaceId};
    use socrazi::domain::tool::ToolError;
    use socrazi::http_out::{Outbound, Reach};
    use socrazi::media::{FolderShelf, Intake, IntakeParts, Lab, Owner};
    use socrazi::store::Store;

    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open_sqlite(&folder.path().join("db"), Arc::new(SystemClock)).await.unwrap());
    let out = Arc::new(Outbound::new(Reach::Loopback).unwrap());
    let media = folder.path().join("media");
    let parts = IntakeParts {
        store: store.clone(),
        shelf: Arc::new(FolderShelf::new(media.clone())),
        out,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        background: tokio_util::task::TaskTracker::new(),
        lab: Lab::default(),
        bytes_max: 20_000_000,
        home: None,
    };
    let intake = Intake::open(parts, media).unwrap();
    let (user, workspace) = (UserId::generate(1, 1), WorkspaceId::generate(1, 1));
    let person = socrazi::store::users::User {
        id: user.clone(),
        workspace: workspace.clone(),
        lang: socrazi::domain::lang::Lang::En,
        zone: "UTC".into(),
        hold_ms: 0,
        stdio_grant: socrazi::domain::caller::Grant::Drafts,
        chat_grant: socrazi::domain::caller::Grant::Drafts,
    };
    store.insert_user(&person, "local", "ana", 1).await.unwrap();
    let owner = Owner { workspace: workspace.clone(), user, upload: None, is_tainted: false };
    let jpeg = |mime: &'static str| get(move || async move { ([("content-type", mime)], geotagged()) });
    // Nothing says how long it is before it is over.
    let film = |bytes: usize| {
        let film = socrazi_sim::samples::mp4(&socrazi_sim::samples::Film { bytes, ..Default::default() });
        let film = bytes::Bytes::from(film);
        get(move || async move {
            let pieces = (0..film.len()).step_by(1 << 20);
            let pieces = pieces.map(move |at| film.slice(at..film.len().min(at + (1 << 20))));
            let pieces: Vec<Result<_, std::io::Error>> = pieces.map(Ok).collect();
            axum::body::Body::from_stream(futures::stream::iter(pieces))
        })
    };
    let host = Router::new()
        .route("/good", jpeg("image/jpeg"))
        // The name of a kind is not believed, the bytes are.
        .route("/named_wrong", jpeg("image/png"))
        .route("/page", jpeg("text/html"))
        .route("/none", jpeg("application/octet-stream"))
        .route("/film", film(19_000_000))
        .route("/too_large", film(20_000_001))
        .route("/moved", get(|| async { axum::response::Redirect::temporary("/film") }))
        .route("/inside", get(|| async { axum::response::Redirect::temporary("http://10.0.0.1/film") }))
        .route("/gone", get(|| async { http::StatusCode::NOT_FOUND }))
        .route("/lying", get(|| async { ([("content-type", "image/jpeg")], "<html>") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, host).await });
    for path in ["good", "named_wrong", "page", "none"] {
        let facts = intake.fetch(&format!("{base}/{path}"), Some(" A tower ".into()), &owner).await.unwrap();
        assert_eq!((facts.mime.as_str(), facts.width, facts.height), ("image/jpeg", 96, 64));
        assert_eq!(facts.alt.as_deref(), Some("A tower"));
        let kept = std::fs::read(folder.path().join("media").join(facts.id.as_str())).unwrap();
        assert!(!kept.windows(6).any(|window| window == b"canary"));
        assert_eq!(facts.sha256, socrazi_sha256(&kept));
        assert_eq!(store.find_media(&facts.id, &workspace).await.unwrap(), Some(facts));
    }
    for path in ["film", "moved"] {
        let facts = intake.fetch(&format!("{base}/{path}"), None, &owner).await.unwrap();
        assert_eq!((facts.mime.as_str(), facts.bytes, facts.duration_ms), ("video/mp4", 19_000_000, 5_000));
        assert_eq!((facts.inside.video.as_deref(), facts.inside.index_first), (Some("H.264"), Some(true)));
        assert_eq!(store.find_media(&facts.id, &workspace).await.unwrap(), Some(facts));
    }
    for (path, key) in [
        ("gone", "media-url-failed"),
        ("lying", "media-kind-wrong"),
        ("too_large", "media-url-too-large"),
        ("inside", "media-url-wrong"),
    ] {
        match intake.fetch(&format!("{base}/{path}"), None, &owner).await {
            Err(ToolError::Refused(what)) => assert_eq!(what.key, key, "{path}"),
            other => panic!("{path}: {other:?}"),
        }
    }
    assert_eq!(std::fs::read_dir(folder.path().join("media")).unwrap().count(), 6);
    serving.abort();
}
