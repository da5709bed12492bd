//! The call after which the world can see a post: one fresh HTTP/1.1 connection, no redirect, no retry, and a gate that
//! reads the boot-time clock at the moment the first byte would be written (RELIABILITY §1). What the answer means
//! belongs to the network's adapter.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, USER_AGENT as AGENT};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use url::{Host, Url};

use super::gate::{Gate, GatedStream, Stream};
use super::{Answer, CONNECT_TIMEOUT, Outbound, USER_AGENT, describe};

/// Answers to a commit are a few hundred bytes; more than this is not one we can read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// One commit call.
#[derive(Debug)]
pub struct CommitRequest {
    /// Where to; plain http only to this machine.
    pub url: Url,
    /// The method.
    pub method: Method,
    /// Headers beside host, user agent and connection; secrets must be marked sensitive.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Past this instant (milliseconds since boot) not one byte may be written.
    pub deadline_boot_ms: i64,
    /// For everything: connecting, sending and the whole answer.
    pub timeout: Duration,
}

/// How it ended.
#[derive(Debug)]
pub enum CommitCall {
    /// Not one byte of the request was written.
    NotSent {
        /// For the attempt's evidence.
        why: String,
    },
    /// The whole answer arrived.
    Answer(Answer),
    /// The request began to leave, and no whole answer came.
    Lost {
        /// For the attempt's evidence.
        what: String,
    },
}

impl Outbound {
    /// Makes the call once.
    pub async fn commit_call(&self, request: CommitRequest) -> CommitCall {
        let gate = Arc::new(Gate::new(request.deadline_boot_ms));
        let timeout = request.timeout;
        match tokio::time::timeout(timeout, self.commit_once(request, &gate)).await {
            Ok(call) => call,
            Err(_) => gate.judge(format!("no whole answer within {} ms", timeout.as_millis())),
        }
    }

    async fn commit_once(&self, request: CommitRequest, gate: &Arc<Gate>) -> CommitCall {
        let stream = match self.connect(&request.url).await {
            Ok(stream) => stream,
            Err(why) => return CommitCall::NotSent { why },
        };
        let http_request = match build(request) {
            Ok(built) => built,
            Err(why) => return CommitCall::NotSent { why },
        };
        let gated = GatedStream { inner: stream, gate: Arc::clone(gate) };
        let (sender, connection) = match http1::handshake(TokioIo::new(gated)).await {
            Ok(pair) => pair,
            Err(error) => return gate.judge(format!("the connection failed: {}", describe(&error))),
        };
        // Driven here, not in a task of its own: when this future ends, the connection is closed.
        tokio::select! {
            biased;
            call = receive(sender, http_request, gate) => call,
            never = drive(connection) => match never {},
        }
    }

    async fn connect(&self, url: &Url) -> Result<Box<dyn Stream>, String> {
        let port = url.port_or_known_default().ok_or("the address has no port")?;
        let dial = async {
            match url.host() {
                Some(Host::Domain(name)) => TcpStream::connect((name, port)).await,
                Some(Host::Ipv4(ip)) => TcpStream::connect((ip, port)).await,
                Some(Host::Ipv6(ip)) => TcpStream::connect((ip, port)).await,
                None => Err(io::Error::other("the address has no host")),
            }
        };
        let secure = async {
            let tcp = dial.await.map_err(|e| format!("could not connect: {e}"))?;
            tcp.set_nodelay(true).map_err(|e| e.to_string())?;
            if url.scheme() == "http" {
                let here = tcp.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
                return if here { Ok(Box::new(tcp) as Box<dyn Stream>) } else { Err(PLAIN.to_owned()) };
            }
            let connector = tokio_rustls::TlsConnector::from(Arc::clone(&self.tls));
            let tls = connector.connect(server_name(url)?, tcp).await.map_err(|e| format!("TLS failed: {e}"))?;
            Ok(Box::new(tls) as Box<dyn Stream>)
        };
        tokio::time::timeout(CONNECT_TIMEOUT, secure).await.map_err(|_| "could not connect in time".to_owned())?
    }
}

const PLAIN: &str = "plain http is only for this machine";

fn server_name(url: &Url) -> Result<ServerName<'static>, String> {
    match url.host() {
        Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).map_err(|e| e.to_string()),
        Some(Host::Ipv4(ip)) => Ok(ServerName::IpAddress(std::net::IpAddr::V4(ip).into())),
        Some(Host::Ipv6(ip)) => Ok(ServerName::IpAddress(std::net::IpAddr::V6(ip).into())),
        None => Err("the address has no host".to_owned()),
    }
}

fn build(request: CommitRequest) -> Result<Request<Full<Bytes>>, String> {
    let url = &request.url;
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => return Err("the address has no host".to_owned()),
    };
    let mut built = Request::builder()
        .method(request.method)
        .uri(target)
        .header(HOST, host)
        .body(Full::new(request.body))
        .map_err(|e| e.to_string())?;
    built.headers_mut().extend(request.headers);
    built.headers_mut().insert(AGENT, HeaderValue::from_static(USER_AGENT));
    built.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(built)
}

async fn receive(mut sender: SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>, gate: &Gate) -> CommitCall {
    let response = match sender.send_request(request).await {
        Ok(response) => response,
        Err(error) => return gate.judge(describe(&error)),
    };
    crate::failpoint!("F6");
    let (head, body) = response.into_parts();
    let status = head.status.as_u16();
    match Limited::new(body, ANSWER_BYTES_MAX).collect().await {
        Ok(body) => CommitCall::Answer(Answer { status, headers: head.headers, body: body.to_bytes() }),
        Err(error) => CommitCall::Lost { what: format!("status {status} arrived, its body did not: {error}") },
    }
}

