//! `/mcp`: who is asking is settled before rmcp sees the request, at every request; a session id is never authentication.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use http::header::{AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;

use super::handler::Handler;
use super::inbound::{self, Faulty, MESSAGE_BYTES_MAX};
use crate::app::App;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::oauth::{Scopes, needed};
use crate::domain::refusal::Sentence;
use crate::say;

/// The header that names a session of the older protocol era.
const SESSION: &str = "mcp-session-id";
/// Sessions remembered for their owner; past this the oldest are forgotten and their clients start anew (404).
const SESSIONS_MAX: usize = 10_000;

struct Gate {
    app: Arc<App>,
    sessions: std::sync::Mutex<Sessions>,
}

/// A person, and the token or program that they came by: a session is neither somebody else's nor another client's.
type Owner = (UserId, String);

/// Who owns which session of the older era, and in which order they were made.
#[derive(Default)]
struct Sessions {
    owners: HashMap<String, Owner>,
    oldest_first: VecDeque<String>,
}

impl Sessions {
    fn remember(&mut self, session: String, owner: Owner) {
        if self.owners.len() >= SESSIONS_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.owners.remove(&oldest);
        }
        if self.owners.insert(session.clone(), owner).is_none() {
            self.oldest_first.push_back(session);
        }
    }
}

/// The router for `/mcp`.
pub(super) fn router(app: Arc<App>, stop: CancellationToken) -> Router {
    let handler = Handler::over_http(Arc::clone(&app));
    let url = app.public_url();
    let host = url.host_str().unwrap_or("127.0.0.1").to_owned();
    let mut hosts = vec![host.clone(), "localhost".into(), "127.0.0.1".into(), "[::1]".into(), "::1".into()];
    if let Some(port) = url.port_or_known_default() {
        hosts.push(format!("{host}:{port}"));
    }
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(true)
        .with_json_response(true)
        .with_allowed_hosts(hosts)
        .with_allowed_origins([url.origin().ascii_serialization()])
        .enforce_origin_validation()
        .with_max_request_body_bytes(MESSAGE_BYTES_MAX)
        .with_cancellation_token(stop);
    let service =
        StreamableHttpService::new(move || Ok(handler.clone()), LocalSessionManager::default().into(), config);
    let gate = Arc::new(Gate { app, sessions: std::sync::Mutex::default() });
    Router::new().route_service("/mcp", service).layer(from_fn_with_state(gate, authenticate))
}

async fn authenticate(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    if let Some(refused) = gate.foreign(request.headers()) {
        return refused;
    }
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    let found = match token {
        Some(token) => match gate.app.find_bearer(token).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(error = %error, "a bearer token could not be looked up");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        },
        None => None,
    };
    let Some(found) = found else { return gate.challenge(token.is_some()) };
    let session = request.headers().get(SESSION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let owner = (found.caller.user.clone(), found.caller.grantee());
    if let Some(session) = &session
        && !gate.owns(session, &owner)
    {
        // The same answer for a foreign session as for one that never was.
        return (StatusCode::NOT_FOUND, "No such session: initialize again.").into_response();
    }
    let (scopes, found) = (found.scopes, Arc::new(found));
    request.extensions_mut().insert(found);
    let (request, tool) = match looked_at(request).await {
        Ok(looked) => looked,
        Err(faulty) => return gate.faulty(&faulty),
    };
    if let Some(refused) = tool.and_then(|tool| gate.beyond(scopes, &tool)) {
        return refused;
    }
    let response = next.run(request).await;
    if session.is_none()
        && let Some(made) = response.headers().get(SESSION).and_then(|value| value.to_str().ok())
    {
        gate.remember(made.to_owned(), owner);
    }
    response
}

