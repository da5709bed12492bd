//! A simulated Instagram for professional accounts: both ways to sign in, containers that really fetch their media, publishing, lists,
//! insights and what Meta sends on its own, as strict as the dossier (instagram.md) says the real one is, with a ledger of what the outside
//! world can see.
//!
//! This file wires the routes and the start; each answer is decided in the file of its subject.

mod callbacks;
mod consent;
mod containers;
mod insights;
mod oauth;
mod options;
mod publish;
mod reading;
mod refusal;
mod rules;
mod state;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::Context;
use axum::extract::{DefaultBodyLimit, Path, State as Shared};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::json;
use url::Url;

pub use self::options::{InstagramOptions, SimProfile, Tuning};
use self::reading::List;
pub use self::refusal::{dead, missing, restricted};
pub use self::state::{Login, Token};
use self::state::{Record, State};
use crate::clock::{DAY_MS, SimClock};
use crate::control::{self, Calls, Control};
use crate::faults::Fault;
use crate::graph::{self, Call, GraphError};
use crate::ledger::Visible;
use crate::net::Server;
use crate::pull::Detour;
use crate::{lock, samples};

/// A part of a resumable upload.
const BODY_BYTES_MAX: usize = 301 * 1024 * 1024;

/// What the handlers share.
#[derive(Debug)]
struct Instagram {
    clock: SimClock,
    state: Mutex<State>,
    control: Arc<Control>,
    /// Set once it listens: pictures and upload addresses begin with it.
    root: OnceLock<String>,
}

/// A running simulated Instagram. Dropping it stops it.
#[derive(Debug)]
pub struct InstagramSim {
    instagram: Arc<Instagram>,
    server: Server,
    url: Url,
}

impl InstagramSim {
    /// Replays the ledger file, binds, and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the ledger file cannot be read or the address cannot be bound.
    pub async fn start(options: InstagramOptions, clock: SimClock) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let control = Control::new(clock.clone(), graph::rate_limited);
        let state = State::open(options).context("the simulator's ledger file cannot be used")?;
        let instagram = Arc::new(Instagram { clock, state: Mutex::new(state), control, root: OnceLock::new() });
        let server =
            Server::start(addr, router(&instagram)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        instagram.root.get_or_init(|| url.as_str().trim_end_matches('/').to_owned());
        Ok(Self { instagram, server, url })
    }

