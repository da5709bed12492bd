//! What Threads counts of posts: read with its own scope alone, one call each, and without it the person is told what to do while posts go out.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use socrazi::domain::network::Network;
use socrazi_sim::faults::{Fault, FaultKind};
use socrazi_sim::growth;

use super::{AT_ONCE, Scene};
use crate::databases::Engine;

const HOUR_MS: i64 = 3_600_000;
const INSIGHTS: &str = "threads_manage_insights";

impl Scene {
    /// Connects the account again with all scopes but one.
    async fn connect_without(&self, scope: &str) {
        let mut url = self.world.app.connect_begin(&self.world.person, Network::Threads).await.unwrap();
        let less = |(name, value): (String, String)| {
            let kept = value.split(',').filter(|one| *one != scope).collect::<Vec<_>>().join(",");
            if name == "scope" { (name, kept) } else { (name, value) }
        };
        let pairs: Vec<_> = url.query_pairs().into_owned().map(less).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs).append_pair("user", "socrazi_demo");
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
        let back: url::Url = back.parse().unwrap();
        let query: Vec<_> = back.query_pairs().into_owned().collect();
        self.world.app.connect_finish(&self.world.person, Network::Threads, &query).await.unwrap();
    }

    async fn after(&self, ms: i64) {
        self.world.pass(ms);
        self.world.app.count_due().await.unwrap();
    }

    async fn figures(&self) -> Value {
        self.world.call("report_posts", json!({})).await["figures"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_told_with_the_words_of_threads_and_what_it_never_says_is_unknown() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.threads.tune(socrazi_sim::threads::Tuning { growth: Some(3), ..AT_ONCE });
    let post = scene.sent("Counted by Threads").await;
    scene.until(&post, "published").await;
    let entry = scene.threads.ledger().remove(0);
    scene.tell("__sim/insights", json!({ &entry.id: { "reposts": 2, "quotes": 1, "shares": 4, "likes": 0 } })).await;
    let young = scene.world.clock.now_ms() + HOUR_MS - entry.created_at_ms;
    scene.after(HOUR_MS).await;
    let old = scene.world.clock.now_ms() - entry.created_at_ms;
    let figures = scene.figures().await;
    let row = &figures["rows"][0];
    let views = row[3].as_u64().unwrap();
    let at = |age| growth::figure(3, (&entry.id, "views"), age);
    assert!((at(young)..=at(old)).contains(&views), "{row}");
    assert_eq!((&row[0], &row[2], &row[4], &row[6]), (&post, &json!(1), &json!(0), &json!(7)), "{row}");
    assert_eq!((&row[7], &row[8]), (&Value::Null, &Value::Null), "never told is not nothing");
    let words = figures["caveats"].to_string();
    assert!(words.contains("reposts + quotes + shares") && words.contains("never told: saves, clicks"), "{words}");
    // A day, three days, a week: once each, nothing in between.
    let asked = || scene.calls("GET", "/v1.0/{id}/insights");
    for (hours, times) in [(10, 1), (13, 2), (10, 2), (40, 3), (96, 4), (96, 4)] {
        scene.after(hours * HOUR_MS).await;
        assert_eq!(asked(), times, "{hours} hours later");
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_the_scope_is_told_so_and_posts_all_the_same() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.connect_without(INSIGHTS).await;
    assert!(!scene.accounts().await[0].scopes.contains(INSIGHTS));
    let post = scene.sent("Without figures").await;
    scene.until(&post, "published").await;
    scene.after(HOUR_MS).await;
    assert_eq!(scene.calls("GET", "/v1.0/{id}/insights"), 0, "what would be refused is not asked");
    let caveats = scene.figures().await["caveats"].to_string();
    assert!(caveats.contains(INSIGHTS) && caveats.contains("connect it again"), "{caveats}");
    // Connected again with everything, it is read from the next age on.
    scene.connect("socrazi_demo").await;
    scene.after(23 * HOUR_MS).await;
    assert_eq!(scene.figures().await["rows"][0][2], 24);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_gone_is_told_and_one_odd_post_costs_no_other() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (first, second) = (scene.sent("The first").await, scene.sent("The second").await);
    scene.until(&first, "published").await;
    scene.until(&second, "published").await;
    let graph = |code: i64, subcode: i64| {
        FaultKind::Status {
        status: 400,
        body: json!({ "error": { "message": "(#10) refused", "type": "OAuthException", "code": code, "error_subcode": subcode } }).to_string(),
        headers: BTreeMap::new(),
    }
    };
    // Only the post's own insights: accounts' are at another path.
    let id = scene.threads.ledger().into_iter().find(|entry| entry.text == "The first").unwrap().id;
    let path = format!("/v1.0/{id}/insights");
    scene.threads.set_faults(vec![Fault::once("GET", &path, graph(100, 33))]);
    scene.after(HOUR_MS).await;
    let rows = scene.figures().await["rows"].as_array().unwrap().clone();
    assert_eq!(rows.iter().map(|row| &row[0]).collect::<Vec<_>>(), [&second], "{rows:?}");
    scene.threads.set_faults(vec![Fault::once("GET", "/v1.0/", graph(10, 0))]);
    scene.after(23 * HOUR_MS).await;
    let figures = scene.figures().await;
    assert!(figures["caveats"].to_string().contains("without a permission"), "{figures}");
    // What was known stays, at the age at which it was read.
    assert_eq!(figures["rows"][0][2], 1);
    scene.after(6 * HOUR_MS + 60_000).await;
    let figures = scene.figures().await;
    assert!(!figures["caveats"].to_string().contains("without a permission"), "{figures}");
    assert_eq!(figures["rows"].as_array().unwrap().len(), 2);
    scene.end().await;
}
