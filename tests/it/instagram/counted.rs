//! What Instagram counts of posts: each kind is asked with its own names, a story that few have seen or whose day is over is unknown, a comment below a
//! post is nothing that is counted.

use serde_json::{Value, json};
use socrazi_sim::faults::{Fault, FaultKind};
use socrazi_sim::growth;
use socrazi_sim::instagram::Tuning;

use super::{Scene, at_once};
use crate::databases::Engine;

const HOUR_MS: i64 = 3_600_000;

impl Scene {
    async fn after(&self, ms: i64) {
        self.world.pass(ms);
        self.world.app.count_due().await.unwrap();
    }

    async fn figures(&self) -> Value {
        self.world.call("report_posts", json!({})).await["figures"].clone()
    }
}

/// The row of a post.
fn row<'a>(figures: &'a Value, post: &Value) -> Option<&'a Value> {
    figures["rows"].as_array().unwrap().iter().find(|row| row[0] == *post)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_is_asked_with_its_own_names_and_what_is_not_told_is_unknown() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.instagram.tune(Tuning { growth: Some(5), ..at_once() });
    let film = scene.film().await;
    let story = json!({ "instagram": { "story": true } });
    let (picture, reel, few, seen) = (
        scene.sent("A picture").await,
        scene.send(json!([{ "text": "A reel", "media": [film] }]), json!({})).await,
        scene.send(json!([{ "text": "", "media": [scene.picture] }]), story.clone()).await,
        scene.send(json!([{ "text": "", "media": [film] }]), story).await,
    );
    for post in [&picture, &reel, &few, &seen] {
        scene.until(post, "published").await;
    }
    let ledger = scene.instagram.ledger();
    let of = |kind: &str, no: usize| ledger.iter().filter(|entry| entry.kind == kind).nth(no).unwrap().id.clone();
    let id = ledger.iter().find(|entry| entry.text == "A picture").unwrap().id.clone();
    scene
        .tell(
            "__sim/insights",
            json!({ of("STORY", 0): { "reach": 4 }, of("STORY", 1): { "reach": 900, "replies": 3, "shares": 2 } }),
        )
        .await;
    scene.tell("__sim/insights", json!({ &id: { "shares": 2, "reposts": 1, "saved": 9, "comments": 0 } })).await;
    scene.after(HOUR_MS).await;
    let figures = scene.figures().await;
    let told = row(&figures, &picture).unwrap();
    assert_eq!(
        (&told[2], &told[5], &told[6], &told[7], &told[8]),
        (&json!(1), &json!(0), &json!(3), &json!(9), &Value::Null),
        "{told}"
    );
    let most = growth::figure(5, (&id, "views"), 2 * HOUR_MS);
    assert!((1..=most).contains(&told[3].as_u64().unwrap()), "{told}");
    assert!(row(&figures, &reel).is_some(), "{figures}");
    // Which of the two stories is which, the ledger does not say; one is told and one is not.
    let stories: Vec<_> = [&few, &seen].into_iter().filter_map(|post| row(&figures, post)).collect();
    assert_eq!(stories.len(), 1, "fewer than five viewers: {figures}");
    assert_eq!((&stories[0][4], &stories[0][5], &stories[0][6]), (&Value::Null, &json!(3), &json!(2)), "{stories:?}");
    // A day later there is nothing of stories, and the others are read all the same.
    scene.after(24 * HOUR_MS).await;
    let figures = scene.figures().await;
    assert_eq!(
        (&row(&figures, &picture).unwrap()[2], &row(&figures, &reel).unwrap()[2]),
        (&json!(25), &json!(25)),
        "{figures}"
    );
    assert!(!figures["caveats"].to_string().contains("permission"), "{figures}");
    scene.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_graph_is_known_for_leaves_what_was_known() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.instagram.tune(Tuning { growth: Some(5), ..at_once() });
    let post = scene.sent("Now and then not there").await;
    scene.until(&post, "published").await;
    scene.after(HOUR_MS).await;
    let graph = |code: i64, subcode: i64| FaultKind::Status {
        status: 400,
        body: json!({ "error": { "message": "Unsupported get request", "code": code, "error_subcode": subcode } })
            .to_string(),
        headers: std::collections::BTreeMap::new(),
    };
    scene.instagram.set_faults(vec![Fault::once("GET", "/v25.0/", graph(100, 33))]);
    scene.after(23 * HOUR_MS).await;
    let known = scene.figures().await;
    assert!(row(&known, &post).is_some_and(|row| row[2] == 1 || row[2] == 24), "{known}");
    // Throttled: as long as Instagram says.
    let throttled = FaultKind::Status {
        status: 400,
        body: json!({ "error": { "message": "limit", "code": 4 } }).to_string(),
        headers: [("x-app-usage".to_owned(), r#"{"estimated_time_to_regain_access":90}"#.to_owned())].into(),
    };
    scene.instagram.set_faults(vec![Fault::once("GET", "/v25.0/", throttled)]);
    scene.after(48 * HOUR_MS).await;
    let asked = scene.calls("GET", "/{version}/{id}");
    scene.after(85 * 60_000).await;
    assert_eq!(scene.calls("GET", "/{version}/{id}"), asked, "not within the wait that it named");
    scene.after(10 * 60_000).await;
    assert_eq!(row(&scene.figures().await, &post).unwrap()[2], 73);
    scene.end().await;
}
