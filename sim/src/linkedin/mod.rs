//! A simulated LinkedIn: sign-in by products, posts in little text, uploads in parts, duplicates, gated reading and the webhook, as strict
//! as the dossier (linkedin.md) says the real one is, with a ledger of what the outside world can see.
//!
//! This file wires the routes and the start; each answer is decided in the file of its subject.

mod ask;
mod comments;
mod consent;
mod content;
mod hooks;
mod little;
mod oauth;
mod options;
mod posts;
mod reading;
mod refusal;
mod state;
mod uploads;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::Context;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::json;
use url::Url;

pub use self::options::{GATED, LinkedInOptions, SELF_SERVE, SimMember, SimPage, Tuning};
pub use self::state::Token;
use self::state::{Record, State};
use crate::clock::SimClock;
use crate::control::{self, Calls, Control};
use crate::faults::Fault;
use crate::ledger::Visible;
use crate::lock;
use crate::net::Server;

/// A document may have 100 MB.
const BODY_BYTES_MAX: usize = 101 * 1024 * 1024;

/// What the handlers share.
#[derive(Debug)]
struct LinkedIn {
    clock: SimClock,
    state: Mutex<State>,
    control: Arc<Control>,
    /// Set once it listens: upload addresses and pictures begin with it.
    root: OnceLock<String>,
}

impl LinkedIn {
    /// Where it listens, without the slash at the end.
    fn root(&self) -> String {
        self.root.get().cloned().unwrap_or_default()
    }
}

/// A running simulated LinkedIn. Dropping it stops it.
#[derive(Debug)]
pub struct LinkedInSim {
    linkedin: Arc<LinkedIn>,
    server: Server,
    url: Url,
}

impl LinkedInSim {
    /// Replays the ledger file, binds, and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the ledger file cannot be read or the address cannot be bound.
    pub async fn start(options: LinkedInOptions, clock: SimClock) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let control = Control::new(clock.clone(), refusal::rate_limited);
        let state = State::open(options).context("the simulator's ledger file cannot be used")?;
        let linkedin = Arc::new(LinkedIn { clock, state: Mutex::new(state), control, root: OnceLock::new() });
        let server =
            Server::start(addr, router(&linkedin)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        linkedin.root.get_or_init(|| url.as_str().trim_end_matches('/').to_owned());
        Ok(Self { linkedin, server, url })
    }

