//! A simulated Google: sign-in with PKCE and granular consent, Analytics 4, Search Console, YouTube and its analytics,
//! all at one root, as strict as the dossier (google.md) says the real ones are. One setting for each of the product's
//! addresses can point here: no two of the services share a path.
//!
//! This file wires the routes and the start; each answer is decided in the folder of its service.

mod body;
mod consent;
mod fields;
mod ga4;
mod gsc;
mod identity;
mod oauth;
mod options;
mod problem;
mod scopes;
mod state;
mod youtube;
mod zone;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use url::Url;

pub use self::ga4::world::{Event, Ga4Truths, PlantedVisit, Visit};
pub use self::gsc::world::SearchRow;
pub use self::options::{
    Ga4Tuning, GoogleOptions, GoogleTuning, GoogleUser, GscTuning, SimChannel, SimSite, YoutubeTuning,
};
use self::problem::{Answered, Problem};
pub use self::state::Grant;
use self::state::State;
pub use self::youtube::views::View;
use crate::clock::SimClock;
use crate::control::{self, Calls, Control};
use crate::faults::Fault;
use crate::ledger::LedgerEntry;
use crate::lock;
use crate::net::Server;

/// The largest request that is read.
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What the handlers share.
#[derive(Debug)]
struct Google {
    clock: SimClock,
    state: Mutex<State>,
    control: Arc<Control>,
}

/// Who is calling.
#[derive(Clone, Debug)]
struct Caller {
    user: GoogleUser,
    channel: Option<String>,
    scopes: Vec<String>,
    now_ms: i64,
}

impl Google {
    /// The frame of every call to an API: the token, whether the service is enabled, scopes, the work, headers.
    fn answer(
        &self,
        headers: &HeaderMap,
        (service, wanted): (&str, &[&str]),
        work: impl FnOnce(&mut State, &Caller) -> Answered,
    ) -> Response {
        self.answer_bare(headers, (service, wanted), |state, caller| {
            work(state, caller).map(|body| Json(body).into_response())
        })
    }

    /// The same for calls that answer something else than JSON.
    fn answer_bare(
        &self,
        headers: &HeaderMap,
        (service, wanted): (&str, &[&str]),
        work: impl FnOnce(&mut State, &Caller) -> Result<Response, Problem>,
    ) -> Response {
        let now_ms = self.clock.now_ms();
        let mut state = lock(&self.state);
        let answered = admit(&state, headers, (service, wanted), now_ms).and_then(|caller| work(&mut state, &caller));
        let mut answer = answered.unwrap_or_else(IntoResponse::into_response);
        dress(&mut answer);
        answer
    }
}

/// Whom the token stands for, if the service may be called with it.
fn admit(
    state: &State,
    headers: &HeaderMap,
    (service, wanted): (&str, &[&str]),
    now_ms: i64,
) -> Result<Caller, Problem> {
    let caller = oauth::caller(state, headers, now_ms)?;
    if state.options.tuning.disabled_services.iter().any(|disabled| disabled == service) {
        return Err(Problem::disabled(service));
    }
    if !scopes::suffice(&caller.scopes, wanted) {
        return Err(Problem::scope());
    }
    Ok(caller)
}

