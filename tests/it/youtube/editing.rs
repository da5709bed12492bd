//! The channel's own videos: listed as they stand there, and changed through an approval of its own. The judge is what the simulator holds.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::ids::ApprovalId;
use socrazi::domain::lang::Lang;
use socrazi::domain::tool::ToolError;
use socrazi_sim::samples;
use socrazi_sim::{Fault, FaultKind};

use super::{BRAND, OWN, Scene, VIDEOS, every_video, small};
use crate::databases::{Engine, on_both};

on_both!(
    a_change_is_shown_before_and_after_and_made_as_it_was_approved,
    a_change_without_a_clear_answer_is_read_back_and_stands_there_once,
);

const THUMBNAILS: &str = "/upload/youtube/v3/thumbnails/set";

fn said(status: u16, reason: &str) -> FaultKind {
    let body = json!({ "error": { "code": status, "message": format!("because of {reason}"), "errors": [{ "reason": reason }] } });
    FaultKind::Status { status, body: body.to_string(), headers: BTreeMap::new() }
}

fn html(status: u16) -> FaultKind {
    FaultKind::Status { status, body: "<html>edge</html>".into(), headers: BTreeMap::new() }
}

impl Scene {
    /// Every video there is, old ones too, as the simulator holds them.
    async fn all_videos(&self) -> Vec<Value> {
        every_video(&self.google).await
    }

    async fn held(&self, id: &str) -> Value {
        self.all_videos().await.into_iter().find(|video| video["id"] == id).unwrap()
    }