async fn drive(connection: Connection<TokioIo<GatedStream>, Full<Bytes>>) -> Infallible {
    // Its error reaches the sender, which tells it better.
    connection.await.ok();
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Reply, closed_port, listen};
    use super::super::{Reach, bearer};
    use super::*;
    use crate::clock::boot_ms;
    use secrecy::SecretString;

    fn request(url: Url) -> CommitRequest {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", bearer(&SecretString::from("tok")).unwrap());
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        CommitRequest {
            url,
            method: Method::POST,
            headers,
            body: Bytes::from_static(b"{\"text\":\"hi\"}"),
            deadline_boot_ms: boot_ms() + 60_000,
            timeout: Duration::from_secs(5),
        }
    }

    async fn call(request: CommitRequest) -> CommitCall {
        Outbound::new(Reach::Loopback).unwrap().commit_call(request).await
    }

    #[tokio::test]
    async fn a_good_answer_comes_whole() {
        let reply = "HTTP/1.1 201 Created\r\nx-a: 1\r\ncontent-length: 4\r\n\r\ndone";
        let fake = listen(Reply::Text(reply)).await;
        let got = call(request(fake.url("/2/tweets?a=1"))).await;
        let CommitCall::Answer(answer) = got else { panic!("{got:?}") };
        assert_eq!((answer.status, &answer.body[..], answer.headers["x-a"].as_bytes()), (201, &b"done"[..], &b"1"[..]));
        let seen = fake.seen().await;
        assert!(seen.starts_with("POST /2/tweets?a=1 HTTP/1.1\r\n"), "{seen}");
        assert!(seen.ends_with("{\"text\":\"hi\"}"));
        for header in ["connection: close", "content-length: 13", "authorization: Bearer tok", "host: 127.0.0.1:"] {
            assert!(seen.contains(header), "{header} in {seen}");
        }
    }

    #[tokio::test]
    async fn a_refused_port_is_not_sent() {
        let got = call(request(closed_port().await)).await;
        assert!(matches!(got, CommitCall::NotSent { .. }), "{got:?}");
    }

    #[tokio::test]
    async fn a_failed_tls_handshake_is_not_sent() {
        let fake = listen(Reply::Greeting("this is not TLS")).await;
        let mut url = fake.url("/");
        url.set_scheme("https").unwrap();
        let got = call(request(url)).await;
        assert!(matches!(&got, CommitCall::NotSent { why } if why.contains("TLS failed")), "{got:?}");
        assert!(!fake.seen().await.contains("tweets"));
    }

    #[tokio::test]
    async fn a_connection_closed_without_answer_is_lost() {
        let fake = listen(Reply::Close).await;
        let got = call(request(fake.url("/"))).await;
        assert!(matches!(got, CommitCall::Lost { .. }), "{got:?}");
    }

    #[tokio::test]
    async fn half_a_body_is_lost_with_its_status() {
        let fake = listen(Reply::Text("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"data\"")).await;
        let got = call(request(fake.url("/"))).await;
        assert!(matches!(&got, CommitCall::Lost { what } if what.contains("201")), "{got:?}");
    }

    #[tokio::test]
    async fn a_body_over_the_cap_is_lost() {
        let fake = listen(Reply::Flood { bytes: ANSWER_BYTES_MAX + 1 }).await;
        let got = call(request(fake.url("/"))).await;
        assert!(matches!(&got, CommitCall::Lost { what } if what.contains("200")), "{got:?}");
    }

    #[tokio::test]
    async fn garbage_is_lost() {
        let fake = listen(Reply::Text("SMTP 220 hello\r\n\r\n")).await;
        let got = call(request(fake.url("/"))).await;
        assert!(matches!(got, CommitCall::Lost { .. }), "{got:?}");
    }

    #[tokio::test]
    async fn silence_is_lost_at_the_timeout() {
        let fake = listen(Reply::Hang).await;
        let mut short = request(fake.url("/"));
        short.timeout = Duration::from_millis(200);
        let got = call(short).await;
        assert!(matches!(got, CommitCall::Lost { .. }), "{got:?}");
        assert!(fake.seen().await.contains("{\"text\""));
    }

    #[tokio::test]
    async fn an_answer_that_drips_is_lost_at_the_timeout() {
        let fake = listen(Reply::Drip).await;
        let mut short = request(fake.url("/"));
        short.timeout = Duration::from_millis(300);
        let got = call(short).await;
        assert!(matches!(got, CommitCall::Lost { .. }), "{got:?}");
        assert!(fake.seen().await.contains("{\"text\""));
    }

    #[tokio::test]
    async fn past_the_deadline_not_one_byte_arrives() {
        let fake = listen(Reply::Close).await;
        let mut late = request(fake.url("/"));
        late.deadline_boot_ms = boot_ms() - 1;
        let got = call(late).await;
        assert!(matches!(&got, CommitCall::NotSent { why } if why.contains("deadline")), "{got:?}");
        assert_eq!(fake.seen().await, "");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_like_any_other() {
        let fake = listen(Reply::Text("HTTP/1.1 307 Gone West\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n")).await;
        let got = call(request(fake.url("/"))).await;
        assert!(matches!(&got, CommitCall::Answer(answer) if answer.status == 307), "{got:?}");
    }
}
