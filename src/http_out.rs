//! The one guarded way out. Here live the client for calls that may be repeated, the call that must not be (`commit`),
//! and fetching from addresses that strangers chose (`public`). What is said over them belongs to `platforms`.

mod commit;
mod exchange;
mod gate;
mod public;
#[cfg(test)]
pub(crate) mod scripted;
mod stream;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use rustls_platform_verifier::ConfigVerifierExt;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

pub use commit::{CommitCall, CommitRequest};
pub use public::{FetchFault, Fetched, Fetching, is_public_address};
pub use stream::Stream;

/// What we call ourselves.
pub const USER_AGENT: &str = concat!("Socrazi/", env!("CARGO_PKG_VERSION"));
/// A host that does not answer a SYN and a TLS hello in this time will not answer a post either.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than any healthy network answers, shorter than a lease.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);
/// A stream that is silent for this long is dead; models think for most of a minute without a word.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);
/// The largest API answer in the dossiers is a timeline page of about 200 kB.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Which addresses `fetch_public` may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Globally routable addresses over https, nothing else.
    Public,
    /// This machine and nothing else, also without TLS: for simulations, which must not reach anybody.
    Loopback,
}

/// The client could not be built: no trust store, or TLS is not set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be built: {0}")]
pub struct OutboundError(String);

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// A call gave no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutFault {
    /// Nothing was sent.
    #[error("nothing was sent: {0}")]
    NotSent(String),
    /// Sent, at least in part; what became of it is not known.
    #[error("no whole answer: {0}")]
    Lost(String),
}

/// How it is said that a body is larger than is read.
const OVER: &str = "a body over";

impl OutFault {
    /// Whether there is an answer that is larger than is read: asked again it would be as large.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::Lost(why) if why.contains(OVER))
    }
}

/// The way out, built once per process and shared (a simulation has a second one that reaches only this machine).
pub struct Outbound {
    calls: reqwest::Client,
    streams: reqwest::Client,
    public: reqwest::Client,
    tls: Arc<rustls::ClientConfig>,
    reach: Reach,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("reach", &self.reach).finish_non_exhaustive()
    }
}

/// Makes ring the provider of all TLS in the process (DEPS §2). May be called any number of times; the first one counts.
pub fn install_tls_provider() {
    rustls::crypto::ring::default_provider().install_default().ok();
}

