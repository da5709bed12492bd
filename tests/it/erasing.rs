//! Drafts and posts that a person lets go for good: rows, media and what lies between them, and nothing of anybody else's.

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::domain::tool::ToolError;

use crate::databases::{Engine, on_both};
use crate::media::geotagged;
use crate::world::World;

on_both!(
    a_post_that_is_forgotten_leaves_no_byte_behind,
    a_span_of_posts_goes_and_what_is_going_out_stays,
    a_medium_has_a_life_of_its_own_until_its_person_ends_it,
);

const CANARY: &str = "canary-of-a-draft";

/// A picture of the person's own; its alternative text is looked for later.
async fn picture(world: &World, alt: &str) -> String {
    let mut file = world.app.upload_begin().await.unwrap();
    file.write(&geotagged()).await.unwrap();
    world.app.keep_media(&world.person, file, Some(alt.into())).await.unwrap().id.to_string()
}

/// Asks, agrees, and tells what came of it.
async fn forget(world: &World, arguments: Value) -> Result<String, ToolError> {
    let waiting = world.app.call_tool(&world.assistant, "forget_history", arguments).await?.waiting.remove(0);
    let view = world.app.read_approval(&world.person, &waiting).await.unwrap();
    let shown = world.app.words().say(socrazi::domain::lang::Lang::En, &view.what);
    world.app.decide(&world.person, &waiting, &view.approval.hash, Verdict::Approve).await.map(|_| shown)
}

