//! Films that take long are brought to YouTube before their time, where nobody sees them; who stops or changes them is obeyed, and nothing stays
//! behind unsaid.

use std::time::Duration;

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::desk::view::NoticeView;
use socrazi::domain::delivery::Answer;
use socrazi::domain::lang::Lang;
use socrazi::domain::tool::ToolError;
use socrazi_sim::samples::{self, Film};
use socrazi_sim::{Fault, FaultKind};

use super::{Scene, UPLOADS, VIDEOS, chosen};
use crate::databases::{Engine, on_both};

on_both!(
    a_large_film_is_there_before_its_time_and_seen_at_it,
    a_film_that_is_stopped_after_it_was_brought_there_is_removed,
    who_delivers_takes_over_from_who_prepares_and_there_is_one_upload
);

const MINUTE_MS: i64 = 60_000;

/// Just large enough: 22 minutes before its time.
fn large() -> Vec<u8> {
    samples::mp4(&Film { bytes: 55_000_000, ..Film::default() })
}

impl Scene {
    /// Somebody prepares what is due, and the third piece gets no answer for as long as anybody waits.
    async fn hangs_in_the_third_piece(&self) -> tokio::task::JoinHandle<Result<bool, ToolError>> {
        self.google.set_faults(vec![Fault::once("PUT", UPLOADS, FaultKind::HangAfter).after(2)]);
        self.world.pass(39 * MINUTE_MS);
        let app = self.world.app.clone();
        let preparing = tokio::spawn(async move { app.prepare_next().await });
        let is_there = async || (self.calls("PUT", UPLOADS) >= 3).then_some(());
        crate::serving::until("the third piece", is_there).await;
        preparing
    }

    /// A film that is to go out in an hour.
    async fn film_in_an_hour(&self, text: &str, video: &Value) -> Value {
        let post = self.draft(&json!({ "text": text, "media": [video] }), &chosen()).await;
        self.world.call("schedule_post", json!({ "post": post, "at": self.world.in_an_hour() })).await;
        assert_eq!(self.world.delivery(&post).await["state"], "scheduled");
        post
    }

    /// Waits, without time passing, until so many uploads were begun and as many videos are whole.
    async fn brought(&self, count: usize) {
        for _ in 0..1_000 {
            if self.videos().await.len() >= count && self.handles().await >= count {
                return;
            }
            self.world.app.prepare_next().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} of {count} are there", self.videos().await.len());
    }

    /// How many deliveries have what was prepared for them.
    async fn handles(&self) -> usize {
        self.world.rows().await["delivery"].iter().filter(|row| row.contains("visibility")).count()
    }

    async fn told(&self, key: &str) -> usize {
        crate::callbacks::told(&self.world, key).await
    }
}

async fn a_large_film_is_there_before_its_time_and_seen_at_it(engine: Engine) {
    let scene = Scene::on(engine).await;
    let video = scene.world.keep(&large(), None).await;
    let post = scene.film_in_an_hour("On time", &video).await;
    scene.world.pass(37 * MINUTE_MS);
    assert!(!scene.world.app.prepare_next().await.unwrap(), "23 minutes before its time");
    assert_eq!(scene.begun(), 0);
    scene.world.pass(MINUTE_MS + 30_000);
    scene.brought(1).await;
    // There, private, and still waiting for its time: nobody sees it.
    let delivery = scene.world.delivery(&post).await;
    assert_eq!((&delivery["state"], scene.commits(), scene.ledger().len()), (&json!("scheduled"), 0, 0), "{delivery}");
    assert!(!scene.world.app.prepare_next().await.unwrap(), "once");
    let pieces = scene.calls("PUT", UPLOADS);
    scene.world.pass(21 * MINUTE_MS + 30_000);
    scene.until(&post, "published").await;
    assert_eq!((scene.begun(), scene.calls("PUT", UPLOADS), scene.commits()), (1, pieces, 1));
    assert_eq!(scene.ledger().len(), 1);
    // A small one needs no such thing.
    let video = scene.world.keep(&super::small(), None).await;
    let post = scene.film_in_an_hour("A small one", &video).await;
    scene.world.pass(59 * MINUTE_MS);
    assert!(!scene.world.app.prepare_next().await.unwrap());
    scene.until(&post, "published").await;
    scene.end().await;
}