impl Outbound {
    /// Builds the clients. No redirects, no proxy from the environment, no retries.
    ///
    /// # Errors
    /// When the machine has no trust store.
    pub fn new(reach: Reach) -> Result<Self, OutboundError> {
        install_tls_provider();
        let broken = |error: &dyn Error| OutboundError(describe(error));
        let mut tls = rustls::ClientConfig::with_platform_verifier().map_err(|e| broken(&e))?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        // One trust store for all of them: read once, it is the largest thing that each would hold.
        let plain = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .connect_timeout(CONNECT_TIMEOUT)
                .user_agent(USER_AGENT)
        };
        let calls = plain().timeout(TOTAL_TIMEOUT).build().map_err(|e| broken(&e))?;
        let streams = plain().read_timeout(IDLE_TIMEOUT).build().map_err(|e| broken(&e))?;
        let resolver = public::PublicResolver::new(reach);
        let public = plain().dns_resolver(Arc::new(resolver)).build().map_err(|e| broken(&e))?;
        Ok(Self { calls, streams, public, tls: Arc::new(tls), reach })
    }

    /// Begins a call that may be repeated; finish it with [`Outbound::send`].
    pub fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.calls.request(method, url)
    }

    /// Sends a call that may be repeated and reads its whole answer, whatever the status.
    ///
    /// # Errors
    /// When no whole answer arrives, or the request would carry secrets in the clear to another machine.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, OutFault> {
        self.send_within(request, BODY_BYTES_MAX).await
    }

    /// The same where the answer may be larger than any network's: reports with thousands of rows.
    ///
    /// # Errors
    /// As [`Outbound::send`].
    pub async fn send_within(&self, request: reqwest::RequestBuilder, bytes_max: usize) -> Result<Answer, OutFault> {
        let (client, built) = request.build_split();
        let built = built.map_err(|e| OutFault::NotSent(describe(&e.without_url())))?;
        if !is_private_channel(built.url()) {
            return Err(OutFault::NotSent("plain http is only for this machine".into()));
        }
        let mut response = client.execute(built).await.map_err(fault)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if body.len() + chunk.len() > bytes_max {
                return Err(OutFault::Lost(format!("status {status}, {OVER} {bytes_max} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: body.into() })
    }
}

/// An `Authorization: Bearer` value that no log prints. `None` when the token cannot be a header.
#[must_use]
pub fn bearer(token: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// An error with its causes, in one line.
pub(crate) fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    // Chains are a handful long; the bound is against a chain that bites its tail.
    for _ in 0..10 {
        let Some(inner) = cause else { break };
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// Only failures of the connector, before there was a connection, count as not sent.
fn fault(error: reqwest::Error) -> OutFault {
    let unsent = error.is_connect() || error.is_builder();
    let text = describe(&error.without_url());
    if unsent { OutFault::NotSent(text) } else { OutFault::Lost(text) }
}

/// Whether nobody between can read along: https, or this machine (simulators).
fn is_private_channel(url: &Url) -> bool {
    url.scheme() == "https" || is_here(url)
}

/// Whether an address is on this machine.
#[must_use]
pub fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::scripted::{Reply, listen};
    use super::*;

    fn outbound() -> Outbound {
        Outbound::new(Reach::Loopback).unwrap()
    }

    #[tokio::test]
    async fn a_call_reads_any_status_and_follows_nothing() {
        let fake = listen(Reply::Text("HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 2\r\n\r\nhi")).await;
        let out = outbound();
        let answer = out.send(out.request(Method::GET, fake.url("/a"))).await.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (302, &b"hi"[..]));
        assert!(fake.seen().await.to_lowercase().contains(&format!("user-agent: {}", USER_AGENT.to_lowercase())));
    }

    #[tokio::test]
    async fn a_body_over_the_cap_is_no_answer() {
        let fake = listen(Reply::Flood { bytes: BODY_BYTES_MAX + 1 }).await;
        let out = outbound();
        let got = out.send(out.request(Method::GET, fake.url("/"))).await;
        assert!(matches!(got, Err(OutFault::Lost(_))), "{got:?}");
    }

    /// The time of a call is that of all of it: a byte now and then does not lengthen it.
    #[tokio::test]
    async fn an_answer_that_drips_is_lost_when_its_time_is_over() {
        let fake = listen(Reply::Drip).await;
        let out = outbound();
        let call = out.request(Method::GET, fake.url("/")).timeout(Duration::from_millis(300));
        let got = out.send(call).await;
        assert!(matches!(got, Err(OutFault::Lost(_))), "{got:?}");
    }

    #[tokio::test]
    async fn nothing_is_sent_in_the_clear_to_another_machine() {
        let out = outbound();
        let url = Url::parse("http://192.0.2.1/2/tweets").unwrap();
        let got = out.send(out.request(Method::GET, url)).await;
        assert!(matches!(got, Err(OutFault::NotSent(why)) if why.contains("plain http")));
    }

    #[tokio::test]
    async fn a_refused_port_is_not_sent_and_a_cut_is_lost() {
        let out = outbound();
        let got = out.send(out.request(Method::GET, scripted::closed_port().await)).await;
        assert!(matches!(got, Err(OutFault::NotSent(_))), "{got:?}");
        let fake = listen(Reply::Close).await;
        let got = out.send(out.request(Method::POST, fake.url("/")).body("x")).await;
        assert!(matches!(got, Err(OutFault::Lost(_))), "{got:?}");
    }

    #[test]
    fn a_bearer_is_never_printed() {
        let value = bearer(&SecretString::from("canary-token")).unwrap();
        assert!(!format!("{value:?}").contains("canary"));
        assert!(bearer(&SecretString::from("a\nb")).is_none());
    }
}
