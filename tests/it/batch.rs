//! Plans: several posts under one question, from drafts or from a table. Each post keeps its own checks; a yes is written whole or not at all.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use socrazi::app::{BadRows, Verdict};
use socrazi::clock::{Entropy, SystemEntropy};
use socrazi::desk::view::ApprovalView;
use socrazi::domain::approval::Decision;
use socrazi::domain::batch::Picked;
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::ids::{ApprovalId, UserId, WorkspaceId};
use socrazi::domain::lang::Lang;
use socrazi::domain::tool::ToolError;
use socrazi::store::users::User;
use sqlx::Connection;

use crate::databases::{Engine, on_both};
use crate::serving::{Hands, free_port, in_days, simulator, start, write_config_on};
use crate::world::World;

on_both!(
    a_plan_is_one_question_and_only_what_is_ticked_goes_out,
    what_was_edited_meanwhile_is_refused_by_itself_and_can_be_asked_about_anew,
    a_yes_is_written_whole_or_not_at_all,
    a_plan_is_answered_once_in_time_and_by_its_person_alone,
    a_newer_question_about_a_post_takes_it_out_of_the_plan,
    a_standing_permission_covers_a_plan_within_its_limit,
    a_table_becomes_drafts_and_one_question_or_nothing,
    two_hundred_posts_are_one_page_and_one_answer,
    killed_over_a_yes_all_of_a_plan_is_there_or_nothing,
);

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;

/// Another person of this server, with a workspace of their own.
async fn somebody_else(world: &World) -> User {
    let ben = User {
        id: UserId::generate(1, SystemEntropy.bits()),
        workspace: WorkspaceId::generate(1, SystemEntropy.bits()),
        lang: Lang::En,
        zone: "UTC".into(),
        hold_ms: 0,
        stdio_grant: Grant::Drafts,
        chat_grant: Grant::Drafts,
    };
    world.app.store().insert_user(&ben, "local", "ben", 1).await.unwrap();
    ben
}

/// An assistant that has to ask.
fn asking(world: &World) -> Caller {
    Caller { grant: Grant::Drafts, ..world.assistant.clone() }
}

fn at(world: &World, hours: i64) -> String {
    jiff::Timestamp::from_millisecond(world.clock.now_ms() + hours * HOUR).unwrap().to_string()
}

/// Drafts with these texts, an hour after each other, under one question.
async fn plan(world: &World, texts: &[&str]) -> (ApprovalId, Vec<Value>) {
    let (mut posts, mut plan) = (Vec::new(), Vec::new());
    for (hours, text) in (2..).zip(texts) {
        let post = world.draft(text).await;
        plan.push(json!({ "post": post, "at": at(world, hours) }));
        posts.push(post);
    }
    let asked = world.app.call_tool(&asking(world), "schedule_post", json!({ "plan": plan })).await.unwrap();
    assert_eq!(asked.structured["status"], "waiting_for_approval", "{}", asked.structured);
    assert_eq!(asked.structured["times"], texts.len());
    (asked.waiting[0].clone(), posts)
}

async fn read(world: &World, id: &ApprovalId) -> ApprovalView {
    world.app.read_approval(&world.person, id).await.unwrap()
}

/// Lets so many hours pass before each of these, and sees it go out: in small steps, so that a busy machine is not late.
async fn out_at(world: &World, posts: &[(&Value, i64)]) {
    for (post, hours) in posts {
        world.pass(hours * HOUR - HOUR / 12);
        world.until(post, "published", 2_000).await;
    }
}

/// Says yes but to these.
async fn approve(world: &World, id: &ApprovalId, left: &[usize]) -> Result<ApprovalView, String> {
    let hash = read(world, id).await.approval.hash;
    let left: BTreeSet<usize> = left.iter().copied().collect();
    refusal(world.app.decide_but(&world.person, id, (&hash, &Picked::but(left.clone())), Verdict::Approve).await)
}

fn refusal<T>(result: Result<T, ToolError>) -> Result<T, String> {
    result.map_err(|error| match error {
        ToolError::Refused(why) => why.key,
        ToolError::Failed(why) => format!("failed: {why}"),
    })
}

