//! The frame around every call of the REST API: who calls, how often, what came, what it was answered with (dossier §1, §10, §12).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawPathParams, Request, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use serde_json::Value;

use super::Discord;
use super::body::{self, Body};
use super::call::{Call, Caller, Reply};
use super::oauth;
use super::refusal::{Refusal, Scope, api_json, put};
use super::routes::{MAJOR, ROUTES, Route, Wants};
use super::state::{Recorded, State};
use crate::lock;

/// Where the API is.
const ROOTS: [&str; 2] = ["/api/v10", "/api"];

/// All routes of the API.
pub(super) fn routes() -> Router<Arc<Discord>> {
    let mut router = Router::new();
    let mut paths: Vec<&'static str> = ROUTES.iter().map(|route| route.path).collect();
    paths.sort_unstable();
    paths.dedup();
    for root in ROOTS {
        for path in &paths {
            router = router.route(&format!("{root}{path}"), at(path));
        }
    }
    for root in ROOTS {
        router = router.route(&format!("{root}/{{*rest}}"), any(nothing));
    }
    router
}

fn at(path: &'static str) -> MethodRouter<Arc<Discord>> {
    any(move |Shared(discord): Shared<Arc<Discord>>, params: RawPathParams, request: Request| async move {
        let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let route = ROUTES.iter().find(|route| route.path == path && route.is(request.method()));
        match route {
            Some(route) => answer(&discord, *route, params, request).await,
            None => unknown(&discord, request, StatusCode::METHOD_NOT_ALLOWED),
        }
    })
}

async fn nothing(Shared(discord): Shared<Arc<Discord>>, request: Request) -> Response {
    unknown(&discord, request, StatusCode::NOT_FOUND)
}

fn unknown(discord: &Discord, request: Request, status: StatusCode) -> Response {
    let refusal = Refusal::status(status);
    let mut state = lock(&discord.state);
    state.violation(format!("{} {}: {}", request.method(), request.uri().path(), refusal.message));
    let recorded = Recorded {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        route: String::new(),
        query: String::new(),
        body: Value::Null,
        files: Vec::new(),
        at_ms: discord.clock.now_ms(),
        status: status.as_u16(),
        code: Some(0),
        answer: refusal.json(),
    };
    state.record(recorded);
    api_json(status, &refusal.json())
}

/// What a call came with, before anybody looked at it.
struct Came {
    route: Route,
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    params: BTreeMap<String, String>,
    body: Result<Body, Refusal>,
}

async fn answer(discord: &Discord, route: Route, params: BTreeMap<String, String>, request: Request) -> Response {
    let came = Came {
        route,
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().clone(),
        params,
        body: body::read(request).await,
    };
    let now_ms = discord.clock.now_ms();
    let mut state = lock(&discord.state);
    let major = MAJOR.iter().filter_map(|name| came.params.get(*name)).cloned().collect::<Vec<_>>().join("/");
    let mut recorded = Recorded {
        method: came.method.to_string(),
        path: came.path.clone(),
        route: route.path.to_owned(),
        query: came.query.clone(),
        body: shown(came.body.as_ref().ok()),
        files: came.body.iter().flat_map(|body| body.parts.iter().map(|part| part.name.clone())).collect(),
        at_ms: now_ms,
        status: 0,
        code: None,
        answer: Value::Null,
    };
    if state.settings.enforces_rates
        && let Some(limited) = limit(&mut state, (&route, &major), now_ms)
    {
        recorded.status = 429;
        state.record(recorded);
        return limited;
    }
    let mut answer = match work(&mut state, came, now_ms) {
        Ok(reply) => {
            recorded.status = reply.status.as_u16();
            recorded.answer = reply.body.clone().unwrap_or_default();
            match reply.body {
                Some(body) => api_json(reply.status, &body),
                None => {
                    let mut empty = Response::default();
                    *empty.status_mut() = reply.status;
                    empty
                }
            }
        }
        Err(refusal) => {
            recorded.status = refusal.status.as_u16();
            recorded.code = Some(refusal.code);
            recorded.answer = refusal.json();
            if matches!(
                refusal.status,
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
            ) {
                state.windows.invalid(now_ms);
            }
            if !refusal.is_excused {
                state.violation(refusal.line(&format!("{} {}", recorded.method, route.path)));
            }
            api_json(refusal.status, &refusal.json())
        }
    };
    put(answer.headers_mut(), &state.windows.headers(route.bucket, &major, now_ms));
    state.record(recorded);
    answer
}

/// A body as it is remembered: without secrets.
fn shown(body: Option<&Body>) -> Value {
    let mut shown = body.map(|body| body.json.clone()).unwrap_or_default();
    if body.is_some_and(|body| body.is_form)
        && let Some(fields) = shown.as_object_mut()
    {
        for name in ["client_secret", "code", "refresh_token", "token", "code_verifier"] {
            fields.remove(name);
        }
    }
    shown
}

/// The answer to a call that comes too early.
fn limit(state: &mut State, what: (&Route, &str), now_ms: i64) -> Option<Response> {
    if state.windows.is_banned(now_ms) {
        let mut banned = Response::new("error code: 1015".into());
        *banned.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return Some(banned);
    }
    let hit = state.windows.take(what.0.bucket, what.1, now_ms).err()?;
    state.windows.invalid(now_ms);
    let (headers, body) = hit.scope.parts(hit.retry_after_ms);
    let mut answer = api_json(StatusCode::TOO_MANY_REQUESTS, &body);
    if hit.scope != Scope::Global {
        put(answer.headers_mut(), &state.windows.headers(what.0.bucket, what.1, now_ms));
    }
    put(answer.headers_mut(), &headers);
    Some(answer)
}

fn work(state: &mut State, came: Came, now_ms: i64) -> Result<Reply, Refusal> {
    let authorization =
        came.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let agent = came.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Where a bot's token is needed its name is too; discord.py answers interactions without saying who it is.
    let is_bot = authorization.as_deref().is_some_and(|value| value.starts_with("Bot "));
    if is_bot && !agent.starts_with("DiscordBot (") {
        return Err(Refusal::new(40333));
    }
    let caller = caller(state, authorization.as_deref(), now_ms);
    let fits = match came.route.wants {
        Wants::Nothing | Wants::Client => true,
        Wants::Bot => caller == Caller::Bot,
        Wants::Any => caller != Caller::Nobody,
        Wants::Person => matches!(caller, Caller::Person { .. }),
    };
    if !fits {
        return Err(Refusal::status(StatusCode::UNAUTHORIZED));
    }
    let query = url::form_urlencoded::parse(came.query.as_bytes()).into_owned().collect();
    let call = Call { params: came.params, query, body: came.body?, caller, authorization, now_ms };
    if came.route.wants == Wants::Client
        && let Some(refused) = oauth::client(state, &call)
    {
        return Ok(refused);
    }
    (came.route.work)(state, &call)
}

fn caller(state: &State, authorization: Option<&str>, now_ms: i64) -> Caller {
    match authorization.and_then(|value| value.split_once(' ')) {
        Some(("Bot", token)) if token == state.token => Caller::Bot,
        Some(("Bearer", token)) => match state.grants.get(token).filter(|grant| grant.is_good(now_ms)) {
            Some(grant) => Caller::Person { user: grant.user.clone(), scopes: grant.scopes.clone() },
            None => Caller::Nobody,
        },
        _ => Caller::Nobody,
    }
}
