//! Instagram, through the whole server against its simulator, whose ledger is the judge: `connecting` (tokens), `publishing` (each kind of
//! content), `limits`, `trouble` (each class of error, each lost answer, each crash), `secrets`. What is waited for passes by a moved clock.
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
use socrazi_sim::instagram::{InstagramOptions, InstagramSim, Login, Tuning};
use socrazi_sim::samples::{Film, mp4};
use tower::ServiceExt;

use crate::databases::Engine;
use crate::world::World;

/// The account that is connected.
const ANA: &str = "17841400000000011";
/// Everything that the simulator lets an account do.
const ALL_SCOPES: [&str; 5] = [
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_insights",
    "instagram_business_manage_comments",
    "instagram_business_manage_contents",
];

/// Nothing takes the simulator any time: what is waited for is what the adapter waits for.
fn at_once() -> Tuning {
    Tuning { image_ms: 0, video_ms: 0, ..Tuning::default() }
}

/// A server with X and Instagram connected, whose pages can be fetched from this machine.
struct Scene {
    world: World,
    instagram: InstagramSim,
    /// Where its pages are.
    here: url::Url,
    /// The account on Instagram.
    account: Value,
    /// A picture, as JPEG.
    picture: Value,
    /// The pages that can be fetched: those of the process that lives.
    pages: Arc<Mutex<axum::Router>>,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        Self::with(engine, Vec::new()).await
    }

    /// With these settings beside the usual ones.
    async fn with(engine: Engine, more: Vec<(&'static str, String)>) -> Self {
        Self::set(engine, |_, _| {}, more).await
    }

    /// Instagram tells this server what its people do there.
    async fn told_by_meta(engine: Engine) -> Self {
        let told = |options: &mut InstagramOptions, here: &url::Url| {
            options.deauthorize_callback = here.join("meta/deauthorize").ok();
            options.deletion_callback = here.join("meta/data-deletion").ok();
        };
        Self::set(engine, told, Vec::new()).await
    }

    async fn set(
        engine: Engine,
        change: impl FnOnce(&mut InstagramOptions, &url::Url),
        more: Vec<(&'static str, String)>,
    ) -> Self {
        let clock = SimClock::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here: url::Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let mut options = InstagramOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            tuning: at_once(),
            ..InstagramOptions::default()
        };
        change(&mut options, &here);
        let instagram = InstagramSim::start(options, clock.clone()).await.unwrap();
        let settings = [settings(&instagram), vec![("server.public_url", here.to_string())], more].concat();
        let world = World::at(engine, clock, settings).await;
        let pages = Arc::new(Mutex::new(world.router.clone()));
        let living = pages.clone();
        let router = axum::Router::new().fallback(move |request: axum::extract::Request| {
            let router = living.lock().unwrap().clone();
            async move { router.oneshot(request).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let picture = world.picture().await;
        let mut scene = Self { world, instagram, here, account: Value::Null, picture, pages };
        scene.connect("socrazi_demo").await;
        scene.account = json!(scene.accounts().await[0].id.as_str());
        scene
    }

    async fn connect(&self, who: &str) {
        self.world.connect_to(Network::Instagram, who).await;
    }

    async fn consent(&self, who: &str) -> Vec<(String, String)> {
        self.world.consent(Network::Instagram, who).await
    }

    async fn accounts(&self) -> Vec<Account> {
        self.world.accounts_on(Network::Instagram).await
    }

    /// The process ends and another one takes over.
    async fn reopen(&mut self) {
        self.world.reopen().await;
        *self.pages.lock().unwrap() = self.world.router.clone();
    }

    async fn keep(&self, bytes: &[u8], alt: Option<&str>) -> Value {
        self.world.keep(bytes, alt).await
    }

    async fn film(&self) -> Value {
        self.keep(&mp4(&Film::default()), None).await
    }

    /// A draft for Instagram alone.
    async fn draft(&self, segments: Value, options: Value) -> Value {
        let arguments = json!({ "segments": segments, "accounts": [self.account], "options": options });
        self.world.call("create_draft", arguments).await["post"]["id"].clone()
    }

    /// A draft that is sent at once.
    async fn send(&self, segments: Value, options: Value) -> Value {
        let post = self.draft(segments, options).await;
        self.world.call("publish_post", json!({ "post": post })).await;
        post
    }

    /// A picture with this caption that is sent at once.
    async fn sent(&self, text: &str) -> Value {
        self.send(json!([{ "text": text, "media": [self.picture] }]), json!({})).await
    }

    /// Lets time pass, two seconds at a time, until the delivery stands somewhere.
    async fn until(&self, post: &Value, state: &str) -> Value {
        self.until_by(post, state, 2_000).await
    }

    async fn until_by(&self, post: &Value, state: &str, step_ms: i64) -> Value {
        for _ in 0..1_500 {
            let delivery = self.world.delivery(post).await;
            if delivery["state"] == state {
                return delivery;
            }
            // What works on it is not hurried into the end of its lease, which it looks after every half a second.
            let is_at_work = ["leased", "armed"].contains(&delivery["state"].as_str().unwrap());
            self.world.pass(if is_at_work { step_ms.min(2_000) } else { step_ms });
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not {state}: {}", self.world.delivery(post).await);
    }

    /// How often a route was called.
    fn calls(&self, method: &str, route: &str) -> u64 {
        let calls = self.instagram.calls();
        calls.iter().filter(|call| call.method == method && call.path == route).map(|call| call.arrived).sum()
    }

    /// How often anything could have become visible.
    fn commits(&self) -> u64 {
        self.calls("POST", "/{version}/{id}/media_publish") + self.calls("POST", "/{version}/{id}/comments")
    }

    fn texts(&self) -> Vec<String> {
        self.instagram.ledger().into_iter().map(|entry| entry.text).collect()
    }

    /// A post as the network shows it.
    async fn seen(&self, id: &str, fields: &str) -> Value {
        let token = self.instagram.grant(Login::Instagram, ANA, &ALL_SCOPES).unwrap();
        let mut url = self.instagram.url().join(&format!("v25.0/{id}")).unwrap();
        url.query_pairs_mut().append_pair("fields", fields).append_pair("access_token", &token.value);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Asks the simulator itself for something.
    async fn tell(&self, path: &str, body: Value) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.post(self.instagram.url().join(path).unwrap()).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    async fn end(self) {
        let mut texts = self.texts();
        texts.retain(|text| !text.is_empty());
        texts.sort();
        let all = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), all, "something is out twice: {:?}", self.instagram.ledger());
        self.world.end().await;
    }
}

/// What a server needs to use this simulator.
pub(crate) fn settings(instagram: &InstagramSim) -> Vec<(&'static str, String)> {
    vec![
        ("instagram.client_id", "9000000000000001".to_owned()),
        ("instagram.client_secret", "sim-instagram-secret".to_owned()),
        ("instagram.auth_url", instagram.url().join("oauth/authorize").unwrap().to_string()),
        ("instagram.api_url", instagram.url().to_string()),
        ("instagram.graph_url", instagram.url().to_string()),
    ]
}
