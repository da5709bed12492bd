//! Tokens: a pair of which each refresh spends the older one; what goes wrong while connecting.

use serde_json::json;
use socrazi::app::TokenFault;
use socrazi::domain::account::{Account, Health};
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::{Fault, FaultKind};

use super::publishing::{calls, send, until};
use crate::databases::{Engine, on_both};
use crate::networks::racing::fifty_callers_cause_one_refresh;
use crate::world::World;

const TOKEN: &str = "/2/oauth2/token";
const HOUR_MS: i64 = 3_600_000;

on_both!(
    connecting_ends_with_a_handle_a_pair_and_what_was_allowed,
    fifty_callers_at_once_in_two_processes_cause_one_refresh,
    a_refresh_whose_answer_is_lost_is_told_and_not_tried_again
);

async fn connecting_ends_with_a_handle_a_pair_and_what_was_allowed(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let url = world.app.connect_begin(&world.person, Network::X).await.unwrap();
    let pairs: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!((pairs["code_challenge_method"].as_str(), pairs["code_challenge"].len()), ("S256", 43));
    let account = world.accounts_on(Network::X).await.remove(0);
    let shown = (account.remote_id.as_str(), account.handle.as_str(), account.name.as_str());
    assert_eq!(shown, ("2244994945", "socrazi_demo", "Socrazi Demo"));
    assert!(["tweet.write", "media.write", "offline.access"].iter().all(|scope| account.scopes.contains(scope)));
    let tokens = world.app.store().find_tokens(&account.id).await.unwrap().unwrap();
    let left = tokens.expires_at - world.clock.now_ms();
    assert!((HOUR_MS..=2 * HOUR_MS).contains(&left) && tokens.refresh.is_some(), "{left}");
    // A second account, and the first one again: two rows.
    world.connect_to(Network::X, "socrazi_second").await;
    world.connect().await;
    let mut handles: Vec<_> = world.accounts_on(Network::X).await.into_iter().map(|account| account.handle).collect();
    handles.sort();
    assert_eq!(handles, ["socrazi_demo", "socrazi_second"]);
    let page = world.page("/accounts").await;
    assert!(page.contains("@socrazi_second") && page.contains("action=\"/connect/x\""), "{page}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_and_whatever_goes_wrong_while_connecting_is_told_apart() {
    let world = World::on(Engine::Sqlite, Vec::new()).await;
    let finish =
        async |query: &[(String, String)]| match world.app.connect_finish(&world.person, Network::X, query).await {
            Err(ToolError::Refused(why)) => why.key.clone(),
            other => panic!("{other:?}"),
        };
    // The code is spent by a call whose answer is lost: it is not asked again.
    for kind in [FaultKind::ResetAfter, FaultKind::StatusAfter { status: 503, body: String::new() }] {
        world.sim.set_faults(vec![Fault::once("POST", TOKEN, kind)]);
        let before = calls(&world, "POST", TOKEN);
        assert_eq!(finish(&world.consent(Network::X, "").await).await, "connect-failed");
        assert_eq!(calls(&world, "POST", TOKEN) - before, 1);
    }
    let with = async |name: &str, value: &str| {
        let mut query = world.consent(Network::X, "").await;
        query.retain(|(name, _)| name == "state");
        query.push((name.into(), value.into()));
        query
    };
    assert_eq!(finish(&with("error", "access_denied").await).await, "connect-denied");
    assert_eq!(finish(&with("code", "made-up").await).await, "connect-failed");
    let mut query = world.consent(Network::X, "").await;
    query.retain(|(name, _)| name != "state");
    assert_eq!(finish(&query).await, "connect-state-dead");
    let accounts = world.accounts_on(Network::X).await;
    assert_eq!((accounts.len(), accounts[0].health), (1, Health::Fine));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_whether_the_app_is_known() {
    let mut world = World::on(Engine::Sqlite, Vec::new()).await;
    let of_x = |found: Vec<(Network, Result<(), TokenFault>)>| {
        found.into_iter().find(|(network, _)| *network == Network::X).unwrap().1
    };
    assert_eq!(of_x(world.app.check_networks().await), Ok(()));
    world.set("x.client_secret", "another".to_owned());
    world.reopen().await;
    let found = of_x(world.app.check_networks().await);
    assert!(matches!(found, Err(TokenFault::Misconfigured(_))), "{found:?}");
    world.end().await;
}

async fn fifty_callers_at_once_in_two_processes_cause_one_refresh(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    world.pass(3 * HOUR_MS);
    let account = world.accounts_on(Network::X).await.remove(0);
    let until = world.clock.now_ms() + HOUR_MS;
    fifty_callers_cause_one_refresh(&world, (&account, until), || calls(&world, "POST", TOKEN)).await;
    world.end().await;
}

async fn a_refresh_whose_answer_is_lost_is_told_and_not_tried_again(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    for n in 0..3 {
        world.pass(3 * HOUR_MS);
        let before = calls(&world, "POST", TOKEN);
        let post = send(&world, json!([{ "text": format!("with another pair {n}") }]), json!({})).await;
        until(&world, &post, "published", 1_000).await;
        assert_eq!(calls(&world, "POST", TOKEN) - before, 1);
    }
    // The answer takes the pair with it: the person is told, and the dead token is not tried.
    world.pass(3 * HOUR_MS);
    world.sim.set_faults(vec![Fault::once("POST", TOKEN, FaultKind::ResetAfter)]);
    let before = calls(&world, "POST", TOKEN);
    let post = send(&world, json!([{ "text": "after connecting again" }]), json!({})).await;
    until(&world, &post, "blocked", 1_000).await;
    let account = world.accounts_on(Network::X).await.remove(0);
    assert_eq!((account.health, calls(&world, "POST", TOKEN) - before), (Health::NeedsReconnecting, 1));
    let notices = world.app.notices(&world.person).await.unwrap();
    assert!(notices.iter().any(|notice| notice.what.key == "notice-ended"), "{notices:?}");
    world.sim.set_faults(Vec::new());
    // Whoever asks later, with an account that was read before or after, spends nothing and tells nothing again.
    let spent = calls(&world, "POST", TOKEN);
    for health in [Health::Fine, Health::NeedsReconnecting, Health::Fine] {
        world.pass(60_000);
        let seen = Account { health, ..account.clone() };
        world.app.hold_token(&seen, world.clock.now_ms() + HOUR_MS).await.unwrap_err();
    }
    let notices = world.app.notices(&world.person).await.unwrap();
    let told = notices.iter().filter(|notice| notice.what.key == "notice-ended").count();
    assert_eq!((calls(&world, "POST", TOKEN) - spent, told), (0, 1));
    world.connect().await;
    until(&world, &post, "published", 1_000).await;
    assert_eq!(world.sim.ledger().len(), 4);
    world.end().await;
}