/// Where a text stands: tables, and on SQLite any file of the data folder.
async fn places(world: &World, needle: &str) -> Vec<String> {
    let rows = world.rows().await;
    let mut found: Vec<String> = rows
        .iter()
        .filter(|(_, rows)| rows.iter().any(|row| row.contains(needle)))
        .map(|(table, _)| table.to_string())
        .collect();
    for entry in std::fs::read_dir(world.folder.path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        if bytes.windows(needle.len()).any(|window| window == needle.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn files(world: &World) -> usize {
    std::fs::read_dir(world.folder.path().join("data/media")).unwrap().count()
}

async fn a_post_that_is_forgotten_leaves_no_byte_behind(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (own, shared) = (picture(&world, CANARY).await, picture(&world, "shared").await);
    // Another text for the same bytes, which no post uses.
    world.call("attach_media", json!({ "media": own, "alt": format!("{CANARY}, again") })).await;
    let other = world.call("create_draft", json!({ "segments": [{ "text": "Stays", "media": [shared] }] })).await;
    let draft = json!({ "segments": [{ "text": CANARY, "media": [own, shared] }], "idempotency_key": "once" });
    let post = world.call("create_draft", draft).await["post"]["id"].clone();
    let edit =
        json!({ "post": post, "revision": 1, "segments": [{ "text": format!("{CANARY}, changed"), "media": [own] }] });
    world.call("update_draft", edit).await;
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    assert!(places(&world, CANARY).await.len() >= 3 && files(&world) == 3);

    // A dry run and a no leave it; an id that is not there is said now.
    world.call("forget_history", json!({ "post": post, "dry_run": true })).await;
    assert_eq!(
        world.refused("forget_history", json!({ "post": "post_01ARZ3NDEKTSV4RRFFQ69G5FAA" })).await,
        "post-not-found"
    );
    assert_eq!(world.refused("forget_history", json!({ "post": post, "all": true })).await, "forget-what");
    let shown = forget(&world, json!({ "post": post })).await.unwrap();
    assert!(shown.contains(CANARY), "the person is not told which post goes: {shown}");
    assert_eq!(places(&world, CANARY).await, Vec::<String>::new());
    assert_eq!(places(&world, post.as_str().unwrap()).await.iter().filter(|place| *place == "post").count(), 0);
    assert_eq!(files(&world), 1, "the shared picture stays, its own two files go");
    assert_eq!(world.refused("get_post", json!({ "post": post })).await, "post-not-found");
    // What is out stays out, and what used the other picture can still go out.
    assert_eq!(world.sim.ledger().len(), 1);
    let other = other["post"]["id"].clone();
    world.call("publish_post", json!({ "post": other })).await;
    world.until(&other, "published", 2_000).await;
    world.end().await;
}

async fn a_span_of_posts_goes_and_what_is_going_out_stays(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let old = world.draft(CANARY).await;
    let unused = picture(&world, CANARY).await;
    world.pass(2 * 24 * 3_600_000);
    let (new, scheduled) = (world.draft("new").await, world.scheduled("scheduled").await);
    // Words and days as the person says them.
    let shown = forget(&world, json!({ "from": "3 days ago", "until": "yesterday", "posts": true })).await.unwrap();
    assert!(shown.contains("1 draft or post"), "{shown}");
    assert_eq!(world.refused("get_post", json!({ "post": old })).await, "post-not-found");
    assert_eq!(places(&world, CANARY).await, Vec::<String>::new(), "{unused}");
    world.call("get_post", json!({ "post": new })).await;
    assert_eq!(world.refused("forget_history", json!({ "from": "tomorrow" })).await, "forget-time-unreadable");
    // Everything: what was scheduled is gone with it and never goes out.
    forget(&world, json!({ "all": true, "posts": true })).await.unwrap();
    world.refused("get_post", json!({ "post": scheduled })).await;
    world.pass(2 * 3_600_000);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(world.sent(), 0);
    // Something whose outcome is being looked for stays, and the question can be answered again.
    let fault = socrazi_sim::Fault::once("POST", "/2/tweets", socrazi_sim::FaultKind::SlowAfterMs(3_000));
    world.sim.set_faults(vec![fault]);
    let going = world.draft("going out").await;
    world.call("publish_post", json!({ "post": going })).await;
    world.pass(60_000);
    crate::serving::until("the request", async || {
        world.pass(1_000);
        (world.sim.ledger().len() == 1).then_some(())
    })
    .await;
    match forget(&world, json!({ "post": going })).await {
        Err(ToolError::Refused(sentence)) => assert_eq!(sentence.key, "forget-post-going-out"),
        other => panic!("{other:?}"),
    }
    world.until(&going, "published", 5_000).await;
    forget(&world, json!({ "post": going })).await.unwrap();
    world.end().await;
}

async fn a_medium_has_a_life_of_its_own_until_its_person_ends_it(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (used, unused) = (picture(&world, "shown").await, picture(&world, CANARY).await);
    let draft = world.call("create_draft", json!({ "segments": [{ "text": "Look", "media": [used] }] })).await;
    let post = draft["post"]["id"].clone();
    let edit = json!({ "post": post, "revision": 1, "text": "Without it" });
    world.call("update_draft", edit).await;
    // The newest first, each with what uses it: an older version counts, it can be brought back.
    let here = world.call("attach_media", json!({ "list": true })).await["media"].clone();
    assert_eq!((&here[0]["id"], &here[0]["used"]), (&json!(unused), &json!(0)));
    assert_eq!((&here[1]["id"], &here[1]["used"]), (&json!(used), &json!(1)));
    let older = world.call("attach_media", json!({ "list": true, "media": unused })).await["media"].clone();
    assert_eq!(older.as_array().unwrap().len(), 1);
    assert_eq!(world.refused("attach_media", json!({ "list": true, "upload": true })).await, "common-argument-wrong");
    let page = world.page("/media").await;
    assert!(page.contains(CANARY) && page.contains(&format!("/media/{unused}/forget")), "{page}");
    assert!(page.contains("In one draft or post") && !page.contains(&format!("/media/{used}/forget")), "{page}");
    // What is used is refused with a reason, at the question and, should it be taken up meanwhile, at the answer.
    assert_eq!(world.refused("forget_history", json!({ "medium": used })).await, "media-used");
    assert_eq!(world.refused("forget_history", json!({ "medium": unused, "all": true })).await, "forget-what");
    assert_eq!(world.refused("forget_history", json!({ "medium": "med_x" })).await, "media-not-found");
    assert_eq!(world.send(&format!("/media/{used}/forget"), &[]).await.0, http::StatusCode::UNPROCESSABLE_ENTITY);
    let question = world.press(&format!("/media/{unused}/forget"), &[]).await;
    assert!(world.page(&question).await.contains(CANARY), "the person is not told what goes");
    let waiting: socrazi::domain::ids::ApprovalId = question.rsplit_once('/').unwrap().1.parse().unwrap();
    let view = world.app.read_approval(&world.person, &waiting).await.unwrap();
    let taken = json!({ "segments": [{ "text": "Taken up", "media": [unused] }] });
    let taken = world.call("create_draft", taken).await["post"]["id"].clone();
    match world.app.decide(&world.person, &waiting, &view.approval.hash, Verdict::Approve).await {
        Err(ToolError::Refused(why)) => assert_eq!(why.key, "media-used"),
        other => panic!("{other:?}"),
    }
    assert_eq!(files(&world), 2);
    forget(&world, json!({ "post": taken })).await.unwrap();
    // It went with the post that alone used it; another goes by itself.
    assert_eq!(files(&world), 1);
    let alone = picture(&world, CANARY).await;
    let shown = forget(&world, json!({ "medium": alone })).await.unwrap();
    assert!(shown.contains(CANARY), "{shown}");
    assert_eq!((files(&world), places(&world, CANARY).await), (1, Vec::<String>::new()));
    assert_eq!(world.refused("forget_history", json!({ "medium": alone })).await, "media-not-found");
    assert!(world.call("attach_media", json!({ "list": true })).await["media"][0]["id"] == json!(used));
    world.end().await;
}
