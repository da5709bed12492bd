//! What YouTube counts of videos: read for many in one call, told with its words, kept for thirty days and no longer.

use serde_json::{Value, json};

use super::{Scene, VIDEOS, small};
use crate::databases::{Engine, on_both};

const DAY_MS: i64 = 86_400_000;

on_both!(figures_of_videos_are_read_in_one_call_and_kept_no_longer_than_youtube_allows);

impl Scene {
    async fn after(&self, ms: i64) {
        self.world.pass(ms);
        self.world.app.count_due().await.unwrap();
    }

    /// What the simulator counted of a video until today: its views, one by one.
    async fn views(&self, id: &str) -> u64 {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = self
            .google
            .url()
            .join("__sim/youtube/views?channel=UCsimAnaChannel0000000001&from=2020-01-01&to=2099-01-01");
        let all: Vec<Value> = http.get(url.unwrap()).send().await.unwrap().json().await.unwrap();
        all.iter().filter(|view| view["video"] == id).count() as u64
    }
}

async fn figures_of_videos_are_read_in_one_call_and_kept_no_longer_than_youtube_allows(engine: Engine) {
    let scene = Scene::on(engine).await;
    let video = scene.world.keep(&small(), None).await;
    let (first, second) = (scene.sent("The first", &video).await, scene.sent("The second", &video).await);
    scene.until(&first, "published").await;
    scene.until(&second, "published").await;
    let looks = scene.calls("GET", VIDEOS);
    scene.after(3 * DAY_MS).await;
    assert_eq!(scene.calls("GET", VIDEOS), looks + 1, "both in one");
    let report = scene.world.call("report_posts", json!({ "days": 28 })).await;
    let rows = report["figures"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{report}");
    for (post, text) in [(&first, "The first"), (&second, "The second")] {
        let id = scene.ledger().into_iter().find(|entry| entry.text.starts_with(text)).unwrap().id;
        let row = rows.iter().find(|row| row[0] == *post).unwrap();
        let views = scene.views(&id).await;
        assert!(views > 0);
        assert_eq!((&row[2], &row[3]), (&json!(72), &json!(views)), "{text}: {row}");
        assert_eq!((&row[6], &row[7]), (&Value::Null, &Value::Null), "never told is not nothing");
    }
    let words = report["figures"]["caveats"].to_string();
    assert!(words.contains("views = viewCount, likes = likeCount, comments = commentCount"), "{words}");
    assert!(words.contains("never told: shares, saves, clicks"), "{words}");
    // Thirty days after they were read they go.
    assert_eq!(scene.kept().await, 2);
    scene.after(30 * DAY_MS - 60_000).await;
    assert_eq!(scene.kept().await, 2, "thirty days are not over");
    scene.after(120_000).await;
    assert_eq!(scene.kept().await, 0);
    scene.end().await;
}

impl Scene {
    async fn kept(&self) -> usize {
        self.world.rows().await.get("post_figures").map_or(0, Vec::len)
    }
}
