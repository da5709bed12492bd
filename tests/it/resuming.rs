//! Files that come in pieces through an upload link (tus 1.0.0): they go on after any cut, and a piece that does not belong there changes nothing.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use futures::stream;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use socrazi_sim::samples::{Film, jpeg_of, mp4};
use tower::ServiceExt;

use crate::bucket::store::{Store, What};
use crate::serving::until;
use crate::world::World;

/// An upload link: its path, and its id.
async fn link(world: &World) -> (String, Value) {
    let asked = world.call("attach_media", json!({ "upload": true })).await;
    let url: url::Url = asked["upload_url"].as_str().unwrap().parse().unwrap();
    (format!("{}/files", url.path()), asked["upload_id"].clone())
}

async fn ask(
    world: &World,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in [("tus-resumable", "1.0.0")].iter().chain(headers) {
        request = request.header(*name, *value);
    }
    world.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap()
}

/// Begins a file of so many bytes; where it is.
async fn begun(world: &World, link: &str, length: usize) -> String {
    let length = length.to_string();
    let made = ask(
        world,
        ("POST", link),
        &[("upload-length", &length), ("upload-metadata", "filename eC5tcDQ=,alt QSB0b3dlcg==")],
        "",
    )
    .await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let place: url::Url = made.headers()["location"].to_str().unwrap().parse().unwrap();
    assert!(made.headers()["upload-expires"].to_str().unwrap().ends_with("GMT"));
    place.path().to_owned()
}

/// Sends a piece; the status, and where the file is then.
async fn piece(world: &World, file: &str, offset: usize, bytes: impl Into<Body>) -> (u16, Option<String>) {
    let offset = offset.to_string();
    let headers = [("content-type", "application/offset+octet-stream"), ("upload-offset", offset.as_str())];
    let answer = ask(world, ("PATCH", file), &headers, bytes).await;
    let at = answer.headers().get("upload-offset").map(|at| at.to_str().unwrap().to_owned());
    (answer.status().as_u16(), at)
}

async fn at(world: &World, file: &str) -> usize {
    let answer = ask(world, ("HEAD", file), &[], "").await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}

async fn arrived(world: &World, upload: &Value) -> Vec<Value> {
    world.call("attach_media", json!({ "upload_id": upload })).await["media"].as_array().unwrap().clone()
}