/// How each post ended: the word, and why it was refused.
fn ended(view: &ApprovalView) -> Vec<String> {
    let word = |outcome: &socrazi::domain::batch::BatchOutcome| match outcome {
        socrazi::domain::batch::BatchOutcome::Refused(why) => why.key.clone(),
        other => other.word().to_owned(),
    };
    view.batch.iter().map(|item| item.outcome.as_ref().map_or_else(|| "–".to_owned(), word)).collect()
}

async fn status(world: &World, post: &Value) -> String {
    world.call("get_post", json!({ "post": post })).await["post"]["status"].as_str().unwrap().to_owned()
}

async fn statuses(world: &World, posts: &[Value]) -> Vec<String> {
    let mut all = Vec::new();
    for post in posts {
        all.push(status(world, post).await);
    }
    all
}

async fn a_plan_is_one_question_and_only_what_is_ticked_goes_out(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let texts = ["Monday: bread is fresh", "Wednesday: closed for a day", "Friday: cake for everybody"];
    let (id, posts) = plan(&world, &texts).await;
    // Each shows that it waits, and where; lists agree.
    for post in &posts {
        let shown = world.call("get_post", json!({ "post": post })).await;
        assert_eq!(shown["post"]["status"], "waiting_for_you");
        assert!(shown["post"]["approval_url"].as_str().unwrap().ends_with(id.as_str()), "{shown}");
    }
    let listed = world.call("list_posts", json!({ "status": "waiting_for_you" })).await;
    assert_eq!(listed["posts"].as_array().unwrap().len(), 3, "{listed}");
    let page = world.page(&format!("/approvals/{id}?left=2")).await;
    for text in texts {
        assert!(page.contains(text), "{page}");
    }
    assert_eq!(page.matches(" checked>").count(), 2, "{page}");
    // Nothing ticked is no answer; a box that was never on the page neither.
    let path = format!("/approvals/{id}");
    let hash = read(&world, &id).await.approval.hash;
    let (code, text) = world.send(&path, &[("hash", &hash), ("verdict", "approve")]).await;
    assert!(code.is_client_error() && text.contains("Nothing is ticked"), "{text}");
    for wrong in [("item-x", "on"), ("verdict", "publish"), ("also", "this")] {
        let (code, _) = world.send(&path, &[("hash", &hash), ("verdict", "approve"), wrong]).await;
        assert!(code.is_client_error(), "{wrong:?}");
    }
    assert_eq!(statuses(&world, &posts).await, ["waiting_for_you"; 3]);
    world.press(&path, &[("hash", &hash), ("verdict", "approve"), ("item-1", "on"), ("item-3", "on")]).await;
    assert_eq!(ended(&read(&world, &id).await), ["scheduled", "left", "scheduled"]);
    assert_eq!(statuses(&world, &posts).await, ["scheduled", "draft", "scheduled"]);
    assert!(world.page(&path).await.contains("Scheduled: 2. Left out: 1. Not possible: 0."));
    let deeds = world.app.deeds(&world.person, &posts[0].as_str().unwrap().parse().unwrap()).await.unwrap();
    assert!(deeds.iter().any(|deed| deed.what == "approval.approve"), "{deeds:?}");
    out_at(&world, &[(&posts[0], 2), (&posts[2], 2)]).await;
    let out: BTreeSet<String> = world.sim.ledger().iter().map(|entry| entry.text.clone()).collect();
    assert_eq!(out, BTreeSet::from([texts[0].to_owned(), texts[2].to_owned()]));
    world.end().await;
}

