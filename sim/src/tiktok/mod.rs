//! A simulated TikTok: Login Kit, posting by file and by pulling, the display side and webhooks, as strict as the dossier (tiktok.md) says
//! the real one is, with a ledger of what the outside world can see.
//!
//! This file wires the routes, the gates before them and the start; each answer is decided in the file of its subject.

mod consent;
mod hooks;
mod oauth;
mod options;
mod posting;
mod reading;
mod refusal;
mod rules;
mod state;
mod upload;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::Context;
use axum::extract::{DefaultBodyLimit, Path, State as Shared};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

pub use self::options::{App, SCOPES, SimCreator, TikTokOptions, Tuning};
use self::refusal::Refusal;
pub use self::state::Token;
use self::state::{Record, State};
use crate::clock::SimClock;
use crate::control::{self, Calls, Control};
use crate::faults::Fault;
use crate::ledger::Visible;
use crate::net::Server;
use crate::pull::Detour;
use crate::{lock, samples};

/// The last chunk of a file may have 128 MB.
const BODY_BYTES_MAX: usize = 129 * 1024 * 1024;
const MINUTE_MS: i64 = 60_000;

/// What the handlers share.
#[derive(Debug)]
struct TikTok {
    clock: SimClock,
    state: Mutex<State>,
    control: Arc<Control>,
    /// Set once it listens: upload addresses and pictures begin with it.
    root: OnceLock<String>,
}

/// What stands before a call: one of these scopes, and how often within a sliding minute (dossier §5).
#[derive(Debug)]
struct Gate {
    name: &'static str,
    scopes: &'static [&'static str],
    per_minute: usize,
    /// The app as a whole is counted, not each token.
    by_app: bool,
}

impl Gate {
    const CREATOR_INFO: Self = Self { name: "creator_info", scopes: &["video.publish"], per_minute: 20, by_app: false };
    const VIDEO_INIT: Self = Self { name: "video_init", scopes: &["video.publish"], per_minute: 6, by_app: false };
    const INBOX_INIT: Self = Self { name: "inbox_init", scopes: &["video.upload"], per_minute: 6, by_app: false };
    const CONTENT_INIT: Self =
        Self { name: "content_init", scopes: &["video.publish", "video.upload"], per_minute: 6, by_app: false };
    const STATUS: Self =
        Self { name: "status", scopes: &["video.publish", "video.upload"], per_minute: 30, by_app: false };
    const CANCEL: Self =
        Self { name: "cancel", scopes: &["video.publish", "video.upload"], per_minute: 30, by_app: false };
    const USER_INFO: Self = Self {
        name: "user_info",
        scopes: &["user.info.basic", "user.info.profile", "user.info.stats"],
        per_minute: 600,
        by_app: true,
    };
    const VIDEO_LIST: Self = Self { name: "video_list", scopes: &["video.list"], per_minute: 600, by_app: true };
    const VIDEO_QUERY: Self = Self { name: "video_query", scopes: &["video.list"], per_minute: 600, by_app: true };
}

/// Who calls.
struct Caller {
    creator: SimCreator,
    token: Token,
    now_ms: i64,
    root: String,
}

impl TikTok {
    /// Where it listens, without the slash at the end.
    fn root(&self) -> String {
        self.root.get().cloned().unwrap_or_default()
    }

    fn avatar(&self, open_id: &str) -> String {
        format!("{}/avatars/{open_id}.png", self.root())
    }

    /// Answers a call of the API behind its gate.
    fn answer(
        &self,
        headers: &HeaderMap,
        gate: &Gate,
        work: impl FnOnce(&mut State, &Caller) -> Result<Response, Refusal>,
    ) -> Response {
        let now_ms = self.clock.now_ms();
        let mut state = lock(&self.state);
        let asked = oauth::caller(&state, headers, now_ms, gate.scopes).and_then(|(creator, token)| {
            if state.options.tuning.counts_calls {
                let who = if gate.by_app { String::new() } else { token.access.clone() };
                let calls = state.calls.entry((who, gate.name)).or_default();
                calls.retain(|at| *at > now_ms - MINUTE_MS);
                if calls.len() >= gate.per_minute {
                    return Err(Refusal::rate());
                }
                calls.push(now_ms);
            }
            Ok(Caller { creator, token, now_ms, root: self.root() })
        });
        asked.and_then(|caller| work(&mut state, &caller)).unwrap_or_else(IntoResponse::into_response)
    }
}

