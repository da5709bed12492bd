//! Posts as pictures on the pages: there for whoever may read the page, in their language, and for nobody else; and that a page is whole without.

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use resvg::tiny_skia::{Color, Pixmap};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use socrazi::app::App;
use socrazi::app::pictured::told;
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::ids::{UserId, WorkspaceId};
use socrazi::domain::lang::Lang;
use socrazi::domain::network::Network;
use socrazi::pictures::Theme;
use tower::ServiceExt;

use crate::world::World;

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A medium of these bytes: its id.
pub(crate) async fn medium(world: &World, bytes: &[u8]) -> Value {
    let mut file = world.app.upload_begin().await.unwrap();
    file.write(bytes).await.unwrap();
    json!(world.app.keep_media(&world.person, file, Some("A red door".into())).await.unwrap().id)
}

/// A picture in one colour.
pub(crate) fn red(width: u32, height: u32) -> Vec<u8> {
    let mut pixels = Pixmap::new(width, height).unwrap();
    pixels.fill(Color::from_rgba8(220, 30, 30, 255));
    pixels.encode_png().unwrap()
}

/// How much of a picture is that red.
fn redness(png: &[u8]) -> usize {
    let pixels = Pixmap::decode_png(png).unwrap();
    pixels.data().chunks(4).filter(|point| point[0] > 200 && point[1] < 50 && point[2] < 50).count()
}

/// What a session's cookie opens.
async fn opened(world: &World, session: Option<&str>, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::get(path);
    let request = match session {
        Some(session) => request.header("cookie", format!("socrazi_session={session}")),
        None => request,
    };
    let answer = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    (parts.status, parts.headers, axum::body::to_bytes(body, 1_000_000).await.unwrap().to_vec())
}

async fn session(app: &App, user: &UserId) -> String {
    let link = app.make_sign_in_link(user).await.unwrap();
    let secret = link.expose_secret().split_once("link=").unwrap().1.to_owned();
    app.redeem_sign_in_link(&secret, "test").await.unwrap().expose_secret().to_owned()
}

/// Somebody else of this server, with a session of their own.
async fn somebody_else(world: &World) -> (Caller, String) {
    let mut user = world.app.local_user().await.unwrap();
    user.id = UserId::generate(1, 2);
    user.workspace = WorkspaceId::generate(1, 2);
    world.app.store().insert_user(&user, "local", "ben", 1).await.unwrap();
    let session = session(&world.app, &user.id).await;
    (Caller { user: user.id, workspace: user.workspace, ..world.person.clone() }, session)
}

