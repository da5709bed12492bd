//! LinkedIn, the third network, through the whole server against its simulator, whose ledger is the judge: `connecting` (tokens), `publishing`
//! (each kind of content), `limits`, `trouble` (each class of error, each lost answer, each crash), `secrets`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod connecting;
mod limits;
mod publishing;
mod secrets;
mod trouble;

use std::time::Duration;

use serde_json::{Value, json};
use socrazi::domain::account::Account;
use socrazi::domain::network::Network;
use socrazi_sim::Visible;
use socrazi_sim::clock::SimClock;
use socrazi_sim::linkedin::{LinkedInOptions, LinkedInSim, Tuning};

use crate::databases::Engine;
use crate::world::World;

/// The member who is connected.
const ANA: &str = "782bbtaQ";
const BEN: &str = "9kXw_Zs-1";
const POSTS: &str = "/rest/posts";
/// What a self-serve app may ask for.
const SELF_SERVE: &str = "openid profile w_member_social";
/// What an approved partner may ask for.
const PARTNER: &str = "openid profile w_member_social r_member_social";

/// Nothing takes the simulator any time.
fn at_once() -> Tuning {
    Tuning { image_ms: 0, video_ms: 0, ..Tuning::default() }
}

/// A server with X and LinkedIn connected.
struct Scene {
    world: World,
    linkedin: LinkedInSim,
    /// The account on LinkedIn.
    account: Value,
}

impl Scene {
    /// With an app as anybody gets one: it writes, and reads nothing.
    async fn on(engine: Engine) -> Self {
        Self::with(engine, LinkedInOptions::default(), SELF_SERVE).await
    }

    /// With an app that LinkedIn approved: it has refresh tokens and reads what it wrote.
    async fn partner(engine: Engine) -> Self {
        Self::with(engine, LinkedInOptions::partner(), PARTNER).await
    }

    async fn with(engine: Engine, options: LinkedInOptions, scopes: &str) -> Self {
        let clock = SimClock::new();
        let options =
            LinkedInOptions { allow_any_loopback_redirect: true, auto_consent: true, tuning: at_once(), ..options };
        let linkedin = LinkedInSim::start(options, clock.clone()).await.unwrap();
        let settings = [settings(&linkedin), vec![("linkedin.scopes", scopes.to_owned())]].concat();
        let world = World::at(engine, clock, settings).await;
        let mut scene = Self { world, linkedin, account: Value::Null };
        scene.connect(ANA).await;
        scene.account = json!(scene.accounts().await[0].id.as_str());
        scene
    }

    async fn connect(&self, who: &str) {
        self.world.connect_to(Network::LinkedIn, who).await;
    }

    async fn consent(&self, who: &str) -> Vec<(String, String)> {
        self.world.consent(Network::LinkedIn, who).await
    }

    async fn accounts(&self) -> Vec<Account> {
        self.world.accounts_on(Network::LinkedIn).await
    }

    /// A draft for LinkedIn alone.
    async fn draft(&self, segments: Value) -> Value {
        let arguments = json!({ "segments": segments, "accounts": [self.account] });
        self.world.call("create_draft", arguments).await["post"]["id"].clone()
    }

    /// The same, sent at once.
    async fn sent_as(&self, segment: Value) -> Value {
        let post = self.draft(json!([segment])).await;
        self.world.call("publish_post", json!({ "post": post })).await;
        post
    }

    /// Something with this text that is sent at once.
    async fn sent(&self, text: &str) -> Value {
        self.sent_as(json!({ "text": text })).await
    }

    async fn keep(&self, bytes: &[u8], alt: &str) -> Value {
        self.world.keep(bytes, Some(alt).filter(|alt| !alt.is_empty())).await
    }

    /// Lets time pass, a second at a time, until the delivery stands somewhere. Work is given the time it takes.
    async fn until(&self, post: &Value, state: &str) -> Value {
        self.until_by(post, state, 1_000).await
    }

    async fn until_by(&self, post: &Value, state: &str, step_ms: i64) -> Value {
        for _ in 0..600 {
            let delivery = self.world.delivery(post).await;
            if delivery["state"] == state {
                return delivery;
            }
            // What works on it is not hurried into the end of its lease.
            let step_ms =
                if ["leased", "armed"].contains(&delivery["state"].as_str().unwrap()) { 200 } else { step_ms };
            self.world.pass(step_ms);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not {state}: {}", self.world.delivery(post).await);
    }

    fn calls(&self, method: &str, path: &str) -> u64 {
        let calls = self.linkedin.calls();
        calls.iter().filter(|call| call.method == method && call.path == path).map(|call| call.arrived).sum()
    }

    /// How often anything could have become visible.
    fn commits(&self) -> u64 {
        self.calls("POST", POSTS)
    }

    fn ledger(&self) -> Vec<Visible> {
        self.linkedin.ledger()
    }

    async fn end(self) {
        let ledger = self.ledger();
        let mut texts: Vec<_> = ledger.iter().map(|entry| (&entry.text, &entry.details["poll"])).collect();
        texts.sort_by_key(|text| format!("{text:?}"));
        texts.dedup();
        assert_eq!(texts.len(), ledger.len(), "something is out twice: {ledger:?}");
        assert!(ledger.iter().all(|entry| entry.details["is_cut"] == false), "something was cut: {ledger:?}");
        self.world.end().await;
    }
}

/// What a server needs to use this simulator.
pub(crate) fn settings(linkedin: &LinkedInSim) -> Vec<(&'static str, String)> {
    vec![
        ("linkedin.client_id", "86simclientid".to_owned()),
        ("linkedin.client_secret", "sim-linkedin-secret".to_owned()),
        ("linkedin.auth_url", linkedin.url().join("oauth/v2/authorization").unwrap().to_string()),
        ("linkedin.api_url", linkedin.url().to_string()),
    ]
}