async fn what_was_edited_meanwhile_is_refused_by_itself_and_can_be_asked_about_anew(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (id, posts) = plan(&world, &["the first thing", "a second matter", "third time lucky"]).await;
    let hash = read(&world, &id).await.approval.hash;
    world.call("update_draft", json!({ "post": posts[1], "revision": 1, "text": "a second matter, mended" })).await;
    let view = read(&world, &id).await;
    assert_eq!(view.batch[1].problem.as_ref().unwrap().key, "batch-item-edited");
    assert_eq!((view.ready(), status(&world, &posts[1]).await.as_str()), (2, "draft"));
    // What was seen before the edit counts for the others, and the edited one does not slip in.
    let view = refusal(world.app.decide_but(&world.person, &id, (&hash, &Picked::all()), Verdict::Approve).await);
    assert_eq!(ended(&view.unwrap()), ["scheduled", "batch-item-edited", "scheduled"]);
    assert_eq!(statuses(&world, &posts).await, ["scheduled", "draft", "scheduled"]);

    // On the page: edit, and come back to a question about it as it is now, with the ticks as they were.
    let (id, posts) = plan(&world, &["green apples", "red apples", "yellow pears"]).await;
    let (path, hash) = (format!("/approvals/{id}"), read(&world, &id).await.approval.hash);
    let form = [("hash", hash.as_str()), ("item-1", "on"), ("item-2", "on"), ("verdict", "edit-2")];
    let edit = world.press(&path, &form).await;
    assert!(
        edit.starts_with(&format!("/posts/{}/edit?", posts[1].as_str().unwrap())) && edit.ends_with("left=3"),
        "{edit}"
    );
    let shown = world.page(&edit).await;
    assert!(shown.contains("red apples") && shown.contains("name=\"at\""), "{shown}");
    let save = format!("/posts/{}/edit", posts[1].as_str().unwrap());
    let fields = |text: &'static str, at: &'static str| {
        [
            ("revision", "1".to_owned()),
            ("plan", id.to_string()),
            ("left", "3".into()),
            ("text-0-0", text.into()),
            ("at", at.into()),
        ]
    };
    let send = async |fields: [(&str, String); 5]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.send(&save, &fields).await
    };
    let (code, text) = send(fields("", "")).await;
    assert!(code.is_client_error() && text.contains("name=\"text-0-0\""), "{text}");
    let (code, to) = send(fields("red apples & plums", "")).await;
    assert_eq!(code, 303, "{to}");
    let new: ApprovalId = to.trim_start_matches("/approvals/").split(['?', '#']).next().unwrap().parse().unwrap();
    assert!(new != id && to.contains("left=3"), "{to}");
    assert_eq!(read(&world, &id).await.approval.decision, Decision::Superseded);
    let page = world.page(to.split('#').next().unwrap()).await;
    assert!(page.contains("red apples &#38; plums") && page.matches(" checked>").count() == 2, "{page}");
    assert_eq!(approve(&world, &id, &[]).await.unwrap_err(), "approval-changed");
    assert_eq!(ended(&approve(&world, &new, &[3]).await.unwrap()), ["scheduled", "scheduled", "left"]);
    world.end().await;
}