/// So much of a body that is too large is still read, and thrown away: a client that is cut off while it sends never sees the answer.
const DRAIN_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The request with its body read whole, and the tool that it calls; only messages that can be read go on.
async fn looked_at(request: Request) -> Result<(Request, Option<String>), Faulty> {
    if request.method() != http::Method::POST {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let (mut pieces, mut message, mut length) = (body.into_data_stream(), Vec::new(), 0);
    // A body that breaks off is no message either; then nobody is left to read the answer.
    while let Some(Ok(piece)) = pieces.next().await {
        length += piece.len();
        if length > DRAIN_BYTES_MAX {
            break;
        } else if length > MESSAGE_BYTES_MAX {
            message = Vec::new();
        } else {
            message.extend_from_slice(&piece);
        }
    }
    if length > MESSAGE_BYTES_MAX {
        return Err(Faulty::too_large());
    }
    inbound::look(&message)?;
    let tool = inbound::tool(&message);
    Ok((Request::from_parts(parts, Body::from(message)), tool))
}

impl Gate {
    /// The answer to a foreign page, or under a name that is not ours, before anything else is looked at: a browser can be led to any address
    /// under a name of somebody else's (DNS rebinding).
    fn foreign(&self, headers: &HeaderMap) -> Option<Response> {
        let url = self.app.public_url().as_str();
        if headers.get(ORIGIN).is_some_and(|origin| !self.app.is_own_origin(origin.as_bytes())) {
            return Some(self.refuse(StatusCode::FORBIDDEN, &say!("mcp-origin-wrong", url = url)));
        }
        let is_own = |host: &HeaderValue| host.to_str().is_ok_and(|host| self.app.is_own_host(host));
        let is_foreign = headers.get(HOST).is_some_and(|host| !is_own(host));
        is_foreign.then(|| self.refuse(StatusCode::FORBIDDEN, &say!("mcp-host-wrong", url = url)))
    }

    /// The answer to a call of a tool that needs more than the person allowed: all of it at once, so that they are asked once.
    fn beyond(&self, scopes: Scopes, name: &str) -> Option<Response> {
        let needed = needed(self.app.toolbox().iter().find(|spec| spec.name == name)?);
        if scopes.holds(needed) {
            return None;
        }
        let what = say!("oauth-scope-missing", tool = name, scopes = needed.text());
        let mut response = self.refuse(StatusCode::FORBIDDEN, &what);
        self.ask_for(&mut response, "error=\"insufficient_scope\", ", scopes.or(needed));
        Some(response)
    }

    /// Who may come in, and where a client finds out how (RFC 6750 §3, RFC 9728 §5.1).
    fn challenge(&self, is_wrong: bool) -> Response {
        let mut response = Response::new(Body::from(
            "A bearer token is needed: let your client sign in (OAuth), or make a token with `socrazi user token --name NAME` or on the settings page.",
        ));
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        self.ask_for(&mut response, if is_wrong { "error=\"invalid_token\", " } else { "" }, Scopes::LEAST);
        response
    }

    fn ask_for(&self, response: &mut Response, error: &str, scopes: Scopes) {
        let (realm, metadata) = (self.app.oauth_issuer(), self.app.oauth_resource_metadata_url());
        let text =
            format!("Bearer realm=\"{realm}\", {error}scope=\"{}\", resource_metadata=\"{metadata}\"", scopes.text());
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
    }

    fn refuse(&self, status: StatusCode, what: &Sentence) -> Response {
        (status, self.app.words().say(Lang::En, what)).into_response()
    }

    fn faulty(&self, faulty: &Faulty) -> Response {
        let status = if faulty.is_too_large() {
            StatusCode::PAYLOAD_TOO_LARGE
        } else if faulty.is_unread() {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        (status, axum::Json(faulty.answer(self.app.words()))).into_response()
    }

    fn owns(&self, session: &str, owner: &Owner) -> bool {
        let sessions = self.sessions.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        sessions.owners.get(session) == Some(owner)
    }

    fn remember(&self, session: String, owner: Owner) {
        self.sessions.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remember(session, owner);
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_the_oldest_session_goes_and_no_other() {
        let (ana, mut sessions) = ((UserId::generate(1, 1), "pat_1".to_owned()), Sessions::default());
        for no in 0..=SESSIONS_MAX {
            sessions.remember(no.to_string(), ana.clone());
        }
        assert_eq!((sessions.owners.len(), sessions.oldest_first.len()), (SESSIONS_MAX, SESSIONS_MAX));
        assert!(!sessions.owners.contains_key("0") && sessions.owners.contains_key("1"));
    }
}
