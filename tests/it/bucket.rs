//! Media in a bucket: there and nowhere else, whole or not at all, and gone when they are said to be gone, whatever the store does.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use socrazi::app::Verdict;
use socrazi::domain::tool::ToolError;
use socrazi_sim::samples::{Film, mp4};
use tokio_util::sync::CancellationToken;

use crate::databases::{Engine, on_both};
use crate::serving::{free_port, start, until};
use crate::world::World;

pub(crate) mod store;

use store::{Store, What};

on_both!(
    a_medium_lives_in_the_bucket_and_goes_with_its_post,
    whatever_the_store_does_no_medium_is_without_its_bytes,
    what_a_cut_left_behind_is_swept_after_a_day,
    deleted_is_what_the_store_has_no_more,
);

/// Twelve megabytes: three parts, and three questions to read.
fn film() -> Vec<u8> {
    mp4(&Film { bytes: 12 << 20, ..Film::default() })
}

async fn bring(world: &World, bytes: &[u8]) -> Result<Value, ToolError> {
    let mut file = world.app.upload_begin().await?;
    file.write(bytes).await?;
    Ok(json!(world.app.keep_media(&world.person, file, None).await?.id))
}

/// Files of media on this machine.
fn files(world: &World) -> usize {
    std::fs::read_dir(world.folder.path().join("data/media")).unwrap().count()
}

async fn media_rows(world: &World) -> usize {
    world.rows().await.get("media").map_or(0, Vec::len)
}

/// The hourly sweep, once, until something is so.
async fn sweep_until(world: &World, is_so: impl AsyncFn() -> bool) {
    let (app, stop) = (Arc::clone(&world.app), CancellationToken::new());
    let (sweeper, ended) = (stop.clone(), stop.drop_guard());
    let sweeping = tokio::spawn(async move { app.sweep_until(sweeper).await });
    until("the sweep", async || is_so().await.then_some(())).await;
    drop(ended);
    sweeping.await.unwrap();
}

async fn forget(world: &World, post: &Value) -> Result<(), ToolError> {
    let waiting = world.app.call_tool(&world.assistant, "forget_history", json!({ "post": post })).await?;
    let waiting = waiting.waiting[0].clone();
    let view = world.app.read_approval(&world.person, &waiting).await.unwrap();
    world.app.decide(&world.person, &waiting, &view.approval.hash, Verdict::Approve).await.map(drop)
}

async fn a_medium_lives_in_the_bucket_and_goes_with_its_post(engine: Engine) {
    let store = Store::start().await;
    let world = World::on(engine, store.settings()).await;
    let (picture, film) = (world.picture().await, film());
    let medium = bring(&world, &film).await.unwrap();
    assert_eq!(files(&world), 0, "nothing stays on this machine");
    assert_eq!(store.keys().len(), 2);
    assert!(store.keys().iter().all(|key| key.starts_with("films/med_")), "{:?}", store.keys());
    assert!(store.inside.lock().unwrap().uploads.is_empty());
    // Read in pieces, whole or in part.
    let id = medium.as_str().unwrap();
    let shown = world.open_page(&format!("/media/{id}")).await;
    let bytes = axum::body::to_bytes(shown.into_body(), 20 << 20).await.unwrap();
    assert_eq!(Sha256::digest(&bytes), Sha256::digest(&film));
    let read = std::mem::take(&mut store.inside.lock().unwrap().read);
    assert_eq!((read.len(), read.iter().max()), (3, Some(&(4 << 20))), "{read:?}");
    // Another text is another medium of the same bytes, made by the store itself.
    let other =
        world.call("attach_media", json!({ "media": picture, "alt": "Another" })).await["media"][0]["id"].clone();
    assert_eq!(store.keys().len(), 3);
    assert_eq!(store.inside.lock().unwrap().read, Vec::<usize>::new());
    let draft = world.call("create_draft", json!({ "segments": [{ "text": "Look", "media": [other] }] })).await;
    let post = draft["post"]["id"].clone();
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    assert_eq!(world.sim.ledger()[0].media_ids.len(), 1);
    forget(&world, &post).await.unwrap();
    // What has the same bytes and is used by nothing goes along; the film stays.
    assert_eq!(store.keys(), [format!("films/{id}")]);
    world.end().await;
}

