//! A simulated X (API v2): sign-in with PKCE, posts, timelines and media, as strict as the dossier says
//! the real one is, with a ledger of what the outside world can see.
//!
//! This file wires the routes and the start; each answer is decided in the file of its subject.

mod body;
mod consent;
pub mod count;
mod judge;
mod limits;
pub mod links;
mod media;
mod oauth;
mod options;
mod parts;
mod posts;
pub mod problem;
mod query;
mod reading;
mod render;
mod state;
mod timeline;
mod upload;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use axum::extract::{DefaultBodyLimit, Path, State as Shared};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use self::limits::Endpoint;
pub use self::oauth::Grant;
pub use self::options::{Consent, RateLimits, SimUser, Spelling, Switches, XOptions};
use self::problem::Problem;
use self::state::{Record, State};
pub use crate::clock::SimClock;
use crate::control::{self, Calls, Control};
pub use crate::faults::{Fault, FaultKind, RateBody};
pub use crate::ledger::{LedgerEntry, LedgerPoll};
use crate::net::Server;
use crate::{lock, samples};

/// A bearer that stands for the app alone: user endpoints answer it with the 403 for the wrong kind.
pub const APP_ONLY_TOKEN: &str = "sim-x-app-only";
/// The largest request it reads; one-shot images are at most 5 MB, base64 adds a third.
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct X {
    pub(crate) clock: SimClock,
    pub(crate) state: Mutex<State>,
    control: Arc<Control>,
}

/// Who is calling.
pub(crate) struct Caller {
    pub(crate) user: SimUser,
    pub(crate) now_ms: i64,
}

impl X {
    /// The frame of every API call: token, scope, rate window, work, headers.
    pub(crate) fn answer(
        &self,
        headers: &HeaderMap,
        endpoint: Endpoint,
        work: impl FnOnce(&mut State, &Caller) -> Result<Response, Problem>,
    ) -> Response {
        let now_ms = self.clock.now_ms();
        let mut state = lock(&self.state);
        let (user, scopes) = match oauth::caller(&state, headers, now_ms) {
            Ok(known) => known,
            Err(problem) => return problem.into_response(),
        };
        let limits = state.options.limits;
        let (taken, app_day) = state.windows.take(&limits, &user.id, endpoint, now_ms);
        let mut answer = if !taken.allowed {
            problem::rate_body(RateBody::Problem)
        } else if endpoint.scopes().iter().any(|needed| !scopes.iter().any(|held| held == needed)) {
            Problem::forbidden("Forbidden").into_response()
        } else {
            work(&mut state, &Caller { user, now_ms }).unwrap_or_else(Problem::into_response)
        };
        taken.write(answer.headers_mut());
        if let Some(day) = app_day {
            day.write_app_day(answer.headers_mut());
        }
        answer
    }
}

/// A running simulated X. Dropping it stops it.
#[derive(Debug)]
pub struct XSim {
    x: Arc<X>,
    server: Server,
    url: Url,
}

