//! How something is said in Discord: as a message, or as the answer to an interaction; as an embed where components are refused.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::api::{self, At, Attached, Fault, How, snowflake};
use super::components::{Drawn, EPHEMERAL, drawn};
use super::handle::{Handle, Mode};
use super::{Discord, KNOWN_MAX, REPLY};
use crate::app::discord::discord_member;
use crate::domain::place::ChatPlace;
use crate::places::inbound::Spot;
use crate::places::message::Message;
use crate::places::{Service, Told};

/// A first answer over HTTP may not have arrived when the work is done already.
const EARLY_WAITS: [u64; 4] = [150, 400, 900, 1_500];

/// Discord's words for a way back that is gone (dossier §12): unknown webhook, interaction or message, a token that is too old.
const GONE: [u64; 4] = [10_015, 10_062, 10_008, 50_027];
/// Somebody lets nobody of the server write to them.
const CLOSED: u64 = 50_007;
/// That is said to them again after this.
const CLOSED_AGAIN: Duration = Duration::from_secs(10);

impl Discord {
    /// Posts a body where a spot is.
    pub(super) async fn post(&self, spot: &Spot, body: Value) -> Result<u64, Fault> {
        self.post_bringing(spot, body, &[]).await
    }

    async fn post_bringing(&self, spot: &Spot, mut body: Value, files: &[Attached]) -> Result<u64, Fault> {
        let channel = snowflake(self.channel_of(spot))?;
        if let Some(message) = spot.thread.strip_prefix(REPLY) {
            body["message_reference"] = json!({ "message_id": message, "fail_if_not_exists": false });
        }
        if body["nonce"].is_null() {
            // Sent again after an answer that never came it is the same message.
            let no = self.posts.fetch_add(1, Ordering::Relaxed);
            body["nonce"] = nonce(&format!("{no} {} {body}", self.hall.app.now_ms()));
            body["enforce_nonce"] = true.into();
        }
        let answer = self.api.call_bringing(How::Post, At::Messages(channel), &body, files).await?;
        api::id(&answer["id"]).ok_or(Fault::Unreachable("a message without an id"))
    }

    /// Sends a drawn message where a spot is; with an embed where components are refused.
    pub(super) async fn send(&self, spot: &Spot, drawn: &Drawn) -> Result<u64, Fault> {
        self.offer(drawn).await?;
        match self.post_bringing(spot, drawn.body(0), &drawn.files).await {
            Err(fault) if is_form(&fault) => {
                tracing::warn!(error = %fault, "Discord refused components; an embed is sent instead");
                self.post(spot, drawn.embed(0)).await
            }
            sent => sent,
        }
    }

