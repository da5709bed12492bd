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
    let mut is_alive = socket.send(Message::text(hello.to_string())).await.is_ok();
    let patience = Duration::from_millis(interval_ms.saturating_mul(3) / 2) + GRACE;
    let mut last_beat = Instant::now();
    let mut left_with = None;
    while is_alive {
        tokio::select! {
            frame = outgoing.recv() => is_alive = say(&discord, (&link, &mut connection), &mut socket, frame).await,
            came = socket.recv() => match came {
                Some(Ok(Message::Close(frame))) => {
                    left_with = Some(frame.map_or(1005, |frame| frame.code));
                    is_alive = false;
                }
                Some(Err(_)) | None => is_alive = false,
                Some(Ok(Message::Text(text))) => {
                    is_alive = take(&discord, &mut connection, &mut socket, (&text, &mut last_beat)).await;
                }
                Some(Ok(Message::Binary(bytes))) => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    is_alive = take(&discord, &mut connection, &mut socket, (&text, &mut last_beat)).await;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            },
            () = sleep_until(last_beat + patience) => {
                end(&discord, &connection, 4009);
                close(&mut socket, 4009).await;
                is_alive = false;
            }
        }
    }
    let now_ms = discord.clock.now_ms();
    connection.lost(&mut lock(&discord.state), left_with, now_ms);
}

/// Notes a close of ours, and ends the session when the code does.
fn end(discord: &Discord, connection: &Connection, code: u16) {
    let mut state = lock(&discord.state);
    state.gateway.closes.push(code);
    if hear::ends_session(code) {
        state.gateway.sessions.retain(|session| Some(&session.id) != connection.session.as_ref());
    }
}

async fn take(
    discord: &Discord,
    connection: &mut Connection,
    socket: &mut WebSocket,
    what: (&str, &mut Instant),
) -> bool {
    let now_ms = discord.clock.now_ms();
    let heard = connection.hear(&mut lock(&discord.state), what.0, now_ms);
    match heard {
        Ok(is_beat) => {
            if is_beat {
                *what.1 = Instant::now();
            }
            true
        }
        Err(code) => {
            end(discord, connection, code);
            close(socket, code).await;
            false
        }
    }
}

async fn say(discord: &Discord, who: (&Link, &mut Connection), socket: &mut WebSocket, frame: Option<Out>) -> bool {
    let (link, connection) = who;
    match frame {
        Some(Out::Text(text)) => socket.send(Message::text(text)).await.is_ok(),
        Some(Out::Close(code)) => {
            end(discord, connection, code);
            close(socket, code).await;
            false
        }
        Some(Out::Cut) => {
            link.0.cut();
            false
        }
        Some(Out::Invalid(can_resume)) => {
            let now_ms = discord.clock.now_ms();
            {
                let mut state = lock(&discord.state);
                for held in state.gateway.sessions.iter_mut().filter(|held| held.line == Some(connection.line)) {
                    held.line = None;
                    held.lost_ms = now_ms;
                }
                if !can_resume {
                    state.gateway.sessions.retain(|held| Some(&held.id) != connection.session.as_ref());
                }
            }
            connection.session = None;
            let frame = json!({ "op": 9, "d": can_resume, "s": null, "t": null });
            socket.send(Message::text(frame.to_string())).await.is_ok()
        }
        None => false,
    }
}
