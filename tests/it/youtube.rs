//! YouTube, through the whole server against its simulator, whose ledger is the judge: `connecting` (a channel and its Google account),
//! `ahead` (films that are brought there before their time), `limits`, `days` (of what a day holds), `counted` (figures),
//! `editing` (videos that are there), `publishing` (what goes out, uploads that are cut), `trouble` (each class of error, each lost answer, each death), `secrets`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod ahead;
mod connecting;
mod counted;
mod days;
mod editing;
mod limits;
mod publishing;
mod secrets;
mod trouble;

use std::time::Duration;

use serde_json::{Value, json};
use socrazi::domain::account::Account;
use socrazi::domain::network::Network;
use socrazi_sim::clock::SimClock;
use socrazi_sim::google::{GoogleOptions, GoogleSim, GoogleTuning};
use socrazi_sim::ledger::LedgerEntry;
use socrazi_sim::samples::{self, Film};

use crate::databases::Engine;
use crate::google::settings_for;
use crate::world::World;

/// Ana's own channel, and the one of her brand.
pub(crate) const OWN: &str = "UCsimAnaChannel0000000001";
const BRAND: &str = "UCsimBrandChannel00000002";
/// Where uploads begin and go on; where videos are read, changed and removed.
const UPLOADS: &str = "/upload/youtube/v3/videos";
const VIDEOS: &str = "/youtube/v3/videos";

/// Nothing takes the simulator any time.
fn at_once() -> GoogleTuning {
    let mut tuning = GoogleTuning::default();
    tuning.youtube.processing_ms = 0;
    tuning
}

/// Three pieces, the last one short.
fn film() -> Vec<u8> {
    samples::mp4(&Film {
        duration_ms: 4_000,
        width: 640,
        height: 360,
        fps: 30,
        bytes: 17_000_000,
        is_index_first: true,
    })
}

/// One piece.
fn small() -> Vec<u8> {
    samples::mp4(&Film::default())
}

/// What is always chosen.
fn chosen() -> Value {
    json!({ "youtube": { "for_kids": false } })
}

/// Google with its people's channels, which agrees to everything by itself.
pub(crate) async fn google_on(clock: SimClock) -> GoogleSim {
    let options = GoogleOptions {
        allow_any_loopback_redirect: true,
        auto_consent: true,
        tuning: at_once(),
        ..GoogleOptions::default()
    };
    GoogleSim::start(options, clock).await.unwrap()
}

/// The settings of a server that knows it, and is audited.
pub(crate) fn settings_of(google: &GoogleSim) -> Vec<(&'static str, String)> {
    [settings_for(&google.url()), vec![("google.youtube_audit", "passed".to_owned())]].concat()
}

/// What comes back with the browser of somebody who connects a channel.
pub(crate) async fn way_to(world: &World, channel: &str) -> Vec<(String, String)> {
    let mut url = world.app.connect_begin(&world.person, Network::YouTube).await.unwrap();
    url.query_pairs_mut().append_pair("channel", channel);
    through(url).await
}

/// Connects Ana's own channel, and asks as an assistant to change one of its videos: the video as it stands there.
pub(crate) async fn asked_to_change(world: &World, google: &GoogleSim) -> Value {
    world.app.connect_finish(&world.person, Network::YouTube, &way_to(world, OWN).await).await.unwrap();
    let video = every_video(google).await.into_iter().find(|video| video["channel"] == OWN).unwrap();
    let wish = json!({ "id": video["id"], "title": "Another title", "description": "" });
    world.call("publish_post", json!({ "video": wish })).await;
    video
}

/// Every video there is, old ones too, as the simulator holds them.
pub(crate) async fn every_video(google: &GoogleSim) -> Vec<Value> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = google.url().join("__sim/youtube/videos").unwrap();
    http.get(url).send().await.unwrap().json().await.unwrap()
}

/// A server with X and a channel connected.
struct Scene {
    world: World,
    google: GoogleSim,
    /// The account on YouTube.
    account: Value,
}

impl Scene {
    /// With a channel connected.
    async fn on(engine: Engine) -> Self {
        let mut scene = Self::bare(engine, "passed").await;
        scene.account = json!(scene.connect(OWN).await.as_str());
        scene
    }

