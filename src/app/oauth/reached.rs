//! Whether clients can find and use this server at `server.public_url`, walked as one of them would: the two documents, a call without a token, the
//! headers that they send, and answers that come in pieces. What stands in front of it is somebody else's program, set up by hand.

use std::time::Duration;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, ORIGIN, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use url::Url;

use super::App;
use crate::domain::refusal::Sentence;
use crate::http_out::{Answer, OutFault};
use crate::say;

/// Where a client's request is told what of it arrived.
pub const PROBE_PATH: &str = "/mcp/probe";
/// What clients send that a proxy may leave out.
pub const PROBED: [&str; 7] =
    ["authorization", "origin", "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id", "last-event-id"];
/// What the second piece of the probe's answer holds.
pub const PROBE_END: &str = "socrazi-probe-end";
/// How long each of the questions may take.
const WITHIN: Duration = Duration::from_secs(20);
/// So many pieces of the probe's answer are looked at.
const PIECES_MAX: usize = 16;

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// What was looked at.
    pub what: Sentence,
    /// How it stands.
    pub found: Sentence,
    /// What to do, where something is wrong.
    pub fix: Option<Sentence>,
}

/// Why a look failed, and what to do about it.
struct Wrong {
    found: Sentence,
    fix: Sentence,
}

fn wrong(found: Sentence, fix: Sentence) -> Wrong {
    Wrong { found, fix }
}

/// What the probe says of a request.
struct Probed {
    /// Headers that did not arrive.
    missing: Vec<&'static str>,
    is_own_host: bool,
    is_buffered: bool,
}

