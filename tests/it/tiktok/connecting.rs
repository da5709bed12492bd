//! Tokens: a pair of which each refresh spends the older one, refusals with HTTP 200, scopes that were left out, the desktop's own PKCE, a grant that
//! is really ended.

use serde_json::json;
use socrazi::app::TokenFault;
use socrazi::domain::account::Health;
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::tiktok::{App, TikTokOptions, Tuning};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, ANA_ID, Scene, at_once};
use crate::databases::{Engine, on_both};
use crate::networks::racing::fifty_callers_cause_one_refresh;

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
const TOKEN: &str = "/v2/oauth/token/";
const REVOKE: &str = "/v2/oauth/revoke/";

on_both!(
    connecting_ends_with_the_handle_a_pair_and_what_was_allowed,
    each_refresh_spends_the_pair_and_a_lost_one_is_told_and_not_tried_again,
    fifty_callers_at_once_in_two_processes_cause_one_refresh,
    disconnecting_ends_the_grant_also_when_the_token_has_ended
);

async fn connecting_ends_with_the_handle_a_pair_and_what_was_allowed(engine: Engine) {
    let scene = Scene::on(engine).await;
    let url = scene.world.app.connect_begin(&scene.world.person, Network::TikTok).await.unwrap();
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_key", "response_type", "scope", "redirect_uri", "state", "disable_auto_auth"]);
    let scopes = "user.info.basic,user.info.profile,user.info.stats,video.list,video.publish,video.upload";
    assert!(url.query_pairs().any(|(name, value)| name == "scope" && value == scopes), "{url}");
    let account = scene.accounts().await.remove(0);
    let shown = (account.remote_id.as_str(), account.handle.as_str(), account.name.as_str());
    assert_eq!(shown, (ANA_ID, ANA, "Socrazi Demo"));
    assert_eq!(account.scopes, scopes.replace(',', " "));
    let tokens = scene.world.app.store().find_tokens(&account.id).await.unwrap().unwrap();
    let left = tokens.expires_at - scene.world.clock.now_ms();
    assert!((HOUR_MS..=2 * HOUR_MS).contains(&left) && tokens.refresh.is_some(), "{left}");
    let ends_in = tokens.ends_at.unwrap() - scene.world.clock.now_ms();
    assert!((179 * DAY_MS..=180 * DAY_MS).contains(&ends_in), "as TikTok says it: {ends_in}");
    // A second account, and the first one again: two rows.
    scene.connect("socrazi_second").await;
    scene.connect(ANA).await;
    let mut handles: Vec<_> = scene.accounts().await.into_iter().map(|account| account.handle).collect();
    handles.sort();
    assert_eq!(handles, [ANA, "socrazi_second"]);
    let page = scene.world.page("/accounts").await;
    assert!(page.contains("@socrazi_demo") && page.contains("action=\"/connect/tiktok\""), "{page}");
    // No address of a picture is anywhere: they end after hours.
    for (table, rows) in scene.world.rows().await {
        assert!(!rows.iter().any(|row| row.contains("/avatars/")), "{table}");
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_out_is_known_and_asked_for_where_it_is_needed() {
    let scene = Scene::on(Engine::Sqlite).await;
    let app = &scene.world.app;
    // Without the permission for the handle the name stands for it.
    let query = scene.consent("socrazi_second", "user.info.profile").await;
    app.connect_finish(&scene.world.person, Network::TikTok, &query).await.unwrap();
    let second = scene.accounts().await.into_iter().find(|account| account.handle != ANA).unwrap();
    assert_eq!((second.handle.as_str(), second.scopes.contains("user.info.profile")), ("Socrazi Second", false));
    // Without the one for posting nothing goes out, and the person reads why.
    let query = scene.consent(ANA, "video.publish").await;
    app.connect_finish(&scene.world.person, Network::TikTok, &query).await.unwrap();
    assert!(!scene.accounts().await.iter().find(|account| account.handle == ANA).unwrap().scopes.contains("publish"));
    let page = scene.world.page("/accounts").await;
    assert!(page.contains("nothing can be published") && page.contains("user.info.profile"), "{page}");
    let listed = scene.world.call("list_accounts", json!({})).await.to_string();
    assert!(listed.contains("“video.publish”: nothing can be published"), "{listed}");
    // Red when it is written, and refused before it is scheduled; what it does not take is not asked for.
    let segments = json!([{ "text": "may not", "media": [scene.film] }]);
    let arguments = json!({ "segments": segments, "accounts": [scene.account], "options": super::public() });
    let drafted = scene.world.call("create_draft", arguments).await;
    assert!(drafted.to_string().contains("was connected without the permission “video.publish”"), "{drafted}");
    let post = &drafted["post"]["id"];
    assert_eq!(scene.world.refused("publish_post", json!({ "post": post })).await, "account-permission");
    let at = scene.world.in_an_hour();
    assert_eq!(scene.world.refused("schedule_post", json!({ "post": post, "at": at })).await, "account-permission");
    let inbox = scene.draft("", json!([scene.film]), json!({ "tiktok": { "draft": true } })).await;
    super::approval(&scene.world.call("publish_post", json!({ "post": inbox })).await);
    assert_eq!((scene.ledger().len(), scene.inits()), (0, 0));
    // With the box ticked it is as it should be.
    scene.connect(ANA).await;
    assert!(!scene.world.call("list_accounts", json!({})).await.to_string().contains("video.publish"));
    scene.approve(&scene.world.call("publish_post", json!({ "post": post })).await).await;
    scene.until(post, "published").await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_this_machine_is_a_desktop_app_and_proves_itself_tiktok_s_way() {
    // Nothing but a name is needed for a redirect to this machine: no page is asked for.
    let here = "http://127.0.0.1:8787";
    let options = TikTokOptions { app: App::Desktop, ..TikTokOptions::default() };
    let scene = Scene::with(Engine::Sqlite, options, vec![("server.public_url", here.to_owned())]).await;
    let url = scene.world.app.connect_begin(&scene.world.person, Network::TikTok).await.unwrap();
    let challenge = url.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1.into_owned();
    assert!(challenge.len() == 64 && challenge.bytes().all(|byte| byte.is_ascii_hexdigit()), "{url}");
    assert_eq!(scene.accounts().await[0].handle, ANA, "the exchange brought the verifier");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_and_whatever_goes_wrong_while_connecting_is_told_apart() {
    let scene = Scene::on(Engine::Sqlite).await;
    let app = &scene.world.app;
    let finish = async |query: &[(String, String)]| match app
        .connect_finish(&scene.world.person, Network::TikTok, query)
        .await
    {
        Err(ToolError::Refused(why)) => why.key.clone(),
        other => panic!("{other:?}"),
    };
    // The code is spent by a call whose answer is lost: it is not asked again.
    for kind in [FaultKind::ResetAfter, FaultKind::StatusAfter { status: 503, body: String::new() }] {
        scene.tiktok.set_faults(vec![Fault::once("POST", TOKEN, kind)]);
        let before = scene.calls("POST", TOKEN);
        assert_eq!(finish(&scene.consent(ANA, "").await).await, "connect-failed");
        assert_eq!(scene.calls("POST", TOKEN) - before, 1);
    }
    let with = async |name: &str, value: &str| {
        let mut query = scene.consent(ANA, "").await;
        query.retain(|(name, _)| name == "state");
        query.push((name.into(), value.into()));
        query
    };
    assert_eq!(finish(&with("error", "access_denied").await).await, "connect-denied");
    assert_eq!(finish(&with("error", "invalid_scope").await).await, "connect-scopes-refused");
    // Refused with HTTP 200 it is refused all the same.
    for refuses_with_200 in [false, true] {
        scene.tiktok.tune(Tuning { refuses_with_200, ..at_once() });
        assert_eq!(finish(&with("code", "made-up").await).await, "connect-failed");
    }
    assert_eq!(scene.accounts().await.len(), 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_whether_the_app_is_known() {
    let mut scene = Scene::on(Engine::Sqlite).await;
    let of_tiktok = |found: Vec<(Network, Result<(), TokenFault>)>| {
        found.into_iter().find(|(network, _)| *network == Network::TikTok).unwrap().1
    };
    for refuses_with_200 in [false, true] {
        scene.tiktok.tune(Tuning { refuses_with_200, ..at_once() });
        assert_eq!(of_tiktok(scene.world.app.check_networks().await), Ok(()));
    }
    scene.world.set("tiktok.client_secret", "another".to_owned());
    scene.reopen().await;
    let found = of_tiktok(scene.world.app.check_networks().await);
    assert!(matches!(found, Err(TokenFault::Misconfigured(_))), "{found:?}");
    scene.end().await;
}

async fn each_refresh_spends_the_pair_and_a_lost_one_is_told_and_not_tried_again(engine: Engine) {
    let scene = Scene::on(engine).await;
    let app = &scene.world.app;
    let tokens = async || {
        let account = scene.accounts().await.remove(0);
        (account.health, app.store().find_tokens(&account.id).await.unwrap().unwrap())
    };
    for n in 0..3 {
        scene.world.pass(3 * HOUR_MS);
        let before = scene.calls("POST", TOKEN);
        let post = scene.sent(&format!("with another pair {n}")).await;
        scene.until(&post, "published").await;
        assert_eq!(scene.calls("POST", TOKEN) - before, 1);
        assert_eq!(tokens().await.1.generation, n + 2);
    }
    // A service that says that it is away has refreshed nothing.
    let away = FaultKind::Status {
        status: 200,
        body: json!({ "error": "temporarily_unavailable", "error_description": "x", "log_id": "1" }).to_string(),
        headers: std::collections::BTreeMap::new(),
    };
    scene.world.pass(3 * HOUR_MS);
    // Twice: planning asks what the account may do, and goes on without an answer.
    scene.tiktok.set_faults(vec![Fault::once("POST", TOKEN, away).times(2)]);
    let before = scene.calls("POST", TOKEN);
    let post = scene.sent("a little later").await;
    scene.until(&post, "waiting").await;
    assert_eq!(scene.calls("POST", TOKEN) - before, 2, "once when planned, once when due");
    scene.until_by(&post, "published", 10_000).await;
    assert_eq!(scene.calls("POST", TOKEN) - before, 3);
    // An answer that is lost took the pair with it: the person is told, and the dead token is not tried.
    scene.world.pass(3 * HOUR_MS);
    scene.tiktok.set_faults(vec![Fault::once("POST", TOKEN, FaultKind::ResetAfter)]);
    let before = scene.calls("POST", TOKEN);
    let post = scene.sent("after connecting again").await;
    scene.until(&post, "blocked").await;
    assert_eq!((tokens().await.0, scene.calls("POST", TOKEN) - before), (Health::NeedsReconnecting, 1));
    scene.connect(ANA).await;
    scene.until(&post, "published").await;
    // Removed by the person at TikTok, and said so with HTTP 200.
    scene.tiktok.tune(Tuning { refuses_with_200: true, ..at_once() });
    scene.tell("__sim/remove", json!({ "open_id": ANA_ID, "reason": 1 })).await;
    let post = scene.sent("not any more").await;
    scene.until(&post, "blocked").await;
    assert_eq!((tokens().await.0, scene.ledger().len()), (Health::NeedsReconnecting, 5));
    scene.end().await;
}

async fn fifty_callers_at_once_in_two_processes_cause_one_refresh(engine: Engine) {
    let scene = Scene::on(engine).await;
    scene.world.pass(3 * HOUR_MS);
    let account = scene.accounts().await.remove(0);
    let until = scene.world.clock.now_ms() + HOUR_MS;
    fifty_callers_cause_one_refresh(&scene.world, (&account, until), || scene.calls("POST", TOKEN)).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_nobody_needs_for_months_lives() {
    let scene = Scene::on(Engine::Sqlite).await;
    let app = &scene.world.app;
    scene.world.pass(149 * DAY_MS);
    let before = scene.calls("POST", TOKEN);
    app.refresh_ahead().await.unwrap();
    assert_eq!(scene.calls("POST", TOKEN), before, "not yet");
    scene.world.pass(2 * DAY_MS);
    app.refresh_ahead().await.unwrap();
    app.refresh_ahead().await.unwrap();
    assert_eq!(scene.calls("POST", TOKEN) - before, 1);
    // 180 days after the consent, and long before those after the refresh.
    scene.world.pass(100 * DAY_MS);
    let post = scene.sent("after months").await;
    scene.until(&post, "published").await;
    scene.end().await;
}

async fn disconnecting_ends_the_grant_also_when_the_token_has_ended(engine: Engine) {
    let scene = Scene::on(engine).await;
    let app = &scene.world.app;
    let account = scene.accounts().await.remove(0);
    let unconfirmed = async || {
        let notices = app.notices(&scene.world.person).await.unwrap();
        notices.iter().filter(|notice| notice.what.key == "notice-revoke-unconfirmed-tiktok").count()
    };
    // While the token lives one call ends it all; hours after its end it takes another pair, which ends with it.
    for (wait_ms, refreshes) in [(0, 0), (3 * HOUR_MS, 1)] {
        scene.world.pass(wait_ms);
        let before = (scene.calls("POST", REVOKE), scene.calls("POST", TOKEN));
        app.disconnect(&scene.world.person, &account.id).await.unwrap();
        assert!(app.store().find_tokens(&account.id).await.unwrap().is_none());
        assert!(scene.calls("POST", REVOKE) > before.0);
        assert!(scene.calls("POST", TOKEN) - before.1 >= refreshes);
        assert_eq!(unconfirmed().await, 0, "TikTok knows neither of the two any more");
        scene.connect(ANA).await;
    }
    // No answer is no confirmation.
    let before = scene.calls("POST", REVOKE);
    scene.tiktok.set_faults(vec![Fault::once("POST", REVOKE, FaultKind::ResetBefore).times(2)]);
    app.disconnect(&scene.world.person, &account.id).await.unwrap();
    assert_eq!(scene.calls("POST", REVOKE) - before, 2, "it was tried once more, and no oftener");
    assert_eq!(unconfirmed().await, 1);
    assert_eq!(scene.inits(), 0);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_picture_of_ours_and_no_address_of_tiktoks() {
    let scene = Scene::on(Engine::Sqlite).await;
    crate::profiles::has_face(&scene.world, Network::TikTok).await;
    crate::profiles::is_looked_at_again_after_a_week(&scene.world, Network::TikTok).await;
    for (table, rows) in scene.world.rows().await {
        assert!(!rows.iter().any(|row| row.contains("/avatars/")), "{table}");
    }
    scene.world.end().await;
}