    /// Nobody is connected yet.
    async fn bare(engine: Engine, audit: &str) -> Self {
        let clock = SimClock::new();
        let google = google_on(clock.clone()).await;
        let settings = [settings_for(&google.url()), vec![("google.youtube_audit", audit.to_owned())]].concat();
        let world = World::at(engine, clock, settings).await;
        Self { world, google, account: Value::Null }
    }

    fn tune(&self, tune: impl FnOnce(&mut GoogleTuning)) {
        let mut tuning = at_once();
        tune(&mut tuning);
        self.google.tune(tuning);
    }

    /// Connects a channel as the person's browser would: its account.
    async fn connect(&self, channel: &str) -> socrazi::domain::ids::AccountId {
        let query = self.consent(&[("channel", channel)]).await;
        let connected = self.world.app.connect_finish(&self.world.person, Network::YouTube, &query).await.unwrap();
        let again = self.world.app.connect_finish(&self.world.person, Network::YouTube, &query).await;
        assert!(again.is_err(), "the same state was spent twice");
        connected
    }

    /// What comes back with the browser.
    async fn consent(&self, with: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut url = self.world.app.connect_begin(&self.world.person, Network::YouTube).await.unwrap();
        url.query_pairs_mut().extend_pairs(with);
        through(url).await
    }

    /// The accounts on YouTube, as the store has them.
    async fn accounts(&self) -> Vec<Account> {
        self.world.accounts_on(Network::YouTube).await
    }

    /// A draft for YouTube alone.
    async fn draft(&self, segment: &Value, options: &Value) -> Value {
        let arguments = json!({ "segments": [segment], "accounts": [self.account], "options": options });
        self.world.call("create_draft", arguments).await["post"]["id"].clone()
    }

    /// The same, sent at once.
    async fn sent_with(&self, segment: Value, options: Value) -> Value {
        let post = self.draft(&segment, &options).await;
        self.world.call("publish_post", json!({ "post": post })).await;
        post
    }

    /// A video with this text that is sent at once.
    async fn sent(&self, text: &str, video: &Value) -> Value {
        self.sent_with(json!({ "text": text, "media": [video] }), chosen()).await
    }

    /// Lets time pass until the delivery stands somewhere. Work is given the time it takes.
    async fn until(&self, post: &Value, state: &str) -> Value {
        for _ in 0..1_500 {
            let delivery = self.world.delivery(post).await;
            if delivery["state"] == state {
                return delivery;
            }
            // What works on it is not hurried into the end of its lease.
            let is_at_work = ["leased", "armed"].contains(&delivery["state"].as_str().unwrap());
            self.world.pass(if is_at_work { 300 } else { 5_000 });
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not {state}: {}", self.world.delivery(post).await);
    }

    fn calls(&self, method: &str, path: &str) -> u64 {
        let calls = self.google.calls();
        calls.iter().filter(|call| call.method == method && call.path == path).map(|call| call.arrived).sum()
    }

    /// How often anything could have become visible.
    fn commits(&self) -> u64 {
        self.calls("PUT", VIDEOS)
    }

    /// How many uploads were begun.
    fn begun(&self) -> u64 {
        self.calls("POST", UPLOADS)
    }

    /// What the world can see, or could.
    fn ledger(&self) -> Vec<LedgerEntry> {
        self.google.ledger()
    }

    /// Everything that was uploaded, seen or not, in its order.
    async fn videos(&self) -> Vec<Value> {
        every_video(&self.google).await.into_iter().filter(|video| video["sha256"] != "").collect()
    }

    async fn end(self) {
        let ledger = self.ledger();
        let mut texts: Vec<_> = ledger.iter().map(|entry| &entry.text).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), ledger.len(), "something is out twice: {ledger:?}");
        self.world.end().await;
    }
}

/// The way from an address of the consent page, which agrees by itself, back to us.
async fn through(url: url::Url) -> Vec<(String, String)> {
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    back.parse::<url::Url>().unwrap().query_pairs().into_owned().collect()
}
