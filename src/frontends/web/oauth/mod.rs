//! `/oauth/*` and the two documents about them (MCP.md §2): how programs ask to be let in, and what they are told. `authorize.rs` is the page
//! that a person answers, `endpoints.rs` what programs call. What is right or wrong is decided in `app`.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HOST, ORIGIN};
use http::{HeaderValue, StatusCode};

use crate::app::App;
use crate::app::oauth::PROBE_PATH;
use crate::domain::lang::Lang;
use crate::domain::oauth::Scope;
use crate::say;

pub(super) mod areas;
pub(super) mod authorize;
mod endpoints;
mod probe;

/// A registration or a request for a token is a few hundred bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// Everything under `/oauth`, and the documents. The forms of the paths that carry one are what clients of older revisions ask for.
pub(super) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let endpoints = Router::new()
        .route("/oauth/token", post(endpoints::token))
        .route("/oauth/revoke", post(endpoints::revoke))
        .route("/oauth/register", post(endpoints::register))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let guarded = Router::new()
        .route("/oauth/authorize", get(authorize::ask).post(authorize::answer))
        .merge(endpoints)
        .layer(from_fn_with_state(Arc::clone(app), guard));
    Router::new()
        .route("/.well-known/oauth-authorization-server", get(server))
        .route("/.well-known/oauth-authorization-server/mcp", get(server))
        .route("/.well-known/oauth-protected-resource", get(resource))
        .route("/.well-known/oauth-protected-resource/mcp", get(resource))
        .route(PROBE_PATH, post(probe::probe))
        .merge(guarded)
}

/// Pages of somebody else's, and names that are not ours, get nothing (DNS rebinding).
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let refuse = |what| (StatusCode::FORBIDDEN, app.words().say(Lang::En, &what)).into_response();
    if request.headers().get(ORIGIN).is_some_and(|origin| !app.is_own_origin(origin.as_bytes())) {
        return refuse(say!("mcp-origin-wrong", url = app.public_url().as_str()));
    }
    let host = request.headers().get(HOST);
    if host.is_some_and(|host| !host.to_str().is_ok_and(|host| app.is_own_host(host))) {
        return refuse(say!("mcp-host-wrong", url = app.public_url().as_str()));
    }
    next.run(request).await
}

async fn server(State(app): State<Arc<App>>) -> Response {
    document(app.oauth_metadata())
}

async fn resource(State(app): State<Arc<App>>) -> Response {
    document(app.oauth_resource_metadata())
}

/// Public, and read by clients that run in a browser, too.
fn document(value: serde_json::Value) -> Response {
    let mut response = Json(value).into_response();
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The sentence that says what a scope lets a program do.
pub(super) const fn scope_key(scope: Scope) -> &'static str {
    match scope {
        Scope::PostsRead => "oauth-scope-read",
        Scope::GoogleRead => "oauth-scope-google",
        Scope::HistoryRead => "oauth-scope-history",
        Scope::PostsDraft => "oauth-scope-draft",
        Scope::PostsSchedule => "oauth-scope-schedule",
        Scope::PostsPublish => "oauth-scope-publish",
    }
}