/// Reads a JSON body.
fn body_of(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Refusal::param("Only `application/json` is supported as Content-Type."));
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::param("The request body is not valid JSON"))?;
    if body.is_object() { Ok(body) } else { Err(Refusal::param("The request body must be an object")) }
}

/// A running simulated TikTok. Dropping it stops it.
#[derive(Debug)]
pub struct TikTokSim {
    tiktok: Arc<TikTok>,
    server: Server,
    url: Url,
}

impl TikTokSim {
    /// Replays the ledger file, binds, and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the ledger file cannot be read or the address cannot be bound.
    pub async fn start(options: TikTokOptions, clock: SimClock) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let control = Control::new(clock.clone(), refusal::rate_limited);
        let state = State::open(options).context("the simulator's ledger file cannot be used")?;
        let tiktok = Arc::new(TikTok { clock, state: Mutex::new(state), control, root: OnceLock::new() });
        let server = Server::start(addr, router(&tiktok)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        tiktok.root.get_or_init(|| url.as_str().trim_end_matches('/').to_owned());
        Ok(Self { tiktok, server, url })
    }

    /// Its root, for all hosts of the real one.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Everything that is visible by now, in the order in which it became so.
    #[must_use]
    pub fn ledger(&self) -> Vec<Visible> {
        lock(&self.tiktok.state).visible(self.tiktok.clock.now_ms())
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.tiktok.control.set_faults(faults);
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.tiktok.control.calls()
    }

    /// Moves what can be moved while it runs.
    pub fn tune(&self, tuning: Tuning) {
        lock(&self.tiktok.state).options.tuning = tuning;
    }

    /// Replaces where public addresses of media lead.
    pub fn set_detours(&self, detours: Vec<Detour>) {
        lock(&self.tiktok.state).options.detours = detours;
    }

    /// Hands out a pair without the sign-in, for tests that are about something else.
    ///
    /// # Errors
    /// When nobody has that id or the ledger file refuses.
    pub fn grant(&self, open_id: &str, scopes: &[&str]) -> anyhow::Result<Token> {
        let mut state = lock(&self.tiktok.state);
        state.creator(open_id).with_context(|| format!("no simulated creator {open_id}"))?;
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        oauth::issue(&mut state, open_id, &scopes, self.tiktok.clock.now_ms())
            .map_err(|_| anyhow::anyhow!("the ledger file refused the token"))
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(tiktok: &Arc<TikTok>) -> Router {
    let api = Router::new()
        .route("/v2/auth/authorize/", get(consent::authorize).post(consent::authorize))
        .route("/v2/oauth/token/", post(oauth::token))
        .route("/v2/oauth/revoke/", post(oauth::revoke))
        .route("/v2/user/info/", get(reading::user))
        .route("/v2/video/list/", post(reading::list))
        .route("/v2/video/query/", post(reading::query))
        .route("/v2/post/publish/creator_info/query/", post(posting::creator_info))
        .route("/v2/post/publish/video/init/", post(posting::video))
        .route("/v2/post/publish/inbox/video/init/", post(posting::inbox))
        .route("/v2/post/publish/content/init/", post(posting::content))
        .route("/v2/post/publish/status/fetch/", post(upload::status))
        .route("/v2/post/publish/cancel/", post(upload::cancel))
        .route("/video/", put(upload::put))
        .route("/avatars/{name}", get(face))
        .route("/covers/{name}", get(picture))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&tiktok.control), control::fault_layer))
        .layer(middleware::from_fn_with_state(Arc::clone(&tiktok.control), control::date_layer))
        .with_state(Arc::clone(tiktok));
    let own = Router::new()
        .route("/__sim/ledger", get(show_ledger))
        .route("/__sim/publishes", get(show_publishes))
        .route("/__sim/options", post(tune))
        .route("/__sim/creators", post(add_creator))
        .route("/__sim/detours", post(set_detours))
        .route("/__sim/insights", post(set_insights))
        .route("/__sim/finish", post(finish))
        .route("/__sim/remove", post(remove))
        .route("/__sim/deliver", post(hooks::deliver))
        .route("/__sim/reset", post(reset))
        .with_state(Arc::clone(tiktok));
    api.merge(own).merge(control::routes(Arc::clone(&tiktok.control)))
}

