//! What tools may change: nothing when they only try, nothing but a question without a permission, and what a person is told when the
//! network does not answer.

use serde_json::{Value, json};
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::tool::{Effect, ToolError, ToolOutcome};
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine, Rows, on_both};
use crate::world::World;

on_both!(
    a_dry_run_says_so_and_stores_nothing,
    without_a_permission_a_tool_leaves_nothing_but_one_question,
    whoever_disconnects_is_told_when_the_network_did_not_confirm,
);

/// A draft, something scheduled, something published, something withdrawn.
struct Posts {
    draft: Value,
    scheduled: Value,
    published: Value,
    withdrawn: Value,
}

async fn posts(world: &World) -> Posts {
    let (draft, withdrawn) = (world.draft("a draft").await, world.draft("withdrawn").await);
    world.call("withdraw_post", json!({ "post": withdrawn })).await;
    let published = world.draft("is out").await;
    world.call("publish_post", json!({ "post": published })).await;
    world.until(&published, "published", 2_000).await;
    // The news of it is written a moment later, and is no effect of what is tried next.
    while !world.rows().await["notice"].iter().any(|row| row.contains("notice-published")) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Posts { draft, scheduled: world.scheduled("later").await, published, withdrawn }
}

/// A good call of every tool that writes, with what its dry run must tell.
fn calls(world: &World, posts: &Posts) -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("connect_account", json!({ "network": "x" }), "connect/x"),
        ("disconnect_account", json!({ "account": "x" }), "asked to disconnect @"),
        ("attach_media", json!({ "upload": true }), "nothing was fetched"),
        ("create_draft", json!({ "text": "only tried" }), "@"),
        ("update_draft", json!({ "post": posts.draft, "revision": 1, "text": "only tried" }), "@"),
        ("withdraw_post", json!({ "post": posts.scheduled }), "1 would be stopped"),
        ("withdraw_post", json!({ "post": posts.withdrawn, "restore": true }), "would be a draft again"),
        ("schedule_post", json!({ "post": posts.draft, "at": world.in_an_hour() }), "would be scheduled for"),
        ("publish_post", json!({ "post": posts.draft }), "could be published"),
        ("take_down_post", json!({ "post": posts.published }), "asked to take it down from @"),
        ("pause_publishing", json!({}), "1 would be stopped"),
        ("pause_publishing", json!({ "resume": true }), "asked to let it go on"),
        ("forget_history", json!({ "all": true }), "would be asked"),
    ]
}

async fn outcome(world: &World, caller: &Caller, tool: &str, arguments: Value) -> ToolOutcome {
    match world.app.call_tool(caller, tool, arguments.clone()).await {
        Ok(outcome) => outcome,
        Err(error) => panic!("{tool} {arguments}: {error:?}"),
    }
}

/// What stands in one of them and not in the other, by table.
fn changed(before: &Rows, after: &Rows) -> Vec<(String, usize)> {
    // The rehearsal of the coming day goes by its own hour; that the first post is out is told a moment later, which its notice says.
    let is_own = |row: &&String| !["notice-rehearsal", "notice-published"].iter().any(|key| row.contains(key));
    let difference = |table: &String| {
        let more = after[table].iter().filter(is_own).filter(|row| !before[table].contains(row)).count();
        let less = before[table].iter().filter(is_own).filter(|row| !after[table].contains(row)).count();
        (table.clone(), more.max(less))
    };
    before.keys().map(difference).filter(|(_, count)| *count > 0).collect()
}

