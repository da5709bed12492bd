//! What the person chooses on TikTok, each time: no standing permission answers for them, and what the account does not allow is obeyed.

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::domain::ids::ApprovalId;
use socrazi::domain::tool::ToolError;
use socrazi_sim::samples::{Film, mp4};
use socrazi_sim::tiktok::{SimCreator, TikTokOptions, Tuning};
use socrazi_sim::{Fault, FaultKind};

use super::{ANA, ANA_ID, CREATOR, Scene, at_once, public};
use crate::databases::{Engine, on_both};

on_both!(
    no_standing_permission_covers_what_the_person_chooses_each_time,
    what_the_account_does_not_allow_is_obeyed_right_before_each_post,
    what_the_account_does_not_allow_is_said_before_anything_is_planned
);

async fn no_standing_permission_covers_what_the_person_chooses_each_time(engine: Engine) {
    let scene = Scene::on(engine).await;
    let world = &scene.world;
    let at = json!(world.in_an_hour());
    let choices = json!({ "made_with_ai": true, "paid_partnership": true,
        "tiktok": { "privacy": "friends", "comments": true, "own_brand": true } });
    let post = scene.draft("asked about", json!([scene.film]), choices).await;
    // An assistant with the widest permission there is, whichever way it asks.
    for (tool, arguments) in
        [("publish_post", json!({ "post": post })), ("schedule_post", json!({ "post": post, "at": at }))]
    {
        let asked = world.call(tool, arguments).await;
        let page = world.page(&format!("/approvals/{}", super::approval(&asked))).await;
        for words in [
            "On TikTok friends see it",
            "Comments: on; Duet: off; Stitch: off.",
            "promotion of your own business",
            "Labelled as made with AI",
            "Labelled as a paid partnership",
            "@socrazi_demo",
        ] {
            assert!(page.contains(words), "{tool}: {words}: {page}");
        }
        assert_eq!(world.delivery(&post).await, Value::Null, "nothing is on its way");
    }
    // With another network beside it all of it is asked about; without, the permission holds.
    let accounts = world.call("list_accounts", json!({})).await["accounts"].clone();
    let x = accounts.as_array().unwrap().iter().find(|account| account["network"] == "x").unwrap()["id"].clone();
    let small = scene.keep(&mp4(&Film { width: 640, height: 360, ..Film::default() })).await;
    let both = json!({ "segments": [{ "text": "on both", "media": [small] }], "accounts": [x, scene.account], "options": public() });
    let both = world.call("create_draft", both).await["post"]["id"].clone();
    let asked = world.call("publish_post", json!({ "post": both })).await;
    super::approval(&asked);
    let alone =
        world.call("create_draft", json!({ "text": "on X alone", "accounts": [x] })).await["post"]["id"].clone();
    let done = world.call("publish_post", json!({ "post": alone })).await;
    assert!(done["approval_url"].is_null(), "{done}");
    // A plan with one of them is asked about as a whole.
    let second =
        world.call("create_draft", json!({ "text": "second on X", "accounts": [x] })).await["post"]["id"].clone();
    let plan = json!({ "plan": [{ "post": post, "at": at }, { "post": second, "at": at }] });
    let asked = world.call("schedule_post", plan).await;
    super::approval(&asked);
    assert_eq!((world.delivery(&second).await, scene.inits()), (Value::Null, 0));
    // Another audience is another question: what was agreed to is not what would go out.
    let asked = world.call("publish_post", json!({ "post": post })).await;
    let id: ApprovalId = super::approval(&asked);
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    let revision = world.call("get_post", json!({ "post": post })).await["post"]["revision"].clone();
    let segments = json!([{ "text": "asked about", "media": [scene.film] }]);
    let wider = json!({ "post": post, "revision": revision, "segments": segments, "accounts": [scene.account], "options": public() });
    world.call("update_draft", wider).await;
    let late = world.app.decide(&world.person, &id, &hash, Verdict::Approve).await;
    assert!(late.is_err(), "{late:?}");
    assert_eq!(scene.inits(), 0);
    scene.world.until(&alone, "published", 2_000).await;
    scene.end().await;
}