type Room = Shared<Arc<TikTok>>;

async fn unknown() -> Response {
    let error = json!({"code": "unsupported_path", "message": "Unsupported path(Janus)", "log_id": ""});
    (StatusCode::NOT_FOUND, Json(json!({"data": {}, "error": error}))).into_response()
}

/// A creator's face. (TikTok's own are JPEGs or WebPs by their bytes, whatever their names end with; this one is a PNG by both.)
async fn face(Path(name): Path<String>) -> Response {
    ([(CONTENT_TYPE, "image/png")], samples::portrait(&name)).into_response()
}

async fn picture() -> Response {
    ([(CONTENT_TYPE, "image/jpeg")], samples::jpeg(100, 100)).into_response()
}

async fn show_ledger(Shared(tiktok): Room) -> Json<Vec<Visible>> {
    Json(lock(&tiktok.state).visible(tiktok.clock.now_ms()))
}

/// Every accepted init, whatever became of it.
async fn show_publishes(Shared(tiktok): Room) -> Json<Vec<Value>> {
    let now_ms = tiktok.clock.now_ms();
    let state = lock(&tiktok.state);
    let shown = state.publishes.iter().map(|publish| {
        json!({"publish_id": publish.id, "open_id": publish.open_id, "status": publish.status(now_ms),
            "post_id": publish.post_id.to_string(), "fail_reason": publish.failure})
    });
    Json(shown.collect())
}

async fn tune(Shared(tiktok): Room, Json(tuning): Json<Tuning>) -> StatusCode {
    lock(&tiktok.state).options.tuning = tuning;
    StatusCode::NO_CONTENT
}

async fn add_creator(Shared(tiktok): Room, Json(creator): Json<SimCreator>) -> StatusCode {
    let creators = &mut lock(&tiktok.state).options.creators;
    creators.retain(|known| known.open_id != creator.open_id);
    creators.push(creator);
    StatusCode::NO_CONTENT
}

async fn set_detours(Shared(tiktok): Room, Json(detours): Json<Vec<Detour>>) -> StatusCode {
    lock(&tiktok.state).options.detours = detours;
    StatusCode::NO_CONTENT
}

async fn set_insights(Shared(tiktok): Room, Json(sets): Json<BTreeMap<String, BTreeMap<String, u64>>>) -> StatusCode {
    lock(&tiktok.state).insights.extend(sets);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finish {
    publish_id: String,
    title: String,
    privacy_level: String,
}

/// The creator opens the inbox and posts what lies there.
async fn finish(Shared(tiktok): Room, Json(finish): Json<Finish>) -> StatusCode {
    let now_ms = tiktok.clock.now_ms();
    let mut state = lock(&tiktok.state);
    let lies_there =
        |publish: &state::Publish| publish.id == finish.publish_id && publish.status(now_ms) == "SEND_TO_USER_INBOX";
    if !state.publishes.iter().any(lies_there) {
        return StatusCode::CONFLICT;
    }
    let info = json!({"title": finish.title, "description": finish.title, "privacy_level": finish.privacy_level});
    let done = state.commit(Record::Finished { id: finish.publish_id, info, at_ms: now_ms });
    if done.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::INTERNAL_SERVER_ERROR }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    open_id: String,
    reason: u8,
}

/// The creator removes the app: tokens die, and posts on their way with them.
async fn remove(Shared(tiktok): Room, Json(removal): Json<Removal>) -> StatusCode {
    let at_ms = tiktok.clock.now_ms();
    let mut state = lock(&tiktok.state);
    state.removals.push((removal.open_id.clone(), at_ms, removal.reason));
    let done = state.commit(Record::Removed { open_id: removal.open_id, at_ms });
    if done.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::INTERNAL_SERVER_ERROR }
}

async fn reset(Shared(tiktok): Room) -> Response {
    tiktok.control.reset();
    let done = lock(&tiktok.state).reset();
    done.map_or_else(IntoResponse::into_response, |()| Json(json!({"reset": true})).into_response())
}
