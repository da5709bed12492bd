//! The websocket of the gateway: hello, frames in and out, closing, and being cut off.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, RawQuery, State as Shared};
use axum::response::Response;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::Out;
use super::hear::{self, Connection};
use crate::discord::Discord;
use crate::lock;
use crate::net::Link;

/// What a client may be late with its heartbeat, beside half an interval.
const GRACE: Duration = Duration::from_secs(2);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// `GET /` and `GET /gateway`: the websocket itself.
pub(in crate::discord) async fn open(
    Shared(discord): Shared<Arc<Discord>>,
    ConnectInfo(link): ConnectInfo<Link>,
    RawQuery(query): RawQuery,
    upgrade: WebSocketUpgrade,
) -> Response {
    let query = query.unwrap_or_default();
    let word = |wanted: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == wanted)
            .map(|(_, word)| word.into_owned())
    };
    let refusal = match (word("v").as_deref(), word("encoding").as_deref()) {
        (Some("10"), None | Some("json")) => None,
        (_, Some("etf")) => Some(4002),
        _ => Some(4012),
    };
    upgrade.on_upgrade(move |socket| serve(discord, link, socket, refusal))
}

/// Says why, and listens until the other side has heard it: a connection dropped with unread frames would be reset.
async fn close(socket: &mut WebSocket, code: u16) {
    let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: hear::reason(code).into() }))).await;
    let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
}

async fn serve(discord: Arc<Discord>, link: Link, mut socket: WebSocket, refusal: Option<u16>) {
    if let Some(code) = refusal {
        lock(&discord.state).gateway.closes.push(code);
        return close(&mut socket, code).await;
    }
    let (out, mut outgoing) = mpsc::unbounded_channel();
    let (mut connection, interval_ms) = {
        let mut state = lock(&discord.state);
        state.gateway.serial += 1;
        let line = state.gateway.serial;
        state.gateway.lines.insert(line, out);
        (Connection::new(line), state.settings.heartbeat_ms)
    };
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": interval_ms, "_trace": ["[\"gateway-sim\",{}]"] }, "s": null, "t": null });
    let mut ending =
        if socket.send(Message::text(hello.to_string())).await.is_ok() { None } else { Some(Ending::Lost) };
    let patience = Duration::from_millis(interval_ms.saturating_mul(3) / 2) + GRACE;
    let mut last_beat = Instant::now();
    while ending.is_none() {
        ending = tokio::select! {
            frame = outgoing.recv() => say(&discord, (&link, &mut connection), &mut socket, frame).await,
            came = socket.recv() => match came {
                Some(Ok(Message::Close(frame))) => Some(Ending::Left(frame.map_or(1005, |frame| frame.code))),
                Some(Err(_)) | None => Some(Ending::Lost),
                Some(Ok(Message::Text(text))) => take(&discord, &mut connection, (&text, &mut last_beat)),
                Some(Ok(Message::Binary(bytes))) => {
                    take(&discord, &mut connection, (&String::from_utf8_lossy(&bytes), &mut last_beat))
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
            },
            () = sleep_until(last_beat + patience) => Some(Ending::Closed(4009)),
        };
    }
    let now_ms = discord.clock.now_ms();
    let code = match ending {
        Some(Ending::Closed(code)) => {
            end(&discord, &connection, code);
            Some(code)
        }
        Some(Ending::Left(_) | Ending::Lost) | None => None,
    };
    let left_with = if let Some(Ending::Left(code)) = ending { Some(code) } else { None };
    connection.lost(&mut lock(&discord.state), left_with, now_ms);
    if let Some(code) = code {
        close(&mut socket, code).await;
    }
}

/// How a socket ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// The client closed it, with this code.
    Left(u16),
    /// It is gone without a word.
    Lost,
    /// We close it, with this code.
    Closed(u16),
}

/// Notes a close of ours, and ends the session when the code does.
fn end(discord: &Discord, connection: &Connection, code: u16) {
    let mut state = lock(&discord.state);
    state.gateway.closes.push(code);
    if hear::ends_session(code) {
        state.gateway.sessions.retain(|session| Some(&session.id) != connection.session.as_ref());
    }
}

fn take(discord: &Discord, connection: &mut Connection, what: (&str, &mut Instant)) -> Option<Ending> {
    let now_ms = discord.clock.now_ms();
    match connection.hear(&mut lock(&discord.state), what.0, now_ms) {
        Ok(is_beat) => {
            if is_beat {
                *what.1 = Instant::now();
            }
            None
        }
        Err(code) => Some(Ending::Closed(code)),
    }
}

async fn say(
    discord: &Discord,
    who: (&Link, &mut Connection),
    socket: &mut WebSocket,
    frame: Option<Out>,
) -> Option<Ending> {
    let (link, connection) = who;
    let text = match frame {
        Some(Out::Text(text)) => text,
        Some(Out::Close(code)) => return Some(Ending::Closed(code)),
        Some(Out::Cut) => {
            link.0.cut();
            return Some(Ending::Lost);
        }
        Some(Out::Invalid(can_resume)) => {
            connection.invalidated(&mut lock(&discord.state), can_resume, discord.clock.now_ms());
            json!({ "op": 9, "d": can_resume, "s": null, "t": null }).to_string()
        }
        None => return Some(Ending::Lost),
    };
    if socket.send(Message::text(text)).await.is_ok() { None } else { Some(Ending::Lost) }
}