async fn what_the_account_does_not_allow_is_obeyed_right_before_each_post(engine: Engine) {
    let scene = Scene::on(engine).await;
    let creator = SimCreator::new(ANA_ID, ANA, "Socrazi Demo");
    let all =
        |privacy: &str| json!({ "tiktok": { "privacy": privacy, "comments": true, "duet": true, "stitch": true } });
    let post = scene.draft("approved before it was switched off", json!([scene.film]), all("public")).await;
    let asked = scene.world.call("schedule_post", json!({ "post": post, "at": scene.world.in_an_hour() })).await;
    scene.approve(&asked).await;
    // Switched off since the person approved it.
    let closed = SimCreator { comment_disabled: true, stitch_disabled: true, ..creator.clone() };
    scene.tell("__sim/creators", json!(closed)).await;
    assert_eq!(scene.calls("POST", CREATOR), 1, "when it was planned");
    scene.until_by(&post, "published", 60_000).await;
    let details = scene.ledger().remove(0).details;
    let off = ["disable_comment", "disable_duet", "disable_stitch"].map(|name| details[name].as_bool().unwrap());
    assert_eq!(off, [true, false, true]);
    // Private by now: what everybody should see is not shown to fewer without a word, but refused with what is offered.
    let post = scene.planned("for all", json!([scene.film]), all("public")).await;
    scene.tell("__sim/creators", json!(SimCreator { is_private: true, ..creator.clone() })).await;
    let delivery = scene.until_by(&post, "failed", 60_000).await;
    let why = delivery["reason"].as_str().unwrap().to_owned();
    assert!(why.contains("“public”") && why.contains("followers, friends, only_me"), "{why}");
    let post = scene.send("for followers", json!([scene.film]), all("followers")).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.ledger()[1].audience, "FOLLOWER_OF_CREATOR");
    // Longer than this account may.
    scene.tell("__sim/creators", json!(creator)).await;
    scene.world.pass(60_000);
    let long = scene.keep(&mp4(&Film { duration_ms: 60_001, ..Film::default() })).await;
    let post = scene.planned("a minute and more", json!([long]), public()).await;
    scene.tell("__sim/creators", json!(SimCreator { seconds_max: 60, ..creator.clone() })).await;
    let delivery = scene.until_by(&post, "failed", 60_000).await;
    assert!(delivery["reason"].as_str().unwrap().contains("60.0 seconds"), "{delivery}");
    let just = scene.keep(&mp4(&Film { duration_ms: 60_000, ..Film::default() })).await;
    let post = scene.send("a minute", json!([just]), public()).await;
    scene.until(&post, "published").await;
    assert_eq!((scene.ledger().len(), scene.inits()), (3, 3), "what is refused is not even begun");
    // May not post at all: nothing else of the account goes out either.
    let post = scene.planned("banned", json!([scene.film]), public()).await;
    scene.tell("__sim/creators", json!(SimCreator { is_banned: true, ..creator })).await;
    let delivery = scene.until_by(&post, "blocked", 60_000).await;
    assert!(delivery["reason"].as_str().unwrap().contains("does not let this account"), "{delivery}");
    assert_eq!(scene.inits(), 3);
    scene.end().await;
}

async fn what_the_account_does_not_allow_is_said_before_anything_is_planned(engine: Engine) {
    let scene = Scene::on(engine).await;
    let creator = SimCreator::new(ANA_ID, ANA, "Socrazi Demo");
    let minute = scene.keep(&mp4(&Film { duration_ms: 60_000, ..Film::default() })).await;
    let longer = scene.keep(&mp4(&Film { duration_ms: 60_001, ..Film::default() })).await;
    scene.tell("__sim/creators", json!(SimCreator { is_private: true, seconds_max: 60, ..creator.clone() })).await;
    let followers = json!({ "tiktok": { "privacy": "followers" } });
    for (media, options, why) in
        [(&minute, public(), "tiktok-privacy-not-offered"), (&longer, followers.clone(), "tiktok-video-long-here")]
    {
        let post = scene.draft(why, json!([media]), options).await;
        let at = scene.world.in_an_hour();
        for (tool, arguments) in [
            ("publish_post", json!({ "post": post })),
            ("schedule_post", json!({ "post": post, "at": at })),
            ("schedule_post", json!({ "post": post, "at": at, "dry_run": true })),
        ] {
            assert_eq!(scene.world.refused(tool, arguments).await, why, "{tool}");
        }
    }
    assert_eq!(scene.calls("POST", CREATOR), 1, "known for a minute");
    // Just so it is planned, and goes out.
    let post = scene.send("just so", json!([minute]), followers).await;
    scene.until(&post, "published").await;
    // A minute later it is asked again; what lies in the inbox does not depend on it.
    scene.tell("__sim/creators", json!(SimCreator { is_banned: true, ..creator })).await;
    scene.world.pass(60_000);
    let post = scene.draft("banned", json!([scene.film]), public()).await;
    assert_eq!(scene.world.refused("publish_post", json!({ "post": post })).await, "tiktok-banned");
    let inbox = scene.draft("", json!([scene.film]), json!({ "tiktok": { "draft": true } })).await;
    super::approval(&scene.world.call("publish_post", json!({ "post": inbox })).await);
    assert_eq!(scene.inits(), 1);
    scene.end().await;
}

