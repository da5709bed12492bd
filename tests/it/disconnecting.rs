//! Disconnecting to its end: a yes whose process dies, a death after our copies are gone, a network that does not answer, and connecting again in
//! between. Nothing stays half done, and nothing of a token is readable meanwhile.

use std::time::Duration;

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::domain::account::{Health, Revoked};
use socrazi::domain::approval::Decision;
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::ids::{AccountId, ApprovalId};
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine, on_both};
use crate::world::World;

const REVOKE: &str = "/2/oauth2/revoke";
const HOUR_MS: i64 = 3_600_000;

on_both!(
    a_death_after_our_copies_are_gone_leaves_what_revoking_takes_sealed_and_the_next_process_ends_it,
    a_network_that_does_not_answer_is_asked_again_and_the_person_hears_when_it_confirms,
    what_is_never_confirmed_is_given_up_after_a_day_and_told_once,
    connecting_again_ends_what_was_left_of_the_old_connection,
    whoever_leaves_is_told_of_what_was_disconnected_before_and_never_confirmed,
);

fn revocations(world: &World) -> u64 {
    world.sim.calls().iter().filter(|call| call.path == REVOKE).map(|call| call.arrived).sum()
}

fn away(times: u32) -> Vec<Fault> {
    let kind = FaultKind::Status { status: 503, body: String::new(), headers: Default::default() };
    vec![Fault::once("POST", REVOKE, kind).times(times)]
}

async fn account(world: &World) -> AccountId {
    world.accounts_on(Network::X).await.remove(0).id
}

/// Keys of what the person was told of disconnecting, sorted.
async fn told(world: &World) -> Vec<String> {
    let notices = world.app.notices(&world.person).await.unwrap().into_iter().map(|notice| notice.what.key);
    let mut keys: Vec<_> =
        notices.filter(|key| key == "notice-disconnected" || key.starts_with("notice-revoke-")).collect();
    keys.sort();
    keys
}

/// One argument of the sentence that says what disconnecting came to.
async fn said(world: &World, argument: &str) -> String {
    let notices = world.app.notices(&world.person).await.unwrap();
    let what = notices.into_iter().find(|notice| notice.what.key == "notice-disconnected").unwrap().what;
    format!("{:?}", what.args.into_iter().find(|(name, _)| name == argument).unwrap().1)
}

async fn waiting(world: &World) -> Vec<String> {
    world.rows().await["disconnection"].clone()
}

async fn is_gone(world: &World, id: &AccountId, post: &Value) {
    assert_eq!(world.accounts_on(Network::X).await[0].health, Health::Disconnected);
    assert!(world.app.store().find_tokens(id).await.unwrap().is_none());
    assert_eq!(world.delivery(post).await["state"], "cancelled");
    assert_eq!(waiting(world).await, Vec::<String>::new(), "what revoking took is destroyed");
}