/// The addresses of pictures on a page.
fn addresses(page: &str) -> Vec<String> {
    let found = page.split("<img class=\"preview\" src=\"").skip(1);
    found.map(|rest| rest.split_once('"').unwrap().0.replace("&#38;", "&")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_on_the_page_and_opens_for_whoever_may_read_the_page() {
    let world = World::new().await;
    let media = medium(&world, &red(400, 300)).await;
    let text = "<b>A door</b> & more @ben #doors";
    let draft = json!({ "segments": [{ "text": text, "media": [media] }, { "text": "And a second part." }] });
    let id = world.call("create_draft", draft).await["post"]["id"].as_str().unwrap().to_owned();
    let own = session(&world.app, &world.person.user).await;
    let page = world.page(&format!("/posts/{id}")).await;
    let address = addresses(&page).remove(0);
    assert!(address.starts_with(&format!("/posts/{id}/picture.png?of=0&")) && addresses(&page).len() == 1, "{address}");
    assert!(page.contains("alt=\"How @") && page.contains("&#60;b&#62;A door&#60;/b&#62; &#38; more"), "{page}");
    assert!(page.contains("theme=dark") && !page.contains("<b>A door"), "{page}");
    let (status, headers, png) = opened(&world, Some(&own), &address).await;
    assert_eq!((status, &png[..8]), (StatusCode::OK, PNG));
    assert_eq!(
        (&headers["content-type"], &headers["cache-control"]),
        (&"image/png".parse().unwrap(), &"private, max-age=600".parse().unwrap())
    );
    assert!(redness(&png) > 10_000, "the photograph is in it: {}", redness(&png));
    let (_, _, dark) = opened(&world, Some(&own), &address.replace("theme=light", "theme=dark")).await;
    assert!(dark != png && redness(&dark) > 10_000);
    // Another revision is another address and another picture.
    world.call("update_draft", json!({ "post": id, "revision": 1, "text": "Without a door" })).await;
    assert_ne!(addresses(&world.page(&format!("/posts/{id}")).await).remove(0), address);
    assert_eq!(redness(&opened(&world, Some(&own), &address).await.2), 0);
    // Nobody else: neither whoever is signed in as somebody else nor whoever is not at all.
    let (stranger, other) = somebody_else(&world).await;
    for (who, wanted) in [(Some(other.as_str()), StatusCode::NOT_FOUND), (None, StatusCode::SEE_OTHER)] {
        let (status, _, body) = opened(&world, who, &address).await;
        assert!(status == wanted && !body.starts_with(PNG), "{who:?}: {status}");
    }
    // What is not there is not there, however it is asked for.
    for wrong in ["?of=7", "?of=-1", "?of=x", "", "?of=0&of=1&theme=&x=%00", "?of=99999999999999999999"] {
        let (status, headers, _) = opened(&world, Some(&own), &format!("/posts/{id}/picture.png{wrong}")).await;
        let is_fine = wrong.contains("of=0");
        assert!(status == StatusCode::NOT_FOUND || is_fine, "{wrong}: {status}");
        assert!(is_fine || headers["cache-control"] == "no-store", "{wrong}");
    }
    // A question's picture is for whoever may answer it, and only while they may.
    let asking = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let asked = world.app.call_tool(&asking, "publish_post", json!({ "post": id })).await.unwrap();
    let approval = asked.waiting[0].clone();
    let address = addresses(&world.page(&format!("/approvals/{approval}")).await).remove(0);
    assert!(address.starts_with(&format!("/approvals/{approval}/picture.png?of=0&")), "{address}");
    assert_eq!(opened(&world, Some(&own), &address).await.0, StatusCode::OK);
    assert_eq!(opened(&world, Some(&other), &address).await.0, StatusCode::NOT_FOUND);
    assert_eq!(opened(&world, None, &address).await.0, StatusCode::SEE_OTHER);
    world.app.name_approver(&world.person, &id.parse().unwrap(), &stranger.user).await.unwrap();
    let (status, _, png) = opened(&world, Some(&other), &address).await;
    assert!(status == StatusCode::OK && png.starts_with(PNG), "{status}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_named_sees_all_that_they_decide_about_and_nothing_beyond_it() {
    let world = World::new().await;
    let (shown, other) = (medium(&world, &red(40, 30)).await, medium(&world, &red(30, 40)).await);
    let draft = json!({ "segments": [{ "text": "Look before you say yes", "media": [shown] }] });
    let id = world.call("create_draft", draft).await["post"]["id"].as_str().unwrap().to_owned();
    let account = world.accounts_on(Network::X).await.remove(0).id;
    world.app.store().save_avatar(&account, &red(8, 8), 1).await.unwrap();
    let medium = |id: &Value| format!("/media/{}", id.as_str().unwrap());
    let seen = [format!("/posts/{id}"), medium(&shown), format!("/accounts/{account}/avatar")];
    let (ben, his) = somebody_else(&world).await;
    for path in &seen {
        assert_eq!(opened(&world, Some(&his), path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    world.app.name_approver(&world.person, &id.parse().unwrap(), &ben.user).await.unwrap();
    for path in &seen {
        assert_eq!(opened(&world, Some(&his), path).await.0, StatusCode::OK, "{path}");
    }
    let page = String::from_utf8(opened(&world, Some(&his), &seen[0]).await.2).unwrap();
    assert!(page.contains("Look before you say yes") && page.contains(&seen[1]), "{page}");
    assert!(!page.contains("/edit") && !page.contains("/withdraw"), "nothing there is his to press: {page}");
    let picture = addresses(&page).remove(0);
    assert!(redness(&opened(&world, Some(&his), &picture).await.2) > 10_000);
    // What the post does not show is not his to see, and neither is what it showed before.
    assert_eq!(opened(&world, Some(&his), &medium(&other)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(opened(&world, Some(&his), &format!("/posts/{id}/edit")).await.0, StatusCode::NOT_FOUND);
    world.call("update_draft", json!({ "post": id, "revision": 1, "text": "Without" })).await;
    assert_eq!(opened(&world, Some(&his), &seen[1]).await.0, StatusCode::NOT_FOUND);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_as_a_picture_takes_nothing_else_away() {
    let world = World::new().await;
    // A file that calls itself a picture and is none that could be decoded.
    let broken = world.picture().await;
    let post = json!({ "segments": [{ "text": "Broken", "media": [broken] }] });
    let id = world.call("create_draft", post).await["post"]["id"].as_str().unwrap().parse().unwrap();
    let view = world.app.read_post(&world.person, &id).await.unwrap();
    let of = (&view.variants[0].account, &view.variants[0].preview);
    let png = world.app.picture(Lang::En, of, Theme::Light).await.unwrap();
    assert!(png.starts_with(PNG) && png.len() < 300_000);
    assert_ne!(png, world.app.picture(Lang::En, of, Theme::Dark).await.unwrap());
    // Its file is gone altogether: the same.
    for entry in std::fs::read_dir(world.folder.path().join("data/media")).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert_eq!(world.app.picture(Lang::En, of, Theme::Light).await.unwrap(), png);
    // In words it is all there, in both languages.
    for (lang, wanted) in [(Lang::En, "6 of 280 characters."), (Lang::Ja, "6 / 280 文字。")] {
        let words = told(world.app.words(), lang, of);
        assert!(words.contains("Broken") && words.contains("A tower") && words.contains(wanted), "{words}");
    }
    world.end().await;
}
