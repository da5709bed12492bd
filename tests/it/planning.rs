//! Planning: rules, slots, limits of standing permissions, the same thing twice, resuming with a choice, half threads, sending again, and the
//! rehearsal of the coming day. On a clock that is moved, with the simulator's ledger as the judge.

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::domain::approval::{Late, PauseScope};
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::delivery::Answer;
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine, on_both};
use crate::world::World;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

on_both!(
    a_rule_goes_out_at_each_of_its_times_and_not_in_a_burst_after_downtime,
    of_a_rule_that_catches_up_only_the_latest_is_sent_late,
    resuming_asks_skips_or_shifts_and_never_bursts,
    a_standing_permission_ends_at_its_limit_and_in_quiet_hours,
    the_next_free_slot_counts_what_waits_for_a_yes,
    the_coming_day_is_rehearsed_and_told_once,
);

/// A time that far ahead, on a whole minute.
fn ahead(world: &World, ms: i64) -> String {
    let at = (world.app.now_ms() + ms).div_euclid(MINUTE) * MINUTE;
    jiff::Timestamp::from_millisecond(at).unwrap().to_string()
}

async fn states(world: &World, post: &Value) -> Vec<String> {
    let post = world.call("get_post", json!({ "post": post })).await;
    let text = |delivery: &Value, key: &str| delivery[key].as_str().unwrap().to_owned();
    let mut all: Vec<Value> = post["post"]["deliveries"].as_array().unwrap().clone();
    all.sort_by_key(|delivery| text(delivery, "at"));
    all.iter().map(|delivery| text(delivery, "state")).collect()
}

