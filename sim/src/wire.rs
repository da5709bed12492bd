//! One plain HTTP request on one connection: how a service calls the product, or fetches media from it. What it says and signs is the service's own business.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// What came back.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) is_final: bool,
    pub(crate) body: String,
}

/// What goes out.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) url: Url,
    /// Who calls.
    pub(crate) agent: &'static str,
    pub(crate) content_type: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Sends it; else a word for what went wrong, as Slack words it.
pub(crate) async fn post(parcel: Parcel, patience: Duration) -> Result<Got, &'static str> {
    timeout(patience, send(parcel)).await.unwrap_or(Err("http_timeout"))
}

/// Fetches a file of at most `bytes_max`, as networks do that pull media: no redirect is followed, only 200 counts.
pub(crate) async fn fetch(url: Url, bytes_max: usize, patience: Duration) -> Result<Vec<u8>, &'static str> {
    let answer = get(url, bytes_max, patience).await?;
    if answer.status == StatusCode::OK { Ok(answer.bytes) } else { Err("not_found") }
}

/// An answer as it came, a redirect too.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// Asks for a file of at most `bytes_max`.
pub(crate) async fn get(url: Url, bytes_max: usize, patience: Duration) -> Result<Fetched, &'static str> {
    let work = async {
        let (host, port, path) = place(&url)?;
        let request = Request::get(path).header(HOST, host).body(Full::default()).map_err(|_| "unknown_error")?;
        let answer = exchange(&url, port, request).await?;
        let (status, kind) = (answer.status(), answer.headers().get(CONTENT_TYPE));
        let content_type = kind.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (mut body, mut bytes) = (Limited::new(answer.into_body(), bytes_max), Vec::new());
        // Piece by piece, so that a film of a gigabyte is in memory once.
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| "too_large")?;
            bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        }
        Ok(Fetched { status, content_type, bytes })
    };
    timeout(patience, work).await.unwrap_or(Err("http_timeout"))
}

/// The `Host` header, the port and the path of an address.
fn place(url: &Url) -> Result<(String, u16, String), &'static str> {
    if url.scheme() != "http" {
        return Err("ssl_error");
    }
    let port = url.port_or_known_default().ok_or("connection_failed")?;
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    Ok((format!("{}:{port}", url.host_str().unwrap_or_default()), port, path))
}

async fn exchange(url: &Url, port: u16, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, &'static str> {
    const LOST: &str = "connection_failed";
    let host = url.host_str().ok_or(LOST)?.trim_matches(['[', ']']).to_owned();
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|_| LOST)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| LOST)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the product ended");
        }
    });
    sender.send_request(request).await.map_err(|_| LOST)
}

async fn send(parcel: Parcel) -> Result<Got, &'static str> {
    let (host, port, path) = place(&parcel.url)?;
    let mut request = Request::post(path)
        .header(HOST, host)
        .header(USER_AGENT, parcel.agent)
        .header(CONTENT_TYPE, parcel.content_type);
    for (name, value) in parcel.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(parcel.body))).map_err(|_| "unknown_error")?;
    let answer = exchange(&parcel.url, port, request).await?;
    let header =
        |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (content_type, is_final) = (header("content-type"), header("x-slack-no-retry") == "1");
    let status = answer.status();
    let body = answer.into_body().collect().await.map_err(|_| "connection_failed")?.to_bytes();
    Ok(Got { status, content_type, is_final, body: String::from_utf8_lossy(&body).into_owned() })
}
