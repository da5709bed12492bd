//! A simulated Discord: the REST API, the gateway, interactions over both ways, components as strict as the dossier says the real ones are,
//! and people who write, press and choose. What a careful client would never meet is noted as a violation.

mod acts;
mod api;
mod app;
mod body;
mod call;
mod channels;
mod chat;
mod commands;
mod components;
mod consent;
mod content;
mod deliver;
mod desk;
mod embeds;
mod files;
mod followup;
mod gateway;
mod inspect;
mod interaction;
mod message;
mod oauth;
mod options;
mod payload;
mod people;
pub mod perms;
mod press;
mod rates;
mod refusal;
mod routes;
mod signing;
mod state;
mod submit;
mod switches;
mod wishes;

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use url::Url;

pub use self::acts::Extras;
pub use self::commands::check_commands;
pub use self::content::{check_message, check_modal};
pub use self::deliver::{Answer, Forgery};
pub use self::gateway::MESSAGE_CONTENT;
pub use self::inspect::World;
pub use self::people::{
    ACME, ANA, APP, BEN, CLEO, DAN, DM_ANA, DM_BEN, EDITORS, GENERAL, GROUP, HIDDEN, OTHER, OTHER_GENERAL,
};
pub use self::refusal::{Scope, limited};
pub use self::signing::{PUBLIC_KEY, sign};
pub use self::state::Recorded;
use self::state::{Settings, State};
pub use crate::clock::SimClock;
use crate::control::{self, Control};
pub use crate::faults::{Fault, FaultKind, RateBody};
use crate::lock;
use crate::net::Server;

/// The bot's token: its id in Base64, and two parts that mean nothing.
pub const BOT_TOKEN: &str = "MTAxMDAwMDAwMDAwMDAwMDAwMQ.SimSim.socrazi-sim-discord-bot-token-0001";
/// The app's OAuth secret; its OAuth id is [`APP`].
pub const CLIENT_SECRET: &str = "sim-discord-client-secret";
/// The largest request it reads.
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;
/// An interaction must be answered in this time (dossier §4).
const ACK_MS: u64 = 3_000;
/// What Discord usually asks for.
const HEARTBEAT_MS: u64 = 41_250;
/// Session starts in a day.
const STARTS: u32 = 1_000;

/// How it is set up.
#[derive(Clone, Debug, Default)]
pub struct DiscordOptions {
    /// Where to listen; any free port of this machine without.
    pub bind: Option<SocketAddr>,
    /// Where interactions are posted, taken without asking it first; without, they go over the gateway.
    pub endpoint: Option<Url>,
    /// Registered redirect addresses; any without.
    pub redirect_uris: Vec<String>,
    /// Whether the privileged intent MESSAGE_CONTENT is on in the portal.
    pub message_content: bool,
    /// Whether rate limits are enforced.
    pub enforce_rates: bool,
    /// How many shards are needed at least; one without.
    pub shards: Option<u64>,
    /// How often a heartbeat is asked for; every 41.25 seconds without.
    pub heartbeat_ms: Option<u64>,
    /// A clock to share.
    pub clock: SimClock,
}

/// What the handlers share.
#[derive(Debug)]
struct Discord {
    clock: SimClock,
    state: Mutex<State>,
    control: Arc<Control>,
}

/// A running simulated Discord. Dropping it stops it. What is in it and what people do there is in [`World`].
#[derive(Debug)]
pub struct DiscordSim {
    world: World,
    server: Server,
    url: Url,
}

impl Deref for DiscordSim {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DiscordSim {
    /// Binds and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(options: DiscordOptions) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let settings = Settings {
            redirect_uris: options.redirect_uris,
            privileged: if options.message_content { MESSAGE_CONTENT } else { 0 },
            shards: options.shards.unwrap_or(1),
            enforces_rates: options.enforce_rates,
            ack_ms: ACK_MS,
            heartbeat_ms: options.heartbeat_ms.unwrap_or(HEARTBEAT_MS),
            acks_heartbeats: true,
            copies: 1,
            overlap: 0,
            starts_total: STARTS,
            starts_left: STARTS,
            integration_types: vec![0, 1],
        };
        let mut state = State::fresh(BOT_TOKEN, CLIENT_SECRET, settings);
        state.gateway.endpoint = options.endpoint;
        let control = Control::new(options.clock.clone(), refusal::planned_limit);
        let discord = Arc::new(Discord { clock: options.clock, state: Mutex::new(state), control });
        let server = Server::start(addr, router(&discord)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        url.as_str().clone_into(&mut lock(&discord.state).root);
        Ok(Self { world: World(discord), server, url })
    }

    /// Its root: what stands for `https://discord.com`.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// The root of the REST API, without a slash at its end.
    #[must_use]
    pub fn api_url(&self) -> Url {
        self.url.join("api/v10").unwrap_or_else(|_| self.url())
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(discord: &Arc<Discord>) -> Router {
    let own = api::routes()
        .route("/", get(gateway::socket::open))
        .route("/gateway", get(gateway::socket::open))
        .route("/attachments/{channel}/{id}/{name}", get(files::download))
        .route("/oauth2/authorize", get(consent::page))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&discord.control), control::fault_layer))
        .layer(middleware::from_fn_with_state(Arc::clone(&discord.control), control::date_layer))
        .with_state(Arc::clone(discord));
    own.merge(desk::routes(discord)).merge(control::routes(Arc::clone(&discord.control)))
}