/// Waits until nothing is under way any more.
async fn settled(world: &World, post: &Value, wanted: &[&str]) {
    for _ in 0..600 {
        if states(world, post).await == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("wanted {wanted:?}, it is {:?}", states(world, post).await);
}

async fn a_rule_goes_out_at_each_of_its_times_and_not_in_a_burst_after_downtime(engine: Engine) {
    let mut world = World::on(engine, Vec::new()).await;
    let post = world.draft("every day anew").await;
    let asked = json!({ "post": post, "at": ahead(&world, HOUR), "repeat": "FREQ=DAILY;COUNT=5" });
    let answer = world.call("schedule_post", asked).await;
    assert_eq!((&answer["times"], &answer["status"]), (&json!(5), &json!("scheduled")), "{answer}");
    assert!(answer["shown_at"].as_str().unwrap().contains("every day, 5 times"), "{answer}");
    settled(&world, &post, &["scheduled", "scheduled", "scheduled"]).await;
    world.pass(HOUR);
    settled(&world, &post, &["published", "scheduled", "scheduled", "scheduled"]).await;
    // What comes next is shown first, then what was.
    let shown = world.call("get_post", json!({ "post": post })).await["post"]["deliveries"].clone();
    let at = |no: usize| shown[no]["at"].as_str().unwrap();
    assert!(at(0) < at(1) && at(1) < at(2) && at(3) < at(0), "{shown:#}");
    // Nobody is there for two days and a half: two are skipped, none goes out late, the last one comes.
    world.abandon_publisher().await;
    world.pass(2 * DAY + 12 * HOUR);
    world.publish();
    settled(&world, &post, &["published", "cancelled", "cancelled", "scheduled", "scheduled"]).await;
    world.sim.set_faults(Vec::new());
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}

async fn of_a_rule_that_catches_up_only_the_latest_is_sent_late(engine: Engine) {
    let mut world = World::on(engine, Vec::new()).await;
    let post = world.draft("late but there").await;
    let rule = json!({ "post": post, "at": ahead(&world, HOUR), "repeat": "FREQ=DAILY;COUNT=4", "catch_up": "latest" });
    world.call("schedule_post", rule).await;
    world.abandon_publisher().await;
    world.pass(2 * DAY + 5 * HOUR);
    world.publish();
    settled(&world, &post, &["cancelled", "cancelled", "published", "scheduled"]).await;
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}

async fn resuming_asks_skips_or_shifts_and_never_bursts(engine: Engine) {
    for (late, wanted) in [(Late::Ask, "missed"), (Late::Skip, "cancelled"), (Late::Shift, "scheduled")] {
        let world = World::on(engine, Vec::new()).await;
        let post = world.scheduled(&format!("held: {}", late.word())).await;
        let further = world.draft("further off").await;
        world.call("schedule_post", json!({ "post": further, "at": ahead(&world, 5 * HOUR) })).await;
        world.call("pause_publishing", json!({})).await;
        settled(&world, &post, &["paused"]).await;
        world.pass(2 * HOUR);
        assert_eq!(world.app.held_up(&world.person).await.unwrap(), 1);
        world.app.resume(&world.person, PauseScope::Workspace, late).await.unwrap();
        settled(&world, &post, &[wanted]).await;
        settled(&world, &further, &["scheduled"]).await;
        assert_eq!(world.sent(), 0, "nothing goes out by resuming");
        if late == Late::Shift {
            // The distance between them is kept: an hour from now, and five.
            world.pass(HOUR + MINUTE);
            settled(&world, &post, &["published"]).await;
            settled(&world, &further, &["scheduled"]).await;
        }
        world.end().await;
    }
}

async fn a_standing_permission_ends_at_its_limit_and_in_quiet_hours(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let app = &world.app;
    assert!(app.set_grant_limit(&world.person, "nobody", "2", ("", "")).await.is_err());
    assert!(app.set_grant_limit(&world.person, "mcp-stdio", "-1", ("", "")).await.is_err());
    assert!(app.set_grant_limit(&world.person, "mcp-stdio", "2", ("22:00", "")).await.is_err());
    app.set_grant_limit(&world.person, "mcp-stdio", "2", ("", "")).await.unwrap();
    let schedule = async |text: &str, hours: i64| {
        let post = world.draft(text).await;
        let asked = json!({ "post": post, "at": ahead(&world, hours * HOUR) });
        world.call("schedule_post", asked).await["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(schedule("the first of today", 1).await, "scheduled");
    assert_eq!(schedule("and number two", 2).await, "scheduled");
    assert_eq!(schedule("one too many", 3).await, "waiting_for_approval");
    // A rule counts with all its times.
    app.set_grant_limit(&world.person, "mcp-stdio", "6", ("", "")).await.unwrap();
    let post = world.draft("rule").await;
    let rule = json!({ "post": post, "at": ahead(&world, 4 * HOUR), "repeat": "FREQ=DAILY;COUNT=5" });
    assert_eq!(world.call("schedule_post", rule).await["status"], "waiting_for_approval");
    world.pass(DAY);
    assert_eq!(schedule("another day, another budget", 5).await, "scheduled");
    // Hours around the slot are quiet: the person is asked.
    let slot = jiff::Timestamp::from_millisecond(world.app.now_ms() + 6 * HOUR).unwrap();
    let hour = |by: i64| (slot + jiff::SignedDuration::from_hours(by)).strftime("%H:00").to_string();
    app.set_grant_limit(&world.person, "mcp-stdio", "", (&hour(-1), &hour(2))).await.unwrap();
    assert_eq!(schedule("in the small hours", 6).await, "waiting_for_approval");
    assert_eq!(schedule("when people are up", 10).await, "scheduled");
    world.end().await;
}

async fn the_next_free_slot_counts_what_waits_for_a_yes(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let asks = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let schedule = async |text: &str| {
        let post = world.draft(text).await;
        let asked = json!({ "post": post, "at": "next free slot" });
        world.app.call_tool(&asks, "schedule_post", asked).await
    };
    assert!(format!("{:?}", schedule("too early").await.unwrap_err()).contains("slots-none"));
    assert!(world.app.set_slots(&world.person, "someday 9:00").await.is_err());
    world.app.set_slots(&world.person, "daily 9:00, 18:00").await.unwrap();
    assert!(world.app.slots(&world.person).await.unwrap().starts_with("mon 09:00 18:00\ntue"));
    let mut times = std::collections::BTreeSet::new();
    for text in ["a first thought", "another one of mine", "and the third of them"] {
        let answer = schedule(text).await.unwrap().structured;
        assert_eq!(answer["status"], "waiting_for_approval");
        let at = answer["at"].as_str().unwrap().to_owned();
        assert!(at.contains("T09:00:00") || at.contains("T18:00:00"), "{at}");
        assert!(times.insert(at), "each its own: {answer}");
    }
    world.end().await;
}

async fn the_coming_day_is_rehearsed_and_told_once(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let told = async || {
        let notices = world.app.notices(&world.person).await.unwrap();
        notices.into_iter().map(|notice| notice.what.key).collect::<Vec<_>>()
    };
    let (fine, broken) = (world.scheduled("all is well").await, world.draft("with a picture").await);
    let picture = world.picture().await;
    let account = world.call("list_accounts", json!({})).await["accounts"][0]["id"].clone();
    let changed = json!({ "post": broken, "revision": 1, "accounts": [account],
        "segments": [{ "text": "with a picture", "media": [picture] }] });
    world.call("update_draft", changed).await;
    world.call("schedule_post", json!({ "post": broken, "at": ahead(&world, 3 * HOUR) })).await;
    world.app.rehearse_all().await.unwrap();
    assert!(told().await.is_empty(), "all is ready: {:?}", told().await);
    // The file of the picture is lost; within the hour nothing is rehearsed again.
    std::fs::remove_dir_all(world.folder.path().join("data/media")).unwrap();
    world.app.rehearse_all().await.unwrap();
    assert!(told().await.is_empty());
    world.pass(30 * MINUTE);
    world.app.rehearse_all().await.unwrap();
    assert!(told().await.is_empty());
    world.pass(15 * MINUTE);
    settled(&world, &fine, &["scheduled"]).await;
    world.pass(20 * MINUTE);
    settled(&world, &fine, &["published"]).await;
    world.app.rehearse_all().await.unwrap();
    let mut keys = told().await;
    keys.sort();
    assert_eq!(keys, ["notice-published", "notice-rehearsal", "rehearsal-media"]);
    world.pass(HOUR + MINUTE);
    world.app.rehearse_all().await.unwrap();
    assert_eq!(told().await.len(), 3, "told once");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_said_twice_is_said_before_it_is_scheduled_and_where_it_is_approved() {
    let world = World::new().await;
    let text = "Our autumn menu is here: pumpkin, chestnuts and mushrooms, every evening from six.";
    let first = world.scheduled(text).await;
    let post = world.draft(&text.replace("six", "seven")).await;
    let at = world.call("get_post", json!({ "post": first })).await["post"]["deliveries"][0]["at"].clone();
    let asks = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let answer = world.app.call_tool(&asks, "schedule_post", json!({ "post": post, "at": at })).await.unwrap();
    let twice = answer.structured["twice"].as_array().unwrap().clone();
    assert_eq!(twice.len(), 2, "alike, and in the same minute: {twice:?}");
    assert!(
        twice[0].as_str().unwrap().contains("nearly the same") && twice[1].as_str().unwrap().contains("same minute")
    );
    assert!(answer.text.contains("nearly the same"), "{}", answer.text);
    let id = answer.structured["approval_url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let view = world.app.read_approval(&world.person, &id).await.unwrap();
    assert_eq!(view.lines[0].twice.len(), 2);
    // A person may mean it.
    world.app.decide(&world.person, &id, &view.approval.hash, Verdict::Approve).await.unwrap();
    settled(&world, &post, &["scheduled"]).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_is_sent_once_more_only_by_a_persons_own_button() {
    let world = World::new().await;
    let post = world.scheduled("once and again").await;
    world.pass(HOUR);
    settled(&world, &post, &["published"]).await;
    for (tool, arguments) in [
        ("publish_post", json!({ "post": post })),
        ("schedule_post", json!({ "post": post, "at": ahead(&world, HOUR) })),
        ("schedule_post", json!({ "post": post, "at": ahead(&world, HOUR), "repeat": "FREQ=DAILY;COUNT=2" })),
    ] {
        assert_eq!(world.refused(tool, arguments).await, "post-published-already", "{tool}");
    }
    // Even the assistant's standing permission to publish does not cover it: the person reads it first.
    let id = post.as_str().unwrap().parse().unwrap();
    let approval = world.app.ask_again(&world.person, &id).await.unwrap();
    let view = world.app.read_approval(&world.person, &approval).await.unwrap();
    assert_eq!(view.what.key, "approval-act-again");
    assert_eq!(world.sent(), 1);
    world.app.decide(&world.person, &approval, &view.approval.hash, Verdict::Approve).await.unwrap();
    world.pass(MINUTE);
    // The network refuses the same text twice in a row, and that is told as it is.
    settled(&world, &post, &["published", "failed"]).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_stops_all_of_a_posts_times_however_many_there_were() {
    let world = World::new().await;
    let post = world.draft("a hundred times").await;
    // Moved twice: two hundred that are over stand beside the hundred to come.
    for hours in 1..=3 {
        // More than a standing permission covers.
        let rule = json!({ "post": post, "at": ahead(&world, hours * HOUR), "repeat": "FREQ=DAILY;COUNT=100" });
        let asked = world.call("schedule_post", rule).await;
        let id = asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
        let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
        world.app.decide(&world.person, &id, &hash, Verdict::Approve).await.unwrap();
    }
    let open = world.app.store().list_open_of_workspace(&world.person.workspace).await.unwrap();
    assert_eq!(open.len(), 100);
    world.call("update_draft", json!({ "post": post, "revision": 1, "text": "edited" })).await;
    let open = world.app.store().list_open_of_workspace(&world.person.workspace).await.unwrap();
    let unapproved =
        open.iter().filter(|delivery| delivery.state == socrazi::domain::delivery::State::Unapproved).count();
    assert_eq!((open.len(), unapproved), (100, 100), "what was approved before would go out");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_thread_goes_on_when_a_person_says_so_however_late_and_can_be_left() {
    for answer in [Answer::SendRest, Answer::Leave] {
        let world = World::new().await;
        let post = world
            .call("create_draft", json!({ "segments": [{ "text": "one" }, { "text": "two" }, { "text": "three" }] }))
            .await["post"]["id"]
            .clone();
        world.call("schedule_post", json!({ "post": post, "at": ahead(&world, HOUR) })).await;
        let refused = FaultKind::Status {
            status: 400,
            body: json!({ "title": "Invalid Request", "status": 400 }).to_string(),
            headers: Default::default(),
        };
        world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", refused).after(1)]);
        world.pass(HOUR);
        settled(&world, &post, &["partial"]).await;
        let delivery = world.delivery(&post).await;
        let id = delivery["id"].as_str().unwrap().parse().unwrap();
        // Much later than the grace window: the person's word counts from now.
        world.pass(7 * HOUR);
        let view = world.app.settle(&world.person, &id, (answer, None)).await.unwrap();
        if answer == Answer::Leave {
            assert!(!view.deliveries[0].needs_attention() && view.status.word() == "published");
            // Whoever asks by status finds it where every view shows it.
            for (status, count) in [("published", 1), ("needs_attention", 0)] {
                let listed = world.call("list_posts", json!({ "status": status })).await;
                assert_eq!(listed["posts"].as_array().unwrap().len(), count, "{status}");
            }
            assert_eq!(world.sim.ledger().len(), 1);
            assert!(world.app.settle(&world.person, &id, (Answer::ItIsThere, None)).await.is_err());
        } else {
            settled(&world, &post, &["published"]).await;
            assert_eq!(world.sim.ledger().len(), 3);
            assert!(
                world.app.settle(&world.person, &id, (Answer::SendRest, None)).await.is_err(),
                "nothing is left to send"
            );
        }
        // The page's button asks as well, and nothing goes before the yes.
        let asked = world.app.ask_to_take_down(&world.person, &id).await.unwrap();
        let view = world.app.read_approval(&world.person, &asked).await.unwrap();
        assert!(world.sim.ledger().iter().all(|entry| !entry.deleted));
        world.app.decide(&world.person, &asked, &view.approval.hash, Verdict::Approve).await.unwrap();
        assert!(world.sim.ledger().iter().all(|entry| entry.deleted));
        assert!(world.app.ask_to_take_down(&world.person, &id).await.is_err(), "nothing of it is out");
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_post_is_announced_a_day_before_an_hour_before_and_at_its_time() {
    let world = World::new().await;
    let post = world.draft("to be edited").await;
    world.call("schedule_post", json!({ "post": post, "at": ahead(&world, 3 * DAY) })).await;
    world.call("update_draft", json!({ "post": post, "revision": 1, "text": "edited" })).await;
    settled(&world, &post, &["unapproved"]).await;
    let told = async || {
        let notices = world.app.notices(&world.person).await.unwrap();
        notices.into_iter().filter(|notice| notice.what.key == "notice-unapproved-soon").count()
    };
    for (pass, wanted) in [(DAY, 0), (DAY + MINUTE, 1), (22 * HOUR, 1), (HOUR + MINUTE, 2)] {
        world.pass(pass);
        for _ in 0..80 {
            if told().await == wanted && wanted > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert_eq!(told().await, wanted);
    }
    world.pass(HOUR);
    settled(&world, &post, &["missed"]).await;
    assert_eq!(world.sent(), 0);
    world.end().await;
}
