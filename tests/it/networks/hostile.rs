//! Six networks that answer with what no network should: pages where data belongs, half a document, other types, floods, ways elsewhere, names of other
//! posts. Whatever comes, nothing is out twice, nothing is called refused or published that is not, and what was known stays known.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::domain::account::Health;
use socrazi::domain::delivery::Answer;
use socrazi::domain::ids::DeliveryId;
use socrazi::domain::network::Network;
use socrazi::domain::tool::ToolError;
use socrazi_sim::clock::SimClock;
use socrazi_sim::google::GoogleSim;
use socrazi_sim::instagram::{InstagramOptions, InstagramSim};
use socrazi_sim::linkedin::{LinkedInOptions, LinkedInSim};
use socrazi_sim::samples::{Film, mp4};
use socrazi_sim::threads::{ThreadsOptions, ThreadsSim};
use socrazi_sim::tiktok::{App, TikTokOptions, TikTokSim, Tuning};
use socrazi_sim::{Fault, FaultKind};
use tower::ServiceExt;

use crate::databases::Engine;
use crate::world::World;

const WEEK_MS: i64 = 7 * 86_400_000;

/// A method and how a path begins; so many of them pass untouched.
type At = (&'static str, &'static str, u32);

/// Where a network is asked for what.
struct Places {
    network: Network,
    /// The call after which the world could see it.
    commit: At,
    /// Who somebody is.
    profile: At,
    /// Where tokens come from.
    tokens: At,
    /// How an answer would name another post, where the commit's answer names one.
    named: Option<fn(&str) -> FaultKind>,
    /// Where it can be found out whether it went out, what settles an answer that says nothing; else a person is asked.
    can_look: bool,
}

fn json_with(status: u16, body: Value) -> FaultKind {
    FaultKind::Status { status, body: body.to_string(), headers: BTreeMap::new() }
}

const ALL: [Places; 6] = [
    Places {
        network: Network::X,
        commit: ("POST", "/2/tweets", 0),
        profile: ("GET", "/2/users/me", 0),
        tokens: ("POST", "/2/oauth2/token", 0),
        named: Some(|id| json_with(201, json!({ "data": { "id": id, "text": "somebody else's" } }))),
        can_look: false,
    },
    Places {
        network: Network::Threads,
        commit: ("POST", "/v1.0/", 1),
        profile: ("GET", "/v1.0/me", 0),
        tokens: ("POST", "/oauth/access_token", 0),
        named: Some(|id| json_with(200, json!({ "id": id }))),
        can_look: true,
    },
    Places {
        network: Network::Instagram,
        commit: ("POST", "/v25.0/", 1),
        profile: ("GET", "/v25.0/me", 0),
        tokens: ("POST", "/oauth/access_token", 0),
        named: Some(|id| json_with(200, json!({ "id": id }))),
        can_look: true,
    },
    Places {
        network: Network::LinkedIn,
        commit: ("POST", "/rest/posts", 0),
        profile: ("GET", "/v2/userinfo", 0),
        tokens: ("POST", "/oauth/v2/accessToken", 0),
        named: Some(|id| FaultKind::Status {
            status: 201,
            body: String::new(),
            headers: BTreeMap::from([("x-restli-id".to_owned(), id.to_owned())]),
        }),
        can_look: false,
    },
    Places {
        network: Network::TikTok,
        commit: ("PUT", "/video/", 0),
        profile: ("GET", "/v2/user/info/", 0),
        tokens: ("POST", "/v2/oauth/token/", 0),
        named: None,
        can_look: true,
    },
    Places {
        network: Network::YouTube,
        commit: ("PUT", "/youtube/v3/videos", 0),
        profile: ("GET", "/youtube/v3/channels", 0),
        tokens: ("POST", "/token", 0),
        named: Some(|id| json_with(200, json!({ "id": id, "status": { "privacyStatus": "public" } }))),
        can_look: true,
    },
];