    /// Sends what one person alone may see to where they are alone. Where they let nobody write to them, they hear in the channel how they are
    /// answered, and nothing of what it was about.
    pub(super) async fn send_alone(&self, spot: &Spot, user: &str, drawn: &Drawn) -> Result<u64, Fault> {
        let sent = match self.api.direct(user).await {
            Ok(channel) => self.send(&Spot { channel, thread: String::new(), is_direct: true }, drawn).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = &sent
            && fault.is(&[CLOSED])
            && !spot.is_direct
        {
            self.say_closed(spot, user).await;
        }
        sent
    }

    /// One line for somebody whom we cannot write to; once, whatever else they are not told meanwhile.
    async fn say_closed(&self, spot: &Spot, user: &str) {
        {
            let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
            closed.retain(|_, since| since.elapsed() < CLOSED_AGAIN);
            if closed.len() >= KNOWN_MAX || closed.insert(user.to_owned(), Instant::now()).is_some() {
                return;
            }
        }
        let found = self.hall.app.find_member(&discord_member(user)).await.ok().flatten();
        let lang = found.map_or_else(|| self.lang(user, None), |caller| caller.lang);
        let line = drawn(&Message::sentence(&self.hall.app.words().text(lang, "discord-closed")));
        let said = match self.send(spot, &line).await {
            // No thread was begun at what they said.
            Err(fault) if fault.is(&[10_003]) => {
                let reply = Spot { thread: format!("{REPLY}{}", spot.thread), ..spot.clone() };
                self.send(&reply, &line).await
            }
            said => said,
        };
        if let Err(fault) = said {
            tracing::info!(error = %fault, "somebody can be written to neither directly nor where they asked");
        }
    }

    /// What the buttons stand for is durable before anybody can press them.
    pub(super) async fn offer(&self, drawn: &Drawn) -> Result<(), Fault> {
        if drawn.offers.is_empty() {
            return Ok(());
        }
        self.hall.app.offer(ChatPlace::Discord, &drawn.offers).await.map_err(|error| {
            tracing::error!(error = %error, "what buttons stand for could not be kept");
            Fault::Unreachable("what its buttons stand for could not be kept")
        })
    }

    /// Answers an interaction; when its way back is gone, in the direct channel.
    pub(super) async fn respond(&self, text: &str, drawn: &Drawn, way: Way) -> Result<Option<u64>, Fault> {
        let Some(handle) = Handle::read(text) else { return Err(Fault::Unreachable("no way back")) };
        self.offer(drawn).await?;
        if handle.is_open(self.hall.app.now_ms()) {
            match self.answer(&handle, drawn, way).await {
                Ok(id) => return Ok(id),
                Err(fault) if is_gone(&fault) => {
                    tracing::info!(error = %fault, "an interaction's way back is gone; the answer goes to the direct channel");
                }
                Err(fault) => return Err(fault),
            }
        }
        let channel = self.api.direct(&handle.user).await?;
        let spot = Spot { channel, thread: String::new(), is_direct: true };
        self.send(&spot, drawn).await.map(Some)
    }

    pub(super) async fn answer(&self, handle: &Handle, drawn: &Drawn, way: Way) -> Result<Option<u64>, Fault> {
        let (app, token) = (handle.application, handle.token.as_str());
        let (how, at, flags) = match (way, handle.mode) {
            (Way::Alone, Mode::Thinking | Mode::Direct) | (Way::Replacing, _) => {
                (How::Patch, At::Original(app, token), 0)
            }
            (Way::Alone, Mode::Quiet) | (Way::Beside, Mode::Thinking | Mode::Quiet) => {
                (How::Post, At::Followup(app, token), EPHEMERAL)
            }
            (Way::Beside, Mode::Direct) | (Way::ForAll, _) => (How::Post, At::Followup(app, token), 0),
        };
        let mut waits = EARLY_WAITS.into_iter();
        loop {
            match self.api.call_bringing(how, at, &drawn.body(flags), &drawn.files).await {
                Ok(answer) => return Ok(api::id(&answer["id"])),
                // The first answer, sent over HTTP, may be slower than we are.
                Err(fault) if fault.is(&[10_015, 10_008]) && self.is_over_http => match waits.next() {
                    Some(wait) => tokio::time::sleep(Duration::from_millis(wait)).await,
                    None => return Err(fault),
                },
                Err(fault) if is_form(&fault) => {
                    tracing::warn!(error = %fault, "Discord refused components; an embed is sent instead");
                    let answer = self.api.call(how, at, Some(&drawn.embed(flags))).await?;
                    return Ok(api::id(&answer["id"]));
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Changes a message of ours.
    pub(super) async fn update(&self, channel: &str, message: &str, drawn: &Drawn) -> Result<u64, Fault> {
        self.offer(drawn).await?;
        let at = At::Message(snowflake(channel)?, snowflake(message)?);
        let answer = match self.api.call_bringing(How::Patch, at, &drawn.body(0), &drawn.files).await {
            Err(fault) if is_form(&fault) => {
                tracing::warn!(error = %fault, "Discord refused components; the message becomes an embed");
                self.api.call(How::Patch, at, Some(&drawn.embed(0))).await?
            }
            answer => answer?,
        };
        api::id(&answer["id"]).ok_or(Fault::Unreachable("a message without an id"))
    }
}

/// What makes a message the same one to Discord, however often it is sent; it takes 25 characters.
pub(super) fn nonce(what: &str) -> Value {
    let mut nonce = hex::encode(Sha256::digest(what));
    nonce.truncate(24);
    nonce.into()
}

/// What became of something that was told.
pub(super) fn heard(done: Result<Option<u64>, Fault>) -> Told {
    match done {
        Ok(id) => Told::Here(id.map(|id| id.to_string())),
        Err(fault) => {
            tracing::warn!(error = %fault, "somebody could not be told something in Discord");
            match fault {
                Fault::Refused { .. } => Told::Refused,
                Fault::Token | Fault::Busy | Fault::Unreachable(_) => Told::Later,
            }
        }
    }
}

/// Whether an interaction cannot be answered any more.
pub(super) fn is_gone(fault: &Fault) -> bool {
    fault.is(&GONE) || matches!(fault, Fault::Refused { status: 401 | 404, .. })
}

/// Whether Discord refused the form of a message.
pub(super) fn is_form(fault: &Fault) -> bool {
    fault.is(&[50_035])
}

/// How an interaction is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// For the asker.
    Alone,
    /// In place of what stands there.
    Replacing,
    /// For the asker, beside what was said already.
    Beside,
    /// For everybody in the channel.
    ForAll,
}
