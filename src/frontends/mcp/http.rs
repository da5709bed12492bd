//! `/mcp`: who is asking is settled before rmcp sees the request, at every request; a session id is never authentication.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use http::header::{AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::SessionStore;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::handler::Handler;
use super::inbound::{self, Called, Faulty, MESSAGE_BYTES_MAX};
use super::sessions::{ENTERING, Entering, Sessions};
use crate::app::App;
use crate::app::oauth::Bearer;
use crate::domain::lang::Lang;
use crate::domain::oauth::{Scopes, needed_by};
use crate::domain::refusal::Sentence;
use crate::say;

/// The header that names a session of the older protocol era.
const SESSION: &str = "mcp-session-id";
/// The header that names the revision; from the first one without sessions on, what names one means nothing.
const VERSION: &str = "mcp-protocol-version";
const SESSIONLESS_SINCE: &str = "2026-07-28";

struct Gate {
    app: Arc<App>,
    sessions: Arc<Sessions>,
}

/// MCP over HTTP.
pub struct Mcp {
    /// Answers `/mcp`.
    pub router: Router,
    sessions: Arc<Sessions>,
}

impl Mcp {
    /// Opens it with the tools.
    #[must_use]
    pub fn open(app: &Arc<App>, stop: &CancellationToken) -> Self {
        Self::with(app, Handler::over_http(Arc::clone(app)), stop)
    }

    /// Opens it with somebody else's handler: the conformance fixture's.
    #[cfg(feature = "conformance")]
    #[must_use]
    pub fn open_for<H: ServerHandler + Clone>(app: &Arc<App>, handler: H, stop: &CancellationToken) -> Self {
        Self::with(app, handler, stop)
    }

    fn with<H: ServerHandler + Clone>(app: &Arc<App>, handler: H, stop: &CancellationToken) -> Self {
        let sessions = Arc::new(Sessions::new(Arc::clone(app)));
        let mut config = config(app.public_url(), stop.clone());
        config.session_store = Some(Arc::clone(&sessions) as Arc<dyn SessionStore>);
        let service = StreamableHttpService::new(move || Ok(handler.clone()), Arc::clone(&sessions), config);
        let gate = Arc::new(Gate { app: Arc::clone(app), sessions: Arc::clone(&sessions) });
        Self {
            router: Router::new()
                .route_service("/mcp", service)
                .layer(from_fn_with_state(gate, authenticate))
                .merge(super::icons::router()),
            sessions,
        }
    }

    /// What it does beside answering, until told to stop.
    pub fn run(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let sessions = Arc::clone(&self.sessions);
        async move { sessions.sweep_until(stop).await }
    }
}

fn config(url: &Url, stop: CancellationToken) -> StreamableHttpServerConfig {
    let host = url.host_str().unwrap_or("127.0.0.1").to_owned();
    let mut hosts = vec![host.clone(), "localhost".into(), "127.0.0.1".into(), "[::1]".into(), "::1".into()];
    if let Some(port) = url.port_or_known_default() {
        hosts.push(format!("{host}:{port}"));
    }
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(true)
        .with_json_response(true)
        .with_allowed_hosts(hosts)
        .with_allowed_origins([url.origin().ascii_serialization()])
        .enforce_origin_validation()
        .with_max_request_body_bytes(MESSAGE_BYTES_MAX)
        .with_cancellation_token(stop)
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
    let (scopes, found) = (found.scopes, Arc::new(found));
    let (session, opened) = match gate.session(&mut request, &found).await {
        Ok(session) => session.unzip(),
        Err(refused) => return *refused,
    };
    request.extensions_mut().insert(Arc::clone(&found));
    let (request, tool) = match looked_at(request).await {
        Ok(looked) => looked,
        Err(faulty) => return gate.faulty(&faulty),
    };
    if let Some(refused) = tool.and_then(|tool| gate.beyond(scopes, &tool)) {
        return refused;
    }
    let _entered = match &session {
        Some(session) => Some(gate.sessions.enter(session).await),
        None => None,
    };
    ENTERING.scope(Entering::new(found, opened), next.run(request)).await
}

/// So much of a body that is too large is still read, and thrown away: a client that is cut off while it sends never sees the answer.
const DRAIN_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The request with its body read whole, and the tool that it calls; only messages that can be read go on.
async fn looked_at(request: Request) -> Result<(Request, Option<Called>), Faulty> {
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
    let tool = inbound::look(&message)?;
    Ok((Request::from_parts(parts, Body::from(message)), tool))
}

impl Gate {
    /// The session that a request names, with what its client said when it opened it. The same answer for a foreign one as for one that never
    /// was.
    async fn session(&self, request: &mut Request, bearer: &Bearer) -> Result<Option<(String, String)>, Box<Response>> {
        let headers = request.headers_mut();
        let version = headers.get(VERSION).and_then(|value| value.to_str().ok());
        if version.is_some_and(|version| version >= SESSIONLESS_SINCE) {
            headers.remove(SESSION);
        }
        let Some(value) = headers.get(SESSION) else { return Ok(None) };
        let unknown = || Box::new(self.refuse(StatusCode::NOT_FOUND, &say!("mcp-session-unknown")));
        let id = value.to_str().map_err(|_| unknown())?.to_owned();
        match self.app.find_mcp_session(bearer, &id).await {
            Ok(Some(opened)) => Ok(Some((id, opened))),
            Ok(None) => Err(unknown()),
            Err(error) => {
                tracing::error!(error = %error, "a session could not be looked up");
                Err(Box::new(StatusCode::SERVICE_UNAVAILABLE.into_response()))
            }
        }
    }

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
    fn beyond(&self, scopes: Scopes, Called { name, asks_outcomes }: &Called) -> Option<Response> {
        let needed = needed_by(self.app.toolbox().iter().find(|spec| spec.name == name)?, *asks_outcomes);
        if scopes.holds(needed) {
            return None;
        }
        let what = say!("oauth-scope-missing", tool = name.as_str(), scopes = needed.text());
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
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
