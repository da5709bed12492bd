//! One plain HTTP request on one connection: how a chat service calls the product. What it says and signs is the service's own business.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
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

async fn send(parcel: Parcel) -> Result<Got, &'static str> {
    const LOST: &str = "connection_failed";
    if parcel.url.scheme() != "http" {
        return Err("ssl_error");
    }
    let host = parcel.url.host_str().ok_or(LOST)?.trim_matches(['[', ']']).to_owned();
    let port = parcel.url.port_or_known_default().ok_or(LOST)?;
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|_| LOST)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| LOST)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the product ended");
        }
    });
    let path = parcel
        .url
        .query()
        .map_or_else(|| parcel.url.path().to_owned(), |query| format!("{}?{query}", parcel.url.path()));
    let mut request = Request::post(path)
        .header(HOST, format!("{}:{port}", parcel.url.host_str().unwrap_or_default()))
        .header(USER_AGENT, parcel.agent)
        .header(CONTENT_TYPE, parcel.content_type);
    for (name, value) in parcel.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(parcel.body))).map_err(|_| "unknown_error")?;
    let answer = sender.send_request(request).await.map_err(|_| LOST)?;
    let header =
        |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (content_type, is_final) = (header("content-type"), header("x-slack-no-retry") == "1");
    let status = answer.status();
    let body = answer.into_body().collect().await.map_err(|_| LOST)?.to_bytes();
    Ok(Got { status, content_type, is_final, body: String::from_utf8_lossy(&body).into_owned() })
}
