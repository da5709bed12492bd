//! TikTok, through the whole server against its simulator, whose ledger is the judge: `connecting` (tokens), `callbacks` (its webhook), `publishing`
//! (each way that a post gets there), `choices` (what the person chooses, each time), `limits`, `counted` (figures), `trouble` (each class of error,
//! each lost answer, each crash), `secrets`. What is waited for passes by a moved clock.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod callbacks;
mod choices;
mod connecting;
mod counted;
mod limits;
mod publishing;
mod secrets;
mod trouble;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::domain::account::Account;
use socrazi::domain::ids::ApprovalId;
use socrazi::domain::network::Network;
use socrazi_sim::Visible;
use socrazi_sim::clock::SimClock;
use socrazi_sim::pull::Detour;
use socrazi_sim::samples::{Film, mp4};
use socrazi_sim::tiktok::{TikTokOptions, TikTokSim, Tuning};
use tower::ServiceExt;

use crate::databases::Engine;
use crate::world::World;

/// The creator who is connected.
const ANA: &str = "socrazi_demo";
/// Their id within the app.
const ANA_ID: &str = "723f24d7-e717-40f8-a2b6-cb8464cd23b4";
/// The address that TikTok has verified, which leads to this machine.
const PUBLIC: &str = "https://media.example";
const VIDEO_INIT: &str = "/v2/post/publish/video/init/";
const INBOX_INIT: &str = "/v2/post/publish/inbox/video/init/";
const CONTENT_INIT: &str = "/v2/post/publish/content/init/";
const CREATOR: &str = "/v2/post/publish/creator_info/query/";
const STATUS: &str = "/v2/post/publish/status/fetch/";
const PUT: &str = "/video/";

/// Nothing takes the simulator any time, and nothing is counted.
fn at_once() -> Tuning {
    Tuning { process_ms: 0, moderation_ms: 0, posts_max: 1_000, counts_calls: false, ..Tuning::default() }
}

/// A server with X and TikTok connected, whose pages TikTok can fetch.
struct Scene {
    world: World,
    tiktok: TikTokSim,
    /// The account on TikTok.
    account: Value,
    /// A small film.
    film: Value,
    /// The pages that can be fetched: those of the process that lives.
    pages: Arc<Mutex<axum::Router>>,
}

impl Scene {
    /// With an audited app whose address is verified.
    async fn on(engine: Engine) -> Self {
        Self::with(engine, TikTokOptions::default(), Vec::new()).await
    }