    /// Its root, for all hosts of the real one.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Everything that ever became visible, deleted things included, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<Visible> {
        lock(&self.instagram.state).media.iter().map(|medium| medium.entry.clone()).collect()
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.instagram.control.set_faults(faults);
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.instagram.control.calls()
    }

    /// Moves what can be moved while it runs.
    pub fn tune(&self, tuning: Tuning) {
        lock(&self.instagram.state).options.tuning = tuning;
    }

    /// Hands out a long-lived token without the sign-in, for tests that are about something else.
    ///
    /// # Errors
    /// When the ledger file refuses.
    pub fn grant(&self, login: Login, holder: &str, scopes: &[&str]) -> anyhow::Result<Token> {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let grant = oauth::Grant { login, holder, scopes: &scopes, declined: &[], is_long: true };
        let mut state = lock(&self.instagram.state);
        oauth::issue(&mut state, &grant, self.instagram.clock.now_ms())
            .map_err(|error| anyhow::anyhow!("{}", error.body()))
    }

    /// Replaces where public addresses of media lead.
    pub fn set_detours(&self, detours: Vec<Detour>) {
        lock(&self.instagram.state).options.detours = detours;
    }

    /// Kills every token of an account or person, with the subcode that says how (§5).
    ///
    /// # Errors
    /// When the ledger file refuses.
    pub fn kill(&self, holder: &str, subcode: i64) -> anyhow::Result<()> {
        let record = Record::Died { holder: holder.to_owned(), subcode };
        lock(&self.instagram.state).commit(record).map_err(|error| anyhow::anyhow!("{}", error.body()))
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(instagram: &Arc<Instagram>) -> Router {
    let api = Router::new()
        .route("/oauth/authorize", get(consent::instagram).post(consent::instagram))
        .route("/oauth/access_token", post(oauth::exchange).get(oauth::facebook))
        .route("/access_token", get(oauth::lengthen))
        .route("/refresh_access_token", get(oauth::refresh))
        .route("/dialog/oauth", get(consent::facebook).post(consent::facebook))
        .route("/pictures/{name}", get(picture))
        .route("/ig-api-upload/{version}/{id}", post(containers::upload))
        .route("/{version}/dialog/oauth", get(consent::facebook).post(consent::facebook))
        .route("/{version}/oauth/access_token", get(oauth::facebook).post(oauth::facebook))
        .route("/{version}/debug_token", get(debug))
        .route("/{version}/{id}", get(node).delete(delete))
        .route("/{version}/{id}/media", get(media_of).post(create))
        .route("/{version}/{id}/media_publish", post(publish_one))
        .route("/{version}/{id}/stories", get(stories_of))
        .route("/{version}/{id}/children", get(children_of))
        .route("/{version}/{id}/comments", get(comments_of).post(comment))
        .route("/{version}/{id}/content_publishing_limit", get(limit))
        .route("/{version}/{id}/insights", get(numbers))
        .route("/{version}/{id}/accounts", get(pages))
        .route("/{version}/{id}/permissions", get(permissions).delete(end_permissions))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&instagram.control), control::fault_layer))
        .layer(middleware::from_fn_with_state(Arc::clone(&instagram.control), control::date_layer))
        .with_state(Arc::clone(instagram));
    let own = Router::new()
        .route("/__sim/ledger", get(show_ledger))
        .route("/__sim/containers", get(containers::inspect))
        .route("/__sim/options", post(tune))
        .route("/__sim/users", post(add_user))
        .route("/__sim/detours", post(set_detours))
        .route("/__sim/insights", post(set_insights))
        .route("/__sim/kill", post(kill))
        .route("/__sim/deauthorize", post(callbacks::deauthorize))
        .route("/__sim/delete_data", post(callbacks::delete_data))
        .route("/__sim/verify_webhook", post(callbacks::verify))
        .route("/__sim/notify", post(callbacks::notify))
        .route("/__sim/reset", post(reset))
        .with_state(Arc::clone(instagram));
    api.merge(own).merge(control::routes(Arc::clone(&instagram.control)))
}

/// The headers that say how much was used: of the account, of the app (§4).
const USAGE: [&str; 2] = ["x-business-use-case-usage", "x-app-usage"];

impl Instagram {
    /// Where it listens, without the slash at the end.
    fn root(&self) -> String {
        self.root.get().cloned().unwrap_or_default()
    }

    /// Answers a call of the Graph side, with the headers that say how much was used (§4).
    fn answer(&self, call: &Call, work: impl FnOnce(&mut State, i64) -> Result<Response, GraphError>) -> Response {
        let now_ms = self.clock.now_ms();
        let mut state = lock(&self.state);
        let calls_max = state.options.tuning.calls_max.max(1);
        let token = state.tokens.iter().find(|token| call.token() == Some(&token.value));
        let Some(holder) = token.map(|token| token.holder.clone()) else {
            return oauth::respond(work(&mut state, now_ms));
        };
        let calls = state.calls.entry(holder.clone()).or_default();
        calls.retain(|at| *at > now_ms - DAY_MS);
        calls.push(now_ms);
        let (made, first_ms) = (calls.len(), calls.first().copied().unwrap_or(now_ms));
        let minutes = if made > calls_max { (first_ms + DAY_MS - now_ms) / 60_000 + 1 } else { 0 };
        let mut answer = oauth::respond(if made > calls_max {
            Err(GraphError::new(
                80_002,
                "There have been too many calls to this Instagram account. Wait a bit and try again.",
            ))
        } else {
            work(&mut state, now_ms)
        });
        let used = made * 100 / calls_max;
        let business = json!({holder: [{"type": "instagram", "call_count": used, "total_cputime": 1, "total_time": 1,
            "estimated_time_to_regain_access": minutes}]});
        let app = json!({"call_count": used, "total_cputime": 1, "total_time": 1});
        for (name, value) in USAGE.into_iter().zip([business, app]) {
            if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }
}

type Room = Shared<Arc<Instagram>>;
type Place = Path<(String, String)>;

async fn unknown() -> Response {
    GraphError::new(2_500, "Unknown path components").status(StatusCode::NOT_FOUND).into_response()
}

async fn picture(Path(name): Path<String>) -> Response {
    ([(CONTENT_TYPE, "image/png")], samples::portrait(&name)).into_response()
}

async fn node(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    let root = instagram.root();
    instagram.answer(&call, |state, now_ms| reading::node(state, (&id, &root), &call, now_ms))
}

async fn delete(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| publish::delete(state, &id, &call, now_ms))
}

