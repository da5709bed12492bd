//! Socket Mode (dossier §12): tickets, hello, envelopes to one of the open sockets, acknowledgements, redelivery, disconnects.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{RawQuery, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::Slack;
use super::api::{Answered, Call};
use super::deliver::{Answer, Lane};
use super::people::APP;
use super::state::{State, secret};
use crate::lock;

/// Sockets of one app.
const OPEN_MAX: usize = 10;
/// How often Slack looks whether somebody is there.
const PING: Duration = Duration::from_secs(10);
/// Deliveries of an event beyond the first.
const RETRIES: u32 = 3;

/// One open socket.
#[derive(Debug)]
struct Line {
    id: u64,
    out: mpsc::UnboundedSender<Out>,
}

#[derive(Debug)]
enum Out {
    Text(String),
    Close,
}

/// All open sockets, and the envelopes that wait for an acknowledgement.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    lines: Vec<Line>,
    waiting: HashMap<String, oneshot::Sender<Value>>,
    turn: usize,
    serial: u64,
    /// Which socket got each envelope, for a test.
    sent: Vec<(u64, Value)>,
}

impl Sockets {
    /// How many are open.
    pub(super) fn open(&self) -> usize {
        self.lines.len()
    }

    /// Every envelope that was sent, with the number of its socket.
    pub(super) fn sent(&self) -> Vec<(u64, Value)> {
        self.sent.clone()
    }

    /// Sends to the next socket; which one.
    fn send(&mut self, frame: &Value) -> Option<u64> {
        if self.lines.is_empty() {
            return None;
        }
        self.turn = (self.turn + 1) % self.lines.len();
        let line = self.lines.get(self.turn)?;
        let id = line.id;
        line.out.send(Out::Text(frame.to_string())).ok()?;
        self.sent.push((id, frame.clone()));
        Some(id)
    }

    /// Says goodbye on all of them.
    pub(super) fn disconnect(&mut self, reason: &str) {
        let frame = json!({ "type": "disconnect", "reason": reason, "debug_info": { "host": "applink-sim" } });
        for line in &self.lines {
            let _ = line.out.send(Out::Text(frame.to_string()));
            if reason != "warning" {
                let _ = line.out.send(Out::Close);
            }
        }
    }
}

/// `apps.connections.open`.
pub(super) fn open(state: &mut State, call: &Call) -> Answered {
    if call.args.has("token") {
        state.violation("apps.connections.open: the token belongs into the header");
    }
    call.caller.need(&["connections:write"])?;
    let ticket = format!("{}{}", secret(), secret());
    let url = format!("{}link/?ticket={ticket}&app_id={APP}", state.root.replacen("http", "ws", 1));
    state.tickets.insert(ticket);
    Ok(json!({ "url": url }))
}

/// `GET /link`: the websocket itself. A ticket opens one socket.
pub(super) async fn link(
    Shared(slack): Shared<Arc<Slack>>,
    RawQuery(query): RawQuery,
    upgrade: WebSocketUpgrade,
) -> Response {
    let query = query.unwrap_or_default();
    let ticket = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "ticket");
    let is_good = ticket.is_some_and(|(_, ticket)| lock(&slack.state).tickets.remove(ticket.as_ref()));
    if !is_good {
        lock(&slack.state).violation("link: this ticket is used or unknown");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    upgrade.on_upgrade(move |socket| serve(slack, socket))
}

async fn serve(slack: Arc<Slack>, mut socket: WebSocket) {
    let (out, mut outgoing) = mpsc::unbounded_channel();
    let (id, number) = {
        let mut sockets = lock(&slack.sockets);
        sockets.serial += 1;
        let id = sockets.serial;
        sockets.lines.push(Line { id, out });
        (id, sockets.lines.len())
    };
    let hello = json!({ "type": "hello", "num_connections": number, "connection_info": { "app_id": APP },
        "debug_info": { "host": "applink-sim", "started": "2026-11-24 00:00:00.000", "build_number": 1, "approximate_connection_time": 18060 } });
    let mut alive = socket.send(Message::text(hello.to_string())).await.is_ok();
    if number > OPEN_MAX {
        let _ = socket
            .send(Message::text(json!({ "type": "disconnect", "reason": "too_many_websockets" }).to_string()))
            .await;
        alive = false;
    }
    let mut ping = tokio::time::interval_at(Instant::now() + PING, PING);
    while alive {
        tokio::select! {
            frame = outgoing.recv() => match frame {
                Some(Out::Text(text)) => alive = socket.send(Message::text(text)).await.is_ok(),
                Some(Out::Close) | None => alive = false,
            },
            _ = ping.tick() => alive = socket.send(Message::Ping("Ping from applink-sim".into())).await.is_ok(),
            came = socket.recv() => match came {
                Some(Ok(Message::Text(text))) => acknowledge(&slack, &text),
                Some(Ok(Message::Close(_)) | Err(_)) | None => alive = false,
                Some(Ok(_)) => {}
            },
        }
    }
    lock(&slack.sockets).lines.retain(|line| line.id != id);
    let _ = socket.send(Message::Close(None)).await;
}

fn acknowledge(slack: &Slack, text: &str) {
    let frame: Value = serde_json::from_str(text).unwrap_or_default();
    let Some(id) = frame["envelope_id"].as_str() else {
        // Some clients say hello with a text of their own; Slack ignores it.
        return;
    };
    if let Some(waiting) = lock(&slack.sockets).waiting.remove(id) {
        let _ = waiting.send(frame);
    }
}

/// Sends an envelope until somebody acknowledges it.
pub(super) async fn deliver(slack: &Slack, lane: Lane, payload: &Value) -> Answer {
    let begin = Instant::now();
    let id = format!("{}-{}", secret(), secret());
    let (kind, answers) = match lane {
        Lane::Events => ("events_api", false),
        Lane::Commands => ("slash_commands", true),
        Lane::Interactions => ("interactive", true),
    };
    let retries = if lane == Lane::Events { RETRIES } else { 0 };
    let mut answer = Answer { error: Some("no_connection".to_owned()), ..Answer::default() };
    for attempt in 0..=retries {
        let mut frame =
            json!({ "type": kind, "envelope_id": id, "accepts_response_payload": answers, "payload": payload });
        if lane == Lane::Events {
            frame["retry_attempt"] = json!(attempt);
            frame["retry_reason"] = json!(if attempt == 0 { "" } else { "timeout" });
        }
        let (tell, told) = oneshot::channel();
        let is_sent = {
            let mut sockets = lock(&slack.sockets);
            sockets.waiting.insert(id.clone(), tell);
            sockets.send(&frame).is_some()
        };
        answer.attempts = attempt + 1;
        if !is_sent {
            lock(&slack.sockets).waiting.remove(&id);
            break;
        }
        if let Ok(Ok(ack)) = timeout(slack.patience(), told).await {
            if ack.get("payload").is_some() && !answers {
                lock(&slack.state).violation("socket: an event was acknowledged with a payload");
            }
            answer.status = 200;
            answer.error = None;
            answer.body = match ack.get("payload") {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(payload) => payload.to_string(),
            };
            break;
        }
        answer.error = Some("timeout".to_owned());
    }
    lock(&slack.sockets).waiting.remove(&id);
    answer.elapsed_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    answer
}