async fn a_film_that_is_stopped_after_it_was_brought_there_is_removed(engine: Engine) {
    let scene = Scene::on(engine).await;
    let video = scene.world.keep(&large(), None).await;
    let post = scene.film_in_an_hour("Never to be seen", &video).await;
    scene.world.pass(40 * MINUTE_MS);
    scene.brought(1).await;
    scene.world.call("withdraw_post", json!({ "post": post })).await;
    assert_eq!(scene.world.delivery(&post).await["state"], "cancelled");
    // An answer that is lost is no reason to say anything yet.
    scene.google.set_faults(vec![Fault::once("DELETE", VIDEOS, FaultKind::ResetBefore)]);
    scene.world.app.give_up_left().await.unwrap();
    assert_eq!((scene.videos().await.len(), scene.told("notice-left-removed").await), (1, 0));
    scene.world.app.give_up_left().await.unwrap();
    scene.world.app.give_up_left().await.unwrap();
    assert_eq!((scene.told("notice-left-removed").await, scene.calls("DELETE", VIDEOS)), (1, 2));
    assert_eq!((scene.handles().await, scene.told("notice-left-private").await), (0, 0));
    scene.world.pass(60 * MINUTE_MS);
    assert_eq!((scene.commits(), scene.ledger().len()), (0, 0));
    scene.end().await;
}

async fn who_delivers_takes_over_from_who_prepares_and_there_is_one_upload(engine: Engine) {
    let scene = Scene::on(engine).await;
    let video = scene.world.keep(&large(), None).await;
    let post = scene.film_in_an_hour("Slowly", &video).await;
    let preparing = scene.hangs_in_the_third_piece().await;
    assert_eq!((scene.begun(), scene.videos().await.len()), (1, 0));
    // Its time comes: whoever prepares gives way, and the upload goes on where it was.
    scene.world.pass(21 * MINUTE_MS + 1_000);
    scene.until(&post, "published").await;
    tokio::time::timeout(Duration::from_secs(10), preparing).await.unwrap().unwrap().unwrap();
    assert_eq!((scene.begun(), scene.videos().await.len(), scene.ledger().len()), (1, 1, 1));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_a_film_on_its_way_is_obeyed_within_seconds() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&large(), None).await;
    let post = scene.film_in_an_hour("Stopped", &video).await;
    let preparing = scene.hangs_in_the_third_piece().await;
    scene.world.call("withdraw_post", json!({ "post": post })).await;
    tokio::time::timeout(Duration::from_secs(10), preparing).await.unwrap().unwrap().unwrap();
    let pieces = scene.calls("PUT", UPLOADS);
    scene.world.pass(60 * MINUTE_MS);
    scene.world.app.give_up_left().await.unwrap();
    assert_eq!((scene.begun(), scene.videos().await.len(), scene.ledger().len()), (1, 0, 0));
    assert!(scene.calls("PUT", UPLOADS) <= pieces + 1, "at most asked how far it is");
    assert_eq!((scene.told("notice-left-private").await, scene.told("notice-left-removed").await), (0, 0));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_after_its_upload_is_named_with_its_place() {
    let scene = Scene::on(Engine::Sqlite).await;
    let video = scene.world.keep(&super::small(), None).await;
    let picture = scene.world.keep(&samples::jpeg(1_280, 720), None).await;
    scene.tune(|tuning| tuning.youtube.is_unverified = true);
    let post = scene.sent_with(json!({ "text": "With a picture", "media": [video, picture] }), chosen()).await;
    scene.until(&post, "failed").await;
    let notices = scene.world.app.notices(&scene.world.person).await.unwrap();
    let left = notices.iter().find(|notice| notice.what.key == "notice-left-private").unwrap();
    let id = scene.videos().await[0]["id"].as_str().unwrap().to_owned();
    let said = scene.world.app.words().say(socrazi::domain::lang::Lang::En, &left.what);
    assert!(said.contains(&format!("https://www.youtube.com/watch?v={id}")), "{said}");
    scene.world.app.give_up_left().await.unwrap();
    assert_eq!(scene.told("notice-left-private").await, 1, "once, whoever comes upon it");
    // What was never there is not named.
    scene.tune(|tuning| tuning.youtube.uploads_per_channel_day = 0);
    let post = scene.sent("One too many", &video).await;
    scene.until(&post, "failed").await;
    assert_eq!((scene.told("notice-left-private").await, scene.ledger().len()), (1, 0));
    scene.end().await;
}

