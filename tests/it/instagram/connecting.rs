//! Tokens: short ones for long ones, refreshed from their second day on, by one of many; refused, revoked, thrown away.

use socrazi::domain::account::Health;
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::instagram::Tuning;
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, Scene, at_once};
use crate::databases::{Engine, on_both};
use crate::networks::racing::fifty_callers_cause_one_refresh;

const DAY_MS: i64 = 86_400_000;

on_both!(
    connecting_ends_with_a_long_token_the_name_and_what_was_allowed,
    a_token_is_refreshed_ahead_from_its_second_day_on_and_dies_only_where_nobody_did,
    fifty_callers_at_once_in_two_processes_cause_one_refresh,
    a_person_who_removed_the_app_is_asked_to_connect_again_and_what_waited_goes_out,
    disconnecting_destroys_the_token_and_says_what_only_the_person_can_do
);

async fn connecting_ends_with_a_long_token_the_name_and_what_was_allowed(engine: Engine) {
    let scene = Scene::on(engine).await;
    let url = scene.world.app.connect_begin(&scene.world.person, Network::Instagram).await.unwrap();
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "redirect_uri", "response_type", "scope", "state"], "no PKCE, nothing else");
    let scopes = url.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
    assert_eq!(scopes, socrazi::platforms::instagram::oauth::SCOPES.join(","), "nothing that Meta might not know");
    let account = scene.accounts().await.remove(0);
    let shown = (account.remote_id.as_str(), account.handle.as_str(), account.name.as_str());
    assert_eq!(shown, (ANA, "socrazi_demo", "Socrazi Demo"), "the id for paths, not the one within the app");
    assert_eq!(account.scopes, socrazi::platforms::instagram::oauth::SCOPES.join(" "));
    let tokens = scene.world.app.store().find_tokens(&account.id).await.unwrap().unwrap();
    let left = tokens.expires_at - scene.world.clock.now_ms();
    assert!((59 * DAY_MS..=60 * DAY_MS).contains(&left), "{left}");
    assert!(tokens.refresh.is_some(), "it is its own refresh token");
    // The other shape of the exchange, for a second account; and the first one again: two rows.
    scene.instagram.tune(Tuning { is_flat: true, ..at_once() });
    scene.connect("socrazi_second").await;
    scene.connect("socrazi_demo").await;
    let accounts = scene.accounts().await;
    let handles: Vec<_> = accounts.iter().map(|account| account.handle.as_str()).collect();
    assert_eq!(handles, ["socrazi_demo", "socrazi_second"]);
    assert!(accounts.iter().all(|account| account.health == Health::Fine));
    assert!(accounts.iter().all(|account| account.scopes == socrazi::platforms::instagram::oauth::SCOPES.join(" ")));
    let page = scene.world.page("/accounts").await;
    assert!(page.contains("@socrazi_second") && page.contains("action=\"/connect/instagram\""), "{page}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_while_connecting_is_asked_again_where_that_is_safe_and_told_where_it_is_not() {
    let scene = Scene::on(Engine::Sqlite).await;
    // The long token may be asked for again.
    scene.instagram.set_faults(vec![
        Fault::once("GET", "/access_token", FaultKind::ResetAfter),
        Fault::once("GET", "/access_token", FaultKind::BrokenBodyAfter),
    ]);
    scene.connect("socrazi_second").await;
    assert_eq!(scene.accounts().await.len(), 2);
    // The code may not: it is spent.
    for kind in [FaultKind::ResetAfter, FaultKind::StatusAfter { status: 503, body: String::new() }] {
        scene.instagram.set_faults(vec![Fault::once("POST", "/oauth/access_token", kind)]);
        let before = scene.calls("POST", "/oauth/access_token");
        let query = scene.consent("socrazi_demo").await;
        let refused = scene.world.app.connect_finish(&scene.world.person, Network::Instagram, &query).await;
        let Err(ToolError::Refused(why)) = refused else { panic!("{refused:?}") };
        assert_eq!(why.key, "connect-failed");
        assert_eq!(scene.calls("POST", "/oauth/access_token") - before, 1);
    }
    // Somebody who says no, and a code that somebody made up.
    let mut query = scene.consent("socrazi_demo").await;
    query.retain(|(name, _)| name == "state");
    let denied = [query.clone(), vec![("error".into(), "access_denied".into())]].concat();
    let refused = scene.world.app.connect_finish(&scene.world.person, Network::Instagram, &denied).await;
    assert!(matches!(refused, Err(ToolError::Refused(why)) if why.key == "connect-denied"));
    let mut query = scene.consent("socrazi_demo").await;
    query.retain(|(name, _)| name == "state");
    query.push(("code".into(), "AQmade-up".into()));
    let refused = scene.world.app.connect_finish(&scene.world.person, Network::Instagram, &query).await;
    assert!(matches!(refused, Err(ToolError::Refused(why)) if why.key == "connect-failed"));
    // A code that was copied from the address with what stands behind it.
    let mut query = scene.consent("socrazi_demo").await;
    query.iter_mut().filter(|(name, _)| name == "code").for_each(|(_, code)| code.push_str("#_"));
    scene.world.app.connect_finish(&scene.world.person, Network::Instagram, &query).await.unwrap();
    assert!(scene.accounts().await.iter().all(|account| account.health == Health::Fine));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_whether_the_app_is_known() {
    let mut scene = Scene::on(Engine::Sqlite).await;
    let of_instagram = |found: Vec<(Network, Result<(), socrazi::app::TokenFault>)>| {
        found.into_iter().find(|(network, _)| *network == Network::Instagram).unwrap().1
    };
    assert_eq!(of_instagram(scene.world.app.check_networks().await), Ok(()));
    scene.world.set("instagram.client_secret", "another".to_owned());
    scene.reopen().await;
    let found = of_instagram(scene.world.app.check_networks().await);
    assert!(matches!(found, Err(socrazi::app::TokenFault::Misconfigured(_))), "{found:?}");
    // An id that is nobody's.
    scene.world.set("instagram.client_id", "4000000000000001".to_owned());
    scene.reopen().await;
    let found = of_instagram(scene.world.app.check_networks().await);
    assert!(matches!(found, Err(socrazi::app::TokenFault::Misconfigured(_))), "{found:?}");
    scene.end().await;
}

fn refreshes(scene: &Scene) -> u64 {
    scene.calls("GET", "/refresh_access_token")
}

async fn a_token_is_refreshed_ahead_from_its_second_day_on_and_dies_only_where_nobody_did(engine: Engine) {
    let scene = Scene::on(engine).await;
    let app = &scene.world.app;
    scene.world.pass(DAY_MS);
    app.refresh_ahead().await.unwrap();
    assert_eq!(refreshes(&scene), 0, "too young");
    scene.world.pass(2 * DAY_MS);
    // An answer that is lost costs nothing: the old token lives.
    scene.instagram.set_faults(vec![Fault::once("GET", "/refresh_access_token", FaultKind::ResetAfter)]);
    app.refresh_ahead().await.unwrap();
    assert_eq!((refreshes(&scene), scene.accounts().await[0].health), (1, Health::Fine));
    // Half a year in which nothing is posted.
    for _ in 0..6 {
        app.refresh_ahead().await.unwrap();
        scene.world.pass(30 * DAY_MS);
    }
    assert_eq!(refreshes(&scene), 7);
    let post = scene.sent("after half a year").await;
    scene.until(&post, "published").await;
    // Two months in which the server stood still.
    scene.world.pass(61 * DAY_MS);
    app.refresh_ahead().await.unwrap();
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    let notices = app.notices(&scene.world.person).await.unwrap();
    assert!(notices.iter().any(|notice| notice.what.key == "notice-ended"), "{notices:?}");
    scene.end().await;
}

async fn fifty_callers_at_once_in_two_processes_cause_one_refresh(engine: Engine) {
    let scene = Scene::on(engine).await;
    scene.world.pass(3 * DAY_MS);
    let account = scene.accounts().await.remove(0);
    let until = scene.world.clock.now_ms() + 58 * DAY_MS;
    fifty_callers_cause_one_refresh(&scene.world, (&account, until), || refreshes(&scene)).await;
    scene.end().await;
}

async fn a_person_who_removed_the_app_is_asked_to_connect_again_and_what_waited_goes_out(engine: Engine) {
    let scene = Scene::on(engine).await;
    let post = scene
        .draft(serde_json::json!([{ "text": "kept for later", "media": [scene.picture] }]), serde_json::json!({}))
        .await;
    scene.world.call("schedule_post", serde_json::json!({ "post": post, "at": scene.world.in_an_hour() })).await;
    scene.tell("__sim/deauthorize", serde_json::json!({ "user_id": ANA })).await;
    scene.world.pass(3_600_000);
    scene.until(&post, "blocked").await;
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    assert_eq!(scene.commits(), 0);
    scene.connect("socrazi_demo").await;
    scene.until(&post, "published").await;
    assert_eq!(scene.texts(), ["kept for later"]);
    scene.end().await;
}

async fn disconnecting_destroys_the_token_and_says_what_only_the_person_can_do(engine: Engine) {
    let scene = Scene::on(engine).await;
    let post =
        scene.draft(serde_json::json!([{ "text": "never", "media": [scene.picture] }]), serde_json::json!({})).await;
    scene.world.call("schedule_post", serde_json::json!({ "post": post, "at": scene.world.in_an_hour() })).await;
    let account = scene.accounts().await.remove(0);
    scene.world.app.disconnect(&scene.world.person, &account.id).await.unwrap();
    assert!(scene.world.app.store().find_tokens(&account.id).await.unwrap().is_none());
    assert_eq!(scene.world.delivery(&post).await["state"], "cancelled");
    let notices = scene.world.app.notices(&scene.world.person).await.unwrap();
    assert!(notices.iter().any(|notice| notice.what.key == "notice-revoke-unconfirmed-instagram"), "{notices:?}");
    scene.world.pass(3 * DAY_MS);
    scene.world.app.refresh_ahead().await.unwrap();
    assert_eq!((refreshes(&scene), scene.commits()), (0, 0));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_picture_of_ours() {
    let scene = Scene::on(Engine::Sqlite).await;
    crate::profiles::has_face(&scene.world, Network::Instagram).await;
    scene.world.end().await;
}