    /// With another app, and these settings beside the usual ones.
    async fn with(engine: Engine, options: TikTokOptions, more: Vec<(&'static str, String)>) -> Self {
        let clock = SimClock::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("http://{}/", listener.local_addr().unwrap());
        let options = TikTokOptions {
            redirect_uris: vec![format!("{PUBLIC}/connect/tiktok/callback")],
            auto_consent: true,
            webhook: Some(format!("{here}tiktok/webhook").parse().unwrap()),
            detours: vec![Detour { from: format!("{PUBLIC}/"), to: here.parse().unwrap() }],
            tuning: at_once(),
            ..options
        };
        let tiktok = TikTokSim::start(options, clock.clone()).await.unwrap();
        let settings = [settings(&tiktok), vec![("server.public_url", PUBLIC.to_owned())], more].concat();
        let world = World::at(engine, clock, settings).await;
        let pages = Arc::new(Mutex::new(world.router.clone()));
        let living = pages.clone();
        let router = axum::Router::new().fallback(move |request: axum::extract::Request| {
            let router = living.lock().unwrap().clone();
            async move { router.oneshot(request).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut scene = Self { world, tiktok, account: Value::Null, film: Value::Null, pages };
        scene.film = scene.keep(&mp4(&Film::default())).await;
        scene.connect(ANA).await;
        scene.account = json!(scene.accounts().await[0].id.as_str());
        scene
    }

    /// Connects whoever is named as the person's browser would.
    async fn connect(&self, who: &str) {
        let query = self.consent(who, "").await;
        self.world.app.connect_finish(&self.world.person, Network::TikTok, &query).await.unwrap();
        let again = self.world.app.connect_finish(&self.world.person, Network::TikTok, &query).await;
        assert!(again.is_err(), "the same state was spent twice");
    }

    /// What comes back with the browser of somebody who leaves out some scopes.
    async fn consent(&self, who: &str, declined: &str) -> Vec<(String, String)> {
        let mut url = self.world.app.connect_begin(&self.world.person, Network::TikTok).await.unwrap();
        url.query_pairs_mut().append_pair("user", who).append_pair("declined", declined);
        let answer = http().get(url).send().await.unwrap();
        let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        back.query_pairs().into_owned().collect()
    }

    /// The accounts on TikTok, as the store has them.
    async fn accounts(&self) -> Vec<Account> {
        self.world.accounts_on(Network::TikTok).await
    }

    /// The process ends and another one takes over.
    async fn reopen(&mut self) {
        self.world.reopen().await;
        *self.pages.lock().unwrap() = self.world.router.clone();
    }

    async fn keep(&self, bytes: &[u8]) -> Value {
        let app = &self.world.app;
        let mut file = app.upload_begin().await.unwrap();
        file.write(bytes).await.unwrap();
        json!(app.keep_media(&self.world.person, file, None).await.unwrap().id)
    }

    /// A draft for TikTok alone.
    async fn draft(&self, text: &str, media: Value, options: Value) -> Value {
        let segments = json!([{ "text": text, "media": media }]);
        let arguments = json!({ "segments": segments, "accounts": [self.account], "options": options });
        self.world.call("create_draft", arguments).await["post"]["id"].clone()
    }

    /// A draft that the person has sent at once.
    async fn send(&self, text: &str, media: Value, options: Value) -> Value {
        let post = self.draft(text, media, options).await;
        self.approve(&self.world.call("publish_post", json!({ "post": post })).await).await;
        post
    }

    /// A public film that is sent at once.
    async fn sent(&self, text: &str) -> Value {
        self.send(text, json!([self.film]), public()).await
    }

    /// Asks what the account may do, so that what comes within a minute plans by that and finds TikTok's faults when it is due.
    async fn warm(&self) {
        self.tiktok.set_faults(Vec::new());
        let post = self.draft("only tried", json!([self.film]), public()).await;
        let arguments = json!({ "post": post, "dry_run": true });
        let _whatever = self.world.app.call_tool(&self.world.assistant, "publish_post", arguments).await;
    }

    /// The person says yes to what a tool asks.
    async fn approve(&self, asked: &Value) {
        let id = approval(asked);
        let hash = self.world.app.read_approval(&self.world.person, &id).await.unwrap().approval.hash;
        self.world.app.decide(&self.world.person, &id, &hash, Verdict::Approve).await.unwrap();
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
            self.world.pass(if is_at_work { step_ms.min(1_000) } else { step_ms });
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        panic!("not {state}: {}", self.world.delivery(post).await);
    }

    /// How often a route was called.
    fn calls(&self, method: &str, route: &str) -> u64 {
        let calls = self.tiktok.calls();
        calls.iter().filter(|call| call.method == method && call.path == route).map(|call| call.arrived).sum()
    }

    /// How many of those were decided: of one that hangs behind that, everything that was sent had been read.
    fn decided(&self, method: &str, route: &str) -> u64 {
        let calls = self.tiktok.calls();
        let of = calls.iter().filter(|call| call.method == method && call.path == route);
        of.flat_map(|call| call.statuses.values()).sum()
    }

    /// How often something was begun that could become a post.
    fn inits(&self) -> u64 {
        [VIDEO_INIT, INBOX_INIT, CONTENT_INIT].into_iter().map(|route| self.calls("POST", route)).sum()
    }

    fn ledger(&self) -> Vec<Visible> {
        self.tiktok.ledger()
    }

    /// Every post that was begun, whatever became of it.
    async fn publishes(&self) -> Vec<Value> {
        let url = self.tiktok.url().join("__sim/publishes").unwrap();
        http().get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Asks the simulator itself for something.
    async fn tell(&self, path: &str, body: Value) {
        let answer = http().post(self.tiktok.url().join(path).unwrap()).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    async fn end(self) {
        let mut texts: Vec<_> =
            self.ledger().into_iter().map(|entry| entry.text).filter(|text| !text.is_empty()).collect();
        texts.sort();
        let all = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), all, "something is out twice: {:?}", self.ledger());
        self.world.end().await;
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The question that a tool's answer names.
fn approval(asked: &Value) -> ApprovalId {
    let url = asked["approval_url"].as_str().unwrap_or_else(|| panic!("nobody is asked: {asked}"));
    url.rsplit('/').next().unwrap().parse().unwrap()
}

/// Everyone sees it, and nothing else was chosen.
fn public() -> Value {
    json!({ "tiktok": { "privacy": "public" } })
}

/// What a server needs to use this simulator.
pub(crate) fn settings(tiktok: &TikTokSim) -> Vec<(&'static str, String)> {
    vec![
        ("tiktok.client_key", "awsimclientkey".to_owned()),
        ("tiktok.client_secret", "sim-tiktok-secret".to_owned()),
        ("tiktok.audited", "on".to_owned()),
        ("tiktok.url_verified", "on".to_owned()),
        ("tiktok.auth_url", tiktok.url().join("v2/auth/authorize/").unwrap().to_string()),
        ("tiktok.api_url", tiktok.url().to_string()),
    ]
}