impl XSim {
    /// Replays the ledger file, binds, and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the ledger file cannot be read or the address cannot be bound.
    pub async fn start(options: XOptions, clock: SimClock) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let control = Control::new(clock.clone(), problem::rate_limited);
        let state = State::open(options).context("the simulator's ledger file cannot be used")?;
        let x = Arc::new(X { clock, state: Mutex::new(state), control });
        let server = Server::start(addr, router(&x)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        lock(&x.state).root = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { x, server, url })
    }

    /// Its root.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Everything ever published, deleted posts included, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        lock(&self.x.state).posts.iter().map(|post| post.entry.clone()).collect()
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.x.control.set_faults(faults);
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.x.control.calls()
    }

    /// Adds an account, or replaces the one with the same id.
    pub fn add_user(&self, user: SimUser) {
        let users = &mut lock(&self.x.state).options.users;
        users.retain(|known| known.id != user.id);
        users.push(user);
    }

    /// Moves switches while it runs.
    pub fn set_switches(&self, switches: &Switches) {
        lock(&self.x.state).options.apply(switches);
    }

    /// Hands out tokens without the sign-in, for tests that are about something else.
    ///
    /// # Errors
    /// When nobody has that id or the ledger file refuses.
    pub fn grant(&self, user_id: &str, scopes: &[&str]) -> anyhow::Result<Grant> {
        let mut state = lock(&self.x.state);
        state.user(user_id).with_context(|| format!("no simulated account {user_id}"))?;
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let client_id = state.options.client_id.clone();
        let family = state::secret("family-");
        let grant = Grant::issue(family, user_id, &client_id, &scopes, self.x.clock.now_ms());
        state.commit(Record::Granted(grant.clone())).map_err(|_| anyhow::anyhow!("the ledger file refused"))?;
        Ok(grant)
    }

    /// Sets figures of posts, under X's names, in place of what grows.
    pub fn set_insights(&self, sets: BTreeMap<String, BTreeMap<String, u64>>) {
        lock(&self.x.state).insights.extend(sets);
    }

    /// Publishes as somebody else would, without any check: for posts that summon an account.
    ///
    /// # Errors
    /// When nobody has that id or the ledger file refuses.
    pub fn post_as(&self, user_id: &str, text: &str) -> anyhow::Result<LedgerEntry> {
        let mut state = lock(&self.x.state);
        posts::publish_unchecked(&mut state, user_id, text, self.x.clock.now_ms())
            .map_err(|problem| anyhow::anyhow!("{}", problem.body))
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(x: &Arc<X>) -> Router {
    let api = Router::new()
        .route("/i/oauth2/authorize", get(consent::show).post(consent::decide))
        .route("/profile_images/{name}", get(portrait))
        .route("/2/oauth2/token", post(oauth::token))
        .route("/2/oauth2/revoke", post(oauth::revoke))
        .route("/2/users/me", get(timeline::me))
        .route("/2/users/{id}/tweets", get(timeline::of_user))
        .route("/2/tweets", post(posts::create).get(timeline::by_ids))
        .route("/2/tweets/{id}", delete(posts::delete).get(timeline::by_id))
        .route("/2/media/upload", post(upload::one_shot).get(upload::status))
        .route("/2/media/upload/initialize", post(upload::initialize))
        .route("/2/media/upload/{id}/append", post(upload::append))
        .route("/2/media/upload/{id}/finalize", post(upload::finalize))
        .route("/2/media/metadata", post(upload::metadata))
        .fallback(async || Problem::not_found("route", "path", "").into_response())
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&x.control), control::fault_layer))
        .layer(middleware::from_fn_with_state(Arc::clone(&x.control), control::date_layer))
        .with_state(Arc::clone(x));
    let own = Router::new()
        .route("/__sim/ledger", get(show_ledger))
        .route("/__sim/media", get(show_media))
        .route("/__sim/options", post(move_switches))
        .route("/__sim/users", post(add_user))
        .route("/__sim/insights", post(set_insights))
        .route("/__sim/posts", post(post_as))
        .route("/__sim/reset", post(reset))
        .with_state(Arc::clone(x));
    api.merge(own).merge(control::routes(Arc::clone(&x.control)))
}

async fn portrait(Path(name): Path<String>) -> Response {
    ([(CONTENT_TYPE, "image/png")], samples::portrait(&name)).into_response()
}

async fn show_ledger(Shared(x): Shared<Arc<X>>) -> Json<Vec<LedgerEntry>> {
    Json(lock(&x.state).posts.iter().map(|post| post.entry.clone()).collect())
}

async fn show_media(Shared(x): Shared<Arc<X>>) -> Json<Vec<Value>> {
    let now_ms = x.clock.now_ms();
    Json(lock(&x.state).media.values().map(|media| media.inspect(now_ms)).collect())
}

async fn move_switches(Shared(x): Shared<Arc<X>>, Json(switches): Json<Switches>) -> StatusCode {
    lock(&x.state).options.apply(&switches);
    StatusCode::NO_CONTENT
}

async fn add_user(Shared(x): Shared<Arc<X>>, Json(user): Json<SimUser>) -> StatusCode {
    let users = &mut lock(&x.state).options.users;
    users.retain(|known| known.id != user.id);
    users.push(user);
    StatusCode::NO_CONTENT
}

async fn set_insights(
    Shared(x): Shared<Arc<X>>,
    Json(sets): Json<BTreeMap<String, BTreeMap<String, u64>>>,
) -> StatusCode {
    lock(&x.state).insights.extend(sets);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostAs {
    user_id: String,
    text: String,
}

async fn post_as(Shared(x): Shared<Arc<X>>, Json(wanted): Json<PostAs>) -> Response {
    let mut state = lock(&x.state);
    match posts::publish_unchecked(&mut state, &wanted.user_id, &wanted.text, x.clock.now_ms()) {
        Ok(entry) => Json(entry).into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn reset(Shared(x): Shared<Arc<X>>) -> Response {
    x.control.reset();
    match lock(&x.state).reset() {
        Ok(()) => Json(json!({"reset": true})).into_response(),
        Err(problem) => problem.into_response(),
    }
}