async fn whatever_the_store_does_no_medium_is_without_its_bytes(engine: Engine) {
    let store = Store::start().await;
    let world = World::on(engine, store.settings()).await;
    let (small, large) = (crate::media::geotagged(), film());
    for (method, query, what, bytes) in [
        ("PUT", "", What::Refuse(403, "SignatureDoesNotMatch"), &small),
        ("PUT", "", What::Refuse(503, "SlowDown"), &small),
        ("PUT", "", What::Lie, &small),
        ("HEAD", "", What::Refuse(403, ""), &small),
        ("POST", "uploads", What::Refuse(403, "AccessDenied"), &large),
        ("POST", "uploads", What::Lie, &large),
        ("PUT", "partNumber=3", What::Refuse(400, "EntityTooSmall"), &large),
        ("POST", "uploadId", What::Refuse(400, "InvalidPart"), &large),
        ("POST", "uploadId", What::Lie, &large),
    ] {
        store.fail(method, query, what);
        match bring(&world, bytes).await {
            Err(ToolError::Refused(why)) => assert_eq!(why.key, "media-not-kept", "{method} {query}"),
            other => panic!("{method} {query}: {other:?}"),
        }
        store.heal();
        assert_eq!(files(&world), 0, "{method} {query} left a file here");
        assert!(world.app.list_kept(None).await.unwrap().is_empty(), "{method} {query} left a medium without bytes");
    }
    world.pass(25 * 3_600_000);
    sweep_until(&world, async || media_rows(&world).await == 0).await;
    assert_eq!(store.keys(), Vec::<String>::new());
    let inside = store.inside.lock().unwrap().uploads.len();
    assert!(inside <= 1, "parts stay only where the store said that it had put them together");
    bring(&world, &large).await.unwrap();
    world.end().await;
}

async fn what_a_cut_left_behind_is_swept_after_a_day(engine: Engine) {
    let store = Store::start().await;
    let mut world = World::on(engine, store.settings()).await;
    // The bytes are there and nobody was told so: the process ended in between.
    store.fail("HEAD", "", What::Hang);
    let (app, person) = (Arc::clone(&world.app), world.person.clone());
    let cut = tokio::spawn(async move {
        let mut file = app.upload_begin().await.unwrap();
        file.write(&crate::media::geotagged()).await.unwrap();
        app.keep_media(&person, file, None).await
    });
    until("the bytes", async || (store.keys().len() == 1).then_some(())).await;
    cut.abort();
    store.heal();
    world.reopen().await;
    assert!(world.app.list_kept(None).await.unwrap().is_empty());
    let whole = world.picture().await;
    assert_eq!((store.keys().len(), media_rows(&world).await), (2, 2));
    // Not at once: another process may be at it.
    world.pass(23 * 3_600_000);
    let held = (store.keys().len(), media_rows(&world).await);
    assert_eq!(held, (2, 2));
    world.pass(2 * 3_600_000);
    sweep_until(&world, async || media_rows(&world).await == 1).await;
    assert_eq!(store.keys(), [format!("films/{}", whole.as_str().unwrap())]);
    world.end().await;
}

