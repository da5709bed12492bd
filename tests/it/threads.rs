//! Threads, the second network, through the whole server against its simulator, whose ledger is the judge: `connecting` (tokens), `publishing`
//! (each kind of content), `limits`, `trouble` (each class of error, each lost answer, each crash).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod callbacks;
mod connecting;
mod counted;
mod limits;
mod publishing;
mod secrets;
mod trouble;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::domain::account::Account;
use socrazi::domain::network::Network;
use socrazi_sim::clock::SimClock;
use socrazi_sim::threads::{ThreadsOptions, ThreadsSim, Tuning};
use tower::ServiceExt;

use crate::databases::Engine;
use crate::world::World;

/// Nothing takes the simulator any time: what is waited for is what the adapter waits for.
const AT_ONCE: Tuning = Tuning {
    text_ms: 0,
    image_ms: 0,
    video_ms: 0,
    list_lag_ms: 0,
    posts_max: 250,
    replies_max: 1_000,
    deletes_max: 100,
    growth: None,
};

/// A server with X and Threads connected, whose pages can be fetched from this machine.
struct Scene {
    world: World,
    threads: ThreadsSim,
    /// Where its pages are.
    here: url::Url,
    /// The account on Threads.
    account: Value,
    /// The pages that can be fetched: those of the process that lives.
    pages: Arc<Mutex<axum::Router>>,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        Self::with(engine, |_, _| {}).await
    }

    /// The network tells this server what its people do there.
    async fn told_by_meta(engine: Engine) -> Self {
        let told = |options: &mut ThreadsOptions, here: &url::Url| {
            options.uninstall_callback = here.join("meta/deauthorize").ok();
            options.delete_callback = here.join("meta/data-deletion").ok();
        };
        Self::with(engine, told).await
    }

    async fn with(engine: Engine, change: impl FnOnce(&mut ThreadsOptions, &url::Url)) -> Self {
        let clock = SimClock::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here: url::Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let mut options = ThreadsOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            tuning: AT_ONCE,
            ..ThreadsOptions::default()
        };
        change(&mut options, &here);
        let threads = ThreadsSim::start(options, clock.clone()).await.unwrap();
        let settings = [settings(&threads), vec![("server.public_url", here.to_string())]].concat();
        let world = World::at(engine, clock, settings).await;
        let pages = Arc::new(Mutex::new(world.router.clone()));
        let living = pages.clone();
        let router = axum::Router::new().fallback(move |request: axum::extract::Request| {
            let router = living.lock().unwrap().clone();
            async move { router.oneshot(request).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut scene = Self { world, threads, here, account: Value::Null, pages };
        scene.connect("socrazi_demo").await;
        scene.account = json!(scene.accounts().await[0].id.as_str());
        scene
    }

    async fn connect(&self, who: &str) {
        self.world.connect_to(Network::Threads, who).await;
    }

    async fn consent(&self, who: &str) -> Vec<(String, String)> {
        self.world.consent(Network::Threads, who).await
    }

    async fn accounts(&self) -> Vec<Account> {
        self.world.accounts_on(Network::Threads).await
    }

    /// The process ends and another one takes over.
    async fn reopen(&mut self) {
        self.world.reopen().await;
        *self.pages.lock().unwrap() = self.world.router.clone();
    }

    /// A draft for Threads alone.
    async fn draft(&self, segments: Value) -> Value {
        self.draft_with(segments, json!({})).await
    }

    async fn draft_with(&self, segments: Value, options: Value) -> Value {
        let arguments = json!({ "segments": segments, "accounts": [self.account], "options": options });
        self.world.call("create_draft", arguments).await["post"]["id"].clone()
    }

    /// Something with this text that is sent at once.
    async fn sent(&self, text: &str) -> Value {
        let post = self.draft(json!([{ "text": text }])).await;
        self.world.call("publish_post", json!({ "post": post })).await;
        post
    }

    /// Lets time pass, a second at a time, until the delivery stands somewhere. Work is given the time it takes.
    async fn until(&self, post: &Value, state: &str) -> Value {
        self.until_by(post, state, 1_000).await
    }

    async fn until_by(&self, post: &Value, state: &str, step_ms: i64) -> Value {
        for _ in 0..1_500 {
            let delivery = self.world.delivery(post).await;
            if delivery["state"] == state {
                return delivery;
            }
            // What works on it is not hurried into the end of its lease.
            let step_ms =
                if ["leased", "armed"].contains(&delivery["state"].as_str().unwrap()) { 2_000 } else { step_ms };
            self.world.pass(step_ms);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not {state}: {}", self.world.delivery(post).await);
    }

    fn calls(&self, method: &str, path: &str) -> u64 {
        // Counted by route.
        let path = path.replace("/me/", "/{id}/");
        let calls = self.threads.calls();
        calls.iter().filter(|call| call.method == method && call.path == path).map(|call| call.arrived).sum()
    }

    /// How often anything could have become visible.
    fn commits(&self) -> u64 {
        self.calls("POST", "/v1.0/me/threads_publish")
    }

    fn texts(&self) -> Vec<String> {
        self.threads.ledger().into_iter().map(|entry| entry.text).collect()
    }

    /// Asks the simulator itself for something.
    async fn tell(&self, path: &str, body: Value) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.post(self.threads.url().join(path).unwrap()).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    async fn end(self) {
        let mut texts = self.texts();
        texts.sort();
        let all = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), all, "something is out twice: {:?}", self.threads.ledger());
        self.world.end().await;
    }
}

/// What a server needs to use this simulator.
pub(crate) fn settings(threads: &ThreadsSim) -> Vec<(&'static str, String)> {
    vec![
        ("threads.client_id", "7000000000000001".to_owned()),
        ("threads.client_secret", "sim-threads-secret".to_owned()),
        ("threads.auth_url", threads.url().join("oauth/authorize").unwrap().to_string()),
        ("threads.api_url", threads.url().to_string()),
    ]
}
