//! Tokens: 60 days, after which only the person helps, unless LinkedIn gave a refresh token; refused, revoked, thrown away, told of in time.

use serde_json::json;
use socrazi::app::TokenFault;
use socrazi::domain::account::Health;
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::linkedin::{LinkedInOptions, Tuning};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, BEN, SELF_SERVE, Scene, at_once};
use crate::databases::{Engine, on_both};
use crate::networks::racing::fifty_callers_cause_one_refresh;

const DAY_MS: i64 = 86_400_000;
const TOKEN: &str = "/oauth/v2/accessToken";

on_both!(
    connecting_ends_with_the_name_sixty_days_and_what_was_allowed,
    the_end_of_a_token_is_told_in_time_and_connecting_again_keeps_what_is_scheduled,
    a_partner_s_token_is_refreshed_when_it_is_needed_and_nobody_is_told_of_its_end,
    fifty_callers_at_once_in_two_processes_cause_one_refresh,
    disconnecting_revokes_and_says_so_only_when_linkedin_confirms
);

async fn connecting_ends_with_the_name_sixty_days_and_what_was_allowed(engine: Engine) {
    let scene = Scene::on(engine).await;
    let url = scene.world.app.connect_begin(&scene.world.person, Network::LinkedIn).await.unwrap();
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["response_type", "client_id", "redirect_uri", "state", "scope"], "no PKCE, nothing else");
    assert!(url.query().unwrap().contains("scope=openid%20profile%20w_member_social"), "{url}");
    let account = scene.accounts().await.remove(0);
    let shown = (account.remote_id.as_str(), account.handle.as_str(), account.name.as_str());
    assert_eq!(shown, (ANA, "Ana Li", "Ana Li"));
    assert_eq!(account.scopes, SELF_SERVE, "they came with commas");
    let tokens = scene.world.app.store().find_tokens(&account.id).await.unwrap().unwrap();
    let left = tokens.expires_at - scene.world.clock.now_ms();
    assert!((59 * DAY_MS..=60 * DAY_MS).contains(&left), "{left}");
    assert!(tokens.refresh.is_none());
    // A second account, and the first one again: two rows. This time the scopes come with spaces.
    scene.linkedin.tune(Tuning { scope_separator: ' ', ..at_once() });
    scene.connect(BEN).await;
    scene.connect(ANA).await;
    let accounts = scene.accounts().await;
    let found: Vec<_> = accounts.iter().map(|account| (account.handle.as_str(), account.scopes.as_str())).collect();
    assert_eq!(found, [("Ana Li", SELF_SERVE), ("Ben Sato", SELF_SERVE)]);
    let page = scene.world.page("/accounts").await;
    assert!(page.contains("@Ben Sato") && page.contains("action=\"/connect/linkedin\""), "{page}");
    let listed = scene.world.call("list_accounts", json!({})).await;
    let health = |n: usize| listed["accounts"][n]["health"].as_str().unwrap().to_owned();
    let of_linkedin = listed["accounts"].as_array().unwrap().iter().position(|a| a["network"] == "linkedin").unwrap();
    assert!(health(of_linkedin).starts_with("Connected until"), "{listed}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_and_whatever_goes_wrong_while_connecting_is_told_apart() {
    let scene = Scene::on(Engine::Sqlite).await;
    let app = &scene.world.app;
    let finish = async |query: &[(String, String)]| match app
        .connect_finish(&scene.world.person, Network::LinkedIn, query)
        .await
    {
        Err(ToolError::Refused(why)) => (why.key.clone(), format!("{:?}", why.args)),
        other => panic!("{other:?}"),
    };
    // The code is spent by a call whose answer is lost: it is not asked again.
    for kind in [FaultKind::ResetAfter, FaultKind::StatusAfter { status: 503, body: String::new() }] {
        scene.linkedin.set_faults(vec![Fault::once("POST", TOKEN, kind)]);
        let before = scene.calls("POST", TOKEN);
        let query = scene.consent(ANA).await;
        assert_eq!(finish(&query).await.0, "connect-failed");
        assert_eq!(scene.calls("POST", TOKEN) - before, 1);
    }
    let with = async |more: (&str, &str)| {
        let mut query = scene.consent(ANA).await;
        query.retain(|(name, _)| name == "state");
        query.push((more.0.into(), more.1.into()));
        query
    };
    for no in ["user_cancelled_login", "user_cancelled_authorize"] {
        assert_eq!(finish(&with(("error", no)).await).await.0, "connect-denied", "{no}");
    }
    let (key, why) = finish(&with(("error", "unauthorized_scope_error")).await).await;
    assert_eq!(key, "connect-scopes-refused", "the operator's, not the person's: {why}");
    assert_eq!(finish(&with(("code", "AQTmade-up")).await).await.0, "connect-failed");
    let mut query = scene.consent(ANA).await;
    query.retain(|(name, _)| name != "state");
    assert_eq!(finish(&query).await.0, "connect-state-dead");
    assert!(scene.accounts().await.iter().all(|account| account.health == Health::Fine));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_without_its_product_fails_the_whole_consent_and_connects_nobody() {
    let scene = Scene::on(Engine::Sqlite).await;
    let mut scene = Scene { account: serde_json::Value::Null, ..scene };
    scene.world.set("linkedin.scopes", "openid,profile, w_member_social r_member_social".to_owned());
    scene.world.reopen().await;
    let query = scene.consent(ANA).await;
    assert!(query.contains(&("error".into(), "unauthorized_scope_error".into())), "{query:?}");
    let refused = scene.world.app.connect_finish(&scene.world.person, Network::LinkedIn, &query).await;
    assert!(matches!(refused, Err(ToolError::Refused(why)) if why.key == "connect-scopes-refused"));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_whether_the_app_is_known() {
    let mut scene = Scene::on(Engine::Sqlite).await;
    let of_linkedin = |found: Vec<(Network, Result<(), TokenFault>)>| {
        found.into_iter().find(|(network, _)| *network == Network::LinkedIn).unwrap().1
    };
    assert_eq!(of_linkedin(scene.world.app.check_networks().await), Ok(()));
    scene.world.set("linkedin.client_secret", "another".to_owned());
    scene.world.reopen().await;
    let found = of_linkedin(scene.world.app.check_networks().await);
    assert!(matches!(found, Err(TokenFault::Misconfigured(_))), "{found:?}");
    scene.end().await;
}

async fn the_end_of_a_token_is_told_in_time_and_connecting_again_keeps_what_is_scheduled(engine: Engine) {
    let scene = Scene::on(engine).await;
    let app = &scene.world.app;
    let told = async || {
        app.refresh_ahead().await.unwrap();
        app.refresh_ahead().await.unwrap();
        let notices = app.notices(&scene.world.person).await.unwrap();
        let days = notices.iter().filter(|notice| notice.what.key == "notice-ends-soon");
        let mut days: Vec<_> = days.map(|notice| format!("{:?}", notice.what.args[2].1)).collect();
        days.sort();
        days
    };
    // Beyond the token's end it can be scheduled, and whoever approves reads what that means.
    let post = scene.draft(json!([{ "text": "after the end" }])).await;
    let at = jiff::Timestamp::from_millisecond(scene.world.clock.now_ms() + 60 * DAY_MS + 3_600_000).unwrap();
    let drafter = Caller { grant: Grant::Drafts, ..scene.world.assistant.clone() };
    let asked = app.call_tool(&drafter, "schedule_post", json!({ "post": post, "at": at.to_string() })).await.unwrap();
    let url: url::Url =
        asked.structured["approval_url"].as_str().unwrap_or_else(|| panic!("{}", asked.structured)).parse().unwrap();
    let page = scene.world.page(url.path()).await;
    assert!(page.contains("Our access to @Ana Li ends on"), "{page}");
    scene.world.call("schedule_post", json!({ "post": post, "at": at.to_string() })).await;
    assert_eq!(told().await, [""; 0]);
    for (hours, all) in [(45 * 24, &[][..]), (36, &["14"]), (96, &["14"]), (72, &["14", "7"]), (144, &["1", "14", "7"])]
    {
        scene.world.pass(hours * 3_600_000);
        let found = told().await;
        assert_eq!(
            found,
            all.iter().map(|day| format!("Number({day})")).collect::<Vec<_>>(),
            "after {hours} hours more"
        );
    }
    // Nobody did anything: found before anything is due.
    scene.world.pass(DAY_MS / 2 + 60_000);
    told().await;
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    let notices = app.notices(&scene.world.person).await.unwrap();
    assert!(notices.iter().any(|notice| notice.what.key == "notice-ended"), "{notices:?}");
    assert_eq!(scene.commits(), 0);
    scene.connect(ANA).await;
    scene.until_by(&post, "published", 60_000).await;
    assert_eq!(scene.ledger().len(), 1);
    scene.end().await;
}

async fn a_partner_s_token_is_refreshed_when_it_is_needed_and_nobody_is_told_of_its_end(engine: Engine) {
    let scene = Scene::partner(engine).await;
    let app = &scene.world.app;
    scene.world.pass(59 * DAY_MS);
    app.refresh_ahead().await.unwrap();
    let before = scene.calls("POST", TOKEN);
    scene.world.pass(2 * DAY_MS);
    // An answer that is lost costs nothing: the refresh token lives.
    scene.linkedin.set_faults(vec![Fault::once("POST", TOKEN, FaultKind::ResetAfter)]);
    let post = scene.sent("with another token").await;
    scene.until(&post, "published").await;
    assert_eq!(scene.calls("POST", TOKEN) - before, 2);
    let account = scene.accounts().await.remove(0);
    let tokens = app.store().find_tokens(&account.id).await.unwrap().unwrap();
    assert_eq!((tokens.generation, account.health, tokens.refresh.is_some()), (2, Health::Fine, true));
    assert!(app.notices(&scene.world.person).await.unwrap().iter().all(|n| n.what.key != "notice-ends-soon"));
    // A year after the consent the refresh token has ended, too.
    scene.world.pass(366 * DAY_MS);
    let post = scene.sent("not with these").await;
    scene.until(&post, "blocked").await;
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    scene.end().await;
}

async fn fifty_callers_at_once_in_two_processes_cause_one_refresh(engine: Engine) {
    let scene = Scene::partner(engine).await;
    scene.world.pass(61 * DAY_MS);
    let account = scene.accounts().await.remove(0);
    let until = scene.world.clock.now_ms() + DAY_MS;
    fifty_callers_cause_one_refresh(&scene.world, (&account, until), || scene.calls("POST", TOKEN)).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_removed_the_app_is_asked_to_connect_again_and_what_waited_goes_out() {
    let scene = Scene::on(Engine::Sqlite).await;
    let post = scene.draft(json!([{ "text": "kept for later" }])).await;
    scene.world.call("schedule_post", json!({ "post": post, "at": scene.world.in_an_hour() })).await;
    scene.linkedin.remove_app(ANA).unwrap();
    scene.world.pass(3_600_000);
    scene.until(&post, "blocked").await;
    assert_eq!(scene.accounts().await[0].health, Health::NeedsReconnecting);
    assert_eq!(scene.ledger().len(), 0);
    scene.connect(ANA).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.ledger()[0].text, "kept for later");
    scene.end().await;
}

async fn disconnecting_revokes_and_says_so_only_when_linkedin_confirms(engine: Engine) {
    let scene = Scene::with(engine, LinkedInOptions::default(), SELF_SERVE).await;
    let app = &scene.world.app;
    let post = scene.draft(json!([{ "text": "never" }])).await;
    scene.world.call("schedule_post", json!({ "post": post, "at": scene.world.in_an_hour() })).await;
    let account = scene.accounts().await.remove(0);
    app.disconnect(&scene.world.person, &account.id).await.unwrap();
    assert!(app.store().find_tokens(&account.id).await.unwrap().is_none());
    assert_eq!(scene.world.delivery(&post).await["state"], "cancelled");
    assert_eq!(scene.calls("POST", "/oauth/v2/revoke"), 1);
    let unconfirmed = async || {
        let notices = app.notices(&scene.world.person).await.unwrap();
        notices.iter().filter(|notice| notice.what.key == "notice-revoke-unconfirmed-linkedin").count()
    };
    assert_eq!(unconfirmed().await, 0, "LinkedIn says that the token is dead");
    // It says yes and the token lives; it does not know the call; it does not answer.
    let says = |body: &str| FaultKind::Status {
        status: 200,
        body: body.into(),
        headers: std::collections::BTreeMap::default(),
    };
    let gone = FaultKind::Status { status: 404, body: "<html>".into(), headers: std::collections::BTreeMap::default() };
    let misunderstood = FaultKind::Status {
        status: 400,
        body: r#"{"error":"invalid_request"}"#.into(),
        headers: std::collections::BTreeMap::default(),
    };
    for (n, kind) in [says("{}"), gone, misunderstood, FaultKind::ResetBefore].into_iter().enumerate() {
        scene.connect(ANA).await;
        scene.linkedin.set_faults(vec![Fault::once("POST", "/oauth/v2/revoke", kind)]);
        app.disconnect(&scene.world.person, &account.id).await.unwrap();
        assert_eq!(unconfirmed().await, n + 1);
    }
    assert_eq!(scene.commits(), 0);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_picture_of_ours() {
    let scene = Scene::on(Engine::Sqlite).await;
    crate::profiles::has_face(&scene.world, Network::LinkedIn).await;
    scene.world.end().await;
}
