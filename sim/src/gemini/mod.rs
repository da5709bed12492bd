//! A simulated Gemini (`generateContent` and its stream), as strict about the protocol as the dossier says the real one is. It answers by a
//! script, by a rule that a test hands in, or by a small planner; what it was asked can be read back.

mod planner;
mod play;
mod police;
mod problem;
mod render;
mod request;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use futures::stream;
use serde_json::{Value, json};
use url::Url;

pub use self::play::{Cut, Ending, Piece, Play, Said, Step};
use self::police::Signatures;
use self::problem::Problem;
pub use self::request::Request;
pub use crate::clock::SimClock;
use crate::control::{self, Calls, Control};
pub use crate::faults::{Fault, FaultKind, RateBody};
use crate::lock;
use crate::net::{Link, Server, Tether};

/// The key that it takes when none was named.
pub const API_KEY: &str = "AQ.sim-gemini-key-0123456789abcdef";
/// The service's own limit for a request.
const REQUEST_BYTES_MAX: usize = 100_000_000;
/// So many requests are remembered.
const ASKED_MAX: usize = 5_000;
/// Models there are.
const MODELS: [&str; 4] = ["gemini-3.8-flash", "gemini-3.6-flash", "gemini-3.5-flash-lite", "gemini-4-argon"];
/// Retired models, and who answers in their place (dossier §1.2).
const ROUTED: [(&str, &str); 2] = [("gemini-3.7-flash", "gemini-3.8-flash"), ("gemini-3.5-flash", "gemini-3.6-flash")];

/// A rule that answers instead of the planner.
pub type Brain = Arc<dyn Fn(&Request) -> Play + Send + Sync>;

/// How it is set up.
#[derive(Clone, Default)]
pub struct GeminiOptions {
    /// Where to listen; any free port of this machine without.
    pub bind: Option<SocketAddr>,
    /// The key it takes.
    pub api_key: Option<String>,
    /// Whether it takes the word that stands for a lost signature.
    pub takes_skip: bool,
}

#[derive(Default)]
struct State {
    script: VecDeque<Step>,
    brain: Option<Brain>,
    signatures: Signatures,
    /// The model and the body as it came: read into trees of values, thousands of them would fill the memory.
    asked: VecDeque<(&'static str, Bytes)>,
    violations: Vec<String>,
}

impl State {
    fn asked(&self) -> Vec<Request> {
        let read = |(model, body): &(&'static str, Bytes)| {
            // It passed when it came.
            let body = serde_json::from_slice(body).ok().and_then(|body| request::read(body).ok()).unwrap_or_default();
            Request { model: (*model).to_owned(), body: Arc::new(body) }
        };
        self.asked.iter().map(read).collect()
    }
}

struct Gemini {
    options: GeminiOptions,
    state: Mutex<State>,
    control: Arc<Control>,
    answers: AtomicUsize,
}

/// A running simulated Gemini. Dropping it stops it.
pub struct GeminiSim {
    gemini: Arc<Gemini>,
    server: Server,
    url: Url,
}

impl fmt::Debug for GeminiSim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeminiSim").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

impl GeminiSim {
    /// Binds and serves until shut down or dropped.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(options: GeminiOptions) -> anyhow::Result<Self> {
        let addr = options.bind.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let control =
            Control::new(SimClock::new(), |_, seconds, _| problem::exhausted(None, false, Some(seconds)).answer(true));
        let gemini = Arc::new(Gemini { options, state: Mutex::default(), control, answers: AtomicUsize::new(1) });
        let server = Server::start(addr, router(&gemini)).await.with_context(|| format!("cannot listen on {addr}"))?;
        let url = Url::parse(&format!("http://{}/", server.addr())).context("the listening address is no URL")?;
        Ok(Self { gemini, server, url })
    }

    /// Its root.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Adds to the script. The first step that fits a request answers it; without one the brain does, else the planner.
    pub fn play(&self, steps: impl IntoIterator<Item = Step>) {
        lock(&self.gemini.state).script.extend(steps);
    }

    /// Answers from now on by this rule.
    pub fn think(&self, brain: impl Fn(&Request) -> Play + Send + Sync + 'static) {
        lock(&self.gemini.state).brain = Some(Arc::new(brain));
    }

    /// What it was asked, oldest first; the newest 5,000.
    #[must_use]
    pub fn asked(&self) -> Vec<Request> {
        lock(&self.gemini.state).asked()
    }