/// The headers that all of Google's APIs answer with.
fn dress(answer: &mut Response) {
    let headers = answer.headers_mut();
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    }
    headers.insert(VARY, HeaderValue::from_static("Origin, X-Origin, Referer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
}

/// A running simulated Google. Dropping it stops it.
#[derive(Debug)]
pub struct GoogleSim {
    google: Arc<Google>,
    server: Server,
    url: Url,
}

impl GoogleSim {
    /// Replays the ledger file, binds, and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the ledger file cannot be read or the address cannot be bound.
    pub async fn start(options: GoogleOptions, clock: SimClock) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let control = Control::new(clock.clone(), problem::rate_limited);
        let state = State::open(options, clock.now_ms()).context("the simulator's ledger file cannot be used")?;
        let google = Arc::new(Google { clock, state: Mutex::new(state), control });
        let server = Server::start(addr, router(&google)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        Ok(Self { google, server, url })
    }

    /// Its root: every service is below it.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// The videos that the world can see, or could once, in the order of their uploads.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        youtube::ledger(&mut lock(&self.google.state), self.google.clock.now_ms())
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.google.control.set_faults(faults);
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.google.control.calls()
    }

    /// Moves what can be moved while it runs.
    pub fn tune(&self, tuning: GoogleTuning) {
        lock(&self.google.state).options.tuning = tuning;
    }

    /// Hands out tokens without the sign-in, for tests that are about something else. Scopes are written in full; the
    /// user is named by `sub` or address and acts as the first of the channels.
    ///
    /// # Errors
    /// When nobody has that name or the ledger file refuses.
    pub fn grant(&self, user: &str, scopes: &[&str]) -> anyhow::Result<Grant> {
        let state = lock(&self.google.state);
        let known = state.user(user).with_context(|| format!("no simulated person {user}"))?;
        let channel = known.channels.first().map(|channel| channel.id.clone());
        drop(state);
        self.grant_as(user, channel.as_deref(), scopes)
    }

    /// The same, acting as this channel where YouTube is asked for.
    ///
    /// # Errors
    /// When nobody has that name, the channel is not theirs, or the ledger file refuses.
    pub fn grant_as(&self, user: &str, channel: Option<&str>, scopes: &[&str]) -> anyhow::Result<Grant> {
        let mut state = lock(&self.google.state);
        let user = state.user(user).cloned().with_context(|| format!("no simulated person {user}"))?;
        if let Some(channel) = channel {
            anyhow::ensure!(user.channels.iter().any(|known| known.id == channel), "{channel} is not their channel");
        }
        let scopes: Vec<String> = scopes.iter().map(|scope| self::scopes::in_full(scope)).collect();
        let channel = channel.map(str::to_owned).filter(|_| scopes.iter().any(|scope| self::scopes::is_youtube(scope)));
        oauth::issue(&mut state, (&user.sub, channel), (&scopes, true), self.google.clock.now_ms())
            .map_err(|_| anyhow::anyhow!("the ledger file refused"))
    }

    /// Ends all that this person granted, as they would in their account's settings.
    ///
    /// # Errors
    /// When nobody has that name or the ledger file refuses.
    pub fn withdraw(&self, user: &str) -> anyhow::Result<()> {
        let mut state = lock(&self.google.state);
        let sub = state.user(user).with_context(|| format!("no simulated person {user}"))?.sub.clone();
        state.commit(state::Record::Revoked { sub }).map_err(|_| anyhow::anyhow!("the ledger file refused"))
    }

    /// What was planted in the data of Analytics.
    #[must_use]
    pub fn ga4_truths(&self) -> Ga4Truths {
        lock(&self.google.state).ga4.truths()
    }

    /// The visits that began on these days (`YYYY-MM-DD`, in the property's zone) until now: what reports are computed
    /// from. Nothing for a property or a day that there is not.
    #[must_use]
    pub fn ga4_visits(&self, property: &str, from: &str, to: &str) -> Vec<Visit> {
        let now_ms = self.google.clock.now_ms();
        lock(&self.google.state).ga4.visits(property, (from, to), now_ms).unwrap_or_default()
    }

    /// Adds visits to Analytics.
    ///
    /// # Errors
    /// When there is no such property.
    pub fn ga4_plant(&self, visit: &PlantedVisit) -> anyhow::Result<()> {
        let planted = lock(&self.google.state).ga4.plant(visit);
        planted.map(|_| ()).with_context(|| format!("no simulated property {}", visit.property))
    }

    /// What was searched and seen on these Pacific days (`YYYY-MM-DD`) in the kind of search (`web` …): what answers of
    /// Search Console are counted from. Nothing for a day or a kind that there is not.
    #[must_use]
    pub fn gsc_rows(&self, site: &str, kind: &str, (from, to): (&str, &str)) -> Vec<SearchRow> {
        let now_ms = self.google.clock.now_ms();
        lock(&self.google.state).gsc.rows((site, kind), (from, to), now_ms).unwrap_or_default()
    }

    /// The Pacific day on which nothing was searched.
    #[must_use]
    pub fn gsc_gap(&self) -> String {
        lock(&self.google.state).gsc.gap()
    }

    /// Adds a row to Search Console.
    pub fn gsc_plant(&self, row: SearchRow) {
        lock(&self.google.state).gsc.plant(row);
    }

    /// Who watched what in a channel on these Pacific days: what reports of YouTube Analytics are counted from.
    #[must_use]
    pub fn youtube_views(&self, channel: &str, from: &str, to: &str) -> Vec<View> {
        lock(&self.google.state).youtube.views(channel, (from, to), self.google.clock.now_ms())
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(google: &Arc<Google>) -> Router {
    let api = Router::new()
        .route("/o/oauth2/v2/auth", get(consent::show).post(consent::decide))
        .route("/token", post(oauth::token))
        .route("/revoke", post(oauth::revoke))
        .route("/.well-known/openid-configuration", get(identity::discovery))
        .route("/oauth2/v3/certs", get(identity::certs))
        .route("/v1/userinfo", get(identity::userinfo))
        .route("/oauth2/v2/userinfo", get(identity::userinfo_v2))
        .merge(ga4::routes())
        .merge(gsc::routes())
        .merge(youtube::routes())
        .fallback(async || Problem::missing("Requested entity was not found.").reason("notFound").into_response())
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&google.control), control::fault_layer))
        .layer(middleware::from_fn_with_state(Arc::clone(&google.control), control::date_layer))
        .with_state(Arc::clone(google));
    let own = Router::new()
        .route("/__sim/ledger", get(show_ledger))
        .route("/__sim/options", post(tune))
        .route("/__sim/users", post(add_user))
        .route("/__sim/withdraw", post(withdraw))
        .route("/__sim/reset", post(reset))
        .merge(ga4::own_routes())
        .merge(gsc::own_routes())
        .merge(youtube::own_routes())
        .with_state(Arc::clone(google));
    api.merge(own).merge(control::routes(Arc::clone(&google.control)))
}

type Room = Shared<Arc<Google>>;

async fn show_ledger(Shared(google): Room) -> Json<Vec<LedgerEntry>> {
    Json(youtube::ledger(&mut lock(&google.state), google.clock.now_ms()))
}

async fn tune(Shared(google): Room, Json(tuning): Json<GoogleTuning>) -> StatusCode {
    lock(&google.state).options.tuning = tuning;
    StatusCode::NO_CONTENT
}

async fn add_user(Shared(google): Room, Json(user): Json<GoogleUser>) -> StatusCode {
    let users = &mut lock(&google.state).options.users;
    users.retain(|known| known.sub != user.sub);
    users.push(user);
    StatusCode::NO_CONTENT
}

async fn withdraw(Shared(google): Room, Json(who): Json<Value>) -> Response {
    let mut state = lock(&google.state);
    let user = state.user(who["user"].as_str().unwrap_or_default());
    let Some(sub) = user.map(|user| user.sub.clone()) else { return StatusCode::NOT_FOUND.into_response() };
    match state.commit(state::Record::Revoked { sub }) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn reset(Shared(google): Room) -> Response {
    google.control.reset();
    match lock(&google.state).reset(google.clock.now_ms()) {
        Ok(()) => Json(json!({"reset": true})).into_response(),
        Err(problem) => problem.into_response(),
    }
}