/// Makes the database refuse the delivery of one post, or lets it go again.
async fn spoil(world: &World, engine: Engine, post: Option<&str>) {
    let statements: Vec<String> = match (engine, post) {
        (Engine::Sqlite, Some(post)) => vec![format!(
            "CREATE TRIGGER spoil BEFORE INSERT ON delivery WHEN NEW.post_id = '{post}' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )],
        (Engine::Sqlite, None) => vec!["DROP TRIGGER spoil".into()],
        (Engine::Postgres, Some(post)) => vec![
            "CREATE FUNCTION spoil() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''the disk is full''; END' LANGUAGE plpgsql".into(),
            format!("CREATE TRIGGER spoil BEFORE INSERT ON delivery FOR EACH ROW WHEN (NEW.post_id = '{post}') EXECUTE FUNCTION spoil()"),
        ],
        (Engine::Postgres, None) => vec!["DROP TRIGGER spoil ON delivery".into(), "DROP FUNCTION spoil".into()],
    };
    for statement in statements {
        let statement = sqlx::AssertSqlSafe(statement);
        match world.database() {
            Some(url) => {
                let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            }
            None => {
                let file = world.folder.path().join("data").join("socrazi.db");
                let mut connection =
                    sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            }
        }
    }
}

async fn a_yes_is_written_whole_or_not_at_all(engine: Engine) {
    let mut world = World::on(engine, Vec::new()).await;
    let texts = ["one of five", "two and more", "three is company", "four corners", "five fingers"];
    let (id, posts) = plan(&world, &texts).await;
    // The database fails in the middle of it.
    spoil(&world, engine, Some(posts[2].as_str().unwrap())).await;
    let failed = approve(&world, &id, &[5]).await.unwrap_err();
    assert!(failed.starts_with("failed: ") && failed.contains("the disk is full"), "{failed}");
    assert_eq!(statuses(&world, &posts).await, ["waiting_for_you"; 5]);
    spoil(&world, engine, None).await;
    // The process dies in the middle of it, at whatever place: all of it is there then, or nothing.
    let hash = read(&world, &id).await.approval.hash;
    let mut dead = 0;
    for micros in (0..60).map(|step: u64| step * 400) {
        let (app, person, id, hash) = (world.app.clone(), world.person.clone(), id.clone(), hash.clone());
        let picked = Picked::but(BTreeSet::from([5]));
        let yes = async move { app.decide_but(&person, &id, (&hash, &picked), Verdict::Approve).await.map(drop) };
        let task = tokio::spawn(yes);
        tokio::time::sleep(std::time::Duration::from_micros(micros)).await;
        task.abort();
        let _gone = task.await;
        // A commit that was on its way may arrive while they are read one by one: until two readings agree.
        let mut found = statuses(&world, &posts).await;
        loop {
            let again = statuses(&world, &posts).await;
            if std::mem::replace(&mut found, again.clone()) == again {
                break;
            }
        }
        if found == ["waiting_for_you"; 5] {
            dead += 1;
            continue;
        }
        assert_eq!(found, ["scheduled", "scheduled", "scheduled", "scheduled", "draft"]);
        break;
    }
    println!("died {dead} times before it was written");
    world.reopen().await;
    if read(&world, &id).await.approval.decision == Decision::Pending {
        approve(&world, &id, &[5]).await.unwrap();
    }
    assert_eq!(ended(&read(&world, &id).await), ["scheduled", "scheduled", "scheduled", "scheduled", "left"]);
    out_at(&world, &[(&posts[0], 2), (&posts[1], 1), (&posts[2], 1), (&posts[3], 1)]).await;
    assert_eq!(world.sim.ledger().len(), 4);
    world.end().await;
}

async fn a_plan_is_answered_once_in_time_and_by_its_person_alone(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (id, posts) = plan(&world, &["quiet rivers", "loud mountains"]).await;
    // Nobody else's to see or answer, even whom they named for one of its posts; and no model's.
    let other = somebody_else(&world).await;
    let stranger = Caller { user: other.id, workspace: other.workspace, ..world.person.clone() };
    let hash = read(&world, &id).await.approval.hash;
    let post = posts[0].as_str().unwrap().parse().unwrap();
    world.app.name_approver(&world.person, &post, &stranger.user).await.unwrap();
    for caller in [&stranger, &world.assistant] {
        let answered = refusal(world.app.decide(caller, &id, &hash, Verdict::Approve).await);
        let wanted = if caller.user == stranger.user { "approval-not-found" } else { "approval-not-by-model" };
        assert_eq!(answered.unwrap_err(), wanted);
    }
    assert_eq!(statuses(&world, &posts).await, ["waiting_for_you"; 2]);
    // Twice at once: one of them is first, and nothing goes out twice.
    let picked = Picked::all();
    let yes = || world.app.decide_but(&world.person, &id, (&hash, &picked), Verdict::Approve);
    let (one, two) = tokio::join!(yes(), yes());
    let refused: Vec<_> = [one, two].into_iter().filter_map(|answer| refusal(answer).err()).collect();
    assert_eq!(refused, ["approval-decided"]);
    assert_eq!(approve(&world, &id, &[]).await.unwrap_err(), "approval-decided");
    for post in &posts {
        let shown = world.call("get_post", json!({ "post": post })).await;
        assert_eq!(shown["post"]["deliveries"].as_array().unwrap().len(), 1, "{shown}");
    }
    // No is no.
    let (id, posts) = plan(&world, &["warm soup", "cold tea"]).await;
    world.app.decide(&world.person, &id, &read(&world, &id).await.approval.hash, Verdict::Decline).await.unwrap();
    assert_eq!(statuses(&world, &posts).await, ["draft"; 2]);
    assert_eq!(approve(&world, &id, &[]).await.unwrap_err(), "approval-decided");
    // Times that passed are refused by themselves; when nothing is left, the question is still open.
    let (id, posts) = plan(&world, &["early bird", "late owl"]).await;
    world.pass(2 * HOUR + HOUR / 2);
    assert_eq!(ended(&approve(&world, &id, &[]).await.unwrap()), ["approval-time-passed", "scheduled"]);
    let (gone, _) = plan(&world, &["an early bird again", "another late owl"]).await;
    world.pass(4 * HOUR);
    assert_eq!(approve(&world, &gone, &[]).await.unwrap_err(), "approval-time-passed");
    assert_eq!(read(&world, &gone).await.approval.decision, Decision::Pending);
    assert_eq!(status(&world, &posts[0]).await, "draft");
    // After a week nobody can answer.
    world.pass(8 * 24 * HOUR);
    assert_eq!(approve(&world, &gone, &[]).await.unwrap_err(), "approval-expired");
    world.end().await;
}

async fn a_newer_question_about_a_post_takes_it_out_of_the_plan(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (id, posts) = plan(&world, &["north wind", "south wind", "west wind"]).await;
    // A question of its own about the second, and the third is withdrawn.
    let asked = json!({ "post": posts[1], "at": at(&world, 30) });
    let alone = world.app.call_tool(&asking(&world), "schedule_post", asked).await.unwrap().waiting.remove(0);
    world.call("withdraw_post", json!({ "post": posts[2] })).await;
    let problems: Vec<_> =
        read(&world, &id).await.batch.iter().map(|item| item.problem.as_ref().map(|why| why.key.clone())).collect();
    assert_eq!(problems, [None, Some("batch-item-asked-anew".into()), Some("batch-item-withdrawn".into())]);
    let hash = read(&world, &alone).await.approval.hash;
    world.app.decide(&world.person, &alone, &hash, Verdict::Approve).await.unwrap();
    let view = approve(&world, &id, &[]).await.unwrap();
    assert_eq!(ended(&view), ["scheduled", "batch-item-asked-anew", "batch-item-withdrawn"]);
    let shown = world.call("get_post", json!({ "post": posts[1] })).await;
    assert_eq!(shown["post"]["deliveries"].as_array().unwrap().len(), 1, "{shown}");
    // A plan that asks about all posts of another one takes its place.
    let (old, posts) = plan(&world, &["salt lake", "sweet water"]).await;
    let again: Vec<_> = posts.iter().map(|post| json!({ "post": post, "at": at(&world, 40) })).collect();
    let new = world.app.call_tool(&asking(&world), "schedule_post", json!({ "plan": again })).await.unwrap();
    assert_eq!(read(&world, &old).await.approval.decision, Decision::Superseded);
    // Both in the same minute on one account is said of each.
    let view = read(&world, &new.waiting[0]).await;
    assert!(view.batch.iter().all(|item| item.lines[0].twice.iter().any(|found| found.key == "twice-minute")));
    // A post that is erased leaves the rest as it is.
    let forget = json!({ "post": posts[0] });
    let asked = world.app.call_tool(&world.assistant, "forget_history", forget).await.unwrap().waiting.remove(0);
    let hash = read(&world, &asked).await.approval.hash;
    world.app.decide(&world.person, &asked, &hash, Verdict::Approve).await.unwrap();
    assert_eq!(ended(&approve(&world, &new.waiting[0], &[]).await.unwrap()), ["–", "scheduled"]);
    world.end().await;
}

async fn a_standing_permission_covers_a_plan_within_its_limit(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let mut plan = Vec::new();
    for (hours, text) in (1..).zip(["a bee", "the hive", "some honey"]) {
        plan.push(json!({ "post": world.draft(text).await, "at": at(&world, hours) }));
    }
    let two = json!({ "plan": &plan[..2] });
    let grantee = world.assistant.grantee();
    world.app.set_grant_limit(&world.person, &grantee, "2", ("", "")).await.unwrap();
    assert_eq!(world.call("schedule_post", json!({ "plan": plan })).await["status"], "waiting_for_approval");
    let mut tried = two.clone();
    tried["dry_run"] = json!(true);
    assert_eq!(world.call("schedule_post", tried).await["status"], "dry_run");
    let done = world.call("schedule_post", two).await;
    assert_eq!((&done["status"], &done["times"]), (&json!("scheduled"), &json!(2)));
    // Mistakes are told by number, and then nothing is scheduled.
    let wrong = json!({ "plan": [
        { "post": plan[2]["post"], "at": "tomorrow at 9" },
        { "post": plan[2]["post"], "at": at(&world, 3) },
        { "post": plan[1]["post"], "at": "some day" },
    ]});
    let told = world.call("schedule_post", wrong).await;
    assert_eq!(told["status"], "not_scheduled");
    let numbers: Vec<_> = told["problems"].as_array().unwrap().iter().map(|problem| problem["no"].clone()).collect();
    assert_eq!(numbers, [json!(2), json!(3)], "{told}");
    let for_one = json!({ "plan": plan, "accounts": ["x"] });
    for other in [json!({ "plan": plan, "csv": "x" }), for_one, json!({ "post": plan[0]["post"] }), json!({})] {
        assert_eq!(world.refused("schedule_post", other).await, "common-argument-wrong");
    }
    let many: Vec<_> = (0..301).map(|_| json!({ "post": plan[0]["post"], "at": "tomorrow at 9" })).collect();
    assert_eq!(world.refused("schedule_post", json!({ "plan": many })).await, "batch-too-many");
    world.end().await;
}

async fn a_table_becomes_drafts_and_one_question_or_nothing(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let day = |ahead: i64| {
        let at = jiff::Timestamp::from_millisecond(world.clock.now_ms() + ahead * 24 * HOUR).unwrap();
        at.strftime("%Y/%m/%d").to_string()
    };
    let drafts = async || world.call("list_posts", json!({})).await["posts"].as_array().unwrap().len();
    // A mistake in any row: every bad row is told, nothing is made, whatever permission there is.
    let long = "long ".repeat(80);
    let table = format!(
        "日付,時刻,アカウント,本文\n{},9:00,,良い行です\n{},25:99,,時刻が変\n{},9:00,@nobody_here,知らない人\n2020/1/1,9:00,,もう過ぎた\n{},9:00,,{long}\n",
        day(1),
        day(1),
        day(2),
        day(3)
    );
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&table);
    let imported = world.app.import_plan(&world.person, &bytes, BadRows::Stop).await.unwrap();
    let faults: Vec<_> = imported.faults.iter().map(|fault| (fault.no, fault.why.key.as_str())).collect();
    let wanted =
        [(3, "schedule-time-unreadable"), (4, "account-not-found"), (5, "schedule-time-past"), (6, "x-text-too-long")];
    assert_eq!(faults, wanted);
    assert_eq!((imported.approval, imported.posts, drafts().await), (None, 0, 0));
    let told = world.call("schedule_post", json!({ "csv": table })).await;
    assert_eq!((&told["status"], told["problems"].as_array().unwrap().len()), (&json!("not_scheduled"), 4), "{told}");
    // Unless the person has them left out.
    let imported = world.app.import_plan(&world.person, &bytes, BadRows::Skip).await.unwrap();
    assert_eq!((imported.posts, imported.faults.len(), drafts().await), (1, 4, 1));
    // Formulas, line ends and marks are text; the assistant may publish, and is asked all the same.
    let table = format!(
        "date;time;text;x;mood\n{0};09:30;\"=1+1, they say\nand more\";;glad\n{0};10:30;for all;only for X;\n",
        day(4)
    );
    let asked = world.call("schedule_post", json!({ "csv": table })).await;
    assert_eq!((&asked["status"], &asked["times"]), (&json!("waiting_for_approval"), &json!(2)), "{asked}");
    let id: ApprovalId = asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let view = read(&world, &id).await;
    let texts: Vec<_> = view.batch.iter().map(|item| item.lines[0].preview.segments[0].text.as_str()).collect();
    assert_eq!(texts, ["=1+1, they say\nand more", "only for X"]);
    assert_eq!(world.sent(), 0);
    assert_eq!(ended(&approve(&world, &id, &[]).await.unwrap()), ["scheduled", "scheduled"]);
    // A row whose drafts could not be stored leaves none of the others.
    let before = drafts().await;
    let table = format!("at,text\n{0} 11:00,eleven\n{0} 12:00,twelve\n", day(5));
    let mut tried = json!({ "csv": table });
    tried["dry_run"] = json!(true);
    assert_eq!(world.call("schedule_post", tried).await["times"], 2);
    assert_eq!(drafts().await, before);
    // A zone that is named for the whole counts where a row names none.
    let table = format!("at,text,zone\n{0} 09:00,there,\n{0} 09:00,elsewhere,Europe/Paris\n", day(6));
    let told = json!({ "csv": table, "zone": "Nowhere/Else" });
    assert_eq!(world.refused("schedule_post", told).await, "schedule-zone-unknown");
    let asked = world.call("schedule_post", json!({ "csv": table, "zone": "America/New_York" })).await;
    let id: ApprovalId = asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let zones: Vec<_> =
        read(&world, &id).await.batch.iter().map(|item| item.lines[0].when.clone().unwrap().zone).collect();
    assert_eq!(zones, ["America/New_York", "Europe/Paris"]);
    world.end().await;
}

async fn two_hundred_posts_are_one_page_and_one_answer(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let mut table = "at,text\n".to_owned();
    for no in 1..=200 {
        table +=
            &format!("{},Post number {no} of the month says something about topic {}\n", at(&world, no), no * 7919);
    }
    let begun = tokio::time::Instant::now();
    let imported = world.app.import_plan(&world.person, table.as_bytes(), BadRows::Stop).await.unwrap();
    let id = imported.approval.unwrap_or_else(|| panic!("{:?}", imported.faults));
    println!("200 rows imported in {:?}", begun.elapsed());
    let begun = tokio::time::Instant::now();
    let page = world.page(&format!("/approvals/{id}")).await;
    println!("the page of {} bytes in {:?}", page.len(), begun.elapsed());
    assert_eq!(page.matches("type=\"checkbox\"").count(), 200);
    let begun = tokio::time::Instant::now();
    let view = approve(&world, &id, &[7, 100]).await.unwrap();
    println!("200 posts approved in {:?}", begun.elapsed());
    assert_eq!(view.ended(), (198, 2, 0));
    let rows = table.lines().count();
    let many =
        format!("{table}{}", table.lines().skip(1).take(101).map(|line| format!("{line} again\n")).collect::<String>());
    let refused = refusal(world.app.import_plan(&world.person, many.as_bytes(), BadRows::Stop).await.map(drop));
    assert_eq!((rows, refused.unwrap_err().as_str()), (201, "sheet-too-many-rows"));
    world.end().await;
}

/// How many deliveries there are, and how many posts the question counts as scheduled or as ready.
async fn found(hands: &Hands, path: &str, url: Option<&str>, folder: &std::path::Path) -> (usize, bool, bool) {
    let rows = crate::databases::rows(url, &folder.join("data")).await;
    let deliveries = rows.iter().find(|(table, _)| table.ends_with("delivery")).map_or(0, |(_, rows)| rows.len());
    let page = hands.page(path).await;
    (deliveries, page.contains("Scheduled: 60. Left out: 0."), page.contains("60 posts can go out"))
}

/// The real program, killed with SIGKILL while it writes a yes.
async fn killed_over_a_yes_all_of_a_plan_is_there_or_nothing(engine: Engine) {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let (x, port) = (simulator(folder.path()).await, free_port());
    let url = write_config_on(engine, folder.path(), port, &x.url()).await;
    let mut server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.connect_x().await;
    let table: String = (0..60).map(|no| format!("{} 09:{no:02},Number {no} of sixty\n", &in_days(40)[..10])).collect();
    let asked = hands.call("schedule_post", json!({ "csv": format!("at,text\n{table}") })).await;
    let path = format!("approvals/{}", asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap());
    let mut killed = 0;
    for wait in [0, 2, 4, 6, 8, 11, 15, 20, 30, 50, 90, 200, 1_000, 5_000] {
        let page = hands.page(&path).await;
        if !page.contains("name=\"hash\"") {
            // PostgreSQL went on with what a dead process had asked for last.
            break;
        }
        let field = |name: &str| {
            let at = format!("name=\"{name}\" value=\"");
            page.split_once(&at).unwrap().1.split_once('"').unwrap().0.to_owned()
        };
        let mut form = vec![("csrf".to_owned(), field("csrf")), ("hash".into(), field("hash"))];
        form.push(("verdict".into(), "approve".into()));
        form.extend((1..=60).map(|no| (format!("item-{no}"), "on".to_owned())));
        let yes = hands.http.post(hands.web.join(&path).unwrap()).header("cookie", &hands.cookie).form(&form);
        let pressed = tokio::spawn(yes.send());
        tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        let _answer = pressed.await.unwrap();
        server = start(folder.path(), port);
        match found(&hands, &path, url.as_deref(), folder.path()).await {
            (0, false, true) => killed += 1,
            (60, true, false) => break,
            half => panic!("killed after {wait} ms it is half done: {half:?}"),
        }
    }
    println!("killed {killed} times before it was written");
    assert_eq!(found(&hands, &path, url.as_deref(), folder.path()).await, (60, true, false));
    assert!(killed > 0, "the first kill came too late to show anything");
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}
