//! A program that was let in for some accounts, and what it could do to the others without naming them.

use socrazi::app::Verdict;
use socrazi::domain::caller::Caller;
use socrazi::domain::ids::AccountId;
use socrazi::domain::tool::ToolError;

use super::*;
use crate::databases::on_both;

on_both!(a_program_let_in_for_some_accounts_pauses_no_others);

async fn a_program_let_in_for_some_accounts_pauses_no_others(engine: Engine) {
    let world = world(engine).await;
    world.connect_to(socrazi::domain::network::Network::X, "socrazi_second").await;
    let accounts = world.app.list_accounts(&world.person).await.unwrap();
    let ids: Vec<AccountId> = accounts.iter().map(|view| view.account.id.clone()).collect();
    assert_eq!(ids.len(), 2);
    let write = json!({ "text": "hello", "accounts": [ids[1]] });
    let post = world.call("create_draft", write).await["post"]["id"].clone();
    world.call("schedule_post", json!({ "post": post, "at": world.in_an_hour() })).await;
    let within =
        |ids: &[AccountId]| Caller { accounts: Some(ids.iter().cloned().collect()), ..world.assistant.clone() };
    let paused = async || {
        let accounts = world.app.list_accounts(&world.person).await.unwrap();
        accounts.iter().map(|view| view.paused).collect::<Vec<_>>()
    };
    // Several are named one by one; dry or in earnest, to stop or to go on.
    for more in [json!({}), json!({ "dry_run": true }), json!({ "resume": true })] {
        match world.app.call_tool(&within(&ids), "pause_publishing", more.clone()).await {
            Err(ToolError::Refused(sentence)) => assert_eq!(sentence.key, "pause-which", "{more}"),
            other => panic!("{more}: {other:?}"),
        }
    }
    // With one, everything is that one.
    let first = within(&ids[..1]);
    let done = world.app.call_tool(&first, "pause_publishing", json!({})).await.unwrap();
    assert_eq!(done.structured["stopped"], 0, "somebody else's delivery was stopped");
    assert_eq!(paused().await, [true, false]);
    assert_eq!(world.app.store().find_workspace_pause(&world.person.workspace).await.unwrap(), None);
    let asked = world.app.call_tool(&first, "pause_publishing", json!({ "resume": true })).await.unwrap();
    let hash = world.app.read_approval(&world.person, &asked.waiting[0]).await.unwrap().approval.hash;
    world.app.decide(&world.person, &asked.waiting[0], &hash, Verdict::Approve).await.unwrap();
    assert_eq!(paused().await, [false, false]);
    world.end().await;
}