fn names(world: &World) -> Vec<String> {
    let names = std::fs::read_dir(world.folder.path().join("data/media")).unwrap();
    names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_goes_on_after_every_cut_and_after_a_restart() {
    let mut world = World::new().await;
    let film = mp4(&Film { bytes: 300_000, ..Film::default() });
    let (link, upload) = link(&world).await;
    let file = begun(&world, &link, film.len()).await;
    assert_eq!(at(&world, &file).await, 0);
    assert_eq!(piece(&world, &file, 0, film[..100_000].to_vec()).await, (204, Some("100000".into())));
    // The connection breaks in the middle of a piece: what came is kept.
    let cut = stream::iter([Ok(Bytes::copy_from_slice(&film[100_000..150_000])), Err(std::io::Error::other("cut"))]);
    piece(&world, &file, 100_000, Body::from_stream(cut)).await;
    assert_eq!(at(&world, &file).await, 150_000);
    assert_eq!(arrived(&world, &upload).await, Vec::<Value>::new());
    // Another process, after the link has ended.
    world.pass(3_600_000);
    world.reopen().await;
    assert_eq!(at(&world, &file).await, 150_000);
    assert_eq!(piece(&world, &file, 150_000, film[150_000..].to_vec()).await, (204, Some(film.len().to_string())));
    let media = arrived(&world, &upload).await;
    assert_eq!((media.len(), &media[0]["alt"], &media[0]["bytes"]), (1, &json!("A tower"), &json!(film.len())));
    let kept = std::fs::read(world.folder.path().join("data/media").join(media[0]["id"].as_str().unwrap())).unwrap();
    assert!(kept == film, "every byte is where it was");
    // Said again, the last piece and the question change nothing.
    assert_eq!(at(&world, &file).await, film.len());
    assert_eq!(piece(&world, &file, film.len(), "").await, (204, Some(film.len().to_string())));
    assert_eq!(arrived(&world, &upload).await.len(), 1);
    assert!(!names(&world).iter().any(|name| name.starts_with("partial-") && !name.ends_with(".json")));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_that_does_not_belong_there_changes_nothing() {
    let world = World::new().await;
    let picture = jpeg_of(96, 64, 10_000);
    let (path, upload) = link(&world).await;
    let file = begun(&world, &path, picture.len()).await;
    assert_eq!(piece(&world, &file, 0, picture[..4_000].to_vec()).await.0, 204);
    // Doubled, ahead, behind, too long with and without saying so.
    assert_eq!(piece(&world, &file, 0, picture[..4_000].to_vec()).await, (409, None));
    assert_eq!(piece(&world, &file, 5_000, picture[5_000..].to_vec()).await, (409, None));
    assert_eq!(piece(&world, &file, 10_001, "x").await.0, 413);
    assert_eq!(piece(&world, &file, 4_000, vec![7; 6_001]).await.0, 413);
    let unsaid = stream::iter([5_000, 1_001].map(|length| Ok::<_, Infallible>(Bytes::from(vec![7; length]))));
    assert_eq!(piece(&world, &file, 4_000, Body::from_stream(unsaid)).await.0, 413);
    assert_eq!(at(&world, &file).await, 4_000);
    const TYPED: (&str, &str) = ("content-type", "application/offset+octet-stream");
    let wrong = async |headers: &[(&str, &str)]| ask(&world, ("PATCH", &file), headers, "x").await.status();
    assert_eq!(wrong(&[("upload-offset", "4000")]).await, 415);
    assert_eq!(wrong(&[TYPED]).await, 400);
    assert_eq!(wrong(&[TYPED, ("upload-offset", "+4000")]).await, 400);
    assert_eq!(wrong(&[TYPED, ("upload-offset", "4000"), ("origin", "https://evil.example")]).await, 403);
    let unversioned = Request::head(&file).body(Body::empty()).unwrap();
    assert_eq!(world.router.clone().oneshot(unversioned).await.unwrap().status(), 412);
    // Another link's, a name that is a path, no link at all.
    let (other, _) = link(&world).await;
    let name = file.rsplit_once('/').unwrap().1;
    let nowhere = path.replacen("/upload/", "/upload/x", 1);
    for place in [format!("{other}/{name}"), format!("{path}/..%2f..%2fsocrazi.db"), format!("{nowhere}/{name}")] {
        assert_eq!(ask(&world, ("HEAD", &place), &[], "").await.status(), 410, "{place}");
        assert_eq!(piece(&world, &place, 4_000, "x").await.0, 410, "{place}");
        assert_eq!(ask(&world, ("DELETE", &place), &[], "").await.status(), 410, "{place}");
    }
    // None of it is in the way of the right one.
    assert_eq!(piece(&world, &file, 4_000, picture[4_000..].to_vec()).await.0, 204);
    assert_eq!(arrived(&world, &upload).await.len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_large_too_late_or_not_taken_is_refused_and_leaves_nothing() {
    let world = World::new().await;
    let (path, upload) = link(&world).await;
    let post = async |length: &'static str| {
        ask(&world, ("POST", &path), &[("upload-length", length)], "").await.status().as_u16()
    };
    assert_eq!(post("1073741825").await, 413);
    assert_eq!(post("-1").await, 400);
    assert_eq!(post("18446744073709551616").await, 400);
    assert_eq!(post("0").await, 422);
    assert_eq!(ask(&world, ("POST", &path), &[], "").await.status(), 400);
    let can = ask(&world, ("OPTIONS", &path), &[], "").await;
    assert_eq!(can.headers()["tus-max-size"], "1073741824");
    // Ten files of a link, begun or arrived, and not one more.
    let files = futures::future::join_all((0..10).map(|_| begun(&world, &path, 4))).await;
    assert_eq!(post("4").await, 422);
    assert_eq!(piece(&world, &files[0], 0, "PK\x03\x04").await.0, 422);
    assert_eq!(ask(&world, ("HEAD", &files[0]), &[], "").await.status(), 422, "and it stays so");
    assert_eq!(ask(&world, ("DELETE", &files[1]), &[], "").await.status(), 204);
    assert_eq!(ask(&world, ("HEAD", &files[1]), &[], "").await.status(), 410);
    assert_eq!(post("4").await, 201);
    assert_eq!(piece(&world, &files[2], 0, "12").await.0, 204);
    // Hours after the link has ended nothing goes on, and nothing is left.
    world.pass(7 * 3_600_000);
    assert_eq!(post("4").await, 410);
    assert_eq!(ask(&world, ("HEAD", &files[2]), &[], "").await.status(), 410);
    assert_eq!(piece(&world, &files[2], 2, "34").await.0, 410);
    let (app, stop) = (world.app.clone(), tokio_util::sync::CancellationToken::new());
    let (sweeper, _ended) = (stop.clone(), stop.drop_guard());
    tokio::spawn(async move { app.sweep_until(sweeper).await });
    until("the sweep", async || names(&world).is_empty().then_some(())).await;
    assert_eq!(arrived(&world, &upload).await, Vec::<Value>::new());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_later_stops_a_connection_that_is_dead_and_does_not_know_it() {
    let world = World::new().await;
    let (path, upload) = link(&world).await;
    let picture = jpeg_of(96, 64, 10_000);
    let file = begun(&world, &path, picture.len()).await;
    // It brings something and then nothing for ever.
    let first = Bytes::copy_from_slice(&picture[..3_000]);
    let silent = stream::unfold(Some(first), |first| async move {
        match first {
            Some(first) => Some((Ok::<_, Infallible>(first), None)),
            None => std::future::pending().await,
        }
    });
    let dead = piece(&world, &file, 0, Body::from_stream(silent));
    let alive = async {
        until("the first bytes", async || (bytes_of(&world) == 3_000).then_some(())).await;
        assert_eq!(at(&world, &file).await, 3_000);
        piece(&world, &file, 3_000, picture[3_000..].to_vec()).await
    };
    let (dead, alive) = tokio::join!(dead, alive);
    assert_eq!((dead, alive.0), ((204, Some("3000".into())), 204));
    assert_eq!(arrived(&world, &upload).await.len(), 1);
    world.end().await;
}

/// How much of a file that grows is on the disk.
fn bytes_of(world: &World) -> u64 {
    let folder = world.folder.path().join("data/media");
    let grows = |name: &String| name.starts_with("partial-") && !name.ends_with(".json");
    names(world).iter().find(|name| grows(name)).map_or(0, |name| std::fs::metadata(folder.join(name)).unwrap().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_waits_for_a_store_that_does_not_take_it() {
    let store = Store::start().await;
    let world = World::with(store.settings()).await;
    let (path, upload) = link(&world).await;
    let picture = crate::media::geotagged();
    let file = begun(&world, &path, picture.len()).await;
    store.fail("PUT", "", What::Refuse(403, "AccessDenied"));
    assert_eq!(piece(&world, &file, 0, picture.clone()).await.0, 503);
    assert_eq!(arrived(&world, &upload).await, Vec::<Value>::new());
    store.heal();
    // Clients ask where it is; that is enough, though what was told of the place was taken out already.
    assert_eq!(at(&world, &file).await, picture.len());
    until("the medium", async || (arrived(&world, &upload).await.len() == 1).then_some(())).await;
    assert_eq!(store.keys().len(), 1);
    assert!(names(&world).iter().all(|name| name.ends_with(".json")), "{:?}", names(&world));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_goes_with_the_person_who_began_it() {
    let world = World::new().await;
    let (path, _) = link(&world).await;
    let file = begun(&world, &path, 100).await;
    assert_eq!(piece(&world, &file, 0, "canary").await.0, 204);
    assert_eq!(names(&world).len(), 2);
    world.app.delete_user(&world.person.user).await.unwrap();
    assert_eq!(names(&world), Vec::<String>::new());
    assert_eq!(ask(&world, ("HEAD", &file), &[], "").await.status(), 410);
    world.end().await;
}