async fn a_death_after_our_copies_are_gone_leaves_what_revoking_takes_sealed_and_the_next_process_ends_it(
    engine: Engine,
) {
    let mut world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("never").await;
    let id = account(&world).await;
    // It dies while X does not answer: nobody hears whether it was revoked.
    world.sim.set_faults(vec![Fault::once("POST", REVOKE, FaultKind::HangBefore)]);
    let (app, person, of) = (world.app.clone(), world.person.clone(), id.clone());
    let dying = tokio::spawn(async move { app.disconnect(&person, &of).await });
    for _ in 0..1_000 {
        if revocations(&world) > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());
    assert!(world.app.store().find_tokens(&id).await.unwrap().is_none(), "nothing is published with it any more");
    assert_eq!((waiting(&world).await.len(), told(&world).await.len()), (1, 0));
    world.sim.set_faults(Vec::new());
    let before = revocations(&world);
    world.reopen().await;
    // At start where it is alone; where others might be at it, when its lease is over.
    world.app.store().release_disconnections().await.unwrap();
    world.pass(200_000);
    world.app.go_on_disconnecting().await.unwrap();
    assert_eq!(revocations(&world) - before, 2, "access and refresh token");
    assert_eq!(told(&world).await, ["notice-disconnected"]);
    assert_eq!(
        (said(&world, "revoked").await, said(&world, "count").await),
        (r#"Text("yes")"#.into(), "Number(1)".into())
    );
    is_gone(&world, &id, &post).await;
    world.end().await;
}

async fn a_network_that_does_not_answer_is_asked_again_and_the_person_hears_when_it_confirms(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let posts = [world.scheduled("one").await, world.scheduled("two").await];
    let id = account(&world).await;
    world.sim.set_faults(away(4));
    let done = world.app.disconnect(&world.person, &id).await.unwrap();
    assert_eq!((done.revoked, done.withdrawn), (Revoked::Later, 2));
    assert_eq!(told(&world).await, ["notice-disconnected", "notice-revoke-unconfirmed-x"]);
    assert_eq!(
        (said(&world, "revoked").await, said(&world, "count").await),
        (r#"Text("later")"#.into(), "Number(2)".into())
    );
    let page = world.page("/accounts?told=1").await;
    assert!(page.contains("2 scheduled posts were withdrawn") && page.contains("has not confirmed yet"), "{page}");
    assert!(!world.page("/accounts").await.contains("were withdrawn"));
    // Not before its time; then still away; then it confirms.
    world.app.go_on_disconnecting().await.unwrap();
    assert_eq!(revocations(&world), 2);
    world.pass(61_000);
    world.app.go_on_disconnecting().await.unwrap();
    assert_eq!((revocations(&world), waiting(&world).await.len()), (4, 1));
    world.pass(HOUR_MS);
    world.app.go_on_disconnecting().await.unwrap();
    let all = ["notice-disconnected", "notice-revoke-confirmed", "notice-revoke-unconfirmed-x"];
    assert_eq!((revocations(&world), told(&world).await), (6, all.map(str::to_owned).to_vec()));
    for post in &posts {
        is_gone(&world, &id, post).await;
    }
    world.end().await;
}

async fn what_is_never_confirmed_is_given_up_after_a_day_and_told_once(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let post = world.scheduled("never").await;
    let id = account(&world).await;
    world.sim.set_faults(away(1_000));
    world.app.disconnect(&world.person, &id).await.unwrap();
    for _ in 0..40 {
        world.pass(HOUR_MS + 1_000);
        world.app.go_on_disconnecting().await.unwrap();
    }
    // At once, after one minute, five and fifteen (all within the first hour's looks), then each hour of a day: two tokens each time.
    assert_eq!(revocations(&world), 48);
    assert_eq!(told(&world).await, ["notice-disconnected", "notice-revoke-unconfirmed-x"]);
    is_gone(&world, &id, &post).await;
    world.sim.set_faults(Vec::new());
    world.end().await;
}

async fn connecting_again_ends_what_was_left_of_the_old_connection(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let id = account(&world).await;
    world.sim.set_faults(away(2));
    world.app.disconnect(&world.person, &id).await.unwrap();
    assert_eq!(waiting(&world).await.len(), 1);
    world.connect().await;
    let asked = revocations(&world);
    world.pass(HOUR_MS);
    world.app.go_on_disconnecting().await.unwrap();
    assert_eq!((revocations(&world), waiting(&world).await.len()), (asked, 0), "it would end what is connected now");
    assert_eq!(world.accounts_on(Network::X).await[0].health, Health::Fine);
    let post = world.scheduled("still goes out").await;
    world.until(&post, "published", 60_000).await;
    world.end().await;
}

/// The question that the assistant has put, and its hash.
async fn asked(world: &World) -> (ApprovalId, String) {
    let asked = world.call("disconnect_account", json!({ "account": "x" })).await;
    let id: ApprovalId = asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    (id, hash)
}

/// A process that is struck dead right behind the yes: the place is named in the code, and what goes on there never ends.
#[cfg(feature = "failpoints")]
mod struck {
    use super::*;
    use crate::world::dies_at;

    on_both!(a_yes_whose_process_dies_before_the_act_is_carried_out_by_the_next);

    async fn a_yes_whose_process_dies_before_the_act_is_carried_out_by_the_next(engine: Engine) {
        let mut world = World::on(engine, Vec::new()).await;
        let post = world.scheduled("never").await;
        let id = account(&world).await;
        let (approval, hash) = asked(&world).await;
        let (app, person, of, by) = (world.app.clone(), world.person.clone(), approval.clone(), hash.clone());
        dies_at("F14", async move { app.decide(&person, &of, &by, Verdict::Approve).await.map(drop) }).await;
        assert_eq!(waiting(&world).await.len(), 1);
        // Agreed, nothing done, and the same yes cannot be given again.
        assert_eq!(world.accounts_on(Network::X).await[0].health, Health::Fine);
        let again = world.app.decide(&world.person, &approval, &hash, Verdict::Approve).await;
        assert!(matches!(&again, Err(ToolError::Refused(why)) if why.key == "approval-decided"), "{again:?}");
        assert_eq!(revocations(&world), 0);
        world.reopen().await;
        world.app.store().release_disconnections().await.unwrap();
        world.pass(61_000);
        world.app.go_on_disconnecting().await.unwrap();
        assert_eq!((revocations(&world), told(&world).await), (2, vec!["notice-disconnected".to_owned()]));
        is_gone(&world, &id, &post).await;
        world.end().await;
    }
}

/// Without a death the yes does it at once, and leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_yes_disconnects_at_once_and_leaves_nothing_to_be_done() {
    let world = World::new().await;
    let post = world.scheduled("never").await;
    let id = account(&world).await;
    let (approval, hash) = asked(&world).await;
    world.app.decide(&world.person, &approval, &hash, Verdict::Approve).await.unwrap();
    assert_eq!((revocations(&world), told(&world).await), (2, vec!["notice-disconnected".to_owned()]));
    is_gone(&world, &id, &post).await;
    world.end().await;
}

async fn whoever_leaves_is_told_of_what_was_disconnected_before_and_never_confirmed(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (id, user) = (account(&world).await, world.person.user.clone());
    world.sim.set_faults(away(1_000));
    assert_eq!(world.app.disconnect(&world.person, &id).await.unwrap().revoked, Revoked::Later);
    let before = revocations(&world);
    let gone = world.app.delete_user(&user).await.unwrap();
    assert_eq!(gone.unconfirmed.len(), 1, "{gone:?}");
    assert!(revocations(&world) > before, "the network is asked once more while something is left to ask with");
    world.end().await;
}

/// What waits for an answer about an account that is let go can come to nothing any more: it is closed with it, and says why.
#[tokio::test(flavor = "multi_thread")]
async fn questions_that_wait_about_an_account_are_closed_with_it_and_say_why() {
    let world = World::new().await;
    let drafts = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let ask = async |tool: &str, arguments: Value| {
        world.app.call_tool(&drafts, tool, arguments).await.unwrap().waiting[0].clone()
    };
    let (one, two, three) = (world.draft("one").await, world.draft("two").await, world.draft("three").await);
    let alone = ask("publish_post", json!({ "post": one })).await;
    let plan = json!([{ "post": two, "at": world.in_an_hour() }, { "post": three, "at": world.in_an_hour() }]);
    let plan = ask("schedule_post", json!({ "plan": plan })).await;
    let other = ask("forget_history", json!({ "all": true })).await;
    let title = world.app.read_approval(&world.person, &alone).await.unwrap();
    let title = world.app.words().say(socrazi::domain::lang::Lang::En, &title.what);
    assert_eq!(title, "Publish now on @socrazi_demo (X)", "with its network");
    let id = account(&world).await;
    world.app.disconnect(&world.person, &id).await.unwrap();
    let open: Vec<_> =
        world.app.list_waiting(&world.person).await.unwrap().into_iter().map(|view| view.approval.id).collect();
    assert_eq!(open, [other], "what is about something else waits on");
    for closed in [&alone, &plan] {
        let view = world.app.read_approval(&world.person, closed).await.unwrap();
        assert_eq!(view.approval.decision, Decision::Void);
        let refused = world.app.decide(&world.person, closed, &view.approval.hash, Verdict::Approve).await;
        assert!(matches!(&refused, Err(ToolError::Refused(why)) if why.key == "approval-void-account"), "{refused:?}");
        let page = world.page(&format!("/approvals/{closed}")).await;
        assert!(page.contains("Closed: what it was about") && !page.contains("value=\"approve\""), "{page}");
    }
    let page = world.page(&format!("/approvals/{alone}")).await;
    assert!(page.contains("was disconnected before anybody answered"), "{page}");
    let told = world.app.notices(&world.person).await.unwrap();
    assert_eq!(told.iter().filter(|notice| notice.what.key == "notice-approvals-void").count(), 1);
    // What was drafted is a draft again.
    assert_eq!(world.call("get_post", json!({ "post": one })).await["post"]["status"], "draft");
    world.end().await;
}