/// What comes in place of an answer.
fn hostile() -> Vec<(&'static str, FaultKind)> {
    let plain = |status: u16, body: &str, headers: &[(&str, &str)]| FaultKind::Status {
        status,
        body: body.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let wrong = json!({ "data": [7], "id": { "a": [] }, "error": 3, "access_token": 1, "expires_in": "soon", "items": {}, "status": 9,
        "open_id": null, "sub": false, "user_id": [] });
    vec![
        (
            "a page",
            plain(
                200,
                "<!doctype html><title>Sign in to the hotel's network</title>",
                &[("content-type", "text/html")],
            ),
        ),
        ("half a document", plain(200, r#"{"data":{"id":"12"#, &[("content-type", "application/json")])),
        ("other types", plain(200, &wrong.to_string(), &[])),
        ("a list", plain(200, "[]", &[])),
        ("null", plain(200, "null", &[("content-type", "application/json")])),
        ("nothing", plain(200, "", &[])),
        ("a flood", plain(200, &format!("[{}1]", "1,".repeat(2 << 20)), &[])),
        ("deep brackets", plain(200, &"[".repeat(50_000), &[])),
        ("no text", plain(200, "\u{0}\u{1}\u{FFFD}", &[("content-type", "application/json")])),
        ("a way inside", plain(302, "", &[("location", "http://169.254.169.254/latest/meta-data")])),
        ("a way in a circle", plain(307, "", &[("location", "/")])),
    ]
}

struct Six {
    world: World,
    threads: ThreadsSim,
    instagram: InstagramSim,
    linkedin: LinkedInSim,
    tiktok: TikTokSim,
    google: GoogleSim,
    picture: Value,
    film: Value,
}

impl Six {
    async fn start() -> Self {
        let clock = SimClock::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        let threads =
            ThreadsOptions { allow_any_loopback_redirect: true, auto_consent: true, ..ThreadsOptions::default() };
        let threads = ThreadsSim::start(threads, clock.clone()).await.unwrap();
        let instagram = InstagramOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            tuning: socrazi_sim::instagram::Tuning { image_ms: 0, video_ms: 0, ..Default::default() },
            ..InstagramOptions::default()
        };
        let instagram = InstagramSim::start(instagram, clock.clone()).await.unwrap();
        let linkedin =
            LinkedInOptions { allow_any_loopback_redirect: true, auto_consent: true, ..LinkedInOptions::default() };
        let linkedin = LinkedInSim::start(linkedin, clock.clone()).await.unwrap();
        let tuning =
            Tuning { process_ms: 0, moderation_ms: 0, posts_max: 1_000, counts_calls: false, ..Tuning::default() };
        let tiktok = TikTokOptions { app: App::Desktop, auto_consent: true, tuning, ..TikTokOptions::default() };
        let tiktok = TikTokSim::start(tiktok, clock.clone()).await.unwrap();
        let google = crate::youtube::google_on(clock.clone()).await;
        let mut of_tiktok = crate::tiktok::settings(&tiktok);
        // What is on this machine TikTok does not fetch.
        of_tiktok.retain(|(key, _)| *key != "tiktok.url_verified");
        let settings = [
            crate::threads::settings(&threads),
            crate::instagram::settings(&instagram),
            crate::linkedin::settings(&linkedin),
            of_tiktok,
            crate::youtube::settings_of(&google),
            vec![("server.public_url", here)],
        ];
        let world = World::at(Engine::Sqlite, clock, settings.concat()).await;
        let router = world.router.clone();
        let router =
            axum::Router::new().fallback(move |request: axum::extract::Request| router.clone().oneshot(request));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        for network in [Network::Threads, Network::Instagram, Network::LinkedIn, Network::TikTok] {
            world.connect_to(network, "").await;
        }
        let six = Self {
            picture: world.picture().await,
            film: world.keep(&mp4(&Film::default()), None).await,
            world,
            threads,
            instagram,
            linkedin,
            tiktok,
            google,
        };
        six.connect(Network::YouTube).await.unwrap();
        six
    }

    /// Connects as a browser would.
    async fn connect(&self, network: Network) -> Result<(), ToolError> {
        let query = match network {
            Network::YouTube => crate::youtube::way_to(&self.world, crate::youtube::OWN).await,
            Network::X | Network::Threads | Network::Instagram | Network::LinkedIn | Network::TikTok => {
                self.world.consent(network, "").await
            }
        };
        self.world.app.connect_finish(&self.world.person, network, &query).await.map(drop)
    }

    fn fault(&self, network: Network, faults: Vec<Fault>) {
        match network {
            Network::X => self.world.sim.set_faults(faults),
            Network::Threads => self.threads.set_faults(faults),
            Network::Instagram => self.instagram.set_faults(faults),
            Network::LinkedIn => self.linkedin.set_faults(faults),
            Network::TikTok => self.tiktok.set_faults(faults),
            Network::YouTube => self.google.set_faults(faults),
        }
    }

    fn strike(&self, network: Network, (method, path, skip): At, kind: &FaultKind) {
        self.fault(network, vec![Fault::once(method, path, kind.clone()).after(skip)]);
    }

    /// What the world can see there: id and text.
    fn seen(&self, network: Network) -> Vec<(String, String)> {
        match network {
            Network::X => self.world.sim.ledger().into_iter().map(|post| (post.id, post.text)).collect(),
            Network::Threads => self.threads.ledger().into_iter().map(|post| (post.id, post.text)).collect(),
            Network::Instagram => self.instagram.ledger().into_iter().map(|post| (post.id, post.text)).collect(),
            Network::LinkedIn => self.linkedin.ledger().into_iter().map(|post| (post.id, post.text)).collect(),
            Network::TikTok => self.tiktok.ledger().into_iter().map(|post| (post.id, post.text)).collect(),
            Network::YouTube => self.google.ledger().into_iter().map(|post| (post.id, post.text)).collect(),
        }
    }

    async fn account(&self, network: Network) -> socrazi::domain::account::Account {
        self.world.accounts_on(network).await.remove(0)
    }

    async fn sent(&self, network: Network, text: &str) -> Value {
        let media = match network {
            Network::X | Network::Threads | Network::LinkedIn => json!([]),
            Network::Instagram => json!([self.picture]),
            Network::TikTok | Network::YouTube => json!([self.film]),
        };
        let options = json!({ "tiktok": { "privacy": "public" }, "youtube": { "for_kids": false } });
        let account = self.account(network).await.id.to_string();
        let segments = json!([{ "text": text, "media": media }]);
        let drafted = json!({ "segments": segments, "accounts": [account], "options": options });
        let post = self.world.call("create_draft", drafted).await["post"]["id"].clone();
        let asked = self.world.call("publish_post", json!({ "post": post })).await;
        if let Some(url) = asked["approval_url"].as_str() {
            let id = url.rsplit('/').next().unwrap().parse().unwrap();
            let hash = self.world.app.read_approval(&self.world.person, &id).await.unwrap().approval.hash;
            self.world.app.decide(&self.world.person, &id, &hash, Verdict::Approve).await.unwrap();
        }
        post
    }

    /// Lets time pass until nothing more happens with it by itself.
    async fn settled(&self, post: &Value) -> Value {
        for _ in 0..2_000 {
            let delivery = self.world.delivery(post).await;
            let state = delivery["state"].as_str().unwrap();
            if ["published", "failed", "needs_human", "blocked", "missed", "partial", "cancelled"].contains(&state) {
                return delivery;
            }
            // What works on it is not hurried into the end of its lease.
            self.world.pass(if ["leased", "armed"].contains(&state) { 500 } else { 10_000 });
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        panic!("it never settled: {}", self.world.delivery(post).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_in_place_of_the_answer_nothing_is_out_twice_or_called_what_it_is_not() {
    let six = Six::start().await;
    for places in &ALL {
        let network = places.network;
        let first = six.sent(network, &format!("The first on {}", network.slug())).await;
        assert_eq!(six.settled(&first).await["state"], "published", "{network:?}");
        let mut answers = hostile();
        if let Some(named) = places.named {
            // The name of what is out already, as if this were it.
            answers.push(("another post's name", named(&six.seen(network)[0].0)));
        }
        for (n, (name, kind)) in answers.into_iter().enumerate() {
            // More than a day takes.
            six.world.pass(2 * 3_600_000);
            let before = six.seen(network).len();
            six.strike(network, places.commit, &kind);
            let text = format!("{} {n} on {}", name, network.slug());
            let post = six.sent(network, &text).await;
            let delivery = six.settled(&post).await;
            six.fault(network, Vec::new());
            let (state, out) = (delivery["state"].as_str().unwrap(), six.seen(network).len() - before);
            let wanted = if places.can_look { ("published", 1) } else { ("needs_human", 0) };
            assert_eq!((state, out), wanted, "{network:?}, {name}: {delivery}");
            if state == "needs_human" {
                six.world.pass(10 * 60_000);
                let id: DeliveryId = delivery["id"].as_str().unwrap().parse().unwrap();
                six.world.app.settle(&six.world.person, &id, (Answer::DropIt, None)).await.unwrap();
            } else {
                let link = delivery["receipts"][0]["permalink"].to_string();
                let newest = &six.seen(network)[before];
                assert_eq!(newest.1.lines().next().unwrap(), text, "{network:?}, {name}");
                assert!(
                    network == Network::Instagram || network == Network::Threads || link.contains(&newest.0),
                    "{network:?}, {name}: {link}"
                );
            }
            assert_eq!(six.account(network).await.health, Health::Fine, "{network:?}, {name}");
        }
    }
    six.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_when_somebody_connects_nothing_is_connected_by_it_and_what_was_stays() {
    let six = Six::start().await;
    for places in &ALL {
        let network = places.network;
        let before = six.account(network).await;
        for (name, kind) in hostile() {
            for at in [places.tokens, places.profile] {
                six.strike(network, at, &kind);
                let connected = six.connect(network).await;
                six.fault(network, Vec::new());
                assert!(matches!(connected, Err(ToolError::Refused(_))), "{network:?}, {name}: {connected:?}");
                let accounts = six.world.accounts_on(network).await;
                assert_eq!((accounts.len(), accounts[0].health), (1, Health::Fine), "{network:?}, {name}");
                assert_eq!(
                    (&accounts[0].handle, &accounts[0].name),
                    (&before.handle, &before.name),
                    "{network:?}, {name}"
                );
            }
        }
        // What it was connected with before is good as ever.
        let post = six.sent(network, &format!("Still there on {}", network.slug())).await;
        assert_eq!(six.settled(&post).await["state"], "published", "{network:?}");
    }
    six.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_when_a_profile_is_read_again_nobody_is_called_otherwise_by_it() {
    let six = Six::start().await;
    for (name, kind) in hostile() {
        // Anew, because what cannot be renewed would end in between.
        for places in &ALL {
            six.connect(places.network).await.unwrap();
        }
        six.world.pass(WEEK_MS + 1_000);
        for places in &ALL {
            six.strike(places.network, places.profile, &kind);
        }
        let mut before = Vec::new();
        for places in &ALL {
            before.push(six.account(places.network).await);
        }
        six.world.app.refresh_profiles().await.unwrap();
        for (places, before) in ALL.iter().zip(before) {
            six.fault(places.network, Vec::new());
            let after = six.account(places.network).await;
            assert_eq!(
                (after.handle, after.name, after.health),
                (before.handle, before.name, before.health),
                "{:?}, {name}",
                places.network
            );
        }
    }
    six.world.end().await;
}