async fn create(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    containers::create(&instagram, &id, call).await
}

async fn publish_one(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| publish::publish(state, &id, &call, now_ms))
}

async fn media_of(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| reading::list(state, (&id, List::Media), &call, now_ms))
}

async fn stories_of(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| reading::list(state, (&id, List::Stories), &call, now_ms))
}

async fn children_of(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| reading::items(state, &id, &call, now_ms))
}

async fn comments_of(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| reading::list(state, (&id, List::Comments), &call, now_ms))
}

async fn comment(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| publish::comment(state, &id, &call, now_ms))
}

async fn limit(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| publish::limit(state, &id, &call, now_ms))
}

async fn numbers(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| {
        let is_account = id == "me" || state.user(&id).is_some();
        let of = if is_account { insights::of_account } else { insights::of_medium };
        of(state, &id, &call, now_ms)
    })
}

async fn pages(Shared(instagram): Room, Path((_, id)): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| match id.as_str() {
        "me" => reading::pages(state, &call, now_ms),
        other => Err(missing(other)),
    })
}

async fn permissions(Shared(instagram): Room, Path(_): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| reading::permissions(state, &call, now_ms))
}

async fn end_permissions(Shared(instagram): Room, Path(_): Place, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| reading::end_permissions(state, &call, now_ms))
}

async fn debug(Shared(instagram): Room, call: Call) -> Response {
    instagram.answer(&call, |state, now_ms| reading::debug(state, &call, now_ms))
}

async fn show_ledger(Shared(instagram): Room) -> Json<Vec<Visible>> {
    Json(lock(&instagram.state).media.iter().map(|medium| medium.entry.clone()).collect())
}

async fn tune(Shared(instagram): Room, Json(tuning): Json<Tuning>) -> StatusCode {
    lock(&instagram.state).options.tuning = tuning;
    StatusCode::NO_CONTENT
}

async fn add_user(Shared(instagram): Room, Json(user): Json<SimProfile>) -> StatusCode {
    let users = &mut lock(&instagram.state).options.users;
    users.retain(|known| known.id != user.id);
    users.push(user);
    StatusCode::NO_CONTENT
}

async fn set_detours(Shared(instagram): Room, Json(detours): Json<Vec<Detour>>) -> StatusCode {
    lock(&instagram.state).options.detours = detours;
    StatusCode::NO_CONTENT
}

async fn set_insights(
    Shared(instagram): Room,
    Json(sets): Json<BTreeMap<String, BTreeMap<String, u64>>>,
) -> StatusCode {
    lock(&instagram.state).insights.extend(sets);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Death {
    user_id: String,
    subcode: i64,
}

async fn kill(Shared(instagram): Room, Json(death): Json<Death>) -> Response {
    let record = Record::Died { holder: death.user_id, subcode: death.subcode };
    oauth::respond(lock(&instagram.state).commit(record).map(|()| StatusCode::NO_CONTENT.into_response()))
}

async fn reset(Shared(instagram): Room) -> Response {
    instagram.control.reset();
    oauth::respond(lock(&instagram.state).reset().map(|()| Json(json!({"reset": true})).into_response()))
}