    /// What the service lets pass and no careful client does: a key in an address, an answer that is stored.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.gemini.state).violations.clone()
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.gemini.control.set_faults(faults);
    }

    /// How often each route was called.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        self.gemini.control.calls()
    }

    /// Stops listening and resets every open connection.
    pub fn shutdown(&self) {
        self.server.shutdown();
    }
}

fn router(gemini: &Arc<Gemini>) -> Router {
    let api = Router::new()
        .route("/{version}/models", get(models))
        .route("/{version}/models/{call}", post(answer).get(model))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&gemini.control), control::fault_layer));
    Router::new()
        .merge(api)
        .route("/__sim/script", post(add_script))
        .route("/__sim/asked", get(show_asked))
        .with_state(Arc::clone(gemini))
        .merge(control::routes(Arc::clone(&gemini.control)))
}

async fn add_script(Shared(gemini): Shared<Arc<Gemini>>, Json(steps): Json<Vec<Step>>) -> Json<Value> {
    let mut state = lock(&gemini.state);
    state.script.extend(steps);
    Json(json!({ "waiting": state.script.len() }))
}

async fn show_asked(Shared(gemini): Shared<Arc<Gemini>>) -> Json<Value> {
    let state = lock(&gemini.state);
    let asked: Vec<Value> =
        state.asked().iter().map(|request| json!({ "model": request.model, "body": *request.body })).collect();
    Json(json!({ "asked": asked, "violations": state.violations }))
}

impl Gemini {
    /// The key is in the header, right, and nowhere else.
    fn admit(&self, headers: &HeaderMap, query: Option<&str>) -> Result<(), Problem> {
        let in_query = query.unwrap_or_default().split('&').any(|pair| pair.starts_with("key="));
        if in_query {
            lock(&self.state).violations.push("the key is in an address".into());
            return Err(Problem::invalid("Multiple authentication credentials received. Please pass only one."));
        }
        let given = headers.get("x-goog-api-key").and_then(|key| key.to_str().ok());
        let known = self.options.api_key.as_deref().unwrap_or(API_KEY);
        match given {
            Some(given) if given == known => Ok(()),
            Some(_) => {
                let details = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com" }]);
                Err(Problem::invalid("API key not valid. Please pass a valid API key.").with(details))
            }
            None => Err(Problem::of(
                403,
                "PERMISSION_DENIED",
                "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of \
                 API consumer identity to call this API.",
            )),
        }
    }

    /// Reads and judges a request, and decides what is answered.
    fn take(&self, model: &str, version: &str, came: &Bytes) -> Result<(Request, Play), Problem> {
        let routed = ROUTED.iter().find(|(old, _)| *old == model).map(|(_, new)| *new);
        let Some(model) = routed.or_else(|| MODELS.iter().find(|known| **known == model).copied()) else {
            return Err(Problem::of(
                404,
                "NOT_FOUND",
                format!(
                    "models/{model} is not found for API version {version}, or is not supported for generateContent. Call ListModels \
                     to see the list of available models and their supported methods."
                ),
            ));
        };
        let body = serde_json::from_slice(came)
            .map_err(|_| Problem::invalid("Invalid JSON payload received. Expected a value."))?;
        let body = request::read(body)?;
        let mut state = lock(&self.state);
        police::judge(&body, &state.signatures, self.options.takes_skip)?;
        if body["store"] != Value::Bool(false) {
            state.violations.push("a request lets the service store it".into());
        }
        let request = Request { model: model.to_owned(), body: Arc::new(body) };
        if state.asked.len() == ASKED_MAX {
            state.asked.pop_front();
        }
        state.asked.push_back((model, came.clone()));
        let fits = |step: &Step| step.model.as_deref().is_none_or(|wanted| wanted == model);
        let step = state.script.iter().position(fits).and_then(|at| state.script.remove(at));
        let brain = state.brain.clone();
        drop(state);
        let play = match (step, brain) {
            (Some(step), _) => step.play,
            (None, Some(brain)) => brain(&request),
            (None, None) => planner::plan(&request).into(),
        };
        Ok((request, play))
    }

    fn next(&self, by: usize) -> usize {
        self.answers.fetch_add(by.max(1), Ordering::SeqCst)
    }
}

async fn models(Shared(gemini): Shared<Arc<Gemini>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    match gemini.admit(&headers, query.as_deref()) {
        Ok(()) => Json(json!({ "models": MODELS.map(described) })).into_response(),
        Err(problem) => problem.answer(false),
    }
}

