//! Fifty callers in two processes who need a token at the same time cause one refresh, whatever the network: one of them spends the older token, and
//! all of them have the newer one.

use std::sync::Arc;

use socrazi::app::App;
use socrazi::domain::account::{Account, Health};

use crate::world::World;

/// How many ask at once.
const CALLERS: usize = 50;

/// An account whose token does not last until an instant, and how often it was refreshed so far.
pub(crate) async fn fifty_callers_cause_one_refresh(
    world: &World,
    (account, until): (&Account, i64),
    refreshes: impl Fn() -> u64,
) {
    let other = world.beside().await;
    fifty_callers_of(&[world.app.clone(), other.clone()], (account, until), refreshes).await;
    let found = world.accounts_on(account.network).await.into_iter().find(|one| one.id == account.id).unwrap();
    assert_eq!(found.health, Health::Fine);
    other.close().await;
}

/// The same among these processes.
pub(crate) async fn fifty_callers_of(
    apps: &[Arc<App>],
    (account, until): (&Account, i64),
    refreshes: impl Fn() -> u64,
) {
    let before = refreshes();
    // All of them stand ready before the first one asks.
    let ready = Arc::new(tokio::sync::Barrier::new(CALLERS));
    let mut callers = tokio::task::JoinSet::new();
    for n in 0..CALLERS {
        let (app, account, ready) = (apps[n % apps.len()].clone(), account.clone(), ready.clone());
        callers.spawn(async move {
            ready.wait().await;
            app.hold_token(&account, until).await
        });
    }
    let held = callers.join_all().await;
    assert!(held.iter().all(|one| *one == Ok(2)), "the first does for nobody, and nobody needs a third: {held:?}");
    assert_eq!(refreshes() - before, 1, "refreshed once");
    // Whoever comes later finds what they left.
    for app in apps {
        assert_eq!(app.hold_token(account, until).await, Ok(2));
    }
    assert_eq!(refreshes() - before, 1);
}
