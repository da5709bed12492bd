//! The whole server in this process, on a clock that is moved, with a faithful network beside it: what tests of `App`'s doors share.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use socrazi::app::{App, Parts};
use socrazi::clock::{Clock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi::domain::account::Account;
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::clock::SimClock;
use socrazi_sim::x::{Consent, XOptions, XSim};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

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
    /// The session of that browser.
    session: String,
    settings: Overrides,
    stop: CancellationToken,
    /// The pages of this process.
    pub(crate) router: axum::Router,
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

/// The pages of a process.
fn pages(app: &Arc<App>, stop: &CancellationToken) -> axum::Router {
    socrazi::frontends::Doors::open(app, stop).unwrap().router
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
    pub(crate) async fn on(engine: Engine, settings: Vec<(&'static str, String)>) -> Self {
        Self::at(engine, SimClock::new(), settings).await
    }

    /// The same on the clock of something that was there before.
    pub(crate) async fn at(engine: Engine, clock: SimClock, mut settings: Vec<(&'static str, String)>) -> Self {
        let database = engine.fresh().await;
        settings.extend(database.clone().map(|url| ("database.url", url)));
        socrazi::app::install_tls_provider();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let public = settings.iter().rfind(|(key, _)| *key == "server.public_url").map(|(_, url)| url.clone());
        let options = XOptions {
            redirect_uris: public.iter().map(|url| format!("{url}/connect/x/callback")).collect(),
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
        let session = secrecy::ExposeSecret::expose_secret(&cookie).to_owned();
        let person = app.find_signed_in(&session).await.unwrap().unwrap().caller;
        let assistant = Caller { grant: Grant::Publishes, via: Via::McpStdio, ..person.clone() };
        let stop = CancellationToken::new();
        let mut world = Self {
            router: pages(&app, &stop),
            app,
            sim,
            clock,
            person,
            assistant,
            session,
            settings: overrides,
            stop,
            publisher: None,
            folder,
            database,
        };
        world.connect().await;
        world.publish();
        world
    }

    /// Every row there is, by table.
    pub(crate) async fn rows(&self) -> Rows {
        crate::databases::rows(self.database.as_deref(), &self.folder.path().join("data")).await
    }

    /// A page as the signed-in person sees it.
    pub(crate) async fn page(&self, path: &str) -> String {
        let (status, text) = self.browse(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        text
    }

    /// Sends a form of a page; the status and what is shown then.
    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let csrf = self.app.find_signed_in(&self.session).await.unwrap().unwrap().csrf;
        self.send_with(&csrf, path, fields).await
    }

    /// The same with a token of one's own.
    pub(crate) async fn send_with(&self, csrf: &str, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let fields = [&[("csrf", csrf)], fields].concat();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.browse(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form that leads somewhere; where.
    pub(crate) async fn press(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let (status, text) = self.send(path, fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}: {text}");
        text
    }

    /// A page whose body is read by whoever asks.
    pub(crate) async fn open_page(&self, path: &str) -> http::Response<Body> {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn ask(&self, mut request: Request<Body>) -> http::Response<Body> {
        // Under either of its names: which one counts, the public address says.
        let cookie = format!("socrazi_session={0}; __Host-socrazi_session={0}", self.session);
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn browse(&self, request: Request<Body>) -> (StatusCode, String) {
        let (parts, body) = self.ask(request).await.into_parts();
        let bytes = axum::body::to_bytes(body, 1_000_000).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let there = parts.headers.get("location").map(|place| place.to_str().unwrap().to_owned());
        (parts.status, there.unwrap_or(text))
    }

    /// PostgreSQL's address; nothing for SQLite.
    pub(crate) fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// A setting that the next process is started with.
    pub(crate) fn set(&mut self, key: &'static str, value: String) {
        self.settings.0.insert(key, value);
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
        self.router = pages(&self.app, &self.stop);
        self.publish();
    }

    /// A second process beside it, as far as this can be had: another owner of leases on the same database.
    pub(crate) async fn beside(&self) -> Arc<App> {
        open(&self.settings, &self.clock).await
    }

    pub(crate) async fn connect(&self) {
        self.connect_to(Network::X, "").await;
    }

    /// Connects whoever is named as the person's browser would.
    pub(crate) async fn connect_to(&self, network: Network, who: &str) {
        let query = self.consent(network, who).await;
        self.app.connect_finish(&self.person, network, &query).await.unwrap();
        let again = self.app.connect_finish(&self.person, network, &query).await;
        assert!(again.is_err(), "the same state was spent twice");
    }

    /// What comes back with the browser.
    pub(crate) async fn consent(&self, network: Network, who: &str) -> Vec<(String, String)> {
        let mut url = self.app.connect_begin(&self.person, network).await.unwrap();
        url.query_pairs_mut().append_pair("user", who);
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = http.get(url).send().await.unwrap();
        let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        back.query_pairs().into_owned().collect()
    }

    /// The accounts on one network, as the store has them.
    pub(crate) async fn accounts_on(&self, network: Network) -> Vec<Account> {
        let all = self.app.store().list_accounts(&self.person.workspace).await.unwrap();
        all.into_iter().map(|stored| stored.account).filter(|account| account.network == network).collect()
    }

    /// Lets time pass until the planned fault of a simulator has struck; where the delivery stands then.
    pub(crate) async fn struck(&self, sim: &url::Url, post: &Value, step_ms: i64) -> String {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for _ in 0..1_000 {
            let planned = http.get(sim.join("__sim/faults").unwrap()).send().await.unwrap();
            let planned: Value = planned.json().await.unwrap();
            if planned.as_array().is_some_and(Vec::is_empty) {
                // It hangs by now; nobody has heard anything.
                tokio::time::sleep(Duration::from_millis(50)).await;
                return self.delivery(post).await["state"].to_string();
            }
            self.pass(step_ms);
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        panic!("the fault never struck: {}", self.delivery(post).await);
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
        self.keep(&crate::media::geotagged(), Some("A tower")).await
    }

    /// A medium of these bytes: its id.
    pub(crate) async fn keep(&self, bytes: &[u8], alt: Option<&str>) -> Value {
        let mut file = self.app.upload_begin().await.unwrap();
        file.write(bytes).await.unwrap();
        json!(self.app.keep_media(&self.person, file, alt.map(str::to_owned)).await.unwrap().id)
    }

    /// Whoever publishes dies, with everything that they have under way: nobody publishes any more, until [`World::publish`].
    pub(crate) async fn abandon_publisher(&mut self) {
        let publisher = self.publisher.take().unwrap();
        publisher.abort();
        let _cancelled = publisher.await;
        for _ in 0..1_000 {
            if !self.app.is_publishing() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("something of the dead process goes on");
    }

    /// Ends without waiting for calls that hang.
    pub(crate) async fn abandon(mut self) {
        self.publisher.take().unwrap().abort();
        self.end().await;
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

#[cfg(feature = "failpoints")]
tokio::task_local! {
    static DYING: (&'static str, Arc<tokio::sync::Notify>);
}

/// Does something in a process that dies at a place of the program (`failpoint!`): it came there, and nothing of it goes on.
#[cfg(feature = "failpoints")]
pub(crate) async fn dies_at<T: Send + 'static>(point: &'static str, work: impl Future<Output = T> + Send + 'static) {
    socrazi::failpoints::install(Box::new(|name| {
        let reached = DYING.try_with(|(at, reached)| (*at == name).then(|| Arc::clone(reached))).ok().flatten();
        Box::pin(async move {
            if let Some(reached) = reached {
                reached.notify_one();
                std::future::pending::<()>().await;
            }
        })
    }));
    let reached = Arc::new(tokio::sync::Notify::new());
    let dying = tokio::spawn(DYING.scope((point, Arc::clone(&reached)), work));
    let came = tokio::time::timeout(Duration::from_secs(30), reached.notified()).await;
    assert!(came.is_ok(), "it never came to {point}");
    dying.abort();
    assert!(dying.await.is_err_and(|error| error.is_cancelled()), "it went on behind {point}");
}