impl App {
    /// Looks at this server from outside.
    pub async fn check_reached(&self) -> Vec<Reached> {
        let mut all = Vec::new();
        let mut tell = |what: Sentence, done: Result<Sentence, Wrong>| {
            let is_good = done.is_ok();
            all.push(match done {
                Ok(found) => Reached { what, found, fix: None },
                Err(Wrong { found, fix }) => Reached { what, found, fix: Some(fix) },
            });
            is_good
        };
        let probed = self.probe().await;
        // Where nobody answers at all it is said once.
        let nobody = |wrong: &Wrong| wrong.found.key == "doctor-reach-nobody";
        if let Err(wrong) = probed {
            let is_nobody = nobody(&wrong);
            tell(say!("doctor-reach"), Err(wrong));
            if is_nobody {
                return all;
            }
        } else if let Ok(probed) = probed {
            tell(say!("doctor-reach"), self.host(&probed));
            tell(say!("doctor-headers"), headers(&probed));
            tell(say!("doctor-streaming"), streaming(&probed));
        }
        for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"] {
            let done = self.check_resource(path).await;
            tell(say!("doctor-document", path = path), done);
        }
        if self.config.oidc.is_none() {
            let path = "/.well-known/oauth-authorization-server";
            let done = self.check_server(path).await;
            tell(say!("doctor-document", path = path), done);
            tell(say!("doctor-endpoints"), self.check_endpoints().await);
        }
        tell(say!("doctor-challenge"), self.check_challenge().await);
        all
    }

    fn here(&self, path: &str) -> Result<Url, Wrong> {
        let url = format!("{}{path}", self.oauth_issuer());
        url.parse()
            .map_err(|_| wrong(say!("doctor-reach-nobody", url = &url, why = "?"), say!("doctor-reach-nobody-fix")))
    }

    async fn sent(&self, url: &Url, request: reqwest::RequestBuilder) -> Result<Answer, Wrong> {
        let sent = tokio::time::timeout(WITHIN, self.public.send(request)).await;
        sent.unwrap_or_else(|_| Err(OutFault::Lost(format!("not done within {} s", WITHIN.as_secs())))).map_err(
            |fault| {
                wrong(
                    say!("doctor-reach-nobody", url = url.as_str(), why = fault.to_string()),
                    say!("doctor-reach-nobody-fix"),
                )
            },
        )
    }

    /// An answer of ours in JSON.
    async fn document(&self, path: &str) -> Result<Value, Wrong> {
        let url = self.here(path)?;
        let answer = self.sent(&url, self.public.request(Method::GET, url.clone())).await?;
        if let Some(wrong) = elsewhere(&url, answer.status, answer.headers.get(LOCATION)) {
            return Err(wrong);
        }
        let read =
            serde_json::from_slice(&answer.body).ok().filter(|value: &Value| answer.status == 200 && value.is_object());
        read.ok_or_else(|| not_ours(&url, answer.status))
    }

    async fn check_resource(&self, path: &str) -> Result<Sentence, Wrong> {
        let found = self.document(path).await?;
        let wanted = self.oauth_resource_metadata();
        is_same(&found, "resource", &wanted)?;
        is_same(&found, "authorization_servers", &wanted)?;
        Ok(say!("doctor-document-good", name = "resource", value = self.oauth_resource()))
    }

    async fn check_server(&self, path: &str) -> Result<Sentence, Wrong> {
        let found = self.document(path).await?;
        let wanted = self.oauth_metadata();
        for name in [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "registration_endpoint",
            "revocation_endpoint",
            "code_challenge_methods_supported",
        ] {
            is_same(&found, name, &wanted)?;
        }
        Ok(say!("doctor-document-good", name = "issuer", value = self.oauth_issuer()))
    }

    /// The pages and places that the document names are really there. Nothing is asked for that could be given.
    async fn check_endpoints(&self) -> Result<Sentence, Wrong> {
        let url = self.here("/oauth/token")?;
        let request =
            self.public.request(Method::POST, url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.sent(&url, request.body("grant_type=doctor&client_id=doctor")).await?;
        if let Some(wrong) = elsewhere(&url, answer.status, answer.headers.get(LOCATION)) {
            return Err(wrong);
        }
        let said: Option<Value> = serde_json::from_slice(&answer.body).ok();
        if said.is_none_or(|said| !said["error"].is_string()) {
            return Err(not_ours(&url, answer.status));
        }
        let url = self.here("/oauth/authorize")?;
        let answer = self.sent(&url, self.public.request(Method::GET, url.clone())).await?;
        // Whoever is not signed in is led to a page of ours.
        let to = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| url.join(to).ok());
        let leaves = to.is_some_and(|to| to.origin() != url.origin());
        if leaves || answer.status == 404 || answer.status == 405 || answer.status >= 500 {
            return Err(not_ours(&url, answer.status));
        }
        Ok(say!("doctor-endpoints-good"))
    }

    /// Whoever calls without a token is told where to get one; a page of somebody else's gets nothing.
    async fn check_challenge(&self) -> Result<Sentence, Wrong> {
        let url = self.here("/mcp")?;
        let call = || {
            let request = self.public.request(Method::POST, url.clone()).header(CONTENT_TYPE, "application/json");
            request.header("accept", "application/json, text/event-stream").body(opening())
        };
        let answer = self.sent(&url, call()).await?;
        if let Some(wrong) = elsewhere(&url, answer.status, answer.headers.get(LOCATION)) {
            return Err(wrong);
        }
        if answer.status != 401 {
            return Err(not_ours(&url, answer.status));
        }
        let named = format!("resource_metadata=\"{}\"", self.oauth_resource_metadata_url());
        let told = |answer: &Answer| {
            answer.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        if told(&answer).is_none_or(|told| !told.contains(&named)) {
            return Err(wrong(say!("doctor-challenge-stripped"), say!("doctor-challenge-stripped-fix")));
        }
        let answer = self.sent(&url, call().header(AUTHORIZATION, "Bearer doctor")).await?;
        if told(&answer).is_none_or(|told| !told.contains("error=\"invalid_token\"")) {
            let found = say!("doctor-headers-missing", names = "authorization");
            return Err(wrong(found, say!("doctor-headers-missing-fix")));
        }
        let answer = self.sent(&url, call().header(ORIGIN, "https://doctor.invalid")).await?;
        if answer.status != 403 {
            return Err(wrong(
                say!("doctor-origin-open", status = u32::from(answer.status)),
                say!("doctor-headers-missing-fix"),
            ));
        }
        Ok(say!("doctor-challenge-good"))
    }

    async fn probe(&self) -> Result<Probed, Wrong> {
        let url = self.here(PROBE_PATH)?;
        let own = self.config.public_url.origin().ascii_serialization();
        let mut request =
            self.public.stream_request(Method::POST, url.clone()).header(CONTENT_TYPE, "application/json");
        for name in PROBED {
            let value = match name {
                "authorization" => "Bearer doctor",
                "origin" => own.as_str(),
                _ => "doctor",
            };
            request = request.header(name, value);
        }
        let nobody = |fault: OutFault| {
            wrong(
                say!("doctor-reach-nobody", url = url.as_str(), why = fault.to_string()),
                say!("doctor-reach-nobody-fix"),
            )
        };
        let late = || nobody(OutFault::Lost(format!("not done within {} s", WITHIN.as_secs())));
        let request = request.header("accept", "application/json, text/event-stream").body(opening());
        let opened = tokio::time::timeout(WITHIN, self.public.open_stream(request)).await.map_err(|_| late())?;
        let mut stream = opened.map_err(nobody)?;
        let location = stream.header("location").and_then(|to| to.parse().ok());
        if let Some(wrong) = elsewhere(&url, stream.status(), location.as_ref()) {
            return Err(wrong);
        }
        // Of an answer that is passed on as it comes, the first piece is there while the second is not yet sent.
        let mut first = String::new();
        for _ in 0..PIECES_MAX {
            let piece = tokio::time::timeout(WITHIN, stream.piece()).await.map_err(|_| late())?.map_err(nobody)?;
            let Some(piece) = piece else { break };
            first.push_str(&String::from_utf8_lossy(&piece));
            if first.contains("\n\n") {
                break;
            }
        }
        let line = first.lines().find_map(|line| line.strip_prefix("data:"));
        let said: Value = line.and_then(|line| serde_json::from_str(line.trim()).ok()).unwrap_or_default();
        let Some(came) = said["came"].as_array() else { return Err(not_ours(&url, stream.status())) };
        Ok(Probed {
            missing: PROBED.into_iter().filter(|name| !came.iter().any(|came| came == name)).collect(),
            is_own_host: said["is_own_host"] == true,
            is_buffered: first.contains(PROBE_END),
        })
    }

    fn host(&self, probed: &Probed) -> Result<Sentence, Wrong> {
        if probed.is_own_host {
            return Ok(say!("doctor-reach-good", url = self.oauth_issuer()));
        }
        Err(wrong(say!("doctor-host-other"), say!("doctor-host-other-fix")))
    }
}

