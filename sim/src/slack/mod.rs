//! A simulated Slack: the Web API, deliveries signed as Slack signs them, Socket Mode, Block Kit as strict as the dossier says the real one
//! is, and people who type, press and choose. What a careful client would never meet is noted as a violation.

mod acts;
mod api;
mod args;
pub mod blocks;
mod chat;
mod consent;
mod conversations;
mod deliver;
mod desk;
mod files;
mod hooks;
mod inspect;
mod message;
mod modal;
mod oauth;
mod openid;
mod people;
mod press;
mod rates;
mod refusal;
mod signing;
mod socket;
mod state;
mod stream;
mod threads;
mod tokens;
mod values;
mod views;

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use url::Url;

pub use self::deliver::{Answer, Forgery};
pub use self::files::SlackFile;
pub use self::inspect::World;
pub use self::people::{
    ANA, APP, BEN, BOT, BOT_USER, DM_ANA, DM_BEN, ENTERPRISE, GENERAL, GENERAL_TWO, PRIVATE, RANDOM, TEAM, TEAM_TWO,
    USER_TWO,
};
pub use self::signing::sign;
use self::socket::Sockets;
pub use self::state::Asked;
use self::state::State;
pub use self::tokens::{APP_TOKEN, BOT_TOKEN};
pub use crate::clock::SimClock;
use crate::control::{self, Control};
pub use crate::faults::{Fault, FaultKind, RateBody};
use crate::lock;
use crate::net::Server;

/// The secret that deliveries are signed with when none was named (dossier §2).
pub const SIGNING_SECRET: &str = "socrazi-test-signing-secret";
/// The app's OAuth id.
pub const CLIENT_ID: &str = "1111111111.2222222222";
/// The app's OAuth secret.
pub const CLIENT_SECRET: &str = "sim-slack-client-secret";
/// The largest request it reads.
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A delivery must be answered in this time (dossier §3.3).
const ACK_MS: u64 = 3_000;

/// How it is set up.
#[derive(Clone, Debug, Default)]
pub struct SlackOptions {
    /// Where to listen; any free port of this machine without.
    pub bind: Option<SocketAddr>,
    /// What deliveries are signed with.
    pub signing_secret: Option<String>,
    /// The app's OAuth id and secret.
    pub client: Option<(String, String)>,
    /// The product's public root; without, deliveries go over an open socket.
    pub deliver_to: Option<Url>,
    /// Registered redirect addresses, as prefixes; any without.
    pub redirect_uris: Vec<String>,
    /// Whether installing hands out tokens of twelve hours.
    pub is_rotating: bool,
    /// Whether the app is installed for a whole organisation.
    pub is_org_install: bool,
    /// Whether the app listens to `message.channels`.
    pub hears_channels: bool,
    /// Whether rate tiers are enforced.
    pub enforce_rates: bool,
    /// Whether the app's own messages come back as events.
    pub echoes: bool,
    /// A clock to share.
    pub clock: SimClock,
}

/// What the handlers share.
#[derive(Debug)]
struct Slack {
    clock: SimClock,
    state: Mutex<State>,
    sockets: Mutex<Sockets>,
    deliver_to: Mutex<Option<Url>>,
    ack_ms: AtomicU64,
    /// How often each thing is delivered, at once and in any order.
    times: AtomicU32,
    control: Arc<Control>,
}

/// A running simulated Slack. Dropping it stops it. What is in it and what people do there is in [`World`].
#[derive(Debug)]
pub struct SlackSim {
    world: World,
    server: Server,
    url: Url,
}

impl Deref for SlackSim {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl SlackSim {
    /// Binds and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(options: SlackOptions) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let now_ms = options.clock.now_ms();
        let (client_id, client_secret) =
            options.client.unwrap_or_else(|| (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned()));
        let mut state = State {
            signing_secret: options.signing_secret.unwrap_or_else(|| SIGNING_SECRET.to_owned()),
            client_id,
            client_secret,
            redirect_uris: options.redirect_uris,
            is_rotating: options.is_rotating,
            is_org_install: options.is_org_install,
            hears_channels: options.hears_channels,
            enforces_rates: options.enforce_rates,
            echoes: options.echoes,
            ..State::fresh()
        };
        state.tokens = tokens::first(now_ms);
        let control = Control::new(options.clock.clone(), refusal::planned_limit);
        let slack = Arc::new(Slack {
            clock: options.clock,
            state: Mutex::new(state),
            sockets: Mutex::default(),
            deliver_to: Mutex::new(options.deliver_to),
            ack_ms: AtomicU64::new(ACK_MS),
            times: AtomicU32::new(1),
            control,
        });
        let server = Server::start(addr, router(&slack)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        url.as_str().clone_into(&mut lock(&slack.state).root);
        Ok(Self { world: World(slack), server, url })
    }

    /// Its root.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// The root of the Web API, without a slash at its end.
    #[must_use]
    pub fn api_url(&self) -> Url {
        self.url.join("api").unwrap_or_else(|_| self.url())
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(slack: &Arc<Slack>) -> Router {
    let own = Router::new()
        .route("/api/{method}", any(api::answer))
        .route("/hooks/{id}", post(hooks::post))
        .route("/upload/{door}", post(files::upload))
        .route("/files/{id}", get(files::download))
        .route("/files/{id}/download", get(files::download))
        .route("/signin", get(files::sign_in_page))
        .route("/link", get(socket::link))
        .route("/link/", get(socket::link))
        .route("/oauth/v2/authorize", get(consent::install))
        .route("/openid/connect/authorize", get(consent::sign_in))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&slack.control), control::fault_layer))
        .with_state(Arc::clone(slack));
    own.merge(desk::routes(slack)).merge(control::routes(Arc::clone(&slack.control)))
}