async fn deleted_is_what_the_store_has_no_more(engine: Engine) {
    let mut store = Store::start().await;
    let world = World::on(engine, store.settings()).await;
    let picture = world.picture().await;
    let segments = json!([{ "text": "Look", "media": [picture] }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    store.fail("DELETE", "", What::Lie);
    assert!(matches!(forget(&world, &post).await, Err(ToolError::Failed(why)) if why.contains("still has it")));
    assert_eq!((store.keys().len(), media_rows(&world).await), (1, 1), "its row goes last");
    assert!(world.app.list_kept(None).await.unwrap().is_empty(), "nobody finds it any more");
    store.heal();
    store.stop().await;
    let away = world.app.check_shelf().await.unwrap_err();
    assert!(!away.is_lasting(), "{away}");
    assert!(
        matches!(bring(&world, &crate::media::geotagged()).await, Err(ToolError::Refused(why)) if why.key == "media-not-kept")
    );
    store.come_back().await;
    world.app.check_shelf().await.unwrap();
    world.pass(25 * 3_600_000);
    sweep_until(&world, async || media_rows(&world).await == 0).await;
    assert_eq!(store.keys(), Vec::<String>::new());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_waits_for_a_store_that_is_away() {
    let mut store = Store::start().await;
    let world = World::with(store.settings()).await;
    let segments = json!([{ "text": "Look", "media": [world.picture().await] }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    store.stop().await;
    world.call("publish_post", json!({ "post": post })).await;
    for _ in 0..10 {
        world.pass(5_000);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.sent(), 0);
    store.come_back().await;
    world.until(&post, "published", 5_000).await;
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}

/// A folder whose server keeps media in a store.
fn configured(store: &Store, bucket: &str) -> (tempfile::TempDir, u16) {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let text = format!(
        "[server]\nbind = \"127.0.0.1:{port}\"\n[data]\ndir = \"{}\"\n[log]\nlevel = \"trace\"\n[media]\nstore = \"{bucket}\"\ns3_endpoint = \"{}\"\n\
         s3_access_key_id = \"canary-of-a-key-id\"\ns3_secret_access_key = \"canary-of-a-secret\"\n",
        folder.path().join("data").display(),
        store.url
    );
    std::fs::write(folder.path().join("socrazi.toml"), text).unwrap();
    (folder, port)
}

fn run(folder: &std::path::Path, arguments: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_socrazi"));
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_or_bucket_is_said_at_start_and_by_doctor_and_no_secret_is() {
    let mut store = Store::start().await;
    let (folder, port) = configured(&store, "s3://shelf");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let (_, good) = run(folder.path(), &["doctor"]);
    assert!(good.contains("good  media: s3://shelf: can be written, read and removed"), "{good}");
    assert_eq!(store.keys(), Vec::<String>::new());
    let mut said = vec![good];
    store.fail("PUT", "", What::Refuse(403, "SignatureDoesNotMatch"));
    for command in ["doctor", "serve"] {
        let (status, text) = run(folder.path(), &[command]);
        assert!(status == 1 && text.contains("the store answered 403 SignatureDoesNotMatch"), "{command}: {text}");
        assert!(text.contains("media.s3_secret_access_key"), "{command}: {text}");
        said.push(text);
    }
    store.heal();
    let (lost, _) = configured(&store, "s3://no-such-shelf/films");
    std::fs::create_dir(lost.path().join("data")).unwrap();
    for command in ["doctor", "serve"] {
        let (status, text) = run(lost.path(), &[command]);
        assert!(
            status == 1 && text.contains("404 NoSuchBucket") && text.contains("set media.store"),
            "{command}: {text}"
        );
        said.push(text);
    }
    // One that is away is no reason not to serve: posts without media go out.
    store.stop().await;
    let (status, text) = run(folder.path(), &["doctor"]);
    assert!(status == 1 && text.contains("bad   media") && text.contains("media.s3_endpoint"), "{text}");
    said.push(text);
    let server = start(folder.path(), port);
    assert!(!server.link.is_empty());
    said.push(server.log.lock().unwrap().clone());
    let all = said.concat();
    assert!(all.contains("everything else goes on"), "{all}");
    for canary in ["canary-of-a-secret", "canary-of-a-message"] {
        assert!(!all.contains(canary), "{canary} was said");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_moves_media_from_a_folder_into_a_bucket_and_back() {
    let store = Store::start().await;
    let mut world = World::new().await;
    let medium = bring(&world, &film()).await.unwrap();
    let folder = world.folder.path().to_owned();
    world.set("vault.kek_file", folder.join("socrazi.kek").display().to_string());
    let toml = |name: &str, more: &str| {
        let text = format!(
            "[server]\nbind = \"127.0.0.1:{}\"\n[data]\ndir = \"{}\"\n[vault]\nkek_file = \"{}\"\n{more}",
            free_port(),
            folder.join(name).display(),
            folder.join("socrazi.kek").display()
        );
        let there = folder.join(format!("{name}-here"));
        std::fs::create_dir_all(&there).unwrap();
        std::fs::write(there.join("socrazi.toml"), text).unwrap();
        there
    };
    let media = format!(
        "[media]\nstore = \"s3://shelf\"\ns3_endpoint = \"{}\"\ns3_access_key_id = \"canary-of-a-key-id\"\ns3_secret_access_key = \"x\"\n",
        store.url
    );
    let there = folder.join("copy");
    for (from, to, more) in [("data", "moved", &media), ("moved", "home", &String::new())] {
        let _old = std::fs::remove_dir_all(&there);
        let now = toml(from, if from == "moved" { &media } else { "" });
        let (status, said) = run(&now, &["backup", there.to_str().unwrap()]);
        assert_eq!(status, 0, "{said}");
        assert!(std::fs::metadata(there.join("media").join(medium.as_str().unwrap())).unwrap().len() == 12 << 20);
        let (status, said) = run(&toml(to, more), &["restore", there.to_str().unwrap()]);
        assert_eq!(status, 0, "{said}");
    }
    assert_eq!(store.keys(), [medium.as_str().unwrap()]);
    let moved: Vec<_> =
        std::fs::read_dir(folder.join("moved")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!moved.iter().any(|name| name.to_string_lossy().contains("arriving")), "{moved:?}");
    let home = std::fs::read(folder.join("home/media").join(medium.as_str().unwrap())).unwrap();
    assert_eq!(Sha256::digest(home), Sha256::digest(film()));
    world.end().await;
}
