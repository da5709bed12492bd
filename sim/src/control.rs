//! The control routes under `/__sim` that every simulator has, and the layer that counts requests and
//! carries faults out. What a ledger or a reset means is the simulator's own business.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::SimClock;
use crate::faults::{Fault, FaultKind, FaultPlan, RateBody};
use crate::lock;
use crate::net::{Link, Tether};

/// How a service words its 429: (now in ms, seconds until it opens, body) to an answer.
pub type RateAnswer = fn(i64, u64, RateBody) -> Response;

/// What the control routes and the fault layer share.
#[derive(Debug)]
pub struct Control {
    clock: SimClock,
    faults: Mutex<FaultPlan>,
    calls: Mutex<BTreeMap<(String, String), Calls>>,
    rate_answer: RateAnswer,
}

/// How often one method and path was called.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Calls {
    /// HTTP method.
    pub method: String,
    /// The route, with `{id}` where it takes one.
    pub path: String,
    /// Requests that came in, refused and broken ones included.
    pub arrived: u64,
    /// How often each status was decided; lost answers count under what they would have been.
    pub statuses: BTreeMap<u16, u64>,
}

impl Control {
    /// A control room without faults.
    #[must_use]
    pub fn new(clock: SimClock, rate_answer: RateAnswer) -> Arc<Self> {
        Arc::new(Self { clock, faults: Mutex::default(), calls: Mutex::default(), rate_answer })
    }

    /// Replaces the planned faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        lock(&self.faults).set(faults);
    }

    /// All calls so far, by method and route.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        lock(&self.calls).values().cloned().collect()
    }

    /// Forgets faults and counts.
    pub fn reset(&self) {
        self.set_faults(Vec::new());
        lock(&self.calls).clear();
    }

    fn count(&self, key: &(String, String), status: Option<StatusCode>) {
        let mut calls = lock(&self.calls);
        let entry = calls.entry(key.clone()).or_default();
        match status {
            Some(status) => *entry.statuses.entry(status.as_u16()).or_default() += 1,
            None => {
                entry.method.clone_from(&key.0);
                entry.path.clone_from(&key.1);
                entry.arrived += 1;
            }
        }
    }
}

/// The routes that every simulator has: clock, faults, requests.
pub fn routes(control: Arc<Control>) -> Router {
    Router::new()
        .route("/__sim/clock", get(show_clock).post(move_clock))
        .route("/__sim/faults", get(show_faults).post(plan_faults))
        .route("/__sim/requests", get(show_requests))
        .route("/__sim/health", post(StatusCode::NO_CONTENT).get(StatusCode::NO_CONTENT))
        .with_state(control)
}

fn clock_json(clock: &SimClock) -> Value {
    json!({"now_ms": clock.now_ms(), "offset_ms": clock.offset_ms()})
}

async fn show_clock(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(clock_json(&control.clock))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ClockMove {
    OffsetMs(i64),
    AdvanceMs(i64),
}

async fn move_clock(State(control): State<Arc<Control>>, Json(step): Json<ClockMove>) -> Json<Value> {
    match step {
        ClockMove::OffsetMs(offset_ms) => control.clock.set_offset_ms(offset_ms),
        ClockMove::AdvanceMs(by_ms) => control.clock.advance_ms(by_ms),
    }
    Json(clock_json(&control.clock))
}

async fn show_faults(State(control): State<Arc<Control>>) -> Json<Vec<Fault>> {
    Json(lock(&control.faults).pending().to_vec())
}

async fn plan_faults(State(control): State<Arc<Control>>, Json(faults): Json<Vec<Fault>>) -> Json<Value> {
    let planned = faults.len();
    control.set_faults(faults);
    Json(json!({"planned": planned}))
}

async fn show_requests(State(control): State<Arc<Control>>) -> Json<Value> {
    let calls = control.calls();
    let reads = [Method::GET.as_str(), Method::HEAD.as_str(), Method::OPTIONS.as_str()];
    let writes: BTreeMap<String, u64> = calls
        .iter()
        .filter(|call| !reads.contains(&call.method.as_str()))
        .map(|call| (format!("{} {}", call.method, call.path), call.arrived))
        .collect();
    Json(json!({"writes": writes, "calls": calls}))
}

/// The layer around a simulator's own routes: counts each request and lets the next fault strike.
pub async fn fault_layer(
    State(control): State<Arc<Control>>,
    ConnectInfo(link): ConnectInfo<Link>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| path.clone(), |m| m.as_str().to_owned());
    let key = (method, route);
    control.count(&key, None);
    let strike = lock(&control.faults).strike(&key.0, &path);
    let Some(kind) = strike else {
        let answer = next.run(request).await;
        control.count(&key, Some(answer.status()));
        return answer;
    };
    let request = match kind {
        FaultKind::Status { .. } | FaultKind::RateLimited { .. } => read_whole(request).await,
        _ => request,
    };
    strike_before(&control, &link.0, kind, async {
        let answer = next.run(request).await;
        control.count(&key, Some(answer.status()));
        answer
    })
    .await
}

/// Dates every answer by the simulated clock, as its rate-limit instants are: who reads one against the other must find them agree.
pub async fn date_layer(State(control): State<Arc<Control>>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    if let Ok(date) = HeaderValue::from_str(&crate::clock::http_date(control.clock.now_ms())) {
        answer.headers_mut().insert(DATE, date);
    }
    answer
}

async fn strike_before(
    control: &Control,
    tether: &Tether,
    kind: FaultKind,
    work: impl Future<Output = Response>,
) -> Response {
    match kind {
        FaultKind::Status { status, body, headers } => scripted(status, body, &headers),
        FaultKind::HangBefore => pending().await,
        FaultKind::ResetBefore => cut(tether),
        FaultKind::RateLimited { retry_after_s, body } => {
            (control.rate_answer)(control.clock.now_ms(), retry_after_s, body)
        }
        FaultKind::SlowMs(wait_ms) => {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            work.await
        }
        FaultKind::SlowAfterMs(wait_ms) => {
            let answer = work.await;
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            answer
        }
        FaultKind::HangAfter => {
            work.await;
            pending().await
        }
        FaultKind::ResetAfter => {
            work.await;
            cut(tether)
        }
        FaultKind::BrokenBodyAfter => {
            let answer = work.await;
            let mut broken = Response::new(Body::from("{\"data\":{\"id\":\"14458805"));
            *broken.status_mut() = answer.status();
            broken.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            broken
        }
        FaultKind::StatusAfter { status, body } => {
            work.await;
            scripted(status, body, &BTreeMap::new())
        }
    }
}

/// Who is answered in the middle of what they send may find the connection closed and never read the answer.
async fn read_whole(request: Request) -> Request {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Request::from_parts(parts, Body::from(body))
}

fn cut(tether: &Tether) -> Response {
    tether.cut();
    // Never written: the stream under it refuses every byte from now on.
    StatusCode::BAD_GATEWAY.into_response()
}

fn scripted(status: u16, body: String, headers: &BTreeMap<String, String>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = body.starts_with(['{', '[']);
    let mut answer = (status, body).into_response();
    if json {
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}