async fn a_dry_run_says_so_and_stores_nothing(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let posts = posts(&world).await;
    // Something else waits for the person: a dry run must not speak of it.
    let modest = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    outcome(&world, &modest, "schedule_post", json!({ "post": posts.draft, "at": world.in_an_hour() })).await;
    let calls = calls(&world, &posts);
    let before = world.rows().await;
    for (tool, mut arguments, told) in calls.clone() {
        arguments["dry_run"] = json!(true);
        arguments["idempotency_key"] = json!("tried");
        let outcome = outcome(&world, &world.assistant, tool, arguments.clone()).await;
        assert!(outcome.text.starts_with("Dry run: nothing was stored."), "{tool}: {}", outcome.text);
        assert!(outcome.text.contains(told), "{tool}: {told:?} is not in {}", outcome.text);
        assert!(!outcome.text.contains("approvals/") && outcome.waiting.is_empty(), "{tool}: {}", outcome.text);
        if tool == "create_draft" {
            let post = &outcome.structured["post"];
            assert!(post.get("id").is_none() && post.get("url").is_none(), "an id of nothing: {post}");
            assert!(!outcome.text.contains("post_"), "{}", outcome.text);
        }
        let changed = changed(&before, &world.rows().await);
        assert!(changed.is_empty(), "{tool} {arguments}: {changed:?} {:?}", world.rows().await["notice"]);
    }
    for spec in world.app.toolbox().iter().filter(|spec| spec.effect != Effect::Reads) {
        assert!(calls.iter().any(|(tool, ..)| *tool == spec.name), "{} is not tried here", spec.name);
    }
    // A dry run refuses what the call would refuse.
    for (tool, arguments, key) in [
        ("update_draft", json!({ "post": posts.draft, "revision": 9, "text": "x" }), "post-revision-ahead"),
        ("create_draft", json!({}), "post-text-missing"),
        ("withdraw_post", json!({ "post": posts.published }), "post-nothing-to-withdraw"),
        ("withdraw_post", json!({ "post": posts.draft, "restore": true }), "post-nothing-to-restore"),
        ("take_down_post", json!({ "post": posts.draft }), "take-down-nothing"),
    ] {
        let mut dry = arguments.clone();
        dry["dry_run"] = json!(true);
        assert_eq!(world.refused(tool, dry).await, key, "{tool}");
        assert_eq!(world.refused(tool, arguments).await, key, "{tool}");
    }
    world.end().await;
}

async fn without_a_permission_a_tool_leaves_nothing_but_one_question(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let posts = posts(&world).await;
    let modest = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let calls = calls(&world, &posts);
    for spec in world.app.toolbox() {
        if matches!(spec.effect, Effect::Reads | Effect::Drafts | Effect::Connects) {
            continue;
        }
        let Some((_, arguments, _)) = calls.iter().find(|(tool, ..)| *tool == spec.name) else {
            panic!("{} is not called here", spec.name)
        };
        let before = world.rows().await;
        let outcome = outcome(&world, &modest, spec.name, arguments.clone()).await;
        assert!(!outcome.waiting.is_empty(), "{}: {}", spec.name, outcome.text);
        let after = world.rows().await;
        let mut changed = changed(&before, &after);
        // Asked again about the same post, the older question gives way.
        changed.retain(|(table, _)| table != "audit");
        assert_eq!(changed.len(), 1, "{}: {changed:?}", spec.name);
        assert_eq!(changed[0].0, "approval", "{}: {changed:?}", spec.name);
        assert_eq!(after["approval"].len(), before["approval"].len() + 1, "{}", spec.name);
    }
    // Connecting stores nothing at all before the person's own browser begins.
    let before = world.rows().await;
    outcome(&world, &modest, "connect_account", json!({ "network": "x" })).await;
    assert_eq!(changed(&before, &world.rows().await), Vec::new());
    world.end().await;
}

async fn whoever_disconnects_is_told_when_the_network_did_not_confirm(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let account = world.app.list_accounts(&world.person).await.unwrap()[0].account.id.clone();
    let unavailable = FaultKind::Status { status: 503, body: String::new(), headers: Default::default() };
    world.sim.set_faults(vec![Fault::once("POST", "/2/oauth2/revoke", unavailable).times(2)]);
    world.app.disconnect(&world.person, &account).await.unwrap();
    let told = async || {
        let notices = world.app.notices(&world.person).await.unwrap().into_iter();
        notices.filter(|notice| notice.what.key == "notice-revoke-unconfirmed-x").count()
    };
    assert_eq!(told().await, 1);
    assert!(world.app.store().find_tokens(&account).await.unwrap().is_none(), "destroyed here all the same");
    // Confirmed, nothing is left to be done by hand.
    world.connect().await;
    world.app.disconnect(&world.person, &account).await.unwrap();
    assert_eq!(told().await, 1);
    assert!(matches!(
        world.app.call_tool(&world.assistant, "disconnect_account", json!({ "account": "x" })).await,
        Err(ToolError::Refused(_))
    ));
    world.end().await;
}
