//! What accounts are called and look like: read when they are connected and again each week, with a small picture that is ours and shown to whoever
//! connected them, and to nobody else.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;
use socrazi::domain::account::Account;
use socrazi::domain::caller::Caller;
use socrazi::domain::ids::WorkspaceId;
use socrazi::domain::lang::Lang;
use socrazi::domain::network::Network;
use socrazi::domain::post::{Frame, Preview, SegmentPreview};
use socrazi::pictures::Theme;
use socrazi_sim::x::SimUser;
use socrazi_sim::{Fault, FaultKind};
use tower::ServiceExt;

use crate::databases::{Engine, on_both};
use crate::world::World;

const WEEK_MS: i64 = 7 * 86_400_000;
/// The account on the simulated X.
const DEMO: &str = "2244994945";

on_both!(
    an_account_has_a_picture_of_ours_that_its_owner_alone_sees,
    a_profile_is_read_again_each_week_by_one_process_and_a_new_name_is_shown_everywhere
);

async fn account(world: &World) -> Account {
    world.app.store().list_accounts(&world.person.workspace).await.unwrap().remove(0).account
}

/// Connecting does not wait for the picture; the test does.
async fn pictured(world: &World) -> Account {
    for _ in 0..500 {
        let account = account(world).await;
        if account.avatar_at.is_some() {
            return account;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no picture came");
}

/// The account on a network gets a small picture of ours, which stands in the pictures of its posts.
pub(crate) async fn has_face(world: &World, network: Network) {
    let mut tries = 0;
    let account = loop {
        let account = world.accounts_on(network).await.remove(0);
        if account.avatar_at.is_some() {
            break account;
        }
        tries += 1;
        assert!(tries < 500, "no picture came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let face = avatar(world, &account).await.unwrap();
    let size = imagesize::blob_size(&face).unwrap();
    assert!(face.starts_with(b"\xff\xd8\xff") && (size.width, size.height) == (96, 96));
    let segment = SegmentPreview {
        text: "Said by somebody with a face".into(),
        length: 28,
        length_max: 280,
        media: Vec::new(),
        poll: None,
        fold: None,
        card: None,
    };
    let preview = Preview { segments: vec![segment], frame: Frame::default(), cost_usd_micros: 0 };
    let faceless = Account { avatar_at: None, ..account.clone() };
    let (with, without) = (
        world.app.picture(Lang::En, (&account, &preview), Theme::Light).await.unwrap(),
        world.app.picture(Lang::En, (&faceless, &preview), Theme::Light).await.unwrap(),
    );
    assert_ne!(with, without);
}

/// The account's picture is fetched anew when a week is over, and not before.
pub(crate) async fn is_looked_at_again_after_a_week(world: &World, network: Network) {
    let seen_at = async || world.accounts_on(network).await.remove(0).avatar_at.unwrap();
    let before = seen_at().await;
    world.pass(WEEK_MS - 3_600_000);
    world.app.refresh_profiles().await.unwrap();
    assert_eq!(seen_at().await, before);
    world.pass(2 * 3_600_000);
    world.app.refresh_profiles().await.unwrap();
    assert!(seen_at().await > before);
}

/// How often X was asked who somebody is.
fn looks(world: &World) -> u64 {
    let of_me = world.sim.calls().into_iter().filter(|call| call.path == "/2/users/me");
    of_me.map(|call| call.arrived).sum()
}

async fn avatar(world: &World, account: &Account) -> Option<Vec<u8>> {
    world.app.read_avatar(&world.person, &account.id).await.unwrap()
}

async fn an_account_has_a_picture_of_ours_that_its_owner_alone_sees(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let found = pictured(&world).await;
    let path = format!("/accounts/{}/avatar", found.id);
    let answer = world.open_page(&path).await;
    assert_eq!((answer.status(), answer.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "image/jpeg"));
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("img-src 'self' data:;"), "{policy}");
    let bytes = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
    let size = imagesize::blob_size(&bytes).unwrap();
    assert!(bytes.starts_with(b"\xff\xd8\xff") && (size.width, size.height) == (96, 96) && bytes.len() < 20_000);
    has_face(&world, Network::X).await;
    // Shown wherever the account is named.
    let post = world.scheduled("with a face").await;
    for page in ["/accounts", &format!("/posts/{}", post.as_str().unwrap())] {
        let page = world.page(page).await;
        assert!(page.contains(&format!("<img class=\"avatar\" src=\"{path}?at=")), "{page}");
        assert!(!page.contains("profile_images"), "the network's own address is nowhere: {page}");
    }
    // To nobody who is not signed in, and to nobody else who is.
    let stranger = world.router.clone().oneshot(Request::get(&path).body(Body::empty()).unwrap()).await.unwrap();
    assert_ne!(stranger.status(), StatusCode::OK);
    let workspace: WorkspaceId = "space_01ARZ3NDEKTSV4RRFFQ69G5FAA".parse().unwrap();
    let other = Caller { workspace, ..world.person.clone() };
    assert_eq!(world.app.read_avatar(&other, &found.id).await.unwrap(), None);
    assert_eq!(
        world.open_page("/accounts/acct_01ARZ3NDEKTSV4RRFFQ69G5FAA/avatar").await.status(),
        StatusCode::NOT_FOUND
    );
    // It goes along with its person, and goes when the account does.
    let export = world.app.export_user(&world.person.user).await.unwrap();
    let (_, accounts) = export.lines.iter().find(|(name, _)| *name == "accounts.jsonl").unwrap();
    assert!(accounts[0]["picture_jpeg_base64"].as_str().unwrap().starts_with("/9j/"), "{accounts:?}");
    world.app.disconnect(&world.person, &found.id).await.unwrap();
    assert_eq!(world.open_page(&path).await.status(), StatusCode::NOT_FOUND);
    let rows = world.rows().await;
    assert!(rows.iter().all(|(table, rows)| table != "account_avatar" || rows.is_empty()), "{rows:?}");
    world.end().await;
}

async fn a_profile_is_read_again_each_week_by_one_process_and_a_new_name_is_shown_everywhere(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let before = pictured(&world).await;
    let face = avatar(&world, &before).await.unwrap();
    let post = world.draft("said by whoever this is").await;
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 1_000).await;
    let made = looks(&world);
    world.sim.add_user(SimUser::new(DEMO, "socrazi_renamed", "Socrazi Renamed"));
    world.pass(WEEK_MS - 3_600_000);
    world.app.refresh_profiles().await.unwrap();
    assert_eq!((looks(&world), account(&world).await.handle.as_str()), (made, "socrazi_demo"), "not before its time");
    world.pass(2 * 3_600_000);
    let beside = world.beside().await;
    let (one, other) = tokio::join!(world.app.refresh_profiles(), beside.refresh_profiles());
    one.and(other).unwrap();
    let after = account(&world).await;
    assert_eq!((&after.id, after.remote_id.as_str()), (&before.id, before.remote_id.as_str()), "the same account");
    assert_eq!((after.handle.as_str(), after.name.as_str()), ("socrazi_renamed", "Socrazi Renamed"));
    assert_eq!(looks(&world), made + 1, "read once, whoever does it");
    assert_ne!(avatar(&world, &after).await.unwrap(), face, "and its new picture with it");
    for page in ["/accounts".to_owned(), format!("/posts/{}", post.as_str().unwrap())] {
        let page = world.page(&page).await;
        assert!(page.contains("@socrazi_renamed") && page.contains("Socrazi Renamed"), "{page}");
        assert!(!page.contains("@socrazi_demo"), "{page}");
    }
    // The history is what it was: where the post is has not changed.
    let receipt = &world.delivery(&post).await["receipts"][0];
    assert!(receipt["permalink"].as_str().unwrap().contains("/status/"), "{receipt}");
    world.app.refresh_profiles().await.unwrap();
    assert_eq!(looks(&world), made + 1, "and not again for a week");
    beside.close().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_network_sends_in_place_of_a_picture_changes_nothing() {
    let world = World::new().await;
    let before = pictured(&world).await;
    let face = avatar(&world, &before).await.unwrap();
    let answer = |status: u16, kind: &str, body: &str, more: &[(&str, &str)]| {
        let headers = [&[("content-type", kind)], more].concat().into_iter();
        let headers = headers.map(|(name, value): (&str, &str)| (name.to_owned(), value.to_owned())).collect();
        FaultKind::Status { status, body: body.into(), headers }
    };
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    for (why, kind) in [
        ("a script that calls itself a picture", answer(200, "image/png", svg, &[])),
        ("a page", answer(200, "text/html", "<h1>hello</h1>", &[])),
        ("a drawing", answer(200, "image/svg+xml", svg, &[])),
        ("too much", answer(200, "image/png", &"A".repeat(3 << 20), &[])),
        ("a way inside", answer(302, "text/plain", "", &[("location", "http://169.254.169.254/latest/meta-data")])),
        ("nothing", answer(404, "text/plain", "", &[])),
        ("a cut connection", FaultKind::ResetAfter),
    ] {
        world.pass(WEEK_MS + 1_000);
        world.sim.set_faults(vec![Fault::once("GET", "/profile_images/", kind)]);
        let seen = looks(&world);
        world.app.refresh_profiles().await.unwrap();
        assert_eq!(looks(&world), seen + 1, "{why}");
        assert_eq!(avatar(&world, &before).await.as_ref(), Some(&face), "{why}");
    }
    // A network that cannot be read is asked again in a day, not in a week, and not each hour.
    world.pass(WEEK_MS + 1_000);
    world.sim.add_user(SimUser::new(DEMO, "socrazi_renamed", "Socrazi Renamed"));
    world.sim.set_faults(vec![Fault::once(
        "GET",
        "/2/users/me",
        FaultKind::StatusAfter { status: 503, body: String::new() },
    )]);
    world.app.refresh_profiles().await.unwrap();
    let seen = looks(&world);
    world.pass(3_600_000);
    world.app.refresh_profiles().await.unwrap();
    assert_eq!((looks(&world), account(&world).await.handle.as_str()), (seen, "socrazi_demo"));
    world.pass(86_400_000);
    world.app.refresh_profiles().await.unwrap();
    assert_eq!(account(&world).await.handle, "socrazi_renamed");
    world.end().await;
}