impl Scene {
    /// A draft that goes out in an hour, as the person agreed.
    async fn planned(&self, text: &str, media: Value, options: Value) -> Value {
        let post = self.draft(text, media, options).await;
        let asked = self.world.call("schedule_post", json!({ "post": post, "at": self.world.in_an_hour() })).await;
        self.approve(&asked).await;
        post
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_does_not_answer_keeps_nobody_from_planning() {
    let scene = Scene::on(Engine::Sqlite).await;
    let down = FaultKind::Status { status: 500, body: String::new(), headers: std::collections::BTreeMap::new() };
    scene.tiktok.set_faults(vec![Fault::once("POST", CREATOR, down)]);
    let post = scene.planned("planned all the same", json!([scene.film]), public()).await;
    scene.until_by(&post, "published", 60_000).await;
    assert_eq!(scene.ledger().len(), 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_agrees_once_to_a_post_that_comes_again_where_each_is_asked_about() {
    let scene = Scene::on(Engine::Sqlite).await;
    let post = scene.draft("every week", json!([scene.film]), public()).await;
    let (at, weekly) = (scene.world.in_an_hour(), "FREQ=WEEKLY;COUNT=3");
    let again = json!({ "post": post, "at": at, "repeat": weekly });
    assert_eq!(scene.world.refused("schedule_post", again).await, "post-asked-each-time");
    // On another network, which does not ask for that, it may come again.
    let accounts = scene.world.call("list_accounts", json!({})).await["accounts"].clone();
    let x = accounts.as_array().unwrap().iter().find(|account| account["network"] == "x").unwrap()["id"].clone();
    let on_x = scene.world.call("create_draft", json!({ "text": "every week", "accounts": [x] })).await;
    let on_x = on_x["post"]["id"].clone();
    let done = scene.world.call("schedule_post", json!({ "post": on_x, "at": at, "repeat": weekly })).await;
    assert_eq!(done["times"], 3, "{done}");
    assert_eq!(scene.world.delivery(&post).await, Value::Null);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_an_audit_says_so_before_anything_is_scheduled() {
    let options = TikTokOptions { is_audited: false, ..TikTokOptions::default() };
    let scene = Scene::with(Engine::Sqlite, options, vec![("tiktok.audited", "off".to_owned())]).await;
    let only_me = json!({ "tiktok": { "privacy": "only_me" } });
    let post = scene.draft("for all", json!([scene.film]), public()).await;
    let read = scene.world.call("get_post", json!({ "post": post })).await.to_string();
    assert!(read.contains("TikTok has not audited this server's app"), "{read}");
    for (tool, arguments) in [
        ("publish_post", json!({ "post": post })),
        ("schedule_post", json!({ "post": post, "at": scene.world.in_an_hour() })),
    ] {
        assert_eq!(scene.world.refused(tool, arguments).await, "tiktok-unaudited");
    }
    let rules = scene.world.call("list_accounts", json!({ "detail": "rules" })).await.to_string();
    assert!(rules.contains("has not audited"), "{rules}");
    // On a public account TikTok refuses even that, and the person reads why.
    let post = scene.send("for me", json!([scene.film]), only_me.clone()).await;
    let delivery = scene.until(&post, "failed").await;
    assert!(delivery["reason"].as_str().unwrap().contains("on an account that is private"), "{delivery}");
    let private = SimCreator { is_private: true, ..SimCreator::new(ANA_ID, ANA, "Socrazi Demo") };
    scene.tell("__sim/creators", json!(private)).await;
    let post = scene.send("for me alone", json!([scene.film]), only_me).await;
    scene.until(&post, "published").await;
    assert_eq!(scene.ledger()[0].audience, "SELF_ONLY");
    // A draft is the person's own business.
    let post = scene.send("", json!([scene.film]), json!({ "tiktok": { "draft": true } })).await;
    scene.until(&post, "published").await;
    assert_eq!((scene.ledger().len(), scene.publishes().await.len()), (1, 2));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_who_forgot_to_say_that_the_app_is_not_audited_learns_it_from_tiktok() {
    let options = TikTokOptions { is_audited: false, ..TikTokOptions::default() };
    let scene = Scene::with(Engine::Sqlite, options, Vec::new()).await;
    scene.tiktok.tune(Tuning { refuses_with_200: true, ..at_once() });
    let post = scene.sent("for all").await;
    let delivery = scene.until(&post, "failed").await;
    assert!(delivery["reason"].as_str().unwrap().contains("tiktok.audited"), "{delivery}");
    assert_eq!((scene.ledger().len(), scene.publishes().await.len()), (0, 0));
    scene.end().await;
}

/// One press for a plan is no choice of who sees each of its TikTok posts: only what the person ticked by itself goes along.
#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_a_plan_counts_for_a_tiktok_post_only_where_it_was_chosen_by_itself() {
    let scene = Scene::on(Engine::Sqlite).await;
    let world = &scene.world;
    let accounts = world.call("list_accounts", json!({})).await["accounts"].clone();
    let x = accounts.as_array().unwrap().iter().find(|account| account["network"] == "x").unwrap()["id"].clone();
    let on_x = async |text: &str| {
        world.call("create_draft", json!({ "text": text, "accounts": [x] })).await["post"]["id"].clone()
    };
    let ask = async |posts: &[&Value]| {
        let at = json!(world.in_an_hour());
        let plan: Vec<Value> = posts.iter().map(|post| json!({ "post": post, "at": at })).collect();
        let id: ApprovalId = super::approval(&world.call("schedule_post", json!({ "plan": plan })).await);
        let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
        (id, hash)
    };
    let (one, two) = (scene.draft("chosen", json!([scene.film]), public()).await, on_x("beside it").await);
    let (id, hash) = ask(&[&one, &two]).await;
    // All in one press: the other post goes, and this one is a draft still, with the reason.
    let view = world.app.decide(&world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert_eq!((view.ended(), world.delivery(&one).await), ((1, 0, 1), Value::Null));
    assert_eq!(world.delivery(&two).await["state"], "scheduled");
    let page = world.page(&format!("/approvals/{id}")).await;
    assert!(page.contains("TikTok wants each post chosen by itself"), "{page}");
    // Alone in a plan: the press is refused, and the question stays open.
    let (id, hash) = ask(&[&one]).await;
    let refused = world.app.decide(&world.person, &id, &hash, Verdict::Approve).await;
    assert!(matches!(&refused, Err(ToolError::Refused(why)) if why.key == "batch-item-not-chosen"), "{refused:?}");
    // On the page its box is empty, whatever the address says; ticked by its person it goes along.
    let three = on_x("third").await;
    let (id, hash) = ask(&[&one, &three]).await;
    for address in [format!("/approvals/{id}"), format!("/approvals/{id}?left=2")] {
        let page = world.page(&address).await;
        assert!(page.contains("name=\"item-1\">") && page.contains("then tick it"), "{page}");
    }
    world.press(&format!("/approvals/{id}"), &[("hash", &hash), ("verdict", "approve"), ("item-1", "on")]).await;
    assert_eq!(world.delivery(&one).await["state"], "scheduled");
    assert_eq!(world.delivery(&three).await, Value::Null, "and what was not ticked was left out");
    assert_eq!(scene.inits(), 0);
    scene.world.end().await;
}
