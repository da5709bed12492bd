//! Refresh tokens: one successor for whoever lost the answer or asked fifty times at once, and an end for whatever two hold.

use std::collections::BTreeSet;

use super::*;
use crate::databases::on_both;

on_both!(
    whoever_lost_the_answer_or_raced_gets_the_one_successor,
    a_refresh_token_used_later_or_after_its_successor_ends_the_family,
    refreshing_never_raises_the_scopes_and_may_narrow_them,
    a_refresh_token_is_its_programs_alone_and_does_not_live_for_ever
);

async fn whoever_lost_the_answer_or_raced_gets_the_one_successor(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let first = let_in(&world, &id, &["read", "draft"]).await;
    let answers = futures::future::join_all((0..50).map(|_| refresh(&world, &id, &first.refresh))).await;
    let all: BTreeSet<_> = answers.iter().map(held).map(|held| (held.access, held.refresh)).collect();
    assert_eq!(all.len(), 1, "more than one successor");
    let (access, next) = all.into_iter().next().unwrap();
    world.pass(59_000);
    let again = held(&refresh(&world, &id, &first.refresh).await);
    assert_eq!((&again.access, &again.refresh), (&access, &next));
    assert_eq!(may(&world, &access).await, 200);
    held(&refresh(&world, &id, &next).await);
    world.end().await;
}

async fn a_refresh_token_used_later_or_after_its_successor_ends_the_family(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let first = let_in(&world, &id, &["read"]).await;
    let second = held(&refresh(&world, &id, &first.refresh).await);
    world.pass(60_001);
    assert_eq!(refresh(&world, &id, &first.refresh).await.fault(), (400, "invalid_grant".into()));
    assert_eq!((may(&world, &first.access).await, may(&world, &second.access).await), (401, 401));
    assert_eq!(refresh(&world, &id, &second.refresh).await.fault(), (400, "invalid_grant".into()));
    assert!(world.app.connected_apps(&world.person).await.unwrap().is_empty());
    // Inside the window, but somebody went on with the successor already.
    let first = let_in(&world, &id, &["read"]).await;
    let second = held(&refresh(&world, &id, &first.refresh).await);
    let third = held(&refresh(&world, &id, &second.refresh).await);
    assert_eq!(refresh(&world, &id, &first.refresh).await.fault(), (400, "invalid_grant".into()));
    assert_eq!(may(&world, &third.access).await, 401);
    world.end().await;
}

async fn refreshing_never_raises_the_scopes_and_may_narrow_them(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let first = let_in(&world, &id, &["read", "draft"]).await;
    let ask_for = async |token: &str, scope: &str| {
        let pairs = [("grant_type", "refresh_token"), ("client_id", &id), ("refresh_token", token), ("scope", scope)];
        form(&world, "/oauth/token", &pairs).await
    };
    for wider in
        ["posts:publish", "posts:read posts:schedule", "history:read", "everything", "posts:draft history:read"]
    {
        assert_eq!(ask_for(&first.refresh, wider).await.fault(), (400, "invalid_scope".into()), "{wider}");
    }
    let narrow = held(&ask_for(&first.refresh, "posts:read").await);
    assert_eq!(narrow.scope, "posts:read");
    let refused = tool(&world, &narrow.access, "create_draft", json!({ "text": "x" })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // The refresh token keeps what the person allowed.
    let whole = held(&refresh(&world, &id, &narrow.refresh).await);
    assert_eq!(whole.scope, "posts:read posts:draft");
    let elsewhere = [
        ("grant_type", "refresh_token"),
        ("client_id", id.as_str()),
        ("refresh_token", &whole.refresh),
        ("resource", "https://other.example/mcp"),
    ];
    assert_eq!(form(&world, "/oauth/token", &elsewhere).await.fault(), (400, "invalid_target".into()));
    held(&refresh(&world, &id, &whole.refresh).await);
    world.end().await;
}

async fn a_refresh_token_is_its_programs_alone_and_does_not_live_for_ever(engine: Engine) {
    let world = world(engine).await;
    let (id, other) = (program(&world).await, program(&world).await);
    let first = let_in(&world, &id, &["read"]).await;
    assert_eq!(refresh(&world, &other, &first.refresh).await.fault(), (400, "invalid_grant".into()));
    let revoked = form(&world, "/oauth/revoke", &[("client_id", &other), ("token", &first.refresh)]).await;
    assert_eq!(revoked.status, StatusCode::BAD_REQUEST);
    for nonsense in ["", "sor_", &first.access, "sor_x"] {
        assert_eq!(refresh(&world, &id, nonsense).await.fault(), (400, "invalid_grant".into()), "{nonsense}");
    }
    assert_eq!(may(&world, &first.access).await, 200);
    world.pass(90 * 24 * 3_600_000 + 1);
    assert_eq!(refresh(&world, &id, &first.refresh).await.fault(), (400, "invalid_grant".into()));
    world.end().await;
}
