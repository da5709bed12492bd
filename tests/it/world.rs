//! The whole server in this process, on a clock that is moved, with a faithful network beside it: what tests of `App`'s doors share.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::app::{App, Parts};
use socrazi::clock::{Clock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::clock::SimClock;
use socrazi_sim::x::{Consent, XOptions, XSim};
use tokio_util::sync::CancellationToken;

use crate::databases::{Engine, Rows};

struct SimulatedClock(SimClock);

impl Clock for SimulatedClock {
    fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }
    fn offset_ms(&self) -> i64 {
        self.0.offset_ms()
    }
}

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) sim: XSim,
    pub(crate) clock: SimClock,
    /// The person in a signed-in browser.
    pub(crate) person: Caller,
    /// An assistant with a standing permission to publish.
    pub(crate) assistant: Caller,
    settings: Overrides,
    stop: CancellationToken,
    publisher: Option<tokio::task::JoinHandle<()>>,
    pub(crate) folder: tempfile::TempDir,
    /// PostgreSQL's address; nothing for SQLite.
    database: Option<String>,
}

async fn open(settings: &Overrides, clock: &SimClock) -> Arc<App> {
    let config = Config::read("", &std::collections::BTreeMap::new(), settings, None).unwrap();
    let parts = Parts {
        config,
        clock: Arc::new(SimulatedClock(clock.clone())),
        entropy: Arc::new(SystemEntropy),
        is_simulation: true,
    };
    Arc::new(App::open(parts).await.unwrap())
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    /// With these settings beside the usual ones.
    pub(crate) async fn with(settings: Vec<(&'static str, String)>) -> Self {
        Self::on(Engine::Sqlite, settings).await
    }

    /// On this database, with these settings beside the usual ones.
    pub(crate) async fn on(engine: Engine, mut settings: Vec<(&'static str, String)>) -> Self {
        let database = engine.fresh().await;
        settings.extend(database.clone().map(|url| ("database.url", url)));
        socrazi::app::install_tls_provider();
        let (folder, clock) = (tempfile::tempdir().unwrap(), SimClock::new());
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let options = XOptions {
            allow_any_loopback_redirect: true,
            consent: Consent::Auto,
            self_replies_allowed: true,
            ..XOptions::default()
        };
        let sim = XSim::start(options, clock.clone()).await.unwrap();
        let usual = [
            ("data.dir", folder.path().join("data").display().to_string()),
            ("x.client_id", "sim-x-client".to_owned()),
            ("x.client_secret", "sim-x-secret".to_owned()),
            ("x.auth_url", sim.url().join("i/oauth2/authorize").unwrap().to_string()),
            ("x.api_url", sim.url().to_string()),
        ];
        let overrides = Overrides(usual.into_iter().chain(settings).collect());
        let app = open(&overrides, &clock).await;
        let user = app.local_user().await.unwrap();
        let link = app.make_sign_in_link(&user.id).await.unwrap();
        let secret = secrecy::ExposeSecret::expose_secret(&link).split_once("link=").unwrap().1.to_owned();
        let cookie = app.redeem_sign_in_link(&secret, "test").await.unwrap();
        let person = app.find_signed_in(secrecy::ExposeSecret::expose_secret(&cookie)).await.unwrap().unwrap().caller;
        let assistant = Caller { grant: Grant::Publishes, via: Via::McpStdio, ..person.clone() };
        let stop = CancellationToken::new();
        let mut world =
            Self { app, sim, clock, person, assistant, settings: overrides, stop, publisher: None, folder, database };
        world.connect().await;
        world.publish();
        world
    }

    /// Every row there is, by table.
    pub(crate) async fn rows(&self) -> Rows {
        crate::databases::rows(self.database.as_deref(), &self.folder.path().join("data")).await
    }

    /// Another process in its place: nothing of this one's memory is left.
    pub(crate) async fn reopen(&mut self) {
        self.stop.cancel();
        if let Some(publisher) = self.publisher.take() {
            publisher.await.unwrap();
        }
        self.app.close().await;
        self.stop = CancellationToken::new();
        self.app = open(&self.settings, &self.clock).await;
        self.publish();
    }

    /// A second process beside it, as far as this can be had: another owner of leases on the same database.
    pub(crate) async fn beside(&self) -> Arc<App> {
        open(&self.settings, &self.clock).await
    }

    pub(crate) async fn connect(&self) {
        let url = self.app.connect_begin(&self.person, Network::X).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
        let back: url::Url = back.parse().unwrap();
        let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
        self.app.connect_finish(&self.person, Network::X, &query).await.unwrap();
        // The same state cannot be spent twice.
        assert!(self.app.connect_finish(&self.person, Network::X, &query).await.is_err());
    }

    pub(crate) fn publish(&mut self) {
        let (app, stop) = (self.app.clone(), self.stop.clone());
        self.publisher = Some(tokio::spawn(async move { app.publish_until(stop).await }));
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        match self.app.call_tool(&self.assistant, tool, arguments).await {
            Ok(outcome) => outcome.structured,
            Err(error) => panic!("{tool}: {error:?}"),
        }
    }

    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> String {
        match self.app.call_tool(&self.assistant, tool, arguments).await {
            Err(ToolError::Refused(sentence)) => sentence.key,
            other => panic!("{tool} did not refuse: {other:?}"),
        }
    }

    pub(crate) async fn draft(&self, text: &str) -> Value {
        self.call("create_draft", json!({ "text": text })).await["post"]["id"].clone()
    }

    /// A draft that goes out an hour from now.
    pub(crate) async fn scheduled(&self, text: &str) -> Value {
        let post = self.draft(text).await;
        let asked = self.call("schedule_post", json!({ "post": post, "at": self.in_an_hour() })).await;
        assert_eq!(asked["status"], "scheduled");
        post
    }

    pub(crate) fn in_an_hour(&self) -> String {
        jiff::Timestamp::from_millisecond(self.clock.now_ms() + 3_600_000).unwrap().to_string()
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.advance_ms(ms);
        self.app.wake();
    }

    /// The newest delivery of a post.
    pub(crate) async fn delivery(&self, post: &Value) -> Value {
        self.call("get_post", json!({ "post": post })).await["post"]["deliveries"][0].clone()
    }

    /// Lets time pass in steps until the delivery stands somewhere; bounded in steps and in real time.
    pub(crate) async fn until(&self, post: &Value, state: &str, step_ms: i64) -> Value {
        for _ in 0..400 {
            let delivery = self.delivery(post).await;
            if delivery["state"] == state {
                return delivery;
            }
            self.pass(step_ms);
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        panic!("not {state}: {}", self.delivery(post).await);
    }

    pub(crate) fn sent(&self) -> u64 {
        self.sim
            .calls()
            .iter()
            .filter(|call| call.method == "POST" && call.path == "/2/tweets")
            .map(|call| call.arrived)
            .sum()
    }

    /// A picture to attach: its id.
    pub(crate) async fn picture(&self) -> Value {
        let mut file = self.app.upload_begin().await.unwrap();
        file.write(&crate::media::geotagged()).await.unwrap();
        json!(self.app.keep_media(&self.person, file, Some("A tower".into())).await.unwrap().id)
    }

    pub(crate) async fn end(mut self) {
        self.stop.cancel();
        if let Some(publisher) = self.publisher.take() {
            publisher.await.unwrap();
        }
        let ledger = self.sim.ledger();
        let mut texts: Vec<_> = ledger.iter().map(|entry| &entry.text).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), ledger.len(), "something is out twice: {ledger:?}");
        self.app.close().await;
    }
}
