//! A loader for MCP over HTTP: one tool called without pause on so many connections, each waiting for its whole answer before the next call; every
//! answer is checked. Run by `mcp_speed.py`, because a loader in Python is slower than the server.
//!
//!     mcp_load URL TOOL ARGUMENTS CONNECTIONS SECONDS P99_MS_MAX [TOKEN]
//!
//! Prints one line of JSON: calls, calls a second, p50 and p99 in milliseconds. Ends with status 1 when the slowest hundredth is slower than that. The newer era's requests, HTTP/1.1 with connections kept.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and measures time"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Before anything is counted: caches, pools, the branch predictor.
const WARM_UP: Duration = Duration::from_millis(500);

struct Call {
    url: url::Url,
    tool: String,
    body: Bytes,
    token: Option<String>,
}

impl Call {
    fn request(&self) -> Request<Full<Bytes>> {
        let host = format!("{}:{}", self.url.host_str().unwrap(), self.url.port().unwrap());
        let mut request = Request::post(self.url.path())
            .header("host", host)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", &self.tool);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request.body(Full::new(self.body.clone())).unwrap()
    }
}

/// Calls until the end; how long each one took that began after the warm-up, in microseconds.
async fn worker(call: &Call, counted_from: Instant, ends: Instant) -> Vec<u64> {
    let address = (call.url.host_str().unwrap(), call.url.port().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut took = Vec::new();
    loop {
        let begun = Instant::now();
        if begun >= ends {
            return took;
        }
        let answer = sender.send_request(call.request()).await.unwrap();
        let status = answer.status();
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        let is_good = status == 200 && holds(&text, b"\"result\"") && !holds(&text, b"\"isError\":true");
        assert!(is_good, "{status} {}", String::from_utf8_lossy(&text[..text.len().min(500)]));
        if begun >= counted_from {
            took.push(u64::try_from(begun.elapsed().as_micros()).unwrap());
        }
    }
}

fn holds(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|window| window == what)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn summed_up(mut took: Vec<u64>, seconds: f64) -> Value {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)] as f64 / 1000.0;
    json!({ "calls": took.len(), "calls_per_s": (took.len() as f64 / seconds).round(), "p50_ms": at(50), "p99_ms": at(99) })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [url, tool, arguments, connections, seconds, p99_ms_max, rest @ ..] = given.as_slice() else {
        panic!("mcp_load URL TOOL ARGUMENTS CONNECTIONS SECONDS P99_MS_MAX [TOKEN]");
    };
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "mcp_load", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let arguments: Value = serde_json::from_str(arguments).unwrap();
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": tool, "arguments": arguments, "_meta": meta } });
    let call = Call {
        url: url.parse().unwrap(),
        tool: tool.clone(),
        body: body.to_string().into(),
        token: rest.first().cloned(),
    };
    let (seconds, connections): (f64, usize) = (seconds.parse().unwrap(), connections.parse().unwrap());
    let counted_from = Instant::now() + WARM_UP;
    let ends = counted_from + Duration::from_secs_f64(seconds);
    let all = futures::future::join_all((0..connections).map(|_| worker(&call, counted_from, ends))).await;
    let found = summed_up(all.concat(), seconds);
    println!("{found}");
    let is_good = found["p99_ms"].as_f64().unwrap() <= p99_ms_max.parse().unwrap();
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