impl Scene {
    /// Where the only video is, in the words of a notice of this key.
    async fn named(&self, key: &str) -> bool {
        let id = self.videos().await[0]["id"].as_str().unwrap().to_owned();
        let notices = self.world.app.notices(&self.world.person).await.unwrap();
        let link = format!("https://www.youtube.com/watch?v={id}");
        let said = |notice: &NoticeView| self.world.app.words().say(Lang::En, &notice.what);
        notices.iter().any(|notice| notice.what.key == key && said(notice).contains(&link))
    }

    /// A large film that is there before its time, of a post that is to go out in twenty minutes.
    async fn brought_for(&self, text: &str) -> Value {
        let video = self.world.keep(&large(), None).await;
        let post = self.film_in_an_hour(text, &video).await;
        self.world.pass(40 * MINUTE_MS);
        self.brought(1).await;
        post
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_missed_its_time_is_named_with_its_place() {
    let mut scene = Scene::on(Engine::Sqlite).await;
    let post = scene.brought_for("Too late").await;
    scene.world.abandon_publisher().await;
    scene.world.pass(180 * MINUTE_MS);
    scene.world.publish();
    scene.until(&post, "missed").await;
    for _ in 0..2 {
        scene.world.app.give_up_left().await.unwrap();
    }
    assert!(scene.named("notice-left-private").await);
    assert_eq!((scene.told("notice-left-private").await, scene.videos().await.len(), scene.ledger().len()), (1, 1, 0));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_on_a_channel_that_was_let_go_is_named_without_asking_youtube() {
    let scene = Scene::on(Engine::Sqlite).await;
    let post = scene.brought_for("Left there").await;
    let account = scene.accounts().await.remove(0).id;
    scene.world.app.disconnect(&scene.world.person, &account).await.unwrap();
    assert_eq!(scene.world.delivery(&post).await["state"], "cancelled");
    let reads = scene.calls("GET", VIDEOS);
    for _ in 0..2 {
        scene.world.app.give_up_left().await.unwrap();
    }
    assert!(scene.named("notice-left-unseen").await);
    assert_eq!(
        (scene.told("notice-left-unseen").await, scene.calls("GET", VIDEOS), scene.handles().await),
        (1, reads, 0)
    );
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_about_which_a_person_is_asked_is_named_with_its_place() {
    let scene = Scene::on(Engine::Sqlite).await;
    let post = scene.brought_for("Nobody knows").await;
    // The change is lost, and nothing can be read for as long as it is looked for.
    let status = |status: u16| FaultKind::Status { status, body: String::new(), headers: Default::default() };
    scene.google.set_faults(vec![
        Fault::once("PUT", VIDEOS, FaultKind::ResetBefore),
        Fault::once("GET", VIDEOS, status(503)).times(100_000),
    ]);
    scene.world.pass(20 * MINUTE_MS);
    scene.until(&post, "unknown").await;
    for _ in 0..400 {
        if scene.world.delivery(&post).await["state"] == "needs_human" {
            break;
        }
        scene.world.pass(20 * MINUTE_MS);
        // Read again by then, for the one question where it lies.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(scene.world.delivery(&post).await["state"], "needs_human");
    assert!(scene.named("notice-left-unseen").await);
    // Once it can be read, whoever drops it has it removed.
    scene.google.set_faults(Vec::new());
    let delivery = scene.world.delivery(&post).await["id"].as_str().unwrap().parse().unwrap();
    scene.world.app.settle(&scene.world.person, &delivery, (Answer::DropIt, None)).await.unwrap();
    scene.world.app.give_up_left().await.unwrap();
    assert_eq!((scene.told("notice-left-removed").await, scene.ledger().len()), (1, 0));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_a_post_that_is_forgotten_goes_with_it() {
    let scene = Scene::on(Engine::Sqlite).await;
    let post = scene.brought_for("Forgotten").await;
    scene.world.call("withdraw_post", json!({ "post": post })).await;
    let asked =
        scene.world.app.call_tool(&scene.world.assistant, "forget_history", json!({ "post": post })).await.unwrap();
    let id = asked.waiting[0].clone();
    let hash = scene.world.app.read_approval(&scene.world.person, &id).await.unwrap().approval.hash;
    scene.world.app.decide(&scene.world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert_eq!((scene.told("notice-left-removed").await, scene.calls("DELETE", VIDEOS)), (1, 1));
    assert_eq!(scene.world.rows().await["delivery"].len(), 0);
    scene.end().await;
}