    /// One of the channel's, to be changed.
    async fn some_video(&self) -> String {
        let all = self.all_videos().await;
        all.iter().find(|video| video["channel"] == OWN).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Asks for a change: its question and the question's hash.
    async fn wished(&self, video: Value) -> (ApprovalId, String) {
        let asked = self.world.app.call_tool(&self.world.assistant, "publish_post", json!({ "video": video })).await;
        let asked = asked.unwrap();
        assert_eq!(asked.structured["status"], "waiting_for_approval", "no standing permission covers it");
        let id = asked.waiting[0].clone();
        let hash = self.world.app.read_approval(&self.world.person, &id).await.unwrap().approval.hash;
        (id, hash)
    }

    async fn agree(&self, (id, hash): &(ApprovalId, String)) -> Result<String, String> {
        match self.world.app.decide(&self.world.person, id, hash, Verdict::Approve).await {
            Ok(view) => Ok(view.outcome.unwrap().key),
            Err(ToolError::Refused(why)) => Err(why.key),
            Err(failed) => panic!("{failed:?}"),
        }
    }

    async fn outcome(&self, id: &ApprovalId) -> String {
        self.world.app.read_approval(&self.world.person, id).await.unwrap().outcome.unwrap().key
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_videos_are_listed_with_all_that_is_said_of_them_page_by_page() {
    let scene = Scene::on(Engine::Sqlite).await;
    // Nobody but its owner sees this one.
    let video = scene.world.keep(&small(), None).await;
    let options =
        json!({ "youtube": { "for_kids": false, "visibility": "private", "tags": ["a", "b c"], "category": "28" } });
    let text = format!("Private one\n{}", "Long. ".repeat(60));
    let post = scene.sent_with(json!({ "text": text, "media": [video] }), options).await;
    scene.until(&post, "published").await;
    let mut seen: Vec<String> = Vec::new();
    let mut cursor = Value::Null;
    for page in 0.. {
        let mut asked = json!({ "view": "list" });
        if !cursor.is_null() {
            asked["cursor"] = cursor;
        }
        let answer = scene.world.call("report_videos", asked).await;
        let rows = answer["rows"].as_array().unwrap();
        seen.extend(rows.iter().map(|row| row[0].as_str().unwrap().to_owned()));
        if page == 0 {
            let columns = [
                "video",
                "title",
                "description",
                "tags",
                "category",
                "visibility",
                "published",
                "seconds",
                "thumbnail",
            ];
            assert_eq!(answer["columns"], json!(columns));
            let first = &rows[0];
            assert_eq!(
                (&first[1], &first[3], &first[4], &first[5]),
                (&json!("Private one"), &json!("a, b c"), &json!("28"), &json!("private"))
            );
            assert!(first[2].as_str().unwrap().ends_with('…') && first[7].as_i64().unwrap() > 0, "{first}");
            assert!(first[8].as_str().unwrap().starts_with("https://"), "{first}");
        }
        cursor = answer["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
        assert!(page < 20);
    }
    let held: Vec<Value> = scene.all_videos().await.into_iter().filter(|video| video["channel"] == OWN).collect();
    assert_eq!(seen.len(), held.len(), "each once");
    assert!(held.len() > 20 && held.iter().all(|video| seen.iter().any(|id| video["id"] == *id)));
    // One by itself, by its address, has all of its description.
    let link = format!("https://youtu.be/{}?si=x", seen[0]);
    let one = scene.world.call("report_videos", json!({ "view": "list", "video": link })).await;
    assert_eq!(one["rows"][0][2], "Long. ".repeat(60).trim());
    let other = scene.all_videos().await.into_iter().find(|video| video["channel"] == BRAND);
    let other = other.map_or_else(|| "aaaaaaaaaaa".to_owned(), |video| video["id"].as_str().unwrap().to_owned());
    for (asked, key) in [
        (json!({ "view": "list", "video": other }), "video-not-found"),
        (json!({ "view": "list", "cursor": "a b" }), "report-cursor-wrong"),
        (json!({ "view": "list", "channel": "x" }), "video-network-none"),
        (json!({ "view": "list", "period": "last week" }), "common-argument-wrong"),
    ] {
        assert_eq!(scene.world.refused("report_videos", asked).await, key);
    }
    scene.end().await;
}

async fn a_change_is_shown_before_and_after_and_made_as_it_was_approved(engine: Engine) {
    let scene = Scene::on(engine).await;
    let id = scene.some_video().await;
    let before = scene.held(&id).await;
    let picture = scene.world.keep(&samples::jpeg(1_280, 720), Some("A tower")).await;
    let wish = json!({ "id": id, "title": " 新しい題 ", "tags": ["rust", "web server", "rust"], "thumbnail": picture });
    // Tried first: nothing is stored and nothing is asked.
    let tried = scene
        .world
        .app
        .call_tool(&scene.world.assistant, "publish_post", json!({ "video": wish, "dry_run": true }))
        .await
        .unwrap();
    assert!(tried.waiting.is_empty() && tried.text.contains("新しい題") && tried.is_strange, "{}", tried.text);
    assert_eq!(scene.world.rows().await["video_edit"].len(), 0);
    let asked = scene.wished(wish).await;
    let page = scene.world.page(&format!("/approvals/{}", asked.0)).await;
    for words in [
        "新しい題",
        before["snippet"]["title"].as_str().unwrap(),
        "rust, web server",
        "weekly, acme &#38; friends",
        "A tower",
        "Now:",
        "Then:",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Description"), "what stays is not shown as a change");
    let text = scene
        .world
        .app
        .words()
        .say(Lang::Ja, &scene.world.app.read_approval(&scene.world.person, &asked.0).await.unwrap().what);
    assert!(text.contains("動画「") && text.contains(&id), "{text}");
    // What stood there is YouTube's data: sealed.
    let rows = scene.world.rows().await;
    assert!(
        !rows["video_edit"]
            .iter()
            .chain(&rows["approval"])
            .any(|row| row.contains("新しい題") || row.contains("What happened in week"))
    );
    assert_eq!(scene.held(&id).await, before, "nothing is written before the yes");
    assert_eq!(scene.agree(&asked).await.unwrap(), "video-edit-done");
    let after = scene.held(&id).await;
    assert_eq!(
        (&after["snippet"]["title"], &after["snippet"]["tags"]),
        (&json!("新しい題"), &json!(["rust", "web server"]))
    );
    for kept in ["description", "category_id", "default_language", "default_audio_language"] {
        assert_eq!(after["snippet"][kept], before["snippet"][kept], "{kept}");
    }
    assert_eq!(after["status"], before["status"], "who sees it is not touched");
    assert!(!after["thumbnail"].is_null());
    assert_eq!((scene.calls("PUT", VIDEOS), scene.calls("POST", THUMBNAILS)), (1, 1));
    // Used up, and nothing is left to be gone on with.
    let again = scene.world.app.decide(&scene.world.person, &asked.0, &asked.1, Verdict::Approve).await;
    assert!(matches!(&again, Err(ToolError::Refused(why)) if why.key == "approval-decided"), "{again:?}");
    scene.world.pass(3_600_000);
    scene.world.app.go_on_editing().await.unwrap();
    assert_eq!((scene.calls("PUT", VIDEOS), scene.calls("POST", THUMBNAILS)), (1, 1));
    let shown = scene.world.page(&format!("/approvals/{}", asked.0)).await;
    assert!(shown.contains("stands there so now"), "{shown}");
    // Declined: nothing.
    let (id, hash) = scene.wished(json!({ "id": id, "title": "Never" })).await;
    scene.world.app.decide(&scene.world.person, &id, &hash, Verdict::Decline).await.unwrap();
    assert_eq!(scene.calls("PUT", VIDEOS), 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_somebody_changed_meanwhile_is_left_as_it_is() {
    let scene = Scene::on(Engine::Sqlite).await;
    let id = scene.some_video().await;
    let (first, second) = (
        scene.wished(json!({ "id": id, "title": "First" })).await,
        scene.wished(json!({ "id": id, "title": "Second" })).await,
    );
    assert_eq!(scene.agree(&first).await.unwrap(), "video-edit-done");
    // What the second was asked on is not there any more.
    assert_eq!(scene.agree(&second).await.unwrap_err(), "video-edit-changed");
    assert_eq!((scene.held(&id).await["snippet"]["title"].clone(), scene.calls("PUT", VIDEOS)), (json!("First"), 1));
    assert_eq!(scene.outcome(&second.0).await, "video-edit-changed");
    // The same wish again: nothing would change. The same as stands there by another hand: it is done, without a write.
    assert_eq!(
        scene.world.refused("publish_post", json!({ "video": { "id": id, "title": "First" } })).await,
        "video-edit-nothing"
    );
    let (one, same) = (
        scene.wished(json!({ "id": id, "title": "Twin" })).await,
        scene.wished(json!({ "id": id, "title": "Twin" })).await,
    );
    assert_eq!(scene.agree(&one).await.unwrap(), "video-edit-done");
    assert_eq!(scene.agree(&same).await.unwrap(), "video-edit-done");
    assert_eq!(scene.calls("PUT", VIDEOS), 2, "what stands there already is not written again");
    // A wrong hash is no yes.
    let (third, _) = scene.wished(json!({ "id": id, "title": "Third" })).await;
    assert_eq!(scene.agree(&(third, "0".repeat(64))).await.unwrap_err(), "approval-changed");
    scene.end().await;
}

async fn a_change_without_a_clear_answer_is_read_back_and_stands_there_once(engine: Engine) {
    let scene = Scene::on(engine).await;
    let id = scene.some_video().await;
    // Taken, and nobody said so: reading shows it.
    for (n, kind) in
        [FaultKind::ResetAfter, FaultKind::StatusAfter { status: 503, body: "oops".into() }].into_iter().enumerate()
    {
        scene.google.set_faults(vec![Fault::once("PUT", VIDEOS, kind)]);
        let asked = scene.wished(json!({ "id": id, "title": format!("Lost {n}") })).await;
        assert_eq!(scene.agree(&asked).await.unwrap(), "video-edit-done");
        assert_eq!(
            (scene.held(&id).await["snippet"]["title"].clone(), scene.calls("PUT", VIDEOS)),
            (json!(format!("Lost {n}")), n as u64 + 1)
        );
    }
    // Never arrived: it is said so, and gone on with.
    for (n, kind) in [FaultKind::ResetBefore, html(502)].into_iter().enumerate() {
        scene.google.set_faults(vec![Fault::once("PUT", VIDEOS, kind)]);
        let asked = scene.wished(json!({ "id": id, "title": format!("Later {n}") })).await;
        assert_eq!(scene.agree(&asked).await.unwrap(), "video-edit-not-yet");
        scene.world.app.go_on_editing().await.unwrap();
        assert_eq!(scene.outcome(&asked.0).await, "video-edit-not-yet", "not before its time");
        scene.world.pass(61_000);
        scene.world.app.go_on_editing().await.unwrap();
        assert_eq!(scene.outcome(&asked.0).await, "video-edit-done");
        assert_eq!(scene.held(&id).await["snippet"]["title"], format!("Later {n}"));
        let told = scene.world.app.notices(&scene.world.person).await.unwrap();
        assert_eq!(told.iter().filter(|notice| notice.what.key == "notice-video-edit-done").count(), n + 1);
    }
    // Reading fails, too: for a day, and then the person is told what is known.
    scene.google.set_faults(vec![
        Fault::once("PUT", VIDEOS, html(500)).times(1_000),
        Fault::once("GET", VIDEOS, html(500)).after(1).times(10_000),
    ]);
    let asked = scene.wished(json!({ "id": id, "title": "Never" })).await;
    assert_eq!(scene.agree(&asked).await.unwrap(), "video-edit-under-way");
    for _ in 0..40 {
        scene.world.pass(3_600_000);
        scene.world.app.go_on_editing().await.unwrap();
    }
    assert_eq!(scene.outcome(&asked.0).await, "video-edit-unclear");
    let told = scene.world.app.notices(&scene.world.person).await.unwrap();
    assert_eq!(told.iter().filter(|notice| notice.what.key == "video-edit-unclear").count(), 1);
    scene.google.set_faults(Vec::new());
    scene.world.pass(3_600_000);
    scene.world.app.go_on_editing().await.unwrap();
    assert_eq!(scene.held(&id).await["snippet"]["title"], "Later 1", "given up is given up");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_youtube_refuses_of_a_change_is_said_with_what_stands_there_now() {
    let scene = Scene::on(Engine::Sqlite).await;
    let id = scene.some_video().await;
    let before = scene.held(&id).await;
    for (kind, key) in [
        (said(400, "invalidTitle"), "youtube-edit-refused"),
        (said(403, "forbidden"), "youtube-edit-refused"),
        (said(403, "quotaExceeded"), "youtube-edit-quota"),
        (said(403, "insufficientPermissions"), "youtube-permission-missing"),
    ] {
        scene.google.set_faults(vec![Fault::once("PUT", VIDEOS, kind)]);
        let asked = scene.wished(json!({ "id": id, "title": "Refused" })).await;
        assert_eq!(scene.agree(&asked).await.unwrap_err(), key);
        assert_eq!((scene.outcome(&asked.0).await.as_str(), scene.held(&id).await), (key, before.clone()));
    }
    // A token that was taken back before its time: once with a newer one.
    scene.google.set_faults(vec![Fault::once("PUT", VIDEOS, said(401, "authError"))]);
    let asked = scene.wished(json!({ "id": id, "title": "With a newer token" })).await;
    assert_eq!(scene.agree(&asked).await.unwrap(), "video-edit-done");
    // The channel has no verified phone number: the words stand there, the picture does not.
    scene.tune(|tuning| tuning.youtube.is_unverified = true);
    let picture = scene.world.keep(&samples::jpeg(640, 360), None).await;
    let asked = scene.wished(json!({ "id": id, "description": "Half", "thumbnail": picture })).await;
    assert_eq!(scene.agree(&asked).await.unwrap_err(), "video-edit-half-unverified");
    assert_eq!(scene.held(&id).await["snippet"]["description"], "Half");
    let asked = scene.wished(json!({ "id": id, "thumbnail": picture })).await;
    assert_eq!(scene.agree(&asked).await.unwrap_err(), "youtube-edit-thumbnail-unverified");
    // Gone since it was asked.
    scene.tune(|_| {});
    let asked = scene.wished(json!({ "id": id, "title": "Gone" })).await;
    let empty = FaultKind::Status { status: 200, body: json!({ "items": [] }).to_string(), headers: BTreeMap::new() };
    scene.google.set_faults(vec![Fault::once("GET", VIDEOS, empty)]);
    assert_eq!(scene.agree(&asked).await.unwrap_err(), "video-edit-not-there");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_just_so_is_asked_about_and_what_does_not_is_refused_before_anybody_is_asked() {
    let scene = Scene::on(Engine::Sqlite).await;
    let id = scene.some_video().await;
    let film = scene.world.keep(&small(), None).await;
    let just = json!({ "id": id, "title": "あ".repeat(100), "description": "x".repeat(5_000), "tags": ["a".repeat(250), "b".repeat(249)] });
    let asked = scene.wished(just).await;
    assert_eq!(scene.agree(&asked).await.unwrap(), "video-edit-done", "and YouTube takes it");
    for (wish, key) in [
        (json!({ "id": id, "title": "あ".repeat(101) }), "youtube-title-too-long"),
        (json!({ "id": id, "title": "  " }), "youtube-title-none"),
        (json!({ "id": id, "title": "a < b" }), "youtube-brackets"),
        (json!({ "id": id, "description": "y".repeat(5_001) }), "youtube-text-too-long"),
        (json!({ "id": id, "tags": ["a".repeat(250), "b".repeat(250)] }), "youtube-tags-too-long"),
        (json!({ "id": id, "tags": ["a,b"] }), "youtube-tag-wrong"),
        (json!({ "id": id, "thumbnail": film }), "youtube-media-kind"),
        (json!({ "id": id }), "video-edit-nothing"),
        (json!({ "id": "aaaaaaaaaaa", "title": "x" }), "video-not-found"),
    ] {
        assert_eq!(scene.world.refused("publish_post", json!({ "video": wish })).await, key, "{wish}");
    }
    let both = json!({ "post": "post_01J", "video": { "id": id, "title": "x" } });
    assert_eq!(scene.world.refused("publish_post", both).await, "common-argument-wrong");
    // Of several channels the one that is meant must be named.
    scene.connect(BRAND).await;
    assert_eq!(
        scene.world.refused("publish_post", json!({ "video": { "id": id, "title": "x" } })).await,
        "account-ambiguous"
    );
    let named = json!({ "video": { "id": id, "title": "Named" }, "accounts": [scene.account] });
    assert_eq!(scene.world.call("publish_post", named).await["status"], "waiting_for_approval");
    // A model never answers.
    let (asked, hash) = scene
        .world
        .app
        .list_waiting(&scene.world.person)
        .await
        .map(|mut all| all.remove(0).approval)
        .map(|a| (a.id, a.hash))
        .unwrap();
    let model = Caller { grant: Grant::Publishes, ..scene.world.assistant.clone() };
    let answered = scene.world.app.decide(&model, &asked, &hash, Verdict::Approve).await;
    assert!(matches!(&answered, Err(ToolError::Refused(why)) if why.key == "approval-not-by-model"), "{answered:?}");
    scene.end().await;
}

#[cfg(feature = "failpoints")]
mod dying {
    use super::*;
    use crate::world::dies_at;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_change_whose_process_dies_is_made_once_by_the_next() {
        let mut scene = Scene::on(Engine::Sqlite).await;
        let id = scene.some_video().await;
        for (n, point) in ["F16", "F17"].into_iter().enumerate() {
            let (asked, hash) = scene.wished(json!({ "id": id, "title": format!("Died at {point}") })).await;
            let (app, person, of) = (scene.world.app.clone(), scene.world.person.clone(), asked.clone());
            dies_at(point, async move { app.decide(&person, &of, &hash, Verdict::Approve).await.map(drop) }).await;
            assert_eq!(
                (scene.outcome(&asked).await.as_str(), scene.calls("PUT", VIDEOS)),
                ("video-edit-under-way", n as u64)
            );
            scene.world.reopen().await;
            scene.world.app.store().release_video_edits().await.unwrap();
            scene.world.app.go_on_editing().await.unwrap();
            scene.world.app.go_on_editing().await.unwrap();
            assert_eq!(scene.held(&id).await["snippet"]["title"], format!("Died at {point}"));
            assert_eq!(
                (scene.outcome(&asked).await.as_str(), scene.calls("PUT", VIDEOS)),
                ("video-edit-done", n as u64 + 1)
            );
        }
        scene.end().await;
    }
}