/// What a client begins with.
fn opening() -> String {
    let client = json!({ "name": "socrazi doctor", "version": env!("CARGO_PKG_VERSION") });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }).to_string()
}

fn headers(probed: &Probed) -> Result<Sentence, Wrong> {
    if probed.missing.is_empty() {
        return Ok(say!("doctor-headers-good"));
    }
    let found = say!("doctor-headers-missing", names = probed.missing.join(", "));
    Err(wrong(found, say!("doctor-headers-missing-fix")))
}

fn streaming(probed: &Probed) -> Result<Sentence, Wrong> {
    if probed.is_buffered {
        return Err(wrong(say!("doctor-streaming-held"), say!("doctor-streaming-held-fix")));
    }
    Ok(say!("doctor-streaming-good"))
}

/// A redirect, or nothing there: what a proxy does that knows nothing of the path.
fn elsewhere(url: &Url, status: u16, location: Option<&http::HeaderValue>) -> Option<Wrong> {
    match status {
        300..400 => {
            let to = location.and_then(|to| to.to_str().ok()).unwrap_or("?").chars().take(200).collect::<String>();
            Some(wrong(say!("doctor-reach-moved", url = url.as_str(), to = to), say!("doctor-reach-moved-fix")))
        }
        404 | 405 => {
            let found = say!("doctor-reach-missing", url = url.as_str(), status = u32::from(status));
            Some(wrong(found, say!("doctor-reach-missing-fix")))
        }
        _ => None,
    }
}

/// An answer that this server does not give.
fn not_ours(url: &Url, status: u16) -> Wrong {
    let found = say!("doctor-reach-not-ours", url = url.as_str(), status = u32::from(status));
    wrong(found, say!("doctor-reach-not-ours-fix"))
}

fn is_same(found: &Value, name: &str, wanted: &Value) -> Result<(), Wrong> {
    if found[name] == wanted[name] {
        return Ok(());
    }
    let shown = |value: &Value| match value {
        Value::String(text) => text.chars().take(200).collect::<String>(),
        other => other.to_string().chars().take(200).collect(),
    };
    let found = say!("doctor-document-other", name = name, found = shown(&found[name]), wanted = shown(&wanted[name]));
    Err(wrong(found, say!("doctor-document-other-fix")))
}