    /// Its root, for both hosts of the real one.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Everything that ever became visible, deleted things included, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<Visible> {
        lock(&self.linkedin.state).visible()
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.linkedin.control.set_faults(faults);
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.linkedin.control.calls()
    }

    /// Moves what can be moved while it runs.
    pub fn tune(&self, tuning: Tuning) {
        lock(&self.linkedin.state).options.tuning = tuning;
    }

    /// Hands out a token without the sign-in, for tests that are about something else.
    ///
    /// # Errors
    /// When nobody has that id or the ledger file refuses.
    pub fn grant(&self, member: &str, scopes: &[&str]) -> anyhow::Result<Token> {
        let mut state = lock(&self.linkedin.state);
        let is_known = state.options.members.iter().any(|known| known.sub == member);
        anyhow::ensure!(is_known, "no simulated account {member}");
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        oauth::issue(&mut state, member, &scopes, self.linkedin.clock.now_ms())
            .map_err(|_| anyhow::anyhow!("the ledger file refused the token"))
    }

    /// The member removes the app in the settings: every token dies.
    ///
    /// # Errors
    /// When the ledger file refuses.
    pub fn remove_app(&self, member: &str) -> anyhow::Result<()> {
        let record = Record::Removed { member: member.to_owned() };
        lock(&self.linkedin.state).commit(record).map_err(|_| anyhow::anyhow!("the ledger file refused"))
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(linkedin: &Arc<LinkedIn>) -> Router {
    let api = Router::new()
        .route("/oauth/v2/authorization", get(consent::authorize).post(consent::authorize))
        .route("/oauth/v2/accessToken", post(oauth::access_token))
        .route("/oauth/v2/introspectToken", post(oauth::introspect))
        .route("/oauth/v2/revoke", post(oauth::revoke))
        .route("/v2/userinfo", get(reading::userinfo))
        .route("/media/pictures/{name}", get(reading::picture))
        .route("/rest/posts", post(posts::create).get(reading::posts))
        .route("/rest/posts/{urn}", post(posts::edit).delete(posts::delete).get(reading::post))
        .route("/rest/socialActions/{urn}/comments", post(comments::create))
        .route("/rest/socialActions/{urn}", get(comments::counts))
        .route("/rest/organizationAcls", get(reading::acls))
        .route("/rest/organizations/{id}", get(reading::organization))
        .route("/rest/memberCreatorPostAnalytics", get(reading::member_numbers))
        .route("/rest/organizationalEntityShareStatistics", get(reading::page_numbers))
        .route("/rest/networkSizes/{urn}", get(reading::followers))
        .route("/rest/{resource}", post(uploads::act))
        .route("/rest/{resource}/{urn}", get(uploads::show))
        .route("/dms-uploads/sp/{kind}/{id}/{part}", put(uploads::put))
        .fallback(reading::nothing)
        .method_not_allowed_fallback(reading::nothing)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&linkedin.control), control::fault_layer))
        .layer(middleware::from_fn_with_state(Arc::clone(&linkedin.control), control::date_layer))
        .with_state(Arc::clone(linkedin));
    let own = Router::new()
        .route("/__sim/ledger", get(show_ledger))
        .route("/__sim/uploads", get(uploads::inspect))
        .route("/__sim/options", post(tune))
        .route("/__sim/members", post(add_member))
        .route("/__sim/pages", post(add_page))
        .route("/__sim/insights", post(set_insights))
        .route("/__sim/remove_app", post(remove_app))
        .route("/__sim/challenge", post(hooks::challenge))
        .route("/__sim/notify", post(hooks::notify))
        .route("/__sim/reset", post(reset))
        .with_state(Arc::clone(linkedin));
    api.merge(own).merge(control::routes(Arc::clone(&linkedin.control)))
}

type Room = Shared<Arc<LinkedIn>>;

async fn show_ledger(Shared(linkedin): Room) -> Json<Vec<Visible>> {
    Json(lock(&linkedin.state).visible())
}

async fn tune(Shared(linkedin): Room, Json(tuning): Json<Tuning>) -> StatusCode {
    lock(&linkedin.state).options.tuning = tuning;
    StatusCode::NO_CONTENT
}

async fn add_member(Shared(linkedin): Room, Json(member): Json<SimMember>) -> StatusCode {
    let members = &mut lock(&linkedin.state).options.members;
    members.retain(|known| known.sub != member.sub);
    members.push(member);
    StatusCode::NO_CONTENT
}

async fn add_page(Shared(linkedin): Room, Json(page): Json<SimPage>) -> StatusCode {
    let pages = &mut lock(&linkedin.state).options.pages;
    pages.retain(|known| known.id != page.id);
    pages.push(page);
    StatusCode::NO_CONTENT
}

async fn set_insights(Shared(linkedin): Room, Json(sets): Json<BTreeMap<String, BTreeMap<String, u64>>>) -> StatusCode {
    lock(&linkedin.state).insights.extend(sets);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whom {
    member: String,
}

async fn remove_app(Shared(linkedin): Room, Json(whom): Json<Whom>) -> Response {
    let done = lock(&linkedin.state).commit(Record::Removed { member: whom.member });
    done.map_or_else(IntoResponse::into_response, |()| StatusCode::NO_CONTENT.into_response())
}

async fn reset(Shared(linkedin): Room) -> Response {
    linkedin.control.reset();
    let done = lock(&linkedin.state).reset();
    done.map_or_else(IntoResponse::into_response, |()| Json(json!({"reset": true})).into_response())
}
