//! What TikTok counts of videos: read by their ids, with a scope of its own, and unknown for what it gave no id.

use serde_json::{Value, json};

use super::{ANA, Scene, public};
use crate::databases::{Engine, on_both};

const HOUR_MS: i64 = 3_600_000;
const QUERY: &str = "/v2/video/query/";

on_both!(figures_of_public_videos_are_told_with_the_words_of_tiktok);

impl Scene {
    async fn after(&self, ms: i64) {
        self.world.pass(ms);
        self.world.app.count_due().await.unwrap();
    }

    async fn figures(&self) -> Value {
        self.world.call("report_posts", json!({})).await["figures"].clone()
    }
}

async fn figures_of_public_videos_are_told_with_the_words_of_tiktok(engine: Engine) {
    let scene = Scene::on(engine).await;
    let open = scene.sent("for everybody").await;
    let friends = json!({ "tiktok": { "privacy": "friends" } });
    let hidden = scene.send("for friends", json!([scene.film]), friends).await;
    scene.until(&open, "published").await;
    scene.until(&hidden, "published").await;
    let id = scene.ledger().into_iter().find(|entry| entry.text == "for everybody").unwrap().id;
    let counted = json!({ "view_count": 120, "like_count": 7, "comment_count": 0, "share_count": 2 });
    scene.tell("__sim/insights", json!({ &id: counted })).await;
    scene.after(HOUR_MS).await;
    assert_eq!(scene.calls("POST", QUERY), 1, "what has no id is not asked about");
    let figures = scene.figures().await;
    let rows = figures["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row[0] == open).unwrap();
    let expected = [json!(1), json!(120), json!(7), json!(0), json!(2), Value::Null, Value::Null];
    assert_eq!(row.as_array().unwrap()[2..], expected, "{row}");
    assert!(rows.iter().filter(|row| row[0] == hidden).all(|row| row[3].is_null()), "{rows:?}");
    let words = figures["caveats"].to_string();
    assert!(words.contains("views = view_count") && words.contains("never told: saves, clicks"), "{words}");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_scope_the_person_is_told_so_and_posts_go_out_all_the_same() {
    let scene = Scene::on(Engine::Sqlite).await;
    let query = scene.consent(ANA, "video.list").await;
    scene
        .world
        .app
        .connect_finish(&scene.world.person, socrazi::domain::network::Network::TikTok, &query)
        .await
        .unwrap();
    let post = scene.send("without figures", json!([scene.film]), public()).await;
    scene.until(&post, "published").await;
    scene.after(HOUR_MS).await;
    assert_eq!(scene.calls("POST", QUERY), 0, "what would be refused is not asked");
    let caveats = scene.figures().await["caveats"].to_string();
    assert!(caveats.contains("video.list") && caveats.contains("connect it again"), "{caveats}");
    scene.end().await;
}
