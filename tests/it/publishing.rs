//! The publisher against a faithful network on a clock that is moved: every way an answer can go wrong, and the person's switches.
//! The judge is the simulator's ledger.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::app::{App, Parts, Verdict};
use socrazi::clock::{Clock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::delivery::Answer;
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::clock::SimClock;
use socrazi_sim::x::{Consent, XOptions, XSim};
use socrazi_sim::{Fault, FaultKind, RateBody};
use tokio_util::sync::CancellationToken;

struct SimulatedClock(SimClock);

impl Clock for SimulatedClock {
    fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }
    fn offset_ms(&self) -> i64 {
        self.0.offset_ms()
    }
}

struct World {
    app: Arc<App>,
    sim: XSim,
    clock: SimClock,
    /// The person in a signed-in browser.
    person: Caller,
    /// An assistant with a standing permission to publish.
    assistant: Caller,
    stop: CancellationToken,
    publisher: Option<tokio::task::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
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
        let overrides = Overrides(
            [
                ("data.dir", folder.path().join("data").display().to_string()),
                ("x.client_id", "sim-x-client".to_owned()),
                ("x.client_secret", "sim-x-secret".to_owned()),
                ("x.auth_url", sim.url().join("i/oauth2/authorize").unwrap().to_string()),
                ("x.api_url", sim.url().to_string()),
            ]
            .into(),
        );
        let config = Config::read("", &std::collections::BTreeMap::new(), &overrides, None).unwrap();
        let parts = Parts {
            config,
            clock: Arc::new(SimulatedClock(clock.clone())),
            entropy: Arc::new(SystemEntropy),
            is_simulation: true,
        };
        let app = Arc::new(App::open(parts).await.unwrap());
        let user = app.local_user().await.unwrap();
        let link = app.make_sign_in_link(&user.id).await.unwrap();
        let secret = secrecy::ExposeSecret::expose_secret(&link).split_once("link=").unwrap().1.to_owned();
        let cookie = app.redeem_sign_in_link(&secret, "test").await.unwrap();
        let person = app.find_signed_in(secrecy::ExposeSecret::expose_secret(&cookie)).await.unwrap().unwrap().caller;
        let assistant = Caller { grant: Grant::Publishes, via: Via::McpStdio, ..person.clone() };
        let stop = CancellationToken::new();
        let mut world = Self { app, sim, clock, person, assistant, stop, publisher: None, _folder: folder };
        world.connect().await;
        world.publish();
        world
    }

    async fn connect(&self) {
        let url = self.app.connect_begin(&self.person, Network::X).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
        let back: url::Url = back.parse().unwrap();
        let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
        self.app.connect_finish(&self.person, Network::X, &query).await.unwrap();
        // The same state cannot be spent twice.
        assert!(self.app.connect_finish(&self.person, Network::X, &query).await.is_err());
    }

    fn publish(&mut self) {
        let (app, stop) = (self.app.clone(), self.stop.clone());
        self.publisher = Some(tokio::spawn(async move { app.publish_until(stop).await }));
    }

    async fn call(&self, tool: &str, arguments: Value) -> Value {
        match self.app.call_tool(&self.assistant, tool, arguments).await {
            Ok(outcome) => outcome.structured,
            Err(error) => panic!("{tool}: {error:?}"),
        }
    }

    async fn refused(&self, tool: &str, arguments: Value) -> String {
        match self.app.call_tool(&self.assistant, tool, arguments).await {
            Err(ToolError::Refused(sentence)) => sentence.key,
            other => panic!("{tool} did not refuse: {other:?}"),
        }
    }

    async fn draft(&self, text: &str) -> Value {
        self.call("create_draft", json!({ "text": text })).await["post"]["id"].clone()
    }

    /// A draft that goes out an hour from now.
    async fn scheduled(&self, text: &str) -> Value {
        let post = self.draft(text).await;
        let asked = self.call("schedule_post", json!({ "post": post, "at": self.in_an_hour() })).await;
        assert_eq!(asked["status"], "scheduled");
        post
    }

    fn in_an_hour(&self) -> String {
        jiff::Timestamp::from_millisecond(self.clock.now_ms() + 3_600_000).unwrap().to_string()
    }

    fn pass(&self, ms: i64) {
        self.clock.advance_ms(ms);
        self.app.wake();
    }

    /// The newest delivery of a post.
    async fn delivery(&self, post: &Value) -> Value {
        self.call("get_post", json!({ "post": post })).await["post"]["deliveries"][0].clone()
    }

    /// Lets time pass in steps until the delivery stands somewhere; bounded in steps and in real time.
    async fn until(&self, post: &Value, state: &str, step_ms: i64) -> Value {
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

    fn sent(&self) -> u64 {
        self.sim
            .calls()
            .iter()
            .filter(|call| call.method == "POST" && call.path == "/2/tweets")
            .map(|call| call.arrived)
            .sum()
    }

    async fn end(mut self) {
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

fn fault(kind: FaultKind) -> Vec<Fault> {
    vec![Fault::once("POST", "/2/tweets", kind)]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lost_answer_is_found_by_reading_and_nothing_is_sent_again() {
    for (name, kind) in [
        ("reset", FaultKind::ResetAfter),
        ("broken", FaultKind::BrokenBodyAfter),
        ("503", FaultKind::StatusAfter { status: 503, body: "oops".into() }),
    ] {
        let world = World::new().await;
        let post = world.scheduled(&format!("lost answer: {name} & <b> example.com/{name}")).await;
        world.sim.set_faults(fault(kind));
        world.pass(3_600_000);
        let delivery = world.until(&post, "published", 1_000).await;
        assert!(delivery["receipts"][0]["how"].as_str().unwrap().contains("own posts show it"), "{name}: {delivery}");
        assert_eq!((world.sim.ledger().len(), world.sent()), (1, 1), "{name}");
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_answer_with_nothing_out_becomes_a_question_not_a_second_post() {
    let world = World::new().await;
    let post = world.scheduled("nobody knows").await;
    world.sim.set_faults(fault(FaultKind::ResetBefore));
    world.pass(3_600_000);
    let delivery = world.until(&post, "needs_human", 5_000).await;
    assert_eq!((world.sim.ledger().len(), world.sent()), (0, 1), "{delivery}");
    let id = delivery["id"].as_str().unwrap().parse().unwrap();
    world.app.settle(&world.person, &id, Answer::SendIt).await.unwrap();
    assert!(world.app.settle(&world.person, &id, Answer::SendIt).await.is_err(), "a doubled click");
    world.until(&post, "published", 200).await;
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_waits_and_a_refused_token_is_refreshed_once() {
    let world = World::new().await;
    let post = world.scheduled("in good time").await;
    let limited = FaultKind::RateLimited { retry_after_s: 120, body: RateBody::Problem };
    let unauthorized = FaultKind::Status {
        status: 401,
        body: json!({ "title": "Unauthorized", "status": 401 }).to_string(),
        headers: Default::default(),
    };
    world
        .sim
        .set_faults(vec![Fault::once("POST", "/2/tweets", limited), Fault::once("POST", "/2/tweets", unauthorized)]);
    world.pass(3_600_000);
    world.until(&post, "waiting", 0).await;
    world.until(&post, "published", 10_000).await;
    assert_eq!((world.sim.ledger().len(), world.sent()), (1, 3));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_refuses_is_failed_with_the_reason_and_a_second_refused_token_blocks() {
    let world = World::new().await;
    world.sim.post_as("2244994945", "said before").unwrap();
    let duplicate = world.scheduled("said before").await;
    world.pass(3_600_000);
    let delivery = world.until(&duplicate, "failed", 500).await;
    assert!(delivery["reason"].as_str().unwrap().contains("same text"), "{delivery}");
    let unauthorized = || FaultKind::Status { status: 401, body: String::new(), headers: Default::default() };
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", unauthorized()).times(2)]);
    let blocked = world.scheduled("locked out").await;
    world.pass(3_600_000);
    world.until(&blocked, "blocked", 500).await;
    world.connect().await;
    world.until(&blocked, "published", 500).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_pausing_and_editing_stop_what_is_scheduled() {
    let world = World::new().await;
    let (withdrawn, paused, edited, moved) = (
        world.scheduled("withdrawn").await,
        world.scheduled("paused").await,
        world.scheduled("edited").await,
        world.scheduled("moved").await,
    );
    world.call("withdraw_post", json!({ "post": withdrawn })).await;
    world.call("pause_publishing", json!({ "post": paused })).await;
    world.call("update_draft", json!({ "post": edited, "revision": 1, "text": "edited once more" })).await;
    assert_eq!(world.delivery(&edited).await["state"], "unapproved");
    world.pass(60_000);
    world.call("schedule_post", json!({ "post": moved, "at": world.in_an_hour() })).await;
    world.pass(3_600_000);
    world.until(&moved, "published", 200).await;
    world.until(&edited, "missed", 200).await;
    assert_eq!(world.sim.ledger().len(), 1, "{:?}", world.sim.ledger());
    // Going on needs the person; what is overdue is asked about.
    let asked = world.call("pause_publishing", json!({ "post": paused, "resume": true })).await;
    let id = asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    assert!(world.app.decide(&world.assistant, &id, &hash, Verdict::Approve).await.is_err(), "a model approved");
    assert!(world.app.decide(&world.person, &id, "0000", Verdict::Approve).await.is_err(), "another hash was taken");
    world.app.decide(&world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert_eq!(world.delivery(&paused).await["state"], "missed");
    assert_eq!(world.sim.ledger().len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_permission_nothing_moves_before_one_of_fifty_yeses_and_then_once() {
    let world = World::new().await;
    let modest = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let post = world.draft("asked first").await;
    let asked = world.app.call_tool(&modest, "publish_post", json!({ "post": post })).await.unwrap();
    assert_eq!(asked.structured["status"], "waiting_for_approval");
    world.pass(600_000);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.sent(), 0);
    let id = asked.waiting.unwrap();
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    let mut presses = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (app, person, id, hash) = (world.app.clone(), world.person.clone(), id.clone(), hash.clone());
        presses.spawn(async move { app.decide(&person, &id, &hash, Verdict::Approve).await.is_ok() });
    }
    let taken = presses.join_all().await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 1, "exactly one press is taken");
    // The hold window: still to be stopped.
    assert_eq!(world.delivery(&post).await["state"], "scheduled");
    world.until(&post, "published", 2_000).await;
    assert_eq!(world.refused("publish_post", json!({ "post": post })).await, "post-published-already");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_goes_out_part_by_part_and_half_of_one_says_so() {
    let world = World::new().await;
    let segments = json!([{ "text": "one" }, { "text": "two" }, { "text": "three" }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    let ledger = world.sim.ledger();
    assert_eq!(ledger.len(), 3);
    assert_eq!(ledger[1].in_reply_to.as_deref(), Some(ledger[0].id.as_str()));
    assert_eq!(ledger[2].in_reply_to.as_deref(), Some(ledger[1].id.as_str()));
    // The second answer is lost: found by reading, then the third follows.
    let segments = json!([{ "text": "uno" }, { "text": "due" }, { "text": "tre" }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", FaultKind::ResetAfter).after(1)]);
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    assert_eq!(world.sim.ledger().len(), 6);
    // The second part is refused for good.
    let segments = json!([{ "text": "eins" }, { "text": "zwei" }]);
    let post = world.call("create_draft", json!({ "segments": segments })).await["post"]["id"].clone();
    let refused = FaultKind::Status {
        status: 403,
        body: json!({ "detail": "You are not permitted to perform this action." }).to_string(),
        headers: Default::default(),
    };
    world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", refused).after(1)]);
    world.call("publish_post", json!({ "post": post })).await;
    let delivery = world.until(&post, "partial", 2_000).await;
    assert_eq!(delivery["receipts"].as_array().map(Vec::len), Some(1), "{delivery}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_callers_who_need_a_token_at_once_cause_one_refresh() {
    let world = World::new().await;
    world.pass(3 * 3_600_000);
    let before = refreshes(&world);
    let mut posts = Vec::new();
    for n in 0..5 {
        posts.push(world.draft(&format!("number {n}")).await);
    }
    for post in &posts {
        world.call("publish_post", json!({ "post": post })).await;
    }
    for post in &posts {
        world.until(post, "published", 2_000).await;
    }
    assert_eq!(refreshes(&world) - before, 1);
    world.end().await;
}

fn refreshes(world: &World) -> u64 {
    world.sim.calls().iter().filter(|call| call.path == "/2/oauth2/token").map(|call| call.arrived).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_destroys_the_tokens_and_withdraws_what_is_scheduled() {
    let world = World::new().await;
    let post = world.scheduled("never").await;
    let account = world.app.list_accounts(&world.person).await.unwrap()[0].account.id.clone();
    world.app.disconnect(&world.person, &account).await.unwrap();
    assert_eq!(world.delivery(&post).await["state"], "cancelled");
    assert!(world.app.store().find_tokens(&account).await.unwrap().is_none());
    assert_eq!(world.refused("create_draft", json!({ "text": "x" })).await, "account-none-connected");
    let revoked =
        world.sim.calls().iter().filter(|call| call.path == "/2/oauth2/revoke").map(|call| call.arrived).sum::<u64>();
    assert_eq!(revoked, 2, "access and refresh token");
    world.pass(3_600_000);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.sent(), 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_can_be_taken_down_by_the_person() {
    let world = World::new().await;
    let post = world.draft("for a while").await;
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    let asked = world.call("take_down_post", json!({ "post": post })).await;
    let id = asked["approval_urls"][0].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    assert!(!world.sim.ledger()[0].deleted);
    let hash = world.app.read_approval(&world.person, &id).await.unwrap().approval.hash;
    world.app.decide(&world.person, &id, &hash, Verdict::Approve).await.unwrap();
    assert!(world.sim.ledger()[0].deleted);
    assert_eq!(world.delivery(&post).await["state"], "taken_down");
    world.end().await;
}
