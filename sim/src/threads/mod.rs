//! A simulated Threads: Meta's own sign-in with short and long tokens, containers with a clock,
//! publishing, lists, insights and the signed callbacks, as strict as the dossier (threads.md) says the
//! real one is, with a ledger of what the outside world can see.
//!
//! This file wires the routes and the start; each answer is decided in the file of its subject.

mod callbacks;
mod containers;
mod oauth;
mod options;
mod publish;
mod reading;
pub mod rules;
mod state;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::json;
use url::Url;

pub use self::options::{SimProfile, ThreadsOptions, Tuning};
pub use self::publish::restricted;
use self::reading::List;
use self::state::State;
pub use self::state::Token;
use crate::clock::SimClock;
use crate::control::{self, Calls, Control};
use crate::faults::Fault;
use crate::graph::{self, Call, GraphError};
use crate::ledger::LedgerEntry;
use crate::net::Server;
use crate::{lock, samples};

/// What the handlers share.
#[derive(Debug)]
struct Threads {
    clock: SimClock,
    state: Mutex<State>,
    control: Arc<Control>,
}

/// A running simulated Threads. Dropping it stops it.
#[derive(Debug)]
pub struct ThreadsSim {
    threads: Arc<Threads>,
    server: Server,
    url: Url,
}

impl ThreadsSim {
    /// Replays the ledger file, binds, and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the ledger file cannot be read or the address cannot be bound.
    pub async fn start(options: ThreadsOptions, clock: SimClock) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let control = Control::new(clock.clone(), graph::rate_limited);
        let state = State::open(options).context("the simulator's ledger file cannot be used")?;
        let threads = Arc::new(Threads { clock, state: Mutex::new(state), control });
        let server = Server::start(addr, router(&threads)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        lock(&threads.state).root = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { threads, server, url })
    }

    /// Its root.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Everything ever published, deleted posts included, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        lock(&self.threads.state).posts.iter().map(|post| post.entry.clone()).collect()
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.threads.control.set_faults(faults);
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.threads.control.calls()
    }

    /// Moves what can be moved while it runs.
    pub fn tune(&self, tuning: Tuning) {
        lock(&self.threads.state).options.tuning = tuning;
    }

    /// Hands out a long-lived token without the sign-in, for tests that are about something else.
    ///
    /// # Errors
    /// When nobody has that id or the ledger file refuses.
    pub fn grant(&self, user_id: &str, scopes: &[&str]) -> anyhow::Result<Token> {
        let mut state = lock(&self.threads.state);
        state.user(user_id).with_context(|| format!("no simulated account {user_id}"))?;
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        oauth::issue(&mut state, (user_id, &scopes), self.threads.clock.now_ms(), true)
            .map_err(|error| anyhow::anyhow!("{}", error.body()))
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(threads: &Arc<Threads>) -> Router {
    let api = Router::new()
        .route("/oauth/authorize", get(oauth::authorize).post(oauth::authorize))
        // Meta's own Postman collection calls the token routes with either method.
        .route("/oauth/access_token", post(oauth::exchange).get(oauth::exchange))
        .route("/access_token", get(oauth::lengthen))
        .route("/refresh_access_token", get(oauth::refresh))
        .route("/portraits/{name}", get(portrait))
        // With the version and, as Meta's own collection has it, without.
        .merge(graph_routes())
        .nest("/v1.0", graph_routes())
        .fallback(async || {
            GraphError::new(2_500, "Unknown path components").status(StatusCode::NOT_FOUND).into_response()
        })
        .layer(middleware::from_fn_with_state(Arc::clone(&threads.control), control::fault_layer))
        .layer(middleware::from_fn_with_state(Arc::clone(&threads.control), control::date_layer))
        .with_state(Arc::clone(threads));
    let own = Router::new()
        .route("/__sim/ledger", get(show_ledger))
        .route("/__sim/containers", get(containers::inspect))
        .route("/__sim/options", post(tune))
        .route("/__sim/users", post(add_user))
        .route("/__sim/insights", post(set_insights))
        .route("/__sim/uninstall", post(callbacks::uninstall))
        .route("/__sim/delete_data", post(callbacks::delete_data))
        .route("/__sim/reset", post(reset))
        .with_state(Arc::clone(threads));
    api.merge(own).merge(control::routes(Arc::clone(&threads.control)))
}

fn graph_routes() -> Router<Arc<Threads>> {
    Router::new()
        .route("/debug_token", get(oauth::debug))
        .route("/{id}", get(node).delete(delete))
        .route("/{id}/", get(node))
        .route("/{id}/threads", get(threads_of).post(create))
        .route("/{id}/threads_publish", post(publish_one))
        .route("/{id}/threads_publishing_limit", get(limit))
        .route("/{id}/threads_insights", get(profile_insights))
        .route("/{id}/replies", get(replies_of))
        .route("/{id}/conversation", get(conversation_of))
        .route("/{id}/repost", post(repost))
        .route("/{id}/insights", get(post_insights))
}

impl Threads {
    fn answer(&self, work: impl FnOnce(&mut State, i64) -> Result<Response, GraphError>) -> Response {
        let now_ms = self.clock.now_ms();
        oauth::respond(work(&mut lock(&self.state), now_ms))
    }
}

type Room = Shared<Arc<Threads>>;

async fn portrait(Path(name): Path<String>) -> Response {
    ([(CONTENT_TYPE, "image/png")], samples::portrait(&name)).into_response()
}

async fn node(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| reading::node(state, &id, &call, now_ms))
}

async fn delete(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| publish::delete(state, &id, &call, now_ms))
}

async fn create(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    containers::create(&threads, &id, call).await
}

async fn threads_of(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| reading::list(state, (&id, List::Threads), &call, now_ms))
}

async fn replies_of(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| reading::list(state, (&id, List::Replies), &call, now_ms))
}

async fn conversation_of(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| reading::list(state, (&id, List::Conversation), &call, now_ms))
}

async fn publish_one(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| publish::publish(state, &id, &call, now_ms))
}

async fn limit(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| publish::limit(state, &id, &call, now_ms))
}

async fn repost(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| publish::repost(state, &id, &call, now_ms))
}

async fn post_insights(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| reading::post_insights(state, &id, &call, now_ms))
}

async fn profile_insights(Shared(threads): Room, Path(id): Path<String>, call: Call) -> Response {
    threads.answer(|state, now_ms| reading::profile_insights(state, &id, &call, now_ms))
}

async fn show_ledger(Shared(threads): Room) -> Json<Vec<LedgerEntry>> {
    Json(lock(&threads.state).posts.iter().map(|post| post.entry.clone()).collect())
}

async fn tune(Shared(threads): Room, Json(tuning): Json<Tuning>) -> StatusCode {
    lock(&threads.state).options.tuning = tuning;
    StatusCode::NO_CONTENT
}

async fn add_user(Shared(threads): Room, Json(user): Json<SimProfile>) -> StatusCode {
    let users = &mut lock(&threads.state).options.users;
    users.retain(|known| known.id != user.id);
    users.push(user);
    StatusCode::NO_CONTENT
}

async fn set_insights(Shared(threads): Room, Json(sets): Json<BTreeMap<String, BTreeMap<String, u64>>>) -> StatusCode {
    lock(&threads.state).insights.extend(sets);
    StatusCode::NO_CONTENT
}

async fn reset(Shared(threads): Room) -> Response {
    threads.control.reset();
    threads.answer(|state, _| state.reset().map(|()| Json(json!({"reset": true})).into_response()))
}