async fn model(
    Shared(gemini): Shared<Arc<Gemini>>,
    Path((version, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let found = gemini.admit(&headers, query.as_deref()).and_then(|()| {
        let missing =
            || Problem::of(404, "NOT_FOUND", format!("models/{name} is not found for API version {version}."));
        MODELS.into_iter().find(|known| *known == name).ok_or_else(missing)
    });
    match found {
        Ok(model) => Json(described(model)).into_response(),
        Err(problem) => problem.answer(false),
    }
}

fn described(name: &str) -> Value {
    json!({ "name": format!("models/{name}"), "displayName": name, "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"] })
}

async fn answer(
    Shared(gemini): Shared<Arc<Gemini>>,
    ConnectInfo(link): ConnectInfo<Link>,
    Path((version, call)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (model, method) = call.split_once(':').unwrap_or((&call, ""));
    let is_stream = method == "streamGenerateContent";
    let decided = match (version.as_str(), method) {
        ("v1" | "v1beta", "generateContent" | "streamGenerateContent") => {
            gemini.admit(&headers, query.as_deref()).and_then(|()| gemini.take(model, &version, &body))
        }
        ("v1" | "v1beta", "countTokens") => {
            return match gemini.admit(&headers, query.as_deref()) {
                Ok(()) => Json(json!({ "totalTokens": body.len() / 4 })).into_response(),
                Err(problem) => problem.answer(false),
            };
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let (request, play) = match decided {
        Ok(decided) => decided,
        Err(problem) => return problem.answer(is_stream),
    };
    match play {
        Play::Say(said) => {
            let is_sse = query.unwrap_or_default().split('&').any(|pair| pair == "alt=sse");
            gemini.say(&request, said, is_stream.then_some(is_sse), link.0, body.len()).await
        }
        Play::Blocked(reason) => {
            let value = json!({ "promptFeedback": { "blockReason": reason }, "modelVersion": request.model });
            if is_stream {
                event_stream(vec![format!("data: {value}\n\n").into_bytes()])
            } else {
                Json(value).into_response()
            }
        }
        Play::Exhausted { retry_s, is_daily, header_s } => {
            problem::exhausted(retry_s, is_daily, header_s).answer(is_stream)
        }
        Play::Refused(status, word) => Problem::of(status, &word, "The simulated model refuses.").answer(is_stream),
    }
}

fn event_stream(pieces: Vec<Vec<u8>>) -> Response {
    let body = Body::from(pieces.concat());
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

impl Gemini {
    /// `stream` is none for one whole answer, else whether it is an event stream.
    async fn say(
        &self,
        request: &Request,
        said: Said,
        stream: Option<bool>,
        tether: Arc<Tether>,
        asked: usize,
    ) -> Response {
        let no = self.next(said.pieces.len());
        let frame = render::Frame {
            model: said.model.clone().unwrap_or_else(|| request.model.clone()),
            id: format!("sim-response-{no}"),
            input_tokens: asked / 4,
        };
        let parts = render::parts(&said, &mut lock(&self.state).signatures, no);
        if said.first_ms > 0 {
            // A sleep of nothing takes a millisecond.
            tokio::time::sleep(Duration::from_millis(said.first_ms)).await;
        }
        let Some(is_sse) = stream else {
            return Json(render::whole(&said, parts, &frame)).into_response();
        };
        let pieces = render::bytes(&said, &render::events(&said, parts, &frame), is_sse);
        let kind = if is_sse { "text/event-stream" } else { "application/json" };
        ([(header::CONTENT_TYPE, kind)], flowing(pieces, &said, tether)).into_response()
    }
}

/// The pieces one by one, and then the ending.
fn flowing(pieces: Vec<Vec<u8>>, said: &Said, tether: Arc<Tether>) -> Body {
    let (between, ending) = (Duration::from_millis(said.between_ms), said.ending.clone());
    let begin = (pieces.into_iter(), true);
    Body::from_stream(stream::unfold(begin, move |(mut pieces, is_first)| {
        let (tether, ending) = (Arc::clone(&tether), ending.clone());
        async move {
            if !is_first && !between.is_zero() {
                tokio::time::sleep(between).await;
            }
            match (pieces.next(), ending) {
                (Some(piece), _) => {
                    // Each piece is to travel alone.
                    tokio::task::yield_now().await;
                    Some((Ok::<_, Infallible>(Bytes::from(piece)), (pieces, false)))
                }
                (None, Ending::Reset) => {
                    // What was said before must arrive first.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    tether.cut();
                    std::future::pending().await
                }
                (None, Ending::Silence) => std::future::pending().await,
                (None, Ending::Whole | Ending::Eof | Ending::Error(_)) => None,
            }
        }
    }))
}
